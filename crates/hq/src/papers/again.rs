//! 重排 – an issued instrument set again from what the journals say, byte for byte as its terminal set it.

use std::collections::BTreeMap;

use forms::{Decided, Decision, Form, Pack, SealMode};
use journal::Kind;
use journal::body::{HqSealed, InstrumentIssued, ObjectBody};
use paper::{
    Impression, Layout, Picture, Pictures, PlacedSignature, Seal, Sheet, Stamp, StampKind,
};
use serde_json::{Map, Value};

use super::record::Record;
use crate::failure::Failure;
use crate::headquarters::Headquarters;
use crate::store::acts::Act;
use crate::store::evidence::{self, Evidence};

/// A sheet ready to be set.
#[derive(Clone)]
pub(crate) struct Again {
    layout: Layout,
    pub values: Value,
    signatures: Vec<PlacedSignature>,
    pictures: Pictures,
    stamp: Stamp,
}

/// Whether everything a sheet is made from is here.
pub(crate) enum Setting {
    Ready(Box<Again>),
    /// What is not here, in words.
    Missing(Vec<String>),
}

impl Again {
    pub fn sheet(&self) -> Sheet<'_> {
        Sheet {
            layout: &self.layout,
            values: &self.values,
            signatures: &self.signatures,
            pictures: &self.pictures,
            stamp: self.stamp.clone(),
        }
    }

    /// The same sheet with what came to it since.
    pub fn with(&self, since: &Since) -> Self {
        let mut again = self.clone();
        if let Value::Object(fields) = &mut again.values {
            fields.extend(since.opinions.clone());
        }
        if let Some(seal) = &since.seal {
            again.stamp.seal = Seal::Impression(seal.clone());
        }
        again
    }
}

/// What headquarters' people did about an instrument after it was issued, as far as a sheet shows it.
#[derive(Default)]
pub(crate) struct Since {
    /// Approvals and the review, as papers name them.
    pub opinions: Map<String, Value>,
    /// 总部盖章 – the seal that was put on at headquarters.
    pub seal: Option<Impression>,
    /// It was sealed, and the image to make the impression again is not here.
    pub is_seal_gone: bool,
}

/// Packs that were in force at some time, each opened once.
#[derive(Default)]
pub(crate) struct Shelf(BTreeMap<String, Option<Pack>>);

impl Shelf {
    pub fn pack(&mut self, hq: &Headquarters, version: &str) -> Result<Option<Pack>, Failure> {
        if let Some(known) = self.0.get(version) {
            return Ok(known.clone());
        }
        let found = hq.pack_of_version(version)?;
        self.0.insert(version.to_owned(), found.clone());
        Ok(found)
    }
}

impl Headquarters {
    /// Gathers what an issued instrument was made from.
    pub(crate) fn set_again(
        &self,
        shelf: &mut Shelf,
        case_id: &str,
        record: &Record,
    ) -> Result<Setting, Failure> {
        let issued = &record.issued;
        let pack = shelf.pack(self, &record.pack)?;
        let Some(form) = pack.as_ref().and_then(|pack| pack.form(&issued.form)) else {
            return Ok(Setting::Missing(vec![format!("规则包 {}", record.pack)]));
        };
        let (pictures, missing) = self.pictures_of(case_id, form, &issued.value)?;
        if !missing.is_empty() {
            return Ok(Setting::Missing(missing));
        }
        let Some(seal) = self.seal_of(pack.as_ref(), issued)? else {
            return Ok(Setting::Missing(vec!["印模".to_owned()]));
        };
        let layout =
            Layout::parse(form.paper()).map_err(|_| Failure::stored("a layout of a pack"))?;
        Ok(Setting::Ready(Box::new(Again {
            layout,
            values: issued.value.clone(),
            signatures: record.signatures.clone(),
            pictures,
            stamp: Stamp {
                title: issued.title.clone(),
                document_id: issued.instrument_id.clone(),
                number: issued.number.clone(),
                qr: Some(issued.qr.clone()),
                created_at: record.issued_at.clone(),
                kind: StampKind::Final,
                seal,
            },
        })))
    }

