use journal::{
    Entry, Export, FrameFault, Hash, Kind, PublicKey, Reason, Receipt, Series, SeriesState,
    SeriesVerifier, Signature, SigningKey, WriterId, frames, verify_series,
};
use serde_json::json;

use crate::writer::{Writer, id, start};

#[test]
fn a_day_survives_frames_and_verifies() {
    let writer = Writer::day();
    let bytes = writer.bytes();
    let read: Vec<Entry> = frames(&bytes)
        .map(|frame| Entry::parse(frame).unwrap())
        .collect();
    assert_eq!(read, writer.entries);
    let again: Vec<u8> = read.iter().flat_map(Entry::frame).collect();
    assert_eq!(again, bytes);

    let report = verify_series(&bytes, &id(), 0, &writer.device_key());
    assert_eq!(report.fault, None);
    assert_eq!(report.entries, 40);
    assert_eq!(report.tip, writer.series.tip());
    assert_eq!(report.sessions.len(), 2);
    assert!(report.sessions.iter().all(|session| session.is_closed));
    let cases: Vec<_> = report
        .cases
        .iter()
        .map(|case| (case.case.as_str(), case.entries))
        .collect();
    assert_eq!(cases, [("case-a", 16), ("case-b", 14)]);
}

#[test]
fn the_header_in_memory_is_the_header_that_was_signed() {
    let mut writer = Writer::new();
    let mut draft = writer.draft(Kind::DeviceEnrolled, None, &json!({"v": 1}));
    draft.event_at = start() + chrono::TimeDelta::microseconds(1_234_567);
    let entry = writer.seal(draft, &writer.device);
    assert_eq!(Entry::parse(&entry.frame()).unwrap(), entry);
    writer.keep(entry);
    assert_eq!(writer.verifier().next_idx(), 0);
}

#[test]
fn a_body_with_line_breaks_between_tokens_stays_one_line() {
    let writer = Writer::new();
    let mut draft = writer.draft(Kind::DeviceEnrolled, None, &json!({}));
    draft.body = b"{\n  \"v\": 1\n}".to_vec();
    let entry = writer.seal(draft, &writer.device);
    let read = Entry::parse(&entry.frame()).unwrap();
    assert!(read.has_matching_body());
    assert_eq!(
        read.body_as::<serde_json::Value>().unwrap(),
        json!({"v": 1})
    );
}

#[test]
fn a_verifier_goes_on_from_its_stored_state() {
    let writer = Writer::day();
    let mut verifier = writer.verifier();
    for entry in &writer.entries {
        let stored = serde_json::to_string(verifier.state()).unwrap();
        verifier = SeriesVerifier::resume(serde_json::from_str::<SeriesState>(&stored).unwrap());
        verifier.push(entry).unwrap();
    }
    assert_eq!(verifier.tip(), writer.series.tip());
}

#[test]
fn a_caller_may_keep_the_case_tips_itself() {
    let writer = Writer::day();
    let mut verifier = writer.verifier();
    let mut tips = std::collections::BTreeMap::new();
    for entry in &writer.entries {
        let case = entry.header.case.clone();
        let tip = case.as_ref().and_then(|case| tips.get(case)).copied();
        verifier.push_in_case(entry, tip).unwrap();
        if let (Some(case), Some(tip)) = (case, entry.case_tip()) {
            tips.insert(case, tip);
        }
    }
    assert!(verifier.state().cases.is_empty());
}

#[test]
fn withheld_bodies_verify_except_those_that_certify_a_session() {
    let writer = Writer::day();
    let bytes: Vec<u8> = writer
        .entries
        .iter()
        .cloned()
        .map(|entry| {
            if entry.header.case.as_deref() == Some("case-b") {
                entry.withhold()
            } else {
                entry
            }
        })
        .flat_map(|entry| entry.frame())
        .collect();
    let report = verify_series(&bytes, &id(), 0, &writer.device_key());
    assert_eq!(report.fault, None);
    assert_eq!((report.withheld, report.cases[1].withheld), (14, 14));

    let mut verifier = writer.verifier();
    for entry in &writer.entries[..2] {
        verifier.push(entry).unwrap();
    }
    let fault = verifier
        .push(&writer.entries[2].clone().withhold())
        .unwrap_err();
    assert_eq!((fault.idx, fault.reason), (2, Reason::SessionWithheld));
}

