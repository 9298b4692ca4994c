//! ESC/POS over TCP port 9100.

use std::{
    io::{ErrorKind, Read, Write},
    net::{TcpStream, ToSocketAddrs},
    time::Duration,
};

use super::{Continue, Outcome, Payload, PrinterState, Progress, Reason, Status, Until, blocking};
use crate::{
    DeviceFailure,
    escpos::{self, StatusBytes},
};

const CONNECT_WITHIN: Duration = Duration::from_secs(5);
const ANSWER_WITHIN: Duration = Duration::from_secs(2);
const ASK_EVERY: Duration = Duration::from_millis(500);
/// Small pieces keep the count of accepted bytes honest and the stop button quick.
const PIECE_BYTES: usize = 2_048;

pub(super) fn status(host: &str, timeout: Duration) -> Result<Status, DeviceFailure> {
    let until = Until::after(timeout);
    let mut line = Line::open(host, until)?;
    let answer = line
        .ask(until)
        .map_err(|detail| DeviceFailure::AskPrinter { detail })?;
    let Some(answer) = answer else {
        return Err(DeviceFailure::AskPrinter {
            detail: "no answer to the status question".into(),
        });
    };
    let reasons = answer.reasons();
    let state = match blocking(&reasons) {
        None => PrinterState::Ready,
        Some(Reason::Offline) => PrinterState::Offline,
        Some(_) => PrinterState::Stopped,
    };
    Ok(Status {
        state,
        reasons,
        model: None,
    })
}

pub(super) fn print(
    host: &str,
    payload: &Payload,
    progress: &mut dyn FnMut(Progress) -> Continue,
    deadline: Duration,
) -> Outcome {
    let until = Until::after(deadline);
    let Payload::Raster {
        width,
        height,
        rows,
    } = payload
    else {
        return failed(Reason::Other(
            "this printer takes tickets, not pages".into(),
        ));
    };
    let job = match escpos::encode(*width, *height, rows) {
        Ok(job) => job,
        Err(fault) => return failed(Reason::Other(fault.to_string())),
    };
    let mut line = match Line::open(host, until) {
        Ok(line) => line,
        Err(failure) => {
            tracing::warn!(%failure, "ticket printer");
            return failed(Reason::Offline);
        }
    };
    if let Err(reason) = wait_until_ready(&mut line, progress, until) {
        return failed(reason);
    }
    match send(&mut line, &job, progress, until) {
        Ok(()) => wait_for_fence(&mut line, job.len() as u64, progress, until),
        Err(outcome) => outcome,
    }
}

fn failed(reason: Reason) -> Outcome {
    Outcome::Failed {
        reason,
        sent_bytes: 0,
    }
}

fn unknown(reason: impl Into<String>, sent_bytes: u64) -> Outcome {
    Outcome::Unknown {
        reason: reason.into(),
        sent_bytes,
    }
}

/// A printer that never answers questions is printed to all the same: many cheap ones cannot, and the officer is asked.
fn wait_until_ready(
    line: &mut Line,
    progress: &mut dyn FnMut(Progress) -> Continue,
    until: Until,
) -> Result<(), Reason> {
    let mut last = None;
    loop {
        let answer = line.ask(until).map_err(|_| Reason::Offline)?;
        let Some(answer) = answer else {
            return match last {
                None if until.left().is_some() => Ok(()),
                None => Err(Reason::Offline),
                Some(reason) => Err(reason),
            };
        };
        let reasons = answer.reasons();
        let Some(reason) = blocking(&reasons).cloned() else {
            return Ok(());
        };
        if progress(Progress::Waiting(reasons)) == Continue::Stop {
            return Err(reason);
        }
        let Some(pause) = until.left_at_most(ASK_EVERY) else {
            return Err(reason);
        };
        line.listen(pause).map_err(|_| Reason::Offline)?;
        last = Some(reason);
    }
}

fn send(
    line: &mut Line,
    job: &[u8],
    progress: &mut dyn FnMut(Progress) -> Continue,
    until: Until,
) -> Result<(), Outcome> {
    let mut sent = 0;
    line.fence = None;
    let not_finished = |sent: usize, reason: Reason, text: &str| {
        if sent == 0 {
            failed(reason)
        } else {
            unknown(text, sent as u64)
        }
    };
    while let Some(piece) = job.get(sent..).filter(|rest| !rest.is_empty()) {
        let piece = piece.get(..PIECE_BYTES).unwrap_or(piece);
        let Some(pause) = until.left_at_most(ASK_EVERY) else {
            return Err(not_finished(
                sent,
                Reason::Offline,
                "the printer stopped taking data",
            ));
        };
        match line.write(piece, pause) {
            Ok(0) => {
                if progress(Progress::Waiting(Vec::new())) == Continue::Stop {
                    return Err(not_finished(
                        sent,
                        Reason::Other("given up".into()),
                        "given up while sending",
                    ));
                }
            }
            Ok(written) => {
                sent += written;
                if progress(Progress::Sent { bytes: sent as u64 }) == Continue::Stop
                    && sent < job.len()
                {
                    return Err(unknown("given up while sending", sent as u64));
                }
            }
            Err(error) => {
                return Err(not_finished(
                    sent,
                    Reason::Offline,
                    &format!("the connection broke while sending: {error}"),
                ));
            }
        }
    }
    Ok(())
}

