//! 规则包与机关 – what headquarters publishes to its terminals after the founding.

use std::path::Path;

use forms::{Agency, Pack};
use journal::body::HqPackPublished;
use journal::{Hash, Kind};

use crate::failure::Failure;
use crate::founding::{number_patterns, roster};
use crate::headquarters::{Foundation, Headquarters, publish_roster};
use crate::store::{self, objects};

/// A larger file is no pack.
const PACK_BYTES_MAX: u64 = 32 * 1024 * 1024;

impl Headquarters {
    /// The pack in force, read once for each version.
    pub(crate) fn pack(&self, foundation: &Foundation) -> Result<Pack, Failure> {
        let mut known = self.pack_in_force();
        if let Some((sha256, pack)) = known.as_ref()
            && *sha256 == foundation.pack_sha256
        {
            return Ok(pack.clone());
        }
        let sha256: Hash = foundation
            .pack_sha256
            .parse()
            .map_err(|_| Failure::stored("pack hash"))?;
        let place = self.object_path(&sha256);
        let bytes = std::fs::read(&place).map_err(Failure::file(place))?;
        let pack = Pack::open(&bytes, &self.series_key())?;
        *known = Some((foundation.pack_sha256.clone(), pack.clone()));
        Ok(pack)
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

    /// Puts an agency's file in force: its texts and parameters, its officers, its number series.
    pub fn publish_agency(&self, agency: &Agency) -> Result<(), Failure> {
        let pack = self.pack(&self.foundation()?)?;
        let officers = self.with_known_portraits(roster(agency)?)?;
        let numbers = serde_json::to_string(&number_patterns(agency))?;
        self.write(|writing| {
            store::put_foundation(writing.on, "numbers", &numbers)?;
            publish_roster(writing, &pack.agency_value(agency), &officers)
        })
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
    use super::is_newer;

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
