//! Where a device keeps what identifies it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::keys::{KeyFault, SigningKey};
use crate::seal::{DataKey, SealFault, open, seal};

const CONTEXT: &str = "device key";
const HARDWARE: &str = "hardware";
const DEVICE: &str = "device";

#[derive(Debug, thiserror::Error)]
pub enum KeyStoreFault {
    #[error("reading {path}")]
    Read {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("writing {path}")]
    Write {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("the hardware secret is damaged")]
    Hardware,
    #[error("the device key does not open under the hardware secret")]
    Sealed(#[source] SealFault),
    #[error("the device key is damaged")]
    Device(#[source] KeyFault),
}

/// 软件密钥库 – hardware secret and device key in files only their owner reads; for machines without a security chip.
#[derive(Debug)]
pub struct SoftKeyStore {
    hardware: DataKey,
    device: SigningKey,
}

impl SoftKeyStore {
    /// Opens `dir/keys`, or makes it as a whole: after a crash it is there complete or not at all. Keys that are there
    /// but damaged are a fault and never replaced, since a new device key would be another device.
    pub fn open_or_create(dir: &Path) -> Result<Self, KeyStoreFault> {
        let keys = dir.join("keys");
        if !keys.exists() {
            create(dir, &keys)?;
        }
        Self::open(&keys)
    }

    fn open(keys: &Path) -> Result<Self, KeyStoreFault> {
        let bytes = read(&keys.join(HARDWARE))?;
        let bytes = <[u8; 32]>::try_from(bytes.as_slice()).map_err(|_| KeyStoreFault::Hardware)?;
        let hardware = DataKey::from_bytes(bytes);
        let sealed = read(&keys.join(DEVICE))?;
        let secret = open(&hardware, &sealed, CONTEXT).map_err(KeyStoreFault::Sealed)?;
        let device = SigningKey::from_secret_bytes(&secret).map_err(KeyStoreFault::Device)?;
        Ok(Self { hardware, device })
    }

    pub fn hardware(&self) -> &DataKey {
        &self.hardware
    }

    pub fn device(&self) -> &SigningKey {
        &self.device
    }

    /// How well the keys are kept, as told to headquarters at enrolment.
    pub fn class(&self) -> &'static str {
        "soft"
    }
}

fn create(dir: &Path, keys: &Path) -> Result<(), KeyStoreFault> {
    let making = dir.join("keys.new");
    if making.exists() {
        fs::remove_dir_all(&making).map_err(|source| write_fault(&making, source))?;
    }
    fs::create_dir_all(&making).map_err(|source| write_fault(&making, source))?;
    let hardware = DataKey::generate();
    let device = SigningKey::generate();
    let sealed = seal(&hardware, device.to_secret_bytes().as_slice(), CONTEXT);
    write(&making.join(HARDWARE), hardware.as_bytes())?;
    write(&making.join(DEVICE), &sealed)?;
    sync_dir(&making)?;
    fs::rename(&making, keys).map_err(|source| write_fault(keys, source))?;
    sync_dir(dir)
}

fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, KeyStoreFault> {
    fs::read(path)
        .map(Zeroizing::new)
        .map_err(|source| KeyStoreFault::Read {
            path: path.to_owned(),
            source,
        })
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), KeyStoreFault> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options
        .open(path)
        .and_then(|mut file| {
            file.write_all(bytes)?;
            file.sync_all()
        })
        .map_err(|source| write_fault(path, source))
}

/// A rename is durable once its directory is; only Unix lets a directory be synced.
fn sync_dir(dir: &Path) -> Result<(), KeyStoreFault> {
    if !cfg!(unix) {
        return Ok(());
    }
    File::open(dir)
        .and_then(|dir| dir.sync_all())
        .map_err(|source| write_fault(dir, source))
}

fn write_fault(path: &Path, source: io::Error) -> KeyStoreFault {
    KeyStoreFault::Write {
        path: path.to_owned(),
        source,
    }
}
