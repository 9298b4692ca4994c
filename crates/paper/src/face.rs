use std::collections::HashMap;

use ttf_parser::{Face, GlyphId};

use crate::Fonts;
use crate::fonts::Role;

/// A glyph of one of the fonts, with its advance in em.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Glyph {
    pub face: usize,
    pub gid: u16,
    pub advance_em: f32,
}

/// The parsed faces of one composition, with what was looked up before.
pub(crate) struct FaceSet<'f> {
    fonts: &'f Fonts,
    /// Parsed when first asked for; `None` inside where the font cannot be used.
    faces: HashMap<usize, Option<Face<'f>>>,
    known: HashMap<(Role, char), Option<Glyph>>,
}

impl<'f> FaceSet<'f> {
    pub(crate) fn new(fonts: &'f Fonts) -> Self {
        FaceSet {
            fonts,
            faces: HashMap::new(),
            known: HashMap::new(),
        }
    }

    /// The glyph for `ch` in the font of the role, else in the first font that has it.
    pub(crate) fn glyph(&mut self, role: Role, ch: char) -> Option<Glyph> {
        if let Some(known) = self.known.get(&(role, ch)) {
            return *known;
        }
        let found = self.search(role, ch);
        self.known.insert((role, ch), found);
        found
    }

    fn search(&mut self, role: Role, ch: char) -> Option<Glyph> {
        let files = self.fonts.files();
        let of = |role: Role| files.iter().position(|file| file.role == role);
        let chosen = of(role).into_iter().chain(of(Role::Body));
        // Title and 楷 fonts stand in for nobody.
        let others = files
            .iter()
            .enumerate()
            .filter(|(_, file)| !matches!(file.role, Role::Title | Role::Kai));
        let order: Vec<usize> = chosen.chain(others.map(|(index, _)| index)).collect();
        for index in order {
            let Some(face) = self.face(index) else {
                continue;
            };
            let Some(gid) = face.glyph_index(ch).filter(|gid| gid.0 != 0) else {
                continue;
            };
            let advance = f32::from(face.glyph_hor_advance(gid).unwrap_or(0));
            return Some(Glyph {
                face: index,
                gid: gid.0,
                advance_em: advance / f32::from(face.units_per_em()),
            });
        }
        None
    }

    pub(crate) fn face(&mut self, index: usize) -> Option<&Face<'f>> {
        let file = self.fonts.files().get(index)?;
        self.faces
            .entry(index)
            .or_insert_with(|| Face::parse(file.bytes(), 0).ok())
            .as_ref()
    }

    /// Whether headings have a font of their own.
    pub(crate) fn has_title(&self) -> bool {
        self.fonts.has(Role::Title)
    }

    /// Draws the outline of a glyph in font units and returns units per em.
    pub(crate) fn outline(
        &mut self,
        face: usize,
        gid: u16,
        pen: &mut dyn ttf_parser::OutlineBuilder,
    ) -> Option<f32> {
        let face = self.face(face)?;
        face.outline_glyph(GlyphId(gid), pen);
        Some(f32::from(face.units_per_em()))
    }
}

impl std::hash::Hash for Role {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        std::mem::discriminant(self).hash(state);
    }
}

/// Control and format characters have no place on paper: they would change the reading order or
/// hide text. Private-use characters mean something else in every font.
pub(crate) fn is_printable(ch: char) -> bool {
    if ch.is_control() {
        return false;
    }
    !matches!(
        u32::from(ch),
        0x00AD | 0x0600..=0x0605 | 0x061C | 0x06DD | 0x070F | 0x180E
            | 0x200B..=0x200F | 0x2028..=0x202E | 0x2060..=0x206F
            | 0xFE00..=0xFE0F | 0xFEFF | 0xFFF0..=0xFFFF
            | 0xE000..=0xF8FF | 0x1BCA0..=0x1BCA3 | 0x1D173..=0x1D17A
            | 0xE0000..=0xE0FFF | 0xF0000..=0x10FFFF
    )
}
