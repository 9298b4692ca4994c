//! TSPL, the language of desktop and vehicle label printers.
//!
//! `EOJ` lets the printer wait until everything before it is on paper; the `OUT` behind it then sends back a word that
//! only this job knows.

use std::time::{SystemTime, UNIX_EPOCH};

use super::{Flow, Heard, Speech, soften};
use crate::printing::{Darkness, Raster, Reason, raster::bands};

const ESC: u8 = 0x1b;
const ASK_STATUS: &[u8] = &[ESC, b'!', b'?'];
/// A label is held in the printer's memory as a whole, so a long ticket becomes several without a gap.
const MAX_LABEL_ROWS: usize = 2_400;
const TEAR_OFF_ROWS: u32 = 96;
/// 203 dots an inch.
const DOTS_PER_MM: u32 = 8;

const HEAD_OPEN: u8 = 0x01;
const JAM: u8 = 0x02;
const NO_PAPER: u8 = 0x04;
const NO_RIBBON: u8 = 0x08;
const PAUSED: u8 = 0x10;
const PRINTING: u8 = 0x20;
const OTHER_FAULT: u8 = 0x80;

pub(super) struct Tspl {
    /// Capital letters, which no status byte looks like.
    word: Vec<u8>,
    heard: Vec<u8>,
    /// The end of a line may follow the word.
    is_after_word: bool,
}

impl Tspl {
    pub(super) fn new() -> Self {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_nanos() as u64);
        let letters = (0..10).map(|place| b'A' + (now >> (4 * place) & 0x0f) as u8);
        Self {
            word: [b'X', b'Y'].into_iter().chain(letters).collect(),
            heard: Vec::new(),
            is_after_word: false,
        }
    }
}

impl Speech for Tspl {
    fn job(&self, raster: &Raster, darkness: Darkness) -> Vec<u8> {
        let mut out = Vec::with_capacity(raster.rows.len() + 512);
        let lines: Vec<&[u8]> = raster.lines().collect();
        let (stride, wide) = (raster.stride(), raster.width.div_ceil(DOTS_PER_MM));
        for label in bands(&lines, MAX_LABEL_ROWS) {
            let (rows, high) = (label.len(), (label.len() as u32).div_ceil(DOTS_PER_MM));
            let mut say = |text: String| out.extend_from_slice(text.as_bytes());
            say(format!(
                "SIZE {wide} mm,{high} mm\r\nGAP 0,0\r\nDIRECTION 0\r\nREFERENCE 0,0\r\n"
            ));
            if darkness.step() != 0 {
                // 0 is light, 15 is darkest, 8 is usual.
                say(format!("DENSITY {}\r\n", 8 + 3 * darkness.step()));
            }
            say(format!("CLS\r\nBITMAP 0,0,{stride},{rows},0,"));
            // A cleared bit is a black dot here.
            let mut data: Vec<u8> = label.concat().iter().map(|byte| !byte).collect();
            soften(&mut data, ESC, |second, _| second == b'!', |_| 0x01);
            out.extend_from_slice(&data);
            out.extend_from_slice(b"\r\nPRINT 1,1\r\n");
        }
        out.extend_from_slice(format!("FEED {TEAR_OFF_ROWS}\r\nEOJ\r\nOUT \"").as_bytes());
        out.extend_from_slice(&self.word);
        out.extend_from_slice(b"\"\r\n");
        out
    }

    fn status_question(&self) -> &'static [u8] {
        ASK_STATUS
    }

    fn asks_in_turn(&self) -> bool {
        false
    }

    fn asked(&mut self) {}

    fn hear(&mut self, byte: u8) -> Heard {
        if byte.is_ascii_uppercase() {
            self.heard.push(byte);
            if !self.word.starts_with(&self.heard) {
                self.heard.clear();
                return Heard::Odd;
            }
            if self.heard == self.word {
                self.heard.clear();
                self.is_after_word = true;
                return Heard::Done { has_paper: true };
            }
            return Heard::Nothing;
        }
        if self.is_after_word && matches!(byte, b'\r' | b'\n') {
            self.is_after_word = byte != b'\n';
            return Heard::Nothing;
        }
        self.is_after_word = false;
        status(byte)
    }

    fn flow(&self) -> Flow {
        Flow::XonXoff
    }
}

/// Open head, jam, paper and ribbon come together; the others stand alone.
fn status(byte: u8) -> Heard {
    let reasons = match byte {
        0x00..=0x0f => [
            (NO_PAPER, Reason::PaperOut),
            (HEAD_OPEN, Reason::CoverOpen),
            (JAM, Reason::Jam),
            (NO_RIBBON, Reason::RibbonOut),
        ]
        .into_iter()
        .filter(|(flag, _)| byte & flag != 0)
        .map(|(_, reason)| reason)
        .collect(),
        PAUSED => vec![Reason::Paused],
        PRINTING => Vec::new(),
        OTHER_FAULT => vec![Reason::Other("other error".into())],
        _ => return Heard::Odd,
    };
    Heard::State {
        reasons,
        is_busy: byte == PRINTING,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_word_of_this_job_is_its_end() {
        let mut speech = Tspl::new();
        speech.word = b"XYABCDEFGHIJ".to_vec();
        let mut done = |said: &[u8]| {
            let heard = said.iter().map(|byte| speech.hear(*byte));
            heard
                .filter(|heard| matches!(heard, Heard::Done { .. }))
                .count()
        };
        assert_eq!(done(b"XYABCDEFGHII"), 0);
        assert_eq!(done(b"HELLO WORLD"), 0);
        assert_eq!(done(b"\x20\x20XYABCD\x20EFGHIJ\r\n"), 1);
        assert_eq!(speech.hear(0x04), status(0x04));
    }

    #[test]
    fn no_picture_spells_an_immediate_command() {
        let raster = Raster {
            width: 16,
            height: 2,
            rows: vec![!ESC, !b'!', 0, 0],
        };
        let job = Tspl::new().job(&raster, Darkness::default());
        assert!(!job.windows(2).any(|two| two == [ESC, b'!']));
    }
}
