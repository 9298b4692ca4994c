//! The Merkle log of heads received (RFC 6962), with a signed C2SP checkpoint.

use journal::{Checkpoint, Hash, Tip, merkle};

use crate::failure::Failure;
use crate::headquarters::Headquarters;
use crate::store::{self, journals};

/// A head as a leaf of the log.
pub fn leaf(writer: &str, epoch: u32, tip: &Tip) -> String {
    format!(
        "sanxiang-head/1\nwriter {writer}\nepoch {epoch}\nidx {}\nhash {}\n",
        tip.idx, tip.hash
    )
}

impl Headquarters {
    /// The signed size and root of the log, for witnesses.
    pub fn checkpoint(&self) -> Result<String, Failure> {
        let (origin, leaves) = self.leaves()?;
        let checkpoint = Checkpoint {
            origin,
            size: u64::try_from(leaves.len()).unwrap_or(u64::MAX),
            root: merkle::root(&leaves),
        };
        Ok(checkpoint.sign(&self.keys.checkpoint))
    }

    pub fn log_size(&self) -> Result<u64, Failure> {
        Ok(u64::try_from(self.leaves()?.1.len()).unwrap_or(u64::MAX))
    }

    /// Proof that the log of `old` leaves is the beginning of today's; `None` when the log was never that small or large.
    pub fn consistency(&self, old: u64) -> Result<Option<Vec<Hash>>, Failure> {
        let (_, leaves) = self.leaves()?;
        Ok(usize::try_from(old)
            .ok()
            .and_then(|old| merkle::consistency_proof(&leaves, old)))
    }

    /// A leaf and the proof that it stands in today's log.
    pub fn inclusion(&self, n: u64) -> Result<Option<(String, Vec<Hash>)>, Failure> {
        let texts = self.read(|on| Ok(journals::leaves(on)?))?;
        let hashes: Vec<Hash> = texts
            .iter()
            .map(|text| merkle::leaf_hash(text.as_bytes()))
            .collect();
        let Ok(index) = usize::try_from(n) else {
            return Ok(None);
        };
        let text = texts.into_iter().nth(index);
        Ok(text.zip(merkle::inclusion_proof(&hashes, index)))
    }

    fn leaves(&self) -> Result<(String, Vec<Hash>), Failure> {
        self.read(|on| {
            let origin =
                store::foundation(on, "note_name")?.ok_or_else(|| Failure::stored("note_name"))?;
            let leaves = journals::leaves(on)?;
            Ok((
                origin,
                leaves
                    .iter()
                    .map(|leaf| merkle::leaf_hash(leaf.as_bytes()))
                    .collect(),
            ))
        })
    }
}
