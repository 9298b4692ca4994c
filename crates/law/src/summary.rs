//! 简易程序 – when a penalty may be decided on the spot (R-S1).

use serde::{Deserialize, Serialize};

use crate::{PartyKind, Refusal};

/// 处罚种类. Only the first two are ever open to the simple procedure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PenaltyKind {
    /// 警告.
    Warning,
    /// 罚款.
    Fine,
    /// 通报批评.
    NoticeOfCriticism,
    /// 没收违法所得、没收非法财物.
    Confiscation,
    /// 暂扣许可证件.
    PermitSuspension,
    /// 吊销许可证件.
    PermitRevocation,
    /// 责令停产停业.
    ClosureOrder,
}

impl PenaltyKind {
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "warning" => Some(Self::Warning),
            "fine" => Some(Self::Fine),
            "notice_of_criticism" => Some(Self::NoticeOfCriticism),
            "confiscation" => Some(Self::Confiscation),
            "permit_suspension" => Some(Self::PermitSuspension),
            "permit_revocation" => Some(Self::PermitRevocation),
            "closure_order" => Some(Self::ClosureOrder),
            _ => None,
        }
    }
}

/// 当场处罚限额 – the highest fine of the simple procedure, in 分. Values are the pack's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SummaryLimits {
    pub person_fen: i64,
    pub organisation_fen: i64,
    /// 个体工商户: which of the two limits applies differs by place.
    pub sole_trader_fen: i64,
}

impl SummaryLimits {
    pub fn of(&self, party: PartyKind) -> i64 {
        match party {
            PartyKind::Person => self.person_fen,
            PartyKind::Organisation => self.organisation_fen,
            PartyKind::SoleTrader => self.sole_trader_fen,
        }
    }
}

/// The question is put for each penalty. Penalties that are never simple are refused with a limit of 0.
pub fn summary_available(
    party: PartyKind,
    penalty: PenaltyKind,
    fine_fen: i64,
    limits: &SummaryLimits,
) -> Result<(), Refusal> {
    let limit_fen = match penalty {
        PenaltyKind::Warning => return Ok(()),
        PenaltyKind::Fine => limits.of(party),
        PenaltyKind::NoticeOfCriticism
        | PenaltyKind::Confiscation
        | PenaltyKind::PermitSuspension
        | PenaltyKind::PermitRevocation
        | PenaltyKind::ClosureOrder => {
            return Err(Refusal::SummaryProcedureNotAvailable {
                fine_fen,
                limit_fen: 0,
            });
        }
    };
    if fine_fen > limit_fen {
        return Err(Refusal::SummaryProcedureNotAvailable {
            fine_fen,
            limit_fen,
        });
    }
    Ok(())
}
