//! Paper and data are one thing: the PDF an officer issued carries the values whose hash its QR code names.

use std::path::Path;
use std::process::Command;

use crate::support::{first_notices, issued, now, on_duty, stage, stream};
use journal::Hash;
use journeys::{Officer, roadside, test_devices};
use serde_json::{Value, json};

#[test]
fn an_issued_pdf_carries_the_values_its_code_names() {
    let (folder, mut stage) = stage();
    let terminal = on_duty(&mut stage, test_devices());
    let case_id = roadside::open(&terminal, "one").unwrap();
    first_notices(&terminal, &case_id);
    let (instrument_id, number) = issued(&stage, &terminal, &case_id, "F01", true);
    let asked = json!({ "instrument_id": instrument_id });
    let view = terminal.ask("instrument", asked).unwrap();
    let pdf = stream(&terminal, &format!("stream/instrument/{instrument_id}/pdf"));
    let inside = paper::values_inside(&pdf).unwrap();
    let values: Value = serde_json::from_slice(&inside).unwrap();
    assert_eq!(values["number"].as_str(), number.as_deref());
    assert_eq!(values["party"]["name"], view["value"]["party"]["name"]);
    // The code on the paper names the number and this hash.
    let picture = rendered(folder.path(), &pdf);
    let scanned = tool("zbarimg", &["-q", "--raw", &picture]);
    let hash = Hash::of(&inside).to_string();
    assert!(scanned.contains(&hash), "{hash} is not in {scanned}");
}

/// 小票印不下 – the roll has an end, a record of many items has not: its ticket refers to the pages.
#[test]
fn an_instrument_too_long_for_a_ticket_is_issued_all_the_same() {
    let (_folder, mut stage) = stage();
    let terminal = on_duty(&mut stage, test_devices());
    let case_id = roadside::open(&terminal, "one").unwrap();
    first_notices(&terminal, &case_id);
    let earlier = now(&terminal);
    stage.pass(4);
    let mut fields = roadside::fields("F01", &now(&terminal), &earlier);
    let item = json!({ "name": "查".repeat(60), "standard": "标".repeat(190), "result": "pass", "note": "说".repeat(190) });
    fields["items"] = (0..100).map(|_| item.clone()).collect();
    let (instrument_id, _) = roadside::fill(&terminal, &case_id, "F01", &fields).unwrap();
    let number = roadside::sign_and_issue(&terminal, &instrument_id, true).unwrap();
    assert!(number.is_some());
    let slip = stream(
        &terminal,
        &format!("stream/instrument/{instrument_id}/ticket.png"),
    );
    // Width and height stand in the head of the picture.
    let height = u32::from_be_bytes(slip[20..24].try_into().unwrap());
    assert!((300..1500).contains(&height), "{height} dots");
}

fn tool(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let output = output.unwrap_or_else(|fault| panic!("{program}: {fault}"));
    String::from_utf8(output.stdout).unwrap()
}

/// The last page, where the code stands.
fn rendered(folder: &Path, pdf: &[u8]) -> String {
    let (file, picture) = (folder.join("sheet.pdf"), folder.join("sheet"));
    std::fs::write(&file, pdf).unwrap();
    let (file, picture) = (file.to_str().unwrap(), picture.to_str().unwrap());
    let pages = tool("pdfinfo", &[file]);
    let count = pages
        .lines()
        .find_map(|line| line.strip_prefix("Pages:"))
        .unwrap()
        .trim()
        .to_owned();
    tool(
        "pdftoppm",
        &[
            "-r",
            "200",
            "-gray",
            "-png",
            "-singlefile",
            "-f",
            &count,
            "-l",
            &count,
            file,
            picture,
        ],
    );
    format!("{picture}.png")
}
