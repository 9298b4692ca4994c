//! Every form of the pack on paper: its words line by line, its dots, and what five other programs say of its PDF.
//!
//! `UPDATE_PAPER=1` writes the references anew; what differs is left in `target/paper-forms/` to be looked at.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use journal::Hash;
use journeys::repository;
use journeys::sheets::SampleSheet;
use paper::{Document, Fonts, Impression, Seal, StampKind};

use crate::lint;

/// Fine enough that a rule moved by a quarter of a millimetre is another picture.
const DPI: f32 = 100.0;

fn fonts() -> Fonts {
    Fonts::load(&Fonts::default_dir()).unwrap()
}

fn references() -> PathBuf {
    repository().join("tests/snapshots/paper")
}

/// What is set: every form as it is, and one of them in every other way a sheet comes to its seal, signed with a pen that
/// tells its pressure.
fn set(fonts: &Fonts) -> Vec<(String, String, Document)> {
    let sheets = SampleSheet::all().unwrap();
    let mut set = Vec::new();
    for sheet in &sheets {
        let document = sheet.composed(fonts).unwrap();
        set.push((sheet.code.clone(), sheet.title.clone(), document));
    }
    let file = fs::read(repository().join("crates/hq/assets/example-seal.png")).unwrap();
    let impression = Impression::make(&file, 42, "0001-000123", fonts).unwrap();
    let order = sheets.iter().find(|sheet| sheet.code == "F10").unwrap();
    let mut pressed = order.signatures.clone();
    for stroke in pressed.iter_mut().flat_map(|signed| &mut signed.strokes) {
        for (step, point) in stroke.iter_mut().enumerate() {
            point.pressure = Some(0.5 + 0.4 * (step as f32 / 4.0).sin());
        }
    }
    for (name, seal) in [
        ("sealed", Seal::Impression(impression)),
        (
            "pre-sealed",
            Seal::PreSealed {
                x_mm: 145,
                y_mm: 235,
            },
        ),
        (
            "follows",
            Seal::Follows("印章由本机关另行加盖后送达。".to_owned()),
        ),
    ] {
        let mut sheet = order.sheet(&order.paper, StampKind::Final);
        sheet.stamp.seal = seal;
        sheet.signatures = &pressed;
        let document = paper::compose(fonts, &sheet).unwrap();
        set.push((format!("F10-{name}"), order.title.clone(), document));
    }
    set
}

/// The words of each page below a hash of its dots.
fn reference(code: &str, title: &str, document: &Document) -> String {
    let mut reference = format!("{code} {title}\n");
    for (index, words) in document.text().split('\u{c}').enumerate() {
        let dots = Hash::of(&document.bitmap(index, DPI).rows).to_string();
        reference.push_str(&format!("\n── {} {} ──\n{words}\n", index + 1, &dots[..16]));
    }
    reference
}

#[test]
fn every_form_looks_as_it_did() {
    let (fonts, folder) = (fonts(), references());
    let is_update = std::env::var_os("UPDATE_PAPER").is_some();
    let out = repository().join("target/paper-forms");
    fs::create_dir_all(&out).unwrap();
    fs::create_dir_all(&folder).unwrap();
    let mut known: Vec<String> = Vec::new();
    let mut differing = Vec::new();
    for (code, title, document) in set(&fonts) {
        let now = reference(&code, &title, &document);
        let name = format!("{code}.txt");
        let file = folder.join(&name);
        known.push(name);
        if is_update {
            fs::write(&file, &now).unwrap();
        } else if fs::read_to_string(&file).unwrap_or_default() != now {
            fs::write(out.join(format!("{code}.txt")), &now).unwrap();
            fs::write(out.join(format!("{code}.pdf")), document.pdf().unwrap()).unwrap();
            differing.push(code);
        }
    }
    for entry in fs::read_dir(&folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if !known.contains(&name) {
            assert!(!is_update || fs::remove_file(folder.join(&name)).is_ok());
            differing.push(name);
        }
    }
    assert!(
        is_update || differing.is_empty(),
        "{differing:?} look otherwise than tests/snapshots/paper says: look at target/paper-forms, then UPDATE_PAPER=1"
    );
}

