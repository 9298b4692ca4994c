//! 用印 – how an instrument comes to bear the agency's seal: by hand, on pre-sealed paper, by a single-use impression, or at
//! headquarters. The clean image of the seal is never on a terminal.

use forms::SealMode;
use journal::Kind;
use journal::body::{SealUse, SheetSpoiled};
use law::{Finding, Refusal};
use paper::{Impression, Layout, Seal};
use serde_json::Value;
use sync::protocol::SealLot;

use crate::contract::{SealStock, SealView, SpoilSheet};
use crate::desk::{Act, Desk};
use crate::failure::{Failure, No};
use crate::store::instrument::Instrument;
use crate::store::printing::Printer;
use crate::store::{case_act, objects, seals};
use crate::terminal::Terminal;

/// Letters and digits a sheet's number may have.
const SHEET_NO_CHARS_MAX: usize = 20;

fn mode(desk: &Desk) -> SealMode {
    desk.pack.seal_mode(&desk.agency)
}

/// Where the paper of this agency bears the seal.
fn pre_sealed(desk: &Desk, agency: &Value) -> Seal {
    let place = desk.pack.pre_sealed_place(agency);
    place.map_or(Seal::ByHand, |[x_mm, y_mm]| Seal::PreSealed { x_mm, y_mm })
}

/// How a sheet that is issued now is sealed; nothing for a layout without a place for the seal.
pub fn for_issuing(desk: &Desk, layout: &Layout) -> Result<(Seal, Option<SealUse>), No> {
    if !layout.has_seal() {
        return Ok((Seal::ByHand, None));
    }
    let mode = mode(desk);
    let (seal, number) = match mode {
        SealMode::ByHand => (Seal::ByHand, None),
        SealMode::PreSealed => (pre_sealed(desk, &desk.agency), None),
        SealMode::Headquarters => (Seal::follows(), None),
        SealMode::Token => {
            let next = seals::next_impression(&desk.db)?.ok_or(Refusal::SealsUsedUp)?;
            let impression = open(desk, &next.lot_sha256, &next.number)?;
            (Seal::Impression(impression), Some(next.number))
        }
    };
    let mode = mode.as_str().to_owned();
    Ok((seal, Some(SealUse { mode, number })))
}

/// The seal of a draft. Nothing of it is shown, but the draft has the pages the issued sheet will have.
pub fn on_draft(desk: &Desk, layout: &Layout) -> Result<Seal, Failure> {
    if !layout.has_seal() {
        return Ok(Seal::ByHand);
    }
    Ok(match mode(desk) {
        SealMode::ByHand => Seal::ByHand,
        SealMode::PreSealed => pre_sealed(desk, &desk.agency),
        SealMode::Headquarters => Seal::follows(),
        SealMode::Token => match seals::next_impression(&desk.db)? {
            Some(next) => Seal::Impression(open(desk, &next.lot_sha256, &next.number)?),
            None => Seal::ByHand,
        },
    })
}

/// The seal of an issued sheet that is set again.
pub fn of_issued(desk: &Desk, instrument: &Instrument) -> Result<Seal, Failure> {
    let Some(used) = &instrument.seal else {
        return Ok(Seal::ByHand);
    };
    Ok(match (SealMode::parse(&used.mode), &used.number) {
        // The agency as it was then stands in the frozen value.
        (SealMode::PreSealed, _) => {
            let agency = instrument.value.get("agency").unwrap_or(&desk.agency);
            pre_sealed(desk, agency)
        }
        (SealMode::Token, Some(number)) => {
            let lot = seals::lot_of(&desk.db, number)?.ok_or_else(|| missing(number))?;
            Seal::Impression(open(desk, &lot, number)?)
        }
        (SealMode::Headquarters, _) => match sealed_since(desk, instrument)? {
            Some((lot, number)) => Seal::Impression(open(desk, &lot, &number)?),
            None => Seal::follows(),
        },
        (SealMode::ByHand, _) | (SealMode::Token, None) => Seal::ByHand,
    })
}

/// The object and the number of the seal that headquarters put on exactly this content, once it is here.
fn sealed_since(desk: &Desk, instrument: &Instrument) -> Result<Option<(String, String)>, Failure> {
    let acts = case_act::of_headquarters(&desk.db, &instrument.case_id)?;
    let sealed = acts.iter().rev().find(|act| {
        act.kind == Kind::HqSealed.as_str()
            && act.text("instrument_id") == instrument.instrument_id
            && Some(act.text("content_sha256")) == instrument.content_sha256
    });
    let Some(sealed) = sealed else {
        return Ok(None);
    };
    let lot = sealed.body.pointer("/lot/sha256");
    let lot = lot.and_then(Value::as_str).unwrap_or_default();
    let is_here = objects::get(&desk.db, lot)?.is_some();
    Ok(is_here.then(|| (lot.to_owned(), sealed.text("seal_no"))))
}

fn open(desk: &Desk, lot_sha256: &str, number: &str) -> Result<Impression, Failure> {
    let (_, lot) = objects::get(&desk.db, lot_sha256)?.ok_or_else(|| missing(number))?;
    let unusable = |fault: String| Failure::Object(format!("impression {number}: {fault}"));
    let bytes =
        SealLot::open(&lot, number, &desk.seal).map_err(|fault| unusable(fault.to_string()))?;
    Impression::read(&bytes).map_err(|fault| unusable(fault.to_string()))
}

