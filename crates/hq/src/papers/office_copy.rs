//! 存卷件 – issued instruments with the opinions that were given since, for the dossier.

use std::collections::BTreeMap;

use paper::Document;

use super::again::{Setting, Shelf, is_decision, opinions};
use super::record::{Record, records};
use crate::failure::Failure;
use crate::headquarters::Headquarters;
use crate::store::acts::{self, Act};

/// What was decided about the instruments of a case.
pub(crate) struct Opinions {
    case_id: String,
    acts: Vec<Act>,
    records: BTreeMap<String, Record>,
    shelf: Shelf,
}

pub(crate) enum OfficeCopy {
    NothingDecided,
    Set(Document),
    /// Something it is made from is not here.
    NotSet,
}

impl Headquarters {
    pub(crate) fn opinions(&self, case_id: &str) -> Result<Opinions, Failure> {
        let (acts, records) = self.read(|on| {
            let mut acts = acts::of_case(on, case_id)?;
            acts.retain(is_decision);
            let records = match acts.is_empty() {
                true => BTreeMap::new(),
                false => records(on, case_id)?,
            };
            Ok((acts, records))
        })?;
        Ok(Opinions {
            case_id: case_id.to_owned(),
            acts,
            records,
            shelf: Shelf::default(),
        })
    }
}

impl Opinions {
    pub fn copy_of(
        &mut self,
        hq: &Headquarters,
        instrument_id: &str,
    ) -> Result<OfficeCopy, Failure> {
        let is_mine = |act: &Act| act.instrument_id.as_deref() == Some(instrument_id);
        if !self.acts.iter().any(is_mine) {
            return Ok(OfficeCopy::NothingDecided);
        }
        let Some(record) = self.records.get(instrument_id) else {
            return Ok(OfficeCopy::NotSet);
        };
        let Some(pack) = self.shelf.pack(hq, &record.pack)? else {
            return Ok(OfficeCopy::NotSet);
        };
        let opinions = opinions(&pack, record, &self.acts);
        if opinions.is_empty() {
            return Ok(OfficeCopy::NothingDecided);
        }
        let again = match hq.set_again(&mut self.shelf, &self.case_id, record)? {
            Setting::Ready(again) => again.with(opinions),
            Setting::Missing(_) => return Ok(OfficeCopy::NotSet),
        };
        // A character no font has may stand in an opinion: then the issued pages are all there is.
        match paper::compose(hq.fonts.fonts()?, &again.sheet()) {
            Ok(document) => Ok(OfficeCopy::Set(document)),
            Err(_) => Ok(OfficeCopy::NotSet),
        }
    }
}
