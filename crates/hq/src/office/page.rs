//! 公示页 – what everybody may read of a decision, made from the frozen value and the form of the pack.

use chrono::NaiveDate;
use forms::{Field, FieldKind};
use law::{ResidentId, age_on};
use rusqlite::Connection;
use serde_json::{Value, json};

use super::redaction::{Redactor, Shown, is_name, is_private};
use super::{Rules, Subject};
use crate::failure::Failure;
use crate::store::{acts, instruments};

/// Blocks that describe people, things and places; the page has its own words for the party.
const BLOCKS: [&str; 10] = [
    "party",
    "vehicle",
    "ship",
    "place",
    "people",
    "other_people",
    "others",
    "officers",
    "agency",
    "signatures",
];
const MINOR: &str = "未成年人（姓名不公开）";

pub struct Page {
    pub page: Value,
    pub left_out: Vec<String>,
    pub cautions: Vec<String>,
}

impl Page {
    /// The bytes that are hashed and kept: compact JSON in the order of the members.
    pub fn sha256(page: &Value) -> String {
        journal::Hash::of(page.to_string().as_bytes()).to_string()
    }

    pub fn of(
        on: &Connection,
        rules: &Rules,
        subject: &Subject,
        kind: &str,
        is_example: bool,
    ) -> Result<Self, Failure> {
        let (value, party) = (subject.value(), subject.party());
        let issued_on = subject.issued_at.get(..10).unwrap_or_default().to_owned();
        let mut cautions = Vec::new();
        let age = age_of(&party, &value, &issued_on);
        let is_minor = age.is_some_and(|age| age < rules.pack.limits().full_age)
            || is_flagged_minor(on, &subject.case.case_id)?;
        if is_minor {
            cautions.push("minor".to_owned());
        }
        if age.is_none() && is_person(&party) && !is_minor {
            cautions.push("age_unknown".to_owned());
        }
        for act in acts::of_case(on, &subject.case.case_id)? {
            if act.kind == "case.flagged" {
                cautions.push(format!("flag:{}", act.about));
            }
        }
        let shown = Shown {
            party: match is_minor {
                true => MINOR.to_owned(),
                false => published_name(&party),
            },
            hidden_party: is_minor.then(|| text(&party, "name").to_owned()),
        };
        let case_party: Value = serde_json::from_str(&subject.case.party).unwrap_or_default();
        let vehicle: Value = subject
            .case
            .vehicle
            .as_deref()
            .and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or_default();
        let named = json!({ "party": case_party, "vehicle": vehicle });
        let mut redactor = Redactor::of(&[&value, &named], &shown, &rules.agency);
        for signature in instruments::signatures(on, &subject.instrument.instrument_id)? {
            if signature.slot != "party" {
                redactor.hide_name(&signature.name, &shown);
            }
            if let Some(witness) = &signature.witness_name {
                redactor.hide_name(witness, &shown);
            }
        }
        let mut rows = Rows {
            redactor: &redactor,
            rows: Vec::new(),
            left_out: Vec::new(),
        };
        if let Some(form) = rules.pack.form(&subject.instrument.form) {
            let labelled = form.labels(&value, &rules.agency);
            for section in &form.definition().sections {
                for field in &section.fields {
                    rows.add(rules, field, &labelled);
                }
            }
        }
        let page = json!({
            "v": 1,
            "kind": kind,
            "agency": text(&rules.agency, "name"),
            "title": subject.instrument.title,
            "number": subject.instrument.number,
            "decided_on": issued_on,
            "party": shown.party,
            "party_code": match is_person(&party) {
                true => Value::Null,
                false => party.get("uscc").cloned().unwrap_or(Value::Null),
            },
            "rows": rows.rows,
            "example": is_example,
        });
        Ok(Self {
            page,
            left_out: rows.left_out,
            cautions,
        })
    }
}

struct Rows<'a> {
    redactor: &'a Redactor,
    rows: Vec<Value>,
    left_out: Vec<String>,
}

