//! Wrong PINs: counted on disk before the answer, so that switching the tablet off does not reset the delay.

use std::path::Path;

use chrono::{DateTime, Duration, FixedOffset};
use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::vault::files;

const FILE: &str = "attempts.json";

/// What [`Pending::code`] says of a wrong PIN, and of one that was set.
pub const WRONG_PIN: &str = "wrong_pin";
pub const PIN_SET: &str = "pin_set";

/// Failures free of delay.
const FREE: u32 = 2;
/// What a damaged count stands for.
const UNREADABLE: u32 = 5;
/// Longest delay in seconds.
const LONGEST_S: u32 = 900;

/// What happened at the locked door and is not in the journal yet.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Pending {
    pub at: String,
    pub credential_no: String,
    /// [`WRONG_PIN`], [`PIN_SET`], or the code of the refusal.
    pub code: String,
    /// Who opened the terminal for a new PIN.
    #[serde(default)]
    pub by: String,
    pub failures: u32,
    pub delay_s: u32,
}

/// 解锁失败记录 – consecutive failures and the moment from which the next try counts.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Attempts {
    pub failures: u32,
    pub open_from: Option<String>,
    /// Bounded: the oldest go first.
    pub pending: Vec<Pending>,
}

/// Seconds to wait after the given number of consecutive failures: 0, 0, 5, 15, 45, 135 … at most 15 minutes.
pub fn delay_s(failures: u32) -> u32 {
    match failures.checked_sub(FREE + 1) {
        None => 0,
        Some(steps) => 5_u32
            .saturating_mul(3_u32.saturating_pow(steps))
            .min(LONGEST_S),
    }
}

impl Attempts {
    pub fn read(folder: &Path) -> Result<Self, Failure> {
        match files::read(&folder.join(FILE)) {
            Ok(attempts) => Ok(attempts.unwrap_or_default()),
            // A count nobody can read is no reason to lock officers out, and none to begin again at nothing.
            Err(Failure::Json(error)) => {
                tracing::warn!(%error, "the count of wrong PINs could not be read");
                Ok(Attempts {
                    failures: UNREADABLE,
                    ..Attempts::default()
                })
            }
            Err(failure) => Err(failure),
        }
    }

    pub fn write(&self, folder: &Path) -> Result<(), Failure> {
        files::write(&folder.join(FILE), self)
    }

    /// Seconds until the next try counts; 0 when it counts now.
    pub fn wait_s(&self, now: DateTime<FixedOffset>) -> i64 {
        let Some(open_from) = self
            .open_from
            .as_deref()
            .and_then(|text| DateTime::parse_from_rfc3339(text).ok())
        else {
            return 0;
        };
        let wait = (open_from - now).num_milliseconds();
        // A clock set back must not lock the door for longer than this many failures cost.
        (wait.max(0) as u64)
            .div_ceil(1000)
            .min(u64::from(delay_s(self.failures))) as i64
    }

    pub fn fail(&mut self, now: DateTime<FixedOffset>, credential_no: &str) -> u32 {
        self.failures = self.failures.saturating_add(1);
        let delay = delay_s(self.failures);
        self.open_from = Some(crate::text::time(now + Duration::seconds(i64::from(delay))));
        self.note(now, credential_no, WRONG_PIN, delay);
        delay
    }

    pub fn note(
        &mut self,
        now: DateTime<FixedOffset>,
        credential_no: &str,
        code: &str,
        delay_s: u32,
    ) {
        self.push(Pending {
            at: crate::text::time(now),
            credential_no: credential_no.to_owned(),
            code: code.to_owned(),
            by: String::new(),
            failures: self.failures,
            delay_s,
        });
    }

    /// A PIN was set: whoever knows one that is right has no failures.
    pub fn note_pin(&mut self, now: DateTime<FixedOffset>, credential_no: &str, by: &str) {
        self.failures = 0;
        self.open_from = None;
        self.push(Pending {
            at: crate::text::time(now),
            credential_no: credential_no.to_owned(),
            code: PIN_SET.to_owned(),
            by: by.to_owned(),
            failures: 0,
            delay_s: 0,
        });
    }

    fn push(&mut self, pending: Pending) {
        self.pending.push(pending);
        if self.pending.len() > 200 {
            self.pending.remove(0);
        }
    }
}
