//! How times and dates are written everywhere.

use chrono::{DateTime, FixedOffset, NaiveDate, SecondsFormat};

/// RFC 3339 with milliseconds and offset.
pub fn time(at: DateTime<FixedOffset>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, false)
}

/// `YYYY-MM-DD`.
pub fn date(on: NaiveDate) -> String {
    on.format("%Y-%m-%d").to_string()
}
