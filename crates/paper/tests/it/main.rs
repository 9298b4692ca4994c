//! Paper from layout to bytes, in one program: each file is a part of it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice
)]

mod archive;
mod blanks;
mod dossier;
mod fonts;
mod hostile;
mod kinsoku;
mod layout;
mod page_raster;
mod pdf;
mod pictures;
mod seal;
mod sealed;
mod signing;
mod support;
mod ticket;
