//! Each thing the lint finds, in a small pack with just that mistake.

use std::process::Command;

use crate::common::small::Small;
use forms::{LintFinding, LintOptions, LintSeverity, lint};

fn options(small: &Small, on: &str) -> LintOptions {
    LintOptions {
        on: on.parse().unwrap(),
        until: None,
        agencies: vec![small.dir().join("agencies/test.toml")],
    }
}

fn on(small: &Small, day: &str) -> Vec<LintFinding> {
    lint(small.dir(), &options(small, day))
}

/// The one finding of the rule: where it points and what it says.
#[track_caller]
fn finds(small: &Small, day: &str, rule: &str, place: &str, words: &str) -> LintFinding {
    let findings = on(small, day);
    let mine = findings.iter().find(|finding| {
        finding.rule == rule && format!("{}:{}", finding.file, finding.line).ends_with(place)
    });
    let Some(mine) = mine else {
        panic!("no {rule} at {place} among {findings:#?}");
    };
    assert!(mine.reason.contains(words), "{mine}");
    assert!(!mine.hint.is_empty());
    mine.clone()
}

const DAY: &str = "2026-03-10";

#[test]
fn the_small_pack_has_only_what_was_acknowledged() {
    let findings = on(&small(), DAY);
    let rules: Vec<_> = findings
        .iter()
        .map(|finding| (finding.rule, finding.severity))
        .collect();
    assert_eq!(
        rules,
        [
            ("weaker_than_statute", LintSeverity::Note),
            ("photo_unset", LintSeverity::Note)
        ],
        "{findings:#?}"
    );
    assert!(findings[0].hint.contains("非处罚信息"), "{}", findings[0]);
}

/// With what a complete agency needs.
fn small() -> Small {
    let mut people = String::new();
    for (id, number) in [("a", "1"), ("b", "2")] {
        people.push_str(&format!(
            "[[officers]]\nofficer_id = \"{id}\"\nname = \"赵某\"\nunit = \"队\"\npost = \"员\"\ncredential_no = \"{number}\"\n\
             category = \"交通\"\narea = \"测试市\"\nvalid_from = \"2024-01-01\"\nvalid_to = \"2027-12-31\"\nstatus = \"valid\"\nis_officer = true\n"
        ));
    }
    let small = Small::new().append("agencies/test.toml", &people);
    for code in ["A3", "A4"] {
        let paper = small.dir().join(format!("forms/{code}/paper.txt"));
        std::fs::write(paper, "@title 测试\n@notice {rights.RN-5}\n").unwrap();
    }
    small
}

#[test]
fn an_article_that_does_not_exist_is_found() {
    let small = small().change(
        "violations.toml",
        "basis = [\"甲法 1\"]",
        "basis = [\"甲法 77\"]",
    );
    finds(
        &small,
        DAY,
        "article_unknown",
        "violations.toml:5",
        "第77条",
    );
    let small = self::small().change(
        "violations.toml",
        "basis = [\"甲法 1\"]",
        "basis = [\"丙法 1\"]",
    );
    finds(&small, DAY, "law_unknown", "violations.toml:5", "丙法");
}

#[test]
fn a_dead_citation_and_one_not_yet_valid_are_found() {
    let small = small().change(
        "violations.toml",
        "basis = [\"甲法 1\"]",
        "basis = [\"乙法 1\"]",
    );
    finds(
        &small,
        DAY,
        "dead_citation",
        "violations.toml:5",
        "已经不是有效的法律",
    );
    // The same entry as history: judged by its own last day.
    let small = small.append("violations.toml", "valid_to = \"2019-12-31\"\n");
    assert!(
        on(&small, DAY)
            .iter()
            .all(|finding| finding.file != "violations.toml")
    );
    finds(
        &self::small(),
        "2021-07-14",
        "not_yet_valid",
        "violations.toml:5",
        "2021-07-15",
    );
}

#[test]
fn a_citation_of_a_repealed_clause_is_found() {
    let small = small()
        .change(
            "articles.toml",
            "\"58\" = \"法制审核\"",
            "\"58\" = \"法制审核\"\n\"9\" = \"旧条\"",
        )
        .change(
            "violations.toml",
            "title = \"测试违法行为\"",
            "title = \"做了旧事\"",
        )
        .change(
            "violations.toml",
            "basis = [\"甲法 1\"]",
            "basis = [\"甲法 9\"]",
        );
    finds(
        &small,
        DAY,
        "repealed_clause",
        "violations.toml:5",
        "2023-07-20",
    );
    assert!(
        on(&small, "2023-07-19")
            .iter()
            .all(|finding| finding.rule != "repealed_clause")
    );
}

