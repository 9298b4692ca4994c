//! What people decided about cases: acts of headquarters, and those acts of officers that headquarters has to answer.
//! A projection of both kinds of series, by case, instrument and key.

use rusqlite::{Connection, OptionalExtension, Row};

use super::{int, nat};

pub const SCHEMA: &str = "
-- Acts in cases (projection): approvals, reviews, flags, payments, disclosures and the like, of terminals and of headquarters.
CREATE TABLE act (
    writer TEXT NOT NULL,            -- series of the entry; hq for headquarters
    epoch INTEGER NOT NULL,          -- its epoch
    idx INTEGER NOT NULL,            -- its place in the series
    kind TEXT NOT NULL,              -- kind of the entry
    case_id TEXT,                    -- case it is about
    instrument_id TEXT,              -- instrument it is about
    about TEXT NOT NULL DEFAULT '',  -- what it is found by: stage, code, credit code, hash of a code
    acted_at TEXT NOT NULL,          -- RFC 3339, the writer's clock
    body TEXT NOT NULL,              -- JSON, the body of the entry
    PRIMARY KEY (writer, epoch, idx)
) STRICT;
CREATE INDEX act_by_case ON act (case_id, acted_at) WHERE case_id IS NOT NULL;
CREATE INDEX act_by_instrument ON act (instrument_id, kind) WHERE instrument_id IS NOT NULL;
CREATE INDEX act_by_kind ON act (kind, about);
";

#[derive(Debug, Clone)]
pub struct Act {
    pub writer: String,
    pub epoch: u32,
    pub idx: u64,
    pub kind: String,
    pub case_id: Option<String>,
    pub instrument_id: Option<String>,
    pub about: String,
    pub acted_at: String,
    /// JSON.
    pub body: String,
}

const ACT: &str =
    "SELECT writer, epoch, idx, kind, case_id, instrument_id, about, acted_at, body FROM act";

fn act_row(row: &Row<'_>) -> rusqlite::Result<Act> {
    Ok(Act {
        writer: row.get(0)?,
        epoch: row.get(1)?,
        idx: nat(row.get(2)?),
        kind: row.get(3)?,
        case_id: row.get(4)?,
        instrument_id: row.get(5)?,
        about: row.get(6)?,
        acted_at: row.get(7)?,
        body: row.get(8)?,
    })
}

pub fn put(on: &Connection, act: &Act) -> rusqlite::Result<()> {
    on.prepare_cached(
        "INSERT INTO act (writer, epoch, idx, kind, case_id, instrument_id, about, acted_at, body)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?
    .execute((
        &act.writer,
        act.epoch,
        int(act.idx),
        &act.kind,
        &act.case_id,
        &act.instrument_id,
        &act.about,
        &act.acted_at,
        &act.body,
    ))?;
    Ok(())
}

pub fn of_case(on: &Connection, case_id: &str) -> rusqlite::Result<Vec<Act>> {
    on.prepare_cached(&format!(
        "{ACT} WHERE case_id = ?1 ORDER BY acted_at, writer, epoch, idx"
    ))?
    .query_map([case_id], act_row)?
    .collect()
}

/// Acts of a kind about an instrument, in their order.
pub fn of_instrument(
    on: &Connection,
    instrument_id: &str,
    kind: &str,
) -> rusqlite::Result<Vec<Act>> {
    on.prepare_cached(&format!(
        "{ACT} WHERE instrument_id = ?1 AND kind = ?2 ORDER BY acted_at, writer, epoch, idx"
    ))?
    .query_map((instrument_id, kind), act_row)?
    .collect()
}

/// Acts of a kind that are found by `about`, in their order.
pub fn about(on: &Connection, kind: &str, about: &str) -> rusqlite::Result<Vec<Act>> {
    on.prepare_cached(&format!(
        "{ACT} WHERE kind = ?1 AND about = ?2 ORDER BY acted_at, writer, epoch, idx"
    ))?
    .query_map((kind, about), act_row)?
    .collect()
}

/// The newest acts of a kind.
pub fn newest(on: &Connection, kind: &str, limit: u32) -> rusqlite::Result<Vec<Act>> {
    on.prepare_cached(&format!(
        "{ACT} WHERE kind = ?1 ORDER BY acted_at DESC, idx DESC LIMIT ?2"
    ))?
    .query_map((kind, limit), act_row)?
    .collect()
}

pub fn has(on: &Connection, case_id: &str, kind: &str) -> rusqlite::Result<bool> {
    on.prepare_cached("SELECT 1 FROM act WHERE case_id = ?1 AND kind = ?2 LIMIT 1")?
        .query_row((case_id, kind), |_| Ok(()))
        .optional()
        .map(|found| found.is_some())
}

/// Remote approvals that headquarters has neither confirmed nor refused, the oldest first.
pub fn unanswered_approvals(on: &Connection, limit: u32) -> rusqlite::Result<Vec<Act>> {
    on.prepare_cached(&format!(
        "{ACT} WHERE kind = 'approval.recorded' AND NOT EXISTS (
             SELECT 1 FROM act AS answer WHERE answer.instrument_id = act.instrument_id
                 AND answer.kind = 'hq.approval_given' AND answer.about = act.about)
         ORDER BY acted_at, writer, epoch, idx LIMIT ?1"
    ))?
    .query_map([limit], act_row)?
    .collect()
}
