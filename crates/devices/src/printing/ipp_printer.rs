//! IPP printers: pages over the network, with the device's own word on what became of them.

use std::{
    io::{Error, Read},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{self, RecvTimeoutError},
    },
    time::Duration,
};

use http::Uri;
use ipp::prelude::{
    DelimiterTag, IppOperationBuilder, IppPayload, IppRequestResponse, IppValue, StatusCode,
};

use super::ipp_question::{self, NoAnswer};
use super::{
    Continue, Doubt, GreyPages, Job, Outcome, Payload, PrinterState, Progress, Reason, Status,
    Until, blocking, pwg,
};
use crate::DeviceFailure;

const ANSWER_WITHIN: Duration = Duration::from_secs(5);
const ASK_EVERY: Duration = Duration::from_millis(200);
const CALL_BACK_WITHIN: Duration = Duration::from_secs(2);
const MAX_JOB_NAME_BYTES: usize = 255;
const USER: &str = "sanxiang";

const JOB_CANCELED: i32 = 7;
const JOB_ABORTED: i32 = 8;
const JOB_COMPLETED: i32 = 9;

/// Dots an inch that a page is painted in when the printer does not say what it likes.
const USUAL_DPI: u32 = 300;
const PDF: &str = "application/pdf";
const PWG: &str = "image/pwg-raster";
const URF: &str = "image/urf";
const DOTS_PER_INCH: i8 = 3;
/// Stands for the count of sent bytes once the job is given up.
const NO_MORE: u64 = u64::MAX;

const PRINTER_ATTRIBUTES: [&str; 8] = [
    "printer-state",
    "printer-state-reasons",
    "printer-make-and-model",
    "printer-is-accepting-jobs",
    "document-format-supported",
    "pwg-raster-document-resolution-supported",
    "urf-supported",
    "cups-version",
];

pub(super) fn status(uri: &str, timeout: Duration) -> Result<Status, DeviceFailure> {
    let printer = IppPrinter::at(uri)?;
    match printer.condition(timeout) {
        Ok(condition) => Ok(condition.status),
        Err(NoAnswer::Nonsense(detail)) => {
            tracing::warn!(detail, uri = %printer.uri, "page printer");
            Ok(Status {
                state: PrinterState::Stopped,
                reasons: vec![Reason::NotUnderstood],
                model: None,
            })
        }
        Err(NoAnswer::Silence(detail)) => Err(DeviceFailure::AskPrinter { detail }),
    }
}

