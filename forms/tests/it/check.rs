//! What the four instruments ask for: one change to a lawful value, one expected answer.

use crate::common::*;
use law::Severity;
use proptest::prelude::*;
use serde_json::{Value, json};

/// Changes a lawful F21 at one place and compares every blocking finding.
#[track_caller]
fn check(base: Value, path: &str, new: Value, expected: &[&str]) {
    let mut value = base;
    put(&mut value, path, new.clone());
    assert_eq!(blocking("F21", &value), expected, "{path} = {new}");
}

#[test]
fn a_lawful_warning_and_a_lawful_fine_have_no_findings() {
    assert_eq!(findings("F21", &warning()), []);
    assert_eq!(findings("F21", &fine()), []);
}

#[test]
fn everything_missing_is_told_at_once_in_the_order_of_the_form() {
    let found = blocking("F21", &json!({}));
    let expected = [
        "party.kind required",
        "officers required",
        "officers R-P1",
        "violation_code required",
        "happened_at required",
        "facts required",
        "violated required",
        "basis required",
        "place.text required",
        "told_at required",
        "representations required",
        "penalty_kind required",
    ];
    assert_eq!(found, expected);
}

#[test]
fn the_party_is_checked_for_its_kind() {
    check(
        warning(),
        "party.kind",
        json!("ghost"),
        &["party.kind not_an_option"],
    );
    check(
        warning(),
        "party.name",
        json!("   "),
        &["party.name required"],
    );
    check(
        warning(),
        "party.id_no",
        json!("990000198803050017"),
        &["party.id_no id_check_digit"],
    );
    check(
        warning(),
        "party.id_no",
        json!("９90000198803050016"),
        &["party.id_no id_character"],
    );
    check(
        warning(),
        "party.id_no",
        json!("99000019880305001"),
        &["party.id_no id_length"],
    );
    check(
        warning(),
        "party.id_no",
        json!("990000198802300016"),
        &["party.id_no id_birth_date"],
    );
    check(
        warning(),
        "party.sex",
        json!("female"),
        &["party.sex sex_differs"],
    );
    check(
        warning(),
        "party.age",
        json!(36),
        &["party.age age_differs"],
    );
    // The age of the day the case was opened, before the last birthday.
    check(warning(), "party.age", json!(37), &[]);
    check(warning(), "party.age", json!("38"), &["party.age number"]);
    check(
        warning(),
        "party.age",
        json!(151),
        &["party.age number_range", "party.age age_differs"],
    );
    check(
        warning(),
        "party.birth_date",
        json!("1988-03-06"),
        &["party.birth_date birth_date_differs"],
    );
    check(
        warning(),
        "party.birth_date",
        json!("1988-3-5"),
        &["party.birth_date date"],
    );
    check(
        warning(),
        "party.phone",
        json!("138000000012"),
        &["party.phone phone"],
    );
    check(
        warning(),
        "vehicle.plate",
        json!("A示0001"),
        &["vehicle.plate plate"],
    );

    let mut passport = warning();
    put(&mut passport, "party.id_type", json!("passport"));
    check(passport, "party.id_no", json!("E12345678"), &[]);
}

#[test]
fn a_firm_needs_its_code_and_its_representative() {
    let mut value = warning();
    put(&mut value, "party", organisation());
    assert_eq!(findings("F21", &value), []);
    check(
        value.clone(),
        "party.uscc",
        json!("91990000MA007E5708"),
        &["party.uscc credit_code"],
    );
    check(
        value.clone(),
        "party.uscc",
        json!("91990000MAOO7E5707"),
        &["party.uscc credit_code"],
    );
    check(
        value,
        "party.legal_representative",
        json!(""),
        &["party.legal_representative required"],
    );
    let mut trader = warning();
    put(&mut trader, "party.kind", json!("sole_trader"));
    check(trader, "party.uscc", json!("91990000MA007E571A"), &[]);
}

