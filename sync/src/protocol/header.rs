//! Header names (lower case, as HTTP libraries want them) and the values that have a shape of their own.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use journal::{Hash, Tip};

/// On an append: index of the entry before the first frame, `-` when the frames begin the series.
pub const BASE_IDX: &str = "sanxiang-base-idx";
/// On an append: hash of the entry before the first frame, `-` when the frames begin the series.
pub const BASE_HASH: &str = "sanxiang-base-hash";
/// On an answer to `down`: index of the last entry of headquarters' series, `-` when it is empty.
pub const HEAD: &str = "sanxiang-head";
/// `1` on a 200 to a tus creation when headquarters already holds the file.
pub const COMPLETE: &str = "sanxiang-complete";
/// On the answer that completes an upload: base64 of the signed media receipt.
pub const RECEIPT: &str = "sanxiang-receipt";

pub const TUS_RESUMABLE: &str = "tus-resumable";
pub const UPLOAD_LENGTH: &str = "upload-length";
pub const UPLOAD_OFFSET: &str = "upload-offset";
pub const UPLOAD_METADATA: &str = "upload-metadata";
pub const RETRY_AFTER: &str = "retry-after";

const NONE: &str = "-";

/// Values of [`BASE_IDX`] and [`BASE_HASH`].
pub fn write_base(base: Option<&Tip>) -> (String, String) {
    base.map_or_else(
        || (NONE.to_owned(), NONE.to_owned()),
        |tip| (tip.idx.to_string(), tip.hash.to_string()),
    )
}

/// `None` when the two are not a base; `Some(None)` for the beginning of a series.
#[allow(clippy::option_option)]
pub fn read_base(idx: &str, hash: &str) -> Option<Option<Tip>> {
    if idx == NONE && hash == NONE {
        return Some(None);
    }
    Some(Some(Tip {
        idx: idx.parse().ok()?,
        hash: hash.parse().ok()?,
    }))
}

/// Value of [`HEAD`].
pub fn write_head(idx: Option<u64>) -> String {
    idx.map_or_else(|| NONE.to_owned(), |idx| idx.to_string())
}

/// `None` when it is not a head; `Some(None)` for an empty series.
#[allow(clippy::option_option)]
pub fn read_head(value: &str) -> Option<Option<u64>> {
    if value == NONE {
        return Some(None);
    }
    value.parse().ok().map(Some)
}

/// Value of [`RECEIPT`].
pub fn write_note(note: &str) -> String {
    STANDARD.encode(note)
}

pub fn read_note(value: &str) -> Option<String> {
    String::from_utf8(STANDARD.decode(value).ok()?).ok()
}

/// Value of [`UPLOAD_METADATA`]: the hash as hex and the media type, each base64 as tus wants it.
pub fn write_metadata(sha256: &Hash, media_type: &str) -> String {
    format!(
        "sha256 {},type {}",
        STANDARD.encode(sha256.to_string()),
        STANDARD.encode(media_type)
    )
}

/// The hash and, when told, the media type. Other keys are ignored.
pub fn read_metadata(value: &str) -> Option<(Hash, Option<String>)> {
    let member = |wanted: &str| {
        value
            .split(',')
            .filter_map(|pair| pair.trim().split_once(' '))
            .find(|(key, _)| *key == wanted)
            .and_then(|(_, encoded)| read_note(encoded.trim()))
    };
    Some((member("sha256")?.parse().ok()?, member("type")))
}
