//! How long a flow waits after it failed.

use super::{Config, Fault};
use crate::state::Cause;

/// The wait of one flow, or of one file. At rest it has no cause.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wait {
    pub until_ms: u64,
    pub cause: Option<Cause>,
    pub failures: u32,
    failed_at_ms: u64,
}

impl Wait {
    pub fn is_over(&self, now_ms: u64) -> bool {
        self.until_ms <= now_ms
    }

    pub fn fail(&mut self, fault: Fault, now_ms: u64, config: &Config, jitter: &mut Jitter) {
        let doublings = self.failures.min(20);
        let whole_ms = config
            .backoff_first_ms
            .saturating_mul(1 << doublings)
            .min(config.backoff_max_ms);
        let half_ms = whole_ms / 2;
        let backoff_ms = half_ms + jitter.below(half_ms + 1);
        let told_ms = fault
            .retry_after_ms
            .unwrap_or(0)
            .min(config.retry_after_max_ms);
        self.failures = self.failures.saturating_add(1);
        self.cause = Some(fault.cause);
        self.failed_at_ms = now_ms;
        self.until_ms = now_ms.saturating_add(backoff_ms.max(told_ms));
    }

    /// Headquarters answered somewhere else: no reason to wait for the network any longer, except that an address that
    /// alone stays silent must not be asked again after every success of the others.
    pub fn shorten(&mut self, config: &Config) {
        if self.cause == Some(Cause::HeadquartersUnreachable) {
            let early_ms = self.failed_at_ms.saturating_add(config.early_retry_ms);
            self.until_ms = self.until_ms.min(early_ms);
        }
    }

    /// Somebody wants it now.
    pub fn drop_delay(&mut self) {
        self.until_ms = 0;
        self.failures = 0;
    }

    pub fn succeed(&mut self) {
        *self = Self::default();
    }
}

/// splitmix64: chance comes in as a seed, so that a run can be repeated.
#[derive(Debug, Clone)]
pub struct Jitter(u64);

impl Jitter {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound.max(1)
    }
}
