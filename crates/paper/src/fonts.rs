use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use serde::Deserialize;

use crate::FontFailure;
use crate::face::{FaceSet, is_printable};

/// The bundled fonts, loaded once and shared.
#[derive(Debug, Clone)]
pub struct Fonts {
    files: Arc<Vec<FontFile>>,
    /// Whether a character can be printed, once asked for; parsing a large font anew for every text costs far more.
    /// Bounded by the characters there are.
    printable: Arc<Mutex<HashMap<char, bool>>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Role {
    /// 宋
    Body,
    /// 黑
    Label,
    /// Characters the others lack.
    Rare,
}

#[derive(Debug)]
pub(crate) struct FontFile {
    pub role: Role,
    pub name: String,
    path: PathBuf,
    sha256: String,
    is_optional: bool,
    data: OnceLock<Vec<u8>>,
}

#[derive(Deserialize)]
struct FontList {
    font: Vec<FontEntry>,
}

#[derive(Deserialize)]
struct FontEntry {
    role: Role,
    name: String,
    file: PathBuf,
    sha256: String,
    #[serde(default)]
    optional: bool,
}

impl Fonts {
    /// Loads the fonts that `fonts.lock` in `dir` lists and checks their hashes. Rare fonts are
    /// read when the first character needs them; an absent optional font only covers fewer characters.
    pub fn load(dir: &Path) -> Result<Fonts, FontFailure> {
        let list_path = dir.join("fonts.lock");
        let text = std::fs::read_to_string(&list_path).map_err(|source| FontFailure::Read {
            path: list_path.clone(),
            source,
        })?;
        let list: FontList = toml::from_str(&text).map_err(|fault| FontFailure::List {
            path: list_path.clone(),
            reason: fault.message().to_owned(),
        })?;
        let mut files = Vec::new();
        for entry in list.font {
            let file = FontFile::locate(dir, entry);
            if file.role != Role::Rare {
                let bytes = file.read()?;
                // The cell is fresh, so setting it cannot fail.
                let _ = file.data.set(bytes);
            }
            files.push(file);
        }
        for role in [Role::Body, Role::Label] {
            if !files.iter().any(|file| file.role == role) {
                return Err(FontFailure::List {
                    path: list_path,
                    reason: format!("no font for the role {role:?}"),
                });
            }
        }
        Ok(Fonts {
            files: Arc::new(files),
            printable: Arc::default(),
        })
    }

    /// `SANXIANG_FONTS`, else the folder of this build.
    pub fn default_dir() -> PathBuf {
        std::env::var_os("SANXIANG_FONTS").map_or_else(
            || Path::new(env!("CARGO_MANIFEST_DIR")).join("fonts"),
            PathBuf::from,
        )
    }

    /// The characters of `text` that cannot be printed, each once: no font has them, or they are
    /// control and format characters. Line breaks and tabs can be printed.
    pub fn missing(&self, text: &str) -> Vec<char> {
        let mut printable = self
            .printable
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let mut faces = None;
        let mut missing = Vec::new();
        for ch in text.chars().filter(|ch| !matches!(ch, '\n' | '\r' | '\t')) {
            let is_printable = *printable.entry(ch).or_insert_with(|| {
                let faces = faces.get_or_insert_with(|| FaceSet::new(self));
                is_printable(ch) && faces.glyph(Role::Body, ch).is_some()
            });
            if !is_printable && !missing.contains(&ch) {
                missing.push(ch);
            }
        }
        missing
    }

    /// What is loaded or can be: role, name and whether its file is present.
    pub fn list(&self) -> Vec<(&'static str, String, bool)> {
        self.files
            .iter()
            .map(|file| {
                let role = match file.role {
                    Role::Body => "body",
                    Role::Label => "label",
                    Role::Rare => "rare",
                };
                (role, file.name.clone(), file.path.exists())
            })
            .collect()
    }

    pub(crate) fn files(&self) -> &[FontFile] {
        &self.files
    }
}

impl FontFile {
    fn locate(dir: &Path, entry: FontEntry) -> FontFile {
        let beside = entry.file.file_name().map(|name| dir.join(name));
        let path = match beside {
            Some(beside) if beside.exists() => beside,
            _ => dir.join(&entry.file),
        };
        FontFile {
            role: entry.role,
            name: entry.name,
            path,
            sha256: entry.sha256,
            is_optional: entry.optional,
            data: OnceLock::new(),
        }
    }

    fn read(&self) -> Result<Vec<u8>, FontFailure> {
        let path = self.path.clone();
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(source) => return Err(FontFailure::Read { path, source }),
        };
        let found = journal::Hash::of(&bytes).to_string();
        if found != self.sha256 {
            return Err(FontFailure::Changed { path, found });
        }
        if ttf_parser::Face::parse(&bytes, 0).is_err() {
            return Err(FontFailure::Unusable { path });
        }
        Ok(bytes)
    }

    /// The bytes of the font; empty when an optional font is absent or not the listed one.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.data.get_or_init(|| {
            if self.is_optional || self.role == Role::Rare {
                self.read().unwrap_or_default()
            } else {
                Vec::new()
            }
        })
    }
}
