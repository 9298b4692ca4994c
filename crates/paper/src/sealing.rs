//! 落款 – the agency and the date with the seal or the room for it, the QR code beside them, laid out from height 0.

use crate::ComposeFault;
use crate::breaking;
use crate::flow::Flow;
use crate::item::Item;
use crate::resolve::{Paragraph, SealMark, SealPlace};
use crate::signing::{placed_qr, set};

const MM: f32 = 72.0 / 25.4;
const QR_SIDE: f32 = 26.0 * MM;
/// Light room a reader of the code needs; a seal stays out of it.
const QR_QUIET: f32 = 4.0 * MM;
/// 预盖章纸 – how far from its centre a seal that is on the paper already reaches.
const SEAL_RADIUS: f32 = 21.0 * MM;

/// White between the number in a seal and the lines.
const CLEAR: f32 = 0.8;

/// The items of the block, its height and, where the paper bears the seal, how far down the page it has to stand.
pub(crate) struct Laid {
    pub items: Vec<Item>,
    pub height: f32,
    pub top: Option<f32>,
}

pub(crate) fn lay(flow: &Flow<'_>, place: &SealPlace) -> Result<Laid, ComposeFault> {
    match (&place.mark, flow.setup.height) {
        (SealMark::Fixed { at, .. }, Some(page_height)) => fixed(flow, place, *at, page_height),
        (_, Some(_)) => Ok(beside_code(flow, place)),
        (_, None) => Ok(above_code(flow, place)),
    }
}

/// What stands in the middle of the block: the lines, the seal behind them, or the words instead of it below them.
struct Middle<'p> {
    lines: &'p [Paragraph],
    width: f32,
    text_height: f32,
    /// What it takes above and below the middle of the lines.
    above: f32,
    below: f32,
    seal: Option<Placed>,
    words: Option<Framed<'p>>,
}

struct Placed {
    size: [f32; 2],
    /// Its middle below that of the lines.
    lower: f32,
}

struct Framed<'p> {
    words: &'p Paragraph,
    size: [f32; 2],
    inset: f32,
    above: f32,
    is_shown: bool,
}

