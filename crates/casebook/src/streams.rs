//! Large things by path: documents, photos, recordings, previews – never as text inside JSON.

use contract::{BoundaryError, Code, Surface};

use crate::acts::{evidence as photos, issuing};
use crate::failure::{Failure, No};
use crate::front;
use crate::store::{evidence, evidence_vault, instrument, objects};
use crate::terminal::{Terminal, lock};
use crate::vault;

/// Largest piece of one answer, bytes; a reader asks again from where it ended.
const PIECE_BYTES: u64 = 4 << 20;

/// A piece of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamAnswer {
    pub media_type: String,
    /// Bytes of the whole.
    pub total: u64,
    /// Offset of the first byte here.
    pub start: u64,
    pub bytes: Vec<u8>,
}

/// First byte, and last byte where the reader named one.
pub type Range = Option<(u64, Option<u64>)>;

fn whole(media_type: &str, bytes: Vec<u8>, range: Range) -> StreamAnswer {
    let total = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    let Some((from, to)) = range else {
        return StreamAnswer {
            media_type: media_type.to_owned(),
            total,
            start: 0,
            bytes,
        };
    };
    let start = from.min(total);
    let end = to
        .map_or(total, |last| last.saturating_add(1))
        .clamp(start, total);
    let piece = usize::try_from(start)
        .ok()
        .zip(usize::try_from(end).ok())
        .and_then(|(from, to)| bytes.get(from..to));
    StreamAnswer {
        media_type: media_type.to_owned(),
        total,
        start,
        bytes: piece.unwrap_or_default().to_vec(),
    }
}

fn query<'a>(path: &'a str, name: &str) -> Option<&'a str> {
    let (_, query) = path.split_once('?')?;
    query
        .split('&')
        .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

