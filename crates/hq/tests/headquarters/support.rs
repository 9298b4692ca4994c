//! A headquarters with invented data on a clock that stands, and a terminal that writes real entries.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, FixedOffset, TimeDelta};
use hq::console::ConsoleCall;
use hq::contract::console::{Handlers, Login, Me};
use hq::{Founding, Headquarters, ManualClock, Refused, Terminal};
use journal::{
    Entry, EntryDraft, Hash, HqPublicKey, Kind, PinParams, Receipt, Series, SigningKey, Tip,
};
use serde_json::{Value, json};
use sync::protocol::{EnrolRequest, Enrolment, Reason};
use tempfile::TempDir;

pub const CASE: &str = "case-0001";
pub const NUMBER: &str = "示例交罚〔2026〕0001号";

pub fn moment(text: &str) -> DateTime<FixedOffset> {
    DateTime::parse_from_rfc3339(text).unwrap()
}

pub fn pack_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../forms/packs/transport")
}

pub struct House {
    pub dir: TempDir,
    pub clock: Arc<ManualClock>,
    pub hq: Arc<Headquarters>,
}

impl House {
    pub fn new() -> Self {
        Self::with(|_| {})
    }

    pub fn with(change: impl FnOnce(&mut Founding)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::at(moment("2026-03-10T08:00:00.000+08:00")));
        let mut founding = Founding::example(&pack_dir(), "http://hq.example/").unwrap();
        founding.password_cost = PinParams::for_tests();
        change(&mut founding);
        let hq = Arc::new(founding.found(dir.path(), Arc::clone(&clock) as _).unwrap());
        Self { dir, clock, hq }
    }

    /// The process ends and another one opens the same folder.
    pub fn restart(self) -> Self {
        let Self { dir, clock, hq } = self;
        drop(hq);
        let hq = Arc::new(Headquarters::open_with(dir.path(), Arc::clone(&clock) as _).unwrap());
        Self { dir, clock, hq }
    }

    pub fn advance_s(&self, seconds: i64) {
        self.clock.advance(TimeDelta::seconds(seconds));
    }

    pub fn tablet(&self, name: &str) -> Tablet {
        Tablet::enrol(self, name)
    }

    /// A console call of a signed-in user.
    pub fn console(&self, user: &str) -> ConsoleCall<'_> {
        ConsoleCall::new(&self.hq, Some(self.token(user)), "127.0.0.1")
    }

    pub fn token(&self, user: &str) -> String {
        let (me, cookie) = self.login(user, &format!("example-{user}"));
        me.unwrap();
        match cookie {
            Some(hq::console::Cookie::Set(token)) => token,
            other => panic!("no cookie: {other:?}"),
        }
    }

    pub fn login(
        &self,
        user: &str,
        password: &str,
    ) -> (
        Result<Me, contract::BoundaryError>,
        Option<hq::console::Cookie>,
    ) {
        let call = ConsoleCall::new(&self.hq, None, "127.0.0.1");
        let me = call.login(Login {
            user: user.to_owned(),
            password: password.to_owned(),
        });
        (me, call.cookie())
    }

    /// Kinds of headquarters' own entries, in order.
    pub fn own_kinds(&self, tablet: &Tablet) -> Vec<String> {
        let down = self.hq.down(&tablet.terminal, 0).unwrap();
        journal::frames(&down.frames)
            .map(|frame| Entry::parse(frame).unwrap().header.kind.as_str().to_owned())
            .collect()
    }
}

/// A terminal's journal, kept in memory.
pub struct Tablet {
    pub terminal: Terminal,
    pub enrolment: Enrolment,
    pub device: SigningKey,
    pub badge: SigningKey,
    session: SigningKey,
    pub series: Series,
    cases: HashMap<String, Tip>,
    pub entries: Vec<Entry>,
    now: DateTime<FixedOffset>,
}

