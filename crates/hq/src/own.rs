//! Headquarters' own series: what happens here is an entry too.

use journal::{Entry, EntryDraft, Hash, Kind, Series, SeriesVerifier, SigningKey, WriterId};
use rusqlite::Connection;
use serde::Serialize;

use crate::clock::{Clock, time_text};
use crate::failure::Failure;
use crate::store::journals::{self, EntryRow, SeriesRow};

pub const WRITER: &str = "hq";
pub const EPOCH: u32 = sync::protocol::SERIES_EPOCH;

/// The writer's side, carried along a transaction and kept only when the transaction committed.
#[derive(Clone)]
pub struct OwnSeries {
    series: Series,
    verifier: SeriesVerifier,
    key: SigningKey,
    boot: String,
}

impl OwnSeries {
    /// Takes the series up where the stored entries end.
    pub fn resume(on: &Connection, key: SigningKey) -> Result<Self, Failure> {
        let writer = WriterId::headquarters();
        let verifier = match journals::series(on, WRITER, EPOCH)? {
            Some(row) => SeriesVerifier::resume(
                serde_json::from_str(&row.verifier).map_err(|_| Failure::stored("own series"))?,
            ),
            None => SeriesVerifier::new(writer.clone(), EPOCH, key.public()),
        };
        if verifier.state().device != key.public() {
            return Err(Failure::OwnSeries(
                "it was signed with another key".to_owned(),
            ));
        }
        Ok(Self {
            series: Series::resume(writer, EPOCH, 0, verifier.tip()),
            verifier,
            key,
            boot: uuid::Uuid::new_v4().simple().to_string(),
        })
    }

    /// Catches up when another process of this headquarters wrote in the meantime.
    pub fn refresh(&mut self, on: &Connection) -> Result<(), Failure> {
        let stored = journals::series(on, WRITER, EPOCH)?.map(|row| (row.head_idx, row.head_hash));
        let known = self
            .verifier
            .tip()
            .map(|tip| (tip.idx, tip.hash.to_string()));
        if stored != known {
            *self = Self {
                boot: self.boot.clone(),
                ..Self::resume(on, self.key.clone())?
            };
        }
        Ok(())
    }

    /// Seals and stores one entry. It counts only once the surrounding transaction commits.
    pub fn record(
        &mut self,
        on: &Connection,
        clock: &dyn Clock,
        kind: Kind,
        body: &impl Serialize,
        blobs: Vec<Hash>,
    ) -> Result<u64, Failure> {
        let now = clock.now();
        let draft = EntryDraft {
            kind,
            case: None,
            event_at: now,
            entered_at: now,
            boot: self.boot.clone(),
            mono_ms: clock.monotonic_ms(),
            anchor: None,
            officers: Vec::new(),
            pack: None,
            body: serde_json::to_vec(body)?,
            blobs,
        };
        let entry = self.series.seal(draft, None, &self.key);
        self.verifier
            .push(&entry)
            .map_err(|fault| Failure::OwnSeries(fault.to_string()))?;
        let at = time_text(&now);
        journals::put_entry(on, &entry_row(&entry, &at))?;
        let row = SeriesRow {
            head_idx: entry.header.idx,
            head_hash: entry.hash().to_string(),
            session: 0,
            verifier: serde_json::to_string(self.verifier.state())?,
            last_received_at: at,
        };
        journals::put_series(on, WRITER, EPOCH, &row)?;
        self.series.advance(&entry);
        crate::projection::interpret_own(on, &entry)?;
        Ok(entry.header.idx)
    }
}

/// An entry as it is kept: the frame byte for byte, and what the header says beside it.
pub fn entry_row(entry: &Entry, received_at: &str) -> EntryRow {
    let header = &entry.header;
    EntryRow {
        writer: header.writer.to_string(),
        epoch: header.epoch,
        idx: header.idx,
        hash: entry.hash().to_string(),
        kind: header.kind.as_str().to_owned(),
        case_id: header.case.clone(),
        case_idx: header.case_idx,
        event_at: time_text(&header.event_at),
        entered_at: time_text(&header.entered_at),
        received_at: received_at.to_owned(),
        officers: serde_json::to_string(&header.officers).unwrap_or_else(|_| "[]".to_owned()),
        frame: entry.frame(),
        not_understood: None,
        subject: String::new(),
    }
}
