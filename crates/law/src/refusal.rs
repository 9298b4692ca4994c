//! Refusals: the act is not available now. A closed list; each is shown with its basis and the next step.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::Citation;

/// 不予办理 – why an act is not available now.
///
/// The article behind each refusal is law and therefore data: the pack's `refusals` table gives it by [`Refusal::code`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Refusal {
    /// 证件不在名册 – the officer is not on the agency's signed roster.
    CredentialUnknown { credential_no: String },
    /// 证件过期 – R-P2.
    CredentialExpired {
        credential_no: String,
        expired_on: NaiveDate,
    },
    /// 证件未生效.
    CredentialNotYetValid {
        credential_no: String,
        valid_from: NaiveDate,
    },
    /// 证件暂扣或注销 – R-P2.
    CredentialSuspended { credential_no: String },
    /// 辅助人员不得执法 – R-P4.
    NotAnOfficer { credential_no: String },
    /// 执法人员不足两人 – R-P1.
    TwoOfficersNeeded { present: u8 },
    /// 未亮证 – R-P3.
    NotPresented,
    /// 超出简易程序 – R-S1.
    SummaryProcedureNotAvailable { fine_fen: i64, limit_fen: i64 },
    /// 未告知 – R-S2, the rights notice was not told before the penalty.
    NoticeNotTold { notice: String },
    /// 未责令改正 – R-S10.
    RectificationMissing,
    /// 号段用尽 – no instrument number is left on this terminal.
    NumbersUsedUp { series: String },
    /// 印模用尽 – no single-use impression of the seal is left on this terminal.
    SealsUsedUp,
    /// 未盖章 – the instrument is sealed at headquarters, and nobody has done so yet.
    NotSealed,
    /// 文书已制发 – an issued instrument is frozen.
    InstrumentFrozen { number: String },
    /// 文书有未解决的问题.
    FindingsOpen { blocking: u32 },
    /// 未签名 – a required signature or a complete refusal record is missing.
    SignatureMissing { slot: String },
    /// 文书未制发 – only an issued instrument can be delivered, printed as final or voided.
    InstrumentNotIssued,
    /// 正在录制.
    RecordingRunning,
    /// 没有录制.
    NoRecordingRunning,
    /// 无此表单 – the active pack has no such form.
    FormUnknown { form: String },
    /// 程序未到 – a gate of the pack's procedures is closed; `rule`, `text` and `hint` are the pack's.
    GateClosed {
        rule: String,
        text: String,
        hint: String,
        basis: Vec<Citation>,
    },
    /// 案件已结 – a closed case takes no further instruments.
    CaseClosed,
}

impl Refusal {
    /// Every code there is, in the order of the variants.
    pub const CODES: &[&str] = &[
        "credential_unknown",
        "credential_expired",
        "credential_not_yet_valid",
        "credential_suspended",
        "not_an_officer",
        "two_officers_needed",
        "not_presented",
        "summary_procedure_not_available",
        "notice_not_told",
        "rectification_missing",
        "numbers_used_up",
        "seals_used_up",
        "not_sealed",
        "instrument_frozen",
        "findings_open",
        "signature_missing",
        "instrument_not_issued",
        "recording_running",
        "no_recording_running",
        "form_unknown",
        "gate_closed",
        "case_closed",
    ];

    /// The stable name shared by the pack's basis table, the wire and the wording.
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::CredentialUnknown { .. } => "credential_unknown",
            Refusal::CredentialExpired { .. } => "credential_expired",
            Refusal::CredentialNotYetValid { .. } => "credential_not_yet_valid",
            Refusal::CredentialSuspended { .. } => "credential_suspended",
            Refusal::NotAnOfficer { .. } => "not_an_officer",
            Refusal::TwoOfficersNeeded { .. } => "two_officers_needed",
            Refusal::NotPresented => "not_presented",
            Refusal::SummaryProcedureNotAvailable { .. } => "summary_procedure_not_available",
            Refusal::NoticeNotTold { .. } => "notice_not_told",
            Refusal::RectificationMissing => "rectification_missing",
            Refusal::NumbersUsedUp { .. } => "numbers_used_up",
            Refusal::SealsUsedUp => "seals_used_up",
            Refusal::NotSealed => "not_sealed",
            Refusal::InstrumentFrozen { .. } => "instrument_frozen",
            Refusal::FindingsOpen { .. } => "findings_open",
            Refusal::SignatureMissing { .. } => "signature_missing",
            Refusal::InstrumentNotIssued => "instrument_not_issued",
            Refusal::RecordingRunning => "recording_running",
            Refusal::NoRecordingRunning => "no_recording_running",
            Refusal::FormUnknown { .. } => "form_unknown",
            Refusal::GateClosed { .. } => "gate_closed",
            Refusal::CaseClosed => "case_closed",
        }
    }
}
