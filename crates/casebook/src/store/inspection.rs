//! Cases, presentations, told notices and clocks.

use journal::body::{CaseAmended, ClockBody, InspectionOpened, NoticeTold, PlaceBody};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::Value;

use crate::failure::Failure;

/// A case as stored.
#[derive(Debug, Clone)]
pub struct Inspection {
    pub case_id: String,
    pub opened_at: String,
    pub reason: String,
    pub reason_note: String,
    pub place: PlaceBody,
    pub party: Value,
    pub vehicle: Option<Value>,
    pub officers: Value,
    pub presented_at: String,
    /// `open` or `closed`.
    pub state: String,
    pub last_idx: u64,
}

/// One line of the case list.
#[derive(Debug, Clone)]
pub struct InspectionLine {
    pub case_id: String,
    pub opened_at: String,
    pub party_name: String,
    pub plate: String,
    pub place_text: String,
    pub state: String,
    pub last_idx: u64,
    pub issued: u32,
    pub drafts: u32,
    pub evidence: u32,
    pub media_pending: u32,
}

/// The name a list shows and finds for a party block: person, firm, or a sole trader's firm with the person behind it.
pub fn party_name(party: &Value) -> String {
    let text = |key: &str| party.get(key).and_then(Value::as_str).unwrap_or_default();
    let (firm, person) = (text("org_name"), text("name"));
    match (text("kind"), firm.is_empty(), person.is_empty()) {
        ("sole_trader", false, false) => format!("{firm}（{person}）"),
        ("organisation" | "sole_trader", false, _) | (_, false, true) => firm.to_owned(),
        _ => person.to_owned(),
    }
}

fn plate_of(vehicle: Option<&Value>) -> String {
    vehicle
        .and_then(|block| block.get("plate"))
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

pub fn insert(db: &Connection, idx: u64, at: &str, body: &InspectionOpened) -> Result<(), Failure> {
    db.prepare_cached(
        "INSERT INTO inspection (case_id, request_id, opened_at, reason, reason_note, place, party, vehicle, officers,
         presented_at, party_name, plate, place_text, last_idx) VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14)",
    )?
    .execute(params![
        body.case_id,
        body.request_id,
        at,
        body.reason,
        body.reason_note,
        serde_json::to_string(&body.place)?,
        body.party.to_string(),
        body.vehicle.as_ref().map(Value::to_string),
        serde_json::to_string(&body.officers)?,
        body.presented_at,
        party_name(&body.party),
        plate_of(body.vehicle.as_ref()),
        body.place.text,
        idx,
    ])?;
    Ok(())
}

pub fn amend(db: &Connection, case_id: &str, body: &CaseAmended) -> Result<(), Failure> {
    if let Some(place) = &body.place {
        db.prepare_cached("UPDATE inspection SET place = ?2, place_text = ?3 WHERE case_id = ?1")?
            .execute(params![case_id, serde_json::to_string(place)?, place.text])?;
    }
    if let Some(party) = &body.party {
        db.prepare_cached("UPDATE inspection SET party = ?2, party_name = ?3 WHERE case_id = ?1")?
            .execute(params![case_id, party.to_string(), party_name(party)])?;
    }
    if let Some(vehicle) = &body.vehicle {
        db.prepare_cached("UPDATE inspection SET vehicle = ?2, plate = ?3 WHERE case_id = ?1")?
            .execute(params![
                case_id,
                vehicle.to_string(),
                plate_of(Some(vehicle))
            ])?;
    }
    Ok(())
}

/// Notes the newest entry of a case.
pub fn touch(db: &Connection, case_id: &str, idx: u64) -> Result<(), Failure> {
    db.prepare_cached("UPDATE inspection SET last_idx = ?2 WHERE case_id = ?1")?
        .execute(params![case_id, idx])?;
    Ok(())
}

pub fn case_of_request(db: &Connection, request_id: &str) -> Result<Option<String>, Failure> {
    Ok(db
        .prepare_cached("SELECT case_id FROM inspection WHERE request_id = ?1")?
        .query_row([request_id], |row| row.get(0))
        .optional()?)
}

