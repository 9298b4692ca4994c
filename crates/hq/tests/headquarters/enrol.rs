use std::collections::BTreeSet;

use hq::{BLOCK_NUMBERS, Headquarters};
use journal::body::{HqLeaseGranted, HqRosterPublished};
use journal::{Entry, Kind, SeriesVerifier, SigningKey, WriterId};
use sync::protocol::{Enrolment, Reason, Ticket};

use crate::support::{House, Tablet, reason, request};

fn leases(house: &House, tablet: &Tablet) -> Vec<HqLeaseGranted> {
    let down = house.hq.down(&tablet.terminal, 0).unwrap();
    journal::frames(&down.frames)
        .map(|frame| Entry::parse(frame).unwrap())
        .filter(|entry| entry.header.kind == Kind::HqLeaseGranted && !entry.is_withheld())
        .map(|entry| entry.body_as().unwrap())
        .collect()
}

#[test]
fn leases_of_two_terminals_never_overlap() {
    let house = House::new();
    let tablets: Vec<Tablet> = (0..4).map(|n| house.tablet(&format!("终端{n}"))).collect();
    let series = house.hq.foundation().unwrap().numbers.len();
    let mut given = BTreeSet::new();
    for tablet in &tablets {
        let leases = leases(&house, tablet);
        assert_eq!(
            leases.len(),
            series,
            "one block for each series, and nobody else's"
        );
        for lease in leases {
            assert_eq!(lease.writer, tablet.writer());
            assert_eq!(lease.to - lease.from + 1, BLOCK_NUMBERS);
            assert_eq!(lease.year, 2026);
            for number in lease.from..=lease.to {
                assert!(
                    given.insert((lease.series.clone(), number)),
                    "{number} was given twice"
                );
            }
        }
    }
    assert_eq!(given.len(), 4 * series * 200);
}

#[test]
fn numbers_used_before_headquarters_are_not_given_again() {
    let house = House::with(|founding| founding.numbers[0].first = 731);
    let tablet = house.tablet("终端");
    let series = &leases(&house, &tablet)[0];
    assert_eq!((series.from, series.to), (731, 930));
}

#[test]
fn the_same_ticket_gives_the_same_enrolment_to_the_same_device_only() {
    let house = House::new();
    let ticket = house.hq.ticket().unwrap();
    let (device, badge) = (SigningKey::generate(), SigningKey::generate());
    let first = request(&ticket.to_string(), "终端", &device, &badge);
    let note = house.hq.enrol(&first).unwrap();
    assert_eq!(house.hq.enrol(&first).unwrap(), note);
    let enrolment = Enrolment::open(&note, &ticket, &device.public()).unwrap();
    assert_eq!(enrolment.epoch, 1);
    assert_eq!(enrolment.public_url, "http://hq.example");
    assert!(enrolment.example);
    assert_eq!(enrolment.agency["short_name"], "示例交");
    let other = request(&ticket.to_string(), "终端", &SigningKey::generate(), &badge);
    assert_eq!(reason(&house.hq.enrol(&other).unwrap_err()), Reason::Ticket);
}

#[test]
fn foreign_made_up_and_old_tickets_are_refused() {
    let house = House::new();
    let (device, badge) = (SigningKey::generate(), SigningKey::generate());
    let foreign = House::new().hq.ticket().unwrap();
    let made_up = Ticket::generate(&house.hq.public_key());
    let old = house.hq.ticket().unwrap();
    house.advance_s(7 * 24 * 3600);
    for text in [
        foreign.to_string(),
        made_up.to_string(),
        old.to_string(),
        "SX1".to_owned(),
    ] {
        let refused = house
            .hq
            .enrol(&request(&text, "终端", &device, &badge))
            .unwrap_err();
        assert_eq!(reason(&refused), Reason::Ticket, "{text}");
    }
}

