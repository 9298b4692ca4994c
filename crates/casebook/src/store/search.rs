//! 检索 – the articles and violations of the active pack, and whom this terminal met before.

use rusqlite::{Connection, params};
use serde_json::Value;

use crate::failure::Failure;
use crate::phrase::{self, Query};
use crate::store;

/// Grows when lines are cut into words in another way.
const INDEX_VERSION: u32 = 1;
/// Cases that one look for a party goes through.
const CASES_MAX: u32 = 5_000;

/// One article or violation of the pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// `article` or `violation`.
    pub kind: &'static str,
    /// Short title of the law, or code of the violation.
    pub name: String,
    pub article: String,
    pub title: String,
    pub gist: String,
    pub valid_from: Option<String>,
    pub valid_to: Option<String>,
    /// More words it is found by; not kept.
    pub keywords: String,
}

/// Whether the index was made of this pack.
pub fn is_current(db: &Connection, pack_sha256: &str) -> Result<bool, Failure> {
    Ok(store::meta(db, "search_index")?.as_deref() == Some(&mark(pack_sha256)))
}

fn mark(pack_sha256: &str) -> String {
    format!("{INDEX_VERSION}:{pack_sha256}")
}

/// Makes the index anew, whole or not at all.
pub fn rebuild(
    db: &mut Connection,
    pack_sha256: &str,
    lines: impl Iterator<Item = Line>,
) -> Result<(), Failure> {
    let transaction = db.transaction()?;
    transaction.execute("DELETE FROM law_line", [])?;
    transaction.execute("INSERT INTO law_word (law_word) VALUES ('delete-all')", [])?;
    {
        let mut line_of = transaction.prepare_cached(
            "INSERT INTO law_line (id, kind, name, article, title, gist, valid_from, valid_to)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?;
        let mut words_of = transaction
            .prepare_cached("INSERT INTO law_word (rowid, words, initials) VALUES (?1, ?2, ?3)")?;
        for (id, line) in (1i64..).zip(lines) {
            line_of.execute(params![
                id,
                line.kind,
                line.name,
                line.article,
                line.title,
                line.gist,
                line.valid_from,
                line.valid_to
            ])?;
            let words = [
                &line.name,
                &line.article,
                &line.title,
                &line.gist,
                &line.keywords,
            ];
            let words = words.map(|text| phrase::words(text)).join(" ");
            let initials = match line.kind {
                "violation" => [&line.title, &line.keywords],
                _ => [&line.name, &line.gist],
            };
            let initials = initials.map(|text| phrase::initials(text)).join(" 0 ");
            words_of.execute(params![id, words, initials])?;
        }
    }
    store::set_meta(&transaction, "search_index", &mark(pack_sha256))?;
    transaction.commit()?;
    Ok(())
}

/// A line that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    pub name: String,
    pub article: String,
    pub title: String,
    pub gist: String,
    pub valid_from: Option<String>,
    pub valid_to: Option<String>,
}

/// Lines that hold all that was typed come first, those in force on `today` before others; then lines that hold some.
pub fn lines(
    db: &Connection,
    kind: &str,
    query: &Query,
    today: &str,
    limit: u32,
) -> Result<Vec<Hit>, Failure> {
    if query.is_empty() {
        return Ok(Vec::new());
    }
    let mut hits = matching(db, kind, &query.exact(), today, limit)?;
    if hits.is_empty()
        && let Some(near) = query.near()
    {
        hits = matching(db, kind, &near, today, limit)?;
    }
    Ok(hits)
}

fn matching(
    db: &Connection,
    kind: &str,
    expression: &str,
    today: &str,
    limit: u32,
) -> Result<Vec<Hit>, Failure> {
    // The text counts more than first letters, which agree by chance.
    let mut statement = db.prepare_cached(
        "SELECT l.name, l.article, l.title, l.gist, l.valid_from, l.valid_to
         FROM law_word JOIN law_line l ON l.id = law_word.rowid
         WHERE law_word MATCH ?1 AND l.kind = ?2
         ORDER BY coalesce(l.valid_from, '') <= ?3 AND coalesce(l.valid_to, '9999') >= ?3 DESC,
                  bm25(law_word, 2.0, 1.0), l.id
         LIMIT ?4",
    )?;
    let hits = statement
        .query_map(params![expression, kind, today, limit], |row| {
            Ok(Hit {
                name: row.get(0)?,
                article: row.get(1)?,
                title: row.get(2)?,
                gist: row.get(3)?,
                valid_from: row.get(4)?,
                valid_to: row.get(5)?,
            })
        })?
        .collect::<Result<_, _>>()?;
    Ok(hits)
}

/// Somebody this terminal met in an earlier case.
#[derive(Debug, Clone, PartialEq)]
pub struct Met {
    pub party_name: String,
    pub plate: String,
    pub party: Value,
    pub vehicle: Option<Value>,
    pub met_at: String,
    pub cases: u32,
}