#[test]
fn a_fine_above_the_limit_leads_to_the_ordinary_procedure() {
    let mut value = fine();
    put(&mut value, "fine_fen", json!(25_000));
    put(&mut value, "violation_code", json!("T10-2"));
    let found = findings("F21", &value);
    assert_eq!(names(&found, Severity::Block), ["fine_fen R-S1"]);
    assert!(
        found[0].text.contains("250元") && found[0].text.contains("200元"),
        "{}",
        found[0].text
    );
    assert!(found[0].hint.contains("普通程序"));
    assert_eq!(
        (
            found[0].basis[0].law.as_str(),
            found[0].basis[0].article.as_str()
        ),
        ("行政处罚法", "51")
    );

    put(&mut value, "party", organisation());
    assert_eq!(blocking("F21", &value), [""; 0]);
    put(&mut value, "violation_code", json!("T11-2"));
    check(value.clone(), "fine_fen", json!(300_000), &[]);
    check(value, "fine_fen", json!(300_001), &["fine_fen R-S1"]);
    check(fine(), "fine_fen", json!(20_000), &[]);
    check(
        fine(),
        "fine_fen",
        json!(20_001),
        &["fine_fen R-S1", "fine_fen violation_band"],
    );
}

#[test]
fn a_fine_stays_inside_the_band_of_the_violation() {
    check(fine(), "fine_fen", json!(0), &["fine_fen violation_band"]);
    check(
        fine(),
        "fine_fen",
        json!(-100),
        &["fine_fen money", "fine_fen violation_band"],
    );
    check(fine(), "fine_fen", json!(150.5), &["fine_fen money"]);
    check(
        fine(),
        "violation_code",
        json!("T10-2"),
        &["fine_fen violation_band"],
    );
    check(
        fine(),
        "violation_code",
        json!("T11-1"),
        &["penalty_kind violation_band"],
    );
    check(
        warning(),
        "violation_code",
        json!("T10-1"),
        &["penalty_kind violation_band"],
    );
    check(
        warning(),
        "violation_code",
        json!("T999"),
        &["violation_code violation_unknown"],
    );
}

#[test]
fn the_age_is_that_of_the_day_here_whatever_offset_the_time_is_written_with() {
    let mut value = warning();
    put(&mut value, "party.age", Value::Null);
    put(&mut value, "party.birth_date", Value::Null);
    put(
        &mut value,
        "party.id_no",
        json!(with_check_digit("99000020120310001")),
    );
    let at = |value: &mut Value, time: &str| {
        put(value, "happened_at", json!(time));
        blocking("F21", value)
    };
    assert_eq!(at(&mut value, "2026-03-09T15:59:59Z"), ["party.id_no R-S6"]);
    assert_eq!(at(&mut value, "2026-03-09T16:00:00Z"), [""; 0]);
}

#[test]
fn a_draft_of_the_facts_is_filled_in() {
    let draft = pack().violation("T10-1").unwrap().facts_draft.clone();
    check(fine(), "facts", json!(draft), &["facts blank_left"]);
}

#[test]
fn a_value_full_of_mistakes_is_answered_within_a_bound() {
    let mut value = warning();
    put(&mut value, "hidden", json!(vec!["\0"; 50_000]));
    assert_eq!(findings("F21", &value).len(), 200);
}

#[test]
fn a_warning_carries_no_money() {
    check(
        warning(),
        "fine_fen",
        json!(5_000),
        &["fine_fen warning_without_fine"],
    );
    check(
        warning(),
        "payment",
        json!("bank"),
        &["payment warning_without_payment"],
    );
    check(fine(), "fine_fen", Value::Null, &["fine_fen required"]);
    check(fine(), "payment", json!(""), &["payment required"]);
}

#[test]
fn collecting_on_the_spot_above_the_limit_needs_a_reason() {
    let mut value = fine();
    put(&mut value, "payment", json!("on_the_spot"));
    assert_eq!(blocking("F21", &value), ["on_the_spot_reason R-M2"]);
    check(
        value.clone(),
        "on_the_spot_reason",
        json!("当事人在水上且提出当场缴纳"),
        &[],
    );
    check(value, "fine_fen", json!(10_000), &[]);
}

