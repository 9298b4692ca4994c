//! How a figure is taken: warm up, repeat, and let product and baseline take turns, because the machine is noisy.

use std::time::{Duration, Instant};

use journeys::{Failed, repository};
use tempfile::TempDir;

/// A folder on the disk the repository stands on; the system's own may be memory, which is durable for nobody.
pub fn folder() -> Result<TempDir, Failed> {
    let parent = repository().join("target/bench-data");
    std::fs::create_dir_all(&parent)?;
    Ok(TempDir::new_in(parent)?)
}

/// Durations in ascending order.
#[derive(Debug, Default)]
pub struct Samples(Vec<Duration>);

impl Samples {
    pub fn new(mut taken: Vec<Duration>) -> Self {
        taken.sort();
        Samples(taken)
    }

    fn at(&self, per_cent: usize) -> f64 {
        let index = (self.0.len() * per_cent).div_ceil(100).saturating_sub(1);
        self.0.get(index).map_or(f64::NAN, Duration::as_secs_f64)
    }

    /// Seconds.
    pub fn median(&self) -> f64 {
        self.at(50)
    }

    /// Seconds.
    pub fn p95(&self) -> f64 {
        self.at(95)
    }
}

/// How long one piece of work took.
pub fn timed(work: &mut dyn FnMut() -> Result<(), Failed>) -> Result<Duration, Failed> {
    let started = Instant::now();
    work()?;
    Ok(started.elapsed())
}

/// Product and baseline in turns, `rounds` times after `warm_up` rounds that do not count.
pub fn in_turns(
    warm_up: usize,
    rounds: usize,
    product: &mut dyn FnMut() -> Result<Duration, Failed>,
    baseline: &mut dyn FnMut() -> Result<Duration, Failed>,
) -> Result<(Samples, Samples), Failed> {
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for round in 0..warm_up + rounds {
        let (our, their) = (product()?, baseline()?);
        if round >= warm_up {
            ours.push(our);
            theirs.push(their);
        }
    }
    Ok((Samples::new(ours), Samples::new(theirs)))
}

/// One line of `./bench`.
pub struct Figure {
    pub name: &'static str,
    pub value: f64,
    pub unit: &'static str,
    /// Product by baseline, and what the baseline is.
    pub ratio: f64,
    pub baseline: &'static str,
    /// What is asked for, in words, and whether it holds. Without targets the line only informs.
    pub targets: Vec<(String, bool)>,
    /// More numbers of the same run.
    pub note: String,
}

impl Figure {
    pub fn at_most(mut self, limit: f64) -> Self {
        let is_met = self.value <= limit;
        self.targets
            .push((format!("≤ {limit} {}", self.unit), is_met));
        self
    }

    pub fn ratio_at_most(mut self, limit: f64) -> Self {
        let is_met = self.ratio <= limit;
        self.targets.push((format!("≤ {limit:.2}×"), is_met));
        self
    }

    pub fn ratio_at_least(mut self, limit: f64) -> Self {
        let is_met = self.ratio >= limit;
        self.targets.push((format!("≥ {limit:.2}×"), is_met));
        self
    }

    pub fn is_met(&self) -> bool {
        self.targets.iter().all(|(_, is_met)| *is_met)
    }

    pub fn line(&self) -> String {
        let value = match self.value {
            value if value >= 100.0 => format!("{value:.0}"),
            value if value >= 10.0 => format!("{value:.1}"),
            value => format!("{value:.3}"),
        };
        let ratio = match self.ratio {
            ratio if ratio >= 0.01 => format!("{ratio:.2}"),
            ratio => format!("{ratio:.4}"),
        };
        let targets: Vec<&str> = self.targets.iter().map(|(text, _)| text.as_str()).collect();
        let verdict = match (self.targets.is_empty(), self.is_met()) {
            (true, _) => String::new(),
            (false, true) => format!("(target {})  ok", targets.join(", ")),
            (false, false) => format!("(target {})  MISSED", targets.join(", ")),
        };
        let note = if self.note.is_empty() {
            String::new()
        } else {
            format!("  [{}]", self.note)
        };
        format!(
            "{:<22} {:>9} {:<9} {:>8}× {:<34} {verdict}{note}",
            self.name, value, self.unit, ratio, self.baseline
        )
    }
}
