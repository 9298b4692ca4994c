//! 程序 – the gates of `procedures.toml`: what must be there before an instrument is started, issued or delivered, or a
//! case is closed. No form and no rule is known here by name.

mod dossier;
mod needs;
mod progress;
mod scene;
pub(crate) mod source;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, FixedOffset};
use law::{Citation, Finding, Refusal, Severity};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::files::Files;
use crate::library::Procedure;
use crate::parameters::Parameters;
use crate::{Pack, PackFault};

pub use dossier::{
    ApprovalFact, ClockFact, DeliberationFact, Dossier, EventFact, InspectionCodeFact,
    InstrumentFact, PaymentFact, RecordingFact, ReviewFact, SelfCheckFact, ToldFact,
};
pub use progress::{ProcedureProgress, StepProgress, StepState};
pub use source::Moment;

use scene::{ROOTS, Scene};
use source::{Derived, Gate, Need, Operand, ProceduresToml, RightsDuty, Test};

pub(crate) const FILE: &str = "procedures.toml";
const DERIVED_MAX: usize = 200;
const GATES_MAX: usize = 2_000;
const TESTS_MAX: usize = 64;
const NEED_DEPTH_MAX: usize = 4;

/// 未满足的程序要求 – a gate that stays closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClosedGate {
    pub rule: String,
    pub text: String,
    pub hint: String,
    pub basis: Vec<Citation>,
}

impl From<ClosedGate> for Refusal {
    fn from(gate: ClosedGate) -> Self {
        Self::GateClosed {
            rule: gate.rule,
            text: gate.text,
            hint: gate.hint,
            basis: gate.basis,
        }
    }
}

/// What all gates of one act say, in the order of the pack.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GateReport {
    pub closed: Vec<ClosedGate>,
    pub warnings: Vec<Finding>,
    pub derived: BTreeMap<String, bool>,
}

/// What the gates are asked about.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    pub at: Moment,
    /// The form of the instrument; absent when a case is closed.
    pub form: Option<&'a str>,
    pub value: Option<&'a Value>,
    pub dossier: &'a Dossier,
    /// As the roster tells it, with its `params`.
    pub agency: &'a Value,
    pub now: DateTime<FixedOffset>,
}

impl Pack {
    /// Every gate of the act, and the named truths about the case.
    pub fn gates(&self, question: &Question) -> GateReport {
        let scene = Scene::of(self, question);
        let procedures = &self.0.procedures;
        // Only what gates ask for themselves is worth a word; a truth nobody asks for is not.
        let mut report = GateReport::default();
        for gate in &procedures.gates {
            if gate.is_asked(question.at, question.form) && scene.all_hold(&gate.when) {
                answer(&scene, gate, &mut report);
            }
        }
        for key in scene.unset.borrow().iter() {
            report.warnings.push(self.0.parameters.unset(key));
        }
        report.derived = scene.derived;
        report
    }

    /// Whether some gate waits for the approval of this form.
    pub fn asks_approval(&self, form: &str) -> bool {
        let gates = self.0.procedures.gates.iter();
        let mut needs = gates.flat_map(|gate| gate.needs.all_parts());
        needs.any(|need| match need {
            Need::Approved { forms, .. } => forms.iter().any(|code| code == form),
            _ => false,
        })
    }

    /// The named truths about a case alone, e.g. for showing that review is needed.
    pub fn truths(&self, question: &Question) -> BTreeMap<String, bool> {
        self.gates(question).derived
    }
}

fn answer(scene: &Scene, gate: &Gate, report: &mut GateReport) {
    if gate.is_blocking() {
        report.closed.extend(closed_gate(scene, gate));
        return;
    }
    let Some(text) = objection(scene, gate) else {
        return;
    };
    report.warnings.push(Finding {
        field: gate.field.clone(),
        rule: gate.rule.clone(),
        severity: gate.level.severity(),
        text,
        hint: gate.hint.clone(),
        basis: gate.basis.clone(),
    });
}

/// The gate's words with what is missing; nothing where it is open.
fn objection(scene: &Scene, gate: &Gate) -> Option<String> {
    let lack = scene.meets(&gate.needs).err()?;
    Some(if lack.is_empty() {
        gate.text.clone()
    } else {
        format!("{}（{lack}）", gate.text.trim_end_matches('。'))
    })
}

