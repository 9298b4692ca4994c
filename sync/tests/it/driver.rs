//! The driver over real sockets against a headquarters that misbehaves.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::support;
use crate::support::headquarters::{Mishap, TestHeadquarters, tip_of};
use crate::support::terminal::TestTerminal;
use journal::{Entry, Hash, SigningKey};
use sync::engine::Config;
use sync::protocol::{EnrolRequest, EnrolmentFault, Reason, Ticket};
use sync::{
    Cause, Driver, DriverHandle, Http, Local, Phase, Summary, SyncFailure, enrol, enrol_with,
};

struct Pair {
    headquarters: TestHeadquarters,
    terminal: Arc<TestTerminal>,
}

/// For whoever is going to meet silence, and real answers before it.
fn hasty() -> Http {
    Http {
        answer_timeout: Duration::from_secs(4),
        slowest_bytes_per_s: 1024 * 1024,
        ..Http::default()
    }
}

/// Small pieces, so that a file of a few hundred kilobytes takes several.
fn config() -> Config {
    Config {
        piece_first_bytes: 64 * 1024,
        piece_max_bytes: 64 * 1024,
        ..Config::default()
    }
}

fn on_demand(terminal: &Arc<TestTerminal>, http: Http) -> DriverHandle {
    let local = Arc::clone(terminal) as Arc<dyn Local>;
    Driver::spawn(local, http, config(), true).unwrap()
}

impl Pair {
    fn new() -> Self {
        let headquarters = TestHeadquarters::start();
        let terminal = TestTerminal::new(
            &headquarters.url(),
            headquarters.key(),
            headquarters.series_key(),
        );
        headquarters
            .state()
            .devices
            .insert("dev-1".to_owned(), terminal.device.public());
        Self {
            headquarters,
            terminal: Arc::new(terminal),
        }
    }

    fn run(&self) -> Summary {
        on_demand(&self.terminal, Http::default()).run_until_quiet()
    }

    /// Everything of the terminal is at headquarters and the other way round, byte for byte.
    fn assert_in_step(&self) {
        let summary = self.run();
        assert_eq!((summary.phase, summary.cause), (Phase::Idle, None));
        let stored = self.headquarters.stored("dev-1", self.epoch());
        let store = self.terminal.store();
        assert_eq!(stored, store.entries);
        assert_eq!(
            store.acknowledged,
            store.entries.last().map(|entry| entry.header.idx)
        );
        let state = self.headquarters.state();
        assert_eq!(state.media, store.media);
        assert_eq!(store.media_receipts.len(), store.media.len());
        assert_eq!(store.down, state.news);
        assert_eq!(store.objects, state.objects);
    }

    fn epoch(&self) -> u32 {
        self.terminal.store().identity.epoch
    }
}

fn noise(length: usize) -> Vec<u8> {
    let mut chance = support::Chance::new(length as u64);
    (0..length)
        .map(|_| chance.next().to_le_bytes()[0])
        .collect()
}

#[test]
fn record_files_and_news_arrive() {
    let pair = Pair::new();
    for number in 0..200 {
        pair.terminal.record(&format!("entry {number}"));
    }
    pair.terminal.add_media(noise(300_000));
    pair.terminal.add_media(noise(1));
    pair.terminal.add_media(Vec::new());
    pair.headquarters.publish(b"a pack");
    pair.headquarters.publish(b"a portrait");
    pair.headquarters.publish(b"another portrait");
    let summary = pair.run();
    assert_eq!((summary.phase, summary.cause), (Phase::Idle, None));
    assert_eq!(summary.media_received, 3);
    assert_eq!(summary.objects_stored, 3);
    pair.assert_in_step();
}

