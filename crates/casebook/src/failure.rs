//! What can break in the casebook, and how it reaches a screen.

use contract::{BoundaryError, Code};
use law::{Finding, Refusal};
use thiserror::Error;

/// Something broke. The variant names the operation.
#[derive(Debug, Error)]
pub enum Failure {
    #[error("the database did not answer")]
    Database(#[from] rusqlite::Error),
    #[error("a file could not be read or written")]
    File(#[from] std::io::Error),
    #[error("stored JSON could not be read")]
    Json(#[from] serde_json::Error),
    #[error("the stored journal is damaged: {0}")]
    Journal(String),
    #[error("a stored object is damaged or missing: {0}")]
    Object(String),
    #[error("keys could not be opened: {0}")]
    Keys(String),
    #[error("the paper could not be composed: {0}")]
    Paper(String),
    #[error("the pack could not be opened: {0}")]
    Pack(String),
    #[error("the device did not answer: {0}")]
    Device(#[from] devices::DeviceFailure),
    #[error("headquarters did not answer: {0}")]
    Sync(String),
    #[error("the terminal is not enrolled")]
    NotEnrolled,
}

/// The three kinds of "no" an act may end with.
#[derive(Debug, Error)]
pub enum No {
    #[error("the act is not available now: {0:?}")]
    Refused(Refusal),
    #[error("gates of the procedure are closed: {0:?}")]
    Closed(Vec<forms::ClosedGate>),
    #[error("the content has blocking findings")]
    Found(Vec<Finding>),
    #[error("the request cannot be served")]
    Answer(BoundaryError),
    #[error(transparent)]
    Broken(#[from] Failure),
}

impl No {
    /// For callers without a screen, to whom every no is a failure.
    pub fn into_failure(self) -> Failure {
        match self {
            No::Broken(failure) => failure,
            other => Failure::Journal(other.to_string()),
        }
    }
}

impl From<Refusal> for No {
    fn from(refusal: Refusal) -> Self {
        No::Refused(refusal)
    }
}

impl From<rusqlite::Error> for No {
    fn from(error: rusqlite::Error) -> Self {
        No::Broken(error.into())
    }
}

impl From<serde_json::Error> for No {
    fn from(error: serde_json::Error) -> Self {
        No::Broken(error.into())
    }
}

impl From<std::io::Error> for No {
    fn from(error: std::io::Error) -> Self {
        No::Broken(error.into())
    }
}

impl From<Code> for No {
    fn from(code: Code) -> Self {
        No::Answer(BoundaryError::new(code))
    }
}

impl From<BoundaryError> for No {
    fn from(error: BoundaryError) -> Self {
        No::Answer(error)
    }
}

impl Failure {
    /// The code a screen can act on.
    pub fn code(&self) -> Code {
        match self {
            Failure::Database(error) => database_code(error),
            Failure::File(error) if error.kind() == std::io::ErrorKind::StorageFull => {
                Code::DiskFull
            }
            Failure::File(_) | Failure::Json(_) | Failure::Keys(_) | Failure::Paper(_) => {
                Code::Failure
            }
            Failure::Journal(_) | Failure::Object(_) => Code::DatabaseDamaged,
            Failure::Pack(_) => Code::PackRefused,
            Failure::Device(error) => device_code(error),
            Failure::Sync(_) => Code::HeadquartersUnreachable,
            Failure::NotEnrolled => Code::NotFound,
        }
    }
}

fn database_code(error: &rusqlite::Error) -> Code {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DiskFull) => Code::DiskFull,
        Some(rusqlite::ErrorCode::DatabaseCorrupt | rusqlite::ErrorCode::NotADatabase) => {
            Code::DatabaseDamaged
        }
        _ => Code::Failure,
    }
}

fn device_code(error: &devices::DeviceFailure) -> Code {
    use devices::DeviceFailure as Device;
    match error {
        Device::NoCamera { .. } => Code::CameraMissing,
        Device::NoMicrophone { .. } => Code::MicrophoneMissing,
        Device::InspectPhoto { .. } => Code::NotAnImage,
        Device::PrinterAddress { .. } => Code::BadRequest,
        Device::ReachPrinter { .. } | Device::AskPrinter { .. } => Code::PrinterUnreachable,
        Device::DeviceBusy { .. }
        | Device::NothingToRecord
        | Device::MissingComponent { .. }
        | Device::StartRecording { .. }
        | Device::TakePhoto { .. }
        | Device::NotAvailable { .. } => Code::RecordingFailed,
    }
}
