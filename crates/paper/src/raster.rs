//! Paints a page in black dots.

use std::collections::HashMap;

use tiny_skia::{FillRule, Mask, Path, PathBuilder, Stroke, Transform};

use crate::face::FaceSet;
use crate::item::{BOLD_STROKE_EM, Item, Page, Run};
use crate::{Bitmap, Fonts, Impression, Picture, qr};

/// Ink covering more than this share of a dot, of 255, makes it black.
const THRESHOLD: u8 = 115;
/// White around words that stand in a seal.
const CLEAR_MM: f32 = 0.2;
const MAX_DOTS: f32 = 120_000_000.0;

struct Painter<'f> {
    faces: FaceSet<'f>,
    outlines: HashMap<(usize, u16, bool), Option<Path>>,
    mask: Mask,
    scale: f32,
}

/// How much of each dot is covered with ink by letters and lines. `None` for a page of no or of too many dots.
pub(crate) fn cover(fonts: &Fonts, page: &Page, dpi: f32) -> Option<Mask> {
    let scale = dpi / 72.0;
    let (wide, high) = ((page.width * scale).round(), (page.height * scale).ceil());
    if !(wide >= 1.0 && high >= 1.0 && wide * high <= MAX_DOTS) {
        return None;
    }
    let mut painter = Painter {
        faces: FaceSet::new(fonts),
        outlines: HashMap::new(),
        mask: Mask::new(wide as u32, high as u32)?,
        scale,
    };
    page.items.iter().for_each(|item| painter.item(item));
    Some(painter.mask)
}

pub(crate) fn page(fonts: &Fonts, page: &Page, dpi: f32) -> Bitmap {
    let scale = dpi / 72.0;
    let Some(cover) = cover(fonts, page, dpi) else {
        return Bitmap::default();
    };
    let (width, height) = (cover.width(), cover.height());
    let mut bitmap = Bitmap {
        width,
        height,
        rows: pack(cover.data(), width),
    };
    for item in &page.items {
        match item {
            Item::Qr { at, side, symbol } => stamp_qr(&mut bitmap, *at, *side, symbol, scale),
            Item::Picture { at, size, picture } => {
                stamp_picture(&mut bitmap, *at, *size, picture, scale);
            }
            Item::Seal {
                at,
                size,
                impression,
            } => {
                let placed = Placed::of(*at, *size, scale);
                stamp_seal(&mut bitmap, &placed, impression, dpi);
            }
            Item::Run(_)
            | Item::Line { .. }
            | Item::Stroke { .. }
            | Item::Pen { .. }
            | Item::Frame { .. }
            | Item::Mark { .. } => {}
        }
    }
    bitmap
}

impl Painter<'_> {
    fn item(&mut self, item: &Item) {
        match item {
            Item::Run(run) => self.run(run),
            Item::Line { from, to, width } => self.stroke(&[*from, *to], *width, false),
            Item::Stroke { points, width } => self.stroke(points, *width, false),
            Item::Pen { lines } => {
                for line in lines {
                    self.stroke(&line.points, line.width, false);
                }
            }
            Item::Frame { at, size, width } => {
                let ([x, y], [wide, high]) = (*at, *size);
                let corners = [[x, y], [x + wide, y], [x + wide, y + high], [x, y + high]];
                self.stroke(&corners, *width, true);
            }
            // Drawn in whole dots at the end.
            Item::Qr { .. } | Item::Picture { .. } | Item::Seal { .. } | Item::Mark { .. } => {}
        }
    }

    /// Grey marks would only dirty a print of black dots.
    fn run(&mut self, run: &Run) {
        if run.lightness > 0.5 {
            return;
        }
        let [mut x, y] = run.at;
        for glyph in &run.glyphs {
            let place = Transform::from_row(run.size, 0.0, 0.0, -run.size, x, y)
                .post_scale(self.scale, self.scale);
            let key = (run.face, glyph.gid, run.is_bold);
            let outline = self
                .outlines
                .entry(key)
                .or_insert_with(|| outline(&mut self.faces, key));
            if let Some(path) = outline {
                self.mask.fill_path(path, FillRule::Winding, true, place);
            }
            x += glyph.advance;
        }
    }

    fn stroke(&mut self, points: &[[f32; 2]], width: f32, is_closed: bool) {
        let mut builder = PathBuilder::new();
        for (index, [x, y]) in points.iter().enumerate() {
            // Straight rules sit on whole dots, else they are lost to the threshold.
            let (x, y) = (x * self.scale, y * self.scale);
            if index == 0 {
                builder.move_to(x, y);
            } else {
                builder.line_to(x, y);
            }
        }
        if is_closed {
            builder.close();
        }
        let stroke = Stroke {
            width: (width * self.scale).max(1.8),
            line_cap: tiny_skia::LineCap::Round,
            line_join: tiny_skia::LineJoin::Round,
            ..Stroke::default()
        };
        let inked = builder.finish().and_then(|path| path.stroke(&stroke, 1.0));
        if let Some(path) = inked {
            self.mask
                .fill_path(&path, FillRule::Winding, true, Transform::identity());
        }
    }
}

