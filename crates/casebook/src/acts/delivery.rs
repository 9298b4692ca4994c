//! 送达 – handing over an issued instrument; it starts the clocks of the party.

use forms::procedure::Moment;
use journal::Kind;
use journal::body::InstrumentDelivered;
use law::{Citation, Finding, Refusal};
use serde_json::json;

use crate::acts::dossier::{Asked, clocks_of_form, require_open};
use crate::acts::drafting::read_instrument;
use crate::acts::presentation::require_presented;
use crate::acts::sealing;
use crate::contract::DeliverInstrument;
use crate::desk::{Act, Desk};
use crate::failure::No;
use crate::terminal::Terminal;

pub fn deliver(
    terminal: &Terminal,
    desk: &mut Desk,
    request: &DeliverInstrument,
) -> Result<(), No> {
    let host = terminal.host.as_ref();
    require_presented(desk, host)?;
    let instrument = read_instrument(desk, &request.instrument_id)?;
    if instrument.state != "issued" {
        return Err(Refusal::InstrumentNotIssued.into());
    }
    sealing::require_sealed(desk, &instrument)?;
    let findings = check(request, &desk.pack.basis_of_rule(SERVICE));
    if !findings.is_empty() {
        return Err(No::Found(findings));
    }
    require_open(
        terminal,
        desk,
        &instrument.case_id,
        Asked {
            at: Moment::Deliver,
            form: Some(&instrument.form),
            value: Some(&instrument.value),
            act: json!({ "method": request.method, "recipient": request.recipient, "witness_name": request.witness_name }),
        },
    )?;
    let now = host.now();
    let body = InstrumentDelivered {
        v: 1,
        instrument_id: instrument.instrument_id.clone(),
        method: request.method.clone(),
        recipient: request.recipient.clone(),
        note: request.note.clone(),
        witness_name: request.witness_name.clone(),
        clocks: clocks_of_form(
            terminal,
            desk,
            &instrument.form,
            "delivered",
            &instrument.value,
        ),
        moment: terminal.recording_moment(&instrument.case_id),
    };
    let act = Act {
        kind: Kind::InstrumentDelivered,
        case_id: Some(&instrument.case_id),
        event_at: now,
        body: &body,
        blobs: Vec::new(),
    };
    desk.commit(host, act, |_, _| Ok(()))?;
    Ok(())
}

/// The rule about ways of delivery, under which the pack keeps its articles.
const SERVICE: &str = "R-O10";

fn check(request: &DeliverInstrument, service: &[Citation]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut find = |field: &str, text: &str, hint: &str| {
        findings.push(Finding {
            basis: service.to_vec(),
            ..Finding::block(field, "required", text, hint)
        });
    };
    let methods = [
        "direct",
        "left",
        "mail",
        "electronic",
        "entrusted",
        "forwarded",
        "announced",
    ];
    if !methods.contains(&request.method.as_str()) {
        find(
            "method",
            "送达方式不在允许的范围内。",
            "选择直接、留置、邮寄、电子、委托、转交或者公告送达。",
        );
    }
    if request.recipient.trim().is_empty() {
        find("recipient", "没有写明收件人。", "写明实际收下文书的人。");
    }
    let has_witness = request
        .witness_name
        .as_ref()
        .is_some_and(|name| !name.trim().is_empty());
    // Leaving an instrument needs a witness, or a recording that is named in the note.
    if request.method == "left" && !has_witness && request.note.trim().is_empty() {
        find(
            "witness_name",
            "留置送达没有见证人。",
            "请见证人到场，或者在备注中写明录音录像情况。",
        );
    }
    findings
}
