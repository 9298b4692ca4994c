//! Broken things: each is told with a code a screen has words for, and nothing is lost.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::support::victim::{Chance, close, copy_folder, folder_of, reopened, victim};
use crate::support::{
    assert_intact, bodies, code, entries, first_notices, issued, jpeg, no, on_duty, stage, stream,
    wait_for_recording,
};
use casebook::{DeviceSetup, Host, OpenFailure, Terminal};
use chrono::TimeDelta;
use devices::recording::{AudioSource, VideoSource};
use devices::testing::Place;
use journeys::{Officer, PINS, Stage, present, roadside, sign_in_both, test_devices};
use serde_json::{Value, json};

fn sign_in(at: usize) -> Value {
    json!({ "credential_no": PINS[at].0, "pin": PINS[at].1 })
}

/// A stage whose terminal has one case with an instrument and a photo, and is closed.
fn worked() -> (tempfile::TempDir, Stage, String) {
    let (folder, mut stage) = stage();
    let terminal = on_duty(&mut stage, test_devices());
    let case_id = roadside::open(&terminal, "one").unwrap();
    first_notices(&terminal, &case_id);
    issued(&stage, &terminal, &case_id, "F01", true);
    terminal
        .ask("take_photo", json!({ "case_id": case_id, "step": "1" }))
        .unwrap();
    close(terminal);
    (folder, stage, case_id)
}

