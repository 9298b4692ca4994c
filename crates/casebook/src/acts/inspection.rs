//! Opening an inspection, amending its blocks, telling notices.

use contract::{BoundaryError, Code};
use journal::Kind;
use journal::body::{CaseAmended, InspectionOpened, NoticeTold, PlaceBody};
use law::Finding;
use serde_json::Value;

use crate::acts::presentation::{require_presented, require_two_officers};
use crate::contract::{
    AmendCase, CaseId, CheckParty, Findings, NoticeText, NoticeTexts, OpenInspection, Place,
    TellNotice,
};
use crate::desk::{Act, Desk};
use crate::failure::{Failure, No};
use crate::store::inspection::{self, Inspection};
use crate::terminal::Terminal;

impl Place {
    pub fn to_body(&self) -> PlaceBody {
        PlaceBody {
            text: self.text.clone(),
            road_no: self.road_no.clone(),
            stake_km: self.stake_km,
            stake_m: self.stake_m,
            direction: self.direction.clone(),
            latitude_e7: self.latitude_e7,
            longitude_e7: self.longitude_e7,
            division: self.division.clone(),
        }
    }

    pub fn of_body(body: &PlaceBody) -> Self {
        Place {
            text: body.text.clone(),
            road_no: body.road_no.clone(),
            stake_km: body.stake_km,
            stake_m: body.stake_m,
            direction: body.direction.clone(),
            latitude_e7: body.latitude_e7,
            longitude_e7: body.longitude_e7,
            division: body.division.clone(),
        }
    }
}

/// The case, or a plain "not there".
pub fn read_case(desk: &Desk, case_id: &str) -> Result<Inspection, No> {
    inspection::read(&desk.db, case_id)?.ok_or_else(|| {
        BoundaryError::new(Code::NotFound)
            .with("case_id", case_id)
            .into()
    })
}

pub fn check_party(terminal: &Terminal, desk: &Desk, request: &CheckParty) -> Result<Findings, No> {
    let place = Value::Null;
    let findings = check_blocks(
        terminal,
        desk,
        &request.party,
        request.vehicle.as_ref(),
        &place,
    )?;
    Ok(Findings { findings })
}

/// Findings about the blocks that every form shares; what is only missing does not block.
fn check_blocks(
    terminal: &Terminal,
    desk: &Desk,
    party: &Value,
    vehicle: Option<&Value>,
    place: &Value,
) -> Result<Vec<Finding>, No> {
    let mut value = serde_json::json!({ "party": party });
    if let Some(fields) = value.as_object_mut() {
        if let Some(vehicle) = vehicle {
            fields.insert("vehicle".to_owned(), vehicle.clone());
        }
        if !place.is_null() {
            fields.insert("place".to_owned(), place.clone());
        }
    }
    check_value(terminal, desk, desk.pack.opening(), &value, &[])
}

/// All findings of a value against a form, now.
pub fn check_value(
    terminal: &Terminal,
    desk: &Desk,
    form: forms::Form<'_>,
    value: &Value,
    told: &[String],
) -> Result<Vec<Finding>, No> {
    let fonts = terminal.fonts()?;
    let missing = |text: &str| fonts.missing(text);
    let now = terminal.host.now();
    let context = forms::CheckContext {
        today: now.date_naive(),
        now,
        agency: &desk.agency,
        missing_glyphs: &missing,
        told,
        pack: &desk.pack,
    };
    Ok(form.check(value, &context))
}

