//! Killed at any step, an act is done whole or not at all; what a recording has acknowledged is there and plays.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use crate::support::victim::{
    Chance, Doomed, close, copy_folder, dies_at, folder_of, reopened, victim,
};
use crate::support::{
    assert_intact, bodies, filled, first_notices, issued, jpeg, on_duty, stage, stream,
};
use casebook::Terminal;
use devices::testing::SlipPrinter;
use journeys::{Officer, Stage, roadside, test_devices};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Where a transaction may be cut, and whether its act is whole afterwards.
const COMMIT: &[(&str, bool)] = &[
    ("commit.after_entry", false),
    ("commit.after_projection", false),
    ("commit.before_commit", false),
    ("commit.after_commit", true),
];

/// A terminal in the folder `terminal`, prepared and closed.
fn prepared<T>(prepare: impl FnOnce(&Stage, &Terminal, &str) -> T) -> (TempDir, Stage, String, T) {
    let (folder, mut stage) = stage();
    let terminal = on_duty(&mut stage, test_devices());
    let case_id = roadside::open(&terminal, "one").unwrap();
    first_notices(&terminal, &case_id);
    let made = prepare(&stage, &terminal, &case_id);
    close(terminal);
    (folder, stage, case_id, made)
}

fn ready_to_issue(stage: &Stage, terminal: &Terminal, case_id: &str) -> String {
    let (instrument_id, _) = filled(stage, terminal, case_id, "F01");
    roadside::sign(terminal, &instrument_id, "party", "王样二").unwrap();
    roadside::sign(terminal, &instrument_id, "officer_1", "赵明甲").unwrap();
    roadside::sign(terminal, &instrument_id, "officer_2", "钱思乙").unwrap();
    instrument_id
}

/// For each place: a fresh copy of the folder, a victim that dies there, and the terminal opened again.
fn each_death(
    stage: &Stage,
    places: &[(&str, bool)],
    act: &[&str],
    check: impl Fn(&Arc<Terminal>, &str, bool),
) {
    for (place, is_done) in places {
        let name = format!("after {place}");
        copy_folder(&folder_of(stage, "terminal"), &folder_of(stage, &name));
        dies_at(stage, &name, place, act);
        let terminal = reopened(stage, &name);
        assert_intact(&terminal);
        check(&terminal, place, *is_done);
        assert_intact(&terminal);
        close(terminal);
        std::fs::remove_dir_all(folder_of(stage, &name)).unwrap();
    }
}

fn instrument(terminal: &Terminal, instrument_id: &str) -> Value {
    terminal
        .ask("instrument", json!({ "instrument_id": instrument_id }))
        .unwrap()
}

#[test]
fn a_death_while_issuing_leaves_the_whole_instrument_or_the_draft() {
    let (_folder, stage, case_id, instrument_id) = prepared(ready_to_issue);
    let mut places = vec![
        ("issue.after_render", false),
        ("issue.after_documents", false),
    ];
    places.extend(COMMIT);
    each_death(
        &stage,
        &places,
        &["issue", &instrument_id],
        |terminal, place, is_done| {
            let view = instrument(terminal, &instrument_id);
            let left = terminal.ask("sync_state", json!({})).unwrap()["numbers_left"]
                .as_u64()
                .unwrap();
            assert_eq!(
                bodies(terminal, "instrument.issued").len(),
                usize::from(is_done),
                "{place}"
            );
            if is_done {
                assert_eq!(
                    (&view["state"], &view["number"]),
                    (&json!("issued"), &json!("示例交检〔2026〕0001号")),
                    "{place}"
                );
            } else {
                assert_eq!(
                    (&view["state"], &view["number"]),
                    (&json!("draft"), &Value::Null),
                    "{place}"
                );
                assert_eq!(view["pdf"], Value::Null, "{place}");
                // The signatures still stand, and so does the number.
                terminal
                    .ask(
                        "issue_instrument",
                        json!({ "instrument_id": instrument_id }),
                    )
                    .unwrap();
            }
            let view = instrument(terminal, &instrument_id);
            assert_eq!(view["number"], "示例交检〔2026〕0001号", "{place}");
            let pdf = stream(terminal, &format!("stream/instrument/{instrument_id}/pdf"));
            let body = &bodies(terminal, "instrument.issued")[0];
            assert_eq!(
                body["pdf"]["sha256"],
                journal::Hash::of(&pdf).to_string(),
                "{place}"
            );
            let left_now = terminal.ask("sync_state", json!({})).unwrap()["numbers_left"]
                .as_u64()
                .unwrap();
            assert_eq!(left_now, left - u64::from(!is_done), "{place}");
            let (_, next) = issued(
                &stage,
                terminal,
                &other_case(terminal, &case_id),
                "F01",
                true,
            );
            assert_eq!(next.unwrap(), "示例交检〔2026〕0002号", "{place}");
        },
    );
}

