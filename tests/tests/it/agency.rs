//! A new agency is set up from its own file, and that file goes on being the way to change it.

use std::path::Path;

use casebook::Range;
use contract::Surface;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use journeys::{Officer, PINS, Stage, pack_dir, sign_in_both};
use serde_json::json;

use crate::support::{START, assert_intact, bodies, code};

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

const NEWCOMER: &str = "99010009";

/// The county's agency with one officer more.
fn with_newcomer(folder: &Path) -> std::path::PathBuf {
    let file = agency_file(folder, &[]);
    let text = std::fs::read_to_string(&file).unwrap();
    let officers: toml::Table = toml::from_str(&text).unwrap();
    let mut newcomer = officers["officers"][0].as_table().unwrap().clone();
    newcomer.insert("officer_id".into(), "officer-wu".into());
    newcomer.insert("name".into(), "吴新戊".into());
    newcomer.insert("credential_no".into(), NEWCOMER.into());
    let row = toml::to_string(&newcomer).unwrap();
    std::fs::write(&file, format!("{text}\n[[officers]]\n{row}")).unwrap();
    file
}

#[test]
fn an_officer_who_joins_later_gets_a_pin_with_a_colleague() {
    let folder = tempfile::tempdir().unwrap();
    let [(colleague, pin), (second, second_pin), _] = PINS;
    let file = agency_file(folder.path(), &[]);
    let mut stage = Stage::found_agency(&folder.path().join("stage"), START, &file).unwrap();
    let terminal = stage.terminal("terminal").unwrap();
    let has_pin = |terminal: &casebook::Terminal, credential_no: &str| {
        let state = terminal.ask("start_state", json!({})).unwrap();
        let officers = state["officers"].as_array().unwrap().clone();
        let mut mine = officers
            .iter()
            .filter(|officer| officer["credential_no"] == credential_no);
        mine.next().map(|officer| officer["has_pin"] == true)
    };
    let set = |terminal: &casebook::Terminal, who: &str, new: &str, by: &str, by_pin: &str| {
        let asked = json!({ "credential_no": who, "new_pin": new, "by": by, "by_pin": by_pin });
        terminal.ask("set_pin", asked).map_err(|error| code(&error))
    };
    assert_eq!(has_pin(&terminal, NEWCOMER), None);
    assert_eq!(
        set(&terminal, NEWCOMER, "777777", colleague, pin).unwrap_err(),
        "credential_unknown",
        "not on the roster"
    );

    stage
        .headquarters
        .publish_agency(&with_newcomer(folder.path()))
        .unwrap();
    sign_in_both(&terminal).unwrap();
    terminal.sync_until_quiet().unwrap();
    terminal.ask("lock", json!({})).unwrap();
    // The roster is adopted with the next sign-in.
    sign_in_both(&terminal).unwrap();
    terminal.ask("lock", json!({})).unwrap();
    assert_eq!(has_pin(&terminal, NEWCOMER), Some(false));
    stage.cut();

    for (new, expected) in [("12345", "bad_request"), ("12345a", "bad_request")] {
        assert_eq!(
            set(&terminal, NEWCOMER, new, colleague, pin).unwrap_err(),
            expected
        );
    }
    assert_eq!(
        set(&terminal, NEWCOMER, "777777", colleague, "000000").unwrap_err(),
        "wrong_secret"
    );
    assert_eq!(
        set(&terminal, second, "777777", colleague, pin).unwrap_err(),
        "not_allowed",
        "nobody replaces the PIN of somebody else"
    );
    assert_eq!(
        set(&terminal, NEWCOMER, "777777", NEWCOMER, "777777").unwrap_err(),
        "credential_unknown",
        "nobody without a PIN opens the terminal"
    );
    set(&terminal, NEWCOMER, "777777", colleague, pin).unwrap();
    assert_eq!(has_pin(&terminal, NEWCOMER), Some(true));
    drop(terminal);

    // It holds after a restart, and the journal says who opened the terminal for it.
    let terminal = stage.reopen("terminal", journeys::test_devices()).unwrap();
    let enter = |who: &str, pin: &str| {
        let asked = json!({ "credential_no": who, "pin": pin });
        terminal.ask("sign_in", asked).map_err(|error| code(&error))
    };
    enter(NEWCOMER, "777777").unwrap();
    enter(second, second_pin).unwrap();
    assert_eq!(
        bodies(&terminal, "pin.set"),
        [json!({ "v": 1, "credential_no": NEWCOMER, "by": colleague })]
    );

    // One's own PIN is changed with the old one; the old one opens nothing any more.
    set(&terminal, NEWCOMER, "888888", NEWCOMER, "777777").unwrap();
    terminal.ask("lock", json!({})).unwrap();
    assert_eq!(enter(NEWCOMER, "777777").unwrap_err(), "wrong_secret");
    enter(NEWCOMER, "888888").unwrap();
    assert_intact(&terminal);
}