type Damage = (&'static str, fn(&mut Vec<u8>));

#[test]
fn a_damaged_database_is_told_and_not_written_to() {
    let (_folder, stage, _) = worked();
    let damages: &[Damage] = &[
        ("other header", |bytes| bytes[..64].fill(0x5a)),
        ("a bit of the first page", |bytes| bytes[700] ^= 1),
        ("a bit of every page", |bytes| {
            bytes
                .iter_mut()
                .skip(100)
                .step_by(4096)
                .for_each(|byte| *byte ^= 1)
        }),
        ("another file", |bytes| {
            *bytes = b"%PDF-1.4 something else altogether".repeat(1000)
        }),
        ("one page", |bytes| bytes.truncate(4096)),
        ("half", |bytes| bytes.truncate(bytes.len() / 8192 * 4096)),
        ("a torn page", |bytes| bytes.truncate(bytes.len() - 1000)),
        ("nothing", Vec::clear),
    ];
    for database in ["casebook.db", "evidence.db"] {
        for (what, damage) in damages {
            let name = format!("{database} {what}");
            copy_folder(&folder_of(&stage, "terminal"), &folder_of(&stage, &name));
            let path = folder_of(&stage, &name).join(database);
            let mut bytes = std::fs::read(&path).unwrap();
            damage(&mut bytes);
            std::fs::write(&path, &bytes).unwrap();

            let terminal = stage.reopen(&name, test_devices()).unwrap();
            let outcome = terminal
                .ask("sign_in", sign_in(0))
                .and_then(|_| whole(&terminal));
            let error = outcome.expect_err(&format!("{name} was noticed"));
            assert_eq!(code(&error), "database_damaged", "{name}: {error:?}");
            assert!(error.incident.is_some(), "{name}");
            drop(terminal);
            if *what != "a torn page" {
                assert!(
                    std::fs::read(&path).unwrap() == bytes,
                    "{name} was left as it is"
                );
            }
        }
        // A database that is not there is not made anew either.
        let name = format!("{database} missing");
        copy_folder(&folder_of(&stage, "terminal"), &folder_of(&stage, &name));
        std::fs::remove_file(folder_of(&stage, &name).join(database)).unwrap();
        let terminal = stage.reopen(&name, test_devices()).unwrap();
        assert_eq!(
            code(&no(&terminal, "sign_in", sign_in(0))),
            "database_damaged",
            "{name}"
        );
        assert!(!folder_of(&stage, &name).join(database).exists(), "{name}");
    }
}

/// Reads everything that a terminal holds.
fn whole(terminal: &Terminal) -> Result<(), contract::BoundaryError> {
    terminal.ask("verify_journal", json!({}))?;
    let cases = terminal.ask("cases", json!({ "text": "", "after": null, "limit": 100 }))?;
    for row in cases["cases"].as_array().unwrap() {
        let case = terminal.ask("case", json!({ "case_id": row["case_id"] }))?;
        for instrument in case["instruments"].as_array().unwrap() {
            let path = format!(
                "stream/instrument/{}/pdf",
                instrument["instrument_id"].as_str().unwrap()
            );
            terminal.stream(contract::Surface::Officer, &path, None)?;
        }
        for evidence in case["evidence"].as_array().unwrap() {
            terminal.stream(
                contract::Surface::Officer,
                evidence["content"].as_str().unwrap(),
                None,
            )?;
        }
    }
    Ok(())
}

#[test]
fn one_flipped_bit_anywhere_is_noticed_or_harmless() {
    let (_folder, stage, _) = worked();
    let terminal = reopened(&stage, "terminal");
    let entries_before = entries(&terminal).len();
    close(terminal);
    let mut chance = Chance::new("flipped bits");
    for database in ["casebook.db", "evidence.db"] {
        for round in 0..8 {
            let name = format!("{database} {round}");
            copy_folder(&folder_of(&stage, "terminal"), &folder_of(&stage, &name));
            let path = folder_of(&stage, &name).join(database);
            let mut bytes = std::fs::read(&path).unwrap();
            let at = usize::try_from(chance.below(u64::try_from(bytes.len()).unwrap())).unwrap();
            bytes[at] ^= 1 << chance.below(8);
            std::fs::write(&path, &bytes).unwrap();
            let terminal = stage.reopen(&name, test_devices()).unwrap();
            match terminal
                .ask("sign_in", sign_in(0))
                .and_then(|_| whole(&terminal))
            {
                Ok(()) => assert!(
                    entries(&terminal).len() > entries_before,
                    "{name}: byte {at} belongs to nothing"
                ),
                Err(error) => assert_eq!(
                    code(&error),
                    "database_damaged",
                    "{name}, byte {at}: {error:?}"
                ),
            }
        }
    }
}

#[test]
fn damaged_small_files_keep_the_terminal_from_starting() {
    let (_folder, stage, _) = worked();
    for file in ["keyring.json", "front.json"] {
        for damage in ["", "{", "[]", "\u{0}\u{0}\u{0}"] {
            let name = format!("{file} {}", damage.len());
            copy_folder(&folder_of(&stage, "terminal"), &folder_of(&stage, &name));
            std::fs::write(folder_of(&stage, &name).join(file), damage).unwrap();
            match Terminal::open(casebook::OpenOptions {
                data_dir: folder_of(&stage, &name),
                host: Arc::clone(&stage.clock) as Arc<dyn Host>,
                devices: test_devices(),
                fonts_dir: paper::Fonts::default_dir(),
            }) {
                Err(OpenFailure::Data(_)) => {}
                Err(other) => panic!("{name}: {other}"),
                Ok(_) => panic!("{name}: it opened"),
            }
            assert_eq!(
                std::fs::read_to_string(folder_of(&stage, &name).join(file)).unwrap(),
                damage
            );
        }
    }
    // Lost counts of wrong PINs must not open the door wider, nor lock it for ever.
    std::fs::write(folder_of(&stage, "terminal").join("attempts.json"), "{").unwrap();
    let terminal = stage.reopen("terminal", test_devices()).unwrap();
    sign_in_both(&terminal).unwrap();
}

/// Runs a victim on a disk of `spare` bytes more than the terminal's folder takes; answers what it said and copies the
/// folder to `to`.
fn on_a_small_disk(stage: &Stage, spare: u64, to: &str, act: &[&str]) -> String {
    let disk = stage.dir.join("disk");
    std::fs::create_dir_all(&disk).unwrap();
    std::fs::create_dir_all(folder_of(stage, to)).unwrap();
    let size = size_of(&folder_of(stage, "terminal")) + spare;
    let command = victim(stage, "disk/terminal", act);
    let words: Vec<_> = std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| format!("'{}'", word.to_str().unwrap()))
        .collect();
    // A disk of its own in a namespace of its own; it is gone with the shell.
    let script = format!(
        "set -e; mount -t tmpfs -o size={size} none '{disk}'; mkdir '{disk}/terminal'; cp -r '{from}/.' '{disk}/terminal/'; \
         set +e; {words}; cp -r '{disk}/terminal/.' '{to}/'",
        disk = disk.display(),
        from = folder_of(stage, "terminal").display(),
        words = words.join(" "),
        to = folder_of(stage, to).display(),
    );
    let output = Command::new("unshare")
        .args(own_mounts())
        .args(["sh", "-c", &script])
        .stdin(Stdio::null())
        .output()
        .expect("unshare, to make a small disk");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        said.starts_with("ready"),
        "{said}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    said
}

