//! The locked door: who may enter, wrong PINs and their delay, sessions.

use contract::{BoundaryError, Code};
use journal::Kind;
use journal::body::{CredentialRefused, PinSet, UnlockFailed};
use law::Refusal;
use serde::Serialize;

use crate::contract::{Notice, OfficerCard, Phase, SetPin, SignIn, StartState};
use crate::desk::{Act, Desk};
use crate::enrolment::{EVIDENCE_DATABASE, MAIN_DATABASE, front_of, open_desk};
use crate::failure::No;
use crate::front;
use crate::host::Host;
use crate::store;
use crate::terminal::{BUILD, Terminal, lock};
use crate::vault::attempts::{Attempts, PIN_SET, Pending, WRONG_PIN};
use crate::vault::keyring::Secrets;

/// Longest certificate number or PIN that is looked at, bytes.
const DOOR_BYTES_MAX: usize = 256;
/// Digits of a new PIN.
const PIN_DIGITS: std::ops::RangeInclusive<usize> = 6..=12;

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
                .map(|officer| OfficerCard {
                    has_pin: lock(&self.keyring).holds(&officer.credential_no),
                    ..front::card(officer, now, signed_in.contains(&officer.officer_id))
                })
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
        let mut attempts = self.knock(&[&request.credential_no, &request.pin])?;
        let credential_no = request.credential_no.as_str();
        if let Err(refusal) = self.may_enter(credential_no) {
            attempts.note(self.host.now(), credential_no, refusal.code(), 0);
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
        let master = self.master(&mut attempts, credential_no, &request.pin)?;
        self.enter(credential_no, &master)?;
        attempts.failures = 0;
        attempts.open_from = None;
        self.record_door(&mut attempts)
    }

    /// The count of what went wrong at the door, unless it is still closed or what is said there is too long.
    fn knock(&self, said: &[&str]) -> Result<Attempts, No> {
        let attempts = Attempts::read(&self.data_dir)?;
        let wait_s = attempts.wait_s(self.host.now());
        if wait_s > 0 {
            return Err(BoundaryError::new(Code::Delayed)
                .with("retry_after_s", wait_s)
                .into());
        }
        if said.iter().any(|text| text.len() > DOOR_BYTES_MAX) {
            return Err(Code::BadRequest.into());
        }
        Ok(attempts)
    }

    /// What an officer's PIN opens; a wrong one is counted on disk before the answer.
    fn master(
        &self,
        attempts: &mut Attempts,
        credential_no: &str,
        pin: &str,
    ) -> Result<journal::DataKey, No> {
        // Stretching a PIN takes long; nobody else waits for the keyring meanwhile.
        let keyring = lock(&self.keyring).clone();
        if let Some(master) = keyring.open(&self.keys, credential_no, pin) {
            return Ok(master);
        }
        let delay_s = attempts.fail(self.host.now(), credential_no);
        self.record_door(attempts)?;
        Err(BoundaryError::new(Code::WrongSecret)
            .with("retry_after_s", delay_s)
            .with("failures", attempts.failures)
            .into())
    }

    pub(crate) fn set_pin(&self, request: &SetPin) -> Result<StartState, BoundaryError> {
        self.put_pin(request).map_err(|no| self.answer(no))?;
        self.start_state()
    }

    /// A PIN another officer has already is theirs alone: nobody else can replace it.
    fn put_pin(&self, request: &SetPin) -> Result<(), No> {
        let _one_at_a_time = lock(&self.door);
        let SetPin {
            credential_no,
            new_pin,
            by,
            by_pin,
        } = request;
        let mut attempts = self.knock(&[credential_no, new_pin, by, by_pin])?;
        let is_sound = PIN_DIGITS.contains(&new_pin.len())
            && new_pin.bytes().all(|digit| digit.is_ascii_digit());
        if !is_sound {
            return Err(BoundaryError::new(Code::BadRequest)
                .with("field", "new_pin")
                .into());
        }
        if by != credential_no && lock(&self.keyring).holds(credential_no) {
            return Err(BoundaryError::new(Code::NotAllowed)
                .with("reason", "pin_of_another")
                .into());
        }
        let checked = self
            .may_enter(by)
            .map_err(|refusal| (by, refusal))
            .and_then(|()| {
                self.stands_on_roster(credential_no)
                    .map_err(|refusal| (credential_no, refusal))
            });
        if let Err((whose, refusal)) = checked {
            attempts.note(self.host.now(), whose, refusal.code(), 0);
            self.record_door(&mut attempts)?;
            return Err(refusal.into());
        }
        let master = self.master(&mut attempts, by, by_pin)?;
        let keyring = lock(&self.keyring).clone();
        let keyring =
            keyring.with_pin(&self.data_dir, &self.keys, &master, credential_no, new_pin)?;
        *lock(&self.keyring) = keyring;
        attempts.note_pin(self.host.now(), credential_no, by);
        self.record_door(&mut attempts)
    }

    fn stands_on_roster(&self, credential_no: &str) -> Result<(), Refusal> {
        let front = self.front();
        let officer = front
            .officer(credential_no)
            .ok_or_else(|| Refusal::CredentialUnknown {
                credential_no: credential_no.to_owned(),
            })?;
        front::standing(officer, self.host.now().date_naive())
    }

    fn may_enter(&self, credential_no: &str) -> Result<(), Refusal> {
        self.stands_on_roster(credential_no)?;
        match lock(&self.keyring).holds(credential_no) {
            true => Ok(()),
            false => Err(Refusal::CredentialUnknown {
                credential_no: credential_no.to_owned(),
            }),
        }
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
    let credential_no = pending.credential_no.clone();
    match pending.code.as_str() {
        WRONG_PIN => {
            let body = UnlockFailed {
                v: 1,
                credential_no,
                failures: pending.failures,
                delay_s: pending.delay_s,
            };
            record(desk, host, pending, Kind::UnlockFailed, &body)
        }
        PIN_SET => {
            let body = PinSet {
                v: 1,
                credential_no,
                by: pending.by.clone(),
            };
            record(desk, host, pending, Kind::PinSet, &body)
        }
        code => {
            let body = CredentialRefused {
                v: 1,
                credential_no,
                code: code.to_owned(),
                args: serde_json::Value::Null,
            };
            record(desk, host, pending, Kind::CredentialRefused, &body)
        }
    }
}

fn record<B: Serialize>(
    desk: &mut Desk,
    host: &dyn Host,
    pending: &Pending,
    kind: Kind,
    body: &B,
) -> Result<(), No> {
    let event_at = chrono::DateTime::parse_from_rfc3339(&pending.at).unwrap_or_else(|_| host.now());
    let act = Act {
        kind,
        case_id: None,
        event_at,
        body,
        blobs: Vec::new(),
    };
    desk.commit(host, act, |_, _| Ok(()))?;
    Ok(())
}
