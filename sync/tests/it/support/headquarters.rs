//! A headquarters on loopback that keeps the protocol over plain sockets, and breaks it when told to.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;

use journal::{
    Authorization, Entry, Hash, HqSigningKey, Kind, MediaReceipt, PublicKey, Receipt, Series,
    SeriesVerifier, SigningKey, Tip, WriterId, frames,
};
use sync::protocol::{
    EnrolRequest, Enrolment, HeadAnswer, Reason, Rejection, TUS_VERSION, Ticket, header,
};

use super::terminal::{NOW, draft};

pub const NAME: &str = "hq.example";

/// What happens to the next request whose method and path (`GET /sync/v1/…`) hold the given text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mishap {
    /// Nothing: for reaching a later request.
    Fine,
    /// A captive portal: 200 and a page.
    Portal,
    /// A captive portal that answers any question with JSON.
    JsonPortal,
    /// A captive portal: 302 to its page.
    Redirect,
    /// A reverse proxy whose backend is gone.
    BadGateway,
    /// Takes the request and never answers.
    Hang,
    /// Closes without reading or doing anything.
    Slam,
    /// Does it and closes before the answer.
    LoseAnswer,
    /// Does it and closes in the middle of the answer.
    CutAnswer,
    /// Does it and signs with another key.
    WrongKey,
    /// Does half of a PATCH, then closes.
    HalfPatch,
    /// Tells its head without the receipt for it.
    HeadWithoutReceipt,
    /// Bytes of an earlier PATCH, believed lost, arrive just before this one.
    LateBytes,
    Busy,
    ClockSkew,
    Revoked,
}

pub struct TestHeadquarters {
    pub address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    key: HqSigningKey,
    wrong_key: HqSigningKey,
    series_key: SigningKey,
    state: Mutex<State>,
}

pub struct State {
    pub ticket: Ticket,
    pub devices: BTreeMap<String, PublicKey>,
    pub series: BTreeMap<(String, u32), Vec<Entry>>,
    pub kept_branches: Vec<Vec<u8>>,
    pub uploads: BTreeMap<Hash, (u64, Vec<u8>)>,
    pub media: BTreeMap<Hash, Vec<u8>>,
    pub own: Series,
    pub news: Vec<Entry>,
    pub objects: BTreeMap<Hash, Vec<u8>>,
    pub mishaps: VecDeque<(&'static str, Mishap)>,
    pub requests: Vec<String>,
    pub nonces: BTreeSet<String>,
    hung: Vec<TcpStream>,
}

struct Asked {
    method: String,
    path: String,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

struct Told {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl Told {
    fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: body.into(),
        }
    }

    fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    fn rejection(reason: Reason) -> Self {
        let body = serde_json::to_vec(&Rejection::new(reason, "test")).unwrap();
        Self::new(reason.status(), body)
    }
}

impl TestHeadquarters {
    pub fn start() -> Self {
        let key = HqSigningKey::generate();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            wrong_key: HqSigningKey::generate(),
            series_key: SigningKey::generate(),
            state: Mutex::new(State {
                ticket: Ticket::generate(&key.public()),
                devices: BTreeMap::new(),
                series: BTreeMap::new(),
                kept_branches: Vec::new(),
                uploads: BTreeMap::new(),
                media: BTreeMap::new(),
                own: Series::new(WriterId::headquarters(), 0),
                news: Vec::new(),
                objects: BTreeMap::new(),
                mishaps: VecDeque::new(),
                requests: Vec::new(),
                nonces: BTreeSet::new(),
                hung: Vec::new(),
            }),
            key,
        });
        let serving = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let serving = Arc::clone(&serving);
                thread::spawn(move || serving.serve(stream.unwrap()));
            }
        });
        let headquarters = Self { address, shared };
        headquarters.open_own_series();
        headquarters
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap()
    }

    pub fn key(&self) -> journal::HqPublicKey {
        self.shared.key.public()
    }

    pub fn series_key(&self) -> PublicKey {
        self.shared.series_key.public()
    }

    pub fn mishap(&self, text: &'static str, mishap: Mishap) {
        self.state().mishaps.push_back((text, mishap));
    }

    pub fn stored(&self, writer: &str, epoch: u32) -> Vec<Entry> {
        let key = (writer.to_owned(), epoch);
        self.state().series.get(&key).cloned().unwrap_or_default()
    }

    fn open_own_series(&self) {
        let key = &self.shared.series_key;
        let body = format!(
            r#"{{"v":1,"session":1,"public_key":"{}","officers":[],"build":"test"}}"#,
            key.public().to_base64()
        );
        self.publish_as(Kind::SessionOpened, body, Vec::new());
    }

    /// Adds an entry to headquarters' own series that names an object.
    pub fn publish(&self, object: &[u8]) -> Hash {
        let sha256 = Hash::of(object);
        self.state().objects.insert(sha256, object.to_vec());
        let body = r#"{"v":1}"#.to_owned();
        self.publish_as(Kind::HqPackPublished, body, vec![sha256]);
        sha256
    }

    fn publish_as(&self, kind: Kind, body: String, blobs: Vec<Hash>) {
        let mut state = self.state();
        let mut draft = draft(kind, body);
        draft.blobs = blobs;
        let entry = state.own.seal(draft, None, &self.shared.series_key);
        state.own.advance(&entry);
        state.news.push(entry);
    }
}

