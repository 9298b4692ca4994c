//! Recordings as they are kept: fragments that play at every moment.

use std::{
    io::Write,
    process::Command,
    sync::{Arc, Mutex},
    time::Duration,
};

use devices::{
    DeviceFailure,
    recording::{
        AudioSource, End, EndReason, Fragment, Sink, VideoSource, Wanted, available, start,
    },
};

#[derive(Default)]
struct Kept {
    fragments: Vec<Fragment>,
    ends: Vec<End>,
}

struct Keep {
    kept: Arc<Mutex<Kept>>,
    refuse_from: Option<u32>,
}

impl Sink for Keep {
    fn fragment(&mut self, fragment: Fragment) -> Result<(), String> {
        if self
            .refuse_from
            .is_some_and(|index| fragment.index >= index)
        {
            return Err("the disk is full".into());
        }
        self.kept.lock().unwrap().fragments.push(fragment);
        Ok(())
    }

    fn ended(&mut self, end: End) {
        self.kept.lock().unwrap().ends.push(end);
    }
}

fn keep(refuse_from: Option<u32>) -> (Box<dyn Sink>, Arc<Mutex<Kept>>) {
    let kept = Arc::new(Mutex::new(Kept::default()));
    (
        Box::new(Keep {
            kept: kept.clone(),
            refuse_from,
        }),
        kept,
    )
}

fn wanted(video: bool, audio: bool) -> Wanted {
    Wanted {
        video: video.then_some(VideoSource::Test),
        audio: audio.then_some(AudioSource::Test),
        width: 640,
        height: 360,
        framerate: 25,
        bitrate_bps: 1_000_000,
        limit: Some(Duration::from_secs(3)),
        paced: false,
    }
}

/// Lets ffmpeg decode everything; any line it says is a fault. Answers the streams' codecs and the duration in seconds.
fn check_playable(fragments: &[Fragment]) -> (String, f64) {
    let mut file = tempfile::NamedTempFile::with_suffix(".mp4").unwrap();
    for fragment in fragments {
        file.write_all(&fragment.bytes).unwrap();
    }
    let path = file.path().to_str().unwrap();
    let decoded = Command::new("ffmpeg")
        .args(["-v", "error", "-i", path, "-f", "null", "-"])
        .output()
        .unwrap();
    assert!(decoded.status.success());
    assert_eq!(String::from_utf8_lossy(&decoded.stderr), "");
    let probed = Command::new("ffprobe")
        .args([
            "-v",
            "error",
            "-show_entries",
            "stream=codec_name:format=duration",
            "-of",
            "default=nw=1:nk=1",
            path,
        ])
        .output()
        .unwrap();
    let said = String::from_utf8(probed.stdout).unwrap();
    let mut lines: Vec<&str> = said.lines().collect();
    let duration = lines.pop().unwrap().parse().unwrap();
    (lines.join(","), duration)
}

fn check_order(fragments: &[Fragment]) {
    for (index, fragment) in fragments.iter().enumerate() {
        assert_eq!(fragment.index as usize, index);
        assert!(!fragment.bytes.is_empty());
        assert!(
            fragment.start_ms.abs_diff(index as u64 * 1_000) <= 60,
            "{index}: {}",
            fragment.start_ms
        );
    }
}

#[test]
fn three_seconds_of_picture_and_sound_are_a_playable_file() {
    let (sink, kept) = keep(None);
    let end = start(wanted(true, true), sink).unwrap().wait();
    let kept = kept.lock().unwrap();
    assert_eq!(end.reason, EndReason::LimitReached);
    assert_eq!(end.media_type, "video/mp4");
    assert!(
        end.codecs.starts_with("avc1.42") && end.codecs.ends_with(",mp4a.40.2"),
        "{}",
        end.codecs
    );
    assert_eq!(kept.ends, std::slice::from_ref(&end));
    assert_eq!(kept.fragments.len(), end.fragments as usize);
    assert!((3..=4).contains(&end.fragments), "{end:?}");
    assert!(end.duration_ms.abs_diff(3_000) < 100, "{end:?}");
    check_order(&kept.fragments);
    let (codecs, seconds) = check_playable(&kept.fragments);
    assert_eq!(codecs, "h264,aac");
    assert!((seconds - 3.0).abs() < 0.1, "{seconds}");
}

