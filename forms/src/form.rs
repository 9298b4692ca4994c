//! One form of a pack: its definition, its papers, and what can be asked of it.

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset, NaiveDate};
use jsonschema::Validator;
use law::{Citation, Finding};
use serde_json::{Value, json};

use crate::bounds;
use crate::check;
use crate::files::Files;
use crate::pack::Inner;
use crate::rules::source::{Rule, RulesToml};
use crate::signers::{self, SignerToml};
use crate::source::{BlockToml, FormToml};
use crate::value;
use crate::{DossierPlace, Field, FieldKind, FormDefinition, Pack, PackFault, Section};

/// What checking depends on besides the value: time, agency, fonts, and what was told.
pub struct CheckContext<'a> {
    pub today: NaiveDate,
    pub now: DateTime<FixedOffset>,
    pub agency: &'a Value,
    /// The characters of a text that no font has.
    pub missing_glyphs: &'a dyn Fn(&str) -> Vec<char>,
    /// Ids of the notices already told in this case.
    pub told: &'a [String],
    pub pack: &'a Pack,
}

/// 文书 as the pack defines it.
#[derive(Clone, Copy)]
pub struct Form<'a> {
    pub(crate) pack: &'a Inner,
    pub(crate) form: &'a LoadedForm,
}

pub(crate) struct LoadedForm {
    pub definition: FormDefinition,
    pub volume: DossierPlace,
    pub signers: Vec<SignerToml>,
    pub required_notices: Vec<String>,
    pub is_preliminary: bool,
    pub prefill: BTreeMap<String, Vec<String>>,
    pub templates: BTreeMap<String, String>,
    pub default_rows: BTreeMap<String, Vec<Value>>,
    pub defaults: BTreeMap<String, String>,
    pub default_citations: BTreeMap<String, Vec<Citation>>,
    pub computed: BTreeMap<String, String>,
    pub rules: Vec<Rule>,
    /// Block and path of fields that are required once anything of an optional block is there.
    pub required_once_begun: Vec<(String, String)>,
    pub schema: Validator,
    paper: String,
    ticket: String,
}

impl<'a> Form<'a> {
    pub(crate) fn new(pack: &'a Inner, form: &'a LoadedForm) -> Self {
        Self { pack, form }
    }

    pub fn definition(&self) -> &'a FormDefinition {
        &self.form.definition
    }

    /// Everything the form and the law still ask for, at once, in the order of the fields.
    pub fn check(&self, value: &Value, context: &CheckContext) -> Vec<Finding> {
        check::findings(self, value, context)
    }

    /// The value a new instrument starts with, from the facts of the case: `party`, `vehicle`, `place`, `officers`,
    /// `now`, `presented_at`, `reason`, `reason_note`, `agency`, `told` (notice id → time). Absent facts stay absent.
    pub fn prefill(&self, facts: &Value) -> Value {
        let mut start = json!({});
        for (path, words) in &self.form.defaults {
            value::set(&mut start, path, json!(words));
        }
        for (path, citations) in &self.form.default_citations {
            let rows = citations.iter().map(|citation| self.pack.cite(citation));
            value::set(&mut start, path, rows.collect());
        }
        for (path, rows) in &self.form.default_rows {
            value::set(&mut start, path, Value::Array(rows.clone()));
        }
        for (path, template) in &self.form.templates {
            if let Some(text) = filled(template, facts) {
                value::set(&mut start, path, json!(text));
            }
        }
        for (path, sources) in &self.form.prefill {
            let found = sources
                .iter()
                .filter_map(|source| value::get(facts, source));
            let mut found = found.filter(|fact| !value::is_empty(Some(fact)));
            if let Some(fact) = found.next() {
                value::set(&mut start, path, fact.clone());
            }
        }
        let today = value::text(facts, "now")
            .get(..10)
            .and_then(|text| text.parse().ok());
        match today {
            Some(today) => {
                self.complete(&start, today, facts.get("agency").unwrap_or(&Value::Null))
            }
            None => start,
        }
    }

    /// Dates that follow from a time limit, e.g. `pay_by`, as if the instrument were issued and delivered on `on`.
    /// Where the limit does not run the date is taken out.
    pub fn complete(&self, value: &Value, on: NaiveDate, agency: &Value) -> Value {
        let mut completed = value.clone();
        for (path, limit) in &self.form.computed {
            match self
                .pack
                .due(limit, on, value, agency)
                .filter(|_| self.pack.applies(limit, value))
            {
                Some(due) => value::set(&mut completed, path, json!(due.to_string())),
                None => value::remove(&mut completed, path),
            }
        }
        completed
    }

    /// The value for paper: a `<field>_text` beside every choice, citations spelt out with full titles, and computed
    /// dates reckoned from `issued_on` where it is there.
    pub fn labels(&self, value: &Value, agency: &Value) -> Value {
        let issued_on = value::text(value, "issued_on").parse().ok();
        let mut labelled = match issued_on {
            Some(on) => self.complete(value, on, agency),
            None => value.clone(),
        };
        for section in &self.form.definition.sections {
            label_fields(self.pack, &section.fields, &mut labelled);
        }
        labelled
    }

    /// The evidence a value names: where it stands and its id.
    pub fn evidence(&self, value: &Value) -> Vec<(String, String)> {
        let mut found = Vec::new();
        for section in &self.form.definition.sections {
            named_evidence(&section.fields, value, "", &mut found);
        }
        found
    }

    pub fn paper(&self) -> &'a str {
        &self.form.paper
    }

    pub fn ticket(&self) -> &'a str {
        &self.form.ticket
    }

    pub fn number_series(&self) -> Option<&'a str> {
        self.form.definition.number_series.as_deref()
    }

    /// Where its documents lie in the dossier of a case.
    pub fn dossier_place(&self) -> DossierPlace {
        self.form.volume
    }

    pub fn required_notices(&self) -> &'a [String] {
        &self.form.required_notices
    }
}

