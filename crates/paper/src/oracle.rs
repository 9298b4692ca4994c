//! The same pages written by another library: where the two PDFs look or read differently, one of them is wrong.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use krilla::SerializeSettings;
use krilla::color::{luma, rgb};
use krilla::configure::{Archival, ConfigurationBuilder};
use krilla::geom::{PathBuilder, Point, Rect, Transform};
use krilla::metadata::{DateTime, Metadata};
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule, LineCap, LineJoin, Stroke};
use krilla::surface::Surface;
use krilla::text::{Font, GlyphId, KrillaGlyph};
use serde_json::{Value, json};

use crate::item::{BOLD_STROKE_EM, Item, Page, Run};
use crate::seal::SEAL_RED;
use crate::{
    Bitmap, Document, Fonts, Layout, NO_PICTURES, PlacedSignature, Sheet, Stamp, StampKind, qr,
};

/// Both renders in this many dots per inch: shapes of letters count, anti-aliasing does not.
const DPI: &str = "60";

struct Other<'d> {
    document: &'d Document,
    fonts: HashMap<usize, Font>,
}

impl Other<'_> {
    /// Writing fails where krilla's own checks for PDF/A-2u find a glyph without a character or an empty box.
    fn pdf(mut self) -> Vec<u8> {
        let settings = SerializeSettings {
            configuration: ConfigurationBuilder::new()
                .with_archival_validator(Archival::A2_U)
                .finish()
                .unwrap(),
            ..SerializeSettings::default()
        };
        let mut pdf = krilla::Document::new_with(settings);
        let metadata = Metadata::new().title(self.document.title.clone());
        let date = DateTime::new(2026).month(3).day(10);
        pdf.set_metadata(metadata.creation_date(date));
        for page in &self.document.pages {
            self.page(&mut pdf, page);
        }
        pdf.finish().unwrap()
    }

    fn page(&mut self, pdf: &mut krilla::Document, page: &Page) {
        let settings = PageSettings::from_wh(page.width, page.height).unwrap();
        let mut sheet = pdf.start_page_with(settings);
        let mut surface = sheet.surface();
        for item in &page.items {
            match item {
                Item::Run(run) => self.run(&mut surface, run),
                Item::Line { from, to, width } => {
                    stroke(&mut surface, &[*from, *to], *width, false)
                }
                Item::Stroke { points, width } => stroke(&mut surface, points, *width, false),
                Item::Pen { lines } => {
                    for line in lines {
                        pen(&mut surface, &line.points, line.width);
                    }
                }
                Item::Frame { at, size, width } => {
                    let ([x, y], [wide, high]) = (*at, *size);
                    let corners = [[x, y], [x + wide, y], [x + wide, y + high], [x, y + high]];
                    stroke(&mut surface, &corners, *width, true);
                }
                Item::Qr { at, side, symbol } => code(&mut surface, *at, *side, symbol),
                Item::Picture { .. } => panic!("the oracle draws no pictures"),
                Item::Seal {
                    at,
                    size,
                    impression,
                } => stencil(&mut surface, *at, *size, impression.dots()),
                Item::Mark { .. } => {}
            }
        }
        surface.finish();
        sheet.finish();
    }

    fn run(&mut self, surface: &mut Surface<'_>, run: &Run) {
        let files = self.document.fonts.files();
        let font = self
            .fonts
            .entry(run.face)
            .or_insert_with(|| Font::new(files[run.face].bytes().to_vec().into(), 0).unwrap());
        let mut text = String::new();
        let glyphs: Vec<KrillaGlyph> = run
            .glyphs
            .iter()
            .map(|glyph| {
                let start = text.len();
                text.push(glyph.ch);
                KrillaGlyph::new(
                    GlyphId::new(u32::from(glyph.gid)),
                    glyph.advance / run.size,
                    0.0,
                    0.0,
                    0.0,
                    start..text.len(),
                    None,
                )
            })
            .collect();
        let shade = luma::Color::new((run.lightness * 255.0) as u8);
        surface.set_fill(Some(fill(shade)));
        surface.set_stroke(run.is_bold.then(|| line(run.size * BOLD_STROKE_EM)));
        let [x, y] = run.at;
        surface.push_transform(&Transform::from_rotate_at(-run.angle_deg, x, y));
        let at = Point::from_xy(x, y);
        surface.draw_glyphs(at, &glyphs, font.clone(), &text, run.size, false);
        surface.pop();
    }
}

fn fill(shade: luma::Color) -> Fill {
    Fill {
        paint: shade.into(),
        opacity: NormalizedF32::ONE,
        rule: FillRule::NonZero,
    }
}

