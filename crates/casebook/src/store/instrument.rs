//! Instruments and their signatures.

use journal::body::{
    InstrumentDelivered, InstrumentDrafted, InstrumentIssued, InstrumentSigned, InstrumentStarted,
    PenPoint, SealUse, SigningRefusalBody,
};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::Value;

use crate::failure::Failure;

/// An instrument as stored.
#[derive(Debug, Clone)]
pub struct Instrument {
    pub instrument_id: String,
    pub case_id: String,
    pub form: String,
    pub title: String,
    /// `draft`, `issued`, `voided`.
    pub state: String,
    pub revision: u32,
    pub value: Value,
    pub blocking_findings: u32,
    pub number: Option<String>,
    pub issued_at: Option<String>,
    pub content_sha256: Option<String>,
    pub pdf_sha256: Option<String>,
    pub ticket_sha256: Option<String>,
    pub qr: Option<String>,
    /// Absent where the form bears no seal.
    pub seal: Option<SealUse>,
    pub delivery: Option<Value>,
    pub started_at: String,
    /// Newest entry about this instrument.
    pub last_idx: u64,
}

/// The newest signature of a slot.
#[derive(Debug, Clone)]
pub struct StoredSignature {
    pub slot: String,
    pub name: String,
    pub signed_at: String,
    pub value_sha256: String,
    pub strokes: Vec<Vec<PenPoint>>,
    pub refusal: Option<SigningRefusalBody>,
}

pub fn start(
    db: &Connection,
    case_id: &str,
    at: &str,
    body: &InstrumentStarted,
) -> Result<(), Failure> {
    db.prepare_cached(
        "INSERT INTO instrument (instrument_id, request_id, case_id, form, title, state, value, started_at)
         VALUES (?1, ?2, ?3, ?4, ?5, 'draft', ?6, ?7)",
    )?
    .execute(params![
        body.instrument_id,
        body.request_id,
        case_id,
        body.form,
        body.title,
        body.value.to_string(),
        at
    ])?;
    Ok(())
}

pub fn draft(db: &Connection, body: &InstrumentDrafted) -> Result<(), Failure> {
    db.prepare_cached(
        "UPDATE instrument SET revision = ?2, value = ?3, blocking_findings = ?4 WHERE instrument_id = ?1",
    )?
    .execute(params![body.instrument_id, body.revision, body.value.to_string(), body.blocking_findings])?;
    Ok(())
}

pub fn sign(db: &Connection, at: &str, body: &InstrumentSigned) -> Result<(), Failure> {
    db.prepare_cached(
        "INSERT INTO signature (instrument_id, slot, name, signed_at, value_sha256, strokes, refusal)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (instrument_id, slot) DO UPDATE
         SET name = ?3, signed_at = ?4, value_sha256 = ?5, strokes = ?6, refusal = ?7",
    )?
    .execute(params![
        body.instrument_id,
        body.slot,
        body.name,
        at,
        body.value_sha256,
        serde_json::to_string(&body.strokes)?,
        body.refusal.as_ref().map(serde_json::to_string).transpose()?,
    ])?;
    Ok(())
}

pub fn issue(db: &Connection, at: &str, body: &InstrumentIssued) -> Result<(), Failure> {
    db.prepare_cached(
        "UPDATE instrument SET state = 'issued', number = ?2, issued_at = ?3, value = ?4, content_sha256 = ?5,
         pdf_sha256 = ?6, ticket_sha256 = ?7, qr = ?8, seal_mode = ?9, seal_no = ?10, blocking_findings = 0
         WHERE instrument_id = ?1",
    )?
    .execute(params![
        body.instrument_id,
        body.number,
        at,
        body.value.to_string(),
        body.content_sha256,
        body.pdf.sha256,
        body.ticket.sha256,
        body.qr,
        body.seal.as_ref().map(|seal| &seal.mode),
        body.seal.as_ref().and_then(|seal| seal.number.as_ref()),
    ])?;
    Ok(())
}

pub fn void(db: &Connection, instrument_id: &str, reason: &str) -> Result<(), Failure> {
    db.prepare_cached(
        "UPDATE instrument SET state = 'voided', void_reason = ?2 WHERE instrument_id = ?1",
    )?
    .execute(params![instrument_id, reason])?;
    Ok(())
}

pub fn deliver(db: &Connection, at: &str, body: &InstrumentDelivered) -> Result<(), Failure> {
    let delivery = serde_json::json!({
        "method": body.method, "recipient": body.recipient, "delivered_at": at, "note": body.note,
    });
    db.prepare_cached("UPDATE instrument SET delivery = ?2 WHERE instrument_id = ?1")?
        .execute(params![body.instrument_id, delivery.to_string()])?;
    Ok(())
}

