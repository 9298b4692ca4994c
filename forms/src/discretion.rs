//! 裁量 – bands that depend on circumstances, and amounts that are reckoned.

use std::cmp::Ordering;

use chrono::NaiveDate;
use law::{Citation, PartyKind};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::deadline::LengthParameter;
use crate::pack::Inner;
use crate::procedure::source::{Operand, Test};
use crate::value::{get, is_empty};
use crate::{Band, Pack, Violation};

/// 处罚档次 – the band where its conditions hold.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    pub text: String,
    #[serde(default)]
    pub(crate) when: Vec<Test>,
    #[serde(default)]
    pub confiscates_income: bool,
    pub income_multiple: Option<Multiple>,
    pub person: Option<Band>,
    pub organisation: Option<Band>,
    #[serde(default)]
    pub serious: bool,
}

/// 违法所得的倍数.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Multiple {
    pub min: i64,
    pub max: i64,
}

/// 计算方法 – so much for each unit of an excess.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Formula {
    pub kind: FormulaKind,
    /// Path of the measured number in the facts, e.g. `weighing.over_kg`.
    pub path: String,
    pub unit: i64,
    /// 分 for each unit.
    pub fen: i64,
    pub cap_fen: Option<i64>,
    #[serde(default)]
    pub rounding: RoundingChoice,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FormulaKind {
    PerUnit,
}

/// How parts of a unit count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    #[default]
    Floor,
    Ceil,
    HalfUp,
}

impl Rounding {
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "floor" => Some(Self::Floor),
            "ceil" => Some(Self::Ceil),
            "half_up" => Some(Self::HalfUp),
            _ => None,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum RoundingChoice {
    Fixed(Rounding),
    Parameter(LengthParameter),
}

impl Default for RoundingChoice {
    fn default() -> Self {
        Self::Fixed(Rounding::Floor)
    }
}

impl Tier {
    pub fn band(&self, party: PartyKind) -> Option<Band> {
        match party {
            PartyKind::Person | PartyKind::SoleTrader => self.person,
            PartyKind::Organisation => self.organisation,
        }
    }
}

impl Formula {
    /// Absent where the measure is not above nothing.
    pub fn amount(&self, measured: i64, rounding: Rounding) -> Option<i64> {
        if measured <= 0 || self.unit <= 0 {
            return None;
        }
        let units = match rounding {
            Rounding::Floor => measured / self.unit,
            Rounding::Ceil => measured.checked_add(self.unit - 1)? / self.unit,
            Rounding::HalfUp => measured.checked_add(self.unit / 2)? / self.unit,
        };
        let amount = units.checked_mul(self.fen)?;
        Some(self.cap_fen.map_or(amount, |cap| amount.min(cap)))
    }
}

/// What the assistant is asked.
#[derive(Clone, Copy)]
pub struct DiscretionQuestion<'a> {
    /// Code of the violation.
    pub violation: &'a str,
    pub party: PartyKind,
    /// `circumstances` (list of words), `illegal_income_fen`, `is_serious`, `weighing.over_kg` and what else the powers
    /// list asks for.
    pub facts: &'a Value,
    /// As the roster tells it, with its `benchmarks` and `params`.
    pub agency: &'a Value,
    /// The day of the act.
    pub on: NaiveDate,
}

/// 裁量建议 – statute and benchmark laid on each other, each step with its reason. The officer decides.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Proposal {
    pub violation: String,
    pub title: String,
    pub basis: Vec<Citation>,
    /// What the statute allows.
    pub statute: Option<Band>,
    /// What follows from the measured excess, inside the statute.
    pub reckoned_fen: Option<i64>,
    /// The band of the agency that fits the circumstances best.
    pub benchmark: Option<Benchmark>,
    /// Where both agree.
    pub range: Option<Band>,
    pub warning_allowed: bool,
    pub no_penalty: bool,
    pub confiscates_income: bool,
    /// The simple procedure is never open.
    pub is_ordinary: bool,
    pub is_major: bool,
    /// Why, step by step, in the officer's language.
    pub reasons: Vec<String>,
}

