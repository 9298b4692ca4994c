//! The one error shape that crosses to screens. Wording is by code in `ui/src/messages`.

use law::{Citation, Finding, Refusal};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use ts_rs::TS;

/// What a screen gets when a command did not do what was asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export_to = "contract.ts")]
pub struct BoundaryError {
    pub code: Code,
    /// Values the wording needs, by name.
    #[ts(type = "Record<string, unknown>")]
    pub args: Map<String, Value>,
    pub findings: Vec<Finding>,
    pub basis: Vec<Citation>,
    /// Number under which a failure was logged; absent for refusals.
    pub incident: Option<String>,
}

/// Every way a command can say no. Refusals first, failures after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "contract.ts")]
pub enum Code {
    CredentialUnknown,
    CredentialExpired,
    CredentialNotYetValid,
    CredentialSuspended,
    NotAnOfficer,
    TwoOfficersNeeded,
    NotPresented,
    SummaryProcedureNotAvailable,
    NoticeNotTold,
    RectificationMissing,
    NumbersUsedUp,
    SealsUsedUp,
    NotSealed,
    InstrumentFrozen,
    FindingsOpen,
    SignatureMissing,
    InstrumentNotIssued,
    RecordingRunning,
    NoRecordingRunning,
    FormUnknown,
    GateClosed,
    CaseClosed,
    /// Nobody is signed in, or the terminal is locked.
    Locked,
    /// Wrong PIN or password; `retry_after_s` in the arguments.
    WrongSecret,
    /// Too many wrong PINs; `retry_after_s` in the arguments.
    Delayed,
    AlreadySignedIn,
    /// The draft changed elsewhere since it was read; `revision` in the arguments.
    Stale,
    NotFound,
    /// The payload does not fit the command.
    BadRequest,
    /// This surface may not call the command.
    NotAllowed,
    /// The signed-in role may not do this.
    Forbidden,
    DiskFull,
    DatabaseDamaged,
    ClockImplausible,
    CameraMissing,
    MicrophoneMissing,
    RecordingFailed,
    NotAnImage,
    TooLarge,
    PrinterUnreachable,
    PrinterBusy,
    HeadquartersUnreachable,
    /// Something answered, but it is not our headquarters (captive portal, wrong address).
    NotHeadquarters,
    PackRefused,
    /// Anything else that broke; the incident number leads to the log.
    Failure,
}

impl BoundaryError {
    pub fn new(code: Code) -> Self {
        BoundaryError {
            code,
            args: Map::new(),
            findings: Vec::new(),
            basis: Vec::new(),
            incident: None,
        }
    }

    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.args.insert(name.to_owned(), shortened(value.into()));
        self
    }

    pub fn with_incident(mut self, incident: impl Into<String>) -> Self {
        self.incident = Some(incident.into());
        self
    }

    /// A refusal with the articles the active pack gives for it.
    pub fn refused(refusal: &Refusal, basis: Vec<Citation>) -> Self {
        let mut args = match serde_json::to_value(refusal) {
            Ok(Value::Object(fields)) => fields,
            _ => Map::new(),
        };
        args.remove("code");
        // The gate of a pack brings its own articles.
        args.remove("basis");
        let basis = match refusal {
            Refusal::GateClosed { basis, .. } => basis.clone(),
            _ => basis,
        };
        let args = args
            .into_iter()
            .map(|(name, value)| (name, shortened(value)))
            .collect();
        BoundaryError {
            code: Code::from(refusal),
            args,
            findings: Vec::new(),
            basis,
            incident: None,
        }
    }
}

/// Longest text of an argument, characters.
const ARGUMENT_CHARS_MAX: usize = 300;

/// What was sent in is not sent back at length.
fn shortened(value: Value) -> Value {
    match value {
        Value::String(text) if text.chars().nth(ARGUMENT_CHARS_MAX).is_some() => {
            let mut short: String = text.chars().take(ARGUMENT_CHARS_MAX).collect();
            short.push('…');
            Value::String(short)
        }
        other => other,
    }
}

impl From<&Refusal> for Code {
    fn from(refusal: &Refusal) -> Self {
        match refusal {
            Refusal::CredentialUnknown { .. } => Code::CredentialUnknown,
            Refusal::CredentialExpired { .. } => Code::CredentialExpired,
            Refusal::CredentialNotYetValid { .. } => Code::CredentialNotYetValid,
            Refusal::CredentialSuspended { .. } => Code::CredentialSuspended,
            Refusal::NotAnOfficer { .. } => Code::NotAnOfficer,
            Refusal::TwoOfficersNeeded { .. } => Code::TwoOfficersNeeded,
            Refusal::NotPresented => Code::NotPresented,
            Refusal::SummaryProcedureNotAvailable { .. } => Code::SummaryProcedureNotAvailable,
            Refusal::NoticeNotTold { .. } => Code::NoticeNotTold,
            Refusal::RectificationMissing => Code::RectificationMissing,
            Refusal::NumbersUsedUp { .. } => Code::NumbersUsedUp,
            Refusal::SealsUsedUp => Code::SealsUsedUp,
            Refusal::NotSealed => Code::NotSealed,
            Refusal::InstrumentFrozen { .. } => Code::InstrumentFrozen,
            Refusal::FindingsOpen { .. } => Code::FindingsOpen,
            Refusal::SignatureMissing { .. } => Code::SignatureMissing,
            Refusal::InstrumentNotIssued => Code::InstrumentNotIssued,
            Refusal::RecordingRunning => Code::RecordingRunning,
            Refusal::NoRecordingRunning => Code::NoRecordingRunning,
            Refusal::FormUnknown { .. } => Code::FormUnknown,
            Refusal::GateClosed { .. } => Code::GateClosed,
            Refusal::CaseClosed => Code::CaseClosed,
        }
    }
}
