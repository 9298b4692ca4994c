//! Adding working days against a clerk who walks the wall calendar day by day.

use chrono::{Datelike, Days, NaiveDate, Weekday};
use forms::Pack;
use journeys::{Failed, repository};
use law::{DayKind, WorkingCalendar};
use serde_json::Value;

use crate::measure::{Figure, in_turns, timed};

/// Additions in one piece of work.
const ADDITIONS: u32 = 200_000;
/// Of which the walk does so many.
const WALKED: u32 = 2_000;
const WANTED_PER_S: f64 = 5e6;

pub fn figures() -> Result<Vec<Figure>, Failed> {
    let pack = Pack::load(&repository().join("forms/packs/transport"))?;
    let calendar = pack.calendar(&Value::Null);
    let last = calendar.last_published_year();
    let first = NaiveDate::from_ymd_opt(last, 1, 1).ok_or("the calendar has no year")?;
    let days = OffDays::of(calendar, first);
    for question in (0..WALKED).map(|number| question(first, number)) {
        let (start, count) = question;
        let ours = calendar.add_working_days(start, count);
        if ours.map(|settled| settled.date) != days.add(start, count) {
            return Err(format!("{start} + {count} working days differ from walking").into());
        }
    }
    let mut reckon = || {
        for number in 0..ADDITIONS {
            let (start, count) = question(first, number);
            std::hint::black_box(calendar.add_working_days(start, count));
        }
        Ok(())
    };
    let mut walk = || {
        for number in 0..WALKED {
            let (start, count) = question(first, number);
            std::hint::black_box(days.add(start, count));
        }
        Ok(())
    };
    let (ours, theirs) = in_turns(3, 50, &mut || timed(&mut reckon), &mut || timed(&mut walk))?;
    let per_s = f64::from(ADDITIONS) / ours.median();
    let walked_per_s = f64::from(WALKED) / theirs.median();
    Ok(vec![Figure {
        name: "calendar-add",
        value: per_s / 1e6,
        unit: "M/s",
        ratio: per_s / walked_per_s,
        baseline: "additions of a day-by-day walk",
        targets: vec![(
            format!("≥ {} M/s", WANTED_PER_S / 1e6),
            per_s >= WANTED_PER_S,
        )],
        note: format!(
            "1 to 90 working days from any day of {last}; walking {:.2} M/s",
            walked_per_s / 1e6
        ),
    }])
}

/// Spread over the year and the usual lengths without a pattern the processor could learn.
fn question(first: NaiveDate, number: u32) -> (NaiveDate, u32) {
    let mixed = number.wrapping_mul(2_654_435_761) >> 8;
    let start = first + Days::new(u64::from(mixed % 365));
    (start, mixed / 365 % 90 + 1)
}

/// The published days off as the wall calendar shows them, and weekends beyond it.
struct OffDays {
    first: NaiveDate,
    worked: Vec<bool>,
}

impl OffDays {
    fn of(calendar: &WorkingCalendar, first: NaiveDate) -> Self {
        let known = first
            .iter_days()
            .map(|day| calendar.is_working_day(day))
            .take_while(|kind| matches!(kind, DayKind::Known { .. }));
        OffDays {
            first,
            worked: known.map(DayKind::is_working).collect(),
        }
    }

    fn is_working(&self, day: NaiveDate) -> bool {
        let at = usize::try_from((day - self.first).num_days()).ok();
        at.and_then(|at| self.worked.get(at).copied())
            .unwrap_or(!matches!(day.weekday(), Weekday::Sat | Weekday::Sun))
    }

    fn add(&self, start: NaiveDate, count: u32) -> Option<NaiveDate> {
        let mut day = start;
        for _ in 0..count {
            day = day.succ_opt()?;
            while !self.is_working(day) {
                day = day.succ_opt()?;
            }
        }
        Some(day)
    }
}
