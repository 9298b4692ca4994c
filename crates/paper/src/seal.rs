//! 印章 – how a sheet comes to bear the agency's seal.

use std::sync::Arc;

/// What stands where the sheet is sealed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Seal {
    /// Room for a stamp put on by hand.
    #[default]
    ByHand,
    /// 预盖章纸 – the paper bears the seal already, its centre so far from the left and from the upper edge of the sheet.
    PreSealed { x_mm: u16, y_mm: u16 },
    /// 印模 – painted with the sheet.
    Impression(Impression),
    /// The seal is put on later, elsewhere; these words stand in its place until then.
    Follows(String),
}

/// 印模 – an impression of the agency's seal for one sheet, its own number through it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Impression(Arc<Kept>);

#[derive(Debug, PartialEq, Eq)]
struct Kept {
    number: String,
}

impl Impression {
    pub fn number(&self) -> &str {
        &self.0.number
    }
}
