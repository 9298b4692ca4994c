//! A sheet becomes pages.

use crate::attached::Attached;
use crate::face::FaceSet;
use crate::flow::Flow;
use crate::fonts::Role;
use crate::item::{Item, Page, Run, RunGlyph};
use crate::layout::{Align, PageSetup, Piece, Style};
use crate::resolve::{Atom, Kind, Resolver};
use crate::sheet::StampKind;
use crate::value::Scope;
use crate::{
    Bitmap, ComposeFault, Fonts, PaperFailure, Sheet, breaking, figures, pdf, raster, signing, svg,
};

/// Dots per inch of a thermal printer.
const TICKET_DPI: f32 = 203.0;
const MAX_TICKET_MM: u32 = 4000;
/// Printers leave this much of a page white, in points; nothing may stand there, however narrow the margins.
const EDGE: f32 = 15.0;
/// The line of the seam from the right edge, and how far it goes on beyond its words.
const SEAM_EDGE: f32 = 17.0;
const SEAM_REACH: f32 = 60.0;

/// Pages ready to be painted.
#[derive(Debug, Clone)]
pub struct Document {
    pub(crate) fonts: Fonts,
    pub(crate) pages: Vec<Page>,
    pub(crate) title: String,
    pub(crate) document_id: String,
    pub(crate) created_at: String,
    /// What travels inside the PDF.
    pub(crate) attached: Vec<Attached>,
    /// Where the numbers of the pages begin anew; none on a single sheet.
    pub(crate) labels: Vec<PageLabel>,
}

#[derive(Debug, Clone)]
pub(crate) struct PageLabel {
    /// Counted from 0.
    pub page: usize,
    pub prefix: String,
    pub is_counted: bool,
}

/// Sets a sheet on pages. The values of an issued sheet travel inside its PDF.
pub fn compose(fonts: &Fonts, sheet: &Sheet<'_>) -> Result<Document, ComposeFault> {
    let mut document = compose_on(fonts, sheet, sheet.layout.page.clone())?;
    match sheet.stamp.kind {
        StampKind::Draft => {}
        StampKind::Final | StampKind::Reprint { .. } => {
            let values = Attached::values(sheet.values, &sheet.stamp.title);
            document.attached.push(values);
        }
    }
    Ok(document)
}

/// Sets a sheet on a ticket as wide as the printer's head and paints it in its dots.
pub fn ticket(fonts: &Fonts, sheet: &Sheet<'_>, width_dots: u32) -> Result<Bitmap, ComposeFault> {
    if !(256..=1728).contains(&width_dots) {
        return Err(ComposeFault::TicketWidth { width_dots });
    }
    let page = PageSetup {
        width: width_dots as f32 * 72.0 / TICKET_DPI,
        height: None,
        ..sheet.layout.page.clone()
    };
    let document = compose_on(fonts, sheet, page)?;
    Ok(document.bitmap(0, TICKET_DPI))
}

pub(crate) fn compose_on(
    fonts: &Fonts,
    sheet: &Sheet<'_>,
    mut setup: PageSetup,
) -> Result<Document, ComposeFault> {
    // A ticket is one page and is signed at its end.
    let foot_height = match setup.height {
        Some(_) if !sheet.layout.page_foot.is_empty() => signing::FOOT_EM * setup.size,
        _ => 0.0,
    };
    setup.bottom += foot_height;
    let mut faces = FaceSet::new(fonts);
    let mut resolver = Resolver::new(&mut faces, setup.clone(), sheet);
    let scope = Scope {
        values: sheet.values,
        item: None,
        item_path: "",
        index: 0,
        stamp: &sheet.stamp,
        page: None,
    };
    let blocks = resolver.blocks(sheet.layout, scope)?;
    let mut flow = Flow::new(&setup);
    if setup.height.is_none() {
        banner(&mut resolver, &mut flow, scope)?;
    }
    flow.blocks(&blocks)?;
    let end = flow.y + setup.bottom;
    let mut pages = flow.pages;
    if setup.height.is_none() {
        if end > MAX_TICKET_MM as f32 * 72.0 / 25.4 {
            return Err(ComposeFault::TicketTooLong {
                limit_mm: MAX_TICKET_MM,
            });
        }
        pages.iter_mut().for_each(|page| page.height = end);
    } else {
        let count = pages.len();
        for (index, page) in pages.iter_mut().enumerate() {
            let scope = Scope {
                page: Some((index + 1, count)),
                ..scope
            };
            dress(&mut resolver, &setup, sheet, scope, page)?;
            if foot_height > 0.0 {
                let boxes = resolver.foot(&sheet.layout.page_foot, scope)?;
                let top = page.height - setup.bottom;
                page.items.extend(signing::foot(&setup, &boxes, top));
            }
        }
    }
    resolver.finish()?;
    Ok(Document {
        fonts: fonts.clone(),
        pages,
        title: sheet.stamp.title.clone(),
        document_id: sheet.stamp.document_id.clone(),
        created_at: sheet.stamp.created_at.clone(),
        attached: Vec::new(),
        labels: Vec::new(),
    })
}

