//! Photos and sketches on paper.

use std::io::Cursor;

use crate::support::{Folder, fonts, packed, sheet, tool};
use image::{ImageFormat, Rgb, RgbImage};
use paper::{Document, Layout, Picture, Pictures, Sheet, StampKind, compose, ticket};
use serde_json::{Value, json};

/// Left half dark, right half light.
fn photo(width: u32, height: u32) -> Picture {
    let shade = |x: u32| if x < width / 2 { 30 } else { 225 };
    let image = RgbImage::from_fn(width, height, |x, _| Rgb([shade(x), shade(x), 200]));
    let mut file = Cursor::new(Vec::new());
    image.write_to(&mut file, ImageFormat::Png).unwrap();
    Picture::read(file.get_ref()).unwrap()
}

fn pictures() -> Pictures {
    let names = ["wide", "tall", "square"];
    let shapes = [(800, 400), (300, 900), (500, 500)];
    names
        .iter()
        .zip(shapes)
        .map(|(name, (width, height))| ((*name).to_owned(), photo(width, height)))
        .collect()
}

fn composed(source: &str, values: &Value) -> Document {
    let layout = Layout::parse(source).unwrap();
    let pictures = pictures();
    let sheet = Sheet {
        pictures: &pictures,
        ..sheet(&layout, values, &[], StampKind::Final)
    };
    compose(fonts(), &sheet).unwrap()
}

fn images(document: &Document) -> Vec<Vec<String>> {
    let folder = Folder::new();
    let path = folder.write("sheet.pdf", &document.pdf().unwrap());
    tool("qpdf", &["--check", path.to_str().unwrap()]);
    let listed = tool("pdfimages", &["-list", path.to_str().unwrap()]);
    let row = |line: &str| line.split_whitespace().map(str::to_owned).collect();
    listed.lines().skip(2).map(row).collect()
}

#[test]
fn a_value_shows_one_picture_or_many_with_captions() {
    for (value, expected) in [
        (json!("wide"), 1),
        (json!({ "id": "wide", "caption": "车头" }), 1),
        (
            json!(["wide", { "id": "tall", "caption": "车头" }, "square"]),
            3,
        ),
        (json!([]), 0),
        (json!(null), 0),
    ] {
        let document = composed("前\n@picture photos 40\n后", &json!({ "photos": value }));
        assert_eq!(
            document.svg(0).matches("<image").count(),
            expected,
            "{value}"
        );
        let listed = images(&document);
        assert_eq!(listed.len(), expected, "{listed:?}");
        assert!(
            listed.iter().all(|row| row[8] == "jpeg" && row[5] == "rgb"),
            "{listed:?}"
        );
        let has_caption = packed(&document.text()).contains("车头");
        assert_eq!(has_caption, value.to_string().contains("车头"));
    }
}

#[test]
fn a_picture_shown_twice_is_kept_once() {
    let values = json!({ "photos": ["wide", "wide"], "rows": [{ "photo": "wide" }] });
    let source = "@picture photos 30\n@each rows\n@picture .photo 60\n@end";
    let document = composed(source, &values);
    assert_eq!(document.svg(0).matches("<image").count(), 3);
    let objects: std::collections::BTreeSet<String> = images(&document)
        .into_iter()
        .map(|row| row[10].clone())
        .collect();
    assert_eq!(objects.len(), 1);
    assert_eq!(
        document.pdf().unwrap(),
        composed(source, &values).pdf().unwrap()
    );
}

#[test]
fn what_cannot_be_shown_is_an_empty_frame_with_its_name() {
    let document = composed("@picture photos 40", &json!({ "photos": "0196f2aa" }));
    assert!(packed(&document.text()).contains("（证据0196f2aa，此处没有图片）"));
    assert_eq!(document.svg(0).matches("<image").count(), 0);
}

#[test]
fn many_pictures_go_on_over_pages_and_a_tall_one_fits_its_page() {
    let many: Vec<&str> = vec!["wide"; 30];
    let document = composed("@picture photos 60", &json!({ "photos": many }));
    let shown: usize = (0..document.pages())
        .map(|page| document.svg(page).matches("<image").count())
        .sum();
    assert_eq!(shown, 30);
    assert!(document.pages() > 3);
    let tall = composed("@picture photos 220", &json!({ "photos": "tall" }));
    assert_eq!(tall.pages(), 1);
}

