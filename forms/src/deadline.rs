//! 期限 – time limits by name: how long, from when, ended by what.

use chrono::{DateTime, Days, FixedOffset, Months, NaiveDate, TimeDelta};
use law::{Citation, Due, Roll, Settled, TimeLimit, Unit, WorkingCalendar};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::check::{parse_date, parse_time};
use crate::library::citations;
use crate::pack::Inner;
use crate::procedure::{ClockFact, Dossier};
use crate::{Condition, Pack, value};

/// Days, hours or months: a number, or a parameter of the agency.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(untagged)]
pub enum Length {
    Number(u32),
    Parameter(LengthParameter),
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LengthParameter {
    pub param: String,
}

/// How the length is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitUnit {
    /// 工作日.
    Working,
    /// 日.
    Calendar,
    /// 小时, to the minute from the event.
    Hours,
    /// 月.
    Months,
}

/// Whose duty it is to keep the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Duty {
    Agency,
    Party,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LimitLength {
    #[serde(alias = "hours", alias = "months")]
    pub days: Length,
    pub unit: LimitUnit,
    #[serde(default = "never")]
    pub roll: Roll,
}

fn never() -> Roll {
    Roll::Never
}

/// What turns a clock green.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct DoneBy {
    /// Issuing one of these forms.
    #[serde(alias = "form", deserialize_with = "one_or_many")]
    pub forms: Vec<String>,
    /// `disclosed`, `withdrawn`, `paid`, `closed`, `filed`, `delivered`, `confirmed`, …
    #[serde(alias = "event", deserialize_with = "one_or_many")]
    pub events: Vec<String>,
}

fn one_or_many<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum OneOrMany {
        One(String),
        Many(Vec<String>),
    }
    Ok(match OneOrMany::deserialize(from)? {
        OneOrMany::One(one) => vec![one],
        OneOrMany::Many(many) => many,
    })
}

/// A parameter of the agency that keeps a limit from running.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Unless {
    pub param: String,
    pub is: Value,
    /// All must hold.
    #[serde(default)]
    pub when: Vec<Condition>,
}

/// 期限 by name.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct NamedLimit {
    pub name: String,
    pub text: String,
    pub limit: LimitLength,
    #[serde(deserialize_with = "citations")]
    pub basis: Vec<Citation>,
    /// One of [`STARTS`], or `flagged:` and the name of a flag.
    pub starts_on: String,
    /// The forms whose act starts it; none where the case itself does.
    #[serde(default)]
    pub forms: Vec<String>,
    /// All must hold for the limit to run.
    #[serde(default)]
    pub when: Vec<Condition>,
    /// The agency has decided that the limit does not run for such an instrument.
    #[serde(default)]
    pub unless: Option<Unless>,
    /// Path of a time or date in the instrument the limit is counted from, where it is not the act itself.
    #[serde(default)]
    pub from: Option<String>,
    /// Path of a date in the instrument that is the last day itself, where it is filled in.
    #[serde(default)]
    pub until: Option<String>,
    #[serde(default)]
    pub done_by: Option<DoneBy>,
    /// The agency's where nothing is said, the party's where the limit rolls for the party.
    #[serde(default)]
    pub duty: Option<Duty>,
}

/// What starts time limits.
pub const STARTS: [&str; 12] = [
    "issued",
    "delivered",
    "approved",
    "recorded",
    "recording_closed",
    "closed",
    "revoked",
    "code_unavailable",
    "opened",
    "paid",
    "disclosed",
    "supervised",
];

fn holds(conditions: &[Condition], instrument: &Value) -> bool {
    conditions
        .iter()
        .all(|condition| value::is_one_of(value::get(instrument, &condition.path), &condition.is))
}

impl NamedLimit {
    /// Whether the limit runs for an instrument with this value, e.g. payment only where there is a fine.
    pub fn applies(&self, instrument: &Value) -> bool {
        holds(&self.when, instrument)
    }

    pub fn duty(&self) -> Duty {
        self.duty.unwrap_or(match self.limit.roll {
            Roll::ForParty => Duty::Party,
            Roll::Never => Duty::Agency,
        })
    }

    pub(crate) fn is_start(word: &str) -> bool {
        let flag = word.strip_prefix("flagged:");
        STARTS.contains(&word) || flag.is_some_and(|flag| !flag.is_empty())
    }
}

/// 届满 – the last lawful day, the last working day that is safe, and the minute where hours are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Deadline {
    pub legal_due: NaiveDate,
    pub safe_due: NaiveDate,
    pub due_at: Option<DateTime<FixedOffset>>,
    pub is_provisional: bool,
}

