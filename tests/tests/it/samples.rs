//! Every form of the pack with its sample: lawful, complete, and set on A4 and on the ticket.
//!
//! With `SANXIANG_SAMPLES` set the sheets are written to `target/samples/` to be looked at; a value that is a folder is
//! taken instead.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use chrono::{DateTime, FixedOffset};
use forms::{Agency, CheckContext, Form, Pack};
use journeys::repository;
use journeys::sheets::{after_everything, photo, scrawl};
use law::{Finding, Severity};
use paper::{Fonts, Layout, Pictures, PlacedSignature, Sheet, Stamp, StampKind, compose, ticket};
use serde_json::{Value, json};

const DOTS: u32 = 576;

struct Desk {
    pack: Pack,
    agency: Agency,
    fonts: Fonts,
}

impl Desk {
    fn new() -> Self {
        let dir = repository().join("forms/packs/transport");
        Self {
            pack: Pack::load(&dir).unwrap_or_else(|fault| panic!("{fault}")),
            agency: Agency::load(&dir.join("agencies/example.toml"))
                .unwrap_or_else(|fault| panic!("{fault}")),
            fonts: Fonts::load(&Fonts::default_dir()).unwrap(),
        }
    }

    fn codes(&self) -> Vec<String> {
        self.pack.forms().map(|form| form.code.clone()).collect()
    }

    /// `None` where the form has no sample yet.
    fn sample(&self, code: &str) -> Option<Value> {
        let file = repository().join(format!("forms/packs/transport/forms/{code}/sample.json"));
        let text = fs::read_to_string(file).ok()?;
        Some(serde_json::from_str(&text).unwrap_or_else(|fault| panic!("{code}: {fault}")))
    }

    fn findings(&self, form: &Form, value: &Value, now: DateTime<FixedOffset>) -> Vec<Finding> {
        let told: Vec<String> = self.pack.all_rights(&json!({})).into_keys().collect();
        let agency = self.agency.value();
        let context = CheckContext {
            today: now.date_naive(),
            now,
            agency: &agency,
            missing_glyphs: &|text| self.fonts.missing(text),
            told: &told,
            pack: &self.pack,
        };
        form.check(value, &context)
    }

    fn blocking(&self, form: &Form, value: &Value) -> Vec<String> {
        self.findings(form, value, after_everything(value))
            .into_iter()
            .filter(|finding| {
                finding.severity == Severity::Block || finding.rule == "unknown_field"
            })
            .map(|finding| format!("{} [{}] {}", finding.field, finding.rule, finding.text))
            .collect()
    }

    /// The value as it is frozen when an instrument is issued.
    fn frozen(&self, form: &Form, value: &Value, issued_on: &str) -> Value {
        let agency = self.agency.value();
        let mut value = value.clone();
        value["issued_on"] = json!(issued_on);
        let mut value = form.labels(&value, &agency);
        let rights: serde_json::Map<String, Value> = form
            .definition()
            .rights
            .iter()
            .filter_map(|id| {
                let text = self.pack.rights(id, &agency)?;
                Some((id.clone(), json!(text.text)))
            })
            .collect();
        value["case"] = json!({ "id": "0196f2aa-7c1e-7d53-9a3e-5b1f0c2d4e6f" });
        value["agency"] = agency;
        value["rights"] = Value::Object(rights);
        if form.number_series().is_some() {
            value["number"] = json!(self.number(form));
        }
        value
    }

    fn number(&self, form: &Form) -> Option<String> {
        let pattern = self.agency.pattern(form.number_series()?)?;
        forms::render_number(pattern, 2026, 7)
    }

    fn stamp(&self, form: &Form, kind: StampKind) -> Stamp {
        Stamp {
            title: form.definition().title.clone(),
            document_id: "0196f2aa-7c1e-7d53-9a3e-5b1f0c2d4e6f".to_owned(),
            number: self.number(form),
            qr: Some("https://hq.example.org/i/0196f2aa7c1e7d53?h=3f9a6c0d1b2e4f5a".to_owned()),
            created_at: "2026-03-10T14:30:00.000+08:00".to_owned(),
            kind,
            seal: paper::Seal::ByHand,
        }
    }
}

fn written_to() -> Option<PathBuf> {
    let named = std::env::var_os("SANXIANG_SAMPLES")?;
    let folder = PathBuf::from(named);
    let folder = if folder.is_dir() {
        folder
    } else {
        repository().join("target/samples")
    };
    fs::create_dir_all(&folder).unwrap();
    Some(folder)
}

fn samples(desk: &Desk) -> Vec<(String, Form<'_>, Value)> {
    desk.codes()
        .into_iter()
        .filter_map(|code| {
            let form = desk.pack.form(&code)?;
            let value = desk.sample(&code)?;
            Some((code, form, value))
        })
        .collect()
}

