//! 裁量辅助 – what is known of a case, weighed: circumstances with the facts that show them, statute, benchmark, a range
//! with its reasons, and words for the decision. The officer decides.

use chrono::NaiveDate;
use law::{Citation, PartyKind, ResidentId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use ts_rs::TS;

use crate::check::parse_date;
use crate::discretion::{Benchmark, DiscretionQuestion, Proposal, holds, overlap};
use crate::files::Files;
use crate::library::{band_text, citations};
use crate::pack::Inner;
use crate::procedure::source::Test;
use crate::{Band, Pack, PackFault, Violation, value};

pub(crate) const FILE: &str = "discretion.toml";
const CIRCUMSTANCES_MAX: usize = 200;

/// `discretion.toml`: which circumstances there are, what shows them, what they do, and the words of a draft.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Discretion {
    #[serde(default)]
    circumstance: Vec<Circumstance>,
    #[serde(default)]
    draft: DraftWords,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Circumstance {
    key: String,
    title: String,
    effect: Effect,
    /// 应当, not 可以.
    #[serde(default)]
    must: bool,
    /// The law lets the penalty fall below its band.
    #[serde(default)]
    may_reduce: bool,
    #[serde(default, deserialize_with = "citations")]
    basis: Vec<Citation>,
    /// What the officer confirms; without it the circumstance is only recognised by its signs.
    #[serde(default)]
    ask: String,
    #[serde(default)]
    sign: Vec<Sign>,
}

/// Conditions on the facts, and the fact they show. `has.<key>` is a circumstance recognised before.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sign {
    when: Vec<Test>,
    fact: String,
}

/// 情节的作用.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "forms.ts")]
pub enum Effect {
    /// 不予处罚.
    NoPenalty,
    /// 从轻.
    Lighter,
    /// 从重.
    Heavier,
    /// Shown, weighed by the benchmark alone.
    None,
}

impl Effect {
    fn word(self) -> &'static str {
        match self {
            Self::NoPenalty => "不予处罚",
            Self::Lighter => "从轻",
            Self::Heavier => "从重",
            Self::None => "作为情节考虑",
        }
    }
}

/// Sentences of a draft with `{name}` for what is known.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct DraftWords {
    opening: String,
    reckoned: String,
    circumstances: String,
    no_circumstances: String,
    benchmark: String,
    no_benchmark: String,
    fine: String,
    warning: String,
    no_penalty: String,
}

/// What is known.
#[derive(Clone, Copy)]
pub struct AdviceQuestion<'a> {
    pub violation: &'a str,
    /// The party block.
    pub party: &'a Value,
    /// `circumstances`: keys the officer confirmed; `notes`: what shows each; measured numbers at the paths of the
    /// powers list, e.g. `weighing.over_kg`.
    pub facts: &'a Value,
    /// What the terminal knows of earlier cases.
    pub history: &'a Value,
    pub agency: &'a Value,
    /// The day of the act.
    pub on: NaiveDate,
    pub today: NaiveDate,
}

/// 裁量建议 – everything that is put before the officer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export_to = "forms.ts")]
pub struct Advice {
    pub violation: String,
    pub title: String,
    pub basis: Vec<Citation>,
    /// The day of the act, whose law counts.
    pub on: String,
    pub circumstances: Vec<Recognised>,
    /// What else the officer could confirm.
    pub open: Vec<OpenCircumstance>,
    /// Paths of facts that the reckoning needs and nobody has entered.
    pub missing: Vec<String>,
    pub statute: Option<Band>,
    #[ts(type = "number | null")]
    pub reckoned_fen: Option<i64>,
    pub benchmark: Option<BenchmarkShown>,
    /// From the lowest to the highest band of the agency for this violation.
    pub hull: Option<Band>,
    /// Where statute and benchmark agree.
    pub common: Option<Band>,
    pub proposed: Option<Band>,
    pub outcome: Outcome,
    /// The word of the forms: `none`, `lighter`, `normal`, `heavier`.
    pub discretion: String,
    pub warning_allowed: bool,
    pub confiscates_income: bool,
    pub is_ordinary: bool,
    pub is_major: bool,
    pub newer: Option<NewerLaw>,
    pub reasons: Vec<Reason>,
    /// A paragraph the officer may take over.
    pub draft: String,
}

/// 查明的情节.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export_to = "forms.ts")]
pub struct Recognised {
    pub key: String,
    pub title: String,
    pub effect: Effect,
    pub is_must: bool,
    /// What shows it.
    pub fact: String,
    pub basis: Vec<Citation>,
}

