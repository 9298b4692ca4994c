//! The structure PDF/A asks for, as far as it can be seen without a validator, and that the lint sees what is broken.

use std::collections::BTreeMap;

use crate::support::lint::{File, attachments, bookmarks, content, lint};
use crate::support::{self, FORMS, Folder, composed, fonts, sample, set};
use lopdf::{Dictionary, Document, Object, Stream};
use paper::{StampKind, Verdict};
use serde_json::{Value, json};

#[test]
fn the_structure_is_fit_for_archives() {
    let folder = Folder::new();
    let reprint = StampKind::Reprint {
        copy_no: 2,
        at: "2026-03-11T09:30:00+08:00".to_owned(),
    };
    for (form, _) in FORMS {
        for kind in [StampKind::Draft, StampKind::Final, reprint.clone()] {
            let bytes = composed(form, kind.clone()).pdf().unwrap();
            let path = folder.write("sheet.pdf", &bytes);
            assert_eq!(lint(&path), Vec::<String>::new(), "{form} {kind:?}");
        }
    }
}

#[test]
fn text_beyond_the_first_plane_and_marks_are_fit_for_archives_too() {
    let folder = Folder::new();
    let text = "𠮷䶮㛃𬀩𪚥𤭢龑 <&\"> 民⺠～〜 ABC 123";
    let source = "@heading {t}\n{t|line 60}\n@table 1 1\n| {t} | {box t} |\n@end";
    let document = set(source, &json!({ "t": text })).unwrap();
    let path = folder.write("sheet.pdf", &document.pdf().unwrap());
    assert_eq!(lint(&path), Vec::<String>::new());
    assert_eq!(bookmarks(&File::read(&path)), [text]);
}

#[test]
fn an_issued_sheet_carries_its_values_and_a_draft_does_not() {
    let folder = Folder::new();
    let read = |kind| {
        let path = folder.write("sheet.pdf", &composed("F21", kind).pdf().unwrap());
        attachments(&File::read(&path))
    };
    assert!(read(StampKind::Draft).is_empty());
    let inside = read(StampKind::Final);
    let values: Value = serde_json::from_slice(&inside["values.json"]).unwrap();
    assert_eq!(values, sample("F21"));
    let text = String::from_utf8(inside["values.json"].clone()).unwrap();
    assert!(
        text.starts_with("{\"agency\":{\"address\":"),
        "keys are in order: {text}"
    );
}

#[test]
fn headings_are_bookmarks() {
    let folder = Folder::new();
    let path = folder.write(
        "sheet.pdf",
        &composed("F21", StampKind::Final).pdf().unwrap(),
    );
    assert_eq!(
        bookmarks(&File::read(&path)),
        [
            "当场行政处罚决定书",
            "  违法事实及证据",
            "  处罚依据和内容",
            "  履行方式和期限",
            "  救济途径"
        ]
    );
}

/// The widths a viewer is told are those of the fonts.
#[test]
fn widths_are_those_of_the_fonts() {
    let folder = Folder::new();
    let text = "𠮷𪚥龑 Wi.il,Ⅳ①，。（〔";
    let document = set("@flush {t}\n@heading {t}", &json!({ "t": text })).unwrap();
    let file = File::read(&folder.write("sheet.pdf", &document.pdf().unwrap()));
    let (_, page) = file.pages().remove(0);
    let resources = file.get(&page["/Resources"]);
    let mut compared = 0;
    for font in file.get(&resources["/Font"]).as_object().unwrap().values() {
        let font = file.get(font);
        let inner = file.get(&file.get(&font["/DescendantFonts"])[0]).clone();
        let (_, name) = font["/BaseFont"].as_str().unwrap().split_once('+').unwrap();
        let program = std::fs::read(support::font_file(name)).unwrap();
        let face = ttf_parser::Face::parse(&program, 0).unwrap();
        let told = widths(&file, &inner["/W"]);
        let meant = content::to_unicode(&file.stream(&font["/ToUnicode"]).unwrap());
        for (code, text) in meant {
            let gid = face.glyph_index(text.chars().next().unwrap()).unwrap();
            let own = f64::from(face.glyph_hor_advance(gid).unwrap());
            let own = own * 1000.0 / f64::from(face.units_per_em());
            let told = told.get(&code).copied().unwrap_or(1000.0);
            assert!((told - own).abs() <= 1.0, "{name} {text}: {told}, {own}");
            compared += 1;
        }
    }
    assert!(compared > 20, "{compared}");
}