/// Newest first, each party with each vehicle once. Found by part of name, plate or number, or by first letters.
pub fn parties(db: &Connection, text: &str, limit: usize) -> Result<Vec<Met>, Failure> {
    let wanted = phrase::folded(text.trim());
    let is_letters = !wanted.is_empty() && wanted.chars().all(|c| c.is_ascii_lowercase());
    let mut statement = db.prepare_cached(
        "SELECT party_name, plate, party, vehicle, opened_at FROM inspection
         ORDER BY opened_at DESC, case_id DESC LIMIT ?1",
    )?;
    let mut rows = statement.query([CASES_MAX])?;
    let mut met: Vec<(String, Met)> = Vec::new();
    while let Some(row) = rows.next()? {
        let (party_name, plate): (String, String) = (row.get(0)?, row.get(1)?);
        let party: Value = serde_json::from_str(&row.get::<_, String>(2)?)?;
        let part = |key: &str| party.get(key).and_then(Value::as_str).unwrap_or_default();
        let haystack = phrase::folded(&format!(
            "{party_name}\n{plate}\n{}\n{}\n{}",
            part("id_no"),
            part("uscc"),
            part("phone")
        ));
        let by_letters = || is_letters && phrase::initials_in_a_row(&party_name).contains(&wanted);
        if party_name.is_empty() && plate.is_empty()
            || !(haystack.contains(&wanted) || by_letters())
        {
            continue;
        }
        let number = [part("id_no"), part("uscc"), &party_name]
            .into_iter()
            .find(|text| !text.is_empty());
        let key = format!("{}\n{plate}", number.unwrap_or_default());
        if let Some((_, known)) = met.iter_mut().find(|(known, _)| *known == key) {
            known.cases += 1;
            continue;
        }
        if met.len() == limit {
            continue;
        }
        let vehicle: Option<String> = row.get(3)?;
        met.push((
            key,
            Met {
                vehicle: vehicle
                    .map(|text| serde_json::from_str(&text))
                    .transpose()?,
                met_at: row.get(4)?,
                cases: 1,
                party_name,
                plate,
                party,
            },
        ));
    }
    Ok(met.into_iter().map(|(_, met)| met).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::open_scratch;

    fn article(name: &str, article: &str, gist: &str, valid_to: Option<&str>) -> Line {
        Line {
            kind: "article",
            name: name.to_owned(),
            article: article.to_owned(),
            title: format!("中华人民共和国{name}"),
            gist: gist.to_owned(),
            valid_from: Some("2021-07-15".to_owned()),
            valid_to: valid_to.map(str::to_owned),
            keywords: String::new(),
        }
    }

    fn index() -> Connection {
        let mut db = open_scratch().unwrap();
        let lines = [
            article("行政处罚法", "51", "当场作出行政处罚的条件", None),
            article("行政处罚法", "33", "不予行政处罚的情形", None),
            article("行政处罚法", "511", "不存在的条", None),
            article("公路安全保护条例", "64", "违法超限运输的处罚", None),
            article(
                "公路安全保护条例",
                "65",
                "违法超限运输的处罚",
                Some("2020-01-01"),
            ),
            article(
                "道路运输条例",
                "58",
                "不得在道路路口随意拦截正常行驶的车辆",
                None,
            ),
        ];
        rebuild(&mut db, "one", lines.into_iter()).unwrap();
        db
    }

    #[track_caller]
    fn check(typed: &str, expected: &[&str]) {
        let hits = lines(&index(), "article", &Query::parse(typed), "2026-09-22", 10).unwrap();
        let found: Vec<String> = hits.iter().map(|hit| hit.article.clone()).collect();
        assert_eq!(found, expected, "{typed}");
    }

    #[test]
    fn articles_are_found_as_officers_type() {
        check("超限", &["64", "65"]);
        check("超限运输的处罚", &["64", "65"]);
        check("wfcx", &["64", "65"]);
        check("处罚法第51条", &["51"]);
        check("处罚法 33", &["33"]);
        check("拦", &["58"]);
        check("dlyskl", &[]);
        check("sylj", &["58"]);
        check("不予处罚", &["33", "51", "511", "64", "65"]);
        check("", &[]);
        check("\"'; DROP TABLE law_line; --", &[]);
    }

    #[test]
    fn another_pack_takes_the_place_of_the_former() {
        let mut db = index();
        assert!(is_current(&db, "one").unwrap());
        assert!(!is_current(&db, "two").unwrap());
        let fresh = article("新法", "1", "全新的内容", None);
        rebuild(&mut db, "two", std::iter::once(fresh)).unwrap();
        assert!(is_current(&db, "two").unwrap());
        let found = |typed: &str| {
            let query = Query::parse(typed);
            lines(&db, "article", &query, "2026-09-22", 10)
                .unwrap()
                .len()
        };
        assert_eq!((found("超限"), found("全新")), (0, 1));
    }
}
