//! Gates, truths, parameters and clocks of a pack, over a small pack of their own.

use crate::common::small::Small;
use chrono::{DateTime, FixedOffset};
use forms::procedure::{ApprovalFact, ClockFact, EventFact, InstrumentFact, ReviewFact};
use forms::{Dossier, GateReport, Moment, Pack, Question};
use serde_json::{Value, json};

fn time(text: &str) -> DateTime<FixedOffset> {
    DateTime::parse_from_rfc3339(text).unwrap()
}

fn issued(form: &str, at: &str, value: Value) -> InstrumentFact {
    InstrumentFact {
        instrument_id: format!("{form}-{at}"),
        form: form.to_owned(),
        value,
        issued_at: Some(at.to_owned()),
        ..InstrumentFact::default()
    }
}

fn delivered(form: &str, at: &str, value: Value) -> InstrumentFact {
    InstrumentFact {
        delivered_at: Some(at.to_owned()),
        ..issued(form, at, value)
    }
}

const FILED: &str = "2026-09-16T15:00:00+08:00";
const TOLD: &str = "2026-09-28T15:00:00+08:00";

/// Scenario A3 as far as the decision: filed and approved, reviewed and passed, told on 09-28.
fn ready(fine_fen: i64) -> Dossier {
    let filed = issued("A1", FILED, json!({ "facts": "立案" }));
    let basis = json!([{ "law": "甲法", "article": "1" }]);
    Dossier {
        party: json!({ "kind": "person", "name": "李样三" }),
        opened_at: Some(FILED.to_owned()),
        approvals: vec![ApprovalFact {
            instrument_id: filed.instrument_id.clone(),
            form: "A1".to_owned(),
            stage: "head".to_owned(),
            decision: "approved".to_owned(),
            method: "headquarters".to_owned(),
            at: "2026-09-16T16:00:00+08:00".to_owned(),
            ..ApprovalFact::default()
        }],
        reviews: vec![ReviewFact {
            instrument_id: filed.instrument_id.clone(),
            round: 2,
            is_passed: true,
            at: "2026-09-28T09:00:00+08:00".to_owned(),
            ..ReviewFact::default()
        }],
        instruments: vec![
            filed,
            delivered("A2", TOLD, json!({ "fine_fen": fine_fen, "basis": basis })),
        ],
        ..Dossier::default()
    }
}

fn decision(fine_fen: i64) -> Value {
    json!({ "fine_fen": fine_fen, "basis": [{ "law": "测试甲法", "article": "1" }] })
}

fn ask(small: &Small, pack: &Pack, dossier: &Dossier, value: &Value, now: &str) -> GateReport {
    pack.gates(&Question {
        at: Moment::Issue,
        form: Some("A3"),
        value: Some(value),
        dossier,
        agency: &small.agency(),
        now: time(now),
    })
}

#[track_caller]
fn closed(dossier: &Dossier, value: &Value, now: &str) -> Vec<String> {
    let small = Small::new();
    let report = ask(&small, &small.pack(), dossier, value, now);
    report.closed.into_iter().map(|gate| gate.rule).collect()
}

#[test]
fn a_pack_without_procedures_has_no_gates() {
    let small = Small::new();
    std::fs::remove_file(small.dir().join("procedures.toml")).unwrap();
    let report = ask(
        &small,
        &small.pack(),
        &Dossier::default(),
        &decision(1),
        TOLD,
    );
    assert_eq!(report, GateReport::default());
}

#[test]
fn an_empty_case_is_told_everything_that_is_missing() {
    let rules = closed(&Dossier::default(), &decision(100), TOLD);
    assert_eq!(rules, ["R-FILED", "R-APPROVED", "R-O7"]);
}

/// R-O7: told on 2026-09-28, five working days end on the make-up Saturday 10-10.
#[test]
fn a_decision_waits_for_the_end_of_the_period() {
    let dossier = ready(650_000);
    assert_eq!(
        closed(&dossier, &decision(650_000), "2026-10-10T23:59:00+08:00"),
        ["R-O7"]
    );
    assert_eq!(
        closed(&dossier, &decision(650_000), "2026-10-11T00:00:00+08:00"),
        [""; 0]
    );
    let small = Small::new();
    let report = ask(
        &small,
        &small.pack(),
        &dossier,
        &decision(1),
        "2026-10-09T10:00:00+08:00",
    );
    assert!(
        report.closed[0].text.contains("2026-10-10"),
        "{:?}",
        report.closed
    );
}

