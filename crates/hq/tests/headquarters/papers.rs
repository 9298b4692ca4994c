//! Any PDF against the journals: the issued one, one that somebody changed, one that is something else.

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::LazyLock;

use chrono::SecondsFormat;
use contract::Code;
use forms::Pack;
use hq::contract::console::{CheckPaper, Handlers, PaperChecked, ViewsQuery};
use hq::{Found, Known, PaperReport, SetAgain};
use journal::body::PenPoint;
use journal::{Hash, Kind};
use paper::{Fonts, Layout, Picture, Pictures, PlacedSignature, Seal, Sheet, Stamp, StampKind};
use serde_json::{Value, json};

use crate::office::copy_dir;
use crate::support::{CASE, House, Tablet, pack_dir};

const ORDER: &str = "order-1";
const TITLE: &str = "责令改正违法行为通知书";
const NUMBER: &str = "示例交责改〔2026〕0001号";
const AGENCY: &str = "示例市交通运输综合行政执法支队";

static FONTS: LazyLock<Fonts> = LazyLock::new(|| Fonts::load(&Fonts::default_dir()).unwrap());
static PACK: LazyLock<Pack> = LazyLock::new(|| Pack::load(&pack_dir()).unwrap());

fn sample(form: &str) -> Value {
    let file = pack_dir().join("forms").join(form).join("sample.json");
    serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
}

fn pen() -> Vec<Vec<PenPoint>> {
    serde_json::from_value(json!([[
        [100, 500, 0],
        [900, 400, 20],
        [500, 800, 40, 600]
    ]]))
    .unwrap()
}

/// An instrument as a terminal sets it.
#[derive(Clone)]
struct Issued {
    form: &'static str,
    value: Value,
    signatures: Vec<PlacedSignature>,
    pictures: Pictures,
    stamp: Stamp,
}

impl Issued {
    fn pdf(&self) -> Vec<u8> {
        let layout = Layout::parse(PACK.form(self.form).unwrap().paper()).unwrap();
        let sheet = Sheet {
            layout: &layout,
            values: &self.value,
            signatures: &self.signatures,
            pictures: &self.pictures,
            stamp: self.stamp.clone(),
        };
        paper::compose(&FONTS, &sheet).unwrap().pdf().unwrap()
    }

    fn of(&self, change: impl FnOnce(&mut Self)) -> Vec<u8> {
        let mut other = self.clone();
        change(&mut other);
        other.pdf()
    }
}

/// A case at headquarters with one issued instrument, whose files have not arrived.
struct Scene {
    house: House,
    tablet: Tablet,
    issued: Issued,
    pdf: Vec<u8>,
}

impl Scene {
    fn new() -> Self {
        Self::of("F10", sample("F10"), Pictures::new())
    }

    fn of(form: &'static str, draft: Value, pictures: Pictures) -> Self {
        let house = House::new();
        let mut tablet = house.tablet("终端一");
        tablet.open_session();
        tablet.open_case(CASE, "冯试例", "示A·T0001");
        let issued = issue(&mut tablet, form, draft, pictures);
        tablet.push(&house);
        let pdf = issued.pdf();
        Self {
            house,
            tablet,
            issued,
            pdf,
        }
    }

    fn report(&self, pdf: &[u8]) -> PaperReport {
        self.house.hq.check_pdf(pdf).unwrap()
    }

    fn known(&self, pdf: &[u8]) -> Known {
        let report = self.report(pdf);
        match report.found {
            Found::Known(known) => *known,
            other => panic!("{other:?}"),
        }
    }

    fn checked(&self) -> PaperChecked {
        let asked = CheckPaper {
            instrument_id: ORDER.to_owned(),
            purpose: "案卷评查".to_owned(),
        };
        self.house.console("legal").check_paper(asked).unwrap()
    }
}

