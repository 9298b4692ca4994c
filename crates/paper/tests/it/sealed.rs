//! Sheets that bear a seal, leave its place to the paper, or say that it follows.

use crate::support::{
    self, FORMS, Folder, QR, demo_seal, fonts, layout, packed, sample, signatures, tool,
};
use image::RgbImage;
use paper::{
    ComposeFault, Content, Document, Dossier, DossierLayouts, Impression, Layout, Part, Seal,
    Sheet, StampKind, Verdict, Volume, VolumeKind, bind, compose, ticket, verify,
};
use serde_json::{Value, json};

const DPI: f32 = 150.0;
const MM: f32 = DPI / 25.4;
const WORDS: &str = "印章由支队加盖后送达";

fn impression(number: &str) -> Impression {
    Impression::make(&demo_seal(), 42, number, fonts()).unwrap()
}

fn sealed() -> Seal {
    Seal::Impression(impression("4101-T03-000123"))
}

fn set(form: &str, kind: StampKind, seal: Seal) -> Result<Document, ComposeFault> {
    on(&layout(form, "paper.txt"), &sample(form), kind, seal)
}

fn on(
    layout: &Layout,
    values: &Value,
    kind: StampKind,
    seal: Seal,
) -> Result<Document, ComposeFault> {
    let signatures = signatures();
    let mut sheet = support::sheet(layout, values, &signatures, kind);
    sheet.stamp.seal = seal;
    compose(fonts(), &sheet)
}

/// A page of the PDF as poppler draws it.
fn drawn(folder: &Folder, pdf: &[u8], page: usize) -> RgbImage {
    let (path, page) = (folder.write("sheet.pdf", pdf), page.to_string());
    let prefix = folder.path("page");
    let prefix = prefix.to_str().unwrap();
    let dpi = DPI.to_string();
    tool(
        "pdftoppm",
        &[
            "-r",
            &dpi,
            "-f",
            &page,
            "-l",
            &page,
            "-singlefile",
            "-png",
            path.to_str().unwrap(),
            prefix,
        ],
    );
    image::open(format!("{prefix}.png")).unwrap().into_rgb8()
}

fn is_red(dot: &image::Rgb<u8>) -> bool {
    let [red, green, blue] = dot.0;
    red > green.saturating_add(60) && red > blue.saturating_add(60)
}

/// Left, top, right and bottom of what is red, in mm.
fn red(page: &RgbImage) -> Option<[f32; 4]> {
    let dots = page.enumerate_pixels().filter(|(_, _, dot)| is_red(dot));
    let bounds = dots.fold(None, |bounds: Option<[u32; 4]>, (x, y, _)| {
        let [left, top, right, bottom] = bounds.unwrap_or([x, y, x, y]);
        Some([left.min(x), top.min(y), right.max(x), bottom.max(y)])
    });
    bounds.map(|bounds| bounds.map(|at| at as f32 / MM))
}

struct Word {
    text: String,
    left: f32,
    top: f32,
    right: f32,
    bottom: f32,
}

/// The words of a page with their places in mm.
fn words(folder: &Folder, document: &Document, page: usize) -> Vec<Word> {
    let path = folder.write("words.pdf", &document.pdf().unwrap());
    let page = page.to_string();
    let listed = tool(
        "pdftotext",
        &[
            "-bbox",
            "-f",
            &page,
            "-l",
            &page,
            path.to_str().unwrap(),
            "-",
        ],
    );
    let lines = listed
        .lines()
        .filter(|line| line.trim_start().starts_with("<word "));
    lines
        .map(|line| {
            let number = |name: &str| {
                let after = line.split(&format!("{name}=\"")).nth(1).unwrap();
                after.split('"').next().unwrap().parse::<f32>().unwrap() * 25.4 / 72.0
            };
            let text = line.split('>').nth(1).unwrap().split('<').next().unwrap();
            Word {
                text: text.to_owned(),
                left: number("xMin"),
                top: number("yMin"),
                right: number("xMax"),
                bottom: number("yMax"),
            }
        })
        .collect()
}

