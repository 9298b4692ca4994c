//! Rules about what has to stand somewhere.

use serde_json::Value;

use super::comparing::say;
use super::source::Said;
use crate::check::Checker;
use crate::value::{self, is_empty};

pub(super) fn required_any(checker: &mut Checker, fields: &[String], said: &Said) {
    let is_there = fields.iter().any(|field| !is_empty(checker.get(field)));
    if let Some(first) = fields.first().filter(|_| !is_there) {
        say(checker, first, "required_any", said, "");
    }
}

pub(super) fn required(checker: &mut Checker, field: &str, said: &Said) {
    if is_empty(checker.get(field)) {
        say(checker, field, "required_while", said, "");
    }
}

/// One row at least whose column holds one of the words, with an answer where a column for it is named.
pub(super) fn rows_contain(
    checker: &mut Checker,
    field: &str,
    column: &str,
    words: &[String],
    answer: Option<&str>,
    said: &Said,
) {
    let rows = checker.get(field).and_then(Value::as_array);
    let is_there = rows.into_iter().flatten().any(|row| {
        let text = value::text(row, column);
        let is_answered = answer.is_none_or(|answer| !is_empty(row.get(answer)));
        is_answered && words.iter().any(|word| text.contains(word.as_str()))
    });
    if !is_there {
        say(checker, field, "rows_contain", said, "");
    }
}
