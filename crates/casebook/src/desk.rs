//! 办案台 – what is open once somebody has signed in: the main database, the series, the session.

use chrono::{DateTime, FixedOffset};
use contract::{BoundaryError, Code};
use forms::Pack;
use journal::body::{OfficerBody, RosterOfficer, SessionClosed, SessionOpened};
use journal::{
    Entry, EntryDraft, Hash, HqPublicKey, Kind, PublicKey, Series, Signer, SigningKey, WriterId,
};
use rusqlite::{Connection, Transaction, TransactionBehavior};
use serde::Serialize;
use serde_json::Value;

use crate::contract::PresentationView;
use crate::failure::{Failure, No};
use crate::host::Host;
use crate::store;
use crate::{fault, projection};

/// Who this terminal is and whom it trusts; fixed at enrolment.
#[derive(Debug, Clone)]
pub struct Identity {
    pub writer: WriterId,
    pub epoch: u32,
    pub headquarters_url: String,
    pub headquarters_name: String,
    pub headquarters_key: HqPublicKey,
    pub series_key: PublicKey,
    pub escrow_key: PublicKey,
    pub public_url: String,
}

/// An open session: who acts, and the key that is erased when they lock.
pub struct Session {
    pub officers: Vec<RosterOfficer>,
    pub presentation: Option<PresentationView>,
    key: SigningKey,
}

/// The open desk.
pub struct Desk {
    pub db: Connection,
    pub identity: Identity,
    pub pack: Pack,
    pub agency: Value,
    pub session: Option<Session>,
    pub badge: SigningKey,
    /// Opens the impressions of the seal that were leased to this terminal.
    pub seal: journal::DecryptionKey,
    pub evidence_key: journal::DataKey,
    series: Series,
    device: SigningKey,
    /// Wall and monotonic milliseconds of the last entry in this boot.
    last_clock: Option<(i64, u64)>,
}

/// Largest body of an entry, bytes: headquarters takes an entry whole or not at all, and its requests are bounded.
const ENTRY_BYTES_MAX: usize = 2 << 20;

/// An act on its way into the journal.
pub struct Act<'a, B: Serialize> {
    pub kind: Kind,
    pub case_id: Option<&'a str>,
    /// When it happened; the entry time is taken when it is sealed.
    pub event_at: DateTime<FixedOffset>,
    pub body: &'a B,
    pub blobs: Vec<Hash>,
}

/// What [`Desk::open`] needs besides the databases.
pub struct DeskParts {
    pub identity: Identity,
    pub pack: Pack,
    pub agency: Value,
    pub badge: SigningKey,
    /// Opens the impressions of the seal that were leased to this terminal.
    pub seal: journal::DecryptionKey,
    pub evidence_key: journal::DataKey,
    pub device: SigningKey,
}

impl Desk {
    pub fn open(db: Connection, parts: DeskParts) -> Result<Self, Failure> {
        let tip = store::journal::tip(&db, parts.identity.epoch)?;
        let session = store::meta(&db, "session")?
            .and_then(|text| text.parse().ok())
            .unwrap_or(0);
        let series = Series::resume(
            parts.identity.writer.clone(),
            parts.identity.epoch,
            session,
            tip,
        );
        Ok(Desk {
            db,
            identity: parts.identity,
            pack: parts.pack,
            agency: parts.agency,
            session: None,
            badge: parts.badge,
            seal: parts.seal,
            evidence_key: parts.evidence_key,
            series,
            device: parts.device,
            last_clock: None,
        })
    }

    pub fn session(&self) -> Result<&Session, No> {
        self.session
            .as_ref()
            .ok_or(No::from(contract::Code::Locked))
    }

    pub fn session_mut(&mut self) -> Result<&mut Session, No> {
        self.session
            .as_mut()
            .ok_or(No::from(contract::Code::Locked))
    }

    pub fn device_public(&self) -> PublicKey {
        self.device.public()
    }

    pub fn device(&self) -> &SigningKey {
        &self.device
    }

    pub fn officer_bodies(&self) -> Vec<OfficerBody> {
        self.session
            .as_ref()
            .map(|session| session.officers.iter().map(officer_body).collect())
            .unwrap_or_default()
    }

