//! 总部的办案行为 – what officials decide about cases. Each act is one transaction with one entry of headquarters' own
//! series, or a refusal that says why not.

mod approval;
mod clocks;
mod codes;
mod deliberation;
mod disclosure;
mod duties;
mod listing;
mod page;
mod queue;
mod redaction;
mod review;
mod revocation;
mod sealing;
mod supervision;

pub(crate) use clocks::of_case as clocks_of_case;
pub(crate) use listing::{acts_of_case, public_answer, public_lines};

use std::sync::Arc;

use chrono::{DateTime, FixedOffset};
use contract::{BoundaryError, Code};
use forms::{NamedLimit, Pack};
use journal::body::ClockBody;
use law::Citation;
use rusqlite::Connection;
use serde_json::Value;

use crate::clock::time_text;
use crate::console::{bad_request, failed, not_found};
use crate::failure::Failure;
use crate::headquarters::{Foundation, Headquarters};
use crate::packs::Asked;
use crate::store::cases::{self, CaseFile};
use crate::store::instruments::{self, Instrument};
use crate::store::people::Session;

/// The event by which a paper of a supervising organ starts clocks.
const SUPERVISED: &str = "supervised";
/// 审批层级, in the order in which people look at an application.
const STAGES: [&str; 3] = ["unit_head", "legal", "head"];
const TEXT_CHARS_MAX: usize = 2000;
const NAME_CHARS_MAX: usize = 80;
const LIST_MAX: usize = 60;

/// Why an act of headquarters is not done; a failure inside the transaction is logged once on its way out.
#[derive(Debug)]
pub(crate) enum Denied {
    Refused(Box<BoundaryError>),
    Failed(Failure),
}

impl From<Failure> for Denied {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<rusqlite::Error> for Denied {
    fn from(error: rusqlite::Error) -> Self {
        Self::Failed(Failure::from(error))
    }
}

impl From<serde_json::Error> for Denied {
    fn from(error: serde_json::Error) -> Self {
        Self::Failed(Failure::from(error))
    }
}

impl From<BoundaryError> for Denied {
    fn from(error: BoundaryError) -> Self {
        Self::Refused(Box::new(error))
    }
}

impl From<Denied> for BoundaryError {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Refused(error) => *error,
            Denied::Failed(failure) => failed(failure),
        }
    }
}

/// 不予办理 – the act is not open now; `reason` picks the wording, `rule` names the rule it follows from.
fn closed(reason: &str, rule: &str) -> BoundaryError {
    BoundaryError::new(Code::GateClosed)
        .with("reason", reason)
        .with("rule", rule)
}

impl Headquarters {
    /// Puts the articles behind the rule that an act was refused for.
    pub(crate) fn with_basis(&self, mut error: BoundaryError) -> BoundaryError {
        if error.code == Code::GateClosed
            && error.basis.is_empty()
            && let Some(rule) = error.args.get("rule").and_then(Value::as_str)
            && let Ok(rules) = self
                .foundation()
                .and_then(|found| Rules::in_force(self, &found))
        {
            error.basis = rules.pack.basis_of_rule(rule);
        }
        error
    }
}

/// The signed-in user does not hold a function that may do this.
fn needs_function(session: &Session, functions: &[&str]) -> Result<(), BoundaryError> {
    let holds = |function: &&str| session.functions.iter().any(|held| held == function);
    if functions.iter().any(holds) {
        return Ok(());
    }
    Err(BoundaryError::new(Code::Forbidden)
        .with("reason", "function")
        .with("functions", functions.join(",")))
}

/// Text of a length that an entry may carry, without blanks around it.
fn text(field: &str, text: &str, is_required: bool) -> Result<String, BoundaryError> {
    bounded(field, text, is_required, TEXT_CHARS_MAX)
}

fn name(field: &str, text: &str) -> Result<String, BoundaryError> {
    bounded(field, text, true, NAME_CHARS_MAX)
}

