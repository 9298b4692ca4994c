//! Starting instruments, saving drafts, signing.

use contract::{BoundaryError, Code};
use forms::Form;
use forms::procedure::Moment;
use journal::Kind;
use journal::body::{InstrumentDrafted, InstrumentSigned, InstrumentStarted, SigningRefusalBody};
use law::{Finding, Refusal, Severity};
use serde_json::{Value, json};

use crate::acts::dossier::{self, Asked, require_open};
use crate::acts::inspection::{check_value, read_case};
use crate::acts::overview::goes_to_the_party;
use crate::acts::pictures;
use crate::acts::presentation::require_scene;
use crate::contract::{
    DraftSaved, Findings, FormRow, FormRows, SaveDraft, SignInstrument, StartInstrument,
};
use crate::desk::{Act, Desk};
use crate::failure::No;
use crate::store::instrument::{self, Instrument};
use crate::store::{evidence, inspection, instrument as instruments};
use crate::terminal::Terminal;

/// Largest draft that is kept, bytes of JSON.
const DRAFT_BYTES_MAX: usize = 1 << 20;

pub fn read_instrument(desk: &Desk, instrument_id: &str) -> Result<Instrument, No> {
    instrument::read(&desk.db, instrument_id)?.ok_or_else(|| {
        BoundaryError::new(Code::NotFound)
            .with("instrument_id", instrument_id)
            .into()
    })
}

pub fn form_of<'a>(desk: &'a Desk, code: &str) -> Result<Form<'a>, No> {
    desk.pack.form(code).ok_or_else(|| {
        Refusal::FormUnknown {
            form: code.to_owned(),
        }
        .into()
    })
}

/// Ids of the notices told in a case.
pub fn told_ids(desk: &Desk, case_id: &str) -> Result<Vec<String>, No> {
    Ok(inspection::told(&desk.db, case_id)?
        .into_iter()
        .map(|(notice, _, _)| notice)
        .collect())
}

fn require_draft(instrument: &Instrument) -> Result<(), No> {
    if instrument.state == "draft" {
        return Ok(());
    }
    Err(Refusal::InstrumentFrozen {
        number: instrument.number.clone().unwrap_or_default(),
    }
    .into())
}

fn blocking(findings: &[Finding]) -> u32 {
    let count = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Block)
        .count();
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// What is hashed when somebody signs: the value as a paper carries it.
pub fn value_sha256(value: &Value) -> String {
    paper::values_sha256(value).to_string()
}

/// Every form of the pack, each with the reason why it cannot be started now, if there is one.
pub fn forms(terminal: &Terminal, desk: &Desk, case_id: &str) -> Result<FormRows, No> {
    read_case(desk, case_id)?;
    let mut dossier = dossier::gather(desk, case_id)?;
    let mut closed = |form: &str| -> Option<BoundaryError> {
        let scene =
            form_of(desk, form).and_then(|form| require_scene(desk, terminal.host.as_ref(), form));
        if let Err(No::Refused(refusal)) = scene {
            return Some(BoundaryError::refused(
                &refusal,
                desk.pack.basis_of(&refusal),
            ));
        }
        let asked = Asked {
            at: Moment::Start,
            form: Some(form),
            value: None,
            act: Value::Null,
        };
        let report = dossier::gates(terminal, desk, &mut dossier, asked);
        let gate = report.closed.into_iter().next()?;
        Some(BoundaryError::refused(&gate.into(), Vec::new()))
    };
    let forms = desk
        .pack
        .forms()
        .map(|definition| FormRow {
            code: definition.code.clone(),
            title: definition.title.clone(),
            purpose: definition.purpose.clone(),
            refusal: closed(&definition.code),
        })
        .collect();
    Ok(FormRows { forms })
}

/// The frozen value of the newest instrument of each form, with when it was delivered.
fn issued_values(dossier: &forms::Dossier) -> serde_json::Map<String, Value> {
    let mut issued = serde_json::Map::new();
    for item in dossier.instruments.iter().filter(|item| !item.is_voided) {
        if item.issued_at.is_none() {
            continue;
        }
        let mut value = item.value.clone();
        if let (Some(fields), Some(at)) = (value.as_object_mut(), &item.delivered_at) {
            fields.insert("delivered_at".to_owned(), json!(at));
            fields.insert("delivered_on".to_owned(), json!(at.get(..10)));
        }
        issued.insert(item.form.clone(), value);
    }
    issued
}

