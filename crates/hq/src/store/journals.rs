//! Received entries as the bytes they came in, heads, receipts, forks, and the leaves of the log of heads.
//! Headquarters' own series stands in the same table under the writer `hq`.

use rusqlite::{Connection, OptionalExtension, Row};

use super::{int, nat};

pub const SCHEMA: &str = "
-- Where the series of each terminal stands; verification goes on from here.
CREATE TABLE series (
    writer TEXT NOT NULL,            -- terminal, or headquarters itself
    epoch INTEGER NOT NULL,          -- epoch of the series
    head_idx INTEGER NOT NULL,       -- index of the newest entry
    head_hash TEXT NOT NULL,         -- its hash, hex
    session INTEGER NOT NULL,        -- newest session
    verifier TEXT NOT NULL,          -- JSON, state of the verification
    last_received_at TEXT NOT NULL,  -- RFC 3339
    PRIMARY KEY (writer, epoch)
) STRICT;

-- Every entry as received, in the order of arrival. Raw bytes first, meaning later.
CREATE TABLE entry (
    arrival INTEGER PRIMARY KEY,  -- order of arrival
    writer TEXT NOT NULL,         -- terminal, or headquarters itself
    epoch INTEGER NOT NULL,       -- epoch of the series
    idx INTEGER NOT NULL,         -- position in the series
    hash TEXT NOT NULL,           -- SHA-256 of the header bytes, hex
    kind TEXT NOT NULL,           -- vocabulary of the journal; unknown words are kept
    case_id TEXT,                 -- case the entry belongs to
    case_idx INTEGER,             -- position in the case
    event_at TEXT NOT NULL,       -- when it happened, the writer's clock
    entered_at TEXT NOT NULL,     -- when it was entered, the writer's clock
    received_at TEXT NOT NULL,    -- headquarters' clock
    officers TEXT NOT NULL,       -- JSON array of officer ids
    frame BLOB NOT NULL,          -- header, salt, body, signature
    not_understood TEXT,          -- why it could not be interpreted
    subject TEXT NOT NULL,        -- what it was about, without personal data
    UNIQUE (writer, epoch, idx)
) STRICT;
CREATE INDEX entry_by_case ON entry (case_id, arrival) WHERE case_id IS NOT NULL;
CREATE INDEX entry_not_understood ON entry (kind) WHERE not_understood IS NOT NULL;

-- Signed receipts given for a series.
CREATE TABLE receipt (
    writer TEXT NOT NULL,       -- terminal
    epoch INTEGER NOT NULL,     -- epoch of the series
    idx INTEGER NOT NULL,       -- newest entry it covers
    hash TEXT NOT NULL,         -- its hash, hex
    received_at TEXT NOT NULL,  -- RFC 3339
    note TEXT NOT NULL,         -- the signed note
    PRIMARY KEY (writer, epoch, idx)
) STRICT;

-- Another continuation of a series: kept as evidence.
CREATE TABLE fork (
    writer TEXT NOT NULL,       -- terminal
    epoch INTEGER NOT NULL,     -- epoch of the series
    idx INTEGER NOT NULL,       -- where the two part
    kept_hash TEXT NOT NULL,    -- entry that was there first
    other_hash TEXT NOT NULL,   -- entry that came later
    received_at TEXT NOT NULL,  -- RFC 3339
    frames BLOB NOT NULL,       -- the bytes of the other continuation
    PRIMARY KEY (writer, epoch, idx, other_hash)
) STRICT;

-- Bytes that could not be placed in a series: kept, and shown.
CREATE TABLE set_aside (
    bytes_hash TEXT NOT NULL PRIMARY KEY,  -- SHA-256 of the bytes, hex
    writer TEXT NOT NULL,                  -- terminal that sent them
    epoch INTEGER NOT NULL,                -- epoch they claim
    received_at TEXT NOT NULL,             -- RFC 3339
    reason TEXT NOT NULL,                  -- why they could not be placed
    frames BLOB NOT NULL                   -- the bytes as received
) STRICT;

-- The Merkle log of heads and publications.
CREATE TABLE log_leaf (
    n INTEGER PRIMARY KEY,  -- position, contiguous from 0
    leaf TEXT NOT NULL      -- what was logged, one line
) STRICT;
";

