//! How signatures stand on a sheet: strokes of the pen's pressure, and places for a thumbprint.

use crate::support::{fonts, packed, sheet};
use paper::{Bitmap, Document, Layout, PlacedSignature, Point, StampKind, ticket};
use serde_json::{Value, json};

const DPI: f32 = 300.0;
const MM: f32 = DPI / 25.4;

fn signed(strokes: Vec<Vec<Point>>) -> PlacedSignature {
    PlacedSignature {
        slot: "party".to_owned(),
        strokes,
        name: "某人".to_owned(),
        signed_on: "2026-03-10".to_owned(),
    }
}

fn set(source: &str, values: &Value, signatures: &[PlacedSignature]) -> Document {
    let layout = Layout::parse(source).unwrap();
    let sheet = sheet(&layout, values, signatures, StampKind::Final);
    paper::compose(fonts(), &sheet).unwrap()
}

/// A level stroke, its points of these pressures.
fn level(pressures: &[Option<f32>]) -> Vec<Point> {
    let last = pressures.len() as f32 - 1.0;
    let points = pressures.iter().enumerate();
    points
        .map(|(index, pressure)| Point {
            at: [index as f32 / last, 0.3],
            pressure: *pressure,
        })
        .collect()
}

/// How many dots high the stroke is at a share of its length.
fn thickness(page: &Bitmap, share: f32) -> usize {
    let rows = (0..page.height * 3 / 20).filter(|y| (0..page.width).any(|x| page.is_black(x, *y)));
    // The stroke is the topmost ink of the page.
    let top = rows.min().unwrap();
    let columns = |y: u32| (0..page.width).filter(move |x| page.is_black(*x, y));
    let band = top..top + 14;
    let left = band.clone().flat_map(columns).min().unwrap();
    let right = band.clone().flat_map(columns).max().unwrap();
    let x = left + ((right - left) as f32 * share) as u32;
    band.filter(|y| page.is_black(x, *y)).count()
}

#[test]
fn a_stroke_is_as_broad_as_the_pen_was_pressed() {
    let source = "@signatures 1\nparty 　\n@end";
    let drawn = |pressures: &[Option<f32>]| {
        let signature = signed(vec![level(pressures)]);
        set(source, &json!({}), &[signature])
    };
    let page = |pressures: &[Option<f32>]| drawn(pressures).bitmap(0, DPI);
    let ramp: Vec<Option<f32>> = (0..20).map(|step| Some(step as f32 / 19.0)).collect();
    let rising = page(&ramp);
    let at = [0.1, 0.5, 0.9].map(|share| thickness(&rising, share));
    assert!(at[0] < at[1] && at[1] < at[2], "{at:?}");
    // 1.2 pt in the middle, half as much and half as much again at the ends.
    let even = thickness(&page(&[None; 20]), 0.5);
    assert!(
        at[1].abs_diff(even) <= 1 && (4..=6).contains(&even),
        "{at:?} {even}"
    );
    // No jump of more than a dot from one point to the next.
    let steps: Vec<usize> = (1..40)
        .map(|step| thickness(&rising, step as f32 / 40.0))
        .collect();
    assert!(
        steps.windows(2).all(|pair| pair[0].abs_diff(pair[1]) <= 1),
        "{steps:?}"
    );
    // What the pen does not tell is drawn as ever.
    let plain = drawn(&[None; 20]);
    assert_eq!(plain.svg(0).matches("<polyline").count(), 2);
    assert!(drawn(&ramp).svg(0).matches("<polyline").count() > 10);
    let mixed = page(&[Some(1.0), None, None, None, Some(1.0)]);
    assert!(thickness(&mixed, 0.5) <= thickness(&mixed, 0.02) + 1);
}

/// Left, top, right and bottom of the box for a thumbprint in mm: the words in it, found by their place.
fn boxes(document: &Document) -> usize {
    packed(&document.text()).matches("捺印处").count()
}

