//! Impressions of a seal: how one is made, stored and read again.

use std::io::Cursor;

use crate::support::{demo_seal, fonts};
use image::{DynamicImage, GrayImage, ImageFormat, Luma, Rgb, RgbImage, RgbaImage};
use paper::{Impression, ImpressionFault};

const NUMBER: &str = "4101-T03-000123";

fn made(file: &[u8], width_mm: u16) -> Result<Impression, ImpressionFault> {
    Impression::make(file, width_mm, NUMBER, fonts())
}

fn file(image: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    image.into().write_to(&mut file, format).unwrap();
    file.into_inner()
}

/// Whether a dot of the impression is ink, as any reader of PNG sees it.
fn ink(impression: &Impression) -> RgbaImage {
    let image = image::load_from_memory(&impression.to_bytes()).unwrap();
    image.into_rgba8()
}

/// A ring and a bar, `side` dots wide, in the colour of `paint`.
fn ring(side: u32, at: [u32; 2], within: [u32; 2]) -> GrayImage {
    let half = side as f32 / 2.0;
    GrayImage::from_fn(within[0], within[1], |x, y| {
        let dx = x as f32 - at[0] as f32 - half + 0.5;
        let dy = y as f32 - at[1] as f32 - half + 0.5;
        let away = dx.hypot(dy);
        let is_ring = away <= half && away > half * 0.9;
        let is_bar = dx.abs() < half * 0.1 && dy.abs() < half * 0.5;
        Luma([if is_ring || is_bar { 0 } else { 255 }])
    })
}

#[test]
fn an_impression_is_the_same_after_it_was_stored() {
    let impression = made(&demo_seal(), 42).unwrap();
    let bytes = impression.to_bytes();
    let read = Impression::read(&bytes).unwrap();
    assert_eq!(read, impression);
    assert_eq!((read.number(), read.to_bytes()), (NUMBER, bytes.clone()));
    assert_eq!(made(&demo_seal(), 42).unwrap().to_bytes(), bytes);
    assert!(bytes.len() < 24_000, "{} bytes", bytes.len());
    // 42 mm at 600 dots an inch.
    assert_eq!(ink(&impression).dimensions(), (992, 992));
}

#[test]
fn only_red_and_nothing_is_in_it() {
    let dots = ink(&made(&demo_seal(), 42).unwrap());
    let red = dots.pixels().filter(|dot| dot.0 == [0xC8, 0x10, 0x2E, 255]);
    let none = dots.pixels().filter(|dot| dot.0[3] == 0).count();
    let red = red.count();
    assert_eq!(red + none, dots.pixels().len());
    assert!(red * 10 > none && red * 2 < none, "{red} {none}");
}

#[test]
fn the_number_runs_through_the_seal_and_changes_nothing_else() {
    let other = Impression::make(&demo_seal(), 42, "4101-T03-000124", fonts()).unwrap();
    let (one, other) = (ink(&made(&demo_seal(), 42).unwrap()), ink(&other));
    let apart: Vec<(u32, u32)> = one
        .enumerate_pixels()
        .filter(|(x, y, dot)| *dot != other.get_pixel(*x, *y))
        .map(|(x, y, _)| (x, y))
        .collect();
    let (left, right) = (
        apart.iter().map(|(x, _)| *x).min().unwrap(),
        apart.iter().map(|(x, _)| *x).max().unwrap(),
    );
    let (top, bottom) = (
        apart.iter().map(|(_, y)| *y).min().unwrap(),
        apart.iter().map(|(_, y)| *y).max().unwrap(),
    );
    // One figure is another one: a place as large as a figure of two millimetres, inside the ring, below the middle.
    assert!(right - left < 60 && bottom - top < 60, "{apart:?}");
    assert!(top > 992 * 52 / 100 && bottom < 992 * 84 / 100);
    let has_ink = |x: u32, y: u32| one.get_pixel(x, y).0[3] == 255;
    let is_around = |x: u32, y: u32| {
        (0..x).any(|x| has_ink(x, y))
            && (x..992).any(|x| has_ink(x, y))
            && (0..y).any(|y| has_ink(x, y))
            && (y..992).any(|y| has_ink(x, y))
    };
    assert!(is_around(left - 100, top - 30) && is_around(right + 10, bottom + 30));
}

