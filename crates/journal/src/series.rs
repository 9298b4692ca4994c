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

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::entry::Anchor;
    use crate::entry::EntryDraft;
    use crate::hash::Hash;

    const GOLDEN: &str = include_str!("../tests/golden/frame.txt");

    /// Fixed keys, times and salt: these bytes are what every later release must still write and read.
    #[test]
    fn the_bytes_of_a_frame_never_change() {
        let at = DateTime::parse_from_rfc3339("2026-11-22T09:30:00.125+08:00").unwrap();
        let key = SigningKey::from_secret_bytes(&[8; 32]).unwrap();
        let tip = Tip {
            idx: 40,
            hash: Hash::of(b"entry 40"),
        };
        let writer = WriterId::new("tablet-07").unwrap();
        let series = Series::resume(writer, 1, 3, Some(tip));
        let draft = EntryDraft {
            kind: Kind::InstrumentIssued,
            case: Some("0197e1a4-0000-7000-8000-000000000001".to_owned()),
            event_at: at,
            entered_at: at,
            boot: "5f0c".to_owned(),
            mono_ms: 1_234_567,
            anchor: Some(Anchor {
                idx: 12,
                hash: Hash::of(b"entry 12"),
                received_at: at,
            }),
            officers: vec!["o-1".to_owned(), "o-2".to_owned()],
            pack: Some("2026.11".to_owned()),
            body: r#"{"v":1,"title":"当场行政处罚决定书","text":"𠮷\n\"<b>\""}"#.into(),
            blobs: vec![Hash::of(b"pdf")],
        };
        let case_tip = Tip {
            idx: 4,
            hash: Hash::of(b"entry 38"),
        };
        let entry = series.seal_salted(draft, Some(case_tip), &key, [0x5a; 16]);
        // The signature is the last line; it differs each time and is good each time.
        let unsigned = |frame: &str| {
            let (before, _) = frame.trim_end().rsplit_once('\n').unwrap();
            before.to_owned()
        };
        let frame = String::from_utf8(entry.frame()).unwrap();
        assert_eq!(unsigned(&frame), unsigned(GOLDEN), "found:\n{frame}");
        for stored in [GOLDEN, &frame] {
            let read = Entry::parse(stored.as_bytes()).unwrap();
            assert_eq!(read.hash(), entry.hash());
            key.public()
                .verify(read.header_bytes(), read.signature())
                .unwrap();
        }
    }
}
