//! Fonts by their role: an agency's own, and what stands in where there is none.

use std::path::Path;

use crate::support::{Folder, font_file, fonts, sheet, tool};
use paper::{FontFailure, Fonts, Layout, StampKind, compose};
use serde_json::json;

/// A folder with the fonts of every page and what an agency adds.
fn folder(added: &str) -> Folder {
    let folder = Folder::new();
    let list = std::fs::read_to_string(Fonts::default_dir().join("fonts.lock")).unwrap();
    for name in ["NotoSerifSC-Regular", "NotoSansSC-Regular"] {
        let file = font_file(name);
        std::os::unix::fs::symlink(
            &file,
            folder.path(file.file_name().unwrap().to_str().unwrap()),
        )
        .unwrap();
    }
    folder.write("fonts.lock", format!("{list}\n{added}").as_bytes());
    folder
}

fn listed(role: &str, name: &str, file: &Path, is_optional: bool) -> String {
    let bytes = std::fs::read(file).unwrap_or_default();
    let sha256 = journal::Hash::of(&bytes);
    let file = file.display();
    format!(
        "[[font]]\nrole = \"{role}\"\nname = \"{name}\"\nfile = \"{file}\"\nsha256 = \"{sha256}\"\noptional = {is_optional}\n"
    )
}

/// The fonts a title and a paragraph are printed in.
fn used(fonts: &Fonts, source: &str) -> Vec<String> {
    let layout = Layout::parse(source).unwrap();
    let values = json!({});
    let document = compose(fonts, &sheet(&layout, &values, &[], StampKind::Final)).unwrap();
    let folder = Folder::new();
    let path = folder.write("sheet.pdf", &document.pdf().unwrap());
    let shown = tool("pdffonts", &[path.to_str().unwrap()]);
    let name = |line: &str| line.split(['+', ' ']).nth(1).unwrap().to_owned();
    let mut names: Vec<String> = shown.lines().skip(2).map(name).collect();
    names.sort();
    names
}

#[test]
fn an_agency_sets_its_titles_in_its_own_font() {
    let own = listed(
        "title",
        "AgencySong",
        &font_file("NotoSansSC-Regular"),
        false,
    );
    let with = folder(&own);
    let theirs = Fonts::load(&with.path("")).unwrap();
    let source = "@title 行政处罚决定书\n正文";
    assert_eq!(used(&theirs, source), ["AgencySong", "NotoSerifSC-Regular"]);
    assert_eq!(used(fonts(), source), ["NotoSerifSC-Regular"]);
}

#[test]
fn a_font_that_is_absent_or_another_leaves_the_body_in_its_place() {
    let gone = listed("title", "Gone", Path::new("/nowhere/gone.ttf"), true);
    let with = folder(&gone);
    let fonts = Fonts::load(&with.path("")).unwrap();
    assert_eq!(used(&fonts, "@title 决定书"), ["NotoSerifSC-Regular"]);
    let covered = fonts.coverage();
    assert!(
        covered
            .iter()
            .any(|font| font.name == "Gone" && font.ranges.is_empty())
    );

    let needed = listed("title", "Gone", Path::new("/nowhere/gone.ttf"), false);
    let with = folder(&needed);
    assert!(matches!(
        Fonts::load(&with.path("")),
        Err(FontFailure::Read { .. })
    ));
    let other = listed("title", "Other", &font_file("NotoSansSC-Regular"), false);
    let other = other.replace("sha256 = \"", "sha256 = \"0");
    let with = folder(&other);
    assert!(matches!(
        Fonts::load(&with.path("")),
        Err(FontFailure::Changed { .. })
    ));
}

#[test]
fn running_text_in_kai_falls_back_for_what_it_lacks() {
    let source = "@text 12 21 kai\n经勘验𪚥无误";
    let names = used(fonts(), source);
    let is_there = font_file("LXGWWenKai-Regular").exists();
    assert_eq!(
        names.contains(&"LXGWWenKai-Regular".to_owned()),
        is_there,
        "{names:?}"
    );
    assert!(names.contains(&"HanaMinB".to_owned()), "{names:?}");
}

#[test]
fn the_body_covers_every_common_character() {
    let covered = fonts().coverage();
    let body = covered.iter().find(|font| font.role == "body").unwrap();
    let common: Vec<_> = body
        .ranges
        .iter()
        .take(5)
        .map(|(_, own, all)| own == all)
        .collect();
    assert_eq!(common, [true; 5], "{:?}", body.ranges);
}
