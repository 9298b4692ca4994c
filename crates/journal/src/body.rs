//! The bodies of entries: frozen, versioned types, apart from the domain types.
//!
//! A body once written stays readable for ever: fields are only added, with a default. `v` is the version of the body.
//! Times are RFC 3339 text, dates `YYYY-MM-DD`, money integer 分, hashes lower hex.

use serde::{Deserialize, Serialize};
use serde_json::Value;

macro_rules! bodies {
    ($( $(#[$meta:meta])* $name:ident { $( $(#[$field_meta:meta])* $field:ident : $type:ty ),* $(,)? } )+) => { $(
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        pub struct $name {
            pub v: u8,
            $( $(#[$field_meta])* pub $field: $type ),*
        }
    )+ };
}

/// 地点 – words, road position and satellite fix (degrees × 10⁷, WGS-84).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct PlaceBody {
    pub text: String,
    pub road_no: Option<String>,
    pub stake_km: Option<i64>,
    pub stake_m: Option<i64>,
    pub direction: Option<String>,
    pub latitude_e7: Option<i64>,
    pub longitude_e7: Option<i64>,
    pub division: Option<String>,
}

/// An officer as named inside a body.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OfficerBody {
    pub officer_id: String,
    pub name: String,
    pub credential_no: String,
    pub unit: String,
    pub post: String,
}

/// 笔迹点 – x and y in a box of 1000 × 1000, milliseconds since the first point, and the pressure, 1 to 1000, of a pen that
/// tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum PenPoint {
    Plain([i32; 3]),
    Pressed([i32; 4]),
}

impl PenPoint {
    pub fn place(&self) -> [i32; 2] {
        let (Self::Plain([x, y, ..]) | Self::Pressed([x, y, ..])) = self;
        [*x, *y]
    }

    /// 1 to 1000, of a pen that tells it.
    pub fn pressure(&self) -> Option<i32> {
        match self {
            Self::Plain(_) => None,
            Self::Pressed([.., pressure]) => Some(*pressure),
        }
    }

    /// Whether every number is one that a pen in its box can give.
    pub fn is_sound(&self) -> bool {
        let inside = |count: &i32| (0..=1000).contains(count);
        match self {
            Self::Plain([x, y, ms]) => inside(x) && inside(y) && *ms >= 0,
            Self::Pressed([x, y, ms, pressure]) => {
                inside(x) && inside(y) && *ms >= 0 && (1..=1000).contains(pressure)
            }
        }
    }
}

/// A stored object: the hash of its plain bytes, its size and what it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ObjectBody {
    pub sha256: String,
    pub size_bytes: u64,
    pub media_type: String,
}

/// 期限 – a clock that an act started.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClockBody {
    pub name: String,
    pub text: String,
    pub due_on: String,
    pub is_provisional: bool,
    #[serde(default)]
    pub basis: Value,
    /// The last lawful minute, where hours are counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<String>,
    /// The last working day that keeps the limit for certain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub safe_due: Option<String>,
}

/// A refusal to sign with its reason and witness.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SigningRefusalBody {
    pub reason: String,
    pub witness_name: String,
    pub witness_phone: String,
}

/// 用印 – how an issued instrument is sealed: `by_hand`, `pre_sealed`, `token` with the number of its impression, or
/// `headquarters`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealUse {
    pub mode: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
}

/// The moment inside a running recording at which something happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RecordingMoment {
    pub evidence_id: String,
    pub at_ms: u64,
}

