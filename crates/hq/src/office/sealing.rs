//! 用印 – sealing an issued instrument at headquarters, handing out pre-sealed paper, and the ledger of both.

use contract::BoundaryError;
use forms::SealMode;
use journal::Kind;
use journal::body::HqSealed;
use rusqlite::Connection;

use super::{Denied, Subject, bounded, closed, needs_function};
use crate::console::{bad_request, not_found};
use crate::contract::office::{
    HandOutSheets, Recorded, SealGrantRow, SealInstrument, SealLedger, SealRow, StrangeSealRow,
};
use crate::failure::Failure;
use crate::headquarters::Headquarters;
use crate::seals::record_grant;
use crate::store::people::Session;
use crate::store::seals::{self, Grant};
use crate::store::{acts, instruments, terminals};

/// The instrument has to bear the seal of the organ that decides; the pack knows the articles by this name.
const RULE: &str = "R-SEAL";
const KEEPERS: [&str; 1] = ["seal_keeper"];
const SHEETS_MAX: u64 = 2_000;
const SHEET_NO_CHARS_MAX: usize = 20;
const SERIAL_DIGITS_MAX: usize = 12;
const LEDGER_MAX: u32 = 300;
const STRANGE_MAX: u32 = 200;

impl Headquarters {
    /// 盖章 – puts the agency's seal on exactly the content that was issued; the impression goes to the terminal with the next
    /// sync.
    pub(crate) fn seal_instrument(
        &self,
        session: &Session,
        request: &SealInstrument,
    ) -> Result<Recorded, BoundaryError> {
        needs_function(session, &KEEPERS)?;
        let id = &request.instrument_id;
        let serial = self
            .read(|on| Ok(seals::next_impression(on)?))
            .map_err(Denied::from)?;
        let made = self
            .make_impressions(serial..=serial)
            .map_err(Denied::from)?;
        let made = made.ok_or_else(|| closed("no_seal", RULE))?;
        let recorded = self.write(|writing| {
            let subject = Subject::issued(writing.on, id)?;
            let mode = seals::mode_of(writing.on, id)?.map(|(mode, _)| mode);
            if mode.as_deref().map(SealMode::parse) != Some(SealMode::Headquarters) {
                return Err(closed("seal_not_wanted", RULE).into());
            }
            if !acts::of_instrument(writing.on, id, Kind::HqSealed.as_str())?.is_empty() {
                return Err(closed("sealed_before", RULE).into());
            }
            if subject.is_handled_by(session) {
                return Err(closed("sealer_is_handler", RULE).into());
            }
            if subject.content_sha256 != request.content_sha256 {
                return Err(closed("content_changed", RULE).into());
            }
            if seals::next_impression(writing.on)? != serial {
                return Err(closed("seal_busy", RULE).into());
            }
            let writer = &subject.case.writer;
            let lot = self.publish_lot(writing, writer, &made)?;
            let grant = made.grant(writer, Some(id), (&session.name, &writing.now_text));
            seals::put_grant(writing.on, &grant).map_err(Failure::from)?;
            let body = HqSealed {
                v: 1,
                writer: writer.clone(),
                case_id: subject.case.case_id.clone(),
                instrument_id: id.clone(),
                content_sha256: subject.content_sha256.clone(),
                seal_no: grant.number(serial),
                lot,
                seal_sha256: made.seal_sha256.clone(),
                user: session.user.clone(),
                user_name: session.name.clone(),
            };
            let idx = writing.record(Kind::HqSealed, &body)?;
            Ok::<_, Denied>(Recorded { idx })
        })?;
        Ok(recorded)
    }

