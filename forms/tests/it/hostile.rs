//! Packs that are cut off, forged, too large, from another time, or written to make a terminal hang.

use std::fs;
use std::time::{Duration, Instant};

use crate::common::small::Small;
use forms::{CheckContext, Pack, PackFault};
use journal::{Hash, SigningKey};
use serde_json::{Value, json};

/// Far above what an unoptimised build on a busy machine needs for what is bounded, far below hanging.
const SOON: Duration = Duration::from_secs(20);

struct Published {
    key: SigningKey,
    bytes: Vec<u8>,
}

fn published(small: &Small, version: &str) -> Published {
    let key = SigningKey::generate();
    let bytes = Pack::bundle(small.dir(), version, &key).unwrap();
    Published { key, bytes }
}

impl Published {
    fn open(&self, active: &Pack) -> Result<Pack, PackFault> {
        let sha256 = Hash::of(&self.bytes).to_string();
        Pack::open_newer(&self.bytes, &self.key.public(), &sha256, Some(active))
    }

    /// Signed by headquarters, whatever it says.
    fn forged(&self, content: &Value) -> Self {
        let content = content.to_string();
        let signature = self.key.sign(content.as_bytes()).to_base64();
        Self {
            key: SigningKey::from_secret_bytes(&self.key.to_secret_bytes()[..]).unwrap(),
            bytes: format!("{content}\n{signature}\n").into_bytes(),
        }
    }

    fn content(&self) -> Value {
        let line = self.bytes.split(|byte| *byte == b'\n').next().unwrap();
        serde_json::from_slice(line).unwrap()
    }
}

#[test]
fn a_newer_pack_is_taken() {
    let small = Small::new();
    let active = small.pack();
    let pack = published(&small, "2026.1.2").open(&active).unwrap();
    assert_eq!(pack.version(), "2026.1.2");
    assert!(pack.is_newer_than(&active) && !active.is_newer_than(&pack));
}

#[test]
fn an_older_pack_and_the_same_version_again_are_refused() {
    let small = Small::new().change("pack.toml", "2026.1.1", "2026.10.1");
    let active = small.pack();
    for version in ["2026.9.30", "2026.10.1", "2025.12.1", "2026.10"] {
        let fault = published(&small, version).open(&active).err().unwrap();
        assert!(
            matches!(fault, PackFault::Older { .. }),
            "{version}: {fault}"
        );
    }
    for version in ["2026.10.2", "2026.11.0", "2027.1.1", "2026.10.1.1"] {
        assert!(
            published(&small, version).open(&active).is_ok(),
            "{version}"
        );
    }
}

#[test]
fn another_hash_than_announced_is_refused() {
    let small = Small::new();
    let announced = published(&small, "2026.1.2");
    let other = Hash::of(b"another").to_string();
    let fault = Pack::open_newer(&announced.bytes, &announced.key.public(), &other, None);
    assert!(matches!(fault.err().unwrap(), PackFault::Hash { .. }));
}

#[test]
fn another_signature_and_every_truncation_are_refused() {
    let small = Small::new();
    let active = small.pack();
    let good = published(&small, "2026.1.2");
    let other = Published {
        key: SigningKey::generate(),
        bytes: good.bytes.clone(),
    };
    assert!(matches!(other.open(&active), Err(PackFault::Signature(_))));
    for cut in [
        0,
        1,
        100,
        good.bytes.len() / 2,
        good.bytes.len() - 2,
        good.bytes.len() - 1,
    ] {
        let short = Published {
            key: SigningKey::from_secret_bytes(&good.key.to_secret_bytes()[..]).unwrap(),
            bytes: good.bytes[..cut].to_vec(),
        };
        assert!(short.open(&active).is_err(), "cut at {cut}");
    }
}

#[test]
fn a_pack_of_a_later_engine_is_refused_before_it_is_read() {
    let small = Small::new();
    let active = small.pack();
    let good = published(&small, "2026.1.2");
    let mut content = good.content();
    let head = content["files"]["pack.toml"].as_str().unwrap();
    let later = format!("schema = 2\nnew_key = \"unknown\"\n{head}");
    content["files"]["pack.toml"] = json!(later);
    let fault = good.forged(&content).open(&active).err().unwrap();
    assert!(
        matches!(fault, PackFault::FutureSchema { found: 2, known: 1 }),
        "{fault}"
    );
    let mut content = good.content();
    content["format"] = json!("sanxiang-pack/2");
    content["more"] = json!(true);
    let fault = good.forged(&content).open(&active).err().unwrap();
    assert!(matches!(fault, PackFault::Format { .. }), "{fault}");
    let small = small.change("pack.toml", "version", "schema = 0\nversion");
    assert!(matches!(
        small.load(),
        Err(PackFault::FutureSchema { found: 0, .. })
    ));
}

