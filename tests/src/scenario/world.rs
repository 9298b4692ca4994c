//! The world of a scenario: plays the steps in simulated time, keeps what was answered, and asks what was expected.

use std::collections::BTreeMap;
use std::time::Instant;

use casebook::{Host, Terminal};
use contract::{BoundaryError, Surface};
use hq::PublicCall;
use hq::console::{ConsoleCall, Cookie};
use serde_json::{Value, json};

use super::acts::{self, Side};
use super::cast;
use super::expect;
use super::found::{Ground, Unit};
use super::journals::EntryNote;
use super::read::{Fields, Scenario, Step, list, text_of};
use super::refer::{self, Known};
use super::report::{Line, Note, Report};
use super::time::{Time, moment, span_of, time_text};
use super::{office, officer};

/// Why an act did not come to its end.
pub enum Stop {
    /// The product said no.
    No {
        command: String,
        error: Box<BoundaryError>,
        findings: Vec<Value>,
    },
    /// The scenario asks for something that is not there.
    Broken(String),
}

impl From<String> for Stop {
    fn from(text: String) -> Self {
        Stop::Broken(text)
    }
}

/// What an act left.
#[derive(Default)]
pub struct Outcome {
    pub answer: Value,
    pub findings: Vec<Value>,
    pub no: Option<(String, BoundaryError)>,
    pub instrument_id: Option<String>,
    pub notes: Vec<String>,
}

impl Outcome {
    pub fn of(answer: Value) -> Self {
        Outcome {
            answer,
            ..Outcome::default()
        }
    }
}

/// An instrument some step made.
#[derive(Debug, Clone)]
pub struct Made {
    pub unit: usize,
    pub case_id: String,
    pub form: String,
    pub instrument_id: String,
}

pub struct World<'a> {
    pub scenario: &'a Scenario,
    pub ground: Ground,
    pub units: Vec<Unit>,
    pub current: usize,
    pub known: Known,
    pub made: Vec<Made>,
    pub disclosed: BTreeMap<String, Value>,
    pub requests: u32,
    pub journals: Vec<Vec<EntryNote>>,
    pub own: Vec<EntryNote>,
    /// Journals that were read since the last act: terminals by their place, headquarters' own behind them.
    pub read: Vec<bool>,
    sessions: BTreeMap<String, String>,
    report: Report,
}

/// Plays everything; whatever breaks becomes a line.
pub fn play(scenario: &Scenario) -> Report {
    let began = Instant::now();
    let mut report = Report {
        title: scenario.title.clone(),
        lines: Vec::new(),
        notes: Vec::new(),
        elapsed_ms: 0,
    };
    let start = moment(&scenario.start, None).unwrap_or_default();
    let broken = |text: String| Line {
        is_ok: false,
        step: None,
        line: 1,
        about: "founding".to_owned(),
        expected: "headquarters and terminals stand".to_owned(),
        found: text,
        entry: String::new(),
    };
    let folder = match tempfile::tempdir() {
        Ok(folder) => folder,
        Err(error) => {
            report.lines.push(broken(error.to_string()));
            return report;
        }
    };
    match World::found(scenario, folder.path(), start) {
        Ok(mut world) => {
            world.all_steps();
            world.end();
            report = world.report;
        }
        Err(failed) => report.lines.push(broken(failed.to_string())),
    }
    report.elapsed_ms = began.elapsed().as_millis();
    report
}

impl<'a> World<'a> {
    fn found(
        scenario: &'a Scenario,
        dir: &std::path::Path,
        start: Time,
    ) -> Result<Self, crate::Failed> {
        let ground = Ground::found(scenario, dir, start)?;
        let mut units = Vec::new();
        let one = Fields::from_iter([("name".to_owned(), json!("终端一"))]);
        let wanted = match scenario.terminals.is_empty() {
            true => vec![one],
            false => scenario.terminals.clone(),
        };
        for (index, row) in wanted.iter().enumerate() {
            let name = row
                .get("name")
                .map_or_else(|| format!("T{}", index + 1), text_of);
            units.push(ground.enrol(&name, is_on(row.get("network")))?);
        }
        let journals = units.iter().map(|_| Vec::new()).collect();
        let read = units.iter().map(|_| false).chain([false]).collect();
        Ok(World {
            scenario,
            ground,
            units,
            current: 0,
            known: Known::new(),
            made: Vec::new(),
            disclosed: BTreeMap::new(),
            requests: 0,
            journals,
            own: Vec::new(),
            read,
            sessions: BTreeMap::new(),
            report: Report {
                title: scenario.title.clone(),
                lines: Vec::new(),
                notes: Vec::new(),
                elapsed_ms: 0,
            },
        })
    }

