//! 打印 – handing a page or a ticket to a printer, and knowing whether it came out.
//!
//! A legal instrument must not exist twice by accident: a job is sent again only when it is certain that nothing
//! reached paper. Everything that is not confirmed by the printer and not certain to have failed is [`Outcome::Unknown`],
//! and the officer is asked.
//!
//! Ticket and label printers are a [`Transport`](transport::Transport) times a [`Language`]; page printers speak IPP.

mod discovery;
mod ipp_printer;
mod ipp_question;
mod language;
mod page;
pub(crate) mod pwg;
mod raster;
mod slip;
mod test_pattern;
mod transport;
mod until;

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use discovery::{Found, Network, Places, discover};
pub use language::Language;
pub use page::{GreyPage, GreyPages};
pub use raster::{Raster, RasterFault};
pub use test_pattern::test_pattern;
pub use transport::Port;

#[cfg(feature = "testing")]
pub(crate) use ipp_printer::is_cancelled;
#[cfg(feature = "testing")]
pub(crate) use transport::{DeviceFile, Transport};
#[cfg(feature = "testing")]
pub(crate) use until::pass;

use crate::DeviceFailure;
use until::Until;

/// Where a printer is and what it speaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// `ipp://host:port/ipp/print`
    Ipp(String),
    /// A printer of tickets or labels.
    Slip { language: Language, port: Port },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PrinterState {
    Ready,
    Busy,
    Stopped,
    Offline,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    pub state: PrinterState,
    pub reasons: Vec<Reason>,
    pub model: Option<String>,
}

/// What a printer complains about; `Other` keeps the printer's own word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", content = "word", rename_all = "snake_case")]
pub enum Reason {
    PaperOut,
    CoverOpen,
    PaperLow,
    Jam,
    RibbonOut,
    Paused,
    Overheated,
    /// At work for somebody else; nothing of the job was taken.
    Busy,
    Offline,
    LowBattery,
    /// What came back is no answer in the language that was chosen.
    NotUnderstood,
    /// The printer takes no document of this kind.
    WrongDocument,
    /// Stopped by the caller before the first byte.
    GivenUp,
    Other(String),
}

impl Reason {
    /// Whether nothing more comes out until someone does something.
    #[must_use]
    pub fn stops_printing(&self) -> bool {
        match self {
            Self::PaperOut
            | Self::CoverOpen
            | Self::Jam
            | Self::RibbonOut
            | Self::Paused
            | Self::Overheated
            | Self::Offline
            | Self::NotUnderstood
            | Self::WrongDocument
            | Self::GivenUp => true,
            Self::PaperLow | Self::LowBattery | Self::Busy | Self::Other(_) => false,
        }
    }
}

/// Why only a person can tell what lies in the tray.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Doubt {
    /// The connection broke while bytes were on their way or before the printer confirmed.
    ConnectionBroke,
    /// It took everything and never said a word, as many cheap printers do.
    FellSilent,
    /// It took too long.
    TooSlow,
    /// Its answers make no sense in its language.
    TalksNonsense,
    /// The paper ended at the last rows.
    PaperEnded,
    /// The caller stopped the job after the first byte.
    GivenUp,
    /// A print server took the page and cannot see the paper.
    HandedOn,
    /// Cancelled at the printer itself.
    CancelledThere,
    /// The printer broke the job off.
    BrokenOff,
}

pub enum Payload {
    /// Pages as PDF, and as dots for printers that take no PDF.
    Pages {
        pdf: Vec<u8>,
        grey: Option<Box<dyn GreyPages>>,
    },
    Slip(Raster),
}

/// How far the printer's own darkness is turned, from −2 (light) to 2 (dark); 0 leaves it as it was set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Darkness(i8);

impl Darkness {
    #[must_use]
    pub fn new(step: i8) -> Self {
        Self(step.clamp(-2, 2))
    }

    #[must_use]
    pub fn step(self) -> i8 {
        self.0
    }
}

/// What an officer set for one printer; page printers ignore it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Dots across the paper: 384 for 58 mm, 576 for 80 mm.
    pub width_dots: u32,
    /// Moves the picture to the right, or to the left when negative, as far as its blank margin allows.
    pub offset_dots: i32,
    pub darkness: Darkness,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            width_dots: 576,
            offset_dots: 0,
            darkness: Darkness::default(),
        }
    }
}

/// One copy on its way to paper.
pub struct Job<'a> {
    pub name: &'a str,
    pub payload: &'a Payload,
    pub settings: Settings,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Progress {
    /// Bytes of the document handed over so far. The first report is 0, right before the first byte: stopping there
    /// is still certain failure.
    Sent { bytes: u64 },
    /// The printer waits for someone; an empty list means it is only slow.
    Waiting(Vec<Reason>),
}

/// The caller's answer to each [`Progress`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Continue {
    Yes,
    Stop,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// The device itself says the job is on paper.
    Confirmed { impressions: Option<u32> },
    /// Certain that nothing reached paper; the same copy may be sent again.
    Failed { reason: Reason, sent_bytes: u64 },
    /// Only a person can tell what lies in the tray.
    Unknown { doubt: Doubt, sent_bytes: u64 },
}

impl Outcome {
    fn failed(reason: Reason) -> Self {
        Self::Failed {
            reason,
            sent_bytes: 0,
        }
    }
}

/// Asks the printer how it is.
///
/// # Errors
/// When it cannot be reached or does not answer within `timeout`.
pub fn status(address: &Address, timeout: Duration) -> Result<Status, DeviceFailure> {
    match address {
        Address::Ipp(uri) => ipp_printer::status(uri, timeout),
        Address::Slip { language, port } => slip::status(*language, port, timeout),
    }
}

/// Prints once, or says honestly that it does not know. Returns at the latest soon after `deadline`.
///
/// `progress` is called often, from this thread; [`Continue::Stop`] gives the job up.
pub fn print(
    address: &Address,
    job: &Job<'_>,
    progress: &mut dyn FnMut(Progress) -> Continue,
    deadline: Duration,
) -> Outcome {
    let outcome = match address {
        Address::Ipp(uri) => ipp_printer::print(uri, job, progress, deadline),
        Address::Slip { language, port } => slip::print(*language, port, job, progress, deadline),
    };
    tracing::info!(?address, ?outcome, "printed");
    outcome
}

fn blocking(reasons: &[Reason]) -> Option<&Reason> {
    reasons.iter().find(|reason| reason.stops_printing())
}