/// Drafts, signs and issues; what was signed for an earlier draft stays off the paper.
fn issue(tablet: &mut Tablet, form: &'static str, draft: Value, pictures: Pictures) -> Issued {
    tablet.write(Kind::InstrumentStarted, Some(CASE), json!({
        "v": 1, "instrument_id": ORDER, "request_id": ORDER, "form": form, "title": TITLE, "value": {},
    }));
    tablet.write(
        Kind::InstrumentDrafted,
        Some(CASE),
        json!({ "v": 1, "instrument_id": ORDER, "revision": 1, "value": draft, "blocking_findings": 0 }),
    );
    let current = paper::values_sha256(&draft).to_string();
    let earlier = paper::values_sha256(&json!({})).to_string();
    let mut signatures = BTreeMap::new();
    for (slot, name, sha256) in [
        ("party", "冯试例", &earlier),
        ("officer_1", "赵明甲", &current),
        ("officer_2", "旧名字", &current),
        ("officer_2", "钱思乙", &current),
    ] {
        let signed = json!({
            "v": 1, "instrument_id": ORDER, "slot": slot, "name": name, "revision": 1, "value_sha256": sha256,
            "strokes": pen(), "refusal": null, "moment": null,
        });
        let entry = tablet.write(Kind::InstrumentSigned, Some(CASE), signed);
        if sha256 == &current {
            let at = entry.header.event_at;
            let at = at.to_rfc3339_opts(SecondsFormat::Millis, false);
            signatures.insert(slot, PlacedSignature::written(slot, name, &at, &pen()));
        }
    }
    let mut value = draft;
    let fields = value.as_object_mut().unwrap();
    fields.insert("agency".to_owned(), json!({ "name": AGENCY }));
    fields.insert("case".to_owned(), json!({ "id": CASE }));
    fields.insert("number".to_owned(), json!(NUMBER));
    let mut entry = tablet.draft(Kind::InstrumentIssued, Some(CASE), &json!({}));
    let at = entry.event_at;
    let issued = Issued {
        form,
        signatures: signatures.into_values().collect(),
        pictures,
        stamp: Stamp {
            title: TITLE.to_owned(),
            document_id: ORDER.to_owned(),
            number: Some(NUMBER.to_owned()),
            qr: Some("http://hq.example/v#d=1".to_owned()),
            created_at: at.to_rfc3339_opts(SecondsFormat::Millis, false),
            kind: StampKind::Final,
            seal: Seal::ByHand,
        },
        value,
    };
    let pdf = issued.pdf();
    let body = json!({
        "v": 1, "instrument_id": ORDER, "form": form, "title": TITLE, "number": NUMBER, "series": "order", "serial": 1,
        "value": issued.value, "content_sha256": paper::values_sha256(&issued.value).to_string(),
        "pdf": { "sha256": Hash::of(&pdf).to_string(), "size_bytes": pdf.len(), "media_type": "application/pdf" },
        "ticket": { "sha256": Hash::of(b"png").to_string(), "size_bytes": 3, "media_type": "image/png" },
        "qr": issued.stamp.qr, "clocks": [],
    });
    entry.pack = Some(PACK.version().to_owned());
    entry.body = body.to_string().into_bytes();
    entry.blobs = vec![Hash::of(&pdf), Hash::of(b"png")];
    tablet.write_draft(entry);
    issued
}

#[test]
fn the_issued_file_is_the_same_also_when_a_newer_pack_sets_it_differently() {
    let scene = Scene::new();
    let report = scene.report(&scene.pdf);
    assert!(report.is_sound(), "{report}");
    assert!(report.to_string().contains(NUMBER), "{report}");
    assert!(
        report
            .to_string()
            .contains("the issued instrument, unchanged"),
        "{report}"
    );

    let newer = tempfile::tempdir().unwrap();
    copy_dir(&pack_dir(), newer.path());
    let layout = newer.path().join("forms/F10/paper.txt");
    let text = std::fs::read_to_string(&layout).unwrap();
    std::fs::write(&layout, format!("{text}\n@space 5\n")).unwrap();
    let hq = &scene.house.hq;
    hq.publish_pack(newer.path(), Some("2099.1")).unwrap();
    assert!(scene.report(&scene.pdf).is_sound());
}

#[test]
fn other_values_are_named_one_by_one() {
    let scene = Scene::new();
    let forged = scene.issued.of(|other| {
        other.value["requirement"] = json!("不用改正。");
        other.value["extra"] = json!(1);
    });
    let report = scene.report(&forged);
    assert!(!report.is_sound());
    let known = scene.known(&forged);
    assert_eq!(known.set_again, SetAgain::OtherValues);
    assert!(!known.is_issued);
    let paths: Vec<_> = known
        .differences
        .iter()
        .map(|one| one.path.as_str())
        .collect();
    assert_eq!(paths, ["requirement", "extra"]);
    assert_eq!(
        known.differences[0].in_file.as_deref(),
        Some("\"不用改正。\"")
    );
    assert_eq!(known.differences[1].in_journal, None);
    assert!(
        report.to_string().contains("NOT the issued instrument"),
        "{report}"
    );
}

