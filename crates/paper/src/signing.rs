//! The end of a sheet: signatures and QR code, laid out from height 0.

use crate::breaking;
use crate::flow::Flow;
use crate::item::Item;
use crate::layout::PageSetup;
use crate::pen::strokes;
use crate::qr;
use crate::resolve::{Paragraph, SignBox};

const MM: f32 = 72.0 / 25.4;
/// A signing box is three times as wide as it is high.
const BOX_RATIO: f32 = 3.0;

/// Width and height of the place for a thumbprint, on A4 and on a ticket.
const THUMB: [f32; 2] = [22.0 * MM, 28.0 * MM];
const TICKET_THUMB: [f32; 2] = [18.0 * MM, 22.0 * MM];
/// A dash and the gap after it.
const DASH: f32 = 5.0;

pub(crate) fn signatures(flow: &Flow<'_>, row: &[SignBox]) -> (Vec<Item>, f32) {
    let size = flow.setup.size;
    let gutter = size * 1.5;
    // A lone box keeps the width it would have beside another one.
    let columns = if flow.setup.height.is_some() {
        row.len().max(2)
    } else {
        row.len()
    };
    let width = (flow.width() - gutter * (columns.max(1) - 1) as f32) / columns.max(1) as f32;
    let mut items = Vec::new();
    let mut height: f32 = 0.0;
    for (index, sign_box) in row.iter().enumerate() {
        let left = flow.setup.left + index as f32 * (width + gutter);
        let width = if row.len() == 1 && sign_box.remark.is_some() {
            flow.width()
        } else {
            width
        };
        height = height.max(sign(flow, sign_box, left, width, &mut items));
    }
    (items, height)
}

fn sign(flow: &Flow<'_>, sign_box: &SignBox, left: f32, width: f32, items: &mut Vec<Item>) -> f32 {
    let Some(words) = &sign_box.thumb else {
        return sign_place(flow, sign_box, left, width, items);
    };
    let size = flow.setup.size;
    let [wide, high] = match flow.setup.height {
        Some(_) => THUMB,
        None => TICKET_THUMB,
    };
    let room = width - wide - size * 0.5;
    let end = sign_place(flow, sign_box, left, room, items);
    let thumb_left = left + room + size * 0.5;
    let top = size * 0.3;
    dashed([thumb_left, top], [wide, high], items);
    let at = [thumb_left, top + high - words.leading];
    set(flow, words, at, wide, items);
    end.max(top + high + size * 0.6)
}

/// 捺印处 – a box of short lines.
fn dashed([x, y]: [f32; 2], [wide, high]: [f32; 2], items: &mut Vec<Item>) {
    let mut side = |from: [f32; 2], along: [f32; 2], length: f32| {
        let count = (length / DASH).round().max(1.0);
        let step = length / count;
        let at = |way: f32| [from[0] + along[0] * way, from[1] + along[1] * way];
        for dash in 0..count as usize {
            let begin = dash as f32 * step;
            items.push(Item::Line {
                from: at(begin + step * 0.2),
                to: at(begin + step * 0.8),
                width: 0.5,
            });
        }
    };
    side([x, y], [1.0, 0.0], wide);
    side([x, y + high], [1.0, 0.0], wide);
    side([x, y], [0.0, 1.0], high);
    side([x + wide, y], [0.0, 1.0], high);
}

/// Label, place to sign and date.
fn sign_place(
    flow: &Flow<'_>,
    sign_box: &SignBox,
    left: f32,
    width: f32,
    items: &mut Vec<Item>,
) -> f32 {
    let size = flow.setup.size;
    let label_em: f32 = sign_box
        .label
        .atoms
        .iter()
        .map(|atom| atom.advance_em)
        .sum();
    let label_width = label_em * sign_box.label.size;
    let pen_height = size * 2.9;
    let is_beside = width - label_width > size * 5.0;
    let label_top = if is_beside {
        pen_height - size * 1.5
    } else {
        0.0
    };
    let mut y = set(flow, &sign_box.label, [left, label_top], width, items);
    let (pen_left, pen_top) = if is_beside {
        (left + label_width, 0.0)
    } else {
        (left, y)
    };
    let pen_width = left + width - pen_left;
    let base = pen_top + pen_height;
    if sign_box.strokes.is_empty()
        && let Some(remark) = &sign_box.remark
    {
        y = set(flow, remark, [left, y.max(base)], width, items);
    } else {
        items.push(Item::Line {
            from: [pen_left, base],
            to: [left + width, base],
            width: 0.5,
        });
        y = base + size * 0.2;
    }
    let high = pen_height.min(pen_width / BOX_RATIO);
    let wide = high * BOX_RATIO;
    let pen_at = [pen_left + (pen_width - wide) / 2.0, base - high];
    items.extend(strokes(&sign_box.strokes, pen_at, [wide, high], size * 0.1));
    y = set(flow, &sign_box.date, [left, y], width, items);
    y + size * 0.6
}

