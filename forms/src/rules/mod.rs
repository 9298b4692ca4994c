//! Applying the pack's cross-field rules: a closed set of kinds, no form known by name.

mod citing;
pub(crate) mod comparing;
mod presence;
pub(crate) mod source;

use std::collections::BTreeSet;

use chrono::NaiveDate;
use law::{
    Citation, CollectionLimit, PartyKind, PenaltyKind, Refusal, ResidentId, Sex,
    on_the_spot_collection, summary_available,
};
use serde_json::Value;

use crate::Condition;
use crate::check::Checker;
use crate::library::band_text;
use crate::value::{self, is_empty, is_one_of};
use comparing::{is_out_of_order, say};
use source::Rule;

/// Rows that a rule with `*` in its paths is applied to.
const ROWS_MAX: usize = 1_000;

pub(crate) fn apply(checker: &mut Checker, rule: &Rule) {
    let Some(table) = rule.table() else {
        return one(checker, rule);
    };
    let rows = checker.get(&table).and_then(Value::as_array);
    let rows = rows.map_or(0, Vec::len).min(ROWS_MAX);
    for at in 0..rows {
        one(checker, &rule.at_row(&table, at));
    }
}

fn one(checker: &mut Checker, rule: &Rule) {
    match rule {
        Rule::Order {
            earlier,
            later,
            may_be_equal,
            when,
            said,
        } => {
            if holds(checker, when.as_ref())
                && is_out_of_order(checker, earlier, later, *may_be_equal)
            {
                say(checker, later, "end_after_start", said, "");
            }
        }
        Rule::NotFuture { field, said } => {
            let is_later = match checker.time(field) {
                Some(time) => time > checker.context.now,
                None => checker
                    .date(field)
                    .is_some_and(|date| date > checker.context.today),
            };
            if is_later {
                say(checker, field, "not_future", said, "");
            }
        }
        Rule::NotPast { field, said } => {
            if checker
                .date(field)
                .is_some_and(|date| date < checker.context.today)
            {
                say(checker, field, "date_in_past", said, "");
            }
        }
        Rule::Period {
            from,
            to,
            days,
            unit,
            when,
            said,
        } => {
            if holds(checker, when.as_ref()) {
                comparing::period(checker, from, to, days, *unit, said);
            }
        }
        Rule::LeadTime {
            from,
            to,
            days,
            unit,
            when,
            said,
        } => {
            if holds(checker, when.as_ref()) {
                comparing::notice_period(checker, from.as_deref(), to, days, *unit, said);
            }
        }
        Rule::Difference {
            minuend,
            subtrahend,
            result,
            floor,
            said,
        } => comparing::difference(checker, [minuend, subtrahend, result], *floor, said),
        Rule::Sum {
            rows,
            field,
            parts,
            total,
            said,
        } => {
            let rows = rows.as_deref().zip(field.as_deref());
            comparing::sum(checker, rows, parts, total, said);
        }
        Rule::UpperBound {
            field,
            than,
            most,
            strict,
            when,
            said,
        } => {
            if holds(checker, when.as_ref()) {
                let bound = comparing::bound(checker, than.as_deref(), most.as_ref());
                comparing::upper_bound(checker, field, bound, *strict, said);
            }
        }
        Rule::LowerBound {
            field,
            most,
            than,
            when,
            said,
        } => {
            if holds(checker, when.as_ref()) {
                let bound = comparing::bound(checker, than.as_deref(), most.as_ref());
                comparing::lower_bound(checker, field, bound, said);
            }
        }
        Rule::Surcharge {
            fine,
            due,
            on,
            result,
            suspended_days,
            said,
        } => {
            let paths = [fine.as_str(), due, on, result];
            comparing::surcharge(checker, paths, suspended_days.as_deref(), said);
        }
        Rule::Distinct { fields, when, said } => {
            if holds(checker, when.as_ref()) {
                comparing::distinct(checker, fields, said);
            }
        }
        Rule::RowsDistinct {
            field,
            columns,
            said,
        } => comparing::rows_distinct(checker, field, columns, said),
        Rule::RequiredAny { fields, when, said } => {
            if holds(checker, when.as_ref()) {
                presence::required_any(checker, fields, said);
            }
        }
        Rule::RequiredWhile { field, when, said } => {
            if holds(checker, Some(when)) {
                presence::required(checker, field, said);
            }
        }
        Rule::RowsContain {
            field,
            column,
            words,
            answer,
            when,
            said,
        } => {
            if holds(checker, when.as_ref()) {
                presence::rows_contain(checker, field, column, words, answer.as_deref(), said);
            }
        }
        Rule::IdentityNumber { field } => identity_number(checker, field),
        Rule::MatchesResidentId {
            id,
            birth_date,
            sex,
            age,
            on,
            only_while,
        } => {
            if holds(checker, only_while.as_ref())
                && let Ok(resident) = ResidentId::parse(checker.text(id))
            {
                matches_birth_date(checker, &resident, birth_date.as_deref());
                matches_sex(checker, &resident, sex.as_deref());
                matches_age(checker, &resident, age.as_deref(), on.as_deref());
            }
        }
        Rule::PenaltyAge { party, on } => penalty_age(checker, party, on),
        Rule::SummaryLimit {
            party_kind,
            penalty,
            fine,
        } => summary_limit(checker, party_kind, penalty, fine),
        Rule::ViolationBand {
            violation,
            party_kind,
            penalty,
            fine,
            on,
            lighter,
        } => {
            in_force(checker, violation, on);
            let is_lighter = lighter.is_some() && holds(checker, lighter.as_ref());
            violation_band(checker, violation, party_kind, penalty, fine, is_lighter);
        }
        Rule::OnTheSpot {
            payment,
            fine,
            reason,
        } => {
            let limits = &checker.form.pack.limits;
            let limit = CollectionLimit {
                limit_fen: limits.on_the_spot_fen,
                basis: limits.on_the_spot_basis.clone(),
            };
            if checker.text(payment) == "on_the_spot"
                && let Some(fen) = checker.get(fine).and_then(Value::as_i64)
                && let Some(finding) =
                    on_the_spot_collection(fen, checker.text(reason), &limit, reason)
            {
                checker.add(finding);
            }
        }
        Rule::EmptyWhile { field, when, said } => {
            if holds(checker, Some(when)) && !is_empty(checker.get(field)) {
                say(checker, field, "empty_while", said, "");
            }
        }
        Rule::OfficersAtLeast {
            field,
            count,
            basis,
        } => officers_at_least(checker, field, *count, basis),
        Rule::NoticeTold {
            notice,
            field,
            basis,
        } => {
            if !checker.context.told.contains(notice) {
                let title = checker.context.pack.rights(notice, checker.context.agency);
                let title = title.map_or_else(|| notice.clone(), |rights| rights.title);
                let text = format!("还没有告知“{title}”（{notice}）。");
                let hint = "先向当事人宣读并记录其回应，再作出决定。";
                checker.block(field, "R-S2", &text, hint, basis);
            }
        }
        Rule::CitationsInForce { field, on, facts } => {
            citing::citations_in_force(checker, field, on.as_deref(), facts.as_deref());
        }
        Rule::ForbiddenWords { field, words, said } => {
            let text = checker.text(field);
            let found = words.iter().any(|word| text.contains(word.as_str()));
            if found {
                say(checker, field, "forbidden_words", said, "");
            }
        }
    }
}

