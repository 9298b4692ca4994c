//! What officials decide: who may, in which order, what is written down, what goes out and what comes back.

use contract::{BoundaryError, Code};
use hq::console::ConsoleCall;
use hq::contract::console::{Empty, Handlers, ReadCase};
use hq::contract::office::{
    Approve, Deliberate, Disclose, DisclosuresQuery, GrantInspectionCode, Opinion,
    PreviewDisclosure, PublishApprovalCodes, ReadClocks, ReadReview, Review, ReviewDisclosure,
    ReviewItem, RevokeDecision, WithdrawDisclosure,
};
use hq::contract::public::{Handlers as Public, ListDisclosures, ReadDisclosure};
use hq::{NewUser, PublicCall};
use journal::body::{HqApprovalCodesPublished, HqApprovalGiven, HqDisclosed};
use journal::{Entry, Hash, Kind};
use law::Citation;
use serde_json::{Value, json};

use crate::support::{CASE, House, Tablet, moment, pack_dir};

const PENALTY: &str = "penalty-1";
const NUMBER: &str = "示例交罚〔2026〕0002号";
/// One empty page.
const PDF: &[u8] = b"%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj
trailer<</Root 1 0 R>>
";

/// The pack with a clock for taking publications down, whatever else it has.
fn house() -> House {
    let copy = tempfile::tempdir().unwrap();
    copy_dir(&pack_dir(), copy.path());
    let limits = copy.path().join("limits.toml");
    let mut text = std::fs::read_to_string(&limits).unwrap();
    text.push_str(
        "\n[[time_limit]]\nname = \"test_withdraw\"\ntext = \"撤下公示\"\n\
         limit = { days = 3, unit = \"working\", roll = \"never\" }\nbasis = [\"行政处罚法 48\"]\n\
         starts_on = \"revoked\"\nforms = [\"F21\"]\ndone_by = { event = \"withdrawn\" }\n",
    );
    std::fs::write(&limits, text).unwrap();
    House::with(|founding| {
        founding.pack.dir = copy.path().to_owned();
        founding.users.extend([
            NewUser {
                user: "handler".to_owned(),
                name: "另名".to_owned(),
                functions: ["legal", "discloser"].map(str::to_owned).to_vec(),
                password: "example-handler".to_owned(),
                credential_no: "99010001".to_owned(),
                qualification_no: "A1".to_owned(),
            },
            NewUser {
                user: "namesake".to_owned(),
                name: "赵明甲".to_owned(),
                functions: vec!["legal".to_owned()],
                password: "example-namesake".to_owned(),
                credential_no: String::new(),
                qualification_no: "A2".to_owned(),
            },
        ]);
    })
}

pub fn copy_dir(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy_dir(&entry.path(), &target),
            false => drop(std::fs::copy(entry.path(), target).unwrap()),
        }
    }
}

fn party() -> Value {
    json!({
        "kind": "person", "name": "冯试例", "id_type": "resident_id", "id_no": "990000198803050016",
        "address": "示例市示范路 8 号院", "phone": "13900000001",
    })
}

/// What a penalty of this person says; the facts name far too much.
fn penalty(party: Value) -> Value {
    json!({
        "party": party,
        "vehicle": {"plate": "示A·T0001"},
        "officers": [{"name": "赵明甲"}],
        "happened_at": "2026-03-10T07:10:00.000+08:00",
        "facts": "冯试例（身份证990000198803050016，电话13900000001）驾驶示A·T0001超限，陈见证在场，住示例市示范路 8 号院。",
        "basis": [{"law": "行政处罚法", "article": "51"}],
        "penalty_kind": "fine",
        "fine_fen": 20000,
        "payment": "bank",
    })
}

fn issue(tablet: &mut Tablet, id: &str, form: &str, value: Value) {
    issue_titled(tablet, id, form, "当场行政处罚决定书", value);
}

fn issue_titled(tablet: &mut Tablet, id: &str, form: &str, title: &str, value: Value) {
    tablet.write(Kind::InstrumentStarted, Some(CASE), json!({
        "v": 1, "instrument_id": id, "request_id": id, "form": form, "title": title, "value": {},
    }));
    tablet.write(Kind::InstrumentSigned, Some(CASE), json!({
        "v": 1, "instrument_id": id, "slot": "party", "name": "冯试例", "revision": 1, "value_sha256": "00",
        "strokes": [], "moment": null,
        "refusal": {"reason": "拒绝签字", "witness_name": "陈见证", "witness_phone": "1"},
    }));
    let number = (form == "F21").then_some(NUMBER);
    let clocks = match form {
        "F21" => {
            json!([{"name": "disclosure", "text": "处罚决定公示", "due_on": "2026-03-19", "is_provisional": false,
            "basis": [{"law": "行政处罚法", "article": "48"}]}])
        }
        _ => json!([]),
    };
    tablet.write(Kind::InstrumentIssued, Some(CASE), json!({
        "v": 1, "instrument_id": id, "form": form, "title": title, "number": number,
        "series": number.map(|_| "summary_penalty"), "serial": number.map(|_| 2), "value": value,
        "content_sha256": Hash::of(id.as_bytes()).to_string(),
        "pdf": {"sha256": Hash::of(PDF).to_string(), "size_bytes": PDF.len(), "media_type": "application/pdf"},
        "ticket": {"sha256": Hash::of(b"png").to_string(), "size_bytes": 3, "media_type": "image/png"}, "qr": "",
        "clocks": clocks,
    }));
}

