//! Paints the pages as PDF.

use std::collections::{BTreeMap, HashMap};

use printpdf::{
    Codepoint, Color, DictItem, ExternalStream, ExternalXObject, FontId, Greyscale, Line,
    LineCapStyle, LineJoinStyle, LinePoint, Op, PaintMode, ParsedFont, PdfDocument, PdfFont,
    PdfFontHandle, PdfPage, PdfSaveOptions, Point, Polygon, PolygonRing, Pt, Rgb, TextItem,
    TextMatrix, TextRenderingMode, WindingOrder, XObject, XObjectId, XObjectTransform,
};
use subsetter::GlyphRemapper;

use crate::conformance;
use crate::document::Document;
use crate::item::{BOLD_STROKE_EM, Item, Page, PenLine, Run, RunGlyph};
use crate::seal::SEAL_RED;
use crate::{Fonts, Impression, PaperFailure, Picture, qr};

/// A subset of a face in which every glyph stands for one character. Fonts draw some characters
/// with one glyph (民 and ⺠); the second of them goes to the next subset, or the text that readers
/// extract would not be the text that was written.
type SubsetKey = (usize, usize);

#[derive(Default)]
struct Subsets {
    characters: HashMap<(usize, u16), Vec<char>>,
    remappers: BTreeMap<SubsetKey, GlyphRemapper>,
}

pub(crate) fn write(document: &Document) -> Result<Vec<u8>, PaperFailure> {
    conformance::finish(document, structure(document)?)
}

/// The pages as objects, not yet fit for archives.
pub(crate) fn structure(document: &Document) -> Result<lopdf::Document, PaperFailure> {
    let subsets = Subsets::collect(&document.pages);
    let mut pdf = PdfDocument::new(&document.title);
    for (key, remapper) in &subsets.remappers {
        let font = subset(&document.fonts, *key, remapper)?;
        let fonts = &mut pdf.resources.fonts.map;
        fonts.insert(font_id(*key), PdfFont::new(font));
    }
    let pictures = pictures(&document.pages);
    for (index, picture) in pictures.iter().enumerate() {
        let object = XObject::External(embedded(picture));
        pdf.resources.xobjects.map.insert(picture_id(index), object);
    }
    let seals = seals(&document.pages);
    for (index, seal) in seals.iter().enumerate() {
        let object = XObject::External(stencil(seal));
        pdf.resources.xobjects.map.insert(seal_id(index), object);
    }
    pdf.pages = document
        .pages
        .iter()
        .map(|page| painted(page, &subsets, &pictures, &seals))
        .collect();
    let options = PdfSaveOptions {
        optimize: false,
        subset_fonts: false,
        secure: true,
        image_optimization: None,
    };
    Ok(pdf.to_lopdf_document(&options, &mut Vec::new()))
}

/// Every picture once, however often it is shown.
fn pictures(pages: &[Page]) -> Vec<&Picture> {
    let mut pictures = Vec::new();
    for item in pages.iter().flat_map(|page| &page.items) {
        if let Item::Picture { picture, .. } = item
            && !pictures.contains(&picture)
        {
            pictures.push(picture);
        }
    }
    pictures
}

fn picture_id(index: usize) -> XObjectId {
    XObjectId(format!("P{index:03}"))
}

/// The JPEG stream as it is: nothing is decoded and encoded again.
fn embedded(picture: &Picture) -> ExternalXObject {
    let name = |text: &str| DictItem::Name(text.as_bytes().to_vec());
    let [width, height] = picture.dots();
    let dict = [
        ("Type", name("XObject")),
        ("Subtype", name("Image")),
        ("Width", DictItem::Int(i64::from(width))),
        ("Height", DictItem::Int(i64::from(height))),
        ("ColorSpace", name("DeviceRGB")),
        ("BitsPerComponent", DictItem::Int(8)),
        ("Filter", name("DCTDecode")),
    ];
    ExternalXObject {
        stream: ExternalStream {
            dict: dict
                .into_iter()
                .map(|(key, item)| (key.to_owned(), item))
                .collect(),
            content: picture.jpeg().to_vec(),
            compress: false,
        },
        width: None,
        height: None,
        dpi: None,
    }
}

