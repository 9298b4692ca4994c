//! The number of an impression runs through it: a band cut out of the seal in which it stands.

use tiny_skia::{FillRule, Mask, Path, Transform};

use super::{ImpressionFault, bitmap, dots};
use crate::face::FaceSet;
use crate::fonts::Role;
use crate::{Bitmap, Fonts, raster};

const MOST_SIGNS: usize = 24;
/// Height of the figures in mm: as large as fits, and never smaller than can be read.
const LARGEST_MM: f32 = 2.2;
const SMALLEST_MM: f32 = 1.3;
const STEP_MM: f32 = 0.1;
/// Height of a figure in em of the font of labels.
const FIGURE_EM: f32 = 0.73;
/// White around the figures, in heights of them.
const AROUND: f32 = 0.3;
/// The band stands below the middle, between these shares of the seal's height, and fills at most this share of its width.
const FROM: f32 = 0.52;
const TO: f32 = 0.84;
const WIDEST: f32 = 0.84;
/// Of 255.
const THRESHOLD: u8 = 110;

pub(super) fn check(number: &str) -> Result<(), ImpressionFault> {
    let is_sign = |byte: u8| byte.is_ascii_alphanumeric() || b"-./".contains(&byte);
    if number.is_empty() {
        return Err(ImpressionFault::Number("is empty"));
    }
    if number.len() > MOST_SIGNS {
        return Err(ImpressionFault::Number("is longer than 24 signs"));
    }
    if !number.bytes().all(is_sign) {
        return Err(ImpressionFault::Number(
            "has other signs than letters, figures and - . /",
        ));
    }
    Ok(())
}

/// The seal with the number in it, and the rows the figures stand in.
pub(super) fn run_through(
    seal: Bitmap,
    number: &str,
    fonts: &Fonts,
) -> Result<(Bitmap, [u32; 2]), ImpressionFault> {
    let mut faces = FaceSet::new(fonts);
    let signs = Signs::set(&mut faces, number)
        .ok_or(ImpressionFault::Number("has a sign that no font has"))?;
    let mut height_mm = LARGEST_MM;
    while height_mm > SMALLEST_MM - STEP_MM / 2.0 {
        let height = dots(height_mm);
        if let Some(band) = Band::place(&seal, height, signs.width(height)) {
            let top = band.top + (band.high - height) / 2;
            let dots = band.cut(&seal, &signs.painted(&band, height));
            return Ok((dots, [top, top + height]));
        }
        height_mm -= STEP_MM;
    }
    Err(ImpressionFault::Number("does not fit into the seal"))
}

/// The outlines of the number with their places, in em.
struct Signs {
    outlines: Vec<(f32, Path)>,
    width_em: f32,
}

impl Signs {
    fn set(faces: &mut FaceSet<'_>, number: &str) -> Option<Signs> {
        let mut signs = Signs {
            outlines: Vec::new(),
            width_em: 0.0,
        };
        for ch in number.chars() {
            let glyph = faces.glyph(Role::Label, ch)?;
            let outline = raster::outline(faces, (glyph.face, glyph.gid, true))?;
            signs.outlines.push((signs.width_em, outline));
            signs.width_em += glyph.advance_em;
        }
        Some(signs)
    }

    fn width(&self, height: u32) -> u32 {
        (self.width_em * height as f32 / FIGURE_EM).ceil() as u32
    }

    fn painted(&self, band: &Band, height: u32) -> Option<Mask> {
        let mut mask = Mask::new(band.wide, band.high)?;
        let em = height as f32 / FIGURE_EM;
        let left = (band.wide as f32 - self.width_em * em) / 2.0;
        let base = (band.high + height) as f32 / 2.0;
        for (x, outline) in &self.outlines {
            let place = Transform::from_row(em, 0.0, 0.0, -em, left + x * em, base);
            mask.fill_path(outline, FillRule::Winding, true, place);
        }
        Some(mask)
    }
}

/// A place in the seal, in its dots.
struct Band {
    left: u32,
    top: u32,
    wide: u32,
    high: u32,
}

impl Band {
    /// Where a band for figures of this height and width costs the seal the least ink.
    fn place(seal: &Bitmap, height: u32, width: u32) -> Option<Band> {
        let around = (height as f32 * AROUND).round() as u32;
        let (wide, high) = (width + 2 * around, height + 2 * around);
        let left = seal.width.checked_sub(wide)? / 2;
        let at = |share: f32| (seal.height as f32 * share).round() as u32;
        let rows: Vec<Row> = (at(FROM)..at(TO))
            .map(|y| Row::of(seal, y, left, wide))
            .collect();
        let middle = rows.len().saturating_sub(high as usize) / 2;
        let windows = rows.windows(high as usize).enumerate();
        let fitting = windows.filter(|(_, rows)| {
            let reach = rows.iter().map(|row| row.reach).max().unwrap_or(0);
            wide as f32 <= reach as f32 * WIDEST
        });
        let cheapest = fitting.min_by_key(|(index, rows)| {
            let ink: u32 = rows.iter().map(|row| row.ink).sum();
            (ink, index.abs_diff(middle))
        });
        let (index, _) = cheapest?;
        Some(Band {
            left,
            top: at(FROM) + u32::try_from(index).ok()?,
            wide,
            high,
        })
    }

    fn cut(&self, seal: &Bitmap, signs: &Option<Mask>) -> Bitmap {
        let sign = |x: u32, y: u32| {
            let dots = signs.as_ref().map(Mask::data).unwrap_or_default();
            dots.get((y * self.wide + x) as usize)
                .is_some_and(|ink| *ink > THRESHOLD)
        };
        bitmap(seal.width, seal.height, |x, y| {
            let inside = x
                .checked_sub(self.left)
                .zip(y.checked_sub(self.top))
                .filter(|(x, y)| *x < self.wide && *y < self.high);
            match inside {
                Some((x, y)) => sign(x, y),
                None => seal.is_black(x, y),
            }
        })
    }
}

/// A row of the seal: from its first to its last ink, and the ink a band would take from it.
struct Row {
    reach: u32,
    ink: u32,
}

impl Row {
    fn of(seal: &Bitmap, y: u32, left: u32, wide: u32) -> Row {
        let is_ink = |x: &u32| seal.is_black(*x, y);
        let first = (0..seal.width).find(is_ink);
        let last = (0..seal.width).rev().find(is_ink);
        let reach = first.zip(last).map_or(0, |(first, last)| last + 1 - first);
        let ink = (left..left + wide).filter(is_ink).count();
        Row {
            reach,
            ink: u32::try_from(ink).unwrap_or(u32::MAX),
        }
    }
}
