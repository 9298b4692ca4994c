//! QR codes. Text is always coded as bytes: the library's own optimiser turns pairs of UTF-8
//! bytes into Kanji segments, which common readers decode as garbage.

use std::fmt::Write as _;
use std::sync::Arc;

use qrcode::bits::Bits;
use qrcode::{Color, EcLevel, QrCode, Version};

use crate::ComposeFault;

/// Longest text of a code at level M.
const MAX_BYTES: usize = 2331;
/// Light modules a reader needs around the code.
pub(crate) const QUIET: usize = 4;

#[derive(Debug, Clone)]
pub(crate) struct Symbol {
    width: usize,
    modules: Arc<Vec<bool>>,
}

impl Symbol {
    pub(crate) fn new(text: &str) -> Result<Symbol, ComposeFault> {
        let code = (1..=40).find_map(|version| {
            let mut bits = Bits::new(Version::Normal(version));
            bits.push_byte_data(text.as_bytes()).ok()?;
            bits.push_terminator(EcLevel::M).ok()?;
            QrCode::with_bits(bits, EcLevel::M).ok()
        });
        let Some(code) = code else {
            return Err(ComposeFault::QrTooLong { limit: MAX_BYTES });
        };
        let width = code.width();
        let modules = code
            .into_colors()
            .into_iter()
            .map(|color| color == Color::Dark)
            .collect();
        Ok(Symbol {
            width,
            modules: Arc::new(modules),
        })
    }

    /// Modules along one side, without the quiet zone.
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// Dark modules as horizontal bars: row, first column, length.
    pub(crate) fn bars(&self) -> Vec<(usize, usize, usize)> {
        let mut bars = Vec::new();
        for (row, line) in self.modules.chunks(self.width.max(1)).enumerate() {
            let mut start = None;
            for (column, is_dark) in line.iter().chain(std::iter::once(&false)).enumerate() {
                match (start, is_dark) {
                    (None, true) => start = Some(column),
                    (Some(first), false) => {
                        bars.push((row, first, column - first));
                        start = None;
                    }
                    (None, false) | (Some(_), true) => {}
                }
            }
        }
        bars
    }
}

/// The modules of the QR code of a text, row by row; no modules when the text is too long.
pub fn qr_modules(text: &str) -> (usize, Vec<bool>) {
    Symbol::new(text).map_or((0, Vec::new()), |symbol| {
        (symbol.width, symbol.modules.to_vec())
    })
}

/// The QR code of a text as SVG, with its quiet zone; empty when the text is too long.
pub fn qr_svg(text: &str) -> String {
    let Ok(symbol) = Symbol::new(text) else {
        return String::new();
    };
    let side = symbol.width + 2 * QUIET;
    let mut svg = format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges"><rect width="{side}" height="{side}" fill="#fff"/><path fill="#000" d=""##
    );
    for (row, column, length) in symbol.bars() {
        // Writing to a string cannot fail.
        let _ = write!(
            svg,
            "M{} {}h{length}v1h-{length}z",
            column + QUIET,
            row + QUIET
        );
    }
    svg.push_str(r#""/></svg>"#);
    svg
}
