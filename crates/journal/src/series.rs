//! The writer's side of a series.

use crate::entry::{Entry, EntryDraft, Header, SUITE, Tip, VERSION, WriterId, body_hash};
use crate::hash::random;
use crate::keys::SigningKey;
use crate::kind::Kind;
use crate::time;

/// 条目序列 – where a writer stands in its series. Sealing is pure: nothing moves before [`Series::advance`].
#[derive(Debug, Clone)]
pub struct Series {
    writer: WriterId,
    epoch: u32,
    session: u32,
    tip: Option<Tip>,
}

impl Series {
    pub fn new(writer: WriterId, epoch: u32) -> Self {
        Self::resume(writer, epoch, 0, None)
    }

    pub fn resume(writer: WriterId, epoch: u32, session: u32, tip: Option<Tip>) -> Self {
        Self {
            writer,
            epoch,
            session,
            tip,
        }
    }

    pub fn writer(&self) -> &WriterId {
        &self.writer
    }

    pub fn epoch(&self) -> u32 {
        self.epoch
    }

    /// The number of the session opened last; 0 before the first.
    pub fn session(&self) -> u32 {
        self.session
    }

    pub fn tip(&self) -> Option<Tip> {
        self.tip
    }

    /// The index the next entry gets.
    pub fn next_idx(&self) -> u64 {
        self.tip.map_or(0, |tip| tip.idx.saturating_add(1))
    }

    /// The number a `session.opened` sealed now gets; its body names the same.
    pub fn next_session(&self) -> u32 {
        self.session.saturating_add(1)
    }

    /// Seals a draft as the next entry. `case_tip` is the last entry of the draft's case in this series, if any.
    /// A line break in the body can only be layout between JSON tokens and becomes a space.
    pub fn seal(&self, draft: EntryDraft, case_tip: Option<Tip>, key: &SigningKey) -> Entry {
        self.seal_salted(draft, case_tip, key, random())
    }

    pub(crate) fn seal_salted(
        &self,
        draft: EntryDraft,
        case_tip: Option<Tip>,
        key: &SigningKey,
        salt: [u8; 16],
    ) -> Entry {
        let mut body = draft.body;
        for byte in &mut body {
            if *byte == b'\n' {
                *byte = b' ';
            }
        }
        let case_tip = case_tip.filter(|_| draft.case.is_some());
        let header = Header {
            v: VERSION,
            suite: SUITE.to_owned(),
            writer: self.writer.clone(),
            epoch: self.epoch,
            idx: self.next_idx(),
            session: if draft.kind == Kind::SessionOpened {
                self.next_session()
            } else {
                self.session
            },
            prev: self.tip.map(|tip| tip.hash),
            case_idx: draft
                .case
                .is_some()
                .then(|| case_tip.map_or(0, |tip| tip.idx.saturating_add(1))),
            case_prev: case_tip.map(|tip| tip.hash),
            case: draft.case,
            kind: draft.kind.into(),
            event_at: time::to_millis(draft.event_at),
            entered_at: time::to_millis(draft.entered_at),
            boot: draft.boot,
            mono_ms: draft.mono_ms,
            anchor: draft.anchor.map(|mut anchor| {
                anchor.received_at = time::to_millis(anchor.received_at);
                anchor
            }),
            officers: draft.officers,
            pack: draft.pack,
            body: body_hash(&salt, &body),
            body_bytes: body.len().try_into().unwrap_or(u64::MAX),
            blobs: draft.blobs,
            signer: key.public().key_id(),
        };
        Entry::seal(header, salt, body, |bytes| key.sign(bytes))
    }

    /// Moves on to `entry`, which is durable by now.
    pub fn advance(&mut self, entry: &Entry) {
        self.session = entry.header.session;
        self.tip = Some(entry.tip());
    }
}
