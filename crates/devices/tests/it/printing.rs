//! Printers as the officer meets them: ready, out of paper, torn off, hung.

use std::net::TcpListener;
use std::time::Duration;

use crate::support::{answering, answering_at_length, answering_in_turn, sending_on, ticket};
use devices::{
    printing::{
        Address, Continue, Job, Language, Outcome, Payload, Port, PrinterState, Progress, Raster,
        Reason, Settings, status,
    },
    testing::{IppPrinter, Place, SlipPrinter, pass},
};
use ipp::prelude::{
    DelimiterTag, IppAttribute, IppAttributeGroup, IppRequestResponse, IppValue, IppVersion,
    StatusCode,
};

const LONG: Duration = Duration::from_secs(30);

fn payload(raster: &Raster) -> Payload {
    Payload::Slip(raster.clone())
}

fn page(pdf: Vec<u8>) -> Payload {
    Payload::Pages { pdf, grey: None }
}

fn print(
    address: &Address,
    name: &str,
    payload: &Payload,
    progress: &mut dyn FnMut(Progress) -> Continue,
    deadline: Duration,
) -> Outcome {
    let job = Job {
        name,
        payload,
        settings: Settings::default(),
    };
    devices::printing::print(address, &job, progress, deadline)
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
fn a_printer_that_is_not_there_is_certain_failure() {
    let place = Place::keep().unwrap();
    let closed = place.address();
    let addresses = [
        Address::Slip {
            language: Language::EscPos,
            port: Port::Tcp(closed.to_string()),
        },
        Address::Slip {
            language: Language::Cpcl,
            port: Port::parse("/dev/usb/lp987").unwrap(),
        },
        Address::Ipp(format!("ipp://{closed}/ipp/print")),
        Address::Slip {
            language: Language::Tspl,
            port: Port::Tcp("no address".into()),
        },
        Address::Ipp("http://127.0.0.1/".into()),
        Address::Ipp("ipp://\0".into()),
    ];
    for address in addresses {
        let outcome = print(&address, "x", &payload(&ticket(900)), &mut go_on, LONG);
        assert!(
            matches!(outcome, Outcome::Failed { sent_bytes: 0, .. }),
            "{address:?} {outcome:?}"
        );
        assert!(status(&address, LONG).is_err());
    }
}

/// A router's page under the address of a printer is an answer, and no printer that is switched off.
#[test]
fn what_answers_a_page_without_being_a_printer_is_named() {
    let at = answering(2, "text/html", b"<html>login</html>".to_vec());
    let address = Address::Ipp(format!("ipp://{at}/ipp/print"));
    let outcome = print(&address, "page", &page(pdf()), &mut go_on, LONG);
    let expected = Outcome::Failed {
        reason: Reason::NotUnderstood,
        sent_bytes: 0,
    };
    assert_eq!(outcome, expected);
    assert_eq!(
        status(&address, LONG).unwrap().reasons,
        [Reason::NotUnderstood]
    );
}

#[test]
fn an_answer_without_an_end_is_not_read_to_its_end() {
    const MOST: usize = 256 << 20;
    let (at, told) = answering_at_length(MOST);
    let status = status(&Address::Ipp(format!("ipp://{at}/ipp/print")), LONG).unwrap();
    assert_eq!(status.reasons, [Reason::NotUnderstood]);
    let written = told.recv().unwrap();
    assert!(written < 64 << 20, "{written} bytes were taken");
}

#[test]
fn nobody_is_sent_on_from_a_printer_to_somewhere_else() {
    let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
    elsewhere.set_nonblocking(true).unwrap();
    let at = sending_on(&elsewhere.local_addr().unwrap().to_string());
    let status = status(&Address::Ipp(format!("ipp://{at}/ipp/print")), LONG).unwrap();
    assert_eq!(status.reasons, [Reason::NotUnderstood]);
    assert_eq!(
        elsewhere.accept().unwrap_err().kind(),
        std::io::ErrorKind::WouldBlock
    );
}

#[test]
fn a_printer_at_work_for_somebody_else_is_busy_and_took_nothing() {
    let ready = [
        ("printer-state", IppValue::Enum(3)),
        ("printer-is-accepting-jobs", IppValue::Boolean(true)),
        (
            "document-format-supported",
            IppValue::MimeMediaType("application/pdf".try_into().unwrap()),
        ),
    ];
    let mut group = IppAttributeGroup::new(DelimiterTag::PrinterAttributes);
    for (name, value) in ready {
        let attribute = IppAttribute::with_name(name, value).unwrap();
        group.attributes_mut().push(attribute);
    }
    let answer = |status| IppRequestResponse::new_response(IppVersion::v1_1(), status, 1).unwrap();
    let mut condition = answer(StatusCode::SuccessfulOk);
    condition.attributes_mut().groups_mut().push(group);
    let at = answering_in_turn(
        "application/ipp",
        vec![
            condition.to_bytes().to_vec(),
            answer(StatusCode::ServerErrorBusy).to_bytes().to_vec(),
        ],
    );
    let address = Address::Ipp(format!("ipp://{at}/ipp/print"));
    let outcome = print(&address, "page", &page(pdf()), &mut go_on, LONG);
    assert!(
        matches!(
            outcome,
            Outcome::Failed {
                reason: Reason::Busy,
                ..
            }
        ),
        "{outcome:?}"
    );
}

#[test]
fn a_page_is_refused_by_a_ticket_printer_before_anything_is_sent() {
    let printer = SlipPrinter::start().unwrap();
    let outcome = print(&printer.address(), "page", &page(pdf()), &mut go_on, LONG);
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
    let outcome = print(&printer.address(), &name, &page(pdf()), &mut go_on, LONG);
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
    let outcome = print(&printer.address(), "page", &page(pdf()), &mut load, LONG);
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
    let mut wait_once = |progress| {
        if let Progress::Waiting(reasons) = progress
            && reasons.contains(&Reason::PaperOut)
        {
            pass(LONG);
        }
        Continue::Yes
    };
    let outcome = print(
        &printer.address(),
        "page",
        &page(pdf()),
        &mut wait_once,
        LONG,
    );
    assert!(
        matches!(outcome, Outcome::Unknown { sent_bytes, .. } if sent_bytes == pdf().len() as u64),
        "{outcome:?}"
    );
    // The officer is asked now, so it must not come out later: it was taken back at the printer. The next one comes.
    printer.load_paper().unwrap();
    let next = std::iter::repeat_with(|| {
        print(&printer.address(), "page", &page(pdf()), &mut go_on, LONG)
    })
    .find(|next| {
        // It may still be putting the first one away.
        !matches!(
            next,
            Outcome::Failed {
                reason: Reason::Busy,
                ..
            }
        )
    });
    assert!(matches!(next, Some(Outcome::Confirmed { .. })), "{next:?}");
    assert!(printer.is_cancelled(1).unwrap() && !printer.is_cancelled(2).unwrap());
}

#[test]
fn a_page_that_the_printer_breaks_off_is_unknown() {
    let printer = IppPrinter::start().unwrap();
    printer.break_down().unwrap();
    let outcome = print(&printer.address(), "page", &page(pdf()), &mut go_on, LONG);
    assert!(matches!(outcome, Outcome::Unknown { .. }), "{outcome:?}");
    assert!(printer.documents().unwrap().is_empty());
}

#[test]
fn a_raster_reaches_an_ipp_printer_as_pwg_and_is_refused_where_it_is_not_taken() {
    let printer = IppPrinter::start_taking("image/pwg-raster").unwrap();
    let outcome = print(
        &printer.address(),
        "ticket",
        &payload(&ticket(900)),
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
    let refused = print(&printer.address(), "page", &page(pdf()), &mut go_on, LONG);
    assert!(
        matches!(refused, Outcome::Failed { sent_bytes: 0, .. }),
        "{refused:?}"
    );
    assert_eq!(printer.documents().unwrap().len(), 1);
}
