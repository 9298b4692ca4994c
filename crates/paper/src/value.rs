//! Finding and wording the values a layout names.

use serde_json::Value;

use crate::figures;
use crate::layout::{Condition, Field, Filter, Test};
use crate::sheet::Stamp;

/// Where values are looked up: the instrument, the item of the running loop, the stamp.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'v> {
    pub values: &'v Value,
    pub item: Option<&'v Value>,
    /// Where the item stands in the values, as `items.0`.
    pub item_path: &'v str,
    /// Counts from 1 inside a loop.
    pub index: usize,
    pub stamp: &'v Stamp,
    /// Page and page count, where they are known.
    pub page: Option<(usize, usize)>,
}

enum Found<'v> {
    Value(&'v Value),
    Text(&'v str),
    Nothing,
}

impl<'v> Scope<'v> {
    pub(crate) fn with_item(self, item: &'v Value, path: &'v str, index: usize) -> Scope<'v> {
        Scope {
            item: Some(item),
            item_path: path,
            index,
            ..self
        }
    }

    /// A path from the root of the values.
    pub(crate) fn absolute(&self, path: &str) -> String {
        match path.strip_prefix('.') {
            Some("") => self.item_path.to_owned(),
            Some(rest) => format!("{}.{rest}", self.item_path),
            None => path.to_owned(),
        }
    }

    pub(crate) fn list(&self, path: &str) -> &'v [Value] {
        match self.find(path) {
            Found::Value(Value::Array(items)) => items,
            Found::Value(_) | Found::Text(_) | Found::Nothing => &[],
        }
    }

    /// Ids of evidence with their captions: an id, `{id, caption}`, or a list of them. `items.*.photos` finds those of
    /// all rows, whose captions begin with the count of the row.
    pub(crate) fn evidence(&self, path: &str) -> Vec<(&'v str, String)> {
        let Some((rows, column)) = path.split_once(".*.") else {
            return match self.find(path) {
                Found::Value(value) => named_evidence(value),
                Found::Text(_) | Found::Nothing => Vec::new(),
            };
        };
        let rows = self.list(rows).iter().zip(1..);
        let named = rows.flat_map(|(row, count)| {
            let pieces = row.get(column).map(named_evidence).unwrap_or_default();
            let numbered = move |(id, caption)| (id, format!("第{count}项　{caption}"));
            pieces.into_iter().map(numbered)
        });
        named.collect()
    }

    fn find(&self, path: &str) -> Found<'v> {
        match path {
            "number" => {
                return self
                    .stamp
                    .printed_number()
                    .map_or(Found::Nothing, Found::Text);
            }
            "title" => return Found::Text(&self.stamp.title),
            "document_id" => return Found::Text(&self.stamp.document_id),
            _ => {}
        }
        let (root, rest) = match path.strip_prefix('.') {
            Some(rest) => (self.item, rest),
            None => (Some(self.values), path),
        };
        let mut value = root;
        for key in rest.split('.').filter(|key| !key.is_empty()) {
            value = value.and_then(|value| match value {
                Value::Array(items) => key.parse::<usize>().ok().and_then(|at| items.get(at)),
                value => value.get(key),
            });
        }
        value
            .filter(|value| !is_missing(value))
            .map_or(Found::Nothing, Found::Value)
    }

    /// The words of a field, or `None` when its value is missing.
    pub(crate) fn words(&self, field: &Field) -> Option<String> {
        let own = self.find(&field.path);
        let found = match own {
            Found::Nothing => field
                .filters
                .iter()
                .filter_map(|filter| match filter {
                    Filter::Or(path) => Some(self.find(path)),
                    _ => None,
                })
                .find(|found| !matches!(found, Found::Nothing))
                .unwrap_or(Found::Nothing),
            own => own,
        };
        match found {
            Found::Text(text) => Some(text.to_owned()),
            Found::Value(value) => written(value, &field.filters).map(|mut words| {
                let is_open = !words
                    .trim_end()
                    .ends_with(['。', '！', '？', '；', '…', '”']);
                if is_open && field.filters.contains(&Filter::Stop) {
                    words.push('。');
                }
                words
            }),
            Found::Nothing => field.filters.iter().find_map(|filter| match filter {
                Filter::Default(words) => Some(words.clone()),
                _ => None,
            }),
        }
    }

    pub(crate) fn holds(&self, condition: &Condition) -> bool {
        condition.all.iter().all(|test| match test {
            Test::Present(path) => self.is_present(path),
            Test::Missing(path) => !self.is_present(path),
            Test::Is(path, choices) => self.is_one_of(path, choices),
            Test::IsNot(path, choices) => !self.is_one_of(path, choices),
        })
    }

    fn is_present(&self, path: &str) -> bool {
        if let Some((rows, column)) = path.split_once(".*.") {
            let mut cells = self.list(rows).iter().filter_map(|row| row.get(column));
            return cells.any(|cell| !is_missing(cell));
        }
        match self.find(path) {
            Found::Value(Value::Bool(is_set)) => *is_set,
            Found::Value(_) | Found::Text(_) => true,
            Found::Nothing => false,
        }
    }

    fn is_one_of(&self, path: &str, choices: &[String]) -> bool {
        match self.find(path) {
            Found::Value(Value::String(text)) => choices.iter().any(|choice| choice == text),
            Found::Value(Value::Array(items)) => items
                .iter()
                .filter_map(Value::as_str)
                .any(|text| choices.iter().any(|choice| choice == text)),
            Found::Value(value) => choices.contains(&value.to_string()),
            Found::Text(text) => choices.iter().any(|choice| choice == text),
            Found::Nothing => false,
        }
    }
}

