//! Everything named somewhere in a pack exists: laws and articles, forms, notices, time limits, steps.

use chrono::NaiveDate;
use law::Citation;
use serde_json::Value;

use crate::PackFault;
use crate::deadline::NamedLimit;
use crate::files::Files;
use crate::form::LoadedForm;
use crate::library::parse_citation;
use crate::pack::Inner;
use crate::rules::source::Rule;
use crate::signers::has_place;
use crate::{parameters, procedure, tables};

/// A citation, the file it stands in, and how long what cites it is law itself.
pub(crate) struct Cited<'a> {
    pub file: String,
    pub citation: &'a Citation,
    pub valid_from: Option<NaiveDate>,
    pub valid_to: Option<NaiveDate>,
    /// What is said beside it, where a repealed clause can be known by its words.
    pub said: &'a str,
}

impl Inner {
    /// Every mistake of this kind, in the order of the files.
    pub(crate) fn broken_references(&self, files: &Files) -> Vec<PackFault> {
        let mut check = Check {
            pack: self,
            files,
            faults: Vec::new(),
        };
        for cited in self.cited() {
            check.citation(&cited.file, cited.citation);
        }
        check.violations();
        check.time_limits();
        check.steps();
        check.lists();
        for form in self.forms.iter().chain([&self.opening]) {
            check.rules(form);
            check.paths(form);
        }
        for form in &self.forms {
            check.form_references(form);
        }
        check.faults
    }

    /// Every citation of the pack that is a place in a law; those of lists are texts and not among them.
    pub(crate) fn cited<'a>(&'a self) -> Vec<Cited<'a>> {
        let mut all: Vec<(String, &'a Citation)> = Vec::new();
        let mut add = |file: &str, citations: Vec<&'a Citation>| {
            all.extend(
                citations
                    .into_iter()
                    .map(|citation| (file.to_owned(), citation)),
            );
        };
        for cited in self.refusals.values() {
            add("refusals.toml", cited.iter().collect());
        }
        let limits = &self.limits;
        for cited in [
            &limits.summary_basis,
            &limits.on_the_spot_basis,
            &limits.ordinary_basis,
            &limits.surcharge_basis,
            &limits.age_basis,
        ] {
            add("limits.toml", cited.iter().collect());
        }
        for limit in &self.time_limits {
            add("limits.toml", limit.basis.iter().collect());
        }
        for (id, notice) in &self.notices {
            add(&format!("rights/{id}.txt"), notice.basis.iter().collect());
        }
        add(crate::advice::FILE, self.discretion.basis().collect());
        for step in &self.steps {
            add("guidance.toml", step.basis.iter().collect());
        }
        add(procedure::FILE, self.procedures.citations().collect());
        for parameter in self.parameters.all() {
            let bounds = parameter.at_most.iter().chain(&parameter.at_least);
            add(parameters::FILE, bounds.map(|bound| &bound.basis).collect());
        }
        for form in &self.forms {
            for (file, citations) in form.cited() {
                add(&file, citations);
            }
        }
        let timeless = all.into_iter().map(|(file, citation)| Cited {
            file,
            citation,
            valid_from: None,
            valid_to: None,
            said: "",
        });
        let violations = self.violations.iter().flat_map(|violation| {
            let cited = violation.violated.iter().chain(&violation.basis);
            cited.map(|citation| Cited {
                file: "violations.toml".to_owned(),
                citation,
                valid_from: violation.valid_from,
                valid_to: violation.valid_to,
                said: &violation.title,
            })
        });
        violations.chain(timeless).collect()
    }
}

struct Check<'a> {
    pack: &'a Inner,
    files: &'a Files,
    faults: Vec<PackFault>,
}

