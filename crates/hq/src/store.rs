//! All SQL of headquarters. One file per table family; each owns its tables, its row types and how they are read and
//! written.

pub mod acts;
pub mod cases;
pub mod clocks;
pub mod disclosures;
pub mod evidence;
pub mod instruments;
pub mod journals;
pub mod objects;
pub mod papers;
pub mod people;
pub mod seals;
pub mod terminals;
pub mod views;

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use crate::failure::Failure;

const SCHEMA_VERSION: i64 = 2;
const SCHEMA: &[&str] = &[
    FOUNDATION,
    terminals::SCHEMA,
    journals::SCHEMA,
    objects::SCHEMA,
    people::SCHEMA,
    cases::SCHEMA,
    instruments::SCHEMA,
    evidence::SCHEMA,
    views::SCHEMA,
    people::FUNCTIONS,
    instruments::BY_FORM,
    acts::SCHEMA,
    clocks::SCHEMA,
    disclosures::SCHEMA,
    seals::SCHEMA,
];
/// What a database of release 1 gets.
const SINCE_2: &[&str] = &[
    people::FUNCTIONS,
    people::MIGRATION_2,
    instruments::BY_FORM,
    acts::SCHEMA,
    clocks::SCHEMA,
    disclosures::SCHEMA,
    seals::SCHEMA,
];

/// One row per thing that is said once when headquarters is founded.
const FOUNDATION: &str = "
-- What is said once when headquarters is founded.
CREATE TABLE foundation (
    name TEXT NOT NULL PRIMARY KEY,  -- what it is
    value TEXT NOT NULL              -- text or JSON
) STRICT;
";

/// Opens the database, which exists already unless `create` is given, and brings its schema up to date.
pub fn open(path: &Path, create: bool) -> Result<Connection, Failure> {
    let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if create {
        flags |= OpenFlags::SQLITE_OPEN_CREATE;
    }
    let mut connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    migrate(&mut connection)?;
    Ok(connection)
}

fn migrate(connection: &mut Connection) -> Result<(), Failure> {
    let transaction = connection.transaction()?;
    let version: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version > SCHEMA_VERSION {
        return Err(Failure::LaterSchema(version));
    }
    let statements = match version {
        0 => SCHEMA,
        1 => SINCE_2,
        _ => &[],
    };
    for tables in statements {
        transaction.execute_batch(tables)?;
    }
    transaction.pragma_update(None, "user_version", SCHEMA_VERSION)?;
    transaction.commit()?;
    Ok(())
}

pub fn put_foundation(on: &Connection, name: &str, value: &str) -> rusqlite::Result<()> {
    on.execute(
        "INSERT INTO foundation (name, value) VALUES (?1, ?2)
         ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, value),
    )?;
    Ok(())
}

pub fn foundation(on: &Connection, name: &str) -> rusqlite::Result<Option<String>> {
    use rusqlite::OptionalExtension;
    on.query_row(
        "SELECT value FROM foundation WHERE name = ?1",
        [name],
        |row| row.get(0),
    )
    .optional()
}

/// Does a part of a transaction that may be undone alone: `Ok(Err(_))` undoes it, everything else keeps it.
pub fn part<T, R>(
    on: &Connection,
    act: impl FnOnce() -> Result<Result<T, R>, Failure>,
) -> Result<Result<T, R>, Failure> {
    on.execute_batch("SAVEPOINT part")?;
    let answer = act()?;
    if answer.is_err() {
        on.execute_batch("ROLLBACK TO part")?;
    }
    on.execute_batch("RELEASE part")?;
    Ok(answer)
}

/// SQLite counts in signed 64 bit; nothing here grows beyond.
pub(crate) fn int(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

pub(crate) fn nat(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}
