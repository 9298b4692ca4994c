//! Issuing: one transaction that checks, takes the number, freezes the value, renders and records.

use chrono::{Datelike, NaiveDate};
use contract::{BoundaryError, Code};
use forms::procedure::Moment;
use journal::body::{InstrumentIssued, InstrumentVoided, ObjectBody};
use journal::{Hash, Kind};
use law::{Refusal, Severity};
use paper::{ComposeFault, Layout, PlacedSignature, Sheet, Stamp, StampKind};
use serde_json::{Value, json};

use crate::acts::decisions;
use crate::acts::dossier::{Asked, clocks_of_form, require_open};
use crate::acts::drafting::{form_of, read_instrument, told_ids, value_sha256};
use crate::acts::inspection::check_value;
use crate::acts::pictures;
use crate::acts::presentation::require_scene;
use crate::acts::sealing;
use crate::contract::{InstrumentId, Issued, VoidInstrument};
use crate::desk::{Act, Desk};
use crate::failure::{Failure, No};
use crate::fault;
use crate::store::instrument::{self, Instrument, StoredSignature};
use crate::store::{numbers, objects};
use crate::terminal::Terminal;

/// Width of the ticket kept with every issued instrument: 80 mm paper.
pub const TICKET_DOTS: u32 = 576;

/// Everything that may stand between a draft and its number, in the order an officer can mend it.
fn require_ready(terminal: &Terminal, desk: &Desk, instrument: &Instrument) -> Result<(), No> {
    let form = form_of(desk, &instrument.form)?;
    require_scene(desk, terminal.host.as_ref(), form)?;
    if instrument.state != "draft" {
        return Err(Refusal::InstrumentFrozen {
            number: instrument.number.clone().unwrap_or_default(),
        }
        .into());
    }
    require_open(
        terminal,
        desk,
        &instrument.case_id,
        Asked {
            at: Moment::Issue,
            form: Some(&instrument.form),
            value: Some(&instrument.value),
            act: Value::Null,
        },
    )?;
    let told = told_ids(desk, &instrument.case_id)?;
    if let Some(notice) = form
        .required_notices()
        .iter()
        .find(|notice| !told.contains(notice))
    {
        return Err(Refusal::NoticeNotTold {
            notice: notice.clone(),
        }
        .into());
    }
    let mut findings = check_value(terminal, desk, form, &instrument.value, &told)?;
    findings.extend(pictures::findings(
        terminal,
        desk,
        &instrument.case_id,
        form,
        &instrument.value,
    )?);
    if findings
        .iter()
        .any(|finding| finding.severity == Severity::Block)
    {
        return Err(No::Found(findings));
    }
    let current = value_sha256(&instrument.value);
    let signatures = instrument::signatures(&desk.db, &instrument.instrument_id)?;
    let signers = form.signers(&instrument.value);
    for signer in signers.into_iter().filter(|signer| signer.required) {
        let is_signed = signatures
            .iter()
            .any(|signature| signature.slot == signer.slot && signature.value_sha256 == current);
        if !is_signed {
            return Err(Refusal::SignatureMissing { slot: signer.slot }.into());
        }
    }
    Ok(())
}

/// The value as it goes on paper and into the journal: labels, computed dates, agency, number, rights.
fn frozen_value(
    desk: &Desk,
    instrument: &Instrument,
    number: Option<&str>,
    issued_on: NaiveDate,
) -> Result<Value, No> {
    let form = form_of(desk, &instrument.form)?;
    let mut value = instrument.value.clone();
    if let Some(fields) = value.as_object_mut() {
        fields.insert("issued_on".to_owned(), json!(crate::text::date(issued_on)));
    }
    let mut value = form.labels(&value, &desk.agency);
    let rights: serde_json::Map<String, Value> = form
        .definition()
        .rights
        .iter()
        .filter_map(|id| {
            desk.pack
                .rights(id, &desk.agency)
                .map(|text| (id.clone(), json!(text.text)))
        })
        .collect();
    if let Some(fields) = value.as_object_mut() {
        fields.insert("case".to_owned(), json!({ "id": instrument.case_id }));
        fields.insert("agency".to_owned(), desk.agency.clone());
        fields.insert("rights".to_owned(), Value::Object(rights));
        if let Some(number) = number {
            fields.insert("number".to_owned(), json!(number));
        }
    }
    Ok(value)
}

