//! One question of the engine: what is read from the terminal, what is sent, what is believed of the answer, what is
//! stored before the engine hears of it.

use std::error::Error;
use std::time::Duration;

use journal::{Entry, Hash, MediaReceipt, Receipt, Tip, WriterId, frames};
use reqwest::Method;

use crate::engine::{Action, Event, Fault, View};
use crate::failure::SyncFailure;
use crate::local::{Identity, Local, LocalFailure, MediaItem};
use crate::protocol::{
    DOWN_BYTES_MAX, FRAMES_TYPE, HeadAnswer, MEDIA_PATCH_TYPE, Reason, Rejection, TUS_VERSION,
    header, path,
};
use crate::state::Cause;
use crate::wire::{Answer, Request};

const NOTE_BYTES_MAX: usize = 64 * 1024;
/// A frame larger than the usual limit comes alone.
const DOWN_ANSWER_BYTES_MAX: usize = 16 * DOWN_BYTES_MAX;
const OBJECT_BYTES_MAX: usize = 256 * 1024 * 1024;
/// Bytes that do not have their hash will not have it in two seconds either.
const HASH_MISMATCH_WAIT_MS: u64 = 900_000;

/// Why there is no event.
#[derive(Debug)]
pub enum End {
    Stopped,
    Fault(Fault),
}

impl End {
    fn of(cause: Cause) -> Self {
        Self::Fault(Fault::of(cause))
    }
}

impl From<LocalFailure> for End {
    fn from(failure: LocalFailure) -> Self {
        match failure {
            LocalFailure::Store(source) => {
                tracing::error!(source = &*source, "the terminal's store failed during sync");
                Self::of(Cause::LocalFailure)
            }
            LocalFailure::Untrusted(what) => not_headquarters(&what),
        }
    }
}

impl From<SyncFailure> for End {
    fn from(failure: SyncFailure) -> Self {
        tracing::info!(
            error = &failure as &dyn Error,
            "a request to headquarters failed"
        );
        Self::of(failure.cause())
    }
}

fn not_headquarters(what: &str) -> End {
    tracing::warn!(what, "an answer that is not headquarters'");
    End::of(Cause::NotHeadquarters)
}

pub struct Exchange<'a> {
    pub local: &'a dyn Local,
    pub identity: &'a Identity,
    pub call: &'a mut dyn FnMut(Request) -> Result<Answer, End>,
}

