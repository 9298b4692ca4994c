//! Whether what a gate asks for is there. The answer to "no" is what is still missing, in the officer's words.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, FixedOffset, Months, NaiveDate};
use serde_json::Value;

use super::dossier::{ApprovalFact, InstrumentFact, moment};
use super::scene::Scene;
use super::source::{Count, Need, Other, Test};
use crate::value::{is_empty, text};

/// What is missing; empty where the gate's own text says everything.
pub(crate) type Lack = String;

/// When a clock ends.
struct End {
    on: NaiveDate,
    at: Option<DateTime<FixedOffset>>,
}

impl End {
    fn is_over(&self, now: DateTime<FixedOffset>) -> bool {
        match self.at {
            Some(at) => now > at,
            None => now.date_naive() > self.on,
        }
    }

    fn text(&self) -> String {
        match self.at {
            Some(at) => at.format("%Y-%m-%d %H:%M").to_string(),
            None => self.on.to_string(),
        }
    }
}

impl<'a> Scene<'a> {
    pub(crate) fn meets(&self, need: &Need) -> Result<(), Lack> {
        match need {
            Need::Issued { forms, any } => self.each(forms, *any, "还没有制发", |form| {
                self.newest(form).is_some()
            }),
            Need::Delivered { forms, any } => self.each(forms, *any, "还没有送达", |form| {
                let mut issued = self.dossier.issued(form).peekable();
                issued.peek().is_some() && issued.all(|item| item.delivered_at.is_some())
            }),
            Need::Approved {
                forms,
                stage,
                methods,
            } => self.approved(forms, stage.as_deref(), methods),
            Need::ReviewPassed { forms } => self.review_passed(forms),
            Need::Deliberated {} => {
                let last = self.dossier.deliberations.last();
                yes(
                    last.is_some_and(|held| held.is_agreed),
                    "还没有集体讨论决定",
                )
            }
            Need::Told { notice } => {
                let mut told = self.dossier.told.iter();
                yes(told.any(|told| &told.notice == notice), "还没有告知")
            }
            Need::PeriodOver {
                limit,
                of,
                unless_form,
                unless,
            } => self.period_over(limit, of, unless_form.as_deref(), unless),
            Need::Within { limit, of } => match self.end(limit, of.as_deref()) {
                Some(end) if end.is_over(self.now) => Err(format!("期限已于 {} 届满", end.text())),
                Some(_) | None => Ok(()),
            },
            Need::NotBefore { path, limit } => self.not_before(path, limit),
            Need::LeadTime { path, days, unit } => {
                let Some(day) = self.day_at(path) else {
                    return Ok(());
                };
                let length = self.pack.length(days, self.agency);
                let earliest = length.and_then(|length| {
                    self.pack.last_day(self.today(), length, *unit, self.agency)
                });
                match earliest {
                    Some(earliest) if day < earliest => Err(format!("最早为 {earliest}")),
                    Some(_) => Ok(()),
                    None => Err("期限算不出来".to_owned()),
                }
            }
            Need::Absent { forms } => {
                let standing = forms.iter().find(|form| self.newest(form).is_some());
                standing.map_or(Ok(()), |form| Err(format!("已经制发{}", self.title(form))))
            }
            Need::Flag { name, is, is_not } => {
                let test = Test {
                    path: format!("flags.{name}"),
                    is: is.clone(),
                    is_not: is_not.clone(),
                    at_least: None,
                    more_than: None,
                    at_most: None,
                    less_than: None,
                    exists: (is.is_none() && is_not.is_none()).then_some(true),
                };
                yes(self.holds(&test), "")
            }
            Need::NotMoreThan { path, than } => self.not_more_than(path, than),
            Need::Same { path, other } => self.same(path, other),
            Need::Distinct { people } => self.distinct(people),
            Need::Recorded { kinds, unless_flag } => self.recorded(kinds, unless_flag.as_deref()),
            Need::Limitation {
                on,
                years,
                years_serious,
                serious_flag,
                discovered,
            } => {
                let is_serious = serious_flag.as_ref().is_some_and(|flag| {
                    self.dossier
                        .flags
                        .get(flag)
                        .is_some_and(|set| set != &Value::Bool(false))
                });
                let years = years_serious
                    .as_ref()
                    .filter(|_| is_serious)
                    .unwrap_or(years);
                self.limitation(on, years, discovered.as_deref().unwrap_or("opened_at"))
            }
            Need::ClocksDone { names, except } => self.clocks_done(names, except),
            Need::RowsEqual {
                path,
                other,
                also,
                by,
                may_be_fewer,
            } => self.rows_equal(path, other, also, by, *may_be_fewer),
            Need::InForce { paths, on } => self.in_force(paths, on.as_deref()),
            Need::Paid { of, path } => self.paid(of, path),
            Need::Known { paths, among } => self.known(paths, among),
            Need::Holds { any } => yes(self.any_list_holds(any), ""),
            Need::AllOf { needs } => needs.iter().try_for_each(|need| self.meets(need)),
            Need::AnyOf { needs } => {
                let mut lacks = Vec::new();
                for need in needs {
                    match self.meets(need) {
                        Ok(()) => return Ok(()),
                        Err(lack) => lacks.push(lack),
                    }
                }
                lacks.retain(|lack| !lack.is_empty());
                Err(lacks.join("；或者"))
            }
            Need::Never {} => Err(String::new()),
        }
    }