fn other_case(terminal: &Terminal, case_id: &str) -> String {
    let other = roadside::open(terminal, "two").unwrap();
    assert_ne!(other, case_id);
    first_notices(terminal, &other);
    other
}

#[test]
fn a_death_while_saving_keeps_the_former_draft_or_the_new_one() {
    let (_folder, stage, _, instrument_id) =
        prepared(|stage, terminal, case_id| filled(stage, terminal, case_id, "F01").0);
    each_death(
        &stage,
        COMMIT,
        &["draft", &instrument_id],
        |terminal, place, is_done| {
            let view = instrument(terminal, &instrument_id);
            let expected = if is_done {
                (2, "赵明甲")
            } else {
                (1, "钱思乙")
            };
            assert_eq!(
                (
                    view["revision"].as_u64().unwrap(),
                    view["value"]["recorder"].as_str().unwrap()
                ),
                expected,
                "{place}"
            );
        },
    );
}

#[test]
fn a_death_while_keeping_a_photo_leaves_the_whole_photo_or_none() {
    let (folder, stage, case_id, ()) = prepared(|_, _, _| ());
    let file = folder.path().join("photo.jpg");
    std::fs::write(&file, jpeg(9)).unwrap();
    let mut places = vec![("photo.after_chunks", false)];
    places.extend(COMMIT);
    for act in [
        vec!["photo", &case_id],
        vec!["import", &case_id, file.to_str().unwrap()],
    ] {
        each_death(&stage, &places, &act, |terminal, place, is_done| {
            let case = terminal.ask("case", json!({ "case_id": case_id })).unwrap();
            let kept = case["evidence"].as_array().unwrap();
            assert_eq!(kept.len(), usize::from(is_done), "{act:?} {place}");
            for row in kept {
                let bytes = stream(terminal, row["content"].as_str().unwrap());
                assert_eq!(
                    row["sha256"],
                    journal::Hash::of(&bytes).to_string(),
                    "{act:?} {place}"
                );
                assert_eq!(row["state"], "complete");
            }
            // The next one is kept as if nothing had happened.
            terminal
                .ask("take_photo", json!({ "case_id": case_id, "step": "2" }))
                .unwrap();
        });
    }
}

#[test]
fn a_death_before_the_paper_asks_the_officer_and_prints_nothing_twice() {
    let printer = SlipPrinter::start().unwrap();
    let address = printer.host();
    let (_folder, stage, _, (instrument_id, printer_id)) = prepared(|stage, terminal, case_id| {
        let (instrument_id, _) = issued(stage, terminal, case_id, "F01", true);
        let add =
            json!({ "name": "小票", "language": "escpos", "address": address, "width_dots": 576 });
        let printers = terminal.ask("add_printer", add).unwrap();
        (
            instrument_id,
            roadside::text(&printers["printers"][0], "printer_id").unwrap(),
        )
    });
    let act = ["print", &instrument_id, &printer_id];
    each_death(
        &stage,
        &[("print.before_send", false)],
        &act,
        |terminal, place, _| {
            let job = &terminal.ask("print_queue", json!({})).unwrap()["jobs"][0];
            assert_eq!(
                (&job["state"], &job["cause"]),
                (&json!("unknown"), &json!("terminal_stopped")),
                "{place}"
            );
            terminal.print_until_quiet();
            assert!(
                printer.tickets().is_empty(),
                "nothing is sent again unasked"
            );
            terminal
                .ask(
                    "answer_print",
                    json!({ "job_id": job["job_id"], "answer": "nothing" }),
                )
                .unwrap();
        },
    );
    // A job that was only written down is neither lost nor doubtful.
    each_death(&stage, COMMIT, &act, |terminal, place, is_done| {
        let jobs = terminal.ask("print_queue", json!({})).unwrap()["jobs"].clone();
        let jobs = jobs.as_array().unwrap();
        assert_eq!(
            jobs.iter()
                .map(|job| job["state"].clone())
                .collect::<Vec<_>>(),
            vec!["queued"; usize::from(is_done)],
            "{place}"
        );
        let before = printer.tickets().len();
        terminal.print_until_quiet();
        assert_eq!(
            printer.tickets().len() - before,
            usize::from(is_done),
            "{place}"
        );
    });
}