fn widths(file: &File, list: &Value) -> BTreeMap<u16, f64> {
    let mut widths = BTreeMap::new();
    let mut list = file.get(list).as_array().unwrap().iter();
    let number = |value: &Value| value.as_u64().unwrap() as u16;
    while let (Some(first), Some(next)) = (list.next(), list.next()) {
        match file.get(next) {
            Value::Array(many) => {
                for (index, width) in many.iter().enumerate() {
                    widths.insert(number(first) + index as u16, width.as_f64().unwrap());
                }
            }
            last => {
                let width = list.next().unwrap().as_f64().unwrap();
                widths.extend((number(first)..=number(last)).map(|code| (code, width)));
            }
        }
    }
    widths
}

/// Breaks a sound file in one place; the lint has to say what is wrong.
#[track_caller]
fn broken(expected: &str, change: impl FnOnce(&mut Document)) {
    let folder = Folder::new();
    let bytes = composed("F21", StampKind::Final).pdf().unwrap();
    let mut pdf = Document::load_mem(&bytes).unwrap();
    change(&mut pdf);
    let mut changed = Vec::new();
    pdf.save_to(&mut changed).unwrap();
    let problems = lint(&folder.write("broken.pdf", &changed));
    assert!(
        problems.iter().any(|problem| problem.contains(expected)),
        "{expected:?} is not among {problems:?}"
    );
}

fn catalog(pdf: &mut Document) -> &mut Dictionary {
    pdf.catalog_mut().unwrap()
}

fn each(pdf: &mut Document, mut change: impl FnMut(&mut Dictionary)) {
    for object in pdf.objects.values_mut() {
        match object {
            Object::Dictionary(dictionary) => change(dictionary),
            Object::Stream(stream) => change(&mut stream.dict),
            _ => {}
        }
    }
}

fn written(pdf: &mut Document, content: &str) {
    let page = pdf.get_pages()[&1];
    let content = Stream::new(Dictionary::new(), content.as_bytes().to_vec());
    let content = pdf.add_object(content);
    let page = pdf.get_dictionary_mut(page).unwrap();
    page.set("Contents", Object::Reference(content));
}

