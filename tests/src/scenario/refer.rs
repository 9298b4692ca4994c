//! `${name.path}` – values of earlier answers inside later steps.

use std::collections::BTreeMap;

use serde_json::Value;

/// A value at a dotted path; rows by their number.
pub fn at<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    if path.is_empty() {
        return Some(value);
    }
    path.split('.').try_fold(value, |value, key| match value {
        Value::Array(rows) => rows.get(key.parse::<usize>().ok()?),
        Value::Object(fields) => fields.get(key),
        _ => None,
    })
}

/// Puts a value at a dotted path, making tables and rows on the way.
pub fn put(value: &mut Value, path: &str, new: Value) {
    let mut at = value;
    for key in path.split('.') {
        match key.parse::<usize>() {
            Ok(index) if !at.is_object() => {
                if !at.is_array() {
                    *at = Value::Array(Vec::new());
                }
                let Value::Array(rows) = at else { return };
                while rows.len() <= index {
                    rows.push(Value::Null);
                }
                at = &mut rows[index];
            }
            _ => {
                if !at.is_object() {
                    *at = Value::Object(Default::default());
                }
                at = &mut at[key];
            }
        }
    }
    *at = new;
}

/// Takes a path out of a value.
pub fn remove(value: &mut Value, path: &str) {
    let (parent, key) = match path.rsplit_once('.') {
        Some((parent, key)) => (parent, key),
        None => ("", path),
    };
    let mut at = value;
    for part in parent.split('.').filter(|part| !part.is_empty()) {
        let next = match at {
            Value::Object(fields) => fields.get_mut(part),
            Value::Array(rows) => part
                .parse::<usize>()
                .ok()
                .and_then(|index| rows.get_mut(index)),
            _ => None,
        };
        let Some(next) = next else { return };
        at = next;
    }
    if let Value::Object(fields) = at {
        fields.remove(key);
    }
}

/// Answers by name.
pub type Known = BTreeMap<String, Value>;

/// Replaces every `${…}`; a text that is one reference alone becomes the value itself.
pub fn resolve(value: &Value, known: &Known) -> Result<Value, String> {
    match value {
        Value::String(text) => resolve_text(text, known),
        Value::Array(rows) => rows.iter().map(|row| resolve(row, known)).collect(),
        Value::Object(fields) => fields
            .iter()
            .map(|(key, field)| Ok((key.clone(), resolve(field, known)?)))
            .collect::<Result<_, String>>()
            .map(Value::Object),
        other => Ok(other.clone()),
    }
}

fn resolve_text(text: &str, known: &Known) -> Result<Value, String> {
    if let Some(reference) = text
        .strip_prefix("${")
        .and_then(|rest| rest.strip_suffix('}'))
        && !reference.contains("${")
    {
        return look_up(reference, known);
    }
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        out.push_str(before);
        let Some((reference, after)) = after.split_once('}') else {
            return Err(format!("`{text}`: a reference has no end"));
        };
        out.push_str(&super::read::text_of(&look_up(reference, known)?));
        rest = after;
    }
    out.push_str(rest);
    Ok(Value::String(out))
}

fn look_up(reference: &str, known: &Known) -> Result<Value, String> {
    let reference = reference.trim();
    let (name, path) = reference.split_once('.').unwrap_or((reference, ""));
    let Some(value) = known.get(name) else {
        let names: Vec<&str> = known.keys().map(String::as_str).collect();
        return Err(format!(
            "nothing is called `{name}` yet; known: {}",
            names.join(", ")
        ));
    };
    match at(value, path) {
        Some(found) => Ok(found.clone()),
        None => Err(format!("`{name}` has no `{path}`: {}", short(value))),
    }
}

/// A value cut to what a line can show.
pub fn short(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(240) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}