#[test]
fn a_clock_that_was_written_down_is_not_reckoned_again() {
    let mut dossier = ready(650_000);
    dossier.clocks.push(ClockFact {
        name: "hearing_request".to_owned(),
        instrument_id: Some(format!("A2-{TOLD}")),
        started_at: TOLD.to_owned(),
        due_on: "2026-10-12".to_owned(),
        ..ClockFact::default()
    });
    assert_eq!(
        closed(&dossier, &decision(650_000), "2026-10-12T10:00:00+08:00"),
        ["R-O7"]
    );
    assert_eq!(
        closed(&dossier, &decision(650_000), "2026-10-13T10:00:00+08:00"),
        [""; 0]
    );
}

#[test]
fn a_waiver_opens_the_gate_early_and_a_new_notice_closes_it() {
    let mut dossier = ready(650_000);
    dossier.flags.insert("waived".to_owned(), json!(true));
    assert_eq!(
        closed(&dossier, &decision(650_000), "2026-09-29T10:00:00+08:00"),
        [""; 0]
    );
    dossier.flags.clear();
    dossier
        .instruments
        .push(issued("A2", "2026-10-12T09:00:00+08:00", decision(650_000)));
    assert_eq!(
        closed(&dossier, &decision(650_000), "2026-10-20T10:00:00+08:00"),
        ["R-O7"]
    );
}

#[test]
fn an_undelivered_notice_starts_nothing() {
    let mut dossier = ready(650_000);
    dossier.instruments[1].delivered_at = None;
    assert_eq!(
        closed(&dossier, &decision(650_000), "2027-01-20T10:00:00+08:00"),
        ["R-O7"]
    );
}

#[test]
fn review_is_needed_from_the_threshold_of_the_agency() {
    let small = Small::new();
    let pack = small.pack();
    let now = "2026-10-13T10:00:00+08:00";
    for (fine_fen, needed) in [(499_999, false), (500_000, true), (650_000, true)] {
        let mut dossier = ready(fine_fen);
        dossier.reviews.clear();
        let report = ask(&small, &pack, &dossier, &decision(fine_fen), now);
        assert_eq!(report.derived["review_needed"], needed, "{fine_fen}");
        let rules: Vec<_> = report
            .closed
            .iter()
            .map(|gate| gate.rule.as_str())
            .collect();
        assert_eq!(rules == ["R-O8"], needed, "{fine_fen}");
    }
}

#[test]
fn a_returned_review_and_a_changed_instrument_do_not_pass() {
    let now = "2026-10-13T10:00:00+08:00";
    let mut dossier = ready(650_000);
    dossier.reviews.push(ReviewFact {
        round: 3,
        is_passed: false,
        at: "2026-10-12T09:00:00+08:00".to_owned(),
        ..dossier.reviews[0].clone()
    });
    assert_eq!(closed(&dossier, &decision(650_000), now), ["R-O8"]);
    let mut dossier = ready(650_000);
    dossier.instruments[0].content_sha256 = Some("aa".to_owned());
    dossier.reviews[0].content_sha256 = Some("bb".to_owned());
    assert_eq!(closed(&dossier, &decision(650_000), now), ["R-O8"]);
}

#[test]
fn an_approval_counts_for_its_stage_until_it_is_taken_back() {
    let now = "2026-10-13T10:00:00+08:00";
    let mut dossier = ready(100);
    dossier.approvals[0].stage = "office".to_owned();
    assert_eq!(closed(&dossier, &decision(100), now), ["R-APPROVED"]);
    let mut dossier = ready(100);
    dossier.approvals.push(ApprovalFact {
        decision: "returned".to_owned(),
        at: "2026-09-17T16:00:00+08:00".to_owned(),
        ..dossier.approvals[0].clone()
    });
    assert_eq!(closed(&dossier, &decision(100), now), ["R-APPROVED"]);
    let mut dossier = ready(100);
    dossier.instruments[0].is_voided = true;
    assert_eq!(
        closed(&dossier, &decision(100), now),
        ["R-FILED", "R-APPROVED"]
    );
}

