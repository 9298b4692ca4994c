//! Systems whose capture path is not built yet. They say so instead of pretending.

use super::{End, Sink, Sources, VideoSource, Wanted};
use crate::DeviceFailure;

const WHAT: &str = "recording and taking photos";

pub(super) enum Running {}

pub(super) fn start(_wanted: &Wanted, _sink: Box<dyn Sink>) -> Result<Running, DeviceFailure> {
    Err(DeviceFailure::NotAvailable { what: WHAT })
}

pub(super) fn available() -> Sources {
    Sources {
        cameras: Vec::new(),
        microphones: Vec::new(),
        encoder: "none".into(),
    }
}

pub(super) fn still(
    _source: &VideoSource,
    _width: u32,
    _height: u32,
) -> Result<Vec<u8>, DeviceFailure> {
    Err(DeviceFailure::NotAvailable { what: WHAT })
}

impl Running {
    pub(super) fn stop(self) -> End {
        match self {}
    }

    pub(super) fn wait(self) -> End {
        match self {}
    }

    pub(super) fn has_ended(&self) -> bool {
        match *self {}
    }

    pub(super) fn elapsed_ms(&self) -> u64 {
        match *self {}
    }

    pub(super) fn latest_preview_jpeg(&self) -> Option<Vec<u8>> {
        match *self {}
    }
}
