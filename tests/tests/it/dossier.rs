//! Everything of a case as one PDF at the console: bound from what arrived, and only after the look was written down.

use std::path::Path;
use std::process::Command;

use contract::Surface;
use journeys::browser::Browser;
use journeys::{Officer, roadside, test_devices};
use serde_json::json;

use crate::support::{FORMS, first_notices, issued, jpeg, now, on_duty, stage, stream, works_with};

fn output(program: &str, args: &[&str]) -> String {
    let done = Command::new(program).args(args).output().unwrap();
    let text = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(
        done.status.success(),
        "{program} {args:?}: {text}{}",
        String::from_utf8_lossy(&done.stderr)
    );
    text
}

/// The text of one page, or of all for 0.
fn text_of(file: &Path, page: usize) -> String {
    let file = file.to_str().unwrap();
    let page = page.to_string();
    let args: Vec<&str> = match page.as_str() {
        "0" => vec!["-raw", file, "-"],
        page => vec!["-raw", "-f", page, "-l", page, file, "-"],
    };
    // A narrow cell wraps a number; white space says nothing here.
    output("pdftotext", &args).split_whitespace().collect()
}

/// For looking at it: `SANXIANG_DOSSIER` says where to.
fn keep(file: &Path) {
    if let Ok(to) = std::env::var("SANXIANG_DOSSIER") {
        std::fs::copy(file, to).unwrap();
    }
}

#[test]
fn a_case_is_bound_into_one_file() {
    let (folder, mut stage) = stage();
    let terminal = on_duty(&mut stage, test_devices());
    let case_id = roadside::open(&terminal, "one").unwrap();
    first_notices(&terminal, &case_id);
    let numbers: Vec<_> = FORMS
        .iter()
        .map(|form| issued(&stage, &terminal, &case_id, form, true).1)
        .collect();
    let upload = format!("upload/photo?case_id={case_id}&step=vehicle&name=a.jpg");
    terminal
        .upload(Surface::Officer, &upload, &jpeg(90))
        .unwrap();
    stage.connect().unwrap();
    terminal.sync_until_quiet().unwrap();

    let path = format!("stream/dossier/{case_id}");
    let mut browser = Browser::at(&stage.address);
    assert_eq!(browser.get(&path).unwrap().status, 401);
    let who = json!({ "user": "legal", "password": "example-legal" });
    browser.ask("rpc/login", &who).unwrap();
    assert_eq!(browser.get(&path).unwrap().status, 403, "without a purpose");
    assert_eq!(
        browser.get("stream/dossier/none?purpose=x").unwrap().status,
        404
    );
    let answer = browser
        .get(&format!("{path}?purpose=%E5%BD%92%E6%A1%A3"))
        .unwrap();
    assert_eq!(
        answer.status,
        200,
        "{}",
        String::from_utf8_lossy(&answer.body)
    );
    assert_eq!(answer.header("content-type"), Some("application/pdf"));

    let file = folder.path().join("dossier.pdf");
    std::fs::write(&file, &answer.body).unwrap();
    if let Ok(to) = std::env::var("SANXIANG_DOSSIER") {
        std::fs::write(to, &answer.body).unwrap();
    }
    output("qpdf", &["--check", file.to_str().unwrap()]);
    let cover = text_of(&file, 1);
    assert!(
        cover.contains("行政执法案卷") && cover.contains("王样二"),
        "{cover}"
    );
    let index = text_of(&file, 2);
    for title in [
        "现场检查记录",
        "现场笔录",
        "责令改正违法行为通知书",
        "当场行政处罚决定书",
        "证据照片",
    ] {
        assert!(index.contains(title), "{title} in {index}");
    }
    let whole = text_of(&file, 0);
    for number in numbers.iter().flatten() {
        assert!(
            whole.matches(number.as_str()).count() >= 2,
            "{number}: index and document"
        );
    }
    assert!(whole.contains("车辆情况"), "the photo says what it shows");

    let asked = json!({ "case_id": case_id, "user": null, "after": null, "limit": 20 });
    let views = browser.ask("rpc/views", &asked).unwrap();
    let bound: Vec<_> = views["views"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|view| view["what"] == "dossier")
        .map(|view| view["purpose"].clone())
        .collect();
    assert_eq!(bound, [json!("归档")], "{views}");
}

/// 立案登记表 as officers fill it in at the office.
fn filing(stage: &journeys::Stage, terminal: &casebook::Terminal, case_id: &str) -> String {
    let earlier = now(terminal);
    stage.pass(4);
    let fields = json!({
        "source": "inspection", "received_at": earlier, "case_cause": "王样二涉嫌违法超限运输案",
        "violation_code": "T10-1", "happened_at": earlier, "facts": "车货总高度超过限值，已制作现场笔录。",
        "filing_basis": [{ "law": "行政处罚法", "article": "54" }],
    });
    let (instrument_id, _) = roadside::fill(terminal, case_id, "F22", &fields).unwrap();
    for (slot, name) in [("officer_1", "赵明甲"), ("officer_2", "钱思乙")] {
        roadside::sign(terminal, &instrument_id, slot, name).unwrap();
    }
    let asked = json!({ "instrument_id": instrument_id });
    terminal.ask("issue_instrument", asked).unwrap();
    instrument_id
}

