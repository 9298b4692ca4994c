//! Each kind of cross-field rule, over one small form.

use crate::common::small::Small;
use chrono::{DateTime, FixedOffset};
use forms::CheckContext;
use law::{Finding, Severity};
use serde_json::{Value, json};

fn now() -> DateTime<FixedOffset> {
    DateTime::parse_from_rfc3339("2026-09-22T10:00:00+08:00").unwrap()
}

fn found(small: &Small, value: &Value) -> Vec<Finding> {
    let pack = small.pack();
    let agency = small.agency();
    let mut whole = json!({ "party": { "kind": "person", "name": "某" }, "facts": "事实" });
    for (key, item) in value.as_object().unwrap() {
        whole[key] = item.clone();
    }
    pack.form("A3").unwrap().check(
        &whole,
        &CheckContext {
            today: now().date_naive(),
            now: now(),
            agency: &agency,
            missing_glyphs: &|_| Vec::new(),
            told: &[],
            pack: &pack,
        },
    )
}

/// `field rule` of each finding; advice ends with `?`.
#[track_caller]
fn says(rule: &str, value: Value) -> Vec<String> {
    let small = Small::new().append(
        "forms/A3/rules.toml",
        &format!("[[rule]]\n{rule}\ntext = \"不对。\"\nhint = \"改。\"\n"),
    );
    named(&found(&small, &value))
}

fn named(findings: &[Finding]) -> Vec<String> {
    let mark = |severity| if severity == Severity::Block { "" } else { "?" };
    findings
        .iter()
        .map(|finding| {
            format!(
                "{} {}{}",
                finding.field,
                finding.rule,
                mark(finding.severity)
            )
        })
        .collect()
}

const NONE: [&str; 0] = [];

#[test]
fn order_reads_dates_as_well_as_times() {
    let rule = "kind = \"order\"\nearlier = \"happened_on\"\nlater = \"hearing_on\"\nmay_be_equal = true\nname = \"R-S12\"";
    let value = |one: &str, two: &str| json!({ "happened_on": one, "hearing_on": two });
    assert_eq!(says(rule, value("2026-03-10", "2026-03-10")), NONE);
    assert_eq!(
        says(rule, value("2026-03-11", "2026-03-10")),
        ["hearing_on R-S12"]
    );
    assert_eq!(
        says(
            &rule.replace("may_be_equal = true", ""),
            value("2026-03-10", "2026-03-10")
        ),
        ["hearing_on R-S12"]
    );
    let future = "kind = \"not_future\"\nfield = \"happened_on\"";
    assert_eq!(says(future, value("2026-09-22", "")), NONE);
    assert_eq!(
        says(future, value("2026-09-23", "")),
        ["happened_on not_future"]
    );
}

#[test]
fn a_period_ends_in_working_days_and_never_rolls() {
    let rule = "kind = \"period\"\nfrom = \"happened_on\"\nto = \"hearing_on\"\ndays = 7\nunit = \"working\"\nname = \"R-E1\"";
    let value = |to: &str| json!({ "happened_on": "2026-02-12", "hearing_on": to });
    assert_eq!(says(rule, value("2026-02-28")), NONE);
    assert_eq!(says(rule, value("2026-03-02")), ["hearing_on R-E1"]);
    let by_parameter = rule.replace("days = 7", "days = { param = \"withdraw_wd\" }");
    assert_eq!(
        says(&by_parameter, value("2026-02-28")),
        ["hearing_on R-E1"]
    );
    let calendar = "kind = \"period\"\nfrom = \"happened_on\"\nto = \"hearing_on\"\ndays = 30";
    assert_eq!(says(calendar, value("2026-03-14")), NONE);
    assert_eq!(says(calendar, value("2026-03-15")), ["hearing_on period"]);
}

