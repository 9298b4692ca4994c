//! What can break at headquarters.

use std::path::PathBuf;

#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error("no headquarters has been founded in {0}")]
    NotFounded(PathBuf),
    #[error("a headquarters stands in {0} already")]
    AlreadyFounded(PathBuf),
    #[error("the database failed")]
    Database(#[from] rusqlite::Error),
    #[error("the database is of a later release (schema {0})")]
    LaterSchema(i64),
    #[error("a file could not be read or written: {path}")]
    File {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("{path} is no picture that can be read (PNG or JPEG)")]
    Portrait {
        path: PathBuf,
        #[source]
        source: image::ImageError,
    },
    #[error("no impression can be made of the seal: {0}")]
    Seal(String),
    #[error("the key in {0} is damaged")]
    Key(PathBuf),
    #[error("stored data could not be read: {what}")]
    Stored { what: &'static str },
    #[error("a value could not be written as JSON")]
    Json(#[from] serde_json::Error),
    #[error("the pack or the agency could not be read")]
    Pack(#[from] forms::PackFault),
    #[error("the enrolment could not be written")]
    Enrolment(#[from] sync::protocol::EnrolmentFault),
    #[error("there is no function {0} at headquarters")]
    UnknownFunction(String),
    #[error("the pack is not newer than the one in force: {offered} after {in_force}")]
    OlderPack { offered: String, in_force: String },
    #[error("a file of {0} bytes is no pack")]
    PackTooLarge(u64),
    #[error("a file of {0} bytes is no instrument")]
    PdfTooLarge(u64),
    #[error("headquarters' own series is damaged: {0}")]
    OwnSeries(String),
    #[error("a sheet could not be set: {0}")]
    Paper(String),
    #[error("the dossier could not be bound: {0}")]
    Dossier(String),
    #[error("the address could not be served")]
    Serve(#[source] std::io::Error),
}

impl Failure {
    pub fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }

    pub fn stored(what: &'static str) -> Self {
        Self::Stored { what }
    }
}

/// The whole chain of causes on one line, for the log.
pub fn causes(failure: &dyn std::error::Error) -> String {
    let mut text = failure.to_string();
    let mut source = failure.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
