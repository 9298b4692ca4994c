//! P-256 for devices, sessions and badges; Ed25519 for what headquarters signs.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::Signer as _;
use p256::ecdsa::signature::Verifier as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use zeroize::Zeroizing;

use crate::fast::{FastPublic, FastSecret};
use crate::hash::{Hash, random, unhex};

/// Everything of a P-256 SubjectPublicKeyInfo before its 65 point bytes (RFC 5480).
const P256_SPKI: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];
/// Everything of an Ed25519 SubjectPublicKeyInfo before its 32 key bytes (RFC 8410).
const ED25519_SPKI: [u8; 12] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];

#[derive(Debug, thiserror::Error)]
pub enum KeyFault {
    #[error("not a public key of the expected kind")]
    Public,
    #[error("not a secret key of the expected kind")]
    Secret,
    #[error("a key id is 16 lower-case hex digits")]
    Id,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureFault {
    #[error("the signature is not well formed")]
    Malformed,
    #[error("the signature does not fit the key and the bytes")]
    Wrong,
}

/// 密钥标识 – the first eight bytes of the SHA-256 of a public key's SPKI; text is 16 hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId([u8; 8]);

impl KeyId {
    pub const fn from_bytes(bytes: [u8; 8]) -> Self {
        Self(bytes)
    }

    pub const fn as_bytes(&self) -> &[u8; 8] {
        &self.0
    }

    fn of(spki: &[u8]) -> Self {
        let mut id = [0; 8];
        for (to, from) in id.iter_mut().zip(Hash::of(spki).as_bytes()) {
            *to = *from;
        }
        Self(id)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for KeyId {
    type Err = KeyFault;

    fn from_str(text: &str) -> Result<Self, KeyFault> {
        unhex(text).map(Self).ok_or(KeyFault::Id)
    }
}

impl Serialize for KeyId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for KeyId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

/// 公钥 – a P-256 public key; its text is the base64 of its SPKI DER.
#[derive(Clone)]
pub struct PublicKey {
    point: p256::ecdsa::VerifyingKey,
    fast: FastPublic,
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.point == other.point
    }
}

impl Eq for PublicKey {}

impl PublicKey {
    pub fn to_spki(&self) -> Vec<u8> {
        let mut spki = P256_SPKI.to_vec();
        spki.extend_from_slice(self.point.to_sec1_point(false).as_bytes());
        spki
    }

    pub fn from_spki(spki: &[u8]) -> Result<Self, KeyFault> {
        let point = spki.strip_prefix(&P256_SPKI).ok_or(KeyFault::Public)?;
        Self::from_point(point)
    }

    pub fn to_base64(&self) -> String {
        STANDARD.encode(self.to_spki())
    }

    pub fn from_base64(text: &str) -> Result<Self, KeyFault> {
        let spki = STANDARD.decode(text).map_err(|_| KeyFault::Public)?;
        Self::from_spki(&spki)
    }

    /// The form `openssl` reads.
    pub fn to_pem(&self) -> String {
        pem(&self.to_base64())
    }

    pub fn key_id(&self) -> KeyId {
        KeyId::of(&self.to_spki())
    }

    pub fn verify(&self, bytes: &[u8], signature: &Signature) -> Result<(), SignatureFault> {
        let fits = self
            .fast
            .verify(bytes, &signature.0)
            .unwrap_or_else(|| self.point.verify(bytes, &signature.0).is_ok());
        match fits {
            true => Ok(()),
            false => Err(SignatureFault::Wrong),
        }
    }

    pub(crate) fn from_point(point: &[u8]) -> Result<Self, KeyFault> {
        p256::ecdsa::VerifyingKey::from_sec1_bytes(point)
            .map_err(|_| KeyFault::Public)
            .map(Self::of)
    }

    fn of(point: p256::ecdsa::VerifyingKey) -> Self {
        let fast = FastPublic::new(&point);
        Self { point, fast }
    }

    pub(crate) fn to_point(&self) -> Vec<u8> {
        self.point.to_sec1_point(false).as_bytes().to_vec()
    }

    pub(crate) fn for_agreement(&self) -> p256::PublicKey {
        self.point.into()
    }
}

impl From<p256::PublicKey> for PublicKey {
    fn from(key: p256::PublicKey) -> Self {
        Self::of(key.into())
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", self.key_id())
    }
}

impl Serialize for PublicKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_base64())
    }
}

impl<'de> Deserialize<'de> for PublicKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::from_base64(&text).map_err(de::Error::custom)
    }
}

/// 签名私钥 – a P-256 signing key, wiped from memory when dropped.
#[derive(Clone)]
pub struct SigningKey {
    secret: p256::ecdsa::SigningKey,
    fast: FastSecret,
    /// Kept, because libcrypto takes as long to set one up as to sign.
    public: PublicKey,
}

impl SigningKey {
    pub fn generate() -> Self {
        loop {
            // All but one in 2³² draws are valid scalars; the rest are drawn again.
            let secret = Zeroizing::new(random::<32>());
            if let Ok(key) = Self::from_secret_bytes(secret.as_slice()) {
                return key;
            }
        }
    }

    pub fn public(&self) -> PublicKey {
        self.public.clone()
    }

    /// Signing the same bytes again gives another signature that is as good.
    pub fn sign(&self, bytes: &[u8]) -> Signature {
        let fast = self.fast.sign(bytes);
        Signature(fast.unwrap_or_else(|| self.secret.sign(bytes)))
    }