impl Check<'_> {
    fn fault(&mut self, file: &str, needle: &str, reason: String) {
        let line = self.files.line_of(file, needle);
        self.faults.push(PackFault::content(file, line, reason));
    }

    fn citation(&mut self, file: &str, citation: &Citation) {
        if !self.pack.laws.knows(citation) {
            let text = format!("{} {}", citation.law, citation.article);
            self.fault(file, &text, format!("articles.toml has no {text}"));
        }
    }

    fn violations(&mut self) {
        let pack = self.pack;
        for violation in &pack.violations {
            let tiers = violation.tier.iter();
            let bands = tiers.flat_map(|tier| [tier.person, tier.organisation]);
            let bands = bands.chain([violation.person, violation.organisation]);
            for band in bands.flatten() {
                if band.min_fen < 0 || band.max_fen < band.min_fen {
                    let needle = format!("\"{}\"", violation.code);
                    self.fault(
                        "violations.toml",
                        &needle,
                        "the band is upside down".to_owned(),
                    );
                }
            }
        }
    }

    fn time_limits(&mut self) {
        const FILE: &str = "limits.toml";
        let pack = self.pack;
        for limit in &pack.time_limits {
            for code in &limit.forms {
                self.form(FILE, code);
                let forms = pack.forms.iter();
                let mut forms = forms.filter(|form| &form.definition.code == code);
                if let Some(form) = forms.next() {
                    let whens = limit.when.iter().map(|when| &when.path);
                    for path in whens.chain(&limit.from).chain(&limit.until) {
                        if !form.has_path(path) {
                            self.fault(FILE, path, format!("{code} has no field {path}"));
                        }
                    }
                }
            }
            if !NamedLimit::is_start(&limit.starts_on) {
                let reason = format!("{:?} starts no time limit", limit.starts_on);
                self.fault(FILE, &limit.starts_on, reason);
            }
            if let crate::Length::Parameter(parameter) = &limit.limit.days
                && !pack.parameters.knows(&parameter.param)
            {
                let reason = format!("parameters.toml has no {}", parameter.param);
                self.fault(FILE, &parameter.param, reason);
            }
        }
    }

    fn steps(&mut self) {
        const FILE: &str = "guidance.toml";
        let pack = self.pack;
        for (at, step) in pack.steps.iter().enumerate() {
            if let Some(code) = &step.form {
                self.form(FILE, code);
            }
            if let Some(id) = &step.notice
                && !pack.notices.contains_key(id)
            {
                self.fault(
                    FILE,
                    &format!("\"{id}\""),
                    format!("there is no notice {id}"),
                );
            }
            let earlier = pack.steps.iter().take(at);
            for key in &step.after {
                if !earlier.clone().any(|other| &other.key == key) {
                    self.fault(
                        FILE,
                        &step.key,
                        format!("no earlier step has the key {key}"),
                    );
                }
            }
            if let Some(truth) = &step.only_if {
                self.truth(FILE, truth);
            }
            let needs = step.done.iter().flat_map(|need| need.all_parts());
            for code in needs.flat_map(|need| need.forms()) {
                self.form(FILE, code);
            }
        }
        for procedure in &pack.procedures.known {
            if let Some(truth) = &procedure.only_if {
                self.truth(crate::procedure::FILE, truth);
            }
        }
    }

    fn truth(&mut self, file: &str, truth: &str) {
        let mut names = self.pack.procedures.derived.iter();
        if !names.any(|derived| derived.name == truth) {
            self.fault(file, truth, format!("there is no truth {truth}"));
        }
    }

    fn lists(&mut self) {
        let pack = self.pack;
        for (name, list) in &pack.lists {
            let file = format!("lists/{name}.toml");
            for text in tables::list_citations(list) {
                match parse_citation(text) {
                    Some(citation) => self.citation(&file, &citation),
                    None => {
                        let reason = format!("{text:?} is no citation; write 法规简称 条");
                        self.fault(&file, text, reason);
                    }
                }
            }
        }
    }

    /// A key no rule knows would be left out in silence.
    fn rules(&mut self, form: &LoadedForm) {
        let said = form.rules.iter().filter_map(Rule::said);
        for key in said.flat_map(|said| said.unknown.keys()) {
            let (file, line) = self.place(form, &[format!("{key} =")]);
            let reason = format!("no rule knows {key}");
            self.faults.push(PackFault::content(&file, line, reason));
        }
    }

    /// A misspelt path would make a rule silent, so it is a mistake of the pack.
    fn paths(&mut self, form: &LoadedForm) {
        for path in form.named_paths().filter(|path| !form.has_path(path)) {
            let (file, line) = self.place(form, &[format!("\"{path}\""), format!("{path} =")]);
            let reason = format!("{} has no field {path}", form.definition.code);
            self.faults.push(PackFault::content(&file, line, reason));
        }
        for signer in &form.signers {
            let unknown = signer.paths().into_iter();
            for path in unknown.filter(|path| !form.has_value(path)) {
                let (file, line) = self.place(form, &[format!("\"{}\"", signer.slot)]);
                let reason = format!("{} has no field {path}", form.definition.code);
                self.faults.push(PackFault::content(&file, line, reason));
            }
            if !form.is_preliminary && !has_place(signer, form.paper()) {
                let file = format!("{}/paper.txt", form.folder());
                let reason = format!("no place to sign for {}", signer.slot);
                self.faults.push(PackFault::content(&file, 0, reason));
            }
        }
    }

    /// Where one of the words stands in the files that make up a form.
    fn place(&self, form: &LoadedForm, needles: &[String]) -> (String, usize) {
        let folder = form.folder();
        let files = [
            format!("{folder}/form.toml"),
            format!("{folder}/rules.toml"),
            "blocks.toml".to_owned(),
        ];
        for file in &files {
            let lines = needles
                .iter()
                .map(|needle| self.files.line_of(file, needle));
            if let Some(line) = lines.max().filter(|line| *line > 0) {
                return (file.clone(), line);
            }
        }
        (format!("{folder}/form.toml"), 0)
    }

    fn form_references(&mut self, form: &LoadedForm) {
        let pack = self.pack;
        let file = format!("{}/form.toml", form.folder());
        let asked = form.rules.iter().filter_map(|rule| match rule {
            Rule::NoticeTold { notice, .. } => Some(notice),
            _ => None,
        });
        let printed = form.definition.rights.iter().chain(&form.required_notices);
        for id in printed.chain(asked) {
            if !pack.notices.contains_key(id) {
                self.fault(&file, id, format!("there is no notice {id}"));
            }
        }
        for name in form.computed.values() {
            if pack.time_limit(name).is_none() {
                self.fault(&file, name, format!("there is no time limit {name}"));
            }
        }
        for rows in form.default_rows.values() {
            if rows.iter().any(|row| !matches!(row, Value::Object(_))) {
                let reason = "a default row is a table of columns".to_owned();
                self.fault(&file, "default_rows", reason);
            }
        }
    }

    fn form(&mut self, file: &str, code: &str) {
        if !self.pack.has_form(code) {
            self.fault(
                file,
                &format!("\"{code}\""),
                format!("there is no form {code}"),
            );
        }
    }
}
