//! Paper and data are one thing: the PDF an officer issued carries the values whose hash its QR code names.

use std::path::Path;
use std::process::Command;

use crate::support::{first_notices, issued, on_duty, stage, stream};
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
