//! How people call the place of a value: `处罚依据 第1行 法律名称`, never `basis.0.law`.

use serde_json::Value;

use crate::check::{self, is_visible};
use crate::form::LoadedForm;
use crate::{Field, FieldKind, Form};

/// What stands inside citations, pieces of evidence and people the system fills in, which no field labels.
const INSIDE: [(&str, &str); 11] = [
    ("law", "法律名称"),
    ("article", "条"),
    ("paragraph", "款"),
    ("item", "项"),
    ("text", "内容"),
    ("id", "编号"),
    ("caption", "说明"),
    ("name", "姓名"),
    ("credential_no", "执法证号"),
    ("unit", "单位"),
    ("post", "职务"),
];
/// What has no name at all.
const WHOLE: &str = "文书";

impl Form<'_> {
    /// The words for a place of the value, for people to read.
    pub fn name_of(&self, value: &Value, path: &str) -> String {
        name_of(self.form, value, path)
    }

    /// Paths of what the value holds and the form has no place for, for who writes values by hand.
    pub fn unknown_paths(&self, value: &Value) -> Vec<String> {
        check::unknown(self, value)
    }
}

pub(crate) fn name_of(form: &LoadedForm, value: &Value, path: &str) -> String {
    let sections = &form.definition.sections;
    for section in sections {
        if let Some(name) = among(&section.fields, value, path) {
            return name;
        }
    }
    // A path that holds fields, as `party`, goes by the section they stand in.
    let inside = format!("{path}.");
    let around = sections.iter().find(|section| {
        let mut fields = section.fields.iter();
        !path.is_empty() && fields.any(|field| field.path.starts_with(&inside))
    });
    around.map_or_else(|| WHOLE.to_owned(), |section| section.title.clone())
}

/// Two fields may share a path, each for another kind of party: the one that is shown has the name.
fn among(fields: &[Field], value: &Value, path: &str) -> Option<String> {
    let holds = |field: &&Field| {
        let rest = path.strip_prefix(field.path.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let shown = fields
        .iter()
        .filter(holds)
        .find(|field| is_visible(field, fields, value, 0));
    let field = shown.or_else(|| fields.iter().find(holds))?;
    let mut name = field.label.clone();
    let mut rest = path
        .strip_prefix(field.path.as_str())?
        .trim_start_matches('.');
    while !rest.is_empty() {
        let (key, after) = rest.split_once('.').unwrap_or((rest, ""));
        rest = after;
        if let Ok(at) = key.parse::<usize>() {
            let unit = match field.kind {
                FieldKind::Evidence { .. } => "件",
                _ => "行",
            };
            name.push_str(&format!(" 第{}{unit}", at.saturating_add(1)));
            continue;
        }
        if let FieldKind::Rows { fields, .. } = &field.kind {
            let column = match after {
                "" => key.to_owned(),
                after => format!("{key}.{after}"),
            };
            // Conditions inside a row look at the row, which a name need not know.
            if let Some(inner) = among(fields, &Value::Null, &column) {
                name.push_str(&format!(" {inner}"));
            }
            break;
        }
        if let Some((_, words)) = INSIDE.iter().find(|(known, _)| *known == key) {
            name.push_str(&format!(" {words}"));
        }
    }
    Some(name)
}
