//! Every form of the pack as other programs read it: the code on page and ticket, and characters beyond the BMP.

use std::fs;
use std::path::Path;
use std::process::Command;

use journeys::sheets::SampleSheet;
use paper::{Fonts, Sheet, StampKind};
use serde_json::{Value, json};

const DOCUMENT_ID: &str = "0196f2aa-7c1e-7d53-9a3e-5b1f0c2d4e6f";
const SHA256: &str = "3f9a6c0d1b2e4f5a6b7c8d9e0f1a2b3c3f9a6c0d1b2e4f5a6b7c8d9e0f1a2b3c";

/// The code as issuing words it: the number where there is one, its letters percent-encoded, and the content hash.
fn code_of(number: Option<&str>) -> String {
    let name: String =
        number
            .unwrap_or(DOCUMENT_ID)
            .bytes()
            .fold(String::new(), |mut name, byte| {
                match byte.is_ascii_alphanumeric() || byte == b'-' {
                    true => name.push(char::from(byte)),
                    false => name.push_str(&format!("%{byte:02X}")),
                }
                name
            });
    format!("https://zfjd.jtt.example.gov.cn/v#d={name}&sha={SHA256}")
}

/// Heads of a narrow and of a wide printer.
const WIDTHS: [u32; 2] = [384, 576];
/// A surname and a place name outside of the BMP.
const RARE: &str = "𠮷𡎚";

fn fonts() -> Fonts {
    Fonts::load(&Fonts::default_dir()).unwrap()
}

fn tool(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let output = output.unwrap_or_else(|fault| panic!("{program}: {fault}"));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Each form is looked at by itself, as many at a time as there are processors.
fn every_form(check: impl Fn(&SampleSheet, &Path) -> Vec<String> + Sync) {
    let sheets = SampleSheet::all().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    let complaints: Vec<String> = std::thread::scope(|scope| {
        let shares = sheets.chunks(sheets.len().div_ceil(workers));
        let working: Vec<_> = shares
            .map(|share| {
                let look = |sheet: &SampleSheet| {
                    let own = folder.path().join(&sheet.code);
                    fs::create_dir(&own).unwrap();
                    let found = check(sheet, &own).into_iter();
                    let found = found.map(|what| format!("{}: {what}", sheet.code));
                    found.collect::<Vec<_>>()
                };
                scope.spawn(move || share.iter().flat_map(look).collect::<Vec<_>>())
            })
            .collect();
        let done = working.into_iter().flat_map(|work| work.join().unwrap());
        done.collect()
    });
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn the_code_of_every_form_is_read_from_page_and_ticket() {
    let fonts = fonts();
    every_form(|sample, folder| {
        let code = code_of(sample.number.as_deref());
        let sheet = |layout| {
            let mut sheet = sample.sheet(layout, StampKind::Final);
            sheet.stamp.qr = Some(code.clone());
            sheet
        };
        let mut complaints = Vec::new();
        let document = paper::compose(&fonts, &sheet(&sample.paper)).unwrap();
        let (file, page) = (folder.join("sheet.pdf"), folder.join("page"));
        fs::write(&file, document.pdf().unwrap()).unwrap();
        let (file, page) = (file.to_str().unwrap(), page.to_str().unwrap());
        tool("pdftoppm", &["-r", "150", "-gray", "-png", file, page]);
        let pages = fs::read_dir(folder).unwrap();
        let pages = pages.map(|entry| entry.unwrap().path());
        let pages = pages.filter(|path| path.extension().is_some_and(|end| end == "png"));
        let read: Vec<String> = pages
            .map(|page| tool("zbarimg", &["-q", "--raw", page.to_str().unwrap()]))
            .filter(|read| !read.is_empty())
            .collect();
        if read != [format!("{code}\n")] {
            complaints.push(format!("read from A4: {read:?}"));
        }
        for dots in WIDTHS {
            let slip = paper::ticket(&fonts, &sheet(&sample.ticket), dots).unwrap();
            let file = folder.join(format!("ticket-{dots}.png"));
            fs::write(&file, slip.to_png()).unwrap();
            let read = tool("zbarimg", &["-q", "--raw", file.to_str().unwrap()]);
            if read.trim_end() != code {
                complaints.push(format!("read from a ticket of {dots} dots: {read:?}"));
            }
        }
        complaints
    });
}

/// Every text somebody wrote, with rare characters behind it.
fn with_rare(value: &Value) -> Value {
    let is_written = |text: &str| {
        let is_han = |ch: char| ('\u{4e00}'..='\u{9fff}').contains(&ch);
        text.chars().any(is_han)
    };
    match value {
        Value::String(text) if is_written(text) => json!(format!("{text}{RARE}")),
        Value::Array(items) => items.iter().map(with_rare).collect(),
        Value::Object(map) => {
            let inner = map
                .iter()
                .map(|(key, inner)| (key.clone(), with_rare(inner)));
            Value::Object(inner.collect())
        }
        other => other.clone(),
    }
}

#[test]
fn rare_characters_of_every_form_are_read_as_they_were_written() {
    let fonts = fonts();
    every_form(|sample, folder| {
        let values = with_rare(&sample.values);
        let sheet = Sheet {
            values: &values,
            ..sample.sheet(&sample.paper, StampKind::Final)
        };
        let document = paper::compose(&fonts, &sheet).unwrap();
        let file = folder.join("sheet.pdf");
        fs::write(&file, document.pdf().unwrap()).unwrap();
        let file = file.to_str().unwrap();
        let packed =
            |text: &str| -> String { text.chars().filter(|ch| !ch.is_whitespace()).collect() };
        let set = packed(&document.text());
        let written = set.matches(RARE).count();
        let poppler = packed(&tool("pdftotext", &["-raw", "-enc", "UTF-8", file, "-"]));
        let mupdf = packed(&tool(
            "mutool",
            &["draw", "-q", "-F", "txt", "-o", "-", file],
        ));
        let count = |text: &str| RARE.chars().map(|rare| text.matches(rare).count()).sum();
        let counts: [usize; 3] = [count(&set), count(&poppler), count(&mupdf)];
        let mut complaints = Vec::new();
        if written < 3 || counts != [counts[0]; 3] {
            complaints.push(format!("{written} written, {counts:?} set and read"));
        }
        if poppler != set {
            complaints.push("another text is extracted than was set".to_owned());
        }
        complaints
    });
}
