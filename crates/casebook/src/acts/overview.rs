//! What screens read: cases, instruments, what to do next, what is only here.

use std::collections::BTreeMap;

use contract::{BoundaryError, Code};
use forms::FormDefinition;
use journal::body::OfficerBody;
use journal::{Entry, Kind};
use serde_json::Value;

use crate::acts::decisions;
use crate::acts::dossier;
use crate::acts::drafting::{form_of, read_instrument, told_ids, value_sha256};
use crate::acts::evidence::row as evidence_row;
use crate::acts::inspection::{check_value, read_case};
use crate::acts::printing::copies;
use crate::acts::{sealing, steps};
use crate::contract::{
    ApprovalRow, CaseList, CaseRow, CaseView, Clock, DeliveryView, FlagRow, InstrumentRow,
    InstrumentState, InstrumentView, JournalReport, ListCases, OfficerCard, PaymentRow, Place,
    SignatureRow, SigningRefusal, Stroke, SyncState, TimelineRow, ToldRow,
};
use crate::desk::Desk;
use crate::failure::No;
use crate::front::{self, Front};
use crate::projection;
use crate::store::case_act::{self, CaseAct};
use crate::store::instrument::{Instrument, StoredSignature};
use crate::store::{
    evidence, inspection, instrument, journal as entries, numbers, objects, uplink,
};
use crate::terminal::Terminal;

/// Index up to which headquarters holds the journal.
fn acknowledged(desk: &Desk) -> Result<Option<u64>, No> {
    Ok(uplink::anchor(&desk.db, desk.identity.epoch)?.map(|anchor| anchor.idx))
}

fn covers(acknowledged: Option<u64>, idx: u64) -> bool {
    acknowledged.is_some_and(|up_to| idx <= up_to)
}

pub fn cases(desk: &Desk, request: &ListCases) -> Result<CaseList, No> {
    let limit = request.limit.clamp(1, 200);
    let after = match &request.after {
        Some(cursor) => Some(cursor.split_once('|').ok_or_else(|| {
            No::from(BoundaryError::new(Code::BadRequest).with("after", cursor.as_str()))
        })?),
        None => None,
    };
    let lines = inspection::list(&desk.db, &request.text, after, limit)?;
    let acknowledged = acknowledged(desk)?;
    let is_full = u32::try_from(lines.len()).is_ok_and(|count| count == limit);
    let next = lines
        .last()
        .filter(|_| is_full)
        .map(|line| format!("{}|{}", line.opened_at, line.case_id));
    let cases = lines
        .into_iter()
        .map(|line| CaseRow {
            case_id: line.case_id,
            opened_at: line.opened_at,
            party_name: line.party_name,
            plate: Some(line.plate).filter(|plate| !plate.is_empty()),
            place_text: line.place_text,
            state: line.state,
            instruments_issued: line.issued,
            instruments_draft: line.drafts,
            evidence: line.evidence,
            at_headquarters: covers(acknowledged, line.last_idx) && line.media_pending == 0,
        })
        .collect();
    Ok(CaseList {
        cases,
        next,
        total: inspection::count(&desk.db, &request.text)?,
    })
}

fn state_of(text: &str) -> InstrumentState {
    match text {
        "issued" => InstrumentState::Issued,
        "voided" => InstrumentState::Voided,
        _ => InstrumentState::Draft,
    }
}

fn instrument_row(
    desk: &Desk,
    stored: &Instrument,
    acknowledged: Option<u64>,
) -> Result<InstrumentRow, No> {
    let delivered_at = stored
        .delivery
        .as_ref()
        .and_then(|delivery| delivery.get("delivered_at"))
        .and_then(Value::as_str)
        .map(str::to_owned);
    let has_arrived = match &stored.pdf_sha256 {
        Some(sha256) => objects::is_received(&desk.db, sha256)?,
        None => true,
    };
    Ok(InstrumentRow {
        instrument_id: stored.instrument_id.clone(),
        form: stored.form.clone(),
        title: stored.title.clone(),
        state: state_of(&stored.state),
        number: stored.number.clone(),
        issued_at: stored.issued_at.clone(),
        delivered_at,
        blocking_findings: stored.blocking_findings,
        copies_printed: copies(desk, &stored.instrument_id)?,
        at_headquarters: covers(acknowledged, stored.last_idx) && has_arrived,
        asks_approval: desk.pack.asks_approval(&stored.form),
    })
}

