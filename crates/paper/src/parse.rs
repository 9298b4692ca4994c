//! Reads the layout language.

mod nearest;
mod pieces;
mod rows;

use crate::LayoutFault;
use crate::fonts::Role;
use crate::layout::{Layout, Node, PageSetup, SignNode, SlotNode, Style};
use nearest::meant;

pub(crate) use pieces::condition;

const MM: f32 = 72.0 / 25.4;
const MAX_DEPTH: usize = 8;
const MAX_PAGE_FOOT: usize = 3;
/// A taller picture would leave no room for words on its page.
const MAX_PICTURE_MM: f32 = 220.0;

type Parsed<T> = Result<T, LayoutFault>;

pub(crate) fn fault<T>(line: usize, reason: impl Into<String>) -> Parsed<T> {
    Err(LayoutFault {
        line,
        reason: reason.into(),
    })
}

/// What holds for the whole sheet; each stands once.
const OF_THE_SHEET: [&str; 6] = ["page", "margins", "text", "header", "footer", "seam"];
const INSTRUCTIONS: [&str; 31] = [
    "page",
    "margins",
    "text",
    "header",
    "footer",
    "seam",
    "pagefoot",
    "title",
    "agency",
    "number",
    "heading",
    "flush",
    "center",
    "right",
    "small",
    "notice",
    "rule",
    "newpage",
    "space",
    "keep",
    "when",
    "else",
    "end",
    "each",
    "use",
    "table",
    "height",
    "signatures",
    "seal",
    "qr",
    "picture",
];

/// The lines that carry something, with their numbers.
struct Lines<'s> {
    lines: Vec<(usize, &'s str)>,
    next: usize,
}

impl<'s> Lines<'s> {
    fn new(source: &'s str) -> Self {
        // Some editors begin a text with a mark of its byte order.
        let lines: Vec<(usize, &str)> = source
            .trim_start_matches('\u{feff}')
            .lines()
            .enumerate()
            .map(|(index, line)| (index + 1, trimmed(line)))
            .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
            .collect();
        Lines { lines, next: 0 }
    }

    fn take(&mut self) -> Option<(usize, &'s str)> {
        let line = self.lines.get(self.next).copied();
        self.next += 1;
        line
    }
}

/// Without the blanks around it. The ideographic space is text: it makes room on paper.
fn trimmed(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\r'])
}

/// `@word rest`
fn directive(line: &str) -> Option<(&str, &str)> {
    let line = line.strip_prefix('@')?;
    let (word, rest) = line.split_once([' ', '\t']).unwrap_or((line, ""));
    Some((word, trimmed(rest)))
}

pub(crate) fn layout(source: &str) -> Parsed<Layout> {
    let mut layout = Layout {
        page: a4(),
        header: Vec::new(),
        footer: Vec::new(),
        seam: Vec::new(),
        page_foot: Vec::new(),
        nodes: Vec::new(),
    };
    let mut lines = Lines::new(source);
    let mut body = Vec::new();
    let mut seen: Vec<(&str, usize)> = Vec::new();
    while let Some((number, line)) = lines.take() {
        half_width(number, line)?;
        if let Some((word, rest)) = directive(line) {
            once(number, word, &mut seen)?;
            match word {
                "page" => {
                    layout.page = match rest {
                        "a4" => a4(),
                        "ticket" => ticket(),
                        _ => {
                            return fault(number, format!("unknown page \"{rest}\": a4 or ticket"));
                        }
                    };
                    continue;
                }
                "margins" => {
                    margins(&mut layout.page, number, rest)?;
                    continue;
                }
                "text" => {
                    text(&mut layout.page, number, rest)?;
                    continue;
                }
                "header" => {
                    layout.header = pieces::pieces(number, rest)?;
                    continue;
                }
                "footer" => {
                    layout.footer = pieces::pieces(number, rest)?;
                    continue;
                }
                "seam" => {
                    layout.seam = pieces::pieces(number, rest)?;
                    continue;
                }
                "pagefoot" => {
                    if layout.page_foot.len() == MAX_PAGE_FOOT {
                        return fault(
                            number,
                            format!("at most {MAX_PAGE_FOOT} people sign every page"),
                        );
                    }
                    let slot = slot(number, rest)?;
                    if slot.has_thumb {
                        return fault(number, "a thumbprint has no place at the foot of a page");
                    }
                    layout.page_foot.push(slot);
                    continue;
                }
                _ => {}
            }
        }
        body.push((number, line));
    }
    let mut lines = Lines {
        lines: body,
        next: 0,
    };
    let (nodes, end) = nodes(&mut lines, 0)?;
    if let Some((number, word)) = end {
        return fault(
            number,
            format!("@{word} belongs to no block: take it out, or begin the block it ends"),
        );
    }
    layout.nodes = nodes;
    Ok(layout)
}

