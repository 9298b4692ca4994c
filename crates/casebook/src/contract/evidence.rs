//! Photos, recordings, the place.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

contract::wire! { "terminal.ts";
    // ── Evidence (证据) ───────────────────────────────────────────────────────────────────────────────────────
    struct EvidenceRow {
        pub evidence_id: String,
        /// `photo`, `imported_photo`, `video`, `audio`.
        pub kind: String,
        pub captured_at: String,
        #[ts(type = "number")]
        pub size_bytes: u64,
        #[ts(type = "number | null")]
        pub duration_ms: Option<u64>,
        pub media_type: String,
        pub sha256: Option<String>,
        pub step: String,
        /// `recording`, `complete`, `interrupted`.
        pub state: String,
        pub at_headquarters: bool,
        #[ts(type = "number")]
        pub uploaded_bytes: u64,
        /// Stream path.
        pub content: String,
        pub thumbnail: Option<String>,
    }
    struct TakePhoto { pub case_id: String, pub step: String }
    enum RecordingKind { Video, Audio }
    struct StartRecording { pub case_id: String, pub kind: RecordingKind, pub step: String }
    struct StopRecording { pub reason: String }
    struct MarkRecording { pub text: String }
    struct RecordingState {
        pub running: Option<RunningRecording>,
        pub cameras: Vec<String>,
        pub microphones: Vec<String>,
        /// True where a test picture stands in for a camera.
        pub test_source: bool,
    }
    struct RunningRecording {
        pub evidence_id: String,
        pub case_id: String,
        pub kind: RecordingKind,
        pub started_at: String,
        #[ts(type = "number")]
        pub stored_ms: u64,
        #[ts(type = "number")]
        pub stored_bytes: u64,
    }

    // ── Position ────────────────────────────────────────────────────────────────────────────────────────────
    struct ReadPosition { /** NMEA 0183 sentences; empty asks the receiver. */ pub nmea: String }
    struct Position {
        #[ts(type = "number")]
        pub latitude_e7: i64,
        #[ts(type = "number")]
        pub longitude_e7: i64,
        pub fixed_at: Option<String>,
        #[ts(type = "number | null")]
        pub satellites: Option<u8>,
    }
}
