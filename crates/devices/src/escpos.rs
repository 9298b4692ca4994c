//! ESC/POS as the portable ticket printers speak it: rasters out, status bytes in.
//!
//! Text is never sent as text: our glyphs, rare names and the preview stay the same on every printer.

use thiserror::Error;

use crate::printing::Reason;

/// Bands are short so that a small printer buffer never overflows.
const MAX_BAND_ROWS: u32 = 128;
/// A4 at 300 dpi is 2480 dots; nothing an officer carries is wider than this.
pub const MAX_WIDTH: u32 = 4_096;
/// About four metres of ticket at 203 dpi.
pub const MAX_HEIGHT: u32 = 32_768;

const ESC: u8 = 0x1b;
const GS: u8 = 0x1d;
const DLE: u8 = 0x10;
const EOT: u8 = 0x04;
const ENQ: u8 = 0x05;
const DC4: u8 = 0x14;

const RESET: &[u8] = &[ESC, b'@'];
/// Unasked status bytes would look like the answer to the fence.
const NO_UNASKED_STATUS: &[u8] = &[GS, b'a', 0];
const FEED_FOUR_LINES: &[u8] = &[ESC, b'd', 4];
const CUT: &[u8] = &[GS, b'V', 66, 0];
/// The buffered question: it is answered only when everything before it has been worked off.
pub const FENCE: &[u8] = &[GS, b'r', 1];
/// The four real-time questions; they are answered at once, whatever is still waiting in the buffer.
pub const ASK_STATUS: &[u8] = &[DLE, EOT, 1, DLE, EOT, 2, DLE, EOT, 3, DLE, EOT, 4];

/// One bit per dot, most significant bit leftmost, 1 is black; each row padded to whole bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raster {
    pub width: u32,
    pub height: u32,
    pub rows: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EscPosFault {
    #[error("a raster of {width} × {height} dots with {bytes} bytes cannot be printed")]
    Shape {
        width: u32,
        height: u32,
        bytes: usize,
    },
    #[error("the job ends inside a command at byte {at}")]
    CutShort { at: usize },
    #[error("an unknown command at byte {at}")]
    UnknownCommand { at: usize },
    #[error("the bands at byte {at} have another width than those before")]
    WidthChanges { at: usize },
}

/// One ticket: reset, bands, feed, cut, fence.
///
/// Where the picture would contain the bytes of a real-time command, one white dot beside black ones becomes black:
/// printers look for those bytes everywhere, even inside a picture.
///
/// # Errors
/// When the size of `rows` is not that of the raster, or it is larger than any ticket.
pub fn encode(width: u32, height: u32, rows: &[u8]) -> Result<Vec<u8>, EscPosFault> {
    let stride = stride_of(width);
    let shape = EscPosFault::Shape {
        width,
        height,
        bytes: rows.len(),
    };
    let fits = width > 0 && height > 0 && width <= MAX_WIDTH && height <= MAX_HEIGHT;
    if !fits || rows.len() != stride * height as usize {
        return Err(shape);
    }
    let mut out = Vec::with_capacity(rows.len() + rows.len() / 64 + 64);
    out.extend_from_slice(RESET);
    out.extend_from_slice(NO_UNASKED_STATUS);
    let lines: Vec<&[u8]> = rows.chunks(stride).collect();
    let mut rest = lines.as_slice();
    while !rest.is_empty() {
        let (band, after) = rest.split_at(band_rows(rest));
        push_band(&mut out, stride, band);
        rest = after;
    }
    out.extend_from_slice(FEED_FOUR_LINES);
    out.extend_from_slice(CUT);
    out.extend_from_slice(FENCE);
    Ok(out)
}

/// Some printers show a faint seam between bands, so a band ends below a blank row where there is one.
fn band_rows(rest: &[&[u8]]) -> usize {
    let most = rest.len().min(MAX_BAND_ROWS as usize);
    if most == rest.len() {
        return most;
    }
    let blank = rest
        .iter()
        .take(most)
        .rposition(|line| line.iter().all(|byte| *byte == 0));
    blank.map_or(most, |row| row + 1)
}

