//! 存卷件、盖章件 – issued instruments with the opinions that were given since, or with headquarters' seal, for the dossier.

use std::collections::BTreeMap;

use paper::Document;

use super::again::{Setting, Shelf, is_shown};
use super::record::{Record, records};
use crate::failure::Failure;
use crate::headquarters::Headquarters;
use crate::store::acts::{self, Act};

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

impl Headquarters {
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
