//! The files of a pack: read from a folder, or carried in one signed file.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::PackFault;

const FORMAT: &str = "sanxiang-pack/1";
const FILES_MAX: u64 = 1_024;
const FILE_BYTES_MAX: u64 = 1 << 20;
const BUNDLE_BYTES_MAX: u64 = 16 << 20;
const DEPTH_MAX: usize = 6;

/// Folders beside a pack that are not part of it: an agency is told by its roster.
const NOT_IN_PACK: [&str; 1] = ["agencies"];

/// Path inside the pack → text.
#[derive(Debug, Clone, Default)]
pub(crate) struct Files(BTreeMap<String, String>);

/// The one line that is hashed and signed: keys in this order, files by path.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    format: String,
    version: String,
    files: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Head {
    format: String,
}

impl Files {
    pub(crate) fn read(dir: &Path) -> Result<Self, PackFault> {
        let mut files = Self::default();
        files.collect(dir, "", 0)?;
        Ok(files)
    }

    fn collect(&mut self, dir: &Path, prefix: &str, depth: usize) -> Result<(), PackFault> {
        let failed = |source| PackFault::Read {
            path: dir.to_owned(),
            source,
        };
        for item in fs::read_dir(dir).map_err(failed)? {
            let item = item.map_err(failed)?;
            let name = item.file_name().to_string_lossy().into_owned();
            if name.starts_with('.') || (depth == 0 && NOT_IN_PACK.contains(&name.as_str())) {
                continue;
            }
            let path = format!("{prefix}{name}");
            let kind = item.file_type().map_err(failed)?;
            if kind.is_symlink() || depth >= DEPTH_MAX {
                return Err(PackFault::PathEscape { path });
            }
            if kind.is_dir() {
                self.collect(&item.path(), &format!("{path}/"), depth + 1)?;
                continue;
            }
            let failed = |source| PackFault::Read {
                path: item.path(),
                source,
            };
            let size = item.metadata().map_err(failed)?.len();
            if size > FILE_BYTES_MAX {
                return Err(too_large(size));
            }
            let bytes = fs::read(item.path()).map_err(failed)?;
            let text = String::from_utf8(bytes)
                .map_err(|_| PackFault::content(&path, 0, "the file is not UTF-8 text"))?;
            self.insert(path, text)?;
        }
        Ok(())
    }

    fn insert(&mut self, path: String, text: String) -> Result<(), PackFault> {
        let is_inside = path.len() <= 200
            && path.split('/').all(|part| {
                !part.is_empty()
                    && !part.starts_with('.')
                    && part
                        .chars()
                        .all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
            });
        if !is_inside {
            return Err(PackFault::PathEscape { path });
        }
        let size = u64::try_from(text.len()).unwrap_or(u64::MAX);
        if size > FILE_BYTES_MAX {
            return Err(too_large(size));
        }
        self.0.insert(path, text);
        let found = u64::try_from(self.0.len()).unwrap_or(u64::MAX);
        if found > FILES_MAX {
            return Err(PackFault::Oversize {
                what: "number of files",
                found,
                most: FILES_MAX,
            });
        }
        Ok(())
    }

    /// The canonical content: one line of JSON, without its end of line.
    pub(crate) fn content(&self, version: &str) -> Result<String, PackFault> {
        serde_json::to_string(&Content {
            format: FORMAT.to_owned(),
            version: version.to_owned(),
            files: self.0.clone(),
        })
        .map_err(PackFault::Encode)
    }

    /// Two lines: the content and the signature over exactly its bytes.
    pub(crate) fn seal(
        &self,
        version: &str,
        key: &journal::SigningKey,
    ) -> Result<Vec<u8>, PackFault> {
        let content = self.content(version)?;
        let signature = key.sign(content.as_bytes()).to_base64();
        let bytes = format!("{content}\n{signature}\n").into_bytes();
        check_bundle_size(&bytes)?;
        Ok(bytes)
    }

    /// The signature is checked before a single byte of the content is parsed.
    pub(crate) fn unseal(
        bytes: &[u8],
        key: &journal::PublicKey,
    ) -> Result<(String, Self), PackFault> {
        check_bundle_size(bytes)?;
        let text = std::str::from_utf8(bytes).map_err(|_| PackFault::Malformed)?;
        let (content, rest) = text.split_once('\n').ok_or(PackFault::Malformed)?;
        let signature = rest.strip_suffix('\n').ok_or(PackFault::Malformed)?;
        let signature =
            journal::Signature::from_base64(signature).map_err(|_| PackFault::SignatureText)?;
        key.verify(content.as_bytes(), &signature)
            .map_err(PackFault::Signature)?;
        // The format is read by itself: content of a later one may have other keys.
        let Head { format } = serde_json::from_str(content).map_err(|_| PackFault::Malformed)?;
        if format != FORMAT {
            return Err(PackFault::Format {
                found: format,
                wanted: FORMAT,
            });
        }
        let content: Content = serde_json::from_str(content).map_err(|_| PackFault::Malformed)?;
        let mut files = Self::default();
        for (path, text) in content.files {
            files.insert(path, text)?;
        }
        Ok((content.version, files))
    }

    pub(crate) fn has(&self, file: &str) -> bool {
        self.0.contains_key(file)
    }

    pub(crate) fn text(&self, file: &str) -> Result<&str, PackFault> {
        self.0
            .get(file)
            .map(String::as_str)
            .ok_or_else(|| PackFault::Missing {
                file: file.to_owned(),
            })
    }

    pub(crate) fn toml<T: DeserializeOwned>(&self, file: &str) -> Result<T, PackFault> {
        parse_toml(file, self.text(file)?)
    }

    pub(crate) fn json(&self, file: &str) -> Result<serde_json::Value, PackFault> {
        serde_json::from_str(self.text(file)?)
            .map_err(|fault| PackFault::content(file, fault.line(), fault.to_string()))
    }

    /// Paths that begin with `prefix`, by path.
    pub(crate) fn under<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .keys()
            .map(String::as_str)
            .filter(move |path| path.starts_with(prefix))
    }

    /// The first line of `file` that holds `needle`, for pointing at it; 0 when there is none.
    pub(crate) fn line_of(&self, file: &str, needle: &str) -> usize {
        self.0
            .get(file)
            .and_then(|text| text.lines().position(|line| line.contains(needle)))
            .map_or(0, |at| at + 1)
    }
}

pub(crate) fn parse_toml<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, PackFault> {
    toml::from_str(text).map_err(|fault| {
        let line = fault
            .span()
            .and_then(|span| text.get(..span.start))
            .map_or(0, |before| before.matches('\n').count() + 1);
        PackFault::content(file, line, fault.message())
    })
}

fn too_large(found: u64) -> PackFault {
    PackFault::Oversize {
        what: "bytes of a file",
        found,
        most: FILE_BYTES_MAX,
    }
}

pub(crate) fn check_bundle_size(bytes: &[u8]) -> Result<(), PackFault> {
    let found = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    if found > BUNDLE_BYTES_MAX {
        return Err(PackFault::Oversize {
            what: "bytes of the pack file",
            found,
            most: BUNDLE_BYTES_MAX,
        });
    }
    Ok(())
}