    fn title(&self, form: &str) -> String {
        let known = self
            .pack
            .forms
            .iter()
            .find(|known| known.definition.code == form);
        known.map_or_else(
            || form.to_owned(),
            |known| format!("《{}》", known.definition.title),
        )
    }

    fn each(
        &self,
        forms: &[String],
        any: bool,
        lack: &str,
        is_met: impl Fn(&str) -> bool,
    ) -> Result<(), Lack> {
        let missing: Vec<_> = forms.iter().filter(|form| !is_met(form)).collect();
        if missing.is_empty() || (any && missing.len() < forms.len()) {
            return Ok(());
        }
        let titles: Vec<_> = missing.iter().map(|form| self.title(form)).collect();
        Err(format!(
            "{lack}{}",
            titles.join(if any { "或者" } else { "、" })
        ))
    }

    /// Approvals of another content than what was issued do not count.
    fn approved(
        &self,
        forms: &[String],
        stage: Option<&str>,
        methods: &[String],
    ) -> Result<(), Lack> {
        let is_counted = |method: &String| methods.is_empty() || methods.contains(method);
        let is_approved = |form: &String| {
            self.last_word(form, stage)
                .is_some_and(|last| last.decision == "approved" && is_counted(&last.method))
        };
        if forms.iter().any(is_approved) {
            return Ok(());
        }
        let titles: Vec<_> = forms.iter().map(|form| self.title(form)).collect();
        let is_sent_back = forms.iter().any(|form| self.is_sent_back(form, stage));
        let lack = if is_sent_back {
            "被退回或者不予批准"
        } else {
            "还没有批准"
        };
        Err(format!("{}{lack}", titles.join("或者")))
    }