#[test]
fn red_or_black_on_white_or_on_nothing_is_the_same_seal() {
    let grey = ring(700, [100, 40], [1000, 800]);
    let black = file(grey.clone(), ImageFormat::Png);
    let red = RgbImage::from_fn(1000, 800, |x, y| match grey.get_pixel(x, y).0 {
        [0] => Rgb([200, 0, 46]),
        _ => Rgb([255, 255, 255]),
    });
    let clear = RgbaImage::from_fn(1000, 800, |x, y| {
        let alpha = if grey.get_pixel(x, y).0 == [0] {
            255
        } else {
            0
        };
        image::Rgba([180, 0, 0, alpha])
    });
    let expected = made(&black, 40).unwrap();
    for other in [
        file(red.clone(), ImageFormat::Png),
        file(clear, ImageFormat::Png),
    ] {
        assert_eq!(made(&other, 40).unwrap(), expected);
    }
    let scanned = ink(&made(&file(red, ImageFormat::Jpeg), 40).unwrap());
    let drawn = ink(&expected);
    let apart = scanned
        .pixels()
        .zip(drawn.pixels())
        .filter(|(scanned, drawn)| scanned != drawn);
    assert!(scanned.dimensions() == drawn.dimensions() && apart.count() < 4_000);
    // Cropped to the ring, which is round.
    assert_eq!(drawn.dimensions(), (945, 945));
}

#[test]
fn what_is_no_seal_is_refused_with_the_reason() {
    let blank = file(
        GrayImage::from_pixel(600, 600, Luma([255])),
        ImageFormat::Png,
    );
    let nothing = file(RgbaImage::new(600, 600), ImageFormat::Png);
    for file in [blank, nothing] {
        assert!(matches!(made(&file, 42), Err(ImpressionFault::Blank)));
    }
    let solid = file(GrayImage::new(600, 600), ImageFormat::Png);
    let dot = file(GrayImage::new(1, 1), ImageFormat::Png);
    for file in [solid, dot] {
        assert!(matches!(made(&file, 42), Err(ImpressionFault::Solid)));
    }
    let small = file(ring(180, [5, 5], [400, 400]), ImageFormat::Png);
    assert!(matches!(
        made(&small, 42),
        Err(ImpressionFault::Coarse {
            wide: 180,
            high: 180
        })
    ));
    for width_mm in [0, 9, 61, u16::MAX] {
        assert!(matches!(
            made(&demo_seal(), width_mm),
            Err(ImpressionFault::Size { .. })
        ));
    }
    let line = GrayImage::from_fn(250, 4000, |x, y| {
        Luma([if (x + y) % 3 == 0 { 0 } else { 255 }])
    });
    assert!(matches!(
        made(&file(line, ImageFormat::Png), 10),
        Err(ImpressionFault::Size {
            width_mm: 10,
            height_mm: 160
        })
    ));
    for bytes in [&b""[..], b"GIF89a", b"\x89PNG\r\n\x1a\n", &[0xFF; 300]] {
        assert!(matches!(made(bytes, 42), Err(ImpressionFault::Image(_))));
    }
    for number in [
        "",
        "1234567890123456789012345",
        "1\u{0}2",
        "〔2026〕1号",
        "a b",
    ] {
        let made = Impression::make(&demo_seal(), 42, number, fonts());
        assert!(
            matches!(made, Err(ImpressionFault::Number(_))),
            "{number:?}"
        );
    }
    let wide = Impression::make(&demo_seal(), 10, "WWWWWWWWWWWWWWWWWWWWWWWW", fonts());
    assert!(matches!(wide, Err(ImpressionFault::Number(_))));
}

#[test]
fn a_scan_of_sixty_megapixels_is_cropped_to_its_seal() {
    let scan = ring(1_200, [6_000, 4_000], [9_000, 6_667]);
    let (png, jpeg) = (
        file(scan.clone(), ImageFormat::Png),
        file(scan, ImageFormat::Jpeg),
    );
    for bytes in [png, jpeg] {
        assert_eq!(ink(&made(&bytes, 42).unwrap()).dimensions(), (992, 992));
    }
}

