use journal::{
    CHUNK_OVERHEAD_BYTES, DataKey, DecryptionKey, PinParams, SealFault, SoftKeyStore, open_chunk,
    open_sealed, seal_chunk, seal_to, stretch, unwrap_key, wrap,
};

/// Every single-byte change and every cut of `sealed` must fail to open.
fn refuses_every_change<T>(sealed: &[u8], open: impl Fn(&[u8]) -> Result<T, SealFault>) {
    assert!(open(sealed).is_ok());
    for place in 0..sealed.len() {
        let mut damaged = sealed.to_vec();
        damaged[place] ^= 1;
        assert!(open(&damaged).is_err(), "byte {place} changed unseen");
        assert!(open(&sealed[..place]).is_err(), "cut at {place} unseen");
    }
}

#[test]
fn a_wrapped_key_opens_in_its_place_only() {
    let (kek, key) = (DataKey::generate(), DataKey::generate());
    let wrapped = wrap(&kek, &key, "object/1");
    assert_eq!(
        unwrap_key(&kek, &wrapped, "object/1").unwrap().as_bytes(),
        key.as_bytes()
    );
    assert_eq!(
        unwrap_key(&kek, &wrapped, "object/2").unwrap_err(),
        SealFault::Wrong
    );
    assert_eq!(
        unwrap_key(&key, &wrapped, "object/1").unwrap_err(),
        SealFault::Wrong
    );
    refuses_every_change(&wrapped, |sealed| unwrap_key(&kek, sealed, "object/1"));
}

#[test]
fn what_is_sealed_to_headquarters_opens_there_only() {
    let hq = DecryptionKey::generate();
    let sealed = seal_to(&hq.public(), b"data key", "escrow/1");
    assert_eq!(
        open_sealed(&hq, &sealed, "escrow/1").unwrap().as_slice(),
        b"data key"
    );
    assert!(open_sealed(&hq, &sealed, "escrow/2").is_err());
    assert!(open_sealed(&DecryptionKey::generate(), &sealed, "escrow/1").is_err());
    refuses_every_change(&sealed, |sealed| open_sealed(&hq, sealed, "escrow/1"));
    let again = DecryptionKey::from_secret_bytes(hq.to_secret_bytes().as_slice()).unwrap();
    assert_eq!(again.public(), hq.public());
    assert_ne!(seal_to(&hq.public(), b"data key", "escrow/1"), sealed);
}

#[test]
fn a_chunk_opens_at_its_place_only() {
    let key = DataKey::generate();
    let sealed = seal_chunk(&key, "film", 3, false, b"one second");
    assert_eq!(sealed.len(), 10 + CHUNK_OVERHEAD_BYTES);
    assert_eq!(
        open_chunk(&key, "film", 3, false, &sealed).unwrap(),
        b"one second"
    );
    assert!(open_chunk(&key, "film", 4, false, &sealed).is_err());
    assert!(open_chunk(&key, "film", 3, true, &sealed).is_err());
    assert!(open_chunk(&key, "photo", 3, false, &sealed).is_err());
    assert!(open_chunk(&DataKey::generate(), "film", 3, false, &sealed).is_err());
    refuses_every_change(&sealed, |sealed| open_chunk(&key, "film", 3, false, sealed));
}

#[test]
fn other_bytes_in_the_same_place_take_another_nonce() {
    let key = DataKey::generate();
    let first = seal_chunk(&key, "film", 0, false, b"before the crash");
    let second = seal_chunk(&key, "film", 0, false, b"after the crash!");
    assert_ne!(first[..12], second[..12]);
    assert_eq!(
        first,
        seal_chunk(&key, "film", 0, false, b"before the crash")
    );
}

#[test]
fn empty_and_large_chunks_come_back() {
    let key = DataKey::generate();
    for size in [0, 1, 65_536, 1 << 20] {
        let plain = vec![0xA5; size];
        let sealed = seal_chunk(&key, "film", 0, true, &plain);
        assert_eq!(open_chunk(&key, "film", 0, true, &sealed).unwrap(), plain);
    }
}

