//! Filling a form: the author's values over what the system filled in, and – said aloud – the sample for what the form
//! still requires.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde_json::{Map, Value, json};

use super::cast;
use super::read::{Fields, list, text_of};
use super::refer::{at, put, remove, short};
use super::time::{moment, time_text};
use super::world::{Made, Stop, World};
use crate::pack_dir;

/// What filling said.
#[derive(Default)]
pub struct Filled {
    pub findings: Vec<Value>,
    pub notes: Vec<String>,
}

/// 元 → 分, exact for numbers and for text like `"6500.50"`.
pub fn fen(yuan: &Value) -> Option<i64> {
    let text = match yuan {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let part = format!("{part:0<2}");
    let whole: i64 = whole.parse().ok()?;
    let cents: i64 = part.get(..2)?.parse().ok()?;
    Some(whole * 100 + cents)
}

/// Field kinds of a form by path; those of rows under `path.*.column`.
struct Kinds(BTreeMap<String, String>);

impl Kinds {
    fn of(definition: &Value) -> Self {
        let mut kinds = BTreeMap::new();
        for section in definition["sections"].as_array().into_iter().flatten() {
            collect("", &section["fields"], &mut kinds);
        }
        Kinds(kinds)
    }

    fn kind(&self, path: &str) -> &str {
        let plain: Vec<&str> = path
            .split('.')
            .map(|part| match part.parse::<usize>() {
                Ok(_) => "*",
                Err(_) => part,
            })
            .collect();
        self.0.get(&plain.join(".")).map_or("", String::as_str)
    }
}

fn collect(prefix: &str, fields: &Value, kinds: &mut BTreeMap<String, String>) {
    for field in fields.as_array().into_iter().flatten() {
        let path = format!("{prefix}{}", text_of(&field["path"]));
        // Older and newer shapes of the definition: `kind` is a word, or a table with a word in it.
        let (kind, inner) = match &field["kind"] {
            Value::String(kind) => (kind.clone(), &field["fields"]),
            table => (text_of(&table["kind"]), &table["fields"]),
        };
        collect(&format!("{path}.*."), inner, kinds);
        kinds.insert(path, kind);
    }
}

/// `行政处罚法 33` or `超限规定 43(1)(2)` as a citation of a form.
fn citation(text: &str) -> Value {
    let (law, article) = text.rsplit_once(' ').unwrap_or((text, ""));
    let mut parts = article.split('(').map(|part| part.trim_end_matches(')'));
    let mut fields = Map::new();
    fields.insert("law".to_owned(), json!(law.trim()));
    fields.insert(
        "article".to_owned(),
        json!(parts.next().unwrap_or_default()),
    );
    for (key, part) in ["paragraph", "item"].iter().zip(parts) {
        fields.insert((*key).to_owned(), json!(part));
    }
    Value::Object(fields)
}

/// A value as the form stores it: times, days and citations may be written short.
fn stored(world: &World<'_>, kinds: &Kinds, path: &str, value: &Value) -> Value {
    let now = world.now();
    match (kinds.kind(path), value) {
        ("date_time", Value::String(text)) => match moment(text, Some(now)) {
            Some(at) => json!(time_text(at)),
            None => value.clone(),
        },
        ("date", Value::String(text)) => match (text.as_str(), moment(text, Some(now))) {
            ("today", _) => json!(now.date_naive().to_string()),
            (_, Some(at)) => json!(at.date_naive().to_string()),
            _ => value.clone(),
        },
        ("citations", Value::Array(rows)) => rows
            .iter()
            .map(|row| match row {
                Value::String(text) => citation(text),
                other => other.clone(),
            })
            .collect(),
        ("citations", Value::String(text)) => json!([citation(text)]),
        (_, Value::Array(rows)) => rows
            .iter()
            .enumerate()
            .map(|(index, row)| match row {
                Value::Object(fields) => {
                    let fields = fields.iter().map(|(key, field)| {
                        let field = stored(world, kinds, &format!("{path}.{index}.{key}"), field);
                        (key.clone(), field)
                    });
                    Value::Object(fields.collect())
                }
                other => other.clone(),
            })
            .collect(),
        _ => value.clone(),
    }
}

/// Tables become dotted paths; a key may be a dotted path itself.
fn leaves(prefix: &str, value: &Value, into: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            for (key, field) in fields {
                let path = match prefix {
                    "" => key.clone(),
                    _ => format!("{prefix}.{key}"),
                };
                leaves(&path, field, into);
            }
        }
        leaf => into.push((prefix.to_owned(), leaf.clone())),
    }
}

fn is_empty(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.is_empty(),
        Some(Value::Array(rows)) => rows.is_empty(),
        Some(_) => false,
    }
}

