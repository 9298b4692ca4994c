//! 案卷 – everything of a case as one file: 封面, 目录, the documents as they were issued, evidence sheets, 备考表.

mod import;
mod sheets;

use serde_json::Value;

use crate::attached::Attached;
use crate::document::PageLabel;
use crate::item::{Item, Page};
use crate::{
    ComposeFault, Document, Fonts, Layout, LayoutFault, PaperFailure, Picture, PlacedSignature,
    conformance, pdf,
};
use import::Imported;

/// Pages of one file; a case of more is bound in several.
const MAX_PAGES: usize = 3_000;

/// 案卷 – the volumes of a case, bound into one PDF.
#[derive(Debug)]
pub struct Dossier<'a> {
    pub title: String,
    /// Stands in the metadata of the file.
    pub document_id: String,
    /// RFC 3339.
    pub created_at: String,
    pub volumes: Vec<Volume<'a>>,
}

/// 正卷、副卷 – the part of a dossier that is bound and numbered by itself.
#[derive(Debug)]
pub struct Volume<'a> {
    pub kind: VolumeKind,
    /// What the cover and 备考表 say, with the names of the fields of F45.
    pub values: &'a Value,
    /// `compiler`, `checker`, `arranger`.
    pub signatures: &'a [PlacedSignature],
    /// In the order of the index.
    pub parts: Vec<Part<'a>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VolumeKind {
    /// 正卷 – what the party may see.
    Main,
    /// 副卷 – deliberation and approval, kept from the party.
    Secondary,
}

/// One line of the index and the pages behind it.
#[derive(Debug)]
pub struct Part<'a> {
    pub name: String,
    pub number: Option<String>,
    /// 责任者 – who made it.
    pub author: Option<String>,
    /// ISO 8601 date.
    pub dated_on: Option<String>,
    pub note: Option<String>,
    pub content: Content<'a>,
}

#[derive(Debug)]
pub enum Content<'a> {
    /// Pages set now; they share their fonts with the rest of the file.
    Composed(Document),
    /// A PDF of this crate as it was issued; its pages are taken over unchanged.
    Issued(&'a [u8]),
    /// 存卷件 – pages set now that say more than those that were issued; the issued PDF travels inside as it is.
    OfficeCopy { set: &'a Document, issued: &'a [u8] },
    /// 证据照片 – two on a sheet, each with what is known of it.
    Photos(Vec<Photo>),
}

/// 证据照片
#[derive(Debug, Clone)]
pub struct Photo {
    pub picture: Picture,
    /// What it proves.
    pub caption: String,
    /// RFC 3339.
    pub taken_at: Option<String>,
    pub place: Option<String>,
    pub taken_by: Option<String>,
    /// Of the original file, which the picture is a smaller copy of.
    pub sha256: String,
}

/// The sheets a dossier adds to its documents; an agency may have its own.
#[derive(Debug, Clone)]
pub struct DossierLayouts {
    pub cover: Layout,
    pub index: Layout,
    pub evidence: Layout,
    pub notes: Layout,
}

impl DossierLayouts {
    pub fn standard() -> Result<DossierLayouts, LayoutFault> {
        Ok(DossierLayouts {
            cover: Layout::parse(include_str!("dossier/cover.txt"))?,
            index: Layout::parse(include_str!("dossier/index.txt"))?,
            evidence: Layout::parse(include_str!("dossier/evidence.txt"))?,
            notes: Layout::parse(include_str!("dossier/notes.txt"))?,
        })
    }
}

/// A dossier as one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    /// PDF/A-3u; the same dossier is always the same bytes.
    pub pdf: Vec<u8>,
    pub pages: usize,
    /// For each volume the printed page each part begins on.
    pub begins: Vec<Vec<usize>>,
}

