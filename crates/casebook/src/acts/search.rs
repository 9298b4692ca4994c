//! 检索 – articles, the powers list and earlier parties, found as an officer types.

use std::collections::BTreeSet;

use forms::Violation;
use law::Citation;

use crate::contract::{
    CitedArticle, LawHit, LawHits, RecentParties, RecentParty, SearchLaw, SearchParties,
    SearchViolations, SnippetPart, ViolationRow, ViolationRows,
};
use crate::desk::Desk;
use crate::failure::{Failure, No};
use crate::phrase::{QUERY_CHARS_MAX, Query};
use crate::store::search::{self, Line};
use crate::terminal::Terminal;

/// Makes the index of the active pack where there is none yet.
pub fn keep_index(desk: &mut Desk) -> Result<(), Failure> {
    let sha256 = desk.pack.sha256();
    if search::is_current(&desk.db, &sha256)? {
        return Ok(());
    }
    let pack = desk.pack.clone();
    let date = |date: chrono::NaiveDate| crate::text::date(date);
    let articles = pack.laws().flat_map(|law| {
        law.articles.iter().map(move |(article, gist)| Line {
            kind: "article",
            name: law.short.clone(),
            article: article.clone(),
            title: law.title.clone(),
            gist: gist.clone(),
            valid_from: Some(date(law.valid_from)),
            valid_to: law.valid_to.map(date),
            keywords: String::new(),
        })
    });
    let violations = pack.violations().map(|violation| Line {
        kind: "violation",
        name: violation.code.clone(),
        article: String::new(),
        title: violation.title.clone(),
        gist: violation.facts_draft.clone(),
        valid_from: violation.valid_from.map(date),
        valid_to: violation.valid_to.map(date),
        keywords: violation.keywords.join("、"),
    });
    search::rebuild(&mut desk.db, &sha256, articles.chain(violations))
}

/// Articles of every law and version; the ones in force today come first.
pub fn law(terminal: &Terminal, desk: &mut Desk, request: &SearchLaw) -> Result<LawHits, No> {
    desk.session()?;
    keep_index(desk)?;
    let query = Query::parse(&request.text);
    let today = crate::text::date(terminal.host.now().date_naive());
    let limit = request.limit.clamp(1, 100);
    let hits = search::lines(&desk.db, "article", &query, &today, limit)?;
    let hits = hits.into_iter().map(|hit| LawHit {
        is_in_force: hit.valid_from.as_ref().is_none_or(|first| *first <= today)
            && hit.valid_to.as_ref().is_none_or(|last| today <= *last),
        snippet: query
            .marked(&hit.gist)
            .into_iter()
            .map(|(text, is_match)| SnippetPart { text, is_match })
            .collect(),
        law: hit.name,
        article: hit.article,
        title: hit.title,
        gist: hit.gist,
        valid_from: hit.valid_from.unwrap_or_default(),
        valid_to: hit.valid_to,
    });
    Ok(LawHits {
        hits: hits.collect(),
    })
}

/// The powers list: by code, given initials, words and parts, then whatever the index finds beside them.
pub fn violations(
    terminal: &Terminal,
    desk: &mut Desk,
    request: &SearchViolations,
) -> Result<ViolationRows, No> {
    let limit = usize::try_from(request.limit.clamp(1, 100)).unwrap_or(100);
    keep_index(desk)?;
    let today = crate::text::date(terminal.host.now().date_naive());
    let query = Query::parse(&request.text);
    // An empty box lists the powers; a text in which nothing can be looked for, or too long a one, finds nothing.
    let is_asked = !request.text.trim().is_empty();
    if is_asked && (query.is_empty() || request.text.chars().nth(QUERY_CHARS_MAX).is_some()) {
        return Ok(ViolationRows {
            violations: Vec::new(),
        });
    }
    let indexed = search::lines(&desk.db, "violation", &query, &today, 100)?;
    let mut known = BTreeSet::new();
    let listed = desk.pack.search_violations(&request.text, limit);
    let beside = indexed
        .iter()
        .filter_map(|hit| desk.pack.violation(&hit.name))
        .filter(|violation| violation.valid_to.is_none());
    let violations = listed
        .into_iter()
        .chain(beside)
        .filter(|violation| known.insert(violation.code.as_str()))
        .take(limit)
        .map(|violation| row(desk, violation))
        .collect();
    Ok(ViolationRows { violations })
}

fn row(desk: &Desk, violation: &Violation) -> ViolationRow {
    let cited = |citation: &Citation| -> CitedArticle {
        let plain = || CitedArticle {
            law: citation.law.clone(),
            article: citation.article.clone(),
            paragraph: String::new(),
            text: String::new(),
        };
        serde_json::from_value(desk.pack.cite(citation)).unwrap_or_else(|_| plain())
    };
    ViolationRow {
        code: violation.code.clone(),
        title: violation.title.clone(),
        facts_draft: violation.facts_draft.clone(),
        violated: violation.violated.iter().map(cited).collect(),
        basis: violation.basis.iter().map(cited).collect(),
        range_text: violation.range_text(),
    }
}

/// Parties and vehicles of earlier cases on this terminal, newest first.
pub fn parties(desk: &Desk, request: &SearchParties) -> Result<RecentParties, No> {
    desk.session()?;
    let limit = usize::try_from(request.limit.clamp(1, 50)).unwrap_or(50);
    let parties = search::parties(&desk.db, &request.text, limit)?
        .into_iter()
        .map(|met| RecentParty {
            party_name: met.party_name,
            plate: Some(met.plate).filter(|plate| !plate.is_empty()),
            party: met.party,
            vehicle: met.vehicle,
            met_at: met.met_at,
            cases: met.cases,
        })
        .collect();
    Ok(RecentParties { parties })
}
