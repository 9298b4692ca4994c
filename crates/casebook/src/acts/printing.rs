//! Printing: a copy is counted only when the printer says so; what nobody knows is asked of the officer.

use contract::{BoundaryError, Code};
use devices::printing::{Doubt, Reason};
use journal::Kind;
use journal::body::PrintEvent;
use law::Refusal;
use paper::StampKind;

use crate::acts::decisions;
use crate::acts::drafting::read_instrument;
use crate::acts::issuing::{TICKET_DOTS, pages_again, ticket_again};
use crate::acts::printers;
use crate::acts::sealing;
use crate::contract::{AnswerPrint, PrintInstrument, PrintJobId, PrintJobRow, PrintQueue};
use crate::desk::{Act, Desk};
use crate::failure::{Failure, No};
use crate::store::instrument::Instrument;
use crate::store::objects;
use crate::store::printing::{self, JobChange, Printer, SpoolJob};
use crate::terminal::Terminal;

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
        Reason::Busy => "busy".to_owned(),
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

fn row(job: SpoolJob) -> PrintJobRow {
    PrintJobRow {
        job_id: job.job_id,
        instrument_id: job.instrument_id,
        title: job.title,
        printer_name: job.printer_name,
        copy_no: job.copy_no,
        copy_name: job.copy_name,
        is_reprint: job.is_reprint,
        sheet_no: job.sheet_no,
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
    let sheet_no =
        sealing::sheet_for_copy(desk, &instrument, &printer, request.sheet_no.as_deref())?;
    // The sealed sheet is another one than the sheet that waited for its seal, so it is no reprint of that.
    let copy_name = match sealing::is_sealed_since(desk, &instrument)? {
        true => format!("{}（盖章件）", request.copy_name),
        false => request.copy_name.clone(),
    };
    let (copy_no, is_reprint) =
        printing::next_copy(&desk.db, &instrument.instrument_id, &copy_name)?;
    let now = host.now();
    let kind = kind_of(is_reprint, copy_no, &crate::text::time(now));
    let paper = sheet_for(terminal, desk, &instrument, &printer, kind)?;
    let (sha256, fresh) = match paper {
        Paper::Kept(sha256) => (sha256, None),
        Paper::Fresh { bytes, media_type } => (
            journal::Hash::of(&bytes).to_string(),
            Some((bytes, media_type)),
        ),
    };
    let body = PrintEvent {
        v: 1,
        job_id: host.new_id(),
        instrument_id: instrument.instrument_id.clone(),
        copy_no,
        copy_name,
        is_reprint,
        printer: printer.name.clone(),
        sha256: sha256.clone(),
        state: "queued".to_owned(),
        cause: None,
        sheet_no,
    };
    let act = Act {
        kind: Kind::PrintQueued,
        case_id: Some(&instrument.case_id),
        event_at: now,
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

/// How a copy is marked.
pub fn kind_of(is_reprint: bool, copy_no: u32, at: &str) -> StampKind {
    match is_reprint {
        true => StampKind::Reprint {
            copy_no,
            at: at.to_owned(),
        },
        false => StampKind::Final,
    }
}

enum Paper {
    /// The bytes kept with the issued instrument.
    Kept(String),
    Fresh {
        bytes: Vec<u8>,
        media_type: &'static str,
    },
}

/// What goes to this printer: the kept document where it fits, else the same sheet set for the printer's paper.
fn sheet_for(
    terminal: &Terminal,
    desk: &Desk,
    instrument: &Instrument,
    printer: &Printer,
    kind: StampKind,
) -> Result<Paper, No> {
    let missing = || Failure::Object("the issued document is not on this terminal".to_owned());
    let png = |raster| Paper::Fresh {
        bytes: printers::png(&raster),
        media_type: "image/png",
    };
    // What was decided, and the seal that came, since it was issued is printed with it; then the kept bytes do not say everything.
    let is_first = kind == StampKind::Final
        && !decisions::is_decided(desk, instrument)?
        && !sealing::is_sealed_since(desk, instrument)?;
    if printer.language == "ipp" {
        if is_first {
            return Ok(Paper::Kept(
                instrument.pdf_sha256.clone().ok_or_else(missing)?,
            ));
        }
        let pages = pages_again(terminal, desk, instrument, kind)?;
        return Ok(Paper::Fresh {
            bytes: pages
                .pdf()
                .map_err(|fault| Failure::Paper(fault.to_string()))?,
            media_type: "application/pdf",
        });
    }
    if printer.prints_pages() {
        let pages = pages_again(terminal, desk, instrument, kind)?;
        return Ok(png(printers::pages_as_slip(&pages)));
    }
    if is_first && printer.width_dots == TICKET_DOTS {
        return Ok(Paper::Kept(
            instrument.ticket_sha256.clone().ok_or_else(missing)?,
        ));
    }
    let ticket = ticket_again(terminal, desk, instrument, kind, printer.width_dots)?;
    Ok(png(printers::raster(ticket)))
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
        sheet_no: job.sheet_no.clone(),
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
    let is_open = matches!(job.state.as_str(), "queued" | "waiting");
    if !is_open || !terminal.spooler.take_back(&job.job_id) {
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
        "incomplete" => ("spoiled", "officer_saw_a_spoiled_sheet"),
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
