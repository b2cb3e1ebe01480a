//! The loop of a room on files: what is heard and played, when, and without allocating.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::cast_precision_loss,
    reason = "a failed expectation is a failed test"
)]

use std::path::{Path, PathBuf};
use std::time::Duration;

use xswarm_audio::backend::{Backend, Files, Heard, Lost, Opened, Pace, Sound, SoundState};

/// A WAV file of so many frames, each channel of which has its own value.
fn file(directory: &Path, rate_hz: u32, values: &[f32], frames: usize) -> PathBuf {
    let path = directory.join("heard.wav");
    let channels = u16::try_from(values.len()).unwrap();
    let spec = hound::WavSpec {
        channels,
        sample_rate: rate_hz,
        bits_per_sample: 32,
        sample_format: hound::SampleFormat::Float,
    };
    let mut writer = hound::WavWriter::create(&path, spec).unwrap();
    for _ in 0..frames {
        for value in values {
            writer.write_sample(*value).unwrap();
        }
    }
    writer.finalize().unwrap();
    path
}

fn virtual_files(capture: PathBuf, playback: PathBuf) -> Files {
    Files { capture, playback, pace: Pace::Virtual, ..Files::default() }
}

/// What a played file holds, as samples from -1 to 1.
fn played(path: &Path) -> Vec<f32> {
    let mut reader = hound::WavReader::open(path).unwrap();
    reader.samples::<i16>().map(|sample| f32::from(sample.unwrap()) / 32_768.0).collect()
}

#[test]
fn a_file_is_heard_period_by_period_to_its_end() {
    let directory = tempfile::tempdir().unwrap();
    let heard = file(directory.path(), 16_000, &[0.1, 0.2, -0.3, -0.4], 16_000 + 100);
    let mut sound = Sound::new(Backend::Wav(virtual_files(heard, PathBuf::new()))).unwrap();
    assert!(matches!(sound.state(), SoundState::Closed));
    let Heard::Opened(opened) = sound.listen() else { panic!() };
    let wanted = Opened { rate_hz: 16_000, channels: 4, period: 320, speaker_hz: Some(48_000), speaker_most: 1_920 };
    assert_eq!(opened, wanted);
    for period in 1..=50 {
        let Heard::Frames { frames, at } = sound.listen() else { panic!() };
        assert_eq!(frames.len(), 4 * 320);
        assert!(frames.chunks_exact(4).all(|frame| frame == [0.1, 0.2, -0.3, -0.4]));
        assert_eq!(at, Duration::from_millis(20 * period));
        assert!(matches!(sound.state(), SoundState::Running));
    }
    let Heard::Frames { frames, .. } = sound.listen() else { panic!() };
    assert_eq!(frames.len(), 4 * 100, "the last period is what is left");
    for _ in 0..3 {
        assert!(matches!(sound.listen(), Heard::Ended));
        assert!(matches!(sound.state(), SoundState::Ended));
    }
}

#[test]
fn what_is_played_is_in_the_file_when_it_was_heard() {
    let directory = tempfile::tempdir().unwrap();
    let (heard, path) = (file(directory.path(), 16_000, &[0.0], 16_000), directory.path().join("played.wav"));
    let mut sound = Sound::new(Backend::Wav(virtual_files(heard, path.clone()))).unwrap();
    let (mut handed, mut first) = (Vec::new(), None);
    loop {
        match sound.listen() {
            Heard::Opened(opened) => assert_eq!(opened.speaker_most, 1_920),
            Heard::Frames { at, .. } => {
                let delay = sound.delay().unwrap();
                let next: Vec<f32> = (0..sound.wanted()).map(|at| (handed.len() + at) as f32 / 65_536.0).collect();
                first = first.or(Some(at + delay));
                sound.play(&next);
                assert_eq!((sound.wanted(), sound.delay()), (0, Some(Duration::from_millis(40))));
                handed.extend(next);
            }
            Heard::Away => panic!(),
            Heard::Ended => break,
        }
    }
    let played = played(&path);
    let first = usize::try_from(first.unwrap().as_millis()).unwrap() * 48;
    assert_eq!(first, 1_920, "40 ms waited");
    assert!(played[..first].iter().all(|sample| *sample == 0.0));
    assert_eq!(played.len(), first + handed.len(), "all of it, to the end");
    assert!(played[first..].iter().zip(&handed).all(|(played, handed)| (played - handed).abs() < 1e-4));
}

