//! From an officer's PIN to a key. Six digits are nothing alone, so the device's own secret is stretched with them.

use argon2::{Algorithm, Argon2, Params, Version};
use serde::{Deserialize, Serialize};

use crate::seal::DataKey;

#[derive(Debug, thiserror::Error)]
#[error("the PIN parameters are outside what is allowed")]
pub struct PinParamsFault;

/// 口令参数 – the cost of one attempt at a PIN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Costs", into = "Costs")]
pub struct PinParams(Costs);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Costs {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

impl PinParams {
    pub fn new(memory_kib: u32, passes: u32, lanes: u32) -> Result<Self, PinParamsFault> {
        Costs {
            memory_kib,
            passes,
            lanes,
        }
        .try_into()
    }

    /// As cheap as it gets; for tests, where the cost is not the point.
    pub const fn for_tests() -> Self {
        Self(Costs {
            memory_kib: 8,
            passes: 1,
            lanes: 1,
        })
    }
}

impl Default for PinParams {
    fn default() -> Self {
        Self(Costs {
            memory_kib: 64 * 1024,
            passes: 3,
            lanes: 1,
        })
    }
}

impl TryFrom<Costs> for PinParams {
    type Error = PinParamsFault;

    fn try_from(costs: Costs) -> Result<Self, PinParamsFault> {
        let is_sound = (1..=4).contains(&costs.lanes)
            && (1..=16).contains(&costs.passes)
            && (8 * costs.lanes..=1024 * 1024).contains(&costs.memory_kib);
        if is_sound {
            Ok(Self(costs))
        } else {
            Err(PinParamsFault)
        }
    }
}

impl From<PinParams> for Costs {
    fn from(params: PinParams) -> Self {
        params.0
    }
}

/// Argon2id over the PIN with the hardware secret as its secret input. A wrong PIN gives another key, which opens nothing.
pub fn stretch(pin: &str, salt: &[u8; 16], hardware: &DataKey, params: &PinParams) -> DataKey {
    let Costs {
        memory_kib,
        passes,
        lanes,
    } = params.0;
    let mut key = [0; 32];
    let stretched = Params::new(memory_kib, passes, lanes, Some(key.len()))
        .and_then(|params| {
            Argon2::new_with_secret(
                hardware.as_bytes(),
                Algorithm::Argon2id,
                Version::V0x13,
                params,
            )
        })
        .and_then(|argon2| argon2.hash_password_into(pin.as_bytes(), salt, &mut key));
    if let Err(fault) = stretched {
        panic!("Argon2id refuses parameters that were checked: {fault}");
    }
    DataKey::from_bytes(key)
}
