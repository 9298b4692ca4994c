//! Paints a page as SVG for the preview: the same outlines as on paper, no fonts needed.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::Fonts;
use crate::face::FaceSet;
use crate::item::{BOLD_STROKE_EM, Item, Page, Run};

// Writing to a string cannot fail, so the results of `write!` are dropped throughout.

pub(crate) fn page(fonts: &Fonts, page: &Page) -> String {
    let (width, height) = (page.width, page.height);
    let mut svg = format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" width="{width:.2}pt" height="{height:.2}pt" viewBox="0 0 {width:.2} {height:.2}"><rect width="100%" height="100%" fill="#fff"/><defs>"##
    );
    let used: BTreeSet<(usize, u16)> = page
        .items
        .iter()
        .filter_map(|item| match item {
            Item::Run(run) => Some(run.glyphs.iter().map(|glyph| (run.face, glyph.gid))),
            _ => None,
        })
        .flatten()
        .collect();
    let mut faces = FaceSet::new(fonts);
    for (face, gid) in used {
        let mut pen = Pen(String::new());
        let units = faces.outline(face, gid, &mut pen).unwrap_or(1000.0);
        let scale = 1000.0 / units;
        let _ = write!(svg, r#"<path id="g{face}-{gid}" d="{}""#, pen.0);
        if (scale - 1.0).abs() > 0.001 {
            let _ = write!(svg, r#" transform="scale({scale:.4})""#);
        }
        svg.push_str("/>");
    }
    svg.push_str("</defs>");
    page.items.iter().for_each(|paint| item(paint, &mut svg));
    svg.push_str("</svg>");
    svg
}

fn item(item: &Item, svg: &mut String) {
    match item {
        Item::Run(run) => self::run(run, svg),
        Item::Line { from, to, width } => polyline(&[*from, *to], *width, svg),
        Item::Stroke { points, width } => polyline(points, *width, svg),
        Item::Pen { lines } => {
            for line in lines {
                let width = (line.width * 100.0).round() / 100.0;
                polyline(&line.points, width, svg);
            }
        }
        Item::Frame { at, size, width } => {
            let ([x, y], [wide, high]) = (at, size);
            let _ = write!(
                svg,
                r##"<rect x="{x:.2}" y="{y:.2}" width="{wide:.2}" height="{high:.2}" fill="none" stroke="#000" stroke-width="{width}"/>"##
            );
        }
        Item::Qr { at, side, symbol } => {
            let [x, y] = at;
            let scale = side / symbol.width().max(1) as f32;
            let _ = write!(
                svg,
                r#"<path shape-rendering="crispEdges" transform="translate({x:.2} {y:.2}) scale({scale:.4})" d=""#
            );
            for (row, column, length) in symbol.bars() {
                let _ = write!(svg, "M{column} {row}h{length}v1h-{length}z");
            }
            svg.push_str(r#""/>"#);
        }
        Item::Picture { at, size, picture } => {
            let ([x, y], [wide, high]) = (at, size);
            let _ = write!(
                svg,
                r#"<image x="{x:.2}" y="{y:.2}" width="{wide:.2}" height="{high:.2}" preserveAspectRatio="none" href="data:image/jpeg;base64,{}"/>"#,
                STANDARD.encode(picture.jpeg())
            );
        }
        Item::Seal {
            at,
            size,
            impression,
        } => {
            let ([x, y], [wide, high]) = (at, size);
            let _ = write!(
                svg,
                r#"<image x="{x:.2}" y="{y:.2}" width="{wide:.2}" height="{high:.2}" preserveAspectRatio="none" href="data:image/png;base64,{}"/>"#,
                STANDARD.encode(impression.file())
            );
        }
        Item::Mark { .. } => {}
    }
}

fn run(run: &Run, svg: &mut String) {
    let [x, y] = run.at;
    let scale = run.size / 1000.0;
    let _ = write!(svg, r#"<g transform="translate({x:.2} {y:.2})"#);
    if run.angle_deg != 0.0 {
        let _ = write!(svg, " rotate({})", -run.angle_deg);
    }
    let _ = write!(svg, r#" scale({scale:.5} -{scale:.5})""#);
    if run.lightness > 0.0 {
        let grey = (run.lightness.clamp(0.0, 1.0) * 255.0) as u8;
        let _ = write!(svg, r##" fill="#{grey:02x}{grey:02x}{grey:02x}""##);
    }
    if run.is_bold {
        let width = BOLD_STROKE_EM * 1000.0;
        let _ = write!(svg, r##" stroke="#000" stroke-width="{width}""##);
    }
    svg.push('>');
    let mut pen = 0.0;
    for glyph in &run.glyphs {
        let _ = write!(
            svg,
            r##"<use href="#g{}-{}" x="{:.0}"/>"##,
            run.face,
            glyph.gid,
            pen / scale
        );
        pen += glyph.advance;
    }
    svg.push_str("</g>");
}

fn polyline(points: &[[f32; 2]], width: f32, svg: &mut String) {
    svg.push_str(r#"<polyline points=""#);
    for [x, y] in points {
        let _ = write!(svg, "{x:.2},{y:.2} ");
    }
    let _ = write!(
        svg,
        r##"" fill="none" stroke="#000" stroke-width="{width}" stroke-linecap="round" stroke-linejoin="round"/>"##
    );
}

struct Pen(String);

impl ttf_parser::OutlineBuilder for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        let _ = write!(self.0, "M{x} {y}");
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let _ = write!(self.0, "L{x} {y}");
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let _ = write!(self.0, "Q{x1} {y1} {x} {y}");
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let _ = write!(self.0, "C{x1} {y1} {x2} {y2} {x} {y}");
    }

    fn close(&mut self) {
        self.0.push('Z');
    }
}
