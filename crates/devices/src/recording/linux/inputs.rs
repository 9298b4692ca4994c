use std::path::Path;

use gst::prelude::*;

use super::{encoders, make, make_ready};
use crate::{
    DeviceFailure,
    recording::{AudioSource, Sources, VideoSource},
};

/// An element that delivers, and what the officer calls it.
pub(super) struct Input {
    pub(super) element: gst::Element,
    pub(super) name: String,
    /// Cameras may deliver compressed pictures.
    pub(super) needs_decoding: bool,
}

pub(super) fn video_input(source: &VideoSource, is_live: bool) -> Result<Input, DeviceFailure> {
    match source {
        VideoSource::Test => {
            let element = make("videotestsrc")?;
            element.set_property("is-live", is_live);
            element.set_property_from_str("pattern", "smpte100");
            element.set_property("horizontal-speed", 2_i32);
            Ok(Input {
                element,
                name: "test picture".into(),
                needs_decoding: false,
            })
        }
        VideoSource::Camera(device) => {
            if !Path::new(device).exists() {
                return Err(DeviceFailure::NoCamera {
                    wanted: device.clone(),
                });
            }
            let element = make("v4l2src")?;
            element.set_property("device", device);
            Ok(Input {
                element,
                name: device.clone(),
                needs_decoding: true,
            })
        }
    }
}

/// Never `autoaudiosrc`: without a microphone it records silence and calls that success.
pub(super) fn audio_input(source: &AudioSource, is_live: bool) -> Result<Input, DeviceFailure> {
    match source {
        AudioSource::Test => {
            let element = make("audiotestsrc")?;
            element.set_property("is-live", is_live);
            element.set_property("volume", 0.1_f64);
            Ok(Input {
                element,
                name: "test tone".into(),
                needs_decoding: false,
            })
        }
        AudioSource::Microphone(device) => {
            let element = make("pulsesrc")?;
            element.set_property("device", device);
            // A microphone that stalls must not stop the time of the picture.
            element.set_property("provide-clock", false);
            let name = device.clone().unwrap_or_else(|| "default".into());
            Ok(Input {
                element,
                name,
                needs_decoding: false,
            })
        }
    }
}

pub(in crate::recording) fn available() -> Sources {
    if let Err(failure) = make_ready() {
        tracing::warn!(%failure, "no media framework");
        return Sources {
            cameras: Vec::new(),
            microphones: Vec::new(),
            encoder: "none".into(),
        };
    }
    Sources {
        cameras: devices("Video/Source"),
        microphones: devices("Audio/Source"),
        encoder: encoders::video_encoder_name().unwrap_or("none").to_owned(),
    }
}

fn devices(class: &str) -> Vec<String> {
    let monitor = gst::DeviceMonitor::new();
    monitor.add_filter(Some(class), None);
    if monitor.start().is_err() {
        return Vec::new();
    }
    let found = monitor
        .devices()
        .iter()
        .filter(|device| !is_loudspeaker(device))
        .filter_map(name_of)
        .collect();
    monitor.stop();
    found
}

/// What a loudspeaker plays is offered as a source too, and is never a witness.
fn is_loudspeaker(device: &gst::Device) -> bool {
    let class = device
        .properties()
        .and_then(|properties| properties.get::<String>("device.class").ok());
    class.is_some_and(|class| class == "monitor")
}

/// The name that opens the device again, not the one for people.
fn name_of(device: &gst::Device) -> Option<String> {
    let element = device.create_element(None).ok()?;
    element
        .has_property("device")
        .then(|| element.property::<Option<String>>("device"))
        .flatten()
}