/// A case with an issued penalty of this party, here.
fn penalised(house: &House, party: Value) -> Tablet {
    let mut tablet = house.tablet("终端一");
    tablet.open_session();
    tablet.open_case(CASE, "冯试例", "示A·T0001");
    issue(&mut tablet, PENALTY, "F21", penalty(party));
    tablet.push(house);
    tablet
}

fn approve(stage: &str, decision: &str, opinion: &str) -> Approve {
    Approve {
        instrument_id: PENALTY.to_owned(),
        stage: stage.to_owned(),
        decision: decision.to_owned(),
        opinion: opinion.to_owned(),
    }
}

fn review(conclusion: &str) -> Review {
    Review {
        instrument_id: PENALTY.to_owned(),
        conclusion: conclusion.to_owned(),
        items: vec![ReviewItem {
            item: "裁量适当".to_owned(),
            answer: "no".to_owned(),
            note: "理由缺".to_owned(),
        }],
        reason: "裁量理由没有写明".to_owned(),
    }
}

fn basis() -> Vec<Citation> {
    vec![Citation {
        law: "行政处罚法".to_owned(),
        article: "48".to_owned(),
    }]
}

fn reviewed_page() -> ReviewDisclosure {
    ReviewDisclosure {
        instrument_id: PENALTY.to_owned(),
        kind: "penalty".to_owned(),
        channels: vec!["public_page".to_owned(), "website".to_owned()],
        basis: basis(),
    }
}

fn release() -> Disclose {
    Disclose {
        instrument_id: PENALTY.to_owned(),
        kind: "penalty".to_owned(),
        channels: vec!["public_page".to_owned(), "website".to_owned()],
        basis: basis(),
    }
}

fn preview() -> PreviewDisclosure {
    PreviewDisclosure {
        instrument_id: PENALTY.to_owned(),
        kind: "penalty".to_owned(),
    }
}

fn revoke() -> RevokeDecision {
    RevokeDecision {
        instrument_id: PENALTY.to_owned(),
        cause: "revoked".to_owned(),
        organ: "示例市人民政府".to_owned(),
        decided_on: "2026-09-29".to_owned(),
        reason: "主要事实不清".to_owned(),
    }
}