pub fn open(terminal: &Terminal, desk: &mut Desk, request: &OpenInspection) -> Result<String, No> {
    let host = terminal.host.as_ref();
    let presentation = match request.is_planned {
        true => {
            require_two_officers(desk, host)?;
            None
        }
        false => Some(require_presented(desk, host)?),
    };
    if let Some(case_id) = inspection::case_of_request(&desk.db, &request.request_id)? {
        return Ok(case_id);
    }
    let place = serde_json::to_value(&request.place)?;
    let findings = check_blocks(
        terminal,
        desk,
        &request.party,
        request.vehicle.as_ref(),
        &place,
    )?;
    if findings
        .iter()
        .any(|finding| finding.severity == law::Severity::Block)
    {
        return Err(No::Found(findings));
    }
    let case_id = host.new_id();
    let body = InspectionOpened {
        v: 1,
        case_id: case_id.clone(),
        request_id: request.request_id.clone(),
        reason: request.reason.clone(),
        reason_note: request.reason_note.clone(),
        place: request.place.to_body(),
        party: request.party.clone(),
        vehicle: request.vehicle.clone(),
        presentation_id: presentation
            .as_ref()
            .map(|shown| shown.presentation_id.clone())
            .unwrap_or_default(),
        presented_at: presentation
            .map(|shown| shown.presented_at)
            .unwrap_or_default(),
        officers: desk.officer_bodies(),
    };
    let act = Act {
        kind: Kind::InspectionOpened,
        case_id: Some(&case_id),
        event_at: host.now(),
        body: &body,
        blobs: Vec::new(),
    };
    desk.commit(host, act, |_, _| Ok(()))?;
    Ok(case_id)
}

pub fn amend(terminal: &Terminal, desk: &mut Desk, request: &AmendCase) -> Result<(), No> {
    let host = terminal.host.as_ref();
    require_two_officers(desk, host)?;
    let case = read_case(desk, &request.case_id)?;
    let place = match &request.place {
        Some(place) => serde_json::to_value(place)?,
        None => Value::Null,
    };
    let party = request.party.as_ref().unwrap_or(&case.party);
    let findings = check_blocks(terminal, desk, party, request.vehicle.as_ref(), &place)?;
    if findings
        .iter()
        .any(|finding| finding.severity == law::Severity::Block)
    {
        return Err(No::Found(findings));
    }
    let body = CaseAmended {
        v: 1,
        place: request.place.as_ref().map(Place::to_body),
        party: request.party.clone(),
        vehicle: request.vehicle.clone(),
    };
    let act = Act {
        kind: Kind::CaseAmended,
        case_id: Some(&request.case_id),
        event_at: host.now(),
        body: &body,
        blobs: Vec::new(),
    };
    desk.commit(host, act, |_, _| Ok(()))?;
    Ok(())
}

/// The notices of the active pack, worded for this agency; those the procedure asks for come first.
pub fn notice_texts(desk: &Desk, _: &CaseId) -> Result<NoticeTexts, No> {
    let mut texts = desk.pack.all_rights(&desk.agency);
    let in_order: Vec<String> = desk
        .pack
        .procedures()
        .iter()
        .flat_map(|procedure| desk.pack.steps(&procedure.code))
        .filter_map(|step| step.notice.clone())
        .collect();
    let first = in_order
        .into_iter()
        .filter_map(|notice| texts.remove(&notice).map(|text| (notice, text)));
    let first: Vec<_> = first.collect();
    let notices = first
        .into_iter()
        .chain(texts)
        .map(|(notice, text)| NoticeText {
            notice,
            title: text.title,
            text: text.text,
            basis: text.basis,
        })
        .collect();
    Ok(NoticeTexts { notices })
}

pub fn tell(terminal: &Terminal, desk: &mut Desk, request: &TellNotice) -> Result<(), No> {
    let host = terminal.host.as_ref();
    require_presented(desk, host)?;
    read_case(desk, &request.case_id)?;
    let Some(text) = desk.pack.rights(&request.notice, &desk.agency) else {
        return Err(BoundaryError::new(Code::NotFound)
            .with("notice", request.notice.as_str())
            .into());
    };
    let body = NoticeTold {
        v: 1,
        notice: request.notice.clone(),
        title: text.title,
        text: text.text,
        response: request.response.clone(),
        moment: terminal.recording_moment(&request.case_id),
    };
    let act = Act {
        kind: Kind::NoticeTold,
        case_id: Some(&request.case_id),
        event_at: host.now(),
        body: &body,
        blobs: Vec::new(),
    };
    desk.commit(host, act, |_, _| Ok::<_, Failure>(()))?;
    Ok(())
}
