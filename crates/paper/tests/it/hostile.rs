//! Text nobody would write in good faith, and more of it than anybody should.

use crate::support::{self, composed, extracted, fonts, packed, set};
use paper::ComposeFault;
use proptest::prelude::*;
use serde_json::json;

#[test]
fn a_character_without_a_glyph_is_a_fault_that_names_its_field() {
    for (text, missing) in [
        ("甲\0乙", '\0'),
        ("甲\u{202E}乙", '\u{202E}'),
        ("שלום", 'ש'),
        ("好😀", '😀'),
        ("\u{E000}", '\u{E000}'),
        ("\u{10FFFF}", '\u{10FFFF}'),
        ("零\u{200B}宽", '\u{200B}'),
    ] {
        let values = json!({ "party": { "name": text } });
        let Err(ComposeFault::MissingGlyphs(found)) = set("姓名：{party.name}", &values) else {
            panic!("{text:?} was set");
        };
        assert!(
            found.contains(&(missing, "party.name".to_owned())),
            "{found:?}"
        );
        assert!(fonts().missing(text).contains(&missing), "{text:?}");
    }
}

#[test]
fn every_control_and_format_character_is_a_fault_or_a_space() {
    let formats = [0x00AD, 0x061C, 0x180E, 0xFEFF, 0xFFFC, 0xFFFE, 0xFFFF];
    let hidden = (0x200B..=0x200F)
        .chain(0x2028..=0x202E)
        .chain(0x2060..=0x206F);
    let all = (0..0x20).chain(0x7F..0xA0).chain(hidden).chain(formats);
    for ch in all.filter_map(char::from_u32) {
        let values = json!({ "party": { "name": format!("甲{ch}乙") } });
        let lone = set("姓名：{party.name}", &values);
        if matches!(ch, '\n' | '\r' | '\t') {
            let text = lone.unwrap().text();
            assert_eq!(packed(&text), "姓名：甲乙");
            assert!(!text.contains(['\r', '\t']), "{text:?}");
            assert!(fonts().missing(&ch.to_string()).is_empty());
            continue;
        }
        let expected = ComposeFault::MissingGlyphs(vec![(ch, "party.name".to_owned())]);
        assert_eq!(lone.unwrap_err(), expected, "U+{:04X}", u32::from(ch));
        assert_eq!(fonts().missing(&ch.to_string()), [ch]);
    }
}

#[test]
fn a_missing_character_in_a_row_names_the_row() {
    let values = json!({ "items": [{ "name": "好" }, { "name": "😀" }] });
    let fault = set(
        "@table 1 1\n@each items\n| {#} | {.name} |\n@end\n@end",
        &values,
    )
    .unwrap_err();
    let expected = vec![('😀', "items.1.name".to_owned())];
    assert_eq!(fault, ComposeFault::MissingGlyphs(expected));
}

#[test]
fn ordinary_and_rare_names_have_glyphs() {
    let text = "𠮷䶮㛃𬀩龑欧阳·买买提 O'Neill-Müller №1 ①Ⅳ℃㎡×÷±≤≥“”‘’—…《》〔〕\n第二行\r\n";
    assert_eq!(fonts().missing(text), Vec::<char>::new());
}

#[test]
fn ten_thousand_characters_fill_as_many_pages_as_they_need() {
    let long: String = "依法检查道路货物运输，记录如下。"
        .chars()
        .cycle()
        .take(10_000)
        .collect();
    for source in ["{t}", "@table 1 4\n| 内容 | {t} |\n@end", "{t|line 20}"] {
        let document = set(source, &json!({ "t": long })).unwrap();
        assert!((6..=16).contains(&document.pages()), "{}", document.pages());
        assert!(
            packed(&extracted(&document)).ends_with(&long)
                || packed(&extracted(&document)).contains(&long)
        );
    }
}

#[test]
fn a_word_longer_than_the_line_is_cut_and_kept() {
    let word = "A1b2".repeat(500);
    let document = set(
        "@table 1 1 1\n| {t} | 二 | {t} |\n@end",
        &json!({ "t": word }),
    )
    .unwrap();
    let text = packed(&extracted(&document));
    assert_eq!(text.matches('A').count(), 1000);
    assert_eq!(text, packed(&document.text()));
}

#[test]
fn three_hundred_rows_repeat_their_header() {
    let items: Vec<_> = (1..=300)
        .map(|row| json!({ "name": format!("第{row}项货物"), "note": "完好" }))
        .collect();
    let source = "@footer {page}/{pages}\n@table 1 4 4\n!| 序号 | 名称 | 备注 |\n@each items\n| {#} | {.name} | {.note} |\n@end\n@end";
    let document = set(source, &json!({ "items": items })).unwrap();
    let text = document.text();
    assert!(document.pages() >= 7);
    assert_eq!(text.matches("序号").count(), document.pages());
    for row in 1..=300 {
        assert_eq!(text.matches(&format!("第{row}项货物")).count(), 1);
    }
    assert_eq!(
        packed(&extracted(&document)),
        packed(&text.replace('\u{c}', ""))
    );
}

