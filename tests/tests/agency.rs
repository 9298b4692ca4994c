//! A new agency is set up from its own file, and that file goes on being the way to change it.

use std::path::Path;

use casebook::Range;
use contract::Surface;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use journeys::{PINS, Stage, pack_dir, sign_in_both};

mod support;
use support::START;

/// The profile of a county as its clerk would copy it, with a photo named for each of these certificates.
fn agency_file(folder: &Path, photos: &[(&str, &str)]) -> std::path::PathBuf {
    let profile = pack_dir().join("agencies/s1-huoqiu.toml");
    let mut text = std::fs::read_to_string(profile).unwrap();
    for (credential_no, photo) in photos {
        let line = format!("credential_no = \"{credential_no}\"\n");
        assert!(text.contains(&line), "{credential_no}");
        text = text.replace(&line, &format!("{line}photo = \"{photo}\"\n"));
    }
    let file = folder.join("agency.toml");
    std::fs::write(&file, text).unwrap();
    file
}

fn photo(path: &Path, format: ImageFormat, size: [u32; 2], colour: [u8; 3]) {
    let picture = RgbImage::from_pixel(size[0], size[1], Rgb(colour));
    DynamicImage::from(picture)
        .save_with_format(path, format)
        .unwrap();
}

/// What the sign-in screen shows of an officer.
fn shown(terminal: &casebook::Terminal, credential_no: &str) -> Option<DynamicImage> {
    let path = format!("stream/officer/{credential_no}/photo");
    let answer = terminal
        .stream(Surface::Officer, &path, Range::default())
        .ok()?;
    Some(image::load_from_memory_with_format(&answer.bytes, ImageFormat::Png).unwrap())
}

#[test]
fn the_photos_an_agency_names_reach_its_terminals() {
    let folder = tempfile::tempdir().unwrap();
    let [(first, _), (second, _), _] = PINS;
    photo(
        &folder.path().join("jia.jpg"),
        ImageFormat::Jpeg,
        [1500, 2000],
        [10, 90, 200],
    );
    let file = agency_file(folder.path(), &[(first, "jia.jpg")]);
    let stage = Stage::found_agency(&folder.path().join("stage"), START, &file).unwrap();
    let terminal = stage.terminal("terminal").unwrap();
    let portrait = shown(&terminal, first).unwrap();
    assert_eq!([portrait.width(), portrait.height()], [480, 640]);
    assert!(shown(&terminal, second).is_none());

    // A photo that comes later comes with the roster; the first officer keeps theirs though the file names it no more.
    photo(
        &folder.path().join("yi.png"),
        ImageFormat::Png,
        [300, 400],
        [200, 40, 40],
    );
    let file = agency_file(folder.path(), &[(second, "yi.png")]);
    stage.headquarters.publish_agency(&file).unwrap();
    sign_in_both(&terminal).unwrap();
    terminal.sync_until_quiet().unwrap();
    let portrait = shown(&terminal, second).unwrap();
    assert_eq!([portrait.width(), portrait.height()], [300, 400]);
    assert!(shown(&terminal, first).is_some());
}

#[test]
fn a_photo_that_is_missing_or_none_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = agency_file(folder.path(), &[(PINS[0].0, "nowhere.jpg")]);
    let found = Stage::found_agency(&folder.path().join("stage"), START, &file);
    assert!(found.err().unwrap().to_string().contains("nowhere.jpg"));
    std::fs::write(folder.path().join("text.jpg"), "not a picture").unwrap();
    let file = agency_file(folder.path(), &[(PINS[0].0, "text.jpg")]);
    let found = Stage::found_agency(&folder.path().join("stage"), START, &file);
    assert!(found.err().unwrap().to_string().contains("text.jpg"));
}
