//! 执法监督文书 – notices, opinions and decisions of a supervising organ: registered when they arrive, answered in time.

use chrono::{DateTime, FixedOffset, NaiveDate};
use contract::BoundaryError;
use journal::Kind;
use journal::body::{ClockBody, HqSupervisionAnswered, HqSupervisionReceived};
use rusqlite::Connection;
use serde_json::Value;

use super::clocks::urgency;
use super::{Denied, Rules, citations, closed, name, needs_function, one_of, text};
use crate::console::{bad_request, not_found};
use crate::contract::office::{
    AnswerSupervision, Recorded, RegisterSupervision, SupervisionRegistered, SupervisionRow,
};
use crate::failure::Failure;
use crate::headquarters::{Foundation, Headquarters};
use crate::store::acts::{self, Act};
use crate::store::instruments::{self, Instrument};
use crate::store::people::Session;

const PAPERS: [&str; 3] = ["notice", "opinion", "decision"];
const RULE: &str = "L9";
const PAPERS_MAX: u32 = 200;

impl Headquarters {
    pub(crate) fn register_supervision(
        &self,
        session: &Session,
        request: &RegisterSupervision,
    ) -> Result<SupervisionRegistered, BoundaryError> {
        needs_function(session, &["clerk", "legal", "head"])?;
        let paper = one_of("paper", &request.paper, &PAPERS)?;
        let number = name("number", &request.number)?;
        let organ = name("organ", &request.organ)?;
        let demand = text("demand", &request.demand, true)?;
        let case_no = text("case_no", &request.case_no, false)?;
        let received_on = day("received_on", &request.received_on)?;
        let reply_by = day("reply_by", &request.reply_by)?;
        if reply_by < received_on {
            return Err(bad_request("reply_by").with("field", "reply_by"));
        }
        let registered = self.write(|writing| {
            if received_on > writing.now.date_naive() {
                return Err(bad_request("received_on")
                    .with("field", "received_on")
                    .into());
            }
            let is_known = papers(writing.on)?
                .iter()
                .any(|(known, _)| known.number == number && known.organ == organ);
            if is_known {
                return Err(closed("registered_before", RULE).into());
            }
            let rules = Rules::in_force(self, &Foundation::read(writing.on)?)?;
            let mut body = HqSupervisionReceived {
                v: 1,
                paper_id: uuid::Uuid::new_v4().to_string(),
                paper: paper.to_owned(),
                number: number.clone(),
                organ: organ.clone(),
                demand: demand.clone(),
                received_on: received_on.to_string(),
                reply_by: reply_by.to_string(),
                case_no: case_no.clone(),
                user: session.user.clone(),
                user_name: session.name.clone(),
                clocks: Vec::new(),
            };
            body.clocks = rules.reply_clocks(&body, writing.now)?;
            let idx = writing.record(Kind::HqSupervisionReceived, &body)?;
            Ok::<_, Denied>(SupervisionRegistered {
                idx,
                paper_id: body.paper_id,
                due_on: body
                    .clocks
                    .first()
                    .map_or(body.reply_by, |clock| clock.due_on.clone()),
            })
        })?;
        Ok(registered)
    }

    pub(crate) fn answer_supervision(
        &self,
        session: &Session,
        request: &AnswerSupervision,
    ) -> Result<Recorded, BoundaryError> {
        needs_function(session, &["clerk", "legal", "head"])?;
        let note = text("note", &request.note, request.instrument_id.is_none())?;
        let recorded = self.write(|writing| {
            let id = &request.paper_id;
            let (paper, _) = papers(writing.on)?
                .into_iter()
                .find(|(paper, _)| &paper.paper_id == id)
                .ok_or_else(|| not_found("paper", id))?;
            let rules = Rules::in_force(self, &Foundation::read(writing.on)?)?;
            if answer_of(writing.on, &rules, &paper)?.is_some() {
                return Err(closed("answered_before", RULE).into());
            }
            if let Some(instrument_id) = &request.instrument_id {
                super::Subject::issued(writing.on, instrument_id)?;
            }
            let body = HqSupervisionAnswered {
                v: 1,
                paper_id: id.clone(),
                instrument_id: request.instrument_id.clone(),
                note: note.clone(),
                user: session.user.clone(),
                user_name: session.name.clone(),
            };
            let idx = writing.record(Kind::HqSupervisionAnswered, &body)?;
            Ok::<_, Denied>(Recorded { idx })
        })?;
        Ok(recorded)
    }
}