/// A second one would silently replace the first, and `@page` the margins and text before it.
fn once<'s>(line: usize, word: &'s str, seen: &mut Vec<(&'s str, usize)>) -> Parsed<()> {
    if !OF_THE_SHEET.contains(&word) {
        return Ok(());
    }
    if let Some((_, first)) = seen.iter().find(|(other, _)| *other == word) {
        return fault(
            line,
            format!("@{word} stands in line {first} already: keep one of them"),
        );
    }
    let earlier = seen
        .iter()
        .find(|(other, _)| matches!(*other, "margins" | "text"));
    if let (Some((other, _)), "page") = (earlier, word) {
        return fault(line, format!("@page has to stand before @{other}"));
    }
    seen.push((word, line));
    Ok(())
}

/// What an input method for Chinese writes in their stead looks alike and would be printed.
fn half_width(line: usize, text: &str) -> Parsed<()> {
    let begun = [
        ("＠", "@"),
        ("｜", "|"),
        ("！｜", "!|"),
        ("！|", "!|"),
        ("＃", "#"),
    ];
    let begun = begun.iter().find(|(wide, _)| text.starts_with(wide));
    let inside = [("｛", "{"), ("｝", "}")];
    let wrong = begun.or_else(|| inside.iter().find(|(wide, _)| text.contains(wide)));
    match wrong {
        Some((wide, narrow)) => fault(
            line,
            format!("\"{wide}\" is full-width: write {narrow} in half width"),
        ),
        None => Ok(()),
    }
}

fn a4() -> PageSetup {
    PageSetup {
        width: 210.0 * MM,
        height: Some(297.0 * MM),
        top: 28.0 * MM,
        right: 26.0 * MM,
        bottom: 26.0 * MM,
        left: 28.0 * MM,
        size: 12.0,
        leading: 21.0,
        role: Role::Body,
    }
}

/// The width of a ticket is the width of the printer's head and replaces this one.
fn ticket() -> PageSetup {
    PageSetup {
        width: 72.0 * MM,
        height: None,
        top: 3.0 * MM,
        right: 1.5 * MM,
        bottom: 5.0 * MM,
        left: 1.5 * MM,
        size: 8.5,
        leading: 11.5,
        role: Role::Label,
    }
}

fn margins(page: &mut PageSetup, line: usize, rest: &str) -> Parsed<()> {
    match numbers(line, rest)?.as_slice() {
        [top, right, bottom, left] => {
            page.top = top * MM;
            page.right = right * MM;
            page.bottom = bottom * MM;
            page.left = left * MM;
            let is_too_high = page
                .height
                .is_some_and(|height| height - page.top - page.bottom < 60.0 * MM);
            if page.width - page.left - page.right < 30.0 * MM || is_too_high {
                return fault(line, "the margins leave too little room");
            }
            Ok(())
        }
        _ => fault(
            line,
            "@margins wants four lengths in mm: top right bottom left",
        ),
    }
}

fn text(page: &mut PageSetup, line: usize, rest: &str) -> Parsed<()> {
    let words: Vec<&str> = rest.split_whitespace().collect();
    let (sizes, role) = match words.as_slice() {
        [sizes @ .., "serif"] => (sizes, Some(Role::Body)),
        [sizes @ .., "sans"] => (sizes, Some(Role::Label)),
        [sizes @ .., "kai"] => (sizes, Some(Role::Kai)),
        sizes => (sizes, None),
    };
    match numbers(line, &sizes.join(" "))?.as_slice() {
        [size, leading] if (5.0..=40.0).contains(size) && *leading >= *size => {
            page.size = *size;
            page.leading = *leading;
        }
        _ => {
            return fault(
                line,
                "@text wants size and line height in pt, then serif, sans or kai",
            );
        }
    }
    page.role = role.unwrap_or(page.role);
    Ok(())
}

fn numbers(line: usize, rest: &str) -> Parsed<Vec<f32>> {
    let mut numbers = Vec::new();
    for word in rest.split_whitespace() {
        match word.parse::<f32>() {
            Ok(number) if (0.0..=2000.0).contains(&number) => numbers.push(number),
            _ => {
                return fault(
                    line,
                    format!("\"{word}\" is not a number between 0 and 2000"),
                );
            }
        }
    }
    Ok(numbers)
}

type Nodes<'s> = (Vec<Node>, Option<(usize, &'s str)>);