pub fn read(db: &Connection, case_id: &str) -> Result<Option<Inspection>, Failure> {
    let raw = db
        .prepare_cached(
            "SELECT case_id, opened_at, reason, reason_note, place, party, vehicle, officers, presented_at, last_idx, state
             FROM inspection WHERE case_id = ?1",
        )?
        .query_row([case_id], |row| {
            Ok((
                row.get::<_, String>(0)?,
                row.get::<_, String>(1)?,
                row.get::<_, String>(2)?,
                row.get::<_, String>(3)?,
                row.get::<_, String>(4)?,
                row.get::<_, String>(5)?,
                row.get::<_, Option<String>>(6)?,
                row.get::<_, String>(7)?,
                row.get::<_, String>(8)?,
                row.get::<_, u64>(9)?,
                row.get::<_, String>(10)?,
            ))
        })
        .optional()?;
    let Some(raw) = raw else { return Ok(None) };
    Ok(Some(Inspection {
        case_id: raw.0,
        opened_at: raw.1,
        reason: raw.2,
        reason_note: raw.3,
        place: serde_json::from_str(&raw.4)?,
        party: serde_json::from_str(&raw.5)?,
        vehicle: raw.6.map(|text| serde_json::from_str(&text)).transpose()?,
        officers: serde_json::from_str(&raw.7)?,
        presented_at: raw.8,
        last_idx: raw.9,
        state: raw.10,
    }))
}

const LINE: &str = "SELECT i.case_id, i.opened_at, i.party_name, i.plate, i.place_text, i.state, i.last_idx,
    (SELECT count(*) FROM instrument d WHERE d.case_id = i.case_id AND d.state = 'issued'),
    (SELECT count(*) FROM instrument d WHERE d.case_id = i.case_id AND d.state = 'draft'),
    (SELECT count(*) FROM evidence e WHERE e.case_id = i.case_id),
    (SELECT count(*) FROM outbox_media o JOIN entry t ON t.idx = o.idx WHERE t.case_id = i.case_id AND o.receipt IS NULL)
    FROM inspection i";

fn line(row: &Row<'_>) -> rusqlite::Result<InspectionLine> {
    Ok(InspectionLine {
        case_id: row.get(0)?,
        opened_at: row.get(1)?,
        party_name: row.get(2)?,
        plate: row.get(3)?,
        place_text: row.get(4)?,
        state: row.get(5)?,
        last_idx: row.get(6)?,
        issued: row.get(7)?,
        drafts: row.get(8)?,
        evidence: row.get(9)?,
        media_pending: row.get(10)?,
    })
}

/// A page of cases, newest first. `after` is the `(opened_at, case_id)` of the last line of the former page.
pub fn list(
    db: &Connection,
    text: &str,
    after: Option<(&str, &str)>,
    limit: u32,
) -> Result<Vec<InspectionLine>, Failure> {
    let (opened_at, case_id) = after.unwrap_or(("\u{10FFFF}", ""));
    let mut statement = db.prepare_cached(&format!(
        "{LINE} WHERE (i.opened_at, i.case_id) < (?1, ?2)
         AND (?3 = '' OR instr(i.party_name, ?3) OR instr(i.plate, ?3) OR instr(i.place_text, ?3)
              OR EXISTS (SELECT 1 FROM instrument d WHERE d.case_id = i.case_id AND instr(d.number, ?3)))
         ORDER BY i.opened_at DESC, i.case_id DESC LIMIT ?4"
    ))?;
    let lines = statement
        .query_map(params![opened_at, case_id, text, limit], line)?
        .collect::<Result<_, _>>()?;
    Ok(lines)
}

pub fn count(db: &Connection, text: &str) -> Result<u64, Failure> {
    if text.is_empty() {
        // An index alone answers this; any condition would read and decrypt every case.
        return Ok(db
            .prepare_cached("SELECT count(*) FROM inspection")?
            .query_row([], |row| row.get(0))?);
    }
    Ok(db
        .prepare_cached(
            "SELECT count(*) FROM inspection i WHERE instr(i.party_name, ?1) OR instr(i.plate, ?1)
             OR instr(i.place_text, ?1)
             OR EXISTS (SELECT 1 FROM instrument d WHERE d.case_id = i.case_id AND instr(d.number, ?1))",
        )?
        .query_row([text], |row| row.get(0))?)
}

