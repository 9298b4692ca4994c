//! Asking what was expected: each expectation becomes a line with the entry that shows it.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use contract::BoundaryError;
use paper::{Fonts, Layout, Sheet, Stamp, StampKind};
use serde_json::{Value, json};

use super::cast;
use super::filling;
use super::found::pack_dir;
use super::office::disclosure_of;
use super::read::{Fields, list, text_of};
use super::refer::{at, short};
use super::report::Line;
use super::world::{EntryNote, Made, Outcome, Stop, World, moment, time_text};

/// Read once for all papers.
static FONTS: OnceLock<Result<Fonts, String>> = OnceLock::new();

const FINDING: &[&str] = &["rule", "field", "severity", "basis", "text"];
const PAPER: &[&str] = &["form", "instrument", "contains", "lacks", "rights"];

/// Every word of `expect`, with the keys of its tables (none where it is no table).
pub const EXPECTATIONS: &[(&str, &[&str])] = &[
    ("refused", &[]),
    ("basis", &[]),
    ("text", &[]),
    ("hint", &[]),
    ("findings", FINDING),
    ("no_findings", FINDING),
    ("number", &[]),
    (
        "clocks",
        &[
            "name",
            "due",
            "due_at",
            "safe_due",
            "done",
            "provisional",
            "basis",
            "form",
            "at",
        ],
    ),
    ("no_clocks", &[]),
    ("values", &[]),
    ("no_values", &[]),
    ("paper", PAPER),
    ("ticket", PAPER),
    ("derived", &[]),
    ("state", &[]),
    (
        "queue",
        &[
            "by", "task", "form", "stage", "due", "number", "urgency", "party",
        ],
    ),
    ("no_queue", &["by", "task", "form", "stage", "number"]),
    (
        "public",
        &[
            "form",
            "instrument",
            "state",
            "contains",
            "lacks",
            "party",
            "reason",
            "hash_kept",
        ],
    ),
    ("answer", &[]),
    ("entries", &[]),
    ("journal", &[]),
    ("numbers", &[]),
    ("evidence", &[]),
    ("no_command", &[]),
    ("headquarters", &[]),
    ("can_start", &[]),
    ("cannot_start", &[]),
];

pub fn keys_of(expectation: &str) -> &'static [&'static str] {
    EXPECTATIONS
        .iter()
        .find(|(name, _)| *name == expectation)
        .map_or(&[], |(_, keys)| keys)
}

/// Rules that the product enforces whatever the pack says, by the code of their refusal.
const RULES: [(&str, &str); 10] = [
    ("credential_expired", "R-P2"),
    ("credential_not_yet_valid", "R-P2"),
    ("credential_suspended", "R-P2"),
    ("credential_unknown", "R-P2"),
    ("not_an_officer", "R-P4"),
    ("two_officers_needed", "R-P1"),
    ("not_presented", "R-P3"),
    ("summary_procedure_not_available", "R-S1"),
    ("notice_not_told", "R-S2"),
    ("rectification_missing", "R-S10"),
];

