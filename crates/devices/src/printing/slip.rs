//! Printing a ticket: ask how the printer is, send, and wait for its word that the ticket is on paper.

use std::{io, time::Duration};

use super::{
    Continue, Doubt, Job, Language, Outcome, Payload, Port, PrinterState, Progress, Reason, Status,
    Until, blocking,
    language::{Heard, Speech},
    transport::{self, Transport},
};
use crate::DeviceFailure;

const ANSWER_WITHIN: Duration = Duration::from_secs(2);
const ASK_EVERY: Duration = Duration::from_millis(500);
/// A printer that answered no question before the job answers none after it either; nobody waits longer for its word.
const SILENCE_AFTER: Duration = Duration::from_secs(6);
/// How long the words of a printer that answers no questions may be on their way.
const LATE_WORDS: Duration = Duration::from_millis(100);
/// Small pieces keep the count of accepted bytes honest and the stop button quick.
const PIECE_BYTES: usize = 2_048;
/// A printer may say a word of its own now and then; more than this is another device or another language.
const MAX_ODD_BYTES: u32 = 8;

pub(super) fn status(
    language: Language,
    port: &Port,
    timeout: Duration,
) -> Result<Status, DeviceFailure> {
    let until = Until::after(timeout);
    let mut line = Line::open(language, port, until)?;
    let not_asked = |detail: &str| DeviceFailure::AskPrinter {
        detail: detail.to_owned(),
    };
    match line.ask(until) {
        Ok(Some(state)) => Ok(state.into_status()),
        Ok(None) | Err(_) if line.odd_bytes > 0 => Ok(Status {
            state: PrinterState::Stopped,
            reasons: vec![Reason::NotUnderstood],
            model: None,
        }),
        Ok(None) => Err(not_asked("no answer to the status question")),
        Err(error) => Err(not_asked(&error.to_string())),
    }
}

pub(super) fn print(
    language: Language,
    port: &Port,
    job: &Job<'_>,
    progress: &mut dyn FnMut(Progress) -> Continue,
    deadline: Duration,
) -> Outcome {
    let until = Until::after(deadline);
    let Payload::Slip(raster) = job.payload else {
        return Outcome::failed(Reason::WrongDocument);
    };
    if let Err(fault) = raster.checked() {
        return Outcome::failed(Reason::Other(fault.to_string()));
    }
    let mut line = match Line::open(language, port, until) {
        Ok(line) => line,
        Err(failure) => {
            tracing::warn!(%failure, "ticket printer");
            return Outcome::failed(Reason::Offline);
        }
    };
    if let Err(reason) = wait_until_ready(&mut line, progress, until) {
        return Outcome::failed(reason);
    }
    if progress(Progress::Sent { bytes: 0 }) == Continue::Stop {
        return Outcome::failed(Reason::GivenUp);
    }
    let settings = job.settings;
    let moved = raster.moved(settings.width_dots, settings.offset_dots);
    let bytes = line.speech.job(&moved, settings.darkness);
    line.begin_job();
    match send_job(&mut line, &bytes, progress, until) {
        Ok(()) => wait_for_end(&mut line, bytes.len() as u64, progress, until),
        Err(outcome) => outcome,
    }
}

/// The job, and then the question for its end. What says "done" before that was no answer to it and lies.
fn send_job(
    line: &mut Line,
    job: &[u8],
    progress: &mut dyn FnMut(Progress) -> Continue,
    until: Until,
) -> Result<(), Outcome> {
    let mut sent = send(line, job, 0, progress, until)?;
    let end_question = line.speech.end_question();
    if end_question.is_empty() {
        return Ok(());
    }
    let mut patience = LATE_WORDS;
    if line.has_spoken {
        // Its answer stands behind everything that was said while the job was on its way.
        let question = line.speech.status_question();
        sent = send(line, question, sent, progress, until)?;
        line.speech.asked();
        patience = ANSWER_WITHIN;
    }
    let unknown = |doubt| Outcome::Unknown {
        doubt,
        sent_bytes: job.len() as u64,
    };
    let answer_by = Until::after(until.left_at_most(patience).unwrap_or_default());
    while line.state.is_none()
        && line.end.is_none()
        && let Some(pause) = answer_by.left()
    {
        line.listen(pause)
            .map_err(|_| unknown(Doubt::ConnectionBroke))?;
    }
    if line.end.is_some() {
        return Err(unknown(Doubt::TalksNonsense));
    }
    send(line, end_question, sent, progress, until)?;
    Ok(())
}