/// `{party.name|party.org_name}涉嫌…`: each brace holds paths of the facts, of which the first that is there is taken; words
/// in quotes, `{violation|'＿＿'}`, are always there.
fn filled(template: &str, facts: &Value) -> Option<String> {
    let mut text = String::new();
    for (at, part) in template.split('{').enumerate() {
        let (paths, rest) = match part.split_once('}') {
            Some(found) if at > 0 => found,
            _ => {
                text.push_str(part);
                continue;
            }
        };
        let mut words = paths.split('|').map(str::trim).map(|path| {
            let quoted = path
                .strip_prefix('\'')
                .and_then(|rest| rest.strip_suffix('\''));
            quoted.unwrap_or_else(|| value::text(facts, path))
        });
        text.push_str(words.find(|word| !word.is_empty())?);
        text.push_str(rest);
    }
    Some(text)
}

fn named_evidence(
    fields: &[Field],
    value: &Value,
    prefix: &str,
    found: &mut Vec<(String, String)>,
) {
    for field in fields {
        let path = format!("{prefix}{}", field.path);
        let held = value::get(value, &field.path).unwrap_or(&Value::Null);
        match (&field.kind, held) {
            (FieldKind::Evidence { .. }, Value::Array(items)) => {
                let ids = items.iter().filter_map(value::evidence_id);
                found.extend(ids.map(|id| (path.clone(), id.to_owned())));
            }
            (FieldKind::Evidence { .. }, one) => {
                found.extend(value::evidence_id(one).map(|id| (path, id.to_owned())));
            }
            (FieldKind::Rows { fields, .. }, Value::Array(rows)) => {
                for (at, row) in rows.iter().enumerate() {
                    named_evidence(fields, row, &format!("{path}.{at}."), found);
                }
            }
            (_, _) => {}
        }
    }
}

fn label_fields(pack: &Inner, fields: &[Field], value: &mut Value) {
    for field in fields {
        match &field.kind {
            FieldKind::Choice { options } => {
                let word = value::text(value, &field.path);
                let label = options.iter().find(|option| option.value == word);
                if let Some(label) = label.map(|option| json!(option.label)) {
                    value::set(value, &format!("{}_text", field.path), label);
                }
            }
            FieldKind::Violation => {
                let title = pack.violation(value::text(value, &field.path));
                if let Some(title) = title.map(|violation| json!(violation.title)) {
                    value::set(value, &format!("{}_text", field.path), title);
                }
            }
            FieldKind::Rows { fields, .. } => {
                for row in value::rows_mut(value, &field.path) {
                    label_fields(pack, fields, row);
                }
            }
            FieldKind::Citations => {
                for row in value::rows_mut(value, &field.path) {
                    pack.spell_out(row);
                }
            }
            FieldKind::Text
            | FieldKind::LongText
            | FieldKind::Date
            | FieldKind::DateTime
            | FieldKind::Integer { .. }
            | FieldKind::Money
            | FieldKind::Flag
            | FieldKind::Plate
            | FieldKind::ResidentId
            | FieldKind::CreditCode
            | FieldKind::Phone
            | FieldKind::Evidence { .. }
            | FieldKind::Shown => {}
        }
    }
}

impl Inner {
    /// A citation as values hold it: full title, and `43(1)(2)` parted into article, paragraph and item.
    pub(crate) fn cite(&self, citation: &Citation) -> Value {
        let mut cited = json!({ "law": citation.law, "article": citation.article });
        self.spell_out(&mut cited);
        cited
    }

