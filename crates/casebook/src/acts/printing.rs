//! Printing: a copy is counted only when the printer says so; what nobody knows is asked of the officer.

use std::sync::{Arc, Condvar, Mutex, Weak};
use std::thread::JoinHandle;
use std::time::Duration;

use contract::{BoundaryError, Code};
use devices::printing::{Address, Continue, Outcome, Payload, PrinterState, Progress, Reason};
use journal::Kind;
use journal::body::PrintEvent;
use law::Refusal;

use crate::acts::drafting::read_instrument;
use crate::acts::issuing::reprint;
use crate::contract::{
    AddPrinter, AnswerPrint, PrintInstrument, PrintJobId, PrintJobRow, PrintQueue, PrinterId,
    PrinterRow, PrinterRows, PrinterStatus,
};
use crate::desk::{Act, Desk};
use crate::failure::{Failure, No};
use crate::store::objects;
use crate::store::printing::{self, JobChange, Printer, SpoolJob};
use crate::terminal::{Terminal, lock};

/// How long one job may take before its outcome counts as unknown.
const JOB_DEADLINE: Duration = Duration::from_secs(180);
/// How long a question about a printer's state may take.
const STATUS_TIMEOUT: Duration = Duration::from_secs(4);
/// Longest wait between two tries of a job that never reached the printer, seconds.
const LONGEST_WAIT_S: i64 = 60;

fn address(printer: &Printer) -> Address {
    match printer.language.as_str() {
        "escpos" => Address::EscPosTcp(printer.address.clone()),
        _ => Address::Ipp(printer.address.clone()),
    }
}

/// The word a screen knows for a printer's complaint.
fn cause(reason: &Reason) -> String {
    match reason {
        Reason::PaperOut => "paper_out".to_owned(),
        Reason::CoverOpen => "cover_open".to_owned(),
        Reason::PaperLow => "paper_low".to_owned(),
        Reason::Jam => "jam".to_owned(),
        Reason::Offline => "offline".to_owned(),
        Reason::LowBattery => "low_battery".to_owned(),
        Reason::Other(word) => word.clone(),
    }
}

pub fn printers(desk: &Desk) -> Result<PrinterRows, No> {
    let printers = printing::printers(&desk.db)?
        .into_iter()
        .map(|printer| PrinterRow {
            printer_id: printer.printer_id,
            name: printer.name,
            language: printer.language,
            address: printer.address,
            width_dots: printer.width_dots,
        })
        .collect();
    Ok(PrinterRows { printers })
}

pub fn add_printer(
    terminal: &Terminal,
    desk: &Desk,
    request: &AddPrinter,
) -> Result<PrinterRows, No> {
    let is_known = matches!(request.language.as_str(), "ipp" | "escpos");
    let address = request.address.trim();
    let fits = match request.language.as_str() {
        "ipp" => address.starts_with("ipp://") || address.starts_with("ipps://"),
        _ => address
            .rsplit_once(':')
            .is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok()),
    };
    if !is_known || !fits || request.name.trim().is_empty() {
        return Err(BoundaryError::new(Code::BadRequest)
            .with("address", address)
            .into());
    }
    let printer = Printer {
        printer_id: terminal.host.new_id(),
        name: request.name.trim().to_owned(),
        language: request.language.clone(),
        address: address.to_owned(),
        width_dots: if request.width_dots == 384 { 384 } else { 576 },
    };
    printing::add_printer(&desk.db, &printer)?;
    printers(desk)
}

pub fn remove_printer(desk: &Desk, request: &PrinterId) -> Result<PrinterRows, No> {
    printing::remove_printer(&desk.db, &request.printer_id)?;
    printers(desk)
}

pub fn status(terminal: &Terminal, request: &PrinterId) -> Result<PrinterStatus, No> {
    let printer = {
        let mut at_desk = terminal.at_desk();
        printing::printer(&at_desk.desk()?.db, &request.printer_id)?
            .ok_or(No::from(Code::NotFound))?
    };
    let status =
        devices::printing::status(&address(&printer), STATUS_TIMEOUT).map_err(Failure::from)?;
    Ok(PrinterStatus {
        state: match status.state {
            PrinterState::Ready => "ready",
            PrinterState::Busy => "busy",
            PrinterState::Stopped => "stopped",
            PrinterState::Offline => "offline",
        }
        .to_owned(),
        reasons: status.reasons.iter().map(cause).collect(),
        model: status.model,
    })
}

fn row(job: SpoolJob) -> PrintJobRow {
    PrintJobRow {
        job_id: job.job_id,
        instrument_id: job.instrument_id,
        title: job.title,
        printer_name: job.printer_name,
        copy_no: job.copy_no,
        copy_name: job.copy_name,
        is_reprint: job.is_reprint,
        state: job.state,
        cause: job.cause,
        next_attempt_at: job.next_attempt_at,
        queued_at: job.queued_at,
    }
}

pub fn queue(desk: &Desk) -> Result<PrintQueue, No> {
    Ok(PrintQueue {
        jobs: printing::jobs(&desk.db)?.into_iter().map(row).collect(),
    })
}

