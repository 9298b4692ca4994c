use hq::Refused;
use hq::contract::console::{CasesQuery, Empty, Handlers, ReadCase, ReadEntry};
use journal::{Entry, Hash, Kind};
use serde_json::json;
use sync::protocol::Reason;

use crate::support::{CASE, House, NUMBER, Tablet, reason};

fn read(case_id: &str) -> ReadCase {
    ReadCase {
        case_id: case_id.to_owned(),
        purpose: "案卷评查".to_owned(),
    }
}

fn case_count(house: &House) -> u64 {
    let query = CasesQuery {
        text: String::new(),
        after: None,
        limit: 10,
    };
    house.console("legal").cases(query).unwrap().total
}

#[test]
fn an_inspection_arrives_is_receipted_and_can_be_read() {
    let house = House::new();
    let mut tablet = house.tablet("终端一");
    let files = tablet.inspect();
    let receipt = tablet.push(&house);
    let last = tablet.entries.last().unwrap();
    assert_eq!((receipt.idx, receipt.hash), (last.header.idx, last.hash()));

    let view = house.console("legal").case(read(CASE)).unwrap();
    assert_eq!(view.party["name"], "冯试例");
    assert_eq!(view.terminal_name, "终端一");
    assert_eq!(view.officers.len(), 2);
    let penalty = &view.instruments[0];
    assert_eq!(
        (penalty.state.as_str(), penalty.number.as_deref()),
        ("issued", Some(NUMBER))
    );
    assert_eq!(penalty.value["fine_fen"], 20000);
    assert_eq!(
        penalty.signatures[0].witness_name.as_deref(),
        Some("陈见证")
    );
    let clocks: Vec<&str> = penalty
        .clocks
        .iter()
        .map(|clock| clock.due_on.as_str())
        .collect();
    assert_eq!(
        clocks,
        ["2026-03-25", "2026-05-09"],
        "delivery starts clocks and stops none"
    );
    assert_eq!(penalty.copies[0].state, "confirmed");
    assert_eq!(penalty.delivery.as_ref().unwrap().recipient, "冯试例");
    let video = view
        .evidence
        .iter()
        .find(|evidence| evidence.kind == "video")
        .unwrap();
    assert_eq!(
        (video.state.as_str(), video.duration_ms),
        ("complete", Some(9000))
    );
    assert_eq!(video.marks[0].text, "告知权利");
    assert_eq!(view.notices_told[0].notice, "RN-3");
    assert!(
        view.timeline
            .iter()
            .all(|row| row.is_understood && row.is_verified),
        "{:?}",
        view.timeline
    );
    assert_eq!(view.timeline[0].officers, ["赵明甲", "钱思乙"]);
    assert_eq!(view.receipts[0].idx, receipt.idx);

    assert!(!view.completeness.is_complete);
    assert_eq!(
        (
            view.completeness.objects_named,
            view.completeness.objects_here
        ),
        (4, 0)
    );
    for (bytes, media_type) in &files {
        tablet.send(&house, bytes, media_type);
    }
    let view = house.console("legal").case(read(CASE)).unwrap();
    assert!(view.completeness.is_complete, "{:?}", view.completeness);
    let pdf = view.instruments[0].pdf.clone().unwrap();
    assert_eq!(
        pdf.stream,
        Some(format!("stream/object/{}?case={CASE}", pdf.sha256))
    );
    let terminals = house
        .console("legal")
        .terminals(Empty {})
        .unwrap()
        .terminals;
    assert_eq!(terminals[0].entries, tablet.entries.len() as u64);
    assert_eq!(terminals[0].media_pending, 0);
    let used: u64 = terminals[0].blocks.iter().map(|block| block.used).sum();
    assert_eq!(used, 1);
}

#[test]
fn the_same_append_twice_gives_the_same_receipt_and_one_copy() {
    let house = House::new();
    let mut tablet = house.tablet("终端一");
    tablet.inspect();
    let note = tablet.push_from(&house, 0).unwrap();
    let kinds = house.own_kinds(&tablet).len();
    house.advance_s(60);
    assert_eq!(tablet.push_from(&house, 0).unwrap(), note);
    assert_eq!(
        tablet.push_from(&house, 3).unwrap(),
        note,
        "a part of it, again"
    );
    assert_eq!(
        house.own_kinds(&tablet).len(),
        kinds,
        "nothing new was written down"
    );
    assert_eq!(case_count(&house), 1);
}

