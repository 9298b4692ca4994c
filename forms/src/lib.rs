//! The forms engine and its packs: fields, checks, prefill, wording. No form is known to this crate by name; what
//! differs from form to form stands in the pack.
//!
//! Deliberately absent: storage, windows, networks and clocks. Time and agency arrive as arguments.

mod advice;
mod agency;
mod bounds;
mod check;
mod deadline;
pub mod definition;
mod discretion;
mod fault;
mod files;
mod form;
mod identity;
mod library;
mod lint;
mod naming;
mod opinions;
mod pack;
mod parameters;
pub mod procedure;
mod references;
mod rules;
mod schema;
mod schema_words;
mod sealing;
mod signers;
mod source;
mod statutes;
mod tables;
mod texts;
mod value;

pub use advice::{
    Advice, AdviceQuestion, BenchmarkShown, Effect, NewerLaw, OpenCircumstance, Outcome, Reason,
    Recognised,
};
pub use agency::{Agency, AgencyOfficer, AgencySeal, NumberSeries, render_number};
pub use deadline::{
    Deadline, DoneBy, Duty, Length, LimitLength, LimitUnit, NamedLimit, STARTS, Unless,
};
pub use definition::{
    Choice, Condition, DossierPlace, Field, FieldKind, FormDefinition, Section, Signer,
};
pub use discretion::{Benchmark, DiscretionQuestion, Formula, Multiple, Proposal, Tier};
pub use fault::PackFault;
pub use form::{CheckContext, Form};
pub use library::{Band, LawText, Limits, Procedure, RepealedClause, RightsText, Step, Violation};
pub use lint::{LintFinding, LintOptions, LintSeverity, lint};
pub use opinions::{Decided, Decision};
pub use pack::{Pack, SCHEMA};
pub use parameters::{AgencyParameter, Parameter, ParameterKind, StatutoryBound};
pub use procedure::{
    ClosedGate, Dossier, GateReport, Moment, ProcedureProgress, Question, StepProgress, StepState,
};
pub use schema::{KEYWORDS, compile_schema};
pub use sealing::SealMode;