/// R-S4.
#[test]
fn a_fine_above_the_one_told_is_refused() {
    let now = "2026-10-13T10:00:00+08:00";
    assert_eq!(closed(&ready(100_000), &decision(100_001), now), ["R-S4"]);
    assert_eq!(closed(&ready(100_000), &decision(100_000), now), [""; 0]);
}

#[test]
fn a_basis_written_with_the_short_or_the_full_title_is_the_same() {
    let small = Small::new();
    let now = "2026-10-13T10:00:00+08:00";
    let report = ask(&small, &small.pack(), &ready(100), &decision(100), now);
    assert_eq!(report.warnings, []);
    let mut other = decision(100);
    other["basis"][0]["article"] = json!("3");
    let report = ask(&small, &small.pack(), &ready(100), &other, now);
    assert_eq!(report.warnings[0].rule, "2E-5");
    assert_eq!(report.warnings[0].field, "basis");
}

#[test]
fn an_instrument_of_the_blacklist_is_not_sent_electronically() {
    let small = Small::new();
    let pack = small.pack();
    for (form, method, expected) in [
        ("A3", "electronic", 1),
        ("A3", "direct", 0),
        ("A2", "electronic", 0),
    ] {
        let dossier = Dossier {
            act: json!({ "method": method }),
            ..Dossier::default()
        };
        let report = pack.gates(&Question {
            at: Moment::Deliver,
            form: Some(form),
            value: None,
            dossier: &dossier,
            agency: &small.agency(),
            now: time(TOLD),
        });
        assert_eq!(report.closed.len(), expected, "{form} {method}");
    }
}

#[test]
fn a_case_closes_when_the_clocks_of_the_agency_are_done() {
    let small = Small::new();
    let pack = small.pack();
    let clock = |name: &str, is_done| ClockFact {
        name: name.to_owned(),
        is_done,
        ..ClockFact::default()
    };
    let close = |clocks: Vec<ClockFact>| {
        let dossier = Dossier {
            clocks,
            ..Dossier::default()
        };
        let question = Question {
            at: Moment::Close,
            form: None,
            value: None,
            dossier: &dossier,
            agency: &small.agency(),
            now: time(TOLD),
        };
        pack.gates(&question).closed
    };
    // A limit that nothing ends, such as a remedy of the party, does not keep the case open.
    assert_eq!(
        close(vec![clock("payment", false), clock("withdraw", true)]),
        []
    );
    let open = close(vec![clock("withdraw", false)]);
    assert_eq!(open[0].text, "还有期限没有办结（还没有办结：撤回公示）");
}

#[test]
fn an_unset_parameter_is_told_and_its_condition_does_not_hold() {
    let small = Small::new().change(
        "agencies/test.toml",
        "hearing_person_fen = { value = 500_000, source = \"省政府令\" }",
        "",
    );
    let report = ask(
        &small,
        &small.pack(),
        &ready(650_000),
        &decision(650_000),
        "2026-10-13T10:00:00+08:00",
    );
    assert!(!report.derived["hearing_right"]);
    assert_eq!(report.warnings[0].rule, "parameter_unset");
}

#[test]
fn the_statute_prevails_over_a_weaker_plan() {
    let small = Small::new();
    let (pack, agency) = (small.pack(), small.agency());
    assert_eq!(agency["params"]["withdraw_wd"], 3);
    assert_eq!(pack.parameter(&agency, "withdraw_wd"), Some(json!(3)));
    assert_eq!(
        pack.parameter(&json!({ "params": { "withdraw_wd": 20 } }), "withdraw_wd"),
        Some(json!(3))
    );
    assert_eq!(
        pack.parameter(&json!({ "params": { "withdraw_wd": 2 } }), "withdraw_wd"),
        Some(json!(2))
    );
    assert_eq!(
        pack.parameter(
            &json!({ "params": { "withdraw_wd": "viele" } }),
            "withdraw_wd"
        ),
        Some(json!(3))
    );
    assert_eq!(
        pack.parameter(&agency, "review_scope"),
        Some(json!("catalogue"))
    );
    assert_eq!(pack.parameter(&agency, "nothing"), None);
}

