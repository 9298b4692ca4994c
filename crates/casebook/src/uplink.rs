//! The terminal as sync sees it: what to send, what came back, what came down.

use std::sync::{Arc, Mutex, Weak};

use chrono::Duration;
use journal::{
    DataKey, Entry, Hash, Kind, MediaReceipt, Receipt, SeriesState, SeriesVerifier, SigningKey,
    Tip, WriterId,
};
use rusqlite::Connection;
use sync::{DriverHandle, Identity, Local, LocalFailure, MediaItem, Phase, State};

use crate::desk;
use crate::failure::Failure;
use crate::host::Host;
use crate::store;
use crate::terminal::{Terminal, lock};
use crate::vault::evidence;

/// The last thing the driver said, for the screen.
#[derive(Default)]
pub struct UplinkState(Mutex<Option<(State, String, Option<String>)>>);

impl UplinkState {
    pub fn phase(&self) -> Option<Phase> {
        lock(&self.0).as_ref().map(|(state, _, _)| state.phase)
    }

    /// `(state, next attempt at)`.
    pub fn shown(&self) -> Option<(State, Option<String>)> {
        lock(&self.0)
            .as_ref()
            .map(|(state, _, next)| (*state, next.clone()))
    }

    fn set(&self, state: State, host: &dyn Host) {
        let now = host.now();
        let next = state.next_attempt_in_ms.map(|wait| {
            crate::text::time(now + Duration::milliseconds(i64::try_from(wait).unwrap_or(i64::MAX)))
        });
        *lock(&self.0) = Some((state, crate::text::time(now), next));
    }

    /// An officer asks for it now.
    pub fn retry_now(&self, driver: &Mutex<Option<DriverHandle>>) {
        if let Some(driver) = lock(driver).as_ref() {
            driver.retry_now();
        }
    }

    /// Tells the driver that there is something new.
    pub fn wake(&self, driver: &Mutex<Option<DriverHandle>>) {
        if let Some(driver) = lock(driver).as_ref() {
            driver.wake();
        }
    }
}

#[expect(
    clippy::large_enum_variant,
    reason = "there is one of it, and it is never moved about"
)]
enum Reach {
    /// Before anybody has ever signed in: the database stands by itself.
    Enrolment {
        db: Arc<Mutex<Connection>>,
        identity: Box<desk::Identity>,
        device: SigningKey,
        host: Arc<dyn Host>,
    },
    Terminal(Weak<Terminal>),
}

/// 上行通道 – the casebook's side of sync.
pub struct Uplink(Reach);

/// What a call works with.
struct At<'a> {
    db: &'a Connection,
    identity: &'a desk::Identity,
    device: &'a SigningKey,
    host: &'a dyn Host,
}

type Outcome<R> = Result<R, LocalFailure>;

fn failed(error: impl Into<Failure>) -> LocalFailure {
    LocalFailure::store(error.into())
}

fn gone() -> LocalFailure {
    LocalFailure::store("the terminal is locked or closed")
}

impl Uplink {
    pub fn of_enrolment(
        db: Arc<Mutex<Connection>>,
        identity: desk::Identity,
        device: SigningKey,
        host: Arc<dyn Host>,
    ) -> Self {
        Uplink(Reach::Enrolment {
            db,
            identity: Box::new(identity),
            device,
            host,
        })
    }

    pub fn of_terminal(terminal: Weak<Terminal>) -> Self {
        Uplink(Reach::Terminal(terminal))
    }

