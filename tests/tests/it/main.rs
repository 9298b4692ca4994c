//! What crosses crates, in one program: each file is a part of it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice
)]

mod agency;
mod assistant;
mod dossier;
mod hostile;
mod journey;
#[cfg(unix)]
mod kill;
#[path = "../../../crates/paper/tests/it/support/lint.rs"]
mod lint;
mod paper_data;
mod paper_forms;
mod paper_pictures;
mod paper_read;
mod papers;
#[cfg(unix)]
mod preview;
mod printing;
#[cfg(unix)]
mod rebuild;
mod samples;
mod schema;
mod sealing;
#[cfg(unix)]
mod storage;
mod support;
mod walls;
