//! What the journals of the terminals say, read into tables: cases, instruments, evidence, objects named. Everything here
//! can be rebuilt from the entries.

use rusqlite::{Connection, OptionalExtension, Row};

use super::{int, nat};

pub const SCHEMA: &str = "
CREATE TABLE case_file (
    case_id TEXT NOT NULL PRIMARY KEY,
    writer TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    opened_at TEXT NOT NULL,
    received_at TEXT NOT NULL,
    presented_at TEXT NOT NULL,
    reason TEXT NOT NULL,
    reason_note TEXT NOT NULL,
    place TEXT NOT NULL,
    place_text TEXT NOT NULL,
    party TEXT NOT NULL,
    party_name TEXT NOT NULL,
    vehicle TEXT,
    plate TEXT,
    officers TEXT NOT NULL
) STRICT;
CREATE INDEX case_file_by_time ON case_file (opened_at, case_id);

CREATE TABLE instrument (
    instrument_id TEXT NOT NULL PRIMARY KEY,
    case_id TEXT NOT NULL REFERENCES case_file (case_id),
    place INTEGER NOT NULL,
    form TEXT NOT NULL,
    title TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('draft', 'issued', 'voided')),
    number TEXT,
    series TEXT,
    serial INTEGER,
    year INTEGER,
    issued_at TEXT,
    content_sha256 TEXT,
    value TEXT NOT NULL,
    pdf TEXT,
    ticket TEXT,
    clocks TEXT NOT NULL DEFAULT '[]',
    delivery TEXT,
    voided_reason TEXT
) STRICT;
CREATE INDEX instrument_by_case ON instrument (case_id, place);
CREATE INDEX instrument_by_number ON instrument (number) WHERE number IS NOT NULL;
CREATE INDEX instrument_by_serial ON instrument (series, year, serial) WHERE serial IS NOT NULL;

CREATE TABLE signature (
    instrument_id TEXT NOT NULL REFERENCES instrument (instrument_id),
    slot TEXT NOT NULL,
    name TEXT NOT NULL,
    signed_at TEXT NOT NULL,
    refusal TEXT,
    witness_name TEXT,
    PRIMARY KEY (instrument_id, slot)
) STRICT;

CREATE TABLE paper_copy (
    job_id TEXT NOT NULL PRIMARY KEY,
    instrument_id TEXT NOT NULL REFERENCES instrument (instrument_id),
    copy_no INTEGER NOT NULL,
    copy_name TEXT NOT NULL,
    is_reprint INTEGER NOT NULL,
    state TEXT NOT NULL,
    changed_at TEXT NOT NULL
) STRICT;
CREATE INDEX paper_copy_by_instrument ON paper_copy (instrument_id);

CREATE TABLE evidence (
    evidence_id TEXT NOT NULL PRIMARY KEY,
    case_id TEXT NOT NULL REFERENCES case_file (case_id),
    place INTEGER NOT NULL,
    kind TEXT NOT NULL,
    captured_at TEXT NOT NULL,
    step TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('recording', 'complete', 'interrupted')),
    duration_ms INTEGER,
    object TEXT,
    thumbnail TEXT
) STRICT;
CREATE INDEX evidence_by_case ON evidence (case_id, place);

CREATE TABLE recording_mark (
    evidence_id TEXT NOT NULL REFERENCES evidence (evidence_id),
    at_ms INTEGER NOT NULL,
    text TEXT NOT NULL
) STRICT;
CREATE INDEX recording_mark_by_evidence ON recording_mark (evidence_id, at_ms);

CREATE TABLE notice_told (
    case_id TEXT NOT NULL REFERENCES case_file (case_id),
    notice TEXT NOT NULL,
    title TEXT NOT NULL,
    told_at TEXT NOT NULL,
    response TEXT NOT NULL
) STRICT;
CREATE INDEX notice_told_by_case ON notice_told (case_id, told_at);

