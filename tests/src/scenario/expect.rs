//! Asking what was expected: each expectation becomes a line with the entry that shows it.

mod case;
mod comparing;
mod desk;
mod record;
mod sheet;

use serde_json::{Value, json};

use super::filling;
use super::journals::EntryNote;
use super::read::{Fields, list, text_of};
use super::refer::{at, short};
use super::report::Line;
use super::world::{Made, Outcome, Stop, World};

use comparing::{
    basis_of, cited, cites, is_finding, is_same, names_of, paths, said, shown_findings,
    wanted_finding,
};

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
    ("decided", PAPER),
    ("derived", &[]),
    (
        "steps",
        &[
            "key",
            "procedure",
            "state",
            "text",
            "action",
            "form",
            "rule",
            "basis",
            "required",
        ],
    ),
    ("no_steps", &["key", "procedure", "state"]),
    ("procedures", &[]),
    ("next", &[]),
    ("state", &[]),
    (
        "queue",
        &[
            "by", "task", "form", "stage", "due", "number", "urgency", "party",
        ],
    ),
    (
        "duties",
        &["key", "number", "due", "urgency", "answer", "basis", "text"],
    ),
    ("no_duties", &["key", "number", "urgency"]),
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

    /// As the terminal shows it after it met headquarters, where that is in reach.
    fn case(&mut self) -> Result<Value, Stop> {
        let current = self.world.current;
        self.world.meet(current, false)?;
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
            "paper" | "ticket" | "decided" => rows.iter().try_for_each(|row| self.paper(key, row)),
            "derived" => self.derived(value),
            "steps" => rows.iter().try_for_each(|row| self.step(row, true)),
            "no_steps" => rows.iter().try_for_each(|row| self.step(row, false)),
            "procedures" => self.procedures(&list(value)),
            "next" => self.next(&list(value)),
            "state" => self.state(&text_of(value)),
            "queue" => rows.iter().try_for_each(|row| self.queue(row, true)),
            "no_queue" => rows.iter().try_for_each(|row| self.queue(row, false)),
            "duties" => rows.iter().try_for_each(|row| self.duty(row, true)),
            "no_duties" => rows.iter().try_for_each(|row| self.duty(row, false)),
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
}
