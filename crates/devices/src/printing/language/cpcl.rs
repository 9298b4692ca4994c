//! CPCL, the language of many portable label printers.
//!
//! The status question is answered when the label before it has been worked off, so the answer is the fence. It must
//! not stand inside a label.

use super::{Flow, Heard, Speech, soften};
use crate::printing::{Darkness, Raster, Reason, raster::bands};

const ESC: u8 = 0x1b;
const ASK_STATUS: &[u8] = &[ESC, b'h'];
/// A label is held in the printer's memory as a whole, so a long ticket becomes several without a gap.
const MAX_LABEL_ROWS: usize = 2_400;
/// Blank rows at the end, so that the ticket can be torn off.
const TEAR_OFF_ROWS: u32 = 96;

const BUSY: u8 = 0x01;
const NO_PAPER: u8 = 0x02;
const LATCH_OPEN: u8 = 0x04;
const LOW_BATTERY: u8 = 0x08;
const RESET: u8 = 0x10;

pub(super) struct Cpcl;

impl Speech for Cpcl {
    fn job(&self, raster: &Raster, darkness: Darkness) -> Vec<u8> {
        let mut out = Vec::with_capacity(raster.rows.len() + 512);
        let lines: Vec<&[u8]> = raster.lines().collect();
        let labels = bands(&lines, MAX_LABEL_ROWS);
        let (stride, width) = (raster.stride(), raster.stride() * 8);
        for (number, label) in labels.iter().enumerate() {
            let rows = label.len();
            let mut say = |text: String| out.extend_from_slice(text.as_bytes());
            say(format!("! 0 200 200 {rows} 1\r\nPAGE-WIDTH {width}\r\n"));
            if darkness.step() != 0 {
                // 0 is light, 3 is darkest, 1 is usual.
                say(format!("CONTRAST {}\r\n", (1 + darkness.step()).max(0)));
            }
            say(format!("CG {stride} {rows} 0 0 "));
            let mut data = label.concat();
            soften(&mut data, ESC, |_, _| true, |byte| byte | first_clear(byte));
            out.extend_from_slice(&data);
            out.extend_from_slice(b"\r\n");
            if number + 1 == labels.len() {
                out.extend_from_slice(format!("POSTFEED {TEAR_OFF_ROWS}\r\n").as_bytes());
            }
            out.extend_from_slice(b"PRINT\r\n");
        }
        out
    }

    fn status_question(&self) -> &'static [u8] {
        ASK_STATUS
    }

    fn asks_in_turn(&self) -> bool {
        true
    }

    fn asked(&mut self) {}

    fn hear(&mut self, byte: u8) -> Heard {
        if byte & !(BUSY | NO_PAPER | LATCH_OPEN | LOW_BATTERY | RESET) != 0 {
            return Heard::Odd;
        }
        let flags = [
            (NO_PAPER, Reason::PaperOut),
            (LATCH_OPEN, Reason::CoverOpen),
            (LOW_BATTERY, Reason::LowBattery),
        ];
        let reasons = flags.into_iter().filter(|(flag, _)| byte & flag != 0);
        Heard::State {
            reasons: reasons.map(|(_, reason)| reason).collect(),
            is_busy: byte & BUSY != 0,
        }
    }

    fn flow(&self) -> Flow {
        // "Busy after a reset" has the value of XON.
        Flow::None
    }
}

/// The commands that a printer may look for everywhere are escape and a small letter; a dot more makes it none.
fn first_clear(byte: u8) -> u8 {
    match byte {
        b'a'..=b'z' | b'N' | b'V' => 0x80,
        _ => 0,
    }
}
