//! Headquarters' keys, each in a file of its own that only its owner can read.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

use journal::{DataKey, DecryptionKey, HqSigningKey, SigningKey};

use crate::failure::Failure;

/// 总部密钥 – `series` signs headquarters' own series and the packs, `checkpoint` receipts, enrolments and checkpoints,
/// `escrow` opens what terminals seal to headquarters, `pepper` goes into every password.
pub struct Keys {
    pub series: SigningKey,
    pub checkpoint: HqSigningKey,
    pub escrow: DecryptionKey,
    pub pepper: DataKey,
}

impl Keys {
    /// A founding that was interrupted left whole keys or none.
    pub fn open_or_create(dir: &Path) -> Result<Self, Failure> {
        if pepper(dir).exists() {
            Self::open(dir)
        } else {
            Self::create(dir)
        }
    }

    fn create(dir: &Path) -> Result<Self, Failure> {
        std::fs::create_dir_all(dir).map_err(Failure::file(dir))?;
        let keys = Self {
            series: SigningKey::generate(),
            checkpoint: HqSigningKey::generate(),
            escrow: DecryptionKey::generate(),
            pepper: DataKey::generate(),
        };
        write(&series(dir), keys.series.to_secret_bytes().as_slice())?;
        write(
            &checkpoint(dir),
            keys.checkpoint.to_secret_bytes().as_slice(),
        )?;
        write(&escrow(dir), keys.escrow.to_secret_bytes().as_slice())?;
        write(&pepper(dir), keys.pepper.as_bytes())?;
        Ok(keys)
    }

    pub fn open(dir: &Path) -> Result<Self, Failure> {
        let damaged = |path: PathBuf| move |_| Failure::Key(path);
        Ok(Self {
            series: SigningKey::from_secret_bytes(&read(&series(dir))?)
                .map_err(damaged(series(dir)))?,
            checkpoint: HqSigningKey::from_secret_bytes(&read(&checkpoint(dir))?)
                .map_err(damaged(checkpoint(dir)))?,
            escrow: DecryptionKey::from_secret_bytes(&read(&escrow(dir))?)
                .map_err(damaged(escrow(dir)))?,
            pepper: read(&pepper(dir))?
                .as_slice()
                .try_into()
                .map(DataKey::from_bytes)
                .map_err(|_| Failure::Key(pepper(dir)))?,
        })
    }
}

/// Records of people lie in the folder: nobody else on the machine reads them.
pub fn only_for_owner(dir: &Path) -> Result<(), Failure> {
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o700);
        std::fs::set_permissions(dir, mode).map_err(Failure::file(dir))?;
    }
    Ok(())
}

fn series(dir: &Path) -> PathBuf {
    dir.join("series.p256")
}

fn checkpoint(dir: &Path) -> PathBuf {
    dir.join("checkpoint.ed25519")
}

fn escrow(dir: &Path) -> PathBuf {
    dir.join("escrow.p256")
}

fn pepper(dir: &Path) -> PathBuf {
    dir.join("password.pepper")
}

/// A file that its owner alone reads, durable when this returns.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(Failure::file(path))?;
    file.write_all(bytes).map_err(Failure::file(path))?;
    file.sync_all().map_err(Failure::file(path))
}

fn read(path: &Path) -> Result<journal::Zeroizing<Vec<u8>>, Failure> {
    std::fs::read(path)
        .map(journal::Zeroizing::new)
        .map_err(Failure::file(path))
}
