//! What anyone may ask about a badge or a paper. Nothing is written down about who asked.

use contract::BoundaryError;
use journal::{BadgeFault, PublicKey, badge};

use crate::clock::{shanghai, time_text};
use crate::console::{failed, portrait_path, standing};
use crate::contract::public::{
    BadgeAnswer, BadgeOfficer, BadgeState, CheckBadge, CheckDocument, DisclosureAnswer,
    DisclosureLines, DocumentAnswer, DocumentState, Handlers, ListDisclosures, ReadDisclosure,
};
use crate::failure::Failure;
use crate::headquarters::Headquarters;
use crate::office;
use crate::store::instruments::{self, Instrument};
use crate::store::{people, seals, terminals};

const ID_CHARS_MAX: usize = 100;
const HASH_DIGITS_MIN: usize = 8;

pub struct PublicCall<'a>(pub &'a Headquarters);

impl Handlers for PublicCall<'_> {
    fn badge(&self, request: CheckBadge) -> Result<BadgeAnswer, BoundaryError> {
        self.0.check_badge(&request.token).map_err(failed)
    }

    fn document(&self, request: CheckDocument) -> Result<DocumentAnswer, BoundaryError> {
        self.0
            .check_document(&request.id, request.sha256.as_deref())
            .map_err(failed)
    }

    fn disclosures(&self, query: ListDisclosures) -> Result<DisclosureLines, BoundaryError> {
        office::public_lines(self.0, &query)
    }

    fn disclosure(&self, request: ReadDisclosure) -> Result<DisclosureAnswer, BoundaryError> {
        office::public_answer(self.0, &request.disclosure_id)
    }
}

impl Headquarters {
    pub fn check_badge(&self, token: &str) -> Result<BadgeAnswer, Failure> {
        let (state, claims) = self.judge_code(token)?;
        let mut answer = self.badge_answer(state)?;
        let Some(claims) = claims else {
            return Ok(answer);
        };
        answer.shown_at = chrono::DateTime::from_timestamp(i64::from(claims.issued_at), 0)
            .map(|at| time_text(&shanghai(&at)));
        let today = self.clock.now().date_naive();
        let mut worst = match claims.credentials.is_empty() {
            true => BadgeState::Malformed,
            false => BadgeState::Valid,
        };
        for credential_no in &claims.credentials {
            let officer = self.read(|on| people::officer(on, credential_no))?;
            let standing = officer
                .as_ref()
                .map_or("unknown", |officer| standing(officer, today));
            worst = worse(worst, state_of(standing));
            answer.officers.push(match officer {
                Some(officer) => BadgeOfficer {
                    photo: portrait_path(&officer),
                    name: officer.name,
                    unit: officer.unit,
                    credential_no: officer.credential_no,
                    category: officer.category,
                    area: officer.area,
                    valid_from: officer.valid_from,
                    valid_to: officer.valid_to,
                    standing: standing.to_owned(),
                },
                None => BadgeOfficer {
                    name: String::new(),
                    unit: String::new(),
                    credential_no: credential_no.clone(),
                    category: String::new(),
                    area: String::new(),
                    valid_from: String::new(),
                    valid_to: String::new(),
                    standing: standing.to_owned(),
                    photo: None,
                },
            });
        }
        answer.state = worse(answer.state, worst);
        Ok(answer)
    }

    /// The code alone: whether a terminal of ours signed it, and just now. Claims come only with a good signature.
    fn judge_code(&self, token: &str) -> Result<(BadgeState, Option<badge::BadgeClaims>), Failure> {
        let Ok((claims, key_id)) = badge::read(token) else {
            return Ok((BadgeState::Malformed, None));
        };
        let terminal = self.read(|on| Ok(terminals::by_badge_key(on, &key_id.to_string())?))?;
        let Some(terminal) = terminal else {
            return Ok((BadgeState::Unknown, None));
        };
        let key = PublicKey::from_base64(&terminal.badge_key)
            .map_err(|_| Failure::stored("a badge key"))?;
        Ok(
            match badge::check(token, &key, self.clock.now(), badge::SKEW_S) {
                Ok(claims) => (BadgeState::Valid, Some(claims)),
                Err(BadgeFault::Expired) => (BadgeState::ExpiredCode, Some(claims)),
                Err(BadgeFault::NotYet) => (BadgeState::NotYetValidCode, Some(claims)),
                Err(BadgeFault::BadSignature) => (BadgeState::BadSignature, None),
                Err(BadgeFault::Malformed) => (BadgeState::Malformed, None),
            },
        )
    }

