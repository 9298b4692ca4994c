//! Photos: taken with the camera or imported from a file; imported ones stay marked as such for ever.

use contract::{BoundaryError, Code};
use journal::body::EvidenceCaptured;
use journal::{Hash, Kind};
use serde_json::json;

use crate::acts::inspection::read_case;
use crate::acts::presentation::require_presented;
use crate::contract::{EvidenceRow, TakePhoto};
use crate::desk::{Act, Desk};
use crate::failure::{Failure, No};
use crate::store::evidence::{self, Evidence};
use crate::store::objects;
use crate::terminal::{Terminal, lock};
use crate::vault::evidence::{ObjectKeys, store};

/// Largest photo, bytes.
pub const PHOTO_BYTES_MAX: usize = 64 << 20;

pub fn row(evidence: &Evidence) -> EvidenceRow {
    EvidenceRow {
        evidence_id: evidence.evidence_id.clone(),
        kind: evidence.kind.clone(),
        captured_at: evidence.captured_at.clone(),
        size_bytes: evidence.size_bytes,
        duration_ms: evidence.duration_ms,
        media_type: evidence.media_type.clone(),
        sha256: evidence.sha256.clone(),
        step: evidence.step.clone(),
        state: evidence.state.clone(),
        at_headquarters: evidence.is_received,
        uploaded_bytes: evidence.uploaded,
        content: format!("stream/evidence/{}", evidence.evidence_id),
        thumbnail: evidence
            .media_type
            .starts_with("image/")
            .then(|| format!("stream/evidence/{}/thumbnail", evidence.evidence_id)),
    }
}

pub fn take_photo(terminal: &Terminal, request: &TakePhoto) -> Result<EvidenceRow, No> {
    let Some(source) = &terminal.devices.video else {
        return Err(Code::CameraMissing.into());
    };
    {
        let mut at_desk = terminal.at_desk();
        let desk = at_desk.desk()?;
        require_presented(desk, terminal.host.as_ref())?;
        read_case(desk, &request.case_id)?;
    }
    // The camera answers in its own time; the desk stays free meanwhile.
    let bytes = devices::photo::take(source, terminal.devices.width, terminal.devices.height)
        .map_err(Failure::from)?;
    keep(
        terminal,
        &request.case_id,
        &request.step,
        Kind::EvidencePhotographed,
        "photo",
        &bytes,
        json!({}),
    )
}

/// Keeps a picture file brought from outside the capture path.
pub fn import(
    terminal: &Terminal,
    case_id: &str,
    step: &str,
    name: &str,
    bytes: &[u8],
) -> Result<EvidenceRow, No> {
    if bytes.len() > PHOTO_BYTES_MAX {
        return Err(BoundaryError::new(Code::TooLarge)
            .with("limit_bytes", PHOTO_BYTES_MAX as u64)
            .into());
    }
    {
        let mut at_desk = terminal.at_desk();
        let desk = at_desk.desk()?;
        require_presented(desk, terminal.host.as_ref())?;
        read_case(desk, case_id)?;
    }
    let name: String = name.chars().take(200).collect();
    keep(
        terminal,
        case_id,
        step,
        Kind::EvidenceImported,
        "imported_photo",
        bytes,
        json!({ "file_name": name }),
    )
}

fn keep(
    terminal: &Terminal,
    case_id: &str,
    step: &str,
    kind: Kind,
    kind_name: &str,
    bytes: &[u8],
    mut facts: serde_json::Value,
) -> Result<EvidenceRow, No> {
    let photo = devices::photo::inspect(bytes)
        .map_err(|fault| BoundaryError::new(Code::NotAnImage).with("reason", fault.to_string()))?;
    if let Some(fields) = facts.as_object_mut() {
        fields.insert("photo".to_owned(), serde_json::to_value(&photo)?);
    }
    let host = terminal.host.as_ref();
    let at = host.now();
    let evidence_id = host.new_id();
    let mut at_desk = terminal.at_desk();
    let desk = at_desk.desk()?;
    let keys = ObjectKeys::generate(&evidence_id, &desk.evidence_key, &desk.identity.escrow_key);
    let escrow = keys.escrow.clone();
    let (object, chunks) = {
        let mut guard = lock(&terminal.evidence);
        let db = guard.as_mut().ok_or(No::from(Code::Locked))?;
        store(
            db,
            &evidence_id,
            &photo.media_type,
            keys,
            &crate::text::time(at),
            bytes,
        )?
    };
    crate::fault::point("photo.after_chunks");
    let body = EvidenceCaptured {
        v: 1,
        evidence_id: evidence_id.clone(),
        kind: kind_name.to_owned(),
        object,
        chunks,
        escrow,
        step: step.to_owned(),
        facts,
        thumbnail: None,
    };
    commit(terminal, desk, case_id, kind, &body)?;
    let stored = evidence::read(&desk.db, &evidence_id)?
        .ok_or_else(|| Failure::Object(evidence_id.clone()))?;
    Ok(row(&stored))
}

fn commit(
    terminal: &Terminal,
    desk: &mut Desk,
    case_id: &str,
    kind: Kind,
    body: &EvidenceCaptured,
) -> Result<(), No> {
    let sha256: Hash = body
        .object
        .sha256
        .parse()
        .map_err(|_| Failure::Object(body.object.sha256.clone()))?;
    let act = Act {
        kind,
        case_id: Some(case_id),
        event_at: terminal.host.now(),
        body,
        blobs: vec![sha256],
    };
    desk.commit(terminal.host.as_ref(), act, |transaction, idx| {
        objects::enqueue(
            transaction,
            &body.object.sha256,
            body.object.size_bytes,
            &body.object.media_type,
            idx,
        )
    })?;
    Ok(())
}

/// A small JPEG of a photo, its right side up.
pub fn thumbnail(bytes: &[u8]) -> Result<Vec<u8>, Failure> {
    use image::ImageDecoder;
    let broken = |error: image::ImageError| Failure::Object(error.to_string());
    let reader = image::ImageReader::new(std::io::Cursor::new(bytes)).with_guessed_format()?;
    let mut decoder = reader.into_decoder().map_err(broken)?;
    let orientation = decoder.orientation().map_err(broken)?;
    let mut picture = image::DynamicImage::from_decoder(decoder)
        .map_err(broken)?
        .thumbnail(320, 320);
    picture.apply_orientation(orientation);
    let mut jpeg = std::io::Cursor::new(Vec::new());
    picture
        .into_rgb8()
        .write_to(&mut jpeg, image::ImageFormat::Jpeg)
        .map_err(broken)?;
    Ok(jpeg.into_inner())
}