/// Nodes up to `@else`, `@end` or the end of the text; says which of them it was.
fn nodes<'s>(lines: &mut Lines<'s>, depth: usize) -> Parsed<Nodes<'s>> {
    let mut nodes = Vec::new();
    while let Some((number, line)) = lines.take() {
        if depth > MAX_DEPTH {
            return fault(
                number,
                format!("blocks are nested more than {MAX_DEPTH} deep"),
            );
        }
        if let Some(text) = line.strip_prefix('+') {
            nodes.push(paragraph(Style::Numbered, number, trimmed(text))?);
            continue;
        }
        let Some((word, rest)) = directive(line) else {
            nodes.push(paragraph(Style::Body, number, line)?);
            continue;
        };
        match word {
            "else" | "end" => return Ok((nodes, Some((number, word)))),
            "use" => nodes.extend(block(number, rest, depth)?),
            _ => nodes.push(node(lines, number, word, rest, depth)?),
        }
    }
    Ok((nodes, None))
}

fn node(
    lines: &mut Lines<'_>,
    number: usize,
    word: &str,
    rest: &str,
    depth: usize,
) -> Parsed<Node> {
    let styled = |style| paragraph(style, number, rest);
    match word {
        "title" => styled(Style::Title),
        "agency" => styled(Style::Agency),
        "number" => styled(Style::Number),
        "heading" => styled(Style::Heading),
        "flush" => styled(Style::Flush),
        "center" => styled(Style::Center),
        "right" => styled(Style::Right),
        "small" => styled(Style::Small),
        "notice" => styled(Style::Notice),
        "rule" => Ok(Node::Rule),
        "newpage" => Ok(Node::NewPage),
        "space" => match numbers(number, rest)?.as_slice() {
            [mm] => Ok(Node::Space(mm * MM)),
            _ => fault(number, "@space wants one length in mm"),
        },
        "keep" => Ok(Node::Keep(ended(lines, number, depth)?)),
        "when" => {
            let condition = condition(number, rest)?;
            let (yes, no) = branches(lines, number, depth)?;
            Ok(Node::When { condition, yes, no })
        }
        "each" => Ok(Node::Each {
            path: pieces::path(number, rest)?,
            nodes: ended(lines, number, depth)?,
        }),
        "table" => rows::table(lines, number, rest),
        "signatures" => signatures(lines, number, rest),
        "seal" => seal(lines, number, rest),
        "qr" => qr(number, rest),
        "picture" => picture(number, rest),
        "height" => fault(number, "@height stands before a row inside @table"),
        _ => fault(
            number,
            format!(
                "there is no instruction @{word}{}",
                meant(word, &INSTRUCTIONS)
            ),
        ),
    }
}

fn paragraph(style: Style, line: usize, text: &str) -> Parsed<Node> {
    Ok(Node::Paragraph {
        style,
        pieces: pieces::pieces(line, text)?,
    })
}

fn misplaced(word: &str) -> String {
    format!("@{word} does not belong here: a block around this line has to end before it")
}

fn ended(lines: &mut Lines<'_>, opened: usize, depth: usize) -> Parsed<Vec<Node>> {
    match nodes(lines, depth + 1)? {
        (nodes, Some((_, "end"))) => Ok(nodes),
        (_, Some((number, word))) => fault(number, misplaced(word)),
        (_, None) => unended(opened),
    }
}

fn branches(lines: &mut Lines<'_>, opened: usize, depth: usize) -> Parsed<(Vec<Node>, Vec<Node>)> {
    match nodes(lines, depth + 1)? {
        (yes, Some((_, "else"))) => Ok((yes, ended(lines, opened, depth)?)),
        (yes, Some(_)) => Ok((yes, Vec::new())),
        (_, None) => unended(opened),
    }
}

/// The plain lines of a block up to its `@end`.
fn plain_lines<'s>(lines: &mut Lines<'s>, opened: usize) -> Parsed<Vec<(usize, &'s str)>> {
    let mut plain = Vec::new();
    while let Some((number, line)) = lines.take() {
        match directive(line) {
            Some(("end", _)) => return Ok(plain),
            Some((word, _)) => return fault(number, misplaced(word)),
            None => plain.push((number, line)),
        }
    }
    unended(opened)
}

fn signatures(lines: &mut Lines<'_>, number: usize, rest: &str) -> Parsed<Node> {
    let columns = match rest {
        "" | "2" => 2,
        "1" => 1,
        _ => return fault(number, "@signatures stands in 1 or 2 columns"),
    };
    match sign_places(lines, 0)? {
        (places, Some((_, "end"))) => Ok(Node::Signatures { columns, places }),
        (_, Some((number, word))) => fault(number, misplaced(word)),
        (_, None) => unended(number),
    }
}

type SignPlaces<'s> = (Vec<SignNode>, Option<(usize, &'s str)>);

