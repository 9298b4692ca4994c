//! Layouts that name what the form does not have: it would be an empty blank on every sheet.

use paper::Named;

use super::{Lint, LintSeverity};
use crate::form::LoadedForm;
use crate::{Choice, Field, FieldKind};

/// What the sheet itself has, and what issuing adds beside the fields.
const OF_THE_SHEET: [&str; 6] = [
    "title",
    "document_id",
    "number",
    "refusal",
    "approvals",
    "review",
];

impl Lint<'_> {
    pub(super) fn papers(&mut self) {
        let pack = self.pack;
        for form in &pack.forms {
            for (file, source) in [("paper.txt", form.paper()), ("ticket.txt", form.ticket())] {
                self.paper(form, file, source);
            }
        }
    }

    fn paper(&mut self, form: &LoadedForm, file: &str, source: &str) {
        let Ok(layout) = paper::Layout::parse(source) else {
            return;
        };
        let file = format!("{}/{file}", form.folder());
        for named in layout.names() {
            if let Some((rule, reason, hint)) = objection(form, &named) {
                let place = (file.as_str(), named.written.as_str());
                self.find(LintSeverity::Error, rule, place, reason, hint);
            }
        }
    }
}

type Objection = (&'static str, String, &'static str);

fn objection(form: &LoadedForm, named: &Named) -> Option<Objection> {
    let Named {
        path,
        written,
        compared,
        worded,
    } = named;
    if path == "number" && form.definition.number_series.is_none() {
        let reason = "这份式样没有文号，{number} 永远是空的。".to_owned();
        let hint = "删去印文号的地方，或者在 form.toml 里写上 number_series。";
        return Some(("number_never", reason, hint));
    }
    if path.starts_with('.') {
        let reason = format!("{written} 是一行里的栏目，这里不在 @each 里面。");
        let hint = "写全栏目的名称，或者移到 @each 和它的 @end 之间。";
        return Some(("layout_unknown", reason, hint));
    }
    if !is_known(form, path) {
        let reason = format!("这份式样没有 {path} 这一栏，印出来永远是空的。");
        let hint = "改正栏目的名称，或者在 form.toml 里补上这一栏。";
        return Some(("layout_unknown", reason, hint));
    }
    let options = options(form, path)?;
    let is_option = |code: &&String| options.iter().any(|option| option.value == **code);
    if let Some(code) = compared.iter().find(|code| !is_option(code)) {
        let reason = format!("{path} 没有 {code} 这个选项，条件永远不成立。");
        let hint = "改成 form.toml 里 options 写着的选项。";
        return Some(("layout_option", reason, hint));
    }
    let is_worded = |option: &&Choice| {
        let words = worded.as_ref();
        words.is_none_or(|words| words.contains(&option.value))
    };
    if let Some(option) = options.iter().find(|option| !is_worded(option)) {
        let (code, label) = (&option.value, &option.label);
        let reason = format!("{path} 的选项 {code}（{label}）在 choose 里没有写怎么印。");
        let hint = "在 choose 后面补上“选项=文字”。";
        return Some(("layout_option", reason, hint));
    }
    None
}

/// The options of a choice, also of one in rows.
fn options<'a>(form: &'a LoadedForm, path: &str) -> Option<&'a [Choice]> {
    let column = |field: &'a Field| {
        let inside = path.strip_prefix(&field.path)?.strip_prefix(".*.")?;
        let FieldKind::Rows { fields, .. } = &field.kind else {
            return None;
        };
        fields.iter().find(|field| field.path == inside)
    };
    let own = form.fields().find(|field| field.path == path);
    let field = own.or_else(|| form.fields().find_map(column))?;
    match &field.kind {
        FieldKind::Choice { options } => Some(options),
        _ => None,
    }
}

fn is_known(form: &LoadedForm, path: &str) -> bool {
    let root = path.split('.').next().unwrap_or(path);
    // The label of a choice stands beside it.
    let label = path.strip_suffix("_text");
    OF_THE_SHEET.contains(&root)
        || form.has_value(path)
        || label.is_some_and(|choice| form.has_value(choice))
}
