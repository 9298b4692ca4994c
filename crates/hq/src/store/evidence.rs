//! Photos and recordings of cases; a projection like [`super::cases`].

use rusqlite::{Connection, Row};

use super::{int, nat};

pub const SCHEMA: &str = "
-- 证据 (projection): photos and recordings.
CREATE TABLE evidence (
    evidence_id TEXT NOT NULL PRIMARY KEY,                                -- given by the terminal
    case_id TEXT NOT NULL REFERENCES case_file (case_id),                 -- case it belongs to
    place INTEGER NOT NULL,                                               -- order in the case
    kind TEXT NOT NULL,                                                   -- photo, imported_photo, video, audio
    captured_at TEXT NOT NULL,                                            -- RFC 3339
    step TEXT NOT NULL,                                                   -- form step or note it was taken at
    state TEXT NOT NULL CHECK (state IN ('recording', 'complete', 'interrupted')),  -- recording, complete, interrupted
    duration_ms INTEGER,                                                  -- of a recording
    object TEXT,                                                          -- JSON: hash, size, type; absent while recording
    thumbnail TEXT                                                        -- hash of a small picture, hex
) STRICT;
CREATE INDEX evidence_by_case ON evidence (case_id, place);

-- Marks inside a recording (projection).
CREATE TABLE recording_mark (
    evidence_id TEXT NOT NULL REFERENCES evidence (evidence_id),  -- recording it stands in
    at_ms INTEGER NOT NULL,                                       -- recorded milliseconds before it
    text TEXT NOT NULL                                            -- what was said or tapped
) STRICT;
CREATE INDEX recording_mark_by_evidence ON recording_mark (evidence_id, at_ms);
";

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

pub fn put(on: &Connection, evidence: &Evidence, place: u64) -> rusqlite::Result<()> {
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

pub fn close(
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

pub fn of_case(on: &Connection, case_id: &str) -> rusqlite::Result<Vec<Evidence>> {
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
