//! Sealed chunks of photos and recordings.

use rusqlite::{Connection, OptionalExtension, params};

use crate::failure::Failure;

/// An object of the evidence database.
#[derive(Debug, Clone)]
pub struct StoredObject {
    pub object_id: String,
    pub media_type: String,
    pub wrapped_key: Vec<u8>,
    pub size_bytes: u64,
    pub duration_ms: u64,
}

pub fn create(
    db: &Connection,
    object_id: &str,
    media_type: &str,
    wrapped_key: &[u8],
    at: &str,
) -> Result<(), Failure> {
    db.prepare_cached("INSERT INTO object (object_id, media_type, wrapped_key, created_at) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![object_id, media_type, wrapped_key, at])?;
    Ok(())
}

/// One transaction: the chunk and the new size stand or fall together.
pub fn append(
    db: &mut Connection,
    object_id: &str,
    idx: u32,
    start: u64,
    size: u64,
    sealed: &[u8],
    duration_ms: u64,
) -> Result<(), Failure> {
    let transaction = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    transaction
        .prepare_cached(
            "INSERT INTO chunk (object_id, idx, start, size, sealed) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![object_id, idx, start, size, sealed])?;
    transaction
        .prepare_cached("UPDATE object SET size_bytes = ?2, duration_ms = ?3 WHERE object_id = ?1")?
        .execute(params![object_id, start + size, duration_ms])?;
    transaction.commit()?;
    Ok(())
}

pub fn complete(db: &Connection, object_id: &str, sha256: &str) -> Result<(), Failure> {
    db.prepare_cached("UPDATE object SET sha256 = ?2, is_complete = 1 WHERE object_id = ?1")?
        .execute([object_id, sha256])?;
    Ok(())
}

const SELECT: &str =
    "SELECT object_id, media_type, wrapped_key, size_bytes, duration_ms FROM object";

fn object(row: &rusqlite::Row<'_>) -> rusqlite::Result<StoredObject> {
    Ok(StoredObject {
        object_id: row.get(0)?,
        media_type: row.get(1)?,
        wrapped_key: row.get(2)?,
        size_bytes: row.get(3)?,
        duration_ms: row.get(4)?,
    })
}

pub fn read(db: &Connection, object_id: &str) -> Result<Option<StoredObject>, Failure> {
    Ok(db
        .prepare_cached(&format!("{SELECT} WHERE object_id = ?1"))?
        .query_row([object_id], object)
        .optional()?)
}

pub fn by_hash(db: &Connection, sha256: &str) -> Result<Option<StoredObject>, Failure> {
    Ok(db
        .prepare_cached(&format!("{SELECT} WHERE sha256 = ?1 LIMIT 1"))?
        .query_row([sha256], object)
        .optional()?)
}

/// A sealed piece of an object.
#[derive(Debug, Clone)]
pub struct Chunk {
    pub idx: u32,
    /// Offset of its first plain byte.
    pub start: u64,
    pub size_bytes: u64,
    pub sealed: Vec<u8>,
}

/// The chunk that holds the byte at `offset`, or the last one before it.
pub fn chunk_at(db: &Connection, object_id: &str, offset: u64) -> Result<Option<Chunk>, Failure> {
    Ok(db
        .prepare_cached(
            "SELECT idx, start, size, sealed FROM chunk WHERE object_id = ?1 AND start <= ?2
             ORDER BY start DESC LIMIT 1",
        )?
        .query_row(params![object_id, offset], |row| {
            Ok(Chunk {
                idx: row.get(0)?,
                start: row.get(1)?,
                size_bytes: row.get(2)?,
                sealed: row.get(3)?,
            })
        })
        .optional()?)
}

pub fn chunk_count(db: &Connection, object_id: &str) -> Result<u32, Failure> {
    Ok(db
        .prepare_cached("SELECT count(*) FROM chunk WHERE object_id = ?1")?
        .query_row([object_id], |row| row.get(0))?)
}
