//! Pages in greys, for printers that take no PDF.

use crate::support::{FORMS, QR, fonts, layout, sample, signatures, stamp};
use paper::{Grey, Sheet, StampKind, compose};

fn pages(form: &str, dpi: u32) -> Vec<Grey> {
    let (layout, values, signatures) = (layout(form, "paper.txt"), sample(form), signatures());
    let sheet = Sheet {
        layout: &layout,
        values: &values,
        signatures: &signatures,
        pictures: &paper::NO_PICTURES,
        stamp: stamp("文书", StampKind::Final),
    };
    let document = compose(fonts(), &sheet).unwrap();
    assert_eq!(document.grey(document.pages(), dpi), Grey::default());
    (0..document.pages())
        .map(|page| document.grey(page, dpi))
        .collect()
}

#[test]
fn a_page_has_the_size_of_its_paper_and_its_code_can_be_read() {
    for (form, _) in FORMS {
        let pages = pages(form, 300);
        let mut codes = Vec::new();
        for page in &pages {
            // A4 at 300 dots an inch.
            assert!((2_479..=2_481).contains(&page.width), "{}", page.width);
            assert!((3_507..=3_509).contains(&page.height), "{}", page.height);
            assert_eq!(page.dots.len() as u32, page.width * page.height);
            let ink = page.dots.iter().filter(|dot| **dot < 128).count();
            assert!(ink * 200 > page.dots.len(), "{form}: {ink} dots of ink");
            let edges = page.dots.iter().filter(|dot| (1..255).contains(*dot));
            assert!(edges.count() > 1_000, "letters have soft edges");
            let mut picture = rqrr::PreparedImage::prepare_from_greyscale(
                page.width as usize,
                page.height as usize,
                |x, y| page.dots[y * page.width as usize + x],
            );
            let grids = picture.detect_grids();
            codes.extend(grids.iter().filter_map(|grid| Some(grid.decode().ok()?.1)));
        }
        assert!(
            !codes.is_empty() && codes.iter().all(|code| code == QR),
            "{form}"
        );
    }
}

#[test]
fn a_page_of_too_many_dots_is_not_painted() {
    for dpi in [0, 1_000_000] {
        assert!(
            pages("F21", dpi)
                .iter()
                .all(|page| *page == Grey::default())
        );
    }
}
