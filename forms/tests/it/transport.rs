//! The law of the transport pack as cases meet it: gates by the name of their rule, clocks, agency profiles.

use crate::common;
use std::fs;
use std::path::Path;

use crate::common::{agency, day, dir, pack, time};
use forms::procedure::{
    ApprovalFact, InspectionCodeFact, InstrumentFact, RecordingFact, ReviewFact, ToldFact,
};
use forms::{Agency, Dossier, GateReport, LintOptions, LintSeverity, Moment, Question, lint};
use serde_json::{Value, json};

const PROFILES: [&str; 6] = [
    "example",
    "s0-xinyang",
    "s1-huoqiu",
    "s2-shuangbai",
    "s3-xuchang",
    "s4-xinzhou",
];

fn profile(name: &str) -> Agency {
    Agency::load(&dir().join(format!("agencies/{name}.toml"))).unwrap()
}

#[test]
fn the_pack_and_its_profiles_have_nothing_the_lint_calls_an_error() {
    let agencies = PROFILES.map(|name| dir().join(format!("agencies/{name}.toml")));
    let options = LintOptions {
        on: day("2026-03-10"),
        until: None,
        agencies: agencies.to_vec(),
    };
    let findings = lint(&dir(), &options);
    let errors = findings
        .iter()
        .filter(|one| one.severity == LintSeverity::Error);
    let errors: Vec<_> = errors.map(ToString::to_string).collect();
    assert_eq!(errors, Vec::<String>::new());
}

/// A case as acts build it up; every time is 2026, Asia/Shanghai.
#[derive(Clone, Default)]
struct Case(Dossier);

fn at(text: &str) -> String {
    format!("2026-{}:00+08:00", text.replace(' ', "T"))
}

impl Case {
    fn new(party: Value) -> Self {
        Self(Dossier {
            party,
            opened_at: Some(at("09-16 09:00")),
            presented_at: Some(at("09-16 09:01")),
            ..Dossier::default()
        })
    }

    fn issue(mut self, form: &str, when: &str, value: Value) -> Self {
        self.0.instruments.push(InstrumentFact {
            instrument_id: format!("{form} {when}"),
            form: form.to_owned(),
            value,
            issued_at: Some(at(when)),
            ..InstrumentFact::default()
        });
        self
    }

    fn deliver(mut self, form: &str, when: &str) -> Self {
        let mine = self.0.instruments.iter_mut().rev();
        let last = mine.into_iter().find(|item| item.form == form).unwrap();
        last.delivered_at = Some(at(when));
        self
    }

    fn approve(mut self, form: &str, when: &str) -> Self {
        let id = self.0.newest(form).unwrap().instrument_id.clone();
        self.0.approvals.push(ApprovalFact {
            instrument_id: id,
            form: form.to_owned(),
            stage: "head".to_owned(),
            decision: "approved".to_owned(),
            method: "headquarters".to_owned(),
            at: at(when),
            ..ApprovalFact::default()
        });
        self
    }

    fn review(mut self, when: &str, is_passed: bool) -> Self {
        let id = self.0.newest("F25").unwrap().instrument_id.clone();
        self.0.reviews.push(ReviewFact {
            instrument_id: id,
            round: 1,
            is_passed,
            reviewer: "周审核".to_owned(),
            qualification_no: "A1".to_owned(),
            at: at(when),
            ..ReviewFact::default()
        });
        self
    }

    fn tell(mut self, notice: &str, when: &str) -> Self {
        self.0.told.push(ToldFact {
            notice: notice.to_owned(),
            told_at: at(when),
            ..ToldFact::default()
        });
        self
    }

    fn film(mut self) -> Self {
        self.0.recordings.push(RecordingFact {
            kind: "video".to_owned(),
            ..RecordingFact::default()
        });
        self
    }

    fn flag(mut self, name: &str) -> Self {
        self.0.flags.insert(name.to_owned(), json!(true));
        self
    }

    fn without(mut self, form: &str) -> Self {
        self.0.instruments.retain(|item| item.form != form);
        self
    }

    fn gates(
        &self,
        agency: &str,
        moment: Moment,
        form: Option<&str>,
        value: &Value,
        now: &str,
    ) -> GateReport {
        let pack = pack();
        pack.gates(&Question {
            at: moment,
            form,
            value: form.map(|_| value),
            dossier: &self.0,
            agency: &pack.agency_value(&profile(agency)),
            now: time(&at(now)),
        })
    }

