//! 检索词 – how Chinese text and what a person types become words that an index can hold.
//!
//! Chinese is written without blanks, and a word has two characters as a rule. So every run of characters is cut into
//! its overlapping pairs, with the last character alone: `超限运输` is `超限 限运 运输 输`. A phrase of pairs is then
//! found exactly where the text stands, and a single character is the beginning of a pair. First letters are cut alike.

use pinyin::{ToPinyin as _, ToPinyinMulti as _};
use unicode_normalization::UnicodeNormalization as _;

/// Characters of a query that are looked at.
pub const QUERY_CHARS_MAX: usize = 60;
/// Neighbours on each side that stand beside another reading of a character.
const READING_NEIGHBOURS: usize = 5;
/// A word between runs, so that no phrase reaches across.
const BARRIER: &str = "0";

/// Full-width forms become plain and capitals small, for comparing only.
pub fn folded(text: &str) -> String {
    text.nfkc().collect::<String>().to_lowercase()
}

/// A piece of text of one script.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Run {
    Han(Vec<char>),
    /// Latin letters or digits.
    Plain(String),
}

fn is_han(character: char) -> bool {
    matches!(character, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}' | '〇')
}

fn runs(text: &str) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut is_open = false;
    for character in folded(text).chars() {
        let is_word = is_han(character) || character.is_alphanumeric();
        match (is_word, is_han(character), runs.last_mut()) {
            (false, _, _) => {}
            (true, true, Some(Run::Han(run))) if is_open => run.push(character),
            (true, false, Some(Run::Plain(run))) if is_open => run.push(character),
            (true, true, _) => runs.push(Run::Han(vec![character])),
            (true, false, _) => runs.push(Run::Plain(character.to_string())),
        }
        is_open = is_word;
    }
    runs
}

fn pairs(run: &[char]) -> Vec<String> {
    (0..run.len())
        .map(|at| run.iter().skip(at).take(2).collect())
        .collect()
}

/// The words of a text as the index holds them.
pub fn words(text: &str) -> String {
    let mut words = Vec::new();
    for run in runs(text) {
        match run {
            Run::Han(run) => words.extend(pairs(&run)),
            Run::Plain(run) => words.push(run),
        }
        words.push(BARRIER.to_owned());
    }
    words.join(" ")
}

/// The first letters of a text as the index holds them. A character with several readings stands under each of them.
pub fn initials(text: &str) -> String {
    let mut words = Vec::new();
    for run in runs(text) {
        match run {
            Run::Han(run) => {
                let letters = letters(&run);
                words.extend(pairs(&letters));
                words.push(BARRIER.to_owned());
                for (at, other) in other_readings(&run) {
                    let from = at.saturating_sub(READING_NEIGHBOURS);
                    let mut near: Vec<char> = letters.iter().skip(from).copied().collect();
                    near.truncate(at - from + READING_NEIGHBOURS + 1);
                    if let Some(here) = near.get_mut(at - from) {
                        *here = other;
                    }
                    words.extend(pairs(&near));
                    words.push(BARRIER.to_owned());
                }
            }
            Run::Plain(run) => words.push(run),
        }
    }
    words.join(" ")
}

/// The first letters of a text in a row, for matching without an index.
pub fn initials_in_a_row(text: &str) -> String {
    runs(text)
        .into_iter()
        .map(|run| match run {
            Run::Han(run) => letters(&run).into_iter().collect(),
            Run::Plain(run) => run,
        })
        .collect()
}

fn letters(run: &[char]) -> Vec<char> {
    run.iter()
        .map(|character| {
            let reading = character.to_pinyin();
            let letter = reading.and_then(|reading| reading.plain().chars().next());
            letter.map_or(*character, plain_letter)
        })
        .collect()
}

/// `(place, first letter)` of the readings that begin otherwise than the usual one.
fn other_readings(run: &[char]) -> Vec<(usize, char)> {
    let usual = letters(run);
    let mut others = Vec::new();
    for ((at, character), usual) in run.iter().enumerate().zip(usual) {
        let Some(readings) = character.to_pinyin_multi() else {
            continue;
        };
        let mut known = vec![usual];
        for reading in readings {
            let first = reading.plain().chars().next().map(plain_letter);
            if let Some(letter) = first.filter(|letter| !known.contains(letter)) {
                known.push(letter);
                others.push((at, letter));
            }
        }
    }
    others
}

/// `ü`, `ê` and the like never stand on a keyboard.
fn plain_letter(letter: char) -> char {
    match letter {
        'ê' => 'e',
        'ü' => 'v',
        'ḿ' => 'm',
        'ń' | 'ň' | 'ǹ' => 'n',
        other => other,
    }
}

/// 查询 – what was typed, ready for the index.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    parts: Vec<Run>,
}