/// `*` stands for anything.
fn fits(pattern: &str, text: &str) -> bool {
    let parts: Vec<&str> = pattern.split('*').collect();
    let (Some(first), Some(last)) = (parts.first(), parts.last()) else {
        return false;
    };
    if parts.len() == 1 {
        return pattern == text;
    }
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    for part in parts.get(1..parts.len() - 1).unwrap_or_default() {
        match rest.find(part) {
            Some(found) => rest = rest.get(found + part.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    rest.ends_with(last)
}

fn is_same(expected: &Value, found: &Value) -> bool {
    match (expected, found) {
        (Value::String(pattern), found) => fits(pattern, &text_of(found)),
        (Value::Array(expected), Value::Array(found)) => {
            expected.len() == found.len()
                && expected
                    .iter()
                    .zip(found)
                    .all(|(expected, found)| is_same(expected, found))
        }
        (Value::Number(expected), Value::Number(found)) => expected.as_f64() == found.as_f64(),
        (Value::Object(expected), found) => expected
            .iter()
            .all(|(key, expected)| found.get(key).is_some_and(|found| is_same(expected, found))),
        (expected, found) => expected == found,
    }
}

struct Asking<'w, 'a, 's> {
    world: &'w mut World<'a>,
    fields: &'s Fields,
    outcome: &'s Outcome,
    lines: Vec<Line>,
}

pub fn lines(
    world: &mut World<'_>,
    fields: &Fields,
    expect: &Fields,
    outcome: &Outcome,
) -> Vec<Line> {
    let mut asking = Asking {
        world,
        fields,
        outcome,
        lines: Vec::new(),
    };
    asking.refusal(expect);
    for (key, value) in expect {
        if let Err(stop) = asking.one(key, value) {
            let found = match stop {
                Stop::No { command, error, .. } => format!("{command} said no: {}", said(&error)),
                Stop::Broken(text) => text,
            };
            asking.say(false, format!("{key} {}", short(value)), found, None);
        }
    }
    asking.lines
}

/// A "no" in one line.
pub fn said(error: &BoundaryError) -> String {
    let code = serde_json::to_value(error.code)
        .map(|code| text_of(&code))
        .unwrap_or_default();
    let mut parts = vec![code];
    for key in ["rule", "reason", "text", "notice", "slot"] {
        if let Some(text) = error.args.get(key) {
            parts.push(text_of(text));
        }
    }
    for finding in &error.findings {
        parts.push(format!(
            "{} [{}] {}",
            finding.field, finding.rule, finding.text
        ));
    }
    let basis: Vec<String> = error
        .basis
        .iter()
        .map(|at| format!("{} {}", at.law, at.article))
        .collect();
    if !basis.is_empty() {
        parts.push(format!("({})", basis.join(", ")));
    }
    parts.join(" · ")
}

/// Every name a refusal goes by: its code, the rule it stands for, the rules of its findings.
fn names_of(error: &BoundaryError) -> Vec<String> {
    let code = serde_json::to_value(error.code)
        .map(|code| text_of(&code))
        .unwrap_or_default();
    let mut names: Vec<String> = RULES
        .iter()
        .filter(|(known, _)| *known == code)
        .map(|(_, rule)| (*rule).to_owned())
        .collect();
    names.push(code);
    for key in ["rule", "reason"] {
        names.extend(error.args.get(key).map(text_of));
    }
    names.extend(
        error
            .findings
            .iter()
            .filter(|found| found.severity == law::Severity::Block)
            .map(|found| found.rule.clone()),
    );
    names
}

fn cited(basis: &[law::Citation]) -> Vec<String> {
    basis
        .iter()
        .map(|at| format!("{} {}", at.law, at.article))
        .collect()
}

/// `行政处罚法 63` is cited by 63, 63(1) and 63(1)(2).
fn cites(basis: &[String], wanted: &str) -> bool {
    basis
        .iter()
        .any(|at| at == wanted || at.starts_with(&format!("{wanted}(")))
}

impl Asking<'_, '_, '_> {
    fn say(&mut self, is_ok: bool, expected: String, found: String, entry: Option<EntryNote>) {
        self.lines.push(Line {
            is_ok,
            step: None,
            line: 0,
            about: String::new(),
            expected,
            found,
            entry: entry.map(|entry| entry.shown()).unwrap_or_default(),
        });
    }

    /// Newest entry that fits, of the terminal at hand, else of headquarters.
    fn entry(&mut self, is_it: impl Fn(&EntryNote) -> bool) -> Option<EntryNote> {
        let current = self.world.current;
        let found = self
            .world
            .journal(current)
            .iter()
            .rev()
            .find(|entry| is_it(entry))
            .cloned();
        found.or_else(|| self.own_entry(is_it))
    }

    fn own_entry(&mut self, is_it: impl Fn(&EntryNote) -> bool) -> Option<EntryNote> {
        self.world
            .own()
            .iter()
            .rev()
            .find(|entry| is_it(entry))
            .cloned()
    }

    fn entry_of_kind(&mut self, kinds: &[&str]) -> Option<EntryNote> {
        self.entry(|entry| kinds.contains(&entry.kind.as_str()))
    }

    /// Whether the act was done, when nobody said it would be refused.
    fn refusal(&mut self, expect: &Fields) {
        let wanted = expect.get("refused").map(list).unwrap_or_default();
        let outcome = self.outcome;
        match (&outcome.no, wanted.is_empty()) {
            (None, true) => {}
            (None, false) => self.say(
                false,
                format!("refused {}", wanted.join(" or ")),
                "it was done".to_owned(),
                None,
            ),
            (Some((command, error)), true) => {
                let entry = self.entry_of_kind(&["act.refused", "credential.refused"]);
                self.say(
                    false,
                    "the act is done".to_owned(),
                    format!("{command} said no: {}", said(error)),
                    entry,
                );
            }
            (Some((_, error)), false) => {
                let names = names_of(error);
                let is_ok = wanted.iter().any(|wanted| names.contains(wanted));
                let entry = match error.code {
                    contract::Code::FindingsOpen => self.entry_of_kind(&["instrument.drafted"]),
                    _ => self.entry_of_kind(&["act.refused", "credential.refused"]),
                };
                let found = said(error);
                let shown = match is_ok {
                    true => format!("refused {} – {found}", wanted.join(" or ")),
                    false => format!("refused {}", wanted.join(" or ")),
                };
                self.say(is_ok, shown, found, entry);
            }
        }
    }

    fn made(&self, row: &Value) -> Result<Made, Stop> {
        let mut fields = self.fields.clone();
        for key in ["form", "instrument"] {
            if let Some(value) = row.get(key) {
                fields.remove("instrument");
                fields.insert(key.to_owned(), value.clone());
            }
        }
        if let (Some(id), true) = (
            &self.outcome.instrument_id,
            row.get("form").is_none() && row.get("instrument").is_none(),
        ) && let Some(made) = self
            .world
            .made
            .iter()
            .find(|made| &made.instrument_id == id)
        {
            return Ok(made.clone());
        }
        self.world.made(&fields)
    }

    fn view(&self, made: &Made) -> Result<Value, Stop> {
        self.world
            .ask("instrument", json!({ "instrument_id": made.instrument_id }))
    }

    fn of_instrument(&mut self, made: &Made) -> Option<EntryNote> {
        let id = made.instrument_id.clone();
        let kinds = [
            "instrument.issued",
            "instrument.drafted",
            "instrument.started",
        ];
        for kind in kinds {
            let found = self
                .entry(|entry| entry.kind == kind && entry.body["instrument_id"] == id.as_str());
            if found.is_some() {
                return found;
            }
        }
        None
    }

    fn case(&self) -> Result<Value, Stop> {
        let case_id = self.world.case_id(self.fields)?;
        self.world.ask("case", json!({ "case_id": case_id }))
    }

    fn one(&mut self, key: &str, value: &Value) -> Result<(), Stop> {
        let rows: Vec<Value> = match value {
            Value::Array(rows) => rows.clone(),
            one => vec![one.clone()],
        };
        match key {
            "refused" => Ok(()),
            "basis" => self.basis(&list(value)),
            "text" | "hint" => self.wording(key, &list(value)),
            "findings" => self.findings(&rows),
            "no_findings" => self.no_findings(&rows),
            "number" => self.number(&text_of(value)),
            "clocks" => rows.iter().try_for_each(|row| self.clock(row)),
            "no_clocks" => self.no_clocks(&list(value)),
            "values" => self.values(value),
            "no_values" => self.no_values(&list(value)),
            "paper" | "ticket" => rows.iter().try_for_each(|row| self.paper(key, row)),
            "derived" => self.derived(value),
            "state" => self.state(&text_of(value)),
            "queue" => rows.iter().try_for_each(|row| self.queue(row, true)),
            "no_queue" => rows.iter().try_for_each(|row| self.queue(row, false)),
            "public" => rows.iter().try_for_each(|row| self.public(row)),
            "answer" => self.answer(value),
            "entries" => self.entries(value),
            "journal" => self.journal(&text_of(value)),
            "numbers" => self.numbers(),
            "evidence" => self.evidence(&text_of(value)),
            "no_command" => self.no_command(&list(value)),
            "headquarters" => self.headquarters(&text_of(value)),
            "can_start" => self.can_start(&list(value), true),
            "cannot_start" => self.can_start(&list(value), false),
            other => Err(Stop::Broken(format!("nobody asks for `{other}`"))),
        }
    }

    fn basis(&mut self, wanted: &[String]) -> Result<(), Stop> {
        let mut basis = Vec::new();
        if let Some((_, error)) = &self.outcome.no {
            basis.extend(cited(&error.basis));
            basis.extend(error.findings.iter().flat_map(|found| cited(&found.basis)));
        }
        basis.extend(self.outcome.findings.iter().flat_map(basis_of));
        let entry =
            self.entry_of_kind(&["act.refused", "credential.refused", "instrument.drafted"]);
        for article in wanted {
            let found = format!("cited: {}", basis.join(", "));
            self.say(
                cites(&basis, article),
                format!("cites {article}"),
                found,
                entry.clone(),
            );
        }
        Ok(())
    }

    fn wording(&mut self, key: &str, wanted: &[String]) -> Result<(), Stop> {
        let mut words = String::new();
        if let Some((_, error)) = &self.outcome.no {
            words.push_str(&error.args.get(key).map(text_of).unwrap_or_default());
            error.findings.iter().for_each(|found| {
                words.push_str(if key == "hint" {
                    &found.hint
                } else {
                    &found.text
                })
            });
        }
        for finding in &self.outcome.findings {
            words.push_str(finding[key].as_str().unwrap_or_default());
        }
        let entry = self.entry_of_kind(&["act.refused", "instrument.drafted"]);
        for part in wanted {
            self.say(
                words.contains(part),
                format!("{key} says {part}"),
                words.clone(),
                entry.clone(),
            );
        }
        Ok(())
    }

    fn all_findings(&self) -> Vec<Value> {
        let mut all = self.outcome.findings.clone();
        if let Some((_, error)) = &self.outcome.no {
            all.extend(
                error
                    .findings
                    .iter()
                    .filter_map(|found| serde_json::to_value(found).ok()),
            );
        }
        all
    }

    fn findings(&mut self, rows: &[Value]) -> Result<(), Stop> {
        let all = self.all_findings();
        let entry = self.entry_of_kind(&["instrument.drafted", "case.checked", "act.refused"]);
        for row in rows {
            let hit = all.iter().any(|found| is_finding(row, found));
            self.say(
                hit,
                format!("finding {}", wanted_finding(row)),
                shown_findings(&all),
                entry.clone(),
            );
        }
        Ok(())
    }

    fn no_findings(&mut self, rows: &[Value]) -> Result<(), Stop> {
        let all = self.all_findings();
        let entry = self.entry_of_kind(&["instrument.drafted", "case.checked"]);
        for row in rows {
            let hits: Vec<Value> = all
                .iter()
                .filter(|found| match row {
                    Value::Bool(_) => matches!(found["severity"].as_str(), Some("block" | "red")),
                    row => is_finding(row, found),
                })
                .cloned()
                .collect();
            let what = match row {
                Value::Bool(_) => "blocking".to_owned(),
                row => wanted_finding(row),
            };
            self.say(
                hits.is_empty(),
                format!("no finding {what}"),
                shown_findings(&hits),
                entry.clone(),
            );
        }
        Ok(())
    }

    fn number(&mut self, pattern: &str) -> Result<(), Stop> {
        let made = self.made(&Value::Null)?;
        let view = self.view(&made)?;
        let entry = self.of_instrument(&made);
        let found = text_of(&view["number"]);
        let is_ok = match pattern {
            "none" => view["number"].is_null(),
            pattern => fits(pattern, &found),
        };
        self.say(is_ok, format!("number {pattern}"), found, entry);
        Ok(())
    }

    /// Clocks as the terminal shows them, then those that only headquarters knows.
    fn all_clocks(&mut self, from: &str) -> Result<Vec<Value>, Stop> {
        let case_id = self.world.case_id(self.fields)?;
        let mut clocks = Vec::new();
        if from != "headquarters"
            && let Ok(case) = self.world.ask("case", json!({ "case_id": case_id }))
        {
            clocks.extend(case["clocks"].as_array().cloned().unwrap_or_default());
        }
        if from != "terminal" {
            self.world.push()?;
            if let Ok(answer) =
                self.world
                    .console("supervisor", "clocks", json!({ "case_id": case_id }))
            {
                clocks.extend(answer["clocks"].as_array().cloned().unwrap_or_default());
            }
        }
        Ok(clocks)
    }

    fn clock(&mut self, row: &Value) -> Result<(), Stop> {
        let name = row.get("name").map(text_of).unwrap_or_default();
        let from = row.get("at").map(text_of).unwrap_or_default();
        let mut clocks = self.all_clocks(&from)?;
        clocks.retain(|clock| clock["name"] == name.as_str());
        if row.get("form").is_some() {
            let made = self.made(row)?;
            clocks.retain(|clock| clock["instrument_id"] == made.instrument_id.as_str());
        }
        let now = self.world.now();
        let wanted = |clock: &Value| {
            let at_due = row
                .get("due_at")
                .map(text_of)
                .and_then(|text| moment(&text, Some(now)));
            row.get("due").is_none_or(|due| clock["due_on"] == *due)
                && at_due.is_none_or(|at| clock["due_at"] == time_text(at).as_str())
                && row
                    .get("safe_due")
                    .is_none_or(|due| clock["safe_due"] == *due)
                && row.get("done").is_none_or(|done| clock["is_done"] == *done)
                && row
                    .get("provisional")
                    .is_none_or(|flag| clock["is_provisional"] == *flag)
                && row
                    .get("basis")
                    .map(list)
                    .unwrap_or_default()
                    .iter()
                    .all(|at| cites(&basis_of(clock), at))
        };
        let is_ok = clocks.iter().any(wanted);
        let shown: Vec<String> = clocks
            .iter()
            .map(|clock| {
                let of = |key: &str| text_of(&clock[key]);
                format!(
                    "due {} at {} safe {} done {} ({})",
                    of("due_on"),
                    of("due_at"),
                    of("safe_due"),
                    of("is_done"),
                    basis_of(clock).join(", ")
                )
            })
            .collect();
        let id = clocks
            .first()
            .map(|clock| clock["instrument_id"].clone())
            .unwrap_or_default();
        let starts = |entry: &EntryNote| {
            let is_named = |clock: &Value| clock["name"] == name.as_str();
            entry.body["clocks"]
                .as_array()
                .is_some_and(|clocks| clocks.iter().any(is_named))
                && (id.is_null() || entry.body["instrument_id"] == id)
        };
        let entry = self.entry(starts);
        let found = match shown.is_empty() {
            true => "no such clock".to_owned(),
            false => shown.join(" | "),
        };
        let mut expected = format!("clock {name}");
        for (key, value) in row.as_object().into_iter().flatten() {
            if key != "name" {
                expected.push_str(&format!(" {key} {}", text_of(value)));
            }
        }
        self.say(is_ok, expected, found, entry);
        Ok(())
    }

    fn no_clocks(&mut self, names: &[String]) -> Result<(), Stop> {
        let clocks = self.all_clocks("")?;
        for name in names {
            let hit = clocks.iter().find(|clock| clock["name"] == name.as_str());
            self.say(
                hit.is_none(),
                format!("no clock {name}"),
                hit.map(short).unwrap_or_default(),
                None,
            );
        }
        Ok(())
    }

    fn values(&mut self, wanted: &Value) -> Result<(), Stop> {
        let made = self.made(&Value::Null)?;
        let value = self.view(&made)?["value"].clone();
        let entry = self.of_instrument(&made);
        let now = self.world.now();
        for (path, expected) in paths(wanted) {
            let (path, expected) = match path.strip_suffix("_yuan") {
                Some(stem) => (
                    format!("{stem}_fen"),
                    filling::fen(&expected).map_or(expected, |fen| json!(fen)),
                ),
                None => (path, expected),
            };
            let found = at(&value, &path).cloned().unwrap_or(Value::Null);
            let as_moment = expected
                .as_str()
                .filter(|_| path.ends_with("_at"))
                .and_then(|text| moment(text, Some(now)));
            let is_ok = is_same(&expected, &found)
                || as_moment.is_some_and(|at| found == time_text(at).as_str());
            self.say(
                is_ok,
                format!("{path} is {}", text_of(&expected)),
                short(&found),
                entry.clone(),
            );
        }
        Ok(())
    }

    fn no_values(&mut self, names: &[String]) -> Result<(), Stop> {
        let made = self.made(&Value::Null)?;
        let value = self.view(&made)?["value"].clone();
        let entry = self.of_instrument(&made);
        for path in names {
            let found = at(&value, path)
                .filter(|found| !matches!(found, Value::Null) && **found != json!(""));
            self.say(
                found.is_none(),
                format!("{path} has no value"),
                found.map(short).unwrap_or_default(),
                entry.clone(),
            );
        }
        Ok(())
    }

    fn paper(&mut self, which: &str, row: &Value) -> Result<(), Stop> {
        let made = self.made(row)?;
        let view = self.view(&made)?;
        let entry = self.of_instrument(&made);
        let terminal = self.world.terminal()?;
        let file = if which == "ticket" {
            "ticket.png"
        } else {
            "pdf"
        };
        let path = format!("stream/instrument/{}/{file}", made.instrument_id);
        let is_there = terminal
            .stream(contract::Surface::Officer, &path, None)
            .is_ok_and(|stream| stream.total > 500);
        let text = match composed(which, &made, &view) {
            Ok(text) => text,
            Err(fault) => return Err(Stop::Broken(format!("{which} of {}: {fault}", made.form))),
        };
        if !is_there {
            self.say(
                false,
                format!("{which} of {} is there", made.form),
                "it is not".to_owned(),
                entry.clone(),
            );
        }
        let plain: String = text.split_whitespace().collect();
        let holds = |part: &str| plain.contains(&part.split_whitespace().collect::<String>());
        for part in row.get("contains").map(list).unwrap_or_default() {
            self.say(
                holds(&part),
                format!("{which} says {part}"),
                cut(&text),
                entry.clone(),
            );
        }
        for part in row.get("lacks").map(list).unwrap_or_default() {
            self.say(
                !holds(&part),
                format!("{which} does not say {part}"),
                "it does".to_owned(),
                entry.clone(),
            );
        }
        for notice in row.get("rights").map(list).unwrap_or_default() {
            let wording = at(&view["value"], "rights")
                .and_then(|rights| rights.get(&notice))
                .map(text_of);
            let is_ok = match (&wording, which) {
                (None, _) => false,
                // The ticket is set narrower and may wrap, never reword.
                (Some(wording), _) => holds(wording),
            };
            let found = wording.unwrap_or_else(|| "the form has no such notice".to_owned());
            self.say(
                is_ok,
                format!("{which} prints {notice}"),
                found,
                entry.clone(),
            );
        }
        Ok(())
    }

    fn derived(&mut self, wanted: &Value) -> Result<(), Stop> {
        let case = self.case()?;
        let case_id = text_of(&case["case_id"]);
        let entry = self.entry(|entry| entry.case_id.as_ref() == Some(&case_id));
        for (name, expected) in paths(wanted) {
            let found = case["derived"].get(&name).cloned().unwrap_or(Value::Null);
            self.say(
                found == expected,
                format!("{name} is {expected}"),
                found.to_string(),
                entry.clone(),
            );
        }
        Ok(())
    }

    fn state(&mut self, wanted: &str) -> Result<(), Stop> {
        let case = self.case()?;
        let entry = self.entry_of_kind(&["case.closed", "inspection.opened"]);
        let found = text_of(&case["state"]);
        self.say(
            found == wanted,
            format!("the case is {wanted}"),
            found,
            entry,
        );
        Ok(())
    }

    fn queue(&mut self, row: &Value, is_wanted: bool) -> Result<(), Stop> {
        self.world.push()?;
        let user = row.get("by").map_or_else(|| "head".to_owned(), text_of);
        let user = cast::user(&user).to_owned();
        let answer = self.world.console(&user, "queue", json!({}))?;
        let items = answer["items"].as_array().cloned().unwrap_or_default();
        let named = [
            ("task", "task"),
            ("form", "form"),
            ("stage", "stage"),
            ("due", "due_on"),
            ("number", "number"),
            ("urgency", "urgency"),
            ("party", "party_name"),
        ];
        let hit = items.iter().find(|item| {
            named.iter().all(|(key, of_item)| {
                row.get(*key)
                    .is_none_or(|wanted| is_same(wanted, &item[*of_item]))
            })
        });
        let shown: Vec<String> = items
            .iter()
            .map(|item| {
                format!(
                    "{} {} {} due {}",
                    text_of(&item["task"]),
                    text_of(&item["form"]),
                    text_of(&item["stage"]),
                    text_of(&item["due_on"])
                )
            })
            .collect();
        let id = hit
            .map(|item| item["instrument_id"].clone())
            .unwrap_or_default();
        let entry = self
            .entry(|entry| entry.kind == "instrument.issued" && entry.body["instrument_id"] == id);
        let what = if is_wanted {
            "queue has"
        } else {
            "queue has no"
        };
        self.say(
            hit.is_some() == is_wanted,
            format!("{what} {}", words(row)),
            format!("{user}: {}", shown.join(" | ")),
            entry,
        );
        Ok(())
    }

    fn public(&mut self, row: &Value) -> Result<(), Stop> {
        let made = self.made(row)?;
        let disclosure_id = disclosure_of(self.world, &made)?;
        let answer = self
            .world
            .public("disclosure", &json!({ "disclosure_id": disclosure_id }))?;
        let entry = self.own_entry(|entry| {
            entry.kind.starts_with("hq.disclos")
                && entry.body["disclosure_id"] == disclosure_id.as_str()
        });
        let text = answer.to_string();
        if let Some(state) = row.get("state").map(text_of) {
            let found = text_of(&answer["state"]);
            self.say(
                found == state,
                format!("the public page is {state}"),
                found,
                entry.clone(),
            );
        }
        for part in row.get("contains").map(list).unwrap_or_default() {
            self.say(
                text.contains(&part),
                format!("the public page says {part}"),
                text.clone(),
                entry.clone(),
            );
        }
        for part in row.get("lacks").map(list).unwrap_or_default() {
            self.say(
                !text.contains(&part),
                format!("the public page does not say {part}"),
                text.clone(),
                entry.clone(),
            );
        }
        if let Some(reason) = row.get("reason").map(text_of) {
            let found = text_of(&answer["reason"]);
            self.say(
                fits(&reason, &found),
                format!("the public page gives the reason {reason}"),
                found,
                entry.clone(),
            );
        }
        if let Some(party) = row.get("party").map(text_of) {
            let found = answer["page"]
                .get("party")
                .or(answer["line"].get("party"))
                .map(text_of)
                .unwrap_or_default();
            self.say(
                fits(&party, &found),
                format!("the public page names {party}"),
                found,
                entry.clone(),
            );
        }
        if row.get("hash_kept") == Some(&json!(true)) {
            let first = self
                .world
                .disclosed
                .get(&made.instrument_id)
                .map(|answer| answer["page_sha256"].clone());
            let found = answer["page_sha256"].clone();
            self.say(
                first.as_ref() == Some(&found) && !found.is_null(),
                "the hash of the page is kept".to_owned(),
                found.to_string(),
                entry,
            );
        }
        Ok(())
    }

    fn answer(&mut self, wanted: &Value) -> Result<(), Stop> {
        let answer = match &self.outcome.no {
            Some((_, error)) => serde_json::to_value(error).unwrap_or_default(),
            None => self.outcome.answer.clone(),
        };
        let current = self.world.current;
        let entry = self.world.journal(current).last().cloned();
        for (path, expected) in paths(wanted) {
            let (path, expected) = match path.strip_suffix("_yuan") {
                Some(stem) => (
                    format!("{stem}_fen"),
                    filling::fen(&expected).map_or(expected, |fen| json!(fen)),
                ),
                None => (path, expected),
            };
            let found = at(&answer, &path).cloned().unwrap_or(Value::Null);
            self.say(
                is_same(&expected, &found),
                format!("answers {path} = {}", text_of(&expected)),
                short(&found),
                entry.clone(),
            );
        }
        Ok(())
    }

    fn entries(&mut self, wanted: &Value) -> Result<(), Stop> {
        for (kind, expected) in wanted.as_object().into_iter().flatten() {
            let current = self.world.current;
            let of_kind = |entries: &[EntryNote]| -> Vec<EntryNote> {
                entries
                    .iter()
                    .filter(|entry| &entry.kind == kind)
                    .cloned()
                    .collect()
            };
            let found = match kind.starts_with("hq.") {
                true => of_kind(self.world.own()),
                false => of_kind(self.world.journal(current)),
            };
            let count = found.len();
            let is_ok = match expected {
                Value::String(text) => match text
                    .trim()
                    .strip_suffix('+')
                    .and_then(|least| least.parse::<usize>().ok())
                {
                    Some(least) => count >= least,
                    None => text.parse() == Ok(count),
                },
                other => other.as_u64() == u64::try_from(count).ok(),
            };
            self.say(
                is_ok,
                format!("{} entries {kind}", text_of(expected)),
                count.to_string(),
                found.last().cloned(),
            );
        }
        Ok(())
    }

    /// Chain, signatures and projections of every terminal, and everything headquarters holds.
    fn journal(&mut self, wanted: &str) -> Result<(), Stop> {
        let is_sound_wanted = wanted != "damaged";
        let mut found = Vec::new();
        let mut is_sound = true;
        let current = self.world.current;
        for index in 0..self.world.units.len() {
            let Some(unit) = self.world.units.get(index) else {
                continue;
            };
            let (name, is_open) = (
                unit.name.clone(),
                unit.terminal.is_some() && !self.world.journal(index).is_empty(),
            );
            if !is_open {
                continue;
            }
            self.world.current = index;
            match self.world.ask("verify_journal", json!({})) {
                Ok(report) => {
                    let is_whole = report["is_intact"] == json!(true)
                        && report["projections_equal"] == json!(true);
                    is_sound &= is_whole;
                    found.push(format!(
                        "{name}: {} entries, faults {}",
                        report["entries"], report["faults"]
                    ));
                }
                Err(Stop::No { error, .. }) if error.code == contract::Code::Locked => {}
                Err(Stop::No { error, .. }) => {
                    is_sound = false;
                    found.push(format!("{name}: {}", said(&error)));
                }
                Err(stop) => return Err(stop),
            }
        }
        self.world.current = current;
        let health = self
            .world
            .console("supervisor", "journal_health", json!({}))?;
        let is_hq_sound = health["is_sound"] == json!(true);
        if !is_hq_sound {
            is_sound = false;
        }
        found.push(format!(
            "headquarters: sound {is_hq_sound}, forks {}, not understood {}",
            health["forks"], health["not_understood"]
        ));
        let entry = self.world.journal(current).last().cloned();
        let found = found.join("; ");
        self.say(
            is_sound == is_sound_wanted,
            format!("the journal is {wanted} ({found})"),
            found,
            entry,
        );
        Ok(())
    }

    /// No number twice, none left out between the first and the last that a terminal used of its block.
    fn numbers(&mut self) -> Result<(), Stop> {
        let mut taken: BTreeMap<String, String> = BTreeMap::new();
        let mut faults = Vec::new();
        let mut count = 0usize;
        for index in 0..self.world.units.len() {
            let name = self
                .world
                .units
                .get(index)
                .map(|unit| unit.name.clone())
                .unwrap_or_default();
            let mut serials: BTreeMap<String, Vec<u64>> = BTreeMap::new();
            for entry in self
                .world
                .journal(index)
                .iter()
                .filter(|entry| entry.kind == "instrument.issued")
            {
                let Some(number) = entry.body["number"].as_str() else {
                    continue;
                };
                count += 1;
                if let Some(other) = taken.insert(number.to_owned(), name.clone()) {
                    faults.push(format!("{number} by {other} and by {name}"));
                }
                let year = number.split(['〔', '〕']).nth(1).unwrap_or_default();
                let series = format!("{} {year}", text_of(&entry.body["series"]));
                serials
                    .entry(series)
                    .or_default()
                    .extend(entry.body["serial"].as_u64());
            }
            for (series, mut serials) in serials {
                serials.sort_unstable();
                if serials
                    .windows(2)
                    .any(|pair| matches!(pair, [one, other] if other - one > 1))
                {
                    faults.push(format!("{name} left out numbers of {series}: {serials:?}"));
                }
            }
        }
        let entry = self.entry_of_kind(&["instrument.issued"]);
        self.say(
            faults.is_empty(),
            format!("{count} numbers, each once, none left out"),
            faults.join("; "),
            entry,
        );
        Ok(())
    }

    /// Every stored object of the case is read again and compared with what the journal says of it.
    fn evidence(&mut self, wanted: &str) -> Result<(), Stop> {
        let case_id = self.world.case_id(self.fields)?;
        let current = self.world.current;
        let named: Vec<EntryNote> = self
            .world
            .journal(current)
            .iter()
            .filter(|entry| {
                matches!(
                    entry.kind.as_str(),
                    "recording.closed" | "evidence.photographed" | "evidence.imported"
                )
            })
            .filter(|entry| entry.case_id.as_ref() == Some(&case_id))
            .cloned()
            .collect();
        let terminal = self.world.terminal()?;
        let mut found = Vec::new();
        let mut damaged = 0usize;
        for entry in &named {
            let id = text_of(&entry.body["evidence_id"]);
            let sha256 = at(&entry.body, "object.sha256")
                .map(text_of)
                .unwrap_or_default();
            match whole(&terminal, &id) {
                Ok(bytes) if journal::Hash::of(&bytes).to_string() == sha256 => {
                    found.push(format!("{id} whole"))
                }
                Ok(_) => {
                    damaged += 1;
                    found.push(format!("{id}: other bytes than the journal names"));
                }
                Err(error) => {
                    damaged += 1;
                    found.push(format!("{id}: {}", said(&error)));
                }
            }
        }
        let is_ok = match wanted {
            "damaged" => damaged > 0,
            "none" => named.is_empty(),
            _ => damaged == 0 && !named.is_empty(),
        };
        self.say(
            is_ok,
            format!("the evidence is {wanted} ({})", found.join("; ")),
            found.join("; "),
            named.last().cloned(),
        );
        Ok(())
    }

    fn no_command(&mut self, words: &[String]) -> Result<(), Stop> {
        let all: Vec<&str> = casebook::contract::COMMANDS
            .iter()
            .chain(hq::contract::console::COMMANDS)
            .chain(hq::contract::public::COMMANDS)
            .map(|command| command.name)
            .collect();
        for word in words {
            let hits: Vec<&str> = all
                .iter()
                .copied()
                .filter(|name| name.contains(word.as_str()))
                .collect();
            self.say(
                hits.is_empty(),
                format!("none of {} commands is for {word}", all.len()),
                hits.join(", "),
                None,
            );
        }
        Ok(())
    }

    /// `complete`: every entry and every object of the case is at headquarters; `absent`: it knows nothing of it.
    fn headquarters(&mut self, wanted: &str) -> Result<(), Stop> {
        self.world.push()?;
        let case_id = self.world.case_id(self.fields)?;
        let answer = self.world.console(
            "supervisor",
            "cases",
            json!({ "text": case_id, "after": null, "limit": 5 }),
        )?;
        let row = answer["cases"]
            .as_array()
            .and_then(|rows| rows.first())
            .cloned();
        let found = match &row {
            None => "absent",
            Some(row) if row["is_complete"] == json!(true) => "complete",
            Some(_) => "incomplete",
        };
        let entry = self.own_entry(|entry| entry.kind == "hq.journal_received");
        self.say(
            found == wanted,
            format!("the case at headquarters is {wanted}"),
            found.to_owned(),
            entry,
        );
        Ok(())
    }

    fn can_start(&mut self, forms: &[String], is_wanted: bool) -> Result<(), Stop> {
        let case_id = self.world.case_id(self.fields)?;
        let answer = self.world.ask("forms", json!({ "case_id": case_id }))?;
        let rows = answer["forms"].as_array().cloned().unwrap_or_default();
        for form in forms {
            let row = rows.iter().find(|row| row["code"] == form.as_str());
            let refusal = row
                .map(|row| row["refusal"].clone())
                .unwrap_or(json!("there is no such form"));
            let word = if is_wanted { "can" } else { "cannot" };
            self.say(
                refusal.is_null() == is_wanted,
                format!("{form} {word} be started"),
                short(&refusal),
                None,
            );
        }
        Ok(())
    }
}

fn whole(terminal: &casebook::Terminal, evidence_id: &str) -> Result<Vec<u8>, BoundaryError> {
    let path = format!("stream/evidence/{evidence_id}");
    let mut bytes = Vec::new();
    loop {
        let from = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let piece = terminal.stream(contract::Surface::Officer, &path, Some((from, None)))?;
        let is_end = piece.bytes.is_empty();
        bytes.extend_from_slice(&piece.bytes);
        if is_end || u64::try_from(bytes.len()).unwrap_or(u64::MAX) >= piece.total {
            return Ok(bytes);
        }
    }
}

/// The words on a sheet, set again from the frozen value by the layout that set it.
fn composed(which: &str, made: &Made, view: &Value) -> Result<String, String> {
    let file = if which == "ticket" {
        "ticket.txt"
    } else {
        "paper.txt"
    };
    let path = pack_dir().join(format!("forms/{}/{file}", made.form));
    let source = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    let layout = Layout::parse(&source.replace("@page ticket", "@page a4"))
        .map_err(|fault| fault.to_string())?;
    let fonts =
        FONTS.get_or_init(|| Fonts::load(&Fonts::default_dir()).map_err(|fault| fault.to_string()));
    let fonts = fonts.as_ref().map_err(Clone::clone)?;
    let sheet = Sheet {
        layout: &layout,
        values: &view["value"],
        signatures: &[],
        pictures: &paper::NO_PICTURES,
        stamp: Stamp {
            title: text_of(&view["definition"]["title"]),
            document_id: made.instrument_id.clone(),
            number: view["number"].as_str().map(str::to_owned),
            qr: None,
            created_at: view["issued_at"].as_str().unwrap_or_default().to_owned(),
            kind: StampKind::Final,
        },
    };
    let document = paper::compose(fonts, &sheet).map_err(|fault| fault.to_string())?;
    Ok(document.text())
}

/// A table as dotted paths; a key may be a path itself.
fn paths(table: &Value) -> Vec<(String, Value)> {
    let mut all = Vec::new();
    flatten("", table, &mut all);
    all
}

fn flatten(prefix: &str, value: &Value, into: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            for (key, field) in fields {
                let path = if prefix.is_empty() {
                    key.clone()
                } else {
                    format!("{prefix}.{key}")
                };
                flatten(&path, field, into);
            }
        }
        leaf => into.push((prefix.to_owned(), leaf.clone())),
    }
}