/// 裁量基准 – one band of an agency.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
pub struct Benchmark {
    pub violation: String,
    /// 轻微、从轻、一般、从重.
    pub band: String,
    /// All of them are there.
    #[serde(default)]
    pub circumstances: Vec<String>,
    pub person: Option<Band>,
    pub organisation: Option<Band>,
    #[serde(default)]
    pub no_penalty: bool,
    #[serde(default)]
    pub text: String,
    #[serde(default)]
    pub source: String,
}

impl Benchmark {
    pub(crate) fn band_for(&self, party: PartyKind) -> Option<Band> {
        match party {
            PartyKind::Person | PartyKind::SoleTrader => self.person,
            PartyKind::Organisation => self.organisation,
        }
    }
}

impl Pack {
    /// Absent where the powers list has no such violation.
    pub fn propose(&self, question: &DiscretionQuestion) -> Option<Proposal> {
        let violation = self.violation(question.violation)?;
        let mut proposal = Proposal {
            violation: violation.code.clone(),
            title: violation.title.clone(),
            basis: violation.basis.clone(),
            warning_allowed: violation.warning_allowed,
            is_ordinary: violation.procedure.as_deref() == Some("ordinary"),
            is_major: violation.major,
            ..Proposal::default()
        };
        if violation.duty_only || !violation.is_in_force(question.on) {
            let note = violation.note.clone();
            let reason =
                note.unwrap_or_else(|| format!("{} 没有可以适用的处罚规定。", question.on));
            proposal.reasons.push(reason);
            proposal.no_penalty = true;
            proposal.warning_allowed = false;
            return Some(proposal);
        }
        self.0.statute(violation, question, &mut proposal);
        self.0.reckon(violation, question, &mut proposal);
        benchmark(question, &mut proposal);
        Some(proposal)
    }
}

impl Inner {
    fn statute(&self, violation: &Violation, question: &DiscretionQuestion, into: &mut Proposal) {
        let facts = question.facts;
        let mut tiers = violation.tier.iter();
        let tier = tiers.find(|tier| tier.when.iter().all(|test| holds(test, facts)));
        let Some(tier) = tier else {
            into.statute = violation.band(question.party);
            if let Some(band) = into.statute {
                let range = crate::library::band_text(band);
                into.reasons.push(format!("法定幅度：罚款{range}。"));
            }
            return;
        };
        into.confiscates_income = tier.confiscates_income;
        into.reasons.push(format!("符合“{}”这一档。", tier.text));
        let income = get(facts, "illegal_income_fen").and_then(Value::as_i64);
        into.statute = match (tier.income_multiple, income) {
            (Some(multiple), Some(income)) => Some(Band {
                min_fen: income.saturating_mul(multiple.min),
                max_fen: income.saturating_mul(multiple.max),
            }),
            (_, _) => tier.band(question.party),
        };
        if let Some(band) = into.statute {
            let range = crate::library::band_text(band);
            into.reasons.push(format!("法定幅度：罚款{range}。"));
        }
    }

    fn reckon(&self, violation: &Violation, question: &DiscretionQuestion, into: &mut Proposal) {
        let Some(formula) = &violation.formula else {
            return;
        };
        let measured = get(question.facts, &formula.path).and_then(Value::as_i64);
        let rounding = match &formula.rounding {
            RoundingChoice::Fixed(rounding) => Some(*rounding),
            RoundingChoice::Parameter(parameter) => self
                .parameter(question.agency, &parameter.param)
                .and_then(|word| Rounding::parse(word.as_str()?)),
        };
        let (Some(measured), Some(rounding)) = (measured, rounding) else {
            into.reasons
                .push("没有测得的数量，或者机关没有设定取整办法，金额算不出来。".to_owned());
            return;
        };
        let Some(amount) = formula.amount(measured, rounding) else {
            return;
        };
        let each = law::payment::yuan(formula.fen);
        let shown = law::payment::yuan(amount);
        let unit = formula.unit;
        into.reasons.push(format!(
            "超出 {measured}，每 {unit} 罚款 {each}，计 {shown}。"
        ));
        into.reckoned_fen = Some(amount);
        into.range = Some(Band {
            min_fen: amount,
            max_fen: amount,
        });
    }
}

