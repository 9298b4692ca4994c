//! Hostile input at every field: a finding, an exact round trip or a typed "no" – never a crash, never altered text.

use std::process::Command;

use crate::support::{
    self, FORMS, assert_intact, code, filled, first_notices, issued, jpeg, now, on_duty, stage,
    stream,
};
use casebook::Terminal;
use contract::{BoundaryError, Code, Surface};
use journeys::{Officer, roadside, test_devices};
use serde_json::{Value, json};

/// `(what it is, text)`; short enough for a field, and none of them is what a field asks for.
const SAMPLES: &[(&str, &str)] = &[
    ("nul", "\0"),
    ("nul inside", "王\0样"),
    ("right to left", "\u{202e}正当\u{202c}غ"),
    ("emoji", "👩‍👩‍👧‍👦🚛"),
    ("rare", "𠮷䶮"),
    ("combining", "e\u{301}\u{327}Z\u{310}\u{337}"),
    ("variation", "葛\u{e0100}"),
    ("private use", "\u{e000}"),
    ("noncharacter", "\u{ffff}\u{10ffff}"),
    ("invisible", "\u{feff}\u{200b}\u{2060}"),
    ("lines", "一\r\n二\n三\t四\u{2028}五\u{85}六"),
    ("sql", "'; DROP TABLE inspection; --"),
    ("like", "%_\\\"'"),
    (
        "html",
        "<script>alert(1)</script><img src=x onerror=alert(1)>",
    ),
    ("template", "{{party.id_no}} ${7*7} #{1}"),
    ("path", "../../../../etc/passwd"),
    ("width", "ＡＢＣ１２３ ﬀ ｶﾞ"),
];

/// Ten megabytes, as somebody might paste them.
fn paste() -> String {
    "违法事实".repeat(10 * 1024 * 1024 / 12)
}

/// A "no" that says what is wrong with the request; a thing that broke is not among them.
fn is_typed(error: &BoundaryError) -> bool {
    error.incident.is_none()
        && !matches!(
            error.code,
            Code::Failure | Code::DatabaseDamaged | Code::DiskFull | Code::PackRefused
        )
}

fn at<'a>(value: &'a Value, path: &str) -> &'a Value {
    path.split('.')
        .fold(value, |value, key| match key.parse::<usize>() {
            Ok(index) => &value[index],
            Err(_) => &value[key],
        })
}

fn set(value: &mut Value, path: &str, to: Value) {
    let mut place = value;
    for key in path.split('.') {
        if !place.is_object() {
            *place = json!({});
        }
        place = &mut place[key];
    }
    *place = to;
}

fn opening(request_id: &str) -> Value {
    json!({ "reason": "special", "reason_note": "", "place": roadside::place(), "party": roadside::party(),
            "vehicle": roadside::vehicle(), "request_id": request_id })
}

const OPENING_TEXTS: &[&str] = &[
    "reason",
    "reason_note",
    "place.text",
    "place.road_no",
    "place.direction",
    "place.division",
    "party.kind",
    "party.name",
    "party.sex",
    "party.id_type",
    "party.id_no",
    "party.address",
    "party.phone",
    "party.org_name",
    "party.uscc",
    "party.employer",
    "party.post",
    "party.permit_no",
    "party.postcode",
    "party.birth_date",
    "vehicle.plate",
    "vehicle.plate_colour",
    "vehicle.type",
    "vehicle.vin",
    "vehicle.brand",
    "vehicle.trailer_plate",
];

