//! IPP printers: pages over the network, with the device's own word on what became of them.

use std::{
    io::{Error, Read},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc::{self, RecvTimeoutError},
    },
    time::Duration,
};

use http::Uri;
use ipp::prelude::{
    DelimiterTag, IppClient, IppOperationBuilder, IppPayload, IppRequestResponse, IppValue,
};

use super::{
    Continue, Outcome, Payload, PrinterState, Progress, Reason, Status, Until, blocking, pwg,
};
use crate::DeviceFailure;

const ANSWER_WITHIN: Duration = Duration::from_secs(5);
const ASK_EVERY: Duration = Duration::from_millis(200);
const MAX_JOB_NAME_BYTES: usize = 255;
const USER: &str = "sanxiang";

const JOB_CANCELED: i32 = 7;
const JOB_ABORTED: i32 = 8;
const JOB_COMPLETED: i32 = 9;

const PRINTER_ATTRIBUTES: [&str; 6] = [
    "printer-state",
    "printer-state-reasons",
    "printer-make-and-model",
    "printer-is-accepting-jobs",
    "document-format-supported",
    "cups-version",
];

pub(super) fn status(uri: &str, timeout: Duration) -> Result<Status, DeviceFailure> {
    let printer = IppPrinter::at(uri)?;
    let condition = printer
        .condition(timeout)
        .map_err(|detail| DeviceFailure::AskPrinter { detail })?;
    Ok(condition.status)
}

pub(super) fn print(
    uri: &str,
    job_name: &str,
    payload: &Payload,
    progress: &mut dyn FnMut(Progress) -> Continue,
    deadline: Duration,
) -> Outcome {
    let until = Until::after(deadline);
    let printer = match IppPrinter::at(uri) {
        Ok(printer) => printer,
        Err(failure) => return failed(Reason::Other(failure.to_string())),
    };
    let condition = match wait_until_ready(&printer, progress, until) {
        Ok(condition) => condition,
        Err(reason) => return failed(reason),
    };
    let Some((format, document)) = document_for(payload, &condition) else {
        return failed(Reason::Other(
            "the printer does not take this kind of document".into(),
        ));
    };
    match send(&printer, job_name, format, document, progress, until) {
        Ok(job) => wait_for_paper(&printer, job, condition.is_print_server, progress, until),
        Err(outcome) => outcome,
    }
}

fn failed(reason: Reason) -> Outcome {
    Outcome::Failed {
        reason,
        sent_bytes: 0,
    }
}

fn wait_until_ready(
    printer: &IppPrinter,
    progress: &mut dyn FnMut(Progress) -> Continue,
    until: Until,
) -> Result<Condition, Reason> {
    loop {
        let Some(timeout) = until.left_at_most(ANSWER_WITHIN) else {
            return Err(Reason::Offline);
        };
        let condition = printer.condition(timeout).map_err(|detail| {
            tracing::warn!(detail, uri = %printer.uri, "page printer");
            Reason::Offline
        })?;
        let reason = blocking(&condition.status.reasons).cloned();
        let reason = match reason {
            Some(reason) => reason,
            None if condition.status.state == PrinterState::Stopped => {
                Reason::Other("stopped".into())
            }
            None if !condition.is_accepting => Reason::Other("not accepting jobs".into()),
            None => return Ok(condition),
        };
        if progress(Progress::Waiting(condition.status.reasons)) == Continue::Stop {
            return Err(reason);
        }
        let Some(pause) = until.left_at_most(ASK_EVERY) else {
            return Err(reason);
        };
        std::thread::sleep(pause);
    }
}

fn document_for(payload: &Payload, condition: &Condition) -> Option<(&'static str, Vec<u8>)> {
    match payload {
        Payload::Pdf(bytes) if condition.takes("application/pdf") => {
            Some(("application/pdf", bytes.clone()))
        }
        Payload::Pdf(_) => None,
        Payload::Raster {
            width,
            height,
            rows,
        } => {
            let fits = *width > 0 && rows.len() == width.div_ceil(8) as usize * *height as usize;
            (fits && condition.takes("image/pwg-raster"))
                .then(|| ("image/pwg-raster", pwg::encode(*width, *height, rows)))
        }
    }
}

