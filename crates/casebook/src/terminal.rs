//! The terminal: opening, the locked door, and how acts reach the desk.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, Weak};

use contract::{BoundaryError, Code, Surface};
use forms::Pack;
use journal::body::{
    ActRefused, CredentialRefused, DeviceEnrolled, HqRosterPublished, UnlockFailed,
};
use journal::{Entry, Kind, PinParams, SoftKeyStore};
use law::Refusal;
use rusqlite::Connection;
use sync::DriverHandle;
use thiserror::Error;

use crate::acts::recording::Running;
use crate::contract::{BadgeView, Notice, Phase, SignIn, StartState};
use crate::desk::{Act, Desk, DeskParts, Identity};
use crate::device_setup::DeviceSetup;
use crate::failure::{Failure, No};
use crate::front::{self, Front};
use crate::host::Host;
use crate::store;
use crate::uplink::{Uplink, UplinkState};
use crate::vault::attempts::{Attempts, Pending};
use crate::vault::keyring::{Keyring, Secrets};

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
    pub(crate) running: Mutex<Option<Running>>,
    pub(crate) recording_gate: Mutex<()>,
    pub(crate) minted: Mutex<Option<BadgeView>>,
    pub(crate) uplink: UplinkState,
    pub(crate) driver: Mutex<Option<DriverHandle>>,
    pub(crate) spooler: crate::acts::printing::Spooler,
    background: AtomicBool,
    keyring: Keyring,
    front: Mutex<Front>,
    desk: Mutex<Option<Desk>>,
    door: Mutex<()>,
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

