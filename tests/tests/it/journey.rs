//! One roadside inspection, start to finish, on a real terminal and a real headquarters.

use std::path::Path;
use std::process::Command;

use crate::support::{
    self, FORMS, assert_intact, bodies, code, first_notices, issued, jpeg, no, on_duty, stage,
    stream, wait_until,
};
use casebook::{DeviceSetup, Terminal};
use chrono::{DateTime, TimeDelta};
use contract::Surface;
use devices::printing::Address;
use devices::testing::{IppPrinter, SlipPrinter};
use journeys::browser::Browser;
use journeys::{Officer, present, roadside, sign_in_both, test_devices};
use serde_json::{Value, json};

fn sign_in(credential_no: &str, pin: &str) -> Value {
    json!({ "credential_no": credential_no, "pin": pin })
}

fn articles(error: &contract::BoundaryError) -> Vec<String> {
    error
        .basis
        .iter()
        .map(|at| format!("{} {}", at.law, at.article))
        .collect()
}

#[test]
fn an_expired_or_unknown_certificate_is_refused_with_the_article() {
    let (_folder, stage) = stage();
    let terminal = stage.terminal("terminal").unwrap();
    for (credential_no, expected) in [
        ("99010003", "credential_expired"),
        ("88888888", "credential_unknown"),
        ("99010004", "not_an_officer"),
    ] {
        let error = no(&terminal, "sign_in", sign_in(credential_no, "112358"));
        assert_eq!(code(&error), expected);
        assert!(
            articles(&error).iter().any(|at| at == "行政处罚法 42"),
            "{credential_no}: {:?}",
            error.basis
        );
        assert_eq!(error.incident, None, "a refusal is no failure");
    }
    // What happened at the closed door is in the journal once it opens.
    sign_in_both(&terminal).unwrap();
    let refused: Vec<_> = bodies(&terminal, "credential.refused")
        .iter()
        .map(|body| body["code"].clone())
        .collect();
    assert_eq!(
        refused,
        ["credential_expired", "credential_unknown", "not_an_officer"]
    );
    assert_intact(&terminal);
}

#[test]
fn a_certificate_that_runs_out_during_the_session_ends_the_work() {
    let (_folder, mut stage) = stage();
    let terminal = on_duty(&mut stage, test_devices());
    let case_id = roadside::open(&terminal, "one").unwrap();
    stage.clock.advance(TimeDelta::days(9_000));
    let start = json!({ "case_id": case_id, "form": "F01", "request_id": "late" });
    let error = no(&terminal, "start_instrument", start);
    assert_eq!(code(&error), "credential_expired");
    assert!(!error.basis.is_empty());
    assert_eq!(
        code(&no(&terminal, "badge", json!({}))),
        "credential_expired"
    );
}

