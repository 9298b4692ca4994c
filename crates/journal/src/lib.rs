//! Signed, hash-chained entries, keys and sealing, and the stand-alone verifier. The bytes are told in
//! `docs/journal-format.md`. Nothing else in the house names a cryptographic library.

pub mod badge;
pub mod body;
mod checkpoint;
mod entry;
mod export;
mod fast;
mod hash;
mod keys;
mod keystore;
mod kind;
pub mod merkle;
mod note;
mod pin;
mod receipt;
pub mod request;
mod seal;
mod series;
mod time;
mod verify;

pub use badge::{BadgeClaims, BadgeFault};
pub use checkpoint::Checkpoint;
pub use entry::{
    Anchor, BodyFault, Entry, EntryDraft, FrameFault, Header, Tip, WriterId, WriterIdFault, frames,
};
pub use export::{CoverFault, Export, ExportFault, Manifest};
pub use hash::{Hash, HashFault, Hasher, random};
pub use keys::{
    HqPublicKey, HqSigningKey, KeyFault, KeyId, PublicKey, Signature, SignatureFault, SigningKey,
};
pub use keystore::{KeyStoreFault, SoftKeyStore};
pub use kind::{Kind, KindText, Signer, UnknownKind};
pub use note::{NoteFault, note_signers, open_note, sign_note, verifier_key};
pub use pin::{PinParams, PinParamsFault, stretch};
pub use receipt::{MediaReceipt, Receipt};
pub use request::{Authorization, RequestFault, authorization};
pub use seal::{
    CHUNK_OVERHEAD_BYTES, DataKey, DecryptionKey, SealFault, open, open_chunk, open_sealed, seal,
    seal_chunk, seal_to, unwrap_key, wrap,
};
pub use series::Series;
pub use verify::{
    CaseReport, Fault, Reason, Report, SeriesState, SeriesVerifier, SessionReport, verify_series,
};
pub use zeroize::Zeroizing;
