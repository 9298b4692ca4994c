//! Plays a whole roadside inspection through the command layer, in simulated time, and leaves what came of it in `out/`.

// Reading JSON by key answers null where there is nothing; it never panics.
#![allow(clippy::indexing_slicing)]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use casebook::{DeviceSetup, Terminal};
use contract::{Code, Surface};
use devices::testing::SlipPrinter;
use journeys::{Failed, Officer, Stage, present, roadside, said_no, sign_in_both};
use serde_json::{Value, json};

fn main() -> std::process::ExitCode {
    let out = std::env::args_os()
        .nth(1)
        .map_or_else(|| PathBuf::from("out"), PathBuf::from);
    match play(&out) {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(failed) => {
            eprintln!("demo: {failed}");
            std::process::ExitCode::FAILURE
        }
    }
}

/// One line for each thing that happened or was left behind.
fn tell(what: &str, detail: impl std::fmt::Display) {
    println!("{what:　<10}{detail}");
}

struct Out<'a>(&'a Path);

impl Out<'_> {
    fn keep(&self, name: &str, bytes: &[u8], what: &str) -> Result<(), Failed> {
        let path = self.0.join(name);
        std::fs::write(&path, bytes)?;
        tell(
            what,
            format_args!("{}  {} 字节", path.display(), bytes.len()),
        );
        Ok(())
    }
}

fn play(folder: &Path) -> Result<(), Failed> {
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    std::fs::create_dir_all(folder)?;
    let out = Out(folder);
    let data = folder.join("data");
    let mut stage = Stage::found(&data, "2026-09-22T09:20:00+08:00")?;
    let devices = DeviceSetup {
        paced: false,
        width: 640,
        height: 360,
        bitrate_bps: 1_000_000,
        limit: Some(Duration::from_secs(20)),
        ..DeviceSetup::test_sources()
    };
    let terminal = stage.terminal_with("terminal", devices)?;
    let played = act(&out, &mut stage, &terminal);
    // Whatever happened: a running recording is closed before the process ends.
    terminal.shut_down();
    stage.cut();
    played
}

fn act(out: &Out<'_>, stage: &mut Stage, terminal: &Arc<Terminal>) -> Result<(), Failed> {
    tell("接入", format_args!("终端已接入总部 {}", stage.url()));
    stage.cut();
    tell("断网", "以下全部离线完成");

    refuse_expired(terminal)?;
    sign_in_both(terminal)?;
    tell("登录", "赵明甲、钱思乙");
    present(terminal)?;
    badge(terminal, out)?;

    stage.pass(10);
    let case_id = roadside::open(terminal, "demo")?;
    tell("检查", format_args!("案件 {case_id}"));
    let recording = record(terminal, &case_id)?;
    let photo = terminal
        .ask("take_photo", json!({ "case_id": case_id, "step": "测量" }))
        .map_err(said_no("take_photo"))?;
    roadside::tell(terminal, &case_id, "RN-1", "不申请回避")?;
    roadside::tell(terminal, &case_id, "RN-11", "知道了")?;
    let issued = four_instruments(stage, terminal, &case_id)?;
    wait_for_end(terminal)?;

    for (form, instrument_id, _) in &issued {
        let read = |name: &str| {
            let path = format!("stream/instrument/{instrument_id}/{name}");
            terminal
                .stream(Surface::Officer, &path, None)
                .map_err(said_no(name))
        };
        out.keep(&format!("{form}.pdf"), &read("pdf")?.bytes, "文书")?;
        out.keep(
            &format!("{form}-ticket.png"),
            &read("ticket.png")?.bytes,
            "小票",
        )?;
    }
    print_ticket(terminal, out, &issued)?;
    keep_media(terminal, out, &recording, "recording.mp4", "录像")?;
    keep_media(
        terminal,
        out,
        &roadside::text(&photo, "evidence_id")?,
        "photo.jpg",
        "照片",
    )?;
    clocks(terminal, &case_id)?;

    stage.pass(60);
    stage.connect()?;
    let summary = terminal.sync_until_quiet()?;
    if let Some(cause) = summary.cause {
        return Err(format!("sync ended with {cause}").into());
    }
    let case = terminal
        .ask("case", json!({ "case_id": case_id }))
        .map_err(said_no("case"))?;
    tell(
        "联网",
        format_args!(
            "{} 次请求，{} 份文件有回执，本案已到总部：{}",
            summary.requests, summary.media_received, case["at_headquarters"]
        ),
    );
    journal(terminal, out)?;
    Ok(())
}

/// The certificate of the third officer ran out; the door says so with the article.
fn refuse_expired(terminal: &Terminal) -> Result<(), Failed> {
    match terminal.ask(
        "sign_in",
        json!({ "credential_no": "99010003", "pin": "112358" }),
    ) {
        Err(error) if error.code == Code::CredentialExpired => {
            let basis: Vec<_> = error
                .basis
                .iter()
                .map(|at| format!("{} 第{}条", at.law, at.article))
                .collect();
            tell(
                "拒绝",
                format_args!("证件 99010003 已过期（{}）", basis.join("、")),
            );
            Ok(())
        }
        other => Err(format!("an expired certificate was not refused: {other:?}").into()),
    }
}