    /// How the sheet was sealed when it was issued; `None` where its impression cannot be made again.
    fn seal_of(
        &self,
        pack: Option<&Pack>,
        issued: &InstrumentIssued,
    ) -> Result<Option<Seal>, Failure> {
        let Some(used) = &issued.seal else {
            return Ok(Some(Seal::ByHand));
        };
        // The agency as it was then stands in the frozen value.
        let agency = issued.value.get("agency").unwrap_or(&Value::Null);
        let place = || pack?.pre_sealed_place(agency);
        Ok(match (SealMode::parse(&used.mode), &used.number) {
            (SealMode::Token, Some(number)) => self.impression_again(number)?.map(Seal::Impression),
            (SealMode::Headquarters, _) => Some(Seal::follows()),
            (SealMode::PreSealed, _) => Some(match place() {
                Some([x_mm, y_mm]) => Seal::PreSealed { x_mm, y_mm },
                None => Seal::ByHand,
            }),
            (SealMode::ByHand, _) | (SealMode::Token, None) => Some(Seal::ByHand),
        })
    }

    /// What came to an issued instrument since, out of the acts of its case.
    pub(super) fn since(
        &self,
        pack: &Pack,
        record: &Record,
        acts: &[Act],
    ) -> Result<Since, Failure> {
        let issued = &record.issued;
        let (mut seal, mut is_seal_gone) = (None, false);
        for act in acts
            .iter()
            .filter(|act| act.kind == Kind::HqSealed.as_str())
        {
            let sealed: HqSealed = serde_json::from_str(&act.body)?;
            let is_this = sealed.instrument_id == issued.instrument_id
                && sealed.content_sha256 == issued.content_sha256;
            if is_this {
                seal = self.impression_again(&sealed.seal_no)?;
                is_seal_gone = seal.is_none();
            }
        }
        Ok(Since {
            opinions: opinions(pack, record, acts),
            seal,
            is_seal_gone,
        })
    }

    /// The pictures a value names, and the names of those that have not arrived. What is no picture is framed on the paper.
    fn pictures_of(
        &self,
        case_id: &str,
        form: Form<'_>,
        value: &Value,
    ) -> Result<(Pictures, Vec<String>), Failure> {
        let named = form.evidence(value);
        let (mut pictures, mut missing) = (Pictures::new(), Vec::new());
        if named.is_empty() {
            return Ok((pictures, missing));
        }
        let known = self.read(|on| Ok(evidence::of_case(on, case_id)?))?;
        for (_, id) in named {
            let Some(row) = known.iter().find(|row| row.evidence_id == id) else {
                missing.push(format!("证据 {id}"));
                continue;
            };
            let object = object_of(row)?;
            let is_picture = object.is_some_and(|object| object.media_type.starts_with("image/"));
            if !is_picture || pictures.contains_key(&id) {
                continue;
            }
            match self.picture(row)? {
                Some(picture) => {
                    pictures.insert(id, picture);
                }
                None => missing.push(photo_name(row)),
            }
        }
        Ok((pictures, missing))
    }

    /// `None` while its file has not arrived, or where it cannot be read.
    pub(crate) fn picture(&self, row: &Evidence) -> Result<Option<Picture>, Failure> {
        let Some(stored) = &row.object else {
            return Ok(None);
        };
        let bytes = self.bytes_of(stored)?;
        Ok(bytes.and_then(|bytes| Picture::read(&bytes).ok()))
    }
}

/// The file of a piece of evidence; absent while it is being recorded.
pub(crate) fn object_of(row: &Evidence) -> Result<Option<ObjectBody>, Failure> {
    let object = row.object.as_deref().map(serde_json::from_str);
    object.transpose().map_err(|_| Failure::stored("an object"))
}

/// A picture of the evidence in words.
pub(crate) fn photo_name(row: &Evidence) -> String {
    let at: String = row.captured_at.chars().take(16).collect();
    format!("照片（{}）", at.replace('T', " "))
}

/// What was decided about an issued instrument, out of the acts of its case.
fn opinions(pack: &Pack, record: &Record, acts: &[Act]) -> Map<String, Value> {
    let issued = &record.issued;
    let decided = Decided {
        instrument_id: &issued.instrument_id,
        content_sha256: &issued.content_sha256,
        issued_at: &record.issued_at,
    };
    let acts = acts.iter().filter(|act| is_decision(act));
    let acts = acts.filter_map(|act| {
        Some(Decision {
            kind: Kind::parse(&act.kind).ok()?,
            at: act.acted_at.clone(),
            body: serde_json::from_str(&act.body).ok()?,
        })
    });
    pack.opinions(decided, acts)
}

/// Whether something came to an instrument by this act that its sheet shows.
pub(super) fn is_shown(act: &Act) -> bool {
    is_decision(act) || act.kind == Kind::HqSealed.as_str()
}

fn is_decision(act: &Act) -> bool {
    let kinds = [
        Kind::ApprovalRecorded,
        Kind::HqApprovalGiven,
        Kind::HqReviewGiven,
    ];
    kinds.iter().any(|kind| kind.as_str() == act.kind)
}