/// The most special benchmark whose circumstances are all there; where the amount is reckoned there is nothing left to
/// choose but whether there is a penalty at all.
fn benchmark(question: &DiscretionQuestion, into: &mut Proposal) {
    let there = get(question.facts, "circumstances").and_then(Value::as_array);
    let there: Vec<&str> = there
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let rows = question.agency.get("benchmarks").and_then(Value::as_array);
    let rows = rows.into_iter().flatten();
    let read = rows.filter_map(|row| serde_json::from_value::<Benchmark>(row.clone()).ok());
    let mut fitting: Vec<Benchmark> = read
        .filter(|row| row.violation == question.violation)
        .filter(|row| {
            row.circumstances
                .iter()
                .all(|word| there.contains(&word.as_str()))
        })
        .collect();
    // A stable sort keeps the agency's own order among those that are equally special.
    fitting.sort_by_key(|row| std::cmp::Reverse(row.circumstances.len()));
    let Some(best) = fitting.into_iter().next() else {
        into.reasons.push("本机关没有适用的裁量基准。".to_owned());
        into.range = into.range.or(into.statute);
        return;
    };
    let reason = format!(
        "适用裁量基准“{}”：{}（{}）。",
        best.band, best.text, best.source
    );
    into.reasons.push(reason);
    into.no_penalty = best.no_penalty;
    if into.reckoned_fen.is_none() {
        let both = into.statute.zip(best.band_for(question.party));
        let common = both.and_then(|(statute, agency)| overlap(statute, agency));
        if both.is_some() && common.is_none() {
            let reason = "裁量基准与法定幅度没有交集，按法定幅度处理，并报告修订基准。";
            into.reasons.push(reason.to_owned());
        }
        into.range = common.or(into.statute);
    }
    into.benchmark = Some(best);
}

pub(crate) fn overlap(one: Band, other: Band) -> Option<Band> {
    let band = Band {
        min_fen: one.min_fen.max(other.min_fen),
        max_fen: one.max_fen.min(other.max_fen),
    };
    (band.min_fen <= band.max_fen).then_some(band)
}

/// Conditions of a tier look straight into the facts; a fact that is not known holds nothing but `is_not`.
pub(crate) fn holds(test: &Test, facts: &Value) -> bool {
    let found = get(facts, &test.path);
    let constants = |operand: &Operand| match operand {
        Operand::Constant(Value::Array(items)) => items.clone(),
        Operand::Constant(one) => vec![one.clone()],
        Operand::Param(_) | Operand::Path(_) => Vec::new(),
    };
    let number = |operand: &Operand| constants(operand).first().and_then(Value::as_i64);
    let order = |operand: &Operand| Some(found?.as_i64()?.cmp(&number(operand)?));
    if let Some(exists) = test.exists {
        return exists != is_empty(found);
    }
    let is_among = |list: &Operand| found.is_some_and(|found| constants(list).contains(found));
    if let Some(list) = &test.is {
        return is_among(list);
    }
    if let Some(list) = &test.is_not {
        return !is_among(list);
    }
    let ways: [(&Option<Operand>, &[Ordering]); 4] = [
        (&test.at_least, &[Ordering::Greater, Ordering::Equal]),
        (&test.more_than, &[Ordering::Greater]),
        (&test.at_most, &[Ordering::Less, Ordering::Equal]),
        (&test.less_than, &[Ordering::Less]),
    ];
    let mut asked = ways
        .iter()
        .filter_map(|(operand, wanted)| Some((operand.as_ref()?, wanted)));
    asked.any(|(operand, wanted)| order(operand).is_some_and(|order| wanted.contains(&order)))
}
