//! Founding what a scenario plays on: headquarters, its people, the terminals, each with a network of its own.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use casebook::{DeviceSetup, Host, OpenOptions, SimulatedHost, Terminal};
use devices::testing::Place;
use hq::{Clock, Founding, Headquarters, NewUser, Running};
use journal::PinParams;
use serde_json::Value;

use super::cast::{self, Officer};
use super::read::{Fields, Scenario, list, text_of};
use crate::{Failed, SharedClock, pack_dir, repository};

/// Test sources at the pace of a real camera, small: a recording lasts until somebody stops it.
pub fn devices() -> DeviceSetup {
    DeviceSetup {
        width: 160,
        height: 120,
        framerate: 10,
        bitrate_bps: 100_000,
        ..DeviceSetup::test_sources()
    }
}

/// `example`, `s0` … `s4`, or the path of an agency's file beside the scenario.
fn agency_file(scenario: &Scenario) -> Result<PathBuf, Failed> {
    let folder = pack_dir().join("agencies");
    let wanted = scenario.agency.to_lowercase();
    let named = folder.join(format!("{wanted}.toml"));
    if named.is_file() {
        return Ok(named);
    }
    if let Ok(entries) = std::fs::read_dir(&folder) {
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with(&format!("{wanted}-")) {
                return Ok(entry.path());
            }
        }
    }
    let beside = scenario
        .file
        .parent()
        .unwrap_or(Path::new("."))
        .join(&scenario.agency);
    match beside.is_file() {
        true => Ok(beside),
        false => Err(format!(
            "there is no agency `{}`: neither a profile nor a file",
            scenario.agency
        )
        .into()),
    }
}

/// The profile with the scenario's parameters, number series and officers, as a file of its own.
pub fn agency_of(
    scenario: &Scenario,
    officers: &[Officer],
    parameters: &Fields,
    into: &Path,
) -> Result<PathBuf, Failed> {
    let mut table: toml::Table = std::fs::read_to_string(agency_file(scenario)?)?.parse()?;
    let set = table
        .entry("parameters")
        .or_insert(toml::Value::Table(toml::Table::new()));
    for (key, value) in scenario.parameters.iter().chain(parameters) {
        let is_bare = value
            .as_object()
            .is_none_or(|fields| !fields.contains_key("value"));
        let value = match is_bare {
            true => serde_json::json!({ "value": value, "source": "情景设定" }),
            false => value.clone(),
        };
        if let Some(set) = set.as_table_mut() {
            set.insert(key.clone(), toml::Value::try_from(&value)?);
        }
    }
    let series = table
        .get_mut("number_series")
        .and_then(toml::Value::as_array_mut);
    let mut unknown: Vec<&String> = scenario.numbers.keys().collect();
    for row in series.into_iter().flatten() {
        let Some(row) = row.as_table_mut() else {
            continue;
        };
        let name = row
            .get("series")
            .and_then(toml::Value::as_str)
            .unwrap_or_default()
            .to_owned();
        if let Some(changes) = scenario.numbers.get(&name).and_then(Value::as_object) {
            unknown.retain(|series| **series != name);
            for (key, value) in changes {
                row.insert(key.clone(), toml::Value::try_from(value)?);
            }
        }
    }
    if let Some(unknown) = unknown.first() {
        return Err(format!("[numbers]: the agency has no series `{unknown}`").into());
    }
    let rows = table
        .get("officers")
        .and_then(toml::Value::as_array)
        .cloned()
        .unwrap_or_default();
    let base = |credential_no: &str| {
        rows.iter().filter_map(toml::Value::as_table).find(|row| {
            row.get("credential_no").and_then(toml::Value::as_str) == Some(credential_no)
        })
    };
    let roster: Vec<toml::Value> = officers
        .iter()
        .map(|officer| toml::Value::Table(cast::roster_row(officer, base(&officer.credential_no))))
        .collect();
    table.insert("officers".to_owned(), toml::Value::Array(roster));
    // Whether it is used is a parameter.
    let image = repository().join("crates/hq/assets/example-seal.png");
    let seal = serde_json::json!({ "image": image, "width_mm": 42 });
    table.insert("seal".to_owned(), toml::Value::try_from(seal)?);
    std::fs::write(into, toml::to_string(&table)?)?;
    Ok(into.to_owned())
}

