//! Acts about a case that are no instruments: the officers' own, and headquarters'.

use rusqlite::{Connection, params};
use serde_json::Value;

use crate::failure::Failure;

/// One act as it stands in its entry.
#[derive(Debug, Clone)]
pub struct CaseAct {
    pub kind: String,
    pub at: String,
    pub body: Value,
}

impl CaseAct {
    /// A text of the body; empty where there is none.
    pub fn text(&self, key: &str) -> String {
        let text = self.body.get(key).and_then(Value::as_str);
        text.unwrap_or_default().to_owned()
    }
}

pub fn insert(
    db: &Connection,
    place: i64,
    case_id: &str,
    kind: &str,
    at: &str,
    body: &[u8],
) -> Result<(), Failure> {
    let body: Value = serde_json::from_slice(body)?;
    db.prepare_cached(
        "INSERT INTO case_act (place, case_id, kind, at, body) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![place, case_id, kind, at, body.to_string()])?;
    Ok(())
}

pub fn close(db: &Connection, case_id: &str) -> Result<(), Failure> {
    db.prepare_cached("UPDATE inspection SET state = 'closed' WHERE case_id = ?1")?
        .execute([case_id])?;
    Ok(())
}

pub fn insert_of_headquarters(
    db: &Connection,
    idx: u64,
    kind: &str,
    at: &str,
    body: &Value,
) -> Result<(), Failure> {
    let case_id = body.get("case_id").and_then(Value::as_str);
    db.prepare_cached(
        "INSERT INTO hq_act (idx, case_id, kind, at, body) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
    )?
    .execute(params![idx, case_id, kind, at, body.to_string()])?;
    Ok(())
}

/// The officers' acts of a case, oldest first.
pub fn of_case(db: &Connection, case_id: &str) -> Result<Vec<CaseAct>, Failure> {
    rows(
        db,
        "SELECT kind, at, body FROM case_act WHERE case_id = ?1 ORDER BY place",
        case_id,
    )
}

/// Headquarters' acts of a case, oldest first.
pub fn of_headquarters(db: &Connection, case_id: &str) -> Result<Vec<CaseAct>, Failure> {
    rows(
        db,
        "SELECT kind, at, body FROM hq_act WHERE case_id = ?1 ORDER BY idx",
        case_id,
    )
}

/// What headquarters published for no case in particular, oldest first.
pub fn published(db: &Connection, kind: &str) -> Result<Vec<CaseAct>, Failure> {
    rows(
        db,
        "SELECT kind, at, body FROM hq_act WHERE kind = ?1 ORDER BY idx",
        kind,
    )
}

fn rows(db: &Connection, sql: &str, with: &str) -> Result<Vec<CaseAct>, Failure> {
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query([with])?;
    let mut acts = Vec::new();
    while let Some(row) = rows.next()? {
        let body: String = row.get(2)?;
        acts.push(CaseAct {
            kind: row.get(0)?,
            at: row.get(1)?,
            body: serde_json::from_str(&body)?,
        });
    }
    Ok(acts)
}

/// Whether an approval code was redeemed on this terminal before.
pub fn is_code_used(db: &Connection, code_sha256: &str) -> Result<bool, Failure> {
    Ok(db
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM case_act
             WHERE kind = 'approval.recorded' AND body ->> '$.code_sha256' = ?1)",
        )?
        .query_row([code_sha256], |row| row.get(0))?)
}
