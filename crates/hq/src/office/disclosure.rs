//! 公示与撤回 – one person checks the page, another one releases it, and officers of the case are neither. What is
//! withdrawn stays known by its hash and says why it is gone.

use contract::BoundaryError;
use journal::Kind;
use journal::body::{HqDisclosed, HqDisclosureWithdrawn};
use law::Citation;
use rusqlite::Connection;

use super::page::Page;
use super::{
    Denied, Rules, Subject, bounded_list, citations, closed, name, needs_function, one_of, text,
};
use crate::console::{bad_request, not_found};
use crate::contract::office::{
    Channel, Disclose, Disclosed, DisclosurePreview, PreviewDisclosure, Recorded, ReviewDisclosure,
    WithdrawDisclosure,
};
use crate::failure::Failure;
use crate::headquarters::{Foundation, Headquarters};
use crate::store::disclosures::{self, Review};
use crate::store::people::Session;
use crate::store::{acts, clocks};

const KINDS: [&str; 3] = ["result", "penalty", "inspection"];
const DISCLOSERS: [&str; 1] = ["discloser"];
/// The page that headquarters serves itself; everything disclosed stands there.
const PUBLIC_PAGE: &str = "public_page";
const RULE_RELEASE: &str = "D1";

impl Headquarters {
    /// The page as it would go out.
    pub(crate) fn disclosure_preview(
        &self,
        session: &Session,
        request: &PreviewDisclosure,
    ) -> Result<DisclosurePreview, BoundaryError> {
        needs_function(session, &["discloser", "head", "legal", "supervisor"])?;
        let kind = one_of("kind", &request.kind, &KINDS)?;
        let foundation = self.foundation().map_err(Denied::from)?;
        let rules = Rules::in_force(self, &foundation).map_err(Denied::from)?;
        let preview = self.read(|on| {
            let shown = Subject::issued(on, &request.instrument_id)
                .and_then(|subject| preview(on, &rules, &subject, kind, foundation.example));
            match shown {
                Ok(preview) => Ok(Ok(preview)),
                Err(Denied::Failed(failure)) => Err(failure),
                Err(Denied::Refused(error)) => Ok(Err(error)),
            }
        });
        preview.map_err(Denied::from)?.map_err(|error| *error)
    }

    /// 审核 of the page by the first person.
    pub(crate) fn review_disclosure(
        &self,
        session: &Session,
        request: &ReviewDisclosure,
    ) -> Result<DisclosurePreview, BoundaryError> {
        needs_function(session, &DISCLOSERS)?;
        let kind = one_of("kind", &request.kind, &KINDS)?;
        let channels = checked_channels(&request.channels)?;
        checked_basis(&request.basis)?;
        let preview = self.write(|writing| {
            let foundation = Foundation::read(writing.on)?;
            let rules = Rules::in_force(self, &foundation)?;
            let subject = open_for_disclosure(writing.on, session, &request.instrument_id)?;
            let page = Page::of(writing.on, &rules, &subject, kind, foundation.example)?;
            let review = Review {
                instrument_id: subject.instrument.instrument_id.clone(),
                kind: kind.to_owned(),
                channels: serde_json::to_string(&channels)?,
                basis: serde_json::to_string(&request.basis)?,
                page_sha256: Page::sha256(&page.page),
                user: session.user.clone(),
                user_name: session.name.clone(),
                reviewed_at: writing.now_text.clone(),
            };
            disclosures::put_review(writing.on, &review)?;
            preview(writing.on, &rules, &subject, kind, foundation.example)
        })?;
        Ok(preview)
    }

    /// 发布 by the second person.
    pub(crate) fn disclose(
        &self,
        session: &Session,
        request: &Disclose,
    ) -> Result<Disclosed, BoundaryError> {
        needs_function(session, &DISCLOSERS)?;
        let kind = one_of("kind", &request.kind, &KINDS)?;
        let channels = checked_channels(&request.channels)?;
        checked_basis(&request.basis)?;
        let disclosed = self.write(|writing| {
            let foundation = Foundation::read(writing.on)?;
            let rules = Rules::in_force(self, &foundation)?;
            let subject = open_for_disclosure(writing.on, session, &request.instrument_id)?;
            let id = subject.instrument.instrument_id.clone();
            let review = disclosures::review(writing.on, &id)?
                .ok_or_else(|| closed("page_not_reviewed", RULE_RELEASE))?;
            if review.user == session.user {
                return Err(closed("released_by_reviewer", RULE_RELEASE).into());
            }
            let page = Page::of(writing.on, &rules, &subject, kind, foundation.example)?;
            let page_sha256 = Page::sha256(&page.page);
            if review.kind != kind || review.page_sha256 != page_sha256 {
                return Err(closed("page_changed", RULE_RELEASE).into());
            }
            let body = HqDisclosed {
                v: 1,
                disclosure_id: uuid::Uuid::new_v4().to_string(),
                writer: subject.case.writer.clone(),
                case_id: subject.case.case_id.clone(),
                instrument_id: id.clone(),
                kind: kind.to_owned(),
                channels: channels.clone(),
                page: page.page,
                page_sha256: page_sha256.clone(),
                basis: serde_json::to_value(&request.basis)?,
                collected_by: collected_by(&subject),
                reviewed_by: review.user_name,
                user: session.user.clone(),
                user_name: session.name.clone(),
            };
            let idx = writing.record(Kind::HqDisclosed, &body)?;
            disclosures::drop_review(writing.on, &id)?;
            Ok::<_, Denied>(Disclosed {
                idx,
                public_path: format!("/public#{}", body.disclosure_id),
                disclosure_id: body.disclosure_id,
                page_sha256,
            })
        })?;
        Ok(disclosed)
    }

