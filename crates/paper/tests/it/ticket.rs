//! The thermal ticket.

use crate::support::{FORMS, Folder, QR, fonts, layout, sample, signatures, stamp, tool};
use paper::{Bitmap, ComposeFault, Sheet, StampKind, ticket};

fn slip(form: &str, kind: StampKind, width_dots: u32) -> Result<Bitmap, ComposeFault> {
    let (layout, values, signatures) = (layout(form, "ticket.txt"), sample(form), signatures());
    let sheet = Sheet {
        layout: &layout,
        values: &values,
        signatures: &signatures,
        pictures: &paper::NO_PICTURES,
        stamp: stamp("票据", kind),
    };
    ticket(fonts(), &sheet, width_dots)
}

#[test]
fn tickets_fit_both_widths_and_their_code_can_be_read() {
    let folder = Folder::new();
    for (form, _) in FORMS {
        for width_dots in [384, 576] {
            let slip = slip(form, StampKind::Final, width_dots).unwrap();
            assert_eq!(slip.width, width_dots);
            assert_eq!(slip.rows.len(), slip.row_bytes() * slip.height as usize);
            let dots = |x: u32, y: u32| if slip.is_black(x, y) { 0 } else { 255 };
            let mut picture = rqrr::PreparedImage::prepare_from_greyscale(
                slip.width as usize,
                slip.height as usize,
                |x, y| dots(x as u32, y as u32),
            );
            let grids = picture.detect_grids();
            assert_eq!(grids.len(), 1, "{form} {width_dots}");
            assert_eq!(grids[0].decode().unwrap().1, QR);
            let path = folder.write("slip.png", &slip.to_png());
            let read = tool("zbarimg", &["-q", "--raw", path.to_str().unwrap()]);
            assert_eq!(read.trim(), QR);
        }
    }
}

#[test]
fn nothing_is_printed_outside_the_margins() {
    for width_dots in [384, 576] {
        let slip = slip("F21", StampKind::Final, width_dots).unwrap();
        let is_blank = |x: u32| (0..slip.height).all(|y| !slip.is_black(x, y));
        assert!((0..6).all(is_blank) && (slip.width - 6..slip.width).all(is_blank));
    }
}

#[test]
fn a_draft_ticket_carries_no_code() {
    let slip = slip("F21", StampKind::Draft, 576).unwrap();
    let mut picture = rqrr::PreparedImage::prepare_from_greyscale(
        slip.width as usize,
        slip.height as usize,
        |x, y| {
            if slip.is_black(x as u32, y as u32) {
                0
            } else {
                255
            }
        },
    );
    assert!(picture.detect_grids().is_empty());
}

#[test]
fn an_impossible_width_is_refused() {
    for width_dots in [0, 100, 5000] {
        assert_eq!(
            slip("F21", StampKind::Final, width_dots),
            Err(ComposeFault::TicketWidth { width_dots })
        );
    }
}

#[test]
fn chinese_in_a_code_is_read_as_written() {
    let text = "豫信交当罚〔2026〕0001号，警告；罚款200元。";
    let (width, modules) = paper::qr_modules(text);
    assert_eq!(modules.len(), width * width);
    let side = (width + 8) * 4;
    let mut picture = rqrr::PreparedImage::prepare_from_greyscale(side, side, |x, y| {
        let (column, row) = ((x / 4).wrapping_sub(4), (y / 4).wrapping_sub(4));
        let is_dark = column < width && row < width && modules[row * width + column];
        if is_dark { 0 } else { 255 }
    });
    let grids = picture.detect_grids();
    assert_eq!(grids[0].decode().unwrap().1, text);
    assert!(paper::qr_svg(text).contains("<path"));
    assert_eq!(paper::qr_svg(&"长".repeat(2000)), "");
}
