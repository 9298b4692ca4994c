//! 总部 – one folder: a database, keys, objects.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, FixedOffset};
use journal::body::{HqPackPublished, HqRosterPublished, RosterOfficer};
use journal::{Hash, Kind};
use rusqlite::{Connection, Transaction, TransactionBehavior};
use serde::Serialize;
use serde_json::Value;

use crate::clock::{Clock, SystemClock, time_text};
use crate::failure::Failure;
use crate::founding::{Founding, NumberPattern};
use crate::keys::Keys;
use crate::own::OwnSeries;
use crate::packs::InForce;
use crate::portraits::PORTRAIT;
use crate::request_guard::RequestGuard;
use crate::store::{self, objects, people};

const DATABASE: &str = "headquarters.sqlite";
const KEYS: &str = "keys";
const OBJECTS: &str = "objects";
const INCOMING: &str = "incoming";
const ASIDE: &str = "aside";

/// What was said once at the founding, and the versions in force.
#[derive(Debug, Clone)]
pub struct Foundation {
    /// Name of the checkpoint key in notes, e.g. `hq.example`.
    pub note_name: String,
    pub public_url: String,
    pub agency: Value,
    pub numbers: Vec<NumberPattern>,
    pub roster_version: String,
    pub pack_version: String,
    pub pack_sha256: String,
    pub example: bool,
}

impl Foundation {
    pub(crate) fn read(on: &Connection) -> Result<Self, Failure> {
        let text =
            |name: &'static str| store::foundation(on, name)?.ok_or_else(|| Failure::stored(name));
        Ok(Self {
            note_name: text("note_name")?,
            public_url: text("public_url")?,
            agency: serde_json::from_str(&text("agency")?)?,
            numbers: serde_json::from_str(&text("numbers")?)?,
            roster_version: text("roster_version")?,
            pack_version: text("pack_version")?,
            pack_sha256: text("pack_sha256")?,
            example: text("example")? == "true",
        })
    }

    pub fn agency_text(&self, name: &str) -> String {
        self.agency
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    }
}

pub struct Headquarters {
    dir: PathBuf,
    pub(crate) keys: Keys,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) guard: RequestGuard,
    pub(crate) uploads: crate::media::Running,
    pub(crate) streams: crate::console::StreamViews,
    pub(crate) fonts: crate::console::FontCase,
    pub(crate) stretching: Mutex<()>,
    pack: Mutex<Option<InForce>>,
    writer: Mutex<Writer>,
    reader: Mutex<Connection>,
}

struct Writer {
    connection: Connection,
    own: OwnSeries,
}

/// One write transaction: rows and entries of headquarters' own series together or not at all.
pub(crate) struct Writing<'a> {
    pub on: &'a Transaction<'a>,
    pub now: DateTime<FixedOffset>,
    pub now_text: String,
    own: &'a mut OwnSeries,
    clock: &'a dyn Clock,
}

impl Writing<'_> {
    pub fn record(&mut self, kind: Kind, body: &impl Serialize) -> Result<u64, Failure> {
        self.own.record(self.on, self.clock, kind, body, Vec::new())
    }
}

impl Headquarters {
    pub fn open(dir: &Path) -> Result<Self, Failure> {
        Self::open_with(dir, Arc::new(SystemClock::default()))
    }

    pub fn open_with(dir: &Path, clock: Arc<dyn Clock>) -> Result<Self, Failure> {
        let database = dir.join(DATABASE);
        if !database.is_file() {
            return Err(Failure::NotFounded(dir.to_owned()));
        }
        let keys = Keys::open(&dir.join(KEYS))?;
        let headquarters = Self::assemble(dir, keys, clock, store::open(&database, false)?)?;
        headquarters
            .foundation()
            .map_err(|_| Failure::NotFounded(dir.to_owned()))?;
        headquarters.finish_uploads()?;
        Ok(headquarters)
    }

    pub(crate) fn found(
        dir: &Path,
        clock: Arc<dyn Clock>,
        founding: Founding,
    ) -> Result<Self, Failure> {
        let database = dir.join(DATABASE);
        std::fs::create_dir_all(dir).map_err(Failure::file(dir))?;
        crate::keys::only_for_owner(dir)?;
        for part in [OBJECTS, INCOMING, ASIDE] {
            let part = dir.join(part);
            std::fs::create_dir_all(&part).map_err(Failure::file(part))?;
        }
        let connection = store::open(&database, true)?;
        if store::foundation(&connection, "note_name")?.is_some() {
            return Err(Failure::AlreadyFounded(dir.to_owned()));
        }
        let keys = Keys::open_or_create(&dir.join(KEYS))?;
        let pack = forms::Pack::bundle(&founding.pack.dir, &founding.pack.version, &keys.series)?;
        let headquarters = Self::assemble(dir, keys, clock, connection)?;
        let mut published = vec![(
            headquarters.keep_object(&pack)?,
            "pack",
            "application/json",
            pack.len(),
        )];
        for portrait in &founding.portraits {
            published.push((
                headquarters.keep_object(portrait)?,
                PORTRAIT,
                "image/png",
                portrait.len(),
            ));
        }
        let note_name = format!("hq.{}", headquarters.keys.checkpoint.public().key_id());
        headquarters.write(|writing| {
            let on = writing.on;
            for (sha256, what, media_type, bytes) in &published {
                let size_bytes = u64::try_from(*bytes).unwrap_or(u64::MAX);
                objects::publish(on, &sha256.to_string(), what, media_type, size_bytes)?;
            }
            for user in &founding.users {
                let user = user.sealed(&headquarters.keys.pepper, &founding.password_cost)?;
                people::put_user(on, &user)?;
            }
            let pack_sha256 = Hash::of(&pack).to_string();
            let numbers = serde_json::to_string(&founding.numbers)?;
            let decoy_cost = serde_json::to_string(&founding.password_cost)?;
            for (name, value) in [
                ("note_name", note_name.as_str()),
                ("public_url", &founding.public_url),
                ("numbers", &numbers),
                ("password_cost", &decoy_cost),
                ("pack_version", &founding.pack.version),
                ("pack_sha256", &pack_sha256),
                ("example", if founding.example { "true" } else { "false" }),
            ] {
                store::put_foundation(on, name, value)?;
            }
            let body = HqPackPublished {
                v: 1,
                version: founding.pack.version.clone(),
                sha256: pack_sha256,
                size_bytes: u64::try_from(pack.len()).unwrap_or(u64::MAX),
            };
            writing.record(Kind::HqPackPublished, &body)?;
            publish_roster(writing, &founding.agency, &founding.officers)
        })?;
        if let Some(seal) = &founding.seal {
            headquarters.install_seal(seal)?;
        }
        Ok(headquarters)
    }

