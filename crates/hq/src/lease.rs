//! 号段 – numbers that one terminal may use and nobody else; topped up before they run out.

use chrono::{DateTime, Datelike, FixedOffset, TimeDelta};
use journal::Kind;
use journal::body::HqLeaseGranted;
use rusqlite::Connection;

use crate::failure::Failure;
use crate::founding::NumberPattern;
use crate::headquarters::{Foundation, Headquarters, Writing};
use crate::store::instruments;
use crate::store::terminals::{self, NumberBlock};

pub const BLOCK_NUMBERS: u64 = 200;
/// Terminals may be away over the turn of the year: they get numbers of the next one so long before.
const AHEAD_DAYS: i64 = 21;

impl Headquarters {
    /// Grants what a terminal that is in touch now will need: a block for a new year or a new series, and the next one
    /// when less than a third of a block is left.
    pub(crate) fn top_up(&self, writer: &str) -> Result<(), Failure> {
        let now = self.clock.now();
        let is_enough =
            self.read(|on| Ok(wanting(on, &Foundation::read(on)?, writer, now)?.is_empty()))?;
        if is_enough {
            return Ok(());
        }
        self.write(|writing| {
            let foundation = Foundation::read(writing.on)?;
            for (numbers, year) in wanting(writing.on, &foundation, writer, writing.now)? {
                grant(writing, &numbers, year, writer)?;
            }
            Ok(())
        })
    }
}

/// The next numbers of every series for this year.
pub fn lease(
    writing: &mut Writing<'_>,
    foundation: &Foundation,
    writer: &str,
) -> Result<(), Failure> {
    let year = year_of(writing.now);
    for numbers in &foundation.numbers {
        grant(writing, numbers, year, writer)?;
    }
    Ok(())
}

fn wanting(
    on: &Connection,
    foundation: &Foundation,
    writer: &str,
    now: DateTime<FixedOffset>,
) -> Result<Vec<(NumberPattern, u16)>, Failure> {
    let held = terminals::blocks(on, writer)?;
    let mut years = vec![year_of(now), year_of(now + TimeDelta::days(AHEAD_DAYS))];
    years.dedup();
    let mut wanting = Vec::new();
    for year in years {
        for numbers in &foundation.numbers {
            let mut left = 0;
            let blocks = held
                .iter()
                .filter(|block| block.series == numbers.series && block.year == year);
            for block in blocks {
                let last = instruments::last_number(on, &block.series, year, block.from, block.to)?;
                let next = last.map_or(block.from, |last| last.saturating_add(1));
                left += block.to.saturating_add(1).saturating_sub(next);
            }
            if left.saturating_mul(3) < BLOCK_NUMBERS {
                wanting.push((numbers.clone(), year));
            }
        }
    }
    Ok(wanting)
}

fn grant(
    writing: &mut Writing<'_>,
    numbers: &NumberPattern,
    year: u16,
    writer: &str,
) -> Result<(), Failure> {
    let next = terminals::next_number(writing.on, &numbers.series, year)?;
    // What was used before headquarters belongs to the year it was founded in.
    let from = match year == founded_in(writing)? {
        true => next.max(numbers.first),
        false => next,
    };
    let block = NumberBlock {
        series: numbers.series.clone(),
        year,
        pattern: numbers.pattern.clone(),
        from,
        to: from.saturating_add(BLOCK_NUMBERS - 1),
    };
    terminals::put_block(writing.on, writer, &block, &writing.now_text)?;
    let body = HqLeaseGranted {
        v: 1,
        writer: writer.to_owned(),
        series: block.series,
        year,
        pattern: block.pattern,
        from: block.from,
        to: block.to,
    };
    writing.record(Kind::HqLeaseGranted, &body)?;
    Ok(())
}

/// The year of the first entry of headquarters' series.
fn founded_in(writing: &Writing<'_>) -> Result<u16, Failure> {
    let first = crate::store::journals::entries_from(
        writing.on,
        crate::own::WRITER,
        crate::own::EPOCH,
        0,
        1,
    )?;
    Ok(first
        .first()
        .and_then(|entry| entry.event_at.get(..4)?.parse().ok())
        .unwrap_or_else(|| year_of(writing.now)))
}

fn year_of(now: DateTime<FixedOffset>) -> u16 {
    u16::try_from(now.year()).unwrap_or(0)
}