/// Issued papers for the party that nobody has handed over yet, as rows of a proof of service.
fn papers_to_serve(desk: &Desk, dossier: &forms::Dossier) -> Value {
    let is_waiting = |item: &&forms::procedure::InstrumentFact| {
        !item.is_voided
            && item.issued_at.is_some()
            && item.delivered_at.is_none()
            && goes_to_the_party(desk, &item.form)
    };
    dossier
        .instruments
        .iter()
        .filter(is_waiting)
        .map(|item| {
            let form = desk.pack.form(&item.form);
            let title = form.map(|form| form.definition().title.clone());
            json!({ "document": title, "document_no": item.number })
        })
        .collect()
}

/// The contents of the file: every issued instrument in the order of issue.
fn file_items(desk: &Desk, dossier: &forms::Dossier) -> Value {
    let mut issued: Vec<_> = dossier
        .instruments
        .iter()
        .filter(|item| !item.is_voided && item.issued_at.is_some())
        .collect();
    issued.sort_by(|left, right| left.issued_at.cmp(&right.issued_at));
    issued
        .into_iter()
        .map(|item| {
            let form = desk.pack.form(&item.form);
            let title = form.map(|form| form.definition().title.clone());
            let dated_on = item.issued_at.as_deref().and_then(|at| at.get(..10));
            json!({ "name": title, "document_no": item.number, "dated_on": dated_on })
        })
        .collect()
}

/// Recordings of the case as rows of a hand-over of media.
fn recording_files(desk: &Desk, case_id: &str) -> Result<Value, No> {
    let recordings = evidence::of_case(&desk.db, case_id)?;
    Ok(recordings
        .into_iter()
        .filter(|found| found.state != "recording" && found.duration_ms.is_some())
        .map(|found| {
            json!({
                "name": found.evidence_id, "started_at": found.captured_at, "hash_kind": "sha256", "hash": found.sha256,
                "seconds": found.duration_ms.map(|ms| ms.div_ceil(1000)),
            })
        })
        .collect())
}

/// What a new instrument of the case starts from.
fn facts(terminal: &Terminal, desk: &Desk, case_id: &str) -> Result<Value, No> {
    let case = read_case(desk, case_id)?;
    let told: serde_json::Map<String, Value> = inspection::told(&desk.db, case_id)?
        .into_iter()
        .map(|(notice, told_at, _)| (notice, Value::String(told_at)))
        .collect();
    let mut facts = json!({
        "party": case.party,
        "place": case.place,
        "officers": case.officers,
        "now": crate::text::time(terminal.host.now()),
        "today": crate::text::date(terminal.host.now().date_naive()),
        "opened_at": case.opened_at,
        "reason": case.reason,
        "reason_note": case.reason_note,
        "agency": desk.agency,
        "told": told,
    });
    let dossier = dossier::gather(desk, case_id)?;
    let issued = issued_values(&dossier);
    if let Some(fields) = facts.as_object_mut() {
        fields.insert("presented_at".to_owned(), json!(dossier.presented_at));
        if let Some(vehicle) = case.vehicle {
            fields.insert("vehicle".to_owned(), vehicle);
        }
        let cause = issued.get("F22").and_then(|value| value.get("case_cause"));
        if let Some(cause) = cause {
            fields.insert("case_cause".to_owned(), cause.clone());
        }
        let code = dossier
            .inspection_codes
            .last()
            .map(|code| code.code.clone());
        fields.insert("inspection_code".to_owned(), json!(code));
        fields.insert(
            "derived".to_owned(),
            json!(dossier::truths(terminal, desk, &dossier)),
        );
        fields.insert("file_items".to_owned(), file_items(desk, &dossier));
        fields.insert(
            "recording_files".to_owned(),
            recording_files(desk, case_id)?,
        );
        fields.insert("history".to_owned(), dossier.history.clone());
        fields.insert(
            "papers_to_serve".to_owned(),
            papers_to_serve(desk, &dossier),
        );
        fields.insert("issued".to_owned(), Value::Object(issued));
    }
    Ok(facts)
}

