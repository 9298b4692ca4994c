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
            self.stay_with_pictures(block, blocks.get(index + 1))?;
            match block {
                Block::Paragraph(paragraph) => self.paragraph(paragraph)?,
                Block::Keep(blocks) => self.keep(blocks)?,
                Block::Table(rows) => table::flow(self, rows)?,
                Block::Signatures(rows) => {
                    for row in rows {
                        let (items, height) = signing::signatures(self, row);
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

    /// A heading does not stay behind when the pictures below it go to the next page.
    fn stay_with_pictures(
        &mut self,
        block: &Block,
        next: Option<&Block>,
    ) -> Result<(), ComposeFault> {
        let (Block::Paragraph(heading), Some(Block::Pictures { height, shown })) = (block, next)
        else {
            return Ok(());
        };
        let first = pictures::rows(self, *height, shown).into_iter().next();
        let needed = first.map_or(0.0, |(_, height)| height) + heading.before + heading.leading;
        if heading.keeps_next && needed > self.room() && !self.is_fresh {
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
                self.paragraph(alone)?;
            }
            self.y = top;
            self.is_fresh = true;
        }
        self.put(laid.items, laid.height)
    }

    fn keep(&mut self, blocks: &[Block]) -> Result<(), ComposeFault> {
        if let Some((before, rest, place)) = around_fixed_seal(blocks) {
            return self.keep_with_seal(before, rest, place);
        }
        let mut scratch = Flow::scratch(self.setup);
        scratch.blocks(blocks)?;
        if scratch.y > self.page_room() {
            return self.blocks(blocks);
        }
        let height = scratch.y;
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

    fn paragraph(&mut self, paragraph: &Paragraph) -> Result<(), ComposeFault> {
        let lines = breaking::lines(paragraph, self.width());
        if !self.is_fresh {
            self.y += paragraph.before;
        }
        let together = if paragraph.keeps_next {
            lines.len() + 2
        } else if lines.len() > 2 {
            2
        } else {
            lines.len().min(3)
        };
        if together as f32 * paragraph.leading > self.room() && !self.is_fresh {
            self.new_page()?;
        }
        if let Some(level) = paragraph.outline {
            let (y, text) = (self.y, paragraph.words());
            self.item(Item::Mark { y, level, text });
        }
        let last = lines.len();
        for (index, line) in lines.iter().enumerate() {
            // The last line does not stand alone on a new page.
            let needed = if index + 2 == last && last > 2 {
                2.0
            } else {
                1.0
            };
            if needed * paragraph.leading > self.room() + 0.01 && !self.is_fresh {
                self.new_page()?;
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
