//! A complete, lawful F21 and what checking needs around it.

pub mod small;

use std::path::PathBuf;
use std::sync::OnceLock;

use chrono::{DateTime, FixedOffset, NaiveDate};
use forms::{Agency, CheckContext, Pack};
use law::{Finding, Severity};
use serde_json::{Value, json};

pub fn dir() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("packs/transport")
}

pub fn pack() -> Pack {
    static PACK: OnceLock<Pack> = OnceLock::new();
    PACK.get_or_init(|| Pack::load(&dir()).unwrap_or_else(|fault| panic!("{fault}")))
        .clone()
}

pub fn agency() -> Agency {
    Agency::load(&dir().join("agencies/example.toml")).unwrap_or_else(|fault| panic!("{fault}"))
}

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub fn time(text: &str) -> DateTime<FixedOffset> {
    DateTime::parse_from_rfc3339(text).unwrap()
}

pub fn officers() -> Value {
    json!([
        { "name": "赵明甲", "credential_no": "99010001", "unit": "一大队", "post": "中队长" },
        { "name": "钱思乙", "credential_no": "99010002", "unit": "一大队", "post": "执法员" },
    ])
}

pub fn person() -> Value {
    json!({
        "kind": "person", "name": "陈样一", "sex": "male", "birth_date": "1988-03-05", "age": 38,
        "id_type": "resident_id", "id_no": "990000198803050016",
        "address": "示例市示例区示范路 2 号", "phone": "13800000001",
    })
}

pub fn organisation() -> Value {
    json!({
        "kind": "organisation", "org_name": "示例物流有限公司", "uscc": "91990000MA007E5707",
        "legal_representative": "李样三", "org_address": "示例市示例区物流路 9 号", "org_phone": "0990-8000009",
    })
}

pub fn vehicle() -> Value {
    json!({ "plate": "示A·0001挂", "plate_colour": "yellow", "type": "重型半挂车" })
}

/// The facts of scenario A1 as a case passes them.
pub fn facts() -> Value {
    json!({
        "party": person(), "vehicle": vehicle(), "place": { "text": "G-示例线 K12+300" },
        "officers": officers(), "now": "2026-03-10T09:50:00.000+08:00",
        "presented_at": "2026-03-10T09:41:00.000+08:00", "reason": "special", "reason_note": "",
        "agency": agency().value(), "told": { "RN-3": "2026-03-10T09:55:00.000+08:00" },
    })
}

/// Scenario A1: less than 1000 kg over the limit, a warning.
pub fn warning() -> Value {
    let mut value = pack().form("F21").unwrap().prefill(&facts());
    merge(
        &mut value,
        json!({
            "violation_code": "T11-1",
            "facts": "六轴列车车货总质量 49620 千克，限值 49000 千克，超限 620 千克。",
            "happened_at": "2026-03-10T09:40:00.000+08:00",
            "violated": [{ "law": "超限运输车辆行驶公路管理规定", "article": "3" }],
            "basis": [{ "law": "超限运输车辆行驶公路管理规定", "article": "43(1)(2)" }],
            "penalty_kind": "warning", "representations": "none",
        }),
    );
    value
}

/// Scenario A2: a size excess, 150 元 to the bank.
pub fn fine() -> Value {
    let mut value = warning();
    merge(
        &mut value,
        json!({
            "violation_code": "T10-1",
            "basis": [{ "law": "超限运输车辆行驶公路管理规定", "article": "43(1)(1)" }],
            "penalty_kind": "fine", "fine_fen": 15_000, "payment": "bank",
        }),
    );
    value
}

pub fn merge(into: &mut Value, change: Value) {
    match (into, change) {
        (Value::Object(into), Value::Object(change)) => {
            for (key, value) in change {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (into, change) => *into = change,
    }
}

/// `merge` for one dotted path.
pub fn put(value: &mut Value, path: &str, new: Value) {
    let mut at = value;
    for key in path.split('.') {
        at = match key.parse::<usize>() {
            Ok(index) if at.is_array() => &mut at[index],
            _ => &mut at[key],
        };
    }
    *at = new;
}

pub fn findings_at(form: &str, value: &Value, now: &str, told: &[&str]) -> Vec<Finding> {
    let (pack, agency) = (pack(), agency().value());
    let told: Vec<String> = told.iter().map(|id| (*id).to_owned()).collect();
    let now = time(now);
    pack.form(form).unwrap().check(
        value,
        &CheckContext {
            today: now.date_naive(),
            now,
            agency: &agency,
            // The font of these tests has everything but one rare character.
            missing_glyphs: &|text| text.chars().filter(|c| *c == '\u{30000}').collect(),
            told: &told,
            pack: &pack,
        },
    )
}

pub fn findings(form: &str, value: &Value) -> Vec<Finding> {
    findings_at(
        form,
        value,
        "2026-03-10T10:00:00.000+08:00",
        &["RN-1", "RN-3"],
    )
}

/// `path rule` of each blocking finding.
pub fn blocking(form: &str, value: &Value) -> Vec<String> {
    names(&findings(form, value), Severity::Block)
}

pub fn names(findings: &[Finding], severity: Severity) -> Vec<String> {
    findings
        .iter()
        .filter(|finding| finding.severity == severity)
        .map(|finding| format!("{} {}", finding.field, finding.rule))
        .collect()
}
