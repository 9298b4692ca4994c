//! Times as they stand in signed text: RFC 3339, milliseconds, offset.

use chrono::{DateTime, DurationRound, FixedOffset, SecondsFormat, TimeDelta};
use serde::{Deserialize, Deserializer, Serializer, de};

pub fn to_text(at: &DateTime<FixedOffset>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, false)
}

pub fn from_text(text: &str) -> Option<DateTime<FixedOffset>> {
    DateTime::parse_from_rfc3339(text).ok()
}

/// What is left after a journey through text.
pub fn to_millis(at: DateTime<FixedOffset>) -> DateTime<FixedOffset> {
    at.duration_trunc(TimeDelta::milliseconds(1)).unwrap_or(at)
}

pub fn serialize<S: Serializer>(at: &DateTime<FixedOffset>, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&to_text(at))
}

pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<DateTime<FixedOffset>, D::Error> {
    let text = String::deserialize(from)?;
    from_text(&text).ok_or_else(|| de::Error::custom("a time is written as RFC 3339"))
}
