//! What a clerk gets wrong in a layout: each mistake is told with its file, its line, and what to do.

use crate::common::pack;
use crate::common::small::Small;
use forms::{LintOptions, LintSeverity, lint};

/// A layout of ten lines around the mistake, which stands in line 5.
fn layout(mistake: &str) -> String {
    format!("# 测试\n@page a4\n@title {{title}}\n\n{mistake}\n\n事实：{{facts}}\n")
}

#[track_caller]
fn check(mistake: &str, line: usize, expected: &str) {
    let small = Small::new();
    std::fs::write(small.dir().join("forms/A1/paper.txt"), layout(mistake)).unwrap();
    let options = LintOptions {
        on: "2026-03-10".parse().unwrap(),
        until: None,
        agencies: Vec::new(),
    };
    let findings = lint(small.dir(), &options);
    let mine = findings.iter().find(|finding| {
        finding.file == "forms/A1/paper.txt" && finding.severity == LintSeverity::Error
    });
    let Some(mine) = mine else {
        panic!("{mistake}: {findings:#?}");
    };
    assert!(mine.reason.contains(expected), "{mistake}: {mine}");
    assert_eq!(mine.line, line, "{mistake}: {mine}");
    assert!(!mine.hint.is_empty());
}

#[test]
fn values_the_form_does_not_have_are_told() {
    check("{factz}", 5, "没有 factz 这一栏");
    check("甲{party.nmae|line 8}", 5, "没有 party.nmae 这一栏");
    check("@when party.sxe = male\n甲\n@end", 5, "party.sxe");
    check("{box fakts}甲", 5, "fakts");
    check("@each rows\n{.name}\n@end", 5, "没有 rows 这一栏");
    check("{.name}", 5, "不在 @each 里面");
    check("{facts|or fact}", 5, "没有 fact 这一栏");
    check("{party.phone|slash party.knd = person}", 5, "party.knd");
    check("@table 1 1\n| 甲 | {partty.name} |\n@end", 6, "partty.name");
    check("@number 编号：{number|line 14}", 5, "没有文号");
}

#[test]
fn options_a_choice_does_not_have_are_told() {
    check("{box party.kind = persn}甲", 5, "没有 persn 这个选项");
    check(
        "{party.kind|choose person=个人}",
        5,
        "organisation（单位）在 choose 里",
    );
}

#[test]
fn what_is_not_closed_is_told_where_it_begins() {
    check("甲{facts", 5, "is not closed");
    check("甲facts}", 5, "without");
    check("@when facts\n甲", 5, "no @end");
    check("@keep\n甲\n@when facts\n乙\n@end", 5, "no @end");
    check(
        "@table 1 1\n| 甲 | 乙 |",
        8,
        "or end the table with @end before it",
    );
    check("甲\n@end", 6, "@end belongs to no block");
    check("甲\n@else", 6, "@else belongs to no block");
}

#[test]
fn tables_that_do_not_fit_are_told() {
    let row = |cells: &str| format!("@table 1 1 1\n| 甲 | 乙 | 丙 |\n{cells}\n@end");
    check(
        &row("| 甲 | 乙 | 丙 | 丁 |"),
        7,
        "4 columns wide and the table 3",
    );
    check(&row("| 甲 | 乙 |"), 7, "2 columns wide and the table 3");
    check(
        &row("| 甲 | (3x1)乙 |"),
        7,
        "4 columns wide and the table 3",
    );
    check(&row("| 甲 | (x2)乙 | 丙 |"), 7, "not set \"x2\"");
    check(&row("| 甲 | (印章) | 丙 |"), 7, "begin with （");
    check(&row("甲　乙　丙"), 7, "begin this line with |");
    check("@table\n| 甲 |\n@end", 5, "1 to 24 column widths");
    check(
        "@table 1 二\n| 甲 | 乙 |\n@end",
        5,
        "\"二\" is not a number",
    );
    check("@table 1 0\n| 甲 | 乙 |\n@end", 5, "column widths");
    check("@table 1 1 size 90\n| 甲 | 乙 |\n@end", 5, "5 to 40");
}

#[test]
fn words_the_language_does_not_know_are_told_with_the_nearest() {
    check("@haeding 甲", 5, "did you mean heading?");
    check("@titel 甲", 5, "did you mean title?");
    check("@qwertzu 甲", 5, "one of page, margins");
    check("{facts|datte}", 5, "did you mean date?");
    check("{facts|大写}", 5, "one of date, time");
    check("@use partty", 5, "party, officers or vehicle");
    check("{当事人}", 5, "not the name of a value");
    check("@height 10", 5, "before a row");
    check("@qr 99 甲", 5, "15 to 60");
    check("@space", 5, "one length in mm");
}

#[test]
fn what_holds_for_the_whole_sheet_stands_once() {
    check("@page ticket", 5, "stands in line 2 already");
    check("@footer 甲\n@footer 乙", 6, "stands in line 5 already");
    check("@margins 20 20 20", 5, "four lengths");
    check("@margins 20 100 20 100", 5, "too little room");
    check("@text 50 20", 5, "size and line height");
    let small = Small::new();
    let late = "@margins 20 20 20 20\n@page a4\n@title 甲\n";
    std::fs::write(small.dir().join("forms/A1/paper.txt"), late).unwrap();
    let fault = small.load().err().unwrap().to_string();
    assert_eq!(
        fault,
        "forms/A1/paper.txt:2: @page has to stand before @margins"
    );
}

#[test]
fn marks_of_a_chinese_keyboard_are_told() {
    check("＠heading 甲", 5, "full-width: write @");
    check("甲｛facts｝", 5, "full-width: write {");
    check("@table 1 1\n｜ 甲 ｜ 乙 ｜\n@end", 6, "full-width: write |");
}

#[test]
fn a_mark_of_the_byte_order_is_no_word() {
    let small = Small::new();
    let text = format!("\u{feff}{}", layout("甲"));
    std::fs::write(small.dir().join("forms/A1/paper.txt"), text).unwrap();
    assert!(small.load().is_ok());
}

#[test]
fn a_pack_whose_layout_cannot_be_read_is_refused() {
    let small = Small::new().append("forms/A2/ticket.txt", "@when facts\n甲\n");
    let fault = small.load().err().unwrap().to_string();
    assert!(fault.starts_with("forms/A2/ticket.txt:"), "{fault}");
}

/// After issuing no line for a number stands empty because nothing ever fills it.
#[test]
fn every_number_a_form_prints_is_filled() {
    let pack = pack();
    let mut printed = 0;
    for definition in pack.forms() {
        let form = pack.form(&definition.code).unwrap();
        for source in [form.paper(), form.ticket()] {
            let names = paper::Layout::parse(source).unwrap().names();
            let is_printed = names.iter().any(|named| named.path == "number");
            printed += usize::from(is_printed);
            assert!(
                !is_printed || definition.number_series.is_some(),
                "{} has no series for the number it prints",
                definition.code
            );
        }
    }
    assert!(printed > 50, "{printed}");
}
