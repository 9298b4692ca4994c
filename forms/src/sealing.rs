//! 用印 – how an agency puts its seal on papers.

use serde_json::Value;

use crate::Pack;

const MODE: &str = "seal_mode";
const PLACE: [&str; 2] = ["pre_sealed_x_mm", "pre_sealed_y_mm"];

/// 用印方式 – the same words stand in the agency's parameter and in the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SealMode {
    /// 现场或者回单位加盖.
    ByHand,
    /// 预盖章编号纸.
    PreSealed,
    /// 一次性印模.
    Token,
    /// 由机关盖章.
    Headquarters,
}

impl SealMode {
    /// A word of a later release leaves the place to a stamp.
    pub fn parse(word: &str) -> Self {
        match word {
            "pre_sealed" => Self::PreSealed,
            "token" => Self::Token,
            "headquarters" => Self::Headquarters,
            _ => Self::ByHand,
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::ByHand => "by_hand",
            Self::PreSealed => "pre_sealed",
            Self::Token => "token",
            Self::Headquarters => "headquarters",
        }
    }

    /// Whether headquarters has to have an image of the seal.
    pub fn needs_image(self) -> bool {
        match self {
            Self::Token | Self::Headquarters => true,
            Self::ByHand | Self::PreSealed => false,
        }
    }
}

impl Pack {
    /// The way of sealing that holds for this agency.
    pub fn seal_mode(&self, agency: &Value) -> SealMode {
        let set = self.parameter(agency, MODE);
        let set = set.as_ref().and_then(Value::as_str);
        set.map_or(SealMode::ByHand, SealMode::parse)
    }

    /// Where the agency's pre-sealed paper bears the seal: its centre from the left and the upper edge, mm.
    pub fn pre_sealed_place(&self, agency: &Value) -> Option<[u16; 2]> {
        let [x, y] = PLACE.map(|key| u16::try_from(self.parameter(agency, key)?.as_u64()?).ok());
        Some([x?, y?])
    }
}
