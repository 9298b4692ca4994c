//! What goes down to a terminal: headquarters' own series, bodies of others withheld.

use journal::{Entry, Kind, KindText};
use sync::protocol::DOWN_BYTES_MAX;

use crate::failure::Failure;
use crate::headquarters::Headquarters;
use crate::own::{EPOCH, WRITER};
use crate::store::journals;
use crate::store::terminals::Terminal;

const PAGE: u32 = 200;

/// Frames and the index of the last entry there is.
pub struct Down {
    pub frames: Vec<u8>,
    pub head: Option<u64>,
}

impl Headquarters {
    pub fn down(&self, terminal: &Terminal, from: u64) -> Result<Down, Failure> {
        self.top_up(&terminal.writer)?;
        // A seal that cannot be read keeps no terminal from its decisions and packs.
        if let Err(failure) = self.lease_impressions(&terminal.writer) {
            tracing::error!(
                error = &failure as &dyn std::error::Error,
                "no impressions could be leased"
            );
        }
        let (head, rows) = self.read(|on| {
            let head = journals::series(on, WRITER, EPOCH)?.map(|row| row.head_idx);
            Ok((head, journals::entries_from(on, WRITER, EPOCH, from, PAGE)?))
        })?;
        let mut frames = Vec::new();
        for row in rows {
            let entry = Entry::parse(&row.frame).map_err(|_| Failure::stored("an own entry"))?;
            let frame = match is_for(&entry, terminal) {
                true => row.frame,
                false => entry.withhold().frame(),
            };
            if !frames.is_empty() && frames.len() + frame.len() > DOWN_BYTES_MAX {
                break;
            }
            frames.extend_from_slice(&frame);
        }
        Ok(Down { frames, head })
    }
}

#[derive(serde::Deserialize)]
struct About {
    writer: String,
}

fn is_for(entry: &Entry, terminal: &Terminal) -> bool {
    let KindText::Known(kind) = entry.header.kind else {
        return false;
    };
    match kind {
        Kind::HqRosterPublished
        | Kind::HqPackPublished
        | Kind::HqApprovalCodesPublished
        | Kind::HqInspectionCodeGranted => true,
        Kind::HqDeviceEnrolled
        | Kind::HqLeaseGranted
        | Kind::HqSealsGranted
        | Kind::HqSealed
        | Kind::HqJournalReceived
        | Kind::HqMediaReceived
        | Kind::HqForkKept
        | Kind::HqApprovalGiven
        | Kind::HqReviewGiven
        | Kind::HqDeliberated
        | Kind::HqDecisionRevoked
        | Kind::HqDisclosed => entry
            .body_as::<About>()
            .is_ok_and(|about| about.writer == terminal.writer),
        _ => false,
    }
}
