//! What the terminal must offer so that its series can meet headquarters.

use std::error::Error;

use journal::{Hash, HqPublicKey, MediaReceipt, Receipt, Tip, WriterId};

use crate::state::State;

/// Who this terminal is and which headquarters it trusts; fixed at enrolment, the epoch moves on after a fork.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    pub writer: WriterId,
    pub epoch: u32,
    /// Scheme, host and port, with or without a path under which headquarters is mounted.
    pub headquarters_url: String,
    /// The key name in headquarters' notes.
    pub headquarters_name: String,
    pub headquarters_key: HqPublicKey,
}

/// A file that headquarters has not confirmed yet. The hash and the size are those of the bytes [`Local::read_media`] gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaItem {
    pub sha256: Hash,
    pub size_bytes: u64,
    pub media_type: String,
}

#[derive(Debug, thiserror::Error)]
pub enum LocalFailure {
    #[error("the terminal's own store failed")]
    Store(#[source] Box<dyn Error + Send + Sync>),
    /// Shown as `NotHeadquarters`.
    #[error("what came down is not signed by headquarters: {0}")]
    Untrusted(String),
}

impl LocalFailure {
    pub fn store(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Store(source.into())
    }
}

/// The terminal as sync sees it. Called from one thread at a time; every call that stores has stored durably when it
/// returns. Everything may be called again with the same arguments after a crash and must then change nothing.
pub trait Local: Send + Sync {
    fn identity(&self) -> Result<Identity, LocalFailure>;

    /// The value of the `Authorization` header, made by [`journal::authorization`] with the device key and the terminal's
    /// own clock. `path` includes the query.
    fn authorize(&self, method: &str, path: &str, body_hash: Hash) -> Result<String, LocalFailure>;

    /// The last committed entry of the present epoch.
    fn tip(&self) -> Result<Option<Tip>, LocalFailure>;

    /// The entry at `idx` of the present epoch; `None` when this terminal has none there.
    fn tip_at(&self, idx: u64) -> Result<Option<Tip>, LocalFailure>;

    /// Whole frames from `from_idx` on, in order, as many as fit into `max_bytes`, but at least one if there is one.
    fn frames(&self, from_idx: u64, max_bytes: usize) -> Result<Vec<u8>, LocalFailure>;

    /// The highest index of the present epoch that a receipt covers.
    fn acknowledged(&self) -> Result<Option<u64>, LocalFailure>;

    /// The note is verified and `receipt.hash` is this terminal's own hash at `receipt.idx`. After headquarters was rolled
    /// back it may cover less than an earlier one; what [`Local::acknowledged`] says never shrinks.
    fn store_receipt(&self, note: &str, receipt: &Receipt) -> Result<(), LocalFailure>;

    /// Headquarters proved with a signed note that it holds `theirs`, which is not in this terminal's series. Told again
    /// as long as it is so.
    fn store_fork(&self, theirs: &Tip) -> Result<(), LocalFailure>;

    /// Files without a media receipt, oldest first, at most `limit`.
    fn pending_media(&self, limit: usize) -> Result<Vec<MediaItem>, LocalFailure>;

    /// At most `max` bytes from `offset`; fewer only at the end of the file.
    fn read_media(&self, sha256: &Hash, offset: u64, max: usize) -> Result<Vec<u8>, LocalFailure>;

    /// For showing only: an offset is a claim of the network, the receipt is the proof.
    fn media_progress(&self, sha256: &Hash, uploaded_bytes: u64) -> Result<(), LocalFailure>;

    /// The note is verified and names this hash and its right size.
    fn store_media_receipt(&self, note: &str, receipt: &MediaReceipt) -> Result<(), LocalFailure>;

    /// The index of the first entry of headquarters' series that is not stored here.
    fn down_next(&self) -> Result<u64, LocalFailure>;

    /// Verifies the frames against headquarters' series key and the chain stored so far, stores them, and answers with
    /// every published object that is still missing, not only those named by these frames. `frames` may be empty.
    fn store_down(&self, frames: &[u8]) -> Result<Vec<Hash>, LocalFailure>;

    /// The bytes have this hash.
    fn store_object(&self, sha256: &Hash, bytes: &[u8]) -> Result<(), LocalFailure>;

    /// Must not block: it is called between any two requests.
    fn report(&self, state: State);
}
