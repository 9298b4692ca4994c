use std::{
    sync::{Arc, atomic::Ordering},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use gst::prelude::*;

use super::{
    broken,
    inputs::{Input, audio_input, video_input},
    make_ready,
    pipeline::{Built, Seen, build},
};
use crate::{
    DeviceFailure,
    recording::{End, EndReason, Fragment, Sink, Wanted},
};

const FIRST_PICTURE_WITHIN: Duration = Duration::from_secs(8);
const FLUSH_WITHIN: Duration = Duration::from_secs(10);
/// A source that gives nothing for so long is lost, and the officer must know.
const PATIENCE: Duration = Duration::from_secs(5);
const LOOK_EVERY: Duration = Duration::from_millis(20);

pub(in crate::recording) struct Running {
    seen: Arc<Seen>,
    thread: Option<JoinHandle<End>>,
}

pub(in crate::recording) fn start(
    wanted: &Wanted,
    sink: Box<dyn Sink>,
) -> Result<Running, DeviceFailure> {
    make_ready()?;
    let video = wanted
        .video
        .as_ref()
        .map(|source| video_input(source, wanted.paced))
        .transpose()?;
    let audio = wanted
        .audio
        .as_ref()
        .map(|source| audio_input(source, wanted.paced))
        .transpose()?;
    start_with(wanted, video, audio, sink, PATIENCE)
}

fn start_with(
    wanted: &Wanted,
    video: Option<Input>,
    audio: Option<Input>,
    sink: Box<dyn Sink>,
    patience: Duration,
) -> Result<Running, DeviceFailure> {
    let names = Names {
        camera: video
            .as_ref()
            .map(|input| (input.element.clone(), input.name.clone())),
        microphone: audio
            .as_ref()
            .map(|input| (input.element.clone(), input.name.clone())),
    };
    let has_video = video.is_some();
    let seen = Arc::new(Seen::default());
    let built = build(wanted, video, audio, &seen)?;
    if let Err(failure) = wait_for_first(&built, &names) {
        built.pipeline.set_state(gst::State::Null).ok();
        return Err(failure);
    }
    let desk = Desk {
        built,
        seen: seen.clone(),
        sink,
        patience,
        media_type: if has_video { "video/mp4" } else { "audio/mp4" },
        end: None,
        fragments: 0,
        duration_ms: 0,
        codecs: String::new(),
    };
    let thread = std::thread::Builder::new()
        .name("recording".into())
        .spawn(move || desk.run())
        .map_err(broken)?;
    Ok(Running {
        seen,
        thread: Some(thread),
    })
}

struct Names {
    camera: Option<(gst::Element, String)>,
    microphone: Option<(gst::Element, String)>,
}

fn wait_for_first(built: &Built, names: &Names) -> Result<(), DeviceFailure> {
    let bus = built
        .pipeline
        .bus()
        .ok_or_else(|| broken("a pipeline without a bus"))?;
    let is_refused = built.pipeline.set_state(gst::State::Playing).is_err();
    let give_up_at = Instant::now() + FIRST_PICTURE_WITHIN;
    while !built.deliveries.iter().all(|delivery| delivery.has_begun()) {
        let message = bus.timed_pop_filtered(
            gst::ClockTime::from_mseconds(20),
            &[gst::MessageType::Error],
        );
        if let Some(gst::MessageView::Error(error)) = message.as_ref().map(|message| message.view())
        {
            return Err(names.failure(error));
        }
        if is_refused {
            return Err(broken("the media framework refused to start"));
        }
        if Instant::now() > give_up_at {
            return Err(broken("no picture or sound arrives from the device"));
        }
    }
    Ok(())
}

impl Names {
    /// Tells a missing or busy device from everything else that may break.
    fn failure(&self, error: &gst::message::Error) -> DeviceFailure {
        let is_busy = error.error().matches(gst::ResourceError::Busy);
        let comes_from = |input: &Option<(gst::Element, String)>| {
            let (element, name) = input.as_ref()?;
            let source = error.src()?;
            (source == element.upcast_ref::<gst::Object>()).then(|| name.clone())
        };
        match (comes_from(&self.camera), comes_from(&self.microphone)) {
            (Some(wanted), _) | (_, Some(wanted)) if is_busy => {
                DeviceFailure::DeviceBusy { wanted }
            }
            (Some(wanted), _) => DeviceFailure::NoCamera { wanted },
            (_, Some(wanted)) => DeviceFailure::NoMicrophone { wanted },
            (None, None) => broken(describe(error)),
        }
    }
}

fn describe(error: &gst::message::Error) -> String {
    let source = error
        .src()
        .map(|source| source.name().to_string())
        .unwrap_or_default();
    format!("{source}: {}", error.error())
}

impl Running {
    pub(in crate::recording) fn stop(mut self) -> End {
        self.seen.stop.store(true, Ordering::SeqCst);
        self.join()
    }

    pub(in crate::recording) fn wait(mut self) -> End {
        self.join()
    }

    pub(in crate::recording) fn has_ended(&self) -> bool {
        self.thread.as_ref().is_none_or(JoinHandle::is_finished)
    }

    pub(in crate::recording) fn elapsed_ms(&self) -> u64 {
        self.seen.elapsed_ms.load(Ordering::Relaxed)
    }

    pub(in crate::recording) fn latest_preview_jpeg(&self) -> Option<Vec<u8>> {
        self.seen.preview()
    }

    fn join(&mut self) -> End {
        let end = self.thread.take().and_then(|thread| thread.join().ok());
        end.unwrap_or_else(|| End {
            fragments: 0,
            duration_ms: 0,
            reason: EndReason::SinkRefused("the sink broke down".into()),
            media_type: String::new(),
            codecs: String::new(),
        })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.seen.stop.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            // A sink that panicked has already been reported by the panic itself.
            thread.join().ok();
        }
    }
}

