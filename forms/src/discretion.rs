//! 裁量 – bands that depend on circumstances, and amounts that are reckoned.

use law::PartyKind;
use serde::Deserialize;

use crate::Band;
use crate::deadline::LengthParameter;
use crate::procedure::source::Test;

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
