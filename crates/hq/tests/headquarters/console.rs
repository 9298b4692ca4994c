use contract::Code;
use hq::console::{ConsoleCall, Cookie};
use hq::contract::console::{CasesQuery, Empty, Handlers, ReadCase, ViewsQuery};
use journal::Hash;

use crate::support::{CASE, House, NUMBER};

fn read(purpose: &str) -> ReadCase {
    ReadCase {
        case_id: CASE.to_owned(),
        purpose: purpose.to_owned(),
    }
}

fn all_views() -> ViewsQuery {
    ViewsQuery {
        case_id: None,
        user: None,
        after: None,
        limit: 100,
    }
}

/// A house with one inspection and its files.
fn inspected() -> (House, Vec<(Vec<u8>, &'static str)>) {
    let house = House::new();
    let mut tablet = house.tablet("终端一");
    let files = tablet.inspect();
    tablet.push(&house);
    for (bytes, media_type) in &files {
        tablet.send(&house, bytes, media_type);
    }
    (house, files)
}

#[test]
fn nothing_is_shown_without_a_login() {
    let (house, files) = inspected();
    for token in [None, Some("0".repeat(64)), Some(String::new())] {
        let call = ConsoleCall::new(&house.hq, token.clone(), "");
        let query = CasesQuery {
            text: String::new(),
            after: None,
            limit: 10,
        };
        for refused in [
            call.me(Empty {}).unwrap_err(),
            call.cases(query).unwrap_err(),
            call.case(read("x")).unwrap_err(),
            call.terminals(Empty {}).unwrap_err(),
            call.officers(Empty {}).unwrap_err(),
            call.views(all_views()).unwrap_err(),
            call.journal_health(Empty {}).unwrap_err(),
            house
                .hq
                .open_file(token.as_deref(), &Hash::of(&files[0].0), CASE, Some("x"))
                .unwrap_err(),
        ] {
            assert_eq!(refused.code, Code::Locked);
        }
    }
    assert_eq!(house.console("legal").views(all_views()).unwrap().total, 0);
}

#[test]
fn wrong_passwords_cost_a_growing_delay_and_are_written_down() {
    let house = House::new();
    let tablet = house.tablet("终端");
    let attempt = |password: &str| {
        house
            .login("legal", password)
            .0
            .map_err(|error| (error.code, error.args["retry_after_s"].as_i64().unwrap()))
    };
    for expected in [0, 0, 0, 2, 4, 8, 16] {
        assert_eq!(attempt("wrong"), Err((Code::WrongSecret, expected)));
        if expected > 0 {
            assert_eq!(
                attempt("example-legal"),
                Err((Code::Delayed, expected)),
                "even the right one waits"
            );
            house.advance_s(expected - 1);
            assert_eq!(attempt("example-legal"), Err((Code::Delayed, 1)));
            house.advance_s(1);
        }
    }
    assert!(
        house.login("clerk", "example-clerk").0.is_ok(),
        "another user is not held up"
    );
    assert!(attempt("example-legal").is_ok());
    assert_eq!(
        attempt("wrong"),
        Err((Code::WrongSecret, 0)),
        "the count begins anew"
    );
    let kinds = house.own_kinds(&tablet);
    assert_eq!(
        kinds
            .iter()
            .filter(|kind| *kind == "hq.sign_in_failed")
            .count(),
        8
    );
    assert_eq!(
        kinds.iter().filter(|kind| *kind == "hq.signed_in").count(),
        2
    );
}

#[test]
fn attempts_made_at_the_same_time_count_each() {
    let house = House::new();
    let wrong = std::sync::atomic::AtomicU32::new(0);
    std::thread::scope(|scope| {
        for _ in 0..12 {
            scope.spawn(|| {
                let error = house.login("legal", "wrong").0.unwrap_err();
                if error.code == Code::WrongSecret {
                    wrong.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                }
            });
        }
    });
    assert_eq!(
        wrong.into_inner(),
        4,
        "three are free, the fourth starts the delay"
    );
}

#[test]
fn unknown_users_and_hostile_names_get_the_same_answer() {
    let house = House::new();
    for name in [
        "nobody",
        "",
        "legal'--",
        "\0",
        &"长".repeat(100_000),
        "LEGAL",
        "?",
    ] {
        let error = house.login(name, "example-legal").0.unwrap_err();
        assert!(
            matches!(error.code, Code::WrongSecret | Code::Delayed),
            "{:?}",
            error.code
        );
    }
    let error = house.login("legal", &"x".repeat(1_000_000)).0.unwrap_err();
    assert_eq!(error.code, Code::WrongSecret);
}

#[test]
fn a_session_ends_with_logout_and_after_eight_hours() {
    let house = House::new();
    let token = house.token("legal");
    let call = ConsoleCall::new(&house.hq, Some(token), "");
    assert_eq!(call.me(Empty {}).unwrap().role, "legal");
    house.advance_s(8 * 3600 - 1);
    assert!(call.me(Empty {}).is_ok());
    house.advance_s(1);
    assert_eq!(call.me(Empty {}).unwrap_err().code, Code::Locked);
    let call = house.console("clerk");
    call.logout(Empty {}).unwrap();
    assert_eq!(call.cookie(), Some(Cookie::Clear));
    assert_eq!(call.me(Empty {}).unwrap_err().code, Code::Locked);
}

#[test]
fn a_session_survives_a_restart() {
    let house = House::new();
    let token = house.token("legal");
    let house = house.restart();
    assert!(
        ConsoleCall::new(&house.hq, Some(token), "")
            .me(Empty {})
            .is_ok()
    );
}

#[test]
fn looking_at_a_case_is_recorded_before_it_is_shown() {
    let (house, _) = inspected();
    let legal = house.console("legal");
    for purpose in ["", "  ", &"长".repeat(201)] {
        legal.case(read(purpose)).unwrap_err();
    }
    let unknown = ReadCase {
        case_id: "none".to_owned(),
        purpose: "x".to_owned(),
    };
    assert_eq!(legal.case(unknown).unwrap_err().code, Code::NotFound);
    assert_eq!(legal.views(all_views()).unwrap().total, 0);

    let view = legal.case(read("案卷评查")).unwrap();
    assert_eq!(
        view.views.len(),
        1,
        "the look that shows it is in it already"
    );
    assert_eq!(view.views[0].purpose, "案卷评查");
    assert_eq!(view.views[0].user_name, "孙法制");
    house.console("supervisor").case(read("执法监督")).unwrap();
    let of_legal = ViewsQuery {
        user: Some("legal".to_owned()),
        ..all_views()
    };
    assert_eq!(legal.views(of_legal).unwrap().total, 1);
    let page = ViewsQuery {
        limit: 1,
        ..all_views()
    };
    let first = legal.views(page.clone()).unwrap();
    assert_eq!(
        (first.total, first.views[0].purpose.as_str()),
        (2, "执法监督")
    );
    let second = legal
        .views(ViewsQuery {
            after: first.next,
            ..page
        })
        .unwrap();
    assert_eq!(second.views[0].purpose, "案卷评查");
}

#[test]
fn a_case_that_cannot_be_recorded_as_seen_is_not_shown() {
    let (house, files) = inspected();
    let (legal, token) = (house.console("legal"), house.token("clerk"));
    let database = house.dir.path().join("headquarters.sqlite");
    let connection = rusqlite::Connection::open(&database).unwrap();
    connection
        .execute_batch(
            "CREATE TRIGGER broken BEFORE INSERT ON entry WHEN NEW.kind = 'hq.record_viewed'
             BEGIN SELECT RAISE(ABORT, 'the disk is full'); END;",
        )
        .unwrap();
    let refused = legal.case(read("案卷评查")).unwrap_err();
    assert_eq!(refused.code, Code::Failure);
    assert!(refused.incident.is_some());
    let refused = house
        .hq
        .open_file(Some(&token), &Hash::of(&files[0].0), CASE, Some("核对"))
        .unwrap_err();
    assert_eq!(refused.code, Code::Failure);
    connection.execute_batch("DROP TRIGGER broken;").unwrap();
    legal.case(read("案卷评查")).unwrap();
    assert!(house.hq.journal_health().unwrap().is_sound);
}

#[test]
fn opening_a_file_is_recorded_once_and_needs_a_purpose() {
    let (house, files) = inspected();
    let token = house.token("legal");
    let sha256 = Hash::of(&files[0].0);
    let open = |case: &str, purpose: Option<&str>| {
        house.hq.open_file(Some(&token), &sha256, case, purpose)
    };
    assert_eq!(
        open(CASE, None).unwrap_err().code,
        Code::Forbidden,
        "nobody said why"
    );
    assert_eq!(
        open("another-case", Some("核对")).unwrap_err().code,
        Code::NotFound
    );
    let legal = house.console("legal");
    legal.case(read("案卷评查")).unwrap();
    for _ in 0..5 {
        let opened = open(CASE, None).unwrap();
        assert_eq!(std::fs::read(opened.path).unwrap(), files[0].0);
        assert_eq!(opened.media_type, "application/pdf");
    }
    let views = legal.views(all_views()).unwrap().views;
    let of_file: Vec<_> = views.iter().filter(|view| view.what == "object").collect();
    assert_eq!(of_file.len(), 1, "a player's many ranges are one look");
    assert_eq!(
        (of_file[0].id.as_str(), of_file[0].purpose.as_str()),
        (sha256.to_string().as_str(), "案卷评查")
    );
    house.advance_s(11 * 60);
    open(CASE, None).unwrap();
    assert_eq!(legal.views(all_views()).unwrap().total, 3);
}

#[test]
fn cases_are_found_by_party_plate_place_number_and_page_by_page() {
    let house = House::new();
    let mut tablet = house.tablet("终端一");
    tablet.inspect();
    for n in 2..=25 {
        tablet.open_case(
            &format!("case-{n:04}"),
            &format!("当事人{n}_"),
            &format!("示B·{n:05}"),
        );
    }
    tablet.push(&house);
    let legal = house.console("legal");
    let find = |text: &str| {
        let query = CasesQuery {
            text: text.to_owned(),
            after: None,
            limit: 100,
        };
        legal.cases(query).unwrap()
    };
    for (text, total) in [
        ("", 25),
        ("冯试例", 1),
        ("示A·T0001", 1),
        ("t0001", 1),
        (NUMBER, 1),
        ("G999", 25),
        (CASE, 1),
        ("%", 0),
        ("_", 24),
        ("当事人2", 7),
        ("' OR 1=1 --", 0),
        ("\0", 0),
        ("  冯试例 ", 1),
        (&"长".repeat(50_000), 0),
    ] {
        assert_eq!(
            find(text).total,
            total,
            "{}",
            text.chars().take(20).collect::<String>()
        );
    }
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = legal
            .cases(CasesQuery {
                text: String::new(),
                after,
                limit: 10,
            })
            .unwrap();
        seen.extend(page.cases.into_iter().map(|case| case.case_id));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen.len(), 25);
    assert_eq!((seen[0].as_str(), seen[24].as_str()), ("case-0025", CASE));
    let nonsense = CasesQuery {
        text: String::new(),
        after: Some("x".to_owned()),
        limit: 10,
    };
    assert_eq!(legal.cases(nonsense).unwrap_err().code, Code::BadRequest);
}