impl Query {
    /// `第51条` is the article 51; the words around a number that only say so are left out.
    pub fn parse(text: &str) -> Self {
        let text: String = text.chars().take(QUERY_CHARS_MAX).collect();
        let mut parts = runs(&text);
        let is_number = |run: Option<&Run>| matches!(run, Some(Run::Plain(run)) if run.chars().all(|c| c.is_ascii_digit()));
        for at in 0..parts.len() {
            let (before, after) = (
                at.checked_sub(1).and_then(|at| parts.get(at)).cloned(),
                parts.get(at + 1).cloned(),
            );
            let Some(Run::Han(run)) = parts.get_mut(at) else {
                continue;
            };
            if is_number(after.as_ref()) && run.last() == Some(&'第') {
                run.pop();
            }
            if is_number(before.as_ref()) && matches!(run.first(), Some('条' | '款' | '项')) {
                run.remove(0);
            }
        }
        parts.retain(|run| !matches!(run, Run::Han(run) if run.is_empty()));
        Self { parts }
    }

    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// Everything that was typed stands there as it was typed, or by its first letters.
    pub fn exact(&self) -> String {
        let parts = self.parts.iter().map(|part| match part {
            Run::Han(run) => format!("words : {}", phrase(run)),
            Run::Plain(run) if run.chars().all(|c| c.is_ascii_alphabetic()) => {
                let letters: Vec<char> = run.chars().collect();
                format!("(initials : {} OR words : \"{run}\" *)", phrase(&letters))
            }
            Run::Plain(run) => format!("words : \"{run}\""),
        });
        parts.collect::<Vec<_>>().join(" AND ")
    }

    /// Some of the pairs stand there; the index ranks by how many and how rare they are. Nothing for a query that has
    /// no pair.
    pub fn near(&self) -> Option<String> {
        let pairs: Vec<String> = self
            .parts
            .iter()
            .filter_map(|part| match part {
                Run::Han(run) => Some(run.windows(2).map(|pair| format!("\"{}\"", text(pair)))),
                Run::Plain(_) => None,
            })
            .flatten()
            .collect();
        (pairs.len() > 1).then(|| format!("words : ({})", pairs.join(" OR ")))
    }

    /// The text in pieces, each with whether it is what was asked for. Where a run does not stand as a whole, its pairs
    /// are marked.
    pub fn marked(&self, text: &str) -> Vec<(String, bool)> {
        let characters: Vec<char> = text.chars().collect();
        let compared: Vec<char> = characters
            .iter()
            .map(|c| folded(&c.to_string()).chars().next().unwrap_or(*c))
            .collect();
        let mut is_marked = vec![false; characters.len()];
        for part in &self.parts {
            let wanted: Vec<char> = match part {
                Run::Han(run) => run.clone(),
                Run::Plain(run) => run.chars().collect(),
            };
            let is_whole = mark(&compared, &wanted, &mut is_marked);
            match part {
                Run::Han(run) if !is_whole => {
                    for pair in run.windows(2) {
                        mark(&compared, pair, &mut is_marked);
                    }
                }
                Run::Plain(run) if !is_whole => {
                    let letters = letters(&compared);
                    mark(&letters, &run.chars().collect::<Vec<_>>(), &mut is_marked);
                }
                Run::Han(_) | Run::Plain(_) => {}
            }
        }
        let mut pieces: Vec<(String, bool)> = Vec::new();
        for (character, is_marked) in characters.into_iter().zip(is_marked) {
            match pieces.last_mut() {
                Some((piece, marked)) if *marked == is_marked => piece.push(character),
                _ => pieces.push((character.to_string(), is_marked)),
            }
        }
        pieces
    }
}

fn mark(text: &[char], wanted: &[char], is_marked: &mut [bool]) -> bool {
    if wanted.is_empty() {
        return false;
    }
    let mut is_found = false;
    for (at, window) in text.windows(wanted.len()).enumerate() {
        if window == wanted {
            is_found = true;
            let marks = is_marked.iter_mut().skip(at).take(wanted.len());
            marks.for_each(|mark| *mark = true);
        }
    }
    is_found
}

fn text(characters: &[char]) -> String {
    characters.iter().collect()
}

/// The pairs one after the other; one character alone is the beginning of a pair.
fn phrase(run: &[char]) -> String {
    if run.len() < 2 {
        return format!("\"{}\" *", text(run));
    }
    let pairs: Vec<String> = run.windows(2).map(text).collect();
    format!("\"{}\"", pairs.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_into_pairs_of_neighbours() {
        assert_eq!(words("超限运输"), "超限 限运 运输 输 0");
        assert_eq!(words("第 51 条，ＡＢ"), "第 0 51 0 条 0 ab 0");
    }

    #[test]
    fn a_character_with_two_readings_is_found_under_both() {
        assert_eq!(initials_in_a_row("违法超限"), "wfcx");
        let both = initials("超重货车");
        assert!(both.contains("cz zh hc"), "{both}");
        assert!(both.contains("cc ch hc"), "{both}");
    }

    #[test]
    fn what_is_typed_becomes_a_phrase() {
        let check = |typed: &str, expected: &str| {
            assert_eq!(Query::parse(typed).exact(), expected, "{typed}");
        };
        check("超限运输", "words : \"超限 限运 运输\"");
        check("车", "words : \"车\" *");
        check("处罚法第51条", "words : \"处罚 罚法\" AND words : \"51\"");
        check("wfcx", "(initials : \"wf fc cx\" OR words : \"wfcx\" *)");
        check("\" OR *", "(initials : \"or\" OR words : \"or\" *)");
        check("  ", "");
    }

    #[test]
    fn matches_are_marked_in_the_text() {
        let marked = |typed: &str, text: &str| -> String {
            let pieces = Query::parse(typed).marked(text).into_iter();
            pieces
                .map(|(piece, is_match)| {
                    if is_match {
                        format!("[{piece}]")
                    } else {
                        piece
                    }
                })
                .collect()
        };
        assert_eq!(
            marked("超限", "违法超限运输，超限处罚"),
            "违法[超限]运输，[超限]处罚"
        );
        assert_eq!(marked("wfcx", "违法超限运输"), "[违法超限]运输");
        assert_eq!(marked("超限处理", "超限运输的处理"), "[超限]运输的[处理]");
    }
}
