//! What checking a sheet of paper looks up: its content, the packs that were published, the program it was made with.

use rusqlite::{Connection, OptionalExtension};

use super::int;

/// Issued instruments with this content.
pub fn with_content(on: &Connection, content_sha256: &str) -> rusqlite::Result<Vec<String>> {
    on.prepare_cached(
        "SELECT instrument_id FROM instrument WHERE content_sha256 = ?1 ORDER BY issued_at LIMIT 20",
    )?
    .query_map([content_sha256], |row| row.get(0))?
    .collect()
}

/// Hashes of every pack that was published, the newest first.
pub fn packs(on: &Connection) -> rusqlite::Result<Vec<String>> {
    on.prepare_cached("SELECT sha256 FROM published WHERE what = 'pack' ORDER BY rowid DESC")?
        .query_map([], |row| row.get(0))?
        .collect()
}

/// The entry that opened the session an entry was written in.
pub fn session_opened(
    on: &Connection,
    (writer, epoch, idx): (&str, u32, u64),
) -> rusqlite::Result<Option<Vec<u8>>> {
    on.prepare_cached(
        "SELECT frame FROM entry WHERE writer = ?1 AND epoch = ?2 AND idx < ?3 AND kind = 'session.opened'
         ORDER BY idx DESC LIMIT 1",
    )?
    .query_row((writer, epoch, int(idx)), |row| row.get(0))
    .optional()
}