impl Exchange<'_> {
    pub fn answer(&mut self, question: Action) -> Result<Event, End> {
        match question {
            Action::Look { media_limit } => self.look(media_limit),
            Action::AskHead => self.ask_head(),
            Action::Append {
                from_idx,
                max_bytes,
            } => self.append(from_idx, max_bytes),
            Action::CreateMedia(item) => self.create_media(&item),
            Action::AskMediaOffset { sha256 } => self.ask_media_offset(&sha256),
            Action::SendMedia {
                sha256,
                offset,
                size_bytes,
                max_bytes,
            } => self.send_media(&sha256, offset, size_bytes, max_bytes),
            Action::AskMediaReceipt(item) => self.ask_media_receipt(&item),
            Action::AskDown { from_idx } => self.ask_down(from_idx),
            Action::FetchObject { sha256 } => self.fetch_object(&sha256),
            // Not questions.
            Action::KeepFork { .. } | Action::Report(_) | Action::WakeAt(_) => {
                Err(End::of(Cause::LocalFailure))
            }
        }
    }

    fn look(&self, media_limit: usize) -> Result<Event, End> {
        Ok(Event::Looked(View {
            writer: self.identity.writer.clone(),
            epoch: self.identity.epoch,
            tip: self.local.tip()?,
            acknowledged: self.local.acknowledged()?,
            media: self.local.pending_media(media_limit)?,
            down_next: self.local.down_next()?,
        }))
    }

    fn ask_head(&mut self) -> Result<Event, End> {
        let path = path::head(&self.identity.writer, self.identity.epoch);
        let answer = self.send(Method::GET, path, Vec::new(), Vec::new(), NOTE_BYTES_MAX)?;
        if answer.status != 200 {
            return Err(refused(&answer));
        }
        self.head_told(&answer)
    }

    fn append(&mut self, from_idx: u64, max_bytes: usize) -> Result<Event, End> {
        let base = match from_idx.checked_sub(1) {
            Some(before) => self.local.tip_at(before)?,
            None => None,
        };
        let body = self.local.frames(from_idx, max_bytes)?;
        if body.is_empty() || (from_idx > 0 && base.is_none()) {
            tracing::error!(from_idx, "entries that are pending cannot be read");
            return Err(End::of(Cause::LocalFailure));
        }
        let (base_idx, base_hash) = header::write_base(base.as_ref());
        let headers = vec![
            ("content-type", FRAMES_TYPE.to_owned()),
            (header::BASE_IDX, base_idx),
            (header::BASE_HASH, base_hash),
        ];
        let path = path::append(&self.identity.writer, self.identity.epoch);
        let answer = self.send(Method::POST, path, headers, body, NOTE_BYTES_MAX)?;
        match answer.status {
            200 => self.receipt_came(&answer),
            409 => self.head_told(&answer),
            _ => Err(refused(&answer)),
        }
    }

    fn head_told(&self, answer: &Answer) -> Result<Event, End> {
        let told: HeadAnswer = serde_json::from_slice(&answer.body)
            .map_err(|_| not_headquarters("a head that cannot be read"))?;
        if self.is_superseded()? {
            return Ok(Event::Superseded);
        }
        let Some(theirs) = told.head else {
            return Ok(head_event(None, None, false));
        };
        let ours_there = self.local.tip_at(theirs.idx)?;
        let Some(note) = told.receipt else {
            return Ok(head_event(Some(theirs), ours_there, false));
        };
        let receipt = self.open_receipt(&note)?;
        if (receipt.idx, receipt.hash) != (theirs.idx, theirs.hash) {
            return Err(not_headquarters("a receipt for another head"));
        }
        if ours_there == Some(theirs) {
            let acknowledged = self.local.acknowledged()?;
            if acknowledged < Some(theirs.idx) {
                self.local.store_receipt(&note, &receipt)?;
            } else if acknowledged > Some(theirs.idx) {
                tracing::warn!(
                    ?acknowledged,
                    head = theirs.idx,
                    "headquarters lost entries"
                );
            }
        }
        Ok(head_event(Some(theirs), ours_there, true))
    }

    fn receipt_came(&self, answer: &Answer) -> Result<Event, End> {
        let note = answer
            .text()
            .ok_or_else(|| not_headquarters("a receipt that is not text"))?;
        let receipt = self.open_receipt(note)?;
        if self.is_superseded()? {
            return Ok(Event::Superseded);
        }
        let theirs = Tip {
            idx: receipt.idx,
            hash: receipt.hash,
        };
        let ours_there = self.local.tip_at(theirs.idx)?;
        if ours_there != Some(theirs) {
            return Ok(head_event(Some(theirs), ours_there, true));
        }
        self.local.store_receipt(note, &receipt)?;
        Ok(Event::Appended(theirs))
    }

    fn open_receipt(&self, note: &str) -> Result<Receipt, End> {
        let Identity {
            writer,
            epoch,
            headquarters_name,
            headquarters_key,
            ..
        } = self.identity;
        let receipt = Receipt::open(note, headquarters_name, headquarters_key)
            .map_err(|_| not_headquarters("a receipt that headquarters did not sign"))?;
        if (&receipt.writer, &receipt.epoch) != (writer, epoch) {
            return Err(not_headquarters("a receipt for another series"));
        }
        Ok(receipt)
    }

    /// Whether the terminal began a new epoch since the question was decided.
    fn is_superseded(&self) -> Result<bool, End> {
        Ok(self.local.identity()? != *self.identity)
    }

    fn create_media(&mut self, item: &MediaItem) -> Result<Event, End> {
        let metadata = header::write_metadata(&item.sha256, &item.media_type);
        let headers = vec![
            tus(),
            (header::UPLOAD_LENGTH, item.size_bytes.to_string()),
            (header::UPLOAD_METADATA, metadata),
        ];
        let path = path::MEDIA.to_owned();
        let answer = self.send(Method::POST, path, headers, Vec::new(), NOTE_BYTES_MAX)?;
        match answer.status {
            201 => {
                let expected = path::media(&item.sha256);
                let is_expected = answer
                    .header("location")
                    .is_some_and(|location| location.ends_with(&expected));
                if !is_expected {
                    return Err(not_headquarters("an upload at an unexpected place"));
                }
                Ok(Event::MediaCreated)
            }
            200 if answer.header(header::COMPLETE) == Some("1") => Ok(Event::MediaComplete),
            _ => Err(refused(&answer)),
        }
    }

    fn ask_media_offset(&mut self, sha256: &Hash) -> Result<Event, End> {
        let path = path::media(sha256);
        let answer = self.send(Method::HEAD, path, vec![tus()], Vec::new(), NOTE_BYTES_MAX)?;
        match answer.status {
            200 | 204 => {
                let offset = told_offset(&answer)?;
                self.local.media_progress(sha256, offset)?;
                Ok(Event::MediaOffset(offset))
            }
            404 | 410 if is_tus(&answer) => Ok(Event::MediaGone),
            // An answer to HEAD has no body, so no reason.
            400..=499 if is_tus(&answer) => Err(End::of(Cause::Refused)),
            _ => Err(refused(&answer)),
        }
    }

    fn send_media(
        &mut self,
        sha256: &Hash,
        offset: u64,
        size_bytes: u64,
        max_bytes: usize,
    ) -> Result<Event, End> {
        let body = self.local.read_media(sha256, offset, max_bytes)?;
        let end = offset.saturating_add(body.len() as u64);
        if body.is_empty() || end > size_bytes {
            tracing::error!(%sha256, offset, "a pending file is not as long as it should be");
            return Err(End::of(Cause::LocalFailure));
        }
        let headers = vec![
            tus(),
            ("content-type", MEDIA_PATCH_TYPE.to_owned()),
            (header::UPLOAD_OFFSET, offset.to_string()),
        ];
        let path = path::media(sha256);
        let answer = self.send(Method::PATCH, path, headers, body, NOTE_BYTES_MAX)?;
        match answer.status {
            200 | 204 => {
                if let Some(value) = answer.header(header::RECEIPT) {
                    let note = header::read_note(value)
                        .ok_or_else(|| not_headquarters("a media receipt that is not text"))?;
                    return self.media_receipt_came(&note, sha256, size_bytes);
                }
                let offset = told_offset(&answer)?;
                if offset > end {
                    return Err(not_headquarters("an offset beyond what was sent"));
                }
                self.local.media_progress(sha256, offset)?;
                Ok(Event::MediaOffset(offset))
            }
            404 | 410 if is_known(&answer) => Ok(Event::MediaGone),
            409 if is_known(&answer) => Ok(Event::MediaOffsetConflict),
            _ => Err(refused(&answer)),
        }
    }

    fn ask_media_receipt(&mut self, item: &MediaItem) -> Result<Event, End> {
        let path = path::media_receipt(&item.sha256);
        let answer = self.send(Method::GET, path, Vec::new(), Vec::new(), NOTE_BYTES_MAX)?;
        match answer.status {
            200 => {
                let note = answer
                    .text()
                    .ok_or_else(|| not_headquarters("a media receipt that is not text"))?;
                self.media_receipt_came(note, &item.sha256, item.size_bytes)
            }
            404 | 410 if is_known(&answer) => Ok(Event::MediaGone),
            _ => Err(refused(&answer)),
        }
    }

    fn media_receipt_came(&self, note: &str, sha256: &Hash, size_bytes: u64) -> Result<Event, End> {
        let Identity {
            headquarters_name,
            headquarters_key,
            ..
        } = self.identity;
        let receipt = MediaReceipt::open(note, headquarters_name, headquarters_key)
            .map_err(|_| not_headquarters("a media receipt that headquarters did not sign"))?;
        if (receipt.sha256, receipt.size_bytes) != (*sha256, size_bytes) {
            return Err(not_headquarters("a media receipt for another file"));
        }
        self.local.store_media_receipt(note, &receipt)?;
        Ok(Event::MediaReceived)
    }

    fn ask_down(&mut self, from_idx: u64) -> Result<Event, End> {
        let path = path::down(from_idx);
        let answer = self.send(
            Method::GET,
            path,
            Vec::new(),
            Vec::new(),
            DOWN_ANSWER_BYTES_MAX,
        )?;
        if answer.status != 200 {
            return Err(refused(&answer));
        }
        let head = answer
            .header(header::HEAD)
            .and_then(header::read_head)
            .ok_or_else(|| not_headquarters("news without a head"))?;
        check_frames(&answer.body, from_idx)?;
        let missing = self.local.store_down(&answer.body)?;
        Ok(Event::DownStored {
            next_idx: self.local.down_next()?,
            head,
            missing,
        })
    }

    fn fetch_object(&mut self, sha256: &Hash) -> Result<Event, End> {
        let path = path::object(sha256);
        let answer = self.send(Method::GET, path, Vec::new(), Vec::new(), OBJECT_BYTES_MAX)?;
        if answer.status != 200 {
            return Err(refused(&answer));
        }
        if Hash::of(&answer.body) != *sha256 {
            return Err(not_headquarters("an object that does not have its hash"));
        }
        self.local.store_object(sha256, &answer.body)?;
        Ok(Event::ObjectStored)
    }

    fn send(
        &mut self,
        method: Method,
        path: String,
        mut headers: Vec<(&'static str, String)>,
        body: Vec<u8>,
        answer_bytes_max: usize,
    ) -> Result<Answer, End> {
        let authorization = self
            .local
            .authorize(method.as_str(), &path, Hash::of(&body))?;
        headers.push(("authorization", authorization));
        (self.call)(Request {
            method,
            path,
            headers,
            body,
            answer_bytes_max,
        })
    }
}

