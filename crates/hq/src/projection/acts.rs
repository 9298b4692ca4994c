//! Entries about decisions in cases: what officers recorded, and what headquarters' own people did.

use journal::body::{
    ApprovalRecorded, CaseChecked, CaseClosed, CaseFlagged, ClockBody, DiscretionShown,
    HqApprovalCodesPublished, HqApprovalGiven, HqDecisionRevoked, HqDeliberated, HqDisclosed,
    HqDisclosureWithdrawn, HqInspectionCodeGranted, HqReviewGiven, HqSealed, HqSupervisionAnswered,
    HqSupervisionReceived, InspectionCodeChecked, PaymentRecorded,
};
use journal::{Entry, Kind};
use rusqlite::Connection;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::instruments::read;
use super::{Place, Reading};
use crate::clock::time_text;
use crate::failure::Failure;
use crate::store::acts::{self, Act};
use crate::store::clocks::{self, Clock};
use crate::store::disclosures::{self, Disclosure};
use crate::store::{cases, instruments};

impl Place<'_> {
    pub(super) fn approval_recorded(&self) -> Reading {
        let (body, case) = read!(self, ApprovalRecorded);
        let subject = format!("{} {}", body.form, body.method);
        self.put_act(
            &case.case_id,
            Some(&body.instrument_id),
            &body.stage,
            &body,
            &body.clocks,
        )?;
        Ok(Ok(subject))
    }

    pub(super) fn case_flagged(&self) -> Reading {
        let (body, case) = read!(self, CaseFlagged);
        self.put_act(&case.case_id, None, &body.flag, &body, &body.clocks)?;
        Ok(Ok(body.flag))
    }

    pub(super) fn case_checked(&self) -> Reading {
        let (body, case) = read!(self, CaseChecked);
        self.put_act(&case.case_id, None, "", &body, &[])?;
        Ok(Ok(format!("{} / {}", body.red, body.amber)))
    }

    pub(super) fn case_closed(&self) -> Reading {
        let (body, case) = read!(self, CaseClosed);
        self.put_act(&case.case_id, None, &body.reason, &body, &body.clocks)?;
        Ok(Ok(body.reason))
    }

    pub(super) fn payment_recorded(&self) -> Reading {
        let (body, case) = read!(self, PaymentRecorded);
        self.put_act(
            &case.case_id,
            Some(&body.instrument_id),
            &body.method,
            &body,
            &body.clocks,
        )?;
        Ok(Ok(body.method))
    }

    pub(super) fn discretion_shown(&self) -> Reading {
        let (body, case) = read!(self, DiscretionShown);
        self.put_act(&case.case_id, Some(&body.instrument_id), "", &body, &[])?;
        Ok(Ok(String::new()))
    }

    pub(super) fn inspection_code_checked(&self) -> Reading {
        let body: InspectionCodeChecked = match self.body() {
            Ok(body) => body,
            Err(reason) => return Ok(Err(reason)),
        };
        let case_id = match &self.entry.header.case {
            Some(_) => match self.case_file()? {
                Ok(case) => Some(case.case_id),
                Err(reason) => return Ok(Err(reason)),
            },
            None => None,
        };
        let act = self.act(case_id.as_deref(), None, &body.code, &body)?;
        acts::put(self.on, &act)?;
        put_clocks(self.on, &act, &body.clocks)?;
        Ok(Ok(body.outcome))
    }

    fn put_act(
        &self,
        case_id: &str,
        instrument_id: Option<&str>,
        about: &str,
        body: &impl Serialize,
        started: &[ClockBody],
    ) -> Result<(), Failure> {
        let act = self.act(Some(case_id), instrument_id, about, body)?;
        acts::put(self.on, &act)?;
        put_clocks(self.on, &act, started)
    }

    fn act(
        &self,
        case_id: Option<&str>,
        instrument_id: Option<&str>,
        about: &str,
        body: &impl Serialize,
    ) -> Result<Act, Failure> {
        let header = &self.entry.header;
        Ok(Act {
            writer: header.writer.to_string(),
            epoch: header.epoch,
            idx: header.idx,
            kind: header.kind.as_str().to_owned(),
            case_id: case_id.map(str::to_owned),
            instrument_id: instrument_id.map(str::to_owned),
            about: about.to_owned(),
            acted_at: self.event_at(),
            body: serde_json::to_string(body)?,
        })
    }

    /// Clocks of an instrument or a recording belong to it: delivering an instrument may start the same one anew.
    pub(super) fn put_clocks_of(
        &self,
        case_id: &str,
        (owner, instrument_id): (&str, Option<&str>),
        started: &[ClockBody],
    ) -> Result<(), Failure> {
        for clock in started {
            let of = (owner.to_owned(), instrument_id);
            put_clock(self.on, case_id, of, &self.event_at(), clock)?;
        }
        Ok(())
    }
}

