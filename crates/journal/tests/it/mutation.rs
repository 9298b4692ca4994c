//! Every way of damaging a series by one byte or one frame is refused with a reason.

use journal::{Entry, Fault, Reason, SeriesVerifier, frames, verify_series};

use crate::writer::{Writer, id};

/// The first fault of `bytes` after a verifier that stands at some entry.
fn first_fault(verifier: &SeriesVerifier, bytes: &[u8]) -> Option<Fault> {
    let mut verifier = verifier.clone();
    for frame in frames(bytes) {
        let idx = verifier.next_idx();
        let pushed = Entry::parse(frame)
            .map_err(|fault| Fault {
                idx,
                reason: Reason::Frame(fault),
            })
            .and_then(|entry| verifier.push(&entry));
        if let Err(fault) = pushed {
            return Some(fault);
        }
    }
    None
}

/// Calls `check` with each entry's index, the verifier before it, its frame and everything after it.
fn at_each_entry(mut check: impl FnMut(usize, &SeriesVerifier, &[u8], &[u8])) {
    let writer = Writer::day();
    let frames: Vec<Vec<u8>> = writer.entries.iter().map(Entry::frame).collect();
    let mut verifier = writer.verifier();
    for (at, entry) in writer.entries.iter().enumerate() {
        check(at, &verifier, &frames[at], &frames[at + 1..].concat());
        verifier.push(entry).unwrap();
    }
}

#[test]
fn every_flipped_byte_is_refused() {
    let mut flips = 0;
    at_each_entry(|at, verifier, frame, after| {
        for place in 0..frame.len() {
            let flip = [0x01, 0x20, 0x02, 0x80][(at + place) % 4];
            let mut damaged = frame.to_vec();
            damaged[place] ^= flip;
            damaged.extend_from_slice(after);
            let fault = first_fault(verifier, &damaged);
            assert!(
                fault.is_some(),
                "entry {at}, byte {place} ^ {flip:#x} went unseen"
            );
            assert_eq!(
                fault.unwrap().idx,
                at as u64,
                "byte {place}: wrong entry blamed or header believed"
            );
            flips += 1;
        }
    });
    println!("{flips} flips refused");
    assert!(flips > 20_000);
}

#[test]
fn every_missing_and_every_added_byte_is_refused() {
    at_each_entry(|at, verifier, frame, after| {
        for place in (0..frame.len()).step_by(3) {
            let mut shorter = frame.to_vec();
            let byte = shorter.remove(place);
            // The last byte of all is the newline whose absence shows only at the very end.
            shorter.extend_from_slice(after);
            assert!(
                first_fault(verifier, &shorter).is_some(),
                "entry {at}: byte {place} may be missing"
            );
            let mut longer = frame.to_vec();
            longer.insert(place, byte);
            longer.extend_from_slice(after);
            assert!(
                first_fault(verifier, &longer).is_some(),
                "entry {at}: byte {place} may come twice"
            );
        }
    });
}

#[test]
fn every_cut_inside_a_frame_is_refused() {
    at_each_entry(|at, verifier, frame, _| {
        for length in 1..frame.len() {
            assert!(
                first_fault(verifier, &frame[..length]).is_some(),
                "entry {at} cut at {length}"
            );
        }
    });
}

#[test]
fn deleted_repeated_swapped_and_foreign_frames_are_refused() {
    let writer = Writer::day();
    let frames: Vec<Vec<u8>> = writer.entries.iter().map(Entry::frame).collect();
    let verify =
        |frames: &[Vec<u8>]| verify_series(&frames.concat(), &id(), 0, &writer.device_key()).fault;
    assert_eq!(verify(&frames), None);
    for at in 0..frames.len() {
        let mut deleted = frames.clone();
        deleted.remove(at);
        match verify(&deleted) {
            Some(fault) => assert_eq!(
                fault.reason,
                Reason::Gap {
                    found: at as u64 + 1
                }
            ),
            None => assert_eq!(
                at,
                frames.len() - 1,
                "only the end may be cut; a receipt shows that"
            ),
        }
        let mut repeated = frames.clone();
        repeated.insert(at, frames[at].clone());
        let reason = verify(&repeated).unwrap().reason;
        assert_eq!(reason, Reason::Repeated { found: at as u64 });
        if at > 0 {
            let mut swapped = frames.clone();
            swapped.swap(at - 1, at);
            assert_eq!(
                verify(&swapped).unwrap().reason,
                Reason::Gap { found: at as u64 }
            );
        }
    }
    let foreign = Writer::day();
    let mut mixed = frames.clone();
    mixed[30] = foreign.entries[30].frame();
    // The other device has the same keys and times but other salts, so it tells another history.
    let fault = verify(&mixed).unwrap();
    assert_eq!((fault.idx, fault.reason), (30, Reason::BrokenChain));
}

#[test]
fn bodies_cannot_be_exchanged_between_entries() {
    at_each_entry(|at, verifier, frame, _| {
        let text = std::str::from_utf8(frame).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        let exchanged = format!("{}\n{}\n{{}}\n{}\n", lines[0], lines[1], lines[3]);
        let fault = first_fault(verifier, exchanged.as_bytes()).unwrap();
        assert_eq!((fault.idx, fault.reason), (at as u64, Reason::BodyMismatch));
    });
}
