//! Starting instruments, saving drafts, signing.

use contract::{BoundaryError, Code};
use forms::Form;
use journal::body::{InstrumentDrafted, InstrumentSigned, InstrumentStarted, SigningRefusalBody};
use journal::{Hash, Kind};
use law::{Citation, Finding, Refusal, Severity};
use serde_json::{Value, json};

use crate::acts::inspection::{check_value, read_case};
use crate::acts::presentation::require_presented;
use crate::contract::{
    CitedArticle, DraftSaved, Findings, FormRow, FormRows, SaveDraft, SearchViolations,
    SignInstrument, StartInstrument, ViolationRow, ViolationRows,
};
use crate::desk::{Act, Desk};
use crate::failure::No;
use crate::store::instrument::{self, Instrument};
use crate::store::{inspection, instrument as instruments};
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

/// What is hashed when somebody signs: the value as canonical JSON text.
pub fn value_sha256(value: &Value) -> String {
    Hash::of(canonical(value).to_string().as_bytes()).to_string()
}

/// Objects with their keys sorted, so that equal values have equal bytes.
pub fn canonical(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let mut keys: Vec<_> = fields.iter().collect();
            keys.sort_by(|left, right| left.0.cmp(right.0));
            Value::Object(
                keys.into_iter()
                    .map(|(key, field)| (key.clone(), canonical(field)))
                    .collect(),
            )
        }
        Value::Array(items) => Value::Array(items.iter().map(canonical).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

/// Every form of the pack, each with the reason why it cannot be started now, if there is one.
pub fn forms(terminal: &Terminal, desk: &Desk, case_id: &str) -> Result<FormRows, No> {
    read_case(desk, case_id)?;
    let refusal = match require_presented(desk, terminal.host.as_ref()) {
        Ok(_) => None,
        Err(No::Refused(refusal)) => Some(BoundaryError::refused(
            &refusal,
            desk.pack.basis_of(&refusal),
        )),
        Err(no) => return Err(no),
    };
    let forms = desk
        .pack
        .forms()
        .map(|definition| FormRow {
            code: definition.code.clone(),
            title: definition.title.clone(),
            purpose: definition.purpose.clone(),
            refusal: refusal.clone(),
        })
        .collect();
    Ok(FormRows { forms })
}

pub fn violations(desk: &Desk, request: &SearchViolations) -> Result<ViolationRows, No> {
    let limit = usize::try_from(request.limit.clamp(1, 100)).unwrap_or(100);
    let cited = |citation: &Citation| -> CitedArticle {
        let plain = || CitedArticle {
            law: citation.law.clone(),
            article: citation.article.clone(),
            paragraph: String::new(),
            text: String::new(),
        };
        serde_json::from_value(desk.pack.cite(citation)).unwrap_or_else(|_| plain())
    };
    let violations = desk
        .pack
        .search_violations(&request.text, limit)
        .into_iter()
        .map(|violation| ViolationRow {
            code: violation.code.clone(),
            title: violation.title.clone(),
            facts_draft: violation.facts_draft.clone(),
            violated: violation.violated.iter().map(cited).collect(),
            basis: violation.basis.iter().map(cited).collect(),
            range_text: violation.range_text(),
        })
        .collect();
    Ok(ViolationRows { violations })
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
        "opened_at": case.opened_at,
        "presented_at": case.presented_at,
        "reason": case.reason,
        "reason_note": case.reason_note,
        "agency": desk.agency,
        "told": told,
    });
    if let (Some(vehicle), Some(fields)) = (case.vehicle, facts.as_object_mut()) {
        fields.insert("vehicle".to_owned(), vehicle);
    }
    Ok(facts)
}

pub fn start(
    terminal: &Terminal,
    desk: &mut Desk,
    request: &StartInstrument,
) -> Result<String, No> {
    let host = terminal.host.as_ref();
    require_presented(desk, host)?;
    if let Some(instrument_id) = instruments::of_request(&desk.db, &request.request_id)? {
        return Ok(instrument_id);
    }
    let facts = facts(terminal, desk, &request.case_id)?;
    let form = form_of(desk, &request.form)?;
    let value = form.prefill(&facts);
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
    require_presented(desk, host)?;
    let instrument = draft_at(desk, request)?;
    if request.value.to_string().len() > DRAFT_BYTES_MAX {
        return Err(BoundaryError::new(Code::TooLarge)
            .with("limit_bytes", DRAFT_BYTES_MAX as u64)
            .into());
    }
    let told = told_ids(desk, &instrument.case_id)?;
    let form = form_of(desk, &instrument.form)?;
    let value = form.complete(&request.value, host.now().date_naive(), &desk.agency);
    let findings = check_value(terminal, desk, form, &value, &told)?;
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
    Ok(DraftSaved {
        revision: body.revision,
        findings,
    })
}

pub fn check(terminal: &Terminal, desk: &Desk, request: &SaveDraft) -> Result<Findings, No> {
    let instrument = read_instrument(desk, &request.instrument_id)?;
    let told = told_ids(desk, &instrument.case_id)?;
    let form = form_of(desk, &instrument.form)?;
    Ok(Findings {
        findings: check_value(terminal, desk, form, &request.value, &told)?,
    })
}

pub fn sign(terminal: &Terminal, desk: &mut Desk, request: &SignInstrument) -> Result<(), No> {
    let host = terminal.host.as_ref();
    require_presented(desk, host)?;
    let instrument = read_instrument(desk, &request.instrument_id)?;
    require_draft(&instrument)?;
    let form = form_of(desk, &instrument.form)?;
    let signer = form
        .definition()
        .signers
        .iter()
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
    if points.clone().count() > POINTS_MAX
        || points
            .clone()
            .any(|[x, y, _]| !(0..=1000).contains(x) || !(0..=1000).contains(y))
    {
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