#[test]
fn a_wrong_pin_or_another_tablet_opens_nothing() {
    let (hardware, secret, params) = (
        DataKey::generate(),
        DataKey::generate(),
        PinParams::for_tests(),
    );
    let salt = [3; 16];
    let wrapped = wrap(
        &stretch("204816", &salt, &hardware, &params),
        &secret,
        "vault",
    );
    let attempt =
        |pin, salt, hardware| unwrap_key(&stretch(pin, salt, hardware, &params), &wrapped, "vault");
    assert_eq!(
        attempt("204816", &salt, &hardware).unwrap().as_bytes(),
        secret.as_bytes()
    );
    assert!(attempt("204817", &salt, &hardware).is_err());
    assert!(attempt("", &salt, &hardware).is_err());
    assert!(attempt("204816", &[4; 16], &hardware).is_err());
    assert!(attempt("204816", &salt, &DataKey::generate()).is_err());
}

#[test]
fn the_cost_of_a_pin_is_stored_and_bounded() {
    let text = serde_json::to_string(&PinParams::default()).unwrap();
    assert_eq!(text, r#"{"memory_kib":65536,"passes":3,"lanes":1}"#);
    assert_eq!(
        serde_json::from_str::<PinParams>(&text).unwrap(),
        PinParams::default()
    );
    for (memory, passes, lanes) in [
        (7, 1, 1),
        (8, 0, 1),
        (8, 1, 0),
        (8, 1, 2),
        (u32::MAX, 1, 1),
        (8, 17, 1),
    ] {
        assert!(PinParams::new(memory, passes, lanes).is_err());
    }
    assert!(serde_json::from_str::<PinParams>(r#"{"memory_kib":0,"passes":3,"lanes":1}"#).is_err());
}

#[test]
fn derived_keys_are_stable_and_apart() {
    let key = DataKey::from_bytes([5; 32]);
    assert_eq!(
        key.derive("database").as_bytes(),
        key.derive("database").as_bytes()
    );
    assert_ne!(
        key.derive("database").as_bytes(),
        key.derive("evidence").as_bytes()
    );
}

#[test]
fn a_key_store_stays_the_same_device() {
    let dir = tempfile::tempdir().unwrap();
    let first = SoftKeyStore::open_or_create(dir.path()).unwrap();
    let again = SoftKeyStore::open_or_create(dir.path()).unwrap();
    assert_eq!(first.device().public(), again.device().public());
    assert_eq!(first.hardware().as_bytes(), again.hardware().as_bytes());
    assert_eq!(first.class(), "soft");
    #[cfg(unix)]
    for name in ["hardware", "device"] {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(dir.path().join("keys").join(name))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[test]
fn a_damaged_key_store_is_never_replaced() {
    for name in ["hardware", "device"] {
        for damage in [None, Some(&b""[..]), Some(&[0; 32]), Some(&[0; 60])] {
            let dir = tempfile::tempdir().unwrap();
            SoftKeyStore::open_or_create(dir.path()).unwrap();
            let path = dir.path().join("keys").join(name);
            match damage {
                None => std::fs::remove_file(&path).unwrap(),
                Some(bytes) => std::fs::write(&path, bytes).unwrap(),
            }
            assert!(
                SoftKeyStore::open_or_create(dir.path()).is_err(),
                "{name} {damage:?}"
            );
            assert_eq!(std::fs::read(&path).ok().as_deref(), damage);
        }
    }
}

#[test]
fn a_crash_while_making_the_keys_starts_over() {
    let dir = tempfile::tempdir().unwrap();
    let making = dir.path().join("keys.new");
    std::fs::create_dir(&making).unwrap();
    std::fs::write(making.join("hardware"), [1; 7]).unwrap();
    SoftKeyStore::open_or_create(dir.path()).unwrap();
    assert!(!making.exists());
}