pub fn print(
    terminal: &Terminal,
    desk: &mut Desk,
    request: &PrintInstrument,
) -> Result<PrintQueue, No> {
    let host = terminal.host.as_ref();
    let instrument = read_instrument(desk, &request.instrument_id)?;
    if instrument.state != "issued" {
        return Err(Refusal::InstrumentNotIssued.into());
    }
    let printer = printing::printer(&desk.db, &request.printer_id)?.ok_or_else(|| {
        No::from(BoundaryError::new(Code::NotFound).with("printer_id", request.printer_id.as_str()))
    })?;
    let (copy_no, is_reprint) =
        printing::next_copy(&desk.db, &instrument.instrument_id, &request.copy_name)?;
    let is_ticket = printer.language == "escpos";
    let missing = || Failure::Object("the issued document is not on this terminal".to_owned());
    let (sha256, fresh) = if is_reprint {
        let (pdf, ticket) = reprint(terminal, desk, &instrument, copy_no)?;
        let (bytes, media_type) = if is_ticket {
            (ticket, "image/png")
        } else {
            (pdf, "application/pdf")
        };
        (
            journal::Hash::of(&bytes).to_string(),
            Some((bytes, media_type)),
        )
    } else {
        let sha256 = if is_ticket {
            &instrument.ticket_sha256
        } else {
            &instrument.pdf_sha256
        };
        (sha256.clone().ok_or_else(missing)?, None)
    };
    let body = PrintEvent {
        v: 1,
        job_id: host.new_id(),
        instrument_id: instrument.instrument_id.clone(),
        copy_no,
        copy_name: request.copy_name.clone(),
        is_reprint,
        printer: printer.name.clone(),
        sha256: sha256.clone(),
        state: "queued".to_owned(),
        cause: None,
    };
    let act = Act {
        kind: Kind::PrintQueued,
        case_id: Some(&instrument.case_id),
        event_at: host.now(),
        body: &body,
        blobs: Vec::new(),
    };
    desk.commit(host, act, |transaction, _| {
        if let Some((bytes, media_type)) = &fresh {
            objects::put(transaction, &sha256, media_type, bytes)?;
        }
        printing::enqueue(transaction, &body.job_id, &printer.printer_id, &sha256)
    })?;
    terminal.spooler.wake();
    queue(desk)
}

/// Journals a new state of a job and changes the spool in the same transaction.
fn settle(
    terminal: &Terminal,
    desk: &mut Desk,
    job: &SpoolJob,
    kind: Kind,
    state: &str,
    cause: Option<&str>,
) -> Result<(), No> {
    let body = PrintEvent {
        v: 1,
        job_id: job.job_id.clone(),
        instrument_id: job.instrument_id.clone(),
        copy_no: job.copy_no,
        copy_name: job.copy_name.clone(),
        is_reprint: job.is_reprint,
        printer: job.printer_name.clone(),
        sha256: job.payload_sha256.clone(),
        state: state.to_owned(),
        cause: cause.map(str::to_owned),
    };
    let act = Act {
        kind,
        case_id: Some(&job.case_id),
        event_at: terminal.host.now(),
        body: &body,
        blobs: Vec::new(),
    };
    desk.commit(terminal.host.as_ref(), act, |transaction, _| {
        printing::change(
            transaction,
            &job.job_id,
            JobChange {
                state,
                cause,
                ..JobChange::default()
            },
        )
    })?;
    Ok(())
}

fn read_job(desk: &Desk, job_id: &str) -> Result<SpoolJob, No> {
    printing::read_job(&desk.db, job_id)?.ok_or_else(|| {
        BoundaryError::new(Code::NotFound)
            .with("job_id", job_id)
            .into()
    })
}

pub fn cancel(
    terminal: &Terminal,
    desk: &mut Desk,
    request: &PrintJobId,
) -> Result<PrintQueue, No> {
    let job = read_job(desk, &request.job_id)?;
    // Once the first byte left, only the printer or the officer can say what became of it.
    if !matches!(job.state.as_str(), "queued" | "waiting") {
        return Err(Code::PrinterBusy.into());
    }
    settle(
        terminal,
        desk,
        &job,
        Kind::PrintCancelled,
        "cancelled",
        None,
    )?;
    queue(desk)
}

pub fn answer(
    terminal: &Terminal,
    desk: &mut Desk,
    request: &AnswerPrint,
) -> Result<PrintQueue, No> {
    let job = read_job(desk, &request.job_id)?;
    if job.state != "unknown" {
        return Err(BoundaryError::new(Code::BadRequest)
            .with("state", job.state)
            .into());
    }
    let (state, cause) = match request.answer.as_str() {
        "complete" => ("confirmed", "officer_saw_it"),
        "incomplete" => ("failed", "officer_saw_a_spoiled_sheet"),
        "nothing" => ("failed", "officer_saw_nothing"),
        other => {
            return Err(BoundaryError::new(Code::BadRequest)
                .with("answer", other)
                .into());
        }
    };
    settle(
        terminal,
        desk,
        &job,
        Kind::PrintAnswered,
        state,
        Some(cause),
    )?;
    queue(desk)
}

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

pub fn start_spooler(terminal: &Arc<Terminal>) {
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
        _ => Payload::Pdf(bytes),
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
    Ok(Payload::Raster {
        width,
        height,
        rows,
    })
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
    let outcome = devices::printing::print(
        &address(printer),
        &job.title,
        payload,
        &mut progress,
        JOB_DEADLINE,
    );
    let mut at_desk = terminal.at_desk();
    let desk = at_desk.desk()?;
    match outcome {
        Outcome::Confirmed { .. } => {
            settle(terminal, desk, job, Kind::PrintConfirmed, "confirmed", None)
        }
        Outcome::Unknown { reason, .. } => settle(
            terminal,
            desk,
            job,
            Kind::PrintUnknown,
            "unknown",
            Some(&reason),
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

/// Copies of an instrument that are on paper.
pub fn copies(desk: &Desk, instrument_id: &str) -> Result<u32, No> {
    Ok(printing::confirmed_copies(&desk.db, instrument_id)?)
}
