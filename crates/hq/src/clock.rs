//! Where headquarters gets its time from.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use chrono::{DateTime, FixedOffset, SecondsFormat, TimeDelta, Utc};

const SHANGHAI_OFFSET_S: i32 = 8 * 3600;

pub trait Clock: Send + Sync {
    fn now(&self) -> DateTime<FixedOffset>;
    /// Milliseconds since this clock began; never goes back.
    fn monotonic_ms(&self) -> u64;
}

pub struct SystemClock(Instant);

impl Default for SystemClock {
    fn default() -> Self {
        Self(Instant::now())
    }
}

impl Clock for SystemClock {
    fn now(&self) -> DateTime<FixedOffset> {
        shanghai(&Utc::now())
    }

    fn monotonic_ms(&self) -> u64 {
        u64::try_from(self.0.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// A clock that stands until it is moved: demonstrations and tests.
pub struct ManualClock(Mutex<(DateTime<FixedOffset>, u64)>);

impl ManualClock {
    pub fn at(now: DateTime<FixedOffset>) -> Self {
        Self(Mutex::new((now, 0)))
    }

    pub fn advance(&self, by: TimeDelta) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.0 += by;
        state.1 += u64::try_from(by.num_milliseconds()).unwrap_or(0);
    }

    pub fn set(&self, now: DateTime<FixedOffset>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).0 = now;
    }
}

impl Clock for ManualClock {
    fn now(&self) -> DateTime<FixedOffset> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).0
    }

    fn monotonic_ms(&self) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).1
    }
}

/// The same moment on the clock of the domain, so that texts sort as the moments do.
pub(crate) fn shanghai<Zone: chrono::TimeZone>(at: &DateTime<Zone>) -> DateTime<FixedOffset> {
    match FixedOffset::east_opt(SHANGHAI_OFFSET_S) {
        Some(offset) => at.with_timezone(&offset),
        None => at.fixed_offset(),
    }
}

pub(crate) fn time_text(at: &DateTime<FixedOffset>) -> String {
    shanghai(at).to_rfc3339_opts(SecondsFormat::Millis, false)
}

pub(crate) fn time_from(text: &str) -> Option<DateTime<FixedOffset>> {
    DateTime::parse_from_rfc3339(text).ok()
}
