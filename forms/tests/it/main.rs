//! The pack as clerks edit it and terminals open it, in one program: each file is a part of it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice
)]

mod advice;
mod calendars;
mod check;
mod common;
mod discretion;
mod hostile;
mod lint;
mod ordinary;
mod pack;
mod papers;
mod procedure;
mod progress;
mod rules;
mod schema_suite;
mod transport;
mod wording;