/// A circumstance nobody has confirmed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export_to = "forms.ts")]
pub struct OpenCircumstance {
    pub key: String,
    pub title: String,
    pub ask: String,
    pub effect: Effect,
    pub basis: Vec<Citation>,
}

/// The band of the agency that fits best.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export_to = "forms.ts")]
pub struct BenchmarkShown {
    pub band: String,
    pub text: String,
    pub source: String,
    /// Of this party; absent where the amount is reckoned or there is no fine.
    pub range: Option<Band>,
}

/// What the proposal comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "forms.ts")]
pub enum Outcome {
    Fine,
    Warning,
    NoPenalty,
    /// Nothing can be proposed from what is known.
    Open,
}

/// R-S9: the law changed after the act.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export_to = "forms.ts")]
pub struct NewerLaw {
    /// Absent where the act is no longer punishable.
    pub code: Option<String>,
    pub statute: Option<Band>,
    pub is_lighter: bool,
    pub text: String,
}

/// One step to the range.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export_to = "forms.ts")]
pub struct Reason {
    pub text: String,
    /// The circumstance that moved it.
    pub circumstance: Option<String>,
    pub basis: Vec<Citation>,
}

impl Discretion {
    /// A pack without the file recognises nothing by itself.
    pub(crate) fn read(files: &Files) -> Result<Self, PackFault> {
        if !files.has(FILE) {
            return Ok(Self::default());
        }
        let table: Self = files.toml(FILE)?;
        let fault = |key: &str, reason: &str| {
            let line = files.line_of(FILE, &format!("\"{key}\""));
            Err(PackFault::content(FILE, line, format!("{key}: {reason}")))
        };
        if table.circumstance.len() > CIRCUMSTANCES_MAX {
            let reason = format!("more than {CIRCUMSTANCES_MAX} circumstances");
            return Err(PackFault::content(FILE, 0, reason));
        }
        let mut known: Vec<&str> = Vec::new();
        for one in &table.circumstance {
            if known.contains(&one.key.as_str()) {
                return fault(&one.key, "the circumstance stands twice");
            }
            if one.ask.is_empty() && one.sign.is_empty() {
                return fault(&one.key, "nothing could show the circumstance");
            }
            let looked_at = one.sign.iter().flat_map(|sign| &sign.when);
            for key in looked_at.filter_map(|test| test.path.strip_prefix("has.")) {
                if !known.contains(&key) {
                    return fault(&one.key, "a sign asks for a circumstance that comes later");
                }
            }
            known.push(&one.key);
        }
        Ok(table)
    }

    pub(crate) fn basis(&self) -> impl Iterator<Item = &Citation> {
        self.circumstance.iter().flat_map(|one| &one.basis)
    }

    fn recognise(&self, facts: &mut Value) -> Vec<Recognised> {
        let mut recognised = Vec::new();
        for one in &self.circumstance {
            let confirmed = is_confirmed(facts, &one.key).then(|| {
                let note = value::text(facts, &format!("notes.{}", one.key)).trim();
                if note.is_empty() { &one.ask } else { note }.to_owned()
            });
            let shown = || {
                let mut signs = one.sign.iter();
                let sign = signs.find(|sign| sign.when.iter().all(|test| holds(test, facts)));
                sign.map(|sign| filled(&sign.fact, facts))
            };
            let Some(fact) = confirmed.or_else(shown) else {
                continue;
            };
            value::set(facts, &format!("has.{}", one.key), json!(true));
            recognised.push(Recognised {
                key: one.key.clone(),
                title: one.title.clone(),
                effect: one.effect,
                is_must: one.must,
                fact,
                basis: one.basis.clone(),
            });
        }
        recognised
    }

    fn open(&self, recognised: &[Recognised]) -> Vec<OpenCircumstance> {
        let is_open = |one: &&Circumstance| {
            !one.ask.is_empty() && !recognised.iter().any(|known| known.key == one.key)
        };
        let open = self.circumstance.iter().filter(is_open);
        open.map(|one| OpenCircumstance {
            key: one.key.clone(),
            title: one.title.clone(),
            ask: one.ask.clone(),
            effect: one.effect,
            basis: one.basis.clone(),
        })
        .collect()
    }
}

fn is_confirmed(facts: &Value, key: &str) -> bool {
    let confirmed = facts.get("circumstances").and_then(Value::as_array);
    confirmed.is_some_and(|list| list.iter().any(|word| word.as_str() == Some(key)))
}