    pub fn to_secret_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.secret.to_bytes().into())
    }

    pub fn from_secret_bytes(bytes: &[u8]) -> Result<Self, KeyFault> {
        // The library also takes shorter ones.
        if bytes.len() != 32 {
            return Err(KeyFault::Secret);
        }
        let secret = p256::ecdsa::SigningKey::from_slice(bytes).map_err(|_| KeyFault::Secret)?;
        let fast = FastSecret::new(&secret);
        let public = PublicKey::of(*secret.verifying_key());
        Ok(Self {
            secret,
            fast,
            public,
        })
    }

    pub(crate) fn into_agreement(self) -> p256::SecretKey {
        self.secret.into()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.public().key_id())
    }
}

/// 签名 – an ECDSA signature over SHA-256; its text is the base64 of the DER `openssl` checks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Signature(p256::ecdsa::Signature);

impl Signature {
    pub fn to_der(&self) -> Vec<u8> {
        self.0.to_der().as_bytes().to_vec()
    }

    /// Only the one canonical encoding is accepted.
    pub fn from_der(der: &[u8]) -> Result<Self, SignatureFault> {
        let signature =
            Self(p256::ecdsa::Signature::from_der(der).map_err(|_| SignatureFault::Malformed)?);
        if signature.to_der() != der {
            return Err(SignatureFault::Malformed);
        }
        Ok(signature)
    }

    pub fn to_base64(&self) -> String {
        STANDARD.encode(self.to_der())
    }

    pub fn from_base64(text: &str) -> Result<Self, SignatureFault> {
        let der = STANDARD
            .decode(text)
            .map_err(|_| SignatureFault::Malformed)?;
        Self::from_der(&der)
    }

    /// `r ‖ s`, the fixed 64 bytes browsers check.
    pub fn to_fixed(&self) -> [u8; 64] {
        self.0.to_bytes().into()
    }

    pub fn from_fixed(bytes: &[u8]) -> Result<Self, SignatureFault> {
        p256::ecdsa::Signature::from_slice(bytes)
            .map(Self)
            .map_err(|_| SignatureFault::Malformed)
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signature({})", self.to_base64())
    }
}

impl Serialize for Signature {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_base64())
    }
}

impl<'de> Deserialize<'de> for Signature {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::from_base64(&text).map_err(de::Error::custom)
    }
}

/// 总部签名私钥 – the Ed25519 key of headquarters' receipts and checkpoints.
#[derive(Clone)]
pub struct HqSigningKey(ed25519_dalek::SigningKey);

impl HqSigningKey {
    pub fn generate() -> Self {
        let secret = Zeroizing::new(random::<32>());
        Self(ed25519_dalek::SigningKey::from_bytes(&secret))
    }

    pub fn public(&self) -> HqPublicKey {
        HqPublicKey(self.0.verifying_key())
    }

    pub fn sign(&self, bytes: &[u8]) -> [u8; 64] {
        self.0.sign(bytes).to_bytes()
    }

    pub fn to_secret_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0.to_bytes())
    }

    pub fn from_secret_bytes(bytes: &[u8]) -> Result<Self, KeyFault> {
        ed25519_dalek::SigningKey::try_from(bytes)
            .map(Self)
            .map_err(|_| KeyFault::Secret)
    }
}

impl fmt::Debug for HqSigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HqSigningKey({})", self.public().key_id())
    }
}

/// 总部公钥 – the Ed25519 public key of headquarters; its text is the base64 of its SPKI DER.
#[derive(Clone, PartialEq, Eq)]
pub struct HqPublicKey(ed25519_dalek::VerifyingKey);

impl HqPublicKey {
    pub fn to_spki(&self) -> Vec<u8> {
        let mut spki = ED25519_SPKI.to_vec();
        spki.extend_from_slice(self.0.as_bytes());
        spki
    }

    pub fn to_base64(&self) -> String {
        STANDARD.encode(self.to_spki())
    }

    pub fn from_base64(text: &str) -> Result<Self, KeyFault> {
        let spki = STANDARD.decode(text).map_err(|_| KeyFault::Public)?;
        let raw = spki.strip_prefix(&ED25519_SPKI).ok_or(KeyFault::Public)?;
        let key = ed25519_dalek::VerifyingKey::try_from(raw).map_err(|_| KeyFault::Public)?;
        if key.is_weak() {
            return Err(KeyFault::Public);
        }
        Ok(Self(key))
    }

    pub fn to_pem(&self) -> String {
        pem(&self.to_base64())
    }

    pub fn key_id(&self) -> KeyId {
        KeyId::of(&self.to_spki())
    }

    pub fn verify(&self, bytes: &[u8], signature: &[u8]) -> Result<(), SignatureFault> {
        let signature = ed25519_dalek::Signature::from_slice(signature)
            .map_err(|_| SignatureFault::Malformed)?;
        self.0
            .verify_strict(bytes, &signature)
            .map_err(|_| SignatureFault::Wrong)
    }

    pub(crate) fn raw(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for HqPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HqPublicKey({})", self.key_id())
    }
}

impl Serialize for HqPublicKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_base64())
    }
}

impl<'de> Deserialize<'de> for HqPublicKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::from_base64(&text).map_err(de::Error::custom)
    }
}

fn pem(base64: &str) -> String {
    let mut text = String::from("-----BEGIN PUBLIC KEY-----\n");
    for (at, digit) in base64.chars().enumerate() {
        if at > 0 && at % 64 == 0 {
            text.push('\n');
        }
        text.push(digit);
    }
    text.push_str("\n-----END PUBLIC KEY-----\n");
    text
}