CREATE TABLE named_object (
    case_id TEXT NOT NULL REFERENCES case_file (case_id),
    sha256 TEXT NOT NULL,
    writer TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    media_type TEXT NOT NULL,
    PRIMARY KEY (case_id, sha256)
) STRICT;
CREATE INDEX named_object_by_writer ON named_object (writer, sha256);
";

pub const TABLES: &[&str] = &[
    "named_object",
    "notice_told",
    "recording_mark",
    "evidence",
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
pub struct Instrument {
    pub instrument_id: String,
    pub case_id: String,
    pub form: String,
    pub title: String,
    pub state: String,
    pub number: Option<String>,
    pub issued_at: Option<String>,
    pub content_sha256: Option<String>,
    pub value: String,
    pub pdf: Option<String>,
    pub ticket: Option<String>,
    pub clocks: String,
    pub delivery: Option<String>,
    pub voided_reason: Option<String>,
}

const INSTRUMENT: &str =
    "SELECT instrument_id, case_id, form, title, state, number, issued_at, content_sha256, value,
    pdf, ticket, clocks, delivery, voided_reason FROM instrument";

fn instrument_row(row: &Row<'_>) -> rusqlite::Result<Instrument> {
    Ok(Instrument {
        instrument_id: row.get(0)?,
        case_id: row.get(1)?,
        form: row.get(2)?,
        title: row.get(3)?,
        state: row.get(4)?,
        number: row.get(5)?,
        issued_at: row.get(6)?,
        content_sha256: row.get(7)?,
        value: row.get(8)?,
        pdf: row.get(9)?,
        ticket: row.get(10)?,
        clocks: row.get(11)?,
        delivery: row.get(12)?,
        voided_reason: row.get(13)?,
    })
}

pub fn start_instrument(
    on: &Connection,
    (instrument_id, case_id): (&str, &str),
    place: u64,
    (form, title): (&str, &str),
    value: &str,
) -> rusqlite::Result<()> {
    on.execute(
        "INSERT INTO instrument (instrument_id, case_id, place, form, title, state, value)
         VALUES (?1, ?2, ?3, ?4, ?5, 'draft', ?6)",
        (instrument_id, case_id, int(place), form, title, value),
    )?;
    Ok(())
}

/// How many instruments of this case took the change: one, or none.
pub fn draft_instrument(
    on: &Connection,
    (instrument_id, case_id): (&str, &str),
    value: &str,
) -> rusqlite::Result<usize> {
    on.execute(
        "UPDATE instrument SET value = ?3 WHERE instrument_id = ?1 AND case_id = ?2 AND state = 'draft'",
        (instrument_id, case_id, value),
    )
}

pub struct IssuedInstrument<'a> {
    pub title: &'a str,
    pub number: Option<&'a str>,
    pub series: Option<&'a str>,
    pub serial: Option<u64>,
    pub year: i32,
    pub issued_at: &'a str,
    pub content_sha256: &'a str,
    pub value: &'a str,
    pub pdf: &'a str,
    pub ticket: &'a str,
    pub clocks: &'a str,
}

pub fn issue_instrument(
    on: &Connection,
    (instrument_id, case_id): (&str, &str),
    issued: &IssuedInstrument<'_>,
) -> rusqlite::Result<usize> {
    on.execute(
        "UPDATE instrument SET state = 'issued', title = ?3, number = ?4, series = ?5, serial = ?6, year = ?7,
             issued_at = ?8, content_sha256 = ?9, value = ?10, pdf = ?11, ticket = ?12, clocks = ?13
         WHERE instrument_id = ?1 AND case_id = ?2 AND state = 'draft'",
        rusqlite::params![
            instrument_id,
            case_id,
            issued.title,
            issued.number,
            issued.series,
            issued.serial.map(int),
            issued.year,
            issued.issued_at,
            issued.content_sha256,
            issued.value,
            issued.pdf,
            issued.ticket,
            issued.clocks,
        ],
    )
}

pub fn void_instrument(
    on: &Connection,
    (instrument_id, case_id): (&str, &str),
    reason: &str,
) -> rusqlite::Result<usize> {
    on.execute(
        "UPDATE instrument SET state = 'voided', voided_reason = ?3 WHERE instrument_id = ?1 AND case_id = ?2",
        (instrument_id, case_id, reason),
    )
}

