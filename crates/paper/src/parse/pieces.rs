//! Text with fields, check boxes and conditions.

use super::nearest::meant;
use super::{Parsed, fault, trimmed};
use crate::layout::{Condition, Field, Filter, Piece, Test};

const FORMS: [&str; 18] = [
    "date",
    "time",
    "datetime",
    "yuan",
    "upper",
    "tenths",
    "hundredths",
    "thousandths",
    "strike",
    "cite",
    "or",
    "default",
    "join",
    "choose",
    "stop",
    "optional",
    "slash",
    "line",
];

pub(crate) fn pieces(line: usize, text: &str) -> Parsed<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut words = String::new();
    let mut rest = text.chars().peekable();
    while let Some(ch) = rest.next() {
        match ch {
            '{' if rest.next_if_eq(&'{').is_some() => words.push('{'),
            '}' if rest.next_if_eq(&'}').is_some() => words.push('}'),
            '}' => return fault(line, "\"}\" without \"{\": write }} to print it"),
            '{' => {
                let mut inner = String::new();
                loop {
                    match rest.next() {
                        Some('}') => break,
                        Some(ch) => inner.push(ch),
                        None => return fault(line, "\"{\" is not closed by \"}\" in this line"),
                    }
                }
                flush(&mut words, &mut pieces);
                pieces.push(placeholder(line, trimmed(&inner))?);
            }
            '/' if words.ends_with(' ') && rest.next_if_eq(&'/').is_some() => {
                let kept = words.trim_end_matches(' ').len();
                words.truncate(kept);
                flush(&mut words, &mut pieces);
                pieces.push(Piece::Break);
                while rest.next_if_eq(&' ').is_some() {}
            }
            _ => words.push(ch),
        }
    }
    flush(&mut words, &mut pieces);
    Ok(pieces)
}

fn flush(words: &mut String, pieces: &mut Vec<Piece>) {
    if !words.is_empty() {
        pieces.push(Piece::Text(std::mem::take(words)));
    }
}

fn placeholder(line: usize, inner: &str) -> Parsed<Piece> {
    match inner {
        "" => {
            return fault(
                line,
                "{} names no value: write its name, or {{ }} to print braces",
            );
        }
        "#" => return Ok(Piece::Index),
        "page" => return Ok(Piece::Page),
        "pages" => return Ok(Piece::Pages),
        _ => {}
    }
    if let Some(rest) = inner.strip_prefix("box ") {
        return Ok(Piece::Check(condition(line, rest)?));
    }
    let mut parts = inner.split('|').map(trimmed);
    let path = path(line, parts.next().unwrap_or_default())?;
    let filters = parts
        .map(|part| filter(line, part))
        .collect::<Parsed<_>>()?;
    Ok(Piece::Field(Field { path, filters }))
}

fn filter(line: usize, text: &str) -> Parsed<Filter> {
    let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
    let rest = trimmed(rest);
    match (word, rest) {
        ("date", "") => Ok(Filter::Date),
        ("time", "") => Ok(Filter::Time),
        ("datetime", "") => Ok(Filter::DateTime),
        ("yuan", "") => Ok(Filter::Yuan),
        ("upper", "") => Ok(Filter::Upper),
        ("tenths", "") => Ok(Filter::Decimal(1)),
        ("hundredths", "") => Ok(Filter::Decimal(2)),
        ("thousandths", "") => Ok(Filter::Decimal(3)),
        ("strike", "") => Ok(Filter::Strike),
        ("cite", "") => Ok(Filter::Cite),
        ("cite", "text") => Ok(Filter::CiteText),
        ("or", rest) => Ok(Filter::Or(path(line, rest)?)),
        ("default", rest) if !rest.is_empty() => Ok(Filter::Default(rest.to_owned())),
        ("join", rest) if !rest.is_empty() => Ok(Filter::Join(rest.to_owned())),
        ("choose", rest) => Ok(Filter::Choose(words_of_codes(line, rest)?)),
        ("stop", "") => Ok(Filter::Stop),
        ("optional", "") => Ok(Filter::Optional),
        ("slash", "") => Ok(Filter::Slash(None)),
        ("slash", rest) => Ok(Filter::Slash(Some(condition(line, rest)?))),
        ("line", rest) => match rest.parse::<f32>() {
            Ok(width) if (1.0..=60.0).contains(&width) => Ok(Filter::Line(width)),
            _ => fault(line, "line wants its width in characters, 1 to 60"),
        },
        _ => fault(
            line,
            format!(
                "values are not printed as \"{text}\"{}",
                meant(word, &FORMS)
            ),
        ),
    }
}

/// `pass=合格, fail=不合格`
fn words_of_codes(line: usize, text: &str) -> Parsed<Vec<(String, String)>> {
    text.split(',')
        .map(|pair| match pair.split_once('=') {
            Some((code, words)) => Ok((trimmed(code).to_owned(), trimmed(words).to_owned())),
            None => fault(line, "choose wants code=words, code=words"),
        })
        .collect()
}

/// `a and not b and c = x, y and d != z`
pub(crate) fn condition(line: usize, text: &str) -> Parsed<Condition> {
    let all = text
        .split(" and ")
        .map(|part| test(line, part.trim()))
        .collect::<Parsed<Vec<Test>>>()?;
    Ok(Condition { all })
}

fn test(line: usize, text: &str) -> Parsed<Test> {
    if let Some((left, right)) = text.split_once("!=") {
        return Ok(Test::IsNot(path(line, left)?, choices(line, right)?));
    }
    if let Some((left, right)) = text.split_once('=') {
        return Ok(Test::Is(path(line, left)?, choices(line, right)?));
    }
    if let Some(rest) = text.strip_prefix("not ") {
        return Ok(Test::Missing(path(line, rest)?));
    }
    Ok(Test::Present(path(line, text)?))
}

fn choices(line: usize, text: &str) -> Parsed<Vec<String>> {
    let choices: Vec<String> = text
        .split(',')
        .map(|choice| choice.trim().to_owned())
        .filter(|choice| !choice.is_empty())
        .collect();
    if choices.is_empty() {
        return fault(line, "a comparison without a value");
    }
    Ok(choices)
}

/// `party.name`, `officers.0.name`, `.name` of the current item, `.` the item itself, `items.*.photos` of all items.
pub(crate) fn path(line: usize, text: &str) -> Parsed<String> {
    let text = text.trim();
    let is_plain = text
        .chars()
        .all(|ch| ch.is_ascii_alphanumeric() || matches!(ch, '.' | '_' | '-' | '*'));
    if text.is_empty() || !is_plain {
        return fault(
            line,
            format!(
                "\"{text}\" is not the name of a value: letters, digits, _ and - joined by dots"
            ),
        );
    }
    Ok(text.to_owned())
}
