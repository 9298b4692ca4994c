//! A terminal that is going to be killed. Opens an enrolled folder, signs both officers in and acts; dies at the place
//! named in `SANXIANG_FAULT` once its act has begun, or whenever its parent kills it.
//!
//! Everything that the terminal has acknowledged is told on standard output before the next act.

// Reading JSON by key answers null where there is nothing; it never panics.
#![allow(clippy::indexing_slicing)]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use casebook::{DeviceSetup, Host, OpenOptions, SimulatedHost, Terminal};
use chrono::{DateTime, TimeDelta};
use clap::{Parser, Subcommand};
use contract::Surface;
use journeys::{Failed, Officer, present, roadside, said_no, sign_in_both, test_devices};
use serde_json::{Value, json};

#[derive(Parser)]
struct Arguments {
    /// Folder of the terminal.
    data: PathBuf,
    /// What the clock says.
    now: String,
    #[command(subcommand)]
    act: Act,
}

#[derive(Subcommand)]
enum Act {
    Draft {
        instrument_id: String,
    },
    Issue {
        instrument_id: String,
    },
    Print {
        instrument_id: String,
        printer_id: String,
    },
    Photo {
        case_id: String,
    },
    Import {
        case_id: String,
        file: PathBuf,
    },
    Record {
        case_id: String,
        limit_s: Option<u64>,
    },
    /// Issues one instrument after another until it is killed.
    Loop {
        case_id: String,
    },
    /// Imports a file again and again until the disk is full, then makes room and goes on.
    Fill {
        case_id: String,
        file: PathBuf,
    },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match live(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) => {
            tell("failed", failed);
            ExitCode::FAILURE
        }
    }
}

fn tell(what: &str, detail: impl std::fmt::Display) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{what} {detail}");
    let _ = out.flush();
}

fn live(arguments: &Arguments) -> Result<(), Failed> {
    let clock = Arc::new(SimulatedHost::at(DateTime::parse_from_rfc3339(
        &arguments.now,
    )?));
    let limit = match &arguments.act {
        Act::Record { limit_s, .. } => limit_s.map(Duration::from_secs),
        _ => None,
    };
    let terminal = Terminal::open(OpenOptions {
        data_dir: arguments.data.clone(),
        host: Arc::clone(&clock) as Arc<dyn Host>,
        devices: DeviceSetup {
            limit,
            ..test_devices()
        },
        fonts_dir: paper::Fonts::default_dir(),
    })?;
    sign_in_both(&terminal)?;
    present(&terminal)?;
    tell("ready", "");
    if let Ok(place) = std::env::var("SANXIANG_FAULT") {
        casebook::fault::arm(&place);
    }
    act(&terminal, &clock, &arguments.act)
}

fn act(terminal: &Terminal, clock: &SimulatedHost, act: &Act) -> Result<(), Failed> {
    match act {
        Act::Draft { instrument_id } => draft(terminal, instrument_id),
        Act::Issue { instrument_id } => {
            let issued = ask(
                terminal,
                "issue_instrument",
                json!({ "instrument_id": instrument_id }),
            )?;
            tell("issued", &issued["number"]);
            Ok(())
        }
        Act::Print {
            instrument_id,
            printer_id,
        } => {
            let print = json!({ "instrument_id": instrument_id, "printer_id": printer_id, "copy_name": "当事人" });
            ask(terminal, "print_instrument", print)?;
            terminal.print_until_quiet();
            tell("printed", instrument_id);
            Ok(())
        }
        Act::Photo { case_id } => {
            let row = ask(
                terminal,
                "take_photo",
                json!({ "case_id": case_id, "step": "测量" }),
            )?;
            tell("kept", &row["evidence_id"]);
            Ok(())
        }
        Act::Import { case_id, file } => {
            tell("kept", import(terminal, case_id, file)?);
            Ok(())
        }
        Act::Record { case_id, .. } => record(terminal, case_id),
        Act::Loop { case_id } => issue_for_ever(terminal, clock, case_id),
        Act::Fill { case_id, file } => fill(terminal, case_id, file),
    }
}

