/// A page in grey: one byte a dot, row by row, 0 is black and 255 is white.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GreyPage {
    pub width: u32,
    pub height: u32,
    pub dpi: u32,
    pub dots: Vec<u8>,
}

impl GreyPage {
    pub(crate) fn is_whole(&self) -> bool {
        self.width > 0
            && self.height > 0
            && self.dpi > 0
            && self.dots.len() as u64 == u64::from(self.width) * u64::from(self.height)
    }
}

/// The pages of a document as dots, painted only when a printer wants them.
pub trait GreyPages: Send + Sync {
    fn count(&self) -> usize;
    /// One page, counted from 0; `None` when it cannot be painted.
    fn page(&self, index: usize, dpi: u32) -> Option<GreyPage>;
}
