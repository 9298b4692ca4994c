//! The agency that works with a pack: names, addresses, number patterns, officers.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use law::{Credential, CredentialStatus};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::PackFault;
use crate::files::parse_toml;
use crate::library::LawText;
use crate::parameters::AgencyParameter;

/// 执法机关 – what instruments print about the agency, and what headquarters starts with.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Agency {
    pub name: String,
    pub short_name: String,
    pub seal_name: String,
    pub division: String,
    pub address: String,
    pub postcode: String,
    pub contact: String,
    pub phone: String,
    pub complaint_phone: String,
    /// 复议机关.
    pub reconsideration_organ: String,
    /// 人民法院.
    pub court: String,
    pub bank: String,
    pub bank_account: String,
    /// 印章, where headquarters makes impressions of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seal: Option<AgencySeal>,
    #[serde(default)]
    pub number_series: Vec<NumberSeries>,
    #[serde(default)]
    pub officers: Vec<AgencyOfficer>,
    /// 机关参数 by key; the pack's `parameters.toml` says which there are.
    #[serde(default)]
    pub parameters: BTreeMap<String, AgencyParameter>,
    /// 裁量基准 of the agency.
    #[serde(default, rename = "benchmark")]
    pub benchmarks: Vec<Value>,
    #[serde(default, rename = "benchmark_note")]
    pub benchmark_notes: Vec<Value>,
    /// Laws of the agency's own place, written as in `articles.toml`.
    #[serde(default, rename = "law")]
    pub laws: Vec<LawText>,
}

/// 印章 – the image of the agency's seal, which stays at headquarters.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AgencySeal {
    /// PNG or JPEG; a path beside the agency's file.
    pub image: PathBuf,
    /// Across the whole seal.
    pub width_mm: u16,
}

/// 文号式样 – `{year}` and `{serial:4}` stand in the pattern.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct NumberSeries {
    pub series: String,
    pub title: String,
    pub pattern: String,
    #[serde(default = "one")]
    pub first: u64,
}

/// 执法人员 of the example agency's roster.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AgencyOfficer {
    pub officer_id: String,
    pub name: String,
    pub unit: String,
    pub post: String,
    pub credential_no: String,
    pub category: String,
    pub area: String,
    pub valid_from: NaiveDate,
    pub valid_to: NaiveDate,
    pub status: CredentialStatus,
    pub is_officer: bool,
    /// 证件照, PNG or JPEG; a path beside the agency's file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub photo: Option<PathBuf>,
}

impl Agency {
    pub fn load(file: &Path) -> Result<Self, PackFault> {
        let text = std::fs::read_to_string(file).map_err(|source| PackFault::Read {
            path: file.to_owned(),
            source,
        })?;
        let name = file.to_string_lossy();
        let agency: Self = parse_toml(&name, &text)?;
        for series in &agency.number_series {
            if render_number(&series.pattern, 2026, 1).is_none() {
                let line = text.lines().position(|line| line.contains(&series.pattern));
                return Err(PackFault::content(
                    &name,
                    line.map_or(0, |at| at + 1),
                    format!("{:?} lacks {{year}} or {{serial:n}}", series.pattern),
                ));
            }
        }
        Ok(agency)
    }

    /// The agency as instruments and notices look it up, without its officers and number patterns. `params` holds what
    /// the agency set; [`crate::Pack::parameter`] says what holds.
    pub fn value(&self) -> Value {
        let mut value = serde_json::to_value(self).unwrap_or_default();
        if let Value::Object(map) = &mut value {
            map.shift_remove("officers");
            map.shift_remove("seal");
            map.shift_remove("number_series");
            map.shift_remove("parameters");
            let params = self.parameters.iter();
            let params = params.map(|(key, set)| (key.clone(), set.value.clone()));
            for (written, read) in [
                ("benchmark", "benchmarks"),
                ("benchmark_note", "benchmark_notes"),
                ("law", "laws"),
            ] {
                let found = map.shift_remove(written);
                let rows =
                    found.filter(|rows| rows.as_array().is_some_and(|rows| !rows.is_empty()));
                if let Some(rows) = rows {
                    map.insert(read.to_owned(), rows);
                }
            }
            map.insert("params".to_owned(), Value::Object(params.collect()));
        }
        value
    }

    pub fn pattern(&self, series: &str) -> Option<&str> {
        self.number_series
            .iter()
            .find(|item| item.series == series)
            .map(|item| item.pattern.as_str())
    }
}

impl AgencyOfficer {
    pub fn credential(&self) -> Credential {
        Credential {
            credential_no: self.credential_no.clone(),
            valid_from: self.valid_from,
            valid_to: self.valid_to,
            status: self.status,
            is_officer: self.is_officer,
            category: self.category.clone(),
            area: self.area.clone(),
        }
    }
}

/// 文号 – fills a pattern such as `示例交罚〔{year}〕{serial:4}号`. Longer serials keep all their digits.
pub fn render_number(pattern: &str, year: u16, serial: u64) -> Option<String> {
    let (before, rest) = pattern.split_once("{year}")?;
    let (between, rest) = rest.split_once("{serial:")?;
    let (width, after) = rest.split_once('}')?;
    let width: usize = width
        .parse()
        .ok()
        .filter(|width| (1..=12).contains(width))?;
    Some(format!("{before}{year}{between}{serial:0width$}{after}"))
}

fn one() -> u64 {
    1
}