#[test]
fn before_presenting_neither_an_inspection_nor_a_form_starts() {
    let (_folder, stage) = stage();
    let terminal = stage.terminal("terminal").unwrap();
    let open = json!({ "reason": "special", "reason_note": "", "place": roadside::place(), "party": roadside::party(),
                       "vehicle": roadside::vehicle(), "request_id": "one" });
    assert_eq!(
        code(&no(&terminal, "open_inspection", open.clone())),
        "locked"
    );
    terminal
        .ask("sign_in", sign_in("99010001", "246810"))
        .unwrap();
    let alone = no(&terminal, "open_inspection", open.clone());
    assert_eq!(code(&alone), "two_officers_needed");
    assert!(!alone.basis.is_empty());
    assert_eq!(
        code(&no(
            &terminal,
            "present",
            json!({ "method": "show", "acknowledgement": "seen", "uniform_worn": true, "place": null })
        )),
        "two_officers_needed"
    );

    terminal
        .ask("sign_in", sign_in("99010002", "135791"))
        .unwrap();
    for (command, payload) in [("open_inspection", open), ("badge", json!({}))] {
        let error = no(&terminal, command, payload);
        assert_eq!(code(&error), "not_presented", "{command}");
        assert!(
            articles(&error)
                .iter()
                .any(|at| at.starts_with("行政处罚法")),
            "{command}: {:?}",
            error.basis
        );
    }
    present(&terminal).unwrap();
    let case_id = roadside::open(&terminal, "one").unwrap();

    // A new session has shown nobody anything.
    terminal.ask("lock", json!({})).unwrap();
    sign_in_both(&terminal).unwrap();
    let start = json!({ "case_id": case_id, "form": "F01", "request_id": "form" });
    assert_eq!(
        code(&no(&terminal, "start_instrument", start)),
        "not_presented"
    );
    let rows = terminal
        .ask("forms", json!({ "case_id": case_id }))
        .unwrap();
    // What is written at the office may wait for other things, but not for the badge.
    let at_scene = |code: &Value| {
        ["F01", "F02", "F03", "F10", "F12", "F21"]
            .iter()
            .any(|scene| code == scene)
    };
    let rows = rows["forms"].as_array().unwrap();
    assert_eq!(rows.iter().filter(|row| at_scene(&row["code"])).count(), 6);
    for row in rows.iter().filter(|row| at_scene(&row["code"])) {
        assert_eq!(row["refusal"]["code"], "not_presented", "{row}");
        assert_ne!(row["refusal"]["basis"], json!([]), "{row}");
    }
    let refused: Vec<_> = bodies(&terminal, "act.refused")
        .iter()
        .map(|body| body["code"].clone())
        .collect();
    assert_eq!(
        refused,
        [
            "two_officers_needed",
            "two_officers_needed",
            "not_presented",
            "not_presented"
        ]
    );
    assert_intact(&terminal);
}

#[test]
fn wrong_check_digits_are_findings_at_their_fields() {
    let (_folder, mut stage) = stage();
    let terminal = on_duty(&mut stage, test_devices());
    for (field, wrong) in [
        ("id_no", "990000199108170028"),
        ("id_no", "99000019910817002"),
        ("uscc", "91990000MA007E5708"),
        ("uscc", "91990000MA007E570"),
    ] {
        let mut party = roadside::party();
        party[field] = json!(wrong);
        let found = terminal
            .ask("check_party", json!({ "party": party, "vehicle": null }))
            .unwrap();
        let at: Vec<_> = found["findings"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|finding| finding["severity"] == "block")
            .map(|finding| finding["field"].clone())
            .collect();
        assert_eq!(at, [format!("party.{field}")], "{wrong}: {found}");
        let error = no(
            &terminal,
            "open_inspection",
            json!({ "reason": "special", "reason_note": "", "place": roadside::place(), "party": party,
                    "vehicle": null, "request_id": wrong }),
        );
        assert_eq!(code(&error), "findings_open");
        assert!(
            error
                .findings
                .iter()
                .all(|finding| !finding.hint.is_empty()),
            "{:?}",
            error.findings
        );
    }
    let right = terminal
        .ask(
            "check_party",
            json!({ "party": roadside::party(), "vehicle": roadside::vehicle() }),
        )
        .unwrap();
    assert!(
        right["findings"]
            .as_array()
            .unwrap()
            .iter()
            .all(|finding| finding["severity"] != "block"),
        "{right}"
    );
}

#[test]
fn numbers_come_from_the_leased_block_without_gaps() {
    let (_folder, mut stage) = stage();
    let terminal = on_duty(&mut stage, test_devices());
    let left = || {
        terminal.ask("sync_state", json!({})).unwrap()["numbers_left"]
            .as_u64()
            .unwrap()
    };
    let leased = left();
    let mut numbers = Vec::new();
    for case in ["one", "two", "three"] {
        let case_id = roadside::open(&terminal, case).unwrap();
        first_notices(&terminal, &case_id);
        let (instrument_id, number) = issued(&stage, &terminal, &case_id, "F01", true);
        numbers.push(number.unwrap());
        if case == "two" {
            // A voided number stays used.
            let voided = json!({ "instrument_id": instrument_id, "reason": "日期写错" });
            terminal.ask("void_instrument", voided).unwrap();
        }
    }
    assert_eq!(
        numbers,
        [
            "示例交检〔2026〕0001号",
            "示例交检〔2026〕0002号",
            "示例交检〔2026〕0003号"
        ]
    );
    assert_eq!(left(), leased - 3);
    assert_intact(&terminal);
}