#[test]
fn a_gap_is_answered_with_the_head() {
    let house = House::new();
    let mut tablet = house.tablet("终端一");
    tablet.inspect();
    for from in [1, 5] {
        let Err(Refused::OtherHead(answer)) = tablet.push_from(&house, from) else {
            panic!("a gap was accepted");
        };
        assert!(answer.head.is_none() && answer.receipt.is_none());
    }
    let receipt = tablet.push(&house);
    tablet.write(
        Kind::SessionClosed,
        None,
        json!({"v": 1, "session": 1, "reason": "locked"}),
    );
    tablet.open_session();
    let Err(Refused::OtherHead(answer)) = tablet.push_from(&house, receipt.idx + 2) else {
        panic!("a gap was accepted");
    };
    assert_eq!(answer.head.unwrap().hash, receipt.hash);
    assert_eq!(tablet.receipt(&answer.receipt.unwrap()), receipt);
    tablet.push(&house);
}

#[test]
fn tampered_frames_are_set_aside_and_the_series_does_not_move() {
    let house = House::new();
    let mut tablet = house.tablet("终端一");
    tablet.inspect();
    let frames = tablet.frames_from(0);
    let text = String::from_utf8(frames.clone()).unwrap();
    let tampered = [
        text.replace("超载", "超限"),
        text.replace("\"officers\":[\"99010001\"", "\"officers\":[\"99010003\""),
        text.replacen("inspection.opened", "inspection.opcned", 1),
        text[..text.len() - 20].to_owned(),
        "nonsense".to_owned(),
        "\n\n\n\n\n".to_owned(),
        text.replace("instrument.signed", "instrument.\u{0}igned"),
    ];
    let series = (tablet.writer().to_owned(), tablet.epoch());
    for (n, bytes) in tampered.iter().enumerate() {
        let refused = house
            .hq
            .append(
                &tablet.terminal,
                (&series.0, series.1),
                None,
                bytes.as_bytes(),
            )
            .unwrap_err();
        assert_eq!(reason(&refused), Reason::Invalid, "{n}");
        assert!(
            house
                .hq
                .head(&tablet.terminal, &series.0, series.1)
                .unwrap()
                .head
                .is_none(),
            "{n}"
        );
    }
    assert_eq!(
        house.hq.count_set_aside(&series.0).unwrap(),
        tampered.len() as u64
    );
    assert_eq!(case_count(&house), 0);
    tablet.push(&house);
    assert_eq!(case_count(&house), 1);
}

#[test]
fn a_session_that_the_device_did_not_certify_is_refused() {
    let house = House::new();
    let mut tablet = house.tablet("终端一");
    tablet.open_session();
    let mut thief = tablet.cloned();
    thief.device = journal::SigningKey::generate();
    thief.open_session();
    thief.open_case(CASE, "甲", "示A·T0001");
    let refused = thief.push_from(&house, 0).unwrap_err();
    assert_eq!(reason(&refused), Reason::Invalid);
}

#[test]
fn a_fork_is_kept_as_evidence_and_overwrites_nothing() {
    let house = House::new();
    let mut tablet = house.tablet("终端一");
    tablet.open_session();
    let mut clone = tablet.cloned();
    tablet.open_case(CASE, "冯试例", "示A·T0001");
    clone.open_case("case-of-the-clone", "陈另样", "示A·T0002");
    clone.open_case("another-case-of-the-clone", "陈另样", "示A·T0002");
    let receipt = tablet.push(&house);

    let refused = clone.push_from(&house, 0).unwrap_err();
    assert_eq!(reason(&refused), Reason::Fork);
    let evidence = house.hq.fork_evidence(tablet.writer(), 1, 1).unwrap();
    assert_eq!(evidence, [clone.frames_from(0)]);
    let Err(Refused::OtherHead(answer)) = clone.push_from(&house, 2) else {
        panic!("the other branch was continued");
    };
    assert_eq!(answer.head.unwrap().hash, receipt.hash);
    clone.push_from(&house, 0).unwrap_err();

    let health = house
        .console("supervisor")
        .journal_health(Empty {})
        .unwrap();
    assert_eq!(
        health.forks.len(),
        1,
        "the same fork is told once: {:?}",
        health.forks
    );
    assert_eq!(health.forks[0].kept_hash, receipt.hash.to_string());
    assert!(!health.is_sound);
    assert!(health.series.iter().all(|series| series.is_sound));
    assert_eq!(
        house
            .own_kinds(&tablet)
            .iter()
            .filter(|kind| *kind == "hq.fork_kept")
            .count(),
        1
    );
    assert_eq!(case_count(&house), 1);
    tablet.write(
        Kind::SessionClosed,
        None,
        json!({"v": 1, "session": 1, "reason": "locked"}),
    );
    tablet.push(&house);
}

