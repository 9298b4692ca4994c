//! The law of a pack: articles, violations, limits, notices, refusals, guidance.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use law::{Citation, PartyKind, SummaryLimits};
use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::Value;
use ts_rs::TS;
use unicode_normalization::UnicodeNormalization as _;

use crate::discretion::{Formula, Tier};
use crate::procedure::source::Need;
use crate::value;

/// `行政处罚法 51` or `超限运输车辆行驶公路管理规定 43(1)`: the short title, a space, the article.
pub(crate) fn citation<'de, D: Deserializer<'de>>(from: D) -> Result<Citation, D::Error> {
    let text = String::deserialize(from)?;
    parse_citation(&text)
        .ok_or_else(|| de::Error::custom(format!("{text:?} is no citation; write 法规简称 条")))
}

pub(crate) fn citations<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Citation>, D::Error> {
    #[derive(Deserialize)]
    struct One(#[serde(deserialize_with = "citation")] Citation);
    Ok(Vec::<One>::deserialize(from)?
        .into_iter()
        .map(|One(citation)| citation)
        .collect())
}

pub(crate) fn parse_citation(text: &str) -> Option<Citation> {
    let (law, article) = text.trim().rsplit_once(' ')?;
    let is_article = article.starts_with(|c: char| c.is_ascii_digit());
    (is_article && !law.trim().is_empty()).then(|| Citation {
        law: law.trim().to_owned(),
        article: article.to_owned(),
    })
}

/// 法规 – one law of the library with its validity.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LawText {
    pub short: String,
    pub title: String,
    pub valid_from: NaiveDate,
    /// Last day in force.
    pub valid_to: Option<NaiveDate>,
    /// Article → what it is about, in own words.
    pub articles: BTreeMap<String, String>,
    #[serde(default)]
    pub repealed: Vec<RepealedClause>,
    /// Old article → the article that says it now.
    #[serde(default)]
    pub moved: BTreeMap<String, String>,
}

/// 已删除的条款 – a clause that older papers still cite.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct RepealedClause {
    pub article: String,
    /// The clause is meant when the cited text holds one of these words.
    pub words: Vec<String>,
    pub repealed_on: NaiveDate,
    pub hint: String,
}

impl LawText {
    pub fn is_in_force(&self, on: NaiveDate) -> bool {
        self.valid_from <= on && self.valid_to.is_none_or(|last| on <= last)
    }

    /// The article itself or the article a paragraph belongs to.
    pub fn gist(&self, article: &str) -> Option<&str> {
        let whole = article.split('(').next().unwrap_or(article);
        self.articles
            .get(article)
            .or_else(|| self.articles.get(whole))
            .map(String::as_str)
    }
}

/// 罚款幅度 in 分, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export_to = "forms.ts")]
pub struct Band {
    #[ts(type = "number")]
    pub min_fen: i64,
    #[ts(type = "number")]
    pub max_fen: i64,
}

/// 违法行为 – one entry of the powers list.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Violation {
    pub code: String,
    pub title: String,
    /// First letters a person would type, e.g. `cx` for 超限.
    #[serde(default)]
    pub initials: String,
    #[serde(default)]
    pub keywords: Vec<String>,
    /// Draft of the facts with `＿＿` where something is to be filled in.
    pub facts_draft: String,
    #[serde(default, deserialize_with = "citations")]
    pub violated: Vec<Citation>,
    #[serde(deserialize_with = "citations")]
    pub basis: Vec<Citation>,
    /// Fine for a citizen or a sole trader; absent where a fine is not provided.
    pub person: Option<Band>,
    pub organisation: Option<Band>,
    #[serde(default)]
    pub warning_allowed: bool,
    /// Bands that depend on circumstances, in order.
    #[serde(default)]
    pub tier: Vec<Tier>,
    pub formula: Option<Formula>,
    /// How the amount is found, for the officer.
    pub note: Option<String>,
    pub valid_from: Option<NaiveDate>,
    /// Last day on which the act was punishable.
    pub valid_to: Option<NaiveDate>,
    /// Coercive measures the basis allows, e.g. `detain_vehicle`.
    #[serde(default)]
    pub measures: Vec<String>,
    /// Penalties beside the fine, e.g. `revoke_permit`.
    #[serde(default)]
    pub also_allowed: Vec<String>,
    pub serious_text: Option<String>,
    /// `ordinary` where the simple procedure is never open.
    pub procedure: Option<String>,
    /// 重大执法决定.
    #[serde(default)]
    pub major: bool,
    /// Code of the entry that says the same since this one went out of force.
    pub replaced_by: Option<String>,
    /// A duty without a penalty.
    #[serde(default)]
    pub duty_only: bool,
}

