//! 投影 – entries read into tables. What cannot be read is kept as it is and marked; nothing blocks a series.

mod acts;
mod evidence;
mod instruments;

use chrono::{DateTime, FixedOffset};
use journal::body::{
    CaseAmended, CredentialPresented, InspectionOpened, NoticeTold, ObjectBody, PlaceBody,
};
use journal::{Entry, Kind, KindText};
use rusqlite::Connection;
use serde::de::DeserializeOwned;
use serde_json::Value;

pub use acts::interpret_own;

use crate::clock::time_text;
use crate::failure::Failure;
use crate::headquarters::Headquarters;
use crate::store::cases::{self, CaseFile, NamedObject, Told};
use crate::store::{self, journals};

const BODY_VERSION: u8 = 1;
const PAGE: u32 = 500;
const SUBJECT_CHARS_MAX: usize = 120;

/// Why an entry was kept without being understood.
type NotUnderstood = String;
/// The one-line subject of an entry, without personal data.
type Reading = Result<Result<String, NotUnderstood>, Failure>;

/// Reads one entry that is stored already and notes what came of it.
pub fn interpret(on: &Connection, entry: &Entry, received_at: &str) -> Result<(), Failure> {
    let reading = store::part(on, || {
        let at = Place {
            on,
            entry,
            received_at,
        };
        match at.read() {
            Err(Failure::Database(error)) if is_contradiction(&error) => {
                Ok(Err("it contradicts what came before".to_owned()))
            }
            reading => reading,
        }
    })?;
    let header = &entry.header;
    let place = (header.writer.as_str(), header.epoch, header.idx);
    match reading {
        Ok(subject) => {
            let subject: String = subject.chars().take(SUBJECT_CHARS_MAX).collect();
            journals::put_reading(on, place, None, &subject)?;
        }
        Err(reason) => journals::put_reading(on, place, Some(&reason), "")?,
    }
    Ok(())
}

impl Headquarters {
    /// Forgets all projections and reads every kept entry anew, in the order of arrival.
    pub fn rebuild_projections(&self) -> Result<u64, Failure> {
        self.write(|writing| {
            cases::clear(writing.on)?;
            let (mut after, mut count) = (0, 0);
            loop {
                let page = journals::arrivals_after(writing.on, after, PAGE)?;
                if page.is_empty() {
                    return Ok(count);
                }
                for (arrival, row) in page {
                    after = arrival;
                    let entry =
                        Entry::parse(&row.frame).map_err(|_| Failure::stored("an entry"))?;
                    if row.writer == crate::own::WRITER {
                        interpret_own(writing.on, &entry)?;
                        continue;
                    }
                    interpret(writing.on, &entry, &row.received_at)?;
                    count += 1;
                }
            }
        })
    }

    /// Every projected row as text.
    pub fn dump_projections(&self) -> Result<Vec<String>, Failure> {
        self.read(|on| Ok(cases::dump(on)?))
    }
}

/// A missing or doubled row: the entry says something that does not fit, the database is sound.
fn is_contradiction(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(rusqlite::ErrorCode::ConstraintViolation)
}

/// An entry at the moment it is read.
struct Place<'a> {
    on: &'a Connection,
    entry: &'a Entry,
    received_at: &'a str,
}

#[derive(serde::Deserialize)]
struct Versioned {
    v: u8,
}

