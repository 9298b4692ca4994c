//! `docs/schema.sql` is what the databases have, and opening them again changes nothing.
//!
//! After a change of a schema: `UPDATE_SCHEMA=1 cargo test -p sanxiang-tests --test it schema`.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use hq::{Founding, Headquarters, ManualClock};
use journal::PinParams;
use journeys::repository;
use rusqlite::{Connection, OpenFlags};

const HEADER: &str = "\
-- The tables of the house, as the databases have them. Generated from the stores' own sources; a test compares.
-- The journal is the truth; everything that can be rebuilt from it is a projection.
";

/// The parts of the document: what a database is called, and its statements in order.
fn parts() -> Vec<(&'static str, Vec<String>)> {
    let read = |path: &str| std::fs::read_to_string(repository().join(path)).unwrap();
    let terminal = "crates/casebook/src/store";
    vec![
        (
            "Terminal, main database: casebook.db (SQLCipher)",
            vec![read(&format!("{terminal}/schema.sql"))],
        ),
        (
            "Terminal, evidence database: evidence.db (SQLCipher)",
            vec![read(&format!("{terminal}/evidence.sql"))],
        ),
        ("Headquarters: headquarters.sqlite", headquarters()),
    ]
}

/// Headquarters' statements stand in the file of each family of tables; `store.rs` names their order.
fn headquarters() -> Vec<String> {
    let store = repository().join("crates/hq/src/store.rs");
    let source = std::fs::read_to_string(&store).unwrap();
    let list = between(&source, "const SCHEMA: &[&str] = &[", "];").expect("the list of schemas");
    let names = list
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty());
    names
        .map(|name| match name.split_once("::") {
            Some((module, constant)) => {
                let path = store.with_extension("").join(module).with_extension("rs");
                constant_of(&std::fs::read_to_string(path).unwrap(), constant)
            }
            None => constant_of(&source, name),
        })
        .collect()
}

fn constant_of(source: &str, name: &str) -> String {
    between(source, &format!("const {name}: &str = \""), "\";\n")
        .unwrap_or_else(|| panic!("no constant {name}"))
        .to_owned()
}

fn between<'a>(text: &'a str, begin: &str, end: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(begin)?;
    Some(rest.split_once(end)?.0)
}

fn document() -> String {
    let mut text = HEADER.to_owned();
    for (title, statements) in parts() {
        text.push_str(&format!("\n-- ══ {title} ══\n"));
        for part in statements {
            text.push_str(&format!("\n{}\n", part.trim()));
        }
    }
    text
}

/// Name → statement, without comments and with single blanks.
fn schema_of(db: &Connection) -> BTreeMap<String, String> {
    let mut query = db
        .prepare("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL")
        .unwrap();
    let rows = query
        .query_map([], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
        })
        .unwrap();
    rows.map(|row| row.unwrap())
        .map(|(name, sql)| (name, bare(&sql)))
        .collect()
}

fn bare(sql: &str) -> String {
    let lines = sql
        .lines()
        .map(|line| line.split("--").next().unwrap_or_default());
    lines
        .flat_map(str::split_whitespace)
        .collect::<Vec<_>>()
        .join(" ")
}

fn made_of(statements: &[String]) -> Connection {
    let db = Connection::open_in_memory().unwrap();
    for part in statements {
        db.execute_batch(part).unwrap();
    }
    db
}

#[test]
fn the_committed_schema_is_that_of_the_sources() {
    let path = repository().join("docs/schema.sql");
    let fresh = document();
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(&path, &fresh).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == fresh,
        "docs/schema.sql is old; run with UPDATE_SCHEMA=1 and commit"
    );
}

#[test]
fn every_table_is_strict_and_every_column_explained() {
    for (title, statements) in parts() {
        let text = statements.join("\n");
        let tables = text.split("CREATE TABLE ").skip(1).collect::<Vec<_>>();
        assert!(!tables.is_empty());
        for table in tables {
            let (name, rest) = table.split_once(" (").unwrap();
            let (columns, end) = rest.split_once("\n) ").expect(name);
            assert!(end.starts_with("STRICT"), "{title}: {name} is not strict");
            for line in columns
                .lines()
                .map(str::trim)
                .filter(|line| !line.is_empty())
            {
                let is_constraint = ["PRIMARY KEY (", "UNIQUE (", "CHECK (", "FOREIGN KEY ("]
                    .iter()
                    .any(|word| line.starts_with(word));
                assert!(
                    is_constraint || line.contains("-- "),
                    "{title}: {name}: {line}"
                );
            }
        }
    }
}

fn open_file(folder: &Path) -> Connection {
    Connection::open_with_flags(
        folder.join("headquarters.sqlite"),
        OpenFlags::SQLITE_OPEN_READ_ONLY,
    )
    .unwrap()
}

#[test]
fn a_founded_headquarters_has_this_schema_however_often_it_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    let start = chrono::DateTime::parse_from_rfc3339("2026-09-22T09:20:00+08:00").unwrap();
    let clock = Arc::new(ManualClock::at(start));
    let mut founding = Founding::example(
        &repository().join("forms/packs/transport"),
        "http://hq.example",
    )
    .unwrap();
    founding.password_cost = PinParams::for_tests();
    drop(
        founding
            .found(folder.path(), Arc::clone(&clock) as _)
            .unwrap(),
    );
    let documented = schema_of(&made_of(&headquarters()));
    assert!(documented.len() > 20);
    assert_eq!(schema_of(&open_file(folder.path())), documented);
    for _ in 0..2 {
        drop(Headquarters::open_with(folder.path(), Arc::clone(&clock) as _).unwrap());
        assert_eq!(schema_of(&open_file(folder.path())), documented);
    }
}

#[test]
fn a_schema_that_differs_is_noticed() {
    let one = made_of(&["CREATE TABLE t (a TEXT NOT NULL) STRICT;".to_owned()]);
    let commented =
        made_of(&["CREATE TABLE t (\n  a TEXT  NOT NULL -- a text\n) STRICT;".to_owned()]);
    let other = made_of(&["CREATE TABLE t (a TEXT) STRICT;".to_owned()]);
    assert_eq!(schema_of(&one).len(), 1);
    assert_ne!(schema_of(&one), schema_of(&other));
    assert_eq!(bare("a -- b\n  c"), "a c");
    assert_eq!(
        schema_of(&commented)["t"]
            .replace("( ", "(")
            .replace(" )", ")"),
        schema_of(&one)["t"]
    );
}
