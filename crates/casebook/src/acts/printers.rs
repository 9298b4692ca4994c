//! Printers: which there are, how they are set and how they are. None of it is an event of the record.

use std::time::Duration;

use contract::{BoundaryError, Code};
use devices::printing::{
    Address, Continue, Darkness, GreyPage, GreyPages, Job, Language, Outcome, Payload, Places,
    Port, PrinterState, Progress, Raster, Reason, Settings, test_pattern,
};
use paper::{Layout, NO_PICTURES, Pictures, Sheet, Stamp, StampKind};
use serde_json::json;

use crate::acts::printing::{cause, doubt};
use crate::contract::{
    AddPrinter, FoundPrinter, FoundPrinters, PrinterId, PrinterRow, PrinterRows, PrinterStatus,
    SetPrinter, TestPage,
};
use crate::desk::Desk;
use crate::failure::{Failure, No};
use crate::store::printing::{self, PAGE_DOTS, Printer};
use crate::terminal::Terminal;

/// How long a question about a printer's state may take.
const STATUS_TIMEOUT: Duration = Duration::from_secs(4);
/// Announcements on the network come within this time or not at all.
const LOOK_FOR: Duration = Duration::from_secs(3);
/// An officer stands beside the printer and waits.
const TEST_DEADLINE: Duration = Duration::from_secs(45);
/// Dots an inch of every printer that is no page printer.
pub const SLIP_DPI: f32 = 203.0;
/// Ten millimetres.
const MAX_OFFSET: i32 = 80;

const TEST_SHEET: &str = include_str!("test_sheet.txt");
const TEST_PAGE: &str = "@page a4\n@margins 20 20 20 20\n@text 12 20 sans\n";
const TEST_TICKET: &str = "@page ticket\n";

/// `None` when this is no printer that can be reached.
pub fn address(language: &str, at: &str) -> Option<Address> {
    if language == "ipp" {
        let host = at.strip_prefix("ipp://")?;
        let is_plain = at.is_ascii() && !at.contains(char::is_whitespace);
        return (is_plain && !host.is_empty()).then(|| Address::Ipp(at.to_owned()));
    }
    Some(Address::Slip {
        language: Language::named(language)?,
        port: Port::parse(at)?,
    })
}

pub fn settings(printer: &Printer) -> Settings {
    Settings {
        width_dots: printer.width_dots,
        offset_dots: printer.offset_dots,
        darkness: Darkness::new(printer.darkness),
    }
}

pub fn printers(desk: &Desk) -> Result<PrinterRows, No> {
    let printers = printing::printers(&desk.db)?
        .into_iter()
        .map(|printer| PrinterRow {
            prints_pages: printer.prints_pages(),
            printer_id: printer.printer_id,
            name: printer.name,
            language: printer.language,
            address: printer.address,
            width_dots: printer.width_dots,
            darkness: printer.darkness,
            offset_dots: printer.offset_dots,
        })
        .collect();
    Ok(PrinterRows { printers })
}

/// 58 mm, 80 mm and A4 at 203 dots an inch; what is between is taken as the narrower.
fn width(dots: u32) -> u32 {
    match dots {
        PAGE_DOTS.. => 1_680,
        576..PAGE_DOTS => 576,
        0..576 => 384,
    }
}

fn name(text: &str) -> Option<String> {
    let name = text.trim();
    (!name.is_empty() && name.chars().count() <= 100).then(|| name.to_owned())
}

pub fn add_printer(
    terminal: &Terminal,
    desk: &Desk,
    request: &AddPrinter,
) -> Result<PrinterRows, No> {
    let at = request.address.trim();
    let fits = at.len() <= 200 && address(&request.language, at).is_some();
    let (true, Some(name)) = (fits, name(&request.name)) else {
        return Err(BoundaryError::new(Code::BadRequest)
            .with("address", at)
            .into());
    };
    let printer = Printer {
        printer_id: terminal.host.new_id(),
        name,
        language: request.language.clone(),
        address: at.to_owned(),
        width_dots: width(request.width_dots),
        darkness: Darkness::new(request.darkness).step(),
        offset_dots: request.offset_dots.clamp(-MAX_OFFSET, MAX_OFFSET),
    };
    printing::add_printer(&desk.db, &printer)?;
    printers(desk)
}

