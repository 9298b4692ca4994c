//! The structure PDF/A-2u asks for, as far as it can be seen without a validator.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod support;

use lopdf::{Dictionary, Document, Object};
use paper::StampKind;
use support::{FORMS, composed};

fn each_dictionary(pdf: &Document, mut check: impl FnMut(&Dictionary)) {
    for object in pdf.objects.values() {
        match object {
            Object::Dictionary(dictionary) => check(dictionary),
            Object::Stream(stream) => check(&stream.dict),
            _ => {}
        }
    }
}

fn is(dictionary: &Dictionary, key: &[u8], name: &[u8]) -> bool {
    dictionary
        .get(key)
        .and_then(Object::as_name)
        .is_ok_and(|found| found == name)
}

#[test]
fn the_structure_is_fit_for_archives() {
    for (form, _) in FORMS {
        for kind in [StampKind::Draft, StampKind::Final] {
            let bytes = composed(form, kind).pdf().unwrap();
            assert!(
                bytes[10..14].iter().all(|byte| *byte >= 128),
                "binary comment"
            );
            let pdf = Document::load_mem(&bytes).unwrap();
            assert_eq!(pdf.version, "1.7");
            assert!(pdf.trailer.get(b"Encrypt").is_err());
            assert_eq!(pdf.trailer.get(b"ID").unwrap().as_array().unwrap().len(), 2);
            let catalog = pdf.catalog().unwrap();
            assert_eq!(catalog.get(b"Lang").unwrap().as_str().unwrap(), b"zh-CN");

            let metadata = catalog.get(b"Metadata").unwrap().as_reference().unwrap();
            let metadata = pdf.get_object(metadata).unwrap().as_stream().unwrap();
            assert!(
                metadata.dict.get(b"Filter").is_err(),
                "metadata is readable as it is"
            );

            let intents = catalog.get(b"OutputIntents").unwrap().as_array().unwrap();
            let intent = intents[0].as_dict().unwrap();
            assert!(is(intent, b"S", b"GTS_PDFA1"));
            let profile = intent
                .get(b"DestOutputProfile")
                .unwrap()
                .as_reference()
                .unwrap();
            let profile = pdf.get_object(profile).unwrap().as_stream().unwrap();
            let icc = profile.decompressed_content().unwrap();
            assert_eq!(&icc[0..4], &u32::try_from(icc.len()).unwrap().to_be_bytes());
            assert_eq!(&icc[36..40], b"acsp");

            each_dictionary(&pdf, |dictionary| {
                for forbidden in [
                    &b"AA"[..],
                    b"OpenAction",
                    b"JS",
                    b"Interpolate",
                    b"SMask",
                    b"EmbeddedFiles",
                ] {
                    assert!(dictionary.get(forbidden).is_err(), "{form}: {forbidden:?}");
                }
                assert!(!is(dictionary, b"Filter", b"LZWDecode"));
                if is(dictionary, b"Type", b"FontDescriptor") {
                    let is_embedded = dictionary.has(b"FontFile2") || dictionary.has(b"FontFile3");
                    assert!(is_embedded, "{form}: a font is not embedded");
                }
                if is(dictionary, b"Subtype", b"Type0") {
                    assert!(dictionary.has(b"ToUnicode"));
                }
                if is(dictionary, b"Subtype", b"CIDFontType2") {
                    assert!(dictionary.has(b"CIDToGIDMap"));
                }
            });
        }
    }
}

#[test]
fn no_glyph_is_the_empty_box() {
    let document = composed("F21", StampKind::Final);
    let pdf = Document::load_mem(&document.pdf().unwrap()).unwrap();
    let mut shown = 0;
    for page in pdf.get_pages().into_values() {
        let content = pdf.get_and_decode_page_content(page).unwrap();
        for operation in content
            .operations
            .iter()
            .filter(|operation| operation.operator == "TJ")
        {
            for part in operation.operands[0].as_array().unwrap() {
                let Object::String(code, _) = part else {
                    continue;
                };
                assert!(code.chunks(2).all(|code| code != [0, 0]));
                shown += code.len() / 2;
            }
        }
    }
    let written = document
        .text()
        .chars()
        .filter(|ch| !ch.is_whitespace())
        .count();
    assert!(
        shown >= written && written > 800,
        "{shown} shown, {written} written"
    );
}
