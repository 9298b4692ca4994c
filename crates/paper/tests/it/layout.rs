//! What the layout language makes of values.

use crate::support::{self, fonts, packed, set, sheet};
use paper::{Fonts, Layout, PlacedSignature, StampKind};
use serde_json::{Value, json};

fn values() -> Value {
    json!({
        "issued_on": "2026-03-10",
        "at": "2026-03-10T06:05:00.000Z",
        "fine_fen": 20_000,
        "sex": "male",
        "over": 125,
        "length": 1810,
        "is_urgent": false,
        "empty": "",
        "stopped": "好。",
        "names": ["甲", "乙"],
        "laws": [{ "law": "处罚法", "article": 51, "paragraph": "1", "text": "可以当场作出。" }],
        "officers": [{ "name": "李", "cars": ["豫A", "豫B"] }, { "name": "王" }],
    })
}

#[test]
fn values_are_printed_as_the_layout_says() {
    for (source, expected) in [
        ("{issued_on|date}", "2026年3月10日"),
        (
            "{at|datetime}，{at|time}",
            "2026年3月10日14时05分，14时05分",
        ),
        ("{fine_fen|yuan}元，{fine_fen|upper}", "200.00元，贰佰元整"),
        (
            "{over|tenths}%，{length|hundredths}米，{over|thousandths}吨",
            "12.5%，18.10米，0.125吨",
        ),
        (
            "{empty|tenths|default 未测}{names.0|strike}{names.1}",
            "未测甲乙",
        ),
        ("{sex|choose male=男, female=女}", "男"),
        ("{sex|choose female=女}", "male"),
        ("{names}与{names|join ；}", "甲、乙与甲；乙"),
        ("{laws|cite}", "《处罚法》第五十一条第一款"),
        (
            "{laws|cite text}",
            "《处罚法》第五十一条第一款：“可以当场作出。”",
        ),
        ("{empty|default 不详}{missing|optional}", "不详"),
        ("{empty|or officers.1.name}", "王"),
        ("{sex|stop}{stopped|stop}", "male。好。"),
        ("{empty|slash}", "/"),
        ("{empty|slash sex = male}{empty|slash sex = female}", "/"),
        ("{is_urgent}", "否"),
        ("{missing}{missing|line 8}", ""),
        ("{{{sex}}}", "{male}"),
        ("一 // 二", "一二"),
        ("{number}", support::NUMBER),
        ("+ 甲\n+ 乙", "一、甲二、乙"),
        (
            "@when sex = male, female and not empty\n甲\n@else\n乙\n@end",
            "甲",
        ),
        ("@when is_urgent\n甲\n@else\n乙\n@end", "乙"),
        ("@when sex != female\n甲\n@end", "甲"),
        (
            "@each officers\n{#}{.name}\n@each .cars\n{.}\n@end\n@end",
            "1李豫A豫B2王",
        ),
        (
            "@table 1 1\n@each officers\n| {#} | {.name} |\n@end\n@when empty\n| (2x1)无 |\n@end\n@end",
            "1李2王",
        ),
        ("# 不印\n@space 3\n@rule\n印", "印"),
    ] {
        let document = set(source, &values()).unwrap_or_else(|fault| panic!("{source}: {fault}"));
        assert_eq!(packed(&document.text()), packed(expected), "{source}");
    }
}

#[test]
fn what_is_kept_together_stands_on_one_page() {
    for lines in 20..40 {
        let filler = "行\n".repeat(lines);
        let source = format!("{{t}}\n@keep\n首\n{}尾\n@end", "中\n".repeat(8));
        let document = set(&source, &json!({ "t": filler.trim_end() })).unwrap();
        let text = document.text();
        let page = |mark: &str| text.split('\u{c}').position(|page| page.contains(mark));
        assert_eq!(page("首"), page("尾"), "{lines}");
    }
}

