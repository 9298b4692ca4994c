//! The first screen after sign-in on a database with 5,000 cases against one with none.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use casebook::{Host, OpenOptions, SimulatedHost, Terminal};
use chrono::{DateTime, TimeDelta};
use journal::PinParams;
use journeys::{
    Failed, Officer, PINS, Stage, present, repository, roadside, said_no, sign_in_both,
};
use serde_json::json;

use crate::form_figures::copy;
use crate::measure::{Figure, folder, in_turns, timed};

const CASES: usize = 5_000;
const STARTED: &str = "2026-09-01T08:00:00.000+08:00";
/// After the last case; both databases are opened at this time.
const OPENED: &str = "2026-09-25T08:00:00.000+08:00";
/// Grows with every change of what is built.
const BUILT: &str = "home-1";

pub fn figures() -> Result<Vec<Figure>, Failed> {
    let built = repository().join("target/bench-data").join(BUILT);
    let dir = folder()?;
    let (full, none) = match copies(&built, dir.path()) {
        Ok(found) => found,
        // Built by another version of the store, or not at all.
        Err(_) => {
            build(&built)?;
            copies(&built, dir.path())?
        }
    };
    let (mut full_screen, mut empty_screen) = (|| screen(&full.0), || screen(&none.0));
    let (ours, theirs) = in_turns(20, 300, &mut || timed(&mut full_screen), &mut || {
        timed(&mut empty_screen)
    })?;
    let warm = Figure {
        name: "home-data-5000",
        value: ours.median() * 1e3,
        unit: "ms",
        ratio: ours.median() / theirs.median(),
        baseline: "the same of an empty database",
        targets: Vec::new(),
        note: format!(
            "p95 {:.2} ms; empty {:.2} ms without a line to list",
            ours.p95() * 1e3,
            theirs.median() * 1e3
        ),
    };
    drop((full.0, none.0));
    let (ours, theirs) = in_turns(1, 10, &mut || from_start(&full.1), &mut || {
        from_start(&none.1)
    })?;
    let cold = Figure {
        name: "first-screen-5000",
        value: ours.median() * 1e3,
        unit: "ms",
        ratio: ours.median() / theirs.median(),
        baseline: "the same of an empty database",
        targets: Vec::new(),
        note: format!(
            "open, two sign-ins, home; empty {:.0} ms",
            theirs.median() * 1e3
        ),
    };
    Ok(vec![cold.ratio_at_most(1.2), warm])
}

/// Copies of both databases, opened with both officers signed in.
#[allow(clippy::type_complexity)]
fn copies(
    built: &Path,
    dir: &Path,
) -> Result<((Arc<Terminal>, PathBuf), (Arc<Terminal>, PathBuf)), Failed> {
    let open = |name: &str, cases: usize| -> Result<(Arc<Terminal>, PathBuf), Failed> {
        let data = dir.join(name);
        copy(&built.join(name), &data)?;
        let terminal = open_terminal(&data)?;
        sign_in_both(&terminal)?;
        let list = terminal
            .ask("cases", json!({ "text": "", "after": null, "limit": 20 }))
            .map_err(said_no("cases"))?;
        if list.get("total").and_then(serde_json::Value::as_u64) != u64::try_from(cases).ok() {
            return Err("another number of cases".into());
        }
        Ok((terminal, data))
    };
    Ok((open("full", CASES)?, open("none", 0)?))
}

fn open_terminal(data: &Path) -> Result<Arc<Terminal>, Failed> {
    let host = SimulatedHost::at(DateTime::parse_from_rfc3339(OPENED)?);
    Ok(Terminal::open(OpenOptions {
        data_dir: data.to_owned(),
        host: Arc::new(host),
        devices: journeys::test_devices(),
        fonts_dir: paper::Fonts::default_dir(),
    })?)
}

/// What the home screen asks for, as it asks for it.
fn screen(terminal: &Terminal) -> Result<(), Failed> {
    for (command, payload) in [
        ("start_state", json!({})),
        ("recording", json!({})),
        ("sync_state", json!({})),
        ("cases", json!({ "text": "", "after": null, "limit": 20 })),
    ] {
        terminal.ask(command, payload).map_err(said_no(command))?;
    }
    Ok(())
}

/// From the closed terminal to the data of the home screen, sign-in of both officers included.
fn from_start(data: &Path) -> Result<Duration, Failed> {
    let started = Instant::now();
    let terminal = open_terminal(data)?;
    sign_in_both(&terminal)?;
    screen(&terminal)?;
    let took = started.elapsed();
    terminal.shut_down();
    Ok(took)
}

/// Makes both databases through the commands an officer uses; half a minute or so, then they are kept.
fn build(built: &Path) -> Result<(), Failed> {
    eprintln!("building a database of {CASES} cases, once …");
    if built.exists() {
        std::fs::remove_dir_all(built)?;
    }
    let partial = built.with_extension("partial");
    if partial.exists() {
        std::fs::remove_dir_all(&partial)?;
    }
    std::fs::create_dir_all(&partial)?;
    let stage = Stage::found(&partial, STARTED)?;
    for (name, cases) in [("none", 0), ("full", CASES)] {
        let data = partial.join(name);
        let ticket = stage.headquarters.ticket()?.to_string();
        let pins: Vec<_> = PINS
            .iter()
            .map(|(no, pin)| ((*no).to_owned(), (*pin).to_owned()))
            .collect();
        let host: Arc<dyn Host> = Arc::clone(&stage.clock) as Arc<dyn Host>;
        // PINs as costly as in the field: the sign-in is part of the first screen.
        Terminal::enrol(
            &data,
            &stage.url(),
            &ticket,
            name,
            &pins,
            PinParams::default(),
            host,
        )?;
        let terminal = stage.reopen(name, journeys::test_devices())?;
        sign_in_both(&terminal)?;
        present(&terminal)?;
        for number in 0..cases {
            one_case(&terminal, number)?;
            stage.clock.advance(TimeDelta::minutes(6));
            if number % 500 == 499 {
                eprintln!("  {} cases", number + 1);
            }
        }
        terminal.shut_down();
    }
    drop(stage);
    std::fs::rename(&partial, built)?;
    Ok(())
}

fn one_case(terminal: &Terminal, number: usize) -> Result<(), Failed> {
    let case_id = roadside::open(terminal, &format!("bench-{number}"))?;
    roadside::tell(terminal, &case_id, "RN-1", "无")?;
    terminal
        .ask(
            "start_instrument",
            json!({ "case_id": case_id, "form": "F01", "request_id": format!("bench-{number}-F01") }),
        )
        .map_err(said_no("start_instrument"))?;
    Ok(())
}