/// A printer that never answers questions is printed to all the same: many cheap ones cannot, and the officer is asked.
/// One that answers with nonsense is not: it is something else, or it speaks another language.
fn wait_until_ready(
    line: &mut Line,
    progress: &mut dyn FnMut(Progress) -> Continue,
    until: Until,
) -> Result<(), Reason> {
    let mut last = None;
    loop {
        let answer = line.ask(until).map_err(|_| match line.odd_bytes {
            0 => Reason::Offline,
            _ => Reason::NotUnderstood,
        });
        let Some(state) = answer? else {
            return match last {
                Some(reason) => Err(reason),
                None if line.odd_bytes > 0 => Err(Reason::NotUnderstood),
                None if until.left().is_some() => Ok(()),
                None => Err(Reason::Offline),
            };
        };
        let reason = match blocking(&state.reasons).cloned() {
            None if state.is_busy => Reason::Other("busy".into()),
            None => return Ok(()),
            Some(reason) => reason,
        };
        if progress(Progress::Waiting(state.reasons)) == Continue::Stop {
            return Err(reason);
        }
        let Some(pause) = until.left_at_most(ASK_EVERY) else {
            return Err(reason);
        };
        line.listen(pause).map_err(|_| Reason::Offline)?;
        last = Some(reason);
    }
}

/// Sends all of it behind the `before` bytes that have left already, and tells how many that makes.
fn send(
    line: &mut Line,
    bytes: &[u8],
    before: usize,
    progress: &mut dyn FnMut(Progress) -> Continue,
    until: Until,
) -> Result<usize, Outcome> {
    let mut sent = 0;
    let not_finished = |sent: usize, reason: Reason, doubt: Doubt| match before + sent {
        0 => Outcome::failed(reason),
        left => Outcome::Unknown {
            doubt,
            sent_bytes: left as u64,
        },
    };
    while let Some(piece) = bytes.get(sent..).filter(|rest| !rest.is_empty()) {
        let piece = piece.get(..PIECE_BYTES).unwrap_or(piece);
        let Some(pause) = until.left_at_most(ASK_EVERY) else {
            return Err(not_finished(sent, Reason::Offline, Doubt::TooSlow));
        };
        let report = match line.transport.write(piece, pause) {
            Ok(0) => Progress::Waiting(Vec::new()),
            Ok(written) => {
                sent += written;
                Progress::Sent {
                    bytes: (before + sent) as u64,
                }
            }
            Err(error) => {
                tracing::warn!(%error, sent, "ticket printer");
                return Err(not_finished(sent, Reason::Offline, Doubt::ConnectionBroke));
            }
        };
        if progress(report) == Continue::Stop && sent < bytes.len() {
            return Err(not_finished(sent, Reason::GivenUp, Doubt::GivenUp));
        }
    }
    Ok(before + sent)
}