impl Place<'_> {
    fn read(&self) -> Reading {
        let kind = match &self.entry.header.kind {
            KindText::Known(kind) => *kind,
            KindText::Unknown(_) => {
                return Ok(Err("this headquarters does not know the kind".to_owned()));
            }
        };
        if let Err(reason) = self.body::<Versioned>().and_then(|body| match body.v {
            BODY_VERSION => Ok(()),
            later => Err(format!("the body has version {later}")),
        }) {
            return Ok(Err(reason));
        }
        let reading = self.read_kind(kind)?;
        if reading.is_ok() && self.entry.header.case.is_some() {
            self.name_blobs()?;
        }
        Ok(reading)
    }

    fn read_kind(&self, kind: Kind) -> Reading {
        match kind {
            Kind::InspectionOpened => self.opened(),
            Kind::CaseAmended => self.amended(),
            Kind::NoticeTold => self.told(),
            Kind::InstrumentStarted => self.instrument_started(),
            Kind::InstrumentDrafted => self.instrument_drafted(),
            Kind::InstrumentSigned => self.instrument_signed(),
            Kind::InstrumentIssued => self.instrument_issued(),
            Kind::InstrumentVoided => self.instrument_voided(),
            Kind::InstrumentDelivered => self.instrument_delivered(),
            Kind::EvidencePhotographed | Kind::EvidenceImported => self.evidence_captured(),
            Kind::RecordingStarted => self.recording_started(),
            Kind::RecordingMarked => self.recording_marked(),
            Kind::RecordingClosed => self.recording_closed(),
            Kind::RecordingInterrupted => self.recording_interrupted(),
            Kind::PrintQueued
            | Kind::PrintConfirmed
            | Kind::PrintFailed
            | Kind::PrintUnknown
            | Kind::PrintAnswered
            | Kind::PrintCancelled => self.printed(),
            Kind::SheetSpoiled => self.sheet_spoiled(),
            Kind::CredentialPresented => {
                Ok(self.body::<CredentialPresented>().map(|body| body.method))
            }
            Kind::ApprovalRecorded => self.approval_recorded(),
            Kind::CaseFlagged => self.case_flagged(),
            Kind::CaseChecked => self.case_checked(),
            Kind::CaseClosed => self.case_closed(),
            Kind::PaymentRecorded => self.payment_recorded(),
            Kind::DiscretionShown => self.discretion_shown(),
            Kind::InspectionCodeChecked => self.inspection_code_checked(),
            Kind::SessionOpened
            | Kind::SessionClosed
            | Kind::UnlockFailed
            | Kind::PinSet
            | Kind::ClockJumped
            | Kind::DeviceEnrolled
            | Kind::EpochStarted
            | Kind::CredentialRefused
            | Kind::LeaseAdopted
            | Kind::SealsAdopted
            | Kind::RosterAdopted
            | Kind::PackAdopted
            | Kind::HeadquartersReceived
            | Kind::RecordViewed
            | Kind::ActRefused => Ok(Ok(String::new())),
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
            | Kind::HqSupervisionAnswered => {
                Ok(Err("only headquarters writes this kind".to_owned()))
            }
        }
    }

    fn body<T: DeserializeOwned>(&self) -> Result<T, NotUnderstood> {
        self.entry
            .body_as()
            .map_err(|fault| crate::failure::causes(&fault))
    }

    fn event_at(&self) -> String {
        time_text(&self.entry.header.event_at)
    }

    /// The case of the entry, which this terminal opened.
    fn case_file(&self) -> Result<Result<CaseFile, NotUnderstood>, Failure> {
        let Some(case_id) = &self.entry.header.case else {
            return Ok(Err("it names no case".to_owned()));
        };
        Ok(match cases::case(self.on, case_id)? {
            Some(case) if case.writer == self.entry.header.writer.as_str() => Ok(case),
            Some(_) => Err("the case belongs to another terminal".to_owned()),
            None => Err("the case was never opened here".to_owned()),
        })
    }

    fn opened(&self) -> Reading {
        let body: InspectionOpened = match self.body() {
            Ok(body) => body,
            Err(reason) => return Ok(Err(reason)),
        };
        let header = &self.entry.header;
        if header.case.as_deref() != Some(body.case_id.as_str()) {
            return Ok(Err("header and body name different cases".to_owned()));
        }
        if cases::case(self.on, &body.case_id)?.is_some() {
            return Ok(Err("the case was opened before".to_owned()));
        }
        let case = CaseFile {
            case_id: body.case_id,
            writer: header.writer.to_string(),
            epoch: header.epoch,
            opened_at: self.event_at(),
            received_at: self.received_at.to_owned(),
            presented_at: normal_time(&body.presented_at),
            reason: body.reason.clone(),
            reason_note: body.reason_note,
            place: serde_json::to_string(&body.place)?,
            place_text: place_text(&body.place),
            party_name: party_name(&body.party),
            party: body.party.to_string(),
            plate: plate(body.vehicle.as_ref()),
            vehicle: body.vehicle.as_ref().map(Value::to_string),
            officers: serde_json::to_string(&body.officers)?,
        };
        cases::put_case(self.on, &case)?;
        Ok(Ok(body.reason))
    }

    fn amended(&self) -> Reading {
        let (body, mut case) = match (self.body::<CaseAmended>(), self.case_file()?) {
            (Ok(body), Ok(case)) => (body, case),
            (Err(reason), _) | (_, Err(reason)) => return Ok(Err(reason)),
        };
        if let Some(place) = &body.place {
            case.place = serde_json::to_string(place)?;
            case.place_text = place_text(place);
        }
        if let Some(party) = &body.party {
            case.party = party.to_string();
            case.party_name = party_name(party);
        }
        if let Some(vehicle) = &body.vehicle {
            case.vehicle = Some(vehicle.to_string());
            case.plate = plate(Some(vehicle));
        }
        cases::put_case(self.on, &case)?;
        Ok(Ok(String::new()))
    }

    fn told(&self) -> Reading {
        let (body, case) = match (self.body::<NoticeTold>(), self.case_file()?) {
            (Ok(body), Ok(case)) => (body, case),
            (Err(reason), _) | (_, Err(reason)) => return Ok(Err(reason)),
        };
        let told = Told {
            notice: body.notice.clone(),
            title: body.title.clone(),
            told_at: self.event_at(),
            response: body.response,
        };
        cases::put_told(self.on, &case.case_id, &told)?;
        Ok(Ok(body.title))
    }

    fn name_object(&self, case_id: &str, object: &ObjectBody) -> Result<(), Failure> {
        let named = NamedObject {
            sha256: object.sha256.clone(),
            size_bytes: object.size_bytes,
            media_type: object.media_type.clone(),
        };
        Ok(cases::name_object(
            self.on,
            case_id,
            self.entry.header.writer.as_str(),
            &named,
        )?)
    }

    /// Objects the header names; what they are stands in the bodies.
    fn name_blobs(&self) -> Result<(), Failure> {
        let Ok(case) = self.case_file()? else {
            return Ok(());
        };
        for blob in &self.entry.header.blobs {
            let named = ObjectBody {
                sha256: blob.to_string(),
                size_bytes: 0,
                media_type: String::new(),
            };
            self.name_object(&case.case_id, &named)?;
        }
        Ok(())
    }
}