#[test]
fn a_device_that_enrols_again_keeps_its_writer_and_gets_a_later_epoch() {
    let house = House::new();
    let (device, badge) = (SigningKey::generate(), SigningKey::generate());
    let mut found = Vec::new();
    for _ in 0..3 {
        let ticket = house.hq.ticket().unwrap();
        let note = house
            .hq
            .enrol(&request(&ticket.to_string(), "终端", &device, &badge))
            .unwrap();
        let enrolment = Enrolment::open(&note, &ticket, &device.public()).unwrap();
        found.push((enrolment.writer, enrolment.epoch));
    }
    assert_eq!(
        found.iter().map(|(_, epoch)| *epoch).collect::<Vec<_>>(),
        [1, 2, 3]
    );
    assert!(found.iter().all(|(writer, _)| *writer == found[0].0));
}

#[test]
fn what_goes_down_verifies_and_withholds_what_concerns_others() {
    let house = House::new();
    let (mine, other) = (house.tablet("终端一"), house.tablet("终端二"));
    let down = house.hq.down(&mine.terminal, 0).unwrap();
    let key = mine.enrolment.series_key.clone();
    let mut verifier = SeriesVerifier::new(WriterId::headquarters(), 1, key);
    let mut rosters = 0;
    for frame in journal::frames(&down.frames) {
        let entry = Entry::parse(frame).unwrap();
        verifier.push(&entry).unwrap();
        let text = String::from_utf8(frame.to_vec()).unwrap();
        assert!(!text.contains(other.writer()), "{text}");
        if entry.header.kind == Kind::HqRosterPublished {
            let roster: HqRosterPublished = entry.body_as().unwrap();
            assert!(
                roster
                    .officers
                    .iter()
                    .all(|officer| officer.photo_sha256.is_some())
            );
            rosters += 1;
        }
    }
    assert_eq!(rosters, 1);
    assert_eq!(verifier.tip().map(|tip| tip.idx), down.head);
    assert!(
        house
            .hq
            .down(&mine.terminal, down.head.unwrap() + 1)
            .unwrap()
            .frames
            .is_empty()
    );
}

#[test]
fn the_published_pack_opens_with_the_key_of_the_enrolment() {
    let house = House::new();
    let tablet = house.tablet("终端");
    let (what, _, bytes) = house
        .hq
        .published(&tablet.enrolment.pack_sha256)
        .unwrap()
        .unwrap();
    assert_eq!(what, "pack");
    let pack = forms::Pack::open(&bytes, &tablet.enrolment.series_key).unwrap();
    assert_eq!(pack.version(), tablet.enrolment.pack_version);
}

#[test]
fn two_processes_on_one_folder_write_one_series() {
    let house = House::new();
    let tablet = house.tablet("终端");
    let other = Headquarters::open_with(house.dir.path(), house.clock.clone()).unwrap();
    for n in 0..4 {
        let mut officers = house.hq.officers().unwrap();
        officers[0].post = format!("队长{n}");
        let agency = house.hq.foundation().unwrap().agency;
        let writer = if n % 2 == 0 {
            &other
        } else {
            house.hq.as_ref()
        };
        writer.publish_roster(&agency, &officers).unwrap();
    }
    assert_eq!(house.hq.officers().unwrap()[0].post, "队长3");
    let down = house.hq.down(&tablet.terminal, 0).unwrap();
    let writer = WriterId::headquarters();
    let report = journal::verify_series(&down.frames, &writer, 1, &house.hq.series_key());
    assert!(report.is_sound(), "{:?}", report.fault);
}

#[test]
fn founding_twice_is_refused_and_keys_are_for_the_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let house = House::new();
    let again = hq::Founding::example(&crate::support::pack_dir(), "http://x").unwrap();
    let refused = again.found(house.dir.path(), house.clock.clone());
    assert!(matches!(refused, Err(hq::Failure::AlreadyFounded(_))));
    for key in std::fs::read_dir(house.dir.path().join("keys")).unwrap() {
        let mode = key.unwrap().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let empty = tempfile::tempdir().unwrap();
    let opened = Headquarters::open_with(empty.path(), house.clock.clone());
    assert!(matches!(opened, Err(hq::Failure::NotFounded(_))));
}