fn closed_gate(scene: &Scene, gate: &Gate) -> Option<ClosedGate> {
    Some(ClosedGate {
        rule: gate.rule.clone(),
        text: objection(scene, gate)?,
        hint: gate.hint.clone(),
        basis: gate.basis.clone(),
    })
}

/// Derived truths in an order in which each uses only earlier ones.
#[derive(Debug, Default)]
pub(crate) struct Procedures {
    pub derived: Vec<Derived>,
    pub gates: Vec<Gate>,
    pub rights: Vec<RightsDuty>,
    pub known: Vec<Procedure>,
}

impl Procedures {
    /// A pack without the file has no gates.
    pub(crate) fn read(files: &Files, parameters: &Parameters) -> Result<Self, PackFault> {
        if !files.has(FILE) {
            return Ok(Self::default());
        }
        let table: ProceduresToml = files.toml(FILE)?;
        let fault = |needle: &str, reason: String| {
            PackFault::content(FILE, files.line_of(FILE, needle), reason)
        };
        if table.derive.len() > DERIVED_MAX || table.gate.len() > GATES_MAX {
            let reason = format!("at most {DERIVED_MAX} truths and {GATES_MAX} gates");
            return Err(fault("", reason));
        }
        let derived = in_order(table.derive).map_err(|(name, reason)| fault(&name, reason))?;
        let names: BTreeSet<&str> = derived
            .iter()
            .map(|derived| derived.name.as_str())
            .collect();
        let check = |tests: &[Test]| -> Result<(), PackFault> {
            if tests.len() > TESTS_MAX {
                return Err(fault(
                    "",
                    format!("more than {TESTS_MAX} conditions in a list"),
                ));
            }
            tests.iter().try_for_each(|test| {
                check_test(test, &names, parameters).map_err(|reason| fault(&test.path, reason))
            })
        };
        for derived in &derived {
            if derived.any.len() > TESTS_MAX {
                let reason = format!("more than {TESTS_MAX} lists of conditions");
                return Err(fault(&derived.name, reason));
            }
            derived.any.iter().try_for_each(|list| check(list))?;
        }
        for gate in &table.gate {
            let needle = format!("\"{}\"", gate.rule);
            if gate.at.is_none() && gate.acts.is_empty() {
                return Err(fault(&needle, format!("{} says no moment (at)", gate.rule)));
            }
            check(&gate.when)?;
            for part in gate.needs.parts(NEED_DEPTH_MAX) {
                let part = part.ok_or_else(|| {
                    let reason = format!("needs are nested deeper than {NEED_DEPTH_MAX}");
                    fault(&needle, reason)
                })?;
                part.test_lists().into_iter().try_for_each(check)?;
                let path = part.document_paths().into_iter();
                let mut wrong = path.filter_map(|path| check_path(path, &names, parameters).err());
                if let Some(reason) = wrong.next() {
                    return Err(fault(&needle, reason));
                }
            }
        }
        Ok(Self {
            derived,
            gates: table.gate,
            rights: table.rights,
            known: table.procedure,
        })
    }

    pub(crate) fn citations(&self) -> impl Iterator<Item = &Citation> {
        let gates = self.gates.iter().flat_map(|gate| &gate.basis);
        let derived = self.derived.iter().flat_map(|derived| &derived.basis);
        let rights = self.rights.iter().flat_map(|duty| &duty.basis);
        gates.chain(derived).chain(rights)
    }

    /// Every list of conditions and every gate's needs, for the lint.
    pub(crate) fn tests(&self) -> impl Iterator<Item = &Test> {
        let derived = self
            .derived
            .iter()
            .flat_map(|derived| derived.any.iter().flatten());
        derived.chain(self.gates.iter().flat_map(|gate| &gate.when))
    }
}