fn layout(source: &str) -> Result<Layout, Failure> {
    Layout::parse(source).map_err(|fault| Failure::Paper(fault.to_string()))
}

/// Signatures in the coordinates of the paper.
fn placed(signatures: &[StoredSignature], current: &str) -> Vec<PlacedSignature> {
    let given = signatures
        .iter()
        .filter(|given| given.value_sha256 == current && given.refusal.is_none());
    given
        .map(|given| {
            PlacedSignature::written(&given.slot, &given.name, &given.signed_at, &given.strokes)
        })
        .collect()
}

/// A refusal to sign stands in the value, where the paper prints it.
fn with_refusal(mut value: Value, signatures: &[StoredSignature], current: &str) -> Value {
    let refusal = signatures
        .iter()
        .filter(|signature| signature.value_sha256 == current)
        .find_map(|signature| Some((&signature.slot, signature.refusal.as_ref()?)));
    if let (Some((slot, refusal)), Some(fields)) = (refusal, value.as_object_mut()) {
        fields.insert(
            "refusal".to_owned(),
            json!({
                "slot": slot,
                "reason": refusal.reason,
                "witness_name": refusal.witness_name,
                "witness_phone": refusal.witness_phone,
            }),
        );
    }
    value
}

/// Why the paper cannot hold this value: what the officer can mend is a finding, what is too much is too large.
fn not_composed(fault: ComposeFault) -> No {
    match fault {
        ComposeFault::MissingGlyphs(missing) => No::Found(
            missing
                .into_iter()
                .map(|(stranger, field)| law::Finding {
                    field,
                    rule: "glyph_missing".to_owned(),
                    severity: Severity::Block,
                    text: format!("字符 U+{:04X} 没有字形，印不出来。", u32::from(stranger)),
                    hint: "换一个写法，或者用汉语拼音注明。".to_owned(),
                    basis: Vec::new(),
                })
                .collect(),
        ),
        ComposeFault::SealPlace { .. } => No::Found(vec![law::Finding::block(
            "",
            "seal_place",
            "预盖章纸上印章的位置放不下落款。",
            "请机关管理人员改正参数 pre_sealed_x_mm、pre_sealed_y_mm，发布以后再制发。",
        )]),
        ComposeFault::TooLong { .. }
        | ComposeFault::TooManyPages { .. }
        | ComposeFault::TicketTooLong { .. } => BoundaryError::new(Code::TooLarge)
            .with("reason", fault.to_string())
            .into(),
        ComposeFault::QrTooLong { .. } | ComposeFault::TicketWidth { .. } => {
            Failure::Paper(fault.to_string()).into()
        }
    }
}

/// What a ticket says of an instrument that is longer than a roll can hold; its pages hold all of it.
const LONG_SLIP: &str = "@page ticket
@agency {agency.name}
@title {title}
@when number
@center {number}
@end
@rule
@flush 本文书较长，小票印不下全文，内容以 A4 文书为准。
@qr 26 文书编号：{document_id}
";

fn ticket(fonts: &paper::Fonts, sheet: &Sheet<'_>, width_dots: u32) -> Result<paper::Bitmap, No> {
    match paper::ticket(fonts, sheet, width_dots) {
        Err(ComposeFault::TicketTooLong { .. }) => {
            let slip = Sheet {
                layout: &layout(LONG_SLIP)?,
                stamp: sheet.stamp.clone(),
                ..*sheet
            };
            paper::ticket(fonts, &slip, width_dots).map_err(not_composed)
        }
        made => made.map_err(not_composed),
    }
}

