//! Every form of the pack with its sample: lawful, complete, and set on A4 and on the ticket.
//!
//! With `SANXIANG_SAMPLES` set the sheets are written to `target/samples/` to be looked at; a value that is a folder is
//! taken instead.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use chrono::{DateTime, FixedOffset, TimeDelta};
use forms::{Agency, CheckContext, Form, Pack};
use journeys::repository;
use law::Severity;
use paper::{Fonts, Layout, PlacedSignature, Sheet, Stamp, StampKind, compose, ticket};
use serde_json::{Value, json};

const DOTS: u32 = 576;

struct Desk {
    pack: Pack,
    agency: Agency,
    fonts: Fonts,
}

impl Desk {
    fn new() -> Self {
        let dir = repository().join("forms/packs/transport");
        Self {
            pack: Pack::load(&dir).unwrap_or_else(|fault| panic!("{fault}")),
            agency: Agency::load(&dir.join("agencies/example.toml"))
                .unwrap_or_else(|fault| panic!("{fault}")),
            fonts: Fonts::load(&Fonts::default_dir()).unwrap(),
        }
    }

    fn codes(&self) -> Vec<String> {
        self.pack.forms().map(|form| form.code.clone()).collect()
    }

    /// `None` where the form has no sample yet.
    fn sample(&self, code: &str) -> Option<Value> {
        let file = repository().join(format!("forms/packs/transport/forms/{code}/sample.json"));
        let text = fs::read_to_string(file).ok()?;
        Some(serde_json::from_str(&text).unwrap_or_else(|fault| panic!("{code}: {fault}")))
    }

    fn blocking(&self, form: &Form, value: &Value) -> Vec<String> {
        let now = after_everything(value);
        let told: Vec<String> = self.pack.all_rights(&json!({})).into_keys().collect();
        let agency = self.agency.value();
        let context = CheckContext {
            today: now.date_naive(),
            now,
            agency: &agency,
            missing_glyphs: &|text| self.fonts.missing(text),
            told: &told,
            pack: &self.pack,
        };
        form.check(value, &context)
            .into_iter()
            .filter(|finding| {
                finding.severity == Severity::Block || finding.rule == "unknown_field"
            })
            .map(|finding| format!("{} [{}] {}", finding.field, finding.rule, finding.text))
            .collect()
    }

    /// The value as it is frozen when an instrument is issued.
    fn frozen(&self, form: &Form, value: &Value, issued_on: &str) -> Value {
        let agency = self.agency.value();
        let mut value = value.clone();
        value["issued_on"] = json!(issued_on);
        let mut value = form.labels(&value, &agency);
        let rights: serde_json::Map<String, Value> = form
            .definition()
            .rights
            .iter()
            .filter_map(|id| {
                let text = self.pack.rights(id, &agency)?;
                Some((id.clone(), json!(text.text)))
            })
            .collect();
        value["case"] = json!({ "id": "0196f2aa-7c1e-7d53-9a3e-5b1f0c2d4e6f" });
        value["agency"] = agency;
        value["rights"] = Value::Object(rights);
        if form.number_series().is_some() {
            value["number"] = json!(self.number(form));
        }
        value
    }

    fn number(&self, form: &Form) -> Option<String> {
        let pattern = self.agency.pattern(form.number_series()?)?;
        forms::render_number(pattern, 2026, 7)
    }

    fn stamp(&self, form: &Form, kind: StampKind) -> Stamp {
        Stamp {
            title: form.definition().title.clone(),
            document_id: "0196f2aa-7c1e-7d53-9a3e-5b1f0c2d4e6f".to_owned(),
            number: self.number(form),
            qr: Some("https://hq.example.org/i/0196f2aa7c1e7d53?h=3f9a6c0d1b2e4f5a".to_owned()),
            created_at: "2026-03-10T14:30:00.000+08:00".to_owned(),
            kind,
        }
    }
}

