//! What holds of an instrument: its number, its values, the words on paper and ticket.

use std::sync::OnceLock;

use paper::{Fonts, Layout, Sheet, Stamp, StampKind};
use serde_json::{Value, json};

use super::Asking;
use super::comparing::{fits, is_same, paths};
use crate::pack_dir;
use crate::scenario::filling;
use crate::scenario::read::{list, text_of};
use crate::scenario::refer::{at, short};
use crate::scenario::time::{moment, time_text};
use crate::scenario::world::{Made, Stop};

/// Read once for all papers.
static FONTS: OnceLock<Result<Fonts, String>> = OnceLock::new();

impl Asking<'_, '_, '_> {
    pub(super) fn number(&mut self, pattern: &str) -> Result<(), Stop> {
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

    pub(super) fn values(&mut self, wanted: &Value) -> Result<(), Stop> {
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

    pub(super) fn no_values(&mut self, names: &[String]) -> Result<(), Stop> {
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

    pub(super) fn paper(&mut self, which: &str, row: &Value) -> Result<(), Stop> {
        let made = self.made(row)?;
        if which == "decided" {
            let current = self.world.current;
            self.world.meet(current, false)?;
        }
        let view = self.view(&made)?;
        let entry = self.of_instrument(&made);
        let terminal = self.world.terminal()?;
        let file = match which {
            "ticket" => "ticket.png",
            "decided" => "decided.pdf",
            _ => "pdf",
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
    let mut values = view["value"].clone();
    if let (Value::Object(fields), Value::Object(decided), "decided") =
        (&mut values, view["decisions"].clone(), which)
    {
        fields.extend(decided);
    }
    let sheet = Sheet {
        layout: &layout,
        values: &values,
        signatures: &[],
        pictures: &paper::NO_PICTURES,
        stamp: Stamp {
            title: text_of(&view["definition"]["title"]),
            document_id: made.instrument_id.clone(),
            number: view["number"].as_str().map(str::to_owned),
            qr: None,
            created_at: view["issued_at"].as_str().unwrap_or_default().to_owned(),
            kind: StampKind::Final,
            seal: paper::Seal::ByHand,
        },
    };
    let document = paper::compose(fonts, &sheet).map_err(|fault| fault.to_string())?;
    Ok(document.text())
}

fn cut(text: &str) -> String {
    let plain: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match plain.char_indices().nth(1500) {
        Some((end, _)) => format!("{}…", plain.get(..end).unwrap_or_default()),
        None => plain,
    }
}
