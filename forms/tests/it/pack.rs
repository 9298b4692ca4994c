//! The transport pack as a clerk edits it and as terminals open it.

use std::fs;
use std::path::Path;

use crate::common::*;
use forms::{Pack, PackFault, render_number};
use journal::SigningKey;
use law::{Refusal, standing};
use serde_json::json;

#[test]
fn every_form_of_the_pack_has_its_papers() {
    let pack = pack();
    let codes: Vec<_> = pack.forms().map(|form| form.code.as_str()).collect();
    assert!(codes.is_sorted(), "{codes:?}");
    for code in ["F01", "F02", "F10", "F21"] {
        assert!(codes.contains(&code), "{code}");
        assert!(!pack.form(code).unwrap().definition().signers.is_empty());
    }
    for code in codes {
        let form = pack.form(code).unwrap();
        assert!(
            form.paper().contains('@') && form.ticket().contains('@'),
            "{code}"
        );
    }
    assert_eq!(
        pack.form("F21").unwrap().number_series(),
        Some("summary_penalty")
    );
    assert_eq!(pack.form("F02").unwrap().number_series(), None);
    assert!(pack.form("F99").is_none());
    assert_eq!(pack.required_notices("F21"), ["RN-3"]);
    assert_eq!(pack.required_notices("F01"), [""; 0]);
}

#[test]
fn a_pack_is_shared_between_threads() {
    fn shared<T: Clone + Send + Sync + 'static>(_: &T) {}
    shared(&pack());
}

#[track_caller]
fn clocks(event: &str, value: &serde_json::Value, from: &str) -> Vec<(String, String)> {
    let (pack, agency) = (pack(), agency().value());
    let at = time(&format!("{from}T09:40:00+08:00"));
    pack.time_limits_for("F21", event)
        .into_iter()
        .filter(|limit| limit.applies(value))
        .map(|limit| {
            let deadline = pack.deadline(limit, value, at, &agency).unwrap();
            (limit.name.clone(), deadline.legal_due.to_string())
        })
        .collect()
}

fn named(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected
        .iter()
        .map(|(name, due)| ((*name).to_owned(), (*due).to_owned()))
        .collect()
}

#[test]
fn scenario_a1_starts_its_clocks() {
    let issued = clocks("issued", &warning(), "2026-03-10");
    assert_eq!(
        issued,
        named(&[
            ("filing", "2026-03-17"),
            ("disclosure", "2026-03-19"),
            ("archive", "2026-04-09"),
            ("overload_notice", "2026-03-19")
        ])
    );
    assert_eq!(
        clocks("delivered", &warning(), "2026-03-10"),
        named(&[("reconsideration", "2026-05-09")])
    );
}

#[test]
fn scenario_a2_rolls_over_the_holiday() {
    let issued = clocks("issued", &fine(), "2026-09-22");
    assert_eq!(
        issued[..2],
        named(&[("filing", "2026-09-30"), ("disclosure", "2026-10-09")])
    );
    assert_eq!(
        clocks("delivered", &fine(), "2026-09-22"),
        named(&[("payment", "2026-10-08"), ("reconsideration", "2026-11-23")])
    );
}

#[test]
fn the_day_to_pay_by_is_reckoned_and_never_typed() {
    let pack = pack();
    let form = pack.form("F21").unwrap();
    assert_eq!(
        form.complete(&fine(), day("2026-09-22"), &agency().value())["pay_by"],
        "2026-10-08"
    );
    let mut printed = form.complete(&fine(), day("2026-09-22"), &agency().value());
    printed["issued_on"] = json!("2026-03-10");
    assert_eq!(
        form.labels(&printed, &agency().value())["pay_by"],
        "2026-03-25"
    );
    let mut warned = warning();
    warned["pay_by"] = json!("2026-10-08");
    assert_eq!(
        form.complete(&warned, day("2026-09-22"), &agency().value())
            .get("pay_by"),
        None
    );
}

#[test]
fn labels_are_put_beside_choices_and_citations_are_spelt_out() {
    let pack = pack();
    let labelled = pack.form("F21").unwrap().labels(&fine(), &agency().value());
    assert_eq!(labelled["penalty_kind_text"], "罚款");
    assert_eq!(labelled["party"]["kind_text"], "个人");
    assert_eq!(labelled["vehicle"]["plate_colour_text"], "黄色");
    assert_eq!(labelled["happened_at"], fine()["happened_at"]);
    assert_eq!(
        labelled["basis"][0],
        json!({ "law": "超限运输车辆行驶公路管理规定", "article": "43", "paragraph": "1", "item": "1" })
    );
    let record = pack.form("F01").unwrap();
    let mut value = record.prefill(&facts());
    value["items"] = json!([{ "name": "总质量", "result": "fail" }]);
    let labelled = record.labels(&value, &agency().value());
    assert_eq!(labelled["items"][0]["result_text"], "不合格");
    assert_eq!(labelled["basis"][0]["law"], "中华人民共和国道路运输条例");
    assert_eq!(labelled["started_at"], "2026-03-10T09:50:00.000+08:00");
}

