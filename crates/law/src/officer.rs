//! Who may act: credentials and the two-officer rule.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::Refusal;

/// 证件状态 as the agency's roster tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CredentialStatus {
    Valid,
    /// 暂扣.
    Suspended,
    /// 注销.
    Cancelled,
}

impl CredentialStatus {
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "valid" => Some(Self::Valid),
            "suspended" => Some(Self::Suspended),
            "cancelled" => Some(Self::Cancelled),
            _ => None,
        }
    }
}

/// 行政执法证件 – one certificate of the roster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credential {
    pub credential_no: String,
    pub valid_from: NaiveDate,
    /// The last day of validity.
    pub valid_to: NaiveDate,
    pub status: CredentialStatus,
    /// False for 辅助人员.
    pub is_officer: bool,
    /// 执法门类.
    pub category: String,
    /// 执法区域.
    pub area: String,
}

/// R-P2, R-P4: whether the holder may act on a day.
pub fn standing(credential: &Credential, on: NaiveDate) -> Result<(), Refusal> {
    let credential_no = credential.credential_no.clone();
    if !credential.is_officer {
        return Err(Refusal::NotAnOfficer { credential_no });
    }
    match credential.status {
        CredentialStatus::Valid => {}
        CredentialStatus::Suspended | CredentialStatus::Cancelled => {
            return Err(Refusal::CredentialSuspended { credential_no });
        }
    }
    if on < credential.valid_from {
        return Err(Refusal::CredentialNotYetValid {
            credential_no,
            valid_from: credential.valid_from,
        });
    }
    if on > credential.valid_to {
        return Err(Refusal::CredentialExpired {
            credential_no,
            expired_on: credential.valid_to,
        });
    }
    Ok(())
}

/// R-P1: at least two different officers, each of whom may act. One person present twice is one person.
pub fn two_officers(present: &[Credential], on: NaiveDate) -> Result<(), Refusal> {
    for credential in present {
        standing(credential, on)?;
    }
    let different: BTreeSet<&str> = present
        .iter()
        .map(|credential| credential.credential_no.as_str())
        .collect();
    if different.len() < 2 {
        return Err(Refusal::TwoOfficersNeeded {
            present: u8::try_from(different.len()).unwrap_or(u8::MAX),
        });
    }
    Ok(())
}
