//! 接入 – how a machine becomes a terminal of a headquarters, and how what was granted is read again.

use std::path::Path;
use std::sync::{Arc, Mutex};

use forms::Pack;
use journal::body::{DeviceEnrolled, HqRosterPublished};
use journal::{Entry, Kind, PinParams, SoftKeyStore};
use rusqlite::Connection;

use crate::desk::{Act, Desk, DeskParts, Identity};
use crate::failure::{Failure, No};
use crate::front::{self, Front};
use crate::host::Host;
use crate::store;
use crate::terminal::Terminal;
use crate::uplink::Uplink;
use crate::vault::keyring::{Keyring, Secrets};

pub const MAIN_DATABASE: &str = "casebook.db";
pub const EVIDENCE_DATABASE: &str = "evidence.db";

impl Terminal {
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
            seal_key: secrets.seal.public(),
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
            .map_err(No::into_failure)?;
        crate::adoption::adopt(&mut desk, host.as_ref()).map_err(No::into_failure)?;
        front_of(&desk)?.write(data_dir)?;
        crate::adoption::write_portraits(&desk, data_dir)?;
        Ok(())
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

/// A pack that is to take the place of the active one: what headquarters announced, signed, readable and newer.
pub(crate) fn read_newer_pack(desk: &Desk, sha256: &str) -> Result<Pack, Failure> {
    let (_, bundle) = store::objects::get(&desk.db, sha256)?
        .ok_or_else(|| Failure::Pack("the bundle is not on this terminal".to_owned()))?;
    Pack::open_newer(&bundle, &desk.identity.series_key, sha256, Some(&desk.pack))
        .map_err(|fault| Failure::Pack(fault.to_string()))
}

pub(crate) fn open_desk(
    db: Connection,
    secrets: &Secrets,
    keys: &SoftKeyStore,
) -> Result<Desk, Failure> {
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
            seal: secrets.seal.clone(),
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