/// From a `discard` to silence, in milliseconds of the played file, with these milliseconds of period and queue.
fn until_silence(period_ms: u32, queue_ms: u32) -> f64 {
    let directory = tempfile::tempdir().unwrap();
    let (heard, path) = (file(directory.path(), 16_000, &[0.0], 16_000), directory.path().join("played.wav"));
    let files = Files { period_ms, queue_ms, ..virtual_files(heard, path.clone()) };
    let mut sound = Sound::new(Backend::Wav(files)).unwrap();
    let mut discarded = None;
    loop {
        match sound.listen() {
            Heard::Opened(_) => {}
            Heard::Frames { at, .. } => {
                let speaks = at < Duration::from_millis(500);
                if !speaks && discarded.is_none() {
                    sound.discard();
                    discarded = Some(at);
                }
                sound.play(&vec![if speaks { 0.5 } else { 0.0 }; sound.wanted()]);
            }
            Heard::Away => panic!(),
            Heard::Ended => break,
        }
    }
    let played = played(&path);
    let steepest = played.windows(2).skip(9_600).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max);
    assert!(steepest < 0.01, "it clicks: {steepest}");
    let last = played.iter().rposition(|sample| *sample != 0.0).unwrap();
    last as f64 / 48.0 - discarded.unwrap().as_secs_f64() * 1_000.0
}

#[test]
fn what_is_discarded_is_silent_within_5_ms_however_much_waits() {
    for (period_ms, queue_ms) in [(20, 40), (10, 20), (20, 200)] {
        let ms = until_silence(period_ms, queue_ms);
        assert!(ms > 0.0 && ms <= 5.0, "{period_ms} ms, {queue_ms} ms: {ms}");
    }
}

#[test]
fn the_loop_allocates_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let (heard, path) = (file(directory.path(), 48_000, &[0.1; 8], 48_000), directory.path().join("played.wav"));
    let mut sound = Sound::new(Backend::Wav(virtual_files(heard, path))).unwrap();
    let Heard::Opened(opened) = sound.listen() else { panic!() };
    let out = vec![0.5; opened.speaker_most];
    let used = allocation_counter::measure(|| {
        for turn in 0..40 {
            assert!(matches!(sound.listen(), Heard::Frames { .. }));
            if turn == 20 {
                sound.discard();
            }
            sound.play(&out[..sound.wanted()]);
        }
    });
    assert_eq!(used.count_total, 0);
}

#[test]
fn a_file_that_is_not_there_is_named_and_ends_it() {
    let files = virtual_files("/nowhere/heard.wav".into(), PathBuf::new());
    let mut sound = Sound::new(Backend::Wav(files)).unwrap();
    assert!(matches!(sound.listen(), Heard::Ended));
    let SoundState::Lost { why: Lost::NotOpened(error), .. } = sound.state() else { panic!() };
    assert!(error.to_string().contains("/nowhere/heard.wav"), "{error}");
}

#[test]
fn what_cannot_be_is_refused_and_what_is_left_out_has_a_default() {
    let refused = |change: fn(&mut Files)| {
        let mut files = virtual_files("heard.wav".into(), PathBuf::new());
        change(&mut files);
        Sound::new(Backend::Wav(files)).unwrap_err().to_string()
    };
    assert!(refused(|files| files.period_ms = 1).contains("period_ms"));
    assert!(refused(|files| files.queue_ms = 1_000).contains("queue_ms"));
    assert!(refused(|files| files.playback_rate_hz = 7).contains("rates"));
    assert!(refused(|files| files.capture = PathBuf::new()).contains("WAV"));
    let of = |json: &str| serde_json::from_str::<Backend>(json);
    let Backend::Alsa(devices) = of(r#"{"backend": "alsa", "capture": "array", "channels": 4}"#).unwrap() else {
        panic!()
    };
    assert_eq!((devices.capture.as_str(), devices.channels, devices.period_ms), ("array", Some(4), 20));
    let unknown = of(r#"{"backend": "alsa", "microphone": "array"}"#).unwrap_err().to_string();
    assert!(unknown.contains("microphone"), "{unknown}");
}
