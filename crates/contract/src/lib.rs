//! How screens talk to the core.
//!
//! A surface's commands are one list, written with [`commands!`]. From it come the handler trait (a command without a
//! handler does not compile), the router, the permission table and the TypeScript client.

mod error;
mod list;

pub use error::{BoundaryError, Code};
pub use list::{CommandInfo, Effect, Surface, typescript_client};
pub use serde_json;
pub use ts_rs;
