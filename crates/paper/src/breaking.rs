//! Where lines end (禁则) and how the rest of a line is spread.

use icu_segmenter::LineSegmenter;
use icu_segmenter::options::LineBreakOptions;

use crate::item::{Item, Run, RunGlyph};
use crate::layout::Align;
use crate::resolve::{Atom, Kind, Paragraph};

/// GB/T 15834-2011 §5: closing marks, stops and connecting marks never begin a line
const NEVER_FIRST: &str = "。，、；：？！～·）〕］】》〉」』”’％‰℃°,.;:?!)]}%′″〗－／/";
/// and opening marks never end one.
const NEVER_LAST: &str = "（〔［【《〈「『“‘([{￥$〖";
/// Marks whose ink fills the left half of their square.
const LEFT_HALF: &str = "。，、；：）〕］】》〉」』”’〗";
/// Marks whose ink fills the right half.
const RIGHT_HALF: &str = "（〔［【《〈「『“‘〖";

/// Widest extra gap between two characters of a justified line.
const MAX_GAP_EM: f32 = 0.25;
const UNDERLINE_EM: f32 = 0.19;
/// Through the middle of the characters.
const STRIKE_EM: f32 = -0.36;

/// Atoms of one line, with the width they take in em.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub atoms: Vec<Atom>,
    /// The last line of a paragraph is not spread.
    pub is_last: bool,
    pub indent_em: f32,
}

/// Lines of a paragraph in a width of points.
pub(crate) fn lines(paragraph: &Paragraph, width: f32) -> Vec<Line> {
    let width_em = width / paragraph.size;
    let mut lines = Vec::new();
    for atoms in paragraph
        .atoms
        .split(|atom| matches!(atom.kind, Kind::Break))
    {
        fill(atoms, width_em, paragraph.indent_em, &mut lines);
    }
    lines
}

fn fill(atoms: &[Atom], width_em: f32, indent_em: f32, lines: &mut Vec<Line>) {
    let advances = advances(atoms);
    let may_break = breaks(atoms);
    let mut start = 0;
    let mut indent_em = indent_em;
    loop {
        let room = width_em - indent_em;
        let end = line_end(atoms, &advances, &may_break, start, room);
        let taken: Vec<Atom> = atoms
            .iter()
            .zip(&advances)
            .skip(start)
            .take(end - start)
            .map(|(atom, advance_em)| Atom {
                advance_em: *advance_em,
                ..*atom
            })
            .collect();
        let is_last = end >= atoms.len();
        lines.push(Line {
            atoms: trimmed(taken, is_last),
            is_last,
            indent_em,
        });
        if is_last {
            return;
        }
        start = end;
        indent_em = 0.0;
    }
}

/// First atom that no longer belongs to the line beginning at `start`.
fn line_end(
    atoms: &[Atom],
    advances: &[f32],
    may_break: &[bool],
    start: usize,
    room: f32,
) -> usize {
    let mut used = 0.0;
    let mut fitting = None;
    for (index, (atom, advance)) in atoms.iter().zip(advances).enumerate().skip(start) {
        let visible = if is_space(atom) {
            0.0
        } else if is_squeezable(atom) {
            advance.min(0.5)
        } else {
            *advance
        };
        if used + visible > room + 0.001 {
            return fitting.unwrap_or_else(|| cut(atoms, start, index));
        }
        used += advance;
        if may_break.get(index).copied().unwrap_or(true) {
            fitting = Some(index + 1);
        }
    }
    atoms.len()
}

/// A cluster wider than the line is cut where the line is full, or earlier where that would part what belongs together.
fn cut(atoms: &[Atom], start: usize, full: usize) -> usize {
    let full = full.max(start + 1);
    let may_cut = |end: &usize| match (atoms.get(end - 1), atoms.get(*end)) {
        // A mark without a width stands on the character before it.
        (Some(left), Some(right)) => !is_forbidden(left, right) && right.advance_em > 0.0,
        _ => true,
    };
    (start + 1..=full).rev().find(may_cut).unwrap_or(full)
}

/// The advances with the empty halves between neighbouring marks taken out.
fn advances(atoms: &[Atom]) -> Vec<f32> {
    let followers = atoms.iter().skip(1).map(Some).chain(std::iter::once(None));
    atoms
        .iter()
        .zip(followers)
        .map(|(atom, next)| {
            let (Some(ch), Some(next)) = (mark(atom), next.and_then(mark)) else {
                return atom.advance_em;
            };
            let is_tight = (LEFT_HALF.contains(ch)
                && (LEFT_HALF.contains(next) || RIGHT_HALF.contains(next)))
                || (RIGHT_HALF.contains(ch) && RIGHT_HALF.contains(next));
            if is_tight {
                atom.advance_em - 0.5
            } else {
                atom.advance_em
            }
        })
        .collect()
}

