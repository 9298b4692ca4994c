//! The few fields of Exif 2.3 that matter as claims: when and where.

use chrono::{FixedOffset, NaiveDateTime, SecondsFormat, TimeZone};

const EXIF_IFD: u16 = 0x8769;
const GPS_IFD: u16 = 0x8825;
const TAKEN_AT: u16 = 0x9003;
const TAKEN_AT_OFFSET: u16 = 0x9011;
const LATITUDE_REF: u16 = 1;
const LATITUDE: u16 = 2;
const LONGITUDE_REF: u16 = 3;
const LONGITUDE: u16 = 4;
const MAX_ENTRIES: usize = 512;
const SHANGHAI: &str = "+08:00";

#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Claims {
    pub(super) taken_at: Option<String>,
    pub(super) latitude_e7: Option<i64>,
    pub(super) longitude_e7: Option<i64>,
}

/// Reads what is there; a damaged or absent field is simply not claimed.
pub(super) fn read(bytes: &[u8]) -> Claims {
    let Some(tiff) = Tiff::open(bytes) else {
        return Claims::default();
    };
    let Some(root) = tiff.u32(4).and_then(|at| tiff.directory(at)) else {
        return Claims::default();
    };
    let sub = |tag| {
        root.iter()
            .find(|entry| entry.tag == tag)
            .and_then(|entry| tiff.directory(entry.value))
    };
    let exif = sub(EXIF_IFD).unwrap_or_default();
    let gps = sub(GPS_IFD).unwrap_or_default();
    let offset = tiff.text(&exif, TAKEN_AT_OFFSET);
    Claims {
        taken_at: tiff
            .text(&exif, TAKEN_AT)
            .and_then(|local| taken_at(&local, offset.as_deref())),
        latitude_e7: tiff.degrees_e7(&gps, LATITUDE, LATITUDE_REF, "S", 90),
        longitude_e7: tiff.degrees_e7(&gps, LONGITUDE, LONGITUDE_REF, "W", 180),
    }
}

fn taken_at(local: &str, offset: Option<&str>) -> Option<String> {
    let local = NaiveDateTime::parse_from_str(local, "%Y:%m:%d %H:%M:%S").ok()?;
    let offset: FixedOffset = offset
        .and_then(|offset| offset.parse().ok())
        .or_else(|| SHANGHAI.parse().ok())?;
    let at = offset.from_local_datetime(&local).single()?;
    Some(at.to_rfc3339_opts(SecondsFormat::Millis, false))
}

struct Entry {
    tag: u16,
    count: u32,
    /// The value itself when it fits into four bytes, otherwise where it lies.
    value: u32,
    value_at: usize,
}

struct Tiff<'a> {
    bytes: &'a [u8],
    is_little_endian: bool,
}

impl<'a> Tiff<'a> {
    fn open(bytes: &'a [u8]) -> Option<Self> {
        let is_little_endian = match bytes.get(..4)? {
            b"II*\0" => true,
            b"MM\0*" => false,
            _ => return None,
        };
        Some(Self {
            bytes,
            is_little_endian,
        })
    }