fn holds(checker: &Checker, condition: Option<&Condition>) -> bool {
    condition.is_none_or(|condition| is_one_of(checker.get(&condition.path), &condition.is))
}

fn day_of(checker: &Checker, path: Option<&str>) -> NaiveDate {
    path.and_then(|path| checker.date(path))
        .unwrap_or(checker.context.today)
}

fn identity_number(checker: &mut Checker, field: &str) {
    let text = checker.text(field).to_owned();
    if text.trim().is_empty() {
        return;
    }
    if text.chars().count() == 18 {
        checker.resident_id(field, &text);
    } else {
        let found = text.chars().count();
        let text = format!(
            "{}不是 18 位居民身份证号（现为 {found} 位）。",
            checker.name(field)
        );
        checker.advise(
            field,
            "id_length",
            &text,
            "持其他证件的可以保留；居民身份证号请补全。",
            &[],
        );
    }
}

fn matches_birth_date(checker: &mut Checker, resident: &ResidentId, field: Option<&str>) {
    let Some((field, entered)) = field.and_then(|field| Some((field, checker.date(field)?))) else {
        return;
    };
    if entered != resident.birth_date() {
        let text = format!(
            "出生日期 {entered} 与身份证号中的 {} 不一致。",
            resident.birth_date()
        );
        checker.block(
            field,
            "birth_date_differs",
            &text,
            "对照证件改正其中一处。",
            &[],
        );
    }
}

