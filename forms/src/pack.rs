//! A pack: the law and the forms of one kind of agency, loaded whole and shared cheaply.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use chrono::NaiveDate;
use jsonschema::Validator;
use law::{Citation, Due, Refusal, WorkingCalendar, YearTable};
use serde_json::{Value, json};

use crate::files::Files;
use crate::form::{Form, LoadedForm};
use crate::library::{self, LawText, Limits, NamedLimit, Notice, RightsText, Step, Violation};
use crate::source::{
    ArticlesToml, BlockToml, CalendarToml, GuidanceToml, LimitsToml, PackToml, Pattern,
    RefusalsToml, ViolationsToml,
};
use crate::{FormDefinition, PackFault};

/// 规则包 – forms, articles, violations, limits, calendars and notices of one version.
#[derive(Clone)]
pub struct Pack(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    version: String,
    title: String,
    sha256: String,
    pub(crate) laws: BTreeMap<String, LawText>,
    pub(crate) violations: Vec<Violation>,
    refusals: BTreeMap<String, Vec<Citation>>,
    pub(crate) limits: Limits,
    time_limits: Vec<NamedLimit>,
    calendar: WorkingCalendar,
    notices: BTreeMap<String, Notice>,
    guidance: Vec<Step>,
    pub(crate) patterns: BTreeMap<String, Shape>,
    forms: Vec<LoadedForm>,
}

/// A pattern of the pack, ready to match.
pub(crate) struct Shape {
    validator: Validator,
    pub text: String,
    pub hint: String,
}