#[test]
fn every_text_of_an_opening_is_kept_exactly_or_found_at_its_field() {
    let (_folder, mut stage) = stage();
    let terminal = on_duty(&mut stage, test_devices());
    let mut kept = 0;
    for path in OPENING_TEXTS {
        for (what, text) in SAMPLES {
            let mut request = opening(&format!("{path} {what}"));
            set(&mut request, path, json!(text));
            match terminal.ask("open_inspection", request) {
                Ok(case) => {
                    assert_eq!(at(&case, path), text, "{path} {what}");
                    let again = terminal
                        .ask("case", json!({ "case_id": case["case_id"] }))
                        .unwrap();
                    assert_eq!(at(&again, path), text, "{path} {what}");
                    kept += 1;
                }
                Err(error) => {
                    assert_eq!(code(&error), "findings_open", "{path} {what}: {error:?}");
                    let block = path.split('.').next().unwrap();
                    assert!(
                        error
                            .findings
                            .iter()
                            .any(|finding| finding.field.starts_with(block)),
                        "{path} {what}: {error:?}"
                    );
                    assert!(
                        error
                            .findings
                            .iter()
                            .all(|finding| !finding.text.is_empty() && !finding.hint.is_empty()),
                        "{error:?}"
                    );
                }
            }
        }
    }
    println!("{kept} texts were kept");
    assert!(kept > 50);
    assert_intact(&terminal);
}

