//! 录音录像 – sound and picture as fragments of one second, each whole in itself.
//!
//! Joined in order the fragments are a playable MP4 file at every moment, so nothing needs to be finished when the
//! machine dies. Nothing is drawn into the picture: the original stays clean.

#[cfg(not(target_os = "linux"))]
mod elsewhere;
#[cfg(target_os = "linux")]
mod linux;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::DeviceFailure;
#[cfg(not(target_os = "linux"))]
use elsewhere as system;
#[cfg(target_os = "linux")]
use linux as system;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "device", rename_all = "snake_case")]
pub enum VideoSource {
    /// Moving colour bars.
    Test,
    /// A camera as [`available`] names it, for example `/dev/video0`.
    Camera(String),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "device", rename_all = "snake_case")]
pub enum AudioSource {
    /// A quiet tone.
    Test,
    /// A microphone as [`available`] names it, or the system's default.
    Microphone(Option<String>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    pub video: Option<VideoSource>,
    pub audio: Option<AudioSource>,
    pub width: u32,
    pub height: u32,
    pub framerate: u32,
    pub bitrate_bps: u32,
    /// Stop by itself after so much of recorded time.
    pub limit: Option<Duration>,
    /// `false` runs test sources as fast as the machine can; devices always run at their own pace.
    pub paced: bool,
}

/// About one second of the recording; `index` counts from 0 without gaps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fragment {
    pub index: u32,
    pub bytes: Vec<u8>,
    pub start_ms: u64,
    pub duration_ms: u64,
}

/// Where fragments go. Called from one thread of the recording, in order.
pub trait Sink: Send {
    /// # Errors
    /// A reason ends the recording; fragments accepted before stay playable.
    fn fragment(&mut self, fragment: Fragment) -> Result<(), String>;

    /// Called exactly once, after the last fragment.
    fn ended(&mut self, end: End);
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// Fragments the sink accepted.
    pub fragments: u32,
    pub duration_ms: u64,
    pub reason: EndReason,
    /// `video/mp4` or `audio/mp4`
    pub media_type: String,
    /// As in RFC 6381, for example `avc1.42C01F,mp4a.40.2`; empty when not one fragment came.
    pub codecs: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", content = "detail", rename_all = "snake_case")]
pub enum EndReason {
    Stopped,
    LimitReached,
    SourceLost(String),
    SinkRefused(String),
}

/// What is plugged in; empty lists are normal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sources {
    pub cameras: Vec<String>,
    pub microphones: Vec<String>,
    /// The H.264 encoder that recordings will use, `none` when the system has none.
    pub encoder: String,
}

/// Starts to record; returns once every source has delivered.
///
/// # Errors
/// When a device is missing, busy or silent, or the system lacks a media component. The sink hears nothing then.
pub fn start(wanted: Wanted, sink: Box<dyn Sink>) -> Result<Recording, DeviceFailure> {
    if wanted.video.is_none() && wanted.audio.is_none() {
        return Err(DeviceFailure::NothingToRecord);
    }
    system::start(&wanted, sink).map(|inner| Recording { inner })
}

#[must_use]
pub fn available() -> Sources {
    system::available()
}

pub(crate) fn still(
    source: &VideoSource,
    width: u32,
    height: u32,
) -> Result<Vec<u8>, DeviceFailure> {
    system::still(source, width, height)
}

/// A running recording. Dropping it stops it like [`Recording::stop`].
pub struct Recording {
    inner: system::Running,
}

impl Recording {
    /// Asks the sources to end and waits until the last fragment has reached the sink.
    #[must_use]
    pub fn stop(self) -> End {
        self.inner.stop()
    }

    /// Waits until the recording ends by itself: at its limit, or because a source or the sink gave up.
    #[must_use]
    pub fn wait(self) -> End {
        self.inner.wait()
    }

    /// Whether nothing more will come.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.inner.has_ended()
    }

    /// Recorded time so far.
    #[must_use]
    pub fn elapsed_ms(&self) -> u64 {
        self.inner.elapsed_ms()
    }

    /// The picture of this moment for the screen, at most 640 dots wide; `None` without video or before the first.
    #[must_use]
    pub fn latest_preview_jpeg(&self) -> Option<Vec<u8>> {
        self.inner.latest_preview_jpeg()
    }
}
