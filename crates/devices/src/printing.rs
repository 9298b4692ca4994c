//! 打印 – handing a page or a ticket to a printer, and knowing whether it came out.
//!
//! A legal instrument must not exist twice by accident: a job is sent again only when it is certain that nothing
//! reached paper. Everything that is not confirmed by the printer and not certain to have failed is [`Outcome::Unknown`],
//! and the officer is asked.

mod escpos_tcp;
mod ipp_printer;
mod pwg;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::DeviceFailure;

/// Where a printer is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "at", rename_all = "snake_case")]
pub enum Address {
    /// `ipp://host:port/ipp/print`
    Ipp(String),
    /// `host:9100`
    EscPosTcp(String),
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
    Offline,
    LowBattery,
    Other(String),
}

impl Reason {
    /// Whether nothing more comes out until someone does something.
    #[must_use]
    pub fn stops_printing(&self) -> bool {
        match self {
            Self::PaperOut | Self::CoverOpen | Self::Jam | Self::Offline => true,
            Self::PaperLow | Self::LowBattery | Self::Other(_) => false,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Payload {
    Pdf(Vec<u8>),
    /// One bit per dot, most significant bit leftmost, 1 is black; rows padded to whole bytes.
    Raster {
        width: u32,
        height: u32,
        rows: Vec<u8>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Progress {
    /// Bytes of the document handed over so far.
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
    Unknown { reason: String, sent_bytes: u64 },
}

/// Asks the printer how it is.
///
/// # Errors
/// When it cannot be reached or does not answer within `timeout`.
pub fn status(address: &Address, timeout: Duration) -> Result<Status, DeviceFailure> {
    match address {
        Address::Ipp(uri) => ipp_printer::status(uri, timeout),
        Address::EscPosTcp(host) => escpos_tcp::status(host, timeout),
    }
}

/// Prints once, or says honestly that it does not know. Returns at the latest soon after `deadline`.
///
/// `progress` is called often, from this thread; [`Continue::Stop`] gives the job up.
pub fn print(
    address: &Address,
    job_name: &str,
    payload: &Payload,
    progress: &mut dyn FnMut(Progress) -> Continue,
    deadline: Duration,
) -> Outcome {
    let outcome = match address {
        Address::Ipp(uri) => ipp_printer::print(uri, job_name, payload, progress, deadline),
        Address::EscPosTcp(host) => escpos_tcp::print(host, payload, progress, deadline),
    };
    tracing::info!(?address, ?outcome, "printed");
    outcome
}

fn blocking(reasons: &[Reason]) -> Option<&Reason> {
    reasons.iter().find(|reason| reason.stops_printing())
}

/// The time left of a job.
#[derive(Debug, Clone, Copy)]
struct Until(std::time::Instant);

impl Until {
    fn after(deadline: Duration) -> Self {
        let now = std::time::Instant::now();
        // A day is longer than any officer waits; it also keeps the sum in range.
        Self(now + deadline.min(Duration::from_secs(86_400)))
    }

    fn left(self) -> Option<Duration> {
        let left = self.0.saturating_duration_since(std::time::Instant::now());
        (!left.is_zero()).then_some(left)
    }

    fn left_at_most(self, most: Duration) -> Option<Duration> {
        self.left().map(|left| left.min(most))
    }
}