/// How this machine gives a process mounts of its own: as anybody, or inside a bare chroot as root.
fn own_mounts() -> &'static [&'static str] {
    let as_anybody: &[&str] = &["-rm"];
    let tried = Command::new("unshare")
        .args(as_anybody)
        .arg("true")
        .output();
    match tried.is_ok_and(|output| output.status.success()) {
        true => as_anybody,
        false => &["-m", "--propagation", "unchanged"],
    }
}

fn size_of(folder: &Path) -> u64 {
    let sizes = std::fs::read_dir(folder).unwrap().map(|entry| {
        let entry = entry.unwrap();
        match entry.file_type().unwrap().is_dir() {
            true => size_of(&entry.path()),
            false => entry.metadata().unwrap().len().next_multiple_of(4096),
        }
    });
    sizes.sum()
}

fn words<'a>(said: &'a str, what: &str) -> Vec<&'a str> {
    said.lines()
        .filter_map(|line| line.strip_prefix(what))
        .map(str::trim)
        .collect()
}

#[test]
fn a_full_disk_is_told_and_nothing_is_lost() {
    let (_folder, stage, case_id) = worked();
    let noise = image::RgbImage::from_fn(700, 500, |x, y| {
        image::Rgb([(x * y % 251) as u8, (x * 7 + y * 13) as u8, (x ^ y) as u8])
    });
    let photo = folder_of(&stage, "terminal").join("photo.png");
    noise.save(&photo).unwrap();
    std::fs::write(
        folder_of(&stage, "terminal").join("ballast"),
        vec![7; 6 << 20],
    )
    .unwrap();
    let on_disk = stage.dir.join("disk/terminal/photo.png");
    let said = on_a_small_disk(
        &stage,
        12 << 20,
        "afterwards",
        &["fill", &case_id, on_disk.to_str().unwrap()],
    );
    let refused = words(&said, "refused");
    assert_eq!(refused.len(), 2, "{said}");
    assert!(
        refused
            .iter()
            .all(|text| text.contains("\"code\":\"disk_full\"")),
        "{said}"
    );
    assert_eq!(
        words(&said, "again").len(),
        1,
        "it works once there is room: {said}"
    );

    let terminal = reopened(&stage, "afterwards");
    assert_intact(&terminal);
    let case = terminal.ask("case", json!({ "case_id": case_id })).unwrap();
    let kept = words(&said, "kept");
    assert!(kept.len() >= 2, "{said}");
    for evidence_id in kept {
        let row = case["evidence"]
            .as_array()
            .unwrap()
            .iter()
            .find(|row| row["evidence_id"] == evidence_id)
            .unwrap();
        assert_eq!(row["state"], "complete");
        assert!(
            stream(&terminal, row["content"].as_str().unwrap()) == std::fs::read(&photo).unwrap()
        );
    }
    whole(&terminal).unwrap();
}

#[test]
fn a_recording_on_a_full_disk_keeps_what_was_acknowledged() {
    let (_folder, stage, case_id) = worked();
    let said = on_a_small_disk(&stage, 7 << 20, "afterwards", &["record", &case_id]);
    let stored: u64 = words(&said, "stored")
        .last()
        .expect("something was stored")
        .split(' ')
        .nth(1)
        .unwrap()
        .parse()
        .unwrap();
    let terminal = reopened(&stage, "afterwards");
    assert_intact(&terminal);
    let case = terminal.ask("case", json!({ "case_id": case_id })).unwrap();
    let row = case["evidence"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["kind"] == "video")
        .unwrap();
    assert!(
        row["state"] == "complete" || row["state"] == "interrupted",
        "{row}"
    );
    assert!(
        row["size_bytes"].as_u64().unwrap() >= stored,
        "{stored} bytes were acknowledged: {row}"
    );
    let film = stage.dir.join("film.mp4");
    std::fs::write(&film, stream(&terminal, row["content"].as_str().unwrap())).unwrap();
    let played = Command::new("ffmpeg")
        .args([
            "-v",
            "error",
            "-i",
            film.to_str().unwrap(),
            "-f",
            "null",
            "-",
        ])
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&played.stderr), "");
}