fn view(world: &World<'_>, made: &Made) -> Result<Value, Stop> {
    world.ask("instrument", json!({ "instrument_id": made.instrument_id }))
}

fn save(
    world: &World<'_>,
    made: &Made,
    value: &Value,
    revision: &Value,
) -> Result<Vec<Value>, Stop> {
    let payload =
        json!({ "instrument_id": made.instrument_id, "value": value, "revision": revision });
    let saved = world.ask("save_draft", payload)?;
    Ok(saved["findings"].as_array().cloned().unwrap_or_default())
}

pub fn fill(world: &World<'_>, made: &Made, fields: &Fields) -> Result<Filled, Stop> {
    let mut filled = Filled::default();
    let shown = view(world, made)?;
    let kinds = Kinds::of(&shown["definition"]);
    let mut value = shown["value"].clone();
    let mut revision = shown["revision"].clone();
    let before = value.clone();
    for path in fields.get("clear").map(list).unwrap_or_default() {
        remove(&mut value, &path);
    }
    let mut given = Vec::new();
    leaves("", fields.get("values").unwrap_or(&json!({})), &mut given);
    for (path, new) in given.iter().filter(|(path, _)| !path.is_empty()) {
        match path.strip_suffix("_yuan") {
            Some(stem) if kinds.kind(path).is_empty() => {
                let fen = fen(new)
                    .ok_or_else(|| Stop::Broken(format!("`{path}` is no amount: {new}")))?;
                put(&mut value, &format!("{stem}_fen"), json!(fen));
            }
            _ => put(&mut value, path, stored(world, &kinds, path, new)),
        }
    }
    // On the step or among the values, under either name.
    let among = |key: &str| fields.get("values").and_then(|values| values.get(key));
    let code = ["violation", "violation_code"]
        .iter()
        .find_map(|key| fields.get(*key))
        .or_else(|| among("violation").filter(|_| kinds.kind("violation").is_empty()));
    if let Some(code) = code {
        put(&mut value, "violation_code", code.clone());
        if kinds.kind("violation").is_empty() {
            remove(&mut value, "violation");
        }
    }
    pick_violation(world, &kinds, &given, &mut value, &mut filled)?;
    let sample = Sample::read(made, &value)?;
    let mode = match fields.get("from_sample") {
        None => "required".to_owned(),
        Some(Value::Bool(true)) => "required".to_owned(),
        Some(Value::Bool(false)) => "none".to_owned(),
        Some(other) => text_of(other),
    };
    if !matches!(mode.as_str(), "required" | "none" | "all") {
        return Err(Stop::Broken(
            "`from_sample` is \"required\", \"all\" or false".to_owned(),
        ));
    }
    if mode == "all" {
        sample.take_all(world, &kinds, &mut value, &mut filled);
    }
    let is_new = revision == json!(0);
    // Nothing to save; what stands there is judged by the law of this moment all the same.
    if value == before && !is_new {
        filled.findings = shown["findings"].as_array().cloned().unwrap_or_default();
        return Ok(filled);
    }
    filled.findings = save(world, made, &value, &revision)?;
    if mode == "none" {
        return Ok(filled);
    }
    for _ in 0..6 {
        let shown = view(world, made)?;
        value = shown["value"].clone();
        revision = shown["revision"].clone();
        if !sample.take_required(world, made, &kinds, &given, &mut value, &mut filled) {
            break;
        }
        filled.findings = save(world, made, &value, &revision)?;
    }
    Ok(filled)
}

/// As the screen does it: the violation of the powers list brings its articles, where the author gave none.
fn pick_violation(
    world: &World<'_>,
    kinds: &Kinds,
    given: &[(String, Value)],
    value: &mut Value,
    filled: &mut Filled,
) -> Result<(), Stop> {
    let Some(code) = value
        .get("violation_code")
        .and_then(Value::as_str)
        .map(str::to_owned)
    else {
        return Ok(());
    };
    let is_given = |path: &str| given.iter().any(|(known, _)| known == path);
    let wanted: Vec<&str> = ["law", "violated", "basis"]
        .into_iter()
        .filter(|path| kinds.kind(path) == "citations" && !is_given(path))
        .filter(|path| is_given("violation_code") || is_empty(value.get(*path)))
        .collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let found = world.ask("violations", json!({ "text": code, "limit": 20 }))?;
    let row = found["violations"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|row| row["code"] == code.as_str());
    let Some(row) = row else {
        filled
            .notes
            .push(format!("no violation {code} in the powers list"));
        return Ok(());
    };
    for path in wanted {
        let from = if path == "basis" { "basis" } else { "violated" };
        if !is_empty(row.get(from)) {
            put(value, path, row[from].clone());
        }
    }
    Ok(())
}

/// The pack's example of the form, told about this case's people.
struct Sample {
    value: Value,
}

