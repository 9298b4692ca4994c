//! Time limits on the calendar of 2026, and against a naive counter that walks day by day.

use chrono::{Datelike, Days, NaiveDate, TimeDelta, Weekday};
use law::{CalendarFault, DayKind, Overlay, Roll, TimeLimit, Unit, WorkingCalendar, YearTable};
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

/// 火把节 of an autonomous prefecture, with a Saturday and a day of the October week worked for it.
fn torch_festival() -> Overlay {
    Overlay {
        off: days("2026-08-05", "2026-08-07"),
        worked: vec![day("2026-08-08"), day("2026-10-03")],
    }
}

#[test]
fn a_place_has_its_own_days_off_and_its_own_make_up_days() {
    let local = calendar().with_overlay(&torch_festival()).unwrap();
    let add = |start: &str, count| local.add_working_days(day(start), count).unwrap().date;
    assert_eq!(add("2026-08-04", 1), day("2026-08-08"));
    assert_eq!(add("2026-08-04", 2), day("2026-08-10"));
    assert_eq!(add("2026-09-30", 1), day("2026-10-03"));
    check_working("2026-08-04", 1, "2026-08-05");
    let rolled = local
        .add_calendar_days(day("2026-07-21"), 15, Roll::ForParty)
        .unwrap();
    assert_eq!(
        (rolled.date, rolled.is_provisional),
        (day("2026-08-08"), false)
    );
    assert_eq!(
        local.on_or_before(day("2026-08-07")).unwrap().date,
        day("2026-08-04")
    );
    assert_eq!(
        local.is_working_day(day("2026-08-06")),
        DayKind::Known { is_working: false }
    );
}

#[test]
fn an_empty_overlay_changes_nothing() {
    assert_eq!(calendar().with_overlay(&Overlay::default()), Ok(calendar()));
    let twice = calendar()
        .with_overlay(&torch_festival())
        .and_then(|local| local.with_overlay(&torch_festival()));
    assert_eq!(twice, calendar().with_overlay(&torch_festival()));
}

#[test]
fn an_overlay_that_cannot_be_kept_is_refused() {
    let beyond = Overlay {
        off: vec![day("2027-07-25")],
        worked: vec![],
    };
    assert_eq!(
        calendar().with_overlay(&beyond),
        Err(CalendarFault::NotPublished {
            date: day("2027-07-25")
        })
    );
    let both = Overlay {
        off: vec![day("2026-08-06")],
        worked: vec![day("2026-08-06")],
    };
    assert_eq!(
        calendar().with_overlay(&both),
        Err(CalendarFault::Contradiction {
            date: day("2026-08-06")
        })
    );
}

/// Counts as a clerk would with wall calendars and a local notice beside them.
struct Naive {
    years: Vec<YearTable>,
    overlay: Overlay,
}

impl Naive {
    fn is_published(&self, day: NaiveDate) -> bool {
        self.years.iter().any(|table| table.year == day.year())
    }

    fn is_working(&self, day: NaiveDate) -> bool {
        if self.overlay.off.contains(&day) || self.overlay.worked.contains(&day) {
            return self.overlay.worked.contains(&day);
        }
        let is_weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
        match self.years.iter().find(|table| table.year == day.year()) {
            None => !is_weekend,
            Some(table) => {
                table.make_up.contains(&day) || (!is_weekend && !table.off.contains(&day))
            }
        }
    }

    /// The day, and whether a day that no notice covers was looked at.
    fn add(&self, start: NaiveDate, count: u32) -> (NaiveDate, bool) {
        let (mut day, mut is_provisional) = (start, false);
        for _ in 0..count {
            loop {
                day = day.succ_opt().unwrap();
                is_provisional |= !self.is_published(day);
                if self.is_working(day) {
                    break;
                }
            }
        }
        (day, is_provisional)
    }

    fn roll(&self, mut day: NaiveDate, step: i64) -> NaiveDate {
        while !self.is_working(day) {
            day += TimeDelta::days(step);
        }
        day
    }
}

/// One to three years with invented notices, and an invented local notice.
fn invented() -> impl Strategy<Value = Naive> {
    let year = (
        proptest::collection::vec((0u64..360, 0u64..10), 0..12),
        proptest::collection::vec(0u64..364, 0..12),
    );
    let local = (
        proptest::collection::vec(0u64..1100, 0..12),
        proptest::collection::vec(0u64..1100, 0..12),
    );
    (2024i32..2027, proptest::collection::vec(year, 1..4), local).prop_map(
        |(first, notices, (off, worked))| {
            let years: Vec<_> = (first..)
                .zip(notices)
                .map(|(year, (spans, make_up))| {
                    let start = NaiveDate::from_ymd_opt(year, 1, 1).unwrap();
                    let off: Vec<_> = spans
                        .into_iter()
                        .flat_map(|(from, length)| {
                            (from..=from + length).map(move |at| at.min(364))
                        })
                        .map(|at| start + Days::new(at))
                        .collect();
                    let make_up = make_up
                        .into_iter()
                        .map(|at| start + Days::new(at))
                        .filter(|day| {
                            matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
                                && !off.contains(day)
                        })
                        .collect();
                    YearTable { year, off, make_up }
                })
                .collect();
            let start = NaiveDate::from_ymd_opt(first, 1, 1).unwrap();
            let dated = |list: Vec<u64>| -> Vec<NaiveDate> {
                list.into_iter()
                    .map(|at| start + Days::new(at))
                    .filter(|day| years.iter().any(|table| table.year == day.year()))
                    .collect()
            };
            let off = dated(off);
            let mut worked = dated(worked);
            worked.retain(|day| !off.contains(day));
            Naive {
                years,
                overlay: Overlay { off, worked },
            }
        },
    )
}

impl std::fmt::Debug for Naive {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} with {:?}", self.years, self.overlay)
    }
}

proptest! {
    /// A failure prints the seed and keeps it beside this file.
    #[test]
    fn counting_agrees_with_walking(naive in invented(), offset in 0u64..2200, count in 0u32..400) {
        let start = day("2022-06-01") + Days::new(offset);
        let calendar = WorkingCalendar::new(naive.years.clone())
            .and_then(|calendar| calendar.with_overlay(&naive.overlay))
            .unwrap();
        let settled = calendar.add_working_days(start, count).unwrap();
        prop_assert_eq!((settled.date, settled.is_provisional), naive.add(start, count));

        let last_day = start + Days::new(u64::from(count));
        let party = calendar.add_calendar_days(start, count, Roll::ForParty).unwrap();
        prop_assert_eq!(party.date, naive.roll(last_day, 1));
        let seizure = TimeLimit { days: count, unit: Unit::Calendar, roll: Roll::Never };
        let due = seizure.due(start, &calendar).unwrap();
        prop_assert_eq!((due.legal_due, due.safe_due), (last_day, naive.roll(last_day, -1)));
        let touched = [due.legal_due, due.safe_due];
        prop_assert_eq!(due.is_provisional, touched.iter().any(|day| !naive.is_published(*day)));
    }

    #[test]
    fn a_longer_limit_never_ends_earlier(offset in 0u64..1500, count in 0u32..400) {
        let start = day("2024-06-01") + Days::new(offset);
        let shorter = calendar().add_working_days(start, count).unwrap().date;
        let longer = calendar().add_working_days(start, count + 1).unwrap().date;
        prop_assert!(longer > shorter);
    }
}