    pub fn now(&self) -> Time {
        self.ground.clock.now()
    }

    pub fn unit(&self) -> Result<&Unit, Stop> {
        self.units
            .get(self.current)
            .ok_or_else(|| Stop::Broken("there is no terminal".to_owned()))
    }

    pub fn unit_mut(&mut self) -> Result<&mut Unit, Stop> {
        self.units
            .get_mut(self.current)
            .ok_or_else(|| Stop::Broken("there is no terminal".to_owned()))
    }

    pub fn terminal(&self) -> Result<std::sync::Arc<Terminal>, Stop> {
        let unit = self.unit()?;
        unit.terminal
            .clone()
            .ok_or_else(|| Stop::Broken(format!("{} is not open", unit.name)))
    }

    /// A command of the terminal, as its screens send it.
    pub fn ask(&self, command: &str, payload: Value) -> Result<Value, Stop> {
        let called =
            self.terminal()?
                .call(Surface::Officer, command, payload.to_string().as_bytes());
        let bytes = called.map_err(|error| Stop::No {
            command: command.to_owned(),
            error: Box::new(error),
            findings: Vec::new(),
        })?;
        Ok(serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    /// A command of headquarters' console, as one of its users.
    pub fn console(&mut self, user: &str, command: &str, payload: Value) -> Result<Value, Stop> {
        match self.console_once(user, command, &payload) {
            // Sessions end after some hours of simulated time.
            Err(Stop::No { error, .. }) if error.code == contract::Code::Locked => {
                self.sessions.remove(user);
                self.console_once(user, command, &payload)
            }
            other => other,
        }
    }

    fn console_once(&mut self, user: &str, command: &str, payload: &Value) -> Result<Value, Stop> {
        let token = match self.sessions.get(user) {
            Some(token) => token.clone(),
            None => {
                let call = ConsoleCall::new(&self.ground.hq, None, "127.0.0.1");
                let login = json!({ "user": user, "password": format!("example-{user}") });
                routed(&call, "login", &login)?;
                let Some(Cookie::Set(token)) = call.cookie() else {
                    return Err(Stop::Broken(format!(
                        "{user} could not sign in at headquarters"
                    )));
                };
                self.sessions.insert(user.to_owned(), token.clone());
                token
            }
        };
        let call = ConsoleCall::new(&self.ground.hq, Some(token), "127.0.0.1");
        routed(&call, command, payload)
    }

    /// What anyone with a phone asks.
    pub fn public(&self, command: &str, payload: &Value) -> Result<Value, Stop> {
        let call = PublicCall(&self.ground.hq);
        let bytes = hq::contract::public::route(
            &call,
            Surface::Public,
            command,
            payload.to_string().as_bytes(),
        )
        .map_err(|error| said_no(command, error))?;
        Ok(serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    fn all_steps(&mut self) {
        let scenario = self.scenario;
        for (index, step) in scenario.steps.iter().enumerate() {
            self.one_step(index + 1, step);
        }
    }

    fn one_step(&mut self, number: usize, step: &Step) {
        let about = about(step);
        let played = self.play_step(step);
        let (outcome, broken) = match played {
            Ok(outcome) => (outcome, None),
            Err(Stop::No {
                command,
                error,
                findings,
            }) => {
                let mut findings = findings;
                findings.extend(
                    error
                        .findings
                        .iter()
                        .filter_map(|found| serde_json::to_value(found).ok()),
                );
                let outcome = Outcome {
                    no: Some((command, *error)),
                    findings,
                    ..Outcome::default()
                };
                (outcome, None)
            }
            Err(Stop::Broken(text)) => (Outcome::default(), Some(text)),
        };
        for text in &outcome.notes {
            self.report.notes.push(Note {
                step: number,
                text: text.clone(),
            });
        }
        if let Some(text) = broken {
            self.report.lines.push(Line {
                is_ok: false,
                step: Some(number),
                line: step.line,
                about,
                expected: "the step can be played".to_owned(),
                found: text,
                entry: String::new(),
            });
            return;
        }
        if let Some((_, error)) = &outcome.no {
            let error = serde_json::to_value(error).unwrap_or_default();
            self.known.insert("no".to_owned(), error);
        } else {
            self.remember(step, &outcome.answer);
        }
        self.read.fill(false);
        let expect = match refer::resolve(&Value::Object(step.expect.clone()), &self.references()) {
            Ok(Value::Object(expect)) => expect,
            Ok(_) => Fields::new(),
            Err(text) => {
                self.report.lines.push(Line {
                    is_ok: false,
                    step: Some(number),
                    line: step.line,
                    about: about.clone(),
                    expected: "the expectations can be read".to_owned(),
                    found: text,
                    entry: String::new(),
                });
                return;
            }
        };
        for mut line in expect::lines(self, &step.fields, &expect, &outcome) {
            line.step = Some(number);
            line.line = step.line;
            line.about.clone_from(&about);
            self.report.lines.push(line);
        }
    }

    fn remember(&mut self, step: &Step, answer: &Value) {
        self.known.insert("last".to_owned(), answer.clone());
        if let Some(name) = step.fields.get("name").and_then(Value::as_str) {
            self.known.insert(name.to_owned(), answer.clone());
        }
        let form = step.fields.get("form").and_then(Value::as_str);
        if let Some(form) =
            form.filter(|_| matches!(step.act.as_str(), "issue" | "start" | "fill" | "deliver"))
        {
            self.known.insert(form.to_owned(), answer.clone());
        }
        if matches!(step.act.as_str(), "begin" | "open_case") {
            self.known.insert("case".to_owned(), answer.clone());
        }
    }

    /// Earlier answers, and the time.
    pub fn references(&self) -> Known {
        let mut known = self.known.clone();
        known.insert("now".to_owned(), json!(time_text(self.now())));
        known.insert(
            "today".to_owned(),
            json!(self.now().date_naive().to_string()),
        );
        known
    }

    fn play_step(&mut self, step: &Step) -> Result<Outcome, Stop> {
        let spec = acts::spec(&step.act)
            .ok_or_else(|| Stop::Broken(format!("unknown act {}", step.act)))?;
        self.move_clock(step)?;
        if let Some(on) = step.fields.get("on").map(text_of) {
            let index = self.units.iter().position(|unit| unit.name == on);
            let names: Vec<&str> = self.units.iter().map(|unit| unit.name.as_str()).collect();
            self.current = index.ok_or_else(|| {
                Stop::Broken(format!(
                    "no terminal is called {on}; there are {}",
                    names.join(", ")
                ))
            })?;
        }
        let resolved = refer::resolve(&Value::Object(step.fields.clone()), &self.references())?;
        let fields = resolved.as_object().cloned().unwrap_or_default();
        match spec.side {
            Side::Terminal => {
                if self.unit()?.is_behind {
                    self.meet(self.current, false)?;
                }
                self.require_present(step, &fields)?;
                let played = officer::act(self, &step.act, &fields);
                self.unit_mut()?.has_news = true;
                played
            }
            Side::Headquarters => {
                self.push()?;
                let played = office::act(self, &step.act, &fields);
                self.units.iter_mut().for_each(|unit| unit.is_behind = true);
                played
            }
            Side::Outside => self.outside(&step.act, &fields),
        }
    }

    /// An act on a terminal is done by who is signed in there; `by` only says so once more.
    fn require_present(&self, step: &Step, fields: &Fields) -> Result<(), Stop> {
        if step.act == "sign_in" || step.act == "begin" {
            return Ok(());
        }
        for called in fields.get("by").map(list).unwrap_or_default() {
            let is_party = matches!(called.as_str(), "party" | "当事人" | "witness" | "见证人");
            let known = self
                .ground
                .officers
                .iter()
                .find(|officer| cast::is_called(officer, &called));
            match known {
                Some(officer) if self.unit()?.officers.contains(&officer.called) => {}
                Some(_) => {
                    return Err(Stop::Broken(format!(
                        "{called} is not signed in on {}",
                        self.unit()?.name
                    )));
                }
                None if is_party => {}
                None => return Err(Stop::Broken(format!("nobody is called {called}"))),
            }
        }
        Ok(())
    }

    fn move_clock(&mut self, step: &Step) -> Result<(), Stop> {
        let now = self.now();
        let at = match step.fields.get("at").map(text_of) {
            Some(text) => moment(&text, Some(now))
                .ok_or_else(|| Stop::Broken(format!("`at` is no moment: {text}")))?,
            None if matches!(step.act.as_str(), "expect" | "network" | "wait") => now,
            None => now + span_of(&self.scenario.pace).unwrap_or_default(),
        };
        match at < now {
            true => Err(Stop::Broken(format!(
                "time does not go back: it is {}, the step is at {}",
                time_text(now),
                time_text(at)
            ))),
            false => {
                self.ground.clock.advance(at - now);
                Ok(())
            }
        }
    }

    /// Brings what terminals in reach recorded to headquarters.
    pub fn push(&mut self) -> Result<(), Stop> {
        for index in 0..self.units.len() {
            if self.units.get(index).is_some_and(|unit| unit.has_news) {
                self.meet(index, false)?;
            }
        }
        Ok(())
    }

    /// One terminal meets headquarters, if it is in reach.
    pub fn meet(&mut self, index: usize, is_asked: bool) -> Result<Value, Stop> {
        let Some(unit) = self.units.get_mut(index) else {
            return Ok(Value::Null);
        };
        if !unit.is_online() && !is_asked {
            return Ok(Value::Null);
        }
        let Some(terminal) = unit.terminal.clone() else {
            return Ok(Value::Null);
        };
        let summary = terminal
            .sync_until_quiet()
            .map_err(|failure| failure.to_string())?;
        let cause = summary.cause.as_ref().map(ToString::to_string);
        if cause.is_none() {
            unit.has_news = false;
            unit.is_behind = false;
        }
        Ok(json!({
            "cause": cause,
            "requests": summary.requests,
            "media_received": summary.media_received,
        }))
    }

    /// Case a step is about.
    pub fn case_id(&self, fields: &Fields) -> Result<String, Stop> {
        if let Some(case) = fields.get("case").map(text_of) {
            let named = self
                .known
                .get(&case)
                .and_then(|answer| answer.get("case_id"))
                .and_then(Value::as_str);
            return Ok(named.map_or(case, str::to_owned));
        }
        let unit = self.unit()?;
        unit.case_id
            .clone()
            .ok_or_else(|| Stop::Broken(format!("no case is open on {}", unit.name)))
    }

    /// Instrument a step is about: by the name of a step, else the newest of a form in the case.
    pub fn made(&self, fields: &Fields) -> Result<Made, Stop> {
        if let Some(name) = fields.get("instrument").map(text_of) {
            let named = self
                .known
                .get(&name)
                .and_then(|answer| answer.get("instrument_id"))
                .and_then(Value::as_str);
            let id = named.map_or(name.clone(), str::to_owned);
            return self
                .made
                .iter()
                .find(|made| made.instrument_id == id)
                .cloned()
                .ok_or_else(|| Stop::Broken(format!("no instrument is called {name}")));
        }
        let case_id = self.case_id(fields)?;
        let Some(form) = fields.get("form").map(text_of) else {
            let mut made = self.made.iter().rev();
            return made
                .find(|made| made.case_id == case_id)
                .cloned()
                .ok_or_else(|| Stop::Broken("the case has no instrument yet".to_owned()));
        };
        self.newest(&form, &case_id)
            .ok_or_else(|| Stop::Broken(format!("no {form} was started in this case")))
    }

    pub fn newest(&self, form: &str, case_id: &str) -> Option<Made> {
        let of_case = |made: &&Made| made.form == form && made.case_id == case_id;
        self.made.iter().rev().find(of_case).cloned()
    }

    fn end(&mut self) {
        let _ = self.push();
        self.read.fill(false);
        let expect = refer::resolve(
            &Value::Object(self.scenario.expect.clone()),
            &self.references(),
        );
        let mut expect = match expect {
            Ok(Value::Object(expect)) => expect,
            _ => Fields::new(),
        };
        expect.entry("journal".to_owned()).or_insert(json!("sound"));
        expect
            .entry("numbers".to_owned())
            .or_insert(json!("unique"));
        for mut line in expect::lines(self, &Fields::new(), &expect, &Outcome::default()) {
            line.about = "end".to_owned();
            line.line = 1;
            self.report.lines.push(line);
        }
        for unit in &mut self.units {
            if let Some(terminal) = unit.terminal.take() {
                terminal.shut_down();
            }
        }
    }
}

fn routed(call: &ConsoleCall<'_>, command: &str, payload: &Value) -> Result<Value, Stop> {
    let bytes = hq::contract::console::route(
        call,
        Surface::Console,
        command,
        payload.to_string().as_bytes(),
    )
    .map_err(|error| said_no(command, error))?;
    Ok(serde_json::from_slice(&bytes).unwrap_or(Value::Null))
}

pub fn said_no(command: &str, error: BoundaryError) -> Stop {
    Stop::No {
        command: command.to_owned(),
        error: Box::new(error),
        findings: Vec::new(),
    }
}

fn about(step: &Step) -> String {
    let of = ["form", "instrument", "notice", "flag", "command"]
        .iter()
        .find_map(|key| step.fields.get(*key).map(text_of));
    match of {
        Some(of) => format!("{} {of}", step.act),
        None => step.act.clone(),
    }
}

pub fn is_on(value: Option<&Value>) -> bool {
    match value {
        None => true,
        Some(Value::Bool(flag)) => *flag,
        Some(other) => matches!(text_of(other).as_str(), "on" | "yes" | "true"),
    }
}
