//! 案卷事实 – gathers what gates, guidance and clocks look at, and asks the gates of the active pack.

use std::collections::BTreeMap;

use forms::procedure::{
    ApprovalFact, ClockFact, DeliberationFact, Dossier, EventFact, InspectionCodeFact,
    InstrumentFact, Moment, PaymentFact, RecordingFact, ReviewFact, SelfCheckFact, ToldFact,
};
use forms::{GateReport, Question};
use journal::Kind;
use journal::body::ClockBody;
use law::{Finding, Severity};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::acts::inspection::read_case;
use crate::desk::Desk;
use crate::failure::{Failure, No};
use crate::store::case_act::{self, CaseAct};
use crate::store::inspection::StoredClock;
use crate::store::{evidence, inspection, instrument, objects, uplink};
use crate::terminal::Terminal;

/// Everything known about a case on this terminal.
pub fn gather(desk: &Desk, case_id: &str) -> Result<Dossier, No> {
    let case = read_case(desk, case_id)?;
    let mut dossier = Dossier {
        party: case.party.clone(),
        vehicle: case.vehicle.clone().unwrap_or_default(),
        place: serde_json::to_value(&case.place)?,
        reason: case.reason.clone(),
        opened_at: Some(case.opened_at.clone()),
        presented_at: presented_at(desk, &case.presented_at),
        presentation: presentation(desk),
        ..Dossier::default()
    };
    for (notice, told_at, response) in inspection::told(&desk.db, case_id)? {
        dossier.told.push(ToldFact {
            notice,
            told_at,
            response,
        });
    }
    let anchor = uplink::anchor(&desk.db, desk.identity.epoch)?;
    for stored in instrument::of_case(&desk.db, case_id)? {
        let of_delivery = |key: &str| -> Option<String> {
            let text = stored.delivery.as_ref()?.get(key)?.as_str()?;
            Some(text.to_owned())
        };
        let delivered_at = of_delivery("delivered_at");
        if let Some(at) = &delivered_at {
            dossier.event("delivered", &stored.instrument_id, at);
        }
        // The copy for the file is headquarters' as soon as it holds the entry.
        if let Some(anchor) = anchor
            .as_ref()
            .filter(|anchor| stored.last_idx <= anchor.idx)
        {
            let at = crate::text::time(anchor.received_at);
            dossier.event("filed", &stored.instrument_id, &at);
        }
        let delivery_method = of_delivery("method");
        dossier.instruments.push(InstrumentFact {
            instrument_id: stored.instrument_id,
            form: stored.form,
            number: stored.number,
            value: stored.value,
            content_sha256: stored.content_sha256,
            issued_at: stored.issued_at,
            delivered_at,
            delivery_method,
            is_voided: stored.state == "voided",
        });
    }
    let mut pieces = Vec::new();
    for found in evidence::of_case(&desk.db, case_id)? {
        pieces.push(json!({ "evidence_id": found.evidence_id, "kind": found.kind }));
        let is_recording = matches!(found.kind.as_str(), "video" | "audio");
        if !is_recording {
            dossier.evidence_count += 1;
            continue;
        }
        if let Some(sha256) = &found.sha256
            && objects::is_received(&desk.db, sha256)?
            && let Some(anchor) = &anchor
        {
            let at = crate::text::time(anchor.received_at);
            dossier.event("uploaded", &found.evidence_id, &at);
        }
        dossier.recordings.push(RecordingFact {
            evidence_id: found.evidence_id,
            kind: found.kind,
            started_at: found.captured_at.clone(),
            closed_at: (found.state != "recording").then_some(found.captured_at),
        });
    }
    dossier.evidence = Value::Array(pieces);
    for act in case_act::of_case(&desk.db, case_id)? {
        dossier.take(&act);
    }
    for act in case_act::of_headquarters(&desk.db, case_id)? {
        dossier.take(&act);
    }
    dossier.history = history(desk, case_id, &dossier)?;
    dossier.clocks = clock_facts(desk, case_id, &dossier)?;
    Ok(dossier)
}

/// At the opening of the case, or for one that was planned, in the session that is open now.
fn presented_at(desk: &Desk, at_opening: &str) -> Option<String> {
    if !at_opening.is_empty() {
        return Some(at_opening.to_owned());
    }
    let shown = desk.session.as_ref()?.presentation.as_ref()?;
    Some(shown.presented_at.clone())
}

/// How the officers of this session showed who they are; what was shown in an earlier one is not asked again.
fn presentation(desk: &Desk) -> Value {
    let shown = desk
        .session
        .as_ref()
        .and_then(|session| session.presentation.as_ref());
    shown.map_or(
        Value::Null,
        |shown| json!({ "method": shown.method, "uniform_worn": shown.uniform_worn }),
    )
}

