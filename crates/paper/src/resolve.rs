//! A layout and its values become blocks of glyphs that only need a place.

mod ends;
mod parts;

use crate::ComposeFault;
use crate::face::{FaceSet, is_printable};
use crate::fonts::Role;
use crate::layout::{
    Align, Condition, Field, Filter, Layout, Node, PageSetup, Piece, RowNode, Style, Test,
};
use crate::sheet::{Pictures, PlacedSignature, Sheet};
use crate::value::Scope;
use crate::{figures, qr};
use ends::in_rows;

pub(crate) use parts::{
    Atom, Block, Cell, Kind, Paragraph, Row, SealMark, SealPlace, Shown, SignBox, Table,
};

/// Characters a sheet may hold; a pasted book is refused before it is laid out.
const MAX_CHARACTERS: usize = 200_000;
const MAX_LISTED_MISSING: usize = 64;
const EMPTY_BLANK_EM: f32 = 6.0;
/// A numbered paragraph that ends with none of these is a heading.
const STOPS: [char; 4] = ['。', '；', '！', '？'];
/// A blank up to this width stays on one line;
const LONGEST_WHOLE_BLANK_EM: f32 = 10.0;
/// of a longer open one at least so many characters stay together.
const LEAST_OF_BLANK: usize = 3;

pub(crate) struct Resolver<'r, 'f> {
    faces: &'r mut FaceSet<'f>,
    page: PageSetup,
    signatures: &'r [PlacedSignature],
    pictures: &'r Pictures,
    qr: Option<String>,
    count: usize,
    numbered: u64,
    missing: Vec<(char, String)>,
}

impl<'r, 'f> Resolver<'r, 'f> {
    pub(crate) fn new(faces: &'r mut FaceSet<'f>, page: PageSetup, sheet: &'r Sheet<'_>) -> Self {
        Resolver {
            faces,
            page,
            signatures: sheet.signatures,
            pictures: sheet.pictures,
            qr: sheet.stamp.printed_qr().map(str::to_owned),
            count: 0,
            numbered: 0,
            missing: Vec::new(),
        }
    }

    pub(crate) fn blocks(
        &mut self,
        layout: &Layout,
        scope: Scope<'_>,
    ) -> Result<Vec<Block>, ComposeFault> {
        let blocks = self.nodes(&layout.nodes, scope)?;
        self.finish()?;
        Ok(blocks)
    }

    /// Missing characters of everything resolved so far are the fault.
    pub(crate) fn finish(&mut self) -> Result<(), ComposeFault> {
        if self.missing.is_empty() {
            return Ok(());
        }
        Err(ComposeFault::MissingGlyphs(std::mem::take(
            &mut self.missing,
        )))
    }

    fn nodes(&mut self, nodes: &[Node], scope: Scope<'_>) -> Result<Vec<Block>, ComposeFault> {
        let mut blocks = Vec::new();
        for node in nodes {
            match node {
                Node::Paragraph { style, pieces } => {
                    blocks.push(Block::Paragraph(self.styled(*style, pieces, scope)?));
                }
                Node::Keep(nodes) => blocks.push(Block::Keep(self.nodes(nodes, scope)?)),
                Node::When { condition, yes, no } => {
                    let chosen = if scope.holds(condition) { yes } else { no };
                    blocks.extend(self.nodes(chosen, scope)?);
                }
                Node::Each { path, nodes } => {
                    for (index, item) in scope.list(path).iter().enumerate() {
                        let path = scope.absolute(&format!("{path}.{index}"));
                        let scope = scope.with_item(item, &path, index + 1);
                        blocks.extend(self.nodes(nodes, scope)?);
                    }
                }
                Node::Table {
                    columns,
                    size,
                    rows,
                } => {
                    let total: f32 = columns.iter().sum();
                    blocks.push(Block::Table(Table {
                        columns: columns.iter().map(|width| width / total).collect(),
                        rows: self.rows(rows, size.unwrap_or(self.page.size - 1.0), scope)?,
                    }));
                }
                Node::Signatures { columns, places } => {
                    let mut boxes = Vec::new();
                    self.sign_boxes(places, scope, &mut boxes)?;
                    blocks.push(Block::Signatures(in_rows(boxes, *columns)));
                }
                Node::Picture { path, height } => {
                    let shown = self.pictures(path, scope)?;
                    if !shown.is_empty() {
                        blocks.push(Block::Pictures {
                            height: *height,
                            shown,
                        });
                    }
                }
                Node::Seal {
                    with_qr,
                    is_own,
                    lines,
                } => {
                    let mut set = Vec::new();
                    for pieces in lines {
                        set.push(self.styled(Style::Center, pieces, scope)?);
                    }
                    let qr = if *with_qr { self.symbol()? } else { None };
                    let mark = match is_own {
                        true => self.seal_mark(scope)?,
                        false => SealMark::Free,
                    };
                    blocks.push(Block::Seal(SealPlace {
                        qr,
                        lines: set,
                        mark,
                    }));
                }
                Node::Qr { side, caption } => {
                    if let Some(symbol) = self.symbol()? {
                        blocks.push(Block::Qr {
                            side: *side,
                            symbol,
                            caption: self.styled(Style::Small, caption, scope)?,
                        });
                    }
                }
                Node::Space(height) => blocks.push(Block::Space(*height)),
                Node::Rule => blocks.push(Block::Rule),
                Node::NewPage => blocks.push(Block::NewPage),
            }
        }
        Ok(blocks)
    }