#[test]
fn the_lint_sees_what_is_broken() {
    broken("version", |pdf| pdf.version = "1.4".to_owned());
    broken("/ID", |pdf| drop(pdf.trailer.remove(b"ID")));
    broken("/Lang", |pdf| drop(catalog(pdf).remove(b"Lang")));
    broken("GTS_PDFA1", |pdf| {
        drop(catalog(pdf).remove(b"OutputIntents"))
    });
    broken("metadata", |pdf| drop(catalog(pdf).remove(b"Metadata")));
    broken("/OpenAction", |pdf| {
        let script = Dictionary::from_iter([
            ("S", Object::Name(b"JavaScript".to_vec())),
            ("JS", Object::string_literal("app.alert(1)")),
        ]);
        catalog(pdf).set("OpenAction", script);
    });
    broken("ToUnicode", |pdf| {
        each(pdf, |dictionary| drop(dictionary.remove(b"ToUnicode")));
    });
    broken("not embedded", |pdf| {
        each(pdf, |dictionary| drop(dictionary.remove(b"FontFile3")));
    });
    broken("no relationship", |pdf| {
        each(pdf, |dictionary| drop(dictionary.remove(b"AFRelationship")));
    });
    broken("not associated", |pdf| drop(catalog(pdf).remove(b"AF")));
    broken("media type", |pdf| {
        each(pdf, |dictionary| {
            if dictionary.has_type(b"EmbeddedFile") {
                dictionary.remove(b"Subtype");
            }
        });
    });
    broken("titles differ", |pdf| {
        each(pdf, |dictionary| {
            if dictionary.has(b"Producer") {
                dictionary.set("Title", Object::string_literal("another"));
            }
        });
    });
    broken("leads nowhere", |pdf| {
        each(pdf, |dictionary| {
            if let Ok(Object::Array(place)) = dictionary.get_mut(b"Dest") {
                place[0] = Object::Reference((1, 0));
            }
        });
    });
    broken("operator k", |pdf| written(pdf, "0 0 0 1 k 0 0 9 9 re f"));
    broken("operator BI", |pdf| written(pdf, "BI /W 1 /H 1 ID x EI"));
    broken("do not match", |pdf| written(pdf, "q q Q"));
    broken("among the resources", |pdf| {
        written(pdf, "BT /Nobody 12 Tf <0001> Tj ET");
    });
    broken("shows no character", |pdf| {
        written(pdf, "BT /S0L00 12 Tf <0000> Tj ET");
    });
    broken("an annotation", |pdf| {
        let page = pdf.get_pages()[&1];
        let note = Dictionary::from_iter([("Subtype", Object::Name(b"FreeText".to_vec()))]);
        let notes = vec![Object::Dictionary(note)];
        pdf.get_dictionary_mut(page).unwrap().set("Annots", notes);
    });
}

#[test]
fn only_listed_fonts_are_inside() {
    let folder = Folder::new();
    let path = folder.write(
        "sheet.pdf",
        &composed("F01", StampKind::Final).pdf().unwrap(),
    );
    let listed: Vec<String> = fonts()
        .list()
        .into_iter()
        .map(|(_, name, _)| name)
        .collect();
    let shown = support::tool("pdffonts", &[path.to_str().unwrap()]);
    for line in shown.lines().skip(2) {
        let name = line.split_whitespace().next().unwrap();
        let (_, name) = name.split_once('+').unwrap();
        assert!(listed.iter().any(|known| known == name), "{name}");
    }
}

#[test]
fn a_sheet_set_again_tells_what_is_other() {
    let layout = support::layout("F21", "paper.txt");
    let values = sample("F21");
    let signatures = support::signatures();
    let sheet = support::sheet(&layout, &values, &signatures, StampKind::Final);
    let pdf = paper::compose(fonts(), &sheet).unwrap().pdf().unwrap();
    let verdict =
        |sheet: &paper::Sheet<'_>, pdf: &[u8]| paper::verify(fonts(), sheet, pdf).unwrap();
    assert_eq!(verdict(&sheet, &pdf), Verdict::Same);

    let mut changed = values.clone();
    changed["fine_fen"] = json!(20_001);
    let other = paper::Sheet {
        values: &changed,
        ..sheet.clone()
    };
    assert_eq!(verdict(&other, &pdf), Verdict::OtherValues);
    let unsigned = paper::Sheet {
        signatures: &[],
        ..sheet.clone()
    };
    assert_eq!(verdict(&unsigned, &pdf), Verdict::OtherPages);
    let half = &pdf[..pdf.len() / 2];
    assert_eq!(verdict(&sheet, half), Verdict::OtherValues);
    let mut touched = pdf.clone();
    let at = touched.len() / 2;
    touched[at] ^= 1;
    assert_ne!(verdict(&sheet, &touched), Verdict::Same);

    let inside = paper::values_inside(&pdf).unwrap();
    let read: Value = serde_json::from_slice(&inside).unwrap();
    assert_eq!(read, values);
    let own = journal::Hash::of(&inside);
    assert_eq!(paper::values_sha256(&values), own);
    let said = paper::inside(&pdf).unwrap();
    assert_eq!(said.document_id, Some(sheet.stamp.document_id.clone()));
    assert_eq!(said.values, Some(inside));
    assert_eq!(paper::values_inside(b"%PDF-1.7"), None);
}