    #[track_caller]
    fn closed(&self, moment: Moment, form: &str, value: &Value, now: &str) -> Vec<String> {
        let form = (!form.is_empty()).then_some(form);
        let report = self.gates("example", moment, form, value, now);
        report.closed.into_iter().map(|gate| gate.rule).collect()
    }

    fn warned(&self, moment: Moment, form: &str, value: &Value, now: &str) -> Vec<String> {
        let form = (!form.is_empty()).then_some(form);
        let report = self.gates("example", moment, form, value, now);
        report
            .warnings
            .into_iter()
            .map(|warning| warning.rule)
            .collect()
    }
}

fn owner_driver() -> Value {
    json!({ "kind": "person", "name": "李样三", "id_no": "990000197902260030" })
}

fn firm() -> Value {
    json!({ "kind": "organisation", "org_name": "示例物流有限公司", "uscc": "91990000MA007E5707" })
}

fn officers() -> Value {
    json!([{ "name": "赵明甲", "credential_no": "99010001" }, { "name": "钱思乙", "credential_no": "99010002" }])
}

/// Scenario A3: 13.4 t over the limit, 6,500 元.
fn facts(party: &Value, fine: &str) -> Value {
    json!({
        "officers": officers(), "party": party, "violation_code": "T11-2", "penalty_kind": "fine", fine: 650_000,
        "happened_at": at("09-16 08:40"), "facts": "超限 13400 千克。",
        "violated": [{ "law": "超限运输车辆行驶公路管理规定", "article": "3" }],
        "basis": [{ "law": "公路安全保护条例", "article": "64" }], "discretion": "normal", "payment": "bank",
    })
}

fn notice(party: &Value, hearing_right: bool) -> Value {
    let mut value = facts(party, "proposed_fine_fen");
    value["hearing_right"] = json!(hearing_right);
    value
}

fn decision(party: &Value) -> Value {
    facts(party, "fine_fen")
}

/// Told on the afternoon of 09-28 after the review passed that morning.
fn told(party: &Value, hearing_right: bool) -> Case {
    Case::new(party.clone())
        .issue("F16", "09-16 09:10", json!({}))
        .issue("F01", "09-16 09:20", json!({}))
        .issue("F10", "09-16 09:40", json!({}))
        .deliver("F10", "09-16 09:41")
        .issue("F22", "09-16 15:00", json!({ "officers": officers() }))
        .approve("F22", "09-16 16:00")
        .issue("F24", "09-21 10:00", facts(party, "proposed_fine_fen"))
        .approve("F24", "09-22 10:00")
        .issue("F25", "09-23 09:00", json!({}))
        .review("09-24 09:00", false)
        .issue("F25", "09-28 08:30", json!({ "round": 2 }))
        .review("09-28 09:30", true)
        .issue("F26", "09-28 15:00", notice(party, hearing_right))
        .deliver("F26", "09-28 15:30")
}

#[test]
fn scenario_a3_waits_for_the_make_up_saturday_to_end() {
    let case = told(&owner_driver(), true);
    let value = decision(&owner_driver());
    let late = case.closed(Moment::Issue, "F32", &value, "10-10 23:59");
    assert_eq!(late, ["R-O7", "R-O7"]);
    assert_eq!(
        case.closed(Moment::Issue, "F32", &value, "10-11 00:00"),
        [""; 0]
    );
    assert_eq!(
        case.closed(Moment::Issue, "F32", &value, "10-13 09:00"),
        [""; 0]
    );
    let report = case.gates("example", Moment::Issue, Some("F32"), &value, "10-13 09:00");
    assert!(report.derived["hearing_right"] && report.derived["review_needed"]);
    assert!(!report.derived["is_major"]);
    assert_eq!(report.warnings, []);
}

#[test]
fn a_firm_below_the_threshold_has_no_hearing_right() {
    let case = told(&firm(), false);
    let report = case.gates(
        "example",
        Moment::Issue,
        Some("F26"),
        &notice(&firm(), false),
        "09-28 14:00",
    );
    assert!(!report.derived["hearing_right"]);
    assert_eq!(report.closed, []);
    let refused = case.closed(
        Moment::Issue,
        "F26",
        &notice(&owner_driver(), false),
        "09-28 14:00",
    );
    assert_eq!(refused, ["R-O3"]);
}

