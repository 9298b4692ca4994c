//! 案卷 – a case bound into one file.

use crate::support::lint::{File, attachments, bookmarks, lint};
use crate::support::{Folder, composed, fonts, packed, tool};
use paper::{
    Content, Dossier, DossierFault, DossierLayouts, Part, Photo, Picture, StampKind, Volume,
    VolumeKind, bind,
};
use serde_json::{Value, json};

fn cover() -> Value {
    json!({
        "agency": { "name": "示例市交通运输局" }, "case_no": "示例交立〔2026〕0012号", "volume_no": "2026-普-012",
        "case_cause": "李样三涉嫌违法超限运输案", "party_name": "李样三", "procedure": "ordinary",
        "result": "罚款 6500 元，责令改正", "filed_on": "2026-01-12", "closed_on": "2026-03-02",
        "archived_on": "2026-03-06", "retention_text": "30 年", "compiler": "赵明甲", "compiled_at": "2026-03-06",
        "checker": "钱思乙", "checked_at": "2026-03-06", "arranger": "卫记录", "arranged_at": "2026-03-09",
        "situation": "本卷材料齐全", "disc_count": 1,
    })
}

fn part<'a>(name: &str, content: Content<'a>) -> Part<'a> {
    Part {
        name: name.to_owned(),
        number: Some("示例交〔2026〕0007号".to_owned()),
        author: Some("赵明甲".to_owned()),
        dated_on: Some("2026-03-10".to_owned()),
        note: None,
        content,
    }
}

fn photo(shade: u8) -> Photo {
    let image = image::RgbImage::from_fn(400, 300, |x, y| {
        image::Rgb([shade, (x / 2) as u8, (y / 2) as u8])
    });
    let mut file = std::io::Cursor::new(Vec::new());
    image.write_to(&mut file, image::ImageFormat::Jpeg).unwrap();
    Photo {
        picture: Picture::read(file.get_ref()).unwrap(),
        caption: "证明车辆超限".to_owned(),
        taken_at: Some("2026-03-10T14:01:00+08:00".to_owned()),
        place: Some("107国道K986".to_owned()),
        taken_by: Some("钱思乙".to_owned()),
        sha256: "3f9a6c0d".repeat(8),
    }
}

fn dossier<'a>(values: &'a Value, volumes: Vec<(VolumeKind, Vec<Part<'a>>)>) -> Dossier<'a> {
    let volume = |(kind, parts)| Volume {
        kind,
        values,
        signatures: &[],
        parts,
    };
    Dossier {
        title: "李样三涉嫌违法超限运输案".to_owned(),
        document_id: "0196f2aa-7c1e-7d53-9a3e-5b1f0c2d4e6f".to_owned(),
        created_at: "2026-03-10T14:30:00.000+08:00".to_owned(),
        volumes: volumes.into_iter().map(volume).collect(),
    }
}

fn parts(issued: &[u8]) -> Vec<Part<'_>> {
    let photos = (0..5).map(|shade| photo(shade * 40)).collect();
    vec![
        part(
            "现场检查记录",
            Content::Composed(composed("F01", StampKind::Final)),
        ),
        part("当场行政处罚决定书", Content::Issued(issued)),
        part("证据照片", Content::Photos(photos)),
        part(
            "现场笔录",
            Content::Composed(composed("F02", StampKind::Final)),
        ),
    ]
}

fn page_text(path: &std::path::Path, page: usize) -> String {
    let page = page.to_string();
    let path = path.to_str().unwrap();
    tool(
        "pdftotext",
        &["-raw", "-enc", "UTF-8", "-f", &page, "-l", &page, path, "-"],
    )
}

#[test]
fn the_index_names_the_pages_the_documents_stand_on() {
    let values = cover();
    let issued = composed("F21", StampKind::Final);
    let bytes = issued.pdf().unwrap();
    let whole = dossier(&values, vec![(VolumeKind::Main, parts(&bytes))]);
    let layouts = DossierLayouts::standard().unwrap();
    let bound = bind(fonts(), &layouts, &whole).unwrap();
    let folder = Folder::new();
    let path = folder.write("dossier.pdf", &bound.pdf);
    assert_eq!(lint(&path), Vec::<String>::new());
    tool("qpdf", &["--check", path.to_str().unwrap()]);

    // Cover and index come first and have no number.
    let front = 2;
    let titles = ["现场检查记录", "当场行政处罚决定书", "证据照片", "现场笔录"];
    let index = packed(&page_text(&path, front));
    for (title, begins) in titles.iter().zip(&bound.begins[0]) {
        let page = page_text(&path, front + begins);
        assert!(
            packed(&page).contains(title),
            "{title} is not on page {begins}: {page}"
        );
        assert!(
            page.lines().any(|line| line.trim() == begins.to_string()),
            "{begins} is not printed: {page}"
        );
        assert!(
            index.contains(&format!("{title}2026年3月10日{begins}")),
            "{index}"
        );
    }
    assert_eq!(bound.begins[0][0], 1);
    assert!(page_text(&path, 1).contains("行政执法案卷（正卷）"));
    let last = packed(&page_text(&path, bound.pages));
    let counted = bound.pages - front - 1;
    assert!(
        last.contains("备考表") && last.contains(&format!("{counted}页")),
        "{last}"
    );
    let labels = tool(
        "qpdf",
        &["--json", "--json-key=pagelabels", path.to_str().unwrap()],
    );
    let labels: Value = serde_json::from_str(&labels).unwrap();
    let labels = labels["pagelabels"].as_array().unwrap();
    let begins: Vec<u64> = labels
        .iter()
        .map(|label| label["index"].as_u64().unwrap())
        .collect();
    assert_eq!(begins, [0, 1, 2, bound.pages as u64 - 1], "{labels:?}");
    if let Some(out) = std::env::var_os("SANXIANG_SAMPLES") {
        std::fs::copy(&path, std::path::Path::new(&out).join("dossier.pdf")).unwrap();
    }
}

