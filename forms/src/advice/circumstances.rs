//! `discretion.toml`: which circumstances there are, what shows them, what they do, and the words of a draft.

use law::Citation;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Effect, OpenCircumstance, Recognised};
use crate::discretion::holds;
use crate::files::Files;
use crate::library::citations;
use crate::procedure::source::Test;
use crate::{PackFault, value};

pub(crate) const FILE: &str = "discretion.toml";
const CIRCUMSTANCES_MAX: usize = 200;

/// `discretion.toml`: which circumstances there are, what shows them, what they do, and the words of a draft.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Discretion {
    #[serde(default)]
    pub(super) circumstance: Vec<Circumstance>,
    #[serde(default)]
    pub(super) draft: DraftWords,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Circumstance {
    pub(super) key: String,
    title: String,
    effect: Effect,
    /// 应当, not 可以.
    #[serde(default)]
    must: bool,
    /// The law lets the penalty fall below its band.
    #[serde(default)]
    pub(super) may_reduce: bool,
    #[serde(default, deserialize_with = "citations")]
    basis: Vec<Citation>,
    /// What the officer confirms; without it the circumstance is only recognised by its signs.
    #[serde(default)]
    ask: String,
    #[serde(default)]
    sign: Vec<Sign>,
}

/// Conditions on the facts, and the fact they show. `has.<key>` is a circumstance recognised before.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sign {
    when: Vec<Test>,
    fact: String,
}

/// Sentences of a draft with `{name}` for what is known.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct DraftWords {
    pub(super) opening: String,
    pub(super) reckoned: String,
    pub(super) circumstances: String,
    pub(super) no_circumstances: String,
    pub(super) benchmark: String,
    pub(super) no_benchmark: String,
    pub(super) fine: String,
    pub(super) warning: String,
    pub(super) no_penalty: String,
}

impl Discretion {
    /// A pack without the file recognises nothing by itself.
    pub(crate) fn read(files: &Files) -> Result<Self, PackFault> {
        if !files.has(FILE) {
            return Ok(Self::default());
        }
        let table: Self = files.toml(FILE)?;
        let fault = |key: &str, reason: &str| {
            let line = files.line_of(FILE, &format!("\"{key}\""));
            Err(PackFault::content(FILE, line, format!("{key}: {reason}")))
        };
        if table.circumstance.len() > CIRCUMSTANCES_MAX {
            let reason = format!("more than {CIRCUMSTANCES_MAX} circumstances");
            return Err(PackFault::content(FILE, 0, reason));
        }
        let mut known: Vec<&str> = Vec::new();
        for one in &table.circumstance {
            if known.contains(&one.key.as_str()) {
                return fault(&one.key, "the circumstance stands twice");
            }
            if one.ask.is_empty() && one.sign.is_empty() {
                return fault(&one.key, "nothing could show the circumstance");
            }
            let looked_at = one.sign.iter().flat_map(|sign| &sign.when);
            for key in looked_at.filter_map(|test| test.path.strip_prefix("has.")) {
                if !known.contains(&key) {
                    return fault(&one.key, "a sign asks for a circumstance that comes later");
                }
            }
            known.push(&one.key);
        }
        Ok(table)
    }

    pub(crate) fn basis(&self) -> impl Iterator<Item = &Citation> {
        self.circumstance.iter().flat_map(|one| &one.basis)
    }

    pub(super) fn recognise(&self, facts: &mut Value) -> Vec<Recognised> {
        let mut recognised = Vec::new();
        for one in &self.circumstance {
            let confirmed = is_confirmed(facts, &one.key).then(|| {
                let note = value::text(facts, &format!("notes.{}", one.key)).trim();
                if note.is_empty() { &one.ask } else { note }.to_owned()
            });
            let shown = || {
                let mut signs = one.sign.iter();
                let sign = signs.find(|sign| sign.when.iter().all(|test| holds(test, facts)));
                sign.map(|sign| filled(&sign.fact, facts))
            };
            let Some(fact) = confirmed.or_else(shown) else {
                continue;
            };
            value::set(facts, &format!("has.{}", one.key), json!(true));
            recognised.push(Recognised {
                key: one.key.clone(),
                title: one.title.clone(),
                effect: one.effect,
                is_must: one.must,
                fact,
                basis: one.basis.clone(),
            });
        }
        recognised
    }

    pub(super) fn open(&self, recognised: &[Recognised]) -> Vec<OpenCircumstance> {
        let is_open = |one: &&Circumstance| {
            !one.ask.is_empty() && !recognised.iter().any(|known| known.key == one.key)
        };
        let open = self.circumstance.iter().filter(is_open);
        open.map(|one| OpenCircumstance {
            key: one.key.clone(),
            title: one.title.clone(),
            ask: one.ask.clone(),
            effect: one.effect,
            basis: one.basis.clone(),
        })
        .collect()
    }
}

fn is_confirmed(facts: &Value, key: &str) -> bool {
    let confirmed = facts.get("circumstances").and_then(Value::as_array);
    confirmed.is_some_and(|list| list.iter().any(|word| word.as_str() == Some(key)))
}

pub(super) fn filled(text: &str, facts: &Value) -> String {
    let mut filled = String::new();
    for (at, part) in text.split('{').enumerate() {
        match part.split_once('}') {
            Some((path, rest)) if at > 0 => {
                match value::get(facts, path) {
                    Some(Value::String(word)) => filled.push_str(word),
                    Some(Value::Number(number)) => filled.push_str(&number.to_string()),
                    _ => {}
                }
                filled.push_str(rest);
            }
            _ => filled.push_str(part),
        }
    }
    filled
}
