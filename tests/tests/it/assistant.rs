//! The officer is helped to find and to weigh, on a real terminal; what was shown is on record.

use crate::support::{assert_intact, bodies, code, no, on_duty, stage};
use casebook::Terminal;
use journeys::{Officer, roadside, test_devices};
use serde_json::{Value, json};

fn ask(terminal: &Terminal, command: &str, request: Value) -> Value {
    terminal
        .ask(command, request)
        .unwrap_or_else(|error| panic!("{command}: {error:?}"))
}

/// The papers of A2 as far as the draft of the decision.
fn decision(terminal: &Terminal, stage: &journeys::Stage, request: &str) -> (String, String) {
    let case_id = roadside::open(terminal, request).unwrap();
    roadside::tell(terminal, &case_id, "RN-1", "不申请回避").unwrap();
    stage.pass(1);
    for form in ["F01", "F02", "F10"] {
        issue(terminal, stage, &case_id, form);
    }
    roadside::tell(terminal, &case_id, "RN-3", "不陈述、申辩").unwrap();
    stage.pass(1);
    let (instrument_id, _) = fill(terminal, stage, &case_id, "F21");
    (case_id, instrument_id)
}

fn fill(
    terminal: &Terminal,
    stage: &journeys::Stage,
    case_id: &str,
    form: &str,
) -> (String, Value) {
    let now = casebook::Host::now(stage.clock.as_ref());
    let earlier = now - chrono::TimeDelta::minutes(1);
    let time = |at: chrono::DateTime<chrono::FixedOffset>| {
        at.to_rfc3339_opts(chrono::SecondsFormat::Millis, false)
    };
    let fields = roadside::fields(form, &time(now), &time(earlier));
    roadside::fill(terminal, case_id, form, &fields).unwrap()
}

fn issue(terminal: &Terminal, stage: &journeys::Stage, case_id: &str, form: &str) {
    let (instrument_id, _) = fill(terminal, stage, case_id, form);
    stage.pass(1);
    roadside::sign_and_issue(terminal, &instrument_id, true).unwrap();
}

fn propose(terminal: &Terminal, instrument_id: &str, facts: Value) -> Value {
    let request = json!({ "instrument_id": instrument_id, "facts": facts });
    ask(terminal, "propose_discretion", request)
}

