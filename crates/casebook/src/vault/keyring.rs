//! 钥匙环 – the master key of the terminal, wrapped once for each officer under PIN and hardware secret.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use journal::{DataKey, DecryptionKey, PinParams, SigningKey, SoftKeyStore};
use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::vault::files;

const FILE: &str = "keyring.json";

/// The keyring as it lies on disk.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Keyring {
    v: u8,
    pin: PinParams,
    slots: Vec<Slot>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Slot {
    credential_no: String,
    salt: String,
    wrapped: String,
}

/// Everything the master key gives.
pub struct Secrets {
    pub database: DataKey,
    pub evidence_database: DataKey,
    pub evidence: DataKey,
    pub badge: SigningKey,
    pub seal: DecryptionKey,
}

impl Keyring {
    /// Makes a keyring with a new master key, which is returned for the first opening.
    pub fn create(
        folder: &Path,
        keys: &SoftKeyStore,
        pin: PinParams,
        pins: &[(String, String)],
    ) -> Result<(Self, DataKey), Failure> {
        let master = DataKey::generate();
        let slots = pins
            .iter()
            .map(|(credential_no, secret)| {
                Slot::wrapping(&master, keys, &pin, credential_no, secret)
            })
            .collect();
        let ring = Keyring { v: 1, pin, slots };
        files::write(&folder.join(FILE), &ring)?;
        Ok((ring, master))
    }

    pub fn read(folder: &Path) -> Result<Option<Self>, Failure> {
        files::read(&folder.join(FILE))
    }

    /// This keyring with a PIN for an officer who had none or another one; written before it is returned.
    pub fn with_pin(
        &self,
        folder: &Path,
        keys: &SoftKeyStore,
        master: &DataKey,
        credential_no: &str,
        secret: &str,
    ) -> Result<Self, Failure> {
        let mut ring = self.clone();
        ring.slots
            .retain(|slot| slot.credential_no != credential_no);
        let slot = Slot::wrapping(master, keys, &self.pin, credential_no, secret);
        ring.slots.push(slot);
        files::write(&folder.join(FILE), &ring)?;
        Ok(ring)
    }

    pub fn holds(&self, credential_no: &str) -> bool {
        self.slots
            .iter()
            .any(|slot| slot.credential_no == credential_no)
    }

    /// `None` for a wrong PIN or an officer without a slot.
    pub fn open(&self, keys: &SoftKeyStore, credential_no: &str, pin: &str) -> Option<DataKey> {
        let slot = self
            .slots
            .iter()
            .find(|slot| slot.credential_no == credential_no)?;
        let mut salt = [0; 16];
        hex::decode_to_slice(&slot.salt, &mut salt).ok()?;
        let kek = journal::stretch(pin, &salt, keys.hardware(), &self.pin);
        journal::unwrap_key(&kek, &STANDARD.decode(&slot.wrapped).ok()?, credential_no).ok()
    }
}

impl Slot {
    fn wrapping(
        master: &DataKey,
        keys: &SoftKeyStore,
        pin: &PinParams,
        credential_no: &str,
        secret: &str,
    ) -> Self {
        let salt = journal::random::<16>();
        let kek = journal::stretch(secret, &salt, keys.hardware(), pin);
        Self {
            credential_no: credential_no.to_owned(),
            salt: hex::encode(salt),
            wrapped: STANDARD.encode(journal::wrap(&kek, master, credential_no)),
        }
    }
}

impl Secrets {
    pub fn of(master: &DataKey) -> Result<Self, Failure> {
        let unusable = |fault: journal::KeyFault| Failure::Keys(fault.to_string());
        Ok(Secrets {
            database: master.derive("sanxiang database 1"),
            evidence_database: master.derive("sanxiang evidence database 1"),
            evidence: master.derive("sanxiang evidence keys 1"),
            badge: SigningKey::from_secret_bytes(master.derive("sanxiang badge 1").as_bytes())
                .map_err(unusable)?,
            seal: DecryptionKey::from_secret_bytes(master.derive("sanxiang seal 1").as_bytes())
                .map_err(unusable)?,
        })
    }
}
