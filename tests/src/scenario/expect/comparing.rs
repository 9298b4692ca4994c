//! How what was found is held against what was expected, and how both are shown.

use contract::BoundaryError;
use serde_json::Value;

use crate::scenario::read::{list, text_of};

/// Rules that the product enforces whatever the pack says, by the code of their refusal.
const RULES: [(&str, &str); 10] = [
    ("credential_expired", "R-P2"),
    ("credential_not_yet_valid", "R-P2"),
    ("credential_suspended", "R-P2"),
    ("credential_unknown", "R-P2"),
    ("not_an_officer", "R-P4"),
    ("two_officers_needed", "R-P1"),
    ("not_presented", "R-P3"),
    ("summary_procedure_not_available", "R-S1"),
    ("notice_not_told", "R-S2"),
    ("rectification_missing", "R-S10"),
];

/// `*` stands for anything.
pub(super) fn fits(pattern: &str, text: &str) -> bool {
    let parts: Vec<&str> = pattern.split('*').collect();
    let (Some(first), Some(last)) = (parts.first(), parts.last()) else {
        return false;
    };
    if parts.len() == 1 {
        return pattern == text;
    }
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    for part in parts.get(1..parts.len() - 1).unwrap_or_default() {
        match rest.find(part) {
            Some(found) => rest = rest.get(found + part.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    rest.ends_with(last)
}

pub(super) fn is_same(expected: &Value, found: &Value) -> bool {
    match (expected, found) {
        (Value::String(pattern), found) => fits(pattern, &text_of(found)),
        (Value::Array(expected), Value::Array(found)) => {
            expected.len() == found.len()
                && expected
                    .iter()
                    .zip(found)
                    .all(|(expected, found)| is_same(expected, found))
        }
        (Value::Number(expected), Value::Number(found)) => expected.as_f64() == found.as_f64(),
        (Value::Object(expected), found) => expected
            .iter()
            .all(|(key, expected)| found.get(key).is_some_and(|found| is_same(expected, found))),
        (expected, found) => expected == found,
    }
}

/// A "no" in one line.
pub fn said(error: &BoundaryError) -> String {
    let code = serde_json::to_value(error.code)
        .map(|code| text_of(&code))
        .unwrap_or_default();
    let mut parts = vec![code];
    for key in ["rule", "reason", "text", "notice", "slot"] {
        if let Some(text) = error.args.get(key) {
            parts.push(text_of(text));
        }
    }
    for finding in &error.findings {
        parts.push(format!(
            "{} [{}] {}",
            finding.field, finding.rule, finding.text
        ));
    }
    let basis: Vec<String> = error
        .basis
        .iter()
        .map(|at| format!("{} {}", at.law, at.article))
        .collect();
    if !basis.is_empty() {
        parts.push(format!("({})", basis.join(", ")));
    }
    parts.join(" · ")
}

/// Every name a refusal goes by: its code, the rule it stands for, the rules of its findings.
pub(super) fn names_of(error: &BoundaryError) -> Vec<String> {
    let code = serde_json::to_value(error.code)
        .map(|code| text_of(&code))
        .unwrap_or_default();
    let mut names: Vec<String> = RULES
        .iter()
        .filter(|(known, _)| *known == code)
        .map(|(_, rule)| (*rule).to_owned())
        .collect();
    names.push(code);
    for key in ["rule", "reason"] {
        names.extend(error.args.get(key).map(text_of));
    }
    names.extend(
        error
            .findings
            .iter()
            .filter(|found| found.severity == law::Severity::Block)
            .map(|found| found.rule.clone()),
    );
    names
}

pub(super) fn cited(basis: &[law::Citation]) -> Vec<String> {
    basis
        .iter()
        .map(|at| format!("{} {}", at.law, at.article))
        .collect()
}

/// `行政处罚法 63` is cited by 63, 63(1) and 63(1)(2).
pub(super) fn cites(basis: &[String], wanted: &str) -> bool {
    basis
        .iter()
        .any(|at| at == wanted || at.starts_with(&format!("{wanted}(")))
}

/// A table as dotted paths; a key may be a path itself.
pub(super) fn paths(table: &Value) -> Vec<(String, Value)> {
    let mut all = Vec::new();
    flatten("", table, &mut all);
    all
}

pub(super) fn flatten(prefix: &str, value: &Value, into: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            for (key, field) in fields {
                let path = if prefix.is_empty() {
                    key.clone()
                } else {
                    format!("{prefix}.{key}")
                };
                flatten(&path, field, into);
            }
        }
        leaf => into.push((prefix.to_owned(), leaf.clone())),
    }
}

pub(super) fn basis_of(found: &Value) -> Vec<String> {
    let rows = found["basis"].as_array().cloned().unwrap_or_default();
    rows.iter()
        .map(|at| format!("{} {}", text_of(&at["law"]), text_of(&at["article"])))
        .collect()
}

pub(super) fn is_finding(row: &Value, found: &Value) -> bool {
    if let Value::String(rule) = row {
        return found["rule"] == rule.as_str();
    }
    row.get("rule")
        .is_none_or(|rule| is_same(rule, &found["rule"]))
        && row
            .get("field")
            .is_none_or(|field| is_same(field, &found["field"]))
        && row
            .get("severity")
            .is_none_or(|severity| is_same(severity, &found["severity"]))
        && row
            .get("basis")
            .map(list)
            .unwrap_or_default()
            .iter()
            .all(|at| cites(&basis_of(found), at))
        && row
            .get("text")
            .map(list)
            .unwrap_or_default()
            .iter()
            .all(|part| found["text"].as_str().unwrap_or_default().contains(part))
}

pub(super) fn wanted_finding(row: &Value) -> String {
    match row {
        Value::String(rule) => rule.clone(),
        row => words(row),
    }
}

pub(super) fn words(row: &Value) -> String {
    let parts: Vec<String> = row
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, value)| format!("{key} {}", text_of(value)))
        .collect();
    parts.join(" ")
}

pub(super) fn shown_findings(all: &[Value]) -> String {
    let mut parts: Vec<String> = all
        .iter()
        .map(|found| {
            format!(
                "{} {} [{}] {}",
                text_of(&found["severity"]),
                text_of(&found["field"]),
                text_of(&found["rule"]),
                text_of(&found["text"])
            )
        })
        .collect();
    parts.dedup();
    match parts.is_empty() {
        true => "no findings".to_owned(),
        false => parts.join(" | "),
    }
}