#[test]
fn an_issued_document_is_taken_over_as_it_is() {
    let values = cover();
    let issued = composed("F21", StampKind::Final);
    let bytes = issued.pdf().unwrap();
    let one = vec![part("当场行政处罚决定书", Content::Issued(&bytes))];
    let layouts = DossierLayouts::standard().unwrap();
    let bound = bind(
        fonts(),
        &layouts,
        &dossier(&values, vec![(VolumeKind::Main, one)]),
    )
    .unwrap();
    assert_eq!(bound.pages, issued.pages() + 3);
    let folder = Folder::new();
    let (alone, bound) = (
        folder.write("alone.pdf", &bytes),
        folder.write("bound.pdf", &bound.pdf),
    );
    for page in 1..=issued.pages() {
        let own = page_text(&alone, page);
        let within = page_text(&bound, page + 2);
        let within = within.replacen(&format!("\n{page}\n"), "\n", 1);
        assert_eq!(packed(&within), packed(&own), "page {page}");
    }
    let (alone, bound) = (File::read(&alone), File::read(&bound));
    let values = attachments(&alone).remove("values.json").unwrap();
    assert_eq!(attachments(&bound)["1-001-values.json"], values);
}

#[test]
fn an_offices_copy_shows_its_own_pages_and_carries_the_issued_file() {
    let values = cover();
    let issued = composed("F21", StampKind::Final).pdf().unwrap();
    let set = composed("F10", StampKind::Final);
    let content = Content::OfficeCopy {
        set: &set,
        issued: &issued,
    };
    let one = vec![part("当场行政处罚决定书", content)];
    let layouts = DossierLayouts::standard().unwrap();
    let whole = dossier(&values, vec![(VolumeKind::Main, one)]);
    let bound = bind(fonts(), &layouts, &whole).unwrap();
    assert_eq!(bound.pages, set.pages() + 3);
    let folder = Folder::new();
    let path = folder.write("bound.pdf", &bound.pdf);
    assert_eq!(lint(&path), Vec::<String>::new());
    assert!(packed(&page_text(&path, 3)).contains("责令改正"));
    let inside = attachments(&File::read(&path));
    assert_eq!(inside["1-001-issued.pdf"], issued);
    let carried = paper::values_inside(&issued).unwrap();
    assert_eq!(inside["1-001-values.json"], carried);
    assert_eq!(inside.len(), 2);
}

#[test]
fn two_volumes_are_numbered_by_themselves() {
    let values = cover();
    let secret = || {
        vec![part(
            "集体讨论记录",
            Content::Composed(composed("F10", StampKind::Final)),
        )]
    };
    let bytes = composed("F21", StampKind::Final).pdf().unwrap();
    let volumes = || {
        vec![
            (VolumeKind::Main, parts(&bytes)),
            (VolumeKind::Secondary, secret()),
        ]
    };
    let layouts = DossierLayouts::standard().unwrap();
    let bound = bind(fonts(), &layouts, &dossier(&values, volumes())).unwrap();
    let again = bind(fonts(), &layouts, &dossier(&values, volumes())).unwrap();
    assert!(bound == again, "the same dossier is the same bytes");
    assert_eq!(bound.begins[1], [1]);
    let folder = Folder::new();
    let path = folder.write("dossier.pdf", &bound.pdf);
    assert_eq!(lint(&path), Vec::<String>::new());
    let marks = bookmarks(&File::read(&path));
    let outer: Vec<&str> = marks
        .iter()
        .map(String::as_str)
        .filter(|mark| !mark.starts_with("    "))
        .collect();
    assert_eq!(
        outer,
        [
            "正卷",
            "  封面",
            "  目录",
            "  现场检查记录",
            "  当场行政处罚决定书",
            "  证据照片",
            "  现场笔录",
            "  备考表",
            "副卷",
            "  封面",
            "  目录",
            "  集体讨论记录",
            "  备考表"
        ]
    );
    assert!(
        marks.len() > outer.len(),
        "headings are below their document"
    );
}

#[test]
fn what_is_no_archive_file_is_refused_by_name() {
    let values = cover();
    let layouts = DossierLayouts::standard().unwrap();
    let sound = composed("F21", StampKind::Final).pdf().unwrap();
    let mut foreign = lopdf::Document::load_mem(&sound).unwrap();
    foreign.catalog_mut().unwrap().remove(b"Metadata");
    let mut unnamed = Vec::new();
    foreign.save_to(&mut unnamed).unwrap();
    let cut = &sound[..sound.len() / 2];
    for bytes in [&b""[..], b"%PDF-1.7", b"not a pdf", cut, &unnamed] {
        let one = vec![part("外来文书", Content::Issued(bytes))];
        let fault = bind(
            fonts(),
            &layouts,
            &dossier(&values, vec![(VolumeKind::Main, one)]),
        )
        .unwrap_err();
        assert!(
            matches!(&fault, DossierFault::NotTaken { part, .. } if part == "外来文书"),
            "{fault}"
        );
    }
}

#[test]
fn a_character_without_a_glyph_names_the_sheet() {
    let mut values = cover();
    values["party_name"] = json!("好😀");
    let layouts = DossierLayouts::standard().unwrap();
    let fault = bind(
        fonts(),
        &layouts,
        &dossier(&values, vec![(VolumeKind::Main, Vec::new())]),
    )
    .unwrap_err();
    assert!(fault.to_string().contains("封面"), "{fault}");
    assert!(fault.to_string().contains("party_name"), "{fault}");
}