#[test]
fn no_faulty_answer_is_believed_and_nothing_is_lost() {
    use Mishap::*;
    let unreachable = Cause::HeadquartersUnreachable;
    let not_headquarters = Cause::NotHeadquarters;
    let causes = [
        (Portal, not_headquarters),
        (JsonPortal, not_headquarters),
        (Redirect, not_headquarters),
        (BadGateway, unreachable),
        (Hang, unreachable),
        (Slam, unreachable),
        (LoseAnswer, unreachable),
        (CutAnswer, unreachable),
        (WrongKey, not_headquarters),
        (HalfPatch, unreachable),
        (Busy, Cause::ServerBusy),
        (ClockSkew, Cause::ClockSkew),
        (Revoked, Cause::Refused),
    ];
    let places = [
        "/head",
        "/append",
        "POST /sync/v1/media",
        "HEAD ",
        "PATCH ",
        "/receipt",
        "/down",
        "/object/",
    ];
    for (mishap, cause) in causes {
        let places = places.into_iter().filter(|place| match mishap {
            // Only these answers are notes: there is no head yet, and news and objects prove themselves.
            WrongKey => matches!(*place, "/append" | "PATCH " | "/receipt"),
            // An answer to HEAD that lacks its last bytes still has an offset.
            CutAnswer => *place != "HEAD ",
            HalfPatch => *place == "PATCH ",
            _ => true,
        });
        // Side by side, because silence at each of them takes its time.
        std::thread::scope(|all| {
            for place in places {
                all.spawn(move || is_not_believed(mishap, place, cause));
            }
        });
    }
}

fn is_not_believed(mishap: Mishap, place: &'static str, cause: Cause) {
    use Mishap::*;
    let pair = Pair::new();
    pair.terminal.record("one");
    pair.headquarters.publish(b"a pack");
    let bytes = noise(if mishap == WrongKey { 3 } else { 100_000 });
    let sha256 = pair.terminal.add_media(bytes.clone());
    if place == "/receipt" {
        // Headquarters holds it, but the terminal has not heard.
        pair.headquarters.state().media.insert(sha256, bytes);
    }
    pair.headquarters.mishap(place, mishap);
    let told = format!("{mishap:?} at {place}");
    let http = if mishap == Hang {
        hasty()
    } else {
        Http::default()
    };
    let summary = on_demand(&pair.terminal, http).run_until_quiet();
    assert_eq!(summary.phase, Phase::Waiting, "{told}");
    let expected = match (mishap, place) {
        // A refusal without a body cannot say why.
        (ClockSkew | Revoked, "HEAD ") => Cause::NotHeadquarters,
        _ => cause,
    };
    assert_eq!(summary.cause, Some(expected), "{told}");
    assert!(pair.headquarters.state().mishaps.is_empty(), "{told}");
    let stored = tip_of(&pair.headquarters.stored("dev-1", 0)).map(|tip| tip.idx);
    assert!(pair.terminal.acknowledged_idx() <= stored, "{told}");
    pair.assert_in_step();
}

#[test]
fn a_lost_receipt_is_fetched_without_sending_the_record_again() {
    let pair = Pair::new();
    pair.headquarters.mishap("/append", Mishap::LoseAnswer);
    pair.run();
    assert_eq!(pair.terminal.acknowledged_idx(), None);
    pair.headquarters.state().requests.clear();
    let summary = pair.run();
    assert_eq!(summary.cause, None);
    assert_eq!(pair.terminal.acknowledged_idx(), Some(0));
    let requests = pair.headquarters.state().requests.clone();
    let is_append = |request: &String| request.contains("/append");
    assert!(!requests.iter().any(is_append), "{requests:?}");
}

#[test]
fn a_receipt_that_headquarters_does_not_offer_is_asked_for_with_the_last_entry() {
    let pair = Pair::new();
    pair.terminal.record("one");
    pair.headquarters.mishap("/append", Mishap::LoseAnswer);
    pair.run();
    pair.headquarters
        .mishap("/head", Mishap::HeadWithoutReceipt);
    let summary = pair.run();
    assert_eq!((summary.cause, summary.receipts), (None, 1));
    assert_eq!(pair.terminal.acknowledged_idx(), Some(1));
}

