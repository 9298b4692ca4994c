//! 核验 – an issued PDF against what it was made from.

use journal::Hash;
use lopdf::{Document as Pdf, Object};
use serde_json::Value;

use crate::attached::{self, Attached};
use crate::{ComposeFault, Fonts, PaperFailure, Sheet, compose};

/// What setting a sheet again says about a PDF.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Byte for byte what these values, this layout and this build give.
    Same,
    /// The values inside the PDF are others, or there are none that can be read.
    OtherValues,
    /// The values are the same; page, signatures, pictures, fonts or the build are not.
    OtherPages,
}

/// Why a sheet could not be set again.
#[derive(Debug, thiserror::Error)]
pub enum VerifyFault {
    #[error("set the sheet again")]
    Compose(#[from] ComposeFault),
    #[error("write the sheet again")]
    Write(#[from] PaperFailure),
}

/// Sets the sheet again and compares it with the PDF.
pub fn verify(fonts: &Fonts, sheet: &Sheet<'_>, pdf: &[u8]) -> Result<Verdict, VerifyFault> {
    let again = compose(fonts, sheet)?.pdf()?;
    if again == pdf {
        return Ok(Verdict::Same);
    }
    let own = Attached::values(sheet.values, &sheet.stamp.title);
    Ok(match values_inside(pdf) {
        Some(inside) if inside == own.bytes => Verdict::OtherPages,
        Some(_) | None => Verdict::OtherValues,
    })
}

/// What a PDF says about itself; nothing of it is checked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inside {
    pub document_id: Option<String>,
    /// The values it carries, as the bytes whose SHA-256 its QR code names.
    pub values: Option<Vec<u8>>,
}

/// `None` where the file is no PDF, or damaged so that nothing in it can be read.
pub fn inside(pdf: &[u8]) -> Option<Inside> {
    let pdf = Pdf::load_mem(pdf).ok()?;
    let files = attached::files(&pdf).into_iter();
    let mut values = files.filter(|file| file.name == attached::VALUES);
    Some(Inside {
        document_id: document_id(&pdf),
        values: values.next().map(|file| file.bytes),
    })
}

/// The values an issued PDF carries. `None` where the file is damaged or carries none.
pub fn values_inside(pdf: &[u8]) -> Option<Vec<u8>> {
    inside(pdf)?.values
}

/// 内容哈希 – the SHA-256 of values as an issued PDF carries them; its QR code and its entry name it.
pub fn values_sha256(values: &Value) -> Hash {
    Hash::of(&Attached::values(values, "").bytes)
}

fn document_id(pdf: &Pdf) -> Option<String> {
    let metadata = pdf
        .catalog()
        .and_then(|all| all.get_deref(b"Metadata", pdf));
    let metadata = metadata.and_then(Object::as_stream).ok()?;
    let xmp = String::from_utf8_lossy(&metadata.content);
    let (_, rest) = xmp.split_once("<dc:identifier>")?;
    let (id, _) = rest.split_once("</dc:identifier>")?;
    Some(id.to_owned()).filter(|id| !id.is_empty())
}