fn missing(number: &str) -> Failure {
    Failure::Object(format!(
        "the lot with impression {number} is not on this terminal"
    ))
}

fn is_sealed_by(instrument: &Instrument, mode: SealMode) -> bool {
    let used = instrument.seal.as_ref();
    used.is_some_and(|used| SealMode::parse(&used.mode) == mode)
}

/// Whether headquarters' seal came after the paper was kept, so that the kept bytes do not bear it.
pub fn is_sealed_since(desk: &Desk, instrument: &Instrument) -> Result<bool, Failure> {
    Ok(is_sealed_by(instrument, SealMode::Headquarters)
        && sealed_since(desk, instrument)?.is_some())
}

/// A paper that is to be sealed at headquarters takes effect on nobody before.
pub fn require_sealed(desk: &Desk, instrument: &Instrument) -> Result<(), No> {
    match view(desk, instrument)? {
        Some(seal) if !seal.is_sealed => Err(Refusal::NotSealed.into()),
        _ => Ok(()),
    }
}

/// What a screen says about the seal of an issued instrument.
pub fn view(desk: &Desk, instrument: &Instrument) -> Result<Option<SealView>, Failure> {
    let Some(used) = &instrument.seal else {
        return Ok(None);
    };
    let follows = is_sealed_by(instrument, SealMode::Headquarters);
    let since = match follows {
        true => sealed_since(desk, instrument)?,
        false => None,
    };
    Ok(Some(SealView {
        is_sealed: !follows || since.is_some(),
        number: since.map(|(_, number)| number).or(used.number.clone()),
        mode: used.mode.clone(),
    }))
}

pub fn stock(desk: &Desk) -> Result<SealStock, No> {
    let (next_sheet, sheets_left) = seals::blank_sheets(&desk.db)?;
    Ok(SealStock {
        mode: mode(desk).as_str().to_owned(),
        impressions_left: seals::impressions_left(&desk.db)?,
        next_sheet,
        sheets_left,
    })
}

/// The number of the sheet a copy is printed on: wanted where the paper bears the seal, and each sheet serves once.
pub fn sheet_for_copy(
    desk: &Desk,
    instrument: &Instrument,
    printer: &Printer,
    asked: Option<&str>,
) -> Result<Option<String>, No> {
    if !is_sealed_by(instrument, SealMode::PreSealed) || !printer.prints_pages() {
        return Ok(None);
    }
    let sheet_no = asked.unwrap_or_default().trim().to_uppercase();
    match finding(desk, &sheet_no)? {
        Some(finding) => Err(No::Found(vec![finding])),
        None => Ok(Some(sheet_no)),
    }
}

fn finding(desk: &Desk, sheet_no: &str) -> Result<Option<Finding>, Failure> {
    let found =
        |rule: &str, text: &str, hint: &str| Ok(Some(Finding::block("sheet_no", rule, text, hint)));
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if sheet_no.is_empty() {
        return found(
            "required",
            "没有写明预盖章纸的编号。",
            "照纸上印的编号填写，每份用一张。",
        );
    }
    if sheet_no.chars().count() > SHEET_NO_CHARS_MAX || !sheet_no.chars().all(is_plain) {
        return found(
            "sheet_no_form",
            "编号只能是字母、数字和短横，不超过二十个字。",
            "照纸上印的编号填写。",
        );
    }
    match seals::fate_of_sheet(&desk.db, sheet_no)?.as_deref() {
        Some("spoiled") => found(
            "sheet_spoiled",
            "这张预盖章纸已经登记作废。",
            "换一张没有用过的纸，填它的编号。",
        ),
        Some(_) => found(
            "sheet_used",
            "这张预盖章纸已经用过了。",
            "每张只能用一次；核对编号，或者换一张纸。",
        ),
        None => Ok(None),
    }
}

/// 作废 – a sheet of pre-sealed paper that is torn, stained or lost stays accounted for.
pub fn spoil_sheet(
    terminal: &Terminal,
    desk: &mut Desk,
    request: &SpoilSheet,
) -> Result<SealStock, No> {
    let sheet_no = request.sheet_no.trim().to_uppercase();
    let mut findings: Vec<Finding> = finding(desk, &sheet_no)?.into_iter().collect();
    if request.reason.trim().is_empty() {
        findings.push(Finding::block(
            "reason",
            "required",
            "没有写明作废原因。",
            "写明为什么作废，例如卡纸、沾水、遗失。",
        ));
    }
    if !findings.is_empty() {
        return Err(No::Found(findings));
    }
    let body = SheetSpoiled {
        v: 1,
        sheet_no,
        reason: request.reason.trim().to_owned(),
    };
    let act = Act {
        kind: Kind::SheetSpoiled,
        case_id: None,
        event_at: terminal.host.now(),
        body: &body,
        blobs: Vec::new(),
    };
    desk.commit(terminal.host.as_ref(), act, |_, _| Ok(()))?;
    stock(desk)
}
