//! 照片 – one still picture, from a camera or from a file.

mod exif;

use std::io::Cursor;

use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};
use serde::{Deserialize, Serialize};

use crate::{
    DeviceFailure,
    recording::{self, VideoSource},
};

/// More than any camera an officer carries; a picture beyond it is an attack on the memory.
pub const MAX_PIXELS: u64 = 80_000_000;
pub const MAX_BYTES: usize = 64 * 1024 * 1024;
const MAX_SIDE: u32 = 32_768;
const BYTES_PER_PIXEL: u64 = 8;
const START_OF_SCAN: u8 = 0xda;
const JPEG_END: [u8; 2] = [0xff, 0xd9];
const PNG_END: [u8; 8] = *b"IEND\xaeB`\x82";

/// What a picture file says about itself. Time and place are the camera's claim, not ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhotoFacts {
    pub width: u32,
    pub height: u32,
    /// `image/jpeg` or `image/png`
    pub media_type: String,
    /// RFC 3339; +08:00 is assumed where the camera names no offset.
    pub taken_at: Option<String>,
    /// WGS-84 degrees × 10⁷.
    pub latitude_e7: Option<i64>,
    pub longitude_e7: Option<i64>,
}

/// Takes one photo as JPEG.
///
/// # Errors
/// When the camera is missing, busy or delivers no picture.
pub fn take(source: &VideoSource, width: u32, height: u32) -> Result<Vec<u8>, DeviceFailure> {
    recording::still(source, width, height)
}

/// Opens the picture completely, so that what is kept as evidence can be shown later.
///
/// # Errors
/// With the reason, when the bytes are no JPEG or PNG, are damaged, or too large.
pub fn inspect(bytes: &[u8]) -> Result<PhotoFacts, DeviceFailure> {
    let refused = |reason: String| DeviceFailure::InspectPhoto { reason };
    if bytes.is_empty() {
        return Err(refused("the file is empty".into()));
    }
    if bytes.len() > MAX_BYTES {
        return Err(refused(format!(
            "the file is larger than {} MiB",
            MAX_BYTES / 1024 / 1024
        )));
    }
    let media_type = match image::guess_format(bytes) {
        Ok(ImageFormat::Jpeg) => "image/jpeg",
        Ok(ImageFormat::Png) => "image/png",
        Ok(other) => {
            return Err(refused(format!(
                "{other:?} pictures are not kept, only JPEG and PNG"
            )));
        }
        Err(_) => return Err(refused("this is not a picture".into())),
    };
    let is_whole = match media_type {
        "image/jpeg" => is_whole_jpeg(bytes),
        _ => bytes.windows(PNG_END.len()).rev().any(|end| end == PNG_END),
    };
    if !is_whole {
        return Err(refused("the picture ends too early".into()));
    }
    let damaged = |error: image::ImageError| refused(format!("the picture is damaged: {error}"));
    let mut reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .map_err(|error| refused(error.to_string()))?;
    reader.limits(limits());
    let mut decoder = reader.into_decoder().map_err(damaged)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(refused(format!(
            "{width} × {height} dots are more than {MAX_PIXELS}"
        )));
    }
    let claims = decoder
        .exif_metadata()
        .ok()
        .flatten()
        .map(|exif| exif::read(&exif))
        .unwrap_or_default();
    DynamicImage::from_decoder(decoder).map_err(damaged)?;
    Ok(PhotoFacts {
        width,
        height,
        media_type: media_type.to_owned(),
        taken_at: claims.taken_at,
        latitude_e7: claims.latitude_e7,
        longitude_e7: claims.longitude_e7,
    })
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_PIXELS * BYTES_PER_PIXEL);
    limits
}

/// The decoder fills a cut-off JPEG with grey and calls it good, so the end mark is looked for behind the picture data;
/// the small preview that cameras put in front has an end mark of its own. Whatever a camera appends is left alone.
fn is_whole_jpeg(bytes: &[u8]) -> bool {
    let mut at = 2;
    while let Some([0xff, marker, high, low]) = bytes.get(at..at + 4) {
        if *marker == START_OF_SCAN {
            let data = bytes.get(at..).unwrap_or_default();
            return data.windows(2).rev().any(|pair| pair == JPEG_END);
        }
        at += 2 + usize::from(u16::from_be_bytes([*high, *low]));
    }
    false
}
