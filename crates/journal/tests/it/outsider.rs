//! An outsider with a shell: the commands of `docs/journal-format.md`, as they stand there, and the verifier's program.

use std::path::Path;
use std::process::{Command, Output};

use journal::{Entry, Export, HqSigningKey, Receipt};

use crate::writer::{Writer, id, start};

const DOCUMENT: &str = include_str!("../../../../docs/journal-format.md");

fn block(name: &str) -> &'static str {
    let from = format!("```sh {name}\n");
    let (_, rest) = DOCUMENT
        .split_once(&from)
        .expect("the document has this block");
    rest.split_once("```").unwrap().0
}

fn shell(dir: &Path, assignments: &str, script: &str) -> Output {
    Command::new("bash")
        .args([
            "-euo",
            "pipefail",
            "-c",
            &format!("{assignments}\n{script}"),
        ])
        .current_dir(dir)
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn day_in(dir: &Path) -> Writer {
    let writer = Writer::day();
    let export = Export::new(id(), 0, writer.device_key(), writer.bytes());
    std::fs::write(dir.join("day.journal"), export.write()).unwrap();
    writer
}

#[test]
fn openssl_and_sha256sum_verify_what_the_document_says() {
    let dir = tempfile::tempdir().unwrap();
    let writer = day_in(dir.path());
    for (n, key) in [
        (0, "device.pem"),
        (2, "device.pem"),
        (3, "session.pem"),
        (17, "session.pem"),
    ] {
        let assignments = format!("file=day.journal n={n} opened=2 key={key}");
        let hashes = said(&shell(dir.path(), &assignments, block("entry")));
        let hashes: Vec<&str> = hashes.lines().map(|line| &line[..64]).collect();
        let entry = &writer.entries[n];
        assert_eq!(
            hashes,
            [entry.hash().to_string(), entry.header.body.to_string()]
        );
        assert_eq!(
            writer.entries[n + 1].header.prev.unwrap().to_string(),
            hashes[0]
        );
        said(&shell(dir.path(), &assignments, block("keys")));
        let verdict = said(&shell(dir.path(), &assignments, block("signature")));
        assert_eq!(verdict.trim(), "Verified OK");
        let swapped = assignments.replace(
            key,
            if key == "device.pem" {
                "session.pem"
            } else {
                "device.pem"
            },
        );
        assert!(
            !shell(dir.path(), &swapped, block("signature"))
                .status
                .success()
        );
    }
}

#[test]
fn openssl_verifies_a_receipt() {
    let dir = tempfile::tempdir().unwrap();
    let writer = day_in(dir.path());
    let key = HqSigningKey::generate();
    std::fs::write(
        dir.path().join("note"),
        receipt(&writer, 39).sign(&key, "hq"),
    )
    .unwrap();
    let assignments = format!("note=note hq={}", key.public().to_base64());
    assert!(
        said(&shell(dir.path(), &assignments, block("receipt"))).contains("Verified Successfully")
    );
    let text = std::fs::read_to_string(dir.path().join("text")).unwrap();
    assert!(text.contains(&format!("hash {}\n", writer.entries[39].hash())));
}

fn receipt(writer: &Writer, idx: usize) -> Receipt {
    Receipt {
        writer: id(),
        epoch: 0,
        idx: idx as u64,
        hash: writer.entries[idx].hash(),
        received_at: start(),
    }
}

fn verifier(dir: &Path, args: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_sanxiang-verify"))
        .args(args)
        .current_dir(dir)
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    (
        output.status.code().unwrap(),
        String::from_utf8(text).unwrap(),
    )
}

#[test]
fn the_program_says_what_it_found() {
    let dir = tempfile::tempdir().unwrap();
    let writer = day_in(dir.path());
    let (code, text) = verifier(dir.path(), &["day.journal"]);
    assert_eq!(code, 0, "{text}");
    let expected = format!(
        "series tablet-07 epoch 0 device key {}\n\
         session 1 from entry 2: 18 entries, closed\n\
         session 2 from entry 21: 18 entries, closed\n\
         case case-a: 16 entries (4 to 37), 0 withheld\n\
         case case-b: 14 entries (5 to 36), 0 withheld\n\
         OK: 40 entries verified, 0 bodies withheld, 0 of unknown kind\n",
        writer.device_key().key_id()
    );
    assert_eq!(text, expected);

    let (code, text) = verifier(dir.path(), &["--json", "day.journal"]);
    let found: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        (code, &found["ok"], &found["report"]["entries"]),
        (0, &true.into(), &40.into())
    );
}

#[test]
fn the_program_refuses_a_damaged_a_cut_and_a_foreign_file() {
    let dir = tempfile::tempdir().unwrap();
    let writer = day_in(dir.path());
    let hq = HqSigningKey::generate();
    let hq_text = hq.public().to_base64();
    std::fs::write(
        dir.path().join("note"),
        receipt(&writer, 39).sign(&hq, "hq"),
    )
    .unwrap();
    let with_receipt = |file| {
        vec![
            file,
            "--receipt",
            "note",
            "--headquarters",
            hq_text.as_str(),
        ]
    };

    let (code, text) = verifier(dir.path(), &with_receipt("day.journal"));
    assert!(
        code == 0 && text.contains("receipt: headquarters held entries 0 to 39"),
        "{text}"
    );

    let cut: Vec<u8> = writer.entries[..38].iter().flat_map(Entry::frame).collect();
    std::fs::write(
        dir.path().join("cut"),
        Export::new(id(), 0, writer.device_key(), cut).write(),
    )
    .unwrap();
    assert_eq!(verifier(dir.path(), &["cut"]).0, 0);
    let (code, text) = verifier(dir.path(), &with_receipt("cut"));
    assert!(
        code == 1 && text.contains("FAULT headquarters received entries up to 39"),
        "{text}"
    );

    let mut damaged = std::fs::read(dir.path().join("day.journal")).unwrap();
    let place = damaged.len() / 2;
    damaged[place] ^= 1;
    std::fs::write(dir.path().join("damaged"), damaged).unwrap();
    let (code, text) = verifier(dir.path(), &["damaged", "--json"]);
    let found: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!((code, &found["ok"]), (1, &false.into()));
    assert!(found["report"]["fault"]["idx"].is_u64(), "{found}");

    let stranger = journal::SigningKey::generate().public().to_base64();
    let (code, text) = verifier(dir.path(), &["day.journal", "--device", &stranger]);
    assert!(code == 1 && text.contains("another device key"), "{text}");
    let other = HqSigningKey::generate().public().to_base64();
    let (code, text) = verifier(
        dir.path(),
        &["day.journal", "--receipt", "note", "--headquarters", &other],
    );
    assert!(
        code == 1 && text.contains("not signed by this headquarters"),
        "{text}"
    );

    for args in [
        &[][..],
        &["absent"],
        &["day.journal", "--receipt", "note"],
        &["day.journal", "--what"],
        &["note"],
    ] {
        assert_eq!(verifier(dir.path(), args).0, 2, "{args:?}");
    }
}