struct SentJob {
    id: i32,
    sent_bytes: u64,
}

/// Sends from a second thread, so that the officer can stop and the deadline holds even when the printer hangs.
fn send(
    printer: &IppPrinter,
    job_name: &str,
    format: &'static str,
    document: Vec<u8>,
    progress: &mut dyn FnMut(Progress) -> Continue,
    until: Until,
) -> Result<SentJob, Outcome> {
    let Some(timeout) = until.left() else {
        return Err(failed(Reason::Offline));
    };
    let sent = Arc::new(AtomicU64::new(0));
    let given_up = Arc::new(AtomicBool::new(false));
    let counted = Counted {
        document,
        at: 0,
        sent: sent.clone(),
        given_up: given_up.clone(),
    };
    let (answer_in, answer) = mpsc::channel();
    let (sender, name) = (printer.clone(), job_name_of(job_name));
    std::thread::spawn(move || {
        // The receiver is gone only when the deadline has passed and nobody asks any more.
        answer_in
            .send(sender.print_job(&name, format, counted, timeout))
            .ok();
    });

    let not_finished = |reason: Reason, text: String| match sent.load(Ordering::SeqCst) {
        0 => failed(reason),
        sent_bytes => Outcome::Unknown {
            reason: text,
            sent_bytes,
        },
    };
    loop {
        let Some(pause) = until.left_at_most(ASK_EVERY) else {
            given_up.store(true, Ordering::SeqCst);
            return Err(not_finished(
                Reason::Offline,
                "the printer did not take the page in time".into(),
            ));
        };
        match answer.recv_timeout(pause) {
            Ok(Ok(JobAnswer::Accepted(id))) => {
                let sent_bytes = sent.load(Ordering::SeqCst);
                progress(Progress::Sent { bytes: sent_bytes });
                return Ok(SentJob { id, sent_bytes });
            }
            Ok(Ok(JobAnswer::Refused(word))) => {
                let sent_bytes = sent.load(Ordering::SeqCst);
                return Err(Outcome::Failed {
                    reason: Reason::Other(word),
                    sent_bytes,
                });
            }
            Ok(Err(detail)) => {
                return Err(not_finished(
                    Reason::Offline,
                    format!("the connection broke: {detail}"),
                ));
            }
            Err(RecvTimeoutError::Disconnected) => {
                return Err(not_finished(Reason::Offline, "sending broke off".into()));
            }
            Err(RecvTimeoutError::Timeout) => {
                if progress(Progress::Sent {
                    bytes: sent.load(Ordering::SeqCst),
                }) == Continue::Stop
                {
                    given_up.store(true, Ordering::SeqCst);
                    return Err(not_finished(
                        Reason::Other("given up".into()),
                        "given up while sending".into(),
                    ));
                }
            }
        }
    }
}

fn wait_for_paper(
    printer: &IppPrinter,
    job: SentJob,
    is_print_server: bool,
    progress: &mut dyn FnMut(Progress) -> Continue,
    until: Until,
) -> Outcome {
    let unknown = |reason: &str| Outcome::Unknown {
        reason: reason.to_owned(),
        sent_bytes: job.sent_bytes,
    };
    loop {
        let Some(timeout) = until.left_at_most(ANSWER_WITHIN) else {
            return unknown("the printer did not finish in time");
        };
        let mut reasons = Vec::new();
        match printer.job(job.id, timeout) {
            Ok(state) if state.state == JOB_COMPLETED && is_print_server => {
                return unknown("the print server handed the page on and cannot see the paper");
            }
            Ok(state) if state.state == JOB_COMPLETED => {
                return Outcome::Confirmed {
                    impressions: state.impressions,
                };
            }
            Ok(state) if state.state == JOB_CANCELED => {
                return unknown("the job was cancelled at the printer");
            }
            Ok(state) if state.state == JOB_ABORTED => {
                return unknown("the printer broke the job off");
            }
            Ok(_) => {
                if let Some(timeout) = until.left_at_most(ANSWER_WITHIN)
                    && let Ok(condition) = printer.condition(timeout)
                {
                    reasons = condition.status.reasons;
                }
            }
            Err(detail) => {
                tracing::warn!(detail, uri = %printer.uri, "page printer");
                reasons = vec![Reason::Offline];
            }
        }
        if progress(Progress::Waiting(reasons)) == Continue::Stop {
            printer.cancel(
                job.id,
                until.left_at_most(ANSWER_WITHIN).unwrap_or(ASK_EVERY),
            );
            return unknown("given up before the printer confirmed");
        }
        std::thread::sleep(until.left_at_most(ASK_EVERY).unwrap_or_default());
    }
}

