//! The console: officials at headquarters, after login. Every look at a case is itself recorded.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;

use super::office::{
    ActRow, AnswerSupervision, ApprovalCodes, Approve, Approved, CaseClock, CaseClocks, CodeRows,
    Deliberate, Disclose, Disclosed, DisclosureList, DisclosurePreview, DisclosuresQuery, Duties,
    GrantInspectionCode, HandOutSheets, InspectionCode, PreviewDisclosure, PublishApprovalCodes,
    Queue, ReadClocks, ReadReview, Recorded, RegisterSupervision, Review, ReviewDisclosure,
    ReviewSheet, Reviewed, RevokeDecision, Revoked, SealInstrument, SealLedger,
    SupervisionRegistered, WithdrawDisclosure,
};

contract::wire! { "console.ts";
    /// No arguments.
    struct Empty {}

    // ── Session ──────────────────────────────────────────────────────────────────────────────────────────────────
    struct Login { pub user: String, pub password: String }
    /// Who is signed in at the console; the session itself is an HttpOnly cookie.
    struct Me {
        pub user: String,
        pub name: String,
        /// The first of the functions.
        pub role: String,
        /// `unit_head` (承办机构负责人), `head` (负责人), `legal` (法制审核), `discloser` (公示), `archivist` (档案),
        /// `clerk` (内勤), `supervisor` (监督).
        pub functions: Vec<String>,
        pub agency_name: String,
        pub signed_in_at: String,
        pub now: String,
        /// True for a headquarters with invented example data.
        pub example: bool,
    }

    // ── Cases (案件) ─────────────────────────────────────────────────────────────────────────────────────────────
    struct CasesQuery {
        /// Part of a party's name, plate, place, number of an instrument or case id; empty lists all.
        pub text: String,
        /// `next` of the page before.
        pub after: Option<String>,
        #[ts(type = "number")]
        pub limit: u32,
    }
    struct CaseList { pub cases: Vec<CaseRow>, pub next: Option<String>, #[ts(type = "number")] pub total: u64 }
    struct CaseRow {
        pub case_id: String,
        pub opened_at: String,
        pub received_at: String,
        pub terminal_name: String,
        pub party_name: String,
        pub plate: Option<String>,
        pub place_text: String,
        pub officers: Vec<String>,
        #[ts(type = "number")]
        pub instruments_issued: u32,
        #[ts(type = "number")]
        pub evidence: u32,
        /// Every object that an entry of this case names is here.
        pub is_complete: bool,
        /// Entries that were kept but could not be interpreted.
        #[ts(type = "number")]
        pub not_understood: u32,
    }
    struct ReadCase {
        pub case_id: String,
        /// 调阅事由 – why the record is looked at; recorded before the answer leaves.
        pub purpose: String,
    }
    struct CaseView {
        pub case_id: String,
        pub writer: String,
        pub terminal_name: String,
        pub opened_at: String,
        pub presented_at: String,
        pub reason: String,
        pub reason_note: String,
        pub place_text: String,
        #[ts(type = "Record<string, unknown>")]
        pub place: Value,
        #[ts(type = "Record<string, unknown>")]
        pub party: Value,
        #[ts(type = "Record<string, unknown> | null")]
        pub vehicle: Option<Value>,
        pub officers: Vec<OfficerName>,
        pub instruments: Vec<InstrumentRow>,
        pub evidence: Vec<EvidenceRow>,
        pub notices_told: Vec<ToldRow>,
        pub timeline: Vec<TimelineRow>,
        /// Decisions, opinions, flags and payments, the oldest first.
        pub acts: Vec<ActRow>,
        pub clocks: Vec<CaseClock>,
        /// Signed receipts given for the series, the newest first.
        pub receipts: Vec<ReceiptRow>,
        pub completeness: Completeness,
        /// Who looked at this case before and now, the newest first.
        pub views: Vec<ViewRow>,
    }
    struct OfficerName { pub name: String, pub credential_no: String, pub unit: String, pub post: String }
    struct InstrumentRow {
        pub instrument_id: String,
        pub form: String,
        pub title: String,
        /// `draft`, `issued`, `voided`.
        pub state: String,
        pub number: Option<String>,
        pub issued_at: Option<String>,
        pub content_sha256: Option<String>,
        /// The frozen value once issued, the last draft before.
        #[ts(type = "Record<string, unknown>")]
        pub value: Value,
        pub signatures: Vec<SignatureRow>,
        pub pdf: Option<ObjectRow>,
        pub ticket: Option<ObjectRow>,
        /// Stream of the sheet with the opinions and the seal that came since; absent while nothing came.
        pub office_copy: Option<String>,
        /// 用印; absent where the form bears no seal.
        pub seal: Option<InstrumentSeal>,
        pub delivery: Option<DeliveryRow>,
        pub voided_reason: Option<String>,
        pub clocks: Vec<ClockRow>,
        pub copies: Vec<CopyRow>,
    }
    struct InstrumentSeal {
        /// `by_hand`, `pre_sealed`, `token`, `headquarters`.
        pub mode: String,
        /// Of the impression; absent while headquarters has not sealed it, and where the seal has no number of its own.
        pub number: Option<String>,
    }
    struct SignatureRow {
        pub slot: String,
        pub name: String,
        pub signed_at: String,
        /// Reason of a refusal to sign, with its witness.
        pub refusal: Option<String>,
        pub witness_name: Option<String>,
    }
    /// A stored file. `stream` is `stream/object/{sha256}?case={case_id}`, absent while the file is still on the terminal.
    struct ObjectRow {
        pub sha256: String,
        #[ts(type = "number")]
        pub size_bytes: u64,
        pub media_type: String,
        pub is_here: bool,
        #[ts(type = "number")]
        pub received_bytes: u64,
        pub received_at: Option<String>,
        pub stream: Option<String>,
    }
    struct DeliveryRow { pub method: String, pub recipient: String, pub delivered_at: String, pub note: String, pub witness_name: Option<String> }
    /// 期限 – a running time limit.
    struct ClockRow { pub name: String, pub text: String, pub due_on: String, pub is_provisional: bool }
    /// A copy on paper.
    struct CopyRow {
        #[ts(type = "number")]
        pub copy_no: u32,
        pub copy_name: String,
        pub is_reprint: bool,
        pub state: String,
        pub printed_at: String,
    }
    struct EvidenceRow {
        pub evidence_id: String,
        /// `photo`, `imported_photo`, `video`, `audio`.
        pub kind: String,
        pub captured_at: String,
        pub step: String,
        /// `recording`, `complete`, `interrupted`.
        pub state: String,
        #[ts(type = "number | null")]
        pub duration_ms: Option<u64>,
        pub object: Option<ObjectRow>,
        pub thumbnail: Option<ObjectRow>,
        pub marks: Vec<MarkRow>,
    }
    /// A spoken or tapped mark inside a recording.
    struct MarkRow { #[ts(type = "number")] pub at_ms: u64, pub text: String }
    struct ToldRow { pub notice: String, pub title: String, pub told_at: String, pub response: String }
    struct TimelineRow {
        pub writer: String,
        #[ts(type = "number")]
        pub epoch: u32,
        #[ts(type = "number")]
        pub idx: u64,
        #[ts(type = "number | null")]
        pub case_idx: Option<u64>,
        pub kind: String,
        pub event_at: String,
        pub entered_at: String,
        pub received_at: String,
        /// Names where the case tells them, else ids.
        pub officers: Vec<String>,
        /// What the act was about, without personal data, e.g. the number of an instrument.
        pub subject: String,
        pub hash: String,
        /// Chain, signature and session were checked on arrival.
        pub is_verified: bool,
        /// False for an entry of a kind or version this headquarters does not know; it is kept all the same.
        pub is_understood: bool,
    }
    struct ReceiptRow { #[ts(type = "number")] pub idx: u64, pub hash: String, pub received_at: String, pub note: String }
    struct Completeness {
        pub is_complete: bool,
        #[ts(type = "number")]
        pub entries: u64,
        /// The entries of the case follow each other without a gap.
        pub is_chain_whole: bool,
        #[ts(type = "number")]
        pub objects_named: u32,
        #[ts(type = "number")]
        pub objects_here: u32,
        pub missing: Vec<ObjectRow>,
        #[ts(type = "number")]
        pub not_understood: u32,
    }
    struct ReadEntry {
        pub writer: String,
        #[ts(type = "number")]
        pub epoch: u32,
        #[ts(type = "number")]
        pub idx: u64,
        pub purpose: String,
    }
    /// 核对纸面 – the PDF that headquarters keeps of an issued instrument, against the sheet set again from the journal.
    struct CheckPaper {
        pub instrument_id: String,
        pub purpose: String,
    }
    struct PaperChecked {
        pub instrument_id: String,
        /// `same`, `other_values`, `other_pages`; `not_here` while something it is made from has not arrived.
        pub verdict: String,
        /// The kept bytes have the hash that stands in the entry.
        pub is_issued: bool,
        /// What has not arrived, in words.
        pub missing: Vec<String>,
        /// The program that issued it, and the version of this one.
        pub issued_build: String,
        pub own_build: String,
        pub checked_at: String,
    }
    /// One entry as it was signed; anyone can check it with `sha256sum` and `openssl`.
    struct EntryView { pub header: String, pub salt: String, pub body: String, pub signature: String, pub hash: String, pub is_understood: bool }

    // ── Terminals, officers, views ───────────────────────────────────────────────────────────────────────────────
    struct TerminalRow {
        pub writer: String,
        pub terminal_name: String,
        pub enrolled_at: String,
        pub key_class: String,
        #[ts(type = "number")]
        pub epoch: u32,
        #[ts(type = "number")]
        pub entries: u64,
        pub head_hash: Option<String>,
        pub last_received_at: Option<String>,
        #[ts(type = "number")]
        pub forks: u32,
        #[ts(type = "number")]
        pub media_pending: u32,
        pub blocks: Vec<NumberBlockRow>,
    }
    /// 号段 – numbers of a series leased to a terminal.
    struct NumberBlockRow {
        pub series: String,
        #[ts(type = "number")]
        pub year: u16,
        pub pattern: String,
        #[ts(type = "number")]
        pub from: u64,
        #[ts(type = "number")]
        pub to: u64,
        #[ts(type = "number")]
        pub used: u64,
    }
    struct TerminalRows { pub terminals: Vec<TerminalRow> }
    struct OfficerRow {
        pub officer_id: String,
        pub name: String,
        pub unit: String,
        pub post: String,
        pub credential_no: String,
        pub category: String,
        pub area: String,
        pub valid_from: String,
        pub valid_to: String,
        /// `valid`, `expired`, `not_yet_valid`, `suspended`, `not_an_officer`, judged at the time of the call.
        pub standing: String,
        /// Path of the portrait, absent without one.
        pub photo: Option<String>,
    }
    struct OfficerRows { pub roster_version: String, pub officers: Vec<OfficerRow> }
    struct ViewsQuery {
        pub case_id: Option<String>,
        pub user: Option<String>,
        pub after: Option<String>,
        #[ts(type = "number")]
        pub limit: u32,
    }
    /// 调阅记录 – who looked at what, when and why; an entry of headquarters' own series.
    struct ViewRow {
        #[ts(type = "number")]
        pub idx: u64,
        pub viewed_at: String,
        pub user: String,
        pub user_name: String,
        /// `case`, `dossier`, `entry`, `object`, `paper`.
        pub what: String,
        pub id: String,
        pub case_id: Option<String>,
        pub purpose: String,
    }
    struct ViewList { pub views: Vec<ViewRow>, pub next: Option<String>, #[ts(type = "number")] pub total: u64 }

    // ── Journal health ───────────────────────────────────────────────────────────────────────────────────────────
    struct JournalHealth {
        pub checked_at: String,
        pub series: Vec<SeriesHealth>,
        pub forks: Vec<ForkRow>,
        /// Entries kept and not interpreted, by kind.
        pub not_understood: Vec<NotUnderstoodRow>,
        /// The signed checkpoint of headquarters' log of heads.
        pub checkpoint: String,
        #[ts(type = "number")]
        pub log_size: u64,
        pub is_sound: bool,
    }
    /// A series verified anew from its stored bytes.
    struct SeriesHealth {
        pub writer: String,
        pub terminal_name: String,
        #[ts(type = "number")]
        pub epoch: u32,
        #[ts(type = "number")]
        pub entries: u64,
        #[ts(type = "number")]
        pub sessions: u32,
        pub head_hash: Option<String>,
        pub is_sound: bool,
        pub fault: Option<String>,
    }
    struct ForkRow {
        pub writer: String,
        #[ts(type = "number")]
        pub epoch: u32,
        #[ts(type = "number")]
        pub idx: u64,
        pub kept_hash: String,
        pub other_hash: String,
        pub received_at: String,
    }
    struct NotUnderstoodRow { pub kind: String, #[ts(type = "number")] pub entries: u64, pub reason: String }
}

contract::commands! {
    /// What the console can ask and do.
    pub trait Handlers;
    login: Login => Me, on [Console], acts ["session"];
    logout: Empty => Empty, on [Console], acts ["session"];
    me: Empty => Me, on [Console], reads ["session"];
    cases: CasesQuery => CaseList, on [Console], reads ["cases"];
    /// Recorded as a view before the answer leaves.
    case: ReadCase => CaseView, on [Console], reads ["cases", "views"];
    /// Recorded as a view before the answer leaves.
    entry: ReadEntry => EntryView, on [Console], reads ["cases", "views"];
    /// Recorded as a view before anything is compared.
    check_paper: CheckPaper => PaperChecked, on [Console], reads ["cases"];
    terminals: Empty => TerminalRows, on [Console], reads ["terminals"];
    officers: Empty => OfficerRows, on [Console], reads ["officers"];
    views: ViewsQuery => ViewList, on [Console], reads ["views"];
    journal_health: Empty => JournalHealth, on [Console], reads ["journal"];

    /// What waits for the functions of the one who asks.
    queue: Empty => Queue, on [Console], reads ["queue"];
    clocks: ReadClocks => CaseClocks, on [Console], reads ["queue"];
    approve: Approve => Approved, on [Console], acts ["queue"];
    review_sheet: ReadReview => ReviewSheet, on [Console], reads ["queue"];
    review: Review => Reviewed, on [Console], acts ["queue"];
    deliberate: Deliberate => Recorded, on [Console], acts ["queue"];
    revoke_decision: RevokeDecision => Revoked, on [Console], acts ["queue", "disclosures"];
    disclosure_preview: PreviewDisclosure => DisclosurePreview, on [Console], reads ["queue"];
    review_disclosure: ReviewDisclosure => DisclosurePreview, on [Console], acts ["queue"];
    disclose: Disclose => Disclosed, on [Console], acts ["queue", "disclosures"];
    withdraw_disclosure: WithdrawDisclosure => Recorded, on [Console], acts ["queue", "disclosures"];
    disclosures: DisclosuresQuery => DisclosureList, on [Console], reads ["disclosures"];
    grant_inspection_code: GrantInspectionCode => InspectionCode, on [Console], acts ["codes"];
    /// The codes are in this answer and nowhere else.
    publish_approval_codes: PublishApprovalCodes => ApprovalCodes, on [Console], acts ["codes"];
    codes: Empty => CodeRows, on [Console], reads ["codes"];
    seal_instrument: SealInstrument => Recorded, on [Console], acts ["queue", "seals"];
    hand_out_sheets: HandOutSheets => Recorded, on [Console], acts ["seals"];
    seal_ledger: Empty => SealLedger, on [Console], reads ["seals"];
    duties: Empty => Duties, on [Console], reads ["duties"];
    register_supervision: RegisterSupervision => SupervisionRegistered, on [Console], acts ["duties"];
    answer_supervision: AnswerSupervision => Recorded, on [Console], acts ["duties"];
}
