//! The walls of the house: who may depend on whom, and who may name what.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use journeys::repository;
use serde_json::Value;

/// Which members a member may depend on. A new arrow is a decision; it is written here and in `docs/decisions/`.
const ARROWS: &[(&str, &[&str])] = &[
    ("law", &[]),
    ("journal", &[]),
    ("forms", &["law", "journal", "paper"]),
    ("paper", &["journal"]),
    ("contract", &["law"]),
    ("devices", &[]),
    ("sync", &["journal"]),
    (
        "casebook",
        &[
            "law", "forms", "journal", "paper", "contract", "devices", "sync",
        ],
    ),
    (
        "hq",
        &["law", "forms", "journal", "paper", "contract", "sync"],
    ),
    ("terminal", &["casebook", "journal", "contract"]),
    (
        "tests",
        &[
            "law", "forms", "journal", "paper", "contract", "casebook", "devices", "sync", "hq",
        ],
    ),
];

/// Packages that only these members may name, as a normal, build or test dependency.
const OWNED: &[(&[&str], &[&str])] = &[
    (
        &[
            "p256",
            "p384",
            "ed25519-dalek",
            "x25519-dalek",
            "sha1",
            "sha2",
            "sha3",
            "hmac",
            "hkdf",
            "aes",
            "aes-gcm",
            "chacha20poly1305",
            "argon2",
            "getrandom",
            "rand",
            "rand_core",
            "sm2",
            "sm3",
            "sm4",
            "openssl",
            "blake2",
            "blake3",
        ],
        &["journal"],
    ),
    // The ring provider is chosen where TLS is spoken; nobody else touches it.
    (&["ring", "rustls", "aws-lc-rs"], &["sync"]),
    (
        &["reqwest", "hyper", "isahc", "curl", "attohttpc", "minreq"],
        &["sync"],
    ),
    (
        &["axum", "actix-web", "warp", "rocket", "tiny_http"],
        &["hq", "terminal"],
    ),
    (&["tower-http"], &["hq"]),
    (
        &["printpdf", "lopdf", "pdf-writer", "krilla", "subsetter"],
        &["paper"],
    ),
    (
        &[
            "gstreamer",
            "gstreamer-app",
            "gst-plugin-fmp4",
            "ipp",
            "nmea",
            "ureq",
        ],
        &["devices"],
    ),
    (
        &["rusqlite", "sqlx", "diesel", "libsqlite3-sys"],
        &["casebook", "hq", "tests"],
    ),
    (
        &[
            "gstreamer",
            "gstreamer-app",
            "gst-plugin-fmp4",
            "ipp",
            "nmea",
        ],
        &["devices"],
    ),
    (&["jsonschema"], &["forms"]),
];

/// Words that must not stand in the code of a member (beyond its tests), with the reason shown.
const UNSPOKEN: &[(&str, &[&str], &str)] = &[
    (
        "law",
        &[
            "std::fs",
            "std::net",
            "std::io",
            "std::env",
            "std::process",
            "std::thread",
            "SystemTime",
            "Instant::now",
            "Utc::now",
            "Local::now",
            "serde_json",
            "rand::",
            "getrandom",
            "Uuid",
            "println!",
            "dbg!",
        ],
        "law knows no IO, clock, randomness or wire format",
    ),
    (
        "forms",
        &[
            "SystemTime",
            "Instant::now",
            "Utc::now",
            "Local::now",
            "Uuid::",
            "std::net",
        ],
        "forms are told what time it is",
    ),
    (
        "paper",
        &[
            "SystemTime",
            "Instant::now",
            "Utc::now",
            "Local::now",
            "Uuid::",
            "std::net",
        ],
        "paper is deterministic",
    ),
];

/// Clock and ids of the terminal and of headquarters stand in one file each.
const DOORS: &[(&str, &[&str], &[&str])] = &[
    (
        "casebook",
        &[
            "Utc::now",
            "Local::now",
            "Instant::now",
            "SystemTime::now",
            "Uuid::",
        ],
        &["crates/casebook/src/host.rs"],
    ),
    (
        "hq",
        &["Utc::now", "Local::now", "Instant::now", "SystemTime::now"],
        &["crates/hq/src/clock.rs"],
    ),
];

