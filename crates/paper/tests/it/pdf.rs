//! What other people's programs see in the PDF.

use crate::support::{self, FORMS, Folder, NUMBER, QR, composed, extracted, packed, set, tool};
use paper::StampKind;
use serde_json::json;

#[test]
fn readers_extract_exactly_what_was_set() {
    for (form, title) in FORMS {
        let document = composed(form, StampKind::Final);
        let text = packed(&extracted(&document));
        assert_eq!(text, packed(&document.text()), "{form}");
        // 现场笔录 has no number of its own.
        assert!(text.contains(title), "{form}");
        assert_eq!(text.contains(NUMBER), form != "F02", "{form}");
    }
}

#[test]
fn every_field_of_the_penalty_decision_is_on_the_paper() {
    let values = support::sample("F21");
    let text = packed(&extracted(&composed("F21", StampKind::Final)));
    for pointer in [
        "/party/name",
        "/party/id_no",
        "/party/address",
        "/party/phone",
        "/party/qualification_no",
        "/vehicle/plate",
        "/vehicle/type",
        "/place/text",
        "/facts",
        "/evidence_text",
        "/discretion_reason",
        "/officers/0/credential_no",
        "/officers/1/credential_no",
        "/agency/name",
        "/agency/bank",
        "/agency/bank_account",
        "/agency/address",
        "/agency/phone",
        "/agency/complaint_phone",
        "/rights/RN-5S",
        "/rights/RN-6",
        "/rights/RN-7",
    ] {
        let value = values.pointer(pointer).unwrap().as_str().unwrap();
        assert!(text.contains(&packed(value)), "{pointer}: {value}");
    }
    for words in [
        "2026年3月10日14时05分",
        "2026年3月10日14时21分",
        "2026年3月25日",
        "壹佰元整",
        "100.00",
        "《中华人民共和国道路运输条例》第三十三条",
        "《中华人民共和国行政处罚法》第五十一条",
        "第1页共2页",
        "第2页共2页",
    ] {
        assert!(text.contains(words), "{words}");
    }
}

#[test]
fn characters_that_share_a_glyph_are_extracted_as_written() {
    let rare = "民⺠～〜–‒…⋯ 𠮷䶮㛃𬀩𪚥𤭢龑〇㎡";
    let document = set("@flush {t}", &json!({ "t": rare })).unwrap();
    assert_eq!(packed(&extracted(&document)), packed(rare));
}

#[test]
fn the_file_is_sound_and_carries_its_fonts() {
    let folder = Folder::new();
    for (form, _) in FORMS {
        let pdf = composed(form, StampKind::Final).pdf().unwrap();
        assert!(pdf.starts_with(b"%PDF-1.7"));
        assert!(pdf.len() < 300_000, "{form}: {} bytes", pdf.len());
        let path = folder.write("sheet.pdf", &pdf);
        let path = path.to_str().unwrap();
        tool("qpdf", &["--check", path]);
        let fonts = tool("pdffonts", &[path]);
        for line in fonts.lines().skip(2) {
            assert!(line.contains("yes yes yes"), "{form}: {line}");
        }
        let metadata = tool("pdfinfo", &["-meta", path]);
        assert!(metadata.contains("<pdfaid:part>3</pdfaid:part>"));
        assert!(metadata.contains("<pdfaid:conformance>U</pdfaid:conformance>"));
        let info = tool("pdfinfo", &["-isodates", path]);
        assert!(info.contains("2026-03-10T14:30:00+08"), "{info}");
    }
}

#[test]
fn cameras_read_the_code_from_every_render() {
    let folder = Folder::new();
    for (form, _) in FORMS {
        let document = composed(form, StampKind::Final);
        let path = folder.write("sheet.pdf", &document.pdf().unwrap());
        let (path, last) = (path.to_str().unwrap(), document.pages().to_string());
        for dpi in ["203", "300"] {
            let poppler = folder.path("poppler");
            let prefix = poppler.to_str().unwrap();
            tool(
                "pdftoppm",
                &[
                    "-r",
                    dpi,
                    "-gray",
                    "-f",
                    &last,
                    "-l",
                    &last,
                    "-singlefile",
                    "-png",
                    path,
                    prefix,
                ],
            );
            let picture = format!("{prefix}.png");
            assert_eq!(scanned(&picture), QR, "{form} poppler {dpi}");
            let mupdf = folder.path("mupdf.png");
            let picture = mupdf.to_str().unwrap();
            tool(
                "mutool",
                &["draw", "-q", "-r", dpi, "-o", picture, path, &last],
            );
            assert_eq!(scanned(picture), QR, "{form} mupdf {dpi}");
        }
    }
}

fn scanned(picture: &str) -> String {
    tool("zbarimg", &["-q", "--raw", picture]).trim().to_owned()
}

#[test]
fn the_same_sheet_is_the_same_bytes() {
    for kind in [
        StampKind::Draft,
        StampKind::Final,
        StampKind::Reprint {
            copy_no: 2,
            at: "2026-03-11T09:30:00+08:00".to_owned(),
        },
    ] {
        let first = composed("F01", kind.clone()).pdf().unwrap();
        let second = composed("F01", kind).pdf().unwrap();
        assert!(first == second);
    }
}

#[test]
fn a_draft_has_no_number_and_a_reprint_says_so() {
    let draft = composed("F21", StampKind::Draft);
    assert!(draft.text().contains("草稿"));
    assert!(!draft.text().contains(NUMBER));
    assert_eq!(
        draft.text().matches("草稿").count(),
        draft.pages(),
        "a watermark on every page"
    );
    let reprint = StampKind::Reprint {
        copy_no: 2,
        at: "2026-03-11T09:30:00.000+08:00".to_owned(),
    };
    let text = composed("F21", reprint).text();
    assert!(text.contains("补打　第2份　2026年3月11日9时30分"), "{text}");
    assert!(text.contains(NUMBER));
    let original = composed("F21", StampKind::Final).text();
    assert!(!original.contains("补打") && !original.contains("草稿"));
}

#[test]
fn a_refusal_stands_in_the_place_of_the_signature() {
    let text = packed(&composed("F02", StampKind::Final).text());
    assert!(text.contains("当事人未签名，原因：当事人称需请示公司后再签，经说明仍不签名；见证人：陈立新，电话：13900005678。"));
}

#[test]
fn an_empty_form_has_blanks_and_never_a_key() {
    for (form, _) in FORMS {
        for file in ["paper.txt", "ticket.txt"] {
            let layout = support::layout(form, file);
            let values = json!({});
            let sheet = support::sheet(&layout, &values, &[], StampKind::Draft);
            let text = paper::compose(support::fonts(), &sheet).unwrap().text();
            for key in ["party", "agency", "_text", "null", "{", "}", "|"] {
                assert!(!text.contains(key), "{form} {file} shows {key}");
            }
        }
    }
}

#[test]
fn the_preview_shows_every_page() {
    let document = composed("F01", StampKind::Final);
    for page in 0..document.pages() {
        let svg = document.svg(page);
        assert!(svg.starts_with("<svg") && svg.ends_with("</svg>"));
        assert!(svg.len() < 1_000_000, "{} bytes", svg.len());
    }
    assert_eq!(document.svg(document.pages()), "");
}