/// IPP allows 255 bytes of name; control characters would only confuse the printer's display.
fn job_name_of(name: &str) -> String {
    let mut short = String::new();
    for character in name.chars().filter(|character| !character.is_control()) {
        if short.len() + character.len_utf8() > MAX_JOB_NAME_BYTES {
            break;
        }
        short.push(character);
    }
    short
}

/// Counts what the connection took of the document; the first byte decides whether a job may be repeated.
struct Counted {
    document: Vec<u8>,
    at: usize,
    sent: Arc<AtomicU64>,
    given_up: Arc<AtomicBool>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.given_up.load(Ordering::SeqCst) {
            return Err(Error::other("given up"));
        }
        let mut rest = self.document.get(self.at..).unwrap_or_default();
        let length = rest.read(buffer)?;
        self.at += length;
        self.sent.store(self.at as u64, Ordering::SeqCst);
        Ok(length)
    }
}

struct Condition {
    status: Status,
    is_accepting: bool,
    formats: Vec<String>,
    /// A CUPS queue says "completed" when it has handed the page on, which is not yet paper.
    is_print_server: bool,
}

impl Condition {
    fn takes(&self, format: &str) -> bool {
        self.formats.iter().any(|supported| supported == format)
    }
}

struct JobState {
    state: i32,
    impressions: Option<u32>,
}

enum JobAnswer {
    Accepted(i32),
    Refused(String),
}

#[derive(Clone)]
struct IppPrinter {
    uri: Uri,
}

impl IppPrinter {
    fn at(uri: &str) -> Result<Self, DeviceFailure> {
        let unusable = || DeviceFailure::PrinterAddress {
            address: uri.to_owned(),
        };
        let parsed: Uri = uri.parse().map_err(|_| unusable())?;
        match parsed.scheme_str() {
            Some("ipp") if parsed.host().is_some() => Ok(Self { uri: parsed }),
            _ => Err(unusable()),
        }
    }

    fn ask(
        &self,
        request: impl Into<IppRequestResponse>,
        timeout: Duration,
    ) -> Result<IppRequestResponse, String> {
        let client = IppClient::builder(self.uri.clone())
            .request_timeout(timeout)
            .build();
        client.send(request).map_err(|error| error.to_string())
    }

    fn condition(&self, timeout: Duration) -> Result<Condition, String> {
        let question = IppOperationBuilder::get_printer_attributes(self.uri.clone())
            .attributes(PRINTER_ATTRIBUTES)
            .build()
            .map_err(|error| error.to_string())?;
        let answer = self.ask(question, timeout)?;
        accepted(&answer)?;
        let says = |name: &str| value(&answer, DelimiterTag::PrinterAttributes, name);
        let words = |name: &str| says(name).map(words_of).unwrap_or_default();
        let state = match says("printer-state").and_then(number_of) {
            Some(3) => PrinterState::Ready,
            Some(4) => PrinterState::Busy,
            Some(5) => PrinterState::Stopped,
            _ => return Err("the answer has no printer state".into()),
        };
        Ok(Condition {
            status: Status {
                state,
                reasons: reasons_of(&words("printer-state-reasons")),
                model: words("printer-make-and-model").into_iter().next(),
            },
            is_accepting: !matches!(
                says("printer-is-accepting-jobs"),
                Some(IppValue::Boolean(false))
            ),
            formats: words("document-format-supported"),
            is_print_server: says("cups-version").is_some(),
        })
    }

