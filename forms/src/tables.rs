//! Reading the tables of a pack.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use law::{Citation, Overlay, Refusal, WorkingCalendar, YearTable};
use serde_json::Value;

use crate::PackFault;
use crate::deadline::Length;
use crate::files::Files;
use crate::library::{Limits, Notice};
use crate::pack::Shape;
use crate::source::{
    ArticlesToml, CalendarToml, LimitsToml, OffToml, OverlayToml, PackToml, RefusalsToml,
};
use crate::statutes::Statutes;

pub(crate) fn laws(files: &Files) -> Result<Statutes, PackFault> {
    const FILE: &str = "articles.toml";
    let articles: ArticlesToml = files.toml(FILE)?;
    Statutes::new(articles.law).map_err(|short| {
        let line = files.line_of(FILE, &format!("\"{short}\""));
        PackFault::content(
            FILE,
            line,
            format!("two versions of {short} are in force at once"),
        )
    })
}

pub(crate) fn refusals(files: &Files) -> Result<BTreeMap<String, Vec<Citation>>, PackFault> {
    const FILE: &str = "refusals.toml";
    let table: RefusalsToml = files.toml(FILE)?;
    for code in table.basis.keys().chain(&table.no_basis) {
        if !Refusal::CODES.contains(&code.as_str()) {
            let line = files.line_of(FILE, code);
            return Err(PackFault::content(
                FILE,
                line,
                format!("there is no refusal {code}"),
            ));
        }
    }
    for code in Refusal::CODES {
        let is_named = table.no_basis.iter().any(|name| name == code);
        if table.basis.contains_key(*code) == is_named {
            let reason = format!("{code} stands either under basis or in no_basis");
            return Err(PackFault::content(FILE, files.line_of(FILE, code), reason));
        }
    }
    Ok(table
        .basis
        .into_iter()
        .chain(table.rules)
        .map(|(code, list)| (code, list.0))
        .collect())
}

const SPANS_MAX: usize = 100;
const YEARS_MAX: usize = 50;

const OVERLAYS: &str = "calendars/overlays/";

pub(crate) fn calendar(files: &Files) -> Result<WorkingCalendar, PackFault> {
    let mut years = Vec::new();
    for file in calendar_files(files) {
        let table: CalendarToml = files.toml(file)?;
        if years.len() >= YEARS_MAX {
            return Err(PackFault::content(
                file,
                0,
                format!("more than {YEARS_MAX} years"),
            ));
        }
        years.push(YearTable {
            year: table.year,
            off: days_off(files, file, &table.off, &table.make_up)?,
            make_up: table.make_up,
        });
    }
    WorkingCalendar::new(years)
        .map_err(|fault| PackFault::content("calendars", 0, fault.to_string()))
}

/// The files of the national notices, by year.
pub(crate) fn calendar_files(files: &Files) -> impl Iterator<Item = &str> {
    files
        .under("calendars/")
        .filter(|file| !file.starts_with(OVERLAYS))
}

/// The calendar of each place that has its own days, by the name of its file.
pub(crate) fn overlays(
    files: &Files,
    national: &WorkingCalendar,
) -> Result<BTreeMap<String, WorkingCalendar>, PackFault> {
    let mut calendars = BTreeMap::new();
    for file in files.under(OVERLAYS) {
        let table: OverlayToml = files.toml(file)?;
        let overlay = Overlay {
            off: days_off(files, file, &table.off, &table.worked)?,
            worked: table.worked,
        };
        let local = national
            .with_overlay(&overlay)
            .map_err(|fault| PackFault::content(file, 0, fault.to_string()))?;
        let name = file.trim_start_matches(OVERLAYS).trim_end_matches(".toml");
        calendars.insert(name.to_owned(), local);
    }
    Ok(calendars)
}

fn days_off(
    files: &Files,
    file: &str,
    spans: &[OffToml],
    worked: &[NaiveDate],
) -> Result<Vec<NaiveDate>, PackFault> {
    if spans.len() > SPANS_MAX || worked.len() > SPANS_MAX {
        let reason = format!("more than {SPANS_MAX} spans or days");
        return Err(PackFault::content(file, 0, reason));
    }
    let mut off = Vec::new();
    for span in spans {
        if span.to < span.from || (span.to - span.from).num_days() > 31 {
            return Err(PackFault::content(
                file,
                files.line_of(file, &span.from.to_string()),
                "the days off are upside down or too long",
            ));
        }
        off.extend(span.from.iter_days().take_while(|day| *day <= span.to));
    }
    Ok(off)
}

