//! The files of a pack as a clerk writes them.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use law::Citation;
use serde::Deserialize;

use crate::deadline::NamedLimit;
use crate::library::{LawText, Step, Violation, citations};
use crate::{Choice, Condition, Field, FieldKind, Signer};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PackToml {
    pub version: String,
    pub title: String,
    /// Codes of the forms, in the order screens show them.
    pub forms: Vec<String>,
    pub patterns: BTreeMap<String, Pattern>,
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
    pub signers: Vec<Signer>,
    pub sections: Vec<SectionToml>,
    /// Path in the value → path in the facts of the case.
    #[serde(default)]
    pub prefill: BTreeMap<String, String>,
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RulesToml {
    #[serde(default)]
    pub rule: Vec<Rule>,
}

/// The closed set of cross-field rules. Paths are dotted paths of the value.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Rule {
    /// `later` lies after `earlier`; equal only where allowed.
    Order {
        earlier: String,
        later: String,
        #[serde(default)]
        may_be_equal: bool,
        text: String,
        hint: String,
    },
    /// The time is not after now.
    NotFuture {
        field: String,
        text: String,
        hint: String,
    },
    /// The date is not before today.
    NotPast {
        field: String,
        text: String,
        hint: String,
    },
    /// 18 characters are checked as a resident id; other lengths are only pointed out.
    IdentityNumber { field: String },
    /// Birth date, sex and age agree with the resident id while `only_while` holds; the age is that on the day of `on`.
    MatchesResidentId {
        id: String,
        birth_date: Option<String>,
        sex: Option<String>,
        age: Option<String>,
        on: Option<String>,
        only_while: Option<Condition>,
    },
    /// R-S6: no penalty below the age of the pack, a lighter one below full age.
    PenaltyAge { party: String, on: String },
    /// R-S1.
    SummaryLimit {
        party_kind: String,
        penalty: String,
        fine: String,
    },
    /// The fine lies inside the band of the violation, and the violation was punishable on that day.
    ViolationBand {
        violation: String,
        party_kind: String,
        penalty: String,
        fine: String,
        on: String,
    },
    /// R-M2.
    OnTheSpot {
        payment: String,
        fine: String,
        reason: String,
    },
    /// Nothing stands at `field` while the condition holds.
    EmptyWhile {
        field: String,
        when: Condition,
        name: String,
        text: String,
        hint: String,
        #[serde(default, deserialize_with = "citations")]
        basis: Vec<Citation>,
    },
    /// At least so many different people, each with name and credential number.
    OfficersAtLeast {
        field: String,
        count: usize,
        #[serde(deserialize_with = "citations")]
        basis: Vec<Citation>,
    },
    /// The notice was told before.
    NoticeTold {
        notice: String,
        field: String,
        #[serde(deserialize_with = "citations")]
        basis: Vec<Citation>,
    },
    /// Cited laws are in force on the day of `on` and cited clauses are not repealed.
    /// The words of a repealed clause are also looked for in `facts`.
    CitationsInForce {
        field: String,
        on: Option<String>,
        facts: Option<String>,
    },
    /// Words that must not stand in the text, e.g. a remedy the law no longer gives.
    ForbiddenWords {
        field: String,
        words: Vec<String>,
        name: String,
        text: String,
        hint: String,
        #[serde(default, deserialize_with = "citations")]
        basis: Vec<Citation>,
    },
}

impl Rule {
    /// Every path of the value the rule looks at.
    pub(crate) fn paths(&self) -> Vec<&str> {
        let mut paths: Vec<&str> = Vec::new();
        match self {
            Self::Order { earlier, later, .. } => paths.extend([earlier.as_str(), later]),
            Self::NotFuture { field, .. }
            | Self::NotPast { field, .. }
            | Self::IdentityNumber { field }
            | Self::OfficersAtLeast { field, .. }
            | Self::NoticeTold { field, .. }
            | Self::ForbiddenWords { field, .. } => paths.push(field),
            Self::MatchesResidentId {
                id,
                birth_date,
                sex,
                age,
                on,
                only_while,
            } => {
                paths.push(id);
                paths.extend(
                    [birth_date, sex, age, on]
                        .into_iter()
                        .flatten()
                        .map(String::as_str),
                );
                paths.extend(only_while.iter().map(|condition| condition.path.as_str()));
            }
            Self::PenaltyAge { party, on } => paths.extend([party.as_str(), on]),
            Self::SummaryLimit {
                party_kind,
                penalty,
                fine,
            } => paths.extend([party_kind.as_str(), penalty, fine]),
            Self::ViolationBand {
                violation,
                party_kind,
                penalty,
                fine,
                on,
            } => paths.extend([violation.as_str(), party_kind, penalty, fine, on]),
            Self::OnTheSpot {
                payment,
                fine,
                reason,
            } => paths.extend([payment.as_str(), fine, reason]),
            Self::EmptyWhile { field, when, .. } => paths.extend([field.as_str(), &when.path]),
            Self::CitationsInForce { field, on, facts } => {
                paths.push(field);
                paths.extend([on, facts].into_iter().flatten().map(String::as_str));
            }
        }
        paths
    }

    /// The articles the rule shows.
    pub(crate) fn basis(&self) -> &[Citation] {
        match self {
            Self::EmptyWhile { basis, .. }
            | Self::OfficersAtLeast { basis, .. }
            | Self::NoticeTold { basis, .. }
            | Self::ForbiddenWords { basis, .. } => basis,
            Self::Order { .. }
            | Self::NotFuture { .. }
            | Self::NotPast { .. }
            | Self::IdentityNumber { .. }
            | Self::MatchesResidentId { .. }
            | Self::PenaltyAge { .. }
            | Self::SummaryLimit { .. }
            | Self::ViolationBand { .. }
            | Self::OnTheSpot { .. }
            | Self::CitationsInForce { .. } => &[],
        }
    }
}
