//! How a terminal becomes one of headquarters' terminals.

use journal::{Hash, HqPublicKey, HqSigningKey, PublicKey, WriterId, open_note, sign_note};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Ticket;

pub const ENROLMENT_FIRST_LINE: &str = "sanxiang-enrolment/1";

/// Body of `POST /sync/v1/enrol`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolRequest {
    pub ticket: String,
    pub terminal_name: String,
    pub device_key: PublicKey,
    pub badge_key: PublicKey,
    /// What impressions of the agency's seal are sealed to.
    pub seal_key: PublicKey,
    /// Where the device key lives: `soft`, `tpm`.
    pub key_class: String,
}

/// 接入 – what headquarters grants. It travels as a signed note of two lines: [`ENROLMENT_FIRST_LINE`] and this as one
/// line of JSON. The same ticket with the same device key gives the same enrolment again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Enrolment {
    pub writer: WriterId,
    pub epoch: u32,
    /// The device key of the request, so that the answer to one terminal is none to another.
    pub device_key: PublicKey,
    pub agency: Value,
    /// The key name in headquarters' notes: no white space, no `+`.
    pub headquarters_name: String,
    /// Signs receipts and checkpoints; its id is the last part of the ticket.
    pub headquarters_key: HqPublicKey,
    /// Signs headquarters' own series and the packs.
    pub series_key: PublicKey,
    /// What evidence keys are sealed to.
    pub escrow_key: PublicKey,
    /// Where the public checks a badge.
    pub public_url: String,
    pub pack_version: String,
    pub pack_sha256: Hash,
    /// Whether officers and agency are made up.
    pub example: bool,
}

#[derive(Debug, thiserror::Error)]
pub enum EnrolmentFault {
    #[error("the answer is not an enrolment")]
    Malformed,
    #[error("the enrolment is not signed by the headquarters the ticket names")]
    WrongHeadquarters,
    #[error("the enrolment is for another device")]
    WrongDevice,
    #[error("the enrolment or the wish for it could not be written")]
    Write(#[source] serde_json::Error),
}

impl Enrolment {
    pub fn sign(&self, key: &HqSigningKey) -> Result<String, EnrolmentFault> {
        let json = serde_json::to_string(self).map_err(EnrolmentFault::Write)?;
        let text = format!("{ENROLMENT_FIRST_LINE}\n{json}\n");
        Ok(sign_note(&text, &self.headquarters_name, key))
    }

    /// Reads an answer and believes it only if the key that signed it is the one the ticket pins.
    pub fn open(
        note: &str,
        ticket: &Ticket,
        device_key: &PublicKey,
    ) -> Result<Self, EnrolmentFault> {
        let json = note
            .strip_prefix(ENROLMENT_FIRST_LINE)
            .and_then(|rest| rest.strip_prefix('\n'))
            .and_then(|rest| rest.split('\n').next())
            .ok_or(EnrolmentFault::Malformed)?;
        let enrolment: Self = serde_json::from_str(json).map_err(|_| EnrolmentFault::Malformed)?;
        if enrolment.headquarters_key.key_id() != ticket.headquarters() {
            return Err(EnrolmentFault::WrongHeadquarters);
        }
        let text = open_note(
            note,
            &enrolment.headquarters_name,
            &enrolment.headquarters_key,
        )
        .map_err(|_| EnrolmentFault::WrongHeadquarters)?;
        if text != format!("{ENROLMENT_FIRST_LINE}\n{json}\n") {
            return Err(EnrolmentFault::Malformed);
        }
        if enrolment.device_key != *device_key {
            return Err(EnrolmentFault::WrongDevice);
        }
        Ok(enrolment)
    }
}
