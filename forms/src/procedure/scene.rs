//! What conditions look into: the case, the instrument at hand, the agency's parameters, the moment.

use std::borrow::Cow;
use std::cell::{OnceCell, RefCell};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, FixedOffset, NaiveDate};
use serde_json::{Value, json};

use super::source::{Operand, Test};
use super::{Dossier, Question};
use crate::advice::AdviceQuestion;
use crate::check::{parse_date, parse_time};
use crate::pack::Inner;
use crate::value::{is_empty, pruned};
use crate::{Band, Pack};

/// Rows that one path may reach.
const REACH_MAX: usize = 5_000;

/// The first words a path may have.
pub(crate) const ROOTS: [&str; 34] = [
    "party",
    "vehicle",
    "place",
    "act",
    "value",
    "flags",
    "flag_reasons",
    "params",
    "agency",
    "derived",
    "issued",
    "started",
    "evidence",
    "presentation",
    "reason",
    "told",
    "now",
    "today",
    "form",
    "opened_at",
    "presented_at",
    "closed_at",
    "evidence_count",
    "recordings",
    "review",
    "deliberation",
    "inspection_code",
    "self_check",
    "history",
    "discretion",
    "time",
    "is_working_day",
    "time_of",
    "working_day_of",
];

pub(crate) struct Scene<'a> {
    pub whole: &'a Pack,
    pub pack: &'a Inner,
    pub dossier: &'a Dossier,
    pub value: Option<&'a Value>,
    pub form: Option<&'a str>,
    pub agency: &'a Value,
    pub now: DateTime<FixedOffset>,
    pub derived: BTreeMap<String, bool>,
    /// Parameters that a condition asked for and the agency has not set.
    pub unset: RefCell<BTreeSet<String>>,
    /// The bands for the fine at hand, reckoned when a condition asks.
    pub discretion: OnceCell<Value>,
}

impl<'a> Scene<'a> {
    /// With every truth of the pack answered.
    pub(crate) fn of(pack: &'a Pack, question: &Question<'a>) -> Self {
        let mut scene = Self {
            whole: pack,
            pack: &pack.0,
            dossier: question.dossier,
            value: question.value,
            form: question.form,
            agency: question.agency,
            now: question.now,
            derived: BTreeMap::new(),
            unset: RefCell::default(),
            discretion: OnceCell::new(),
        };
        for derived in &pack.0.procedures.derived {
            let truth = scene.any_list_holds(&derived.any);
            scene.derived.insert(derived.name.clone(), truth);
        }
        scene
    }

    pub(crate) fn today(&self) -> NaiveDate {
        self.now.date_naive()
    }

