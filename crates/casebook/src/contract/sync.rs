//! Sync and the check of the journal.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

contract::wire! { "terminal.ts";
    // ── Sync (同步) ───────────────────────────────────────────────────────────────────────────────────────────
    struct SyncState {
        pub headquarters: String,
        #[ts(type = "number")]
        pub entries_total: u64,
        #[ts(type = "number")]
        pub entries_at_headquarters: u64,
        #[ts(type = "number")]
        pub media_pending: u32,
        #[ts(type = "number")]
        pub media_pending_bytes: u64,
        pub oldest_unsent_at: Option<String>,
        pub last_receipt_at: Option<String>,
        /// `idle`, `working`, `waiting`, `paused`, `fork`.
        pub state: String,
        /// Why it waits: `headquarters_unreachable`, `not_headquarters`, `refused`, …
        pub cause: Option<String>,
        pub next_attempt_at: Option<String>,
        #[ts(type = "number")]
        pub numbers_left: u64,
    }

    // ── Journal (全过程记录) ─────────────────────────────────────────────────────────────────────────────────────
    struct JournalReport {
        #[ts(type = "number")]
        pub entries: u64,
        #[ts(type = "number")]
        pub sessions: u32,
        pub head: Option<String>,
        pub faults: Vec<String>,
        pub is_intact: bool,
        /// Projections rebuilt in memory equal the live tables.
        pub projections_equal: bool,
    }
}
