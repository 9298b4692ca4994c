//! Printers as the officer meets them: ready, out of paper, torn off, hung.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice
)]

use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

use devices::{
    DeviceFailure,
    escpos::Raster,
    printing::{
        Address, Continue, Outcome, Payload, PrinterState, Progress, Reason, print, status,
    },
    testing::{IppPrinter, TcpPrinter},
};

const SOON: Duration = Duration::from_secs(3);
const LONG: Duration = Duration::from_secs(30);

/// A ticket with text-like rows, blank rows between them and bytes that look like real-time commands.
fn ticket() -> Raster {
    let (width, height) = (576, 900);
    let stride = width / 8;
    let rows = (0..stride * height)
        .map(|at| match (at / stride % 30, at % stride) {
            (0..=6, _) => 0,
            (7, 0) => 0x10,
            (7, 1) => 0x0c,
            (7, 2) => 0x02,
            (row, column) => (row * 37 + column * 11) as u8 | 0x40,
        })
        .collect();
    Raster {
        width: width as u32,
        height: height as u32,
        rows,
    }
}

fn payload(raster: &Raster) -> Payload {
    Payload::Raster {
        width: raster.width,
        height: raster.height,
        rows: raster.rows.clone(),
    }
}

fn go_on(_: Progress) -> Continue {
    Continue::Yes
}

fn pdf() -> Vec<u8> {
    let mut pdf = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n".to_vec();
    pdf.resize(300_000, b'%');
    pdf.extend_from_slice(b"\ntrailer<</Root 1 0 R>>\n%%EOF\n");
    pdf
}

#[test]
fn a_ticket_comes_out_dot_for_dot_and_is_confirmed() {
    let printer = TcpPrinter::start().unwrap();
    let ticket = ticket();
    let mut sent = Vec::new();
    let mut note = |progress| {
        if let Progress::Sent { bytes } = progress {
            sent.push(bytes);
        }
        Continue::Yes
    };
    let outcome = print(
        &printer.address(),
        "现场笔录",
        &payload(&ticket),
        &mut note,
        LONG,
    );
    assert_eq!(outcome, Outcome::Confirmed { impressions: None });
    assert_eq!(printer.tickets(), [ticket]);
    assert_eq!(printer.complaint(), None);
    assert!(sent.is_sorted() && !sent.is_empty());
}

#[test]
fn a_ticket_waits_for_paper_and_comes_out_once() {
    let printer = TcpPrinter::start().unwrap();
    printer.take_paper_out();
    assert_eq!(
        status(&printer.address(), SOON).unwrap().reasons,
        [Reason::PaperOut]
    );
    let mut waited_for = Vec::new();
    let mut load = |progress| {
        if let Progress::Waiting(reasons) = progress {
            printer.load_paper();
            waited_for.extend(reasons);
        }
        Continue::Yes
    };
    let outcome = print(
        &printer.address(),
        "ticket",
        &payload(&ticket()),
        &mut load,
        LONG,
    );
    assert_eq!(outcome, Outcome::Confirmed { impressions: None });
    assert_eq!(waited_for, [Reason::PaperOut]);
    assert_eq!(printer.tickets(), [ticket()]);
}

#[test]
fn paper_that_ends_inside_a_ticket_is_loaded_and_the_ticket_is_finished() {
    let printer = TcpPrinter::start().unwrap();
    printer.run_out_after_bands(3);
    let mut rows_when_stopped = 0;
    let mut load = |progress| {
        if let Progress::Waiting(reasons) = progress
            && reasons.contains(&Reason::PaperOut)
        {
            rows_when_stopped = printer.unfinished_rows();
            printer.load_paper();
        }
        Continue::Yes
    };
    let outcome = print(
        &printer.address(),
        "ticket",
        &payload(&ticket()),
        &mut load,
        LONG,
    );
    assert_eq!(outcome, Outcome::Confirmed { impressions: None });
    assert!((1..900).contains(&rows_when_stopped), "{rows_when_stopped}");
    assert_eq!(printer.tickets(), [ticket()]);
}