#[test]
fn half_a_withheld_body_is_refused() {
    let entry = Writer::day().entries.remove(0);
    let frame = String::from_utf8(entry.frame()).unwrap();
    let lines: Vec<&str> = frame.lines().collect();
    for (salt, body) in [("-", lines[2]), (lines[1], "-")] {
        let frame = format!("{}\n{salt}\n{body}\n{}\n", lines[0], lines[3]);
        assert_eq!(
            Entry::parse(frame.as_bytes()),
            Err(FrameFault::HalfWithheld)
        );
    }
}

/// Signs a changed header, as only the holder of `key` can.
fn resign(entry: &Entry, key: &SigningKey, change: impl FnOnce(&mut serde_json::Value)) -> Entry {
    let mut header: serde_json::Value = serde_json::from_slice(entry.header_bytes()).unwrap();
    change(&mut header);
    header["signer"] = json!(key.public().key_id());
    let line = header.to_string();
    let frame = format!(
        "{line}\n{}\n{}\n{}\n",
        hex::encode(entry.salt().unwrap()),
        std::str::from_utf8(entry.body().unwrap()).unwrap(),
        key.sign(line.as_bytes()).to_base64()
    );
    Entry::parse(frame.as_bytes()).unwrap()
}

#[test]
fn a_kind_and_a_member_of_a_later_release_still_verify() {
    let mut writer = Writer::new();
    writer.open_session(21);
    let known = writer.seal(
        writer.draft(Kind::NoticeTold, None, &json!({"v": 1})),
        &writer.session,
    );
    let later = resign(&known, &writer.session, |header| {
        header["kind"] = json!("drone.launched");
        header["weather"] = json!("fog");
    });
    writer.keep(later);
    writer.by_session(Kind::NoticeTold, None, &json!({"v": 1}));
    let report = verify_series(&writer.bytes(), &id(), 0, &writer.device_key());
    assert_eq!(report.fault, None);
    assert_eq!(report.unknown_kinds, 1);
    assert_eq!(writer.entries[1].header.kind.as_str(), "drone.launched");
}

/// Pushes `entry` after the writer's entries and tells why it was refused.
fn refusal(writer: &Writer, entry: &Entry) -> Reason {
    let mut verifier = writer.verifier();
    for kept in &writer.entries {
        verifier.push(kept).unwrap();
    }
    let before = verifier.state().clone();
    let fault = verifier.push(entry).unwrap_err();
    assert_eq!(
        verifier.state(),
        &before,
        "a refused entry must not move the verifier"
    );
    let due = verifier.next_idx();
    let place = if fault.reason == Reason::Fork {
        due - 1
    } else {
        due
    };
    assert_eq!(fault.idx, place);
    fault.reason
}

#[test]
fn only_the_right_key_signs() {
    let mut writer = Writer::new();
    let stranger = SigningKey::generate();
    let told = |writer: &Writer, key: &SigningKey| {
        writer.seal(writer.draft(Kind::NoticeTold, None, &json!({"v": 1})), key)
    };
    let failed = |writer: &Writer, key: &SigningKey| {
        writer.seal(
            writer.draft(Kind::UnlockFailed, None, &json!({"v": 1})),
            key,
        )
    };

    assert_eq!(
        refusal(&writer, &told(&writer, &writer.device)),
        Reason::NoSession
    );
    assert_eq!(
        refusal(&writer, &failed(&writer, &stranger)),
        Reason::WrongKey
    );
    writer.open_session(21);
    assert_eq!(
        refusal(&writer, &told(&writer, &writer.device)),
        Reason::WrongKey
    );
    assert_eq!(
        refusal(&writer, &told(&writer, &stranger)),
        Reason::WrongKey
    );
    for key in [&writer.device, &writer.session] {
        let mut verifier = writer.verifier();
        verifier.push(&writer.entries[0]).unwrap();
        verifier.push(&failed(&writer, key)).unwrap();
    }

    let first = writer.session.clone();
    writer.open_session(22);
    assert_eq!(refusal(&writer, &told(&writer, &first)), Reason::WrongKey);
    writer.by_session(Kind::SessionClosed, None, &json!({"v": 1}));
    assert_eq!(
        refusal(&writer, &told(&writer, &writer.session)),
        Reason::NoSession
    );
    assert_eq!(
        refusal(&writer, &failed(&writer, &writer.session)),
        Reason::WrongKey
    );
    writer.by_device(Kind::UnlockFailed, &json!({"v": 1}));

    let self_certified = writer.seal(
        writer.draft(
            Kind::SessionOpened,
            None,
            &json!({"session": 3, "public_key": stranger.public()}),
        ),
        &stranger,
    );
    assert_eq!(refusal(&writer, &self_certified), Reason::WrongKey);
}

