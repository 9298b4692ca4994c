#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice
)]
//! How long the whole pack takes to load, and how long the largest form with 200 and with 1,000 rows takes to check.
//! An unoptimised build prints the figures; `cargo test --release` also holds them to their bounds.

mod common;

use std::fs;
use std::time::{Duration, Instant};

use common::*;
use forms::{CheckContext, Field, FieldKind, Pack};
use journal::SigningKey;
use serde_json::{Value, json};

const ROUNDS: usize = if cfg!(debug_assertions) { 3 } else { 100 };

/// The 95th of a hundred.
fn p95(mut run: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let begun = Instant::now();
            run();
            begun.elapsed()
        })
        .collect();
    times.sort();
    times[(times.len() * 95).div_ceil(100) - 1]
}

#[track_caller]
fn figure(name: &str, found: Duration, most: Duration) {
    println!(
        "{name}: {:.2} ms p95, at most {} ms",
        found.as_secs_f64() * 1e3,
        most.as_millis()
    );
    assert!(cfg!(debug_assertions) || found <= most, "{name}: {found:?}");
}

#[test]
fn the_whole_pack_loads_and_opens_in_time() {
    let forms = pack().forms().count();
    let key = SigningKey::generate();
    let bundle = Pack::bundle(&dir(), "2026.99.1", &key).unwrap();
    let public = key.public();
    println!("{forms} forms, {} kB", bundle.len() / 1000);
    let most = Duration::from_millis(150);
    figure(
        "load the folder",
        p95(|| drop(Pack::load(&dir()).unwrap())),
        most,
    );
    figure(
        "open the bundle",
        p95(|| drop(Pack::open(&bundle, &public).unwrap())),
        most,
    );
}

fn cells(fields: &[Field]) -> usize {
    let cell = |field: &Field| match &field.kind {
        FieldKind::Rows { fields, .. } => cells(fields) * 200,
        _ => 1,
    };
    fields.iter().map(cell).sum()
}

fn text_for(field: &Field, at: usize) -> Value {
    match &field.kind {
        FieldKind::Integer { min, .. } => json!(min.unwrap_or(0)),
        FieldKind::Money => json!(10_000),
        FieldKind::Flag => json!(true),
        FieldKind::Choice { options } => json!(options[at % options.len()].value),
        FieldKind::Date => json!("2026-03-10"),
        FieldKind::DateTime => json!("2026-03-10T09:40:00.000+08:00"),
        FieldKind::Plate => json!("示A·0001挂"),
        FieldKind::Phone => json!("13800000001"),
        FieldKind::ResidentId => json!("990000198803050016"),
        FieldKind::CreditCode => json!("91990000MA007E5707"),
        FieldKind::Rows { .. } | FieldKind::Citations | FieldKind::Violation => Value::Null,
        FieldKind::Text | FieldKind::LongText | FieldKind::Shown => json!(format!("第{at}项内容")),
    }
}

/// The sample of a form with every table grown to so many rows.
fn grown(code: &str, rows: usize) -> Value {
    let sample = dir().join(format!("forms/{code}/sample.json"));
    let mut value: Value =
        serde_json::from_str(&fs::read_to_string(sample).unwrap_or("{}".to_owned())).unwrap();
    let pack = pack();
    let form = pack.form(code).unwrap();
    for field in form
        .definition()
        .sections
        .iter()
        .flat_map(|section| &section.fields)
    {
        if let FieldKind::Rows { fields, .. } = &field.kind {
            let list: Vec<Value> = (0..rows)
                .map(|at| {
                    let mut row = json!({});
                    for field in fields {
                        put(&mut row, &field.path, text_for(field, at));
                    }
                    row
                })
                .collect();
            put(&mut value, &field.path, json!(list));
        }
    }
    value
}

#[test]
fn the_largest_form_is_checked_in_time() {
    let pack = pack();
    let agency = agency().value();
    let now = time("2026-03-10T10:00:00.000+08:00");
    let context = CheckContext {
        today: now.date_naive(),
        now,
        agency: &agency,
        missing_glyphs: &|text| text.chars().filter(|c| *c == '\u{30000}').collect(),
        told: &[],
        pack: &pack,
    };
    let mut sizes: Vec<(usize, String)> = pack
        .forms()
        .map(|form| {
            (
                form.sections
                    .iter()
                    .map(|section| cells(&section.fields))
                    .sum(),
                form.code.clone(),
            )
        })
        .collect();
    sizes.sort();
    for (cells, code) in sizes.iter().rev().take(3) {
        let form = pack.form(code).unwrap();
        for (rows, most) in [(200, 5), (1_000, 50)] {
            let value = grown(code, rows);
            let mut findings = 0;
            let found = p95(|| findings = form.check(&value, &context).len());
            let name = format!(
                "check {code} ({cells} cells) with {rows} rows, {findings} findings, {} kB",
                value.to_string().len() / 1000
            );
            figure(&name, found, Duration::from_millis(most));
        }
    }
}
