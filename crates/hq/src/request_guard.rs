//! Nonces of signed requests: each counts once within the time a signature is good for.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, FixedOffset};
use sync::protocol::CLOCK_SKEW_MAX_S;

/// Beyond this many at once, the oldest are looked at first for removal; a terminal sends a few a minute.
const NONCES_MAX: usize = 200_000;

/// Requests repeated after a restart pass once more; every request of the protocol may be repeated without harm.
#[derive(Default)]
pub struct RequestGuard(Mutex<HashMap<(String, String), i64>>);

impl RequestGuard {
    /// False when the nonce was used before, or when there is no room to remember it.
    pub fn take(&self, device: &str, nonce: &str, now: DateTime<FixedOffset>) -> bool {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = now.timestamp();
        if seen.len() >= NONCES_MAX {
            seen.retain(|_, until| *until > now);
        }
        if seen.len() >= NONCES_MAX {
            return false;
        }
        let until = now + 2 * i64::from(CLOCK_SKEW_MAX_S) + 1;
        match seen.insert((device.to_owned(), nonce.to_owned()), until) {
            Some(before) => before <= now,
            None => true,
        }
    }
}
