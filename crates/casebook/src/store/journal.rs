//! The entries: signed bytes, append-only.

use journal::{Entry, Hash, Tip};
use rusqlite::{Connection, OptionalExtension, params};

use crate::failure::Failure;

/// The key of an entry: rising along the series.
pub fn place(epoch: u32, idx: u64) -> i64 {
    (i64::from(epoch) << 40) | i64::try_from(idx).unwrap_or(i64::MAX)
}

/// The keys an epoch may use.
fn places(epoch: u32, from_idx: u64) -> (i64, i64) {
    (place(epoch, from_idx), place(epoch.saturating_add(1), 0))
}

pub fn insert(db: &Connection, entry: &Entry) -> Result<(), Failure> {
    let header = &entry.header;
    db.prepare_cached(
        "INSERT INTO entry (place, epoch, idx, hash, kind, case_id, case_idx, event_at, frame)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?
    .execute(params![
        place(header.epoch, header.idx),
        header.epoch,
        header.idx,
        entry.hash().to_string(),
        header.kind.as_str(),
        header.case,
        header.case_idx,
        crate::text::time(header.event_at),
        entry.frame(),
    ])?;
    Ok(())
}

fn tip_of(row: Option<(u64, String)>) -> Result<Option<Tip>, Failure> {
    row.map(|(idx, hash)| {
        let hash: Hash = hash
            .parse()
            .map_err(|_| Failure::Journal("a stored hash is not a hash".to_owned()))?;
        Ok(Tip { idx, hash })
    })
    .transpose()
}

pub fn tip(db: &Connection, epoch: u32) -> Result<Option<Tip>, Failure> {
    tip_of(
        db.prepare_cached(
            "SELECT idx, hash FROM entry WHERE place >= ?1 AND place < ?2 ORDER BY place DESC LIMIT 1",
        )?
        .query_row(places(epoch, 0), |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?,
    )
}

pub fn tip_at(db: &Connection, epoch: u32, idx: u64) -> Result<Option<Tip>, Failure> {
    tip_of(
        db.prepare_cached("SELECT idx, hash FROM entry WHERE place = ?1")?
            .query_row([place(epoch, idx)], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?,
    )
}

/// The end of a case's own chain: its index counts within the case and starts anew with every epoch.
pub fn case_tip(db: &Connection, epoch: u32, case_id: &str) -> Result<Option<Tip>, Failure> {
    tip_of(
        db.prepare_cached(
            "SELECT case_idx, hash FROM entry WHERE case_id = ?1 AND epoch = ?2 ORDER BY case_idx DESC LIMIT 1",
        )?
        .query_row(params![case_id, epoch], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?,
    )
}

/// Frames from `from_idx` on, as many whole ones as fit into `max_bytes`, at least one.
pub fn frames(
    db: &Connection,
    epoch: u32,
    from_idx: u64,
    max_bytes: usize,
) -> Result<Vec<u8>, Failure> {
    let mut statement = db.prepare_cached(
        "SELECT frame FROM entry WHERE place >= ?1 AND place < ?2 ORDER BY place LIMIT 1000",
    )?;
    let mut rows = statement.query(places(epoch, from_idx))?;
    let mut bytes = Vec::new();
    while let Some(row) = rows.next()? {
        let frame: Vec<u8> = row.get(0)?;
        if !bytes.is_empty() && bytes.len() + frame.len() > max_bytes {
            break;
        }
        bytes.extend_from_slice(&frame);
    }
    Ok(bytes)
}

/// The whole series of an epoch.
pub fn all_frames(db: &Connection, epoch: u32) -> Result<Vec<u8>, Failure> {
    let mut statement = db.prepare_cached(
        "SELECT frame FROM entry WHERE place >= ?1 AND place < ?2 ORDER BY place",
    )?;
    let mut rows = statement.query(places(epoch, 0))?;
    let mut bytes = Vec::new();
    while let Some(row) = rows.next()? {
        bytes.extend_from_slice(row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?);
    }
    Ok(bytes)
}

/// The entries of a case in order.
pub fn of_case(db: &Connection, case_id: &str) -> Result<Vec<Entry>, Failure> {
    let mut statement =
        db.prepare_cached("SELECT frame FROM entry WHERE case_id = ?1 ORDER BY epoch, case_idx")?;
    let frames: Vec<Vec<u8>> = statement
        .query_map([case_id], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    frames
        .iter()
        .map(|frame| Entry::parse(frame).map_err(|fault| Failure::Journal(fault.to_string())))
        .collect()
}

/// How many entries the epoch has: their index is contiguous from 0.
pub fn count(db: &Connection, epoch: u32) -> Result<u64, Failure> {
    Ok(tip(db, epoch)?.map_or(0, |tip| tip.idx + 1))
}

pub fn event_at(db: &Connection, epoch: u32, idx: u64) -> Result<Option<String>, Failure> {
    Ok(db
        .prepare_cached("SELECT event_at FROM entry WHERE place = ?1")?
        .query_row([place(epoch, idx)], |row| row.get(0))
        .optional()?)
}