fn named_evidence(value: &Value) -> Vec<(&str, String)> {
    fn one(value: &Value) -> Option<(&str, String)> {
        let caption = value.get("caption").and_then(Value::as_str);
        let id = value.as_str().or_else(|| value.get("id")?.as_str())?;
        (!id.is_empty()).then(|| (id, caption.unwrap_or_default().to_owned()))
    }
    match value {
        Value::Array(items) => items.iter().filter_map(one).collect(),
        value => one(value).into_iter().collect(),
    }
}

fn is_missing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

fn written(value: &Value, filters: &[Filter]) -> Option<String> {
    if let Value::Array(items) = value {
        let separator = filters
            .iter()
            .find_map(|filter| match filter {
                Filter::Join(separator) => Some(separator.as_str()),
                _ => None,
            })
            .unwrap_or("、");
        let words: Vec<String> = items
            .iter()
            .filter_map(|item| written(item, filters))
            .collect();
        return (!words.is_empty()).then(|| words.join(separator));
    }
    for filter in filters {
        match filter {
            Filter::Date => return value.as_str().map(figures::date),
            Filter::Time => return value.as_str().map(figures::time),
            Filter::DateTime => return value.as_str().map(figures::date_time),
            Filter::Yuan => return value.as_i64().map(figures::plain_money),
            Filter::Upper => return value.as_i64().map(figures::capital_money),
            Filter::Decimal(places) => {
                return value
                    .as_i64()
                    .map(|number| figures::decimal(number, *places));
            }
            Filter::Cite => return figures::citation(value, false),
            Filter::CiteText => return figures::citation(value, true),
            Filter::Choose(words) => {
                let code = value.as_str()?;
                let chosen = words.iter().find(|(known, _)| known == code);
                return Some(chosen.map_or(code, |(_, words)| words).to_owned());
            }
            Filter::Or(_)
            | Filter::Default(_)
            | Filter::Join(_)
            | Filter::Optional
            | Filter::Stop
            | Filter::Strike
            | Filter::Line(_)
            | Filter::Slash(_) => {}
        }
    }
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(is_set) => Some(if *is_set { "是" } else { "否" }.to_owned()),
        Value::Object(_) => figures::citation(value, false),
        Value::Null | Value::Array(_) => None,
    }
}