/// R-O5: seven working days before the hearing.
#[test]
fn a_hearing_is_announced_in_time() {
    let rule =
        "kind = \"lead_time\"\nto = \"hearing_on\"\ndays = 7\nunit = \"working\"\nname = \"R-O5\"";
    assert_eq!(
        says(rule, json!({ "hearing_on": "2026-10-08" })),
        ["hearing_on R-O5"]
    );
    assert_eq!(says(rule, json!({ "hearing_on": "2026-10-09" })), NONE);
}

#[test]
fn numbers_follow_from_each_other() {
    let rows = |fine: i64, numbers: &[i64]| {
        let rows: Vec<_> = numbers
            .iter()
            .map(|n| json!({ "name": "物", "quantity": n }))
            .collect();
        json!({ "fine_fen": fine, "items": rows })
    };
    let sum = "kind = \"sum\"\nrows = \"items\"\nfield = \"quantity\"\ntotal = \"fine_fen\"";
    assert_eq!(says(sum, rows(5, &[2, 3])), NONE);
    assert_eq!(says(sum, rows(6, &[2, 3])), ["fine_fen sum"]);
    let most = "kind = \"upper_bound\"\nfield = \"fine_fen\"\nmost = 100";
    assert_eq!(says(most, rows(100, &[])), NONE);
    assert_eq!(says(most, rows(101, &[])), ["fine_fen upper_bound"]);
    let least = "kind = \"lower_bound\"\nfield = \"fine_fen\"\nleast = 100";
    assert_eq!(says(least, rows(100, &[])), NONE);
    assert_eq!(says(least, rows(99, &[])), ["fine_fen lower_bound"]);
    let difference = "kind = \"difference\"\nminuend = \"items.0.quantity\"\nsubtrahend = \"items.1.quantity\"\nresult = \"fine_fen\"\nfloor = 0";
    assert_eq!(says(difference, rows(1, &[3, 2])), NONE);
    assert_eq!(says(difference, rows(0, &[2, 3])), NONE);
    assert_eq!(says(difference, rows(1, &[2, 3])), ["fine_fen difference"]);
}

/// R-M4: 6500 元, 13 days late, 2535 元; never more than the fine.
#[test]
fn a_surcharge_is_three_percent_a_day_up_to_the_fine() {
    let rule = "kind = \"surcharge\"\nfine = \"items.0.quantity\"\ndue = \"happened_on\"\non = \"hearing_on\"\nresult = \"fine_fen\"";
    let value = |on: &str, result: i64| json!({ "items": [{ "name": "罚款", "quantity": 650_000 }], "happened_on": "2026-10-28", "hearing_on": on, "fine_fen": result });
    assert_eq!(says(rule, value("2026-11-10", 253_500)), NONE);
    assert_eq!(says(rule, value("2026-11-10", 253_501)), ["fine_fen R-M4"]);
    assert_eq!(says(rule, value("2026-12-01", 650_000)), NONE);
    assert_eq!(says(rule, value("2027-12-01", 650_000)), NONE);
    assert_eq!(says(rule, value("2026-10-28", 0)), NONE);
}

#[test]
fn fields_are_asked_for_together_or_under_a_condition() {
    let any = "kind = \"required_any\"\nfields = [\"chair\", \"hearing_on\"]\nname = \"either\"";
    assert_eq!(says(any, json!({})), ["chair either"]);
    assert_eq!(says(any, json!({ "hearing_on": "2026-01-01" })), NONE);
    let while_ = "kind = \"required_while\"\nfield = \"chair\"\nwhen = { path = \"party.kind\", is = [\"person\"] }";
    assert_eq!(says(while_, json!({})), ["chair required_while"]);
    assert_eq!(says(while_, json!({ "chair": "孙" })), NONE);
}

#[test]
fn names_in_two_places_differ() {
    let rule = "kind = \"distinct\"\nfields = [\"chair\", \"facts\"]\nlevel = \"warn\"";
    assert_eq!(says(rule, json!({ "chair": "孙" })), NONE);
    assert_eq!(
        says(rule, json!({ "chair": "孙", "facts": "孙" })),
        ["facts distinct?"]
    );
}

