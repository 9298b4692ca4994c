//! `cargo run -p sanxiang-paper --example impression SEAL WIDTH_MM NUMBER OUT` makes an impression of a seal to be looked at.

use std::error::Error;

use paper::{Fonts, Impression};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [seal, width_mm, number, out] = arguments.as_slice() else {
        return Err(
            "wants the image of the seal, its width in mm, a number and where to write".into(),
        );
    };
    let fonts = Fonts::load(&Fonts::default_dir())?;
    let impression = Impression::make(&std::fs::read(seal)?, width_mm.parse()?, number, &fonts)?;
    let bytes = impression.to_bytes();
    println!("{} bytes", bytes.len());
    std::fs::write(out, bytes)?;
    Ok(())
}
