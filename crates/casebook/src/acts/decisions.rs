//! 审批意见与审核意见 – what was decided about an issued instrument, for the copy of the office. The instrument itself, its
//! hash and its bytes stay as they were issued.

use forms::{Decided, Decision};
use journal::Kind;
use serde_json::{Map, Value};

use crate::desk::Desk;
use crate::failure::No;
use crate::store::case_act;
use crate::store::instrument::Instrument;

/// `approvals.…` and `review.…` as papers name them; an empty object before anybody decided.
pub fn about(desk: &Desk, instrument: &Instrument) -> Result<Value, No> {
    opinions(desk, instrument).map(Value::Object)
}

fn opinions(desk: &Desk, instrument: &Instrument) -> Result<Map<String, Value>, No> {
    let mut acts = case_act::of_case(&desk.db, &instrument.case_id)?;
    acts.extend(case_act::of_headquarters(&desk.db, &instrument.case_id)?);
    let acts = acts.into_iter().filter_map(|act| {
        Some(Decision {
            kind: Kind::parse(&act.kind).ok()?,
            at: act.at,
            body: act.body,
        })
    });
    let decided = Decided {
        instrument_id: &instrument.instrument_id,
        content_sha256: instrument.content_sha256.as_deref().unwrap_or_default(),
        issued_at: instrument.issued_at.as_deref().unwrap_or_default(),
    };
    Ok(desk.pack.opinions(decided, acts))
}

pub fn is_decided(desk: &Desk, instrument: &Instrument) -> Result<bool, No> {
    Ok(instrument.issued_at.is_some() && !opinions(desk, instrument)?.is_empty())
}

/// The frozen value with what was decided since.
pub fn with_decisions(desk: &Desk, instrument: &Instrument) -> Result<Value, No> {
    let mut value = instrument.value.clone();
    if let Value::Object(fields) = &mut value {
        fields.extend(opinions(desk, instrument)?);
    }
    Ok(value)
}