/// `clocks` replaces the clocks when the delivery started others.
pub fn deliver_instrument(
    on: &Connection,
    (instrument_id, case_id): (&str, &str),
    delivery: &str,
    clocks: Option<&str>,
) -> rusqlite::Result<usize> {
    on.execute(
        "UPDATE instrument SET delivery = ?3, clocks = COALESCE(?4, clocks)
         WHERE instrument_id = ?1 AND case_id = ?2",
        (instrument_id, case_id, delivery, clocks),
    )
}

pub fn instruments(on: &Connection, case_id: &str) -> rusqlite::Result<Vec<Instrument>> {
    on.prepare_cached(&format!(
        "{INSTRUMENT} WHERE case_id = ?1 ORDER BY place, instrument_id"
    ))?
    .query_map([case_id], instrument_row)?
    .collect()
}

pub fn instrument(on: &Connection, instrument_id: &str) -> rusqlite::Result<Option<Instrument>> {
    on.query_row(
        &format!("{INSTRUMENT} WHERE instrument_id = ?1"),
        [instrument_id],
        instrument_row,
    )
    .optional()
}

/// Issued or voided instruments with this number or id; drafts are nobody's business.
pub fn papers(on: &Connection, id: &str) -> rusqlite::Result<Vec<Instrument>> {
    on.prepare_cached(&format!(
        "{INSTRUMENT} WHERE (number = ?1 OR instrument_id = ?1) AND issued_at IS NOT NULL
         ORDER BY issued_at LIMIT 20"
    ))?
    .query_map([id], instrument_row)?
    .collect()
}

/// Numbers of a block that instruments bear.
pub fn used_numbers(
    on: &Connection,
    series: &str,
    year: u16,
    from: u64,
    to: u64,
) -> rusqlite::Result<u64> {
    on.prepare_cached(
        "SELECT COUNT(DISTINCT serial) FROM instrument
         WHERE series = ?1 AND year = ?2 AND serial BETWEEN ?3 AND ?4",
    )?
    .query_row((series, year, int(from), int(to)), |row| {
        row.get(0).map(nat)
    })
}

#[derive(Debug, Clone)]
pub struct SignatureRow {
    pub slot: String,
    pub name: String,
    pub signed_at: String,
    pub refusal: Option<String>,
    pub witness_name: Option<String>,
}

pub fn put_signature(
    on: &Connection,
    instrument_id: &str,
    signature: &SignatureRow,
) -> rusqlite::Result<()> {
    on.execute(
        "INSERT OR REPLACE INTO signature (instrument_id, slot, name, signed_at, refusal, witness_name)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        (
            instrument_id,
            &signature.slot,
            &signature.name,
            &signature.signed_at,
            &signature.refusal,
            &signature.witness_name,
        ),
    )?;
    Ok(())
}

pub fn signatures(on: &Connection, instrument_id: &str) -> rusqlite::Result<Vec<SignatureRow>> {
    on.prepare_cached(
        "SELECT slot, name, signed_at, refusal, witness_name FROM signature
         WHERE instrument_id = ?1 ORDER BY signed_at, slot",
    )?
    .query_map([instrument_id], |row| {
        Ok(SignatureRow {
            slot: row.get(0)?,
            name: row.get(1)?,
            signed_at: row.get(2)?,
            refusal: row.get(3)?,
            witness_name: row.get(4)?,
        })
    })?
    .collect()
}

#[derive(Debug, Clone)]
pub struct PaperCopy {
    pub job_id: String,
    pub copy_no: u32,
    pub copy_name: String,
    pub is_reprint: bool,
    pub state: String,
    pub changed_at: String,
}

pub fn put_copy(on: &Connection, instrument_id: &str, copy: &PaperCopy) -> rusqlite::Result<()> {
    on.execute(
        "INSERT OR REPLACE INTO paper_copy (job_id, instrument_id, copy_no, copy_name, is_reprint, state, changed_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        (
            &copy.job_id,
            instrument_id,
            copy.copy_no,
            &copy.copy_name,
            copy.is_reprint,
            &copy.state,
            &copy.changed_at,
        ),
    )?;
    Ok(())
}