fn badge(terminal: &Terminal, out: &Out<'_>) -> Result<(), Failed> {
    let badge = terminal.ask("badge", json!({})).map_err(said_no("badge"))?;
    out.keep(
        "badge-qr.svg",
        roadside::text(&badge, "qr_svg")?.as_bytes(),
        "亮证",
    )?;
    tell("亮证码", roadside::text(&badge, "url")?);
    Ok(())
}

fn record(terminal: &Terminal, case_id: &str) -> Result<String, Failed> {
    let state = terminal
        .ask(
            "start_recording",
            json!({ "case_id": case_id, "kind": "video", "step": "现场检查" }),
        )
        .map_err(said_no("start_recording"))?;
    roadside::text(&state["running"], "evidence_id")
}

/// The test sources run to their limit at the machine's own speed.
fn wait_for_end(terminal: &Terminal) -> Result<(), Failed> {
    for _ in 0..600 {
        let state = terminal
            .ask("recording", json!({}))
            .map_err(said_no("recording"))?;
        if state["running"].is_null() {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Err("the recording did not end".into())
}

type Issued = Vec<(String, String, Option<String>)>;

fn four_instruments(
    stage: &Stage,
    terminal: &Arc<Terminal>,
    case_id: &str,
) -> Result<Issued, Failed> {
    let mut issued = Vec::new();
    for form in ["F01", "F02", "F10", "F21"] {
        let earlier = now(terminal)?;
        stage.pass(4);
        if form == "F21" {
            roadside::tell(terminal, case_id, "RN-3", "没有意见")?;
        }
        let (instrument_id, saved) = roadside::fill(
            terminal,
            case_id,
            form,
            &roadside::fields(form, &now(terminal)?, &earlier),
        )?;
        let mut blocking = saved["findings"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|found| found["severity"] == "block");
        if let Some(found) = blocking.next() {
            return Err(format!("{form}: {found}").into());
        }
        // The party signs everything but the penalty.
        let number = roadside::sign_and_issue(terminal, &instrument_id, form != "F21")?;
        if matches!(form, "F10" | "F21") {
            roadside::deliver(terminal, &instrument_id)?;
        }
        tell(
            "制发",
            format_args!("{form} {}", number.as_deref().unwrap_or("（无文号）")),
        );
        issued.push((form.to_owned(), instrument_id, number));
    }
    Ok(issued)
}

fn now(terminal: &Terminal) -> Result<String, Failed> {
    let state = terminal
        .ask("start_state", json!({}))
        .map_err(said_no("start_state"))?;
    roadside::text(&state, "now")
}

/// Prints the penalty decision on a ticket printer that really speaks ESC/POS over TCP.
fn print_ticket(terminal: &Terminal, out: &Out<'_>, issued: &Issued) -> Result<(), Failed> {
    let printer = SlipPrinter::start()?;
    let address = printer.host();
    let printers = terminal
        .ask("add_printer", json!({ "name": "小票打印机", "language": "escpos", "address": address, "width_dots": 576 }))
        .map_err(said_no("add_printer"))?;
    let Some((_, instrument_id, _)) = issued.last() else {
        return Err("nothing was issued".into());
    };
    terminal
        .ask(
            "print_instrument",
            json!({ "instrument_id": instrument_id, "printer_id": printers["printers"][0]["printer_id"], "copy_name": "当事人" }),
        )
        .map_err(said_no("print_instrument"))?;
    terminal.print_until_quiet();
    let queue = terminal
        .ask("print_queue", json!({}))
        .map_err(said_no("print_queue"))?;
    let state = &queue["jobs"][0]["state"];
    if state != "confirmed" {
        return Err(format!("the ticket is {state}: {queue}").into());
    }
    let tickets = printer.tickets();
    let ticket = tickets.first().ok_or("the printer has no ticket")?;
    let bitmap = paper::Bitmap {
        width: ticket.width,
        height: ticket.height,
        rows: ticket.rows.clone(),
    };
    out.keep("F21-printed.png", &bitmap.to_png(), "打印确认")
}

fn keep_media(
    terminal: &Terminal,
    out: &Out<'_>,
    evidence_id: &str,
    name: &str,
    what: &str,
) -> Result<(), Failed> {
    let stream = terminal
        .stream(
            Surface::Officer,
            &format!("stream/evidence/{evidence_id}"),
            None,
        )
        .map_err(said_no("evidence"))?;
    out.keep(name, &stream.bytes, what)
}

fn clocks(terminal: &Terminal, case_id: &str) -> Result<(), Failed> {
    let case = terminal
        .ask("case", json!({ "case_id": case_id }))
        .map_err(said_no("case"))?;
    for clock in case["clocks"].as_array().into_iter().flatten() {
        tell(
            "期限",
            format_args!(
                "{} {}",
                clock["due_on"].as_str().unwrap_or(""),
                clock["text"].as_str().unwrap_or("")
            ),
        );
    }
    Ok(())
}

fn journal(terminal: &Terminal, out: &Out<'_>) -> Result<(), Failed> {
    out.keep("journal.sanxiang", &terminal.export_journal()?, "日志")?;
    let report = terminal
        .ask("verify_journal", json!({}))
        .map_err(said_no("verify_journal"))?;
    if report["is_intact"] != Value::Bool(true) || report["projections_equal"] != Value::Bool(true)
    {
        return Err(format!("the journal does not verify: {report}").into());
    }
    tell(
        "核验",
        format_args!("{} 条记录逐条验签通过，重建与现表一致", report["entries"]),
    );
    Ok(())
}
