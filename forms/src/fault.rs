//! What can be wrong with a pack.

use std::path::PathBuf;

/// A pack is taken whole or not at all; the fault says where to look.
#[derive(Debug, thiserror::Error)]
pub enum PackFault {
    #[error("reading {path} of the pack failed")]
    Read {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    /// Something in a file does not hold; `line` counts from 1, 0 stands for the whole file.
    #[error("{file}:{line}: {reason}")]
    Content {
        file: String,
        line: usize,
        reason: String,
    },
    #[error("the pack has no file {file}")]
    Missing { file: String },
    #[error("the pack is too large: {what} {found}, at most {most}")]
    Oversize {
        what: &'static str,
        found: u64,
        most: u64,
    },
    #[error("the pack names a file outside itself: {path:?}")]
    PathEscape { path: String },
    #[error("the pack file is cut off or is no pack file")]
    Malformed,
    #[error("the pack file has format {found:?}, not {wanted:?}")]
    Format { found: String, wanted: &'static str },
    /// The pack was written for a later release of the engine.
    #[error("the pack needs an engine for schema {found}; this one knows up to {known}")]
    FutureSchema { found: u32, known: u32 },
    #[error("the pack file has the hash {found}, not {wanted}")]
    Hash { found: String, wanted: String },
    #[error("version {found} of the pack is not newer than {active}, which is in use")]
    Older { found: String, active: String },
    #[error("the signature of the pack file does not fit")]
    Signature(#[source] journal::SignatureFault),
    #[error("the signature of the pack file cannot be read")]
    SignatureText,
    #[error("writing the content of the pack as JSON failed")]
    Encode(#[source] serde_json::Error),
}

impl PackFault {
    pub(crate) fn content(file: &str, line: usize, reason: impl Into<String>) -> Self {
        Self::Content {
            file: file.to_owned(),
            line,
            reason: reason.into(),
        }
    }
}
