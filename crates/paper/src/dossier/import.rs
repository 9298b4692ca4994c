//! Pages of an issued PDF inside another: each becomes a form that is drawn as it is, under the page number.

use std::collections::BTreeSet;

use lopdf::{Dictionary, Document, Object, ObjectId, Stream};

use crate::attached::{self, Attached};
use crate::conformance::name;
use crate::item::Page;

/// An issued PDF that is to be bound.
#[derive(Debug)]
pub(super) struct Imported {
    pdf: Document,
    pub pages: Vec<Leaf>,
    pub attached: Vec<Attached>,
}

/// One of its pages.
#[derive(Debug)]
pub(super) struct Leaf {
    width: f32,
    height: f32,
}

impl Leaf {
    /// A page of the same size that is still empty.
    pub(super) fn blank(&self) -> Page {
        Page {
            width: self.width,
            height: self.height,
            items: Vec::new(),
        }
    }
}

impl Imported {
    /// The reason why not, where the file cannot be taken over.
    pub(super) fn read(bytes: &[u8]) -> Result<Imported, String> {
        let pdf = Document::load_mem(bytes).map_err(|fault| fault.to_string())?;
        if pdf.is_encrypted() {
            return Err("it is encrypted".to_owned());
        }
        if !is_for_archives(&pdf) {
            return Err("it is no PDF/A".to_owned());
        }
        let mut pages = Vec::new();
        for id in pdf.get_pages().into_values() {
            let page = pdf.get_dictionary(id).map_err(|fault| fault.to_string())?;
            let sides: Option<Vec<f32>> = page
                .get_deref(b"MediaBox", &pdf)
                .and_then(Object::as_array)
                .ok()
                .map(|sides| {
                    sides
                        .iter()
                        .filter_map(|side| side.as_float().ok())
                        .collect()
                });
            let Some([left, bottom, width, height]) = sides.as_deref() else {
                return Err("a page has no size".to_owned());
            };
            if *left != 0.0 || *bottom != 0.0 || page.has(b"Rotate") {
                return Err("a page is turned or shifted".to_owned());
            }
            pages.push(Leaf {
                width: *width,
                height: *height,
            });
        }
        if pages.is_empty() {
            return Err("it has no pages".to_owned());
        }
        let attached = attached::files(&pdf);
        Ok(Imported {
            pdf,
            pages,
            attached,
        })
    }

    /// Draws the pages on the first of `places`.
    pub(super) fn place(mut self, into: &mut Document, places: &[ObjectId]) {
        self.pdf.renumber_objects_with(into.max_id + 1);
        into.max_id = self.pdf.max_id;
        let mut wanted = BTreeSet::new();
        let pages = self.pdf.get_pages().into_values();
        for ((leaf, page), place) in self.pages.iter().zip(pages).zip(places) {
            let Some(form) = form(&self.pdf, page, leaf) else {
                continue;
            };
            let dictionary = Object::Dictionary(form.dict.clone());
            reachable(&self.pdf, &dictionary, &mut wanted);
            let form = into.add_object(form);
            draw(into, *place, form);
        }
        for id in wanted {
            if let Some(object) = self.pdf.objects.remove(&id) {
                into.objects.insert(id, object);
            }
        }
    }
}

fn is_for_archives(pdf: &Document) -> bool {
    let metadata = pdf
        .catalog()
        .and_then(|catalog| catalog.get_deref(b"Metadata", pdf))
        .and_then(Object::as_stream);
    metadata.is_ok_and(|stream| {
        let xmp = String::from_utf8_lossy(&stream.content);
        xmp.contains("<pdfaid:part>2<") || xmp.contains("<pdfaid:part>3<")
    })
}

/// The content of a page as a form with the page's resources.
fn form(pdf: &Document, id: ObjectId, leaf: &Leaf) -> Option<Stream> {
    let page = pdf.get_dictionary(id).ok()?;
    let resources = page.get_deref(b"Resources", pdf).ok()?.clone();
    let contents = pdf.get_page_contents(id);
    let mut stream = match contents.as_slice() {
        [only] => pdf
            .get_object(*only)
            .and_then(Object::as_stream)
            .ok()?
            .clone(),
        _ => Stream::new(Dictionary::new(), pdf.get_page_content(id)),
    };
    stream.dict.set("Type", name("XObject"));
    stream.dict.set("Subtype", name("Form"));
    let sides = [0.0, 0.0, leaf.width, leaf.height].map(Object::Real);
    stream.dict.set("BBox", sides.to_vec());
    stream.dict.set("Resources", resources);
    Some(stream)
}

fn reachable(pdf: &Document, object: &Object, found: &mut BTreeSet<ObjectId>) {
    match object {
        Object::Reference(id) => {
            if found.insert(*id)
                && let Ok(object) = pdf.get_object(*id)
            {
                reachable(pdf, object, found);
            }
        }
        Object::Array(items) => items.iter().for_each(|item| reachable(pdf, item, found)),
        Object::Dictionary(dictionary) => {
            dictionary
                .iter()
                .for_each(|(_, item)| reachable(pdf, item, found));
        }
        Object::Stream(stream) => {
            stream
                .dict
                .iter()
                .for_each(|(_, item)| reachable(pdf, item, found));
        }
        Object::Null
        | Object::Boolean(_)
        | Object::Integer(_)
        | Object::Real(_)
        | Object::Name(_)
        | Object::String(..) => {}
    }
}

/// Draws a form below what stands on the page.
fn draw(pdf: &mut Document, page: ObjectId, form: ObjectId) {
    let call = Stream::new(Dictionary::new(), b"q /Issued Do Q\n".to_vec());
    let call = Object::Reference(pdf.add_object(call));
    let own = pdf
        .get_dictionary(page)
        .and_then(|page| page.get_deref(b"Resources", pdf))
        .and_then(Object::as_dict)
        .and_then(|resources| resources.get(b"Font"))
        .cloned();
    let forms = Dictionary::from_iter([("Issued", Object::Reference(form))]);
    let mut resources = Dictionary::from_iter([("XObject", Object::Dictionary(forms))]);
    if let Ok(fonts) = own {
        resources.set("Font", fonts);
    }
    if let Ok(page) = pdf.get_dictionary_mut(page) {
        let own = page.get(b"Contents").cloned();
        page.set(
            "Contents",
            [Ok(call), own].into_iter().flatten().collect::<Vec<_>>(),
        );
        page.set("Resources", resources);
    }
}
