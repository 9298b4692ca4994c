//! Encryption at rest: data keys, key wrapping, sealing to a recipient, sealed chunks.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use hkdf::{Hkdf, HkdfExtract};
use p256::elliptic_curve::sec1::ToSec1Point;
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::hash::random;
use crate::keys::{KeyFault, PublicKey, SigningKey};

const NONCE_BYTES: usize = 12;
const POINT_BYTES: usize = 65;

/// What a sealed chunk is longer than its plain bytes.
pub const CHUNK_OVERHEAD_BYTES: usize = NONCE_BYTES + 16;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealFault {
    #[error("the sealed bytes are too short or not of this form")]
    Malformed,
    #[error("the sealed bytes do not open with this key in this place")]
    Wrong,
}

/// 数据密钥 – 32 secret bytes, wiped from memory when dropped.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct DataKey([u8; 32]);

impl DataKey {
    pub fn generate() -> Self {
        Self(random())
    }

    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// A key for one purpose, from which neither this key nor its siblings follow.
    pub fn derive(&self, context: &str) -> Self {
        let mut key = Self([0; 32]);
        expand(&Hkdf::new(None, &self.0), context.as_bytes(), &mut key.0);
        key
    }

    /// 64 hex digits, as SQLCipher takes a raw key.
    pub fn to_hex(&self) -> Zeroizing<String> {
        Zeroizing::new(hex::encode(self.0))
    }
}

impl std::fmt::Debug for DataKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DataKey(..)")
    }
}

/// Encrypts `key` under `kek`; it opens again only with the same `context`.
pub fn wrap(kek: &DataKey, key: &DataKey, context: &str) -> Vec<u8> {
    seal(kek, &key.0, context)
}

pub fn unwrap_key(kek: &DataKey, wrapped: &[u8], context: &str) -> Result<DataKey, SealFault> {
    let plain = open(kek, wrapped, context)?;
    let bytes = plain
        .as_slice()
        .try_into()
        .map_err(|_| SealFault::Malformed)?;
    Ok(DataKey(bytes))
}

/// Encrypts a small secret under a key and a random nonce: `nonce ‖ ciphertext ‖ tag`.
pub fn seal(key: &DataKey, plain: &[u8], context: &str) -> Vec<u8> {
    let nonce = random::<NONCE_BYTES>();
    let mut sealed = nonce.to_vec();
    sealed.extend(encrypt(&key.0, nonce, plain, context.as_bytes()));
    sealed
}

pub fn open(key: &DataKey, sealed: &[u8], context: &str) -> Result<Zeroizing<Vec<u8>>, SealFault> {
    let (nonce, sealed) = split_nonce(sealed)?;
    decrypt(&key.0, nonce, sealed, context.as_bytes()).map(Zeroizing::new)
}

/// 解封私钥 – the P-256 key that opens what was sealed to its public half. Never used to sign.
#[derive(Clone)]
pub struct DecryptionKey(p256::SecretKey);

impl DecryptionKey {
    pub fn generate() -> Self {
        Self(SigningKey::generate().into_agreement())
    }

    pub fn public(&self) -> PublicKey {
        self.0.public_key().into()
    }

    pub fn to_secret_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0.to_bytes().into())
    }

    pub fn from_secret_bytes(bytes: &[u8]) -> Result<Self, KeyFault> {
        SigningKey::from_secret_bytes(bytes).map(|key| Self(key.into_agreement()))
    }
}

impl std::fmt::Debug for DecryptionKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DecryptionKey({})", self.public().key_id())
    }
}

/// Encrypts to the holder of a P-256 key: `ephemeral point (65) ‖ ciphertext ‖ tag`.
pub fn seal_to(public: &PublicKey, plain: &[u8], context: &str) -> Vec<u8> {
    let ephemeral = DecryptionKey::generate();
    let shared = ephemeral.0.diffie_hellman(&public.for_agreement());
    let mut sealed = ephemeral
        .0
        .public_key()
        .to_sec1_point(false)
        .as_bytes()
        .to_vec();
    let key = agreed_key(
        shared.raw_secret_bytes().as_slice(),
        &sealed,
        public,
        context,
    );
    // The key serves this one message, so its nonce may be fixed.
    sealed.extend(encrypt(&key, [0; NONCE_BYTES], plain, context.as_bytes()));
    sealed
}

pub fn open_sealed(
    key: &DecryptionKey,
    sealed: &[u8],
    context: &str,
) -> Result<Zeroizing<Vec<u8>>, SealFault> {
    let (point, ciphertext) = sealed
        .split_at_checked(POINT_BYTES)
        .ok_or(SealFault::Malformed)?;
    let ephemeral = PublicKey::from_point(point).map_err(|_| SealFault::Malformed)?;
    let shared = key.0.diffie_hellman(&ephemeral.for_agreement());
    let key = agreed_key(
        shared.raw_secret_bytes().as_slice(),
        point,
        &key.public(),
        context,
    );
    decrypt(&key, [0; NONCE_BYTES], ciphertext, context.as_bytes()).map(Zeroizing::new)
}

