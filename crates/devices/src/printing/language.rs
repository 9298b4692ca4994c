//! What ticket and label printers speak: rasters out, status and the word that it is done in.
//!
//! Text is never sent as text: our glyphs, rare names and the preview stay the same on every printer.

mod cpcl;
mod escpos;
mod tspl;

use serde::{Deserialize, Serialize};

use super::{Darkness, Raster, Reason, transport::Flow};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    EscPos,
    Cpcl,
    Tspl,
}

impl Language {
    pub const ALL: [Self; 3] = [Self::EscPos, Self::Cpcl, Self::Tspl];

    /// `escpos`, `cpcl`, `tspl`
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::EscPos => "escpos",
            Self::Cpcl => "cpcl",
            Self::Tspl => "tspl",
        }
    }

    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|language| language.name() == name)
    }

    pub(super) fn speech(self) -> Box<dyn Speech> {
        match self {
            Self::EscPos => Box::new(escpos::EscPos::default()),
            Self::Cpcl => Box::new(cpcl::Cpcl),
            Self::Tspl => Box::new(tspl::Tspl::new()),
        }
    }
}

/// One conversation with a printer.
pub(super) trait Speech {
    /// The whole job, with the question for its end where only this job's answer fits it. The raster was checked.
    fn job(&self, raster: &Raster, darkness: Darkness) -> Vec<u8>;
    /// The question for the end of the job where any answer would fit it: it is put once everything else has arrived.
    fn end_question(&self) -> &'static [u8] {
        &[]
    }
    fn status_question(&self) -> &'static [u8];
    /// Whether the status question waits its turn behind the job. Then its answer is the word that the job is done.
    fn asks_in_turn(&self) -> bool;
    /// Called when a status question goes out.
    fn asked(&mut self);
    fn hear(&mut self, byte: u8) -> Heard;
    fn flow(&self) -> Flow;
}

/// What one more byte from the printer means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Heard {
    /// Part of an answer, or meant for nobody.
    Nothing,
    State {
        reasons: Vec<Reason>,
        is_busy: bool,
    },
    /// Everything before the question for the end has been worked off.
    Done {
        has_paper: bool,
    },
    /// No word of this language.
    Odd,
}

/// Adds a dot to a byte of the picture wherever it would spell a command that printers look for everywhere.
fn soften(data: &mut [u8], lead: u8, is_command: fn(u8, u8) -> bool, blacken: fn(u8) -> u8) {
    for at in 0..data.len() {
        let Some([first, second, third]) = three(data, at) else {
            continue;
        };
        if first == lead
            && is_command(second, third)
            && let Some(byte) = data.get_mut(at + 1)
        {
            *byte = blacken(second);
        }
    }
}

/// The third byte is 0 at the very end, where a command of two bytes may still stand.
fn three(data: &[u8], at: usize) -> Option<[u8; 3]> {
    let first = *data.get(at)?;
    let second = *data.get(at + 1)?;
    Some([first, second, data.get(at + 2).copied().unwrap_or_default()])
}
