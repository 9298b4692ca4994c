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
    /// 标题 – a licensed 小标宋, say; thickened body where there is none.
    Title,
    /// 楷 – the body where there is none.
    Kai,
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

/// What one font has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    pub role: &'static str,
    pub name: String,
    /// Name of the range, characters the font has, code points of the range; empty where the font is absent.
    pub ranges: Vec<(&'static str, usize, usize)>,
}

/// Ranges of Chinese characters and of what stands between them.
const RANGES: [(&str, u32, u32); 8] = [
    ("ASCII", 0x21, 0x7E),
    ("标点 3000–303F", 0x3000, 0x303F),
    ("全角 FF01–FF5E", 0xFF01, 0xFF5E),
    ("基本 4E00–9FFF", 0x4E00, 0x9FFF),
    ("扩A 3400–4DBF", 0x3400, 0x4DBF),
    ("扩B 20000–2A6DF", 0x20000, 0x2A6DF),
    ("扩C–F 2A700–2EBE0", 0x2A700, 0x2EBE0),
    ("扩G 30000–3134A", 0x30000, 0x3134A),
];

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
            if !file.is_read_late() {
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
            .map(|file| (file.role.word(), file.name.clone(), file.path.exists()))
            .collect()
    }

    /// 字库覆盖 – how many characters of each range a font has by itself, before an agency relies on it for its role.
    pub fn coverage(&self) -> Vec<Coverage> {
        let count = |face: &ttf_parser::Face<'_>, from: u32, to: u32| {
            let chars = (from..=to).filter_map(char::from_u32);
            chars
                .filter(|ch| face.glyph_index(*ch).is_some_and(|gid| gid.0 != 0))
                .count()
        };
        let of = |file: &FontFile| Coverage {
            role: file.role.word(),
            name: file.name.clone(),
            ranges: ttf_parser::Face::parse(file.bytes(), 0).map_or_else(
                |_| Vec::new(),
                |face| {
                    let ranges = RANGES.iter();
                    ranges
                        .map(|(name, from, to)| {
                            (*name, count(&face, *from, *to), (to - from + 1) as usize)
                        })
                        .collect()
                },
            ),
        };
        self.files.iter().map(of).collect()
    }

    /// Whether a font of this role can be used.
    pub(crate) fn has(&self, role: Role) -> bool {
        let mut files = self.files.iter().filter(|file| file.role == role);
        files.any(|file| !file.bytes().is_empty())
    }

    pub(crate) fn files(&self) -> &[FontFile] {
        &self.files
    }
}

impl Role {
    fn word(self) -> &'static str {
        match self {
            Role::Body => "body",
            Role::Label => "label",
            Role::Title => "title",
            Role::Kai => "kai",
            Role::Rare => "rare",
        }
    }
}

impl FontFile {
    /// Read when the first character needs it.
    fn is_read_late(&self) -> bool {
        self.is_optional || self.role == Role::Rare
    }

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
            if self.is_read_late() {
                self.read().unwrap_or_default()
            } else {
                Vec::new()
            }
        })
    }
}