/// Reason and rule of a refusal.
fn why(error: &BoundaryError) -> (String, String) {
    let word = |name: &str| {
        error
            .args
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    assert!(
        matches!(error.code, Code::GateClosed | Code::Forbidden),
        "{error:?}"
    );
    (word("reason").to_owned(), word("rule").to_owned())
}

fn own_entries(house: &House, tablet: &Tablet, kind: Kind) -> Vec<Entry> {
    let down = house.hq.down(&tablet.terminal, 0).unwrap();
    journal::frames(&down.frames)
        .map(|frame| Entry::parse(frame).unwrap())
        .filter(|entry| entry.header.kind == kind)
        .collect()
}

/// What was written is sound, survives a restart and is what a rebuild gives.
fn holds(house: House) -> House {
    let before = house.hq.dump_projections().unwrap();
    house.hq.rebuild_projections().unwrap();
    assert_eq!(house.hq.dump_projections().unwrap(), before);
    assert!(house.hq.journal_health().unwrap().is_sound);
    let house = house.restart();
    assert_eq!(house.hq.dump_projections().unwrap(), before);
    house
}

#[test]
fn nobody_acts_without_the_function_for_it() {
    let house = house();
    let tablet = penalised(&house, party());
    let entries = house.own_kinds(&tablet).len();
    let clerk = house.console("archivist");
    let refused: Vec<BoundaryError> = vec![
        clerk.approve(approve("head", "approved", "")).unwrap_err(),
        clerk.review(review("agree")).unwrap_err(),
        clerk.revoke_decision(revoke()).unwrap_err(),
        clerk.disclosure_preview(preview()).unwrap_err(),
        clerk.review_disclosure(reviewed_page()).unwrap_err(),
        clerk.disclose(release()).unwrap_err(),
        clerk.codes(Empty {}).unwrap_err(),
        house
            .console("unit_head")
            .approve(approve("head", "approved", ""))
            .unwrap_err(),
    ];
    for error in refused {
        assert_eq!(error.code, Code::Forbidden);
        assert_eq!(why(&error).0, "function");
    }
    let nobody = ConsoleCall::new(&house.hq, None, "");
    assert_eq!(nobody.queue(Empty {}).unwrap_err().code, Code::Locked);
    let signed_in = 2;
    assert_eq!(house.own_kinds(&tablet).len(), entries + signed_in);
}

#[test]
fn a_stage_is_decided_once_and_goes_down_with_the_content_it_was_about() {
    let house = house();
    let tablet = penalised(&house, party());
    let other = house.tablet("终端二");
    let (unit_head, head) = (house.console("unit_head"), house.console("head"));
    let error = unit_head
        .approve(approve("unit_head", "returned", " "))
        .unwrap_err();
    assert_eq!(error.code, Code::BadRequest, "a return says why");
    unit_head
        .approve(approve("unit_head", "approved", ""))
        .unwrap();
    let again = unit_head
        .approve(approve("unit_head", "approved", ""))
        .unwrap_err();
    assert_eq!(why(&again).0, "decided_before");
    let refused = head.approve(approve("head", "refused", "不需要")).unwrap();
    assert!(!refused.is_release_at_once, "nothing urgent was taken");

    let given = own_entries(&house, &tablet, Kind::HqApprovalGiven);
    let bodies: Vec<HqApprovalGiven> = given.iter().map(|entry| entry.body_as().unwrap()).collect();
    assert_eq!(bodies.len(), 2);
    assert_eq!(
        bodies[1].content_sha256,
        Hash::of(PENALTY.as_bytes()).to_string()
    );
    assert_eq!(
        (bodies[1].user_name.as_str(), bodies[1].decision.as_str()),
        ("王负责", "refused")
    );
    let elsewhere = own_entries(&house, &other, Kind::HqApprovalGiven);
    assert!(elsewhere.iter().all(Entry::is_withheld));
    holds(house);
}

#[test]
fn what_was_sent_back_voided_or_never_issued_is_not_approved() {
    let house = house();
    let mut tablet = penalised(&house, party());
    let head = house.console("head");
    house
        .console("unit_head")
        .approve(approve("unit_head", "returned", "事实不清"))
        .unwrap();
    let error = head.approve(approve("head", "approved", "")).unwrap_err();
    assert_eq!(why(&error).0, "sent_back_before");

    tablet.write(Kind::InstrumentStarted, Some(CASE), json!({
        "v": 1, "instrument_id": "draft-1", "request_id": "d", "form": "F21", "title": "草稿", "value": {},
    }));
    issue(&mut tablet, "void-1", "F10", json!({}));
    tablet.write(
        Kind::InstrumentVoided,
        Some(CASE),
        json!({
            "v": 1, "instrument_id": "void-1", "number": null, "reason": "写错",
        }),
    );
    tablet.push(&house);
    let of = |id: &str| Approve {
        instrument_id: id.to_owned(),
        ..approve("head", "approved", "")
    };
    assert_eq!(
        head.approve(of("draft-1")).unwrap_err().code,
        Code::InstrumentNotIssued
    );
    assert_eq!(
        why(&head.approve(of("void-1")).unwrap_err()).0,
        "instrument_voided"
    );
    assert_eq!(
        head.approve(of("nothing")).unwrap_err().code,
        Code::NotFound
    );

    tablet.write(
        Kind::CaseClosed,
        Some(CASE),
        json!({
            "v": 1, "reason": "done", "note": "", "clocks": [],
        }),
    );
    issue(&mut tablet, "late-1", "F10", json!({}));
    tablet.push(&house);
    assert_eq!(
        head.approve(of("late-1")).unwrap_err().code,
        Code::CaseClosed
    );
}

#[test]
fn a_remote_approval_waits_for_its_confirmation_and_a_refused_urgent_measure_is_released() {
    let house = house();
    let mut tablet = penalised(&house, party());
    let mut urgent = penalty(party());
    urgent["urgent"] = json!("yes");
    issue(&mut tablet, "urgent-1", "F10", urgent);
    tablet.write(Kind::ApprovalRecorded, Some(CASE), json!({
        "v": 1, "instrument_id": "urgent-1", "form": "F10", "stage": "head", "method": "voice",
        "approver": "王负责", "opinion": "同意先行实施", "code_sha256": null, "moment": null,
        "clocks": [{"name": "approval_confirm", "text": "书面确认", "due_on": "2026-03-11T09:00:00.000+08:00",
            "is_provisional": false, "basis": []}],
    }));
    tablet.push(&house);
    let head = house.console("head");
    let waiting = head.queue(Empty {}).unwrap().items;
    assert_eq!(waiting.len(), 1);
    assert_eq!(
        (waiting[0].task.as_str(), waiting[0].note.as_str()),
        ("confirm", "王负责 同意先行实施")
    );
    assert!(
        house
            .console("unit_head")
            .queue(Empty {})
            .unwrap()
            .items
            .iter()
            .all(|item| item.task != "confirm")
    );
    let refused = head
        .approve(Approve {
            instrument_id: "urgent-1".to_owned(),
            ..approve("head", "refused", "没有必要")
        })
        .unwrap();
    assert!(refused.is_release_at_once);
    assert!(head.queue(Empty {}).unwrap().items.is_empty());
    let purpose = "办理".to_owned();
    let view = head
        .case(ReadCase {
            case_id: CASE.to_owned(),
            purpose,
        })
        .unwrap();
    let standing = |kind: &str| {
        view.acts
            .iter()
            .find(|act| act.kind == kind)
            .unwrap()
            .standing
            .clone()
    };
    assert_eq!(standing("approval.recorded"), "refused");
    assert_eq!(standing("hq.approval_given"), "release_at_once");
    assert!(
        view.timeline
            .iter()
            .any(|row| row.kind == "hq.approval_given" && row.officers == ["王负责"])
    );
    holds(house);
}

#[test]
fn a_review_needs_a_qualified_reviewer_who_did_not_handle_the_case() {
    let house = house();
    penalised(&house, party());
    let unqualified = house
        .console("legal_new")
        .review(review("agree"))
        .unwrap_err();
    assert_eq!(
        why(&unqualified),
        ("reviewer_not_qualified".to_owned(), "R-O8".to_owned())
    );
    for handler in ["handler", "namesake"] {
        let error = house.console(handler).review(review("agree")).unwrap_err();
        assert_eq!(
            why(&error),
            ("reviewer_is_handler".to_owned(), "R-P7".to_owned()),
            "{handler}"
        );
    }
}

#[test]
fn rounds_are_counted_and_only_the_agreeing_opinion_passes() {
    let house = house();
    let mut tablet = penalised(&house, party());
    for id in ["submission-1", "submission-2"] {
        issue(&mut tablet, id, "F25", json!({"party": party()}));
    }
    tablet.push(&house);
    let of = |id: &str, conclusion: &str| Review {
        instrument_id: id.to_owned(),
        ..review(conclusion)
    };
    let legal = house.console("legal");
    let ask = ReadReview {
        instrument_id: "submission-1".to_owned(),
    };
    let sheet = legal.review_sheet(ask.clone()).unwrap();
    assert_eq!(sheet.round, 1);
    let mut passing = sheet.conclusions.iter().filter(|known| known.is_passing);
    assert_eq!(passing.next().unwrap().value, "agree");
    assert!(passing.next().is_none());
    let no_submission = legal.review(review("agree")).unwrap_err();
    assert_eq!(why(&no_submission).0, "not_a_submission");
    let error = legal.review(of("submission-1", "随便")).unwrap_err();
    assert_eq!(error.code, Code::BadRequest);
    let no_reason = Review {
        reason: String::new(),
        ..of("submission-1", "agree")
    };
    assert_eq!(legal.review(no_reason).unwrap_err().code, Code::BadRequest);

    let first = legal.review(of("submission-1", "存在问题")).unwrap();
    assert_eq!((first.round, first.is_passed), (1, false));
    house.advance_s(60);
    let second = legal.review(of("submission-2", "agree")).unwrap();
    assert_eq!((second.round, second.is_passed), (2, true));
    let third = legal.review(of("submission-2", "agree")).unwrap_err();
    assert_eq!(why(&third).0, "passed_before");
    assert_eq!(legal.review_sheet(ask).unwrap().former.len(), 2);
    let given = own_entries(&house, &tablet, Kind::HqReviewGiven);
    let body: Value = given[0].body_as().unwrap();
    assert_eq!(body["conclusion"], "problem");
    assert_eq!(body["items"][0]["note"], "理由缺");
    assert_eq!(body["qualification_no"], "A99009901020001");
    holds(house);
}

#[test]
fn a_deliberation_keeps_every_opinion_and_every_dissent() {
    let house = house();
    let tablet = penalised(&house, party());
    let names =
        |names: &[&str]| -> Vec<String> { names.iter().map(|name| (*name).to_owned()).collect() };
    let meeting = Deliberate {
        case_id: CASE.to_owned(),
        instrument_id: PENALTY.to_owned(),
        held_at: "2026-03-10T07:30:00.000+08:00".to_owned(),
        chair: "王负责".to_owned(),
        attendees: names(&["王负责", "郑承办", "孙法制"]),
        opinions: vec![
            Opinion {
                name: "王负责".to_owned(),
                opinion: "同意".to_owned(),
                dissent: None,
            },
            Opinion {
                name: "孙法制".to_owned(),
                opinion: "不同意".to_owned(),
                dissent: Some("罚款过重".to_owned()),
            },
        ],
        conclusion: "同意处罚".to_owned(),
        is_agreed: true,
    };
    let clerk = house.console("clerk");
    let alone = Deliberate {
        attendees: names(&["王负责", "王负责"]),
        ..meeting.clone()
    };
    assert_eq!(
        why(&clerk.deliberate(alone).unwrap_err()).0,
        "too_few_attendees"
    );
    let stranger = Deliberate {
        chair: "他人".to_owned(),
        ..meeting.clone()
    };
    assert_eq!(
        clerk.deliberate(stranger).unwrap_err().code,
        Code::BadRequest
    );
    let later = Deliberate {
        held_at: "2026-03-11T07:30:00.000+08:00".to_owned(),
        ..meeting.clone()
    };
    assert_eq!(
        why(&clerk.deliberate(later).unwrap_err()).0,
        "held_in_future"
    );
    let elsewhere = Deliberate {
        case_id: "other".to_owned(),
        ..meeting.clone()
    };
    assert_eq!(
        clerk.deliberate(elsewhere).unwrap_err().code,
        Code::BadRequest
    );
    clerk.deliberate(meeting).unwrap();
    let held = own_entries(&house, &tablet, Kind::HqDeliberated);
    let body: Value = held[0].body_as().unwrap();
    assert_eq!(body["opinions"][1]["dissent"], "罚款过重");
    holds(house);
}

#[test]
fn a_page_names_the_punished_and_nothing_private() {
    let house = house();
    penalised(&house, party());
    let shown = house
        .console("discloser")
        .disclosure_preview(preview())
        .unwrap();
    let page = shown.page.to_string();
    for hidden in [
        "990000198803050016",
        "13900000001",
        "示范路",
        "T0001",
        "陈见证",
        "赵明甲",
    ] {
        assert!(!page.contains(hidden), "{hidden} in {page}");
    }
    for said in ["冯试例", NUMBER, "200.00 元", "超限", "陈某某"] {
        assert!(page.contains(said), "{said} not in {page}");
    }
    assert_eq!(shown.due_on.as_deref(), Some("2026-03-19"));
    assert_eq!(shown.basis, basis());
    assert_eq!(shown.collected_by, "赵明甲、钱思乙");
    assert_eq!(shown.page_sha256, Hash::of(page.as_bytes()).to_string());
}

#[test]
fn the_name_of_a_minor_is_never_published() {
    let house = house();
    let minor = json!({"kind": "person", "name": "冯试例", "birth_date": "2010-01-02"});
    penalised(&house, minor);
    let discloser = house.console("discloser");
    let shown = discloser.disclosure_preview(preview()).unwrap();
    assert!(!shown.page.to_string().contains("冯试例"), "{}", shown.page);
    assert!(shown.cautions.contains(&"minor".to_owned()));

    let house = self::house();
    let unknown = json!({"kind": "person", "name": "冯试例"});
    let mut tablet = penalised(&house, unknown);
    let discloser = house.console("discloser");
    let shown = discloser.disclosure_preview(preview()).unwrap();
    assert_eq!(shown.cautions, ["age_unknown"]);
    tablet.write(
        Kind::CaseFlagged,
        Some(CASE),
        json!({
            "v": 1, "flag": "minor", "value": true, "reason": "户口簿", "clocks": [],
        }),
    );
    tablet.push(&house);
    let shown = discloser.disclosure_preview(preview()).unwrap();
    assert!(!shown.page.to_string().contains("冯试例"), "{}", shown.page);
    assert_eq!(shown.cautions, ["minor", "flag:minor"]);
}

#[test]
fn a_publication_takes_two_people_and_neither_handled_the_case() {
    let house = house();
    let tablet = penalised(&house, party());
    let (first, second) = (house.console("discloser"), house.console("releaser"));
    assert_eq!(
        why(&second.disclose(release()).unwrap_err()),
        ("page_not_reviewed".to_owned(), "D1".to_owned())
    );
    let handler = house
        .console("handler")
        .review_disclosure(reviewed_page())
        .unwrap_err();
    assert_eq!(why(&handler).0, "discloser_is_handler");
    let groundless = ReviewDisclosure {
        basis: Vec::new(),
        ..reviewed_page()
    };
    assert_eq!(
        why(&first.review_disclosure(groundless).unwrap_err()),
        ("basis_missing".to_owned(), "R-D3".to_owned())
    );
    let tasks = |call: &ConsoleCall<'_>| -> Vec<String> {
        call.queue(Empty {})
            .unwrap()
            .items
            .into_iter()
            .map(|item| item.task)
            .collect()
    };
    assert_eq!(tasks(&first), ["disclose"]);
    first.review_disclosure(reviewed_page()).unwrap();
    assert_eq!(
        why(&first.disclose(release()).unwrap_err()).0,
        "released_by_reviewer"
    );
    assert!(tasks(&first).is_empty());
    assert_eq!(tasks(&second), ["release"]);
    let other_kind = Disclose {
        kind: "result".to_owned(),
        ..release()
    };
    assert_eq!(
        why(&second.disclose(other_kind).unwrap_err()).0,
        "page_changed"
    );
    let disclosed = second.disclose(release()).unwrap();
    assert_eq!(
        why(&second.disclose(release()).unwrap_err()).0,
        "disclosed_before"
    );

    let entries = own_entries(&house, &tablet, Kind::HqDisclosed);
    let body: HqDisclosed = entries[0].body_as().unwrap();
    assert_eq!(
        (body.reviewed_by.as_str(), body.user_name.as_str()),
        ("吴公示", "冯发布")
    );
    assert_eq!(body.collected_by, "赵明甲、钱思乙");
    assert_eq!(
        body.page_sha256,
        Hash::of(body.page.to_string().as_bytes()).to_string()
    );
    let answer = PublicCall(&house.hq)
        .disclosure(ReadDisclosure {
            disclosure_id: disclosed.disclosure_id,
        })
        .unwrap();
    assert_eq!(answer.state, "published");
    assert_eq!(answer.page, Some(body.page));
    let clocks = first
        .clocks(ReadClocks {
            case_id: CASE.to_owned(),
        })
        .unwrap()
        .clocks;
    let disclosure = clocks
        .iter()
        .find(|clock| clock.name == "disclosure")
        .unwrap();
    assert!(disclosure.is_done, "{disclosure:?}");
    holds(house);
}

