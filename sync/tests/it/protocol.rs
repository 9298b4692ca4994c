//! The exact text of the wire. What stands here is promised to every terminal in the field.

use journal::{Hash, HqSigningKey, SigningKey, Tip, WriterId};
use proptest::prelude::*;
use sync::protocol::{
    Enrolment, EnrolmentFault, HeadAnswer, Reason, Rejection, Ticket, header, path,
};

const HASH: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

fn hash() -> Hash {
    Hash::of(b"test")
}

#[test]
fn paths_are_what_they_are() {
    let writer = WriterId::new("dev-7").unwrap();
    assert_eq!(path::head(&writer, 2), "/sync/v1/journal/dev-7/2/head");
    assert_eq!(path::append(&writer, 2), "/sync/v1/journal/dev-7/2/append");
    assert_eq!(path::media(&hash()), format!("/sync/v1/media/{HASH}"));
    assert_eq!(
        path::media_receipt(&hash()),
        format!("/sync/v1/media/{HASH}/receipt")
    );
    assert_eq!(path::down(41), "/sync/v1/down?from=41");
    assert_eq!(path::object(&hash()), format!("/sync/v1/object/{HASH}"));
}

#[test]
fn a_head_reads_as_written_and_silence_is_not_a_head() {
    let head = HeadAnswer {
        head: Some(Tip {
            idx: 3,
            hash: hash(),
        }),
        receipt: Some("note".to_owned()),
    };
    let text = format!(r#"{{"head":{{"idx":3,"hash":"{HASH}"}},"receipt":"note"}}"#);
    assert_eq!(serde_json::to_string(&head).unwrap(), text);
    assert_eq!(serde_json::from_str::<HeadAnswer>(&text).unwrap(), head);
    let empty: HeadAnswer = serde_json::from_str(r#"{"head":null}"#).unwrap();
    assert_eq!((empty.head, empty.receipt), (None, None));
    assert!(serde_json::from_str::<HeadAnswer>("{}").is_err());
}

#[test]
fn a_rejection_reads_as_written_and_unknown_reasons_survive() {
    let rejection = Rejection::new(Reason::HashMismatch, "why");
    let text = r#"{"reason":"hash_mismatch","detail":"why"}"#;
    assert_eq!(serde_json::to_string(&rejection).unwrap(), text);
    let later: Rejection = serde_json::from_str(r#"{"reason":"of_a_later_version"}"#).unwrap();
    assert_eq!(later.reason, Reason::Other);
    assert!(serde_json::from_str::<Rejection>("{}").is_err());
}

#[test]
fn headers_read_as_written() {
    let tip = Tip {
        idx: 9,
        hash: hash(),
    };
    let (idx, hash_text) = header::write_base(Some(&tip));
    assert_eq!((idx.as_str(), hash_text.as_str()), ("9", HASH));
    assert_eq!(header::read_base(&idx, &hash_text), Some(Some(tip)));
    assert_eq!(header::read_base("-", "-"), Some(None));
    for (idx, hash) in [("-", HASH), ("9", "-"), ("", ""), ("9", "zz"), ("-1", HASH)] {
        assert_eq!(header::read_base(idx, hash), None, "{idx} {hash}");
    }
    assert_eq!(header::write_head(None), "-");
    assert_eq!(header::read_head("12"), Some(Some(12)));
    assert_eq!(header::read_head("-"), Some(None));
    assert_eq!(header::read_head("<html>"), None);
    let metadata = header::write_metadata(&hash(), "video/mp4");
    assert_eq!(
        header::read_metadata(&metadata),
        Some((hash(), Some("video/mp4".to_owned())))
    );
    // As other tus clients write it: other keys, a key without a value, spaces after the comma.
    let foreign = format!("filename YS5tcDQ=, is_private, {metadata}");
    assert_eq!(
        header::read_metadata(&foreign).map(|(hash, _)| hash),
        Some(hash())
    );
    assert_eq!(header::read_metadata(""), None);
}

#[test]
fn a_ticket_survives_being_typed_by_hand() {
    let key = HqSigningKey::generate().public();
    let ticket = Ticket::generate(&key);
    let text = ticket.to_string();
    assert_eq!(text.len(), "SX1-".len() + 20 + 1 + 16);
    assert_eq!(ticket.headquarters(), key.key_id());
    for typed in [text.clone(), text.to_lowercase(), format!("  {text}\n")] {
        assert!(typed.parse::<Ticket>().unwrap() == ticket, "{typed}");
    }
    assert!(!format!("{ticket:?}").contains(ticket.secret()));
    assert!(Ticket::generate(&key).secret() != ticket.secret());
}

#[test]
fn every_changed_byte_of_an_enrolment_is_noticed() {
    let key = HqSigningKey::generate();
    let device = SigningKey::generate().public();
    let ticket = Ticket::generate(&key.public());
    let enrolment = Enrolment {
        writer: WriterId::new("dev-7").unwrap(),
        epoch: 0,
        device_key: device.clone(),
        agency: serde_json::json!({"name": "示例市"}),
        headquarters_name: "hq.example".to_owned(),
        headquarters_key: key.public(),
        series_key: SigningKey::generate().public(),
        escrow_key: SigningKey::generate().public(),
        public_url: "https://hq.example".to_owned(),
        pack_version: "2026.1".to_owned(),
        pack_sha256: hash(),
        example: false,
    };
    let note = enrolment.sign(&key).unwrap();
    assert_eq!(Enrolment::open(&note, &ticket, &device).unwrap(), enrolment);
    let end = note.rfind("\n\n").unwrap();
    for at in 0..end {
        let mut bytes = note.clone().into_bytes();
        bytes[at] ^= 1;
        let Ok(changed) = String::from_utf8(bytes) else {
            continue;
        };
        assert!(
            Enrolment::open(&changed, &ticket, &device).is_err(),
            "byte {at} changed: {changed}"
        );
    }
    let other = Ticket::generate(&HqSigningKey::generate().public());
    assert!(matches!(
        Enrolment::open(&note, &other, &device),
        Err(EnrolmentFault::WrongHeadquarters)
    ));
}

proptest! {
    #[test]
    fn no_text_makes_a_reader_panic(a in ".{0,80}", b in ".{0,80}") {
        let _ = header::read_base(&a, &b);
        let _ = header::read_head(&a);
        let _ = header::read_note(&a);
        let _ = header::read_metadata(&a);
        let _ = a.parse::<Ticket>();
        let key = HqSigningKey::generate();
        let ticket = Ticket::generate(&key.public());
        let device = SigningKey::generate().public();
        prop_assert!(Enrolment::open(&a, &ticket, &device).is_err());
    }
}
