//! What makes the PDF fit for archives: PDF/A identification, colour profile, bookmarks, stable identity.
//! A sheet without data inside is PDF/A-2u; one that carries its values is PDF/A-3u.
//! The library's own conformance flags write none of it correctly, so it is done on its structure.

use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use lopdf::{Dictionary, Object, ObjectId, Stream, StringFormat};

use crate::document::Document;
use crate::{PaperFailure, attached, figures, outline};

const LEVEL: u32 = 4;
const FONT_LEVEL: u32 = 1;
const PRODUCER: &str = concat!("Sanxiang paper ", env!("CARGO_PKG_VERSION"));

pub(crate) fn finish(
    document: &Document,
    mut pdf: lopdf::Document,
) -> Result<Vec<u8>, PaperFailure> {
    pdf.version = "1.7".to_owned();
    let catalog_id = reference(&pdf, b"Root")?;
    let info_id = reference(&pdf, b"Info")?;

    pdf.objects
        .insert(info_id, Object::Dictionary(info(document)));
    let profile = pdf.add_object(Stream::new(
        Dictionary::from_iter([("N", Object::Integer(3))]),
        srgb_profile(),
    ));
    let metadata = pdf.add_object(
        Stream::new(
            Dictionary::from_iter([("Type", name("Metadata")), ("Subtype", name("XML"))]),
            xmp(document).into_bytes(),
        )
        .with_compression(false),
    );
    let intent = Dictionary::from_iter([
        ("Type", name("OutputIntent")),
        ("S", name("GTS_PDFA1")),
        ("OutputConditionIdentifier", Object::string_literal("sRGB")),
        ("Info", Object::string_literal("sRGB IEC61966-2.1")),
        ("DestOutputProfile", Object::Reference(profile)),
    ]);
    let embedded = attached::embed(&mut pdf, &document.attached, &document.created_at);
    let bookmarks = outline::add(&mut pdf, &document.pages);
    let catalog = pdf
        .get_object_mut(catalog_id)
        .and_then(Object::as_dict_mut)
        .map_err(structure)?;
    catalog.set("Metadata", Object::Reference(metadata));
    catalog.set("OutputIntents", vec![Object::Dictionary(intent)]);
    catalog.set("Lang", Object::string_literal("zh-CN"));
    catalog.set(
        "ViewerPreferences",
        Object::Dictionary(Dictionary::from_iter([(
            "DisplayDocTitle",
            Object::Boolean(true),
        )])),
    );
    if let Some((names, associated)) = embedded {
        catalog.set("Names", names);
        catalog.set("AF", associated);
    }
    if let Some(bookmarks) = bookmarks {
        catalog.set("Outlines", Object::Reference(bookmarks));
    }
    if !document.labels.is_empty() {
        catalog.set("PageLabels", page_labels(document));
        catalog.set("PageMode", name("UseOutlines"));
    }

    // The identity follows from the content, so the same pages are the same bytes.
    let identity = identity(&pdf);
    pdf.trailer.set("ID", vec![identity.clone(), identity]);
    compress(&mut pdf)?;
    let mut bytes = Vec::new();
    pdf.save_to(&mut bytes)
        .map_err(|fault| structure(fault.into()))?;
    Ok(bytes)
}

/// The library compresses at the slowest level, which takes as long as everything else together and saves little.
fn compress(pdf: &mut lopdf::Document) -> Result<(), PaperFailure> {
    let streams = pdf.objects.values_mut().filter_map(|object| match object {
        Object::Stream(stream) => Some(stream),
        _ => None,
    });
    for stream in streams {
        if !stream.allows_compression || stream.dict.has(b"Filter") {
            continue;
        }
        // The outlines of a font are dense already.
        let is_font = stream.dict.has(b"Length1") || stream.dict.has(b"Subtype");
        let level = if is_font { FONT_LEVEL } else { LEVEL };
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::new(level));
        let packed = encoder
            .write_all(&stream.content)
            .and_then(|()| encoder.finish())
            .map_err(PaperFailure::Write)?;
        if packed.len() + 19 < stream.content.len() {
            stream.dict.set("Filter", name("FlateDecode"));
            stream.set_content(packed);
        }
    }
    Ok(())
}

