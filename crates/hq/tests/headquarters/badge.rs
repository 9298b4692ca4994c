use hq::Founding;
use hq::contract::public::{BadgeState, DocumentState};
use journal::badge::{self, BadgeClaims};
use journal::{Hash, Kind, SigningKey};
use serde_json::json;

use crate::support::{CASE, House, NUMBER, Tablet, moment};

fn claims(issued_at: &str, credentials: &[&str]) -> BadgeClaims {
    BadgeClaims {
        issued_at: u32::try_from(moment(issued_at).timestamp()).unwrap(),
        period_s: badge::PERIOD_S,
        nonce: [7; 6],
        presentation: [9; 16],
        credentials: credentials
            .iter()
            .map(|number| (*number).to_owned())
            .collect(),
    }
}

fn with_suspended(founding: &mut Founding) {
    let mut suspended = founding.officers[0].clone();
    suspended.credential_no = "99010009".to_owned();
    suspended.status = "suspended".to_owned();
    let mut early = founding.officers[0].clone();
    early.credential_no = "99010008".to_owned();
    early.valid_from = "2026-03-11".to_owned();
    founding.officers.extend([suspended, early]);
}

#[test]
fn a_badge_says_who_may_act_now() {
    let house = House::with(with_suspended);
    let tablet = house.tablet("终端");
    let auxiliary = house
        .hq
        .officers()
        .unwrap()
        .into_iter()
        .find(|officer| !officer.is_officer)
        .unwrap();
    // Headquarters' clock stands at 08:00:00; a code is good from 30 s before to 60 s after it was made.
    let table: &[(&str, &[&str], BadgeState)] = &[
        ("08:00:00", &["99010001", "99010002"], BadgeState::Valid),
        ("07:59:00", &["99010001", "99010002"], BadgeState::Valid),
        (
            "07:58:59",
            &["99010001", "99010002"],
            BadgeState::ExpiredCode,
        ),
        ("08:00:30", &["99010001"], BadgeState::Valid),
        ("08:00:31", &["99010001"], BadgeState::NotYetValidCode),
        (
            "08:00:00",
            &["99010001", "99010003"],
            BadgeState::CertificateExpired,
        ),
        (
            "07:00:00",
            &["99010001", "99010003"],
            BadgeState::CertificateExpired,
        ),
        ("08:00:00", &["99010009", "99010002"], BadgeState::Suspended),
        (
            "08:00:00",
            &["99010008"],
            BadgeState::CertificateNotYetValid,
        ),
        (
            "08:00:00",
            &["99010001", &auxiliary.credential_no],
            BadgeState::NotAnOfficer,
        ),
        ("08:00:00", &["99010001", "12345"], BadgeState::Unknown),
        ("08:00:00", &[], BadgeState::Malformed),
    ];
    for (at, credentials, state) in table {
        let token = badge::mint(
            &claims(&format!("2026-03-10T{at}+08:00"), credentials),
            &tablet.badge,
        );
        let answer = house.hq.check_badge(&token).unwrap();
        assert_eq!(answer.state, *state, "{at} {credentials:?}");
        assert_eq!(answer.officers.len(), credentials.len());
        assert!(
            answer
                .shown_at
                .unwrap()
                .starts_with(&format!("2026-03-10T{at}"))
        );
        let appended = house
            .hq
            .check_badge(&format!("{token}&appinstall=0"))
            .unwrap();
        assert_eq!(
            appended.state, *state,
            "a scanner's additions do not matter"
        );
    }
}

#[test]
fn a_valid_badge_shows_the_officers_and_their_agency() {
    let house = House::new();
    let tablet = house.tablet("终端");
    let token = badge::mint(
        &claims("2026-03-10T08:00:00+08:00", &["99010001"]),
        &tablet.badge,
    );
    let answer = house.hq.check_badge(&token).unwrap();
    assert_eq!(answer.agency_name, "示例市交通运输综合行政执法支队");
    assert_eq!(answer.complaint_phone, "12328");
    assert!(answer.example);
    let officer = &answer.officers[0];
    assert_eq!(
        (officer.name.as_str(), officer.standing.as_str()),
        ("赵明甲", "valid")
    );
    let sha256: Hash = officer
        .photo
        .as_ref()
        .unwrap()
        .rsplit('/')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    let (what, media_type, bytes) = house.hq.published(&sha256).unwrap().unwrap();
    assert_eq!(
        (what.as_str(), media_type.as_str()),
        ("portrait", "image/png")
    );
    assert_eq!(Hash::of(&bytes), sha256);
}

