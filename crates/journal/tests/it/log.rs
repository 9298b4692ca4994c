use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use journal::merkle::{
    consistency_proof, inclusion_proof, leaf_hash, root, verify_consistency, verify_inclusion,
};
use journal::{
    Checkpoint, Hash, HqPublicKey, HqSigningKey, MediaReceipt, NoteFault, Receipt, note_signers,
    open_note, sign_note, verifier_key,
};
use proptest::prelude::*;

use crate::writer::{id, start};

const NAME: &str = "hq.example.org/receipts";

fn leaves(count: usize) -> Vec<Hash> {
    (0..count).map(|at| leaf_hash(&at.to_be_bytes())).collect()
}

/// The reference leaves of Google's certificate transparency tests.
#[test]
fn roots_are_those_of_rfc_6962() {
    let leaves: Vec<Hash> = [
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ]
    .iter()
    .map(|text| leaf_hash(&hex::decode(text).unwrap()))
    .collect();
    for (count, expected) in [
        (
            0,
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        ),
        (
            1,
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        ),
        (
            2,
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        ),
        (
            3,
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        ),
        (
            8,
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ),
    ] {
        assert_eq!(
            root(&leaves[..count]).to_string(),
            expected,
            "{count} leaves"
        );
    }
}

#[test]
fn every_proof_of_every_small_tree_verifies() {
    for size in 1..=33 {
        let leaves = leaves(size);
        let whole = root(&leaves);
        for at in 0..size {
            let proof = inclusion_proof(&leaves, at).unwrap();
            assert!(verify_inclusion(
                &leaves[at],
                at as u64,
                size as u64,
                &proof,
                &whole
            ));
            assert!(!verify_inclusion(
                &Hash::of(b"x"),
                at as u64,
                size as u64,
                &proof,
                &whole
            ));
            let proof = consistency_proof(&leaves, at + 1).unwrap();
            let old = root(&leaves[..=at]);
            assert!(
                verify_consistency(at as u64 + 1, size as u64, &old, &whole, &proof),
                "{at} in {size}"
            );
        }
        assert!(inclusion_proof(&leaves, size).is_none());
        assert!(consistency_proof(&leaves, 0).is_none());
        assert!(consistency_proof(&leaves, size + 1).is_none());
    }
}

#[test]
fn a_node_inside_the_tree_is_not_taken_for_its_root() {
    let leaves = leaves(4);
    let left = root(&leaves[..2]);
    assert!(!verify_inclusion(&leaves[0], 0, 2, &[], &leaves[0]));
    assert!(!verify_inclusion(&leaves[0], 0, 4, &[leaves[1]], &left));
    assert!(!verify_consistency(2, 4, &left, &left, &[]));
    assert!(!verify_consistency(1, 4, &leaves[0], &left, &[leaves[1]]));
}

proptest! {
    #[test]
    fn a_proof_holds_for_nothing_but_what_it_proves(size in 2usize..300, at in 0usize..300, other in 0usize..300, bit in 0usize..256) {
        let (at, other) = (at % size, other % size);
        let leaves = leaves(size);
        let whole = root(&leaves);
        let proof = inclusion_proof(&leaves, at).unwrap();
        let (size64, at64) = (size as u64, at as u64);
        prop_assert!(verify_inclusion(&leaves[at], at64, size64, &proof, &whole));
        if other != at {
            prop_assert!(!verify_inclusion(&leaves[at], other as u64, size64, &proof, &whole));
        }
        prop_assert!(!verify_inclusion(&leaves[at], at64, size64, &proof[1..], &whole));
        let mut longer = proof.clone();
        longer.push(whole);
        prop_assert!(!verify_inclusion(&leaves[at], at64, size64, &longer, &whole));
        let mut damaged = *proof[0].as_bytes();
        damaged[bit / 8] ^= 1 << (bit % 8);
        let mut changed = proof.clone();
        changed[0] = Hash::from_bytes(damaged);
        prop_assert!(!verify_inclusion(&leaves[at], at64, size64, &changed, &whole));

        let old_size = at + 1;
        let old = root(&leaves[..old_size]);
        let proof = consistency_proof(&leaves, old_size).unwrap();
        prop_assert!(verify_consistency(old_size as u64, size64, &old, &whole, &proof));
        let mut rewritten = leaves.clone();
        rewritten[other] = Hash::of(b"rewritten");
        let forged = root(&rewritten);
        prop_assert!(!verify_consistency(old_size as u64, size64, &old, &forged, &proof));
        if other < old_size {
            let forged_proof = consistency_proof(&rewritten, old_size).unwrap();
            prop_assert!(!verify_consistency(old_size as u64, size64, &old, &forged, &forged_proof));
        }
    }
}

