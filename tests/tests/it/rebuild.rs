//! After any sequence of acts the journal verifies, and the tables rebuilt from it are the live ones.

use std::sync::{Arc, Mutex};

use crate::support::victim::{Chance, close, copy_folder, folder_of};
use crate::support::{self, FORMS, START, assert_intact, jpeg};
use casebook::{Host, OpenOptions, SimulatedHost, Terminal};
use chrono::{DateTime, FixedOffset, TimeDelta};
use contract::{Code, Surface};
use journeys::{Officer, PINS, present, roadside, sign_in_both, test_devices};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};
use tempfile::TempDir;

#[derive(Debug, Clone)]
enum Act {
    SignIn {
        officer: usize,
        is_right: bool,
    },
    Lock,
    /// Whoever is missing signs in, and both show who they are.
    OnDuty,
    Present,
    Open(u8),
    Amend(usize),
    Tell {
        case: usize,
        notice: usize,
    },
    Start {
        case: usize,
        form: usize,
    },
    Fill(usize),
    Scribble {
        draft: usize,
        text: String,
    },
    Sign {
        draft: usize,
        slot: usize,
    },
    RefuseToSign(usize),
    Issue(usize),
    /// Fill, sign by all and issue, so that enough instruments come to be.
    Complete(usize),
    Void {
        instrument: usize,
        has_reason: bool,
    },
    Deliver {
        instrument: usize,
        method: usize,
    },
    Photo {
        case: usize,
        shade: u8,
    },
    NoPhoto(usize),
    AddPrinter(u16),
    RemovePrinter(usize),
    Print {
        instrument: usize,
        printer: usize,
    },
    Spool,
    Cancel(usize),
    Answer(usize),
    Restart,
    Pass(i64),
    TurnClockBack(i64),
}

fn any_act() -> impl Strategy<Value = Act> {
    let some = || 0..4_usize;
    prop_oneof![
        3 => (some(), any::<bool>()).prop_map(|(officer, is_right)| Act::SignIn { officer, is_right }),
        1 => Just(Act::Lock),
        4 => Just(Act::OnDuty),
        3 => Just(Act::Present),
        3 => (0..4_u8).prop_map(Act::Open),
        2 => some().prop_map(Act::Amend),
        5 => (some(), 0..7_usize).prop_map(|(case, notice)| Act::Tell { case, notice }),
        4 => (some(), some()).prop_map(|(case, form)| Act::Start { case, form }),
        3 => some().prop_map(Act::Fill),
        2 => (some(), ".{0,40}").prop_map(|(draft, text)| Act::Scribble { draft, text }),
        3 => (some(), 0..4_usize).prop_map(|(draft, slot)| Act::Sign { draft, slot }),
        1 => some().prop_map(Act::RefuseToSign),
        2 => some().prop_map(Act::Issue),
        9 => some().prop_map(Act::Complete),
        2 => (some(), any::<bool>()).prop_map(|(instrument, has_reason)| Act::Void { instrument, has_reason }),
        3 => (some(), 0..5_usize).prop_map(|(instrument, method)| Act::Deliver { instrument, method }),
        2 => (some(), any::<u8>()).prop_map(|(case, shade)| Act::Photo { case, shade }),
        1 => some().prop_map(Act::NoPhoto),
        1 => (1..4_u16).prop_map(Act::AddPrinter),
        1 => some().prop_map(Act::RemovePrinter),
        3 => (some(), some()).prop_map(|(instrument, printer)| Act::Print { instrument, printer }),
        1 => Just(Act::Spool),
        1 => some().prop_map(Act::Cancel),
        1 => some().prop_map(Act::Answer),
        1 => Just(Act::Restart),
        2 => (1..5_000_i64).prop_map(Act::Pass),
        1 => (1..600_i64).prop_map(Act::TurnClockBack),
    ]
}

/// A terminal and what has come to be on it.
struct Day {
    folder: TempDir,
    clock: Arc<SimulatedHost>,
    terminal: Option<Arc<Terminal>>,
    cases: Vec<String>,
    instruments: Vec<(String, String)>,
    printers: Vec<String>,
    jobs: Vec<String>,
    asked: u32,
    worked: u32,
}

fn pick<T: Clone>(from: &[T], at: usize) -> Option<T> {
    from.get(at % from.len().max(1)).cloned()
}