/// The last `stored <ms> <bytes>` that the victim told.
fn acknowledged(said: &str) -> (u64, u64) {
    let last = said
        .lines()
        .rev()
        .find_map(|line| line.strip_prefix("stored "));
    let numbers: Vec<u64> = last
        .unwrap_or("0 0")
        .split(' ')
        .map(|number| number.parse().unwrap())
        .collect();
    (numbers[0], numbers[1])
}

/// Everything acknowledged is there, plays, and is what the journal committed to while it was made.
fn assert_recorded(terminal: &Terminal, folder: &Path, case_id: &str, said: &str, states: &[&str]) {
    assert_intact(terminal);
    let case = terminal.ask("case", json!({ "case_id": case_id })).unwrap();
    let rows = case["evidence"].as_array().unwrap();
    assert_eq!(rows.len(), 1, "{case}");
    let row = &rows[0];
    assert!(states.contains(&row["state"].as_str().unwrap()), "{row}");
    let (ms, bytes) = acknowledged(said);
    assert!(
        row["duration_ms"].as_u64().unwrap() >= ms,
        "{ms} ms were acknowledged: {row}"
    );
    assert!(
        row["size_bytes"].as_u64().unwrap() >= bytes,
        "{bytes} bytes were acknowledged: {row}"
    );
    if row["size_bytes"] == 0 {
        return;
    }
    let film = stream(terminal, row["content"].as_str().unwrap());
    assert_eq!(row["sha256"], journal::Hash::of(&film).to_string());
    for mark in bodies(terminal, "recording.marked")
        .iter()
        .filter(|mark| mark["running_sha256"] != "")
    {
        let length = usize::try_from(mark["stored_bytes"].as_u64().unwrap()).unwrap();
        assert_eq!(
            mark["running_sha256"],
            journal::Hash::of(&film[..length]).to_string(),
            "{mark}"
        );
    }
    assert_plays(folder, &film, row["duration_ms"].as_u64().unwrap());
}

fn assert_plays(folder: &Path, film: &[u8], duration_ms: u64) {
    let path = folder.join("film.mp4");
    std::fs::write(&path, film).unwrap();
    let path = path.to_str().unwrap();
    let played = Command::new("ffmpeg")
        .args(["-v", "error", "-i", path, "-f", "null", "-"])
        .output()
        .unwrap();
    assert!(played.status.success());
    assert_eq!(
        String::from_utf8_lossy(&played.stderr),
        "",
        "every fragment plays without a complaint"
    );
    let probe = [
        "-v",
        "error",
        "-select_streams",
        "v:0",
        "-count_packets",
        "-show_entries",
        "stream=nb_read_packets",
        "-of",
        "csv=p=0",
        path,
    ];
    let pictures = Command::new("ffprobe").args(probe).output().unwrap();
    let pictures: u64 = String::from_utf8(pictures.stdout)
        .unwrap()
        .trim()
        .parse()
        .unwrap();
    // 25 pictures a second, none of them lost.
    assert!(
        pictures * 40 + 200 >= duration_ms,
        "{pictures} pictures in {duration_ms} ms"
    );
}

