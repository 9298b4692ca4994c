//! Checking a value against its form: every finding at once, in the order of the fields.

use chrono::{DateTime, FixedOffset, NaiveDate};
use law::{Citation, Finding, Severity};
use serde_json::Value;

use crate::form::{CheckContext, Form};
use crate::schema_words::{self, Objection};
use crate::value::{evidence_id, get, is_empty, is_one_of, pruned};
use crate::{Field, FieldKind, naming, rules, texts};

/// Bound of a whole value as JSON.
const VALUE_BYTES: usize = 512 * 1024;
/// A value that has more wrong than this is told so, and the rest is left out.
const FINDINGS_MAX: usize = 200;

pub(crate) struct Checker<'a> {
    pub form: Form<'a>,
    pub value: &'a Value,
    pub context: &'a CheckContext<'a>,
    findings: Vec<Finding>,
}

pub(crate) fn findings(form: &Form, value: &Value, context: &CheckContext) -> Vec<Finding> {
    let mut checker = Checker {
        form: *form,
        value,
        context,
        findings: Vec::new(),
    };
    if !value.is_object() {
        checker.block(
            "",
            "type",
            "文书内容不是一个完整的表单。",
            "重新打开文书后再填写。",
            &[],
        );
        return checker.findings;
    }
    for section in &form.form.definition.sections {
        checker.fields(&section.fields, value, "");
    }
    checker.begun_blocks();
    texts::apply(&mut checker);
    for rule in &form.form.rules {
        rules::apply(&mut checker, rule);
    }
    checker.schema();
    checker.size();
    checker.in_field_order()
}

/// Where the value holds what the schema has no place for, by path: for who writes the value, not for officers.
pub(crate) fn unknown(form: &Form, value: &Value) -> Vec<String> {
    let value = pruned(value);
    let faults = form.form.schema.iter_errors(&value).take(FINDINGS_MAX);
    faults
        .filter_map(|fault| schema_words::unexpected(&fault))
        .flatten()
        .collect()
}