#[test]
fn every_size_that_is_allowed_holds_a_number_of_its_own_length() {
    for (width_mm, number) in [
        (10, "1"),
        (20, "000123"),
        (38, NUMBER),
        (60, "123456789012345678901234"),
    ] {
        let impression = Impression::make(&demo_seal(), width_mm, number, fonts()).unwrap();
        assert_eq!(
            Impression::read(&impression.to_bytes()).unwrap(),
            impression
        );
    }
}

#[test]
fn bytes_that_are_no_impression_are_refused() {
    let bytes = made(&demo_seal(), 42).unwrap().to_bytes();
    for cut in (0..bytes.len()).step_by(97) {
        assert!(Impression::read(&bytes[..cut]).is_err(), "cut at {cut}");
    }
    // Every chunk has a check sum, so no byte can be another one.
    for at in (8..bytes.len()).step_by(31) {
        let mut bytes = bytes.clone();
        bytes[at] ^= 0x55;
        assert!(Impression::read(&bytes).is_err(), "changed at {at}");
    }
    let photo = file(RgbImage::new(900, 900), ImageFormat::Png);
    let grey = file(GrayImage::new(992, 992), ImageFormat::Png);
    for other in [demo_seal(), photo, grey, Vec::new(), vec![0; 400_000]] {
        assert!(matches!(
            Impression::read(&other),
            Err(ImpressionFault::Damaged(_))
        ));
    }
}

/// A sound PNG with other contents than an impression has.
fn forged(
    [width, height]: [u32; 2],
    red: u8,
    per_metre: Option<u32>,
    texts: &[(&str, &str)],
) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::One);
    encoder.set_palette(vec![red, 0x10, 0x2E, 255, 255, 255]);
    encoder.set_trns(vec![255, 0]);
    encoder.set_pixel_dims(per_metre.map(|dots| png::PixelDimensions {
        xppu: dots,
        yppu: dots,
        unit: png::Unit::Meter,
    }));
    for (keyword, text) in texts {
        let (keyword, text) = ((*keyword).to_owned(), (*text).to_owned());
        encoder.add_text_chunk(keyword, text).unwrap();
    }
    let mut writer = encoder.write_header().unwrap();
    let dots = vec![0x0F; (width.div_ceil(8) * height) as usize];
    writer.write_image_data(&dots).unwrap();
    writer.finish().unwrap();
    file
}

#[test]
fn a_forged_file_is_refused_for_what_is_wrong_with_it() {
    let (number, rows) = (("Seal-Number", "0001"), ("Seal-Number-Rows", "600-650"));
    let (side, red, dots) = ([992, 992], 0xC8, Some(23_622));
    assert!(Impression::read(&forged(side, red, dots, &[number, rows])).is_ok());
    let long = "9".repeat(25);
    for (what, file) in [
        (
            "too large",
            forged([9_000, 9_000], red, dots, &[number, rows]),
        ),
        ("too small", forged([8, 8], red, dots, &[number, rows])),
        ("too narrow", forged([8, 992], red, dots, &[number, rows])),
        ("another red", forged(side, 0xC9, dots, &[number, rows])),
        ("no size", forged(side, red, None, &[number, rows])),
        (
            "another size",
            forged(side, red, Some(11_811), &[number, rows]),
        ),
        ("no number", forged(side, red, dots, &[rows])),
        (
            "two numbers",
            forged(side, red, dots, &[number, number, rows]),
        ),
        ("no rows", forged(side, red, dots, &[number])),
        (
            "rows below",
            forged(side, red, dots, &[number, ("Seal-Number-Rows", "600-993")]),
        ),
        (
            "rows the wrong way",
            forged(side, red, dots, &[number, ("Seal-Number-Rows", "7-7")]),
        ),
        (
            "rows that are none",
            forged(side, red, dots, &[number, ("Seal-Number-Rows", "-1-x")]),
        ),
        (
            "no figures",
            forged(side, red, dots, &[("Seal-Number", "é&1"), rows]),
        ),
        (
            "too long",
            forged(side, red, dots, &[("Seal-Number", &long), rows]),
        ),
    ] {
        assert!(Impression::read(&file).is_err(), "{what}");
    }
}