#[derive(Debug, Clone)]
pub struct SeriesRow {
    pub head_idx: u64,
    pub head_hash: String,
    pub session: u32,
    /// State of the verifier after the head, as JSON.
    pub verifier: String,
    pub last_received_at: String,
}

pub fn series(on: &Connection, writer: &str, epoch: u32) -> rusqlite::Result<Option<SeriesRow>> {
    on.prepare_cached(
        "SELECT head_idx, head_hash, session, verifier, last_received_at FROM series
         WHERE writer = ?1 AND epoch = ?2",
    )?
    .query_row((writer, epoch), |row| {
        Ok(SeriesRow {
            head_idx: nat(row.get(0)?),
            head_hash: row.get(1)?,
            session: row.get(2)?,
            verifier: row.get(3)?,
            last_received_at: row.get(4)?,
        })
    })
    .optional()
}

pub fn put_series(
    on: &Connection,
    writer: &str,
    epoch: u32,
    row: &SeriesRow,
) -> rusqlite::Result<()> {
    on.prepare_cached(
        "INSERT INTO series (writer, epoch, head_idx, head_hash, session, verifier, last_received_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (writer, epoch) DO UPDATE SET head_idx = excluded.head_idx, head_hash = excluded.head_hash,
             session = excluded.session, verifier = excluded.verifier, last_received_at = excluded.last_received_at",
    )?
    .execute((
        writer,
        epoch,
        int(row.head_idx),
        &row.head_hash,
        row.session,
        &row.verifier,
        &row.last_received_at,
    ))?;
    Ok(())
}

/// Writer and epoch of every series, headquarters' own included.
pub fn all_series(on: &Connection) -> rusqlite::Result<Vec<(String, u32)>> {
    on.prepare_cached("SELECT writer, epoch FROM series ORDER BY writer, epoch")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

/// The later epoch of a writer that arrived, if any did.
pub fn last_epoch(on: &Connection, writer: &str) -> rusqlite::Result<Option<u32>> {
    on.query_row(
        "SELECT MAX(epoch) FROM series WHERE writer = ?1",
        [writer],
        |row| row.get(0),
    )
}

#[derive(Debug, Clone)]
pub struct EntryRow {
    pub writer: String,
    pub epoch: u32,
    pub idx: u64,
    pub hash: String,
    pub kind: String,
    pub case_id: Option<String>,
    pub case_idx: Option<u64>,
    pub event_at: String,
    pub entered_at: String,
    pub received_at: String,
    /// Credential numbers as a JSON array.
    pub officers: String,
    pub frame: Vec<u8>,
    pub not_understood: Option<String>,
    pub subject: String,
}

const ENTRY: &str =
    "SELECT writer, epoch, idx, hash, kind, case_id, case_idx, event_at, entered_at, received_at,
    officers, frame, not_understood, subject FROM entry";

fn entry_row(row: &Row<'_>) -> rusqlite::Result<EntryRow> {
    Ok(EntryRow {
        writer: row.get(0)?,
        epoch: row.get(1)?,
        idx: nat(row.get(2)?),
        hash: row.get(3)?,
        kind: row.get(4)?,
        case_id: row.get(5)?,
        case_idx: row.get::<_, Option<i64>>(6)?.map(nat),
        event_at: row.get(7)?,
        entered_at: row.get(8)?,
        received_at: row.get(9)?,
        officers: row.get(10)?,
        frame: row.get(11)?,
        not_understood: row.get(12)?,
        subject: row.get(13)?,
    })
}

pub fn put_entry(on: &Connection, entry: &EntryRow) -> rusqlite::Result<()> {
    on.prepare_cached(
        "INSERT INTO entry (writer, epoch, idx, hash, kind, case_id, case_idx, event_at, entered_at, received_at,
             officers, frame, not_understood, subject)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
    )?
    .execute(rusqlite::params![
        entry.writer,
        entry.epoch,
        int(entry.idx),
        entry.hash,
        entry.kind,
        entry.case_id,
        entry.case_idx.map(int),
        entry.event_at,
        entry.entered_at,
        entry.received_at,
        entry.officers,
        entry.frame,
        entry.not_understood,
        entry.subject,
    ])?;
    Ok(())
}