/// Room the signatures at the foot of every page take, in text sizes.
pub(crate) const FOOT_EM: f32 = 2.8;

/// Signatures at the foot of a page, beside each other, from `top` downwards.
pub(crate) fn foot(setup: &PageSetup, boxes: &[SignBox], top: f32) -> Vec<Item> {
    let flow = Flow::new(setup);
    let size = setup.size;
    let gutter = size;
    let count = boxes.len().max(1) as f32;
    let width = (flow.width() - gutter * (count - 1.0)) / count;
    let base = top + (FOOT_EM - 0.3) * size;
    let mut items = Vec::new();
    for (index, sign_box) in boxes.iter().enumerate() {
        let left = setup.left + index as f32 * (width + gutter);
        let label_top = base - sign_box.label.leading;
        set(&flow, &sign_box.label, [left, label_top], width, &mut items);
        let label_em: f32 = sign_box
            .label
            .atoms
            .iter()
            .map(|atom| atom.advance_em)
            .sum();
        let pen_left = (left + label_em * sign_box.label.size).min(left + width);
        let pen_width = left + width - pen_left;
        match &sign_box.remark {
            Some(remark) => {
                set(&flow, remark, [pen_left, label_top], pen_width, &mut items);
            }
            None => items.push(Item::Line {
                from: [pen_left, base],
                to: [(pen_left + size * 12.0).min(left + width), base],
                width: 0.5,
            }),
        }
        let high = ((FOOT_EM - 0.5) * size).min(pen_width / BOX_RATIO);
        let at = [pen_left + size * 0.5, base - high];
        let pen = [high * BOX_RATIO, high];
        items.extend(strokes(&sign_box.strokes, at, pen, size * 0.08));
    }
    items
}

/// A QR code with its caption to the right, or below it on a ticket.
pub(crate) fn qr(
    flow: &Flow<'_>,
    side: f32,
    symbol: &qr::Symbol,
    caption: &Paragraph,
) -> (Vec<Item>, f32) {
    let size = flow.setup.size;
    let width = flow.width();
    let mut items = Vec::new();
    let top = size;
    if flow.setup.height.is_none() {
        let side = side.min(width * 0.8);
        let left = flow.setup.left + (width - side) / 2.0;
        items.push(placed_qr([left, top], side, symbol));
        let at = [flow.setup.left, top + side + size];
        let y = set(flow, caption, at, width, &mut items);
        return (items, y + size * 0.5);
    }
    items.push(placed_qr([flow.setup.left + size * 0.5, top], side, symbol));
    let text_left = flow.setup.left + side + size * 1.8;
    let text_width = flow.setup.left + width - text_left;
    let lines = breaking::lines(caption, text_width).len() as f32;
    let text_top = top + ((side - lines * caption.leading) / 2.0).max(0.0);
    let y = set(flow, caption, [text_left, text_top], text_width, &mut items);
    (items, y.max(top + side) + size)
}

pub(crate) fn placed_qr(at: [f32; 2], side: f32, symbol: &qr::Symbol) -> Item {
    Item::Qr {
        at,
        side,
        symbol: symbol.clone(),
    }
}

/// Sets a paragraph from `at` downwards and returns where it ends.
pub(crate) fn set(
    flow: &Flow<'_>,
    paragraph: &Paragraph,
    at: [f32; 2],
    width: f32,
    items: &mut Vec<Item>,
) -> f32 {
    let [x, mut y] = at;
    if paragraph.atoms.is_empty() {
        return y;
    }
    for line in breaking::lines(paragraph, width) {
        flow.line_at(&line, paragraph, [x, y], width, items);
        y += paragraph.leading;
    }
    y
}
