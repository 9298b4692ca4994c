//! Findings are read by officers: they name fields as the form labels them, and nothing of the machine.

use crate::common::*;
use forms::{Field, FieldKind, Form};
use law::Finding;
use serde_json::{Map, Value, json};

/// A character no font has, to this test.
const STRANGER: char = '\u{2a6a5}';

fn told(form: &Form, value: &Value) -> Vec<Finding> {
    let (pack, agency, now) = (pack(), agency().value(), time("2026-03-10T10:15:00+08:00"));
    form.check(
        value,
        &forms::CheckContext {
            today: now.date_naive(),
            now,
            agency: &agency,
            missing_glyphs: &|text| text.chars().filter(|c| *c == STRANGER).take(1).collect(),
            told: &[],
            pack: &pack,
        },
    )
}

/// Two small letters in a row are a word of the machine: a path, a key, a keyword of JSON schema.
fn is_machine_talk(text: &str) -> bool {
    let is_small = |c: &char| c.is_ascii_lowercase();
    let mut pairs = text.chars().zip(text.chars().skip(1));
    pairs.any(|(one, next)| (is_small(&one) && is_small(&next)) || one == '_')
}

fn sample(code: &str) -> Value {
    let file = dir().join("forms").join(code).join("sample.json");
    serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
}

/// A value with something at every field of the form.
fn filled(fields: &[Field], leaf: &Value) -> Value {
    let mut value = json!({});
    for field in fields {
        let held = match &field.kind {
            FieldKind::Rows { fields, .. } => json!([filled(fields, leaf)]),
            FieldKind::Citations => json!([{ "law": leaf, "article": leaf, "paragraph": leaf }]),
            FieldKind::Evidence { .. } => json!([{ "id": leaf, "caption": leaf }]),
            FieldKind::Shown => json!([{ "name": leaf, "credential_no": leaf, "unit": leaf }]),
            _ => leaf.clone(),
        };
        let mut at = &mut value;
        for key in field.path.split('.') {
            if !at.is_object() {
                *at = json!({});
            }
            at = &mut at[key];
        }
        *at = held;
    }
    value
}

/// Every leaf another one.
fn with_leaves(value: &Value, leaf: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let inner = map.iter();
            Value::Object(
                inner
                    .map(|(k, v)| (k.clone(), with_leaves(v, leaf)))
                    .collect(),
            )
        }
        Value::Array(items) => items.iter().map(|item| with_leaves(item, leaf)).collect(),
        _ => leaf.clone(),
    }
}

/// Every list so many times as long, and keys nobody knows in every object.
fn swollen(value: &Value, times: usize) -> Value {
    match value {
        Value::Object(map) => {
            let mut map: Map<String, Value> = map
                .iter()
                .map(|(k, v)| (k.clone(), swollen(v, times)))
                .collect();
            map.insert("xyzzy_key".to_owned(), json!("a"));
            Value::Object(map)
        }
        Value::Array(items) => (0..times)
            .flat_map(|_| items.iter().map(|item| swollen(item, 1)))
            .collect(),
        leaf => leaf.clone(),
    }
}

#[test]
fn no_finding_of_any_form_speaks_of_paths_or_of_the_schema() {
    let pack = pack();
    let leaves = [
        json!("长".repeat(4_500)),
        json!(format!("甲\u{7}乙\u{202e}丙{STRANGER}")),
        json!("x"),
        json!(""),
        json!(-1),
        json!(i64::MAX),
        json!(3.5),
        json!(true),
        json!([]),
        json!({}),
        json!([["x"]]),
        json!({ "xyzzy_key": { "deep": 1 } }),
        Value::Null,
    ];
    let mut faults = std::collections::BTreeSet::new();
    let mut heard = 0;
    for definition in pack.forms() {
        let code = &definition.code;
        let form = pack.form(code).unwrap();
        let sample = sample(code);
        let fields: Vec<Field> = definition
            .sections
            .iter()
            .flat_map(|section| section.fields.clone())
            .collect();
        let mut values = vec![json!({}), json!([]), json!("x")];
        values.extend([2, 30, 2_100].map(|times| swollen(&sample, times)));
        for leaf in &leaves {
            values.push(with_leaves(&sample, leaf));
            values.push(filled(&fields, leaf));
            // One at a time, so that nothing else is told in its stead.
            for (key, inner) in sample.as_object().unwrap() {
                let mut value = sample.clone();
                value[key] = with_leaves(inner, leaf);
                values.push(value.clone());
                value[key] = leaf.clone();
                values.push(value);
            }
        }
        for value in values {
            for finding in told(&form, &value) {
                heard += 1;
                for words in [&finding.text, &finding.hint] {
                    if is_machine_talk(words) || words.chars().count() > 300 {
                        faults.insert(format!("{code} {}: {words}", finding.rule));
                    }
                }
            }
        }
    }
    assert!(heard > 20_000, "only {heard} findings");
    let shown: Vec<&String> = faults.iter().take(60).collect();
    assert!(faults.is_empty(), "{} of them: {shown:#?}", faults.len());
}

#[track_caller]
fn says(value: &Value, field: &str, expected: &str) {
    let found = told(&pack().form("F21").unwrap(), value);
    let mine: Vec<&str> = found
        .iter()
        .filter(|finding| finding.field == field)
        .map(|finding| finding.text.as_str())
        .collect();
    assert!(mine.contains(&expected), "{field}: {mine:?}");
}

#[test]
fn a_finding_names_the_row_and_the_label() {
    let mut value = fine();
    put(&mut value, "basis.0.law", json!("法".repeat(201)));
    says(
        &value,
        "basis.0.law",
        "处罚依据 第1行 法律名称：字数太多（最多 200 字）。",
    );
    put(&mut value, "basis.0.law", json!(format!("法{STRANGER}")));
    says(
        &value,
        "basis.0.law",
        "处罚依据 第1行 法律名称：字“𪚥”（U+2A6A5）打印字库里没有。",
    );
    let crowd =
        (0..21).map(|at| json!({ "name": "甲", "credential_no": format!("990100{at:02}") }));
    put(&mut value, "officers", crowd.collect());
    says(&value, "officers", "执法人员：太多（最多 20 行）。");
}

#[test]
fn a_field_in_a_row_is_named_with_its_row() {
    let value = sample("F01");
    let pack = pack();
    let form = pack.form("F01").unwrap();
    let rows = form
        .definition()
        .sections
        .iter()
        .flat_map(|section| &section.fields)
        .find(|field| matches!(field.kind, FieldKind::Rows { .. }))
        .unwrap();
    let FieldKind::Rows { fields, .. } = &rows.kind else {
        unreachable!()
    };
    let path = format!("{}.1.{}", rows.path, fields[0].path);
    let name = form.name_of(&value, &path);
    assert_eq!(name, format!("{} 第2行 {}", rows.label, fields[0].label));
    assert_eq!(form.name_of(&value, "nobody.knows"), "文书");
}
