//! Photos of the case go from the vault onto an issued paper, and the people a paper lists have their places to sign.

use crate::support::{assert_intact, first_notices, jpeg, now, on_duty, stage, stream};
use casebook::Terminal;
use contract::Surface;
use journeys::{Officer, repository, roadside, test_devices};
use serde_json::{Value, json};

fn sample(form: &str) -> Value {
    let file = format!("forms/packs/transport/forms/{form}/sample.json");
    serde_json::from_str(&std::fs::read_to_string(repository().join(file)).unwrap()).unwrap()
}

fn photo(terminal: &Terminal, case_id: &str) -> String {
    let path = format!("upload/photo?case_id={case_id}&step=survey&name=IMG_1.jpg");
    let row = terminal.upload(Surface::Officer, &path, &jpeg(90)).unwrap();
    let row: Value = serde_json::from_slice(&row).unwrap();
    roadside::text(&row, "evidence_id").unwrap()
}

fn view(terminal: &Terminal, instrument_id: &str) -> Value {
    let asked = json!({ "instrument_id": instrument_id });
    terminal.ask("instrument", asked).unwrap()
}

fn slots(view: &Value) -> Vec<String> {
    let signers = view["definition"]["signers"].as_array().unwrap();
    let slot = |signer: &Value| roadside::text(signer, "slot").unwrap();
    signers.iter().map(slot).collect()
}

fn preview(terminal: &Terminal, instrument_id: &str) -> String {
    let pages = (1..9).map_while(|page| {
        let path = format!("stream/instrument/{instrument_id}/preview/{page}.svg");
        let answer = terminal.stream(Surface::Officer, &path, None).ok()?;
        Some(String::from_utf8(answer.bytes).unwrap())
    });
    pages.collect()
}

/// What of the sample is not the case's own.
fn survey(sketch: Value, at: &str, until: &str) -> Value {
    let mut value = sample("F04");
    let fields = value.as_object_mut().unwrap();
    for own in ["officers", "place", "vehicle"] {
        fields.remove(own);
    }
    fields.insert("sketch".to_owned(), sketch);
    fields.insert("started_at".to_owned(), json!(at));
    fields.insert("ended_at".to_owned(), json!(until));
    value
}

#[test]
fn a_photo_of_the_case_is_on_the_issued_paper() {
    let (folder, mut stage) = stage();
    let terminal = on_duty(&mut stage, test_devices());
    let case_id = roadside::open(&terminal, "one").unwrap();
    first_notices(&terminal, &case_id);
    let evidence_id = photo(&terminal, &case_id);
    let earlier = now(&terminal);
    stage.pass(5);
    let sketch = json!([{ "id": evidence_id, "caption": "图 1" }]);
    let value = survey(sketch, &earlier, &now(&terminal));
    let (instrument_id, saved) = roadside::fill(&terminal, &case_id, "F04", &value).unwrap();
    let blocking = saved["findings"].as_array().unwrap().iter();
    let blocking: Vec<_> = blocking
        .filter(|finding| finding["severity"] == "block")
        .collect();
    assert!(blocking.is_empty(), "{blocking:?}");
    assert!(preview(&terminal, &instrument_id).contains("data:image/jpeg;base64,"));

    let signers = slots(&view(&terminal, &instrument_id));
    assert_eq!(
        signers,
        ["party", "officer_1", "officer_2", "invited", "recorder"]
    );
    for slot in ["party", "officer_1", "officer_2", "recorder"] {
        roadside::sign(&terminal, &instrument_id, slot, "赵明甲").unwrap();
    }
    let asked = json!({ "instrument_id": instrument_id });
    terminal.ask("issue_instrument", asked).unwrap();
    let pdf = stream(&terminal, &format!("stream/instrument/{instrument_id}/pdf"));
    let shown = b"/DCTDecode";
    assert!(pdf.windows(shown.len()).any(|part| part == shown));
    std::fs::write(folder.path().join("F04.pdf"), &pdf).unwrap();
    assert!(preview(&terminal, &instrument_id).contains("data:image/jpeg;base64,"));
    assert_intact(&terminal);
}

#[test]
fn evidence_of_another_case_is_found_and_never_shown() {
    let (_folder, mut stage) = stage();
    let terminal = on_duty(&mut stage, test_devices());
    let other = roadside::open(&terminal, "one").unwrap();
    let foreign = photo(&terminal, &other);
    let case_id = roadside::open(&terminal, "two").unwrap();
    first_notices(&terminal, &case_id);
    let at = now(&terminal);
    let value = survey(json!([foreign]), &at, &at);
    let (instrument_id, saved) = roadside::fill(&terminal, &case_id, "F04", &value).unwrap();
    let found = saved["findings"].as_array().unwrap().iter();
    let mut found = found.filter(|finding| finding["rule"] == "evidence_unknown");
    assert_eq!(found.next().unwrap()["field"], "sketch");
    assert!(!preview(&terminal, &instrument_id).contains("data:image"));
}

#[test]
fn a_guardian_has_a_place_once_the_form_names_one() {
    let (_folder, mut stage) = stage();
    let terminal = on_duty(&mut stage, test_devices());
    let case_id = roadside::open(&terminal, "one").unwrap();
    first_notices(&terminal, &case_id);
    let alone = json!({ "assisted_by": "none" });
    let (instrument_id, _) = roadside::fill(&terminal, &case_id, "F03", &alone).unwrap();
    assert_eq!(
        slots(&view(&terminal, &instrument_id)),
        ["party", "officer_1", "officer_2"]
    );
    let shown = view(&terminal, &instrument_id);
    let mut value = shown["value"].clone();
    let guarded = json!({ "assisted_by": "guardian", "guardian": { "name": "孙监护" } });
    roadside::merge(&mut value, &guarded);
    let revision = &shown["revision"];
    let draft = json!({ "instrument_id": instrument_id, "value": value, "revision": revision });
    terminal.ask("save_draft", draft).unwrap();
    let signers = view(&terminal, &instrument_id)["definition"]["signers"].clone();
    assert_eq!(signers[3]["slot"], "guardian");
    assert_eq!(signers[3]["name"], "孙监护");
    roadside::sign(&terminal, &instrument_id, "guardian", "孙监护").unwrap();
}
