#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice
)]
//! Time limits on the calendar of 2026, and against a naive counter that walks day by day.

use chrono::{Datelike, Days, NaiveDate, Weekday};
use law::{CalendarFault, DayKind, Roll, TimeLimit, Unit, WorkingCalendar, YearTable};
use proptest::prelude::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn days(first: &str, last: &str) -> Vec<NaiveDate> {
    let last = day(last);
    day(first)
        .iter_days()
        .take_while(|day| *day <= last)
        .collect()
}

fn year_2026() -> YearTable {
    let off = [
        ("2026-01-01", "2026-01-03"),
        ("2026-02-15", "2026-02-23"),
        ("2026-04-04", "2026-04-06"),
        ("2026-05-01", "2026-05-05"),
        ("2026-06-19", "2026-06-21"),
        ("2026-09-25", "2026-09-27"),
        ("2026-10-01", "2026-10-07"),
    ];
    let make_up = [
        "2026-01-04",
        "2026-02-14",
        "2026-02-28",
        "2026-05-09",
        "2026-09-20",
        "2026-10-10",
    ];
    YearTable {
        year: 2026,
        off: off
            .iter()
            .flat_map(|(first, last)| days(first, last))
            .collect(),
        make_up: make_up.iter().map(|text| day(text)).collect(),
    }
}

fn calendar() -> WorkingCalendar {
    WorkingCalendar::new(vec![year_2026()]).unwrap()
}

#[track_caller]
fn check_working(start: &str, count: u32, expected: &str) {
    let settled = calendar().add_working_days(day(start), count).unwrap();
    assert_eq!(
        settled.date,
        day(expected),
        "{start} + {count} working days"
    );
}

#[track_caller]
fn check_party(start: &str, count: u32, expected: &str) {
    let settled = calendar()
        .add_calendar_days(day(start), count, Roll::ForParty)
        .unwrap();
    assert_eq!(settled.date, day(expected), "{start} + {count} days");
}

#[test]
fn the_year_2026_has_248_working_days() {
    let worked = days("2026-01-01", "2026-12-31")
        .into_iter()
        .filter(|day| calendar().is_working_day(*day).is_working())
        .count();
    assert_eq!(worked, 248);
}

#[test]
fn the_published_examples_hold() {
    check_working("2026-02-12", 7, "2026-02-28");
    check_working("2026-04-30", 5, "2026-05-11");
    check_working("2026-09-18", 2, "2026-09-21");
    check_working("2026-09-28", 5, "2026-10-10");
    check_working("2026-09-29", 3, "2026-10-09");
    check_party("2026-09-22", 15, "2026-10-08");
    check_party("2026-03-31", 60, "2026-06-01");
}

#[test]
fn the_clocks_of_the_scenarios_hold() {
    check_working("2026-03-10", 5, "2026-03-17");
    check_working("2026-03-10", 7, "2026-03-19");
    check_working("2026-09-22", 5, "2026-09-30");
    check_working("2026-09-22", 7, "2026-10-09");
    check_working("2026-09-23", 7, "2026-10-10");
    check_working("2026-05-13", 20, "2026-06-10");
    check_working("2026-10-13", 7, "2026-10-22");
    check_party("2026-09-22", 60, "2026-11-23");
    check_party("2026-10-13", 15, "2026-10-28");
}

#[test]
fn a_limit_that_starts_on_a_day_off_counts_from_the_next_working_day() {
    check_working("2026-10-03", 1, "2026-10-08");
    check_working("2026-02-28", 1, "2026-03-02");
    check_working("2026-02-14", 1, "2026-02-24");
    check_working("2026-10-03", 0, "2026-10-03");
}

#[test]
fn the_agency_gets_no_later_day_but_a_safe_one() {
    let seizure = TimeLimit {
        days: 30,
        unit: Unit::Calendar,
        roll: Roll::Never,
    };
    let due = seizure.due(day("2026-09-05"), &calendar()).unwrap();
    assert_eq!(
        (due.legal_due, due.safe_due),
        (day("2026-10-05"), day("2026-09-30"))
    );
    assert!(!due.is_provisional);
}