impl From<Due> for Deadline {
    fn from(due: Due) -> Self {
        Self {
            legal_due: due.legal_due,
            safe_due: due.safe_due,
            due_at: None,
            is_provisional: due.is_provisional,
        }
    }
}

/// The parameter by which an agency names the calendar of its place.
pub(crate) const CALENDAR_OVERLAY: &str = "calendar_overlay";

impl Inner {
    pub(crate) fn calendar_of(&self, agency: &Value) -> &WorkingCalendar {
        self.parameter(agency, CALENDAR_OVERLAY)
            .and_then(|name| self.overlays.get(name.as_str()?))
            .unwrap_or(&self.calendar)
    }

    pub(crate) fn time_limit(&self, name: &str) -> Option<&NamedLimit> {
        self.time_limits.iter().find(|limit| limit.name == name)
    }

    pub(crate) fn length(&self, length: &Length, agency: &Value) -> Option<u32> {
        match length {
            Length::Number(number) => Some(*number),
            Length::Parameter(parameter) => {
                let value = self.parameter(agency, &parameter.param)?;
                u32::try_from(value.as_u64()?).ok()
            }
        }
    }

    pub(crate) fn deadline(
        &self,
        limit: &NamedLimit,
        instrument: &Value,
        at: DateTime<FixedOffset>,
        agency: &Value,
    ) -> Option<Deadline> {
        let calendar = self.calendar_of(agency);
        if let Some(unless) = &limit.unless
            && self.parameter(agency, &unless.param).as_ref() == Some(&unless.is)
            && holds(&unless.when, instrument)
        {
            return None;
        }
        let day = |path: &Option<String>| parse_date(value::text(instrument, path.as_deref()?));
        if let Some(last) = day(&limit.until) {
            let safe = match limit.duty() {
                Duty::Agency => calendar.on_or_before(last)?,
                Duty::Party => settled(last),
            };
            return Some(Deadline {
                legal_due: last,
                safe_due: safe.date,
                due_at: None,
                is_provisional: safe.is_provisional,
            });
        }
        let moment = limit
            .from
            .as_deref()
            .and_then(|path| parse_time(value::text(instrument, path)))
            .map_or(at, |time| time.with_timezone(at.offset()));
        let start = day(&limit.from).unwrap_or_else(|| moment.date_naive());
        let length = self.length(&limit.limit.days, agency)?;
        match limit.limit.unit {
            LimitUnit::Working => counted(calendar, start, length, Unit::Working, limit.limit.roll),
            LimitUnit::Calendar => {
                counted(calendar, start, length, Unit::Calendar, limit.limit.roll)
            }
            LimitUnit::Hours => {
                let due_at = moment.checked_add_signed(TimeDelta::hours(i64::from(length)))?;
                Some(Deadline {
                    legal_due: due_at.date_naive(),
                    safe_due: due_at.date_naive(),
                    due_at: Some(due_at),
                    is_provisional: false,
                })
            }
            LimitUnit::Months => {
                let last = start.checked_add_months(Months::new(length))?;
                let legal = match limit.limit.roll {
                    Roll::ForParty => calendar.on_or_after(last)?,
                    Roll::Never => settled(last),
                };
                let safe = match limit.limit.roll {
                    Roll::ForParty => legal,
                    Roll::Never => calendar.on_or_before(last)?,
                };
                Some(Deadline {
                    legal_due: legal.date,
                    safe_due: safe.date,
                    due_at: None,
                    is_provisional: legal.is_provisional || safe.is_provisional,
                })
            }
        }
    }

    /// The day so long after `start`, never rolled.
    pub(crate) fn last_day(
        &self,
        start: NaiveDate,
        length: u32,
        unit: LimitUnit,
        agency: &Value,
    ) -> Option<NaiveDate> {
        match unit {
            LimitUnit::Working => Some(
                self.calendar_of(agency)
                    .add_working_days(start, length)?
                    .date,
            ),
            LimitUnit::Calendar => start.checked_add_days(Days::new(u64::from(length))),
            LimitUnit::Hours => start.checked_add_days(Days::new(u64::from(length / 24))),
            LimitUnit::Months => start.checked_add_months(Months::new(length)),
        }
    }

    /// As if the act took place at midnight of the day, for dates on paper.
    pub(crate) fn due(
        &self,
        name: &str,
        from: NaiveDate,
        instrument: &Value,
        agency: &Value,
    ) -> Option<NaiveDate> {
        let limit = self.time_limit(name)?;
        let deadline = self.deadline(limit, instrument, midnight(from)?, agency)?;
        Some(deadline.legal_due)
    }

    pub(crate) fn applies(&self, name: &str, value: &Value) -> bool {
        self.time_limit(name)
            .is_some_and(|limit| limit.applies(value))
    }
}

