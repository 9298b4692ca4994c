//! Who signs a form: fixed places, places that depend on the value, and one for each row.

use serde::Deserialize;
use serde_json::Value;

use crate::value::{get, is_one_of, text};
use crate::{Condition, Form, Signer};

/// A signature place as a clerk writes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignerToml {
    pub slot: String,
    pub label: String,
    pub required: bool,
    pub may_refuse: bool,
    /// Only while it holds.
    pub when: Option<Condition>,
    /// One place for each row: `attendee` becomes `attendee_1`, `attendee_2` …
    pub each: Option<String>,
    /// Where the name of the one who signs stands, inside the row if there are rows.
    pub name_from: Option<String>,
}

impl SignerToml {
    /// The paths of the value it names; those inside rows with `*`.
    pub(crate) fn paths(&self) -> Vec<String> {
        let name = match (&self.each, &self.name_from) {
            (Some(rows), Some(name)) => Some(format!("{rows}.*.{name}")),
            (_, name) => name.clone(),
        };
        let when = self.when.as_ref().map(|when| when.path.clone());
        when.into_iter()
            .chain(self.each.clone())
            .chain(name)
            .collect()
    }

    fn signer(&self, slot: String, name: &str) -> Signer {
        Signer {
            slot,
            label: match (&self.each, name) {
                (Some(_), name) if !name.is_empty() => format!("{} {name}", self.label),
                (_, _) => self.label.clone(),
            },
            required: self.required,
            may_refuse: self.may_refuse,
            name: (!name.is_empty()).then(|| name.to_owned()),
        }
    }
}

impl Form<'_> {
    /// Who signs this value, in order. [`crate::FormDefinition::signers`] leaves out whoever depends on rows.
    pub fn signers(&self, value: &Value) -> Vec<Signer> {
        let name_in = |base: &Value, signer: &SignerToml| {
            let path = signer.name_from.as_deref();
            path.map_or_else(String::new, |path| text(base, path).to_owned())
        };
        let mut signers = Vec::new();
        for signer in &self.form.signers {
            let holds = |when: &Condition| is_one_of(get(value, &when.path), &when.is);
            if !signer.when.as_ref().is_none_or(holds) {
                continue;
            }
            let Some(rows) = &signer.each else {
                let slot = signer.slot.clone();
                signers.push(signer.signer(slot, &name_in(value, signer)));
                continue;
            };
            let rows = get(value, rows).and_then(Value::as_array);
            for (at, row) in rows.into_iter().flatten().enumerate() {
                let slot = format!("{}_{}", signer.slot, at + 1);
                signers.push(signer.signer(slot, &name_in(row, signer)));
            }
        }
        signers
    }
}

/// The places that are there whatever the value holds.
pub(crate) fn fixed(signers: &[SignerToml]) -> Vec<Signer> {
    let fixed = signers.iter().filter(|signer| signer.each.is_none());
    fixed
        .map(|signer| signer.signer(signer.slot.clone(), ""))
        .collect()
}

/// Slots are names of small letters, digits and `_`, each one once.
pub(crate) fn check_slots(signers: &[SignerToml]) -> Result<(), (String, String)> {
    for (at, signer) in signers.iter().enumerate() {
        let slot = &signer.slot;
        let is_name = slot.starts_with(|c: char| c.is_ascii_lowercase())
            && slot
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if !is_name {
            let reason = format!("{slot:?} is no signature slot: small letters, digits and _");
            return Err((slot.clone(), reason));
        }
        if signers.iter().skip(at + 1).any(|other| &other.slot == slot) {
            return Err((slot.clone(), format!("the slot {slot} stands twice")));
        }
    }
    Ok(())
}

/// A layout has places for the form's signers and for nobody else: line and reason of the first that is wrong.
pub(crate) fn check_layout(signers: &[SignerToml], layout: &str) -> Result<(), (usize, String)> {
    for (line, slot) in places(layout) {
        let is_known = signers.iter().any(|signer| match &signer.each {
            Some(_) => slot.strip_suffix("_{#}") == Some(&signer.slot),
            None => slot == signer.slot,
        });
        if !is_known {
            return Err((line, format!("{slot} is no signer of the form")));
        }
    }
    Ok(())
}

/// Whether a layout has a place for a signer.
pub(crate) fn has_place(signer: &SignerToml, layout: &str) -> bool {
    places(layout).any(|(_, slot)| match &signer.each {
        Some(_) => slot.strip_suffix("_{#}") == Some(&signer.slot),
        None => slot == signer.slot,
    })
}

/// Lines and slots of `@signatures` and `@pagefoot`.
fn places(layout: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut depth = 0_u32;
    layout.lines().enumerate().filter_map(move |(at, line)| {
        let number = at + 1;
        let line = line.trim();
        let (word, rest) = line.split_once([' ', '\t']).unwrap_or((line, ""));
        match word {
            "@pagefoot" => rest.split_whitespace().next().map(|slot| (number, slot)),
            "@signatures" => {
                depth = 1;
                None
            }
            "@when" | "@each" if depth > 0 => {
                depth += 1;
                None
            }
            "@end" => {
                depth = depth.saturating_sub(1);
                None
            }
            "" => None,
            word if depth > 0 && !word.starts_with(['@', '#']) => Some((number, word)),
            _ => None,
        }
    })
}
