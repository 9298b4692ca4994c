use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use gst::prelude::*;

use super::{broken, chain, encoders, filter, inputs::Input, make};
use crate::{DeviceFailure, recording::Wanted};

const FRAGMENT: gst::ClockTime = gst::ClockTime::from_seconds(1);
/// A minute: rides out a slow disk without letting a stuck one eat the memory.
const MAX_WAITING_FRAGMENTS: u32 = 60;
const AUDIO_RATE: i32 = 48_000;
const PREVIEW_MAX_WIDTH: u32 = 640;
const PREVIEW_MAX_RATE: i32 = 12;

/// What the streaming threads tell the others.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) elapsed_ms: AtomicU64,
    pub(super) stop: AtomicBool,
    preview: Mutex<Option<Vec<u8>>>,
}

impl Seen {
    pub(super) fn preview(&self) -> Option<Vec<u8>> {
        self.preview
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn show(&self, jpeg: Vec<u8>) {
        *self.preview.lock().unwrap_or_else(PoisonError::into_inner) = Some(jpeg);
    }
}

/// When a source last gave something.
pub(super) struct Delivery {
    pub(super) name: String,
    pad: gst::Pad,
    last: Mutex<Option<Instant>>,
    is_over: AtomicBool,
}

impl Delivery {
    pub(super) fn has_begun(&self) -> bool {
        self.last
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_some()
    }

    pub(super) fn has_stalled(&self, patience: Duration) -> bool {
        let last = *self.last.lock().unwrap_or_else(PoisonError::into_inner);
        !self.is_over.load(Ordering::Relaxed) && last.is_some_and(|last| last.elapsed() > patience)
    }

    /// Ends this stream behind what it has delivered.
    ///
    /// Not through the pipeline: that waits for each source in turn, and a source may be waiting for another one. From
    /// a thread of its own, because this too waits while the stream is full; closing the pipeline lets it go.
    pub(super) fn end(&self) {
        self.is_over.store(true, Ordering::Relaxed);
        let pad = self.pad.clone();
        std::thread::spawn(move || pad.push_event(gst::event::Eos::new()));
    }

    fn note(&self) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }
}

pub(super) struct Built {
    pub(super) pipeline: gst::Pipeline,
    pub(super) fragments: gst_app::AppSink,
    pub(super) deliveries: Vec<Arc<Delivery>>,
}

pub(super) fn build(
    wanted: &Wanted,
    video: Option<Input>,
    audio: Option<Input>,
    seen: &Arc<Seen>,
) -> Result<Built, DeviceFailure> {
    let pipeline = gst::Pipeline::new();
    let mux = make("isofmp4mux")?;
    mux.set_property("fragment-duration", FRAGMENT);
    let fragments = gst_app::AppSink::builder()
        .buffer_list(true)
        .sync(false)
        .max_buffers(MAX_WAITING_FRAGMENTS)
        .drop(false)
        .build();
    chain(&pipeline, &[&mux, fragments.upcast_ref()])?;

    let mut deliveries = Vec::new();
    if let Some(video) = video {
        deliveries.push(watch(&video, wanted.limit, seen)?);
        add_video(&pipeline, &mux, wanted, &video, seen)?;
    }
    if let Some(audio) = audio {
        deliveries.push(watch(&audio, wanted.limit, seen)?);
        add_audio(&pipeline, &mux, wanted, &audio)?;
    }
    Ok(Built {
        pipeline,
        fragments,
        deliveries,
    })
}

fn add_video(
    pipeline: &gst::Pipeline,
    mux: &gst::Element,
    wanted: &Wanted,
    input: &Input,
    seen: &Arc<Seen>,
) -> Result<(), DeviceFailure> {
    let picture = gst::Caps::builder("video/x-raw")
        .field("format", "I420")
        .field("width", to_int(wanted.width)?)
        .field("height", to_int(wanted.height)?)
        .field(
            "framerate",
            gst::Fraction::new(to_int(wanted.framerate)?, 1),
        )
        .field("pixel-aspect-ratio", gst::Fraction::new(1, 1))
        .build();
    let (convert, scale, rate, tee) = (
        make("videoconvert")?,
        make("videoscale")?,
        make("videorate")?,
        make("tee")?,
    );
    rate.set_property("skip-to-first", true);
    chain(
        pipeline,
        &[&convert, &scale, &rate, &filter(&picture)?, &tee],
    )?;
    feed(pipeline, input, &convert, wanted)?;

    let (queue, encoder, parse) = (
        make("queue")?,
        encoders::video_encoder(wanted)?,
        make("h264parse")?,
    );
    let whole_frames = gst::Caps::builder("video/x-h264")
        .field("stream-format", "avc")
        .field("alignment", "au")
        .build();
    let after = make("queue")?;
    chain(
        pipeline,
        &[&queue, &encoder, &parse, &filter(&whole_frames)?, &after],
    )?;
    tee.link(&queue).map_err(broken)?;
    after.link(mux).map_err(broken)?;
    if wanted.paced {
        add_preview(pipeline, &tee, wanted, seen)?;
    }
    Ok(())
}