#[test]
fn a_rule_with_a_star_is_applied_to_every_row() {
    let rows = json!({ "happened_on": "2026-03-01", "items": [
        { "name": "车钥匙", "seized_on": "2026-03-01" }, { "name": "货物", "seized_on": "2026-02-28" },
    ] });
    let order = "kind = \"order\"\nearlier = \"happened_on\"\nlater = \"items.*.seized_on\"\nmay_be_equal = true";
    assert_eq!(
        says(order, rows.clone()),
        ["items.1.seized_on end_after_start"]
    );
    let words = "kind = \"forbidden_words\"\nfield = \"items.*.name\"\nwords = [\"货物\"]\nname = \"R-E6\"\nlevel = \"warn\"";
    assert_eq!(says(words, rows.clone()), ["items.1.name R-E6?"]);
    let alike = "kind = \"rows_distinct\"\nfield = \"items\"\ncolumns = [\"seized_on\"]";
    assert_eq!(says(alike, rows), NONE);
}

#[test]
fn a_question_has_to_be_asked_and_answered() {
    let rule = "kind = \"rows_contain\"\nfield = \"items\"\ncolumn = \"name\"\nwords = [\"回避\"]\nanswer = \"seized_on\"";
    let rows =
        |name: &str, answer: &str| json!({ "items": [{ "name": name, "seized_on": answer }] });
    assert_eq!(says(rule, rows("你是否申请回避", "2026-01-01")), NONE);
    assert_eq!(
        says(rule, rows("你是否申请回避", "")),
        ["items rows_contain"]
    );
    assert_eq!(
        says(rule, rows("姓名", "2026-01-01")),
        ["items rows_contain"]
    );
}

#[test]
fn a_key_no_rule_knows_is_refused() {
    let small = Small::new().append(
        "forms/A3/rules.toml",
        "[[rule]]\nkind = \"not_future\"\nfield = \"happened_on\"\ntext = \"t\"\nhint = \"h\"\nlevle = \"warn\"\n",
    );
    let fault = small.load().err().unwrap().to_string();
    assert_eq!(fault, "forms/A3/rules.toml:7: no rule knows levle");
    let small = Small::new().append(
        "forms/A3/rules.toml",
        "[[rule]]\nkind = \"order\"\nearlier = \"items.*.nothing\"\nlater = \"happened_on\"\ntext = \"t\"\nhint = \"h\"\n",
    );
    let fault = small.load().err().unwrap().to_string();
    assert!(fault.contains("A3 has no field items.*.nothing"), "{fault}");
}

const VERSIONS: &str = r#"
[[law]]
short = "丙条例"
title = "测试丙条例"
valid_from = "2004-07-01"
valid_to = "2023-07-19"
[law.articles]
"68" = "旧条文"
"63" = "都有的条文"
[law.moved]
"68" = "69"

[[law]]
short = "丙条例"
title = "测试丙条例"
valid_from = "2023-07-20"
[law.articles]
"63" = "都有的条文"
"69" = "新条文"
"#;

/// R-S9: the law of the day of the act, and a look at what is newer.
#[test]
fn a_case_is_judged_under_the_law_of_its_day() {
    let rule = "kind = \"citations_in_force\"\nfield = \"basis\"\non = \"happened_on\"";
    let cite = |law: &str, article: &str, day: &str| {
        let small = Small::new()
            .append("articles.toml", VERSIONS)
            .append("forms/A3/rules.toml", &format!("[[rule]]\n{rule}\n"));
        let value = json!({ "happened_on": day, "basis": [{ "law": law, "article": article }] });
        found(&small, &value)
    };
    assert_eq!(named(&cite("测试丙条例", "69", "2026-03-10")), NONE);
    let dead = cite("丙条例", "68", "2026-03-10");
    assert_eq!(named(&dead), ["basis.0 R-S9"]);
    assert!(dead[0].hint.contains("第 69 条"), "{dead:?}");
    assert_eq!(named(&cite("丙条例", "69", "2022-03-10")), ["basis.0 R-S9"]);
    let lighter = cite("丙条例", "63", "2022-03-10");
    assert_eq!(named(&lighter), ["basis.0 R-S9?"]);
    assert!(lighter[0].hint.contains("较轻"), "{lighter:?}");
    assert_eq!(named(&cite("丙条例", "63", "2003-03-10")), ["basis.0 R-S9"]);
    assert_eq!(named(&cite("丁办法", "1", "2026-03-10")), ["basis.0 R-S9?"]);
}

