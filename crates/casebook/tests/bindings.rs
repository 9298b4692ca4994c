//! The TypeScript side of the command list is committed; it must be what the Rust side says.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::{Path, PathBuf};

use casebook::contract;

fn check(name: &str, fresh: &str) {
    let path = generated().join(name);
    if std::env::var_os("UPDATE_BINDINGS").is_some() {
        std::fs::write(&path, fresh).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == fresh,
        "{name} differs from the command list; run UPDATE_BINDINGS=1 cargo test -p sanxiang-casebook --test bindings and commit"
    );
}

fn generated() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/src/generated")
}

#[test]
fn the_committed_client_table_is_current() {
    let signatures = contract::signatures();
    let mut names: Vec<&str> = signatures
        .iter()
        .flat_map(|(_, request, response)| [request.as_str(), response.as_str()])
        .collect();
    names.sort_unstable();
    names.dedup();
    let imports = format!(
        "import type {{ {} }} from \"./terminal\";",
        names.join(", ")
    );
    let fresh = ::contract::typescript_client(
        "TerminalCommands",
        &imports,
        contract::COMMANDS,
        &signatures,
    );
    check("terminal.client.ts", &fresh);
}

/// Everything reachable from the list is written in this one process: ts-rs keeps only what its own process wrote.
#[test]
fn the_committed_types_are_current() {
    let folder = tempfile::tempdir().unwrap();
    let config = ::contract::ts_rs::Config::default().with_out_dir(folder.path());
    contract::export_types(&config).unwrap();
    for name in ["terminal.ts", "contract.ts", "forms.ts", "law.ts"] {
        check(
            name,
            &std::fs::read_to_string(folder.path().join(name)).unwrap(),
        );
    }
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        4,
        "a file of types that nobody compares"
    );
}
