//! 核验 – an issued PDF against what it was made from.

use lopdf::Document as Pdf;

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

/// The values an issued PDF carries, as the bytes whose SHA-256 its QR code names. `None` where the file is damaged or
/// carries none.
pub fn values_inside(pdf: &[u8]) -> Option<Vec<u8>> {
    let pdf = Pdf::load_mem(pdf).ok()?;
    let files = attached::files(&pdf).into_iter();
    let mut values = files.filter(|file| file.name == attached::VALUES);
    values.next().map(|file| file.bytes)
}
