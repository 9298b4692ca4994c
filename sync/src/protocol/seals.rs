//! Impressions of the agency's seal on their way to a terminal.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use journal::{DecryptionKey, PublicKey, SealFault};
use serde::{Deserialize, Serialize};

const VERSION: u8 = 1;

/// 印模批 – a published object: numbered impressions, each sealed to the key of one terminal and opened when it is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealLot {
    pub v: u8,
    pub impressions: Vec<SealedImpression>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedImpression {
    pub number: String,
    /// Base64 of the impression's bytes, sealed.
    pub sealed: String,
}

/// Why a lot gives no impression with a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealLotFault {
    #[error("the lot of impressions cannot be read")]
    Malformed,
    #[error("the lot has no impression with this number")]
    Missing,
    #[error("the impression does not open with this terminal's key")]
    Sealed(#[from] SealFault),
}

impl SealLot {
    /// Seals impressions, as `(number, bytes)`, to a terminal.
    pub fn seal(to: &PublicKey, impressions: &[(String, Vec<u8>)]) -> Self {
        let sealed = |(number, bytes): &(String, Vec<u8>)| SealedImpression {
            number: number.clone(),
            sealed: STANDARD.encode(journal::seal_to(to, bytes, &context(number))),
        };
        Self {
            v: VERSION,
            impressions: impressions.iter().map(sealed).collect(),
        }
    }

    /// The bytes of one impression.
    pub fn open(lot: &[u8], number: &str, key: &DecryptionKey) -> Result<Vec<u8>, SealLotFault> {
        let lot: Self = serde_json::from_slice(lot).map_err(|_| SealLotFault::Malformed)?;
        if lot.v != VERSION {
            return Err(SealLotFault::Malformed);
        }
        let mut impressions = lot.impressions.into_iter();
        let found = impressions
            .find(|impression| impression.number == number)
            .ok_or(SealLotFault::Missing)?;
        let sealed = STANDARD.decode(&found.sealed);
        let sealed = sealed.map_err(|_| SealLotFault::Malformed)?;
        Ok(journal::open_sealed(key, &sealed, &context(number))?.to_vec())
    }
}

fn context(number: &str) -> String {
    format!("sanxiang seal {number}")
}
