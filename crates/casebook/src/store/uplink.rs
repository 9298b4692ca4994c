//! What the terminal knows of headquarters: receipts, forks, and headquarters' own series.

use journal::{Anchor, Hash, Receipt, Tip};
use rusqlite::{Connection, OptionalExtension, params};

use crate::failure::Failure;

pub fn store_receipt(db: &Connection, receipt: &Receipt, note: &str) -> Result<(), Failure> {
    db.prepare_cached(
        "INSERT INTO receipt (epoch, idx, hash, received_at, note) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
    )?
    .execute(params![
        receipt.epoch,
        receipt.idx,
        receipt.hash.to_string(),
        crate::text::time(receipt.received_at),
        note
    ])?;
    Ok(())
}

/// The newest receipt as the time anchor of what comes next.
/// When headquarters was last asked for what is new, and answered.
pub const ANSWERED_AT: &str = "headquarters_answered_at";

pub fn anchor(db: &Connection, epoch: u32) -> Result<Option<Anchor>, Failure> {
    let row: Option<(u64, String, String)> = db
        .prepare_cached(
            "SELECT idx, hash, received_at FROM receipt WHERE epoch = ?1 ORDER BY idx DESC LIMIT 1",
        )?
        .query_row([epoch], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let Some((idx, hash, received_at)) = row else {
        return Ok(None);
    };
    let hash: Hash = hash
        .parse()
        .map_err(|_| Failure::Journal("a receipt's hash is not a hash".to_owned()))?;
    let received_at = chrono::DateTime::parse_from_rfc3339(&received_at)
        .map_err(|_| Failure::Journal("a receipt's time is not a time".to_owned()))?;
    Ok(Some(Anchor {
        idx,
        hash,
        received_at,
    }))
}

pub fn store_fork(
    db: &Connection,
    epoch: u32,
    theirs: &Tip,
    found_at: &str,
) -> Result<(), Failure> {
    db.prepare_cached("INSERT INTO fork (epoch, idx, hash, found_at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING")?
        .execute(params![epoch, theirs.idx, theirs.hash.to_string(), found_at])?;
    Ok(())
}

pub fn down_next(db: &Connection) -> Result<u64, Failure> {
    Ok(db.query_row(
        "SELECT coalesce(max(idx) + 1, 0) FROM down_entry",
        [],
        |row| row.get(0),
    )?)
}

pub fn store_down(db: &Connection, idx: u64, kind: &str, frame: &[u8]) -> Result<(), Failure> {
    db.prepare_cached(
        "INSERT INTO down_entry (idx, kind, frame) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
    )?
    .execute(params![idx, kind, frame])?;
    Ok(())
}

/// Frames of headquarters' series of one kind, oldest first.
pub fn down_of_kind(db: &Connection, kind: &str) -> Result<Vec<(u64, Vec<u8>)>, Failure> {
    let mut statement =
        db.prepare_cached("SELECT idx, frame FROM down_entry WHERE kind = ?1 ORDER BY idx")?;
    let rows = statement
        .query_map([kind], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    Ok(rows)
}

pub fn want_object(db: &Connection, sha256: &str) -> Result<(), Failure> {
    db.prepare_cached(
        "INSERT INTO wanted_object (sha256) SELECT ?1 WHERE NOT EXISTS (SELECT 1 FROM document WHERE sha256 = ?1)
         ON CONFLICT DO NOTHING",
    )?
    .execute([sha256])?;
    Ok(())
}

pub fn wanted_objects(db: &Connection) -> Result<Vec<String>, Failure> {
    let mut statement = db.prepare_cached("SELECT sha256 FROM wanted_object ORDER BY sha256")?;
    let rows = statement
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    Ok(rows)
}

pub fn object_arrived(db: &Connection, sha256: &str) -> Result<(), Failure> {
    db.prepare_cached("DELETE FROM wanted_object WHERE sha256 = ?1")?
        .execute([sha256])?;
    Ok(())
}