/// Everything that arrived, what is open and due first.
pub(super) fn rows(
    on: &Connection,
    rules: &Rules,
    now: DateTime<FixedOffset>,
) -> Result<Vec<SupervisionRow>, Failure> {
    let mut rows = Vec::new();
    for (paper, act) in papers(on)? {
        let answer = answer_of(on, rules, &paper)?;
        let clock = paper.clocks.first();
        let due_on = clock.map_or_else(|| paper.reply_by.clone(), |clock| clock.due_on.clone());
        rows.push(SupervisionRow {
            urgency: match answer.is_some() {
                true => "done".to_owned(),
                false => urgency(&due_on, now).to_owned(),
            },
            basis: clock
                .map(|clock| citations(&clock.basis.to_string()))
                .unwrap_or_default(),
            due_on,
            paper_id: paper.paper_id,
            paper: paper.paper,
            number: paper.number,
            organ: paper.organ,
            demand: paper.demand,
            received_on: paper.received_on,
            case_no: paper.case_no,
            registered_at: act.acted_at,
            registered_by: paper.user_name,
            answered_at: answer.as_ref().map(|answer| answer.at.clone()),
            answer: answer.map(|answer| answer.words).unwrap_or_default(),
        });
    }
    rows.sort_by(|one, other| {
        let place = |row: &SupervisionRow| (row.answered_at.is_some(), row.due_on.clone());
        place(one).cmp(&place(other))
    });
    Ok(rows)
}

fn papers(on: &Connection) -> Result<Vec<(HqSupervisionReceived, Act)>, Failure> {
    let acts = acts::newest(on, Kind::HqSupervisionReceived.as_str(), PAPERS_MAX)?;
    acts.into_iter()
        .map(|act| {
            let body = serde_json::from_str(&act.body).map_err(|_| Failure::stored("an act"))?;
            Ok((body, act))
        })
        .collect()
}

struct Answer {
    at: String,
    /// Number of the reply, or how it was answered otherwise.
    words: String,
}

/// What was said at the console, or an issued reply that names the paper's number.
fn answer_of(
    on: &Connection,
    rules: &Rules,
    paper: &HqSupervisionReceived,
) -> Result<Option<Answer>, Failure> {
    let said = acts::about(on, Kind::HqSupervisionAnswered.as_str(), &paper.paper_id)?;
    if let Some(act) = said.first() {
        let body: HqSupervisionAnswered =
            serde_json::from_str(&act.body).map_err(|_| Failure::stored("an act"))?;
        let number = match &body.instrument_id {
            Some(id) => instruments::by_id(on, id)?.and_then(|instrument| instrument.number),
            None => None,
        };
        return Ok(Some(Answer {
            at: act.acted_at.clone(),
            words: [number.unwrap_or_default(), body.note]
                .join(" ")
                .trim()
                .to_owned(),
        }));
    }
    for form in rules.reply_forms() {
        for instrument in instruments::issued_of_form(on, &form, PAPERS_MAX)? {
            if names(&instrument, &paper.number) {
                return Ok(Some(Answer {
                    at: instrument.issued_at.clone().unwrap_or_default(),
                    words: instrument.number.unwrap_or(instrument.title),
                }));
            }
        }
    }
    Ok(None)
}

fn names(instrument: &Instrument, number: &str) -> bool {
    let value: Value = serde_json::from_str(&instrument.value).unwrap_or_default();
    let mut texts = value
        .as_object()
        .into_iter()
        .flat_map(|fields| fields.values());
    texts.any(|text| text.as_str().is_some_and(|text| text.trim() == number))
}

impl Rules {
    /// Clocks that the arrival of a paper starts; the pack looks at the paper as at an instrument.
    fn reply_clocks(
        &self,
        body: &HqSupervisionReceived,
        at: DateTime<FixedOffset>,
    ) -> Result<Vec<ClockBody>, Failure> {
        let value = serde_json::to_value(body)?;
        let limits = self.pack.time_limits_of_case(super::SUPERVISED);
        self.clocks_of(limits, &value, at)
    }

    /// Forms with which a paper is answered.
    fn reply_forms(&self) -> Vec<String> {
        let limits = self.pack.time_limits_of_case(super::SUPERVISED).into_iter();
        let done = limits.filter_map(|limit| limit.done_by.as_ref());
        done.flat_map(|done| done.forms.clone()).collect()
    }
}

fn day(field: &str, text: &str) -> Result<NaiveDate, BoundaryError> {
    text.trim()
        .parse()
        .map_err(|_| bad_request(field).with("field", field))
}
