//! The locked door: who may enter, wrong PINs and their delay, sessions.

use contract::{BoundaryError, Code};
use journal::Kind;
use journal::body::{CredentialRefused, UnlockFailed};
use law::Refusal;

use crate::contract::{Notice, Phase, SignIn, StartState};
use crate::desk::{Act, Desk};
use crate::enrolment::{EVIDENCE_DATABASE, MAIN_DATABASE, front_of, open_desk};
use crate::failure::No;
use crate::front;
use crate::host::Host;
use crate::store;
use crate::terminal::{BUILD, Terminal, lock};
use crate::vault::attempts::{Attempts, Pending};
use crate::vault::keyring::Secrets;

/// Longest certificate number or PIN that is looked at, bytes.
const DOOR_BYTES_MAX: usize = 256;

impl Terminal {
    pub(crate) fn start_state(&self) -> Result<StartState, BoundaryError> {
        let front = self.front();
        let now = self.host.now();
        let mut roster_age_days = None;
        let (signed_in, presentation) = match self.at_desk().desk() {
            Ok(desk) => match &desk.session {
                Some(session) => {
                    roster_age_days = front::stale_roster_days(desk, now).unwrap_or(None);
                    (
                        session
                            .officers
                            .iter()
                            .map(|officer| officer.officer_id.clone())
                            .collect::<Vec<_>>(),
                        session.presentation.clone(),
                    )
                }
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
        // R-P2: what was published since then is not known here, e.g. a suspended certificate.
        if let Some(days) = roster_age_days {
            notices.push(Notice {
                code: "roster_old".to_owned(),
                args: serde_json::json!({ "days": days }),
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
        if [credential_no, request.pin.as_str()]
            .iter()
            .any(|text| text.len() > DOOR_BYTES_MAX)
        {
            return Err(Code::BadRequest.into());
        }
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
                let main = self.data_dir.join(MAIN_DATABASE);
                let evidence = self.data_dir.join(EVIDENCE_DATABASE);
                store::require_made(&main)?;
                store::require_made(&evidence)?;
                let main = store::open_main(&main, secrets.database.as_bytes())?;
                let evidence =
                    store::open_evidence(&evidence, secrets.evidence_database.as_bytes())?;
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
            crate::acts::spooling::recover(self)?;
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