impl Violation {
    pub fn band(&self, party: PartyKind) -> Option<Band> {
        match party {
            PartyKind::Person | PartyKind::SoleTrader => self.person,
            PartyKind::Organisation => self.organisation,
        }
    }

    pub fn is_in_force(&self, on: NaiveDate) -> bool {
        self.valid_from.is_none_or(|first| first <= on)
            && self.valid_to.is_none_or(|last| on <= last)
    }

    /// For the officer: `警告；罚款200元至1000元`.
    pub fn range_text(&self) -> String {
        let mut parts = Vec::new();
        if self.warning_allowed {
            parts.push("警告".to_owned());
        }
        match (self.person, self.organisation) {
            (Some(person), Some(organisation)) if person == organisation => {
                parts.push(format!("罚款{}", band_text(person)));
            }
            (person, organisation) => {
                parts.extend(person.map(|band| format!("个人罚款{}", band_text(band))));
                parts.extend(organisation.map(|band| format!("单位罚款{}", band_text(band))));
            }
        }
        parts.join("；")
    }

    fn rank(&self, query: &str) -> Option<u8> {
        let code = folded(&self.code);
        let title = folded(&self.title);
        if query.is_empty() || code == query {
            return Some(0);
        }
        if code.starts_with(query)
            || (!self.initials.is_empty() && self.initials.starts_with(query))
        {
            return Some(1);
        }
        if title.contains(query) {
            return Some(2);
        }
        let all = folded(&format!(
            "{} {} {}",
            self.title,
            self.keywords.join(" "),
            self.facts_draft
        ));
        if query.split_whitespace().all(|word| all.contains(word)) {
            return Some(3);
        }
        let mut characters = title.chars();
        query
            .chars()
            .filter(|c| !c.is_whitespace())
            .all(|wanted| characters.any(|c| c == wanted))
            .then_some(4)
    }
}

pub(crate) fn band_text(band: Band) -> String {
    let most = law::payment::yuan(band.max_fen);
    if band.min_fen == 0 {
        format!("{most}以下")
    } else if band.min_fen == band.max_fen {
        most
    } else {
        format!("{}至{most}", law::payment::yuan(band.min_fen))
    }
}

/// Best match first. Entries that are no longer law are not offered.
pub(crate) fn search<'a>(
    violations: &'a [Violation],
    text: &str,
    limit: usize,
) -> Vec<&'a Violation> {
    const QUERY_CHARS_MAX: usize = 100;
    let query: String = text.chars().take(QUERY_CHARS_MAX).collect();
    let query = folded(query.trim());
    let mut found: Vec<_> = violations
        .iter()
        .filter(|violation| violation.valid_to.is_none())
        .filter_map(|violation| Some((violation.rank(&query)?, violation)))
        .collect();
    found.sort_by_key(|(rank, _)| *rank);
    found
        .into_iter()
        .take(limit)
        .map(|(_, violation)| violation)
        .collect()
}

/// Full-width forms become the plain ones and capitals small, for comparing only.
fn folded(text: &str) -> String {
    text.nfkc().collect::<String>().to_lowercase()
}

/// 限额 – the amounts and days of the law that checks use, each with its basis.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Limits {
    pub summary_person_fen: i64,
    pub summary_organisation_fen: i64,
    pub summary_sole_trader_fen: i64,
    pub summary_basis: Vec<Citation>,
    pub on_the_spot_fen: i64,
    pub on_the_spot_basis: Vec<Citation>,
    pub payment_days: u32,
    pub payment_basis: Vec<Citation>,
    pub ordinary_decision_days: u32,
    pub ordinary_basis: Vec<Citation>,
    pub surcharge_permille_per_day: u32,
    pub surcharge_basis: Vec<Citation>,
    /// Below this age there is no penalty.
    pub penalty_age: u32,
    /// Below this age a penalty is lighter and a guardian takes part.
    pub full_age: u32,
    pub age_basis: Vec<Citation>,
}

