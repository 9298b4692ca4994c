//! Decisions of a case and publications, as screens list them.

use chrono::{DateTime, FixedOffset, TimeDelta};
use contract::BoundaryError;
use rusqlite::Connection;
use serde_json::Value;

use super::{Denied, Rules, codes};
use crate::clock::time_text;
use crate::console::bad_request;
use crate::contract::office::{ActRow, DisclosureList, DisclosureRow, DisclosuresQuery};
use crate::contract::public::{DisclosureAnswer, DisclosureLine, DisclosureLines, ListDisclosures};
use crate::failure::Failure;
use crate::headquarters::{Foundation, Headquarters};
use crate::store::acts::{self, Act};
use crate::store::disclosures::{self, Disclosure};
use crate::store::{cases, clocks, instruments};

const PAGE_MAX: u32 = 200;
const ID_CHARS_MAX: usize = 100;
const PENALTY: &str = "penalty";

pub(crate) fn acts_of_case(on: &Connection, case_id: &str) -> Result<Vec<ActRow>, Failure> {
    acts::of_case(on, case_id)?
        .into_iter()
        .map(|act| act_row(on, act))
        .collect()
}

pub(super) fn act_row(on: &Connection, act: Act) -> Result<ActRow, Failure> {
    let body: Value = serde_json::from_str(&act.body).map_err(|_| Failure::stored("an act"))?;
    let word = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
    let who = match word("user_name") {
        "" => word("approver").to_owned(),
        name => name.to_owned(),
    };
    Ok(ActRow {
        standing: standing(on, &act)?.to_owned(),
        writer: act.writer,
        idx: act.idx,
        kind: act.kind,
        acted_at: act.acted_at,
        instrument_id: act.instrument_id,
        who,
        body,
    })
}

fn standing(on: &Connection, act: &Act) -> Result<&'static str, Failure> {
    let Some(id) = act.instrument_id.as_deref() else {
        return Ok("");
    };
    match act.kind.as_str() {
        "approval.recorded" => {
            let of_code = codes::standing_of_code(on, act)?;
            if !of_code.is_empty() {
                return Ok(of_code);
            }
            let given = acts::of_instrument(on, id, "hq.approval_given")?;
            let answer = given.iter().find(|given| given.about == act.about);
            Ok(match answer.map(super::approval::decision_of).as_deref() {
                Some("approved") => "confirmed",
                Some(_) => "refused",
                None => "waiting",
            })
        }
        "hq.approval_given" => {
            let decision = super::approval::decision_of(act);
            let value = instruments::by_id(on, id)?
                .and_then(|instrument| serde_json::from_str(&instrument.value).ok())
                .unwrap_or_default();
            Ok(
                match super::approval::is_release_at_once(&decision, &value) {
                    true => "release_at_once",
                    false => "",
                },
            )
        }
        _ => Ok(""),
    }
}

impl Headquarters {
    pub(crate) fn disclosures(
        &self,
        query: &DisclosuresQuery,
    ) -> Result<DisclosureList, BoundaryError> {
        let before = before(query.after.as_deref())?;
        let limit = query.limit.clamp(1, PAGE_MAX);
        let sought = cases::sought(&query.text);
        let foundation = self.foundation().map_err(Denied::from)?;
        let rules = Rules::in_force(self, &foundation).map_err(Denied::from)?;
        let now = self.clock.now();
        let list = self.read(|on| {
            let found = disclosures::list(on, &sought, None, before, limit)?;
            Ok(DisclosureList {
                next: next(&found, limit),
                total: disclosures::count(on, &sought, None)?,
                disclosures: found
                    .into_iter()
                    .map(|disclosure| disclosure_row(on, &rules, now, disclosure))
                    .collect::<Result<_, _>>()?,
            })
        });
        list.map_err(|failure| Denied::from(failure).into())
    }
}

fn before(after: Option<&str>) -> Result<Option<u64>, BoundaryError> {
    after
        .map(|after| after.parse().map_err(|_| bad_request("after")))
        .transpose()
}

fn next(found: &[Disclosure], limit: u32) -> Option<String> {
    found
        .last()
        .filter(|_| u32::try_from(found.len()) == Ok(limit))
        .map(|last| last.idx.to_string())
}

fn disclosure_row(
    on: &Connection,
    rules: &Rules,
    now: DateTime<FixedOffset>,
    disclosure: Disclosure,
) -> Result<DisclosureRow, Failure> {
    let page: Value = serde_json::from_str(&disclosure.page).unwrap_or_default();
    let word = |name: &str| page.get(name).and_then(Value::as_str).map(str::to_owned);
    let id = &disclosure.instrument_id;
    let is_revoked = !acts::of_instrument(on, id, "hq.decision_revoked")?.is_empty();
    let due = clocks::of_case(on, &disclosure.case_id)?
        .into_iter()
        .filter(|clock| clock.instrument_id.as_ref() == Some(id))
        .find(|clock| rules.is_ended_by(&clock.name, "withdrawn"));
    Ok(DisclosureRow {
        title: word("title").unwrap_or_default(),
        number: word("number"),
        party: word("party").unwrap_or_default(),
        channels: serde_json::from_str::<Vec<String>>(&disclosure.channels)
            .unwrap_or_default()
            .iter()
            .map(|channel| rules.channel_label(channel))
            .collect(),
        state: match (&disclosure.withdrawn_at, is_revoked) {
            (Some(_), _) => "withdrawn",
            (None, true) => "to_withdraw",
            (None, false) if rules.is_past_publication(&disclosure, now) => "ended",
            (None, false) => "published",
        }
        .to_owned(),
        withdraw_due_on: due.map(|due| due.due_on),
        disclosure_id: disclosure.disclosure_id,
        case_id: disclosure.case_id,
        instrument_id: disclosure.instrument_id,
        kind: disclosure.kind,
        disclosed_at: disclosure.disclosed_at,
        disclosed_by: disclosure.disclosed_by,
        page_sha256: disclosure.page_sha256,
        withdrawn_at: disclosure.withdrawn_at,
        withdrawn_reason: disclosure.withdrawn_reason,
    })
}