#[test]
fn a_revoked_decision_is_taken_down_in_three_working_days_with_the_reason_in_its_place() {
    let house = house();
    let tablet = penalised(&house, party());
    house
        .console("discloser")
        .review_disclosure(reviewed_page())
        .unwrap();
    let disclosed = house.console("releaser").disclose(release()).unwrap();
    house.clock.set(moment("2026-09-29T10:00:00.000+08:00"));
    let (head, releaser) = (house.console("head"), house.console("releaser"));
    let early = RevokeDecision {
        decided_on: "2026-09-30".to_owned(),
        ..revoke()
    };
    assert_eq!(
        why(&head.revoke_decision(early).unwrap_err()).0,
        "decided_in_future"
    );
    let revoked = head.revoke_decision(revoke()).unwrap();
    assert_eq!(
        revoked.disclosure_id.as_ref(),
        Some(&disclosed.disclosure_id)
    );
    assert_eq!(revoked.withdraw_due_on.as_deref(), Some("2026-10-09"));
    assert_eq!(
        why(&head.revoke_decision(revoke()).unwrap_err()).0,
        "revoked_before"
    );
    let waiting = releaser.queue(Empty {}).unwrap().items;
    assert_eq!(waiting[0].task, "withdraw");
    assert_eq!(waiting[0].due_on.as_deref(), Some("2026-10-09"));

    let withdraw = WithdrawDisclosure {
        disclosure_id: disclosed.disclosure_id.clone(),
        reason: "决定已被复议机关撤销".to_owned(),
    };
    let silent = WithdrawDisclosure {
        reason: " ".to_owned(),
        ..withdraw.clone()
    };
    assert_eq!(
        releaser.withdraw_disclosure(silent).unwrap_err().code,
        Code::BadRequest
    );
    releaser.withdraw_disclosure(withdraw.clone()).unwrap();
    assert_eq!(
        why(&releaser.withdraw_disclosure(withdraw).unwrap_err()).0,
        "withdrawn_before"
    );
    assert!(releaser.queue(Empty {}).unwrap().items.is_empty());
    let again = house
        .console("discloser")
        .review_disclosure(reviewed_page())
        .unwrap_err();
    assert_eq!(why(&again).0, "decision_revoked");

    let public = PublicCall(&house.hq);
    let read = ReadDisclosure {
        disclosure_id: disclosed.disclosure_id,
    };
    let answer = public.disclosure(read).unwrap();
    assert_eq!((answer.state.as_str(), answer.page), ("withdrawn", None));
    assert_eq!(answer.reason.as_deref(), Some("决定已被复议机关撤销"));
    assert_eq!(answer.page_sha256, Some(disclosed.page_sha256));
    let ask = |text: &str| ListDisclosures {
        text: text.to_owned(),
        after: None,
        limit: 10,
    };
    let lines = public.disclosures(ask("")).unwrap().lines;
    assert_eq!((lines.len(), lines[0].party.as_deref()), (1, None));
    assert_eq!(
        public.disclosures(ask("冯试例")).unwrap().total,
        0,
        "a withdrawn page is not searched"
    );
    let query = DisclosuresQuery {
        text: String::new(),
        after: None,
        limit: 10,
    };
    let rows = releaser.disclosures(query).unwrap().disclosures;
    assert_eq!(rows[0].state, "withdrawn");
    let kinds = house.own_kinds(&tablet);
    assert!(kinds.contains(&"hq.disclosure_withdrawn".to_owned()));
    let clocks = head
        .clocks(ReadClocks {
            case_id: CASE.to_owned(),
        })
        .unwrap()
        .clocks;
    assert!(
        clocks
            .iter()
            .find(|clock| clock.name == "test_withdraw")
            .unwrap()
            .is_done
    );
    holds(house);
}