#[test]
fn a_death_while_recording_keeps_what_was_acknowledged() {
    let (folder, stage, case_id, ()) = prepared(|_, _, _| ());
    // `true` where the recording is in the journal by then; the commits here are those of its start.
    for (place, is_there) in [
        ("commit.before_commit", false),
        ("commit.after_commit", true),
        ("recording.after_fragment", true),
        ("recording.after_finish", true),
    ] {
        let name = format!("after {place}");
        copy_folder(&folder_of(&stage, "terminal"), &folder_of(&stage, &name));
        let output = dies_at(&stage, &name, place, &["record", &case_id, "25"]);
        let terminal = reopened(&stage, &name);
        if is_there {
            let said = String::from_utf8(output.stdout).unwrap();
            assert_recorded(&terminal, folder.path(), &case_id, &said, &["interrupted"]);
            assert_eq!(
                bodies(&terminal, "recording.interrupted").len(),
                1,
                "{place}"
            );
        } else {
            assert_intact(&terminal);
            let case = terminal.ask("case", json!({ "case_id": case_id })).unwrap();
            assert_eq!(case["evidence"], json!([]), "{place}");
        }
        // A second start finds nothing more to mend.
        close(terminal);
        let terminal = reopened(&stage, &name);
        assert_eq!(
            bodies(&terminal, "recording.interrupted").len(),
            usize::from(is_there),
            "{place}"
        );
        close(terminal);
    }
}

#[test]
fn a_kill_at_any_moment_of_a_recording_keeps_what_was_acknowledged() {
    let (folder, stage, case_id, ()) = prepared(|_, _, _| ());
    let mut chance = Chance::new("killing recordings");
    for round in 0..5 {
        let name = format!("round {round}");
        copy_folder(&folder_of(&stage, "terminal"), &folder_of(&stage, &name));
        let mut child = Doomed(
            victim(&stage, &name, &["record", &case_id])
                .spawn()
                .unwrap(),
        );
        let mut lines = BufReader::new(child.0.stdout.take().unwrap()).lines();
        assert_eq!(lines.next().unwrap().unwrap().trim(), "ready");
        let reader =
            std::thread::spawn(move || lines.map_while(Result::ok).collect::<Vec<_>>().join("\n"));
        std::thread::sleep(Duration::from_millis(chance.below(2_500)));
        child.kill();
        let said = reader.join().unwrap();
        let terminal = reopened(&stage, &name);
        assert!(!said.contains("failed"), "{said}");
        let case = terminal.ask("case", json!({ "case_id": case_id })).unwrap();
        if case["evidence"] == json!([]) {
            assert_eq!(acknowledged(&said), (0, 0), "killed before it began");
        } else {
            assert_recorded(&terminal, folder.path(), &case_id, &said, &["interrupted"]);
        }
        close(terminal);
    }
}

#[test]
fn a_kill_at_any_moment_of_a_day_loses_no_number_and_gives_none_twice() {
    let (_folder, stage, case_id, ()) = prepared(|_, _, _| ());
    let mut chance = Chance::new("killing a day of issuing");
    let mut told = Vec::new();
    for round in 0..5 {
        let mut child = Doomed(
            victim(&stage, "terminal", &["loop", &case_id])
                .spawn()
                .unwrap(),
        );
        let mut lines = BufReader::new(child.0.stdout.take().unwrap()).lines();
        let first = lines.next().unwrap().unwrap();
        assert_eq!(first.trim(), "ready", "round {round}");
        let reader = std::thread::spawn(move || lines.map_while(Result::ok).collect::<Vec<_>>());
        std::thread::sleep(Duration::from_millis(chance.below(2_500)));
        child.kill();
        for line in reader.join().unwrap() {
            told.push(
                line.strip_prefix("issued ")
                    .unwrap_or_else(|| panic!("round {round}: {line}"))
                    .to_owned(),
            );
        }
        stage.pass(120);

        let terminal = reopened(&stage, "terminal");
        assert_intact(&terminal);
        let issued = bodies(&terminal, "instrument.issued");
        let numbers: Vec<_> = issued
            .iter()
            .map(|body| body["number"].as_str().unwrap().to_owned())
            .collect();
        let contiguous: Vec<_> = (1..=numbers.len())
            .map(|serial| format!("示例交检〔2026〕{serial:04}号"))
            .collect();
        assert_eq!(numbers, contiguous, "round {round}");
        assert!(
            told.iter().all(|number| numbers.contains(number)),
            "round {round}: {told:?} were acknowledged"
        );
        for body in &issued {
            let pdf = stream(
                &terminal,
                &format!(
                    "stream/instrument/{}/pdf",
                    body["instrument_id"].as_str().unwrap()
                ),
            );
            assert_eq!(body["pdf"]["sha256"], journal::Hash::of(&pdf).to_string());
        }
        close(terminal);
    }
    println!("{} numbers were acknowledged", told.len());
}
