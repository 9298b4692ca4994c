//! `procedures.toml` as a clerk writes it.

use law::{Citation, Severity};
use serde::Deserialize;
use serde_json::Value;

use crate::deadline::{Length, LimitUnit};
use crate::library::{Procedure, citations};

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProceduresToml {
    #[serde(default)]
    pub derive: Vec<Derived>,
    #[serde(default)]
    pub gate: Vec<Gate>,
    /// What forms of a kind have to print; asked by the lint.
    #[serde(default)]
    pub rights: Vec<RightsDuty>,
    #[serde(default)]
    pub procedure: Vec<Procedure>,
}

/// A named truth about a case: one of the lists holds when all of its conditions do.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Derived {
    pub name: String,
    pub any: Vec<Vec<Test>>,
    #[serde(default, rename = "note")]
    pub _note: String,
    #[serde(default, deserialize_with = "citations")]
    pub basis: Vec<Citation>,
}

/// Forms that have to carry a rights notice.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RightsDuty {
    pub forms: Vec<String>,
    /// One of these notices has to stand on each of the forms.
    pub one_of: Vec<String>,
    #[serde(default, deserialize_with = "citations")]
    pub basis: Vec<Citation>,
    pub hint: String,
}

/// 环节 – when a gate is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moment {
    /// An instrument is started.
    Start,
    /// An instrument is issued; the gates of starting are asked again.
    Issue,
    /// An issued instrument is delivered.
    Deliver,
    /// The case is closed.
    Close,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Level {
    #[default]
    Block,
    Warn,
}