#[test]
fn the_seal_is_as_large_as_it_is_and_stands_on_the_page() {
    let folder = Folder::new();
    for (form, _) in FORMS {
        let document = set(form, StampKind::Final, sealed()).unwrap();
        let pdf = document.pdf().unwrap();
        let page = drawn(&folder, &pdf, document.pages());
        let found = red(&page);
        if !layout(form, "paper.txt").has_seal() {
            assert!(found.is_none(), "{form} has no place for a seal");
            continue;
        }
        let [left, top, right, bottom] = found.unwrap();
        assert!(
            (right - left - 42.0).abs() < 0.6,
            "{form}: {}",
            right - left
        );
        assert!((bottom - top - 42.0).abs() < 0.6, "{form}");
        assert!(
            left > 60.0 && right < 190.0 && bottom < 280.0,
            "{form}: {left} {right} {bottom}"
        );
        // 骑年盖月 – the date and the agency's name run through it, and nothing else does.
        let (x, y) = ((left + right) / 2.0, (top + bottom) / 2.0);
        let inside: String = words(&folder, &document, document.pages())
            .iter()
            .filter(|word| {
                let dx = (word.left - x).max(x - word.right).max(0.0);
                let dy = (word.top - y).max(y - word.bottom).max(0.0);
                dx.hypot(dy) < 20.5
            })
            .map(|word| word.text.as_str())
            .collect();
        assert_eq!(
            packed(&inside),
            "信阳市交通运输综合行政执法支队（印章）2026年3月10日",
            "{form}"
        );
        // 16 kB of stencil, packed once.
        let free = set(form, StampKind::Final, Seal::ByHand)
            .unwrap()
            .pdf()
            .unwrap();
        assert!(
            pdf.len() < free.len() + 20_000,
            "{form}: {} and {}",
            free.len(),
            pdf.len()
        );
        assert_eq!(
            document.text(),
            set(form, StampKind::Final, Seal::ByHand).unwrap().text()
        );
        assert_eq!(
            document
                .svg(document.pages() - 1)
                .matches("data:image/png")
                .count(),
            1
        );
    }
}

#[test]
fn the_code_beside_a_seal_is_black_and_can_be_read() {
    let folder = Folder::new();
    for width_mm in [42, 60] {
        let seal = Impression::make(&demo_seal(), width_mm, "000123", fonts()).unwrap();
        let document = set("F10", StampKind::Final, Seal::Impression(seal)).unwrap();
        let path = folder.write("sheet.pdf", &document.pdf().unwrap());
        let last = document.pages().to_string();
        for dpi in ["203", "300"] {
            let prefix = folder.path("poppler");
            let prefix = prefix.to_str().unwrap();
            let range = ["-r", dpi, "-f", &last, "-l", &last, "-singlefile", "-png"];
            let files = [path.to_str().unwrap(), prefix];
            tool("pdftoppm", &[&range[..], &files[..]].concat());
            let read = tool("zbarimg", &["-q", "--raw", &format!("{prefix}.png")]);
            assert_eq!(read.trim(), QR, "{width_mm} mm at {dpi}");
            let page = folder.path("mupdf.png");
            let page = page.to_str().unwrap();
            tool(
                "mutool",
                &[
                    "draw",
                    "-q",
                    "-r",
                    dpi,
                    "-o",
                    page,
                    path.to_str().unwrap(),
                    &last,
                ],
            );
            let read = tool("zbarimg", &["-q", "--raw", page]);
            assert_eq!(read.trim(), QR, "{width_mm} mm at {dpi}");
        }
        let [left, ..] = red(&drawn(&folder, &document.pdf().unwrap(), document.pages())).unwrap();
        // The code ends 28 + 2 + 26 mm from the edge.
        assert!(left > 60.0, "{left}");
    }
}