#[test]
fn a_fork_is_not_believed_without_a_receipt() {
    let pair = Pair::new();
    pair.assert_in_step();
    pair.terminal.begin_epoch();
    pair.assert_in_step();
    {
        // The same epoch once more: another first entry than the one headquarters holds.
        let mut store = pair.terminal.store();
        store.identity.epoch = 0;
    }
    pair.terminal.begin_epoch();
    pair.headquarters
        .mishap("/head", Mishap::HeadWithoutReceipt);
    let summary = pair.run();
    assert_eq!(summary.phase, Phase::Waiting);
    assert_eq!(summary.cause, Some(Cause::NotHeadquarters));
    assert!(pair.terminal.store().forks.is_empty());
    assert_eq!(pair.run().phase, Phase::Fork);
    assert_eq!(pair.terminal.store().forks.len(), 1);
}

#[test]
fn an_upload_goes_on_in_the_middle_of_a_file() {
    let pair = Pair::new();
    let sha256 = pair.terminal.add_media(noise(500_000));
    pair.headquarters.mishap("PATCH ", Mishap::Fine);
    pair.headquarters.mishap("PATCH ", Mishap::Fine);
    pair.headquarters.mishap("PATCH ", Mishap::HalfPatch);
    let summary = pair.run();
    assert_eq!(summary.cause, Some(Cause::HeadquartersUnreachable));
    let stored = pair.headquarters.state().uploads[&sha256].1.len();
    assert_eq!(stored, 2 * 65_536 + 32_768);
    pair.terminal.store().reads.clear();
    pair.assert_in_step();
    let reads = pair.terminal.store().reads.clone();
    assert_eq!(reads[0].0, stored as u64, "resumed elsewhere");
    let sent: usize = reads.iter().map(|(_, length)| length).sum();
    assert_eq!(sent, 500_000 - stored, "bytes were sent twice");
}

#[test]
fn an_offset_that_moved_meanwhile_is_asked_for_again() {
    let pair = Pair::new();
    pair.terminal.add_media(noise(400_000));
    pair.headquarters.mishap("PATCH ", Mishap::Fine);
    pair.headquarters.mishap("PATCH ", Mishap::LateBytes);
    let summary = pair.run();
    assert_eq!((summary.cause, summary.media_received), (None, 1));
    pair.assert_in_step();
}

#[test]
fn an_upload_headquarters_forgot_begins_again() {
    let pair = Pair::new();
    let sha256 = pair.terminal.add_media(noise(200_000));
    pair.headquarters.mishap("PATCH ", Mishap::Fine);
    pair.headquarters.mishap("PATCH ", Mishap::HalfPatch);
    pair.run();
    pair.headquarters.state().uploads.remove(&sha256);
    pair.assert_in_step();
}

#[test]
fn bytes_without_their_hash_are_refused_and_hold_up_nothing() {
    let pair = Pair::new();
    let promised = Hash::of(b"other bytes");
    pair.terminal.store().media.insert(promised, noise(70_000));
    let good = pair.terminal.add_media(noise(10));
    let summary = pair.run();
    assert_eq!(summary.phase, Phase::Waiting);
    assert_eq!(summary.cause, Some(Cause::Refused));
    let last = *pair.terminal.store().states.last().unwrap();
    assert!(last.next_attempt_in_ms.is_some());
    let store = pair.terminal.store();
    assert!(store.media_receipts.contains_key(&good));
    assert!(!store.media_receipts.contains_key(&promised));
    assert_eq!(store.acknowledged, Some(0));
}

#[test]
fn a_restored_copy_is_a_fork_that_is_kept_on_both_sides() {
    let pair = Pair::new();
    pair.terminal.record("before the backup");
    pair.assert_in_step();
    let backup = {
        let store = pair.terminal.store();
        (store.series.clone(), store.entries.clone())
    };
    pair.terminal.record("after the backup");
    pair.assert_in_step();
    let theirs = tip_of(&pair.headquarters.stored("dev-1", 0)).unwrap();
    {
        let mut store = pair.terminal.store();
        (store.series, store.entries) = backup;
        store.acknowledged = Some(1);
    }
    // Restored and silent: headquarters is ahead.
    assert_eq!(pair.run().phase, Phase::Fork);
    assert_eq!(pair.terminal.store().forks, vec![theirs]);
    // Restored and at work again.
    pair.terminal.record("another history");
    pair.terminal.add_media(noise(10));
    pair.headquarters.publish(b"news");
    let summary = pair.run();
    assert_eq!(summary.phase, Phase::Fork);
    assert_eq!((summary.media_received, summary.objects_stored), (1, 1));
    assert_eq!(tip_of(&pair.headquarters.stored("dev-1", 0)), Some(theirs));
    assert_eq!(pair.terminal.acknowledged_idx(), Some(1));
    pair.terminal.begin_epoch();
    pair.assert_in_step();
}

