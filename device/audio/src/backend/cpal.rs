//! The `cpal` crate: it calls from threads of its own, and two rings of samples lie between them and the loop of a room.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::Thread;
use std::time::{Duration, Instant};

use cpal::traits::{DeviceTrait, HostTrait, StreamTrait};
use cpal::{BufferSize, Error, ErrorKind, FromSample, SampleFormat, SizedSample, StreamConfig, SupportedBufferSize};
use cpal::{SupportedStreamConfigRange, default_host};
use rtrb::{Consumer, Producer, RingBuffer};

use super::devices::{self, Ability, Kind};
use super::queue::{FADE_MS, gain};
use super::samples::Samples;
use super::storm::Errors;
use super::{Device, Devices, Lost, Opened, SoundError, frames};

/// The best first.
const FORMATS: [(SampleFormat, Samples); 3] =
    [(SampleFormat::F32, Samples::F32), (SampleFormat::I32, Samples::I32), (SampleFormat::I16, Samples::I16)];

/// Periods that wait for the loop before more is lost.
const PERIODS: usize = 16;

/// So long a device may take to open.
const OPENING: Duration = Duration::from_secs(3);

/// Microphones and a loudspeaker. Dropping the streams ends their threads.
pub(super) struct Cpal {
    name: String,
    heard: Consumer<f32>,
    period: usize,
    _capture: cpal::Stream,
    speaker: Option<Speaker>,
    trouble: Arc<Trouble>,
    errors: Errors,
}

struct Speaker {
    ring: Producer<f32>,
    pushed: u64,
    /// What was pushed before this is to fade out.
    silent_until: Arc<AtomicU64>,
    _stream: cpal::Stream,
}

/// What the threads of the streams tell the loop.
#[derive(Default)]
struct Trouble {
    errors: AtomicU32,
    gone: AtomicBool,
    last: Mutex<Option<Error>>,
}

impl Trouble {
    fn tell(&self, error: Error) {
        match error.kind() {
            ErrorKind::DeviceNotAvailable | ErrorKind::HostUnavailable | ErrorKind::StreamInvalidated => {
                self.gone.store(true, Ordering::Release);
            }
            // The sound goes on.
            ErrorKind::DeviceChanged | ErrorKind::RealtimeDenied => return,
            ErrorKind::DeviceBusy
            | ErrorKind::InvalidInput
            | ErrorKind::PermissionDenied
            | ErrorKind::ResourceExhausted
            | ErrorKind::UnsupportedConfig
            | ErrorKind::UnsupportedOperation
            | ErrorKind::Xrun
            | ErrorKind::BackendError
            | ErrorKind::Other
            | _ => {}
        }
        self.errors.fetch_add(1, Ordering::AcqRel);
        if let Ok(mut last) = self.last.try_lock() {
            *last = Some(error);
        }
    }

    fn last(&self) -> String {
        let last = self.last.lock().ok().and_then(|mut last| last.take());
        last.map_or_else(|| "not known".to_owned(), |error| error.to_string())
    }
}

impl Cpal {
    pub(super) fn open(devices: &Devices) -> Result<(Self, Opened), SoundError> {
        let (trouble, waiting) = (Arc::new(Trouble::default()), std::thread::current());
        let capture = find(&devices.capture, true)?;
        let wanted = Wanted {
            channels: devices.channels,
            rate_hz: devices.capture_rate_hz.unwrap_or(16_000),
            buffer_ms: devices.period_ms,
        };
        let (config, samples) = choose(&capture, true, &wanted).map_err(|why| failed(&devices.capture, &why))?;
        let (rate_hz, channels) = (config.sample_rate, usize::from(config.channels));
        let period = frames(devices.period_ms, rate_hz);
        let (ring, heard) = RingBuffer::new(period * channels * PERIODS);
        let ear = Ear { ring, channels, waiting };
        let stream = ear.listen(&capture, config, samples, &trouble).map_err(|why| failed(&devices.capture, &why))?;
        stream.play().map_err(|why| failed(&devices.capture, &why))?;
        let speaker = match devices.playback.as_str() {
            "" => None,
            name => Some(Speaker::open(name, devices, &trouble)?),
        };
        let opened = Opened {
            rate_hz,
            channels,
            period,
            speaker_hz: speaker.as_ref().map(|(_, rate_hz, _)| *rate_hz),
            speaker_most: speaker.as_ref().map_or(0, |(_, _, most)| *most),
        };
        let cpal = Self {
            name: devices.capture.clone(),
            heard,
            period: period * channels,
            _capture: stream,
            speaker: speaker.map(|(speaker, _, _)| speaker),
            trouble,
            errors: Errors::default(),
        };
        Ok((cpal, opened))
    }