fn agreed_key(
    shared: &[u8],
    ephemeral: &[u8],
    recipient: &PublicKey,
    context: &str,
) -> Zeroizing<[u8; 32]> {
    let mut info = b"sanxiang-seal/1\0".to_vec();
    info.extend_from_slice(ephemeral);
    info.extend_from_slice(&recipient.to_point());
    info.extend_from_slice(context.as_bytes());
    let mut key = Zeroizing::new([0; 32]);
    expand(&Hkdf::new(None, shared), &info, key.as_mut_slice());
    key
}

/// Encrypts one chunk of an object: `nonce ‖ ciphertext ‖ tag`, the nonce a keyed hash of place and plain bytes, so that
/// sealing a chunk again after a crash can never reuse a nonce for other bytes.
pub fn seal_chunk(key: &DataKey, object: &str, index: u32, last: bool, plain: &[u8]) -> Vec<u8> {
    let keys = ChunkKeys::of(key);
    let place = place(object, index, last);
    let nonce = keys.nonce(&place, plain);
    let mut sealed = nonce.to_vec();
    sealed.extend(encrypt(&keys.cipher, nonce, plain, &place));
    sealed
}

/// Opens a chunk; one moved to another object, index or end of object does not open.
pub fn open_chunk(
    key: &DataKey,
    object: &str,
    index: u32,
    last: bool,
    sealed: &[u8],
) -> Result<Vec<u8>, SealFault> {
    let keys = ChunkKeys::of(key);
    let (nonce, sealed) = split_nonce(sealed)?;
    decrypt(&keys.cipher, nonce, sealed, &place(object, index, last))
}

struct ChunkKeys {
    cipher: Zeroizing<[u8; 32]>,
    nonce: Zeroizing<[u8; 32]>,
}

impl ChunkKeys {
    fn of(key: &DataKey) -> Self {
        let hkdf = Hkdf::new(None, &key.0);
        let mut keys = Self {
            cipher: Zeroizing::new([0; 32]),
            nonce: Zeroizing::new([0; 32]),
        };
        expand(
            &hkdf,
            b"sanxiang-chunk/1 cipher",
            keys.cipher.as_mut_slice(),
        );
        expand(&hkdf, b"sanxiang-chunk/1 nonce", keys.nonce.as_mut_slice());
        keys
    }

    /// HKDF's extract step is HMAC-SHA256 with the salt as key.
    fn nonce(&self, place: &[u8], plain: &[u8]) -> [u8; NONCE_BYTES] {
        let mut mac = HkdfExtract::<Sha256>::new(Some(self.nonce.as_slice()));
        mac.input_ikm(place);
        mac.input_ikm(plain);
        let (mac, _) = mac.finalize();
        let mut nonce = [0; NONCE_BYTES];
        for (to, from) in nonce.iter_mut().zip(mac) {
            *to = from;
        }
        nonce
    }
}

fn place(object: &str, index: u32, last: bool) -> Vec<u8> {
    let mut place = b"sanxiang-chunk/1\0".to_vec();
    place.extend_from_slice(object.as_bytes());
    place.push(0);
    place.extend_from_slice(&index.to_be_bytes());
    place.push(u8::from(last));
    place
}

fn split_nonce(sealed: &[u8]) -> Result<([u8; NONCE_BYTES], &[u8]), SealFault> {
    let (nonce, rest) = sealed
        .split_first_chunk::<NONCE_BYTES>()
        .ok_or(SealFault::Malformed)?;
    Ok((*nonce, rest))
}

fn encrypt(key: &[u8; 32], nonce: [u8; NONCE_BYTES], plain: &[u8], aad: &[u8]) -> Vec<u8> {
    let cipher = Aes256Gcm::new(&(*key).into());
    let payload = Payload { msg: plain, aad };
    match cipher.encrypt(&Nonce::from(nonce), payload) {
        Ok(sealed) => sealed,
        Err(_) => panic!("AES-GCM takes at most 64 GiB at once"),
    }
}

fn decrypt(
    key: &[u8; 32],
    nonce: [u8; NONCE_BYTES],
    sealed: &[u8],
    aad: &[u8],
) -> Result<Vec<u8>, SealFault> {
    let cipher = Aes256Gcm::new(&(*key).into());
    cipher
        .decrypt(&Nonce::from(nonce), Payload { msg: sealed, aad })
        .map_err(|_| SealFault::Wrong)
}

fn expand(hkdf: &Hkdf<Sha256>, info: &[u8], key: &mut [u8]) {
    if hkdf.expand(info, key).is_err() {
        panic!("HKDF gives 32 bytes at every length of its input");
    }
}