impl Day {
    fn begin(template: &std::path::Path, start: DateTime<FixedOffset>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy_folder(template, folder.path());
        let clock = Arc::new(SimulatedHost::at(start));
        let mut day = Day {
            folder,
            clock,
            terminal: None,
            cases: Vec::new(),
            instruments: Vec::new(),
            printers: Vec::new(),
            jobs: Vec::new(),
            asked: 0,
            worked: 0,
        };
        day.open();
        sign_in_both(day.terminal()).unwrap();
        present(day.terminal()).unwrap();
        day.act(&Act::Open(0));
        day.act(&Act::Tell { case: 0, notice: 0 });
        day.act(&Act::Tell { case: 0, notice: 5 });
        day.act(&Act::Tell { case: 0, notice: 1 });
        day.act(&Act::Start { case: 0, form: 0 });
        day.act(&Act::Complete(0));
        day
    }

    fn open(&mut self) {
        let options = OpenOptions {
            data_dir: self.folder.path().to_owned(),
            host: Arc::clone(&self.clock) as Arc<dyn Host>,
            devices: test_devices(),
            fonts_dir: paper::Fonts::default_dir(),
        };
        self.terminal = Some(Terminal::open(options).unwrap());
    }

    fn terminal(&self) -> &Terminal {
        self.terminal.as_ref().unwrap()
    }

    /// A "no" is an answer like any other; something that broke is not.
    fn ask(&mut self, command: &str, payload: Value) -> Option<Value> {
        self.asked += 1;
        match self.terminal().ask(command, payload) {
            Ok(answer) => {
                self.worked += 1;
                Some(answer)
            }
            Err(error) => {
                let broke = matches!(
                    error.code,
                    Code::Failure | Code::DatabaseDamaged | Code::DiskFull
                );
                assert!(!broke && error.incident.is_none(), "{command}: {error:?}");
                None
            }
        }
    }

