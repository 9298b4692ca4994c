//! Numbered impressions of the seal, and sheets of pre-sealed paper.

use std::collections::HashSet;

use journal::body::{SealsAdopted, SheetSpoiled};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::failure::Failure;

pub const IMPRESSION: &str = "impression";
pub const SHEET: &str = "sheet";

/// A range of numbers with one beginning and so many digits.
struct Range {
    prefix: String,
    digits: usize,
    from: u64,
    to: u64,
    lot_sha256: Option<String>,
}

impl Range {
    fn number(&self, serial: u64) -> String {
        let (prefix, digits) = (&self.prefix, self.digits);
        format!("{prefix}{serial:0digits$}")
    }
}

/// The next impression, and the object it lies in.
pub struct NextImpression {
    pub number: String,
    pub lot_sha256: String,
}

pub fn adopt(db: &Connection, body: &SealsAdopted) -> Result<(), Failure> {
    db.prepare_cached(
        "INSERT INTO seal_grant (hq_idx, what, prefix, digits, from_no, to_no, lot_sha256)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![
        body.hq_idx,
        body.what,
        body.prefix,
        body.digits,
        body.from,
        body.to,
        body.lot_sha256
    ])?;
    Ok(())
}

pub fn spoil(db: &Connection, at: &str, body: &SheetSpoiled) -> Result<(), Failure> {
    db.prepare_cached(
        "INSERT INTO spoiled_sheet (sheet_no, reason, spoiled_at) VALUES (?1, ?2, ?3)",
    )?
    .execute(params![body.sheet_no, body.reason, at])?;
    Ok(())
}

fn ranges(db: &Connection, what: &str) -> Result<Vec<Range>, Failure> {
    let range = |row: &Row<'_>| {
        Ok(Range {
            prefix: row.get(0)?,
            digits: row.get(1)?,
            from: row.get(2)?,
            to: row.get(3)?,
            lot_sha256: row.get(4)?,
        })
    };
    let mut statement = db.prepare_cached(
        "SELECT prefix, digits, from_no, to_no, lot_sha256 FROM seal_grant WHERE what = ?1 ORDER BY hq_idx",
    )?;
    let ranges = statement
        .query_map([what], range)?
        .collect::<Result<_, _>>()?;
    Ok(ranges)
}

/// The first impression that is on no instrument; they are taken in order, so no gap.
pub fn next_impression(db: &Connection) -> Result<Option<NextImpression>, Failure> {
    let mut last =
        db.prepare_cached("SELECT max(seal_no) FROM instrument WHERE seal_no BETWEEN ?1 AND ?2")?;
    for range in ranges(db, IMPRESSION)? {
        let ends = [range.number(range.from), range.number(range.to)];
        let used: Option<String> = last.query_row(ends, |row| row.get(0))?;
        let used = used.and_then(|number| serial_in(&range, &number));
        let serial = used.map_or(range.from, |used| used.saturating_add(1));
        if let (true, Some(lot_sha256)) = (serial <= range.to, &range.lot_sha256) {
            return Ok(Some(NextImpression {
                number: range.number(serial),
                lot_sha256: lot_sha256.clone(),
            }));
        }
    }
    Ok(None)
}

/// The object an impression of this terminal lies in.
pub fn lot_of(db: &Connection, number: &str) -> Result<Option<String>, Failure> {
    let mut ranges = ranges(db, IMPRESSION)?.into_iter();
    let found = ranges.find(|range| {
        (range.from..=range.to).contains(&serial_in(range, number).unwrap_or(u64::MAX))
    });
    Ok(found.and_then(|range| range.lot_sha256))
}

fn serial_in(range: &Range, number: &str) -> Option<u64> {
    number.strip_prefix(range.prefix.as_str())?.parse().ok()
}

/// Sheets that are no longer blank: on paper or perhaps on paper, or spoiled.
const SPENT: &str = "SELECT sheet_no, 'spoiled' AS fate FROM spoiled_sheet
    UNION ALL
    SELECT sheet_no, 'printed' FROM print_copy WHERE sheet_no IS NOT NULL AND state NOT IN ('failed', 'cancelled')";

/// What became of a sheet; `None` for one that is still blank.
pub fn fate_of_sheet(db: &Connection, sheet_no: &str) -> Result<Option<String>, Failure> {
    Ok(db
        .prepare_cached(&format!(
            "SELECT fate FROM ({SPENT}) WHERE sheet_no = ?1 LIMIT 1"
        ))?
        .query_row([sheet_no], |row| row.get(0))
        .optional()?)
}

/// The first blank sheet of those that were handed out, and how many are blank.
pub fn blank_sheets(db: &Connection) -> Result<(Option<String>, u64), Failure> {
    let mut statement = db.prepare_cached(&format!("SELECT sheet_no FROM ({SPENT})"))?;
    let spent: HashSet<String> = statement
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let (mut first, mut blank) = (None, 0);
    for range in ranges(db, SHEET)? {
        let numbers = (range.from..=range.to).map(|serial| range.number(serial));
        for number in numbers.filter(|number| !spent.contains(number)) {
            blank += 1;
            first.get_or_insert(number);
        }
    }
    Ok((first, blank))
}

/// Impressions that are on no instrument.
pub fn impressions_left(db: &Connection) -> Result<u64, Failure> {
    let granted: u64 = db
        .prepare_cached(
            "SELECT coalesce(sum(to_no - from_no + 1), 0) FROM seal_grant WHERE what = 'impression'",
        )?
        .query_row([], |row| row.get(0))?;
    let used: u64 = db
        .prepare_cached("SELECT count(*) FROM instrument WHERE seal_mode = 'token'")?
        .query_row([], |row| row.get(0))?;
    Ok(granted.saturating_sub(used))
}