#[test]
fn a_note_is_what_the_format_says() {
    let key = HqSigningKey::from_secret_bytes(&[1; 32]).unwrap();
    let note = sign_note("first\n\nsecond", NAME, &key);
    assert!(note.starts_with("first\n\nsecond\n\n— hq.example.org/receipts "));
    assert_eq!(
        open_note(&note, NAME, &key.public()).unwrap(),
        "first\n\nsecond\n"
    );
    assert_eq!(note_signers(&note), [NAME]);
    assert!(verifier_key(NAME, &key.public()).starts_with("hq.example.org/receipts+"));

    let stranger = HqSigningKey::generate();
    assert!(matches!(
        open_note(&note, NAME, &stranger.public()),
        Err(NoteFault::Unsigned(_))
    ));
    assert!(matches!(
        open_note(&note, "other", &key.public()),
        Err(NoteFault::Unsigned(_))
    ));
    let cosigned = format!("{note}— witness AAAAAAAA\n");
    assert!(open_note(&cosigned, NAME, &key.public()).is_ok());
    for place in 0..note.len() {
        let mut damaged = note.clone().into_bytes();
        damaged[place] ^= 1;
        let Ok(damaged) = String::from_utf8(damaged) else {
            continue;
        };
        assert!(
            open_note(&damaged, NAME, &key.public()).is_err(),
            "byte {place}"
        );
    }
}

/// The example of the Go package `golang.org/x/mod/sumdb/note`, where the format comes from.
#[test]
fn a_note_signed_elsewhere_opens_here() {
    let verifier = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    let note = "If you think cryptography is the answer to your problem,\n\
        then you don't know what your problem is.\n\n\
        — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
    let raw = STANDARD
        .decode(verifier.rsplit('+').next().unwrap())
        .unwrap();
    let spki = [&hex::decode("302a300506032b6570032100").unwrap(), &raw[1..]].concat();
    let key = HqPublicKey::from_base64(&STANDARD.encode(spki)).unwrap();
    assert_eq!(verifier_key("PeterNeumann", &key), verifier);
    assert!(
        open_note(note, "PeterNeumann", &key)
            .unwrap()
            .starts_with("If you think")
    );
}

#[test]
fn receipts_come_back_as_they_were_signed() {
    let key = HqSigningKey::generate();
    let receipt = Receipt {
        writer: id(),
        epoch: 2,
        idx: 41,
        hash: Hash::of(b"header"),
        received_at: start(),
    };
    let note = receipt.sign(&key, NAME);
    assert_eq!(Receipt::open(&note, NAME, &key.public()).unwrap(), receipt);
    let media = MediaReceipt {
        sha256: Hash::of(b"film"),
        size_bytes: 4,
        received_at: start(),
    };
    let media_note = media.sign(&key, NAME);
    assert_eq!(
        MediaReceipt::open(&media_note, NAME, &key.public()).unwrap(),
        media
    );
    assert!(matches!(
        MediaReceipt::open(&note, NAME, &key.public()),
        Err(NoteFault::Content)
    ));
    assert!(matches!(
        Receipt::open(&media_note, NAME, &key.public()),
        Err(NoteFault::Content)
    ));
    assert!(Receipt::open("<html>captive portal</html>", NAME, &key.public()).is_err());
    let extra = sign_note(
        &format!("{}more\n", open_note(&note, NAME, &key.public()).unwrap()),
        NAME,
        &key,
    );
    assert!(matches!(
        Receipt::open(&extra, NAME, &key.public()),
        Err(NoteFault::Content)
    ));
}

#[test]
fn a_checkpoint_is_bound_to_its_origin() {
    let key = HqSigningKey::generate();
    let checkpoint = Checkpoint {
        origin: "hq.example.org/log".to_owned(),
        size: 33,
        root: root(&leaves(33)),
    };
    let note = checkpoint.sign(&key);
    assert_eq!(
        Checkpoint::open(&note, "hq.example.org/log", &key.public()).unwrap(),
        checkpoint
    );
    assert!(Checkpoint::open(&note, "hq.example.org/other", &key.public()).is_err());
    let foreign = sign_note(
        &checkpoint.to_text().replace("/log", "/other"),
        "hq.example.org/log",
        &key,
    );
    assert!(Checkpoint::open(&foreign, "hq.example.org/log", &key.public()).is_err());
    for damaged in [
        "",
        "o\n",
        "o\n1\n",
        "o\n01\nAAAA\n",
        "\n1\nAAAA\n",
        "o\n1\nAAAA\n",
    ] {
        assert!(Checkpoint::parse(damaged).is_err(), "{damaged:?}");
    }
}