/// Leaky, so that a slow screen can never hold up evidence.
fn add_preview(
    pipeline: &gst::Pipeline,
    tee: &gst::Element,
    wanted: &Wanted,
    seen: &Arc<Seen>,
) -> Result<(), DeviceFailure> {
    let queue = make("queue")?;
    queue.set_property_from_str("leaky", "downstream");
    queue.set_property("max-size-buffers", 2_u32);
    let (rate, scale, jpeg) = (make("videorate")?, make("videoscale")?, make("jpegenc")?);
    rate.set_property("drop-only", true);
    rate.set_property("max-rate", PREVIEW_MAX_RATE);
    jpeg.set_property("quality", 70_i32);
    let width = wanted.width.min(PREVIEW_MAX_WIDTH);
    let height = (wanted.height * width)
        .checked_div(wanted.width)
        .unwrap_or(wanted.height)
        .max(2);
    let small = gst::Caps::builder("video/x-raw")
        .field("width", to_int(width)?)
        .field("height", to_int(height)?)
        .build();
    let sink = gst_app::AppSink::builder()
        .sync(false)
        .max_buffers(1)
        .drop(true)
        .build();
    // The preview must not keep the pipeline from reaching "playing".
    sink.set_property("async", false);
    let seen = seen.clone();
    let show = move |sink: &gst_app::AppSink| {
        let sample = sink.pull_sample().map_err(|_| gst::FlowError::Eos)?;
        if let Some(map) = sample
            .buffer()
            .and_then(|buffer| buffer.map_readable().ok())
        {
            seen.show(map.as_slice().to_vec());
        }
        Ok(gst::FlowSuccess::Ok)
    };
    sink.set_callbacks(
        gst_app::AppSinkCallbacks::builder()
            .new_sample(show)
            .build(),
    );
    chain(
        pipeline,
        &[
            &queue,
            &rate,
            &scale,
            &filter(&small)?,
            &jpeg,
            sink.upcast_ref(),
        ],
    )?;
    tee.link(&queue).map_err(broken)
}

fn add_audio(
    pipeline: &gst::Pipeline,
    mux: &gst::Element,
    wanted: &Wanted,
    input: &Input,
) -> Result<(), DeviceFailure> {
    let sound = gst::Caps::builder("audio/x-raw")
        .field("rate", AUDIO_RATE)
        .field("channels", 1_i32)
        .build();
    let (convert, resample) = (make("audioconvert")?, make("audioresample")?);
    let (queue, encoder, parse, after) = (
        make("queue")?,
        encoders::audio_encoder()?,
        make("aacparse")?,
        make("queue")?,
    );
    chain(
        pipeline,
        &[
            &convert,
            &resample,
            &filter(&sound)?,
            &queue,
            &encoder,
            &parse,
            &after,
        ],
    )?;
    after.link(mux).map_err(broken)?;
    feed(pipeline, input, &convert, wanted)
}

/// Joins a source to the first element that wants raw pictures or sound.
pub(super) fn feed(
    pipeline: &gst::Pipeline,
    input: &Input,
    first: &gst::Element,
    wanted: &Wanted,
) -> Result<(), DeviceFailure> {
    if !input.needs_decoding {
        pipeline.add(&input.element).map_err(broken)?;
        return input.element.link(first).map_err(broken);
    }
    let decode = make("decodebin")?;
    chain(
        pipeline,
        &[&input.element, &filter(&camera_caps(wanted)?)?, &decode],
    )?;
    let first = first.downgrade();
    decode.connect_pad_added(move |_, pad| {
        let Some(target) = first.upgrade().and_then(|first| first.static_pad("sink")) else {
            return;
        };
        if !target.is_linked()
            && let Err(error) = pad.link(&target)
        {
            tracing::warn!(?error, "camera pictures of an unknown kind");
        }
    });
    Ok(())
}

/// The wanted size first, compressed before raw: over USB 2 most cameras reach full frame rate only compressed.
fn camera_caps(wanted: &Wanted) -> Result<gst::Caps, DeviceFailure> {
    let (width, height) = (to_int(wanted.width)?, to_int(wanted.height)?);
    let sized = |kind: &str| {
        gst::Structure::builder(kind)
            .field("width", width)
            .field("height", height)
            .build()
    };
    let caps = [
        sized("image/jpeg"),
        sized("video/x-raw"),
        gst::Structure::new_empty("image/jpeg"),
        gst::Structure::new_empty("video/x-raw"),
    ];
    Ok(caps.into_iter().collect())
}

/// Notes the time that has passed at the source itself and ends the stream exactly at the limit.
fn watch(
    input: &Input,
    limit: Option<Duration>,
    seen: &Arc<Seen>,
) -> Result<Arc<Delivery>, DeviceFailure> {
    let pad = input
        .element
        .static_pad("src")
        .ok_or_else(|| broken("a source without an output"))?;
    let limit = limit.and_then(|limit| gst::ClockTime::try_from(limit).ok());
    let delivery = Arc::new(Delivery {
        name: input.name.clone(),
        pad: pad.clone(),
        last: Mutex::new(None),
        is_over: AtomicBool::new(false),
    });
    let (noted, seen) = (delivery.clone(), seen.clone());
    pad.add_probe(gst::PadProbeType::BUFFER, move |_, info| {
        let Some(at) = info.buffer().and_then(|buffer| buffer.pts()) else {
            return gst::PadProbeReturn::Ok;
        };
        if limit.is_some_and(|limit| at >= limit) {
            noted.is_over.store(true, Ordering::Relaxed);
            info.flow_res = Err(gst::FlowError::Eos);
            return gst::PadProbeReturn::Handled;
        }
        noted.note();
        seen.elapsed_ms.fetch_max(at.mseconds(), Ordering::Relaxed);
        gst::PadProbeReturn::Ok
    });
    Ok(delivery)
}

pub(super) fn to_int(value: u32) -> Result<i32, DeviceFailure> {
    i32::try_from(value)
        .ok()
        .filter(|value| *value > 0)
        .ok_or_else(|| broken(format!("an impossible size: {value}")))
}