#[test]
fn a_hundred_megabytes_are_refused_unread() {
    let small = Small::new();
    let active = small.pack();
    let large = Published {
        key: SigningKey::generate(),
        bytes: vec![b'x'; 100 << 20],
    };
    let begun = Instant::now();
    assert!(matches!(
        large.open(&active),
        Err(PackFault::Oversize { .. })
    ));
    assert!(begun.elapsed() < Duration::from_secs(5));
    let file = fs::File::create(small.dir().join("rights/RN-99.txt")).unwrap();
    file.set_len(100 << 20).unwrap();
    assert!(matches!(small.load(), Err(PackFault::Oversize { .. })));
}

#[test]
fn a_path_out_of_the_pack_is_refused() {
    let small = Small::new();
    let active = small.pack();
    let good = published(&small, "2026.1.2");
    for path in [
        "../x.toml",
        "/etc/passwd",
        "a/../../b",
        "forms//x",
        ".hidden",
        "a\\b",
        "x\u{0}",
    ] {
        let mut content = good.content();
        content["files"][path] = json!("x");
        let fault = good.forged(&content).open(&active).err().unwrap();
        assert!(
            matches!(fault, PackFault::PathEscape { .. }),
            "{path}: {fault}"
        );
    }
}

/// Refused or harmless, but never slow.
#[track_caller]
fn soon(small: &Small, expected: &str) {
    let begun = Instant::now();
    let loaded = small.load();
    let fault = loaded
        .err()
        .map_or_else(|| "loaded".to_owned(), |fault| fault.to_string());
    assert!(begun.elapsed() < SOON, "{:?}: {fault}", begun.elapsed());
    assert!(fault.contains(expected), "{fault}");
}

fn with_schema(schema: &Value) -> Small {
    let small = Small::new();
    fs::write(small.dir().join("forms/A1/schema.json"), schema.to_string()).unwrap();
    small
}

#[test]
fn schemas_that_never_end_are_refused() {
    soon(&with_schema(&json!({ "$ref": "#" })), "in a circle");
    let circle = json!({ "$defs": { "a": { "$ref": "#/$defs/b" }, "b": { "allOf": [{ "$ref": "#/$defs/a" }] } }, "$ref": "#/$defs/a" });
    soon(&with_schema(&circle), "in a circle");
    soon(
        &with_schema(&json!({ "properties": { "x": { "$ref": "#" } } })),
        "in a circle",
    );
    soon(&with_schema(&json!({ "$dynamicRef": "#x" })), "no keyword");
    soon(
        &with_schema(&json!({ "$ref": "https://example.com/x" })),
        "outside the pack",
    );
}

/// Thirty definitions, each asked for twice by the next: a thousand million checks of one value.
#[test]
fn schemas_that_grow_without_end_are_refused() {
    let mut defs = serde_json::Map::new();
    defs.insert("d0".to_owned(), json!({ "type": "object" }));
    for at in 1..=30 {
        let below = json!({ "$ref": format!("#/$defs/d{}", at - 1) });
        defs.insert(format!("d{at}"), json!({ "allOf": [below, below] }));
    }
    let schema = json!({ "$defs": defs, "$ref": "#/$defs/d30" });
    soon(&with_schema(&schema), "with every $ref written out");
    let mut deep = json!({});
    for _ in 0..100 {
        deep = json!({ "not": deep });
    }
    soon(&with_schema(&deep), "nested deeper");
}

#[test]
fn patterns_that_blow_up_are_refused_or_run_in_linear_time() {
    let shape =
        |pattern: &str| Small::new().change("pack.toml", "^\\p{Han}[A-Z]·?[A-Z0-9]{4,6}$", pattern);
    soon(&shape("(\\\\w{1000}){1000}"), "pack.toml:");
    soon(&shape("(?=a)b"), "pack.toml:");
    soon(&shape(&"a".repeat(2_000)), "at most 1000");
    let many: serde_json::Map<String, Value> =
        (0..50).map(|at| (format!("^x{at}"), json!(true))).collect();
    soon(
        &with_schema(&json!({ "patternProperties": many })),
        "more than 20 patterns",
    );
    // A classic that takes a backtracking engine for ever.
    let small = with_schema(&json!({ "properties": { "facts": { "pattern": "^(a+)+$" } } }));
    let pack = small.pack();
    let begun = Instant::now();
    let findings = check(
        &small,
        &pack,
        "A1",
        &json!({ "facts": format!("{}!", "a".repeat(4_000)) }),
    );
    assert!(findings > 0);
    assert!(begun.elapsed() < SOON);
}

