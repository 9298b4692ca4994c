//! Real printers on loopback and pseudo-terminals, for the tests of the whole workspace.

mod decoding;
mod ipp_printer;
mod pages;
mod place;
mod slip_printer;

pub use decoding::decode;
pub use ipp_printer::IppPrinter;
pub use pages::{pwg_pages, urf_pages};
pub use place::Place;
pub use slip_printer::SlipPrinter;

/// Lets time pass for the jobs that this thread prints: their deadlines come so much sooner. Called from the progress of
/// a job, it ends the job at a moment of its own and not at one of the machine's.
pub fn pass(time: std::time::Duration) {
    crate::printing::pass(time);
}