#[test]
fn refusals_are_shown_with_their_article() {
    let pack = pack();
    let agency = agency();
    let expired = agency
        .officers
        .iter()
        .find(|officer| officer.credential_no == "99010003")
        .unwrap();
    let refusal = standing(&expired.credential(), day("2026-03-10")).unwrap_err();
    assert_eq!(refusal.code(), "credential_expired");
    let basis = pack.basis_of(&refusal);
    assert_eq!(
        (basis[0].law.as_str(), basis[0].article.as_str()),
        ("行政处罚法", "42")
    );
    assert_eq!(pack.basis_of(&Refusal::NotPresented)[0].article, "55");
    assert_eq!(pack.basis_of(&Refusal::RecordingRunning), []);
    let assistant = agency
        .officers
        .iter()
        .find(|officer| officer.credential_no == "99010004")
        .unwrap();
    assert_eq!(
        standing(&assistant.credential(), day("2026-03-10"))
            .unwrap_err()
            .code(),
        "not_an_officer"
    );
}

#[test]
fn notices_name_the_agency() {
    let (pack, agency) = (pack(), agency().value());
    let notice = pack.rights("RN-5S", &agency).unwrap();
    assert!(notice.text.contains("示例市人民政府"), "{}", notice.text);
    assert!(!notice.text.contains('{'));
    assert_eq!(notice.basis[1].article, "23");
    assert!(
        pack.rights("RN-1", &json!({}))
            .unwrap()
            .text
            .contains("＿＿＿＿")
    );
    assert!(pack.rights("RN-99", &agency).is_none());
    for id in ["RN-1", "RN-3", "RN-5", "RN-5S", "RN-6", "RN-7", "RN-11"] {
        assert!(pack.all_rights(&agency).contains_key(id), "{id}");
    }
}

#[test]
fn violations_are_found_by_what_officers_type() {
    let pack = pack();
    let codes = |text: &str| -> Vec<String> {
        pack.search_violations(text, 10)
            .iter()
            .map(|violation| violation.code.clone())
            .collect()
    };
    assert_eq!(codes("T8"), ["T8"]);
    assert_eq!(codes("ｔ８"), ["T8"]);
    assert_eq!(codes("扬撒"), ["T7"]);
    assert_eq!(codes("超限 称重"), ["T11-1", "T11-2"]);
    assert_eq!(codes("szgz"), ["T9"]);
    assert_eq!(codes("携带营运证"), [""; 0]);
    assert_eq!(codes("🚚'; --"), [""; 0]);
    assert_eq!(pack.search_violations("", 3).len(), 3);
    assert_eq!(pack.violation("T11-1").unwrap().range_text(), "警告");
    assert_eq!(
        pack.violation("T10-1").unwrap().range_text(),
        "罚款200元以下"
    );
    assert_eq!(
        pack.violation("T8").unwrap().range_text(),
        "罚款1000元至5000元"
    );
    assert!(
        !pack
            .violation("T0-CARRY")
            .unwrap()
            .is_in_force(day("2026-03-10"))
    );
}

#[test]
fn the_steps_of_the_simple_procedure_come_in_order() {
    let pack = pack();
    let at = |key: &str| {
        pack.steps("simple")
            .position(|step| step.key == key)
            .unwrap()
    };
    assert!(at("present") < at("inspection_record"));
    assert!(at("tell_before_penalty") < at("penalty"));
    assert!(at("rectification") < at("penalty"));
    assert!(at("penalty") < at("print") && at("print") < at("deliver"));
}

#[test]
fn numbers_follow_the_pattern_of_the_agency() {
    let agency = agency();
    let pattern = agency.pattern("summary_penalty").unwrap();
    assert_eq!(
        render_number(pattern, 2026, 417).unwrap(),
        "示例交罚〔2026〕0417号"
    );
    assert_eq!(
        render_number(pattern, 2026, 12_345).unwrap(),
        "示例交罚〔2026〕12345号"
    );
    assert_eq!(render_number("no place", 2026, 1), None);
    assert_eq!(render_number("{year}{serial:99}", 2026, 1), None);
    let series: Vec<_> = pack()
        .forms()
        .filter_map(|form| form.number_series.clone())
        .collect();
    assert!(series.iter().all(|series| agency.pattern(series).is_some()));
}