/// Beginnings of statements; SQL is written in capitals in this house.
const SQL: &[&str] = &[
    "SELECT ",
    "INSERT INTO ",
    "INSERT OR ",
    "DELETE FROM ",
    "CREATE TABLE",
    "CREATE INDEX",
    "CREATE TRIGGER",
    "ALTER TABLE",
    "DROP TABLE",
    "PRAGMA ",
    "BEGIN IMMEDIATE",
    "SAVEPOINT ",
];
const SQL_HOMES: &[&str] = &["crates/casebook/src/store", "crates/hq/src/store"];

struct Member {
    name: String,
    members: BTreeSet<String>,
    packages: BTreeSet<String>,
}

struct Source {
    member: String,
    /// Relative to the repository, with `/`.
    path: String,
    text: String,
}

#[derive(Default)]
struct House {
    members: Vec<Member>,
    sources: Vec<Source>,
}

impl House {
    fn of_repository() -> Self {
        let output = Command::new(env!("CARGO"))
            .args([
                "metadata",
                "--offline",
                "--no-deps",
                "--format-version",
                "1",
            ])
            .current_dir(repository())
            .output()
            .expect("cargo metadata");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
        let root = repository().canonicalize().unwrap();
        let mut house = House::default();
        for package in metadata["packages"].as_array().unwrap() {
            let name = short(package["name"].as_str().unwrap());
            let mut member = Member {
                name: name.clone(),
                members: BTreeSet::new(),
                packages: BTreeSet::new(),
            };
            for dependency in package["dependencies"].as_array().unwrap() {
                let full = dependency["name"].as_str().unwrap();
                match dependency["path"].is_string() {
                    true if short(full) != name => member.members.insert(short(full)),
                    true => false,
                    false => member.packages.insert(full.to_owned()),
                };
            }
            house.members.push(member);
            let folder = Path::new(package["manifest_path"].as_str().unwrap())
                .parent()
                .unwrap()
                .join("src");
            house.read(&root, &folder, &name, &["rs"]);
        }
        house.read(&root, &root.join("ui/src"), "ui", &["ts", "vue"]);
        house
    }