/// What one change of the lawful case of A3 makes of its decision on 10-13.
#[test]
fn every_gate_of_an_ordinary_decision_is_named_by_its_rule() {
    let party = owner_driver();
    let good = || told(&party, true);
    let value = decision(&party);
    let changed = |path: &str, new: Value| {
        let mut value = value.clone();
        common::put(&mut value, path, new);
        value
    };
    let cases: Vec<(&str, Case, Value)> = vec![
        ("R-O1", good().without("F22"), value.clone()),
        ("2.E-3", good().without("F24"), value.clone()),
        ("R-O7", good().without("F26"), value.clone()),
        ("R-O8", good().without("F25"), value.clone()),
        (
            "R-O8",
            good()
                .issue("F25", "10-12 09:00", json!({}))
                .review("10-12 10:00", false),
            value.clone(),
        ),
        ("R-O4", good().flag("hearing_requested"), value.clone()),
        ("R-O9", good().flag("complex"), value.clone()),
        ("R-P5", good().flag("recusal_requested"), value.clone()),
        ("R-S11", good().flag("suspected_crime"), value.clone()),
        ("R-S12", good().flag("electronic_monitoring"), value.clone()),
        ("R-S4", good(), changed("fine_fen", json!(700_000))),
        (
            "R-S8",
            good(),
            changed("happened_at", json!("2024-09-15T09:00:00+08:00")),
        ),
        ("2.E-5", good(), changed("violation_code", json!("T10-3"))),
        (
            "2.E-5",
            good(),
            changed("basis", json!([{ "law": "公路法", "article": "76" }])),
        ),
        (
            "2.E-4",
            good(),
            changed("party.id_no", json!("990000198803050016")),
        ),
        (
            "R-E3",
            good().issue("F11", "09-16 10:00", json!({ "urgent": "yes" })),
            value.clone(),
        ),
    ];
    for (rule, case, value) in cases {
        let closed = case.closed(Moment::Issue, "F32", &value, "10-13 09:00");
        assert!(closed.iter().any(|name| name == rule), "{rule}: {closed:?}");
    }
}

#[test]
fn a_plain_waiver_opens_the_decision_earlier() {
    let party = owner_driver();
    let value = decision(&party);
    let waived =
        |what: &str| told(&party, true).issue("F27-2", "09-29 10:00", json!({ "waived": what }));
    assert_eq!(
        waived("both").closed(Moment::Issue, "F32", &value, "09-29 11:00"),
        [""; 0]
    );
    assert_eq!(
        waived("representation").closed(Moment::Issue, "F32", &value, "09-29 11:00"),
        ["R-O7"]
    );
}

#[test]
fn coercion_needs_approval_notice_record_and_film() {
    let party = owner_driver();
    let value = json!({ "party": party, "items": [{ "name": "货车", "specification": "示A", "quantity": "1 辆" }] });
    let bare = Case::new(party.clone());
    assert_eq!(
        bare.closed(Moment::Issue, "F12", &value, "09-16 10:00"),
        ["R-E2", "R-E2"]
    );
    let urgent = bare
        .issue(
            "F11",
            "09-16 09:50",
            json!({ "urgent": "yes", "carried_out_at": at("09-16 09:45") }),
        )
        .tell("RN-8", "09-16 09:44");
    assert_eq!(
        urgent.closed(Moment::Issue, "F12", &value, "09-16 10:00"),
        [""; 0]
    );
    let seized = urgent.clone().issue("F12", "09-16 10:00", value.clone());
    assert_eq!(
        seized.closed(Moment::Deliver, "F12", &value, "09-16 10:01"),
        ["R-E2", "R-E2"]
    );
    let lawful = seized.issue("F02", "09-16 10:02", json!({})).film();
    assert_eq!(
        lawful.closed(Moment::Deliver, "F12", &value, "09-16 10:05"),
        [""; 0]
    );
    let returned = |items: Value| {
        lawful.closed(
            Moment::Issue,
            "F14",
            &json!({ "items": items }),
            "09-16 15:00",
        )
    };
    assert_eq!(returned(value["items"].clone()), [""; 0]);
    assert_eq!(
        returned(json!([{ "name": "手机", "specification": "无", "quantity": "1" }])),
        ["2.E-6"]
    );
    let closing = lawful.closed(Moment::Close, "", &Value::Null, "09-17 09:00");
    assert!(
        ["R-E4", "R-E8"]
            .iter()
            .all(|rule| closing.contains(&(*rule).to_owned())),
        "{closing:?}"
    );
    let entrusted = {
        let pack = pack();
        let mut agency = pack.agency_value(&agency());
        agency["params"]["is_entrusted_organisation"] = json!(true);
        pack.gates(&Question {
            at: Moment::Start,
            form: Some("F12"),
            value: Some(&value),
            dossier: &urgent.0,
            agency: &agency,
            now: time(&at("09-16 10:00")),
        })
    };
    assert_eq!(entrusted.closed[0].rule, "R-P6");
    let unapproved = Case::new(party).issue("F06", "09-16 10:00", json!({}));
    assert_eq!(
        unapproved.closed(Moment::Start, "F07", &json!({}), "09-16 10:01"),
        ["R-E1"]
    );
    let approved = unapproved.approve("F06", "09-16 10:02");
    assert_eq!(
        approved.closed(Moment::Start, "F07", &json!({}), "09-16 10:03"),
        [""; 0]
    );
}

