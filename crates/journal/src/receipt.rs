//! What headquarters answers once data is durable there.

use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};

use crate::entry::WriterId;
use crate::hash::Hash;
use crate::keys::{HqPublicKey, HqSigningKey};
use crate::note::{NoteFault, open_note, sign_note};
use crate::time;

const JOURNAL: &str = "sanxiang-receipt/1";
const MEDIA: &str = "sanxiang-media-receipt/1";

/// 回执 – headquarters holds this series up to and including `idx`, whose header hash is `hash`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    pub writer: WriterId,
    pub epoch: u32,
    pub idx: u64,
    pub hash: Hash,
    #[serde(with = "time")]
    pub received_at: DateTime<FixedOffset>,
}

impl Receipt {
    pub fn sign(&self, key: &HqSigningKey, name: &str) -> String {
        let Self {
            writer,
            epoch,
            idx,
            hash,
            received_at,
        } = self;
        let at = time::to_text(received_at);
        let text = format!(
            "{JOURNAL}\nwriter {writer}\nepoch {epoch}\nidx {idx}\nhash {hash}\nreceived {at}\n"
        );
        sign_note(&text, name, key)
    }

    pub fn open(note: &str, name: &str, key: &HqPublicKey) -> Result<Self, NoteFault> {
        let text = open_note(note, name, key)?;
        let mut lines = Lines::of(&text, JOURNAL)?;
        let receipt = Self {
            writer: WriterId::new(lines.next("writer")?).map_err(|_| NoteFault::Content)?,
            epoch: lines.number("epoch")?,
            idx: lines.number("idx")?,
            hash: lines
                .next("hash")?
                .parse()
                .map_err(|_| NoteFault::Content)?,
            received_at: lines.time("received")?,
        };
        lines.end()?;
        Ok(receipt)
    }
}

/// 媒体回执 – headquarters holds a file of this hash and size.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaReceipt {
    pub sha256: Hash,
    pub size_bytes: u64,
    #[serde(with = "time")]
    pub received_at: DateTime<FixedOffset>,
}

impl MediaReceipt {
    pub fn sign(&self, key: &HqSigningKey, name: &str) -> String {
        let Self {
            sha256,
            size_bytes,
            received_at,
        } = self;
        let at = time::to_text(received_at);
        let text = format!("{MEDIA}\nsha256 {sha256}\nsize {size_bytes}\nreceived {at}\n");
        sign_note(&text, name, key)
    }

    pub fn open(note: &str, name: &str, key: &HqPublicKey) -> Result<Self, NoteFault> {
        let text = open_note(note, name, key)?;
        let mut lines = Lines::of(&text, MEDIA)?;
        let receipt = Self {
            sha256: lines
                .next("sha256")?
                .parse()
                .map_err(|_| NoteFault::Content)?,
            size_bytes: lines.number("size")?,
            received_at: lines.time("received")?,
        };
        lines.end()?;
        Ok(receipt)
    }
}

/// The `word value` lines of a receipt, in their one order.
struct Lines<'a>(std::str::SplitTerminator<'a, char>);

impl<'a> Lines<'a> {
    fn of(text: &'a str, first: &str) -> Result<Self, NoteFault> {
        let mut lines = text.split_terminator('\n');
        if lines.next() != Some(first) {
            return Err(NoteFault::Content);
        }
        Ok(Self(lines))
    }

    fn next(&mut self, word: &str) -> Result<&'a str, NoteFault> {
        self.0
            .next()
            .and_then(|line| line.strip_prefix(word))
            .and_then(|rest| rest.strip_prefix(' '))
            .ok_or(NoteFault::Content)
    }

    fn number<T: std::str::FromStr>(&mut self, word: &str) -> Result<T, NoteFault> {
        self.next(word)?.parse().map_err(|_| NoteFault::Content)
    }

    fn time(&mut self, word: &str) -> Result<DateTime<FixedOffset>, NoteFault> {
        time::from_text(self.next(word)?).ok_or(NoteFault::Content)
    }

    fn end(mut self) -> Result<(), NoteFault> {
        self.0.next().map_or(Ok(()), |_| Err(NoteFault::Content))
    }
}