#[test]
fn wrong_pins_cost_a_growing_delay_that_survives_a_restart() {
    let (_folder, stage) = stage();
    let mut terminal = stage.terminal("terminal").unwrap();
    let wrong = json!({ "credential_no": "99010001", "pin": "000000" });
    for (failures, delay_s) in [(1, 0), (2, 0), (3, 5), (4, 15), (5, 45)] {
        let error = no(&terminal, "sign_in", wrong.clone());
        assert_eq!(code(&error), "wrong_secret");
        assert_eq!(
            (&error.args["failures"], &error.args["retry_after_s"]),
            (&json!(failures), &json!(delay_s))
        );
        if delay_s > 0 {
            // Neither the right PIN nor a restart helps before the time is over.
            drop(terminal);
            terminal = stage.reopen("terminal", test_devices()).unwrap();
            stage.clock.advance(TimeDelta::seconds(delay_s - 1));
            for pin in ["246810", "000000"] {
                let error = no(
                    &terminal,
                    "sign_in",
                    json!({ "credential_no": "99010001", "pin": pin }),
                );
                assert_eq!(
                    (code(&error).as_str(), &error.args["retry_after_s"]),
                    ("delayed", &json!(1))
                );
            }
            stage.clock.advance(TimeDelta::seconds(1));
        }
    }
    // Turning the clock back does not lock the door for longer than the rule.
    assert_eq!(code(&no(&terminal, "sign_in", wrong)), "wrong_secret");
    stage
        .clock
        .set_wall_clock(stage.clock.now() - TimeDelta::days(3));
    let error = no(&terminal, "sign_in", sign_in(0));
    assert!(error.args["retry_after_s"] == 135, "{error:?}");
    stage
        .clock
        .set_wall_clock(stage.clock.now() + TimeDelta::days(3) + TimeDelta::minutes(15));
    sign_in_both(&terminal).unwrap();
    let failed = bodies(&terminal, "unlock.failed");
    let delays: Vec<_> = failed
        .iter()
        .map(|body| {
            (
                body["failures"].as_u64().unwrap(),
                body["delay_s"].as_u64().unwrap(),
            )
        })
        .collect();
    assert_eq!(delays, [(1, 0), (2, 0), (3, 5), (4, 15), (5, 45), (6, 135)]);
    assert!(
        failed
            .iter()
            .all(|body| body["credential_no"] == "99010001")
    );
    assert_intact(&terminal);
    // A right PIN wipes the count.
    terminal.ask("lock", json!({})).unwrap();
    let error = no(
        &terminal,
        "sign_in",
        json!({ "credential_no": "99010001", "pin": "1" }),
    );
    assert_eq!(error.args["failures"], 1);
}

#[test]
fn a_missing_camera_or_microphone_is_told_and_leaves_nothing_behind() {
    let gone = || Some(VideoSource::Camera("no such camera".to_owned()));
    let mute = || {
        Some(AudioSource::Microphone(Some(
            "no such microphone".to_owned(),
        )))
    };
    for (video, audio, photo, film, sound) in [
        (
            None,
            Some(AudioSource::Test),
            "camera_missing",
            "camera_missing",
            None,
        ),
        (
            Some(VideoSource::Test),
            None,
            "",
            "microphone_missing",
            Some("microphone_missing"),
        ),
        (
            gone(),
            Some(AudioSource::Test),
            "camera_missing",
            "camera_missing",
            None,
        ),
        (
            Some(VideoSource::Test),
            mute(),
            "",
            "microphone_missing",
            Some("microphone_missing"),
        ),
    ] {
        let (_folder, mut stage) = stage();
        let devices = DeviceSetup {
            video,
            audio,
            ..test_devices()
        };
        let shown = format!("{devices:?}");
        let terminal = on_duty(&mut stage, devices);
        let case_id = roadside::open(&terminal, "one").unwrap();
        if !photo.is_empty() {
            let error = no(
                &terminal,
                "take_photo",
                json!({ "case_id": case_id, "step": "1" }),
            );
            assert_eq!(code(&error), photo, "{shown}");
        }
        let start = |kind: &str| {
            terminal.ask(
                "start_recording",
                json!({ "case_id": case_id, "kind": kind, "step": "1" }),
            )
        };
        assert_eq!(code(&start("video").unwrap_err()), film, "{shown}");
        match sound {
            Some(expected) => assert_eq!(code(&start("audio").unwrap_err()), expected, "{shown}"),
            None => {
                start("audio").unwrap();
                wait_for_recording(&terminal);
            }
        }
        assert_eq!(
            terminal.ask("recording", json!({})).unwrap()["running"],
            Value::Null
        );
        // A picture from a file is the way out, and the day goes on.
        let path = format!("upload/photo?case_id={case_id}&step=1&name=1.jpg");
        terminal
            .upload(contract::Surface::Officer, &path, &jpeg(3))
            .unwrap();
        assert_intact(&terminal);
    }
}