    /// 发放预盖章纸 – numbered sheets that officers take along; each is accounted for.
    pub(crate) fn hand_out_sheets(
        &self,
        session: &Session,
        request: &HandOutSheets,
    ) -> Result<Recorded, BoundaryError> {
        needs_function(session, &["clerk", "seal_keeper"])?;
        let first = bounded("first", &request.first, true, SHEET_NO_CHARS_MAX)?.to_uppercase();
        let (prefix, digits, from) =
            numbered(&first).ok_or_else(|| bad_request("first").with("field", "first"))?;
        if !(1..=SHEETS_MAX).contains(&request.count) {
            return Err(bad_request("count").with("field", "count"));
        }
        let to = from.saturating_add(request.count - 1);
        if to.to_string().len() > usize::from(digits) {
            return Err(bad_request("count").with("field", "count"));
        }
        let recorded = self.write(|writing| {
            let writer = &request.writer;
            terminals::by_writer(writing.on, writer)?
                .ok_or_else(|| not_found("terminal", writer))?;
            let grant = Grant {
                what: seals::SHEET.to_owned(),
                prefix: prefix.clone(),
                digits,
                from,
                to,
                writer: writer.clone(),
                instrument_id: None,
                seal_sha256: None,
                width_mm: None,
                user_name: session.name.clone(),
                granted_at: writing.now_text.clone(),
            };
            if seals::is_granted(writing.on, &grant)? {
                return Err(closed("sheets_handed_out_before", RULE).into());
            }
            let idx = record_grant(writing, &grant, None, &session.user)?;
            Ok::<_, Denied>(Recorded { idx })
        })?;
        Ok(recorded)
    }

    /// 用印台账 – who got which numbers, what became of them, and what should not be.
    pub(crate) fn seal_ledger(&self) -> Result<SealLedger, BoundaryError> {
        let in_force = self.seal_in_force().map_err(Denied::from)?;
        let (grants, strange) = self
            .read(|on| Ok((grant_rows(on)?, strange_rows(on)?)))
            .map_err(Denied::from)?;
        Ok(SealLedger {
            mode: self.seal_mode().map_err(Denied::from)?.as_str().to_owned(),
            seal: in_force.map(|(sha256, width_mm)| SealRow { sha256, width_mm }),
            grants,
            strange,
        })
    }
}

/// `A000101` → `("A", 6, 101)`.
fn numbered(first: &str) -> Option<(String, u8, u64)> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if !first.chars().all(is_plain) {
        return None;
    }
    let prefix = first.trim_end_matches(|c: char| c.is_ascii_digit());
    let serial = first.strip_prefix(prefix)?;
    if serial.len() > SERIAL_DIGITS_MAX {
        return None;
    }
    let digits = u8::try_from(serial.len())
        .ok()
        .filter(|digits| *digits > 0)?;
    Some((prefix.to_owned(), digits, serial.parse().ok()?))
}

fn grant_rows(on: &Connection) -> Result<Vec<SealGrantRow>, Failure> {
    let mut rows = Vec::new();
    for grant in seals::grants(on, LEDGER_MAX)? {
        let (used, spoiled) = seals::spent(on, &grant)?;
        let terminal = terminals::by_writer(on, &grant.writer)?;
        // What headquarters sealed itself is used the moment it is made.
        let (used, case_id) = match &grant.instrument_id {
            Some(id) => {
                let instrument = instruments::by_id(on, id)?;
                (grant.count(), instrument.map(|found| found.case_id))
            }
            None => (used, None),
        };
        rows.push(SealGrantRow {
            first: grant.number(grant.from),
            last: grant.number(grant.to),
            count: grant.count(),
            used,
            spoiled,
            terminal_name: terminal
                .map(|terminal| terminal.terminal_name)
                .unwrap_or_default(),
            what: grant.what,
            case_id,
            user_name: grant.user_name,
            granted_at: grant.granted_at,
        });
    }
    Ok(rows)
}

fn strange_rows(on: &Connection) -> Result<Vec<StrangeSealRow>, Failure> {
    let mut rows = Vec::new();
    for strange in seals::strange(on, STRANGE_MAX)? {
        let instrument = instruments::by_id(on, &strange.instrument_id)?;
        let terminal = terminals::by_writer(on, &strange.writer)?;
        rows.push(StrangeSealRow {
            number: strange.number,
            what: match strange.mode.as_str() {
                seals::SHEET => seals::SHEET.to_owned(),
                _ => seals::IMPRESSION.to_owned(),
            },
            reason: strange.reason,
            terminal_name: terminal
                .map(|terminal| terminal.terminal_name)
                .unwrap_or_default(),
            title: instrument
                .as_ref()
                .map(|found| found.title.clone())
                .unwrap_or_default(),
            instrument_no: instrument.as_ref().and_then(|found| found.number.clone()),
            case_id: instrument.map(|found| found.case_id).unwrap_or_default(),
        });
    }
    Ok(rows)
}