#[test]
fn giving_up_before_the_first_byte_is_certain_failure() {
    let printer = TcpPrinter::start().unwrap();
    printer.set_cover_open(true);
    let outcome = print(
        &printer.address(),
        "ticket",
        &payload(&ticket()),
        &mut |_| Continue::Stop,
        LONG,
    );
    assert_eq!(
        outcome,
        Outcome::Failed {
            reason: Reason::CoverOpen,
            sent_bytes: 0
        }
    );
    printer.set_cover_open(false);
    assert_eq!(
        print(
            &printer.address(),
            "ticket",
            &payload(&ticket()),
            &mut go_on,
            LONG
        ),
        Outcome::Confirmed { impressions: None }
    );
    assert_eq!(printer.tickets().len(), 1);
}

#[test]
fn a_printer_without_paper_until_the_deadline_is_certain_failure() {
    let printer = TcpPrinter::start().unwrap();
    printer.take_paper_out();
    let outcome = print(
        &printer.address(),
        "ticket",
        &payload(&ticket()),
        &mut go_on,
        Duration::from_millis(300),
    );
    assert_eq!(
        outcome,
        Outcome::Failed {
            reason: Reason::PaperOut,
            sent_bytes: 0
        }
    );
}

#[test]
fn a_connection_that_breaks_inside_the_ticket_is_unknown() {
    let printer = TcpPrinter::start().unwrap();
    printer.close_after_bytes(20_000);
    let outcome = print(
        &printer.address(),
        "ticket",
        &payload(&ticket()),
        &mut go_on,
        LONG,
    );
    let Outcome::Unknown { sent_bytes, .. } = outcome else {
        panic!("{outcome:?}")
    };
    assert!(sent_bytes > 0);
    assert!(printer.tickets().is_empty());
}

#[test]
fn a_printer_that_hangs_is_unknown_within_the_deadline() {
    for after_bytes in [12, 5_000, 40_000] {
        let printer = TcpPrinter::start().unwrap();
        printer.hang_after_bytes(after_bytes);
        let began = Instant::now();
        let outcome = print(
            &printer.address(),
            "ticket",
            &payload(&ticket()),
            &mut go_on,
            Duration::from_millis(400),
        );
        assert!(
            matches!(outcome, Outcome::Unknown { .. }),
            "{after_bytes}: {outcome:?}"
        );
        assert!(
            began.elapsed() < Duration::from_secs(4),
            "{:?}",
            began.elapsed()
        );
    }
}

#[test]
fn giving_up_while_the_printer_waits_is_unknown() {
    let printer = TcpPrinter::start().unwrap();
    printer.run_out_after_bands(1);
    let mut stop = |progress| match progress {
        Progress::Waiting(_) => Continue::Stop,
        Progress::Sent { .. } => Continue::Yes,
    };
    let outcome = print(
        &printer.address(),
        "ticket",
        &payload(&ticket()),
        &mut stop,
        LONG,
    );
    assert!(matches!(outcome, Outcome::Unknown { .. }), "{outcome:?}");
}

#[test]
fn a_mute_printer_prints_and_the_officer_is_asked() {
    let printer = TcpPrinter::start().unwrap();
    printer.fall_mute();
    let outcome = print(
        &printer.address(),
        "ticket",
        &payload(&ticket()),
        &mut go_on,
        SOON,
    );
    assert!(matches!(outcome, Outcome::Unknown { .. }), "{outcome:?}");
    assert_eq!(printer.wait_for_tickets(1, LONG), [ticket()]);
    assert!(matches!(
        status(&printer.address(), Duration::from_millis(200)),
        Err(DeviceFailure::AskPrinter { .. })
    ));
}

#[test]
fn a_printer_that_is_not_there_is_certain_failure() {
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let addresses = [
        Address::EscPosTcp(format!("127.0.0.1:{port}")),
        Address::Ipp(format!("ipp://127.0.0.1:{port}/ipp/print")),
        Address::EscPosTcp("no address".into()),
        Address::Ipp("http://127.0.0.1/".into()),
        Address::Ipp("ipp://\0".into()),
    ];
    for address in addresses {
        let outcome = print(&address, "x", &payload(&ticket()), &mut go_on, SOON);
        assert!(
            matches!(outcome, Outcome::Failed { sent_bytes: 0, .. }),
            "{address:?} {outcome:?}"
        );
        assert!(status(&address, SOON).is_err());
    }
}