/// Only the fence confirms, and a status behind it shows that it was no chance byte of something else.
fn wait_for_end(
    line: &mut Line,
    sent_bytes: u64,
    progress: &mut dyn FnMut(Progress) -> Continue,
    until: Until,
) -> Outcome {
    let unknown = |doubt| Outcome::Unknown { doubt, sent_bytes };
    let until = match line.has_spoken {
        true => until,
        false => Until::after(until.left_at_most(SILENCE_AFTER).unwrap_or_default()),
    };
    let mut said_something = false;
    let mut is_done = false;
    loop {
        if line.talks_nonsense() {
            return unknown(Doubt::TalksNonsense);
        }
        let Some(pause) = until.left_at_most(ASK_EVERY) else {
            return unknown(match (said_something, line.odd_bytes) {
                (_, 1..) => Doubt::TalksNonsense,
                (true, _) => Doubt::TooSlow,
                (false, _) => Doubt::FellSilent,
            });
        };
        if !is_done && !line.speech.asks_in_turn() && line.end.is_none() {
            // The fence is usually there before the next question is due.
            if line.listen(pause).is_err() && line.end.is_none() {
                return unknown(Doubt::ConnectionBroke);
            }
        }
        match line.end.take() {
            Some(false) => return unknown(Doubt::PaperEnded),
            Some(true) => is_done = true,
            None => {}
        }
        let reasons = match line.ask(until) {
            Ok(Some(state)) => {
                said_something = true;
                let is_fence = line.speech.asks_in_turn()
                    && !state.is_busy
                    && blocking(&state.reasons).is_none();
                if is_done || is_fence {
                    return Outcome::Confirmed { impressions: None };
                }
                state.reasons
            }
            // It answers the fence and nothing else, or was switched off behind it.
            Ok(None) | Err(_) if is_done && line.odd_bytes == 0 => {
                return Outcome::Confirmed { impressions: None };
            }
            Ok(None) => Vec::new(),
            Err(_) if line.end.is_some() => continue,
            Err(error) => {
                tracing::warn!(%error, "ticket printer");
                return unknown(Doubt::ConnectionBroke);
            }
        };
        if line.end.is_none() && progress(Progress::Waiting(reasons)) == Continue::Stop {
            return unknown(Doubt::GivenUp);
        }
        // A question in turn is answered late by nature; another one too early would only pile up.
        if line.speech.asks_in_turn()
            && let Some(pause) = until.left_at_most(ASK_EVERY)
            && line.listen(pause).is_err()
        {
            return unknown(Doubt::ConnectionBroke);
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct State {
    reasons: Vec<Reason>,
    is_busy: bool,
}

impl State {
    fn into_status(self) -> Status {
        let state = match blocking(&self.reasons) {
            None if self.is_busy => PrinterState::Busy,
            None => PrinterState::Ready,
            Some(Reason::Offline) => PrinterState::Offline,
            Some(_) => PrinterState::Stopped,
        };
        Status {
            state,
            reasons: self.reasons,
            model: None,
        }
    }
}

/// The connection, sorting what comes back into states, the end of the job and what makes no sense.
struct Line {
    transport: Box<dyn Transport>,
    speech: Box<dyn Speech>,
    state: Option<State>,
    /// The fence's answer: whether there was still paper.
    end: Option<bool>,
    odd_bytes: u32,
    /// Questions in turn that were put before the job and not answered: their answers say nothing about it.
    unanswered: u32,
    /// A question went out only in part; another one would be read as its rest.
    is_muddled: bool,
    /// It has answered a question.
    has_spoken: bool,
}

impl Line {
    fn open(language: Language, port: &Port, until: Until) -> Result<Self, DeviceFailure> {
        let speech = language.speech();
        Ok(Self {
            transport: transport::open(port, speech.flow(), until)?,
            speech,
            state: None,
            end: None,
            odd_bytes: 0,
            unanswered: 0,
            is_muddled: false,
            has_spoken: false,
        })
    }

    fn begin_job(&mut self) {
        self.state = None;
        self.end = None;
        self.odd_bytes = 0;
    }

    fn talks_nonsense(&self) -> bool {
        self.odd_bytes > MAX_ODD_BYTES
    }

    /// `None` when the printer keeps silent, which many do, or says nothing that can be understood.
    fn ask(&mut self, until: Until) -> io::Result<Option<State>> {
        self.state = None;
        let Some(pause) = until.left_at_most(ANSWER_WITHIN) else {
            return Ok(None);
        };
        if self.is_muddled {
            return Ok(None);
        }
        let question = self.speech.status_question();
        let written = self.transport.write(question, pause)?;
        if written != question.len() {
            self.is_muddled = written > 0;
            return Ok(None);
        }
        self.speech.asked();
        if self.speech.asks_in_turn() {
            self.unanswered += 1;
        }
        let answer_by = Until::after(pause);
        loop {
            if self.talks_nonsense() {
                return Ok(None);
            }
            if let Some(state) = self.state.take() {
                return Ok(Some(state));
            }
            let Some(pause) = answer_by.left() else {
                return Ok(None);
            };
            self.listen(pause)?;
        }
    }

    /// Takes in whatever arrives within `pause`; returns at the first bytes.
    fn listen(&mut self, pause: Duration) -> io::Result<()> {
        for byte in self.transport.read(pause)? {
            match self.speech.hear(byte) {
                Heard::Nothing => {}
                Heard::State { reasons, is_busy } => {
                    self.has_spoken = true;
                    self.unanswered = self.unanswered.saturating_sub(1);
                    // An answer to an older question still stands in line before ours.
                    if self.unanswered == 0 {
                        self.state = Some(State { reasons, is_busy });
                    }
                }
                Heard::Done { has_paper } => self.end = Some(has_paper),
                Heard::Odd => self.odd_bytes = self.odd_bytes.saturating_add(1),
            }
        }
        Ok(())
    }
}