fn normal_time(text: &str) -> String {
    DateTime::<FixedOffset>::parse_from_rfc3339(text)
        .map_or_else(|_| text.to_owned(), |at| time_text(&at))
}

fn place_text(place: &PlaceBody) -> String {
    let mut text = place.text.clone();
    if let Some(road_no) = &place.road_no
        && !text.contains(road_no.as_str())
    {
        text = format!("{road_no} {text}").trim().to_owned();
    }
    if let Some(km) = place.stake_km {
        text.push_str(&format!(" K{km}+{:03}", place.stake_m.unwrap_or(0)));
    }
    text
}

fn member<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value
        .get(name)
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty())
}

/// Person, firm, or a sole trader's firm with the person behind it.
fn party_name(party: &Value) -> String {
    match (
        member(party, "kind"),
        member(party, "org_name"),
        member(party, "name"),
    ) {
        (Some("sole_trader"), Some(firm), Some(person)) => format!("{firm}（{person}）"),
        (Some("organisation" | "sole_trader"), Some(firm), _) | (_, Some(firm), None) => {
            firm.to_owned()
        }
        (_, _, person) => person.unwrap_or_default().to_owned(),
    }
}

fn plate(vehicle: Option<&Value>) -> Option<String> {
    vehicle
        .and_then(|vehicle| member(vehicle, "plate"))
        .map(str::to_owned)
}