#[test]
fn an_extension_comes_once_and_in_time() {
    let value = json!({ "from_on": "2026-09-16", "to_on": "2026-10-15" });
    let seized = Case::new(owner_driver())
        .issue("F12", "09-16 10:00", value)
        .deliver("F12", "09-16 10:05");
    assert_eq!(
        seized.closed(Moment::Issue, "F13", &json!({}), "10-14 09:00"),
        [""; 0]
    );
    assert_eq!(
        seized.closed(Moment::Issue, "F13", &json!({}), "10-16 09:00"),
        ["R-E5"]
    );
    let extended = seized.issue("F13", "10-14 09:00", json!({}));
    assert_eq!(
        extended.closed(Moment::Issue, "F13", &json!({}), "10-14 10:00"),
        ["R-E5"]
    );
    assert_eq!(
        extended.closed(Moment::Deliver, "F13", &json!({}), "10-14 10:00"),
        ["R-E5"]
    );
}

#[test]
fn hearings_are_announced_early_and_led_by_others() {
    let case = told(&owner_driver(), true).flag("hearing_requested");
    let hearing =
        |on: &str, host: &str| json!({ "hearing_at": at(&format!("{on} 09:00")), "host": host });
    assert_eq!(
        case.closed(
            Moment::Issue,
            "F28",
            &hearing("10-13", "吴主持"),
            "09-29 10:00"
        ),
        ["R-O5"]
    );
    assert_eq!(
        case.closed(
            Moment::Issue,
            "F28",
            &hearing("10-14", "吴主持"),
            "09-29 10:00"
        ),
        [""; 0]
    );
    assert!(
        case.closed(
            Moment::Issue,
            "F28",
            &hearing("10-14", "赵明甲"),
            "09-29 10:00"
        )
        .contains(&"R-P7".to_owned())
    );
}