fn head_event(theirs: Option<Tip>, ours_there: Option<Tip>, is_proved: bool) -> Event {
    Event::HeadTold {
        theirs,
        ours_there,
        is_proved,
    }
}

/// Shape only: whether the frames are headquarters' own is for the store to verify with the chain it has.
fn check_frames(bytes: &[u8], from_idx: u64) -> Result<(), End> {
    let hq = WriterId::headquarters();
    for (frame, idx) in frames(bytes).zip(from_idx..) {
        let entry = Entry::parse(frame).map_err(|_| not_headquarters("news that are no frames"))?;
        if entry.header.writer != hq || entry.header.idx != idx {
            return Err(not_headquarters("news of another series"));
        }
    }
    Ok(())
}

fn tus() -> (&'static str, String) {
    (header::TUS_RESUMABLE, TUS_VERSION.to_owned())
}

fn is_tus(answer: &Answer) -> bool {
    answer.header(header::TUS_RESUMABLE) == Some(TUS_VERSION)
}

/// Whether an error speaks this protocol.
fn is_known(answer: &Answer) -> bool {
    is_tus(answer) || rejection(answer).is_some()
}

fn told_offset(answer: &Answer) -> Result<u64, End> {
    answer
        .header(header::UPLOAD_OFFSET)
        .and_then(|value| value.parse().ok())
        .filter(|_| is_tus(answer))
        .ok_or_else(|| not_headquarters("no offset"))
}