fn line(width: f32) -> Stroke {
    Stroke {
        paint: luma::Color::black().into(),
        width,
        ..Stroke::default()
    }
}

fn pen(surface: &mut Surface<'_>, points: &[[f32; 2]], width: f32) {
    let round = Stroke {
        line_cap: LineCap::Round,
        line_join: LineJoin::Round,
        ..line(width)
    };
    drawn_line(surface, points, round, false);
}

fn stroke(surface: &mut Surface<'_>, points: &[[f32; 2]], width: f32, is_closed: bool) {
    drawn_line(surface, points, line(width), is_closed);
}

fn drawn_line(surface: &mut Surface<'_>, points: &[[f32; 2]], stroke: Stroke, is_closed: bool) {
    let mut path = PathBuilder::new();
    for (index, [x, y]) in points.iter().enumerate() {
        match index {
            0 => path.move_to(*x, *y),
            _ => path.line_to(*x, *y),
        }
    }
    if is_closed {
        path.close();
    }
    surface.set_fill(None);
    surface.set_stroke(Some(stroke));
    surface.draw_path(&path.finish().unwrap());
}

/// Every dot of ink as a part of one red shape.
fn stencil(surface: &mut Surface<'_>, [x, y]: [f32; 2], [wide, high]: [f32; 2], dots: &Bitmap) {
    let (across, down) = (wide / dots.width as f32, high / dots.height as f32);
    let mut path = PathBuilder::new();
    for row in 0..dots.height {
        let mut from = None;
        for column in 0..=dots.width {
            match (from, dots.is_black(column, row)) {
                (None, true) => from = Some(column),
                (Some(first), false) => {
                    let left = x + first as f32 * across;
                    let length = (column - first) as f32 * across;
                    let top = y + row as f32 * down;
                    path.push_rect(Rect::from_xywh(left, top, length, down).unwrap());
                    from = None;
                }
                (None, false) | (Some(_), true) => {}
            }
        }
    }
    let [red, green, blue] = SEAL_RED;
    surface.set_stroke(None);
    surface.set_fill(Some(Fill {
        paint: rgb::Color::new(red, green, blue).into(),
        opacity: NormalizedF32::ONE,
        rule: FillRule::NonZero,
    }));
    surface.draw_path(&path.finish().unwrap());
}

fn code(surface: &mut Surface<'_>, [x, y]: [f32; 2], side: f32, symbol: &qr::Symbol) {
    let module = side / symbol.width() as f32;
    let mut path = PathBuilder::new();
    for (row, column, length) in symbol.bars() {
        let left = x + column as f32 * module;
        let top = y + row as f32 * module;
        path.push_rect(Rect::from_xywh(left, top, length as f32 * module, module).unwrap());
    }
    surface.set_stroke(None);
    surface.set_fill(Some(fill(luma::Color::black())));
    surface.draw_path(&path.finish().unwrap());
}