#[test]
fn money_is_collected_demanded_and_enforced_in_order() {
    let party = owner_driver();
    let decided = told(&party, true)
        .issue("F32", "10-13 10:00", decision(&party))
        .deliver("F32", "10-13 11:00");
    let small = json!({ "reason": "small", "party_asked": false });
    assert_eq!(
        decided.closed(Moment::Issue, "F37", &small, "10-14 09:00"),
        ["R-M2"]
    );
    assert_eq!(
        Case::new(party.clone()).closed(Moment::Issue, "F37", &small, "10-14 09:00"),
        ["R-M2"]
    );
    let deferral = decided.clone().issue(
        "F36",
        "10-20 09:00",
        json!({ "outcome": "deferred", "deferred_to": "2026-11-30" }),
    );
    assert_eq!(
        deferral.closed(Moment::Deliver, "F36", &json!({}), "10-20 10:00"),
        ["R-M5"]
    );
    let demand = json!({ "has_payment": "yes", "pay_by": "2026-10-28" });
    assert_eq!(
        decided.closed(Moment::Issue, "F38", &demand, "10-28 10:00"),
        ["R-M6"]
    );
    assert_eq!(
        decided.closed(Moment::Issue, "F38", &demand, "10-29 10:00"),
        [""; 0]
    );
    let demanded = decided
        .issue("F38", "10-29 10:00", demand)
        .deliver("F38", "10-29 11:00");
    let court = demanded.closed(Moment::Issue, "F43", &json!({}), "11-12 09:00");
    assert_eq!(court, ["R-M6", "R-M6"]);
    let sell = demanded.warned(
        Moment::Issue,
        "F39",
        &json!({ "way": "auction" }),
        "11-02 10:00",
    );
    assert!(sell.contains(&"R-M7".to_owned()), "{sell:?}");
    let own = demanded.closed(
        Moment::Issue,
        "F39",
        &json!({ "way": "demolish" }),
        "11-02 10:00",
    );
    assert_eq!(own, ["R-M6", "R-M6"]);
    let late = demanded.warned(
        Moment::Issue,
        "F39",
        &json!({ "way": "surcharge", "execute_at": at("11-07 23:00") }),
        "11-02 10:00",
    );
    assert_eq!(late, ["R-E9", "R-E9"]);
    let performed = demanded
        .clone()
        .issue("F40", "11-02 10:00", json!({ "route": "demanded" }))
        .deliver("F40", "11-02 11:00");
    assert_eq!(
        performed.closed(Moment::Issue, "F40-2", &json!({}), "11-05 12:00"),
        ["R-E10"]
    );
    assert_eq!(
        performed.closed(Moment::Issue, "F40-2", &json!({}), "11-06 12:00"),
        [""; 0]
    );
}

#[test]
fn a_case_is_not_closed_with_something_missing() {
    let party = owner_driver();
    let fined = Case::new(party.clone()).issue(
        "F21",
        "09-16 10:00",
        json!({ "penalty_kind": "fine", "fine_fen": 15_000 }),
    );
    let closing = fined.closed(Moment::Close, "", &Value::Null, "09-17 09:00");
    assert_eq!(closing, ["R-S10", "2.E-9"]);
    let lawful = fined
        .deliver("F21", "09-16 10:01")
        .issue("F10", "09-16 10:00", json!({}))
        .deliver("F10", "09-16 10:01");
    assert_eq!(
        lawful.closed(Moment::Close, "", &Value::Null, "09-17 09:00"),
        [""; 0]
    );
    assert!(
        lawful
            .warned(Moment::Close, "", &Value::Null, "09-17 09:00")
            .contains(&"R-M1".to_owned())
    );
    let ordinary = told(&party, true)
        .issue("F32", "10-13 10:00", decision(&party))
        .deliver("F32", "10-13 11:00");
    assert_eq!(
        ordinary.closed(Moment::Close, "", &Value::Null, "10-14 09:00"),
        ["2.E-3", "R-M1"]
    );
}

#[test]
fn the_scope_of_review_is_the_agency_s() {
    let value =
        json!({ "party": owner_driver(), "violation_code": "T11-1", "penalty_kind": "warning" });
    let needs = |agency: &str, form: &str| {
        let report = Case::new(owner_driver()).gates(
            agency,
            Moment::Issue,
            Some(form),
            &value,
            "09-16 10:00",
        );
        report.closed.iter().any(|gate| gate.rule == "R-O8")
    };
    assert!(!needs("s0-xinyang", "F21") && needs("s0-xinyang", "F32"));
    assert!(!needs("s1-huoqiu", "F21") && !needs("s1-huoqiu", "F32"));
    assert!(needs("s3-xuchang", "F21") && needs("s3-xuchang", "F32"));
}

#[test]
fn small_choices_of_procedure_are_pointed_out() {
    let case = Case::new(owner_driver());
    let driver = json!({ "party": owner_driver(), "violation_code": "T4", "penalty_kind": "fine", "fine_fen": 20_000 });
    assert!(
        case.warned(Moment::Issue, "F21", &driver, "09-16 10:00")
            .contains(&"R-S3".to_owned())
    );
    let fined = case.issue("F21", "09-16 10:00", driver.clone());
    assert!(
        fined
            .warned(Moment::Issue, "F21", &driver, "09-16 10:00")
            .contains(&"R-S5".to_owned())
    );
    let mut known = Case::new(owner_driver());
    known.0.history = json!({
        "decisions": [{ "violation_code": "T11-2" }],
        "vehicle_12_months": { "超限": 3 },
    });
    let again = known.warned(
        Moment::Issue,
        "F26",
        &notice(&owner_driver(), true),
        "09-28 14:00",
    );
    assert!(
        ["R-S5", "T14"]
            .iter()
            .all(|rule| again.contains(&(*rule).to_owned())),
        "{again:?}"
    );
    assert_eq!(
        Case::new(firm()).closed(
            Moment::Issue,
            "F33",
            &json!({ "rectified": "done" }),
            "09-16 10:00"
        ),
        ["R-S7"]
    );
}

