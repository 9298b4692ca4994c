//! Rules that compare numbers, dates and names of one value with each other.

use law::Severity;
use serde_json::Value;

use super::source::{Said, Span};
use crate::check::Checker;
use crate::deadline::LimitUnit;
use crate::value::is_empty;

/// A rule's own words, under its own name or the engine's.
pub(super) fn say(checker: &mut Checker, field: &str, name: &str, said: &Said, detail: &str) {
    let name = said.name.as_deref().unwrap_or(name).to_owned();
    let text = if detail.is_empty() {
        said.text.clone()
    } else {
        format!("{}（{detail}）", said.text.trim_end_matches('。'))
    };
    match said.level.severity() {
        Severity::Block => checker.block(field, &name, &text, &said.hint, &said.basis),
        Severity::Advice => checker.advise(field, &name, &text, &said.hint, &said.basis),
    }
}

fn number(checker: &Checker, path: &str) -> Option<i64> {
    checker.get(path).and_then(Value::as_i64)
}

/// Times with times; as soon as one side is a date, days with days.
pub(super) fn is_out_of_order(
    checker: &Checker,
    earlier: &str,
    later: &str,
    may_be_equal: bool,
) -> bool {
    if let (Some(first), Some(second)) = (checker.time(earlier), checker.time(later)) {
        return second < first || (second == first && !may_be_equal);
    }
    let (Some(first), Some(second)) = (checker.date(earlier), checker.date(later)) else {
        return false;
    };
    let is_date = |path: &str| checker.time(path).is_none();
    // A date beside a time says only the day, on which the order is open.
    let may_be_equal = may_be_equal || is_date(earlier) != is_date(later);
    second < first || (second == first && !may_be_equal)
}

/// `to` lies within the length after `from`; the length never rolls over a holiday.
pub(super) fn period(
    checker: &mut Checker,
    from: &str,
    to: &str,
    length: &Span,
    unit: LimitUnit,
    said: &Said,
) {
    let (Some(start), Some(end)) = (checker.date(from), checker.date(to)) else {
        return;
    };
    let Some(length) = span(checker, length) else {
        return;
    };
    if checker
        .form
        .pack
        .last_day(start, length, unit, checker.context.agency)
        .is_some_and(|last| end > last)
    {
        let last = checker
            .form
            .pack
            .last_day(start, length, unit, checker.context.agency)
            .map(|last| format!("最迟 {last}"));
        say(checker, to, "period", said, &last.unwrap_or_default());
    }
}

/// `to` lies at least the length after `from`.
pub(super) fn notice_period(
    checker: &mut Checker,
    from: Option<&str>,
    to: &str,
    length: &Span,
    unit: LimitUnit,
    said: &Said,
) {
    let start = match from {
        Some(from) => checker.date(from),
        None => Some(checker.context.today),
    };
    let (Some(start), Some(end)) = (start, checker.date(to)) else {
        return;
    };
    let Some(length) = span(checker, length) else {
        return;
    };
    if let Some(first) = checker
        .form
        .pack
        .last_day(start, length, unit, checker.context.agency)
        .filter(|first| end < *first)
    {
        say(checker, to, "lead_time", said, &format!("最早 {first}"));
    }
}

/// A parameter the agency has not set leaves the rule silent; the lint tells of it.
pub(super) fn span(checker: &Checker, span: &Span) -> Option<u32> {
    checker.form.pack.length(span, checker.context.agency)
}

pub(super) fn difference(
    checker: &mut Checker,
    [minuend, subtrahend, result]: [&str; 3],
    floor: Option<i64>,
    said: &Said,
) {
    let (Some(minuend), Some(subtrahend), Some(found)) = (
        number(checker, minuend),
        number(checker, subtrahend),
        number(checker, result),
    ) else {
        return;
    };
    let expected = minuend.saturating_sub(subtrahend);
    let expected = floor.map_or(expected, |floor| expected.max(floor));
    if found != expected {
        say(
            checker,
            result,
            "difference",
            said,
            &format!("应为 {expected}，现为 {found}"),
        );
    }
}