/// Each truth after those it uses; a circle is a mistake of the pack.
fn in_order(mut waiting: Vec<Derived>) -> Result<Vec<Derived>, (String, String)> {
    let mut seen = BTreeSet::new();
    for derived in &waiting {
        if !seen.insert(derived.name.clone()) {
            let name = derived.name.clone();
            return Err((name.clone(), format!("{name} stands twice")));
        }
    }
    let mut ordered: Vec<Derived> = Vec::new();
    let mut done: BTreeSet<String> = BTreeSet::new();
    while !waiting.is_empty() {
        let uses = |derived: &Derived| -> Vec<String> {
            let paths = derived.any.iter().flatten().flat_map(Test::paths);
            paths
                .filter_map(|path| path.strip_prefix("derived."))
                .map(str::to_owned)
                .collect()
        };
        let (ready, rest): (Vec<_>, Vec<_>) = waiting
            .into_iter()
            .partition(|derived| uses(derived).iter().all(|name| done.contains(name)));
        if ready.is_empty() {
            let names: Vec<_> = rest.iter().map(|derived| derived.name.clone()).collect();
            let first = names.first().cloned().unwrap_or_default();
            let missing = rest.iter().flat_map(uses).find(|name| !seen.contains(name));
            let reason = match missing {
                Some(name) => format!("there is no truth {name}"),
                None => format!(
                    "these truths use each other in a circle: {}",
                    names.join(", ")
                ),
            };
            return Err((first, reason));
        }
        done.extend(ready.iter().map(|derived| derived.name.clone()));
        ordered.extend(ready);
        waiting = rest;
    }
    Ok(ordered)
}

fn check_test(
    test: &Test,
    derived: &BTreeSet<&str>,
    parameters: &Parameters,
) -> Result<(), String> {
    let ways = test.operands().count() + usize::from(test.exists.is_some());
    if ways != 1 {
        return Err(format!(
            "{} is compared in {ways} ways, not in one",
            test.path
        ));
    }
    for operand in test.operands() {
        let is_wrong = match operand {
            Operand::Constant(Value::Object(_)) => true,
            Operand::Constant(Value::Array(items)) => items.iter().any(Value::is_object),
            Operand::Constant(_) | Operand::Param(_) | Operand::Path(_) => false,
        };
        if is_wrong {
            return Err(format!("{} is compared with something unknown", test.path));
        }
    }
    for path in test.paths() {
        check_path(path, derived, parameters)?;
    }
    for key in test.params() {
        if !parameters.knows(key) {
            return Err(format!("parameters.toml has no {key}"));
        }
    }
    Ok(())
}

fn check_path(path: &str, derived: &BTreeSet<&str>, parameters: &Parameters) -> Result<(), String> {
    const PATH_BYTES_MAX: usize = 200;
    let (root, rest) = path.split_once('.').unwrap_or((path, ""));
    if !ROOTS.contains(&root) || path.len() > PATH_BYTES_MAX {
        return Err(format!("{path:?} begins with no known word"));
    }
    if root == "derived" && !derived.contains(rest) {
        return Err(format!("there is no truth {rest}"));
    }
    if root == "params" && !parameters.knows(rest) {
        return Err(format!("parameters.toml has no {rest}"));
    }
    Ok(())
}

impl Need {
    /// The need itself and what it is made of; `None` where it is nested too deeply.
    fn parts(&self, depth: usize) -> Vec<Option<&Need>> {
        if depth == 0 {
            return vec![None];
        }
        let mut parts = vec![Some(self)];
        if let Self::AllOf { needs } | Self::AnyOf { needs } = self {
            parts.extend(needs.iter().flat_map(|need| need.parts(depth - 1)));
        }
        parts
    }

    /// Without the parts that are nested too deeply, which no loaded pack has.
    pub(crate) fn all_parts(&self) -> impl Iterator<Item = &Need> {
        self.parts(NEED_DEPTH_MAX).into_iter().flatten()
    }

    fn test_lists(&self) -> Vec<&[Test]> {
        match self {
            Self::PeriodOver { unless, .. } => vec![unless],
            Self::Holds { any } => any.iter().map(Vec::as_slice).collect(),
            _ => Vec::new(),
        }
    }

    /// Paths into the document of the case.
    fn document_paths(&self) -> Vec<&str> {
        match self {
            Self::Distinct { people } => people.iter().map(String::as_str).collect(),
            Self::Known { paths, among } => paths.iter().chain(among).map(String::as_str).collect(),
            Self::NotBefore { path, .. } | Self::LeadTime { path, .. } => vec![path],
            Self::Limitation { on, discovered, .. } => {
                discovered.iter().chain([on]).map(String::as_str).collect()
            }
            Self::InForce { paths, on } => paths.iter().chain(on).map(String::as_str).collect(),
            Self::NotMoreThan { than: other, .. }
            | Self::Same { other, .. }
            | Self::RowsEqual { other, .. }
                if other.form.is_none() =>
            {
                vec![&other.path]
            }
            _ => Vec::new(),
        }
    }

