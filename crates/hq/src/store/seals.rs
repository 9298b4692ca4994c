//! 用印台账 – numbered impressions and pre-sealed sheets: who got them, and what became of each.

use rusqlite::{Connection, OptionalExtension, Row};

use super::{int, nat};

pub const SCHEMA: &str = "
-- What impressions for a terminal are sealed to.
CREATE TABLE seal_key (
    writer TEXT NOT NULL PRIMARY KEY REFERENCES terminal (writer),  -- terminal that opens them
    public_key TEXT NOT NULL                                        -- base64
) STRICT;

-- 领用: numbers of impressions and of sheets that terminals got; two ranges never overlap.
CREATE TABLE seal_grant (
    what TEXT NOT NULL CHECK (what IN ('impression', 'sheet')),  -- impression, sheet
    prefix TEXT NOT NULL,                                        -- what numbers begin with
    digits INTEGER NOT NULL,                                     -- digits after it
    from_no INTEGER NOT NULL,                                    -- first number
    to_no INTEGER NOT NULL CHECK (to_no >= from_no),             -- last number
    writer TEXT NOT NULL REFERENCES terminal (writer),           -- terminal that holds them
    instrument_id TEXT,                                          -- instrument that headquarters sealed with it
    seal_sha256 TEXT,                                            -- seal image the impressions were made from
    width_mm INTEGER,                                            -- and its width
    user_name TEXT NOT NULL,                                     -- who handed them out, empty for leased ones
    granted_at TEXT NOT NULL,                                    -- RFC 3339
    PRIMARY KEY (what, prefix, digits, from_no)
) STRICT;

CREATE TRIGGER seal_grants_never_overlap BEFORE INSERT ON seal_grant
WHEN EXISTS (
    SELECT 1 FROM seal_grant AS other
    WHERE other.what = NEW.what AND other.prefix = NEW.prefix AND other.digits = NEW.digits
      AND other.from_no <= NEW.to_no AND other.to_no >= NEW.from_no
)
BEGIN
    SELECT RAISE(ABORT, 'numbers of seals overlap');
END;

-- 用印 (projection): how issued instruments are sealed, and which sheets copies were printed on.
CREATE TABLE seal_use (
    use_id TEXT NOT NULL PRIMARY KEY,  -- the instrument, or the print job of a copy
    instrument_id TEXT NOT NULL,       -- what is sealed
    writer TEXT NOT NULL,              -- terminal that did it
    mode TEXT NOT NULL,                -- by_hand, pre_sealed, token, headquarters; sheet for a copy
    number TEXT,                       -- of the impression or the sheet
    is_spent INTEGER NOT NULL          -- 0 for a sheet on which nothing was printed after all
) STRICT;
CREATE INDEX seal_use_by_number ON seal_use (number) WHERE number IS NOT NULL;
CREATE INDEX seal_use_by_mode ON seal_use (mode);

-- 作废纸张 (projection): pre-sealed sheets that nobody will use.
CREATE TABLE spoiled_sheet (
    sheet_no TEXT NOT NULL,    -- number on the sheet
    writer TEXT NOT NULL,      -- terminal that says so
    reason TEXT NOT NULL,      -- why
    spoiled_at TEXT NOT NULL,  -- RFC 3339
    PRIMARY KEY (sheet_no, writer)
) STRICT;
";

pub const IMPRESSION: &str = "impression";
pub const SHEET: &str = "sheet";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    pub what: String,
    pub prefix: String,
    pub digits: u8,
    pub from: u64,
    pub to: u64,
    pub writer: String,
    pub instrument_id: Option<String>,
    pub seal_sha256: Option<String>,
    pub width_mm: Option<u16>,
    pub user_name: String,
    pub granted_at: String,
}

impl Grant {
    pub fn number(&self, serial: u64) -> String {
        let (prefix, digits) = (&self.prefix, usize::from(self.digits));
        format!("{prefix}{serial:0digits$}")
    }

    pub fn count(&self) -> u64 {
        self.to.saturating_sub(self.from).saturating_add(1)
    }
}

pub fn put_key(on: &Connection, writer: &str, public_key: &str) -> rusqlite::Result<()> {
    on.execute(
        "INSERT INTO seal_key (writer, public_key) VALUES (?1, ?2)
         ON CONFLICT (writer) DO UPDATE SET public_key = excluded.public_key",
        (writer, public_key),
    )?;
    Ok(())
}

pub fn key(on: &Connection, writer: &str) -> rusqlite::Result<Option<String>> {
    on.query_row(
        "SELECT public_key FROM seal_key WHERE writer = ?1",
        [writer],
        |row| row.get(0),
    )
    .optional()
}

