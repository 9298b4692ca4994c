//! Place from a satellite receiver that speaks NMEA 0183 (GPS, BeiDou, combined).

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, SecondsFormat};
use nmea::{
    ParseResult,
    sentences::{FixType, GgaData, RmcData, rmc::RmcStatusOfFix},
};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A receiver says everything it knows within a second; more text than this is not one reading.
const MAX_TEXT_BYTES: usize = 64 * 1024;
const SHANGHAI_SECONDS_EAST: i32 = 8 * 3600;

/// 定位 – where the receiver says it is (WGS-84), degrees × 10⁷.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fix {
    pub latitude_e7: i64,
    pub longitude_e7: i64,
    /// RFC 3339 at +08:00, absent while the receiver does not know the date.
    pub fixed_at: Option<String>,
    pub satellites: Option<u8>,
    pub quality: Quality,
}

/// How the position was found, as the receiver says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quality {
    Satellite,
    Differential,
    Precise,
    RtkFixed,
    RtkFloat,
    Estimated,
    Manual,
    Simulated,
}

/// Why there is no position in what the receiver sent.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PositionFault {
    #[error("nothing came from the receiver")]
    Empty,
    #[error("more than {MAX_TEXT_BYTES} bytes for one reading")]
    TooLong,
    #[error("line {line} was damaged on the way")]
    Checksum { line: usize },
    #[error("line {line} is not what a receiver sends")]
    Unreadable { line: usize },
    #[error("the receiver has no satellites yet")]
    NoFix,
    #[error("line {line} names a place outside the globe")]
    OutsideTheGlobe { line: usize },
}

/// Reads the sentences of one or more seconds; the latest position in them counts.
///
/// # Errors
/// One damaged line is a fault for the whole reading: the next second brings another, and evidence is not guessed.
/// A sentence kind that carries no position (GSV, GSA, proprietary …) is passed over once its checksum holds.
pub fn read_nmea(text: &str) -> Result<Fix, PositionFault> {
    if text.len() > MAX_TEXT_BYTES {
        return Err(PositionFault::TooLong);
    }
    let mut reading = Reading::default();
    let mut seen = false;
    for (index, line) in text.lines().enumerate() {
        let line_no = index + 1;
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        seen = true;
        check_sum(line, line_no)?;
        match nmea::parse_str(line) {
            Ok(ParseResult::GGA(gga)) => reading.take_gga(&gga, line_no)?,
            Ok(ParseResult::RMC(rmc)) => reading.take_rmc(&rmc, line_no)?,
            Ok(_) => {}
            Err(nmea::Error::ParsingError(_)) if carries_position(line) => {
                return Err(PositionFault::Unreadable { line: line_no });
            }
            Err(_) => {}
        }
    }
    if !seen {
        return Err(PositionFault::Empty);
    }
    reading.fix().ok_or(PositionFault::NoFix)
}

#[derive(Default)]
struct Reading {
    place: Option<(i64, i64)>,
    time: Option<NaiveTime>,
    date: Option<NaiveDate>,
    satellites: Option<u8>,
    quality: Option<Quality>,
}

impl Reading {
    fn take_gga(&mut self, gga: &GgaData, line: usize) -> Result<(), PositionFault> {
        let Some(quality) = gga.fix_type.and_then(quality_of) else {
            self.forget();
            return Ok(());
        };
        let (Some(latitude), Some(longitude)) = (gga.latitude, gga.longitude) else {
            self.forget();
            return Ok(());
        };
        self.place = Some(to_e7(latitude, longitude, line)?);
        self.satellites = gga.fix_satellites.and_then(|n| u8::try_from(n).ok());
        self.quality = Some(quality);
        self.time = gga.fix_time;
        Ok(())
    }

