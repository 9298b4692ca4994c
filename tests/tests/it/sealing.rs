//! How papers come to bear the agency's seal: single-use impressions, pre-sealed paper, sealing at headquarters.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use crate::support::{
    self, assert_intact, code, first_notices, issued, no, on_duty, stage, stream, works_with,
};
use casebook::Terminal;
use devices::testing::IppPrinter;
use journeys::browser::Browser;
use journeys::{Officer, Stage, pack_dir, roadside, test_devices};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A case that is ready for a rectification order, which bears the seal.
fn at_work(mode: &str) -> (TempDir, Stage, Arc<Terminal>, String) {
    let (folder, mut stage) = stage();
    works_with(&stage, folder.path(), mode);
    let terminal = on_duty(&mut stage, test_devices());
    let case_id = roadside::open(&terminal, "one").unwrap();
    first_notices(&terminal, &case_id);
    (folder, stage, terminal, case_id)
}

/// A rectification order in a case of its own.
fn another(stage: &Stage, terminal: &Terminal, request_id: &str) -> String {
    let case_id = roadside::open(terminal, request_id).unwrap();
    first_notices(terminal, &case_id);
    issued(stage, terminal, &case_id, "F10", true).0
}

fn meet(stage: &mut Stage, terminal: &Terminal) {
    stage.connect().unwrap();
    terminal.sync_until_quiet().unwrap();
    stage.cut();
}

fn signed_in(stage: &Stage, user: &str) -> Browser {
    let mut browser = Browser::at(&stage.address);
    let who = json!({ "user": user, "password": format!("example-{user}") });
    browser.ask("rpc/login", &who).unwrap();
    browser
}

fn view(terminal: &Terminal, instrument_id: &str) -> Value {
    let asked = json!({ "instrument_id": instrument_id });
    terminal.ask("instrument", asked).unwrap()
}

fn page_printer(terminal: &Terminal, address: &str) -> Value {
    let add = json!({ "name": "A4", "language": "ipp", "address": address, "width_dots": 1680 });
    let printers = terminal.ask("add_printer", add).unwrap();
    printers["printers"][0]["printer_id"].clone()
}

fn stock(terminal: &Terminal) -> Value {
    terminal.ask("seal_stock", json!({})).unwrap()
}

/// Dots of seal red on all pages together, and what a scanner reads there.
fn seen(folder: &Path, pdf: &[u8]) -> (usize, String) {
    let file = folder.join("seen.pdf");
    std::fs::write(&file, pdf).unwrap();
    let prefix = folder.join("seen");
    let painted = Command::new("pdftoppm")
        .args(["-r", "150", "-png"])
        .args([&file, &prefix])
        .status()
        .unwrap();
    assert!(painted.success());
    let (mut red, mut read) = (0, String::new());
    let mut pages: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            name.starts_with("seen-") && name.ends_with(".png")
        })
        .collect();
    pages.sort();
    for page in pages {
        let picture = image::open(&page).unwrap().into_rgb8();
        let is_red = |pixel: &&image::Rgb<u8>| pixel[0] > 150 && pixel[1] < 120 && pixel[2] < 120;
        red += picture.pixels().filter(is_red).count();
        let scan = Command::new("zbarimg")
            .args(["-q", "--raw"])
            .arg(&page)
            .output()
            .unwrap();
        read.push_str(&String::from_utf8_lossy(&scan.stdout));
        std::fs::remove_file(page).unwrap();
    }
    (red, read)
}

fn pdf_of(terminal: &Terminal, instrument_id: &str) -> Vec<u8> {
    stream(terminal, &format!("stream/instrument/{instrument_id}/pdf"))
}

