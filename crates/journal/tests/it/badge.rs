use chrono::{DateTime, FixedOffset, TimeDelta};
use journal::badge::{PERIOD_S, SKEW_S, check, mint, read};
use journal::{
    Authorization, BadgeClaims, BadgeFault, Hash, RequestFault, SigningKey, authorization,
};

use crate::writer::start;

fn claims() -> BadgeClaims {
    BadgeClaims {
        issued_at: u32::try_from(start().timestamp()).unwrap(),
        period_s: PERIOD_S,
        nonce: [1, 2, 3, 4, 5, 6],
        presentation: [9; 16],
        credentials: vec!["320100001".to_owned(), "320100002".to_owned()],
    }
}

fn at(seconds: i64) -> DateTime<FixedOffset> {
    start() + TimeDelta::seconds(seconds)
}

#[test]
fn a_badge_is_valid_from_half_a_minute_before_to_a_minute_after() {
    let key = SigningKey::generate();
    let token = mint(&claims(), &key);
    println!("{} characters", token.len());
    assert!(token.len() < 180);
    for (seconds, expected) in [
        (-31, Err(BadgeFault::NotYet)),
        (-30, Ok(claims())),
        (0, Ok(claims())),
        (30, Ok(claims())),
        (60, Ok(claims())),
        (61, Err(BadgeFault::Expired)),
        (86_400, Err(BadgeFault::Expired)),
    ] {
        assert_eq!(
            check(&token, &key.public(), at(seconds), SKEW_S),
            expected,
            "at {seconds} s"
        );
    }
    assert_eq!(
        check(&token, &key.public(), at(31), 0),
        Err(BadgeFault::Expired)
    );
}

#[test]
fn a_badge_tells_its_key_and_survives_what_scanners_append() {
    let key = SigningKey::generate();
    let token = mint(&claims(), &key);
    for tail in [
        "",
        "&appinstall=0",
        "?from=singlemessage",
        " ",
        "\n",
        "#",
        "，",
    ] {
        let text = format!("{token}{tail}");
        assert_eq!(read(&text), Ok((claims(), key.public().key_id())));
        assert_eq!(check(&text, &key.public(), at(0), SKEW_S), Ok(claims()));
    }
    let nobody = BadgeClaims {
        credentials: Vec::new(),
        ..claims()
    };
    assert_eq!(read(&mint(&nobody, &key)).unwrap().0, nobody);
}

#[test]
fn a_changed_badge_is_refused() {
    let key = SigningKey::generate();
    let token = mint(&claims(), &key);
    assert_eq!(
        check(&token, &SigningKey::generate().public(), at(0), SKEW_S),
        Err(BadgeFault::BadSignature)
    );
    for place in 0..token.len() {
        let mut damaged = token.clone().into_bytes();
        damaged[place] = if damaged[place] == b'A' { b'B' } else { b'A' };
        let damaged = String::from_utf8(damaged).unwrap();
        let fault = check(&damaged, &key.public(), at(0), SKEW_S).unwrap_err();
        assert!(
            matches!(fault, BadgeFault::BadSignature | BadgeFault::Malformed),
            "{place}"
        );
    }
    for length in 0..token.len() {
        assert!(check(&token[..length], &key.public(), at(0), SKEW_S).is_err());
    }
    for hostile in ["", "&", "亮证", &"A".repeat(100_000), &"A".repeat(150)] {
        assert_eq!(read(hostile).unwrap_err(), BadgeFault::Malformed);
    }
}

#[test]
fn a_request_is_bound_to_everything_it_asks() {
    let key = SigningKey::generate();
    let body = Hash::of(b"frames");
    let header = authorization(
        "tablet-07",
        "POST",
        "/journal?epoch=0",
        body,
        at(0),
        "n-1",
        &key,
    );
    let read = Authorization::parse(&header).unwrap();
    assert_eq!(
        (read.device.as_str(), read.nonce.as_str(), read.at),
        ("tablet-07", "n-1", at(0))
    );
    let check = |method, path, body, now, expected| {
        assert_eq!(
            read.check(method, path, body, &key.public(), now, 300),
            expected
        );
    };
    let path = "/journal?epoch=0";
    check("POST", path, body, at(0), Ok(()));
    check("POST", path, body, at(300), Ok(()));
    check("POST", path, body, at(-300), Ok(()));
    check("POST", path, body, at(301), Err(RequestFault::Stale));
    check("POST", path, body, at(-301), Err(RequestFault::Stale));
    check("PUT", path, body, at(0), Err(RequestFault::BadSignature));
    check(
        "POST",
        "/journal?epoch=1",
        body,
        at(0),
        Err(RequestFault::BadSignature),
    );
    check(
        "POST",
        path,
        Hash::of(b""),
        at(0),
        Err(RequestFault::BadSignature),
    );
    for part in ["tablet-07", "n-1", "09:00"] {
        let changed =
            Authorization::parse(&header.replace(part, &part.replace(['7', '1', '9'], "2")))
                .unwrap();
        let fault = changed
            .check("POST", path, body, &key.public(), at(0), 300)
            .unwrap_err();
        assert_eq!(fault, RequestFault::BadSignature, "{part}");
    }
    for hostile in [
        "",
        "Bearer x",
        "Sanxiang ",
        "Sanxiang device=\"a\"",
        &format!("{header}, x=\"\""),
        &"S".repeat(5000),
    ] {
        assert_eq!(
            Authorization::parse(hostile),
            Err(RequestFault::Malformed),
            "{hostile}"
        );
    }
}