#[track_caller]
fn due(name: &str, value: Value, at: &str) -> (String, String, Option<String>) {
    let small = Small::new();
    let pack = small.pack();
    let limit = pack.time_limit(name).unwrap();
    let deadline = pack
        .deadline(limit, &value, time(at), &small.agency())
        .unwrap();
    (
        deadline.legal_due.to_string(),
        deadline.safe_due.to_string(),
        deadline.due_at.map(|at| at.to_rfc3339()),
    )
}

#[test]
fn clocks_run_in_working_days_hours_and_months() {
    // N3: revoked on 2026-09-29, three working days whatever the plan says.
    let expected = ("2026-10-09".to_owned(), "2026-10-09".to_owned(), None);
    assert_eq!(
        due("withdraw", json!({}), "2026-09-29T10:00:00+08:00"),
        expected
    );
    // 24 hours from the measure itself, not from the paper.
    let (_, _, at) = due(
        "urgent_approval",
        json!({ "acted_at": "2026-09-16T09:05:00+08:00" }),
        "2026-09-16T11:00:00+08:00",
    );
    assert_eq!(at.unwrap(), "2026-09-17T09:05:00+08:00");
    // A duty of the agency keeps its last day, and the safe day is the working day before.
    let (legal, safe, _) = due("court", json!({}), "2026-07-03T09:00:00+08:00");
    assert_eq!(
        (legal.as_str(), safe.as_str()),
        ("2026-10-03", "2026-09-30")
    );
    let (legal, safe, _) = due(
        "measure_term",
        json!({ "ends_on": "2026-10-05" }),
        "2026-09-16T11:00:00+08:00",
    );
    assert_eq!(
        (legal.as_str(), safe.as_str()),
        ("2026-10-05", "2026-09-30")
    );
    let (legal, _, _) = due("measure_term", json!({}), "2026-09-16T11:00:00+08:00");
    assert_eq!(legal, "2026-10-16");
}

#[test]
fn clocks_turn_green_by_a_form_or_an_event() {
    let small = Small::new();
    let pack = small.pack();
    let clock = |name: &str| ClockFact {
        name: name.to_owned(),
        instrument_id: Some("i-1".to_owned()),
        started_at: FILED.to_owned(),
        ..ClockFact::default()
    };
    let mut dossier = Dossier::default();
    assert!(!pack.is_done(&clock("urgent_approval"), &dossier));
    dossier
        .instruments
        .push(issued("A1", "2026-09-16T14:00:00+08:00", json!({})));
    assert!(
        !pack.is_done(&clock("urgent_approval"), &dossier),
        "issued before the clock began"
    );
    dossier.instruments.push(issued("A1", TOLD, json!({})));
    assert!(pack.is_done(&clock("urgent_approval"), &dossier));
    assert!(!pack.is_done(&clock("withdraw"), &dossier));
    let event = |instrument: &str| EventFact {
        event: "withdrawn".to_owned(),
        instrument_id: Some(instrument.to_owned()),
        at: TOLD.to_owned(),
    };
    dossier.events.push(event("i-2"));
    assert!(!pack.is_done(&clock("withdraw"), &dossier));
    dossier.events.push(event("i-1"));
    assert!(pack.is_done(&clock("withdraw"), &dossier));
}

#[test]
fn limits_of_the_case_are_found_by_their_event() {
    let pack = Small::new().pack();
    let names = |limits: Vec<&forms::NamedLimit>| -> Vec<String> {
        limits.into_iter().map(|limit| limit.name.clone()).collect()
    };
    assert_eq!(
        names(pack.time_limits_of_case("flagged:remedies_over")),
        ["court"]
    );
    assert_eq!(names(pack.time_limits_for("A3", "revoked")), ["withdraw"]);
}

/// One gate with the need at hand, asked when A3 is issued.
#[track_caller]
fn need(need: &str, dossier: &Dossier, value: &Value, now: &str) -> Option<String> {
    let small = Small::new();
    let gate = format!(
        "[[gate]]\nrule = \"T\"\nforms = [\"A3\"]\nat = \"issue\"\ntext = \"不行\"\nhint = \"改\"\nneeds = {need}\n"
    );
    std::fs::write(small.dir().join("procedures.toml"), gate).unwrap();
    let report = ask(&small, &small.pack(), dossier, value, now);
    report.closed.into_iter().next().map(|gate| gate.text)
}

