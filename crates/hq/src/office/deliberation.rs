//! 集体讨论 – heads decide together about what is complex or major; every opinion and every dissent is kept.

use contract::BoundaryError;
use journal::Kind;
use journal::body::HqDeliberated;

use super::{Denied, Subject, bounded_list, closed, name, needs_function, text};
use crate::clock::{time_from, time_text};
use crate::console::bad_request;
use crate::contract::office::{Deliberate, Recorded};
use crate::headquarters::Headquarters;
use crate::store::people::Session;

const ATTENDEES_MIN: usize = 2;

impl Headquarters {
    /// Written down by a head or by whoever keeps the minutes.
    pub(crate) fn deliberate(
        &self,
        session: &Session,
        request: &Deliberate,
    ) -> Result<Recorded, BoundaryError> {
        needs_function(session, &["head", "unit_head", "legal", "clerk"])?;
        let field = |field: &str| bad_request(field).with("field", field);
        let held_at = time_from(&request.held_at).ok_or_else(|| field("held_at"))?;
        let chair = name("chair", &request.chair)?;
        let conclusion = text("conclusion", &request.conclusion, true)?;
        bounded_list("attendees", &request.attendees)?;
        bounded_list("opinions", &request.opinions)?;
        let mut attendees = Vec::new();
        for attendee in &request.attendees {
            let attendee = name("attendees", attendee)?;
            if !attendees.contains(&attendee) {
                attendees.push(attendee);
            }
        }
        if attendees.len() < ATTENDEES_MIN {
            return Err(closed("too_few_attendees", "R-O9"));
        }
        if !attendees.contains(&chair) {
            return Err(field("chair"));
        }
        for opinion in &request.opinions {
            let who = name("opinions", &opinion.name)?;
            if !attendees.contains(&who) {
                return Err(field("opinions"));
            }
            text("opinions", &opinion.opinion, true)?;
            text("opinions", opinion.dissent.as_deref().unwrap_or(""), false)?;
        }
        let recorded = self.write(|writing| {
            let subject = Subject::in_open_case(writing.on, &request.instrument_id)?;
            if subject.case.case_id != request.case_id {
                return Err(field("case_id").into());
            }
            if held_at > writing.now {
                return Err(closed("held_in_future", "R-O9").into());
            }
            let body = HqDeliberated {
                v: 1,
                writer: subject.case.writer.clone(),
                case_id: subject.case.case_id.clone(),
                instrument_id: subject.instrument.instrument_id.clone(),
                held_at: time_text(&held_at),
                chair: chair.clone(),
                attendees: attendees.clone(),
                opinions: serde_json::to_value(&request.opinions)?,
                conclusion: conclusion.clone(),
                is_agreed: request.is_agreed,
                user: session.user.clone(),
                user_name: session.name.clone(),
            };
            let idx = writing.record(Kind::HqDeliberated, &body)?;
            Ok::<_, Denied>(Recorded { idx })
        })?;
        Ok(recorded)
    }
}