#[test]
fn an_entry_that_nobody_signed_is_no_fork() {
    let house = House::new();
    let mut tablet = house.tablet("终端一");
    tablet.open_session();
    let mut clone = tablet.cloned();
    tablet.open_case(CASE, "冯试例", "示A·T0001");
    tablet.push(&house);
    clone.open_case("made-up", "陈另样", "示A·T0002");
    let forged = String::from_utf8(clone.frames_from(1))
        .unwrap()
        .replace("陈另样", "陈冒名");
    let base = clone.tip_before(1);
    let series = (tablet.writer(), 1);
    let refused = house
        .hq
        .append(&tablet.terminal, series, base, forged.as_bytes())
        .unwrap_err();
    assert_eq!(reason(&refused), Reason::Invalid);
    assert!(
        house
            .hq
            .fork_evidence(tablet.writer(), 1, 1)
            .unwrap()
            .is_empty()
    );
}

/// The tablet seals a real entry; a later release would have sealed it with this kind.
fn of_later_release(tablet: &mut Tablet) -> Entry {
    let mut draft = tablet.draft(
        Kind::CaseAmended,
        Some(CASE),
        &json!({"v": 1, "drone": "D1"}),
    );
    draft.officers.push("99010002".to_owned());
    let entry = tablet.series.seal(draft, None, &tablet.device);
    let header = entry
        .header
        .to_line()
        .replace("case.amended", "drone.launched");
    let signature = tablet.device.sign(header.as_bytes()).to_base64();
    let frame = String::from_utf8(entry.frame()).unwrap();
    let mut lines: Vec<&str> = frame.lines().collect();
    (lines[0], lines[3]) = (&header, &signature);
    Entry::parse(format!("{}\n", lines.join("\n")).as_bytes()).unwrap()
}

#[test]
fn an_unknown_kind_and_a_later_body_are_kept_and_block_nothing() {
    let house = House::new();
    let mut tablet = house.tablet("终端一");
    tablet.open_session();
    let later = of_later_release(&mut tablet);
    tablet.keep(later);
    tablet.open_case("case-0002", "冯试例", "示A·T0001");
    tablet.write(
        Kind::NoticeTold,
        Some("case-0002"),
        json!({"v": 2, "notice": {"id": "RN-9"}}),
    );
    tablet.write(
        Kind::NoticeTold,
        Some("case-0002"),
        json!({"v": 1, "notice": 7}),
    );
    tablet.write(
        Kind::InstrumentVoided,
        Some("case-0002"),
        json!({
            "v": 1, "instrument_id": "nobody's", "number": null, "reason": "x",
        }),
    );
    tablet.write(Kind::CaseAmended, Some("case-0002"), json!({
        "v": 1, "place": null, "party": {"kind": "organisation", "org_name": "示例运输公司"}, "vehicle": null,
    }));
    tablet.push(&house);

    let console = house.console("legal");
    let view = console.case(read("case-0002")).unwrap();
    assert_eq!(view.party["org_name"], "示例运输公司");
    let understood: Vec<bool> = view.timeline.iter().map(|row| row.is_understood).collect();
    assert_eq!(understood, [true, false, false, false, true]);
    let health = console.journal_health(Empty {}).unwrap();
    assert!(health.is_sound);
    let kinds: Vec<&str> = health
        .not_understood
        .iter()
        .map(|row| row.kind.as_str())
        .collect();
    assert_eq!(
        kinds,
        [
            "drone.launched",
            "instrument.voided",
            "notice.told",
            "notice.told"
        ]
    );
    let entry = ReadEntry {
        writer: tablet.writer().to_owned(),
        epoch: 1,
        idx: 1,
        purpose: "核对原件".to_owned(),
    };
    let shown = console.entry(entry).unwrap();
    assert!(shown.body.contains("drone") && !shown.is_understood);
    let frame = format!(
        "{}\n{}\n{}\n{}\n",
        shown.header, shown.salt, shown.body, shown.signature
    );
    assert_eq!(
        frame.as_bytes(),
        tablet.entries[1].frame(),
        "the very bytes that were signed"
    );
}