#[test]
fn a_row_keeps_together_and_a_long_one_is_continued() {
    let items: Vec<Value> = (0..60)
        .map(|row| json!({ "note": format!("始{row}{}终{row}。", "说明文字，".repeat(row % 9 * 5)) }))
        .collect();
    let document = set(
        "@table 1 3\n!| 序 | 说明 |\n@each items\n| {#} | {.note} |\n@end\n@end",
        &json!({ "items": items }),
    )
    .unwrap();
    let text = packed(&document.text().replace('\u{c}', ""));
    for row in 0..60 {
        assert!(text.contains(&format!("始{row}")) && text.contains(&format!("终{row}。")));
    }
    let short = "始27";
    let whole = document
        .text()
        .split('\u{c}')
        .any(|page| page.contains(short) && page.contains("终27。"));
    assert!(whole);
}

/// How the lines of a text of so many lines are shared out over pages, below more and more that stands before it.
fn shared_out(before: &str, text: &str, lines: usize) -> Vec<Vec<usize>> {
    let mut shared = Vec::new();
    for millimetres in (2..255).step_by(3) {
        let source = format!("@text 12 21 serif\n@flush 首\n@space {millimetres}\n{before}{text}");
        let words = ["甲", "乙", "丙", "丁", "戊", "己", "庚"][..lines].join("\n");
        let long: Vec<String> = words.lines().map(|word| word.repeat(60)).collect();
        let document = set(
            &source,
            &json!({ "short": words, "one": "甲".repeat(37 * lines), "long": long }),
        )
        .unwrap();
        let pages: Vec<usize> = document
            .text()
            .split('\u{c}')
            .map(|page| {
                page.lines()
                    .filter(|line| line.contains(['甲', '乙', '丙', '丁', '戊', '己', '庚']))
                    .count()
            })
            .collect();
        shared.push(pages);
    }
    shared
}

#[test]
fn no_line_of_a_paragraph_stands_alone_on_a_page() {
    for lines in 2..6 {
        for pages in shared_out("", "@flush {one}", lines) {
            assert!(!pages.contains(&1), "{lines}: {pages:?}");
        }
    }
    // Paragraphs of two lines within one value.
    for pages in shared_out("", "@flush {long.0} // {long.1} // {long.2}", 3) {
        assert!(pages.iter().all(|count| count % 2 == 0), "{pages:?}");
    }
}

#[test]
fn a_row_that_is_continued_leaves_no_line_alone() {
    for pages in shared_out("", "@table 1\n| {one} |\n@end", 7) {
        assert!(!pages.contains(&1), "{pages:?}");
    }
}

#[test]
fn a_heading_goes_along_with_what_it_heads() {
    for heading in ["@heading 甲\n", "+ 甲\n"] {
        for source in ["@flush {one}", "@table 1\n| {one} |\n@end"] {
            for lines in 1..6 {
                for pages in shared_out(heading, source, lines) {
                    assert!(!pages.contains(&1), "{heading}{source} {lines}: {pages:?}");
                }
            }
        }
    }
}

#[test]
fn the_code_at_the_end_does_not_stand_alone_on_a_page() {
    let mut turned = 0;
    for before in [
        "@flush 甲乙丙",
        "@table 1\n| 甲 |\n| 甲 |\n| 甲 |\n@end",
        "@signatures 1\nparty 甲：\nofficer_1 甲：\n@end",
        "@keep\n@flush 甲\n@flush 甲\n@end",
    ] {
        for millimetres in 120..250 {
            let source = format!("@flush 首\n@space {millimetres}\n{before}\n@qr 25 文书编号");
            let text = set(&source, &json!({})).unwrap().text();
            let last = text.split('\u{c}').next_back().unwrap();
            assert!(
                last.contains("文书编号") && last.contains('甲'),
                "{before} {millimetres}: {text}"
            );
            turned += usize::from(!last.contains('首'));
        }
    }
    assert!(turned > 100, "{turned}");
}

#[test]
fn the_shared_party_block_strikes_out_the_half_that_does_not_apply() {
    let layout = Layout::parse("@use party").unwrap();
    let text = |values: &Value| {
        let sheet = sheet(&layout, values, &[], StampKind::Final);
        paper::compose(fonts(), &sheet).unwrap().text()
    };
    // An age that nobody gave is struck out with the unit's half.
    let person = text(&json!({ "party": { "kind": "person", "name": "张三" } }));
    assert_eq!(person.matches('/').count(), 8, "{person}");
    let trader = text(&json!({ "party": { "kind": "sole_trader", "name": "张三" } }));
    assert_eq!(trader.matches('/').count(), 3, "{trader}");
}

