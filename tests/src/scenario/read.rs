//! Reading a scenario file: everything unknown is refused with file, line and a hint.

use std::fmt;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::acts::{self, ACTS, COMMON};
use super::expect::{self, EXPECTATIONS};

pub type Fields = Map<String, Value>;

/// A file that is no scenario: where, why, and what to write instead.
#[derive(Debug)]
pub struct Misread {
    pub file: PathBuf,
    pub line: usize,
    pub text: String,
    pub hint: String,
}

impl fmt::Display for Misread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file.display(), self.line, self.text)?;
        match self.hint.is_empty() {
            true => Ok(()),
            false => write!(f, "\n    {}", self.hint),
        }
    }
}

/// 步骤 – one act with its inputs and what is expected of it.
#[derive(Debug, Clone)]
pub struct Step {
    pub line: usize,
    pub act: String,
    pub fields: Fields,
    pub expect: Fields,
}

#[derive(Debug, Clone)]
pub struct Scenario {
    pub file: PathBuf,
    pub title: String,
    pub agency: String,
    pub start: String,
    pub pace: String,
    pub duty: Vec<String>,
    pub parameters: Fields,
    pub numbers: Fields,
    pub officers: Vec<Fields>,
    pub users: Vec<Fields>,
    pub terminals: Vec<Fields>,
    pub parties: Fields,
    pub vehicles: Fields,
    pub places: Fields,
    pub steps: Vec<Step>,
    pub expect: Fields,
}

const TOP: &[&str] = &[
    "title",
    "note",
    "shows",
    "agency",
    "start",
    "pace",
    "duty",
    "parameters",
    "numbers",
    "officer",
    "user",
    "terminal",
    "party",
    "vehicle",
    "place",
    "step",
    "expect",
];
const OFFICER: &[&str] = &[
    "is",
    "name",
    "credential_no",
    "pin",
    "unit",
    "post",
    "category",
    "area",
    "valid_from",
    "valid_to",
    "status",
    "is_officer",
];
const USER: &[&str] = &[
    "user",
    "name",
    "functions",
    "credential_no",
    "qualification_no",
];
const TERMINAL: &[&str] = &["name", "network"];
const NUMBERS: &[&str] = &["first", "pattern"];

impl Scenario {
    pub fn read(file: &Path) -> Result<Self, Misread> {
        let at = |line: usize, text: String, hint: &str| Misread {
            file: file.to_owned(),
            line,
            text,
            hint: hint.to_owned(),
        };
        let source = std::fs::read_to_string(file)
            .map_err(|error| at(0, format!("the file cannot be read: {error}"), ""))?;
        let table: toml::Table = source.parse().map_err(|error: toml::de::Error| {
            let line = error.span().map_or(1, |span| {
                1 + newlines(source.get(..span.start).unwrap_or_default())
            });
            at(
                line,
                format!("this is not TOML: {}", error.message()),
                "See tests/scenarios/README.md, “The file”.",
            )
        })?;
        let reader = Reader {
            file,
            source: &source,
        };
        reader.scenario(table)
    }
}

fn newlines(text: &str) -> usize {
    text.bytes().filter(|byte| *byte == b'\n').count()
}

struct Reader<'a> {
    file: &'a Path,
    source: &'a str,
}

