//! The reader's side of a series: nothing is believed that is not signed, chained and in its place.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::entry::{Entry, FrameFault, Tip, WriterId, frames};
use crate::keys::{PublicKey, SignatureFault};
use crate::kind::{Kind, Signer};

/// 校验不符 – the first thing wrong with a series, and the place in the series where it shows: the index that was due, or
/// that of a forked entry. It is never taken from an entry whose signature was not verified.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("entry {idx}: {reason}")]
pub struct Fault {
    pub idx: u64,
    pub reason: Reason,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    #[error("{0}")]
    Frame(FrameFault),
    #[error("it belongs to another writer or epoch")]
    WrongWriter,
    #[error("it is missing; what follows calls itself entry {found}")]
    Gap { found: u64 },
    #[error("in its place comes one that calls itself entry {found}, which was there before")]
    Repeated { found: u64 },
    #[error("another entry with a good signature stands in its place")]
    Fork,
    #[error("it names another session than the one that is open")]
    WrongSession,
    #[error("an officer's act stands outside any session")]
    NoSession,
    #[error("it is signed by a key that may not sign it")]
    WrongKey,
    #[error("the signature does not fit")]
    BadSignature,
    #[error("it does not continue the entry before it")]
    BrokenChain,
    #[error("the body is not the one the header names")]
    BodyMismatch,
    #[error("it does not continue its case")]
    CaseChainBroken,
    #[error("the body that certifies the session key is withheld")]
    SessionWithheld,
    #[error("the body does not certify a session key")]
    SessionBody,
}

impl Reason {
    /// A stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Frame(_) => "bad_frame",
            Self::WrongWriter => "wrong_writer",
            Self::Gap { .. } => "gap",
            Self::Repeated { .. } => "repeated",
            Self::Fork => "fork",
            Self::WrongSession => "wrong_session",
            Self::NoSession => "no_session",
            Self::WrongKey => "wrong_key",
            Self::BadSignature => "bad_signature",
            Self::BrokenChain => "broken_chain",
            Self::BodyMismatch => "body_mismatch",
            Self::CaseChainBroken => "case_chain_broken",
            Self::SessionWithheld => "session_withheld",
            Self::SessionBody => "session_body",
        }
    }

    /// A good signature under a second history: evidence against the holder of the key, to be kept.
    pub fn is_fork(&self) -> bool {
        matches!(self, Self::Fork | Self::BrokenChain)
    }
}

impl Serialize for Fault {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut fault = serializer.serialize_struct("Fault", 3)?;
        fault.serialize_field("idx", &self.idx)?;
        fault.serialize_field("code", self.reason.code())?;
        fault.serialize_field("text", &self.reason.to_string())?;
        fault.end()
    }
}

/// 校验位置 – all a verifier needs to go on where it stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeriesState {
    pub writer: WriterId,
    pub epoch: u32,
    pub device: PublicKey,
    /// The number of the session opened last; 0 before the first.
    pub session: u32,
    /// The key of the session that is open now.
    pub session_key: Option<PublicKey>,
    pub tip: Option<Tip>,
    /// The tip of every case of the series. A caller that keeps these itself uses [`SeriesVerifier::push_in_case`].
    pub cases: BTreeMap<String, Tip>,
}

/// 序列校验 – takes the entries of one series in their order and refuses the first that does not fit.
#[derive(Debug, Clone)]
pub struct SeriesVerifier {
    state: SeriesState,
}

impl SeriesVerifier {
    /// `device` is the key of the device, or headquarters' series key for the writer `hq`.
    pub fn new(writer: WriterId, epoch: u32, device: PublicKey) -> Self {
        Self::resume(SeriesState {
            writer,
            epoch,
            device,
            session: 0,
            session_key: None,
            tip: None,
            cases: BTreeMap::new(),
        })
    }

    pub fn resume(state: SeriesState) -> Self {
        Self { state }
    }

    pub fn state(&self) -> &SeriesState {
        &self.state
    }