/// What interpreting an entry gave: why it was not understood, and its one-line subject.
pub fn put_reading(
    on: &Connection,
    (writer, epoch, idx): (&str, u32, u64),
    not_understood: Option<&str>,
    subject: &str,
) -> rusqlite::Result<()> {
    on.prepare_cached(
        "UPDATE entry SET not_understood = ?4, subject = ?5 WHERE writer = ?1 AND epoch = ?2 AND idx = ?3",
    )?
    .execute((writer, epoch, int(idx), not_understood, subject))?;
    Ok(())
}

pub fn entry(
    on: &Connection,
    writer: &str,
    epoch: u32,
    idx: u64,
) -> rusqlite::Result<Option<EntryRow>> {
    on.prepare_cached(&format!(
        "{ENTRY} WHERE writer = ?1 AND epoch = ?2 AND idx = ?3"
    ))?
    .query_row((writer, epoch, int(idx)), entry_row)
    .optional()
}

/// Entries of a series from `from` on, at most `limit`.
pub fn entries_from(
    on: &Connection,
    writer: &str,
    epoch: u32,
    from: u64,
    limit: u32,
) -> rusqlite::Result<Vec<EntryRow>> {
    on.prepare_cached(&format!(
        "{ENTRY} WHERE writer = ?1 AND epoch = ?2 AND idx >= ?3 ORDER BY idx LIMIT ?4"
    ))?
    .query_map((writer, epoch, int(from), limit), entry_row)?
    .collect()
}

/// Entries of all terminals in the order they arrived, after `arrival`; with their place in that order.
pub fn arrivals_after(
    on: &Connection,
    arrival: i64,
    limit: u32,
) -> rusqlite::Result<Vec<(i64, EntryRow)>> {
    on.prepare_cached(
        "SELECT writer, epoch, idx, hash, kind, case_id, case_idx, event_at, entered_at, received_at,
             officers, frame, not_understood, subject, arrival
         FROM entry WHERE arrival > ?1 ORDER BY arrival LIMIT ?2",
    )?
    .query_map((arrival, limit), |row| Ok((row.get(14)?, entry_row(row)?)))?
    .collect()
}

pub fn entries_of_case(on: &Connection, case_id: &str) -> rusqlite::Result<Vec<EntryRow>> {
    on.prepare_cached(&format!("{ENTRY} WHERE case_id = ?1 ORDER BY arrival"))?
        .query_map([case_id], entry_row)?
        .collect()
}

/// Kind, reason and count of what was kept without being understood.
pub fn not_understood(on: &Connection) -> rusqlite::Result<Vec<(String, String, u64)>> {
    on.prepare_cached(
        "SELECT kind, not_understood, COUNT(*) FROM entry WHERE not_understood IS NOT NULL
         GROUP BY kind, not_understood ORDER BY kind, not_understood",
    )?
    .query_map([], |row| Ok((row.get(0)?, row.get(1)?, nat(row.get(2)?))))?
    .collect()
}

#[derive(Debug, Clone)]
pub struct ReceiptRow {
    pub idx: u64,
    pub hash: String,
    pub received_at: String,
    pub note: String,
}

pub fn put_receipt(
    on: &Connection,
    writer: &str,
    epoch: u32,
    receipt: &ReceiptRow,
) -> rusqlite::Result<()> {
    on.execute(
        "INSERT OR IGNORE INTO receipt (writer, epoch, idx, hash, received_at, note) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        (writer, epoch, int(receipt.idx), &receipt.hash, &receipt.received_at, &receipt.note),
    )?;
    Ok(())
}

/// The receipts from `idx` on, the earliest first: the first of them covers the entry at `idx`.
pub fn receipts_from(
    on: &Connection,
    writer: &str,
    epoch: u32,
    idx: u64,
    limit: u32,
) -> rusqlite::Result<Vec<ReceiptRow>> {
    on.prepare_cached(
        "SELECT idx, hash, received_at, note FROM receipt
         WHERE writer = ?1 AND epoch = ?2 AND idx >= ?3 ORDER BY idx LIMIT ?4",
    )?
    .query_map((writer, epoch, int(idx), limit), |row| {
        Ok(ReceiptRow {
            idx: nat(row.get(0)?),
            hash: row.get(1)?,
            received_at: row.get(2)?,
            note: row.get(3)?,
        })
    })?
    .collect()
}

