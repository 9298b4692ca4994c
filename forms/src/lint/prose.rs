//! Citations in running text: `《行政处罚法》第四十四条` in notices and on papers.

use law::Citation;

use super::citations::judge;
use super::{Lint, LintSeverity};

impl Lint<'_> {
    pub(super) fn prose(&mut self) {
        let files = self.files;
        let texts = files.under("rights/").chain(files.under("forms/"));
        let texts = texts.filter(|file| file.ends_with(".txt"));
        for file in texts {
            let Ok(text) = files.text(file) else { continue };
            for (at, line) in text.lines().enumerate() {
                for citation in cited_in(line) {
                    self.prose_citation(file, at + 1, line, &citation);
                }
            }
        }
    }

    /// A law the library does not have is another matter; here only what it has can be judged.
    fn prose_citation(&mut self, file: &str, line: usize, said: &str, citation: &Citation) {
        if self.pack.laws.versions(&citation.law).is_empty() {
            return;
        }
        if let Some((rule, reason, hint)) = judge(&self.pack.laws, citation, self.on, said) {
            let severity = if rule == "article_unknown" {
                LintSeverity::Warning
            } else {
                LintSeverity::Error
            };
            self.at_line(severity, rule, (file, line), reason, &hint);
        }
    }
}

/// Every article after a title in book marks, up to the next title: `《X》第五十一条、第五十二条第一款`.
fn cited_in(line: &str) -> Vec<Citation> {
    let mut found = Vec::new();
    for part in line.split('《').skip(1) {
        let Some((title, rest)) = part.split_once('》') else {
            continue;
        };
        // What follows a full stop no longer belongs to the title.
        let rest = rest.split('。').next().unwrap_or(rest);
        for piece in rest.split('第').skip(1) {
            let Some((numeral, _)) = piece.split_once('条') else {
                continue;
            };
            if let Some(number) = number(numeral) {
                found.push(Citation {
                    law: title.to_owned(),
                    article: number.to_string(),
                });
            }
        }
    }
    found
}

/// `51`, `五十一`, `一百零二`.
fn number(text: &str) -> Option<u32> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > 8 {
        return None;
    }
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    let mut total = 0;
    let mut digit = None;
    for character in text.chars() {
        match character {
            '零' | '〇' => {}
            '百' | '十' => {
                let unit = if character == '百' { 100 } else { 10 };
                total += digit.take().unwrap_or(1) * unit;
            }
            other => {
                let value = "一二三四五六七八九".chars().position(|c| c == other)?;
                digit = Some(u32::try_from(value).ok()? + 1);
            }
        }
    }
    Some(total + digit.unwrap_or(0)).filter(|number| *number > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numerals_are_read_as_papers_write_them() {
        for (text, expected) in [
            ("五十一", Some(51)),
            ("十", Some(10)),
            ("一百零二", Some(102)),
            ("二十", Some(20)),
            ("51", Some(51)),
            ("某", None),
            ("", None),
        ] {
            assert_eq!(number(text), expected, "{text}");
        }
        let cited = cited_in("依据《甲法》第五十一条、第五十二条第一款和《乙法》第3条。第九条不算");
        let cited: Vec<_> = cited
            .iter()
            .map(|c| format!("{} {}", c.law, c.article))
            .collect();
        assert_eq!(cited, ["甲法 51", "甲法 52", "乙法 3"]);
    }
}
