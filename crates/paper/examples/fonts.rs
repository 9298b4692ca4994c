//! What the fonts of a folder cover: `cargo run -p sanxiang-paper --example fonts [FOLDER]`.

use std::path::PathBuf;

use paper::{FontFailure, Fonts};

fn main() -> Result<(), FontFailure> {
    let folder = std::env::args().nth(1);
    let folder = folder.map_or_else(Fonts::default_dir, PathBuf::from);
    for font in Fonts::load(&folder)?.coverage() {
        println!("{} {}", font.role, font.name);
        if font.ranges.is_empty() {
            println!("  not present, or not the listed file");
        }
        for (range, own, all) in font.ranges {
            println!("  {own:>6} of {all:>6}  {range}");
        }
    }
    Ok(())
}