#[derive(Debug, Clone)]
pub struct Fork {
    pub writer: String,
    pub epoch: u32,
    pub idx: u64,
    pub kept_hash: String,
    pub other_hash: String,
    pub received_at: String,
}

/// True when this fork was not known before.
pub fn put_fork(on: &Connection, fork: &Fork, frames: &[u8]) -> rusqlite::Result<bool> {
    let rows = on.execute(
        "INSERT OR IGNORE INTO fork (writer, epoch, idx, kept_hash, other_hash, received_at, frames)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        (
            &fork.writer,
            fork.epoch,
            int(fork.idx),
            &fork.kept_hash,
            &fork.other_hash,
            &fork.received_at,
            frames,
        ),
    )?;
    Ok(rows > 0)
}

pub fn forks(on: &Connection) -> rusqlite::Result<Vec<Fork>> {
    on.prepare_cached(
        "SELECT writer, epoch, idx, kept_hash, other_hash, received_at FROM fork ORDER BY received_at, idx",
    )?
    .query_map([], |row| {
        Ok(Fork {
            writer: row.get(0)?,
            epoch: row.get(1)?,
            idx: nat(row.get(2)?),
            kept_hash: row.get(3)?,
            other_hash: row.get(4)?,
            received_at: row.get(5)?,
        })
    })?
    .collect()
}

/// The bytes a device sent on its other branch.
pub fn fork_frames(
    on: &Connection,
    writer: &str,
    epoch: u32,
    idx: u64,
) -> rusqlite::Result<Vec<Vec<u8>>> {
    on.prepare_cached(
        "SELECT frames FROM fork WHERE writer = ?1 AND epoch = ?2 AND idx = ?3 ORDER BY received_at",
    )?
    .query_map((writer, epoch, int(idx)), |row| row.get(0))?
    .collect()
}

/// Keeps refused bytes, at most `limit` bodies of one writer so that a broken terminal cannot fill the disk.
pub fn set_aside(
    on: &Connection,
    (writer, epoch): (&str, u32),
    (bytes_hash, frames): (&str, &[u8]),
    received_at: &str,
    reason: &str,
    limit: u32,
) -> rusqlite::Result<()> {
    on.execute(
        "INSERT OR IGNORE INTO set_aside (bytes_hash, writer, epoch, received_at, reason, frames)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE (SELECT COUNT(*) FROM set_aside WHERE writer = ?2) < ?7",
        (bytes_hash, writer, epoch, received_at, reason, frames, limit),
    )?;
    Ok(())
}

pub fn count_set_aside(on: &Connection, writer: &str) -> rusqlite::Result<u64> {
    on.query_row(
        "SELECT COUNT(*) FROM set_aside WHERE writer = ?1",
        [writer],
        |row| row.get(0).map(nat),
    )
}

pub fn put_leaf(on: &Connection, leaf: &str) -> rusqlite::Result<()> {
    on.execute(
        "INSERT INTO log_leaf (n, leaf) SELECT COALESCE(MAX(n) + 1, 0), ?1 FROM log_leaf",
        [leaf],
    )?;
    Ok(())
}

pub fn leaves(on: &Connection) -> rusqlite::Result<Vec<String>> {
    on.prepare_cached("SELECT leaf FROM log_leaf ORDER BY n")?
        .query_map([], |row| row.get(0))?
        .collect()
}

/// The last entry of a case in a series: its place in the case and its hash.
pub fn case_tip(
    on: &Connection,
    writer: &str,
    epoch: u32,
    case_id: &str,
) -> rusqlite::Result<Option<(u64, String)>> {
    on.prepare_cached(
        "SELECT case_idx, hash FROM entry WHERE case_id = ?3 AND writer = ?1 AND epoch = ?2
         ORDER BY arrival DESC LIMIT 1",
    )?
    .query_row((writer, epoch, case_id), |row| {
        Ok((
            row.get::<_, Option<i64>>(0)?.map(nat).unwrap_or(0),
            row.get(1)?,
        ))
    })
    .optional()
}
