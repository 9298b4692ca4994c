//! `./bench` – one line for each figure: name, value, unit, ratio to a baseline measured in the same run, target.
//!
//! `./bench pdf-warm entry` runs the groups whose name begins with one of the words.

#[path = "../bench/calendar.rs"]
mod calendar;
#[path = "../bench/entries.rs"]
mod entries;
#[path = "../bench/evidence.rs"]
mod evidence;
#[path = "../bench/forms.rs"]
mod form_figures;
#[path = "../bench/home.rs"]
mod home;
#[path = "../bench/measure.rs"]
mod measure;
#[path = "../bench/paper.rs"]
mod paper_figures;
#[path = "../bench/screen.rs"]
mod screen;
#[path = "../bench/search.rs"]
mod search;
#[path = "../bench/window.rs"]
mod window;

use std::process::ExitCode;

use clap::Parser;
use journeys::Failed;
use measure::Figure;

/// Measures what has a target.
#[derive(Parser)]
struct Arguments {
    /// Groups to run; all where none is named
    groups: Vec<String>,
    /// End with a failure when a target is missed
    #[arg(long)]
    strict: bool,
}

type Group = (&'static str, fn() -> Result<Vec<Figure>, Failed>);

const GROUPS: [Group; 8] = [
    ("entry", entries::figures),
    ("evidence", evidence::figures),
    ("form", form_figures::figures),
    ("calendar", calendar::figures),
    ("search", search::figures),
    ("pdf", paper_figures::figures),
    ("first-screen", home::figures),
    ("start", window::figures),
];

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let is_asked = |name: &str| {
        arguments.groups.is_empty()
            || arguments
                .groups
                .iter()
                .any(|word| name.starts_with(word.as_str()) || word.starts_with(name))
    };
    let (mut missed, mut broken) = (0, 0);
    for (name, figures) in GROUPS.into_iter().filter(|(name, _)| is_asked(name)) {
        match figures() {
            Ok(figures) => {
                for figure in figures {
                    missed += usize::from(!figure.is_met());
                    println!("{}", figure.line());
                }
            }
            Err(failure) => {
                broken += 1;
                println!("{name:<22} could not be measured: {failure}");
            }
        }
    }
    if broken > 0 || (arguments.strict && missed > 0) {
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