    fn u16(&self, at: usize) -> Option<u16> {
        let two = self.bytes.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if self.is_little_endian {
            u16::from_le_bytes(two)
        } else {
            u16::from_be_bytes(two)
        })
    }

    fn u32(&self, at: usize) -> Option<u32> {
        let four = self.bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if self.is_little_endian {
            u32::from_le_bytes(four)
        } else {
            u32::from_be_bytes(four)
        })
    }

    fn directory(&self, at: u32) -> Option<Vec<Entry>> {
        let at = at as usize;
        let count = usize::from(self.u16(at)?).min(MAX_ENTRIES);
        let entry = |index: usize| {
            let at = at + 2 + index * 12;
            Some(Entry {
                tag: self.u16(at)?,
                count: self.u32(at + 4)?,
                value: self.u32(at + 8)?,
                value_at: at + 8,
            })
        };
        Some((0..count).map_while(entry).collect())
    }

    fn text(&self, entries: &[Entry], tag: u16) -> Option<String> {
        let entry = entries.iter().find(|entry| entry.tag == tag)?;
        let count = entry.count as usize;
        let at = if count <= 4 {
            entry.value_at
        } else {
            entry.value as usize
        };
        let bytes = self.bytes.get(at..at.checked_add(count.min(64))?)?;
        let text = std::str::from_utf8(bytes).ok()?;
        Some(text.trim_end_matches('\0').trim().to_owned())
    }

    /// Degrees, minutes and seconds as three fractions.
    fn degrees_e7(
        &self,
        entries: &[Entry],
        tag: u16,
        side_tag: u16,
        negative: &str,
        most: i64,
    ) -> Option<i64> {
        let entry = entries
            .iter()
            .find(|entry| entry.tag == tag && entry.count == 3)?;
        let side = self.text(entries, side_tag)?;
        let mut total_e12 = 0_i128;
        for (index, share) in [1_i128, 60, 3_600].into_iter().enumerate() {
            let at = entry.value as usize + index * 8;
            let (top, bottom) = (self.u32(at)?, self.u32(at + 4)?);
            total_e12 +=
                (i128::from(top) * 1_000_000_000_000).checked_div(i128::from(bottom) * share)?;
        }
        let total = i64::try_from((total_e12 + 50_000) / 100_000)
            .ok()
            .filter(|total| *total <= most * 10_000_000)?;
        Some(if side == negative { -total } else { total })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Vec<u8> {
        let mut out = b"II*\0\x08\0\0\0".to_vec();
        let entry = |tag: u16, kind: u16, count: u32, value: u32, out: &mut Vec<u8>| {
            out.extend_from_slice(&tag.to_le_bytes());
            out.extend_from_slice(&kind.to_le_bytes());
            out.extend_from_slice(&count.to_le_bytes());
            out.extend_from_slice(&value.to_le_bytes());
        };
        out.extend_from_slice(&2_u16.to_le_bytes());
        entry(EXIF_IFD, 4, 1, 38, &mut out);
        entry(GPS_IFD, 4, 1, 80, &mut out);
        out.extend_from_slice(&[0; 4]);
        assert_eq!(out.len(), 38);
        out.extend_from_slice(&1_u16.to_le_bytes());
        entry(TAKEN_AT, 2, 20, 56, &mut out);
        out.extend_from_slice(&[0; 4]);
        out.extend_from_slice(b"2026:05:12 10:30:45\0");
        out.resize(80, 0);
        out.extend_from_slice(&4_u16.to_le_bytes());
        entry(LATITUDE_REF, 2, 2, u32::from(b'N'), &mut out);
        entry(LATITUDE, 5, 3, 134, &mut out);
        entry(LONGITUDE_REF, 2, 2, u32::from(b'W'), &mut out);
        entry(LONGITUDE, 5, 3, 158, &mut out);
        out.extend_from_slice(&[0; 4]);
        assert_eq!(out.len(), 134);
        for number in [30_u32, 1, 46, 1, 4_874, 100, 104, 1, 3, 1, 59_256, 1_000] {
            out.extend_from_slice(&number.to_le_bytes());
        }
        out
    }

    #[test]
    fn time_and_place_are_read() {
        let claims = read(&sample());
        assert_eq!(
            claims.taken_at.as_deref(),
            Some("2026-05-12T10:30:45.000+08:00")
        );
        assert_eq!(claims.latitude_e7, Some(307_802_056));
        assert_eq!(claims.longitude_e7, Some(-1_040_664_600));
    }

    #[test]
    fn damaged_fields_are_not_claimed_and_never_panic() {
        let good = sample();
        for length in 0..good.len() {
            read(&good[..length]);
        }
        for at in 0..good.len() {
            for value in [0, 1, 0x7f, 0xff] {
                let mut bad = good.clone();
                bad[at] = value;
                read(&bad);
            }
        }
        assert_eq!(read(b"not exif"), Claims::default());
    }
}
