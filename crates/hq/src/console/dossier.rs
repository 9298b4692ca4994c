//! 案卷 – everything headquarters has of a case, bound into one PDF; the binding is recorded like every look.

use std::path::Path;
use std::sync::OnceLock;

use contract::BoundaryError;
use forms::{DossierPlace, Pack};
use journal::body::ObjectBody;
use paper::{
    Content, Document, Dossier, DossierLayouts, Fonts, Part, Photo, Picture, Volume, VolumeKind,
};
use serde_json::{Map, Value, json};

use super::{case_view, failed, not_found};
use crate::clock::time_text;
use crate::failure::Failure;
use crate::headquarters::{Foundation, Headquarters};
use crate::papers::{OFFICE_COPY, OfficeCopy, object_of, photo_name};
use crate::store::cases::{self, CaseFile};
use crate::store::evidence::{self, Evidence};
use crate::store::instruments::{self, Instrument};
use crate::store::objects;

/// What 备考表 says where the dossier holds sheets with opinions.
const OFFICE_COPIES: &str =
    "目录备注“存卷件”的文书载有出具后的审批、审核意见，其出具件原样附于本文件内";

/// Fonts for what headquarters sets itself; read when the first dossier is bound.
#[derive(Default)]
pub(crate) struct FontCase(OnceLock<Result<Fonts, String>>);

impl FontCase {
    pub(crate) fn fonts(&self) -> Result<&Fonts, Failure> {
        self.0
            .get_or_init(|| Fonts::load(&Fonts::default_dir()).map_err(|fault| fault.to_string()))
            .as_ref()
            .map_err(|fault| Failure::Dossier(fault.clone()))
    }
}

/// A document of the case with the bytes of its PDF.
struct Kept {
    instrument: Instrument,
    place: DossierPlace,
    pdf: Vec<u8>,
    /// Its pages with what came to them since it was issued, and what the index says about them.
    office_copy: Option<(Document, &'static str)>,
}

/// What of a case is here, and the names of what is not.
#[derive(Default)]
struct Gathered {
    documents: Vec<Kept>,
    photos: Vec<Photo>,
    recordings: usize,
    missing: Vec<String>,
    /// Documents on whose pages what came later could not be put.
    without_later: Vec<String>,
}

impl Headquarters {
    /// Binds the dossier of a case for a signed-in user, PDF. `asked_purpose` may be left out when the user opened the case
    /// itself before: then that purpose stands.
    pub fn dossier(
        &self,
        token: Option<&str>,
        case_id: &str,
        asked_purpose: Option<&str>,
    ) -> Result<Vec<u8>, BoundaryError> {
        let session = self.signed_in(token)?;
        let case = self
            .read(|on| Ok(cases::case(on, case_id)?))
            .map_err(failed)?
            .ok_or_else(|| not_found("case", case_id))?;
        let purpose = self.purpose_of(&session.user, case_id, asked_purpose)?;
        self.record_view(&session, ("dossier", case_id), Some(case_id), &purpose)
            .map_err(failed)?;
        self.bind(&case).map_err(failed)
    }

    fn bind(&self, case: &CaseFile) -> Result<Vec<u8>, Failure> {
        let foundation = self.foundation()?;
        let pack = self.pack(&foundation)?.pack;
        let gathered = self.gather(&pack, case)?;
        let values = cover(&foundation, case, &gathered);
        let mut volumes = Vec::new();
        for (kind, place) in [
            (VolumeKind::Main, DossierPlace::Main),
            (VolumeKind::Secondary, DossierPlace::Secondary),
        ] {
            let mut parts: Vec<_> = gathered
                .documents
                .iter()
                .filter(|kept| kept.place == place)
                .map(|kept| part(kept, foundation.agency_text("name")))
                .collect();
            if kind == VolumeKind::Main && !gathered.photos.is_empty() {
                parts.push(photo_sheets(&gathered.photos));
            }
            if kind == VolumeKind::Main || !parts.is_empty() {
                volumes.push(Volume {
                    kind,
                    values: &values,
                    signatures: &[],
                    parts,
                });
            }
        }
        let dossier = Dossier {
            title: format!("{}案卷", case.party_name),
            document_id: case.case_id.clone(),
            created_at: time_text(&self.clock.now()),
            volumes,
        };
        let broken = |fault: &dyn std::error::Error| Failure::Dossier(crate::causes(fault));
        let layouts = DossierLayouts::standard().map_err(|fault| broken(&fault))?;
        let bound = paper::bind(self.fonts.fonts()?, &layouts, &dossier);
        Ok(bound.map_err(|fault| broken(&fault))?.pdf)
    }

    fn gather(&self, pack: &Pack, case: &CaseFile) -> Result<Gathered, Failure> {
        let (instruments, evidence) = self.read(|on| {
            let instruments = instruments::of_case(on, &case.case_id)?;
            Ok((instruments, evidence::of_case(on, &case.case_id)?))
        })?;
        let mut later = self.later(&case.case_id)?;
        let mut gathered = Gathered::default();
        for instrument in instruments {
            // A draft is no document; a voided one stays in the file together with the record of its voiding.
            let Some(pdf) = &instrument.pdf else { continue };
            match self.bytes_of(pdf)? {
                Some(pdf) => {
                    let office_copy = match later.copy_of(self, &instrument.instrument_id)? {
                        OfficeCopy::Set(pages, note) => Some((pages, note)),
                        OfficeCopy::AsIssued => None,
                        OfficeCopy::NotSet => {
                            gathered.without_later.push(instrument.title.clone());
                            None
                        }
                    };
                    gathered.documents.push(Kept {
                        place: pack
                            .form(&instrument.form)
                            .map_or(DossierPlace::Main, |form| form.dossier_place()),
                        instrument,
                        pdf,
                        office_copy,
                    });
                }
                None => gathered.missing.push(instrument.title),
            }
        }
        let taken_by = officer_names(case);
        for row in evidence {
            let Some(object) = object_of(&row)? else {
                continue;
            };
            if !object.media_type.starts_with("image/") {
                gathered.recordings += 1;
                continue;
            }
            match self.picture(&row)? {
                Some(picture) => {
                    gathered
                        .photos
                        .push(photo(&row, &object, case, &taken_by, picture));
                }
                None => gathered.missing.push(photo_name(&row)),
            }
        }
        Ok(gathered)
    }

