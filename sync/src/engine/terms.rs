//! What goes into the engine and what comes out.

use journal::{Hash, Tip, WriterId};

use crate::local::MediaItem;
use crate::protocol::{APPEND_BYTES_MAX, MEDIA_PATCH_BYTES_MAX};
use crate::state::{Cause, State};

#[derive(Debug, Clone)]
pub struct Config {
    pub backoff_first_ms: u64,
    pub backoff_max_ms: u64,
    pub retry_after_max_ms: u64,
    /// A flow that met silence is tried again this soon once headquarters answered another flow.
    pub early_retry_ms: u64,
    /// How often headquarters is asked for news.
    pub poll_ms: u64,
    /// How often the head is compared although nothing is pending.
    pub head_check_ms: u64,
    pub piece_first_bytes: usize,
    pub piece_min_bytes: usize,
    pub piece_max_bytes: usize,
    /// A piece that took less lets the next one be twice as large.
    pub piece_quick_ms: u64,
    /// A piece that took more lets the next one be half as large.
    pub piece_slow_ms: u64,
    /// How many pending files are looked at.
    pub media_limit: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            backoff_first_ms: 2_000,
            backoff_max_ms: 300_000,
            retry_after_max_ms: 900_000,
            early_retry_ms: 15_000,
            poll_ms: 60_000,
            head_check_ms: 600_000,
            piece_first_bytes: 256 * 1024,
            piece_min_bytes: 64 * 1024,
            piece_max_bytes: APPEND_BYTES_MAX.min(MEDIA_PATCH_BYTES_MAX),
            piece_quick_ms: 1_000,
            piece_slow_ms: 8_000,
            media_limit: 16,
        }
    }
}

/// What is pending on the terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    pub writer: WriterId,
    pub epoch: u32,
    pub tip: Option<Tip>,
    pub acknowledged: Option<u64>,
    pub media: Vec<MediaItem>,
    pub down_next: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    pub cause: Cause,
    pub retry_after_ms: Option<u64>,
}

impl Fault {
    pub const fn of(cause: Cause) -> Self {
        Self {
            cause,
            retry_after_ms: None,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Something new stands in the store.
    Woken,
    /// The time of the last [`Action::WakeAt`] has come.
    Due,
    /// Somebody wants it now, or the network came back: waits end, everything is asked once.
    Asked,
    Paused,
    Resumed,

    Looked(View),
    /// The answer to [`Action::AskHead`], or a conflict or a signed contradiction as answer to [`Action::Append`].
    HeadTold {
        theirs: Option<Tip>,
        /// Our own entry at that index.
        ours_there: Option<Tip>,
        /// A valid receipt for exactly `theirs` came along.
        is_proved: bool,
    },
    /// The receipt up to here is stored.
    Appended(Tip),
    MediaCreated,
    /// Headquarters says it holds the file; the receipt is still to be fetched.
    MediaComplete,
    MediaOffset(u64),
    MediaGone,
    MediaOffsetConflict,
    /// The media receipt is stored.
    MediaReceived,
    DownStored {
        next_idx: u64,
        head: Option<u64>,
        missing: Vec<Hash>,
    },
    ObjectStored,
    /// The terminal began a new epoch while the answer was under way.
    Superseded,
    Failed(Fault),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// → `Looked`
    Look { media_limit: usize },
    /// → `HeadTold`
    AskHead,
    /// Send frames from `from_idx` on. → `Appended`, `HeadTold`
    Append { from_idx: u64, max_bytes: usize },
    /// → `MediaCreated`, `MediaComplete`
    CreateMedia(MediaItem),
    /// → `MediaOffset`, `MediaGone`
    AskMediaOffset { sha256: Hash },
    /// → `MediaOffset`, `MediaReceived`, `MediaOffsetConflict`, `MediaGone`
    SendMedia {
        sha256: Hash,
        offset: u64,
        size_bytes: u64,
        max_bytes: usize,
    },
    /// → `MediaReceived`, `MediaGone`
    AskMediaReceipt(MediaItem),
    /// → `DownStored`
    AskDown { from_idx: u64 },
    /// → `ObjectStored`
    FetchObject { sha256: Hash },

    /// Expects no answer.
    KeepFork { theirs: Tip },
    /// Expects no answer.
    Report(State),
    /// Send [`Event::Due`] at this time, unless something else happens first.
    WakeAt(u64),
}

impl Action {
    /// Whether the engine waits for an event that answers this.
    pub fn is_question(&self) -> bool {
        match self {
            Self::Look { .. }
            | Self::AskHead
            | Self::Append { .. }
            | Self::CreateMedia(_)
            | Self::AskMediaOffset { .. }
            | Self::SendMedia { .. }
            | Self::AskMediaReceipt(_)
            | Self::AskDown { .. }
            | Self::FetchObject { .. } => true,
            Self::KeepFork { .. } | Self::Report(_) | Self::WakeAt(_) => false,
        }
    }
}
