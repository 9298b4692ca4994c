//! 证件照 – the portraits an agency's file names, made small enough for every terminal.

use std::path::Path;

use forms::Agency;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, imageops::FilterType};
use journal::Hash;
use journal::body::RosterOfficer;

use crate::failure::Failure;

/// What a portrait is called among published objects.
pub(crate) const PORTRAIT: &str = "portrait";

/// Pixels a portrait is made to fit into; what a badge shows on a tablet.
const WIDTH: u32 = 480;
const HEIGHT: u32 = 640;
/// Pixels a side may have, and memory its decoding may take, bytes.
const SIDE_MAX: u32 = 12_000;
const MEMORY_MAX: u64 = 512 << 20;

/// Gives the officers the portraits named in their agency's file, whose paths start in `folder`; the pictures as PNG.
pub(crate) fn read(
    agency: &Agency,
    folder: &Path,
    officers: &mut [RosterOfficer],
) -> Result<Vec<Vec<u8>>, Failure> {
    let mut portraits = Vec::new();
    for (named, officer) in agency.officers.iter().zip(officers) {
        let Some(photo) = &named.photo else { continue };
        let portrait = portrait(&folder.join(photo))?;
        officer.photo_sha256 = Some(Hash::of(&portrait).to_string());
        portraits.push(portrait);
    }
    Ok(portraits)
}

fn portrait(path: &Path) -> Result<Vec<u8>, Failure> {
    let bytes = std::fs::read(path).map_err(Failure::file(path))?;
    reduced(&bytes).map_err(|source| Failure::Portrait {
        path: path.to_owned(),
        source,
    })
}

fn reduced(bytes: &[u8]) -> Result<Vec<u8>, image::ImageError> {
    let mut reader = ImageReader::new(std::io::Cursor::new(bytes)).with_guessed_format()?;
    let mut limits = Limits::no_limits();
    limits.max_image_width = Some(SIDE_MAX);
    limits.max_image_height = Some(SIDE_MAX);
    limits.max_alloc = Some(MEMORY_MAX);
    reader.limits(limits);
    let mut decoder = reader.into_decoder()?;
    let orientation = decoder.orientation()?;
    let mut picture = DynamicImage::from_decoder(decoder)?;
    picture.apply_orientation(orientation);
    if picture.width() > WIDTH || picture.height() > HEIGHT {
        picture = picture.resize(WIDTH, HEIGHT, FilterType::CatmullRom);
    }
    let mut png = std::io::Cursor::new(Vec::new());
    DynamicImage::from(picture.to_rgb8()).write_to(&mut png, ImageFormat::Png)?;
    Ok(png.into_inner())
}