fn counted(
    calendar: &WorkingCalendar,
    start: NaiveDate,
    days: u32,
    unit: Unit,
    roll: Roll,
) -> Option<Deadline> {
    let limit = TimeLimit { days, unit, roll };
    limit.due(start, calendar).map(Deadline::from)
}

fn settled(date: NaiveDate) -> Settled {
    Settled {
        date,
        is_provisional: false,
    }
}

fn midnight(day: NaiveDate) -> Option<DateTime<FixedOffset>> {
    let here = FixedOffset::east_opt(8 * 3600)?;
    day.and_hms_opt(0, 0, 0)?.and_local_timezone(here).single()
}

impl Pack {
    pub fn time_limit(&self, name: &str) -> Option<&NamedLimit> {
        self.0.time_limit(name)
    }

    /// Limits that `event` (see [`STARTS`]) starts for a form. Ask [`NamedLimit::applies`] with the value.
    pub fn time_limits_for(&self, form: &str, event: &str) -> Vec<&NamedLimit> {
        self.0
            .time_limits
            .iter()
            .filter(|limit| limit.starts_on == event && limit.forms.iter().any(|code| code == form))
            .collect()
    }

    /// Limits that an event of the case starts, whatever the form.
    pub fn time_limits_of_case(&self, event: &str) -> Vec<&NamedLimit> {
        let limits = self.0.time_limits.iter();
        limits
            .filter(|limit| limit.starts_on == event && limit.forms.is_empty())
            .collect()
    }

    /// Absent beyond the end of the calendar, and where the agency has not set the length. `instrument` is the value of
    /// the instrument that starts the limit, `at` the moment of the act.
    pub fn deadline(
        &self,
        limit: &NamedLimit,
        instrument: &Value,
        at: DateTime<FixedOffset>,
        agency: &Value,
    ) -> Option<Deadline> {
        self.0.deadline(limit, instrument, at, agency)
    }

    /// Whether something has happened since that ends the clock.
    pub fn is_done(&self, clock: &ClockFact, dossier: &Dossier) -> bool {
        let Some(done) = self
            .time_limit(&clock.name)
            .and_then(|limit| limit.done_by.as_ref())
        else {
            return false;
        };
        let time = |text: Option<&str>| text.and_then(parse_time);
        let started = time(Some(&clock.started_at));
        let is_since = |at: Option<&str>| time(at) >= started;
        let by_form = done.forms.iter().any(|form| {
            dossier
                .newest(form)
                .is_some_and(|item| is_since(item.issued_at.as_deref()))
        });
        by_form
            || done.events.iter().any(|event| {
                let mut named = dossier.events.iter().filter(|found| &found.event == event);
                named.any(|found| is_mine(&found.instrument_id, clock) && is_since(Some(&found.at)))
                    || is_seen(event, clock, dossier)
            })
    }
}

fn is_mine(instrument_id: &Option<String>, clock: &ClockFact) -> bool {
    match (instrument_id, &clock.instrument_id) {
        (Some(event), Some(clock)) => event == clock,
        (_, _) => true,
    }
}

/// Events that stand in the facts of the case themselves.
fn is_seen(event: &str, clock: &ClockFact, dossier: &Dossier) -> bool {
    let mine = clock.instrument_id.as_deref();
    let instrument = mine.and_then(|id| dossier.instrument(id));
    let mut approvals = dossier
        .approvals
        .iter()
        .filter(|approval| Some(approval.instrument_id.as_str()) == mine)
        .filter(|approval| approval.decision == "approved");
    match event {
        "closed" => dossier.closed_at.is_some(),
        "delivered" => instrument.is_some_and(|item| item.delivered_at.is_some()),
        "approved" => approvals.next().is_some(),
        "confirmed" => approvals.any(|approval| approval.method == "headquarters"),
        "reviewed" => {
            let mut reviews = dossier.reviews.iter();
            reviews.any(|review| Some(review.instrument_id.as_str()) == mine)
        }
        "paid" => {
            let paid = dossier.payments.iter();
            let paid = paid.filter(|payment| Some(payment.instrument_id.as_str()) == mine);
            let paid: i64 = paid
                .map(|payment| payment.amount_fen)
                .fold(0, i64::saturating_add);
            let fine = instrument.and_then(|item| value::get(&item.value, "fine_fen"));
            paid > 0 && paid >= fine.and_then(Value::as_i64).unwrap_or(0)
        }
        other => other.strip_prefix("flagged:").is_some_and(|flag| {
            let set = dossier.flags.get(flag);
            set.is_some_and(|set| !matches!(set, Value::Null | Value::Bool(false)))
        }),
    }
}
