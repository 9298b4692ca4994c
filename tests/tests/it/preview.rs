//! `./run preview` as a clerk meets it: what cannot be made is told in words, and the rest is made.

use std::path::Path;
use std::process::Command;

use journeys::repository;
use serde_json::{Value, json};

struct Answer {
    words: String,
    is_success: bool,
    made: Vec<String>,
}

fn preview(code: &str, value: &str) -> Answer {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("value.json");
    std::fs::write(&file, value).unwrap();
    let out = folder.path().join("out");
    let output = Command::new(env!("CARGO_BIN_EXE_preview"))
        .args([Path::new(code), &file, &out])
        .output()
        .unwrap();
    let mut words = String::from_utf8(output.stdout).unwrap();
    words.push_str(&String::from_utf8(output.stderr).unwrap());
    let made = std::fs::read_dir(out).map_or_else(
        |_| Vec::new(),
        |names| {
            let names = names.map(|entry| entry.unwrap().file_name());
            names.map(|name| name.into_string().unwrap()).collect()
        },
    );
    Answer {
        words,
        is_success: output.status.success(),
        made,
    }
}

fn sample(code: &str) -> Value {
    let file = repository().join(format!("forms/packs/transport/forms/{code}/sample.json"));
    serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
}

#[track_caller]
fn check(code: &str, value: &str, made: &[&str], expected: &[&str]) {
    let mut answer = preview(code, value);
    answer.made.sort();
    assert_eq!(answer.made, made, "{}", answer.words);
    for words in expected {
        assert!(
            answer.words.contains(words),
            "{words} is not in {}",
            answer.words
        );
    }
    for debug in ["Error", "MissingGlyphs", "TooLong", " {", "limit"] {
        assert!(!answer.words.contains(debug), "{}", answer.words);
    }
    assert!(!answer.is_success);
}

#[test]
fn a_lawful_value_is_made_whole() {
    let answer = preview("F21", &sample("F21").to_string());
    assert!(answer.is_success, "{}", answer.words);
    for name in ["F21.pdf", "F21-1.svg", "F21-ticket.png"] {
        assert!(answer.made.contains(&name.to_owned()), "{:?}", answer.made);
    }
}

#[test]
fn a_character_without_a_glyph_is_told_with_the_label_of_its_field() {
    let mut value = sample("F21");
    value["party"]["name"] = json!("陈\u{10ffff}一");
    value["basis"][0]["law"] = json!("公路\u{7}法");
    let words = [
        "姓名：字“\u{10ffff}”（U+10FFFF）打印字库里没有。核对",
        "处罚依据 第1行 法律名称：有不能打印的控制字符 U+0007。",
        "A4 文书没有做成",
        "✗ 处罚依据：有不能打印的控制字符 U+0007",
        "小票没有做成",
    ];
    check("F21", &value.to_string(), &[], &words);
}

#[test]
fn a_ticket_that_is_too_long_does_not_keep_the_sheet_from_being_made() {
    let mut value = sample("F02");
    value["content"] = json!("长".repeat(60_000));
    let answer = preview("F02", &value.to_string());
    let pages = answer.made.iter().filter(|name| name.ends_with(".svg"));
    let mut made = vec!["F02.pdf".to_owned()];
    made.extend((1..=pages.count()).map(|page| format!("F02-{page}.svg")));
    made.sort();
    let made: Vec<&str> = made.iter().map(String::as_str).collect();
    let words = ["小票没有做成", "小票太长：最多 4000 毫米", "字数太多（最多"];
    check("F02", &value.to_string(), &made, &words);
}

#[test]
fn what_cannot_be_read_is_told_with_its_place() {
    check(
        "F21",
        "{\n\"a\": 1\n\"b\": 2}",
        &[],
        &["value.json:3: ", "逗号"],
    );
    check("F99", "[]", &[], &["规则包里没有 F99 这份式样", "F01、F02"]);
}
