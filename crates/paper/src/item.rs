//! What stands on a page: placed glyphs, lines and shapes. Points from the upper left corner.

use crate::{Impression, Picture, qr};

#[derive(Debug, Clone, Default)]
pub(crate) struct Page {
    pub width: f32,
    pub height: f32,
    pub items: Vec<Item>,
}

#[derive(Debug, Clone)]
pub(crate) enum Item {
    Run(Run),
    Line {
        from: [f32; 2],
        to: [f32; 2],
        width: f32,
    },
    /// A pen stroke or an open outline.
    Stroke {
        points: Vec<[f32; 2]>,
        width: f32,
    },
    /// A pen stroke of several widths.
    Pen {
        lines: Vec<PenLine>,
    },
    Frame {
        at: [f32; 2],
        size: [f32; 2],
        width: f32,
    },
    Qr {
        at: [f32; 2],
        side: f32,
        symbol: qr::Symbol,
    },
    Picture {
        at: [f32; 2],
        size: [f32; 2],
        picture: Picture,
    },
    /// Painted before the words it stands under.
    Seal {
        at: [f32; 2],
        size: [f32; 2],
        impression: Impression,
    },
    /// A place to jump to, without ink.
    Mark {
        y: f32,
        /// 0 is the title of a sheet, 1 a heading in it.
        level: u8,
        text: String,
    },
}

/// A part of a pen stroke, round at its ends.
#[derive(Debug, Clone)]
pub(crate) struct PenLine {
    pub width: f32,
    pub points: Vec<[f32; 2]>,
}

/// Glyphs of one face on one base line.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    pub at: [f32; 2],
    pub size: f32,
    pub face: usize,
    pub is_bold: bool,
    /// 0 is black, 1 is white.
    pub lightness: f32,
    /// Counter-clockwise, about the start of the run.
    pub angle_deg: f32,
    pub glyphs: Vec<RunGlyph>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct RunGlyph {
    pub ch: char,
    pub gid: u16,
    /// The font's own advance in em.
    pub font_em: f32,
    /// To the next glyph, in points.
    pub advance: f32,
}

/// How far bold letters are thickened, in em.
pub(crate) const BOLD_STROKE_EM: f32 = 0.028;

impl Item {
    pub(crate) fn shift(&mut self, dx: f32, dy: f32) {
        let moved = |point: &mut [f32; 2]| {
            let [x, y] = *point;
            *point = [x + dx, y + dy];
        };
        match self {
            Item::Run(run) => moved(&mut run.at),
            Item::Line { from, to, .. } => {
                moved(from);
                moved(to);
            }
            Item::Stroke { points, .. } => points.iter_mut().for_each(moved),
            Item::Pen { lines } => {
                let points = lines.iter_mut().flat_map(|line| &mut line.points);
                points.for_each(moved);
            }
            Item::Frame { at, .. }
            | Item::Qr { at, .. }
            | Item::Picture { at, .. }
            | Item::Seal { at, .. } => moved(at),
            Item::Mark { y, .. } => *y += dy,
        }
    }
}
