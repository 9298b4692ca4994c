//! Headquarters as its terminals, its console and the public meet it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::result_large_err
)]

mod badge;
mod console;
mod enrol;
mod intake;
mod killed;
mod media;
mod office;
mod papers;
mod supply;
mod support;
mod wire;
