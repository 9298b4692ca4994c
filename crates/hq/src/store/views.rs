//! 调阅记录 – who looked at what; a projection of headquarters' own series.

use rusqlite::{Connection, OptionalExtension, Row};

use super::{int, nat};

pub const SCHEMA: &str = "
-- 调阅记录 (projection of headquarters' own series): who looked at what, when and why.
CREATE TABLE view (
    idx INTEGER PRIMARY KEY,  -- entry of headquarters' series
    viewed_at TEXT NOT NULL,  -- RFC 3339
    user TEXT NOT NULL,       -- who looked
    what TEXT NOT NULL,       -- case, entry, object
    id TEXT NOT NULL,         -- of what was looked at
    case_id TEXT,             -- case it belongs to
    purpose TEXT NOT NULL     -- reason given
) STRICT;
CREATE INDEX view_by_case ON view (case_id, idx) WHERE case_id IS NOT NULL;
";

#[derive(Debug, Clone)]
pub struct View {
    pub idx: u64,
    pub viewed_at: String,
    pub user: String,
    pub user_name: String,
    pub what: String,
    pub id: String,
    pub case_id: Option<String>,
    pub purpose: String,
}

fn view_row(row: &Row<'_>) -> rusqlite::Result<View> {
    Ok(View {
        idx: nat(row.get(0)?),
        viewed_at: row.get(1)?,
        user: row.get(2)?,
        user_name: row.get(3)?,
        what: row.get(4)?,
        id: row.get(5)?,
        case_id: row.get(6)?,
        purpose: row.get(7)?,
    })
}

pub fn put(on: &Connection, view: &View) -> rusqlite::Result<()> {
    on.execute(
        "INSERT OR REPLACE INTO view (idx, viewed_at, user, what, id, case_id, purpose)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        (
            int(view.idx),
            &view.viewed_at,
            &view.user,
            &view.what,
            &view.id,
            &view.case_id,
            &view.purpose,
        ),
    )?;
    Ok(())
}

/// The newest first, before `before`; empty filters let everything through.
pub fn list(
    on: &Connection,
    case_id: Option<&str>,
    user: Option<&str>,
    before: Option<u64>,
    limit: u32,
) -> rusqlite::Result<Vec<View>> {
    on.prepare_cached(
        "SELECT idx, viewed_at, view.user, COALESCE(name, ''), what, id, case_id, purpose
         FROM view LEFT JOIN user ON user.user = view.user
         WHERE (?1 IS NULL OR case_id = ?1) AND (?2 IS NULL OR view.user = ?2) AND (?3 IS NULL OR idx < ?3)
         ORDER BY idx DESC LIMIT ?4",
    )?
    .query_map((case_id, user, before.map(int), limit), view_row)?
    .collect()
}

pub fn count(on: &Connection, case_id: Option<&str>, user: Option<&str>) -> rusqlite::Result<u64> {
    on.query_row(
        "SELECT COUNT(*) FROM view WHERE (?1 IS NULL OR case_id = ?1) AND (?2 IS NULL OR user = ?2)",
        (case_id, user),
        |row| row.get(0).map(nat),
    )
}

/// Why a user last opened a case: the purpose that covers the files opened from it.
pub fn last_purpose(
    on: &Connection,
    user: &str,
    case_id: &str,
    since: &str,
) -> rusqlite::Result<Option<String>> {
    on.query_row(
        "SELECT purpose FROM view WHERE case_id = ?1 AND user = ?2 AND what = 'case' AND viewed_at >= ?3
         ORDER BY idx DESC LIMIT 1",
        (case_id, user, since),
        |row| row.get(0),
    )
    .optional()
}
