//! 规则包与机关 – what headquarters publishes to its terminals after the founding.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use forms::Pack;
use journal::body::HqPackPublished;
use journal::{Hash, Kind};
use serde_json::Value;

use crate::failure::Failure;
use crate::founding::{AgencyFile, number_patterns};
use crate::headquarters::{Foundation, Headquarters, publish_roster};
use crate::portraits::PORTRAIT;
use crate::store::{self, objects, papers};

/// A larger file is no pack.
const PACK_BYTES_MAX: u64 = 32 * 1024 * 1024;

impl Headquarters {
    /// The pack in force, read once for each version.
    pub(crate) fn pack(&self, foundation: &Foundation) -> Result<InForce, Failure> {
        let mut known = self.pack_in_force();
        if let Some(known) = known.as_ref()
            && known.sha256 == foundation.pack_sha256
        {
            return Ok(known.clone());
        }
        let sha256: Hash = foundation
            .pack_sha256
            .parse()
            .map_err(|_| Failure::stored("pack hash"))?;
        let place = self.object_path(&sha256);
        let bytes = std::fs::read(&place).map_err(Failure::file(place))?;
        let read = InForce {
            sha256: foundation.pack_sha256.clone(),
            pack: Pack::open(&bytes, &self.series_key())?,
            asked: Arc::new(Asked::of_bundle(&bytes)),
        };
        *known = Some(read.clone());
        Ok(read)
    }

    /// The pack of a version that was published here; `None` where there was none.
    pub(crate) fn pack_of_version(&self, version: &str) -> Result<Option<Pack>, Failure> {
        let in_force = self.pack(&self.foundation()?)?;
        if in_force.pack.version() == version {
            return Ok(Some(in_force.pack));
        }
        for sha256 in self.read(|on| Ok(papers::packs(on)?))? {
            if sha256 == in_force.sha256 {
                continue;
            }
            let sha256: Hash = sha256.parse().map_err(|_| Failure::stored("pack hash"))?;
            let place = self.object_path(&sha256);
            let bytes = std::fs::read(&place).map_err(Failure::file(place))?;
            let pack = Pack::open(&bytes, &self.series_key())?;
            if pack.version() == version {
                return Ok(Some(pack));
            }
        }
        Ok(None)
    }

    /// Puts a newer pack in force: from its folder, or from a bundle that this headquarters signed. Terminals take it
    /// with their next *down*. Gives its version and hash.
    pub fn publish_pack(
        &self,
        source: &Path,
        version: Option<&str>,
    ) -> Result<(String, String), Failure> {
        let bundle = match source.is_dir() {
            true => {
                let version = match version {
                    Some(version) => version.to_owned(),
                    None => Pack::load(source)?.version().to_owned(),
                };
                Pack::bundle(source, &version, &self.keys.series)?
            }
            false => {
                let size = std::fs::metadata(source)
                    .map_err(Failure::file(source))?
                    .len();
                if size > PACK_BYTES_MAX {
                    return Err(Failure::PackTooLarge(size));
                }
                std::fs::read(source).map_err(Failure::file(source))?
            }
        };
        let pack = Pack::open(&bundle, &self.series_key())?;
        let offered = pack.version().to_owned();
        let sha256 = self.keep_object(&bundle)?.to_string();
        self.write(|writing| {
            let foundation = Foundation::read(writing.on)?;
            let in_force = foundation.pack_version;
            if foundation.pack_sha256 == sha256 {
                return Ok(());
            }
            if !is_newer(&offered, &in_force) {
                return Err(Failure::OlderPack {
                    offered: offered.clone(),
                    in_force,
                });
            }
            let size_bytes = u64::try_from(bundle.len()).unwrap_or(u64::MAX);
            objects::publish(writing.on, &sha256, "pack", "application/json", size_bytes)?;
            store::put_foundation(writing.on, "pack_version", &offered)?;
            store::put_foundation(writing.on, "pack_sha256", &sha256)?;
            let body = HqPackPublished {
                v: 1,
                version: offered.clone(),
                sha256: sha256.clone(),
                size_bytes,
            };
            writing.record(Kind::HqPackPublished, &body)?;
            Ok(())
        })?;
        Ok((offered, sha256))
    }

    /// Puts an agency's file in force: its texts and parameters, its officers with their portraits, its number series.
    pub fn publish_agency(&self, file: &Path) -> Result<(), Failure> {
        let AgencyFile {
            agency,
            officers,
            portraits,
            seal,
        } = AgencyFile::read(file)?;
        if let Some(seal) = &seal {
            self.install_seal(seal)?;
        }
        let pack = self.pack(&self.foundation()?)?.pack;
        let officers = self.with_known_portraits(officers)?;
        let numbers = serde_json::to_string(&number_patterns(&agency))?;
        let portraits = portraits
            .iter()
            .map(|portrait| Ok((self.keep_object(portrait)?, portrait.len())))
            .collect::<Result<Vec<_>, Failure>>()?;
        self.write(|writing| {
            for (sha256, bytes) in &portraits {
                let size_bytes = u64::try_from(*bytes).unwrap_or(u64::MAX);
                let sha256 = sha256.to_string();
                objects::publish(writing.on, &sha256, PORTRAIT, "image/png", size_bytes)?;
            }
            store::put_foundation(writing.on, "numbers", &numbers)?;
            publish_roster(writing, &pack.agency_value(&agency), &officers)
        })
    }
}