fn rejection(answer: &Answer) -> Option<Rejection> {
    serde_json::from_slice(&answer.body).ok()
}

fn refused(answer: &Answer) -> End {
    let failure = refusal(answer);
    let mut fault = Fault::of(failure.cause());
    fault.retry_after_ms = retry_after_ms(answer);
    if let SyncFailure::Refused {
        reason: Reason::HashMismatch,
        ..
    } = failure
    {
        fault.retry_after_ms = Some(HASH_MISMATCH_WAIT_MS);
    }
    tracing::info!(%failure, "headquarters did not accept");
    End::Fault(fault)
}

/// What an answer that is not the one hoped for means.
pub fn refusal(answer: &Answer) -> SyncFailure {
    let Some(Rejection { reason, detail }) = rejection(answer).filter(|_| answer.status >= 400)
    else {
        return match answer.status {
            429 | 500 | 503 | 507 => SyncFailure::Busy,
            status @ (502 | 504) => {
                let told = format!("a gateway answered {status}");
                SyncFailure::Unreachable(std::io::Error::other(told))
            }
            status => SyncFailure::NotHeadquarters(format!("an answer of status {status}")),
        };
    };
    match reason {
        Reason::Busy | Reason::Internal => SyncFailure::Busy,
        reason => SyncFailure::Refused { reason, detail },
    }
}

fn retry_after_ms(answer: &Answer) -> Option<u64> {
    let seconds = answer.header(header::RETRY_AFTER)?.trim().parse().ok()?;
    u64::try_from(Duration::from_secs(seconds).as_millis()).ok()
}