    /// Short titles become full ones. What is already parted, or is not the library's, stays as it is.
    pub(crate) fn spell_out(&self, cited: &mut Value) {
        if let Some(law) = self.laws.newest(value::text(cited, "law")) {
            value::set(cited, "law", json!(law.title));
        }
        let article = value::text(cited, "article").to_owned();
        let mut parts = article.split('(').map(|part| part.trim_end_matches(')'));
        if let (Some(article), Some(paragraph)) = (parts.next(), parts.next()) {
            value::set(cited, "article", json!(article));
            value::set(cited, "paragraph", json!(paragraph));
            if let Some(item) = parts.next() {
                value::set(cited, "item", json!(item));
            }
        }
    }
}

impl Pack {
    /// A citation as values hold it: `{law, article, paragraph?, item?}` with the full title of the law.
    pub fn cite(&self, citation: &Citation) -> Value {
        self.0.cite(citation)
    }
}

impl LoadedForm {
    pub(crate) fn read(
        files: &Files,
        folder: &str,
        blocks: &BTreeMap<String, BlockToml>,
        block_schema: &Value,
    ) -> Result<Self, PackFault> {
        let file = format!("{folder}/form.toml");
        let code = folder.rsplit('/').next().unwrap_or(folder);
        let form: FormToml = files.toml(&file)?;
        bounds::form(&file, &form)?;
        let mut rules = Vec::new();
        if form.code != code {
            let line = files.line_of(&file, "code");
            let reason = format!("the form in this folder has the code {}", form.code);
            return Err(PackFault::content(&file, line, reason));
        }
        let mut required_once_begun = Vec::new();
        let mut sections = Vec::new();
        for section in &form.sections {
            let fault = |needle: &str, reason: String| {
                PackFault::content(&file, files.line_of(&file, needle), reason)
            };
            let mut fields = Vec::new();
            if let Some(name) = &section.block {
                let block = blocks
                    .get(name)
                    .ok_or_else(|| fault(name, format!("blocks.toml has no block {name}")))?;
                rules.extend(block.rules.iter().cloned());
                for field in &block.fields {
                    let mut field = field
                        .field(name)
                        .map_err(|reason| fault(name, format!("block {name}: {reason}")))?;
                    if section.is_optional && field.required {
                        required_once_begun.push((name.clone(), field.path.clone()));
                        field.required = false;
                    }
                    fields.push(field);
                }
            }
            for field in &section.fields {
                fields.push(
                    field
                        .field("")
                        .map_err(|reason| fault(&field.path, reason))?,
                );
            }
            sections.push(Section {
                key: section.key.clone(),
                title: section.title.clone(),
                fields,
            });
        }
        check_labels(&sections).map_err(|path| {
            let reason = format!("{path} is the place where the label of a choice is written");
            PackFault::content(&file, files.line_of(&file, &format!("\"{path}\"")), reason)
        })?;
        signers::check_slots(&form.signers).map_err(|(slot, reason)| {
            PackFault::content(&file, files.line_of(&file, &format!("\"{slot}\"")), reason)
        })?;
        let file = format!("{folder}/rules.toml");
        rules.extend(files.toml::<RulesToml>(&file)?.rule);
        bounds::rules(&file, &rules)?;
        Ok(Self {
            schema: schema(files, &format!("{folder}/schema.json"), block_schema)?,
            rules,
            paper: layout(files, &form, &format!("{folder}/paper.txt"))?,
            ticket: layout(files, &form, &format!("{folder}/ticket.txt"))?,
            definition: FormDefinition {
                code: form.code,
                title: form.title,
                purpose: form.purpose,
                sections,
                signers: signers::fixed(&form.signers),
                rights: form.rights,
                copies: form.copies.clone(),
                number_series: form.number_series,
                is_at_scene: !form.is_office,
                is_served: form
                    .is_served
                    .unwrap_or_else(|| form.copies.iter().any(|copy| copy == "当事人")),
            },
            volume: form.volume,
            signers: form.signers,
            required_notices: form.required_notices,
            is_preliminary: form.is_preliminary,
            prefill: form
                .prefill
                .into_iter()
                .map(|(path, sources)| (path, sources.into_list()))
                .collect(),
            templates: form.templates,
            default_rows: form.default_rows,
            defaults: form.defaults,
            default_citations: form
                .default_citations
                .into_iter()
                .map(|(path, list)| (path, list.0))
                .collect(),
            computed: form.computed,
            required_once_begun,
        })
    }

    pub(crate) fn fields(&self) -> impl Iterator<Item = &Field> {
        self.definition
            .sections
            .iter()
            .flat_map(|section| &section.fields)
    }