#[test]
fn codes_of_others_and_nonsense_are_told_apart() {
    let house = House::new();
    let tablet = house.tablet("终端");
    let genuine = claims("2026-03-10T08:00:00+08:00", &["99010001"]);
    let foreign = badge::mint(&genuine, &SigningKey::generate());
    assert_eq!(
        house.hq.check_badge(&foreign).unwrap().state,
        BadgeState::Unknown
    );
    let by_device = badge::mint(&genuine, &tablet.device);
    assert_eq!(
        house.hq.check_badge(&by_device).unwrap().state,
        BadgeState::Unknown
    );

    let token = badge::mint(&genuine, &tablet.badge);
    for at in [20, 40, 60, 80, token.len() - 8] {
        let other = if &token[at..=at] == "A" { "B" } else { "A" };
        let forged = format!("{}{other}{}", &token[..at], &token[at + 1..]);
        let answer = house.hq.check_badge(&forged).unwrap();
        assert_eq!(answer.state, BadgeState::BadSignature, "{at}");
        assert!(
            answer.officers.is_empty() && answer.shown_at.is_none(),
            "nothing of a forged code is shown"
        );
    }
    let long = "A".repeat(1_000_000);
    for nonsense in [
        "",
        "A",
        "\0",
        "<script>",
        "🦀",
        "../../etc/passwd",
        &token[..40],
        &long,
    ] {
        assert_eq!(
            house.hq.check_badge(nonsense).unwrap().state,
            BadgeState::Malformed
        );
    }
}

#[test]
fn a_suspension_counts_at_once() {
    let house = House::new();
    let tablet = house.tablet("终端");
    let token = badge::mint(
        &claims("2026-03-10T08:00:00+08:00", &["99010001"]),
        &tablet.badge,
    );
    assert_eq!(
        house.hq.check_badge(&token).unwrap().state,
        BadgeState::Valid
    );
    let mut officers = house.hq.officers().unwrap();
    officers[0].status = "suspended".to_owned();
    let agency = house.hq.foundation().unwrap().agency;
    house.hq.publish_roster(&agency, &officers).unwrap();
    assert_eq!(
        house.hq.check_badge(&token).unwrap().state,
        BadgeState::Suspended
    );
}

#[test]
fn nobody_is_written_down_for_asking() {
    let house = House::new();
    let tablet = house.tablet("终端");
    let before = house.own_kinds(&tablet).len();
    let token = badge::mint(
        &claims("2026-03-10T08:00:00+08:00", &["99010001"]),
        &tablet.badge,
    );
    house.hq.check_badge(&token).unwrap();
    house.hq.check_document(NUMBER, None).unwrap();
    assert_eq!(house.own_kinds(&tablet).len(), before);
}

fn penalised() -> (House, Tablet) {
    let house = House::new();
    let mut tablet = house.tablet("终端");
    tablet.inspect();
    tablet.push(&house);
    (house, tablet)
}

#[test]
fn a_paper_is_known_by_number_or_id_and_content() {
    let (house, mut tablet) = penalised();
    let content = Hash::of(b"content").to_string();
    let other = Hash::of(b"other").to_string();
    let table = [
        (NUMBER, Some(content.as_str()), DocumentState::Issued),
        ("instrument-1", Some(&content[..8]), DocumentState::Issued),
        (NUMBER, Some(&content[..7]), DocumentState::ContentDiffers),
        (NUMBER, None, DocumentState::IssuedUnchecked),
        (NUMBER, Some(""), DocumentState::IssuedUnchecked),
        (NUMBER, Some(other.as_str()), DocumentState::ContentDiffers),
        (
            "示例交罚〔2026〕0002号",
            Some(content.as_str()),
            DocumentState::Unknown,
        ),
        ("", None, DocumentState::Unknown),
        ("%", None, DocumentState::Unknown),
    ];
    for (id, sha256, state) in table {
        let answer = house.hq.check_document(id, sha256).unwrap();
        assert_eq!(answer.state, state, "{id} {sha256:?}");
        let text = serde_json::to_string(&answer).unwrap();
        assert!(
            !text.contains("冯试例") && !text.contains("示A"),
            "no personal data: {text}"
        );
    }
    let answer = house.hq.check_document(NUMBER, None).unwrap();
    assert_eq!(answer.issued_on.as_deref(), Some("2026-03-10"));
    tablet.write(
        Kind::InstrumentVoided,
        Some(CASE),
        json!({
            "v": 1, "instrument_id": "instrument-1", "number": NUMBER, "reason": "笔误",
        }),
    );
    tablet.push(&house);
    assert_eq!(
        house
            .hq
            .check_document(NUMBER, Some(&content))
            .unwrap()
            .state,
        DocumentState::Voided
    );
}

#[test]
fn a_draft_is_nobodys_business() {
    let house = House::new();
    let mut tablet = house.tablet("终端");
    tablet.open_session();
    tablet.open_case(CASE, "冯试例", "示A·T0001");
    tablet.write(Kind::InstrumentStarted, Some(CASE), json!({
        "v": 1, "instrument_id": "draft-1", "request_id": "r", "form": "F02", "title": "现场笔录", "value": {},
    }));
    tablet.push(&house);
    assert_eq!(
        house.hq.check_document("draft-1", None).unwrap().state,
        DocumentState::Unknown
    );
}
