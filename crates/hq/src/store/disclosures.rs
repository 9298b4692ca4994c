//! 公示 – what was published and withdrawn, a projection of headquarters' own series; and pages that a first person has
//! checked and a second one has not released yet.

use rusqlite::{Connection, OptionalExtension, Row};

use super::{int, nat};

pub const SCHEMA: &str = "
-- 公示 (projection of headquarters' own series).
CREATE TABLE disclosure (
    disclosure_id TEXT NOT NULL PRIMARY KEY,  -- given by headquarters
    idx INTEGER NOT NULL,                     -- entry of headquarters' series
    case_id TEXT NOT NULL,                    -- case of the decision
    instrument_id TEXT NOT NULL,              -- instrument that was published
    kind TEXT NOT NULL,                       -- result, penalty, inspection
    channels TEXT NOT NULL,                   -- JSON array
    page TEXT NOT NULL,                       -- JSON, what everybody may read
    page_sha256 TEXT NOT NULL,                -- of the page's bytes, hex
    disclosed_at TEXT NOT NULL,               -- RFC 3339
    disclosed_by TEXT NOT NULL,               -- name of who released it
    withdrawn_at TEXT,                        -- RFC 3339
    withdrawn_reason TEXT                     -- published instead of the page
) STRICT;
CREATE INDEX disclosure_by_instrument ON disclosure (instrument_id);
CREATE INDEX disclosure_by_idx ON disclosure (idx);

-- A page that was checked and waits for a second person to release it.
CREATE TABLE disclosure_review (
    instrument_id TEXT NOT NULL PRIMARY KEY,  -- instrument to be published
    kind TEXT NOT NULL,                       -- result, penalty, inspection
    channels TEXT NOT NULL,                   -- JSON array
    basis TEXT NOT NULL,                      -- JSON array of citations
    page_sha256 TEXT NOT NULL,                -- of the page that was looked at, hex
    user TEXT NOT NULL,                       -- who checked it
    user_name TEXT NOT NULL,                  -- name of that person
    reviewed_at TEXT NOT NULL                 -- RFC 3339
) STRICT;
";

#[derive(Debug, Clone)]
pub struct Disclosure {
    pub disclosure_id: String,
    pub idx: u64,
    pub case_id: String,
    pub instrument_id: String,
    pub kind: String,
    /// JSON array.
    pub channels: String,
    /// JSON.
    pub page: String,
    pub page_sha256: String,
    pub disclosed_at: String,
    pub disclosed_by: String,
    pub withdrawn_at: Option<String>,
    pub withdrawn_reason: Option<String>,
}

const DISCLOSURE: &str =
    "SELECT disclosure_id, idx, case_id, instrument_id, kind, channels, page, page_sha256, disclosed_at,
    disclosed_by, withdrawn_at, withdrawn_reason FROM disclosure";

fn disclosure_row(row: &Row<'_>) -> rusqlite::Result<Disclosure> {
    Ok(Disclosure {
        disclosure_id: row.get(0)?,
        idx: nat(row.get(1)?),
        case_id: row.get(2)?,
        instrument_id: row.get(3)?,
        kind: row.get(4)?,
        channels: row.get(5)?,
        page: row.get(6)?,
        page_sha256: row.get(7)?,
        disclosed_at: row.get(8)?,
        disclosed_by: row.get(9)?,
        withdrawn_at: row.get(10)?,
        withdrawn_reason: row.get(11)?,
    })
}

pub fn put(on: &Connection, disclosure: &Disclosure) -> rusqlite::Result<()> {
    on.execute(
        "INSERT INTO disclosure (disclosure_id, idx, case_id, instrument_id, kind, channels, page, page_sha256,
             disclosed_at, disclosed_by)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        (
            &disclosure.disclosure_id,
            int(disclosure.idx),
            &disclosure.case_id,
            &disclosure.instrument_id,
            &disclosure.kind,
            &disclosure.channels,
            &disclosure.page,
            &disclosure.page_sha256,
            &disclosure.disclosed_at,
            &disclosure.disclosed_by,
        ),
    )?;
    Ok(())
}

pub fn withdraw(
    on: &Connection,
    disclosure_id: &str,
    withdrawn_at: &str,
    reason: &str,
) -> rusqlite::Result<()> {
    on.execute(
        "UPDATE disclosure SET withdrawn_at = ?2, withdrawn_reason = ?3 WHERE disclosure_id = ?1",
        (disclosure_id, withdrawn_at, reason),
    )?;
    Ok(())
}

