//! 法条库 – every law with its versions. A case is judged under the version in force on the day of the act.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use law::Citation;

use crate::library::LawText;

/// Versions of a law under its short title, oldest first; their validity never overlaps.
#[derive(Debug, Clone, Default)]
pub(crate) struct Statutes(BTreeMap<String, Vec<LawText>>);

impl Statutes {
    /// The short title whose versions overlap, where there is one.
    pub(crate) fn new(laws: Vec<LawText>) -> Result<Self, String> {
        let mut known: BTreeMap<String, Vec<LawText>> = BTreeMap::new();
        for law in laws {
            known.entry(law.short.clone()).or_default().push(law);
        }
        for (short, versions) in &mut known {
            versions.sort_by_key(|law| law.valid_from);
            let next = versions.iter().skip(1);
            let overlap = versions
                .iter()
                .zip(next)
                .any(|(one, next)| one.valid_to.is_none_or(|last| last >= next.valid_from));
            let is_upside_down = |law: &LawText| law.valid_to.is_some_and(|to| to < law.valid_from);
            if overlap || versions.iter().any(is_upside_down) {
                return Err(short.clone());
            }
        }
        Ok(Self(known))
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &LawText> {
        self.0.values().flatten()
    }

    /// By short or full title, newest last.
    pub(crate) fn versions(&self, name: &str) -> &[LawText] {
        if let Some(versions) = self.0.get(name) {
            return versions;
        }
        let by_title = |versions: &&Vec<LawText>| versions.iter().any(|law| law.title == name);
        self.0.values().find(by_title).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn newest(&self, name: &str) -> Option<&LawText> {
        self.versions(name).last()
    }

    pub(crate) fn in_force(&self, name: &str, on: NaiveDate) -> Option<&LawText> {
        self.versions(name).iter().find(|law| law.is_in_force(on))
    }

    /// Whether any version has the article.
    pub(crate) fn knows(&self, citation: &Citation) -> bool {
        let versions = self.versions(&citation.law).iter();
        versions
            .clone()
            .any(|law| law.gist(&citation.article).is_some())
    }
}
