//! Files by content: uploads under way, objects received, and what headquarters publishes to its terminals.

use rusqlite::{Connection, OptionalExtension, Row};

use super::{int, nat};

pub const SCHEMA: &str = "
-- Files on their way: how much of each is durable.
CREATE TABLE upload (
    writer TEXT NOT NULL,           -- terminal that sends it
    sha256 TEXT NOT NULL,           -- of the whole file, hex
    size_bytes INTEGER NOT NULL,    -- size announced
    media_type TEXT NOT NULL,       -- type announced
    stored_bytes INTEGER NOT NULL,  -- bytes that are durable
    created_at TEXT NOT NULL,       -- RFC 3339
    PRIMARY KEY (writer, sha256)
) STRICT;

-- Files that are here whole, by content.
CREATE TABLE object (
    sha256 TEXT NOT NULL PRIMARY KEY,  -- of the file, hex
    size_bytes INTEGER NOT NULL,       -- its size
    media_type TEXT NOT NULL,          -- its type
    writer TEXT NOT NULL,              -- terminal that sent it first
    received_at TEXT NOT NULL,         -- RFC 3339
    note TEXT NOT NULL                 -- the signed receipt
) STRICT;

-- What headquarters publishes to terminals: packs and portraits.
CREATE TABLE published (
    sha256 TEXT NOT NULL PRIMARY KEY,  -- of the file, hex
    what TEXT NOT NULL,                -- pack or portrait
    media_type TEXT NOT NULL,          -- its type
    size_bytes INTEGER NOT NULL        -- its size
) STRICT;
";

const UPLOAD: &str = "SELECT writer, sha256, size_bytes, media_type, stored_bytes FROM upload";

fn upload_row(row: &Row<'_>) -> rusqlite::Result<Upload> {
    Ok(Upload {
        writer: row.get(0)?,
        sha256: row.get(1)?,
        size_bytes: nat(row.get(2)?),
        media_type: row.get(3)?,
        stored_bytes: nat(row.get(4)?),
    })
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    pub writer: String,
    pub sha256: String,
    pub size_bytes: u64,
    pub media_type: String,
    /// Bytes that are durable; the file may be longer after a crash.
    pub stored_bytes: u64,
}

pub fn upload(on: &Connection, writer: &str, sha256: &str) -> rusqlite::Result<Option<Upload>> {
    on.prepare_cached(&format!("{UPLOAD} WHERE writer = ?1 AND sha256 = ?2"))?
        .query_row((writer, sha256), upload_row)
        .optional()
}

/// Uploads whose every byte is durable, and which were not taken in yet.
pub fn full_uploads(on: &Connection) -> rusqlite::Result<Vec<Upload>> {
    on.prepare(&format!("{UPLOAD} WHERE stored_bytes = size_bytes"))?
        .query_map([], upload_row)?
        .collect()
}

pub fn put_upload(on: &Connection, upload: &Upload, created_at: &str) -> rusqlite::Result<()> {
    on.execute(
        "INSERT INTO upload (writer, sha256, size_bytes, media_type, stored_bytes, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        (
            &upload.writer,
            &upload.sha256,
            int(upload.size_bytes),
            &upload.media_type,
            int(upload.stored_bytes),
            created_at,
        ),
    )?;
    Ok(())
}

pub fn set_stored(
    on: &Connection,
    writer: &str,
    sha256: &str,
    stored_bytes: u64,
) -> rusqlite::Result<()> {
    on.prepare_cached("UPDATE upload SET stored_bytes = ?3 WHERE writer = ?1 AND sha256 = ?2")?
        .execute((writer, sha256, int(stored_bytes)))?;
    Ok(())
}

pub fn drop_upload(on: &Connection, writer: &str, sha256: &str) -> rusqlite::Result<()> {
    on.execute(
        "DELETE FROM upload WHERE writer = ?1 AND sha256 = ?2",
        (writer, sha256),
    )?;
    Ok(())
}

/// How much of a file is here, over all terminals that are sending it.
pub fn uploaded_bytes(on: &Connection, sha256: &str) -> rusqlite::Result<u64> {
    on.prepare_cached("SELECT COALESCE(MAX(stored_bytes), 0) FROM upload WHERE sha256 = ?1")?
        .query_row([sha256], |row| row.get(0).map(nat))
}

#[derive(Debug, Clone)]
pub struct Object {
    pub sha256: String,
    pub size_bytes: u64,
    pub media_type: String,
    pub writer: String,
    pub received_at: String,
    /// The signed media receipt.
    pub note: String,
}

pub fn object(on: &Connection, sha256: &str) -> rusqlite::Result<Option<Object>> {
    on.prepare_cached(
        "SELECT sha256, size_bytes, media_type, writer, received_at, note FROM object WHERE sha256 = ?1",
    )?
    .query_row([sha256], |row| {
        Ok(Object {
            sha256: row.get(0)?,
            size_bytes: nat(row.get(1)?),
            media_type: row.get(2)?,
            writer: row.get(3)?,
            received_at: row.get(4)?,
            note: row.get(5)?,
        })
    })
    .optional()
}

pub fn put_object(on: &Connection, object: &Object) -> rusqlite::Result<()> {
    on.execute(
        "INSERT OR IGNORE INTO object (sha256, size_bytes, media_type, writer, received_at, note)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        (
            &object.sha256,
            int(object.size_bytes),
            &object.media_type,
            &object.writer,
            &object.received_at,
            &object.note,
        ),
    )?;
    Ok(())
}

pub fn publish(
    on: &Connection,
    sha256: &str,
    what: &str,
    media_type: &str,
    size_bytes: u64,
) -> rusqlite::Result<()> {
    on.execute(
        "INSERT OR IGNORE INTO published (sha256, what, media_type, size_bytes) VALUES (?1, ?2, ?3, ?4)",
        (sha256, what, media_type, int(size_bytes)),
    )?;
    Ok(())
}

/// What a published object is (`pack`, `portrait`) and its media type.
pub fn published(on: &Connection, sha256: &str) -> rusqlite::Result<Option<(String, String)>> {
    on.query_row(
        "SELECT what, media_type FROM published WHERE sha256 = ?1",
        [sha256],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
    .optional()
}
