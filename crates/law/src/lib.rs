//! The law as types and pure functions: parties, officers, time limits, gates, refusals.
//!
//! Deliberately absent: clocks, chance, storage, networks and wire formats. Time and parameters arrive as arguments.

pub mod calendar;
pub mod finding;
pub mod officer;
pub mod party;
pub mod payment;
pub mod refusal;
pub mod summary;

pub use calendar::{
    CalendarFault, DayKind, Due, Overlay, Roll, Settled, TimeLimit, Unit, WorkingCalendar,
    YearTable,
};
pub use finding::{Citation, Finding, Severity};
pub use officer::{Credential, CredentialStatus, standing, two_officers};
pub use party::{CreditCode, CreditCodeFault, PartyKind, ResidentId, ResidentIdFault, Sex, age_on};
pub use payment::{CollectionLimit, on_the_spot_collection};
pub use refusal::Refusal;
pub use summary::{PenaltyKind, SummaryLimits, summary_available};
