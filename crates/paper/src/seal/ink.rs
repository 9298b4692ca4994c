//! The ink of a seal: which dots of the agency's image are its impression.

use image::metadata::Orientation;
use image::{DynamicImage, GrayImage, imageops};

use super::{ImpressionFault, bitmap, check_size, dots};
use crate::Bitmap;
use crate::picture::{averaged, decoded};

/// More ink than this is taken for ink, of 255.
const THRESHOLD: u8 = 127;
const LEAST_DOTS: u32 = 200;
/// Percent of the seal; a seal cut in relief, white signs on red, has about 70.
const MOST_INK: usize = 88;

/// How much ink each dot of the seal has, cut to where there is any.
pub(super) struct Ink(GrayImage);

pub(super) fn cropped(file: &[u8]) -> Result<Ink, ImpressionFault> {
    let (image, orientation) = decoded(file)?;
    let ink = inked(&image);
    drop(image);
    let [left, top, wide, high] = bounds(&ink).ok_or(ImpressionFault::Blank)?;
    let mut seal = imageops::crop_imm(&ink, left, top, wide, high).to_image();
    drop(ink);
    let inked = seal.iter().filter(|ink| **ink > THRESHOLD).count();
    if inked * 100 > seal.len() * MOST_INK {
        return Err(ImpressionFault::Solid);
    }
    if wide.min(high) < LEAST_DOTS {
        return Err(ImpressionFault::Coarse { wide, high });
    }
    if orientation != Orientation::NoTransforms {
        let mut turned = DynamicImage::from(seal);
        turned.apply_orientation(orientation);
        seal = turned.into_luma8();
    }
    Ok(Ink(seal))
}

/// Red and black are ink alike: what counts is how far the faintest colour is from white.
fn inked(image: &DynamicImage) -> GrayImage {
    let ink = |darkest: u8, alpha: u8| {
        let ink = u32::from(255 - darkest) * u32::from(alpha) / 255;
        u8::try_from(ink).unwrap_or(u8::MAX)
    };
    let dots: Vec<u8> = match image {
        DynamicImage::ImageLuma8(grey) => grey.iter().map(|grey| 255 - grey).collect(),
        DynamicImage::ImageRgb8(rgb) => {
            let dots = rgb.pixels().map(|dot| dot.0.into_iter().min());
            dots.map(|darkest| ink(darkest.unwrap_or(255), 255))
                .collect()
        }
        other => {
            let dots = other.to_rgba8();
            let dots = dots.pixels().map(|dot| {
                let [red, green, blue, alpha] = dot.0;
                ink(red.min(green).min(blue), alpha)
            });
            dots.collect()
        }
    };
    GrayImage::from_raw(image.width(), image.height(), dots).unwrap_or_default()
}

/// Left, top, width and height of what has ink.
fn bounds(ink: &GrayImage) -> Option<[u32; 4]> {
    let wide = ink.width() as usize;
    let (mut left, mut right) = (wide, 0);
    let (mut top, mut bottom) = (None, 0);
    for (y, row) in ink.chunks_exact(wide.max(1)).enumerate() {
        let Some(first) = row.iter().position(|ink| *ink > THRESHOLD) else {
            continue;
        };
        let last = row.iter().rposition(|ink| *ink > THRESHOLD);
        left = left.min(first);
        right = right.max(last.unwrap_or(first));
        top = top.or(Some(y));
        bottom = y;
    }
    let top = top?;
    let bound = [left, top, right + 1 - left, bottom + 1 - top];
    Some(bound.map(|side| u32::try_from(side).unwrap_or(u32::MAX)))
}

impl Ink {
    /// The dots of the impression, so wide on paper.
    pub(super) fn sized(self, width_mm: u16) -> Result<Bitmap, ImpressionFault> {
        let (wide, high) = self.0.dimensions();
        let width = dots(f32::from(width_mm));
        let height = f64::from(width) * f64::from(high) / f64::from(wide.max(1));
        let height = (height.round() as u32).max(1);
        check_size(width, height)?;
        let ink = if wide >= 2 * width && high >= 2 * height {
            let dots = averaged::<1>(&self.0, [wide, high], [width, height]);
            GrayImage::from_raw(width, height, dots).unwrap_or_default()
        } else {
            imageops::resize(&self.0, width, height, imageops::FilterType::Triangle)
        };
        let is_ink = |x, y| {
            ink.get_pixel_checked(x, y)
                .is_some_and(|ink| ink.0 > [THRESHOLD])
        };
        Ok(bitmap(width, height, is_ink))
    }
}