#[test]
fn items_that_were_seized_come_back_or_go_on_and_no_others() {
    let rows = |names: &[&str]| {
        let rows: Vec<_> = names
            .iter()
            .map(|name| json!({ "name": name, "quantity": 1 }))
            .collect();
        json!({ "items": rows })
    };
    let dossier = Dossier {
        instruments: vec![issued("A4", FILED, rows(&["车钥匙", "油桶", "油桶"]))],
        ..Dossier::default()
    };
    let equal = r#"{ kind = "rows_equal", path = "items", as = { form = "A4", path = "items" }, by = ["name", "quantity"] }"#;
    let met = |names: &[&str]| need(equal, &dossier, &rows(names), TOLD);
    assert_eq!(met(&["油桶", "车钥匙", "油桶"]), None);
    assert_eq!(met(&["油桶", "车钥匙"]).unwrap(), "不行（缺少“油桶 1”）");
    assert_eq!(
        met(&["油桶", "车钥匙", "油桶", "货物"]).unwrap(),
        "不行（多出“货物 1”）"
    );
}

#[test]
fn the_chair_is_none_of_the_officers() {
    let rule = r#"{ kind = "distinct", people = ["value.officers", "value.chair"] }"#;
    let officers = json!([{ "name": "赵明甲", "credential_no": "1" }, { "name": "钱思乙", "credential_no": "2" }]);
    let value = |chair: &str| json!({ "officers": officers, "chair": chair });
    assert_eq!(
        need(rule, &Dossier::default(), &value("孙主持"), TOLD),
        None
    );
    assert!(need(rule, &Dossier::default(), &value("孙主持、钱思乙"), TOLD).is_some());
}

/// R-S8: two years, five where life or financial safety was harmed.
#[test]
fn an_act_found_out_too_late_is_not_punished() {
    let rule = r#"{ kind = "limitation", on = "value.happened_on", years = 2, years_serious = 5, serious_flag = "harm" }"#;
    let mut dossier = Dossier {
        opened_at: Some(FILED.to_owned()),
        ..Dossier::default()
    };
    let value = |day: &str| json!({ "happened_on": day });
    assert_eq!(need(rule, &dossier, &value("2024-09-16"), TOLD), None);
    assert!(need(rule, &dossier, &value("2024-09-15"), TOLD).is_some());
    dossier.flags.insert("harm".to_owned(), json!(true));
    assert_eq!(need(rule, &dossier, &value("2024-09-15"), TOLD), None);
}

