//! The terminal's databases. All SQL of the terminal stands below this module, a file for each family of tables.

pub mod case_act;
pub mod evidence;
pub mod evidence_vault;
pub mod inspection;
pub mod instrument;
pub mod journal;
pub mod numbers;
pub mod objects;
pub mod printing;
pub mod seals;
pub mod search;
pub mod uplink;

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use crate::failure::Failure;

/// Main database: migrations in order; `user_version` counts those that ran.
const MIGRATIONS: &[&str] = &[include_str!("schema.sql")];
/// Evidence database likewise.
const EVIDENCE_MIGRATIONS: &[&str] = &[include_str!("evidence.sql")];

/// Tables that are rebuilt from the journal, parents before children.
pub const PROJECTIONS: &[&str] = &[
    "inspection",
    "presentation",
    "told",
    "instrument",
    "signature",
    "clock",
    "case_act",
    "lease",
    "number_use",
    "seal_grant",
    "spoiled_sheet",
    "evidence",
    "print_copy",
    "adoption",
];

/// Opens (or makes) the main database under its raw key.
pub fn open_main(path: &Path, key: &[u8; 32]) -> Result<Connection, Failure> {
    open(path, key, 4096, MIGRATIONS)
}

/// Opens (or makes) the evidence database under its raw key.
pub fn open_evidence(path: &Path, key: &[u8; 32]) -> Result<Connection, Failure> {
    open(path, key, 65536, EVIDENCE_MIGRATIONS)
}

/// A database that was made at enrolment and is gone or empty is damage; it is never made anew in silence.
pub fn require_made(path: &Path) -> Result<(), Failure> {
    let is_made = std::fs::metadata(path).is_ok_and(|file| file.len() > 0);
    if is_made {
        return Ok(());
    }
    Err(Failure::Journal(format!(
        "{} is missing or empty",
        path.display()
    )))
}

/// An empty main database in memory, for rebuilding projections beside the live ones.
pub fn open_scratch() -> Result<Connection, Failure> {
    let db = Connection::open_in_memory()?;
    db.pragma_update(None, "foreign_keys", true)?;
    migrate(&db, MIGRATIONS)?;
    Ok(db)
}

fn open(
    path: &Path,
    key: &[u8; 32],
    page_size: u32,
    migrations: &[&str],
) -> Result<Connection, Failure> {
    let db = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    db.pragma_update(None, "key", format!("x'{}'", hex::encode(key)))?;
    db.pragma_update(None, "cipher_page_size", page_size)?;
    // A build without SQLCipher would accept the key silently and write plain text.
    let cipher: Option<String> = db
        .query_row("PRAGMA cipher_version", [], |row| row.get(0))
        .ok();
    if cipher.is_none_or(|version| version.is_empty()) {
        return Err(Failure::Keys(
            "this build has no database encryption".to_owned(),
        ));
    }
    db.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    db.pragma_update(None, "synchronous", "FULL")?;
    // Pages: the log grows to 16 MB, and a page written by many acts is copied into the database a quarter as often.
    db.pragma_update(None, "wal_autocheckpoint", 4_000)?;
    db.pragma_update(None, "foreign_keys", true)?;
    db.pragma_update(None, "trusted_schema", false)?;
    db.set_prepared_statement_cache_capacity(128);
    migrate(&db, migrations)?;
    Ok(db)
}

/// Runs what has not run yet, each migration in a transaction of its own.
pub fn migrate(db: &Connection, migrations: &[&str]) -> Result<(), Failure> {
    let done: usize = db
        .query_row("PRAGMA user_version", [], |row| row.get::<_, u32>(0))?
        .try_into()
        .unwrap_or(0);
    for (number, migration) in migrations.iter().enumerate().skip(done) {
        let next = number + 1;
        db.execute_batch(&format!(
            "BEGIN IMMEDIATE; {migration} PRAGMA user_version = {next}; COMMIT;"
        ))?;
    }
    Ok(())
}

/// Reads one fact of the terminal.
pub fn meta(db: &Connection, key: &str) -> Result<Option<String>, Failure> {
    use rusqlite::OptionalExtension;
    Ok(db
        .prepare_cached("SELECT value FROM meta WHERE key = ?1")?
        .query_row([key], |row| row.get(0))
        .optional()?)
}

/// Writes one fact of the terminal.
pub fn set_meta(db: &Connection, key: &str, value: &str) -> Result<(), Failure> {
    db.prepare_cached(
        "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2",
    )?
    .execute([key, value])?;
    Ok(())
}

/// Every row of a table as text, ordered; two databases hold the same projections when these are equal.
pub fn dump(db: &Connection, table: &str) -> Result<Vec<String>, Failure> {
    let mut statement = db.prepare(&format!("SELECT * FROM {table}"))?;
    let columns = statement.column_count();
    let mut rows = statement.query([])?;
    let mut lines = Vec::new();
    while let Some(row) = rows.next()? {
        let mut line = String::new();
        for column in 0..columns {
            line.push_str(&format!("{:?}|", row.get_ref(column)?));
        }
        lines.push(line);
    }
    lines.sort();
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema(db: &Connection) -> Vec<(String, String)> {
        let mut query = db
            .prepare("SELECT name, coalesce(sql, '') FROM sqlite_schema ORDER BY name")
            .unwrap();
        let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
        rows.unwrap().map(Result::unwrap).collect()
    }

    #[test]
    fn a_database_opened_again_has_the_same_schema() {
        let folder = tempfile::tempdir().unwrap();
        type Open = fn(&Path, &[u8; 32]) -> Result<Connection, Failure>;
        let databases: [(Open, &[&str]); 2] = [
            (open_main, MIGRATIONS),
            (open_evidence, EVIDENCE_MIGRATIONS),
        ];
        for (number, (open, migrations)) in databases.into_iter().enumerate() {
            let path = folder.path().join(number.to_string());
            let first = schema(&open(&path, &[7; 32]).unwrap());
            assert!(first.len() > 1);
            let again = open(&path, &[7; 32]).unwrap();
            assert_eq!(schema(&again), first);
            migrate(&again, migrations).unwrap();
            assert_eq!(schema(&again), first);
        }
    }

    #[test]
    fn what_is_rebuilt_stands_in_the_schema() {
        let db = open_scratch().unwrap();
        let names: Vec<_> = schema(&db).into_iter().map(|(name, _)| name).collect();
        for table in PROJECTIONS {
            assert!(names.contains(&(*table).to_owned()), "{table}");
        }
    }
}