#[test]
fn approval_codes_are_shown_once_and_can_be_checked_offline() {
    let house = house();
    let mut tablet = penalised(&house, party());
    let head = house.console("head");
    let ask = PublishApprovalCodes {
        stage: "head".to_owned(),
        count: 5,
        valid_to: "2026-03-31".to_owned(),
    };
    for bad in [
        PublishApprovalCodes {
            count: 0,
            ..ask.clone()
        },
        PublishApprovalCodes {
            count: 1000,
            ..ask.clone()
        },
        PublishApprovalCodes {
            valid_to: "2026-03-01".to_owned(),
            ..ask.clone()
        },
    ] {
        assert_eq!(
            head.publish_approval_codes(bad).unwrap_err().code,
            Code::BadRequest
        );
    }
    let other_stage = PublishApprovalCodes {
        stage: "unit_head".to_owned(),
        ..ask.clone()
    };
    assert_eq!(
        head.publish_approval_codes(other_stage).unwrap_err().code,
        Code::Forbidden
    );
    let published = head.publish_approval_codes(ask).unwrap();
    assert!(
        published
            .codes
            .iter()
            .all(|code| code.len() == 12 && !code.contains(['0', 'O', '1', 'I', ' ']))
    );
    let batch: HqApprovalCodesPublished =
        own_entries(&house, &tablet, Kind::HqApprovalCodesPublished)[0]
            .body_as()
            .unwrap();
    for (code, hash) in published.codes.iter().zip(&batch.code_sha256) {
        assert_eq!(
            Hash::of(format!("{}{code}", batch.salt).as_bytes()).to_string(),
            *hash
        );
    }
    let stored = house.hq.dump_projections().unwrap().join("\n");
    assert!(published.codes.iter().all(|code| !stored.contains(code)));

    let mut record = |id: &str, code: &str| {
        issue(&mut tablet, id, "F10", json!({}));
        tablet.write(Kind::ApprovalRecorded, Some(CASE), json!({
            "v": 1, "instrument_id": id, "form": "F10", "stage": "head", "method": "code", "approver": "王负责",
            "opinion": "", "code_sha256": code, "moment": null, "clocks": [],
        }));
    };
    record("coded-1", &batch.code_sha256[0]);
    record("coded-2", &batch.code_sha256[0]);
    record("coded-3", &"0".repeat(64));
    tablet.push(&house);
    let view = head
        .case(ReadCase {
            case_id: CASE.to_owned(),
            purpose: "核对".to_owned(),
        })
        .unwrap();
    let standing: Vec<&str> = view
        .acts
        .iter()
        .filter(|act| act.kind == "approval.recorded")
        .map(|act| act.standing.as_str())
        .collect();
    assert_eq!(standing, ["waiting", "used_code", "unknown_code"]);
    assert_eq!(head.codes(Empty {}).unwrap().batches[0].used, 1);
    holds(house);
}

