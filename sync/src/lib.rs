//! How two series meet: the wire both sides speak, the engine that decides, the driver that does.
//!
//! Headquarters uses [`protocol`] alone. The terminal implements [`Local`] and starts a [`Driver`]; the [`engine`] inside
//! knows no clock and no network and decides what comes next. `PROTOCOL.md` tells the wire to a stranger.

mod driver;
pub mod engine;
mod enrol;
mod exchange;
mod failure;
mod local;
pub mod protocol;
mod state;
mod wire;

pub use driver::{Driver, DriverHandle, Summary};
pub use engine::Engine;
pub use enrol::{enrol, enrol_with};
pub use failure::SyncFailure;
pub use local::{Identity, Local, LocalFailure, MediaItem};
pub use state::{Cause, Phase, State};
pub use wire::Http;