/// `%E4%B8%89` → 三; what is not UTF-8 becomes replacement characters.
fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let hex = |digit: u8| char::from(digit).to_digit(16);
        match byte {
            b'%' => {
                let mut ahead = rest.clone();
                match (ahead.next().and_then(hex), ahead.next().and_then(hex)) {
                    (Some(high), Some(low)) => {
                        bytes.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
                        rest = ahead;
                    }
                    _ => bytes.push(byte),
                }
            }
            b'+' => bytes.push(b' '),
            _ => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

impl Terminal {
    /// A stream by its path, e.g. `stream/instrument/ID/pdf`.
    pub fn stream(
        &self,
        surface: Surface,
        path: &str,
        range: Range,
    ) -> Result<StreamAnswer, BoundaryError> {
        if !matches!(surface, Surface::Officer | Surface::Party) {
            return Err(BoundaryError::new(Code::NotAllowed));
        }
        let bare = path
            .trim_start_matches('/')
            .split('?')
            .next()
            .unwrap_or_default();
        let parts: Vec<&str> = bare.split('/').collect();
        // The person concerned sees who the officers are and what they sign; evidence stays with the officers.
        if surface == Surface::Party && parts.get(1) == Some(&"evidence") {
            return Err(BoundaryError::new(Code::NotAllowed));
        }
        let answer = match parts.as_slice() {
            ["stream", "officer", credential_no, "photo"] => self.portrait(credential_no),
            ["stream", "instrument", id, "pdf"] => {
                self.document(id, |stored| stored.pdf_sha256.clone(), range)
            }
            ["stream", "instrument", id, "decided.pdf" | "sealed.pdf"] => self.set_again(id, range),
            ["stream", "instrument", id, "ticket.png"] => {
                self.document(id, |stored| stored.ticket_sha256.clone(), range)
            }
            ["stream", "instrument", id, "preview", page] => self.preview_page(id, page),
            ["stream", "evidence", id] => self.evidence_piece(id, range),
            ["stream", "evidence", id, "thumbnail"] => self.thumbnail(id),
            ["stream", "recording", "preview.jpg"] => match self.recording_preview() {
                Some(jpeg) => Ok(whole("image/jpeg", jpeg, None)),
                None => Err(Code::NotFound.into()),
            },
            _ => Err(Code::NotFound.into()),
        };
        answer.map_err(|no| self.answer(no))
    }

    /// Takes a file in, e.g. `upload/photo?case_id=…&step=…&name=…`; answers with JSON.
    pub fn upload(
        &self,
        surface: Surface,
        path: &str,
        body: &[u8],
    ) -> Result<Vec<u8>, BoundaryError> {
        if surface != Surface::Officer {
            return Err(BoundaryError::new(Code::NotAllowed));
        }
        let bare = path
            .trim_start_matches('/')
            .split('?')
            .next()
            .unwrap_or_default();
        if bare != "upload/photo" {
            return Err(BoundaryError::new(Code::NotFound).with("path", bare));
        }
        let value = |name: &str| percent_decoded(query(path, name).unwrap_or_default());
        let row = photos::import(
            self,
            &value("case_id"),
            &value("step"),
            &value("name"),
            body,
        )
        .map_err(|no| self.answer(no))?;
        self.uplink.wake(&self.driver);
        serde_json::to_vec(&row).map_err(|error| self.answer(error.into()))
    }

    fn portrait(&self, credential_no: &str) -> Result<StreamAnswer, No> {
        let sha256 = self
            .front()
            .officer(credential_no)
            .and_then(|officer| officer.photo_sha256.clone());
        let sha256 = sha256.ok_or(No::from(Code::NotFound))?;
        let bytes = std::fs::read(front::portrait_path(&self.data_dir, &sha256))
            .map_err(|_| No::from(Code::NotFound))?;
        let media_type = if bytes.starts_with(b"\x89PNG") {
            "image/png"
        } else {
            "image/jpeg"
        };
        Ok(whole(media_type, bytes, None))
    }

    fn document(
        &self,
        instrument_id: &str,
        which: impl Fn(&instrument::Instrument) -> Option<String>,
        range: Range,
    ) -> Result<StreamAnswer, No> {
        let mut at_desk = self.at_desk();
        let desk = at_desk.desk()?;
        desk.session()?;
        let stored = instrument::read(&desk.db, instrument_id)?.ok_or(No::from(Code::NotFound))?;
        let sha256 = which(&stored).ok_or(No::from(Code::NotFound))?;
        let (media_type, bytes) =
            objects::get(&desk.db, &sha256)?.ok_or_else(|| Failure::Object(sha256.clone()))?;
        Ok(whole(&media_type, bytes, range))
    }

    /// The issued sheet with the opinions given and the seal put on since. It is set anew and kept nowhere.
    fn set_again(&self, instrument_id: &str, range: Range) -> Result<StreamAnswer, No> {
        let mut at_desk = self.at_desk();
        let desk = at_desk.desk()?;
        desk.session()?;
        let stored = instrument::read(&desk.db, instrument_id)?
            .filter(|stored| stored.issued_at.is_some())
            .ok_or(No::from(Code::NotFound))?;
        let pages = issuing::pages_again(self, desk, &stored, paper::StampKind::Final)?;
        let pdf = pages
            .pdf()
            .map_err(|fault| Failure::Paper(fault.to_string()))?;
        Ok(whole("application/pdf", pdf, range))
    }

    fn preview_page(&self, instrument_id: &str, page: &str) -> Result<StreamAnswer, No> {
        let page = page
            .strip_suffix(".svg")
            .and_then(|number| number.parse().ok())
            .ok_or(No::from(Code::NotFound))?;
        let mut at_desk = self.at_desk();
        let desk = at_desk.desk()?;
        desk.session()?;
        let svg =
            issuing::preview(self, desk, instrument_id, page)?.ok_or(No::from(Code::NotFound))?;
        Ok(whole("image/svg+xml", svg.into_bytes(), None))
    }

    fn evidence_piece(&self, evidence_id: &str, range: Range) -> Result<StreamAnswer, No> {
        let key = {
            let mut at_desk = self.at_desk();
            let desk = at_desk.desk()?;
            desk.session()?;
            journal::DataKey::from_bytes(*desk.evidence_key.as_bytes())
        };
        let guard = lock(&self.evidence);
        let db = guard.as_ref().ok_or(No::from(Code::Locked))?;
        let object = evidence_vault::read(db, evidence_id)?.ok_or(No::from(Code::NotFound))?;
        let total = object.size_bytes;
        let (start, last) = range.unwrap_or((0, None));
        let start = start.min(total);
        let wanted = last
            .map_or(total, |last| last.saturating_add(1))
            .clamp(start, total)
            - start;
        // Without a range the whole is asked for; with one, a reader of video comes back for more.
        let wanted = if range.is_some() {
            wanted.min(PIECE_BYTES)
        } else {
            wanted
        };
        let max = usize::try_from(wanted).unwrap_or(usize::MAX);
        let bytes = vault::evidence::read(db, &key, &object, start, max)?;
        Ok(StreamAnswer {
            media_type: object.media_type,
            total,
            start,
            bytes,
        })
    }

    fn thumbnail(&self, evidence_id: &str) -> Result<StreamAnswer, No> {
        {
            let mut at_desk = self.at_desk();
            let stored = evidence::read(&at_desk.desk()?.db, evidence_id)?
                .ok_or(No::from(Code::NotFound))?;
            if !stored.media_type.starts_with("image/") {
                return Err(Code::NotFound.into());
            }
        }
        let photo = self.evidence_piece(evidence_id, None)?;
        Ok(whole("image/jpeg", photos::thumbnail(&photo.bytes)?, None))
    }
}
