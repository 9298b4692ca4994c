//! What the journals of the terminals say, read into tables: cases, notices told, objects named. Everything here
//! can be rebuilt from the entries.

use rusqlite::{Connection, OptionalExtension, Row};

use super::{int, nat};

pub const SCHEMA: &str = "
-- 案件 (projection): what a terminal opened, as last amended.
CREATE TABLE case_file (
    case_id TEXT NOT NULL PRIMARY KEY,  -- given by the terminal
    writer TEXT NOT NULL,               -- terminal it comes from
    epoch INTEGER NOT NULL,             -- epoch of its first entry
    opened_at TEXT NOT NULL,            -- RFC 3339, the terminal's clock
    received_at TEXT NOT NULL,          -- RFC 3339, headquarters' clock
    presented_at TEXT NOT NULL,         -- when the officers showed who they are
    reason TEXT NOT NULL,               -- daily, special, complaint, double_random, transferred
    reason_note TEXT NOT NULL,          -- free text
    place TEXT NOT NULL,                -- JSON
    place_text TEXT NOT NULL,           -- the place in words
    party TEXT NOT NULL,                -- JSON, the party block of the forms
    party_name TEXT NOT NULL,           -- name of person or firm, for the list
    vehicle TEXT,                       -- JSON, absent when no vehicle is concerned
    plate TEXT,                         -- plate, for the list
    officers TEXT NOT NULL              -- JSON array
) STRICT;
CREATE INDEX case_file_by_time ON case_file (opened_at, case_id);

-- 告知 (projection).
CREATE TABLE notice_told (
    case_id TEXT NOT NULL REFERENCES case_file (case_id),  -- case it was told in
    notice TEXT NOT NULL,                                  -- id of the notice in the pack
    title TEXT NOT NULL,                                   -- its title
    told_at TEXT NOT NULL,                                 -- RFC 3339
    response TEXT NOT NULL                                 -- what the party answered
) STRICT;
CREATE INDEX notice_told_by_case ON notice_told (case_id, told_at);

-- Files that entries of a case name; tells whether a case is complete.
CREATE TABLE named_object (
    case_id TEXT NOT NULL REFERENCES case_file (case_id),  -- case that names it
    sha256 TEXT NOT NULL,                                  -- of the whole file, hex
    writer TEXT NOT NULL,                                  -- terminal that has it
    size_bytes INTEGER NOT NULL,                           -- size the entry states
    media_type TEXT NOT NULL,                              -- type the entry states
    PRIMARY KEY (case_id, sha256)
) STRICT;
CREATE INDEX named_object_by_writer ON named_object (writer, sha256);
";

pub const TABLES: &[&str] = &[
    "act",
    "clock",
    "disclosure",
    "named_object",
    "notice_told",
    "recording_mark",
    "evidence",
    "seal_use",
    "spoiled_sheet",
    "paper_copy",
    "signature",
    "instrument",
    "case_file",
];

/// Forgets every projection, to read the entries anew.
pub fn clear(on: &Connection) -> rusqlite::Result<()> {
    for table in TABLES {
        on.execute(&format!("DELETE FROM {table}"), [])?;
    }
    Ok(())
}

/// Every row of every projection as text, for comparing a rebuild with the live tables.
pub fn dump(on: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut rows = Vec::new();
    for table in TABLES {
        let mut statement = on.prepare(&format!("SELECT * FROM {table}"))?;
        let columns = statement.column_count();
        let mut found = statement.query([])?;
        while let Some(row) = found.next()? {
            let mut text = (*table).to_owned();
            for column in 0..columns {
                let value: rusqlite::types::Value = row.get(column)?;
                text.push_str(&format!("|{value:?}"));
            }
            rows.push(text);
        }
    }
    rows.sort();
    Ok(rows)
}

