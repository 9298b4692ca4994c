//! 书签 – the titles and headings of the pages as bookmarks.

use lopdf::{Dictionary, Object, ObjectId};

use crate::conformance::utf16;
use crate::item::{Item, Page};

struct Entry {
    text: String,
    page: ObjectId,
    /// From the lower edge of the page.
    top: f32,
    inside: Vec<Entry>,
}

/// The bookmarks of all pages as an object of the PDF; `None` where there are none.
pub(crate) fn add(pdf: &mut lopdf::Document, pages: &[Page]) -> Option<ObjectId> {
    let mut entries = Vec::new();
    for (page, id) in pages.iter().zip(pdf.get_pages().into_values()) {
        for item in &page.items {
            if let Item::Mark { y, level, text } = item {
                let entry = Entry {
                    text: text.clone(),
                    page: id,
                    top: (page.height - y).max(0.0),
                    inside: Vec::new(),
                };
                put(&mut entries, entry, *level);
            }
        }
    }
    if entries.is_empty() {
        return None;
    }
    let root = pdf.new_object_id();
    let mut dictionary = Dictionary::from_iter([("Type", Object::Name(b"Outlines".to_vec()))]);
    hang(pdf, root, &mut dictionary, &entries);
    pdf.objects.insert(root, Object::Dictionary(dictionary));
    Some(root)
}

/// Below the last entry of the level above; a heading without one stands for itself.
fn put(entries: &mut Vec<Entry>, entry: Entry, level: u8) {
    match entries.last_mut() {
        Some(last) if level > 0 => put(&mut last.inside, entry, level - 1),
        _ => entries.push(entry),
    }
}

/// Chains entries below their parent. All but the first level are closed.
fn hang(pdf: &mut lopdf::Document, parent: ObjectId, into: &mut Dictionary, entries: &[Entry]) {
    let ids: Vec<ObjectId> = entries.iter().map(|_| pdf.new_object_id()).collect();
    let (Some(first), Some(last)) = (ids.first(), ids.last()) else {
        return;
    };
    into.set("First", Object::Reference(*first));
    into.set("Last", Object::Reference(*last));
    let count = i64::try_from(ids.len()).unwrap_or(i64::MAX);
    let is_root = into.has(b"Type");
    into.set(
        "Count",
        Object::Integer(if is_root { count } else { -count }),
    );
    for (index, (entry, id)) in entries.iter().zip(&ids).enumerate() {
        let place = vec![
            Object::Reference(entry.page),
            Object::Name(b"XYZ".to_vec()),
            Object::Integer(0),
            Object::Real(entry.top.round()),
            Object::Null,
        ];
        let mut dictionary = Dictionary::from_iter([
            ("Title", utf16(&entry.text)),
            ("Parent", Object::Reference(parent)),
            ("Dest", Object::Array(place)),
        ]);
        let beside = [
            ("Prev", index.checked_sub(1)),
            ("Next", index.checked_add(1)),
        ];
        for (key, at) in beside {
            if let Some(id) = at.and_then(|at| ids.get(at)) {
                dictionary.set(key, Object::Reference(*id));
            }
        }
        hang(pdf, *id, &mut dictionary, &entry.inside);
        pdf.objects.insert(*id, Object::Dictionary(dictionary));
    }
}
