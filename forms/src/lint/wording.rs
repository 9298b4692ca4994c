//! Wording a person reads: labels, options, titles; and the rights notices that forms have to carry.

use super::{Lint, LintSeverity};
use crate::form::LoadedForm;
use crate::{Field, FieldKind};

impl Lint<'_> {
    pub(super) fn wording(&mut self) {
        let pack = self.pack;
        for form in pack.forms.iter().chain([&pack.opening]) {
            self.form_wording(form);
        }
        for parameter in pack.parameters.all() {
            let place = (crate::parameters::FILE, parameter.key.as_str());
            self.worded(
                place,
                &parameter.title,
                &format!("参数 {} 的名称", parameter.key),
            );
            for (value, label) in &parameter.options {
                let what = format!("参数 {} 的选项 {value}", parameter.key);
                self.worded(place, label, &what);
            }
        }
        for violation in &pack.violations {
            let place = ("violations.toml", violation.code.as_str());
            self.worded(
                place,
                &violation.title,
                &format!("违法行为 {}", violation.code),
            );
        }
        for limit in &pack.time_limits {
            let place = ("limits.toml", limit.name.as_str());
            self.worded(place, &limit.text, &format!("期限 {}", limit.name));
        }
        for gate in &pack.procedures.gates {
            let place = (crate::procedure::FILE, gate.rule.as_str());
            self.worded(place, &gate.text, &format!("程序要求 {} 的说明", gate.rule));
            self.worded(place, &gate.hint, &format!("程序要求 {} 的提示", gate.rule));
        }
        for step in &pack.steps {
            let place = ("guidance.toml", step.key.as_str());
            self.worded(place, &step.text, &format!("步骤 {}", step.key));
        }
    }

    fn form_wording(&mut self, form: &LoadedForm) {
        let file = format!("{}/form.toml", form.folder());
        let code = &form.definition.code;
        self.worded(
            (&file, "title"),
            &form.definition.title,
            &format!("{code} 的标题"),
        );
        self.worded(
            (&file, "purpose"),
            &form.definition.purpose,
            &format!("{code} 的用途"),
        );
        for section in &form.definition.sections {
            let what = format!("{code} 的分组 {}", section.key);
            self.worded((&file, &section.key), &section.title, &what);
            for field in &section.fields {
                self.field_wording(&file, code, field);
                self.dead_condition(&file, code, field, &section.fields);
            }
        }
        for signer in &form.signers {
            let what = format!("{code} 的签名位置 {}", signer.slot);
            self.worded((&file, &signer.slot), &signer.label, &what);
        }
        let said = form
            .rules
            .iter()
            .filter_map(crate::rules::source::Rule::said);
        let rules = format!("{}/rules.toml", form.folder());
        for said in said {
            self.worded(
                (&rules, &said.text),
                &said.text,
                &format!("{code} 一条核对规则的说明"),
            );
            self.worded(
                (&rules, &said.hint),
                &said.hint,
                &format!("{code} 一条核对规则的提示"),
            );
        }
    }

    fn field_wording(&mut self, file: &str, code: &str, field: &Field) {
        let place = format!("\"{}\"", field.path);
        let what = format!("{code} 的栏目 {}", field.path);
        let file = self.file_of(file, &field.path);
        self.worded((&file, &place), &field.label, &what);
        match &field.kind {
            FieldKind::Choice { options } => {
                // Names such as SHA-256 are the same in every language.
                let is_name = |label: &str| label.chars().any(|c| c.is_ascii_digit());
                for option in options.iter().filter(|option| !is_name(&option.label)) {
                    let what = format!("{what} 的选项 {}", option.value);
                    self.worded((&file, &place), &option.label, &what);
                }
            }
            FieldKind::Rows { fields, .. } => {
                for field in fields {
                    self.field_wording(&file, code, field);
                }
            }
            _ => {}
        }
    }

    /// Fields of a block stand in `blocks.toml`, without the name of the block.
    fn file_of(&self, file: &str, path: &str) -> String {
        if self.files.line_of(file, &format!("\"{path}\"")) > 0 {
            file.to_owned()
        } else {
            "blocks.toml".to_owned()
        }
    }

    fn worded(&mut self, place: (&str, &str), text: &str, what: &str) {
        let is_worded = text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        if is_worded {
            return;
        }
        let place = match place.1.rsplit_once('.') {
            // A block writes the path without its own name.
            Some((_, last)) if place.0 == "blocks.toml" => {
                (place.0, format!("\"{}\"", last.trim_matches('"')))
            }
            _ => (place.0, place.1.to_owned()),
        };
        let reason = if text.trim().is_empty() {
            format!("{what}没有文字。")
        } else {
            format!("{what}只有外文“{text}”。")
        };
        let hint = "写上当事人和执法人员看得懂的中文。";
        self.find(
            LintSeverity::Error,
            "label_missing",
            (place.0, &place.1),
            reason,
            hint,
        );
    }

    /// A condition on a choice that has no such option would hide the field for ever.
    fn dead_condition(&mut self, file: &str, code: &str, field: &Field, fields: &[Field]) {
        let Some(when) = &field.when else { return };
        let mut asked = fields
            .iter()
            .filter(|other| other.path == when.path)
            .peekable();
        if asked.peek().is_none() {
            return;
        }
        let can_be = |word: &String| {
            asked.clone().any(|other| match &other.kind {
                FieldKind::Choice { options } => options.iter().any(|option| &option.value == word),
                _ => true,
            })
        };
        let dead: Vec<_> = when.is.iter().filter(|word| !can_be(word)).collect();
        for word in dead {
            let place = format!("\"{}\"", field.path);
            let reason = format!(
                "{code} 的栏目 {} 要在 {} 为 {word} 时出现，但没有这个选项。",
                field.path, when.path
            );
            let hint = "改正条件里的选项，或者补上这个选项。";
            let file = self.file_of(file, &field.path);
            let severity = LintSeverity::Error;
            self.find(severity, "dead_condition", (&file, &place), reason, hint);
        }
    }

    /// Forms carry the notices that `procedures.toml` asks of them, and print those they carry.
    pub(super) fn rights(&mut self) {
        let pack = self.pack;
        for duty in &pack.procedures.rights {
            for code in &duty.forms {
                let Some(form) = pack.forms.iter().find(|form| &form.definition.code == code)
                else {
                    let reason = format!("要求写明权利的式样 {code} 不在规则包里。");
                    let place = (crate::procedure::FILE, code.as_str());
                    let hint = "补上式样，或者改正代码。";
                    self.find(LintSeverity::Error, "form_unknown", place, reason, hint);
                    continue;
                };
                let has_one = form
                    .definition
                    .rights
                    .iter()
                    .any(|id| duty.one_of.contains(id));
                if !has_one {
                    let reason = format!(
                        "{code}《{}》没有要求的权利告知（{} 之一）。",
                        form.definition.title,
                        duty.one_of.join("、")
                    );
                    let file = format!("{}/form.toml", form.folder());
                    let place = (file.as_str(), "rights");
                    self.find(
                        LintSeverity::Error,
                        "rights_missing",
                        place,
                        reason,
                        &duty.hint,
                    );
                }
            }
        }
        for form in &pack.forms {
            let told = &form.required_notices;
            for id in form
                .definition
                .rights
                .iter()
                .filter(|id| !told.contains(id))
            {
                let is_printed = [form.paper(), form.ticket()]
                    .iter()
                    .any(|layout| layout.contains(&format!("rights.{id}")));
                if !is_printed {
                    let code = &form.definition.code;
                    let reason = format!("{code} 带有权利告知 {id}，纸面上却没有印。");
                    let file = format!("{}/paper.txt", form.folder());
                    let hint = "在纸面上加一行 @notice {rights.…}；文书用自己的话写明的，在那句话前加一行注释 # rights.…；都没有的，从 rights 中删去。";
                    self.find(
                        LintSeverity::Warning,
                        "rights_not_printed",
                        (&file, ""),
                        reason,
                        hint,
                    );
                }
            }
        }
    }
}