    fn rows(
        &mut self,
        nodes: &[RowNode],
        size: f32,
        scope: Scope<'_>,
    ) -> Result<Vec<Row>, ComposeFault> {
        let mut rows = Vec::new();
        for node in nodes {
            match node {
                RowNode::Row {
                    is_header,
                    min_height,
                    cells,
                } => {
                    let mut row = Row {
                        is_header: *is_header,
                        min_height: *min_height,
                        cells: Vec::new(),
                    };
                    for cell in cells {
                        let mut text = self.plain(size, cell.align);
                        text.atoms = self.atoms(self.page.role, &cell.pieces, scope)?;
                        row.cells.push(Cell {
                            columns: cell.columns,
                            rows: cell.rows,
                            text,
                        });
                    }
                    rows.push(row);
                }
                RowNode::When { condition, yes, no } => {
                    let chosen = if scope.holds(condition) { yes } else { no };
                    rows.extend(self.rows(chosen, size, scope)?);
                }
                RowNode::Each { path, rows: nodes } => {
                    for (index, item) in scope.list(path).iter().enumerate() {
                        let path = scope.absolute(&format!("{path}.{index}"));
                        let scope = scope.with_item(item, &path, index + 1);
                        rows.extend(self.rows(nodes, size, scope)?);
                    }
                }
            }
        }
        Ok(rows)
    }

    /// The pictures a value names: an id, `{id, caption}`, or a list of them.
    fn pictures(&mut self, path: &str, scope: Scope<'_>) -> Result<Vec<Shown>, ComposeFault> {
        let mut shown = Vec::new();
        for (id, caption) in scope.evidence(path) {
            let picture = self.pictures.get(id).cloned();
            let mut words = String::new();
            if picture.is_none() {
                words = format!("（证据{id}，此处没有图片）");
            }
            words.push_str(&caption);
            let origin = scope.absolute(path);
            let mut line = self.plain((self.page.size - 2.0).max(6.0), Align::Center);
            line.atoms = self.text(self.page.role, &words, &origin, false)?;
            shown.push(Shown {
                picture,
                caption: line,
            });
        }
        Ok(shown)
    }

    fn symbol(&self) -> Result<Option<qr::Symbol>, ComposeFault> {
        self.qr.as_deref().map(qr::Symbol::new).transpose()
    }

    fn plain(&self, size: f32, align: Align) -> Paragraph {
        Paragraph {
            atoms: Vec::new(),
            align,
            size,
            leading: size * 1.45,
            indent_em: 0.0,
            before: 0.0,
            after: 0.0,
            is_bold: false,
            keeps_next: false,
            outline: None,
        }
    }