fn seals(pages: &[Page]) -> Vec<&Impression> {
    let mut seals = Vec::new();
    for item in pages.iter().flat_map(|page| &page.items) {
        if let Item::Seal { impression, .. } = item
            && !seals.contains(&impression)
        {
            seals.push(impression);
        }
    }
    seals
}

fn seal_id(index: usize) -> XObjectId {
    XObjectId(format!("M{index:03}"))
}

/// The dots as they were packed when the impression was made; what is drawn through them is the colour at that time.
fn stencil(impression: &Impression) -> ExternalXObject {
    let name = |text: &str| DictItem::Name(text.as_bytes().to_vec());
    let entries = |entries: Vec<(&str, DictItem)>| {
        let entries = entries.into_iter();
        entries.map(|(key, item)| (key.to_owned(), item)).collect()
    };
    let dots = impression.dots();
    let (width, height) = (i64::from(dots.width), i64::from(dots.height));
    let rows = entries(vec![
        ("Predictor", DictItem::Int(15)),
        ("Colors", DictItem::Int(1)),
        ("BitsPerComponent", DictItem::Int(1)),
        ("Columns", DictItem::Int(width)),
    ]);
    let dict = entries(vec![
        ("Type", name("XObject")),
        ("Subtype", name("Image")),
        ("Width", DictItem::Int(width)),
        ("Height", DictItem::Int(height)),
        ("ImageMask", DictItem::Bool(true)),
        ("BitsPerComponent", DictItem::Int(1)),
        ("Filter", name("FlateDecode")),
        ("DecodeParms", DictItem::Dict { map: rows }),
    ]);
    ExternalXObject {
        stream: ExternalStream {
            dict,
            content: impression.packed().to_vec(),
            compress: false,
        },
        width: None,
        height: None,
        dpi: None,
    }
}

fn font_id((face, layer): SubsetKey) -> FontId {
    FontId(format!("S{face}L{layer:02}"))
}

fn subset(
    fonts: &Fonts,
    (face, _): SubsetKey,
    remapper: &GlyphRemapper,
) -> Result<ParsedFont, PaperFailure> {
    let file = fonts.files().get(face);
    let name = file.map_or("", |file| file.name.as_str());
    let failure = |reason: String| PaperFailure::Subset {
        name: name.to_owned(),
        reason,
    };
    let bytes = file.map_or(&[][..], |file| file.bytes());
    let subset =
        subsetter::subset(bytes, 0, remapper).map_err(|fault| failure(fault.to_string()))?;
    let mut font = ParsedFont::from_bytes(&subset, 0, &mut Vec::new())
        .ok_or_else(|| failure("the subset cannot be parsed".to_owned()))?;
    font.font_name = Some(format!("{}+{name}", tag(&subset)));
    Ok(font)
}

/// The six capitals before the name of a subset: another subset in the same file has others.
fn tag(subset: &[u8]) -> String {
    let hash = journal::Hash::of(subset);
    let letters = hash.as_bytes().iter().take(6);
    letters.map(|byte| char::from(b'A' + byte % 26)).collect()
}

impl Subsets {
    fn collect(pages: &[Page]) -> Subsets {
        let mut subsets = Subsets::default();
        for item in pages.iter().flat_map(|page| &page.items) {
            let Item::Run(run) = item else { continue };
            for glyph in &run.glyphs {
                let characters = subsets.characters.entry((run.face, glyph.gid)).or_default();
                if !characters.contains(&glyph.ch) {
                    characters.push(glyph.ch);
                }
                let layer = subsets.layer(run.face, glyph);
                subsets
                    .remappers
                    .entry((run.face, layer))
                    .or_default()
                    .remap(glyph.gid);
            }
        }
        subsets
    }

