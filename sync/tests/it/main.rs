//! The wire and the engine, in one program: each file is a part of it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice
)]

mod driver;
mod protocol;
mod simulation;
mod support;
