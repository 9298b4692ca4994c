//! The terminal without a window: store, evidence vault, use cases, projections, outbox.
//!
//! A use case reads: permission, a pure question to `law` or `forms`, one commit. Screens reach it through
//! [`contract`] by name, and through [`Terminal::stream`] for large things.

mod acts;
mod adoption;
pub mod contract;
mod desk;
mod device_setup;
mod door;
mod enrolment;
mod failure;
pub mod fault;
mod front;
mod handlers;
mod host;
mod phrase;
mod projection;
mod store;
mod streams;
mod terminal;
mod text;
mod uplink;
mod vault;

pub use device_setup::DeviceSetup;
pub use failure::Failure;
pub use host::{Host, SimulatedHost, SystemHost, domain_offset};
pub use streams::{Range, StreamAnswer};
pub use terminal::{BUILD, OpenFailure, OpenOptions, Terminal};
