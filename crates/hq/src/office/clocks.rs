//! 期限 – the clocks of a case with what has become of them.

use chrono::{DateTime, FixedOffset, NaiveDate, TimeDelta};
use contract::BoundaryError;
use forms::procedure::{ClockFact, Dossier, EventFact, InstrumentFact};
use journal::body::ClockBody;
use rusqlite::Connection;
use serde_json::Value;

use super::{Denied, Rules, citations};
use crate::clock::time_from;
use crate::console::not_found;
use crate::contract::office::{CaseClock, CaseClocks};
use crate::failure::Failure;
use crate::headquarters::{Headquarters, Writing};
use crate::store::clocks::{self, Clock};
use crate::store::{acts, cases, instruments};

const SOON_DAYS: i64 = 2;
const SOON_HOURS: i64 = 6;

impl Headquarters {
    pub(crate) fn clocks(&self, case_id: &str) -> Result<CaseClocks, BoundaryError> {
        let foundation = self.foundation().map_err(Denied::from)?;
        let rules = Rules::in_force(self, &foundation).map_err(Denied::from)?;
        let now = self.clock.now();
        let known = self
            .read(|on| match cases::case(on, case_id)? {
                Some(_) => Ok(Some(of_case(on, &rules, case_id, now)?)),
                None => Ok(None),
            })
            .map_err(Denied::from)?;
        Ok(CaseClocks {
            clocks: known.ok_or_else(|| not_found("case", case_id))?,
            now: crate::clock::time_text(&now),
        })
    }
}

pub(crate) fn of_case(
    on: &Connection,
    rules: &Rules,
    case_id: &str,
    now: DateTime<FixedOffset>,
) -> Result<Vec<CaseClock>, Failure> {
    let dossier = dossier(on, case_id)?;
    let started = clocks::of_case(on, case_id)?;
    Ok(started
        .into_iter()
        .map(|clock| {
            let is_done = is_done(rules, &clock, &dossier);
            row(clock, is_done, now)
        })
        .collect())
}

fn row(clock: Clock, is_done: bool, now: DateTime<FixedOffset>) -> CaseClock {
    CaseClock {
        urgency: match is_done {
            true => "done".to_owned(),
            false => urgency(clock.end(), now).to_owned(),
        },
        basis: citations(&clock.basis),
        name: clock.name,
        text: clock.text,
        due_on: clock.due_on,
        due_at: clock.due_at,
        safe_due: clock.safe_due,
        is_provisional: clock.is_provisional,
        started_at: clock.started_at,
        instrument_id: clock.instrument_id,
        is_done,
    }
}

/// A clock that has just been started.
pub(super) fn started(clock: &ClockBody, instrument_id: &str, writing: &Writing<'_>) -> CaseClock {
    CaseClock {
        name: clock.name.clone(),
        text: clock.text.clone(),
        due_on: clock.due_on.clone(),
        due_at: clock.due_at.clone(),
        safe_due: clock.safe_due.clone(),
        is_provisional: clock.is_provisional,
        started_at: writing.now_text.clone(),
        instrument_id: Some(instrument_id.to_owned()),
        basis: citations(&clock.basis.to_string()),
        is_done: false,
        urgency: urgency(&clock.due_on, writing.now).to_owned(),
    }
}

/// How near the end is: a date ends with its day, a moment with itself.
pub(super) fn urgency(due_on: &str, now: DateTime<FixedOffset>) -> &'static str {
    if let Ok(day) = due_on.parse::<NaiveDate>() {
        let left = (day - now.date_naive()).num_days();
        return match left {
            ..0 => "overdue",
            0..=SOON_DAYS => "soon",
            _ => "ok",
        };
    }
    match time_from(due_on).map(|at| at - now) {
        Some(left) if left < TimeDelta::zero() => "overdue",
        Some(left) if left <= TimeDelta::hours(SOON_HOURS) => "soon",
        Some(_) => "ok",
        None => "none",
    }
}

fn is_done(rules: &Rules, clock: &Clock, dossier: &Dossier) -> bool {
    let fact = ClockFact {
        name: clock.name.clone(),
        instrument_id: clock.instrument_id.clone(),
        started_at: clock.started_at.clone(),
        due_on: clock.due_on.clone(),
        due_at: clock.due_at.clone(),
        ..ClockFact::default()
    };
    let is_said = rules
        .pack
        .time_limit(&clock.name)
        .is_some_and(|limit| limit.done_by.is_some());
    match is_said {
        true => rules.pack.is_done(&fact, dossier),
        false => dossier.events.iter().any(|event| {
            rules.is_ended_by(&clock.name, &event.event)
                && event.instrument_id == clock.instrument_id
                && event.at >= clock.started_at
        }),
    }
}

/// What has happened in the case that may end a clock.
fn dossier(on: &Connection, case_id: &str) -> Result<Dossier, Failure> {
    let mut dossier = Dossier::default();
    for instrument in instruments::of_case(on, case_id)? {
        let delivery: Option<Value> = instrument
            .delivery
            .as_deref()
            .and_then(|text| serde_json::from_str(text).ok());
        let delivered_at = delivery
            .as_ref()
            .and_then(|delivery| delivery.get("delivered_at"))
            .and_then(Value::as_str)
            .map(str::to_owned);
        let id = &instrument.instrument_id;
        let events = [
            ("delivered", &delivered_at),
            // What is issued and has arrived here is filed.
            ("filed", &instrument.issued_at),
        ];
        for (event, at) in events {
            if let Some(at) = at {
                dossier.events.push(happened(event, Some(id), at));
            }
        }
        dossier.instruments.push(InstrumentFact {
            instrument_id: id.clone(),
            form: instrument.form,
            number: instrument.number,
            value: serde_json::from_str(&instrument.value).unwrap_or_default(),
            content_sha256: instrument.content_sha256,
            issued_at: instrument.issued_at,
            delivered_at,
            is_voided: instrument.state == "voided",
            ..InstrumentFact::default()
        });
    }
    for act in acts::of_case(on, case_id)? {
        let id = act.instrument_id.as_ref();
        let events: &[&str] = match act.kind.as_str() {
            "hq.approval_given" if super::approval::decision_of(&act) == "approved" => {
                &["approved", "confirmed", "answered"]
            }
            "hq.approval_given" => &["refused", "answered"],
            "hq.review_given" => &["reviewed"],
            "hq.deliberated" => &["deliberated"],
            "hq.disclosed" => &["disclosed"],
            "hq.disclosure_withdrawn" => &["withdrawn"],
            "payment.recorded" => &["paid"],
            "case.closed" => &["closed"],
            _ => &[],
        };
        for event in events {
            dossier.events.push(happened(event, id, &act.acted_at));
        }
    }
    Ok(dossier)
}

fn happened(event: &str, instrument_id: Option<&String>, at: &str) -> EventFact {
    EventFact {
        event: event.to_owned(),
        instrument_id: instrument_id.cloned(),
        at: at.to_owned(),
    }
}
