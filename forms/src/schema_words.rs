//! The faults a schema finds, in words for the officer who filled the form.

use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind};

/// What does not fit the schema, and where.
pub(crate) struct Objection {
    pub path: String,
    /// Follows the name of the place.
    pub what: String,
    pub hint: &'static str,
    /// Too much for the form, and harmless.
    pub is_advice: bool,
}

/// The paths of what the schema has no place for, where the fault is that.
pub(crate) fn unexpected(fault: &ValidationError<'_>) -> Option<Vec<String>> {
    let ValidationErrorKind::AdditionalProperties { unexpected } = fault.kind() else {
        return None;
    };
    let path = path_of(fault);
    Some(unexpected.iter().map(|name| below(&path, name)).collect())
}

fn path_of(fault: &ValidationError<'_>) -> String {
    let path = fault.instance_path().to_string();
    path.trim_start_matches('/').replace('/', ".")
}

fn below(path: &str, name: &str) -> String {
    match path.is_empty() {
        true => name.to_owned(),
        false => format!("{path}.{name}"),
    }
}

/// What is missing stands below the place of the fault.
pub(crate) fn of(fault: &ValidationError<'_>) -> Objection {
    let path = path_of(fault);
    let again = "清空这一栏后重新填写。";
    let shorter = "缩短内容，或者另附材料。";
    let (path, what, hint) = match fault.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            let count = unexpected.len();
            return Objection {
                path,
                what: format!("里有这份式样没有的内容（{count} 处）。"),
                hint: "这些内容不会印在文书上；核对后删去。",
                is_advice: true,
            };
        }
        ValidationErrorKind::Required { property } => {
            let property = property.as_str().unwrap_or_default();
            (
                below(&path, property),
                "没有填写。".to_owned(),
                "填写后再制发。",
            )
        }
        ValidationErrorKind::MaxLength { limit } => {
            (path, format!("：字数太多（最多 {limit} 字）。"), shorter)
        }
        ValidationErrorKind::MinLength { limit } => {
            (path, format!("：字数太少（至少 {limit} 字）。"), again)
        }
        ValidationErrorKind::MaxItems { limit } => (
            path,
            format!("：太多（最多 {limit} 行）。"),
            "删去多余的，或者另附材料。",
        ),
        ValidationErrorKind::MinItems { limit } => (
            path,
            format!("：太少（至少 {limit} 行）。"),
            "添加后再制发。",
        ),
        ValidationErrorKind::UniqueItems => (path, "：有重复的。".to_owned(), "删去重复的一行。"),
        ValidationErrorKind::Maximum { limit } => {
            (path, format!("：数字太大（最大 {limit}）。"), again)
        }
        ValidationErrorKind::ExclusiveMaximum { limit } => {
            (path, format!("：数字太大（应小于 {limit}）。"), again)
        }
        ValidationErrorKind::Minimum { limit } => {
            (path, format!("：数字太小（最小 {limit}）。"), again)
        }
        ValidationErrorKind::ExclusiveMinimum { limit } => {
            (path, format!("：数字太小（应大于 {limit}）。"), again)
        }
        ValidationErrorKind::Enum { .. } | ValidationErrorKind::Constant { .. } => (
            path,
            "不在可选范围内。".to_owned(),
            "从列出的选项中选择一项。",
        ),
        ValidationErrorKind::Pattern { .. } | ValidationErrorKind::Format { .. } => {
            (path, "的写法不对。".to_owned(), again)
        }
        ValidationErrorKind::Type { kind } => (
            path,
            format!("的内容不是这一栏所要的{}。", type_word(kind)),
            again,
        ),
        _ => (path, "的内容不合这份式样的要求。".to_owned(), again),
    };
    Objection {
        path,
        what,
        hint,
        is_advice: false,
    }
}

fn type_word(kind: &TypeKind) -> &'static str {
    let TypeKind::Single(one) = kind else {
        return "种类";
    };
    match one.to_string().as_str() {
        "string" => "文字",
        "integer" => "整数",
        "number" => "数字",
        "boolean" => "是或者否",
        "array" => "列表",
        _ => "种类",
    }
}
