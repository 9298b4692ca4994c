//! The ticket an administrator hands to a terminal.

use std::fmt;
use std::str::FromStr;

use journal::{HqPublicKey, KeyId};

const VERSION: &str = "SX1";
/// Crockford's base 32: no I, L, O, U.
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const SECRET_CHARS: usize = 20;

/// 接入券 – lets one terminal enrol once and pins headquarters' key. Text: `SX1-<20 chars>-<16 hex>`.
#[derive(Clone, PartialEq, Eq)]
pub struct Ticket {
    secret: String,
    headquarters: KeyId,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a ticket reads SX1-, twenty letters or digits, -, sixteen hex digits")]
pub struct TicketFault;

impl Ticket {
    /// A hundred random bits for the headquarters of this key.
    pub fn generate(headquarters: &HqPublicKey) -> Self {
        let secret = journal::random::<SECRET_CHARS>()
            .iter()
            .filter_map(|byte| DIGITS.get(usize::from(byte % 32)))
            .map(|digit| char::from(*digit))
            .collect();
        Self {
            secret,
            headquarters: headquarters.key_id(),
        }
    }

    /// What headquarters looks the ticket up by.
    pub fn secret(&self) -> &str {
        &self.secret
    }

    /// The key the terminal will accept, and no other.
    pub fn headquarters(&self) -> KeyId {
        self.headquarters
    }
}

impl fmt::Display for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{VERSION}-{}-{}", self.secret, self.headquarters)
    }
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ticket({})", self.headquarters)
    }
}

impl FromStr for Ticket {
    type Err = TicketFault;

    /// White space around it and the case of letters do not matter: tickets are typed by hand.
    fn from_str(text: &str) -> Result<Self, TicketFault> {
        let text = text.trim();
        let mut parts = text.split('-');
        let (Some(version), Some(secret), Some(headquarters), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(TicketFault);
        };
        let secret = secret.to_ascii_uppercase();
        let is_sound = version.eq_ignore_ascii_case(VERSION)
            && secret.len() == SECRET_CHARS
            && secret.bytes().all(|byte| DIGITS.contains(&byte));
        if !is_sound {
            return Err(TicketFault);
        }
        let headquarters = headquarters.to_ascii_lowercase();
        Ok(Self {
            secret,
            headquarters: headquarters.parse().map_err(|_| TicketFault)?,
        })
    }
}
