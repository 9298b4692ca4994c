//! Entry point of the terminal.
fn main() {}