fn ask(terminal: &Terminal, command: &str, payload: Value) -> Result<Value, Failed> {
    terminal.ask(command, payload).map_err(said_no(command))
}

fn draft(terminal: &Terminal, instrument_id: &str) -> Result<(), Failed> {
    let view = ask(
        terminal,
        "instrument",
        json!({ "instrument_id": instrument_id }),
    )?;
    let mut value = view["value"].clone();
    roadside::merge(&mut value, &json!({ "recorder": "赵明甲" }));
    let save =
        json!({ "instrument_id": instrument_id, "value": value, "revision": view["revision"] });
    tell("saved", &ask(terminal, "save_draft", save)?["revision"]);
    Ok(())
}

fn import(terminal: &Terminal, case_id: &str, file: &Path) -> Result<String, Failed> {
    let path = format!("upload/photo?case_id={case_id}&step=1&name=1.jpg");
    let row = terminal
        .upload(Surface::Officer, &path, &std::fs::read(file)?)
        .map_err(said_no("upload"))?;
    roadside::text(&serde_json::from_slice(&row)?, "evidence_id")
}

fn fill(terminal: &Terminal, case_id: &str, file: &Path) -> Result<(), Failed> {
    let refused = loop {
        match import(terminal, case_id, file) {
            Ok(evidence_id) => tell("kept", evidence_id),
            Err(refused) => break refused,
        }
    };
    tell("refused", refused);
    // Without room no act is done, and each says why.
    let notice = json!({ "case_id": case_id, "notice": "RN-7", "response": "满".repeat(100_000) });
    while let Ok(case) = ask(terminal, "tell_notice", notice.clone()) {
        tell("told", case["notices_told"].as_array().map_or(0, Vec::len));
    }
    let refused = ask(terminal, "tell_notice", notice)
        .err()
        .ok_or("there was room")?;
    tell("refused", refused);
    // Somebody makes room; the same terminal works on.
    std::fs::remove_file(file.with_file_name("ballast"))?;
    tell("kept", import(terminal, case_id, file)?);
    ask(
        terminal,
        "tell_notice",
        json!({ "case_id": case_id, "notice": "RN-7", "response": "好" }),
    )?;
    tell("again", "");
    Ok(())
}

/// Tells how much is safe, whenever it is more.
fn record(terminal: &Terminal, case_id: &str) -> Result<(), Failed> {
    let mut state = ask(
        terminal,
        "start_recording",
        json!({ "case_id": case_id, "kind": "video", "step": "现场检查" }),
    )?;
    let mut told = 0;
    while let Some(bytes) = state["running"]["stored_bytes"].as_u64() {
        if bytes > told {
            told = bytes;
            tell(
                "stored",
                format_args!("{} {bytes}", state["running"]["stored_ms"]),
            );
        }
        std::thread::sleep(Duration::from_millis(5));
        state = ask(terminal, "recording", json!({}))?;
    }
    tell("ended", told);
    Ok(())
}

fn issue_for_ever(terminal: &Terminal, clock: &SimulatedHost, case_id: &str) -> Result<(), Failed> {
    loop {
        let earlier = roadside::text(&ask(terminal, "start_state", json!({}))?, "now")?;
        clock.advance(TimeDelta::minutes(1));
        let now = roadside::text(&ask(terminal, "start_state", json!({}))?, "now")?;
        let start = json!({ "case_id": case_id, "form": "F01", "request_id": format!("{now} {}", std::process::id()) });
        let started = ask(terminal, "start_instrument", start)?;
        let instrument_id = roadside::text(&started, "instrument_id")?;
        let mut value = started["value"].clone();
        roadside::merge(&mut value, &roadside::fields("F01", &now, &earlier));
        let save = json!({ "instrument_id": instrument_id, "value": value, "revision": started["revision"] });
        ask(terminal, "save_draft", save)?;
        let number = roadside::sign_and_issue(terminal, &instrument_id, true)?;
        tell("issued", number.unwrap_or_default());
    }
}
