//! One entry: a header line, a salted body, a signature; and the frame that carries them.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, FixedOffset};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, de};

use crate::hash::{Hash, Hasher, unhex};
use crate::keys::{KeyId, Signature};
use crate::kind::{Kind, KindText};
use crate::time;

pub const VERSION: u8 = 1;
pub const SUITE: &str = "std";

/// What stands in a frame in place of a salt or a body that is not shown.
const WITHHELD: &str = "-";

#[derive(Debug, thiserror::Error)]
#[error("a writer id is 1 to 40 of a-z, 0-9 and -")]
pub struct WriterIdFault;

/// 写入方 – who writes a series: a device, or `hq`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct WriterId(String);

impl WriterId {
    pub fn new(text: impl Into<String>) -> Result<Self, WriterIdFault> {
        let text = text.into();
        let is_sound = (1..=40).contains(&text.len())
            && text
                .bytes()
                .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        if is_sound {
            Ok(Self(text))
        } else {
            Err(WriterIdFault)
        }
    }

    /// The writer of headquarters' own series.
    pub fn headquarters() -> Self {
        Self("hq".to_owned())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for WriterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for WriterId {
    type Err = WriterIdFault;

    fn from_str(text: &str) -> Result<Self, WriterIdFault> {
        Self::new(text)
    }
}

impl<'de> Deserialize<'de> for WriterId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

/// 链尾 – the last entry of a chain: its place and the SHA-256 of its header bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tip {
    pub idx: u64,
    pub hash: Hash,
}

/// 时间锚 – the last receipt of headquarters the writer knew: the entry was made after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anchor {
    pub idx: u64,
    pub hash: Hash,
    #[serde(with = "time")]
    pub received_at: DateTime<FixedOffset>,
}

/// 条目头 – what is signed. Members a reader does not know are covered by the signature and otherwise ignored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    pub v: u8,
    pub suite: String,
    pub writer: WriterId,
    pub epoch: u32,
    pub idx: u64,
    pub session: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prev: Option<Hash>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case_idx: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case_prev: Option<Hash>,
    pub kind: KindText,
    #[serde(with = "time")]
    pub event_at: DateTime<FixedOffset>,
    #[serde(with = "time")]
    pub entered_at: DateTime<FixedOffset>,
    pub boot: String,
    pub mono_ms: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anchor: Option<Anchor>,
    pub officers: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pack: Option<String>,
    pub body: Hash,
    pub body_bytes: u64,
    pub blobs: Vec<Hash>,
    pub signer: KeyId,
}

