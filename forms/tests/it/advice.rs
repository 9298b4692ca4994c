//! The discretion assistant over the transport pack and the bands of the example agency.

use std::path::Path;
use std::sync::OnceLock;

use crate::common::small::Small;
use forms::procedure::Moment;
use forms::{Advice, AdviceQuestion, Agency, Band, Dossier, Outcome, Pack, Question};
use serde_json::{Value, json};

fn transport() -> &'static (Pack, Value) {
    static PACK: OnceLock<(Pack, Value)> = OnceLock::new();
    PACK.get_or_init(|| {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("packs/transport");
        let pack = Pack::load(&dir).unwrap_or_else(|fault| panic!("{fault}"));
        let agency = Agency::load(&dir.join("agencies/example.toml")).unwrap();
        let agency = pack.agency_value(&agency);
        (pack, agency)
    })
}

fn adult() -> Value {
    json!({ "kind": "person", "name": "李样三", "id_no": "990000197902260030" })
}

fn advise(violation: &str, party: &Value, facts: Value, history: Value) -> Advice {
    let (pack, agency) = transport();
    let question = AdviceQuestion {
        violation,
        party,
        facts: &facts,
        history: &history,
        agency,
        on: "2026-09-22".parse().unwrap(),
        today: "2026-09-22".parse().unwrap(),
    };
    pack.advise(&question).unwrap()
}

fn band(min_fen: i64, max_fen: i64) -> Option<Band> {
    Some(Band { min_fen, max_fen })
}

fn keys(advice: &Advice) -> Vec<&str> {
    advice
        .circumstances
        .iter()
        .map(|one| one.key.as_str())
        .collect()
}

#[test]
fn an_excess_of_13_4_tonnes_is_6500_yuan() {
    let over = |kg: i64| {
        let facts = json!({ "weighing": { "over_kg": kg } });
        advise("T11-2", &adult(), facts, Value::Null)
    };
    let advice = over(13_400);
    assert_eq!(advice.reckoned_fen, Some(650_000));
    assert_eq!(advice.proposed, band(650_000, 650_000));
    assert!(advice.missing.is_empty());
    assert!(advice.draft.contains("罚款为6500元"), "{}", advice.draft);
    assert_eq!(over(99_000).proposed, band(3_000_000, 3_000_000), "the cap");
    let unknown = advise("T11-2", &adult(), json!({}), Value::Null);
    assert_eq!(unknown.missing, ["weighing.over_kg"]);
}

#[test]
fn what_the_terminal_knows_is_recognised_with_the_fact_that_shows_it() {
    let nothing = advise(
        "T10-2",
        &adult(),
        json!({}),
        json!({ "penalties_12_months": 0, "same_violation_12_months": 0 }),
    );
    assert_eq!(keys(&nothing), ["first_time"]);
    assert!(nothing.circumstances[0].fact.contains("须向本机关查询核实"));
    assert_eq!(
        nothing.proposed,
        band(50_000, 80_000),
        "one of two circumstances is not the lighter band"
    );

    let history = json!({ "penalties_12_months": 2, "same_violation_12_months": 2 });
    let again = advise("T10-2", &adult(), json!({}), history);
    assert_eq!(keys(&again), ["repeated"]);
    assert!(again.circumstances[0].fact.contains("2 件"));
    assert_eq!(
        (again.proposed, again.discretion.as_str()),
        (band(80_000, 100_000), "heavier")
    );
}

#[test]
fn confirmed_circumstances_move_the_range_and_say_by_which_article() {
    let facts = json!({ "circumstances": ["first_time", "corrected_at_once"], "notes": { "corrected_at_once": "现场卸载，复检合格" } });
    let advice = advise("T10-2", &adult(), facts, Value::Null);
    assert_eq!(advice.statute, band(20_000, 100_000));
    assert_eq!(advice.benchmark.as_ref().unwrap().band, "从轻");
    assert_eq!(advice.proposed, band(20_000, 50_000));
    assert!(
        advice.draft.contains("及时改正（现场卸载，复检合格）"),
        "{}",
        advice.draft
    );
    let reason = advice
        .reasons
        .iter()
        .find(|reason| reason.circumstance.as_deref() == Some("corrected_at_once"));
    assert_eq!(reason.unwrap().basis[0].article, "33");
    assert!(!advice.open.iter().any(|open| open.key == "first_time"));
}

#[test]
fn a_lighter_circumstance_the_benchmark_does_not_name_takes_the_lower_half() {
    let facts = json!({ "circumstances": ["removed_harm"] });
    let advice = advise("T8", &adult(), facts, Value::Null);
    assert_eq!(
        (advice.common, advice.proposed),
        (band(200_000, 350_000), band(200_000, 275_000))
    );
    let said: Vec<&str> = advice
        .reasons
        .iter()
        .map(|reason| reason.text.as_str())
        .collect();
    assert!(
        said.iter().any(|text| text.contains("下半"))
            && said.iter().any(|text| text.contains("减轻")),
        "{said:?}"
    );
}

#[test]
fn circumstances_both_ways_leave_the_general_band_to_the_officer() {
    let facts = json!({ "circumstances": ["removed_harm", "repeated"] });
    let advice = advise("T8", &adult(), facts, Value::Null);
    assert_eq!(
        (advice.proposed, advice.discretion.as_str()),
        (band(200_000, 350_000), "normal")
    );
}