#[test]
fn a_pasted_library_is_refused() {
    let values = json!({ "t": "长".repeat(3_500_000) });
    assert!(matches!(
        set("{t}", &values),
        Err(ComposeFault::TooLong { .. })
    ));
    assert!(matches!(
        set("{t}", &json!({ "t": "\n".repeat(60_000) })),
        Err(ComposeFault::TooManyPages { .. })
    ));
}

#[test]
fn wild_strokes_stay_in_their_box() {
    let layout = paper::Layout::parse("@signatures 1\nparty 当事人：\n@end").unwrap();
    let signature = paper::PlacedSignature {
        slot: "party".to_owned(),
        strokes: vec![
            vec![],
            vec![[f32::NAN, f32::INFINITY].into(), [-9.0, 9.0].into()],
            vec![[0.5, 0.5].into()],
            [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, -9.0, 9.0]
                .map(|pressure| paper::Point {
                    at: [pressure, 0.5],
                    pressure: Some(pressure),
                })
                .to_vec(),
        ],
        name: String::new(),
        signed_on: "昨天".to_owned(),
    };
    let signatures = [signature];
    let values = json!({});
    let sheet = support::sheet(&layout, &values, &signatures, paper::StampKind::Final);
    let document = paper::compose(fonts(), &sheet).unwrap();
    document.pdf().unwrap();
    assert!(!document.svg(0).contains("NaN"));
    assert!(document.text().contains("昨天"));
}

#[test]
fn markup_and_sql_are_only_text() {
    let text = "<script>alert(1)</script> & '; DROP TABLE case; -- {party.name} {{x}} @end";
    let document = set("@flush {t}", &json!({ "t": text })).unwrap();
    assert_eq!(packed(&extracted(&document)), packed(text));
}

#[test]
fn a_hostile_layout_is_a_fault_with_its_line() {
    for (source, line) in [
        ("甲\n@nonsense", 2),
        ("{", 1),
        ("}", 1),
        ("{a b}", 1),
        ("{a|nonsense}", 1),
        ("@when a\n甲", 1),
        ("@end", 1),
        ("@table\n@end", 1),
        ("@table 1\n甲\n@end", 2),
        ("@table 1\n| (9x9x9) 甲 |\n@end", 2),
        ("@margins 200 200 200 200", 1),
        ("@text 400 500", 1),
        ("@qr 500", 1),
        ("@signatures\nMayor 市长：\n@end", 2),
        ("@use nothing", 1),
    ] {
        let fault = paper::Layout::parse(source).unwrap_err();
        assert_eq!(fault.line, line, "{source:?}: {fault}");
    }
    let deep = "@when a\n".repeat(500);
    assert!(paper::Layout::parse(&deep).is_err());
}

#[test]
fn a_form_with_huge_values_everywhere_is_still_set() {
    let mut values = support::sample("F01");
    enlarge(&mut values);
    let layout = support::layout("F01", "paper.txt");
    let sheet = support::sheet(&layout, &values, &[], paper::StampKind::Final);
    let document = paper::compose(fonts(), &sheet).unwrap();
    assert!(document.pages() > composed("F01", paper::StampKind::Final).pages());
    assert_eq!(
        packed(&extracted(&document)),
        packed(&document.text().replace('\u{c}', ""))
    );
}

fn enlarge(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::String(text) => *text = text.repeat(12),
        serde_json::Value::Array(items) => items.iter_mut().for_each(enlarge),
        serde_json::Value::Object(fields) => fields.values_mut().for_each(enlarge),
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_set_exactly_or_its_missing_characters_are_told(text in "\\PC{0,60}|[\\x00-\\x7f]{0,40}|[一-龥，。“”（）0-9a-z ]{0,200}") {
        let missing = fonts().missing(&text);
        match set("@flush {t}\n@table 1 1\n| {t} | 甲 |\n@end", &json!({ "t": text })) {
            Ok(document) => {
                prop_assert!(missing.is_empty());
                let twice = format!("{text}{text}甲");
                let expected = if text.is_empty() { "甲".to_owned() } else { packed(&twice) };
                prop_assert_eq!(packed(&document.text()), expected);
            }
            Err(ComposeFault::MissingGlyphs(found)) => {
                let mut found: Vec<char> = found.into_iter().map(|(ch, _)| ch).collect();
                found.dedup();
                prop_assert_eq!(found, missing);
            }
            Err(other) => prop_assert!(false, "{}", other),
        }
    }

    #[test]
    fn any_layout_parses_or_names_a_line(source in "([@|!{}+#a-z一-十 ./=\\n]|@when |@end\\n|@table 1 2\\n|\\| \\{a\\} \\|\\n){0,60}") {
        match paper::Layout::parse(&source) {
            Ok(layout) => {
                let values = json!({ "a": ["x", { "b": 1 }], "b": "乙" });
                let sheet = support::sheet(&layout, &values, &[], paper::StampKind::Final);
                let _ = paper::compose(fonts(), &sheet);
            }
            Err(fault) => prop_assert!(fault.line >= 1 && fault.line <= source.lines().count().max(1)),
        }
    }
}