fn reference(pdf: &lopdf::Document, key: &[u8]) -> Result<ObjectId, PaperFailure> {
    pdf.trailer
        .get(key)
        .and_then(Object::as_reference)
        .map_err(structure)
}

fn structure(fault: lopdf::Error) -> PaperFailure {
    PaperFailure::Structure(fault.to_string())
}

/// What a viewer calls the pages, so that it names the number that is printed on them.
fn page_labels(document: &Document) -> Object {
    let mut numbers = Vec::new();
    for label in &document.labels {
        let mut style = Dictionary::new();
        if label.is_counted {
            style.set("S", name("D"));
        }
        if !label.prefix.is_empty() {
            style.set("P", utf16(&label.prefix));
        }
        numbers.push(Object::Integer(i64::try_from(label.page).unwrap_or(0)));
        numbers.push(Object::Dictionary(style));
    }
    Object::Dictionary(Dictionary::from_iter([("Nums", Object::Array(numbers))]))
}

pub(crate) fn name(text: &str) -> Object {
    Object::Name(text.as_bytes().to_vec())
}

fn identity(pdf: &lopdf::Document) -> Object {
    let mut hasher = journal::Hasher::new();
    for object in pdf.objects.values() {
        if let Object::Stream(stream) = object {
            hasher.update(&stream.content);
        }
    }
    let hash = hasher.finish();
    let short = hash.as_bytes().iter().take(16).copied().collect();
    Object::String(short, StringFormat::Hexadecimal)
}

fn info(document: &Document) -> Dictionary {
    let mut info = Dictionary::from_iter([
        ("Title", utf16(&document.title)),
        ("Producer", Object::string_literal(PRODUCER)),
        ("Creator", utf16("三项")),
    ]);
    if let Some(date) = figures::pdf_date(&document.created_at) {
        info.set("CreationDate", Object::string_literal(date.clone()));
        info.set("ModDate", Object::string_literal(date));
    }
    info
}

pub(crate) fn utf16(text: &str) -> Object {
    let bytes = std::iter::once(0xFEFF)
        .chain(text.encode_utf16())
        .flat_map(u16::to_be_bytes)
        .collect();
    Object::String(bytes, StringFormat::Hexadecimal)
}

fn xmp(document: &Document) -> String {
    let dates = figures::instant(&document.created_at)
        .map(|at| {
            let at = at.format("%Y-%m-%dT%H:%M:%S+08:00");
            format!(
                "<xmp:CreateDate>{at}</xmp:CreateDate><xmp:ModifyDate>{at}</xmp:ModifyDate>\
                 <xmp:MetadataDate>{at}</xmp:MetadataDate>"
            )
        })
        .unwrap_or_default();
    let part = if document.attached.is_empty() { 2 } else { 3 };
    let (title, id) = (escaped(&document.title), escaped(&document.document_id));
    format!(
        "<?xpacket begin=\"\u{FEFF}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n\
         <x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\
         <rdf:Description rdf:about=\"\" xmlns:pdfaid=\"http://www.aiim.org/pdfa/ns/id/\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\" \
         xmlns:pdf=\"http://ns.adobe.com/pdf/1.3/\">\
         <pdfaid:part>{part}</pdfaid:part><pdfaid:conformance>U</pdfaid:conformance>\
         <dc:format>application/pdf</dc:format><dc:identifier>{id}</dc:identifier>\
         <dc:title><rdf:Alt><rdf:li xml:lang=\"x-default\">{title}</rdf:li></rdf:Alt></dc:title>\
         <dc:language><rdf:Bag><rdf:li>zh-CN</rdf:li></rdf:Bag></dc:language>\
         <xmp:CreatorTool>三项</xmp:CreatorTool>{dates}\
         <pdf:Producer>{PRODUCER}</pdf:Producer>\
         </rdf:Description></rdf:RDF></x:xmpmeta>\n<?xpacket end=\"w\"?>"
    )
}

