//! Moments and spans as scenarios write them, at +08:00.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

pub type Time = DateTime<FixedOffset>;

pub fn time_text(at: Time) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Millis, false)
}

/// `30m`, `2h`, `3d`, `90s`.
pub fn span_of(text: &str) -> Option<TimeDelta> {
    let text = text.trim().trim_start_matches('+');
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let number: i64 = number.trim().parse().ok()?;
    match unit {
        "s" => TimeDelta::try_seconds(number),
        "m" => TimeDelta::try_minutes(number),
        "h" => TimeDelta::try_hours(number),
        "d" => TimeDelta::try_days(number),
        _ => None,
    }
}

/// A moment at +08:00: `2026-03-10 09:40`, `09:40` of the same day, `+30m`, `+2d 09:00`, or RFC 3339.
pub fn moment(text: &str, now: Option<Time>) -> Option<Time> {
    let text = text.trim();
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(at);
    }
    let zone = casebook_offset();
    let local = |at: NaiveDateTime| at.and_local_timezone(zone).single();
    if let Some(now) = now {
        if text == "now" {
            return Some(now);
        }
        if let Some((span, time)) = text.split_once(' ').filter(|_| text.starts_with('+')) {
            let day = (now + span_of(span)?).date_naive();
            return local(day.and_time(clock_time(time)?));
        }
        if text.starts_with('+') {
            return Some(now + span_of(text)?);
        }
        if let Some(span) = text.strip_prefix("now-").or_else(|| text.strip_prefix('-')) {
            return Some(now - span_of(span)?);
        }
        if let Some(time) = clock_time(text) {
            return local(now.date_naive().and_time(time));
        }
    }
    let (day, time) = match text.split_once([' ', 'T']) {
        Some((day, time)) => (day, clock_time(time)?),
        None => (text, NaiveTime::MIN),
    };
    local(day.parse::<NaiveDate>().ok()?.and_time(time))
}

fn clock_time(text: &str) -> Option<NaiveTime> {
    let text = text.trim();
    NaiveTime::parse_from_str(text, "%H:%M:%S%.f")
        .or_else(|_| NaiveTime::parse_from_str(text, "%H:%M"))
        .ok()
}

fn casebook_offset() -> FixedOffset {
    casebook::domain_offset()
}