#[test]
fn words_are_read_through_the_seal_in_black_and_in_grey() {
    let document = set("F10", StampKind::Final, sealed()).unwrap();
    let by_hand = set("F10", StampKind::Final, Seal::ByHand).unwrap();
    let ink = |grey: &paper::Grey, range: std::ops::Range<u8>| {
        grey.dots.iter().filter(|dot| range.contains(*dot)).count()
    };
    let (sealed, free) = (document.grey(0, 300), by_hand.grey(0, 300));
    let (words, others) = (ink(&sealed, 0..60), ink(&free, 0..60));
    assert!(
        words.abs_diff(others) * 50 < others,
        "{words} dark dots, {others} without a seal"
    );
    assert!(ink(&sealed, 110..130) > ink(&free, 110..130) + 20_000);

    let (form, values, signatures) = (layout("F10", "ticket.txt"), sample("F10"), signatures());
    let folder = Folder::new();
    for width_dots in [384, 576] {
        let slip = |seal: Seal| {
            let mut sheet = support::sheet(&form, &values, &signatures, StampKind::Final);
            sheet.stamp.seal = seal;
            ticket(fonts(), &sheet, width_dots).unwrap()
        };
        let (sealed, free) = (slip(self::sealed()), slip(Seal::ByHand));
        assert!(sealed.height > free.height + 100 && sealed.height < free.height + 400);
        let path = folder.write("slip.png", &sealed.to_png());
        let read = tool("zbarimg", &["-q", "--raw", path.to_str().unwrap()]);
        assert_eq!(read.trim(), QR);
        assert_eq!(
            slip(Seal::PreSealed {
                x_mm: 140,
                y_mm: 230
            }),
            free
        );
    }
}

#[test]
fn agency_and_date_stand_where_the_paper_bears_the_seal() {
    let folder = Folder::new();
    for (form, x_mm, y_mm) in [
        ("F10", 140, 230),
        ("F10", 150, 120),
        ("F21", 140, 240),
        ("F21", 60, 100),
    ] {
        for kind in [StampKind::Final, StampKind::Draft] {
            let seal = Seal::PreSealed { x_mm, y_mm };
            let document = set(form, kind.clone(), seal).unwrap();
            let (x, y) = (f32::from(x_mm), f32::from(y_mm));
            let name = format!("{form} at {x_mm}, {y_mm}");
            let page = (1..=document.pages())
                .rev()
                .map(|page| words(&folder, &document, page))
                .find(|words| words.iter().any(|word| packed(&word.text).contains("（印")))
                .unwrap();
            let near = |word: &&Word| {
                (word.top + word.bottom) / 2.0 > y - 21.0
                    && (word.top + word.bottom) / 2.0 < y + 21.0
            };
            // Neither the mark of a draft nor the words along the edge.
            let is_of_block = |word: &&Word| !word.text.contains(['草', '稿']) && word.left < 188.0;
            let mut block: Vec<&Word> = page.iter().filter(near).filter(is_of_block).collect();
            let place = |word: &Word| (word.top.round() as i32, word.left.round() as i32);
            block.sort_by_key(|word| place(word));
            let text: String = block.iter().map(|word| word.text.as_str()).collect();
            assert!(
                packed(&text).starts_with("信阳市交通运输综合行政执法支队"),
                "{name}: {text}"
            );
            assert!(packed(&text).ends_with("2026年3月10日"), "{name}: {text}");
            assert_eq!(packed(&text).chars().count(), 29, "{name}: {text}");
            let bound = |least: fn(f32, f32) -> f32, at: fn(&Word) -> f32| {
                block.iter().map(|word| at(word)).reduce(least).unwrap()
            };
            let middle_x =
                (bound(f32::min, |word| word.left) + bound(f32::max, |word| word.right)) / 2.0;
            let middle_y =
                (bound(f32::min, |word| word.top) + bound(f32::max, |word| word.bottom)) / 2.0;
            assert!((middle_x - x).abs() < 0.5, "{name}: {middle_x}");
            assert!((middle_y - y).abs() < 1.0, "{name}: {middle_y}");
        }
    }
}