const COLUMNS: &str =
    "instrument_id, case_id, form, title, state, revision, value, blocking_findings, number,
    issued_at, content_sha256, pdf_sha256, ticket_sha256, qr, delivery, started_at, last_idx,
    seal_mode, seal_no";

fn instrument(row: &Row<'_>) -> rusqlite::Result<(Instrument, String, Option<String>)> {
    let value: String = row.get(6)?;
    let delivery: Option<String> = row.get(14)?;
    Ok((
        Instrument {
            instrument_id: row.get(0)?,
            case_id: row.get(1)?,
            form: row.get(2)?,
            title: row.get(3)?,
            state: row.get(4)?,
            revision: row.get(5)?,
            value: Value::Null,
            blocking_findings: row.get(7)?,
            number: row.get(8)?,
            issued_at: row.get(9)?,
            content_sha256: row.get(10)?,
            pdf_sha256: row.get(11)?,
            ticket_sha256: row.get(12)?,
            qr: row.get(13)?,
            seal: match row.get(17)? {
                Some(mode) => Some(SealUse {
                    mode,
                    number: row.get(18)?,
                }),
                None => None,
            },
            delivery: None,
            started_at: row.get(15)?,
            last_idx: row.get(16)?,
        },
        value,
        delivery,
    ))
}

fn finish(raw: (Instrument, String, Option<String>)) -> Result<Instrument, Failure> {
    let (mut instrument, value, delivery) = raw;
    instrument.value = serde_json::from_str(&value)?;
    instrument.delivery = delivery
        .map(|text| serde_json::from_str(&text))
        .transpose()?;
    Ok(instrument)
}

pub fn read(db: &Connection, instrument_id: &str) -> Result<Option<Instrument>, Failure> {
    db.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM instrument WHERE instrument_id = ?1"
    ))?
    .query_row([instrument_id], instrument)
    .optional()?
    .map(finish)
    .transpose()
}

pub fn of_request(db: &Connection, request_id: &str) -> Result<Option<String>, Failure> {
    Ok(db
        .prepare_cached("SELECT instrument_id FROM instrument WHERE request_id = ?1")?
        .query_row([request_id], |row| row.get(0))
        .optional()?)
}

pub fn of_case(db: &Connection, case_id: &str) -> Result<Vec<Instrument>, Failure> {
    let mut statement = db.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM instrument WHERE case_id = ?1 ORDER BY started_at, instrument_id"
    ))?;
    let raw: Vec<_> = statement
        .query_map([case_id], instrument)?
        .collect::<Result<_, _>>()?;
    raw.into_iter().map(finish).collect()
}

pub fn signatures(db: &Connection, instrument_id: &str) -> Result<Vec<StoredSignature>, Failure> {
    let mut statement = db.prepare_cached(
        "SELECT slot, name, signed_at, value_sha256, strokes, refusal FROM signature
         WHERE instrument_id = ?1 ORDER BY slot",
    )?;
    let raw: Vec<(String, String, String, String, String, Option<String>)> = statement
        .query_map([instrument_id], |row| {
            Ok((
                row.get(0)?,
                row.get(1)?,
                row.get(2)?,
                row.get(3)?,
                row.get(4)?,
                row.get(5)?,
            ))
        })?
        .collect::<Result<_, _>>()?;
    raw.into_iter()
        .map(|(slot, name, signed_at, value_sha256, strokes, refusal)| {
            Ok(StoredSignature {
                slot,
                name,
                signed_at,
                value_sha256,
                strokes: serde_json::from_str(&strokes)?,
                refusal: refusal
                    .map(|text| serde_json::from_str(&text))
                    .transpose()?,
            })
        })
        .collect()
}

/// Notes the newest entry about an instrument.
pub fn touch(db: &Connection, instrument_id: &str, idx: u64) -> Result<(), Failure> {
    db.prepare_cached("UPDATE instrument SET last_idx = ?2 WHERE instrument_id = ?1")?
        .execute(params![instrument_id, idx])?;
    Ok(())
}

/// A decision this terminal issued in another case.
#[derive(Debug, Clone)]
pub struct Decision {
    pub case_id: String,
    pub number: Option<String>,
    pub issued_at: String,
    pub plate: String,
    pub violation_code: String,
    pub happened_at: String,
}

