//! What an officer plugs in: camera and microphone, printers, satellite receiver.
//!
//! Bytes in, bytes out: nothing here knows a case, a form or a journal.

mod failure;

pub mod photo;
pub mod position;
pub mod printing;
pub mod recording;

#[cfg(feature = "testing")]
pub mod testing;

pub use failure::DeviceFailure;
