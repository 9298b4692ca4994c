//! The terminal: what is open, how acts reach the desk, and how a "no" is worded.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, Weak};

use contract::{BoundaryError, Code, Surface};
use journal::body::ActRefused;
use journal::{Kind, SoftKeyStore};
use law::Refusal;
use rusqlite::Connection;
use sync::DriverHandle;
use thiserror::Error;

use crate::acts::recording::Running;
use crate::acts::spooling::Spooler;
use crate::contract::BadgeView;
use crate::desk::{Act, Desk};
use crate::device_setup::DeviceSetup;
use crate::failure::{Failure, No};
use crate::front::Front;
use crate::host::Host;
use crate::store;
use crate::uplink::{Uplink, UplinkState};
use crate::vault::keyring::Keyring;

/// What a terminal is opened with.
pub struct OpenOptions {
    pub data_dir: PathBuf,
    pub host: Arc<dyn Host>,
    pub devices: DeviceSetup,
    pub fonts_dir: PathBuf,
}

/// The terminal cannot start.
#[derive(Debug, Error)]
pub enum OpenFailure {
    #[error("this terminal is not enrolled at a headquarters yet")]
    NotEnrolled,
    #[error("the data folder could not be read")]
    Data(#[source] Failure),
}

/// 执法终端 – everything behind the screens.
pub struct Terminal {
    pub(crate) me: Weak<Terminal>,
    pub(crate) data_dir: PathBuf,
    pub(crate) host: Arc<dyn Host>,
    pub(crate) devices: DeviceSetup,
    pub(crate) keys: SoftKeyStore,
    pub(crate) evidence: Mutex<Option<Connection>>,
    /// Made small for paper, while sheets are looked at.
    pub(crate) pictures: Mutex<paper::Pictures>,
    pub(crate) running: Mutex<Option<Running>>,
    pub(crate) recording_gate: Mutex<()>,
    pub(crate) minted: Mutex<Option<BadgeView>>,
    pub(crate) uplink: UplinkState,
    pub(crate) driver: Mutex<Option<DriverHandle>>,
    pub(crate) spooler: Spooler,
    background: AtomicBool,
    pub(crate) keyring: Mutex<Keyring>,
    pub(crate) front: Mutex<Arc<Front>>,
    pub(crate) desk: Mutex<Option<Desk>>,
    pub(crate) door: Mutex<()>,
    fonts_dir: PathBuf,
    fonts: OnceLock<Result<paper::Fonts, String>>,
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic while holding a lock is a bug; the data behind it is guarded by transactions, not by the lock.
    mutex
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// The desk while it is in use.
pub(crate) struct AtDesk<'a>(MutexGuard<'a, Option<Desk>>);

impl AtDesk<'_> {
    pub fn desk(&mut self) -> Result<&mut Desk, No> {
        self.0.as_mut().ok_or(No::from(Code::Locked))
    }
}

/// What this build calls itself in the journal.
pub const BUILD: &str = concat!("sanxiang-terminal ", env!("CARGO_PKG_VERSION"));

impl Terminal {
    /// Opens an enrolled terminal; nothing is decrypted before somebody signs in.
    pub fn open(options: OpenOptions) -> Result<Arc<Self>, OpenFailure> {
        let keyring = Keyring::read(&options.data_dir)
            .map_err(OpenFailure::Data)?
            .ok_or(OpenFailure::NotEnrolled)?;
        let front = Front::read(&options.data_dir)
            .map_err(OpenFailure::Data)?
            .ok_or(OpenFailure::NotEnrolled)?;
        let keys = SoftKeyStore::open_or_create(&options.data_dir)
            .map_err(|fault| OpenFailure::Data(Failure::Keys(fault.to_string())))?;
        Ok(Arc::new_cyclic(|me| Terminal {
            me: me.clone(),
            data_dir: options.data_dir,
            host: options.host,
            devices: options.devices,
            keys,
            evidence: Mutex::new(None),
            pictures: Mutex::new(paper::Pictures::new()),
            running: Mutex::new(None),
            recording_gate: Mutex::new(()),
            minted: Mutex::new(None),
            uplink: UplinkState::default(),
            driver: Mutex::new(None),
            spooler: Spooler::default(),
            background: AtomicBool::new(false),
            keyring: Mutex::new(keyring),
            front: Mutex::new(Arc::new(front)),
            desk: Mutex::new(None),
            door: Mutex::new(()),
            fonts_dir: options.fonts_dir,
            fonts: OnceLock::new(),
        }))
    }