#[test]
fn a_key_id_does_not_stand_for_its_key() {
    let mut writer = Writer::new();
    writer.open_session(21);
    let entry = writer.seal(
        writer.draft(Kind::NoticeTold, None, &json!({"v": 1})),
        &writer.session,
    );
    let line = String::from_utf8(entry.header_bytes().to_vec()).unwrap();
    let forged = SigningKey::generate().sign(line.as_bytes()).to_base64();
    let frame = String::from_utf8(entry.frame())
        .unwrap()
        .replace(&entry.signature().to_base64(), &forged);
    assert_eq!(
        refusal(&writer, &Entry::parse(frame.as_bytes()).unwrap()),
        Reason::BadSignature
    );
}

#[test]
fn what_the_holder_of_the_key_can_still_not_do() {
    let mut writer = Writer::new();
    writer.open_session(21);
    writer.by_session(Kind::InspectionOpened, Some("case-a"), &json!({"v": 1}));
    let session = writer.session.clone();
    let next = writer.seal(
        writer.draft(Kind::NoticeTold, Some("case-a"), &json!({"v": 1})),
        &session,
    );
    let other = Hash::of(b"other").to_string();
    let check = |change: &dyn Fn(&mut serde_json::Value), reason| {
        assert_eq!(
            refusal(&writer, &resign(&next, &session, |header| change(header))),
            reason
        );
    };
    check(&|header| header["prev"] = json!(other), Reason::BrokenChain);
    check(&|header| header["idx"] = json!(3), Reason::Gap { found: 3 });
    check(
        &|header| header["idx"] = json!(0),
        Reason::Repeated { found: 0 },
    );
    check(&|header| header["idx"] = json!(1), Reason::Fork);
    check(&|header| header["epoch"] = json!(1), Reason::WrongWriter);
    check(
        &|header| header["writer"] = json!("tablet-08"),
        Reason::WrongWriter,
    );
    check(&|header| header["session"] = json!(2), Reason::WrongSession);
    check(
        &|header| header["body"] = json!(other),
        Reason::BodyMismatch,
    );
    check(
        &|header| header["body_bytes"] = json!(1),
        Reason::BodyMismatch,
    );
    check(
        &|header| header["case_idx"] = json!(2),
        Reason::CaseChainBroken,
    );
    check(
        &|header| header["case_prev"] = json!(other),
        Reason::CaseChainBroken,
    );
    check(
        &|header| header["case"] = json!("case-b"),
        Reason::CaseChainBroken,
    );
    check(
        &|header| {
            header.as_object_mut().unwrap().remove("case");
        },
        Reason::CaseChainBroken,
    );
    check(
        &|header| {
            header.as_object_mut().unwrap().remove("case_prev");
        },
        Reason::CaseChainBroken,
    );
}

#[test]
fn a_session_is_certified_by_a_body_that_says_so() {
    let writer = Writer::new();
    let key = SigningKey::generate().public();
    for body in [
        json!({"session": 2, "public_key": key}),
        json!({"session": 1, "public_key": "AAAA"}),
        json!({"session": 1}),
    ] {
        let entry = writer.seal(
            writer.draft(Kind::SessionOpened, None, &body),
            &writer.device,
        );
        assert_eq!(refusal(&writer, &entry), Reason::SessionBody);
    }
}

#[test]
fn two_histories_after_a_restored_backup_are_seen_as_a_fork() {
    let mut writer = Writer::day();
    let mut backup = Series::resume(id(), 0, writer.series.session(), writer.series.tip());
    writer.by_device(Kind::UnlockFailed, &json!({"v": 1}));
    let other = backup.seal(
        writer.draft(Kind::UnlockFailed, None, &json!({"v": 1})),
        None,
        &writer.device,
    );
    let reason = refusal(&writer, &other);
    assert_eq!(reason, Reason::Fork);
    assert!(reason.is_fork());
    backup.advance(&other);
    let next = backup.seal(
        writer.draft(Kind::UnlockFailed, None, &json!({"v": 1})),
        None,
        &writer.device,
    );
    assert!(refusal(&writer, &next).is_fork());
}

