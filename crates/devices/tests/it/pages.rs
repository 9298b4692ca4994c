//! Pages for IPP printers that take no PDF: sent as dots, received and unpacked again.

use std::{
    process::{Command, Stdio},
    time::Duration,
};

use devices::{
    printing::{
        Continue, GreyPage, GreyPages, Job, Outcome, Payload, Progress, Reason, Settings, print,
    },
    testing::{IppPrinter, pwg_pages, urf_pages},
};

const LONG: Duration = Duration::from_secs(60);

/// Pages with text-like rows, soft edges and white rows, different on each page.
struct Painted(usize);

impl GreyPages for Painted {
    fn count(&self) -> usize {
        self.0
    }

    fn page(&self, index: usize, dpi: u32) -> Option<GreyPage> {
        let (width, height) = (210 * dpi * 10 / 254, 297 * dpi * 10 / 254);
        let dots = (0..width * height).map(|at| {
            let (x, y) = (at % width, at / width);
            match (y % 60, x % 97) {
                (0..=29, _) | (_, 60..) => 255,
                (row, column) => ((row * 3 + column * 5 + index as u32 * 40) % 256) as u8,
            }
        });
        Some(GreyPage {
            width,
            height,
            dpi,
            dots: dots.collect(),
        })
    }
}

/// A page that promises more dots than it has.
struct Torn;

impl GreyPages for Torn {
    fn count(&self) -> usize {
        1
    }

    fn page(&self, _: usize, dpi: u32) -> Option<GreyPage> {
        Some(GreyPage {
            width: 100,
            height: 100,
            dpi,
            dots: vec![0; 99],
        })
    }
}

fn send(printer: &IppPrinter, grey: Option<Box<dyn GreyPages>>) -> Outcome {
    let payload = Payload::Pages {
        pdf: b"%PDF-1.4".to_vec(),
        grey,
    };
    let job = Job {
        name: "处罚决定书",
        payload: &payload,
        settings: Settings::default(),
    };
    print(
        &printer.address(),
        &job,
        &mut |_: Progress| Continue::Yes,
        LONG,
    )
}

fn dots_of(pages: &[GreyPage], painted: &Painted) {
    assert_eq!(pages.len(), painted.count());
    for (index, page) in pages.iter().enumerate() {
        assert!(
            [300, 600, 200, 203, 150].contains(&page.dpi),
            "{}",
            page.dpi
        );
        assert!(
            *page == painted.page(index, page.dpi).unwrap(),
            "page {index}"
        );
    }
}

#[test]
fn pages_reach_a_printer_of_pwg_raster_dot_for_dot() {
    let printer = IppPrinter::start_taking("image/pwg-raster").unwrap();
    let outcome = send(&printer, Some(Box::new(Painted(3))));
    assert!(matches!(outcome, Outcome::Confirmed { .. }), "{outcome:?}");
    let received = printer.documents().unwrap();
    dots_of(&pwg_pages(&received[0]).unwrap(), &Painted(3));
    assert!(pwg_pages(&received[0][..received[0].len() - 9]).is_err());
}

#[test]
fn pages_reach_a_printer_of_urf_dot_for_dot() {
    let printer = IppPrinter::start_taking("image/urf").unwrap();
    let outcome = send(&printer, Some(Box::new(Painted(2))));
    assert!(matches!(outcome, Outcome::Confirmed { .. }), "{outcome:?}");
    let received = printer.documents().unwrap();
    dots_of(&urf_pages(&received[0]).unwrap(), &Painted(2));
}

/// Another program than ours reads the pages.
#[test]
fn the_print_system_reads_our_raster() {
    let printer = IppPrinter::start_taking("image/pwg-raster").unwrap();
    send(&printer, Some(Box::new(Painted(2))));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("page.pwg");
    std::fs::write(&file, &printer.documents().unwrap()[0]).unwrap();
    let read = Command::new("ippeveps")
        .arg(&file)
        .env("CONTENT_TYPE", "image/pwg-raster")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let script = String::from_utf8_lossy(&read.stdout);
    assert!(
        read.status.success(),
        "{}",
        String::from_utf8_lossy(&read.stderr)
    );
    assert!(script.starts_with("%!PS"), "{script:.200}");
    assert_eq!(script.matches("%%Page:").count(), 2);
}

#[test]
fn a_printer_that_takes_neither_pdf_nor_our_dots_gets_nothing() {
    let printer = IppPrinter::start_taking("image/pwg-raster").unwrap();
    let wrong = Outcome::Failed {
        reason: Reason::WrongDocument,
        sent_bytes: 0,
    };
    assert_eq!(send(&printer, None), wrong);
    assert_eq!(send(&printer, Some(Box::new(Torn))), wrong);
    assert_eq!(send(&printer, Some(Box::new(Painted(0)))), wrong);
    let other = IppPrinter::start_taking("application/postscript").unwrap();
    assert_eq!(send(&other, Some(Box::new(Painted(1)))), wrong);
    assert!(printer.documents().unwrap().is_empty());
    assert!(other.documents().unwrap().is_empty());
}
