//! Terminals, the tickets they enrol with, and the number blocks leased to them.

use rusqlite::{Connection, OptionalExtension, Row};

use super::{int, nat};

pub const SCHEMA: &str = "
-- Tickets that new terminals enrol with; the ticket itself is shown once and never stored.
CREATE TABLE ticket (
    secret_hash TEXT NOT NULL PRIMARY KEY,  -- SHA-256 of the secret part, hex
    created_at TEXT NOT NULL,               -- RFC 3339
    expires_at TEXT NOT NULL,               -- not good any more after this moment
    used_at TEXT,                           -- absent while it is unused
    device_key TEXT,                        -- public key that used it, base64
    enrolment TEXT                          -- the answer given, so that a repeated request gets the same one
) STRICT;

-- Terminals of the agency.
CREATE TABLE terminal (
    writer TEXT NOT NULL PRIMARY KEY,   -- name of its series in the journal
    terminal_name TEXT NOT NULL,        -- what people call it
    device_key TEXT NOT NULL UNIQUE,    -- public key of the device, base64
    badge_key TEXT NOT NULL,            -- public key its badge codes are signed with, base64
    badge_key_id TEXT NOT NULL UNIQUE,  -- short name of the badge key inside a code
    key_class TEXT NOT NULL,            -- where the device key lives, e.g. soft
    epoch INTEGER NOT NULL,             -- epoch its series is in
    enrolled_at TEXT NOT NULL           -- RFC 3339
) STRICT;

-- 号段: numbers leased to terminals; two blocks never overlap.
CREATE TABLE number_block (
    writer TEXT NOT NULL REFERENCES terminal (writer),  -- terminal that holds the block
    series TEXT NOT NULL,                               -- number series of the agency
    year INTEGER NOT NULL,                              -- year the numbers belong to
    pattern TEXT NOT NULL,                              -- wording, e.g. 示例交罚〔{year}〕{serial:4}号
    from_no INTEGER NOT NULL CHECK (from_no > 0),       -- first number
    to_no INTEGER NOT NULL CHECK (to_no >= from_no),    -- last number
    granted_at TEXT NOT NULL,                           -- RFC 3339
    PRIMARY KEY (series, year, from_no)
) STRICT;

CREATE TRIGGER number_blocks_never_overlap BEFORE INSERT ON number_block
WHEN EXISTS (
    SELECT 1 FROM number_block AS other
    WHERE other.series = NEW.series AND other.year = NEW.year
      AND other.from_no <= NEW.to_no AND other.to_no >= NEW.from_no
)
BEGIN
    SELECT RAISE(ABORT, 'number blocks overlap');
END;
";

pub struct TicketRow {
    pub expires_at: String,
    pub device_key: Option<String>,
    pub enrolment: Option<String>,
}

pub fn put_ticket(
    on: &Connection,
    secret_hash: &str,
    created_at: &str,
    expires_at: &str,
) -> rusqlite::Result<()> {
    on.execute(
        "INSERT INTO ticket (secret_hash, created_at, expires_at) VALUES (?1, ?2, ?3)",
        (secret_hash, created_at, expires_at),
    )?;
    Ok(())
}

pub fn ticket(on: &Connection, secret_hash: &str) -> rusqlite::Result<Option<TicketRow>> {
    on.query_row(
        "SELECT expires_at, device_key, enrolment FROM ticket WHERE secret_hash = ?1",
        [secret_hash],
        |row| {
            Ok(TicketRow {
                expires_at: row.get(0)?,
                device_key: row.get(1)?,
                enrolment: row.get(2)?,
            })
        },
    )
    .optional()
}

pub fn use_ticket(
    on: &Connection,
    secret_hash: &str,
    used_at: &str,
    device_key: &str,
    enrolment: &str,
) -> rusqlite::Result<()> {
    on.execute(
        "UPDATE ticket SET used_at = ?2, device_key = ?3, enrolment = ?4 WHERE secret_hash = ?1",
        (secret_hash, used_at, device_key, enrolment),
    )?;
    Ok(())
}