#[test]
fn a_headquarters_restored_from_a_backup_gets_the_record_again() {
    let pair = Pair::new();
    for number in 0..5 {
        pair.terminal.record(&format!("entry {number}"));
    }
    pair.assert_in_step();
    let key = ("dev-1".to_owned(), 0);
    pair.headquarters
        .state()
        .series
        .get_mut(&key)
        .unwrap()
        .truncate(2);
    pair.assert_in_step();
    pair.headquarters.state().series.clear();
    pair.assert_in_step();
}

#[test]
fn a_broken_store_is_told_as_such() {
    let pair = Pair::new();
    pair.terminal.store().is_broken = true;
    let summary = pair.run();
    assert_eq!(summary.phase, Phase::Waiting);
    assert_eq!(summary.cause, Some(Cause::LocalFailure));
    pair.terminal.store().is_broken = false;
    pair.assert_in_step();
}

#[test]
fn news_signed_by_somebody_else_are_not_headquarters() {
    let pair = Pair::new();
    pair.terminal.store().series_key = SigningKey::generate().public();
    let summary = pair.run();
    assert_eq!(summary.cause, Some(Cause::NotHeadquarters));
    assert!(pair.terminal.store().down.is_empty());
    assert_eq!(pair.terminal.acknowledged_idx(), Some(0));
}

#[test]
fn an_unreachable_address_is_shown_with_its_next_attempt() {
    let pair = Pair::new();
    // No port that a test beside this one could be given.
    let nobody = "http://127.0.0.1:9".to_owned();
    let home = pair.headquarters.url();
    pair.terminal.store().identity.headquarters_url = nobody;
    let summary = pair.run();
    assert_eq!(summary.cause, Some(Cause::HeadquartersUnreachable));
    let last = *pair.terminal.store().states.last().unwrap();
    assert_eq!(last.phase, Phase::Waiting);
    assert!(last.next_attempt_in_ms.unwrap() <= 2_000);
    pair.terminal.store().identity.headquarters_url = home;
    pair.assert_in_step();
}

#[test]
fn records_do_not_travel_readable_to_another_machine() {
    let pair = Pair::new();
    pair.terminal.store().identity.headquarters_url = "http://192.0.2.1".to_owned();
    // Nobody answers there: had it been tried, it would be unreachable.
    assert_eq!(pair.run().cause, Some(Cause::NotHeadquarters));
}

/// Waits for the driver's own thread without a fixed delay.
fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(20), "never: {what}");
        std::thread::yield_now();
    }
}

#[test]
fn a_started_driver_works_by_itself_and_after_a_wake() {
    let pair = Pair::new();
    let local = Arc::clone(&pair.terminal) as Arc<dyn Local>;
    let driver = Driver::start(local, Http::default()).unwrap();
    eventually("the first entry arrives", || {
        pair.terminal.acknowledged_idx() == Some(0)
    });
    pair.terminal.record("later");
    driver.wake();
    eventually("the second entry arrives", || {
        pair.terminal.acknowledged_idx() == pair.terminal.tip_idx()
    });
    driver.pause();
    eventually("paused", || {
        pair.terminal.store().states.last().unwrap().phase == Phase::Paused
    });
    pair.terminal.record("while paused");
    driver.wake();
    let summary = driver.run_until_quiet();
    assert_eq!(summary.phase, Phase::Paused);
    assert_eq!(pair.terminal.acknowledged_idx(), Some(1));
    driver.resume();
    eventually("the third entry arrives", || {
        pair.terminal.acknowledged_idx() == Some(2)
    });
    driver.stop();
    assert_eq!(
        Arc::strong_count(&pair.terminal),
        1,
        "the store is still held"
    );
}