#[test]
fn an_old_article_number_in_running_text_is_found() {
    let versions = "[[law]]\nshort = \"丙条例\"\ntitle = \"丙条例\"\nvalid_from = \"2004-07-01\"\nvalid_to = \"2023-07-19\"\n[law.articles]\n\"31\" = \"旧\"\n[law.moved]\n\"31\" = \"44\"\n\
                    [[law]]\nshort = \"丙条例\"\ntitle = \"丙条例\"\nvalid_from = \"2023-07-20\"\n[law.articles]\n\"44\" = \"新\"\n";
    let small = small()
        .append("articles.toml", versions)
        .append("rights/RN-5.txt", "依照《丙条例》第三十一条。");
    let finding = finds(
        &small,
        DAY,
        "dead_citation",
        "rights/RN-5.txt:6",
        "旧法条号",
    );
    assert!(finding.hint.contains("44"));
    assert!(
        on(&small, "2023-07-19")
            .iter()
            .all(|finding| finding.rule != "dead_citation")
    );
}

/// S0 gives itself 20 working days where the statute gives 3.
#[test]
fn a_parameter_weaker_than_the_statute_is_found() {
    let small = small().change(
        "agencies/test.toml",
        ", acknowledged = \"非处罚信息仍按 20 个工作日\"",
        "",
    );
    let finding = finds(
        &small,
        DAY,
        "weaker_than_statute",
        "agencies/test.toml:16",
        "弱于法定的 3",
    );
    assert_eq!(finding.severity, LintSeverity::Error);
}

#[test]
fn a_parameter_nobody_declared_or_of_another_kind_is_found() {
    let small = small().append(
        "agencies/test.toml",
        "[parameters.extra_wd]\nvalue = 1\nsource = \"本机关决定\"\n",
    );
    finds(
        &small,
        DAY,
        "parameter_unknown",
        "agencies/test.toml:44",
        "extra_wd",
    );
    let small = self::small().change(
        "agencies/test.toml",
        "value = 500_000",
        "value = \"五千元\"",
    );
    finds(
        &small,
        DAY,
        "parameter_type",
        "agencies/test.toml:17",
        "五千元",
    );
    let small = self::small().change(
        "agencies/test.toml",
        "source = \"省政府令\"",
        "source = \"\"",
    );
    finds(
        &small,
        DAY,
        "parameter_source",
        "agencies/test.toml:17",
        "来源",
    );
    let small = self::small().change(
        "agencies/test.toml",
        "hearing_person_fen = { value = 500_000, source = \"省政府令\" }",
        "",
    );
    finds(
        &small,
        DAY,
        "parameter_unset",
        "agencies/test.toml:0",
        "hearing_person_fen",
    );
}

#[test]
fn a_form_without_its_rights_is_found() {
    let small = small().change("forms/A3/form.toml", "rights = [\"RN-5\"]", "rights = []");
    finds(
        &small,
        DAY,
        "rights_missing",
        "forms/A3/form.toml:4",
        "RN-5",
    );
    let small = self::small().change("forms/A4/paper.txt", "@notice {rights.RN-5}\n", "");
    finds(
        &small,
        DAY,
        "rights_not_printed",
        "forms/A4/paper.txt:0",
        "RN-5",
    );
}

#[test]
fn a_label_without_wording_is_found() {
    let change = |from: &str, to: &str| small().change("forms/A3/form.toml", from, to);
    finds(
        &change("label = \"罚款\"", "label = \"\""),
        DAY,
        "label_missing",
        "forms/A3/form.toml:18",
        "没有文字",
    );
    finds(
        &change("label = \"罚款\"", "label = \"fine\""),
        DAY,
        "label_missing",
        "forms/A3/form.toml:18",
        "fine",
    );
    finds(
        &change("label = \"名称\"", "label = \"name\""),
        DAY,
        "label_missing",
        "forms/A3/form.toml:25",
        "name",
    );
    let small = small().change(
        "blocks.toml",
        "[\"person\", \"个人\"]",
        "[\"person\", \"person\"]",
    );
    finds(&small, DAY, "label_missing", "blocks.toml:3", "选项 person");
    let small = self::small().change("limits.toml", "text = \"缴纳\"", "text = \"pay\"");
    finds(&small, DAY, "label_missing", "limits.toml:25", "pay");
}

