//! Evidence as the journal tells it; the bytes stand in the evidence database.

use journal::body::{EvidenceCaptured, ObjectBody, RecordingStarted};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::failure::Failure;

/// One piece of evidence with its upload state.
#[derive(Debug, Clone)]
pub struct Evidence {
    pub evidence_id: String,
    pub kind: String,
    pub state: String,
    pub captured_at: String,
    pub step: String,
    pub media_type: String,
    pub sha256: Option<String>,
    pub size_bytes: u64,
    pub duration_ms: Option<u64>,
    pub uploaded: u64,
    pub is_received: bool,
}

pub fn captured(
    db: &Connection,
    case_id: &str,
    at: &str,
    body: &EvidenceCaptured,
) -> Result<(), Failure> {
    db.prepare_cached(
        "INSERT INTO evidence (evidence_id, case_id, kind, state, captured_at, step, media_type, sha256, size_bytes)
         VALUES (?1, ?2, ?3, 'complete', ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute(params![
        body.evidence_id,
        case_id,
        body.kind,
        at,
        body.step,
        body.object.media_type,
        body.object.sha256,
        body.object.size_bytes,
    ])?;
    Ok(())
}

pub fn recording_started(
    db: &Connection,
    case_id: &str,
    at: &str,
    body: &RecordingStarted,
) -> Result<(), Failure> {
    db.prepare_cached(
        "INSERT INTO evidence (evidence_id, case_id, kind, state, captured_at, step, media_type)
         VALUES (?1, ?2, ?3, 'recording', ?4, ?5, ?6)",
    )?
    .execute(params![
        body.evidence_id,
        case_id,
        body.kind,
        at,
        body.step,
        body.media_type
    ])?;
    Ok(())
}

pub fn recording_ended(
    db: &Connection,
    evidence_id: &str,
    state: &str,
    object: &ObjectBody,
    duration_ms: u64,
) -> Result<(), Failure> {
    db.prepare_cached(
        "UPDATE evidence SET state = ?2, sha256 = ?3, size_bytes = ?4, media_type = ?5, duration_ms = ?6
         WHERE evidence_id = ?1",
    )?
    .execute(params![evidence_id, state, object.sha256, object.size_bytes, object.media_type, duration_ms])?;
    Ok(())
}

const SELECT: &str =
    "SELECT e.evidence_id, e.kind, e.state, e.captured_at, e.step, e.media_type, e.sha256,
    e.size_bytes, e.duration_ms, coalesce(o.uploaded, 0), o.receipt IS NOT NULL
    FROM evidence e LEFT JOIN outbox_media o ON o.sha256 = e.sha256";

fn evidence(row: &Row<'_>) -> rusqlite::Result<Evidence> {
    Ok(Evidence {
        evidence_id: row.get(0)?,
        kind: row.get(1)?,
        state: row.get(2)?,
        captured_at: row.get(3)?,
        step: row.get(4)?,
        media_type: row.get(5)?,
        sha256: row.get(6)?,
        size_bytes: row.get(7)?,
        duration_ms: row.get(8)?,
        uploaded: row.get(9)?,
        is_received: row.get(10)?,
    })
}

pub fn read(db: &Connection, evidence_id: &str) -> Result<Option<Evidence>, Failure> {
    Ok(db
        .prepare_cached(&format!("{SELECT} WHERE e.evidence_id = ?1"))?
        .query_row([evidence_id], evidence)
        .optional()?)
}

pub fn of_case(db: &Connection, case_id: &str) -> Result<Vec<Evidence>, Failure> {
    let mut statement = db.prepare_cached(&format!(
        "{SELECT} WHERE e.case_id = ?1 ORDER BY e.captured_at, e.evidence_id"
    ))?;
    let rows = statement
        .query_map([case_id], evidence)?
        .collect::<Result<_, _>>()?;
    Ok(rows)
}

/// Recordings that never ended: `(evidence id, case id)`.
pub fn unfinished(db: &Connection) -> Result<Vec<(String, String)>, Failure> {
    let mut statement = db.prepare_cached(
        "SELECT evidence_id, case_id FROM evidence WHERE state = 'recording' ORDER BY captured_at",
    )?;
    let rows = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    Ok(rows)
}