impl Checker<'_> {
    pub(crate) fn block(
        &mut self,
        field: &str,
        rule: &str,
        text: &str,
        hint: &str,
        basis: &[Citation],
    ) {
        self.push(field, rule, Severity::Block, text, hint, basis);
    }

    pub(crate) fn advise(
        &mut self,
        field: &str,
        rule: &str,
        text: &str,
        hint: &str,
        basis: &[Citation],
    ) {
        self.push(field, rule, Severity::Advice, text, hint, basis);
    }

    pub(crate) fn add(&mut self, finding: Finding) {
        let stands = |other: &Finding| other.field == finding.field && other.rule == finding.rule;
        if self.findings.len() < FINDINGS_MAX && !self.findings.iter().any(stands) {
            self.findings.push(finding);
        }
    }

    fn push(
        &mut self,
        field: &str,
        rule: &str,
        severity: Severity,
        text: &str,
        hint: &str,
        basis: &[Citation],
    ) {
        self.add(Finding {
            field: field.to_owned(),
            rule: rule.to_owned(),
            severity,
            text: text.to_owned(),
            hint: hint.to_owned(),
            basis: basis.to_vec(),
        });
    }

    pub(crate) fn get(&self, path: &str) -> Option<&Value> {
        get(self.value, path)
    }

    pub(crate) fn text(&self, path: &str) -> &str {
        crate::value::text(self.value, path)
    }

    /// What an officer calls the place, e.g. 处罚依据 第1行 法律名称.
    pub(crate) fn name(&self, path: &str) -> String {
        naming::name_of(self.form.form, self.value, path)
    }

    pub(crate) fn date(&self, path: &str) -> Option<NaiveDate> {
        let text = self.text(path);
        // A time written with another offset still belongs to the day it is here.
        let here = *self.context.now.offset();
        parse_date(text).or_else(|| Some(parse_time(text)?.with_timezone(&here).date_naive()))
    }

    pub(crate) fn time(&self, path: &str) -> Option<DateTime<FixedOffset>> {
        parse_time(self.text(path))
    }

    fn fields(&mut self, fields: &[Field], base: &Value, prefix: &str) {
        for field in fields {
            if is_visible(field, fields, base, 0) {
                let path = format!("{prefix}{}", field.path);
                self.field(field, get(base, &field.path), &path);
            }
        }
    }

    fn field(&mut self, field: &Field, value: Option<&Value>, path: &str) {
        let Some(value) = value.filter(|value| !is_empty(Some(value))) else {
            if field.required {
                self.required(field, path);
            }
            return;
        };
        let text = value.as_str();
        match (&field.kind, text) {
            (FieldKind::Text | FieldKind::LongText, Some(_)) | (FieldKind::Shown, _) => {}
            (FieldKind::Date, Some(text)) => {
                if parse_date(text).is_none() {
                    self.malformed(
                        field,
                        path,
                        "date",
                        "不是有效的日期",
                        "按 年-月-日 填写，例如 2026-03-10。",
                    );
                }
            }
            (FieldKind::DateTime, Some(text)) => {
                if parse_time(text).is_none() {
                    self.malformed(
                        field,
                        path,
                        "date_time",
                        "不是有效的时间",
                        "重新选择日期和时间。",
                    );
                }
            }
            (FieldKind::Integer { min, max, .. }, _) => {
                self.integer(field, value, path, *min, *max)
            }
            (FieldKind::Money, _) => {
                if value
                    .as_i64()
                    .is_none_or(|fen| !(0..=1_000_000_000_000).contains(&fen))
                {
                    self.malformed(
                        field,
                        path,
                        "money",
                        "不是有效的金额",
                        "填写不小于 0 的金额，最小到分。",
                    );
                }
            }
            (FieldKind::Choice { options }, Some(text)) => {
                if !options.iter().any(|option| option.value == text) {
                    self.malformed(
                        field,
                        path,
                        "not_an_option",
                        "不在可选范围内",
                        "从列出的选项中选择一项。",
                    );
                }
            }
            (FieldKind::Flag, _) if value.is_boolean() => {}
            (FieldKind::Plate, Some(_)) => self.shape("plate", value, path),
            (FieldKind::Phone, Some(_)) => self.shape("phone", value, path),
            (FieldKind::ResidentId, Some(text)) => self.resident_id(path, text),
            (FieldKind::CreditCode, Some(text)) => self.credit_code(path, text),
            (FieldKind::Violation, Some(text)) => {
                if self.form.pack.violation(text).is_none() {
                    self.malformed(
                        field,
                        path,
                        "violation_unknown",
                        "不在权责清单内",
                        "从违法行为清单中选择。",
                    );
                }
            }
            (FieldKind::Evidence { many, .. }, _) => self.evidence(field, value, path, *many),
            (FieldKind::Citations, _) => self.citations(field, value, path),
            (FieldKind::Rows { fields, min, max }, _) => {
                self.rows(field, fields, value, path, *min, *max)
            }
            (
                FieldKind::Text
                | FieldKind::LongText
                | FieldKind::Date
                | FieldKind::DateTime
                | FieldKind::Choice { .. }
                | FieldKind::Flag
                | FieldKind::Plate
                | FieldKind::Phone
                | FieldKind::ResidentId
                | FieldKind::CreditCode
                | FieldKind::Violation,
                _,
            ) => self.malformed(
                field,
                path,
                "type",
                "的内容不是这一栏所要的种类",
                "清空后重新填写。",
            ),
        }
    }

    fn required(&mut self, field: &Field, path: &str) {
        let (act, hint) = match field.kind {
            FieldKind::Choice { .. } | FieldKind::Violation => ("没有选择", "选择一项。"),
            FieldKind::Evidence { .. } => ("还没有选", "从本案的证据中选择。"),
            FieldKind::Shown => ("还没有", "由系统填入；返回案件核对后再打开。"),
            FieldKind::Rows { .. } | FieldKind::Citations => ("一项也没有", "至少添加一项。"),
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
            | FieldKind::Phone => ("没有填写", "填写后再制发。"),
        };
        let text = format!("{}{act}。", self.name(path));
        if self.form.form.is_preliminary {
            self.advise(path, "required", &text, hint, &field.basis);
        } else {
            self.block(path, "required", &text, hint, &field.basis);
        }
    }

    fn malformed(&mut self, field: &Field, path: &str, rule: &str, what: &str, hint: &str) {
        let text = format!("{}{what}。", self.name(path));
        self.block(path, rule, &text, hint, &field.basis);
    }

    fn begun_blocks(&mut self) {
        for (block, path) in &self.form.form.required_once_begun {
            let is_begun = !is_empty(get(self.value, block));
            if !is_begun || !is_empty(get(self.value, path)) {
                continue;
            }
            for section in &self.form.form.definition.sections {
                let field = section.fields.iter().find(|field| {
                    &field.path == path && is_visible(field, &section.fields, self.value, 0)
                });
                if let Some(field) = field {
                    self.required(field, path);
                }
            }
        }
    }

    fn integer(
        &mut self,
        field: &Field,
        value: &Value,
        path: &str,
        min: Option<i32>,
        max: Option<i32>,
    ) {
        let Some(number) = value.as_i64() else {
            return self.malformed(field, path, "number", "不是整数", "只填写数字，不带小数。");
        };
        let is_inside = min.is_none_or(|min| i64::from(min) <= number)
            && max.is_none_or(|max| number <= i64::from(max));
        if !is_inside {
            let bound =
                |bound: Option<i32>| bound.map_or_else(|| "不限".to_owned(), |n| n.to_string());
            let hint = format!("应在 {} 至 {} 之间。", bound(min), bound(max));
            self.malformed(field, path, "number_range", "超出范围", &hint);
        }
    }

    fn shape(&mut self, name: &str, value: &Value, path: &str) {
        if let Some(shape) = self.form.pack.patterns.get(name)
            && !shape.matches(value)
        {
            self.block(path, name, &shape.text, &shape.hint, &[]);
        }
    }

    fn evidence(&mut self, field: &Field, value: &Value, path: &str, many: bool) {
        const PIECES_MAX: usize = 50;
        let pieces = match value {
            Value::Array(pieces) if many => pieces.as_slice(),
            Value::Array(_) => &[],
            one => std::slice::from_ref(one),
        };
        let hint = "清空后从本案的证据中选择。";
        if pieces.is_empty() || pieces.iter().any(|piece| evidence_id(piece).is_none()) {
            self.malformed(field, path, "evidence", "不是本案的证据", hint);
        }
        if pieces.len() > PIECES_MAX {
            self.malformed(field, path, "too_many", "太多", "最多 50 件。");
        }
    }

    fn citations(&mut self, field: &Field, value: &Value, path: &str) {
        const CITATIONS_MAX: usize = 20;
        let Some(items) = value.as_array() else {
            return self.malformed(
                field,
                path,
                "type",
                "不是法条列表",
                "清空后从法条库中选择。",
            );
        };
        if items.len() > CITATIONS_MAX {
            self.malformed(field, path, "too_many", "的法条太多", "最多 20 条。");
        }
        for (at, item) in items.iter().enumerate().take(CITATIONS_MAX) {
            if is_empty(item.get("law")) || is_empty(item.get("article")) {
                let at = format!("{path}.{at}");
                self.malformed(
                    field,
                    &at,
                    "citation",
                    "缺少法规名称或者条号",
                    "写明法规名称和第几条。",
                );
            }
        }
    }

    fn rows(
        &mut self,
        field: &Field,
        fields: &[Field],
        value: &Value,
        path: &str,
        min: u32,
        max: u32,
    ) {
        let Some(rows) = value.as_array() else {
            return self.malformed(field, path, "type", "不是列表", "清空后重新添加。");
        };
        let count = u32::try_from(rows.len()).unwrap_or(u32::MAX);
        if count < min || count > max {
            let hint = format!("应有 {min} 至 {max} 行。");
            self.malformed(field, path, "row_count", "的行数不对", &hint);
        }
        for (at, row) in rows
            .iter()
            .enumerate()
            .take(usize::try_from(max).unwrap_or(usize::MAX))
        {
            self.fields(fields, row, &format!("{path}.{at}."));
        }
    }

    /// What only the schema knows. It is told in the words of the form: place, fault and what to do.
    fn schema(&mut self) {
        let value = pruned(self.value);
        let faults: Vec<_> = self
            .form
            .form
            .schema
            .iter_errors(&value)
            .take(FINDINGS_MAX)
            .map(|fault| schema_words::of(&fault))
            .collect();
        for fault in faults {
            let Objection {
                path,
                what,
                hint,
                is_advice,
            } = fault;
            if is_advice {
                let text = format!("{}{what}", self.name(&path));
                self.advise(&path, "unknown_field", &text, hint, &[]);
                continue;
            }
            // What is missing inside a thing of the wrong kind follows from it and does not tell it.
            let deeper = format!("{path}.");
            let is_told = self.findings.iter().any(|finding| {
                let is_deeper = finding.field.starts_with(&deeper) && finding.rule != "required";
                finding.field == path || is_deeper
            });
            if !is_told {
                let text = format!("{}{what}", self.name(&path));
                self.block(&path, "schema", &text, hint, &[]);
            }
        }
    }

    fn size(&mut self) {
        let found = self.value.to_string().len();
        if found > VALUE_BYTES {
            let text = format!("文书内容太多：共 {found} 字节，最多 {VALUE_BYTES} 字节。");
            self.block(
                "",
                "value_too_large",
                &text,
                "缩短内容，或者另附材料。",
                &[],
            );
        }
    }

    fn in_field_order(mut self) -> Vec<Finding> {
        let order: Vec<&str> = self
            .form
            .form
            .fields()
            .map(|field| field.path.as_str())
            .collect();
        self.findings.sort_by_cached_key(|finding| {
            order
                .iter()
                .position(|path| {
                    finding.field == *path || finding.field.starts_with(&format!("{path}."))
                })
                .unwrap_or(usize::MAX)
        });
        self.findings
    }
}

/// A condition on a field that is itself hidden does not hold.
pub(crate) fn is_visible(field: &Field, fields: &[Field], base: &Value, depth: u8) -> bool {
    const DEPTH_MAX: u8 = 8;
    let Some(when) = &field.when else { return true };
    if depth >= DEPTH_MAX || !is_one_of(get(base, &when.path), &when.is) {
        return false;
    }
    let mut askers = fields
        .iter()
        .filter(|other| other.path == when.path)
        .peekable();
    askers.peek().is_none() || askers.any(|other| is_visible(other, fields, base, depth + 1))
}

pub(crate) fn parse_date(text: &str) -> Option<NaiveDate> {
    (text.len() == 10).then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok())?
}

pub(crate) fn parse_time(text: &str) -> Option<DateTime<FixedOffset>> {
    DateTime::parse_from_rfc3339(text).ok()
}