#[test]
fn a_page_that_has_only_the_seal_says_so() {
    let seal = || Seal::PreSealed {
        x_mm: 140,
        y_mm: 100,
    };
    let block = "@seal qr\n{agency}\n{day}\n@end\n@small 一式两份";
    let values = json!({ "agency": "示例市支队", "day": "2026年3月10日" });
    let filled = "字\n".repeat(20);
    for source in [
        format!("{filled}{block}"),
        format!("{filled}@keep\n{block}\n@end"),
    ] {
        let layout = Layout::parse(&source).unwrap();
        let document = on(&layout, &values, StampKind::Final, seal()).unwrap();
        let text = document.text();
        let pages: Vec<&str> = text.split('\u{c}').collect();
        assert_eq!(pages.len(), 2, "{text}");
        assert!(!pages[0].contains("示例市支队") && !pages[0].contains("此页无正文"));
        assert!(pages[1].starts_with("（此页无正文）\n示例市支队"), "{text}");
        assert!(pages[1].ends_with("一式两份"));
    }
    // What is kept together with the block is on its page, so there is something.
    let layout = Layout::parse(&format!("{filled}@keep\n当事人意见：无。\n{block}\n@end")).unwrap();
    let text = on(&layout, &values, StampKind::Final, seal())
        .unwrap()
        .text();
    let (first, second) = text.split_once('\u{c}').unwrap();
    assert!(
        !first.contains("当事人意见") && second.contains("当事人意见"),
        "{text}"
    );
    assert!(!text.contains("此页无正文"));
    // Where there is room above, it stands on the first page.
    let layout = Layout::parse(&format!("字\n{block}")).unwrap();
    assert_eq!(
        on(&layout, &values, StampKind::Final, seal())
            .unwrap()
            .pages(),
        1
    );
}

#[test]
fn a_place_that_cannot_be_is_a_fault() {
    for (x_mm, y_mm, reason) in [
        (300, 200, "off the sheet"),
        (u16::MAX, u16::MAX, "off the sheet"),
        (140, 298, "off the sheet"),
        (0, 0, "margin beside"),
        (40, 200, "margin beside"),
        (170, 200, "margin beside"),
        (140, 20, "upper margin"),
        (140, 290, "lower margin"),
    ] {
        for kind in [StampKind::Final, StampKind::Draft] {
            let set = set("F10", kind, Seal::PreSealed { x_mm, y_mm });
            match set {
                Err(ComposeFault::SealPlace { reason: told }) => {
                    assert!(told.contains(reason), "{x_mm} {y_mm}: {told}");
                }
                other => panic!("{x_mm} {y_mm}: {:?}", other.map(|set| set.pages())),
            }
        }
    }
}

#[test]
fn the_code_goes_where_the_paper_leaves_room() {
    let values = json!({});
    let narrow = Layout::parse("@margins 28 60 26 60\n@seal qr\n甲\n@end").unwrap();
    let seal = Seal::PreSealed {
        x_mm: 105,
        y_mm: 150,
    };
    assert!(matches!(
        on(&narrow, &values, StampKind::Final, seal.clone()),
        Err(ComposeFault::SealPlace { reason }) if reason.contains("QR")
    ));
    let plain = Layout::parse("@margins 28 60 26 60\n@seal\n甲\n@end").unwrap();
    assert!(on(&plain, &values, StampKind::Final, seal).is_ok());
    let folder = Folder::new();
    let seal = Seal::PreSealed {
        x_mm: 60,
        y_mm: 150,
    };
    let document = set("F10", StampKind::Final, seal).unwrap();
    for page in 1..=document.pages() {
        drawn(&folder, &document.pdf().unwrap(), page)
            .save(folder.path(&format!("{page}.png")))
            .unwrap();
    }
    let last = folder.path(&format!("{}.png", document.pages()));
    let read = tool("zbarimg", &["-q", "--raw", last.to_str().unwrap()]);
    assert_eq!(read.trim(), QR);
}

#[test]
fn words_stand_where_the_seal_follows() {
    let follows = || Seal::Follows(WORDS.to_owned());
    let text = packed(&set("F10", StampKind::Final, follows()).unwrap().text());
    assert!(text.contains(&format!("2026年3月10日{WORDS}")), "{text}");
    let draft = set("F10", StampKind::Draft, follows()).unwrap();
    assert!(!draft.text().contains(WORDS));
    let long = Seal::Follows(WORDS.repeat(4));
    assert_eq!(set("F10", StampKind::Final, long).unwrap().pages(), 1);
    let strange = Seal::Follows("印\u{202E}章".to_owned());
    assert!(matches!(
        set("F10", StampKind::Final, strange),
        Err(ComposeFault::MissingGlyphs(missing)) if missing[0].1 == "seal"
    ));
    let (form, values) = (layout("F10", "ticket.txt"), sample("F10"));
    let mut sheet = support::sheet(&form, &values, &[], StampKind::Final);
    let free = ticket(fonts(), &sheet, 384).unwrap();
    sheet.stamp.seal = follows();
    assert!(ticket(fonts(), &sheet, 384).unwrap().height > free.height + 10);
}