#[test]
fn a_ready_printer_says_so_and_low_paper_does_not_stop_it() {
    let printer = TcpPrinter::start().unwrap();
    let ready = status(&printer.address(), SOON).unwrap();
    assert_eq!((ready.state, ready.reasons), (PrinterState::Ready, vec![]));
    printer.set_paper_low(true);
    let low = status(&printer.address(), SOON).unwrap();
    assert_eq!(
        (low.state, low.reasons),
        (PrinterState::Ready, vec![Reason::PaperLow])
    );
    assert_eq!(
        print(
            &printer.address(),
            "x",
            &payload(&ticket()),
            &mut go_on,
            LONG
        ),
        Outcome::Confirmed { impressions: None }
    );
}

#[test]
fn a_page_is_refused_by_a_ticket_printer_before_anything_is_sent() {
    let printer = TcpPrinter::start().unwrap();
    let outcome = print(
        &printer.address(),
        "page",
        &Payload::Pdf(pdf()),
        &mut go_on,
        LONG,
    );
    assert!(
        matches!(outcome, Outcome::Failed { sent_bytes: 0, .. }),
        "{outcome:?}"
    );
}

#[test]
fn a_page_reaches_an_ipp_printer_unchanged_and_is_confirmed() {
    let printer = IppPrinter::start().unwrap();
    let ready = status(&printer.address(), LONG).unwrap();
    assert_eq!((ready.state, ready.reasons), (PrinterState::Ready, vec![]));
    assert!(ready.model.is_some());
    let name = "现场检查记录\n".repeat(60);
    let outcome = print(
        &printer.address(),
        &name,
        &Payload::Pdf(pdf()),
        &mut go_on,
        LONG,
    );
    assert_eq!(
        outcome,
        Outcome::Confirmed {
            impressions: Some(1)
        }
    );
    assert_eq!(printer.documents().unwrap(), [pdf()]);
}

#[test]
fn an_ipp_printer_without_paper_waits_and_prints_once() {
    let printer = IppPrinter::start().unwrap();
    printer.take_paper_out().unwrap();
    let mut waited = false;
    let mut load = |progress| {
        if let Progress::Waiting(reasons) = progress
            && reasons.contains(&Reason::PaperOut)
            && !waited
        {
            waited = true;
            assert!(printer.documents().unwrap().is_empty());
            printer.load_paper().unwrap();
        }
        Continue::Yes
    };
    let outcome = print(
        &printer.address(),
        "page",
        &Payload::Pdf(pdf()),
        &mut load,
        LONG,
    );
    assert_eq!(
        outcome,
        Outcome::Confirmed {
            impressions: Some(1)
        }
    );
    assert!(waited);
    assert_eq!(printer.documents().unwrap(), [pdf()]);
}

#[test]
fn a_page_that_is_not_confirmed_in_time_is_unknown() {
    let printer = IppPrinter::start().unwrap();
    printer.take_paper_out().unwrap();
    let outcome = print(
        &printer.address(),
        "page",
        &Payload::Pdf(pdf()),
        &mut go_on,
        Duration::from_millis(1_500),
    );
    assert!(
        matches!(outcome, Outcome::Unknown { sent_bytes, .. } if sent_bytes == pdf().len() as u64),
        "{outcome:?}"
    );
}

#[test]
fn a_page_that_the_printer_breaks_off_is_unknown() {
    let printer = IppPrinter::start().unwrap();
    printer.break_down().unwrap();
    let outcome = print(
        &printer.address(),
        "page",
        &Payload::Pdf(pdf()),
        &mut go_on,
        LONG,
    );
    assert!(matches!(outcome, Outcome::Unknown { .. }), "{outcome:?}");
    assert!(printer.documents().unwrap().is_empty());
}

#[test]
fn a_raster_reaches_an_ipp_printer_as_pwg_and_is_refused_where_it_is_not_taken() {
    let printer = IppPrinter::start_taking("image/pwg-raster").unwrap();
    let outcome = print(
        &printer.address(),
        "ticket",
        &payload(&ticket()),
        &mut go_on,
        LONG,
    );
    assert_eq!(
        outcome,
        Outcome::Confirmed {
            impressions: Some(1)
        }
    );
    let documents = printer.documents().unwrap();
    assert!(documents[0].starts_with(b"RaS2PwgRaster\0"));
    let refused = print(
        &printer.address(),
        "page",
        &Payload::Pdf(pdf()),
        &mut go_on,
        LONG,
    );
    assert!(
        matches!(refused, Outcome::Failed { sent_bytes: 0, .. }),
        "{refused:?}"
    );
    assert_eq!(printer.documents().unwrap().len(), 1);
}