    /// Forms that have to be there before.
    pub(crate) fn forms(&self) -> Vec<&str> {
        match self {
            Self::Issued { forms, .. }
            | Self::Delivered { forms, .. }
            | Self::Approved { forms, .. }
            | Self::ReviewPassed { forms } => forms.iter().map(String::as_str).collect(),
            Self::PeriodOver { of, .. } => vec![of],
            _ => Vec::new(),
        }
    }

    /// Forms without which the need can never be met, whatever else happens.
    pub(crate) fn certain_forms(&self) -> Vec<&str> {
        match self {
            Self::Issued { forms, any } | Self::Delivered { forms, any } => {
                let is_certain = !any || forms.len() == 1;
                let forms = forms.iter().filter(|_| is_certain);
                forms.map(String::as_str).collect()
            }
            Self::Approved { forms, .. } | Self::ReviewPassed { forms } if forms.len() == 1 => {
                forms.iter().map(String::as_str).collect()
            }
            Self::PeriodOver { of, .. } => vec![of],
            Self::AllOf { needs } => needs.iter().flat_map(Self::certain_forms).collect(),
            _ => Vec::new(),
        }
    }

    /// Paths of the instrument at hand, without `value.`.
    fn value_paths(&self) -> Vec<&str> {
        match self {
            Self::NotMoreThan { path, .. }
            | Self::Same { path, .. }
            | Self::RowsEqual { path, .. } => vec![path.strip_prefix("value.").unwrap_or(path)],
            other => {
                let paths = other.document_paths().into_iter();
                paths
                    .filter_map(|path| path.strip_prefix("value."))
                    .collect()
            }
        }
    }

    /// Paths of other instruments, as `issued.F26.value.x`.
    fn issued_paths(&self) -> Vec<String> {
        let of = |other: &source::Other| {
            let form = other.form.as_ref()?;
            let path = other.path.strip_prefix("value.").unwrap_or(&other.path);
            Some(format!("issued.{form}.value.{path}"))
        };
        match self {
            Self::NotMoreThan { than: other, .. } | Self::Same { other, .. } => {
                of(other).into_iter().collect()
            }
            Self::RowsEqual { other, also, .. } => {
                also.iter().chain([other]).filter_map(of).collect()
            }
            Self::Paid { of, path } => vec![format!("issued.{of}.value.{path}")],
            other => {
                let paths = other.document_paths().into_iter();
                let paths = paths.filter(|path| path.starts_with("issued."));
                paths.map(str::to_owned).collect()
            }
        }
    }

    pub(crate) fn limits(&self) -> Vec<&str> {
        match self {
            Self::PeriodOver { limit, .. }
            | Self::Within { limit, .. }
            | Self::NotBefore { limit, .. } => vec![limit],
            Self::ClocksDone { names, except } => {
                names.iter().chain(except).map(String::as_str).collect()
            }
            _ => Vec::new(),
        }
    }

    pub(crate) fn notices(&self) -> Option<&str> {
        match self {
            Self::Told { notice } => Some(notice),
            _ => None,
        }
    }
}

impl Gate {
    /// Paths of the instrument at hand that the conditions look at; one of the forms may be without.
    pub(crate) fn condition_paths(&self) -> Vec<&str> {
        let tests = self.when.iter().flat_map(Test::paths);
        tests
            .filter_map(|path| path.strip_prefix("value."))
            .collect()
    }

    /// Paths of the instrument at hand that the needs look at.
    pub(crate) fn value_paths(&self) -> Vec<&str> {
        let needs = self.needs.all_parts();
        needs.flat_map(Need::value_paths).collect()
    }

    pub(crate) fn issued_paths(&self) -> Vec<String> {
        self.needs
            .all_parts()
            .flat_map(Need::issued_paths)
            .collect()
    }

    pub(crate) fn is_blocking(&self) -> bool {
        self.level.severity() == Severity::Block
    }
}
