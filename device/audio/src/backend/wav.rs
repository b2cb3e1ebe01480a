//! A file that is heard and a file that is played, in the place of a card.
//!
//! Time is counted in frames that were heard, whether they come in real time or as fast as can be: what is at second 3 of
//! the played file was played while second 3 of the heard file was heard. So latencies can be measured without waiting.

use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::Path;
use std::time::{Duration, Instant};

use hound::{SampleFormat, WavReader, WavSpec, WavWriter};

use super::queue::Queue;
use super::{Files, Lost, Opened, Pace, SoundError, frames, pause_until, to_i16};

/// Both files.
pub(super) struct Wav {
    heard: WavReader<BufReader<File>>,
    /// Frames heard so far.
    at: u64,
    period: usize,
    played: Played,
    /// When it began; `None` on a virtual clock.
    began: Option<Instant>,
}

struct Played {
    writer: Option<WavWriter<BufWriter<File>>>,
    queue: Queue,
    rate_hz: u32,
    /// Frames played so far.
    at: u64,
    most: usize,
}

impl Wav {
    pub(super) fn open(files: &Files) -> Result<(Self, Opened), SoundError> {
        let wrong = |path: &Path| {
            let path = path.to_owned();
            move |cause| SoundError::File { path, cause }
        };
        let heard = WavReader::open(&files.capture).map_err(wrong(&files.capture))?;
        let spec = heard.spec();
        if !(1..=8).contains(&spec.channels) {
            return Err(SoundError::FileChannels { path: files.capture.clone(), channels: spec.channels });
        }
        let rate_hz = files.playback_rate_hz;
        let made = WavSpec { channels: 1, sample_rate: rate_hz, bits_per_sample: 16, sample_format: SampleFormat::Int };
        let writer = if files.playback.as_os_str().is_empty() {
            None
        } else {
            Some(WavWriter::create(&files.playback, made).map_err(wrong(&files.playback))?)
        };
        let most = frames(files.queue_ms, rate_hz);
        let mut queue = Queue::new(most, rate_hz);
        queue.push(&vec![0.0; most]);
        let opened = Opened {
            rate_hz: spec.sample_rate,
            channels: usize::from(spec.channels),
            period: frames(files.period_ms, spec.sample_rate),
            speaker_hz: Some(rate_hz),
            speaker_most: most,
        };
        let began = match files.pace {
            Pace::RealTime => Some(Instant::now()),
            Pace::Virtual => None,
        };
        let played = Played { writer, queue, rate_hz, at: 0, most };
        Ok((Self { heard, at: 0, period: opened.period, played, began }, opened))
    }

    /// The next period, or what is left; nothing at the end.
    pub(super) fn read(&mut self, sound: &mut Vec<f32>) -> Result<(), Lost> {
        let spec = self.heard.spec();
        let samples = self.period * usize::from(spec.channels);
        sound.clear();
        match spec.sample_format {
            SampleFormat::Float => {
                for sample in self.heard.samples::<f32>().take(samples) {
                    sound.push(sample.map_err(|error| Lost::Failed(error.to_string()))?);
                }
            }
            SampleFormat::Int => {
                let full = 2_f32.powi(i32::from(spec.bits_per_sample) - 1);
                for sample in self.heard.samples::<i32>().take(samples) {
                    sound.push(sample.map_err(|error| Lost::Failed(error.to_string()))? as f32 / full);
                }
            }
        }
        self.at += (sound.len() / usize::from(spec.channels)) as u64;
        let now = self.now();
        if let Some(began) = self.began {
            pause_until(began + now);
        }
        self.played.until(now)?;
        if sound.is_empty() { self.played.end() } else { Ok(()) }
    }

    /// How long was heard.
    pub(super) fn now(&self) -> Duration {
        Duration::from_secs_f64(self.at as f64 / f64::from(self.heard.spec().sample_rate))
    }

    pub(super) fn waiting(&self) -> usize {
        self.played.queue.len()
    }

    pub(super) fn write(&mut self, sound: &[f32]) {
        let room = self.played.most - self.played.queue.len();
        self.played.queue.push(sound.get(..room).unwrap_or(sound));
    }

    pub(super) fn discard(&mut self) {
        self.played.queue.fade_out(self.played.queue.len());
    }
}

impl Played {
    /// Plays what waits until then; what is missing is silence.
    fn until(&mut self, now: Duration) -> Result<(), Lost> {
        let until = (now.as_secs_f64() * f64::from(self.rate_hz)).round() as u64;
        while self.at < until {
            let sample = self.queue.pop().unwrap_or(0.0);
            self.write(sample)?;
        }
        Ok(())
    }

    fn write(&mut self, sample: f32) -> Result<(), Lost> {
        self.at += 1;
        match &mut self.writer {
            Some(writer) => writer.write_sample(to_i16(sample)).map_err(|error| Lost::Failed(error.to_string())),
            None => Ok(()),
        }
    }

    /// Plays all that waits.
    fn end(&mut self) -> Result<(), Lost> {
        while let Some(sample) = self.queue.pop() {
            self.write(sample)?;
        }
        match self.writer.take() {
            Some(writer) => writer.finalize().map_err(|error| Lost::Failed(error.to_string())),
            None => Ok(()),
        }
    }
}
