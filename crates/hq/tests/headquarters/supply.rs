//! What headquarters gives its terminals: numbers before they run out, packs that are newer, users as they were.

use hq::{BLOCK_NUMBERS, Failure, Headquarters};
use journal::body::{HqLeaseGranted, HqPackPublished};
use journal::{Entry, Hash, Kind};
use serde_json::json;

use crate::support::{CASE, House, Tablet, moment, pack_dir};

fn leases(house: &House, tablet: &Tablet) -> Vec<HqLeaseGranted> {
    let down = house.hq.down(&tablet.terminal, 0).unwrap();
    journal::frames(&down.frames)
        .map(|frame| Entry::parse(frame).unwrap())
        .filter(|entry| entry.header.kind == Kind::HqLeaseGranted && !entry.is_withheld())
        .map(|entry| entry.body_as().unwrap())
        .collect()
}

fn issue(tablet: &mut Tablet, serial: u64) {
    let id = format!("numbered-{serial}");
    tablet.write(Kind::InstrumentStarted, Some(CASE), json!({
        "v": 1, "instrument_id": id, "request_id": id, "form": "F21", "title": "决定书", "value": {},
    }));
    let object = |media_type: &str| json!({"sha256": Hash::of(b"x").to_string(), "size_bytes": 1, "media_type": media_type});
    tablet.write(Kind::InstrumentIssued, Some(CASE), json!({
        "v": 1, "instrument_id": id, "form": "F21", "title": "决定书", "number": format!("{serial}号"),
        "series": "summary_penalty", "serial": serial, "value": {}, "content_sha256": "00",
        "pdf": object("application/pdf"), "ticket": object("image/png"), "qr": "", "clocks": [],
    }));
}

#[test]
fn a_terminal_gets_its_next_numbers_before_a_third_of_a_block_is_left() {
    let house = House::new();
    let mut tablet = house.tablet("终端一");
    let other = house.tablet("终端二");
    let series = house.hq.foundation().unwrap().numbers.len();
    tablet.open_session();
    tablet.open_case(CASE, "冯试例", "示A·T0001");
    let fills = BLOCK_NUMBERS - BLOCK_NUMBERS / 3 - 1;
    issue(&mut tablet, fills);
    tablet.push(&house);
    assert_eq!(leases(&house, &tablet).len(), series, "a third is left");
    issue(&mut tablet, fills + 1);
    tablet.push(&house);
    let given = leases(&house, &tablet);
    assert_eq!(given.len(), series + 1);
    let last = given.last().unwrap();
    assert_eq!(last.series, "summary_penalty");
    assert_eq!(last.to - last.from + 1, BLOCK_NUMBERS);
    let others = leases(&house, &other);
    let its = others
        .iter()
        .find(|lease| lease.series == last.series)
        .unwrap();
    assert!(
        last.from > its.to,
        "the next block begins after everybody's"
    );
    assert_eq!(leases(&house, &tablet).len(), series + 1, "once is enough");
}

#[test]
fn a_new_year_brings_numbers_of_its_own_ahead_of_time() {
    let house = House::new();
    let tablet = house.tablet("终端一");
    let series = house.hq.foundation().unwrap().numbers.len();
    house.clock.set(moment("2026-12-01T08:00:00.000+08:00"));
    assert_eq!(leases(&house, &tablet).len(), series);
    house.clock.set(moment("2026-12-20T08:00:00.000+08:00"));
    let given = leases(&house, &tablet);
    assert_eq!(given.len(), 2 * series);
    let next: Vec<_> = given.iter().filter(|lease| lease.year == 2027).collect();
    assert_eq!(next.len(), series);
    assert!(next.iter().all(|lease| lease.from == 1));
    house.clock.set(moment("2027-01-02T08:00:00.000+08:00"));
    assert_eq!(leases(&house, &tablet).len(), 2 * series);
}