#[test]
fn a_printer_that_is_off_keeps_its_copy_waiting_with_cause_and_next_attempt() {
    let (_folder, mut stage) = stage();
    let terminal = on_duty(&mut stage, test_devices());
    let case_id = roadside::open(&terminal, "one").unwrap();
    first_notices(&terminal, &case_id);
    let (instrument_id, _) = issued(&stage, &terminal, &case_id, "F01", true);
    let place = Place::keep().unwrap();
    let closed = place.address();
    for (name, language, address) in [
        ("小票", "escpos", closed.to_string()),
        ("办公", "ipp", format!("ipp://{closed}/ipp/print")),
    ] {
        let add =
            json!({ "name": name, "language": language, "address": address, "width_dots": 576 });
        let printers = terminal.ask("add_printer", add).unwrap()["printers"].clone();
        let printer = printers
            .as_array()
            .unwrap()
            .iter()
            .find(|row| row["name"] == name)
            .unwrap()
            .clone();
        let error = no(
            &terminal,
            "printer_status",
            json!({ "printer_id": printer["printer_id"] }),
        );
        assert_eq!(code(&error), "printer_unreachable", "{name}");
        let print = json!({ "instrument_id": instrument_id, "printer_id": printer["printer_id"], "copy_name": name });
        terminal.ask("print_instrument", print).unwrap();
    }
    let jobs = |terminal: &Terminal| {
        terminal.ask("print_queue", json!({})).unwrap()["jobs"]
            .as_array()
            .unwrap()
            .clone()
    };
    let mut former = TimeDelta::zero();
    for attempt in 0..4 {
        terminal.print_until_quiet();
        let now = stage.clock.now();
        let mut next_attempt = now;
        for job in jobs(&terminal) {
            assert_eq!(
                (&job["state"], &job["cause"]),
                (&json!("waiting"), &json!("offline")),
                "{job}"
            );
            next_attempt =
                chrono::DateTime::parse_from_rfc3339(job["next_attempt_at"].as_str().unwrap())
                    .unwrap();
            assert!(next_attempt - now > former, "attempt {attempt}: {job}");
        }
        former = next_attempt - now;
        // Asked again too early, nothing happens.
        terminal.print_until_quiet();
        stage.clock.advance(former);
    }
    close(terminal);
    let terminal = reopened(&stage, "terminal");
    assert_eq!(
        jobs(&terminal)
            .iter()
            .map(|job| job["state"].clone())
            .collect::<Vec<_>>(),
        ["waiting", "waiting"]
    );
    for job in jobs(&terminal) {
        terminal
            .ask("cancel_print", json!({ "job_id": job["job_id"] }))
            .unwrap();
    }
    assert!(
        jobs(&terminal)
            .iter()
            .all(|job| job["state"] == "cancelled")
    );
    assert_eq!(bodies(&terminal, "print.cancelled").len(), 2);
    assert_intact(&terminal);
}

/// Something at the address of headquarters that answers every request with the same bytes.
struct Impostor {
    is_over: Arc<AtomicBool>,
    thread: Option<std::thread::JoinHandle<u32>>,
}

impl Impostor {
    fn at(address: &str, answer: Vec<u8>) -> Self {
        let listener = TcpListener::bind(address).unwrap();
        listener.set_nonblocking(true).unwrap();
        let is_over = Arc::new(AtomicBool::new(false));
        let over = Arc::clone(&is_over);
        let thread = std::thread::spawn(move || {
            let mut answered = 0;
            while !over.load(Ordering::Acquire) {
                let Ok((mut stream, _)) = listener.accept() else {
                    std::thread::sleep(std::time::Duration::from_millis(5));
                    continue;
                };
                stream.set_nonblocking(false).unwrap();
                read_request(&stream);
                let _ = stream.write_all(&answer);
                answered += 1;
            }
            answered
        });
        Impostor {
            is_over,
            thread: Some(thread),
        }
    }