pub fn copies(on: &Connection, instrument_id: &str) -> rusqlite::Result<Vec<PaperCopy>> {
    on.prepare_cached(
        "SELECT job_id, copy_no, copy_name, is_reprint, state, changed_at FROM paper_copy
         WHERE instrument_id = ?1 ORDER BY copy_no, changed_at, job_id",
    )?
    .query_map([instrument_id], |row| {
        Ok(PaperCopy {
            job_id: row.get(0)?,
            copy_no: row.get(1)?,
            copy_name: row.get(2)?,
            is_reprint: row.get(3)?,
            state: row.get(4)?,
            changed_at: row.get(5)?,
        })
    })?
    .collect()
}

#[derive(Debug, Clone)]
pub struct Evidence {
    pub evidence_id: String,
    pub case_id: String,
    pub kind: String,
    pub captured_at: String,
    pub step: String,
    pub state: String,
    pub duration_ms: Option<u64>,
    pub object: Option<String>,
    pub thumbnail: Option<String>,
}

const EVIDENCE: &str =
    "SELECT evidence_id, case_id, kind, captured_at, step, state, duration_ms, object, thumbnail
    FROM evidence";

fn evidence_row(row: &Row<'_>) -> rusqlite::Result<Evidence> {
    Ok(Evidence {
        evidence_id: row.get(0)?,
        case_id: row.get(1)?,
        kind: row.get(2)?,
        captured_at: row.get(3)?,
        step: row.get(4)?,
        state: row.get(5)?,
        duration_ms: row.get::<_, Option<i64>>(6)?.map(nat),
        object: row.get(7)?,
        thumbnail: row.get(8)?,
    })
}

pub fn put_evidence(on: &Connection, evidence: &Evidence, place: u64) -> rusqlite::Result<()> {
    on.execute(
        "INSERT INTO evidence (evidence_id, case_id, place, kind, captured_at, step, state, duration_ms, object,
             thumbnail)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        rusqlite::params![
            evidence.evidence_id,
            evidence.case_id,
            int(place),
            evidence.kind,
            evidence.captured_at,
            evidence.step,
            evidence.state,
            evidence.duration_ms.map(int),
            evidence.object,
            evidence.thumbnail,
        ],
    )?;
    Ok(())
}

pub fn close_evidence(
    on: &Connection,
    (evidence_id, case_id): (&str, &str),
    state: &str,
    duration_ms: u64,
    object: &str,
) -> rusqlite::Result<usize> {
    on.execute(
        "UPDATE evidence SET state = ?3, duration_ms = ?4, object = ?5
         WHERE evidence_id = ?1 AND case_id = ?2 AND state = 'recording'",
        (evidence_id, case_id, state, int(duration_ms), object),
    )
}

pub fn evidence(on: &Connection, case_id: &str) -> rusqlite::Result<Vec<Evidence>> {
    on.prepare_cached(&format!(
        "{EVIDENCE} WHERE case_id = ?1 ORDER BY place, evidence_id"
    ))?
    .query_map([case_id], evidence_row)?
    .collect()
}

pub fn put_mark(
    on: &Connection,
    evidence_id: &str,
    at_ms: u64,
    text: &str,
) -> rusqlite::Result<()> {
    on.execute(
        "INSERT INTO recording_mark (evidence_id, at_ms, text) VALUES (?1, ?2, ?3)",
        (evidence_id, int(at_ms), text),
    )?;
    Ok(())
}

pub fn marks(on: &Connection, evidence_id: &str) -> rusqlite::Result<Vec<(u64, String)>> {
    on.prepare_cached(
        "SELECT at_ms, text FROM recording_mark WHERE evidence_id = ?1 ORDER BY at_ms, rowid",
    )?
    .query_map([evidence_id], |row| Ok((nat(row.get(0)?), row.get(1)?)))?
    .collect()
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
