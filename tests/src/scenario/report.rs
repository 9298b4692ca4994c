//! What a scenario left: a line for each expectation.

use std::fmt;

use serde::Serialize;

/// One expectation, or one thing that went wrong without anybody expecting it.
#[derive(Debug, Clone, Serialize)]
pub struct Line {
    pub is_ok: bool,
    /// Number of the step, from 1; absent for what is checked at the end.
    pub step: Option<usize>,
    /// Line in the file.
    pub line: usize,
    pub about: String,
    pub expected: String,
    pub found: String,
    /// `[writer/epoch/idx kind hash8]` of the entry that shows it.
    pub entry: String,
}

/// Something worth knowing beside the expectations, e.g. what was taken from a sample.
#[derive(Debug, Clone, Serialize)]
pub struct Note {
    pub step: usize,
    pub text: String,
}

#[derive(Debug, Clone, Serialize)]
pub struct Report {
    pub title: String,
    pub lines: Vec<Line>,
    pub notes: Vec<Note>,
    pub elapsed_ms: u128,
}

impl Report {
    pub fn passed(&self) -> usize {
        self.lines.iter().filter(|line| line.is_ok).count()
    }

    pub fn failed(&self) -> usize {
        self.lines.len() - self.passed()
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = if self.is_ok { "ok    " } else { "NOT ok" };
        let step = match self.step {
            Some(step) => format!("step {step:>2}"),
            None => "end    ".to_owned(),
        };
        write!(f, "{mark} {step} {}: {}", self.about, self.expected)?;
        if !self.is_ok {
            write!(f, "\n         found (line {}): {}", self.line, self.found)?;
        }
        match self.entry.is_empty() {
            true => Ok(()),
            false => write!(f, "  {}", self.entry),
        }
    }
}