impl Shared {
    fn serve(&self, mut stream: TcpStream) {
        let Some(asked) = Asked::read(&stream) else {
            return;
        };
        let mut state = self.state.lock().unwrap();
        let line = format!("{} {}", asked.method, asked.path);
        let is_next = |(text, _): &(&str, Mishap)| line.contains(text);
        let at = state.mishaps.iter().position(is_next);
        let mishap = at.and_then(|at| state.mishaps.remove(at)).map(|(_, it)| it);
        state.requests.push(line);
        let told = match mishap {
            None | Some(Mishap::Fine) => self.answer(&mut state, &asked, &self.key),
            Some(Mishap::Portal) => Told::new(200, "<html><h1>Welcome to Free WiFi</h1></html>")
                .with("content-type", "text/html"),
            Some(Mishap::JsonPortal) => Told::new(200, "{}"),
            Some(Mishap::Redirect) => {
                Told::new(302, "").with("location", "http://127.0.0.1:9/login")
            }
            Some(Mishap::BadGateway) => Told::new(502, "<html>502</html>"),
            Some(Mishap::Hang) => {
                state.hung.push(stream);
                return;
            }
            Some(Mishap::Slam) => return,
            Some(Mishap::LoseAnswer) => {
                self.answer(&mut state, &asked, &self.key);
                return;
            }
            Some(Mishap::CutAnswer) => {
                let told = self.answer(&mut state, &asked, &self.key);
                let bytes = told.bytes(&asked.method);
                stream.write_all(&bytes[..bytes.len() - 5]).unwrap();
                return;
            }
            Some(Mishap::WrongKey) => self.answer(&mut state, &asked, &self.wrong_key),
            Some(Mishap::HalfPatch) => {
                let half = asked.body.len() / 2;
                let sha256 = media_hash(&asked.path).unwrap();
                let (_, bytes) = state.uploads.get_mut(&sha256).unwrap();
                bytes.extend_from_slice(&asked.body[..half]);
                return;
            }
            Some(Mishap::HeadWithoutReceipt) => {
                let told = self.answer(&mut state, &asked, &self.key);
                let mut head: HeadAnswer = serde_json::from_slice(&told.body).unwrap();
                head.receipt = None;
                Told::new(told.status, serde_json::to_vec(&head).unwrap())
            }
            Some(Mishap::LateBytes) => {
                let sha256 = media_hash(&asked.path).unwrap();
                let (_, bytes) = state.uploads.get_mut(&sha256).unwrap();
                bytes.extend_from_slice(&asked.body[..10]);
                self.answer(&mut state, &asked, &self.key)
            }
            Some(Mishap::Busy) => Told::rejection(Reason::Busy).with("retry-after", "7"),
            Some(Mishap::ClockSkew) => Told::rejection(Reason::ClockSkew),
            Some(Mishap::Revoked) => Told::rejection(Reason::Revoked),
        };
        drop(state);
        // The terminal may have gone away.
        let _ = stream.write_all(&told.bytes(&asked.method));
    }