#[test]
fn two_versions_of_a_law_never_hold_at_once() {
    let overlapping = VERSIONS.replace("2023-07-19", "2023-07-20");
    let small = Small::new().append("articles.toml", &overlapping);
    let fault = small.load().err().unwrap().to_string();
    assert!(
        fault.contains("two versions of 丙条例 are in force at once"),
        "{fault}"
    );
}

#[test]
fn an_instrument_starts_with_rows_templates_and_the_first_fact_there_is() {
    let small = Small::new().change(
        "forms/A3/form.toml",
        "[prefill]",
        "[default_rows]\nitems = [{ name = \"车钥匙\" }]\n\n[templates]\nfacts = \"{party.org_name|party.name}涉嫌{reason}案\"\n\n\
         [prefill]\nhappened_on = [\"issued.A2.happened_on\", \"issued.A4.acted_on\"]",
    );
    let pack = small.pack();
    let form = pack.form("A3").unwrap();
    let facts = json!({ "party": { "name": "李样三" }, "reason": "超限", "issued": { "A4": { "acted_on": "2026-01-02" } } });
    let value = form.prefill(&facts);
    assert_eq!(value["facts"], "李样三涉嫌超限案");
    assert_eq!(value["happened_on"], "2026-01-02");
    assert_eq!(value["items"][0]["name"], "车钥匙");
    assert_eq!(form.prefill(&json!({})).get("facts"), None);
}

#[test]
fn lists_are_read_and_their_citations_checked() {
    let list = "title = \"音像记录事项清单\"\n[[row]]\nstep = \"查封\"\nbasis = [\"甲法 1\"]\n";
    let small = Small::new();
    std::fs::create_dir(small.dir().join("lists")).unwrap();
    let small = small.append("lists/av_recording.toml", list);
    assert_eq!(
        small.pack().list("av_recording").unwrap()["row"][0]["step"],
        "查封"
    );
    let small = small.change("lists/av_recording.toml", "甲法 1", "甲法 99");
    let fault = small.load().err().unwrap().to_string();
    assert!(fault.contains("articles.toml has no 甲法 99"), "{fault}");
}

#[test]
fn steps_belong_to_procedures() {
    let small = Small::new()
        .append("procedures.toml", "[[procedure]]\ncode = \"ordinary\"\ntitle = \"普通程序\"\n")
        .change(
            "guidance.toml",
            "step = []",
            "[[step]]\nkey = \"present\"\naction = \"present\"\ntext = \"亮证\"\nis_required = true\nprocedures = [\"simple\", \"ordinary\"]\n\
             [[step]]\nkey = \"review\"\naction = \"review\"\ntext = \"法制审核\"\nis_required = true\nprocedures = [\"ordinary\"]\nonly_if = \"review_needed\"\nafter = [\"present\"]\n",
        );
    let pack = small.pack();
    assert_eq!(pack.steps("simple").count(), 1);
    assert_eq!(pack.steps("ordinary").count(), 2);
    assert_eq!(pack.procedures()[0].title, "普通程序");
    let fault = small
        .change("guidance.toml", "review_needed", "x")
        .load()
        .err()
        .unwrap()
        .to_string();
    assert!(fault.contains("there is no truth x"), "{fault}");
}