#[test]
fn a_changed_font_is_not_used() {
    let folder = tempfile::tempdir().unwrap();
    for file in ["fonts.lock", "NotoSerifSC-Regular.otf"] {
        std::fs::copy(Fonts::default_dir().join(file), folder.path().join(file)).unwrap();
    }
    let mut changed = std::fs::read(Fonts::default_dir().join("NotoSansSC-Regular.otf")).unwrap();
    *changed.last_mut().unwrap() ^= 1;
    std::fs::write(folder.path().join("NotoSansSC-Regular.otf"), changed).unwrap();
    let failure = Fonts::load(folder.path()).unwrap_err();
    assert!(
        matches!(failure, paper::FontFailure::Changed { .. }),
        "{failure}"
    );
    let failure = Fonts::load(&folder.path().join("nowhere")).unwrap_err();
    assert!(
        matches!(failure, paper::FontFailure::Read { .. }),
        "{failure}"
    );
}

#[test]
fn without_the_rare_font_fewer_characters_can_be_printed() {
    let folder = tempfile::tempdir().unwrap();
    for file in ["NotoSansSC-Regular.otf", "NotoSerifSC-Regular.otf"] {
        std::fs::copy(Fonts::default_dir().join(file), folder.path().join(file)).unwrap();
    }
    let list = std::fs::read_to_string(Fonts::default_dir().join("fonts.lock")).unwrap();
    let list = list.replace("/usr/share/fonts/truetype/hanazono/", "/nowhere/");
    std::fs::write(folder.path().join("fonts.lock"), list).unwrap();
    let fonts = Fonts::load(folder.path()).unwrap();
    assert_eq!(fonts.missing("𪚥信阳䶮"), vec!['𪚥']);
    assert!(
        fonts
            .list()
            .iter()
            .any(|(role, _, is_present)| *role == "rare" && !is_present)
    );
}

fn signed(slots: &[&str]) -> Vec<PlacedSignature> {
    let strokes = vec![
        [[0.1, 0.2], [0.5, 0.9], [0.9, 0.1]]
            .map(Into::into)
            .to_vec(),
    ];
    let placed = |slot: &&str| PlacedSignature {
        slot: (*slot).to_owned(),
        strokes: strokes.clone(),
        name: "某人".to_owned(),
        signed_on: "2026-03-10".to_owned(),
    };
    slots.iter().map(placed).collect()
}