pub fn put_grant(on: &Connection, grant: &Grant) -> rusqlite::Result<()> {
    on.execute(
        "INSERT INTO seal_grant (what, prefix, digits, from_no, to_no, writer, instrument_id, user_name, granted_at,
             seal_sha256, width_mm)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        (
            &grant.what,
            &grant.prefix,
            grant.digits,
            int(grant.from),
            int(grant.to),
            &grant.writer,
            &grant.instrument_id,
            &grant.user_name,
            &grant.granted_at,
            &grant.seal_sha256,
            grant.width_mm,
        ),
    )?;
    Ok(())
}

/// The newest first.
pub fn grants(on: &Connection, limit: u32) -> rusqlite::Result<Vec<Grant>> {
    on.prepare_cached(&format!(
        "{GRANT} ORDER BY granted_at DESC, from_no DESC LIMIT ?1"
    ))?
    .query_map([limit], grant_row)?
    .collect()
}

/// The grant an impression belongs to.
pub fn grant_of_impression(on: &Connection, serial: u64) -> rusqlite::Result<Option<Grant>> {
    on.query_row(
        &format!("{GRANT} WHERE what = 'impression' AND from_no <= ?1 AND to_no >= ?1"),
        [int(serial)],
        grant_row,
    )
    .optional()
}

const GRANT: &str =
    "SELECT what, prefix, digits, from_no, to_no, writer, instrument_id, user_name, granted_at,
     seal_sha256, width_mm FROM seal_grant";

fn grant_row(row: &Row<'_>) -> rusqlite::Result<Grant> {
    Ok(Grant {
        what: row.get(0)?,
        prefix: row.get(1)?,
        digits: row.get(2)?,
        from: nat(row.get(3)?),
        to: nat(row.get(4)?),
        writer: row.get(5)?,
        instrument_id: row.get(6)?,
        user_name: row.get(7)?,
        granted_at: row.get(8)?,
        seal_sha256: row.get(9)?,
        width_mm: row.get(10)?,
    })
}

/// The first number no impression has yet.
pub fn next_impression(on: &Connection) -> rusqlite::Result<u64> {
    let last: i64 = on.query_row(
        "SELECT COALESCE(MAX(to_no), 0) FROM seal_grant WHERE what = 'impression'",
        [],
        |row| row.get(0),
    )?;
    Ok(nat(last).saturating_add(1))
}

/// Whether some of these numbers were handed out before.
pub fn is_granted(on: &Connection, grant: &Grant) -> rusqlite::Result<bool> {
    on.query_row(
        "SELECT EXISTS (SELECT 1 FROM seal_grant WHERE what = ?1 AND prefix = ?2 AND digits = ?3
         AND from_no <= ?5 AND to_no >= ?4)",
        (
            &grant.what,
            &grant.prefix,
            grant.digits,
            int(grant.from),
            int(grant.to),
        ),
        |row| row.get(0),
    )
}

/// Leased impressions of a terminal that are on no instrument yet, as far as its journal arrived.
pub fn impressions_left(on: &Connection, writer: &str) -> rusqlite::Result<u64> {
    let granted: i64 = on.query_row(
        "SELECT COALESCE(SUM(to_no - from_no + 1), 0) FROM seal_grant
         WHERE what = 'impression' AND writer = ?1 AND instrument_id IS NULL",
        [writer],
        |row| row.get(0),
    )?;
    let used: i64 = on.query_row(
        "SELECT COUNT(*) FROM seal_use WHERE mode = 'token' AND writer = ?1",
        [writer],
        |row| row.get(0),
    )?;
    Ok(nat(granted.saturating_sub(used)))
}

#[derive(Debug, Clone)]
pub struct Use<'a> {
    pub use_id: &'a str,
    pub instrument_id: &'a str,
    pub writer: &'a str,
    pub mode: &'a str,
    pub number: Option<&'a str>,
    pub is_spent: bool,
}

/// A later state of the same copy takes the place of the earlier one.
pub fn put_use(on: &Connection, used: &Use<'_>) -> rusqlite::Result<()> {
    on.prepare_cached(
        "INSERT OR REPLACE INTO seal_use (use_id, instrument_id, writer, mode, number, is_spent)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute((
        used.use_id,
        used.instrument_id,
        used.writer,
        used.mode,
        used.number,
        used.is_spent,
    ))?;
    Ok(())
}

pub fn put_spoiled(
    on: &Connection,
    (sheet_no, writer): (&str, &str),
    reason: &str,
    spoiled_at: &str,
) -> rusqlite::Result<()> {
    on.execute(
        "INSERT OR REPLACE INTO spoiled_sheet (sheet_no, writer, reason, spoiled_at) VALUES (?1, ?2, ?3, ?4)",
        (sheet_no, writer, reason, spoiled_at),
    )?;
    Ok(())
}

