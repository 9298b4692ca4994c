//! Checking the largest form with 200 rows, and loading the pack.

use std::path::Path;

use casebook::domain_offset;
use chrono::DateTime;
use forms::{Agency, CheckContext, Pack};
use journal::SigningKey;
use journeys::{Failed, repository, roadside};
use serde_json::{Value, json};

use crate::measure::{Figure, in_turns, timed};

const ROWS: usize = 200;

pub fn figures() -> Result<Vec<Figure>, Failed> {
    Ok(vec![check()?, pack_load()?])
}

/// The pack of the house, with room for as many rows as are measured.
fn roomy_pack(dir: &Path) -> Result<Pack, Failed> {
    let source = repository().join("forms/packs/transport");
    copy(&source, dir)?;
    let form = dir.join("forms/F01/form.toml");
    let text = std::fs::read_to_string(&form)?.replace("max = 100", "max = 200");
    std::fs::write(&form, text)?;
    Ok(Pack::load(dir)?)
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
    let dir = tempfile::tempdir()?;
    let pack = roomy_pack(&dir.path().join("transport"))?;
    let agency =
        Agency::load(&repository().join("forms/packs/transport/agencies/example.toml"))?.value();
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
    let form = pack.form("F01").ok_or("the pack has no F01")?;
    let value = full_value(&form, &agency);
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
            "{ROWS} rows, p50 {:.2} ms, {findings} findings, {} kB",
            ours.median() * 1e3,
            text.len() / 1000
        ),
    };
    Ok(figure.at_most(5.0))
}

fn full_value(form: &forms::Form<'_>, agency: &Value) -> Value {
    let officers = json!([
        { "name": "赵明甲", "credential_no": "99010001", "unit": "一大队", "post": "中队长" },
        { "name": "钱思乙", "credential_no": "99010002", "unit": "一大队", "post": "执法员" },
    ]);
    let facts = json!({
        "party": roadside::party(), "vehicle": roadside::vehicle(), "place": roadside::place(),
        "officers": officers, "now": "2026-09-22T09:50:00.000+08:00",
        "presented_at": "2026-09-22T09:41:00.000+08:00", "reason": "special", "reason_note": "治超专项检查",
        "agency": agency, "told": { "RN-3": "2026-09-22T09:55:00.000+08:00" },
    });
    let mut value = form.prefill(&facts);
    roadside::merge(
        &mut value,
        &roadside::fields(
            "F01",
            "2026-09-22T09:59:00.000+08:00",
            "2026-09-22T09:45:00.000+08:00",
        ),
    );
    let items: Vec<Value> = (1..=ROWS)
        .map(|row| {
            json!({ "name": format!("第 {row} 项 轮胎花纹深度"), "standard": "不小于 1.6 毫米",
                    "result": if row % 7 == 0 { "fail" } else { "pass" }, "note": format!("实测 {}.{} 毫米", row % 5, row % 10) })
        })
        .collect();
    roadside::merge(&mut value, &json!({ "items": items }));
    value
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
