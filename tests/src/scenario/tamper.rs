//! Somebody with the disk in their hands: damage that no command could do.

use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

use serde_json::{Value, json};

use super::officer::reopen;
use super::world::{Stop, World};

/// Bytes of a page of the evidence database.
const STEP: u64 = 64 * 1024;

/// The terminal is switched off, its disk is changed, and it is switched on again.
pub fn act(world: &mut World<'_>, with: &str, how: &str) -> Result<Value, Stop> {
    let name = match with {
        "evidence" => "evidence.db",
        "journal" => "casebook.db",
        other => {
            return Err(Stop::Broken(format!(
                "nothing is called `{other}`: evidence or journal"
            )));
        }
    };
    let index = world.current;
    let unit = world.unit_mut()?;
    unit.officers.clear();
    if let Some(terminal) = unit.terminal.take() {
        terminal.shut_down();
    }
    let file = unit.dir.join(name);
    damage(&file, if how.is_empty() { "flip" } else { how })
        .map_err(|error| format!("{name}: {error}"))?;
    reopen(world, index)?;
    Ok(json!({ "file": name, "how": how }))
}

fn damage(file: &Path, how: &str) -> std::io::Result<()> {
    let size = std::fs::metadata(file)?.len();
    let mut on = std::fs::OpenOptions::new()
        .read(true)
        .write(true)
        .open(file)?;
    match how {
        // One bit in the middle of every page but the first, which only says what kind of file it is.
        "flip" => {
            let mut at = STEP + STEP / 2;
            while at < size {
                let mut byte = [0];
                on.seek(SeekFrom::Start(at))?;
                on.read_exact(&mut byte)?;
                on.seek(SeekFrom::Start(at))?;
                on.write_all(&byte.map(|byte| byte ^ 1))?;
                at += STEP;
            }
            Ok(())
        }
        "trim" => on.set_len(size / 2),
        "delete" => std::fs::remove_file(file),
        other => Err(std::io::Error::other(format!(
            "`{other}` is no damage: flip, trim or delete"
        ))),
    }
}