/// A full-width character.
fn mark(atom: &Atom) -> Option<char> {
    match atom.kind {
        Kind::Char { ch, .. } if atom.advance_em > 0.9 => Some(ch),
        _ => None,
    }
}

fn is_space(atom: &Atom) -> bool {
    matches!(atom.kind, Kind::Char { ch: ' ', .. }) && !atom.is_underlined
}

fn is_squeezable(atom: &Atom) -> bool {
    mark(atom).is_some_and(|ch| LEFT_HALF.contains(ch))
}

/// Spaces at the end of a broken line take no room.
fn trimmed(mut atoms: Vec<Atom>, is_last: bool) -> Vec<Atom> {
    if !is_last && let Some(kept) = atoms.iter().rposition(|atom| !is_space(atom)) {
        for atom in atoms.iter_mut().skip(kept + 1) {
            atom.advance_em = 0.0;
        }
    }
    atoms
}

/// For each atom, whether a line may end after it.
fn breaks(atoms: &[Atom]) -> Vec<bool> {
    let mut text = String::with_capacity(atoms.len() * 3);
    let mut starts = Vec::with_capacity(atoms.len());
    let mut before = None;
    for (index, atom) in atoms.iter().enumerate() {
        let after = atoms.get(index + 1).and_then(written);
        starts.push(text.len());
        text.push(stand_in(before, atom, after));
        before = written(atom);
    }
    let mut may_break = vec![false; atoms.len()];
    let segmenter = LineSegmenter::new_auto(LineBreakOptions::default());
    for end in segmenter.segment_str(&text) {
        let after = starts.partition_point(|start| *start < end);
        if let Some(allowed) = after.checked_sub(1).and_then(|at| may_break.get_mut(at)) {
            *allowed = true;
        }
    }
    let pairs = atoms.iter().zip(atoms.iter().skip(1));
    for (allowed, (left, right)) in may_break.iter_mut().zip(pairs) {
        *allowed &= !is_forbidden(left, right);
    }
    may_break
}

fn is_forbidden(left: &Atom, right: &Atom) -> bool {
    if left.is_bound {
        return true;
    }
    match (&left.kind, &right.kind) {
        (Kind::Char { ch: left, .. }, Kind::Char { ch: right, .. }) => {
            NEVER_LAST.contains(*left)
                || (left == right && matches!(left, '—' | '…'))
                || (NEVER_FIRST.contains(*right) && *left != ' ')
                || (*left == ' ' && NEVER_FIRST.contains(*right) && !right.is_ascii())
        }
        (Kind::Char { ch, .. }, _) => NEVER_LAST.contains(*ch),
        // A check box stays with its words.
        (Kind::Box { .. }, _) => true,
        (_, Kind::Char { ch, .. }) => NEVER_FIRST.contains(*ch),
        _ => false,
    }
}

fn written(atom: &Atom) -> Option<char> {
    match atom.kind {
        Kind::Char { ch, .. } => Some(ch),
        Kind::Pad | Kind::Box { .. } | Kind::Break => None,
    }
}

/// The segmenter takes curly quotes for marks without a side, the middle dot for a letter and a
/// single dash for a break. A stand-in of the same role gets them right.
fn stand_in(before: Option<char>, atom: &Atom, after: Option<char>) -> char {
    match written(atom) {
        Some('“' | '‘') => '「',
        Some('”' | '’') => '」',
        Some('·') => '・',
        Some('—') if before != Some('—') && after != Some('—') => '〜',
        Some(other) => other,
        None => '口',
    }
}

/// Puts a line on its base line. `at` is the left end; `width` the room in points.
pub(crate) fn place(
    line: &Line,
    paragraph: &Paragraph,
    at: [f32; 2],
    width: f32,
    items: &mut Vec<Item>,
) {
    let size = paragraph.size;
    let [left, base] = at;
    let natural: f32 = line.atoms.iter().map(|atom| atom.advance_em).sum();
    let room = width / size - line.indent_em;
    let (shift, gap) = match paragraph.align {
        Align::Left => (0.0, 0.0),
        Align::Center => ((room - natural).max(0.0) / 2.0, 0.0),
        Align::Right => ((room - natural).max(0.0), 0.0),
        Align::Justify => (0.0, spread(line, room - natural)),
    };
    let mut pen = left + (line.indent_em + shift) * size;
    let mut painter = Painter {
        paragraph,
        base,
        run: None,
        underline: None,
        strike: None,
        items,
    };
    let overhang = (natural - room).max(0.0);
    let last_visible = line.atoms.iter().rposition(|atom| !is_space(atom));
    let followers = line
        .atoms
        .iter()
        .skip(1)
        .map(Some)
        .chain(std::iter::once(None));
    for (index, (atom, next)) in line.atoms.iter().zip(followers).enumerate() {
        let mut advance = atom.advance_em;
        if next.is_some_and(|next| is_gap(atom, next)) && Some(index) < last_visible {
            advance += gap;
        }
        if Some(index) == last_visible {
            advance = (advance - overhang).max(0.0);
        }
        painter.atom(atom, pen, advance * size);
        pen += advance * size;
    }
    painter.finish(pen);
}

