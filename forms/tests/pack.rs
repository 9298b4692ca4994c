#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice
)]
//! The transport pack as a clerk edits it and as terminals open it.

use std::path::PathBuf;

use forms::Pack;

fn dir() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("packs/transport")
}

#[test]
fn the_pack_loads_with_four_forms() {
    let pack = Pack::load(&dir()).unwrap_or_else(|fault| panic!("{fault}"));
    let codes: Vec<_> = pack.forms().map(|form| form.code.as_str()).collect();
    assert_eq!(codes, ["F01", "F02", "F10", "F21"]);
}