    fn take_rmc(&mut self, rmc: &RmcData, line: usize) -> Result<(), PositionFault> {
        if matches!(rmc.status_of_fix, RmcStatusOfFix::Invalid) {
            self.forget();
            return Ok(());
        }
        let (Some(latitude), Some(longitude)) = (rmc.lat, rmc.lon) else {
            self.forget();
            return Ok(());
        };
        self.place = Some(to_e7(latitude, longitude, line)?);
        self.date = rmc.fix_date;
        self.time = rmc.fix_time;
        self.quality.get_or_insert(match rmc.status_of_fix {
            RmcStatusOfFix::Differential => Quality::Differential,
            RmcStatusOfFix::Autonomous | RmcStatusOfFix::Invalid => Quality::Satellite,
        });
        Ok(())
    }

    /// A lost fix also ends the positions before it: the officer is told "no satellites", not a stale place.
    fn forget(&mut self) {
        *self = Self {
            date: self.date,
            ..Self::default()
        };
    }

    fn fix(self) -> Option<Fix> {
        let (latitude_e7, longitude_e7) = self.place?;
        let fixed_at = self
            .date
            .zip(self.time)
            .and_then(|(date, time)| at_shanghai(NaiveDateTime::new(date, time)));
        Some(Fix {
            latitude_e7,
            longitude_e7,
            fixed_at,
            satellites: self.satellites,
            quality: self.quality?,
        })
    }
}

fn at_shanghai(utc: NaiveDateTime) -> Option<String> {
    let offset = FixedOffset::east_opt(SHANGHAI_SECONDS_EAST)?;
    let at = DateTime::<FixedOffset>::from_naive_utc_and_offset(utc, offset);
    Some(at.to_rfc3339_opts(SecondsFormat::Millis, false))
}

fn quality_of(fix: FixType) -> Option<Quality> {
    match fix {
        FixType::Invalid => None,
        FixType::Gps => Some(Quality::Satellite),
        FixType::DGps => Some(Quality::Differential),
        FixType::Pps => Some(Quality::Precise),
        FixType::Rtk => Some(Quality::RtkFixed),
        FixType::FloatRtk => Some(Quality::RtkFloat),
        FixType::Estimated => Some(Quality::Estimated),
        FixType::Manual => Some(Quality::Manual),
        FixType::Simulation => Some(Quality::Simulated),
    }
}

#[allow(clippy::cast_possible_truncation)]
fn to_e7(latitude: f64, longitude: f64, line: usize) -> Result<(i64, i64), PositionFault> {
    if latitude.abs() > 90.0
        || longitude.abs() > 180.0
        || !latitude.is_finite()
        || !longitude.is_finite()
    {
        return Err(PositionFault::OutsideTheGlobe { line });
    }
    Ok((
        (latitude * 1e7).round() as i64,
        (longitude * 1e7).round() as i64,
    ))
}

/// Stands before the parser because the parser refuses kinds it does not know before it looks at the checksum.
fn check_sum(line: &str, line_no: usize) -> Result<(), PositionFault> {
    let unreadable = PositionFault::Unreadable { line: line_no };
    let Some(rest) = line.strip_prefix('$').or_else(|| line.strip_prefix('!')) else {
        return Err(unreadable);
    };
    let Some((body, written)) = rest.rsplit_once('*') else {
        return Err(unreadable);
    };
    let Ok(written) = u8::from_str_radix(written, 16) else {
        return Err(unreadable);
    };
    let computed = body.bytes().fold(0, |sum, byte| sum ^ byte);
    if computed != written {
        return Err(PositionFault::Checksum { line: line_no });
    }
    Ok(())
}

fn carries_position(line: &str) -> bool {
    line.get(3..6)
        .is_some_and(|kind| kind == "GGA" || kind == "RMC")
}

#[cfg(test)]
mod tests {
    use super::*;

    const GGA: &str = "$GNGGA,023045.00,3046.8123,N,10403.9876,E,1,12,0.8,506.2,M,-42.1,M,,";
    const RMC: &str = "$GNRMC,023045.00,A,3046.8123,N,10403.9876,E,0.02,,120526,,,A";
    const BEIDOU: &str = "$BDGGA,023045.00,3046.8123,S,10403.9876,W,4,09,0.8,506.2,M,-42.1,M,,";
    const NO_FIX: &str = "$GNGGA,023046.00,,,,,0,00,99.9,,M,,M,,";
    const GSV: &str = "$GPGSV,1,1,01,01,40,083,46";
    const PROPRIETARY: &str = "$PMTK010,001";

