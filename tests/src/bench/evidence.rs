//! Keeping a picture file – hashed, sealed, durable, journaled – against a bare SQLCipher blob insert of the same bytes.

use contract::Surface;
use image::{DynamicImage, ImageFormat};
use journeys::{Failed, Stage, present, roadside, sign_in_both};
use rusqlite::{TransactionBehavior, params};

use crate::entries::bare_database;
use crate::measure::{Figure, folder, in_turns, timed};

const PICTURE_BYTES: usize = 8 << 20;
/// As the terminal: a mebibyte is durable before the next one is written.
const CHUNK_BYTES: usize = 1 << 20;

pub fn figures() -> Result<Vec<Figure>, Failed> {
    let dir = folder()?;
    let stage = Stage::found(dir.path(), "2026-09-22T09:00:00.000+08:00")?;
    let terminal = stage.terminal("terminal")?;
    sign_in_both(&terminal)?;
    present(&terminal)?;
    let case_id = roadside::open(&terminal, "bench-evidence")?;
    let path = format!("upload/photo?case_id={case_id}&step=F01&name=a.jpg");

    let mut bare = bare_database(&dir.path().join("bare.db"), 65536)?;
    let mut round = 0u64;
    let mut theirs_round = 0u64;
    let mut keep = || {
        round += 1;
        let picture = picture(round)?;
        timed(&mut || {
            terminal
                .upload(Surface::Officer, &path, &picture)
                .map(|_| ())
                .map_err(journeys::said_no("upload"))
        })
    };
    let mut insert = || {
        theirs_round += 1;
        let picture = picture(theirs_round)?;
        timed(&mut || {
            for chunk in picture.chunks(CHUNK_BYTES) {
                let transaction = bare.transaction_with_behavior(TransactionBehavior::Immediate)?;
                transaction
                    .prepare_cached("INSERT INTO row (bytes) VALUES (?1)")?
                    .execute(params![chunk])?;
                transaction.commit()?;
            }
            Ok(())
        })
    };
    let (ours, theirs) = in_turns(2, 12, &mut keep, &mut insert)?;
    let rate = |seconds: f64| PICTURE_BYTES as f64 / 1e6 / seconds;
    Ok(vec![Figure {
        name: "evidence-write",
        value: rate(ours.median()),
        unit: "MB/s",
        ratio: rate(ours.median()) / rate(theirs.median()),
        baseline: "bare SQLCipher blobs",
        targets: Vec::new(),
        note: format!("8 MiB files, bare {:.0} MB/s", rate(theirs.median())),
    }])
}

/// A small JPEG with a large tail, as cameras append their previews; the tail is noise of its own for each round.
fn picture(round: u64) -> Result<Vec<u8>, Failed> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    DynamicImage::new_rgb8(64, 64).write_to(&mut bytes, ImageFormat::Jpeg)?;
    let mut bytes = bytes.into_inner();
    let mut state = round.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    while bytes.len() < PICTURE_BYTES {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(PICTURE_BYTES - 2);
    bytes.extend_from_slice(&[0xff, 0xd9]);
    Ok(bytes)
}