#[test]
fn a_draft_bears_no_seal_and_keeps_its_room() {
    let draft = set("F10", StampKind::Draft, sealed()).unwrap();
    let issued = set("F10", StampKind::Final, sealed()).unwrap();
    assert_eq!(draft.svg(0).matches("<image").count(), 0);
    assert_eq!(draft.pages(), issued.pages());
    let folder = Folder::new();
    let date = |document: &Document| {
        let words = words(&folder, document, document.pages());
        let date = words
            .iter()
            .rev()
            .find(|word| packed(&word.text).contains("2026年3月10日"));
        date.map(|word| word.top).unwrap()
    };
    assert!((date(&draft) - date(&issued)).abs() < 0.01);
}

#[test]
fn the_seal_of_another_body_is_left_to_it() {
    let other = Layout::parse("@seal other qr\n法制审核机构\n（印　章）\n@end").unwrap();
    assert!(!other.has_seal() && !layout("F25", "paper.txt").has_seal());
    let with = |seal| {
        on(&other, &json!({}), StampKind::Final, seal)
            .unwrap()
            .pdf()
            .unwrap()
    };
    for seal in [
        sealed(),
        Seal::PreSealed { x_mm: 0, y_mm: 0 },
        Seal::Follows(WORDS.to_owned()),
    ] {
        assert!(with(seal) == with(Seal::ByHand));
    }
    for source in [
        "@seal\n甲\n@end",
        "@when a\n甲\n@else\n@keep\n@seal qr\n甲\n@end\n@end\n@end",
    ] {
        assert!(Layout::parse(source).unwrap().has_seal());
    }
    assert!(!Layout::parse("甲").unwrap().has_seal());
}

#[test]
fn a_sheet_with_another_impression_is_another_sheet() {
    let (form, values, signatures) = (layout("F10", "paper.txt"), sample("F10"), signatures());
    let sheet = |number: &str| {
        let mut sheet = support::sheet(&form, &values, &signatures, StampKind::Final);
        sheet.stamp.seal = Seal::Impression(impression(number));
        sheet
    };
    let pdf = |sheet: &Sheet<'_>| compose(fonts(), sheet).unwrap().pdf().unwrap();
    let issued = pdf(&sheet("1"));
    assert!(issued == pdf(&sheet("1")));
    let check = |sheet: &Sheet<'_>| verify(fonts(), sheet, &issued).unwrap();
    assert_eq!(check(&sheet("1")), Verdict::Same);
    assert_eq!(check(&sheet("2")), Verdict::OtherPages);
    let unsealed = support::sheet(&form, &values, &signatures, StampKind::Final);
    assert_eq!(check(&unsealed), Verdict::OtherPages);
    // Stored and read again, it is the same impression.
    let mut stored = sheet("1");
    let bytes = impression("1").to_bytes();
    stored.stamp.seal = Seal::Impression(Impression::read(&bytes).unwrap());
    assert_eq!(check(&stored), Verdict::Same);
}

#[test]
fn a_sealed_sheet_goes_into_the_dossier_with_its_seal() {
    let issued = set("F10", StampKind::Final, sealed())
        .unwrap()
        .pdf()
        .unwrap();
    let values = json!({ "agency": { "name": "示例市支队" }, "case_no": "示例交立〔2026〕0012号" });
    let part = Part {
        name: "责令改正违法行为通知书".to_owned(),
        number: None,
        author: None,
        dated_on: None,
        note: None,
        content: Content::Issued(&issued),
    };
    let dossier = Dossier {
        title: "案卷".to_owned(),
        document_id: "0196f2aa".to_owned(),
        created_at: "2026-03-10T14:30:00.000+08:00".to_owned(),
        volumes: vec![Volume {
            kind: VolumeKind::Main,
            values: &values,
            signatures: &[],
            parts: vec![part],
        }],
    };
    let bound = bind(fonts(), &DossierLayouts::standard().unwrap(), &dossier).unwrap();
    let folder = Folder::new();
    let sealed: Vec<[f32; 4]> = (1..=bound.pages)
        .filter_map(|page| red(&drawn(&folder, &bound.pdf, page)))
        .collect();
    assert_eq!(sealed.len(), 1);
    let [left, _, right, _] = sealed[0];
    assert!((right - left - 42.0).abs() < 0.6);
}