fn check(small: &Small, pack: &Pack, form: &str, value: &Value) -> usize {
    let now = chrono::DateTime::parse_from_rfc3339("2026-03-10T10:00:00+08:00").unwrap();
    let agency = small.agency();
    let context = CheckContext {
        today: now.date_naive(),
        now,
        agency: &agency,
        missing_glyphs: &|_| Vec::new(),
        told: &[],
        pack,
    };
    pack.form(form).unwrap().check(value, &context).len()
}

#[test]
fn more_rules_fields_rows_and_gates_than_a_pack_can_need_are_refused() {
    let rule = "[[rule]]\nkind = \"not_future\"\nfield = \"facts\"\ntext = \"不\"\nhint = \"改\"\n";
    soon(
        &Small::new().append("forms/A1/rules.toml", &rule.repeat(300)),
        "300 rules",
    );
    let rows = Small::new().change("forms/A3/form.toml", "max = 1000", "max = 1000000");
    soon(&rows, "1000000 rows");
    let field = "{ path = \"x\", label = \"某\", kind = \"text\" },";
    let fields = Small::new().change(
        "forms/A1/form.toml",
        "fields = [",
        &format!("fields = [{}", field.repeat(1_000)),
    );
    soon(&fields, "fields, at most 600");
    let gate = "[[gate]]\nrule = \"R\"\nat = \"issue\"\nneeds = { kind = \"never\" }\ntext = \"不\"\nhint = \"改\"\n";
    soon(
        &Small::new().append("procedures.toml", &gate.repeat(3_000)),
        "2000 gates",
    );
    let tests = "{ path = \"now\", exists = true },".repeat(100);
    let long = format!("[[derive]]\nname = \"long\"\nany = [[{tests}]]\n");
    soon(
        &Small::new().append("procedures.toml", &long),
        "more than 64 conditions",
    );
    let off = "[[off]]\nname = \"x\"\nfrom = \"2026-01-05\"\nto = \"2026-01-05\"\n";
    let calendar = Small::new().append("calendars/2026.toml", &off.repeat(500));
    soon(&calendar, "more than 100");
}

/// A chain of truths, each using the one before, written in the worst order.
#[test]
fn a_long_chain_of_truths_ends_soon_and_a_circle_is_refused() {
    let derived = |at: usize, of: usize| {
        format!(
            "[[derive]]\nname = \"d{at}\"\nany = [[{{ path = \"derived.d{of}\", is = [true] }}]]\n"
        )
    };
    let chain: String = (0..100).map(|at| derived(at, at + 1)).collect();
    let end = "[[derive]]\nname = \"d100\"\nany = [[{ path = \"now\", exists = true }]]\n";
    soon(
        &Small::new().append("procedures.toml", &format!("{chain}{end}")),
        "loaded",
    );
    soon(
        &Small::new().append("procedures.toml", &format!("{chain}{}", derived(100, 0))),
        "in a circle",
    );
    let many: String = (0..300).map(|at| derived(at, at + 1)).collect();
    soon(
        &Small::new().append("procedures.toml", &many),
        "at most 200 truths",
    );
}

#[test]
fn nested_tables_do_not_overflow_the_stack() {
    let deep = format!("x = {}{}\n", "[".repeat(10_000), "]".repeat(10_000));
    soon(
        &Small::new().append("guidance.toml", &deep),
        "guidance.toml",
    );
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let small = Small::new();
    fs::write(small.dir().join("forms/A1/schema.json"), deep).unwrap();
    soon(&small, "forms/A1/schema.json");
}

/// The most rules a form may have, each over every row of the longest table.
#[test]
fn the_largest_form_a_pack_may_have_is_checked_in_bounded_time() {
    let rule = "[[rule]]\nkind = \"order\"\nearlier = \"happened_on\"\nlater = \"items.*.seized_on\"\ntext = \"不\"\nhint = \"改\"\n";
    let small = Small::new().append("forms/A3/rules.toml", &rule.repeat(190));
    let pack = small.pack();
    let rows: Vec<_> = (0..1_000)
        .map(|at| json!({ "name": format!("物品{at}"), "seized_on": "2026-03-01" }))
        .collect();
    let value = json!({ "happened_on": "2026-02-01", "items": rows });
    let begun = Instant::now();
    check(&small, &pack, "A3", &value);
    assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
}
