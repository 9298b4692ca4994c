//! 亮证 – two officers show who they are; before that nothing else starts.

use contract::BoundaryError;
use forms::Form;
use journal::body::CredentialPresented;
use journal::{BadgeClaims, Kind};

use crate::contract::{
    BadgeView, Empty, PartyAcknowledgement, Place, Present, PresentMethod, PresentationView,
};
use crate::desk::{Act, Desk};
use crate::failure::No;
use crate::front;
use crate::host::Host;
use crate::terminal::{Terminal, lock};

/// Seconds a badge code is shown before the next one.
const PERIOD_S: u16 = 30;

/// R-P1, R-P2: two different officers whose certificates are valid today.
pub fn require_two_officers(desk: &Desk, host: &dyn Host) -> Result<(), No> {
    let present: Vec<_> = desk
        .session()?
        .officers
        .iter()
        .map(front::credential)
        .collect();
    law::two_officers(&present, host.now().date_naive())?;
    Ok(())
}

/// R-P3: the officers of this session have shown who they are.
pub fn require_presented(desk: &Desk, host: &dyn Host) -> Result<PresentationView, No> {
    require_two_officers(desk, host)?;
    desk.session()?
        .presentation
        .clone()
        .ok_or_else(|| law::Refusal::NotPresented.into())
}

/// Two officers, and at the scene their presentation; what is written at the office needs none.
pub fn require_scene(desk: &Desk, host: &dyn Host, form: Form<'_>) -> Result<(), No> {
    match form.definition().is_at_scene {
        true => require_presented(desk, host).map(|_| ()),
        false => require_two_officers(desk, host),
    }
}

pub fn present(
    terminal: &Terminal,
    desk: &mut Desk,
    request: &Present,
) -> Result<PresentationView, No> {
    let host = terminal.host.as_ref();
    require_two_officers(desk, host)?;
    let now = host.now();
    let front = terminal.front();
    let presentation_id = host.new_id();
    let body = CredentialPresented {
        v: 1,
        presentation_id: presentation_id.clone(),
        officers: desk.officer_bodies(),
        method: match request.method {
            PresentMethod::Show => "show",
            PresentMethod::Wear => "wear",
            PresentMethod::Qr => "qr",
        }
        .to_owned(),
        acknowledgement: match request.acknowledgement {
            PartyAcknowledgement::Seen => "seen",
            PartyAcknowledgement::Refused => "refused",
            PartyAcknowledgement::Absent => "absent",
        }
        .to_owned(),
        uniform_worn: request.uniform_worn,
        place: request.place.as_ref().map(Place::to_body),
        roster_version: front.roster_version.clone(),
    };
    let act = Act {
        kind: Kind::CredentialPresented,
        case_id: None,
        event_at: now,
        body: &body,
        blobs: Vec::new(),
    };
    desk.commit(host, act, |_, _| Ok(()))?;
    let session = desk.session_mut()?;
    let view = PresentationView {
        presentation_id,
        presented_at: crate::text::time(now),
        officers: session
            .officers
            .iter()
            .map(|officer| front::card(officer, now, true))
            .collect(),
        method: body.method,
        uniform_worn: body.uniform_worn,
    };
    session.presentation = Some(view.clone());
    *lock(&terminal.minted) = None;
    Ok(view)
}

/// The badge of this period; the same one however often it is asked for.
pub fn badge(terminal: &Terminal, _: Empty) -> Result<BadgeView, BoundaryError> {
    terminal.read(|desk| {
        let host = terminal.host.as_ref();
        let presentation = require_presented(desk, host)?;
        let now = host.now();
        let period = i64::from(PERIOD_S);
        let started = now.timestamp() - now.timestamp().rem_euclid(period);
        let minted_at = crate::text::time(
            now - chrono::Duration::milliseconds(now.timestamp_millis() - started * 1000),
        );
        let mut minted = lock(&terminal.minted);
        if let Some(view) = minted.as_ref().filter(|view| view.minted_at == minted_at) {
            return Ok(view.clone());
        }
        let mut id = [0; 16];
        // Ids of the host are 32 hex digits; anything else gives an all-zero id, which is still signed.
        let _ = hex::decode_to_slice(&presentation.presentation_id, &mut id);
        let claims = BadgeClaims {
            issued_at: u32::try_from(started).unwrap_or(u32::MAX),
            period_s: PERIOD_S,
            nonce: journal::random(),
            presentation: id,
            credentials: presentation
                .officers
                .iter()
                .map(|officer| officer.credential_no.clone())
                .collect(),
        };
        let token = journal::badge::mint(&claims, &desk.badge);
        let url = format!(
            "{}/v#{token}",
            desk.identity.public_url.trim_end_matches('/')
        );
        let front = terminal.front();
        let view = BadgeView {
            agency_name: front.agency_name.clone(),
            complaint_phone: front.complaint_phone.clone(),
            officers: presentation.officers,
            qr_svg: paper::qr_svg(&url),
            url,
            changes_at: crate::text::time(
                now + chrono::Duration::seconds(period - now.timestamp().rem_euclid(period)),
            ),
            minted_at,
            period_s: u32::from(PERIOD_S),
        };
        *minted = Some(view.clone());
        Ok(view)
    })
}