#[test]
fn a_signed_pack_opens_as_the_same_pack() {
    let key = SigningKey::generate();
    let bytes = Pack::bundle(&dir(), "2026.11.3", &key).unwrap();
    let opened = Pack::open(&bytes, &key.public()).unwrap();
    assert_eq!(opened.version(), "2026.11.3");
    assert_eq!(opened.sha256(), journal::Hash::of(&bytes).to_string());
    assert!(opened.forms().eq(pack().forms()));
    assert_eq!(
        opened.form("F21").unwrap().paper(),
        pack().form("F21").unwrap().paper()
    );
    assert!(!String::from_utf8(bytes).unwrap().contains("agencies/"));
}

/// The commands of the README.
#[test]
fn anyone_can_check_a_signed_pack_with_openssl() {
    let key = SigningKey::generate();
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("pack"),
        Pack::bundle(&dir(), "1", &key).unwrap(),
    )
    .unwrap();
    fs::write(folder.path().join("key.pem"), key.public().to_pem()).unwrap();
    let script = "head -n 1 pack | head -c -1 > content && tail -n 1 pack | base64 -d > signature && \
                  openssl dgst -sha256 -verify key.pem -signature signature content";
    let run = std::process::Command::new("sh")
        .args(["-c", script])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert_eq!(
        String::from_utf8_lossy(&run.stdout).trim(),
        "Verified OK",
        "{run:?}"
    );
}

#[test]
fn every_field_of_a_form_is_in_its_schema() {
    for definition in pack().forms() {
        for field in definition
            .sections
            .iter()
            .flat_map(|section| &section.fields)
        {
            let mut value = json!({});
            put(&mut value, &field.path, json!("x"));
            let found = findings(&definition.code, &value);
            let unknown = found.iter().find(|finding| finding.rule == "unknown_field");
            assert!(
                unknown.is_none(),
                "{} {}: {unknown:?}",
                definition.code,
                field.path
            );
        }
    }
}

#[test]
fn a_pack_that_was_touched_is_refused_whole() {
    let key = SigningKey::generate();
    let bytes = Pack::bundle(&dir(), "2026.11.3", &key).unwrap();
    let open = |bytes: &[u8]| Pack::open(bytes, &key.public());
    assert!(matches!(
        Pack::open(&bytes, &SigningKey::generate().public()),
        Err(PackFault::Signature(_))
    ));
    for cut in [0, 1, bytes.len() / 2, bytes.len() - 100, bytes.len() - 1] {
        assert!(open(&bytes[..cut]).is_err(), "cut at {cut}");
    }
    let step = bytes.len() / 40;
    for at in (0..bytes.len()).step_by(step) {
        let mut touched = bytes.clone();
        touched[at] ^= 1;
        assert!(open(&touched).is_err(), "byte {at}");
    }
    let mut longer = bytes.clone();
    longer.push(b'\n');
    assert!(open(&longer).is_err());
    assert!(matches!(
        open(&vec![b'x'; 17 << 20]),
        Err(PackFault::Oversize { .. })
    ));
    assert!(matches!(open(b"\xff\xfe\n\n"), Err(PackFault::Malformed)));
}

#[test]
fn a_signed_pack_still_may_not_reach_outside_itself() {
    let key = SigningKey::generate();
    for path in [
        "../evil.toml",
        "/etc/passwd",
        "forms/../../x",
        "a\\b",
        "",
        ".hidden",
        "forms//x",
    ] {
        let content =
            json!({ "format": "sanxiang-pack/1", "version": "1", "files": { path: "x" } })
                .to_string();
        let bytes = format!("{content}\n{}\n", key.sign(content.as_bytes()).to_base64());
        assert!(
            matches!(
                Pack::open(bytes.as_bytes(), &key.public()),
                Err(PackFault::PathEscape { .. })
            ),
            "{path}"
        );
    }
    let content = json!({ "format": "sanxiang-pack/9", "version": "1", "files": {} }).to_string();
    let bytes = format!("{content}\n{}\n", key.sign(content.as_bytes()).to_base64());
    assert!(matches!(
        Pack::open(bytes.as_bytes(), &key.public()),
        Err(PackFault::Format { .. })
    ));
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for item in fs::read_dir(from).unwrap() {
        let item = item.unwrap();
        let target = to.join(item.file_name());
        if item.file_type().unwrap().is_dir() {
            copy(&item.path(), &target);
        } else {
            fs::copy(item.path(), target).unwrap();
        }
    }
}

