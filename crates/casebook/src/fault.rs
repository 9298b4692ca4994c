//! Places where a test may kill the process, to prove that an act is done whole or not at all.
//!
//! Compiled to nothing unless the feature `faults` is on.

/// Ends the process at once when the environment asks for a death at this place.
#[cfg(feature = "faults")]
pub fn point(name: &str) {
    if std::env::var("SANXIANG_FAULT").is_ok_and(|wanted| wanted == name) {
        std::process::abort();
    }
}

#[cfg(not(feature = "faults"))]
#[inline]
pub fn point(_name: &str) {}
