//! What a sheet is made of before anything has its place.

use crate::face::Glyph;
use crate::layout::Align;
use crate::{Impression, Picture, Point, qr};

/// One glyph or shape in running text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Atom {
    pub kind: Kind,
    pub advance_em: f32,
    pub is_underlined: bool,
    pub is_struck: bool,
    /// No line ends after it.
    pub is_bound: bool,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    Char {
        ch: char,
        glyph: Glyph,
    },
    /// An empty place, at most as wide as a character, in an underlined blank.
    Pad,
    Box {
        is_checked: bool,
    },
    /// A line ends here by will.
    Break,
}

#[derive(Debug, Clone)]
pub(crate) struct Paragraph {
    pub atoms: Vec<Atom>,
    pub align: Align,
    pub size: f32,
    pub leading: f32,
    pub indent_em: f32,
    pub before: f32,
    pub after: f32,
    pub is_bold: bool,
    pub keeps_next: bool,
    /// Its level among the bookmarks, where it is one.
    pub outline: Option<u8>,
}

impl Paragraph {
    /// Its characters on one line.
    pub(crate) fn words(&self) -> String {
        let chars = self.atoms.iter().filter_map(|atom| match atom.kind {
            Kind::Char { ch, .. } => Some(ch),
            Kind::Break => Some(' '),
            Kind::Pad | Kind::Box { .. } => None,
        });
        chars.collect::<String>().trim().to_owned()
    }
}

#[derive(Debug)]
pub(crate) enum Block {
    Paragraph(Paragraph),
    Keep(Vec<Block>),
    Table(Table),
    Signatures(Vec<Vec<SignBox>>),
    Seal(SealPlace),
    Qr {
        side: f32,
        symbol: qr::Symbol,
        caption: Paragraph,
    },
    Pictures {
        height: f32,
        shown: Vec<Shown>,
    },
    Space(f32),
    Rule,
    NewPage,
}

#[derive(Debug)]
pub(crate) struct Table {
    /// Shares of the width, together 1.
    pub columns: Vec<f32>,
    pub rows: Vec<Row>,
}

#[derive(Debug)]
pub(crate) struct Row {
    pub is_header: bool,
    pub min_height: f32,
    pub cells: Vec<Cell>,
}

#[derive(Debug)]
pub(crate) struct Cell {
    pub columns: usize,
    pub rows: usize,
    pub text: Paragraph,
}

#[derive(Debug)]
pub(crate) struct Shown {
    /// `None` where there is only the word for it.
    pub picture: Option<Picture>,
    pub caption: Paragraph,
}

/// 落款 – who acts and when, where the sheet is sealed.
#[derive(Debug)]
pub(crate) struct SealPlace {
    pub qr: Option<qr::Symbol>,
    pub lines: Vec<Paragraph>,
    pub mark: SealMark,
}

#[derive(Debug)]
pub(crate) enum SealMark {
    /// Room for a stamp.
    Free,
    /// The paper bears the seal; its centre in points.
    Fixed {
        at: [f32; 2],
        /// Printed where nothing else stands on the page.
        alone: Paragraph,
    },
    /// A draft keeps the room and shows nothing.
    Impression {
        impression: Impression,
        is_shown: bool,
    },
    Words {
        words: Paragraph,
        is_shown: bool,
    },
}

#[derive(Debug)]
pub(crate) struct SignBox {
    pub label: Paragraph,
    pub strokes: Vec<Vec<Point>>,
    /// Set instead of strokes when the person refused.
    pub remark: Option<Paragraph>,
    pub date: Paragraph,
    /// What stands in the box for a thumbprint, where there is one.
    pub thumb: Option<Paragraph>,
}
