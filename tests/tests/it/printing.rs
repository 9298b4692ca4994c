//! What reaches paper, on every kind of printer, and what the spool makes of printers that fail.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use crate::support::victim::{Doomed, close, copy_folder, folder_of, reopened, victim};
use crate::support::{
    self, assert_intact, bodies, code, first_notices, issued, no, on_duty, stage, stream,
    wait_until,
};
use casebook::Terminal;
use chrono::TimeDelta;
use devices::printing::{Address, GreyPage, Language, Raster};
use devices::testing::{IppPrinter, SlipPrinter, pwg_pages, urf_pages};
use journeys::{Officer, Stage, roadside, test_devices};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A terminal with one issued penalty decision.
fn with_instrument() -> (TempDir, Stage, Arc<Terminal>, String) {
    let (folder, mut stage) = stage();
    let terminal = on_duty(&mut stage, test_devices());
    let case_id = roadside::open(&terminal, "one").unwrap();
    first_notices(&terminal, &case_id);
    let (instrument_id, _) = issued(&stage, &terminal, &case_id, "F21", true);
    (folder, stage, terminal, instrument_id)
}

fn add(terminal: &Terminal, name: &str, address: &Address, width_dots: u32) -> String {
    let (language, address) = match address {
        Address::Ipp(uri) => ("ipp", uri.clone()),
        Address::Slip { language, port } => (language.name(), port.to_string()),
    };
    let add =
        json!({ "name": name, "language": language, "address": address, "width_dots": width_dots });
    let printers = terminal.ask("add_printer", add).unwrap();
    let rows = printers["printers"].as_array().unwrap();
    let row = rows.iter().find(|row| row["name"] == name).unwrap();
    roadside::text(row, "printer_id").unwrap()
}

fn queue_copy(terminal: &Terminal, instrument_id: &str, printer_id: &str, copy_name: &str) {
    let print =
        json!({ "instrument_id": instrument_id, "printer_id": printer_id, "copy_name": copy_name });
    terminal.ask("print_instrument", print).unwrap();
}

fn print(terminal: &Terminal, instrument_id: &str, printer_id: &str, copy_name: &str) -> Value {
    queue_copy(terminal, instrument_id, printer_id, copy_name);
    terminal.print_until_quiet();
    job(terminal, copy_name)
}

/// The newest job of this copy.
fn job(terminal: &Terminal, copy_name: &str) -> Value {
    let queue = terminal.ask("print_queue", json!({})).unwrap();
    let mut jobs = queue["jobs"].as_array().unwrap().clone();
    jobs.retain(|job| job["copy_name"] == copy_name);
    jobs.sort_by_key(|job| job["copy_no"].as_u64());
    jobs.pop().unwrap_or_else(|| panic!("{queue}"))
}

fn confirmed(terminal: &Terminal) -> usize {
    bodies(terminal, "print.confirmed").len()
}

fn content_sha256(terminal: &Terminal, instrument_id: &str) -> String {
    let view = terminal
        .ask("instrument", json!({ "instrument_id": instrument_id }))
        .unwrap();
    view["content_sha256"].as_str().unwrap().to_owned()
}

/// What a scanner reads from the dots.
fn scanned(folder: &Path, width: u32, height: u32, dots: Vec<u8>) -> String {
    let path = folder.join("scan.png");
    let picture = image::GrayImage::from_raw(width, height, dots).unwrap();
    picture.save(&path).unwrap();
    let read = Command::new("zbarimg")
        .args(["-q", "--raw"])
        .arg(&path)
        .output()
        .unwrap();
    String::from_utf8_lossy(&read.stdout).into_owned()
}

fn grey(ticket: &Raster) -> Vec<u8> {
    let dots = (0..ticket.height).flat_map(|y| (0..ticket.width).map(move |x| (x, y)));
    dots.map(|(x, y)| if ticket.is_black(x, y) { 0 } else { 255 })
        .collect()
}

