//! `scenario [--json] [--quiet] FILE…`: plays scenarios and prints a line for each expectation.
//! Exit 0: everything held. 1: something did not. 2: a file cannot be read.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use journeys::scenario::{self, Report};

#[derive(Parser)]
#[command(
    name = "scenario",
    about = "Plays scenarios; the format is told in tests/scenarios/README.md"
)]
struct Arguments {
    /// Everything as JSON, one object a file and line.
    #[arg(long)]
    json: bool,
    /// Only what did not hold, and the sums.
    #[arg(long)]
    quiet: bool,
    #[arg(required = true)]
    files: Vec<PathBuf>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let (mut is_unread, mut missed) = (false, 0);
    for file in &arguments.files {
        match scenario::play(file) {
            Ok(report) => {
                missed += report.failed();
                match arguments.json {
                    true => print_json(file, &report),
                    false => print(&arguments, file, &report),
                }
            }
            Err(misread) => {
                is_unread = true;
                eprintln!("{misread}");
            }
        }
    }
    match (is_unread, missed) {
        (true, _) => ExitCode::from(2),
        (false, 0) => ExitCode::SUCCESS,
        (false, _) => ExitCode::from(1),
    }
}

fn print(arguments: &Arguments, file: &std::path::Path, report: &Report) {
    println!("{} – {}", file.display(), report.title);
    for line in &report.lines {
        if !arguments.quiet || !line.is_ok {
            for note in report
                .notes
                .iter()
                .filter(|note| Some(note.step) == line.step)
            {
                if !line.is_ok {
                    println!("       step {:>2} · {}", note.step, note.text);
                }
            }
            println!("{line}");
        }
    }
    if !arguments.quiet {
        for note in &report.notes {
            println!("·      step {:>2} {}", note.step, note.text);
        }
    }
    println!(
        "{} ok, {} NOT ok, {} ms\n",
        report.passed(),
        report.failed(),
        report.elapsed_ms
    );
}

fn print_json(file: &std::path::Path, report: &Report) {
    let line = serde_json::json!({ "file": file.display().to_string(), "report": report });
    println!("{line}");
}
