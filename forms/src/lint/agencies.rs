//! Agency files: parameters inside the statutory bounds, numbers for every form, people who may act.

use std::collections::BTreeSet;
use std::path::Path;

use law::CredentialStatus;

use super::{Lint, LintFinding, LintSeverity};
use crate::deadline::CALENDAR_OVERLAY;
use crate::{Agency, Length, Pack, SealMode};

impl Lint<'_> {
    pub(super) fn agency(&mut self, pack: &Pack, file: &str, text: &str, agency: &Agency) {
        let mut found = Vec::new();
        let mut say = |severity, rule, needle: &str, reason: String, hint: &str| {
            let line = text.lines().position(|line| line.contains(needle));
            found.push(LintFinding {
                file: file.to_owned(),
                line: line.filter(|_| !needle.is_empty()).map_or(0, |at| at + 1),
                severity,
                rule,
                reason,
                hint: hint.to_owned(),
            });
        };
        for (key, set) in &agency.parameters {
            let Some(declared) = self.pack.parameters.get(key) else {
                let reason = format!("规则包没有参数 {key}。");
                let hint = "改正名称，或者先在 parameters.toml 中声明。";
                say(LintSeverity::Error, "parameter_unknown", key, reason, hint);
                continue;
            };
            if !declared.accepts(&set.value) {
                let reason = format!("“{}”的值 {} 不是所要的种类。", declared.title, set.value);
                let hint = "按参数的种类填写；选择项只能用列出的选项。";
                say(LintSeverity::Error, "parameter_type", key, reason, hint);
                continue;
            }
            if set.source.trim().is_empty() {
                let reason = format!("“{}”没有写明来源。", declared.title);
                let hint = "写上方案文件名，或者写“本机关决定”。";
                say(LintSeverity::Error, "parameter_source", key, reason, hint);
            }
            if let Some(bound) = declared.broken_bound(&set.value) {
                let reason = format!(
                    "“{}”为 {}，弱于法定的 {}（{} 第{}条）；按法定值执行。",
                    declared.title, set.value, bound.value, bound.basis.law, bound.basis.article
                );
                match &set.acknowledged {
                    Some(why) => {
                        let hint = format!("已知悉：{why}");
                        say(
                            LintSeverity::Note,
                            "weaker_than_statute",
                            key,
                            reason,
                            &hint,
                        );
                    }
                    None => {
                        let hint =
                            "改为法定值以内；原文确是如此的，用 acknowledged 写明知悉的理由。";
                        say(
                            LintSeverity::Error,
                            "weaker_than_statute",
                            key,
                            reason,
                            hint,
                        );
                    }
                }
            }
        }
        let overlay = agency.parameters.get(CALENDAR_OVERLAY);
        if let Some(name) = overlay.and_then(|set| set.value.as_str())
            && !self.pack.overlays.contains_key(name)
        {
            let reason = format!("规则包没有地方日历 {name}，期限按全国的放假安排计算。");
            let hint = "补上 calendars/overlays/ 下的同名文件，或者删去这个参数。";
            say(
                LintSeverity::Error,
                "calendar_overlay_unknown",
                CALENDAR_OVERLAY,
                reason,
                hint,
            );
        }
        let needed: BTreeSet<&str> = pack
            .forms()
            .filter_map(|form| form.number_series.as_deref())
            .collect();
        for series in needed
            .iter()
            .filter(|series| agency.pattern(series).is_none())
        {
            let reason = format!("没有文号样式 {series}，用到它的文书编不了号。");
            let hint = "补一段 [[number_series]]。";
            say(LintSeverity::Error, "series_missing", "", reason, hint);
        }
        let able = agency.officers.iter().filter(|officer| {
            officer.is_officer
                && officer.status == CredentialStatus::Valid
                && (officer.valid_from..=officer.valid_to).contains(&self.on)
        });
        let able = able.count();
        if able < 2 {
            let reason = format!("{} 能执法的人员只有 {able} 名，不足两名。", self.on);
            let hint = "补上持证人员，或者核对证件有效期。";
            say(LintSeverity::Error, "officers_missing", "", reason, hint);
        }
        let mut numbers = BTreeSet::new();
        for officer in &agency.officers {
            if !numbers.insert(&officer.credential_no) {
                let reason = format!("执法证号 {} 出现两次。", officer.credential_no);
                let hint = "核对证号。";
                let needle = officer.credential_no.as_str();
                say(
                    LintSeverity::Error,
                    "credential_twice",
                    needle,
                    reason,
                    hint,
                );
            }
        }
        let folder = Path::new(file).parent().unwrap_or(Path::new(""));
        let seal = agency.seal.as_ref();
        if let Some(seal) = seal.filter(|seal| !folder.join(&seal.image).is_file()) {
            let reason = format!("印章图像 {} 不在机关文件旁边。", seal.image.display());
            let hint = "把图像放到机关文件所在的文件夹，或者改正文件名。";
            let needle = seal.image.to_string_lossy();
            say(LintSeverity::Error, "seal_missing", &needle, reason, hint);
        }
        let mode = agency.parameters.get("seal_mode");
        let mode = mode.and_then(|mode| mode.value.as_str());
        let mode = mode.map_or(SealMode::ByHand, SealMode::parse);
        if seal.is_none() && mode.needs_image() {
            let reason = "机关选择了由系统用印，但没有印章图像。".to_owned();
            let hint = "在 [seal] 中写 image = \"文件名\" 和 width_mm = 42，图像只保存在总部。";
            say(LintSeverity::Error, "seal_unset", "seal_mode", reason, hint);
        }
        for photo in agency.officers.iter().filter_map(|one| one.photo.as_ref()) {
            if !folder.join(photo).is_file() {
                let reason = format!("证件照 {} 不在机关文件旁边。", photo.display());
                let hint = "把照片放到机关文件所在的文件夹，或者改正文件名。";
                let needle = photo.to_string_lossy();
                say(LintSeverity::Error, "photo_missing", &needle, reason, hint);
            }
        }
        let without = agency.officers.iter().filter(|one| one.photo.is_none());
        let without: Vec<_> = without.map(|one| one.name.as_str()).collect();
        if !without.is_empty() {
            let reason = format!("没有证件照：{}。亮证时没有照片可比对。", without.join("、"));
            let hint =
                "在 [[officers]] 中写 photo = \"文件名\"，照片（PNG 或 JPEG）放在机关文件旁边。";
            say(
                LintSeverity::Note,
                "photo_unset",
                "[[officers]]",
                reason,
                hint,
            );
        }
        for (key, title, value) in [
            ("name", "机关名称", &agency.name),
            ("short_name", "机关简称", &agency.short_name),
            ("address", "地址", &agency.address),
            ("phone", "电话", &agency.phone),
            ("complaint_phone", "监督电话", &agency.complaint_phone),
            (
                "reconsideration_organ",
                "复议机关",
                &agency.reconsideration_organ,
            ),
            ("court", "人民法院", &agency.court),
            ("bank", "代收银行", &agency.bank),
            ("bank_account", "收款账号", &agency.bank_account),
        ] {
            if value.trim().is_empty() {
                let hint = "填写；文书和权利告知都要印它。";
                let reason = format!("没有填写{title}。");
                say(
                    LintSeverity::Error,
                    "agency_incomplete",
                    &format!("{key} ="),
                    reason,
                    hint,
                );
            }
        }
        let organ = &agency.reconsideration_organ;
        if !organ.trim().is_empty() && !organ.contains("人民政府") {
            let reason = format!("复议机关“{organ}”不是人民政府。");
            let hint = "地方部门的复议机关一般是本级人民政府；依法另有规定的可以保留。";
            let needle = "reconsideration_organ";
            say(
                LintSeverity::Warning,
                "reconsideration_organ",
                needle,
                reason,
                hint,
            );
        }
        self.findings.extend(found);
    }

    /// Parameters that gates and clocks ask for, without a value of the pack or of the agency.
    pub(super) fn unset_parameters(&mut self, agencies: &[(String, Agency)]) {
        let pack = self.pack;
        let asked = pack.procedures.tests().flat_map(|test| test.params());
        let lengths = pack.time_limits.iter();
        let lengths = lengths.filter_map(|limit| match &limit.limit.days {
            Length::Parameter(parameter) => Some(parameter.param.as_str()),
            Length::Number(_) => None,
        });
        let asked: BTreeSet<&str> = asked.chain(lengths).collect();
        for (file, agency) in agencies {
            let unset: Vec<String> = asked
                .iter()
                .filter(|key| !agency.parameters.contains_key(**key))
                .filter_map(|key| pack.parameters.get(key))
                .filter(|declared| declared.default.is_none())
                .map(|declared| format!("{}（{}）", declared.title, declared.key))
                .collect();
            if !unset.is_empty() {
                let count = unset.len();
                let reason = format!(
                    "有 {count} 项规则要用的参数没有设定：{}。",
                    unset.join("、")
                );
                let hint = "由机关决定后写进 [parameters]；设定之前这些规则不起作用。";
                let place = (file.as_str(), 0);
                self.at_line(
                    LintSeverity::Warning,
                    "parameter_unset",
                    place,
                    reason,
                    hint,
                );
            }
        }
    }
}