/// XML text; characters XML cannot hold become U+FFFD.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for ch in text.chars() {
        match ch {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            ch if ch.is_control() || matches!(ch, '\u{FFFE}' | '\u{FFFF}') => {
                escaped.push('\u{FFFD}');
            }
            ch => escaped.push(ch),
        }
    }
    escaped
}

/// An ICC 4.2 display profile of sRGB: D50-adapted primaries and the parametric curve of
/// IEC 61966-2-1.
fn srgb_profile() -> Vec<u8> {
    let text = |words: &str| {
        let mut tag = b"mluc\0\0\0\0\0\0\0\x01\0\0\0\x0cenUS".to_vec();
        let utf16: Vec<u8> = words.encode_utf16().flat_map(u16::to_be_bytes).collect();
        tag.extend(u32::try_from(utf16.len()).unwrap_or(0).to_be_bytes());
        tag.extend(28_u32.to_be_bytes());
        tag.extend(utf16);
        tag
    };
    let xyz = |values: [f64; 3]| {
        let mut tag = b"XYZ \0\0\0\0".to_vec();
        tag.extend(values.into_iter().flat_map(fixed));
        tag
    };
    let mut curve = b"para\0\0\0\0\0\x03\0\0".to_vec();
    curve.extend(
        [2.4, 1.0 / 1.055, 0.055 / 1.055, 1.0 / 12.92, 0.04045]
            .into_iter()
            .flat_map(fixed),
    );
    let tags: [(&[u8; 4], Vec<u8>); 9] = [
        (b"desc", text("sRGB")),
        (b"cprt", text("No copyright")),
        (b"wtpt", xyz([0.9642, 1.0, 0.8249])),
        (b"rXYZ", xyz([0.436_06, 0.222_48, 0.013_92])),
        (b"gXYZ", xyz([0.385_15, 0.716_87, 0.097_08])),
        (b"bXYZ", xyz([0.143_07, 0.060_61, 0.714_10])),
        (b"rTRC", curve.clone()),
        (b"gTRC", curve.clone()),
        (b"bTRC", curve),
    ];
    let mut table = 9_u32.to_be_bytes().to_vec();
    let mut data = Vec::new();
    for (signature, tag) in &tags {
        let offset = 128 + 4 + 12 * tags.len() + data.len();
        table.extend_from_slice(*signature);
        table.extend(u32::try_from(offset).unwrap_or(0).to_be_bytes());
        table.extend(u32::try_from(tag.len()).unwrap_or(0).to_be_bytes());
        data.extend_from_slice(tag);
        data.resize(data.len().next_multiple_of(4), 0);
    }
    let size = u32::try_from(128 + table.len() + data.len()).unwrap_or(0);
    let mut profile = size.to_be_bytes().to_vec();
    profile.extend_from_slice(b"\0\0\0\0\x04\x20\0\0mntrRGB XYZ ");
    // Made at a fixed time: 2026-01-01 00:00:00.
    for part in [2026_u16, 1, 1, 0, 0, 0] {
        profile.extend(part.to_be_bytes());
    }
    profile.extend_from_slice(b"acsp");
    profile.resize(68, 0);
    profile.extend([0.9642, 1.0, 0.8249].into_iter().flat_map(fixed));
    profile.resize(128, 0);
    profile.extend(table);
    profile.extend(data);
    profile
}

/// s15Fixed16Number
fn fixed(value: f64) -> [u8; 4] {
    ((value * 65536.0).round() as i32).to_be_bytes()
}