    fn at<R>(&self, work: impl FnOnce(&At<'_>) -> Result<R, Failure>) -> Outcome<R> {
        match &self.0 {
            Reach::Enrolment {
                db,
                identity,
                device,
                host,
            } => work(&At {
                db: &lock(db),
                identity,
                device,
                host: host.as_ref(),
            })
            .map_err(failed),
            Reach::Terminal(terminal) => {
                let terminal = terminal.upgrade().ok_or_else(gone)?;
                let mut at_desk = terminal.at_desk();
                let desk = at_desk.desk().map_err(|_| gone())?;
                let at = At {
                    db: &desk.db,
                    identity: &desk.identity,
                    device: desk.device(),
                    host: terminal.host.as_ref(),
                };
                work(&at).map_err(failed)
            }
        }
    }

    /// After something came down: adopt it, and show what it changed at the door.
    fn adopt(&self) {
        let Reach::Terminal(terminal) = &self.0 else {
            return;
        };
        let Some(terminal) = terminal.upgrade() else {
            return;
        };
        let adopted = {
            let mut at_desk = terminal.at_desk();
            at_desk.desk().and_then(|desk| {
                crate::adoption::adopt(desk, terminal.host.as_ref())?;
                crate::adoption::write_portraits(desk, &terminal.data_dir)?;
                Ok(crate::enrolment::front_of(desk)?)
            })
        };
        if let Err(no) = adopted.and_then(|front| Ok(terminal.replace_front(front)?)) {
            tracing::error!(?no, "what headquarters published could not be adopted");
        }
    }
}

/// Where verification of headquarters' series stands.
fn down_verifier(at: &At<'_>) -> Result<SeriesVerifier, Failure> {
    Ok(match store::meta(at.db, "down_verifier")? {
        Some(state) => SeriesVerifier::resume(serde_json::from_str::<SeriesState>(&state)?),
        None => SeriesVerifier::new(
            WriterId::headquarters(),
            sync::protocol::SERIES_EPOCH,
            at.identity.series_key.clone(),
        ),
    })
}

/// The objects an entry of headquarters publishes for this terminal.
fn published_objects(entry: &Entry) -> Vec<String> {
    match entry.header.kind.known() {
        Some(Kind::HqPackPublished) => entry
            .body_as::<journal::body::HqPackPublished>()
            .map(|body| vec![body.sha256])
            .unwrap_or_default(),
        Some(Kind::HqRosterPublished) => entry
            .body_as::<journal::body::HqRosterPublished>()
            .map(|body| {
                body.officers
                    .into_iter()
                    .filter_map(|officer| officer.photo_sha256)
                    .collect()
            })
            .unwrap_or_default(),
        Some(Kind::HqSealsGranted) => entry
            .body_as::<journal::body::HqSealsGranted>()
            .map(|body| body.lot.into_iter().map(|lot| lot.sha256).collect())
            .unwrap_or_default(),
        Some(Kind::HqSealed) => entry
            .body_as::<journal::body::HqSealed>()
            .map(|body| vec![body.lot.sha256])
            .unwrap_or_default(),
        _ => Vec::new(),
    }
}

/// What headquarters decided about a case, or published for all cases; absent where it is withheld from this terminal.
fn act_of_headquarters(entry: &Entry) -> Option<serde_json::Value> {
    match entry.header.kind.known()? {
        Kind::HqApprovalGiven
        | Kind::HqApprovalCodesPublished
        | Kind::HqReviewGiven
        | Kind::HqDeliberated
        | Kind::HqDecisionRevoked
        | Kind::HqDisclosed
        | Kind::HqSealed
        | Kind::HqInspectionCodeGranted => entry.body_as().ok(),
        _ => None,
    }
}

impl Local for Uplink {
    fn identity(&self) -> Outcome<Identity> {
        self.at(|at| {
            Ok(Identity {
                writer: at.identity.writer.clone(),
                epoch: at.identity.epoch,
                headquarters_url: at.identity.headquarters_url.clone(),
                headquarters_name: at.identity.headquarters_name.clone(),
                headquarters_key: at.identity.headquarters_key.clone(),
            })
        })
    }

    fn authorize(&self, method: &str, path: &str, body_hash: Hash) -> Outcome<String> {
        self.at(|at| {
            let nonce = hex::encode(journal::random::<12>());
            let writer = at.identity.writer.as_str();
            Ok(journal::authorization(
                writer,
                method,
                path,
                body_hash,
                at.host.now(),
                &nonce,
                at.device,
            ))
        })
    }

    fn tip(&self) -> Outcome<Option<Tip>> {
        self.at(|at| store::journal::tip(at.db, at.identity.epoch))
    }

    fn tip_at(&self, idx: u64) -> Outcome<Option<Tip>> {
        self.at(|at| store::journal::tip_at(at.db, at.identity.epoch, idx))
    }

    fn frames(&self, from_idx: u64, max_bytes: usize) -> Outcome<Vec<u8>> {
        self.at(|at| store::journal::frames(at.db, at.identity.epoch, from_idx, max_bytes))
    }

    fn acknowledged(&self) -> Outcome<Option<u64>> {
        self.at(|at| Ok(store::uplink::anchor(at.db, at.identity.epoch)?.map(|anchor| anchor.idx)))
    }

    fn store_receipt(&self, note: &str, receipt: &Receipt) -> Outcome<()> {
        self.at(|at| store::uplink::store_receipt(at.db, receipt, note))
    }

    fn store_fork(&self, theirs: &Tip) -> Outcome<()> {
        self.at(|at| {
            store::uplink::store_fork(
                at.db,
                at.identity.epoch,
                theirs,
                &crate::text::time(at.host.now()),
            )
        })
    }

    fn pending_media(&self, limit: usize) -> Outcome<Vec<MediaItem>> {
        self.at(|at| {
            let limit = u32::try_from(limit).unwrap_or(u32::MAX);
            store::objects::pending(at.db, limit)?
                .into_iter()
                .map(|(sha256, size_bytes, media_type)| {
                    let sha256 = sha256.parse().map_err(|_| Failure::Object(sha256))?;
                    Ok(MediaItem {
                        sha256,
                        size_bytes,
                        media_type,
                    })
                })
                .collect()
        })
    }