/// What one rendering gives.
struct Rendered {
    pdf: Vec<u8>,
    ticket: Vec<u8>,
}

/// What stands on a sheet besides its words.
#[derive(Clone, Copy)]
struct Marks<'a> {
    signatures: &'a [PlacedSignature],
    pictures: &'a paper::Pictures,
}

fn render(
    fonts: &paper::Fonts,
    (page, slip): (&Layout, &Layout),
    value: &Value,
    marks: Marks<'_>,
    stamp: &Stamp,
) -> Result<Rendered, No> {
    let sheet = |layout| Sheet {
        layout,
        values: value,
        signatures: marks.signatures,
        pictures: marks.pictures,
        stamp: stamp.clone(),
    };
    let pdf = paper::compose(fonts, &sheet(page))
        .map_err(not_composed)?
        .pdf()
        .map_err(|fault| Failure::Paper(fault.to_string()))?;
    let ticket = ticket(fonts, &sheet(slip), TICKET_DOTS)?.to_png();
    Ok(Rendered { pdf, ticket })
}

fn number_text(next: &numbers::NextNumber) -> Result<String, Failure> {
    forms::render_number(&next.pattern, next.year, next.serial).ok_or_else(|| {
        Failure::Pack(format!(
            "the number pattern of {} is not usable",
            next.series
        ))
    })
}

fn percent_encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// The address a person scans from the paper: the number (or the id of one without) and the content hash. What stands
/// after `#` is never sent along with the request for the page.
fn document_url(
    public_url: &str,
    instrument_id: &str,
    number: Option<&str>,
    content_sha256: &str,
) -> String {
    let name = number.map_or_else(|| instrument_id.to_owned(), percent_encoded);
    format!(
        "{}/v#d={name}&sha={content_sha256}",
        public_url.trim_end_matches('/')
    )
}

pub fn issue(terminal: &Terminal, desk: &mut Desk, request: &InstrumentId) -> Result<Issued, No> {
    let host = terminal.host.as_ref();
    let instrument = read_instrument(desk, &request.instrument_id)?;
    require_ready(terminal, desk, &instrument)?;
    let now = host.now();
    let issued_on = now.date_naive();
    let year = u16::try_from(issued_on.year()).unwrap_or_default();
    let form = form_of(desk, &instrument.form)?;
    // The desk is held by this thread alone: the number read here is the number the transaction books, and the ledger's
    // primary key refuses it should that ever not hold.
    let next =
        match form.number_series() {
            Some(series) => Some(numbers::next(&desk.db, series, year)?.ok_or_else(|| {
                Refusal::NumbersUsedUp {
                    series: series.to_owned(),
                }
            })?),
            None => None,
        };
    let number = next.as_ref().map(number_text).transpose()?;
    let current = value_sha256(&instrument.value);
    let signatures = instrument::signatures(&desk.db, &instrument.instrument_id)?;
    let value = with_refusal(
        frozen_value(desk, &instrument, number.as_deref(), issued_on)?,
        &signatures,
        &current,
    );
    let content_sha256 = value_sha256(&value);
    let qr = document_url(
        &desk.identity.public_url,
        &instrument.instrument_id,
        number.as_deref(),
        &content_sha256,
    );
    let page = layout(form.paper())?;
    let (seal, used_seal) = sealing::for_issuing(desk, &page)?;
    let stamp = Stamp {
        title: instrument.title.clone(),
        document_id: instrument.instrument_id.clone(),
        number: number.clone(),
        qr: Some(qr.clone()),
        created_at: crate::text::time(now),
        kind: StampKind::Final,
        seal,
    };
    let marks = Marks {
        signatures: &placed(&signatures, &current),
        pictures: &pictures::of_value(terminal, desk, &instrument.case_id, form, &value)?,
    };
    let layouts = (&page, &layout(form.ticket())?);
    let rendered = render(terminal.fonts()?, layouts, &value, marks, &stamp)?;
    fault::point("issue.after_render");
    let object = |bytes: &[u8], media_type: &str| ObjectBody {
        sha256: Hash::of(bytes).to_string(),
        size_bytes: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
        media_type: media_type.to_owned(),
    };
    let body = InstrumentIssued {
        v: 1,
        instrument_id: instrument.instrument_id.clone(),
        form: instrument.form.clone(),
        title: instrument.title.clone(),
        number: number.clone(),
        series: next.as_ref().map(|next| next.series.clone()),
        serial: next.as_ref().map(|next| next.serial),
        clocks: clocks_of_form(terminal, desk, &instrument.form, "issued", &value),
        value,
        content_sha256: content_sha256.clone(),
        pdf: object(&rendered.pdf, "application/pdf"),
        ticket: object(&rendered.ticket, "image/png"),
        qr,
        seal: used_seal,
    };
    let act = Act {
        kind: Kind::InstrumentIssued,
        case_id: Some(&instrument.case_id),
        event_at: now,
        body: &body,
        blobs: vec![Hash::of(&rendered.pdf), Hash::of(&rendered.ticket)],
    };
    desk.commit(host, act, |transaction, idx| {
        for (object, bytes) in [(&body.pdf, &rendered.pdf), (&body.ticket, &rendered.ticket)] {
            objects::put(transaction, &object.sha256, &object.media_type, bytes)?;
            objects::enqueue(
                transaction,
                &object.sha256,
                object.size_bytes,
                &object.media_type,
                idx,
            )?;
        }
        fault::point("issue.after_documents");
        Ok(())
    })?;
    Ok(Issued {
        pdf: format!("stream/instrument/{}/pdf", instrument.instrument_id),
        ticket: format!("stream/instrument/{}/ticket.png", instrument.instrument_id),
        instrument_id: instrument.instrument_id,
        number,
        issued_at: crate::text::time(now),
        content_sha256,
    })
}

