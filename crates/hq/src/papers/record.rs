//! What the journals say about the issued instruments of a case.

use std::collections::BTreeMap;

use chrono::SecondsFormat;
use journal::body::{
    InstrumentDrafted, InstrumentIssued, InstrumentSigned, InstrumentStarted, PrintEvent,
    SessionOpened,
};
use journal::{Entry, Hash, Kind};
use paper::PlacedSignature;
use rusqlite::Connection;
use serde::de::DeserializeOwned;

use crate::failure::Failure;
use crate::store::{journals, papers};

/// An issued instrument as its entries tell it.
pub(crate) struct Record {
    pub issued: InstrumentIssued,
    /// Those given for the draft that was issued.
    pub signatures: Vec<PlacedSignature>,
    /// As the terminal wrote it, RFC 3339 with milliseconds.
    pub issued_at: String,
    /// The pack in force at the terminal.
    pub pack: String,
    pub entry: EntryPlace,
    pub copies: Vec<Copy>,
}

/// Where the entry of issuing stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryPlace {
    pub writer: String,
    pub epoch: u32,
    pub idx: u64,
    pub hash: String,
    pub received_at: String,
}

/// A copy that a terminal sent to a printer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copy {
    pub copy_no: u32,
    pub copy_name: String,
    pub is_reprint: bool,
    pub queued_at: String,
    pub sha256: String,
}

/// What is known of an instrument while its entries are read in order.
#[derive(Default)]
struct Draft {
    value_sha256: Option<Hash>,
    /// The newest of each slot.
    signed: BTreeMap<String, (InstrumentSigned, String)>,
}

/// The issued instruments of a case by their ids.
pub(crate) fn records(on: &Connection, case_id: &str) -> Result<BTreeMap<String, Record>, Failure> {
    let mut drafts: BTreeMap<String, Draft> = BTreeMap::new();
    let mut records: BTreeMap<String, Record> = BTreeMap::new();
    for row in journals::entries_of_case(on, case_id)? {
        let Ok(kind) = Kind::parse(&row.kind) else {
            continue;
        };
        // What was kept without being understood is of another terminal, or contradicts what came before.
        if row.not_understood.is_some() || !is_about_paper(kind) {
            continue;
        }
        let entry = Entry::parse(&row.frame).map_err(|_| Failure::stored("an entry"))?;
        let at = written(&entry);
        match kind {
            Kind::InstrumentStarted => {
                let body: InstrumentStarted = read(&entry)?;
                let draft = drafts.entry(body.instrument_id).or_default();
                draft.value_sha256 = Some(paper::values_sha256(&body.value));
            }
            Kind::InstrumentDrafted => {
                let body: InstrumentDrafted = read(&entry)?;
                let draft = drafts.entry(body.instrument_id).or_default();
                draft.value_sha256 = Some(paper::values_sha256(&body.value));
            }
            Kind::InstrumentSigned => {
                let body: InstrumentSigned = read(&entry)?;
                let draft = drafts.entry(body.instrument_id.clone()).or_default();
                draft.signed.insert(body.slot.clone(), (body, at));
            }
            Kind::InstrumentIssued => {
                let issued: InstrumentIssued = read(&entry)?;
                let draft = drafts.remove(&issued.instrument_id).unwrap_or_default();
                let record = Record {
                    signatures: draft.placed(),
                    issued_at: at,
                    pack: entry.header.pack.clone().unwrap_or_default(),
                    entry: EntryPlace {
                        writer: row.writer,
                        epoch: row.epoch,
                        idx: row.idx,
                        hash: row.hash,
                        received_at: row.received_at,
                    },
                    copies: Vec::new(),
                    issued,
                };
                records.insert(record.issued.instrument_id.clone(), record);
            }
            Kind::PrintQueued => {
                let body: PrintEvent = read(&entry)?;
                if let Some(record) = records.get_mut(&body.instrument_id) {
                    record.copies.push(Copy {
                        copy_no: body.copy_no,
                        copy_name: body.copy_name,
                        is_reprint: body.is_reprint,
                        queued_at: at,
                        sha256: body.sha256,
                    });
                }
            }
            _ => {}
        }
    }
    Ok(records)
}

/// The build of the program that wrote the entry, as its session says.
pub(super) fn build(on: &Connection, entry: &EntryPlace) -> Result<Option<String>, Failure> {
    let at = (entry.writer.as_str(), entry.epoch, entry.idx);
    let Some(frame) = papers::session_opened(on, at)? else {
        return Ok(None);
    };
    let entry = Entry::parse(&frame).map_err(|_| Failure::stored("an entry"))?;
    Ok(Some(read::<SessionOpened>(&entry)?.build))
}

fn is_about_paper(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::InstrumentStarted
            | Kind::InstrumentDrafted
            | Kind::InstrumentSigned
            | Kind::InstrumentIssued
            | Kind::PrintQueued
    )
}

impl Draft {
    /// Refusals stand in the frozen value; what was signed for an earlier draft is on no paper.
    fn placed(self) -> Vec<PlacedSignature> {
        let current = self.value_sha256.map(|sha256| sha256.to_string());
        let given = self.signed.into_values().filter(|(signed, _)| {
            signed.refusal.is_none() && Some(&signed.value_sha256) == current.as_ref()
        });
        given
            .map(|(signed, at)| {
                PlacedSignature::written(&signed.slot, &signed.name, &at, &signed.strokes)
            })
            .collect()
    }
}

/// The time of an entry as its terminal writes it on paper.
fn written(entry: &Entry) -> String {
    let at = &entry.header.event_at;
    at.to_rfc3339_opts(SecondsFormat::Millis, false)
}

fn read<T: DeserializeOwned>(entry: &Entry) -> Result<T, Failure> {
    entry
        .body_as()
        .map_err(|_| Failure::stored("a body of a terminal's series"))
}