fn users(scenario: &Scenario) -> Vec<NewUser> {
    let mut users = NewUser::example();
    for row in &scenario.users {
        let text = |key: &str| row.get(key).map(text_of);
        let user = cast::user(&text("user").unwrap_or_default()).to_owned();
        let known = users.iter().position(|known| known.user == user);
        let mut new = match known.and_then(|index| users.get(index)) {
            Some(known) => known.clone(),
            None => NewUser {
                password: format!("example-{user}"),
                name: user.clone(),
                user: user.clone(),
                ..NewUser::default()
            },
        };
        if let Some(name) = text("name") {
            new.name = name;
        }
        if let Some(functions) = row.get("functions") {
            new.functions = list(functions);
        }
        if let Some(number) = text("credential_no") {
            new.credential_no = number;
        }
        if let Some(number) = text("qualification_no") {
            new.qualification_no = number;
        }
        users.retain(|known| known.user != user);
        users.push(new);
    }
    users
}

/// A terminal and its way to headquarters.
pub struct Unit {
    pub name: String,
    pub terminal: Option<Arc<Terminal>>,
    pub address: String,
    /// The address stays headquarters' own while the network is cut.
    _place: Place,
    running: Option<Running>,
    /// Something was recorded here that headquarters may not have.
    pub has_news: bool,
    /// Headquarters did something that may not be here.
    pub is_behind: bool,
    pub case_id: Option<String>,
    pub officers: Vec<String>,
    pub dir: PathBuf,
}

impl Unit {
    pub fn is_online(&self) -> bool {
        self.running.is_some()
    }
}

/// Everything that stands before the first step.
pub struct Ground {
    pub clock: Arc<SimulatedHost>,
    pub hq: Arc<Headquarters>,
    pub dir: PathBuf,
    pub officers: Vec<Officer>,
}

impl Ground {
    pub fn found(
        scenario: &Scenario,
        dir: &Path,
        start: chrono::DateTime<chrono::FixedOffset>,
    ) -> Result<Self, Failed> {
        let clock = Arc::new(SimulatedHost::at(start));
        let officers = cast::officers(scenario);
        let agency = agency_of(
            scenario,
            &officers,
            &Fields::new(),
            &dir.join("agency.toml"),
        )?;
        let mut founding = Founding::of_agency(&agency, &pack_dir(), "http://127.0.0.1")?;
        founding.users = users(scenario);
        founding.password_cost = PinParams::for_tests();
        founding.example = true;
        let shared: Arc<dyn Clock> = Arc::new(SharedClock(Arc::clone(&clock)));
        let hq = Arc::new(founding.found(&dir.join("headquarters"), shared)?);
        Ok(Self {
            clock,
            hq,
            dir: dir.to_owned(),
            officers,
        })
    }

    pub fn connect(&self, unit: &mut Unit) -> Result<(), Failed> {
        if unit.running.is_none() {
            let ui = self.dir.join("no-screens");
            unit.running = Some(Running::start(Arc::clone(&self.hq), &unit.address, &ui)?);
        }
        Ok(())
    }

    pub fn cut(&self, unit: &mut Unit) {
        if let Some(running) = unit.running.take() {
            running.stop();
        }
    }

    /// Enrols a terminal while the network is there, then leaves the network as the scenario says.
    pub fn enrol(&self, name: &str, is_online: bool) -> Result<Unit, Failed> {
        let place = Place::keep()?;
        let mut unit = Unit {
            name: name.to_owned(),
            terminal: None,
            address: place.address().to_string(),
            _place: place,
            running: None,
            has_news: true,
            is_behind: false,
            case_id: None,
            officers: Vec::new(),
            dir: self.dir.join(name),
        };
        self.connect(&mut unit)?;
        let pins: Vec<(String, String)> = self
            .officers
            .iter()
            .map(|officer| (officer.credential_no.clone(), officer.pin.clone()))
            .collect();
        let ticket = self.hq.ticket()?.to_string();
        Terminal::enrol(
            &unit.dir,
            &format!("http://{}", unit.address),
            &ticket,
            name,
            &pins,
            PinParams::for_tests(),
            Arc::clone(&self.clock) as Arc<dyn Host>,
        )?;
        self.open(&mut unit)?;
        if !is_online {
            self.cut(&mut unit);
        }
        Ok(unit)
    }

    pub fn open(&self, unit: &mut Unit) -> Result<(), Failed> {
        unit.terminal = Some(Terminal::open(OpenOptions {
            data_dir: unit.dir.clone(),
            host: Arc::clone(&self.clock) as Arc<dyn Host>,
            devices: devices(),
            fonts_dir: paper::Fonts::default_dir(),
        })?);
        Ok(())
    }
}
