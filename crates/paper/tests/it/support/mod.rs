//! What the parts share.

pub mod lint;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use paper::{Document, Fonts, Layout, PlacedSignature, Sheet, Stamp, StampKind};
use serde_json::Value;

pub const FORMS: [(&str, &str); 4] = [
    ("F01", "现场检查记录"),
    ("F02", "现场笔录"),
    ("F10", "责令改正违法行为通知书"),
    ("F21", "当场行政处罚决定书"),
];
pub const NUMBER: &str = "豫信交当罚〔2026〕0001号";
pub const QR: &str = "https://hq.example.org/i/0196f2aa7c1e7d53?h=3f9a6c0d1b2e4f5a6b7c8d9e0f1a2b3c";

pub fn fonts() -> &'static Fonts {
    static FONTS: OnceLock<Fonts> = OnceLock::new();
    FONTS.get_or_init(|| Fonts::load(&Fonts::default_dir()).unwrap())
}

/// Where the font of a name lies, as `fonts.lock` says.
pub fn font_file(name: &str) -> PathBuf {
    let dir = Fonts::default_dir();
    let list: toml::Table =
        toml::from_str(&std::fs::read_to_string(dir.join("fonts.lock")).unwrap()).unwrap();
    let fonts = list["font"].as_array().unwrap();
    let font = fonts
        .iter()
        .find(|font| font["name"].as_str() == Some(name));
    dir.join(font.unwrap()["file"].as_str().unwrap())
}

pub fn layout(form: &str, file: &str) -> Layout {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../forms/packs/transport/forms")
        .join(form)
        .join(file);
    Layout::parse(&std::fs::read_to_string(&path).unwrap())
        .unwrap_or_else(|fault| panic!("{}: {fault}", path.display()))
}

pub fn sample(form: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/samples")
        .join(format!("{form}.json"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The seal of the invented agency.
pub fn demo_seal() -> Vec<u8> {
    let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("../hq/assets");
    std::fs::read(assets.join("example-seal.png")).unwrap()
}

pub fn stamp(title: &str, kind: StampKind) -> Stamp {
    Stamp {
        title: title.to_owned(),
        document_id: "0196f2aa-7c1e-7d53-9a3e-5b1f0c2d4e6f".to_owned(),
        number: Some(NUMBER.to_owned()),
        qr: Some(QR.to_owned()),
        created_at: "2026-03-10T14:30:00.000+08:00".to_owned(),
        kind,
        seal: paper::Seal::ByHand,
    }
}

pub fn signatures() -> Vec<PlacedSignature> {
    ["officer_1", "officer_2"]
        .map(|slot| PlacedSignature {
            slot: slot.to_owned(),
            strokes: vec![
                [[0.1, 0.2], [0.4, 0.8], [0.9, 0.3]]
                    .map(Into::into)
                    .to_vec(),
                vec![[0.5, 0.5].into()],
            ],
            name: "李建国".to_owned(),
            signed_on: "2026-03-10T14:28:00.000+08:00".to_owned(),
        })
        .to_vec()
}

pub fn sheet<'a>(
    layout: &'a Layout,
    values: &'a Value,
    signatures: &'a [PlacedSignature],
    kind: StampKind,
) -> Sheet<'a> {
    Sheet {
        layout,
        values,
        signatures,
        pictures: &paper::NO_PICTURES,
        stamp: stamp("样张", kind),
    }
}

/// A form with its sample, set on A4.
pub fn composed(form: &str, kind: StampKind) -> Document {
    let (layout, values) = (layout(form, "paper.txt"), sample(form));
    let title = FORMS.iter().find(|(code, _)| *code == form).unwrap().1;
    let signatures = signatures();
    let sheet = Sheet {
        stamp: stamp(title, kind.clone()),
        ..sheet(&layout, &values, &signatures, kind)
    };
    paper::compose(fonts(), &sheet).unwrap()
}

/// A layout of one's own with values.
pub fn set(source: &str, values: &Value) -> Result<Document, paper::ComposeFault> {
    let layout = Layout::parse(source).unwrap();
    paper::compose(fonts(), &sheet(&layout, values, &[], StampKind::Final))
}

pub fn packed(text: &str) -> String {
    text.chars().filter(|ch| !ch.is_whitespace()).collect()
}

pub struct Folder(tempfile::TempDir);

impl Folder {
    pub fn new() -> Self {
        Folder(tempfile::tempdir().unwrap())
    }

    pub fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}

/// Runs a tool of the system and returns what it wrote.
pub fn tool(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program)
        .args(arguments)
        .output()
        .unwrap_or_else(|fault| {
            panic!("{program} (Debian: poppler-utils qpdf mupdf-tools zbar-tools): {fault}")
        });
    assert!(
        output.status.success(),
        "{program} {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

pub fn extracted(document: &Document) -> String {
    let folder = Folder::new();
    let path = folder.write("sheet.pdf", &document.pdf().unwrap());
    tool(
        "pdftotext",
        &["-raw", "-enc", "UTF-8", path.to_str().unwrap(), "-"],
    )
}
