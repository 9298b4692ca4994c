//! 办案步骤 – leads the officer through the procedures a case follows. Which steps there are is the pack's.

use std::collections::BTreeSet;

use forms::procedure::EventFact;
use forms::{Dossier, ProcedureProgress, Step, StepProgress, StepState};

use crate::acts::dossier::of_whole_case;
use crate::acts::drafting::{form_of, read_instrument, value_sha256};
use crate::acts::overview::goes_to_the_party;
use crate::contract::{
    InstrumentRow, InstrumentState, NextStep, ProcedureView, StepObstacle, StepRow,
};
use crate::desk::Desk;
use crate::failure::No;
use crate::store::instrument;
use crate::terminal::Terminal;

pub fn progress(
    terminal: &Terminal,
    desk: &Desk,
    dossier: &mut Dossier,
    instruments: &[InstrumentRow],
) -> Vec<ProcedureProgress> {
    let printed = instruments.iter().filter(|row| row.copies_printed > 0);
    dossier.events.extend(printed.map(|row| EventFact {
        event: "printed".to_owned(),
        instrument_id: Some(row.instrument_id.clone()),
        at: String::new(),
    }));
    desk.pack.progress(&of_whole_case(terminal, desk, dossier))
}

pub fn shown(progress: Vec<ProcedureProgress>) -> Vec<ProcedureView> {
    let row = |progress: StepProgress| StepRow {
        key: progress.step.key,
        action: progress.step.action,
        text: progress.step.text,
        form: progress.step.form,
        basis: progress.step.basis,
        is_required: progress.step.is_required,
        state: match progress.state {
            StepState::Done => "done",
            StepState::Now => "now",
            StepState::Blocked => "blocked",
            StepState::Later => "later",
        }
        .to_owned(),
        waits_for: progress.waits_for,
        closed: progress
            .closed
            .into_iter()
            .map(|gate| StepObstacle {
                rule: gate.rule,
                text: gate.text,
                hint: gate.hint,
                basis: gate.basis,
            })
            .collect(),
        lack: progress.lack,
    };
    progress
        .into_iter()
        .map(|followed| ProcedureView {
            code: followed.procedure.code,
            title: followed.procedure.title,
            steps: followed.steps.into_iter().map(row).collect(),
        })
        .collect()
}

/// What can be done now; required steps first, each instrument once.
pub fn next(
    desk: &Desk,
    progress: &[ProcedureProgress],
    instruments: &[InstrumentRow],
) -> Result<Vec<NextStep>, No> {
    let mut next = Next {
        desk,
        instruments,
        steps: Vec::new(),
        seen: BTreeSet::new(),
    };
    let steps = progress.iter().flat_map(|followed| &followed.steps);
    for step in steps.clone() {
        next.step(step)?;
    }
    next.drafts()?;
    next.steps.sort_by_key(|step| !step.is_required);
    Ok(next.steps)
}

struct Next<'a> {
    desk: &'a Desk,
    instruments: &'a [InstrumentRow],
    steps: Vec<NextStep>,
    /// Steps and instruments that stand in the list already.
    seen: BTreeSet<(String, String)>,
}

impl Next<'_> {
    fn live(&self) -> impl DoubleEndedIterator<Item = &InstrumentRow> {
        let rows = self.instruments.iter();
        rows.filter(|row| !matches!(row.state, InstrumentState::Voided))
    }

    fn add(&mut self, action: &str, text: String, step: &Step, instrument_id: Option<String>) {
        let about = instrument_id.clone().unwrap_or_else(|| step.key.clone());
        if self.seen.insert((action.to_owned(), about)) {
            self.steps.push(NextStep {
                key: step.key.clone(),
                action: action.to_owned(),
                text,
                form: step.form.clone(),
                instrument_id,
                notice: step.notice.clone(),
                basis: step.basis.clone(),
                is_required: step.is_required,
            });
        }
    }

    fn step(&mut self, progress: &StepProgress) -> Result<(), No> {
        let step = &progress.step;
        let mine = |row: &&InstrumentRow| step.form.as_ref() == Some(&row.form);
        let draft = self.live().rfind(|row| mine(row) && is_draft(row)).cloned();
        if let (Some(draft), "start_form") = (&draft, step.action.as_str()) {
            let (action, text) = draft_step(self.desk, draft)?;
            self.add(action, text, step, Some(draft.instrument_id.clone()));
            return Ok(());
        }
        if progress.state != StepState::Now {
            return Ok(());
        }
        let newest = self
            .live()
            .rfind(|row| mine(row) && !is_draft(row))
            .cloned();
        match step.action.as_str() {
            "print" | "deliver" if step.form.is_none() => {
                let is_print = step.action == "print";
                let left: Vec<_> = self
                    .live()
                    .filter(|row| !is_draft(row) && goes_to_the_party(self.desk, &row.form))
                    .filter(|row| match is_print {
                        true => row.copies_printed == 0,
                        false => row.delivered_at.is_none(),
                    })
                    .cloned()
                    .collect();
                for row in left {
                    let text = format!("{}：{}", step.text, row.title);
                    self.add(&step.action, text, step, Some(row.instrument_id));
                }
            }
            // What was sent back is written anew; the one sent back stays in the file.
            _ if progress.is_sent_back => {
                let text = format!("{}：被退回，修改后重新报送", step.text);
                self.add("start_form", text, step, None);
            }
            action => {
                let about = newest.map(|row| row.instrument_id);
                self.add(action, step.text.clone(), step, about);
            }
        }
        Ok(())
    }

    /// Drafts that no step of the pack asks for are not forgotten.
    fn drafts(&mut self) -> Result<(), No> {
        let drafts: Vec<_> = self.live().filter(|row| is_draft(row)).cloned().collect();
        for draft in drafts {
            let is_listed =
                |step: &NextStep| step.instrument_id.as_ref() == Some(&draft.instrument_id);
            if self.steps.iter().any(is_listed) {
                continue;
            }
            let (action, text) = draft_step(self.desk, &draft)?;
            self.steps.push(NextStep {
                key: String::new(),
                action: action.to_owned(),
                text,
                form: Some(draft.form),
                instrument_id: Some(draft.instrument_id),
                notice: None,
                basis: Vec::new(),
                is_required: true,
            });
        }
        Ok(())
    }
}

fn is_draft(row: &InstrumentRow) -> bool {
    matches!(row.state, InstrumentState::Draft)
}

/// What a draft needs next: content, signatures, or only the number.
fn draft_step(desk: &Desk, row: &InstrumentRow) -> Result<(&'static str, String), No> {
    if row.blocking_findings > 0 {
        return Ok((
            "finish_draft",
            format!(
                "填完《{}》，还有 {} 处要改",
                row.title, row.blocking_findings
            ),
        ));
    }
    let stored = read_instrument(desk, &row.instrument_id)?;
    if stored.revision == 0 {
        return Ok(("finish_draft", format!("填写《{}》", row.title)));
    }
    let current = value_sha256(&stored.value);
    let signatures = instrument::signatures(&desk.db, &row.instrument_id)?;
    let form = form_of(desk, &row.form)?;
    let unsigned = form.signers(&stored.value).into_iter().find(|signer| {
        signer.required
            && !signatures
                .iter()
                .any(|signature| signature.slot == signer.slot && signature.value_sha256 == current)
    });
    Ok(match unsigned {
        Some(signer) => ("sign", format!("《{}》待签名：{}", row.title, signer.label)),
        None => ("issue", format!("制发《{}》", row.title)),
    })
}
