//! What a text may hold: its bound, no control characters, only characters that can be printed.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::check::Checker;
use crate::{Field, FieldKind};

/// Bounds where a field names none, in characters.
const TEXT_CHARS: usize = 200;
const LONG_TEXT_CHARS: usize = 4_000;
/// Ids of evidence and the captions of pictures.
const EVIDENCE_CHARS: usize = 100;
/// Only so many characters are named in one finding.
const NAMED_CHARS: usize = 8;

/// Every text of the value, also where no field shows it.
pub(crate) fn apply(checker: &mut Checker) {
    let mut bounds = BTreeMap::new();
    for field in checker.form.form.fields() {
        text_bounds(field, "", &mut bounds);
    }
    let mut texts = Vec::new();
    collect_texts(checker.value, "", "", &mut texts);
    for (path, general, text) in texts {
        let default = (LONG_TEXT_CHARS, true);
        let (most, is_long) = bounds.get(&general).copied().unwrap_or(default);
        one_text(checker, &path, text, most, is_long);
    }
}

fn one_text(checker: &mut Checker, path: &str, text: &str, most: usize, is_long: bool) {
    let count = text.chars().count();
    if count > most {
        let name = checker.name(path);
        let message = format!("{name}：字数太多（最多 {most} 字，现有 {count} 字）。");
        checker.block(path, "too_long", &message, "缩短内容，或者另附材料。", &[]);
    }
    let seen: String = text.chars().take(LONG_TEXT_CHARS).collect();
    let mut unprintable: Vec<char> = seen
        .chars()
        .filter(|c| is_unprintable(*c, is_long))
        .collect();
    unprintable.sort_unstable();
    unprintable.dedup();
    if !unprintable.is_empty() {
        let name = checker.name(path);
        let message = format!("{name}：有不能打印的控制字符 {}。", named(&unprintable));
        let hint = "多半由粘贴带入；删去后重新输入这一处。";
        checker.block(path, "control_character", &message, hint, &[]);
    }
    let printable: String = seen
        .chars()
        .filter(|c| !is_unprintable(*c, is_long) && !matches!(c, '\n' | '\t'))
        .collect();
    let mut missing = (checker.context.missing_glyphs)(&printable);
    missing.sort_unstable();
    missing.dedup();
    if !missing.is_empty() {
        let name = checker.name(path);
        let message = format!("{name}：字{}打印字库里没有。", named(&missing));
        let hint = "核对是否误输；确为人名、地名用字的，报机关补充字库后再制发。";
        checker.block(path, "glyph_missing", &message, hint, &[]);
    }
}

type Bounds = BTreeMap<String, (usize, bool)>;

fn text_bounds(field: &Field, prefix: &str, bounds: &mut Bounds) {
    let path = format!("{prefix}{}", field.path);
    if let FieldKind::Rows { fields, .. } = &field.kind {
        for inner in fields {
            text_bounds(inner, &format!("{path}.*."), bounds);
        }
        return;
    }
    if let FieldKind::Evidence { .. } = &field.kind {
        for inside in ["", ".*", ".id", ".*.id", ".caption", ".*.caption"] {
            bounds.insert(format!("{path}{inside}"), (EVIDENCE_CHARS, false));
        }
        return;
    }
    let is_long = matches!(
        field.kind,
        FieldKind::LongText | FieldKind::Shown | FieldKind::Citations
    );
    let default = if is_long { LONG_TEXT_CHARS } else { TEXT_CHARS };
    let most = field
        .max_chars
        .and_then(|chars| usize::try_from(chars).ok())
        .map_or(default, |chars| chars.min(LONG_TEXT_CHARS));
    bounds.entry(path).or_insert((most, is_long));
}

/// Path, path with `*` for positions, and text.
fn collect_texts<'v>(
    value: &'v Value,
    path: &str,
    general: &str,
    into: &mut Vec<(String, String, &'v str)>,
) {
    let join = |path: &str, key: &str| {
        if path.is_empty() {
            key.to_owned()
        } else {
            format!("{path}.{key}")
        }
    };
    match value {
        Value::String(text) => into.push((path.to_owned(), general.to_owned(), text)),
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                collect_texts(
                    item,
                    &join(path, &at.to_string()),
                    &join(general, "*"),
                    into,
                );
            }
        }
        Value::Object(map) => {
            for (key, item) in map {
                collect_texts(item, &join(path, key), &join(general, key), into);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Control characters, and the invisible ones that turn the reading direction around.
fn is_unprintable(character: char, is_long: bool) -> bool {
    match character {
        '\n' | '\t' => !is_long,
        '\u{200e}'
        | '\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}'
        | '\u{feff}' => true,
        other => other.is_control(),
    }
}

fn named(characters: &[char]) -> String {
    let mut text = characters
        .iter()
        .take(NAMED_CHARS)
        .map(|c| {
            let code = u32::from(*c);
            if is_unprintable(*c, false) {
                format!("U+{code:04X}")
            } else {
                format!("“{c}”（U+{code:04X}）")
            }
        })
        .collect::<Vec<_>>()
        .join("、");
    if characters.len() > NAMED_CHARS {
        text.push_str(&format!(" 等 {} 个", characters.len()));
    }
    text
}

/// What somebody entered, inside a sentence: not longer than a line, nothing invisible.
pub(crate) fn quoted(text: &str) -> String {
    const QUOTED_CHARS: usize = 40;
    let mut seen = text.chars().filter(|c| !is_unprintable(*c, false));
    let mut quoted: String = seen.by_ref().take(QUOTED_CHARS).collect();
    if seen.next().is_some() {
        quoted.push('…');
    }
    quoted
}

pub(crate) fn shown(character: char) -> String {
    if is_unprintable(character, false) {
        format!("U+{:04X}", u32::from(character))
    } else {
        character.to_string()
    }
}
