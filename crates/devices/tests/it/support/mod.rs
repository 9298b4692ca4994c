//! What several parts print.

use devices::printing::Raster;

/// Text-like rows with blank rows between them, and bytes that look like commands; 80 mm wide.
pub fn ticket(height: usize) -> Raster {
    let width = 576;
    let stride = width / 8;
    let rows = (0..stride * height)
        .map(|at| match (at / stride % 30, at % stride) {
            (0..=6, _) => 0,
            (7, 0) => 0x10,
            (7, 1) => 0x0c,
            (7, 2) => 0x02,
            (row, column) => (row * 37 + column * 11) as u8 | 0x40,
        })
        .collect();
    Raster {
        width: width as u32,
        height: height as u32,
        rows,
    }
}