    /// Waits for a period, at most so long. Whether it came.
    pub(super) fn read(&mut self, sound: &mut Vec<f32>, most: Duration, now: Duration) -> Result<bool, Lost> {
        let until = Instant::now() + most;
        while self.heard.slots() < self.period {
            if self.trouble.gone.load(Ordering::Acquire) {
                return Err(Lost::Unplugged(self.name.clone()));
            }
            let errors = self.trouble.errors.swap(0, Ordering::AcqRel);
            if errors > 0 {
                self.errors.came(errors, now, || self.trouble.last())?;
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(false);
            }
            std::thread::park_timeout(left);
        }
        let errors = self.trouble.errors.swap(0, Ordering::AcqRel);
        if errors > 0 {
            self.errors.came(errors, now, || self.trouble.last())?;
        }
        sound.clear();
        if let Ok(chunk) = self.heard.read_chunk(self.period) {
            let (first, second) = chunk.as_slices();
            sound.extend(first);
            sound.extend(second);
            chunk.commit_all();
        }
        Ok(true)
    }

    pub(super) fn waiting(&self) -> usize {
        self.speaker.as_ref().map_or(0, |speaker| speaker.ring.buffer().capacity() - speaker.ring.slots())
    }

    pub(super) fn write(&mut self, sound: &[f32]) {
        if let Some(speaker) = &mut self.speaker {
            // What there is no room for is lost.
            let room = speaker.ring.slots().min(sound.len());
            if let Ok(chunk) = speaker.ring.write_chunk_uninit(room) {
                speaker.pushed += chunk.fill_from_iter(sound.iter().copied()) as u64;
            }
        }
    }

    pub(super) fn discard(&mut self) {
        if let Some(speaker) = &self.speaker {
            speaker.silent_until.store(speaker.pushed, Ordering::Release);
        }
    }
}

impl Speaker {
    /// It, its rate, and how many frames wait at most.
    fn open(name: &str, devices: &Devices, trouble: &Arc<Trouble>) -> Result<(Self, u32, usize), SoundError> {
        let device = find(name, false)?;
        let wanted = Wanted {
            channels: None,
            rate_hz: devices.playback_rate_hz.unwrap_or(48_000),
            // The crate keeps two of these.
            buffer_ms: devices.queue_ms / 2,
        };
        let (config, samples) = choose(&device, false, &wanted).map_err(|why| failed(name, &why))?;
        // As much is fetched at a time as the device wants; a period more must wait, since only so often more comes.
        let buffer = match config.buffer_size {
            BufferSize::Fixed(frames) => frames as usize,
            BufferSize::Default => frames(wanted.buffer_ms, config.sample_rate),
        };
        let most = buffer + frames(devices.period_ms, config.sample_rate);
        let (ring, waiting) = RingBuffer::new(most);
        let silent_until = Arc::new(AtomicU64::new(0));
        let fade = frames(FADE_MS, config.sample_rate).max(1);
        let mouth = Mouth {
            waiting,
            channels: usize::from(config.channels),
            played: 0,
            silent_until: Arc::clone(&silent_until),
            faded: 0,
            fade,
        };
        let stream = mouth.speak(&device, config, samples, trouble).map_err(|why| failed(name, &why))?;
        stream.play().map_err(|why| failed(name, &why))?;
        Ok((Self { ring, pushed: 0, silent_until, _stream: stream }, config.sample_rate, most))
    }
}

