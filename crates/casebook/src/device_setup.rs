//! Which devices this terminal records and photographs with.

use std::time::Duration;

use devices::recording::{AudioSource, VideoSource, Wanted};

/// What is plugged in, decided once at start.
#[derive(Debug, Clone)]
pub struct DeviceSetup {
    /// `None` where no camera is present.
    pub video: Option<VideoSource>,
    /// `None` where no microphone is present.
    pub audio: Option<AudioSource>,
    pub width: u32,
    pub height: u32,
    pub framerate: u32,
    pub bitrate_bps: u32,
    /// False lets test sources run as fast as the machine can.
    pub paced: bool,
    /// Ends a recording by itself; for demonstrations and tests.
    pub limit: Option<Duration>,
}

impl DeviceSetup {
    /// The first camera and the first microphone of the machine.
    pub fn detect() -> Self {
        let sources = devices::recording::available();
        DeviceSetup {
            video: sources.cameras.first().cloned().map(VideoSource::Camera),
            audio: sources
                .microphones
                .first()
                .cloned()
                .map(|name| AudioSource::Microphone(Some(name))),
            ..Self::test_sources()
        }
    }

    /// A moving test picture and a tone, for machines without devices; shown as such on the screens.
    pub fn test_sources() -> Self {
        DeviceSetup {
            video: Some(VideoSource::Test),
            audio: Some(AudioSource::Test),
            width: 1280,
            height: 720,
            framerate: 25,
            bitrate_bps: 2_500_000,
            paced: true,
            limit: None,
        }
    }

    /// True where a test picture stands in for a camera.
    pub fn is_test(&self) -> bool {
        matches!(self.video, Some(VideoSource::Test))
            || matches!(self.audio, Some(AudioSource::Test))
    }

    pub fn camera_names(&self) -> Vec<String> {
        match &self.video {
            Some(VideoSource::Camera(name)) => vec![name.clone()],
            Some(VideoSource::Test) => vec!["test".to_owned()],
            None => Vec::new(),
        }
    }

    pub fn microphone_names(&self) -> Vec<String> {
        match &self.audio {
            Some(AudioSource::Microphone(name)) => {
                vec![name.clone().unwrap_or_else(|| "default".to_owned())]
            }
            Some(AudioSource::Test) => vec!["test".to_owned()],
            None => Vec::new(),
        }
    }

    pub fn wanted(&self, with_video: bool) -> Wanted {
        Wanted {
            video: self.video.clone().filter(|_| with_video),
            audio: self.audio.clone(),
            width: self.width,
            height: self.height,
            framerate: self.framerate,
            bitrate_bps: self.bitrate_bps,
            limit: self.limit,
            paced: self.paced,
        }
    }
}