    fn layer(&self, face: usize, glyph: &RunGlyph) -> usize {
        self.characters
            .get(&(face, glyph.gid))
            .and_then(|characters| characters.iter().position(|ch| *ch == glyph.ch))
            .unwrap_or(0)
    }

    fn code(&self, key: SubsetKey, gid: u16) -> u16 {
        self.remappers
            .get(&key)
            .and_then(|remapper| remapper.get(gid))
            .unwrap_or(0)
    }
}

fn painted(
    page: &Page,
    subsets: &Subsets,
    pictures: &[&Picture],
    seals: &[&Impression],
) -> PdfPage {
    let mut painter = Painter {
        ops: Vec::new(),
        height: page.height,
        subsets,
        pictures,
        seals,
    };
    page.items.iter().for_each(|item| painter.item(item));
    PdfPage::new(Pt(page.width).into(), Pt(page.height).into(), painter.ops)
}

struct Painter<'s> {
    ops: Vec<Op>,
    height: f32,
    subsets: &'s Subsets,
    pictures: &'s [&'s Picture],
    seals: &'s [&'s Impression],
}

impl Painter<'_> {
    fn item(&mut self, item: &Item) {
        match item {
            Item::Run(run) => self.run(run),
            Item::Line { from, to, width } => self.stroke(&[*from, *to], *width, false),
            Item::Stroke { points, width } => self.stroke(points, *width, false),
            Item::Pen { lines } => self.pen(lines),
            Item::Frame { at, size, width } => {
                let ([x, y], [wide, high]) = (*at, *size);
                let corners = [[x, y], [x + wide, y], [x + wide, y + high], [x, y + high]];
                self.stroke(&corners, *width, true);
            }
            Item::Qr { at, side, symbol } => self.qr(*at, *side, symbol),
            Item::Picture { at, size, picture } => self.picture(*at, *size, picture),
            Item::Seal {
                at,
                size,
                impression,
            } => self.seal(*at, *size, impression),
            Item::Mark { .. } => {}
        }
    }

    fn point(&self, [x, y]: [f32; 2]) -> LinePoint {
        LinePoint {
            p: Point {
                x: Pt(x),
                y: Pt(self.height - y),
            },
            bezier: false,
        }
    }

    fn stroke(&mut self, points: &[[f32; 2]], width: f32, is_closed: bool) {
        let points = points.iter().map(|point| self.point(*point)).collect();
        self.ops.extend([
            Op::SetOutlineThickness { pt: Pt(width) },
            Op::DrawLine {
                line: Line { points, is_closed },
            },
        ]);
    }

    fn pen(&mut self, lines: &[PenLine]) {
        self.ops.extend([
            Op::SaveGraphicsState,
            Op::SetLineCapStyle {
                cap: LineCapStyle::Round,
            },
            Op::SetLineJoinStyle {
                join: LineJoinStyle::Round,
            },
        ]);
        for line in lines {
            self.stroke(&line.points, line.width, false);
        }
        self.ops.push(Op::RestoreGraphicsState);
    }

    /// One path for the whole code: separate rectangles leave seams that readers stumble over.
    fn qr(&mut self, [x, y]: [f32; 2], side: f32, symbol: &qr::Symbol) {
        let module = side / symbol.width().max(1) as f32;
        let rings = symbol
            .bars()
            .into_iter()
            .map(|(row, column, length)| {
                let left = x + column as f32 * module;
                let right = left + length as f32 * module;
                let top = y + row as f32 * module;
                let bottom = top + module;
                let corners = [[left, top], [right, top], [right, bottom], [left, bottom]];
                PolygonRing {
                    points: corners
                        .into_iter()
                        .map(|corner| self.point(corner))
                        .collect(),
                }
            })
            .collect();
        self.ops.push(Op::DrawPolygon {
            polygon: Polygon {
                rings,
                mode: PaintMode::Fill,
                winding_order: WindingOrder::NonZero,
            },
        });
    }

    fn picture(&mut self, at: [f32; 2], size: [f32; 2], picture: &Picture) {
        let known = self.pictures.iter().position(|known| *known == picture);
        if let Some(index) = known {
            self.object(picture_id(index), at, size);
        }
    }

    fn seal(&mut self, at: [f32; 2], size: [f32; 2], impression: &Impression) {
        let known = self.seals.iter().position(|known| *known == impression);
        let Some(index) = known else { return };
        let [r, g, b] = SEAL_RED.map(|part| f32::from(part) / 255.0);
        self.ops.extend([
            Op::SaveGraphicsState,
            Op::SetFillColor {
                col: Color::Rgb(Rgb::new(r, g, b, None)),
            },
        ]);
        self.object(seal_id(index), at, size);
        self.ops.push(Op::RestoreGraphicsState);
    }

    fn object(&mut self, id: XObjectId, [x, y]: [f32; 2], [wide, high]: [f32; 2]) {
        self.ops.push(Op::UseXobject {
            id,
            transform: XObjectTransform {
                translate_x: Some(Pt(x)),
                translate_y: Some(Pt(self.height - y - high)),
                scale_x: Some(wide),
                scale_y: Some(high),
                no_auto_scale: true,
                ..XObjectTransform::default()
            },
        });
    }

    fn run(&mut self, run: &Run) {
        let is_plain = !run.is_bold && run.lightness == 0.0;
        if !is_plain {
            self.ops.push(Op::SaveGraphicsState);
        }
        if run.lightness > 0.0 {
            self.ops.push(Op::SetFillColor {
                col: Color::Greyscale(Greyscale::new(run.lightness, None)),
            });
        }
        if run.is_bold {
            self.ops.push(Op::SetOutlineThickness {
                pt: Pt(run.size * BOLD_STROKE_EM),
            });
        }
        self.ops.push(Op::StartTextSection);
        if run.is_bold {
            self.ops.push(Op::SetTextRenderingMode {
                mode: TextRenderingMode::FillStroke,
            });
        }
        let [mut x, y] = run.at;
        let mut rest = run.glyphs.as_slice();
        while let Some(first) = rest.first() {
            let layer = self.subsets.layer(run.face, first);
            let count = rest
                .iter()
                .take_while(|glyph| self.subsets.layer(run.face, glyph) == layer)
                .count();
            let (part, others) = rest.split_at_checked(count).unwrap_or((rest, &[]));
            self.glyphs(run, (run.face, layer), part, [x, y]);
            x += part.iter().map(|glyph| glyph.advance).sum::<f32>();
            rest = others;
        }
        self.ops.push(Op::EndTextSection);
        if !is_plain {
            self.ops.push(Op::RestoreGraphicsState);
        }
    }

    fn glyphs(&mut self, run: &Run, key: SubsetKey, glyphs: &[RunGlyph], [x, y]: [f32; 2]) {
        let (sin, cos) = run.angle_deg.to_radians().sin_cos();
        let matrix = [cos, sin, -sin, cos, x, self.height - y];
        let last = glyphs.len().saturating_sub(1);
        let codes = glyphs
            .iter()
            .enumerate()
            .map(|(index, glyph)| {
                let shown = (glyph.font_em * 1000.0).trunc();
                let wanted = glyph.advance / run.size * 1000.0;
                let offset = ((shown - wanted) * 100.0).round() / 100.0;
                let offset = if index == last || offset.abs() < 0.05 {
                    0.0
                } else {
                    offset
                };
                Codepoint::with_cid(
                    self.subsets.code(key, glyph.gid),
                    offset,
                    glyph.ch.to_string(),
                )
            })
            .collect();
        self.ops.extend([
            Op::SetFont {
                font: PdfFontHandle::External(font_id(key)),
                size: Pt(run.size),
            },
            Op::SetTextMatrix {
                matrix: TextMatrix::Raw(matrix),
            },
            Op::ShowText {
                items: vec![TextItem::GlyphIds(codes)],
            },
        ]);
    }
}
