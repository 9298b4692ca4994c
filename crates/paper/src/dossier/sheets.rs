//! The sheets a dossier adds: their values and their pages.

use serde_json::{Map, Value, json};

use super::{Binder, Dossier, DossierFault, Photo, Volume};
use crate::document::compose_on;
use crate::face::FaceSet;
use crate::fonts::Role;
use crate::item::{Item, Page, Run, RunGlyph};
use crate::{
    ComposeFault, Fonts, Layout, NO_PICTURES, Pictures, PlacedSignature, Sheet, Stamp, StampKind,
};

/// Number of a page: in its upper right corner, outside the text of every form.
const NUMBER_SIZE: f32 = 10.5;
const NUMBER_RIGHT: f32 = 40.0;
const NUMBER_TOP: f32 = 30.0;

/// What the values of a volume say, with the index and the counts that are only known now.
pub(super) fn values(
    dossier: &Dossier<'_>,
    index: usize,
    volume: &Volume<'_>,
    begins: &[usize],
    pages: usize,
) -> Value {
    let mut values: Map<String, Value> = volume.values.as_object().cloned().unwrap_or_default();
    let entries: Vec<Value> = volume
        .parts
        .iter()
        .zip(begins)
        .map(|(part, page)| {
            json!({
                "name": part.name, "number": part.number, "author": part.author,
                "dated_on": part.dated_on, "note": part.note, "page": page,
            })
        })
        .collect();
    values.insert("entries".to_owned(), Value::Array(entries));
    values.insert("page_total".to_owned(), json!(pages));
    values.insert("volume_kind".to_owned(), json!(volume.kind.words()));
    values.insert("volume".to_owned(), json!(index + 1));
    values.insert("volume_count".to_owned(), json!(dossier.volumes.len()));
    Value::Object(values)
}

pub(super) fn set(
    binder: &Binder<'_>,
    layout: &Layout,
    name: &str,
    values: &Value,
    signatures: &[PlacedSignature],
) -> Result<Vec<Page>, DossierFault> {
    compose(binder, layout, name, values, signatures, &NO_PICTURES)
}

/// 证据照片 – their sheets.
pub(super) fn evidence(
    binder: &Binder<'_>,
    name: &str,
    photos: &[Photo],
) -> Result<Vec<Page>, DossierFault> {
    let mut pictures = Pictures::new();
    let mut rows = Vec::new();
    for (index, photo) in photos.iter().enumerate() {
        let id = format!("photo-{index}");
        rows.push(json!({
            "id": id, "caption": photo.caption, "taken_at": photo.taken_at, "place": photo.place,
            "taken_by": photo.taken_by, "sha256": photo.sha256,
        }));
        pictures.insert(id, photo.picture.clone());
    }
    let values = json!({ "photos": rows });
    let layout = &binder.layouts.evidence;
    compose(binder, layout, name, &values, &[], &pictures)
}

fn compose(
    binder: &Binder<'_>,
    layout: &Layout,
    name: &str,
    values: &Value,
    signatures: &[PlacedSignature],
    pictures: &Pictures,
) -> Result<Vec<Page>, DossierFault> {
    let sheet = Sheet {
        layout,
        values,
        signatures,
        pictures,
        stamp: Stamp {
            title: name.to_owned(),
            document_id: binder.dossier.document_id.clone(),
            number: None,
            qr: None,
            created_at: binder.dossier.created_at.clone(),
            kind: StampKind::Final,
            seal: crate::Seal::ByHand,
        },
    };
    compose_on(binder.fonts, &sheet, layout.page.clone())
        .map(|document| document.pages)
        .map_err(|fault| not_set(name, fault))
}

fn not_set(sheet: &str, fault: ComposeFault) -> DossierFault {
    DossierFault::Compose {
        sheet: sheet.to_owned(),
        fault,
    }
}

pub(super) fn page_number(fonts: &Fonts, number: usize, width: f32) -> Result<Item, DossierFault> {
    let mut faces = FaceSet::new(fonts);
    let mut glyphs = Vec::new();
    let mut face = 0;
    for ch in number.to_string().chars() {
        let Some(glyph) = faces.glyph(Role::Label, ch) else {
            let missing = vec![(ch, "page".to_owned())];
            return Err(not_set("页号", ComposeFault::MissingGlyphs(missing)));
        };
        face = glyph.face;
        glyphs.push(RunGlyph {
            ch,
            gid: glyph.gid,
            font_em: glyph.advance_em,
            advance: glyph.advance_em * NUMBER_SIZE,
        });
    }
    let wide: f32 = glyphs.iter().map(|glyph| glyph.advance).sum();
    Ok(Item::Run(Run {
        at: [width - NUMBER_RIGHT - wide, NUMBER_TOP],
        size: NUMBER_SIZE,
        face,
        is_bold: false,
        lightness: 0.0,
        angle_deg: 0.0,
        glyphs,
    }))
}
