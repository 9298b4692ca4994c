//! Every file under `tests/scenarios/` is a test of its own name, and files that are none are refused with a hint.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice
)]

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use journeys::repository;
use journeys::scenario::{self, ACTS, EXPECTATIONS};
use libtest_mimic::{Arguments, Failed, Trial};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let mut trials: Vec<Trial> = files(&repository().join("tests/scenarios"))
        .into_iter()
        .map(|file| {
            let name = file.file_stem().unwrap().to_string_lossy().into_owned();
            Trial::test(name, move || played(&file)).with_kind("scenario")
        })
        .collect();
    trials.push(Trial::test(
        "what_is_misspelt_is_refused_with_line_and_hint",
        || {
            misread();
            Ok(())
        },
    ));
    trials.push(Trial::test(
        "every_act_and_expectation_stands_in_the_readme",
        || {
            told();
            Ok(())
        },
    ));
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false if path.extension().is_some_and(|ext| ext == "toml") => found.push(path),
            false => {}
        }
    }
    found.sort();
    found
}

fn played(file: &Path) -> Result<(), Failed> {
    let report = scenario::play(file).map_err(|misread| misread.to_string())?;
    let missed: Vec<String> = report
        .lines
        .iter()
        .filter(|line| !line.is_ok)
        .map(ToString::to_string)
        .collect();
    if report.lines.is_empty() {
        return Err("the scenario expects nothing".into());
    }
    match missed.is_empty() {
        true => Ok(()),
        false => Err(missed.join("\n").into()),
    }
}

/// A file, the line of its fault, and words of the message.
const FAULTS: &[(&str, usize, &[&str])] = &[
    (
        "title = \"x\"\nstart = \"2026-03-10\"\n[[step]]\ndo = \"sing_in\"\n",
        4,
        &["sing_in", "`sign_in`"],
    ),
    (
        "title = \"x\"\nstart = \"2026-03-10\"\n[[step]]\ndo = \"tell\"\nnotise = \"RN-1\"\n",
        5,
        &["notise", "`notice`"],
    ),
    (
        "title = \"x\"\nstart = \"2026-03-10\"\n[[step]]\ndo = \"tell\"\n",
        3,
        &["needs `notice`"],
    ),
    (
        "title = \"x\"\nagencie = \"s0\"\nstart = \"2026-03-10\"\n",
        2,
        &["agencie", "`agency`"],
    ),
    (
        "title = \"x\"\nstart = \"yesterday\"\n[[step]]\ndo = \"lock\"\n",
        2,
        &["no moment"],
    ),
    (
        "title = \"x\"\nstart = \"2026-03-10\"\n[[step]]\ndo = \"lock\"\nexpect.refuse = \"R-P1\"\n",
        5,
        &["refuse", "`refused`"],
    ),
    (
        "title = \"x\"\nstart = \"2026-03-10\"\n[[step]]\ndo = \"lock\"\n[step.expect]\nclocks = [\n  { nam = \"filing\" },\n]\n",
        7,
        &["nam", "`name`"],
    ),
    (
        "title = \"x\"\nstart = \"2026-03-10\"\n[[officer]]\nis = \"乙\"\nvalid_until = \"2026-01-01\"\n[[step]]\ndo = \"lock\"\n",
        5,
        &["valid_until"],
    ),
    (
        "title = \"x\"\n\nstart = 2026-03-10 09:\n",
        3,
        &["not TOML"],
    ),
    (
        "title = \"x\"\nstart = \"2026-03-10\"\n",
        1,
        &["no [[step]]"],
    ),
];

fn misread() {
    let folder = tempfile::tempdir().unwrap();
    for (index, (text, line, words)) in FAULTS.iter().enumerate() {
        let file = folder.path().join(format!("{index}.toml"));
        std::fs::write(&file, text).unwrap();
        let Err(misread) = scenario::play(&file) else {
            panic!("{text} was played");
        };
        assert_eq!(misread.line, *line, "{misread}");
        for word in *words {
            assert!(misread.to_string().contains(word), "{word}: {misread}");
        }
    }
}

fn told() {
    let readme = std::fs::read_to_string(repository().join("tests/scenarios/README.md")).unwrap();
    for act in ACTS {
        assert!(
            readme.contains(&format!("`{}`", act.name)),
            "the act {} is not told",
            act.name
        );
        for key in act.required.iter().chain(act.optional) {
            assert!(
                readme.contains(key),
                "{}: the key {key} is not told",
                act.name
            );
        }
    }
    for (name, keys) in EXPECTATIONS {
        assert!(
            readme.contains(&format!("`{name}`")),
            "the expectation {name} is not told"
        );
        for key in *keys {
            assert!(readme.contains(key), "{name}: the key {key} is not told");
        }
    }
}
