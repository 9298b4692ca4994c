use super::Raster;

/// 203 dots an inch.
const DOTS_PER_MM: u32 = 8;
const RULER_ROWS: u32 = 48;
const LINES_ROWS: u32 = 48;
const GREYS_ROWS: u32 = 64;
const GAP_ROWS: u32 = 16;
/// Blank on both sides like that of a ticket, so that an offset shows.
const MARGIN: u32 = 12;
const GREYS: u32 = 9;
/// Ordered dither of four by four dots; printers cannot smear a pattern of whole dots.
const DITHER: [[u32; 4]; 4] = [[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]];

/// What shows whether a printer is set well: a ruler as wide as a ticket's text with a tick for each millimetre, lines of one
/// to four dots, and greys from white to black.
#[must_use]
pub fn test_pattern(width_dots: u32) -> Raster {
    let width = width_dots.clamp(64, 4_096);
    let height = RULER_ROWS + LINES_ROWS + GREYS_ROWS + 2 * GAP_ROWS;
    let stride = width.div_ceil(8) as usize;
    let mut rows = vec![0_u8; stride * height as usize];
    for y in 0..height {
        let inked = width - 2 * MARGIN;
        for x in (0..inked).filter(|x| is_black(*x, y, inked)) {
            let x = x + MARGIN;
            if let Some(byte) = rows.get_mut(y as usize * stride + (x / 8) as usize) {
                *byte |= 0x80 >> (x % 8);
            }
        }
    }
    Raster {
        width,
        height,
        rows,
    }
}

fn is_black(x: u32, y: u32, width: u32) -> bool {
    let lines_at = RULER_ROWS + GAP_ROWS;
    let greys_at = lines_at + LINES_ROWS + GAP_ROWS;
    if y < RULER_ROWS {
        ruler(x, y, width)
    } else if (lines_at..lines_at + LINES_ROWS).contains(&y) {
        lines(x, width)
    } else if y >= greys_at {
        greys(x, y, width)
    } else {
        false
    }
}

/// Its ends are part of it: whoever does not see them prints past the edge.
fn ruler(x: u32, y: u32, width: u32) -> bool {
    let is_edge = x < 2 || x >= width - 2;
    let millimetre = x / DOTS_PER_MM;
    let length = match millimetre {
        _ if millimetre.is_multiple_of(10) => RULER_ROWS,
        _ if millimetre.is_multiple_of(5) => RULER_ROWS * 2 / 3,
        _ => RULER_ROWS / 3,
    };
    is_edge || y < 2 || (x % DOTS_PER_MM < 2 && y < length)
}

fn lines(x: u32, width: u32) -> bool {
    let quarter = width.div_ceil(4).max(1);
    let thick = x / quarter + 1;
    (x % quarter / thick).is_multiple_of(2)
}

fn greys(x: u32, y: u32, width: u32) -> bool {
    let shade = x * GREYS / width.max(1);
    let dark = shade * 16 / (GREYS - 1);
    let row = DITHER.get((y % 4) as usize);
    row.and_then(|row| row.get((x % 4) as usize))
        .is_some_and(|level| *level < dark)
}