#[test]
fn ten_megabytes_are_refused_and_never_stop_the_way_to_headquarters() {
    let (_folder, mut stage) = stage();
    let terminal = on_duty(&mut stage, test_devices());
    let case_id = roadside::open(&terminal, "one").unwrap();
    first_notices(&terminal, &case_id);
    let (drafted, saved) = filled(&stage, &terminal, &case_id, "F02");
    let (paper, _) = issued(&stage, &terminal, &case_id, "F01", true);
    let paste = paste();
    let refused = |command: &str, payload: Value| {
        let error = terminal.ask(command, payload).expect_err(command);
        assert!(is_typed(&error), "{command}: {}", code(&error));
        assert!(
            error
                .args
                .values()
                .all(|argument| argument.to_string().len() < 10_000),
            "{command} sends the paste back"
        );
    };
    for path in OPENING_TEXTS
        .iter()
        .step_by(4)
        .chain(&["reason_note", "request_id"])
    {
        let mut request = opening(path);
        set(&mut request, path, json!(paste));
        refused("open_inspection", request);
    }
    refused(
        "amend_case",
        json!({ "case_id": case_id, "place": { "text": paste }, "party": null, "vehicle": null }),
    );
    refused(
        "amend_case",
        json!({ "case_id": case_id, "place": null, "party": { "name": paste }, "vehicle": null }),
    );
    refused(
        "tell_notice",
        json!({ "case_id": case_id, "notice": "RN-3", "response": paste }),
    );
    refused(
        "tell_notice",
        json!({ "case_id": case_id, "notice": paste, "response": "" }),
    );
    refused(
        "start_instrument",
        json!({ "case_id": case_id, "form": "F10", "request_id": paste }),
    );
    refused(
        "start_instrument",
        json!({ "case_id": case_id, "form": paste, "request_id": "x" }),
    );
    refused(
        "start_instrument",
        json!({ "case_id": paste, "form": "F10", "request_id": "x" }),
    );
    refused(
        "save_draft",
        json!({ "instrument_id": drafted, "value": { "content": paste }, "revision": saved["revision"] }),
    );
    for (name, reason) in [(paste.as_str(), "不签"), ("王样二", paste.as_str())] {
        let refusal = json!({ "reason": reason, "witness_name": "李见证", "witness_phone": "" });
        refused(
            "sign_instrument",
            json!({ "instrument_id": drafted, "slot": "party", "name": name, "strokes": [], "refusal": refusal }),
        );
    }
    refused(
        "sign_instrument",
        json!({ "instrument_id": drafted, "slot": paste, "name": "", "strokes": [], "refusal": null }),
    );
    refused(
        "void_instrument",
        json!({ "instrument_id": paper, "reason": paste }),
    );
    for (recipient, note, witness) in [
        (paste.as_str(), "", ""),
        ("王样二", paste.as_str(), ""),
        ("王样二", "", paste.as_str()),
    ] {
        refused(
            "deliver_instrument",
            json!({ "instrument_id": paper, "method": "left", "recipient": recipient, "note": note, "witness_name": witness }),
        );
    }
    refused(
        "present",
        json!({ "method": "show", "acknowledgement": "seen", "uniform_worn": true, "place": { "text": paste } }),
    );
    refused(
        "add_printer",
        json!({ "name": paste, "language": "escpos", "address": "127.0.0.1:9", "width_dots": 576 }),
    );
    refused(
        "add_printer",
        json!({ "name": "x", "language": "escpos", "address": format!("{paste}:9"), "width_dots": 576 }),
    );
    refused("read_position", json!({ "nmea": paste }));
    for text in [&paste, &"%".repeat(100_000)] {
        let found = terminal.ask("cases", json!({ "text": text, "after": null, "limit": 10 }));
        assert!(found.map_or_else(|error| is_typed(&error), |list| list["total"] == 0));
        let found = terminal.ask("violations", json!({ "text": text, "limit": 10 }));
        assert!(found.map_or_else(
            |error| is_typed(&error),
            |list| list["violations"] == json!([])
        ));
    }
    // Short enough to keep, too long for paper: the draft stands, and issuing says so.
    let long = json!({ "content": "违法事实".repeat(80_000) });
    let saved = terminal.ask(
        "save_draft",
        json!({ "instrument_id": drafted, "value": long, "revision": saved["revision"] }),
    );
    assert!(saved.as_ref().err().is_none_or(is_typed), "{saved:?}");
    refused("issue_instrument", json!({ "instrument_id": drafted }));
    let preview = terminal.stream(
        Surface::Officer,
        &format!("stream/instrument/{drafted}/preview/1.svg"),
        None,
    );
    assert!(
        preview.as_ref().err().is_none_or(is_typed),
        "{:?}",
        preview.err()
    );
    // As long as an entry may just be: it is kept, and headquarters takes it.
    for text in ["汉".repeat(690_000), "\0".repeat(340_000)] {
        let told = terminal
            .ask(
                "tell_notice",
                json!({ "case_id": case_id, "notice": "RN-7", "response": text }),
            )
            .unwrap();
        assert!(
            told["notices_told"].as_array().unwrap().last().unwrap()["response"] == text.as_str()
        );
    }
    // A check of what is not saved may answer with findings; it stores nothing.
    let checked = terminal.ask(
        "check_draft",
        json!({ "instrument_id": drafted, "value": { "content": paste }, "revision": 1 }),
    );
    assert!(checked.map_or_else(
        |error| is_typed(&error),
        |answer| answer.to_string().len() < 1_000_000
    ));
    let path = format!(
        "upload/photo?case_id={case_id}&step={}&name=1.jpg",
        "a".repeat(10 << 20)
    );
    assert!(is_typed(
        &terminal
            .upload(Surface::Officer, &path, &jpeg(1))
            .unwrap_err()
    ));

    terminal.ask("lock", json!({})).unwrap();
    for (credential_no, pin) in [(paste.as_str(), "1"), ("99010001", paste.as_str())] {
        let error = terminal
            .ask(
                "sign_in",
                json!({ "credential_no": credential_no, "pin": pin }),
            )
            .unwrap_err();
        assert!(
            is_typed(&error)
                && error
                    .args
                    .values()
                    .all(|argument| argument.to_string().len() < 10_000),
            "{}",
            code(&error)
        );
    }
    journeys::sign_in_both(&terminal).unwrap();
    assert_intact(&terminal);
    stage.connect().unwrap();
    assert_eq!(terminal.sync_until_quiet().unwrap().cause, None);
    let state = terminal.ask("sync_state", json!({})).unwrap();
    assert_eq!(state["entries_at_headquarters"], state["entries_total"]);
}

/// Paths of a form that an officer can write in.
fn writable(view: &Value) -> Vec<(String, String)> {
    let sections = view["definition"]["sections"].as_array().unwrap();
    let fields = sections
        .iter()
        .flat_map(|section| section["fields"].as_array().unwrap());
    fields
        .map(|field| {
            (
                field["path"].as_str().unwrap().to_owned(),
                field["kind"].to_string(),
            )
        })
        .filter(|(_, kind)| !kind.contains("shown"))
        .collect()
}

