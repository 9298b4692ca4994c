//! Calendars that reach as far as the time limits do.

use chrono::{Datelike, FixedOffset, NaiveDate};
use serde_json::Value;

use super::{Lint, LintSeverity};
use crate::{Agency, Pack};

impl Lint<'_> {
    pub(super) fn calendars(
        &mut self,
        pack: &Pack,
        agencies: &[(String, Agency)],
        until: Option<i32>,
    ) {
        let last = self.pack.calendar.last_published_year();
        let files = self.files;
        let newest = crate::tables::calendar_files(files)
            .last()
            .unwrap_or("calendars");
        let hint = "放假安排公布后，仿照上一年写一个新的日历文件。";
        if last < self.on.year() {
            let reason = format!("工作日历只到 {last} 年，{} 用不了。", self.on);
            self.find(
                LintSeverity::Error,
                "calendar_too_short",
                (newest, ""),
                reason,
                hint,
            );
        } else if let Some(until) = until.filter(|until| last < *until) {
            let reason = format!("工作日历只到 {last} 年，要求到 {until} 年。");
            self.find(
                LintSeverity::Error,
                "calendar_too_short",
                (newest, ""),
                reason,
                hint,
            );
        } else if let Some((text, due)) = self.beyond(pack, agencies, last) {
            let reason = format!(
                "工作日历只到 {last} 年，从 {} 起算的“{text}”到 {due}，只能暂按周末推算。",
                self.on
            );
            self.find(
                LintSeverity::Warning,
                "calendar_too_short",
                (newest, ""),
                reason,
                hint,
            );
        }
    }

    /// The limit that ends last, where it ends after the calendars.
    fn beyond(
        &self,
        pack: &Pack,
        agencies: &[(String, Agency)],
        last: i32,
    ) -> Option<(String, NaiveDate)> {
        let at = self.on.and_hms_opt(0, 0, 0)?;
        let at = at
            .and_local_timezone(FixedOffset::east_opt(8 * 3600)?)
            .single()?;
        let values: Vec<Value> = agencies
            .iter()
            .map(|(_, agency)| pack.agency_value(agency))
            .chain([Value::Null])
            .collect();
        let dues = self.pack.time_limits.iter().flat_map(|limit| {
            let dues = values.iter();
            dues.filter_map(move |agency| {
                let deadline = pack.deadline(limit, &Value::Null, at, agency)?;
                Some((deadline.legal_due, limit.text.clone()))
            })
        });
        let (due, text) = dues.max()?;
        (due.year() > last).then_some((text, due))
    }
}
