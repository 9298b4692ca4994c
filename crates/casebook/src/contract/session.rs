//! Signing in and showing credentials.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;

use super::case::Place;

contract::wire! { "terminal.ts";
    // ── Session ─────────────────────────────────────────────────────────────────────────────────────────────
    enum Phase {
        /// Nobody is signed in.
        Locked,
        /// One officer is signed in; the law asks for two.
        OneOfficer,
        /// Two or more officers are signed in.
        Ready,
    }
    /// An officer as the sign-in and badge screens show them.
    struct OfficerCard {
        pub officer_id: String,
        pub name: String,
        pub unit: String,
        pub post: String,
        pub credential_no: String,
        /// Enforcement category, e.g. 交通运输综合执法.
        pub category: String,
        pub area: String,
        pub valid_from: String,
        pub valid_to: String,
        /// `valid`, `expired`, `not_yet_valid`, `suspended`, judged at the time of the call.
        pub standing: String,
        /// Path for [`streams`](crate), absent without a photo.
        pub photo: Option<String>,
        pub signed_in: bool,
        /// False for an officer who came onto the roster later; a colleague opens the terminal for their first PIN.
        pub has_pin: bool,
    }
    struct StartState {
        pub phase: Phase,
        pub agency_name: String,
        pub terminal_name: String,
        pub officers: Vec<OfficerCard>,
        /// The presentation in force, absent before presenting.
        pub presentation: Option<PresentationView>,
        pub pack_version: String,
        pub now: String,
        /// What needs attention at once, e.g. a damaged database or a roster that is old.
        pub notices: Vec<Notice>,
        /// True for a terminal with invented example data.
        pub example: bool,
    }
    struct Notice { pub code: String, #[ts(type = "Record<string, unknown>")] pub args: Value }
    struct SignIn { pub credential_no: String, pub pin: String }
    /// A first PIN, for which a colleague opens the terminal, or another one of one's own.
    struct SetPin {
        pub credential_no: String,
        /// 6 to 12 digits.
        pub new_pin: String,
        /// Whose PIN opens the terminal.
        pub by: String,
        pub by_pin: String,
    }

    // ── Presentation (亮证) ───────────────────────────────────────────────────────────────────────────────────
    enum PresentMethod { Show, Wear, Qr }
    enum PartyAcknowledgement { Seen, Refused, Absent }
    struct Present {
        pub method: PresentMethod,
        pub acknowledgement: PartyAcknowledgement,
        pub uniform_worn: bool,
        pub place: Option<Place>,
    }
    struct PresentationView {
        pub presentation_id: String,
        pub presented_at: String,
        pub officers: Vec<OfficerCard>,
        /// `show`, `wear` or `qr`.
        pub method: String,
        pub uniform_worn: bool,
    }
    /// What the party-facing screen shows; the QR changes with every period.
    struct BadgeView {
        pub agency_name: String,
        pub complaint_phone: String,
        pub officers: Vec<OfficerCard>,
        pub url: String,
        pub qr_svg: String,
        pub minted_at: String,
        pub changes_at: String,
        #[ts(type = "number")]
        pub period_s: u32,
    }
}
