//! The real program, killed without warning while terminals are sending.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use chrono::{FixedOffset, Utc};
use journal::{Hash, MediaReceipt, SigningKey, authorization};
use sync::protocol::{Enrolment, Ticket, header, path};

use crate::support::{pack_dir, request};
use crate::wire::{Answer, send_to};

const ROUNDS: usize = 6;

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sanxiang-headquarters"));
    command
        .args(arguments)
        .env("RUST_LOG", "warn")
        .stdin(Stdio::null());
    command
}

fn found(data: &Path) -> Ticket {
    let (data, pack) = (data.to_str().unwrap(), pack_dir());
    let pack = pack.to_str().unwrap();
    let arguments = [
        "init",
        "--data",
        data,
        "--example",
        "--public-url",
        "http://hq.example",
        "--pack",
        pack,
    ];
    let output = program(&arguments).output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains("console user legal password example-legal"),
        "{text}"
    );
    let ticket = text
        .lines()
        .find_map(|line| line.strip_prefix("ticket "))
        .unwrap();
    ticket.parse().unwrap()
}

struct Served {
    child: Child,
    address: SocketAddr,
}

impl Served {
    fn start(data: &Path) -> Self {
        let arguments = [
            "serve",
            "--data",
            data.to_str().unwrap(),
            "--listen",
            "127.0.0.1:0",
        ];
        let mut child = program(&arguments).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let address = line.trim().rsplit('/').next().unwrap().parse().unwrap();
        Self { child, address }
    }

    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

struct Sender {
    enrolment: Enrolment,
    device: SigningKey,
}

impl Sender {
    fn headers(&self, method: &str, path: &str, body: &[u8]) -> String {
        let now = Utc::now().with_timezone(&FixedOffset::east_opt(8 * 3600).unwrap());
        let nonce = hex::encode(journal::random::<12>());
        let writer = self.enrolment.writer.as_str();
        authorization(
            writer,
            method,
            path,
            Hash::of(body),
            now,
            &nonce,
            &self.device,
        )
    }

    fn ask(
        &self,
        to: &Served,
        method: &str,
        path: &str,
        more: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        let value = self.headers(method, path, body);
        let mut headers = vec![
            ("authorization", value.as_str()),
            (header::TUS_RESUMABLE, "1.0.0"),
        ];
        headers.extend_from_slice(more);
        send_to(to.address, method, path, &headers, body)
    }

    /// Begins a PATCH and sends only a part of it, so that the program dies in the middle.
    fn begin_patch(
        &self,
        to: &Served,
        path: &str,
        offset: usize,
        body: &[u8],
    ) -> std::net::TcpStream {
        let value = self.headers("PATCH", path, body);
        let mut stream = std::net::TcpStream::connect(to.address).unwrap();
        let head = format!(
            "PATCH {path} HTTP/1.1\r\nhost: x\r\nauthorization: {value}\r\ntus-resumable: 1.0.0\r\nupload-offset: {offset}\r\n\
             content-type: application/offset+octet-stream\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(&body[..body.len() / 2]).unwrap();
        stream
    }
}

#[test]
fn what_was_acknowledged_survives_a_kill_and_the_upload_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let ticket = found(&data);
    let (device, badge) = (SigningKey::generate(), SigningKey::generate());
    let mut served = Served::start(&data);
    let asked = request(&ticket.to_string(), "终端", &device, &badge);
    let answer = send_to(
        served.address,
        "POST",
        path::ENROL,
        &[],
        &serde_json::to_vec(&asked).unwrap(),
    );
    let enrolment = Enrolment::open(&answer.text(), &ticket, &device.public()).unwrap();
    let sender = Sender { enrolment, device };

    let bytes: Vec<u8> = (0..600_000_usize)
        .map(|n| (n * 31 + n / 977) as u8)
        .collect();
    let sha256 = Hash::of(&bytes);
    let (place, length) = (path::media(&sha256), bytes.len().to_string());
    let metadata = header::write_metadata(&sha256, "video/mp4");
    let creation = [
        (header::UPLOAD_LENGTH, length.as_str()),
        (header::UPLOAD_METADATA, metadata.as_str()),
    ];
    assert_eq!(
        sender
            .ask(&served, "POST", path::MEDIA, &creation, b"")
            .status,
        201
    );
    let part = bytes.len() / ROUNDS;
    let mut receipt = None;
    for round in 0..ROUNDS {
        let offset = round * part;
        let told = sender.ask(&served, "HEAD", &place, &[], b"");
        assert_eq!(
            told.header(header::UPLOAD_OFFSET),
            Some(offset.to_string().as_str())
        );
        let half_sent = sender.begin_patch(&served, &place, offset, &bytes[offset..offset + part]);
        served.kill();
        drop(half_sent);
        served = Served::start(&data);
        let told = sender.ask(&served, "HEAD", &place, &[], b"");
        assert_eq!(
            told.header(header::UPLOAD_OFFSET),
            Some(offset.to_string().as_str())
        );
        let offset = offset.to_string();
        let headers = [
            (header::UPLOAD_OFFSET, offset.as_str()),
            ("content-type", "application/offset+octet-stream"),
        ];
        let from = round * part;
        let patched = sender.ask(
            &served,
            "PATCH",
            &place,
            &headers,
            &bytes[from..from + part],
        );
        assert_eq!(patched.status, 204, "{}", patched.text());
        receipt = patched.header(header::RECEIPT).map(str::to_owned);
        served.kill();
        served = Served::start(&data);
    }
    let note = header::read_note(&receipt.unwrap()).unwrap();
    let name = &sender.enrolment.headquarters_name;
    let receipt = MediaReceipt::open(&note, name, &sender.enrolment.headquarters_key).unwrap();
    assert_eq!(receipt.size_bytes, 600_000);
    let kept = sender.ask(&served, "GET", &path::media_receipt(&sha256), &[], b"");
    assert_eq!(
        kept.text(),
        note,
        "the receipt that left before the kill is the one that is kept"
    );
    served.kill();
    let verified = program(&["verify", "--data", data.to_str().unwrap()])
        .output()
        .unwrap();
    assert!(
        verified.status.success(),
        "{}",
        String::from_utf8_lossy(&verified.stdout)
    );
}
