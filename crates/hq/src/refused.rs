//! What headquarters answers a terminal when it does not do what was asked.

use sync::protocol::{HeadAnswer, Reason, Rejection};

use crate::failure::Failure;

#[derive(Debug)]
pub enum Refused {
    Rejected(Rejection),
    /// The base of an append is not the head here.
    OtherHead(HeadAnswer),
    /// The offset of a PATCH is not the offset of the upload.
    OtherOffset(u64),
    Failed(Failure),
}

impl Refused {
    pub fn new(reason: Reason, detail: impl Into<String>) -> Self {
        Self::Rejected(Rejection::new(reason, detail))
    }
}

impl From<Rejection> for Refused {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection)
    }
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<rusqlite::Error> for Refused {
    fn from(error: rusqlite::Error) -> Self {
        Self::Failed(error.into())
    }
}
