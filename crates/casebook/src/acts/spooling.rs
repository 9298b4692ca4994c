//! The spool: what brings copies to printers, one at a time to each, and what it makes of their answers.

use std::sync::{Arc, Condvar, Mutex, Weak};
use std::thread::JoinHandle;
use std::time::Duration;

use devices::printing::{
    Continue, Doubt, GreyPages, Job, Outcome, Payload, Progress, Raster, Reason,
};
use journal::Kind;

use crate::acts::drafting::read_instrument;
use crate::acts::issuing::pages_again;
use crate::acts::printers::{Repainted, address, settings};
use crate::acts::printing::{cause, doubt, kind_of, settle};
use crate::desk::Desk;
use crate::failure::{Failure, No};
use crate::store::objects;
use crate::store::printing::{self, JobChange, Printer, SpoolJob};
use crate::terminal::{Terminal, lock};

/// How long one job may take before its outcome counts as unknown.
const JOB_DEADLINE: Duration = Duration::from_secs(1_800);
/// How long a job may stand still while nobody is wanted for paper or a cover.
const STANDSTILL_MS: u64 = 300_000;
/// Longest wait between two tries of a job that never reached the printer, seconds.
const LONGEST_WAIT_S: i64 = 60;
/// The same where the printer answers and only wants paper or a closed cover: somebody stands beside it.
const LONGEST_WAIT_FOR_A_HAND_S: i64 = 8;

/// After a crash: what was being sent is unknown, and the officer is asked.
pub fn recover(terminal: &Terminal) -> Result<(), No> {
    let mut at_desk = terminal.at_desk();
    let desk = at_desk.desk()?;
    for job in printing::interrupted(&desk.db)? {
        settle(
            terminal,
            desk,
            &job,
            Kind::PrintUnknown,
            "unknown",
            Some("terminal_stopped"),
        )?;
    }
    Ok(())
}

/// Brings jobs to printers: a thread looks what is due, and each job that is sent has one of its own.
#[derive(Default)]
pub struct Spooler {
    signal: Arc<(Mutex<Signal>, Condvar)>,
    thread: Mutex<Option<JoinHandle<()>>>,
    senders: Mutex<Vec<JoinHandle<()>>>,
    /// A printer has one job at a time: many take one connection only.
    at_printers: Arc<Mutex<Vec<Current>>>,
}

#[derive(Default)]
struct Signal {
    is_woken: bool,
    is_stopped: bool,
}

/// The job that is with its printer now; without a name it is a test page.
#[derive(Default)]
struct Current {
    job_id: String,
    printer_id: String,
    /// The first byte has left or may have left.
    has_begun: bool,
    is_taken_back: bool,
    complaints: Vec<String>,
}

/// A printer is occupied as long as this is there.
pub struct AtPrinter {
    at_printers: Arc<Mutex<Vec<Current>>>,
    printer_id: String,
}

impl Drop for AtPrinter {
    fn drop(&mut self) {
        lock(&self.at_printers).retain(|current| current.printer_id != self.printer_id);
    }
}

impl AtPrinter {
    pub fn complain(&self, complaints: Vec<String>) {
        self.change(|current| current.complaints = complaints);
    }

    /// Decides in one moment between the first byte and being taken back.
    fn begin(&self) -> bool {
        self.change(|current| {
            current.has_begun |= !current.is_taken_back;
            current.has_begun
        })
        .unwrap_or(false)
    }

    fn is_taken_back(&self) -> bool {
        self.change(|current| current.is_taken_back)
            .unwrap_or(false)
    }

    fn change<T>(&self, change: impl FnOnce(&mut Current) -> T) -> Option<T> {
        lock(&self.at_printers)
            .iter_mut()
            .find(|current| current.printer_id == self.printer_id)
            .map(change)
    }
}

impl Spooler {
    pub fn wake(&self) {
        lock(&self.signal.0).is_woken = true;
        self.signal.1.notify_all();
    }

    pub fn stop(&self) {
        lock(&self.signal.0).is_stopped = true;
        self.signal.1.notify_all();
        if let Some(thread) = lock(&self.thread).take() {
            let _ = thread.join();
        }
        let senders = std::mem::take(&mut *lock(&self.senders));
        for sender in senders {
            let _ = sender.join();
        }
    }

    /// For a test page: nobody else asks the printer meanwhile. `None` while a job is with it.
    pub fn occupy(&self, printer_id: &str) -> Option<AtPrinter> {
        self.put(Current {
            printer_id: printer_id.to_owned(),
            has_begun: true,
            ..Current::default()
        })
    }

