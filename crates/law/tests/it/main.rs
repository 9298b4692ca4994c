//! Calendars and people of the law, in one program: each file is a part of it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice
)]

mod calendar;
mod people;