/// What everybody may read in the list.
pub(crate) fn public_lines(
    hq: &Headquarters,
    query: &ListDisclosures,
) -> Result<DisclosureLines, BoundaryError> {
    let before = before(query.after.as_deref())?;
    let limit = query.limit.clamp(1, PAGE_MAX);
    let sought = cases::sought(&query.text);
    let rules = in_force(hq)?;
    let ended = rules.publications_end_before(hq.clock.now());
    let lines = hq.read(|on| {
        let foundation = Foundation::read(on)?;
        let found = disclosures::list(on, &sought, ended.as_deref(), before, limit)?;
        Ok(DisclosureLines {
            agency_name: foundation.agency_text("name"),
            complaint_phone: foundation.agency_text("complaint_phone"),
            next: next(&found, limit),
            total: disclosures::count(on, &sought, ended.as_deref())?,
            lines: found.iter().map(line).collect(),
            example: foundation.example,
        })
    });
    lines.map_err(|failure| Denied::from(failure).into())
}

/// One publication, or why it is gone.
pub(crate) fn public_answer(
    hq: &Headquarters,
    disclosure_id: &str,
) -> Result<DisclosureAnswer, BoundaryError> {
    let is_id = disclosure_id.chars().count() <= ID_CHARS_MAX;
    let rules = in_force(hq)?;
    let now = hq.clock.now();
    let answer = hq.read(|on| {
        let foundation = Foundation::read(on)?;
        let found = match is_id {
            true => disclosures::by_id(on, disclosure_id)?,
            false => None,
        };
        let is_over = found
            .as_ref()
            .is_some_and(|found| rules.is_past_publication(found, now));
        let standing = found
            .as_ref()
            .filter(|found| found.withdrawn_at.is_none() && !is_over)
            .map(|found| found.page.clone());
        Ok(DisclosureAnswer {
            state: match (&found, &standing) {
                (None, _) => "unknown",
                (Some(_), Some(_)) => "published",
                (Some(found), None) if found.withdrawn_at.is_none() => "ended",
                (Some(_), None) => "withdrawn",
            }
            .to_owned(),
            agency_name: foundation.agency_text("name"),
            complaint_phone: foundation.agency_text("complaint_phone"),
            line: found.as_ref().map(line),
            page: standing.and_then(|page| serde_json::from_str(&page).ok()),
            page_sha256: found.as_ref().map(|found| found.page_sha256.clone()),
            reason: found.and_then(|found| found.withdrawn_reason),
            checked_at: time_text(&now),
            example: foundation.example,
        })
    });
    answer.map_err(|failure| Denied::from(failure).into())
}

fn in_force(hq: &Headquarters) -> Result<Rules, BoundaryError> {
    let foundation = hq.foundation().map_err(Denied::from)?;
    Ok(Rules::in_force(hq, &foundation).map_err(Denied::from)?)
}

impl Rules {
    /// R-D4: penalties published before this day have been public as long as the agency's system says; nothing where it
    /// says nothing.
    fn publications_end_before(&self, now: DateTime<FixedOffset>) -> Option<String> {
        let days = self.parameter("publication_days")?.as_i64()?;
        let first = now
            .date_naive()
            .checked_sub_signed(TimeDelta::try_days(days)?)?;
        Some(first.to_string())
    }

    fn is_past_publication(&self, disclosure: &Disclosure, now: DateTime<FixedOffset>) -> bool {
        let ended = self.publications_end_before(now);
        disclosure.kind == PENALTY
            && ended.is_some_and(|ended| disclosure.disclosed_at.as_str() < ended.as_str())
    }
}

/// A withdrawn one keeps the number of the decision and loses whom it was about.
fn line(disclosure: &Disclosure) -> DisclosureLine {
    let page: Value = serde_json::from_str(&disclosure.page).unwrap_or_default();
    let word = |name: &str| page.get(name).and_then(Value::as_str).map(str::to_owned);
    DisclosureLine {
        disclosure_id: disclosure.disclosure_id.clone(),
        title: word("title").unwrap_or_default(),
        number: word("number"),
        party: word("party").filter(|_| disclosure.withdrawn_at.is_none()),
        decided_on: word("decided_on"),
        disclosed_at: disclosure.disclosed_at.clone(),
        withdrawn_at: disclosure.withdrawn_at.clone(),
    }
}