/// What the thread of the microphones does.
struct Ear {
    ring: Producer<f32>,
    channels: usize,
    waiting: Thread,
}

impl Ear {
    fn listen(
        self,
        device: &cpal::Device,
        config: StreamConfig,
        samples: Samples,
        trouble: &Arc<Trouble>,
    ) -> Result<cpal::Stream, Error> {
        match samples {
            Samples::F32 => self.listen_to::<f32>(device, config, trouble),
            Samples::I32 => self.listen_to::<i32>(device, config, trouble),
            Samples::I16 => self.listen_to::<i16>(device, config, trouble),
        }
    }

    fn listen_to<T>(
        mut self,
        device: &cpal::Device,
        config: StreamConfig,
        trouble: &Arc<Trouble>,
    ) -> Result<cpal::Stream, Error>
    where
        T: SizedSample,
        f32: FromSample<T>,
    {
        let trouble = Arc::clone(trouble);
        let heard = move |sound: &[T], _: &cpal::InputCallbackInfo| {
            // Whole frames: what the loop has no time for is lost.
            let room = self.ring.slots().min(sound.len()) / self.channels * self.channels;
            if let Ok(chunk) = self.ring.write_chunk_uninit(room) {
                chunk.fill_from_iter(sound.iter().map(|sample| f32::from_sample_(*sample)));
            }
            self.waiting.unpark();
        };
        device.build_input_stream(config, heard, move |error| trouble.tell(error), Some(OPENING))
    }
}

/// What the thread of the loudspeaker does.
struct Mouth {
    waiting: Consumer<f32>,
    channels: usize,
    played: u64,
    silent_until: Arc<AtomicU64>,
    /// Samples of a fade so far.
    faded: usize,
    fade: usize,
}

impl Mouth {
    fn speak(
        self,
        device: &cpal::Device,
        config: StreamConfig,
        samples: Samples,
        trouble: &Arc<Trouble>,
    ) -> Result<cpal::Stream, Error> {
        match samples {
            Samples::F32 => self.speak_to::<f32>(device, config, trouble),
            Samples::I32 => self.speak_to::<i32>(device, config, trouble),
            Samples::I16 => self.speak_to::<i16>(device, config, trouble),
        }
    }

    fn speak_to<T>(
        mut self,
        device: &cpal::Device,
        config: StreamConfig,
        trouble: &Arc<Trouble>,
    ) -> Result<cpal::Stream, Error>
    where
        T: SizedSample + FromSample<f32>,
    {
        let trouble = Arc::clone(trouble);
        let play = move |sound: &mut [T], _: &cpal::OutputCallbackInfo| {
            for frame in sound.chunks_mut(self.channels.max(1)) {
                let sample = self.next();
                frame.fill(T::from_sample_(sample));
            }
        };
        device.build_output_stream(config, play, move |error| trouble.tell(error), Some(OPENING))
    }

    /// What is played next; what is missing is silence.
    fn next(&mut self) -> f32 {
        let Ok(sample) = self.waiting.pop() else { return 0.0 };
        self.played += 1;
        if self.played > self.silent_until.load(Ordering::Acquire) {
            self.faded = 0;
            return sample.clamp(-1.0, 1.0);
        }
        self.faded = self.faded.saturating_add(1);
        sample.clamp(-1.0, 1.0) * gain(self.faded - 1, self.fade)
    }
}

/// How a device is to be opened.
struct Wanted {
    channels: Option<usize>,
    rate_hz: u32,
    buffer_ms: u32,
}