impl Rows<'_> {
    fn add(&mut self, rules: &Rules, field: &Field, value: &Value) {
        let Some(found) = at(value, &field.path).filter(|found| !is_empty(found)) else {
            return;
        };
        let first = field.path.split('.').next().unwrap_or_default();
        let last = field.path.rsplit('.').next().unwrap_or_default();
        if BLOCKS.contains(&first) || is_private(last) || is_name(last) {
            self.leave_out(&field.label);
            return;
        }
        let words = match &field.kind {
            FieldKind::Text | FieldKind::LongText => found.as_str().map(str::to_owned),
            FieldKind::Date => found.as_str().map(str::to_owned),
            FieldKind::DateTime => found
                .as_str()
                .map(|text| text.chars().take(10).collect::<String>()),
            FieldKind::Money => found.as_i64().map(|fen| format!("{} 元", yuan(fen))),
            FieldKind::Choice { .. } => at(value, &format!("{}_text", field.path))
                .and_then(Value::as_str)
                .map(str::to_owned),
            FieldKind::Violation => found
                .as_str()
                .and_then(|code| rules.pack.violation(code))
                .map(|violation| violation.title.clone()),
            FieldKind::Citations => Some(spelt_out(found)),
            FieldKind::Integer { unit, .. } => found.as_i64().map(|number| {
                let unit = unit.as_deref().unwrap_or_default();
                format!("{number} {unit}").trim().to_owned()
            }),
            _ => None,
        };
        match words {
            Some(words) => self.rows.push(json!({
                "label": field.label,
                "text": self.redactor.text(&words),
            })),
            None => self.leave_out(&field.label),
        }
    }

    fn leave_out(&mut self, label: &str) {
        if !self.left_out.iter().any(|known| known == label) {
            self.left_out.push(label.to_owned());
        }
    }
}

/// 元 with two places, from 分.
fn yuan(fen: i64) -> String {
    let sign = if fen < 0 { "-" } else { "" };
    let fen = fen.unsigned_abs();
    format!("{sign}{}.{:02}", fen / 100, fen % 100)
}

fn at<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.')
        .try_fold(value, |value, name| value.get(name))
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(rows) => rows.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn is_person(party: &Value) -> bool {
    text(party, "kind") == "person"
}

/// 行政相对人 – a firm under its name, a person under theirs.
fn published_name(party: &Value) -> String {
    match (is_person(party), text(party, "org_name")) {
        (false, firm) if !firm.is_empty() => firm.to_owned(),
        _ => text(party, "name").to_owned(),
    }
}

/// Age on the day of the act, else on the day of the decision.
fn age_of(party: &Value, value: &Value, issued_on: &str) -> Option<u32> {
    if !matches!(text(party, "kind"), "person" | "sole_trader") {
        return None;
    }
    let day = |text: &str| text.get(..10)?.parse::<NaiveDate>().ok();
    let acted_on = day(text(value, "happened_at")).or_else(|| day(issued_on))?;
    let birth_date = ResidentId::parse(text(party, "id_no"))
        .ok()
        .map(|id| id.birth_date())
        .or_else(|| day(text(party, "birth_date")));
    match birth_date {
        Some(birth_date) => age_on(birth_date, acted_on),
        None => party
            .get("age")
            .and_then(Value::as_u64)
            .and_then(|age| u32::try_from(age).ok()),
    }
}

fn is_flagged_minor(on: &Connection, case_id: &str) -> Result<bool, Failure> {
    let acts = acts::of_case(on, case_id)?;
    Ok(acts
        .iter()
        .filter(|act| act.kind == "case.flagged" && act.about == "minor")
        .filter_map(|act| serde_json::from_str::<Value>(&act.body).ok())
        .next_back()
        .is_some_and(|body| body.get("value") != Some(&Value::Bool(false))))
}

/// 《行政处罚法》第51条第1款
fn spelt_out(citations: &Value) -> String {
    let rows = citations.as_array().map(Vec::as_slice).unwrap_or_default();
    let word = |row: &Value, name: &str| match row.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    let one = |row: &Value| {
        let mut text = format!("《{}》第{}条", word(row, "law"), word(row, "article"));
        for (name, unit) in [("paragraph", "款"), ("item", "项")] {
            let number = word(row, name);
            if !number.is_empty() {
                text.push_str(&format!("第{number}{unit}"));
            }
        }
        text
    };
    rows.iter().map(one).collect::<Vec<_>>().join("、")
}