/// Carries fragments from the pipeline to the sink until there are no more.
struct Desk {
    built: Built,
    seen: Arc<Seen>,
    sink: Box<dyn Sink>,
    patience: Duration,
    media_type: &'static str,
    /// Why it is ending and when waiting for the rest stops.
    end: Option<(EndReason, Instant)>,
    fragments: u32,
    duration_ms: u64,
    codecs: String,
}

impl Desk {
    fn run(mut self) -> End {
        let look =
            gst::ClockTime::try_from(LOOK_EVERY).unwrap_or(gst::ClockTime::from_mseconds(20));
        loop {
            self.look_for_an_end();
            if let Some(sample) = self.built.fragments.try_pull_sample(look) {
                if let Err(refusal) = self.hand_over(&sample) {
                    self.end = Some((EndReason::SinkRefused(refusal), Instant::now()));
                    break;
                }
                continue;
            }
            if self.built.fragments.is_eos() {
                break;
            }
            if self
                .end
                .as_ref()
                .is_some_and(|(_, give_up_at)| Instant::now() > *give_up_at)
            {
                tracing::warn!("the recording did not flush in time");
                break;
            }
        }
        if self.end.is_none() {
            self.look_for_an_end();
        }
        self.close()
    }

    fn look_for_an_end(&mut self) {
        if self.end.is_some() {
            return;
        }
        let error = self
            .built
            .pipeline
            .bus()
            .and_then(|bus| bus.pop_filtered(&[gst::MessageType::Error]));
        let reason = match error.as_ref().map(|message| message.view()) {
            Some(gst::MessageView::Error(error)) => EndReason::SourceLost(describe(error)),
            _ if self.seen.stop.load(Ordering::SeqCst) => EndReason::Stopped,
            _ => match self
                .built
                .deliveries
                .iter()
                .find(|delivery| delivery.has_stalled(self.patience))
            {
                Some(stalled) => {
                    EndReason::SourceLost(format!("{} delivers nothing any more", stalled.name))
                }
                None => return,
            },
        };
        self.end = Some((reason, Instant::now() + FLUSH_WITHIN));
        self.built
            .deliveries
            .iter()
            .for_each(|delivery| delivery.end());
    }

    fn hand_over(&mut self, sample: &gst::Sample) -> Result<(), String> {
        let Some(list) = sample.buffer_list() else {
            return Ok(());
        };
        let mut bytes = Vec::with_capacity(list.calculate_size());
        for buffer in list {
            let map = buffer.map_readable().map_err(|error| error.to_string())?;
            bytes.extend_from_slice(map.as_slice());
        }
        if self.fragments == 0 {
            self.codecs = codecs_of(&bytes);
        }
        let first_at = list.iter().find_map(|buffer| buffer.pts());
        let segment = sample
            .segment()
            .and_then(|segment| segment.downcast_ref::<gst::ClockTime>());
        let running = segment
            .zip(first_at)
            .and_then(|(segment, at)| segment.to_running_time(at));
        let start_ms = running.map_or(self.duration_ms, gst::ClockTime::mseconds);
        let duration_ms = list
            .iter()
            .find_map(gst::BufferRef::duration)
            .map_or(0, |length| length.mseconds());
        self.sink.fragment(Fragment {
            index: self.fragments,
            bytes,
            start_ms,
            duration_ms,
        })?;
        self.fragments += 1;
        self.duration_ms = self.duration_ms.max(start_ms + duration_ms);
        Ok(())
    }