/// The outline of a glyph in em, thickened for bold.
pub(crate) fn outline(
    faces: &mut FaceSet<'_>,
    (face, gid, is_bold): (usize, u16, bool),
) -> Option<Path> {
    let mut pen = Pen(PathBuilder::new());
    let units = faces.outline(face, gid, &mut pen)?;
    let path = pen
        .0
        .finish()?
        .transform(Transform::from_scale(1.0 / units, 1.0 / units))?;
    if !is_bold {
        return Some(path);
    }
    let stroke = Stroke {
        width: BOLD_STROKE_EM,
        ..Stroke::default()
    };
    let edge = path.stroke(&stroke, 64.0);
    let mut both = PathBuilder::new();
    both.push_path(&path);
    if let Some(edge) = edge {
        both.push_path(&edge);
    }
    both.finish()
}

struct Pen(PathBuilder);

impl ttf_parser::OutlineBuilder for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.0.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.0.line_to(x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        self.0.quad_to(x1, y1, x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        self.0.cubic_to(x1, y1, x2, y2, x, y);
    }

    fn close(&mut self) {
        self.0.close();
    }
}

fn pack(cover: &[u8], width: u32) -> Vec<u8> {
    let mut rows = Vec::with_capacity(cover.len() / 8 + 1);
    for line in cover.chunks(width as usize) {
        for dots in line.chunks(8) {
            let byte = dots.iter().enumerate().fold(0_u8, |byte, (bit, ink)| {
                if *ink > THRESHOLD {
                    byte | (0x80 >> bit)
                } else {
                    byte
                }
            });
            rows.push(byte);
        }
    }
    rows
}

/// A module is a whole number of dots, so that a reader sees even squares.
fn stamp_qr(bitmap: &mut Bitmap, at: [f32; 2], side: f32, symbol: &qr::Symbol, scale: f32) {
    let modules = symbol.width().max(1);
    let dots = (((side * scale) as usize) / modules).max(1);
    let spare = (side * scale) - (dots * modules) as f32;
    let [x, y] = at.map(|corner| (corner * scale + spare / 2.0).max(0.0) as usize);
    let row_bytes = bitmap.row_bytes();
    let width = bitmap.width as usize;
    for (row, column, length) in symbol.bars() {
        for line in 0..dots {
            let start = (y + row * dots + line) * row_bytes;
            let first = x + column * dots;
            for dot in (first..first + length * dots).filter(|dot| *dot < width) {
                if let Some(byte) = bitmap.rows.get_mut(start + dot / 8) {
                    *byte |= 0x80 >> (dot % 8);
                }
            }
        }
    }
}

/// A rectangle of whole dots.
pub(crate) struct Placed {
    pub left: usize,
    pub top: usize,
    pub wide: u32,
    pub high: u32,
}

impl Placed {
    pub(crate) fn of(at: [f32; 2], size: [f32; 2], scale: f32) -> Placed {
        let [left, top] = at.map(|corner| (corner * scale).round().max(0.0) as usize);
        let [wide, high] = size.map(|side| (side * scale).round().max(1.0) as u32);
        Placed {
            left,
            top,
            wide,
            high,
        }
    }
}

/// Black ink cannot be told from black words, so the seal keeps off them.
fn stamp_seal(bitmap: &mut Bitmap, placed: &Placed, impression: &Impression, dpi: f32) {
    let around = (dpi * CLEAR_MM / 25.4).round().max(1.0) as usize;
    let words = bitmap.clone();
    let is_word = |x: usize, y: usize| {
        let near = |at: usize| at.saturating_sub(around)..=at + around;
        near(y).any(|y| near(x).any(|x| words.is_black(x as u32, y as u32)))
    };
    let row_bytes = bitmap.row_bytes();
    let width = bitmap.width as usize;
    let cover = impression.cover(placed.wide, placed.high);
    for (y, row) in cover.chunks(placed.wide as usize).enumerate() {
        let y = placed.top + y;
        for (x, ink) in row.iter().enumerate() {
            let x = placed.left + x;
            if *ink <= THRESHOLD || x >= width || is_word(x, y) {
                continue;
            }
            if let Some(byte) = bitmap.rows.get_mut(y * row_bytes + x / 8) {
                *byte |= 0x80 >> (x % 8);
            }
        }
    }
}

/// Greys as a pattern of whole dots, which a printer's head cannot smear.
fn stamp_picture(bitmap: &mut Bitmap, at: [f32; 2], size: [f32; 2], picture: &Picture, scale: f32) {
    let [left, top] = at.map(|corner| (corner * scale).round().max(0.0) as usize);
    let [wide, high] = size.map(|side| (side * scale).round().max(1.0) as u32);
    let row_bytes = bitmap.row_bytes();
    let width = bitmap.width as usize;
    let dots = picture.dithered(wide, high);
    for (y, row) in dots.chunks(wide as usize).enumerate() {
        let start = (top + y) * row_bytes;
        let black = row.iter().enumerate().filter(|(_, is_black)| **is_black);
        for dot in black.map(|(x, _)| left + x).filter(|dot| *dot < width) {
            if let Some(byte) = bitmap.rows.get_mut(start + dot / 8) {
                *byte |= 0x80 >> (dot % 8);
            }
        }
    }
}