#[test]
fn the_other_needs_hold_what_they_promise() {
    let empty = Dossier::default();
    let nothing = json!({});
    let filed = Dossier {
        instruments: vec![
            delivered("A1", FILED, json!({ "fine_fen": 500 })),
            issued("A4", FILED, json!({ "acted_at": FILED })),
        ],
        evidence_count: 1,
        ..Dossier::default()
    };
    let cases: &[(&str, &Dossier, Value, bool)] = &[
        (r#"{ kind = "never" }"#, &filed, nothing.clone(), false),
        (
            r#"{ kind = "issued", forms = ["A1", "A2"] }"#,
            &filed,
            nothing.clone(),
            false,
        ),
        (
            r#"{ kind = "issued", forms = ["A1", "A2"], any = true }"#,
            &filed,
            nothing.clone(),
            true,
        ),
        (
            r#"{ kind = "delivered", forms = ["A1"] }"#,
            &filed,
            nothing.clone(),
            true,
        ),
        (
            r#"{ kind = "delivered", forms = ["A4"] }"#,
            &filed,
            nothing.clone(),
            false,
        ),
        (
            r#"{ kind = "absent", forms = ["A1"] }"#,
            &filed,
            nothing.clone(),
            false,
        ),
        (
            r#"{ kind = "absent", forms = ["A1"] }"#,
            &empty,
            nothing.clone(),
            true,
        ),
        (r#"{ kind = "recorded" }"#, &empty, nothing.clone(), false),
        (r#"{ kind = "recorded" }"#, &filed, nothing.clone(), true),
        (
            r#"{ kind = "recorded", kinds = ["video"] }"#,
            &filed,
            nothing.clone(),
            false,
        ),
        (
            r#"{ kind = "flag", name = "x", is = [true] }"#,
            &filed,
            nothing.clone(),
            false,
        ),
        (
            r#"{ kind = "flag", name = "x", is_not = [true] }"#,
            &filed,
            nothing.clone(),
            true,
        ),
        (
            r#"{ kind = "told", notice = "RN-5" }"#,
            &filed,
            nothing.clone(),
            false,
        ),
        (
            r#"{ kind = "deliberated" }"#,
            &filed,
            nothing.clone(),
            false,
        ),
        (
            r#"{ kind = "within", limit = "urgent_approval", of = "A4" }"#,
            &filed,
            nothing.clone(),
            false,
        ),
        (
            r#"{ kind = "not_before", path = "value.hearing_on", limit = "hearing_request" }"#,
            &filed,
            json!({ "hearing_on": "2026-10-09" }),
            false,
        ),
        (
            r#"{ kind = "not_before", path = "value.hearing_on", limit = "hearing_request" }"#,
            &filed,
            json!({ "hearing_on": "2026-10-10" }),
            true,
        ),
        (
            r#"{ kind = "in_force", paths = ["value.basis"], on = "value.happened_on" }"#,
            &filed,
            json!({ "happened_on": "2026-01-01", "basis": [{ "law": "乙法", "article": "1" }] }),
            false,
        ),
        (
            r#"{ kind = "in_force", paths = ["value.basis"], on = "value.happened_on" }"#,
            &filed,
            json!({ "happened_on": "2020-01-01", "basis": [{ "law": "乙法", "article": "1" }] }),
            true,
        ),
        (
            r#"{ kind = "paid", of = "A1", path = "fine_fen" }"#,
            &filed,
            nothing.clone(),
            false,
        ),
        (
            r#"{ kind = "holds", any = [[{ path = "issued.A1.count", at_least = 1 }]] }"#,
            &filed,
            nothing.clone(),
            true,
        ),
        (
            r#"{ kind = "any_of", needs = [{ kind = "never" }, { kind = "issued", forms = ["A1"] }] }"#,
            &filed,
            nothing.clone(),
            true,
        ),
        (
            r#"{ kind = "all_of", needs = [{ kind = "never" }, { kind = "issued", forms = ["A1"] }] }"#,
            &filed,
            nothing.clone(),
            false,
        ),
    ];
    for (rule, dossier, value, is_met) in cases {
        let answer = need(rule, dossier, value, TOLD);
        assert_eq!(answer.is_none(), *is_met, "{rule}: {answer:?}");
    }
}

#[track_caller]
fn refused(small: Small, reason: &str) {
    let fault = small.load().err().expect("the pack is refused").to_string();
    assert!(fault.contains(reason), "{fault}");
}

#[test]
fn truths_in_a_circle_are_refused_at_load() {
    refused(
        Small::new().change(
            "procedures.toml",
            "[{ path = \"party.kind\", is = [\"person\"] }, { path = \"value.fine_fen\"",
            "[{ path = \"derived.review_needed\", is = [true] }, { path = \"value.fine_fen\"",
        ),
        "in a circle: review_needed, hearing_right",
    );
}

#[test]
fn what_procedures_misspell_is_refused_at_load() {
    let change = |from: &str, to: &str| Small::new().change("procedures.toml", from, to);
    refused(
        change("derived.hearing_right", "derived.hearing_rigth"),
        "there is no truth hearing_rigth",
    );
    refused(
        change("params.review_scope", "params.review_scoop"),
        "parameters.toml has no review_scoop",
    );
    refused(
        change("{ param = \"hearing_person_fen\" }", "{ param = \"x\" }"),
        "parameters.toml has no x",
    );
    refused(
        change("{ param = \"hearing_person_fen\" }", "{ parm = \"x\" }"),
        "compared with something unknown",
    );
    refused(
        change("act.method", "acts.method"),
        "begins with no known word",
    );
    refused(change("at = \"close\"", ""), "says no moment");
    refused(
        change("kind = \"clocks_done\"", "kind = \"clocks_gone\""),
        "procedures.toml:",
    );
    refused(
        change(
            "is = [\"electronic\"] }",
            "is = [\"electronic\"], exists = true }",
        ),
        "compared in 2 ways",
    );
    let deep =
        "{ kind = \"all_of\", needs = [".repeat(6) + "{ kind = \"never\" }" + &"] }".repeat(6);
    refused(change("{ kind = \"never\" }", &deep), "nested deeper");
}
