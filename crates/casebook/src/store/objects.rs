//! Documents by hash, and the outbox of media.

use rusqlite::{Connection, OptionalExtension, params};

use crate::failure::Failure;

pub fn put(db: &Connection, sha256: &str, media_type: &str, bytes: &[u8]) -> Result<(), Failure> {
    db.prepare_cached("INSERT INTO document (sha256, media_type, bytes) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING")?
        .execute(params![sha256, media_type, bytes])?;
    Ok(())
}

/// `(media type, bytes)`. On a damaged page SQLite may hand out an empty blob without an error, so the bytes have to be
/// those the hash names.
pub fn get(db: &Connection, sha256: &str) -> Result<Option<(String, Vec<u8>)>, Failure> {
    let found: Option<(String, Vec<u8>)> = db
        .prepare_cached("SELECT media_type, bytes FROM document WHERE sha256 = ?1")?
        .query_row([sha256], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    match found {
        Some((_, bytes)) if journal::Hash::of(&bytes).to_string() != sha256 => {
            Err(Failure::Object(sha256.to_owned()))
        }
        found => Ok(found),
    }
}

/// Names something headquarters has to hold; naming it again changes nothing.
pub fn enqueue(
    db: &Connection,
    sha256: &str,
    size_bytes: u64,
    media_type: &str,
    idx: u64,
) -> Result<(), Failure> {
    db.prepare_cached(
        "INSERT INTO outbox_media (sha256, size_bytes, media_type, idx) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
    )?
    .execute(params![sha256, size_bytes, media_type, idx])?;
    Ok(())
}

/// `(sha256, size, media type)` without a receipt; small ones first, so that documents do not wait for video.
pub fn pending(db: &Connection, limit: u32) -> Result<Vec<(String, u64, String)>, Failure> {
    let mut statement = db.prepare_cached(
        "SELECT sha256, size_bytes, media_type FROM outbox_media WHERE receipt IS NULL
         ORDER BY size_bytes > 4194304, idx LIMIT ?1",
    )?;
    let rows = statement
        .query_map([limit], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<Result<_, _>>()?;
    Ok(rows)
}

/// `(count, bytes not yet acknowledged)`.
pub fn pending_total(db: &Connection) -> Result<(u32, u64), Failure> {
    Ok(db
        .prepare_cached(
            "SELECT count(*), coalesce(sum(size_bytes - uploaded), 0) FROM outbox_media WHERE receipt IS NULL",
        )?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?)
}

pub fn set_uploaded(db: &Connection, sha256: &str, uploaded: u64) -> Result<(), Failure> {
    db.prepare_cached("UPDATE outbox_media SET uploaded = ?2 WHERE sha256 = ?1")?
        .execute(params![sha256, uploaded])?;
    Ok(())
}

pub fn set_receipt(db: &Connection, sha256: &str, note: &str) -> Result<(), Failure> {
    db.prepare_cached(
        "UPDATE outbox_media SET receipt = ?2, uploaded = size_bytes WHERE sha256 = ?1",
    )?
    .execute([sha256, note])?;
    Ok(())
}

pub fn is_received(db: &Connection, sha256: &str) -> Result<bool, Failure> {
    Ok(db
        .prepare_cached("SELECT receipt IS NOT NULL FROM outbox_media WHERE sha256 = ?1")?
        .query_row([sha256], |row| row.get(0))
        .optional()?
        .unwrap_or(false))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_that_is_not_what_its_hash_names_is_damage() {
        let db = crate::store::open_scratch().unwrap();
        let sha256 = journal::Hash::of(b"a paper").to_string();
        put(&db, &sha256, "application/pdf", b"").unwrap();
        let failure = get(&db, &sha256).unwrap_err();
        assert_eq!(failure.code(), contract::Code::DatabaseDamaged);
    }
}
