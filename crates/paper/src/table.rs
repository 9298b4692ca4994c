//! Tables: rows grow with their text, header rows repeat, a row longer than the page is continued.

use crate::ComposeFault;
use crate::breaking::{self, Line};
use crate::flow::Flow;
use crate::item::Item;
use crate::resolve::{Paragraph, Row, Table};

const BORDER: f32 = 0.6;
/// A row of more lines than this may be continued on the next page.
const MAX_UNSPLIT_LINES: usize = 6;

/// A cell with its place in the grid and how much of it is drawn.
struct Placed<'t> {
    first_row: usize,
    end_row: usize,
    left: f32,
    width: f32,
    text: Option<&'t Paragraph>,
    lines: Vec<Line>,
    drawn: usize,
}

/// The part of a row that stands on the current page.
struct Part {
    row: usize,
    top: f32,
    bottom: f32,
    ends_row: bool,
}

struct Setter<'t, 'f, 's> {
    flow: &'f mut Flow<'s>,
    cells: Vec<Placed<'t>>,
    heights: Vec<f32>,
    headers: usize,
    parts: Vec<Part>,
    pad: f32,
    leading: f32,
}

/// The last row goes to the next page with the code below the table.
pub(crate) fn flow(
    flow: &mut Flow<'_>,
    table: &Table,
    code_height: f32,
) -> Result<(), ComposeFault> {
    match Setter::new(flow, table) {
        Some(mut setter) => setter.set(table.rows.len(), code_height),
        None => Ok(()),
    }
}

/// Room the table takes at least where it begins.
pub(crate) fn beginning(flow: &mut Flow<'_>, table: &Table) -> f32 {
    Setter::new(flow, table).map_or(0.0, |setter| setter.least(0, setter.group_end(0)))
}

/// Every cell gets its columns; cells that reach down keep their columns from the rows below.
fn grid<'t>(flow: &Flow<'_>, table: &'t Table, pad: f32) -> Vec<Placed<'t>> {
    let columns = table.columns.len();
    let edges: Vec<f32> = std::iter::once(0.0)
        .chain(table.columns.iter().scan(0.0, |sum, share| {
            *sum += share;
            Some(*sum)
        }))
        .map(|share| flow.setup.left + share * flow.width())
        .collect();
    let edge = |column: usize| edges.get(column.min(columns)).copied().unwrap_or_default();
    let mut taken_until = vec![0_usize; columns];
    let mut cells = Vec::new();
    for (index, row) in table.rows.iter().enumerate() {
        let mut column = 0;
        let is_free = |taken: &[usize], at: usize| taken.get(at).is_some_and(|end| *end <= index);
        for cell in &row.cells {
            while column < columns && !is_free(&taken_until, column) {
                column += 1;
            }
            if column >= columns {
                break;
            }
            let end = (column + cell.columns).min(columns);
            let end_row = (index + cell.rows).min(table.rows.len());
            let width = edge(end) - edge(column);
            cells.push(Placed {
                first_row: index,
                end_row,
                left: edge(column),
                width,
                text: Some(&cell.text),
                lines: breaking::lines(&cell.text, width - 2.0 * pad),
                drawn: 0,
            });
            taken_until
                .iter_mut()
                .take(end)
                .skip(column)
                .for_each(|until| *until = end_row);
            column = end;
        }
        for column in 0..columns {
            if is_free(&taken_until, column) {
                cells.push(Placed {
                    first_row: index,
                    end_row: index + 1,
                    left: edge(column),
                    width: edge(column + 1) - edge(column),
                    text: None,
                    lines: Vec::new(),
                    drawn: 0,
                });
            }
        }
    }
    cells
}

