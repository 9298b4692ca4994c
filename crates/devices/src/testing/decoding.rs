//! Reads what we send as a printer does: commands in, dots out.

use crate::printing::{Language, Raster};

const ESC: u8 = 0x1b;
const GS: u8 = 0x1d;
const DLE: u8 = 0x10;
const EOT: u8 = 0x04;
/// No line of a command is longer.
const MAX_LINE: usize = 200;

/// A command as the printer sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Command {
    Setting,
    /// Rows of the picture; 1 is black.
    Band {
        stride: usize,
        rows: Vec<u8>,
    },
    /// The ticket ends here.
    Cut,
    /// A question that waits its turn; its answer is the state of the printer.
    Ask,
    /// The question for the end in ESC/POS.
    Fence,
    /// Sends this back.
    Say(Vec<u8>),
}

type Next = Result<Option<(Command, usize)>, String>;

/// The next command and its length; `None` while it is not complete.
pub(super) fn next_command(language: Language, bytes: &[u8]) -> Next {
    match language {
        Language::EscPos => escpos(bytes),
        Language::Cpcl => cpcl(bytes),
        Language::Tspl => tspl(bytes),
    }
}

/// The tickets that are on paper when a printer has worked off `bytes`.
///
/// # Errors
/// When the job is not one that we write.
pub fn decode(language: Language, bytes: &[u8]) -> Result<Vec<Raster>, String> {
    let mut tickets = Vec::new();
    let mut paper = Paper::default();
    let mut at = 0;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let next = next_command(language, rest).map_err(|fault| format!("byte {at}: {fault}"))?;
        let (command, length) = next.ok_or(format!("cut short at byte {at}"))?;
        match command {
            Command::Band { stride, rows } if !paper.add(stride, &rows) => {
                return Err(format!("the width changes at byte {at}"));
            }
            Command::Cut => tickets.push(std::mem::take(&mut paper).into_raster()),
            Command::Band { .. }
            | Command::Setting
            | Command::Ask
            | Command::Fence
            | Command::Say(_) => {}
        }
        at += length;
    }
    Ok(tickets)
}

fn escpos(bytes: &[u8]) -> Next {
    let found = match bytes {
        [ESC, b'@', ..] => (Command::Setting, 2),
        [GS, b'a', _, ..] => (Command::Setting, 3),
        [GS, b'(', b'K', 2, 0, 49, _, ..] => (Command::Setting, 7),
        [ESC, b'd', _, ..] => (Command::Setting, 3),
        [DLE, EOT, _, ..] => (Command::Setting, 3),
        [GS, b'V', 66, _, ..] => (Command::Cut, 4),
        [GS, b'r', 1, ..] => (Command::Fence, 3),
        [GS, b'v', b'0', 0, xl, xh, yl, yh, rest @ ..] => {
            let stride = usize::from(u16::from_le_bytes([*xl, *xh]));
            let count = usize::from(u16::from_le_bytes([*yl, *yh]));
            return Ok(band(stride, count, rest, 8, |byte| byte));
        }
        [ESC | GS | DLE] | [ESC, b'd'] | [DLE, EOT] => return Ok(None),
        [GS, b'a' | b'(' | b'V' | b'r' | b'v', rest @ ..] if rest.len() < 6 => return Ok(None),
        _ => return Err(unknown(bytes)),
    };
    Ok(Some(found))
}

fn cpcl(bytes: &[u8]) -> Next {
    match bytes {
        [ESC] | [b'C'] => return Ok(None),
        [ESC, b'h', ..] => return Ok(Some((Command::Ask, 2))),
        [b'C', b'G', ..] => {
            let Some((numbers, length)) = numbers(bytes, "CG ", b' ', 4)? else {
                return Ok(None);
            };
            let [stride, count, 0, 0] = numbers.as_slice() else {
                return Err(unknown(bytes));
            };
            let rest = bytes.get(length..).unwrap_or_default();
            return Ok(band(*stride, *count, rest, length, |byte| byte));
        }
        _ => {}
    }
    let Some((line, length)) = line(bytes)? else {
        return Ok(None);
    };
    let command = match line.split(' ').next().unwrap_or_default() {
        "" | "!" | "PAGE-WIDTH" | "CONTRAST" | "PRINT" => Command::Setting,
        "POSTFEED" => Command::Cut,
        _ => return Err(unknown(bytes)),
    };
    Ok(Some((command, length)))
}

