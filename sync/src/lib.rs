//! How two series meet: the wire both sides speak, the engine that decides, the driver that does.
//!
//! Headquarters uses [`protocol`] alone. The terminal implements [`Local`] and starts a [`Driver`]; the [`Engine`] inside
//! knows no clock and no network and decides what comes next. `PROTOCOL.md` tells the wire to a stranger.

mod local;
pub mod protocol;
mod state;

pub use local::{Identity, Local, LocalFailure, MediaItem};
pub use state::{Cause, Phase, State};
