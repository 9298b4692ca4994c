//! 印章 – how a sheet comes to bear the agency's seal.

use std::fmt;
use std::sync::Arc;

use image::ImageError;

use crate::picture::averaged;
use crate::{Bitmap, Fonts};

mod file;
mod ink;
mod number;

/// Dots per inch of an impression, and as many a metre, which is how a PNG tells its size.
const DPI: f32 = 600.0;
const DOTS_PER_METRE: u32 = 23_622;
const MM_PER_INCH: f32 = 25.4;
const WIDTH_MM: std::ops::RangeInclusive<u16> = 10..=60;
/// 印泥 – the colour of a seal's ink on paper and screen.
pub(crate) const SEAL_RED: [u8; 3] = [0xC8, 0x10, 0x2E];

/// What stands where the sheet is sealed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Seal {
    /// Room for a stamp put on by hand.
    #[default]
    ByHand,
    /// 预盖章纸 – the paper bears the seal already, its centre so far from the left and from the upper edge of the sheet.
    PreSealed { x_mm: u16, y_mm: u16 },
    /// 印模 – painted with the sheet.
    Impression(Impression),
    /// The seal is put on later, elsewhere; these words stand in its place until then.
    Follows(String),
}

/// 印模 – an impression of the agency's seal for one sheet, its own number through it.
///
/// It is one bit for each dot of 600 to the inch, so that a printer draws it in one colour and as large as the seal is.
#[derive(Clone, PartialEq, Eq)]
pub struct Impression(Arc<Kept>);

#[derive(PartialEq, Eq)]
struct Kept {
    number: String,
    /// The first row of dots its figures stand in, and the first below them.
    rows: [u32; 2],
    dots: Bitmap,
    /// The PNG as it is stored and sent.
    file: Vec<u8>,
    /// The dots as they are packed in it, which a PDF takes as they are.
    packed: Vec<u8>,
}

/// Why there is no impression.
#[derive(Debug, thiserror::Error)]
pub enum ImpressionFault {
    #[error("the image of the seal cannot be read")]
    Image(#[from] ImageError),
    #[error("a seal is 10 to 60 mm wide and high, not {width_mm} × {height_mm}")]
    Size { width_mm: u16, height_mm: u16 },
    #[error("nothing is drawn on the image of the seal")]
    Blank,
    #[error("almost all of the image is ink, so it shows no seal")]
    Solid,
    #[error("the seal is {wide} × {high} dots; fewer than 200 a side print badly")]
    Coarse { wide: u32, high: u32 },
    #[error("the number of the impression {0}")]
    Number(&'static str),
    #[error("these bytes are no impression of a seal: {0}")]
    Damaged(&'static str),
}

impl Impression {
    /// Reads the agency's clean seal – PNG or JPEG, red or black on white or on nothing –, crops it to its ink, sizes it
    /// and lets the number (up to 24 of A–Z, a–z, 0–9 and `-./`) run through it. The same seal, width, number and fonts
    /// give the same bytes.
    pub fn make(
        seal_file: &[u8],
        width_mm: u16,
        number: &str,
        fonts: &Fonts,
    ) -> Result<Impression, ImpressionFault> {
        number::check(number)?;
        let dots = ink::cropped(seal_file)?.sized(width_mm)?;
        let (dots, rows) = number::run_through(dots, number, fonts)?;
        let file = file::written(&dots, number, rows)
            .map_err(|_| ImpressionFault::Damaged("it cannot be written"))?;
        Ok(Impression(Arc::new(Kept {
            number: number.to_owned(),
            rows,
            packed: file::packed_dots(&file),
            dots,
            file,
        })))
    }

    /// An impression as [`Impression::to_bytes`] wrote it; anything else is a fault.
    pub fn read(bytes: &[u8]) -> Result<Impression, ImpressionFault> {
        let (dots, number, rows) = file::read(bytes)?;
        number::check(&number)?;
        Ok(Impression(Arc::new(Kept {
            number,
            rows,
            dots,
            packed: file::packed_dots(bytes),
            file: bytes.to_vec(),
        })))
    }

    /// A PNG of one bit per dot, red on nothing, with its physical size and its number inside.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.file.clone()
    }

    pub fn number(&self) -> &str {
        &self.0.number
    }

    pub(crate) fn file(&self) -> &[u8] {
        &self.0.file
    }

    /// Rows of a PNG, deflated; bit 0 is ink.
    pub(crate) fn packed(&self) -> &[u8] {
        &self.0.packed
    }

    pub(crate) fn dots(&self) -> &Bitmap {
        &self.0.dots
    }

    /// How much ink each dot of a grid has, of 255, row by row.
    pub(crate) fn cover(&self, wide: u32, high: u32) -> Vec<u8> {
        let seal = self.dots();
        let ink = |x: u32, y: u32| if seal.is_black(x, y) { 255 } else { 0 };
        if wide > seal.width || high > seal.height {
            let at = |at: u32, of: u32, own: u32| {
                (u64::from(at) * u64::from(own) / u64::from(of)) as u32
            };
            return (0..high)
                .flat_map(|y| (0..wide).map(move |x| (x, y)))
                .map(|(x, y)| ink(at(x, wide, seal.width), at(y, high, seal.height)))
                .collect();
        }
        let dots: Vec<u8> = (0..seal.height)
            .flat_map(|y| (0..seal.width).map(move |x| ink(x, y)))
            .collect();
        averaged::<1>(&dots, [seal.width, seal.height], [wide, high])
    }

    /// Where the figures of the number begin and end below the upper edge, in points.
    pub(crate) fn figures(&self) -> [f32; 2] {
        self.0.rows.map(|row| row as f32 * 72.0 / DPI)
    }

    /// Width and height on paper, in points.
    pub(crate) fn size(&self) -> [f32; 2] {
        [self.0.dots.width, self.0.dots.height].map(|dots| dots as f32 * 72.0 / DPI)
    }
}

impl fmt::Debug for Impression {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Impression({})", self.0.number)
    }
}

fn mm(dots: u32) -> u16 {
    let mm = (dots as f32 * MM_PER_INCH / DPI).round();
    mm.clamp(0.0, f32::from(u16::MAX)) as u16
}

fn dots(mm: f32) -> u32 {
    (mm * DPI / MM_PER_INCH).round().max(1.0) as u32
}

/// Whether a seal of so many dots is one of a size that is allowed.
fn check_size(wide: u32, high: u32) -> Result<(), ImpressionFault> {
    let (width_mm, height_mm) = (mm(wide), mm(high));
    if WIDTH_MM.contains(&width_mm) && WIDTH_MM.contains(&height_mm) {
        return Ok(());
    }
    Err(ImpressionFault::Size {
        width_mm,
        height_mm,
    })
}

/// One bit for each dot, for which `is_ink` holds.
fn bitmap(width: u32, height: u32, is_ink: impl Fn(u32, u32) -> bool) -> Bitmap {
    let mut rows = Vec::with_capacity((width.div_ceil(8) * height) as usize);
    for y in 0..height {
        for first in (0..width).step_by(8) {
            let bits = (0..8_u32).filter(|bit| first + bit < width && is_ink(first + bit, y));
            rows.push(bits.fold(0_u8, |byte, bit| byte | (0x80 >> bit)));
        }
    }
    Bitmap {
        width,
        height,
        rows,
    }
}
