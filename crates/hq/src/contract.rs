//! Headquarters' two command lists: the console after login, and what anyone with a phone may ask.
//!
//! Times are RFC 3339 text with offset, dates `YYYY-MM-DD`, sizes bytes. Ids are opaque text.

pub mod console;
pub mod office;
pub mod public;
