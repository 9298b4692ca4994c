//! The law as types and pure functions: parties, officers, time limits, gates, refusals.
//!
//! Deliberately absent: clocks, chance, storage, networks and wire formats. Time and parameters arrive as arguments.

pub mod finding;
pub mod refusal;

pub use finding::{Citation, Finding, Severity};
pub use refusal::Refusal;