impl Sample {
    fn read(made: &Made, value: &Value) -> Result<Self, Stop> {
        let file = pack_dir().join(format!("forms/{}/sample.json", made.form));
        let Ok(mut text) = std::fs::read_to_string(file) else {
            return Ok(Sample { value: Value::Null });
        };
        let party = &value["party"];
        let name = (!is_empty(Some(party))).then(|| cast::party_name(party));
        let people = ["陈样一", "王样二", "李样三"];
        if let Some(name) = name {
            people
                .iter()
                .for_each(|person| text = text.replace(person, &name));
        }
        if let Some(id) = party.get("id_no").and_then(Value::as_str) {
            for known in [
                "990000198803050016",
                "990000199108170029",
                "990000197902260030",
            ] {
                text = text.replace(known, id);
            }
        }
        let value = serde_json::from_str(&text)
            .map_err(|error| format!("sample of {}: {error}", made.form))?;
        Ok(Sample { value })
    }

    /// Required and missing, by the word of the form itself.
    fn take_required(
        &self,
        world: &World<'_>,
        made: &Made,
        kinds: &Kinds,
        given: &[(String, Value)],
        value: &mut Value,
        filled: &mut Filled,
    ) -> bool {
        let missing: Vec<String> = filled
            .findings
            .iter()
            // A sentence of the pack with blanks left in it says as little as an empty field.
            .filter(|found| {
                let rule = found["rule"].as_str().unwrap_or_default();
                matches!(rule, "required" | "blank_left") && found["severity"] == "block"
            })
            .map(|found| text_of(&found["field"]))
            .filter(|path| !path.is_empty() && !is_given(given, path))
            .collect();
        let mut taken = Vec::new();
        for path in missing {
            let Some(new) = self.at(world, made, kinds, &path) else {
                continue;
            };
            if at(value, &path) != Some(&new) {
                taken.push(format!("{path} = {}", short(&new)));
                put(value, &path, new);
            }
        }
        if taken.is_empty() {
            return false;
        }
        filled.notes.push(format!(
            "{} from the sample: {}",
            made.form,
            taken.join("; ")
        ));
        true
    }

    fn take_all(&self, world: &World<'_>, kinds: &Kinds, value: &mut Value, filled: &mut Filled) {
        let mut all = Vec::new();
        leaves("", &self.value, &mut all);
        let mut taken = Vec::new();
        for (path, new) in all {
            if !path.is_empty() && is_empty(at(value, &path)) {
                let new = match kinds.kind(&path) {
                    "date_time" => json!(time_text(world.now())),
                    _ => new,
                };
                taken.push(format!("{path} = {}", short(&new)));
                put(value, &path, new);
            }
        }
        filled
            .notes
            .push(format!("from the sample: {}", taken.join("; ")));
    }

    /// Times are now and days are today, never the sample's; articles are never the sample's.
    fn at(&self, world: &World<'_>, made: &Made, kinds: &Kinds, path: &str) -> Option<Value> {
        let now = world.now();
        match kinds.kind(path) {
            // The act was found out where it is written down, before anything was told about it.
            "date_time" if path.ends_with("started_at") || path == "happened_at" => {
                let case = world.ask("case", json!({ "case_id": made.case_id })).ok()?;
                let told = case["presented_at"]
                    .as_str()
                    .filter(|text| !text.is_empty());
                Some(json!(told.unwrap_or(case["opened_at"].as_str()?)))
            }
            // Writing a record takes a while: it ends after it began.
            "date_time" if path.ends_with("ended_at") => {
                world.ground.clock.advance(TimeDelta::minutes(1));
                Some(json!(time_text(world.now())))
            }
            // So does what is planned.
            "date_time" if path.ends_with("to_at") => {
                Some(json!(time_text(now + TimeDelta::hours(1))))
            }
            "date_time" => Some(json!(time_text(now))),
            "date" => Some(json!(now.date_naive().to_string())),
            "citations" | "violation" | "shown" => None,
            _ => at(&self.value, path)
                .or_else(|| at(&self.value, &first_row(path)))
                .filter(|value| !value.is_null())
                .cloned(),
        }
    }
}

/// The same column of the first row.
fn first_row(path: &str) -> String {
    let parts: Vec<&str> = path
        .split('.')
        .map(|part| match part.parse::<usize>() {
            Ok(_) => "0",
            Err(_) => part,
        })
        .collect();
    parts.join(".")
}

/// Whether the author wrote this field, be it empty on purpose.
fn is_given(given: &[(String, Value)], path: &str) -> bool {
    given.iter().any(|(known, value)| {
        known == path
            || path
                .strip_prefix(known.as_str())
                .and_then(|rest| rest.strip_prefix('.'))
                .is_some_and(|rest| at(value, rest).is_some())
    })
}
