//! Acts about a case that are no instruments: remote approvals, flags, payments, inspection codes, closing.

use chrono::NaiveDate;
use contract::{BoundaryError, Code};
use forms::procedure::Moment;
use journal::body::{
    ApprovalRecorded, CaseClosed, CaseFlagged, HqApprovalCodesPublished, HqInspectionCodeGranted,
    InspectionCodeChecked, PaymentRecorded,
};
use journal::{Hash, Kind};
use law::{Finding, Refusal};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::acts::dossier::{self, Asked};
use crate::acts::drafting::read_instrument;
use crate::acts::inspection::read_case;
use crate::acts::presentation::require_two_officers;
use crate::contract::{CheckInspectionCode, CloseCase, FlagCase, RecordApproval, RecordPayment};
use crate::desk::{Act, Desk};
use crate::failure::{Failure, No};
use crate::store::case_act;
use crate::terminal::Terminal;

/// Longest text of one of these acts, characters.
const TEXT_CHARS_MAX: usize = 2_000;

fn commit<B: Serialize>(
    terminal: &Terminal,
    desk: &mut Desk,
    kind: Kind,
    case_id: &str,
    body: &B,
) -> Result<(), No> {
    let host = terminal.host.as_ref();
    let act = Act {
        kind,
        case_id: Some(case_id),
        event_at: host.now(),
        body,
        blobs: Vec::new(),
    };
    desk.commit(host, act, |_, _| Ok(()))?;
    Ok(())
}

fn require_open_case(desk: &Desk, case_id: &str) -> Result<(), No> {
    match read_case(desk, case_id)?.state.as_str() {
        "closed" => Err(Refusal::CaseClosed.into()),
        _ => Ok(()),
    }
}

fn required(field: &str, text: &str, hint: &str) -> No {
    No::Found(vec![Finding::block(field, "required", text, hint)])
}

fn short_enough(texts: &[&str]) -> Result<(), No> {
    match texts
        .iter()
        .any(|text| text.chars().count() > TEXT_CHARS_MAX)
    {
        true => Err(BoundaryError::new(Code::TooLarge)
            .with("limit_chars", TEXT_CHARS_MAX as u64)
            .into()),
        false => Ok(()),
    }
}

fn published<T: DeserializeOwned>(desk: &Desk, kind: Kind) -> Result<Vec<T>, Failure> {
    let acts = case_act::published(&desk.db, kind.as_str())?;
    Ok(acts
        .into_iter()
        .filter_map(|act| serde_json::from_value(act.body).ok())
        .collect())
}

/// 远程批准 – journaled as what it is: an officer's word that somebody absent approved.
pub fn record_approval(
    terminal: &Terminal,
    desk: &mut Desk,
    request: &RecordApproval,
) -> Result<String, No> {
    require_two_officers(desk, terminal.host.as_ref())?;
    let instrument = read_instrument(desk, &request.instrument_id)?;
    require_open_case(desk, &instrument.case_id)?;
    if instrument.state != "issued" {
        return Err(Refusal::InstrumentNotIssued.into());
    }
    short_enough(&[&request.approver, &request.opinion, &request.stage])?;
    let allowed = desk.pack.parameter(&desk.agency, "remote_approval_methods");
    let is_allowed = match allowed.as_ref().and_then(Value::as_array) {
        Some(methods) => methods
            .iter()
            .any(|method| method == request.method.as_str()),
        None => matches!(request.method.as_str(), "voice" | "code"),
    };
    if !is_allowed {
        return Err(No::Found(vec![Finding::block(
            "method",
            "remote_approval_method",
            "本机关没有采用这种远程批准方式。",
            "改用机关规定的方式，或者等负责人在本部批准。",
        )]));
    }
    if request.approver.trim().is_empty() {
        return Err(required(
            "approver",
            "没有写明批准人。",
            "写明批准人的姓名和职务。",
        ));
    }
    let code_sha256 = match request.method.as_str() {
        "code" => Some(redeem(terminal, desk, request)?),
        _ => None,
    };
    let body = ApprovalRecorded {
        v: 1,
        instrument_id: instrument.instrument_id.clone(),
        form: instrument.form.clone(),
        stage: request.stage.clone(),
        method: request.method.clone(),
        approver: request.approver.clone(),
        opinion: request.opinion.clone(),
        code_sha256,
        moment: terminal.recording_moment(&instrument.case_id),
        clocks: {
            let value = &instrument.value;
            let form = &instrument.form;
            let mut clocks = dossier::clocks_of_form(terminal, desk, form, "recorded", value);
            clocks.extend(dossier::clocks_of_case(terminal, desk, "recorded", value));
            clocks
        },
    };
    commit(
        terminal,
        desk,
        Kind::ApprovalRecorded,
        &instrument.case_id,
        &body,
    )?;
    Ok(instrument.case_id)
}

