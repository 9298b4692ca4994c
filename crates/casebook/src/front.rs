//! What the terminal may show before anybody has signed in: the published roster and its own name.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::{DateTime, FixedOffset, NaiveDate};
use journal::body::RosterOfficer;
use journal::{Entry, Kind};
use law::officer::{Credential, CredentialStatus};
use law::{Citation, Refusal};
use serde::{Deserialize, Serialize};

use crate::contract::OfficerCard;
use crate::desk::Desk;
use crate::failure::Failure;
use crate::store;
use crate::vault::files;

const FILE: &str = "front.json";

/// The public face, as it lies on disk. Rosters are published by law (D6), so it needs no encryption.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Front {
    pub agency_name: String,
    pub complaint_phone: String,
    pub terminal_name: String,
    pub pack_version: String,
    pub public_url: String,
    pub example: bool,
    pub roster_version: String,
    pub officers: Vec<RosterOfficer>,
    /// Articles behind the refusals of the sign-in door, by refusal code; from the active pack.
    pub basis: BTreeMap<String, Vec<Citation>>,
}

/// The refusals that can happen before the pack is readable.
pub fn door_basis(pack: &forms::Pack) -> BTreeMap<String, Vec<Citation>> {
    let credential_no = String::new();
    [
        Refusal::CredentialUnknown {
            credential_no: credential_no.clone(),
        },
        Refusal::CredentialExpired {
            credential_no: credential_no.clone(),
            expired_on: NaiveDate::MIN,
        },
        Refusal::CredentialNotYetValid {
            credential_no: credential_no.clone(),
            valid_from: NaiveDate::MIN,
        },
        Refusal::CredentialSuspended {
            credential_no: credential_no.clone(),
        },
        Refusal::NotAnOfficer { credential_no },
        Refusal::TwoOfficersNeeded { present: 0 },
        Refusal::NotPresented,
    ]
    .iter()
    .map(|refusal| (refusal.code().to_owned(), pack.basis_of(refusal)))
    .collect()
}

impl Front {
    pub fn read(folder: &Path) -> Result<Option<Self>, Failure> {
        files::read(&folder.join(FILE))
    }

    pub fn write(&self, folder: &Path) -> Result<(), Failure> {
        files::write(&folder.join(FILE), self)
    }

    pub fn officer(&self, credential_no: &str) -> Option<&RosterOfficer> {
        self.officers
            .iter()
            .find(|officer| officer.credential_no == credential_no)
    }
}

/// Days since headquarters last answered, when the agency wants to be told (`roster_stale_days`) and they are more.
pub fn stale_roster_days(desk: &Desk, now: DateTime<FixedOffset>) -> Result<Option<i64>, Failure> {
    let limit = desk.pack.parameter(&desk.agency, "roster_stale_days");
    let Some(limit) = limit.as_ref().and_then(serde_json::Value::as_i64) else {
        return Ok(None);
    };
    let answered = store::meta(&desk.db, store::uplink::ANSWERED_AT)?;
    let answered = answered.and_then(|at| DateTime::parse_from_rfc3339(&at).ok());
    let rosters = store::uplink::down_of_kind(&desk.db, Kind::HqRosterPublished.as_str())?;
    let published = rosters
        .last()
        .and_then(|(_, frame)| Entry::parse(frame).ok())
        .map(|entry| entry.header.event_at);
    let newest = answered.into_iter().chain(published).max();
    let days = newest.map(|known| (now - known).num_days());
    Ok(days.filter(|days| *days > limit))
}

pub fn portrait_path(folder: &Path, sha256: &str) -> PathBuf {
    folder.join("portraits").join(sha256)
}

fn date(text: &str) -> NaiveDate {
    // A date nobody can read is a certificate that is over.
    NaiveDate::parse_from_str(text, "%Y-%m-%d").unwrap_or(NaiveDate::MIN)
}

/// The certificate of a roster line.
pub fn credential(officer: &RosterOfficer) -> Credential {
    Credential {
        credential_no: officer.credential_no.clone(),
        valid_from: date(&officer.valid_from),
        valid_to: date(&officer.valid_to),
        status: CredentialStatus::parse(&officer.status).unwrap_or(CredentialStatus::Suspended),
        is_officer: officer.is_officer,
        category: officer.category.clone(),
        area: officer.area.clone(),
    }
}

/// R-P2, R-P4 for a line of the roster.
pub fn standing(officer: &RosterOfficer, on: NaiveDate) -> Result<(), Refusal> {
    law::officer::standing(&credential(officer), on)
}

pub fn card(officer: &RosterOfficer, now: DateTime<FixedOffset>, signed_in: bool) -> OfficerCard {
    let standing = match standing(officer, now.date_naive()) {
        Ok(()) => "valid",
        Err(Refusal::CredentialExpired { .. }) => "expired",
        Err(Refusal::CredentialNotYetValid { .. }) => "not_yet_valid",
        Err(Refusal::NotAnOfficer { .. }) => "not_an_officer",
        Err(_) => "suspended",
    };
    OfficerCard {
        officer_id: officer.officer_id.clone(),
        name: officer.name.clone(),
        unit: officer.unit.clone(),
        post: officer.post.clone(),
        credential_no: officer.credential_no.clone(),
        category: officer.category.clone(),
        area: officer.area.clone(),
        valid_from: officer.valid_from.clone(),
        valid_to: officer.valid_to.clone(),
        standing: standing.to_owned(),
        photo: officer
            .photo_sha256
            .as_ref()
            .map(|_| format!("stream/officer/{}/photo", officer.credential_no)),
        signed_in,
        has_pin: true,
    }
}