    fn put(&self, current: Current) -> Option<AtPrinter> {
        let mut at_printers = lock(&self.at_printers);
        let printer_id = current.printer_id.clone();
        let is_free = !at_printers.iter().any(|at| at.printer_id == printer_id);
        is_free.then(|| {
            at_printers.push(current);
            AtPrinter {
                at_printers: Arc::clone(&self.at_printers),
                printer_id,
            }
        })
    }

    fn busy_printers(&self) -> Vec<String> {
        let at_printers = lock(&self.at_printers);
        let printers = at_printers.iter().map(|at| at.printer_id.clone());
        printers.collect()
    }

    /// What the printer complains about that has a job now; `None` when it has none.
    pub fn complaints_of(&self, printer_id: &str) -> Option<Vec<String>> {
        let at_printers = lock(&self.at_printers);
        let current = at_printers.iter().find(|at| at.printer_id == printer_id)?;
        Some(current.complaints.clone())
    }

    /// Whether no byte of the job has left and none will.
    pub fn take_back(&self, job_id: &str) -> bool {
        let mut at_printers = lock(&self.at_printers);
        match at_printers.iter_mut().find(|at| at.job_id == job_id) {
            Some(current) => {
                current.is_taken_back = !current.has_begun;
                current.is_taken_back
            }
            None => true,
        }
    }

    pub fn is_stopped(&self) -> bool {
        lock(&self.signal.0).is_stopped
    }
}

pub fn start(terminal: &Arc<Terminal>) {
    let mut thread = lock(&terminal.spooler.thread);
    if thread.is_some() {
        return;
    }
    let weak = Arc::downgrade(terminal);
    let signal = Arc::clone(&terminal.spooler.signal);
    *thread = Some(std::thread::spawn(move || work(&weak, &signal)));
}

fn work(terminal: &Weak<Terminal>, signal: &(Mutex<Signal>, Condvar)) {
    loop {
        let Some(strong) = terminal.upgrade() else {
            return;
        };
        let has_sent = send_next(&strong);
        drop(strong);
        let mut guard = lock(&signal.0);
        if guard.is_stopped {
            return;
        }
        // Level-triggered: whatever wakes us, the spool itself says what is due.
        if !has_sent && !guard.is_woken {
            guard = signal
                .1
                .wait_timeout(guard, Duration::from_secs(1))
                .map_or_else(|poisoned| poisoned.into_inner().0, |(guard, _)| guard);
        }
        guard.is_woken = false;
    }
}

/// A job that is due and whose printer is free.
struct Due {
    job: SpoolJob,
    printer: Printer,
    payload: Payload,
}

/// Sends the next due job from a thread of its own, so that no printer waits for another. False when there was none.
fn send_next(terminal: &Arc<Terminal>) -> bool {
    let Some((due, at)) = take_next(terminal) else {
        return false;
    };
    let for_thread = Arc::clone(terminal);
    let sender = std::thread::spawn(move || {
        send_due(&for_thread, &due, &at);
        drop(at);
        for_thread.spooler.wake();
    });
    let mut senders = lock(&terminal.spooler.senders);
    senders.retain(|sender| !sender.is_finished());
    senders.push(sender);
    true
}

/// Sends what is due now and returns; for demonstrations and tests.
pub fn run_until_quiet(terminal: &Terminal) {
    while let Some((due, at)) = take_next(terminal) {
        send_due(terminal, &due, &at);
    }
}

fn take_next(terminal: &Terminal) -> Option<(Due, AtPrinter)> {
    let mut at_desk = terminal.at_desk();
    let taken = take(terminal, at_desk.desk().ok()?);
    taken.unwrap_or_else(|no| {
        tracing::error!(?no, "the print spool could not be read");
        None
    })
}

fn send_due(terminal: &Terminal, due: &Due, at: &AtPrinter) {
    if let Err(no) = send(terminal, due, at) {
        let job_id = &due.job.job_id;
        tracing::error!(
            ?no,
            job_id,
            "the outcome of a print job could not be stored"
        );
    }
}

