//! Which procedures a case follows, and how far it is in each; evidence numbers that nothing bears.

use crate::common::small::Small;
use chrono::DateTime;
use forms::procedure::{ApprovalFact, InstrumentFact, ToldFact};
use forms::{Dossier, Moment, Pack, Question, StepState};
use serde_json::{Value, json};

const PROCEDURES: &str = r#"
[[derive]]
name = "ordinary_case"
any = [[{ path = "started.A1.count", at_least = 1 }]]

[[derive]]
name = "not_filed"
any = [[{ path = "derived.ordinary_case", is = [false] }]]

[[procedure]]
code = "simple"
title = "简易程序"
only_if = "not_filed"

[[procedure]]
code = "ordinary"
title = "普通程序"
only_if = "ordinary_case"
"#;

const STEPS: &str = r#"
[[step]]
key = "file"
action = "start_form"
text = "立案"
form = "A1"
is_required = true
procedures = ["simple", "ordinary"]

[[step]]
key = "approve"
action = "approve"
text = "负责人批准"
form = "A1"
is_required = true
after = ["file"]
procedures = ["ordinary"]

[[step]]
key = "notice"
action = "start_form"
text = "告知"
form = "A2"
is_required = true
procedures = ["ordinary"]

[[step]]
key = "decide"
action = "start_form"
text = "决定"
form = "A3"
is_required = true
after = ["notice"]
procedures = ["ordinary"]
"#;

fn pack() -> Pack {
    Small::new()
        .append("procedures.toml", PROCEDURES)
        .change("guidance.toml", "step = []", STEPS)
        .pack()
}

fn issued(form: &str, at: &str) -> InstrumentFact {
    InstrumentFact {
        instrument_id: form.to_owned(),
        form: form.to_owned(),
        value: json!({}),
        issued_at: Some(at.to_owned()),
        ..InstrumentFact::default()
    }
}

fn check(dossier: &Dossier, expected: &[(&str, &[(&str, StepState)])]) {
    let agency = json!({ "params": {} });
    let progress = pack().progress(&Question {
        at: Moment::Close,
        form: None,
        value: None,
        dossier,
        agency: &agency,
        now: DateTime::parse_from_rfc3339("2026-09-16T10:00:00+08:00").unwrap(),
    });
    let found: Vec<(String, Vec<(String, StepState)>)> = progress
        .iter()
        .map(|followed| {
            let steps = followed.steps.iter();
            let steps = steps.map(|step| (step.step.key.clone(), step.state));
            (followed.procedure.code.clone(), steps.collect())
        })
        .collect();
    let expected: Vec<(String, Vec<(String, StepState)>)> = expected
        .iter()
        .map(|(code, steps)| {
            let steps = steps.iter().map(|(key, state)| ((*key).to_owned(), *state));
            ((*code).to_owned(), steps.collect())
        })
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn a_case_follows_the_procedures_whose_truth_holds() {
    use StepState::{Blocked, Done, Later, Now};
    check(&Dossier::default(), &[("simple", &[("file", Now)])]);
    let draft = InstrumentFact {
        issued_at: None,
        ..issued("A1", "")
    };
    let drafted = Dossier {
        instruments: vec![draft],
        ..Dossier::default()
    };
    let waiting: &[(&str, StepState)] = &[
        ("file", Now),
        ("approve", Later),
        ("notice", Blocked),
        ("decide", Later),
    ];
    check(&drafted, &[("ordinary", waiting)]);
    let filed = Dossier {
        instruments: vec![issued("A1", "2026-09-16T09:00:00+08:00")],
        ..Dossier::default()
    };
    let open: &[(&str, StepState)] = &[
        ("file", Done),
        ("approve", Now),
        ("notice", Now),
        ("decide", Later),
    ];
    check(&filed, &[("ordinary", open)]);
}

#[test]
fn what_was_sent_back_is_not_done_and_says_so() {
    let approval = |decision: &str| ApprovalFact {
        instrument_id: "A1".to_owned(),
        form: "A1".to_owned(),
        stage: "head".to_owned(),
        decision: decision.to_owned(),
        method: "headquarters".to_owned(),
        at: "2026-09-16T09:30:00+08:00".to_owned(),
        ..ApprovalFact::default()
    };
    for (decision, state, is_sent_back) in [
        ("approved", StepState::Done, false),
        ("returned", StepState::Now, true),
        ("refused", StepState::Now, true),
    ] {
        let dossier = Dossier {
            instruments: vec![issued("A1", "2026-09-16T09:00:00+08:00")],
            approvals: vec![approval(decision)],
            told: vec![ToldFact::default()],
            ..Dossier::default()
        };
        let progress = pack().progress(&Question {
            at: Moment::Close,
            form: None,
            value: None,
            dossier: &dossier,
            agency: &Value::Null,
            now: DateTime::parse_from_rfc3339("2026-09-16T10:00:00+08:00").unwrap(),
        });
        let step = &progress[0].steps[1];
        assert_eq!(
            (step.state, step.is_sent_back),
            (state, is_sent_back),
            "{decision}"
        );
    }
}

#[test]
fn a_procedure_with_an_unknown_truth_is_a_mistake() {
    let wrong = PROCEDURES.replace("only_if = \"not_filed\"", "only_if = \"nobody_knows\"");
    let fault = Small::new()
        .append("procedures.toml", &wrong)
        .load()
        .err()
        .unwrap()
        .to_string();
    assert!(fault.contains("there is no truth nobody_knows"), "{fault}");
}

#[test]
fn evidence_that_nothing_bears_is_named() {
    let gate = r#"
[[gate]]
rule = "E-7"
forms = ["A2"]
at = "issue"
needs = { kind = "known", paths = ["party.cited"], among = ["evidence.*.evidence_id"] }
text = "引用的证据编号在案卷里找不到。"
hint = "核对。"
level = "warn"
"#;
    let pack = Small::new().append("procedures.toml", gate).pack();
    let warned = |cited: Value| {
        let dossier = Dossier {
            instruments: vec![issued("A1", "2026-09-16T09:00:00+08:00")],
            party: json!({ "kind": "person", "cited": cited }),
            evidence: json!([{ "evidence_id": "e-1", "kind": "photo" }]),
            ..Dossier::default()
        };
        let report = pack.gates(&Question {
            at: Moment::Issue,
            form: Some("A2"),
            value: Some(&json!({})),
            dossier: &dossier,
            agency: &json!({ "params": {} }),
            now: DateTime::parse_from_rfc3339("2026-09-16T10:00:00+08:00").unwrap(),
        });
        let mut warnings = report.warnings.into_iter();
        warnings
            .find(|warning| warning.rule == "E-7")
            .map(|warning| warning.text)
    };
    assert_eq!(warned(json!("e-1")), None);
    assert_eq!(warned(json!("")), None);
    assert!(warned(json!("e-2")).unwrap().contains("e-2"));
}