impl Tablet {
    pub fn enrol(house: &House, name: &str) -> Self {
        let (device, badge) = (SigningKey::generate(), SigningKey::generate());
        let ticket = house.hq.ticket().unwrap();
        let request = request(&ticket.to_string(), name, &device, &badge);
        let note = house.hq.enrol(&request).unwrap();
        let enrolment = Enrolment::open(&note, &ticket, &device.public()).unwrap();
        let terminal = Terminal {
            writer: enrolment.writer.to_string(),
            terminal_name: name.to_owned(),
            device_key: device.public().to_base64(),
            badge_key: badge.public().to_base64(),
            key_class: "soft".to_owned(),
            epoch: enrolment.epoch,
            enrolled_at: String::new(),
        };
        let series = Series::new(enrolment.writer.clone(), enrolment.epoch);
        Self {
            terminal,
            enrolment,
            device,
            badge,
            session: SigningKey::generate(),
            series,
            cases: HashMap::new(),
            entries: Vec::new(),
            now: moment("2026-03-10T07:00:00.000+08:00"),
        }
    }

    /// The same tablet at this moment, restored elsewhere: both go on writing.
    pub fn cloned(&self) -> Self {
        Self {
            terminal: self.terminal.clone(),
            enrolment: self.enrolment.clone(),
            device: self.device.clone(),
            badge: self.badge.clone(),
            session: self.session.clone(),
            series: self.series.clone(),
            cases: self.cases.clone(),
            entries: self.entries.clone(),
            now: self.now,
        }
    }

    pub fn writer(&self) -> &str {
        &self.terminal.writer
    }

    pub fn epoch(&self) -> u32 {
        self.terminal.epoch
    }

    pub fn draft(&mut self, kind: Kind, case: Option<&str>, body: &Value) -> EntryDraft {
        self.now += TimeDelta::seconds(30);
        EntryDraft {
            kind,
            case: case.map(str::to_owned),
            event_at: self.now,
            entered_at: self.now,
            boot: "boot-1".to_owned(),
            mono_ms: 1,
            anchor: None,
            officers: vec!["99010001".to_owned(), "99010002".to_owned()],
            pack: Some("2026.1".to_owned()),
            body: body.to_string().into_bytes(),
            blobs: Vec::new(),
        }
    }

    pub fn write_draft(&mut self, draft: EntryDraft) -> Entry {
        let case_tip = draft
            .case
            .as_ref()
            .and_then(|case| self.cases.get(case))
            .copied();
        let key = match draft.kind {
            Kind::SessionOpened | Kind::DeviceEnrolled => &self.device,
            _ => &self.session,
        };
        let entry = self.series.seal(draft, case_tip, key);
        self.keep(entry)
    }

    pub fn keep(&mut self, entry: Entry) -> Entry {
        if let (Some(case), Some(tip)) = (entry.header.case.clone(), entry.case_tip()) {
            self.cases.insert(case, tip);
        }
        self.series.advance(&entry);
        self.entries.push(entry.clone());
        entry
    }

    pub fn write(&mut self, kind: Kind, case: Option<&str>, body: Value) -> Entry {
        let draft = self.draft(kind, case, &body);
        self.write_draft(draft)
    }

    pub fn open_session(&mut self) {
        self.session = SigningKey::generate();
        let body = json!({
            "v": 1, "session": self.series.next_session(), "public_key": self.session.public(),
            "officers": [], "build": "test",
        });
        self.write(Kind::SessionOpened, None, body);
    }

    pub fn frames_from(&self, idx: u64) -> Vec<u8> {
        self.entries
            .iter()
            .filter(|entry| entry.header.idx >= idx)
            .flat_map(Entry::frame)
            .collect()
    }

    pub fn tip_before(&self, idx: u64) -> Option<Tip> {
        self.entries
            .iter()
            .find(|entry| entry.header.idx + 1 == idx)
            .map(Entry::tip)
    }

    /// Appends everything from `idx` on, honestly.
    pub fn push_from(&self, house: &House, idx: u64) -> Result<String, Refused> {
        let series = (self.writer(), self.epoch());
        house.hq.append(
            &self.terminal,
            series,
            self.tip_before(idx),
            &self.frames_from(idx),
        )
    }

