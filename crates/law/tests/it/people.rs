//! Parties, officers, the simple procedure and refusals.

use chrono::NaiveDate;
use law::{
    CollectionLimit, Credential, CredentialStatus, CreditCode, CreditCodeFault, PartyKind,
    PenaltyKind, Refusal, ResidentId, ResidentIdFault, Severity, Sex, SummaryLimits, age_on,
    on_the_spot_collection, standing, summary_available, two_officers,
};
use proptest::prelude::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

#[test]
fn resident_ids_of_the_scenarios_are_read() {
    for (text, birth, sex) in [
        ("990000198803050016", "1988-03-05", Sex::Male),
        ("990000199108170029", "1991-08-17", Sex::Female),
        ("990000197902260030", "1979-02-26", Sex::Male),
        ("11010519491231002X", "1949-12-31", Sex::Female),
    ] {
        let id = ResidentId::parse(text).unwrap();
        assert_eq!(
            (id.as_str(), id.birth_date(), id.sex()),
            (text, day(birth), sex)
        );
    }
}

#[test]
fn wrong_resident_ids_say_what_is_wrong() {
    use ResidentIdFault::{BirthDate, Character, CheckDigit, Length, LowerCaseX};
    let cases: [(&str, ResidentIdFault); 9] = [
        ("", Length { found: 0 }),
        ("9900001988030500", Length { found: 16 }),
        (" 990000198803050016", Length { found: 19 }),
        (
            "990000198803050017",
            CheckDigit {
                expected: '6',
                found: '7',
            },
        ),
        (
            "990000189803050016",
            CheckDigit {
                expected: '2',
                found: '6',
            },
        ),
        (
            "99000019880305001Y",
            Character {
                position: 18,
                found: 'Y',
            },
        ),
        (
            "99000０198803050016",
            Character {
                position: 6,
                found: '０',
            },
        ),
        (
            "990000198802300016",
            BirthDate {
                digits: "19880230".into(),
            },
        ),
        ("11010519491231002x", LowerCaseX),
    ];
    for (text, expected) in cases {
        let found = ResidentId::parse(text).unwrap_err();
        // A check digit that differs is reported as such whatever the right one would be.
        match (&found, &expected) {
            (CheckDigit { found: a, .. }, CheckDigit { found: b, .. }) => assert_eq!(a, b),
            _ => assert_eq!(found, expected, "{text:?}"),
        }
    }
}

#[test]
fn credit_codes_are_checked() {
    assert_eq!(
        CreditCode::parse("91990000MA007E5707").unwrap().as_str(),
        "91990000MA007E5707"
    );
    assert!(CreditCode::parse("91990000MA007E571A").is_ok());
    assert_eq!(
        CreditCode::parse("91990000MA007E5708"),
        Err(CreditCodeFault::CheckCharacter {
            expected: '7',
            found: '8'
        })
    );
    assert_eq!(
        CreditCode::parse("91990000MAOO7E5707"),
        Err(CreditCodeFault::Character {
            position: 11,
            found: 'O'
        })
    );
    assert_eq!(
        CreditCode::parse("91990000ma007e5707").unwrap_err(),
        CreditCodeFault::Character {
            position: 9,
            found: 'm'
        }
    );
    assert_eq!(
        CreditCode::parse("915"),
        Err(CreditCodeFault::Length { found: 3 })
    );
}

#[test]
fn ages_change_on_the_birthday() {
    let birth = day("2012-02-29");
    assert_eq!(age_on(birth, day("2026-02-28")), Some(13));
    assert_eq!(age_on(birth, day("2026-03-01")), Some(14));
    assert_eq!(age_on(birth, day("2012-02-28")), None);
    let id = ResidentId::parse("990000198803050016").unwrap();
    assert_eq!(id.age_on(day("2026-03-04")), Some(37));
    assert_eq!(id.age_on(day("2026-03-05")), Some(38));
}

fn credential(no: &str) -> Credential {
    Credential {
        credential_no: no.into(),
        valid_from: day("2024-01-01"),
        valid_to: day("2026-03-09"),
        status: CredentialStatus::Valid,
        is_officer: true,
        category: "交通运输".into(),
        area: "示例市".into(),
    }
}

#[test]
fn a_credential_holds_through_its_last_day_and_no_longer() {
    let officer = credential("99010001");
    assert_eq!(standing(&officer, day("2026-03-09")), Ok(()));
    assert_eq!(
        standing(&officer, day("2026-03-10")),
        Err(Refusal::CredentialExpired {
            credential_no: "99010001".into(),
            expired_on: day("2026-03-09")
        })
    );
    assert!(matches!(
        standing(&officer, day("2023-12-31")),
        Err(Refusal::CredentialNotYetValid { .. })
    ));
    for status in [CredentialStatus::Suspended, CredentialStatus::Cancelled] {
        let officer = Credential {
            status,
            ..credential("99010001")
        };
        assert!(matches!(
            standing(&officer, day("2026-01-05")),
            Err(Refusal::CredentialSuspended { .. })
        ));
    }
    let assistant = Credential {
        is_officer: false,
        ..credential("99010004")
    };
    assert!(matches!(
        standing(&assistant, day("2026-01-05")),
        Err(Refusal::NotAnOfficer { .. })
    ));
}

