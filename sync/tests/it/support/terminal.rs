//! A terminal's store in memory, with a real journal.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

use journal::{
    Entry, EntryDraft, Hash, Hasher, HqPublicKey, Kind, MediaReceipt, PublicKey, Receipt, Series,
    SeriesVerifier, SigningKey, Tip, WriterId, authorization, frames,
};
use sync::{Identity, Local, LocalFailure, MediaItem, State};

pub const NOW: &str = "2026-03-02T09:30:00.000+08:00";

pub struct TestTerminal {
    pub device: SigningKey,
    pub store: Mutex<Store>,
}

pub struct Store {
    pub identity: Identity,
    pub series_key: PublicKey,
    pub series: Series,
    pub session: Option<SigningKey>,
    pub entries: Vec<Entry>,
    pub acknowledged: Option<u64>,
    pub receipts: Vec<Receipt>,
    pub forks: Vec<Tip>,
    pub media: BTreeMap<Hash, Vec<u8>>,
    pub media_receipts: BTreeMap<Hash, MediaReceipt>,
    /// Every `(offset, length)` that was read, to see what a resumed upload sends again.
    pub reads: Vec<(u64, usize)>,
    pub down: Vec<Entry>,
    pub wanted: Vec<Hash>,
    pub objects: BTreeMap<Hash, Vec<u8>>,
    pub states: Vec<State>,
    pub is_broken: bool,
}

pub fn draft(kind: Kind, body: String) -> EntryDraft {
    EntryDraft {
        kind,
        case: None,
        event_at: NOW.parse().unwrap(),
        entered_at: NOW.parse().unwrap(),
        boot: "boot-1".to_owned(),
        mono_ms: 1,
        anchor: None,
        officers: Vec::new(),
        pack: None,
        body: body.into_bytes(),
        blobs: Vec::new(),
    }
}

impl TestTerminal {
    pub fn new(url: &str, headquarters_key: HqPublicKey, series_key: PublicKey) -> Self {
        let writer = WriterId::new("dev-1").unwrap();
        let terminal = Self {
            device: SigningKey::generate(),
            store: Mutex::new(Store {
                identity: Identity {
                    writer: writer.clone(),
                    epoch: 0,
                    headquarters_url: url.to_owned(),
                    headquarters_name: super::headquarters::NAME.to_owned(),
                    headquarters_key,
                },
                series_key,
                series: Series::new(writer, 0),
                session: None,
                entries: Vec::new(),
                acknowledged: None,
                receipts: Vec::new(),
                forks: Vec::new(),
                media: BTreeMap::new(),
                media_receipts: BTreeMap::new(),
                reads: Vec::new(),
                down: Vec::new(),
                wanted: Vec::new(),
                objects: BTreeMap::new(),
                states: Vec::new(),
                is_broken: false,
            }),
        };
        terminal.open_session();
        terminal
    }

    pub fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap()
    }

    fn open_session(&self) {
        let mut store = self.store();
        let session = SigningKey::generate();
        let body = format!(
            r#"{{"v":1,"session":{},"public_key":"{}","officers":[],"build":"test"}}"#,
            store.series.next_session(),
            session.public().to_base64()
        );
        store.session = Some(session);
        store.seal(draft(Kind::SessionOpened, body), &self.device);
    }

    pub fn record(&self, text: &str) {
        let mut store = self.store();
        let session = store.session.clone().unwrap();
        let body = format!(r#"{{"v":1,"text":"{text}"}}"#);
        store.seal(draft(Kind::RecordViewed, body), &session);
    }

    /// The terminal noticed a fork or a restored backup and goes on in a new epoch.
    pub fn begin_epoch(&self) {
        {
            let mut store = self.store();
            store.identity.epoch += 1;
            store.series = Series::new(store.identity.writer.clone(), store.identity.epoch);
            store.entries.clear();
            store.acknowledged = None;
        }
        self.open_session();
    }

    pub fn add_media(&self, bytes: Vec<u8>) -> Hash {
        let sha256 = Hash::of(&bytes);
        self.store().media.insert(sha256, bytes);
        sha256
    }

    pub fn tip_idx(&self) -> Option<u64> {
        self.store().series.tip().map(|tip| tip.idx)
    }

    pub fn acknowledged_idx(&self) -> Option<u64> {
        self.store().acknowledged
    }
}

impl Store {
    fn seal(&mut self, draft: EntryDraft, key: &SigningKey) {
        let entry = self.series.seal(draft, None, key);
        self.series.advance(&entry);
        self.entries.push(entry);
    }

    fn sound(&self) -> Result<&Self, LocalFailure> {
        if self.is_broken {
            return Err(LocalFailure::store("the disk is gone"));
        }
        Ok(self)
    }
}

impl Local for TestTerminal {
    fn identity(&self) -> Result<Identity, LocalFailure> {
        Ok(self.store().identity.clone())
    }

