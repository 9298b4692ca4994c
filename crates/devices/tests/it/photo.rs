//! Photos: taken, or looked at before they are kept.

use std::io::Cursor;

use devices::{DeviceFailure, photo};
use image::{DynamicImage, ImageFormat};

fn picture(format: ImageFormat) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    DynamicImage::new_rgb8(640, 480)
        .write_to(&mut out, format)
        .unwrap();
    out.into_inner()
}

#[cfg(target_os = "linux")]
#[test]
fn a_photo_from_the_test_source_is_a_photo() {
    let jpeg = photo::take(&devices::recording::VideoSource::Test, 1_280, 720).unwrap();
    let facts = photo::inspect(&jpeg).unwrap();
    assert_eq!(
        (facts.width, facts.height, facts.media_type.as_str()),
        (1_280, 720, "image/jpeg")
    );
    assert_eq!((facts.taken_at, facts.latitude_e7), (None, None));
}

#[cfg(target_os = "linux")]
#[test]
fn a_missing_camera_is_said() {
    let camera = devices::recording::VideoSource::Camera("/dev/video-none".into());
    assert!(matches!(
        photo::take(&camera, 640, 480),
        Err(DeviceFailure::NoCamera { .. })
    ));
}

#[test]
fn pictures_are_accepted_and_everything_else_is_refused_with_a_reason() {
    for format in [ImageFormat::Jpeg, ImageFormat::Png] {
        let bytes = picture(format);
        let facts = photo::inspect(&bytes).unwrap();
        assert_eq!((facts.width, facts.height), (640, 480));
        for length in [0, 1, 10, bytes.len() / 2, bytes.len() - 2] {
            let refused = photo::inspect(&bytes[..length]).unwrap_err();
            assert!(
                matches!(refused, DeviceFailure::InspectPhoto { .. }),
                "{format:?} {length}"
            );
        }
    }
    for bytes in [
        &b"%PDF-1.7"[..],
        b"<html>",
        b"GIF89a\x01\0\x01\0\0\0\0",
        b"\xff\xd8\xff\xd9",
        &[0; 5_000],
    ] {
        assert!(
            matches!(
                photo::inspect(bytes),
                Err(DeviceFailure::InspectPhoto { .. })
            ),
            "{bytes:?}"
        );
    }
}

#[test]
fn a_small_file_that_claims_to_be_huge_is_refused() {
    let mut png = picture(ImageFormat::Png);
    png[16..20].copy_from_slice(&30_000_u32.to_be_bytes());
    png[20..24].copy_from_slice(&30_000_u32.to_be_bytes());
    let refused = photo::inspect(&png).unwrap_err();
    assert!(
        matches!(refused, DeviceFailure::InspectPhoto { .. }),
        "{refused}"
    );
}
