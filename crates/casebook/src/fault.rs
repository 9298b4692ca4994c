//! Places where a test may kill the process, to prove that an act is done whole or not at all.
//!
//! Compiled to nothing unless the feature `faults` is on.

#[cfg(feature = "faults")]
mod armed {
    use std::sync::{Mutex, PoisonError};

    static PLACE: Mutex<Option<String>> = Mutex::new(None);

    /// From here on the process dies when it comes to this place.
    pub fn arm(name: &str) {
        *PLACE.lock().unwrap_or_else(PoisonError::into_inner) = Some(name.to_owned());
    }

    /// Ends the process at once if it was armed for this place: no destructor runs, nothing is flushed.
    pub fn point(name: &str) {
        let place = PLACE.lock().unwrap_or_else(PoisonError::into_inner);
        if place.as_deref() == Some(name) {
            std::process::abort();
        }
    }
}

#[cfg(feature = "faults")]
pub use armed::{arm, point};

#[cfg(not(feature = "faults"))]
#[inline]
pub fn point(_name: &str) {}