fn clock_facts(desk: &Desk, case_id: &str, dossier: &Dossier) -> Result<Vec<ClockFact>, Failure> {
    let stored = stored_clocks(desk, case_id, dossier)?.into_iter();
    Ok(stored
        .map(|(stored, is_done)| ClockFact {
            is_done,
            ..fact_of(&stored)
        })
        .collect())
}

/// The clocks of a case as they were written down, and whether what ends each has happened.
pub fn stored_clocks(
    desk: &Desk,
    case_id: &str,
    dossier: &Dossier,
) -> Result<Vec<(StoredClock, bool)>, Failure> {
    let stored = inspection::clocks(&desk.db, case_id)?.into_iter();
    Ok(stored
        .map(|stored| {
            let is_done = desk.pack.is_done(&fact_of(&stored), dossier);
            (stored, is_done)
        })
        .collect())
}

fn fact_of(stored: &StoredClock) -> ClockFact {
    ClockFact {
        name: stored.clock.name.clone(),
        instrument_id: stored.instrument_id.clone(),
        started_at: stored.started_at.clone(),
        due_on: stored.clock.due_on.clone(),
        due_at: stored.clock.due_at.clone(),
        is_done: false,
    }
}

/// What this terminal knows of the same party and vehicle from its other cases.
fn history(desk: &Desk, case_id: &str, dossier: &Dossier) -> Result<Value, Failure> {
    let text = |value: &Value, key: &str| -> String {
        let text = value.get(key).and_then(Value::as_str);
        text.unwrap_or_default().to_owned()
    };
    let since = dossier.opened_at.as_deref().map(year_before);
    let plate = text(&dossier.vehicle, "plate");
    let ids = [text(&dossier.party, "id_no"), text(&dossier.party, "uscc")];
    let decisions = instrument::decisions_elsewhere(&desk.db, case_id, &plate, &ids)?;
    let recent: Vec<_> = decisions
        .iter()
        .filter(|decision| {
            since
                .as_ref()
                .is_none_or(|since| &decision.issued_at >= since)
        })
        .collect();
    // A violation counts under each keyword of the powers list, e.g. 超限; which of them matters is the pack's.
    let mut of_vehicle: BTreeMap<String, u32> = BTreeMap::new();
    for decision in recent
        .iter()
        .filter(|decision| !plate.is_empty() && decision.plate == plate)
    {
        let violation = desk.pack.violation(&decision.violation_code);
        for keyword in violation
            .into_iter()
            .flat_map(|violation| &violation.keywords)
        {
            *of_vehicle.entry(keyword.clone()).or_default() += 1;
        }
    }
    let violation = dossier.violation_code().unwrap_or_default();
    let same = recent
        .iter()
        .filter(|decision| decision.violation_code == violation);
    Ok(json!({
        "penalties_12_months": recent.len(),
        "same_violation_12_months": same.count(),
        "vehicle_12_months": of_vehicle,
        "decisions": recent
            .iter()
            .map(|decision| json!({
                "case_id": decision.case_id, "number": decision.number, "issued_at": decision.issued_at,
                "violation_code": decision.violation_code, "happened_at": decision.happened_at,
            }))
            .collect::<Vec<_>>(),
    }))
}

/// The same moment a year earlier, as comparable text.
fn year_before(at: &str) -> String {
    match chrono::DateTime::parse_from_rfc3339(at)
        .ok()
        .and_then(|time| time.checked_sub_months(chrono::Months::new(12)))
    {
        Some(time) => crate::text::time(time),
        None => String::new(),
    }
}

/// What the bodies of these acts have in common with the facts of a dossier.
trait Gathering {
    /// Of the newest instrument that names one.
    fn violation_code(&self) -> Option<&str>;
    fn event(&mut self, event: &str, instrument_id: &str, at: &str);
    fn take(&mut self, act: &CaseAct);
}

impl Gathering for Dossier {
    fn violation_code(&self) -> Option<&str> {
        let standing = self.instruments.iter().rev();
        standing
            .filter(|item| !item.is_voided)
            .find_map(|item| item.value.get("violation_code")?.as_str())
            .filter(|code| !code.is_empty())
    }

    fn event(&mut self, event: &str, instrument_id: &str, at: &str) {
        self.events.push(EventFact {
            event: event.to_owned(),
            instrument_id: Some(instrument_id.to_owned()).filter(|id| !id.is_empty()),
            at: at.to_owned(),
        });
    }

