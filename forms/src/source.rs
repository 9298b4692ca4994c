//! The files of a pack as a clerk writes them.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use law::Citation;
use serde::Deserialize;

use crate::deadline::{LimitUnit, NamedLimit};
use crate::library::{LawText, Step, Violation, citations};
use crate::procedure::source::Level;
use crate::signers::SignerToml;
use crate::{Choice, Condition, Field, FieldKind};

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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RulesToml {
    #[serde(default)]
    pub rule: Vec<Rule>,
}

/// What a rule says when it does not hold.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Said {
    /// The name of the rule in the finding, e.g. `R-S12`; the engine's own where nothing is said.
    pub name: Option<String>,
    pub text: String,
    pub hint: String,
    #[serde(default, deserialize_with = "citations")]
    pub basis: Vec<Citation>,
    #[serde(default)]
    pub level: Level,
    /// What no rule knows, e.g. a misspelt key.
    #[serde(flatten)]
    pub unknown: BTreeMap<String, serde_json::Value>,
}

/// A number or a parameter of the agency.
pub(crate) type Span = crate::deadline::Length;

/// The closed set of cross-field rules. Paths are dotted paths of the value; `items.*.name` stands for every row, each
/// taken by itself.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Rule {
    /// `later` lies after `earlier`, dates and times; equal only where allowed.
    Order {
        earlier: String,
        later: String,
        #[serde(default)]
        may_be_equal: bool,
        when: Option<Condition>,
        #[serde(flatten)]
        said: Said,
    },
    /// The date or time is not after now.
    NotFuture {
        field: String,
        #[serde(flatten)]
        said: Said,
    },
    /// The date is not before today.
    NotPast {
        field: String,
        #[serde(flatten)]
        said: Said,
    },
    /// `to` lies at most so long after `from`.
    Period {
        from: String,
        to: String,
        days: Span,
        #[serde(default = "calendar_days")]
        unit: LimitUnit,
        when: Option<Condition>,
        #[serde(flatten)]
        said: Said,
    },
    /// `to` lies at least so long after `from`, or after today.
    LeadTime {
        from: Option<String>,
        to: String,
        days: Span,
        #[serde(default = "calendar_days")]
        unit: LimitUnit,
        when: Option<Condition>,
        #[serde(flatten)]
        said: Said,
    },
    /// `result` = `minuend` − `subtrahend`, not below `floor`.
    Difference {
        minuend: String,
        subtrahend: String,
        result: String,
        floor: Option<i64>,
        #[serde(flatten)]
        said: Said,
    },
    /// `total` = the column `field` of all `rows`, and the single `parts`.
    Sum {
        rows: Option<String>,
        field: Option<String>,
        #[serde(default)]
        parts: Vec<String>,
        total: String,
        #[serde(flatten)]
        said: Said,
    },
    /// The number is not above another field, or a number.
    UpperBound {
        field: String,
        than: Option<String>,
        most: Option<Span>,
        /// Equal is too much as well.
        #[serde(default)]
        strict: bool,
        when: Option<Condition>,
        #[serde(flatten)]
        said: Said,
    },
    /// The number is not below another field, or a number.
    LowerBound {
        field: String,
        #[serde(alias = "least")]
        most: Option<Span>,
        than: Option<String>,
        when: Option<Condition>,
        #[serde(flatten)]
        said: Said,
    },
    /// R-M4: the surcharge of a fine that was due on one day, reckoned on another.
    Surcharge {
        fine: String,
        due: String,
        on: String,
        result: String,
        suspended_days: Option<String>,
        #[serde(flatten)]
        said: Said,
    },
    /// What stands at the fields differs.
    Distinct {
        fields: Vec<String>,
        when: Option<Condition>,
        #[serde(flatten)]
        said: Said,
    },
    /// No two rows are alike in these columns.
    RowsDistinct {
        field: String,
        columns: Vec<String>,
        #[serde(flatten)]
        said: Said,
    },
    /// One of the fields is filled in.
    RequiredAny {
        fields: Vec<String>,
        when: Option<Condition>,
        #[serde(flatten)]
        said: Said,
    },
    /// The field is filled in while the condition holds, wherever in the form the condition looks.
    RequiredWhile {
        field: String,
        when: Condition,
        #[serde(flatten)]
        said: Said,
    },
    /// One row at least holds one of the words in its column, and an answer.
    RowsContain {
        field: String,
        column: String,
        words: Vec<String>,
        answer: Option<String>,
        when: Option<Condition>,
        #[serde(flatten)]
        said: Said,
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
    /// The fine lies inside the band of the violation, and the violation was punishable on that day. While `lighter`
    /// holds, a fine below the band is only pointed out.
    ViolationBand {
        violation: String,
        party_kind: String,
        penalty: String,
        fine: String,
        on: String,
        lighter: Option<Condition>,
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
        #[serde(flatten)]
        said: Said,
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
        #[serde(flatten)]
        said: Said,
    },
}

fn calendar_days() -> LimitUnit {
    LimitUnit::Calendar
}

