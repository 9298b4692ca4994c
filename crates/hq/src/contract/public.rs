//! What anyone with a phone may ask. Nobody is recorded for asking, and no answer holds personal data of a party.
//!
//! A badge's QR opens `{public_url}/v#{token}`, a paper's `{public_url}/v#d={number or id}&sha={content hash}`: what
//! stands after `#` never reaches a log.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;

contract::wire! { "public.ts";
    struct CheckBadge {
        /// What stood after `#`; foreign characters that a scanner appended are ignored.
        pub token: String,
    }
    /// What a badge code is worth at the moment of asking; the worst state of all named officers decides.
    #[derive(Copy, Eq)]
    enum BadgeState {
        Valid,
        /// The code is genuine and old: a photo of a badge, or a page left open.
        ExpiredCode,
        /// The clock of the terminal runs ahead of ours.
        NotYetValidCode,
        CertificateExpired,
        CertificateNotYetValid,
        Suspended,
        /// The person named is not allowed to enforce (辅助人员).
        NotAnOfficer,
        /// No terminal of ours has this key, or the officer is not on the roster.
        Unknown,
        BadSignature,
        Malformed,
    }
    struct BadgeAnswer {
        pub state: BadgeState,
        pub agency_name: String,
        pub complaint_phone: String,
        pub officers: Vec<BadgeOfficer>,
        /// When the terminal showed the code; absent when the code could not be trusted.
        pub shown_at: Option<String>,
        pub checked_at: String,
        /// True for invented example data.
        pub example: bool,
    }
    struct BadgeOfficer {
        pub name: String,
        pub unit: String,
        pub credential_no: String,
        pub category: String,
        pub area: String,
        pub valid_from: String,
        pub valid_to: String,
        /// `valid`, `expired`, `not_yet_valid`, `suspended`, `not_an_officer`, `unknown`.
        pub standing: String,
        /// Path of the portrait, e.g. `public/portrait/{sha256}`.
        pub photo: Option<String>,
    }
    struct CheckDocument {
        /// Number of the instrument, or its id from the QR.
        pub id: String,
        /// Content hash printed on the paper (64 hex digits), or its beginning (8 and more).
        pub sha256: Option<String>,
    }
    #[derive(Copy, Eq)]
    enum DocumentState {
        /// Issued, and the content hash is the one asked about.
        Issued,
        /// Issued; no content hash was given to compare.
        IssuedUnchecked,
        /// Issued under this number with other content.
        ContentDiffers,
        Voided,
        /// Not known here – also true for a paper whose terminal has not come home yet.
        Unknown,
    }
    struct DocumentAnswer {
        pub state: DocumentState,
        pub agency_name: String,
        pub complaint_phone: String,
        pub title: Option<String>,
        pub number: Option<String>,
        /// Number that runs through the seal on the paper; absent where the seal is a stamp.
        pub seal_no: Option<String>,
        /// Date only.
        pub issued_on: Option<String>,
        pub checked_at: String,
        pub example: bool,
    }
    struct ListDisclosures {
        /// Part of what a page says; empty lists all.
        pub text: String,
        /// `next` of the page before.
        pub after: Option<String>,
        #[ts(type = "number")]
        pub limit: u32,
    }
    struct DisclosureLines {
        pub agency_name: String,
        pub complaint_phone: String,
        pub lines: Vec<DisclosureLine>,
        pub next: Option<String>,
        #[ts(type = "number")]
        pub total: u64,
        pub example: bool,
    }
    /// 公示 in the list; of a withdrawn one only what names the decision is left.
    struct DisclosureLine {
        pub disclosure_id: String,
        pub title: String,
        pub number: Option<String>,
        pub party: Option<String>,
        pub decided_on: Option<String>,
        pub disclosed_at: String,
        pub withdrawn_at: Option<String>,
    }
    struct ReadDisclosure { pub disclosure_id: String }
    struct DisclosureAnswer {
        /// `published`, `withdrawn`, `unknown`.
        pub state: String,
        pub agency_name: String,
        pub complaint_phone: String,
        pub line: Option<DisclosureLine>,
        /// What is published; absent once withdrawn.
        #[ts(type = "Record<string, unknown> | null")]
        pub page: Option<Value>,
        /// SHA-256 of the page as compact JSON, also of a page that was withdrawn.
        pub page_sha256: Option<String>,
        /// Why it was withdrawn.
        pub reason: Option<String>,
        pub checked_at: String,
        pub example: bool,
    }
}

contract::commands! {
    /// What the public page can ask: `POST /public/rpc/{name}`.
    pub trait Handlers;
    badge: CheckBadge => BadgeAnswer, on [Public], reads ["badge"];
    document: CheckDocument => DocumentAnswer, on [Public], reads ["document"];
    disclosures: ListDisclosures => DisclosureLines, on [Public], reads ["disclosures"];
    disclosure: ReadDisclosure => DisclosureAnswer, on [Public], reads ["disclosures"];
}
