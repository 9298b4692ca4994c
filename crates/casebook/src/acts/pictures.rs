//! Evidence on its way to paper: what an instrument names, from the vault, made small enough to print.

use forms::Form;
use law::Finding;
use paper::{Picture, Pictures};
use serde_json::Value;

use crate::desk::Desk;
use crate::failure::{Failure, No};
use crate::store::evidence;
use crate::store::evidence_vault;
use crate::terminal::{Terminal, lock};
use crate::vault;

/// Pictures that are kept ready while sheets are looked at.
const READY_MAX: usize = 60;

/// Evidence that is named and is not of the case, or cannot be printed.
pub fn findings(
    terminal: &Terminal,
    desk: &Desk,
    case_id: &str,
    form: Form<'_>,
    value: &Value,
) -> Result<Vec<Finding>, No> {
    let named = form.evidence(value);
    if named.is_empty() {
        return Ok(Vec::new());
    }
    let known = evidence::of_case(&desk.db, case_id)?;
    let mut findings = Vec::new();
    for (path, id) in named {
        let Some(piece) = known.iter().find(|piece| piece.evidence_id == id) else {
            let text = "这里选的证据不在本案里。";
            let hint = "清除后从本案的证据中选择。";
            findings.push(Finding::block(&path, "evidence_unknown", text, hint));
            continue;
        };
        let is_picture = piece.media_type.starts_with("image/");
        if is_picture && ready(terminal, desk, &id)?.is_none() {
            let text = "这张照片打不开，印不到文书上。";
            let hint = "换一张照片，或者另附打印件。";
            findings.push(Finding::block(&path, "picture_unreadable", text, hint));
        }
    }
    Ok(findings)
}

/// The pictures a value names. What is no picture, or is not of the case, is left out and framed on the paper.
pub fn of_value(
    terminal: &Terminal,
    desk: &Desk,
    case_id: &str,
    form: Form<'_>,
    value: &Value,
) -> Result<Pictures, No> {
    let named = form.evidence(value);
    let mut pictures = Pictures::new();
    if named.is_empty() {
        return Ok(pictures);
    }
    let known = evidence::of_case(&desk.db, case_id)?;
    for (_, id) in named {
        let is_picture = known
            .iter()
            .any(|piece| piece.evidence_id == id && piece.media_type.starts_with("image/"));
        if is_picture && let Some(picture) = ready(terminal, desk, &id)? {
            pictures.insert(id, picture);
        }
    }
    Ok(pictures)
}

/// `None` for a file that cannot be read as a picture.
fn ready(terminal: &Terminal, desk: &Desk, id: &str) -> Result<Option<Picture>, No> {
    if let Some(picture) = lock(&terminal.pictures).get(id) {
        return Ok(Some(picture.clone()));
    }
    let bytes = {
        let guard = lock(&terminal.evidence);
        let db = guard.as_ref().ok_or(No::from(contract::Code::Locked))?;
        let object = evidence_vault::read(db, id)?.ok_or_else(|| Failure::Object(id.to_owned()))?;
        let size = usize::try_from(object.size_bytes).unwrap_or(usize::MAX);
        vault::evidence::read(db, &desk.evidence_key, &object, 0, size)?
    };
    let Ok(picture) = Picture::read(&bytes) else {
        return Ok(None);
    };
    let mut held = lock(&terminal.pictures);
    if held.len() >= READY_MAX {
        held.clear();
    }
    held.insert(id.to_owned(), picture.clone());
    Ok(Some(picture))
}