fn filled(text: &str, facts: &Value) -> String {
    let mut filled = String::new();
    for (at, part) in text.split('{').enumerate() {
        match part.split_once('}') {
            Some((path, rest)) if at > 0 => {
                match value::get(facts, path) {
                    Some(Value::String(word)) => filled.push_str(word),
                    Some(Value::Number(number)) => filled.push_str(&number.to_string()),
                    _ => {}
                }
                filled.push_str(rest);
            }
            _ => filled.push_str(part),
        }
    }
    filled
}

impl Pack {
    /// Absent where the powers list has no such violation or the party has no kind.
    pub fn advise(&self, question: &AdviceQuestion) -> Option<Advice> {
        let violation = self.violation(question.violation)?;
        let party = PartyKind::parse(value::text(question.party, "kind"))?;
        let mut facts = self.0.known(question);
        let recognised = self.0.discretion.recognise(&mut facts);
        let has = |effect: Effect| recognised.iter().any(|one| one.effect == effect);
        let is_torn = has(Effect::Lighter) && has(Effect::Heavier);
        // Where circumstances pull both ways, the general band is the ground the officer weighs them on.
        let keys: Vec<&str> = match is_torn {
            true => Vec::new(),
            false => recognised.iter().map(|one| one.key.as_str()).collect(),
        };
        value::set(&mut facts, "circumstances", json!(keys));
        let asked = DiscretionQuestion {
            violation: question.violation,
            party,
            facts: &facts,
            agency: question.agency,
            on: question.on,
        };
        let proposal = self.propose(&asked)?;
        let mut weighing = Weighing {
            discretion: &self.0.discretion,
            recognised: &recognised,
            proposal: &proposal,
            reasons: Vec::new(),
            is_torn,
        };
        let (outcome, proposed) = weighing.weigh();
        let mut reasons = weighing.reasons;
        let newer = self.newer(violation, &asked, question.today, proposal.statute);
        reasons.extend(newer.iter().map(|newer| Reason {
            text: newer.text.clone(),
            circumstance: None,
            basis: citation("行政处罚法", "37"),
        }));
        let discretion = match outcome {
            Outcome::NoPenalty => "none",
            _ if is_torn => "normal",
            _ if has(Effect::Lighter) => "lighter",
            _ if has(Effect::Heavier) => "heavier",
            _ => "normal",
        };
        let missing = self.facts_needed(&violation.code).into_iter();
        let mut advice = Advice {
            violation: proposal.violation.clone(),
            title: proposal.title.clone(),
            basis: proposal.basis.clone(),
            on: question.on.to_string(),
            open: self.0.discretion.open(&recognised),
            missing: missing
                .filter(|path| value::is_empty(value::get(&facts, path)))
                .collect(),
            statute: proposal.statute,
            reckoned_fen: proposal.reckoned_fen,
            benchmark: proposal.benchmark.as_ref().map(|row| BenchmarkShown {
                band: row.band.clone(),
                text: row.text.clone(),
                source: row.source.clone(),
                range: row.band_for(party),
            }),
            hull: hull(question.agency, &violation.code, party),
            common: proposal.range,
            proposed,
            outcome,
            discretion: discretion.to_owned(),
            warning_allowed: proposal.warning_allowed,
            confiscates_income: proposal.confiscates_income,
            is_ordinary: proposal.is_ordinary,
            is_major: proposal.is_major,
            newer,
            reasons,
            circumstances: recognised,
            draft: String::new(),
        };
        advice.draft = self.0.draft(&advice);
        Some(advice)
    }

    /// Paths of the facts that bands and reckoning of a violation look at.
    pub fn facts_needed(&self, violation: &str) -> Vec<String> {
        let Some(violation) = self.violation(violation) else {
            return Vec::new();
        };
        let formula = violation.formula.iter().map(|formula| formula.path.clone());
        let tiers = violation.tier.iter().flat_map(|tier| &tier.when);
        let mut paths: Vec<String> = formula.chain(tiers.map(|test| test.path.clone())).collect();
        paths.sort();
        paths.dedup();
        paths
    }

