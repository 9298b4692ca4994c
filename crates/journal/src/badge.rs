//! The compact token in the QR code of a presentation.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, FixedOffset};

use crate::keys::{KeyId, PublicKey, Signature, SigningKey};

const VERSION: u8 = 1;
const DOMAIN: &[u8] = b"sanxiang-badge/1\0";
const SIGNATURE_BYTES: usize = 64;
const TOKEN_CHARS_MAX: usize = 2048;

pub const PERIOD_S: u16 = 30;
pub const SKEW_S: u32 = 30;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadgeFault {
    #[error("the token is not well formed")]
    Malformed,
    #[error("the signature does not fit the token and the key")]
    BadSignature,
    #[error("the token has expired")]
    Expired,
    #[error("the token is not valid yet")]
    NotYet,
}

/// 亮证码内容 – who presents themselves, when, in which presentation. Credential numbers are ASCII without a comma.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadgeClaims {
    /// Unix seconds.
    pub issued_at: u32,
    pub period_s: u16,
    pub nonce: [u8; 6],
    pub presentation: [u8; 16],
    pub credentials: Vec<String>,
}

/// `version ‖ key id (8) ‖ issued at (4) ‖ period (2) ‖ nonce (6) ‖ presentation (16) ‖ credentials, comma-separated ‖ r ‖ s`
/// as base64url.
pub fn mint(claims: &BadgeClaims, key: &SigningKey) -> String {
    let mut token = vec![VERSION];
    token.extend_from_slice(key.public().key_id().as_bytes());
    token.extend_from_slice(&claims.issued_at.to_be_bytes());
    token.extend_from_slice(&claims.period_s.to_be_bytes());
    token.extend_from_slice(&claims.nonce);
    token.extend_from_slice(&claims.presentation);
    token.extend_from_slice(claims.credentials.join(",").as_bytes());
    let signature = key.sign(&signed_bytes(&token));
    token.extend_from_slice(&signature.to_fixed());
    URL_SAFE_NO_PAD.encode(token)
}

/// Reads a token without trusting it: the key id says whose key to [`check`] it with.
pub fn read(token: &str) -> Result<(BadgeClaims, KeyId), BadgeFault> {
    let Token { claims, key_id, .. } = Token::parse(token)?;
    Ok((claims, key_id))
}

/// Valid from `skew_s` before it was issued until `skew_s` after its period has passed.
pub fn check(
    token: &str,
    key: &PublicKey,
    now: DateTime<FixedOffset>,
    skew_s: u32,
) -> Result<BadgeClaims, BadgeFault> {
    let Token {
        claims,
        key_id,
        signed,
        signature,
    } = Token::parse(token)?;
    if key_id != key.key_id() {
        return Err(BadgeFault::BadSignature);
    }
    key.verify(&signed_bytes(&signed), &signature)
        .map_err(|_| BadgeFault::BadSignature)?;
    let issued_at = i64::from(claims.issued_at);
    if now.timestamp() < issued_at - i64::from(skew_s) {
        return Err(BadgeFault::NotYet);
    }
    if now.timestamp() > issued_at + i64::from(claims.period_s) + i64::from(skew_s) {
        return Err(BadgeFault::Expired);
    }
    Ok(claims)
}

struct Token {
    claims: BadgeClaims,
    key_id: KeyId,
    signed: Vec<u8>,
    signature: Signature,
}

impl Token {
    /// Scanners append things such as `&appinstall=0`: what follows the base64url digits is not part of the token.
    fn parse(text: &str) -> Result<Self, BadgeFault> {
        let digits = text
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_'))
            .and_then(|end| text.get(..end))
            .unwrap_or(text);
        if digits.len() > TOKEN_CHARS_MAX {
            return Err(BadgeFault::Malformed);
        }
        let bytes = URL_SAFE_NO_PAD
            .decode(digits)
            .map_err(|_| BadgeFault::Malformed)?;
        Self::of(&bytes).ok_or(BadgeFault::Malformed)
    }

    fn of(bytes: &[u8]) -> Option<Self> {
        let (signed, signature) =
            bytes.split_at_checked(bytes.len().checked_sub(SIGNATURE_BYTES)?)?;
        let rest = signed.strip_prefix(&[VERSION])?;
        let (key_id, rest) = rest.split_first_chunk()?;
        let (issued_at, rest) = rest.split_first_chunk()?;
        let (period_s, rest) = rest.split_first_chunk()?;
        let (nonce, rest) = rest.split_first_chunk()?;
        let (presentation, rest) = rest.split_first_chunk()?;
        let credentials = std::str::from_utf8(rest).ok()?;
        if !credentials.is_ascii() {
            return None;
        }
        Some(Self {
            claims: BadgeClaims {
                issued_at: u32::from_be_bytes(*issued_at),
                period_s: u16::from_be_bytes(*period_s),
                nonce: *nonce,
                presentation: *presentation,
                credentials: credentials
                    .split(',')
                    .filter(|number| !number.is_empty())
                    .map(str::to_owned)
                    .collect(),
            },
            key_id: KeyId::from_bytes(*key_id),
            signed: signed.to_vec(),
            signature: Signature::from_fixed(signature).ok()?,
        })
    }
}

fn signed_bytes(token: &[u8]) -> Vec<u8> {
    [DOMAIN, token].concat()
}
