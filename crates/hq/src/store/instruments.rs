//! Instruments of cases with their signatures and copies on paper; a projection like [`super::cases`].

use rusqlite::{Connection, OptionalExtension, Row};

use super::{int, nat};

pub const SCHEMA: &str = "
-- 文书 (projection): drafts and issued instruments.
CREATE TABLE instrument (
    instrument_id TEXT NOT NULL PRIMARY KEY,                             -- given by the terminal
    case_id TEXT NOT NULL REFERENCES case_file (case_id),                -- case it belongs to
    place INTEGER NOT NULL,                                              -- order in the case
    form TEXT NOT NULL,                                                  -- code of the form, e.g. F21
    title TEXT NOT NULL,                                                 -- title of the form
    state TEXT NOT NULL CHECK (state IN ('draft', 'issued', 'voided')),  -- draft, issued, voided
    number TEXT,                                                         -- 文号, absent without a series
    series TEXT,                                                         -- number series
    serial INTEGER,                                                      -- number within series and year
    year INTEGER,                                                        -- year of the number
    issued_at TEXT,                                                      -- RFC 3339
    content_sha256 TEXT,                                                 -- of the frozen value, hex
    value TEXT NOT NULL,                                                 -- JSON, frozen once issued
    pdf TEXT,                                                            -- JSON: hash, size, type
    ticket TEXT,                                                         -- JSON likewise
    clocks TEXT NOT NULL DEFAULT '[]',                                   -- JSON array of the time limits it started
    delivery TEXT,                                                       -- JSON of the last delivery
    voided_reason TEXT                                                   -- why it was voided
) STRICT;
CREATE INDEX instrument_by_case ON instrument (case_id, place);
CREATE INDEX instrument_by_number ON instrument (number) WHERE number IS NOT NULL;
CREATE INDEX instrument_by_serial ON instrument (series, year, serial) WHERE serial IS NOT NULL;

-- 签名 (projection): the newest signature of each slot.
CREATE TABLE signature (
    instrument_id TEXT NOT NULL REFERENCES instrument (instrument_id),  -- what was signed
    slot TEXT NOT NULL,                                                 -- place on the paper, e.g. party
    name TEXT NOT NULL,                                                 -- name of who signed or refused
    signed_at TEXT NOT NULL,                                            -- RFC 3339
    refusal TEXT,                                                       -- reason of a refusal
    witness_name TEXT,                                                  -- witness of a refusal
    PRIMARY KEY (instrument_id, slot)
) STRICT;

-- 打印副本 (projection): one row a copy, with its last known outcome.
CREATE TABLE paper_copy (
    job_id TEXT NOT NULL PRIMARY KEY,                                   -- print job of the terminal
    instrument_id TEXT NOT NULL REFERENCES instrument (instrument_id),  -- what was printed
    copy_no INTEGER NOT NULL,                                           -- contiguous from 1 for each instrument
    copy_name TEXT NOT NULL,                                            -- for whom, e.g. 当事人
    is_reprint INTEGER NOT NULL,                                        -- 1 when marked 补打
    state TEXT NOT NULL,                                                -- last outcome that was journaled
    changed_at TEXT NOT NULL                                            -- RFC 3339
) STRICT;
CREATE INDEX paper_copy_by_instrument ON paper_copy (instrument_id);
";

pub const BY_FORM: &str = "
CREATE INDEX instrument_by_form ON instrument (form, state, issued_at);
";

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

