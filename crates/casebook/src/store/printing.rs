//! Printers, the copies of the journal and the spool.

use journal::body::PrintEvent;
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::failure::Failure;

/// A printer set up on this terminal.
#[derive(Debug, Clone)]
pub struct Printer {
    pub printer_id: String,
    pub name: String,
    pub language: String,
    pub address: String,
    pub width_dots: u32,
    pub darkness: i8,
    pub offset_dots: i32,
}

impl Printer {
    /// A4 pages; others print tickets.
    pub fn prints_pages(&self) -> bool {
        self.language == "ipp" || self.width_dots >= PAGE_DOTS
    }
}

/// From here on a printer of the ticket languages prints whole pages: A4 at 203 dots an inch.
pub const PAGE_DOTS: u32 = 1_600;

const PRINTER: &str =
    "SELECT printer_id, name, language, address, width_dots, darkness, offset_dots FROM printer";

/// A copy on its way to paper.
#[derive(Debug, Clone)]
pub struct SpoolJob {
    pub job_id: String,
    pub instrument_id: String,
    pub case_id: String,
    pub title: String,
    pub copy_no: u32,
    pub copy_name: String,
    pub is_reprint: bool,
    pub sheet_no: Option<String>,
    pub printer_id: String,
    pub printer_name: String,
    pub payload_sha256: String,
    pub state: String,
    pub cause: Option<String>,
    pub attempts: u32,
    pub next_attempt_at: Option<String>,
    pub queued_at: String,
}

pub fn printers(db: &Connection) -> Result<Vec<Printer>, Failure> {
    let mut statement = db.prepare_cached(&format!("{PRINTER} ORDER BY name"))?;
    let rows = statement
        .query_map([], printer_row)?
        .collect::<Result<_, _>>()?;
    Ok(rows)
}

fn printer_row(row: &Row<'_>) -> rusqlite::Result<Printer> {
    Ok(Printer {
        printer_id: row.get(0)?,
        name: row.get(1)?,
        language: row.get(2)?,
        address: row.get(3)?,
        width_dots: row.get(4)?,
        darkness: row.get(5)?,
        offset_dots: row.get(6)?,
    })
}

pub fn printer(db: &Connection, printer_id: &str) -> Result<Option<Printer>, Failure> {
    Ok(db
        .prepare_cached(&format!("{PRINTER} WHERE printer_id = ?1"))?
        .query_row([printer_id], printer_row)
        .optional()?)
}

pub fn add_printer(db: &Connection, printer: &Printer) -> Result<(), Failure> {
    db.prepare_cached(
        "INSERT INTO printer (printer_id, name, language, address, width_dots, darkness, offset_dots)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (address) DO UPDATE
         SET name = ?2, language = ?3, width_dots = ?5, darkness = ?6, offset_dots = ?7",
    )?
    .execute(params![
        printer.printer_id,
        printer.name,
        printer.language,
        printer.address,
        printer.width_dots,
        printer.darkness,
        printer.offset_dots
    ])?;
    Ok(())
}

/// Name and settings; where it is and what it speaks stays.
pub fn set_printer(db: &Connection, printer: &Printer) -> Result<(), Failure> {
    db.prepare_cached(
        "UPDATE printer SET name = ?2, width_dots = ?3, darkness = ?4, offset_dots = ?5 WHERE printer_id = ?1",
    )?
    .execute(params![
        printer.printer_id,
        printer.name,
        printer.width_dots,
        printer.darkness,
        printer.offset_dots
    ])?;
    Ok(())
}

pub fn remove_printer(db: &Connection, printer_id: &str) -> Result<(), Failure> {
    db.prepare_cached("DELETE FROM printer WHERE printer_id = ?1")?
        .execute([printer_id])?;
    // What waits for it is due now, and then told that it is gone.
    db.prepare_cached(
        "UPDATE spool SET next_attempt_at = NULL WHERE printer_id = ?1 AND state = 'waiting'",
    )?
    .execute([printer_id])?;
    Ok(())
}

/// The projection of every print entry: the copy with its newest state.
pub fn apply(db: &Connection, at: &str, body: &PrintEvent) -> Result<(), Failure> {
    db.prepare_cached(
        "INSERT INTO print_copy (job_id, instrument_id, copy_no, copy_name, is_reprint, printer, state, queued_at, sheet_no)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (job_id) DO UPDATE SET state = ?7",
    )?
    .execute(params![
        body.job_id,
        body.instrument_id,
        body.copy_no,
        body.copy_name,
        body.is_reprint,
        body.printer,
        body.state,
        at,
        body.sheet_no
    ])?;
    Ok(())
}