/// Saves, and looks whether the draft is what was sent.
fn save(
    terminal: &Terminal,
    instrument_id: &str,
    value: &Value,
    paths: &[(String, String)],
    what: &str,
) -> Vec<Value> {
    let view = terminal
        .ask("instrument", json!({ "instrument_id": instrument_id }))
        .unwrap();
    let request =
        json!({ "instrument_id": instrument_id, "value": value, "revision": view["revision"] });
    let saved = match terminal.ask("save_draft", request) {
        Ok(saved) => saved,
        Err(error) => {
            assert!(is_typed(&error), "{what}: {error:?}");
            return Vec::new();
        }
    };
    let view = terminal
        .ask("instrument", json!({ "instrument_id": instrument_id }))
        .unwrap();
    for (path, _) in paths {
        assert_eq!(
            at(&view["value"], path),
            at(value, path),
            "{what}: {path} was altered"
        );
    }
    saved["findings"].as_array().unwrap().clone()
}

#[test]
fn every_field_of_every_form_keeps_its_text_or_has_a_finding() {
    let (_folder, mut stage) = stage();
    let terminal = on_duty(&mut stage, test_devices());
    let case_id = roadside::open(&terminal, "one").unwrap();
    first_notices(&terminal, &case_id);
    for form in FORMS {
        let (instrument_id, _) = filled(&stage, &terminal, &case_id, form);
        let view = terminal
            .ask("instrument", json!({ "instrument_id": instrument_id }))
            .unwrap();
        let paths = writable(&view);
        assert!(paths.len() > 10, "{form}: {paths:?}");
        for (what, text) in SAMPLES {
            let mut value = view["value"].clone();
            for (path, _) in &paths {
                set(&mut value, path, json!(text));
            }
            let findings = save(
                &terminal,
                &instrument_id,
                &value,
                &paths,
                &format!("{form} {what}"),
            );
            assert!(
                !findings.is_empty(),
                "{form} {what}: a choice, a date and a check digit cannot be this"
            );
            // What stands in the way of paper has its finding before issuing, and looking at the draft breaks nothing.
            let error = terminal
                .ask(
                    "issue_instrument",
                    json!({ "instrument_id": instrument_id }),
                )
                .unwrap_err();
            assert!(is_typed(&error), "{form} {what}: {error:?}");
            let preview = terminal.stream(
                Surface::Officer,
                &format!("stream/instrument/{instrument_id}/preview/1.svg"),
                None,
            );
            match preview {
                Ok(page) => {
                    let page = String::from_utf8(page.bytes).unwrap();
                    assert!(
                        !page.contains("<script")
                            && !page.contains("onerror=")
                            && !page.contains('\0'),
                        "{form} {what}"
                    );
                }
                Err(error) => assert!(is_typed(&error), "{form} {what}: {error:?}"),
            }
        }
        let nested = (0..100).fold(json!("深"), |inner, _| json!([inner]));
        for (what, wrong) in [
            ("null", Value::Null),
            ("flag", json!(true)),
            ("number", json!(-1)),
            ("large", json!(u64::MAX)),
            ("float", json!(1e308)),
            ("fraction", json!(0.1)),
            ("empty list", json!([])),
            ("list", json!(["a", 1, null, {}])),
            (
                "list of objects",
                json!([{ "name": 7, "law": [], "x": { "y": [] } }, { "name": "好" }]),
            ),
            ("empty object", json!({})),
            (
                "object",
                json!({ "0": "a", "name": { "name": [] }, "": "" }),
            ),
            ("nested", nested),
        ] {
            let mut value = view["value"].clone();
            for (path, _) in &paths {
                set(&mut value, path, wrong.clone());
            }
            save(
                &terminal,
                &instrument_id,
                &value,
                &paths,
                &format!("{form} {what}"),
            );
            let error = terminal
                .ask(
                    "issue_instrument",
                    json!({ "instrument_id": instrument_id }),
                )
                .unwrap_err();
            assert!(is_typed(&error), "{form} {what}: {error:?}");
            let preview = terminal.stream(
                Surface::Officer,
                &format!("stream/instrument/{instrument_id}/preview/1.svg"),
                None,
            );
            assert!(
                preview.as_ref().err().is_none_or(is_typed),
                "{form} {what}: {preview:?}"
            );
        }
        for whole in [json!(null), json!([]), json!("x"), json!(5), json!({})] {
            save(
                &terminal,
                &instrument_id,
                &whole,
                &[],
                &format!("{form} {whole}"),
            );
            let view = terminal.ask("instrument", json!({ "instrument_id": instrument_id }));
            assert!(
                view.as_ref().err().is_none_or(is_typed),
                "{form} {whole}: {view:?}"
            );
        }
    }
    assert_intact(&terminal);
}

