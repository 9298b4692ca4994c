//! How times and dates are written everywhere.

use chrono::{DateTime, FixedOffset, NaiveDate};

/// RFC 3339 with milliseconds and offset.
pub fn time(at: DateTime<FixedOffset>) -> String {
    at.format("%Y-%m-%dT%H:%M:%S%.3f%:z").to_string()
}

/// `YYYY-MM-DD`.
pub fn date(on: NaiveDate) -> String {
    on.format("%Y-%m-%d").to_string()
}