    fn badge_answer(&self, state: BadgeState) -> Result<BadgeAnswer, Failure> {
        let foundation = self.foundation()?;
        Ok(BadgeAnswer {
            state,
            agency_name: foundation.agency_text("name"),
            complaint_phone: foundation.agency_text("complaint_phone"),
            officers: Vec::new(),
            shown_at: None,
            checked_at: time_text(&self.clock.now()),
            example: foundation.example,
        })
    }

    pub fn check_document(
        &self,
        id: &str,
        sha256: Option<&str>,
    ) -> Result<DocumentAnswer, Failure> {
        let id = id.trim();
        let papers = match id.chars().count() {
            1..=ID_CHARS_MAX => self.read(|on| Ok(instruments::papers(on, id)?))?,
            _ => Vec::new(),
        };
        let hash = sha256
            .map(|text| text.trim().to_ascii_lowercase())
            .filter(|text| !text.is_empty());
        let found = papers
            .iter()
            .find(|paper| hash.as_deref().is_some_and(|hash| has_content(paper, hash)))
            .or_else(|| papers.first());
        let seal_no = match found {
            Some(paper) => self.read(|on| Ok(seals::number_on(on, &paper.instrument_id)?))?,
            None => None,
        };
        let foundation = self.foundation()?;
        Ok(DocumentAnswer {
            state: found.map_or(DocumentState::Unknown, |paper| {
                state_of_paper(paper, hash.as_deref())
            }),
            agency_name: foundation.agency_text("name"),
            complaint_phone: foundation.agency_text("complaint_phone"),
            title: found.map(|paper| paper.title.clone()),
            number: found.and_then(|paper| paper.number.clone()),
            seal_no,
            issued_on: found
                .and_then(|paper| paper.issued_at.as_deref())
                .and_then(|at| at.get(..10))
                .map(str::to_owned),
            checked_at: time_text(&self.clock.now()),
            example: foundation.example,
        })
    }
}

fn state_of_paper(paper: &Instrument, hash: Option<&str>) -> DocumentState {
    match hash {
        Some(hash) if !has_content(paper, hash) => DocumentState::ContentDiffers,
        _ if paper.state == "voided" => DocumentState::Voided,
        Some(_) => DocumentState::Issued,
        None => DocumentState::IssuedUnchecked,
    }
}

/// `hash` is the whole content hash or its printed beginning.
fn has_content(paper: &Instrument, hash: &str) -> bool {
    let content = paper.content_sha256.as_deref().unwrap_or_default();
    hash.len() >= HASH_DIGITS_MIN && content.starts_with(hash)
}

fn state_of(standing: &str) -> BadgeState {
    match standing {
        "valid" => BadgeState::Valid,
        "expired" => BadgeState::CertificateExpired,
        "not_yet_valid" => BadgeState::CertificateNotYetValid,
        "suspended" => BadgeState::Suspended,
        "not_an_officer" => BadgeState::NotAnOfficer,
        _ => BadgeState::Unknown,
    }
}

fn worse(one: BadgeState, other: BadgeState) -> BadgeState {
    if weight(one) >= weight(other) {
        one
    } else {
        other
    }
}

/// A person who may not act outweighs an old code: a fresh code would not help.
fn weight(state: BadgeState) -> u8 {
    match state {
        BadgeState::Valid => 0,
        BadgeState::ExpiredCode => 1,
        BadgeState::NotYetValidCode => 2,
        BadgeState::CertificateNotYetValid => 3,
        BadgeState::CertificateExpired => 4,
        BadgeState::Suspended => 5,
        BadgeState::NotAnOfficer => 6,
        BadgeState::Unknown => 7,
        BadgeState::BadSignature => 8,
        BadgeState::Malformed => 9,
    }
}