fn tool(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().unwrap();
    assert!(
        output.status.success(),
        "{program}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn words(path: &Path) -> String {
    let text = tool(
        "pdftotext",
        &["-raw", "-enc", "UTF-8", path.to_str().unwrap(), "-"],
    );
    text.chars().filter(|ch| !ch.is_whitespace()).collect()
}

/// The grey pages as poppler draws them.
fn drawn(path: &Path, pages: usize) -> Vec<image::GrayImage> {
    let prefix = path.with_extension("");
    tool(
        "pdftoppm",
        &[
            "-r",
            DPI,
            "-gray",
            "-png",
            path.to_str().unwrap(),
            prefix.to_str().unwrap(),
        ],
    );
    let digits = pages.to_string().len();
    let file = |page: usize| PathBuf::from(format!("{}-{page:0digits$}.png", prefix.display()));
    (1..=pages)
        .map(|page| image::open(file(page)).unwrap().into_luma8())
        .collect()
}

#[track_caller]
fn same(name: &str, document: &Document) {
    alike(name, document, 0.1, 2_000);
}

/// The same words, dots that are `most` of 255 apart in the mean, and fewer than one of `share` dots quite another one.
#[track_caller]
fn alike(name: &str, document: &Document, most: f64, share: usize) {
    let folder = tempfile::tempdir().unwrap();
    let (ours, theirs) = (
        folder.path().join("ours.pdf"),
        folder.path().join("theirs.pdf"),
    );
    std::fs::write(&ours, document.pdf().unwrap()).unwrap();
    let other = Other {
        document,
        fonts: HashMap::new(),
    };
    std::fs::write(&theirs, other.pdf()).unwrap();
    assert_eq!(words(&ours), words(&theirs), "{name}");
    let pages = drawn(&ours, document.pages())
        .into_iter()
        .zip(drawn(&theirs, document.pages()));
    for (page, (ours, theirs)) in pages.enumerate() {
        assert_eq!(ours.dimensions(), theirs.dimensions());
        let pixels = ours.pixels().zip(theirs.pixels());
        let apart: Vec<u8> = pixels
            .map(|(our, their)| our.0[0].abs_diff(their.0[0]))
            .collect();
        let mean = apart.iter().map(|by| f64::from(*by)).sum::<f64>() / apart.len() as f64;
        let far = apart.iter().filter(|by| **by > 96).count();
        println!(
            "{name} page {}: mean {mean:.3}, {far} of {} far apart",
            page + 1,
            apart.len()
        );
        assert!(
            mean < most && far * share < apart.len(),
            "{name} page {}: {mean:.3}, {far}",
            page + 1
        );
    }
}

fn composed(layout: &str, values: &Value, kind: StampKind) -> Document {
    sealed(layout, values, kind, crate::Seal::ByHand)
}

fn sealed(layout: &str, values: &Value, kind: StampKind, seal: crate::Seal) -> Document {
    let fonts = Fonts::load(&Fonts::default_dir()).unwrap();
    let points = [[0.1, 0.2], [0.4, 0.8], [0.9, 0.3]];
    let plain = points.map(crate::Point::from).to_vec();
    let pressed = [0.1, 0.9, 0.4].into_iter().zip(points);
    let pressed = pressed.map(|(pressure, at)| crate::Point {
        at,
        pressure: Some(pressure),
    });
    let placed = |slot: &str, stroke| PlacedSignature {
        slot: slot.to_owned(),
        strokes: vec![stroke],
        name: "李建国".to_owned(),
        signed_on: "2026-03-10".to_owned(),
    };
    let signatures = [
        placed("officer_1", plain),
        placed("officer_2", pressed.collect()),
    ];
    let sheet = Sheet {
        layout: &Layout::parse(layout).unwrap(),
        values,
        signatures: &signatures,
        pictures: &NO_PICTURES,
        stamp: Stamp {
            title: "样张".to_owned(),
            document_id: "0196f2aa".to_owned(),
            number: Some("豫信交当罚〔2026〕0001号".to_owned()),
            qr: Some("https://hq.example.org/v#d=1&sha=3f9a6c0d1b2e4f5a".to_owned()),
            created_at: "2026-03-10T14:30:00+08:00".to_owned(),
            kind,
            seal,
        },
    };
    crate::compose(&fonts, &sheet).unwrap()
}

#[test]
fn the_forms_look_and_read_the_same_from_another_writer() {
    let forms = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../forms/packs/transport/forms");
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples");
    for form in ["F01", "F02", "F10", "F21"] {
        let layout = std::fs::read_to_string(forms.join(form).join("paper.txt")).unwrap();
        let sample = std::fs::read_to_string(samples.join(format!("{form}.json"))).unwrap();
        let values = serde_json::from_str(&sample).unwrap();
        for kind in [StampKind::Final, StampKind::Draft] {
            same(form, &composed(&layout, &values, kind));
        }
    }
}

#[test]
fn a_sealed_sheet_looks_and_reads_the_same_from_another_writer() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR"));
    let fonts = Fonts::load(&Fonts::default_dir()).unwrap();
    let file = std::fs::read(crates.join("../hq/assets/example-seal.png")).unwrap();
    let impression = crate::Impression::make(&file, 42, "4101-000123", &fonts).unwrap();
    let layout = "@title 通知书\n{t}\n@seal qr\n{agency}\n2026年3月10日\n@end\n@small {t}";
    let values = json!({ "t": "正文。".repeat(40), "agency": "示例市交通运输综合行政执法支队" });
    let seal = crate::Seal::Impression(impression);
    // Renderers fill shapes thinner than a dot more boldly than they shrink a stencil.
    alike(
        "sealed",
        &sealed(layout, &values, StampKind::Final, seal),
        0.6,
        500,
    );
}

#[test]
fn rare_characters_look_and_read_the_same_from_another_writer() {
    let text = "𠮷䶮㛃𬀩𪚥𤭢龑〇㎡℃①Ⅳ“‘’”——……《》〔〕Wi.il 0123456789".repeat(3);
    let layout = "@title {t}\n@heading {t}\n{t}\n@table 1 2\n| {t} | {t} |\n@end\n@right {t|strike}\n{t|line 60}";
    let values = json!({ "t": text });
    same("rare", &composed(layout, &values, StampKind::Final));
}