impl Shape {
    fn new(pattern: &Pattern) -> Result<Self, String> {
        let schema = json!({ "type": "string", "pattern": pattern.pattern });
        Ok(Self {
            validator: jsonschema::draft202012::new(&schema).map_err(|fault| fault.to_string())?,
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
        let version = files.toml::<PackToml>("pack.toml")?.version;
        let sha256 = journal::Hash::of(files.content(&version)?.as_bytes()).to_string();
        Self::parse(&files, version, sha256)
    }

    /// One signed file of the folder: a line of canonical JSON and a line with the signature over that line's bytes.
    /// A folder that would not load makes no bundle.
    pub fn bundle(
        dir: &Path,
        version: &str,
        key: &journal::SigningKey,
    ) -> Result<Vec<u8>, PackFault> {
        let files = Files::read(dir)?;
        Self::parse(&files, version.to_owned(), String::new())?;
        files.seal(version, key)
    }

    /// From a signed file. The signature is checked first, and the pack is taken whole or not at all.
    pub fn open(bytes: &[u8], key: &journal::PublicKey) -> Result<Self, PackFault> {
        let (version, files) = Files::unseal(bytes, key)?;
        Self::parse(&files, version, journal::Hash::of(bytes).to_string())
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

    pub fn basis_of(&self, refusal: &Refusal) -> Vec<Citation> {
        self.0
            .refusals
            .get(refusal.code())
            .cloned()
            .unwrap_or_default()
    }

    pub fn limits(&self) -> &Limits {
        &self.0.limits
    }

    pub fn calendar(&self) -> &WorkingCalendar {
        &self.0.calendar
    }

    pub fn time_limit(&self, name: &str) -> Option<&NamedLimit> {
        self.0.time_limit(name)
    }

    /// Limits that `event` (`issued`, `delivered`) starts for a form. Ask [`NamedLimit::applies`] with the value.
    pub fn time_limits_for(&self, form: &str, event: &str) -> Vec<&NamedLimit> {
        self.0
            .time_limits
            .iter()
            .filter(|limit| limit.starts_on == event && limit.forms.iter().any(|code| code == form))
            .collect()
    }

    /// Absent only beyond the end of the calendar.
    pub fn due(&self, limit: &NamedLimit, from: NaiveDate) -> Option<Due> {
        limit.limit.due(from, &self.0.calendar)
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

    /// Also finds entries that are no longer law; see [`Violation::is_in_force`].
    pub fn violation(&self, code: &str) -> Option<&Violation> {
        self.0.violation(code)
    }

    /// The law a citation names, with its full title and validity.
    pub fn law_text(&self, citation: &Citation) -> Option<&LawText> {
        self.0.laws.get(&citation.law)
    }

    pub fn required_notices(&self, form: &str) -> Vec<String> {
        self.form(form)
            .map(|form| form.required_notices().to_vec())
            .unwrap_or_default()
    }

    /// The steps of the simple procedure, in order.
    pub fn guidance(&self) -> &[Step] {
        &self.0.guidance
    }

    fn parse(files: &Files, version: String, sha256: String) -> Result<Self, PackFault> {
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
        let limits: LimitsToml = files.toml("limits.toml")?;
        let violations: ViolationsToml = files.toml("violations.toml")?;
        let blocks: BTreeMap<String, BlockToml> = files.toml("blocks.toml")?;
        let block_schema = files.json("blocks.schema.json")?;
        let inner = Inner {
            laws: laws(files)?,
            refusals: refusals(files)?,
            calendar: calendar(files)?,
            notices: notices(files)?,
            guidance: files.toml::<GuidanceToml>("guidance.toml")?.step,
            patterns: patterns(files, &head)?,
            forms: head
                .forms
                .iter()
                .map(|code| LoadedForm::read(files, code, &blocks, &block_schema))
                .collect::<Result<_, _>>()?,
            limits: amounts(files, &limits)?,
            time_limits: limits.time_limit,
            violations: violations.violation,
            version,
            title: head.title,
            sha256,
        };
        inner.check_references(files)?;
        Ok(Self(Arc::new(inner)))
    }
}

impl Inner {
    pub(crate) fn time_limit(&self, name: &str) -> Option<&NamedLimit> {
        self.time_limits.iter().find(|limit| limit.name == name)
    }

    pub(crate) fn violation(&self, code: &str) -> Option<&Violation> {
        self.violations
            .iter()
            .find(|violation| violation.code == code)
    }

    pub(crate) fn due(&self, name: &str, from: NaiveDate) -> Option<NaiveDate> {
        let due = self.time_limit(name)?.limit.due(from, &self.calendar)?;
        Some(due.legal_due)
    }

    pub(crate) fn applies(&self, name: &str, value: &Value) -> bool {
        self.time_limit(name)
            .is_some_and(|limit| limit.applies(value))
    }

    /// Everything named somewhere exists: laws and articles, forms, notices, time limits, steps.
    fn check_references(&self, files: &Files) -> Result<(), PackFault> {
        for violation in &self.violations {
            let cited = violation.violated.iter().chain(&violation.basis);
            self.check_citations(files, "violations.toml", cited)?;
            for band in [violation.person, violation.organisation]
                .into_iter()
                .flatten()
            {
                if band.min_fen < 0 || band.max_fen < band.min_fen {
                    let line = files.line_of("violations.toml", &violation.code);
                    return Err(PackFault::content(
                        "violations.toml",
                        line,
                        "the band is upside down",
                    ));
                }
            }
        }
        for cited in self.refusals.values() {
            self.check_citations(files, "refusals.toml", cited)?;
        }
        let limits = &self.limits;
        for cited in [
            &limits.summary_basis,
            &limits.on_the_spot_basis,
            &limits.ordinary_basis,
            &limits.surcharge_basis,
            &limits.age_basis,
        ] {
            self.check_citations(files, "limits.toml", cited)?;
        }
        for limit in &self.time_limits {
            self.check_citations(files, "limits.toml", &limit.basis)?;
            for code in &limit.forms {
                self.check_form(files, "limits.toml", code)?;
            }
            if !["issued", "delivered"].contains(&limit.starts_on.as_str()) {
                let line = files.line_of("limits.toml", &limit.starts_on);
                let reason = format!("{:?} starts no time limit", limit.starts_on);
                return Err(PackFault::content("limits.toml", line, reason));
            }
        }
        for (id, notice) in &self.notices {
            self.check_citations(files, &format!("rights/{id}.txt"), &notice.basis)?;
        }
        for (at, step) in self.guidance.iter().enumerate() {
            self.check_citations(files, "guidance.toml", &step.basis)?;
            let line = files.line_of("guidance.toml", &step.key);
            let fault = |reason| Err(PackFault::content("guidance.toml", line, reason));
            if let Some(code) = &step.form {
                self.check_form(files, "guidance.toml", code)?;
            }
            if let Some(id) = step
                .notice
                .as_ref()
                .filter(|id| !self.notices.contains_key(*id))
            {
                return fault(format!("there is no notice {id}"));
            }
            let earlier = self.guidance.iter().take(at);
            for key in &step.after {
                if !earlier.clone().any(|other| &other.key == key) {
                    return fault(format!("no earlier step has the key {key}"));
                }
            }
        }
        for form in &self.forms {
            let file = format!("forms/{}/form.toml", form.definition.code);
            self.check_citations(files, &file, form.citations())?;
            for id in form.definition.rights.iter().chain(&form.required_notices) {
                if !self.notices.contains_key(id) {
                    let line = files.line_of(&file, id);
                    return Err(PackFault::content(
                        &file,
                        line,
                        format!("there is no notice {id}"),
                    ));
                }
            }
            for name in form.computed.values() {
                if self.time_limit(name).is_none() {
                    let line = files.line_of(&file, name);
                    let reason = format!("there is no time limit {name}");
                    return Err(PackFault::content(&file, line, reason));
                }
            }
        }
        Ok(())
    }

    fn check_form(&self, files: &Files, file: &str, code: &str) -> Result<(), PackFault> {
        if self.forms.iter().any(|form| form.definition.code == code) {
            return Ok(());
        }
        let line = files.line_of(file, code);
        Err(PackFault::content(
            file,
            line,
            format!("there is no form {code}"),
        ))
    }

    fn check_citations<'a>(
        &self,
        files: &Files,
        file: &str,
        cited: impl IntoIterator<Item = &'a Citation>,
    ) -> Result<(), PackFault> {
        for citation in cited {
            let known = self
                .laws
                .get(&citation.law)
                .and_then(|law| law.gist(&citation.article));
            if known.is_none() {
                let text = format!("{} {}", citation.law, citation.article);
                let line = files.line_of(file, &text);
                let reason = format!("articles.toml has no {text}");
                return Err(PackFault::content(file, line, reason));
            }
        }
        Ok(())
    }
}

fn laws(files: &Files) -> Result<BTreeMap<String, LawText>, PackFault> {
    let articles: ArticlesToml = files.toml("articles.toml")?;
    let mut laws = BTreeMap::new();
    for law in articles.law {
        let short = law.short.clone();
        if laws.insert(short.clone(), law).is_some() {
            let line = files.line_of("articles.toml", &short);
            return Err(PackFault::content(
                "articles.toml",
                line,
                format!("{short} stands twice"),
            ));
        }
    }
    Ok(laws)
}

fn refusals(files: &Files) -> Result<BTreeMap<String, Vec<Citation>>, PackFault> {
    const FILE: &str = "refusals.toml";
    let table: RefusalsToml = files.toml(FILE)?;
    for code in table.basis.keys().chain(&table.no_basis) {
        if !Refusal::CODES.contains(&code.as_str()) {
            let line = files.line_of(FILE, code);
            return Err(PackFault::content(
                FILE,
                line,
                format!("there is no refusal {code}"),
            ));
        }
    }
    for code in Refusal::CODES {
        let is_named = table.no_basis.iter().any(|name| name == code);
        if table.basis.contains_key(*code) == is_named {
            let reason = format!("{code} stands either under basis or in no_basis");
            return Err(PackFault::content(FILE, files.line_of(FILE, code), reason));
        }
    }
    Ok(table
        .basis
        .into_iter()
        .map(|(code, list)| (code, list.0))
        .collect())
}

fn calendar(files: &Files) -> Result<WorkingCalendar, PackFault> {
    let mut years = Vec::new();
    for file in files.under("calendars/") {
        let table: CalendarToml = files.toml(file)?;
        let mut off = Vec::new();
        for span in &table.off {
            if span.to < span.from || (span.to - span.from).num_days() > 31 {
                let line = files.line_of(file, &span.from.to_string());
                return Err(PackFault::content(
                    file,
                    line,
                    "the days off are upside down or too long",
                ));
            }
            off.extend(span.from.iter_days().take_while(|day| *day <= span.to));
        }
        years.push(YearTable {
            year: table.year,
            off,
            make_up: table.make_up,
        });
    }
    WorkingCalendar::new(years)
        .map_err(|fault| PackFault::content("calendars", 0, fault.to_string()))
}

fn notices(files: &Files) -> Result<BTreeMap<String, Notice>, PackFault> {
    let mut notices = BTreeMap::new();
    for file in files.under("rights/") {
        let notice = Notice::parse(files.text(file)?)
            .map_err(|(line, reason)| PackFault::content(file, line, reason))?;
        if let Some(name) = notice
            .placeholders()
            .find(|name| !AGENCY_NAMES.contains(name))
        {
            let line = files.line_of(file, name);
            return Err(PackFault::content(
                file,
                line,
                format!("{{{name}}} is not known"),
            ));
        }
        let id = file.trim_start_matches("rights/").trim_end_matches(".txt");
        notices.insert(id.to_owned(), notice);
    }
    Ok(notices)
}

/// What a notice may name.
const AGENCY_NAMES: [&str; 11] = [
    "agency.name",
    "agency.short_name",
    "agency.address",
    "agency.postcode",
    "agency.contact",
    "agency.phone",
    "agency.complaint_phone",
    "agency.reconsideration_organ",
    "agency.court",
    "agency.bank",
    "agency.bank_account",
];

fn patterns(files: &Files, head: &PackToml) -> Result<BTreeMap<String, Shape>, PackFault> {
    head.patterns
        .iter()
        .map(|(name, pattern)| {
            let shape = Shape::new(pattern).map_err(|reason| {
                let line = files.line_of("pack.toml", &format!("patterns.{name}"));
                PackFault::content("pack.toml", line, reason)
            })?;
            Ok((name.clone(), shape))
        })
        .collect()
}

fn amounts(files: &Files, table: &LimitsToml) -> Result<Limits, PackFault> {
    let payment = table
        .time_limit
        .iter()
        .find(|limit| limit.name == "payment")
        .ok_or_else(|| PackFault::content("limits.toml", 0, "there is no time limit payment"))?;
    for amount in [
        table.summary.person_fen,
        table.summary.organisation_fen,
        table.summary.sole_trader_fen,
        table.on_the_spot.fen,
    ] {
        if amount < 0 {
            let line = files.line_of("limits.toml", &amount.to_string());
            return Err(PackFault::content(
                "limits.toml",
                line,
                "an amount is negative",
            ));
        }
    }
    Ok(Limits {
        summary_person_fen: table.summary.person_fen,
        summary_organisation_fen: table.summary.organisation_fen,
        summary_sole_trader_fen: table.summary.sole_trader_fen,
        summary_basis: table.summary.basis.clone(),
        on_the_spot_fen: table.on_the_spot.fen,
        on_the_spot_basis: table.on_the_spot.basis.clone(),
        payment_days: payment.limit.days,
        payment_basis: payment.basis.clone(),
        ordinary_decision_days: table.ordinary.days,
        ordinary_basis: table.ordinary.basis.clone(),
        surcharge_permille_per_day: table.surcharge.permille_per_day,
        surcharge_basis: table.surcharge.basis.clone(),
        penalty_age: table.age.penalty,
        full_age: table.age.full,
        age_basis: table.age.basis.clone(),
    })
}
