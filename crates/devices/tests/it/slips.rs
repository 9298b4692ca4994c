//! Ticket printers of every language on a socket and on a serial line: ready, out of paper, torn off, hung, lying.

use std::time::{Duration, Instant};

use crate::support::ticket;
use devices::{
    DeviceFailure,
    printing::{
        Continue, Darkness, Doubt, Job, Language, Outcome, Payload, PrinterState, Progress, Reason,
        Settings, print, status, test_pattern,
    },
    testing::{SlipPrinter, pass},
};

/// Long enough for several labels.
const TICKET_ROWS: usize = 2_900;
const LONG: Duration = Duration::from_secs(30);
const CONFIRMED: Outcome = Outcome::Confirmed { impressions: None };

/// Every language on both kinds of line, all at once: what they do is mostly waiting.
fn every(check: impl Fn(&str, Language, SlipPrinter) + Sync) {
    let check = &check;
    std::thread::scope(|all| {
        for language in Language::ALL {
            let name = language.name();
            all.spawn(move || {
                let socket = SlipPrinter::start_speaking(language).unwrap();
                check(&format!("{name} on a socket"), language, socket);
            });
            all.spawn(move || {
                let serial = SlipPrinter::start_serial(language).unwrap();
                check(&format!("{name} on a serial line"), language, serial);
            });
        }
    });
}

fn send(
    printer: &SlipPrinter,
    progress: &mut dyn FnMut(Progress) -> Continue,
    deadline: Duration,
) -> Outcome {
    let payload = Payload::Slip(ticket(TICKET_ROWS));
    let job = Job {
        name: "现场笔录",
        payload: &payload,
        settings: Settings::default(),
    };
    print(&printer.address(), &job, progress, deadline)
}

fn go_on(_: Progress) -> Continue {
    Continue::Yes
}

/// The deadline is over once the printer was waited for.
fn wait_once(progress: Progress) -> Continue {
    if let Progress::Waiting(_) = progress {
        pass(LONG);
    }
    Continue::Yes
}

#[test]
fn a_ticket_comes_out_dot_for_dot_and_is_confirmed() {
    every(|what, _, printer| {
        let mut sent = Vec::new();
        let mut note = |progress| {
            if let Progress::Sent { bytes } = progress {
                sent.push(bytes);
            }
            Continue::Yes
        };
        assert_eq!(send(&printer, &mut note, LONG), CONFIRMED, "{what}");
        assert_eq!(printer.complaint(), None, "{what}");
        assert!(printer.tickets() == [ticket(TICKET_ROWS)], "{what}");
        assert!(sent.is_sorted() && sent[0] == 0 && sent.len() > 2, "{what}");
        // The line is as good for the next one.
        assert_eq!(send(&printer, &mut go_on, LONG), CONFIRMED, "{what}");
        assert!(
            printer.tickets() == [ticket(TICKET_ROWS), ticket(TICKET_ROWS)],
            "{what}"
        );
    });
}

#[test]
fn a_ticket_waits_for_paper_and_comes_out_once() {
    every(|what, _, printer| {
        printer.take_paper_out();
        let stopped = status(&printer.address(), LONG).unwrap();
        assert_eq!(
            (stopped.state, stopped.reasons),
            (PrinterState::Stopped, vec![Reason::PaperOut]),
            "{what}"
        );
        let mut waited_for = Vec::new();
        let mut load = |progress| {
            if let Progress::Waiting(reasons) = progress {
                printer.load_paper();
                waited_for.extend(reasons);
            }
            Continue::Yes
        };
        assert_eq!(send(&printer, &mut load, LONG), CONFIRMED, "{what}");
        assert_eq!(waited_for, [Reason::PaperOut], "{what}");
        assert!(printer.tickets() == [ticket(TICKET_ROWS)], "{what}");
    });
}

#[test]
fn paper_that_ends_inside_a_ticket_is_loaded_and_the_ticket_is_finished() {
    every(|what, language, printer| {
        printer.run_out_after_bands(1);
        let mut rows_when_stopped = 0;
        let mut load = |progress| {
            // In CPCL the answer waits behind the label, so the printer keeps silent until there is paper.
            if let Progress::Waiting(reasons) = progress
                && (reasons.contains(&Reason::PaperOut) || language == Language::Cpcl)
                && printer.unfinished_rows() > 0
            {
                rows_when_stopped = printer.unfinished_rows();
                printer.load_paper();
            }
            Continue::Yes
        };
        assert_eq!(send(&printer, &mut load, LONG), CONFIRMED, "{what}");
        assert!(
            (1..2_900).contains(&rows_when_stopped),
            "{what}: {rows_when_stopped}"
        );
        assert!(printer.tickets() == [ticket(TICKET_ROWS)], "{what}");
    });
}