    fn answer(&self, state: &mut State, asked: &Asked, key: &HqSigningKey) -> Told {
        let method = asked.method.as_str();
        let path = asked.path.as_str();
        if (method, path) == ("POST", "/sync/v1/enrol") {
            return self.enrol(state, asked, key);
        }
        if let Err(reason) = check_authorization(state, asked) {
            return Told::rejection(reason);
        }
        let parts: Vec<&str> = path.trim_start_matches("/sync/v1/").split('/').collect();
        match (method, parts.as_slice()) {
            ("GET", ["journal", writer, epoch, "head"]) => {
                let series = series(state, writer, epoch);
                head(200, series, key)
            }
            ("POST", ["journal", writer, epoch, "append"]) => {
                append(state, asked, writer, epoch, key)
            }
            ("POST", ["media"]) => create(state, asked),
            ("HEAD", ["media", _]) => {
                let sha256 = media_hash(path).unwrap();
                match state.uploads.get(&sha256) {
                    Some((size, bytes)) => tus(200)
                        .with(header::UPLOAD_OFFSET, bytes.len().to_string())
                        .with(header::UPLOAD_LENGTH, size.to_string()),
                    None => tus(404),
                }
            }
            ("PATCH", ["media", _]) => patch(state, asked, key),
            ("GET", ["media", _, "receipt"]) => {
                let sha256 = media_hash(path.trim_end_matches("/receipt")).unwrap();
                match state.media.get(&sha256) {
                    Some(bytes) => Told::new(200, media_receipt(&sha256, bytes.len(), key)),
                    None => Told::rejection(Reason::NotFound),
                }
            }
            ("GET", ["object", sha256]) => {
                match state.objects.get(&sha256.parse::<Hash>().unwrap()) {
                    Some(bytes) => Told::new(200, bytes.clone()),
                    None => Told::rejection(Reason::NotFound),
                }
            }
            ("GET", [down]) if down.starts_with("down?from=") => {
                let from: usize = down.trim_start_matches("down?from=").parse().unwrap();
                let news = state.news.get(from..).unwrap_or_default();
                let body: Vec<u8> = news.iter().take(2).flat_map(Entry::frame).collect();
                let last = state.news.last().map(|entry| entry.header.idx);
                Told::new(200, body).with(header::HEAD, header::write_head(last))
            }
            _ => Told::rejection(Reason::NotFound),
        }
    }

    fn enrol(&self, state: &mut State, asked: &Asked, key: &HqSigningKey) -> Told {
        let request: EnrolRequest = serde_json::from_slice(&asked.body).unwrap();
        let ticket: Ticket = request.ticket.parse().unwrap();
        if ticket.secret() != state.ticket.secret() {
            return Told::rejection(Reason::Ticket);
        }
        let writer = WriterId::new("dev-1").unwrap();
        state
            .devices
            .insert(writer.to_string(), request.device_key.clone());
        let enrolment = Enrolment {
            writer,
            epoch: 0,
            device_key: request.device_key,
            agency: serde_json::json!({"name": "示例市交通运输综合行政执法支队"}),
            headquarters_name: NAME.to_owned(),
            headquarters_key: key.public(),
            series_key: self.series_key.public(),
            escrow_key: SigningKey::generate().public(),
            public_url: "https://hq.example/v".to_owned(),
            pack_version: "2026.1".to_owned(),
            pack_sha256: Hash::of(b"pack"),
            example: true,
        };
        Told::new(200, enrolment.sign(key).unwrap())
    }
}

fn check_authorization(state: &mut State, asked: &Asked) -> Result<(), Reason> {
    let value = asked
        .headers
        .get("authorization")
        .ok_or(Reason::BadSignature)?;
    let authorization = Authorization::parse(value).map_err(|_| Reason::BadSignature)?;
    let key = state
        .devices
        .get(&authorization.device)
        .ok_or(Reason::UnknownDevice)?;
    let body_hash = Hash::of(&asked.body);
    authorization
        .check(
            &asked.method,
            &asked.path,
            body_hash,
            key,
            NOW.parse().unwrap(),
            300,
        )
        .map_err(|_| Reason::BadSignature)?;
    if !state.nonces.insert(authorization.nonce) {
        return Err(Reason::Replayed);
    }
    Ok(())
}

fn series<'a>(state: &'a mut State, writer: &str, epoch: &str) -> &'a mut Vec<Entry> {
    let key = (writer.to_owned(), epoch.parse().unwrap());
    state.series.entry(key).or_default()
}

fn receipt(entry: &Entry, key: &HqSigningKey) -> String {
    Receipt {
        writer: entry.header.writer.clone(),
        epoch: entry.header.epoch,
        idx: entry.header.idx,
        hash: entry.hash(),
        received_at: NOW.parse().unwrap(),
    }
    .sign(key, NAME)
}

fn head(status: u16, series: &[Entry], key: &HqSigningKey) -> Told {
    let last = series.last();
    let answer = HeadAnswer {
        head: last.map(Entry::tip),
        receipt: last.map(|entry| receipt(entry, key)),
    };
    Told::new(status, serde_json::to_vec(&answer).unwrap())
}