const MAIN_DATABASE: &str = "casebook.db";
const EVIDENCE_DATABASE: &str = "evidence.db";
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
            running: Mutex::new(None),
            recording_gate: Mutex::new(()),
            minted: Mutex::new(None),
            uplink: UplinkState::default(),
            driver: Mutex::new(None),
            spooler: crate::acts::printing::Spooler::default(),
            background: AtomicBool::new(false),
            keyring,
            front: Mutex::new(front),
            desk: Mutex::new(None),
            door: Mutex::new(()),
            fonts_dir: options.fonts_dir,
            fonts: OnceLock::new(),
        }))
    }

    /// Makes this machine a terminal of a headquarters. `pins` are `(credential number, first PIN)`.
    pub fn enrol(
        data_dir: &Path,
        url: &str,
        ticket: &str,
        terminal_name: &str,
        pins: &[(String, String)],
        pin_params: PinParams,
        host: Arc<dyn Host>,
    ) -> Result<(), Failure> {
        std::fs::create_dir_all(data_dir.join("portraits"))?;
        if Front::read(data_dir)?.is_some() {
            return Err(Failure::Keys(
                "this folder already holds an enrolled terminal".to_owned(),
            ));
        }
        let keys = SoftKeyStore::open_or_create(data_dir)
            .map_err(|fault| Failure::Keys(fault.to_string()))?;
        let (_, master) = Keyring::create(data_dir, &keys, pin_params, pins)?;
        let secrets = Secrets::of(&master)?;
        let request = sync::protocol::EnrolRequest {
            ticket: ticket.to_owned(),
            terminal_name: terminal_name.to_owned(),
            device_key: keys.device().public(),
            badge_key: secrets.badge.public(),
            key_class: keys.class().to_owned(),
        };
        let badge_key = secrets.badge.public().to_base64();
        let enrolment =
            sync::enrol(url, &request).map_err(|failure| Failure::Sync(failure.to_string()))?;
        // A former try that broke off left databases under another master key.
        for name in [MAIN_DATABASE, EVIDENCE_DATABASE] {
            for suffix in ["", "-wal", "-shm"] {
                let _ = std::fs::remove_file(data_dir.join(format!("{name}{suffix}")));
            }
        }
        let db = store::open_main(&data_dir.join(MAIN_DATABASE), secrets.database.as_bytes())?;
        store::open_evidence(
            &data_dir.join(EVIDENCE_DATABASE),
            secrets.evidence_database.as_bytes(),
        )?;
        for (key, value) in [
            ("writer", enrolment.writer.to_string()),
            ("epoch", enrolment.epoch.to_string()),
            ("headquarters_url", url.to_owned()),
            ("headquarters_name", enrolment.headquarters_name.clone()),
            ("headquarters_key", enrolment.headquarters_key.to_base64()),
            ("series_key", enrolment.series_key.to_base64()),
            ("escrow_key", enrolment.escrow_key.to_base64()),
            ("public_url", enrolment.public_url.clone()),
            ("agency", enrolment.agency.to_string()),
            ("terminal_name", terminal_name.to_owned()),
            ("example", enrolment.example.to_string()),
            ("pack_sha256", enrolment.pack_sha256.to_string()),
        ] {
            store::set_meta(&db, key, &value)?;
        }
        store::uplink::want_object(&db, &enrolment.pack_sha256.to_string())?;
        let db = Arc::new(Mutex::new(db));
        let summary = {
            let identity = identity_of_enrolment(url, &enrolment);
            let uplink = Uplink::of_enrolment(
                Arc::clone(&db),
                identity,
                keys.device().clone(),
                Arc::clone(&host),
            );
            let driver = sync::Driver::on_demand(Arc::new(uplink), sync::Http::default())
                .map_err(|failure| Failure::Sync(failure.to_string()))?;
            let summary = driver.run_until_quiet();
            driver.stop();
            summary
        };
        let db = Arc::into_inner(db)
            .ok_or_else(|| Failure::Sync("the driver still runs".to_owned()))?
            .into_inner()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(cause) = summary.cause {
            return Err(Failure::Sync(cause.to_string()));
        }
        let mut desk = open_desk(db, &secrets, &keys)?;
        let body = DeviceEnrolled {
            v: 1,
            device_key: keys.device().public().to_base64(),
            badge_key,
            key_class: keys.class().to_owned(),
            agency: desk
                .agency
                .get("name")
                .and_then(serde_json::Value::as_str)
                .unwrap_or_default()
                .to_owned(),
            terminal_name: terminal_name.to_owned(),
            headquarters: enrolment.headquarters_name,
        };
        let act = Act {
            kind: Kind::DeviceEnrolled,
            case_id: None,
            event_at: host.now(),
            body: &body,
            blobs: Vec::new(),
        };
        desk.commit(host.as_ref(), act, |_, _| Ok(()))
            .map_err(broken)?;
        crate::adoption::adopt(&mut desk, host.as_ref()).map_err(broken)?;
        front_of(&desk)?.write(data_dir)?;
        crate::adoption::write_portraits(&desk, data_dir)?;
        Ok(())
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

    pub(crate) fn front(&self) -> Front {
        lock(&self.front).clone()
    }

    pub(crate) fn replace_front(&self, front: Front) -> Result<(), Failure> {
        front.write(&self.data_dir)?;
        *lock(&self.front) = front;
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
            if let (Err(No::Refused(refusal)), Ok(desk)) = (&outcome, at_desk.desk()) {
                self.record_refusal(desk, command, refusal);
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
            args: serde_json::to_value(refusal).unwrap_or_default(),
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

    // ── The door ────────────────────────────────────────────────────────────────────────────────────────────────

    pub(crate) fn start_state(&self) -> Result<StartState, BoundaryError> {
        let front = self.front();
        let now = self.host.now();
        let (signed_in, presentation) = match self.at_desk().desk() {
            Ok(desk) => match &desk.session {
                Some(session) => (
                    session
                        .officers
                        .iter()
                        .map(|officer| officer.officer_id.clone())
                        .collect::<Vec<_>>(),
                    session.presentation.clone(),
                ),
                None => (Vec::new(), None),
            },
            Err(_) => (Vec::new(), None),
        };
        let mut notices = Vec::new();
        if matches!(self.uplink.phase(), Some(sync::Phase::Fork)) {
            notices.push(Notice {
                code: "fork".to_owned(),
                args: serde_json::json!({}),
            });
        }
        Ok(StartState {
            phase: match signed_in.len() {
                0 => Phase::Locked,
                1 => Phase::OneOfficer,
                _ => Phase::Ready,
            },
            agency_name: front.agency_name.clone(),
            terminal_name: front.terminal_name.clone(),
            officers: front
                .officers
                .iter()
                .map(|officer| front::card(officer, now, signed_in.contains(&officer.officer_id)))
                .collect(),
            presentation,
            pack_version: front.pack_version.clone(),
            now: crate::text::time(now),
            notices,
            example: front.example,
        })
    }

    pub(crate) fn sign_in(&self, request: &SignIn) -> Result<StartState, BoundaryError> {
        self.pass_door(request).map_err(|no| self.answer(no))?;
        // While the store was closed every attempt failed; there is no reason to wait any longer.
        self.uplink.retry_now(&self.driver);
        self.start_state()
    }

    fn pass_door(&self, request: &SignIn) -> Result<(), No> {
        let _one_at_a_time = lock(&self.door);
        let now = self.host.now();
        let mut attempts = Attempts::read(&self.data_dir)?;
        let wait_s = attempts.wait_s(now);
        if wait_s > 0 {
            return Err(BoundaryError::new(Code::Delayed)
                .with("retry_after_s", wait_s)
                .into());
        }
        let credential_no = request.credential_no.as_str();
        if let Err(refusal) = self.may_enter(credential_no) {
            attempts.note(now, credential_no, refusal.code(), 0);
            self.record_door(&mut attempts)?;
            return Err(refusal.into());
        }
        if let Ok(desk) = self.at_desk().desk()
            && let Some(session) = &desk.session
            && session
                .officers
                .iter()
                .any(|officer| officer.credential_no == credential_no)
        {
            return Err(Code::AlreadySignedIn.into());
        }
        let Some(master) = self.keyring.open(&self.keys, credential_no, &request.pin) else {
            let delay_s = attempts.fail(now, credential_no);
            self.record_door(&mut attempts)?;
            return Err(BoundaryError::new(Code::WrongSecret)
                .with("retry_after_s", delay_s)
                .with("failures", attempts.failures)
                .into());
        };
        self.enter(credential_no, &master)?;
        attempts.failures = 0;
        attempts.open_from = None;
        self.record_door(&mut attempts)
    }

    fn may_enter(&self, credential_no: &str) -> Result<(), Refusal> {
        let front = lock(&self.front);
        let unknown = || Refusal::CredentialUnknown {
            credential_no: credential_no.to_owned(),
        };
        let officer = front.officer(credential_no).ok_or_else(unknown)?;
        front::standing(officer, self.host.now().date_naive())?;
        if !self.keyring.holds(credential_no) {
            return Err(unknown());
        }
        Ok(())
    }

    /// Opens the desk when it is closed, and a session with this officer added.
    fn enter(&self, credential_no: &str, master: &journal::DataKey) -> Result<(), No> {
        let is_first_opening = {
            let mut guard = lock(&self.desk);
            let is_first_opening = guard.is_none();
            if is_first_opening {
                let secrets = Secrets::of(master)?;
                let main = store::open_main(
                    &self.data_dir.join(MAIN_DATABASE),
                    secrets.database.as_bytes(),
                )?;
                let evidence = store::open_evidence(
                    &self.data_dir.join(EVIDENCE_DATABASE),
                    secrets.evidence_database.as_bytes(),
                )?;
                *guard = Some(open_desk(main, &secrets, &self.keys)?);
                *lock(&self.evidence) = Some(evidence);
            }
            let Some(desk) = guard.as_mut() else {
                return Err(Code::Locked.into());
            };
            crate::adoption::adopt(desk, self.host.as_ref())?;
            // The signed roster decides; the file beside it is only what the door shows.
            let front = front_of(desk)?;
            let officer = front.officer(credential_no).cloned().ok_or_else(|| {
                Refusal::CredentialUnknown {
                    credential_no: credential_no.to_owned(),
                }
            })?;
            self.replace_front(front)?;
            front::standing(&officer, self.host.now().date_naive())?;
            let mut officers = desk
                .session
                .as_ref()
                .map(|session| session.officers.clone())
                .unwrap_or_default();
            officers.push(officer);
            desk.open_session(self.host.as_ref(), officers, BUILD)?;
            is_first_opening
        };
        *lock(&self.minted) = None;
        if is_first_opening {
            crate::acts::recording::recover(self)?;
            crate::acts::printing::recover(self)?;
            self.start_driver();
        }
        Ok(())
    }

    /// Writes what happened at the door to disk first, and into the journal as soon as it is open.
    fn record_door(&self, attempts: &mut Attempts) -> Result<(), No> {
        attempts.write(&self.data_dir)?;
        let mut at_desk = self.at_desk();
        let Ok(desk) = at_desk.desk() else {
            return Ok(());
        };
        for pending in std::mem::take(&mut attempts.pending) {
            record_pending(desk, self.host.as_ref(), &pending)?;
        }
        attempts.write(&self.data_dir)?;
        Ok(())
    }

    pub(crate) fn lock_terminal(&self) -> Result<StartState, BoundaryError> {
        crate::acts::recording::stop_if_running(self, "locked").map_err(|no| self.answer(no))?;
        self.act("lock", |desk| {
            desk.close_session(self.host.as_ref(), "locked")
        })?;
        *lock(&self.minted) = None;
        self.start_state()
    }

    /// Starts what works beside the officer: sync and the print spool.
    pub fn start_background(&self) {
        let Some(me) = self.me.upgrade() else { return };
        self.background.store(true, Ordering::Release);
        crate::acts::printing::start_spooler(&me);
        if self.at_desk().desk().is_ok() {
            self.start_driver();
        }
    }

    /// Sync needs the open database; it starts with the first sign-in.
    fn start_driver(&self) {
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
        crate::acts::printing::run_until_quiet(self);
    }

    /// The journal as an outsider verifies it: manifest line and frames.
    pub fn export_journal(&self) -> Result<Vec<u8>, Failure> {
        let mut at_desk = self.at_desk();
        let desk = at_desk.desk().map_err(broken)?;
        let mut frames = Vec::new();
        store::journal::each(&desk.db, desk.identity.epoch, |_: Entry, frame| {
            frames.extend_from_slice(frame);
            Ok(())
        })?;
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

fn record_pending(desk: &mut Desk, host: &dyn Host, pending: &Pending) -> Result<(), No> {
    let event_at = chrono::DateTime::parse_from_rfc3339(&pending.at).unwrap_or_else(|_| host.now());
    if pending.code == "wrong_pin" {
        let body = UnlockFailed {
            v: 1,
            credential_no: pending.credential_no.clone(),
            failures: pending.failures,
            delay_s: pending.delay_s,
        };
        let act = Act {
            kind: Kind::UnlockFailed,
            case_id: None,
            event_at,
            body: &body,
            blobs: Vec::new(),
        };
        desk.commit(host, act, |_, _| Ok(()))?;
    } else {
        let body = CredentialRefused {
            v: 1,
            credential_no: pending.credential_no.clone(),
            code: pending.code.clone(),
            args: serde_json::Value::Null,
        };
        let act = Act {
            kind: Kind::CredentialRefused,
            case_id: None,
            event_at,
            body: &body,
            blobs: Vec::new(),
        };
        desk.commit(host, act, |_, _| Ok(()))?;
    }
    Ok(())
}

fn broken(no: No) -> Failure {
    match no {
        No::Broken(failure) => failure,
        other => Failure::Journal(other.to_string()),
    }
}

fn identity_of_enrolment(url: &str, enrolment: &sync::protocol::Enrolment) -> Identity {
    Identity {
        writer: enrolment.writer.clone(),
        epoch: enrolment.epoch,
        headquarters_url: url.to_owned(),
        headquarters_name: enrolment.headquarters_name.clone(),
        headquarters_key: enrolment.headquarters_key.clone(),
        series_key: enrolment.series_key.clone(),
        escrow_key: enrolment.escrow_key.clone(),
        public_url: enrolment.public_url.clone(),
    }
}

fn required(db: &Connection, key: &str) -> Result<String, Failure> {
    store::meta(db, key)?.ok_or(Failure::NotEnrolled)
}

fn read_identity(db: &Connection) -> Result<Identity, Failure> {
    let damaged = |what: &str| Failure::Keys(format!("the stored {what} cannot be read"));
    Ok(Identity {
        writer: required(db, "writer")?
            .parse()
            .map_err(|_| damaged("writer"))?,
        epoch: required(db, "epoch")?
            .parse()
            .map_err(|_| damaged("epoch"))?,
        headquarters_url: required(db, "headquarters_url")?,
        headquarters_name: required(db, "headquarters_name")?,
        headquarters_key: journal::HqPublicKey::from_base64(&required(db, "headquarters_key")?)
            .map_err(|_| damaged("key of headquarters"))?,
        series_key: journal::PublicKey::from_base64(&required(db, "series_key")?)
            .map_err(|_| damaged("series key"))?,
        escrow_key: journal::PublicKey::from_base64(&required(db, "escrow_key")?)
            .map_err(|_| damaged("escrow key"))?,
        public_url: required(db, "public_url")?,
    })
}

/// The pack named as active, from the stored bundle.
pub(crate) fn read_pack(
    db: &Connection,
    identity: &Identity,
    sha256: &str,
) -> Result<Pack, Failure> {
    let (_, bundle) = store::objects::get(db, sha256)?
        .ok_or_else(|| Failure::Pack("the bundle is not on this terminal".to_owned()))?;
    Pack::open(&bundle, &identity.series_key).map_err(|fault| Failure::Pack(fault.to_string()))
}

fn open_desk(db: Connection, secrets: &Secrets, keys: &SoftKeyStore) -> Result<Desk, Failure> {
    let identity = read_identity(&db)?;
    let pack = read_pack(&db, &identity, &required(&db, "pack_sha256")?)?;
    let agency = serde_json::from_str(&required(&db, "agency")?)?;
    Desk::open(
        db,
        DeskParts {
            identity,
            pack,
            agency,
            badge: secrets.badge.clone(),
            evidence_key: journal::DataKey::from_bytes(*secrets.evidence.as_bytes()),
            device: keys.device().clone(),
        },
    )
}

/// The public face that the newest signed roster and the active pack give.
pub(crate) fn front_of(desk: &Desk) -> Result<Front, Failure> {
    let roster = latest_roster(desk)?
        .ok_or_else(|| Failure::Journal("no roster came from headquarters".to_owned()))?;
    let text = |key: &str| {
        roster
            .agency
            .get(key)
            .and_then(serde_json::Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    Ok(Front {
        agency_name: text("name"),
        complaint_phone: text("complaint_phone"),
        terminal_name: required(&desk.db, "terminal_name")?,
        pack_version: desk.pack.version().to_owned(),
        public_url: desk.identity.public_url.clone(),
        example: required(&desk.db, "example")? == "true",
        roster_version: roster.version.clone(),
        basis: front::door_basis(&desk.pack),
        officers: roster.officers,
    })
}

/// The newest roster of headquarters' series whose body was meant for this terminal.
pub(crate) fn latest_roster(desk: &Desk) -> Result<Option<HqRosterPublished>, Failure> {
    let frames = store::uplink::down_of_kind(&desk.db, Kind::HqRosterPublished.as_str())?;
    Ok(frames
        .iter()
        .rev()
        .find_map(|(_, frame)| Entry::parse(frame).ok()?.body_as().ok()))
}