    type Told = (i64, i64, Option<&'static str>, Option<u8>, Quality);

    fn with_sum(body: &str) -> String {
        let sum = body.bytes().skip(1).fold(0u8, |sum, byte| sum ^ byte);
        format!("{body}*{sum:02X}\r\n")
    }

    fn check(lines: &[&str], expected: &Result<Told, PositionFault>) {
        let text: String = lines.iter().map(|line| with_sum(line)).collect();
        let found = read_nmea(&text);
        let expected = expected.clone().map(
            |(latitude_e7, longitude_e7, fixed_at, satellites, quality)| Fix {
                latitude_e7,
                longitude_e7,
                fixed_at: fixed_at.map(str::to_owned),
                satellites,
                quality,
            },
        );
        assert_eq!(found, expected, "{lines:?}");
    }

    #[test]
    fn the_latest_position_counts_and_a_lost_fix_is_said() {
        let at = Some("2026-05-12T10:30:45.000+08:00");
        check(
            &[GGA, RMC],
            &Ok((307_802_050, 1_040_664_600, at, Some(12), Quality::Satellite)),
        );
        check(
            &[RMC, GSV, GGA],
            &Ok((307_802_050, 1_040_664_600, at, Some(12), Quality::Satellite)),
        );
        check(
            &[GGA],
            &Ok((
                307_802_050,
                1_040_664_600,
                None,
                Some(12),
                Quality::Satellite,
            )),
        );
        check(
            &[BEIDOU],
            &Ok((
                -307_802_050,
                -1_040_664_600,
                None,
                Some(9),
                Quality::RtkFixed,
            )),
        );
        check(
            &[PROPRIETARY, GGA],
            &Ok((
                307_802_050,
                1_040_664_600,
                None,
                Some(12),
                Quality::Satellite,
            )),
        );
        check(&[NO_FIX], &Err(PositionFault::NoFix));
        check(&[GGA, RMC, NO_FIX], &Err(PositionFault::NoFix));
        check(&[GSV], &Err(PositionFault::NoFix));
        check(
            &["$GNGGA,xx,yy"],
            &Err(PositionFault::Unreadable { line: 1 }),
        );
        check(
            &["$GNGGA,023045.00,9946.8123,N,10403.9876,E,1,12,0.8,506.2,M,-42.1,M,,"],
            &Err(PositionFault::OutsideTheGlobe { line: 1 }),
        );
    }

    #[test]
    fn a_flipped_bit_anywhere_in_a_line_is_a_fault() {
        let line = with_sum(GGA);
        let line = line.trim();
        for at in 0..line.len() {
            for bit in 0..8 {
                let mut bytes = line.as_bytes().to_vec();
                bytes[at] ^= 1 << bit;
                let Ok(text) = String::from_utf8(bytes) else {
                    continue;
                };
                if text.eq_ignore_ascii_case(line) {
                    continue;
                }
                assert!(read_nmea(&text).is_err(), "{text}");
            }
        }
    }

    #[test]
    fn text_that_no_receiver_sends_is_a_fault_and_never_a_panic() {
        assert_eq!(read_nmea(""), Err(PositionFault::Empty));
        assert_eq!(read_nmea("\r\n \n"), Err(PositionFault::Empty));
        for text in [
            "川A12345",
            "$",
            "$*",
            "$*00",
            "*",
            "\0",
            "$GP𠮷GGA*00",
            "$GPGGA*4",
            "AT+CGPS=1",
        ] {
            assert!(read_nmea(text).is_err(), "{text:?}");
        }
        assert_eq!(
            read_nmea(&"$".repeat(10_000_000)),
            Err(PositionFault::TooLong)
        );
    }
}