    fn read_media(&self, sha256: &Hash, offset: u64, max: usize) -> Outcome<Vec<u8>> {
        let Reach::Terminal(terminal) = &self.0 else {
            return Err(gone());
        };
        let terminal = terminal.upgrade().ok_or_else(gone)?;
        terminal
            .read_object(&sha256.to_string(), offset, max)
            .map_err(failed)
    }

    fn media_progress(&self, sha256: &Hash, uploaded_bytes: u64) -> Outcome<()> {
        self.at(|at| store::objects::set_uploaded(at.db, &sha256.to_string(), uploaded_bytes))
    }

    fn store_media_receipt(&self, note: &str, receipt: &MediaReceipt) -> Outcome<()> {
        self.at(|at| store::objects::set_receipt(at.db, &receipt.sha256.to_string(), note))
    }

    fn down_next(&self) -> Outcome<u64> {
        self.at(|at| store::uplink::down_next(at.db))
    }

    fn store_down(&self, frames: &[u8]) -> Outcome<Vec<Hash>> {
        let untrusted = self.at(|at| {
            let mut verifier = down_verifier(at)?;
            let transaction = at.db.unchecked_transaction()?;
            for frame in journal::frames(frames) {
                let verified = Entry::parse(frame)
                    .map_err(|fault| fault.to_string())
                    .and_then(|entry| {
                        verifier
                            .push(&entry)
                            .map_err(|fault| fault.to_string())
                            .map(|()| entry)
                    });
                let entry = match verified {
                    Ok(entry) => entry,
                    Err(fault) => return Ok(Some(fault)),
                };
                store::uplink::store_down(
                    &transaction,
                    entry.header.idx,
                    entry.header.kind.as_str(),
                    frame,
                )?;
                if let Some(body) = act_of_headquarters(&entry) {
                    store::case_act::insert_of_headquarters(
                        &transaction,
                        entry.header.idx,
                        entry.header.kind.as_str(),
                        &crate::text::time(entry.header.event_at),
                        &body,
                    )?;
                }
                for sha256 in published_objects(&entry) {
                    store::uplink::want_object(&transaction, &sha256)?;
                }
            }
            store::set_meta(
                &transaction,
                "down_verifier",
                &serde_json::to_string(verifier.state())?,
            )?;
            let now = crate::text::time(at.host.now());
            store::set_meta(&transaction, store::uplink::ANSWERED_AT, &now)?;
            transaction.commit()?;
            Ok(None)
        })?;
        if let Some(fault) = untrusted {
            return Err(LocalFailure::Untrusted(fault));
        }
        if !frames.is_empty() {
            self.adopt();
        }
        self.at(|at| {
            store::uplink::wanted_objects(at.db)?
                .into_iter()
                .map(|sha256| sha256.parse().map_err(|_| Failure::Object(sha256)))
                .collect()
        })
    }

    fn store_object(&self, sha256: &Hash, bytes: &[u8]) -> Outcome<()> {
        self.at(|at| {
            let sha256 = sha256.to_string();
            let transaction = at.db.unchecked_transaction()?;
            store::objects::put(&transaction, &sha256, "application/octet-stream", bytes)?;
            store::uplink::object_arrived(&transaction, &sha256)?;
            transaction.commit()?;
            Ok(())
        })?;
        self.adopt();
        Ok(())
    }

    fn report(&self, state: State) {
        let Reach::Terminal(terminal) = &self.0 else {
            return;
        };
        if let Some(terminal) = terminal.upgrade() {
            terminal.uplink.set(state, terminal.host.as_ref());
        }
    }
}

impl Terminal {
    /// Plain bytes of anything named by hash: a document, or an evidence object.
    pub(crate) fn read_object(
        &self,
        sha256: &str,
        offset: u64,
        max: usize,
    ) -> Result<Vec<u8>, Failure> {
        let (document, key) = {
            let mut at_desk = self.at_desk();
            let desk = at_desk
                .desk()
                .map_err(|_| Failure::Object("the terminal is locked".to_owned()))?;
            (
                store::objects::get(&desk.db, sha256)?,
                DataKey::from_bytes(*desk.evidence_key.as_bytes()),
            )
        };
        if let Some((_, bytes)) = document {
            let from = usize::try_from(offset)
                .unwrap_or(usize::MAX)
                .min(bytes.len());
            let to = from.saturating_add(max).min(bytes.len());
            return Ok(bytes.get(from..to).unwrap_or_default().to_vec());
        }
        let guard = lock(&self.evidence);
        let db = guard
            .as_ref()
            .ok_or_else(|| Failure::Object("the terminal is locked".to_owned()))?;
        let object = store::evidence_vault::by_hash(db, sha256)?
            .ok_or_else(|| Failure::Object(sha256.to_owned()))?;
        evidence::read(db, &key, &object, offset, max)
    }
}
