//! The TypeScript side of the command list is committed; it must be what the Rust side says.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::Path;

use casebook::contract;

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
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/src/generated/terminal.client.ts");
    if std::env::var_os("UPDATE_BINDINGS").is_some() {
        std::fs::write(&path, &fresh).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == fresh,
        "run UPDATE_BINDINGS=1 cargo test -p sanxiang-casebook --test bindings and commit"
    );
}