/// The same body for looking at the paths of a rule and for changing them.
macro_rules! rule_paths {
    ($rule:expr, $options:ident) => {{
        let mut paths = Vec::new();
        match $rule {
            Rule::Order {
                earlier,
                later,
                when,
                ..
            } => {
                paths.extend([earlier, later]);
                paths.extend(when.$options().map(|when| when.path()));
            }
            Rule::NotFuture { field, .. }
            | Rule::NotPast { field, .. }
            | Rule::IdentityNumber { field }
            | Rule::OfficersAtLeast { field, .. }
            | Rule::NoticeTold { field, .. }
            | Rule::RowsDistinct { field, .. }
            | Rule::ForbiddenWords { field, .. } => paths.push(field),
            Rule::Period { from, to, when, .. } => {
                paths.extend([from, to]);
                paths.extend(when.$options().map(|when| when.path()));
            }
            Rule::LeadTime { from, to, when, .. } => {
                paths.push(to);
                paths.extend(from.$options());
                paths.extend(when.$options().map(|when| when.path()));
            }
            Rule::Difference {
                minuend,
                subtrahend,
                result,
                ..
            } => paths.extend([minuend, subtrahend, result]),
            Rule::Sum {
                rows, parts, total, ..
            } => {
                paths.push(total);
                paths.extend(rows.$options());
                paths.extend(parts.$options());
            }
            Rule::UpperBound {
                field, than, when, ..
            }
            | Rule::LowerBound {
                field, than, when, ..
            } => {
                paths.push(field);
                paths.extend(than.$options());
                paths.extend(when.$options().map(|when| when.path()));
            }
            Rule::Surcharge {
                fine,
                due,
                on,
                result,
                suspended_days,
                ..
            } => {
                paths.extend([fine, due, on, result]);
                paths.extend(suspended_days.$options());
            }
            Rule::Distinct { fields, when, .. } | Rule::RequiredAny { fields, when, .. } => {
                paths.extend(fields.$options());
                paths.extend(when.$options().map(|when| when.path()));
            }
            Rule::RequiredWhile { field, when, .. } | Rule::EmptyWhile { field, when, .. } => {
                paths.push(field);
                paths.push(when.path());
            }
            Rule::RowsContain { field, when, .. } => {
                paths.push(field);
                paths.extend(when.$options().map(|when| when.path()));
            }
            Rule::MatchesResidentId {
                id,
                birth_date,
                sex,
                age,
                on,
                only_while,
            } => {
                paths.push(id);
                paths.extend(birth_date.$options());
                paths.extend(sex.$options());
                paths.extend(age.$options());
                paths.extend(on.$options());
                paths.extend(only_while.$options().map(|when| when.path()));
            }
            Rule::PenaltyAge { party, on } => paths.extend([party, on]),
            Rule::SummaryLimit {
                party_kind,
                penalty,
                fine,
            } => paths.extend([party_kind, penalty, fine]),
            Rule::ViolationBand {
                violation,
                party_kind,
                penalty,
                fine,
                on,
                lighter,
            } => {
                paths.extend([violation, party_kind, penalty, fine, on]);
                paths.extend(lighter.$options().map(|when| when.path()));
            }
            Rule::OnTheSpot {
                payment,
                fine,
                reason,
            } => paths.extend([payment, fine, reason]),
            Rule::CitationsInForce { field, on, facts } => {
                paths.push(field);
                paths.extend(on.$options());
                paths.extend(facts.$options());
            }
        }
        paths
    }};
}

trait Place {
    type Path;
    fn path(self) -> Self::Path;
}

impl<'a> Place for &'a Condition {
    type Path = &'a String;
    fn path(self) -> &'a String {
        &self.path
    }
}

impl<'a> Place for &'a mut Condition {
    type Path = &'a mut String;
    fn path(self) -> &'a mut String {
        &mut self.path
    }
}

impl Rule {
    /// Every path of the value the rule looks at.
    pub(crate) fn paths(&self) -> Vec<&String> {
        rule_paths!(self, iter)
    }

    fn paths_mut(&mut self) -> Vec<&mut String> {
        rule_paths!(self, iter_mut)
    }

    /// The rows a rule with `*` is about.
    pub(crate) fn table(&self) -> Option<String> {
        let mut paths = self.paths().into_iter();
        let table = paths.find_map(|path| path.split_once(".*."))?.0;
        Some(table.to_owned())
    }

    /// The rule for one row of the table.
    pub(crate) fn at_row(&self, table: &str, at: usize) -> Self {
        let mut rule = self.clone();
        let every = format!("{table}.*.");
        for path in rule.paths_mut() {
            if let Some(column) = path.strip_prefix(&every) {
                *path = format!("{table}.{at}.{column}");
            }
        }
        rule
    }

    pub(crate) fn said(&self) -> Option<&Said> {
        match self {
            Self::Order { said, .. }
            | Self::NotFuture { said, .. }
            | Self::NotPast { said, .. }
            | Self::Period { said, .. }
            | Self::LeadTime { said, .. }
            | Self::Difference { said, .. }
            | Self::Sum { said, .. }
            | Self::UpperBound { said, .. }
            | Self::LowerBound { said, .. }
            | Self::Surcharge { said, .. }
            | Self::Distinct { said, .. }
            | Self::RowsDistinct { said, .. }
            | Self::RequiredAny { said, .. }
            | Self::RequiredWhile { said, .. }
            | Self::RowsContain { said, .. }
            | Self::EmptyWhile { said, .. }
            | Self::ForbiddenWords { said, .. } => Some(said),
            Self::IdentityNumber { .. }
            | Self::MatchesResidentId { .. }
            | Self::PenaltyAge { .. }
            | Self::SummaryLimit { .. }
            | Self::ViolationBand { .. }
            | Self::OnTheSpot { .. }
            | Self::OfficersAtLeast { .. }
            | Self::NoticeTold { .. }
            | Self::CitationsInForce { .. } => None,
        }
    }

    /// The articles the rule shows.
    pub(crate) fn basis(&self) -> &[Citation] {
        match self {
            Self::OfficersAtLeast { basis, .. } | Self::NoticeTold { basis, .. } => basis,
            other => other.said().map_or(&[], |said| &said.basis),
        }
    }
}