fn append(state: &mut State, asked: &Asked, writer: &str, epoch: &str, key: &HqSigningKey) -> Told {
    let base = header::read_base(
        &asked.headers[header::BASE_IDX],
        &asked.headers[header::BASE_HASH],
    )
    .unwrap();
    let sent: Vec<Entry> = frames(&asked.body)
        .map(|frame| Entry::parse(frame).unwrap())
        .collect();
    let device = state.devices[writer].clone();
    let stored = series(state, writer, epoch);
    let from = base.map_or(0, |tip| usize::try_from(tip.idx).unwrap() + 1);
    let at_base = from
        .checked_sub(1)
        .and_then(|at| stored.get(at))
        .map(Entry::tip);
    if at_base != base {
        return head(409, stored, key);
    }
    let overlap = stored.get(from..).unwrap_or_default();
    if overlap.iter().zip(&sent).any(|(a, b)| a != b) {
        let branch = asked.body.clone();
        state.kept_branches.push(branch);
        return Told::rejection(Reason::Fork);
    }
    let mut verifier = SeriesVerifier::new(
        WriterId::new(writer).unwrap(),
        epoch.parse().unwrap(),
        device,
    );
    for entry in stored.iter() {
        verifier.push(entry).unwrap();
    }
    let known = overlap.len().min(sent.len());
    for entry in &sent[known..] {
        verifier.push(entry).unwrap();
        stored.push(entry.clone());
    }
    Told::new(200, receipt(sent.last().unwrap(), key))
}

fn tus(status: u16) -> Told {
    Told::new(status, "").with(header::TUS_RESUMABLE, TUS_VERSION)
}

fn media_hash(path: &str) -> Option<Hash> {
    path.strip_prefix("/sync/v1/media/")?.parse().ok()
}

fn media_receipt(sha256: &Hash, size: usize, key: &HqSigningKey) -> String {
    MediaReceipt {
        sha256: *sha256,
        size_bytes: size as u64,
        received_at: NOW.parse().unwrap(),
    }
    .sign(key, NAME)
}

fn create(state: &mut State, asked: &Asked) -> Told {
    let (sha256, _) = header::read_metadata(&asked.headers[header::UPLOAD_METADATA]).unwrap();
    let size: u64 = asked.headers[header::UPLOAD_LENGTH].parse().unwrap();
    if size == 0 {
        state.media.insert(sha256, Vec::new());
    }
    if state.media.contains_key(&sha256) {
        return tus(200).with(header::COMPLETE, "1");
    }
    state
        .uploads
        .entry(sha256)
        .or_insert_with(|| (size, Vec::new()));
    tus(201).with("location", sync::protocol::path::media(&sha256))
}

fn patch(state: &mut State, asked: &Asked, key: &HqSigningKey) -> Told {
    let sha256 = media_hash(&asked.path).unwrap();
    let Some((size, bytes)) = state.uploads.get_mut(&sha256) else {
        return Told::rejection(Reason::NotFound);
    };
    let offset: usize = asked.headers[header::UPLOAD_OFFSET].parse().unwrap();
    if offset != bytes.len() {
        return Told::rejection(Reason::Offset);
    }
    bytes.extend_from_slice(&asked.body);
    let told = tus(204).with(header::UPLOAD_OFFSET, bytes.len().to_string());
    if (bytes.len() as u64) < *size {
        return told;
    }
    let (_, bytes) = state.uploads.remove(&sha256).unwrap();
    if Hash::of(&bytes) != sha256 {
        return Told::rejection(Reason::HashMismatch);
    }
    let note = media_receipt(&sha256, bytes.len(), key);
    state.media.insert(sha256, bytes);
    told.with(header::RECEIPT, header::write_note(&note))
}

/// The head of the stored series, for tests that look at it.
pub fn tip_of(entries: &[Entry]) -> Option<Tip> {
    entries.last().map(Entry::tip)
}

impl Asked {
    fn read(stream: &TcpStream) -> Option<Self> {
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let mut words = line.split_whitespace();
        let method = words.next()?.to_owned();
        let path = words.next()?.to_owned();
        let mut headers = BTreeMap::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).ok()?;
            let Some((name, value)) = line.trim_end().split_once(':') else {
                break;
            };
            headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
        }
        let length = headers
            .get("content-length")
            .map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        Some(Self {
            method,
            path,
            headers,
            body,
        })
    }
}

impl Told {
    fn bytes(&self, method: &str) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {} Test\r\nconnection: close\r\n", self.status);
        if self.status != 204 {
            head.push_str(&format!("content-length: {}\r\n", self.body.len()));
        }
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        let mut bytes = head.into_bytes();
        if method != "HEAD" {
            bytes.extend_from_slice(&self.body);
        }
        bytes
    }
}
