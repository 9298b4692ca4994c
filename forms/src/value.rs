//! Looking into and writing into a value by dotted path.

use serde_json::{Map, Value};

pub(crate) fn get<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(value, |at, key| match at {
        Value::Object(map) => map.get(key),
        Value::Array(items) => items.get(key.parse::<usize>().ok()?),
        _ => None,
    })
}

pub(crate) fn text<'a>(value: &'a Value, path: &str) -> &'a str {
    get(value, path).and_then(Value::as_str).unwrap_or("")
}

/// Writes into objects only; anything else in the way stays as it is and nothing is written.
pub(crate) fn set(value: &mut Value, path: &str, new: Value) {
    let Some((parents, last)) = path.rsplit_once('.') else {
        if let Value::Object(map) = value {
            map.insert(path.to_owned(), new);
        }
        return;
    };
    let mut at = value;
    for key in parents.split('.') {
        let Value::Object(map) = at else { return };
        at = map
            .entry(key.to_owned())
            .or_insert_with(|| Value::Object(Map::new()));
    }
    if let Value::Object(map) = at {
        map.insert(last.to_owned(), new);
    }
}

pub(crate) fn remove(value: &mut Value, path: &str) {
    let (parents, last) = path.rsplit_once('.').unwrap_or(("", path));
    let mut at = value;
    for key in parents.split('.').filter(|key| !key.is_empty()) {
        let Some(next) = at.get_mut(key) else { return };
        at = next;
    }
    if let Value::Object(map) = at {
        map.shift_remove(last);
    }
}

/// The items of a list; none when there is no list at `path`.
pub(crate) fn rows_mut<'a>(value: &'a mut Value, path: &str) -> &'a mut [Value] {
    match path.split('.').try_fold(value, |at, key| at.get_mut(key)) {
        Some(Value::Array(rows)) => rows,
        _ => &mut [],
    }
}

/// Nothing an officer entered: absent, null, blank text, or a list or object of such.
pub(crate) fn is_empty(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.trim().is_empty(),
        Some(Value::Array(items)) => items.iter().all(|item| is_empty(Some(item))),
        Some(Value::Object(map)) => map.values().all(|item| is_empty(Some(item))),
        Some(Value::Bool(_) | Value::Number(_)) => false,
    }
}

/// The value as a condition compares it.
pub(crate) fn is_one_of(value: Option<&Value>, words: &[String]) -> bool {
    match value {
        Some(Value::String(text)) => words.contains(text),
        Some(Value::Bool(flag)) => words.iter().any(|word| word == &flag.to_string()),
        Some(Value::Number(number)) => words.iter().any(|word| word == &number.to_string()),
        None | Some(Value::Null | Value::Array(_) | Value::Object(_)) => false,
    }
}

/// Without nulls and empty text, which screens send for fields that were emptied.
pub(crate) fn pruned(value: &Value) -> Value {
    match value {
        Value::Object(map) => Value::Object(
            map.iter()
                .filter(|(_, item)| !matches!(item, Value::Null) && item.as_str() != Some(""))
                .map(|(key, item)| (key.clone(), pruned(item)))
                .collect(),
        ),
        Value::Array(items) => Value::Array(items.iter().map(pruned).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

/// The id of a piece of evidence, which stands alone or beside its caption.
pub(crate) fn evidence_id(value: &Value) -> Option<&str> {
    let id = value.as_str().or_else(|| value.get("id")?.as_str());
    id.filter(|id| !id.is_empty())
}
