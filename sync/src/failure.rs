//! What can break on the way to headquarters.

use crate::protocol::{EnrolmentFault, Reason, TicketFault};
use crate::state::Cause;

#[derive(Debug, thiserror::Error)]
pub enum SyncFailure {
    #[error("{0:?} is not an address headquarters may have")]
    Address(String),
    #[error("headquarters may be reached without encryption on this machine only, not at {0}")]
    Plain(String),
    #[error("the HTTP client could not be made")]
    Client(#[source] reqwest::Error),
    #[error("no thread could be started for sync")]
    Thread(#[source] std::io::Error),
    #[error("headquarters could not be reached")]
    Unreachable(#[source] std::io::Error),
    #[error("headquarters asks to come back later")]
    Busy,
    #[error("what answered is not headquarters: {0}")]
    NotHeadquarters(String),
    #[error("headquarters refused ({reason:?}): {detail}")]
    Refused { reason: Reason, detail: String },
    #[error("the ticket cannot be read")]
    Ticket(#[source] TicketFault),
    #[error("the enrolment cannot be trusted")]
    Enrolment(#[source] EnrolmentFault),
}

impl SyncFailure {
    /// The cause an officer is told.
    pub fn cause(&self) -> Cause {
        match self {
            Self::Unreachable(_) => Cause::HeadquartersUnreachable,
            Self::Busy => Cause::ServerBusy,
            Self::NotHeadquarters(_) | Self::Enrolment(_) | Self::Plain(_) | Self::Address(_) => {
                Cause::NotHeadquarters
            }
            Self::Refused {
                reason: Reason::ClockSkew,
                ..
            } => Cause::ClockSkew,
            Self::Refused { .. } | Self::Ticket(_) => Cause::Refused,
            Self::Client(_) | Self::Thread(_) => Cause::LocalFailure,
        }
    }
}
