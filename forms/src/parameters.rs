//! 机关参数 – what one agency sets differently from another, inside what the statutes allow.

use std::collections::BTreeMap;

use law::{Citation, Finding, Severity};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::agency::Agency;
use crate::check::parse_date;
use crate::files::Files;
use crate::library::citation;
use crate::pack::Inner;
use crate::{Pack, PackFault};

pub(crate) const FILE: &str = "parameters.toml";
const PARAMETERS_MAX: usize = 500;

/// 参数种类.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ParameterKind {
    Days,
    WorkingDays,
    Hours,
    /// Integer 分.
    Fen,
    /// A whole number without a unit of its own.
    Count,
    /// Whole percent.
    Ratio,
    Choice,
    Flag,
    /// `YYYY-MM-DD`, or `MM-DD` for every year.
    Date,
    /// `HH:MM`.
    Time,
    Text,
    List,
}

impl ParameterKind {
    pub(crate) fn accepts(self, value: &Value) -> bool {
        match self {
            Self::Days
            | Self::WorkingDays
            | Self::Hours
            | Self::Fen
            | Self::Count
            | Self::Ratio => value.as_i64().is_some_and(|number| number >= 0),
            Self::Flag => value.is_boolean(),
            Self::Choice | Self::Text => value.is_string(),
            Self::Date => value.as_str().is_some_and(|text| {
                parse_date(text).is_some() || parse_date(&format!("2024-{text}")).is_some()
            }),
            Self::Time => value
                .as_str()
                .is_some_and(|text| chrono::NaiveTime::parse_from_str(text, "%H:%M").is_ok()),
            Self::List => value
                .as_array()
                .is_some_and(|items| items.iter().all(|item| item.is_string() || item.is_i64())),
        }
    }
}

/// 法定界限 – a number the statute sets, with its article.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatutoryBound {
    pub value: i64,
    #[serde(deserialize_with = "citation")]
    pub basis: Citation,
}

/// 参数声明.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    pub key: String,
    pub title: String,
    #[serde(rename = "type")]
    pub kind: ParameterKind,
    /// Absent where only the agency can say.
    pub default: Option<Value>,
    /// The agency may be stricter, never slower or higher.
    pub at_most: Option<StatutoryBound>,
    pub at_least: Option<StatutoryBound>,
    /// What a choice, or each item of a list, may be: value and wording.
    #[serde(default)]
    pub options: Vec<(String, String)>,
    #[serde(default)]
    pub note: String,
}

impl Parameter {
    /// The statutory bound a value lies beyond.
    pub fn broken_bound(&self, value: &Value) -> Option<&StatutoryBound> {
        let number = value.as_i64()?;
        let most = self.at_most.as_ref().filter(|bound| number > bound.value);
        most.or_else(|| self.at_least.as_ref().filter(|bound| number < bound.value))
    }

    /// What holds: the statute prevails over a weaker plan.
    pub fn effective(&self, value: &Value) -> Value {
        match self.broken_bound(value) {
            Some(bound) => Value::from(bound.value),
            None => value.clone(),
        }
    }

    pub fn accepts(&self, value: &Value) -> bool {
        let is_option = |value: &Value| {
            self.options.is_empty()
                || self
                    .options
                    .iter()
                    .any(|(word, _)| value.as_str() == Some(word))
        };
        self.kind.accepts(value)
            && match (self.kind, value) {
                (ParameterKind::List, Value::Array(items)) => items.iter().all(is_option),
                (ParameterKind::Choice, value) => is_option(value),
                (_, _) => true,
            }
    }
}

/// 机关设定的参数 – the value and the sentence it comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgencyParameter {
    pub value: Value,
    /// File of the plan, or who decided.
    pub source: String,
    /// The sentence, word for word.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub cite: String,
    /// Why a value the statute overrides stays written down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledged: Option<String>,
}

#[derive(Debug, Default)]
pub(crate) struct Parameters(BTreeMap<String, Parameter>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ParametersToml {
    #[serde(default)]
    parameter: Vec<Parameter>,
}

impl Parameters {
    /// A pack without the file has no parameters.
    pub(crate) fn read(files: &Files) -> Result<Self, PackFault> {
        if !files.has(FILE) {
            return Ok(Self::default());
        }
        let table: ParametersToml = files.toml(FILE)?;
        let mut known = BTreeMap::new();
        for parameter in table.parameter {
            let key = parameter.key.clone();
            let fault = |reason: String| {
                let line = files.line_of(FILE, &format!("\"{key}\""));
                Err(PackFault::content(FILE, line, reason))
            };
            if known.len() >= PARAMETERS_MAX {
                return fault(format!("more than {PARAMETERS_MAX} parameters"));
            }
            if let Some(default) = &parameter.default {
                if !parameter.accepts(default) {
                    return fault(format!("the default of {key} is not of its type"));
                }
                if parameter.broken_bound(default).is_some() {
                    return fault(format!("the default of {key} is weaker than the statute"));
                }
            }
            if known.insert(key.clone(), parameter).is_some() {
                return fault(format!("{key} stands twice"));
            }
        }
        Ok(Self(known))
    }

    pub(crate) fn knows(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Parameter> {
        self.0.get(key)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Parameter> {
        self.0.values()
    }

    pub(crate) fn unset(&self, key: &str) -> Finding {
        let title = self
            .get(key)
            .map_or(key, |parameter| parameter.title.as_str());
        Finding {
            field: String::new(),
            rule: "parameter_unset".to_owned(),
            severity: Severity::Advice,
            text: format!("本机关还没有设定“{title}”（{key}）。"),
            hint: "请机关管理人员在机关参数中设定；设定之前相关规则不起作用。".to_owned(),
            basis: Vec::new(),
        }
    }
}

impl Inner {
    /// What the agency set, inside the statutory bounds; else the pack's own value.
    pub(crate) fn parameter(&self, agency: &Value, key: &str) -> Option<Value> {
        let declared = self.parameters.get(key)?;
        let set = agency.get("params").and_then(|params| params.get(key));
        let set = set.filter(|value| declared.accepts(value));
        set.or(declared.default.as_ref())
            .map(|value| declared.effective(value))
    }
}

impl Pack {
    /// The value of a parameter that holds for this agency. `agency` is the roster's value with its `params`.
    pub fn parameter(&self, agency: &Value, key: &str) -> Option<Value> {
        self.0.parameter(agency, key)
    }

    /// Every parameter the pack declares, by key.
    pub fn parameters(&self) -> impl Iterator<Item = &Parameter> {
        self.0.parameters.all()
    }

    /// [`Agency::value`] with the values that hold under `params`, defaults included. This is what a roster carries.
    pub fn agency_value(&self, agency: &Agency) -> Value {
        let mut value = agency.value();
        let mut params = serde_json::Map::new();
        for parameter in self.parameters() {
            if let Some(holds) = self.parameter(&value, &parameter.key) {
                params.insert(parameter.key.clone(), holds);
            }
        }
        crate::value::set(&mut value, "params", Value::Object(params));
        value
    }
}