pub fn case(terminal: &Terminal, desk: &Desk, case_id: &str) -> Result<CaseView, No> {
    let case = read_case(desk, case_id)?;
    let acknowledged = acknowledged(desk)?;
    let stored = instrument::of_case(&desk.db, case_id)?;
    let instruments = stored
        .iter()
        .map(|instrument| instrument_row(desk, instrument, acknowledged))
        .collect::<Result<Vec<_>, _>>()?;
    let evidence: Vec<_> = evidence::of_case(&desk.db, case_id)?
        .iter()
        .map(evidence_row)
        .collect();
    let told = inspection::told(&desk.db, case_id)?;
    let front = terminal.front();
    let now = terminal.host.now();
    let officers = serde_json::from_value::<Vec<OfficerBody>>(case.officers.clone())?
        .iter()
        .filter_map(|officer| {
            Some(front::card(
                front.officer(&officer.credential_no)?,
                now,
                true,
            ))
        })
        .collect::<Vec<OfficerCard>>();
    let mut dossier = dossier::gather(desk, case_id)?;
    let clocks = dossier::stored_clocks(desk, case_id, &dossier)?
        .into_iter()
        .map(|(stored, is_done)| Clock {
            name: stored.clock.name,
            text: stored.clock.text,
            due_on: stored.clock.due_on,
            due_at: stored.clock.due_at,
            safe_due: stored.clock.safe_due,
            started_at: stored.started_at,
            is_done,
            is_provisional: stored.clock.is_provisional,
            basis: serde_json::from_value(stored.clock.basis).unwrap_or_default(),
            instrument_id: stored.instrument_id,
        })
        .collect();
    let mut acts = case_act::of_case(&desk.db, case_id)?;
    let flags = flag_rows(&acts);
    let payments = payment_rows(&acts);
    acts.extend(case_act::of_headquarters(&desk.db, case_id)?);
    acts.sort_by(|left, right| left.at.cmp(&right.at));
    let timeline = entries::of_case(&desk.db, case_id)?
        .iter()
        .map(|entry| timeline_row(entry, &front, acknowledged))
        .collect::<Vec<_>>();
    let progress = steps::progress(terminal, desk, &mut dossier, &instruments);
    let next_steps = steps::next(desk, &progress, &instruments)?;
    Ok(CaseView {
        at_headquarters: covers(acknowledged, case.last_idx)
            && inspection::media_pending(&desk.db, case_id)? == 0,
        case_id: case.case_id,
        opened_at: case.opened_at,
        reason: case.reason,
        reason_note: case.reason_note,
        place: Place::of_body(&case.place),
        party: case.party,
        vehicle: case.vehicle,
        officers,
        presented_at: case.presented_at,
        instruments,
        evidence,
        notices_told: told
            .into_iter()
            .map(|(notice, told_at, response)| ToldRow {
                notice,
                told_at,
                response,
            })
            .collect(),
        state: case.state,
        approvals: approvals(&acts),
        flags,
        payments,
        derived: dossier::truths(terminal, desk, &dossier),
        clocks,
        next_steps,
        procedures: steps::shown(progress),
        timeline,
    })
}

/// What a case view shows of the acts of headquarters and of remote approvals.
fn approvals(acts: &[CaseAct]) -> Vec<ApprovalRow> {
    let row = |act: &CaseAct| {
        let text = |key: &str| act.text(key);
        let (stage, decision, method, name, opinion) = match Kind::parse(&act.kind).ok()? {
            Kind::ApprovalRecorded => (
                text("stage"),
                "approved".to_owned(),
                text("method"),
                text("approver"),
                text("opinion"),
            ),
            Kind::HqApprovalGiven => (
                text("stage"),
                text("decision"),
                "headquarters".to_owned(),
                text("user_name"),
                text("opinion"),
            ),
            Kind::HqReviewGiven => (
                "review".to_owned(),
                text("conclusion"),
                "headquarters".to_owned(),
                text("user_name"),
                text("reason"),
            ),
            Kind::HqDeliberated => {
                let is_agreed = act.body.get("is_agreed") == Some(&Value::Bool(true));
                (
                    "deliberation".to_owned(),
                    if is_agreed { "agreed" } else { "not_agreed" }.to_owned(),
                    "headquarters".to_owned(),
                    text("chair"),
                    text("conclusion"),
                )
            }
            _ => return None,
        };
        Some(ApprovalRow {
            instrument_id: Some(text("instrument_id")).filter(|id| !id.is_empty()),
            form: text("form"),
            stage,
            decision,
            method,
            name,
            opinion,
            at: act.at.clone(),
        })
    };
    acts.iter().filter_map(row).collect()
}

/// The newest value of each flag.
fn flag_rows(acts: &[CaseAct]) -> Vec<FlagRow> {
    let mut newest: BTreeMap<String, FlagRow> = BTreeMap::new();
    let flagged = Kind::CaseFlagged.as_str();
    for act in acts.iter().filter(|act| act.kind == flagged) {
        let row = FlagRow {
            flag: act.text("flag"),
            value: act.body.get("value").cloned().unwrap_or_default(),
            at: act.at.clone(),
            reason: act.text("reason"),
        };
        newest.insert(row.flag.clone(), row);
    }
    newest.into_values().collect()
}

