//! What the tests of this room share.

use std::panic::{RefUnwindSafe, catch_unwind, resume_unwind};

/// splitmix64.
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound.max(1)
    }
}

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Seeds differ from run to run, so that every run of the tests looks somewhere else.
pub fn for_every_seed(name: &str, runs: u64, check: impl Fn(u64) + RefUnwindSafe) {
    if let Some(seed) = setting("SIMULATION_SEED") {
        check(seed);
        return;
    }
    let runs = setting("SIMULATION_RUNS").unwrap_or(runs);
    let mut seeds = Chance::new(u64::from_le_bytes(journal::random()));
    for _ in 0..runs {
        let seed = seeds.next();
        if let Err(panic) = catch_unwind(|| check(seed)) {
            eprintln!("{name}: repeat with SIMULATION_SEED={seed}");
            resume_unwind(panic);
        }
    }
}

pub mod headquarters;
pub mod terminal;
