//! 期限 – working days, make-up workdays and time limits.

use chrono::{Datelike, Days, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};

/// 节假日安排 – one published year: days off that are not weekends as such, and weekends that are worked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct YearTable {
    pub year: i32,
    pub off: Vec<NaiveDate>,
    pub make_up: Vec<NaiveDate>,
}

/// 地方安排 – days that one place has off or works although the national notice says otherwise: minority holidays, local
/// shut-downs, local make-up days.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overlay {
    pub off: Vec<NaiveDate>,
    pub worked: Vec<NaiveDate>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendarFault {
    #[error("no year is published")]
    Empty,
    #[error("the years are not consecutive: {after} does not follow {before}")]
    Gap { before: i32, after: i32 },
    #[error("{date} does not lie in {year}")]
    WrongYear { year: i32, date: NaiveDate },
    #[error("{date} is listed as off and as worked")]
    Contradiction { date: NaiveDate },
    #[error("{date} is a make-up workday but no Saturday or Sunday")]
    NotAWeekend { date: NaiveDate },
    #[error("{year} is not a year of the calendar")]
    YearOutOfRange { year: i32 },
    #[error("{date} lies outside the published years")]
    NotPublished { date: NaiveDate },
}

/// Whether a day is worked. `Provisional` means no notice is published for it and weekends alone were used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayKind {
    Known { is_working: bool },
    Provisional { is_working: bool },
}

impl DayKind {
    pub fn is_working(self) -> bool {
        match self {
            Self::Known { is_working } | Self::Provisional { is_working } => is_working,
        }
    }
}

/// A date that was reckoned, and whether unpublished days took part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settled {
    pub date: NaiveDate,
    pub is_provisional: bool,
}

/// 工作日历 – the published years, reckoned once; every question afterwards is a binary search or arithmetic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkingCalendar {
    first: NaiveDate,
    last: NaiveDate,
    /// Every working day from `first` to `last`, rising.
    working: Vec<NaiveDate>,
}

impl WorkingCalendar {
    /// The years may come in any order and must be consecutive.
    pub fn new(mut years: Vec<YearTable>) -> Result<Self, CalendarFault> {
        years.sort_by_key(|table| table.year);
        let mut working = Vec::new();
        let mut span: Option<(NaiveDate, NaiveDate)> = None;
        for table in &years {
            let year = table.year;
            let (Some(start), Some(end)) = (
                NaiveDate::from_ymd_opt(year, 1, 1),
                NaiveDate::from_ymd_opt(year, 12, 31),
            ) else {
                return Err(CalendarFault::YearOutOfRange { year });
            };
            span = match span {
                None => Some((start, end)),
                Some((first, before)) if before.year() + 1 == year => Some((first, end)),
                Some((_, before)) => {
                    return Err(CalendarFault::Gap {
                        before: before.year(),
                        after: year,
                    });
                }
            };
            table.check()?;
            working.extend(
                start
                    .iter_days()
                    .take_while(|day| *day <= end)
                    .filter(|day| {
                        table.make_up.contains(day)
                            || (is_weekday(*day) && !table.off.contains(day))
                    }),
            );
        }
        let (first, last) = span.ok_or(CalendarFault::Empty)?;
        Ok(Self {
            first,
            last,
            working,
        })
    }

    /// The same calendar as one place keeps it. The overlay prevails over the national notice and stays inside its years.
    pub fn with_overlay(&self, overlay: &Overlay) -> Result<Self, CalendarFault> {
        for &date in overlay.off.iter().chain(&overlay.worked) {
            if !self.is_published(date) {
                return Err(CalendarFault::NotPublished { date });
            }
        }
        if let Some(&date) = overlay.off.iter().find(|day| overlay.worked.contains(day)) {
            return Err(CalendarFault::Contradiction { date });
        }
        let mut working: Vec<_> = self
            .working
            .iter()
            .chain(&overlay.worked)
            .filter(|day| !overlay.off.contains(day))
            .copied()
            .collect();
        working.sort_unstable();
        working.dedup();
        Ok(Self { working, ..*self })
    }

    pub fn last_published_year(&self) -> i32 {
        self.last.year()
    }

    pub fn is_working_day(&self, date: NaiveDate) -> DayKind {
        if self.is_published(date) {
            DayKind::Known {
                is_working: self.working.binary_search(&date).is_ok(),
            }
        } else {
            DayKind::Provisional {
                is_working: is_weekday(date),
            }
        }
    }

    /// The start day is not counted. Zero days is the start day itself. Absent beyond the end of the calendar.
    pub fn add_working_days(&self, start: NaiveDate, days: u32) -> Option<Settled> {
        if days == 0 {
            let is_provisional = false;
            return Some(Settled {
                date: start,
                is_provisional,
            });
        }
        let mut left = u64::from(days);
        let mut from = start;
        let mut is_provisional = false;
        if from < self.first {
            let eve = self.first.pred_opt()?;
            let before = weekdays_between(from, eve);
            is_provisional = from < eve;
            if left <= before {
                return Some(Settled {
                    date: add_weekdays(from, left)?,
                    is_provisional: true,
                });
            }
            left -= before;
            from = eve;
        }
        if from < self.last {
            let at = self.working.partition_point(|day| *day <= from);
            let wanted = at + usize::try_from(left).ok()? - 1;
            if let Some(date) = self.working.get(wanted) {
                return Some(Settled {
                    date: *date,
                    is_provisional,
                });
            }
            left -= u64::try_from(self.working.len() - at).ok()?;
            from = self.last;
        }
        Some(Settled {
            date: add_weekdays(from, left)?,
            is_provisional: true,
        })
    }

