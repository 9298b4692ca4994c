use std::collections::BTreeMap;

use journal::body::PenPoint;

use crate::{Layout, Picture, Seal};

/// Pictures by the id of the evidence.
pub type Pictures = BTreeMap<String, Picture>;

/// For sheets that show none.
pub static NO_PICTURES: Pictures = BTreeMap::new();

/// One instrument as it goes on paper.
#[derive(Debug, Clone)]
pub struct Sheet<'a> {
    pub layout: &'a Layout,
    pub values: &'a serde_json::Value,
    pub signatures: &'a [PlacedSignature],
    /// What a value names and is not here is shown as an empty frame.
    pub pictures: &'a Pictures,
    pub stamp: Stamp,
}

/// 签名 – a signature made by hand, put into its place on the sheet.
#[derive(Debug, Clone, PartialEq)]
pub struct PlacedSignature {
    /// `party`, `officer_1`, `witness`, `guardian` … as the form names it.
    pub slot: String,
    /// Pen strokes; one whose points tell the pressure is drawn in a width that follows it.
    pub strokes: Vec<Vec<Point>>,
    pub name: String,
    /// Date or date and time as ISO 8601 text.
    pub signed_on: String,
}

/// 笔迹点 – a point of a pen stroke.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// In coordinates of the signing box, 0 to 1 from its upper left corner.
    pub at: [f32; 2],
    /// 0 to 1, of a pen that tells it.
    pub pressure: Option<f32>,
}

impl From<[f32; 2]> for Point {
    fn from(at: [f32; 2]) -> Self {
        Self { at, pressure: None }
    }
}

/// What the system adds to the values: who the sheet is and which kind of print it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    pub title: String,
    pub document_id: String,
    pub number: Option<String>,
    /// Text of the QR code.
    pub qr: Option<String>,
    /// RFC 3339.
    pub created_at: String,
    pub kind: StampKind,
    pub seal: Seal,
}

impl PlacedSignature {
    /// Strokes as the pen wrote them, in a box of 1000 × 1000.
    pub fn written(slot: &str, name: &str, signed_on: &str, strokes: &[Vec<PenPoint>]) -> Self {
        let scale = |at: i32| (f64::from(at) / 1000.0) as f32;
        let strokes = strokes.iter();
        Self {
            slot: slot.to_owned(),
            strokes: strokes
                .map(|stroke| {
                    let points = stroke.iter();
                    points
                        .map(|point| Point {
                            at: point.place().map(scale),
                            pressure: point.pressure().map(scale),
                        })
                        .collect()
                })
                .collect(),
            name: name.to_owned(),
            signed_on: signed_on.to_owned(),
        }
    }
}

impl Seal {
    /// 待盖章 – for a sheet that headquarters seals later.
    pub fn follows() -> Self {
        Self::Follows("本件尚未盖章，盖章件由机关另行送达".to_owned())
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StampKind {
    /// 草稿 – watermarked, without number and QR code.
    Draft,
    Final,
    /// 补打 – another copy of an issued sheet, marked as such.
    Reprint {
        copy_no: u32,
        at: String,
    },
}

impl Stamp {
    pub(crate) fn printed_number(&self) -> Option<&str> {
        match self.kind {
            StampKind::Draft => None,
            StampKind::Final | StampKind::Reprint { .. } => self.number.as_deref(),
        }
    }

    pub(crate) fn printed_qr(&self) -> Option<&str> {
        match self.kind {
            StampKind::Draft => None,
            StampKind::Final | StampKind::Reprint { .. } => self.qr.as_deref(),
        }
    }
}