#[test]
fn the_issued_ticket_comes_out_dot_for_dot_in_every_language_and_its_code_is_read() {
    let (folder, _stage, terminal, instrument_id) = with_instrument();
    let kept = stream(
        &terminal,
        &format!("stream/instrument/{instrument_id}/ticket.png"),
    );
    let kept = image::load_from_memory(&kept).unwrap().into_luma8();
    let hash = content_sha256(&terminal, &instrument_id);
    for language in Language::ALL {
        for printer in [
            SlipPrinter::start_speaking(language).unwrap(),
            SlipPrinter::start_serial(language).unwrap(),
        ] {
            let what = format!("{} {}", language.name(), printer.host());
            let printer_id = add(&terminal, &what, &printer.address(), 576);
            let done = print(&terminal, &instrument_id, &printer_id, &what);
            assert_eq!(done["state"], "confirmed", "{done}");
            let tickets = printer.tickets();
            assert_eq!((tickets.len(), printer.complaint()), (1, None), "{what}");
            let dots = grey(&tickets[0]);
            // A dot may be blacker where the picture would have spelled a command; nothing else differs.
            let added = dots.iter().zip(kept.as_raw()).filter(|(is, was)| is != was);
            let added: Vec<_> = added.collect();
            assert!(added.iter().all(|(is, _)| **is == 0), "{what}");
            assert!(added.len() <= 4, "{what}: {} dots", added.len());
            assert_eq!(dots.len(), kept.as_raw().len(), "{what}");
            let read = scanned(folder.path(), tickets[0].width, tickets[0].height, dots);
            assert!(read.contains(&hash), "{what}: {read}");
        }
    }
    assert_eq!(confirmed(&terminal), 6);
    assert_intact(&terminal);
}

#[test]
fn narrow_paper_and_portable_a4_get_a_sheet_of_their_own_width() {
    let (folder, _stage, terminal, instrument_id) = with_instrument();
    let hash = content_sha256(&terminal, &instrument_id);
    for (width, high) in [(384, 500), (1_680, 2_373)] {
        let printer = SlipPrinter::start_speaking(Language::Cpcl).unwrap();
        let name = format!("{width} 点");
        let printer_id = add(&terminal, &name, &printer.address(), width);
        let done = print(&terminal, &instrument_id, &printer_id, &name);
        assert_eq!(done["state"], "confirmed", "{done}");
        let ticket = printer.tickets().pop().unwrap();
        assert!(ticket.width.abs_diff(width) < 8, "{}", ticket.width);
        assert!(ticket.height >= high, "{}", ticket.height);
        let read = scanned(folder.path(), ticket.width, ticket.height, grey(&ticket));
        assert!(read.contains(&hash), "{width}: {read}");
    }
}

const BLOCK: u32 = 6;

/// Share of blocks that differ clearly, of a thousand, from the page as another program paints the PDF.
fn difference(folder: &Path, pdf: &[u8], index: usize, page: &GreyPage) -> u64 {
    let path = folder.join("page.pdf");
    std::fs::write(&path, pdf).unwrap();
    let (number, dpi) = ((index + 1).to_string(), page.dpi.to_string());
    let out = folder.join("painted");
    let painted = Command::new("pdftoppm")
        .args([
            "-gray",
            "-png",
            "-r",
            &dpi,
            "-f",
            &number,
            "-l",
            &number,
            "-singlefile",
        ])
        .args([&path, &out])
        .status()
        .unwrap();
    assert!(painted.success());
    let painted = image::open(out.with_extension("png")).unwrap().into_luma8();
    // Means of blocks are compared: the edges of letters lie differently within a dot.
    let (width, height) = (
        page.width.min(painted.width()),
        page.height.min(painted.height()),
    );
    let mean = |dots: &[u8], stride: u32, x: u32, y: u32| {
        let lines = (y..y + BLOCK).map(|y| ((y * stride + x) as usize, BLOCK as usize));
        let sum: u32 = lines
            .flat_map(|(at, length)| &dots[at..at + length])
            .map(|dot| u32::from(*dot))
            .sum();
        sum / (BLOCK * BLOCK)
    };
    let (mut blocks, mut far) = (0, 0);
    for y in (0..height - BLOCK).step_by(BLOCK as usize) {
        for x in (0..width - BLOCK).step_by(BLOCK as usize) {
            let ours = mean(&page.dots, page.width, x, y);
            let theirs = mean(painted.as_raw(), painted.width(), x, y);
            blocks += 1;
            far += u64::from(ours.abs_diff(theirs) > 96);
        }
    }
    far * 1_000 / blocks
}

