//! C2SP `tlog-checkpoint`: the signed head of a Merkle log.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::hash::Hash;
use crate::keys::{HqPublicKey, HqSigningKey};
use crate::note::{NoteFault, open_note, sign_note};

/// 检查点 – origin, size and root of a log. The origin is also the name of the signing key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    pub origin: String,
    pub size: u64,
    pub root: Hash,
}

impl Checkpoint {
    pub fn to_text(&self) -> String {
        let root = STANDARD.encode(self.root.as_bytes());
        format!("{}\n{}\n{root}\n", self.origin, self.size)
    }

    /// Extension lines after the first three are allowed and ignored.
    pub fn parse(text: &str) -> Result<Self, NoteFault> {
        Self::read(text).ok_or(NoteFault::Content)
    }

    fn read(text: &str) -> Option<Self> {
        let mut lines = text.strip_suffix('\n')?.split('\n');
        let origin = lines.next().filter(|origin| !origin.is_empty())?;
        let digits = lines.next()?;
        let size = digits.parse::<u64>().ok()?;
        let root = STANDARD.decode(lines.next()?).ok()?;
        let is_sound = size.to_string() == digits && lines.all(|line| !line.is_empty());
        is_sound.then_some(Self {
            origin: origin.to_owned(),
            size,
            root: Hash::from_bytes(root.try_into().ok()?),
        })
    }

    pub fn sign(&self, key: &HqSigningKey) -> String {
        sign_note(&self.to_text(), &self.origin, key)
    }

    pub fn open(note: &str, origin: &str, key: &HqPublicKey) -> Result<Self, NoteFault> {
        let checkpoint = Self::parse(&open_note(note, origin, key)?)?;
        if checkpoint.origin != origin {
            return Err(NoteFault::Content);
        }
        Ok(checkpoint)
    }
}