fn take(terminal: &Terminal, desk: &mut Desk) -> Result<Option<(Due, AtPrinter)>, No> {
    loop {
        let busy = terminal.spooler.busy_printers();
        let now = crate::text::time(terminal.host.now());
        let Some(job) = printing::due(&desk.db, &now, &busy)? else {
            return Ok(None);
        };
        let Some(printer) = printing::printer(&desk.db, &job.printer_id)? else {
            give_up(terminal, desk, &job, "printer_removed")?;
            continue;
        };
        let Some((media_type, bytes)) = objects::get(&desk.db, &job.payload_sha256)? else {
            give_up(terminal, desk, &job, "document_missing")?;
            continue;
        };
        let payload = match media_type.as_str() {
            "image/png" => raster(&bytes, printer.width_dots)?,
            _ => Payload::Pages {
                grey: repainted(terminal, desk, &job, &bytes)
                    .map(|pages| Box::new(pages) as Box<dyn GreyPages>),
                pdf: bytes,
            },
        };
        let current = Current {
            job_id: job.job_id.clone(),
            printer_id: job.printer_id.clone(),
            ..Current::default()
        };
        let Some(at) = terminal.spooler.put(current) else {
            return Ok(None);
        };
        printing::note_attempt(&desk.db, &job.job_id)?;
        let due = Due {
            job,
            printer,
            payload,
        };
        return Ok(Some((due, at)));
    }
}

/// Trying again would not help.
fn give_up(terminal: &Terminal, desk: &mut Desk, job: &SpoolJob, cause: &str) -> Result<(), No> {
    settle(
        terminal,
        desk,
        job,
        Kind::PrintFailed,
        "failed",
        Some(cause),
    )
}

/// The same pages as dots. `None` when this version of the terminal would set them differently than the document that
/// was issued: a printer without PDF then prints nothing, rather than something else.
fn repainted(terminal: &Terminal, desk: &Desk, job: &SpoolJob, pdf: &[u8]) -> Option<Repainted> {
    let instrument = read_instrument(desk, &job.instrument_id).ok()?;
    let kind = kind_of(job.is_reprint, job.copy_no, &job.queued_at);
    let pages = pages_again(terminal, desk, &instrument, kind).ok()?;
    pages
        .pdf()
        .is_ok_and(|again| again == pdf)
        .then_some(Repainted(pages))
}

/// The ticket as dots of the printer's width.
fn raster(png: &[u8], width_dots: u32) -> Result<Payload, Failure> {
    let picture = image::load_from_memory_with_format(png, image::ImageFormat::Png)
        .map_err(|error| Failure::Object(error.to_string()))?
        .into_luma8();
    let picture = if picture.width() > width_dots {
        let height =
            u64::from(picture.height()) * u64::from(width_dots) / u64::from(picture.width());
        let height = u32::try_from(height).unwrap_or(picture.height());
        image::imageops::resize(
            &picture,
            width_dots,
            height,
            image::imageops::FilterType::Triangle,
        )
    } else {
        picture
    };
    let (width, height) = picture.dimensions();
    let row_bytes = width.div_ceil(8) as usize;
    let mut rows = vec![0_u8; row_bytes * height as usize];
    for (x, y, dot) in picture.enumerate_pixels() {
        let at = y as usize * row_bytes + x as usize / 8;
        if dot.0.first().is_some_and(|level| *level < 140)
            && let Some(byte) = rows.get_mut(at)
        {
            *byte |= 0x80 >> (x % 8);
        }
    }
    Ok(Payload::Slip(Raster {
        width,
        height,
        rows,
    }))
}

fn send(terminal: &Terminal, due: &Due, at: &AtPrinter) -> Result<(), No> {
    let Due {
        job,
        printer,
        payload,
    } = due;
    let mut waiting: Option<String> = None;
    let mut has_begun = false;
    let mut sent_bytes = 0;
    let mut moved_at = terminal.host.monotonic_ms();
    let mut stood_still = false;
    let mut progress = |progress: Progress| {
        match progress {
            Progress::Sent { .. } if !has_begun => {
                has_begun = at.begin() && mark_sending(terminal, job);
                crate::fault::point("print.before_send");
                if !has_begun {
                    return Continue::Stop;
                }
                moved_at = terminal.host.monotonic_ms();
            }
            Progress::Sent { bytes } if bytes == sent_bytes => {}
            Progress::Sent { bytes } => {
                sent_bytes = bytes;
                moved_at = terminal.host.monotonic_ms();
            }
            Progress::Waiting(reasons) => {
                if reasons.iter().any(wants_a_hand) {
                    moved_at = terminal.host.monotonic_ms();
                }
                at.complain(reasons.iter().map(cause).collect());
                let now_waiting = reasons.first().map(cause);
                if now_waiting != waiting {
                    waiting = now_waiting;
                    let state = if has_begun { "sending" } else { "waiting" };
                    show_cause(terminal, at, job, state, waiting.as_deref());
                }
                let gives_way = !has_begun && (at.is_taken_back() || another_waits(terminal));
                if gives_way {
                    return Continue::Stop;
                }
            }
        }
        stood_still =
            has_begun && terminal.host.monotonic_ms().saturating_sub(moved_at) > STANDSTILL_MS;
        if stood_still || terminal.spooler.is_stopped() {
            Continue::Stop
        } else {
            Continue::Yes
        }
    };
    let sent = Job {
        name: &job.title,
        payload,
        settings: settings(printer),
    };
    let outcome = match address(&printer.language, &printer.address) {
        Some(address) => devices::printing::print(&address, &sent, &mut progress, JOB_DEADLINE),
        None => Outcome::Failed {
            reason: Reason::Offline,
            sent_bytes: 0,
        },
    };
    let mut at_desk = terminal.at_desk();
    let desk = at_desk.desk()?;
    if at.is_taken_back() {
        // The act that took it back has written that down, and no byte has left.
        return Ok(());
    }
    let mut end =
        |kind, state, cause: Option<&str>| settle(terminal, desk, job, kind, state, cause);
    match outcome {
        Outcome::Confirmed { .. } => end(Kind::PrintConfirmed, "confirmed", None),
        Outcome::Unknown { doubt: why, .. } => {
            let why = if stood_still { Doubt::TooSlow } else { why };
            end(Kind::PrintUnknown, "unknown", Some(doubt(why)))
        }
        Outcome::Failed {
            reason: Reason::WrongDocument,
            ..
        } => give_up(terminal, desk, job, "wrong_document"),
        Outcome::Failed { reason, .. } => try_later(terminal, desk, job, &reason),
    }
}