fn push_band(out: &mut Vec<u8>, stride: usize, band: &[&[u8]]) {
    let [stride_low, stride_high, ..] = (stride as u32).to_le_bytes();
    let [rows_low, rows_high, ..] = (band.len() as u32).to_le_bytes();
    out.extend_from_slice(&[
        GS,
        b'v',
        b'0',
        0,
        stride_low,
        stride_high,
        rows_low,
        rows_high,
    ]);
    let mut data = band.concat();
    soften(&mut data);
    out.extend_from_slice(&data);
}

/// Adds a dot wherever the picture spells a real-time command.
fn soften(data: &mut [u8]) {
    let mut at = 0;
    while let Some([DLE, command, argument]) = data
        .get(at..at + 3)
        .and_then(|three| <[u8; 3]>::try_from(three).ok())
    {
        if is_real_time(command, argument)
            && let Some(byte) = data.get_mut(at + 1)
        {
            *byte |= 0x08;
        }
        at += 1;
        at += next_dle(data.get(at..).unwrap_or_default());
    }
    fn next_dle(rest: &[u8]) -> usize {
        rest.iter()
            .position(|byte| *byte == DLE)
            .unwrap_or(rest.len())
    }
}

/// Status, error recovery, drawer, power-off and clear-buffer; DC4 with any function is avoided as a whole.
fn is_real_time(command: u8, argument: u8) -> bool {
    match command {
        EOT => (1..=8).contains(&argument) || argument == 18,
        ENQ => argument <= 2,
        DC4 => (1..=8).contains(&argument),
        _ => false,
    }
}

fn stride_of(width: u32) -> usize {
    width.div_ceil(8) as usize
}

/// A command as the printer sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command<'a> {
    Reset,
    Setting,
    Band { stride: usize, data: &'a [u8] },
    Feed,
    Cut,
    Fence,
    RealTime { argument: u8 },
}

/// The next command and its length; `None` while it is not complete.
///
/// # Errors
/// When the bytes are no command we ever send.
pub fn next_command(bytes: &[u8]) -> Result<Option<(Command<'_>, usize)>, EscPosFault> {
    let found = match bytes {
        [ESC, b'@', ..] => (Command::Reset, 2),
        [GS, b'a', _, ..] => (Command::Setting, 3),
        [ESC, b'd', _, ..] => (Command::Feed, 3),
        [GS, b'V', 66, _, ..] => (Command::Cut, 4),
        [GS, b'r', 1, ..] => (Command::Fence, 3),
        [DLE, EOT, argument, ..] => (
            Command::RealTime {
                argument: *argument,
            },
            3,
        ),
        [GS, b'v', b'0', 0, xl, xh, yl, yh, rest @ ..] => {
            let stride = usize::from(u16::from_le_bytes([*xl, *xh]));
            let rows = usize::from(u16::from_le_bytes([*yl, *yh]));
            let Some(data) = rest.get(..stride * rows) else {
                return Ok(None);
            };
            (Command::Band { stride, data }, 8 + stride * rows)
        }
        _ if is_beginning(bytes) => return Ok(None),
        _ => return Err(EscPosFault::UnknownCommand { at: 0 }),
    };
    Ok(Some(found))
}

fn is_beginning(bytes: &[u8]) -> bool {
    let commands: [&[u8]; 7] = [
        RESET,
        &[GS, b'a'],
        &[ESC, b'd'],
        &[GS, b'V', 66],
        FENCE,
        &[DLE, EOT],
        &[GS, b'v', b'0', 0],
    ];
    commands.iter().any(|command| command.starts_with(bytes))
        || bytes.starts_with(&[GS, b'v', b'0', 0])
}

/// What is on the paper when a printer has worked off `bytes`: the bands joined.
///
/// # Errors
/// When the job is not one that [`encode`] writes.
pub fn decode(bytes: &[u8]) -> Result<Raster, EscPosFault> {
    let mut paper = Paper::default();
    let mut at = 0;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let found = next_command(rest).map_err(|_| EscPosFault::UnknownCommand { at })?;
        let Some((command, length)) = found else {
            return Err(EscPosFault::CutShort { at });
        };
        if let Command::Band { stride, data } = command
            && !paper.add(stride, data)
        {
            return Err(EscPosFault::WidthChanges { at });
        }
        at += length;
    }
    Ok(paper.into_raster())
}

