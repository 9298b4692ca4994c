//! The spool: the thread that brings copies to printers, one at a time, and what it makes of their answers.

use std::sync::{Arc, Condvar, Mutex, Weak};
use std::thread::JoinHandle;
use std::time::Duration;

use devices::printing::{Continue, Job, Outcome, Payload, Progress, Raster, Reason, Settings};
use journal::Kind;

use crate::acts::printing::{address, cause, doubt, settle};
use crate::desk::Desk;
use crate::failure::{Failure, No};
use crate::store::objects;
use crate::store::printing::{self, JobChange, Printer, SpoolJob};
use crate::terminal::{Terminal, lock};

/// How long one job may take before its outcome counts as unknown.
const JOB_DEADLINE: Duration = Duration::from_secs(180);
/// Longest wait between two tries of a job that never reached the printer, seconds.
const LONGEST_WAIT_S: i64 = 60;

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

/// The thread that brings jobs to printers.
#[derive(Default)]
pub struct Spooler {
    signal: Arc<(Mutex<Signal>, Condvar)>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Default)]
struct Signal {
    is_woken: bool,
    is_stopped: bool,
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
    }

    fn is_stopped(&self) -> bool {
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
        let worked = run_next(&strong);
        drop(strong);
        let mut guard = lock(&signal.0);
        if guard.is_stopped {
            return;
        }
        // Level-triggered: whatever wakes us, the spool itself says what is due.
        if !worked && !guard.is_woken {
            guard = signal
                .1
                .wait_timeout(guard, Duration::from_secs(1))
                .map_or_else(|poisoned| poisoned.into_inner().0, |(guard, _)| guard);
        }
        guard.is_woken = false;
    }
}

/// Sends what is due now and returns; for demonstrations and tests.
pub fn run_until_quiet(terminal: &Terminal) {
    while run_next(terminal) {}
}

/// Sends the next due job. False when there was none.
fn run_next(terminal: &Terminal) -> bool {
    let taken = {
        let mut at_desk = terminal.at_desk();
        let Ok(desk) = at_desk.desk() else {
            return false;
        };
        take(terminal, desk)
    };
    match taken {
        Ok(None) => false,
        Ok(Some((job, printer, payload))) => {
            if let Err(no) = send(terminal, &job, &printer, &payload) {
                tracing::error!(
                    ?no,
                    job_id = job.job_id,
                    "the outcome of a print job could not be stored"
                );
            }
            true
        }
        Err(no) => {
            tracing::error!(?no, "the print spool could not be read");
            false
        }
    }
}

fn take(terminal: &Terminal, desk: &mut Desk) -> Result<Option<(SpoolJob, Printer, Payload)>, No> {
    let Some(job) = printing::due(&desk.db, &crate::text::time(terminal.host.now()))? else {
        return Ok(None);
    };
    let Some(printer) = printing::printer(&desk.db, &job.printer_id)? else {
        settle(
            terminal,
            desk,
            &job,
            Kind::PrintFailed,
            "failed",
            Some("printer_removed"),
        )?;
        return Ok(None);
    };
    let Some((media_type, bytes)) = objects::get(&desk.db, &job.payload_sha256)? else {
        settle(
            terminal,
            desk,
            &job,
            Kind::PrintFailed,
            "failed",
            Some("document_missing"),
        )?;
        return Ok(None);
    };
    let payload = match media_type.as_str() {
        "image/png" => raster(&bytes, printer.width_dots)?,
        _ => Payload::Pages {
            pdf: bytes,
            grey: None,
        },
    };
    printing::change(
        &desk.db,
        &job.job_id,
        JobChange {
            state: "sending",
            is_attempt: true,
            ..JobChange::default()
        },
    )?;
    Ok(Some((job, printer, payload)))
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

fn send(
    terminal: &Terminal,
    job: &SpoolJob,
    printer: &Printer,
    payload: &Payload,
) -> Result<(), No> {
    crate::fault::point("print.before_send");
    let mut waiting: Option<String> = None;
    let mut progress = |progress: Progress| {
        if let Progress::Waiting(reasons) = progress {
            let now_waiting = reasons.first().map(cause);
            if now_waiting != waiting {
                waiting = now_waiting;
                show_cause(terminal, job, waiting.as_deref());
            }
        }
        if terminal.spooler.is_stopped() {
            Continue::Stop
        } else {
            Continue::Yes
        }
    };
    let sent = Job {
        name: &job.title,
        payload,
        settings: Settings {
            width_dots: printer.width_dots,
            ..Settings::default()
        },
    };
    let outcome = match address(&printer.language, &printer.address) {
        Some(at) => devices::printing::print(&at, &sent, &mut progress, JOB_DEADLINE),
        None => Outcome::Failed {
            reason: Reason::Offline,
            sent_bytes: 0,
        },
    };
    let mut at_desk = terminal.at_desk();
    let desk = at_desk.desk()?;
    match outcome {
        Outcome::Confirmed { .. } => {
            settle(terminal, desk, job, Kind::PrintConfirmed, "confirmed", None)
        }
        Outcome::Unknown { doubt: why, .. } => settle(
            terminal,
            desk,
            job,
            Kind::PrintUnknown,
            "unknown",
            Some(doubt(why)),
        ),
        Outcome::Failed { reason, .. } => {
            // Certain that nothing reached paper: the same copy is tried again.
            let wait_s = 2_i64
                .saturating_pow(job.attempts.min(6) + 1)
                .min(LONGEST_WAIT_S);
            let next = crate::text::time(terminal.host.now() + chrono::Duration::seconds(wait_s));
            let cause = cause(&reason);
            let change = JobChange {
                state: "waiting",
                cause: Some(&cause),
                next_attempt_at: Some(&next),
                is_attempt: false,
            };
            printing::change(&desk.db, &job.job_id, change)?;
            Ok(())
        }
    }
}

/// While a job is with the printer its complaint is shown; it is no event of the record.
fn show_cause(terminal: &Terminal, job: &SpoolJob, cause: Option<&str>) {
    let mut at_desk = terminal.at_desk();
    let Ok(desk) = at_desk.desk() else { return };
    if let Err(failure) = printing::change(
        &desk.db,
        &job.job_id,
        JobChange {
            state: "sending",
            cause,
            ..JobChange::default()
        },
    ) {
        tracing::error!(
            error = &failure as &dyn std::error::Error,
            "the cause of a waiting print job could not be shown"
        );
    }
}
