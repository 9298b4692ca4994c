//! ESC/POS, the usual language of portable ticket printers.

use super::{Flow, Heard, Speech, soften};
use crate::printing::{Darkness, Raster, Reason, raster::bands};

/// Bands are short so that a small printer buffer never overflows.
const MAX_BAND_ROWS: usize = 128;

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
const FENCE: &[u8] = &[GS, b'r', 1];
/// The four real-time questions; they are answered at once, whatever is still waiting in the buffer.
const ASK_STATUS: &[u8] = &[DLE, EOT, 1, DLE, EOT, 2, DLE, EOT, 3, DLE, EOT, 4];

#[derive(Default)]
pub(super) struct EscPos {
    answers: Vec<u8>,
}

impl Speech for EscPos {
    fn job(&self, raster: &Raster, darkness: Darkness) -> Vec<u8> {
        let mut out = Vec::with_capacity(raster.rows.len() + raster.rows.len() / 64 + 64);
        out.extend_from_slice(RESET);
        out.extend_from_slice(NO_UNASKED_STATUS);
        if darkness.step() != 0 {
            // GS ( K, print density; the printer's own setting is left alone where nothing was chosen.
            let density = (darkness.step() * 3) as u8;
            out.extend_from_slice(&[GS, b'(', b'K', 2, 0, 49, density]);
        }
        let lines: Vec<&[u8]> = raster.lines().collect();
        for band in bands(&lines, MAX_BAND_ROWS) {
            push_band(&mut out, raster.stride(), &band);
        }
        out.extend_from_slice(FEED_FOUR_LINES);
        out.extend_from_slice(CUT);
        out
    }

    fn end_question(&self) -> &'static [u8] {
        FENCE
    }

    fn status_question(&self) -> &'static [u8] {
        ASK_STATUS
    }

    fn asks_in_turn(&self) -> bool {
        false
    }

    fn asked(&mut self) {
        self.answers.clear();
    }

    fn hear(&mut self, byte: u8) -> Heard {
        if is_real_time_answer(byte) {
            self.answers.push(byte);
            let Ok(four) = <[u8; 4]>::try_from(self.answers.as_slice()) else {
                return Heard::Nothing;
            };
            self.answers.clear();
            return Heard::State {
                reasons: reasons(four),
                is_busy: false,
            };
        }
        match byte {
            // Flow control that a line did not take out.
            0x11 | 0x13 => Heard::Nothing,
            // Near end in bits 0 and 1, end in bits 2 and 3, everything else 0.
            0x00 | 0x03 => Heard::Done { has_paper: true },
            0x0c | 0x0f => Heard::Done { has_paper: false },
            _ => Heard::Odd,
        }
    }

    fn flow(&self) -> Flow {
        Flow::XonXoff
    }
}

fn push_band(out: &mut Vec<u8>, stride: usize, band: &[&[u8]]) {
    let [stride_low, stride_high, ..] = (stride as u32).to_le_bytes();
    let [rows_low, rows_high, ..] = (band.len() as u32).to_le_bytes();
    let size = [stride_low, stride_high, rows_low, rows_high];
    out.extend_from_slice(&[GS, b'v', b'0', 0]);
    out.extend_from_slice(&size);
    let mut data = band.concat();
    soften(&mut data, DLE, is_real_time, |byte| byte | 0x08);
    out.extend_from_slice(&data);
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

/// Real-time answers have the form 0xx1xx10.
fn is_real_time_answer(byte: u8) -> bool {
    byte & 0x93 == 0x12
}

/// Everything the printer complains about, the most urgent first.
fn reasons([printer, offline, error, paper]: [u8; 4]) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if paper & 0x60 != 0 || offline & 0x20 != 0 {
        reasons.push(Reason::PaperOut);
    }
    if offline & 0x04 != 0 {
        reasons.push(Reason::CoverOpen);
    }
    if error & 0x08 != 0 {
        reasons.push(Reason::Jam);
    }
    if error & 0x20 != 0 {
        reasons.push(Reason::Other("unrecoverable error".into()));
    } else if error & 0x40 != 0 {
        reasons.push(Reason::Overheated);
    }
    if paper & 0x0c != 0 {
        reasons.push(Reason::PaperLow);
    }
    if printer & 0x08 != 0 && !reasons.iter().any(Reason::stops_printing) {
        reasons.push(Reason::Offline);
    }
    reasons
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_picture_spells_a_real_time_command() {
        let mut rows = Vec::new();
        for command in [EOT, ENQ, DC4] {
            for argument in 0..=20 {
                rows.extend_from_slice(&[DLE, command, argument, DLE]);
            }
        }
        rows.resize(rows.len().next_multiple_of(48), 0);
        let raster = Raster {
            width: 384,
            height: (rows.len() / 48) as u32,
            rows,
        };
        let job = EscPos::default().job(&raster, Darkness::default());
        let found = job
            .windows(3)
            .filter(|three| three[0] == DLE && is_real_time(three[1], three[2]))
            .count();
        assert_eq!(found, 0);
    }

    #[test]
    fn status_bytes_become_reasons() {
        let cases: [([u8; 4], &[Reason]); 7] = [
            ([0x12, 0x12, 0x12, 0x12], &[]),
            ([0x1a, 0x32, 0x12, 0x72], &[Reason::PaperOut]),
            ([0x1a, 0x16, 0x12, 0x12], &[Reason::CoverOpen]),
            ([0x12, 0x12, 0x12, 0x1e], &[Reason::PaperLow]),
            ([0x1a, 0x12, 0x1a, 0x12], &[Reason::Jam]),
            ([0x1a, 0x52, 0x52, 0x12], &[Reason::Overheated]),
            ([0x1a, 0x12, 0x12, 0x12], &[Reason::Offline]),
        ];
        for (bytes, expected) in cases {
            let mut speech = EscPos::default();
            let heard: Vec<Heard> = bytes.iter().map(|byte| speech.hear(*byte)).collect();
            let expected = Heard::State {
                reasons: expected.to_vec(),
                is_busy: false,
            };
            assert_eq!(heard.last(), Some(&expected), "{bytes:02x?}");
        }
    }

    #[test]
    fn letters_are_no_confirmation() {
        let mut speech = EscPos::default();
        for byte in b"HTTP/1.1 400 Bad Request" {
            assert!(!matches!(speech.hear(*byte), Heard::Done { .. }), "{byte}");
        }
    }

    #[test]
    fn darkness_is_sent_only_when_chosen() {
        let raster = Raster {
            width: 8,
            height: 1,
            rows: vec![1],
        };
        let spelled = |step| EscPos::default().job(&raster, Darkness::new(step));
        assert!(!spelled(0).windows(3).any(|three| three == [GS, b'(', b'K']));
        for (step, density) in [(1, 3), (2, 6), (-1, 253), (-9, 250)] {
            let expected = [GS, b'(', b'K', 2, 0, 49, density];
            assert!(spelled(step).windows(7).any(|seven| seven == expected));
        }
    }
}
