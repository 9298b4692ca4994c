//! 办案进度 – which steps of which procedures a case has done, which is next, and what closes the way, with its articles.

use std::collections::BTreeSet;

use serde::Serialize;

use super::scene::Scene;
use super::source::{Gate, Moment, Need, Test};
use super::{ClosedGate, Question, closed_gate};
use crate::library::{Procedure, Step};
use crate::{GateReport, Pack};

/// 步骤状态.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    Done,
    /// Nothing stands in the way.
    Now,
    /// A gate is closed.
    Blocked,
    /// Another step of the procedure comes first.
    Later,
}

/// How far a case is with one step.
#[derive(Debug, Clone, PartialEq)]
pub struct StepProgress {
    pub step: Step,
    pub state: StepState,
    /// Texts of the steps that come first and are not done.
    pub waits_for: Vec<String>,
    pub closed: Vec<ClosedGate>,
    /// What is missing for the step to be done.
    pub lack: String,
    /// Headquarters returned or refused what it asks about; it has to be written anew.
    pub is_sent_back: bool,
}

/// How far a case is in one of the procedures it follows.
#[derive(Debug, Clone, PartialEq)]
pub struct ProcedureProgress {
    pub procedure: Procedure,
    pub steps: Vec<StepProgress>,
}

impl Pack {
    /// Every procedure the case follows, in the order of the pack, with its steps.
    pub fn progress(&self, question: &Question) -> Vec<ProcedureProgress> {
        let scene = Scene::of(self, question);
        let is_asked = |truth: Option<&String>| {
            truth.is_none_or(|truth| scene.derived.get(truth).copied().unwrap_or_default())
        };
        let followed = self.procedures().iter();
        followed
            .filter(|procedure| is_asked(procedure.only_if.as_ref()))
            .map(|procedure| {
                let steps: Vec<&Step> = self
                    .steps(&procedure.code)
                    .filter(|step| is_asked(step.only_if.as_ref()))
                    .collect();
                ProcedureProgress {
                    procedure: procedure.clone(),
                    steps: scene.walk(&steps),
                }
            })
            .collect()
    }
}