    /// 撤回 on every channel at once; the public page says why.
    pub(crate) fn withdraw_disclosure(
        &self,
        session: &Session,
        request: &WithdrawDisclosure,
    ) -> Result<Recorded, BoundaryError> {
        needs_function(session, &["discloser", "head"])?;
        let reason = text("reason", &request.reason, true)?;
        let recorded = self.write(|writing| {
            let id = &request.disclosure_id;
            let disclosure =
                disclosures::by_id(writing.on, id)?.ok_or_else(|| not_found("disclosure", id))?;
            if disclosure.withdrawn_at.is_some() {
                return Err(closed("withdrawn_before", "R-D2").into());
            }
            let body = HqDisclosureWithdrawn {
                v: 1,
                disclosure_id: id.clone(),
                instrument_id: disclosure.instrument_id,
                channels: serde_json::from_str(&disclosure.channels)?,
                reason: reason.clone(),
                page_sha256: disclosure.page_sha256,
                user: session.user.clone(),
                user_name: session.name.clone(),
            };
            let idx = writing.record(Kind::HqDisclosureWithdrawn, &body)?;
            Ok::<_, Denied>(Recorded { idx })
        })?;
        Ok(recorded)
    }
}

/// Nothing stands published of it yet, it was not revoked, and the user did not handle the case.
fn open_for_disclosure(
    on: &Connection,
    session: &Session,
    instrument_id: &str,
) -> Result<Subject, Denied> {
    let subject = Subject::issued(on, instrument_id)?;
    if subject.is_handled_by(session) {
        return Err(closed("discloser_is_handler", RULE_RELEASE).into());
    }
    if !acts::of_instrument(on, instrument_id, "hq.decision_revoked")?.is_empty() {
        return Err(closed("decision_revoked", "R-D2").into());
    }
    if disclosures::live(on, instrument_id)?.is_some() {
        return Err(closed("disclosed_before", RULE_RELEASE).into());
    }
    Ok(subject)
}

fn preview(
    on: &Connection,
    rules: &Rules,
    subject: &Subject,
    kind: &str,
    is_example: bool,
) -> Result<DisclosurePreview, Denied> {
    let id = &subject.instrument.instrument_id;
    let page = Page::of(on, rules, subject, kind, is_example)?;
    let review = disclosures::review(on, id)?;
    let due = due(on, rules, subject)?;
    let channels = match &review {
        Some(review) => serde_json::from_str(&review.channels)?,
        None => rules
            .channels()
            .into_iter()
            .map(|known| known.value)
            .collect(),
    };
    let basis = match (&review, &due) {
        (Some(review), _) => citations(&review.basis),
        (None, Some(due)) => citations(&due.basis),
        (None, None) => Vec::new(),
    };
    Ok(DisclosurePreview {
        page_sha256: Page::sha256(&page.page),
        page: page.page,
        left_out: page.left_out,
        cautions: page.cautions,
        collected_by: collected_by(subject),
        reviewed_by: review.as_ref().map(|review| review.user_name.clone()),
        reviewed_at: review.map(|review| review.reviewed_at),
        channels,
        channels_known: rules.channels(),
        basis,
        due_on: due.map(|due| due.due_on),
    })
}

fn due(
    on: &Connection,
    rules: &Rules,
    subject: &Subject,
) -> Result<Option<clocks::Clock>, Failure> {
    let running = clocks::of_case(on, &subject.case.case_id)?;
    let id = Some(&subject.instrument.instrument_id);
    Ok(running
        .into_iter()
        .filter(|clock| clock.instrument_id.as_ref() == id)
        .find(|clock| rules.is_ended_by(&clock.name, "disclosed")))
}

/// 采集 – the officers who issued it.
fn collected_by(subject: &Subject) -> String {
    let officers = crate::console::officers_of(&subject.case.officers);
    let names: Vec<String> = officers.into_iter().map(|officer| officer.name).collect();
    names.join("、")
}

fn checked_channels(channels: &[String]) -> Result<Vec<String>, BoundaryError> {
    bounded_list("channels", channels)?;
    if channels.is_empty() {
        return Err(bad_request("channels").with("field", "channels"));
    }
    channels
        .iter()
        .map(|channel| name("channels", channel))
        .collect()
}

/// 公示依据 – each publication says on what it rests.
fn checked_basis(basis: &[Citation]) -> Result<(), BoundaryError> {
    bounded_list("basis", basis)?;
    if basis.is_empty() {
        return Err(closed("basis_missing", "R-D3"));
    }
    for citation in basis {
        name("basis", &citation.law)?;
        name("basis", &citation.article)?;
    }
    Ok(())
}

impl Rules {
    /// 公示载体 – of the agency; its own public page without a word from it.
    pub(super) fn channels(&self) -> Vec<Channel> {
        let words = self.words("publication_channels");
        let known = words.into_iter().map(|word| Channel {
            value: word.value,
            label: word.label,
        });
        let own = Channel {
            value: PUBLIC_PAGE.to_owned(),
            label: PUBLIC_PAGE.to_owned(),
        };
        std::iter::once(own).chain(known).collect()
    }

    pub(super) fn channel_label(&self, channel: &str) -> String {
        let known = self
            .channels()
            .into_iter()
            .find(|known| known.value == channel);
        known.map_or_else(|| channel.to_owned(), |known| known.label)
    }
}
