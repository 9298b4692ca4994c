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

use std::process::{Command, ExitCode};

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
    let asked: Vec<Group> = GROUPS
        .into_iter()
        .filter(|(name, _)| is_asked(name))
        .collect();
    let mut is_good = true;
    match asked.as_slice() {
        [group] => is_good = measured(group, arguments.strict),
        groups => {
            for (name, _) in groups {
                is_good &= measured_apart(name, arguments.strict);
            }
        }
    }
    if is_good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn measured((name, figures): &Group, is_strict: bool) -> bool {
    match figures() {
        Ok(figures) => {
            for figure in &figures {
                println!("{}", figure.line());
            }
            !is_strict || figures.iter().all(Figure::is_met)
        }
        Err(failure) => {
            println!("{name:<22} could not be measured: {failure}");
            false
        }
    }
}

/// Each group in a process of its own: memory that one has used and given back would be there for the next.
fn measured_apart(name: &str, is_strict: bool) -> bool {
    let run = |program| {
        Command::new(program)
            .arg(name)
            .args(is_strict.then_some("--strict"))
            .status()
    };
    match std::env::current_exe().and_then(run) {
        Ok(status) => status.success(),
        Err(error) => {
            println!("{name:<22} could not be measured: {error}");
            false
        }
    }
}