#[test]
fn days_beyond_the_last_published_year_are_provisional() {
    let calendar = calendar();
    assert_eq!(calendar.last_published_year(), 2026);
    let friday = day("2027-01-01");
    assert_eq!(
        calendar.is_working_day(friday),
        DayKind::Provisional { is_working: true }
    );
    let settled = calendar.add_working_days(day("2026-12-30"), 2).unwrap();
    assert_eq!(
        (settled.date, settled.is_provisional),
        (day("2027-01-01"), true)
    );
    let settled = calendar.add_working_days(day("2026-12-30"), 1).unwrap();
    assert_eq!(
        (settled.date, settled.is_provisional),
        (day("2026-12-31"), false)
    );
    let rolled = calendar
        .add_calendar_days(day("2026-12-20"), 14, Roll::ForParty)
        .unwrap();
    assert_eq!(
        (rolled.date, rolled.is_provisional),
        (day("2027-01-04"), true)
    );
}

#[test]
fn a_table_that_contradicts_itself_is_refused() {
    let mut both = year_2026();
    both.make_up.push(day("2026-10-03"));
    assert_eq!(
        WorkingCalendar::new(vec![both]),
        Err(CalendarFault::Contradiction {
            date: day("2026-10-03")
        })
    );
    let mut weekday = year_2026();
    weekday.make_up.push(day("2026-03-10"));
    assert_eq!(
        WorkingCalendar::new(vec![weekday]),
        Err(CalendarFault::NotAWeekend {
            date: day("2026-03-10")
        })
    );
    let mut stray = year_2026();
    stray.off.push(day("2027-01-01"));
    assert!(matches!(
        WorkingCalendar::new(vec![stray]),
        Err(CalendarFault::WrongYear { .. })
    ));
    let far = YearTable {
        year: 2028,
        off: vec![],
        make_up: vec![],
    };
    assert_eq!(
        WorkingCalendar::new(vec![far, year_2026()]),
        Err(CalendarFault::Gap {
            before: 2026,
            after: 2028
        })
    );
    assert_eq!(WorkingCalendar::new(vec![]), Err(CalendarFault::Empty));
}

#[test]
fn the_end_of_the_calendar_is_an_answer_not_a_crash() {
    let calendar = calendar();
    assert_eq!(calendar.add_working_days(NaiveDate::MAX, 1), None);
    assert_eq!(
        calendar.add_calendar_days(NaiveDate::MAX, 1, Roll::Never),
        None
    );
    assert!(
        calendar
            .add_working_days(day("2026-01-01"), u32::MAX)
            .is_none_or(|far| far.is_provisional)
    );
    assert!(
        calendar
            .add_working_days(NaiveDate::MIN, 5)
            .unwrap()
            .is_provisional
    );
}

/// Counts as a clerk would with a wall calendar.
struct Naive(YearTable);

impl Naive {
    fn is_working(&self, day: NaiveDate) -> bool {
        let is_weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
        if day.year() != self.0.year {
            return !is_weekend;
        }
        self.0.make_up.contains(&day) || (!is_weekend && !self.0.off.contains(&day))
    }

    fn add(&self, start: NaiveDate, count: u32) -> NaiveDate {
        let mut day = start;
        for _ in 0..count {
            loop {
                day = day.succ_opt().unwrap();
                if self.is_working(day) {
                    break;
                }
            }
        }
        day
    }
}

proptest! {
    #[test]
    fn counting_agrees_with_walking(offset in 0u64..1500, count in 0u32..400) {
        let start = day("2024-06-01") + Days::new(offset);
        let naive = Naive(year_2026());
        let calendar = calendar();
        prop_assert_eq!(calendar.add_working_days(start, count).unwrap().date, naive.add(start, count));
        let mut rolled = start + Days::new(u64::from(count));
        while !naive.is_working(rolled) {
            rolled = rolled.succ_opt().unwrap();
        }
        let settled = calendar.add_calendar_days(start, count, Roll::ForParty).unwrap();
        prop_assert_eq!(settled.date, rolled);
    }

    #[test]
    fn a_longer_limit_never_ends_earlier(offset in 0u64..1500, count in 0u32..400) {
        let start = day("2024-06-01") + Days::new(offset);
        let shorter = calendar().add_working_days(start, count).unwrap().date;
        let longer = calendar().add_working_days(start, count + 1).unwrap().date;
        prop_assert!(longer > shorter);
    }
}
