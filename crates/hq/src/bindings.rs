//! The TypeScript client tables, committed in `ui/src/generated` and compared here.

use std::collections::BTreeSet;
use std::path::Path;

use contract::{CommandInfo, typescript_client};

use crate::contract::{console, public};

#[test]
fn the_console_client_is_fresh() {
    check(
        "console.client.ts",
        "ConsoleCommands",
        "./console",
        console::COMMANDS,
        &console::signatures(),
    );
}

#[test]
fn the_public_client_is_fresh() {
    check(
        "public.client.ts",
        "PublicCommands",
        "./public",
        public::COMMANDS,
        &public::signatures(),
    );
}

/// Everything reachable from a list is written in this one process: ts-rs keeps only what its own process wrote.
#[test]
fn the_types_are_fresh() {
    let folder = tempfile::tempdir().unwrap();
    let config = contract::ts_rs::Config::default().with_out_dir(folder.path());
    console::export_types(&config).unwrap();
    public::export_types(&config).unwrap();
    for file in ["console.ts", "public.ts"] {
        compare(
            file,
            &std::fs::read_to_string(folder.path().join(file)).unwrap(),
        );
    }
}

fn check(
    file: &str,
    table: &str,
    types: &str,
    commands: &[CommandInfo],
    signatures: &[(&'static str, String, String)],
) {
    let names: BTreeSet<&str> = signatures
        .iter()
        .flat_map(|(_, request, response)| [request.as_str(), response.as_str()])
        .collect();
    let names = names.into_iter().collect::<Vec<_>>().join(", ");
    let wanted = typescript_client(
        table,
        &format!("import type {{ {names} }} from \"{types}\";"),
        commands,
        signatures,
    );
    compare(file, &wanted);
}

fn compare(file: &str, wanted: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../ui/src/generated")
        .join(file);
    if std::env::var_os("UPDATE_BINDINGS").is_some_and(|value| value == "1") {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, wanted).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == wanted,
        "{file} differs from the command list; run the test with UPDATE_BINDINGS=1"
    );
}