    /// Everything that stands at a path; `*` reaches every row.
    pub(crate) fn find(&self, path: &str) -> Vec<Cow<'a, Value>> {
        let (root, rest) = path.split_once('.').unwrap_or((path, ""));
        let text = |text: Option<&str>| owned(text.map(|text| json!(text)));
        match root {
            "party" => reach(&self.dossier.party, rest),
            "vehicle" => reach(&self.dossier.vehicle, rest),
            "place" => reach(&self.dossier.place, rest),
            "act" => reach(&self.dossier.act, rest),
            "history" => reach(&self.dossier.history, rest),
            "discretion" => {
                let bands = self.discretion.get_or_init(|| self.bands());
                let found = reach(bands, rest).into_iter();
                found.map(|found| Cow::Owned(found.into_owned())).collect()
            }
            "value" => self.value.map_or_else(Vec::new, |value| reach(value, rest)),
            "agency" => reach(self.agency, rest),
            "flags" => {
                let (name, rest) = rest.split_once('.').unwrap_or((rest, ""));
                let flag = self.dossier.flags.get(name);
                flag.map_or_else(Vec::new, |flag| reach(flag, rest))
            }
            "flag_reasons" => {
                let reason = self.dossier.flag_reasons.get(rest);
                text(reason.map(String::as_str))
            }
            "params" => owned(self.parameter(rest)),
            "derived" => owned(self.derived.get(rest).map(|truth| json!(truth))),
            "issued" => self.issued(rest),
            "started" => self.started(rest),
            "evidence" => reach(&self.dossier.evidence, rest),
            "presentation" => reach(&self.dossier.presentation, rest),
            "reason" => {
                text(Some(self.dossier.reason.as_str()).filter(|reason| !reason.is_empty()))
            }
            "told" => {
                let told = self.dossier.told.iter().rev();
                let told = told.clone().find(|told| told.notice == rest);
                text(told.map(|told| told.told_at.as_str()))
            }
            "now" => owned(Some(json!(self.now.to_rfc3339()))),
            "today" => owned(Some(json!(self.today().to_string()))),
            "time" => owned(Some(json!(self.now.format("%H:%M").to_string()))),
            "is_working_day" => owned(Some(json!(self.is_working_day(self.today())))),
            "time_of" => {
                let found = self
                    .find_deeper(rest)
                    .and_then(|found| parse_time(found.as_str()?));
                let here = found.map(|time| time.with_timezone(self.now.offset()));
                owned(here.map(|time| json!(time.format("%H:%M").to_string())))
            }
            "working_day_of" => {
                let found = self
                    .find_deeper(rest)
                    .and_then(|found| self.day(found.as_str()?));
                owned(found.map(|day| json!(self.is_working_day(day))))
            }
            "form" => text(self.form),
            "opened_at" => text(self.dossier.opened_at.as_deref()),
            "presented_at" => text(self.dossier.presented_at.as_deref()),
            "closed_at" => text(self.dossier.closed_at.as_deref()),
            "evidence_count" => owned(Some(json!(self.dossier.evidence_count))),
            "recordings" => owned(Some(json!(self.dossier.recordings.len()))),
            "review" => member(self.dossier.reviews.last(), rest),
            "deliberation" => member(self.dossier.deliberations.last(), rest),
            "inspection_code" => member(self.dossier.inspection_codes.last(), rest),
            "self_check" => member(self.dossier.self_check.as_ref(), rest),
            _ => Vec::new(),
        }
    }

    /// `statute`, `hull` of the agency's bands, and `benchmark`, the band that fits what the assistant was told about
    /// this violation; each with `min_fen` and `max_fen`. Nothing where no violation is chosen.
    fn bands(&self) -> Value {
        let value = self.value.unwrap_or(&Value::Null);
        let violation = crate::value::text(value, "violation_code");
        let party = crate::value::get(value, "party").unwrap_or(&self.dossier.party);
        let shown = &self.dossier.discretion;
        let is_shown = crate::value::text(shown, "violation_code") == violation;
        let acted = self.day(crate::value::text(value, "happened_at"));
        let opened = || self.day(self.dossier.opened_at.as_deref()?);
        let advice = self.whole.advise(&AdviceQuestion {
            violation,
            party,
            facts: if is_shown { shown } else { &Value::Null },
            history: &self.dossier.history,
            agency: self.agency,
            on: acted.or_else(opened).unwrap_or(self.today()),
            today: self.today(),
        });
        let Some(advice) = advice else {
            return Value::Null;
        };
        let exact = advice.reckoned_fen.map(|fen| Band {
            min_fen: fen,
            max_fen: fen,
        });
        let fitting = exact.or_else(|| advice.benchmark.as_ref()?.range);
        let benchmark = fitting.filter(|_| is_shown && advice.benchmark.is_some());
        json!({ "statute": advice.statute, "hull": advice.hull, "benchmark": benchmark })
    }

    /// One step only: `time_of.time_of.x` is nothing.
    fn find_deeper(&self, path: &str) -> Option<Value> {
        let is_plain = !path.starts_with("time_of.") && !path.starts_with("working_day_of.");
        if !is_plain {
            return None;
        }
        self.find(path).into_iter().next().map(Cow::into_owned)
    }

    fn is_working_day(&self, day: NaiveDate) -> bool {
        self.pack
            .calendar_of(self.agency)
            .is_working_day(day)
            .is_working()
    }

    /// `F26.value.fine_fen`, `F26.issued_at`, `F26.count`.
    fn issued(&self, path: &str) -> Vec<Cow<'a, Value>> {
        let (form, rest) = path.split_once('.').unwrap_or((path, ""));
        if rest == "count" {
            return owned(Some(json!(self.dossier.issued(form).count())));
        }
        let Some(newest) = self.newest(form) else {
            return Vec::new();
        };
        match rest.split_once('.').unwrap_or((rest, "")) {
            ("value", rest) => reach(&newest.value, rest),
            (name, "") => member(Some(newest), name),
            (_, _) => Vec::new(),
        }
    }

    /// `F22.count`: how many stand, drafts with them.
    fn started(&self, path: &str) -> Vec<Cow<'a, Value>> {
        let Some((form, "count")) = path.split_once('.') else {
            return Vec::new();
        };
        let standing = self.dossier.instruments.iter();
        let count = standing.filter(|item| item.form == form && !item.is_voided);
        owned(Some(json!(count.count())))
    }

    pub(crate) fn newest(&self, form: &str) -> Option<&'a super::InstrumentFact> {
        let dossier: &'a Dossier = self.dossier;
        let id = &dossier.newest(form)?.instrument_id;
        dossier.instrument(id)
    }

    pub(crate) fn parameter(&self, key: &str) -> Option<Value> {
        let found = self.pack.parameter(self.agency, key);
        if found.is_none() {
            self.unset.borrow_mut().insert(key.to_owned());
        }
        found
    }

    /// The operand as a list; absent where the agency has not set the parameter.
    pub(crate) fn operand(&self, operand: &Operand) -> Option<Vec<Value>> {
        let one = |value: Value| match value {
            Value::Array(items) => items,
            other => vec![other],
        };
        match operand {
            Operand::Constant(value) => Some(one(value.clone())),
            Operand::Param(param) => self.parameter(&param.param).map(one),
            Operand::Path(path) => {
                let found = self.find(&path.path).into_iter();
                Some(found.flat_map(|found| one(found.into_owned())).collect())
            }
        }
    }

    pub(crate) fn all_hold(&self, tests: &[Test]) -> bool {
        tests.iter().all(|test| self.holds(test))
    }

    pub(crate) fn any_list_holds(&self, lists: &[Vec<Test>]) -> bool {
        lists.iter().any(|list| self.all_hold(list))
    }

    pub(crate) fn holds(&self, test: &Test) -> bool {
        let found = self.find(&test.path);
        let is_there = found.iter().any(|value| !is_empty(Some(value)));
        if let Some(exists) = test.exists {
            return exists == is_there;
        }
        if let Some(list) = &test.is {
            return self
                .operand(list)
                .is_some_and(|list| any_equal(&found, &list));
        }
        if let Some(list) = &test.is_not {
            return self
                .operand(list)
                .is_some_and(|list| !any_equal(&found, &list));
        }
        let compared = [
            (&test.at_least, [Ordering::Greater, Ordering::Equal]),
            (&test.more_than, [Ordering::Greater, Ordering::Greater]),
            (&test.at_most, [Ordering::Less, Ordering::Equal]),
            (&test.less_than, [Ordering::Less, Ordering::Less]),
        ];
        for (operand, wanted) in compared {
            let Some(operand) = operand else { continue };
            let Some(bounds) = self.operand(operand) else {
                return false;
            };
            return found.iter().any(|value| {
                bounds.iter().any(|bound| {
                    self.compare(value, bound)
                        .is_some_and(|order| wanted.contains(&order))
                })
            });
        }
        false
    }

    /// Numbers with numbers, times and dates with each other; anything else cannot be compared.
    pub(crate) fn compare(&self, left: &Value, right: &Value) -> Option<Ordering> {
        if let (Some(left), Some(right)) = (left.as_i64(), right.as_i64()) {
            return Some(left.cmp(&right));
        }
        let (left, right) = (left.as_str()?, right.as_str()?);
        if let (Some(left), Some(right)) = (parse_time(left), parse_time(right)) {
            return Some(left.cmp(&right));
        }
        let clock = |text: &str| chrono::NaiveTime::parse_from_str(text, "%H:%M").ok();
        if let (Some(left), Some(right)) = (clock(left), clock(right)) {
            return Some(left.cmp(&right));
        }
        Some(self.day(left)?.cmp(&self.day(right)?))
    }

    /// The day a date or a time says, here.
    pub(crate) fn day(&self, text: &str) -> Option<NaiveDate> {
        parse_date(text).or_else(|| {
            Some(
                parse_time(text)?
                    .with_timezone(self.now.offset())
                    .date_naive(),
            )
        })
    }

    pub(crate) fn day_at(&self, path: &str) -> Option<NaiveDate> {
        let found = self.find(path);
        self.day(found.first()?.as_str()?)
    }

    /// What a text, number, list or citation says, without the way it is written: labels for paper, blanks, full titles
    /// and the order of a list do not count.
    pub(crate) fn meaning(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => {
                Value::String(text.chars().filter(|c| !c.is_whitespace()).collect())
            }
            Value::Array(items) => {
                let mut items: Vec<_> = items.iter().map(|item| self.meaning(item)).collect();
                items.sort_by_cached_key(Value::to_string);
                Value::Array(items)
            }
            Value::Object(_) => {
                let mut whole = pruned(value);
                self.pack.spell_out(&mut whole);
                let Value::Object(map) = whole else {
                    return whole;
                };
                let is_label = |key: &str| {
                    key.strip_suffix("_text")
                        .is_some_and(|plain| map.contains_key(plain))
                };
                let kept: BTreeMap<_, _> = map
                    .iter()
                    .filter(|(key, _)| !is_label(key))
                    .map(|(key, item)| (key.clone(), self.meaning(item)))
                    .collect();
                Value::Object(kept.into_iter().collect())
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        }
    }
}

