//! 机关的定期事项 – what no single case asks for: the annual report, the monthly refresh, enough reviewers, papers of
//! supervision, and records that cannot both be true.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate};
use contract::BoundaryError;
use rusqlite::Connection;
use serde_json::{Value, json};

use super::clocks::urgency;
use super::{Denied, Rules, supervision};
use crate::clock::time_text;
use crate::contract::office::{Duties, DutyRow};
use crate::failure::Failure;
use crate::headquarters::Headquarters;
use crate::store::{instruments, people};

/// Records looked at for officers who were at two places at once.
const RECORDS_MAX: u32 = 1_000;
const OVERLAPS_MAX: usize = 50;
/// The reviewers of an agency, as a share of its officers, are a whole number of percent.
const PERCENT: u64 = 100;

impl Headquarters {
    pub(crate) fn duties(&self) -> Result<Duties, BoundaryError> {
        let foundation = self.foundation().map_err(Denied::from)?;
        let rules = Rules::in_force(self, &foundation).map_err(Denied::from)?;
        let now = self.clock.now();
        let duties = self.read(|on| {
            let mut rows = Vec::new();
            rows.extend(annual_report(&rules, now));
            rows.extend(monthly_refresh(&rules, now));
            rows.extend(reviewers(on, &rules, now)?);
            rows.extend(overlaps(on)?);
            Ok(Duties {
                rows,
                papers: supervision::rows(on, &rules, now)?,
                now: time_text(&now),
            })
        });
        duties.map_err(|failure| Denied::from(failure).into())
    }
}

/// 年报 – about the year before, by the day of the agency's plan.
fn annual_report(rules: &Rules, now: DateTime<FixedOffset>) -> Option<DutyRow> {
    let day = rules.parameter("annual_report_due")?;
    let (month, day) = month_and_day(day.as_str()?)?;
    let today = now.date_naive();
    let of_year = |year| NaiveDate::from_ymd_opt(year, month, day);
    let due = of_year(today.year()).filter(|due| *due >= today);
    let due = due.or_else(|| of_year(today.year() + 1))?;
    let words = |key: &str| -> Vec<String> {
        let words = rules.words(key).into_iter();
        words.map(|word| word.label).collect()
    };
    Some(row(
        "annual_report",
        Some(due),
        now,
        json!({
            "year": due.year() - 1, "to": words("annual_report_to"), "content": words("annual_report_content"),
        }),
    ))
}

/// 每月更新 – the last day of the month.
fn monthly_refresh(rules: &Rules, now: DateTime<FixedOffset>) -> Option<DutyRow> {
    rules
        .parameter("monthly_refresh")
        .filter(|set| set == &json!(true))?;
    let first = now.date_naive().with_day(1)?;
    let due = first
        .checked_add_months(chrono::Months::new(1))?
        .pred_opt()?;
    Some(row("monthly_refresh", Some(due), now, json!({})))
}

/// 法制审核人员 – qualified ones, against the officers whose certificates are good.
fn reviewers(
    on: &Connection,
    rules: &Rules,
    now: DateTime<FixedOffset>,
) -> Result<Option<DutyRow>, Failure> {
    let Some(wanted) = rules
        .parameter("reviewer_ratio")
        .and_then(|wanted| wanted.as_u64())
    else {
        return Ok(None);
    };
    let today = now.date_naive();
    let officers = people::roster(on)?
        .iter()
        .filter(|officer| crate::console::standing(officer, today) == "valid")
        .count();
    let reviewers = people::reviewers(on)?;
    let officers = u64::try_from(officers).unwrap_or(u64::MAX);
    let is_met = u64::from(reviewers).saturating_mul(PERCENT) >= officers.saturating_mul(wanted);
    let manner = rules.parameter("reviewer_ratio_manner").unwrap_or_default();
    let mut found = row(
        "reviewer_ratio",
        None,
        now,
        json!({ "reviewers": reviewers, "officers": officers, "percent": wanted, "manner": manner, "is_met": is_met }),
    );
    found.urgency = if is_met { "ok" } else { "overdue" }.to_owned();
    Ok(Some(found))
}

/// One officer in two records of different terminals whose times overlap.
fn overlaps(on: &Connection) -> Result<Vec<DutyRow>, Failure> {
    struct Record {
        writer: String,
        title: String,
        number: String,
        from: String,
        to: String,
    }
    let mut of_officer: BTreeMap<String, (String, Vec<Record>)> = BTreeMap::new();
    for (writer, instrument) in instruments::newest_records(on, RECORDS_MAX)? {
        let value: Value = serde_json::from_str(&instrument.value).unwrap_or_default();
        let text = |of: &Value, key: &str| {
            of.get(key)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let (from, to) = (text(&value, "started_at"), text(&value, "ended_at"));
        if from.is_empty() || to.is_empty() {
            continue;
        }
        let officers = value.get("officers").and_then(Value::as_array);
        for officer in officers.into_iter().flatten() {
            let entry = of_officer
                .entry(text(officer, "credential_no"))
                .or_default();
            entry.0 = text(officer, "name");
            entry.1.push(Record {
                writer: writer.clone(),
                title: instrument.title.clone(),
                number: instrument.number.clone().unwrap_or_default(),
                from: from.clone(),
                to: to.clone(),
            });
        }
    }
    let mut rows = Vec::new();
    for (credential_no, (name, records)) in &mut of_officer {
        records.sort_by(|one, other| one.from.cmp(&other.from));
        for (at, one) in records.iter().enumerate() {
            let later = records
                .iter()
                .skip(at + 1)
                .take_while(|other| other.from < one.to);
            for other in later.filter(|other| other.writer != one.writer) {
                let words = |record: &Record| format!("{} {}", record.title, record.number);
                rows.push(DutyRow {
                    key: "two_places".to_owned(),
                    due_on: None,
                    urgency: "overdue".to_owned(),
                    args: json!({
                        "name": name, "credential_no": credential_no, "from": other.from,
                        "one": words(one).trim(), "other": words(other).trim(),
                    }),
                });
            }
        }
    }
    rows.truncate(OVERLAPS_MAX);
    Ok(rows)
}

fn row(key: &str, due: Option<NaiveDate>, now: DateTime<FixedOffset>, args: Value) -> DutyRow {
    let due_on = due.map(|due| due.to_string());
    DutyRow {
        key: key.to_owned(),
        urgency: due_on
            .as_deref()
            .map_or("ok", |due_on| urgency(due_on, now))
            .to_owned(),
        due_on,
        args,
    }
}

/// `01-31`, or a whole date of which the day in the year counts.
fn month_and_day(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.rsplit('-');
    let day = parts.next()?.parse().ok()?;
    let month = parts.next()?.parse().ok()?;
    Some((month, day))
}