/// 作废 – the number stays in the ledger with its reason.
pub fn void(terminal: &Terminal, desk: &mut Desk, request: &VoidInstrument) -> Result<(), No> {
    let host = terminal.host.as_ref();
    let instrument = read_instrument(desk, &request.instrument_id)?;
    require_scene(desk, host, form_of(desk, &instrument.form)?)?;
    if instrument.state == "voided" {
        return Err(Refusal::InstrumentNotIssued.into());
    }
    if request.reason.trim().is_empty() {
        return Err(No::Found(vec![law::Finding::block(
            "reason",
            "required",
            "没有写明作废原因。",
            "写明为什么作废，原因随文号记入台账。",
        )]));
    }
    let body = InstrumentVoided {
        v: 1,
        instrument_id: instrument.instrument_id.clone(),
        number: instrument.number.clone(),
        reason: request.reason.clone(),
    };
    let act = Act {
        kind: Kind::InstrumentVoided,
        case_id: Some(&instrument.case_id),
        event_at: host.now(),
        body: &body,
        blobs: Vec::new(),
    };
    desk.commit(host, act, |_, _| Ok(()))?;
    Ok(())
}

/// One page of the instrument as SVG: the draft with its watermark, or the issued sheet. `None` past the last page.
pub fn preview(
    terminal: &Terminal,
    desk: &Desk,
    instrument_id: &str,
    page: usize,
) -> Result<Option<String>, No> {
    let instrument = read_instrument(desk, instrument_id)?;
    let form = form_of(desk, &instrument.form)?;
    let current = value_sha256(&instrument.value);
    let signatures = instrument::signatures(&desk.db, instrument_id)?;
    // A draft that was given up is still shown as the draft it was.
    let is_draft = instrument.issued_at.is_none();
    let value = if is_draft {
        let today = terminal.host.now().date_naive();
        with_refusal(
            frozen_value(desk, &instrument, None, today)?,
            &signatures,
            &current,
        )
    } else {
        decisions::with_decisions(desk, &instrument)?
    };
    let page_layout = layout(form.paper())?;
    let stamp = Stamp {
        title: instrument.title.clone(),
        document_id: instrument.instrument_id.clone(),
        number: instrument.number.clone(),
        qr: instrument.qr.clone(),
        created_at: instrument
            .issued_at
            .clone()
            .unwrap_or_else(|| instrument.started_at.clone()),
        kind: if is_draft {
            StampKind::Draft
        } else {
            StampKind::Final
        },
        seal: if is_draft {
            sealing::on_draft(desk, &page_layout)?
        } else {
            sealing::of_issued(desk, &instrument)?
        },
    };
    let placed = if is_draft {
        placed(&signatures, &current)
    } else {
        placed_all(&signatures)
    };
    let sheet = Sheet {
        layout: &page_layout,
        values: &value,
        signatures: &placed,
        pictures: &pictures::of_value(terminal, desk, &instrument.case_id, form, &value)?,
        stamp,
    };
    let document = paper::compose(terminal.fonts()?, &sheet).map_err(not_composed)?;
    let Some(index) = page
        .checked_sub(1)
        .filter(|index| *index < document.pages())
    else {
        return Ok(None);
    };
    Ok(Some(document.svg(index)))
}