bodies! {
    /// `device.enrolled`
    DeviceEnrolled { device_key: String, badge_key: String, key_class: String, agency: String, terminal_name: String, headquarters: String }
    /// `session.opened`; signed by the device key and certifying the session key.
    SessionOpened { session: u32, public_key: String, officers: Vec<OfficerBody>, build: String }
    /// `session.closed`
    SessionClosed { session: u32, reason: String }
    /// `unlock.failed`
    UnlockFailed { credential_no: String, failures: u32, delay_s: u32 }
    /// `pin.set`; `by` opened the terminal for it, the officer themself for a changed one.
    PinSet { credential_no: String, by: String }
    /// `clock.jumped`; milliseconds by which the wall clock left the monotonic clock.
    ClockJumped { wall_ms: i64, mono_ms: i64 }

    /// `credential.presented`
    CredentialPresented {
        presentation_id: String, officers: Vec<OfficerBody>, method: String, acknowledgement: String,
        uniform_worn: bool, place: Option<PlaceBody>, roster_version: String,
    }
    /// `credential.refused`; a sign-in that the roster does not allow.
    CredentialRefused { credential_no: String, code: String, args: Value }
    /// `act.refused`; an act that was not available.
    ActRefused { command: String, code: String, args: Value }

    /// `inspection.opened`
    InspectionOpened {
        case_id: String, request_id: String, reason: String, reason_note: String, place: PlaceBody,
        party: Value, vehicle: Option<Value>, presentation_id: String, presented_at: String, officers: Vec<OfficerBody>,
    }
    /// `case.amended`; only what changed.
    CaseAmended { place: Option<PlaceBody>, party: Option<Value>, vehicle: Option<Value> }
    /// `notice.told`
    NoticeTold { notice: String, title: String, text: String, response: String, moment: Option<RecordingMoment> }

    /// `instrument.started`
    InstrumentStarted { instrument_id: String, request_id: String, form: String, title: String, value: Value }
    /// `instrument.drafted`; the whole value.
    InstrumentDrafted { instrument_id: String, revision: u32, value: Value, blocking_findings: u32 }
    /// `instrument.signed`; strokes are points `[x, y, ms]` in a box of 1000 × 1000.
    InstrumentSigned {
        instrument_id: String, slot: String, name: String, revision: u32, value_sha256: String,
        strokes: Vec<Vec<PenPoint>>, refusal: Option<SigningRefusalBody>, moment: Option<RecordingMoment>,
    }
    /// `instrument.issued`; `value` is the frozen value the paper was made from.
    InstrumentIssued {
        instrument_id: String, form: String, title: String, number: Option<String>, series: Option<String>,
        serial: Option<u64>, value: Value, content_sha256: String, pdf: ObjectBody, ticket: ObjectBody,
        qr: String, clocks: Vec<ClockBody>,
        #[serde(default, skip_serializing_if = "Option::is_none")] seal: Option<SealUse>,
    }
    /// `instrument.voided`
    InstrumentVoided { instrument_id: String, number: Option<String>, reason: String }
    /// `instrument.delivered`
    InstrumentDelivered {
        instrument_id: String, method: String, recipient: String, note: String, witness_name: Option<String>,
        clocks: Vec<ClockBody>, moment: Option<RecordingMoment>,
    }

    /// `evidence.photographed`, `evidence.imported`; `escrow` is the data key sealed to headquarters, base64.
    EvidenceCaptured {
        evidence_id: String, kind: String, object: ObjectBody, chunks: Vec<String>, escrow: String, step: String,
        facts: Value, thumbnail: Option<String>,
    }
    /// `recording.started`
    RecordingStarted { evidence_id: String, kind: String, source: String, media_type: String, escrow: String, step: String }
    /// `recording.marked`; `running_sha256` covers the `stored_bytes` so far.
    RecordingMarked { evidence_id: String, stored_ms: u64, stored_bytes: u64, fragments: u32, running_sha256: String, text: Option<String> }
    /// `recording.closed`
    RecordingClosed {
        evidence_id: String, object: ObjectBody, chunks: Vec<String>, duration_ms: u64, fragments: u32, reason: String,
        #[serde(default)] clocks: Vec<ClockBody>,
    }
    /// `recording.interrupted`; what was found stored after the terminal stopped without closing.
    RecordingInterrupted { evidence_id: String, object: ObjectBody, chunks: Vec<String>, duration_ms: u64, fragments: u32 }

    /// `print.queued` and every later state of a copy.
    PrintEvent {
        job_id: String, instrument_id: String, copy_no: u32, copy_name: String, is_reprint: bool, printer: String,
        sha256: String, state: String, cause: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")] sheet_no: Option<String>,
    }

    /// `lease.adopted`; numbers `from..=to` of the series belong to this terminal.
    LeaseAdopted { hq_idx: u64, series: String, year: u16, pattern: String, from: u64, to: u64 }
    /// `seals.adopted`; numbered seals that belong to this terminal from now on.
    SealsAdopted { hq_idx: u64, what: String, prefix: String, digits: u8, from: u64, to: u64, lot_sha256: Option<String> }
    /// `sheet.spoiled`; a sheet of pre-sealed paper that nobody will use.
    SheetSpoiled { sheet_no: String, reason: String }
    /// `roster.adopted`
    RosterAdopted { hq_idx: u64, version: String }
    /// `pack.adopted`
    PackAdopted { hq_idx: u64, version: String, sha256: String }
    /// `headquarters.received`; a receipt that changed what the terminal knows, as the signed note.
    HeadquartersReceived { note: String }
    /// `record.viewed`; somebody looked at a record on the terminal.
    RecordViewed { what: String, id: String }

    /// `approval.recorded`; a head approved from afar: `method` is `voice` or `code`, headquarters has to confirm it.
    ApprovalRecorded {
        instrument_id: String, form: String, stage: String, method: String, approver: String, opinion: String,
        code_sha256: Option<String>, moment: Option<RecordingMoment>, clocks: Vec<ClockBody>,
    }
    /// `case.flagged`; a fact of the case that is no instrument, e.g. `suspected_crime`, `recusal_requested`.
    CaseFlagged { flag: String, value: Value, reason: String, clocks: Vec<ClockBody> }
    /// `case.checked`; the self-check before hand-over with what it showed.
    CaseChecked { items: Value, red: u32, amber: u32 }
    /// `case.closed`
    CaseClosed { reason: String, note: String, clocks: Vec<ClockBody> }
    /// `payment.recorded`
    PaymentRecorded {
        instrument_id: String, amount_fen: i64, paid_on: String, method: String, receipt_no: String, note: String,
        surcharge_fen: i64, clocks: Vec<ClockBody>,
    }
    /// `discretion.shown`; everything the assistant put before the officer.
    DiscretionShown { instrument_id: String, facts: Value, proposal: Value }
    /// `inspection_code.checked`; `outcome` is `valid`, `unknown`, `expired` or `unavailable`.
    InspectionCodeChecked { code: String, outcome: String, note: String, clocks: Vec<ClockBody> }

    /// `hq.approval_given`; `decision` is `approved`, `returned` or `refused`.
    HqApprovalGiven {
        writer: String, case_id: String, instrument_id: String, form: String, stage: String, decision: String,
        opinion: String, user: String, user_name: String, content_sha256: String,
    }
    /// `hq.approval_codes_published`; single-use codes of an absent head, as salted hashes.
    HqApprovalCodesPublished { batch: String, stage: String, holder: String, salt: String, code_sha256: Vec<String>, valid_to: String }
    /// `hq.review_given`; `conclusion` is one of the agency's opinion kinds, `is_passed` opens the gate.
    HqReviewGiven {
        writer: String, case_id: String, instrument_id: String, round: u32, conclusion: String, is_passed: bool,
        items: Value, reason: String, user: String, user_name: String, qualification_no: String, content_sha256: String,
    }
    /// `hq.deliberated`; each opinion and every dissent is kept.
    HqDeliberated {
        writer: String, case_id: String, instrument_id: String, held_at: String, chair: String, attendees: Vec<String>,
        opinions: Value, conclusion: String, is_agreed: bool, user: String, user_name: String,
    }
    /// `hq.decision_revoked`; `cause` is `changed`, `revoked`, `illegal` or `invalid`.
    HqDecisionRevoked {
        writer: String, case_id: String, instrument_id: String, cause: String, organ: String, decided_on: String,
        reason: String, user: String, user_name: String, clocks: Vec<ClockBody>,
    }
    /// `hq.disclosed`; one publication of one result on its channels.
    HqDisclosed {
        disclosure_id: String, writer: String, case_id: String, instrument_id: String, kind: String, channels: Vec<String>,
        page: Value, page_sha256: String, basis: Value, collected_by: String, reviewed_by: String, user: String, user_name: String,
    }
    /// `hq.disclosure_withdrawn`; the page that was public stays known by its hash.
    HqDisclosureWithdrawn {
        disclosure_id: String, instrument_id: String, channels: Vec<String>, reason: String, page_sha256: String,
        user: String, user_name: String,
    }
    /// `hq.supervision_received`; a paper of a supervising organ: `paper` is `notice`, `opinion` or `decision`.
    HqSupervisionReceived {
        paper_id: String, paper: String, number: String, organ: String, demand: String, received_on: String, reply_by: String,
        case_no: String, user: String, user_name: String, clocks: Vec<ClockBody>,
    }
    /// `hq.supervision_answered`; by an issued instrument, or in words where it was answered elsewhere.
    HqSupervisionAnswered { paper_id: String, instrument_id: Option<String>, note: String, user: String, user_name: String }
    /// `hq.inspection_code_granted`; a 检查码 for one approved inspection of an enterprise.
    HqInspectionCodeGranted {
        code: String, party_uscc: String, party_name: String, matter: String, instrument_id: Option<String>,
        valid_from: String, valid_to: String, done_this_year: u32, cap_per_year: Option<u32>,
    }

    /// `hq.device_enrolled`
    HqDeviceEnrolled { writer: String, device_key: String, badge_key: String, #[serde(default)] seal_key: String, terminal_name: String }
    /// `hq.lease_granted`; `pattern` holds `{year}` and `{serial:4}`.
    HqLeaseGranted { writer: String, series: String, year: u16, pattern: String, from: u64, to: u64 }
    /// `hq.seal_installed`; the agency's seal image stays at headquarters, this is its hash.
    HqSealInstalled { sha256: String, width_mm: u16 }
    /// `hq.seals_granted`; `what` is `impression`, whose lot lies sealed to the terminal in an object, or `sheet`, pre-sealed
    /// paper that a clerk handed out. A number is the prefix and so many digits.
    HqSealsGranted {
        writer: String, what: String, prefix: String, digits: u8, from: u64, to: u64, lot: Option<ObjectBody>,
        seal_sha256: Option<String>, user: String, user_name: String,
    }
    /// `hq.sealed`; an issued instrument got the agency's seal at headquarters. The object holds the impression.
    HqSealed {
        writer: String, case_id: String, instrument_id: String, content_sha256: String, seal_no: String,
        lot: ObjectBody, seal_sha256: String, user: String, user_name: String,
    }
    /// `hq.roster_published`
    HqRosterPublished { version: String, agency: Value, officers: Vec<RosterOfficer> }
    /// `hq.pack_published`
    HqPackPublished { version: String, sha256: String, size_bytes: u64 }
    /// `hq.record_viewed`; every look at a case, document or recording at headquarters.
    HqRecordViewed { user: String, what: String, id: String, case_id: Option<String>, purpose: String }
    /// `hq.signed_in`, `hq.sign_in_failed`
    HqSignIn { user: String, address: String }
    /// `hq.journal_received`
    HqJournalReceived { writer: String, epoch: u32, idx: u64, hash: String, entries: u64 }
    /// `hq.media_received`
    HqMediaReceived { writer: String, sha256: String, size_bytes: u64 }
    /// `hq.fork_kept`; both frames stay.
    HqForkKept { writer: String, epoch: u32, idx: u64, kept_hash: String, other_hash: String }
}

/// 执法人员名册条目 – an officer of the signed roster.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RosterOfficer {
    pub officer_id: String,
    pub name: String,
    pub unit: String,
    pub post: String,
    pub credential_no: String,
    /// 执法门类.
    pub category: String,
    /// 执法区域.
    pub area: String,
    pub valid_from: String,
    pub valid_to: String,
    /// `valid`, `suspended`, `cancelled`.
    pub status: String,
    /// False for 辅助人员.
    pub is_officer: bool,
    /// SHA-256 of the portrait; the portrait itself is a published object.
    pub photo_sha256: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::PenPoint;

    #[test]
    fn a_pen_point_is_written_as_it_was_read() {
        for (text, is_sound) in [
            ("[1,2,3]", true),
            ("[1,2,3,400]", true),
            ("[0,1000,0,1]", true),
            ("[1,2,3,0]", false),
            ("[1001,2,3]", false),
            ("[1,2,-3,4]", false),
        ] {
            let point: PenPoint = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&point).unwrap(), text);
            assert_eq!(point.is_sound(), is_sound, "{text}");
        }
        for text in ["[1,2]", "[1,2,3,4,5]", "[1,2,\"3\"]"] {
            assert!(serde_json::from_str::<PenPoint>(text).is_err(), "{text}");
        }
    }
}