/// Issued decisions on a penalty in other cases of the same vehicle or the same person or firm, oldest first.
pub fn decisions_elsewhere(
    db: &Connection,
    case_id: &str,
    plate: &str,
    ids: &[String; 2],
) -> Result<Vec<Decision>, Failure> {
    let mut statement = db.prepare_cached(
        "SELECT d.case_id, d.number, d.issued_at, i.plate, d.value ->> '$.violation_code',
                coalesce(d.value ->> '$.happened_at', '')
         FROM instrument d JOIN inspection i ON i.case_id = d.case_id
         WHERE d.case_id <> ?1 AND d.state = 'issued' AND d.number IS NOT NULL
           AND d.value ->> '$.penalty_kind' IS NOT NULL AND d.value ->> '$.violation_code' IS NOT NULL
           AND ((?2 <> '' AND i.plate = ?2)
                OR (?3 <> '' AND i.party ->> '$.id_no' = ?3) OR (?4 <> '' AND i.party ->> '$.uscc' = ?4))
         ORDER BY d.issued_at",
    )?;
    let [id_no, uscc] = ids;
    let rows = statement
        .query_map(params![case_id, plate, id_no, uscc], |row| {
            Ok(Decision {
                case_id: row.get(0)?,
                number: row.get(1)?,
                issued_at: row.get(2)?,
                plate: row.get(3)?,
                violation_code: row.get(4)?,
                happened_at: row.get(5)?,
            })
        })?
        .collect::<Result<_, _>>()?;
    Ok(rows)
}

/// A decision on a violation, as far as another case is compared with it.
#[derive(Debug, Clone)]
pub struct Decided {
    pub case_id: String,
    pub instrument_id: String,
    pub number: Option<String>,
    pub issued_at: String,
    pub party: Value,
    pub place: Value,
    pub party_name: String,
    pub plate: String,
    pub place_text: String,
    pub penalty_kind: String,
    pub fine_fen: Option<i64>,
    pub facts_text: String,
    /// What the assistant showed last in that case, and the facts it was told.
    pub shown: Option<Value>,
    pub told: Option<Value>,
}

/// Issued decisions in other cases on this violation, newest first.
pub fn decided(
    db: &Connection,
    case_id: &str,
    violation_code: &str,
    limit: u32,
) -> Result<Vec<Decided>, Failure> {
    let mut statement = db.prepare_cached(
        "SELECT d.case_id, d.instrument_id, d.number, d.issued_at, i.party, i.place, i.party_name, i.plate, i.place_text,
                d.value ->> '$.penalty_kind', d.value ->> '$.fine_fen', coalesce(d.value ->> '$.facts', ''),
                (SELECT a.body FROM case_act a WHERE a.case_id = d.case_id AND a.kind = 'discretion.shown'
                 ORDER BY a.place DESC LIMIT 1)
         FROM instrument d JOIN inspection i ON i.case_id = d.case_id
         WHERE d.case_id <> ?1 AND d.state = 'issued' AND d.number IS NOT NULL
           AND d.value ->> '$.penalty_kind' IS NOT NULL AND d.value ->> '$.violation_code' = ?2
         ORDER BY d.issued_at DESC LIMIT ?3",
    )?;
    let mut rows = statement.query(params![case_id, violation_code, limit])?;
    let mut decided = Vec::new();
    while let Some(row) = rows.next()? {
        let shown: Option<String> = row.get(12)?;
        let shown: Option<Value> = shown.and_then(|body| serde_json::from_str(&body).ok());
        let part = |key: &str| shown.as_ref().and_then(|body| body.get(key)).cloned();
        decided.push(Decided {
            case_id: row.get(0)?,
            instrument_id: row.get(1)?,
            number: row.get(2)?,
            issued_at: row.get(3)?,
            party: serde_json::from_str(&row.get::<_, String>(4)?)?,
            place: serde_json::from_str(&row.get::<_, String>(5)?)?,
            party_name: row.get(6)?,
            plate: row.get(7)?,
            place_text: row.get(8)?,
            penalty_kind: row.get(9)?,
            fine_fen: row.get(10)?,
            facts_text: row.get(11)?,
            told: part("facts"),
            shown: part("proposal"),
        });
    }
    Ok(decided)
}

/// Issued records of another place in which one of these officers took part while `from..to` ran, as titles.
pub fn overlapping_records(
    db: &Connection,
    credential_nos: &[&str],
    place: &str,
    from: &str,
    to: &str,
) -> Result<Vec<String>, Failure> {
    let officers = serde_json::to_string(credential_nos)?;
    let mut statement = db.prepare_cached(
        "SELECT d.title FROM instrument d JOIN inspection i ON i.case_id = d.case_id
         WHERE d.state = 'issued' AND i.place_text <> ?2
           AND d.value ->> '$.started_at' < ?4 AND d.value ->> '$.ended_at' > ?3
           AND EXISTS (SELECT 1 FROM json_each(d.value, '$.officers') o JOIN json_each(?1) mine
                       ON o.value ->> '$.credential_no' = mine.value)
         ORDER BY d.issued_at",
    )?;
    let titles = statement
        .query_map(params![officers, place, from, to], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    Ok(titles)
}