pub fn start(
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
pub fn draft(
    on: &Connection,
    (instrument_id, case_id): (&str, &str),
    value: &str,
) -> rusqlite::Result<usize> {
    on.execute(
        "UPDATE instrument SET value = ?3 WHERE instrument_id = ?1 AND case_id = ?2 AND state = 'draft'",
        (instrument_id, case_id, value),
    )
}

pub struct Issued<'a> {
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

pub fn issue(
    on: &Connection,
    (instrument_id, case_id): (&str, &str),
    issued: &Issued<'_>,
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

pub fn void(
    on: &Connection,
    (instrument_id, case_id): (&str, &str),
    reason: &str,
) -> rusqlite::Result<usize> {
    on.execute(
        "UPDATE instrument SET state = 'voided', voided_reason = ?3 WHERE instrument_id = ?1 AND case_id = ?2",
        (instrument_id, case_id, reason),
    )
}

/// `clocks` are all that run now.
pub fn deliver(
    on: &Connection,
    (instrument_id, case_id): (&str, &str),
    delivery: &str,
    clocks: &str,
) -> rusqlite::Result<usize> {
    on.execute(
        "UPDATE instrument SET delivery = ?3, clocks = ?4
         WHERE instrument_id = ?1 AND case_id = ?2",
        (instrument_id, case_id, delivery, clocks),
    )
}

pub fn of_case(on: &Connection, case_id: &str) -> rusqlite::Result<Vec<Instrument>> {
    on.prepare_cached(&format!(
        "{INSTRUMENT} WHERE case_id = ?1 ORDER BY place, instrument_id"
    ))?
    .query_map([case_id], instrument_row)?
    .collect()
}

pub fn by_id(on: &Connection, instrument_id: &str) -> rusqlite::Result<Option<Instrument>> {
    on.query_row(
        &format!("{INSTRUMENT} WHERE instrument_id = ?1"),
        [instrument_id],
        instrument_row,
    )
    .optional()
}

/// Issued instruments of a form that headquarters has not decided on at a stage, and did not send back at another one;
/// the oldest first.
pub fn undecided(
    on: &Connection,
    form: &str,
    stage: &str,
    limit: u32,
) -> rusqlite::Result<Vec<Instrument>> {
    on.prepare_cached(&format!(
        "{INSTRUMENT} WHERE form = ?1 AND state = 'issued' AND NOT EXISTS (
             SELECT 1 FROM act WHERE act.instrument_id = instrument.instrument_id AND act.kind = 'hq.approval_given'
                 AND (act.about = ?2 OR json_extract(act.body, '$.decision') <> 'approved'))
         ORDER BY issued_at LIMIT ?3"
    ))?
    .query_map((form, stage, limit), instrument_row)?
    .collect()
}

/// Issued instruments of a form, the newest first.
pub fn issued_of_form(
    on: &Connection,
    form: &str,
    limit: u32,
) -> rusqlite::Result<Vec<Instrument>> {
    on.prepare_cached(&format!(
        "{INSTRUMENT} WHERE form = ?1 AND state = 'issued' ORDER BY issued_at DESC LIMIT ?2"
    ))?
    .query_map((form, limit), instrument_row)?
    .collect()
}

/// Issued records that say from when to when they were made, with the terminal that made them; the newest first.
pub fn newest_records(on: &Connection, limit: u32) -> rusqlite::Result<Vec<(String, Instrument)>> {
    on.prepare_cached(&format!(
        "{INSTRUMENT} WHERE state = 'issued' AND json_extract(value, '$.started_at') IS NOT NULL
             AND json_extract(value, '$.ended_at') IS NOT NULL
         ORDER BY issued_at DESC LIMIT ?1"
    ))?
    .query_map([limit], instrument_row)?
    .map(|found| {
        let instrument = found?;
        let writer = on
            .prepare_cached("SELECT writer FROM case_file WHERE case_id = ?1")?
            .query_row([&instrument.case_id], |row| row.get(0))?;
        Ok((writer, instrument))
    })
    .collect()
}

/// Issued instruments of a form that no legal review has answered; the oldest first.
pub fn unreviewed(on: &Connection, form: &str, limit: u32) -> rusqlite::Result<Vec<Instrument>> {
    on.prepare_cached(&format!(
        "{INSTRUMENT} WHERE form = ?1 AND state = 'issued' AND NOT EXISTS (
             SELECT 1 FROM act WHERE act.instrument_id = instrument.instrument_id AND act.kind = 'hq.review_given')
         ORDER BY issued_at LIMIT ?2"
    ))?
    .query_map((form, limit), instrument_row)?
    .collect()
}

/// Highest serial of a block that an instrument bears.
pub fn last_number(
    on: &Connection,
    series: &str,
    year: u16,
    from: u64,
    to: u64,
) -> rusqlite::Result<Option<u64>> {
    on.prepare_cached(
        "SELECT MAX(serial) FROM instrument WHERE series = ?1 AND year = ?2 AND serial BETWEEN ?3 AND ?4",
    )?
    .query_row((series, year, int(from), int(to)), |row| {
        row.get::<_, Option<i64>>(0).map(|last| last.map(nat))
    })
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
