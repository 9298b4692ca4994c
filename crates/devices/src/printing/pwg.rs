//! PWG raster (PWG 5102.4), the format every IPP Everywhere printer takes: 8-bit grey, one page.

/// Dots per inch of the tickets and pages that arrive as rasters.
const DPI: u32 = 203;
const POINTS_PER_INCH: u32 = 72;
const SYNC: &[u8] = b"RaS2";
const GREY: u32 = 18;

pub(super) fn encode(width: u32, height: u32, rows: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(2_048 + rows.len() * 2);
    out.extend_from_slice(SYNC);
    out.extend_from_slice(&header(width, height));
    let stride = width.div_ceil(8) as usize;
    let mut lines = rows.chunks(stride.max(1)).peekable();
    while let Some(line) = lines.next() {
        let mut repeats = 0_u8;
        while repeats < u8::MAX && lines.peek() == Some(&line) {
            lines.next();
            repeats += 1;
        }
        out.push(repeats);
        push_line(&mut out, &grey(line, width));
    }
    out
}

fn grey(line: &[u8], width: u32) -> Vec<u8> {
    let dots = line.iter().flat_map(|byte| {
        (0..8)
            .rev()
            .map(move |bit| if byte >> bit & 1 == 1 { 0 } else { 255 })
    });
    dots.take(width as usize).collect()
}

/// Runs of up to 128 equal dots, and stretches of up to 128 different ones.
fn push_line(out: &mut Vec<u8>, mut dots: &[u8]) {
    while let Some(first) = dots.first() {
        let run = dots
            .iter()
            .take(128)
            .take_while(|dot| *dot == first)
            .count();
        if run > 1 || dots.len() == 1 {
            out.push((run - 1) as u8);
            out.push(*first);
            dots = dots.get(run..).unwrap_or_default();
        } else {
            let different = dots
                .windows(2)
                .take(127)
                .take_while(|pair| pair.first() != pair.last())
                .count()
                .max(1);
            if different == 1 {
                out.push(0);
                out.push(*first);
            } else {
                out.push((257 - different) as u8);
                out.extend_from_slice(dots.get(..different).unwrap_or_default());
            }
            dots = dots.get(different..).unwrap_or_default();
        }
    }
}

/// Only the fields that describe the picture; the rest is zero, which the standard reads as "the printer's choice".
fn header(width: u32, height: u32) -> Vec<u8> {
    let mut header = vec![0_u8; 1_796];
    let mut put = |at: usize, value: u32| {
        if let Some(field) = header.get_mut(at..at + 4) {
            field.copy_from_slice(&value.to_be_bytes());
        }
    };
    put(276, DPI);
    put(280, DPI);
    put(340, 1);
    put(352, width * POINTS_PER_INCH / DPI);
    put(356, height * POINTS_PER_INCH / DPI);
    put(372, width);
    put(376, height);
    put(384, 8);
    put(388, 8);
    put(392, width);
    put(396, 0);
    put(400, GREY);
    put(420, 1);
    put(452, 1);
    put(456, 1);
    put(460, 1);
    if let Some(name) = header.get_mut(..9) {
        name.copy_from_slice(b"PwgRaster");
    }
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unpack(packed: &[u8], width: usize) -> Vec<Vec<u8>> {
        let mut lines = Vec::new();
        let mut at = 0;
        while at < packed.len() {
            let repeats = packed[at] as usize + 1;
            at += 1;
            let mut line = Vec::new();
            while line.len() < width {
                let count = packed[at] as usize;
                at += 1;
                if count < 128 {
                    line.extend(std::iter::repeat_n(packed[at], count + 1));
                    at += 1;
                } else {
                    line.extend_from_slice(&packed[at..at + 257 - count]);
                    at += 257 - count;
                }
            }
            assert_eq!(line.len(), width);
            lines.extend(std::iter::repeat_n(line, repeats));
        }
        lines
    }

    #[test]
    fn the_packed_lines_are_the_picture() {
        for width in [1_u32, 8, 9, 384, 577] {
            let stride = width.div_ceil(8) as usize;
            let height = 600_u32;
            let rows: Vec<u8> = (0..stride * height as usize)
                .map(|at| match at / stride {
                    0..300 => 0xf0,
                    300..400 => (at * 7 % 251) as u8,
                    _ => [0xaa, 0x00, 0xff, 0x55][at % 4],
                })
                .collect();
            let page = encode(width, height, &rows);
            assert!(page.starts_with(b"RaS2PwgRaster\0"));
            let expected: Vec<Vec<u8>> =
                rows.chunks(stride).map(|line| grey(line, width)).collect();
            assert_eq!(
                unpack(&page[4 + 1_796..], width as usize),
                expected,
                "width {width}"
            );
        }
    }
}
