//! ECDSA by the libcrypto that SQLCipher loads anyway: a signature costs a third of what the portable library takes.
//!
//! It answers `None` where libcrypto cannot serve; the portable library does then. libcrypto wipes a secret key when it
//! is freed.

use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey, EcPoint};
use openssl::ecdsa::EcdsaSig;
use openssl::error::ErrorStack;
use openssl::nid::Nid;
use openssl::pkey::{Private, Public};
use p256::ecdsa::{Signature, SigningKey, VerifyingKey};
use zeroize::Zeroizing;

use crate::hash::Hash;

#[derive(Clone)]
pub(crate) struct FastSecret(Option<EcKey<Private>>);

#[derive(Clone)]
pub(crate) struct FastPublic(Option<EcKey<Public>>);

fn point(key: &VerifyingKey, group: &EcGroup) -> Result<EcPoint, ErrorStack> {
    let mut scratch = openssl::bn::BigNumContext::new()?;
    EcPoint::from_bytes(group, key.to_sec1_point(false).as_bytes(), &mut scratch)
}

impl FastSecret {
    pub fn new(key: &SigningKey) -> Self {
        let make = || -> Result<EcKey<Private>, ErrorStack> {
            let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
            let bytes: Zeroizing<[u8; 32]> = Zeroizing::new(key.to_bytes().into());
            let mut secret = BigNum::from_slice(bytes.as_slice())?;
            let made = EcKey::from_private_components(
                &group,
                &secret,
                &*point(key.verifying_key(), &group)?,
            );
            secret.clear();
            made
        };
        Self(make().ok())
    }

    pub fn sign(&self, bytes: &[u8]) -> Option<Signature> {
        let made = EcdsaSig::sign(Hash::of(bytes).as_bytes(), self.0.as_ref()?).ok()?;
        let mut fixed = [0; 64];
        let (r, s) = fixed.split_at_mut(32);
        r.copy_from_slice(&made.r().to_vec_padded(32).ok()?);
        s.copy_from_slice(&made.s().to_vec_padded(32).ok()?);
        Signature::from_slice(&fixed).ok()
    }
}

impl FastPublic {
    pub fn new(key: &VerifyingKey) -> Self {
        let make = || -> Result<EcKey<Public>, ErrorStack> {
            let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
            EcKey::from_public_key(&group, &*point(key, &group)?)
        };
        Self(make().ok())
    }

    pub fn verify(&self, bytes: &[u8], signature: &Signature) -> Option<bool> {
        let (r, s) = signature.split_bytes();
        let r = BigNum::from_slice(&r).ok()?;
        let s = BigNum::from_slice(&s).ok()?;
        let given = EcdsaSig::from_private_components(r, s).ok()?;
        given
            .verify(Hash::of(bytes).as_bytes(), self.0.as_ref()?)
            .ok()
    }
}
