//! Terminals in folders, and processes that work on them until they die.

use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::Arc;

use casebook::{Host, Terminal};
use journeys::{Stage, present, sign_in_both, test_devices};

pub fn folder_of(stage: &Stage, name: &str) -> PathBuf {
    stage.dir.join(name)
}

pub fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Closes a terminal as a shutdown would, so that its folder can be taken over.
pub fn close(terminal: Arc<Terminal>) {
    terminal.shut_down();
    let last = Arc::into_inner(terminal);
    assert!(last.is_some(), "somebody still holds the terminal");
}

/// Opens a folder again; both officers sign in and show who they are.
pub fn reopened(stage: &Stage, name: &str) -> Arc<Terminal> {
    let terminal = stage.reopen(name, test_devices()).unwrap();
    sign_in_both(&terminal).unwrap();
    present(&terminal).unwrap();
    terminal
}

pub fn victim(stage: &Stage, name: &str, act: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_victim"));
    command
        .arg(folder_of(stage, name))
        .arg(stage.clock.now().to_rfc3339())
        .args(act)
        .env_remove("SANXIANG_FAULT")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

/// Lets the act run until it comes to `place`, where it dies.
pub fn dies_at(stage: &Stage, name: &str, place: &str, act: &[&str]) -> Output {
    let output = victim(stage, name, act)
        .env("SANXIANG_FAULT", place)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(
        output.status.signal(),
        Some(6),
        "it was to die at {place}: {said}"
    );
    output
}

/// A child that is killed when the test gives up on it.
pub struct Doomed(pub Child);

impl Doomed {
    /// `kill -9`.
    pub fn kill(&mut self) -> ExitStatus {
        let _ = self.0.kill();
        self.0.wait().unwrap()
    }
}

impl Drop for Doomed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A small generator whose seed is told, so that a failure can be played again with `SANXIANG_SEED`.
pub struct Chance(u64);

impl Chance {
    pub fn new(what: &str) -> Self {
        let seed = match std::env::var("SANXIANG_SEED") {
            Ok(text) => text.parse().expect("SANXIANG_SEED is a number"),
            Err(_) => u64::from_le_bytes(journal::random()),
        };
        println!("{what}: SANXIANG_SEED={seed}");
        Chance(seed)
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }
}