#[derive(Debug, Clone)]
pub struct CaseFile {
    pub case_id: String,
    pub writer: String,
    pub epoch: u32,
    pub opened_at: String,
    pub received_at: String,
    pub presented_at: String,
    pub reason: String,
    pub reason_note: String,
    pub place: String,
    pub place_text: String,
    pub party: String,
    pub party_name: String,
    pub vehicle: Option<String>,
    pub plate: Option<String>,
    pub officers: String,
}

const CASE: &str = "SELECT case_id, writer, epoch, opened_at, received_at, presented_at, reason, reason_note, place,
    place_text, party, party_name, vehicle, plate, officers FROM case_file";

fn case_row(row: &Row<'_>) -> rusqlite::Result<CaseFile> {
    Ok(CaseFile {
        case_id: row.get(0)?,
        writer: row.get(1)?,
        epoch: row.get(2)?,
        opened_at: row.get(3)?,
        received_at: row.get(4)?,
        presented_at: row.get(5)?,
        reason: row.get(6)?,
        reason_note: row.get(7)?,
        place: row.get(8)?,
        place_text: row.get(9)?,
        party: row.get(10)?,
        party_name: row.get(11)?,
        vehicle: row.get(12)?,
        plate: row.get(13)?,
        officers: row.get(14)?,
    })
}

pub fn put_case(on: &Connection, case: &CaseFile) -> rusqlite::Result<()> {
    on.execute(
        "INSERT INTO case_file (case_id, writer, epoch, opened_at, received_at, presented_at, reason, reason_note,
             place, place_text, party, party_name, vehicle, plate, officers)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
         ON CONFLICT (case_id) DO UPDATE SET place = excluded.place, place_text = excluded.place_text,
             party = excluded.party, party_name = excluded.party_name, vehicle = excluded.vehicle,
             plate = excluded.plate",
        rusqlite::params![
            case.case_id,
            case.writer,
            case.epoch,
            case.opened_at,
            case.received_at,
            case.presented_at,
            case.reason,
            case.reason_note,
            case.place,
            case.place_text,
            case.party,
            case.party_name,
            case.vehicle,
            case.plate,
            case.officers,
        ],
    )?;
    Ok(())
}

pub fn case(on: &Connection, case_id: &str) -> rusqlite::Result<Option<CaseFile>> {
    on.prepare_cached(&format!("{CASE} WHERE case_id = ?1"))?
        .query_row([case_id], case_row)
        .optional()
}

/// True for a case in which the text `?1` occurs, and for every case when it is empty. Not LIKE: that stops at NUL and
/// fails on long patterns.
const MATCHES: &str = "(?1 = '' OR instr(lower(party_name), ?1) > 0 OR instr(lower(plate), ?1) > 0
    OR instr(lower(place_text), ?1) > 0 OR instr(lower(case_id), ?1) > 0
    OR EXISTS (SELECT 1 FROM instrument WHERE instrument.case_id = case_file.case_id
        AND instr(lower(number), ?1) > 0))";

/// What [`search`] looks for; capital letters of plates and ids do not matter.
pub fn sought(text: &str) -> String {
    text.trim().to_ascii_lowercase()
}

/// The newest first, after the case that `after` names by opening time and id.
pub fn search(
    on: &Connection,
    sought: &str,
    after: Option<(&str, &str)>,
    limit: u32,
) -> rusqlite::Result<Vec<CaseFile>> {
    let (opened_at, case_id) = after.unzip();
    on.prepare_cached(&format!(
        "{CASE} WHERE {MATCHES} AND (?2 IS NULL OR (opened_at, case_id) < (?2, ?3))
         ORDER BY opened_at DESC, case_id DESC LIMIT ?4"
    ))?
    .query_map((sought, opened_at, case_id, limit), case_row)?
    .collect()
}

pub fn count(on: &Connection, sought: &str) -> rusqlite::Result<u64> {
    on.prepare_cached(&format!("SELECT COUNT(*) FROM case_file WHERE {MATCHES}"))?
        .query_row([sought], |row| row.get(0).map(nat))
}