    pub fn tip(&self) -> Option<Tip> {
        self.state.tip
    }

    /// The index the next entry must have.
    pub fn next_idx(&self) -> u64 {
        self.state.tip.map_or(0, |tip| tip.idx.saturating_add(1))
    }

    /// Verifies the next entry and moves on. A withheld body is in order, except one that certifies a session key.
    /// After a fault the verifier stands where it stood.
    pub fn push(&mut self, entry: &Entry) -> Result<(), Fault> {
        let case = entry.header.case.as_ref();
        let case_tip = case.and_then(|case| self.state.cases.get(case)).copied();
        self.push_in_case(entry, case_tip)?;
        if let (Some(case), Some(tip)) = (case, entry.case_tip()) {
            self.state.cases.insert(case.clone(), tip);
        }
        Ok(())
    }

    /// As [`SeriesVerifier::push`], with the tip of the entry's case told by the caller and not remembered here.
    pub fn push_in_case(&mut self, entry: &Entry, case_tip: Option<Tip>) -> Result<(), Fault> {
        let certified = self.check(entry, case_tip).map_err(|reason| Fault {
            idx: if reason == Reason::Fork {
                entry.header.idx
            } else {
                self.next_idx()
            },
            reason,
        })?;
        if let Some(key) = certified {
            self.state.session = entry.header.session;
            self.state.session_key = Some(key);
        } else if entry.header.kind == Kind::SessionClosed {
            self.state.session_key = None;
        }
        self.state.tip = Some(entry.tip());
        Ok(())
    }

    /// Gives back the session key that the entry certifies, if it opens a session.
    fn check(&self, entry: &Entry, case_tip: Option<Tip>) -> Result<Option<PublicKey>, Reason> {
        self.check_place(entry)?;
        let key = self.signing_key(entry)?;
        key.verify(entry.header_bytes(), entry.signature())
            .map_err(|_: SignatureFault| Reason::BadSignature)?;
        if entry.header.prev != self.state.tip.map(|tip| tip.hash) {
            return Err(Reason::BrokenChain);
        }
        if !entry.has_matching_body() {
            return Err(Reason::BodyMismatch);
        }
        check_case(entry, case_tip)?;
        if entry.header.kind == Kind::SessionOpened {
            return certified_key(entry).map(Some);
        }
        Ok(None)
    }

    fn check_place(&self, entry: &Entry) -> Result<(), Reason> {
        let header = &entry.header;
        if header.writer != self.state.writer || header.epoch != self.state.epoch {
            return Err(Reason::WrongWriter);
        }
        let expected = self.next_idx();
        if header.idx > expected {
            return Err(Reason::Gap { found: header.idx });
        }
        if header.idx < expected {
            return Err(if self.is_fork_of_tip(entry) {
                Reason::Fork
            } else {
                Reason::Repeated { found: header.idx }
            });
        }
        let session = if header.kind == Kind::SessionOpened {
            self.state.session.saturating_add(1)
        } else {
            self.state.session
        };
        if header.session != session {
            return Err(Reason::WrongSession);
        }
        Ok(())
    }

    fn is_fork_of_tip(&self, entry: &Entry) -> bool {
        let Some(tip) = self.state.tip else {
            return false;
        };
        let keys = [Some(&self.state.device), self.state.session_key.as_ref()];
        entry.header.idx == tip.idx
            && entry.hash() != tip.hash
            && keys
                .into_iter()
                .flatten()
                .any(|key| key.verify(entry.header_bytes(), entry.signature()).is_ok())
    }

    fn signing_key(&self, entry: &Entry) -> Result<&PublicKey, Reason> {
        let device = &self.state.device;
        let session = self.state.session_key.as_ref();
        let key = match entry.header.kind.signer() {
            Signer::Device => device,
            Signer::Session => session.ok_or(Reason::NoSession)?,
            Signer::Either => session
                .filter(|key| key.key_id() == entry.header.signer)
                .unwrap_or(device),
        };
        if key.key_id() != entry.header.signer {
            return Err(Reason::WrongKey);
        }
        Ok(key)
    }
}