pub fn start(
    terminal: &Terminal,
    desk: &mut Desk,
    request: &StartInstrument,
) -> Result<String, No> {
    let host = terminal.host.as_ref();
    let form = form_of(desk, &request.form)?;
    require_scene(desk, host, form)?;
    if let Some(instrument_id) = instruments::of_request(&desk.db, &request.request_id)? {
        return Ok(instrument_id);
    }
    let value = form.prefill(&facts(terminal, desk, &request.case_id)?);
    require_open(
        terminal,
        desk,
        &request.case_id,
        Asked {
            at: Moment::Start,
            form: Some(&request.form),
            value: Some(&value),
            act: Value::Null,
        },
    )?;
    let instrument_id = host.new_id();
    let started = InstrumentStarted {
        v: 1,
        instrument_id: instrument_id.clone(),
        request_id: request.request_id.clone(),
        form: request.form.clone(),
        title: form.definition().title.clone(),
        value: value.clone(),
    };
    let act = Act {
        kind: Kind::InstrumentStarted,
        case_id: Some(&request.case_id),
        event_at: host.now(),
        body: &started,
        blobs: Vec::new(),
    };
    desk.commit(host, act, |_, _| Ok(()))?;
    Ok(instrument_id)
}

/// The draft whose revision the edit started from, or a stale notice.
fn draft_at(desk: &Desk, request: &SaveDraft) -> Result<Instrument, No> {
    let instrument = read_instrument(desk, &request.instrument_id)?;
    require_draft(&instrument)?;
    if request.revision != instrument.revision {
        return Err(BoundaryError::new(Code::Stale)
            .with("revision", instrument.revision)
            .into());
    }
    Ok(instrument)
}

pub fn save(terminal: &Terminal, desk: &mut Desk, request: &SaveDraft) -> Result<DraftSaved, No> {
    let host = terminal.host.as_ref();
    let instrument = draft_at(desk, request)?;
    require_scene(desk, host, form_of(desk, &instrument.form)?)?;
    if request.value.to_string().len() > DRAFT_BYTES_MAX {
        return Err(BoundaryError::new(Code::TooLarge)
            .with("limit_bytes", DRAFT_BYTES_MAX as u64)
            .into());
    }
    let told = told_ids(desk, &instrument.case_id)?;
    let form = form_of(desk, &instrument.form)?;
    let value = form.complete(&request.value, host.now().date_naive(), &desk.agency);
    let mut findings = check_value(terminal, desk, form, &value, &told)?;
    findings.extend(pictures::findings(
        terminal,
        desk,
        &instrument.case_id,
        form,
        &value,
    )?);
    let body = InstrumentDrafted {
        v: 1,
        instrument_id: instrument.instrument_id.clone(),
        revision: instrument.revision + 1,
        blocking_findings: blocking(&findings),
        value,
    };
    let act = Act {
        kind: Kind::InstrumentDrafted,
        case_id: Some(&instrument.case_id),
        event_at: host.now(),
        body: &body,
        blobs: Vec::new(),
    };
    desk.commit(host, act, |_, _| Ok(()))?;
    findings.extend(dossier::findings_of_gates(
        terminal,
        desk,
        &instrument.case_id,
        &instrument.form,
        &body.value,
    )?);
    Ok(DraftSaved {
        revision: body.revision,
        findings,
    })
}

pub fn check(terminal: &Terminal, desk: &Desk, request: &SaveDraft) -> Result<Findings, No> {
    let instrument = read_instrument(desk, &request.instrument_id)?;
    let told = told_ids(desk, &instrument.case_id)?;
    let form = form_of(desk, &instrument.form)?;
    let mut findings = check_value(terminal, desk, form, &request.value, &told)?;
    findings.extend(pictures::findings(
        terminal,
        desk,
        &instrument.case_id,
        form,
        &request.value,
    )?);
    findings.extend(dossier::findings_of_gates(
        terminal,
        desk,
        &instrument.case_id,
        &instrument.form,
        &request.value,
    )?);
    Ok(Findings { findings })
}