    /// How often it was asked.
    fn end(mut self) -> u32 {
        self.is_over.store(true, Ordering::Release);
        self.thread.take().unwrap().join().unwrap()
    }
}

/// All of it: a connection that is closed with something unread breaks, and takes the answer with it.
fn read_request(stream: &TcpStream) {
    let mut lines = BufReader::new(stream);
    let (mut line, mut length) = (String::new(), 0);
    while lines.read_line(&mut line).is_ok_and(|count| count > 2) {
        if let Some(("content-length", number)) = line.to_ascii_lowercase().split_once(": ") {
            length = number.trim().parse().unwrap();
        }
        line.clear();
    }
    let _ = std::io::copy(&mut lines.take(length), &mut std::io::sink());
}

fn http(status: &str, media_type: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\nContent-Type: {media_type}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}").into_bytes()
}

#[test]
fn a_captive_portal_or_nonsense_at_headquarters_address_loses_nothing() {
    let (_folder, mut stage) = stage();
    let terminal = on_duty(&mut stage, test_devices());
    let case_id = roadside::open(&terminal, "one").unwrap();
    first_notices(&terminal, &case_id);
    issued(&stage, &terminal, &case_id, "F01", true);
    terminal
        .ask("take_photo", json!({ "case_id": case_id, "step": "1" }))
        .unwrap();
    let sent = || terminal.ask("sync_state", json!({})).unwrap()["entries_at_headquarters"].clone();
    let before = sent();
    let portal = "<!doctype html><title>免费无线网络</title><form>请登录</form>";
    let moved = "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/login\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    for (what, answer, causes) in [
        (
            "portal",
            http("200 OK", "text/html", portal),
            &["not_headquarters"][..],
        ),
        (
            "empty object",
            http("200 OK", "application/json", "{}"),
            &["not_headquarters"],
        ),
        (
            "a head of somebody",
            http(
                "200 OK",
                "application/json",
                r#"{"writer":"x","epoch":0,"next_idx":999999,"head":null}"#,
            ),
            &["not_headquarters"],
        ),
        (
            "a receipt nobody signed",
            http(
                "200 OK",
                "text/plain",
                "sanxiang/receipt/1\nall is here\n\n— hq AAAA\n",
            ),
            &["not_headquarters"],
        ),
        (
            "not found",
            http("404 Not Found", "text/html", portal),
            &["not_headquarters"],
        ),
        (
            "elsewhere",
            moved.as_bytes().to_vec(),
            &["not_headquarters"],
        ),
        (
            "broken",
            http("500 Internal Server Error", "text/html", "oops"),
            &[
                "not_headquarters",
                "server_busy",
                "headquarters_unreachable",
            ],
        ),
        (
            "noise",
            vec![0xff; 4000],
            &["not_headquarters", "headquarters_unreachable"],
        ),
        ("silence", Vec::new(), &["headquarters_unreachable"]),
    ] {
        let impostor = Impostor::at(&stage.address, answer);
        let cause = terminal.sync_until_quiet().unwrap().cause.unwrap();
        assert!(impostor.end() > 0, "{what} was asked");
        assert!(causes.contains(&cause.as_str()), "{what}: {cause}");
        assert_eq!(sent(), before, "{what}");
        let state = terminal.ask("sync_state", json!({})).unwrap();
        assert_eq!(state["cause"], cause.as_str(), "{what}: {state}");
        let case = terminal.ask("case", json!({ "case_id": case_id })).unwrap();
        assert_eq!(case["at_headquarters"], json!(false), "{what}");
    }
    assert_intact(&terminal);
    stage.connect().unwrap();
    assert_eq!(terminal.sync_until_quiet().unwrap().cause, None);
    let case = terminal.ask("case", json!({ "case_id": case_id })).unwrap();
    assert_eq!(case["at_headquarters"], json!(true));
    // Nothing is believed from before the meeting, and work goes on after it.
    present(&terminal).unwrap();
    assert_intact(&terminal);
}