#[test]
fn a_started_driver_comes_back_by_itself_after_a_failure() {
    let pair = Pair::new();
    pair.headquarters.mishap("/head", Mishap::Portal);
    pair.headquarters.mishap("/head", Mishap::Busy);
    let local = Arc::clone(&pair.terminal) as Arc<dyn Local>;
    let config = Config {
        backoff_first_ms: 20,
        retry_after_max_ms: 30,
        ..config()
    };
    let driver = Driver::spawn(local, Http::default(), config, false).unwrap();
    eventually("the entry arrives", || {
        pair.terminal.acknowledged_idx() == Some(0)
    });
    driver.stop();
    let states = pair.terminal.store().states.clone();
    for cause in [Cause::NotHeadquarters, Cause::ServerBusy] {
        assert!(
            states.iter().any(|state| state.cause == Some(cause)),
            "{cause} was never shown"
        );
    }
}

#[test]
fn stopping_does_not_wait_for_a_silent_headquarters() {
    let pair = Pair::new();
    pair.headquarters.mishap("/head", Mishap::Hang);
    let local = Arc::clone(&pair.terminal) as Arc<dyn Local>;
    let patient = Http {
        answer_timeout: Duration::from_secs(60),
        ..Http::default()
    };
    let driver = Driver::start(local, patient).unwrap();
    eventually("the request is under way", || {
        !pair.headquarters.state().requests.is_empty()
    });
    let begun = Instant::now();
    driver.stop();
    assert!(begun.elapsed() < Duration::from_secs(30));
    assert_eq!(Arc::strong_count(&pair.terminal), 1);
}

fn wish(ticket: &Ticket) -> EnrolRequest {
    EnrolRequest {
        ticket: ticket.to_string().to_lowercase(),
        terminal_name: "执法一号".to_owned(),
        device_key: SigningKey::generate().public(),
        badge_key: SigningKey::generate().public(),
        seal_key: SigningKey::generate().public(),
        key_class: "soft".to_owned(),
    }
}

#[test]
fn a_ticket_enrols_at_the_headquarters_it_names() {
    let headquarters = TestHeadquarters::start();
    let ticket = headquarters.state().ticket.clone();
    let request = wish(&ticket);
    let enrolment = enrol(&headquarters.url(), &request).unwrap();
    assert_eq!(enrolment.device_key, request.device_key);
    assert_eq!(enrolment.headquarters_key, headquarters.key());
    assert_eq!(enrolment.agency["name"], "示例市交通运输综合行政执法支队");
}

#[test]
fn enrolment_believes_nobody_else() {
    let headquarters = TestHeadquarters::start();
    let ticket = headquarters.state().ticket.clone();
    let url = headquarters.url();
    let fail = |request: &EnrolRequest| enrol(&url, request).unwrap_err();

    let other = Ticket::generate(&headquarters.key());
    assert!(matches!(
        fail(&wish(&other)),
        SyncFailure::Refused {
            reason: Reason::Ticket,
            ..
        }
    ));
    headquarters.mishap("/enrol", Mishap::WrongKey);
    assert!(matches!(
        fail(&wish(&ticket)),
        SyncFailure::Enrolment(EnrolmentFault::WrongHeadquarters)
    ));
    headquarters.mishap("/enrol", Mishap::Portal);
    assert!(matches!(
        fail(&wish(&ticket)),
        SyncFailure::Enrolment(EnrolmentFault::Malformed)
    ));
    headquarters.mishap("/enrol", Mishap::Redirect);
    assert!(matches!(
        fail(&wish(&ticket)),
        SyncFailure::NotHeadquarters(_)
    ));
    headquarters.mishap("/enrol", Mishap::CutAnswer);
    assert!(matches!(fail(&wish(&ticket)), SyncFailure::Unreachable(_)));
    headquarters.mishap("/enrol", Mishap::Hang);
    let silence = enrol_with(&hasty(), &url, &wish(&ticket)).unwrap_err();
    assert!(matches!(silence, SyncFailure::Unreachable(_)));

    for text in ["", "SX1", "SX1-ABC-0011223344556677", "hello"] {
        let request = EnrolRequest {
            ticket: text.to_owned(),
            ..wish(&ticket)
        };
        assert!(matches!(fail(&request), SyncFailure::Ticket(_)), "{text}");
    }
    for address in ["", "hq.example", "ftp://127.0.0.1", "http://hq.example"] {
        let failure = enrol(address, &wish(&ticket)).unwrap_err();
        assert!(
            matches!(failure, SyncFailure::Address(_) | SyncFailure::Plain(_)),
            "{address}: {failure}"
        );
    }
}