/// A moment after the last time the sample names, so that nothing in it lies ahead.
fn after_everything(value: &Value) -> DateTime<FixedOffset> {
    fn collect(value: &Value, into: &mut Vec<DateTime<FixedOffset>>) {
        match value {
            Value::String(text) => into.extend(DateTime::parse_from_rfc3339(text).ok()),
            Value::Array(items) => items.iter().for_each(|item| collect(item, into)),
            Value::Object(map) => map.values().for_each(|item| collect(item, into)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    let mut times = Vec::new();
    collect(value, &mut times);
    let otherwise = DateTime::parse_from_rfc3339("2026-03-10T17:00:00.000+08:00").unwrap();
    times.into_iter().max().unwrap_or(otherwise) + TimeDelta::minutes(1)
}

fn scrawl(slot: &str, signed_on: &str) -> PlacedSignature {
    let seed = slot.len() as f32;
    let wave = |from: f32, to: f32, phase: f32| {
        (0..40)
            .map(|step| {
                let t = step as f32 / 39.0;
                [
                    from + (to - from) * t,
                    0.5 + 0.32 * (t * 9.0 + phase).sin() * (1.0 - t * 0.4),
                ]
            })
            .collect::<Vec<_>>()
    };
    PlacedSignature {
        slot: slot.to_owned(),
        strokes: vec![wave(0.1, 0.5, seed), wave(0.45, 0.9, seed + 2.0)],
        name: "某人".to_owned(),
        signed_on: signed_on.to_owned(),
    }
}

fn written_to() -> Option<PathBuf> {
    let named = std::env::var_os("SANXIANG_SAMPLES")?;
    let folder = PathBuf::from(named);
    let folder = if folder.is_dir() {
        folder
    } else {
        repository().join("target/samples")
    };
    fs::create_dir_all(&folder).unwrap();
    Some(folder)
}

fn samples(desk: &Desk) -> Vec<(String, Form<'_>, Value)> {
    desk.codes()
        .into_iter()
        .filter_map(|code| {
            let form = desk.pack.form(&code)?;
            let value = desk.sample(&code)?;
            Some((code, form, value))
        })
        .collect()
}

#[test]
fn every_form_has_a_sample() {
    let desk = Desk::new();
    let without: Vec<String> = desk
        .codes()
        .into_iter()
        .filter(|code| desk.sample(code).is_none())
        .collect();
    assert!(without.is_empty(), "{without:?}");
}

#[test]
fn every_sample_is_complete_and_lawful() {
    let desk = Desk::new();
    let mut found = Vec::new();
    for (code, form, value) in samples(&desk) {
        let blocking = desk.blocking(&form, &value);
        found.extend(blocking.into_iter().map(|text| format!("{code} {text}")));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_sample_is_set_on_paper_and_on_the_ticket() {
    let desk = Desk::new();
    let folder = written_to();
    let mut wrong = Vec::new();
    for (code, form, value) in samples(&desk) {
        let issued_on = after_everything(&value).date_naive().to_string();
        let frozen = desk.frozen(&form, &value, &issued_on);
        let signatures: Vec<PlacedSignature> = form
            .definition()
            .signers
            .iter()
            .map(|signer| scrawl(&signer.slot, &issued_on))
            .collect();
        let parse = |source: &str| {
            Layout::parse(source).unwrap_or_else(|fault| panic!("{code}: {fault}"))
        };
        let (paper, strip) = (parse(form.paper()), parse(form.ticket()));
        let sheet = |layout| Sheet {
            layout,
            values: &frozen,
            signatures: &signatures,
            stamp: desk.stamp(&form, StampKind::Final),
        };
        let document = compose(&desk.fonts, &sheet(&paper))
            .unwrap_or_else(|fault| panic!("{code} on paper: {fault}"));
        let slip = ticket(&desk.fonts, &sheet(&strip), DOTS)
            .unwrap_or_else(|fault| panic!("{code} on the ticket: {fault}"));
        let pdf = document.pdf().unwrap();
        assert!(document.pages() >= 1 && pdf.starts_with(b"%PDF") && slip.height > 100);
        let text = document.text();
        let missing = unprinted(&form, &value, &text);
        wrong.extend(missing.iter().map(|path| format!("{code}: {path} is not on paper")));
        let mut codes = english_codes(&form, &value);
        codes.retain(|word| text.contains(word));
        wrong.extend(codes.iter().map(|word| format!("{code}: the code {word} is on paper")));
        if let Some(folder) = &folder {
            fs::write(folder.join(format!("{code}.pdf")), pdf).unwrap();
            fs::write(folder.join(format!("{code}-ticket.png")), slip.to_png()).unwrap();
            fs::write(folder.join(format!("{code}.txt")), text).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_empty_draft_of_every_form_is_set_too() {
    let desk = Desk::new();
    for code in desk.codes() {
        let form = desk.pack.form(&code).unwrap();
        let frozen = desk.frozen(&form, &json!({}), "2026-03-10");
        for source in [form.paper(), form.ticket()] {
            let layout = Layout::parse(source).unwrap_or_else(|fault| panic!("{code}: {fault}"));
            let sheet = Sheet {
                layout: &layout,
                values: &frozen,
                signatures: &[],
                stamp: desk.stamp(&form, StampKind::Draft),
            };
            if source.contains("@page ticket") {
                ticket(&desk.fonts, &sheet, DOTS).unwrap_or_else(|fault| panic!("{code}: {fault}"));
            } else {
                compose(&desk.fonts, &sheet).unwrap_or_else(|fault| panic!("{code}: {fault}"));
            }
        }
    }
}

/// Long texts of the sample that the sheet does not hold; a page may end within a paragraph, so its beginning counts.
fn unprinted(form: &Form, value: &Value, text: &str) -> Vec<String> {
    let squeezed = |text: &str| -> String {
        text.chars().filter(|char| !char.is_whitespace()).collect()
    };
    let text = squeezed(text);
    let fields = form.definition().sections.iter().flat_map(|part| &part.fields);
    fields
        .filter(|field| matches!(field.kind, forms::FieldKind::LongText))
        .filter_map(|field| {
            let words = at(value, &field.path)?.as_str()?;
            let begins = |line: &str| squeezed(line).chars().take(12).collect::<String>();
            let is_there = words.lines().all(|line| text.contains(&begins(line)));
            (!is_there).then(|| field.path.clone())
        })
        .collect()
}

/// The codes of choices the sample uses, which are for machines.
fn english_codes(form: &Form, value: &Value) -> BTreeSet<String> {
    let fields = form.definition().sections.iter().flat_map(|part| &part.fields);
    fields
        .filter(|field| matches!(field.kind, forms::FieldKind::Choice { .. }))
        .filter_map(|field| at(value, &field.path)?.as_str().map(str::to_owned))
        .filter(|word| word.len() > 3 && word.is_ascii())
        .collect()
}

fn at<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').try_fold(value, |value, key| value.get(key))
}
