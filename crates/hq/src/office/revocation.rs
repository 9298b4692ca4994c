//! 决定被变更、撤销、确认违法或者无效 – a decision falls, and what was published of it has to be taken down.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime};
use contract::BoundaryError;
use journal::Kind;
use journal::body::{ClockBody, HqDecisionRevoked};

use super::{Denied, Rules, Subject, closed, needs_function, one_of, text};
use crate::console::bad_request;
use crate::contract::office::{RevokeDecision, Revoked};
use crate::headquarters::{Foundation, Headquarters};
use crate::store::people::Session;
use crate::store::{acts, disclosures};

const CAUSES: [&str; 4] = ["changed", "revoked", "illegal", "invalid"];

impl Headquarters {
    pub(crate) fn revoke_decision(
        &self,
        session: &Session,
        request: &RevokeDecision,
    ) -> Result<Revoked, BoundaryError> {
        needs_function(session, &["head", "legal", "supervisor"])?;
        let cause = one_of("cause", &request.cause, &CAUSES)?;
        let organ = super::name("organ", &request.organ)?;
        let reason = text("reason", &request.reason, true)?;
        let decided_on: NaiveDate = request
            .decided_on
            .parse()
            .map_err(|_| bad_request("decided_on").with("field", "decided_on"))?;
        let revoked = self.write(|writing| {
            let subject = Subject::issued(writing.on, &request.instrument_id)?;
            let id = subject.instrument.instrument_id.clone();
            if decided_on > writing.now.date_naive() {
                return Err(closed("decided_in_future", "R-D2").into());
            }
            if !acts::of_instrument(writing.on, &id, "hq.decision_revoked")?.is_empty() {
                return Err(closed("revoked_before", "R-D2").into());
            }
            let rules = Rules::in_force(self, &Foundation::read(writing.on)?)?;
            let clocks = rules.clocks(&subject, "revoked", midnight(decided_on, &writing.now))?;
            let body = HqDecisionRevoked {
                v: 1,
                writer: subject.case.writer.clone(),
                case_id: subject.case.case_id.clone(),
                instrument_id: id.clone(),
                cause: cause.to_owned(),
                organ: organ.clone(),
                decided_on: decided_on.to_string(),
                reason: reason.clone(),
                user: session.user.clone(),
                user_name: session.name.clone(),
                clocks,
            };
            let idx = writing.record(Kind::HqDecisionRevoked, &body)?;
            disclosures::drop_review(writing.on, &id)?;
            let live = disclosures::live(writing.on, &id)?;
            Ok::<_, Denied>(Revoked {
                idx,
                disclosure_id: live.map(|live| live.disclosure_id),
                withdraw_due_on: earliest(&body.clocks),
                clocks: body
                    .clocks
                    .iter()
                    .map(|clock| super::clocks::started(clock, &id, writing))
                    .collect(),
            })
        })?;
        Ok(revoked)
    }
}

/// The day of the decision counts, not the hour at which it was entered here.
fn midnight(day: NaiveDate, now: &DateTime<FixedOffset>) -> DateTime<FixedOffset> {
    day.and_time(NaiveTime::MIN)
        .and_local_timezone(*now.offset())
        .single()
        .unwrap_or(*now)
}

/// Of several limits for the same duty the strictest counts.
fn earliest(clocks: &[ClockBody]) -> Option<String> {
    clocks.iter().map(|clock| clock.due_on.clone()).min()
}
