//! Scenarios as tests: a readable file plays officers, headquarters, the party and the clock through the same commands as
//! the screens, and says for each expectation whether it held. The format is told in `tests/scenarios/README.md`.

// Scenario values are JSON by key; reading answers null where there is nothing and never panics.
#![allow(clippy::indexing_slicing)]

mod acts;
mod cast;
mod expect;
mod filling;
mod found;
mod journals;
mod office;
mod officer;
mod outside;
mod read;
mod refer;
mod report;
mod tamper;
mod time;
mod world;

use std::path::Path;

pub use acts::{ACTS, ActSpec};
pub use expect::EXPECTATIONS;
pub use read::{Misread, Scenario};
pub use report::{Line, Report};

/// Plays a file; `Err` when it cannot be read as a scenario.
pub fn play(file: &Path) -> Result<Report, Misread> {
    let scenario = Scenario::read(file)?;
    Ok(world::play(&scenario))
}
