//! Entries become tables, here and nowhere else: living acts and a rebuild take the same way.

use journal::body::{
    CaseAmended, ClockBody, EvidenceCaptured, InspectionOpened, InstrumentDelivered,
    InstrumentDrafted, InstrumentIssued, InstrumentSigned, InstrumentStarted, InstrumentVoided,
    LeaseAdopted, NoticeTold, PackAdopted, PrintEvent, RecordingClosed, RecordingInterrupted,
    RecordingStarted, RosterAdopted, SealsAdopted, SheetSpoiled,
};
use journal::{Entry, Kind};
use rusqlite::Connection;
use serde::de::DeserializeOwned;

use crate::failure::Failure;
use crate::store::{case_act, evidence, inspection, instrument, numbers, printing, seals};

fn body<T: DeserializeOwned>(entry: &Entry) -> Result<T, Failure> {
    entry.body_as().map_err(|fault| {
        Failure::Journal(format!(
            "entry {} ({}): {fault}",
            entry.header.idx,
            entry.header.kind.as_str()
        ))
    })
}

/// What the table keeps of a presentation; the rest stays in the entry.
#[derive(serde::Deserialize)]
struct Presented {
    presentation_id: String,
}

/// What acts about a case have in common.
#[derive(serde::Deserialize)]
struct StartedClocks {
    instrument_id: Option<String>,
    #[serde(default)]
    clocks: Vec<ClockBody>,
}

