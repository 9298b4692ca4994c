//! Tables.

use super::{
    Lines, MM, Parsed, condition, directive, fault, misplaced, numbers, pieces, trimmed, unended,
};
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
    let mut grid = Grid {
        columns: columns.len(),
        has_tall: false,
    };
    match rows(lines, &mut grid, 0)? {
        (rows, Some((_, "end"))) => Ok(Node::Table {
            columns,
            size,
            rows,
        }),
        (_, Some((number, word))) => fault(number, misplaced(word)),
        (_, None) => unended(number),
    }
}

/// How wide rows have to be.
struct Grid {
    columns: usize,
    /// Cells that reach down leave the rows below with fewer of their own.
    has_tall: bool,
}

impl Grid {
    /// What is too much would not be printed.
    fn check(&mut self, line: usize, cells: &[CellNode]) -> Parsed<()> {
        let wide: usize = cells.iter().map(|cell| cell.columns).sum();
        let columns = self.columns;
        if wide > columns {
            let reason = format!(
                "this row is {wide} columns wide and the table {columns}: take cells out, or give @table more widths"
            );
            return fault(line, reason);
        }
        if wide < columns && !self.has_tall {
            let reason = format!(
                "this row is {wide} columns wide and the table {columns}: add cells, or widen one with (2x1)"
            );
            return fault(line, reason);
        }
        self.has_tall |= cells.iter().any(|cell| cell.rows > 1);
        Ok(())
    }
}

type Rows<'s> = (Vec<RowNode>, Option<(usize, &'s str)>);

fn rows<'s>(lines: &mut Lines<'s>, grid: &mut Grid, depth: usize) -> Parsed<Rows<'s>> {
    let mut rows = Vec::new();
    let mut min_height = 0.0;
    while let Some((number, line)) = lines.take() {
        if depth > 4 {
            return fault(number, "rows are nested more than 4 deep");
        }
        if line.starts_with('|') || line.starts_with("!|") {
            rows.push(row(number, line, grid, std::mem::take(&mut min_height))?);
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
                rows: ended(lines, grid, number, depth)?,
            }),
            Some(("when", rest)) => {
                let condition = condition(number, rest)?;
                let (yes, no) = match self::rows(lines, grid, depth + 1)? {
                    (yes, Some((_, "else"))) => (yes, ended(lines, grid, number, depth)?),
                    (yes, Some(_)) => (yes, Vec::new()),
                    (_, None) => return unended(number),
                };
                rows.push(RowNode::When { condition, yes, no });
            }
            _ => {
                return fault(
                    number,
                    "a table holds rows that begin with |: begin this line with |, or end the table with @end before it",
                );
            }
        }
    }
    Ok((rows, None))
}

fn ended(
    lines: &mut Lines<'_>,
    grid: &mut Grid,
    opened: usize,
    depth: usize,
) -> Parsed<Vec<RowNode>> {
    match rows(lines, grid, depth + 1)? {
        (rows, Some((_, "end"))) => Ok(rows),
        (_, Some((number, word))) => fault(number, misplaced(word)),
        (_, None) => unended(opened),
    }
}

fn row(number: usize, line: &str, grid: &mut Grid, min_height: f32) -> Parsed<RowNode> {
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
    grid.check(number, &cells)?;
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
                    None => {
                        return fault(
                            number,
                            format!(
                                "a cell is not set \"{option}\": (2x1), left, center or right; words in brackets begin with （"
                            ),
                        );
                    }
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