/// Signatures of an issued instrument: the value was frozen after they were given, so their hash is that of the draft.
fn placed_all(signatures: &[StoredSignature]) -> Vec<PlacedSignature> {
    let Some(signed) = signatures
        .first()
        .map(|signature| signature.value_sha256.clone())
    else {
        return Vec::new();
    };
    placed(signatures, &signed)
}

/// An issued instrument set again, with what was decided about it since, and marked 补打 where it is. `paint` gets the sheet for the layout it chooses.
fn again<T>(
    terminal: &Terminal,
    desk: &Desk,
    instrument: &Instrument,
    kind: StampKind,
    paint: impl FnOnce(&paper::Fonts, forms::Form<'_>, Sheet<'_>) -> Result<T, No>,
) -> Result<T, No> {
    let form = form_of(desk, &instrument.form)?;
    let signatures = placed_all(&instrument::signatures(
        &desk.db,
        &instrument.instrument_id,
    )?);
    let stamp = Stamp {
        title: instrument.title.clone(),
        document_id: instrument.instrument_id.clone(),
        number: instrument.number.clone(),
        qr: instrument.qr.clone(),
        created_at: instrument.issued_at.clone().unwrap_or_default(),
        kind,
        seal: sealing::of_issued(desk, instrument)?,
    };
    let page = layout(form.paper())?;
    let value = decisions::with_decisions(desk, instrument)?;
    let sheet = Sheet {
        layout: &page,
        values: &value,
        signatures: &signatures,
        pictures: &pictures::of_value(
            terminal,
            desk,
            &instrument.case_id,
            form,
            &instrument.value,
        )?,
        stamp,
    };
    paint(terminal.fonts()?, form, sheet)
}

/// The pages of an issued instrument.
pub fn pages_again(
    terminal: &Terminal,
    desk: &Desk,
    instrument: &Instrument,
    kind: StampKind,
) -> Result<paper::Document, No> {
    again(terminal, desk, instrument, kind, |fonts, _, sheet| {
        paper::compose(fonts, &sheet).map_err(not_composed)
    })
}

/// The ticket of an issued instrument, as wide as this printer's paper.
pub fn ticket_again(
    terminal: &Terminal,
    desk: &Desk,
    instrument: &Instrument,
    kind: StampKind,
    width_dots: u32,
) -> Result<paper::Bitmap, No> {
    again(terminal, desk, instrument, kind, |fonts, form, sheet| {
        let slip = layout(form.ticket())?;
        let sheet = Sheet {
            layout: &slip,
            ..sheet
        };
        ticket(fonts, &sheet, width_dots)
    })
}
