//! One case as the console shows it.

use std::collections::HashMap;

use chrono::{DateTime, FixedOffset};
use journal::body::{ClockBody, ObjectBody, OfficerBody};
use rusqlite::Connection;
use serde::de::DeserializeOwned;

use crate::contract::console::{
    CaseView, ClockRow, Completeness, CopyRow, DeliveryRow, EvidenceRow, InstrumentRow,
    InstrumentSeal, MarkRow, ObjectRow, OfficerName, ReceiptRow, SignatureRow, TimelineRow,
    ToldRow,
};
use crate::failure::Failure;
use crate::office::{self, Rules};
use crate::own;
use crate::papers;
use crate::store::acts;
use crate::store::cases::{self, CaseFile};
use crate::store::evidence::{self, Evidence};
use crate::store::instruments::{self, Instrument};
use crate::store::journals::{self, EntryRow};
use crate::store::{objects, seals, terminals, views};

const VIEWS_SHOWN: u32 = 100;
const RECEIPTS_SHOWN: u32 = 200;

pub fn read(
    on: &Connection,
    rules: &Rules,
    now: DateTime<FixedOffset>,
    case: CaseFile,
) -> Result<CaseView, Failure> {
    let entries = journals::entries_of_case(on, &case.case_id)?;
    let instruments = instruments::of_case(on, &case.case_id)?;
    let evidence = evidence::of_case(on, &case.case_id)?;
    let told = cases::told(on, &case.case_id)?;
    let views = views::list(on, Some(&case.case_id), None, None, VIEWS_SHOWN)?;
    let names = names(&case.officers);
    Ok(CaseView {
        terminal_name: terminals::by_writer(on, &case.writer)?
            .map(|terminal| terminal.terminal_name)
            .unwrap_or_default(),
        place: json(&case.place)?,
        party: json(&case.party)?,
        vehicle: case.vehicle.as_deref().map(json).transpose()?,
        officers: officers(&case.officers),
        instruments: instruments
            .into_iter()
            .map(|instrument| instrument_row(on, instrument))
            .collect::<Result<_, _>>()?,
        evidence: evidence
            .into_iter()
            .map(|evidence| evidence_row(on, evidence))
            .collect::<Result<_, _>>()?,
        notices_told: told
            .into_iter()
            .map(|told| ToldRow {
                notice: told.notice,
                title: told.title,
                told_at: told.told_at,
                response: told.response,
            })
            .collect(),
        acts: office::acts_of_case(on, &case.case_id)?,
        clocks: office::clocks_of_case(on, rules, &case.case_id, now)?,
        receipts: receipts(on, &case, &entries)?,
        completeness: completeness(on, &case, &entries)?,
        timeline: timeline(on, &case.case_id, entries, &names)?,
        views: views.into_iter().map(super::view_row).collect(),
        case_id: case.case_id,
        writer: case.writer,
        opened_at: case.opened_at,
        presented_at: case.presented_at,
        reason: case.reason,
        reason_note: case.reason_note,
        place_text: case.place_text,
    })
}

pub fn officers(stored: &str) -> Vec<OfficerName> {
    let officers: Vec<OfficerBody> = serde_json::from_str(stored).unwrap_or_default();
    officers
        .into_iter()
        .map(|officer| OfficerName {
            name: officer.name,
            credential_no: officer.credential_no,
            unit: officer.unit,
            post: officer.post,
        })
        .collect()
}

fn json<T: DeserializeOwned>(stored: &str) -> Result<T, Failure> {
    serde_json::from_str(stored).map_err(|_| Failure::stored("a projected row"))
}