    pub(crate) fn styled(
        &mut self,
        style: Style,
        pieces: &[Piece],
        scope: Scope<'_>,
    ) -> Result<Paragraph, ComposeFault> {
        let (size, leading) = (self.page.size, self.page.leading);
        let scale = |factor: f32| (size * factor * 2.0).round() / 2.0;
        let mut paragraph = Paragraph {
            leading,
            ..self.plain(size, Align::Justify)
        };
        let mut role = self.page.role;
        match style {
            Style::Title => {
                paragraph.size = scale(1.83);
                paragraph.leading = paragraph.size * 1.4;
                paragraph.align = Align::Center;
                paragraph.is_bold = !self.faces.has_title();
                role = Role::Title;
                paragraph.outline = Some(0);
                (paragraph.before, paragraph.after) = (size * 0.2, size * 0.5);
            }
            Style::Agency => {
                paragraph.size = scale(1.33);
                paragraph.leading = paragraph.size * 1.5;
                paragraph.align = Align::Center;
                paragraph.is_bold = !self.faces.has_title();
                role = Role::Title;
            }
            Style::Number => {
                paragraph.align = Align::Right;
                paragraph.after = size * 0.4;
            }
            Style::Heading => {
                role = Role::Label;
                paragraph.before = size * 0.3;
                paragraph.keeps_next = true;
                paragraph.outline = Some(1);
                paragraph.align = Align::Left;
            }
            Style::Body => paragraph.indent_em = 2.0,
            Style::Numbered => {
                paragraph.indent_em = 2.0;
                self.numbered += 1;
                let number = format!("{}、", figures::chinese_number(self.numbered));
                paragraph.atoms = self.text(role, &number, "layout", false)?;
            }
            Style::Flush => {}
            Style::Center => paragraph.align = Align::Center,
            Style::Right => paragraph.align = Align::Right,
            Style::Small => {
                paragraph.size = scale(0.75);
                paragraph.leading = paragraph.size * 1.4;
            }
            Style::Notice => {
                paragraph.size = scale(0.875);
                paragraph.leading = paragraph.size * 1.55;
                paragraph.indent_em = 2.0;
            }
        }
        paragraph.atoms.extend(self.atoms(role, pieces, scope)?);
        if style == Style::Numbered && !paragraph.words().ends_with(STOPS) {
            paragraph.keeps_next = true;
            paragraph.outline = Some(1);
        }
        Ok(paragraph)
    }

    fn atoms(
        &mut self,
        role: Role,
        pieces: &[Piece],
        scope: Scope<'_>,
    ) -> Result<Vec<Atom>, ComposeFault> {
        let mut atoms = Vec::new();
        for piece in pieces {
            match piece {
                Piece::Text(text) => atoms.extend(self.text(role, text, "layout", false)?),
                Piece::Break => atoms.push(atom(Kind::Break, 0.0, false)),
                Piece::Check(condition) => {
                    let is_checked = scope.holds(condition);
                    atoms.push(atom(Kind::Box { is_checked }, 1.1, false));
                }
                Piece::Index => {
                    atoms.extend(self.text(role, &scope.index.to_string(), "layout", false)?);
                }
                Piece::Page | Piece::Pages => {
                    let (page, pages) = scope.page.unwrap_or((1, 1));
                    let shown = if matches!(piece, Piece::Page) {
                        page
                    } else {
                        pages
                    };
                    atoms.extend(self.text(role, &shown.to_string(), "layout", false)?);
                }
                Piece::Field(field) => self.field(role, field, scope, &mut atoms)?,
            }
        }
        Ok(atoms)
    }

    fn field(
        &mut self,
        role: Role,
        field: &Field,
        scope: Scope<'_>,
        atoms: &mut Vec<Atom>,
    ) -> Result<(), ComposeFault> {
        let line = field.filters.iter().find_map(|filter| match filter {
            Filter::Line(width) => Some(*width),
            _ => None,
        });
        let origin = scope.absolute(&field.path);
        if let Some(words) = scope.words(field) {
            let mut words = self.text(role, &words, &origin, line.is_some())?;
            let is_struck = field.filters.contains(&Filter::Strike);
            words.iter_mut().for_each(|atom| atom.is_struck = is_struck);
            atoms.extend(in_blank(words, line));
            return Ok(());
        }
        if field.filters.contains(&Filter::Optional) {
            return Ok(());
        }
        let is_struck = field.filters.iter().any(|filter| match filter {
            Filter::Slash(None) => true,
            Filter::Slash(Some(condition)) => scope.holds(condition),
            _ => false,
        });
        if is_struck {
            let slash = self.text(role, "/", "layout", line.is_some())?;
            atoms.extend(in_blank(slash, line));
        } else {
            atoms.extend(open_blank(line.unwrap_or(EMPTY_BLANK_EM)));
        }
        Ok(())
    }

