//! What the officer is told about the way to headquarters.

use serde::{Deserialize, Serialize};

/// 同步状态 – what the terminal is doing about headquarters, why, and when it tries next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    pub phase: Phase,
    /// The failure that still stands, if any; also while another attempt is under way.
    pub cause: Option<Cause>,
    /// Counted from the moment of the report; `None` while an attempt is under way or everything is paused.
    pub next_attempt_in_ms: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Nothing is pending; headquarters is asked for news at the next attempt.
    Idle,
    /// A request is under way.
    Working,
    /// Something is pending and could not be done; see the cause.
    Waiting,
    /// Stopped on purpose.
    Paused,
    /// Headquarters holds another continuation of this series. Nothing of the series is sent until a new epoch starts;
    /// media and what comes down go on.
    Fork,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// No connection, or it broke before an answer was complete.
    HeadquartersUnreachable,
    /// Something answered that cannot prove to be headquarters: a captive portal, a proxy, a wrong address.
    NotHeadquarters,
    /// Headquarters understood and does not accept it.
    Refused,
    /// Headquarters asks to come back later.
    ServerBusy,
    /// The terminal's own store failed.
    LocalFailure,
    /// The terminal's clock is too far from headquarters' clock.
    ClockSkew,
}

impl Cause {
    pub const ALL: [Self; 6] = [
        Self::HeadquartersUnreachable,
        Self::NotHeadquarters,
        Self::Refused,
        Self::ServerBusy,
        Self::LocalFailure,
        Self::ClockSkew,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::HeadquartersUnreachable => "headquarters_unreachable",
            Self::NotHeadquarters => "not_headquarters",
            Self::Refused => "refused",
            Self::ServerBusy => "server_busy",
            Self::LocalFailure => "local_failure",
            Self::ClockSkew => "clock_skew",
        }
    }
}

impl std::fmt::Display for Cause {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