    fn newer(
        &self,
        violation: &Violation,
        asked: &DiscretionQuestion,
        today: NaiveDate,
        then: Option<Band>,
    ) -> Option<NewerLaw> {
        if !violation.is_in_force(asked.on) || violation.is_in_force(today) {
            return None;
        }
        let successor = violation.replaced_by.as_deref();
        let successor = successor.and_then(|code| self.violation(code));
        let Some(successor) = successor.filter(|entry| entry.is_in_force(today)) else {
            let text = "行为发生后法律已经修改，不再规定这项处罚，适用新的规定。";
            return Some(NewerLaw {
                code: None,
                statute: None,
                is_lighter: true,
                text: text.to_owned(),
            });
        };
        let now = self.propose(&DiscretionQuestion {
            violation: &successor.code,
            on: today,
            ..*asked
        })?;
        let is_lighter = match (then, now.statute) {
            (Some(then), Some(now)) => (now.max_fen, now.min_fen) < (then.max_fen, then.min_fen),
            (Some(_), None) => true,
            (None, _) => false,
        };
        let range = now.statute.map_or_else(
            || "没有罚款".to_owned(),
            |band| format!("罚款{}", band_text(band)),
        );
        let advice = if is_lighter {
            "新的规定处罚较轻，适用新的规定。"
        } else {
            "新的规定没有更轻，适用行为发生时的规定。"
        };
        Some(NewerLaw {
            text: format!(
                "行为发生后法律已经修改，现行的“{}”为{range}：{advice}",
                successor.title
            ),
            code: Some(successor.code.clone()),
            statute: now.statute,
            is_lighter,
        })
    }
}

impl Inner {
    /// The facts as conditions see them: what was entered, the party's kind and age, and earlier cases.
    fn known(&self, question: &AdviceQuestion) -> Value {
        let mut facts = match question.facts {
            Value::Object(_) => question.facts.clone(),
            _ => Value::Object(Map::new()),
        };
        let kind = value::text(question.party, "kind");
        let mut party = json!({ "kind": kind });
        let age = age_at(question.party, question.on).filter(|_| kind != "organisation");
        if let Some(age) = age {
            let is_below = age < self.limits.penalty_age;
            party = json!({
                "kind": kind, "age": age, "is_below_penalty_age": is_below,
                "is_minor": !is_below && age < self.limits.full_age,
            });
        }
        value::set(&mut facts, "party", party);
        value::set(&mut facts, "has", json!({}));
        value::set(&mut facts, "history", question.history.clone());
        facts
    }

    fn draft(&self, advice: &Advice) -> String {
        let words = &self.discretion.draft;
        let cited = advice.basis.iter().map(|citation| self.spoken(citation));
        let cited: Vec<String> = cited.collect();
        let circumstances = advice.circumstances.iter();
        let listed: Vec<String> = circumstances
            .map(|one| format!("{}（{}）", one.title, one.fact))
            .collect();
        let range = |band: Option<Band>| band.map(band_text).unwrap_or_default();
        let shown = advice.benchmark.as_ref();
        let known = json!({
            "title": advice.title,
            "basis": cited.join("、"),
            "statute": range(advice.statute),
            "reckoned": advice.reckoned_fen.map(law::payment::yuan).unwrap_or_default(),
            "circumstances": listed.join("；"),
            "band": shown.map_or("", |shown| &shown.band),
            "band_text": shown.map_or("", |shown| &shown.text),
            "range": range(advice.proposed),
        });
        let sentences = [
            words.opening.as_str(),
            match advice.reckoned_fen {
                Some(_) => &words.reckoned,
                None => "",
            },
            match listed.is_empty() {
                true => &words.no_circumstances,
                false => &words.circumstances,
            },
            match shown {
                Some(_) => &words.benchmark,
                None => &words.no_benchmark,
            },
            match advice.outcome {
                Outcome::Fine => &words.fine,
                Outcome::Warning => &words.warning,
                Outcome::NoPenalty => &words.no_penalty,
                Outcome::Open => "",
            },
        ];
        sentences.iter().map(|text| filled(text, &known)).collect()
    }

    /// `《中华人民共和国道路运输条例》第63条`, with the full title where the library has it.
    fn spoken(&self, citation: &Citation) -> String {
        let newest = self.laws.newest(&citation.law);
        let title = newest.map_or(citation.law.as_str(), |law| law.title.as_str());
        let article = citation.article.split('(').next().unwrap_or_default();
        format!("《{title}》第{article}条")
    }
}

fn age_at(party: &Value, on: NaiveDate) -> Option<u32> {
    let by_number = ResidentId::parse(value::text(party, "id_no")).ok();
    let by_number = by_number.and_then(|resident| resident.age_on(on));
    by_number.or_else(|| law::age_on(parse_date(value::text(party, "birth_date"))?, on))
}