#[test]
fn articles_powers_and_parties_are_found_as_they_are_typed() {
    let (_folder, mut stage) = stage();
    let terminal = on_duty(&mut stage, test_devices());
    let law = |typed: &str| {
        ask(
            &terminal,
            "search_law",
            json!({ "text": typed, "limit": 10 }),
        )
    };
    let hits = law("处罚法第51条");
    assert_eq!(
        (&hits["hits"][0]["law"], &hits["hits"][0]["article"]),
        (&json!("行政处罚法"), &json!("51"))
    );
    let hits = law("拦截");
    let marked = hits["hits"][0]["snippet"].as_array().unwrap();
    assert!(
        marked
            .iter()
            .any(|part| part["is_match"] == true && part["text"] == "拦截"),
        "{hits}"
    );

    let codes = |typed: &str| -> Vec<String> {
        let rows = ask(
            &terminal,
            "violations",
            json!({ "text": typed, "limit": 20 }),
        );
        let rows = rows["violations"].as_array().unwrap().iter();
        rows.map(|row| row["code"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(codes("T9"), ["T9"]);
    assert!(
        codes("wfcx").contains(&"T11-2".to_owned()),
        "given and reckoned initials"
    );
    assert!(
        codes("cxys").contains(&"T10-1".to_owned()),
        "initials inside the title"
    );
    assert!(codes("改装").contains(&"T9".to_owned()));
    assert!(
        !codes("携带营运证").contains(&"T0-CARRY".to_owned()),
        "no longer law"
    );

    roadside::open(&terminal, "one").unwrap();
    stage.pass(5);
    roadside::open(&terminal, "two").unwrap();
    for typed in ["", "王样", "a0002", "wye", "0029"] {
        let met = ask(
            &terminal,
            "recent_parties",
            json!({ "text": typed, "limit": 10 }),
        );
        let met = met["parties"].as_array().unwrap();
        assert_eq!((met.len(), &met[0]["cases"]), (1, &json!(2)), "{typed}");
        assert_eq!(met[0]["party"]["id_no"], "990000199108170029");
    }
    let nobody = ask(
        &terminal,
        "recent_parties",
        json!({ "text": "查无此人", "limit": 10 }),
    );
    assert_eq!(nobody["parties"], json!([]));
    assert_intact(&terminal);
}

#[test]
fn the_assistant_weighs_shows_like_cases_and_leaves_an_entry() {
    let (_folder, mut stage) = stage();
    let terminal = on_duty(&mut stage, test_devices());
    let (_, first) = decision(&terminal, &stage, "one");
    let facts =
        json!({ "circumstances": ["slight"], "notes": { "slight": "超高 0.15 米，未造成损坏" } });
    let shown = propose(&terminal, &first, facts);
    let advice = &shown["advice"];
    assert_eq!(advice["benchmark"]["band"], "一般");
    assert_eq!(
        advice["proposed"],
        json!({ "min_fen": 10_000, "max_fen": 20_000 })
    );
    assert!(
        advice["draft"]
            .as_str()
            .unwrap()
            .contains("超高 0.15 米，未造成损坏")
    );
    assert_eq!(shown["similar"], json!([]), "nothing was decided before");
    stage.pass(1);
    roadside::sign_and_issue(&terminal, &first, true).unwrap();

    stage.pass(60);
    let (_, second) = decision(&terminal, &stage, "two");
    let shown = propose(&terminal, &second, json!({ "circumstances": ["slight"] }));
    let keys: Vec<_> = shown["advice"]["circumstances"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["key"].clone())
        .collect();
    assert_eq!(
        keys,
        ["repeated", "slight"],
        "the same party and lorry within a year"
    );
    let like = &shown["similar"][0];
    let why: Vec<&str> = like["why"]
        .as_array()
        .unwrap()
        .iter()
        .map(|text| text.as_str().unwrap())
        .collect();
    for expected in [
        "违法行为相同",
        "都有情节：危害后果轻微",
        "同一车辆",
        "同一地点（G999 示例线检查点）",
        "三个月以内",
    ] {
        assert!(why.contains(&expected), "{why:?}");
    }
    let entries = bodies(&terminal, "discretion.shown");
    assert_eq!(entries.len(), 2);
    assert_eq!(entries[1]["proposal"], shown, "the whole of what was shown");
    assert_intact(&terminal);
}

#[test]
fn a_fine_off_the_band_that_was_shown_waits_for_a_reason() {
    let (_folder, mut stage) = stage();
    let terminal = on_duty(&mut stage, test_devices());
    let (case_id, decision) = decision(&terminal, &stage, "one");
    let facts = json!({ "circumstances": ["first_time", "corrected_at_once"] });
    let shown = propose(&terminal, &decision, facts);
    assert_eq!(
        shown["advice"]["proposed"],
        json!({ "min_fen": 0, "max_fen": 10_000 })
    );
    stage.pass(1);
    for (slot, name) in [
        ("party", "王样二"),
        ("officer_1", "赵明甲"),
        ("officer_2", "钱思乙"),
    ] {
        roadside::sign(&terminal, &decision, slot, name).unwrap();
    }
    let issue = json!({ "instrument_id": decision });
    let error = no(&terminal, "issue_instrument", issue.clone());
    assert_eq!(code(&error), "gate_closed");
    assert_eq!(error.args["rule"], "2.E-5");
    let flag = |reason: &str| json!({ "case_id": case_id, "flag": "outside_benchmark", "value": true, "reason": reason });
    ask(&terminal, "flag_case", flag(" "));
    assert_eq!(
        code(&no(&terminal, "issue_instrument", issue.clone())),
        "gate_closed"
    );
    ask(&terminal, "flag_case", flag("同一通行证下有两次提醒记录"));
    ask(&terminal, "issue_instrument", issue);
    assert_intact(&terminal);
}

#[test]
fn the_assistant_asks_for_a_violation_first() {
    let (_folder, mut stage) = stage();
    let terminal = on_duty(&mut stage, test_devices());
    let case_id = roadside::open(&terminal, "one").unwrap();
    let start = json!({ "case_id": case_id, "form": "F01", "request_id": "first" });
    let started = ask(&terminal, "start_instrument", start);
    let request = json!({ "instrument_id": started["instrument_id"], "facts": {} });
    let error = no(&terminal, "propose_discretion", request);
    assert_eq!(code(&error), "findings_open");
    assert_eq!(error.findings[0].field, "violation_code");
    assert!(bodies(&terminal, "discretion.shown").is_empty());
}