#[test]
fn a_condition_that_never_holds_is_found() {
    let small = small().change(
        "blocks.toml",
        "label = \"姓名\", kind = \"text\", required = true",
        "label = \"姓名\", kind = \"text\", required = true, when = { path = \"kind\", is = [\"persn\"] }",
    );
    finds(&small, DAY, "dead_condition", "blocks.toml:0", "persn");
}

#[test]
fn steps_that_cannot_be_reached_are_found() {
    let change = |from: &str, to: &str| small().change("procedures.toml", from, to);
    let waits = change(
        "needs = { kind = \"issued\", forms = [\"A1\"] }",
        "needs = { kind = \"issued\", forms = [\"Z9\"] }",
    );
    finds(&waits, DAY, "unreachable", "procedures.toml:16", "Z9");
    let guards = change("forms = [\"A2\", \"A3\"]", "forms = [\"A2\", \"Z9\"]");
    finds(&guards, DAY, "form_unknown", "procedures.toml:16", "Z9");
    let clock = change("limit = \"hearing_request\"", "limit = \"hearing_requst\"");
    finds(
        &clock,
        DAY,
        "unreachable",
        "procedures.toml:43",
        "hearing_requst",
    );
    let never = change(
        "when = [{ path = \"act.method\", is = [\"electronic\"] }, { path = \"form\", is = { param = \"electronic_service_blacklist\" } }]\n",
        "",
    );
    finds(
        &never,
        DAY,
        "unreachable",
        "procedures.toml:71",
        "永远不能满足",
    );
    let path = change("path = \"fine_fen\", than", "path = \"fine_fn\", than");
    finds(&path, DAY, "path_unknown", "procedures.toml:52", "fine_fn");
    let other = change(
        "path = \"issued.A2.value.fine_fen\"",
        "path = \"issued.A2.value.fine\"",
    );
    finds(
        &other,
        DAY,
        "path_unknown",
        "procedures.toml:12",
        "issued.A2.value.fine",
    );
    let done = small().change(
        "limits.toml",
        "done_by = { form = \"A1\" }",
        "done_by = { form = \"Z9\" }",
    );
    finds(&done, DAY, "unreachable", "limits.toml:57", "Z9");
}

#[test]
fn forms_that_wait_for_each_other_are_found() {
    let gate = "[[gate]]\nrule = \"R-BACK\"\nforms = [\"A1\"]\nat = \"start\"\nneeds = { kind = \"delivered\", forms = [\"A3\"] }\ntext = \"等决定。\"\nhint = \"等。\"\n";
    let small = small().append("procedures.toml", gate);
    let findings = on(&small, DAY);
    let circle = findings
        .iter()
        .find(|finding| finding.rule == "circle")
        .unwrap();
    assert!(circle.reason.contains("A1 → A3"), "{circle}");
    assert_eq!(circle.severity, LintSeverity::Error);
}

#[test]
fn calendars_that_end_too_soon_are_found() {
    finds(
        &small(),
        "2026-12-30",
        "calendar_too_short",
        "calendars/2026.toml:0",
        "暂按周末推算",
    );
    let beyond = finds(
        &small(),
        "2027-01-04",
        "calendar_too_short",
        "calendars/2026.toml:0",
        "用不了",
    );
    assert_eq!(beyond.severity, LintSeverity::Error);
    let small = small();
    let mut options = options(&small, DAY);
    options.until = Some(2027);
    let findings = lint(small.dir(), &options);
    assert!(
        findings
            .iter()
            .any(|finding| finding.rule == "calendar_too_short")
    );
}

#[test]
fn a_photo_that_is_not_there_is_found() {
    let small = small().change(
        "agencies/test.toml",
        "is_officer = true",
        "is_officer = true\nphoto = \"nowhere.jpg\"",
    );
    finds(
        &small,
        DAY,
        "photo_missing",
        "agencies/test.toml:31",
        "nowhere.jpg",
    );
    let unset = finds(
        &self::small(),
        DAY,
        "photo_unset",
        "agencies/test.toml:19",
        "没有证件照",
    );
    assert_eq!(unset.severity, LintSeverity::Note);
}