impl<'p> Middle<'p> {
    fn new(flow: &Flow<'_>, place: &'p SealPlace, width: f32) -> Middle<'p> {
        let size = flow.setup.size;
        let lines = place.lines.as_slice();
        let text_height: f32 = match place.mark {
            // The room for a stamp is measured as it always was: issued sheets are set again and compared.
            SealMark::Free => lines.iter().map(|line| line.leading).sum(),
            SealMark::Fixed { .. } | SealMark::Impression { .. } | SealMark::Words { .. } => {
                lines.iter().map(|line| text_height(line, width)).sum()
            }
        };
        let mut middle = Middle {
            lines,
            width,
            above: text_height / 2.0,
            below: text_height / 2.0,
            text_height,
            seal: None,
            words: None,
        };
        match &place.mark {
            SealMark::Free => {}
            SealMark::Fixed { .. } => {
                middle.above = middle.above.max(SEAL_RADIUS);
                middle.below = middle.above;
            }
            SealMark::Impression { impression, .. } => {
                let [wide, high] = impression.size();
                let scale = (flow.width() / wide).min(1.0);
                let (wide, high) = (wide * scale, high * scale);
                let figures = impression.figures().map(|y| y * scale - high / 2.0);
                let lower = middle.clear_of_lines(figures);
                middle.seal = Some(Placed {
                    size: [wide, high],
                    lower,
                });
                middle.above = middle.above.max(high / 2.0 - lower);
                middle.below = middle.below.max(high / 2.0 + lower);
            }
            SealMark::Words { words, is_shown } => {
                let framed = Framed::new(words, width, size, *is_shown);
                middle.below += framed.above + framed.size[1] + framed.above;
                middle.words = Some(framed);
            }
        }
        middle
    }

    fn height(&self) -> f32 {
        self.above + self.below
    }

    /// How much lower than the lines the seal has to stand so that its number is between them and can be read. An
    /// official seal rather stands higher: agency and date belong a little below its middle (GB/T 9704).
    fn clear_of_lines(&self, [top, bottom]: [f32; 2]) -> f32 {
        let mut y = -self.text_height / 2.0;
        let mut gaps = Vec::new();
        let mut free_from = f32::NEG_INFINITY;
        for line in self.lines {
            let count = (text_height(line, self.width) / line.leading).round() as usize;
            for _ in 0..count {
                let spare = (line.leading - line.size) / 2.0;
                gaps.push((free_from, y + spare));
                free_from = y + line.leading - spare;
                y += line.leading;
            }
        }
        gaps.push((free_from, f32::INFINITY));
        let shift = |(from, to): (f32, f32)| {
            let (lowest, highest) = (from + CLEAR - top, to - CLEAR - bottom);
            (lowest <= highest).then(|| match lowest.is_finite() && highest.is_finite() {
                true => (lowest + highest) / 2.0,
                false => 0.0_f32.clamp(lowest, highest),
            })
        };
        let cost = |shift: f32| if shift > 0.0 { shift * 1.5 } else { -shift };
        let shifts = gaps.into_iter().filter_map(shift);
        shifts
            .min_by(|one, other| cost(*one).total_cmp(&cost(*other)))
            .unwrap_or(0.0)
    }

    /// Where the lines begin in a block so high.
    fn top(&self, height: f32) -> f32 {
        match (&self.seal, &self.words) {
            (None, None) => (height - self.text_height) / 2.0,
            _ => self.above - self.text_height / 2.0 + (height - self.height()) / 2.0,
        }
    }

    /// Sets the lines from `[left, top]` with what belongs to them, and returns where they end.
    fn set(
        &self,
        flow: &Flow<'_>,
        place: &SealPlace,
        [left, top]: [f32; 2],
        items: &mut Vec<Item>,
    ) -> f32 {
        let x = left + self.width / 2.0;
        if let (
            SealMark::Impression {
                impression,
                is_shown: true,
            },
            Some(seal),
        ) = (&place.mark, &self.seal)
        {
            let [wide, high] = seal.size;
            let y = top + self.text_height / 2.0 + seal.lower;
            items.push(Item::Seal {
                at: [x - wide / 2.0, y - high / 2.0],
                size: seal.size,
                impression: impression.clone(),
            });
        }
        let mut y = top;
        for line in self.lines {
            y = set(flow, line, [left, y], self.width, items);
        }
        let Some(framed) = self.words.as_ref().filter(|framed| framed.is_shown) else {
            return y;
        };
        let [wide, _] = framed.size;
        let at = [x - wide / 2.0, y + framed.above];
        items.push(Item::Frame {
            at,
            size: framed.size,
            width: 0.5,
        });
        let at = at.map(|corner| corner + framed.inset);
        set(flow, framed.words, at, wide - 2.0 * framed.inset, items);
        y
    }
}

fn text_height(line: &Paragraph, width: f32) -> f32 {
    breaking::lines(line, width).len().max(1) as f32 * line.leading
}