fn instrument_row(on: &Connection, instrument: Instrument) -> Result<InstrumentRow, Failure> {
    let id = &instrument.instrument_id;
    let case_id = &instrument.case_id;
    let clocks: Vec<ClockBody> = json(&instrument.clocks)?;
    let signatures = instruments::signatures(on, id)?;
    let copies = instruments::copies(on, id)?;
    let seal = match seals::mode_of(on, id)? {
        Some((mode, _)) => Some(InstrumentSeal {
            mode,
            number: seals::number_on(on, id)?,
        }),
        None => None,
    };
    Ok(InstrumentRow {
        value: json(&instrument.value)?,
        signatures: signatures
            .into_iter()
            .map(|signature| SignatureRow {
                slot: signature.slot,
                name: signature.name,
                signed_at: signature.signed_at,
                refusal: signature.refusal,
                witness_name: signature.witness_name,
            })
            .collect(),
        pdf: object_row(on, case_id, instrument.pdf.as_deref())?,
        ticket: object_row(on, case_id, instrument.ticket.as_deref())?,
        office_copy: papers::has_later(on, &instrument)?
            .then(|| format!("stream/copy/{}", instrument.instrument_id)),
        seal,
        delivery: instrument
            .delivery
            .as_deref()
            .map(json::<DeliveryRow>)
            .transpose()?,
        clocks: clocks
            .into_iter()
            .map(|clock| ClockRow {
                name: clock.name,
                text: clock.text,
                due_on: clock.due_on,
                is_provisional: clock.is_provisional,
            })
            .collect(),
        copies: copies
            .into_iter()
            .map(|copy| CopyRow {
                copy_no: copy.copy_no,
                copy_name: copy.copy_name,
                is_reprint: copy.is_reprint,
                state: copy.state,
                printed_at: copy.changed_at,
            })
            .collect(),
        instrument_id: instrument.instrument_id,
        form: instrument.form,
        title: instrument.title,
        state: instrument.state,
        number: instrument.number,
        issued_at: instrument.issued_at,
        content_sha256: instrument.content_sha256,
        voided_reason: instrument.voided_reason,
    })
}

fn evidence_row(on: &Connection, evidence: Evidence) -> Result<EvidenceRow, Failure> {
    let thumbnail = match &evidence.thumbnail {
        Some(sha256) => cases::named_object(on, &evidence.case_id, sha256)?,
        None => None,
    };
    let marks = evidence::marks(on, &evidence.evidence_id)?;
    Ok(EvidenceRow {
        object: object_row(on, &evidence.case_id, evidence.object.as_deref())?,
        thumbnail: match thumbnail {
            Some(named) => Some(stored_row(on, &evidence.case_id, named)?),
            None => None,
        },
        marks: marks
            .into_iter()
            .map(|(at_ms, text)| MarkRow { at_ms, text })
            .collect(),
        evidence_id: evidence.evidence_id,
        kind: evidence.kind,
        captured_at: evidence.captured_at,
        step: evidence.step,
        state: evidence.state,
        duration_ms: evidence.duration_ms,
    })
}

pub(crate) fn object_row(
    on: &Connection,
    case_id: &str,
    stored: Option<&str>,
) -> Result<Option<ObjectRow>, Failure> {
    let Some(object) = stored.map(json::<ObjectBody>).transpose()? else {
        return Ok(None);
    };
    let named = cases::NamedObject {
        sha256: object.sha256,
        size_bytes: object.size_bytes,
        media_type: object.media_type,
    };
    stored_row(on, case_id, named).map(Some)
}

fn stored_row(
    on: &Connection,
    case_id: &str,
    named: cases::NamedObject,
) -> Result<ObjectRow, Failure> {
    let here = objects::object(on, &named.sha256)?;
    Ok(ObjectRow {
        received_bytes: match &here {
            Some(object) => object.size_bytes,
            None => objects::uploaded_bytes(on, &named.sha256)?,
        },
        size_bytes: here
            .as_ref()
            .map_or(named.size_bytes, |object| object.size_bytes),
        media_type: match (named.media_type.as_str(), &here) {
            ("", Some(object)) => object.media_type.clone(),
            _ => named.media_type,
        },
        is_here: here.is_some(),
        stream: here
            .is_some()
            .then(|| format!("stream/object/{}?case={case_id}", named.sha256)),
        received_at: here.map(|object| object.received_at),
        sha256: named.sha256,
    })
}

/// Names of the case's officers by id and by credential number: headers name officers by either.
fn names(stored: &str) -> HashMap<String, String> {
    let officers: Vec<OfficerBody> = serde_json::from_str(stored).unwrap_or_default();
    officers
        .into_iter()
        .flat_map(|officer| {
            [
                (officer.officer_id, officer.name.clone()),
                (officer.credential_no, officer.name),
            ]
        })
        .collect()
}