#[test]
fn the_penalty_asks_for_notice_rectification_and_signatures_first() {
    let (_folder, mut stage) = stage();
    let terminal = on_duty(&mut stage, test_devices());
    let case_id = roadside::open(&terminal, "one").unwrap();
    first_notices(&terminal, &case_id);
    let earlier = support::now(&terminal);
    stage.pass(4);
    let fields = roadside::fields("F21", &support::now(&terminal), &earlier);
    let (instrument_id, _) = roadside::fill(&terminal, &case_id, "F21", &fields).unwrap();
    let issue = json!({ "instrument_id": instrument_id });
    let error = no(&terminal, "issue_instrument", issue.clone());
    assert_eq!(
        (code(&error).as_str(), &error.args["notice"]),
        ("notice_not_told", &json!("RN-3"))
    );
    roadside::tell(&terminal, &case_id, "RN-3", "没有意见").unwrap();
    let error = no(&terminal, "issue_instrument", issue.clone());
    assert_eq!(code(&error), "signature_missing");
    roadside::refuse_to_sign(&terminal, &instrument_id).unwrap();
    assert_eq!(
        no(&terminal, "issue_instrument", issue.clone()).args["slot"],
        "officer_1"
    );
    roadside::sign(&terminal, &instrument_id, "officer_1", "赵明甲").unwrap();
    roadside::sign(&terminal, &instrument_id, "officer_2", "钱思乙").unwrap();
    terminal.ask("issue_instrument", issue.clone()).unwrap();
    assert_eq!(
        code(&no(&terminal, "issue_instrument", issue)),
        "instrument_frozen"
    );
    assert_intact(&terminal);
}

fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program)
        .args(arguments)
        .output()
        .unwrap_or_else(|error| panic!("{program}: {error}"));
    assert!(
        output.status.success(),
        "{program}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// The text of a PDF without its line breaks, and the address in its QR.
fn read_pdf(folder: &Path, name: &str, pdf: &[u8]) -> (String, String) {
    let path = folder.join(format!("{name}.pdf"));
    std::fs::write(&path, pdf).unwrap();
    let path = path.to_str().unwrap();
    let text: String = run("pdftotext", &[path, "-"]).split_whitespace().collect();
    let pages = folder.join(name);
    run(
        "pdftoppm",
        &["-r", "160", "-png", path, pages.to_str().unwrap()],
    );
    let mut pages: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "png"))
        .filter(|path| {
            path.file_name()
                .unwrap()
                .to_str()
                .unwrap()
                .starts_with(&format!("{name}-"))
        })
        .collect();
    pages.sort();
    let codes = pages.iter().find_map(|page| {
        let output = Command::new("zbarimg")
            .args(["--raw", "-q", page.to_str().unwrap()])
            .output()
            .unwrap();
        Some(String::from_utf8(output.stdout).unwrap()).filter(|text| !text.trim().is_empty())
    });
    (text, codes.unwrap_or_default().trim().to_owned())
}

