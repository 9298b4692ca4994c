//! Time limits by the calendar of a place, and to the hour.

use crate::common::small::Small;
use chrono::{DateTime, FixedOffset, NaiveDate};
use forms::Deadline;
use serde_json::{Value, json};

const PARAMETER: &str = r#"
[[parameter]]
key = "calendar_overlay"
title = "地方日历"
type = "text"
"#;

const OVERLAY: &str = r#"
title = "示例州火把节放假"
source = "虚构"
worked = ["2026-08-08"]
[[off]]
name = "火把节"
from = "2026-08-05"
to = "2026-08-07"
"#;

fn local() -> Small {
    let small = Small::new().append("parameters.toml", PARAMETER);
    std::fs::create_dir_all(small.dir().join("calendars/overlays")).unwrap();
    small.append("calendars/overlays/example-prefecture.toml", OVERLAY)
}

fn time(text: &str) -> DateTime<FixedOffset> {
    DateTime::parse_from_rfc3339(text).unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn deadline(small: &Small, name: &str, value: &Value, at: &str, agency: &Value) -> Deadline {
    let pack = small.pack();
    let limit = pack.time_limit(name).unwrap();
    pack.deadline(limit, value, time(at), agency).unwrap()
}

#[test]
fn an_agency_counts_by_the_calendar_of_its_place() {
    let small = local();
    let here = json!({ "params": { "calendar_overlay": "example-prefecture" } });
    let due = |agency: &Value| {
        let at = "2026-07-31T10:00:00+08:00";
        deadline(&small, "hearing_request", &Value::Null, at, agency).legal_due
    };
    assert_eq!(due(&json!({})), day("2026-08-07"));
    assert_eq!(due(&here), day("2026-08-11"));
    let nowhere = json!({ "params": { "calendar_overlay": "elsewhere" } });
    assert_eq!(due(&nowhere), day("2026-08-07"));
    assert!(
        !small
            .pack()
            .calendar(&here)
            .is_working_day(day("2026-08-06"))
            .is_working()
    );
}

#[test]
fn a_local_calendar_beyond_the_notices_is_refused_with_its_file() {
    let small = local().change(
        "calendars/overlays/example-prefecture.toml",
        "worked = [\"2026-08-08\"]",
        "worked = [\"2027-08-08\"]",
    );
    let Err(fault) = small.load() else {
        panic!("an overlay without a notice was taken")
    };
    let told = fault.to_string();
    assert!(
        told.contains("example-prefecture.toml") && told.contains("2027-08-08"),
        "{told}"
    );
}

#[test]
fn a_limit_into_a_year_without_a_notice_is_provisional() {
    let small = Small::new();
    let near = "2026-12-24T10:00:00+08:00";
    let far = "2026-12-25T10:00:00+08:00";
    let due = |at| deadline(&small, "hearing_request", &Value::Null, at, &json!({}));
    assert_eq!(
        (due(near).legal_due, due(near).is_provisional),
        (day("2026-12-31"), false)
    );
    assert_eq!(
        (due(far).legal_due, due(far).is_provisional),
        (day("2027-01-01"), true)
    );
}

#[test]
fn twenty_four_hours_run_through_nights_and_holidays() {
    let small = Small::new();
    let at = "2026-09-30T23:59:30+08:00";
    let due = deadline(&small, "urgent_approval", &json!({}), at, &json!({}));
    assert_eq!(due.due_at, Some(time("2026-10-01T23:59:30+08:00")));
    assert_eq!(
        (due.legal_due, due.is_provisional),
        (day("2026-10-01"), false)
    );
    let acted = json!({ "acted_at": "2026-10-03T22:10:00+08:00" });
    let due = deadline(
        &small,
        "urgent_approval",
        &acted,
        "2026-10-04T08:00:00+08:00",
        &json!({}),
    );
    assert_eq!(due.due_at, Some(time("2026-10-04T22:10:00+08:00")));
}
