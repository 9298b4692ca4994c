//! Which values a layout names, for asking whether there are such values.

use crate::Layout;
use crate::layout::{CellNode, Condition, Filter, Node, Piece, RowNode, SignNode, SlotNode, Test};

/// A value that a layout names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// From the root of the values; `*` stands for any item, `officers.*.name`.
    pub path: String,
    /// As the layout writes it, `.name` inside `@each officers`.
    pub written: String,
    /// The codes it is compared with.
    pub compared: Vec<String>,
    /// The codes `choose` has words for, where it is printed so.
    pub worded: Option<Vec<String>>,
}

impl Layout {
    /// Every value that is printed, asked for in a condition or gone through, as often as it is named.
    pub fn names(&self) -> Vec<Named> {
        let mut names = Names {
            each: String::new(),
            found: Vec::new(),
        };
        for pieces in [&self.header, &self.footer, &self.seam] {
            names.pieces(pieces);
        }
        self.page_foot.iter().for_each(|slot| names.slot(slot));
        names.nodes(&self.nodes);
        names.found
    }
}

struct Names {
    /// The list of the running loop, empty outside of loops.
    each: String,
    found: Vec<Named>,
}

impl Names {
    fn path(&mut self, written: &str) -> String {
        let path = match written.strip_prefix('.') {
            Some("") => format!("{}.*", self.each),
            Some(rest) => format!("{}.*.{rest}", self.each),
            None => written.to_owned(),
        };
        self.found.push(Named {
            path: path.clone(),
            written: written.to_owned(),
            compared: Vec::new(),
            worded: None,
        });
        path
    }

    fn compared(&mut self, written: &str, codes: &[String]) {
        self.path(written);
        if let Some(named) = self.found.last_mut() {
            named.compared = codes.to_vec();
        }
    }

    fn inside(&mut self, list: &str, body: impl FnOnce(&mut Self)) {
        let path = self.path(list);
        let outer = std::mem::replace(&mut self.each, path);
        body(self);
        self.each = outer;
    }

    fn nodes(&mut self, nodes: &[Node]) {
        for node in nodes {
            match node {
                Node::Paragraph { pieces, .. } => self.pieces(pieces),
                Node::Keep(nodes) => self.nodes(nodes),
                Node::When { condition, yes, no } => {
                    self.condition(condition);
                    self.nodes(yes);
                    self.nodes(no);
                }
                Node::Each { path, nodes } => self.inside(path, |names| names.nodes(nodes)),
                Node::Table { rows, .. } => self.rows(rows),
                Node::Signatures { places, .. } => self.places(places),
                Node::Seal { lines, .. } => lines.iter().for_each(|line| self.pieces(line)),
                Node::Qr { caption, .. } => self.pieces(caption),
                Node::Picture { path, .. } => {
                    self.path(path);
                }
                Node::Space(_) | Node::Rule | Node::NewPage => {}
            }
        }
    }

    fn rows(&mut self, rows: &[RowNode]) {
        for row in rows {
            match row {
                RowNode::Row { cells, .. } => {
                    cells
                        .iter()
                        .for_each(|CellNode { pieces, .. }| self.pieces(pieces));
                }
                RowNode::When { condition, yes, no } => {
                    self.condition(condition);
                    self.rows(yes);
                    self.rows(no);
                }
                RowNode::Each { path, rows } => self.inside(path, |names| names.rows(rows)),
            }
        }
    }

    fn places(&mut self, places: &[SignNode]) {
        for place in places {
            match place {
                SignNode::Place(slot) => self.slot(slot),
                SignNode::When { condition, yes, no } => {
                    self.condition(condition);
                    self.places(yes);
                    self.places(no);
                }
                SignNode::Each { path, places } => {
                    self.inside(path, |names| names.places(places));
                }
            }
        }
    }

    fn slot(&mut self, slot: &SlotNode) {
        self.pieces(&slot.label);
    }

    fn pieces(&mut self, pieces: &[Piece]) {
        for piece in pieces {
            match piece {
                Piece::Field(field) => {
                    self.path(&field.path);
                    let words = field.filters.iter().find_map(|filter| match filter {
                        Filter::Choose(words) => Some(words),
                        _ => None,
                    });
                    if let (Some(words), Some(named)) = (words, self.found.last_mut()) {
                        named.worded = Some(words.iter().map(|(code, _)| code.clone()).collect());
                    }
                    for filter in &field.filters {
                        match filter {
                            Filter::Or(path) => {
                                self.path(path);
                            }
                            Filter::Slash(Some(condition)) => self.condition(condition),
                            Filter::Slash(None)
                            | Filter::Date
                            | Filter::Time
                            | Filter::DateTime
                            | Filter::Yuan
                            | Filter::Upper
                            | Filter::Decimal(_)
                            | Filter::Strike
                            | Filter::Cite
                            | Filter::CiteText
                            | Filter::Default(_)
                            | Filter::Join(_)
                            | Filter::Stop
                            | Filter::Optional
                            | Filter::Choose(_)
                            | Filter::Line(_) => {}
                        }
                    }
                }
                Piece::Check(condition) => self.condition(condition),
                Piece::Text(_) | Piece::Break | Piece::Index | Piece::Page | Piece::Pages => {}
            }
        }
    }

    fn condition(&mut self, condition: &Condition) {
        for test in &condition.all {
            match test {
                Test::Present(path) | Test::Missing(path) => {
                    self.path(path);
                }
                Test::Is(path, codes) | Test::IsNot(path, codes) => self.compared(path, codes),
            }
        }
    }
}