    fn read(&mut self, root: &Path, folder: &Path, member: &str, endings: &[&str]) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                self.read(root, &path, member, endings);
                continue;
            }
            let ending = path
                .extension()
                .and_then(|ending| ending.to_str())
                .unwrap_or_default();
            if endings.contains(&ending) {
                self.sources.push(Source {
                    member: member.to_owned(),
                    path: path
                        .canonicalize()
                        .unwrap()
                        .strip_prefix(root)
                        .unwrap()
                        .to_string_lossy()
                        .replace('\\', "/"),
                    text: std::fs::read_to_string(&path).unwrap(),
                });
            }
        }
    }

    /// Everything that leans through a wall.
    fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        self.check_arrows(&mut faults);
        self.check_packages(&mut faults);
        self.check_words(&mut faults);
        self.check_sql(&mut faults);
        self.check_screens(&mut faults);
        faults
    }

    fn check_arrows(&self, faults: &mut Vec<String>) {
        let allowed: BTreeMap<_, _> = ARROWS.iter().copied().collect();
        for member in &self.members {
            let Some(arrows) = allowed.get(member.name.as_str()) else {
                faults.push(format!("{} is not on the map of members", member.name));
                continue;
            };
            for other in member
                .members
                .iter()
                .filter(|other| !arrows.contains(&other.as_str()))
            {
                faults.push(format!("{} may not depend on {other}", member.name));
            }
        }
    }

    fn check_packages(&self, faults: &mut Vec<String>) {
        for member in &self.members {
            for package in &member.packages {
                let owners = OWNED
                    .iter()
                    .find(|(packages, _)| packages.contains(&package.as_str()));
                if owners.is_some_and(|(_, owners)| !owners.contains(&member.name.as_str())) {
                    faults.push(format!(
                        "{} may not name the package {package}",
                        member.name
                    ));
                }
                if package.starts_with("tauri") && member.name != "terminal" {
                    faults.push(format!(
                        "only the shell names {package}, not {}",
                        member.name
                    ));
                }
            }
            if member.name == "law" && member.packages.contains("serde_json") {
                faults.push("law may not name the package serde_json".to_owned());
            }
        }
    }

    fn check_words(&self, faults: &mut Vec<String>) {
        for source in &self.sources {
            // The programs of a crate are what tells the crate the time.
            let is_program = source.path.contains("/src/bin/");
            for (_, words, reason) in UNSPOKEN
                .iter()
                .filter(|(member, ..)| !is_program && *member == source.member)
            {
                for (line, word) in spoken(&source.text, words) {
                    faults.push(format!("{}:{line} says {word}: {reason}", source.path));
                }
            }
            for (_, words, homes) in DOORS.iter().filter(|(member, ..)| *member == source.member) {
                if !homes.contains(&source.path.as_str()) {
                    for (line, word) in spoken(&source.text, words) {
                        faults.push(format!(
                            "{}:{line} says {word}, which enters through {}",
                            source.path, homes[0]
                        ));
                    }
                }
            }
        }
    }

    fn check_sql(&self, faults: &mut Vec<String>) {
        // What crosses crates holds statements of its own for comparison; the product does not.
        let product = self
            .sources
            .iter()
            .filter(|source| !matches!(source.member.as_str(), "tests" | "ui"));
        for source in
            product.filter(|source| !SQL_HOMES.iter().any(|home| source.path.starts_with(home)))
        {
            for (line, word) in spoken(&source.text, SQL) {
                faults.push(format!(
                    "{}:{line} holds SQL ({}) outside a store",
                    source.path,
                    word.trim()
                ));
            }
        }
    }

    fn check_screens(&self, faults: &mut Vec<String>) {
        for source in self.sources.iter().filter(|source| source.member == "ui") {
            if source.text.contains("@tauri-apps/") && !source.path.starts_with("ui/src/platform/")
            {
                faults.push(format!(
                    "{} imports @tauri-apps/, only ui/src/platform may",
                    source.path
                ));
            }
        }
    }
}

fn short(package: &str) -> String {
    package
        .strip_prefix("sanxiang-")
        .unwrap_or(package)
        .to_owned()
}

/// `(line number, word)` for every forbidden word in code; comments and a file's own tests at its end do not count.
fn spoken<'a>(text: &str, words: &[&'a str]) -> Vec<(usize, &'a str)> {
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("#[cfg(test)]") {
            break;
        }
        if !line.trim_start().starts_with("//") {
            found.extend(
                words
                    .iter()
                    .filter(|word| line.contains(**word))
                    .map(|word| (number + 1, *word)),
            );
        }
    }
    found
}

