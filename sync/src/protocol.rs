//! The wire between terminal and headquarters: paths, headers and the shapes of questions and answers.
//!
//! Whatever says *accepted* is a note signed by headquarters; a status code alone proves nothing.

mod enrolment;
pub mod header;
pub mod path;
mod seals;
mod ticket;

use journal::Tip;
use serde::{Deserialize, Serialize};

pub use enrolment::{ENROLMENT_FIRST_LINE, EnrolRequest, Enrolment, EnrolmentFault};
pub use seals::{SealLot, SealLotFault, SealedImpression};
pub use ticket::{Ticket, TicketFault};

/// The most one append carries, and so the most one frame may have.
pub const APPEND_BYTES_MAX: usize = 4 * 1024 * 1024;
/// The most one answer to `down` carries, unless its first frame alone is larger.
pub const DOWN_BYTES_MAX: usize = 1024 * 1024;
/// The most one tus PATCH of a terminal carries; headquarters takes at least this much.
pub const MEDIA_PATCH_BYTES_MAX: usize = 4 * 1024 * 1024;
/// How far a request's signed time may lie from headquarters' clock.
pub const CLOCK_SKEW_MAX_S: u32 = 300;

/// The epoch of headquarters' own series.
pub const SERIES_EPOCH: u32 = 1;
pub const TUS_VERSION: &str = "1.0.0";
pub const FRAMES_TYPE: &str = "text/plain; charset=utf-8";
pub const NOTE_TYPE: &str = "text/plain; charset=utf-8";
pub const JSON_TYPE: &str = "application/json";
pub const MEDIA_PATCH_TYPE: &str = "application/offset+octet-stream";

/// What headquarters holds of one series: answer to `head` (200) and to an append whose base is not the head (409).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeadAnswer {
    /// `null` is an answer, a missing member is none.
    #[serde(deserialize_with = "Option::deserialize")]
    pub head: Option<Tip>,
    /// The signed [`journal::Receipt`] for exactly `head`; present whenever `head` is. A terminal believes in a fork only
    /// with it, and learns from it that an append arrived whose answer was lost.
    #[serde(default)]
    pub receipt: Option<String>,
}

/// Body of every answer with a status of 400 and above, except 409 to an append, which is a [`HeadAnswer`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejection {
    pub reason: Reason,
    /// For the log, in English; never shown as it is.
    #[serde(default)]
    pub detail: String,
}

impl Rejection {
    pub fn new(reason: Reason, detail: impl Into<String>) -> Self {
        Self {
            reason,
            detail: detail.into(),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// 400: not a request of this protocol.
    Malformed,
    /// 401: the device signature does not fit.
    BadSignature,
    /// 401: the signed time is more than [`CLOCK_SKEW_MAX_S`] away from headquarters' clock.
    ClockSkew,
    /// 401: this nonce was used before.
    Replayed,
    /// 403: no such device, or another device's series.
    UnknownDevice,
    /// 403: the device was revoked.
    Revoked,
    /// 403: the ticket is unknown, used or expired.
    Ticket,
    /// 404: headquarters has no such thing.
    NotFound,
    /// 409: the offset of a PATCH is not the offset of the upload.
    Offset,
    /// 413: larger than the protocol allows.
    TooLarge,
    /// 422: the frames continue another branch than the one headquarters holds; they are kept there as evidence.
    Fork,
    /// 422: a signature, a hash or the chain does not hold.
    Invalid,
    /// 422: the received file does not have the hash it was announced with.
    HashMismatch,
    /// 429, 503: come back later; see `Retry-After`.
    Busy,
    /// 500, 507: headquarters failed; nothing was accepted.
    Internal,
    /// A reason this version does not know.
    #[serde(other)]
    Other,
}

impl Reason {
    /// The status this reason travels under.
    pub const fn status(self) -> u16 {
        match self {
            Self::Malformed | Self::Other => 400,
            Self::BadSignature | Self::ClockSkew | Self::Replayed => 401,
            Self::UnknownDevice | Self::Revoked | Self::Ticket => 403,
            Self::NotFound => 404,
            Self::Offset => 409,
            Self::TooLarge => 413,
            Self::Fork | Self::Invalid | Self::HashMismatch => 422,
            Self::Busy => 503,
            Self::Internal => 500,
        }
    }
}