/// What kind of print a ticket is stands on its first line.
fn banner(
    resolver: &mut Resolver<'_, '_>,
    flow: &mut Flow<'_>,
    scope: Scope<'_>,
) -> Result<(), ComposeFault> {
    if let Some(words) = print_mark(&scope.stamp.kind) {
        let line = resolver.styled(Style::Center, &[Piece::Text(words)], scope)?;
        flow.blocks(&[crate::resolve::Block::Paragraph(line)])?;
    }
    Ok(())
}

fn print_mark(kind: &StampKind) -> Option<String> {
    match kind {
        StampKind::Draft => Some("草稿　不作凭据".to_owned()),
        StampKind::Final => None,
        StampKind::Reprint { copy_no, at } => {
            Some(format!("补打　第{copy_no}份　{}", figures::date_time(at)))
        }
    }
}

/// Header, footer, watermark and reprint mark of a page.
fn dress(
    resolver: &mut Resolver<'_, '_>,
    setup: &PageSetup,
    sheet: &Sheet<'_>,
    scope: Scope<'_>,
    page: &mut Page,
) -> Result<(), ComposeFault> {
    let width = setup.width - setup.left - setup.right;
    let is_one_of_many = scope.page.is_some_and(|(_, count)| count > 1);
    if is_one_of_many && !sheet.layout.seam.is_empty() {
        let line = resolver.styled(Style::Small, &sheet.layout.seam, scope)?;
        seam(&line.atoms, line.size, page);
    }
    let mut put = |pieces: &[Piece], align: Align, base: f32, items: &mut Vec<Item>| {
        let mut line = resolver.styled(Style::Small, pieces, scope)?;
        line.align = align;
        for set in breaking::lines(&line, width).iter().take(1) {
            breaking::place(set, &line, [setup.left, base], width, items);
        }
        Ok(())
    };
    let foot = match sheet.layout.page_foot.is_empty() {
        true => 0.0,
        false => signing::FOOT_EM * setup.size,
    };
    let bottom = page.height - setup.bottom + foot;
    put(
        &sheet.layout.header,
        Align::Left,
        (setup.top - 16.0).max(EDGE),
        &mut page.items,
    )?;
    put(
        &sheet.layout.footer,
        Align::Center,
        (bottom + 30.0).min(page.height - EDGE),
        &mut page.items,
    )?;
    match sheet.stamp.kind {
        StampKind::Reprint { .. } => {
            let mark: Vec<Piece> = print_mark(&sheet.stamp.kind)
                .map(Piece::Text)
                .into_iter()
                .collect();
            let base = (setup.top - 30.0).max(EDGE);
            put(&mark, Align::Right, base, &mut page.items)
        }
        StampKind::Draft => {
            let mark = resolver.text(Role::Label, "草稿", "layout", false)?;
            watermark(&mark, page);
            Ok(())
        }
        StampKind::Final => Ok(()),
    }
}