#[test]
fn a_changed_page_or_a_byte_of_the_file_is_not_the_issued_one() {
    let scene = Scene::new();
    let unsigned = scene.issued.of(|other| other.signatures.clear());
    assert_eq!(scene.known(&unsigned).set_again, SetAgain::OtherPages);
    let said = scene.report(&unsigned).to_string();
    assert!(said.contains("a build of another version"), "{said}");

    // The packed values of the file, then every byte of a sample over the whole.
    let start = b"/Type/EmbeddedFile";
    let inside = find(&scene.pdf, start);
    let stream = inside + find(&scene.pdf[inside..], b"stream\n") + 30;
    let step = scene.pdf.len() / 40;
    for at in std::iter::once(stream).chain((step..scene.pdf.len()).step_by(step)) {
        let mut touched = scene.pdf.clone();
        touched[at] ^= 0x10;
        let report = scene.report(&touched);
        assert!(!report.is_sound(), "byte {at}: {report}");
        if at == stream {
            let known = scene.known(&touched);
            assert_eq!(known.set_again, SetAgain::OtherValues);
            assert_eq!(known.differences, []);
            assert!(report.to_string().contains("cannot be read"), "{report}");
        }
    }
}

fn find(bytes: &[u8], sought: &[u8]) -> usize {
    let mut windows = bytes.windows(sought.len());
    windows.position(|part| part == sought).unwrap()
}

#[test]
fn files_that_are_something_else_get_a_plain_answer() {
    let scene = Scene::new();
    let half = &scene.pdf[..scene.pdf.len() / 2];
    for bytes in [&b""[..], b"%PDF-1.7", b"\x89PNG", half] {
        let report = scene.report(bytes);
        assert_eq!(report.found, Found::Unreadable);
        assert!(report.to_string().contains("it is no PDF, or damaged"));
    }
    let foreign = scene.issued.of(|other| {
        other.value["agency"] = json!({ "name": "别市交通运输局" });
        other.value["number"] = json!("别交责改〔2026〕0009号");
        other.stamp.document_id = "elsewhere".to_owned();
    });
    let report = scene.report(&foreign);
    assert!(
        matches!(report.found, Found::OtherAgency { .. }),
        "{report}"
    );
    assert!(report.to_string().contains("别市交通运输局"), "{report}");
    let unknown = scene.issued.of(|other| {
        other.value["number"] = json!("示例交责改〔2026〕0009号");
        other.stamp.document_id = "elsewhere".to_owned();
        other.value["agency"] = scene.house.hq.foundation().unwrap().agency;
    });
    let report = scene.report(&unknown);
    assert_eq!(report.found, Found::Unknown, "{report}");
    // Another id, the number of this one.
    let renamed = scene
        .issued
        .of(|other| other.stamp.document_id = "elsewhere".to_owned());
    assert_eq!(scene.known(&renamed).set_again, SetAgain::OtherPages);
}

#[test]
fn a_reprint_and_a_voided_instrument_say_what_they_are() {
    let mut scene = Scene::new();
    let at = "2026-03-10T09:00:00.000+08:00".to_owned();
    let reprint = scene
        .issued
        .of(|other| other.stamp.kind = StampKind::Reprint { copy_no: 2, at });
    let queued = json!({
        "v": 1, "job_id": "job-2", "instrument_id": ORDER, "copy_no": 2, "copy_name": "当事人", "is_reprint": true,
        "printer": "p", "sha256": Hash::of(&reprint).to_string(), "state": "queued", "cause": null,
    });
    scene.tablet.write(Kind::PrintQueued, Some(CASE), queued);
    let voided = json!({ "v": 1, "instrument_id": ORDER, "number": NUMBER, "reason": "写错了" });
    scene
        .tablet
        .write(Kind::InstrumentVoided, Some(CASE), voided);
    scene.tablet.push(&scene.house);
    let report = scene.report(&reprint);
    assert!(!report.is_sound());
    assert_eq!(scene.known(&reprint).copy.unwrap().copy_no, 2);
    let said = report.to_string();
    assert!(said.contains("copy 2 (当事人, reprint 补打)"), "{said}");
    assert!(said.contains("写错了"), "{said}");
    assert!(
        scene.report(&scene.pdf).is_sound(),
        "voiding changes no byte"
    );
}

#[test]
fn opinions_given_since_make_it_the_copy_of_the_office() {
    let mut scene = Scene::of("F22", sample("F22"), Pictures::new());
    let opinion = json!({
        "v": 1, "instrument_id": ORDER, "form": "F22", "stage": "head", "method": "voice", "approver": "王负责",
        "opinion": "同意立案", "code_sha256": null, "moment": null, "clocks": [],
    });
    let entry = scene
        .tablet
        .write(Kind::ApprovalRecorded, Some(CASE), opinion);
    scene.tablet.push(&scene.house);
    let at = entry.header.event_at;
    let at = at.to_rfc3339_opts(SecondsFormat::Millis, false);
    let copy = scene.issued.of(|other| {
        let given = json!({ "opinion": "同意立案", "name": "王负责", "at": at });
        other.value["approvals"] = json!({ "head": given });
    });
    assert_eq!(scene.known(&copy).set_again, SetAgain::SameWithOpinions);
    assert!(!scene.report(&copy).is_sound());
    assert!(scene.report(&scene.pdf).is_sound());
}

