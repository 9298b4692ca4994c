//! C2SP `signed-note`: text, a blank line, signature lines.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::hash::Hasher;
use crate::keys::{HqPublicKey, HqSigningKey};

const ED25519: u8 = 0x01;
const SIGNATURE_LINES_MAX: usize = 16;

#[derive(Debug, thiserror::Error)]
pub enum NoteFault {
    #[error("the note is not well formed")]
    Malformed,
    #[error("the note carries no signature by {0}")]
    Unsigned(String),
    #[error("the signature by {0} does not fit the note")]
    BadSignature(String),
    #[error("the text of the note does not say what is expected")]
    Content,
}

/// Signs `text`, which ends in a newline (one is added where it is missing). `name` holds neither white space nor `+`.
pub fn sign_note(text: &str, name: &str, key: &HqSigningKey) -> String {
    let mut text = text.to_owned();
    if !text.ends_with('\n') {
        text.push('\n');
    }
    let mut blob = key_hash(name, &key.public()).to_vec();
    blob.extend_from_slice(&key.sign(text.as_bytes()));
    format!("{text}\n— {name} {}\n", STANDARD.encode(blob))
}

/// Gives back the signed text, its last newline included. Signatures by other keys are ignored, as the format demands.
pub fn open_note(note: &str, name: &str, key: &HqPublicKey) -> Result<String, NoteFault> {
    let (text, signatures) = note.rsplit_once("\n\n").ok_or(NoteFault::Malformed)?;
    let text = format!("{text}\n");
    let signatures = signatures.strip_suffix('\n').ok_or(NoteFault::Malformed)?;
    let wanted = key_hash(name, key);
    let mut is_signed = false;
    for (at, line) in signatures.split('\n').enumerate() {
        if at >= SIGNATURE_LINES_MAX {
            return Err(NoteFault::Malformed);
        }
        let rest = line.strip_prefix("— ").ok_or(NoteFault::Malformed)?;
        let (signer, blob) = rest.split_once(' ').ok_or(NoteFault::Malformed)?;
        let blob = STANDARD.decode(blob).map_err(|_| NoteFault::Malformed)?;
        let (hash, signature) = blob.split_at_checked(4).ok_or(NoteFault::Malformed)?;
        if signer != name || hash != wanted {
            continue;
        }
        key.verify(text.as_bytes(), signature)
            .map_err(|_| NoteFault::BadSignature(name.to_owned()))?;
        is_signed = true;
    }
    if !is_signed {
        return Err(NoteFault::Unsigned(name.to_owned()));
    }
    Ok(text)
}

/// The names that claim to have signed, unverified.
pub fn note_signers(note: &str) -> Vec<&str> {
    note.rsplit_once("\n\n")
        .map_or("", |(_, signatures)| signatures)
        .lines()
        .take(SIGNATURE_LINES_MAX)
        .filter_map(|line| line.strip_prefix("— ")?.split_once(' '))
        .map(|(name, _)| name)
        .collect()
}

/// The verifier key other tools of the format take: `name+hash+key`.
pub fn verifier_key(name: &str, key: &HqPublicKey) -> String {
    let mut blob = vec![ED25519];
    blob.extend_from_slice(key.raw());
    format!(
        "{name}+{}+{}",
        hex::encode(key_hash(name, key)),
        STANDARD.encode(blob)
    )
}

fn key_hash(name: &str, key: &HqPublicKey) -> [u8; 4] {
    let mut hasher = Hasher::new();
    hasher.update(name.as_bytes());
    hasher.update(&[b'\n', ED25519]);
    hasher.update(key.raw());
    let [a, b, c, d, ..] = *hasher.finish().as_bytes();
    [a, b, c, d]
}
