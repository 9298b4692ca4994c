//! The files of a pack as a clerk writes them.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use law::Citation;
use serde::Deserialize;

use crate::deadline::NamedLimit;
use crate::library::{LawText, Step, Violation, citations};
use crate::rules::source::Rule;
use crate::signers::SignerToml;
use crate::{Choice, Condition, DossierPlace, Field, FieldKind};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PackToml {
    #[serde(default = "first_schema", rename = "schema")]
    pub _schema: u32,
    pub version: String,
    pub title: String,
    /// Codes of the forms, in the order screens show them.
    pub forms: Vec<String>,
    pub patterns: BTreeMap<String, Pattern>,
}

fn first_schema() -> u32 {
    1
}

/// What a pack of any release tells about itself.
#[derive(Deserialize)]
pub(crate) struct SchemaToml {
    #[serde(default = "first_schema")]
    pub schema: u32,
}

/// A shape of text: regular expression, what to say, what to do.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pattern {
    pub pattern: String,
    pub text: String,
    pub hint: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ArticlesToml {
    pub law: Vec<LawText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ViolationsToml {
    pub violation: Vec<Violation>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GuidanceToml {
    pub step: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RefusalsToml {
    /// Refusal codes for which no article is to be shown.
    pub no_basis: Vec<String>,
    pub basis: BTreeMap<String, CitationList>,
    /// Rules that code keeps and no gate states, e.g. `R-P7`.
    #[serde(default)]
    pub rules: BTreeMap<String, CitationList>,
}

#[derive(Deserialize)]
#[serde(transparent)]
pub(crate) struct CitationList(#[serde(deserialize_with = "citations")] pub Vec<Citation>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LimitsToml {
    pub summary: SummaryToml,
    pub on_the_spot: AmountToml,
    pub ordinary: DaysToml,
    pub surcharge: SurchargeToml,
    pub age: AgeToml,
    pub time_limit: Vec<NamedLimit>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SummaryToml {
    pub person_fen: i64,
    pub organisation_fen: i64,
    pub sole_trader_fen: i64,
    #[serde(deserialize_with = "citations")]
    pub basis: Vec<Citation>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AmountToml {
    pub fen: i64,
    #[serde(deserialize_with = "citations")]
    pub basis: Vec<Citation>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DaysToml {
    pub days: u32,
    #[serde(deserialize_with = "citations")]
    pub basis: Vec<Citation>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SurchargeToml {
    pub permille_per_day: u32,
    #[serde(deserialize_with = "citations")]
    pub basis: Vec<Citation>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AgeToml {
    pub penalty: u32,
    pub full: u32,
    #[serde(deserialize_with = "citations")]
    pub basis: Vec<Citation>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CalendarToml {
    pub year: i32,
    #[expect(dead_code, reason = "told to the clerk who reads the file")]
    pub source: String,
    pub off: Vec<OffToml>,
    pub make_up: Vec<NaiveDate>,
}

/// `calendars/overlays/<name>.toml`: what one place has off or works beside the national notice.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OverlayToml {
    #[expect(dead_code, reason = "told to the clerk who reads the file")]
    pub title: String,
    #[expect(dead_code, reason = "told to the clerk who reads the file")]
    pub source: String,
    #[serde(default)]
    pub off: Vec<OffToml>,
    #[serde(default)]
    pub worked: Vec<NaiveDate>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OffToml {
    #[expect(dead_code, reason = "told to the clerk who reads the file")]
    pub name: String,
    pub from: NaiveDate,
    pub to: NaiveDate,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BlockToml {
    pub fields: Vec<FieldToml>,
    /// Rules that come along with the block, with whole paths.
    #[serde(default)]
    pub rules: Vec<Rule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FormToml {
    pub code: String,
    pub title: String,
    pub purpose: String,
    pub number_series: Option<String>,
    #[serde(default)]
    pub rights: Vec<String>,
    pub copies: Vec<String>,
    /// What is not filled in yet is only pointed out.
    #[serde(default)]
    pub is_preliminary: bool,
    /// Notices that must have been told before this form is issued.
    #[serde(default)]
    pub required_notices: Vec<String>,
    pub signers: Vec<SignerToml>,
    /// Whether the party gets a copy; where nothing is said, when a copy is named 当事人.
    pub is_served: Option<bool>,
    /// Where it lies in the dossier.
    #[serde(default)]
    pub volume: DossierPlace,
    /// Written at the office, before or after the visit.
    #[serde(default)]
    pub is_office: bool,
    pub sections: Vec<SectionToml>,
    /// Path in the value → path in the facts of the case, or several of which the first that is there is taken.
    #[serde(default)]
    pub prefill: BTreeMap<String, Sources>,
    /// Path in the value → text with `{path}` of the facts; left out while one of them is missing.
    #[serde(default)]
    pub templates: BTreeMap<String, String>,
    /// Path in the value → rows that stand there at the start.
    #[serde(default)]
    pub default_rows: BTreeMap<String, Vec<serde_json::Value>>,
    /// Path in the value → text that stands there at the start.
    #[serde(default)]
    pub defaults: BTreeMap<String, String>,
    /// Path in the value → citations that stand there at the start.
    #[serde(default)]
    pub default_citations: BTreeMap<String, CitationList>,
    /// Path in the value → name of the time limit that gives the date.
    #[serde(default)]
    pub computed: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Sources {
    One(String),
    FirstOf(Vec<String>),
}

impl Sources {
    pub(crate) fn into_list(self) -> Vec<String> {
        match self {
            Self::One(path) => vec![path],
            Self::FirstOf(paths) => paths,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SectionToml {
    pub key: String,
    pub title: String,
    /// Shared fields from `blocks.toml`, in front of the section's own.
    pub block: Option<String>,
    /// The block may stay empty altogether; once begun, its required fields are required.
    #[serde(default)]
    pub is_optional: bool,
    #[serde(default)]
    pub fields: Vec<FieldToml>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FieldToml {
    pub path: String,
    pub label: String,
    pub kind: String,
    #[serde(default)]
    pub required: bool,
    pub when: Option<Condition>,
    pub hint: Option<String>,
    pub max_chars: Option<u32>,
    #[serde(default, deserialize_with = "citations")]
    pub basis: Vec<Citation>,
    pub unit: Option<String>,
    pub min: Option<i32>,
    pub max: Option<i32>,
    /// `[["value", "label"], …]`
    #[serde(default)]
    pub options: Vec<(String, String)>,
    /// Kinds of evidence, see [`FieldKind::Evidence`].
    #[serde(default)]
    pub media: Vec<String>,
    #[serde(default)]
    pub many: bool,
    #[serde(default)]
    pub fields: Vec<FieldToml>,
}

impl FieldToml {
    /// `prefix` stands in front of the paths of block fields.
    pub(crate) fn field(&self, prefix: &str) -> Result<Field, String> {
        let prefixed = |path: &str| {
            if prefix.is_empty() {
                path.to_owned()
            } else {
                format!("{prefix}.{path}")
            }
        };
        Ok(Field {
            path: prefixed(&self.path),
            label: self.label.clone(),
            kind: self.kind()?,
            required: self.required,
            when: self.when.as_ref().map(|when| Condition {
                path: prefixed(&when.path),
                is: when.is.clone(),
            }),
            hint: self.hint.clone(),
            max_chars: self.max_chars,
            basis: self.basis.clone(),
        })
    }

    fn media(&self) -> Result<Vec<String>, String> {
        const MEDIA: [&str; 4] = ["photo", "video", "audio", "file"];
        match self
            .media
            .iter()
            .find(|word| !MEDIA.contains(&word.as_str()))
        {
            Some(other) => Err(format!("{other:?} is no kind of evidence")),
            None => Ok(self.media.clone()),
        }
    }

    fn kind(&self) -> Result<FieldKind, String> {
        Ok(match self.kind.as_str() {
            "text" => FieldKind::Text,
            "long_text" => FieldKind::LongText,
            "date" => FieldKind::Date,
            "date_time" => FieldKind::DateTime,
            "integer" => FieldKind::Integer {
                unit: self.unit.clone(),
                min: self.min,
                max: self.max,
            },
            "money" => FieldKind::Money,
            "choice" if !self.options.is_empty() => FieldKind::Choice {
                options: self
                    .options
                    .iter()
                    .map(|(value, label)| Choice {
                        value: value.clone(),
                        label: label.clone(),
                    })
                    .collect(),
            },
            "choice" => return Err(format!("choice {} has no options", self.path)),
            "flag" => FieldKind::Flag,
            "plate" => FieldKind::Plate,
            "resident_id" => FieldKind::ResidentId,
            "credit_code" => FieldKind::CreditCode,
            "phone" => FieldKind::Phone,
            "violation" => FieldKind::Violation,
            "citations" => FieldKind::Citations,
            "evidence" => FieldKind::Evidence {
                media: self.media()?,
                many: self.many,
            },
            "rows" => FieldKind::Rows {
                fields: self
                    .fields
                    .iter()
                    .map(|field| field.field(""))
                    .collect::<Result<_, _>>()?,
                min: u32::try_from(self.min.unwrap_or(0)).unwrap_or(0),
                max: u32::try_from(self.max.unwrap_or(100)).unwrap_or(100),
            },
            "shown" => FieldKind::Shown,
            other => return Err(format!("{other:?} is no kind of field")),
        })
    }
}