fn strokes_of(document: &paper::Document, page: usize) -> usize {
    document.svg(page).matches(r#"stroke-width="0.96""#).count()
}

fn composed(source: &str, values: &Value, slots: &[&str]) -> paper::Document {
    let layout = Layout::parse(source).unwrap();
    let signatures = signed(slots);
    paper::compose(
        fonts(),
        &sheet(&layout, values, &signatures, StampKind::Final),
    )
    .unwrap()
}

#[test]
fn who_signs_every_page_signs_every_page() {
    let source = "@footer 第 {page} 页\n@pagefoot party 被询问人：\n@pagefoot officer_1 记录人：\n\
                  甲\n@newpage\n乙\n@newpage\n丙";
    let document = composed(source, &json!({}), &["party"]);
    assert_eq!(document.pages(), 3);
    for page in 0..3 {
        assert_eq!(strokes_of(&document, page), 1, "page {page}");
    }
    assert_eq!(document.text().matches("被询问人").count(), 3);
    let bare = composed(source, &json!({}), &[]);
    assert_eq!(strokes_of(&bare, 1), 0);
}

#[test]
fn the_foot_of_a_page_takes_no_words() {
    let lines = vec!["询问"; 320].join("\n");
    let foot = composed(
        &format!("@pagefoot party 签名：\n{lines}"),
        &json!({}),
        &["party"],
    );
    let plain = composed(&lines, &json!({}), &[]);
    assert!(foot.pages() > plain.pages());
}

#[test]
fn somebody_who_refused_has_it_at_the_foot_of_every_page() {
    let source = "@pagefoot party 签名：\n甲\n@newpage\n@signatures 1\nparty 签名：\n@end";
    let values = json!({ "refusal": { "reason": "不认可", "witness_name": "周某" } });
    let text = composed(source, &values, &[]).text();
    assert_eq!(text.matches("未签名").count(), 3);
    assert!(packed(&text).contains("当事人未签名，原因：不认可；见证人：周某。"));
}

#[test]
fn a_refusal_stands_in_the_place_of_the_one_who_refused() {
    let source = "@signatures\nparty 当事人：\nrecipient 收件人：\n@end";
    let values = json!({ "refusal": { "slot": "recipient", "reason": "不收" } });
    let text = packed(&composed(source, &values, &[]).text());
    assert!(
        text.contains("未签名，原因：不收。") && !text.contains("当事人未签名"),
        "{text}"
    );
}

#[test]
fn places_to_sign_follow_the_people_there_are() {
    let source = "@signatures\n@when guardian\nguardian 监护人{guardian}：\n@else\nwitness 见证人：\n@end\n\
                  @each people\nattendee_{#} {.name}：\n@end\n@end";
    let values = json!({ "guardian": "孙某", "people": [{ "name": "甲某" }, { "name": "乙某" }] });
    let document = composed(source, &values, &["guardian", "attendee_2"]);
    let text = packed(&document.text());
    assert!(text.contains("监护人孙某") && text.contains("甲某") && text.contains("乙某"));
    assert!(!text.contains("见证人"));
    let strokes = document.svg(0).matches(r#"stroke-linecap="round""#).count();
    let bare = composed(source, &values, &[]).svg(0);
    assert_eq!(
        strokes,
        bare.matches(r#"stroke-linecap="round""#).count() + 2
    );
}

#[test]
fn words_that_were_corrected_stay_readable() {
    let document = set("{a|strike}{b}", &json!({ "a": "四吨", "b": "五吨" })).unwrap();
    assert_eq!(packed(&document.text()), "四吨五吨");
    let plain = set("{a}{b}", &json!({ "a": "四吨", "b": "五吨" })).unwrap();
    let lines = |document: &paper::Document| document.svg(0).matches("<polyline").count();
    assert_eq!(lines(&document), lines(&plain) + 1);
}

#[test]
fn slots_are_names() {
    for line in ["Party 甲：", "1 甲：", "par-ty 甲：", "party"] {
        assert!(
            Layout::parse(&format!("@signatures\n{line}\n@end")).is_err(),
            "{line}"
        );
        assert!(
            Layout::parse(&format!("@pagefoot {line}")).is_err(),
            "{line}"
        );
    }
    for bad in [
        "@picture a",
        "@picture a 5",
        "@picture a 500",
        "@picture 40",
    ] {
        assert!(Layout::parse(bad).is_err(), "{bad}");
    }
}

#[test]
fn a_sheet_of_several_pages_has_a_seam_and_one_page_has_none() {
    let source = "@seam 骑缝　{number}　第{page}页共{pages}页\n{t}";
    let short = set(source, &json!({ "t": "短" })).unwrap();
    assert!(!short.text().contains("骑缝"));
    let long = set(source, &json!({ "t": "长文。".repeat(900) })).unwrap();
    let pages = long.pages();
    assert!(pages > 1);
    for (index, text) in long.text().split('\u{c}').enumerate() {
        let seam = format!("骑缝{}第{}页共{pages}页", support::NUMBER, index + 1);
        assert!(packed(text).contains(&seam), "{text}");
    }
    let text = packed(&support::extracted(&long));
    assert_eq!(text.matches("骑缝").count(), pages);
    // Its line stands in the right margin, outside the column of text.
    let page = long.bitmap(0, 72.0);
    let edge = page.width - 17;
    let dots = (0..page.height)
        .filter(|y| (edge - 1..=edge).any(|x| page.is_black(x, *y)))
        .count();
    assert!((100..600).contains(&dots), "{dots}");
}
