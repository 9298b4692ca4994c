//! 存卷件、盖章件 – issued instruments with the opinions that were given since, or with headquarters' seal, for the dossier.

use std::collections::BTreeMap;

use contract::BoundaryError;
use paper::Document;
use rusqlite::Connection;

use super::again::{Setting, Shelf, is_shown};
use super::record::{Record, records};
use crate::console::{failed, not_found};
use crate::failure::Failure;
use crate::headquarters::Headquarters;
use crate::store::acts::{self, Act};
use crate::store::instruments::{self, Instrument};

/// How the index calls a sheet on which opinions stand.
pub(crate) const OFFICE_COPY: &str = "存卷件";

/// What came to the instruments of a case after they were issued.
pub(crate) struct Later {
    case_id: String,
    acts: Vec<Act>,
    records: BTreeMap<String, Record>,
    shelf: Shelf,
}

pub(crate) enum OfficeCopy {
    /// The issued pages say everything.
    AsIssued,
    /// The pages, and what the index says about them: 存卷件 with opinions, 盖章件 with the seal alone.
    Set(Document, &'static str),
    /// Something it is made from is not here.
    NotSet,
}

/// Whether something came to an issued instrument that its sheet shows.
pub(crate) fn has_later(on: &Connection, instrument: &Instrument) -> Result<bool, Failure> {
    if instrument.issued_at.is_none() {
        return Ok(false);
    }
    let id = Some(&instrument.instrument_id);
    let acts = acts::of_case(on, &instrument.case_id)?;
    Ok(acts
        .iter()
        .any(|act| act.instrument_id.as_ref() == id && is_shown(act)))
}

impl Headquarters {
    /// The sheet with what came since, PDF, for a signed-in user: to be printed, sent or filed. Recorded like every look.
    pub fn office_copy(
        &self,
        token: Option<&str>,
        instrument_id: &str,
        asked_purpose: Option<&str>,
    ) -> Result<Vec<u8>, BoundaryError> {
        let session = self.signed_in(token)?;
        let case_id = self
            .read(|on| Ok(instruments::by_id(on, instrument_id)?))
            .map_err(failed)?
            .map(|instrument| instrument.case_id)
            .ok_or_else(|| not_found("instrument", instrument_id))?;
        let purpose = self.purpose_of(&session.user, &case_id, asked_purpose)?;
        self.record_view(&session, ("copy", instrument_id), Some(&case_id), &purpose)
            .map_err(failed)?;
        let mut later = self.later(&case_id).map_err(failed)?;
        match later.copy_of(self, instrument_id).map_err(failed)? {
            OfficeCopy::Set(document, _) => {
                let pdf = document.pdf();
                pdf.map_err(|fault| failed(Failure::Paper(crate::causes(&fault))))
            }
            OfficeCopy::AsIssued | OfficeCopy::NotSet => Err(not_found("copy", instrument_id)),
        }
    }

    pub(crate) fn later(&self, case_id: &str) -> Result<Later, Failure> {
        let (acts, records) = self.read(|on| {
            let mut acts = acts::of_case(on, case_id)?;
            acts.retain(is_shown);
            let records = match acts.is_empty() {
                true => BTreeMap::new(),
                false => records(on, case_id)?,
            };
            Ok((acts, records))
        })?;
        Ok(Later {
            case_id: case_id.to_owned(),
            acts,
            records,
            shelf: Shelf::default(),
        })
    }
}

impl Later {
    pub fn copy_of(
        &mut self,
        hq: &Headquarters,
        instrument_id: &str,
    ) -> Result<OfficeCopy, Failure> {
        let is_mine = |act: &Act| act.instrument_id.as_deref() == Some(instrument_id);
        if !self.acts.iter().any(is_mine) {
            return Ok(OfficeCopy::AsIssued);
        }
        let Some(record) = self.records.get(instrument_id) else {
            return Ok(OfficeCopy::NotSet);
        };
        let Some(pack) = self.shelf.pack(hq, &record.pack)? else {
            return Ok(OfficeCopy::NotSet);
        };
        let since = hq.since(&pack, record, &self.acts)?;
        if since.is_seal_gone {
            return Ok(OfficeCopy::NotSet);
        }
        let note = match (since.opinions.is_empty(), &since.seal) {
            (false, _) => OFFICE_COPY,
            (true, Some(_)) => "盖章件",
            (true, None) => return Ok(OfficeCopy::AsIssued),
        };
        let again = match hq.set_again(&mut self.shelf, &self.case_id, record)? {
            Setting::Ready(again) => again.with(&since),
            Setting::Missing(_) => return Ok(OfficeCopy::NotSet),
        };
        // A character no font has may stand in an opinion: then the issued pages are all there is.
        match paper::compose(hq.fonts.fonts()?, &again.sheet()) {
            Ok(document) => Ok(OfficeCopy::Set(document, note)),
            Err(_) => Ok(OfficeCopy::NotSet),
        }
    }
}