pub fn by_id(on: &Connection, disclosure_id: &str) -> rusqlite::Result<Option<Disclosure>> {
    on.query_row(
        &format!("{DISCLOSURE} WHERE disclosure_id = ?1"),
        [disclosure_id],
        disclosure_row,
    )
    .optional()
}

/// The publication of an instrument that stands now.
pub fn live(on: &Connection, instrument_id: &str) -> rusqlite::Result<Option<Disclosure>> {
    on.query_row(
        &format!("{DISCLOSURE} WHERE instrument_id = ?1 AND withdrawn_at IS NULL"),
        [instrument_id],
        disclosure_row,
    )
    .optional()
}

/// Publications of decisions that were revoked, still to be taken down, the oldest first.
pub fn to_withdraw(on: &Connection, limit: u32) -> rusqlite::Result<Vec<Disclosure>> {
    on.prepare_cached(&format!(
        "{DISCLOSURE} WHERE withdrawn_at IS NULL AND EXISTS (SELECT 1 FROM act
             WHERE act.instrument_id = disclosure.instrument_id AND act.kind = 'hq.decision_revoked')
         ORDER BY idx LIMIT ?1"
    ))?
    .query_map([limit], disclosure_row)?
    .collect()
}

/// True where the page of a publication that stands holds the text `?1`, and for all when it is empty.
const MATCHES: &str = "(?1 = '' OR (withdrawn_at IS NULL AND instr(lower(page), ?1) > 0))";

/// The newest first, before the entry `before`.
/// Without penalties published before the day `ended`.
pub fn list(
    on: &Connection,
    sought: &str,
    ended: Option<&str>,
    before: Option<u64>,
    limit: u32,
) -> rusqlite::Result<Vec<Disclosure>> {
    on.prepare_cached(&format!(
        "{DISCLOSURE} WHERE {MATCHES} AND {STANDS} AND (?3 IS NULL OR idx < ?3) ORDER BY idx DESC LIMIT ?4"
    ))?
    .query_map((sought, ended, before.map(int), limit), disclosure_row)?
    .collect()
}

pub fn count(on: &Connection, sought: &str, ended: Option<&str>) -> rusqlite::Result<u64> {
    on.prepare_cached(&format!(
        "SELECT COUNT(*) FROM disclosure WHERE {MATCHES} AND {STANDS}"
    ))?
    .query_row((sought, ended), |row| row.get(0).map(nat))
}

const STANDS: &str = "(?2 IS NULL OR kind <> 'penalty' OR disclosed_at >= ?2)";

/// 审核 – who looked at the page that is to be published.
#[derive(Debug, Clone)]
pub struct Review {
    pub instrument_id: String,
    pub kind: String,
    /// JSON array.
    pub channels: String,
    /// JSON array.
    pub basis: String,
    pub page_sha256: String,
    pub user: String,
    pub user_name: String,
    pub reviewed_at: String,
}

pub fn put_review(on: &Connection, review: &Review) -> rusqlite::Result<()> {
    on.execute(
        "INSERT OR REPLACE INTO disclosure_review (instrument_id, kind, channels, basis, page_sha256, user, user_name,
             reviewed_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        (
            &review.instrument_id,
            &review.kind,
            &review.channels,
            &review.basis,
            &review.page_sha256,
            &review.user,
            &review.user_name,
            &review.reviewed_at,
        ),
    )?;
    Ok(())
}

const REVIEW: &str =
    "SELECT instrument_id, kind, channels, basis, page_sha256, user, user_name, reviewed_at
    FROM disclosure_review";

fn review_row(row: &Row<'_>) -> rusqlite::Result<Review> {
    Ok(Review {
        instrument_id: row.get(0)?,
        kind: row.get(1)?,
        channels: row.get(2)?,
        basis: row.get(3)?,
        page_sha256: row.get(4)?,
        user: row.get(5)?,
        user_name: row.get(6)?,
        reviewed_at: row.get(7)?,
    })
}

pub fn review(on: &Connection, instrument_id: &str) -> rusqlite::Result<Option<Review>> {
    on.query_row(
        &format!("{REVIEW} WHERE instrument_id = ?1"),
        [instrument_id],
        review_row,
    )
    .optional()
}

/// Pages that wait for their release.
pub fn reviews(on: &Connection, limit: u32) -> rusqlite::Result<Vec<Review>> {
    on.prepare_cached(&format!("{REVIEW} ORDER BY reviewed_at LIMIT ?1"))?
        .query_map([limit], review_row)?
        .collect()
}

pub fn drop_review(on: &Connection, instrument_id: &str) -> rusqlite::Result<()> {
    on.execute(
        "DELETE FROM disclosure_review WHERE instrument_id = ?1",
        [instrument_id],
    )?;
    Ok(())
}
