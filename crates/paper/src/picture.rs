//! 图片 – photos and sketches of the evidence, made small enough for paper.

use std::io::Cursor;
use std::sync::Arc;

use image::codecs::jpeg::JpegEncoder;
use image::metadata::Orientation;
use image::{
    DynamicImage, ImageDecoder, ImageError, ImageReader, Limits, RgbImage, RgbaImage, imageops,
};

/// Longest side that is kept, in dots: 150 mm at 220 dpi.
const MAX_SIDE: u32 = 1_300;
const JPEG_QUALITY: u8 = 82;
/// A file that claims more than this is not opened. 60 megapixels in colour are 180 MB.
const MAX_FILE_SIDE: u32 = 20_000;
const MAX_DECODED_BYTES: u64 = 256 << 20;

/// A picture ready for paper. The same file always gives the same bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture(Arc<Kept>);

#[derive(Debug, PartialEq, Eq)]
struct Kept {
    jpeg: Vec<u8>,
    width: u32,
    height: u32,
}

/// Why a file is no picture that can be printed.
#[derive(Debug, thiserror::Error)]
#[error("the picture cannot be read")]
pub struct PictureFault(#[from] image::ImageError);

impl Picture {
    /// Reads a JPEG or PNG file, sets it upright and scales it down. What is transparent becomes white.
    pub fn read(file: &[u8]) -> Result<Picture, PictureFault> {
        let (mut image, orientation) = decoded(file)?;
        let (width, height) = (image.width(), image.height());
        if width.max(height) > MAX_SIDE {
            image = scaled_down(image);
        }
        image.apply_orientation(orientation);
        let image = on_white(&image);
        let mut jpeg = Vec::new();
        JpegEncoder::new_with_quality(&mut jpeg, JPEG_QUALITY).encode_image(&image)?;
        Ok(Picture(Arc::new(Kept {
            jpeg,
            width: image.width(),
            height: image.height(),
        })))
    }

    /// The picture as it is embedded: baseline JPEG in RGB.
    pub(crate) fn jpeg(&self) -> &[u8] {
        &self.0.jpeg
    }

    pub(crate) fn dots(&self) -> [u32; 2] {
        [self.0.width, self.0.height]
    }

    /// Width and height in a box of this size.
    pub(crate) fn fitted(&self, width: f32, height: f32) -> [f32; 2] {
        let [wide, high] = self.dots().map(|dots| dots.max(1) as f32);
        let scale = (width / wide).min(height / high);
        [wide * scale, high * scale]
    }

    /// Black dots of a grid, row by row, the greys spread over neighbours (Floyd–Steinberg).
    pub(crate) fn dithered(&self, width: u32, height: u32) -> Vec<bool> {
        let Ok(image) = image::load_from_memory(self.jpeg()) else {
            return Vec::new();
        };
        let mut grey = imageops::resize(
            &image.into_luma8(),
            width,
            height,
            imageops::FilterType::Triangle,
        );
        imageops::dither(&mut grey, &imageops::BiLevel);
        grey.pixels().map(|pixel| pixel.0 == [0]).collect()
    }
}

/// The dots of a JPEG or PNG file as they lie in it, and how they are to be turned.
pub(crate) fn decoded(file: &[u8]) -> Result<(DynamicImage, Orientation), ImageError> {
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_FILE_SIDE);
    limits.max_image_height = Some(MAX_FILE_SIDE);
    limits.max_alloc = Some(MAX_DECODED_BYTES);
    let reader = ImageReader::new(Cursor::new(file)).with_guessed_format();
    let mut reader = reader.map_err(ImageError::from)?;
    reader.limits(limits);
    let mut decoder = reader.into_decoder()?;
    let orientation = decoder.orientation()?;
    Ok((DynamicImage::from_decoder(decoder)?, orientation))
}

