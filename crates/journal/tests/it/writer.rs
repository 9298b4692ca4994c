//! A device that writes a plausible day.

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset, TimeDelta};
use journal::{
    Entry, EntryDraft, Hash, Kind, PublicKey, Series, SeriesVerifier, SigningKey, Tip, WriterId,
};
use serde_json::{Value, json};

pub struct Writer {
    pub device: SigningKey,
    pub session: SigningKey,
    pub series: Series,
    pub cases: BTreeMap<String, Tip>,
    pub entries: Vec<Entry>,
}

pub fn start() -> DateTime<FixedOffset> {
    DateTime::parse_from_rfc3339("2026-11-22T09:00:00.000+08:00").unwrap()
}

pub fn id() -> WriterId {
    WriterId::new("tablet-07").unwrap()
}

impl Writer {
    pub fn new() -> Self {
        Self {
            device: SigningKey::from_secret_bytes(&[7; 32]).unwrap(),
            session: SigningKey::from_secret_bytes(&[8; 32]).unwrap(),
            series: Series::new(id(), 0),
            cases: BTreeMap::new(),
            entries: Vec::new(),
        }
    }

    pub fn draft(&self, kind: Kind, case: Option<&str>, body: &Value) -> EntryDraft {
        let seconds = i64::try_from(self.entries.len()).unwrap();
        EntryDraft {
            kind,
            case: case.map(str::to_owned),
            event_at: start() + TimeDelta::seconds(seconds),
            entered_at: start() + TimeDelta::seconds(seconds),
            boot: "b1".to_owned(),
            mono_ms: 1000 * u64::try_from(seconds).unwrap(),
            anchor: None,
            officers: vec!["o-1".to_owned(), "o-2".to_owned()],
            pack: Some("2026.11".to_owned()),
            body: body.to_string().into_bytes(),
            blobs: Vec::new(),
        }
    }

    pub fn seal(&self, draft: EntryDraft, key: &SigningKey) -> Entry {
        let tip = draft
            .case
            .as_ref()
            .and_then(|case| self.cases.get(case))
            .copied();
        self.series.seal(draft, tip, key)
    }

    pub fn keep(&mut self, entry: Entry) {
        self.series.advance(&entry);
        if let (Some(case), Some(tip)) = (entry.header.case.clone(), entry.case_tip()) {
            self.cases.insert(case, tip);
        }
        self.entries.push(entry);
    }

    pub fn by_device(&mut self, kind: Kind, body: &Value) {
        let entry = self.seal(self.draft(kind, None, body), &self.device);
        self.keep(entry);
    }

    pub fn by_session(&mut self, kind: Kind, case: Option<&str>, body: &Value) {
        let entry = self.seal(self.draft(kind, case, body), &self.session);
        self.keep(entry);
    }

    pub fn open_session(&mut self, secret: u8) {
        self.session = SigningKey::from_secret_bytes(&[secret; 32]).unwrap();
        let body = json!({"v": 1, "session": self.series.next_session(), "public_key": self.session.public()});
        self.by_device(Kind::SessionOpened, &body);
    }

    /// Two sessions, two interleaved cases, about forty entries.
    pub fn day() -> Self {
        let mut writer = Self::new();
        writer.by_device(
            Kind::DeviceEnrolled,
            &json!({"v": 1, "terminal_name": "路政一号"}),
        );
        writer.by_device(Kind::UnlockFailed, &json!({"v": 1, "failures": 1}));
        for secret in [21, 22] {
            writer.open_session(secret);
            writer.by_session(
                Kind::CredentialPresented,
                None,
                &json!({"v": 1, "method": "qr"}),
            );
            for case in ["case-a", "case-b"] {
                writer.by_session(
                    Kind::InspectionOpened,
                    Some(case),
                    &json!({"v": 1, "reason": "超限"}),
                );
            }
            for step in 0..6 {
                let body = json!({"v": 1, "step": step, "text": "询问\n笔录 𠮷"});
                writer.by_session(Kind::InstrumentDrafted, Some("case-a"), &body);
                writer.by_session(Kind::NoticeTold, Some("case-b"), &body);
            }
            let mut draft = writer.draft(
                Kind::EvidencePhotographed,
                Some("case-a"),
                &json!({"v": 1, "n": 1}),
            );
            draft.blobs = vec![Hash::of(b"photo"), Hash::of(b"thumbnail")];
            let photo = writer.seal(draft, &writer.session);
            writer.keep(photo);
            writer.by_session(
                Kind::SessionClosed,
                None,
                &json!({"v": 1, "reason": "lock"}),
            );
            writer.by_device(Kind::ClockJumped, &json!({"v": 1, "wall_ms": 3_600_000}));
        }
        writer
    }

    pub fn device_key(&self) -> PublicKey {
        self.device.public()
    }

    pub fn verifier(&self) -> SeriesVerifier {
        SeriesVerifier::new(id(), 0, self.device_key())
    }

    pub fn bytes(&self) -> Vec<u8> {
        self.entries.iter().flat_map(Entry::frame).collect()
    }
}
