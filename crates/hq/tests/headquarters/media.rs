use hq::{Created, Refused};
use journal::{Hash, MediaReceipt};
use sync::protocol::{MEDIA_PATCH_BYTES_MAX, Reason};

use crate::support::{House, Tablet, reason};

fn content(bytes: usize) -> Vec<u8> {
    (0..bytes).map(|n| (n * 7 + n / 251) as u8).collect()
}

fn open(tablet: &Tablet, note: &str) -> MediaReceipt {
    let name = &tablet.enrolment.headquarters_name;
    MediaReceipt::open(note, name, &tablet.enrolment.headquarters_key).unwrap()
}

#[test]
fn an_upload_goes_on_where_it_stopped_also_after_a_restart() {
    let house = House::new();
    let tablet = house.tablet("终端");
    let bytes = content(300_000);
    let sha256 = Hash::of(&bytes);
    let terminal = &tablet.terminal;
    assert_eq!(
        house
            .hq
            .create_upload(terminal, sha256, 300_000, "video/mp4")
            .unwrap(),
        Created::Begun
    );
    assert_eq!(
        house
            .hq
            .patch_upload(terminal, sha256, 0, &bytes[..100_000])
            .unwrap()
            .offset,
        100_000
    );

    let house = house.restart();
    assert_eq!(
        house
            .hq
            .create_upload(terminal, sha256, 300_000, "video/mp4")
            .unwrap(),
        Created::Begun
    );
    assert_eq!(
        house.hq.upload(terminal, &sha256).unwrap().stored_bytes,
        100_000
    );
    for wrong in [0, 99_999, 100_001, 300_000] {
        let refused = house
            .hq
            .patch_upload(terminal, sha256, wrong, &bytes[..10])
            .unwrap_err();
        assert!(
            matches!(refused, Refused::OtherOffset(100_000)),
            "{wrong}: {refused:?}"
        );
    }
    let middle = house
        .hq
        .patch_upload(terminal, sha256, 100_000, &bytes[100_000..200_000])
        .unwrap();
    assert_eq!((middle.offset, middle.receipt), (200_000, None));
    assert!(house.hq.media_receipt(&sha256).unwrap().is_none());
    let last = house
        .hq
        .patch_upload(terminal, sha256, 200_000, &bytes[200_000..])
        .unwrap();
    let note = last.receipt.unwrap();
    let receipt = open(&tablet, &note);
    assert_eq!((receipt.sha256, receipt.size_bytes), (sha256, 300_000));

    let again = house
        .hq
        .create_upload(terminal, sha256, 300_000, "video/mp4")
        .unwrap();
    assert_eq!(again, Created::Here(note.clone()));
    assert_eq!(
        house
            .hq
            .patch_upload(terminal, sha256, 300_000, &[])
            .unwrap()
            .receipt,
        Some(note)
    );
    assert_eq!(
        house
            .own_kinds(&tablet)
            .iter()
            .filter(|kind| *kind == "hq.media_received")
            .count(),
        1
    );
}

#[test]
fn bytes_beyond_the_durable_offset_are_left_overs_and_do_no_harm() {
    let house = House::new();
    let tablet = house.tablet("终端");
    let bytes = content(5_000);
    let sha256 = Hash::of(&bytes);
    house
        .hq
        .create_upload(&tablet.terminal, sha256, 5_000, "image/jpeg")
        .unwrap();
    house
        .hq
        .patch_upload(&tablet.terminal, sha256, 0, &bytes[..2_000])
        .unwrap();
    let file = house
        .dir
        .path()
        .join("incoming")
        .join(format!("{}-{sha256}", tablet.writer()));
    let mut torn = std::fs::read(&file).unwrap();
    torn.extend_from_slice(&[0xAA; 4_000]);
    std::fs::write(&file, torn).unwrap();
    let house = house.restart();
    assert_eq!(
        house
            .hq
            .upload(&tablet.terminal, &sha256)
            .unwrap()
            .stored_bytes,
        2_000
    );
    let patched = house
        .hq
        .patch_upload(&tablet.terminal, sha256, 2_000, &bytes[2_000..])
        .unwrap();
    assert!(patched.receipt.is_some());
}