#[test]
fn a_seal_that_is_needed_or_named_and_not_there_is_found() {
    let named = "[seal]\nimage = \"seal.png\"\nwidth_mm = 42\n\n[[officers]]";
    let small = small().change("agencies/test.toml", "[[officers]]", named);
    finds(
        &small,
        DAY,
        "seal_missing",
        "agencies/test.toml:20",
        "seal.png",
    );
    let needed = "[parameters]\nseal_mode = { value = \"token\", source = \"机关决定\" }\n";
    let small = self::small().change("agencies/test.toml", "[parameters]\n", needed);
    finds(
        &small,
        DAY,
        "seal_unset",
        "agencies/test.toml:16",
        "没有印章图像",
    );
}

#[test]
fn officers_and_number_series_that_are_missing_are_found() {
    let small = small().change(
        "agencies/test.toml",
        "is_officer = true",
        "is_officer = false",
    );
    finds(
        &small,
        DAY,
        "officers_missing",
        "agencies/test.toml:0",
        "只有 1 名",
    );
    finds(
        &self::small(),
        "2028-01-01",
        "officers_missing",
        "agencies/test.toml:0",
        "只有 0 名",
    );
    let small = self::small().change(
        "forms/A3/form.toml",
        "copies =",
        "number_series = \"penalty\"\ncopies =",
    );
    finds(
        &small,
        DAY,
        "series_missing",
        "agencies/test.toml:0",
        "penalty",
    );
    let small = self::small().change(
        "agencies/test.toml",
        "phone = \"0990-8000001\"",
        "phone = \"\"",
    );
    finds(
        &small,
        DAY,
        "agency_incomplete",
        "agencies/test.toml:8",
        "电话",
    );
    let small = self::small().change("agencies/test.toml", "测试市人民政府", "测试市交通运输局");
    finds(
        &small,
        DAY,
        "reconsideration_organ",
        "agencies/test.toml:10",
        "不是人民政府",
    );
}

#[test]
fn a_pack_that_cannot_be_read_says_where() {
    let small = small().change("limits.toml", "days = 15", "days = ");
    finds(&small, DAY, "unreadable", "limits.toml:27", "读不进去");
    let small = self::small().change(
        "forms/A1/form.toml",
        "party = \"party\"",
        "partyy = \"party\"",
    );
    finds(
        &small,
        DAY,
        "broken_reference",
        "forms/A1/form.toml:22",
        "partyy",
    );
}

#[test]
fn the_command_tells_findings_and_its_exit_status() {
    let run = |small: &Small| {
        Command::new(env!("CARGO_BIN_EXE_sanxiang-pack"))
            .arg("lint")
            .arg(small.dir())
            .arg("--agency")
            .arg(small.dir().join("agencies/test.toml"))
            .args(["--on", DAY])
            .output()
            .unwrap()
    };
    let good = run(&small());
    let text = String::from_utf8(good.stdout).unwrap();
    assert!(good.status.success(), "{text}");
    assert!(
        text.ends_with("按 2026-03-10 检查：0 处错误，0 处提醒，2 处说明。\n"),
        "{text}"
    );
    let bad = run(&small().change("limits.toml", "text = \"缴纳\"", "text = \"pay\""));
    let text = String::from_utf8(bad.stdout).unwrap();
    assert_eq!(bad.status.code(), Some(1));
    assert!(
        text.contains("limits.toml:25: 错误 期限 payment只有外文“pay”。 → "),
        "{text}"
    );
}

#[test]
fn the_command_makes_a_signed_file() {
    let key = journal::SigningKey::generate();
    let folder = tempfile::tempdir().unwrap();
    let (secret, out) = (folder.path().join("key"), folder.path().join("pack"));
    std::fs::write(&secret, key.to_secret_bytes().as_slice()).unwrap();
    let run = Command::new(env!("CARGO_BIN_EXE_sanxiang-pack"))
        .arg("bundle")
        .arg(small().dir())
        .args(["--version", "2026.2.1", "--key"])
        .arg(&secret)
        .arg("--out")
        .arg(&out)
        .output()
        .unwrap();
    assert!(run.status.success(), "{run:?}");
    let pack = forms::Pack::open(&std::fs::read(out).unwrap(), &key.public()).unwrap();
    assert_eq!(pack.version(), "2026.2.1");
    let wrong = Command::new(env!("CARGO_BIN_EXE_sanxiang-pack"))
        .arg("lnt")
        .output()
        .unwrap();
    assert_eq!(wrong.status.code(), Some(2));
}