pub fn media_pending(db: &Connection, case_id: &str) -> Result<u32, Failure> {
    Ok(db
        .prepare_cached(
            "SELECT count(*) FROM outbox_media o JOIN entry t ON t.idx = o.idx
             WHERE t.case_id = ?1 AND o.receipt IS NULL",
        )?
        .query_row([case_id], |row| row.get(0))?)
}

pub fn insert_presentation(
    db: &Connection,
    place: i64,
    at: &str,
    presentation_id: &str,
) -> Result<(), Failure> {
    db.prepare_cached(
        "INSERT INTO presentation (place, presentation_id, presented_at) VALUES (?1, ?2, ?3)",
    )?
    .execute(params![place, presentation_id, at])?;
    Ok(())
}

pub fn insert_told(
    db: &Connection,
    case_id: &str,
    idx: u64,
    at: &str,
    body: &NoticeTold,
) -> Result<(), Failure> {
    db.prepare_cached(
        "INSERT INTO told (case_id, idx, notice, told_at, response) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![case_id, idx, body.notice, at, body.response])?;
    Ok(())
}

/// `(notice, told_at, response)` in the order they were told.
pub fn told(db: &Connection, case_id: &str) -> Result<Vec<(String, String, String)>, Failure> {
    let mut statement = db.prepare_cached(
        "SELECT notice, told_at, response FROM told WHERE case_id = ?1 ORDER BY idx",
    )?;
    let rows = statement
        .query_map([case_id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<Result<_, _>>()?;
    Ok(rows)
}

pub fn insert_clocks(
    db: &Connection,
    case_id: &str,
    instrument_id: &str,
    started_at: &str,
    clocks: &[ClockBody],
) -> Result<(), Failure> {
    let mut statement = db.prepare_cached(
        "INSERT INTO clock (case_id, instrument_id, name, text, started_at, due_on, due_at, safe_due, is_provisional, basis)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
         ON CONFLICT (case_id, instrument_id, name) DO UPDATE
         SET text = ?4, started_at = ?5, due_on = ?6, due_at = ?7, safe_due = ?8, is_provisional = ?9, basis = ?10",
    )?;
    for clock in clocks {
        statement.execute(params![
            case_id,
            instrument_id,
            clock.name,
            clock.text,
            started_at,
            clock.due_on,
            clock.due_at,
            clock.safe_due,
            clock.is_provisional,
            clock.basis.to_string(),
        ])?;
    }
    Ok(())
}

/// A clock as it was started.
#[derive(Debug, Clone)]
pub struct StoredClock {
    /// Absent where the case itself started it.
    pub instrument_id: Option<String>,
    pub started_at: String,
    pub clock: ClockBody,
}

/// By due date.
pub fn clocks(db: &Connection, case_id: &str) -> Result<Vec<StoredClock>, Failure> {
    let mut statement = db.prepare_cached(
        "SELECT name, text, due_on, is_provisional, basis, due_at, safe_due, instrument_id, started_at
         FROM clock WHERE case_id = ?1 ORDER BY due_on, name",
    )?;
    let rows = statement
        .query_map([case_id], |row| {
            let basis: String = row.get(4)?;
            let instrument_id: String = row.get(7)?;
            Ok(StoredClock {
                instrument_id: Some(instrument_id).filter(|id| !id.is_empty()),
                started_at: row.get(8)?,
                clock: ClockBody {
                    name: row.get(0)?,
                    text: row.get(1)?,
                    due_on: row.get(2)?,
                    is_provisional: row.get(3)?,
                    basis: serde_json::from_str(&basis).unwrap_or(Value::Null),
                    due_at: row.get(5)?,
                    safe_due: row.get(6)?,
                },
            })
        })?
        .collect::<Result<_, _>>()?;
    Ok(rows)
}