#[test]
fn the_notice_comes_before_the_penalty() {
    let found = findings_at("F21", &warning(), "2026-03-10T10:00:00+08:00", &["RN-1"]);
    assert_eq!(names(&found, Severity::Block), ["told_at R-S2"]);
    assert!(found[0].text.contains("处罚前告知"), "{}", found[0].text);
    check(
        warning(),
        "told_at",
        json!("2026-03-10T09:30:00+08:00"),
        &["told_at end_after_start"],
    );
    check(
        warning(),
        "told_at",
        json!("2026-03-10T10:00:01+08:00"),
        &["told_at not_future"],
    );
    check(
        warning(),
        "told_at",
        json!("yesterday"),
        &["told_at date_time"],
    );
    check(
        warning(),
        "representations",
        json!("heard_rejected"),
        &["representations_note required"],
    );
}

#[test]
fn two_officers_are_named() {
    check(
        warning(),
        "officers",
        json!([officers()[0]]),
        &["officers R-P1"],
    );
    check(
        warning(),
        "officers",
        json!([officers()[0], officers()[0]]),
        &["officers R-P1"],
    );
    check(
        warning(),
        "officers",
        json!("赵明甲、钱思乙"),
        &["officers R-P1"],
    );
}

#[test]
fn children_are_not_punished_and_minors_are_pointed_out() {
    let mut value = warning();
    for key in ["age", "birth_date", "sex"] {
        put(&mut value, &format!("party.{key}"), Value::Null);
    }
    put(
        &mut value,
        "party.id_no",
        json!(with_check_digit("99000020130101001")),
    );
    assert_eq!(blocking("F21", &value), ["party.id_no R-S6"]);
    put(
        &mut value,
        "party.id_no",
        json!(with_check_digit("99000020100101001")),
    );
    assert_eq!(
        names(&findings("F21", &value), Severity::Advice),
        ["party.id_no R-S6"]
    );
    assert_eq!(blocking("F21", &value), [""; 0]);
}

fn with_check_digit(first: &str) -> String {
    "0123456789X"
        .chars()
        .map(|last| format!("{first}{last}"))
        .find(|text| law::ResidentId::parse(text).is_ok())
        .unwrap()
}

#[test]
fn a_repealed_basis_is_refused() {
    check(
        fine(),
        "violation_code",
        json!("T0-CARRY"),
        &["violation_code R-S9"],
    );
    let carried = json!([{ "law": "中华人民共和国道路运输条例", "article": "68", "text": "不按规定携带车辆营运证" }]);
    check(fine(), "basis", carried, &["basis.0 R-S9"]);
    let mut value = fine();
    put(&mut value, "facts", json!("未随车携带道路运输证"));
    check(
        value,
        "basis",
        json!([{ "law": "道路运输条例", "article": 68 }]),
        &["basis.0 R-S9"],
    );
    check(
        fine(),
        "basis",
        json!([{ "law": "道路运输条例", "article": "68(1)" }]),
        &[],
    );
    check(
        fine(),
        "basis",
        json!([{ "law": "", "article": "1" }]),
        &["basis.0 citation"],
    );

    let mut old = fine();
    put(&mut old, "happened_at", json!("2021-07-01T09:00:00+08:00"));
    check(
        old.clone(),
        "basis",
        json!([{ "law": "行政处罚法", "article": "85" }]),
        &["basis.0 R-S9"],
    );
    check(
        old,
        "basis",
        json!([{ "law": "行政处罚法", "article": "33" }]),
        &[],
    );
    let mut value = fine();
    put(
        &mut value,
        "basis",
        json!([{ "law": "示例省公路条例", "article": "9" }]),
    );
    assert_eq!(
        names(&findings("F21", &value), Severity::Advice),
        ["basis.0 R-S9"]
    );
}