impl Scene<'_> {
    fn walk(&self, steps: &[&Step]) -> Vec<StepProgress> {
        let mut open: BTreeSet<&str> = BTreeSet::new();
        let mut walked = Vec::new();
        for step in steps {
            let done = self.is_done(step);
            let first = steps
                .iter()
                .filter(|other| step.after.contains(&other.key) && open.contains(&*other.key));
            let waits_for: Vec<String> = first.map(|other| other.text.clone()).collect();
            let closed = match &done {
                Ok(()) => Vec::new(),
                Err(_) => self.closed_before(step),
            };
            let state = match &done {
                Ok(()) => StepState::Done,
                Err(_) if !waits_for.is_empty() => StepState::Later,
                Err(_) if !closed.is_empty() => StepState::Blocked,
                Err(_) if self.is_premature(step) => StepState::Later,
                Err(_) => StepState::Now,
            };
            if done.is_err() {
                open.insert(&step.key);
            }
            walked.push(StepProgress {
                step: (*step).clone(),
                state,
                waits_for,
                closed,
                lack: done.err().unwrap_or_default(),
                is_sent_back: self.is_back(step),
            });
        }
        walked
    }

    fn is_done(&self, step: &Step) -> Result<(), String> {
        match step.done_when() {
            Some(need) => self.meets(&need),
            None => match step.action.as_str() {
                "present" => yes(self.dossier.presented_at.is_some()),
                "record" => yes(!self.dossier.recordings.is_empty()),
                "close" => yes(self.dossier.closed_at.is_some()),
                "check_code" => yes(!self.dossier.inspection_codes.is_empty()),
                "pay" => yes(!self.dossier.payments.is_empty()),
                "deliver" => {
                    let mut served = self.served().peekable();
                    let is_any = served.peek().is_some();
                    yes(is_any && served.all(|item| item.delivered_at.is_some()))
                }
                "disclose" | "archive" => {
                    let event = match step.action.as_str() {
                        "disclose" => "disclosed",
                        _ => "archived",
                    };
                    yes(self.dossier.events.iter().any(|known| known.event == event))
                }
                "print" => {
                    let mut served = self.served().peekable();
                    let is_any = served.peek().is_some();
                    let is_printed = |id: &str| {
                        let mut events = self.dossier.events.iter();
                        events.any(|known| {
                            known.event == "printed" && known.instrument_id.as_deref() == Some(id)
                        })
                    };
                    yes(is_any && served.all(|item| is_printed(&item.instrument_id)))
                }
                _ => Err(String::new()),
            },
        }
    }

    fn is_back(&self, step: &Step) -> bool {
        let Some(form) = &step.form else {
            return false;
        };
        match step.action.as_str() {
            "approve" => self.is_sent_back(form, Some("head")),
            "review" => self.is_turned_down(form),
            _ => false,
        }
    }

    /// What the party gets a copy of.
    fn served(&self) -> impl Iterator<Item = &super::InstrumentFact> {
        let standing = self.dossier.instruments.iter();
        standing.filter(|item| {
            let mut forms = self.pack.forms.iter();
            let is_served =
                forms.any(|form| form.definition.code == item.form && form.definition.is_served);
            !item.is_voided && item.issued_at.is_some() && is_served
        })
    }

    /// An act upon instruments that do not exist yet.
    fn is_premature(&self, step: &Step) -> bool {
        let of_form = matches!(
            step.action.as_str(),
            "approve" | "review" | "deliver" | "pay"
        );
        match (&step.form, step.action.as_str()) {
            (Some(form), _) if of_form => self.newest(form).is_none(),
            (None, "deliver" | "print") => self.served().next().is_none(),
            (Some(_) | None, _) => false,
        }
    }

    /// Gates that can be judged before anything is written.
    fn closed_before(&self, step: &Step) -> Vec<ClosedGate> {
        let (moment, form) = match (step.action.as_str(), step.form.as_deref()) {
            ("start_form", Some(form)) => (Moment::Issue, Some(form)),
            ("deliver", Some(form)) => (Moment::Deliver, Some(form)),
            ("close", _) => (Moment::Close, None),
            (_, _) => return Vec::new(),
        };
        let mut report = GateReport::default();
        let gates = self.pack.procedures.gates.iter();
        let asked = gates.filter(|gate| {
            gate.is_blocking() && gate.is_asked(moment, form) && !gate.looks_at_the_act()
        });
        for gate in asked.filter(|gate| self.all_hold(&gate.when)) {
            report.closed.extend(closed_gate(self, gate));
        }
        report.closed
    }
}

fn yes(is_met: bool) -> Result<(), String> {
    if is_met { Ok(()) } else { Err(String::new()) }
}

impl Step {
    /// What must be there for the step to be done; nothing where the act itself says it.
    fn done_when(&self) -> Option<Need> {
        if let Some(need) = &self.done {
            return Some(need.clone());
        }
        let forms = || self.form.iter().cloned().collect::<Vec<_>>();
        match (self.action.as_str(), &self.form, &self.notice) {
            ("start_form", Some(_), _) => Some(Need::Issued {
                forms: forms(),
                any: false,
            }),
            ("deliver", Some(_), _) => Some(Need::Delivered {
                forms: forms(),
                any: false,
            }),
            ("approve", Some(_), _) => Some(Need::Approved {
                forms: forms(),
                stage: Some("head".to_owned()),
                methods: Vec::new(),
            }),
            ("review", _, _) => Some(Need::ReviewPassed { forms: forms() }),
            ("deliberate", _, _) => Some(Need::Deliberated {}),
            ("tell_notice", _, Some(notice)) => Some(Need::Told {
                notice: notice.clone(),
            }),
            (_, _, _) => None,
        }
    }
}

impl Gate {
    /// The instrument at hand, or the act itself, has to be there to answer.
    fn looks_at_the_act(&self) -> bool {
        let is_of_act = |path: &str| path.starts_with("value.") || path.starts_with("act.");
        let of_needs = self.needs.all_parts().flat_map(Need::test_lists).flatten();
        let mut paths = self.when.iter().chain(of_needs).flat_map(Test::paths);
        paths.any(is_of_act) || !self.value_paths().is_empty()
    }
}