/// Extra room per gap, or none when the line would be torn open.
fn spread(line: &Line, rest_em: f32) -> f32 {
    if line.is_last || rest_em <= 0.0 {
        return 0.0;
    }
    let last_visible = line
        .atoms
        .iter()
        .rposition(|atom| !is_space(atom))
        .unwrap_or(0);
    let gaps = line
        .atoms
        .iter()
        .zip(line.atoms.iter().skip(1))
        .take(last_visible)
        .filter(|(left, right)| is_gap(left, right))
        .count();
    let per_gap = rest_em / (gaps.max(1) as f32);
    if gaps == 0 || per_gap > MAX_GAP_EM {
        0.0
    } else {
        per_gap
    }
}

/// Room may be added beside full-width characters and at spaces, not inside a number or a word.
fn is_gap(left: &Atom, right: &Atom) -> bool {
    let is_wide = |atom: &Atom| match atom.kind {
        Kind::Char { ch, .. } => u32::from(ch) >= 0x2E80,
        Kind::Pad => true,
        Kind::Box { .. } | Kind::Break => false,
    };
    is_space(left) || is_wide(left) || is_wide(right)
}

struct Painter<'p> {
    paragraph: &'p Paragraph,
    base: f32,
    run: Option<Run>,
    underline: Option<f32>,
    strike: Option<f32>,
    items: &'p mut Vec<Item>,
}

impl Painter<'_> {
    fn atom(&mut self, atom: &Atom, pen: f32, advance: f32) {
        self.underline(atom.is_underlined, pen);
        self.strike(atom.is_struck, pen);
        match atom.kind {
            Kind::Char { ch, glyph } => {
                if self.run.as_ref().is_some_and(|run| run.face != glyph.face) {
                    self.end_run();
                }
                let run = self.run.get_or_insert_with(|| Run {
                    at: [pen, self.base],
                    size: self.paragraph.size,
                    face: glyph.face,
                    is_bold: self.paragraph.is_bold,
                    lightness: 0.0,
                    angle_deg: 0.0,
                    glyphs: Vec::new(),
                });
                run.glyphs.push(RunGlyph {
                    ch,
                    gid: glyph.gid,
                    font_em: glyph.advance_em,
                    advance,
                });
            }
            Kind::Pad | Kind::Break => self.end_run(),
            Kind::Box { is_checked } => {
                self.end_run();
                self.check_box(pen, is_checked);
            }
        }
    }

    fn underline(&mut self, is_underlined: bool, pen: f32) {
        if let Some(from) = toggled(&mut self.underline, is_underlined, pen) {
            self.draw_across(from, pen, UNDERLINE_EM);
        }
    }

    fn strike(&mut self, is_struck: bool, pen: f32) {
        if let Some(from) = toggled(&mut self.strike, is_struck, pen) {
            self.draw_across(from, pen, STRIKE_EM);
        }
    }

    fn draw_across(&mut self, from: f32, to: f32, below_base_em: f32) {
        let y = self.base + self.paragraph.size * below_base_em;
        self.items.push(Item::Line {
            from: [from, y],
            to: [to, y],
            width: 0.5,
        });
    }

    fn check_box(&mut self, pen: f32, is_checked: bool) {
        let size = self.paragraph.size;
        let (x, y, side) = (pen + size * 0.1, self.base - size * 0.74, size * 0.8);
        self.items.push(Item::Frame {
            at: [x, y],
            size: [side, side],
            width: 0.7,
        });
        if is_checked {
            let points = [[0.16, 0.5], [0.42, 0.8], [0.88, 0.14]]
                .map(|[dx, dy]| [x + dx * side, y + dy * side])
                .to_vec();
            self.items.push(Item::Stroke { points, width: 1.2 });
        }
    }

    fn end_run(&mut self) {
        self.items.extend(self.run.take().map(Item::Run));
    }

    fn finish(mut self, pen: f32) {
        self.end_run();
        self.underline(false, pen);
        self.strike(false, pen);
    }
}

/// Where a line that ends here began.
fn toggled(begun: &mut Option<f32>, is_on: bool, pen: f32) -> Option<f32> {
    match (*begun, is_on) {
        (None, true) => {
            *begun = Some(pen);
            None
        }
        (Some(_), false) => begun.take(),
        (None, false) | (Some(_), true) => None,
    }
}