    fn print_job(
        &self,
        name: &str,
        format: &str,
        document: Counted,
        timeout: Duration,
    ) -> Result<JobAnswer, String> {
        let job = IppOperationBuilder::print_job(self.uri.clone(), IppPayload::new(document))
            .user_name(USER)
            .job_title(name)
            .document_format(format)
            .build()
            .map_err(|error| error.to_string())?;
        let answer = self.ask(job, timeout)?;
        if let Err(word) = accepted(&answer) {
            return Ok(JobAnswer::Refused(word));
        }
        let id = value(&answer, DelimiterTag::JobAttributes, "job-id").and_then(number_of);
        id.map(JobAnswer::Accepted)
            .ok_or_else(|| "the answer has no job number".into())
    }

    fn job(&self, id: i32, timeout: Duration) -> Result<JobState, String> {
        let question = IppOperationBuilder::get_job_attributes(self.uri.clone(), id)
            .user_name(USER)
            .build()
            .map_err(|error| error.to_string())?;
        let answer = self.ask(question, timeout)?;
        accepted(&answer)?;
        let number =
            |name: &str| value(&answer, DelimiterTag::JobAttributes, name).and_then(number_of);
        Ok(JobState {
            state: number("job-state").ok_or("the answer has no job state")?,
            impressions: number("job-impressions-completed")
                .and_then(|count| u32::try_from(count).ok()),
        })
    }

    fn cancel(&self, id: i32, timeout: Duration) {
        let request = IppOperationBuilder::cancel_job(self.uri.clone(), id)
            .user_name(USER)
            .build();
        let told = request
            .map_err(|error| error.to_string())
            .and_then(|request| self.ask(request, timeout));
        if let Err(detail) = told {
            tracing::warn!(detail, "could not cancel the job");
        }
    }
}

fn accepted(answer: &IppRequestResponse) -> Result<(), String> {
    let status = answer.header().status_code();
    if status.is_success() {
        Ok(())
    } else {
        Err(status.to_string())
    }
}

fn value<'a>(
    answer: &'a IppRequestResponse,
    group: DelimiterTag,
    name: &str,
) -> Option<&'a IppValue> {
    answer
        .attributes()
        .groups_of(group)
        .find_map(|group| group.get(name))
        .map(|attribute| attribute.value())
}

fn number_of(value: &IppValue) -> Option<i32> {
    match value {
        IppValue::Integer(number) | IppValue::Enum(number) => Some(*number),
        _ => None,
    }
}

fn words_of(value: &IppValue) -> Vec<String> {
    match value {
        IppValue::Array(values) => values.iter().flat_map(words_of).collect(),
        other => vec![other.to_string()],
    }
}

/// Printers differ in the suffix (`-error`, `-warning`, `-report`, none) but not in the stem.
fn reasons_of(words: &[String]) -> Vec<Reason> {
    let mut reasons = Vec::new();
    for word in words {
        let stem = ["-error", "-warning", "-report"]
            .iter()
            .find_map(|suffix| word.strip_suffix(suffix));
        let reason = match stem.unwrap_or(word) {
            "none" => continue,
            "media-empty" | "media-needed" => Reason::PaperOut,
            "media-low" => Reason::PaperLow,
            "media-jam" => Reason::Jam,
            "cover-open" | "door-open" | "interlock-open" => Reason::CoverOpen,
            "offline" | "shutdown" | "connecting-to-device" | "timed-out" => Reason::Offline,
            "battery-low" | "power-low" | "low-battery" => Reason::LowBattery,
            other => Reason::Other(other.to_owned()),
        };
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
    reasons
}