#[test]
fn a_process_killed_before_the_receipt_gives_it_when_it_comes_back() {
    let house = House::new();
    let tablet = house.tablet("终端");
    let bytes = content(9_000);
    let sha256 = Hash::of(&bytes);
    let database = house.dir.path().join("headquarters.sqlite");
    for moved in [false, true] {
        house
            .hq
            .create_upload(&tablet.terminal, sha256, 9_000, "image/jpeg")
            .ok();
        // What a process leaves behind that ends after the last byte was durable, before or after the file was moved.
        let incoming = house
            .dir
            .path()
            .join("incoming")
            .join(format!("{}-{sha256}", tablet.writer()));
        let name = sha256.to_string();
        let shelf = house.dir.path().join("objects").join(&name[..2]);
        let place = if moved { shelf.join(&name) } else { incoming };
        std::fs::create_dir_all(&shelf).unwrap();
        std::fs::write(&place, &bytes).unwrap();
        let connection = rusqlite::Connection::open(&database).unwrap();
        connection
            .execute_batch("DELETE FROM object; UPDATE upload SET stored_bytes = size_bytes;")
            .unwrap();
        drop(connection);
        let reopened = hq::Headquarters::open_with(house.dir.path(), house.clock.clone()).unwrap();
        let note = reopened.media_receipt(&sha256).unwrap().unwrap();
        assert_eq!(open(&tablet, &note).sha256, sha256, "moved: {moved}");
        if !moved {
            let connection = rusqlite::Connection::open(&database).unwrap();
            connection.execute_batch("DELETE FROM object;").unwrap();
            std::fs::remove_file(shelf.join(&name)).unwrap();
        }
    }
}

#[test]
fn a_file_with_another_hash_is_kept_aside_and_refused() {
    let house = House::new();
    let tablet = house.tablet("终端");
    let bytes = content(5_000);
    let mut other = bytes.clone();
    other[4_321] ^= 1;
    let sha256 = Hash::of(&bytes);
    house
        .hq
        .create_upload(&tablet.terminal, sha256, 5_000, "image/jpeg")
        .unwrap();
    let refused = house
        .hq
        .patch_upload(&tablet.terminal, sha256, 0, &other)
        .unwrap_err();
    assert_eq!(reason(&refused), Reason::HashMismatch);
    assert!(house.hq.media_receipt(&sha256).unwrap().is_none());
    let aside = std::fs::read_dir(house.dir.path().join("aside"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap();
    assert_eq!(std::fs::read(aside.path()).unwrap(), other);
    assert_eq!(
        house
            .hq
            .upload(&tablet.terminal, &sha256)
            .unwrap()
            .stored_bytes,
        0
    );
    let patched = house
        .hq
        .patch_upload(&tablet.terminal, sha256, 0, &bytes)
        .unwrap();
    assert!(patched.receipt.is_some());
}

#[test]
fn what_contradicts_the_protocol_is_refused() {
    let house = House::new();
    let tablet = house.tablet("终端");
    let terminal = &tablet.terminal;
    let bytes = content(100);
    let sha256 = Hash::of(&bytes);
    let too_large = house
        .hq
        .create_upload(terminal, sha256, u64::MAX, "video/mp4")
        .unwrap_err();
    assert_eq!(reason(&too_large), Reason::TooLarge);
    let unknown = house
        .hq
        .patch_upload(terminal, sha256, 0, &bytes)
        .unwrap_err();
    assert_eq!(reason(&unknown), Reason::NotFound);
    house
        .hq
        .create_upload(terminal, sha256, 100, "<script>")
        .unwrap();
    let other_length = house
        .hq
        .create_upload(terminal, sha256, 101, "video/mp4")
        .unwrap_err();
    assert_eq!(reason(&other_length), Reason::Invalid);
    let beyond = house
        .hq
        .patch_upload(terminal, sha256, 0, &content(101))
        .unwrap_err();
    assert_eq!(reason(&beyond), Reason::TooLarge);
    let patch = vec![0; MEDIA_PATCH_BYTES_MAX + 1];
    let long = house
        .hq
        .patch_upload(terminal, sha256, 0, &patch)
        .unwrap_err();
    assert_eq!(reason(&long), Reason::TooLarge);
    assert_eq!(
        house.hq.upload(terminal, &sha256).unwrap().media_type,
        "application/octet-stream"
    );
}

#[test]
fn an_empty_file_is_complete_when_it_is_created() {
    let house = House::new();
    let tablet = house.tablet("终端");
    let created = house
        .hq
        .create_upload(&tablet.terminal, Hash::of(b""), 0, "text/plain")
        .unwrap();
    let Created::Here(note) = created else {
        panic!("it waits for bytes")
    };
    assert_eq!(open(&tablet, &note).size_bytes, 0);
}

#[test]
fn two_terminals_send_the_same_file_without_disturbing_each_other() {
    let house = House::new();
    let (one, two) = (house.tablet("终端一"), house.tablet("终端二"));
    let bytes = content(1_000);
    let sha256 = Hash::of(&bytes);
    house
        .hq
        .create_upload(&one.terminal, sha256, 1_000, "image/png")
        .unwrap();
    house
        .hq
        .create_upload(&two.terminal, sha256, 1_000, "image/png")
        .unwrap();
    house
        .hq
        .patch_upload(&one.terminal, sha256, 0, &bytes[..500])
        .unwrap();
    let first = house
        .hq
        .patch_upload(&two.terminal, sha256, 0, &bytes)
        .unwrap()
        .receipt;
    let second = house
        .hq
        .patch_upload(&one.terminal, sha256, 500, &bytes[500..])
        .unwrap()
        .receipt;
    assert!(first.is_some());
    assert_eq!(first, second);
}