fn owned<'a>(value: Option<Value>) -> Vec<Cow<'a, Value>> {
    value.map(Cow::Owned).into_iter().collect()
}

fn member<'a, T: serde::Serialize>(of: Option<&T>, path: &str) -> Vec<Cow<'a, Value>> {
    let whole = of.and_then(|of| serde_json::to_value(of).ok());
    owned(whole.and_then(|whole| crate::value::get(&whole, path).cloned()))
}

fn reach<'a>(value: &'a Value, path: &str) -> Vec<Cow<'a, Value>> {
    let mut found = vec![value];
    for key in path.split('.').filter(|key| !key.is_empty()) {
        found = found
            .into_iter()
            .flat_map(|at| step(at, key))
            .take(REACH_MAX)
            .collect();
    }
    found.into_iter().map(Cow::Borrowed).collect()
}

fn step<'a>(at: &'a Value, key: &str) -> Vec<&'a Value> {
    match at {
        Value::Array(items) if key == "*" => items.iter().take(REACH_MAX).collect(),
        Value::Array(items) => key
            .parse::<usize>()
            .ok()
            .and_then(|index| items.get(index))
            .into_iter()
            .collect(),
        Value::Object(map) => map.get(key).into_iter().collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

fn any_equal(found: &[Cow<Value>], list: &[Value]) -> bool {
    found
        .iter()
        .any(|value| list.iter().any(|other| equal(value, other)))
}

/// `true` and `"true"`, `5` and `"5"` are equal: conditions of fields are written as text.
fn equal(left: &Value, right: &Value) -> bool {
    let plain = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    };
    left == right || plain(left).is_some_and(|left| plain(right) == Some(left))
}