/// Numbers of a grant that were used, and that were spoiled.
pub fn spent(on: &Connection, grant: &Grant) -> rusqlite::Result<(u64, u64)> {
    let range = (
        grant.number(grant.from),
        grant.number(grant.to),
        int(grant.number(grant.from).chars().count() as u64),
    );
    let used = on
        .prepare_cached(
            "SELECT COUNT(DISTINCT number) FROM seal_use
             WHERE number BETWEEN ?1 AND ?2 AND LENGTH(number) = ?3 AND is_spent AND (mode = 'sheet') = (?4 = 'sheet')",
        )?
        .query_row((&range.0, &range.1, range.2, &grant.what), |row| row.get(0).map(nat))?;
    let spoiled = match grant.what.as_str() {
        SHEET => on
            .prepare_cached(
                "SELECT COUNT(*) FROM spoiled_sheet WHERE sheet_no BETWEEN ?1 AND ?2 AND LENGTH(sheet_no) = ?3",
            )?
            .query_row((&range.0, &range.1, range.2), |row| row.get(0).map(nat))?,
        _ => 0,
    };
    Ok((used, spoiled))
}

/// How an issued instrument is sealed.
pub fn mode_of(
    on: &Connection,
    instrument_id: &str,
) -> rusqlite::Result<Option<(String, Option<String>)>> {
    on.prepare_cached("SELECT mode, number FROM seal_use WHERE use_id = ?1")?
        .query_row([instrument_id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
}

/// The number of the impression on an instrument, wherever it was put on.
pub fn number_on(on: &Connection, instrument_id: &str) -> rusqlite::Result<Option<String>> {
    on.prepare_cached(
        "SELECT number FROM seal_use WHERE use_id = ?1 AND number IS NOT NULL
         UNION ALL SELECT about FROM act WHERE instrument_id = ?1 AND kind = 'hq.sealed' LIMIT 1",
    )?
    .query_row([instrument_id], |row| row.get(0))
    .optional()
}

/// Issued instruments that wait for headquarters' seal, the longest waiting first.
pub fn waiting(on: &Connection, limit: u32) -> rusqlite::Result<Vec<String>> {
    on.prepare_cached(
        "SELECT u.instrument_id FROM seal_use u JOIN instrument i ON i.instrument_id = u.instrument_id
         WHERE u.mode = 'headquarters' AND i.state = 'issued'
           AND NOT EXISTS (SELECT 1 FROM act a WHERE a.instrument_id = u.instrument_id AND a.kind = 'hq.sealed')
         ORDER BY i.issued_at LIMIT ?1",
    )?
    .query_map([limit], |row| row.get(0))?
    .collect()
}

/// A number that is where it should not be.
pub struct Strange {
    pub number: String,
    pub mode: String,
    pub instrument_id: String,
    pub writer: String,
    /// `unknown` (nobody gave it to this terminal) or `twice`.
    pub reason: String,
}

pub fn strange(on: &Connection, limit: u32) -> rusqlite::Result<Vec<Strange>> {
    on.prepare_cached(
        "SELECT u.number, u.mode, u.instrument_id, u.writer, CASE
             WHEN EXISTS (SELECT 1 FROM seal_use o WHERE o.number = u.number AND o.use_id != u.use_id AND o.is_spent
                          AND (o.mode = 'sheet') = (u.mode = 'sheet')) THEN 'twice'
             ELSE 'unknown' END AS reason
         FROM seal_use u
         WHERE u.number IS NOT NULL AND u.is_spent AND (
             EXISTS (SELECT 1 FROM seal_use o WHERE o.number = u.number AND o.use_id != u.use_id AND o.is_spent
                     AND (o.mode = 'sheet') = (u.mode = 'sheet'))
             OR NOT EXISTS (
                 SELECT 1 FROM seal_grant g
                 WHERE g.writer = u.writer AND (g.what = 'sheet') = (u.mode = 'sheet')
                   AND LENGTH(u.number) = LENGTH(g.prefix) + g.digits
                   AND u.number BETWEEN g.prefix || printf('%0*d', g.digits, g.from_no)
                                    AND g.prefix || printf('%0*d', g.digits, g.to_no)))
         ORDER BY u.number LIMIT ?1",
    )?
    .query_map([limit], |row| {
        Ok(Strange {
            number: row.get(0)?,
            mode: row.get(1)?,
            instrument_id: row.get(2)?,
            writer: row.get(3)?,
            reason: row.get(4)?,
        })
    })?
    .collect()
}