#[test]
fn a_ticket_shows_the_greys_in_black_dots() {
    let layout = Layout::parse("@page ticket\n@picture photos 40").unwrap();
    let (pictures, values) = (pictures(), json!({ "photos": "wide" }));
    let sheet = Sheet {
        pictures: &pictures,
        ..sheet(&layout, &values, &[], StampKind::Final)
    };
    let slip = ticket(fonts(), &sheet, 576).unwrap();
    let middle = slip.height / 2;
    let share = |from: u32, to: u32| {
        let dots = (from..to).flat_map(|x| (middle - 20..middle + 20).map(move |y| (x, y)));
        let black = dots.clone().filter(|(x, y)| slip.is_black(*x, *y)).count();
        black as f32 / dots.count() as f32
    };
    assert!(
        share(60, 260) > 0.7 && share(310, 500) < 0.3,
        "{} {}",
        share(60, 260),
        share(310, 500)
    );
    assert!(slip.height < 480, "{}", slip.height);
}

#[test]
fn the_photos_of_all_rows_stand_together_with_the_number_of_their_row() {
    let values = json!({ "rows": [
        { "photos": ["wide", { "id": "wide", "caption": "车头" }] }, {}, { "photos": ["square"] },
    ] });
    let source =
        "@when rows.*.photos\n@heading 照片\n@picture rows.*.photos 30\n@else\n没有照片\n@end";
    let document = composed(source, &values);
    let text = packed(&document.text());
    assert_eq!(document.svg(0).matches("<image").count(), 3);
    assert!(
        text.contains("第1项车头") && text.contains("第3项") && !text.contains("第2项"),
        "{text}"
    );
    let bare = composed(source, &json!({ "rows": [{}, { "photos": [] }] }));
    assert_eq!(packed(&bare.text()), "没有照片");
}

#[test]
fn a_heading_goes_along_with_its_pictures() {
    let lines = vec!["字"; 28].join("\n");
    let source = format!("{lines}\n@heading 照片\n@picture photos 90");
    let document = composed(&source, &json!({ "photos": "square" }));
    let text = document.text();
    let pages: Vec<&str> = text.split('\u{c}').collect();
    assert!(
        !pages[0].contains("照片") && pages[1].contains("照片"),
        "{text}"
    );
}

fn file(image: &image::DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    image.write_to(&mut file, format).unwrap();
    file.into_inner()
}

/// Memory of this process at its highest, in MB.
fn peak_mb() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .unwrap();
    let kb: usize = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kb / 1024
}

#[test]
fn one_dot_and_sixty_megapixels_are_pictures_too() {
    for (width, height) in [(1, 1), (1, 5_000), (5_000, 1)] {
        let dot = image::DynamicImage::new_luma8(width, height);
        let picture = Picture::read(&file(&dot, ImageFormat::Png)).unwrap();
        let pictures = Pictures::from([("dot".to_owned(), picture)]);
        let layout = Layout::parse("@picture sketch 40\n后文").unwrap();
        let values = json!({ "sketch": "dot" });
        let sheet = Sheet {
            pictures: &pictures,
            ..sheet(&layout, &values, &[], StampKind::Final)
        };
        let document = compose(fonts(), &sheet).unwrap();
        assert_eq!((document.pages(), images(&document).len()), (1, 1));
    }
    let large = image::DynamicImage::from(RgbImage::from_fn(9_000, 6_667, |x, y| {
        Rgb([(x / 36) as u8, (y / 27) as u8, 120])
    }));
    let (jpeg, png) = (
        file(&large, ImageFormat::Jpeg),
        file(&large, ImageFormat::Png),
    );
    drop(large);
    let before = peak_mb();
    for bytes in [jpeg, png] {
        let picture = Picture::read(&bytes).unwrap();
        assert_eq!(picture, Picture::read(&bytes).unwrap());
    }
    // The file's own dots and a little more; the image that made the files was as large.
    assert!(
        peak_mb() < before + 260,
        "{before} MB, then {} MB",
        peak_mb()
    );
}

#[test]
fn a_file_that_lies_about_its_size_is_not_opened() {
    let mut png = file(&image::DynamicImage::new_rgb8(4, 4), ImageFormat::Png);
    for (side, expected) in [
        (20_000_u32, "20000 × 20000"),
        (4_000_000, "4000000 × 4000000"),
    ] {
        png[16..20].copy_from_slice(&side.to_be_bytes());
        png[20..24].copy_from_slice(&side.to_be_bytes());
        let crc = crc32(&png[12..29]);
        png[29..33].copy_from_slice(&crc.to_be_bytes());
        let before = peak_mb();
        assert!(Picture::read(&png).is_err(), "{expected}");
        assert!(peak_mb() < before + 64, "{expected} was made room for");
    }
    let whole = file(&image::DynamicImage::new_rgb8(64, 64), ImageFormat::Jpeg);
    for length in [0, 1, 2, 20, whole.len() / 2] {
        // A cut file is a fault or a picture with a grey end; it is never a crash.
        let _ = Picture::read(&whole[..length]);
    }
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| match crc & 1 {
            1 => (crc >> 1) ^ 0xEDB8_8320,
            _ => crc >> 1,
        })
    })
}