fn matches_sex(checker: &mut Checker, resident: &ResidentId, field: Option<&str>) {
    let Some(field) = field else { return };
    let (word, label) = match resident.sex() {
        Sex::Male => ("male", "男"),
        Sex::Female => ("female", "女"),
    };
    let entered = checker.text(field);
    if !entered.is_empty() && entered != word {
        let text = format!("性别与身份证号不一致：身份证号为{label}。");
        checker.block(field, "sex_differs", &text, "对照证件改正其中一处。", &[]);
    }
}

fn matches_age(
    checker: &mut Checker,
    resident: &ResidentId,
    field: Option<&str>,
    on: Option<&str>,
) {
    let Some(field) = field else { return };
    let Some(entered) = checker.get(field).and_then(Value::as_u64) else {
        return;
    };
    let day = day_of(checker, on);
    let age = resident.age_on(day);
    // A paper written after the last birthday may carry the age of the day the case was opened.
    let is_of_last_year = |age: u64| on.is_none() && entered + 1 == age;
    let age_reckoned = age.map(u64::from);
    if age_reckoned != Some(entered) && !age_reckoned.is_some_and(is_of_last_year) {
        let reckoned = age.map_or_else(|| "未出生".to_owned(), |age| format!("{age} 周岁"));
        let text = format!("年龄 {entered} 与身份证号不一致：{day} 为{reckoned}。");
        checker.block(
            field,
            "age_differs",
            &text,
            "按身份证号改正年龄，或者核对身份证号。",
            &[],
        );
    }
}

fn penalty_age(checker: &mut Checker, party: &str, on: &str) {
    let day = day_of(checker, Some(on));
    let path = |key: &str| format!("{party}.{key}");
    if checker.text(&path("kind")) == "organisation" {
        return;
    }
    let age = ResidentId::parse(checker.text(&path("id_no")))
        .ok()
        .and_then(|resident| resident.age_on(day))
        .map(u64::from)
        .or_else(|| checker.get(&path("age")).and_then(Value::as_u64));
    let limits = &checker.form.pack.limits;
    let (Some(age), basis) = (age, limits.age_basis.clone()) else {
        return;
    };
    if age < u64::from(limits.penalty_age) {
        let text = format!(
            "当事人行为时 {age} 周岁，不满 {} 周岁，不予行政处罚。",
            limits.penalty_age
        );
        let hint = "改为责令监护人管教，不制发处罚决定书。";
        checker.block(&path("id_no"), "R-S6", &text, hint, &basis);
    } else if age < u64::from(limits.full_age) {
        let text = format!(
            "当事人行为时 {age} 周岁，未满 {} 周岁，应当从轻或者减轻。",
            limits.full_age
        );
        let hint = "通知监护人到场，并在裁量理由中写明。";
        checker.advise(&path("id_no"), "R-S6", &text, hint, &basis);
    }
}

fn summary_limit(checker: &mut Checker, party_kind: &str, penalty: &str, fine: &str) {
    let (Some(party), Some(kind)) = (
        PartyKind::parse(checker.text(party_kind)),
        PenaltyKind::parse(checker.text(penalty)),
    ) else {
        return;
    };
    let fen = checker.get(fine).and_then(Value::as_i64).unwrap_or(0);
    let limits = &checker.form.pack.limits;
    let Err(Refusal::SummaryProcedureNotAvailable {
        fine_fen,
        limit_fen,
    }) = summary_available(party, kind, fen, &limits.summary())
    else {
        return;
    };
    let text = if limit_fen == 0 {
        "这种处罚不能适用简易程序当场作出。".to_owned()
    } else {
        format!(
            "罚款 {} 超过简易程序限额 {}，不能当场处罚。",
            law::payment::yuan(fine_fen),
            law::payment::yuan(limit_fen)
        )
    };
    let basis = limits.summary_basis.clone();
    checker.block(
        fine,
        "R-S1",
        &text,
        "改用普通程序：立案、调查、告知后再作决定。",
        &basis,
    );
}

