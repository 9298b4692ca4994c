//! 案卷自查 – what would cost the file its score, and what is still open, before it is handed over.

use forms::procedure::Moment;
use journal::Kind;
use journal::body::CaseChecked;
use law::Citation;
use serde_json::Value;

use crate::acts::dossier::{self, Asked};
use crate::acts::inspection::read_case;
use crate::acts::overview::goes_to_the_party;
use crate::acts::presentation::require_two_officers;
use crate::contract::{CaseCheck, CheckItem};
use crate::desk::{Act, Desk};
use crate::failure::No;
use crate::terminal::Terminal;

pub fn check(terminal: &Terminal, desk: &mut Desk, case_id: &str) -> Result<CaseCheck, No> {
    let host = terminal.host.as_ref();
    require_two_officers(desk, host)?;
    read_case(desk, case_id)?;
    let items = items(terminal, desk, case_id)?;
    let count = |level: &str| {
        let count = items.iter().filter(|item| item.level == level).count();
        u32::try_from(count).unwrap_or(u32::MAX)
    };
    let now = host.now();
    let checked = CaseCheck {
        red: count("red"),
        amber: count("amber"),
        checked_at: crate::text::time(now),
        items,
    };
    let body = CaseChecked {
        v: 1,
        items: serde_json::to_value(&checked.items)?,
        red: checked.red,
        amber: checked.amber,
    };
    let act = Act {
        kind: Kind::CaseChecked,
        case_id: Some(case_id),
        event_at: now,
        body: &body,
        blobs: Vec::new(),
    };
    desk.commit(host, act, |_, _| Ok(()))?;
    Ok(checked)
}

fn items(terminal: &Terminal, desk: &Desk, case_id: &str) -> Result<Vec<CheckItem>, No> {
    let mut dossier = dossier::gather(desk, case_id)?;
    let asked = Asked {
        at: Moment::Close,
        form: None,
        value: None,
        act: Value::Null,
    };
    let report = dossier::gates(terminal, desk, &mut dossier, asked);
    let mut items: Vec<CheckItem> = report
        .closed
        .into_iter()
        .map(|gate| CheckItem {
            level: "red".to_owned(),
            rule: gate.rule,
            text: gate.text,
            hint: gate.hint,
            basis: gate.basis,
            instrument_id: None,
            form: None,
        })
        .collect();
    items.extend(report.warnings.into_iter().map(|finding| CheckItem {
        level: "amber".to_owned(),
        rule: finding.rule,
        text: finding.text,
        hint: finding.hint,
        basis: finding.basis,
        instrument_id: None,
        form: None,
    }));
    let mut note = |level: &str, rule: &str, text: String, hint: &str, instrument_id: &str| {
        items.push(CheckItem {
            level: level.to_owned(),
            rule: rule.to_owned(),
            text,
            hint: hint.to_owned(),
            basis: Vec::<Citation>::new(),
            instrument_id: Some(instrument_id.to_owned()).filter(|id| !id.is_empty()),
            form: None,
        });
    };
    let title = |form: &str| -> String {
        let form = desk.pack.form(form);
        form.map(|form| form.definition().title.clone())
            .unwrap_or_default()
    };
    for instrument in dossier.instruments.iter().filter(|item| !item.is_voided) {
        let title = title(&instrument.form);
        let id = instrument.instrument_id.as_str();
        match &instrument.issued_at {
            None => note(
                "amber",
                "draft_open",
                format!("《{title}》还是草稿，没有制发。"),
                "填完制发，或者写明理由作废。",
                id,
            ),
            Some(_)
                if instrument.delivered_at.is_none()
                    && goes_to_the_party(desk, &instrument.form) =>
            {
                note(
                    "red",
                    "not_delivered",
                    format!("《{title}》制发后没有送达记录。"),
                    "送达并登记；没有送达证明的，视为没有送达。",
                    id,
                )
            }
            Some(_) => {}
        }
    }
    let now = crate::text::time(terminal.host.now());
    let today = crate::text::date(terminal.host.now().date_naive());
    for clock in dossier.clocks.iter().filter(|clock| !clock.is_done) {
        let limit = desk.pack.time_limit(&clock.name);
        let has_end = limit.is_some_and(|limit| limit.done_by.is_some());
        let is_over = match &clock.due_at {
            Some(due_at) => due_at < &now,
            None => clock.due_on < today,
        };
        let text = limit.map(|limit| limit.text.clone()).unwrap_or_default();
        let id = clock.instrument_id.as_deref().unwrap_or_default();
        if has_end && is_over {
            note(
                "red",
                "overdue",
                format!("{text}：{} 已经到期，没有办结记录。", clock.due_on),
                "立即办理，并在案卷中说明原因。",
                id,
            );
        } else if has_end {
            note(
                "amber",
                "clock_running",
                format!("{text}：{} 到期，还没有办结。", clock.due_on),
                "按期办结后再移交案卷。",
                id,
            );
        }
    }
    items.sort_by_key(|item| item.level != "red");
    Ok(items)
}