#[test]
fn giving_up_before_the_first_byte_is_certain_failure() {
    every(|what, _, printer| {
        printer.set_cover_open(true);
        let outcome = send(&printer, &mut |_| Continue::Stop, LONG);
        let expected = Outcome::Failed {
            reason: Reason::CoverOpen,
            sent_bytes: 0,
        };
        assert_eq!(outcome, expected, "{what}");
        printer.set_cover_open(false);
        let outcome = send(&printer, &mut |_| Continue::Stop, LONG);
        let expected = Outcome::Failed {
            reason: Reason::GivenUp,
            sent_bytes: 0,
        };
        assert_eq!(outcome, expected, "{what}");
        assert!(printer.tickets().is_empty(), "{what}");
        assert_eq!(send(&printer, &mut go_on, LONG), CONFIRMED, "{what}");
        assert!(printer.tickets() == [ticket(TICKET_ROWS)], "{what}");
    });
}

#[test]
fn a_printer_without_paper_until_the_deadline_is_certain_failure() {
    every(|what, _, printer| {
        printer.take_paper_out();
        let outcome = send(&printer, &mut wait_once, LONG);
        let expected = Outcome::Failed {
            reason: Reason::PaperOut,
            sent_bytes: 0,
        };
        assert_eq!(outcome, expected, "{what}");
        assert_eq!(printer.unfinished_rows(), 0, "{what}");
    });
}

#[test]
fn a_connection_that_breaks_inside_the_ticket_is_unknown() {
    every(|what, _, printer| {
        printer.close_after_bytes(20_000);
        let outcome = send(&printer, &mut go_on, LONG);
        let Outcome::Unknown { sent_bytes, doubt } = outcome else {
            panic!("{what}: {outcome:?}")
        };
        assert_eq!(doubt, Doubt::ConnectionBroke, "{what}");
        assert!(sent_bytes > 0, "{what}");
        assert!(printer.tickets().is_empty(), "{what}");
    });
}

#[test]
fn a_printer_that_hangs_is_unknown_within_the_deadline() {
    every(|what, _, printer| {
        for after_bytes in [20, 5_000, 150_000] {
            printer.hang_after_bytes(after_bytes);
            let began = Instant::now();
            let mut has_begun = false;
            let mut be_late = |progress| {
                if matches!(progress, Progress::Sent { bytes: 1.. }) && !has_begun {
                    has_begun = true;
                    pass(LONG - Duration::from_millis(400));
                }
                Continue::Yes
            };
            let outcome = send(&printer, &mut be_late, LONG);
            assert!(
                matches!(
                    outcome,
                    Outcome::Unknown {
                        doubt: Doubt::TooSlow | Doubt::FellSilent,
                        ..
                    }
                ),
                "{what} {after_bytes}: {outcome:?}"
            );
            assert!(began.elapsed() < LONG, "{what}: {:?}", began.elapsed());
            // A serial line has no new connection that would begin to count again.
            if what.ends_with("line") {
                break;
            }
        }
        assert!(printer.tickets().is_empty(), "{what}");
    });
}

#[test]
fn giving_up_while_the_printer_waits_is_unknown() {
    every(|what, _, printer| {
        printer.run_out_after_bands(1);
        let mut stop = |progress| match progress {
            Progress::Waiting(_) => Continue::Stop,
            Progress::Sent { .. } => Continue::Yes,
        };
        let outcome = send(&printer, &mut stop, LONG);
        assert!(
            matches!(
                outcome,
                Outcome::Unknown {
                    doubt: Doubt::GivenUp,
                    ..
                }
            ),
            "{what}: {outcome:?}"
        );
    });
}

