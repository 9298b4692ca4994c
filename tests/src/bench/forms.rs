//! Checking the largest form with 200 rows, and loading the pack.

use std::path::Path;

use casebook::domain_offset;
use chrono::DateTime;
use forms::{Agency, CheckContext, Field, FieldKind, Pack};
use journal::SigningKey;
use journeys::{Failed, repository, roadside};
use serde_json::{Value, json};

use crate::measure::{Figure, in_turns, timed};

const ROWS: usize = 200;

pub fn figures() -> Result<Vec<Figure>, Failed> {
    Ok(vec![check()?, pack_load()?])
}

pub fn copy(from: &Path, to: &Path) -> Result<(), Failed> {
    std::fs::create_dir_all(to)?;
    for item in std::fs::read_dir(from)? {
        let item = item?;
        let target = to.join(item.file_name());
        if item.file_type()?.is_dir() {
            copy(&item.path(), &target)?;
        } else {
            std::fs::copy(item.path(), target)?;
        }
    }
    Ok(())
}

fn check() -> Result<Figure, Failed> {
    let folder = repository().join("forms/packs/transport");
    let pack = Pack::load(&folder)?;
    let agency = pack.agency_value(&Agency::load(&folder.join("agencies/example.toml"))?);
    let fonts = paper::Fonts::load(&paper::Fonts::default_dir())?;
    let missing = |text: &str| fonts.missing(text);
    let now = DateTime::parse_from_rfc3339("2026-09-22T10:00:00.000+08:00")?
        .with_timezone(&domain_offset());
    let told = ["RN-1".to_owned(), "RN-3".to_owned()];
    let context = CheckContext {
        today: now.date_naive(),
        now,
        agency: &agency,
        missing_glyphs: &missing,
        told: &told,
        pack: &pack,
    };
    let largest = pack.forms().max_by_key(|form| {
        let sections = form.sections.iter();
        sections
            .map(|section| cells(&section.fields))
            .sum::<usize>()
    });
    let code = largest.ok_or("the pack has no form")?.code.clone();
    let form = pack.form(&code).ok_or("the pack lost its largest form")?;
    let value = grown(&form, &folder)?;
    let text = value.to_string();

    let mut findings = 0;
    let mut whole = || {
        findings = form.check(&value, &context).len();
        Ok(())
    };
    let mut parse = || {
        let value: Value = serde_json::from_str(&text)?;
        std::hint::black_box(value);
        Ok(())
    };
    let (ours, theirs) = in_turns(20, 300, &mut || timed(&mut whole), &mut || {
        timed(&mut parse)
    })?;
    let figure = Figure {
        name: "form-check",
        value: ours.p95() * 1e3,
        unit: "ms p95",
        ratio: ours.p95() / theirs.p95(),
        baseline: "bare JSON parse of the value",
        targets: Vec::new(),
        note: format!(
            "{code}, the largest form, {ROWS} rows a table, p50 {:.2} ms, {findings} findings, {} kB",
            ours.median() * 1e3,
            text.len() / 1000
        ),
    };
    Ok(figure.at_most(5.0))
}

/// How many places a form has to fill when every table has its rows.
fn cells(fields: &[Field]) -> usize {
    let cell = |field: &Field| match &field.kind {
        FieldKind::Rows { fields, .. } => cells(fields) * ROWS,
        _ => 1,
    };
    fields.iter().map(cell).sum()
}

/// The sample of a form with every table grown to so many rows.
fn grown(form: &forms::Form<'_>, pack: &Path) -> Result<Value, Failed> {
    let definition = form.definition();
    let sample = pack.join(format!("forms/{}/sample.json", definition.code));
    let mut value: Value = serde_json::from_str(&std::fs::read_to_string(sample)?)?;
    let sections = definition.sections.iter();
    for field in sections.flat_map(|section| &section.fields) {
        if let FieldKind::Rows { fields, .. } = &field.kind {
            let row = |at: usize| {
                let mut row = json!({});
                for field in fields {
                    put(&mut row, &field.path, text_for(field, at));
                }
                row
            };
            put(&mut value, &field.path, (0..ROWS).map(row).collect());
        }
    }
    Ok(value)
}

/// Sets a dotted path.
fn put(value: &mut Value, path: &str, what: Value) {
    let nested = path
        .rsplit('.')
        .fold(what, |inner, key| json!({ key: inner }));
    roadside::merge(value, &nested);
}

fn text_for(field: &Field, at: usize) -> Value {
    match &field.kind {
        FieldKind::Integer { min, .. } => json!(min.unwrap_or(0)),
        FieldKind::Money => json!(10_000),
        FieldKind::Flag => json!(true),
        FieldKind::Choice { options } => {
            let option = options.get(at % options.len().max(1));
            json!(option.map(|option| &option.value))
        }
        FieldKind::Date => json!("2026-03-10"),
        FieldKind::DateTime => json!("2026-03-10T09:40:00.000+08:00"),
        FieldKind::Plate => json!("示A·0001挂"),
        FieldKind::Phone => json!("13800000001"),
        FieldKind::ResidentId => json!("990000198803050016"),
        FieldKind::CreditCode => json!("91990000MA007E5707"),
        FieldKind::Text | FieldKind::LongText | FieldKind::Shown => {
            json!(format!("第 {at} 项：轮胎花纹深度不小于 1.6 毫米"))
        }
        _ => Value::Null,
    }
}

fn pack_load() -> Result<Figure, Failed> {
    let key = SigningKey::generate();
    let bundle = Pack::bundle(
        &repository().join("forms/packs/transport"),
        "2026.9.9",
        &key,
    )?;
    let public = key.public();
    let mut open = || {
        std::hint::black_box(Pack::open(&bundle, &public)?);
        Ok(())
    };
    let line = bundle
        .split(|byte| *byte == b'\n')
        .next()
        .ok_or("an empty bundle")?;
    let mut bare = || {
        std::hint::black_box(journal::Hash::of(&bundle));
        let content: Value = serde_json::from_slice(line)?;
        std::hint::black_box(content);
        Ok(())
    };
    let (ours, theirs) = in_turns(3, 60, &mut || timed(&mut open), &mut || timed(&mut bare))?;
    let figure = Figure {
        name: "pack-load",
        value: ours.p95() * 1e3,
        unit: "ms p95",
        ratio: ours.p95() / theirs.p95(),
        baseline: "bare hash and JSON parse of it",
        targets: Vec::new(),
        note: format!(
            "{} kB, p50 {:.1} ms",
            bundle.len() / 1000,
            ours.median() * 1e3
        ),
    };
    Ok(figure.at_most(150.0))
}
