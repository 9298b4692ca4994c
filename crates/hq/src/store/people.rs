//! Console users, their sessions and failed logins; the officers of the roster in force.

use journal::body::RosterOfficer;
use rusqlite::{Connection, OptionalExtension};

pub const SCHEMA: &str = "
-- Users of the console.
CREATE TABLE user (
    user TEXT NOT NULL PRIMARY KEY,                                       -- name to sign in with
    name TEXT NOT NULL,                                                   -- name of the person
    role TEXT NOT NULL CHECK (role IN ('legal', 'clerk', 'supervisor')),  -- legal 法制机构, clerk 内勤, supervisor 监督
    salt BLOB NOT NULL CHECK (length(salt) = 16),                         -- for the password
    cost TEXT NOT NULL,                                                   -- JSON, cost of stretching the password
    verifier TEXT NOT NULL                                                -- keyed hash of the stretched password
) STRICT;

-- Wrong passwords in a row, and until when the next try waits.
CREATE TABLE failed_login (
    user TEXT NOT NULL PRIMARY KEY,  -- name that was tried
    failures INTEGER NOT NULL,       -- consecutive failures
    retry_at TEXT NOT NULL           -- RFC 3339
) STRICT;

-- Sessions of the console; the token itself is only in the browser.
CREATE TABLE session (
    token_hash TEXT NOT NULL PRIMARY KEY,       -- SHA-256 of the token, hex
    user TEXT NOT NULL REFERENCES user (user),  -- who is signed in
    signed_in_at TEXT NOT NULL,                 -- RFC 3339
    expires_at TEXT NOT NULL                    -- RFC 3339
) STRICT;

-- 执法人员: the roster that is published.
CREATE TABLE officer (
    credential_no TEXT NOT NULL PRIMARY KEY,  -- number of the certificate
    place INTEGER NOT NULL,                   -- order on the roster
    roster TEXT NOT NULL                      -- JSON, the line of the roster
) STRICT;
";

pub struct User {
    pub user: String,
    pub name: String,
    pub role: String,
    pub salt: [u8; 16],
    /// Cost of the password's stretching, as JSON.
    pub cost: String,
    /// Hash of the stretched password.
    pub verifier: String,
}

pub fn put_user(on: &Connection, user: &User) -> rusqlite::Result<()> {
    on.execute(
        "INSERT INTO user (user, name, role, salt, cost, verifier) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (user) DO UPDATE SET name = excluded.name, role = excluded.role, salt = excluded.salt,
             cost = excluded.cost, verifier = excluded.verifier",
        (&user.user, &user.name, &user.role, user.salt, &user.cost, &user.verifier),
    )?;
    Ok(())
}

pub fn user(on: &Connection, user: &str) -> rusqlite::Result<Option<User>> {
    on.query_row(
        "SELECT user, name, role, salt, cost, verifier FROM user WHERE user = ?1",
        [user],
        |row| {
            Ok(User {
                user: row.get(0)?,
                name: row.get(1)?,
                role: row.get(2)?,
                salt: row.get(3)?,
                cost: row.get(4)?,
                verifier: row.get(5)?,
            })
        },
    )
    .optional()
}

/// Failures in a row and the time before which no further attempt counts.
pub fn failed_logins(on: &Connection, user: &str) -> rusqlite::Result<Option<(u32, String)>> {
    on.query_row(
        "SELECT failures, retry_at FROM failed_login WHERE user = ?1",
        [user],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
    .optional()
}

pub fn put_failed_login(
    on: &Connection,
    user: &str,
    failures: u32,
    retry_at: &str,
) -> rusqlite::Result<()> {
    on.execute(
        "INSERT INTO failed_login (user, failures, retry_at) VALUES (?1, ?2, ?3)
         ON CONFLICT (user) DO UPDATE SET failures = excluded.failures, retry_at = excluded.retry_at",
        (user, failures, retry_at),
    )?;
    Ok(())
}

pub fn forget_failed_logins(on: &Connection, user: &str) -> rusqlite::Result<()> {
    on.execute("DELETE FROM failed_login WHERE user = ?1", [user])?;
    Ok(())
}

#[derive(Debug, Clone)]
pub struct Session {
    pub user: String,
    pub name: String,
    pub role: String,
    pub signed_in_at: String,
    pub expires_at: String,
}

pub fn put_session(
    on: &Connection,
    token_hash: &str,
    user: &str,
    signed_in_at: &str,
    expires_at: &str,
) -> rusqlite::Result<()> {
    on.execute("DELETE FROM session WHERE expires_at <= ?1", [signed_in_at])?;
    on.execute(
        "INSERT INTO session (token_hash, user, signed_in_at, expires_at) VALUES (?1, ?2, ?3, ?4)",
        (token_hash, user, signed_in_at, expires_at),
    )?;
    Ok(())
}

pub fn session(on: &Connection, token_hash: &str) -> rusqlite::Result<Option<Session>> {
    on.prepare_cached(
        "SELECT session.user, name, role, signed_in_at, expires_at
         FROM session JOIN user ON user.user = session.user WHERE token_hash = ?1",
    )?
    .query_row([token_hash], |row| {
        Ok(Session {
            user: row.get(0)?,
            name: row.get(1)?,
            role: row.get(2)?,
            signed_in_at: row.get(3)?,
            expires_at: row.get(4)?,
        })
    })
    .optional()
}

pub fn drop_session(on: &Connection, token_hash: &str) -> rusqlite::Result<()> {
    on.execute("DELETE FROM session WHERE token_hash = ?1", [token_hash])?;
    Ok(())
}

pub fn replace_roster(on: &Connection, officers: &[RosterOfficer]) -> Result<(), crate::Failure> {
    on.execute("DELETE FROM officer", [])?;
    for (place, officer) in (0_i64..).zip(officers) {
        on.execute(
            "INSERT INTO officer (credential_no, place, roster) VALUES (?1, ?2, ?3)",
            (
                &officer.credential_no,
                place,
                serde_json::to_string(officer)?,
            ),
        )?;
    }
    Ok(())
}

pub fn roster(on: &Connection) -> Result<Vec<RosterOfficer>, crate::Failure> {
    let rows: Vec<String> = on
        .prepare_cached("SELECT roster FROM officer ORDER BY place")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    rows.iter()
        .map(|row| serde_json::from_str(row).map_err(|_| crate::Failure::stored("the roster")))
        .collect()
}

pub fn officer(
    on: &Connection,
    credential_no: &str,
) -> Result<Option<RosterOfficer>, crate::Failure> {
    let row: Option<String> = on
        .query_row(
            "SELECT roster FROM officer WHERE credential_no = ?1",
            [credential_no],
            |row| row.get(0),
        )
        .optional()?;
    row.map(|row| serde_json::from_str(&row).map_err(|_| crate::Failure::stored("the roster")))
        .transpose()
}