fn check_case(entry: &Entry, tip: Option<Tip>) -> Result<(), Reason> {
    let header = &entry.header;
    let told = (header.case_idx, header.case_prev);
    let expected = match (&header.case, tip) {
        (None, _) => (None, None),
        (Some(_), None) => (Some(0), None),
        (Some(_), Some(tip)) => (tip.idx.checked_add(1), Some(tip.hash)),
    };
    if told == expected {
        Ok(())
    } else {
        Err(Reason::CaseChainBroken)
    }
}

#[derive(Deserialize)]
struct Certificate {
    session: u32,
    public_key: PublicKey,
}

fn certified_key(entry: &Entry) -> Result<PublicKey, Reason> {
    if entry.is_withheld() {
        return Err(Reason::SessionWithheld);
    }
    let certificate: Certificate = entry.body_as().map_err(|_| Reason::SessionBody)?;
    if certificate.session != entry.header.session {
        return Err(Reason::SessionBody);
    }
    Ok(certificate.public_key)
}

/// 校验报告 – what was found in a series up to its first fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    pub entries: u64,
    pub withheld: u64,
    pub unknown_kinds: u64,
    pub tip: Option<Tip>,
    pub sessions: Vec<SessionReport>,
    pub cases: Vec<CaseReport>,
    pub fault: Option<Fault>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SessionReport {
    pub session: u32,
    pub opened_idx: u64,
    pub entries: u64,
    pub is_closed: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CaseReport {
    pub case: String,
    pub first_idx: u64,
    pub last_idx: u64,
    pub entries: u64,
    pub withheld: u64,
}

/// Verifies concatenated frames from the start of a series.
pub fn verify_series(bytes: &[u8], writer: &WriterId, epoch: u32, device: &PublicKey) -> Report {
    let mut verifier = SeriesVerifier::new(writer.clone(), epoch, device.clone());
    let mut report = Report {
        entries: 0,
        withheld: 0,
        unknown_kinds: 0,
        tip: None,
        sessions: Vec::new(),
        cases: Vec::new(),
        fault: None,
    };
    let mut case_places = BTreeMap::new();
    for frame in frames(bytes) {
        let idx = verifier.next_idx();
        let verified = Entry::parse(frame)
            .map_err(|fault| Fault {
                idx,
                reason: Reason::Frame(fault),
            })
            .and_then(|entry| verifier.push(&entry).map(|()| entry));
        match verified {
            Ok(entry) => report.count(&entry, &mut case_places),
            Err(fault) => {
                report.fault = Some(fault);
                break;
            }
        }
    }
    report
}

impl Report {
    pub fn is_sound(&self) -> bool {
        self.fault.is_none()
    }

    fn count(&mut self, entry: &Entry, case_places: &mut BTreeMap<String, usize>) {
        let header = &entry.header;
        let withheld = u64::from(entry.is_withheld());
        self.entries += 1;
        self.withheld += withheld;
        self.unknown_kinds += u64::from(header.kind.known().is_none());
        self.tip = Some(entry.tip());
        if header.kind == Kind::SessionOpened {
            self.sessions.push(SessionReport {
                session: header.session,
                opened_idx: header.idx,
                entries: 0,
                is_closed: false,
            });
        }
        if let Some(session) = self
            .sessions
            .last_mut()
            .filter(|session| !session.is_closed)
        {
            session.entries += 1;
            session.is_closed = header.kind == Kind::SessionClosed;
        }
        if let Some(case) = &header.case {
            let place = *case_places.entry(case.clone()).or_insert_with(|| {
                self.cases.push(CaseReport {
                    case: case.clone(),
                    first_idx: header.idx,
                    last_idx: header.idx,
                    entries: 0,
                    withheld: 0,
                });
                self.cases.len() - 1
            });
            if let Some(report) = self.cases.get_mut(place) {
                report.last_idx = header.idx;
                report.entries += 1;
                report.withheld += withheld;
            }
        }
    }
}
