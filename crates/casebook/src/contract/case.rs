//! 案件 – a case as the screens show it, and what is told in it.

use law::{Citation, Finding};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;

use super::evidence::EvidenceRow;
use super::instrument::InstrumentRow;
use super::session::OfficerCard;

contract::wire! { "terminal.ts";
    // ── Case (案件) ───────────────────────────────────────────────────────────────────────────────────────────
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

    // ── Notices (告知) ────────────────────────────────────────────────────────────────────────────────────────
    struct NoticeText { pub notice: String, pub title: String, pub text: String, pub basis: Vec<Citation> }
    struct NoticeTexts { pub notices: Vec<NoticeText> }
    struct TellNotice { pub case_id: String, pub notice: String, pub response: String }
    struct ToldRow { pub notice: String, pub told_at: String, pub response: String }

    // ── Casework (办案) ───────────────────────────────────────────────────────────────────────────────────────
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
}
