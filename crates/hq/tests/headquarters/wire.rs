//! The same over HTTP, byte by byte, as a terminal, a browser and a stranger send it.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use hq::Running;
use journal::{Hash, MediaReceipt, SigningKey, authorization};
use serde_json::{Value, json};
use sync::protocol::{HeadAnswer, Reason, Rejection, header, path};

use crate::support::{CASE, House, Tablet, moment};

pub struct Answer {
    pub status: u16,
    head: String,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .find(|(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    fn json<T: serde::de::DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    fn reason(&self) -> Reason {
        let rejection: Rejection = self.json();
        assert_eq!(self.status, rejection.reason.status());
        rejection.reason
    }
}

fn send(site: &Running, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    send_to(site.address(), method, path, headers, body)
}

pub fn send_to(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Answer {
    let mut stream = TcpStream::connect(address).unwrap();
    let mut head = format!(
        "{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n",
        address
    );
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
    stream.write_all(head.as_bytes()).unwrap();
    // A server that refuses early may close before everything was read.
    let _ = stream.write_all(body);
    let mut raw = Vec::new();
    let _ = stream.read_to_end(&mut raw);
    let end = raw
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .expect("an HTTP answer");
    let head = String::from_utf8(raw[..end].to_vec()).unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Answer {
        status,
        body: raw[end + 4..].to_vec(),
        head,
    }
}

struct Line<'a> {
    house: &'a House,
    tablet: &'a Tablet,
    site: &'a Running,
}

impl Line<'_> {
    fn signed(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let nonce = hex::encode(journal::random::<12>());
        let now = self.house.hq.clock().now();
        let value = authorization(
            self.tablet.writer(),
            method,
            path,
            Hash::of(body),
            now,
            &nonce,
            &self.tablet.device,
        );
        let mut headers = headers.to_vec();
        headers.push(("authorization", &value));
        send(self.site, method, path, &headers, body)
    }

    fn append(&self, from: u64) -> Answer {
        let (idx, hash) = header::write_base(self.tablet.tip_before(from).as_ref());
        let path = path::append(&self.tablet.enrolment.writer, self.tablet.epoch());
        let headers = [
            (header::BASE_IDX, idx.as_str()),
            (header::BASE_HASH, hash.as_str()),
        ];
        self.signed("POST", &path, &headers, &self.tablet.frames_from(from))
    }
}

fn with_site(test: impl FnOnce(&House, &Running)) {
    let house = House::new();
    let ui = house.dir.path().join("ui");
    std::fs::create_dir_all(&ui).unwrap();
    for page in ["console", "public"] {
        std::fs::write(
            ui.join(format!("{page}.html")),
            format!("<title>{page}</title>"),
        )
        .unwrap();
    }
    let site = Running::start(house.hq.clone(), "127.0.0.1:0", &ui).unwrap();
    test(&house, &site);
    site.stop();
}

#[test]
fn a_terminal_enrols_appends_and_uploads() {
    with_site(|house, site| {
        let ticket = house.hq.ticket().unwrap();
        let (device, badge) = (SigningKey::generate(), SigningKey::generate());
        let request = crate::support::request(&ticket.to_string(), "终端", &device, &badge);
        let answer = send(
            site,
            "POST",
            path::ENROL,
            &[],
            &serde_json::to_vec(&request).unwrap(),
        );
        sync::protocol::Enrolment::open(&answer.text(), &ticket, &device.public()).unwrap();

        let mut tablet = house.tablet("终端一");
        let files = tablet.inspect();
        let line = Line {
            house,
            tablet: &tablet,
            site,
        };
        let head = path::head(&tablet.enrolment.writer, 1);
        let empty: HeadAnswer = line.signed("GET", &head, &[], b"").json();
        assert!(empty.head.is_none());
        let answer = line.append(0);
        assert_eq!(answer.status, 200, "{}", answer.text());
        let receipt = tablet.receipt(&answer.text());
        let full: HeadAnswer = line.signed("GET", &head, &[], b"").json();
        assert_eq!(full.head.unwrap().hash, receipt.hash);
        assert_eq!(line.append(0).body, answer.body);
        let conflict = line.append(2);
        assert_eq!(conflict.status, 200, "held already");

        let (pdf, media_type) = &files[0];
        let sha256 = Hash::of(pdf);
        let metadata = header::write_metadata(&sha256, media_type);
        let length = pdf.len().to_string();
        let tus = (header::TUS_RESUMABLE, "1.0.0");
        let creation = [
            tus,
            (header::UPLOAD_LENGTH, length.as_str()),
            (header::UPLOAD_METADATA, &metadata),
        ];
        let created = line.signed("POST", path::MEDIA, &creation, b"");
        assert_eq!(
            (created.status, created.header("location")),
            (201, Some(path::media(&sha256).as_str()))
        );
        let half = pdf.len() / 2;
        let patch = |offset: usize, bytes: &[u8]| {
            let offset = offset.to_string();
            let headers = [
                tus,
                (header::UPLOAD_OFFSET, offset.as_str()),
                ("content-type", "application/offset+octet-stream"),
            ];
            line.signed("PATCH", &path::media(&sha256), &headers, bytes)
        };
        assert_eq!(
            patch(0, &pdf[..half]).header(header::UPLOAD_OFFSET),
            Some(half.to_string().as_str())
        );
        let wrong = patch(0, &pdf[..half]);
        assert_eq!(wrong.reason(), Reason::Offset);
        assert_eq!(
            wrong.header(header::UPLOAD_OFFSET),
            Some(half.to_string().as_str())
        );
        let offset = line.signed("HEAD", &path::media(&sha256), &[tus], b"");
        assert_eq!(
            offset.header(header::UPLOAD_OFFSET),
            Some(half.to_string().as_str())
        );
        assert_eq!(
            line.signed("GET", &path::media_receipt(&sha256), &[], b"")
                .reason(),
            Reason::NotFound
        );
        let last = patch(half, &pdf[half..]);
        let note = header::read_note(last.header(header::RECEIPT).unwrap()).unwrap();
        let key = &tablet.enrolment.headquarters_key;
        MediaReceipt::open(&note, &tablet.enrolment.headquarters_name, key).unwrap();
        let again = line.signed("POST", path::MEDIA, &creation, b"");
        assert_eq!(
            (again.status, again.header(header::COMPLETE)),
            (200, Some("1"))
        );
        assert_eq!(
            line.signed("GET", &path::media_receipt(&sha256), &[], b"")
                .text(),
            note
        );

        let down = line.signed("GET", &path::down(0), &[], b"");
        let writer = journal::WriterId::headquarters();
        let report = journal::verify_series(&down.body, &writer, 1, &tablet.enrolment.series_key);
        assert!(report.is_sound());
        assert_eq!(
            down.header(header::HEAD),
            Some((report.entries - 1).to_string().as_str())
        );
        let pack = line.signed(
            "GET",
            &path::object(&tablet.enrolment.pack_sha256),
            &[],
            b"",
        );
        assert_eq!(Hash::of(&pack.body), tablet.enrolment.pack_sha256);
        let evidence = line.signed("GET", &path::object(&sha256), &[], b"");
        assert_eq!(
            evidence.reason(),
            Reason::NotFound,
            "files of cases are not published"
        );
    });
}

#[test]
fn unsigned_stale_foreign_and_repeated_requests_are_refused_with_the_reason() {
    with_site(|house, site| {
        let tablet = house.tablet("终端一");
        let target = path::head(&tablet.enrolment.writer, 1);
        let now = house.hq.clock().now();
        let value = |device: &str, path: &str, at, nonce: &str, key: &SigningKey| {
            authorization(device, "GET", path, Hash::of(b""), at, nonce, key)
        };
        let ask = |value: &str| send(site, "GET", &target, &[("authorization", value)], b"");
        let good = value(tablet.writer(), &target, now, "n1", &tablet.device);
        assert_eq!(ask(&good).status, 200);
        assert_eq!(ask(&good).reason(), Reason::Replayed);
        assert_eq!(
            send(site, "GET", &target, &[], b"").reason(),
            Reason::Malformed
        );
        assert_eq!(ask("Sanxiang nonsense").reason(), Reason::Malformed);
        let stranger = SigningKey::generate();
        let forged = value(tablet.writer(), &target, now, "n2", &stranger);
        assert_eq!(ask(&forged).reason(), Reason::BadSignature);
        let moved = value(
            tablet.writer(),
            "/sync/v1/down?from=0",
            now,
            "n3",
            &tablet.device,
        );
        assert_eq!(ask(&moved).reason(), Reason::BadSignature);
        let unknown = value("t-nobody", &target, now, "n4", &tablet.device);
        assert_eq!(ask(&unknown).reason(), Reason::UnknownDevice);
        for at in ["2026-03-10T07:54:59+08:00", "2026-03-10T08:05:01+08:00"] {
            let skewed = ask(&value(
                tablet.writer(),
                &target,
                moment(at),
                at,
                &tablet.device,
            ));
            let rejection: Rejection = skewed.json();
            assert_eq!(rejection.reason, Reason::ClockSkew);
            assert!(
                rejection.detail.contains("08:00:00"),
                "{}",
                rejection.detail
            );
        }
    });
}

fn rpc(site: &Running, cookie: &str, name: &str, payload: &Value) -> Answer {
    let headers = [("content-type", "application/json"), ("cookie", cookie)];
    send(
        site,
        "POST",
        &format!("/rpc/{name}"),
        &headers,
        payload.to_string().as_bytes(),
    )
}

#[test]
fn a_browser_signs_in_and_plays_a_file_in_ranges() {
    with_site(|house, site| {
        let mut tablet = house.tablet("终端一");
        let files = tablet.inspect();
        tablet.push(house);
        for (bytes, media_type) in &files {
            tablet.send(house, bytes, media_type);
        }
        let login = json!({"user": "legal", "password": "example-legal"});
        let answer = rpc(site, "", "login", &login);
        assert_eq!(answer.status, 200, "{}", answer.text());
        let cookie = answer.header("set-cookie").unwrap();
        assert!(
            cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"),
            "{cookie}"
        );
        let cookie = cookie.split(';').next().unwrap();
        assert_eq!(
            rpc(site, cookie, "me", &json!({})).json::<Value>()["role"],
            "legal"
        );

        let (video, _) = &files[3];
        let target = format!("/stream/object/{}?case={CASE}", Hash::of(video));
        let get = |range: &str| {
            send(
                site,
                "GET",
                &target,
                &[("cookie", cookie), ("range", range)],
                b"",
            )
        };
        assert_eq!(
            get("bytes=0-").status,
            403,
            "the case was not opened with a reason"
        );
        rpc(
            site,
            cookie,
            "case",
            &json!({"case_id": CASE, "purpose": "案卷评查"}),
        );
        let part = get("bytes=1000-1999");
        assert_eq!(
            (part.status, part.body.as_slice()),
            (206, &video[1000..2000])
        );
        assert_eq!(
            part.header("content-range"),
            Some(format!("bytes 1000-1999/{}", video.len()).as_str())
        );
        assert_eq!(part.header("content-type"), Some("video/mp4"));
        assert_eq!(get("bytes=0-").body, *video);
        assert_eq!(get(&format!("bytes={}-", video.len())).status, 416);
        let whole = send(site, "GET", &target, &[("cookie", cookie)], b"");
        assert_eq!(
            (whole.status, whole.body.as_slice()),
            (200, video.as_slice())
        );
        let views = rpc(
            site,
            cookie,
            "views",
            &json!({"case_id": CASE, "user": null, "after": null, "limit": 9}),
        );
        assert_eq!(
            views.json::<Value>()["total"],
            2,
            "the case and the file, once each"
        );

        let foreign = [("cookie", cookie), ("origin", "http://evil.example")];
        assert_eq!(send(site, "POST", "/rpc/me", &foreign, b"{}").status, 403);
        rpc(site, cookie, "logout", &json!({}));
        assert_eq!(rpc(site, cookie, "me", &json!({})).status, 401);
        assert_eq!(
            send(site, "GET", &target, &[("cookie", cookie)], b"").status,
            401
        );
    });
}

#[test]
fn a_stranger_checks_a_badge_and_a_paper() {
    with_site(|house, site| {
        let tablet = house.tablet("终端一");
        let page = send(site, "GET", "/v", &[], b"");
        assert_eq!(
            (page.status, page.text().as_str()),
            (200, "<title>public</title>")
        );
        assert!(
            page.header("content-security-policy")
                .unwrap()
                .contains("script-src 'self'")
        );
        assert_eq!(
            send(site, "GET", "/", &[], b"").text(),
            "<title>console</title>"
        );
        let claims = journal::BadgeClaims {
            issued_at: u32::try_from(house.hq.clock().now().timestamp()).unwrap(),
            period_s: 30,
            nonce: [0; 6],
            presentation: [0; 16],
            credentials: vec!["99010001".to_owned()],
        };
        let token = json!({"token": journal::badge::mint(&claims, &tablet.badge)}).to_string();
        for place in ["/public/badge", "/public/rpc/badge"] {
            let answer: Value = send(site, "POST", place, &[], token.as_bytes()).json();
            assert_eq!(answer["state"], "valid");
            let photo = answer["officers"][0]["photo"].as_str().unwrap().to_owned();
            let portrait = send(site, "GET", &format!("/{photo}"), &[], b"");
            assert!(portrait.body.starts_with(b"\x89PNG"));
        }
        let paper: Value = send(site, "GET", "/public/document/nothing?sha=00", &[], b"").json();
        assert_eq!(paper["state"], "unknown");
        let pack = format!("/public/portrait/{}", tablet.enrolment.pack_sha256);
        assert_eq!(
            send(site, "GET", &pack, &[], b"").status,
            404,
            "a pack is no portrait"
        );
        assert!(
            send(site, "GET", "/log/checkpoint", &[], b"")
                .text()
                .starts_with("hq.")
        );
    });
}

#[test]
fn nonsense_never_breaks_anything() {
    with_site(|house, site| {
        let long = vec![b'['; 300_000];
        for (method, target, body) in [
            ("POST", "/rpc/login", b"".as_slice()),
            ("POST", "/rpc/login", b"{\"user\": 7}"),
            ("POST", "/rpc/login", &long),
            ("POST", "/rpc/case", b"\xff\xfe"),
            ("POST", "/rpc/no_such_command", b"{}"),
            ("POST", "/rpc/%00", b"{}"),
            ("POST", "/public/badge", &long),
            ("POST", "/public/rpc/login", b"{}"),
            ("GET", "/public/portrait/../../keys", b""),
            ("GET", "/public/portrait/ABC", b""),
            ("GET", "/stream/object/zz?case=1", b""),
            ("GET", "/stream/object/zz", b""),
            ("GET", "/log/inclusion/99", b""),
            ("GET", "/log/inclusion/x", b""),
            ("GET", "/log/consistency/0", b""),
            ("POST", "/sync/v1/enrol", &long),
            ("POST", "/sync/v1/enrol", b"{}"),
            ("GET", "/sync/v1/journal/../1/head", b""),
            ("GET", "/sync/v1/journal/x/99999999999/head", b""),
            ("POST", "/sync/v1/journal/x/1/append", b"x"),
            ("GET", "/sync/v1/down", b""),
            ("GET", "/sync/v1/down?from=-1", b""),
            ("PATCH", "/sync/v1/media/x", b"x"),
            ("DELETE", "/sync/v1/media/x", b""),
            ("GET", "/../keys/series.p256", b""),
            ("GET", "/%2e%2e/keys/series.p256", b""),
        ] {
            let answer = send(site, method, target, &[], body);
            assert!(
                (400..500).contains(&answer.status),
                "{method} {target}: {}",
                answer.status
            );
        }
        assert!(house.login("legal", "example-legal").0.is_ok());
        assert!(house.hq.journal_health().unwrap().is_sound);
    });
}
