//! Devices against real peers, in one program: each file is a part of it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice
)]

mod discovery;
mod pages;
mod photo;
mod printing;
#[cfg(target_os = "linux")]
mod recording;
mod slips;
mod support;
