//! Recording: each fragment is durable before the next one is over, each ten seconds are committed to the journal.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};

use contract::Code;
use devices::recording::{End, EndReason, Fragment, Recording, Sink};
use journal::body::{
    ObjectBody, RecordingClosed, RecordingInterrupted, RecordingMarked, RecordingMoment,
    RecordingStarted,
};
use journal::{Hash, Kind};
use law::Refusal;

use crate::acts::dossier::clocks_of_case;
use crate::acts::inspection::read_case;
use crate::acts::presentation::require_presented;
use crate::contract::{
    MarkRecording, RecordingKind, RecordingState, RunningRecording, StartRecording, StopRecording,
};
use crate::desk::{Act, Desk};
use crate::failure::{Failure, No};
use crate::store::{evidence, objects};
use crate::terminal::{Terminal, lock};
use crate::vault::evidence as vault;

/// Recorded milliseconds between two commitments in the journal.
const MARK_EVERY_MS: u64 = 10_000;

/// A recording under way.
pub struct Running {
    evidence_id: String,
    case_id: String,
    kind: RecordingKind,
    started_at: String,
    progress: Arc<Progress>,
    recording: Recording,
}

/// What is durable so far.
#[derive(Default)]
struct Progress {
    ms: AtomicU64,
    bytes: AtomicU64,
}

/// The vault's end of the capture path.
struct Keeper {
    terminal: Weak<Terminal>,
    evidence_id: String,
    case_id: String,
    media_type: String,
    writer: Option<vault::Writer>,
    progress: Arc<Progress>,
    marked_ms: u64,
}

impl Sink for Keeper {
    fn fragment(&mut self, fragment: Fragment) -> Result<(), String> {
        let terminal = self.terminal.upgrade().ok_or("the terminal is closed")?;
        let writer = self.writer.as_mut().ok_or("the recording is closed")?;
        {
            let mut guard = lock(&terminal.evidence);
            let db = guard.as_mut().ok_or("the terminal is closed")?;
            writer
                .append(db, &fragment.bytes, fragment.duration_ms)
                .map_err(|failure| failure.to_string())?;
        }
        crate::fault::point("recording.after_fragment");
        self.progress
            .ms
            .store(writer.duration_ms(), Ordering::Release);
        self.progress
            .bytes
            .store(writer.size_bytes(), Ordering::Release);
        if writer.duration_ms() >= self.marked_ms + MARK_EVERY_MS {
            self.marked_ms = writer.duration_ms();
            let body = marked(&self.evidence_id, writer, None);
            let mut at_desk = terminal.at_desk();
            let desk = at_desk.desk().map_err(|no| no.to_string())?;
            commit(
                &terminal,
                desk,
                Kind::RecordingMarked,
                &self.case_id,
                &body,
                None,
            )
            .map_err(|no| no.to_string())?;
        }
        Ok(())
    }

    fn ended(&mut self, end: End) {
        let (Some(terminal), Some(writer)) = (self.terminal.upgrade(), self.writer.take()) else {
            return;
        };
        if let Err(no) = close(
            &terminal,
            &self.evidence_id,
            &self.case_id,
            &self.media_type,
            writer,
            &end,
        ) {
            tracing::error!(
                ?no,
                evidence_id = self.evidence_id,
                "the recording could not be closed"
            );
        }
    }
}

fn marked(evidence_id: &str, writer: &vault::Writer, text: Option<String>) -> RecordingMarked {
    RecordingMarked {
        v: 1,
        evidence_id: evidence_id.to_owned(),
        stored_ms: writer.duration_ms(),
        stored_bytes: writer.size_bytes(),
        fragments: writer.fragments(),
        running_sha256: writer.hash_so_far().to_string(),
        text,
    }
}

fn commit<B: serde::Serialize>(
    terminal: &Terminal,
    desk: &mut Desk,
    kind: Kind,
    case_id: &str,
    body: &B,
    object: Option<&ObjectBody>,
) -> Result<(), No> {
    let blobs = match object {
        Some(object) => vec![
            object
                .sha256
                .parse::<Hash>()
                .map_err(|_| Failure::Object(object.sha256.clone()))?,
        ],
        None => Vec::new(),
    };
    let act = Act {
        kind,
        case_id: Some(case_id),
        event_at: terminal.host.now(),
        body,
        blobs,
    };
    desk.commit(
        terminal.host.as_ref(),
        act,
        |transaction, idx| match object {
            Some(object) => objects::enqueue(
                transaction,
                &object.sha256,
                object.size_bytes,
                &object.media_type,
                idx,
            ),
            None => Ok(()),
        },
    )?;
    Ok(())
}

