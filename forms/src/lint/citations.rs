//! Citations that are law on the day the pack is used.

use law::Citation;

use super::{Lint, LintSeverity};
use crate::library::parse_citation;
use crate::references::Cited;
use crate::statutes::Statutes;
use crate::tables;
use chrono::NaiveDate;

/// What is wrong with a citation: rule, reason, hint.
pub(super) type Fault = (&'static str, String, String);

impl Lint<'_> {
    pub(super) fn citations(&mut self) {
        let pack = self.pack;
        for cited in pack.cited() {
            self.citation(&cited);
        }
        for (name, list) in &pack.lists {
            for text in tables::list_citations(list) {
                if let Some(citation) = parse_citation(text) {
                    self.citation(&Cited {
                        file: format!("lists/{name}.toml"),
                        citation: &citation,
                        valid_from: None,
                        valid_to: None,
                        said: "",
                    });
                }
            }
        }
    }

    fn citation(&mut self, cited: &Cited) {
        // What is law no longer is judged by its own last day, what is not law yet by its first.
        let on = match (cited.valid_from, cited.valid_to) {
            (_, Some(last)) if last < self.on => last,
            (Some(first), _) if first > self.on => first,
            (_, _) => self.on,
        };
        let citation = cited.citation;
        let text = format!("{} {}", citation.law, citation.article);
        if let Some((rule, reason, hint)) = judge(&self.pack.laws, citation, on, cited.said) {
            let place = (cited.file.as_str(), text.as_str());
            self.find(LintSeverity::Error, rule, place, reason, &hint);
        }
    }
}

pub(super) fn judge(
    laws: &Statutes,
    citation: &Citation,
    on: NaiveDate,
    said: &str,
) -> Option<Fault> {
    let (name, article) = (&citation.law, &citation.article);
    let versions = laws.versions(name);
    let Some(newest) = versions.last() else {
        return Some((
            "law_unknown",
            format!("法条库里没有《{name}》。"),
            "核对法规简称；确有此法的，补进 articles.toml。".to_owned(),
        ));
    };
    let Some(law) = laws.in_force(name, on) else {
        let first = versions
            .first()
            .map_or(newest.valid_from, |law| law.valid_from);
        if on < first {
            return Some((
                "not_yet_valid",
                format!("《{name}》自 {first} 起施行，{on} 还没有生效。"),
                "到施行之日再启用，或者改引现行规定。".to_owned(),
            ));
        }
        return Some((
            "dead_citation",
            format!("《{name}》在 {on} 已经不是有效的法律。"),
            "改引现行有效的规定。".to_owned(),
        ));
    };
    let whole = article.split('(').next().unwrap_or(article);
    if law.gist(article).is_none() {
        if let Some(now) = versions.iter().find_map(|version| version.moved.get(whole)) {
            return Some((
                "dead_citation",
                format!("《{name}》第{article}条是旧法条号。"),
                format!("现行法是第 {now} 条，核对内容后改引。"),
            ));
        }
        if versions
            .iter()
            .any(|version| version.gist(article).is_some())
        {
            return Some((
                "dead_citation",
                format!("{on} 有效的《{name}》里没有第{article}条。"),
                "改引现行文本中的条款。".to_owned(),
            ));
        }
        return Some((
            "article_unknown",
            format!("法条库里没有《{name}》第{article}条。"),
            "核对条号；确有此条的，补进 articles.toml。".to_owned(),
        ));
    }
    let repealed = law.repealed.iter().find(|clause| {
        let is_meant = clause.words.iter().any(|word| said.contains(word.as_str()));
        clause.article == whole && on >= clause.repealed_on && is_meant
    });
    repealed.map(|clause| {
        (
            "repealed_clause",
            format!(
                "《{name}》第{article}条的这一规定已于 {} 删除。",
                clause.repealed_on
            ),
            clause.hint.clone(),
        )
    })
}
