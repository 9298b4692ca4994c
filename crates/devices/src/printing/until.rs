use std::time::{Duration, Instant};

/// A day is longer than any officer waits; it also keeps sums in range.
const LONGEST: Duration = Duration::from_secs(86_400);

/// The time left of a job.
#[derive(Debug, Clone, Copy)]
pub(super) struct Until(Instant);

impl Until {
    pub(super) fn after(deadline: Duration) -> Self {
        Self(now() + deadline.min(LONGEST))
    }

    pub(super) fn left(self) -> Option<Duration> {
        let left = self.0.saturating_duration_since(now());
        (!left.is_zero()).then_some(left)
    }

    pub(super) fn left_at_most(self, most: Duration) -> Option<Duration> {
        self.left().map(|left| left.min(most))
    }
}

#[cfg(not(feature = "testing"))]
fn now() -> Instant {
    Instant::now()
}

#[cfg(feature = "testing")]
fn now() -> Instant {
    Instant::now() + PASSED.get()
}

#[cfg(feature = "testing")]
std::thread_local! {
    static PASSED: std::cell::Cell<Duration> = const { std::cell::Cell::new(Duration::ZERO) };
}

/// For jobs that this thread prints, so much more time has passed.
#[cfg(feature = "testing")]
pub(crate) fn pass(time: Duration) {
    PASSED.set(PASSED.get() + time.min(LONGEST));
}