/// The printer answers, and goes on once somebody has seen to it or it has cooled down.
fn wants_a_hand(reason: &Reason) -> bool {
    match reason {
        Reason::PaperOut
        | Reason::CoverOpen
        | Reason::Jam
        | Reason::RibbonOut
        | Reason::Paused
        | Reason::Overheated => true,
        Reason::PaperLow
        | Reason::Busy
        | Reason::Offline
        | Reason::LowBattery
        | Reason::NotUnderstood
        | Reason::WrongDocument
        | Reason::GivenUp
        | Reason::Other(_) => false,
    }
}

/// Certain that nothing reached paper: the same copy is tried again.
fn try_later(terminal: &Terminal, desk: &Desk, job: &SpoolJob, reason: &Reason) -> Result<(), No> {
    let longest = match wants_a_hand(reason) {
        true => LONGEST_WAIT_FOR_A_HAND_S,
        false => LONGEST_WAIT_S,
    };
    let wait_s = 2_i64.saturating_pow(job.attempts.min(6) + 1).min(longest);
    let next = crate::text::time(terminal.host.now() + chrono::Duration::seconds(wait_s));
    let cause = cause(reason);
    let change = JobChange {
        state: "waiting",
        cause: Some(&cause),
        next_attempt_at: Some(&next),
    };
    printing::change(&desk.db, &job.job_id, change)?;
    Ok(())
}

/// Before the first byte leaves it stands on disk that it may have left. False when that cannot be written.
fn mark_sending(terminal: &Terminal, job: &SpoolJob) -> bool {
    let mut at_desk = terminal.at_desk();
    let change = JobChange {
        state: "sending",
        ..JobChange::default()
    };
    at_desk
        .desk()
        .and_then(|desk| Ok(printing::change(&desk.db, &job.job_id, change)?))
        .inspect_err(|no| tracing::error!(?no, "a print job could not be marked as sent"))
        .is_ok()
}

/// Where jobs are sent one after the other, a printer that wants paper does not hold up another one.
fn another_waits(terminal: &Terminal) -> bool {
    let mut at_desk = terminal.at_desk();
    let now = crate::text::time(terminal.host.now());
    let busy = terminal.spooler.busy_printers();
    at_desk
        .desk()
        .is_ok_and(|desk| printing::due(&desk.db, &now, &busy).is_ok_and(|due| due.is_some()))
}

/// While a job is with the printer its complaint is shown; it is no event of the record.
fn show_cause(
    terminal: &Terminal,
    at: &AtPrinter,
    job: &SpoolJob,
    state: &str,
    cause: Option<&str>,
) {
    let mut at_desk = terminal.at_desk();
    let Ok(desk) = at_desk.desk() else { return };
    // Taken back while we waited for the desk: it stays so.
    if at.is_taken_back() {
        return;
    }
    let change = JobChange {
        state,
        cause,
        ..JobChange::default()
    };
    if let Err(failure) = printing::change(&desk.db, &job.job_id, change) {
        tracing::error!(
            error = &failure as &dyn std::error::Error,
            "the cause of a waiting print job could not be shown"
        );
    }
}