impl<'p> Framed<'p> {
    fn new(words: &'p Paragraph, room: f32, size: f32, is_shown: bool) -> Framed<'p> {
        let inset = size * 0.4;
        let length: f32 = words.atoms.iter().map(|atom| atom.advance_em).sum();
        // A little more than the words are long, so that they stay on one line where there is room.
        let wide = (length * words.size + 2.0 * inset + 1.0).min(room);
        let lines = breaking::lines(words, wide - 2.0 * inset).len().max(1);
        Framed {
            words,
            size: [wide, lines as f32 * words.leading + 2.0 * inset],
            inset,
            above: size * 0.4,
            is_shown,
        }
    }
}

/// On A4: the code to the left, the lines in the middle of the right half.
fn beside_code(flow: &Flow<'_>, place: &SealPlace) -> Laid {
    let size = flow.setup.size;
    let half = flow.width() * 0.52;
    let middle = Middle::new(flow, place, half);
    let mut items = Vec::new();
    let least = (middle.text_height + 3.0 * size).max(QR_SIDE + 2.0 * size);
    let mut height = least.max(middle.height());
    let lines_left = flow.setup.left + flow.width() - half;
    middle.set(flow, place, [lines_left, middle.top(height)], &mut items);
    if let Some(symbol) = &place.qr {
        let left = flow.setup.left + size * 0.5;
        let reach = middle.seal.as_ref();
        let reach = reach.map_or(0.0, |seal| seal.size[0] / 2.0);
        let is_clear = left + QR_SIDE + QR_QUIET <= lines_left + half / 2.0 - reach;
        let top = match is_clear {
            true => (height - QR_SIDE) / 2.0,
            // Margins that leave no room beside a large seal.
            false => {
                let top = height + size;
                height = top + QR_SIDE + size;
                top
            }
        };
        items.push(placed_qr([left, top], QR_SIDE, symbol));
    }
    Laid {
        items,
        height,
        top: None,
    }
}

/// On a ticket: one below the other.
fn above_code(flow: &Flow<'_>, place: &SealPlace) -> Laid {
    let size = flow.setup.size;
    let width = flow.width();
    let middle = Middle::new(flow, place, width);
    let mut items = Vec::new();
    let above = size * 0.5;
    let top = match place.mark {
        SealMark::Free => above,
        SealMark::Fixed { .. } | SealMark::Impression { .. } | SealMark::Words { .. } => {
            above + middle.top(middle.height())
        }
    };
    let end = middle.set(flow, place, [flow.setup.left, top], &mut items);
    let mut y = match place.mark {
        SealMark::Free => end,
        SealMark::Fixed { .. } | SealMark::Impression { .. } | SealMark::Words { .. } => {
            above + middle.height()
        }
    };
    if let Some(symbol) = &place.qr {
        let side = QR_SIDE.min(width * 0.7);
        let left = flow.setup.left + (width - side) / 2.0;
        y += size * 1.5;
        items.push(placed_qr([left, y], side, symbol));
        y += side + size;
    }
    Laid {
        items,
        height: y,
        top: None,
    }
}

/// Where the paper bears the seal already; the code on the side that has the room.
fn fixed(
    flow: &Flow<'_>,
    place: &SealPlace,
    at: [f32; 2],
    page_height: f32,
) -> Result<Laid, ComposeFault> {
    let ([x, y], setup) = (at, flow.setup);
    let fault = |reason| Err(ComposeFault::SealPlace { reason });
    if x > setup.width || y > page_height {
        return fault("its centre lies off the sheet");
    }
    let (mut left, mut right) = (setup.left, setup.left + flow.width());
    if x - SEAL_RADIUS < left || x + SEAL_RADIUS > right {
        return fault("it reaches into the margin beside the text");
    }
    let inset = setup.size * 0.5;
    let taken = inset + QR_SIDE + QR_QUIET;
    let code_left = match &place.qr {
        None => None,
        Some(_) if left + taken <= x - SEAL_RADIUS => {
            let code_left = left + inset;
            left += taken;
            Some(code_left)
        }
        Some(_) if right - taken >= x + SEAL_RADIUS => {
            right -= taken;
            Some(right + QR_QUIET)
        }
        Some(_) => return fault("it leaves no room for the QR code beside it"),
    };
    let width = (2.0 * (x - left).min(right - x)).min(flow.width() * 0.52);
    let middle = Middle::new(flow, place, width);
    let height = middle.height().max(QR_SIDE + 2.0 * inset);
    let top = y - height / 2.0;
    if top < setup.top {
        return fault("it reaches into the upper margin");
    }
    if top + height > page_height - setup.bottom {
        return fault("it reaches into the lower margin");
    }
    let mut items = Vec::new();
    let lines_left = x - width / 2.0;
    middle.set(flow, place, [lines_left, middle.top(height)], &mut items);
    if let (Some(symbol), Some(code_left)) = (&place.qr, code_left) {
        let code = [code_left, (height - QR_SIDE) / 2.0];
        items.push(placed_qr(code, QR_SIDE, symbol));
    }
    Ok(Laid {
        items,
        height,
        top: Some(top),
    })
}