    /// The start day is not counted.
    pub fn add_calendar_days(&self, start: NaiveDate, days: u32, roll: Roll) -> Option<Settled> {
        let last_day = start.checked_add_days(Days::new(u64::from(days)))?;
        match roll {
            Roll::Never => Some(Settled {
                date: last_day,
                is_provisional: false,
            }),
            Roll::ForParty => self.on_or_after(last_day),
        }
    }

    /// The first working day not before `date`.
    pub fn on_or_after(&self, date: NaiveDate) -> Option<Settled> {
        match self.is_working_day(date) {
            DayKind::Known { is_working: true } => Some(Settled {
                date,
                is_provisional: false,
            }),
            DayKind::Provisional { is_working: true } => Some(Settled {
                date,
                is_provisional: true,
            }),
            DayKind::Known { is_working: false } => self.add_working_days(date, 1),
            DayKind::Provisional { is_working: false } => {
                let next = self.add_working_days(date, 1)?;
                Some(Settled {
                    date: next.date,
                    is_provisional: true,
                })
            }
        }
    }

    /// The last working day not after `date`.
    pub fn on_or_before(&self, date: NaiveDate) -> Option<Settled> {
        let is_provisional = !self.is_published(date);
        let mut day = date;
        // A run of days off is at most a few weeks long, so this walk is short by nature.
        while !self.is_working_day(day).is_working() {
            day = day.pred_opt()?;
        }
        Some(Settled {
            date: day,
            is_provisional: is_provisional || !self.is_published(day),
        })
    }

    fn is_published(&self, date: NaiveDate) -> bool {
        (self.first..=self.last).contains(&date)
    }
}

impl YearTable {
    fn check(&self) -> Result<(), CalendarFault> {
        let year = self.year;
        for &date in self.off.iter().chain(&self.make_up) {
            if date.year() != year {
                return Err(CalendarFault::WrongYear { year, date });
            }
        }
        for &date in &self.make_up {
            if self.off.contains(&date) {
                return Err(CalendarFault::Contradiction { date });
            }
            if is_weekday(date) {
                return Err(CalendarFault::NotAWeekend { date });
            }
        }
        Ok(())
    }
}

/// How the days of a limit are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// 工作日.
    Working,
    /// 日.
    Calendar,
}

/// What happens when the last day is a holiday.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Roll {
    /// The next working day: the party keeps its full time.
    ForParty,
    /// The agency gets no gift: the last day stays, and the safe day is the working day before it.
    Never,
}

/// 期限 – so many days of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeLimit {
    pub days: u32,
    pub unit: Unit,
    pub roll: Roll,
}

/// 届满日 – the last day the law allows, and the last working day that is safe for the agency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    pub legal_due: NaiveDate,
    pub safe_due: NaiveDate,
    pub is_provisional: bool,
}

impl TimeLimit {
    /// Absent only beyond the end of the calendar.
    pub fn due(&self, start: NaiveDate, calendar: &WorkingCalendar) -> Option<Due> {
        let legal = match self.unit {
            Unit::Working => calendar.add_working_days(start, self.days)?,
            Unit::Calendar => calendar.add_calendar_days(start, self.days, self.roll)?,
        };
        let safe = match (self.unit, self.roll) {
            (Unit::Calendar, Roll::Never) => calendar.on_or_before(legal.date)?,
            (Unit::Working, _) | (Unit::Calendar, Roll::ForParty) => legal,
        };
        Some(Due {
            legal_due: legal.date,
            safe_due: safe.date,
            is_provisional: legal.is_provisional || safe.is_provisional,
        })
    }
}

fn is_weekday(date: NaiveDate) -> bool {
    !matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
}

/// Weekdays in `(after, until]`.
fn weekdays_between(after: NaiveDate, until: NaiveDate) -> u64 {
    let days = u64::try_from((until - after).num_days()).unwrap_or(0);
    let first = u64::from(after.weekday().num_days_from_monday()) + 1;
    let whole = days / 7 * 5;
    let rest = (first..first + days % 7).filter(|day| day % 7 < 5).count();
    whole + u64::try_from(rest).unwrap_or(0)
}

/// The `count`th weekday after `after`; `count` of 0 is `after` itself.
fn add_weekdays(after: NaiveDate, count: u64) -> Option<NaiveDate> {
    if count == 0 {
        return Some(after);
    }
    // From a Saturday or Sunday the count runs as from the Friday before.
    let position = u64::from(after.weekday().num_days_from_monday()).min(4);
    let back = u64::from(after.weekday().num_days_from_monday()) - position;
    let friday_or_earlier = after.checked_sub_days(Days::new(back))?;
    let total = position + count;
    friday_or_earlier.checked_add_days(Days::new(total / 5 * 7 + total % 5 - position))
}