#[test]
fn only_a_newer_pack_is_published() {
    let house = House::new();
    let tablet = house.tablet("终端一");
    let in_force = house.hq.foundation().unwrap().pack_version;
    for older in ["2020.1", "0", in_force.as_str()] {
        let answer = house.hq.publish_pack(&pack_dir(), Some(older));
        assert!(
            matches!(answer, Err(Failure::OlderPack { .. })),
            "{older}: {answer:?}"
        );
    }
    assert_eq!(house.hq.foundation().unwrap().pack_version, in_force);
    let (version, sha256) = house.hq.publish_pack(&pack_dir(), Some("2999.1")).unwrap();
    assert_eq!(version, "2999.1");
    let down = house.hq.down(&tablet.terminal, 0).unwrap();
    let published: Vec<HqPackPublished> = journal::frames(&down.frames)
        .map(|frame| Entry::parse(frame).unwrap())
        .filter(|entry| entry.header.kind == Kind::HqPackPublished)
        .map(|entry| entry.body_as().unwrap())
        .collect();
    assert_eq!(published.len(), 2);
    assert_eq!(published[1].sha256, sha256);
    let bytes = house
        .hq
        .published(&sha256.parse().unwrap())
        .unwrap()
        .unwrap()
        .2;
    assert_eq!(Hash::of(&bytes).to_string(), sha256);
}

#[test]
fn a_foreign_a_cut_and_a_broken_pack_are_refused_whole() {
    let house = House::new();
    let before = house.hq.foundation().unwrap().pack_sha256;
    let dir = tempfile::tempdir().unwrap();
    let foreign =
        forms::Pack::bundle(&pack_dir(), "2999.1", &journal::SigningKey::generate()).unwrap();
    let own = house
        .hq
        .published(&before.parse().unwrap())
        .unwrap()
        .unwrap()
        .2;
    let half = own[..own.len() / 2].to_vec();
    for (name, bytes) in [
        ("foreign", foreign),
        ("half", half),
        ("nonsense", b"{}".to_vec()),
    ] {
        let file = dir.path().join(name);
        std::fs::write(&file, bytes).unwrap();
        assert!(house.hq.publish_pack(&file, None).is_err(), "{name}");
    }
    assert_eq!(house.hq.foundation().unwrap().pack_sha256, before);
}

#[test]
fn a_database_of_the_first_release_keeps_its_users() {
    let house = House::new();
    let database = house.dir.path().join("headquarters.sqlite");
    let House { dir, clock, hq } = house;
    drop(hq);
    let connection = rusqlite::Connection::open(&database).unwrap();
    connection
        .execute_batch(
            "PRAGMA foreign_keys = OFF;
             CREATE TABLE old (user TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL,
                 role TEXT NOT NULL CHECK (role IN ('legal', 'clerk', 'supervisor')),
                 salt BLOB NOT NULL, cost TEXT NOT NULL, verifier TEXT NOT NULL) STRICT;
             INSERT INTO old SELECT user, name, user, salt, cost, verifier FROM user
                 WHERE user IN ('legal', 'clerk', 'supervisor');
             DROP TABLE user_function; DROP TABLE user; ALTER TABLE old RENAME TO user;
             DROP INDEX instrument_by_form;
             DROP TABLE act; DROP TABLE clock; DROP TABLE disclosure; DROP TABLE disclosure_review;
             DROP TABLE seal_key; DROP TABLE seal_grant; DROP TABLE seal_use; DROP TABLE spoiled_sheet;
             PRAGMA user_version = 1;",
        )
        .unwrap();
    drop(connection);
    let hq = std::sync::Arc::new(
        Headquarters::open_with(dir.path(), std::sync::Arc::clone(&clock) as _).unwrap(),
    );
    let house = House { dir, clock, hq };
    let (me, _) = house.login("supervisor", "example-supervisor");
    assert_eq!(me.unwrap().functions, ["supervisor"]);
    let house = house.restart();
    assert!(house.login("clerk", "example-clerk").0.is_ok());
}