impl Reader<'_> {
    fn misread(&self, line: usize, text: impl Into<String>, hint: impl Into<String>) -> Misread {
        Misread {
            file: self.file.to_owned(),
            line,
            text: text.into(),
            hint: hint.into(),
        }
    }

    /// Line on which a key stands, looked for between two lines.
    fn line_of(&self, key: &str, from: usize, to: usize) -> usize {
        let is_it = |line: &str| {
            let line = line.trim_start();
            let bare = line.trim_start_matches('[').trim_start();
            [line, bare].iter().any(|line| {
                line.split(['.', '=', ']', ' ', '{'])
                    .any(|word| word.trim_matches('"') == key)
            })
        };
        self.source
            .lines()
            .enumerate()
            .skip(from.saturating_sub(1))
            .take((to + 1).saturating_sub(from))
            .find(|(_, line)| is_it(line))
            .map_or(from, |(index, _)| index + 1)
    }

    /// First and last line of the n-th `[[name]]`.
    fn lines_of(&self, name: &str, nth: usize) -> (usize, usize) {
        let header = format!("[[{name}]]");
        let mut starts = self
            .source
            .lines()
            .enumerate()
            .filter(|(_, line)| line.replace(' ', "").starts_with(&header))
            .map(|(index, _)| index + 1)
            .skip(nth);
        let from = starts.next().unwrap_or(1);
        let to = starts
            .next()
            .map_or_else(|| self.source.lines().count(), |next| next - 1);
        (from, to)
    }

    fn whole(&self) -> (usize, usize) {
        (1, self.source.lines().count())
    }

    fn known(
        &self,
        fields: &Fields,
        known: &[&str],
        what: &str,
        (from, to): (usize, usize),
    ) -> Result<(), Misread> {
        for key in fields.keys() {
            if !known.contains(&key.as_str()) {
                let near = nearest(key, known.iter().copied());
                let hint = match near {
                    Some(near) => {
                        format!("Did you mean `{near}`? {what} takes: {}.", known.join(", "))
                    }
                    None => format!("{what} takes: {}.", known.join(", ")),
                };
                return Err(self.misread(
                    self.line_of(key, from, to),
                    format!("unknown key `{key}`"),
                    hint,
                ));
            }
        }
        Ok(())
    }

    fn text(
        &self,
        fields: &Fields,
        key: &str,
        default: Option<&str>,
        span: (usize, usize),
    ) -> Result<String, Misread> {
        match fields.get(key) {
            Some(Value::String(text)) => Ok(text.clone()),
            Some(_) => Err(self.misread(
                self.line_of(key, span.0, span.1),
                format!("`{key}` has to be text"),
                "",
            )),
            None => default
                .map(str::to_owned)
                .ok_or_else(|| self.misread(span.0, format!("`{key}` is missing"), "")),
        }
    }

    fn tables(&self, fields: &Fields, key: &str, known: &[&str]) -> Result<Vec<Fields>, Misread> {
        let Some(value) = fields.get(key) else {
            return Ok(Vec::new());
        };
        let wrong = || {
            self.misread(
                self.line_of(key, 1, usize::MAX - 1),
                format!("`{key}` has to be written as [[{key}]]"),
                "",
            )
        };
        let rows = value.as_array().ok_or_else(wrong)?;
        let mut tables = Vec::new();
        for (nth, row) in rows.iter().enumerate() {
            let row = row.as_object().ok_or_else(wrong)?;
            self.known(row, known, &format!("[[{key}]]"), self.lines_of(key, nth))?;
            tables.push(row.clone());
        }
        Ok(tables)
    }

    fn table(&self, fields: &Fields, key: &str) -> Result<Fields, Misread> {
        match fields.get(key) {
            None => Ok(Fields::new()),
            Some(Value::Object(table)) => Ok(table.clone()),
            Some(_) => Err(self.misread(
                self.line_of(key, 1, usize::MAX - 1),
                format!("`{key}` has to be a table"),
                "",
            )),
        }
    }

    fn scenario(&self, table: toml::Table) -> Result<Scenario, Misread> {
        let mut top = Fields::new();
        for (key, value) in table {
            top.insert(key, plain(value));
        }
        let span = self.whole();
        self.known(&top, TOP, "A scenario", span)?;
        let numbers = self.table(&top, "numbers")?;
        for (series, row) in &numbers {
            match row.as_object() {
                Some(row) => self.known(row, NUMBERS, "A number series", span)?,
                None => {
                    let line = self.line_of(series, 1, span.1);
                    return Err(self.misread(
                        line,
                        format!("`{series}` has to be a table"),
                        "e.g. { first = 417 }",
                    ));
                }
            }
        }
        let duty = match top.get("duty") {
            None => vec!["甲".to_owned(), "乙".to_owned()],
            Some(value) => list(value),
        };
        let steps = self.steps(&top)?;
        let expect = self.table(&top, "expect")?;
        let line = self.line_of("expect", 1, span.1);
        self.expectations(&expect, (line, span.1))?;
        let scenario = Scenario {
            file: self.file.to_owned(),
            title: self.text(&top, "title", None, span)?,
            agency: self.text(&top, "agency", Some("example"), span)?,
            start: self.text(&top, "start", None, span)?,
            pace: self.text(&top, "pace", Some("1m"), span)?,
            duty,
            parameters: self.table(&top, "parameters")?,
            numbers,
            officers: self.tables(&top, "officer", OFFICER)?,
            users: self.tables(&top, "user", USER)?,
            terminals: self.tables(&top, "terminal", TERMINAL)?,
            parties: self.table(&top, "party")?,
            vehicles: self.table(&top, "vehicle")?,
            places: self.table(&top, "place")?,
            steps,
            expect,
        };
        if super::time::moment(&scenario.start, None).is_none() {
            return Err(self.misread(
                self.line_of("start", 1, span.1),
                format!("`start` is no moment: {}", scenario.start),
                "Write e.g. start = \"2026-03-10 09:30\".",
            ));
        }
        if super::time::span_of(&scenario.pace).is_none() {
            return Err(self.misread(
                self.line_of("pace", 1, span.1),
                format!("`pace` is no span of time: {}", scenario.pace),
                "Write e.g. pace = \"1m\".",
            ));
        }
        Ok(scenario)
    }

    fn steps(&self, top: &Fields) -> Result<Vec<Step>, Misread> {
        let rows = match top.get("step") {
            Some(Value::Array(rows)) => rows.clone(),
            _ => {
                return Err(self.misread(
                    1,
                    "there is no [[step]]",
                    "A scenario is a list of steps, each with `do`.",
                ));
            }
        };
        let mut steps = Vec::new();
        for (nth, row) in rows.into_iter().enumerate() {
            let span = self.lines_of("step", nth);
            let Value::Object(mut fields) = row else {
                return Err(self.misread(span.0, "a step has to be a table", "Write [[step]]."));
            };
            let act = self.text(&fields, "do", None, span)?;
            let Some(spec) = acts::spec(&act) else {
                let names: Vec<&str> = ACTS.iter().map(|act| act.name).collect();
                let near = nearest(&act, names.iter().copied());
                let hint = match near {
                    Some(near) => format!("Did you mean `{near}`? Acts: {}.", names.join(", ")),
                    None => format!(
                        "Acts: {}. Any other command: do = \"command\" or \"console\".",
                        names.join(", ")
                    ),
                };
                return Err(self.misread(
                    self.line_of("do", span.0, span.1),
                    format!("unknown act `{act}`"),
                    hint,
                ));
            };
            for key in fields.keys() {
                if !spec.takes(key) {
                    let all = COMMON
                        .iter()
                        .chain(spec.required)
                        .chain(spec.optional)
                        .copied();
                    let near = nearest(key, all)
                        .map(|near| format!("Did you mean `{near}`? "))
                        .unwrap_or_default();
                    return Err(self.misread(
                        self.line_of(key, span.0, span.1),
                        format!("`{act}` does not take the key `{key}`"),
                        format!(
                            "{near}`{act}` takes: {}. Every step takes: {}.",
                            spec.keys(),
                            COMMON.join(", ")
                        ),
                    ));
                }
            }
            if let Some(missing) = spec.required.iter().find(|key| !fields.contains_key(**key)) {
                return Err(self.misread(
                    span.0,
                    format!("`{act}` needs `{missing}`"),
                    format!("`{act}` takes: {}.", spec.keys()),
                ));
            }
            let expect = match fields.remove("expect") {
                None => Fields::new(),
                Some(Value::Object(expect)) => expect,
                Some(_) => {
                    return Err(self.misread(
                        self.line_of("expect", span.0, span.1),
                        "`expect` has to be a table",
                        "",
                    ));
                }
            };
            self.expectations(&expect, span)?;
            steps.push(Step {
                line: span.0,
                act,
                fields,
                expect,
            });
        }
        Ok(steps)
    }

    fn expectations(&self, expect: &Fields, span: (usize, usize)) -> Result<(), Misread> {
        let known: Vec<&str> = EXPECTATIONS.iter().map(|(name, _)| *name).collect();
        self.known(expect, &known, "expect", span)?;
        for (key, value) in expect {
            let keys = expect::keys_of(key);
            if keys.is_empty() {
                continue;
            }
            let rows: Vec<&Value> = match value {
                Value::Array(rows) => rows.iter().collect(),
                one => vec![one],
            };
            for row in rows {
                match row {
                    Value::Object(row) => self.known(row, keys, &format!("expect.{key}"), span)?,
                    Value::String(_) | Value::Bool(_) => {}
                    _ => {
                        return Err(self.misread(
                            self.line_of(key, span.0, span.1),
                            format!("`expect.{key}` is made of tables"),
                            format!("Keys: {}.", keys.join(", ")),
                        ));
                    }
                }
            }
        }
        Ok(())
    }
}