fn record(terminal: &Terminal, case_id: &str, kind: &str) -> String {
    let state = terminal
        .ask(
            "start_recording",
            json!({ "case_id": case_id, "kind": kind, "step": "现场检查" }),
        )
        .unwrap();
    assert_eq!(
        code(&no(
            terminal,
            "start_recording",
            json!({ "case_id": case_id, "kind": kind, "step": "" })
        )),
        "recording_running"
    );
    terminal
        .ask("mark_recording", json!({ "text": "当事人到场" }))
        .unwrap();
    wait_until("a second of it is stored", || {
        let state = terminal.ask("recording", json!({})).unwrap();
        state["running"]["stored_ms"].as_u64().unwrap() >= 1_000
    });
    terminal
        .ask("stop_recording", json!({ "reason": "" }))
        .unwrap();
    roadside::text(&state["running"], "evidence_id").unwrap()
}

fn import(terminal: &Terminal, case_id: &str, bytes: &[u8]) -> Value {
    let path = format!("upload/photo?case_id={case_id}&step=%E6%B5%8B%E9%87%8F&name=IMG_1.jpg");
    serde_json::from_slice(&terminal.upload(Surface::Officer, &path, bytes).unwrap()).unwrap()
}

#[test]
fn one_inspection_offline_and_then_at_headquarters() {
    let (folder, mut stage) = stage();
    // At the pace of a camera: a recording lasts until it is stopped.
    let camera = DeviceSetup {
        paced: true,
        limit: None,
        ..test_devices()
    };
    let terminal = on_duty(&mut stage, camera);
    let case_id = roadside::open(&terminal, "one").unwrap();
    let video = record(&terminal, &case_id, "video");
    let audio = record(&terminal, &case_id, "audio");
    let shot = roadside::text(
        &terminal
            .ask("take_photo", json!({ "case_id": case_id, "step": "测量" }))
            .unwrap(),
        "evidence_id",
    )
    .unwrap();
    let picture = jpeg(80);
    let imported = import(&terminal, &case_id, &picture);
    assert_eq!(
        (imported["kind"].as_str(), imported["step"].as_str()),
        (Some("imported_photo"), Some("测量"))
    );
    let imported = roadside::text(&imported, "evidence_id").unwrap();
    assert_eq!(
        stream(&terminal, &format!("stream/evidence/{imported}")),
        picture
    );

    first_notices(&terminal, &case_id);
    let mut papers = Vec::new();
    for form in FORMS {
        let (instrument_id, number) = issued(&stage, &terminal, &case_id, form, form != "F21");
        assert_eq!(number.is_some(), form != "F02", "{form}");
        papers.push((form, instrument_id, number));
    }
    for (_, instrument_id, _) in papers
        .iter()
        .filter(|(form, ..)| matches!(*form, "F10" | "F21"))
    {
        roadside::deliver(&terminal, instrument_id).unwrap();
    }
    let mut scans = Vec::new();
    for (form, instrument_id, number) in &papers {
        let view = terminal
            .ask("instrument", json!({ "instrument_id": instrument_id }))
            .unwrap();
        let pdf = stream(&terminal, &format!("stream/instrument/{instrument_id}/pdf"));
        let (text, scanned) = read_pdf(folder.path(), form, &pdf);
        assert!(text.contains("王样二"), "{form}: {text}");
        assert!(
            text.contains(view["definition"]["title"].as_str().unwrap()),
            "{form}"
        );
        if let Some(number) = number {
            assert!(text.contains(number.as_str()), "{form}: {text}");
        }
        if *form == "F21" {
            assert!(text.contains("壹佰伍拾元整"), "{text}");
            assert!(
                text.contains("拒绝签名") && text.contains("李见证"),
                "{text}"
            );
        }
        let (name, sha256) = scanned
            .strip_prefix(&format!("{}/v#d=", stage.url()))
            .and_then(|rest| rest.split_once("&sha="))
            .unwrap_or_else(|| panic!("{form}: {scanned}"));
        assert_eq!(Some(sha256), view["content_sha256"].as_str(), "{form}");
        assert_eq!(
            &percent_decoded(name),
            number.as_ref().unwrap_or(instrument_id)
        );
        scans.push((percent_decoded(name), sha256.to_owned()));
        assert!(
            stream(
                &terminal,
                &format!("stream/instrument/{instrument_id}/ticket.png")
            )
            .starts_with(b"\x89PNG")
        );
    }
    let case = terminal.ask("case", json!({ "case_id": case_id })).unwrap();
    let due = |name: &str| {
        case["clocks"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|clock| clock["text"].as_str().unwrap().contains(name))
            .map(|clock| clock["due_on"].clone())
            .collect::<Vec<_>>()
    };
    // 15 days from 22 September run into the National Day holidays.
    assert_eq!(due("缴纳罚款"), ["2026-10-08"], "{}", case["clocks"]);
    assert_eq!(case["at_headquarters"], json!(false));

    // Nothing can leave yet, and the terminal says why.
    let offline = terminal.sync_until_quiet().unwrap();
    assert_eq!(offline.cause.unwrap().as_str(), "headquarters_unreachable");
    assert_eq!(
        terminal.ask("sync_state", json!({})).unwrap()["cause"],
        "headquarters_unreachable"
    );

    stage.pass(60);
    stage.connect().unwrap();
    let summary = terminal.sync_until_quiet().unwrap();
    assert_eq!(summary.cause, None);
    let case = terminal.ask("case", json!({ "case_id": case_id })).unwrap();
    assert_eq!(case["at_headquarters"], json!(true), "{case}");
    for list in ["instruments", "evidence", "timeline"] {
        for row in case[list].as_array().unwrap() {
            assert_eq!(row["at_headquarters"], json!(true), "{list}: {row}");
        }
    }
    let state = terminal.ask("sync_state", json!({})).unwrap();
    assert_eq!(
        (&state["media_pending"], &state["cause"]),
        (&json!(0), &Value::Null),
        "{state}"
    );
    assert_intact(&terminal);

    let papers: Vec<_> = papers
        .iter()
        .map(|(_, id, _)| format!("stream/instrument/{id}/pdf"))
        .collect();
    let media: Vec<_> = [video, audio, shot, imported]
        .iter()
        .map(|id| format!("stream/evidence/{id}"))
        .collect();
    let files: Vec<_> = papers
        .iter()
        .chain(&media)
        .map(|path| stream(&terminal, path))
        .collect();
    console_shows(&stage.address, &case_id, &files);
    // What a phone read from each sheet of paper is known at headquarters.
    for (id, sha256) in scans {
        let asked = json!({ "id": id, "sha256": sha256 });
        let answer = Browser::at(&stage.address)
            .ask("public/rpc/document", &asked)
            .unwrap();
        assert_eq!(answer["state"], "issued", "{answer}");
    }
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut pieces = text.split('%');
    bytes.extend_from_slice(pieces.next().unwrap().as_bytes());
    for piece in pieces {
        bytes.push(u8::from_str_radix(&piece[..2], 16).unwrap());
        bytes.extend_from_slice(&piece.as_bytes()[2..]);
    }
    String::from_utf8(bytes).unwrap()
}

