//! Time limits as entries started them; a projection. They are written once and never reckoned anew.

use rusqlite::{Connection, Row};

pub const SCHEMA: &str = "
-- 期限 (projection): clocks that entries started; the same name of the same thing counts once, the newest.
CREATE TABLE clock (
    case_id TEXT NOT NULL,             -- case it runs in
    owner TEXT NOT NULL,               -- instrument that started it, or writer/epoch/idx of the act that did
    name TEXT NOT NULL,                -- name of the limit in the pack
    instrument_id TEXT,                -- instrument it is about
    text TEXT NOT NULL,                -- what has to be done
    due_on TEXT NOT NULL,              -- last lawful day
    due_at TEXT,                       -- last lawful minute, where hours are counted
    safe_due TEXT,                     -- last working day that is safe
    is_provisional INTEGER NOT NULL,   -- 1 beyond the last published calendar
    basis TEXT NOT NULL,               -- JSON array of citations
    started_at TEXT NOT NULL,          -- RFC 3339
    PRIMARY KEY (case_id, owner, name)
) STRICT;
CREATE INDEX clock_by_name ON clock (name, due_on);
";

#[derive(Debug, Clone)]
pub struct Clock {
    pub case_id: String,
    pub owner: String,
    pub name: String,
    pub instrument_id: Option<String>,
    pub text: String,
    pub due_on: String,
    pub due_at: Option<String>,
    pub safe_due: Option<String>,
    pub is_provisional: bool,
    /// JSON array.
    pub basis: String,
    pub started_at: String,
}

impl Clock {
    /// The moment where hours are counted, else the day.
    pub fn end(&self) -> &str {
        self.due_at.as_deref().unwrap_or(&self.due_on)
    }
}

const CLOCK: &str =
    "SELECT clock.case_id, owner, clock.name, clock.instrument_id, clock.text, clock.due_on,
    clock.due_at, clock.safe_due, clock.is_provisional, clock.basis, clock.started_at FROM clock";

fn clock_row(row: &Row<'_>) -> rusqlite::Result<Clock> {
    Ok(Clock {
        case_id: row.get(0)?,
        owner: row.get(1)?,
        name: row.get(2)?,
        instrument_id: row.get(3)?,
        text: row.get(4)?,
        due_on: row.get(5)?,
        due_at: row.get(6)?,
        safe_due: row.get(7)?,
        is_provisional: row.get(8)?,
        basis: row.get(9)?,
        started_at: row.get(10)?,
    })
}

pub fn put(on: &Connection, clock: &Clock) -> rusqlite::Result<()> {
    on.prepare_cached(
        "INSERT OR REPLACE INTO clock (case_id, owner, name, instrument_id, text, due_on, due_at, safe_due,
             is_provisional, basis, started_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?
    .execute((
        &clock.case_id,
        &clock.owner,
        &clock.name,
        &clock.instrument_id,
        &clock.text,
        &clock.due_on,
        &clock.due_at,
        &clock.safe_due,
        clock.is_provisional,
        &clock.basis,
        &clock.started_at,
    ))?;
    Ok(())
}

pub fn of_case(on: &Connection, case_id: &str) -> rusqlite::Result<Vec<Clock>> {
    on.prepare_cached(&format!(
        "{CLOCK} WHERE case_id = ?1 ORDER BY due_on, owner, name"
    ))?
    .query_map([case_id], clock_row)?
    .collect()
}

/// Clocks of a name about issued instruments that were never disclosed, the most urgent first.
pub fn undisclosed(on: &Connection, name: &str, limit: u32) -> rusqlite::Result<Vec<Clock>> {
    on.prepare_cached(&format!(
        "{CLOCK} JOIN instrument ON instrument.instrument_id = clock.instrument_id
         WHERE clock.name = ?1 AND instrument.state = 'issued'
             AND NOT EXISTS (SELECT 1 FROM disclosure WHERE disclosure.instrument_id = clock.instrument_id)
             AND NOT EXISTS (SELECT 1 FROM act WHERE act.instrument_id = clock.instrument_id
                 AND act.kind = 'hq.decision_revoked')
         ORDER BY clock.due_on LIMIT ?2"
    ))?
    .query_map((name, limit), clock_row)?
    .collect()
}

/// Names of all clocks that ever ran.
pub fn names(on: &Connection) -> rusqlite::Result<Vec<String>> {
    on.prepare_cached("SELECT DISTINCT name FROM clock ORDER BY name")?
        .query_map([], |row| row.get(0))?
        .collect()
}
