//! Everything named somewhere in a pack exists: laws and articles, forms, notices, time limits, steps.

use law::Citation;

use crate::PackFault;
use crate::deadline::NamedLimit;
use crate::files::Files;
use crate::form::LoadedForm;
use crate::library::parse_citation;
use crate::pack::Inner;
use crate::source::Rule;
use crate::{parameters, procedure, tables};

/// A key no rule knows would be left out in silence.
fn check_rules(files: &Files, form: &LoadedForm) -> Result<(), PackFault> {
    let said = form.rules.iter().filter_map(Rule::said);
    let Some(key) = said.flat_map(|said| said.unknown.keys()).next() else {
        return Ok(());
    };
    let code = &form.definition.code;
    let places = [
        format!("forms/{code}/rules.toml"),
        "opening/rules.toml".to_owned(),
        "blocks.toml".to_owned(),
    ];
    let found = |file: &String| (file.clone(), files.line_of(file, &format!("{key} =")));
    let place = places.iter().map(found).find(|(_, line)| *line > 0);
    let (file, line) = place.unwrap_or_else(|| (format!("forms/{code}/rules.toml"), 0));
    Err(PackFault::content(
        &file,
        line,
        format!("no rule knows {key}"),
    ))
}

impl Inner {
    pub(crate) fn check_references(&self, files: &Files) -> Result<(), PackFault> {
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
                let forms = self
                    .forms
                    .iter()
                    .filter(|form| &form.definition.code == code);
                for when in &limit.when {
                    if forms.clone().any(|form| !form.has_path(&when.path)) {
                        let line = files.line_of("limits.toml", &when.path);
                        let reason = format!("{code} has no field {}", when.path);
                        return Err(PackFault::content("limits.toml", line, reason));
                    }
                }
            }
            if !NamedLimit::is_start(&limit.starts_on) {
                let line = files.line_of("limits.toml", &limit.starts_on);
                let reason = format!("{:?} starts no time limit", limit.starts_on);
                return Err(PackFault::content("limits.toml", line, reason));
            }
        }
        for (id, notice) in &self.notices {
            self.check_citations(files, &format!("rights/{id}.txt"), &notice.basis)?;
        }
        for (at, step) in self.steps.iter().enumerate() {
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
            let earlier = self.steps.iter().take(at);
            for key in &step.after {
                if !earlier.clone().any(|other| &other.key == key) {
                    return fault(format!("no earlier step has the key {key}"));
                }
            }
        }
        self.check_citations(files, procedure::FILE, self.procedures.citations())?;
        for (name, list) in &self.lists {
            let file = format!("lists/{name}.toml");
            for text in tables::list_citations(list) {
                let Some(citation) = parse_citation(text) else {
                    let line = files.line_of(&file, text);
                    let reason = format!("{text:?} is no citation; write 法规简称 条");
                    return Err(PackFault::content(&file, line, reason));
                };
                self.check_citations(files, &file, [&citation])?;
            }
        }
        for step in &self.steps {
            let known = self.procedures.derived.iter();
            let mut names = known.map(|derived| derived.name.as_str());
            if let Some(truth) = step
                .only_if
                .as_deref()
                .filter(|truth| !names.any(|name| name == *truth))
            {
                let line = files.line_of("guidance.toml", truth);
                let reason = format!("there is no truth {truth}");
                return Err(PackFault::content("guidance.toml", line, reason));
            }
        }
        for parameter in self.parameters.all() {
            let bounds = parameter.at_most.iter().chain(&parameter.at_least);
            self.check_citations(files, parameters::FILE, bounds.map(|bound| &bound.basis))?;
        }
        for form in self.forms.iter().chain([&self.opening]) {
            self.check_paths(files, form)?;
        }
        for form in self.forms.iter().chain([&self.opening]) {
            check_rules(files, form)?;
        }
        for form in &self.forms {
            let file = format!("forms/{}/form.toml", form.definition.code);
            self.check_citations(files, &file, form.citations())?;
            let asked = form.rules.iter().filter_map(|rule| match rule {
                Rule::NoticeTold { notice, .. } => Some(notice),
                _ => None,
            });
            let printed = form.definition.rights.iter().chain(&form.required_notices);
            for id in printed.chain(asked) {
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

    /// A misspelt path would make a rule silent, so it is a mistake of the pack.
    fn check_paths(&self, files: &Files, form: &LoadedForm) -> Result<(), PackFault> {
        let code = &form.definition.code;
        let Some(path) = form.named_paths().find(|path| !form.has_path(path)) else {
            return Ok(());
        };
        let places = ["form.toml", "rules.toml"].map(|name| format!("forms/{code}/{name}"));
        let quoted = format!("\"{path}\"");
        let found = places
            .iter()
            .chain([&"blocks.toml".to_owned()])
            .map(|file| {
                (
                    file.clone(),
                    files
                        .line_of(file, &quoted)
                        .max(files.line_of(file, &format!("{path} ="))),
                )
            })
            .find(|(_, line)| *line > 0);
        let (file, line) = found.unwrap_or_else(|| (format!("forms/{code}/form.toml"), 0));
        Err(PackFault::content(
            &file,
            line,
            format!("{code} has no field {path}"),
        ))
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
            if !self.laws.knows(citation) {
                let text = format!("{} {}", citation.law, citation.article);
                let line = files.line_of(file, &text);
                let reason = format!("articles.toml has no {text}");
                return Err(PackFault::content(file, line, reason));
            }
        }
        Ok(())
    }
}
