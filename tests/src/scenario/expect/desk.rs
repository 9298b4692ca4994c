//! What holds at headquarters and before the public.

use serde_json::{Value, json};

use super::Asking;
use super::comparing::{basis_of, cites, fits, is_same, words};
use crate::scenario::cast;
use crate::scenario::office::disclosure_of;
use crate::scenario::read::{list, text_of};
use crate::scenario::world::Stop;

impl Asking<'_, '_, '_> {
    pub(super) fn queue(&mut self, row: &Value, is_wanted: bool) -> Result<(), Stop> {
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

    /// A duty of the agency or a paper of supervision, as the console shows it.
    pub(super) fn duty(&mut self, row: &Value, is_wanted: bool) -> Result<(), Stop> {
        self.world.push()?;
        let answer = self.world.console("head", "duties", json!({}))?;
        let mut duties = answer["rows"].as_array().cloned().unwrap_or_default();
        for paper in answer["papers"].as_array().into_iter().flatten() {
            let mut paper = paper.clone();
            paper["key"] = json!("supervision");
            duties.push(paper);
        }
        let named = [
            ("key", "key"),
            ("number", "number"),
            ("due", "due_on"),
            ("urgency", "urgency"),
            ("answer", "answer"),
        ];
        let hit = duties.iter().find(|duty| {
            named.iter().all(|(key, of_duty)| {
                row.get(*key)
                    .is_none_or(|wanted| is_same(wanted, &duty[*of_duty]))
            }) && row
                .get("text")
                .is_none_or(|text| duty.to_string().contains(&text_of(text)))
                && row
                    .get("basis")
                    .map(list)
                    .unwrap_or_default()
                    .iter()
                    .all(|article| cites(&basis_of(duty), article))
        });
        let shown: Vec<String> = duties
            .iter()
            .map(|duty| {
                let of = |key: &str| text_of(&duty[key]);
                format!(
                    "{} {} due {} {}",
                    of("key"),
                    of("number"),
                    of("due_on"),
                    of("urgency")
                )
            })
            .collect();
        let entry = self.own_entry(|entry| entry.kind == "hq.supervision_received");
        let what = if is_wanted { "duty" } else { "no duty" };
        self.say(
            hit.is_some() == is_wanted,
            format!("{what} {}", words(row)),
            shown.join(" | "),
            entry,
        );
        Ok(())
    }

    pub(super) fn public(&mut self, row: &Value) -> Result<(), Stop> {
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

    /// `complete`: every entry and every object of the case is at headquarters; `absent`: it knows nothing of it.
    pub(super) fn headquarters(&mut self, wanted: &str) -> Result<(), Stop> {
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
}