#[test]
fn every_form_has_a_sample() {
    let desk = Desk::new();
    let without: Vec<String> = desk
        .codes()
        .into_iter()
        .filter(|code| desk.sample(code).is_none())
        .collect();
    assert!(without.is_empty(), "{without:?}");
}

#[test]
fn every_sample_is_complete_and_lawful() {
    let desk = Desk::new();
    let mut found = Vec::new();
    for (code, form, value) in samples(&desk) {
        let blocking = desk.blocking(&form, &value);
        found.extend(blocking.into_iter().map(|text| format!("{code} {text}")));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_sample_is_set_on_paper_and_on_the_ticket() {
    let desk = Desk::new();
    let folder = written_to();
    let mut wrong = Vec::new();
    for (code, form, value) in samples(&desk) {
        let issued_on = after_everything(&value).date_naive().to_string();
        let frozen = desk.frozen(&form, &value, &issued_on);
        let signatures: Vec<PlacedSignature> = form
            .signers(&value)
            .iter()
            .map(|signer| scrawl(&signer.slot, &issued_on))
            .collect();
        let pictures: Pictures = form
            .evidence(&value)
            .into_iter()
            .map(|(_, id)| (id, photo().unwrap()))
            .collect();
        let parse =
            |source: &str| Layout::parse(source).unwrap_or_else(|fault| panic!("{code}: {fault}"));
        let (paper, strip) = (parse(form.paper()), parse(form.ticket()));
        let sheet = |layout| Sheet {
            layout,
            values: &frozen,
            signatures: &signatures,
            pictures: &pictures,
            stamp: desk.stamp(&form, StampKind::Final),
        };
        let document = compose(&desk.fonts, &sheet(&paper))
            .unwrap_or_else(|fault| panic!("{code} on paper: {fault}"));
        let slip = ticket(&desk.fonts, &sheet(&strip), DOTS)
            .unwrap_or_else(|fault| panic!("{code} on the ticket: {fault}"));
        let pdf = document.pdf().unwrap();
        assert!(document.pages() >= 1 && pdf.starts_with(b"%PDF") && slip.height > 100);
        let text = document.text();
        let missing = unprinted(&form, &value, &text);
        wrong.extend(
            missing
                .iter()
                .map(|path| format!("{code}: {path} is not on paper")),
        );
        let mut codes = english_codes(&form, &value);
        codes.retain(|word| text.contains(word));
        wrong.extend(
            codes
                .iter()
                .map(|word| format!("{code}: the code {word} is on paper")),
        );
        if let Some(folder) = &folder {
            fs::write(folder.join(format!("{code}.pdf")), pdf).unwrap();
            fs::write(folder.join(format!("{code}-ticket.png")), slip.to_png()).unwrap();
            fs::write(folder.join(format!("{code}.txt")), text).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_empty_draft_of_every_form_is_set_too() {
    let desk = Desk::new();
    for code in desk.codes() {
        let form = desk.pack.form(&code).unwrap();
        let frozen = desk.frozen(&form, &json!({}), "2026-03-10");
        for source in [form.paper(), form.ticket()] {
            let layout = Layout::parse(source).unwrap_or_else(|fault| panic!("{code}: {fault}"));
            let sheet = Sheet {
                layout: &layout,
                values: &frozen,
                signatures: &[],
                pictures: &paper::NO_PICTURES,
                stamp: desk.stamp(&form, StampKind::Draft),
            };
            if source.contains("@page ticket") {
                ticket(&desk.fonts, &sheet, DOTS).unwrap_or_else(|fault| panic!("{code}: {fault}"));
            } else {
                compose(&desk.fonts, &sheet).unwrap_or_else(|fault| panic!("{code}: {fault}"));
            }
        }
    }
}

/// One change to a sample, and the rule that has to speak: `!` blocks, `?` points out.
#[track_caller]
fn check(desk: &Desk, code: &str, changes: &[(&str, Value)], expected: &str) {
    let form = desk.pack.form(code).unwrap();
    let sample = desk.sample(code).unwrap();
    let now = after_everything(&sample);
    let mut value = sample;
    for (path, new) in changes {
        put(&mut value, path, new.clone());
    }
    let spoken: Vec<String> = desk
        .findings(&form, &value, now)
        .into_iter()
        .map(|finding| {
            let mark = match finding.severity {
                Severity::Block => '!',
                Severity::Advice => '?',
            };
            format!("{mark}{} {}", finding.rule, finding.field)
        })
        .collect();
    assert!(
        spoken.iter().any(|rule| rule == expected),
        "{code} {changes:?}: {expected} is not among {spoken:?}"
    );
}

fn put(value: &mut Value, path: &str, new: Value) {
    let mut at = value;
    for key in path.split('.') {
        at = match key.parse::<usize>() {
            Ok(index) if at.is_array() => &mut at[index],
            _ => &mut at[key],
        };
    }
    *at = new;
}

#[test]
fn an_interview_of_a_thousand_answers_is_taken_and_one_more_is_not() {
    let desk = Desk::new();
    let form = desk.pack.form("F03").unwrap();
    let mut value = desk.sample("F03").unwrap();
    let row = json!({ "question": "装货的地点在哪里？", "answer": "在示例石料厂的二号料仓。" });
    value["qa"] = json!(vec![row.clone(); 1000]);
    assert_eq!(desk.blocking(&form, &value), [""; 0]);
    let frozen = desk.frozen(&form, &value, "2026-03-10");
    let layout = Layout::parse(form.paper()).unwrap();
    let sheet = Sheet {
        layout: &layout,
        values: &frozen,
        signatures: &[],
        pictures: &paper::NO_PICTURES,
        stamp: desk.stamp(&form, StampKind::Final),
    };
    let text = compose(&desk.fonts, &sheet).unwrap().text();
    assert_eq!(text.matches("二号料仓").count(), 1000);
    let pages = text.matches("被询问人（每页签名）").count();
    assert!(pages > 40, "the foot of every page is signed: {pages}");
    check(
        &desk,
        "F03",
        &[("qa", json!(vec![row; 1001]))],
        "!row_count qa",
    );
}

#[test]
fn an_interview_asks_for_recusal_and_keeps_the_words_that_were_corrected() {
    let desk = Desk::new();
    check(
        &desk,
        "F03",
        &[("recusal", json!(null))],
        "!required recusal",
    );
    let asked = [("recusal", json!("requested"))];
    check(&desk, "F03", &asked, "!required recusal_reason");
    let lost = [("corrections.0.original", json!(""))];
    check(&desk, "F03", &lost, "!required corrections.0.original");
    check(
        &desk,
        "F03",
        &[("interviewer", json!("钱思乙"))],
        "!R-P1 recorder",
    );
    let minor = [("assisted_by", json!("guardian"))];
    check(&desk, "F03", &minor, "!required guardian.name");
}

#[test]
fn evidence_is_kept_seven_working_days_and_no_longer() {
    let desk = Desk::new();
    for code in ["F06", "F07"] {
        check(
            &desk,
            code,
            &[("to_on", json!("2026-03-20"))],
            "!period to_on",
        );
        check(&desk, code, &[("items", json!([]))], "!required items");
    }
    check(
        &desk,
        "F08",
        &[("released_on", json!("2026-03-20"))],
        "!period released_on",
    );
    check(
        &desk,
        "F08",
        &[("released_on", json!("2026-03-09"))],
        "!end_after_start released_on",
    );
    check(
        &desk,
        "F07",
        &[("items.0.photos", json!([]))],
        "?photo_missing items.0.photos",
    );
    check(
        &desk,
        "F09",
        &[("transcript", json!(""))],
        "!required transcript",
    );
    check(&desk, "F09", &[("method", json!(""))], "!required method");
}

#[test]
fn coercion_keeps_its_term_its_list_and_away_from_the_cargo() {
    let desk = Desk::new();
    for code in ["F11", "F12"] {
        check(
            &desk,
            code,
            &[("to_on", json!("2026-10-17"))],
            "!period to_on",
        );
        check(&desk, code, &[("law", json!([]))], "!required law");
    }
    check(
        &desk,
        "F11",
        &[("carried_out_at", json!(null))],
        "!required carried_out_at",
    );
    check(
        &desk,
        "F12",
        &[("items.1.name", json!("砂石一车"))],
        "?R-E6 items.1.name",
    );
    check(&desk, "F12", &[("cargo", json!(null))], "!required cargo");
    check(
        &desk,
        "F12",
        &[("items.0.photos", json!([]))],
        "?photo_missing items.0.photos",
    );
    check(
        &desk,
        "F12",
        &[("vehicle", json!(null))],
        "!required_any vehicle.plate",
    );
    // R-E7: there is no place for a fee.
    check(
        &desk,
        "F12",
        &[("storage_fee_fen", json!(5000))],
        "?unknown_field ",
    );
    check(
        &desk,
        "F13",
        &[("extended_to_on", json!("2026-11-15"))],
        "!period extended_to_on",
    );
    check(
        &desk,
        "F14",
        &[("ground_note", json!(""))],
        "!required ground_note",
    );
    check(
        &desk,
        "F14",
        &[("confirmation", json!("objection"))],
        "!required objection",
    );
    check(
        &desk,
        "F15",
        &[("to_on", json!("2026-09-16"))],
        "!end_after_start to_on",
    );
}

#[test]
fn a_weighing_is_reckoned_again_and_its_scale_was_certified() {
    let desk = Desk::new();
    let expired = [("weighing.certificate_valid_to", json!("2026-03-09"))];
    check(
        &desk,
        "F16",
        &expired,
        "!R-S12 weighing.certificate_valid_to",
    );
    check(
        &desk,
        "F16",
        &[("weighing.over_kg", json!(500))],
        "!difference weighing.over_kg",
    );
    let short = [("weighing.height_over_cm", json!(5))];
    check(&desk, "F16", &short, "!difference weighing.height_over_cm");
    check(
        &desk,
        "F16",
        &[("weighing.result", json!("within"))],
        "!upper_bound weighing.over_kg",
    );
    check(
        &desk,
        "F16",
        &[("recheck.gross_kg", json!(49_500))],
        "!upper_bound recheck.gross_kg",
    );
    check(
        &desk,
        "F16",
        &[("recheck.unloaded_kg", json!(900))],
        "?difference recheck.unloaded_kg",
    );
}

#[test]
fn a_visit_to_a_firm_counts_how_often_it_was_visited() {
    let desk = Desk::new();
    let full = [("done_this_year", json!(2))];
    check(&desk, "F18", &full, "?inspection_frequency done_this_year");
    check(
        &desk,
        "F18",
        &[("urgent", json!("yes"))],
        "!required reported_at",
    );
    check(
        &desk,
        "F19",
        &[("visit_no", json!(3))],
        "?inspection_frequency visit_no",
    );
    check(
        &desk,
        "F19",
        &[("inspection_code", json!(""))],
        "!required inspection_code",
    );
    let nothing = [("result", json!("no_problem"))];
    check(&desk, "F20", &nothing, "!no_problem_without_text problems");
    check(
        &desk,
        "F20",
        &[("rectify_by", json!("2026-05-12"))],
        "!end_after_start rectify_by",
    );
}

#[test]
fn what_was_issued_once_flows_into_the_next_paper() {
    let desk = Desk::new();
    let mut sealed = desk.sample("F12").unwrap();
    sealed["number"] = json!("示例交强〔2026〕0001号");
    let facts = json!({ "party": sealed["party"], "now": "2026-09-16T16:00:00.000+08:00", "issued": { "F12": sealed } });
    let release = desk.pack.form("F14").unwrap().prefill(&facts);
    let listed = desk.sample("F12").unwrap();
    assert_eq!(release["items"], listed["items"]);
    assert_eq!(release["decision_number"], "示例交强〔2026〕0001号");
    assert_eq!(release["measured_on"], listed["from_on"]);
    let approval = desk.sample("F18").unwrap();
    let facts = json!({ "issued": { "F18": approval }, "now": "2026-05-13T10:00:00.000+08:00" });
    let notice = desk.pack.form("F19").unwrap().prefill(&facts);
    assert_eq!(notice["law"], desk.sample("F18").unwrap()["law"]);
    assert_eq!(notice["yearly_cap"], 2);
}

/// Long texts of the sample that the sheet does not hold; a page may end within a paragraph, so its beginning counts.
fn unprinted(form: &Form, value: &Value, text: &str) -> Vec<String> {
    let squeezed =
        |text: &str| -> String { text.chars().filter(|char| !char.is_whitespace()).collect() };
    let text = squeezed(text);
    let fields = form
        .definition()
        .sections
        .iter()
        .flat_map(|part| &part.fields);
    fields
        .filter(|field| matches!(field.kind, forms::FieldKind::LongText))
        .filter_map(|field| {
            let words = at(value, &field.path)?.as_str()?;
            let begins = |line: &str| squeezed(line).chars().take(12).collect::<String>();
            let is_there = words.lines().all(|line| text.contains(&begins(line)));
            (!is_there).then(|| field.path.clone())
        })
        .collect()
}

/// The codes of choices the sample uses, which are for machines.
fn english_codes(form: &Form, value: &Value) -> BTreeSet<String> {
    let fields = form
        .definition()
        .sections
        .iter()
        .flat_map(|part| &part.fields);
    fields
        .filter(|field| matches!(field.kind, forms::FieldKind::Choice { .. }))
        .filter_map(|field| at(value, &field.path)?.as_str().map(str::to_owned))
        .filter(|word| word.len() > 3 && word.is_ascii())
        .collect()
}

fn at<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').try_fold(value, |value, key| value.get(key))
}