#[test]
fn an_enrolment_for_one_device_is_none_for_another() {
    let headquarters = TestHeadquarters::start();
    let ticket = headquarters.state().ticket.clone();
    let request = wish(&ticket);
    let enrolment = enrol(&headquarters.url(), &request).unwrap();
    // What a machine in the middle could play again.
    let key = journal::HqSigningKey::generate();
    let ticket = Ticket::generate(&key.public());
    let note = sync::protocol::Enrolment {
        headquarters_key: key.public(),
        ..enrolment
    }
    .sign(&key)
    .unwrap();
    let open = |device: &_| sync::protocol::Enrolment::open(&note, &ticket, device);
    assert!(open(&request.device_key).is_ok());
    let another = SigningKey::generate().public();
    assert!(matches!(open(&another), Err(EnrolmentFault::WrongDevice)));
}

#[test]
fn stored_frames_are_the_frames_that_were_sent() {
    let pair = Pair::new();
    pair.terminal.record("原文不动 𠮷䶮");
    pair.assert_in_step();
    let sent: Vec<u8> = pair
        .terminal
        .store()
        .entries
        .iter()
        .flat_map(Entry::frame)
        .collect();
    let stored: Vec<u8> = pair
        .headquarters
        .stored("dev-1", 0)
        .iter()
        .flat_map(Entry::frame)
        .collect();
    assert_eq!(sent, stored);
}

/// A TLS server of openssl's with a certificate of its own authority, and that authority.
struct TlsServer {
    process: std::process::Child,
    url: String,
    authority: Vec<u8>,
}

impl Drop for TlsServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn tls_server(dir: &std::path::Path) -> TlsServer {
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};
    let openssl = |arguments: &str| {
        let mut command = Command::new("openssl");
        command.current_dir(dir).args(arguments.split(' '));
        command.stderr(Stdio::null());
        command
    };
    let new_key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2";
    let steps = [
        format!("req -x509 {new_key} -keyout ca.key -out ca.pem -subj /CN=test-authority"),
        format!(
            "req -x509 {new_key} -CA ca.pem -CAkey ca.key -keyout leaf.key -out leaf.pem \
             -subj /CN=headquarters -addext subjectAltName=IP:127.0.0.1 \
             -addext basicConstraints=critical,CA:FALSE"
        ),
    ];
    for step in steps {
        assert!(openssl(&step).status().unwrap().success(), "{step}");
    }
    let mut process = openssl("s_server -accept 127.0.0.1:0 -cert leaf.pem -key leaf.key -www")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let address = loop {
        let line = lines.next().unwrap().unwrap();
        if let Some(address) = line.strip_prefix("ACCEPT ") {
            break address.to_owned();
        }
    };
    std::thread::spawn(move || lines.for_each(drop));
    TlsServer {
        process,
        url: format!("https://{address}"),
        authority: std::fs::read(dir.join("ca.pem")).unwrap(),
    }
}

#[test]
fn encryption_holds_with_the_agencys_own_authority_and_not_without() {
    let dir = tempfile::tempdir().unwrap();
    let server = tls_server(dir.path());
    let pair = Pair::new();
    pair.terminal.store().identity.headquarters_url = server.url.clone();
    assert_eq!(pair.run().cause, Some(Cause::HeadquartersUnreachable));
    let trusting = Http {
        trusted_roots_pem: vec![server.authority.clone()],
        ..Http::default()
    };
    // The connection holds; that the page behind it is no headquarters is another matter.
    let summary = on_demand(&pair.terminal, trusting).run_until_quiet();
    assert_eq!(summary.cause, Some(Cause::NotHeadquarters));
}