#[test]
fn a_picture_that_has_not_arrived_leaves_it_open() {
    let picture = image::RgbImage::from_fn(320, 200, |x, y| image::Rgb([90, x as u8, y as u8]));
    let mut photo = std::io::Cursor::new(Vec::new());
    picture
        .write_to(&mut photo, image::ImageFormat::Jpeg)
        .unwrap();
    let photo = photo.into_inner();
    let mut draft = sample("F04");
    draft["sketch"] = json!([{ "id": "photo-1", "caption": "图 1" }]);
    let pictures = [("photo-1".to_owned(), Picture::read(&photo).unwrap())];
    let mut scene = Scene::of("F04", draft, pictures.into());
    let captured = json!({
        "v": 1, "evidence_id": "photo-1", "kind": "photo", "chunks": [], "escrow": "", "step": "scene", "facts": {},
        "object": { "sha256": Hash::of(&photo).to_string(), "size_bytes": photo.len(), "media_type": "image/jpeg" },
        "thumbnail": null,
    });
    scene
        .tablet
        .write(Kind::EvidencePhotographed, Some(CASE), captured);
    scene.tablet.push(&scene.house);
    let SetAgain::Missing(missing) = scene.known(&scene.pdf).set_again else {
        panic!("it was set without its picture");
    };
    assert!(missing[0].starts_with("照片（2026-03-10"), "{missing:?}");
    assert!(!scene.report(&scene.pdf).is_sound());
    scene
        .tablet
        .send(&scene.house, &scene.pdf, "application/pdf");
    assert_eq!(scene.checked().verdict, "not_here");
    scene.tablet.send(&scene.house, &photo, "image/jpeg");
    assert!(scene.report(&scene.pdf).is_sound());
    assert_eq!(scene.checked().verdict, "same");
}

#[test]
fn the_console_checks_the_kept_file_and_writes_the_look_down() {
    let scene = Scene::new();
    let checked = scene.checked();
    assert_eq!(checked.verdict, "not_here");
    assert_eq!(checked.missing, [TITLE]);
    scene
        .tablet
        .send(&scene.house, &scene.pdf, "application/pdf");
    let checked = scene.checked();
    assert_eq!(
        (checked.verdict.as_str(), checked.is_issued),
        ("same", true)
    );
    assert_eq!(checked.issued_build, "test");

    let sha256 = Hash::of(&scene.pdf).to_string();
    let kept = scene.house.dir.path().join("objects");
    let kept = kept.join(&sha256[..2]).join(&sha256);
    let unsigned = scene.issued.of(|other| other.signatures.clear());
    std::fs::write(&kept, unsigned).unwrap();
    let checked = scene.checked();
    assert_eq!(
        (checked.verdict.as_str(), checked.is_issued),
        ("other_pages", false)
    );
    std::fs::write(&kept, b"not a pdf").unwrap();
    assert_eq!(scene.checked().verdict, "other_values");
    std::fs::remove_file(&kept).unwrap();
    assert_eq!(scene.checked().verdict, "other_values", "lost, not awaited");

    let query = ViewsQuery {
        case_id: Some(CASE.to_owned()),
        user: None,
        after: None,
        limit: 20,
    };
    let console = scene.house.console("legal");
    let views = console.views(query).unwrap().views;
    assert_eq!(views.len(), 5);
    for view in &views {
        assert_eq!((view.what.as_str(), view.id.as_str()), ("paper", ORDER));
        assert_eq!(view.purpose, "案卷评查");
    }
    let ask = |instrument_id: &str, purpose: &str| {
        let asked = CheckPaper {
            instrument_id: instrument_id.to_owned(),
            purpose: purpose.to_owned(),
        };
        console.check_paper(asked).unwrap_err().code
    };
    assert_eq!(ask("none", "x"), Code::NotFound);
    assert_eq!(ask(ORDER, " "), Code::BadRequest);
}

#[test]
fn the_command_says_it_with_its_exit_code() {
    let scene = Scene::new();
    let file = scene.house.dir.path().join("order.pdf");
    let ask = |bytes: &[u8]| {
        std::fs::write(&file, bytes).unwrap();
        let said = Command::new(env!("CARGO_BIN_EXE_sanxiang-headquarters"))
            .args(["paper", "--data"])
            .arg(scene.house.dir.path())
            .arg(&file)
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&said.stdout).into_owned();
        (said.status.code(), text)
    };
    let (code, text) = ask(&scene.pdf);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("the same, byte for byte"), "{text}");
    for bytes in [&scene.pdf[1..], b"hello"] {
        let (code, text) = ask(bytes);
        assert_eq!(code, Some(1), "{text}");
        assert!(text.contains("NOT the issued instrument"), "{text}");
    }
}