    /// Bodies are versioned and only grow; a body of a later release that does not fit is passed over.
    fn take(&mut self, act: &CaseAct) {
        let Ok(kind) = Kind::parse(&act.kind) else {
            return;
        };
        let text = |key: &str| act.text(key);
        let instrument_id = text("instrument_id");
        match kind {
            Kind::ApprovalRecorded => self.approvals.push(ApprovalFact {
                instrument_id,
                form: text("form"),
                stage: text("stage"),
                decision: "approved".to_owned(),
                method: text("method"),
                approver: text("approver"),
                at: act.at.clone(),
                content_sha256: None,
            }),
            Kind::HqApprovalGiven => {
                let decision = text("decision");
                self.event(&decision, &instrument_id, &act.at);
                if decision == "approved" {
                    self.event("confirmed", &instrument_id, &act.at);
                }
                self.approvals.push(ApprovalFact {
                    instrument_id,
                    form: text("form"),
                    stage: text("stage"),
                    decision,
                    method: "headquarters".to_owned(),
                    approver: text("user_name"),
                    at: act.at.clone(),
                    content_sha256: Some(text("content_sha256")),
                });
            }
            Kind::HqReviewGiven => {
                self.event("reviewed", &instrument_id, &act.at);
                if let Some(review) = read::<ReviewFact>(act, &[("reviewer", "user_name")]) {
                    self.reviews.push(review);
                }
            }
            Kind::HqDeliberated => {
                self.event("deliberated", &instrument_id, &act.at);
                if let Some(held) = read::<DeliberationFact>(act, &[]) {
                    self.deliberations.push(held);
                }
            }
            Kind::HqDisclosed => self.event("disclosed", &instrument_id, &act.at),
            Kind::HqDecisionRevoked => self.event("revoked", &instrument_id, &act.at),
            Kind::CaseFlagged => {
                let flag = text("flag");
                let value = act.body.get("value").cloned().unwrap_or_default();
                let is_set = !matches!(value, Value::Null | Value::Bool(false));
                if is_set {
                    self.event(&format!("flagged:{flag}"), "", &act.at);
                }
                self.flag_reasons
                    .insert(flag.clone(), text("reason").trim().to_owned());
                self.flags.insert(flag, value);
            }
            Kind::PaymentRecorded => {
                self.event("paid", &instrument_id, &act.at);
                if let Some(payment) = read::<PaymentFact>(act, &[]) {
                    self.payments.push(payment);
                }
            }
            Kind::DiscretionShown => {
                self.discretion = act.body.get("facts").cloned().unwrap_or_default();
            }
            Kind::InspectionCodeChecked => self.inspection_codes.push(InspectionCodeFact {
                code: text("code"),
                outcome: text("outcome"),
                at: act.at.clone(),
            }),
            Kind::CaseChecked => {
                let count = |key: &str| {
                    let count = act.body.get(key).and_then(Value::as_u64);
                    count
                        .and_then(|count| u32::try_from(count).ok())
                        .unwrap_or(0)
                };
                self.self_check = Some(SelfCheckFact {
                    red: count("red"),
                    amber: count("amber"),
                    at: act.at.clone(),
                });
            }
            Kind::CaseClosed => {
                self.event("closed", "", &act.at);
                self.closed_at = Some(act.at.clone());
            }
            _ => {}
        }
    }
}

/// The fact of the same field names, with its time and what is called otherwise in the body.
fn read<T: DeserializeOwned>(act: &CaseAct, renamed: &[(&str, &str)]) -> Option<T> {
    let mut body = act.body.clone();
    let fields = body.as_object_mut()?;
    fields.insert("at".to_owned(), json!(act.at));
    for (to, from) in renamed {
        let value = fields.get(*from).cloned().unwrap_or_default();
        fields.insert((*to).to_owned(), value);
    }
    serde_json::from_value(body).ok()
}

/// What is asked of the gates about one act.
pub struct Asked<'a> {
    pub at: Moment,
    pub form: Option<&'a str>,
    pub value: Option<&'a Value>,
    /// Facts of the act itself, e.g. the method of a delivery.
    pub act: Value,
}

/// Records of other places that the officers of this one wrote at the same time; nobody is at two places at once.
fn overlapping(desk: &Desk, dossier: &Dossier, value: &Value) -> Vec<String> {
    let text = |key: &str| value.get(key).and_then(Value::as_str);
    let (Some(from), Some(to)) = (text("started_at"), text("ended_at")) else {
        return Vec::new();
    };
    let place = dossier.place.get("text").and_then(Value::as_str);
    let officers = value.get("officers").and_then(Value::as_array);
    let credential_nos: Vec<&str> = officers
        .into_iter()
        .flatten()
        .filter_map(|officer| officer.get("credential_no")?.as_str())
        .collect();
    let found = instrument::overlapping_records(
        &desk.db,
        &credential_nos,
        place.unwrap_or_default(),
        from,
        to,
    );
    found.unwrap_or_else(|failure| {
        tracing::error!(
            error = &failure as &dyn std::error::Error,
            "records could not be compared"
        );
        Vec::new()
    })
}