#[test]
fn a_place_for_a_thumbprint_stands_beside_the_signature() {
    let stroke = level(&[None; 5]);
    let source =
        "@signatures\nparty thumb 被询问人（签名）：\nwitness 见证人（签名）：\n@end\n后文";
    let plain = source.replace("thumb ", "");
    for signatures in [
        vec![],
        vec![signed(vec![stroke.clone()])],
        vec![signed(vec![])],
    ] {
        let document = set(source, &json!({}), &signatures);
        assert_eq!(boxes(&document), 1);
        assert!(packed(&document.text()).contains("被询问人（签名）："));
        assert_eq!(boxes(&set(&plain, &json!({}), &signatures)), 0);
    }
    // The dashes are the only ink of the right half of the column, 22 mm wide and 28 mm high.
    let page = set(source, &json!({}), &[]).bitmap(0, DPI);
    let column_end = (28.0 + (156.0 - 6.35) / 2.0) * MM;
    let ink = (0..page.height / 4).flat_map(|y| {
        let page = &page;
        (0..page.width)
            .filter(move |x| page.is_black(*x, y))
            .map(move |x| (x, y))
    });
    let of_box = |(x, _): &(u32, u32)| {
        let x = *x as f32;
        x > column_end - 22.3 * MM && x < column_end + 0.5 * MM
    };
    let dots: Vec<(u32, u32)> = ink.filter(of_box).collect();
    let (left, right) = (
        dots.iter().map(|(x, _)| *x).min().unwrap() as f32,
        dots.iter().map(|(x, _)| *x).max().unwrap() as f32,
    );
    let (top, bottom) = (
        dots.iter().map(|(_, y)| *y).min().unwrap() as f32,
        dots.iter().map(|(_, y)| *y).max().unwrap() as f32,
    );
    assert!(
        ((right - left) / MM - 22.0).abs() < 0.6,
        "{}",
        (right - left) / MM
    );
    assert!(
        ((bottom - top) / MM - 28.0).abs() < 0.6,
        "{}",
        (bottom - top) / MM
    );
}

#[test]
fn who_refused_gives_no_thumbprint() {
    let values = json!({ "refusal": { "slot": "party", "reason": "认为处理不公", "witness_name": "王见证" } });
    let thumb = "@signatures\nparty thumb 被询问人（签名）：\n@end";
    let document = set(thumb, &values, &[]);
    assert_eq!(boxes(&document), 0);
    assert_eq!(
        document.text(),
        set(&thumb.replace("thumb ", ""), &values, &[]).text()
    );
    assert!(
        packed(&document.text()).contains("当事人未签名，原因：认为处理不公；见证人：王见证。")
    );
}

#[test]
fn a_ticket_has_a_smaller_place_for_it() {
    let of = |source: &str, dots: u32| {
        let layout = Layout::parse(source).unwrap();
        let signature = signed(vec![level(&[Some(0.2), Some(0.9)])]);
        let (values, signatures) = (json!({}), [signature]);
        ticket(
            fonts(),
            &sheet(&layout, &values, &signatures, StampKind::Final),
            dots,
        )
        .unwrap()
    };
    for dots in [384, 576] {
        let slip = of(
            "@page ticket\n@signatures 1\nparty thumb 被询问人：\n@end",
            dots,
        );
        let free = of("@page ticket\n@signatures 1\nparty 被询问人：\n@end", dots);
        // 22 mm and a little at 203 dots an inch.
        assert!(
            slip.height > free.height && slip.height < 280,
            "{} {}",
            slip.height,
            free.height
        );
    }
}

#[test]
fn a_thumbprint_is_asked_for_in_its_own_place_only() {
    let foot = Layout::parse("甲\n@pagefoot party thumb 被询问人：");
    assert_eq!(foot.unwrap_err().line, 2);
    // A label may begin with the word.
    let document = set("@signatures\nparty thumbprint of\n@end", &json!({}), &[]);
    assert!(packed(&document.text()).contains("thumbprintof") && boxes(&document) == 0);
    for form in ["F03", "F29"] {
        for file in ["paper.txt", "ticket.txt"] {
            let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("../../forms/packs/transport/forms")
                .join(form)
                .join(file);
            assert!(
                std::fs::read_to_string(path)
                    .unwrap()
                    .contains("party thumb "),
                "{form}"
            );
        }
    }
}