fn payment_rows(acts: &[CaseAct]) -> Vec<PaymentRow> {
    let paid = Kind::PaymentRecorded.as_str();
    let number = |body: &Value, key: &str| body.get(key).and_then(Value::as_i64).unwrap_or(0);
    acts.iter()
        .filter(|act| act.kind == paid)
        .map(|act| PaymentRow {
            instrument_id: act.text("instrument_id"),
            amount_fen: number(&act.body, "amount_fen"),
            surcharge_fen: number(&act.body, "surcharge_fen"),
            paid_on: act.text("paid_on"),
            method: act.text("method"),
            receipt_no: act.text("receipt_no"),
        })
        .collect()
}

fn timeline_row(entry: &Entry, front: &Front, acknowledged: Option<u64>) -> TimelineRow {
    let header = &entry.header;
    let officers = header
        .officers
        .iter()
        .map(|id| {
            let known = front
                .officers
                .iter()
                .find(|officer| &officer.officer_id == id);
            known.map_or_else(|| id.clone(), |officer| officer.name.clone())
        })
        .collect();
    TimelineRow {
        idx: header.idx,
        kind: header.kind.as_str().to_owned(),
        event_at: crate::text::time(header.event_at),
        entered_at: crate::text::time(header.entered_at),
        officers,
        text: detail(entry),
        at_headquarters: covers(acknowledged, header.idx),
    }
}

/// The words of a timeline row beside its kind: what the entry was about. Codes stay out, screens word the kind itself.
fn detail(entry: &Entry) -> String {
    const WORDS_MAX: usize = 3;
    const CHARACTERS_MAX: usize = 120;
    let Ok(body) = entry.body_as::<Value>() else {
        return String::new();
    };
    let mut parts = vec![
        "/title",
        "/number",
        "/copy_name",
        "/step",
        "/recipient",
        "/text",
        "/name",
        "/refusal/reason",
    ];
    if entry.header.kind.known() == Some(Kind::InstrumentVoided) {
        parts.push("/reason");
    }
    if entry.header.kind.known() == Some(Kind::NoticeTold) {
        parts.retain(|part| *part == "/title");
    }
    let words: Vec<&str> = parts
        .iter()
        .filter_map(|part| body.pointer(part).and_then(Value::as_str))
        .filter(|word| !word.is_empty())
        .take(WORDS_MAX)
        .collect();
    let joined = words.join(" · ");
    match joined.char_indices().nth(CHARACTERS_MAX) {
        Some((end, _)) => format!("{}…", joined.get(..end).unwrap_or_default()),
        None => joined,
    }
}

/// Records of fact stay in the file; what the party gets a copy of is handed over.
pub fn goes_to_the_party(desk: &Desk, form: &str) -> bool {
    desk.pack
        .form(form)
        .is_some_and(|form| form.definition().is_served)
}

fn signature_row(signature: StoredSignature, current: &str, is_draft: bool) -> SignatureRow {
    SignatureRow {
        // An issued value is frozen with labels; its signatures were current when it was issued.
        is_current: !is_draft || signature.value_sha256 == current,
        slot: signature.slot,
        name: signature.name,
        signed_at: signature.signed_at,
        refusal: signature.refusal.map(|refusal| SigningRefusal {
            reason: refusal.reason,
            witness_name: refusal.witness_name,
            witness_phone: refusal.witness_phone,
        }),
        strokes: signature
            .strokes
            .into_iter()
            .map(|points| Stroke { points })
            .collect(),
    }
}