    /// The last decision about the newest instrument of the form as it was issued.
    fn last_word(&self, form: &str, stage: Option<&str>) -> Option<&'a ApprovalFact> {
        let newest = self.newest(form)?;
        let mut mine: Vec<_> = self
            .dossier
            .approvals
            .iter()
            .filter(|approval| approval.instrument_id == newest.instrument_id)
            .filter(|approval| stage.is_none_or(|stage| approval.stage == stage))
            .filter(|approval| is_same_content(approval.content_sha256.as_deref(), newest))
            .collect();
        mine.sort_by_key(|approval| moment(Some(&approval.at)));
        mine.last().copied()
    }

    /// It was returned or refused; whoever applied has to write it anew.
    pub(crate) fn is_sent_back(&self, form: &str, stage: Option<&str>) -> bool {
        self.last_word(form, stage)
            .is_some_and(|last| last.decision != "approved")
    }

    fn review_passed(&self, forms: &[String]) -> Result<(), Lack> {
        let mut reviews: Vec<_> = self
            .dossier
            .reviews
            .iter()
            .filter_map(|review| Some((review, self.dossier.instrument(&review.instrument_id)?)))
            .filter(|(_, item)| forms.is_empty() || forms.contains(&item.form))
            .collect();
        reviews.sort_by_key(|(review, _)| (moment(Some(&review.at)), review.round));
        let Some((last, reviewed)) = reviews.last() else {
            return Err("还没有法制审核意见".to_owned());
        };
        let newest = self.newest(&reviewed.form);
        if newest.is_none_or(|newest| newest.instrument_id != reviewed.instrument_id)
            || !is_same_content(last.content_sha256.as_deref(), reviewed)
        {
            return Err("送审材料在审核之后又有变动，还没有新的审核意见".to_owned());
        }
        yes(last.is_passed, "法制审核没有通过")
    }

    /// The newest instrument of the form was reviewed, and not passed.
    pub(crate) fn is_turned_down(&self, form: &str) -> bool {
        let Some(newest) = self.newest(form) else {
            return false;
        };
        let mut reviews: Vec<_> = self
            .dossier
            .reviews
            .iter()
            .filter(|review| review.instrument_id == newest.instrument_id)
            .collect();
        reviews.sort_by_key(|review| (moment(Some(&review.at)), review.round));
        reviews.last().is_some_and(|last| !last.is_passed)
    }

    /// The clock as it was written down; reckoned only where nobody wrote it.
    fn end(&self, limit: &str, of: Option<&str>) -> Option<End> {
        let newest = match of {
            Some(form) => Some(self.newest(form)?),
            None => None,
        };
        let is_mine = |id: Option<&String>| match newest {
            Some(newest) => id == Some(&newest.instrument_id),
            None => true,
        };
        let clock = self
            .dossier
            .clocks
            .iter()
            .rev()
            .find(|clock| clock.name == limit && is_mine(clock.instrument_id.as_ref()));
        if let Some(clock) = clock {
            return Some(End {
                on: self.day(&clock.due_on)?,
                at: moment(clock.due_at.as_deref()),
            });
        }
        let newest = newest?;
        let named = self.pack.time_limit(limit)?;
        let start = match named.starts_on.as_str() {
            "delivered" => newest.delivered_at.as_deref(),
            _ => newest.issued_at.as_deref(),
        };
        let start = moment(start)?.with_timezone(self.now.offset());
        let deadline = self
            .pack
            .deadline(named, &newest.value, start, self.agency)?;
        Some(End {
            on: deadline.legal_due,
            at: deadline.due_at,
        })
    }

    fn period_over(
        &self,
        limit: &str,
        of: &str,
        unless_form: Option<&str>,
        unless: &[Test],
    ) -> Result<(), Lack> {
        let Some(newest) = self.newest(of) else {
            return Err(format!("还没有制发{}", self.title(of)));
        };
        let after = moment(newest.issued_at.as_deref());
        let is_waived = match unless_form {
            Some(form) => self.newest(form).is_some_and(|waiver| {
                moment(waiver.issued_at.as_deref()) >= after && self.all_hold(unless)
            }),
            None => !unless.is_empty() && self.all_hold(unless),
        };
        let named = self.pack.time_limit(limit);
        let starts_delivered = named.is_none_or(|named| named.starts_on == "delivered");
        if starts_delivered && newest.delivered_at.is_none() {
            return Err(format!("{}还没有送达", self.title(of)));
        }
        if is_waived || named.is_some_and(|named| !named.applies(&newest.value)) {
            return Ok(());
        }
        match self.end(limit, Some(of)) {
            Some(end) if end.is_over(self.now) => Ok(()),
            Some(end) => Err(format!("期限至 {}，届满之后才可以办理", end.text())),
            None => Err("期限还没有起算".to_owned()),
        }
    }

    fn not_before(&self, path: &str, limit: &str) -> Result<(), Lack> {
        let (Some(day), Some(named)) = (self.day_at(path), self.pack.time_limit(limit)) else {
            return Ok(());
        };
        let nothing = Value::Null;
        let value = self.value.unwrap_or(&nothing);
        match self.pack.deadline(named, value, self.now, self.agency) {
            Some(earliest) if day < earliest.legal_due => {
                Err(format!("最早为 {}", earliest.legal_due))
            }
            Some(_) => Ok(()),
            None => Err("期限算不出来".to_owned()),
        }
    }

    /// Nothing to compare with is no objection; that it has to be there is another gate's question.
    fn other(&self, other: &Other) -> Option<Vec<Value>> {
        let found = match &other.form {
            Some(form) => {
                self.newest(form)?;
                self.find(&format!("issued.{form}.value.{}", plain(&other.path)))
            }
            None => self.find(&other.path),
        };
        Some(found.into_iter().map(|found| found.into_owned()).collect())
    }

    fn at(&self, path: &str) -> Vec<Value> {
        let whole = format!("value.{}", plain(path));
        let found = self.find(&whole).into_iter();
        found.map(|found| found.into_owned()).collect()
    }

    fn not_more_than(&self, path: &str, than: &Other) -> Result<(), Lack> {
        let Some(other) = self.other(than) else {
            return Ok(());
        };
        let number = |found: &[Value]| found.iter().filter_map(Value::as_i64).sum::<i64>();
        let (mine, most) = (number(&self.at(path)), number(&other));
        if mine <= most {
            return Ok(());
        }
        let is_money = path.ends_with("_fen");
        let shown = |number: i64| {
            if is_money {
                law::payment::yuan(number)
            } else {
                number.to_string()
            }
        };
        Err(format!("{} 高于 {}", shown(mine), shown(most)))
    }

    fn same(&self, path: &str, other: &Other) -> Result<(), Lack> {
        let Some(other) = self.other(other) else {
            return Ok(());
        };
        let said = |found: &[Value]| -> Vec<Value> {
            let found = found.iter().filter(|item| !is_empty(Some(item)));
            found.map(|item| self.meaning(item)).collect()
        };
        yes(said(&self.at(path)) == said(&other), "两份文书的内容不一致")
    }

    fn distinct(&self, places: &[String]) -> Result<(), Lack> {
        let people: Vec<Vec<Person>> = places
            .iter()
            .map(|path| {
                let found = self.find(path);
                found.iter().flat_map(|found| persons(found)).collect()
            })
            .collect();
        for (at, earlier) in people.iter().enumerate() {
            for later in people.iter().skip(at + 1).flatten() {
                if let Some(twice) = earlier.iter().find(|person| person.is(later)) {
                    return Err(format!("{} 同时列在两处", twice.name));
                }
            }
        }
        Ok(())
    }

    fn recorded(&self, kinds: &[String], unless_flag: Option<&str>) -> Result<(), Lack> {
        let has = |kind: &str| match kind {
            "photo" => self.dossier.evidence_count > 0,
            kind => self.dossier.recordings.iter().any(|item| item.kind == kind),
        };
        let is_there = if kinds.is_empty() {
            self.dossier.evidence_count > 0 || !self.dossier.recordings.is_empty()
        } else {
            kinds.iter().any(|kind| has(kind))
        };
        let is_excused = unless_flag.is_some_and(|flag| {
            self.dossier
                .flags
                .get(flag)
                .is_some_and(|set| !is_empty(Some(set)))
        });
        yes(is_there || is_excused, "案件中没有录音录像或者照片")
    }

    fn limitation(&self, on: &str, years: &Count, discovered: &str) -> Result<(), Lack> {
        let Some(acted) = self.day_at(on) else {
            return Ok(());
        };
        let found_out = self.day_at(discovered).unwrap_or_else(|| self.today());
        let years = match years {
            Count::Number(years) => Some(*years),
            Count::Param(param) => self
                .parameter(&param.param)
                .and_then(|years| u32::try_from(years.as_u64()?).ok()),
        };
        let Some(last) = years
            .and_then(|years| years.checked_mul(12))
            .and_then(|months| acted.checked_add_months(Months::new(months)))
        else {
            return Err("追究时效没有设定".to_owned());
        };
        if found_out <= last {
            return Ok(());
        }
        Err(format!("追究时效已于 {last} 届满"))
    }

    fn clocks_done(&self, names: &[String], except: &[String]) -> Result<(), Lack> {
        let open: BTreeSet<&str> = self
            .dossier
            .clocks
            .iter()
            .filter(|clock| !clock.is_done && !except.contains(&clock.name))
            .filter(|clock| {
                let named = self.pack.time_limit(&clock.name);
                if names.is_empty() {
                    named.is_none_or(|named| named.done_by.is_some())
                } else {
                    names.contains(&clock.name)
                }
            })
            .map(|clock| {
                let named = self.pack.time_limit(&clock.name);
                named.map_or(clock.name.as_str(), |named| named.text.as_str())
            })
            .collect();
        if open.is_empty() {
            return Ok(());
        }
        let open: Vec<_> = open.into_iter().collect();
        Err(format!("还没有办结：{}", open.join("、")))
    }

    fn rows_equal(
        &self,
        path: &str,
        other: &Other,
        also: &[Other],
        by: &[String],
        may_be_fewer: bool,
    ) -> Result<(), Lack> {
        let everywhere = |other: &Other| -> Vec<Value> {
            match &other.form {
                Some(form) => self
                    .dossier
                    .issued(form)
                    .filter_map(|item| crate::value::get(&item.value, plain(&other.path)).cloned())
                    .collect(),
                None => self.other(other).unwrap_or_default(),
            }
        };
        let count = |lists: &[Value]| {
            let mut counted: BTreeMap<String, i64> = BTreeMap::new();
            let rows = lists.iter().filter_map(Value::as_array).flatten();
            for row in rows.filter(|row| !is_empty(Some(row))) {
                let key = by.iter().map(|column| {
                    let cell = row.get(column).map(|cell| self.meaning(cell));
                    match cell.unwrap_or(Value::Null) {
                        Value::String(text) => text,
                        other => other.to_string(),
                    }
                });
                *counted
                    .entry(key.collect::<Vec<_>>().join(" "))
                    .or_insert(0) += 1;
            }
            counted
        };
        let mut mine = self.at(path);
        mine.extend(also.iter().flat_map(everywhere));
        let (mine, theirs) = (count(&mine), count(&everywhere(other)));
        let surplus = mine
            .iter()
            .find(|(row, many)| **many > theirs.get(*row).copied().unwrap_or(0));
        if let Some((row, _)) = surplus {
            return Err(format!("多出“{row}”"));
        }
        let lacking = theirs
            .iter()
            .find(|(row, many)| **many > mine.get(*row).copied().unwrap_or(0));
        match lacking {
            Some((row, _)) if !may_be_fewer => Err(format!("缺少“{row}”")),
            Some(_) | None => Ok(()),
        }
    }

    fn in_force(&self, paths: &[String], on: Option<&str>) -> Result<(), Lack> {
        let day = on
            .and_then(|on| self.day_at(on))
            .unwrap_or_else(|| self.today());
        for cited in paths.iter().flat_map(|path| self.find(path)) {
            for item in cited.as_array().into_iter().flatten() {
                let name = text(item, "law");
                let laws = &self.pack.laws;
                if !laws.versions(name).is_empty() && laws.in_force(name, day).is_none() {
                    return Err(format!("《{name}》在 {day} 不是有效的法律"));
                }
            }
        }
        Ok(())
    }

    fn known(&self, paths: &[String], among: &[String]) -> Result<(), Lack> {
        const SHOWN_MAX: usize = 3;
        let names = |paths: &[String]| -> BTreeSet<String> {
            let found = paths.iter().flat_map(|path| self.find(path));
            found
                .filter_map(|value| named(&value))
                .filter(|name| !name.is_empty())
                .collect()
        };
        let bearers = names(among);
        let cited = names(paths);
        let unknown: Vec<&str> = cited.difference(&bearers).map(String::as_str).collect();
        match unknown.len() {
            0 => Ok(()),
            1..=SHOWN_MAX => Err(unknown.join("、")),
            count => {
                let first: Vec<&str> = unknown.into_iter().take(SHOWN_MAX).collect();
                Err(format!("{} 等 {count} 件", first.join("、")))
            }
        }
    }

    fn paid(&self, of: &str, path: &str) -> Result<(), Lack> {
        let Some(newest) = self.newest(of) else {
            return Ok(());
        };
        let asked = crate::value::get(&newest.value, path).and_then(Value::as_i64);
        let asked = asked.unwrap_or(0);
        let paid: i64 = self
            .dossier
            .payments
            .iter()
            .filter(|payment| payment.instrument_id == newest.instrument_id)
            .map(|payment| payment.amount_fen)
            .fold(0, i64::saturating_add);
        if paid >= asked {
            return Ok(());
        }
        let left = law::payment::yuan(asked - paid);
        Err(format!("还有 {left} 没有缴纳"))
    }
}