#[test]
fn an_inspection_code_needs_approval_and_room_below_the_cap() {
    let house = house();
    let tablet = penalised(&house, party());
    let ask = GrantInspectionCode {
        party_uscc: "91990000MA007E571A".to_owned(),
        party_name: "示例汽修服务有限公司".to_owned(),
        matter: "维修记录检查".to_owned(),
        instrument_id: Some(PENALTY.to_owned()),
        valid_from: "2026-03-10".to_owned(),
        valid_to: "2026-03-20".to_owned(),
        done_elsewhere: 1,
        cap_per_year: Some(2),
    };
    let unit_head = house.console("unit_head");
    assert_eq!(
        why(&unit_head.grant_inspection_code(ask.clone()).unwrap_err()).0,
        "inspection_not_approved"
    );
    let without = GrantInspectionCode {
        instrument_id: None,
        ..ask.clone()
    };
    assert_eq!(
        unit_head.grant_inspection_code(without).unwrap_err().code,
        Code::Forbidden
    );
    let wrong = GrantInspectionCode {
        party_uscc: "91990000MA007E571B".to_owned(),
        ..ask.clone()
    };
    assert_eq!(
        unit_head.grant_inspection_code(wrong).unwrap_err().code,
        Code::BadRequest
    );
    unit_head
        .approve(approve("unit_head", "approved", ""))
        .unwrap();
    house
        .console("head")
        .approve(approve("head", "approved", "同意"))
        .unwrap();
    let granted = unit_head.grant_inspection_code(ask.clone()).unwrap();
    assert_eq!((granted.done_this_year, granted.cap_per_year), (1, Some(2)));
    let capped = unit_head.grant_inspection_code(ask).unwrap_err();
    assert_eq!(why(&capped).0, "inspection_cap");
    assert_eq!(
        own_entries(&house, &tablet, Kind::HqInspectionCodeGranted).len(),
        1
    );
    holds(house);
}

