//! What holds of the case: clocks, derived truths, forms that are open.

use serde_json::{Value, json};

use super::Asking;
use super::comparing::{basis_of, cites, paths, words};
use crate::scenario::journals::EntryNote;
use crate::scenario::read::{list, text_of};
use crate::scenario::refer::short;
use crate::scenario::time::{moment, time_text};
use crate::scenario::world::Stop;

impl Asking<'_, '_, '_> {
    /// Clocks as the terminal shows them, then those that only headquarters knows.
    pub(super) fn all_clocks(&mut self, from: &str) -> Result<Vec<Value>, Stop> {
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

    pub(super) fn clock(&mut self, row: &Value) -> Result<(), Stop> {
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

    pub(super) fn no_clocks(&mut self, names: &[String]) -> Result<(), Stop> {
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

    pub(super) fn derived(&mut self, wanted: &Value) -> Result<(), Stop> {
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

    /// A step of a procedure the case follows; a bare text is a key.
    pub(super) fn step(&mut self, row: &Value, is_wanted: bool) -> Result<(), Stop> {
        let row = match row {
            Value::String(key) => json!({ "key": key }),
            row => row.clone(),
        };
        let case = self.case()?;
        let procedures = case["procedures"].as_array().cloned().unwrap_or_default();
        let wanted = |key: &str| row.get(key).map(text_of);
        let mut near = Vec::new();
        let mut is_found = false;
        for procedure in &procedures {
            if wanted("procedure").is_some_and(|code| procedure["code"] != code.as_str()) {
                continue;
            }
            for step in procedure["steps"].as_array().into_iter().flatten() {
                if wanted("key").is_some_and(|key| step["key"] != key.as_str()) {
                    continue;
                }
                let closed = step["closed"].as_array().cloned().unwrap_or_default();
                let mut basis = basis_of(step);
                basis.extend(closed.iter().flat_map(basis_of));
                let is_same = ["state", "action", "form"]
                    .iter()
                    .all(|key| wanted(key).is_none_or(|text| step[*key] == text.as_str()));
                let is_ruled = wanted("rule")
                    .is_none_or(|rule| closed.iter().any(|gate| gate["rule"] == rule.as_str()));
                let says = wanted("text").is_none_or(|text| text_of(&step["text"]).contains(&text));
                let is_cited = row
                    .get("basis")
                    .map(list)
                    .unwrap_or_default()
                    .iter()
                    .all(|article| cites(&basis, article));
                let is_due = row
                    .get("required")
                    .is_none_or(|required| &step["is_required"] == required);
                is_found |= is_same && is_ruled && says && is_cited && is_due;
                let rules: Vec<String> = closed.iter().map(|gate| text_of(&gate["rule"])).collect();
                near.push(format!(
                    "{}/{} {} {}",
                    text_of(&procedure["code"]),
                    text_of(&step["key"]),
                    text_of(&step["state"]),
                    rules.join(" ")
                ));
            }
        }
        let what = if is_wanted { "step" } else { "no step" };
        self.say(
            is_found == is_wanted,
            format!("{what} {}", words(&row)),
            near.join(" | "),
            None,
        );
        Ok(())
    }

    /// The procedures the case follows, in any order.
    pub(super) fn procedures(&mut self, wanted: &[String]) -> Result<(), Stop> {
        let case = self.case()?;
        let rows = case["procedures"].as_array().cloned().unwrap_or_default();
        let mut found: Vec<String> = rows.iter().map(|row| text_of(&row["code"])).collect();
        let mut sorted = wanted.to_vec();
        found.sort();
        sorted.sort();
        self.say(
            found == sorted,
            format!("the case follows {}", wanted.join(", ")),
            found.join(", "),
            None,
        );
        Ok(())
    }

    /// The step to do first, by its key in the pack, or `action form`.
    pub(super) fn next(&mut self, wanted: &[String]) -> Result<(), Stop> {
        let case = self.case()?;
        let first = &case["next_steps"][0];
        let key = text_of(&first["key"]);
        let done = format!("{} {}", text_of(&first["action"]), text_of(&first["form"]));
        self.say(
            wanted.contains(&key) || wanted.contains(&done),
            format!("the next step is {}", wanted.join(" or ")),
            format!("{key} ({done})"),
            None,
        );
        Ok(())
    }

    pub(super) fn state(&mut self, wanted: &str) -> Result<(), Stop> {
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

    pub(super) fn can_start(&mut self, forms: &[String], is_wanted: bool) -> Result<(), Stop> {
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