pub fn sign(terminal: &Terminal, desk: &mut Desk, request: &SignInstrument) -> Result<(), No> {
    let host = terminal.host.as_ref();
    let instrument = read_instrument(desk, &request.instrument_id)?;
    let form = form_of(desk, &instrument.form)?;
    require_scene(desk, host, form)?;
    require_draft(&instrument)?;
    let signer = form
        .signers(&instrument.value)
        .into_iter()
        .find(|signer| signer.slot == request.slot);
    let Some(signer) = signer else {
        return Err(BoundaryError::new(Code::BadRequest)
            .with("slot", request.slot.as_str())
            .into());
    };
    let refusal = match &request.refusal {
        Some(_) if !signer.may_refuse => {
            return Err(BoundaryError::new(Code::BadRequest)
                .with("slot", request.slot.as_str())
                .into());
        }
        Some(refusal) => Some(SigningRefusalBody {
            reason: refusal.reason.clone(),
            witness_name: refusal.witness_name.clone(),
            witness_phone: refusal.witness_phone.clone(),
        }),
        None => None,
    };
    let findings = check_signature(terminal, request)?;
    if !findings.is_empty() {
        return Err(No::Found(findings));
    }
    let body = InstrumentSigned {
        v: 1,
        instrument_id: instrument.instrument_id.clone(),
        slot: request.slot.clone(),
        name: request.name.clone(),
        revision: instrument.revision,
        value_sha256: value_sha256(&instrument.value),
        strokes: request
            .strokes
            .iter()
            .map(|stroke| stroke.points.clone())
            .collect(),
        refusal,
        moment: terminal.recording_moment(&instrument.case_id),
    };
    let act = Act {
        kind: Kind::InstrumentSigned,
        case_id: Some(&instrument.case_id),
        event_at: host.now(),
        body: &body,
        blobs: Vec::new(),
    };
    desk.commit(host, act, |_, _| Ok(()))?;
    Ok(())
}

/// Points a signature may have in all.
const POINTS_MAX: usize = 20_000;

/// A signature is strokes inside its box, or a refusal with a reason and a witness; never nothing.
fn check_signature(terminal: &Terminal, request: &SignInstrument) -> Result<Vec<Finding>, No> {
    let mut findings = Vec::new();
    let mut find = |field: &str, rule: &str, text: &str, hint: &str| {
        findings.push(Finding::block(field, rule, text, hint));
    };
    let points = request.strokes.iter().flat_map(|stroke| &stroke.points);
    match &request.refusal {
        Some(refusal) => {
            if refusal.reason.trim().is_empty() {
                find(
                    "refusal.reason",
                    "required",
                    "没有写明拒绝签名的原因。",
                    "写明当事人拒绝签名的原因。",
                );
            }
            if refusal.witness_name.trim().is_empty() {
                find(
                    "refusal.witness_name",
                    "required",
                    "没有见证人。",
                    "请见证人到场，写明姓名；没有见证人的，以录音录像为证并写“录音录像”。",
                );
            }
        }
        None if points.clone().count() < 2 => {
            find(
                "strokes",
                "required",
                "还没有签名。",
                "请在签名框内手写签名，或者登记拒绝签名。",
            );
        }
        None => {}
    }
    if points.clone().count() > POINTS_MAX || points.clone().any(|point| !point.is_sound()) {
        find(
            "strokes",
            "bounds",
            "签名笔迹超出了签名框。",
            "清除后重新签名。",
        );
    }
    let fonts = terminal.fonts()?;
    let refusal = request.refusal.as_ref();
    let texts = [
        ("name", request.name.as_str()),
        (
            "refusal.reason",
            refusal.map_or("", |refusal| refusal.reason.as_str()),
        ),
        (
            "refusal.witness_name",
            refusal.map_or("", |refusal| refusal.witness_name.as_str()),
        ),
        (
            "refusal.witness_phone",
            refusal.map_or("", |refusal| refusal.witness_phone.as_str()),
        ),
    ];
    for (field, text) in texts {
        if text.chars().count() > 200 {
            find(field, "too_long", "文字太长。", "不超过 200 字。");
        }
        if let Some(first) = fonts.missing(text).first() {
            let text = format!("字符 U+{:04X} 没有字形，印不出来。", u32::from(*first));
            find(
                field,
                "glyph_missing",
                &text,
                "换一个写法，或者用汉语拼音注明。",
            );
        }
    }
    Ok(findings)
}