/// Reads one entry of headquarters' own series: the same for one just written and for one read anew.
pub fn interpret_own(on: &Connection, entry: &Entry) -> Result<(), Failure> {
    let Some(kind) = entry.header.kind.known() else {
        return Ok(());
    };
    match kind {
        Kind::HqApprovalGiven => {
            let body: HqApprovalGiven = own_body(entry)?;
            let ids = (Some(&body.case_id), Some(&body.instrument_id));
            put_own(on, entry, ids, &body.stage, &body, &[])
        }
        Kind::HqReviewGiven => {
            let body: HqReviewGiven = own_body(entry)?;
            let ids = (Some(&body.case_id), Some(&body.instrument_id));
            put_own(on, entry, ids, &body.conclusion, &body, &[])
        }
        Kind::HqSealed => {
            let body: HqSealed = own_body(entry)?;
            let ids = (Some(&body.case_id), Some(&body.instrument_id));
            put_own(on, entry, ids, &body.seal_no, &body, &[])
        }
        Kind::HqDeliberated => {
            let body: HqDeliberated = own_body(entry)?;
            let ids = (Some(&body.case_id), Some(&body.instrument_id));
            put_own(on, entry, ids, "", &body, &[])
        }
        Kind::HqDecisionRevoked => {
            let body: HqDecisionRevoked = own_body(entry)?;
            let ids = (Some(&body.case_id), Some(&body.instrument_id));
            put_own(on, entry, ids, &body.cause, &body, &body.clocks)
        }
        Kind::HqDisclosed => disclosed(on, entry),
        Kind::HqDisclosureWithdrawn => withdrawn(on, entry),
        Kind::HqInspectionCodeGranted => {
            let body: HqInspectionCodeGranted = own_body(entry)?;
            let case_id = match &body.instrument_id {
                Some(id) => instruments::by_id(on, id)?.map(|instrument| instrument.case_id),
                None => None,
            };
            let ids = (case_id.as_ref(), body.instrument_id.as_ref());
            put_own(on, entry, ids, &body.party_uscc, &body, &[])
        }
        Kind::HqApprovalCodesPublished => {
            let body: HqApprovalCodesPublished = own_body(entry)?;
            put_own(on, entry, (None, None), &body.holder, &body, &[])
        }
        Kind::HqSupervisionReceived => {
            let body: HqSupervisionReceived = own_body(entry)?;
            put_own(on, entry, (None, None), &body.paper_id, &body, &[])
        }
        Kind::HqSupervisionAnswered => {
            let body: HqSupervisionAnswered = own_body(entry)?;
            let ids = (None, body.instrument_id.as_ref());
            put_own(on, entry, ids, &body.paper_id, &body, &[])
        }
        _ => Ok(()),
    }
}

fn disclosed(on: &Connection, entry: &Entry) -> Result<(), Failure> {
    let body: HqDisclosed = own_body(entry)?;
    let ids = (Some(&body.case_id), Some(&body.instrument_id));
    put_own(on, entry, ids, &body.kind, &body, &[])?;
    let disclosure = Disclosure {
        idx: entry.header.idx,
        channels: serde_json::to_string(&body.channels)?,
        page: body.page.to_string(),
        page_sha256: body.page_sha256,
        disclosed_at: time_text(&entry.header.event_at),
        disclosed_by: body.user_name,
        disclosure_id: body.disclosure_id,
        case_id: body.case_id,
        instrument_id: body.instrument_id,
        kind: body.kind,
        withdrawn_at: None,
        withdrawn_reason: None,
    };
    Ok(disclosures::put(on, &disclosure)?)
}

fn withdrawn(on: &Connection, entry: &Entry) -> Result<(), Failure> {
    let body: HqDisclosureWithdrawn = own_body(entry)?;
    let disclosure = disclosures::by_id(on, &body.disclosure_id)?;
    let case_id = disclosure.map(|disclosure| disclosure.case_id);
    let ids = (case_id.as_ref(), Some(&body.instrument_id));
    put_own(on, entry, ids, &body.disclosure_id, &body, &[])?;
    let at = time_text(&entry.header.event_at);
    Ok(disclosures::withdraw(
        on,
        &body.disclosure_id,
        &at,
        &body.reason,
    )?)
}

fn own_body<T: DeserializeOwned>(entry: &Entry) -> Result<T, Failure> {
    entry
        .body_as()
        .map_err(|_| Failure::stored("a body of headquarters' own series"))
}

fn put_own(
    on: &Connection,
    entry: &Entry,
    (case_id, instrument_id): (Option<&String>, Option<&String>),
    about: &str,
    body: &impl Serialize,
    started: &[ClockBody],
) -> Result<(), Failure> {
    let header = &entry.header;
    let act = Act {
        writer: header.writer.to_string(),
        epoch: header.epoch,
        idx: header.idx,
        kind: header.kind.as_str().to_owned(),
        case_id: case_id.cloned(),
        instrument_id: instrument_id.cloned(),
        about: about.to_owned(),
        acted_at: time_text(&header.event_at),
        body: serde_json::to_string(body)?,
    };
    acts::put(on, &act)?;
    put_clocks(on, &act, started)
}

fn put_clocks(on: &Connection, act: &Act, started: &[ClockBody]) -> Result<(), Failure> {
    let Some(case_id) = act.case_id.as_deref() else {
        return Ok(());
    };
    if cases::case(on, case_id)?.is_none() {
        return Ok(());
    }
    for clock in started {
        let owner = format!("{}/{}/{}", act.writer, act.epoch, act.idx);
        let of = (owner, act.instrument_id.as_deref());
        put_clock(on, case_id, of, &act.acted_at, clock)?;
    }
    Ok(())
}

fn put_clock(
    on: &Connection,
    case_id: &str,
    (owner, instrument_id): (String, Option<&str>),
    started_at: &str,
    clock: &ClockBody,
) -> Result<(), Failure> {
    let row = Clock {
        case_id: case_id.to_owned(),
        owner,
        name: clock.name.clone(),
        instrument_id: instrument_id.map(str::to_owned),
        text: clock.text.clone(),
        due_on: clock.due_on.clone(),
        due_at: clock.due_at.clone(),
        safe_due: clock.safe_due.clone(),
        is_provisional: clock.is_provisional,
        basis: clock.basis.to_string(),
        started_at: started_at.to_owned(),
    };
    Ok(clocks::put(on, &row)?)
}