/// `(next copy number, this copy name was already on paper or may be)`.
pub fn next_copy(
    db: &Connection,
    instrument_id: &str,
    copy_name: &str,
) -> Result<(u32, bool), Failure> {
    Ok(db
        .prepare_cached(
            "SELECT coalesce(max(copy_no), 0) + 1,
                    coalesce(sum(copy_name = ?2 AND state IN ('queued', 'confirmed', 'unknown', 'spoiled')), 0) > 0
             FROM print_copy WHERE instrument_id = ?1",
        )?
        .query_row([instrument_id, copy_name], |row| Ok((row.get(0)?, row.get(1)?)))?)
}

pub fn confirmed_copies(db: &Connection, instrument_id: &str) -> Result<u32, Failure> {
    Ok(db
        .prepare_cached(
            "SELECT count(*) FROM print_copy WHERE instrument_id = ?1 AND state = 'confirmed'",
        )?
        .query_row([instrument_id], |row| row.get(0))?)
}

pub fn enqueue(
    db: &Connection,
    job_id: &str,
    printer_id: &str,
    payload_sha256: &str,
) -> Result<(), Failure> {
    db.prepare_cached("INSERT INTO spool (job_id, printer_id, payload_sha256, state) VALUES (?1, ?2, ?3, 'queued')")?
        .execute([job_id, printer_id, payload_sha256])?;
    Ok(())
}

const JOB: &str = "SELECT s.job_id, c.instrument_id, i.case_id, i.title, c.copy_no, c.copy_name, c.is_reprint,
    s.printer_id, c.printer, s.payload_sha256, s.state, s.cause, s.attempts, s.next_attempt_at, c.queued_at, c.sheet_no
    FROM spool s JOIN print_copy c ON c.job_id = s.job_id JOIN instrument i ON i.instrument_id = c.instrument_id";

fn job(row: &Row<'_>) -> rusqlite::Result<SpoolJob> {
    Ok(SpoolJob {
        job_id: row.get(0)?,
        instrument_id: row.get(1)?,
        case_id: row.get(2)?,
        title: row.get(3)?,
        copy_no: row.get(4)?,
        copy_name: row.get(5)?,
        is_reprint: row.get(6)?,
        printer_id: row.get(7)?,
        printer_name: row.get(8)?,
        payload_sha256: row.get(9)?,
        state: row.get(10)?,
        cause: row.get(11)?,
        attempts: row.get(12)?,
        next_attempt_at: row.get(13)?,
        queued_at: row.get(14)?,
        sheet_no: row.get(15)?,
    })
}

pub fn read_job(db: &Connection, job_id: &str) -> Result<Option<SpoolJob>, Failure> {
    Ok(db
        .prepare_cached(&format!("{JOB} WHERE s.job_id = ?1"))?
        .query_row([job_id], job)
        .optional()?)
}

/// Newest first, the last hundred.
pub fn jobs(db: &Connection) -> Result<Vec<SpoolJob>, Failure> {
    let mut statement = db.prepare_cached(&format!(
        "{JOB} ORDER BY c.queued_at DESC, s.job_id DESC LIMIT 100"
    ))?;
    let rows = statement.query_map([], job)?.collect::<Result<_, _>>()?;
    Ok(rows)
}

/// The oldest job that may be sent now to a printer that is not `busy`.
pub fn due(db: &Connection, now: &str, busy: &[String]) -> Result<Option<SpoolJob>, Failure> {
    let mut statement = db.prepare_cached(&format!(
        "{JOB} WHERE s.state IN ('queued', 'waiting') AND (s.next_attempt_at IS NULL OR s.next_attempt_at <= ?1)
         ORDER BY c.queued_at, s.job_id"
    ))?;
    let jobs = statement.query_map([now], job)?;
    for job in jobs {
        let job = job?;
        if !busy.contains(&job.printer_id) {
            return Ok(Some(job));
        }
    }
    Ok(None)
}

/// What changed about a job in the spool.
#[derive(Debug, Clone, Copy, Default)]
pub struct JobChange<'a> {
    pub state: &'a str,
    pub cause: Option<&'a str>,
    pub next_attempt_at: Option<&'a str>,
}

pub fn note_attempt(db: &Connection, job_id: &str) -> Result<(), Failure> {
    db.prepare_cached("UPDATE spool SET attempts = attempts + 1 WHERE job_id = ?1")?
        .execute([job_id])?;
    Ok(())
}

pub fn change(db: &Connection, job_id: &str, change: JobChange<'_>) -> Result<(), Failure> {
    db.prepare_cached(
        "UPDATE spool SET state = ?2, cause = ?3, next_attempt_at = ?4 WHERE job_id = ?1",
    )?
    .execute(params![
        job_id,
        change.state,
        change.cause,
        change.next_attempt_at
    ])?;
    Ok(())
}

/// What was being sent when the terminal stopped: nobody knows what reached paper.
pub fn interrupted(db: &Connection) -> Result<Vec<SpoolJob>, Failure> {
    let mut statement = db.prepare_cached(&format!(
        "{JOB} WHERE s.state = 'sending' ORDER BY s.job_id"
    ))?;
    let rows = statement.query_map([], job)?.collect::<Result<_, _>>()?;
    Ok(rows)
}