#[test]
fn two_different_valid_officers_are_needed() {
    let on = day("2026-01-05");
    let (a, b) = (credential("99010001"), credential("99010002"));
    assert_eq!(two_officers(&[a.clone(), b.clone()], on), Ok(()));
    assert_eq!(
        two_officers(&[], on),
        Err(Refusal::TwoOfficersNeeded { present: 0 })
    );
    assert_eq!(
        two_officers(&[a.clone(), a.clone()], on),
        Err(Refusal::TwoOfficersNeeded { present: 1 })
    );
    let expired = Credential {
        valid_to: day("2026-01-04"),
        ..b
    };
    assert!(matches!(
        two_officers(&[a, expired], on),
        Err(Refusal::CredentialExpired { .. })
    ));
}

#[test]
fn the_simple_procedure_ends_at_its_limit() {
    let limits = SummaryLimits {
        person_fen: 20_000,
        organisation_fen: 300_000,
        sole_trader_fen: 20_000,
    };
    let ask = |party, penalty, fen| summary_available(party, penalty, fen, &limits);
    assert_eq!(ask(PartyKind::Person, PenaltyKind::Fine, 20_000), Ok(()));
    assert_eq!(
        ask(PartyKind::Person, PenaltyKind::Fine, 20_001),
        Err(Refusal::SummaryProcedureNotAvailable {
            fine_fen: 20_001,
            limit_fen: 20_000
        })
    );
    assert_eq!(
        ask(PartyKind::Organisation, PenaltyKind::Fine, 300_000),
        Ok(())
    );
    assert!(ask(PartyKind::Organisation, PenaltyKind::Fine, 300_001).is_err());
    assert!(ask(PartyKind::SoleTrader, PenaltyKind::Fine, 20_001).is_err());
    assert_eq!(ask(PartyKind::Person, PenaltyKind::Warning, 0), Ok(()));
    for penalty in [
        PenaltyKind::NoticeOfCriticism,
        PenaltyKind::Confiscation,
        PenaltyKind::PermitSuspension,
        PenaltyKind::PermitRevocation,
        PenaltyKind::ClosureOrder,
    ] {
        assert!(
            ask(PartyKind::Organisation, penalty, 0).is_err(),
            "{penalty:?}"
        );
    }
}

#[test]
fn collecting_more_than_the_limit_on_the_spot_needs_a_reason() {
    let limit = CollectionLimit {
        limit_fen: 10_000,
        basis: vec![],
    };
    let ask = |fen, reason| on_the_spot_collection(fen, reason, &limit, "on_the_spot_reason");
    assert_eq!(ask(10_000, ""), None);
    let finding = ask(10_001, "  ").unwrap();
    assert_eq!(
        (finding.rule.as_str(), finding.severity),
        ("R-M2", Severity::Block)
    );
    assert!(finding.text.contains("100.01元"), "{}", finding.text);
    assert_eq!(ask(15_000, "水上，当事人提出"), None);
}

#[test]
fn every_refusal_is_in_the_list_of_codes() {
    let no = || "99010001".to_owned();
    let on = day("2026-01-05");
    let all = [
        Refusal::CredentialUnknown {
            credential_no: no(),
        },
        Refusal::CredentialExpired {
            credential_no: no(),
            expired_on: on,
        },
        Refusal::CredentialNotYetValid {
            credential_no: no(),
            valid_from: on,
        },
        Refusal::CredentialSuspended {
            credential_no: no(),
        },
        Refusal::NotAnOfficer {
            credential_no: no(),
        },
        Refusal::TwoOfficersNeeded { present: 1 },
        Refusal::NotPresented,
        Refusal::SummaryProcedureNotAvailable {
            fine_fen: 1,
            limit_fen: 0,
        },
        Refusal::NoticeNotTold { notice: no() },
        Refusal::RectificationMissing,
        Refusal::NumbersUsedUp { series: no() },
        Refusal::SealsUsedUp,
        Refusal::NotSealed,
        Refusal::InstrumentFrozen { number: no() },
        Refusal::FindingsOpen { blocking: 1 },
        Refusal::SignatureMissing { slot: no() },
        Refusal::InstrumentNotIssued,
        Refusal::RecordingRunning,
        Refusal::NoRecordingRunning,
        Refusal::FormUnknown { form: no() },
        Refusal::GateClosed {
            rule: no(),
            text: no(),
            hint: no(),
            basis: Vec::new(),
        },
        Refusal::CaseClosed,
    ];
    let codes: Vec<_> = all.iter().map(Refusal::code).collect();
    assert_eq!(codes, Refusal::CODES);
}

proptest! {
    #[test]
    fn no_text_makes_parsing_crash(text in "\\PC{0,24}") {
        let _ = ResidentId::parse(&text);
        let _ = CreditCode::parse(&text);
    }

    /// GB 11643 finds every single wrong digit.
    #[test]
    fn one_wrong_digit_is_always_found(at in 0usize..17, digit in 0u8..10) {
        let right = "990000198803050016";
        let mut wrong = right.as_bytes().to_vec();
        wrong[at] = b'0' + digit;
        let wrong = String::from_utf8(wrong).unwrap();
        prop_assert_eq!(ResidentId::parse(&wrong).is_ok(), wrong == right);
    }
}
