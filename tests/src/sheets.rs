//! Every form of the pack with its sample, frozen as issuing freezes it, signed by everybody who may sign.

use chrono::{DateTime, FixedOffset, TimeDelta};
use forms::{Agency, Form, Pack};
use paper::{Fonts, Layout, Picture, Pictures, PlacedSignature, Point, Sheet, Stamp, StampKind};
use serde_json::{Map, Value, json};

use crate::{Failed, repository};

const DOCUMENT_ID: &str = "0196f2aa-7c1e-7d53-9a3e-5b1f0c2d4e6f";
const QR: &str = "https://hq.example.org/v#d=0196f2aa&sha=3f9a6c0d1b2e4f5a6b7c8d9e0f1a2b3c";
const YEAR: u16 = 2026;

/// A form as it goes on paper.
#[derive(Debug)]
pub struct SampleSheet {
    pub code: String,
    pub title: String,
    pub number: Option<String>,
    pub paper: Layout,
    pub ticket: Layout,
    pub values: Value,
    pub signatures: Vec<PlacedSignature>,
    pub pictures: Pictures,
}

impl SampleSheet {
    /// Every form of the transport pack, by its code.
    pub fn all() -> Result<Vec<SampleSheet>, Failed> {
        let home = repository().join("forms/packs/transport");
        let pack = Pack::load(&home)?;
        let agency = Agency::load(&home.join("agencies/example.toml"))?;
        let codes: Vec<String> = pack.forms().map(|form| form.code.clone()).collect();
        let mut sheets = Vec::new();
        for code in codes {
            let sample = home.join("forms").join(&code).join("sample.json");
            let value: Value = serde_json::from_str(&std::fs::read_to_string(sample)?)?;
            let form = pack.form(&code).ok_or_else(|| format!("no form {code}"))?;
            sheets.push(SampleSheet::new(&pack, &agency, &form, &value)?);
        }
        Ok(sheets)
    }

    fn new(pack: &Pack, agency: &Agency, form: &Form<'_>, value: &Value) -> Result<Self, Failed> {
        let issued_on = after_everything(value).date_naive().to_string();
        let number = form
            .number_series()
            .and_then(|series| forms::render_number(agency.pattern(series)?, YEAR, 7));
        let signers = form.signers(value);
        let evidence = form.evidence(value).into_iter();
        let photo = photo()?;
        Ok(SampleSheet {
            code: form.definition().code.clone(),
            title: form.definition().title.clone(),
            paper: Layout::parse(form.paper())?,
            ticket: Layout::parse(form.ticket())?,
            values: frozen(pack, agency, form, value, &issued_on, number.as_deref()),
            number,
            signatures: signers
                .iter()
                .map(|signer| scrawl(&signer.slot, &issued_on))
                .collect(),
            pictures: evidence.map(|(_, id)| (id, photo.clone())).collect(),
        })
    }

    pub fn sheet<'a>(&'a self, layout: &'a Layout, kind: StampKind) -> Sheet<'a> {
        Sheet {
            layout,
            values: &self.values,
            signatures: &self.signatures,
            pictures: &self.pictures,
            stamp: Stamp {
                title: self.title.clone(),
                document_id: DOCUMENT_ID.to_owned(),
                number: self.number.clone(),
                qr: Some(QR.to_owned()),
                created_at: "2026-03-10T14:30:00.000+08:00".to_owned(),
                kind,
                seal: paper::Seal::ByHand,
            },
        }
    }

    /// The issued sheet on A4.
    pub fn composed(&self, fonts: &Fonts) -> Result<paper::Document, Failed> {
        let sheet = self.sheet(&self.paper, StampKind::Final);
        Ok(paper::compose(fonts, &sheet).map_err(|fault| format!("{}: {fault}", self.code))?)
    }
}

fn frozen(
    pack: &Pack,
    agency: &Agency,
    form: &Form<'_>,
    value: &Value,
    issued_on: &str,
    number: Option<&str>,
) -> Value {
    let agency = agency.value();
    let rights: Map<String, Value> = form
        .definition()
        .rights
        .iter()
        .filter_map(|id| Some((id.clone(), json!(pack.rights(id, &agency)?.text))))
        .collect();
    let mut value = value.clone();
    if let Some(fields) = value.as_object_mut() {
        fields.insert("issued_on".to_owned(), json!(issued_on));
    }
    let mut value = form.labels(&value, &agency);
    if let Some(fields) = value.as_object_mut() {
        fields.insert("case".to_owned(), json!({ "id": DOCUMENT_ID }));
        fields.insert("agency".to_owned(), agency);
        fields.insert("rights".to_owned(), Value::Object(rights));
        fields.insert("number".to_owned(), json!(number));
    }
    value
}

/// A moment after the last time the sample names, so that nothing in it lies ahead.
pub fn after_everything(value: &Value) -> DateTime<FixedOffset> {
    fn latest(value: &Value) -> Option<DateTime<FixedOffset>> {
        match value {
            Value::String(text) => DateTime::parse_from_rfc3339(text).ok(),
            Value::Array(items) => items.iter().filter_map(latest).max(),
            Value::Object(fields) => fields.values().filter_map(latest).max(),
            Value::Null | Value::Bool(_) | Value::Number(_) => None,
        }
    }
    let otherwise = || DateTime::parse_from_rfc3339("2026-03-10T17:00:00.000+08:00");
    let latest = latest(value).or_else(|| otherwise().ok());
    latest.unwrap_or_default() + TimeDelta::minutes(1)
}

/// Something like a signature.
pub fn scrawl(slot: &str, signed_on: &str) -> PlacedSignature {
    let phase = slot.len() as f32;
    let stroke = |from: f32, to: f32, phase: f32| {
        let point = |step: u8| {
            let t = f32::from(step) / 39.0;
            let swing = 0.32 * (t * 9.0 + phase).sin() * (1.0 - t * 0.4);
            Point::from([from + (to - from) * t, 0.5 + swing])
        };
        (0..40).map(point).collect()
    };
    PlacedSignature {
        slot: slot.to_owned(),
        strokes: vec![stroke(0.1, 0.5, phase), stroke(0.45, 0.9, phase + 2.0)],
        name: "某人".to_owned(),
        signed_on: signed_on.to_owned(),
    }
}

/// A road under a sky, for want of a photo.
pub fn photo() -> Result<Picture, Failed> {
    let shade = |x: u32, y: u32| match (y < 180, (x / 40 + y / 40).is_multiple_of(9)) {
        (true, _) => [150, 180, 220],
        (false, true) => [240, 240, 240],
        (false, false) => [70, 70, 75],
    };
    let image = image::RgbImage::from_fn(640, 480, |x, y| image::Rgb(shade(x, y)));
    let mut file = std::io::Cursor::new(Vec::new());
    image.write_to(&mut file, image::ImageFormat::Png)?;
    Ok(Picture::read(file.get_ref())?)
}
