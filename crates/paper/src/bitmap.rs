use image::ImageEncoder;
use image::codecs::png::PngEncoder;

/// A picture in black dots, as thermal printers take it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bitmap {
    pub width: u32,
    pub height: u32,
    /// One bit per dot, rows padded to whole bytes, first dot in the highest bit, 1 is black.
    pub rows: Vec<u8>,
}

impl Bitmap {
    pub fn row_bytes(&self) -> usize {
        self.width.div_ceil(8) as usize
    }

    /// The bytes of one row; empty below the last one.
    pub fn row(&self, y: u32) -> &[u8] {
        let bytes = self.row_bytes();
        let start = y as usize * bytes;
        self.rows.get(start..start + bytes).unwrap_or_default()
    }

    pub fn is_black(&self, x: u32, y: u32) -> bool {
        x < self.width
            && self
                .row(y)
                .get((x / 8) as usize)
                .is_some_and(|byte| byte & (0x80 >> (x % 8)) != 0)
    }

    /// Grey PNG; empty for a picture without dots.
    pub fn to_png(&self) -> Vec<u8> {
        let mut grey = Vec::with_capacity((self.width * self.height) as usize);
        for y in 0..self.height {
            grey.extend((0..self.width).map(|x| if self.is_black(x, y) { 0 } else { 255_u8 }));
        }
        let mut png = Vec::new();
        let written = PngEncoder::new(&mut png).write_image(
            &grey,
            self.width,
            self.height,
            image::ExtendedColorType::L8,
        );
        if written.is_err() {
            png.clear();
        }
        png
    }
}
