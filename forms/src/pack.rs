//! A pack: the law and the forms of one kind of agency, loaded whole and shared cheaply.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use chrono::NaiveDate;
use jsonschema::Validator;
use law::{Citation, Refusal, WorkingCalendar};
use serde_json::Value;

use crate::advice::Discretion;
use crate::bounds;
use crate::deadline::NamedLimit;
use crate::files::Files;
use crate::form::{Form, LoadedForm};
use crate::library::{self, LawText, Limits, Notice, Procedure, RightsText, Step, Violation};
use crate::parameters::Parameters;
use crate::procedure::Procedures;
use crate::schema::compile_pattern;
use crate::source::{
    BlockToml, GuidanceToml, LimitsToml, PackToml, Pattern, SchemaToml, ViolationsToml,
};
use crate::statutes::Statutes;
use crate::tables;
use crate::{FormDefinition, PackFault};

/// 规则包 – forms, articles, violations, limits, calendars and notices of one version.
#[derive(Clone)]
pub struct Pack(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    version: String,
    title: String,
    sha256: String,
    pub(crate) laws: Statutes,
    pub(crate) violations: Vec<Violation>,
    pub(crate) refusals: BTreeMap<String, Vec<Citation>>,
    pub(crate) limits: Limits,
    pub(crate) time_limits: Vec<NamedLimit>,
    pub(crate) calendar: WorkingCalendar,
    /// Calendars of places with days of their own, by name.
    pub(crate) overlays: BTreeMap<String, WorkingCalendar>,
    pub(crate) parameters: Parameters,
    pub(crate) procedures: Procedures,
    pub(crate) discretion: Discretion,
    pub(crate) notices: BTreeMap<String, Notice>,
    /// Steps of every procedure.
    pub(crate) steps: Vec<Step>,
    pub(crate) lists: BTreeMap<String, Value>,
    pub(crate) patterns: BTreeMap<String, Shape>,
    pub(crate) forms: Vec<LoadedForm>,
    pub(crate) opening: LoadedForm,
}

/// The shape of packs this engine reads, `schema` in `pack.toml`.
pub const SCHEMA: u32 = 1;

/// The version the folder says it is; a folder of a later shape says so first.
pub(crate) fn head_version(files: &Files) -> Result<String, PackFault> {
    let found = files.toml::<SchemaToml>("pack.toml")?.schema;
    if found == 0 || found > SCHEMA {
        let known = SCHEMA;
        return Err(PackFault::FutureSchema { found, known });
    }
    Ok(files.toml::<PackToml>("pack.toml")?.version)
}

/// A pattern of the pack, ready to match.
pub(crate) struct Shape {
    validator: Validator,
    pub text: String,
    pub hint: String,
}

impl Shape {
    pub(crate) fn new(pattern: &Pattern) -> Result<Self, String> {
        Ok(Self {
            validator: compile_pattern(&pattern.pattern)?,
            text: pattern.text.clone(),
            hint: pattern.hint.clone(),
        })
    }

    pub(crate) fn matches(&self, value: &Value) -> bool {
        self.validator.is_valid(value)
    }
}

impl Pack {
    /// From the folder a clerk edits. Folders `agencies` and names beginning with a dot are not part of the pack.
    pub fn load(dir: &Path) -> Result<Self, PackFault> {
        let files = Files::read(dir)?;
        let version = head_version(&files)?;
        let sha256 = journal::Hash::of(files.content(&version)?.as_bytes()).to_string();
        Self::whole(&files, version, sha256)
    }

    /// One signed file of the folder: a line of canonical JSON and a line with the signature over that line's bytes.
    /// A folder that would not load makes no bundle.
    pub fn bundle(
        dir: &Path,
        version: &str,
        key: &journal::SigningKey,
    ) -> Result<Vec<u8>, PackFault> {
        let files = Files::read(dir)?;
        Self::whole(&files, version.to_owned(), String::new())?;
        files.seal(version, key)
    }

    /// From a signed file. The signature is checked first, and the pack is taken whole or not at all.
    pub fn open(bytes: &[u8], key: &journal::PublicKey) -> Result<Self, PackFault> {
        let (version, files) = Files::unseal(bytes, key)?;
        Self::whole(&files, version, journal::Hash::of(bytes).to_string())
    }

