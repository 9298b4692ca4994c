//! 法制审核 – somebody qualified who did not handle the case looks at it before the decision.

use contract::BoundaryError;
use journal::Kind;
use journal::body::HqReviewGiven;
use rusqlite::Connection;
use serde_json::Value;

use super::{Denied, Rules, Subject, bounded_list, closed, name, needs_function, one_of, text};
use crate::console::bad_request;
use crate::contract::office::{Conclusion, Review, ReviewSheet, Reviewed};
use crate::failure::Failure;
use crate::headquarters::{Foundation, Headquarters};
use crate::store::acts::{self, Act};
use crate::store::people::Session;

const ANSWERS: [&str; 3] = ["yes", "no", "not_applicable"];
const OPINIONS: &str = "review_opinions";

impl Headquarters {
    /// Opinion kinds, items and the rounds before.
    pub(crate) fn review_sheet(&self, instrument_id: &str) -> Result<ReviewSheet, BoundaryError> {
        let foundation = self.foundation().map_err(Denied::from)?;
        let rules = Rules::in_force(self, &foundation).map_err(Denied::from)?;
        let sheet = self.read(|on| {
            let subject = match Subject::issued(on, instrument_id) {
                Ok(subject) => subject,
                Err(Denied::Failed(failure)) => return Err(failure),
                Err(Denied::Refused(error)) => return Ok(Err(error)),
            };
            let former = former(on, &subject)?;
            Ok(Ok(ReviewSheet {
                round: next_round(&former),
                conclusions: conclusions(&rules),
                items: items(&rules),
                former: former
                    .into_iter()
                    .map(|act| super::listing::act_row(on, act))
                    .collect::<Result<_, Failure>>()?,
            }))
        });
        sheet.map_err(Denied::from)?.map_err(|error| *error)
    }

    pub(crate) fn review(
        &self,
        session: &Session,
        request: &Review,
    ) -> Result<Reviewed, BoundaryError> {
        needs_function(session, &["legal"])?;
        let reason = text("reason", &request.reason, true)?;
        bounded_list("items", &request.items)?;
        for item in &request.items {
            text("items", &item.item, true)?;
            text("items", &item.note, false)?;
            one_of("items", &item.answer, &ANSWERS)?;
        }
        let qualification_no = match session.qualification_no.trim() {
            "" => return Err(closed("reviewer_not_qualified", "R-O8")),
            number => name("qualification_no", number)?,
        };
        let reviewed = self.write(|writing| {
            let subject = Subject::in_open_case(writing.on, &request.instrument_id)?;
            if subject.is_handled_by(session) {
                return Err(closed("reviewer_is_handler", "R-P7").into());
            }
            let rules = Rules::in_force(self, &Foundation::read(writing.on)?)?;
            let form = &subject.instrument.form;
            let submissions = rules.submissions();
            if !submissions.is_empty() && !submissions.contains(form) {
                return Err(closed("not_a_submission", "R-O8").into());
            }
            let named = |known: &Conclusion| {
                known.value == request.conclusion || known.label == request.conclusion
            };
            let conclusion = conclusions(&rules)
                .into_iter()
                .find(named)
                .ok_or_else(|| bad_request("conclusion").with("field", "conclusion"))?;
            let former = former(writing.on, &subject)?;
            let id = &subject.instrument.instrument_id;
            let is_answered = former
                .iter()
                .any(|act| act.instrument_id.as_ref() == Some(id) && is_passed(act));
            if is_answered {
                return Err(closed("passed_before", "R-O8").into());
            }
            let round = next_round(&former);
            let is_passed = conclusion.is_passing;
            let body = HqReviewGiven {
                v: 1,
                writer: subject.case.writer.clone(),
                case_id: subject.case.case_id.clone(),
                instrument_id: id.clone(),
                round,
                conclusion: conclusion.value,
                is_passed,
                items: serde_json::to_value(&request.items)?,
                reason: reason.clone(),
                user: session.user.clone(),
                user_name: session.name.clone(),
                qualification_no: qualification_no.clone(),
                content_sha256: subject.content_sha256.clone(),
            };
            let idx = writing.record(Kind::HqReviewGiven, &body)?;
            Ok::<_, Denied>(Reviewed {
                idx,
                round,
                is_passed,
            })
        })?;
        Ok(reviewed)
    }
}

fn former(on: &Connection, subject: &Subject) -> Result<Vec<Act>, Failure> {
    let acts = acts::of_case(on, &subject.case.case_id)?;
    Ok(acts
        .into_iter()
        .filter(|act| act.kind == Kind::HqReviewGiven.as_str())
        .collect())
}

fn next_round(former: &[Act]) -> u32 {
    u32::try_from(former.len())
        .unwrap_or(u32::MAX)
        .saturating_add(1)
}

fn is_passed(act: &Act) -> bool {
    let body: Value = serde_json::from_str(&act.body).unwrap_or_default();
    body.get("is_passed")
        .and_then(Value::as_bool)
        .unwrap_or(false)
}

/// 审核意见种类 – the agency's, out of those the pack offers. The first one the pack offers agrees, and it alone passes.
fn conclusions(rules: &Rules) -> Vec<Conclusion> {
    let agreeing = rules.first_word(OPINIONS);
    let words = rules.words(OPINIONS);
    words
        .into_iter()
        .map(|word| Conclusion {
            is_passing: Some(&word.value) == agreeing.as_ref(),
            value: word.value,
            label: word.label,
        })
        .collect()
}

/// 审核内容 – the items of the pack, and those the agency looks at besides.
fn items(rules: &Rules) -> Vec<String> {
    let words = ["review_items", "review_extra_items"].map(|key| rules.words(key));
    words.into_iter().flatten().map(|word| word.label).collect()
}