/// The hash of a code that headquarters handed out for this stage, that is still good and was not used here before.
fn redeem(terminal: &Terminal, desk: &Desk, request: &RecordApproval) -> Result<String, No> {
    let wrong = |text: &str| {
        No::Found(vec![Finding::block(
            "code",
            "approval_code",
            text,
            "向批准人核对号码；仍不对的，改用电话批准或者等本部批准。",
        )])
    };
    let code = written(request.code.as_deref().unwrap_or_default());
    let today = crate::text::date(terminal.host.now().date_naive());
    let batches: Vec<HqApprovalCodesPublished> = published(desk, Kind::HqApprovalCodesPublished)?;
    let found = batches
        .iter()
        .filter(|batch| batch.stage == request.stage)
        .find_map(|batch| {
            let sha256 = Hash::of(format!("{}{code}", batch.salt).as_bytes()).to_string();
            batch
                .code_sha256
                .contains(&sha256)
                .then_some((batch, sha256))
        });
    let Some((batch, sha256)) = found else {
        return Err(wrong("没有这个批准码。"));
    };
    if batch.valid_to < today {
        return Err(wrong("这个批准码已经过期。"));
    }
    if case_act::is_code_used(&desk.db, &sha256)? {
        return Err(wrong("这个批准码已经用过。"));
    }
    Ok(sha256)
}

/// As headquarters wrote it: in groups and small letters it is the same code.
fn written(code: &str) -> String {
    const CODE_CHARACTERS_MAX: usize = 40;
    let kept = code.chars().filter(char::is_ascii_alphanumeric);
    kept.take(CODE_CHARACTERS_MAX)
        .map(|letter| letter.to_ascii_uppercase())
        .collect()
}

pub fn flag(terminal: &Terminal, desk: &mut Desk, request: &FlagCase) -> Result<(), No> {
    require_two_officers(desk, terminal.host.as_ref())?;
    require_open_case(desk, &request.case_id)?;
    let is_name = !request.flag.is_empty()
        && request.flag.len() <= 60
        && request
            .flag
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if !is_name || request.value.to_string().len() > TEXT_CHARS_MAX {
        return Err(BoundaryError::new(Code::BadRequest)
            .with("flag", request.flag.as_str())
            .into());
    }
    short_enough(&[&request.reason])?;
    let is_set = !matches!(request.value, Value::Null | Value::Bool(false));
    let body = CaseFlagged {
        v: 1,
        flag: request.flag.clone(),
        value: request.value.clone(),
        reason: request.reason.clone(),
        clocks: match is_set {
            true => {
                let event = format!("flagged:{}", request.flag);
                dossier::clocks_of_case(terminal, desk, &event, &request.value)
            }
            false => Vec::new(),
        },
    };
    commit(terminal, desk, Kind::CaseFlagged, &request.case_id, &body)
}

