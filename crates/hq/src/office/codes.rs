//! 检查码与预授权码 – codes that terminals check without a network.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate};
use contract::BoundaryError;
use journal::body::{HqApprovalCodesPublished, HqInspectionCodeGranted, InspectionCodeChecked};
use journal::{Hash, Kind};
use rusqlite::Connection;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Denied, Rules, Subject, closed, name, needs_function, one_of, text};
use crate::clock::{time_from, time_text};
use crate::console::bad_request;
use crate::contract::office::{
    ApprovalCodes, CodeBatchRow, CodeRows, GrantInspectionCode, InspectionCode, InspectionCodeRow,
    PublishApprovalCodes,
};
use crate::failure::Failure;
use crate::headquarters::{Foundation, Headquarters};
use crate::store::acts::{self, Act};
use crate::store::people::Session;

const CODES_MAX: u32 = 50;
/// Sixty bits: who holds the salted hashes cannot try them all.
const CODE_CHARACTERS: usize = 12;
/// Without letters and digits that are mistaken for each other over the telephone or by hand: 0 O, 1 I.
const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
const INSPECTION_DIGITS: usize = 12;
const ROWS_MAX: u32 = 200;

impl Headquarters {
    /// 检查码 for one approved inspection, within the agency's yearly cap.
    pub(crate) fn grant_inspection_code(
        &self,
        session: &Session,
        request: &GrantInspectionCode,
    ) -> Result<InspectionCode, BoundaryError> {
        needs_function(session, &["unit_head", "head"])?;
        let party_uscc = law::CreditCode::parse(request.party_uscc.trim())
            .map_err(|_| bad_request("party_uscc").with("field", "party_uscc"))?;
        let party_name = name("party_name", &request.party_name)?;
        let matter = text("matter", &request.matter, true)?;
        let valid_from = day("valid_from", &request.valid_from)?;
        let valid_to = day("valid_to", &request.valid_to)?;
        if valid_to < valid_from {
            return Err(bad_request("valid_to").with("field", "valid_to"));
        }
        let granted = self.write(|writing| {
            match &request.instrument_id {
                Some(id) => is_approved(writing.on, id)?,
                None => needs_function(session, &["head"])?,
            }
            let rules = Rules::in_force(self, &Foundation::read(writing.on)?)?;
            let cap = request.cap_per_year.or_else(|| rules.inspection_cap());
            let granted = acts::about(
                writing.on,
                Kind::HqInspectionCodeGranted.as_str(),
                party_uscc.as_str(),
            )?;
            let before = granted
                .iter()
                .filter(|act| year_of(&act.acted_at) == writing.now.year())
                .count();
            let done = u32::try_from(before)
                .unwrap_or(u32::MAX)
                .saturating_add(request.done_elsewhere);
            if cap.is_some_and(|cap| done >= cap) {
                return Err(closed("inspection_cap", "D66")
                    .with("done", done)
                    .with("cap", cap.unwrap_or(0))
                    .into());
            }
            let body = HqInspectionCodeGranted {
                v: 1,
                code: digits(INSPECTION_DIGITS),
                party_uscc: party_uscc.as_str().to_owned(),
                party_name: party_name.clone(),
                matter: matter.clone(),
                instrument_id: request.instrument_id.clone(),
                valid_from: valid_from.to_string(),
                valid_to: valid_to.to_string(),
                done_this_year: done,
                cap_per_year: cap,
            };
            let idx = writing.record(Kind::HqInspectionCodeGranted, &body)?;
            Ok::<_, Denied>(InspectionCode {
                idx,
                code: body.code,
                done_this_year: done,
                cap_per_year: cap,
            })
        })?;
        Ok(granted)
    }

    /// 预授权码 – single-use codes of the head who asks. The answer shows them; the entry holds
    /// `hex(SHA-256(salt ‖ code))` with salt and code as the ASCII text that is written and read.
    pub(crate) fn publish_approval_codes(
        &self,
        session: &Session,
        request: &PublishApprovalCodes,
    ) -> Result<ApprovalCodes, BoundaryError> {
        let stage = one_of("stage", &request.stage, &["unit_head", "head"])?;
        needs_function(session, &[stage])?;
        if !(1..=CODES_MAX).contains(&request.count) {
            return Err(bad_request("count").with("field", "count"));
        }
        let valid_to = day("valid_to", &request.valid_to)?;
        let published = self.write(|writing| {
            if valid_to < writing.now.date_naive() {
                return Err(bad_request("valid_to").with("field", "valid_to").into());
            }
            let salt = Hash::from_bytes(journal::random()).to_string();
            let mut codes: Vec<String> = Vec::new();
            while codes.len() < usize::try_from(request.count).unwrap_or(0) {
                let code = characters(CODE_CHARACTERS);
                if !codes.contains(&code) {
                    codes.push(code);
                }
            }
            let body = HqApprovalCodesPublished {
                v: 1,
                batch: uuid::Uuid::new_v4().to_string(),
                stage: stage.to_owned(),
                holder: session.name.clone(),
                code_sha256: codes.iter().map(|code| hash_of_code(&salt, code)).collect(),
                salt,
                valid_to: valid_to.to_string(),
            };
            let idx = writing.record(Kind::HqApprovalCodesPublished, &body)?;
            Ok::<_, Denied>(ApprovalCodes {
                idx,
                batch: body.batch,
                codes,
                valid_to: body.valid_to,
            })
        })?;
        Ok(published)
    }