    /// One act, one transaction: entry, projection and whatever `more` adds stand or fall together.
    pub fn commit<B: Serialize>(
        &mut self,
        host: &dyn Host,
        act: Act<'_, B>,
        more: impl FnOnce(&Transaction<'_>, u64) -> Result<(), Failure>,
    ) -> Result<Entry, No> {
        self.note_clock(host)?;
        self.commit_plain(host, act, more)
    }

    fn commit_plain<B: Serialize>(
        &mut self,
        host: &dyn Host,
        act: Act<'_, B>,
        more: impl FnOnce(&Transaction<'_>, u64) -> Result<(), Failure>,
    ) -> Result<Entry, No> {
        let body = serde_json::to_vec(act.body)?;
        if body.len() > ENTRY_BYTES_MAX {
            return Err(BoundaryError::new(Code::TooLarge)
                .with("limit_bytes", ENTRY_BYTES_MAX as u64)
                .into());
        }
        let transaction = self
            .db
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let key = match (act.kind.signer(), &self.session) {
            (Signer::Device, _) | (Signer::Either, None) => &self.device,
            (Signer::Session | Signer::Either, Some(session)) => &session.key,
            (Signer::Session, None) => return Err(Code::Locked.into()),
        };
        let case_tip = match act.case_id {
            Some(case_id) => store::journal::case_tip(&transaction, self.identity.epoch, case_id)?,
            None => None,
        };
        let officers = match &self.session {
            Some(session) => session
                .officers
                .iter()
                .map(|officer| officer.officer_id.clone())
                .collect(),
            None => Vec::new(),
        };
        let draft = EntryDraft {
            kind: act.kind,
            case: act.case_id.map(str::to_owned),
            event_at: act.event_at,
            entered_at: host.now(),
            boot: host.boot_id(),
            mono_ms: host.monotonic_ms(),
            anchor: store::uplink::anchor(&transaction, self.identity.epoch)?,
            officers,
            pack: Some(self.pack.version().to_owned()),
            body,
            blobs: act.blobs,
        };
        let entry = self.series.seal(draft, case_tip, key);
        store::journal::insert(&transaction, &entry)?;
        fault::point("commit.after_entry");
        projection::apply(&transaction, &entry)?;
        fault::point("commit.after_projection");
        if act.kind == Kind::SessionOpened {
            store::set_meta(&transaction, "session", &entry.header.session.to_string())?;
        }
        more(&transaction, entry.header.idx)?;
        fault::point("commit.before_commit");
        transaction.commit()?;
        fault::point("commit.after_commit");
        self.series.advance(&entry);
        Ok(entry)
    }

    /// A wall clock that left the monotonic clock by more than two seconds inside one boot is an event of its own.
    fn note_clock(&mut self, host: &dyn Host) -> Result<(), No> {
        let (wall, mono) = (host.now().timestamp_millis(), host.monotonic_ms());
        let former = self.last_clock.replace((wall, mono));
        let Some((wall_before, mono_before)) = former else {
            return Ok(());
        };
        let wall_ms = wall - wall_before;
        let mono_ms = i64::try_from(mono.saturating_sub(mono_before)).unwrap_or(i64::MAX);
        if (wall_ms - mono_ms).abs() <= 2_000 {
            return Ok(());
        }
        let body = journal::body::ClockJumped {
            v: 1,
            wall_ms,
            mono_ms,
        };
        let act = Act {
            kind: Kind::ClockJumped,
            case_id: None,
            event_at: host.now(),
            body: &body,
            blobs: Vec::new(),
        };
        self.commit_plain(host, act, |_, _| Ok(()))?;
        Ok(())
    }

    /// Opens a session for these officers under a new key; an open one ends first.
    pub fn open_session(
        &mut self,
        host: &dyn Host,
        officers: Vec<RosterOfficer>,
        build: &str,
    ) -> Result<(), No> {
        self.close_session(host, "officers_changed")?;
        let key = SigningKey::generate();
        let body = SessionOpened {
            v: 1,
            session: self.series.next_session(),
            public_key: key.public().to_base64(),
            officers: officers.iter().map(officer_body).collect(),
            build: build.to_owned(),
        };
        let act = Act {
            kind: Kind::SessionOpened,
            case_id: None,
            event_at: host.now(),
            body: &body,
            blobs: Vec::new(),
        };
        self.commit(host, act, |_, _| Ok(()))?;
        self.session = Some(Session {
            officers,
            presentation: None,
            key,
        });
        Ok(())
    }

    /// Ends the open session; its key is gone afterwards.
    pub fn close_session(&mut self, host: &dyn Host, reason: &str) -> Result<(), No> {
        if self.session.is_none() {
            return Ok(());
        }
        let body = SessionClosed {
            v: 1,
            session: self.series.session(),
            reason: reason.to_owned(),
        };
        let act = Act {
            kind: Kind::SessionClosed,
            case_id: None,
            event_at: host.now(),
            body: &body,
            blobs: Vec::new(),
        };
        self.commit(host, act, |_, _| Ok(()))?;
        self.session = None;
        Ok(())
    }
}

pub fn officer_body(officer: &RosterOfficer) -> OfficerBody {
    OfficerBody {
        officer_id: officer.officer_id.clone(),
        name: officer.name.clone(),
        credential_no: officer.credential_no.clone(),
        unit: officer.unit.clone(),
        post: officer.post.clone(),
    }
}
