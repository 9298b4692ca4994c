//! What the casebook takes from outside: time, chance and place, through one narrow door.

use std::sync::Mutex;
use std::time::Instant;

use chrono::{DateTime, Duration, FixedOffset, Utc};
use uuid::Uuid;

/// Seconds east of Greenwich of the only time zone of the domain, Asia/Shanghai.
const EAST_SECONDS: i32 = 8 * 3600;

/// The clock, ids and the name of this boot. Everything inside receives their values as arguments.
pub trait Host: Send + Sync {
    /// Wall clock, +08:00, cut to milliseconds.
    fn now(&self) -> DateTime<FixedOffset>;
    /// Milliseconds that never go back while `boot_id` stays the same.
    fn monotonic_ms(&self) -> u64;
    fn boot_id(&self) -> String;
    fn new_id(&self) -> String;
}

/// +08:00. Falls back to UTC only if the platform rejected a constant offset, which it cannot.
pub fn domain_offset() -> FixedOffset {
    FixedOffset::east_opt(EAST_SECONDS).unwrap_or_else(|| Utc::now().fixed_offset().timezone())
}

fn to_millis(at: DateTime<FixedOffset>) -> DateTime<FixedOffset> {
    DateTime::from_timestamp_millis(at.timestamp_millis())
        .map_or(at, |cut| cut.with_timezone(&domain_offset()))
}

/// The machine the terminal runs on.
pub struct SystemHost {
    started: Instant,
    boot: String,
}

impl SystemHost {
    pub fn new() -> Self {
        SystemHost {
            started: Instant::now(),
            boot: Uuid::new_v4().simple().to_string(),
        }
    }
}

impl Default for SystemHost {
    fn default() -> Self {
        Self::new()
    }
}

impl Host for SystemHost {
    fn now(&self) -> DateTime<FixedOffset> {
        to_millis(Utc::now().with_timezone(&domain_offset()))
    }

    fn monotonic_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn boot_id(&self) -> String {
        self.boot.clone()
    }

    fn new_id(&self) -> String {
        Uuid::now_v7().simple().to_string()
    }
}

/// A host whose clock stands still until it is moved: for demonstrations, scenarios and tests.
pub struct SimulatedHost {
    clock: Mutex<(DateTime<FixedOffset>, u64)>,
    boot: String,
}

impl SimulatedHost {
    pub fn at(start: DateTime<FixedOffset>) -> Self {
        SimulatedHost {
            clock: Mutex::new((to_millis(start), 0)),
            boot: Uuid::new_v4().simple().to_string(),
        }
    }

    /// Moves wall clock and monotonic clock together.
    pub fn advance(&self, by: Duration) {
        let mut clock = self
            .clock
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        clock.0 += by;
        clock.1 = clock
            .1
            .saturating_add(u64::try_from(by.num_milliseconds()).unwrap_or(0));
    }

    /// Sets the wall clock alone, as somebody changing the time of the tablet would.
    pub fn set_wall_clock(&self, to: DateTime<FixedOffset>) {
        self.clock
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
            .0 = to_millis(to);
    }
}

impl Host for SimulatedHost {
    fn now(&self) -> DateTime<FixedOffset> {
        self.clock
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
            .0
    }

    fn monotonic_ms(&self) -> u64 {
        self.clock
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
            .1
    }

    fn boot_id(&self) -> String {
        self.boot.clone()
    }

    fn new_id(&self) -> String {
        Uuid::now_v7().simple().to_string()
    }
}