#[test]
fn a_character_without_a_glyph_is_found_at_its_field_before_issuing() {
    let (_folder, mut stage) = stage();
    let terminal = on_duty(&mut stage, test_devices());
    let case_id = roadside::open(&terminal, "one").unwrap();
    first_notices(&terminal, &case_id);
    for (form, field) in [
        ("F01", "findings_text"),
        ("F02", "content"),
        ("F10", "facts"),
        ("F21", "facts"),
    ] {
        let (instrument_id, _) = filled(&stage, &terminal, &case_id, form);
        let view = terminal
            .ask("instrument", json!({ "instrument_id": instrument_id }))
            .unwrap();
        let (mut value, before) = (
            view["value"].clone(),
            view["value"][field].as_str().unwrap().to_owned(),
        );
        for stranger in ['\u{e000}', '\u{1f69b}', '\u{ffff}', '\u{13000}'] {
            value[field] = json!(format!("{before}{stranger}"));
            let findings = save(
                &terminal,
                &instrument_id,
                &value,
                &[(field.to_owned(), String::new())],
                form,
            );
            let found = findings
                .iter()
                .find(|finding| finding["field"] == field && finding["severity"] == "block");
            assert!(
                found.is_some(),
                "{form}: U+{:04X}: {findings:?}",
                u32::from(stranger)
            );
            let error = terminal
                .ask(
                    "issue_instrument",
                    json!({ "instrument_id": instrument_id }),
                )
                .unwrap_err();
            assert_eq!(code(&error), "findings_open", "{form}");
        }
    }
}

#[test]
fn rare_characters_come_out_of_the_paper_as_they_went_in() {
    let (folder, mut stage) = stage();
    let terminal = on_duty(&mut stage, test_devices());
    let mut request = opening("rare");
    request["party"]["name"] = json!("𠮷䶮");
    request["reason_note"] = json!("");
    let case = terminal.ask("open_inspection", request).unwrap();
    let case_id = roadside::text(&case, "case_id").unwrap();
    first_notices(&terminal, &case_id);
    let (instrument_id, _) = issued(&stage, &terminal, &case_id, "F10", true);
    let path = folder.path().join("rare.pdf");
    std::fs::write(
        &path,
        stream(&terminal, &format!("stream/instrument/{instrument_id}/pdf")),
    )
    .unwrap();
    let text = Command::new("pdftotext")
        .args([path.to_str().unwrap(), "-"])
        .output()
        .unwrap();
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(text.contains("𠮷䶮"), "{text}");
    let found = terminal
        .ask("cases", json!({ "text": "𠮷", "after": null, "limit": 5 }))
        .unwrap();
    assert_eq!(found["total"], json!(1));
    let name = roadside::text(&found["cases"][0], "party_name").unwrap();
    assert!(name.ends_with("（𠮷䶮）"), "{name}");
}

