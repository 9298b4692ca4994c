//! 审批 – heads decide about an application that two officers issued; also about what was approved from afar before.

use contract::BoundaryError;
use journal::Kind;
use journal::body::HqApprovalGiven;
use rusqlite::Connection;
use serde_json::Value;

use super::{Denied, Rules, STAGES, Subject, closed, needs_function, one_of, text};
use crate::contract::office::{Approve, Approved};
use crate::headquarters::{Foundation, Headquarters};
use crate::store::acts::{self, Act};
use crate::store::people::Session;

const DECISIONS: [&str; 3] = ["approved", "returned", "refused"];

impl Headquarters {
    pub(crate) fn approve(
        &self,
        session: &Session,
        request: &Approve,
    ) -> Result<Approved, BoundaryError> {
        let stage = one_of("stage", &request.stage, &STAGES)?;
        let decision = one_of("decision", &request.decision, &DECISIONS)?;
        needs_function(session, &[stage])?;
        let opinion = text("opinion", &request.opinion, decision != "approved")?;
        let approved = self.write(|writing| {
            let subject = Subject::in_open_case(writing.on, &request.instrument_id)?;
            let rules = Rules::in_force(self, &Foundation::read(writing.on)?)?;
            is_open(writing.on, &rules, &subject, stage)?;
            let body = HqApprovalGiven {
                v: 1,
                writer: subject.case.writer.clone(),
                case_id: subject.case.case_id.clone(),
                instrument_id: subject.instrument.instrument_id.clone(),
                form: subject.instrument.form.clone(),
                stage: stage.to_owned(),
                decision: decision.to_owned(),
                opinion: opinion.clone(),
                user: session.user.clone(),
                user_name: session.name.clone(),
                content_sha256: subject.content_sha256.clone(),
            };
            let idx = writing.record(Kind::HqApprovalGiven, &body)?;
            Ok::<_, Denied>(Approved {
                idx,
                content_sha256: subject.content_sha256.clone(),
                is_release_at_once: is_release_at_once(decision, &subject.value()),
            })
        })?;
        Ok(approved)
    }
}

/// Every stage is decided once, a later one that gates ask for only after the earlier ones they ask for – except to
/// answer what was approved from afar, which has been done already. Opinions nobody asked for may be added until the last
/// stage has decided.
fn is_open(on: &Connection, rules: &Rules, subject: &Subject, stage: &str) -> Result<(), Denied> {
    let id = &subject.instrument.instrument_id;
    let given = acts::of_instrument(on, id, "hq.approval_given")?;
    if given.iter().any(|act| act.about == stage) {
        return Err(closed("decided_before", "").into());
    }
    if given.iter().any(|act| decision_of(act) != "approved") {
        return Err(closed("sent_back_before", "").into());
    }
    let is_last = |act: &Act| STAGES.last() == Some(&act.about.as_str());
    if given.iter().any(is_last) {
        return Err(closed("decided_before", "").into());
    }
    let recorded = acts::of_instrument(on, id, "approval.recorded")?;
    if recorded.iter().any(|act| act.about == stage) {
        return Ok(());
    }
    let asked = rules.stages(&subject.instrument.form);
    let earlier = asked.iter().take_while(|asked| **asked != stage);
    let missing = earlier
        .filter(|_| asked.contains(&stage))
        .find(|asked| given.iter().all(|act| act.about != **asked));
    match missing {
        Some(missing) => Err(closed("stage_before", "").with("stage", *missing).into()),
        None => Ok(()),
    }
}

pub(super) fn decision_of(act: &Act) -> String {
    let body: Value = serde_json::from_str(&act.body).unwrap_or_default();
    body.get("decision")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

/// 立即解除 – an urgent measure was taken first, and the head does not approve it.
pub(super) fn is_release_at_once(decision: &str, value: &Value) -> bool {
    let is_urgent = match value.get("urgent").or_else(|| value.get("is_urgent")) {
        Some(Value::Bool(is_urgent)) => *is_urgent,
        Some(Value::String(word)) => word == "yes" || word == "true",
        _ => false,
    };
    decision == "refused" && is_urgent
}
