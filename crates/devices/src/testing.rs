//! Real printers on loopback and pseudo-terminals, for the tests of the whole workspace.

mod decoding;
mod ipp_printer;
mod pages;
mod slip_printer;

pub use decoding::decode;
pub use ipp_printer::IppPrinter;
pub use pages::{pwg_pages, urf_pages};
pub use slip_printer::SlipPrinter;