#[test]
fn signing_telling_delivering_and_voiding_keep_their_words() {
    let (_folder, mut stage) = stage();
    let terminal = on_duty(&mut stage, test_devices());
    let case_id = roadside::open(&terminal, "one").unwrap();
    first_notices(&terminal, &case_id);
    let (drafted, _) = filled(&stage, &terminal, &case_id, "F02");
    let (paper, _) = issued(&stage, &terminal, &case_id, "F01", true);
    let accepted = |command: &str, what: &str, payload: Value| match terminal.ask(command, payload)
    {
        Ok(answer) => Some(answer),
        Err(error) => {
            assert!(is_typed(&error), "{command} {what}: {error:?}");
            None
        }
    };
    for (what, text) in SAMPLES {
        for refusal in [
            Value::Null,
            json!({ "reason": text, "witness_name": text, "witness_phone": text }),
        ] {
            let strokes = if refusal.is_null() {
                roadside::strokes("x")
            } else {
                json!([])
            };
            let sign = json!({ "instrument_id": drafted, "slot": "party", "name": text, "strokes": strokes, "refusal": refusal });
            if let Some(view) = accepted("sign_instrument", what, sign) {
                assert_eq!(
                    (
                        &view["signatures"][0]["name"],
                        &view["signatures"][0]["refusal"]
                    ),
                    (&json!(text), &refusal),
                    "{what}"
                );
            }
        }
        accepted(
            "sign_instrument",
            what,
            json!({ "instrument_id": drafted, "slot": text, "name": "", "strokes": [], "refusal": null }),
        );
        let told = accepted(
            "tell_notice",
            what,
            json!({ "case_id": case_id, "notice": "RN-7", "response": text }),
        )
        .unwrap();
        assert_eq!(
            told["notices_told"].as_array().unwrap().last().unwrap()["response"],
            *text,
            "{what}"
        );
        accepted(
            "tell_notice",
            what,
            json!({ "case_id": case_id, "notice": text, "response": "" }),
        );
        let deliver = json!({ "instrument_id": paper, "method": "direct", "recipient": text, "note": text, "witness_name": text });
        if let Some(view) = accepted("deliver_instrument", what, deliver) {
            assert_eq!(
                (&view["delivery"]["recipient"], &view["delivery"]["note"]),
                (&json!(text), &json!(text)),
                "{what}"
            );
        }
        accepted(
            "deliver_instrument",
            what,
            json!({ "instrument_id": paper, "method": text, "recipient": "x", "note": "", "witness_name": null }),
        );
        let encoded: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let path = format!("upload/photo?case_id={case_id}&step={encoded}&name={encoded}");
        let row: Value =
            serde_json::from_slice(&terminal.upload(Surface::Officer, &path, &jpeg(1)).unwrap())
                .unwrap();
        assert_eq!(row["step"], *text, "{what}");
        accepted(
            "add_printer",
            what,
            json!({ "name": text, "language": "escpos", "address": text, "width_dots": 1 }),
        );
        accepted(
            "add_printer",
            what,
            json!({ "name": text, "language": text, "address": "127.0.0.1:1", "width_dots": 1 }),
        );
        accepted("read_position", what, json!({ "nmea": text }));
        for command in ["case", "forms", "notice_texts"] {
            accepted(command, what, json!({ "case_id": text }));
        }
        for (command, key) in [
            ("instrument", "instrument_id"),
            ("issue_instrument", "instrument_id"),
            ("printer_status", "printer_id"),
            ("remove_printer", "printer_id"),
            ("cancel_print", "job_id"),
        ] {
            accepted(command, what, json!({ key: text }));
        }
        let found = accepted(
            "cases",
            what,
            json!({ "text": text, "after": null, "limit": 5 }),
        )
        .unwrap();
        assert_eq!(found["total"], 0, "{what} finds what is not there");
        accepted(
            "cases",
            what,
            json!({ "text": "", "after": text, "limit": 5 }),
        );
        accepted("violations", what, json!({ "text": text, "limit": 5 })).unwrap();
        for path in [
            "stream/evidence/",
            "stream/instrument/",
            "stream/officer/",
            "stream/",
            "",
        ] {
            for path in [
                format!("{path}{text}"),
                format!("{path}{text}/pdf"),
                format!("{path}{encoded}/photo"),
            ] {
                let error = terminal.stream(Surface::Officer, &path, None).unwrap_err();
                assert!(is_typed(&error), "{path}: {error:?}");
            }
        }
    }
    for (what, text) in SAMPLES {
        let (instrument_id, _) = (paper.clone(), ());
        let reason = format!("{what}{text}");
        if let Some(view) = accepted(
            "void_instrument",
            what,
            json!({ "instrument_id": instrument_id, "reason": reason }),
        ) {
            assert_eq!(view["state"], "voided");
            let voided = support::bodies(&terminal, "instrument.voided");
            assert_eq!(voided.last().unwrap()["reason"], reason);
        }
    }
    terminal.ask("lock", json!({})).unwrap();
    for (what, text) in SAMPLES {
        stage.pass(20);
        accepted(
            "sign_in",
            what,
            json!({ "credential_no": text, "pin": text }),
        );
        stage.pass(20);
        assert_eq!(
            code(
                &terminal
                    .ask(
                        "sign_in",
                        json!({ "credential_no": "99010001", "pin": text })
                    )
                    .unwrap_err()
            ),
            "wrong_secret",
            "{what}"
        );
    }
    stage.pass(20);
    journeys::sign_in_both(&terminal).unwrap();
    assert_intact(&terminal);
    stage.connect().unwrap();
    assert_eq!(terminal.sync_until_quiet().unwrap().cause, None);
    let case = terminal.ask("case", json!({ "case_id": case_id })).unwrap();
    assert_eq!(case["at_headquarters"], json!(true));
    // Headquarters shows the same words.
    let mut browser = journeys::browser::Browser::at(&stage.address);
    browser
        .ask(
            "rpc/login",
            &json!({ "user": "legal", "password": "example-legal" }),
        )
        .unwrap();
    let there = browser
        .ask(
            "rpc/case",
            &json!({ "case_id": case_id, "purpose": "核对" }),
        )
        .unwrap();
    let told: Vec<_> = there["notices_told"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["response"].clone())
        .collect();
    for (what, text) in SAMPLES {
        assert!(told.contains(&json!(text)), "{what}: {told:?}");
    }
    assert_eq!(there["completeness"]["not_understood"], json!(0));
}