#[test]
fn officers_stand_as_the_day_says() {
    let house = House::new();
    let officers = house.console("clerk").officers(Empty {}).unwrap().officers;
    let standing: Vec<_> = officers
        .iter()
        .map(|officer| (officer.credential_no.as_str(), officer.standing.as_str()))
        .collect();
    assert!(standing.contains(&("99010001", "valid")), "{standing:?}");
    assert!(standing.contains(&("99010003", "expired")), "{standing:?}");
    assert!(
        standing
            .iter()
            .any(|(_, standing)| *standing == "not_an_officer"),
        "{standing:?}"
    );
}

#[test]
fn stored_bytes_that_somebody_changed_are_found() {
    let (house, _) = inspected();
    let legal = house.console("legal");
    assert!(legal.journal_health(Empty {}).unwrap().is_sound);
    let connection =
        rusqlite::Connection::open(house.dir.path().join("headquarters.sqlite")).unwrap();
    let changed = connection
        .execute(
            "UPDATE entry SET frame = CAST(replace(CAST(frame AS TEXT), '20000', '10000') AS BLOB)
             WHERE kind = 'instrument.issued'",
            [],
        )
        .unwrap();
    assert_eq!(changed, 1);
    let health = legal.journal_health(Empty {}).unwrap();
    let fault = health
        .series
        .iter()
        .find_map(|series| series.fault.clone())
        .unwrap();
    assert!(!health.is_sound && fault.contains("body"), "{fault}");
}
