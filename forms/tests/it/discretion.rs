//! From circumstances to a proposed range: statute and benchmark, with reasons.

use crate::common::small::Small;
use forms::{Band, DiscretionQuestion, Proposal};
use law::PartyKind;
use serde_json::{Value, json};

const VIOLATIONS: &str = r#"
[[violation]]
code = "T1"
title = "擅自经营"
facts_draft = "＿＿"
basis = ["甲法 1"]
procedure = "ordinary"
[[violation.tier]]
text = "违法所得超过 1 万元"
when = [{ path = "illegal_income_fen", more_than = 1_000_000 }]
confiscates_income = true
income_multiple = { min = 1, max = 5 }
[[violation.tier]]
text = "没有违法所得或者不足 1 万元"
person = { min_fen = 300_000, max_fen = 1_000_000 }

[[violation]]
code = "T11"
title = "超重"
facts_draft = "＿＿"
basis = ["甲法 1"]
person = { min_fen = 50_000, max_fen = 3_000_000 }
formula = { kind = "per_unit", path = "weighing.over_kg", unit = 1000, fen = 50_000, cap_fen = 3_000_000, rounding = "floor" }

[[violation]]
code = "T0"
title = "未带证件"
facts_draft = "＿＿"
basis = ["甲法 1"]
person = { min_fen = 1, max_fen = 2 }
valid_to = "2023-07-19"
"#;

fn propose(violation: &str, facts: Value) -> Proposal {
    let small = Small::new().append("violations.toml", VIOLATIONS);
    let mut agency = small.agency();
    agency["benchmarks"] = json!([
        { "violation": "V1", "band": "一般", "circumstances": [], "person": { "min_fen": 200_000, "max_fen": 500_000 }, "text": "没有情节", "source": "基准" },
        { "violation": "V1", "band": "从轻", "circumstances": ["first_time"], "person": { "min_fen": 0, "max_fen": 200_000 }, "text": "初次", "source": "基准" },
        { "violation": "V1", "band": "轻微", "circumstances": ["first_time", "corrected_at_once"], "no_penalty": true, "text": "初次并改正", "source": "基准" },
        { "violation": "T1", "band": "怪", "circumstances": [], "person": { "min_fen": 1, "max_fen": 2 }, "text": "在幅度之外", "source": "基准" },
    ]);
    let question = DiscretionQuestion {
        violation,
        party: PartyKind::Person,
        facts: &facts,
        agency: &agency,
        on: "2026-09-16".parse().unwrap(),
    };
    small.pack().propose(&question).unwrap()
}

fn band(min_fen: i64, max_fen: i64) -> Option<Band> {
    Some(Band { min_fen, max_fen })
}

#[test]
fn circumstances_pick_the_most_special_band_inside_the_statute() {
    assert_eq!(propose("V1", json!({})).range, band(200_000, 500_000));
    let lighter = propose("V1", json!({ "circumstances": ["first_time", "other"] }));
    assert_eq!(
        lighter.range,
        band(10_000, 200_000),
        "the statute begins at 100 元"
    );
    assert_eq!(lighter.benchmark.unwrap().band, "从轻");
    assert_eq!(
        lighter.reasons,
        [
            "法定幅度：罚款100元至10000元。",
            "适用裁量基准“从轻”：初次（基准）。"
        ]
    );
    let slight = propose(
        "V1",
        json!({ "circumstances": ["corrected_at_once", "first_time"] }),
    );
    assert!(slight.no_penalty);
}

/// Scenario A3: 13.4 t over the limit, 13 full tonnes, 6500 元.
#[test]
fn an_excess_is_reckoned_by_full_units_up_to_the_cap() {
    let over = |kg: i64| propose("T11", json!({ "weighing": { "over_kg": kg } }));
    assert_eq!(over(13_400).reckoned_fen, Some(650_000));
    assert_eq!(over(13_400).range, band(650_000, 650_000));
    assert_eq!(over(99_000).reckoned_fen, Some(3_000_000));
    assert_eq!(propose("T11", json!({})).reckoned_fen, None);
}

#[test]
fn income_decides_the_tier() {
    let rich = propose("T1", json!({ "illegal_income_fen": 2_000_000 }));
    assert_eq!(rich.statute, band(2_000_000, 10_000_000));
    assert!(rich.confiscates_income && rich.is_ordinary);
    let poor = propose("T1", json!({ "illegal_income_fen": 1_000_000 }));
    assert_eq!(poor.statute, band(300_000, 1_000_000));
    assert_eq!(
        poor.range, poor.statute,
        "a benchmark outside the statute does not move it"
    );
    assert!(
        poor.reasons
            .iter()
            .any(|reason| reason.contains("没有交集"))
    );
}

#[test]
fn what_is_no_longer_punishable_is_not_punished() {
    let gone = propose("T0", json!({}));
    assert!(gone.no_penalty && gone.range.is_none());
    assert!(!gone.reasons.is_empty());
}
