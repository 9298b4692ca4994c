//! Printing: a copy is counted only when the printer says so; what nobody knows is asked of the officer.

use std::time::Duration;

use contract::{BoundaryError, Code};
use devices::printing::{Address, Doubt, Language, Port, PrinterState, Reason};
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
use crate::terminal::Terminal;

/// How long a question about a printer's state may take.
const STATUS_TIMEOUT: Duration = Duration::from_secs(4);

/// `None` when this is no printer that can be reached.
pub fn address(language: &str, at: &str) -> Option<Address> {
    if language == "ipp" {
        return at
            .starts_with("ipp://")
            .then(|| Address::Ipp(at.to_owned()));
    }
    Some(Address::Slip {
        language: Language::named(language)?,
        port: Port::parse(at)?,
    })
}

/// The word a screen knows for a printer's complaint.
pub fn cause(reason: &Reason) -> String {
    match reason {
        Reason::PaperOut => "paper_out".to_owned(),
        Reason::CoverOpen => "cover_open".to_owned(),
        Reason::PaperLow => "paper_low".to_owned(),
        Reason::Jam => "jam".to_owned(),
        Reason::Offline => "offline".to_owned(),
        Reason::LowBattery => "low_battery".to_owned(),
        Reason::RibbonOut => "ribbon_out".to_owned(),
        Reason::Paused => "paused".to_owned(),
        Reason::Overheated => "overheated".to_owned(),
        Reason::NotUnderstood => "not_understood".to_owned(),
        Reason::WrongDocument => "wrong_document".to_owned(),
        Reason::GivenUp => "given_up".to_owned(),
        Reason::Other(word) => word.clone(),
    }
}

/// The word a screen knows for why nobody can tell what came out.
pub fn doubt(doubt: Doubt) -> &'static str {
    match doubt {
        Doubt::ConnectionBroke => "connection_broke",
        Doubt::FellSilent => "fell_silent",
        Doubt::TooSlow => "too_slow",
        Doubt::TalksNonsense => "talks_nonsense",
        Doubt::PaperEnded => "paper_ended",
        Doubt::GivenUp => "given_up_midway",
        Doubt::HandedOn => "handed_on",
        Doubt::CancelledThere => "cancelled_there",
        Doubt::BrokenOff => "broken_off",
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
    let at = request.address.trim();
    let fits = address(&request.language, at).is_some();
    let is_short = request.name.chars().count() <= 100 && at.chars().count() <= 200;
    if !fits || !is_short || request.name.trim().is_empty() {
        return Err(BoundaryError::new(Code::BadRequest)
            .with("address", at)
            .into());
    }
    let printer = Printer {
        printer_id: terminal.host.new_id(),
        name: request.name.trim().to_owned(),
        language: request.language.clone(),
        address: at.to_owned(),
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
    let at = address(&printer.language, &printer.address).ok_or(No::from(Code::NotFound))?;
    let status = devices::printing::status(&at, STATUS_TIMEOUT).map_err(Failure::from)?;
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
    let is_ticket = printer.language != "ipp";
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
pub fn settle(
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

/// Copies of an instrument that are on paper.
pub fn copies(desk: &Desk, instrument_id: &str) -> Result<u32, No> {
    Ok(printing::confirmed_copies(&desk.db, instrument_id)?)
}
