use std::time::Duration;

use gst::prelude::*;

use super::{
    broken, chain, filter,
    inputs::{Input, video_input},
    make, make_ready,
    pipeline::{feed, to_int},
};
use crate::{
    DeviceFailure,
    recording::{VideoSource, Wanted},
};

/// The first pictures of a camera are dark while it measures the light.
const CAMERA_SETTLES_AFTER_FRAMES: u32 = 10;
const PICTURE_WITHIN: gst::ClockTime = gst::ClockTime::from_seconds(10);
const QUALITY: i32 = 92;

pub(in crate::recording) fn still(
    source: &VideoSource,
    width: u32,
    height: u32,
) -> Result<Vec<u8>, DeviceFailure> {
    make_ready()?;
    let skip = match source {
        VideoSource::Test => 0,
        VideoSource::Camera(_) => CAMERA_SETTLES_AFTER_FRAMES,
    };
    take_from(&video_input(source, false)?, width, height, skip)
}

fn take_from(input: &Input, width: u32, height: u32, skip: u32) -> Result<Vec<u8>, DeviceFailure> {
    let pipeline = gst::Pipeline::new();
    let picture = gst::Caps::builder("video/x-raw")
        .field("width", to_int(width)?)
        .field("height", to_int(height)?)
        .field("pixel-aspect-ratio", gst::Fraction::new(1, 1))
        .build();
    let (convert, scale, jpeg) = (make("videoconvert")?, make("videoscale")?, make("jpegenc")?);
    jpeg.set_property("quality", QUALITY);
    let sink = gst_app::AppSink::builder()
        .sync(false)
        .max_buffers(1)
        .build();
    chain(
        &pipeline,
        &[
            &convert,
            &scale,
            &filter(&picture)?,
            &jpeg,
            sink.upcast_ref(),
        ],
    )?;
    let wanted = Wanted {
        video: None,
        audio: None,
        width,
        height,
        framerate: 1,
        bitrate_bps: 0,
        limit: None::<Duration>,
        paced: false,
    };
    feed(&pipeline, input, &convert, &wanted)?;

    let is_started = pipeline.set_state(gst::State::Playing).is_ok();
    let mut sample = None;
    for _ in 0..=skip {
        sample = is_started
            .then(|| sink.try_pull_sample(PICTURE_WITHIN))
            .flatten();
        if sample.is_none() {
            break;
        }
    }
    let problem = problem_of(&pipeline, input);
    pipeline.set_state(gst::State::Null).map_err(broken)?;
    let Some(sample) = sample else {
        return Err(problem);
    };
    let buffer = sample.buffer().ok_or(problem)?;
    let map = buffer
        .map_readable()
        .map_err(|error| DeviceFailure::TakePhoto {
            detail: error.to_string(),
        })?;
    Ok(map.as_slice().to_vec())
}

fn problem_of(pipeline: &gst::Pipeline, input: &Input) -> DeviceFailure {
    let message = pipeline
        .bus()
        .and_then(|bus| bus.pop_filtered(&[gst::MessageType::Error]));
    let Some(gst::MessageView::Error(error)) = message.as_ref().map(|message| message.view())
    else {
        return DeviceFailure::TakePhoto {
            detail: "no picture arrives from the camera".into(),
        };
    };
    let wanted = input.name.clone();
    if error.error().matches(gst::ResourceError::Busy) {
        DeviceFailure::DeviceBusy { wanted }
    } else if error.src() == Some(input.element.upcast_ref::<gst::Object>()) {
        DeviceFailure::NoCamera { wanted }
    } else {
        DeviceFailure::TakePhoto {
            detail: error.error().to_string(),
        }
    }
}