/// Issued instruments, pieces of evidence, entries not understood, objects not here.
pub fn counts(on: &Connection, case_id: &str) -> rusqlite::Result<(u32, u32, u32, u32)> {
    on.prepare_cached(
        "SELECT
            (SELECT COUNT(*) FROM instrument WHERE case_id = ?1 AND state = 'issued'),
            (SELECT COUNT(*) FROM evidence WHERE case_id = ?1),
            (SELECT COUNT(*) FROM entry WHERE case_id = ?1 AND not_understood IS NOT NULL),
            (SELECT COUNT(*) FROM named_object WHERE case_id = ?1
                AND NOT EXISTS (SELECT 1 FROM object WHERE object.sha256 = named_object.sha256))",
    )?
    .query_row([case_id], |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
    })
}

#[derive(Debug, Clone)]
pub struct Told {
    pub notice: String,
    pub title: String,
    pub told_at: String,
    pub response: String,
}

pub fn put_told(on: &Connection, case_id: &str, told: &Told) -> rusqlite::Result<()> {
    on.execute(
        "INSERT INTO notice_told (case_id, notice, title, told_at, response) VALUES (?1, ?2, ?3, ?4, ?5)",
        (case_id, &told.notice, &told.title, &told.told_at, &told.response),
    )?;
    Ok(())
}

pub fn told(on: &Connection, case_id: &str) -> rusqlite::Result<Vec<Told>> {
    on.prepare_cached(
        "SELECT notice, title, told_at, response FROM notice_told WHERE case_id = ?1 ORDER BY told_at, rowid",
    )?
    .query_map([case_id], |row| {
        Ok(Told {
            notice: row.get(0)?,
            title: row.get(1)?,
            told_at: row.get(2)?,
            response: row.get(3)?,
        })
    })?
    .collect()
}

/// An object an entry of the case names, whether it is here or not.
#[derive(Debug, Clone)]
pub struct NamedObject {
    pub sha256: String,
    pub size_bytes: u64,
    pub media_type: String,
}

/// What a body says about an object (size and type) stays when a header names it again by hash alone.
pub fn name_object(
    on: &Connection,
    case_id: &str,
    writer: &str,
    object: &NamedObject,
) -> rusqlite::Result<()> {
    on.prepare_cached(
        "INSERT INTO named_object (case_id, sha256, writer, size_bytes, media_type) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (case_id, sha256) DO UPDATE SET
             size_bytes = MAX(size_bytes, excluded.size_bytes),
             media_type = CASE excluded.media_type WHEN '' THEN media_type ELSE excluded.media_type END",
    )?
    .execute((case_id, &object.sha256, writer, int(object.size_bytes), &object.media_type))?;
    Ok(())
}

fn named_row(row: &Row<'_>) -> rusqlite::Result<NamedObject> {
    Ok(NamedObject {
        sha256: row.get(0)?,
        size_bytes: nat(row.get(1)?),
        media_type: row.get(2)?,
    })
}

pub fn named_objects(on: &Connection, case_id: &str) -> rusqlite::Result<Vec<NamedObject>> {
    on.prepare_cached(
        "SELECT sha256, size_bytes, media_type FROM named_object WHERE case_id = ?1 ORDER BY sha256",
    )?
    .query_map([case_id], named_row)?
    .collect()
}

pub fn named_object(
    on: &Connection,
    case_id: &str,
    sha256: &str,
) -> rusqlite::Result<Option<NamedObject>> {
    on.query_row(
        "SELECT sha256, size_bytes, media_type FROM named_object WHERE case_id = ?1 AND sha256 = ?2",
        (case_id, sha256),
        named_row,
    )
    .optional()
}

/// Objects that entries of a terminal name and that are not here.
pub fn pending_objects(on: &Connection, writer: &str) -> rusqlite::Result<u32> {
    on.prepare_cached(
        "SELECT COUNT(DISTINCT sha256) FROM named_object WHERE writer = ?1
         AND NOT EXISTS (SELECT 1 FROM object WHERE object.sha256 = named_object.sha256)",
    )?
    .query_row([writer], |row| row.get(0))
}
