//! Console users, their sessions and failed logins; the officers of the roster in force.

use journal::body::RosterOfficer;
use rusqlite::{Connection, OptionalExtension};

pub const SCHEMA: &str = "
-- Users of the console.
CREATE TABLE user (
    user TEXT NOT NULL PRIMARY KEY,               -- name to sign in with
    name TEXT NOT NULL,                           -- name of the person
    salt BLOB NOT NULL CHECK (length(salt) = 16), -- for the password
    cost TEXT NOT NULL,                           -- JSON, cost of stretching the password
    verifier TEXT NOT NULL,                       -- keyed hash of the stretched password
    credential_no TEXT NOT NULL DEFAULT '',       -- 执法证号 of a user who is an officer too
    qualification_no TEXT NOT NULL DEFAULT ''     -- 法律职业资格证号 of a legal reviewer
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

/// What a user may hold; in the order in which screens name them.
pub const FUNCTION_ORDER: &str =
    "CASE function WHEN 'head' THEN 0 WHEN 'unit_head' THEN 1 WHEN 'legal' THEN 2
    WHEN 'discloser' THEN 3 WHEN 'archivist' THEN 4 WHEN 'clerk' THEN 5 ELSE 6 END";

pub const FUNCTIONS: &str = "
-- 岗位: what a console user may do; one user may hold several.
CREATE TABLE user_function (
    user TEXT NOT NULL REFERENCES user (user),  -- who holds it
    function TEXT NOT NULL CHECK (function IN ('unit_head', 'head', 'legal', 'discloser', 'archivist', 'clerk', 'seal_keeper', 'supervisor')),  -- unit_head 承办机构负责人, head 负责人, legal 法制审核, discloser 公示, archivist 档案, clerk 内勤, seal_keeper 印章管理员, supervisor 监督
    PRIMARY KEY (user, function)
) STRICT;
";

/// Release 1 knew one function a user, under the name of a role.
pub const MIGRATION_2: &str = "
INSERT INTO user_function (user, function) SELECT user, role FROM user;
ALTER TABLE user DROP COLUMN role;
ALTER TABLE user ADD COLUMN credential_no TEXT NOT NULL DEFAULT '';
ALTER TABLE user ADD COLUMN qualification_no TEXT NOT NULL DEFAULT '';
";

pub struct User {
    pub user: String,
    pub name: String,
    pub functions: Vec<String>,
    /// Empty for users who are no officers.
    pub credential_no: String,
    /// Empty for users without 法律职业资格.
    pub qualification_no: String,
    pub salt: [u8; 16],
    /// Cost of the password's stretching, as JSON.
    pub cost: String,
    /// Hash of the stretched password.
    pub verifier: String,
}

pub fn put_user(on: &Connection, user: &User) -> rusqlite::Result<()> {
    on.execute(
        "INSERT INTO user (user, name, salt, cost, verifier, credential_no, qualification_no)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (user) DO UPDATE SET name = excluded.name, salt = excluded.salt, cost = excluded.cost,
             verifier = excluded.verifier, credential_no = excluded.credential_no,
             qualification_no = excluded.qualification_no",
        (
            &user.user,
            &user.name,
            user.salt,
            &user.cost,
            &user.verifier,
            &user.credential_no,
            &user.qualification_no,
        ),
    )?;
    on.execute("DELETE FROM user_function WHERE user = ?1", [&user.user])?;
    for function in &user.functions {
        on.execute(
            "INSERT INTO user_function (user, function) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
            (&user.user, function),
        )?;
    }
    Ok(())
}

pub fn user(on: &Connection, user: &str) -> rusqlite::Result<Option<User>> {
    let found = on
        .query_row(
            "SELECT user, name, salt, cost, verifier, credential_no, qualification_no FROM user WHERE user = ?1",
            [user],
            |row| {
                Ok(User {
                    user: row.get(0)?,
                    name: row.get(1)?,
                    functions: Vec::new(),
                    salt: row.get(2)?,
                    cost: row.get(3)?,
                    verifier: row.get(4)?,
                    credential_no: row.get(5)?,
                    qualification_no: row.get(6)?,
                })
            },
        )
        .optional()?;
    match found {
        Some(user) => Ok(Some(User {
            functions: functions(on, &user.user)?,
            ..user
        })),
        None => Ok(None),
    }
}

/// How many hold the function of legal review and are qualified for it.
pub fn reviewers(on: &Connection) -> rusqlite::Result<u32> {
    on.prepare_cached(
        "SELECT COUNT(*) FROM user JOIN user_function ON user_function.user = user.user
         WHERE function = 'legal' AND qualification_no <> ''",
    )?
    .query_row([], |row| row.get(0))
}

fn functions(on: &Connection, user: &str) -> rusqlite::Result<Vec<String>> {
    on.prepare_cached(&format!(
        "SELECT function FROM user_function WHERE user = ?1 ORDER BY {FUNCTION_ORDER}"
    ))?
    .query_map([user], |row| row.get(0))?
    .collect()
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

/// A signed-in user and what they may do.
#[derive(Debug, Clone)]
pub struct Session {
    pub user: String,
    pub name: String,
    pub functions: Vec<String>,
    pub credential_no: String,
    pub qualification_no: String,
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
    let found = on
        .prepare_cached(
            "SELECT session.user, name, credential_no, qualification_no, signed_in_at, expires_at
             FROM session JOIN user ON user.user = session.user WHERE token_hash = ?1",
        )?
        .query_row([token_hash], |row| {
            Ok(Session {
                user: row.get(0)?,
                name: row.get(1)?,
                functions: Vec::new(),
                credential_no: row.get(2)?,
                qualification_no: row.get(3)?,
                signed_in_at: row.get(4)?,
                expires_at: row.get(5)?,
            })
        })
        .optional()?;
    match found {
        Some(session) => Ok(Some(Session {
            functions: functions(on, &session.user)?,
            ..session
        })),
        None => Ok(None),
    }
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