fn close(
    terminal: &Terminal,
    evidence_id: &str,
    case_id: &str,
    media_type: &str,
    writer: vault::Writer,
    end: &End,
) -> Result<(), No> {
    let (duration_ms, fragments) = (writer.duration_ms(), writer.fragments());
    let (object, chunks) = {
        let guard = lock(&terminal.evidence);
        let db = guard.as_ref().ok_or(No::from(Code::Locked))?;
        writer.finish(db, media_type)?
    };
    crate::fault::point("recording.after_finish");
    let mut body = RecordingClosed {
        v: 1,
        evidence_id: evidence_id.to_owned(),
        duration_ms,
        fragments,
        chunks,
        reason: match &end.reason {
            EndReason::Stopped => "stopped".to_owned(),
            EndReason::LimitReached => "limit_reached".to_owned(),
            EndReason::SourceLost(what) => format!("source_lost: {what}"),
            EndReason::SinkRefused(why) => format!("storage_refused: {why}"),
        },
        object,
        clocks: Vec::new(),
    };
    let mut at_desk = terminal.at_desk();
    let desk = at_desk.desk()?;
    let event = "recording_closed";
    body.clocks = clocks_of_case(terminal, desk, event, &serde_json::Value::Null);
    commit(
        terminal,
        desk,
        Kind::RecordingClosed,
        case_id,
        &body,
        Some(&body.object),
    )
}

pub fn start(terminal: &Terminal, request: &StartRecording) -> Result<(), No> {
    // One start at a time; the running recording itself is never locked while the desk is.
    let _gate = lock(&terminal.recording_gate);
    {
        let mut running = lock(&terminal.running);
        settle(&mut running);
        if running.is_some() {
            return Err(Refusal::RecordingRunning.into());
        }
    }
    let with_video = matches!(request.kind, RecordingKind::Video);
    let wanted = terminal.devices.wanted(with_video);
    if with_video && wanted.video.is_none() {
        return Err(Code::CameraMissing.into());
    }
    if wanted.audio.is_none() {
        return Err(Code::MicrophoneMissing.into());
    }
    let host = terminal.host.as_ref();
    let evidence_id = host.new_id();
    let at = crate::text::time(host.now());
    let media_type = if with_video { "video/mp4" } else { "audio/mp4" };
    let (keys, escrow) = {
        let mut at_desk = terminal.at_desk();
        let desk = at_desk.desk()?;
        require_presented(desk, host)?;
        read_case(desk, &request.case_id)?;
        let keys = vault::ObjectKeys::generate(
            &evidence_id,
            &desk.evidence_key,
            &desk.identity.escrow_key,
        );
        let escrow = keys.escrow.clone();
        (keys, escrow)
    };
    let writer = {
        let guard = lock(&terminal.evidence);
        let db = guard.as_ref().ok_or(No::from(Code::Locked))?;
        vault::Writer::create(db, &evidence_id, media_type, keys, &at)?
    };
    let body = RecordingStarted {
        v: 1,
        evidence_id: evidence_id.clone(),
        kind: if with_video { "video" } else { "audio" }.to_owned(),
        source: if terminal.devices.is_test() {
            "test"
        } else {
            "device"
        }
        .to_owned(),
        media_type: media_type.to_owned(),
        escrow,
        step: request.step.clone(),
    };
    {
        let mut at_desk = terminal.at_desk();
        commit(
            terminal,
            at_desk.desk()?,
            Kind::RecordingStarted,
            &request.case_id,
            &body,
            None,
        )?;
    }
    let progress = Arc::new(Progress::default());
    let keeper = Keeper {
        terminal: terminal.me.clone(),
        evidence_id: evidence_id.clone(),
        case_id: request.case_id.clone(),
        media_type: media_type.to_owned(),
        writer: Some(writer),
        progress: Arc::clone(&progress),
        marked_ms: 0,
    };
    match devices::recording::start(wanted, Box::new(keeper)) {
        Ok(recording) => {
            *lock(&terminal.running) = Some(Running {
                evidence_id,
                case_id: request.case_id.clone(),
                kind: request.kind.clone(),
                started_at: at,
                progress,
                recording,
            });
            Ok(())
        }
        Err(failure) => {
            // The start is in the journal; so is that nothing came of it.
            interrupted(terminal, &evidence_id, &request.case_id)?;
            Err(Failure::from(failure).into())
        }
    }
}

/// Forgets a recording that ended by itself; its end is in the journal already.
fn settle(running: &mut Option<Running>) {
    if running
        .as_ref()
        .is_some_and(|running| running.recording.has_ended())
    {
        *running = None;
    }
}

