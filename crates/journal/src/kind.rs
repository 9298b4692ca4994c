//! The closed vocabulary of acts, and how a reader survives a word it does not know yet.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Whose signature an entry of some kind carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signer {
    /// Always the device key: these entries found sessions and epochs.
    Device,
    /// Always the key of the open session: an officer acts.
    Session,
    /// What the machine itself notes, signed in or not: the open session's key or the device key.
    Either,
}

#[derive(Debug, thiserror::Error)]
#[error("unknown kind of entry")]
pub struct UnknownKind;

macro_rules! kinds {
    ($($name:ident = $text:literal, $signer:ident;)*) => {
        /// 条目种类 – every act the journal knows.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind { $($name),* }

        impl Kind {
            pub const ALL: &[Kind] = &[$(Kind::$name),*];

            pub fn parse(text: &str) -> Result<Self, UnknownKind> {
                match text {
                    $($text => Ok(Self::$name),)*
                    _ => Err(UnknownKind),
                }
            }

            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }

            pub const fn signer(self) -> Signer {
                match self { $(Self::$name => Signer::$signer),* }
            }
        }
    };
}

kinds! {
    SessionOpened = "session.opened", Device;
    SessionClosed = "session.closed", Either;
    UnlockFailed = "unlock.failed", Either;
    PinSet = "pin.set", Either;
    ClockJumped = "clock.jumped", Either;
    DeviceEnrolled = "device.enrolled", Device;
    EpochStarted = "epoch.started", Device;
    CredentialPresented = "credential.presented", Session;
    CredentialRefused = "credential.refused", Either;
    NoticeTold = "notice.told", Session;
    InspectionOpened = "inspection.opened", Session;
    CaseAmended = "case.amended", Session;
    InstrumentStarted = "instrument.started", Session;
    InstrumentDrafted = "instrument.drafted", Session;
    InstrumentSigned = "instrument.signed", Session;
    InstrumentIssued = "instrument.issued", Session;
    InstrumentVoided = "instrument.voided", Session;
    InstrumentDelivered = "instrument.delivered", Session;
    EvidencePhotographed = "evidence.photographed", Session;
    EvidenceImported = "evidence.imported", Session;
    RecordingStarted = "recording.started", Session;
    RecordingMarked = "recording.marked", Session;
    RecordingClosed = "recording.closed", Either;
    RecordingInterrupted = "recording.interrupted", Either;
    PrintQueued = "print.queued", Session;
    PrintConfirmed = "print.confirmed", Either;
    PrintFailed = "print.failed", Either;
    PrintUnknown = "print.unknown", Either;
    PrintAnswered = "print.answered", Session;
    PrintCancelled = "print.cancelled", Either;
    LeaseAdopted = "lease.adopted", Either;
    SealsAdopted = "seals.adopted", Either;
    SheetSpoiled = "sheet.spoiled", Session;
    RosterAdopted = "roster.adopted", Either;
    PackAdopted = "pack.adopted", Either;
    HeadquartersReceived = "headquarters.received", Either;
    RecordViewed = "record.viewed", Session;
    ApprovalRecorded = "approval.recorded", Session;
    CaseFlagged = "case.flagged", Session;
    CaseChecked = "case.checked", Session;
    CaseClosed = "case.closed", Session;
    PaymentRecorded = "payment.recorded", Session;
    DiscretionShown = "discretion.shown", Session;
    InspectionCodeChecked = "inspection_code.checked", Session;
    ActRefused = "act.refused", Either;
    HqDeviceEnrolled = "hq.device_enrolled", Either;
    HqLeaseGranted = "hq.lease_granted", Either;
    HqSealInstalled = "hq.seal_installed", Either;
    HqSealsGranted = "hq.seals_granted", Either;
    HqSealed = "hq.sealed", Either;
    HqRosterPublished = "hq.roster_published", Either;
    HqPackPublished = "hq.pack_published", Either;
    HqRecordViewed = "hq.record_viewed", Either;
    HqSignedIn = "hq.signed_in", Either;
    HqSignInFailed = "hq.sign_in_failed", Either;
    HqJournalReceived = "hq.journal_received", Either;
    HqMediaReceived = "hq.media_received", Either;
    HqForkKept = "hq.fork_kept", Either;
    HqApprovalGiven = "hq.approval_given", Either;
    HqApprovalCodesPublished = "hq.approval_codes_published", Either;
    HqReviewGiven = "hq.review_given", Either;
    HqDeliberated = "hq.deliberated", Either;
    HqDecisionRevoked = "hq.decision_revoked", Either;
    HqDisclosed = "hq.disclosed", Either;
    HqDisclosureWithdrawn = "hq.disclosure_withdrawn", Either;
    HqInspectionCodeGranted = "hq.inspection_code_granted", Either;
    HqSupervisionReceived = "hq.supervision_received", Either;
    HqSupervisionAnswered = "hq.supervision_answered", Either;
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}

/// 条目种类（读入） – the kind as a header tells it; a word from a later release is kept as it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum KindText {
    Known(Kind),
    Unknown(String),
}

impl KindText {
    pub fn known(&self) -> Option<Kind> {
        match self {
            Self::Known(kind) => Some(*kind),
            Self::Unknown(_) => None,
        }
    }

    pub fn as_str(&self) -> &str {
        match self {
            Self::Known(kind) => kind.as_str(),
            Self::Unknown(text) => text,
        }
    }

    pub fn signer(&self) -> Signer {
        self.known().map_or(Signer::Either, Kind::signer)
    }
}

impl From<Kind> for KindText {
    fn from(kind: Kind) -> Self {
        Self::Known(kind)
    }
}

impl PartialEq<Kind> for KindText {
    fn eq(&self, kind: &Kind) -> bool {
        self.known() == Some(*kind)
    }
}

impl fmt::Display for KindText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for KindText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for KindText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Ok(match Kind::parse(&text) {
            Ok(kind) => Self::Known(kind),
            Err(UnknownKind) => Self::Unknown(text),
        })
    }
}