#[test]
fn the_other_three_instruments_are_checked() {
    let pack = pack();
    let mut record = pack.form("F01").unwrap().prefill(&facts());
    put(&mut record, "ended_at", json!("2026-03-10T09:58:00+08:00"));
    put(
        &mut record,
        "findings_text",
        json!("车货总质量超限 620 千克。"),
    );
    assert_eq!(findings("F01", &record), []);
    put(&mut record, "ended_at", json!("2026-03-10T09:50:00+08:00"));
    put(
        &mut record,
        "items",
        json!([{ "name": "车货总质量", "result": "bad" }, { "result": "pass" }]),
    );
    assert_eq!(
        blocking("F01", &record),
        [
            "ended_at end_after_start",
            "items.0.result not_an_option",
            "items.1.name required"
        ]
    );

    let mut scene = pack.form("F02").unwrap().prefill(&facts());
    merge(
        &mut scene,
        json!({
            "ended_at": "2026-03-10T09:59:00+08:00", "content": "到达现场，出示证件。", "reading": "read_by_self",
            "person_on_site": { "relation": "party" },
        }),
    );
    assert_eq!(findings("F02", &scene), []);
    put(&mut scene, "person_on_site.id_no", json!("E1234"));
    assert_eq!(
        names(&findings("F02", &scene), Severity::Advice),
        ["person_on_site.id_no id_length"]
    );

    let mut order = pack.form("F10").unwrap().prefill(&facts());
    merge(
        &mut order,
        json!({
            "facts": "车货总质量超限 620 千克。", "law": [{ "law": "行政处罚法", "article": "28" }],
            "mode": "by_date", "due_on": "2026-03-09",
        }),
    );
    assert_eq!(blocking("F10", &order), ["due_on date_in_past"]);
    put(&mut order, "due_on", json!("2026-03-10"));
    assert_eq!(findings("F10", &order), []);
    put(&mut order, "mode", json!("at_once"));
    assert_eq!(
        blocking("F10", &order),
        ["due_on rectify_at_once_without_date"]
    );
}

#[test]
fn an_optional_block_once_begun_is_completed() {
    let mut record = pack().form("F01").unwrap().prefill(&facts());
    put(&mut record, "ended_at", json!("2026-03-10T09:58:00+08:00"));
    put(&mut record, "findings_text", json!("无异常。"));
    put(&mut record, "vehicle", Value::Null);
    assert_eq!(blocking("F01", &record), [""; 0]);
    put(&mut record, "vehicle", json!({ "brand": "示例" }));
    assert_eq!(
        blocking("F01", &record),
        [
            "vehicle.plate required",
            "vehicle.plate_colour required",
            "vehicle.type required"
        ]
    );
}

#[test]
fn hostile_text_is_a_finding_at_its_field_or_stays_as_it_is() {
    check(
        warning(),
        "facts",
        json!("超限\0六百"),
        &["facts control_character"],
    );
    check(
        warning(),
        "party.name",
        json!("陈\n样一"),
        &["party.name control_character"],
    );
    check(
        warning(),
        "party.name",
        json!("陈\u{202e}一样"),
        &["party.name control_character"],
    );
    check(warning(), "facts", json!("第一行\n第二行\t完"), &[]);
    check(
        warning(),
        "facts",
        json!("𠮷䶮㛃𬀩 '; DROP TABLE case;-- <script>alert(1)</script> 😀 مرحبا"),
        &[],
    );
    check(
        warning(),
        "party.name",
        json!("\u{30000}某"),
        &["party.name glyph_missing"],
    );
    check(
        warning(),
        "party.name",
        json!("名".repeat(61)),
        &["party.name too_long"],
    );
    check(warning(), "facts", json!("字".repeat(4_000)), &[]);
    check(
        warning(),
        "facts",
        json!("字".repeat(4_001)),
        &["facts too_long"],
    );
    let flood = json!("A".repeat(10 << 20));
    check(
        warning(),
        "facts",
        flood.clone(),
        &["facts too_long", " value_too_large"],
    );
    check(
        warning(),
        "hidden",
        flood,
        &["hidden too_long", " value_too_large"],
    );

    let mut value = warning();
    put(&mut value, "party.name", json!("\0𰀀"));
    let found = findings("F21", &value);
    assert!(found[0].text.contains("U+0000"), "{}", found[0].text);
    assert!(found[1].text.contains("U+30000"), "{}", found[1].text);
}