#[test]
fn sound_alone_is_a_playable_file() {
    let (sink, kept) = keep(None);
    let end = start(wanted(false, true), sink).unwrap().wait();
    let kept = kept.lock().unwrap();
    assert_eq!(
        (end.media_type.as_str(), end.codecs.as_str()),
        ("audio/mp4", "mp4a.40.2")
    );
    check_order(&kept.fragments);
    let (codecs, seconds) = check_playable(&kept.fragments);
    assert_eq!(codecs, "aac");
    assert!((seconds - 3.0).abs() < 0.1, "{seconds}");
}

#[test]
fn every_beginning_of_a_recording_is_playable() {
    let (sink, kept) = keep(None);
    let end = start(wanted(true, true), sink).unwrap().wait();
    let kept = kept.lock().unwrap();
    for count in 1..=end.fragments as usize {
        check_playable(&kept.fragments[..count]);
    }
}

#[test]
fn a_sink_that_refuses_ends_the_recording_and_what_it_took_is_playable() {
    let (sink, kept) = keep(Some(2));
    let end = start(
        Wanted {
            limit: Some(Duration::from_secs(20)),
            ..wanted(true, true)
        },
        sink,
    )
    .unwrap()
    .wait();
    let kept = kept.lock().unwrap();
    assert_eq!(
        end.reason,
        EndReason::SinkRefused("the disk is full".into())
    );
    assert_eq!(
        (end.fragments, kept.fragments.len(), kept.ends.len()),
        (2, 2, 1)
    );
    check_playable(&kept.fragments);
}

#[test]
fn stopping_at_real_pace_keeps_everything_up_to_the_stop() {
    let (sink, kept) = keep(None);
    let recording = start(
        Wanted {
            limit: None,
            paced: true,
            ..wanted(true, true)
        },
        sink,
    )
    .unwrap();
    while recording.elapsed_ms() < 1_200 || recording.latest_preview_jpeg().is_none() {
        std::thread::yield_now();
    }
    let preview = recording.latest_preview_jpeg().unwrap();
    let facts = devices::photo::inspect(&preview).unwrap();
    assert_eq!((facts.width, facts.height), (640, 360));
    let end = recording.stop();
    assert_eq!(end.reason, EndReason::Stopped);
    assert!(end.duration_ms >= 1_150, "{end:?}");
    let kept = kept.lock().unwrap();
    assert_eq!(kept.ends.len(), 1);
    check_playable(&kept.fragments);
}

#[test]
fn dropping_a_recording_stops_it() {
    let (sink, kept) = keep(None);
    drop(
        start(
            Wanted {
                limit: None,
                paced: true,
                ..wanted(false, true)
            },
            sink,
        )
        .unwrap(),
    );
    assert_eq!(kept.lock().unwrap().ends[0].reason, EndReason::Stopped);
}

#[test]
fn a_missing_device_is_said_before_anything_is_recorded() {
    let (sink, kept) = keep(None);
    let camera = Wanted {
        video: Some(VideoSource::Camera("/dev/video-none".into())),
        ..wanted(true, false)
    };
    assert!(matches!(
        start(camera, sink),
        Err(DeviceFailure::NoCamera { .. })
    ));
    let (sink, _) = keep(None);
    let not_a_camera = Wanted {
        video: Some(VideoSource::Camera("/dev/null".into())),
        ..wanted(true, false)
    };
    let failure = start(not_a_camera, sink).map(|_| ()).unwrap_err();
    assert!(
        matches!(failure, DeviceFailure::NoCamera { .. }),
        "{failure:?}"
    );
    let (sink, _) = keep(None);
    let microphone = Wanted {
        audio: Some(AudioSource::Microphone(Some("none".into()))),
        ..wanted(false, true)
    };
    let failure = start(microphone, sink).map(|_| ()).unwrap_err();
    assert!(
        matches!(failure, DeviceFailure::NoMicrophone { .. }),
        "{failure:?}"
    );
    let (sink, _) = keep(None);
    assert!(matches!(
        start(wanted(false, false), sink),
        Err(DeviceFailure::NothingToRecord)
    ));
    let (sink, _) = keep(None);
    assert!(
        start(
            Wanted {
                width: 0,
                ..wanted(true, false)
            },
            sink
        )
        .is_err()
    );
    assert!(kept.lock().unwrap().ends.is_empty());
}

#[test]
fn asking_what_is_there_answers_with_an_encoder() {
    assert_ne!(available().encoder, "none");
}
