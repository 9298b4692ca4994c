//! From statute and benchmark to the range that is proposed, a reason for each step.

use super::circumstances::Discretion;
use super::{Effect, Outcome, Reason, Recognised};
use crate::Band;
use crate::discretion::{Proposal, overlap};

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

pub(super) struct Weighing<'a> {
    pub(super) discretion: &'a Discretion,
    pub(super) recognised: &'a [Recognised],
    pub(super) proposal: &'a Proposal,
    pub(super) reasons: Vec<Reason>,
    pub(super) is_torn: bool,
}

impl Weighing<'_> {
    pub(super) fn weigh(&mut self) -> (Outcome, Option<Band>) {
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
