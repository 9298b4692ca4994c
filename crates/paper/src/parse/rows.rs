//! Tables.

use super::{Lines, MM, Parsed, condition, directive, fault, numbers, pieces, trimmed, unended};
use crate::layout::{Align, CellNode, Node, Piece, RowNode};

pub(super) fn table(lines: &mut Lines<'_>, number: usize, rest: &str) -> Parsed<Node> {
    let (widths, size) = match rest.split_once("size") {
        Some((widths, size)) => (widths, numbers(number, size)?.first().copied()),
        None => (rest, None),
    };
    if size.is_some_and(|size| !(5.0..=40.0).contains(&size)) {
        return fault(number, "the size of the text is 5 to 40 pt");
    }
    let columns = numbers(number, widths)?;
    if columns.is_empty() || columns.len() > 24 || columns.iter().any(|width| *width <= 0.0) {
        return fault(number, "@table wants 1 to 24 column widths");
    }
    match rows(lines, 0)? {
        (rows, Some((_, "end"))) => Ok(Node::Table {
            columns,
            size,
            rows,
        }),
        (_, Some((number, word))) => fault(number, format!("@{word} does not belong here")),
        (_, None) => fault(
            lines.last_line,
            format!("the table of line {number} has no @end"),
        ),
    }
}

type Rows<'s> = (Vec<RowNode>, Option<(usize, &'s str)>);

fn rows<'s>(lines: &mut Lines<'s>, depth: usize) -> Parsed<Rows<'s>> {
    let mut rows = Vec::new();
    let mut min_height = 0.0;
    while let Some((number, line)) = lines.take() {
        if depth > 4 {
            return fault(number, "rows are nested more than 4 deep");
        }
        if line.starts_with('|') || line.starts_with("!|") {
            rows.push(row(number, line, std::mem::take(&mut min_height))?);
            continue;
        }
        match directive(line) {
            Some((word @ ("else" | "end"), _)) => return Ok((rows, Some((number, word)))),
            Some(("height", rest)) => match numbers(number, rest)?.as_slice() {
                [mm] => min_height = mm * MM,
                _ => return fault(number, "@height wants one length in mm"),
            },
            Some(("each", rest)) => rows.push(RowNode::Each {
                path: pieces::path(number, rest)?,
                rows: ended(lines, number, depth)?,
            }),
            Some(("when", rest)) => {
                let condition = condition(number, rest)?;
                let (yes, no) = match self::rows(lines, depth + 1)? {
                    (yes, Some((_, "else"))) => (yes, ended(lines, number, depth)?),
                    (yes, Some(_)) => (yes, Vec::new()),
                    (_, None) => return unended(lines, number),
                };
                rows.push(RowNode::When { condition, yes, no });
            }
            _ => return fault(number, "a table holds rows that begin with |"),
        }
    }
    Ok((rows, None))
}

fn ended(lines: &mut Lines<'_>, opened: usize, depth: usize) -> Parsed<Vec<RowNode>> {
    match rows(lines, depth + 1)? {
        (rows, Some((_, "end"))) => Ok(rows),
        (_, Some((number, word))) => fault(number, format!("@{word} does not belong here")),
        (_, None) => unended(lines, opened),
    }
}

fn row(number: usize, line: &str, min_height: f32) -> Parsed<RowNode> {
    let (is_header, line) = match line.strip_prefix('!') {
        Some(line) => (true, line),
        None => (false, line),
    };
    let mut texts = split_cells(line);
    // What follows the closing | is no cell.
    if texts.last().is_some_and(|text| trimmed(text).is_empty()) {
        texts.pop();
    }
    let cells = texts
        .iter()
        .map(|text| cell(number, trimmed(text)))
        .collect::<Parsed<Vec<_>>>()?;
    if cells.is_empty() {
        return fault(number, "a row without cells");
    }
    Ok(RowNode::Row {
        is_header,
        min_height,
        cells,
    })
}

/// Splits at | outside of braces; the text before the first | is no cell.
fn split_cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut depth = 0_usize;
    for ch in line.chars() {
        match ch {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if ch == '|' && depth == 0 {
            cells.push(String::new());
        } else if let Some(cell) = cells.last_mut() {
            cell.push(ch);
        }
    }
    cells.split_off(1)
}

/// `(2x3 left) text`: two columns wide, three rows high, set left.
fn cell(number: usize, text: &str) -> Parsed<CellNode> {
    let mut cell = CellNode {
        columns: 1,
        rows: 1,
        align: Align::Left,
        pieces: Vec::new(),
    };
    let mut align = None;
    let mut body = text;
    if let Some((options, rest)) = text.strip_prefix('(').and_then(|rest| rest.split_once(')')) {
        body = trimmed(rest);
        for option in options.split_whitespace() {
            match option {
                "left" => align = Some(Align::Left),
                "center" => align = Some(Align::Center),
                "right" => align = Some(Align::Right),
                _ => match span(option) {
                    Some((columns, rows)) => (cell.columns, cell.rows) = (columns, rows),
                    None => return fault(number, format!("unknown cell option \"{option}\"")),
                },
            }
        }
    }
    cell.pieces = pieces::pieces(number, body)?;
    let is_label = cell
        .pieces
        .iter()
        .all(|piece| matches!(piece, Piece::Text(_) | Piece::Break | Piece::Index));
    cell.align = align.unwrap_or(if is_label {
        Align::Center
    } else {
        Align::Justify
    });
    Ok(cell)
}

fn span(option: &str) -> Option<(usize, usize)> {
    let (columns, rows) = option.split_once('x')?;
    let (columns, rows) = (columns.parse().ok()?, rows.parse().ok()?);
    ((1..=24).contains(&columns) && (1..=60).contains(&rows)).then_some((columns, rows))
}
