//! What officials decide: approvals, legal review, deliberation, revocation, disclosure, codes – and what waits for them.

use law::Citation;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;

use super::console::ObjectRow;

contract::wire! { "console.ts";
    // ── What waits (待办) ────────────────────────────────────────────────────────────────────────────────────────
    struct Queue { pub items: Vec<QueueItem>, pub now: String }
    struct QueueItem {
        /// `approve`, `confirm` (a remote approval), `review`, `seal`, `disclose` (to be checked), `release`, `withdraw`.
        pub task: String,
        pub case_id: String,
        pub instrument_id: String,
        pub form: String,
        pub title: String,
        pub number: Option<String>,
        pub party_name: String,
        /// `unit_head`, `legal`, `head`; empty where there are no stages.
        pub stage: String,
        pub waiting_since: String,
        /// A date, or a moment where hours count.
        pub due_on: Option<String>,
        /// `ok`, `soon`, `overdue`; `none` without a time limit.
        pub urgency: String,
        pub basis: Vec<Citation>,
        pub disclosure_id: Option<String>,
        pub content_sha256: Option<String>,
        pub pdf: Option<ObjectRow>,
        /// What the person before wrote, e.g. the opinion recorded with a remote approval.
        pub note: String,
    }
    struct ReadClocks { pub case_id: String }
    struct CaseClocks { pub clocks: Vec<CaseClock>, pub now: String }
    /// 期限 of a case, as an entry started it.
    struct CaseClock {
        pub name: String,
        pub text: String,
        /// The last lawful day.
        pub due_on: String,
        /// The last lawful minute, where hours are counted.
        pub due_at: Option<String>,
        /// The last working day that keeps the limit for certain.
        pub safe_due: Option<String>,
        pub is_provisional: bool,
        pub started_at: String,
        pub instrument_id: Option<String>,
        pub basis: Vec<Citation>,
        /// What was due has been done.
        pub is_done: bool,
        /// `done`, `ok`, `soon`, `overdue`.
        pub urgency: String,
    }
    /// One decision, fact or opinion in a case; `body` as it stands in the entry.
    struct ActRow {
        pub writer: String,
        #[ts(type = "number")]
        pub idx: u64,
        pub kind: String,
        pub acted_at: String,
        pub instrument_id: Option<String>,
        pub who: String,
        #[ts(type = "Record<string, unknown>")]
        pub body: Value,
        /// For a remote approval: `confirmed`, `refused`, `waiting`; `unknown_code` and `used_code` when its code is not
        /// good. For a refused approval of an urgent measure: `release_at_once`. Empty otherwise.
        pub standing: String,
    }

    // ── Approval and review (审批、法制审核、集体讨论) ──────────────────────────────────────────────────────────────
    struct Approve {
        pub instrument_id: String,
        /// `unit_head`, `legal`, `head`.
        pub stage: String,
        /// `approved`, `returned`, `refused`.
        pub decision: String,
        pub opinion: String,
    }
    struct Approved {
        #[ts(type = "number")]
        pub idx: u64,
        pub content_sha256: String,
        /// An urgent measure was refused: what was taken has to be released now.
        pub is_release_at_once: bool,
    }
    /// What a reviewer may choose from, before the review.
    struct ReadReview { pub instrument_id: String }
    struct ReviewSheet {
        /// Number that the next opinion will have.
        #[ts(type = "number")]
        pub round: u32,
        pub conclusions: Vec<Conclusion>,
        /// What is looked at, as the pack or the agency says; empty when neither does.
        pub items: Vec<String>,
        pub former: Vec<ActRow>,
    }
    /// 审核意见种类 of the agency.
    struct Conclusion { pub value: String, pub label: String, /// It alone opens the way to the decision.
        pub is_passing: bool }
    struct Review {
        pub instrument_id: String,
        /// Value or label of one of the agency's conclusions.
        pub conclusion: String,
        pub items: Vec<ReviewItem>,
        pub reason: String,
    }
    struct ReviewItem {
        pub item: String,
        /// `yes`, `no`, `not_applicable`.
        pub answer: String,
        #[serde(default)]
        pub note: String,
    }
    struct Reviewed {
        #[ts(type = "number")]
        pub idx: u64,
        #[ts(type = "number")]
        pub round: u32,
        pub is_passed: bool,
    }
    struct Deliberate {
        pub case_id: String,
        pub instrument_id: String,
        pub held_at: String,
        pub chair: String,
        pub attendees: Vec<String>,
        pub opinions: Vec<Opinion>,
        pub conclusion: String,
        pub is_agreed: bool,
    }
    struct Opinion {
        pub name: String,
        pub opinion: String,
        /// 保留意见, in the words of the one who holds it; absent for those who agree.
        #[serde(default)]
        pub dissent: Option<String>,
    }
    /// The entry of headquarters' series that an act became.
    struct Recorded { #[ts(type = "number")] pub idx: u64 }
    struct RevokeDecision {
        pub instrument_id: String,
        /// `changed`, `revoked`, `illegal`, `invalid`.
        pub cause: String,
        /// Who decided so, e.g. the 复议机关.
        pub organ: String,
        pub decided_on: String,
        pub reason: String,
    }
    struct Revoked {
        #[ts(type = "number")]
        pub idx: u64,
        /// The publication that has to be withdrawn.
        pub disclosure_id: Option<String>,
        /// The earliest of the clocks that run now.
        pub withdraw_due_on: Option<String>,
        pub clocks: Vec<CaseClock>,
    }

    // ── Disclosure (公示) ────────────────────────────────────────────────────────────────────────────────────────
    struct PreviewDisclosure { pub instrument_id: String, pub kind: String }
    struct DisclosurePreview {
        #[ts(type = "Record<string, unknown>")]
        pub page: Value,
        pub page_sha256: String,
        /// Labels of fields that are not shown.
        pub left_out: Vec<String>,
        /// `minor`, `age_unknown`, `flag:<name>`: what to look at before release.
        pub cautions: Vec<String>,
        pub collected_by: String,
        pub reviewed_by: Option<String>,
        pub reviewed_at: Option<String>,
        pub channels: Vec<String>,
        /// What the agency publishes on.
        pub channels_known: Vec<Channel>,
        pub basis: Vec<Citation>,
        pub due_on: Option<String>,
    }
    /// 公示载体 and how people call it.
    struct Channel { pub value: String, pub label: String }
    /// First person: the page was looked at and may be released.
    struct ReviewDisclosure {
        pub instrument_id: String,
        pub kind: String,
        pub channels: Vec<String>,
        pub basis: Vec<Citation>,
    }
    /// Second person: the page goes out.
    struct Disclose {
        pub instrument_id: String,
        pub kind: String,
        pub channels: Vec<String>,
        pub basis: Vec<Citation>,
    }
    struct Disclosed {
        #[ts(type = "number")]
        pub idx: u64,
        pub disclosure_id: String,
        pub page_sha256: String,
        /// Where everybody can read it.
        pub public_path: String,
    }
    struct WithdrawDisclosure { pub disclosure_id: String, pub reason: String }
    struct DisclosuresQuery {
        pub text: String,
        pub after: Option<String>,
        #[ts(type = "number")]
        pub limit: u32,
    }
    struct DisclosureList { pub disclosures: Vec<DisclosureRow>, pub next: Option<String>, #[ts(type = "number")] pub total: u64 }
    struct DisclosureRow {
        pub disclosure_id: String,
        pub case_id: String,
        pub instrument_id: String,
        pub kind: String,
        pub title: String,
        pub number: Option<String>,
        pub party: String,
        /// As people call them.
        pub channels: Vec<String>,
        pub disclosed_at: String,
        pub disclosed_by: String,
        pub page_sha256: String,
        /// `published`, `to_withdraw`, `withdrawn`.
        pub state: String,
        pub withdraw_due_on: Option<String>,
        pub withdrawn_at: Option<String>,
        pub withdrawn_reason: Option<String>,
    }

    // ── Duties of the agency (机关定期事项) and supervision (执法监督文书) ───────────────────────────────────────────────
    struct Duties { pub rows: Vec<DutyRow>, pub papers: Vec<SupervisionRow>, pub now: String }
    struct DutyRow {
        /// `annual_report`, `monthly_refresh`, `reviewer_ratio`, `two_places`; worded by the screen with `args`.
        pub key: String,
        pub due_on: Option<String>,
        /// `ok`, `soon`, `overdue`; `overdue` too for what is not as it has to be.
        pub urgency: String,
        #[ts(type = "Record<string, unknown>")]
        pub args: Value,
    }
    struct SupervisionRow {
        pub paper_id: String,
        /// `notice`, `opinion`, `decision`.
        pub paper: String,
        pub number: String,
        pub organ: String,
        pub demand: String,
        pub received_on: String,
        /// Number of the case it is about, as the paper says it; may be empty.
        pub case_no: String,
        pub registered_at: String,
        pub registered_by: String,
        pub due_on: String,
        /// `done`, `ok`, `soon`, `overdue`.
        pub urgency: String,
        pub basis: Vec<Citation>,
        pub answered_at: Option<String>,
        /// Number of the reply, or how it was answered otherwise.
        pub answer: String,
    }
    struct RegisterSupervision {
        pub paper: String,
        pub number: String,
        pub organ: String,
        pub demand: String,
        pub received_on: String,
        pub reply_by: String,
        pub case_no: String,
    }
    struct SupervisionRegistered { #[ts(type = "number")] pub idx: u64, pub paper_id: String, pub due_on: String }
    /// With the reply that was issued, or in words. A reply that names the paper's number answers it by itself.
    struct AnswerSupervision { pub paper_id: String, pub instrument_id: Option<String>, pub note: String }

    // ── Codes (检查码、预授权码) ─────────────────────────────────────────────────────────────────────────────────────
    struct GrantInspectionCode {
        pub party_uscc: String,
        pub party_name: String,
        pub matter: String,
        /// The approved application; only a head may grant a code without one.
        pub instrument_id: Option<String>,
        pub valid_from: String,
        pub valid_to: String,
        /// Inspections of this year that other systems know of.
        #[serde(default)]
        #[ts(type = "number")]
        pub done_elsewhere: u32,
        /// Absent: the agency's own cap, if it has one.
        #[ts(type = "number | null")]
        pub cap_per_year: Option<u32>,
    }
    struct InspectionCode {
        #[ts(type = "number")]
        pub idx: u64,
        pub code: String,
        #[ts(type = "number")]
        pub done_this_year: u32,
        #[ts(type = "number | null")]
        pub cap_per_year: Option<u32>,
    }
    struct PublishApprovalCodes {
        /// `unit_head` or `head`: a function of the one who asks.
        pub stage: String,
        #[ts(type = "number")]
        pub count: u32,
        /// Last day on which the codes are good.
        pub valid_to: String,
    }
    /// Shown this once; headquarters keeps only hashes.
    struct ApprovalCodes { #[ts(type = "number")] pub idx: u64, pub batch: String, pub codes: Vec<String>, pub valid_to: String }
    struct CodeRows { pub inspection: Vec<InspectionCodeRow>, pub batches: Vec<CodeBatchRow> }
    struct InspectionCodeRow {
        pub code: String,
        pub party_name: String,
        pub party_uscc: String,
        pub matter: String,
        pub valid_from: String,
        pub valid_to: String,
        pub granted_at: String,
        /// Outcomes that terminals reported, the oldest first.
        pub checks: Vec<String>,
    }
    struct CodeBatchRow {
        pub batch: String,
        pub stage: String,
        pub holder: String,
        pub valid_to: String,
        pub published_at: String,
        #[ts(type = "number")]
        pub codes: u32,
        #[ts(type = "number")]
        pub used: u32,
    }

    // ── 用印 ─────────────────────────────────────────────────────────────────────────────────────────────────────
    struct SealInstrument {
        pub instrument_id: String,
        /// Of what the keeper of the seal looked at.
        pub content_sha256: String,
    }
    struct HandOutSheets {
        /// Terminal whose officers take the paper along.
        pub writer: String,
        /// Number of the first sheet, e.g. `A000101`.
        pub first: String,
        #[ts(type = "number")]
        pub count: u64,
    }
    struct SealLedger {
        /// The agency's way of sealing: `by_hand`, `pre_sealed`, `token`, `headquarters`.
        pub mode: String,
        /// Absent while no image is installed.
        pub seal: Option<SealRow>,
        pub grants: Vec<SealGrantRow>,
        pub strange: Vec<StrangeSealRow>,
    }
    struct SealRow { pub sha256: String, pub width_mm: u16 }
    struct SealGrantRow {
        /// `impression` or `sheet`.
        pub what: String,
        pub first: String,
        pub last: String,
        #[ts(type = "number")]
        pub count: u64,
        #[ts(type = "number")]
        pub used: u64,
        #[ts(type = "number")]
        pub spoiled: u64,
        pub terminal_name: String,
        /// Case of the instrument that was sealed with it at headquarters.
        pub case_id: Option<String>,
        /// Who handed them out or sealed; empty for what was leased.
        pub user_name: String,
        pub granted_at: String,
    }
    /// A number that should not be where it is.
    struct StrangeSealRow {
        pub number: String,
        /// `impression` or `sheet`.
        pub what: String,
        /// `unknown`: nobody gave it to this terminal; `twice`: on two papers.
        pub reason: String,
        pub terminal_name: String,
        pub title: String,
        pub instrument_no: Option<String>,
        pub case_id: String,
    }
}