fn tspl(bytes: &[u8]) -> Next {
    match bytes {
        [ESC] | [ESC, b'!'] => return Ok(None),
        [ESC, b'!', b'?', ..] => return Ok(Some((Command::Setting, 3))),
        _ if bytes.starts_with(b"BITMAP ") => {
            let Some((numbers, length)) = numbers(bytes, "BITMAP ", b',', 5)? else {
                return Ok(None);
            };
            let [0, 0, stride, count, 0] = numbers.as_slice() else {
                return Err(unknown(bytes));
            };
            let rest = bytes.get(length..).unwrap_or_default();
            return Ok(band(*stride, *count, rest, length, |byte| !byte));
        }
        _ if b"BITMAP ".starts_with(bytes) => return Ok(None),
        _ => {}
    }
    let Some((line, length)) = line(bytes)? else {
        return Ok(None);
    };
    let (word, argument) = line.split_once(' ').unwrap_or((line, ""));
    let command = match word {
        "" | "SIZE" | "GAP" | "DIRECTION" | "REFERENCE" | "DENSITY" | "CLS" | "PRINT" | "EOJ" => {
            Command::Setting
        }
        "FEED" => Command::Cut,
        "OUT" => Command::Say(format!("{}\r\n", argument.trim_matches('"')).into_bytes()),
        _ => return Err(unknown(bytes)),
    };
    Ok(Some((command, length)))
}

fn unknown(bytes: &[u8]) -> String {
    let shown: Vec<u8> = bytes.iter().take(8).copied().collect();
    format!("an unknown command: {shown:02x?}")
}

fn band(
    stride: usize,
    count: usize,
    rest: &[u8],
    head: usize,
    black: fn(u8) -> u8,
) -> Option<(Command, usize)> {
    let data = rest.get(..stride * count)?;
    let rows = data.iter().map(|byte| black(*byte)).collect();
    Some((Command::Band { stride, rows }, head + stride * count))
}

/// A line without its end.
fn line(bytes: &[u8]) -> Result<Option<(&str, usize)>, String> {
    let Some(end) = bytes.windows(2).position(|two| two == b"\r\n") else {
        return match bytes.len() > MAX_LINE {
            true => Err(unknown(bytes)),
            false => Ok(None),
        };
    };
    let line = bytes
        .get(..end)
        .and_then(|line| std::str::from_utf8(line).ok());
    Ok(Some((line.ok_or_else(|| unknown(bytes))?, end + 2)))
}

/// The numbers before a picture, each with its separator behind it.
fn numbers(
    bytes: &[u8],
    word: &str,
    separator: u8,
    count: usize,
) -> Result<Option<(Vec<usize>, usize)>, String> {
    let mut at = word.len();
    let mut numbers = Vec::new();
    while numbers.len() < count {
        let rest = bytes.get(at..).unwrap_or_default();
        let Some(end) = rest.iter().position(|byte| *byte == separator) else {
            return match rest.len() > 8 {
                true => Err(unknown(bytes)),
                false => Ok(None),
            };
        };
        let number = rest
            .get(..end)
            .and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok());
        numbers.push(number.ok_or_else(|| unknown(bytes))?);
        at += end + 1;
    }
    Ok(Some((numbers, at)))
}

/// Bands as they come out of the printer.
#[derive(Debug, Default)]
pub(super) struct Paper {
    stride: usize,
    rows: Vec<u8>,
}

impl Paper {
    pub(super) fn add(&mut self, stride: usize, data: &[u8]) -> bool {
        if !self.rows.is_empty() && self.stride != stride {
            return false;
        }
        self.stride = stride;
        self.rows.extend_from_slice(data);
        true
    }

    pub(super) fn height(&self) -> u32 {
        self.rows.len().checked_div(self.stride).unwrap_or(0) as u32
    }

    pub(super) fn into_raster(self) -> Raster {
        Raster {
            width: self.stride as u32 * 8,
            height: self.height(),
            rows: self.rows,
        }
    }
}