fn bounded(
    field: &str,
    text: &str,
    is_required: bool,
    chars_max: usize,
) -> Result<String, BoundaryError> {
    let text = text.trim();
    match text.chars().count() {
        0 if is_required => Err(bad_request(field).with("field", field)),
        count if count > chars_max => Err(BoundaryError::new(Code::TooLarge).with("field", field)),
        _ => Ok(text.to_owned()),
    }
}

fn one_of<'a>(field: &str, word: &'a str, words: &[&str]) -> Result<&'a str, BoundaryError> {
    match words.contains(&word) {
        true => Ok(word),
        false => Err(bad_request(field).with("field", field)),
    }
}

fn bounded_list<T>(field: &str, list: &[T]) -> Result<(), BoundaryError> {
    match list.len() {
        0..=LIST_MAX => Ok(()),
        _ => Err(BoundaryError::new(Code::TooLarge).with("field", field)),
    }
}

/// An instrument that people decide about, with its case.
struct Subject {
    instrument: Instrument,
    case: CaseFile,
    content_sha256: String,
    issued_at: String,
}

impl Subject {
    /// An issued instrument that was not voided.
    fn issued(on: &Connection, instrument_id: &str) -> Result<Self, Denied> {
        let unknown = || not_found("instrument", instrument_id);
        let instrument = instruments::by_id(on, instrument_id)?.ok_or_else(unknown)?;
        let case = cases::case(on, &instrument.case_id)?.ok_or_else(unknown)?;
        match instrument.state.as_str() {
            "issued" => {}
            "voided" => return Err(closed("instrument_voided", "").into()),
            _ => return Err(BoundaryError::new(Code::InstrumentNotIssued).into()),
        }
        Ok(Self {
            content_sha256: instrument.content_sha256.clone().unwrap_or_default(),
            issued_at: instrument.issued_at.clone().unwrap_or_default(),
            instrument,
            case,
        })
    }

    /// Nothing is approved or reviewed any more once the case is closed.
    fn in_open_case(on: &Connection, instrument_id: &str) -> Result<Self, Denied> {
        let subject = Self::issued(on, instrument_id)?;
        if crate::store::acts::has(on, &subject.case.case_id, "case.closed")? {
            return Err(BoundaryError::new(Code::CaseClosed).into());
        }
        Ok(subject)
    }

    /// 承办人 – whether the user investigated this case; by number of the certificate, by name for users without one.
    fn is_handled_by(&self, session: &Session) -> bool {
        let officers = crate::console::officers_of(&self.case.officers);
        officers
            .iter()
            .any(|officer| match session.credential_no.as_str() {
                "" => officer.name == session.name,
                credential_no => officer.credential_no == credential_no,
            })
    }

    fn value(&self) -> Value {
        serde_json::from_str(&self.instrument.value).unwrap_or_default()
    }

    fn party(&self) -> Value {
        let of_case = || serde_json::from_str(&self.case.party).unwrap_or_default();
        match self.value().get("party") {
            Some(party) if party.is_object() => party.clone(),
            _ => of_case(),
        }
    }
}

/// What the pack in force and the agency say, as acts of headquarters need it.
pub(crate) struct Rules {
    pub pack: Pack,
    asked: Arc<Asked>,
    pub agency: Value,
}

impl Rules {
    pub(crate) fn in_force(hq: &Headquarters, foundation: &Foundation) -> Result<Self, Failure> {
        let in_force = hq.pack(foundation)?;
        Ok(Self {
            pack: in_force.pack,
            asked: in_force.asked,
            agency: foundation.agency.clone(),
        })
    }

    /// 机关参数 – what holds for the agency: what it set, inside the statutory bounds, or what the pack says for all.
    fn parameter(&self, key: &str) -> Option<Value> {
        self.pack.parameter(&self.agency, key)
    }