/// Bands as they come out of the printer.
#[derive(Debug, Default)]
pub(crate) struct Paper {
    stride: usize,
    rows: Vec<u8>,
}

impl Paper {
    pub(crate) fn add(&mut self, stride: usize, data: &[u8]) -> bool {
        if !self.rows.is_empty() && self.stride != stride {
            return false;
        }
        self.stride = stride;
        self.rows.extend_from_slice(data);
        true
    }

    pub(crate) fn height(&self) -> u32 {
        self.rows.len().checked_div(self.stride).unwrap_or(0) as u32
    }

    pub(crate) fn into_raster(self) -> Raster {
        Raster {
            width: self.stride as u32 * 8,
            height: self.height(),
            rows: self.rows,
        }
    }
}

/// The answers to DLE EOT 1 to 4.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatusBytes {
    pub printer: u8,
    pub offline: u8,
    pub error: u8,
    pub paper: u8,
}

impl StatusBytes {
    #[must_use]
    pub fn parse(bytes: [u8; 4]) -> Option<Self> {
        let [printer, offline, error, paper] = bytes;
        bytes
            .iter()
            .all(|byte| is_real_time_answer(*byte))
            .then_some(Self {
                printer,
                offline,
                error,
                paper,
            })
    }

    /// Everything the printer complains about, the most urgent first.
    #[must_use]
    pub fn reasons(self) -> Vec<Reason> {
        let mut reasons = Vec::new();
        if self.paper & 0x60 != 0 || self.offline & 0x20 != 0 {
            reasons.push(Reason::PaperOut);
        }
        if self.offline & 0x04 != 0 {
            reasons.push(Reason::CoverOpen);
        }
        if self.error & 0x08 != 0 {
            reasons.push(Reason::Jam);
        }
        if self.error & 0x20 != 0 {
            reasons.push(Reason::Other("unrecoverable error".into()));
        } else if self.error & 0x40 != 0 {
            reasons.push(Reason::Other("print head too hot".into()));
        }
        if self.paper & 0x0c != 0 {
            reasons.push(Reason::PaperLow);
        }
        if self.printer & 0x08 != 0 && !reasons.iter().any(Reason::stops_printing) {
            reasons.push(Reason::Offline);
        }
        reasons
    }
}

/// Real-time answers have the form 0xx1xx10.
#[must_use]
pub fn is_real_time_answer(byte: u8) -> bool {
    byte & 0x93 == 0x12
}

/// The fence's answer has the form 0xx0xxxx.
#[must_use]
pub fn is_fence_answer(byte: u8) -> bool {
    byte & 0x90 == 0
}