pub(super) fn sum(
    checker: &mut Checker,
    rows: Option<(&str, &str)>,
    parts: &[String],
    total: &str,
    said: &Said,
) {
    let Some(found) = number(checker, total) else {
        return;
    };
    let mut expected: i64 = 0;
    if let Some((rows, field)) = rows {
        let rows = checker.get(rows).and_then(Value::as_array);
        for row in rows.into_iter().flatten() {
            let cell = row.get(field).and_then(Value::as_i64).unwrap_or(0);
            expected = expected.saturating_add(cell);
        }
    }
    for part in parts {
        expected = expected.saturating_add(number(checker, part).unwrap_or(0));
    }
    if found != expected {
        let shown = |number: i64| shown(total, number);
        let detail = format!("合计应为 {}，现为 {}", shown(expected), shown(found));
        say(checker, total, "sum", said, &detail);
    }
}

pub(super) fn bound(checker: &Checker, than: Option<&str>, most: Option<&Span>) -> Option<i64> {
    match (than, most) {
        (Some(than), _) => number(checker, than),
        (None, Some(most)) => span(checker, most).map(i64::from),
        (None, None) => None,
    }
}

pub(super) fn upper_bound(
    checker: &mut Checker,
    field: &str,
    bound: Option<i64>,
    is_strict: bool,
    said: &Said,
) {
    let (Some(found), Some(bound)) = (number(checker, field), bound) else {
        return;
    };
    if found > bound || (is_strict && found == bound) {
        let most = if is_strict { "应小于" } else { "最多" };
        let detail = format!("{most} {}", shown(field, bound));
        say(checker, field, "upper_bound", said, &detail);
    }
}

pub(super) fn lower_bound(checker: &mut Checker, field: &str, bound: Option<i64>, said: &Said) {
    let (Some(found), Some(bound)) = (number(checker, field), bound) else {
        return;
    };
    if found < bound {
        let detail = format!("最少 {}", shown(field, bound));
        say(checker, field, "lower_bound", said, &detail);
    }
}

/// R-M4: so many per mille a day of the fine, at most the fine itself.
pub(super) fn surcharge(
    checker: &mut Checker,
    [fine, due, on, result]: [&str; 4],
    suspended_days: Option<&str>,
    said: &Said,
) {
    let (Some(fine), Some(due), Some(on), Some(found)) = (
        number(checker, fine),
        checker.date(due),
        checker.date(on),
        number(checker, result),
    ) else {
        return;
    };
    let suspended = suspended_days.and_then(|path| number(checker, path));
    let late = (on - due).num_days() - suspended.unwrap_or(0).max(0);
    let limits = &checker.form.pack.limits;
    let expected = law::payment::surcharge(fine, late, limits.surcharge_permille_per_day);
    if found != expected {
        let shown = law::payment::yuan;
        let detail = format!(
            "逾期 {} 日，应为 {}，现为 {}",
            late.max(0),
            shown(expected),
            shown(found)
        );
        say(checker, result, "R-M4", said, &detail);
    }
}

pub(super) fn distinct(checker: &mut Checker, fields: &[String], said: &Said) {
    let mut seen: Vec<String> = Vec::new();
    for field in fields {
        let Some(value) = checker.get(field).filter(|value| !is_empty(Some(value))) else {
            continue;
        };
        let text = match value {
            Value::String(text) => text.trim().to_owned(),
            other => other.to_string(),
        };
        if seen.contains(&text) {
            return say(checker, field, "distinct", said, "");
        }
        seen.push(text);
    }
}

/// Every row has another value in the column.
pub(super) fn rows_distinct(checker: &mut Checker, field: &str, columns: &[String], said: &Said) {
    let rows = checker.get(field).and_then(Value::as_array);
    let mut seen = std::collections::BTreeSet::new();
    let mut twice = None;
    for (at, row) in rows.into_iter().flatten().enumerate() {
        let cells = columns.iter().filter_map(|column| row.get(column));
        let cells: Vec<_> = cells.filter(|cell| !is_empty(Some(cell))).collect();
        if cells.len() == columns.len() {
            let key: Vec<_> = cells.iter().map(|cell| cell.to_string()).collect();
            if !seen.insert(key) {
                twice = Some(at);
                break;
            }
        }
    }
    if let Some(at) = twice {
        let path = format!("{field}.{at}");
        say(
            checker,
            &path,
            "rows_distinct",
            said,
            &format!("第 {} 行", at + 1),
        );
    }
}

fn shown(path: &str, number: i64) -> String {
    if path.ends_with("_fen") {
        law::payment::yuan(number)
    } else {
        number.to_string()
    }
}