pub(super) fn print(
    uri: &str,
    job: &Job<'_>,
    progress: &mut dyn FnMut(Progress) -> Continue,
    deadline: Duration,
) -> Outcome {
    let until = Until::after(deadline);
    let printer = match IppPrinter::at(uri) {
        Ok(printer) => printer,
        Err(failure) => return Outcome::failed(Reason::Other(failure.to_string())),
    };
    let condition = match wait_until_ready(&printer, progress, until) {
        Ok(condition) => condition,
        Err(reason) => return Outcome::failed(reason),
    };
    let Some((format, document)) = document_for(job.payload, &condition) else {
        return Outcome::failed(Reason::WrongDocument);
    };
    if progress(Progress::Sent { bytes: 0 }) == Continue::Stop {
        return Outcome::failed(Reason::GivenUp);
    }
    match send(&printer, job.name, format, document, progress, until) {
        Ok(job) => wait_for_paper(&printer, job, condition.is_print_server, progress, until),
        Err(outcome) => outcome,
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
        let condition = printer.condition(timeout).map_err(|no_answer| {
            let (reason, detail) = match no_answer {
                NoAnswer::Silence(detail) => (Reason::Offline, detail),
                NoAnswer::Nonsense(detail) => (Reason::NotUnderstood, detail),
            };
            tracing::warn!(detail, uri = %printer.uri, "page printer");
            reason
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

/// What the printer takes of this: a page as PDF, else as grey dots.
fn document_for(payload: &Payload, condition: &Condition) -> Option<(&'static str, Vec<u8>)> {
    match payload {
        Payload::Pages { pdf, .. } if condition.takes(PDF) => Some((PDF, pdf.clone())),
        Payload::Pages { grey, .. } => raster_of(grey.as_deref()?, condition),
        Payload::Slip(raster) => {
            let fits = raster.checked().is_ok() && condition.takes(PWG);
            fits.then(|| (PWG, pwg::slip(raster)))
        }
    }
}

fn raster_of(pages: &dyn GreyPages, condition: &Condition) -> Option<(&'static str, Vec<u8>)> {
    let (format, resolutions) = if condition.takes(PWG) {
        (PWG, &condition.pwg_dpi)
    } else if condition.takes(URF) {
        (URF, &condition.urf_dpi)
    } else {
        return None;
    };
    let dpi = resolutions
        .iter()
        .copied()
        .min_by_key(|dpi| dpi.abs_diff(USUAL_DPI))
        .unwrap_or(USUAL_DPI);
    let mut document = match format {
        PWG => pwg::begin_pwg(),
        _ => pwg::begin_urf(pages.count()),
    };
    for index in 0..pages.count() {
        let page = pages.page(index, dpi).filter(|page| page.is_whole())?;
        match format {
            PWG => pwg::push_pwg(&mut document, &page),
            _ => pwg::push_urf(&mut document, &page),
        }
    }
    (pages.count() > 0).then_some((format, document))
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
        return Err(Outcome::failed(Reason::Offline));
    };
    let sent = Arc::new(AtomicU64::new(0));
    let counted = Counted {
        document,
        at: 0,
        sent: sent.clone(),
    };
    let (answer_in, answer) = mpsc::channel();
    let (sender, name) = (printer.clone(), job_name_of(job_name));
    std::thread::spawn(move || {
        // The receiver is gone only when the deadline has passed and nobody asks any more.
        answer_in
            .send(sender.print_job(&name, format, counted, timeout))
            .ok();
    });

    loop {
        let Some(pause) = until.left_at_most(ASK_EVERY) else {
            return Err(give_up(&sent, Reason::Offline, Doubt::TooSlow));
        };
        match answer.recv_timeout(pause) {
            Ok(Ok(JobAnswer::Accepted(id))) => {
                let sent_bytes = sent.load(Ordering::SeqCst);
                progress(Progress::Sent { bytes: sent_bytes });
                return Ok(SentJob { id, sent_bytes });
            }
            Ok(Ok(JobAnswer::Refused(reason))) => {
                return Err(Outcome::Failed {
                    reason,
                    sent_bytes: sent.load(Ordering::SeqCst),
                });
            }
            Ok(Err(detail)) => {
                tracing::warn!(detail, uri = %printer.uri, "page printer");
                return Err(give_up(&sent, Reason::Offline, Doubt::ConnectionBroke));
            }
            Err(RecvTimeoutError::Disconnected) => {
                return Err(give_up(&sent, Reason::Offline, Doubt::ConnectionBroke));
            }
            Err(RecvTimeoutError::Timeout) => {
                let bytes = sent.load(Ordering::SeqCst);
                if progress(Progress::Sent { bytes }) == Continue::Stop {
                    return Err(give_up(&sent, Reason::GivenUp, Doubt::GivenUp));
                }
            }
        }
    }
}

/// From here on no byte leaves. Whether one had left is decided in the same moment, so that the answer is certain.
fn give_up(sent: &AtomicU64, reason: Reason, doubt: Doubt) -> Outcome {
    match sent.swap(NO_MORE, Ordering::SeqCst) {
        0 => Outcome::failed(reason),
        sent_bytes => Outcome::Unknown { doubt, sent_bytes },
    }
}

fn wait_for_paper(
    printer: &IppPrinter,
    job: SentJob,
    is_print_server: bool,
    progress: &mut dyn FnMut(Progress) -> Continue,
    until: Until,
) -> Outcome {
    let unknown = |doubt| Outcome::Unknown {
        doubt,
        sent_bytes: job.sent_bytes,
    };
    loop {
        let Some(timeout) = until.left_at_most(ANSWER_WITHIN) else {
            return call_back(printer, &job, is_print_server, Doubt::TooSlow);
        };
        let mut reasons = Vec::new();
        match printer.job(job.id, timeout) {
            Ok(state) if state.state == JOB_COMPLETED && is_print_server => {
                return unknown(Doubt::HandedOn);
            }
            Ok(state) if state.state == JOB_COMPLETED => {
                return Outcome::Confirmed {
                    impressions: state.impressions,
                };
            }
            Ok(state) if state.state == JOB_CANCELED => {
                return unknown(Doubt::CancelledThere);
            }
            Ok(state) if state.state == JOB_ABORTED => {
                return unknown(Doubt::BrokenOff);
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
            return call_back(printer, &job, is_print_server, Doubt::GivenUp);
        }
        std::thread::sleep(until.left_at_most(ASK_EVERY).unwrap_or_default());
    }
}

/// Nobody waits for the job any more: it must not come out when its paper is there an hour later.
fn call_back(printer: &IppPrinter, job: &SentJob, is_print_server: bool, doubt: Doubt) -> Outcome {
    printer.cancel(job.id, CALL_BACK_WITHIN);
    match printer.job(job.id, CALL_BACK_WITHIN) {
        Ok(state) if state.state == JOB_COMPLETED && !is_print_server => Outcome::Confirmed {
            impressions: state.impressions,
        },
        _ => Outcome::Unknown {
            doubt,
            sent_bytes: job.sent_bytes,
        },
    }
}

/// What a printer makes of a job of ours, for stand-ins of printers.
#[cfg(feature = "testing")]
pub(crate) fn is_cancelled(uri: &str, id: i32) -> Result<bool, String> {
    let printer = IppPrinter::at(uri).map_err(|failure| failure.to_string())?;
    let job = printer.job(id, CALL_BACK_WITHIN)?;
    Ok(job.state == JOB_CANCELED)
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
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let mut rest = self.document.get(self.at..).unwrap_or_default();
        let length = rest.read(buffer)?;
        let (before, after) = (self.at as u64, (self.at + length) as u64);
        self.sent
            .compare_exchange(before, after, Ordering::SeqCst, Ordering::SeqCst)
            .map_err(|_| Error::other("given up"))?;
        self.at += length;
        Ok(length)
    }
}

struct Condition {
    status: Status,
    is_accepting: bool,
    formats: Vec<String>,
    pwg_dpi: Vec<u32>,
    urf_dpi: Vec<u32>,
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
    Refused(Reason),
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
    ) -> Result<IppRequestResponse, NoAnswer> {
        ipp_question::ask(&self.uri, request, timeout)
    }

    fn condition(&self, timeout: Duration) -> Result<Condition, NoAnswer> {
        let question = IppOperationBuilder::get_printer_attributes(self.uri.clone())
            .attributes(PRINTER_ATTRIBUTES)
            .build()
            .map_err(|error| NoAnswer::Silence(error.to_string()))?;
        let answer = self.ask(question, timeout)?;
        accepted(&answer).map_err(NoAnswer::Nonsense)?;
        let says = |name: &str| value(&answer, DelimiterTag::PrinterAttributes, name);
        let words = |name: &str| says(name).map(words_of).unwrap_or_default();
        let state = match says("printer-state").and_then(number_of) {
            Some(3) => PrinterState::Ready,
            Some(4) => PrinterState::Busy,
            Some(5) => PrinterState::Stopped,
            _ => {
                let detail = "the answer has no printer state".to_owned();
                return Err(NoAnswer::Nonsense(detail));
            }
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
            pwg_dpi: says("pwg-raster-document-resolution-supported")
                .map(resolutions_of)
                .unwrap_or_default(),
            urf_dpi: urf_resolutions(&words("urf-supported")),
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
        match answer.header().status_code() {
            status if status.is_success() => {}
            StatusCode::ServerErrorBusy | StatusCode::ServerErrorTemporaryError => {
                return Ok(JobAnswer::Refused(Reason::Busy));
            }
            status => return Ok(JobAnswer::Refused(Reason::Other(status.to_string()))),
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
            .and_then(|request| Ok(self.ask(request, timeout)?));
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

/// Only square dots; what a printer offers beyond that is not needed.
fn resolutions_of(value: &IppValue) -> Vec<u32> {
    match value {
        IppValue::Array(values) => values.iter().flat_map(resolutions_of).collect(),
        IppValue::Resolution {
            cross_feed,
            feed,
            units: DOTS_PER_INCH,
        } if cross_feed == feed => u32::try_from(*feed)
            .ok()
            .filter(|dpi| is_paintable(*dpi))
            .into_iter()
            .collect(),
        _ => Vec::new(),
    }
}

/// `RS300-600` among the words means 300 and 600 dots an inch.
fn urf_resolutions(words: &[String]) -> Vec<u32> {
    let list = words.iter().find_map(|word| word.strip_prefix("RS"));
    let numbers = list.into_iter().flat_map(|list| list.split('-'));
    numbers
        .filter_map(|number| number.parse().ok())
        .filter(|dpi| is_paintable(*dpi))
        .collect()
}

/// More than 600 would be a page of a hundred million dots.
fn is_paintable(dpi: u32) -> bool {
    (100..=600).contains(&dpi)
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