    pub fn push(&self, house: &House) -> Receipt {
        let head = house
            .hq
            .head(&self.terminal, self.writer(), self.epoch())
            .unwrap()
            .head;
        let note = self
            .push_from(house, head.map_or(0, |head| head.idx + 1))
            .unwrap();
        self.receipt(&note)
    }

    pub fn receipt(&self, note: &str) -> Receipt {
        let key: &HqPublicKey = &self.enrolment.headquarters_key;
        Receipt::open(note, &self.enrolment.headquarters_name, key).unwrap()
    }

    pub fn open_case(&mut self, case_id: &str, party: &str, plate: &str) {
        let body = json!({
            "v": 1, "case_id": case_id, "request_id": "r1", "reason": "daily", "reason_note": "",
            "place": place("国道 G999 检查站"), "party": {"kind": "person", "name": party},
            "vehicle": {"plate": plate}, "presentation_id": "p1",
            "presented_at": "2026-03-10T07:00:00.000+08:00",
            "officers": [officer("赵明甲", "99010001"), officer("钱思乙", "99010002")],
        });
        self.write(Kind::InspectionOpened, Some(case_id), body);
    }

    /// One roadside inspection: session, presentation, case, notice, penalty, photo, recording, paper. Gives the files.
    pub fn inspect(&mut self) -> Vec<(Vec<u8>, &'static str)> {
        self.open_session();
        let presented = json!({
            "v": 1, "presentation_id": "p1", "officers": [officer("赵明甲", "99010001")], "method": "qr",
            "acknowledgement": "seen", "uniform_worn": true, "place": null, "roster_version": "r",
        });
        self.write(Kind::CredentialPresented, None, presented);
        self.open_case(CASE, "冯试例", "示A·T0001");
        let told = json!({
            "v": 1, "notice": "RN-3", "title": "陈述申辩", "text": "…", "response": "none", "moment": null,
        });
        self.write(Kind::NoticeTold, Some(CASE), told);
        let pdf = (b"%PDF-1.7 penalty".repeat(5000), "application/pdf");
        let ticket = (b"\x89PNG ticket".to_vec(), "image/png");
        let photo = (b"\xff\xd8 photo".repeat(400), "image/jpeg");
        let video = (b"ftyp video".repeat(90_000), "video/mp4");
        self.penalty(&pdf.0, &ticket.0);
        self.media(&photo.0, &video.0);
        vec![pdf, ticket, photo, video]
    }

    fn penalty(&mut self, pdf: &[u8], ticket: &[u8]) {
        let id = "instrument-1";
        self.write(Kind::InstrumentStarted, Some(CASE), json!({
            "v": 1, "instrument_id": id, "request_id": "r2", "form": "F21", "title": "当场行政处罚决定书", "value": {},
        }));
        self.write(Kind::InstrumentDrafted, Some(CASE), json!({
            "v": 1, "instrument_id": id, "revision": 1, "value": {"facts": "超载"}, "blocking_findings": 0,
        }));
        self.write(Kind::InstrumentSigned, Some(CASE), json!({
            "v": 1, "instrument_id": id, "slot": "party", "name": "冯试例", "revision": 1, "value_sha256": "00",
            "strokes": [], "moment": null,
            "refusal": {"reason": "拒绝签字", "witness_name": "陈见证", "witness_phone": "1"},
        }));
        let issued = json!({
            "v": 1, "instrument_id": id, "form": "F21", "title": "当场行政处罚决定书", "number": NUMBER,
            "series": "summary_penalty", "serial": 1, "value": {"facts": "超载", "fine_fen": 20000},
            "content_sha256": Hash::of(b"content").to_string(),
            "pdf": object(pdf, "application/pdf"), "ticket": object(ticket, "image/png"), "qr": "…",
            "clocks": [{"name": "payment", "text": "缴纳罚款", "due_on": "2026-03-25", "is_provisional": false, "basis": []}],
        });
        let mut draft = self.draft(Kind::InstrumentIssued, Some(CASE), &issued);
        draft.blobs = vec![Hash::of(pdf), Hash::of(ticket)];
        self.write_draft(draft);
        self.write(Kind::PrintConfirmed, Some(CASE), json!({
            "v": 1, "job_id": "job-1", "instrument_id": id, "copy_no": 1, "copy_name": "当事人", "is_reprint": false,
            "printer": "p", "sha256": Hash::of(pdf).to_string(), "state": "confirmed", "cause": null,
        }));
        self.write(Kind::InstrumentDelivered, Some(CASE), json!({
            "v": 1, "instrument_id": id, "method": "direct", "recipient": "冯试例", "note": "", "witness_name": null,
            "clocks": [{"name": "reconsideration", "text": "申请行政复议", "due_on": "2026-05-09", "is_provisional": false, "basis": []}],
            "moment": null,
        }));
    }

