//! A stage for journeys: a real headquarters on loopback, real terminals, one simulated clock for all.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use casebook::{DeviceSetup, Host, OpenOptions, SimulatedHost, Terminal};
use chrono::{DateTime, FixedOffset, TimeDelta};
use contract::{BoundaryError, Surface};
use devices::testing::Place;
use hq::{Clock, Founding, Headquarters, Running};
use journal::PinParams;
use serde_json::{Value, json};

pub mod browser;
pub mod roadside;
pub mod scenario;
pub mod sheets;

/// Anything that went wrong on the stage, with its story.
pub type Failed = Box<dyn std::error::Error + Send + Sync>;

/// First PINs of the example officers.
pub const PINS: [(&str, &str); 3] = [
    ("99010001", "246810"),
    ("99010002", "135791"),
    ("99010003", "112358"),
];

/// Headquarters' clock is the terminals' clock.
pub(crate) struct SharedClock(pub(crate) Arc<SimulatedHost>);

impl Clock for SharedClock {
    fn now(&self) -> DateTime<FixedOffset> {
        self.0.now()
    }

    fn monotonic_ms(&self) -> u64 {
        self.0.monotonic_ms()
    }
}

/// One agency: headquarters, its folder, the clock.
pub struct Stage {
    pub dir: PathBuf,
    pub clock: Arc<SimulatedHost>,
    pub headquarters: Arc<Headquarters>,
    pub address: String,
    /// The address stays headquarters' own while the network is cut.
    _place: Place,
    running: Option<Running>,
}

/// The repository this crate stands in.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The national pack of this repository.
pub fn pack_dir() -> PathBuf {
    repository().join("forms/packs/transport")
}

impl Stage {
    /// Founds the example agency in `dir` and starts its headquarters.
    pub fn found(dir: &Path, start: &str) -> Result<Self, Failed> {
        Self::found_with(dir, start, |url| Founding::example(&pack_dir(), url))
    }

    /// Founds the agency of a file in `dir` and starts its headquarters.
    pub fn found_agency(dir: &Path, start: &str, file: &Path) -> Result<Self, Failed> {
        Self::found_with(dir, start, |url| {
            Founding::of_agency(file, &pack_dir(), url)
        })
    }

    fn found_with(
        dir: &Path,
        start: &str,
        founding: impl FnOnce(&str) -> Result<Founding, hq::Failure>,
    ) -> Result<Self, Failed> {
        let clock = Arc::new(SimulatedHost::at(DateTime::parse_from_rfc3339(start)?));
        let place = Place::keep()?;
        let address = place.address().to_string();
        let mut founding = founding(&format!("http://{address}"))?;
        founding.password_cost = PinParams::for_tests();
        let shared: Arc<dyn Clock> = Arc::new(SharedClock(Arc::clone(&clock)));
        let headquarters = Arc::new(founding.found(&dir.join("headquarters"), shared)?);
        let mut stage = Stage {
            dir: dir.to_owned(),
            clock,
            headquarters,
            address,
            _place: place,
            running: None,
        };
        stage.connect()?;
        Ok(stage)
    }

    /// The network to headquarters is there.
    pub fn connect(&mut self) -> Result<(), Failed> {
        if self.running.is_none() {
            let ui = repository().join("ui/dist");
            self.running = Some(Running::start(
                Arc::clone(&self.headquarters),
                &self.address,
                &ui,
            )?);
        }
        Ok(())
    }

    /// The network to headquarters is cut.
    pub fn cut(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop();
        }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Enrols a new terminal and opens it; nobody is signed in.
    pub fn terminal(&self, name: &str) -> Result<Arc<Terminal>, Failed> {
        self.terminal_with(name, test_devices())
    }

    pub fn terminal_with(&self, name: &str, devices: DeviceSetup) -> Result<Arc<Terminal>, Failed> {
        let data_dir = self.dir.join(name);
        let ticket = self.headquarters.ticket()?.to_string();
        let pins: Vec<_> = PINS
            .iter()
            .map(|(no, pin)| ((*no).to_owned(), (*pin).to_owned()))
            .collect();
        let host: Arc<dyn Host> = Arc::clone(&self.clock) as Arc<dyn Host>;
        Terminal::enrol(
            &data_dir,
            &self.url(),
            &ticket,
            name,
            &pins,
            PinParams::for_tests(),
            host,
        )?;
        self.reopen(name, devices)
    }

    /// Opens an enrolled terminal again, as after a restart.
    pub fn reopen(&self, name: &str, devices: DeviceSetup) -> Result<Arc<Terminal>, Failed> {
        Ok(Terminal::open(OpenOptions {
            data_dir: self.dir.join(name),
            host: Arc::clone(&self.clock) as Arc<dyn Host>,
            devices,
            fonts_dir: paper::Fonts::default_dir(),
        })?)
    }

    pub fn pass(&self, minutes: i64) {
        self.clock.advance(TimeDelta::minutes(minutes));
    }
}

/// Test sources that run as fast as the machine can and stop by themselves.
pub fn test_devices() -> DeviceSetup {
    DeviceSetup {
        width: 320,
        height: 240,
        bitrate_bps: 400_000,
        paced: false,
        limit: Some(Duration::from_secs(12)),
        ..DeviceSetup::test_sources()
    }
}

/// What an officer does on a terminal, by command name.
pub trait Officer {
    fn ask(&self, name: &str, payload: Value) -> Result<Value, BoundaryError>;
}

impl Officer for Terminal {
    fn ask(&self, name: &str, payload: Value) -> Result<Value, BoundaryError> {
        let bytes = self.call(Surface::Officer, name, payload.to_string().as_bytes())?;
        Ok(serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }
}

/// A "no" of the terminal as a failure of the journey.
pub fn said_no(command: &str) -> impl Fn(BoundaryError) -> Failed {
    let command = command.to_owned();
    move |error| {
        format!(
            "{command}: {}",
            serde_json::to_string(&error).unwrap_or_default()
        )
        .into()
    }
}

/// Signs in both example officers.
pub fn sign_in_both(terminal: &Terminal) -> Result<(), Failed> {
    for (credential_no, pin) in &PINS[..2] {
        terminal
            .ask(
                "sign_in",
                json!({ "credential_no": credential_no, "pin": pin }),
            )
            .map_err(said_no("sign_in"))?;
    }
    Ok(())
}

/// Both officers show who they are.
pub fn present(terminal: &Terminal) -> Result<Value, Failed> {
    terminal
        .ask("present", json!({ "method": "show", "acknowledgement": "seen", "uniform_worn": true, "place": null }))
        .map_err(said_no("present"))
}
