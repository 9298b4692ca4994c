//! Blocks fill pages from top to bottom.

use crate::ComposeFault;
use crate::breaking::{self, Line};
use crate::item::{Item, Page};
use crate::layout::PageSetup;
use crate::resolve::{Block, Paragraph, SealMark, SealPlace};
use crate::{pictures, sealing, signing, table};

const MAX_PAGES: usize = 500;

/// Where the ink of a line of Chinese text stands above its base line, in em.
pub(crate) const ASCENT_EM: f32 = 0.88;

pub(crate) struct Flow<'s> {
    pub setup: &'s PageSetup,
    pub pages: Vec<Page>,
    /// Upper edge of what comes next.
    pub y: f32,
    is_fresh: bool,
    is_endless: bool,
}

impl<'s> Flow<'s> {
    pub(crate) fn new(setup: &'s PageSetup) -> Self {
        Flow {
            setup,
            pages: vec![blank_page(setup)],
            y: setup.top,
            is_fresh: true,
            is_endless: setup.height.is_none(),
        }
    }

    /// A place to measure blocks in: one page without an end.
    fn scratch(setup: &'s PageSetup) -> Self {
        Flow {
            y: 0.0,
            is_endless: true,
            ..Flow::new(setup)
        }
    }

    pub(crate) fn blocks(&mut self, blocks: &[Block]) -> Result<(), ComposeFault> {
        for (index, block) in blocks.iter().enumerate() {
            let next = blocks.get(index + 1);
            self.stay_with_next(block, next)?;
            let code_height = self.code_below(next);
            match block {
                Block::Paragraph(paragraph) => self.paragraph(paragraph, code_height)?,
                Block::Keep(blocks) => self.keep(blocks, code_height)?,
                Block::Table(rows) => table::flow(self, rows, code_height)?,
                Block::Signatures(rows) => {
                    let last = rows.len().saturating_sub(1);
                    for (index, row) in rows.iter().enumerate() {
                        let (items, height) = signing::signatures(self, row);
                        self.make_room(height + if index == last { code_height } else { 0.0 })?;
                        self.put(items, height)?;
                    }
                }
                Block::Seal(place) => self.seal(place)?,
                Block::Qr {
                    side,
                    symbol,
                    caption,
                } => {
                    let (items, height) = signing::qr(self, *side, symbol, caption);
                    self.put(items, height)?;
                }
                Block::Pictures { height, shown } => {
                    for (items, height) in pictures::rows(self, *height, shown) {
                        self.put(items, height)?;
                    }
                }
                Block::Space(height) => {
                    if !self.is_fresh {
                        self.y += height;
                    }
                }
                Block::Rule => {
                    let y = self.y + self.setup.size * 0.4;
                    let (left, right) = (self.setup.left, self.setup.left + self.width());
                    self.item(Item::Line {
                        from: [left, y],
                        to: [right, y],
                        width: 0.7,
                    });
                    self.advance(self.setup.size * 0.8);
                }
                Block::NewPage => {
                    if !self.is_fresh {
                        self.new_page()?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Height of the QR code that comes next, which does not go to a page of its own.
    fn code_below(&self, next: Option<&Block>) -> f32 {
        match next {
            Some(Block::Qr {
                side,
                symbol,
                caption,
            }) => signing::qr(self, *side, symbol, caption).1,
            _ => 0.0,
        }
    }

    /// A heading does not stay behind when what it heads goes to the next page.
    fn stay_with_next(&mut self, block: &Block, next: Option<&Block>) -> Result<(), ComposeFault> {
        let Block::Paragraph(heading) = block else {
            return Ok(());
        };
        if !heading.keeps_next || self.is_fresh {
            return Ok(());
        }
        let next = match next {
            Some(Block::Pictures { height, shown }) => {
                let first = pictures::rows(self, *height, shown).into_iter().next();
                first.map_or(0.0, |(_, height)| height)
            }
            Some(Block::Paragraph(next)) => {
                let lines = breaking::lines(next, self.width());
                next.before + together(&lines, 0) as f32 * next.leading
            }
            Some(Block::Table(next)) => table::beginning(self, next),
            _ => 2.0 * heading.leading,
        };
        let own = breaking::lines(heading, self.width()).len() as f32 * heading.leading;
        if heading.before + own + heading.after + next > self.room() {
            self.new_page()?;
        }
        Ok(())
    }

    pub(crate) fn width(&self) -> f32 {
        self.setup.width - self.setup.left - self.setup.right
    }

    pub(crate) fn room(&self) -> f32 {
        match self.setup.height {
            Some(height) if !self.is_endless => height - self.setup.bottom - self.y,
            _ => f32::INFINITY,
        }
    }

    pub(crate) fn page_room(&self) -> f32 {
        match self.setup.height {
            Some(height) if !self.is_endless => height - self.setup.bottom - self.setup.top,
            _ => f32::INFINITY,
        }
    }

    pub(crate) fn new_page(&mut self) -> Result<(), ComposeFault> {
        if self.pages.len() >= MAX_PAGES {
            return Err(ComposeFault::TooManyPages { limit: MAX_PAGES });
        }
        self.pages.push(blank_page(self.setup));
        self.y = self.setup.top;
        self.is_fresh = true;
        Ok(())
    }

    pub(crate) fn item(&mut self, item: Item) {
        if let Some(page) = self.pages.last_mut() {
            page.items.push(item);
        }
    }

    pub(crate) fn advance(&mut self, height: f32) {
        self.y += height;
        self.is_fresh = false;
    }

    /// Begins a new page where this one is too full and an empty one is not too small.
    fn make_room(&mut self, height: f32) -> Result<(), ComposeFault> {
        if height > self.room() && height <= self.page_room() && !self.is_fresh {
            self.new_page()?;
        }
        Ok(())
    }

    /// Items laid out from height 0, kept together.
    fn put(&mut self, items: Vec<Item>, height: f32) -> Result<(), ComposeFault> {
        if height > self.room() && !self.is_fresh {
            self.new_page()?;
        }
        let y = self.y;
        for mut item in items {
            item.shift(0.0, y);
            self.item(item);
        }
        self.advance(height);
        Ok(())
    }

    /// Where the paper bears the seal the block has its place on the page, this one or the next.
    fn seal(&mut self, place: &SealPlace) -> Result<(), ComposeFault> {
        let laid = sealing::lay(self, place)?;
        if let (Some(top), SealMark::Fixed { alone, .. }) = (laid.top, &place.mark) {
            if self.y > top + 0.01 && !self.is_fresh {
                self.new_page()?;
            }
            if self.is_fresh && self.pages.len() > 1 && self.y + alone.leading < top {
                self.paragraph(alone, 0.0)?;
            }
            self.y = top;
            self.is_fresh = true;
        }
        self.put(laid.items, laid.height)
    }

    fn keep(&mut self, blocks: &[Block], code_height: f32) -> Result<(), ComposeFault> {
        if let Some((before, rest, place)) = around_fixed_seal(blocks) {
            return self.keep_with_seal(before, rest, place);
        }
        let mut scratch = Flow::scratch(self.setup);
        scratch.blocks(blocks)?;
        if scratch.y > self.page_room() {
            return self.blocks(blocks);
        }
        let height = scratch.y;
        self.make_room(height + code_height)?;
        let items = scratch.pages.into_iter().flat_map(|page| page.items);
        self.put(items.collect(), height)
    }

    /// What stands before a seal that has its place stays with it; what follows goes below or on.
    fn keep_with_seal(
        &mut self,
        before: &[Block],
        rest: &[Block],
        place: &SealPlace,
    ) -> Result<(), ComposeFault> {
        let mut scratch = Flow::scratch(self.setup);
        scratch.blocks(before)?;
        let top = sealing::lay(self, place)?.top.unwrap_or(self.y);
        if self.y + scratch.y > top && !self.is_fresh {
            self.new_page()?;
        }
        self.blocks(before)?;
        self.blocks(rest)
    }

    fn paragraph(&mut self, paragraph: &Paragraph, code_height: f32) -> Result<(), ComposeFault> {
        let lines = breaking::lines(paragraph, self.width());
        if !self.is_fresh {
            self.y += paragraph.before;
        }
        if together(&lines, 0) as f32 * paragraph.leading > self.room() && !self.is_fresh {
            self.new_page()?;
        }
        if let Some(level) = paragraph.outline {
            let (y, text) = (self.y, paragraph.words());
            self.item(Item::Mark { y, level, text });
        }
        for (index, line) in lines.iter().enumerate() {
            let together = together(&lines, index);
            let needed = together as f32 * paragraph.leading;
            if needed > self.room() + 0.01 && !self.is_fresh {
                self.new_page()?;
            }
            if index + together == lines.len() {
                self.make_room(needed + paragraph.after + code_height)?;
            }
            let y = self.y;
            let mut items = Vec::new();
            self.line_at(
                line,
                paragraph,
                [self.setup.left, y],
                self.width(),
                &mut items,
            );
            items.into_iter().for_each(|item| self.item(item));
            self.advance(paragraph.leading);
        }
        self.y += paragraph.after;
        Ok(())
    }

    /// A line whose room begins at `at`, its upper left corner.
    pub(crate) fn line_at(
        &self,
        line: &Line,
        paragraph: &Paragraph,
        at: [f32; 2],
        width: f32,
        items: &mut Vec<Item>,
    ) {
        let [x, y] = at;
        let base = y + (paragraph.leading - paragraph.size) / 2.0 + paragraph.size * ASCENT_EM;
        breaking::place(line, paragraph, [x, base], width, items);
    }
}

/// How many lines from one on stay on its page: neither the first nor the last of several stands alone.
fn together(lines: &[Line], from: usize) -> usize {
    let is_first = |at: usize| at == 0 || lines.get(at - 1).is_none_or(|line| line.is_last);
    let is_last = |at: usize| lines.get(at).is_none_or(|line| line.is_last);
    let may_part =
        |at: usize| (!is_first(at) || is_last(at)) && (!is_last(at + 1) || is_first(at + 1));
    let parted = (from..lines.len()).find(|at| may_part(*at));
    parted.map_or(lines.len() - from, |at| at + 1 - from)
}

/// The blocks before the first one with a seal that has its place, and the others.
fn around_fixed_seal(blocks: &[Block]) -> Option<(&[Block], &[Block], &SealPlace)> {
    let found = blocks.iter().enumerate().find_map(|(index, block)| {
        let place = match block {
            Block::Seal(place) => matches!(place.mark, SealMark::Fixed { .. }).then_some(place),
            Block::Keep(blocks) => around_fixed_seal(blocks).map(|(_, _, place)| place),
            _ => None,
        };
        Some((index, place?))
    });
    let (index, place) = found?;
    let (before, rest) = blocks.split_at_checked(index)?;
    Some((before, rest, place))
}

fn blank_page(setup: &PageSetup) -> Page {
    Page {
        width: setup.width,
        height: setup.height.unwrap_or(0.0),
        items: Vec::new(),
    }
}
