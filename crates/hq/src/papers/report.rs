//! The report about a file, in words for a court or an auditor.

use std::fmt::{self, Display, Formatter};

use super::check::{Claim, Found, Known, PaperReport, SetAgain};

/// A value is shown up to this many characters.
const SHOWN_CHARS_MAX: usize = 60;

impl Display for PaperReport {
    fn fmt(&self, to: &mut Formatter<'_>) -> fmt::Result {
        writeln!(to, "file       sha256 {}", self.sha256)?;
        match &self.found {
            Found::Unreadable => {
                writeln!(
                    to,
                    "it is no PDF, or damaged so that nothing in it can be read"
                )?;
            }
            Found::OtherAgency { own } => {
                write!(to, "{}", self.claim)?;
                writeln!(
                    to,
                    "journal    no such instrument; the file names another agency, this headquarters is of {own}"
                )?;
            }
            Found::Unknown => {
                write!(to, "{}", self.claim)?;
                writeln!(
                    to,
                    "journal    no such instrument was issued here, or its journal has not arrived"
                )?;
            }
            Found::Known(known) => write!(to, "{}{known}", self.claim)?,
        }
        match self.is_sound() {
            true => writeln!(to, "verdict    the issued instrument, unchanged"),
            false => writeln!(to, "verdict    NOT the issued instrument as it was issued"),
        }
    }
}

impl Display for Claim {
    fn fmt(&self, to: &mut Formatter<'_>) -> fmt::Result {
        let said = [
            ("number", &self.number),
            ("agency", &self.agency),
            ("issued on", &self.issued_on),
            ("case", &self.case_id),
            ("document", &self.document_id),
        ];
        let said: Vec<String> = said
            .into_iter()
            .filter_map(|(name, value)| Some(format!("{name} {}", value.as_ref()?)))
            .collect();
        match said.is_empty() {
            true => writeln!(
                to,
                "claims     nothing: it carries no values of an instrument"
            ),
            false => writeln!(to, "claims     {}", said.join(", ")),
        }
    }
}

impl Display for Known {
    fn fmt(&self, to: &mut Formatter<'_>) -> fmt::Result {
        let entry = &self.entry;
        let number = self.number.as_deref().unwrap_or("without number");
        writeln!(
            to,
            "journal    {} {number}, issued {}",
            self.title, self.issued_at
        )?;
        writeln!(
            to,
            "entry      {}/{}/{} {}, received {}",
            entry.writer, entry.epoch, entry.idx, entry.hash, entry.received_at
        )?;
        match &self.series_fault {
            None => writeln!(to, "series     verifies from its stored bytes")?,
            Some(fault) => writeln!(to, "series     does NOT verify: {fault}")?,
        }
        if let Some(reason) = &self.voided_reason {
            writeln!(to, "voided     {reason}")?;
        }
        match (&self.copy, self.is_issued) {
            (_, true) => writeln!(to, "bytes      those that were issued")?,
            (Some(copy), false) => writeln!(
                to,
                "bytes      not those that were issued, but those of copy {} ({}{}) sent to a printer {}",
                copy.copy_no,
                copy.copy_name,
                if copy.is_reprint {
                    ", reprint 补打"
                } else {
                    ""
                },
                copy.queued_at
            )?,
            (None, false) => writeln!(
                to,
                "bytes      not those that were issued, sha256 {}",
                self.issued_sha256
            )?,
        }
        self.set_again(to)
    }
}

impl Known {
    fn set_again(&self, to: &mut Formatter<'_>) -> fmt::Result {
        match &self.set_again {
            SetAgain::Same => writeln!(to, "set again  the same, byte for byte")?,
            SetAgain::SameSealed(number) => writeln!(
                to,
                "set again  the same with the seal {number} that headquarters put on, 盖章件"
            )?,
            SetAgain::SameWithOpinions => writeln!(
                to,
                "set again  the same with the opinions given since: the copy of the office, 存卷件"
            )?,
            SetAgain::OtherValues if self.differences.is_empty() => writeln!(
                to,
                "set again  other values: those in the file cannot be read"
            )?,
            SetAgain::OtherValues => writeln!(to, "set again  other values")?,
            SetAgain::OtherPages => {
                writeln!(to, "set again  the values are the same, the pages are not")?;
                self.builds(to)?;
            }
            SetAgain::Missing(missing) => writeln!(
                to,
                "set again  not possible, not here: {}",
                missing.join(", ")
            )?,
        }
        for difference in &self.differences {
            let shown = |value: &Option<String>| match value {
                Some(value) => value.chars().take(SHOWN_CHARS_MAX).collect(),
                None => "nothing".to_owned(),
            };
            writeln!(
                to,
                "  {}: {} in the journal, {} in the file",
                difference.path,
                shown(&difference.in_journal),
                shown(&difference.in_file)
            )?;
        }
        Ok(())
    }

    /// Another build may break lines elsewhere; then the pages prove nothing.
    fn builds(&self, to: &mut Formatter<'_>) -> fmt::Result {
        let Some(issued) = &self.issued_build else {
            return Ok(());
        };
        let own = &self.own_build;
        match issued.ends_with(&format!(" {own}")) {
            true => writeln!(
                to,
                "  {issued} issued it, a build of this version: its pages or its fonts were changed"
            ),
            false => writeln!(
                to,
                "  {issued} issued it, this is {own}; a build of another version may set it differently"
            ),
        }
    }
}
