//! The program itself: enrolled at a real headquarters and served to a browser on loopback.
#![cfg(feature = "serve")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice
)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_sanxiang-terminal");
const OFFICER: &str = "99010001";
const PIN: &str = "246810";

/// An enrolled terminal with its headquarters, in a folder of its own.
struct House {
    dir: TempDir,
    headquarters: Child,
}

impl House {
    fn open() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("headquarters");
        let founded = headquarters("init")
            .arg("--data")
            .arg(&data)
            .args(["--example", "--public-url", "http://127.0.0.1:1"])
            .output()
            .unwrap();
        let ticket = said(&founded.stdout, "ticket ");
        let mut running = headquarters("serve")
            .arg("--data")
            .arg(&data)
            .args(["--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let url = said(
            first_line(&mut running).as_bytes(),
            "headquarters listens on ",
        );
        let house = House {
            dir,
            headquarters: running,
        };
        let enrolled = house
            .program()
            .args(["enrol", "--headquarters", &url, "--ticket", &ticket])
            .args(["--pin", &format!("{OFFICER}={PIN}")])
            .output()
            .unwrap();
        assert!(
            enrolled.status.success(),
            "{}",
            String::from_utf8_lossy(&enrolled.stderr)
        );
        house
    }

    fn program(&self) -> Command {
        let mut program = Command::new(PROGRAM);
        program.arg("--data").arg(self.dir.path().join("terminal"));
        program
    }