impl Level {
    pub(crate) fn severity(self) -> Severity {
        match self {
            Self::Block => Severity::Block,
            Self::Warn => Severity::Advice,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Gate {
    /// The name of the rule, e.g. `R-O8`.
    pub rule: String,
    /// Codes of the forms it guards; none stands for every form.
    #[serde(default)]
    pub forms: Vec<String>,
    /// `["close"]` says the same as `at = "close"`.
    #[serde(default)]
    pub acts: Vec<Moment>,
    pub at: Option<Moment>,
    /// The gate is asked only while all of these hold.
    #[serde(default)]
    pub when: Vec<Test>,
    pub needs: Need,
    pub text: String,
    pub hint: String,
    #[serde(default, deserialize_with = "citations")]
    pub basis: Vec<Citation>,
    #[serde(default)]
    pub level: Level,
    /// Path of the field a warning points at.
    #[serde(default)]
    pub field: String,
}

impl Gate {
    pub(crate) fn is_asked_at(&self, moment: Moment) -> bool {
        self.at == Some(moment) || self.acts.contains(&moment)
    }

    /// Gates of starting are asked again when an instrument is issued.
    pub(crate) fn is_asked(&self, moment: Moment, form: Option<&str>) -> bool {
        let mine = self.at.into_iter().chain(self.acts.iter().copied());
        let mut moments =
            mine.filter(|at| *at == moment || (*at == Moment::Start && moment == Moment::Issue));
        let is_form = match form {
            Some(form) => self.forms.is_empty() || self.forms.iter().any(|code| code == form),
            None => self.forms.is_empty(),
        };
        moments.next().is_some() && is_form
    }
}

/// What a condition compares with.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(from = "Value")]
pub(crate) enum Operand {
    Param(ParamRef),
    Path(PathRef),
    Constant(Value),
}

impl From<Value> for Operand {
    fn from(value: Value) -> Self {
        let one = value.as_object().filter(|map| map.len() == 1);
        let named = |key: &str| Some(one?.get(key)?.as_str()?.to_owned());
        if let Some(param) = named("param") {
            return Self::Param(ParamRef { param });
        }
        match named("path") {
            Some(path) => Self::Path(PathRef { path }),
            None => Self::Constant(value),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ParamRef {
    pub param: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PathRef {
    pub path: String,
}

/// A condition: one path and one way to compare. `*` in the path stands for every row; one row that holds is enough.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Test {
    pub path: String,
    /// Equal to one of the list.
    pub is: Option<Operand>,
    /// Equal to none of the list; also where there is nothing.
    pub is_not: Option<Operand>,
    pub at_least: Option<Operand>,
    pub more_than: Option<Operand>,
    pub at_most: Option<Operand>,
    pub less_than: Option<Operand>,
    /// Something stands there, or nothing.
    pub exists: Option<bool>,
}

impl Test {
    pub(crate) fn operands(&self) -> impl Iterator<Item = &Operand> {
        [
            &self.is,
            &self.is_not,
            &self.at_least,
            &self.more_than,
            &self.at_most,
            &self.less_than,
        ]
        .into_iter()
        .flatten()
    }

    /// Every path the condition looks at, those of its operands included.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &str> {
        let operands = self.operands().filter_map(|operand| match operand {
            Operand::Path(path) => Some(path.path.as_str()),
            Operand::Param(_) | Operand::Constant(_) => None,
        });
        std::iter::once(self.path.as_str()).chain(operands)
    }

    pub(crate) fn params(&self) -> impl Iterator<Item = &str> {
        let named = self.operands().filter_map(|operand| match operand {
            Operand::Param(param) => Some(param.param.as_str()),
            Operand::Path(_) | Operand::Constant(_) => None,
        });
        self.paths()
            .filter_map(|path| path.strip_prefix("params."))
            .map(|key| key.split('.').next().unwrap_or(key))
            .chain(named)
    }
}

/// A place in the newest issued instrument of a form, or in the document of the case where no form is named.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Other {
    pub form: Option<String>,
    pub path: String,
}

/// A number written down or a parameter of the agency.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub(crate) enum Count {
    Number(u32),
    Param(ParamRef),
}

/// The closed set of what a gate may ask for.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Need {
    /// An instrument of each form (of one of them with `any`) is issued and not voided.
    Issued {
        forms: Vec<String>,
        #[serde(default)]
        any: bool,
    },
    /// Every issued instrument of each form is delivered, and there is one (`any`: one form is enough).
    Delivered {
        forms: Vec<String>,
        #[serde(default)]
        any: bool,
    },
    /// The newest issued instrument of one of the forms is approved and not returned since.
    Approved {
        forms: Vec<String>,
        stage: Option<String>,
        /// Only these ways count: `headquarters`, `voice`, `code`; none stands for all.
        #[serde(default)]
        methods: Vec<String>,
    },
    /// The last review of the newest instrument that was reviewed passed it.
    ReviewPassed {
        #[serde(default)]
        forms: Vec<String>,
    },
    /// The case was deliberated and agreed on.
    Deliberated {},
    /// The notice was told.
    Told {
        notice: String,
    },
    /// The clock of the newest instrument of the form has run out, or the waiver is issued after it.
    PeriodOver {
        limit: String,
        of: String,
        unless_form: Option<String>,
        #[serde(default)]
        unless: Vec<Test>,
    },
    /// The clock still runs.
    Within {
        limit: String,
        of: Option<String>,
    },
    /// The date at `path` lies at least the time limit after today.
    NotBefore {
        path: String,
        limit: String,
    },
    /// The same with the length written down.
    LeadTime {
        path: String,
        days: Length,
        unit: LimitUnit,
    },
    /// No issued instrument of these forms stands.
    Absent {
        forms: Vec<String>,
    },
    Flag {
        name: String,
        is: Option<Operand>,
        is_not: Option<Operand>,
    },
    /// The number at `path` is not above the other.
    NotMoreThan {
        path: String,
        than: Other,
    },
    /// Both places say the same.
    Same {
        path: String,
        #[serde(rename = "as")]
        other: Other,
    },
    /// No person stands at two of the places.
    Distinct {
        people: Vec<String>,
    },
    /// There is a photo or a recording in the case.
    Recorded {
        /// `video`, `audio`, `photo`; none stands for all.
        #[serde(default)]
        kinds: Vec<String>,
        /// A flag that says why there is none.
        unless_flag: Option<String>,
    },
    /// The act at `on` was found out within so many years.
    Limitation {
        on: String,
        years: Count,
        years_serious: Option<Count>,
        serious_flag: Option<String>,
        /// When it was found out; the opening of the case where nothing is named.
        discovered: Option<String>,
    },
    /// No clock of the agency is still running; `names` narrows, `except` leaves out.
    ClocksDone {
        #[serde(default)]
        names: Vec<String>,
        #[serde(default)]
        except: Vec<String>,
    },
    /// The rows at `path` (with those of `also`) are those of all instruments of the other form, compared `by` columns.
    RowsEqual {
        path: String,
        #[serde(rename = "as")]
        other: Other,
        #[serde(default)]
        also: Vec<Other>,
        by: Vec<String>,
        /// Rows may be missing, none may be too many.
        #[serde(default)]
        may_be_fewer: bool,
    },
    /// Every law cited at the paths is in force on the day at `on`.
    InForce {
        paths: Vec<String>,
        on: Option<String>,
    },
    /// What was decided by the newest instrument of the form is paid.
    Paid {
        of: String,
        path: String,
    },
    /// Whatever stands at `paths` stands at one of `among` too: no number is cited that nothing bears.
    Known {
        paths: Vec<String>,
        among: Vec<String>,
    },
    /// The conditions hold: one of the lists.
    Holds {
        any: Vec<Vec<Test>>,
    },
    AllOf {
        needs: Vec<Need>,
    },
    AnyOf {
        needs: Vec<Need>,
    },
    Never {},
}