#[test]
fn a_printer_without_pdf_gets_the_issued_pages_as_dots() {
    let (folder, _stage, terminal, instrument_id) = with_instrument();
    let hash = content_sha256(&terminal, &instrument_id);
    let pdf = stream(&terminal, &format!("stream/instrument/{instrument_id}/pdf"));
    for format in ["image/pwg-raster", "image/urf"] {
        let printer = IppPrinter::start_taking(format).unwrap();
        let printer_id = add(&terminal, format, &printer.address(), 576);
        let first = print(&terminal, &instrument_id, &printer_id, format);
        assert_eq!(first["state"], "confirmed", "{first}");
        let again = print(&terminal, &instrument_id, &printer_id, format);
        assert_eq!(
            (&again["state"], &again["is_reprint"]),
            (&json!("confirmed"), &json!(true)),
            "{again}"
        );
        let pages: Vec<Vec<GreyPage>> = printer
            .documents()
            .unwrap()
            .iter()
            .map(|document| match format {
                "image/urf" => urf_pages(document).unwrap(),
                _ => pwg_pages(document).unwrap(),
            })
            .collect();
        let mut read = String::new();
        for (index, page) in pages[0].iter().enumerate() {
            let far = difference(folder.path(), &pdf, index, page);
            assert!(
                far < 10,
                "{format} page {index}: {far} of 1000 blocks differ"
            );
            read += &scanned(folder.path(), page.width, page.height, page.dots.clone());
        }
        assert!(read.contains(&hash), "{format}: {read}");
        // The reprint is the same sheet with a mark on it.
        assert_eq!(pages[0].len(), pages[1].len());
        assert!(pages[0] != pages[1]);
    }
    assert_intact(&terminal);
}

#[test]
fn paper_that_ends_in_the_middle_goes_on_by_itself_and_counts_once() {
    let (_folder, _stage, terminal, instrument_id) = with_instrument();
    let (office, tickets) = (IppPrinter::start().unwrap(), SlipPrinter::start().unwrap());
    let office_id = add(&terminal, "办公", &office.address(), 576);
    let tickets_id = add(&terminal, "小票", &tickets.address(), 576);
    let load_office = || office.load_paper().unwrap();
    let load_tickets = || tickets.load_paper();
    office.take_paper_out().unwrap();
    tickets.run_out_after_bands(2);
    let printers: [(&str, &str, &dyn Fn()); 2] = [
        ("办公", &office_id, &load_office),
        ("小票", &tickets_id, &load_tickets),
    ];
    for (count, (copy_name, printer_id, load)) in printers.into_iter().enumerate() {
        queue_copy(&terminal, &instrument_id, printer_id, copy_name);
        std::thread::scope(|scope| {
            scope.spawn(|| terminal.print_until_quiet());
            wait_until("the queue names the cause", || {
                job(&terminal, copy_name)["cause"] == "paper_out"
            });
            let waiting = job(&terminal, copy_name);
            assert_eq!(waiting["state"], "sending", "bytes have left: {waiting}");
            let status = terminal.ask("printer_status", json!({ "printer_id": printer_id }));
            let status = status.unwrap();
            assert_eq!(
                (&status["state"], &status["reasons"][0]),
                (&json!("stopped"), &json!("paper_out"))
            );
            // What has begun cannot be taken back.
            let cancel = json!({ "job_id": waiting["job_id"] });
            let refused = no(&terminal, "cancel_print", cancel);
            assert_eq!(code(&refused), "printer_busy");
            assert_eq!(confirmed(&terminal), count);
            load();
        });
        assert_eq!(job(&terminal, copy_name)["state"], "confirmed");
        assert_eq!(confirmed(&terminal), count + 1);
    }
    assert_eq!(tickets.tickets().len(), 1);
    assert_eq!(office.documents().unwrap().len(), 1);
    assert_intact(&terminal);
}

