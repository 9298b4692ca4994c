//! The JSON Schema of a form's value: a closed set of keywords, bounded work, nothing fetched.
//!
//! A schema comes from a pack, and a pack may be hostile. References never go round in a circle, so that checking ends;
//! with every reference written out the schema has a bounded size, so that it ends soon; patterns run in linear time.

use std::collections::{BTreeMap, BTreeSet};

use jsonschema::{PatternOptions, Registry, Validator};
use serde_json::Value;

/// What a schema of a pack may say.
pub const KEYWORDS: [&str; 42] = [
    "$schema",
    "$defs",
    "$ref",
    "$comment",
    "title",
    "description",
    "default",
    "examples",
    "type",
    "enum",
    "const",
    "properties",
    "patternProperties",
    "additionalProperties",
    "propertyNames",
    "required",
    "dependentRequired",
    "minProperties",
    "maxProperties",
    "items",
    "prefixItems",
    "contains",
    "minContains",
    "maxContains",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minLength",
    "maxLength",
    "pattern",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "allOf",
    "anyOf",
    "oneOf",
    "not",
    "if",
    "then",
    "else",
];
/// Keywords whose value is a schema that is looked at in place.
const LOGIC: [&str; 4] = ["not", "if", "then", "else"];

const BASE: &str = "https://pack.invalid/";
/// Schemas in a file with every reference written out.
const WORK_MAX: u64 = 50_000;
const DEPTH_MAX: usize = 64;
const PATTERN_CHARS_MAX: usize = 1_000;
const PATTERNS_MAX: usize = 20;
const REGEX_BYTES_MAX: usize = 1 << 18;

/// Linear-time patterns of bounded size.
fn pattern_options() -> PatternOptions<jsonschema::Regex> {
    PatternOptions::regex()
        .size_limit(REGEX_BYTES_MAX)
        .dfa_size_limit(2 * REGEX_BYTES_MAX)
}

/// `path` is where the schema stands in the pack, `blocks` what stands in `blocks.schema.json`.
pub(crate) fn compile(schema: &Value, path: &str, blocks: &Value) -> Result<Validator, String> {
    guard(schema, blocks)?;
    let registry = Registry::new()
        .add(format!("{BASE}blocks.schema.json"), blocks)
        .and_then(|builder| builder.prepare())
        .map_err(|reason| reason.to_string())?;
    jsonschema::options()
        .with_draft(jsonschema::Draft::Draft202012)
        .with_base_uri(format!("{BASE}{path}"))
        .with_registry(&registry)
        .with_pattern_options(pattern_options())
        .build(schema)
        .map_err(|reason| reason.to_string())
}

/// A schema that stands alone, exactly as those of forms are compiled.
pub fn compile_schema(schema: &Value) -> Result<Validator, String> {
    compile(schema, "forms/X/schema.json", &Value::Bool(true))
}

/// One pattern, for the shapes of `pack.toml`.
pub(crate) fn compile_pattern(pattern: &str) -> Result<Validator, String> {
    let schema = serde_json::json!({ "type": "string", "pattern": pattern });
    compile_schema(&schema)
}

fn guard(schema: &Value, blocks: &Value) -> Result<(), String> {
    let mut guard = Guard {
        schema,
        blocks,
        done: BTreeMap::new(),
        open: BTreeSet::new(),
        patterns: 0,
    };
    let work = guard.schema(schema, Doc::Form, 0)?;
    if work > WORK_MAX {
        return Err(format!(
            "with every $ref written out the schema has {work} parts, at most {WORK_MAX}"
        ));
    }
    Ok(())
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Doc {
    Form,
    Blocks,
}

struct Guard<'a> {
    schema: &'a Value,
    blocks: &'a Value,
    /// Work of a reference that was followed before.
    done: BTreeMap<(Doc, String), u64>,
    open: BTreeSet<(Doc, String)>,
    patterns: usize,
}

impl<'a> Guard<'a> {
    /// The work of a schema: one for itself and that of everything inside, as often as it is looked at.
    fn schema(&mut self, schema: &'a Value, doc: Doc, depth: usize) -> Result<u64, String> {
        let Value::Object(map) = schema else {
            return match schema {
                Value::Bool(_) => Ok(1),
                _ => Err("a schema is an object, true or false".to_owned()),
            };
        };
        if depth > DEPTH_MAX {
            return Err(format!("the schema is nested deeper than {DEPTH_MAX}"));
        }
        let mut work: u64 = 1;
        for (key, value) in map {
            let inside = match key.as_str() {
                "$ref" => self.reference(value, doc, depth)?,
                "properties" | "patternProperties" | "$defs" => {
                    let map = value
                        .as_object()
                        .ok_or_else(|| format!("{key} is no object"))?;
                    if key == "patternProperties" {
                        map.keys().try_for_each(|pattern| self.pattern(pattern))?;
                    }
                    self.all(map.values(), doc, depth)?
                }
                "allOf" | "anyOf" | "oneOf" | "prefixItems" => {
                    let list = value
                        .as_array()
                        .ok_or_else(|| format!("{key} is no list"))?;
                    self.all(list.iter(), doc, depth)?
                }
                "items" | "contains" | "additionalProperties" | "propertyNames" => {
                    self.schema(value, doc, depth + 1)?
                }
                "pattern" => {
                    self.pattern(value.as_str().unwrap_or_default())?;
                    1
                }
                other if LOGIC.contains(&other) => self.schema(value, doc, depth + 1)?,
                other if KEYWORDS.contains(&other) => 1,
                other => return Err(format!("schemas of a pack have no keyword {other:?}")),
            };
            work = work.saturating_add(inside);
        }
        Ok(work)
    }

    fn all(
        &mut self,
        schemas: impl Iterator<Item = &'a Value>,
        doc: Doc,
        depth: usize,
    ) -> Result<u64, String> {
        let mut work: u64 = 0;
        for schema in schemas {
            work = work.saturating_add(self.schema(schema, doc, depth + 1)?);
        }
        Ok(work)
    }

    fn reference(&mut self, to: &'a Value, doc: Doc, depth: usize) -> Result<u64, String> {
        let to = to.as_str().ok_or("$ref is no text")?;
        let (file, pointer) = to.split_once('#').unwrap_or((to, ""));
        let target = if file.is_empty() {
            doc
        } else if file.rsplit('/').next() == Some("blocks.schema.json") && !file.contains(':') {
            Doc::Blocks
        } else {
            return Err(format!("$ref {to:?} reaches outside the pack"));
        };
        let key = (target, pointer.to_owned());
        if let Some(work) = self.done.get(&key) {
            return Ok(*work);
        }
        let whole = match target {
            Doc::Form => self.schema,
            Doc::Blocks => self.blocks,
        };
        let found = whole
            .pointer(pointer)
            .ok_or_else(|| format!("$ref {to:?} points at nothing"))?;
        if !self.open.insert(key.clone()) {
            return Err(format!("$ref {to:?} goes round in a circle"));
        }
        let work = self.schema(found, target, depth + 1)?;
        self.open.remove(&key);
        self.done.insert(key, work);
        Ok(work)
    }

    fn pattern(&mut self, pattern: &str) -> Result<(), String> {
        self.patterns += 1;
        if self.patterns > PATTERNS_MAX {
            return Err(format!("the schema has more than {PATTERNS_MAX} patterns"));
        }
        let found = pattern.chars().count();
        if found > PATTERN_CHARS_MAX {
            return Err(format!(
                "a pattern has {found} characters, at most {PATTERN_CHARS_MAX}"
            ));
        }
        Ok(())
    }
}