/// Entries of the terminal and those of headquarters about the case, in the order in which they came to be here.
fn timeline(
    on: &Connection,
    case_id: &str,
    entries: Vec<EntryRow>,
    names: &HashMap<String, String>,
) -> Result<Vec<TimelineRow>, Failure> {
    let mut rows: Vec<TimelineRow> = entries
        .into_iter()
        .map(|entry| timeline_row(entry, names))
        .collect();
    for act in acts::of_case(on, case_id)? {
        if act.writer != own::WRITER {
            continue;
        }
        let Some(entry) = journals::entry(on, &act.writer, act.epoch, act.idx)? else {
            continue;
        };
        let body: serde_json::Value = json(&act.body)?;
        let word = |name: &str| body.get(name).and_then(serde_json::Value::as_str);
        let mut row = timeline_row(entry, names);
        row.officers.extend(word("user_name").map(str::to_owned));
        row.subject = ["decision", "conclusion", "cause", "kind"]
            .into_iter()
            .find_map(word)
            .unwrap_or_default()
            .to_owned();
        rows.push(row);
    }
    rows.sort_by(|one, other| one.received_at.cmp(&other.received_at));
    Ok(rows)
}

fn timeline_row(entry: EntryRow, names: &HashMap<String, String>) -> TimelineRow {
    let officers: Vec<String> = serde_json::from_str(&entry.officers).unwrap_or_default();
    TimelineRow {
        officers: officers
            .into_iter()
            .map(|officer| names.get(&officer).cloned().unwrap_or(officer))
            .collect(),
        writer: entry.writer,
        epoch: entry.epoch,
        idx: entry.idx,
        case_idx: entry.case_idx,
        kind: entry.kind,
        event_at: entry.event_at,
        entered_at: entry.entered_at,
        received_at: entry.received_at,
        subject: entry.subject,
        hash: entry.hash,
        // Nothing is kept as an entry that did not verify on arrival; `journal_health` verifies anew.
        is_verified: true,
        is_understood: entry.not_understood.is_none(),
    }
}

/// The receipts that cover the entries of the case, the newest first.
fn receipts(
    on: &Connection,
    case: &CaseFile,
    entries: &[EntryRow],
) -> Result<Vec<ReceiptRow>, Failure> {
    let first = entries.iter().map(|entry| entry.idx).min().unwrap_or(0);
    let last = entries.iter().map(|entry| entry.idx).max().unwrap_or(0);
    let found = journals::receipts_from(on, &case.writer, case.epoch, first, RECEIPTS_SHOWN)?;
    let covering = found
        .iter()
        .position(|receipt| receipt.idx >= last)
        .map_or(found.len(), |at| at + 1);
    let rows = found.into_iter().take(covering).map(|receipt| ReceiptRow {
        idx: receipt.idx,
        hash: receipt.hash,
        received_at: receipt.received_at,
        note: receipt.note,
    });
    let mut rows: Vec<ReceiptRow> = rows.collect();
    rows.reverse();
    Ok(rows)
}

fn completeness(
    on: &Connection,
    case: &CaseFile,
    entries: &[EntryRow],
) -> Result<Completeness, Failure> {
    let named = cases::named_objects(on, &case.case_id)?;
    let objects_named = u32::try_from(named.len()).unwrap_or(u32::MAX);
    let mut missing = Vec::new();
    for object in named {
        let row = stored_row(on, &case.case_id, object)?;
        if !row.is_here {
            missing.push(row);
        }
    }
    let own = entries
        .iter()
        .filter(|entry| entry.writer == case.writer && entry.epoch == case.epoch);
    let is_chain_whole = (0..)
        .zip(own)
        .all(|(place, entry)| entry.case_idx == Some(place));
    let not_understood = entries
        .iter()
        .filter(|entry| entry.not_understood.is_some())
        .count();
    let objects_missing = u32::try_from(missing.len()).unwrap_or(u32::MAX);
    Ok(Completeness {
        is_complete: missing.is_empty() && is_chain_whole,
        entries: u64::try_from(entries.len()).unwrap_or(u64::MAX),
        is_chain_whole,
        objects_named,
        objects_here: objects_named.saturating_sub(objects_missing),
        missing,
        not_understood: u32::try_from(not_understood).unwrap_or(u32::MAX),
    })
}
