//! The cross-field rules as a clerk writes them: a closed set of kinds and the paths each one looks at.

use std::collections::BTreeMap;

use law::Citation;
use serde::Deserialize;

use crate::Condition;
use crate::deadline::LimitUnit;
use crate::library::citations;
use crate::procedure::source::Level;

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
