use thiserror::Error;

/// A4 at 300 dpi is 2480 dots; nothing an officer carries is wider than this.
const MAX_WIDTH: u32 = 4_096;
/// About four metres of ticket at 203 dpi.
const MAX_HEIGHT: u32 = 32_768;

/// A picture in black dots: one bit a dot, most significant bit leftmost, 1 is black; rows padded to whole bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raster {
    pub width: u32,
    pub height: u32,
    pub rows: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("a raster of {width} × {height} dots with {bytes} bytes cannot be printed")]
pub struct RasterFault {
    pub width: u32,
    pub height: u32,
    pub bytes: usize,
}

impl Raster {
    /// # Errors
    /// When the size of the rows is not that of the raster, or it is larger than any ticket.
    pub fn checked(&self) -> Result<(), RasterFault> {
        let fits = (1..=MAX_WIDTH).contains(&self.width) && (1..=MAX_HEIGHT).contains(&self.height);
        if fits && self.rows.len() == self.stride() * self.height as usize {
            return Ok(());
        }
        Err(RasterFault {
            width: self.width,
            height: self.height,
            bytes: self.rows.len(),
        })
    }

    /// Bytes of one row.
    #[must_use]
    pub fn stride(&self) -> usize {
        self.width.div_ceil(8) as usize
    }

    pub(crate) fn lines(&self) -> impl Iterator<Item = &[u8]> {
        self.rows.chunks(self.stride().max(1))
    }

    #[must_use]
    pub fn is_black(&self, x: u32, y: u32) -> bool {
        let at = y as usize * self.stride() + (x / 8) as usize;
        x < self.width
            && self
                .rows
                .get(at)
                .is_some_and(|byte| byte & (0x80 >> (x % 8)) != 0)
    }

    /// The same picture `offset_dots` further to the right on paper of `width_dots`. It never loses ink: it moves only
    /// as far as the blank margin allows.
    pub(crate) fn moved(&self, width_dots: u32, offset_dots: i32) -> Raster {
        let width = width_dots.max(self.width).min(MAX_WIDTH);
        let Some((first, last)) = self.inked_columns() else {
            return self.clone();
        };
        let room = i64::from(width) - 1 - i64::from(last);
        let shift = i64::from(offset_dots).clamp(-i64::from(first), room);
        if shift == 0 {
            return self.clone();
        }
        let mut moved = Raster {
            width,
            height: self.height,
            rows: vec![0; width.div_ceil(8) as usize * self.height as usize],
        };
        let stride = moved.stride();
        for (line, into) in self.lines().zip(moved.rows.chunks_mut(stride)) {
            for x in (first..=last).filter(|x| is_set(line, *x)) {
                let to = (i64::from(x) + shift).unsigned_abs() as usize;
                if let Some(byte) = into.get_mut(to / 8) {
                    *byte |= 0x80 >> (to % 8);
                }
            }
        }
        moved
    }

    fn inked_columns(&self) -> Option<(u32, u32)> {
        let mut ink = vec![0_u8; self.stride()];
        for line in self.lines() {
            for (seen, byte) in ink.iter_mut().zip(line) {
                *seen |= byte;
            }
        }
        let first = (0..self.width).find(|x| is_set(&ink, *x))?;
        let last = (0..self.width).rfind(|x| is_set(&ink, *x))?;
        Some((first, last))
    }
}

fn is_set(line: &[u8], x: u32) -> bool {
    line.get((x / 8) as usize)
        .is_some_and(|byte| byte & (0x80 >> (x % 8)) != 0)
}

/// Rows in pieces of at most `most`; a piece ends below a blank row where there is one, because some printers show a
/// faint seam between pieces.
pub(crate) fn bands<'a>(lines: &[&'a [u8]], most: usize) -> Vec<Vec<&'a [u8]>> {
    let mut bands = Vec::new();
    let mut rest = lines;
    while !rest.is_empty() {
        let (band, after) = rest.split_at(band_rows(rest, most.max(1)));
        bands.push(band.to_vec());
        rest = after;
    }
    bands
}

fn band_rows(rest: &[&[u8]], most: usize) -> usize {
    if rest.len() <= most {
        return rest.len();
    }
    let blank = rest
        .iter()
        .take(most)
        .rposition(|line| line.iter().all(|byte| *byte == 0));
    blank.map_or(most, |row| row + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dot_at(x: u32) -> Raster {
        let mut rows = vec![0; 6];
        rows[(x / 8) as usize] |= 0x80 >> (x % 8);
        rows[3 + (x / 8) as usize] |= 0x80 >> (x % 8);
        Raster {
            width: 20,
            height: 2,
            rows,
        }
    }

    #[test]
    fn a_picture_moves_as_far_as_its_margin_allows() {
        for (offset, expected) in [(0, 7), (3, 10), (-3, 4), (-90, 0), (90, 31)] {
            let moved = dot_at(7).moved(32, offset);
            let black: Vec<u32> = (0..40).filter(|x| moved.is_black(*x, 1)).collect();
            assert_eq!(black, [expected], "{offset}");
            assert!(moved.checked().is_ok());
        }
        let blank = Raster {
            width: 20,
            height: 2,
            rows: vec![0; 6],
        };
        assert_eq!(blank.moved(32, 5), blank);
    }

    #[test]
    fn an_impossible_raster_is_refused() {
        for (width, height, bytes) in [(0, 1, 0), (8, 0, 0), (8, 2, 1), (8, 2, 3), (5_000, 1, 625)]
        {
            let raster = Raster {
                width,
                height,
                rows: vec![0; bytes],
            };
            assert!(raster.checked().is_err(), "{width} {height} {bytes}");
        }
    }

    #[test]
    fn bands_end_below_blank_rows() {
        let rows: Vec<Vec<u8>> = (0..100).map(|row| vec![u8::from(row % 7 != 0)]).collect();
        let lines: Vec<&[u8]> = rows.iter().map(Vec::as_slice).collect();
        let bands = bands(&lines, 20);
        assert_eq!(bands.concat(), lines);
        for band in &bands[..bands.len() - 1] {
            assert!(band.len() <= 20);
            assert_eq!(band.last().unwrap(), &[0]);
        }
    }
}