    /// What a terminal does with a published pack: exactly the bytes headquarters announced, signed, of a shape this
    /// engine knows, and newer than the one in use. Anything else leaves the one in use where it is.
    pub fn open_newer(
        bytes: &[u8],
        key: &journal::PublicKey,
        sha256: &str,
        active: Option<&Pack>,
    ) -> Result<Self, PackFault> {
        crate::files::check_bundle_size(bytes)?;
        let found = journal::Hash::of(bytes).to_string();
        if found != sha256 {
            let wanted = sha256.to_owned();
            return Err(PackFault::Hash { found, wanted });
        }
        let pack = Self::open(bytes, key)?;
        match active {
            Some(active) if !pack.is_newer_than(active) => Err(PackFault::Older {
                found: pack.version().to_owned(),
                active: active.version().to_owned(),
            }),
            Some(_) | None => Ok(pack),
        }
    }

    /// Versions are compared number by number: `2026.11.2` is newer than `2026.9.30`.
    pub fn is_newer_than(&self, other: &Pack) -> bool {
        version_order(self.version(), other.version()).is_gt()
    }

    pub fn version(&self) -> &str {
        &self.0.version
    }

    pub fn title(&self) -> &str {
        &self.0.title
    }

    /// SHA-256 of the bundle it was opened from; of the canonical content where it was loaded from a folder.
    pub fn sha256(&self) -> String {
        self.0.sha256.clone()
    }

    pub fn forms(&self) -> impl Iterator<Item = &FormDefinition> {
        self.0.forms.iter().map(|form| &form.definition)
    }