/// The fence was reached but the paper sensor was already open: the last lines may be missing.
#[must_use]
pub fn fence_saw_paper_end(byte: u8) -> bool {
    byte & 0x0c != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A small xorshift, so that a failing picture can be named by its seed.
    fn noise(seed: u64, bytes: usize) -> Vec<u8> {
        let mut state = seed | 1;
        (0..bytes)
            .map(|_| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                (state >> 24) as u8
            })
            .collect()
    }

    fn spells_real_time(bytes: &[u8]) -> bool {
        bytes
            .windows(3)
            .any(|three| three[0] == DLE && is_real_time(three[1], three[2]))
    }

    #[test]
    fn what_is_encoded_comes_out_on_paper() {
        for (seed, (width, height)) in [
            (8, 1),
            (384, 128),
            (384, 129),
            (576, 1_000),
            (1_728, 700),
            (576, 127),
        ]
        .into_iter()
        .enumerate()
        {
            let mut rows = noise(seed as u64 + 7, (width / 8 * height) as usize);
            soften(&mut rows);
            let job = encode(width, height, &rows).unwrap();
            assert_eq!(
                decode(&job).unwrap(),
                Raster {
                    width,
                    height,
                    rows
                },
                "seed {seed} {width}×{height}"
            );
        }
    }

    #[test]
    fn a_width_that_is_no_multiple_of_eight_is_padded_on_the_right() {
        let raster = decode(&encode(9, 2, &[0xff, 0x80, 0x00, 0x80]).unwrap()).unwrap();
        assert_eq!((raster.width, raster.height), (16, 2));
        assert_eq!(raster.rows, [0xff, 0x80, 0x00, 0x80]);
    }

    #[test]
    fn a_picture_never_spells_a_real_time_command() {
        let mut hostile = Vec::new();
        for command in [EOT, ENQ, DC4, DLE] {
            for argument in 0..=24 {
                hostile.extend_from_slice(&[DLE, command, argument, DLE]);
            }
        }
        hostile.resize(hostile.len().div_ceil(72) * 72, DLE);
        let height = (hostile.len() / 72) as u32;
        let job = encode(576, height, &hostile).unwrap();
        assert!(!spells_real_time(&job));
        let printed = decode(&job).unwrap().rows;
        let changed = printed
            .iter()
            .zip(&hostile)
            .filter(|(new, old)| new != old)
            .count();
        let spelled = hostile
            .windows(3)
            .filter(|three| three[0] == DLE && is_real_time(three[1], three[2]))
            .count();
        assert!(
            changed <= spelled,
            "{changed} bytes changed for {spelled} sequences"
        );
        assert!(
            printed
                .iter()
                .zip(&hostile)
                .all(|(new, old)| new & old == *old),
            "a black dot was lost"
        );
    }

    #[test]
    fn bands_are_short_and_end_below_blank_rows() {
        let mut rows = vec![0xaa_u8; 48 * 300];
        rows[48 * 100..48 * 101].fill(0);
        let job = encode(384, 300, &rows).unwrap();
        let mut heights = Vec::new();
        let mut rest = job.as_slice();
        while let Some((command, length)) = next_command(rest).unwrap() {
            if let Command::Band { stride, data } = command {
                heights.push(data.len() / stride);
            }
            rest = &rest[length..];
            if rest.is_empty() {
                break;
            }
        }
        assert_eq!(heights, [101, 128, 71]);
    }

    #[test]
    fn a_raster_whose_bytes_do_not_fit_is_refused() {
        assert!(encode(0, 0, &[]).is_err());
        assert!(encode(8, 2, &[0]).is_err());
        assert!(encode(MAX_WIDTH + 8, 1, &vec![0; 513]).is_err());
        assert!(encode(u32::MAX, u32::MAX, &[0]).is_err());
    }

    #[test]
    fn a_job_cut_anywhere_is_never_taken_for_a_whole_one() {
        let job = encode(16, 3, &[1, 2, 3, 4, 5, 6]).unwrap();
        for length in 0..job.len() {
            if let Ok(raster) = decode(&job[..length]) {
                assert!(!job[..length].ends_with(FENCE), "{raster:?}");
            }
        }
        assert_eq!(decode(b"hello"), Err(EscPosFault::UnknownCommand { at: 0 }));
    }

    #[test]
    fn status_bytes_say_what_is_wrong() {
        let cases: [([u8; 4], Vec<Reason>); 6] = [
            ([0x12, 0x12, 0x12, 0x12], vec![]),
            ([0x1a, 0x32, 0x12, 0x72], vec![Reason::PaperOut]),
            ([0x1a, 0x16, 0x12, 0x12], vec![Reason::CoverOpen]),
            ([0x12, 0x12, 0x12, 0x1e], vec![Reason::PaperLow]),
            ([0x1a, 0x52, 0x1a, 0x12], vec![Reason::Jam]),
            ([0x1a, 0x12, 0x12, 0x12], vec![Reason::Offline]),
        ];
        for (bytes, reasons) in cases {
            assert_eq!(
                StatusBytes::parse(bytes).unwrap().reasons(),
                reasons,
                "{bytes:02x?}"
            );
        }
        assert_eq!(StatusBytes::parse([0x00, 0x12, 0x12, 0x12]), None);
    }
}