#[test]
fn the_queue_follows_what_the_gates_of_the_pack_ask_for() {
    let house = house();
    let mut tablet = penalised(&house, party());
    for (id, form) in [
        ("filing-1", "F22"),
        ("filing-2", "F22"),
        ("review-1", "F25"),
    ] {
        issue(&mut tablet, id, form, json!({"party": party()}));
    }
    tablet.push(&house);
    let tasks = |user: &str| -> Vec<(String, String)> {
        let queue = house.console(user).queue(Empty {}).unwrap();
        let items = queue.items.into_iter();
        items.map(|item| (item.task, item.instrument_id)).collect()
    };
    let task = |task: &str, id: &str| (task.to_owned(), id.to_owned());
    let both = [task("approve", "filing-1"), task("approve", "filing-2")];
    assert_eq!(tasks("unit_head"), both);
    assert_eq!(tasks("head"), both);
    assert_eq!(tasks("legal"), [task("review", "review-1")]);
    let of = |id: &str, stage: &str, decision: &str| Approve {
        instrument_id: id.to_owned(),
        ..approve(stage, decision, "看过")
    };
    let (unit_head, head) = (house.console("unit_head"), house.console("head"));
    unit_head
        .approve(of("filing-1", "unit_head", "approved"))
        .unwrap();
    assert_eq!(tasks("unit_head"), [task("approve", "filing-2")]);
    head.approve(of("filing-1", "head", "approved")).unwrap();
    unit_head
        .approve(of("filing-2", "unit_head", "returned"))
        .unwrap();
    assert!(
        tasks("head").is_empty(),
        "what was sent back waits for nobody"
    );
    let late = unit_head
        .approve(of("filing-1", "unit_head", "approved"))
        .unwrap_err();
    assert_eq!(why(&late).0, "decided_before");
    tablet.write(
        Kind::CaseClosed,
        Some(CASE),
        json!({"v": 1, "reason": "done", "note": "", "clocks": []}),
    );
    issue(&mut tablet, "filing-3", "F22", json!({}));
    tablet.push(&house);
    assert!(
        tasks("head").is_empty(),
        "nor does what belongs to a closed case"
    );
}

/// Plays `tests/browser/office.mjs` in front of the screens in `ui/dist`, or in the folder `SANXIANG_UI` names.
#[test]
#[ignore = "needs a browser, node and built screens"]
fn console_in_a_browser() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let house = house();
    let mut tablet = penalised(&house, party());
    for (id, form, title) in [
        ("filing-1", "F22", "立案登记表"),
        ("review-1", "F25", "法制审核送审表"),
    ] {
        issue_titled(&mut tablet, id, form, title, json!({"party": party()}));
    }
    tablet.push(&house);
    for (bytes, media_type) in [(PDF, "application/pdf"), (&b"png"[..], "image/png")] {
        tablet.send(&house, bytes, media_type);
    }
    let ui = std::env::var_os("SANXIANG_UI").map_or_else(|| root.join("ui/dist"), Into::into);
    let site = hq::Running::start(std::sync::Arc::clone(&house.hq), "127.0.0.1:0", &ui).unwrap();
    let played = std::process::Command::new("node")
        .arg(root.join("tests/browser/office.mjs"))
        .arg(format!("http://{}", site.address()))
        .status()
        .unwrap();
    assert!(played.success());
    drop(site);
    holds(house);
}
