//! The paths of protocol version 1. What a device signs is the path as it stands here, query included, whatever prefix a
//! proxy may put before it.

use journal::{Hash, WriterId};

/// `POST`, the one request without `Authorization`.
pub const ENROL: &str = "/sync/v1/enrol";
/// `POST`: tus creation.
pub const MEDIA: &str = "/sync/v1/media";

/// `GET` → [`super::HeadAnswer`].
pub fn head(writer: &WriterId, epoch: u32) -> String {
    format!("/sync/v1/journal/{writer}/{epoch}/head")
}

/// `POST` frames → signed receipt.
pub fn append(writer: &WriterId, epoch: u32) -> String {
    format!("/sync/v1/journal/{writer}/{epoch}/append")
}

/// The tus upload of one file: `HEAD`, `PATCH`. An upload is named by its content, so a lost answer costs nothing.
pub fn media(sha256: &Hash) -> String {
    format!("{MEDIA}/{sha256}")
}

/// `GET` → signed media receipt.
pub fn media_receipt(sha256: &Hash) -> String {
    format!("{MEDIA}/{sha256}/receipt")
}

/// `GET` → frames of headquarters' own series from `from` on.
pub fn down(from: u64) -> String {
    format!("/sync/v1/down?from={from}")
}

/// `GET` → the bytes of a published object.
pub fn object(sha256: &Hash) -> String {
    format!("/sync/v1/object/{sha256}")
}