/// A large picture is averaged over squares: a filter over all of it takes ten times as long and four times its memory.
fn scaled_down(image: DynamicImage) -> DynamicImage {
    let (wide, high) = (image.width(), image.height());
    let longest = wide.max(high);
    if longest < 2 * MAX_SIDE {
        return image.resize(MAX_SIDE, MAX_SIDE, imageops::FilterType::Triangle);
    }
    let side = |side: u32| (u64::from(side) * u64::from(MAX_SIDE) / u64::from(longest)).max(1);
    let [width, height] = [wide, high].map(|own| u32::try_from(side(own)).unwrap_or(MAX_SIDE));
    let averaged = match image.color().has_alpha() {
        true => {
            let dots = averaged::<4>(image.into_rgba8().as_raw(), [wide, high], [width, height]);
            RgbaImage::from_raw(width, height, dots).map(DynamicImage::from)
        }
        false => {
            let dots = averaged::<3>(image.into_rgb8().as_raw(), [wide, high], [width, height]);
            RgbImage::from_raw(width, height, dots).map(DynamicImage::from)
        }
    };
    averaged.unwrap_or_default()
}

/// Each new dot is the mean of the dots it stands for.
pub(crate) fn averaged<const CHANNELS: usize>(
    dots: &[u8],
    from: [u32; 2],
    to: [u32; 2],
) -> Vec<u8> {
    let [wide, high] = from.map(|side| side as usize);
    let [width, height] = to.map(|side| side as usize);
    let edge = |at: usize, from: usize, to: usize| at * from / to;
    let mut result = Vec::with_capacity(width * height * CHANNELS);
    let mut sums = vec![[0_u32; CHANNELS]; width];
    let mut rows = dots.chunks_exact(wide * CHANNELS);
    for y in 0..height {
        sums.fill([0; CHANNELS]);
        let count = edge(y + 1, high, height) - edge(y, high, height);
        for row in rows.by_ref().take(count) {
            let mut dots = row.chunks_exact(CHANNELS);
            for (x, sum) in sums.iter_mut().enumerate() {
                let own = edge(x + 1, wide, width) - edge(x, wide, width);
                for dot in dots.by_ref().take(own) {
                    for (sum, value) in sum.iter_mut().zip(dot) {
                        *sum += u32::from(*value);
                    }
                }
            }
        }
        for (x, sum) in sums.iter().enumerate() {
            let own = edge(x + 1, wide, width) - edge(x, wide, width);
            let area = u32::try_from(own * count).unwrap_or(u32::MAX).max(1);
            result.extend(sum.map(|sum| u8::try_from((sum + area / 2) / area).unwrap_or(u8::MAX)));
        }
    }
    result
}

fn on_white(image: &DynamicImage) -> RgbImage {
    if !image.color().has_alpha() {
        return image.to_rgb8();
    }
    let rgba = image.to_rgba8();
    let mut white = RgbImage::new(rgba.width(), rgba.height());
    for (into, from) in white.pixels_mut().zip(rgba.pixels()) {
        let [red, green, blue, alpha] = from.0.map(u32::from);
        let over = |colour: u32| {
            u8::try_from((colour * alpha + 255 * (255 - alpha)) / 255).unwrap_or(u8::MAX)
        };
        into.0 = [over(red), over(green), over(blue)];
    }
    white
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_photo_is_scaled_down_and_the_same_each_time() {
        let photo = RgbImage::from_fn(3000, 1500, |x, y| {
            image::Rgb([(x / 12) as u8, (y / 6) as u8, 90])
        });
        let mut file = Vec::new();
        JpegEncoder::new_with_quality(&mut file, 95)
            .encode_image(&photo)
            .unwrap();
        let picture = Picture::read(&file).unwrap();
        assert_eq!(picture.dots(), [1300, 650]);
        assert_eq!(Picture::read(&file).unwrap(), picture);
        assert_eq!(picture.fitted(100.0, 100.0), [100.0, 50.0]);
    }

    #[test]
    fn what_is_transparent_is_white_on_paper() {
        let mut file = Cursor::new(Vec::new());
        image::RgbaImage::from_pixel(20, 20, image::Rgba([0, 0, 0, 0]))
            .write_to(&mut file, image::ImageFormat::Png)
            .unwrap();
        let picture = Picture::read(file.get_ref()).unwrap();
        assert!(picture.dithered(10, 10).iter().all(|is_black| !is_black));
    }

    #[test]
    fn a_file_that_is_no_picture_is_refused() {
        assert!(Picture::read(b"GIF89a").is_err());
        assert!(Picture::read(&[]).is_err());
    }
}
