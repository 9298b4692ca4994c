//! Pictures beside each other, their captions below, laid out from height 0.

use crate::breaking;
use crate::flow::Flow;
use crate::item::Item;
use crate::resolve::Shown;

/// Room a caption has, however narrow its picture is.
const NARROWEST: f32 = 40.0 * 72.0 / 25.4;

/// Rows of pictures with their heights; a row stays on one page.
pub(crate) fn rows(flow: &Flow<'_>, height: f32, shown: &[Shown]) -> Vec<(Vec<Item>, f32)> {
    let gutter = flow.setup.size;
    let room = flow.width();
    // A caption of three lines and the gaps still fit on the page.
    let height = height.min(flow.page_room() - 6.0 * flow.setup.size);
    let mut rows: Vec<Vec<Column<'_>>> = Vec::new();
    let mut used = f32::INFINITY;
    for shown in shown {
        let column = Column::new(shown, room, height);
        if used + gutter + column.width > room + 0.01 {
            rows.push(Vec::new());
            used = -gutter;
        }
        used += gutter + column.width;
        if let Some(row) = rows.last_mut() {
            row.push(column);
        }
    }
    rows.iter().map(|row| set(flow, row, gutter)).collect()
}

struct Column<'s> {
    shown: &'s Shown,
    width: f32,
    size: [f32; 2],
}

impl<'s> Column<'s> {
    fn new(shown: &'s Shown, room: f32, height: f32) -> Self {
        let size = match &shown.picture {
            Some(picture) => picture.fitted(room, height),
            // An empty frame of the usual shape of a photo.
            None => [(height * 4.0 / 3.0).min(room), height],
        };
        let [wide, _] = size;
        Column {
            shown,
            width: wide.max(NARROWEST.min(room)),
            size,
        }
    }
}

fn set(flow: &Flow<'_>, row: &[Column<'_>], gutter: f32) -> (Vec<Item>, f32) {
    let size = flow.setup.size;
    let used: f32 = row.iter().map(|column| column.width + gutter).sum::<f32>() - gutter;
    let mut left = flow.setup.left + ((flow.width() - used) / 2.0).max(0.0);
    let top = size * 0.4;
    let tallest = row.iter().map(|column| column.size[1]).fold(0.0, f32::max);
    let mut items = Vec::new();
    let mut end = top + tallest;
    for column in row {
        let [wide, high] = column.size;
        let at = [left + (column.width - wide) / 2.0, top + tallest - high];
        if let Some(picture) = &column.shown.picture {
            items.push(Item::Picture {
                at,
                size: [wide, high],
                picture: picture.clone(),
            });
        }
        items.push(Item::Frame {
            at,
            size: [wide, high],
            width: 0.5,
        });
        end = end.max(caption(flow, column, [left, top + tallest], &mut items));
        left += column.width + gutter;
    }
    (items, end + size * 0.4)
}

/// Below the picture, or inside the frame that stands for one. Returns where it ends.
fn caption(flow: &Flow<'_>, column: &Column<'_>, below: [f32; 2], items: &mut Vec<Item>) -> f32 {
    let caption = &column.shown.caption;
    let [left, bottom] = below;
    if caption.atoms.is_empty() {
        return bottom;
    }
    let inset = match column.shown.picture {
        Some(_) => 0.0,
        None => flow.setup.size * 0.5,
    };
    let width = column.width - 2.0 * inset;
    let lines = breaking::lines(caption, width);
    let high = lines.len() as f32 * caption.leading;
    let [_, frame] = column.size;
    let mut y = match column.shown.picture {
        Some(_) => bottom + flow.setup.size * 0.2,
        None => bottom - (frame + high) / 2.0,
    };
    for line in &lines {
        flow.line_at(line, caption, [left + inset, y], width, items);
        y += caption.leading;
    }
    y
}
