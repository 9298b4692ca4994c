//! 图片 – photos and sketches of the evidence, made small enough for paper.

use std::io::Cursor;
use std::sync::Arc;

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageDecoder, ImageReader, Limits, RgbImage, imageops};

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
        let mut limits = Limits::default();
        limits.max_image_width = Some(MAX_FILE_SIDE);
        limits.max_image_height = Some(MAX_FILE_SIDE);
        limits.max_alloc = Some(MAX_DECODED_BYTES);
        let reader = ImageReader::new(Cursor::new(file)).with_guessed_format();
        let mut reader = reader.map_err(image::ImageError::from)?;
        reader.limits(limits);
        let mut decoder = reader.into_decoder()?;
        let orientation = decoder.orientation()?;
        let mut image = DynamicImage::from_decoder(decoder)?;
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

/// A large picture is averaged over whole squares first: a filter over all of it takes four times its memory.
fn scaled_down(image: DynamicImage) -> DynamicImage {
    let longest = image.width().max(image.height());
    let image = match longest > 2 * MAX_SIDE {
        true => image.thumbnail(2 * MAX_SIDE, 2 * MAX_SIDE),
        false => image,
    };
    image.resize(MAX_SIDE, MAX_SIDE, imageops::FilterType::Triangle)
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
