use std::path::PathBuf;

/// The fonts of the paper cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FontFailure {
    #[error("read font file {path}")]
    Read {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("font list {path}, {reason}")]
    List { path: PathBuf, reason: String },
    #[error("font {path} is not the listed one: sha256 is {found}")]
    Changed { path: PathBuf, found: String },
    #[error("font {path} cannot be parsed")]
    Unusable { path: PathBuf },
}

/// A layout text that does not follow the language. Lines count from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct LayoutFault {
    pub line: usize,
    pub reason: String,
}

/// The sheet cannot be put on paper as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ComposeFault {
    /// Characters no font has, each with the path of the value it stands in.
    #[error("no font has {}", listed(.0))]
    MissingGlyphs(Vec<(char, String)>),
    #[error("more than {limit} characters")]
    TooLong { limit: usize },
    #[error("more than {limit} pages")]
    TooManyPages { limit: usize },
    #[error("the ticket is longer than {limit_mm} mm")]
    TicketTooLong { limit_mm: u32 },
    #[error("the text for the QR code is longer than {limit} bytes")]
    QrTooLong { limit: usize },
    #[error("the seal on the paper: {reason}")]
    SealPlace { reason: &'static str },
    #[error("a ticket of {width_dots} dots is outside 256 to 1728")]
    TicketWidth { width_dots: u32 },
}

/// The pages could not be written.
#[derive(Debug, thiserror::Error)]
pub enum PaperFailure {
    #[error("subset font {name}: {reason}")]
    Subset { name: String, reason: String },
    #[error("write pdf")]
    Write(#[source] std::io::Error),
    #[error("pdf structure: {0}")]
    Structure(String),
}

fn listed(missing: &[(char, String)]) -> String {
    let mut text: Vec<String> = missing
        .iter()
        .take(8)
        .map(|(ch, path)| format!("U+{:04X} in {path}", u32::from(*ch)))
        .collect();
    if missing.len() > 8 {
        text.push(format!("{} more", missing.len() - 8));
    }
    text.join(", ")
}