/// Runs a program that has to be content: no failure and nothing to complain about.
fn content(program: &str, arguments: &[&str], path: &Path) -> Result<Vec<u8>, String> {
    let output = Command::new(program)
        .args(arguments)
        .arg(path)
        .output()
        .unwrap_or_else(|fault| {
            panic!("{program} (Debian: poppler-utils qpdf mupdf-tools ghostscript): {fault}")
        });
    // Debian builds mupdf without colour management and says so.
    let said: String = String::from_utf8_lossy(&output.stderr)
        .lines()
        .filter(|line| !line.contains("ICC support is not available"))
        .collect();
    match output.status.success() && said.trim().is_empty() {
        true => Ok(output.stdout),
        false => Err(format!("{program}: {said}")),
    }
}

fn packed(text: &str) -> String {
    text.chars().filter(|ch| !ch.is_whitespace()).collect()
}

/// What is wrong with the PDF of a form, as others see it.
fn complaints(path: &Path, document: &Document) -> Vec<String> {
    let mut complaints = lint::lint(path);
    let pages = |drawn: Result<Vec<u8>, String>, marker: &[u8]| match drawn {
        Ok(drawn) => {
            let count = drawn
                .windows(marker.len())
                .filter(|at| *at == marker)
                .count();
            (count != document.pages())
                .then(|| format!("{count} of {} pages drawn", document.pages()))
        }
        Err(complaint) => Some(complaint),
    };
    let checks = [
        content("qpdf", &["--check"], path).err(),
        pages(content("pdftoppm", &["-r", "20", "-gray"], path), b"P5\n"),
        pages(
            content(
                "mutool",
                &["draw", "-q", "-r", "20", "-F", "pgm", "-o", "-"],
                path,
            ),
            b"P5\n",
        ),
        // Ghostscript tells what it mends on its standard output.
        match content(
            "gs",
            &["-q", "-dNOPAUSE", "-dBATCH", "-dSAFER", "-sDEVICE=nullpage"],
            path,
        ) {
            Ok(said) if said.is_empty() => None,
            Ok(said) => Some(format!("gs: {}", String::from_utf8_lossy(&said))),
            Err(complaint) => Some(complaint),
        },
    ];
    complaints.extend(checks.into_iter().flatten());
    let path = path.to_str().unwrap();
    let text = Command::new("pdftotext")
        .args(["-raw", "-enc", "UTF-8", path, "-"])
        .output()
        .unwrap();
    let text = String::from_utf8(text.stdout).unwrap();
    if packed(&text) != packed(&document.text()) {
        complaints.push("another text is extracted than was set".to_owned());
    }
    complaints
}

#[test]
fn every_form_is_a_sound_pdf_to_everybody() {
    let fonts = fonts();
    let folder = tempfile::tempdir().unwrap();
    let sheets = set(&fonts);
    assert!(sheets.len() >= 59, "{} sheets", sheets.len());
    let check = |(code, _, document): &(String, String, Document)| -> Vec<String> {
        let path = folder.path().join(format!("{code}.pdf"));
        fs::write(&path, document.pdf().unwrap()).unwrap();
        let complaints = complaints(&path, document).into_iter();
        complaints
            .map(|complaint| format!("{code}: {complaint}"))
            .collect()
    };
    // The programs are the slow part, and each form has its own.
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    let shares: Vec<_> = sheets.chunks(sheets.len().div_ceil(workers)).collect();
    let complaints: Vec<String> = std::thread::scope(|scope| {
        let working: Vec<_> = shares
            .into_iter()
            .map(|share| scope.spawn(|| share.iter().flat_map(&check).collect::<Vec<_>>()))
            .collect();
        working
            .into_iter()
            .flat_map(|work| work.join().unwrap())
            .collect()
    });
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}