#[derive(Debug, Clone)]
pub struct Terminal {
    pub writer: String,
    pub terminal_name: String,
    pub device_key: String,
    pub badge_key: String,
    pub key_class: String,
    pub epoch: u32,
    pub enrolled_at: String,
}

const TERMINAL: &str = "SELECT writer, terminal_name, device_key, badge_key, key_class, epoch, enrolled_at FROM terminal";

fn terminal_row(row: &Row<'_>) -> rusqlite::Result<Terminal> {
    Ok(Terminal {
        writer: row.get(0)?,
        terminal_name: row.get(1)?,
        device_key: row.get(2)?,
        badge_key: row.get(3)?,
        key_class: row.get(4)?,
        epoch: row.get(5)?,
        enrolled_at: row.get(6)?,
    })
}

/// A device that enrols again keeps its writer and gets a later epoch.
pub fn put(on: &Connection, terminal: &Terminal, badge_key_id: &str) -> rusqlite::Result<()> {
    on.execute(
        "INSERT INTO terminal (writer, terminal_name, device_key, badge_key, badge_key_id, key_class, epoch, enrolled_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT (writer) DO UPDATE SET terminal_name = excluded.terminal_name,
             badge_key = excluded.badge_key, badge_key_id = excluded.badge_key_id, epoch = excluded.epoch",
        (
            &terminal.writer,
            &terminal.terminal_name,
            &terminal.device_key,
            &terminal.badge_key,
            badge_key_id,
            &terminal.key_class,
            terminal.epoch,
            &terminal.enrolled_at,
        ),
    )?;
    Ok(())
}

pub fn by_writer(on: &Connection, writer: &str) -> rusqlite::Result<Option<Terminal>> {
    on.query_row(
        &format!("{TERMINAL} WHERE writer = ?1"),
        [writer],
        terminal_row,
    )
    .optional()
}

pub fn by_badge_key(on: &Connection, key_id: &str) -> rusqlite::Result<Option<Terminal>> {
    on.query_row(
        &format!("{TERMINAL} WHERE badge_key_id = ?1"),
        [key_id],
        terminal_row,
    )
    .optional()
}

pub fn all(on: &Connection) -> rusqlite::Result<Vec<Terminal>> {
    on.prepare_cached(&format!("{TERMINAL} ORDER BY enrolled_at, writer"))?
        .query_map([], terminal_row)?
        .collect()
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberBlock {
    pub series: String,
    pub year: u16,
    pub pattern: String,
    pub from: u64,
    pub to: u64,
}

/// The first number of the series and year that nobody holds.
pub fn next_number(on: &Connection, series: &str, year: u16) -> rusqlite::Result<u64> {
    let last: i64 = on.query_row(
        "SELECT COALESCE(MAX(to_no), 0) FROM number_block WHERE series = ?1 AND year = ?2",
        (series, year),
        |row| row.get(0),
    )?;
    Ok(nat(last).saturating_add(1))
}

pub fn put_block(
    on: &Connection,
    writer: &str,
    block: &NumberBlock,
    granted_at: &str,
) -> rusqlite::Result<()> {
    on.execute(
        "INSERT INTO number_block (writer, series, year, pattern, from_no, to_no, granted_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        (
            writer,
            &block.series,
            block.year,
            &block.pattern,
            int(block.from),
            int(block.to),
            granted_at,
        ),
    )?;
    Ok(())
}

pub fn blocks(on: &Connection, writer: &str) -> rusqlite::Result<Vec<NumberBlock>> {
    on.prepare_cached(
        "SELECT series, year, pattern, from_no, to_no FROM number_block
         WHERE writer = ?1 ORDER BY series, year, from_no",
    )?
    .query_map([writer], |row| {
        Ok(NumberBlock {
            series: row.get(0)?,
            year: row.get(1)?,
            pattern: row.get(2)?,
            from: nat(row.get(3)?),
            to: nat(row.get(4)?),
        })
    })?
    .collect()
}