pub fn mark(terminal: &Terminal, request: &MarkRecording) -> Result<(), No> {
    let (evidence_id, case_id, ms, bytes) = {
        let mut running = lock(&terminal.running);
        settle(&mut running);
        let Some(running) = running.as_ref() else {
            return Err(Refusal::NoRecordingRunning.into());
        };
        (
            running.evidence_id.clone(),
            running.case_id.clone(),
            running.progress.ms.load(Ordering::Acquire),
            running.progress.bytes.load(Ordering::Acquire),
        )
    };
    let body = RecordingMarked {
        v: 1,
        evidence_id,
        stored_ms: ms,
        stored_bytes: bytes,
        fragments: 0,
        running_sha256: String::new(),
        text: Some(request.text.clone()),
    };
    let mut at_desk = terminal.at_desk();
    commit(
        terminal,
        at_desk.desk()?,
        Kind::RecordingMarked,
        &case_id,
        &body,
        None,
    )
}

pub fn stop(terminal: &Terminal, request: &StopRecording) -> Result<(), No> {
    let running = {
        let mut running = lock(&terminal.running);
        settle(&mut running);
        running.take()
    };
    let Some(running) = running else {
        return Err(Refusal::NoRecordingRunning.into());
    };
    if !request.reason.is_empty() {
        // The reason stands in the record before the recording ends.
        let body = RecordingMarked {
            v: 1,
            evidence_id: running.evidence_id.clone(),
            stored_ms: running.progress.ms.load(Ordering::Acquire),
            stored_bytes: running.progress.bytes.load(Ordering::Acquire),
            fragments: 0,
            running_sha256: String::new(),
            text: Some(request.reason.clone()),
        };
        let mut at_desk = terminal.at_desk();
        commit(
            terminal,
            at_desk.desk()?,
            Kind::RecordingMarked,
            &running.case_id,
            &body,
            None,
        )?;
    }
    let _ = running.recording.stop();
    Ok(())
}

pub fn stop_if_running(terminal: &Terminal, reason: &str) -> Result<(), No> {
    match stop(
        terminal,
        &StopRecording {
            reason: reason.to_owned(),
        },
    ) {
        Ok(()) | Err(No::Refused(Refusal::NoRecordingRunning)) => Ok(()),
        Err(no) => Err(no),
    }
}

pub fn state(terminal: &Terminal) -> RecordingState {
    let mut running = lock(&terminal.running);
    settle(&mut running);
    RecordingState {
        running: running.as_ref().map(|running| RunningRecording {
            evidence_id: running.evidence_id.clone(),
            case_id: running.case_id.clone(),
            kind: running.kind.clone(),
            started_at: running.started_at.clone(),
            stored_ms: running.progress.ms.load(Ordering::Acquire),
            stored_bytes: running.progress.bytes.load(Ordering::Acquire),
        }),
        cameras: terminal.devices.camera_names(),
        microphones: terminal.devices.microphone_names(),
        test_source: terminal.devices.is_test(),
    }
}

/// Recordings that a crash left open: what is stored is kept, closed and named in the journal.
pub fn recover(terminal: &Terminal) -> Result<(), No> {
    let unfinished = {
        let mut at_desk = terminal.at_desk();
        evidence::unfinished(&at_desk.desk()?.db)?
    };
    for (evidence_id, case_id) in unfinished {
        interrupted(terminal, &evidence_id, &case_id)?;
    }
    Ok(())
}

fn interrupted(terminal: &Terminal, evidence_id: &str, case_id: &str) -> Result<(), No> {
    let mut at_desk = terminal.at_desk();
    let desk = at_desk.desk()?;
    let found = {
        let guard = lock(&terminal.evidence);
        let db = guard.as_ref().ok_or(No::from(Code::Locked))?;
        vault::close_interrupted(db, &desk.evidence_key, evidence_id)?
    };
    let found = found.unwrap_or_else(|| vault::Salvage {
        object: ObjectBody {
            sha256: Hash::of(b"").to_string(),
            size_bytes: 0,
            media_type: "application/octet-stream".to_owned(),
        },
        chunks: Vec::new(),
        duration_ms: 0,
        fragments: 0,
    });
    let body = RecordingInterrupted {
        v: 1,
        evidence_id: evidence_id.to_owned(),
        object: found.object,
        chunks: found.chunks,
        duration_ms: found.duration_ms,
        fragments: found.fragments,
    };
    let object = Some(&body.object).filter(|object| object.size_bytes > 0);
    commit(
        terminal,
        desk,
        Kind::RecordingInterrupted,
        case_id,
        &body,
        object,
    )
}

impl Terminal {
    /// Where a running recording of this case stands, to bind an act to its moment.
    pub(crate) fn recording_moment(&self, case_id: &str) -> Option<RecordingMoment> {
        let running = lock(&self.running);
        running
            .as_ref()
            .filter(|running| running.case_id == case_id)
            .map(|running| RecordingMoment {
                evidence_id: running.evidence_id.clone(),
                at_ms: running.recording.elapsed_ms(),
            })
    }

    /// The newest picture of the running recording.
    pub(crate) fn recording_preview(&self) -> Option<Vec<u8>> {
        lock(&self.running)
            .as_ref()
            .and_then(|running| running.recording.latest_preview_jpeg())
    }
}