pub fn instrument_view(
    terminal: &Terminal,
    desk: &Desk,
    instrument_id: &str,
) -> Result<InstrumentView, No> {
    let stored = read_instrument(desk, instrument_id)?;
    let form = form_of(desk, &stored.form)?;
    let is_draft = stored.state == "draft";
    let findings = if is_draft {
        let told = told_ids(desk, &stored.case_id)?;
        let mut findings = check_value(terminal, desk, form, &stored.value, &told)?;
        findings.extend(dossier::findings_of_gates(
            terminal,
            desk,
            &stored.case_id,
            &stored.form,
            &stored.value,
        )?);
        findings
    } else {
        Vec::new()
    };
    let current = value_sha256(&stored.value);
    let signatures = instrument::signatures(&desk.db, instrument_id)?
        .into_iter()
        .map(|signature| signature_row(signature, &current, is_draft))
        .collect();
    let path = |name: &str| format!("stream/instrument/{instrument_id}/{name}");
    let decisions = decisions::about(desk, &stored)?;
    let is_decided =
        stored.issued_at.is_some() && decisions.as_object().is_some_and(|all| !all.is_empty());
    let seal = sealing::view(desk, &stored)?;
    let is_sealed_since = sealing::is_sealed_since(desk, &stored)?;
    let delivery = stored
        .delivery
        .map(serde_json::from_value::<DeliveryView>)
        .transpose()?;
    Ok(InstrumentView {
        instrument_id: stored.instrument_id.clone(),
        case_id: stored.case_id,
        definition: FormDefinition {
            signers: form.signers(&stored.value),
            ..form.definition().clone()
        },
        state: state_of(&stored.state),
        value: stored.value,
        revision: stored.revision,
        findings,
        signatures,
        pdf: stored.pdf_sha256.is_some().then(|| path("pdf")),
        ticket: stored.ticket_sha256.is_some().then(|| path("ticket.png")),
        preview: path("preview"),
        decided_pdf: is_decided.then(|| path("decided.pdf")),
        decisions,
        seal,
        sealed_pdf: is_sealed_since.then(|| path("sealed.pdf")),
        number: stored.number,
        issued_at: stored.issued_at,
        content_sha256: stored.content_sha256,
        delivery,
    })
}

pub fn sync_state(terminal: &Terminal, desk: &Desk) -> Result<SyncState, No> {
    let anchor = uplink::anchor(&desk.db, desk.identity.epoch)?;
    let total = entries::count(&desk.db, desk.identity.epoch)?;
    let sent = anchor.map_or(0, |anchor| anchor.idx + 1).min(total);
    let (media_pending, media_pending_bytes) = objects::pending_total(&desk.db)?;
    let oldest_unsent_at = if sent < total {
        entries::event_at(&desk.db, desk.identity.epoch, sent)?
    } else {
        None
    };
    let (state, cause, next_attempt_at) = match terminal.uplink.shown() {
        Some((state, next)) => {
            let phase = match state.phase {
                sync::Phase::Idle => "idle",
                sync::Phase::Working => "working",
                sync::Phase::Waiting => "waiting",
                sync::Phase::Paused => "paused",
                sync::Phase::Fork => "fork",
            };
            (
                phase,
                state.cause.map(|cause| cause.as_str().to_owned()),
                next,
            )
        }
        None => ("paused", None, None),
    };
    let year = u16::try_from(chrono::Datelike::year(&terminal.host.now())).unwrap_or_default();
    Ok(SyncState {
        headquarters: desk.identity.headquarters_url.clone(),
        entries_total: total,
        entries_at_headquarters: sent,
        media_pending,
        media_pending_bytes,
        oldest_unsent_at,
        last_receipt_at: anchor.map(|anchor| crate::text::time(anchor.received_at)),
        state: state.to_owned(),
        cause,
        next_attempt_at,
        numbers_left: numbers::left(&desk.db, year)?,
    })
}

/// Verifies every signature and link, and compares a rebuild with the live tables. The desk is held only to copy and to
/// compare, so that officers can go on working meanwhile.
pub fn verify_journal(terminal: &Terminal) -> Result<JournalReport, No> {
    let (frames, identity, device) = {
        let mut at_desk = terminal.at_desk();
        let desk = at_desk.desk()?;
        desk.session()?;
        let frames = entries::all_frames(&desk.db, desk.identity.epoch)?;
        (frames, desk.identity.clone(), desk.device_public())
    };
    let report = journal::verify_series(&frames, &identity.writer, identity.epoch, &device);
    let mut faults: Vec<String> = report.fault.iter().map(ToString::to_string).collect();
    let head = report.tip.map(|tip| tip.hash);
    let rebuilt = projection::rebuild(&frames);
    let mut at_desk = terminal.at_desk();
    let desk = at_desk.desk()?;
    if let Some(tip) = report.tip
        && entries::tip_at(&desk.db, identity.epoch, tip.idx)?.map(|stored| stored.hash) != head
    {
        faults.push("the stored head is not the head of the verified series".to_owned());
    }
    let is_intact = faults.is_empty();
    let different = match rebuilt {
        Ok(scratch) => {
            // What was added since the copy was made.
            let from = report.tip.map_or(0, |tip| tip.idx + 1);
            let news = entries::frames(&desk.db, identity.epoch, from, usize::MAX)?;
            projection::apply_all(&scratch, &news)?;
            projection::differences(&desk.db, &scratch)?
        }
        Err(failure) => vec![failure.to_string()],
    };
    faults.extend(different.iter().map(|table| format!("table {table}")));
    Ok(JournalReport {
        entries: report.entries,
        sessions: u32::try_from(report.sessions.len()).unwrap_or(u32::MAX),
        head: head.map(|hash| hash.to_string()),
        is_intact,
        projections_equal: different.is_empty(),
        faults,
    })
}
