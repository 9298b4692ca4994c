//! What holds of the record itself: journals, numbers, evidence, and what no command can do.

use std::collections::BTreeMap;

use contract::BoundaryError;
use serde_json::{Value, json};

use super::Asking;
use super::comparing::said;
use crate::scenario::journals::EntryNote;
use crate::scenario::read::text_of;
use crate::scenario::refer::at;
use crate::scenario::world::Stop;

impl Asking<'_, '_, '_> {
    pub(super) fn entries(&mut self, wanted: &Value) -> Result<(), Stop> {
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
    pub(super) fn journal(&mut self, wanted: &str) -> Result<(), Stop> {
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
    pub(super) fn numbers(&mut self) -> Result<(), Stop> {
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
    pub(super) fn evidence(&mut self, wanted: &str) -> Result<(), Stop> {
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

    pub(super) fn no_command(&mut self, words: &[String]) -> Result<(), Stop> {
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