fn hull(agency: &Value, violation: &str, party: PartyKind) -> Option<Band> {
    let rows = agency.get("benchmarks").and_then(Value::as_array);
    let rows = rows
        .into_iter()
        .flatten()
        .filter(|row| value::text(row, "violation") == violation);
    let bands = rows.filter_map(|row| {
        let row: Benchmark = serde_json::from_value(row.clone()).ok()?;
        row.band_for(party)
    });
    bands.reduce(|one, other| Band {
        min_fen: one.min_fen.min(other.min_fen),
        max_fen: one.max_fen.max(other.max_fen),
    })
}

fn citation(law: &str, article: &str) -> Vec<Citation> {
    vec![Citation {
        law: law.to_owned(),
        article: article.to_owned(),
    }]
}

struct Weighing<'a> {
    discretion: &'a Discretion,
    recognised: &'a [Recognised],
    proposal: &'a Proposal,
    reasons: Vec<Reason>,
    is_torn: bool,
}

impl Weighing<'_> {
    /// From statute and benchmark to the range that is proposed, a reason for each step.
    fn weigh(&mut self) -> (Outcome, Option<Band>) {
        let recognised = self.recognised;
        for text in &self.proposal.reasons {
            self.reasons.push(Reason {
                text: text.clone(),
                circumstance: None,
                basis: self.proposal.basis.clone(),
            });
        }
        for one in recognised {
            let modal = if one.is_must { "应当" } else { "可以" };
            let effect = one.effect.word();
            self.say(
                one,
                format!("{}（{}）：{modal}{effect}。", one.title, one.fact),
            );
        }
        let is_spared = |one: &Recognised| one.effect == Effect::NoPenalty && one.is_must;
        if self.proposal.no_penalty || recognised.iter().any(is_spared) {
            return (Outcome::NoPenalty, None);
        }
        match self.proposal.range {
            Some(common) => (Outcome::Fine, Some(self.narrowed(common))),
            None if self.proposal.warning_allowed => (Outcome::Warning, None),
            None => (Outcome::Open, None),
        }
    }

    fn say(&mut self, one: &Recognised, text: String) {
        self.reasons.push(Reason {
            text,
            circumstance: Some(one.key.clone()),
            basis: one.basis.clone(),
        });
    }

    /// A circumstance that the benchmark's band does not name already moves the range to its half.
    fn narrowed(&mut self, common: Band) -> Band {
        if self.is_torn {
            self.reasons.push(Reason {
                text: "从轻和从重的情节都有，按一般档次，由承办人综合权衡。".to_owned(),
                circumstance: None,
                basis: Vec::new(),
            });
            return common;
        }
        // Whole 元, as fines are written.
        let middle = (common.min_fen + (common.max_fen - common.min_fen) / 2) / 100 * 100;
        let middle = middle.max(common.min_fen);
        let mut range = common;
        for one in self.recognised {
            self.say_reduction(one);
            let benchmark = self.proposal.benchmark.as_ref();
            let is_named = benchmark.is_some_and(|row| row.circumstances.contains(&one.key));
            if is_named || middle == common.min_fen {
                continue;
            }
            let shown = law::payment::yuan(middle);
            match one.effect {
                Effect::Lighter if range.max_fen > middle => {
                    range.max_fen = middle;
                    let text =
                        format!("适用的档次没有列明这一情节，建议在幅度的下半，不超过{shown}。");
                    self.say(one, text);
                }
                Effect::Heavier if range.min_fen < middle => {
                    range.min_fen = middle;
                    let text =
                        format!("适用的档次没有列明这一情节，建议在幅度的上半，不低于{shown}。");
                    self.say(one, text);
                }
                Effect::Lighter | Effect::Heavier | Effect::NoPenalty | Effect::None => {}
            }
        }
        overlap(range, common).unwrap_or(common)
    }

    fn say_reduction(&mut self, one: &Recognised) {
        let mut rules = self.discretion.circumstance.iter();
        let may_reduce = rules.any(|rule| rule.key == one.key && rule.may_reduce);
        let least = self.proposal.statute.map_or(0, |band| band.min_fen);
        if may_reduce && least > 0 {
            let least = law::payment::yuan(least);
            let text = format!(
                "也可以减轻到法定最低额{least}以下；减轻须写明理由，经法制审核和集体讨论。"
            );
            self.say(one, text);
        }
    }
}
