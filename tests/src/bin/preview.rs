//! Sets a form of a pack with a value: `preview FORM VALUE.json [FOLDER]`, what `./run preview` runs.
//!
//! Writes `FORM.pdf`, `FORM-1.svg` … and `FORM-ticket.png`, and lists what the form still asks for. Everybody who may
//! sign has signed; evidence is taken from the picture file of that name beside the value.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, FixedOffset, Local};
use forms::{Agency, CheckContext, Form, Pack};
use journeys::sheets::scrawl;
use paper::{
    Fonts, Layout, Picture, Pictures, PlacedSignature, Sheet, Stamp, StampKind, compose, ticket,
};
use serde_json::{Value, json};

const TICKET_DOTS: u32 = 576;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (code, file, folder) = match arguments.as_slice() {
        [code, file] => (code, file, "out/preview"),
        [code, file, folder] => (code, file, folder.as_str()),
        _ => return Err("preview FORM VALUE.json [FOLDER]".into()),
    };
    let home = journeys::repository().join("forms/packs/transport");
    let pack = Pack::load(&home)?;
    let agency = Agency::load(&home.join("agencies/example.toml"))?;
    let fonts = Fonts::load(&Fonts::default_dir())?;
    let form = pack
        .form(code)
        .ok_or_else(|| format!("the pack has no form {code}"))?;
    let value: Value = serde_json::from_str(&fs::read_to_string(file)?)?;
    let now = Local::now().fixed_offset();

    let told: Vec<String> = pack.all_rights(&json!({})).into_keys().collect();
    for finding in form.check(
        &value,
        &CheckContext {
            today: now.date_naive(),
            now,
            agency: &agency.value(),
            missing_glyphs: &|text| fonts.missing(text),
            told: &told,
            pack: &pack,
        },
    ) {
        let mark = match finding.severity {
            law::Severity::Block => "✗",
            law::Severity::Advice => "·",
        };
        println!("{mark} {} {}", finding.text, finding.hint);
    }

    let number = form
        .number_series()
        .and_then(|series| forms::render_number(agency.pattern(series)?, 2026, 1));
    let frozen = frozen(&pack, &form, &value, &agency, number.as_deref(), now);
    let signatures: Vec<PlacedSignature> = form
        .signers(&value)
        .iter()
        .map(|signer| scrawl(&signer.slot, &now.date_naive().to_string()))
        .collect();
    let pictures = pictures(&form, &value, Path::new(file))?;
    let (page, strip) = (Layout::parse(form.paper())?, Layout::parse(form.ticket())?);
    let sheet = |layout| Sheet {
        layout,
        values: &frozen,
        signatures: &signatures,
        pictures: &pictures,
        stamp: Stamp {
            title: form.definition().title.clone(),
            document_id: "0196f2aa-7c1e-7d53-9a3e-5b1f0c2d4e6f".to_owned(),
            number: number.clone(),
            qr: Some("https://hq.example.org/v#d=preview".to_owned()),
            created_at: now.to_rfc3339(),
            kind: StampKind::Final,
            seal: paper::Seal::ByHand,
        },
    };
    let document = compose(&fonts, &sheet(&page))?;
    let slip = ticket(&fonts, &sheet(&strip), TICKET_DOTS)?;

    let folder = PathBuf::from(folder);
    fs::create_dir_all(&folder)?;
    let write = |name: String, bytes: &[u8]| -> Result<(), Box<dyn Error>> {
        let path = folder.join(name);
        fs::write(&path, bytes)?;
        println!("{}", path.display());
        Ok(())
    };
    write(format!("{code}.pdf"), &document.pdf()?)?;
    for page in 0..document.pages() {
        write(
            format!("{code}-{}.svg", page + 1),
            document.svg(page).as_bytes(),
        )?;
    }
    write(format!("{code}-ticket.png"), &slip.to_png())
}

/// The value as issuing freezes it.
fn frozen(
    pack: &Pack,
    form: &Form<'_>,
    value: &Value,
    agency: &Agency,
    number: Option<&str>,
    now: DateTime<FixedOffset>,
) -> Value {
    let agency = agency.value();
    let mut value = value.clone();
    let mut add = |key: &str, added: Value| {
        if let Some(fields) = value.as_object_mut() {
            fields.insert(key.to_owned(), added);
        }
    };
    add("issued_on", json!(now.date_naive().to_string()));
    let rights: serde_json::Map<String, Value> = form
        .definition()
        .rights
        .iter()
        .filter_map(|id| Some((id.clone(), json!(pack.rights(id, &agency)?.text))))
        .collect();
    add("rights", Value::Object(rights));
    add("number", json!(number));
    add("agency", agency.clone());
    form.labels(&value, &agency)
}

fn pictures(form: &Form<'_>, value: &Value, file: &Path) -> Result<Pictures, Box<dyn Error>> {
    let mut pictures = Pictures::new();
    for (_, id) in form.evidence(value) {
        let beside = file.with_file_name(&id);
        if beside.is_file() {
            pictures.insert(id, Picture::read(&fs::read(beside)?)?);
        }
    }
    Ok(pictures)
}