/// Applies one entry to the projections. Must run in the transaction that stores the entry.
pub fn apply(db: &Connection, entry: &Entry) -> Result<(), Failure> {
    let header = &entry.header;
    let at = crate::text::time(header.event_at);
    let case = header.case.as_deref().unwrap_or_default();
    let Some(kind) = header.kind.known() else {
        return Ok(());
    };
    match kind {
        Kind::CredentialPresented => {
            let presented: Presented = body(entry)?;
            let place = crate::store::journal::place(header.epoch, header.idx);
            inspection::insert_presentation(db, place, &at, &presented.presentation_id)?
        }
        Kind::InspectionOpened => {
            inspection::insert(db, header.idx, &at, &body::<InspectionOpened>(entry)?)?
        }
        Kind::CaseAmended => inspection::amend(db, case, &body::<CaseAmended>(entry)?)?,
        Kind::NoticeTold => {
            inspection::insert_told(db, case, header.idx, &at, &body::<NoticeTold>(entry)?)?
        }
        Kind::InstrumentStarted => {
            let started: InstrumentStarted = body(entry)?;
            instrument::start(db, case, &at, &started)?;
            instrument::touch(db, &started.instrument_id, header.idx)?;
        }
        Kind::InstrumentDrafted => {
            let drafted: InstrumentDrafted = body(entry)?;
            instrument::draft(db, &drafted)?;
            instrument::touch(db, &drafted.instrument_id, header.idx)?;
        }
        Kind::InstrumentSigned => {
            let signed: InstrumentSigned = body(entry)?;
            instrument::sign(db, &at, &signed)?;
            instrument::touch(db, &signed.instrument_id, header.idx)?;
        }
        Kind::InstrumentIssued => {
            let issued: InstrumentIssued = body(entry)?;
            instrument::issue(db, &at, &issued)?;
            instrument::touch(db, &issued.instrument_id, header.idx)?;
            numbers::book(db, year_of(&at), &issued)?;
            inspection::insert_clocks(db, case, &issued.instrument_id, &at, &issued.clocks)?;
        }
        Kind::InstrumentVoided => {
            let voided: InstrumentVoided = body(entry)?;
            instrument::void(db, &voided.instrument_id, &voided.reason)?;
            instrument::touch(db, &voided.instrument_id, header.idx)?;
            numbers::void(db, &voided.instrument_id, &voided.reason)?;
        }
        Kind::InstrumentDelivered => {
            let delivered: InstrumentDelivered = body(entry)?;
            instrument::deliver(db, &at, &delivered)?;
            instrument::touch(db, &delivered.instrument_id, header.idx)?;
            inspection::insert_clocks(db, case, &delivered.instrument_id, &at, &delivered.clocks)?;
        }
        Kind::EvidencePhotographed | Kind::EvidenceImported => {
            evidence::captured(db, case, &at, &body::<EvidenceCaptured>(entry)?)?;
        }
        Kind::RecordingStarted => {
            evidence::recording_started(db, case, &at, &body::<RecordingStarted>(entry)?)?
        }
        Kind::RecordingClosed => {
            let closed: RecordingClosed = body(entry)?;
            evidence::recording_ended(
                db,
                &closed.evidence_id,
                "complete",
                &closed.object,
                closed.duration_ms,
            )?;
            inspection::insert_clocks(db, case, &closed.evidence_id, &at, &closed.clocks)?;
        }
        Kind::RecordingInterrupted => {
            let found: RecordingInterrupted = body(entry)?;
            evidence::recording_ended(
                db,
                &found.evidence_id,
                "interrupted",
                &found.object,
                found.duration_ms,
            )?;
        }
        Kind::PrintQueued
        | Kind::PrintConfirmed
        | Kind::PrintFailed
        | Kind::PrintUnknown
        | Kind::PrintAnswered
        | Kind::PrintCancelled => printing::apply(db, &at, &body::<PrintEvent>(entry)?)?,
        Kind::LeaseAdopted => numbers::adopt(db, &body::<LeaseAdopted>(entry)?)?,
        Kind::SealsAdopted => seals::adopt(db, &body::<SealsAdopted>(entry)?)?,
        Kind::SheetSpoiled => seals::spoil(db, &at, &body::<SheetSpoiled>(entry)?)?,
        Kind::RosterAdopted => {
            let adopted: RosterAdopted = body(entry)?;
            numbers::adopt_version(db, adopted.hq_idx, "roster", &adopted.version)?;
        }
        Kind::PackAdopted => {
            let adopted: PackAdopted = body(entry)?;
            numbers::adopt_version(db, adopted.hq_idx, "pack", &adopted.version)?;
        }
        Kind::ApprovalRecorded
        | Kind::CaseFlagged
        | Kind::CaseChecked
        | Kind::CaseClosed
        | Kind::PaymentRecorded
        | Kind::DiscretionShown
        | Kind::InspectionCodeChecked => {
            let place = crate::store::journal::place(header.epoch, header.idx);
            let bytes = entry.body().unwrap_or_default();
            case_act::insert(db, place, case, kind.as_str(), &at, bytes)?;
            let started: StartedClocks = body(entry)?;
            let source = started.instrument_id.unwrap_or_default();
            inspection::insert_clocks(db, case, &source, &at, &started.clocks)?;
            if kind == Kind::CaseClosed {
                case_act::close(db, case)?;
            }
        }
        // Kept for the record; no table shows them.
        Kind::SessionOpened
        | Kind::SessionClosed
        | Kind::UnlockFailed
        | Kind::PinSet
        | Kind::ClockJumped
        | Kind::DeviceEnrolled
        | Kind::EpochStarted
        | Kind::CredentialRefused
        | Kind::ActRefused
        | Kind::RecordingMarked
        | Kind::HeadquartersReceived
        | Kind::RecordViewed => {}
        // Headquarters' own kinds never stand in a terminal's series.
        Kind::HqDeviceEnrolled
        | Kind::HqLeaseGranted
        | Kind::HqSealInstalled
        | Kind::HqSealsGranted
        | Kind::HqSealed
        | Kind::HqRosterPublished
        | Kind::HqPackPublished
        | Kind::HqRecordViewed
        | Kind::HqSignedIn
        | Kind::HqSignInFailed
        | Kind::HqJournalReceived
        | Kind::HqMediaReceived
        | Kind::HqForkKept
        | Kind::HqApprovalGiven
        | Kind::HqApprovalCodesPublished
        | Kind::HqReviewGiven
        | Kind::HqDeliberated
        | Kind::HqDecisionRevoked
        | Kind::HqDisclosed
        | Kind::HqDisclosureWithdrawn
        | Kind::HqInspectionCodeGranted
        | Kind::HqSupervisionReceived
        | Kind::HqSupervisionAnswered => {}
    }
    if !case.is_empty() {
        inspection::touch(db, case, header.idx)?;
    }
    Ok(())
}

/// The year of an RFC 3339 text.
fn year_of(at: &str) -> u16 {
    at.split('-')
        .next()
        .and_then(|year| year.parse().ok())
        .unwrap_or_default()
}

/// Every projection of a series from nothing, beside the live ones.
pub fn rebuild(frames: &[u8]) -> Result<Connection, Failure> {
    let scratch = crate::store::open_scratch()?;
    apply_all(&scratch, frames)?;
    Ok(scratch)
}

/// Applies whole frames in order.
pub fn apply_all(db: &Connection, frames: &[u8]) -> Result<(), Failure> {
    let transaction = db.unchecked_transaction()?;
    for frame in journal::frames(frames) {
        let entry = Entry::parse(frame).map_err(|fault| Failure::Journal(fault.to_string()))?;
        apply(&transaction, &entry)?;
    }
    transaction.commit()?;
    Ok(())
}

/// The names of the projections in which two databases differ; none means all is well.
pub fn differences(live: &Connection, rebuilt: &Connection) -> Result<Vec<String>, Failure> {
    let mut different = Vec::new();
    for table in crate::store::PROJECTIONS {
        if crate::store::dump(live, table)? != crate::store::dump(rebuilt, table)? {
            different.push((*table).to_owned());
        }
    }
    Ok(different)
}