fn configs(device: &cpal::Device, captures: bool) -> Result<Vec<SupportedStreamConfigRange>, Error> {
    if captures {
        device.supported_input_configs().map(Iterator::collect)
    } else {
        device.supported_output_configs().map(Iterator::collect)
    }
}

/// What comes nearest to what is wanted. Channels come exactly or not at all.
fn choose(device: &cpal::Device, captures: bool, wanted: &Wanted) -> Result<(StreamConfig, Samples), Error> {
    let samples = |config: &SupportedStreamConfigRange| {
        FORMATS.iter().enumerate().find(|(_, (format, _))| *format == config.sample_format())
    };
    let known = configs(device, captures)?;
    let usable = || known.iter().filter_map(|config| Some((config, samples(config)?)));
    let counts = || usable().map(|(config, _)| u32::from(config.channels()));
    let all = devices::channels(counts().min().unwrap_or(1), counts().max().unwrap_or(1));
    let channels = wanted.channels.map_or(all, |channels| channels as u32);
    let nearest =
        |config: &SupportedStreamConfigRange| wanted.rate_hz.clamp(config.min_sample_rate(), config.max_sample_rate());
    let best = usable()
        .filter(|(config, _)| u32::from(config.channels()) == channels)
        .min_by_key(|(config, (rank, _))| (nearest(config).abs_diff(wanted.rate_hz), *rank));
    let Some((best, (_, (_, samples)))) = best else {
        return Err(Error::with_message(ErrorKind::UnsupportedConfig, format!("it has no {channels} channels")));
    };
    let rate_hz = nearest(best);
    let buffer = frames(wanted.buffer_ms, rate_hz) as u32;
    let buffer_size = match best.buffer_size() {
        SupportedBufferSize::Range { min, max } => BufferSize::Fixed(buffer.max(*min).min(*max)),
        SupportedBufferSize::Unknown => BufferSize::Default,
    };
    Ok((StreamConfig { channels: best.channels(), sample_rate: rate_hz, buffer_size }, *samples))
}

fn find(name: &str, captures: bool) -> Result<cpal::Device, SoundError> {
    let host = default_host();
    if name == "default" {
        let device = if captures { host.default_input_device() } else { host.default_output_device() };
        return device.ok_or_else(|| devices::none(Kind::Cpal, name, captures));
    }
    let mut all = host.devices().map_err(|why| failed(name, &why))?;
    all.find(|device| name_of(device).as_deref() == Some(name)).ok_or_else(|| devices::none(Kind::Cpal, name, captures))
}

fn name_of(device: &cpal::Device) -> Option<String> {
    device.id().ok().map(|id| id.id().to_owned())
}

pub(super) fn devices() -> Result<Vec<Device>, SoundError> {
    let all = default_host().devices().map_err(|why| failed("cpal", &why))?;
    let ability = |device: &cpal::Device, captures: bool| {
        let Ok(known) = configs(device, captures) else { return Ability::No };
        let channels = || known.iter().map(|config| u32::from(config.channels()));
        let (least, most) = (channels().min(), channels().max());
        let slowest = known.iter().map(SupportedStreamConfigRange::min_sample_rate).min();
        let fastest = known.iter().map(SupportedStreamConfigRange::max_sample_rate).max();
        match (least, most, slowest, fastest) {
            (Some(least), Some(most), Some(slowest), Some(fastest)) => {
                Ability::Yes { channels: least..=most, rates: slowest..=fastest }
            }
            _ => Ability::No,
        }
    };
    let each = |device: cpal::Device| {
        let description = device.description().map(|text| text.name().to_owned()).unwrap_or_default();
        let (captures, plays) = (ability(&device, true), ability(&device, false));
        Some(Device { name: name_of(&device)?, description, captures, plays })
    };
    Ok(all.filter_map(each).collect())
}

fn failed(name: &str, cause: &Error) -> SoundError {
    SoundError::Device { name: name.to_owned(), what: "be opened", cause: cause.to_string() }
}