/// A pack that was opened, and what its gates ask of headquarters.
#[derive(Clone)]
pub(crate) struct InForce {
    sha256: String,
    pub pack: Pack,
    pub asked: Arc<Asked>,
}

/// What the gates of a pack need headquarters' people for.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Asked {
    /// Stages of approval by code of the form.
    pub stages: BTreeMap<String, BTreeSet<String>>,
    /// Forms that are submissions to legal review.
    pub submissions: BTreeSet<String>,
}

impl Asked {
    /// From the bundle's own text; the signature was checked before.
    fn of_bundle(bytes: &[u8]) -> Self {
        let line = bytes
            .split(|byte| *byte == b'\n')
            .next()
            .unwrap_or_default();
        let content: Value = serde_json::from_slice(line).unwrap_or_default();
        let text = content
            .get("files")
            .and_then(|files| files.get("procedures.toml"))
            .and_then(Value::as_str)
            .unwrap_or_default();
        Self::of_procedures(text)
    }

    fn of_procedures(text: &str) -> Self {
        let procedures: Value = toml::from_str(text).unwrap_or_default();
        let gates = procedures.get("gate").and_then(Value::as_array);
        let mut asked = Self::default();
        for gate in gates.map(Vec::as_slice).unwrap_or_default() {
            if let Some(needs) = gate.get("needs") {
                asked.gather(needs);
            }
        }
        asked
    }

    /// Needs may stand inside others, as alternatives or together.
    fn gather(&mut self, need: &Value) {
        let forms = need.get("forms").and_then(Value::as_array);
        let forms: Vec<&str> = forms
            .map(Vec::as_slice)
            .unwrap_or_default()
            .iter()
            .filter_map(Value::as_str)
            .collect();
        match need.get("kind").and_then(Value::as_str) {
            Some("approved") => {
                let stage = need.get("stage").and_then(Value::as_str).unwrap_or("head");
                for form in forms {
                    let stages = self.stages.entry(form.to_owned()).or_default();
                    stages.insert(stage.to_owned());
                }
            }
            Some("review_passed") => self
                .submissions
                .extend(forms.into_iter().map(str::to_owned)),
            _ => {
                let parts = need.get("needs").and_then(Value::as_array);
                for part in parts.map(Vec::as_slice).unwrap_or_default() {
                    self.gather(part);
                }
            }
        }
    }
}

/// Versions are compared part by part, numbers as numbers: `2026.10` comes after `2026.9`.
fn is_newer(offered: &str, in_force: &str) -> bool {
    parts(offered) > parts(in_force)
}

fn parts(version: &str) -> Vec<(u64, String)> {
    version
        .split(['.', '-', '+', '_'])
        .map(|part| match part.parse() {
            Ok(number) => (number, String::new()),
            Err(_) => (0, part.to_owned()),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Asked, is_newer};

    #[test]
    fn what_gates_need_of_headquarters_is_found_inside_others_too() {
        let asked = Asked::of_procedures(
            r#"
            [[gate]]
            needs = { kind = "any_of", needs = [{ kind = "approved", forms = ["A"], stage = "head" }, { kind = "never" }] }
            [[gate]]
            needs = { kind = "approved", forms = ["A", "B"], stage = "unit_head" }
            [[gate]]
            needs = { kind = "review_passed", forms = ["C"] }
            "#,
        );
        let stages = |form: &str| {
            asked.stages[form]
                .iter()
                .map(String::as_str)
                .collect::<Vec<_>>()
        };
        assert_eq!(stages("A"), ["head", "unit_head"]);
        assert_eq!(stages("B"), ["unit_head"]);
        assert!(asked.submissions.contains("C"));
        assert_eq!(Asked::of_procedures("not = [toml"), Asked::default());
    }

    #[test]
    fn versions_grow_part_by_part() {
        for (offered, in_force, is_so) in [
            ("2026.2", "2026.1", true),
            ("2026.10", "2026.9", true),
            ("2026.1.1", "2026.1", true),
            ("2026.1", "2026.1", false),
            ("2025.12", "2026.1", false),
            ("2026.1", "2026.1.1", false),
        ] {
            assert_eq!(
                is_newer(offered, in_force),
                is_so,
                "{offered} after {in_force}"
            );
        }
    }
}
