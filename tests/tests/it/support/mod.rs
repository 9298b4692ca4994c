//! What several parts begin with.

#[cfg(unix)]
pub mod victim;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use casebook::{DeviceSetup, Terminal};
use contract::{BoundaryError, Surface};
use journal::{Entry, Export};
use journeys::{Officer, Stage, pack_dir, present, roadside, sign_in_both};
use serde_json::{Value, json};
use tempfile::TempDir;

pub const START: &str = "2026-09-22T09:20:00+08:00";
pub const FORMS: [&str; 4] = ["F01", "F02", "F10", "F21"];

/// A stage in a folder that goes away with the first value.
pub fn stage() -> (TempDir, Stage) {
    let folder = tempfile::tempdir().unwrap();
    let stage = Stage::found(folder.path(), START).unwrap();
    (folder, stage)
}

/// A terminal whose two officers have signed in and shown who they are; headquarters is out of reach from here on.
pub fn on_duty(stage: &mut Stage, devices: DeviceSetup) -> Arc<Terminal> {
    let terminal = stage.terminal_with("terminal", devices).unwrap();
    stage.cut();
    sign_in_both(&terminal).unwrap();
    present(&terminal).unwrap();
    terminal
}

/// The example agency, which works with seals in this way from now on.
pub fn works_with(stage: &Stage, folder: &Path, mode: &str) {
    let example = std::fs::read_to_string(pack_dir().join("agencies/example.toml")).unwrap();
    let line =
        format!("[parameters]\nseal_mode = {{ value = \"{mode}\", source = \"机关决定\" }}\n");
    let file = folder.join("agency.toml");
    std::fs::write(&file, example.replacen("[parameters]\n", &line, 1)).unwrap();
    stage.headquarters.publish_agency(&file).unwrap();
}

pub fn now(terminal: &Terminal) -> String {
    roadside::text(&terminal.ask("start_state", json!({})).unwrap(), "now").unwrap()
}

/// Starts and fills a form as the example does; answers `(instrument id, what saving said)`.
pub fn filled(stage: &Stage, terminal: &Terminal, case_id: &str, form: &str) -> (String, Value) {
    let earlier = now(terminal);
    stage.pass(4);
    if form == "F21" {
        roadside::tell(terminal, case_id, "RN-3", "没有意见").unwrap();
    }
    let fields = roadside::fields(form, &now(terminal), &earlier);
    let (instrument_id, saved) = roadside::fill(terminal, case_id, form, &fields).unwrap();
    let blocking = saved["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["severity"] == "block");
    assert_eq!(blocking.collect::<Vec<_>>(), Vec::<&Value>::new(), "{form}");
    (instrument_id, saved)
}

/// One instrument from start to number; the party signs, or refuses before a witness.
pub fn issued(
    stage: &Stage,
    terminal: &Terminal,
    case_id: &str,
    form: &str,
    party_signs: bool,
) -> (String, Option<String>) {
    let (instrument_id, _) = filled(stage, terminal, case_id, form);
    let number = roadside::sign_and_issue(terminal, &instrument_id, party_signs).unwrap();
    (instrument_id, number)
}

/// The notices that come before every form of the example.
pub fn first_notices(terminal: &Terminal, case_id: &str) {
    roadside::tell(terminal, case_id, "RN-1", "不申请回避").unwrap();
    roadside::tell(terminal, case_id, "RN-11", "知道了").unwrap();
}

/// The "no" of a command that must not work.
pub fn no(terminal: &Terminal, command: &str, payload: Value) -> BoundaryError {
    match terminal.ask(command, payload) {
        Err(error) => error,
        Ok(answer) => panic!("{command} worked: {answer}"),
    }
}

/// The code of an error as screens see it.
pub fn code(error: &BoundaryError) -> String {
    serde_json::to_value(error.code)
        .unwrap()
        .as_str()
        .unwrap()
        .to_owned()
}

pub fn stream(terminal: &Terminal, path: &str) -> Vec<u8> {
    terminal.stream(Surface::Officer, path, None).unwrap().bytes
}

/// The journal as entries, after an outsider has verified it.
pub fn entries(terminal: &Terminal) -> Vec<Entry> {
    let export = Export::read(&terminal.export_journal().unwrap()).unwrap();
    let report = export.verify();
    assert!(report.is_sound(), "{:?}", report.fault);
    let entries: Vec<_> = journal::frames(&export.frames)
        .map(|frame| Entry::parse(frame).unwrap())
        .collect();
    assert_eq!(u64::try_from(entries.len()).unwrap(), report.entries);
    entries
}

/// Bodies of all entries of a kind, oldest first.
pub fn bodies(terminal: &Terminal, kind: &str) -> Vec<Value> {
    let entries = entries(terminal);
    entries
        .iter()
        .filter(|entry| entry.header.kind.as_str() == kind)
        .map(|entry| entry.body_as().unwrap())
        .collect()
}

/// The journal verifies, and rebuilding every projection from it gives the live tables.
pub fn assert_intact(terminal: &Terminal) {
    let report = terminal.ask("verify_journal", json!({})).unwrap();
    assert_eq!(report["faults"], json!([]));
    assert_eq!(report["is_intact"], json!(true), "{report}");
    assert_eq!(report["projections_equal"], json!(true), "{report}");
    entries(terminal);
}

/// Waits for something another thread or program does; the clock of the domain stands meanwhile.
pub fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let give_up_at = Instant::now() + Duration::from_secs(60);
    while !is_so() {
        assert!(Instant::now() < give_up_at, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

pub fn wait_for_recording(terminal: &Terminal) {
    wait_until("the recording ends", || {
        terminal.ask("recording", json!({})).unwrap()["running"].is_null()
    });
}

/// A small picture as a telephone would hand it over.
pub fn jpeg(shade: u8) -> Vec<u8> {
    let picture = image::RgbImage::from_fn(320, 200, |x, y| {
        image::Rgb([shade, (x % 256) as u8, (y % 256) as u8])
    });
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture
        .write_to(&mut bytes, image::ImageFormat::Jpeg)
        .unwrap();
    bytes.into_inner()
}