    fn assemble(
        dir: &Path,
        keys: Keys,
        clock: Arc<dyn Clock>,
        connection: Connection,
    ) -> Result<Self, Failure> {
        let own = OwnSeries::resume(&connection, keys.series.clone())?;
        Ok(Self {
            dir: dir.to_owned(),
            keys,
            clock,
            guard: RequestGuard::default(),
            uploads: Default::default(),
            streams: Default::default(),
            fonts: Default::default(),
            stretching: Mutex::new(()),
            pack: Mutex::new(None),
            writer: Mutex::new(Writer { connection, own }),
            reader: Mutex::new(store::open(&dir.join(DATABASE), false)?),
        })
    }

    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.dir
    }

    pub fn foundation(&self) -> Result<Foundation, Failure> {
        self.read(Foundation::read)
    }

    /// The key that receipts, enrolments and checkpoints are signed with.
    pub fn public_key(&self) -> journal::HqPublicKey {
        self.keys.checkpoint.public()
    }

    /// The key of headquarters' own series and of its packs.
    pub fn series_key(&self) -> journal::PublicKey {
        self.keys.series.public()
    }

    /// Puts another agency text and roster in force; terminals take it with their next *down*.
    pub fn publish_roster(
        &self,
        agency: &Value,
        officers: &[RosterOfficer],
    ) -> Result<(), Failure> {
        self.write(|writing| publish_roster(writing, agency, officers))
    }

    /// Officers who are on the roster already keep their portraits.
    pub fn with_known_portraits(
        &self,
        mut officers: Vec<RosterOfficer>,
    ) -> Result<Vec<RosterOfficer>, Failure> {
        for officer in &mut officers {
            let known = self.read(|on| people::officer(on, &officer.credential_no))?;
            let portrait = known.and_then(|known| known.photo_sha256);
            officer.photo_sha256 = officer.photo_sha256.take().or(portrait);
        }
        Ok(officers)
    }

    /// The pack that was read last.
    pub(crate) fn pack_in_force(&self) -> MutexGuard<'_, Option<InForce>> {
        locked(&self.pack)
    }

    pub fn officers(&self) -> Result<Vec<RosterOfficer>, Failure> {
        self.read(people::roster)
    }

    pub(crate) fn write<T, E: From<Failure>>(
        &self,
        act: impl FnOnce(&mut Writing<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut writer = locked(&self.writer);
        let Writer { connection, own } = &mut *writer;
        let mut moved = own.clone();
        let failed = |error: rusqlite::Error| E::from(Failure::from(error));
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(failed)?;
        moved.refresh(&transaction).map_err(E::from)?;
        let now = self.clock.now();
        let answer = act(&mut Writing {
            on: &transaction,
            now,
            now_text: time_text(&now),
            own: &mut moved,
            clock: self.clock.as_ref(),
        })?;
        transaction.commit().map_err(failed)?;
        *own = moved;
        Ok(answer)
    }

    pub(crate) fn read<T>(
        &self,
        look: impl FnOnce(&Connection) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        look(&locked(&self.reader))
    }

    pub(crate) fn object_path(&self, sha256: &Hash) -> PathBuf {
        let name = sha256.to_string();
        let shelf = name.get(..2).unwrap_or_default().to_owned();
        self.dir.join(OBJECTS).join(shelf).join(name)
    }

    pub(crate) fn incoming_path(&self, writer: &str, sha256: &Hash) -> PathBuf {
        self.dir.join(INCOMING).join(format!("{writer}-{sha256}"))
    }

    pub(crate) fn aside_path(&self, name: &str) -> PathBuf {
        self.dir.join(ASIDE).join(name)
    }
}

pub(crate) fn publish_roster(
    writing: &mut Writing<'_>,
    agency: &Value,
    officers: &[RosterOfficer],
) -> Result<(), Failure> {
    let version = format!(
        "{}-{}",
        writing.now.format("%Y%m%d%H%M%S"),
        short_hash(officers)?
    );
    store::put_foundation(writing.on, "agency", &agency.to_string())?;
    store::put_foundation(writing.on, "roster_version", &version)?;
    people::replace_roster(writing.on, officers)?;
    let body = HqRosterPublished {
        v: 1,
        version,
        agency: agency.clone(),
        officers: officers.to_vec(),
    };
    writing.record(Kind::HqRosterPublished, &body)?;
    Ok(())
}

fn short_hash(officers: &[RosterOfficer]) -> Result<String, Failure> {
    let hash = Hash::of(&serde_json::to_vec(officers)?).to_string();
    Ok(hash.chars().take(8).collect())
}

/// A panic while the lock was held left the transaction rolled back, so what is behind the lock is sound.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
