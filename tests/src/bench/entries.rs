//! A durable entry with its projection against a bare SQLCipher transaction; verifying a series against bare signatures.

use std::path::Path;
use std::time::Duration;

use contract::Surface;
use journal::{Entry, Export, SigningKey, frames};
use journeys::{Failed, Stage, present, said_no, sign_in_both};
use rusqlite::{Connection, TransactionBehavior, params};

use crate::measure::{Figure, folder, in_turns, timed};

/// Entries in one sample: enough that every sample pays for its share of WAL checkpoints.
const BATCH: usize = 250;
/// These machines have slow seconds: a sample spread over several of them says more.
const ROUNDS: usize = 48;

pub fn figures() -> Result<Vec<Figure>, Failed> {
    let dir = folder()?;
    let stage = Stage::found(dir.path(), "2026-09-22T09:00:00.000+08:00")?;
    let terminal = stage.terminal("terminal")?;
    sign_in_both(&terminal)?;
    present(&terminal)?;
    let bytes = stored_bytes(&terminal.export_journal()?)?;

    let mut bare = bare_database(&dir.path().join("bare.db"), 4096)?;
    // The command as a screen sends it; what the screen makes of the answer is not part of the entry.
    let request = br#"{"method":"show","acknowledgement":"seen","uniform_worn":true,"place":null}"#;
    let mut entry = || {
        let answer = terminal.call(Surface::Officer, "present", request);
        answer.map(|_| ()).map_err(said_no("present"))
    };
    let mut insert = || {
        let transaction = bare.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction
            .prepare_cached("INSERT INTO row (bytes) VALUES (?1)")?
            .execute(params![bytes])?;
        transaction.commit()?;
        Ok(())
    };
    let (ours, theirs) = in_turns(1, ROUNDS, &mut || repeated(BATCH, &mut entry), &mut || {
        repeated(BATCH, &mut insert)
    })?;
    let rate = |seconds: f64| BATCH as f64 / seconds;
    let durable = Figure {
        name: "entry-durable",
        value: rate(ours.median()),
        unit: "/s",
        ratio: rate(ours.median()) / rate(theirs.median()),
        baseline: "bare SQLCipher transaction",
        targets: Vec::new(),
        note: format!(
            "{} bytes an entry, bare {:.0} /s",
            bytes.len(),
            rate(theirs.median())
        ),
    };
    Ok(vec![
        durable.ratio_at_least(0.70),
        verify(&terminal.export_journal()?)?,
    ])
}

fn repeated(
    times: usize,
    work: &mut dyn FnMut() -> Result<(), Failed>,
) -> Result<Duration, Failed> {
    timed(&mut || (0..times).try_for_each(|_| work()))
}

/// What one entry with its projection stores: the frame, the columns beside it, and the row of its table.
fn stored_bytes(export: &[u8]) -> Result<Vec<u8>, Failed> {
    let export = Export::read(export)?;
    let last = frames(&export.frames).last().ok_or("an empty journal")?;
    let entry = Entry::parse(last)?;
    let mut bytes = last.to_vec();
    bytes.extend_from_slice(entry.hash().to_string().as_bytes());
    bytes.extend_from_slice(entry.header.kind.as_str().as_bytes());
    // The time stands in both rows, the id of the presentation (32 characters) in its own; keys are integers.
    bytes.extend_from_slice(&[0; 2 * 29 + 32 + 3 * 8]);
    Ok(bytes)
}

/// A SQLCipher database as careful as the terminal's, with one table and nothing else.
pub fn bare_database(path: &Path, page_size: u32) -> Result<Connection, Failed> {
    let db = Connection::open(path)?;
    db.pragma_update(None, "key", format!("x'{}'", "5a".repeat(32)))?;
    db.pragma_update(None, "cipher_page_size", page_size)?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    db.pragma_update(None, "synchronous", "FULL")?;
    db.execute_batch(
        "CREATE TABLE row (id INTEGER NOT NULL PRIMARY KEY, bytes BLOB NOT NULL) STRICT;",
    )?;
    Ok(db)
}

/// Reading and verifying every entry against nothing but checking as many signatures over the same bytes.
fn verify(export: &[u8]) -> Result<Figure, Failed> {
    let export = Export::read(export)?;
    let key = SigningKey::generate();
    let signed: Vec<_> = frames(&export.frames)
        .filter_map(|frame| Entry::parse(frame).ok())
        .map(|entry| {
            (
                entry.header_bytes().to_vec(),
                key.sign(entry.header_bytes()),
            )
        })
        .collect();
    let public = key.public();
    let mut whole = || {
        let report = export.verify();
        match report.fault {
            Some(fault) => Err(format!("the measured journal is not sound: {fault}").into()),
            None => Ok(()),
        }
    };
    let mut bare = || {
        for (bytes, signature) in &signed {
            public.verify(bytes, signature)?;
        }
        Ok(())
    };
    let (ours, theirs) = in_turns(1, 5, &mut || timed(&mut whole), &mut || timed(&mut bare))?;
    let rate = |seconds: f64| signed.len() as f64 / seconds;
    Ok(Figure {
        name: "journal-verify",
        value: rate(ours.median()),
        unit: "entries/s",
        ratio: rate(ours.median()) / rate(theirs.median()),
        baseline: "bare signature checks",
        targets: Vec::new(),
        note: format!("{} entries", signed.len()),
    })
}