#[test]
fn values_of_the_wrong_shape_are_findings() {
    for odd in [json!(null), json!([]), json!("text"), json!(7)] {
        assert_eq!(blocking("F21", &odd), [" type"], "{odd}");
    }
    check(
        warning(),
        "party",
        json!("陈样一"),
        &["party.kind required", "party schema"],
    );
    check(warning(), "facts", json!(12), &["facts type"]);
    check(warning(), "facts", json!({ "a": "b" }), &["facts type"]);
    check(warning(), "basis", json!("行政处罚法"), &["basis type"]);
    let mut value = warning();
    put(&mut value, "note_to_self", json!("x"));
    assert_eq!(
        names(&findings("F21", &value), Severity::Advice),
        [" unknown_field"]
    );
    let pack = pack();
    let form = pack.form("F21").unwrap();
    assert_eq!(form.unknown_paths(&value), ["note_to_self"]);
}

#[test]
fn checking_never_changes_the_value_and_prefill_passes_text_on_exactly() {
    let mut facts = facts();
    put(&mut facts, "party.name", json!("  𠮷 \u{202e}<b>\0  "));
    let value = pack().form("F21").unwrap().prefill(&facts);
    assert_eq!(value["party"]["name"], facts["party"]["name"]);
    let before = value.clone();
    let _ = findings("F21", &value);
    assert_eq!(value, before);
}

#[test]
fn a_party_can_be_checked_before_there_is_an_instrument() {
    let (pack, agency) = (pack(), agency().value());
    let now = time("2026-03-10T10:00:00+08:00");
    let context = forms::CheckContext {
        today: now.date_naive(),
        now,
        agency: &agency,
        missing_glyphs: &|_| Vec::new(),
        told: &[],
        pack: &pack,
    };
    let opening = json!({ "party": person(), "vehicle": vehicle(), "place": { "text": "K12", "stake_m": 1200 } });
    let found = pack.opening().check(&opening, &context);
    assert_eq!(
        names(&found, Severity::Block),
        ["place.stake_m number_range"]
    );
    let known = json!({ "party": person(), "vehicle": vehicle() });
    assert_eq!(pack.opening().check(&known, &context), []);
    let party = json!({ "kind": "person", "name": "陈样一", "id_type": "resident_id", "id_no": "990000198803050017" });
    let found = pack.opening().check(&json!({ "party": party }), &context);
    assert_eq!(
        names(&found, Severity::Block),
        ["party.id_no id_check_digit"]
    );
    assert_eq!(
        names(&found, Severity::Advice),
        ["party.address required", "party.phone required"]
    );
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        Just(json!("fine")),
        Just(json!("person")),
        Just(json!("2026-03-10T10:00:00+08:00")),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(
                prop_oneof![
                    Just("kind".to_owned()),
                    Just("law".to_owned()),
                    Just("name".to_owned()),
                    "[a-z.]{1,6}"
                ],
                inner,
                0..4
            )
            .prop_map(|map| json!(map)),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn no_value_makes_checking_crash(
        path in prop::sample::select(vec![
            "party", "party.kind", "party.id_no", "party.age", "officers", "facts", "basis", "fine_fen", "penalty_kind",
            "happened_at", "told_at", "place", "violation_code", "payment", "vehicle.plate",
        ]),
        odd in any_json(),
    ) {
        let mut value = BASE.with(Clone::clone);
        put(&mut value, path, odd);
        CHECK.with(|(pack, agency)| {
            let now = time("2026-03-10T10:00:00+08:00");
            let context = forms::CheckContext {
                today: now.date_naive(), now, agency, missing_glyphs: &|_| Vec::new(), told: &[], pack,
            };
            let form = pack.form("F21").unwrap();
            let _ = form.check(&value, &context);
            let _ = form.labels(&value, agency);
            let _ = form.prefill(&value);
        });
    }
}

thread_local! {
    static BASE: Value = fine();
    static CHECK: (forms::Pack, Value) = (pack(), agency().value());
}
