//! The papers of the ordinary procedure, of execution and of the archive: the sample is lawful, one change is told.

use crate::common::{blocking, dir, findings, names, pack, put};
use law::Severity;
use serde_json::{Value, json};

fn sample(code: &str) -> Value {
    let text = std::fs::read_to_string(dir().join(format!("forms/{code}/sample.json"))).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The sample has no blocking finding, and with the changes it has this one.
fn check(code: &str, changes: &[(&str, Value)], expected: &str) {
    let mut value = sample(code);
    assert_eq!(blocking(code, &value), [""; 0], "{code}");
    for (path, new) in changes {
        put(&mut value, path, new.clone());
    }
    let found = blocking(code, &value);
    assert!(
        found.iter().any(|finding| finding == expected),
        "{code}: {expected} is not in {found:?}"
    );
}

#[test]
fn a_decision_stays_inside_the_band_and_names_its_notice() {
    for (code, fine) in [
        ("F24", "proposed_fine_fen"),
        ("F26", "proposed_fine_fen"),
        ("F31", "fine_fen"),
        ("F32", "fine_fen"),
    ] {
        let outside = format!("{fine} violation_band");
        check(code, &[(fine, json!(3_000_100))], &outside);
        check(code, &[(fine, Value::Null)], &format!("{fine} required"));
    }
    check("F32", &[("notice_no", json!(""))], "notice_no required");
    check(
        "F32",
        &[("facts", json!("超限＿＿千克。"))],
        "facts blank_left",
    );
    check(
        "F32",
        &[("penalty_kind", json!("warning"))],
        "fine_fen no_fine_with_this_kind",
    );
}

#[test]
fn a_reduced_fine_below_the_band_is_only_pointed_out() {
    let mut value = sample("F32");
    put(&mut value, "fine_fen", json!(40_000));
    assert!(blocking("F32", &value).contains(&"fine_fen violation_band".to_owned()));
    put(&mut value, "discretion", json!("reduced"));
    assert_eq!(blocking("F32", &value), [""; 0]);
    let advice = names(&findings("F32", &value), Severity::Advice);
    assert!(
        advice.contains(&"fine_fen violation_band".to_owned()),
        "{advice:?}"
    );
}

#[test]
fn a_child_is_not_fined_but_the_case_can_be_reported() {
    let child = [
        ("party.id_no", json!("")),
        ("party.id_type", json!("other")),
        ("party.birth_date", Value::Null),
        ("party.age", json!(13)),
        ("party.id_no", json!("无身份证件")),
    ];
    for code in ["F26", "F31", "F32"] {
        check(code, &child, "party.id_no R-S6");
    }
    let mut report = sample("F24");
    for (path, new) in child {
        put(&mut report, path, new);
    }
    assert_eq!(blocking("F24", &report), [""; 0]);
}

#[test]
fn a_waiver_is_without_condition_and_after_service() {
    check(
        "F27-2",
        &[("statement", json!("如果少罚一点，我就不申辩了。"))],
        "statement waiver_with_condition",
    );
    check(
        "F27-2",
        &[("served_on", json!("2026-01-21"))],
        "declared_at end_after_start",
    );
}

#[test]
fn a_reminder_reckons_the_surcharge_and_the_total() {
    check(
        "F38",
        &[("surcharge_fen", json!(253_400))],
        "surcharge_fen R-M4",
    );
    check("F38", &[("suspended_days", json!(3))], "surcharge_fen R-M4");
    check(
        "F38",
        &[("total_fen", json!(650_000))],
        "total_fen total_due",
    );
}

#[test]
fn money_in_hand_needs_its_reason_and_its_receipt() {
    check("F37", &[("receipt_no", json!(""))], "receipt_no required");
    check("F37", &[("fine_fen", json!(10_001))], "fine_fen R-M2");
    check(
        "F37",
        &[
            ("reason", json!("remote")),
            ("reason_note", json!("水上")),
            ("party_asked", json!(false)),
        ],
        "party_asked remote_without_request",
    );
    let mut late = sample("F37");
    put(
        &mut late,
        "handed_to_agency_at",
        json!("2026-02-27T09:00:00.000+08:00"),
    );
    put(
        &mut late,
        "handed_to_bank_at",
        json!("2026-02-27T10:00:00.000+08:00"),
    );
    let advice = names(&findings("F37", &late), Severity::Advice);
    assert!(
        advice.contains(&"handed_to_agency_at R-M3".to_owned()),
        "{advice:?}"
    );
}

#[test]
fn an_instalment_fits_into_its_fine() {
    check(
        "F36",
        &[("instalment_no", json!(4))],
        "instalment_no instalment_in_count",
    );
    check(
        "F36",
        &[("instalment_fen", json!(650_001))],
        "instalment_fen instalment_in_fine",
    );
    check(
        "F36",
        &[("balance_fen", json!(650_000))],
        "balance_fen balance_in_fine",
    );
}

#[test]
fn service_that_was_refused_tells_reason_and_witness() {
    check(
        "F35",
        &[("refusal_reason", json!(""))],
        "refusal_reason required",
    );
    check(
        "F35",
        &[("witness.name", json!(""))],
        "witness.name required",
    );
    check(
        "F35",
        &[("witness.name", json!("李样三"))],
        "witness.name witness_apart",
    );
}

#[test]
fn the_application_to_the_court_has_its_five_papers() {
    let mut value = sample("F43");
    value["attachments"].as_array_mut().unwrap().pop();
    assert_eq!(blocking("F43", &value), ["attachments row_count"]);
}

#[test]
fn facts_flow_from_the_report_to_the_decision() {
    let mut report = sample("F24");
    report["number"] = Value::Null;
    let mut filing = sample("F22");
    filing["number"] = json!("示例交立〔2026〕0012号");
    let facts = json!({
        "party": report["party"], "now": "2026-01-16T09:00:00.000+08:00",
        "issued": { "F22": filing, "F24": report },
    });
    let mut notice = pack().form("F26").unwrap().prefill(&facts);
    for path in [
        "facts",
        "violated",
        "basis",
        "proposed_fine_fen",
        "happened_at",
    ] {
        assert_eq!(notice[path], sample("F24")[path], "{path}");
    }
    assert_eq!(notice["case_no"], "示例交立〔2026〕0012号");
    notice["number"] = json!("示例交告〔2026〕0009号");
    let facts = json!({ "now": "2026-01-28T09:00:00.000+08:00", "issued": { "F26": notice } });
    let decision = pack().form("F32").unwrap().prefill(&facts);
    assert_eq!(decision["facts"], sample("F24")["facts"]);
    assert_eq!(decision["fine_fen"], 650_000);
    assert_eq!(decision["notice_no"], "示例交告〔2026〕0009号");
}