    pub fn form(&self, code: &str) -> Option<Form<'_>> {
        self.0
            .forms
            .iter()
            .find(|form| form.definition.code == code)
            .map(|form| Form::new(&self.0, form))
    }

    /// What is asked when an inspection is opened: `party`, `vehicle`, `place`. Wrong entries block, missing ones are
    /// only pointed out. It is no instrument and not among [`Pack::forms`].
    pub fn opening(&self) -> Form<'_> {
        Form::new(&self.0, &self.0.opening)
    }

    pub fn basis_of(&self, refusal: &Refusal) -> Vec<Citation> {
        self.0
            .refusals
            .get(refusal.code())
            .cloned()
            .unwrap_or_default()
    }

    /// The articles behind a rule that code keeps, by its name.
    pub fn basis_of_rule(&self, rule: &str) -> Vec<Citation> {
        self.0.refusals.get(rule).cloned().unwrap_or_default()
    }

    pub fn limits(&self) -> &Limits {
        &self.0.limits
    }

    /// The calendar the agency works by: that of its place where it named one.
    pub fn calendar(&self, agency: &Value) -> &WorkingCalendar {
        self.0.calendar_of(agency)
    }

    /// A notice with the agency's names filled in; a name the agency does not have becomes a blank line.
    pub fn rights(&self, id: &str, agency: &Value) -> Option<RightsText> {
        self.0.notices.get(id).map(|notice| notice.fill(agency))
    }

    /// Every notice by id, as papers take them under `rights`.
    pub fn all_rights(&self, agency: &Value) -> BTreeMap<String, RightsText> {
        self.0
            .notices
            .iter()
            .map(|(id, notice)| (id.clone(), notice.fill(agency)))
            .collect()
    }

    pub fn search_violations(&self, text: &str, limit: usize) -> Vec<&Violation> {
        library::search(&self.0.violations, text, limit)
    }

    /// The whole powers list, entries that are no longer law included.
    pub fn violations(&self) -> impl Iterator<Item = &Violation> {
        self.0.violations.iter()
    }

    /// Also finds entries that are no longer law; see [`Violation::is_in_force`].
    pub fn violation(&self, code: &str) -> Option<&Violation> {
        self.0.violation(code)
    }

    /// The law a citation names, with its full title and validity: the newest version there is.
    pub fn law_text(&self, citation: &Citation) -> Option<&LawText> {
        self.0.laws.newest(&citation.law)
    }

    /// The version of a law, by short or full title, that was in force on a day.
    pub fn law_in_force(&self, name: &str, on: NaiveDate) -> Option<&LawText> {
        self.0.laws.in_force(name, on)
    }

    /// Every version of every law.
    pub fn laws(&self) -> impl Iterator<Item = &LawText> {
        self.0.laws.all()
    }

    pub fn required_notices(&self, form: &str) -> Vec<String> {
        self.form(form)
            .map(|form| form.required_notices().to_vec())
            .unwrap_or_default()
    }

    /// The steps of one procedure, in order.
    pub fn steps<'a>(&'a self, procedure: &'a str) -> impl Iterator<Item = &'a Step> {
        let steps = self.0.steps.iter();
        steps.filter(move |step| step.procedures.iter().any(|code| code == procedure))
    }

    pub fn procedures(&self) -> &[Procedure] {
        &self.0.procedures.known
    }

    /// A list of the pack, e.g. `av_recording`: the whole file, its rows under `row`.
    pub fn list(&self, name: &str) -> Option<&Value> {
        self.0.lists.get(name)
    }

    pub fn lists(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0
            .lists
            .iter()
            .map(|(name, list)| (name.as_str(), list))
    }

    fn whole(files: &Files, version: String, sha256: String) -> Result<Self, PackFault> {
        let pack = Self::parse(files, version, sha256)?;
        match pack.0.broken_references(files).into_iter().next() {
            Some(fault) => Err(fault),
            None => Ok(pack),
        }
    }

    /// Every file reads, but what they name may not be there.
    pub(crate) fn parse(files: &Files, version: String, sha256: String) -> Result<Self, PackFault> {
        head_version(files)?;
        let head: PackToml = files.toml("pack.toml")?;
        if version.is_empty()
            || version.chars().count() > 64
            || version.chars().any(char::is_control)
        {
            let line = files.line_of("pack.toml", "version");
            return Err(PackFault::content(
                "pack.toml",
                line,
                "the version is 1 to 64 characters",
            ));
        }
        bounds::form_codes(&head.forms)?;
        let limits: LimitsToml = files.toml("limits.toml")?;
        let violations: ViolationsToml = files.toml("violations.toml")?;
        let blocks: BTreeMap<String, BlockToml> = files.toml("blocks.toml")?;
        blocks.values().try_for_each(bounds::block)?;
        let block_schema = files.json("blocks.schema.json")?;
        let parameters = Parameters::read(files)?;
        let calendar = tables::calendar(files)?;
        let steps = files.toml::<GuidanceToml>("guidance.toml")?.step;
        let inner = Inner {
            steps,
            lists: tables::lists(files)?,
            procedures: Procedures::read(files, &parameters)?,
            discretion: Discretion::read(files)?,
            parameters,
            laws: tables::laws(files)?,
            refusals: tables::refusals(files)?,
            overlays: tables::overlays(files, &calendar)?,
            calendar,
            notices: tables::notices(files)?,
            patterns: tables::patterns(files, &head)?,
            forms: head
                .forms
                .iter()
                .map(|code| {
                    let folder = format!("forms/{code}");
                    LoadedForm::read(files, &folder, &blocks, &block_schema)
                })
                .collect::<Result<_, _>>()?,
            opening: LoadedForm::read(files, "opening", &blocks, &block_schema)?,
            limits: tables::amounts(files, &limits)?,
            time_limits: limits.time_limit,
            violations: violations.violation,
            version,
            title: head.title,
            sha256,
        };
        bounds::tables(&inner)?;
        Ok(Self(Arc::new(inner)))
    }
}

/// Parts between dots, hyphens and the like; numbers by value and before words.
pub(crate) fn version_order(one: &str, other: &str) -> std::cmp::Ordering {
    let parts = |version: &str| -> Vec<(bool, u64, String)> {
        let parts = version.split(|c: char| !c.is_alphanumeric());
        parts
            .map(|part| match part.parse::<u64>() {
                Ok(number) => (false, number, String::new()),
                Err(_) => (true, 0, part.to_owned()),
            })
            .collect()
    };
    parts(one).cmp(&parts(other))
}

impl Inner {
    pub(crate) fn has_form(&self, code: &str) -> bool {
        self.forms.iter().any(|form| form.definition.code == code)
    }

    pub(crate) fn violation(&self, code: &str) -> Option<&Violation> {
        self.violations
            .iter()
            .find(|violation| violation.code == code)
    }
}