    fn media(&mut self, photo: &[u8], video: &[u8]) {
        let captured = json!({
            "v": 1, "evidence_id": "photo-1", "kind": "photo", "object": object(photo, "image/jpeg"), "chunks": [],
            "escrow": "", "step": "scene", "facts": {}, "thumbnail": null,
        });
        let mut draft = self.draft(Kind::EvidencePhotographed, Some(CASE), &captured);
        draft.blobs = vec![Hash::of(photo)];
        self.write_draft(draft);
        self.write(Kind::RecordingStarted, Some(CASE), json!({
            "v": 1, "evidence_id": "video-1", "kind": "video", "source": "test", "media_type": "video/mp4",
            "escrow": "", "step": "scene",
        }));
        self.write(Kind::RecordingMarked, Some(CASE), json!({
            "v": 1, "evidence_id": "video-1", "stored_ms": 4000, "stored_bytes": 10, "fragments": 4,
            "running_sha256": "00", "text": "告知权利",
        }));
        let closed = json!({
            "v": 1, "evidence_id": "video-1", "object": object(video, "video/mp4"), "chunks": [],
            "duration_ms": 9000, "fragments": 9, "reason": "done",
        });
        let mut draft = self.draft(Kind::RecordingClosed, Some(CASE), &closed);
        draft.blobs = vec![Hash::of(video)];
        self.write_draft(draft);
    }

    /// Sends a file whole.
    pub fn send(&self, house: &House, bytes: &[u8], media_type: &str) -> String {
        let sha256 = Hash::of(bytes);
        let length = bytes.len() as u64;
        house
            .hq
            .create_upload(&self.terminal, sha256, length, media_type)
            .unwrap();
        let patched = house
            .hq
            .patch_upload(&self.terminal, sha256, 0, bytes)
            .unwrap();
        patched.receipt.unwrap()
    }
}

pub fn request(ticket: &str, name: &str, device: &SigningKey, badge: &SigningKey) -> EnrolRequest {
    EnrolRequest {
        ticket: ticket.to_owned(),
        terminal_name: name.to_owned(),
        device_key: device.public(),
        badge_key: badge.public(),
        seal_key: journal::DecryptionKey::generate().public(),
        key_class: "soft".to_owned(),
    }
}

pub fn reason(refused: &Refused) -> Reason {
    match refused {
        Refused::Rejected(rejection) => rejection.reason,
        other => panic!("another refusal: {other:?}"),
    }
}

fn place(text: &str) -> Value {
    json!({
        "text": text, "road_no": null, "stake_km": null, "stake_m": null, "direction": null,
        "latitude_e7": null, "longitude_e7": null, "division": null,
    })
}

fn officer(name: &str, credential_no: &str) -> Value {
    json!({"officer_id": credential_no, "name": name, "credential_no": credential_no, "unit": "一大队", "post": "队员"})
}

fn object(bytes: &[u8], media_type: &str) -> Value {
    json!({"sha256": Hash::of(bytes).to_string(), "size_bytes": bytes.len(), "media_type": media_type})
}
