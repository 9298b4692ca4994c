//! The small pack of `tests/small`, for tests of the engine that must not depend on the pack agencies use.

use std::fs;
use std::path::{Path, PathBuf};

use forms::{Agency, Pack, PackFault};
use serde_json::Value;
use tempfile::TempDir;

/// A copy of the small pack that a test may change.
pub struct Small(pub TempDir);

impl Small {
    pub fn new() -> Self {
        let to = tempfile::tempdir().unwrap();
        copy(
            &PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/small"),
            to.path(),
        );
        Self(to)
    }

    pub fn dir(&self) -> &Path {
        self.0.path()
    }

    /// Replaces text that must be there.
    #[track_caller]
    pub fn change(self, file: &str, from: &str, to: &str) -> Self {
        let path = self.dir().join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file} has no {from:?}");
        fs::write(&path, text.replacen(from, to, 1)).unwrap();
        self
    }

    pub fn append(self, file: &str, text: &str) -> Self {
        let path = self.dir().join(file);
        let before = fs::read_to_string(&path).unwrap_or_default();
        fs::write(&path, format!("{before}\n{text}")).unwrap();
        self
    }

    pub fn pack(&self) -> Pack {
        self.load().unwrap_or_else(|fault| panic!("{fault}"))
    }

    pub fn load(&self) -> Result<Pack, PackFault> {
        Pack::load(self.dir())
    }

    pub fn agency(&self) -> Value {
        let agency = Agency::load(&self.dir().join("agencies/test.toml")).unwrap();
        self.pack().agency_value(&agency)
    }
}

fn copy(from: &Path, to: &Path) {
    for item in fs::read_dir(from).unwrap() {
        let item = item.unwrap();
        let target = to.join(item.file_name());
        if item.file_type().unwrap().is_dir() {
            fs::create_dir(&target).unwrap();
            copy(&item.path(), &target);
        } else {
            fs::copy(item.path(), target).unwrap();
        }
    }
}