fn heights(rows: &[Row], cells: &[Placed<'_>], pad: f32, leading: f32) -> Vec<f32> {
    let mut heights: Vec<f32> = rows
        .iter()
        .map(|row| row.min_height.max(leading + 2.0 * pad))
        .collect();
    let needed = |cell: &Placed<'_>| cell.lines.len() as f32 * leading + 2.0 * pad;
    for cell in cells
        .iter()
        .filter(|cell| cell.end_row == cell.first_row + 1)
    {
        if let Some(height) = heights.get_mut(cell.first_row) {
            *height = height.max(needed(cell));
        }
    }
    for cell in cells
        .iter()
        .filter(|cell| cell.end_row > cell.first_row + 1)
    {
        let spanned = heights.iter().take(cell.end_row).skip(cell.first_row);
        let lacking = needed(cell) - spanned.sum::<f32>();
        if let Some(last) = heights.get_mut(cell.end_row - 1) {
            *last += lacking.max(0.0);
        }
    }
    heights
}

impl<'t, 'f, 's> Setter<'t, 'f, 's> {
    fn new(flow: &'f mut Flow<'s>, table: &'t Table) -> Option<Self> {
        let sample = table.rows.iter().flat_map(|row| &row.cells).next()?;
        let pad = sample.text.size * 0.3;
        let leading = sample.text.leading;
        let cells = grid(flow, table, pad);
        let heights = heights(&table.rows, &cells, pad, leading);
        Some(Setter {
            flow,
            cells,
            headers: table.rows.iter().take_while(|row| row.is_header).count(),
            heights,
            parts: Vec::new(),
            pad,
            leading,
        })
    }

    fn set(&mut self, rows: usize, code_height: f32) -> Result<(), ComposeFault> {
        let mut row = 0;
        while row < rows {
            let end = self.group_end(row);
            let mut least = self.least(row, end);
            if end == rows && row > self.headers && least + code_height <= self.room_below_headers()
            {
                least += code_height;
            }
            if least > self.flow.room() + 0.01 {
                self.next_page(row)?;
            }
            for row in row..end {
                self.row(row)?;
            }
            row = end;
        }
        self.draw();
        Ok(())
    }

    /// Room that rows which keep together need where they begin; none for what no page holds.
    fn least(&self, row: usize, end: usize) -> f32 {
        let height: f32 = self.heights.iter().take(end).skip(row).sum();
        if height > self.room_below_headers() {
            0.0
        } else if end == row + 1 && self.lines_in(row) > MAX_UNSPLIT_LINES {
            height.min(5.0 * self.leading)
        } else {
            height
        }
    }

    /// Rows that cells spanning several of them tie together, and header rows to what they head.
    fn group_end(&self, row: usize) -> usize {
        let mut end = if row < self.headers {
            self.headers + 1
        } else {
            row + 1
        };
        end = end.min(self.heights.len());
        loop {
            let reach = self
                .cells
                .iter()
                .skip_while(|cell| cell.first_row < row)
                .take_while(|cell| cell.first_row < end)
                .map(|cell| cell.end_row)
                .max()
                .unwrap_or(end);
            if reach <= end {
                return end;
            }
            end = reach;
        }
    }

    fn lines_in(&self, row: usize) -> usize {
        self.cells
            .iter()
            .filter(|cell| cell.first_row == row)
            .map(|cell| cell.lines.len())
            .max()
            .unwrap_or(0)
    }

    fn room_below_headers(&self) -> f32 {
        self.flow.page_room() - self.heights.iter().take(self.headers).sum::<f32>()
    }

    fn row(&mut self, row: usize) -> Result<(), ComposeFault> {
        let mut rest = self.heights.get(row).copied().unwrap_or_default();
        // No line stands alone on a page, unless a page holds no more.
        let mut least = 2.0;
        loop {
            let room = self.flow.room();
            let top = self.flow.y;
            if rest <= room + 0.01 {
                self.part(row, top, rest, true);
                return Ok(());
            }
            let fitting = ((room - 2.0 * self.pad) / self.leading).floor();
            let rest_lines = ((rest - 2.0 * self.pad) / self.leading).round();
            let lines = fitting.min((rest_lines - 2.0).max(1.0));
            if lines >= least {
                self.part(row, top, lines * self.leading + 2.0 * self.pad, false);
                rest = (rest - lines * self.leading).max(self.leading + 2.0 * self.pad);
            } else {
                least = 1.0;
            }
            self.next_page(row)?;
        }
    }

    fn part(&mut self, row: usize, top: f32, height: f32, ends_row: bool) {
        self.parts.push(Part {
            row,
            top,
            bottom: top + height,
            ends_row,
        });
        self.flow.advance(height);
    }

    /// Closes the page; header rows are drawn again unless one of them is next.
    fn next_page(&mut self, row: usize) -> Result<(), ComposeFault> {
        self.draw();
        self.flow.new_page()?;
        if row < self.headers || self.room_below_headers() < 6.0 * self.leading {
            return Ok(());
        }
        for header in 0..self.headers {
            for cell in self
                .cells
                .iter_mut()
                .filter(|cell| cell.first_row == header)
            {
                cell.drawn = 0;
            }
            let height = self.heights.get(header).copied().unwrap_or_default();
            let top = self.flow.y;
            self.part(header, top, height, true);
        }
        Ok(())
    }

    /// Draws the cells of the parts on this page.
    fn draw(&mut self) {
        let parts = std::mem::take(&mut self.parts);
        let (Some(first), Some(last)) = (
            parts.iter().map(|part| part.row).min(),
            parts.iter().map(|part| part.row).max(),
        ) else {
            return;
        };
        let mut cells = std::mem::take(&mut self.cells);
        for cell in cells
            .iter_mut()
            .filter(|cell| cell.end_row > first && cell.first_row <= last)
        {
            let rows = cell.first_row..cell.end_row;
            let mut own = parts.iter().filter(|part| rows.contains(&part.row));
            let Some(part) = own.next() else { continue };
            let (top, mut bottom, mut end) = (part.top, part.bottom, part);
            for part in own {
                bottom = bottom.max(part.bottom);
                end = part;
            }
            let is_complete = end.ends_row && end.row + 1 == cell.end_row;
            self.cell(cell, top, bottom, is_complete);
        }
        self.cells = cells;
    }

    fn cell(&mut self, cell: &mut Placed<'_>, top: f32, bottom: f32, is_complete: bool) {
        self.flow.item(Item::Frame {
            at: [cell.left, top],
            size: [cell.width, bottom - top],
            width: BORDER,
        });
        let Some(text) = cell.text else { return };
        let room = bottom - top - 2.0 * self.pad;
        let left_over = cell.lines.len() - cell.drawn.min(cell.lines.len());
        let count = if is_complete {
            left_over
        } else {
            left_over.min(((room + 0.01) / self.leading).floor().max(0.0) as usize)
        };
        let is_continued = cell.drawn > 0 || count < left_over;
        let used = count as f32 * self.leading;
        let inset = if is_continued {
            0.0
        } else {
            ((room - used) / 2.0).max(0.0)
        };
        let mut y = top + self.pad + inset;
        let mut items = Vec::new();
        for line in cell.lines.iter().skip(cell.drawn).take(count) {
            let at = [cell.left + self.pad, y];
            self.flow
                .line_at(line, text, at, cell.width - 2.0 * self.pad, &mut items);
            y += self.leading;
        }
        cell.drawn += count;
        items.into_iter().for_each(|item| self.flow.item(item));
    }
}
