//! The journal as its users meet it: writers, readers, headquarters, an outsider with a shell.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice
)]

mod badge;
mod log;
mod mutation;
mod outsider;
mod sealing;
mod series;
mod writer;