#[test]
fn a_printer_that_wants_paper_does_not_hold_up_another_and_is_tried_again_soon() {
    let (_folder, stage, terminal, instrument_id) = with_instrument();
    let (empty, other) = (SlipPrinter::start().unwrap(), SlipPrinter::start().unwrap());
    empty.take_paper_out();
    let empty_id = add(&terminal, "缺纸的", &empty.address(), 576);
    let other_id = add(&terminal, "另一台", &other.address(), 576);
    queue_copy(&terminal, &instrument_id, &empty_id, "当事人");
    queue_copy(&terminal, &instrument_id, &other_id, "存卷");
    std::thread::scope(|scope| {
        scope.spawn(|| terminal.print_until_quiet());
        wait_until("the other printer had its turn", || {
            job(&terminal, "存卷")["state"] == "confirmed"
        });
    });
    let waiting = job(&terminal, "当事人");
    assert_eq!(
        (&waiting["state"], &waiting["cause"]),
        (&json!("waiting"), &json!("paper_out"))
    );
    empty.load_paper();
    // Somebody stands beside it: the next look comes within seconds.
    stage.clock.advance(TimeDelta::seconds(8));
    terminal.print_until_quiet();
    assert_eq!(job(&terminal, "当事人")["state"], "confirmed");
    assert_eq!((empty.tickets().len(), other.tickets().len()), (1, 1));
}

/// Half a ticket hangs in one printer and somebody fetches paper: the other one prints meanwhile.
#[test]
fn a_printer_whose_paper_ended_inside_a_ticket_does_not_hold_up_another() {
    let (_folder, _stage, terminal, instrument_id) = with_instrument();
    let (empty, other) = (SlipPrinter::start().unwrap(), SlipPrinter::start().unwrap());
    empty.run_out_after_bands(2);
    let empty_id = add(&terminal, "缺纸的", &empty.address(), 576);
    let other_id = add(&terminal, "另一台", &other.address(), 576);
    queue_copy(&terminal, &instrument_id, &empty_id, "当事人");
    std::thread::scope(|scope| {
        scope.spawn(|| terminal.print_until_quiet());
        wait_until("the queue names the cause", || {
            job(&terminal, "当事人")["cause"] == "paper_out"
        });
        let done = print(&terminal, &instrument_id, &other_id, "存卷");
        assert_eq!(done["state"], "confirmed");
        assert_eq!(job(&terminal, "当事人")["state"], "sending");
        empty.load_paper();
    });
    assert_eq!(job(&terminal, "当事人")["state"], "confirmed");
    assert_eq!((empty.tickets().len(), other.tickets().len()), (1, 1));
    assert_intact(&terminal);
}

#[test]
fn a_copy_is_taken_back_until_its_first_byte() {
    let (_folder, stage, terminal, instrument_id) = with_instrument();
    let printer = SlipPrinter::start().unwrap();
    printer.set_cover_open(true);
    let printer_id = add(&terminal, "小票", &printer.address(), 576);
    queue_copy(&terminal, &instrument_id, &printer_id, "当事人");
    std::thread::scope(|scope| {
        scope.spawn(|| terminal.print_until_quiet());
        wait_until("the queue names the cause", || {
            job(&terminal, "当事人")["cause"] == "cover_open"
        });
        let cancel = json!({ "job_id": job(&terminal, "当事人")["job_id"] });
        terminal.ask("cancel_print", cancel).unwrap();
    });
    printer.set_cover_open(false);
    stage.clock.advance(TimeDelta::seconds(120));
    terminal.print_until_quiet();
    assert_eq!(job(&terminal, "当事人")["state"], "cancelled");
    assert!(printer.tickets().is_empty() && printer.unfinished_rows() == 0);
    assert_eq!(bodies(&terminal, "print.cancelled").len(), 1);
    // Nothing came out, so the next sheet is the first.
    let next = print(&terminal, &instrument_id, &printer_id, "当事人");
    assert_eq!(
        (&next["state"], &next["copy_no"], &next["is_reprint"]),
        (&json!("confirmed"), &json!(2), &json!(false))
    );
    assert_intact(&terminal);
}