#[test]
fn every_impression_serves_one_paper_and_headquarters_knows_where_it_went() {
    let (folder, mut stage, terminal, case_id) = at_work("token");
    let leased = stock(&terminal);
    assert_eq!(
        (&leased["mode"], &leased["impressions_left"]),
        (&json!("token"), &json!(50))
    );
    let (first, _) = issued(&stage, &terminal, &case_id, "F10", true);
    let (record, _) = issued(&stage, &terminal, &case_id, "F01", true);
    let (second, _) = issued(&stage, &terminal, &case_id, "F21", true);
    let seal = |id: &str| view(&terminal, id)["seal"].clone();
    let token = |number| json!({ "mode": "token", "number": number, "is_sealed": true });
    assert_eq!(seal(&first), token("00000001"));
    assert_eq!(seal(&second), token("00000002"));
    assert_eq!(seal(&record), json!(null), "a record bears no seal");
    assert_eq!(stock(&terminal)["impressions_left"], json!(48));

    let (red, read) = seen(folder.path(), &pdf_of(&terminal, &first));
    assert!(red > 5_000, "{red} red dots");
    let hash = view(&terminal, &first)["content_sha256"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(
        read.contains(&hash),
        "the code is read beside the seal: {read}"
    );
    assert_eq!(seen(folder.path(), &pdf_of(&terminal, &record)).0, 0);

    // A voided paper took its impression with it.
    let annul = json!({ "instrument_id": first, "reason": "填写错误" });
    terminal.ask("void_instrument", annul).unwrap();
    let third = another(&stage, &terminal, "two");
    assert_eq!(seal(&third), token("00000003"));
    assert_intact(&terminal);

    meet(&mut stage, &terminal);
    stage.connect().unwrap();
    let ledger = signed_in(&stage, "clerk")
        .ask("rpc/seal_ledger", &json!({}))
        .unwrap();
    let grant = &ledger["grants"][0];
    let told = ["what", "first", "last", "count", "used"].map(|key| grant[key].clone());
    let expected = json!(["impression", "00000001", "00000050", 50, 3]);
    assert_eq!(json!(told), expected);
    assert_eq!(ledger["strange"], json!([]));
}

#[test]
fn a_draft_has_the_pages_of_the_sealed_sheet_and_shows_no_seal() {
    for mode in ["token", "headquarters", "pre_sealed"] {
        let (folder, stage, terminal, case_id) = at_work(mode);
        let (order, _) = support::filled(&stage, &terminal, &case_id, "F10");
        let pages = || {
            let page = |number: &usize| {
                let path = format!("stream/instrument/{order}/preview/{number}.svg");
                let answer = terminal.stream(contract::Surface::Officer, &path, None);
                Some(String::from_utf8(answer.ok()?.bytes).unwrap())
            };
            (1..).map_while(|number| page(&number)).collect::<Vec<_>>()
        };
        let draft = pages();
        assert!(!draft.iter().any(|page| page.contains("<image")), "{mode}");
        assert!(
            !draft.iter().any(|page| page.contains("尚未盖章")),
            "{mode}"
        );
        roadside::sign_and_issue(&terminal, &order, true).unwrap();
        let issued = pages();
        assert_eq!(draft.len(), issued.len(), "{mode}");
        let shows = |words: &str| issued.iter().any(|page| page.contains(words));
        assert_eq!(shows("<image"), mode == "token", "{mode}");
        let (red, _) = seen(folder.path(), &pdf_of(&terminal, &order));
        assert_eq!(red > 5_000, mode == "token", "{mode}");
    }
}

#[test]
fn impressions_are_topped_up_before_they_run_out() {
    let (_folder, mut stage, terminal, case_id) = at_work("token");
    issued(&stage, &terminal, &case_id, "F10", true);
    for number in 1..35 {
        another(&stage, &terminal, &format!("case {number}"));
    }
    assert_eq!(stock(&terminal)["impressions_left"], json!(15));
    // What headquarters does not know of yet it cannot count; the second meeting brings the new ones at the latest.
    meet(&mut stage, &terminal);
    meet(&mut stage, &terminal);
    assert_eq!(stock(&terminal)["impressions_left"], json!(65));
    assert_intact(&terminal);
}

#[test]
fn a_seal_that_is_lost_cuts_no_terminal_off() {
    let (folder, mut stage) = stage();
    std::fs::remove_dir_all(folder.path().join("headquarters/seals")).unwrap();
    works_with(&stage, folder.path(), "token");
    let terminal = on_duty(&mut stage, test_devices());
    meet(&mut stage, &terminal);
    let told = stock(&terminal);
    assert_eq!(
        (&told["mode"], &told["impressions_left"]),
        (&json!("token"), &json!(0))
    );
    let sync = terminal.ask("sync_state", json!({})).unwrap();
    assert_eq!(sync["entries_total"], sync["entries_at_headquarters"]);
}

#[test]
fn without_impressions_nothing_is_issued_that_bears_the_seal() {
    let folder = tempfile::tempdir().unwrap();
    let example = std::fs::read_to_string(pack_dir().join("agencies/example.toml")).unwrap();
    let line = "[parameters]\nseal_mode = { value = \"token\", source = \"机关决定\" }\n";
    let file = folder.path().join("agency.toml");
    std::fs::write(&file, example.replacen("[parameters]\n", line, 1)).unwrap();
    // No image of a seal was ever installed here.
    let mut stage =
        Stage::found_agency(&folder.path().join("stage"), support::START, &file).unwrap();
    let terminal = on_duty(&mut stage, test_devices());
    let case_id = roadside::open(&terminal, "one").unwrap();
    first_notices(&terminal, &case_id);
    issued(&stage, &terminal, &case_id, "F01", true);
    let (order, _) = support::filled(&stage, &terminal, &case_id, "F10");
    let refused = roadside::sign_and_issue(&terminal, &order, true).unwrap_err();
    assert!(refused.to_string().contains("seals_used_up"), "{refused}");
    assert_eq!(view(&terminal, &order)["state"], "draft");
    assert_intact(&terminal);
}

#[test]
fn a_pre_sealed_sheet_serves_once_and_every_sheet_is_accounted_for() {
    let (_folder, mut stage, terminal, case_id) = at_work("pre_sealed");
    stage.connect().unwrap();
    let mut clerk = signed_in(&stage, "clerk");
    let terminals = clerk.ask("rpc/terminals", &json!({})).unwrap();
    let writer = terminals["terminals"][0]["writer"].clone();
    let hand_out = json!({ "writer": writer, "first": "a000101", "count": 50 });
    clerk.ask("rpc/hand_out_sheets", &hand_out).unwrap();
    let twice = json!({ "writer": writer, "first": "A000150", "count": 5 });
    let refused = clerk.post("rpc/hand_out_sheets", &twice).unwrap();
    assert!(String::from_utf8_lossy(&refused.body).contains("sheets_handed_out_before"));
    stage.cut();
    meet(&mut stage, &terminal);
    let told = stock(&terminal);
    assert_eq!(
        (&told["next_sheet"], &told["sheets_left"]),
        (&json!("A000101"), &json!(50))
    );

    let printer = IppPrinter::start().unwrap();
    let devices::printing::Address::Ipp(uri) = printer.address() else {
        panic!("it speaks IPP");
    };
    let printer_id = page_printer(&terminal, &uri);
    let (order, _) = issued(&stage, &terminal, &case_id, "F10", true);
    assert_eq!(view(&terminal, &order)["seal"]["mode"], "pre_sealed");
    let print = |copy: &str, sheet_no: Value| json!({ "instrument_id": order, "printer_id": printer_id, "copy_name": copy, "sheet_no": sheet_no });
    let rule = |payload: Value| {
        let refused = no(&terminal, "print_instrument", payload);
        let finding = &refused.findings[0];
        (finding.field.clone(), finding.rule.clone())
    };
    let at = |rule: &str| ("sheet_no".to_owned(), rule.to_owned());
    assert_eq!(rule(print("当事人", json!(null))), at("required"));
    assert_eq!(rule(print("当事人", json!("一〇一"))), at("sheet_no_form"));
    terminal
        .ask("print_instrument", print("当事人", json!(" a000101 ")))
        .unwrap();
    terminal.print_until_quiet();
    assert_eq!(rule(print("存卷", json!("A000101"))), at("sheet_used"));
    assert_eq!(stock(&terminal)["next_sheet"], json!("A000102"));

    let spoil = json!({ "sheet_no": "A000102", "reason": "卡纸撕破" });
    terminal.ask("spoil_sheet", spoil.clone()).unwrap();
    assert_eq!(
        no(&terminal, "spoil_sheet", spoil).findings[0].rule,
        "sheet_spoiled"
    );
    assert_eq!(rule(print("存卷", json!("A000102"))), at("sheet_spoiled"));
    // A sheet nobody handed out is used all the same: the paper in the officer's hand is what counts, and the ledger shows it.
    terminal
        .ask("print_instrument", print("存卷", json!("B7")))
        .unwrap();
    terminal.print_until_quiet();
    assert_eq!(stock(&terminal)["sheets_left"], json!(48));
    assert_intact(&terminal);

    meet(&mut stage, &terminal);
    stage.connect().unwrap();
    let ledger = signed_in(&stage, "clerk")
        .ask("rpc/seal_ledger", &json!({}))
        .unwrap();
    let grant = &ledger["grants"][0];
    let told = ["first", "last", "used", "spoiled", "user_name"].map(|key| grant[key].clone());
    assert_eq!(json!(told), json!(["A000101", "A000150", 1, 1, "李内勤"]));
    let strange = ledger["strange"].as_array().unwrap();
    assert_eq!(strange.len(), 1, "{ledger}");
    assert_eq!(
        (&strange[0]["number"], &strange[0]["reason"]),
        (&json!("B7"), &json!("unknown"))
    );
    let before = stage.headquarters.dump_projections().unwrap();
    stage.headquarters.rebuild_projections().unwrap();
    assert_eq!(stage.headquarters.dump_projections().unwrap(), before);
}

#[test]
fn a_sheet_on_which_nothing_was_printed_is_blank_again() {
    let (_folder, stage, terminal, case_id) = at_work("pre_sealed");
    // Nobody listens there: the job waits, and nothing of it has left when it is taken back.
    let printer_id = page_printer(&terminal, "ipp://127.0.0.1:9/ipp/print");
    let (order, _) = issued(&stage, &terminal, &case_id, "F10", true);
    let print = json!({
        "instrument_id": order, "printer_id": printer_id, "copy_name": "当事人", "sheet_no": "A1",
    });
    let queue = terminal.ask("print_instrument", print.clone()).unwrap();
    assert_eq!(queue["jobs"][0]["sheet_no"], "A1");
    terminal.print_until_quiet();
    let refused = no(&terminal, "print_instrument", print.clone());
    assert_eq!(
        refused.findings[0].rule, "sheet_used",
        "it may still come out"
    );
    let job_id = queue["jobs"][0]["job_id"].clone();
    terminal
        .ask("cancel_print", json!({ "job_id": job_id }))
        .unwrap();
    terminal.ask("print_instrument", print).unwrap();
    assert_intact(&terminal);
}

#[test]
fn what_headquarters_has_to_seal_is_delivered_only_once_it_is_sealed() {
    let (folder, mut stage, terminal, case_id) = at_work("headquarters");
    let (order, _) = issued(&stage, &terminal, &case_id, "F10", true);
    assert_eq!(
        view(&terminal, &order)["seal"],
        json!({ "mode": "headquarters", "number": null, "is_sealed": false })
    );
    assert_eq!(seen(folder.path(), &pdf_of(&terminal, &order)).0, 0);
    let printer = page_printer(&terminal, "ipp://127.0.0.1:9/ipp/print");
    let copied = || {
        let copy = json!({
            "instrument_id": order, "printer_id": printer, "copy_name": "当事人",
        });
        terminal.ask("print_instrument", copy).unwrap()["jobs"][0].clone()
    };
    let waiting = copied();
    let delivery = json!({
        "instrument_id": order, "method": "direct", "recipient": "王五", "note": "", "witness_name": null,
    });
    assert_eq!(
        code(&no(&terminal, "deliver_instrument", delivery.clone())),
        "not_sealed"
    );
    meet(&mut stage, &terminal);

    stage.connect().unwrap();
    let hash = view(&terminal, &order)["content_sha256"].clone();
    let seal = json!({ "instrument_id": order, "content_sha256": hash });
    let mut clerk = signed_in(&stage, "clerk");
    assert_eq!(
        clerk.post("rpc/seal_instrument", &seal).unwrap().status,
        403
    );
    let mut keeper = signed_in(&stage, "seal_keeper");
    let queue = keeper.ask("rpc/queue", &json!({})).unwrap();
    assert_eq!(
        (
            &queue["items"][0]["task"],
            &queue["items"][0]["content_sha256"]
        ),
        (&json!("seal"), &hash)
    );
    let other = json!({ "instrument_id": order, "content_sha256": "0".repeat(64) });
    let refused = keeper.post("rpc/seal_instrument", &other).unwrap();
    assert!(String::from_utf8_lossy(&refused.body).contains("content_changed"));
    keeper.ask("rpc/seal_instrument", &seal).unwrap();
    let refused = keeper.post("rpc/seal_instrument", &seal).unwrap();
    assert!(String::from_utf8_lossy(&refused.body).contains("sealed_before"));
    assert_eq!(
        keeper.ask("rpc/queue", &json!({})).unwrap()["items"],
        json!([])
    );
    stage.cut();

    meet(&mut stage, &terminal);
    let sealed = view(&terminal, &order);
    assert_eq!(
        sealed["seal"],
        json!({ "mode": "headquarters", "number": "00000001", "is_sealed": true })
    );
    let copy = stream(&terminal, sealed["sealed_pdf"].as_str().unwrap());
    let (red, read) = seen(folder.path(), &copy);
    assert!(red > 5_000, "{red} red dots");
    assert!(read.contains(hash.as_str().unwrap()));
    // The sheet that waited for its seal is no first copy of the sealed one.
    let copies = [copied(), copied()];
    assert_eq!(
        [&waiting, &copies[0], &copies[1]]
            .map(|copy| (copy["copy_name"].clone(), copy["is_reprint"].clone())),
        [
            (json!("当事人"), json!(false)),
            (json!("当事人（盖章件）"), json!(false)),
            (json!("当事人（盖章件）"), json!(true)),
        ]
    );
    terminal.ask("deliver_instrument", delivery).unwrap();
    assert_intact(&terminal);

    // Headquarters sends the same bytes to the person concerned as the officer prints.
    stage.connect().unwrap();
    let mut keeper = signed_in(&stage, "seal_keeper");
    let case = json!({ "case_id": case_id, "purpose": "寄送盖章件" });
    let row = keeper.ask("rpc/case", &case).unwrap()["instruments"][0].clone();
    assert_eq!(
        row["seal"],
        json!({ "mode": "headquarters", "number": "00000001" })
    );
    let answer = keeper.get(row["office_copy"].as_str().unwrap()).unwrap();
    assert_eq!(answer.status, 200);
    assert!(answer.body == copy, "the sealed copies differ");
    let views = keeper.ask("rpc/views", &json!({ "limit": 5 })).unwrap();
    assert_eq!(views["views"][0]["what"], "copy", "{views}");
    let mut stranger = Browser::at(&stage.address);
    let refused = stranger.get(row["office_copy"].as_str().unwrap()).unwrap();
    assert_eq!(refused.status, 401);
}
