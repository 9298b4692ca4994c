//! The law as types and pure functions.