#[test]
fn a_sheet_that_came_out_in_part_is_spoiled_and_the_next_is_a_reprint() {
    let (_folder, _stage, terminal, instrument_id) = with_instrument();
    let printer = SlipPrinter::start().unwrap();
    let printer_id = add(&terminal, "小票", &printer.address(), 576);
    for (copy_name, answer, state, is_reprint) in [
        ("甲", "nothing", "failed", false),
        ("乙", "incomplete", "spoiled", true),
        ("丙", "complete", "confirmed", true),
    ] {
        printer.close_after_bytes(6_000);
        let asked = print(&terminal, &instrument_id, &printer_id, copy_name);
        assert_eq!(
            (&asked["state"], &asked["cause"]),
            (&json!("unknown"), &json!("connection_broke")),
            "{asked}"
        );
        let answer = json!({ "job_id": asked["job_id"], "answer": answer });
        terminal.ask("answer_print", answer).unwrap();
        assert_eq!(job(&terminal, copy_name)["state"], state);
        printer.recover();
        let next = print(&terminal, &instrument_id, &printer_id, copy_name);
        assert_eq!(
            (&next["state"], &next["is_reprint"]),
            (&json!("confirmed"), &json!(is_reprint)),
            "{next}"
        );
    }
    assert_intact(&terminal);
}