/// 缴款 – with the surcharge that had come up by the day of payment (R-M4).
pub fn pay(terminal: &Terminal, desk: &mut Desk, request: &RecordPayment) -> Result<String, No> {
    require_two_officers(desk, terminal.host.as_ref())?;
    let instrument = read_instrument(desk, &request.instrument_id)?;
    require_open_case(desk, &instrument.case_id)?;
    if instrument.state != "issued" {
        return Err(Refusal::InstrumentNotIssued.into());
    }
    short_enough(&[&request.note, &request.receipt_no])?;
    let Ok(paid_on) = request.paid_on.parse::<NaiveDate>() else {
        return Err(required(
            "paid_on",
            "缴款日期不对。",
            "写成 2026-10-08 的样子。",
        ));
    };
    if paid_on > terminal.host.now().date_naive() {
        return Err(No::Found(vec![Finding::block(
            "paid_on",
            "not_future",
            "缴款日期还没有到。",
            "核对缴款凭证上的日期。",
        )]));
    }
    if request.amount_fen <= 0 {
        return Err(required(
            "amount_fen",
            "没有写明缴款金额。",
            "按缴款凭证填写。",
        ));
    }
    let gathered = dossier::gather(desk, &instrument.case_id)?;
    let fine_fen = instrument.value.get("fine_fen").and_then(Value::as_i64);
    let surcharge_fen = match (fine_fen, payment_due(&gathered, &instrument.instrument_id)) {
        (Some(fine_fen), Some(due)) => {
            let limits = desk.pack.limits();
            law::payment::surcharge(
                fine_fen,
                (paid_on - due).num_days(),
                limits.surcharge_permille_per_day,
            )
        }
        _ => 0,
    };
    let value = json!({ "method": request.method, "paid_on": request.paid_on, "amount_fen": request.amount_fen });
    let body = PaymentRecorded {
        v: 1,
        instrument_id: instrument.instrument_id.clone(),
        amount_fen: request.amount_fen,
        paid_on: request.paid_on.clone(),
        method: request.method.clone(),
        receipt_no: request.receipt_no.clone(),
        note: request.note.clone(),
        surcharge_fen,
        clocks: dossier::clocks_of_case(terminal, desk, "paid", &value),
    };
    commit(
        terminal,
        desk,
        Kind::PaymentRecorded,
        &instrument.case_id,
        &body,
    )?;
    Ok(instrument.case_id)
}

/// The last day to pay, from the clock of the decision.
fn payment_due(dossier: &forms::Dossier, instrument_id: &str) -> Option<NaiveDate> {
    dossier
        .clocks
        .iter()
        .filter(|clock| clock.instrument_id.as_deref() == Some(instrument_id))
        .find(|clock| clock.name.starts_with("payment"))
        .and_then(|clock| clock.due_on.parse().ok())
}

/// What the check of a code said, with what the code was granted for.
pub struct Outcome {
    pub outcome: &'static str,
    pub granted: Option<HqInspectionCodeGranted>,
}

/// 检查码核验 – against the codes that came down before; works without a network.
pub fn check_code(
    terminal: &Terminal,
    desk: &mut Desk,
    request: &CheckInspectionCode,
) -> Result<Outcome, No> {
    require_two_officers(desk, terminal.host.as_ref())?;
    require_open_case(desk, &request.case_id)?;
    short_enough(&[&request.code, &request.note])?;
    if request.is_unavailable && request.note.trim().is_empty() {
        return Err(required(
            "note",
            "没有写明取不到检查码的原因。",
            "写明原因，事后按期限补报。",
        ));
    }
    let today = crate::text::date(terminal.host.now().date_naive());
    let codes: Vec<HqInspectionCodeGranted> = published(desk, Kind::HqInspectionCodeGranted)?;
    let granted = codes
        .into_iter()
        .rev()
        .find(|granted| !request.is_unavailable && granted.code == request.code.trim());
    let outcome = match &granted {
        _ if request.is_unavailable => "unavailable",
        Some(granted) if granted.valid_to < today || granted.valid_from > today => "expired",
        Some(_) => "valid",
        None => "unknown",
    };
    let event = match outcome {
        "valid" => "code_checked",
        _ => "code_unavailable",
    };
    let body = InspectionCodeChecked {
        v: 1,
        code: request.code.clone(),
        outcome: outcome.to_owned(),
        note: request.note.clone(),
        clocks: dossier::clocks_of_case(terminal, desk, event, &Value::Null),
    };
    commit(
        terminal,
        desk,
        Kind::InspectionCodeChecked,
        &request.case_id,
        &body,
    )?;
    Ok(Outcome { outcome, granted })
}

/// 结案 – every gate of closing has to be open.
pub fn close(terminal: &Terminal, desk: &mut Desk, request: &CloseCase) -> Result<(), No> {
    require_two_officers(desk, terminal.host.as_ref())?;
    if request.reason.trim().is_empty() {
        return Err(required(
            "reason",
            "没有写明结案理由。",
            "选择或者写明结案理由。",
        ));
    }
    short_enough(&[&request.reason, &request.note])?;
    let act = json!({ "reason": request.reason });
    dossier::require_open(
        terminal,
        desk,
        &request.case_id,
        Asked {
            at: Moment::Close,
            form: None,
            value: None,
            act: act.clone(),
        },
    )?;
    let body = CaseClosed {
        v: 1,
        reason: request.reason.clone(),
        note: request.note.clone(),
        clocks: dossier::clocks_of_case(terminal, desk, "closed", &act),
    };
    commit(terminal, desk, Kind::CaseClosed, &request.case_id, &body)
}