    /// The bytes of a stored object, `None` while they have not arrived.
    pub(crate) fn bytes_of(&self, stored: &str) -> Result<Option<Vec<u8>>, Failure> {
        let object: ObjectBody =
            serde_json::from_str(stored).map_err(|_| Failure::stored("an object"))?;
        if self
            .read(|on| Ok(objects::object(on, &object.sha256)?))?
            .is_none()
        {
            return Ok(None);
        }
        let sha256 = object
            .sha256
            .parse()
            .map_err(|_| Failure::stored("a hash"))?;
        read_file(&self.object_path(&sha256)).map(Some)
    }
}

fn read_file(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(Failure::file(path))
}

fn day(at: &str) -> String {
    at.chars().take(10).collect()
}

fn officer_names(case: &CaseFile) -> String {
    let officers = case_view::officers(&case.officers);
    let names: Vec<_> = officers.into_iter().map(|officer| officer.name).collect();
    names.join("、")
}

/// What cover and 备考表 say: the issued cover form where there is one, else what the case itself tells.
fn cover(foundation: &Foundation, case: &CaseFile, gathered: &Gathered) -> Value {
    let issued = gathered
        .documents
        .iter()
        .rfind(|kept| kept.place == DossierPlace::Cover)
        .and_then(|kept| serde_json::from_str::<Value>(&kept.instrument.value).ok());
    let mut values = match issued {
        Some(Value::Object(values)) => values,
        _ => {
            let mut values = Map::new();
            values.insert("party_name".to_owned(), json!(case.party_name));
            values.insert("filed_on".to_owned(), json!(day(&case.opened_at)));
            values.insert("compiler".to_owned(), json!(officer_names(case)));
            values
        }
    };
    values.insert("agency".to_owned(), foundation.agency.clone());
    let mut situation = Vec::new();
    if let Some(said) = values.get("situation").and_then(Value::as_str) {
        situation.push(said.trim_end_matches('。').to_owned());
    }
    if gathered.recordings > 0 {
        situation.push(format!("录音录像 {} 段另存", gathered.recordings));
    }
    if !gathered.missing.is_empty() {
        situation.push(format!("装订时尚未收齐：{}", gathered.missing.join("、")));
    }
    if !gathered.without_later.is_empty() {
        let titles = gathered.without_later.join("、");
        situation.push(format!("出具后的意见或者印章未能载入：{titles}"));
    }
    let documents = gathered.documents.iter();
    let mut notes = documents.filter_map(|kept| Some(kept.office_copy.as_ref()?.1));
    if notes.any(|note| note == OFFICE_COPY) {
        situation.push(OFFICE_COPIES.to_owned());
    }
    values.insert("situation".to_owned(), json!(situation.join("；")));
    Value::Object(values)
}

fn part(kept: &Kept, agency: String) -> Part<'_> {
    let content = match &kept.office_copy {
        Some((set, _)) => Content::OfficeCopy {
            set,
            issued: &kept.pdf,
        },
        None => Content::Issued(&kept.pdf),
    };
    let instrument = &kept.instrument;
    let notes = [
        kept.office_copy.as_ref().map(|(_, note)| *note),
        instrument.voided_reason.is_some().then_some("已作废"),
    ];
    let notes: Vec<_> = notes.into_iter().flatten().collect();
    Part {
        name: instrument.title.clone(),
        number: instrument.number.clone(),
        author: Some(agency),
        dated_on: instrument.issued_at.as_deref().map(day),
        note: (!notes.is_empty()).then(|| notes.join("、")),
        content,
    }
}

fn photo_sheets(photos: &[Photo]) -> Part<'_> {
    Part {
        name: "证据照片".to_owned(),
        number: None,
        author: photos.first().and_then(|photo| photo.taken_by.clone()),
        dated_on: photos
            .first()
            .and_then(|photo| photo.taken_at.as_deref().map(day)),
        note: Some(format!("{} 张", photos.len())),
        content: Content::Photos(photos.to_vec()),
    }
}

/// What an officer said a picture is of.
fn caption(step: &str) -> &str {
    match step {
        "scene" => "现场情况",
        "vehicle" => "车辆情况",
        "documents" => "证件、材料",
        "present" => "亮证",
        "notice" => "告知",
        "service" => "送达",
        "other" => "其他情况",
        words => words,
    }
}

fn photo(
    row: &Evidence,
    object: &ObjectBody,
    case: &CaseFile,
    taken_by: &str,
    picture: Picture,
) -> Photo {
    Photo {
        picture,
        caption: caption(&row.step).to_owned(),
        taken_at: Some(row.captured_at.clone()),
        place: (!case.place_text.is_empty()).then(|| case.place_text.clone()),
        taken_by: (!taken_by.is_empty()).then(|| taken_by.to_owned()),
        sha256: object.sha256.clone(),
    }
}