/// `lists/<name>.toml` with `title` and `[[row]]`; what stands in a row is the list's own affair.
pub(crate) fn lists(files: &Files) -> Result<BTreeMap<String, Value>, PackFault> {
    let mut lists = BTreeMap::new();
    for file in files.under("lists/") {
        let list: Value = files.toml(file)?;
        if list.get("title").and_then(Value::as_str).is_none() {
            return Err(PackFault::content(file, 0, "the list has no title"));
        }
        if list.get("row").is_some_and(|rows| !rows.is_array()) {
            return Err(PackFault::content(file, 0, "the rows are written [[row]]"));
        }
        let name = file.trim_start_matches("lists/").trim_end_matches(".toml");
        lists.insert(name.to_owned(), list);
    }
    Ok(lists)
}

/// The citations in the rows of a list, under `basis` and `violated`: a text or a list of texts.
pub(crate) fn list_citations(list: &Value) -> impl Iterator<Item = &str> {
    let rows = list.get("row").and_then(Value::as_array);
    let cells = rows.into_iter().flatten().flat_map(|row| {
        let cells = ["basis", "violated"].into_iter();
        cells.filter_map(|key| row.get(key))
    });
    cells.flat_map(|cell| match cell {
        Value::String(text) => vec![text.as_str()],
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    })
}

pub(crate) fn notices(files: &Files) -> Result<BTreeMap<String, Notice>, PackFault> {
    let mut notices = BTreeMap::new();
    for file in files.under("rights/") {
        let notice = Notice::parse(files.text(file)?)
            .map_err(|(line, reason)| PackFault::content(file, line, reason))?;
        if let Some(name) = notice
            .placeholders()
            .find(|name| !AGENCY_NAMES.contains(name))
        {
            let line = files.line_of(file, name);
            return Err(PackFault::content(
                file,
                line,
                format!("{{{name}}} is not known"),
            ));
        }
        let id = file.trim_start_matches("rights/").trim_end_matches(".txt");
        notices.insert(id.to_owned(), notice);
    }
    Ok(notices)
}

/// What a notice may name.
const AGENCY_NAMES: [&str; 11] = [
    "agency.name",
    "agency.short_name",
    "agency.address",
    "agency.postcode",
    "agency.contact",
    "agency.phone",
    "agency.complaint_phone",
    "agency.reconsideration_organ",
    "agency.court",
    "agency.bank",
    "agency.bank_account",
];

pub(crate) fn patterns(
    files: &Files,
    head: &PackToml,
) -> Result<BTreeMap<String, Shape>, PackFault> {
    head.patterns
        .iter()
        .map(|(name, pattern)| {
            let shape = Shape::new(pattern).map_err(|reason| {
                let line = files.line_of("pack.toml", &format!("patterns.{name}"));
                PackFault::content("pack.toml", line, reason)
            })?;
            Ok((name.clone(), shape))
        })
        .collect()
}

pub(crate) fn amounts(files: &Files, table: &LimitsToml) -> Result<Limits, PackFault> {
    let payment = table
        .time_limit
        .iter()
        .find(|limit| limit.name == "payment")
        .ok_or_else(|| PackFault::content("limits.toml", 0, "there is no time limit payment"))?;
    for amount in [
        table.summary.person_fen,
        table.summary.organisation_fen,
        table.summary.sole_trader_fen,
        table.on_the_spot.fen,
    ] {
        if amount < 0 {
            let line = files.line_of("limits.toml", &amount.to_string());
            return Err(PackFault::content(
                "limits.toml",
                line,
                "an amount is negative",
            ));
        }
    }
    Ok(Limits {
        summary_person_fen: table.summary.person_fen,
        summary_organisation_fen: table.summary.organisation_fen,
        summary_sole_trader_fen: table.summary.sole_trader_fen,
        summary_basis: table.summary.basis.clone(),
        on_the_spot_fen: table.on_the_spot.fen,
        on_the_spot_basis: table.on_the_spot.basis.clone(),
        payment_days: match payment.limit.days {
            Length::Number(days) => days,
            Length::Parameter(_) => {
                return Err(PackFault::content(
                    "limits.toml",
                    files.line_of("limits.toml", "\"payment\""),
                    "the days of payment are the law's, no parameter",
                ));
            }
        },
        payment_basis: payment.basis.clone(),
        ordinary_decision_days: table.ordinary.days,
        ordinary_basis: table.ordinary.basis.clone(),
        surcharge_permille_per_day: table.surcharge.permille_per_day,
        surcharge_basis: table.surcharge.basis.clone(),
        penalty_age: table.age.penalty,
        full_age: table.age.full,
        age_basis: table.age.basis.clone(),
    })
}