/// Why a dossier could not be bound.
#[derive(Debug, thiserror::Error)]
pub enum DossierFault {
    #[error("a layout of the dossier")]
    Layout(#[from] LayoutFault),
    #[error("set {sheet}: {fault}")]
    Compose { sheet: String, fault: ComposeFault },
    /// The file is damaged, or another program made it and it may not be fit for archives.
    #[error("take over {part}: {reason}")]
    NotTaken { part: String, reason: String },
    #[error("more than {limit} pages")]
    TooManyPages { limit: usize },
    #[error("write the dossier")]
    Write(#[from] PaperFailure),
}

/// Binds a dossier: numbers the pages of each volume from its first document on (封面, 目录 and 备考表 have no number,
/// DA/T 22), fills the index with those numbers, and adds bookmarks.
pub fn bind(
    fonts: &Fonts,
    layouts: &DossierLayouts,
    dossier: &Dossier<'_>,
) -> Result<Bound, DossierFault> {
    let mut binder = Binder {
        fonts,
        layouts,
        dossier,
        file: Document {
            fonts: fonts.clone(),
            pages: Vec::new(),
            title: dossier.title.clone(),
            document_id: dossier.document_id.clone(),
            created_at: dossier.created_at.clone(),
            attached: Vec::new(),
            labels: Vec::new(),
        },
        taken: Vec::new(),
        begins: Vec::new(),
    };
    for (index, volume) in dossier.volumes.iter().enumerate() {
        binder.volume(index, volume)?;
    }
    binder.finish()
}

/// Pages of a part before they have their place.
enum Leaves {
    Set(Vec<Page>),
    Taken(Box<Imported>),
}

impl Leaves {
    fn count(&self) -> usize {
        match self {
            Leaves::Set(pages) => pages.len(),
            Leaves::Taken(imported) => imported.pages.len(),
        }
    }
}

struct Binder<'b> {
    fonts: &'b Fonts,
    layouts: &'b DossierLayouts,
    dossier: &'b Dossier<'b>,
    file: Document,
    /// Imported files with the page of the whole their pages begin at.
    taken: Vec<(usize, Imported)>,
    begins: Vec<Vec<usize>>,
}

impl Binder<'_> {
    fn volume(&mut self, index: usize, volume: &Volume<'_>) -> Result<(), DossierFault> {
        // One volume needs no bookmark of its own.
        let level = u8::from(self.dossier.volumes.len() > 1);
        let mut leaves = Vec::new();
        let mut begins = Vec::new();
        let mut next = 1;
        for (at, part) in volume.parts.iter().enumerate() {
            let part = self.part(index, at, part)?;
            begins.push(next);
            next += part.count();
            leaves.push(part);
        }
        let pages = next - 1;
        if self.file.pages.len() + pages > MAX_PAGES {
            return Err(DossierFault::TooManyPages { limit: MAX_PAGES });
        }
        let values = sheets::values(self.dossier, index, volume, &begins, pages);
        let sheet = |layout, name| sheets::set(self, layout, name, &values, volume.signatures);
        let cover = sheet(&self.layouts.cover, "封面")?;
        let list = sheet(&self.layouts.index, "目录")?;
        let notes = sheet(&self.layouts.notes, "备考表")?;

        let cover_at = self.file.pages.len();
        self.put(cover, "封面", level);
        if let (true, Some(cover)) = (level > 0, self.file.pages.get_mut(cover_at)) {
            cover.items.insert(0, bookmark(0, volume.kind.words()));
        }
        self.put(list, "目录", level);
        self.file.labels.push(PageLabel {
            page: self.file.pages.len(),
            prefix: String::new(),
            is_counted: true,
        });
        for ((part, leaves), first) in volume.parts.iter().zip(leaves).zip(&begins) {
            let at = self.file.pages.len();
            match leaves {
                Leaves::Set(pages) => self.put_numbered(pages, &part.name, level, *first)?,
                Leaves::Taken(imported) => {
                    let blank = imported.pages.iter().map(import::Leaf::blank).collect();
                    self.taken.push((at, *imported));
                    self.put_numbered(blank, &part.name, level, *first)?;
                }
            }
        }
        self.put(notes, "备考表", level);
        self.begins.push(begins);
        Ok(())
    }

    fn part(&mut self, volume: usize, at: usize, part: &Part<'_>) -> Result<Leaves, DossierFault> {
        let prefix = format!("{}-{:03}-", volume + 1, at + 1);
        let (leaves, mut inside) = match &part.content {
            Content::Composed(document) => (
                Leaves::Set(document.pages.clone()),
                document.attached.clone(),
            ),
            Content::OfficeCopy { set, issued } => {
                let unread = |reason| DossierFault::NotTaken {
                    part: part.name.clone(),
                    reason,
                };
                let mut inside = Imported::read(issued).map_err(unread)?.attached;
                inside.push(Attached::issued(issued, &part.name));
                (Leaves::Set(set.pages.clone()), inside)
            }
            Content::Photos(photos) => {
                let pages = sheets::evidence(self, &part.name, photos)?;
                (Leaves::Set(pages), Vec::new())
            }
            Content::Issued(bytes) => {
                let mut imported = Imported::read(bytes).map_err(|reason| {
                    let part = part.name.clone();
                    DossierFault::NotTaken { part, reason }
                })?;
                let inside = std::mem::take(&mut imported.attached);
                (Leaves::Taken(Box::new(imported)), inside)
            }
        };
        for file in &mut inside {
            file.name.insert_str(0, &prefix);
        }
        self.file.attached.append(&mut inside);
        Ok(leaves)
    }

    /// Pages that are named, not counted.
    fn put(&mut self, mut pages: Vec<Page>, name: &str, level: u8) {
        relevel(&mut pages, name, level);
        self.file.labels.push(PageLabel {
            page: self.file.pages.len(),
            prefix: name.to_owned(),
            is_counted: false,
        });
        self.file.pages.append(&mut pages);
    }

    fn put_numbered(
        &mut self,
        mut pages: Vec<Page>,
        name: &str,
        level: u8,
        first: usize,
    ) -> Result<(), DossierFault> {
        relevel(&mut pages, name, level);
        for (number, page) in (first..).zip(&mut pages) {
            page.items
                .push(sheets::page_number(self.fonts, number, page.width)?);
        }
        self.file.pages.append(&mut pages);
        Ok(())
    }

    fn finish(self) -> Result<Bound, DossierFault> {
        let mut structure = pdf::structure(&self.file)?;
        let places: Vec<_> = structure.get_pages().into_values().collect();
        for (at, imported) in self.taken {
            imported.place(&mut structure, places.get(at..).unwrap_or_default());
        }
        let pages = self.file.pages.len();
        Ok(Bound {
            pdf: conformance::finish(&self.file, structure)?,
            pages,
            begins: self.begins,
        })
    }
}

/// The part's name is its bookmark; headings go below it, its own title is the same words again.
fn relevel(pages: &mut [Page], name: &str, base: u8) {
    for page in &mut *pages {
        page.items
            .retain(|item| !matches!(item, Item::Mark { level: 0, .. }));
        for item in &mut page.items {
            if let Item::Mark { level, .. } = item {
                *level += base;
            }
        }
    }
    if let Some(first) = pages.first_mut() {
        first.items.insert(0, bookmark(base, name));
    }
}

fn bookmark(level: u8, words: &str) -> Item {
    Item::Mark {
        y: 0.0,
        level,
        text: words.to_owned(),
    }
}

impl VolumeKind {
    pub(crate) fn words(self) -> &'static str {
        match self {
            VolumeKind::Main => "正卷",
            VolumeKind::Secondary => "副卷",
        }
    }
}