pub fn set_printer(desk: &Desk, request: &SetPrinter) -> Result<PrinterRows, No> {
    let printer = read(desk, &request.printer_id)?;
    let name = name(&request.name).ok_or_else(|| {
        No::from(BoundaryError::new(Code::BadRequest).with("name", request.name.as_str()))
    })?;
    let printer = Printer {
        name,
        width_dots: width(request.width_dots),
        darkness: Darkness::new(request.darkness).step(),
        offset_dots: request.offset_dots.clamp(-MAX_OFFSET, MAX_OFFSET),
        ..printer
    };
    printing::set_printer(&desk.db, &printer)?;
    printers(desk)
}

pub fn remove_printer(
    terminal: &Terminal,
    desk: &Desk,
    request: &PrinterId,
) -> Result<PrinterRows, No> {
    printing::remove_printer(&desk.db, &request.printer_id)?;
    terminal.spooler.wake();
    printers(desk)
}

fn read(desk: &Desk, printer_id: &str) -> Result<Printer, No> {
    printing::printer(&desk.db, printer_id)?.ok_or_else(|| {
        BoundaryError::new(Code::NotFound)
            .with("printer_id", printer_id)
            .into()
    })
}

fn reach(terminal: &Terminal, printer_id: &str) -> Result<(Printer, Address), No> {
    let mut at_desk = terminal.at_desk();
    let printer = read(at_desk.desk()?, printer_id)?;
    let at = address(&printer.language, &printer.address).ok_or(No::from(Code::NotFound))?;
    Ok((printer, at))
}