/// What an official sees and fetches at the console, and that each look is written down.
fn console_shows(address: &str, case_id: &str, files: &[Vec<u8>]) {
    let mut browser = Browser::at(address);
    assert_eq!(
        browser
            .post(
                "rpc/cases",
                &json!({ "text": "", "after": null, "limit": 10 })
            )
            .unwrap()
            .status,
        401
    );
    let wrong = browser
        .post(
            "rpc/login",
            &json!({ "user": "legal", "password": "guess" }),
        )
        .unwrap();
    assert_eq!(
        (wrong.status, wrong.json().unwrap()["code"].clone()),
        (401, json!("wrong_secret"))
    );
    let me = browser
        .ask(
            "rpc/login",
            &json!({ "user": "legal", "password": "example-legal" }),
        )
        .unwrap();
    assert_eq!(me["role"], "legal");
    let list = browser
        .ask(
            "rpc/cases",
            &json!({ "text": "王样二", "after": null, "limit": 10 }),
        )
        .unwrap();
    assert_eq!(
        (&list["total"], &list["cases"][0]["case_id"]),
        (&json!(1), &json!(case_id)),
        "{list}"
    );
    assert_eq!(list["cases"][0]["is_complete"], json!(true), "{list}");

    let purpose = "法制审核前阅卷";
    let case = browser
        .ask(
            "rpc/case",
            &json!({ "case_id": case_id, "purpose": purpose }),
        )
        .unwrap();
    assert_eq!(
        case["completeness"]["is_complete"],
        json!(true),
        "{}",
        case["completeness"]
    );
    assert_eq!(case["completeness"]["is_chain_whole"], json!(true));
    assert_eq!(case["completeness"]["not_understood"], json!(0));
    assert_eq!(case["instruments"].as_array().unwrap().len(), 4);
    assert_eq!(case["evidence"].as_array().unwrap().len(), 4);
    for row in case["timeline"].as_array().unwrap() {
        assert_eq!(
            (&row["is_verified"], &row["is_understood"]),
            (&json!(true), &json!(true)),
            "{row}"
        );
    }
    assert!(!case["receipts"].as_array().unwrap().is_empty());

    let objects: Vec<&Value> = case["instruments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row["pdf"])
        .chain(
            case["evidence"]
                .as_array()
                .unwrap()
                .iter()
                .map(|row| &row["object"]),
        )
        .collect();
    for bytes in files {
        let sha256 = journal::Hash::of(bytes).to_string();
        let object = objects
            .iter()
            .find(|object| object["sha256"] == sha256.as_str())
            .expect("every file is named in the case");
        let path = object["stream"].as_str().unwrap();
        let whole = browser.get(path).unwrap();
        assert_eq!(
            whole.status,
            200,
            "{}",
            String::from_utf8_lossy(&whole.body)
        );
        assert_eq!(whole.header("content-type"), object["media_type"].as_str());
        assert!(whole.body == *bytes, "{path} came byte for byte");
        let part = browser.get_range(path, "bytes=100-299").unwrap();
        assert_eq!(part.status, 206);
        assert!(part.body == bytes[100..300], "a part of {path}");
    }
    assert_eq!(
        Browser::at(address)
            .get(objects[0]["stream"].as_str().unwrap())
            .unwrap()
            .status,
        401,
        "not without a login"
    );

    let views = browser
        .ask(
            "rpc/views",
            &json!({ "case_id": case_id, "user": null, "after": null, "limit": 100 }),
        )
        .unwrap();
    let views = views["views"].as_array().unwrap();
    assert_eq!(
        views
            .iter()
            .filter(|view| view["what"] == "case" && view["purpose"] == purpose)
            .count(),
        1,
        "{views:?}"
    );
    for bytes in files {
        let sha256 = journal::Hash::of(bytes).to_string();
        let seen = views.iter().any(|view| {
            view["what"] == "object" && view["id"] == sha256.as_str() && view["user"] == "legal"
        });
        assert!(seen, "looking at {sha256} was written down: {views:?}");
    }
    let health = browser.ask("rpc/journal_health", &json!({})).unwrap();
    assert_eq!(health["is_sound"], json!(true), "{health}");

    // Anyone may ask about a paper; the answer names no party.
    let paper = case["instruments"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["form"] == "F21")
        .unwrap();
    let mut phone = Browser::at(address);
    let ask = |phone: &mut Browser, id: &Value, sha256: Value| {
        phone
            .ask(
                "public/rpc/document",
                &json!({ "id": id, "sha256": sha256 }),
            )
            .unwrap()
    };
    let answer = ask(
        &mut phone,
        &paper["number"],
        paper["content_sha256"].clone(),
    );
    assert_eq!(answer["state"], "issued");
    assert!(!answer.to_string().contains("王样二"), "{answer}");
    assert_eq!(
        ask(&mut phone, &paper["instrument_id"], json!("0".repeat(64)))["state"],
        "content_differs"
    );
    assert_eq!(
        ask(&mut phone, &json!("示例交罚〔2026〕9999号"), Value::Null)["state"],
        "unknown"
    );
}

#[test]
fn the_badge_is_valid_now_and_not_for_long() {
    let (_folder, mut stage) = stage();
    let terminal = on_duty(&mut stage, test_devices());
    stage.connect().unwrap();
    let badge = || terminal.ask("badge", json!({})).unwrap();
    let first = badge();
    assert_eq!(first["period_s"], 30);
    // 09:20:00 begins a period.
    assert_eq!(first["changes_at"], "2026-09-22T09:20:30.000+08:00");
    stage.clock.advance(TimeDelta::milliseconds(29_999));
    assert_eq!(badge(), first, "not before its 30 seconds are over");
    stage.clock.advance(TimeDelta::milliseconds(1));
    let second = badge();
    assert_ne!(second["url"], first["url"]);

    let token = |badge: &Value| {
        badge["url"]
            .as_str()
            .unwrap()
            .split_once("/v#")
            .unwrap()
            .1
            .to_owned()
    };
    let check = |text: &str| {
        Browser::at(&stage.address)
            .ask("public/rpc/badge", &json!({ "token": text }))
            .unwrap()
    };
    let answer = check(&token(&second));
    assert_eq!(answer["state"], "valid", "{answer}");
    let names: Vec<_> = answer["officers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|officer| officer["name"].clone())
        .collect();
    assert_eq!(names, ["赵明甲", "钱思乙"]);
    let portrait = answer["officers"][0]["photo"].as_str().unwrap();
    assert!(
        Browser::at(&stage.address)
            .get(portrait)
            .unwrap()
            .body
            .starts_with(b"\x89PNG")
    );
    assert_eq!(
        check(&format!("{}\u{200b}\n", token(&second)))["state"],
        "valid",
        "a scanner's own characters"
    );

    stage.clock.advance(TimeDelta::minutes(10));
    assert_eq!(check(&token(&second))["state"], "expired_code");
    let forged: String = token(&badge()).chars().rev().collect();
    assert!(matches!(
        check(&forged)["state"].as_str().unwrap(),
        "malformed" | "bad_signature" | "unknown"
    ));
    assert_eq!(check("")["state"], "malformed");
}

#[test]
fn a_phone_sees_that_a_certificate_has_run_out() {
    let (_folder, mut stage) = stage();
    // Minted in the last seconds of the last day.
    stage
        .clock
        .set_wall_clock(DateTime::parse_from_rfc3339("2049-12-31T23:59:50+08:00").unwrap());
    let terminal = on_duty(&mut stage, test_devices());
    stage.connect().unwrap();
    let badge = terminal.ask("badge", json!({})).unwrap();
    let token = badge["url"]
        .as_str()
        .unwrap()
        .split_once("/v#")
        .unwrap()
        .1
        .to_owned();
    let check = || {
        Browser::at(&stage.address)
            .ask("public/rpc/badge", &json!({ "token": token }))
            .unwrap()
    };
    assert_eq!(check()["state"], "valid");
    stage.clock.advance(TimeDelta::seconds(15));
    let answer = check();
    assert_eq!(answer["state"], "certificate_expired", "{answer}");
    assert_eq!(answer["officers"][0]["standing"], "expired");
    assert_eq!(answer["officers"][0]["valid_to"], "2049-12-31");
}

fn add_printer(terminal: &Terminal, name: &str, address: &Address) -> String {
    let (language, address) = match address {
        Address::Ipp(address) => ("ipp", address.clone()),
        Address::Slip { language, port } => (language.name(), port.to_string()),
    };
    let printers = terminal
        .ask(
            "add_printer",
            json!({ "name": name, "language": language, "address": address, "width_dots": 576 }),
        )
        .unwrap();
    let row = printers["printers"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["name"] == name)
        .unwrap();
    roadside::text(row, "printer_id").unwrap()
}

fn job(terminal: &Terminal, copy_name: &str) -> Value {
    let queue = terminal.ask("print_queue", json!({})).unwrap();
    queue["jobs"]
        .as_array()
        .unwrap()
        .iter()
        .find(|job| job["copy_name"] == copy_name)
        .unwrap_or_else(|| panic!("{queue}"))
        .clone()
}

#[test]
fn paper_comes_out_or_the_officer_is_asked() {
    let (_folder, mut stage) = stage();
    let terminal = on_duty(&mut stage, test_devices());
    let case_id = roadside::open(&terminal, "one").unwrap();
    first_notices(&terminal, &case_id);
    let (instrument_id, _) = issued(&stage, &terminal, &case_id, "F10", true);
    let (office, tickets) = (IppPrinter::start().unwrap(), SlipPrinter::start().unwrap());
    let office_id = add_printer(&terminal, "办公打印机", &office.address());
    let tickets_id = add_printer(&terminal, "小票打印机", &tickets.address());
    let print = |printer_id: &str, copy_name: &str| {
        terminal.ask("print_instrument", json!({ "instrument_id": instrument_id, "printer_id": printer_id, "copy_name": copy_name })).unwrap();
    };
    let copies = || {
        let case = terminal.ask("case", json!({ "case_id": case_id })).unwrap();
        case["instruments"][0]["copies_printed"].as_u64().unwrap()
    };

    print(&office_id, "存卷");
    terminal.print_until_quiet();
    assert_eq!(
        job(&terminal, "存卷")["state"],
        "confirmed",
        "{}",
        job(&terminal, "存卷")
    );
    let pdf = stream(&terminal, &format!("stream/instrument/{instrument_id}/pdf"));
    assert!(
        office.documents().unwrap() == [pdf],
        "the sheet is the issued document"
    );

    // Out of paper: the queue says so, and the copy comes out once paper is there.
    tickets.take_paper_out();
    print(&tickets_id, "当事人");
    std::thread::scope(|scope| {
        scope.spawn(|| terminal.print_until_quiet());
        wait_until("the queue names the cause", || {
            job(&terminal, "当事人")["cause"] == "paper_out"
        });
        assert_eq!(copies(), 1);
        tickets.load_paper();
    });
    assert_eq!(job(&terminal, "当事人")["state"], "confirmed");
    assert_eq!(tickets.tickets().len(), 1);
    assert_eq!(tickets.complaint(), None);
    assert_eq!(copies(), 2);

    // The connection breaks in the middle: nobody knows, so the officer is asked, and the same copy is not repeated.
    for (copy_name, answer, state) in [("一", "complete", "confirmed"), ("二", "nothing", "failed")]
    {
        tickets.close_after_bytes(4_000);
        print(&tickets_id, copy_name);
        terminal.print_until_quiet();
        let asked = job(&terminal, copy_name);
        assert_eq!(asked["state"], "unknown", "{asked}");
        terminal.print_until_quiet();
        assert_eq!(job(&terminal, copy_name)["state"], "unknown");
        terminal
            .ask(
                "answer_print",
                json!({ "job_id": asked["job_id"], "answer": answer }),
            )
            .unwrap();
        assert_eq!(job(&terminal, copy_name)["state"], state);
        assert_eq!(
            code(&no(
                &terminal,
                "answer_print",
                json!({ "job_id": asked["job_id"], "answer": answer })
            )),
            "bad_request"
        );
    }
    assert_eq!(copies(), 3);
    let events = bodies(&terminal, "print.answered");
    assert_eq!(
        events
            .iter()
            .map(|body| body["cause"].clone())
            .collect::<Vec<_>>(),
        ["officer_saw_it", "officer_saw_nothing"]
    );
    assert_intact(&terminal);
}