#[test]
fn a_case_belongs_to_the_terminal_that_opened_it() {
    let house = House::new();
    let (mut one, mut two) = (house.tablet("终端一"), house.tablet("终端二"));
    one.open_session();
    one.open_case(CASE, "冯试例", "示A·T0001");
    one.push(&house);
    two.open_session();
    two.open_case(CASE, "陈另样", "示A·T0002");
    two.write(
        Kind::CaseAmended,
        Some(CASE),
        json!({
            "v": 1, "place": null, "party": {"kind": "person", "name": "陈另样"}, "vehicle": null,
        }),
    );
    two.push(&house);
    let view = house.console("legal").case(read(CASE)).unwrap();
    assert_eq!(view.party["name"], "冯试例");
    assert!(
        view.timeline
            .iter()
            .filter(|row| row.writer == two.writer())
            .all(|row| !row.is_understood)
    );
}

#[test]
fn nobody_reads_or_writes_another_terminals_series() {
    let house = House::new();
    let (mut one, two) = (house.tablet("终端一"), house.tablet("终端二"));
    one.open_session();
    let refused = house.hq.head(&two.terminal, one.writer(), 1).unwrap_err();
    assert_eq!(reason(&refused), Reason::UnknownDevice);
    let frames = one.frames_from(0);
    let refused = house
        .hq
        .append(&two.terminal, (one.writer(), 1), None, &frames)
        .unwrap_err();
    assert_eq!(reason(&refused), Reason::UnknownDevice);
}

#[test]
fn a_restart_keeps_everything_and_goes_on() {
    let house = House::new();
    let mut tablet = house.tablet("终端一");
    let files = tablet.inspect();
    let first = tablet.push(&house);
    tablet.send(&house, &files[0].0, files[0].1);
    let projections = house.hq.dump_projections().unwrap();
    let checkpoint = house.hq.checkpoint().unwrap();
    let house = house.restart();
    assert_eq!(house.hq.dump_projections().unwrap(), projections);
    assert_eq!(house.hq.checkpoint().unwrap(), checkpoint);
    let answer = house.hq.head(&tablet.terminal, tablet.writer(), 1).unwrap();
    assert_eq!(tablet.receipt(&answer.receipt.unwrap()), first);
    assert!(
        house
            .hq
            .media_receipt(&Hash::of(&files[0].0))
            .unwrap()
            .is_some()
    );
    tablet.write(
        Kind::SessionClosed,
        None,
        json!({"v": 1, "session": 1, "reason": "locked"}),
    );
    tablet.open_session();
    tablet.open_case("case-0002", "冯试例", "示A·T0001");
    tablet.push(&house);
    assert!(house.hq.journal_health().unwrap().is_sound);
}

#[test]
fn a_rebuild_from_the_journals_equals_the_live_tables() {
    let house = House::new();
    let (mut one, mut two) = (house.tablet("终端一"), house.tablet("终端二"));
    one.inspect();
    one.push(&house);
    two.open_session();
    two.open_case("case-0002", "陈另样", "示A·T0002");
    two.write(Kind::NoticeTold, Some("case-0002"), json!({"v": 9}));
    two.push(&house);
    one.write(
        Kind::InstrumentVoided,
        Some(CASE),
        json!({
            "v": 1, "instrument_id": "instrument-1", "number": NUMBER, "reason": "笔误",
        }),
    );
    one.push(&house);
    let live = house.hq.dump_projections().unwrap();
    assert!(live.len() > 10);
    let read = house.hq.rebuild_projections().unwrap();
    assert_eq!(read, (one.entries.len() + two.entries.len()) as u64);
    assert_eq!(house.hq.dump_projections().unwrap(), live);
}

#[test]
fn the_log_of_heads_proves_that_it_only_grew() {
    let house = House::new();
    let mut tablet = house.tablet("终端一");
    let name = tablet.enrolment.headquarters_name.clone();
    let mut roots = Vec::new();
    for _ in 0..7 {
        tablet.open_session();
        tablet.push(&house);
        let note = house.hq.checkpoint().unwrap();
        roots.push(journal::Checkpoint::open(&note, &name, &house.hq.public_key()).unwrap());
    }
    let last = roots.last().unwrap();
    for (n, earlier) in roots.iter().enumerate() {
        let proof = house.hq.consistency(earlier.size).unwrap().unwrap();
        let is_sound = journal::merkle::verify_consistency(
            earlier.size,
            last.size,
            &earlier.root,
            &last.root,
            &proof,
        );
        assert!(is_sound, "{n}");
        let (leaf, path) = house.hq.inclusion(n as u64).unwrap().unwrap();
        assert!(leaf.contains(tablet.writer()));
        let leaf = journal::merkle::leaf_hash(leaf.as_bytes());
        assert!(journal::merkle::verify_inclusion(
            &leaf, n as u64, last.size, &path, &last.root
        ));
    }
}
