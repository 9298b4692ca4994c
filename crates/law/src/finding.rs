//! Findings: the content is not lawful or complete yet. Data, all at once, never an error.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// 法条引用 – a place in a law: short title, article and, where it matters, paragraph and item.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[ts(export_to = "law.ts")]
pub struct Citation {
    /// Short title, e.g. 行政处罚法.
    pub law: String,
    /// Article as written after 第, e.g. `51` or `63(1)`.
    pub article: String,
}

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "law.ts")]
pub enum Severity {
    /// Worth a look; issuing stays possible.
    Advice,
    /// Issuing is not possible before this is mended.
    Block,
}

/// 问题 – one thing the law or the form still asks for, at one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "law.ts")]
pub struct Finding {
    /// Dotted path of the field, e.g. `party.id_no` or `items.0.result`; empty for the whole instrument.
    pub field: String,
    /// Stable name of the rule, e.g. `required`, `id_check_digit`, `R-S1`.
    pub rule: String,
    pub severity: Severity,
    /// What is wrong, in the officer's language.
    pub text: String,
    /// What to do about it.
    pub hint: String,
    pub basis: Vec<Citation>,
}

impl Finding {
    /// A blocking finding without a citation: something the act itself needs, whatever the form.
    pub fn block(field: &str, rule: &str, text: &str, hint: &str) -> Self {
        Finding {
            field: field.to_owned(),
            rule: rule.to_owned(),
            severity: Severity::Block,
            text: text.to_owned(),
            hint: hint.to_owned(),
            basis: Vec::new(),
        }
    }
}