/// A number as text, or of a picked piece its id.
fn named(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Object(piece) => Some(piece.get("id")?.as_str()?.to_owned()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => None,
    }
}

/// Inside an instrument `fine_fen` and `value.fine_fen` mean the same.
fn plain(path: &str) -> &str {
    path.strip_prefix("value.").unwrap_or(path)
}

fn yes(is_met: bool, lack: &str) -> Result<(), Lack> {
    if is_met { Ok(()) } else { Err(lack.to_owned()) }
}

fn is_same_content(approved: Option<&str>, item: &InstrumentFact) -> bool {
    match (approved, item.content_sha256.as_deref()) {
        (Some(approved), Some(issued)) => approved == issued,
        (None, _) | (_, None) => true,
    }
}

struct Person {
    name: String,
    credential_no: String,
}

impl Person {
    /// Two credential numbers tell people apart; without them the name does.
    fn is(&self, other: &Person) -> bool {
        if self.credential_no.is_empty() || other.credential_no.is_empty() {
            return !self.name.is_empty() && self.name == other.name;
        }
        self.credential_no == other.credential_no
    }
}

fn persons(value: &Value) -> Vec<Person> {
    const PEOPLE_MAX: usize = 100;
    match value {
        Value::Array(items) => items.iter().take(PEOPLE_MAX).flat_map(persons).collect(),
        Value::String(names) => names
            .split(['、', '，', ',', ';', '；', ' ', '\n'])
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .take(PEOPLE_MAX)
            .map(|name| Person {
                name: name.to_owned(),
                credential_no: String::new(),
            })
            .collect(),
        Value::Object(_) => vec![Person {
            name: text(value, "name").trim().to_owned(),
            credential_no: text(value, "credential_no").trim().to_owned(),
        }],
        Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
}