impl Limits {
    pub fn summary(&self) -> SummaryLimits {
        SummaryLimits {
            person_fen: self.summary_person_fen,
            organisation_fen: self.summary_organisation_fen,
            sole_trader_fen: self.summary_sole_trader_fen,
        }
    }
}

/// 权利告知 – a notice with the agency's names filled in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RightsText {
    pub title: String,
    pub text: String,
    pub basis: Vec<Citation>,
}

/// 办案步骤 – one step of a procedure, in order.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    pub key: String,
    /// `present`, `record`, `tell_notice`, `start_form`, `sign`, `issue`, `print`, `deliver`, `approve`, `review`,
    /// `deliberate`, `pay`, `close`, `disclose`, `flag`, `check_code`.
    pub action: String,
    pub text: String,
    pub form: Option<String>,
    pub notice: Option<String>,
    #[serde(default, deserialize_with = "citations")]
    pub basis: Vec<Citation>,
    pub is_required: bool,
    /// Keys of steps that come first.
    #[serde(default)]
    pub after: Vec<String>,
    /// Codes of the procedures it belongs to.
    #[serde(default = "simple")]
    pub procedures: Vec<String>,
    /// A truth of `procedures.toml` while which the step is asked for.
    #[serde(default)]
    pub only_if: Option<String>,
    /// What must be there for the step to be done, where the action alone does not say it.
    #[serde(default, skip_serializing)]
    pub(crate) done: Option<Need>,
}

/// The procedure of steps that name none.
fn simple() -> Vec<String> {
    vec!["simple".to_owned()]
}

/// 程序 – one way of handling a case.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Procedure {
    /// `simple`, `ordinary`, `coercive`, `inspection`.
    pub code: String,
    pub title: String,
    #[serde(default)]
    pub note: String,
    /// A truth of `procedures.toml` while which a case follows the procedure; always without one.
    #[serde(default)]
    pub only_if: Option<String>,
}

/// A notice as it stands in the pack, with `{agency.x}` still open.
#[derive(Debug, Clone)]
pub(crate) struct Notice {
    pub title: String,
    pub body: String,
    pub basis: Vec<Citation>,
}

impl Notice {
    /// First line 标题：…, second line 依据：… parted by ；, then a blank line and the text.
    pub(crate) fn parse(text: &str) -> Result<Self, (usize, String)> {
        let mut lines = text.lines();
        let title = lines
            .next()
            .and_then(|line| line.strip_prefix("标题："))
            .filter(|title| !title.trim().is_empty())
            .ok_or((1, "the first line is 标题：…".to_owned()))?;
        let basis = lines
            .next()
            .and_then(|line| line.strip_prefix("依据："))
            .ok_or((2, "the second line is 依据：…".to_owned()))?
            .split('；')
            .map(|part| parse_citation(part).ok_or((2, format!("{part:?} is no citation"))))
            .collect::<Result<_, _>>()?;
        let body = lines.collect::<Vec<_>>().join("\n").trim().to_owned();
        if body.is_empty() {
            return Err((3, "the notice has no text".to_owned()));
        }
        Ok(Self {
            title: title.trim().to_owned(),
            body,
            basis,
        })
    }

    /// Names between braces.
    pub(crate) fn placeholders(&self) -> impl Iterator<Item = &str> {
        self.body
            .split('{')
            .skip(1)
            .map(|part| part.split('}').next().unwrap_or(part))
    }

    pub(crate) fn fill(&self, agency: &Value) -> RightsText {
        let mut text = String::new();
        for (at, part) in self.body.split('{').enumerate() {
            match part.split_once('}') {
                Some((name, rest)) if at > 0 => {
                    let key = name.strip_prefix("agency.").unwrap_or(name);
                    let known = value::text(agency, key);
                    text.push_str(if known.is_empty() {
                        "＿＿＿＿"
                    } else {
                        known
                    });
                    text.push_str(rest);
                }
                _ => text.push_str(part),
            }
        }
        RightsText {
            title: self.title.clone(),
            text,
            basis: self.basis.clone(),
        }
    }
}