    fn authorize(&self, method: &str, path: &str, body_hash: Hash) -> Result<String, LocalFailure> {
        let nonce: String = journal::random::<8>()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let at = NOW.parse().unwrap();
        let writer = self.store().identity.writer.to_string();
        Ok(authorization(
            &writer,
            method,
            path,
            body_hash,
            at,
            &nonce,
            &self.device,
        ))
    }

    fn tip(&self) -> Result<Option<Tip>, LocalFailure> {
        Ok(self.store().sound()?.series.tip())
    }

    fn tip_at(&self, idx: u64) -> Result<Option<Tip>, LocalFailure> {
        let idx = usize::try_from(idx).unwrap();
        Ok(self.store().entries.get(idx).map(Entry::tip))
    }

    fn frames(&self, from_idx: u64, max_bytes: usize) -> Result<Vec<u8>, LocalFailure> {
        let mut bytes = Vec::new();
        for entry in &self.store().entries[usize::try_from(from_idx).unwrap()..] {
            let frame = entry.frame();
            if !bytes.is_empty() && bytes.len() + frame.len() > max_bytes {
                break;
            }
            bytes.extend(frame);
        }
        Ok(bytes)
    }

    fn acknowledged(&self) -> Result<Option<u64>, LocalFailure> {
        Ok(self.store().acknowledged)
    }

    fn store_receipt(&self, note: &str, receipt: &Receipt) -> Result<(), LocalFailure> {
        let mut store = self.store();
        let Identity {
            headquarters_name,
            headquarters_key,
            ..
        } = &store.identity;
        Receipt::open(note, headquarters_name, headquarters_key).unwrap();
        let entry = &store.entries[usize::try_from(receipt.idx).unwrap()];
        assert_eq!(entry.hash(), receipt.hash, "a receipt for something else");
        store.acknowledged = store.acknowledged.max(Some(receipt.idx));
        store.receipts.push(receipt.clone());
        Ok(())
    }

    fn store_fork(&self, theirs: &Tip) -> Result<(), LocalFailure> {
        self.store().forks.push(*theirs);
        Ok(())
    }

    fn pending_media(&self, limit: usize) -> Result<Vec<MediaItem>, LocalFailure> {
        let store = self.store();
        let pending = store
            .media
            .iter()
            .filter(|(sha256, _)| !store.media_receipts.contains_key(sha256))
            .take(limit)
            .map(|(sha256, bytes)| MediaItem {
                sha256: *sha256,
                size_bytes: bytes.len() as u64,
                media_type: "video/mp4".to_owned(),
            });
        Ok(pending.collect())
    }

    fn read_media(&self, sha256: &Hash, offset: u64, max: usize) -> Result<Vec<u8>, LocalFailure> {
        let mut store = self.store();
        let bytes = &store.media[sha256];
        let from = usize::try_from(offset).unwrap();
        let to = bytes.len().min(from + max);
        let piece = bytes[from..to].to_vec();
        store.reads.push((offset, piece.len()));
        Ok(piece)
    }

    fn media_progress(&self, sha256: &Hash, uploaded_bytes: u64) -> Result<(), LocalFailure> {
        assert!(uploaded_bytes <= self.store().media[sha256].len() as u64);
        Ok(())
    }

    fn store_media_receipt(&self, note: &str, receipt: &MediaReceipt) -> Result<(), LocalFailure> {
        let mut store = self.store();
        let Identity {
            headquarters_name,
            headquarters_key,
            ..
        } = &store.identity;
        MediaReceipt::open(note, headquarters_name, headquarters_key).unwrap();
        store.media_receipts.insert(receipt.sha256, receipt.clone());
        Ok(())
    }

    fn down_next(&self) -> Result<u64, LocalFailure> {
        Ok(self.store().down.len() as u64)
    }

    fn store_down(&self, bytes: &[u8]) -> Result<Vec<Hash>, LocalFailure> {
        let mut store = self.store();
        let key = store.series_key.clone();
        let mut verifier = SeriesVerifier::new(WriterId::headquarters(), 0, key);
        for entry in &store.down {
            verifier.push(entry).unwrap();
        }
        let mut fresh = Vec::new();
        for frame in frames(bytes) {
            let entry = Entry::parse(frame).unwrap();
            verifier
                .push(&entry)
                .map_err(|fault| LocalFailure::Untrusted(format!("{fault:?}")))?;
            fresh.push(entry);
        }
        for entry in fresh {
            store.wanted.extend(entry.header.blobs.iter().copied());
            store.down.push(entry);
        }
        let missing = store
            .wanted
            .iter()
            .filter(|sha256| !store.objects.contains_key(sha256));
        Ok(missing.copied().collect())
    }

    fn store_object(&self, sha256: &Hash, bytes: &[u8]) -> Result<(), LocalFailure> {
        let mut hasher = Hasher::new();
        hasher.update(bytes);
        assert_eq!(hasher.finish(), *sha256);
        self.store().objects.insert(*sha256, bytes.to_vec());
        Ok(())
    }

    fn report(&self, state: State) {
        self.store().states.push(state);
    }
}