/// Whatever the other end does: a word for the officer, nothing counted, and the next job comes out.
#[test]
fn printers_that_fail_leave_the_spool_whole_and_a_word_for_the_officer() {
    let (_folder, stage, terminal, instrument_id) = with_instrument();
    type Mischief = fn(&SlipPrinter);
    let mischiefs: [(&str, Mischief, &str, &str); 5] = [
        ("early", |it| it.close_after_bytes(1), "waiting", "offline"),
        (
            "midway",
            |it| it.close_after_bytes(9_000),
            "unknown",
            "connection_broke",
        ),
        (
            "nonsense",
            |it| it.talk_nonsense(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
            "waiting",
            "not_understood",
        ),
        (
            "noise",
            |it| it.talk_nonsense(&[0xff, 0x7f, 0xfe, 0x81, 0x99, 0xf3, 0xf5, 0xe7, 0xbd, 0xab]),
            "waiting",
            "not_understood",
        ),
        ("mute", SlipPrinter::fall_mute, "unknown", "fell_silent"),
    ];
    for language in Language::ALL {
        for (what, mischief, state, cause) in mischiefs {
            let printer = SlipPrinter::start_speaking(language).unwrap();
            let printer_id = add(&terminal, "怪打印机", &printer.address(), 576);
            let before = confirmed(&terminal);
            mischief(&printer);
            let copy_name = format!("{} {what}", language.name());
            let done = print(&terminal, &instrument_id, &printer_id, &copy_name);
            assert_eq!(
                (&done["state"], &done["cause"]),
                (&json!(state), &json!(cause)),
                "{copy_name}: {done}"
            );
            assert_eq!(confirmed(&terminal), before, "{copy_name}");
            printer.recover();
            stage.clock.advance(TimeDelta::seconds(61));
            if state == "waiting" {
                terminal.print_until_quiet();
                assert_eq!(
                    job(&terminal, &copy_name)["state"],
                    "confirmed",
                    "{copy_name}"
                );
                assert_eq!(printer.tickets().len(), 1, "{copy_name}");
            } else {
                let answer = json!({ "job_id": done["job_id"], "answer": "complete" });
                terminal.ask("answer_print", answer).unwrap();
            }
            let remove = json!({ "printer_id": printer_id });
            terminal.ask("remove_printer", remove).unwrap();
        }
    }
    assert_intact(&terminal);
}

/// `kill -9` in the middle of a ticket: the officer is asked. While it waits for paper: it comes out afterwards, once.
#[test]
fn a_kill_in_the_middle_of_a_job_asks_and_before_it_loses_nothing() {
    let (_folder, stage, terminal, instrument_id) = with_instrument();
    close(terminal);
    for (language, is_begun) in Language::ALL
        .into_iter()
        .flat_map(|language| [(language, true), (language, false)])
    {
        let printer = SlipPrinter::start_speaking(language).unwrap();
        let name = format!("{} {is_begun}", language.name());
        copy_folder(&folder_of(&stage, "terminal"), &folder_of(&stage, &name));
        let terminal = reopened(&stage, &name);
        let printer_id = add(&terminal, &name, &printer.address(), 576);
        close(terminal);
        match is_begun {
            true => printer.hang_after_bytes(9_000),
            false => printer.take_paper_out(),
        }
        let act = ["print", &instrument_id, &printer_id];
        let mut child = Doomed(victim(&stage, &name, &act).spawn().unwrap());
        let mut lines = BufReader::new(child.0.stdout.take().unwrap()).lines();
        assert_eq!(lines.next().unwrap().unwrap().trim(), "ready");
        wait_until("the printer is in the middle of it", || {
            printer.bytes_taken() >= if is_begun { 9_000 } else { 2 }
        });
        child.kill();
        printer.recover();
        printer.load_paper();

        let terminal = reopened(&stage, &name);
        assert_intact(&terminal);
        let left = job(&terminal, "当事人");
        if is_begun {
            assert_eq!(
                (&left["state"], &left["cause"]),
                (&json!("unknown"), &json!("terminal_stopped")),
                "{name}: {left}"
            );
            terminal.print_until_quiet();
            assert!(
                printer.tickets().is_empty(),
                "{name}: nothing is sent unasked"
            );
            let answer = json!({ "job_id": left["job_id"], "answer": "incomplete" });
            terminal.ask("answer_print", answer).unwrap();
        } else {
            let state = left["state"].as_str().unwrap();
            assert!(["queued", "waiting"].contains(&state), "{name}: {left}");
            terminal.print_until_quiet();
            assert_eq!(job(&terminal, "当事人")["state"], "confirmed", "{name}");
            assert_eq!(printer.tickets().len(), 1, "{name}");
        }
        assert_eq!(confirmed(&terminal), usize::from(!is_begun), "{name}");
        assert_intact(&terminal);
        close(terminal);
    }
}

#[test]
fn a_test_page_tries_the_settings_and_leaves_no_entry() {
    let (folder, _stage, terminal, _) = with_instrument();
    let before = support::entries(&terminal).len();
    let try_out = |printer_id: &str| {
        terminal
            .ask("print_test_page", json!({ "printer_id": printer_id }))
            .unwrap()
    };
    for language in Language::ALL {
        for width in [384, 576, 1_680] {
            let printer = SlipPrinter::start_speaking(language).unwrap();
            let name = format!("{} {width}", language.name());
            let printer_id = add(&terminal, &name, &printer.address(), width);
            let set = json!({ "printer_id": printer_id, "name": name, "width_dots": width, "darkness": 9, "offset_dots": -4 });
            let rows = terminal.ask("set_printer", set).unwrap();
            let row = rows["printers"]
                .as_array()
                .unwrap()
                .iter()
                .find(|row| row["printer_id"] == printer_id.as_str());
            assert_eq!(row.unwrap()["darkness"], 2, "as far as it goes");
            assert_eq!(
                try_out(&printer_id),
                json!({ "state": "confirmed", "cause": null })
            );
            assert_eq!(printer.complaint(), None, "{name}");
            let sheet = printer.tickets().pop().unwrap();
            let longest = if width == 1_680 { 2_400 } else { 1_700 };
            assert!(sheet.height < longest, "{name}: {} rows", sheet.height);
            let read = scanned(folder.path(), sheet.width, sheet.height, grey(&sheet));
            assert_eq!(read.trim(), "SANXIANG TEST PAGE", "{name}");
        }
    }
    for format in ["application/pdf", "image/pwg-raster"] {
        let printer = IppPrinter::start_taking(format).unwrap();
        let printer_id = add(&terminal, format, &printer.address(), 576);
        assert_eq!(try_out(&printer_id)["state"], "confirmed", "{format}");
    }
    let empty = SlipPrinter::start().unwrap();
    empty.close_after_bytes(1);
    let printer_id = add(&terminal, "坏", &empty.address(), 576);
    assert_eq!(
        try_out(&printer_id),
        json!({ "state": "failed", "cause": "offline" })
    );
    assert_eq!(support::entries(&terminal).len(), before);
}

#[test]
fn only_places_where_a_printer_can_hang_are_taken() {
    let (_folder, _stage, terminal, _) = with_instrument();
    for (language, address) in [
        ("escpos", "/etc/passwd"),
        ("escpos", "/dev/sda"),
        ("cpcl", "host"),
        ("tspl", "/dev/ttyUSB0@77"),
        ("zpl", "127.0.0.1:9100"),
        ("ipp", "ipps://127.0.0.1/ipp/print"),
        ("ipp", "http://127.0.0.1/"),
        ("ipp", "ipp://"),
        ("", ""),
    ] {
        let add = json!({ "name": "打印机", "language": language, "address": address, "width_dots": 576 });
        assert_eq!(
            code(&no(&terminal, "add_printer", add)),
            "bad_request",
            "{language} {address}"
        );
    }
}
