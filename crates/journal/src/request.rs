//! Requests a device signs, so that headquarters knows who asks without a password on the wire.

use chrono::{DateTime, FixedOffset};

use crate::hash::Hash;
use crate::keys::{PublicKey, Signature, SigningKey};
use crate::time;

const SCHEME: &str = "Sanxiang";
const HEADER_CHARS_MAX: usize = 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RequestFault {
    #[error("the authorization is not well formed")]
    Malformed,
    #[error("the signature does not fit the request and the key")]
    BadSignature,
    #[error("the request was signed at another time than now")]
    Stale,
}

/// 请求凭据 – what an `Authorization` header says. Whoever checks it also sees to it that no nonce is used twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorization {
    pub device: String,
    pub at: DateTime<FixedOffset>,
    pub nonce: String,
    signature: Signature,
}

/// The value of the `Authorization` header. `path` includes the query; `nonce` and `device` hold neither quotes nor commas.
pub fn authorization(
    device: &str,
    method: &str,
    path: &str,
    body_hash: Hash,
    at: DateTime<FixedOffset>,
    nonce: &str,
    key: &SigningKey,
) -> String {
    let signature = key.sign(&signed_bytes(device, method, path, body_hash, at, nonce));
    let at = time::to_text(&at);
    format!(
        "{SCHEME} device=\"{device}\", at=\"{at}\", nonce=\"{nonce}\", signature=\"{}\"",
        signature.to_base64()
    )
}

impl Authorization {
    pub fn parse(header: &str) -> Result<Self, RequestFault> {
        if header.len() > HEADER_CHARS_MAX {
            return Err(RequestFault::Malformed);
        }
        Self::read(header).ok_or(RequestFault::Malformed)
    }

    fn read(header: &str) -> Option<Self> {
        let mut parts = header
            .strip_prefix(SCHEME)?
            .strip_prefix(' ')?
            .split(", ")
            .map(|part| {
                let (name, value) = part.split_once('=')?;
                Some((name, value.strip_prefix('"')?.strip_suffix('"')?))
            });
        let mut value = |wanted: &str| {
            let (name, value) = parts.next()??;
            (name == wanted).then_some(value)
        };
        let device = value("device")?.to_owned();
        let at = time::from_text(value("at")?)?;
        let nonce = value("nonce")?.to_owned();
        let signature = Signature::from_base64(value("signature")?).ok()?;
        parts.next().is_none().then_some(Self {
            device,
            at,
            nonce,
            signature,
        })
    }

    pub fn check(
        &self,
        method: &str,
        path: &str,
        body_hash: Hash,
        key: &PublicKey,
        now: DateTime<FixedOffset>,
        skew_s: u32,
    ) -> Result<(), RequestFault> {
        let signed = signed_bytes(&self.device, method, path, body_hash, self.at, &self.nonce);
        key.verify(&signed, &self.signature)
            .map_err(|_| RequestFault::BadSignature)?;
        if now.signed_duration_since(self.at).num_seconds().abs() > i64::from(skew_s) {
            return Err(RequestFault::Stale);
        }
        Ok(())
    }
}

fn signed_bytes(
    device: &str,
    method: &str,
    path: &str,
    body_hash: Hash,
    at: DateTime<FixedOffset>,
    nonce: &str,
) -> Vec<u8> {
    let at = time::to_text(&at);
    format!("sanxiang-request/1\n{device}\n{method}\n{path}\n{body_hash}\n{at}\n{nonce}\n")
        .into_bytes()
}