    fn close(mut self) -> End {
        if self.built.pipeline.set_state(gst::State::Null).is_err() {
            tracing::warn!("a device did not close cleanly");
        }
        let end = End {
            fragments: self.fragments,
            duration_ms: self.duration_ms,
            reason: self
                .end
                .take()
                .map_or(EndReason::LimitReached, |(reason, _)| reason),
            media_type: self.media_type.to_owned(),
            codecs: std::mem::take(&mut self.codecs),
        };
        self.sink.ended(end.clone());
        end
    }
}

/// Reads the codecs out of the first fragment's sample descriptions.
fn codecs_of(first_fragment: &[u8]) -> String {
    let find = |name: &[u8; 4]| {
        let at = first_fragment.windows(4).position(|four| four == name)?;
        first_fragment.get(at + 4..)
    };
    let video = match find(b"avcC") {
        Some([_, profile, constraints, level, ..]) => {
            Some(format!("avc1.{profile:02X}{constraints:02X}{level:02X}"))
        }
        _ => None,
    };
    let audio = find(b"mp4a").map(|_| "mp4a.40.2".to_owned());
    video.into_iter().chain(audio).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[derive(Default, Clone)]
    struct Keep(Arc<Mutex<(Vec<u8>, u32)>>);

    impl Sink for Keep {
        fn fragment(&mut self, fragment: Fragment) -> Result<(), String> {
            let mut kept = self.0.lock().unwrap();
            kept.0.extend_from_slice(&fragment.bytes);
            kept.1 += 1;
            Ok(())
        }

        fn ended(&mut self, _: End) {}
    }

    /// A camera made of test elements that delivers JPEG pictures, as most USB cameras do.
    fn camera(description: &str) -> Input {
        make_ready().unwrap();
        let bin = gst::parse::bin_from_description(description, true).unwrap();
        Input {
            element: bin.upcast(),
            name: "camera".into(),
            needs_decoding: true,
        }
    }

    fn record(camera: Input, limit: Option<Duration>) -> (End, Vec<u8>) {
        record_with(camera, limit, PATIENCE)
    }

    fn record_with(camera: Input, limit: Option<Duration>, patience: Duration) -> (End, Vec<u8>) {
        let wanted = Wanted {
            video: None,
            audio: None,
            width: 320,
            height: 240,
            framerate: 25,
            bitrate_bps: 500_000,
            limit,
            paced: false,
        };
        let microphone = audio_input(&crate::recording::AudioSource::Test, false).unwrap();
        let kept = Keep::default();
        let end = start_with(
            &wanted,
            Some(camera),
            Some(microphone),
            Box::new(kept.clone()),
            patience,
        )
        .unwrap()
        .wait();
        let kept = kept.0.lock().unwrap();
        assert_eq!(kept.1, end.fragments);
        (end, kept.0.clone())
    }

    #[test]
    fn a_camera_with_compressed_pictures_is_recorded_up_to_the_limit() {
        let camera =
            camera("videotestsrc ! video/x-raw,width=640,height=480,framerate=25/1 ! jpegenc");
        let (end, bytes) = record(camera, Some(Duration::from_secs(2)));
        assert_eq!(end.reason, EndReason::LimitReached);
        assert!(end.duration_ms.abs_diff(2_000) < 100, "{end:?}");
        assert!(bytes.windows(4).any(|four| four == b"avcC"));
    }

    #[test]
    fn a_camera_that_is_pulled_out_ends_the_recording_and_what_came_before_is_kept() {
        let pulled = "videotestsrc ! video/x-raw,width=640,height=480,framerate=25/1 ! identity error-after=60 ! jpegenc";
        let (end, _) = record(camera(pulled), None);
        let EndReason::SourceLost(detail) = &end.reason else {
            panic!("{end:?}")
        };
        assert!(detail.contains("identity"), "{detail}");
        assert!(end.fragments >= 2 && end.duration_ms >= 2_000, "{end:?}");
    }

    #[test]
    fn a_camera_that_falls_silent_ends_the_recording() {
        let silent =
            camera("videotestsrc ! video/x-raw,width=640,height=480,framerate=25/1 ! jpegenc");
        let count = std::sync::atomic::AtomicU32::new(0);
        let pad = silent.element.static_pad("src").unwrap();
        pad.add_probe(gst::PadProbeType::BUFFER, move |_, _| {
            if count.fetch_add(1, Ordering::Relaxed) < 60 {
                gst::PadProbeReturn::Ok
            } else {
                gst::PadProbeReturn::Drop
            }
        });
        let (end, _) = record_with(silent, None, Duration::from_millis(300));
        assert_eq!(
            end.reason,
            EndReason::SourceLost("camera delivers nothing any more".into())
        );
        assert!(end.fragments >= 2, "{end:?}");
    }
}