/// The dossier as a file, and its text page by page.
fn bound(browser: &mut Browser, folder: &Path, case_id: &str) -> (std::path::PathBuf, String) {
    let path = format!("stream/dossier/{case_id}?purpose=%E5%BD%92%E6%A1%A3");
    let answer = browser.get(&path).unwrap();
    assert_eq!(answer.status, 200);
    let file = folder.join("dossier.pdf");
    std::fs::write(&file, &answer.body).unwrap();
    output("qpdf", &["--check", file.to_str().unwrap()]);
    let text = text_of(&file, 0);
    (file, text)
}

#[test]
fn what_was_decided_stands_on_the_bound_copy_and_the_issued_file_travels_inside() {
    let (folder, mut stage) = stage();
    let terminal = on_duty(&mut stage, test_devices());
    let case_id = roadside::open(&terminal, "one").unwrap();
    first_notices(&terminal, &case_id);
    issued(&stage, &terminal, &case_id, "F01", true);
    let instrument_id = filing(&stage, &terminal, &case_id);
    stage.connect().unwrap();
    terminal.sync_until_quiet().unwrap();

    let mut browser = Browser::at(&stage.address);
    let who = json!({ "user": "head", "password": "example-head" });
    browser.ask("rpc/login", &who).unwrap();
    let opinion = "事实清楚，同意立案，由一大队承办。";
    let (_, before) = bound(&mut browser, folder.path(), &case_id);
    assert!(
        !before.contains("存卷件") && !before.contains(opinion),
        "{before}"
    );

    let decide = json!({ "instrument_id": instrument_id, "stage": "head", "decision": "approved", "opinion": opinion });
    browser.ask("rpc/approve", &decide).unwrap();
    let (file, after) = bound(&mut browser, folder.path(), &case_id);
    keep(&file);
    assert_eq!(after.matches(opinion).count(), 1, "{after}");
    assert!(after.contains("王负责"), "{after}");
    assert!(
        after.matches("存卷件").count() >= 2,
        "index and 备考表: {after}"
    );

    let file = file.to_str().unwrap();
    let named = output("qpdf", &["--list-attachments", file]);
    let mut names = named.split_whitespace();
    let name = names.find(|name| name.ends_with("-issued.pdf"));
    let name = name.unwrap_or_else(|| panic!("{named}"));
    let taken = Command::new("qpdf")
        .args([&format!("--show-attachment={name}"), file])
        .output()
        .unwrap()
        .stdout;
    let kept = stream(&terminal, &format!("stream/instrument/{instrument_id}/pdf"));
    assert!(taken == kept, "the issued bytes are other");
    assert!(stage.headquarters.check_pdf(&taken).unwrap().is_sound());
}

#[test]
fn what_headquarters_sealed_is_bound_with_its_seal() {
    let (folder, mut stage) = stage();
    works_with(&stage, folder.path(), "headquarters");
    let terminal = on_duty(&mut stage, test_devices());
    let case_id = roadside::open(&terminal, "one").unwrap();
    first_notices(&terminal, &case_id);
    let order = issued(&stage, &terminal, &case_id, "F10", true).0;
    stage.connect().unwrap();
    terminal.sync_until_quiet().unwrap();

    let mut keeper = Browser::at(&stage.address);
    let who = json!({ "user": "seal_keeper", "password": "example-seal_keeper" });
    keeper.ask("rpc/login", &who).unwrap();
    let (_, before) = bound(&mut keeper, folder.path(), &case_id);
    assert!(before.contains("本件尚未盖章"), "{before}");
    let view = terminal.ask("instrument", json!({ "instrument_id": order }));
    let seal = json!({ "instrument_id": order, "content_sha256": view.unwrap()["content_sha256"] });
    keeper.ask("rpc/seal_instrument", &seal).unwrap();
    let (file, after) = bound(&mut keeper, folder.path(), &case_id);
    assert!(
        after.contains("盖章件") && !after.contains("本件尚未盖章"),
        "{after}"
    );
    assert!(!after.contains("存卷件"), "{after}");
    // Without the image the seal cannot be set again; the issued pages are bound and the last sheet names it.
    let seals = folder.path().join("headquarters/seals");
    let aside = folder.path().join("aside");
    std::fs::rename(&seals, &aside).unwrap();
    let (_, without) = bound(&mut keeper, folder.path(), &case_id);
    assert!(without.contains("印章未能载入"), "{without}");
    std::fs::rename(&aside, &seals).unwrap();
    keep(&file);
}