/// Every gate of an act, open and closed.
pub fn gates(
    terminal: &Terminal,
    desk: &Desk,
    dossier: &mut Dossier,
    asked: Asked<'_>,
) -> GateReport {
    dossier.act = asked.act;
    let overlapping = asked
        .value
        .map(|value| overlapping(desk, dossier, value))
        .unwrap_or_default();
    if let Some(history) = dossier.history.as_object_mut() {
        history.insert("overlapping_records".to_owned(), json!(overlapping.len()));
    }
    desk.pack.gates(&Question {
        at: asked.at,
        form: asked.form,
        value: asked.value,
        dossier,
        agency: &desk.agency,
        now: terminal.host.now(),
    })
}

/// Refuses the act when a gate is closed; what is only pointed out comes back.
pub fn require_open(
    terminal: &Terminal,
    desk: &Desk,
    case_id: &str,
    asked: Asked<'_>,
) -> Result<Vec<Finding>, No> {
    let mut dossier = gather(desk, case_id)?;
    if dossier.closed_at.is_some() {
        return Err(law::Refusal::CaseClosed.into());
    }
    let report = gates(terminal, desk, &mut dossier, asked);
    if report.closed.is_empty() {
        return Ok(report.warnings);
    }
    Err(No::Closed(report.closed))
}

/// What the gates of issuing say about a draft, as findings: the officer sees what the law still asks for while writing.
pub fn findings_of_gates(
    terminal: &Terminal,
    desk: &Desk,
    case_id: &str,
    form: &str,
    value: &Value,
) -> Result<Vec<Finding>, No> {
    let mut dossier = gather(desk, case_id)?;
    let asked = Asked {
        at: Moment::Issue,
        form: Some(form),
        value: Some(value),
        act: Value::Null,
    };
    let report = gates(terminal, desk, &mut dossier, asked);
    let closed = report.closed.into_iter().map(|gate| Finding {
        field: String::new(),
        rule: gate.rule,
        severity: Severity::Block,
        text: gate.text,
        hint: gate.hint,
        basis: gate.basis,
    });
    Ok(closed.chain(report.warnings).collect())
}

/// The named truths about a case, e.g. `review_needed`.
pub fn truths(terminal: &Terminal, desk: &Desk, dossier: &Dossier) -> BTreeMap<String, bool> {
    desk.pack.truths(&of_whole_case(terminal, desk, dossier))
}

/// What is asked of the pack about a case, not about one of its instruments.
pub fn of_whole_case<'a>(
    terminal: &Terminal,
    desk: &'a Desk,
    dossier: &'a Dossier,
) -> Question<'a> {
    Question {
        at: Moment::Close,
        form: None,
        value: None,
        dossier,
        agency: &desk.agency,
        now: terminal.host.now(),
    }
}

/// Clocks that an event of the case starts, whatever the form.
pub fn clocks_of_case(
    terminal: &Terminal,
    desk: &Desk,
    event: &str,
    value: &Value,
) -> Vec<ClockBody> {
    clocks_of(terminal, desk, desk.pack.time_limits_of_case(event), value)
}

/// Clocks that an event of an instrument starts.
pub fn clocks_of_form(
    terminal: &Terminal,
    desk: &Desk,
    form: &str,
    event: &str,
    value: &Value,
) -> Vec<ClockBody> {
    clocks_of(
        terminal,
        desk,
        desk.pack.time_limits_for(form, event),
        value,
    )
}

fn clocks_of(
    terminal: &Terminal,
    desk: &Desk,
    limits: Vec<&forms::NamedLimit>,
    value: &Value,
) -> Vec<ClockBody> {
    let now = terminal.host.now();
    let started = |limit: &forms::NamedLimit| -> Option<ClockBody> {
        let due = desk.pack.deadline(limit, value, now, &desk.agency)?;
        Some(ClockBody {
            name: limit.name.clone(),
            text: limit.text.clone(),
            due_on: crate::text::date(due.legal_due),
            is_provisional: due.is_provisional,
            basis: json!(limit.basis),
            due_at: due.due_at.map(crate::text::time),
            safe_due: Some(crate::text::date(due.safe_due)),
        })
    };
    limits
        .into_iter()
        .filter(|limit| limit.applies(value))
        .filter_map(started)
        .collect()
}