#[test]
fn payloads_that_are_no_requests_are_bad_requests() {
    let (_folder, mut stage) = stage();
    let terminal = on_duty(&mut stage, test_devices());
    let case_id = roadside::open(&terminal, "one").unwrap();
    let long_number = format!(
        "{{\"text\":\"\",\"after\":null,\"limit\":{}}}",
        "9".repeat(1_000_000)
    );
    let deep = format!(
        "{{\"party\":{}{},\"vehicle\":null}}",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    let payloads: Vec<Vec<u8>> = vec![
        b"null".to_vec(),
        b"7".to_vec(),
        b"\"text\"".to_vec(),
        b"{".to_vec(),
        b"{}}".to_vec(),
        b"{\"case_id\":1e400}".to_vec(),
        b"{\"case_id\":{\"a\":[]}}".to_vec(),
        format!("{{\"case_id\":\"{case_id}\",\"case_id\":null}}").into_bytes(),
        b"\xff\xfe{\x00}\x00".to_vec(),
        b"\xef\xbb\xbf{}".to_vec(),
        b"{\"case_id\":\"\\ud800\"}".to_vec(),
        long_number.into_bytes(),
        deep.into_bytes(),
        vec![b'['; 1 << 20],
        vec![b' '; 1 << 20],
    ];
    // `lock` has no request to spoil.
    let commands = casebook::contract::COMMANDS
        .iter()
        .filter(|command| command.name != "lock");
    for command in commands {
        for payload in &payloads {
            for surface in [
                Surface::Officer,
                Surface::Party,
                Surface::Console,
                Surface::Public,
            ] {
                if let Err(error) = terminal.call(surface, command.name, payload) {
                    let shown: String = String::from_utf8_lossy(payload).chars().take(40).collect();
                    assert!(is_typed(&error), "{} {shown}: {error:?}", command.name);
                    assert!(
                        command.surfaces.contains(&surface) || error.code == Code::NotAllowed,
                        "{} {surface:?}",
                        command.name
                    );
                }
            }
        }
    }
    for name in ["", "DROP TABLE", "open_inspection ", "Lock", "../rpc"] {
        assert_eq!(
            terminal
                .call(Surface::Officer, name, b"{}")
                .unwrap_err()
                .code,
            Code::NotFound
        );
    }
    assert_eq!(
        now(&terminal),
        "2026-09-22T09:20:00.000+08:00",
        "it still answers"
    );
    assert_intact(&terminal);
}
