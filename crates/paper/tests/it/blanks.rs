//! Blanks on the line: filled, struck out or left open, a short one is never torn over two lines.

use crate::support::set;
use serde_json::{Value, json};

/// Body size in points.
const SIZE: f32 = 12.0;

/// The underlines of all pages, as lengths in em.
fn underlines(source: &str, values: &Value, margin_mm: u32) -> Vec<f32> {
    let source = format!("@margins 20 {margin_mm} 20 20\n@text {SIZE} 21 serif\n{source}");
    let document = set(&source, values).unwrap();
    let mut lengths = Vec::new();
    for page in 0..document.pages() {
        let svg = document.svg(page);
        for points in svg.split("<polyline points=\"").skip(1) {
            let points: Vec<f32> = points[..points.find('"').unwrap()]
                .split([' ', ','])
                .filter(|number| !number.is_empty())
                .map(|number| number.parse().unwrap())
                .collect();
            let [from_x, from_y, to_x, to_y] = points[..] else {
                panic!("{points:?} is no straight line")
            };
            assert_eq!(from_y, to_y);
            lengths.push((to_x - from_x) / SIZE);
        }
    }
    lengths
}

#[test]
fn a_short_blank_stays_on_one_line() {
    let before = "请于收到本决定书之日起自行履行";
    for (blank, value) in [
        ("{x|line 4}", json!({ "x": "三" })),
        ("{x|line 5}", json!({ "x": "15" })),
        ("{x|line 10}", json!({ "x": "2026年5月21日" })),
        ("{x|slash|line 4}", json!({})),
        ("{x|line 6}", json!({})),
        ("{x}", json!({})),
    ] {
        let source =
            format!("{before}，限于{blank}日内（自{blank}起）完成，逾期不履行的依法处理。");
        for margin_mm in 60..130 {
            let lengths = underlines(&source, &value, margin_mm);
            assert_eq!(lengths.len(), 2, "{blank} {margin_mm}: {lengths:?}");
        }
    }
}

#[test]
fn a_long_open_blank_goes_on_over_the_line_but_leaves_no_stub() {
    let mut torn = 0;
    for margin_mm in 60..130 {
        let lengths = underlines("理由如下：{x|line 20}。", &json!({}), margin_mm);
        torn += usize::from(lengths.len() > 1);
        let shortest = lengths.iter().copied().fold(f32::INFINITY, f32::min);
        assert!(shortest > 2.9, "{margin_mm}: {lengths:?}");
    }
    assert!(torn > 20, "{torn}");
}

#[test]
fn a_blank_wider_than_its_line_is_set_all_the_same() {
    for value in [json!({}), json!({ "x": "甲" })] {
        let lengths = underlines("理由：{x|line 60}。", &value, 130);
        let drawn: f32 = lengths.iter().sum();
        assert!((59.0..64.0).contains(&drawn), "{lengths:?}");
    }
}
