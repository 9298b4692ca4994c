//! How much a pack may hold. Every bound is far above what a real pack has; a hostile one is stopped here.

use crate::PackFault;
use crate::pack::Inner;
use crate::rules::source::Rule;
use crate::source::{BlockToml, FieldToml, FormToml};

const FORMS_MAX: usize = 200;
const SECTIONS_MAX: usize = 100;
const FIELDS_MAX: usize = 600;
const FIELD_DEPTH_MAX: usize = 3;
const OPTIONS_MAX: usize = 300;
const RULES_MAX: usize = 200;
const WORDS_MAX: usize = 200;
const ROWS_MAX: usize = 2_000;
const PATH_BYTES_MAX: usize = 200;
const PATH_PARTS_MAX: usize = 12;
const TABLE_MAX: usize = 20_000;
const STEPS_MAX: usize = 500;

fn over(file: &str, what: &str, found: usize, most: usize) -> Result<(), PackFault> {
    if found <= most {
        return Ok(());
    }
    let reason = format!("{found} {what}, at most {most}");
    Err(PackFault::content(file, 0, reason))
}

pub(crate) fn form_codes(codes: &[String]) -> Result<(), PackFault> {
    over("pack.toml", "forms", codes.len(), FORMS_MAX)
}

pub(crate) fn form(file: &str, form: &FormToml) -> Result<(), PackFault> {
    over(file, "sections", form.sections.len(), SECTIONS_MAX)?;
    let mut count = 0;
    for section in &form.sections {
        fields(file, &section.fields, 1, &mut count)?;
    }
    over(file, "signers", form.signers.len(), SECTIONS_MAX)?;
    let defaults = form.default_rows.values().map(Vec::len).sum();
    over(file, "default rows", defaults, ROWS_MAX)?;
    let keys = form.prefill.keys().chain(form.defaults.keys());
    let keys = keys
        .chain(form.templates.keys())
        .chain(form.default_rows.keys());
    let keys = keys
        .chain(form.computed.keys())
        .chain(form.default_citations.keys());
    keys.map(String::as_str).try_for_each(|key| path(file, key))
}

pub(crate) fn block(block: &BlockToml) -> Result<(), PackFault> {
    let mut count = 0;
    fields("blocks.toml", &block.fields, 1, &mut count)?;
    rules("blocks.toml", &block.rules)
}

fn fields(
    file: &str,
    fields_: &[FieldToml],
    depth: usize,
    count: &mut usize,
) -> Result<(), PackFault> {
    *count += fields_.len();
    over(file, "fields", *count, FIELDS_MAX)?;
    for field in fields_ {
        path(file, &field.path)?;
        over(file, "options", field.options.len(), OPTIONS_MAX)?;
        let rows = field.max.and_then(|max| usize::try_from(max).ok());
        if field.kind == "rows" {
            over(file, "rows", rows.unwrap_or(0), ROWS_MAX)?;
        }
        if !field.fields.is_empty() {
            over(file, "levels of rows", depth + 1, FIELD_DEPTH_MAX)?;
            fields(file, &field.fields, depth + 1, count)?;
        }
    }
    Ok(())
}

fn path(file: &str, path: &str) -> Result<(), PackFault> {
    over(file, "bytes of a path", path.len(), PATH_BYTES_MAX)?;
    over(
        file,
        "parts of a path",
        path.split('.').count(),
        PATH_PARTS_MAX,
    )
}

pub(crate) fn rules(file: &str, rules: &[Rule]) -> Result<(), PackFault> {
    over(file, "rules", rules.len(), RULES_MAX)?;
    for rule in rules {
        if let Rule::ForbiddenWords { words, .. } | Rule::RowsContain { words, .. } = rule {
            over(file, "words", words.len(), WORDS_MAX)?;
        }
        rule.paths()
            .into_iter()
            .try_for_each(|path_| path(file, path_))?;
    }
    Ok(())
}

pub(crate) fn tables(pack: &Inner) -> Result<(), PackFault> {
    over(
        "violations.toml",
        "violations",
        pack.violations.len(),
        TABLE_MAX,
    )?;
    over(
        "limits.toml",
        "time limits",
        pack.time_limits.len(),
        STEPS_MAX,
    )?;
    over("guidance.toml", "steps", pack.steps.len(), STEPS_MAX)?;
    let articles = pack.laws.all().map(|law| law.articles.len()).sum();
    over("articles.toml", "articles", articles, TABLE_MAX)?;
    for law in pack.laws.all() {
        over(
            "articles.toml",
            "repealed clauses",
            law.repealed.len(),
            STEPS_MAX,
        )?;
    }
    Ok(())
}