/// R-S9: the violation was punishable on that day.
fn in_force(checker: &mut Checker, violation: &str, on: &str) {
    let day = day_of(checker, Some(on));
    let Some(entry) = checker.form.pack.violation(checker.text(violation)) else {
        return;
    };
    if !entry.is_in_force(day) {
        let text = format!("“{}”的处罚依据在 {day} 不是有效的法律。", entry.title);
        let hint = entry
            .note
            .clone()
            .unwrap_or_else(|| "选择行为发生时有效的依据。".to_owned());
        let basis = entry.basis.clone();
        checker.block(violation, "R-S9", &text, &hint, &basis);
    }
}

fn violation_band(
    checker: &mut Checker,
    violation: &str,
    party_kind: &str,
    penalty: &str,
    fine: &str,
    is_lighter: bool,
) {
    let Some(entry) = checker.form.pack.violation(checker.text(violation)) else {
        return;
    };
    let (Some(party), Some(kind)) = (
        PartyKind::parse(checker.text(party_kind)),
        PenaltyKind::parse(checker.text(penalty)),
    ) else {
        return;
    };
    match kind {
        PenaltyKind::Warning if !entry.warning_allowed => {
            let text = format!("“{}”没有规定警告这种处罚。", entry.title);
            let hint = format!("可以作出的处罚：{}。", entry.range_text());
            checker.block(penalty, "violation_band", &text, &hint, &entry.basis);
        }
        PenaltyKind::Fine => {
            let Some(fen) = checker.get(fine).and_then(Value::as_i64) else {
                return;
            };
            match entry.band(party) {
                // The amount follows from income or circumstances, which one band cannot tell.
                None if !entry.tier.is_empty() => {}
                Some(band) if is_lighter && fen > 0 && fen < band.min_fen => {
                    let text = format!(
                        "罚款 {} 低于法定幅度（{}），属于减轻处罚。",
                        law::payment::yuan(fen),
                        band_text(band)
                    );
                    let hint = "写明减轻处罚的法定情形和理由，并提交法制审核。";
                    checker.advise(fine, "violation_band", &text, hint, &entry.basis);
                }
                None => {
                    let text = format!("“{}”没有规定罚款这种处罚。", entry.title);
                    let hint = format!("可以作出的处罚：{}。", entry.range_text());
                    checker.block(penalty, "violation_band", &text, &hint, &entry.basis);
                }
                Some(band) if fen <= 0 || fen < band.min_fen || fen > band.max_fen => {
                    let text = format!(
                        "罚款 {} 不在法定幅度（{}）内。",
                        law::payment::yuan(fen),
                        band_text(band)
                    );
                    let hint = "按法定幅度和裁量基准改正金额；减轻处罚的不适用简易程序。";
                    checker.block(fine, "violation_band", &text, hint, &entry.basis);
                }
                Some(_) => {}
            }
        }
        PenaltyKind::Warning
        | PenaltyKind::NoticeOfCriticism
        | PenaltyKind::Confiscation
        | PenaltyKind::PermitSuspension
        | PenaltyKind::PermitRevocation
        | PenaltyKind::ClosureOrder => {}
    }
}

fn officers_at_least(checker: &mut Checker, field: &str, count: usize, basis: &[Citation]) {
    let different: BTreeSet<String> = checker
        .get(field)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter(|officer| !is_empty(officer.get("name")))
        .map(|officer| value::text(officer, "credential_no").to_owned())
        .filter(|credential_no| !credential_no.trim().is_empty())
        .collect();
    if different.len() < count {
        let text = format!("执法人员只有 {} 名，不得少于 {count} 名。", different.len());
        let hint = "请另一名执法人员在本机登录后再办理。";
        checker.block(field, "R-P1", &text, hint, basis);
    }
}