    fn serve(&self) -> Served {
        let mut child = self
            .program()
            .args(["--test-sources", "--serve", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let line = first_line(&mut child);
        let (host, token) = line
            .trim()
            .strip_prefix("http://")
            .unwrap()
            .split_once("/?token=")
            .unwrap();
        Served {
            host: host.to_owned(),
            token: token.to_owned(),
            child,
        }
    }
}

impl Drop for House {
    fn drop(&mut self) {
        let _ = self.headquarters.kill();
        let _ = self.headquarters.wait();
    }
}

/// The headquarters built beside the terminal: the shell may not know it as a crate.
fn headquarters(command: &str) -> Command {
    let program = Path::new(PROGRAM).with_file_name("sanxiang-headquarters");
    assert!(program.exists(), "first: cargo build --workspace --bins");
    let mut headquarters = Command::new(program);
    headquarters
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
        .arg(command);
    headquarters
}

fn first_line(child: &mut Child) -> String {
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    line
}

/// What stands behind `label` on its line.
fn said(output: &[u8], label: &str) -> String {
    let text = String::from_utf8_lossy(output);
    let line = text.lines().find_map(|line| line.strip_prefix(label));
    line.unwrap_or_else(|| panic!("no {label:?} in {text:?}"))
        .to_owned()
}

struct Served {
    host: String,
    token: String,
    child: Child,
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

struct Answer {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

impl Served {
    fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(&self.host).unwrap();
        let mut request = format!(
            "{method} {path} HTTP/1.1\r\nConnection: close\r\nContent-Length: {}\r\n",
            body.len()
        );
        if !headers.iter().any(|(name, _)| *name == "Host") {
            request.push_str(&format!("Host: {}\r\n", self.host));
        }
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        request.push_str("\r\n");
        // Who is refused early may find the line broken before all was sent. What was said until then counts.
        let _ = stream.write_all(&[request.as_bytes(), body].concat());
        let mut whole = Vec::new();
        let _ = stream.read_to_end(&mut whole);
        let end = whole
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .unwrap();
        let head = String::from_utf8(whole[..end].to_vec()).unwrap();
        Answer {
            status: head[9..12].parse().unwrap(),
            body: whole.split_off(end + 4),
            head,
        }
    }

    /// Spends the token; the answer is the session cookie.
    fn come_in(&self) -> String {
        let welcome = self.ask("GET", &format!("/?token={}", self.token), &[], b"");
        assert_eq!(welcome.status, 303, "{}", welcome.head);
        let cookie = welcome
            .head
            .lines()
            .find_map(|line| line.strip_prefix("set-cookie: "))
            .unwrap();
        cookie.split(';').next().unwrap().to_owned()
    }

    fn call(&self, cookie: &str, page: &str, name: &str, payload: &Value) -> Answer {
        let referer = format!("http://{}{page}", self.host);
        let headers = [
            ("Cookie", cookie),
            ("Referer", referer.as_str()),
            ("Sec-Fetch-Mode", "cors"),
        ];
        self.ask(
            "POST",
            &format!("/rpc/{name}"),
            &headers,
            payload.to_string().as_bytes(),
        )
    }
}

#[test]
fn a_browser_with_the_token_works_as_the_officers_window_does() {
    let house = House::open();
    let served = house.serve();
    let stranger = served.ask("POST", "/rpc/start_state", &[], b"{}");
    assert_eq!(
        (stranger.status, &stranger.json()["code"]),
        (401, &json!("not_allowed"))
    );

    let cookie = served.come_in();
    let again = served.ask("GET", &format!("/?token={}", served.token), &[], b"");
    assert_eq!(again.status, 401, "the token died with its first use");

    let state = served.call(&cookie, "/", "start_state", &json!({}));
    assert_eq!(
        (state.status, &state.json()["phase"]),
        (200, &json!("locked"))
    );
    assert_eq!(state.json()["officers"][0]["credential_no"], OFFICER);

    let wrong = json!({ "credential_no": OFFICER, "pin": "000000" });
    assert_eq!(
        served.call(&cookie, "/", "sign_in", &wrong).json()["code"],
        "wrong_secret"
    );
    let right = json!({ "credential_no": OFFICER, "pin": PIN });
    let signed_in = served.call(&cookie, "/", "sign_in", &right);
    assert_eq!(
        signed_in.json()["phase"],
        "one_officer",
        "{}",
        signed_in.json()
    );

    let from_party = served.call(&cookie, "/party.html", "lock", &json!({}));
    assert_eq!(
        (from_party.status, &from_party.json()["code"]),
        (403, &json!("not_allowed"))
    );
    assert_eq!(
        served.call(&cookie, "/", "start_state", &json!({})).json()["phase"],
        "one_officer"
    );
}

#[test]
fn neither_a_foreign_name_nor_a_foreign_page_comes_in() {
    let house = House::open();
    let served = house.serve();
    let cookie = served.come_in();
    let rebound = served.ask(
        "GET",
        "/",
        &[("Host", "terminal.example"), ("Cookie", &cookie)],
        b"",
    );
    assert_eq!(rebound.status, 421);
    let crossing = [
        ("Origin", "https://page.example"),
        ("Cookie", cookie.as_str()),
    ];
    assert_eq!(
        served.ask("POST", "/rpc/lock", &crossing, b"{}").status,
        403
    );
    for page in [
        "/console.html",
        "/public.html",
        "/../Cargo.toml",
        "/%2e%2e/Cargo.toml",
        "/nothing",
    ] {
        assert_eq!(
            served.ask("GET", page, &[("Cookie", &cookie)], b"").status,
            404,
            "{page}"
        );
    }
}

#[test]
fn hostile_calls_get_an_error_and_the_terminal_goes_on() {
    let house = House::open();
    let served = house.serve();
    let cookie = served.come_in();
    let call = |name: &str, body: &[u8]| {
        served.ask(
            "POST",
            &format!("/rpc/{name}"),
            &[("Cookie", &cookie)],
            body,
        )
    };
    assert_eq!(call("no_such_command", b"{}").json()["code"], "not_found");
    for body in [
        b"".as_slice(),
        b"[",
        b"null",
        b"{\"pin\":1}",
        b"\xff\xfe",
        b"{\"credential_no\":\"\\u0000\",\"pin\":\"\"}",
    ] {
        let answer = call("sign_in", body);
        assert!(
            (400..500).contains(&answer.status),
            "{} {}",
            answer.status,
            String::from_utf8_lossy(&answer.body)
        );
    }
    let paste = json!({ "credential_no": "𠮷".repeat(2_500_000), "pin": "1" }).to_string();
    assert!((400..500).contains(&call("sign_in", paste.as_bytes()).status));
    assert_eq!(call("start_state", b"{}").status, 200);
}

#[test]
fn a_terminal_that_is_not_enrolled_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let mut program = Command::new(PROGRAM);
    program
        .arg("--data")
        .arg(dir.path())
        .args(["--serve", "127.0.0.1:0"]);
    let ended = program.output().unwrap();
    assert!(!ended.status.success());
    let told = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert!(told.contains("not enrolled"), "{told}");
}