/// A printer at work is not asked a second time: many take one connection only.
pub fn status(terminal: &Terminal, request: &PrinterId) -> Result<PrinterStatus, No> {
    if let Some(reasons) = terminal.spooler.complaints_of(&request.printer_id) {
        return Ok(PrinterStatus {
            state: if reasons.is_empty() {
                "busy"
            } else {
                "stopped"
            }
            .to_owned(),
            reasons,
            model: None,
        });
    }
    let (_, at) = reach(terminal, &request.printer_id)?;
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

/// Looks on the network, at the print server and at what is plugged in.
pub fn find(terminal: &Terminal) -> Result<FoundPrinters, No> {
    // Only officers who are signed in look around.
    terminal.at_desk().desk()?;
    let found = devices::printing::discover(&Places::default(), LOOK_FOR);
    let printers = found.into_iter().map(|printer| {
        let (language, address) = match printer.address {
            Address::Ipp(uri) => ("ipp", uri),
            Address::Slip { language, port } => (language.name(), port.to_string()),
        };
        FoundPrinter {
            name: printer.name,
            language: language.to_owned(),
            address,
            model: printer.model,
        }
    });
    Ok(FoundPrinters {
        printers: printers.collect(),
    })
}

/// Prints a sheet with ruler, greys, code and Chinese, and tells what became of it.
pub fn test_page(terminal: &Terminal, request: &PrinterId) -> Result<TestPage, No> {
    let (printer, at) = reach(terminal, &request.printer_id)?;
    let Some(occupied) = terminal.spooler.occupy(&printer.printer_id) else {
        return Err(Code::PrinterBusy.into());
    };
    let payload = test_payload(terminal, &printer)?;
    let job = Job {
        name: "打印机测试页",
        payload: &payload,
        settings: settings(&printer),
    };
    let mut complaint: Option<Reason> = None;
    let mut progress = |progress: Progress| {
        if let Progress::Waiting(reasons) = progress {
            occupied.complain(reasons.iter().map(cause).collect());
            complaint = reasons.into_iter().find(Reason::stops_printing);
        }
        match terminal.spooler.is_stopped() {
            true => Continue::Stop,
            false => Continue::Yes,
        }
    };
    let outcome = devices::printing::print(&at, &job, &mut progress, TEST_DEADLINE);
    let (state, why) = match outcome {
        Outcome::Confirmed { .. } => ("confirmed", None),
        Outcome::Failed { reason, .. } => ("failed", Some(cause(&reason))),
        Outcome::Unknown { doubt: why, .. } => {
            let told = complaint.as_ref().map(cause);
            (
                "unknown",
                Some(told.unwrap_or_else(|| doubt(why).to_owned())),
            )
        }
    };
    Ok(TestPage {
        state: state.to_owned(),
        cause: why,
    })
}

fn test_payload(terminal: &Terminal, printer: &Printer) -> Result<Payload, No> {
    let is_page = printer.prints_pages();
    let setup = if is_page { TEST_PAGE } else { TEST_TICKET };
    let layout = Layout::parse(&format!("{setup}{TEST_SHEET}"))
        .map_err(|fault| Failure::Paper(fault.to_string()))?;
    let values = json!({
        "printer": printer.name,
        "address": printer.address,
        "at": crate::text::time(terminal.host.now()),
        "pattern": is_page.then_some(["pattern"]),
    });
    let mut pictures = Pictures::new();
    if is_page {
        let pattern = png(&test_pattern(1_200));
        let picture =
            paper::Picture::read(&pattern).map_err(|fault| Failure::Paper(fault.to_string()))?;
        pictures.insert("pattern".to_owned(), picture);
    }
    let sheet = Sheet {
        layout: &layout,
        values: &values,
        signatures: &[],
        pictures: if is_page { &pictures } else { &NO_PICTURES },
        stamp: Stamp {
            title: "打印机测试页".to_owned(),
            document_id: "test".to_owned(),
            number: None,
            // Plain letters: some scanners guess another script.
            qr: Some("SANXIANG TEST PAGE".to_owned()),
            created_at: crate::text::time(terminal.host.now()),
            kind: StampKind::Final,
            seal: paper::Seal::ByHand,
        },
    };
    let fonts = terminal.fonts()?;
    let not_painted = |fault: paper::ComposeFault| No::from(Failure::Paper(fault.to_string()));
    if !is_page {
        let words = paper::ticket(fonts, &sheet, printer.width_dots).map_err(not_painted)?;
        let pattern = test_pattern(words.width);
        let words = raster(words);
        return Ok(Payload::Slip(stacked([pattern, words])));
    }
    let document = paper::compose(fonts, &sheet).map_err(not_painted)?;
    if printer.language != "ipp" {
        return Ok(Payload::Slip(pages_as_slip(&document)));
    }
    let pdf = document
        .pdf()
        .map_err(|fault| Failure::Paper(fault.to_string()))?;
    Ok(Payload::Pages {
        pdf,
        grey: Some(Box::new(Repainted(document))),
    })
}

/// The pages of a document, painted when a printer takes no PDF.
pub struct Repainted(pub paper::Document);

impl GreyPages for Repainted {
    fn count(&self) -> usize {
        self.0.pages()
    }

    fn page(&self, index: usize, dpi: u32) -> Option<GreyPage> {
        let grey = self.0.grey(index, dpi);
        (grey.width > 0).then_some(GreyPage {
            width: grey.width,
            height: grey.height,
            dpi,
            dots: grey.dots,
        })
    }
}

/// All pages below each other, for printers of A4 that know rasters only.
pub fn pages_as_slip(document: &paper::Document) -> Raster {
    let pages = (0..document.pages()).map(|page| raster(document.bitmap(page, SLIP_DPI)));
    stacked(pages)
}

pub fn raster(bitmap: paper::Bitmap) -> Raster {
    Raster {
        width: bitmap.width,
        height: bitmap.height,
        rows: bitmap.rows,
    }
}

/// Pictures of one width below each other.
fn stacked(parts: impl IntoIterator<Item = Raster>) -> Raster {
    let mut whole = Raster {
        width: 0,
        height: 0,
        rows: Vec::new(),
    };
    for part in parts {
        whole.width = part.width;
        whole.height += part.height;
        whole.rows.extend_from_slice(&part.rows);
    }
    whole
}

pub fn png(raster: &Raster) -> Vec<u8> {
    paper::Bitmap {
        width: raster.width,
        height: raster.height,
        rows: raster.rows.clone(),
    }
    .to_png()
}