/// Changes one place of one file and compares what the clerk is told.
#[track_caller]
fn check_edit(file: &str, old: &str, new: &str, expected: &str) {
    let folder = tempfile::tempdir().unwrap();
    copy(&dir(), folder.path());
    let path = folder.path().join(file);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(old), "{file} has no {old:?}");
    fs::write(&path, text.replacen(old, new, 1)).unwrap();
    let told = Pack::load(folder.path())
        .err()
        .expect("the edit is a mistake")
        .to_string();
    assert!(
        told.contains(expected),
        "told {told:?}, expected {expected:?}"
    );
    assert!(Pack::bundle(folder.path(), "1", &SigningKey::generate()).is_err());
}

#[test]
fn a_clerk_is_told_the_file_and_the_line_of_a_mistake() {
    check_edit(
        "pack.toml",
        "title =",
        "titel =",
        "pack.toml:3: unknown field `titel`",
    );
    check_edit(
        "limits.toml",
        "行政处罚法 68",
        "行政处罚法 680",
        "articles.toml has no 行政处罚法 680",
    );
    check_edit(
        "limits.toml",
        "\"行政处罚法 60\"",
        "\"行政处罚法\"",
        "limits.toml:",
    );
    check_edit(
        "limits.toml",
        "\"issued\"",
        "\"signed\"",
        "\"signed\" starts no time limit",
    );
    check_edit(
        "refusals.toml",
        "not_presented =",
        "not_presentet =",
        "there is no refusal not_presentet",
    );
    check_edit(
        "refusals.toml",
        "    \"form_unknown\",\n",
        "",
        "form_unknown stands either",
    );
    check_edit(
        "calendars/2026.toml",
        "\"2026-10-10\"",
        "\"2026-10-12\"",
        "no Saturday or Sunday",
    );
    check_edit(
        "calendars/2026.toml",
        "2026-10-07",
        "2026-09-30",
        "calendars/2026.toml:",
    );
    check_edit("rights/RN-3.txt", "标题：", "题目：", "rights/RN-3.txt:1");
    check_edit(
        "rights/RN-6.txt",
        "{agency.bank}",
        "{agency.bnk}",
        "{agency.bnk} is not known",
    );
    check_edit(
        "forms/F21/form.toml",
        "block = \"place\"",
        "block = \"palce\"",
        "no block palce",
    );
    check_edit(
        "forms/F21/form.toml",
        "kind = \"money\"",
        "kind = \"mony\"",
        "\"mony\" is no kind of field",
    );
    check_edit(
        "forms/F21/form.toml",
        "code = \"F21\"",
        "code = \"F22\"",
        "has the code F22",
    );
    check_edit(
        "forms/F21/form.toml",
        "pay_by = \"payment\"",
        "pay_by = \"paymnt\"",
        "no time limit paymnt",
    );
    check_edit(
        "forms/F21/rules.toml",
        "kind = \"penalty_age\"",
        "kind = \"penalty_aeg\"",
        "forms/F21/rules.toml:",
    );
    check_edit(
        "forms/F01/schema.json",
        "\"type\": \"object\"",
        "\"type\": \"objekt\"",
        "forms/F01/schema.json",
    );
    check_edit("forms/F01/schema.json", "{", "", "forms/F01/schema.json:");
    check_edit(
        "violations.toml",
        "max_fen = 500_000",
        "max_fen = 5",
        "the band is upside down",
    );
    check_edit(
        "guidance.toml",
        "notice = \"RN-3\"",
        "notice = \"RN-33\"",
        "there is no notice RN-33",
    );
    check_edit("pack.toml", "'^\\p{Han}", "'^(\\p{Han}", "pack.toml:");
}

#[test]
fn a_misspelt_path_is_a_mistake_and_no_silent_rule() {
    check_edit(
        "forms/F21/rules.toml",
        "fine = \"fine_fen\"",
        "fine = \"fine_fn\"",
        "F21 has no field fine_fn",
    );
    check_edit(
        "forms/F21/rules.toml",
        "notice = \"RN-3\"",
        "notice = \"RN-44\"",
        "there is no notice RN-44",
    );
    check_edit(
        "forms/F21/form.toml",
        "pay_by = \"payment\"",
        "pay_at = \"payment\"",
        "F21 has no field pay_at",
    );
    check_edit(
        "blocks.toml",
        "when = { path = \"kind\"",
        "when = { path = \"knid\"",
        "has no field party.knid",
    );
    check_edit(
        "limits.toml",
        "path = \"penalty_kind\"",
        "path = \"penalty\"",
        "F21 has no field penalty",
    );
}

#[test]
fn a_folder_that_lacks_a_file_says_which() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(
        Pack::load(folder.path()).err().unwrap().to_string(),
        "the pack has no file pack.toml"
    );
    copy(&dir(), folder.path());
    fs::remove_file(folder.path().join("forms/F10/paper.txt")).unwrap();
    assert_eq!(
        Pack::load(folder.path()).err().unwrap().to_string(),
        "the pack has no file forms/F10/paper.txt"
    );
}