fn wait_for_fence(
    line: &mut Line,
    sent_bytes: u64,
    progress: &mut dyn FnMut(Progress) -> Continue,
    until: Until,
) -> Outcome {
    let mut said_something = false;
    loop {
        if let Some(byte) = line.fence.take() {
            return if escpos::fence_saw_paper_end(byte) {
                unknown("the paper ran out at the end of the ticket", sent_bytes)
            } else {
                Outcome::Confirmed { impressions: None }
            };
        }
        let Some(pause) = until.left_at_most(ASK_EVERY) else {
            let why = if said_something {
                "the printer did not finish in time"
            } else {
                "the printer fell silent"
            };
            return unknown(why, sent_bytes);
        };
        if let Err(error) = line.listen(pause) {
            return unknown(
                format!("the connection broke before the printer confirmed: {error}"),
                sent_bytes,
            );
        }
        if line.fence.is_some() {
            continue;
        }
        let reasons = match line.ask(until) {
            Ok(Some(answer)) => {
                said_something = true;
                answer.reasons()
            }
            Ok(None) => Vec::new(),
            Err(error) => {
                if line.fence.is_some() {
                    continue;
                }
                return unknown(
                    format!("the connection broke before the printer confirmed: {error}"),
                    sent_bytes,
                );
            }
        };
        if line.fence.is_none() && progress(Progress::Waiting(reasons)) == Continue::Stop {
            return unknown("given up before the printer confirmed", sent_bytes);
        }
    }
}

/// The connection, sorting what comes back into real-time answers and the fence's answer.
struct Line {
    stream: TcpStream,
    answers: Vec<u8>,
    fence: Option<u8>,
    /// A question went out only in part; another one would be read as its rest.
    is_muddled: bool,
}

impl Line {
    fn open(host: &str, until: Until) -> Result<Self, DeviceFailure> {
        let address = || DeviceFailure::PrinterAddress {
            address: host.to_owned(),
        };
        let candidates = host.to_socket_addrs().map_err(|_| address())?;
        let mut detail = "the name has no address".to_owned();
        for candidate in candidates {
            let Some(timeout) = until.left_at_most(CONNECT_WITHIN) else {
                break;
            };
            match TcpStream::connect_timeout(&candidate, timeout) {
                Ok(stream) => {
                    // Failing to switch the delay off only makes status answers slower.
                    stream.set_nodelay(true).ok();
                    return Ok(Self {
                        stream,
                        answers: Vec::new(),
                        fence: None,
                        is_muddled: false,
                    });
                }
                Err(error) => detail = error.to_string(),
            }
        }
        Err(DeviceFailure::ReachPrinter { detail })
    }

    /// `None` when the printer keeps silent, which many do.
    fn ask(&mut self, until: Until) -> Result<Option<StatusBytes>, String> {
        self.answers.clear();
        let Some(pause) = until.left_at_most(ANSWER_WITHIN) else {
            return Ok(None);
        };
        if self.is_muddled {
            return Ok(None);
        }
        let written = self
            .write(escpos::ASK_STATUS, pause)
            .map_err(|error| error.to_string())?;
        if written != escpos::ASK_STATUS.len() {
            self.is_muddled = written > 0;
            return Ok(None);
        }
        let answer_by = Until::after(pause);
        while self.answers.len() < 4 {
            let Some(pause) = answer_by.left() else {
                return Ok(None);
            };
            self.listen(pause)?;
        }
        let four = self
            .answers
            .get(..4)
            .and_then(|four| <[u8; 4]>::try_from(four).ok());
        Ok(four.and_then(StatusBytes::parse))
    }

    /// Takes in whatever arrives within `pause`; returns at the first bytes.
    fn listen(&mut self, pause: Duration) -> Result<(), String> {
        self.stream
            .set_read_timeout(Some(pause))
            .map_err(|error| error.to_string())?;
        let mut bytes = [0; 256];
        match self.stream.read(&mut bytes) {
            Ok(0) => Err("closed by the printer".into()),
            Ok(length) => {
                for byte in bytes.get(..length).unwrap_or_default() {
                    if escpos::is_real_time_answer(*byte) {
                        self.answers.push(*byte);
                    } else if escpos::is_fence_answer(*byte) {
                        self.fence = Some(*byte);
                    }
                }
                Ok(())
            }
            Err(error) if is_pause(error.kind()) => Ok(()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// The bytes that the connection accepted, 0 when it is full.
    fn write(&mut self, bytes: &[u8], pause: Duration) -> std::io::Result<usize> {
        self.stream.set_write_timeout(Some(pause))?;
        match self.stream.write(bytes) {
            Ok(written) => Ok(written),
            Err(error) if is_pause(error.kind()) => Ok(0),
            Err(error) => Err(error),
        }
    }
}

fn is_pause(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
    )
}
