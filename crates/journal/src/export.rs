//! A series as a file that can be handed to anyone.

use serde::{Deserialize, Serialize};

use crate::entry::{Entry, WriterId, frames};
use crate::keys::PublicKey;
use crate::receipt::Receipt;
use crate::verify::{Report, verify_series};

const FORMAT: &str = "sanxiang-journal/1";

#[derive(Debug, thiserror::Error)]
pub enum ExportFault {
    #[error("the file does not begin with the line of a journal export")]
    Manifest,
    #[error("the file is of another format than {FORMAT}")]
    Format,
}

/// Why a receipt does not cover an export.
#[derive(Debug, thiserror::Error)]
pub enum CoverFault {
    #[error("the receipt is about another series")]
    OtherSeries,
    #[error("headquarters received entries up to {idx}, which the file does not hold")]
    Shorter { idx: u64 },
    #[error("headquarters received another entry {idx} than the file holds")]
    OtherEntry { idx: u64 },
}

/// 日志导出 – one manifest line, then frames. The device key in it is a claim of whoever made the file: compare its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Export {
    pub manifest: Manifest,
    pub frames: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    format: String,
    pub writer: WriterId,
    pub epoch: u32,
    pub device_key: PublicKey,
}

impl Export {
    pub fn new(writer: WriterId, epoch: u32, device_key: PublicKey, frames: Vec<u8>) -> Self {
        Self {
            manifest: Manifest {
                format: FORMAT.to_owned(),
                writer,
                epoch,
                device_key,
            },
            frames,
        }
    }

    pub fn read(bytes: &[u8]) -> Result<Self, ExportFault> {
        let end = bytes
            .iter()
            .position(|byte| *byte == b'\n')
            .ok_or(ExportFault::Manifest)?;
        let (line, rest) = bytes.split_at_checked(end).ok_or(ExportFault::Manifest)?;
        let manifest: Manifest = serde_json::from_slice(line).map_err(|_| ExportFault::Manifest)?;
        if manifest.format != FORMAT {
            return Err(ExportFault::Format);
        }
        Ok(Self {
            manifest,
            frames: rest.strip_prefix(b"\n").unwrap_or(rest).to_vec(),
        })
    }

    pub fn write(&self) -> Vec<u8> {
        let manifest = serde_json::json!({
            "format": self.manifest.format,
            "writer": self.manifest.writer.as_str(),
            "epoch": self.manifest.epoch,
            "device_key": self.manifest.device_key.to_base64(),
        });
        let mut bytes = manifest.to_string().into_bytes();
        bytes.push(b'\n');
        bytes.extend_from_slice(&self.frames);
        bytes
    }

    pub fn verify(&self) -> Report {
        let Manifest {
            writer,
            epoch,
            device_key,
            ..
        } = &self.manifest;
        verify_series(&self.frames, writer, *epoch, device_key)
    }

    /// Whether the file holds at least what headquarters once received, entry for entry.
    pub fn check_covered(&self, receipt: &Receipt) -> Result<(), CoverFault> {
        if receipt.writer != self.manifest.writer || receipt.epoch != self.manifest.epoch {
            return Err(CoverFault::OtherSeries);
        }
        let idx = receipt.idx;
        let entry = usize::try_from(idx)
            .ok()
            .and_then(|at| frames(&self.frames).nth(at))
            .and_then(|frame| Entry::parse(frame).ok())
            .ok_or(CoverFault::Shorter { idx })?;
        if entry.hash() != receipt.hash {
            return Err(CoverFault::OtherEntry { idx });
        }
        Ok(())
    }
}
