//! Secrets at rest: the ring of keys that PINs open, and the evidence objects sealed under keys of their own.

pub mod attempts;
pub mod evidence;
pub mod files;
pub mod keyring;
