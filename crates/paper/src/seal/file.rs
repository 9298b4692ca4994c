//! The impression as a PNG file. Its rows are packed as a PDF wants them, so that no sheet packs them again.

use std::io::Cursor;

use png::text_metadata::TEXtChunk;
use png::{
    BitDepth, ColorType, Decoder, DeflateCompression, Encoder, EncodingError, Filter, Limits,
    PixelDimensions, Unit,
};

use super::{DOTS_PER_METRE, ImpressionFault, SEAL_RED, check_size};
use crate::Bitmap;

const NUMBER: &str = "Seal-Number";
/// The rows of dots the number stands in, as "first-last".
const ROWS: &str = "Seal-Number-Rows";
const MAX_FILE_BYTES: usize = 256 << 10;
/// What the reader of PNG may take while it reads.
const MAX_MEMORY: usize = 2 << 20;
const SIGNATURE_BYTES: usize = 8;

/// Ink is the first colour of the file and white the second, which is seen through.
fn palette() -> Vec<u8> {
    let [red, green, blue] = SEAL_RED;
    vec![red, green, blue, 255, 255, 255]
}

const SEEN_THROUGH: [u8; 2] = [255, 0];

pub(super) fn written(
    dots: &Bitmap,
    number: &str,
    [first, end]: [u32; 2],
) -> Result<Vec<u8>, EncodingError> {
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, dots.width, dots.height);
    encoder.set_color(ColorType::Indexed);
    encoder.set_depth(BitDepth::One);
    encoder.set_palette(palette());
    encoder.set_trns(SEEN_THROUGH.to_vec());
    encoder.set_pixel_dims(Some(PixelDimensions {
        xppu: DOTS_PER_METRE,
        yppu: DOTS_PER_METRE,
        unit: Unit::Meter,
    }));
    encoder.set_deflate_compression(DeflateCompression::Level(9));
    encoder.set_filter(Filter::Up);
    encoder.add_text_chunk(NUMBER.to_owned(), number.to_owned())?;
    encoder.add_text_chunk(ROWS.to_owned(), format!("{first}-{end}"))?;
    let mut writer = encoder.write_header()?;
    let rows: Vec<u8> = dots.rows.iter().map(|byte| !byte).collect();
    writer.write_image_data(&rows)?;
    writer.finish()?;
    Ok(file)
}

/// The dots, the number and its rows of a file that is made as [`written`] makes it.
pub(super) fn read(bytes: &[u8]) -> Result<(Bitmap, String, [u32; 2]), ImpressionFault> {
    let damaged = ImpressionFault::Damaged;
    if bytes.len() > MAX_FILE_BYTES {
        return Err(damaged("too long"));
    }
    let limits = Limits { bytes: MAX_MEMORY };
    let decoder = Decoder::new_with_limits(Cursor::new(bytes), limits);
    let mut reader = decoder.read_info().map_err(|_| damaged("no PNG"))?;
    let info = reader.info();
    let is_ours = info.color_type == ColorType::Indexed
        && info.bit_depth == BitDepth::One
        && !info.interlaced
        && info.animation_control.is_none()
        && info.palette.as_deref() == Some(palette().as_slice())
        && info.trns.as_deref() == Some(SEEN_THROUGH.as_slice());
    if !is_ours {
        return Err(damaged("other dots than those of an impression"));
    }
    let is_true_size = info.pixel_dims.is_some_and(|dots| {
        dots.unit == Unit::Meter && [dots.xppu, dots.yppu] == [DOTS_PER_METRE; 2]
    });
    if !is_true_size {
        return Err(damaged("no size"));
    }
    let (width, height) = (info.width, info.height);
    check_size(width, height)?;
    let row_bytes = width.div_ceil(8) as usize;
    let mut packed = vec![0; row_bytes * height as usize];
    reader
        .next_frame(&mut packed)
        .map_err(|_| damaged("its dots are damaged"))?;
    reader.finish().map_err(|_| damaged("it is cut off"))?;
    let texts = reader.info().uncompressed_latin1_text.as_slice();
    let number = only(texts, NUMBER).ok_or(damaged("not one number"))?;
    let rows = only(texts, ROWS)
        .and_then(|rows| {
            let (first, end) = rows.split_once('-')?;
            Some([first.parse().ok()?, end.parse().ok()?])
        })
        .filter(|[first, end]| first < end && *end <= height)
        .ok_or(damaged("no place of the number"))?;
    let number = number.to_owned();
    // The bits that fill a row up are no dots.
    let spare = 0xFF_u8 << ((8 - width % 8) % 8);
    for row in packed.chunks_exact_mut(row_bytes) {
        row.iter_mut().for_each(|byte| *byte = !*byte);
        if let Some(last) = row.last_mut() {
            *last &= spare;
        }
    }
    let dots = Bitmap {
        width,
        height,
        rows: packed,
    };
    Ok((dots, number, rows))
}

/// The text of a keyword that stands in the file once.
fn only<'t>(texts: &'t [TEXtChunk], keyword: &str) -> Option<&'t str> {
    let mut found = texts.iter().filter(|text| text.keyword == keyword);
    let text = found.next()?;
    found.next().is_none().then_some(text.text.as_str())
}

/// What the chunks of dots of a sound file hold.
pub(super) fn packed_dots(file: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    let mut rest = file.get(SIGNATURE_BYTES..).unwrap_or_default();
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let length = u32::from_be_bytes(*length) as usize;
        let Some((kind, after)) = after.split_first_chunk::<4>() else {
            break;
        };
        let Some(data) = after.get(..length) else {
            break;
        };
        match kind {
            b"IDAT" => packed.extend_from_slice(data),
            _ if packed.is_empty() => {}
            _ => break,
        }
        // A check sum follows.
        rest = after.get(length + 4..).unwrap_or_default();
    }
    packed
}
