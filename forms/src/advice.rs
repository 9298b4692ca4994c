//! 裁量辅助 – what is known of a case, weighed: circumstances with the facts that show them, statute, benchmark, a range
//! with its reasons, and words for the decision. The officer decides.

mod circumstances;
mod weighing;

use chrono::NaiveDate;
use law::{Citation, PartyKind, ResidentId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use ts_rs::TS;

use crate::check::parse_date;
use crate::discretion::{Benchmark, DiscretionQuestion};
use crate::library::band_text;
use crate::pack::Inner;
use crate::{Band, Pack, Violation, value};
use circumstances::filled;
use weighing::Weighing;

pub(crate) use circumstances::{Discretion, FILE};

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
