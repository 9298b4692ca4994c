use crate::LayoutFault;
use crate::fonts::Role;

/// A sheet's layout, parsed from text an agency can edit. `docs/paper-layout.md` is its manual.
#[derive(Debug, Clone)]
pub struct Layout {
    pub(crate) page: PageSetup,
    pub(crate) header: Vec<Piece>,
    pub(crate) footer: Vec<Piece>,
    /// 骑缝 – what stands along the edge of every page where a sheet has several.
    pub(crate) seam: Vec<Piece>,
    /// Signed again at the foot of every page.
    pub(crate) page_foot: Vec<SlotNode>,
    pub(crate) nodes: Vec<Node>,
}

impl Layout {
    pub fn parse(source: &str) -> Result<Layout, LayoutFault> {
        crate::parse::layout(source)
    }

    /// Whether the sheet has a place for the agency's own seal.
    pub fn has_seal(&self) -> bool {
        fn any(nodes: &[Node]) -> bool {
            nodes.iter().any(|node| match node {
                Node::Seal { is_own, .. } => *is_own,
                Node::Keep(nodes) | Node::Each { nodes, .. } => any(nodes),
                Node::When { yes, no, .. } => any(yes) || any(no),
                Node::Paragraph { .. }
                | Node::Table { .. }
                | Node::Signatures { .. }
                | Node::Qr { .. }
                | Node::Picture { .. }
                | Node::Space(_)
                | Node::Rule
                | Node::NewPage => false,
            })
        }
        any(&self.nodes)
    }
}

/// Page and body text; lengths in points.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PageSetup {
    pub width: f32,
    /// `None` on a ticket, which is as long as its text.
    pub height: Option<f32>,
    pub top: f32,
    pub right: f32,
    pub bottom: f32,
    pub left: f32,
    pub size: f32,
    pub leading: f32,
    pub role: Role,
}

#[derive(Debug, Clone)]
pub(crate) enum Node {
    Paragraph {
        style: Style,
        pieces: Vec<Piece>,
    },
    /// Nodes that stay on one page.
    Keep(Vec<Node>),
    When {
        condition: Condition,
        yes: Vec<Node>,
        no: Vec<Node>,
    },
    Each {
        path: String,
        nodes: Vec<Node>,
    },
    Table {
        columns: Vec<f32>,
        size: Option<f32>,
        rows: Vec<RowNode>,
    },
    Signatures {
        columns: usize,
        places: Vec<SignNode>,
    },
    Seal {
        with_qr: bool,
        /// The agency's own seal; another body stamps its own by hand.
        is_own: bool,
        lines: Vec<Vec<Piece>>,
    },
    Qr {
        side: f32,
        caption: Vec<Piece>,
    },
    /// The pictures a value names, in rows, each so high.
    Picture {
        path: String,
        height: f32,
    },
    Space(f32),
    Rule,
    NewPage,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    Title,
    Agency,
    Number,
    Heading,
    /// First line indented by two characters, justified.
    Body,
    /// Body with a running Chinese number.
    Numbered,
    Flush,
    Center,
    Right,
    Small,
    Notice,
}

#[derive(Debug, Clone)]
pub(crate) enum RowNode {
    Row {
        is_header: bool,
        min_height: f32,
        cells: Vec<CellNode>,
    },
    When {
        condition: Condition,
        yes: Vec<RowNode>,
        no: Vec<RowNode>,
    },
    Each {
        path: String,
        rows: Vec<RowNode>,
    },
}

#[derive(Debug, Clone)]
pub(crate) struct CellNode {
    pub columns: usize,
    pub rows: usize,
    pub align: Align,
    pub pieces: Vec<Piece>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Center,
    Right,
    Justify,
}

#[derive(Debug, Clone)]
pub(crate) enum SignNode {
    Place(SlotNode),
    When {
        condition: Condition,
        yes: Vec<SignNode>,
        no: Vec<SignNode>,
    },
    Each {
        path: String,
        places: Vec<SignNode>,
    },
}

#[derive(Debug, Clone)]
pub(crate) struct SlotNode {
    /// `{#}` in it is the count inside a loop.
    pub slot: String,
    /// 捺印处 – with a place for a thumbprint beside it.
    pub has_thumb: bool,
    pub label: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Piece {
    Text(String),
    Break,
    Field(Field),
    Check(Condition),
    Index,
    Page,
    Pages,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Field {
    pub path: String,
    pub filters: Vec<Filter>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Filter {
    Date,
    Time,
    DateTime,
    Yuan,
    Upper,
    /// An integer of so many decimal places, e.g. permille as 12.5 %.
    Decimal(u32),
    /// Crossed out and still to be read.
    Strike,
    Cite,
    CiteText,
    /// The value of another path when this one is missing.
    Or(String),
    /// Words when the value is missing.
    Default(String),
    Join(String),
    /// Ended by a full stop unless it ends with one.
    Stop,
    /// Nothing at all when missing.
    Optional,
    /// Words for the codes of a choice.
    Choose(Vec<(String, String)>),
    /// Underlined, at least so many characters wide.
    Line(f32),
    /// Struck out with "/" when missing and, if given, the condition holds.
    Slash(Option<Condition>),
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Condition {
    /// All of them must hold.
    pub all: Vec<Test>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Test {
    Present(String),
    Missing(String),
    Is(String, Vec<String>),
    IsNot(String, Vec<String>),
}