    fn act(&mut self, act: &Act) {
        match act {
            Act::SignIn { officer, is_right } => {
                let (credential_no, pin) = PINS
                    .get(*officer)
                    .copied()
                    .unwrap_or(("77777777", "000000"));
                let pin = if *is_right { pin } else { "000000" };
                self.ask(
                    "sign_in",
                    json!({ "credential_no": credential_no, "pin": pin }),
                );
            }
            Act::Lock => {
                self.ask("lock", json!({}));
            }
            Act::OnDuty => {
                for (credential_no, pin) in &PINS[..2] {
                    self.ask(
                        "sign_in",
                        json!({ "credential_no": credential_no, "pin": pin }),
                    );
                }
                self.act(&Act::Present);
            }
            Act::Present => {
                let how = json!({ "method": "qr", "acknowledgement": "refused", "uniform_worn": false, "place": roadside::place() });
                self.ask("present", how);
            }
            Act::Open(which) => {
                let vehicle = if which % 2 == 0 {
                    roadside::vehicle()
                } else {
                    Value::Null
                };
                let open = json!({ "reason": "daily", "reason_note": "随机", "place": roadside::place(),
                                   "party": roadside::party(), "vehicle": vehicle, "request_id": format!("case {which}") });
                if let Some(case) = self.ask("open_inspection", open) {
                    let case_id = roadside::text(&case, "case_id").unwrap();
                    if !self.cases.contains(&case_id) {
                        self.cases.push(case_id);
                    }
                }
            }
            Act::Amend(case) => {
                let mut party = roadside::party();
                party["address"] = json!("示例市示例区新住址 9 号");
                if let Some(case_id) = pick(&self.cases, *case) {
                    self.ask("amend_case", json!({ "case_id": case_id, "place": null, "party": party, "vehicle": null }));
                }
            }
            Act::Tell { case, notice } => {
                let notice = ["RN-1", "RN-3", "RN-5", "RN-5S", "RN-7", "RN-11", "RN-99"][*notice];
                if let Some(case_id) = pick(&self.cases, *case) {
                    self.ask(
                        "tell_notice",
                        json!({ "case_id": case_id, "notice": notice, "response": "知道了" }),
                    );
                }
            }
            Act::Start { case, form } => self.start(*case, *form),
            Act::Fill(draft) => self.fill(*draft),
            Act::Scribble { draft, text } => {
                if let Some((instrument_id, _)) = pick(&self.instruments, *draft) {
                    let value = json!({ "facts": text, "party": { "name": text }, "items": [text], "fine_fen": text });
                    let revision = self.revision(&instrument_id);
                    self.ask("save_draft", json!({ "instrument_id": instrument_id, "value": value, "revision": revision }));
                }
            }
            Act::Sign { draft, slot } => {
                if let Some((instrument_id, _)) = pick(&self.instruments, *draft) {
                    let (slot, name) = [
                        ("party", "王样二"),
                        ("officer_1", "赵明甲"),
                        ("officer_2", "钱思乙"),
                        ("nobody", "某"),
                    ][*slot];
                    self.sign(&instrument_id, slot, name);
                }
            }
            Act::RefuseToSign(draft) => {
                if let Some((instrument_id, _)) = pick(&self.instruments, *draft) {
                    let refusal =
                        json!({ "reason": "不签", "witness_name": "李见证", "witness_phone": "" });
                    let sign = json!({ "instrument_id": instrument_id, "slot": "party", "name": "王样二", "strokes": [], "refusal": refusal });
                    self.ask("sign_instrument", sign);
                }
            }
            Act::Issue(draft) => {
                if let Some((instrument_id, _)) = pick(&self.instruments, *draft) {
                    self.ask(
                        "issue_instrument",
                        json!({ "instrument_id": instrument_id }),
                    );
                }
            }
            Act::Complete(draft) => {
                self.fill(*draft);
                if let Some((instrument_id, _)) = pick(&self.instruments, *draft) {
                    for (slot, name) in [
                        ("party", "王样二"),
                        ("officer_1", "赵明甲"),
                        ("officer_2", "钱思乙"),
                    ] {
                        self.sign(&instrument_id, slot, name);
                    }
                    self.ask(
                        "issue_instrument",
                        json!({ "instrument_id": instrument_id }),
                    );
                }
            }
            Act::Void {
                instrument,
                has_reason,
            } => {
                if let Some((instrument_id, _)) = pick(&self.instruments, *instrument) {
                    let reason = if *has_reason { "写错" } else { " " };
                    self.ask(
                        "void_instrument",
                        json!({ "instrument_id": instrument_id, "reason": reason }),
                    );
                }
            }
            Act::Deliver { instrument, method } => {
                if let Some((instrument_id, _)) = pick(&self.instruments, *instrument) {
                    let method = ["direct", "left", "mail", "electronic", "pigeon"][*method];
                    let deliver = json!({ "instrument_id": instrument_id, "method": method, "recipient": "王样二", "note": "", "witness_name": null });
                    self.ask("deliver_instrument", deliver);
                }
            }
            Act::Photo { case, shade } => {
                if let Some(case_id) = pick(&self.cases, *case) {
                    let path = format!("upload/photo?case_id={case_id}&step=1&name=1.jpg");
                    let answer = self
                        .terminal()
                        .upload(Surface::Officer, &path, &jpeg(*shade));
                    assert!(
                        answer.is_ok() || self.terminal().ask("badge", json!({})).is_err(),
                        "a photo while on duty"
                    );
                }
            }
            Act::NoPhoto(case) => {
                if let Some(case_id) = pick(&self.cases, *case) {
                    let path = format!("upload/photo?case_id={case_id}&step=1&name=1.jpg");
                    let error = self
                        .terminal()
                        .upload(Surface::Officer, &path, b"GIF89a")
                        .unwrap_err();
                    assert!(error.incident.is_none(), "{error:?}");
                }
            }
            Act::AddPrinter(port) => {
                let add = json!({ "name": format!("打印机 {port}"), "language": "escpos", "address": format!("127.0.0.1:{port}"), "width_dots": 384 });
                // Twice the same address is the one thing a printer may not have.
                if self
                    .terminal()
                    .ask("printers", json!({}))
                    .is_ok_and(|rows| !rows.to_string().contains(&format!("127.0.0.1:{port}\"")))
                    && let Some(rows) = self.ask("add_printer", add)
                {
                    self.printers = rows["printers"]
                        .as_array()
                        .unwrap()
                        .iter()
                        .map(|row| roadside::text(row, "printer_id").unwrap())
                        .collect();
                }
            }
            Act::RemovePrinter(printer) => {
                if let Some(printer_id) = pick(&self.printers, *printer) {
                    self.ask("remove_printer", json!({ "printer_id": printer_id }));
                }
            }
            Act::Print {
                instrument,
                printer,
            } => {
                if let (Some((instrument_id, _)), Some(printer_id)) = (
                    pick(&self.instruments, *instrument),
                    pick(&self.printers, *printer),
                ) {
                    let print = json!({ "instrument_id": instrument_id, "printer_id": printer_id, "copy_name": "当事人" });
                    if let Some(queue) = self.ask("print_instrument", print) {
                        self.jobs = queue["jobs"]
                            .as_array()
                            .unwrap()
                            .iter()
                            .map(|job| roadside::text(job, "job_id").unwrap())
                            .collect();
                    }
                }
            }
            Act::Spool => self.terminal().print_until_quiet(),
            Act::Cancel(job) => {
                if let Some(job_id) = pick(&self.jobs, *job) {
                    self.ask("cancel_print", json!({ "job_id": job_id }));
                }
            }
            Act::Answer(job) => {
                if let Some(job_id) = pick(&self.jobs, *job) {
                    self.ask(
                        "answer_print",
                        json!({ "job_id": job_id, "answer": "complete" }),
                    );
                }
            }
            Act::Restart => {
                close(self.terminal.take().unwrap());
                self.open();
            }
            Act::Pass(minutes) => self.clock.advance(TimeDelta::minutes(*minutes)),
            Act::TurnClockBack(minutes) => self
                .clock
                .set_wall_clock(self.clock.now() - TimeDelta::minutes(*minutes)),
        }
    }

