//! Values and a layout become pages, a PDF, a preview and a ticket.
//!
//! A [`Layout`] is text an agency can edit (`docs/paper-layout.md`). Together with an instrument's
//! values, the signatures and a [`Stamp`] it is composed into a [`Document`]: pages of placed
//! glyphs, lines and shapes. The PDF, the preview and the thermal ticket paint the same pages, so
//! what the officer saw is what is printed. Only bundled fonts are used, and a character none of
//! them has is a fault before anything is printed.

mod attached;
mod bitmap;
mod breaking;
mod conformance;
mod document;
mod dossier;
mod face;
mod fault;
mod figures;
mod flow;
mod fonts;
mod item;
mod layout;
mod names;
#[cfg(test)]
mod oracle;
mod outline;
mod page_raster;
mod parse;
mod pdf;
mod pen;
mod picture;
mod pictures;
mod qr;
mod raster;
mod resolve;
mod seal;
mod sealing;
mod sheet;
mod signing;
mod svg;
mod table;
mod value;
mod verify;

pub use bitmap::Bitmap;
pub use document::{Document, compose, ticket};
pub use dossier::{
    Bound, Content, Dossier, DossierFault, DossierLayouts, Part, Photo, Volume, VolumeKind, bind,
};
pub use fault::{ComposeFault, FontFailure, LayoutFault, PaperFailure};
pub use fonts::{Coverage, Fonts};
pub use layout::Layout;
pub use names::Named;
pub use page_raster::Grey;
pub use picture::{Picture, PictureFault};
pub use qr::{qr_modules, qr_svg};
pub use seal::{Impression, ImpressionFault, Seal};
pub use sheet::{NO_PICTURES, Pictures, PlacedSignature, Point, Sheet, Stamp, StampKind};
pub use verify::{Inside, Verdict, VerifyFault, inside, values_inside, values_sha256, verify};
