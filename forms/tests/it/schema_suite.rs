//! The official JSON-Schema-Test-Suite (draft 2020-12), for the keywords packs may use, with the engine's own options.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use forms::{KEYWORDS, compile_schema};
use serde_json::Value;

fn here(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// Keywords of a schema, and of the schemas inside it.
fn keywords(schema: &Value, into: &mut BTreeSet<String>) {
    let Value::Object(map) = schema else { return };
    for (key, value) in map {
        into.insert(key.clone());
        match (key.as_str(), value) {
            ("properties" | "patternProperties" | "$defs", Value::Object(inside)) => {
                inside.values().for_each(|schema| keywords(schema, into));
            }
            ("allOf" | "anyOf" | "oneOf" | "prefixItems", Value::Array(inside)) => {
                inside.iter().for_each(|schema| keywords(schema, into));
            }
            ("items" | "contains" | "additionalProperties" | "not" | "if" | "then" | "else", _) => {
                keywords(value, into);
            }
            _ => {}
        }
    }
}

fn schemas_below(dir: &Path, into: &mut BTreeSet<String>) {
    for item in fs::read_dir(dir).unwrap() {
        let path = item.unwrap().path();
        if path.is_dir() {
            schemas_below(&path, into);
        } else if path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().ends_with("schema.json"))
        {
            keywords(&json(&path), into);
        }
    }
}

const SAYS_NOTHING: [&str; 7] = [
    "$schema",
    "$comment",
    "title",
    "description",
    "default",
    "examples",
    "$defs",
];

#[test]
fn every_keyword_the_pack_uses_is_in_the_suite() {
    let mut used = BTreeSet::new();
    schemas_below(&here("packs/transport"), &mut used);
    assert!(
        used.contains("$ref") && used.contains("maximum"),
        "{used:?}"
    );
    for keyword in &used {
        assert!(
            KEYWORDS.contains(&keyword.as_str()),
            "{keyword} is no keyword of packs"
        );
        if SAYS_NOTHING.contains(&keyword.as_str()) {
            continue;
        }
        let file = match keyword.as_str() {
            "if" | "then" | "else" => "if-then-else",
            "$ref" => "ref",
            other => other,
        };
        let path = here(&format!("tests/json-schema-suite/draft2020-12/{file}.json"));
        assert!(path.exists(), "the suite has no tests of {keyword} here");
    }
}

#[test]
fn the_official_suite_passes() {
    let (mut passed, mut outside) = (0, BTreeMap::<String, u32>::new());
    let mut files: Vec<_> = fs::read_dir(here("tests/json-schema-suite/draft2020-12"))
        .unwrap()
        .map(|item| item.unwrap().path())
        .collect();
    files.sort();
    for file in &files {
        for group in json(file).as_array().unwrap() {
            let name = format!("{}: {}", file.display(), group["description"]);
            let schema = &group["schema"];
            let validator = match compile_schema(schema) {
                Ok(validator) => validator,
                Err(reason) => {
                    // Only what packs may not say is left out, and it is refused, not taken for something else.
                    let is_outside = reason.contains("no keyword")
                        || reason.contains("outside the pack")
                        || reason.contains("points at nothing")
                        || reason.contains("in a circle");
                    assert!(is_outside, "{name}: {reason}");
                    *outside.entry(reason).or_default() += 1;
                    continue;
                }
            };
            for test in group["tests"].as_array().unwrap() {
                let expected = test["valid"].as_bool().unwrap();
                let found = validator.is_valid(&test["data"]);
                assert_eq!(found, expected, "{name}, {}", test["description"]);
                passed += 1;
            }
        }
    }
    println!(
        "{passed} tests of {} files passed; refused as outside: {outside:#?}",
        files.len()
    );
    assert!(passed >= 739, "only {passed} ran");
    let refused: u32 = outside.values().sum();
    assert!(refused < 60, "{refused} groups refused");
}

#[test]
fn the_suite_stands_with_its_licence() {
    let licence = fs::read_to_string(here("tests/json-schema-suite/LICENSE")).unwrap();
    assert!(licence.contains("Permission is hereby granted"));
}
