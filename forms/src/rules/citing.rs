//! R-S9: what is cited was law on the day of the act.

use chrono::NaiveDate;
use law::{Citation, Severity};
use serde_json::Value;

use super::day_of;
use crate::check::Checker;
use crate::library::LawText;
use crate::statutes::Statutes;
use crate::texts::quoted;
use crate::value;

struct Verdict {
    severity: Severity,
    text: String,
    hint: String,
}

pub(super) fn citations_in_force(
    checker: &mut Checker,
    field: &str,
    on: Option<&str>,
    facts: Option<&str>,
) {
    let day = day_of(checker, on);
    let facts = facts.map_or("", |path| checker.text(path)).to_owned();
    let local = local_laws(checker.context.agency);
    let cited: Vec<Value> = checker
        .get(field)
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    for (at, item) in cited.iter().enumerate() {
        let name = value::text(item, "law");
        let article = match item.get("article") {
            Some(Value::Number(number)) => number.to_string(),
            _ => value::text(item, "article").to_owned(),
        };
        if name.trim().is_empty() || article.trim().is_empty() {
            continue;
        }
        let pack = &checker.form.pack.laws;
        let laws = if pack.versions(name).is_empty() {
            &local
        } else {
            pack
        };
        let said = format!("{}{facts}", value::text(item, "text"));
        let found = verdict(laws, name, &article, day, checker.context.today, &said);
        let Some(found) = found else { continue };
        let path = format!("{field}.{at}");
        let citation = Citation {
            law: quoted(name),
            article: quoted(&article),
        };
        match found.severity {
            Severity::Block => {
                checker.block(&path, "R-S9", &found.text, &found.hint, &[citation]);
            }
            Severity::Advice => {
                checker.advise(&path, "R-S9", &found.text, &found.hint, &[citation]);
            }
        }
    }
}

/// Laws of the agency's own place come with the agency.
fn local_laws(agency: &Value) -> Statutes {
    let laws = agency.get("laws").and_then(Value::as_array);
    let laws = laws.into_iter().flatten();
    let read = |law: &Value| serde_json::from_value::<LawText>(law.clone()).ok();
    Statutes::new(laws.filter_map(read).collect()).unwrap_or_default()
}

fn verdict(
    laws: &Statutes,
    name: &str,
    article: &str,
    day: NaiveDate,
    today: NaiveDate,
    said: &str,
) -> Option<Verdict> {
    let block = |text: String, hint: &str| {
        Some(Verdict {
            severity: Severity::Block,
            text,
            hint: hint.to_owned(),
        })
    };
    let advise = |text: String, hint: &str| {
        Some(Verdict {
            severity: Severity::Advice,
            text,
            hint: hint.to_owned(),
        })
    };
    let versions = laws.versions(name);
    if versions.is_empty() {
        let hint = "核对法规名称；确需引用的可以保留。";
        return advise(format!("法条库里没有《{}》。", quoted(name)), hint);
    }
    let Some(law) = laws.in_force(name, day) else {
        let hint = "引用行为发生时有效的规定。";
        return block(format!("《{name}》在 {day} 不是有效的法律。"), hint);
    };
    let whole = article.split('(').next().unwrap_or(article);
    let repealed = law.repealed.iter().find(|clause| {
        let is_meant = clause.words.iter().any(|word| said.contains(word.as_str()));
        clause.article == whole && day >= clause.repealed_on && is_meant
    });
    if let Some(clause) = repealed {
        let on = clause.repealed_on;
        let text = format!("《{name}》第{article}条的这一规定已于 {on} 删除。");
        return block(text, &clause.hint);
    }
    if law.gist(article).is_none() {
        let said = quoted(article);
        let moved = versions.iter().find_map(|version| version.moved.get(whole));
        if let Some(now) = moved {
            let text = format!("《{name}》第{said}条是旧法条号，在 {day} 已经不是这一条。");
            return block(text, &format!("改引现行第 {now} 条，并核对内容。"));
        }
        if versions
            .iter()
            .any(|version| version.gist(article).is_some())
        {
            let text = format!("《{name}》在 {day} 有效的文本里没有第{said}条。");
            return block(text, "引用行为发生时有效的文本中的条款。");
        }
        let hint = "核对条号；确需引用的可以保留。";
        return advise(format!("法条库里没有《{name}》第{said}条。"), hint);
    }
    let newer = laws.in_force(name, today)?;
    if newer.valid_from > law.valid_from {
        let from = newer.valid_from;
        let text = format!("《{name}》自 {from} 起已经修改；本案适用行为时的文本。");
        return advise(text, "比较新旧规定；新规定处罚较轻的，适用新规定。");
    }
    None
}