#[test]
fn the_walls_stand() {
    let house = House::of_repository();
    assert_eq!(
        house.members.len(),
        ARROWS.len(),
        "every member on the map exists"
    );
    assert!(
        house.sources.len() > 200,
        "the sources were read: {}",
        house.sources.len()
    );
    let faults = house.faults();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn an_arrow_that_is_not_on_the_map_is_found() {
    for (member, other) in [
        ("law", "journal"),
        ("casebook", "hq"),
        ("hq", "casebook"),
        ("terminal", "law"),
        ("sync", "law"),
    ] {
        let house = House {
            members: vec![planted(member, &[other], &[])],
            sources: Vec::new(),
        };
        assert_eq!(
            house.faults(),
            [format!("{member} may not depend on {other}")]
        );
    }
    let house = House {
        members: vec![planted("helpers", &[], &[])],
        sources: Vec::new(),
    };
    assert_eq!(house.faults(), ["helpers is not on the map of members"]);
}

#[test]
fn a_package_in_the_wrong_room_is_found() {
    for (member, package) in [
        ("casebook", "sha2"),
        ("hq", "p256"),
        ("sync", "getrandom"),
        ("casebook", "axum"),
        ("tests", "axum"),
        ("hq", "reqwest"),
        ("casebook", "printpdf"),
        ("tests", "lopdf"),
        ("casebook", "gstreamer"),
        ("sync", "rusqlite"),
        ("law", "serde_json"),
    ] {
        let house = House {
            members: vec![planted(member, &[], &[package])],
            sources: Vec::new(),
        };
        assert_eq!(
            house.faults(),
            [format!("{member} may not name the package {package}")]
        );
    }
    let house = House {
        members: vec![planted("casebook", &[], &["tauri"])],
        sources: Vec::new(),
    };
    assert_eq!(house.faults().len(), 1);
}

#[test]
fn a_word_in_the_wrong_room_is_found() {
    for (member, path, code) in [
        (
            "law",
            "crates/law/src/calendar.rs",
            "let today = chrono::Utc::now();",
        ),
        ("law", "crates/law/src/party.rs", "use std::fs;"),
        (
            "law",
            "crates/law/src/party.rs",
            "serde_json::to_string(&party)",
        ),
        (
            "paper",
            "crates/paper/src/pdf.rs",
            "let id = Uuid::new_v4();",
        ),
        ("forms", "forms/src/form.rs", "let now = SystemTime::now();"),
        (
            "casebook",
            "crates/casebook/src/acts/issuing.rs",
            "let now = Utc::now();",
        ),
        ("hq", "crates/hq/src/intake.rs", "let now = Utc::now();"),
        (
            "casebook",
            "crates/casebook/src/acts/issuing.rs",
            "db.execute(\"DELETE FROM entry\", [])",
        ),
        (
            "hq",
            "crates/hq/src/console.rs",
            "\"SELECT name FROM officer\"",
        ),
        (
            "devices",
            "crates/devices/src/photo.rs",
            "\"INSERT INTO photo VALUES (1)\"",
        ),
        (
            "ui",
            "ui/src/terminal/main.ts",
            "import { invoke } from '@tauri-apps/api/core'",
        ),
    ] {
        let plant = |text: String| House {
            members: Vec::new(),
            sources: vec![Source {
                member: member.to_owned(),
                path: path.to_owned(),
                text,
            }],
        };
        assert_eq!(
            plant(format!("fn act() {{}}\n{code}\n")).faults().len(),
            1,
            "{path}: {code}"
        );
        if member != "ui" {
            assert!(
                plant(format!("    // {code}\n")).faults().is_empty(),
                "a comment is not code: {code}"
            );
            assert!(
                plant(format!("#[cfg(test)]\nmod tests {{ {code} }}\n"))
                    .faults()
                    .is_empty(),
                "tests: {code}"
            );
        }
    }
}

#[test]
fn the_homes_of_clock_and_sql_are_allowed_to_be_homes() {
    for (member, path, code) in [
        ("casebook", "crates/casebook/src/host.rs", "Utc::now()"),
        (
            "casebook",
            "crates/casebook/src/store/journal.rs",
            "\"SELECT frame FROM entry\"",
        ),
        (
            "hq",
            "crates/hq/src/store/cases.rs",
            "\"SELECT frame FROM entry\"",
        ),
        (
            "ui",
            "ui/src/platform/tauri.ts",
            "from '@tauri-apps/api/core'",
        ),
    ] {
        let source = Source {
            member: member.to_owned(),
            path: path.to_owned(),
            text: code.to_owned(),
        };
        assert!(
            House {
                members: Vec::new(),
                sources: vec![source]
            }
            .faults()
            .is_empty(),
            "{path}"
        );
    }
}

fn planted(name: &str, members: &[&str], packages: &[&str]) -> Member {
    let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    Member {
        name: name.to_owned(),
        members: set(members),
        packages: set(packages),
    }
}
