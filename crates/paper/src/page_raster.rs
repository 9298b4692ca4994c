//! Paints a page in greys, for printers that take no PDF.

use image::imageops::{self, FilterType};

use crate::item::Item;
use crate::raster::Placed;
use crate::{Document, Impression, Picture, qr, raster};

/// What stands for red where there is only black.
const SEAL_GREY: u8 = 120;

/// A page of grey dots, one byte each, row by row; 0 is black and 255 is white.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grey {
    pub width: u32,
    pub height: u32,
    pub dots: Vec<u8>,
}

impl Document {
    /// One page, counted from 0, in grey dots; without a row when there is no such page or it would be too large.
    pub fn grey(&self, page: usize, dpi: u32) -> Grey {
        let Some(page) = self.pages.get(page) else {
            return Grey::default();
        };
        let Some(cover) = raster::cover(&self.fonts, page, dpi as f32) else {
            return Grey::default();
        };
        let mut grey = Grey {
            width: cover.width(),
            height: cover.height(),
            dots: cover.data().iter().map(|ink| 255 - ink).collect(),
        };
        let scale = dpi as f32 / 72.0;
        for item in &page.items {
            match item {
                Item::Qr { at, side, symbol } => grey.qr(*at, *side * scale, symbol, scale),
                Item::Picture { at, size, picture } => grey.picture(*at, *size, picture, scale),
                Item::Seal {
                    at,
                    size,
                    impression,
                } => grey.seal(&Placed::of(*at, *size, scale), impression),
                Item::Run(_)
                | Item::Line { .. }
                | Item::Stroke { .. }
                | Item::Pen { .. }
                | Item::Frame { .. }
                | Item::Mark { .. } => {}
            }
        }
        grey
    }
}

impl Grey {
    /// A module is a whole number of dots, so that a reader sees even squares.
    fn qr(&mut self, at: [f32; 2], side: f32, symbol: &qr::Symbol, scale: f32) {
        let modules = symbol.width().max(1);
        let dots = ((side as usize) / modules).max(1);
        let spare = side - (dots * modules) as f32;
        let [x, y] = at.map(|corner| (corner * scale + spare / 2.0).max(0.0) as usize);
        for (row, column, length) in symbol.bars() {
            for line in 0..dots {
                let first = x + column * dots;
                for dot in first..first + length * dots {
                    self.darken(dot, y + row * dots + line, 0);
                }
            }
        }
    }

    fn picture(&mut self, at: [f32; 2], size: [f32; 2], picture: &Picture, scale: f32) {
        let [left, top] = at.map(|corner| (corner * scale).round().max(0.0) as usize);
        let [wide, high] = size.map(|side| (side * scale).round().max(1.0) as u32);
        let Ok(image) = image::load_from_memory(picture.jpeg()) else {
            return;
        };
        let shown = imageops::resize(&image.into_luma8(), wide, high, FilterType::Triangle);
        for (x, y, dot) in shown.enumerate_pixels() {
            let image::Luma([level]) = *dot;
            self.darken(left + x as usize, top + y as usize, level);
        }
    }

    /// Lighter than words, which are read through it.
    fn seal(&mut self, placed: &Placed, impression: &Impression) {
        let cover = impression.cover(placed.wide, placed.high);
        for (y, row) in cover.chunks(placed.wide as usize).enumerate() {
            for (x, ink) in row.iter().enumerate().filter(|(_, ink)| **ink > 0) {
                let shade = u32::from(*ink) * u32::from(255 - SEAL_GREY) / 255;
                let level = u8::try_from(255 - shade).unwrap_or(SEAL_GREY);
                self.darken(placed.left + x, placed.top + y, level);
            }
        }
    }

    /// Ink over ink stays ink.
    fn darken(&mut self, x: usize, y: usize, level: u8) {
        if x >= self.width as usize {
            return;
        }
        if let Some(dot) = self.dots.get_mut(y * self.width as usize + x) {
            *dot = (*dot).min(level);
        }
    }
}