    pub(crate) fn codes(&self, session: &Session) -> Result<CodeRows, BoundaryError> {
        needs_function(
            session,
            &["unit_head", "head", "clerk", "supervisor", "legal"],
        )?;
        let rows = self.read(|on| {
            let granted = acts::newest(on, Kind::HqInspectionCodeGranted.as_str(), ROWS_MAX)?;
            let published = acts::newest(on, Kind::HqApprovalCodesPublished.as_str(), ROWS_MAX)?;
            let recorded = acts::newest(on, Kind::ApprovalRecorded.as_str(), u32::MAX)?;
            let used: Vec<String> = recorded.iter().filter_map(code_of).collect();
            Ok(CodeRows {
                inspection: granted
                    .into_iter()
                    .map(|act| inspection_row(on, &act))
                    .collect::<Result<_, _>>()?,
                batches: published
                    .into_iter()
                    .map(|act| batch_row(&act, &used))
                    .collect::<Result<_, _>>()?,
            })
        });
        rows.map_err(|failure| Denied::from(failure).into())
    }
}

/// How a remote approval with a code stands: its hash belongs to a batch of that stage, and nobody used it before.
pub(super) fn standing_of_code(on: &Connection, recorded: &Act) -> Result<&'static str, Failure> {
    let Some(code) = code_of(recorded) else {
        return Ok("");
    };
    let day = recorded.acted_at.get(..10).unwrap_or_default().to_owned();
    let batches = acts::newest(on, Kind::HqApprovalCodesPublished.as_str(), u32::MAX)?;
    let is_known = batches.iter().any(|act| {
        body::<HqApprovalCodesPublished>(act).is_ok_and(|batch| {
            batch.stage == recorded.about
                && batch.valid_to >= day
                && batch.code_sha256.contains(&code)
        })
    });
    if !is_known {
        return Ok("unknown_code");
    }
    let others = acts::newest(on, Kind::ApprovalRecorded.as_str(), u32::MAX)?;
    let key = |act: &Act| (act.acted_at.clone(), act.writer.clone(), act.epoch, act.idx);
    let is_used = others
        .iter()
        .any(|other| code_of(other).as_ref() == Some(&code) && key(other) < key(recorded));
    Ok(if is_used { "used_code" } else { "" })
}

fn code_of(recorded: &Act) -> Option<String> {
    let body: Value = serde_json::from_str(&recorded.body).ok()?;
    body.get("code_sha256")?.as_str().map(str::to_owned)
}

fn body<T: DeserializeOwned>(act: &Act) -> Result<T, Failure> {
    serde_json::from_str(&act.body).map_err(|_| Failure::stored("an act"))
}

fn inspection_row(on: &Connection, act: &Act) -> Result<InspectionCodeRow, Failure> {
    let granted: HqInspectionCodeGranted = body(act)?;
    let checked = acts::about(on, Kind::InspectionCodeChecked.as_str(), &granted.code)?;
    Ok(InspectionCodeRow {
        checks: checked
            .iter()
            .filter_map(|act| body::<InspectionCodeChecked>(act).ok())
            .map(|checked| checked.outcome)
            .collect(),
        code: granted.code,
        party_name: granted.party_name,
        party_uscc: granted.party_uscc,
        matter: granted.matter,
        valid_from: granted.valid_from,
        valid_to: granted.valid_to,
        granted_at: act.acted_at.clone(),
    })
}

fn batch_row(act: &Act, used: &[String]) -> Result<CodeBatchRow, Failure> {
    let batch: HqApprovalCodesPublished = body(act)?;
    let spent = batch.code_sha256.iter().filter(|code| used.contains(code));
    Ok(CodeBatchRow {
        used: u32::try_from(spent.count()).unwrap_or(u32::MAX),
        codes: u32::try_from(batch.code_sha256.len()).unwrap_or(u32::MAX),
        batch: batch.batch,
        stage: batch.stage,
        holder: batch.holder,
        valid_to: batch.valid_to,
        published_at: act.acted_at.clone(),
    })
}

/// 凡检查必审批 – a head approved the application.
fn is_approved(on: &Connection, instrument_id: &str) -> Result<(), Denied> {
    Subject::issued(on, instrument_id)?;
    let given = acts::of_instrument(on, instrument_id, Kind::HqApprovalGiven.as_str())?;
    let of_head = given.iter().rfind(|act| act.about == "head");
    match of_head.map(super::approval::decision_of).as_deref() {
        Some("approved") => Ok(()),
        _ => Err(closed("inspection_not_approved", "L8").into()),
    }
}

impl Rules {
    fn inspection_cap(&self) -> Option<u32> {
        let cap = self.parameter("inspection_cap_per_year")?;
        u32::try_from(cap.as_u64()?).ok()
    }
}

fn day(field: &str, text: &str) -> Result<NaiveDate, BoundaryError> {
    text.trim()
        .parse()
        .map_err(|_| bad_request(field).with("field", field))
}

fn year_of(at: &str) -> i32 {
    time_from(at).map_or(0, |at: DateTime<FixedOffset>| {
        time_text(&at)
            .get(..4)
            .and_then(|year| year.parse().ok())
            .unwrap_or(0)
    })
}

fn hash_of_code(salt: &str, code: &str) -> String {
    Hash::of(format!("{salt}{code}").as_bytes()).to_string()
}

/// Letters and digits by chance; the alphabet's length divides that of a byte, so none is more likely.
fn characters(count: usize) -> String {
    let letter = |_| {
        let [byte] = journal::random::<1>();
        let at = usize::from(byte) % ALPHABET.len();
        ALPHABET.get(at).copied().map_or('2', char::from)
    };
    (0..count).map(letter).collect()
}

/// Decimal digits by chance, without the bias of a remainder.
fn digits(count: usize) -> String {
    let mut text = String::new();
    while text.len() < count {
        let [byte] = journal::random::<1>();
        if byte < 250 {
            text.push(char::from(b'0' + byte % 10));
        }
    }
    text
}