    fn start(&mut self, case: usize, form: usize) {
        let Some(case_id) = pick(&self.cases, case) else {
            return;
        };
        let start = json!({ "case_id": case_id, "form": FORMS[form], "request_id": format!("{case_id} {form}") });
        if let Some(started) = self.ask("start_instrument", start) {
            let started = (
                roadside::text(&started, "instrument_id").unwrap(),
                FORMS[form].to_owned(),
            );
            if !self.instruments.contains(&started) {
                self.instruments.push(started);
            }
        }
    }

    fn revision(&mut self, instrument_id: &str) -> Value {
        let view = self.ask("instrument", json!({ "instrument_id": instrument_id }));
        view.map_or(Value::Null, |view| view["revision"].clone())
            .as_u64()
            .unwrap_or(0)
            .into()
    }

    fn fill(&mut self, draft: usize) {
        let Some((instrument_id, form)) = pick(&self.instruments, draft) else {
            return;
        };
        let Some(view) = self.ask("instrument", json!({ "instrument_id": instrument_id })) else {
            return;
        };
        let now = self.clock.now();
        let text =
            |at: DateTime<FixedOffset>| at.to_rfc3339_opts(chrono::SecondsFormat::Millis, false);
        let mut value = view["value"].clone();
        roadside::merge(
            &mut value,
            &roadside::fields(&form, &text(now), &text(now - TimeDelta::minutes(3))),
        );
        if matches!(form.as_str(), "F10" | "F21") {
            roadside::pick_violation(self.terminal(), "T10-1", &mut value).unwrap();
        }
        self.ask(
            "save_draft",
            json!({ "instrument_id": instrument_id, "value": value, "revision": view["revision"] }),
        );
    }

    fn sign(&mut self, instrument_id: &str, slot: &str, name: &str) {
        let sign = json!({ "instrument_id": instrument_id, "slot": slot, "name": name, "strokes": roadside::strokes(name), "refusal": null });
        self.ask("sign_instrument", sign);
    }

    /// Both sign in once more, so that the journal can be looked at; answers how many instruments it has seen issued.
    fn end(&mut self) -> usize {
        self.clock.advance(TimeDelta::hours(1));
        self.ask("lock", json!({}));
        sign_in_both(self.terminal()).unwrap();
        assert_intact(self.terminal());
        let issued = support::bodies(self.terminal(), "instrument.issued").len();
        close(self.terminal.take().unwrap());
        issued
    }
}

#[test]
fn any_sequence_of_acts_can_be_rebuilt_from_the_journal() {
    let (_folder, mut stage) = support::stage();
    let terminal = stage.terminal("terminal").unwrap();
    stage.cut();
    close(terminal);
    let template = folder_of(&stage, "terminal");
    let start = DateTime::parse_from_rfc3339(START).unwrap() + TimeDelta::minutes(5);

    let mut chance = Chance::new("random acts");
    let seed: Vec<u8> = (0..32)
        .map(|_| u8::try_from(chance.below(256)).unwrap())
        .collect();
    let config = Config {
        cases: 14,
        max_shrink_iters: 60,
        failure_persistence: None,
        ..Config::default()
    };
    let mut runner =
        TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
    let totals = Mutex::new((0, 0, 0));
    let outcome = runner.run(&vec(any_act(), 8..60), |acts| {
        let mut day = Day::begin(&template, start);
        for act in &acts {
            day.act(act);
        }
        let issued = day.end();
        let mut totals = totals.lock().unwrap();
        totals.0 += day.asked;
        totals.1 += day.worked;
        totals.2 += issued;
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
    let (asked, worked, issued) = *totals.lock().unwrap();
    println!("{asked} commands, {worked} of them worked, {issued} instruments were issued");
    assert!(
        worked * 3 > asked && issued > 10,
        "too many refusals to mean anything"
    );
}