#[test]
fn headquarters_writes_without_sessions() {
    let key = SigningKey::generate();
    let mut series = Series::new(WriterId::headquarters(), 0);
    let mut verifier = SeriesVerifier::new(WriterId::headquarters(), 0, key.public());
    let writer = Writer::new();
    for kind in [
        Kind::HqSignedIn,
        Kind::HqRecordViewed,
        Kind::HqMediaReceived,
    ] {
        let entry = series.seal(writer.draft(kind, None, &json!({"v": 1})), None, &key);
        verifier
            .push(&Entry::parse(&entry.frame()).unwrap())
            .unwrap();
        series.advance(&entry);
    }
    assert_eq!(verifier.tip(), series.tip());
}

#[test]
fn an_export_goes_through_a_file_and_a_receipt_shows_what_was_cut_off() {
    let writer = Writer::day();
    let export = Export::new(id(), 0, writer.device_key(), writer.bytes());
    assert_eq!(Export::read(&export.write()).unwrap(), export);
    assert!(export.verify().is_sound());

    let tip = writer.series.tip().unwrap();
    let receipt = Receipt {
        writer: id(),
        epoch: 0,
        idx: tip.idx,
        hash: tip.hash,
        received_at: start(),
    };
    export.check_covered(&receipt).unwrap();
    let cut: Vec<u8> = writer.entries[..39].iter().flat_map(Entry::frame).collect();
    let cut = Export::new(id(), 0, writer.device_key(), cut);
    assert!(cut.verify().is_sound());
    assert!(cut.check_covered(&receipt).is_err());
    let other = Receipt {
        hash: Hash::of(b"x"),
        ..receipt.clone()
    };
    assert!(export.check_covered(&other).is_err());
    assert!(
        export
            .check_covered(&Receipt {
                epoch: 1,
                ..receipt
            })
            .is_err()
    );
    for damaged in [&b""[..], b"\n", b"{}\n", b"{\"format\":\"x\"}\n"] {
        assert!(Export::read(damaged).is_err());
    }
}

#[test]
fn every_kind_keeps_its_text() {
    for kind in Kind::ALL {
        assert_eq!(Kind::parse(kind.as_str()).unwrap(), *kind);
    }
    assert!(Kind::parse("instrument.Issued").is_err());
    assert_eq!(Kind::ALL.len(), 68);
}

#[test]
fn writer_ids_are_plain() {
    for text in ["", "A", "a_b", "a b", "路", &"a".repeat(41)] {
        assert!(WriterId::new(text).is_err(), "{text}");
    }
    assert!(WriterId::new("a".repeat(40)).is_ok());
}

#[test]
fn keys_have_one_text() {
    let key = SigningKey::generate();
    let public = key.public();
    assert_eq!(PublicKey::from_base64(&public.to_base64()).unwrap(), public);
    assert_eq!(
        SigningKey::from_secret_bytes(key.to_secret_bytes().as_slice())
            .unwrap()
            .public(),
        public
    );
    assert!(PublicKey::from_base64("AAAA").is_err());
    assert!(SigningKey::from_secret_bytes(&[0; 32]).is_err());
    assert!(SigningKey::from_secret_bytes(&[1; 31]).is_err());
    assert!("AB".repeat(32).parse::<Hash>().is_err());
    assert_eq!(
        Hash::of(b"").to_string(),
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    );
}

#[test]
fn a_signature_has_one_encoding() {
    let key = SigningKey::from_secret_bytes(&[8; 32]).unwrap();
    let signature = key.sign(b"header");
    let der = signature.to_der();
    assert_eq!(Signature::from_der(&der).unwrap(), signature);
    assert_eq!(
        Signature::from_fixed(&signature.to_fixed()).unwrap(),
        signature
    );
    let long_length = [&der[..1], &[0x81], &der[1..]].concat();
    let mut padded = der.clone();
    padded[1] += 1;
    padded[3] += 1;
    padded.insert(4, 0);
    let trailing = [&der[..], &[0]].concat();
    for other in [long_length, padded, trailing] {
        assert!(Signature::from_der(&other).is_err(), "{other:02x?}");
    }
    assert!(Signature::from_fixed(&[0; 64]).is_err());
    let text = signature.to_base64();
    for other in [
        format!("{text}="),
        text.trim_end_matches('=').to_owned() + "\r",
        format!(" {text}"),
    ] {
        assert!(Signature::from_base64(&other).is_err(), "{other:?}");
    }
}