impl Header {
    /// The one compact line that is signed: members in this order, absent ones left out.
    pub fn to_line(&self) -> String {
        // Cannot fail: every name is text and every member knows how it is written.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// 待写条目 – what a use case hands over to be sealed. `body` is one line of JSON.
#[derive(Debug, Clone)]
pub struct EntryDraft {
    pub kind: Kind,
    pub case: Option<String>,
    pub event_at: DateTime<FixedOffset>,
    pub entered_at: DateTime<FixedOffset>,
    pub boot: String,
    pub mono_ms: u64,
    pub anchor: Option<Anchor>,
    pub officers: Vec<String>,
    pub pack: Option<String>,
    pub body: Vec<u8>,
    pub blobs: Vec<Hash>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrameFault {
    #[error("a frame is four lines: header, salt, body, signature")]
    Lines,
    #[error("the header is not a header of this format")]
    Header,
    #[error("the format version is not supported")]
    Version,
    #[error("the salt is not 32 lower-case hex digits")]
    Salt,
    #[error("salt and body are withheld together or not at all")]
    HalfWithheld,
    #[error("the signature is not well formed")]
    Signature,
}

#[derive(Debug, thiserror::Error)]
pub enum BodyFault {
    #[error("the body is withheld")]
    Withheld,
    #[error("the body is not of the expected shape")]
    Shape(#[source] serde_json::Error),
}

/// 条目 – header, salted body and signature, each as the very bytes that were signed or hashed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub header: Header,
    header_bytes: Vec<u8>,
    content: Option<Content>,
    signature: Signature,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Content {
    salt: [u8; 16],
    body: Vec<u8>,
}

impl Entry {
    pub(crate) fn seal(
        header: Header,
        salt: [u8; 16],
        body: Vec<u8>,
        sign: impl FnOnce(&[u8]) -> Signature,
    ) -> Self {
        let header_bytes = header.to_line().into_bytes();
        let signature = sign(&header_bytes);
        Self {
            header,
            header_bytes,
            content: Some(Content { salt, body }),
            signature,
        }
    }

    /// Reads one frame. Nothing is verified yet; see [`crate::SeriesVerifier`].
    pub fn parse(frame: &[u8]) -> Result<Self, FrameFault> {
        let lines = frame.strip_suffix(b"\n").ok_or(FrameFault::Lines)?;
        let mut lines = lines.split(|byte| *byte == b'\n');
        let (Some(header_bytes), Some(salt), Some(body), Some(signature), None) = (
            lines.next(),
            lines.next(),
            lines.next(),
            lines.next(),
            lines.next(),
        ) else {
            return Err(FrameFault::Lines);
        };
        let header: Header =
            serde_json::from_slice(header_bytes).map_err(|_| FrameFault::Header)?;
        if header.v != VERSION || header.suite != SUITE {
            return Err(FrameFault::Version);
        }
        let signature = std::str::from_utf8(signature).map_err(|_| FrameFault::Signature)?;
        Ok(Self {
            header,
            header_bytes: header_bytes.to_vec(),
            content: Content::parse(salt, body)?,
            signature: Signature::from_base64(signature).map_err(|_| FrameFault::Signature)?,
        })
    }

    /// The four lines as they are stored and sent.
    pub fn frame(&self) -> Vec<u8> {
        let signature = self.signature.to_base64();
        let mut frame = self.header_bytes.clone();
        frame.push(b'\n');
        match &self.content {
            Some(Content { salt, body }) => {
                frame.extend_from_slice(hex::encode(salt).as_bytes());
                frame.push(b'\n');
                frame.extend_from_slice(body);
            }
            None => frame.extend_from_slice(b"-\n-"),
        }
        frame.push(b'\n');
        frame.extend_from_slice(signature.as_bytes());
        frame.push(b'\n');
        frame
    }

    /// The hash that the next entry of the series and of the case names.
    pub fn hash(&self) -> Hash {
        Hash::of(&self.header_bytes)
    }

    pub fn tip(&self) -> Tip {
        Tip {
            idx: self.header.idx,
            hash: self.hash(),
        }
    }

    /// The tip of the case's chain after this entry; `None` for an entry outside any case.
    pub fn case_tip(&self) -> Option<Tip> {
        Some(Tip {
            idx: self.header.case_idx?,
            hash: self.hash(),
        })
    }

    pub fn header_bytes(&self) -> &[u8] {
        &self.header_bytes
    }

    pub fn salt(&self) -> Option<&[u8; 16]> {
        self.content.as_ref().map(|content| &content.salt)
    }

    pub fn body(&self) -> Option<&[u8]> {
        self.content.as_ref().map(|content| content.body.as_slice())
    }

    pub fn body_as<T: DeserializeOwned>(&self) -> Result<T, BodyFault> {
        let body = self.body().ok_or(BodyFault::Withheld)?;
        serde_json::from_slice(body).map_err(BodyFault::Shape)
    }

    pub fn signature(&self) -> &Signature {
        &self.signature
    }

    pub fn is_withheld(&self) -> bool {
        self.content.is_none()
    }

    /// The same entry with its body left out: chain and signature still verify.
    #[must_use]
    pub fn withhold(mut self) -> Self {
        self.content = None;
        self
    }

    /// Whether the body is the one the header names; true of a withheld one.
    pub fn has_matching_body(&self) -> bool {
        self.content.as_ref().is_none_or(|content| {
            content.hash() == self.header.body
                && u64::try_from(content.body.len()) == Ok(self.header.body_bytes)
        })
    }
}

impl Content {
    fn parse(salt: &[u8], body: &[u8]) -> Result<Option<Self>, FrameFault> {
        match (salt == WITHHELD.as_bytes(), body == WITHHELD.as_bytes()) {
            (true, true) => return Ok(None),
            (false, false) => {}
            (true, false) | (false, true) => return Err(FrameFault::HalfWithheld),
        }
        let salt = std::str::from_utf8(salt).map_err(|_| FrameFault::Salt)?;
        Ok(Some(Self {
            salt: unhex(salt).ok_or(FrameFault::Salt)?,
            body: body.to_vec(),
        }))
    }

    fn hash(&self) -> Hash {
        body_hash(&self.salt, &self.body)
    }
}

pub(crate) fn body_hash(salt: &[u8; 16], body: &[u8]) -> Hash {
    let mut hasher = Hasher::new();
    hasher.update(salt);
    hasher.update(body);
    hasher.finish()
}

/// Cuts concatenated frames apart. What is left over at the end comes last, for [`Entry::parse`] to refuse.
pub fn frames(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = rest
            .iter()
            .enumerate()
            .filter(|(_, byte)| **byte == b'\n')
            .nth(3)
            .map_or(rest.len(), |(at, _)| at + 1);
        let (frame, after) = rest.split_at_checked(end)?;
        rest = after;
        Some(frame)
    })
}