    /// Calls a command by name. JSON in, JSON out.
    pub fn call(
        &self,
        surface: Surface,
        name: &str,
        payload: &[u8],
    ) -> Result<Vec<u8>, BoundaryError> {
        // An empty body is an empty request.
        let payload = if payload.is_empty() {
            b"{}".as_slice()
        } else {
            payload
        };
        crate::contract::route(self, surface, name, payload)
    }

    pub(crate) fn at_desk(&self) -> AtDesk<'_> {
        AtDesk(lock(&self.desk))
    }

    pub(crate) fn front(&self) -> Arc<Front> {
        Arc::clone(&lock(&self.front))
    }

    pub(crate) fn replace_front(&self, front: Front) -> Result<(), Failure> {
        front.write(&self.data_dir)?;
        *lock(&self.front) = Arc::new(front);
        Ok(())
    }

    pub(crate) fn fonts(&self) -> Result<&paper::Fonts, Failure> {
        let fonts = self
            .fonts
            .get_or_init(|| paper::Fonts::load(&self.fonts_dir).map_err(|fault| fault.to_string()));
        fonts
            .as_ref()
            .map_err(|fault| Failure::Paper(fault.clone()))
    }

    /// Runs a read and words whatever "no" it ends with.
    pub(crate) fn read<R>(
        &self,
        work: impl FnOnce(&mut Desk) -> Result<R, No>,
    ) -> Result<R, BoundaryError> {
        let outcome = self.at_desk().desk().and_then(work);
        outcome.map_err(|no| self.answer(no))
    }

    /// Runs an act; a refusal becomes an entry, because an act that was refused is part of the record.
    pub(crate) fn act<R>(
        &self,
        command: &str,
        work: impl FnOnce(&mut Desk) -> Result<R, No>,
    ) -> Result<R, BoundaryError> {
        let outcome = {
            let mut at_desk = self.at_desk();
            let outcome = at_desk.desk().and_then(work);
            let refusal = match &outcome {
                Err(No::Refused(refusal)) => Some(refusal.clone()),
                Err(No::Closed(gates)) => gates.first().cloned().map(Refusal::from),
                _ => None,
            };
            if let (Some(refusal), Ok(desk)) = (refusal, at_desk.desk()) {
                self.record_refusal(desk, command, &refusal);
            }
            outcome
        };
        if outcome.is_ok() {
            self.uplink.wake(&self.driver);
        }
        outcome.map_err(|no| self.answer(no))
    }

    fn record_refusal(&self, desk: &mut Desk, command: &str, refusal: &Refusal) {
        let body = ActRefused {
            v: 1,
            command: command.to_owned(),
            code: refusal.code().to_owned(),
            args: BoundaryError::refused(refusal, Vec::new()).args.into(),
        };
        let act = Act {
            kind: Kind::ActRefused,
            case_id: None,
            event_at: self.host.now(),
            body: &body,
            blobs: Vec::new(),
        };
        if let Err(no) = desk.commit(self.host.as_ref(), act, |_, _| Ok(())) {
            tracing::error!(?no, "a refusal could not be recorded");
        }
    }

    /// Words a "no" for the boundary; a failure is logged here, once, under its incident number.
    pub(crate) fn answer(&self, no: No) -> BoundaryError {
        match no {
            No::Refused(refusal) => {
                let basis = lock(&self.front).basis.get(refusal.code()).cloned();
                let basis = basis.or_else(|| {
                    self.at_desk()
                        .desk()
                        .ok()
                        .map(|desk| desk.pack.basis_of(&refusal))
                });
                BoundaryError::refused(&refusal, basis.unwrap_or_default())
            }
            No::Closed(gates) => {
                let others = gates.iter().skip(1).map(|gate| law::Finding {
                    field: String::new(),
                    rule: gate.rule.clone(),
                    severity: law::Severity::Block,
                    text: gate.text.clone(),
                    hint: gate.hint.clone(),
                    basis: gate.basis.clone(),
                });
                let findings = others.collect();
                let refusal = gates.first().cloned().map(Refusal::from);
                let mut error = match refusal {
                    Some(refusal) => BoundaryError::refused(&refusal, Vec::new()),
                    None => BoundaryError::new(Code::GateClosed),
                };
                error.findings = findings;
                error
            }
            No::Found(findings) => {
                let blocking = findings
                    .iter()
                    .filter(|finding| finding.severity == law::Severity::Block)
                    .count() as u64;
                let mut error = BoundaryError::new(Code::FindingsOpen).with("blocking", blocking);
                error.findings = findings;
                error
            }
            No::Answer(error) => error,
            No::Broken(failure) => {
                let incident: String = self.host.new_id().chars().rev().take(8).collect();
                tracing::error!(
                    incident,
                    error = &failure as &dyn std::error::Error,
                    "an act failed"
                );
                BoundaryError::new(failure.code())
                    .with("reason", failure.to_string())
                    .with_incident(incident)
            }
        }
    }

    /// Starts what works beside the officer: sync and the print spool.
    pub fn start_background(&self) {
        let Some(me) = self.me.upgrade() else { return };
        self.background.store(true, Ordering::Release);
        crate::acts::spooling::start(&me);
        if self.at_desk().desk().is_ok() {
            self.start_driver();
        }
    }

    /// Sync needs the open database; it starts with the first sign-in.
    pub(crate) fn start_driver(&self) {
        let mut driver = lock(&self.driver);
        if self.background.load(Ordering::Acquire) && driver.is_none() {
            let uplink = Arc::new(Uplink::of_terminal(self.me.clone()));
            match sync::Driver::start(uplink, sync::Http::default()) {
                Ok(started) => *driver = Some(started),
                Err(failure) => {
                    tracing::error!(
                        error = &failure as &dyn std::error::Error,
                        "sync could not start"
                    );
                }
            }
        }
    }

    /// Ends background work and the session.
    pub fn shut_down(&self) {
        if let Err(no) = crate::acts::recording::stop_if_running(self, "terminal_closed") {
            tracing::error!(?no, "the recording could not be closed");
        }
        self.spooler.stop();
        if let Some(driver) = lock(&self.driver).take() {
            driver.stop();
        }
        if let Ok(desk) = self.at_desk().desk()
            && let Err(no) = desk.close_session(self.host.as_ref(), "terminal_closed")
        {
            tracing::error!(?no, "the session could not be closed");
        }
    }

    /// Meets headquarters now and returns when nothing more can be done; for demonstrations and tests.
    pub fn sync_until_quiet(&self) -> Result<sync::Summary, sync::SyncFailure> {
        let uplink = Arc::new(Uplink::of_terminal(self.me.clone()));
        let driver = sync::Driver::on_demand(uplink, sync::Http::default())?;
        let summary = driver.run_until_quiet();
        driver.stop();
        Ok(summary)
    }

    /// Prints what is due now and returns; for demonstrations and tests.
    pub fn print_until_quiet(&self) {
        crate::acts::spooling::run_until_quiet(self);
    }

    /// The journal as an outsider verifies it: manifest line and frames.
    pub fn export_journal(&self) -> Result<Vec<u8>, Failure> {
        let mut at_desk = self.at_desk();
        let desk = at_desk.desk().map_err(No::into_failure)?;
        let frames = store::journal::all_frames(&desk.db, desk.identity.epoch)?;
        let identity = &desk.identity;
        Ok(journal::Export::new(
            identity.writer.clone(),
            identity.epoch,
            desk.device_public(),
            frames,
        )
        .write())
    }
}
