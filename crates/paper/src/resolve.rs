//! A layout and its values become blocks of glyphs that only need a place.

use crate::ComposeFault;
use crate::face::{FaceSet, Glyph, is_printable};
use crate::fonts::Role;
use crate::layout::{
    Align, Condition, Field, Filter, Layout, Node, PageSetup, Piece, RowNode, SignNode, SlotNode,
    Style, Test,
};
use crate::sheet::{Pictures, PlacedSignature, Sheet, StampKind};
use crate::value::Scope;
use crate::{Impression, Picture, Point, Seal, figures, qr};

/// Characters a sheet may hold; a pasted book is refused before it is laid out.
const MAX_CHARACTERS: usize = 200_000;
const MAX_LISTED_MISSING: usize = 64;
const EMPTY_BLANK_EM: f32 = 6.0;

/// One glyph or shape in running text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Atom {
    pub kind: Kind,
    pub advance_em: f32,
    pub is_underlined: bool,
    pub is_struck: bool,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    Char {
        ch: char,
        glyph: Glyph,
    },
    /// An empty place, as wide as a character, in an underlined blank.
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

    fn sign_boxes(
        &mut self,
        nodes: &[SignNode],
        scope: Scope<'_>,
        boxes: &mut Vec<SignBox>,
    ) -> Result<(), ComposeFault> {
        for node in nodes {
            match node {
                SignNode::Place(slot) => boxes.push(self.sign_box(slot, scope)?),
                SignNode::When { condition, yes, no } => {
                    let chosen = if scope.holds(condition) { yes } else { no };
                    self.sign_boxes(chosen, scope, boxes)?;
                }
                SignNode::Each { path, places } => {
                    for (index, item) in scope.list(path).iter().enumerate() {
                        let path = scope.absolute(&format!("{path}.{index}"));
                        let scope = scope.with_item(item, &path, index + 1);
                        self.sign_boxes(places, scope, boxes)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn sign_box(&mut self, slot: &SlotNode, scope: Scope<'_>) -> Result<SignBox, ComposeFault> {
        let name = slot.slot.replacen("{#}", &scope.index.to_string(), 1);
        let signature = self.signatures.iter().find(|placed| placed.slot == name);
        let origin = format!("signatures.{name}");
        let size = self.page.size;
        let mut label = self.plain(size, Align::Left);
        label.atoms = self.atoms(self.page.role, &slot.label, scope)?;
        let mut date = self.plain(size - 1.5, Align::Right);
        let mut strokes = Vec::new();
        let mut remark = None;
        if let Some(signature) = signature {
            strokes.clone_from(&signature.strokes);
            if strokes.iter().all(Vec::is_empty) && !signature.name.is_empty() {
                let mut name = self.plain(size, Align::Left);
                name.atoms = self.text(self.page.role, &signature.name, &origin, false)?;
                remark = Some(name);
            }
            let signed_on = figures::date(&signature.signed_on);
            date.atoms = self.text(self.page.role, &signed_on, &origin, false)?;
        } else if has_refused(&name, scope) {
            remark = Some(self.refusal(&name, scope)?);
        }
        if date.atoms.is_empty() && remark.is_none() {
            date.atoms = self.text(self.page.role, "　　年　　月　　日", &origin, false)?;
        }
        let mut thumb = None;
        // Who refused to sign gives no print either.
        if slot.has_thumb && (signature.is_some() || !has_refused(&name, scope)) {
            let mut words = self.plain((size - 4.0).max(5.0), Align::Center);
            words.atoms = self.text(self.page.role, "捺印处", "layout", false)?;
            thumb = Some(words);
        }
        Ok(SignBox {
            label,
            strokes,
            remark,
            date,
            thumb,
        })
    }

    /// 逐页签名 – the places at the foot of a page: the same strokes again, without the date.
    pub(crate) fn foot(
        &mut self,
        slots: &[SlotNode],
        scope: Scope<'_>,
    ) -> Result<Vec<SignBox>, ComposeFault> {
        let mut boxes = Vec::new();
        for slot in slots {
            let mut sign_box = self.sign_box(slot, scope)?;
            sign_box.date.atoms.clear();
            if has_refused(&slot.slot, scope) && sign_box.strokes.is_empty() {
                let mut remark = self.plain(self.page.size, Align::Left);
                remark.atoms = self.text(self.page.role, "未签名", "layout", false)?;
                sign_box.remark = Some(remark);
            }
            boxes.push(sign_box);
        }
        Ok(boxes)
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

    /// 拒绝签名 – what stands in the place of somebody who did not sign.
    fn refusal(&mut self, slot: &str, scope: Scope<'_>) -> Result<Paragraph, ComposeFault> {
        let field = |path: &str| {
            Piece::Field(Field {
                path: path.to_owned(),
                filters: Vec::new(),
            })
        };
        let begins = match slot {
            "party" => "当事人未签名，原因：",
            _ => "未签名，原因：",
        };
        let mut pieces = vec![Piece::Text(begins.to_owned())];
        pieces.push(field("refusal.reason"));
        if scope.holds(&present("refusal.witness_name")) {
            pieces.push(Piece::Text("；见证人：".to_owned()));
            pieces.push(field("refusal.witness_name"));
        }
        if scope.holds(&present("refusal.witness_phone")) {
            pieces.push(Piece::Text("，电话：".to_owned()));
            pieces.push(field("refusal.witness_phone"));
        }
        pieces.push(Piece::Text("。".to_owned()));
        let mut remark = self.plain(self.page.size - 1.5, Align::Left);
        remark.atoms = self.atoms(self.page.role, &pieces, scope)?;
        Ok(remark)
    }

    fn seal_mark(&mut self, scope: Scope<'_>) -> Result<SealMark, ComposeFault> {
        let is_shown = scope.stamp.kind != StampKind::Draft;
        let is_endless = self.page.height.is_none();
        Ok(match &scope.stamp.seal {
            Seal::ByHand => SealMark::Free,
            // Tickets are printed on a roll.
            Seal::PreSealed { .. } if is_endless => SealMark::Free,
            Seal::PreSealed { x_mm, y_mm } => SealMark::Fixed {
                at: [*x_mm, *y_mm].map(|mm| f32::from(mm) * 72.0 / 25.4),
                alone: {
                    let words = Piece::Text("（此页无正文）".to_owned());
                    self.styled(Style::Body, &[words], scope)?
                },
            },
            Seal::Impression(impression) => SealMark::Impression {
                impression: impression.clone(),
                is_shown,
            },
            Seal::Follows(words) => {
                let mut line = self.plain((self.page.size - 2.5).max(6.0), Align::Center);
                line.atoms = self.text(self.page.role, words, "seal", false)?;
                SealMark::Words {
                    words: line,
                    is_shown,
                }
            }
        })
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
            let width: f32 = words.iter().map(|atom| atom.advance_em).sum();
            let spare = line.map_or(0.0, |line| (line - width).max(0.0));
            pad(atoms, spare / 2.0);
            atoms.extend(words);
            pad(atoms, spare / 2.0);
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
        if !is_struck {
            pad(atoms, line.unwrap_or(EMPTY_BLANK_EM));
            return Ok(());
        }
        let slash = self.text(role, "/", "layout", line.is_some())?;
        let spare = line.map_or(0.0, |line| (line - 0.5).max(0.0));
        pad(atoms, spare / 2.0);
        atoms.extend(slash);
        pad(atoms, spare / 2.0);
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

/// A refusal is the party's unless it says whose it is.
fn has_refused(slot: &str, scope: Scope<'_>) -> bool {
    let theirs = Test::Is("refusal.slot".to_owned(), vec![slot.to_owned()]);
    let is_theirs = Condition { all: vec![theirs] };
    let is_unnamed = slot == "party" && !scope.holds(&present("refusal.slot"));
    (is_unnamed || scope.holds(&is_theirs))
        && (scope.holds(&present("refusal.reason"))
            || scope.holds(&present("refusal.witness_name")))
}

fn atom(kind: Kind, advance_em: f32, is_underlined: bool) -> Atom {
    Atom {
        kind,
        advance_em,
        is_underlined,
        is_struck: false,
    }
}

/// Empty underlined room of a width in characters.
fn pad(atoms: &mut Vec<Atom>, width_em: f32) {
    let mut rest = width_em;
    while rest > 0.05 {
        let step = rest.min(1.0);
        atoms.push(atom(Kind::Pad, step, true));
        rest -= step;
    }
}

fn in_rows(boxes: Vec<SignBox>, columns: usize) -> Vec<Vec<SignBox>> {
    let mut rows: Vec<Vec<SignBox>> = Vec::new();
    for sign_box in boxes {
        match rows.last_mut() {
            Some(row) if row.len() < columns => row.push(sign_box),
            _ => rows.push(vec![sign_box]),
        }
    }
    rows
}