/// TOML as JSON; dates and times become their text.
fn plain(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Integer(number) => json!(number),
        toml::Value::Float(number) => json!(number),
        toml::Value::Boolean(flag) => json!(flag),
        toml::Value::Datetime(at) => Value::String(at.to_string()),
        toml::Value::Array(rows) => Value::Array(rows.into_iter().map(plain).collect()),
        toml::Value::Table(table) => Value::Object(
            table
                .into_iter()
                .map(|(key, value)| (key, plain(value)))
                .collect(),
        ),
    }
}

/// One text or a list of texts.
pub fn list(value: &Value) -> Vec<String> {
    match value {
        Value::Array(rows) => rows.iter().map(text_of).collect(),
        Value::Null => Vec::new(),
        one => vec![text_of(one)],
    }
}

pub fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The known word that differs least, if any is near.
fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .map(|candidate| (distance(word, candidate), candidate))
        .min()
        .filter(|(distance, candidate)| *distance <= 1 + candidate.chars().count() / 4)
        .map(|(_, candidate)| candidate)
}

fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, one) in left.chars().enumerate() {
        let mut diagonal = index;
        row[0] = index + 1;
        for (at, other) in right.iter().enumerate() {
            let above = row[at + 1];
            row[at + 1] = (diagonal + usize::from(one != *other))
                .min(above + 1)
                .min(row[at] + 1);
            diagonal = above;
        }
    }
    row.last().copied().unwrap_or_default()
}