#[test]
fn a_mute_printer_prints_and_the_officer_is_asked() {
    every(|what, _, printer| {
        printer.fall_mute();
        let outcome = send(&printer, &mut wait_once, LONG);
        assert!(
            matches!(
                outcome,
                Outcome::Unknown {
                    doubt: Doubt::FellSilent,
                    ..
                }
            ),
            "{what}: {outcome:?}"
        );
        assert!(
            printer.wait_for_tickets(1, LONG) == [ticket(TICKET_ROWS)],
            "{what}"
        );
        assert!(
            matches!(
                status(&printer.address(), Duration::from_millis(200)),
                Err(DeviceFailure::AskPrinter { .. })
            ),
            "{what}"
        );
    });
}

/// Whatever stands at the other end, nothing is sent to it and nothing is believed.
#[test]
fn what_talks_nonsense_gets_no_paper_and_is_not_believed() {
    let words: [&[u8]; 3] = [
        b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n",
        &[0xff; 40],
        "你好，我不是打印机".as_bytes(),
    ];
    every(|what, _, printer| {
        for words in words {
            printer.talk_nonsense(words);
            let outcome = send(&printer, &mut go_on, LONG);
            let expected = Outcome::Failed {
                reason: Reason::NotUnderstood,
                sent_bytes: 0,
            };
            assert_eq!(outcome, expected, "{what}");
            let strange = status(&printer.address(), LONG).unwrap();
            assert_eq!(strange.reasons, [Reason::NotUnderstood], "{what}");
            printer.recover();
            // It begins to talk when the ticket is on its way.
            let mut begin = |progress| {
                if progress == (Progress::Sent { bytes: 0 }) {
                    printer.talk_nonsense(words);
                }
                Continue::Yes
            };
            let outcome = send(&printer, &mut begin, LONG);
            assert!(
                matches!(
                    outcome,
                    Outcome::Unknown {
                        doubt: Doubt::TalksNonsense,
                        ..
                    }
                ),
                "{what}: {outcome:?}"
            );
            printer.recover();
        }
    });
}

/// The word that ends a job counts only as an answer to the question for it.
#[test]
fn a_printer_that_says_it_is_done_before_it_was_asked_is_not_believed() {
    for printer in [
        SlipPrinter::start().unwrap(),
        SlipPrinter::start_serial(Language::EscPos).unwrap(),
    ] {
        printer.confirm_too_early();
        let outcome = send(&printer, &mut go_on, LONG);
        assert!(
            matches!(
                outcome,
                Outcome::Unknown {
                    doubt: Doubt::TalksNonsense,
                    ..
                }
            ),
            "{outcome:?}"
        );
    }
}

#[test]
fn complaints_come_in_the_language_of_the_printer() {
    every(|what, language, printer| {
        let told = || status(&printer.address(), LONG).unwrap();
        assert_eq!(
            (told().state, told().reasons),
            (PrinterState::Ready, vec![]),
            "{what}"
        );
        printer.set_cover_open(true);
        assert_eq!(told().reasons, [Reason::CoverOpen], "{what}");
        printer.set_cover_open(false);
        // Not everything is known in every language; what is low stops nothing.
        printer.set_paper_low(true);
        printer.set_battery_low(true);
        let expected: &[Reason] = match language {
            Language::EscPos => &[Reason::PaperLow],
            Language::Cpcl => &[Reason::LowBattery],
            Language::Tspl => &[],
        };
        assert_eq!(
            (told().state, told().reasons.as_slice()),
            (PrinterState::Ready, expected),
            "{what}"
        );
        assert_eq!(send(&printer, &mut go_on, LONG), CONFIRMED, "{what}");
    });
}

#[test]
fn settings_move_the_picture_and_turn_the_darkness() {
    every(|what, _, printer| {
        let narrow = test_pattern(384);
        let payload = Payload::Slip(narrow.clone());
        for (offset_dots, left) in [(0, 0), (24, 24), (-24, -12), (4_000, 204)] {
            let job = Job {
                name: "测试页",
                payload: &payload,
                settings: Settings {
                    width_dots: 576,
                    offset_dots,
                    darkness: Darkness::new(1),
                },
            };
            let outcome = print(&printer.address(), &job, &mut go_on, LONG);
            assert_eq!(outcome, CONFIRMED, "{what}");
            let ticket = printer.tickets().pop().unwrap();
            for y in (0..narrow.height).step_by(7) {
                for x in 12..narrow.width {
                    assert_eq!(
                        ticket.is_black(x.saturating_add_signed(left), y),
                        narrow.is_black(x, y),
                        "{what} {offset_dots}: {x} {y}"
                    );
                }
            }
        }
        assert_eq!(printer.complaint(), None, "{what}");
    });
}
