//! The facts of a case that gates look at. Plain data: whoever keeps the case gathers them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// 案卷事实 – what has happened in a case so far. Times are RFC 3339 text, dates `YYYY-MM-DD`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Dossier {
    pub party: Value,
    pub vehicle: Value,
    pub place: Value,
    /// Why the case was opened, e.g. `double_random`.
    pub reason: String,
    pub opened_at: Option<String>,
    pub presented_at: Option<String>,
    pub closed_at: Option<String>,
    /// How the officers showed who they are, e.g. `{ "method": "show", "uniform_worn": true }`.
    pub presentation: Value,
    /// Photos, recordings and files, each with `evidence_id` and `kind`.
    pub evidence: Value,
    /// Facts of the act at hand that stand in no instrument, e.g. `{ "method": "electronic" }` of a delivery.
    pub act: Value,
    /// What the terminal knows of the same party and vehicle, e.g. `{ "overload_decisions_12_months": 3 }`.
    pub history: Value,
    /// The facts last told to the discretion assistant, with the `violation_code` they were told for.
    pub discretion: Value,
    pub told: Vec<ToldFact>,
    /// In the order they were started.
    pub instruments: Vec<InstrumentFact>,
    pub approvals: Vec<ApprovalFact>,
    pub reviews: Vec<ReviewFact>,
    pub deliberations: Vec<DeliberationFact>,
    pub flags: BTreeMap<String, Value>,
    /// Why each was set.
    pub flag_reasons: BTreeMap<String, String>,
    pub payments: Vec<PaymentFact>,
    pub inspection_codes: Vec<InspectionCodeFact>,
    pub self_check: Option<SelfCheckFact>,
    /// Photos and imported files.
    pub evidence_count: u32,
    pub recordings: Vec<RecordingFact>,
    pub clocks: Vec<ClockFact>,
    /// What else ended a clock: `disclosed`, `withdrawn`, `filed`, `archived`, …
    pub events: Vec<EventFact>,
}

/// 告知.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ToldFact {
    pub notice: String,
    pub told_at: String,
    pub response: String,
}

/// 文书 of the case; a draft has no `issued_at`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct InstrumentFact {
    pub instrument_id: String,
    pub form: String,
    pub number: Option<String>,
    pub value: Value,
    pub content_sha256: Option<String>,
    pub issued_at: Option<String>,
    pub delivered_at: Option<String>,
    pub delivery_method: Option<String>,
    pub is_voided: bool,
}

/// 审批 – by headquarters, or recorded from afar and still to be confirmed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ApprovalFact {
    pub instrument_id: String,
    pub form: String,
    pub stage: String,
    /// `approved`, `returned` or `refused`.
    pub decision: String,
    /// `headquarters`, `voice` or `code`.
    pub method: String,
    pub approver: String,
    pub at: String,
    /// What was approved; another content is not.
    pub content_sha256: Option<String>,
}

/// 法制审核意见.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReviewFact {
    pub instrument_id: String,
    pub round: u32,
    pub conclusion: String,
    pub is_passed: bool,
    pub reviewer: String,
    pub qualification_no: String,
    pub at: String,
    pub content_sha256: Option<String>,
}

/// 集体讨论.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DeliberationFact {
    pub instrument_id: String,
    pub held_at: String,
    pub is_agreed: bool,
    pub attendees: Vec<String>,
}

/// 缴款.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PaymentFact {
    pub instrument_id: String,
    pub amount_fen: i64,
    pub paid_on: String,
    pub method: String,
    pub receipt_no: String,
}

/// 检查码核验.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct InspectionCodeFact {
    pub code: String,
    /// `valid`, `unknown`, `expired` or `unavailable`.
    pub outcome: String,
    pub at: String,
}

/// 案卷自查.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SelfCheckFact {
    pub red: u32,
    pub amber: u32,
    pub at: String,
}

/// 录音录像.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RecordingFact {
    pub evidence_id: String,
    /// `video` or `audio`.
    pub kind: String,
    pub started_at: String,
    pub closed_at: Option<String>,
}

/// 期限 as it was written into an entry when it began.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClockFact {
    pub name: String,
    /// The instrument that started it; absent where the case itself did.
    pub instrument_id: Option<String>,
    pub started_at: String,
    /// The last lawful day.
    pub due_on: String,
    /// The last lawful minute, where hours are counted.
    pub due_at: Option<String>,
    pub is_done: bool,
}

/// Something that happened to the case or to one instrument of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct EventFact {
    pub event: String,
    pub instrument_id: Option<String>,
    pub at: String,
}

impl Dossier {
    /// Issued and not voided instruments of a form, oldest first.
    pub fn issued<'a>(
        &'a self,
        form: &'a str,
    ) -> impl DoubleEndedIterator<Item = &'a InstrumentFact> {
        let mut issued: Vec<_> = self
            .instruments
            .iter()
            .filter(|item| item.form == form && !item.is_voided && item.issued_at.is_some())
            .collect();
        issued.sort_by_key(|item| moment(item.issued_at.as_deref()));
        issued.into_iter()
    }

    pub fn newest<'a>(&'a self, form: &'a str) -> Option<&'a InstrumentFact> {
        self.issued(form).next_back()
    }

    pub(crate) fn instrument(&self, instrument_id: &str) -> Option<&InstrumentFact> {
        self.instruments
            .iter()
            .find(|item| item.instrument_id == instrument_id)
    }
}

/// For comparing times that may carry different offsets; what is no time comes first.
pub(crate) fn moment(text: Option<&str>) -> Option<chrono::DateTime<chrono::FixedOffset>> {
    chrono::DateTime::parse_from_rfc3339(text?).ok()
}