    /// Glyphs of a text. Line breaks stay line breaks; what no font has is noted with its origin.
    pub(crate) fn text(
        &mut self,
        role: Role,
        text: &str,
        origin: &str,
        is_underlined: bool,
    ) -> Result<Vec<Atom>, ComposeFault> {
        let mut atoms = Vec::with_capacity(text.len() / 3);
        let mut chars = text.chars().peekable();
        while let Some(ch) = chars.next() {
            self.count += 1;
            if self.count > MAX_CHARACTERS {
                return Err(ComposeFault::TooLong {
                    limit: MAX_CHARACTERS,
                });
            }
            if ch == '\n' || ch == '\r' {
                if ch == '\r' {
                    let _ = chars.next_if_eq(&'\n');
                }
                atoms.push(atom(Kind::Break, 0.0, false));
                continue;
            }
            // A tab parts words as a full space does.
            let ch = if ch == '\t' { '　' } else { ch };
            let glyph = is_printable(ch)
                .then(|| self.faces.glyph(role, ch))
                .flatten();
            match glyph {
                Some(glyph) => atoms.push(atom(
                    Kind::Char { ch, glyph },
                    glyph.advance_em,
                    is_underlined,
                )),
                None => self.note_missing(ch, origin),
            }
        }
        Ok(atoms)
    }

    fn note_missing(&mut self, ch: char, origin: &str) {
        let is_known = self
            .missing
            .iter()
            .any(|(known, path)| *known == ch && path == origin);
        if !is_known && self.missing.len() < MAX_LISTED_MISSING {
            self.missing.push((ch, origin.to_owned()));
        }
    }
}

fn present(path: &str) -> Condition {
    Condition {
        all: vec![Test::Present(path.to_owned())],
    }
}

fn atom(kind: Kind, advance_em: f32, is_underlined: bool) -> Atom {
    Atom {
        kind,
        advance_em,
        is_underlined,
        is_struck: false,
        is_bound: false,
    }
}

/// Words in the middle of a blank of a width in characters. The line may end within long ones, never between them and
/// the rest of their blank.
fn in_blank(words: Vec<Atom>, width_em: Option<f32>) -> Vec<Atom> {
    let taken: f32 = words.iter().map(|atom| atom.advance_em).sum();
    let margin = pads((width_em.unwrap_or(0.0) - taken).max(0.0) / 2.0);
    let is_short =
        !margin.is_empty() && width_em.is_some_and(|width| width <= LONGEST_WHOLE_BLANK_EM);
    let inner = margin.len()..(margin.len() + words.len()).saturating_sub(1);
    let mut blank = [margin.clone(), words, margin].concat();
    let last = blank.len().saturating_sub(1);
    for (index, atom) in blank.iter_mut().enumerate().take(last) {
        atom.is_bound = is_short || !inner.contains(&index);
    }
    blank
}

/// A blank to be written in by hand. Only a long one goes on over the line, and then leaves no stub.
fn open_blank(width_em: f32) -> Vec<Atom> {
    let mut blank = pads(width_em);
    let least = if width_em > LONGEST_WHOLE_BLANK_EM {
        LEAST_OF_BLANK
    } else {
        blank.len()
    };
    let ends = blank.len().saturating_sub(least)..blank.len().saturating_sub(1);
    for (index, pad) in blank.iter_mut().enumerate() {
        pad.is_bound = index + 1 < least || ends.contains(&index);
    }
    blank
}

/// Empty underlined room of a width in characters.
fn pads(width_em: f32) -> Vec<Atom> {
    let mut pads = Vec::new();
    let mut rest = width_em;
    while rest > 0.05 {
        let step = rest.min(1.0);
        pads.push(atom(Kind::Pad, step, true));
        rest -= step;
    }
    pads
}
