use gst::prelude::*;

use super::make;
use crate::{DeviceFailure, recording::Wanted};

const HARDWARE: [&str; 2] = ["vah264enc", "v4l2h264enc"];
const SOFTWARE: &str = "openh264enc";
/// x264 is GPL: an agency that has it may ask for it, it is never chosen for them.
const ON_REQUEST: &str = "x264enc";
const REQUEST: &str = "SANXIANG_ENCODER";
const AUDIO_BITRATE_BPS: i32 = 64_000;

/// Encoders in the order they are tried.
fn candidates() -> Vec<&'static str> {
    let requested = std::env::var(REQUEST).unwrap_or_default();
    let on_request = (requested == "x264").then_some(ON_REQUEST);
    on_request
        .into_iter()
        .chain(HARDWARE)
        .chain([SOFTWARE])
        .collect()
}

pub(super) fn video_encoder_name() -> Option<&'static str> {
    candidates().into_iter().find(|name| opens(name).is_some())
}

pub(super) fn video_encoder(wanted: &Wanted) -> Result<gst::Element, DeviceFailure> {
    let found = candidates()
        .into_iter()
        .find_map(|name| opens(name).map(|encoder| (name, encoder)));
    let Some((name, encoder)) = found else {
        return Err(DeviceFailure::MissingComponent {
            component: SOFTWARE.into(),
        });
    };
    set_up(name, &encoder, wanted);
    Ok(encoder)
}

/// An encoder that exists may still have no hardware behind it, which only opening it tells.
fn opens(name: &str) -> Option<gst::Element> {
    let encoder = make(name).ok()?;
    let opened = encoder.set_state(gst::State::Ready).is_ok();
    let closed = encoder.set_state(gst::State::Null).is_ok();
    (opened && closed).then_some(encoder)
}

/// One key frame each second, because a fragment begins at a key frame.
fn set_up(name: &str, encoder: &gst::Element, wanted: &Wanted) {
    let kilobits = wanted.bitrate_bps.div_ceil(1_000);
    let settings: Vec<(&str, String)> = match name {
        "openh264enc" => vec![
            ("bitrate", wanted.bitrate_bps.to_string()),
            ("rate-control", "bitrate".into()),
            ("complexity", "low".into()),
            ("scene-change-detection", "false".into()),
            ("gop-size", wanted.framerate.to_string()),
        ],
        "x264enc" => vec![
            ("bitrate", kilobits.to_string()),
            ("speed-preset", "ultrafast".into()),
            ("tune", "zerolatency".into()),
            ("key-int-max", wanted.framerate.to_string()),
        ],
        "vah264enc" => vec![
            ("bitrate", kilobits.to_string()),
            ("key-int-max", wanted.framerate.to_string()),
        ],
        _ => vec![(
            "extra-controls",
            format!(
                "controls,video_bitrate={},h264_i_frame_period={}",
                wanted.bitrate_bps, wanted.framerate
            ),
        )],
    };
    for (property, value) in settings {
        if encoder.has_property(property) {
            encoder.set_property_from_str(property, &value);
        }
    }
}

pub(super) fn audio_encoder() -> Result<gst::Element, DeviceFailure> {
    let encoder = make("avenc_aac").or_else(|_| make("voaacenc"))?;
    encoder.set_property("bitrate", AUDIO_BITRATE_BPS);
    Ok(encoder)
}
