//! Gates and steps that can be reached: what they ask for exists, and nothing waits for itself.

use std::collections::{BTreeMap, BTreeSet};

use super::{Lint, LintSeverity};
use crate::procedure::FILE;
use crate::procedure::source::{Gate, Moment, Need};

impl Lint<'_> {
    pub(super) fn steps(&mut self) {
        let pack = self.pack;
        for gate in &pack.procedures.gates {
            self.gate(gate);
        }
        for test in pack.procedures.tests() {
            for path in test.paths() {
                self.document_path(path);
            }
        }
        for limit in &pack.time_limits {
            let ended = limit.done_by.iter().flat_map(|done| &done.forms);
            for code in ended.filter(|code| !pack.has_form(code)) {
                let reason = format!(
                    "期限“{}”要由 {code} 办结，规则包里没有这个式样。",
                    limit.text
                );
                let hint = "补上式样，或者改正 done_by。";
                let place = ("limits.toml", code.as_str());
                self.find(LintSeverity::Error, "unreachable", place, reason, hint);
            }
        }
        self.circles();
    }

    fn gate(&mut self, gate: &Gate) {
        let pack = self.pack;
        let needle = format!("\"{}\"", gate.rule);
        let place = (FILE, needle.as_str());
        for code in gate.forms.iter().filter(|code| !pack.has_form(code)) {
            let reason = format!("程序要求 {} 针对的式样 {code} 不在规则包里。", gate.rule);
            let hint = "补上式样，或者改正代码。";
            self.find(LintSeverity::Error, "form_unknown", place, reason, hint);
        }
        for need in gate.needs.all_parts() {
            for code in need.forms().into_iter().filter(|code| !pack.has_form(code)) {
                let reason = format!(
                    "程序要求 {} 等待 {code}，规则包里没有这个式样，这一步永远走不到。",
                    gate.rule
                );
                let hint = "补上式样，或者改正代码。";
                self.find(LintSeverity::Error, "unreachable", place, reason, hint);
            }
            for name in need.limits() {
                if pack.time_limit(name).is_none() {
                    let reason = format!("程序要求 {} 所用的期限 {name} 不存在。", gate.rule);
                    let hint = "在 limits.toml 中补上，或者改正名称。";
                    self.find(LintSeverity::Error, "unreachable", place, reason, hint);
                }
            }
            if let Some(id) = need.notices()
                && !pack.notices.contains_key(id)
            {
                let reason = format!("程序要求 {} 等待告知 {id}，没有这份告知。", gate.rule);
                let hint = "在 rights 文件夹中补上，或者改正代码。";
                self.find(LintSeverity::Error, "unreachable", place, reason, hint);
            }
        }
        let is_never = matches!(gate.needs, Need::Never {}) && gate.when.is_empty();
        if is_never && gate.is_blocking() {
            let reason = format!("程序要求 {} 没有条件又永远不能满足。", gate.rule);
            let hint = "写上 when，说明什么情况下不得办理。";
            self.find(LintSeverity::Error, "unreachable", place, reason, hint);
        }
        let forms = pack.forms.iter();
        let mine = forms.filter(|form| gate.forms.contains(&form.definition.code));
        for path in gate.condition_paths() {
            if !gate.forms.is_empty() && !mine.clone().any(|form| form.has_value(path)) {
                let reason = format!("程序要求 {} 看 {path}，它的式样里都没有这一栏。", gate.rule);
                let hint = "改正路径，或者在式样中补上这一栏。";
                self.find(LintSeverity::Error, "path_unknown", place, reason, hint);
            }
        }
        for path in gate.value_paths() {
            for form in mine.clone().filter(|form| !form.has_value(path)) {
                let code = &form.definition.code;
                let reason = format!(
                    "程序要求 {} 看 {code} 的 {path}，式样里没有这一栏。",
                    gate.rule
                );
                let hint = "改正路径，或者在式样中补上这一栏。";
                self.find(LintSeverity::Error, "path_unknown", place, reason, hint);
            }
        }
        for path in gate.issued_paths() {
            self.document_path(&path);
        }
    }

    /// `issued.F26.value.x` and `value.x` name something that exists somewhere.
    fn document_path(&mut self, path: &str) {
        let pack = self.pack;
        let hint = "改正路径，或者在式样中补上这一栏。";
        if let Some(rest) = path.strip_prefix("issued.") {
            let (code, rest) = rest.split_once('.').unwrap_or((rest, ""));
            let form = pack.forms.iter().find(|form| form.definition.code == code);
            let inside = rest.strip_prefix("value.");
            let reason = match (form, inside) {
                (None, _) => format!("{path} 所指的式样 {code} 不在规则包里。"),
                (Some(form), Some(inside)) if !form.has_value(inside) => {
                    format!("{code} 没有 {path} 所指的栏目。")
                }
                (Some(_), _) => return,
            };
            self.find(
                LintSeverity::Error,
                "path_unknown",
                (FILE, path),
                reason,
                hint,
            );
        } else if let Some(inside) = path.strip_prefix("value.")
            && !pack.forms.iter().any(|form| form.has_value(inside))
        {
            let reason = format!("没有一个式样有 {inside} 这一栏。");
            let place = (FILE, path);
            self.find(LintSeverity::Error, "path_unknown", place, reason, hint);
        }
    }

    /// Forms that wait for each other.
    fn circles(&mut self) {
        let pack = self.pack;
        for is_strict in [true, false] {
            let mut waits: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
            let gates = pack.procedures.gates.iter().filter(|gate| {
                gate.is_blocking()
                    && (!is_strict || gate.when.is_empty())
                    && (gate.is_asked_at(Moment::Start) || gate.is_asked_at(Moment::Issue))
            });
            for gate in gates {
                for form in &gate.forms {
                    let needed = gate.needs.certain_forms();
                    waits.entry(form).or_default().extend(needed);
                }
            }
            let Some(circle) = circle(&waits) else {
                continue;
            };
            let (severity, hint) = if is_strict {
                (LintSeverity::Error, "去掉其中一项程序要求。")
            } else {
                (LintSeverity::Warning, "核对这些条件会不会同时成立。")
            };
            let reason = format!(
                "这些式样互相等待，哪一个也不能先办：{}。",
                circle.join(" → ")
            );
            let first = circle.first().copied().unwrap_or_default();
            self.find(
                severity,
                "circle",
                (FILE, &format!("\"{first}\"")),
                reason,
                hint,
            );
            return;
        }
    }
}

/// The forms of one circle, the first one again at the end.
fn circle<'a>(waits: &BTreeMap<&'a str, BTreeSet<&'a str>>) -> Option<Vec<&'a str>> {
    for start in waits.keys() {
        let mut paths = vec![vec![*start]];
        let mut seen = BTreeSet::new();
        while let Some(path) = paths.pop() {
            let Some(last) = path.last() else { continue };
            for next in waits.get(last).into_iter().flatten() {
                let mut longer = path.clone();
                longer.push(next);
                if next == start {
                    return Some(longer);
                }
                if seen.insert(*next) {
                    paths.push(longer);
                }
            }
        }
    }
    None
}