#[test]
fn an_enterprise_is_inspected_with_approval_and_code() {
    let case = Case::new(firm()).issue("F18", "05-11 09:00", json!({ "urgent": "no" }));
    let closed = |case: &Case| case.closed(Moment::Issue, "F19", &json!({}), "05-13 10:00");
    assert_eq!(closed(&case), ["D68-plan", "D66-code"]);
    let mut approved = case.approve("F18", "05-11 10:00");
    approved.0.inspection_codes.push(InspectionCodeFact {
        outcome: "valid".to_owned(),
        ..InspectionCodeFact::default()
    });
    assert_eq!(closed(&approved), [""; 0]);
}

#[test]
fn leaving_and_electronic_service_have_their_conditions() {
    let mut case = Case::new(owner_driver()).issue("F32", "10-13 10:00", json!({}));
    case.0.act = json!({ "method": "left" });
    assert_eq!(
        case.closed(Moment::Deliver, "F32", &json!({}), "10-13 11:00"),
        ["R-O10"]
    );
    case.0.act = json!({ "method": "left", "witness_name": "见证人" });
    assert_eq!(
        case.closed(Moment::Deliver, "F32", &json!({}), "10-13 11:00"),
        [""; 0]
    );
    case.0.act = json!({ "method": "electronic" });
    assert_eq!(
        case.closed(Moment::Deliver, "F32", &json!({}), "10-13 11:00"),
        ["R-O10", "R-O10"]
    );
    let agreed = case.issue("F34", "10-13 10:00", json!({ "electronic": "yes" }));
    assert_eq!(
        agreed.closed(Moment::Deliver, "F26", &json!({}), "10-13 11:00"),
        [""; 0]
    );
}

#[test]
fn clocks_end_on_the_days_the_scenarios_say() {
    let pack = pack();
    let agency = pack.agency_value(&agency());
    for (name, from, value, due) in [
        ("av_upload", "03-10 10:15", json!({}), "2026-03-11 10:15"),
        ("ordinary_decision", "09-16 15:00", json!({}), "2026-12-15"),
        ("review", "09-23 09:00", json!({}), "2026-10-10"),
        ("hearing_request", "09-28 15:30", json!({}), "2026-10-10"),
        ("representation", "09-28 15:30", json!({}), "2026-10-10"),
        ("payment", "10-13 11:00", json!({}), "2026-10-28"),
        ("disclosure", "10-13 10:00", json!({}), "2026-10-22"),
        ("overload_notice", "03-10 10:00", json!({}), "2026-03-19"),
        ("disclosure_general", "05-13 15:00", json!({}), "2026-06-10"),
        ("late_code", "05-13 10:00", json!({}), "2026-05-18"),
        ("withdrawal", "09-29 10:00", json!({}), "2026-10-09"),
        ("registration", "02-12 10:00", json!({}), "2026-02-28"),
        (
            "cash_to_agency",
            "09-20 10:00",
            json!({ "collected_at": at("09-18 10:00") }),
            "2026-09-21",
        ),
        (
            "urgent_measure",
            "09-16 10:00",
            json!({ "carried_out_at": at("09-16 09:45") }),
            "2026-09-17 09:45",
        ),
        ("lawsuit", "10-13 11:00", json!({}), "2027-04-13"),
        ("court_application", "10-13 11:00", json!({}), "2027-07-13"),
        ("demand", "09-18 11:00", json!({}), "2026-10-09"),
        ("crime_decision", "09-24 11:00", json!({}), "2026-09-27"),
        (
            "crime_decision_latest",
            "09-24 11:00",
            json!({}),
            "2026-09-30",
        ),
        (
            "payment_deferred",
            "10-20 11:00",
            json!({ "deferred_to": "2026-11-30" }),
            "2026-11-30",
        ),
    ] {
        let limit = pack.time_limit(name).unwrap_or_else(|| panic!("{name}"));
        let found = pack
            .deadline(limit, &value, time(&at(from)), &agency)
            .unwrap_or_else(|| panic!("{name}"));
        let found = match found.due_at {
            Some(minute) => minute.format("%Y-%m-%d %H:%M").to_string(),
            None => found.legal_due.to_string(),
        };
        assert_eq!(found, due, "{name}");
    }
    let seizure = pack.time_limit("seizure").unwrap();
    let taken = pack
        .deadline(seizure, &json!({}), time(&at("09-05 10:00")), &agency)
        .unwrap();
    assert_eq!(
        (taken.legal_due, taken.safe_due),
        (day("2026-10-05"), day("2026-09-30"))
    );
}

