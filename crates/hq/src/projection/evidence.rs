//! Entries about photos and recordings.

use journal::body::{
    EvidenceCaptured, ObjectBody, RecordingClosed, RecordingInterrupted, RecordingMarked,
    RecordingStarted,
};

use super::instruments::read;
use super::{Place, Reading};
use crate::store::evidence::{self, Evidence};

impl Place<'_> {
    pub(super) fn evidence_captured(&self) -> Reading {
        let (body, case) = read!(self, EvidenceCaptured);
        let evidence = Evidence {
            evidence_id: body.evidence_id,
            case_id: case.case_id.clone(),
            kind: body.kind.clone(),
            captured_at: self.event_at(),
            step: body.step,
            state: "complete".to_owned(),
            duration_ms: None,
            object: Some(serde_json::to_string(&body.object)?),
            thumbnail: body.thumbnail,
        };
        evidence::put(self.on, &evidence, self.entry.header.idx)?;
        self.name_object(&case.case_id, &body.object)?;
        Ok(Ok(body.kind))
    }

    pub(super) fn recording_started(&self) -> Reading {
        let (body, case) = read!(self, RecordingStarted);
        let evidence = Evidence {
            evidence_id: body.evidence_id,
            case_id: case.case_id,
            kind: body.kind.clone(),
            captured_at: self.event_at(),
            step: body.step,
            state: "recording".to_owned(),
            duration_ms: None,
            object: None,
            thumbnail: None,
        };
        evidence::put(self.on, &evidence, self.entry.header.idx)?;
        Ok(Ok(body.kind))
    }

    pub(super) fn recording_marked(&self) -> Reading {
        let (body, _) = read!(self, RecordingMarked);
        let text = body.text.unwrap_or_default();
        if !text.is_empty() {
            evidence::put_mark(self.on, &body.evidence_id, body.stored_ms, &text)?;
        }
        Ok(Ok(String::new()))
    }

    pub(super) fn recording_closed(&self) -> Reading {
        let (body, case) = read!(self, RecordingClosed);
        let ids = (body.evidence_id.as_str(), case.case_id.as_str());
        self.put_clocks_of(&case.case_id, (&body.evidence_id, None), &body.clocks)?;
        self.close(ids, "complete", body.duration_ms, &body.object)
    }

    pub(super) fn recording_interrupted(&self) -> Reading {
        let (body, case) = read!(self, RecordingInterrupted);
        let ids = (body.evidence_id.as_str(), case.case_id.as_str());
        self.close(ids, "interrupted", body.duration_ms, &body.object)
    }

    fn close(
        &self,
        ids: (&str, &str),
        state: &str,
        duration_ms: u64,
        object: &ObjectBody,
    ) -> Reading {
        let json = serde_json::to_string(object)?;
        if evidence::close(self.on, ids, state, duration_ms, &json)? == 0 {
            return Ok(Err(
                "no recording of this case is running under this id".to_owned()
            ));
        }
        self.name_object(ids.1, object)?;
        Ok(Ok(format!("{} s", duration_ms / 1000)))
    }
}