    /// A field, or something that holds fields.
    pub(crate) fn has_path(&self, path: &str) -> bool {
        let is_place = |key: &str| key == "*" || key.chars().all(|c| c.is_ascii_digit());
        let is_column = |field: &Field| match &field.kind {
            FieldKind::Rows { fields, .. } => {
                let inside = path.strip_prefix(&field.path);
                let inside = inside.and_then(|rest| rest.strip_prefix('.')?.split_once('.'));
                inside.is_some_and(|(place, column)| {
                    is_place(place) && fields.iter().any(|field| field.path == column)
                })
            }
            _ => false,
        };
        if self.fields().any(is_column) {
            return true;
        }
        let inside = format!("{path}.");
        self.fields()
            .any(|field| field.path == path || field.path.starts_with(&inside))
    }

    /// A field, a column of rows (`items.*.name`), something that holds fields, or what issuing adds.
    pub(crate) fn has_value(&self, path: &str) -> bool {
        const ADDED: [&str; 5] = ["number", "issued_on", "case", "agency", "rights"];
        let root = path.split('.').next().unwrap_or(path);
        ADDED.contains(&root) || self.has_path(path) || self.is_inside_shown(path)
    }

    /// Places, officers, citations and pieces of evidence hold more than fields tell.
    fn is_inside_shown(&self, path: &str) -> bool {
        self.fields().any(|field| {
            let is_open = matches!(
                field.kind,
                FieldKind::Shown | FieldKind::Citations | FieldKind::Evidence { .. }
            );
            is_open
                && path
                    .strip_prefix(&field.path)
                    .is_some_and(|rest| rest.starts_with('.'))
        })
    }

    pub(crate) fn paper(&self) -> &str {
        &self.paper
    }

    pub(crate) fn ticket(&self) -> &str {
        &self.ticket
    }

    /// Every path that conditions, rules and tables of the form name.
    pub(crate) fn named_paths(&self) -> impl Iterator<Item = &str> {
        let whens = self.fields().filter_map(|field| field.when.as_ref());
        let whens = whens.map(|when| when.path.as_str());
        let rules = self.rules.iter().flat_map(Rule::paths).map(String::as_str);
        let tables = self.prefill.keys().chain(self.defaults.keys());
        let tables = tables
            .chain(self.templates.keys())
            .chain(self.default_rows.keys());
        let tables = tables
            .chain(self.default_citations.keys())
            .chain(self.computed.keys());
        whens.chain(rules).chain(tables.map(String::as_str))
    }

    /// Citations by file; those of blocks are found in each form that takes the block in.
    pub(crate) fn cited(&self) -> [(String, Vec<&Citation>); 2] {
        let folder = self.folder();
        let fields = self.fields().flat_map(|field| &field.basis);
        let fields = fields.chain(self.default_citations.values().flatten());
        let rules = self.rules.iter().flat_map(Rule::basis);
        [
            (format!("{folder}/form.toml"), fields.collect()),
            (format!("{folder}/rules.toml"), rules.collect()),
        ]
    }

    pub(crate) fn folder(&self) -> String {
        if self.is_preliminary {
            return self.definition.code.clone();
        }
        format!("forms/{}", self.definition.code)
    }
}

/// `<choice>_text` is where paper finds the label of a choice; a field of that name would be written over.
fn check_labels(sections: &[Section]) -> Result<(), String> {
    let mut tables: Vec<Vec<&Field>> = vec![
        sections
            .iter()
            .flat_map(|section| &section.fields)
            .collect(),
    ];
    let rows = tables
        .iter()
        .flatten()
        .filter_map(|field| match &field.kind {
            FieldKind::Rows { fields, .. } => Some(fields.iter().collect::<Vec<_>>()),
            _ => None,
        });
    let rows: Vec<_> = rows.collect();
    tables.extend(rows);
    for table in tables {
        for choice in &table {
            let label = format!("{}_text", choice.path);
            let is_choice = matches!(choice.kind, FieldKind::Choice { .. } | FieldKind::Violation);
            if is_choice && table.iter().any(|field| field.path == label) {
                return Err(label);
            }
        }
    }
    Ok(())
}

/// What is never an instrument has no paper.
fn layout(files: &Files, form: &FormToml, file: &str) -> Result<String, PackFault> {
    if form.is_preliminary {
        return Ok(String::new());
    }
    let layout = files.text(file)?;
    signers::check_layout(&form.signers, layout)
        .map_err(|(line, reason)| PackFault::content(file, line, reason))?;
    paper::Layout::parse(layout)
        .map_err(|fault| PackFault::content(file, fault.line, fault.reason))?;
    Ok(layout.to_owned())
}

/// Relative references reach `blocks.schema.json` and nothing else; nothing is ever fetched.
fn schema(files: &Files, file: &str, blocks: &Value) -> Result<Validator, PackFault> {
    let schema = files.json(file)?;
    crate::schema::compile(&schema, file, blocks)
        .map_err(|reason| PackFault::content(file, 0, reason))
}