#[test]
fn profiles_hold_what_their_plans_say() {
    let pack = pack();
    for name in PROFILES {
        let agency = profile(name);
        for (key, set) in &agency.parameters {
            let declared = pack.parameters().find(|parameter| &parameter.key == key);
            assert!(
                declared.is_some_and(|declared| declared.accepts(&set.value)),
                "{name}: {key}"
            );
            assert!(!set.source.is_empty(), "{name}: {key}");
        }
        let series: Vec<_> = pack
            .forms()
            .filter_map(|form| form.number_series.clone())
            .collect();
        let missing: Vec<_> = series
            .iter()
            .filter(|series| agency.pattern(series).is_none())
            .collect();
        assert!(missing.is_empty(), "{name}: {missing:?}");
    }
    let holds = |name: &str, key: &str| {
        pack.parameter(&profile(name).value(), key)
            .unwrap_or_default()
    };
    for (key, expected) in [
        (
            "annual_report_due",
            ["01-25", "01-15", "01-31", "01-31", "01-31"],
        ),
        (
            "review_scope",
            [
                "ordinary_penalties",
                "catalogue",
                "catalogue",
                "all_penalties",
                "catalogue",
            ],
        ),
        (
            "publish_exception_level",
            [
                "rules",
                "regulations",
                "regulations",
                "rules",
                "administrative_regulations",
            ],
        ),
        (
            "credential_show",
            ["show", "show_all", "show", "wear_and_show", "show"],
        ),
        (
            "disagreement",
            [
                "consult_then_deliberate",
                "resubmit",
                "coordination",
                "consult_then_deliberate",
                "coordination",
            ],
        ),
    ] {
        for (name, expected) in PROFILES.iter().skip(1).zip(expected) {
            assert_eq!(holds(name, key), expected, "{name}: {key}");
        }
    }
    // A plan weaker than the statute does not prevail.
    assert_eq!(profile("s0-xinyang").parameters["withdraw_wd"].value, 20);
    assert_eq!(holds("s0-xinyang", "withdraw_wd"), 3);
    assert_eq!(
        (
            holds("s1-huoqiu", "av_upload_hours"),
            holds("s1-huoqiu", "archive_days")
        ),
        (json!(24), json!(30))
    );
    assert_eq!(holds("s0-xinyang", "archive_days"), Value::Null);
    assert_eq!(
        holds("s1-huoqiu", "review_opinions"),
        json!(["agree", "correct", "transfer"])
    );
    assert_eq!(
        holds("s4-xinzhou", "review_extra_items"),
        json!(["arbitrary_fine"])
    );
    assert_eq!(holds("s1-huoqiu", "privacy_extra"), json!(["minors"]));
    assert_eq!(
        holds("s3-xuchang", "original_av_rule"),
        json!(["no_edit", "no_release"])
    );
}

/// The plans are not part of the repository; where they lie beside it, every quotation is found in its plan.
#[test]
fn quotations_stand_in_the_plans_they_come_from() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/domain/sources");
    for name in PROFILES {
        for (key, set) in profile(name).parameters {
            let is_plan = set.source.starts_with('S') && set.source.ends_with(".txt");
            assert_eq!(is_plan, !set.cite.is_empty(), "{name}: {key}");
            if let (true, Ok(plan)) = (is_plan, fs::read_to_string(sources.join(&set.source))) {
                assert!(plan.contains(&set.cite), "{name}: {key}");
            }
        }
    }
}
