//! What real terminals issued, checked at headquarters: set again from the journal it is byte for byte the same.

use crate::support::{FORMS, first_notices, issued, jpeg, now, on_duty, stage, stream, works_with};
use casebook::Terminal;
use contract::Surface;
use journeys::browser::Browser;
use journeys::{Officer, repository, roadside, test_devices};
use serde_json::{Value, json};

/// A survey with a photo of the case as its sketch.
fn survey(stage: &journeys::Stage, terminal: &Terminal, case_id: &str) -> String {
    let path = format!("upload/photo?case_id={case_id}&step=survey&name=IMG_1.jpg");
    let row = terminal.upload(Surface::Officer, &path, &jpeg(90)).unwrap();
    let row: Value = serde_json::from_slice(&row).unwrap();
    let photo = roadside::text(&row, "evidence_id").unwrap();
    let file = repository().join("forms/packs/transport/forms/F04/sample.json");
    let mut value: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let earlier = now(terminal);
    stage.pass(5);
    let fields = value.as_object_mut().unwrap();
    for own in ["officers", "place", "vehicle"] {
        fields.remove(own);
    }
    fields.insert(
        "sketch".to_owned(),
        json!([{ "id": photo, "caption": "图 1" }]),
    );
    fields.insert("started_at".to_owned(), json!(earlier));
    fields.insert("ended_at".to_owned(), json!(now(terminal)));
    let (instrument_id, _) = roadside::fill(terminal, case_id, "F04", &value).unwrap();
    for slot in ["party", "officer_1", "officer_2", "recorder"] {
        roadside::sign(terminal, &instrument_id, slot, "赵明甲").unwrap();
    }
    let asked = json!({ "instrument_id": instrument_id });
    terminal.ask("issue_instrument", asked).unwrap();
    instrument_id
}

#[test]
fn what_terminals_issued_is_set_again_byte_for_byte() {
    let (_folder, mut stage) = stage();
    let terminal = on_duty(&mut stage, test_devices());
    let case_id = roadside::open(&terminal, "one").unwrap();
    first_notices(&terminal, &case_id);
    let mut all: Vec<_> = FORMS
        .iter()
        .map(|form| issued(&stage, &terminal, &case_id, form, *form != "F02").0)
        .collect();
    all.push(survey(&stage, &terminal, &case_id));
    let pdf = |id: &String| stream(&terminal, &format!("stream/instrument/{id}/pdf"));
    for id in &all {
        let report = stage.headquarters.check_pdf(&pdf(id)).unwrap();
        assert!(!report.is_sound(), "nothing has arrived: {report}");
    }
    stage.connect().unwrap();
    terminal.sync_until_quiet().unwrap();

    let mut browser = Browser::at(&stage.address);
    let who = json!({ "user": "legal", "password": "example-legal" });
    browser.ask("rpc/login", &who).unwrap();
    for id in &all {
        let report = stage.headquarters.check_pdf(&pdf(id)).unwrap();
        assert!(report.is_sound(), "{report}");
        let asked = json!({ "instrument_id": id, "purpose": "案卷评查" });
        let checked = browser.ask("rpc/check_paper", &asked).unwrap();
        assert_eq!(checked["verdict"], "same", "{checked}");
    }
}

#[test]
fn a_sealed_paper_is_set_again_with_its_seal() {
    for mode in ["token", "pre_sealed", "headquarters"] {
        let (folder, mut stage) = stage();
        works_with(&stage, folder.path(), mode);
        let terminal = on_duty(&mut stage, test_devices());
        let case_id = roadside::open(&terminal, "one").unwrap();
        first_notices(&terminal, &case_id);
        let record = issued(&stage, &terminal, &case_id, "F01", true).0;
        let order = issued(&stage, &terminal, &case_id, "F10", true).0;
        stage.connect().unwrap();
        terminal.sync_until_quiet().unwrap();
        let pdf =
            |id: &str, name: &str| stream(&terminal, &format!("stream/instrument/{id}/{name}"));
        for id in [&record, &order] {
            let report = stage.headquarters.check_pdf(&pdf(id, "pdf")).unwrap();
            assert!(report.is_sound(), "{mode}: {report}");
        }
        if mode != "headquarters" {
            continue;
        }
        let mut keeper = Browser::at(&stage.address);
        let who = json!({ "user": "seal_keeper", "password": "example-seal_keeper" });
        keeper.ask("rpc/login", &who).unwrap();
        let view = terminal.ask("instrument", json!({ "instrument_id": order }));
        let seal =
            json!({ "instrument_id": order, "content_sha256": view.unwrap()["content_sha256"] });
        keeper.ask("rpc/seal_instrument", &seal).unwrap();
        terminal.sync_until_quiet().unwrap();
        let report = stage.headquarters.check_pdf(&pdf(&order, "sealed.pdf"));
        let report = report.unwrap();
        assert!(report.is_sound(), "{report}");
        assert!(report.to_string().contains("盖章件"), "{report}");
        let report = stage.headquarters.check_pdf(&pdf(&order, "pdf")).unwrap();
        assert!(report.is_sound(), "as it was issued: {report}");
    }
}