#[test]
fn the_law_and_the_agency_may_say_no_penalty() {
    let child = json!({ "kind": "person", "birth_date": "2013-05-01" });
    let advice = advise("T4", &child, json!({}), Value::Null);
    assert_eq!(
        (advice.outcome, advice.proposed, advice.discretion.as_str()),
        (Outcome::NoPenalty, None, "none")
    );
    assert_eq!(advice.circumstances[0].basis[0].article, "30");

    let minor = json!({ "kind": "person", "birth_date": "2010-05-01" });
    let advice = advise("T4", &minor, json!({}), Value::Null);
    assert_eq!(keys(&advice), ["minor"]);
    assert_eq!(advice.proposed, band(50_000, 85_000));

    let facts = json!({ "circumstances": ["first_time", "slight", "corrected_at_once"] });
    let advice = advise("T8", &adult(), facts.clone(), Value::Null);
    assert_eq!(advice.outcome, Outcome::NoPenalty, "the agency's own band");
    let advice = advise("T10-2", &adult(), facts, Value::Null);
    assert_eq!(
        advice.outcome,
        Outcome::Fine,
        "the law allows it, the agency has no band for it"
    );
    assert!(keys(&advice).contains(&"first_slight_corrected"));

    let facts = json!({ "circumstances": ["slight_act", "no_harm", "corrected_at_once"] });
    assert_eq!(
        advise("T8", &adult(), facts, Value::Null).outcome,
        Outcome::NoPenalty
    );
    assert_eq!(
        advise("T11-1", &adult(), json!({}), Value::Null).outcome,
        Outcome::Warning
    );
}

const VERSIONS: &str = r#"
[[violation]]
code = "OLD"
title = "旧规定"
facts_draft = "＿＿"
basis = ["甲法 1"]
person = { min_fen = 100_000, max_fen = 300_000 }
valid_to = "2026-06-30"
replaced_by = "NEW"

[[violation]]
code = "NEW"
title = "新规定"
facts_draft = "＿＿"
basis = ["甲法 1"]
person = { min_fen = 100_000, max_fen = 200_000 }
valid_from = "2026-07-01"
"#;

/// R-S9: the law of the day of the act, and the newer one where it is lighter.
#[test]
fn the_newer_lighter_law_is_shown() {
    let small = Small::new().append("violations.toml", VERSIONS);
    let (pack, agency, party) = (small.pack(), small.agency(), adult());
    let ask = |violation: &str, on: &str| {
        pack.advise(&AdviceQuestion {
            violation,
            party: &party,
            facts: &Value::Null,
            history: &Value::Null,
            agency: &agency,
            on: on.parse().unwrap(),
            today: "2026-09-22".parse().unwrap(),
        })
        .unwrap()
    };
    let advice = ask("OLD", "2026-06-01");
    assert_eq!(advice.statute, band(100_000, 300_000));
    let newer = advice.newer.unwrap();
    assert_eq!(
        (newer.code.as_deref(), newer.is_lighter),
        (Some("NEW"), true)
    );
    assert!(
        advice
            .reasons
            .iter()
            .any(|reason| reason.basis.iter().any(|cited| cited.article == "37"))
    );
    assert!(ask("NEW", "2026-08-01").newer.is_none());
    assert_eq!(
        ask("NEW", "2026-06-01").outcome,
        Outcome::NoPenalty,
        "not yet law on that day"
    );
}

fn closed(form: &str, value: Value, dossier: Dossier) -> Vec<String> {
    let (pack, agency) = transport();
    let report = pack.gates(&Question {
        at: Moment::Issue,
        form: Some(form),
        value: Some(&value),
        dossier: &dossier,
        agency,
        now: chrono::DateTime::parse_from_rfc3339("2026-09-22T10:00:00+08:00").unwrap(),
    });
    report.closed.into_iter().map(|gate| gate.text).collect()
}

#[test]
fn a_fine_outside_the_benchmark_needs_a_recorded_reason() {
    let fine = |fen: i64| {
        json!({
            "party": adult(), "violation_code": "T10-2", "penalty_kind": "fine", "fine_fen": fen,
            "happened_at": "2026-09-22T09:40:00+08:00",
        })
    };
    let is_stopped = |value: Value, dossier: &Dossier| {
        closed("F21", value, dossier.clone())
            .iter()
            .any(|text| text.contains("裁量基准"))
    };
    let unasked = Dossier::default();
    assert!(
        !is_stopped(fine(30_000), &unasked),
        "inside one of the bands"
    );
    assert!(is_stopped(fine(10_000), &unasked), "below every band");
    let asked = Dossier {
        discretion: json!({ "violation_code": "T10-2", "circumstances": [] }),
        ..Dossier::default()
    };
    assert!(
        is_stopped(fine(30_000), &asked),
        "outside the band that fits"
    );
    assert!(!is_stopped(fine(60_000), &asked));
    let mut reasoned = asked.clone();
    reasoned
        .flags
        .insert("outside_benchmark".to_owned(), json!(true));
    assert!(is_stopped(fine(30_000), &reasoned), "without a reason");
    reasoned
        .flag_reasons
        .insert("outside_benchmark".to_owned(), "货主另行赔偿".to_owned());
    assert!(!is_stopped(fine(30_000), &reasoned));
}