fn watermark(atoms: &[Atom], page: &mut Page) {
    let size = page.width * 0.3;
    let at = [page.width * 0.26, page.height * 0.68];
    let mark = turned(atoms, at, size, 45.0).into_iter();
    let mark = mark.map(|run| Run {
        lightness: 0.89,
        glyphs: run.glyphs,
        ..run
    });
    page.items.splice(0..0, mark.map(Item::Run));
}

/// 骑缝 – the words along the right edge, on the line where a seal across the fanned pages leaves a part on each.
fn seam(atoms: &[Atom], size: f32, page: &mut Page) {
    let length: f32 = atoms.iter().map(|atom| atom.advance_em * size).sum();
    let middle = page.height / 2.0;
    let x = page.width - SEAM_EDGE;
    let words = turned(atoms, [x - 3.0, middle + length / 2.0], size, 90.0);
    page.items.extend(words.into_iter().map(Item::Run));
    let reach = length / 2.0 + SEAM_REACH;
    let mut y = middle - reach;
    while y < middle + reach {
        page.items.push(Item::Line {
            from: [x, y],
            to: [x, y + 5.0],
            width: 0.5,
        });
        y += 8.0;
    }
}

/// Characters along a line that climbs by the angle; each face is a run of its own.
fn turned(atoms: &[Atom], at: [f32; 2], size: f32, angle_deg: f32) -> Vec<Run> {
    let (sin, cos) = angle_deg.to_radians().sin_cos();
    let [mut x, mut y] = at;
    let mut runs: Vec<Run> = Vec::new();
    for atom in atoms {
        let advance = atom.advance_em * size;
        if let Kind::Char { ch, glyph } = atom.kind {
            if runs.last().is_none_or(|run| run.face != glyph.face) {
                runs.push(Run {
                    at: [x, y],
                    size,
                    face: glyph.face,
                    is_bold: false,
                    lightness: 0.0,
                    angle_deg,
                    glyphs: Vec::new(),
                });
            }
            if let Some(run) = runs.last_mut() {
                run.glyphs.push(RunGlyph {
                    ch,
                    gid: glyph.gid,
                    font_em: glyph.advance_em,
                    advance,
                });
            }
        }
        (x, y) = (x + cos * advance, y - sin * advance);
    }
    runs
}

impl Document {
    pub fn pages(&self) -> usize {
        self.pages.len()
    }

    /// The pages as PDF/A shaped bytes (3u with the values of an issued sheet inside, else 2u); the same pages always
    /// give the same bytes.
    pub fn pdf(&self) -> Result<Vec<u8>, PaperFailure> {
        pdf::write(self)
    }

    /// One page, counted from 0, as SVG; empty when there is no such page.
    pub fn svg(&self, page: usize) -> String {
        self.pages
            .get(page)
            .map(|page| svg::page(&self.fonts, page))
            .unwrap_or_default()
    }

    /// One page, counted from 0, in black dots; without a row when there is no such page.
    pub fn bitmap(&self, page: usize, dpi: f32) -> Bitmap {
        self.pages
            .get(page)
            .map(|page| raster::page(&self.fonts, page, dpi))
            .unwrap_or_default()
    }

    /// The printed words, one line per printed line, pages parted by a form feed.
    pub fn text(&self) -> String {
        let pages: Vec<String> = self.pages.iter().map(page_text).collect();
        pages.join("\u{c}")
    }
}

fn page_text(page: &Page) -> String {
    let mut text = String::new();
    let mut pen: Option<[f32; 2]> = None;
    for item in &page.items {
        let Item::Run(run) = item else { continue };
        let [x, y] = run.at;
        if let Some([end, base]) = pen {
            let is_same_line = (base - y).abs() < 0.1 && x >= end - run.size;
            if !is_same_line {
                text.push('\n');
            } else if x > end + run.size * 0.5 {
                text.push(' ');
            }
        }
        text.extend(run.glyphs.iter().map(|glyph| glyph.ch));
        let advance: f32 = run.glyphs.iter().map(|glyph| glyph.advance).sum();
        pen = Some([x + advance, y]);
    }
    text
}
