//! 规则包体检 – what is wrong with a pack and with the agencies that use it, for the clerk who wrote it.
//!
//! Loading refuses what cannot work at all; the lint also finds what works and is wrong in law.

mod agencies;
mod calendars;
mod citations;
mod papers;
mod prose;
mod steps;
mod wording;

use std::fmt;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;

use crate::files::Files;
use crate::pack::{Inner, head_version};
use crate::{Agency, Pack, PackFault};

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LintSeverity {
    Note,
    Warning,
    Error,
}

impl fmt::Display for LintSeverity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Note => "说明",
            Self::Warning => "提醒",
            Self::Error => "错误",
        })
    }
}

/// One thing to mend: where, why, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LintFinding {
    /// Path inside the pack, or the path of the agency file.
    pub file: String,
    /// From 1; 0 stands for the whole file.
    pub line: usize,
    pub severity: LintSeverity,
    /// Stable name, e.g. `dead_citation`.
    pub rule: &'static str,
    pub reason: String,
    pub hint: String,
}

impl fmt::Display for LintFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            file,
            line,
            severity,
            reason,
            hint,
            ..
        } = self;
        write!(f, "{file}:{line}: {severity} {reason} → {hint}")
    }
}

/// What the pack is looked at for.
#[derive(Debug, Clone, Default)]
pub struct LintOptions {
    /// The day the pack is to be used on.
    pub on: NaiveDate,
    /// The calendars have to reach the end of this year.
    pub until: Option<i32>,
    pub agencies: Vec<PathBuf>,
}

/// Every finding, by file and line. A pack that cannot be read at all gives the one finding that says so.
pub fn lint(dir: &Path, options: &LintOptions) -> Vec<LintFinding> {
    let files = match Files::read(dir) {
        Ok(files) => files,
        Err(fault) => return vec![unreadable(&fault)],
    };
    let version = match head_version(&files) {
        Ok(version) => version,
        Err(fault) => return vec![unreadable(&fault)],
    };
    let pack = match Pack::parse(&files, version, String::new()) {
        Ok(pack) => pack,
        Err(fault) => return vec![unreadable(&fault)],
    };
    let mut lint = Lint {
        pack: &pack.0,
        files: &files,
        on: options.on,
        findings: Vec::new(),
    };
    lint.broken_references();
    lint.citations();
    lint.papers();
    lint.prose();
    lint.wording();
    lint.rights();
    lint.steps();
    let mut agencies = Vec::new();
    for file in &options.agencies {
        match Agency::load(file) {
            Ok(agency) => agencies.push((file.to_string_lossy().into_owned(), agency)),
            Err(fault) => lint.findings.push(unreadable(&fault)),
        }
    }
    for (file, agency) in &agencies {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        lint.agency(&pack, file, &text, agency);
    }
    lint.unset_parameters(&agencies);
    lint.calendars(&pack, &agencies, options.until);
    let mut findings = lint.findings;
    findings.sort_by(|one, other| {
        (&one.file, one.line, one.rule, &one.reason).cmp(&(
            &other.file,
            other.line,
            other.rule,
            &other.reason,
        ))
    });
    findings.dedup();
    findings
}

fn unreadable(fault: &PackFault) -> LintFinding {
    let (file, line, reason) = match fault {
        PackFault::Content { file, line, reason } => (file.clone(), *line, reason.clone()),
        PackFault::Missing { file } => (file.clone(), 0, "规则包里没有这个文件".to_owned()),
        other => (String::new(), 0, other.to_string()),
    };
    LintFinding {
        file,
        line,
        severity: LintSeverity::Error,
        rule: "unreadable",
        reason: format!("规则包读不进去：{reason}"),
        hint: "按所指的位置改正后再检查；在这之前别的问题看不出来。".to_owned(),
    }
}

struct Lint<'a> {
    pack: &'a Inner,
    files: &'a Files,
    on: NaiveDate,
    findings: Vec<LintFinding>,
}

impl Lint<'_> {
    /// A finding at the first line of the file that holds the words.
    fn find(
        &mut self,
        severity: LintSeverity,
        rule: &'static str,
        (file, needle): (&str, &str),
        reason: String,
        hint: &str,
    ) {
        let line = if needle.is_empty() {
            0
        } else {
            self.files.line_of(file, needle)
        };
        self.at_line(severity, rule, (file, line), reason, hint);
    }

    fn at_line(
        &mut self,
        severity: LintSeverity,
        rule: &'static str,
        (file, line): (&str, usize),
        reason: String,
        hint: &str,
    ) {
        self.findings.push(LintFinding {
            file: file.to_owned(),
            line,
            severity,
            rule,
            reason,
            hint: hint.to_owned(),
        });
    }

    /// What loading would refuse. Citations are looked at more closely afterwards.
    fn broken_references(&mut self) {
        for fault in self.pack.broken_references(self.files) {
            let PackFault::Content { file, line, reason } = &fault else {
                self.findings.push(unreadable(&fault));
                continue;
            };
            if reason.starts_with("articles.toml has no ") {
                continue;
            }
            let reason = format!("名称对不上，规则包不能使用：{reason}");
            let hint = "改正写错的名称，或者补上缺少的内容。";
            self.at_line(
                LintSeverity::Error,
                "broken_reference",
                (file, *line),
                reason,
                hint,
            );
        }
    }
}