fn sign_places<'s>(lines: &mut Lines<'s>, depth: usize) -> Parsed<SignPlaces<'s>> {
    let mut places = Vec::new();
    while let Some((number, line)) = lines.take() {
        if depth > 3 {
            return fault(number, "signatures are nested more than 3 deep");
        }
        match directive(line) {
            None => places.push(SignNode::Place(slot(number, line)?)),
            Some((word @ ("else" | "end"), _)) => return Ok((places, Some((number, word)))),
            Some(("each", rest)) => places.push(SignNode::Each {
                path: pieces::path(number, rest)?,
                places: ended_places(lines, number, depth)?,
            }),
            Some(("when", rest)) => {
                let condition = condition(number, rest)?;
                let (yes, no) = match sign_places(lines, depth + 1)? {
                    (yes, Some((_, "else"))) => (yes, ended_places(lines, number, depth)?),
                    (yes, Some(_)) => (yes, Vec::new()),
                    (_, None) => return unended(number),
                };
                places.push(SignNode::When { condition, yes, no });
            }
            Some((word, _)) => return fault(number, misplaced(word)),
        }
    }
    Ok((places, None))
}

fn ended_places(lines: &mut Lines<'_>, opened: usize, depth: usize) -> Parsed<Vec<SignNode>> {
    match sign_places(lines, depth + 1)? {
        (places, Some((_, "end"))) => Ok(places),
        (_, Some((number, word))) => fault(number, misplaced(word)),
        (_, None) => unended(opened),
    }
}

/// `guardian 监护人（签名）：`, `party thumb 被询问人（签名、捺印）：`
fn slot(number: usize, line: &str) -> Parsed<SlotNode> {
    let Some((slot, label)) = line.split_once([' ', '\t']) else {
        return fault(number, "a signature wants its slot and its label");
    };
    let name = slot.replacen("{#}", "0", 1);
    let is_name = name.starts_with(|ch: char| ch.is_ascii_lowercase())
        && name
            .chars()
            .all(|ch| ch.is_ascii_lowercase() || ch.is_ascii_digit() || ch == '_');
    if !is_name {
        return fault(
            number,
            format!("\"{slot}\" is no signature slot: small letters, digits and _"),
        );
    }
    let label = trimmed(label);
    let thumb = label.strip_prefix("thumb");
    let thumb = thumb.filter(|rest| rest.starts_with([' ', '\t']));
    Ok(SlotNode {
        slot: slot.to_owned(),
        has_thumb: thumb.is_some(),
        label: pieces::pieces(number, trimmed(thumb.unwrap_or(label)))?,
    })
}

/// `@picture sketch 80`: the value that names the pictures, their height in mm.
fn picture(number: usize, rest: &str) -> Parsed<Node> {
    let (path, height) = rest.split_once([' ', '\t']).unwrap_or((rest, ""));
    match numbers(number, height)?.as_slice() {
        [height] if (10.0..=MAX_PICTURE_MM).contains(height) => Ok(Node::Picture {
            path: pieces::path(number, path)?,
            height: height * MM,
        }),
        _ => fault(
            number,
            format!("@picture wants a value and its height in mm, 10 to {MAX_PICTURE_MM}"),
        ),
    }
}

fn unended<T>(opened: usize) -> Parsed<T> {
    fault(
        opened,
        "the block that begins here has no @end: add one after its last line",
    )
}

fn seal(lines: &mut Lines<'_>, number: usize, rest: &str) -> Parsed<Node> {
    let (is_own, with_qr) = match rest {
        "" => (true, false),
        "qr" => (true, true),
        "other" => (false, false),
        "other qr" => (false, true),
        _ => {
            return fault(
                number,
                "@seal stands alone, with other, with qr or with other qr",
            );
        }
    };
    let mut seal_lines = Vec::new();
    for (number, line) in plain_lines(lines, number)? {
        seal_lines.push(pieces::pieces(number, line)?);
    }
    Ok(Node::Seal {
        with_qr,
        is_own,
        lines: seal_lines,
    })
}

fn qr(number: usize, rest: &str) -> Parsed<Node> {
    let (side, caption) = rest.split_once([' ', '\t']).unwrap_or((rest, ""));
    match numbers(number, side)?.as_slice() {
        [side] if (15.0..=60.0).contains(side) => Ok(Node::Qr {
            side: side * MM,
            caption: pieces::pieces(number, trimmed(caption))?,
        }),
        _ => fault(number, "@qr wants its side in mm, 15 to 60"),
    }
}

/// Blocks every form prints alike.
fn block(number: usize, name: &str, depth: usize) -> Parsed<Vec<Node>> {
    let source = match name {
        "party" => include_str!("blocks/party.txt"),
        "officers" => include_str!("blocks/officers.txt"),
        "vehicle" => include_str!("blocks/vehicle.txt"),
        _ => {
            return fault(
                number,
                format!("there is no block \"{name}\": party, officers or vehicle"),
            );
        }
    };
    match nodes(&mut Lines::new(source), depth + 1)? {
        (nodes, None) => Ok(nodes),
        (_, Some((line, _))) => fault(number, format!("block {name}, line {line}: stray end")),
    }
}
