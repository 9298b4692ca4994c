//! Leased number blocks and the ledger of numbers.

use journal::body::{InstrumentIssued, LeaseAdopted};
use rusqlite::{Connection, OptionalExtension, params};

use crate::failure::Failure;

/// The next number that may be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NextNumber {
    pub series: String,
    pub year: u16,
    pub serial: u64,
    pub pattern: String,
}

pub fn adopt(db: &Connection, body: &LeaseAdopted) -> Result<(), Failure> {
    db.prepare_cached(
        "INSERT INTO lease (hq_idx, series, year, pattern, from_no, to_no) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![body.hq_idx, body.series, body.year, body.pattern, body.from, body.to])?;
    Ok(())
}

/// The lowest leased serial of the series and year that is not in the ledger; numbers are taken in order, so no gap.
pub fn next(db: &Connection, series: &str, year: u16) -> Result<Option<NextNumber>, Failure> {
    let mut statement = db.prepare_cached(
        "SELECT l.from_no, l.to_no, l.pattern,
                (SELECT max(u.serial) FROM number_use u
                 WHERE u.series = l.series AND u.year = l.year AND u.serial BETWEEN l.from_no AND l.to_no)
         FROM lease l WHERE l.series = ?1 AND l.year = ?2 ORDER BY l.from_no",
    )?;
    let leases: Vec<(u64, u64, String, Option<u64>)> = statement
        .query_map(params![series, year], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })?
        .collect::<Result<_, _>>()?;
    Ok(leases.into_iter().find_map(|(from, to, pattern, used)| {
        let serial = used.map_or(from, |last| last + 1);
        (serial <= to).then(|| NextNumber {
            series: series.to_owned(),
            year,
            serial,
            pattern,
        })
    }))
}

/// Numbers still free over all series of a year.
pub fn left(db: &Connection, year: u16) -> Result<u64, Failure> {
    let leased: u64 = db
        .prepare_cached("SELECT coalesce(sum(to_no - from_no + 1), 0) FROM lease WHERE year = ?1")?
        .query_row([year], |row| row.get(0))?;
    let used: u64 = db
        .prepare_cached("SELECT count(*) FROM number_use WHERE year = ?1")?
        .query_row([year], |row| row.get(0))?;
    Ok(leased.saturating_sub(used))
}

pub fn book(db: &Connection, year: u16, body: &InstrumentIssued) -> Result<(), Failure> {
    if let (Some(series), Some(serial), Some(number)) = (&body.series, body.serial, &body.number) {
        db.prepare_cached(
            "INSERT INTO number_use (series, year, serial, number, instrument_id) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![series, year, serial, number, body.instrument_id])?;
    }
    Ok(())
}

pub fn void(db: &Connection, instrument_id: &str, reason: &str) -> Result<(), Failure> {
    db.prepare_cached("UPDATE number_use SET void_reason = ?2 WHERE instrument_id = ?1")?
        .execute(params![instrument_id, reason])?;
    Ok(())
}

pub fn is_adopted(db: &Connection, hq_idx: u64) -> Result<bool, Failure> {
    Ok(db
        .prepare_cached(
            "SELECT 1 FROM lease WHERE hq_idx = ?1 UNION SELECT 1 FROM adoption WHERE hq_idx = ?1
             UNION SELECT 1 FROM seal_grant WHERE hq_idx = ?1",
        )?
        .query_row([hq_idx], |_| Ok(()))
        .optional()?
        .is_some())
}

pub fn adopt_version(
    db: &Connection,
    hq_idx: u64,
    what: &str,
    version: &str,
) -> Result<(), Failure> {
    db.prepare_cached("INSERT INTO adoption (hq_idx, what, version) VALUES (?1, ?2, ?3)")?
        .execute(params![hq_idx, what, version])?;
    Ok(())
}
