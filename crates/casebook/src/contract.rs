//! The terminal's command list: every request and response between screens and the casebook.
//!
//! Times are RFC 3339 text with offset, dates `YYYY-MM-DD`, money integer 分, sizes bytes. Ids are opaque text.

use forms::FormDefinition;
use law::{Citation, Finding};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;

macro_rules! wire {
    ($( $(#[$meta:meta])* $kind:ident $name:ident { $($body:tt)* } )+) => { $(
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
        #[serde(rename_all = "snake_case")]
        #[ts(export_to = "terminal.ts")]
        pub $kind $name { $($body)* }
    )+ };
}

wire! {
    /// No arguments.
    struct Empty {}

    // ── Session ──────────────────────────────────────────────────────────────────────────────────────────────────
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

    // ── Presentation (亮证) ──────────────────────────────────────────────────────────────────────────────────────
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

    // ── Case (案件) ──────────────────────────────────────────────────────────────────────────────────────────────
    struct Place {
        pub text: String,
        pub road_no: Option<String>,
        #[ts(type = "number | null")]
        pub stake_km: Option<i64>,
        #[ts(type = "number | null")]
        pub stake_m: Option<i64>,
        pub direction: Option<String>,
        /// Degrees × 10⁷, WGS-84.
        #[ts(type = "number | null")]
        pub latitude_e7: Option<i64>,
        #[ts(type = "number | null")]
        pub longitude_e7: Option<i64>,
        pub division: Option<String>,
    }
    struct OpenInspection {
        /// `daily`, `special`, `complaint`, `double_random`, `transferred`.
        pub reason: String,
        pub reason_note: String,
        pub place: Place,
        /// The `party` block of the forms.
        #[ts(type = "Record<string, unknown>")]
        pub party: Value,
        /// The `vehicle` block, absent when no vehicle is concerned.
        #[ts(type = "Record<string, unknown> | null")]
        pub vehicle: Option<Value>,
        /// Id chosen by the screen, so that a repeated call opens one inspection.
        pub request_id: String,
        /// Opened at the office for a planned visit or for paperwork: credentials are shown at the scene, later.
        #[serde(default)]
        #[ts(optional, as = "Option<bool>")]
        pub is_planned: bool,
    }
    struct AmendCase {
        pub case_id: String,
        pub place: Option<Place>,
        #[ts(type = "Record<string, unknown> | null")]
        pub party: Option<Value>,
        #[ts(type = "Record<string, unknown> | null")]
        pub vehicle: Option<Value>,
    }
    struct CheckParty {
        #[ts(type = "Record<string, unknown>")]
        pub party: Value,
        #[ts(type = "Record<string, unknown> | null")]
        pub vehicle: Option<Value>,
    }
    struct Findings { pub findings: Vec<Finding> }
    struct CaseId { pub case_id: String }
    struct ListCases {
        /// Text found in number, party, plate or cause; empty lists all.
        pub text: String,
        /// Opaque cursor of the former page.
        pub after: Option<String>,
        #[ts(type = "number")]
        pub limit: u32,
    }
    struct CaseList { pub cases: Vec<CaseRow>, pub next: Option<String>, #[ts(type = "number")] pub total: u64 }
    struct CaseRow {
        pub case_id: String,
        pub opened_at: String,
        pub party_name: String,
        pub plate: Option<String>,
        pub place_text: String,
        /// `open` or `closed`.
        pub state: String,
        #[ts(type = "number")]
        pub instruments_issued: u32,
        #[ts(type = "number")]
        pub instruments_draft: u32,
        #[ts(type = "number")]
        pub evidence: u32,
        /// Everything of this case is at headquarters.
        pub at_headquarters: bool,
    }
    struct CaseView {
        pub case_id: String,
        pub opened_at: String,
        pub reason: String,
        pub reason_note: String,
        pub place: Place,
        #[ts(type = "Record<string, unknown>")]
        pub party: Value,
        #[ts(type = "Record<string, unknown> | null")]
        pub vehicle: Option<Value>,
        pub officers: Vec<OfficerCard>,
        pub presented_at: String,
        pub instruments: Vec<InstrumentRow>,
        pub evidence: Vec<EvidenceRow>,
        pub notices_told: Vec<ToldRow>,
        /// `open` or `closed`.
        pub state: String,
        /// 审批、法制审核、集体讨论: what headquarters' people said, and what was approved from afar.
        pub approvals: Vec<ApprovalRow>,
        /// 案情标记, the newest value of each.
        pub flags: Vec<FlagRow>,
        pub payments: Vec<PaymentRow>,
        /// Named truths of the pack about this case, e.g. `review_needed`.
        #[ts(type = "Record<string, boolean>")]
        pub derived: std::collections::BTreeMap<String, bool>,
        pub clocks: Vec<Clock>,
        /// What to do next, the first is the one to do now.
        pub next_steps: Vec<NextStep>,
        /// 办案步骤 of the procedures the case follows: what is done, what is next, what is in the way.
        pub procedures: Vec<ProcedureView>,
        pub timeline: Vec<TimelineRow>,
        pub at_headquarters: bool,
    }
    struct ProcedureView {
        /// Of the pack, e.g. `ordinary`.
        pub code: String,
        pub title: String,
        pub steps: Vec<StepRow>,
    }
    struct StepRow {
        pub key: String,
        pub action: String,
        pub text: String,
        pub form: Option<String>,
        pub basis: Vec<Citation>,
        pub is_required: bool,
        /// `done`, `now`, `blocked` by a gate, `later` after other steps.
        pub state: String,
        pub waits_for: Vec<String>,
        pub closed: Vec<StepObstacle>,
        /// What is missing for the step to be done, where that is worth a word.
        pub lack: String,
    }
    /// A closed gate before a step.
    struct StepObstacle { pub rule: String, pub text: String, pub hint: String, pub basis: Vec<Citation> }
    /// A step the law or the procedure still asks for.
    struct NextStep {
        /// Of the pack's guidance; empty for what no step of the pack names, e.g. a draft left open.
        pub key: String,
        /// `start_form`, `tell_notice`, `finish_draft`, `sign`, `issue`, `print`, `deliver`, `record`.
        pub action: String,
        pub text: String,
        pub form: Option<String>,
        pub instrument_id: Option<String>,
        pub notice: Option<String>,
        pub basis: Vec<Citation>,
        pub is_required: bool,
    }
    /// 期限 – a running time limit.
    struct Clock {
        pub name: String,
        pub text: String,
        /// The last lawful day.
        pub due_on: String,
        /// The last lawful minute, where hours are counted.
        pub due_at: Option<String>,
        /// The last working day that keeps the limit for certain.
        pub safe_due: Option<String>,
        pub started_at: String,
        /// What ends the clock has happened.
        pub is_done: bool,
        /// True when the calendar beyond the last published notice was used.
        pub is_provisional: bool,
        pub basis: Vec<Citation>,
        pub instrument_id: Option<String>,
    }
    struct ApprovalRow {
        /// Absent for a deliberation about the case as a whole.
        pub instrument_id: Option<String>,
        pub form: String,
        /// Stage of an approval, `review` or `deliberation`.
        pub stage: String,
        /// `approved`, `returned`, `refused`; the conclusion of a review; `agreed` or `not_agreed`.
        pub decision: String,
        /// `headquarters`, `voice` or `code`.
        pub method: String,
        pub name: String,
        pub opinion: String,
        pub at: String,
    }
    struct FlagRow { pub flag: String, #[ts(type = "unknown")] pub value: Value, pub at: String, pub reason: String }
    struct PaymentRow {
        pub instrument_id: String,
        #[ts(type = "number")]
        pub amount_fen: i64,
        /// 加处罚款 that had come up by then.
        #[ts(type = "number")]
        pub surcharge_fen: i64,
        pub paid_on: String,
        pub method: String,
        pub receipt_no: String,
    }
    struct TimelineRow {
        #[ts(type = "number")]
        pub idx: u64,
        pub kind: String,
        pub event_at: String,
        pub entered_at: String,
        pub officers: Vec<String>,
        pub text: String,
        pub at_headquarters: bool,
    }

    // ── Notices (告知) ───────────────────────────────────────────────────────────────────────────────────────────
    struct NoticeText { pub notice: String, pub title: String, pub text: String, pub basis: Vec<Citation> }
    struct NoticeTexts { pub notices: Vec<NoticeText> }
    struct TellNotice { pub case_id: String, pub notice: String, pub response: String }
    struct ToldRow { pub notice: String, pub told_at: String, pub response: String }

    // ── Instruments (文书) ───────────────────────────────────────────────────────────────────────────────────────
    struct FormRow {
        pub code: String,
        pub title: String,
        pub purpose: String,
        /// Absent when the form can be started now.
        pub refusal: Option<contract::BoundaryError>,
    }
    struct FormRows { pub forms: Vec<FormRow> }
    struct StartInstrument { pub case_id: String, pub form: String, pub request_id: String }
    struct InstrumentId { pub instrument_id: String }
    enum InstrumentState { Draft, Issued, Voided }
    struct InstrumentRow {
        pub instrument_id: String,
        pub form: String,
        pub title: String,
        pub state: InstrumentState,
        pub number: Option<String>,
        pub issued_at: Option<String>,
        pub delivered_at: Option<String>,
        #[ts(type = "number")]
        pub blocking_findings: u32,
        #[ts(type = "number")]
        pub copies_printed: u32,
        pub at_headquarters: bool,
    }
    struct InstrumentView {
        pub instrument_id: String,
        pub case_id: String,
        pub definition: FormDefinition,
        pub state: InstrumentState,
        #[ts(type = "Record<string, unknown>")]
        pub value: Value,
        /// Grows by one with every saved draft.
        #[ts(type = "number")]
        pub revision: u32,
        pub findings: Vec<Finding>,
        pub signatures: Vec<SignatureRow>,
        pub number: Option<String>,
        pub issued_at: Option<String>,
        pub content_sha256: Option<String>,
        pub delivery: Option<DeliveryView>,
        /// Stream paths, absent before issuing; `preview` is the draft as pages.
        pub pdf: Option<String>,
        pub ticket: Option<String>,
        pub preview: String,
    }
    struct SaveDraft {
        pub instrument_id: String,
        #[ts(type = "Record<string, unknown>")]
        pub value: Value,
        /// Revision the edit started from.
        #[ts(type = "number")]
        pub revision: u32,
    }
    struct DraftSaved { #[ts(type = "number")] pub revision: u32, pub findings: Vec<Finding> }
    /// One stroke in a box of 1000 × 1000: points `[x, y, milliseconds since the first point]`, and the pressure, 1 to 1000,
    /// of a pen that tells it.
    struct Stroke {
        #[ts(type = "([number, number, number] | [number, number, number, number])[]")]
        pub points: Vec<journal::body::PenPoint>,
    }
    struct SignInstrument {
        pub instrument_id: String,
        pub slot: String,
        pub strokes: Vec<Stroke>,
        pub name: String,
        /// Stands in place of strokes when the party refuses.
        pub refusal: Option<SigningRefusal>,
    }
    struct SigningRefusal { pub reason: String, pub witness_name: String, pub witness_phone: String }
    struct SignatureRow {
        pub slot: String,
        pub name: String,
        pub signed_at: String,
        pub refusal: Option<SigningRefusal>,
        pub strokes: Vec<Stroke>,
        /// False once the draft changed after signing; it has to be signed anew.
        pub is_current: bool,
    }
    struct Issued {
        pub instrument_id: String,
        pub number: Option<String>,
        pub issued_at: String,
        pub content_sha256: String,
        pub pdf: String,
        pub ticket: String,
    }
    struct VoidInstrument { pub instrument_id: String, pub reason: String }
    struct DeliverInstrument {
        pub instrument_id: String,
        /// `direct`, `left` (留置), `mail`, `electronic`.
        pub method: String,
        pub recipient: String,
        pub note: String,
        pub witness_name: Option<String>,
    }
    struct DeliveryView { pub method: String, pub recipient: String, pub delivered_at: String, pub note: String }

    // ── Casework (办案) ──────────────────────────────────────────────────────────────────────────────────────────
    /// 远程批准 – an absent head approves by voice or by a code handed out beforehand; headquarters confirms later.
    struct RecordApproval {
        pub instrument_id: String,
        /// Stage as the procedures name it, e.g. `head`.
        pub stage: String,
        /// `voice` or `code`.
        pub method: String,
        pub approver: String,
        pub opinion: String,
        pub code: Option<String>,
    }
    struct FlagCase { pub case_id: String, pub flag: String, #[ts(type = "unknown")] pub value: Value, pub reason: String }
    struct RecordPayment {
        pub instrument_id: String,
        #[ts(type = "number")]
        pub amount_fen: i64,
        pub paid_on: String,
        /// `bank`, `electronic` or `on_the_spot`.
        pub method: String,
        pub receipt_no: String,
        pub note: String,
    }
    struct CheckInspectionCode {
        pub case_id: String,
        pub code: String,
        /// True when no code could be had; it is filed late.
        pub is_unavailable: bool,
        pub note: String,
    }
    struct CodeChecked {
        /// `valid`, `unknown`, `expired` or `unavailable`.
        pub outcome: String,
        pub party_name: String,
        pub matter: String,
        #[ts(type = "number | null")]
        pub done_this_year: Option<u32>,
        #[ts(type = "number | null")]
        pub cap_per_year: Option<u32>,
        pub case: CaseView,
    }
    struct CloseCase { pub case_id: String, pub reason: String, pub note: String }
    /// 案卷自查 – what is wrong, what is missing, how to mend it.
    struct CaseCheck { pub items: Vec<CheckItem>, #[ts(type = "number")] pub red: u32, #[ts(type = "number")] pub amber: u32, pub checked_at: String }
    struct CheckItem {
        /// `red` (the file would score zero, or the law is not kept) or `amber`.
        pub level: String,
        pub rule: String,
        pub text: String,
        /// How to mend it.
        pub hint: String,
        pub basis: Vec<Citation>,
        pub instrument_id: Option<String>,
        /// Form to start, where one is missing.
        pub form: Option<String>,
    }

    // ── Violations and law (权责清单、法条) ──────────────────────────────────────────────────────────────────────
    struct SearchViolations { pub text: String, #[ts(type = "number")] pub limit: u32 }
    /// A citation as the fields of a form hold it.
    struct CitedArticle { pub law: String, pub article: String, pub paragraph: String, pub text: String }
    struct ViolationRow {
        pub code: String,
        pub title: String,
        pub facts_draft: String,
        pub violated: Vec<CitedArticle>,
        pub basis: Vec<CitedArticle>,
        pub range_text: String,
    }
    struct ViolationRows { pub violations: Vec<ViolationRow> }
    /// Words, parts of words, first letters (`wfcx`) or a law with an article (`处罚法 51`).
    struct SearchLaw { pub text: String, #[ts(type = "number")] pub limit: u32 }
    struct LawHits { pub hits: Vec<LawHit> }
    struct LawHit {
        /// Short title.
        pub law: String,
        pub article: String,
        pub title: String,
        pub gist: String,
        /// The gist in pieces, so that a screen can mark what was asked for.
        pub snippet: Vec<SnippetPart>,
        pub valid_from: String,
        pub valid_to: Option<String>,
        /// Today.
        pub is_in_force: bool,
    }
    struct SnippetPart { pub text: String, pub is_match: bool }

    // ── Discretion (裁量辅助) ────────────────────────────────────────────────────────────────────────────────────
    struct ProposeDiscretion {
        /// The draft that decides or proposes: its violation, party, place and time are looked at.
        pub instrument_id: String,
        /// `circumstances`: keys that are confirmed; `notes`: what shows each; numbers at the paths that
        /// `advice.missing` names, e.g. `weighing.over_kg`. `violation_code` where the draft has none yet.
        #[ts(type = "Record<string, unknown>")]
        pub facts: Value,
    }
    struct DiscretionView {
        pub instrument_id: String,
        pub shown_at: String,
        pub advice: forms::Advice,
        /// The most alike first; none where this terminal has not decided on the violation yet.
        pub similar: Vec<SimilarCase>,
    }
    /// 类案 – an earlier decision of this terminal on the same violation.
    struct SimilarCase {
        pub case_id: String,
        pub instrument_id: String,
        pub number: Option<String>,
        pub issued_at: String,
        pub party_name: String,
        pub plate: Option<String>,
        pub place_text: String,
        pub penalty_kind: String,
        #[ts(type = "number | null")]
        pub fine_fen: Option<i64>,
        /// What both have in common, in words.
        pub why: Vec<String>,
        #[ts(type = "number")]
        pub score: u32,
    }

    // ── Recent parties (近期当事人) ──────────────────────────────────────────────────────────────────────────────
    /// Part of a name, a plate or a number, or first letters of the name; empty lists the newest.
    struct SearchParties { pub text: String, #[ts(type = "number")] pub limit: u32 }
    struct RecentParties { pub parties: Vec<RecentParty> }
    /// A party with a vehicle as they stand in the newest case with both.
    struct RecentParty {
        pub party_name: String,
        pub plate: Option<String>,
        #[ts(type = "Record<string, unknown>")]
        pub party: Value,
        #[ts(type = "Record<string, unknown> | null")]
        pub vehicle: Option<Value>,
        pub met_at: String,
        /// Among the newest 5000 of this terminal.
        #[ts(type = "number")]
        pub cases: u32,
    }

    // ── Evidence (证据) ──────────────────────────────────────────────────────────────────────────────────────────
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

    // ── Position ─────────────────────────────────────────────────────────────────────────────────────────────────
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

    // ── Printing (打印) ──────────────────────────────────────────────────────────────────────────────────────────
    struct PrinterRow {
        pub printer_id: String,
        pub name: String,
        /// `ipp` (pages), `escpos`, `cpcl` or `tspl` (tickets).
        pub language: String,
        /// `ipp://…`, `host:9100`, `/dev/…` with `@speed` where it is a cable.
        pub address: String,
        /// 384 (58 mm), 576 (80 mm) or 1680 (A4).
        #[ts(type = "number")]
        pub width_dots: u32,
        /// −2 (light) to 2 (dark); 0 leaves it as the printer is set.
        pub darkness: i8,
        /// Moves the picture to the right, or to the left when negative; eight are a millimetre.
        pub offset_dots: i32,
    }
    struct PrinterRows { pub printers: Vec<PrinterRow> }
    struct AddPrinter {
        pub name: String,
        pub language: String,
        pub address: String,
        #[ts(type = "number")]
        pub width_dots: u32,
        #[serde(default)]
        #[ts(optional, as = "Option<i8>")]
        pub darkness: i8,
        #[serde(default)]
        #[ts(optional, as = "Option<i32>")]
        pub offset_dots: i32,
    }
    /// Name and settings; where a printer is and what it speaks stays.
    struct SetPrinter {
        pub printer_id: String,
        pub name: String,
        #[ts(type = "number")]
        pub width_dots: u32,
        pub darkness: i8,
        pub offset_dots: i32,
    }
    struct FoundPrinter { pub name: String, pub language: String, pub address: String, pub model: Option<String> }
    struct FoundPrinters { pub printers: Vec<FoundPrinter> }
    /// What became of a test page: `confirmed`, `failed` or `unknown`, and why.
    struct TestPage { pub state: String, pub cause: Option<String> }
    struct PrinterId { pub printer_id: String }
    struct PrinterStatus { pub state: String, pub reasons: Vec<String>, pub model: Option<String> }
    struct PrintInstrument { pub instrument_id: String, pub printer_id: String, /** e.g. 当事人 */ pub copy_name: String }
    struct PrintJobRow {
        pub job_id: String,
        pub instrument_id: String,
        pub title: String,
        pub printer_name: String,
        #[ts(type = "number")]
        pub copy_no: u32,
        pub copy_name: String,
        pub is_reprint: bool,
        /// `queued`, `sending`, `waiting`, `confirmed`, `failed`, `spoiled` (came out in part), `unknown`, `cancelled`.
        pub state: String,
        /// Why it waits or failed: `paper_out`, `cover_open`, `offline`, …
        pub cause: Option<String>,
        pub next_attempt_at: Option<String>,
        pub queued_at: String,
    }
    struct PrintQueue { pub jobs: Vec<PrintJobRow> }
    struct PrintJobId { pub job_id: String }
    /// The officer's answer when the printer could not say whether the sheet came out.
    struct AnswerPrint { pub job_id: String, /** `complete`, `incomplete`, `nothing` */ pub answer: String }

    // ── Sync (同步) ──────────────────────────────────────────────────────────────────────────────────────────────
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

contract::commands! {
    /// The terminal's handlers.
    pub trait Handlers;

    start_state: Empty => StartState, on [Officer, Party], reads ["session"];
    sign_in: SignIn => StartState, on [Officer], acts ["session", "cases"];
    /// Ends the session; the session key is erased.
    lock: Empty => StartState, on [Officer], acts ["session"];

    present: Present => PresentationView, on [Officer], acts ["session", "cases", "case"];
    badge: Empty => BadgeView, on [Officer, Party], reads ["session", "badge"];

    check_party: CheckParty => Findings, on [Officer], reads [];
    open_inspection: OpenInspection => CaseView, on [Officer], acts ["cases", "case", "sync"];
    amend_case: AmendCase => CaseView, on [Officer], acts ["cases", "case", "instrument", "sync"];
    cases: ListCases => CaseList, on [Officer], reads ["cases"];
    case: CaseId => CaseView, on [Officer], reads ["case"];

    notice_texts: CaseId => NoticeTexts, on [Officer, Party], reads ["pack"];
    tell_notice: TellNotice => CaseView, on [Officer], acts ["case", "instrument", "sync"];

    forms: CaseId => FormRows, on [Officer], reads ["case", "pack"];
    violations: SearchViolations => ViolationRows, on [Officer], reads ["pack"];
    search_law: SearchLaw => LawHits, on [Officer], reads ["pack"];
    recent_parties: SearchParties => RecentParties, on [Officer], reads ["cases"];
    propose_discretion: ProposeDiscretion => DiscretionView, on [Officer], acts ["case", "sync"];
    start_instrument: StartInstrument => InstrumentView, on [Officer], acts ["case", "cases", "sync"];
    instrument: InstrumentId => InstrumentView, on [Officer], reads ["instrument"];
    save_draft: SaveDraft => DraftSaved, on [Officer], acts ["instrument", "case", "sync"];
    /// The findings for a value that is not saved.
    check_draft: SaveDraft => Findings, on [Officer], reads [];
    sign_instrument: SignInstrument => InstrumentView, on [Officer, Party], acts ["instrument", "case", "sync"];
    issue_instrument: InstrumentId => Issued, on [Officer], acts ["instrument", "case", "cases", "sync"];
    void_instrument: VoidInstrument => InstrumentView, on [Officer], acts ["instrument", "case", "cases", "sync"];
    deliver_instrument: DeliverInstrument => InstrumentView, on [Officer], acts ["instrument", "case", "sync"];

    record_approval: RecordApproval => CaseView, on [Officer], acts ["case", "instrument", "sync"];
    flag_case: FlagCase => CaseView, on [Officer], acts ["case", "instrument", "sync"];
    record_payment: RecordPayment => CaseView, on [Officer], acts ["case", "sync"];
    check_inspection_code: CheckInspectionCode => CodeChecked, on [Officer], acts ["case", "sync"];
    check_case: CaseId => CaseCheck, on [Officer], acts ["case", "sync"];
    close_case: CloseCase => CaseView, on [Officer], acts ["case", "cases", "sync"];

    take_photo: TakePhoto => EvidenceRow, on [Officer], acts ["case", "sync"];
    start_recording: StartRecording => RecordingState, on [Officer], acts ["recording", "case", "sync"];
    mark_recording: MarkRecording => RecordingState, on [Officer], acts ["recording", "sync"];
    stop_recording: StopRecording => RecordingState, on [Officer], acts ["recording", "case", "sync"];
    recording: Empty => RecordingState, on [Officer, Party], reads ["recording"];

    read_position: ReadPosition => Position, on [Officer], reads [];

    printers: Empty => PrinterRows, on [Officer], reads ["printers"];
    add_printer: AddPrinter => PrinterRows, on [Officer], acts ["printers"];
    set_printer: SetPrinter => PrinterRows, on [Officer], acts ["printers"];
    remove_printer: PrinterId => PrinterRows, on [Officer], acts ["printers"];
    find_printers: Empty => FoundPrinters, on [Officer], reads ["found_printers"];
    print_test_page: PrinterId => TestPage, on [Officer], acts ["printer_status"];
    printer_status: PrinterId => PrinterStatus, on [Officer], reads ["printer_status"];
    print_instrument: PrintInstrument => PrintQueue, on [Officer], acts ["print_queue", "case", "sync"];
    print_queue: Empty => PrintQueue, on [Officer], reads ["print_queue"];
    cancel_print: PrintJobId => PrintQueue, on [Officer], acts ["print_queue", "sync"];
    answer_print: AnswerPrint => PrintQueue, on [Officer], acts ["print_queue", "case", "sync"];

    sync_state: Empty => SyncState, on [Officer], reads ["sync"];
    sync_now: Empty => SyncState, on [Officer], acts ["sync", "cases", "case"];
    verify_journal: Empty => JournalReport, on [Officer], reads ["journal"];
}