fn basis_of(found: &Value) -> Vec<String> {
    let rows = found["basis"].as_array().cloned().unwrap_or_default();
    rows.iter()
        .map(|at| format!("{} {}", text_of(&at["law"]), text_of(&at["article"])))
        .collect()
}

fn is_finding(row: &Value, found: &Value) -> bool {
    if let Value::String(rule) = row {
        return found["rule"] == rule.as_str();
    }
    row.get("rule")
        .is_none_or(|rule| is_same(rule, &found["rule"]))
        && row
            .get("field")
            .is_none_or(|field| is_same(field, &found["field"]))
        && row
            .get("severity")
            .is_none_or(|severity| is_same(severity, &found["severity"]))
        && row
            .get("basis")
            .map(list)
            .unwrap_or_default()
            .iter()
            .all(|at| cites(&basis_of(found), at))
        && row
            .get("text")
            .map(list)
            .unwrap_or_default()
            .iter()
            .all(|part| found["text"].as_str().unwrap_or_default().contains(part))
}

fn wanted_finding(row: &Value) -> String {
    match row {
        Value::String(rule) => rule.clone(),
        row => words(row),
    }
}

fn words(row: &Value) -> String {
    let parts: Vec<String> = row
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, value)| format!("{key} {}", text_of(value)))
        .collect();
    parts.join(" ")
}

fn shown_findings(all: &[Value]) -> String {
    let mut parts: Vec<String> = all
        .iter()
        .map(|found| {
            format!(
                "{} {} [{}] {}",
                text_of(&found["severity"]),
                text_of(&found["field"]),
                text_of(&found["rule"]),
                text_of(&found["text"])
            )
        })
        .collect();
    parts.dedup();
    match parts.is_empty() {
        true => "no findings".to_owned(),
        false => parts.join(" | "),
    }
}

fn cut(text: &str) -> String {
    let plain: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match plain.char_indices().nth(1500) {
        Some((end, _)) => format!("{}…", plain.get(..end).unwrap_or_default()),
        None => plain,
    }
}