    /// The words of a list parameter with their labels, in the order the agency set.
    fn words(&self, key: &str) -> Vec<Word> {
        let declared = self.pack.parameters().find(|known| known.key == key);
        let options = declared
            .map(|known| known.options.as_slice())
            .unwrap_or_default();
        let label = |value: &str| {
            options
                .iter()
                .find(|(word, _)| word == value)
                .map_or_else(|| value.to_owned(), |(_, label)| label.clone())
        };
        let set = self.parameter(key).unwrap_or_default();
        let words = set.as_array().map(Vec::as_slice).unwrap_or_default();
        words
            .iter()
            .filter_map(Value::as_str)
            .map(|value| Word {
                value: value.to_owned(),
                label: label(value),
            })
            .collect()
    }

    /// The first word that the pack offers for a list parameter, whatever the agency chose from it.
    fn first_word(&self, key: &str) -> Option<String> {
        let declared = self.pack.parameters().find(|known| known.key == key)?;
        declared.options.first().map(|(word, _)| word.clone())
    }

    /// 审批层级 – the stages without which the case does not go on, in their order; empty when no gate asks for any.
    fn stages(&self, form: &str) -> Vec<&'static str> {
        let asked = self.asked.stages.get(form);
        STAGES
            .into_iter()
            .filter(|stage| asked.is_some_and(|asked| asked.contains(*stage)))
            .collect()
    }

    /// Forms that some gate wants approved.
    fn approved_forms(&self) -> Vec<String> {
        self.asked.stages.keys().cloned().collect()
    }

    /// 送审表 – forms whose review some gate wants passed.
    fn submissions(&self) -> Vec<String> {
        self.asked.submissions.iter().cloned().collect()
    }

    /// Clocks that an event at headquarters starts for an instrument.
    fn clocks(
        &self,
        subject: &Subject,
        event: &str,
        at: DateTime<FixedOffset>,
    ) -> Result<Vec<ClockBody>, Failure> {
        let limits = self.pack.time_limits_for(&subject.instrument.form, event);
        self.clocks_of(limits, &subject.value(), at)
    }

    /// What of `limits` begins to run at `at` about this value.
    fn clocks_of(
        &self,
        limits: Vec<&NamedLimit>,
        value: &Value,
        at: DateTime<FixedOffset>,
    ) -> Result<Vec<ClockBody>, Failure> {
        let mut clocks = Vec::new();
        for limit in limits.into_iter().filter(|limit| limit.applies(value)) {
            let Some(due) = self.pack.deadline(limit, value, at, &self.agency) else {
                continue;
            };
            clocks.push(ClockBody {
                name: limit.name.clone(),
                text: limit.text.clone(),
                due_on: due.legal_due.to_string(),
                due_at: due.due_at.map(|due_at| time_text(&due_at)),
                safe_due: Some(due.safe_due.to_string()),
                is_provisional: due.is_provisional,
                basis: serde_json::to_value(&limit.basis)?,
            });
        }
        Ok(clocks)
    }

    /// Whether a clock is one that `event` ends; by its name where the pack does not say what ends it.
    fn is_ended_by(&self, clock: &str, event: &str) -> bool {
        let done = self
            .pack
            .time_limit(clock)
            .and_then(|limit| limit.done_by.as_ref());
        match done {
            Some(done) => done.events.iter().any(|ending| ending == event),
            None => ENDED_BY_NAME
                .iter()
                .any(|(name, ending)| *ending == event && clock.starts_with(name)),
        }
    }
}

/// A word of the pack and how people read it.
struct Word {
    value: String,
    label: String,
}

/// Beginnings of clocks' names and what ends them, for packs that do not say it.
const ENDED_BY_NAME: [(&str, &str); 4] = [
    ("disclosure", "disclosed"),
    ("withdraw", "withdrawn"),
    ("review", "reviewed"),
    ("payment", "paid"),
];

fn citations(stored: &str) -> Vec<Citation> {
    serde_json::from_str(stored).unwrap_or_default()
}
