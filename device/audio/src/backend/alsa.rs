//! ALSA itself: two PCMs that never block for longer than they are told, and the card's mixer.

use std::ffi::CString;
use std::time::{Duration, Instant};

use alsa::mixer::{Mixer, SelemId};
use alsa::pcm::{Access, Format, HwParams, PCM, State};
use alsa::{Direction, Output, ValueOr};
use rustix::io::Errno;

use super::devices::{self, Kind};
use super::queue::Queue;
use super::samples::Samples;
use super::storm::Errors;
use super::{Devices, Lost, Opened, SoundError, frames};

/// The best first. In the order of the machine's bytes; a card that has none of these is opened as `plughw:`.
const FORMATS: [(Samples, Format); 3] =
    [(Samples::I32, Format::s32()), (Samples::F32, Format::float()), (Samples::I16, Format::s16())];

/// What a loudspeaker's volume is called, by those that have more than one control.
const CONTROLS: [&str; 4] = ["Master", "Speaker", "PCM", "Headphone"];

/// Microphones and a loudspeaker.
pub(super) struct Alsa {
    capture: Card,
    /// Samples of a period, and how many of them came so far.
    period: Vec<u8>,
    came: usize,
    speaker: Option<Speaker>,
    errors: Errors,
}

struct Speaker {
    card: Card,
    queue: Queue,
    /// Frames that wait at most, of all that the card could take.
    most: usize,
    encoded: Vec<u8>,
    control: String,
    /// What was not taken is told by the next `read`.
    failed: Option<alsa::Error>,
}

/// One direction of a card.
struct Card {
    name: String,
    pcm: PCM,
    samples: Samples,
    channels: usize,
    rate_hz: u32,
    /// Frames that it keeps.
    buffer: usize,
}

impl Alsa {
    pub(super) fn open(devices: &Devices) -> Result<(Self, Opened), SoundError> {
        // Otherwise the library writes to the terminal what is told here as an error.
        let _written_nowhere =
            Output::local_error_handler().map_err(|cause| failed("ALSA", "say what is wrong", cause))?;
        let period_ms = devices.period_ms;
        let wanted = Wanted {
            channels: devices.channels,
            rate_hz: devices.capture_rate_hz.unwrap_or(16_000),
            period_ms,
            buffer_ms: (period_ms * 8).max(devices.queue_ms * 2),
        };
        let capture = Card::open(&devices.capture, Direction::Capture, &wanted)?;
        let speaker = if devices.playback.is_empty() { None } else { Some(Speaker::open(devices)?) };
        capture.pcm.start().map_err(|cause| failed(&capture.name, "start", cause))?;
        let opened = Opened {
            rate_hz: capture.rate_hz,
            channels: capture.channels,
            period: frames(period_ms, capture.rate_hz),
            speaker_hz: speaker.as_ref().map(|speaker| speaker.card.rate_hz),
            speaker_most: speaker.as_ref().map_or(0, |speaker| speaker.most),
        };
        let period = vec![0; opened.period * capture.frame()];
        Ok((Self { capture, period, came: 0, speaker, errors: Errors::default() }, opened))
    }

    /// Waits for a period, at most so long. Whether it came.
    pub(super) fn read(&mut self, sound: &mut Vec<f32>, most: Duration, now: Duration) -> Result<bool, Lost> {
        if let Some(failed) = self.speaker.as_mut().and_then(|speaker| speaker.failed.take()) {
            let name = &self.speaker.as_ref().map_or("", |speaker| &speaker.card.name);
            return Err(lost(name, failed));
        }
        let until = Instant::now() + most;
        while self.came < self.period.len() {
            let left = self.period.get_mut(self.came..).unwrap_or_default();
            let error = match self.capture.pcm.io_bytes().readi(left) {
                Ok(frames) => {
                    self.came += frames * self.capture.frame();
                    continue;
                }
                Err(error) if error.errno() == Errno::AGAIN.raw_os_error() => {
                    let left_ms = until.saturating_duration_since(Instant::now()).as_millis();
                    if left_ms == 0 {
                        return Ok(false);
                    }
                    match self.capture.pcm.wait(Some(left_ms as u32)) {
                        Ok(_) => continue,
                        Err(error) => error,
                    }
                }
                Err(error) => error,
            };
            // An overrun or a suspended card: what was missed is missing, and it goes on.
            self.errors.came(1, now, || error.to_string())?;
            let recovered = self.capture.pcm.try_recover(error, true).and_then(|()| self.capture.pcm.start());
            recovered.map_err(|error| lost(&self.capture.name, error))?;
        }
        self.came = 0;
        sound.clear();
        self.capture.samples.decode(&self.period, sound);
        Ok(true)
    }

    pub(super) fn waiting(&self) -> usize {
        self.speaker.as_ref().map_or(0, Speaker::waiting)
    }

    /// Frames between what is handed over now and what is heard now, as the card says.
    pub(super) fn delay(&self) -> Option<usize> {
        usize::try_from(self.speaker.as_ref()?.card.pcm.delay().ok()?).ok()
    }

    pub(super) fn write(&mut self, sound: &[f32]) {
        if let Some(speaker) = &mut self.speaker {
            speaker.failed = speaker.write(sound).err();
        }
    }

    pub(super) fn discard(&mut self) {
        if let Some(speaker) = &mut self.speaker {
            speaker.failed = speaker.discard().err();
        }
    }

    pub(super) fn set_volume(&mut self, volume: f32) -> bool {
        self.speaker.as_ref().is_some_and(|speaker| speaker.set_volume(volume).is_some())
    }
}

impl Speaker {
    fn open(devices: &Devices) -> Result<Self, SoundError> {
        let wanted = Wanted {
            channels: None,
            rate_hz: devices.playback_rate_hz.unwrap_or(48_000),
            period_ms: devices.period_ms,
            buffer_ms: (devices.period_ms * 4).max(devices.queue_ms * 2),
        };
        let card = Card::open(&devices.playback, Direction::Playback, &wanted)?;
        let most = frames(devices.queue_ms, card.rate_hz).min(card.buffer);
        let encoded = Vec::with_capacity(card.buffer * card.frame());
        let mut queue = Queue::new(card.buffer, card.rate_hz);
        queue.push(&vec![0.0; card.buffer]);
        let mut speaker = Self { card, queue, most, encoded, control: devices.mixer.clone(), failed: None };
        speaker.begin().map_err(|cause| failed(&speaker.card.name, "start", cause))?;
        Ok(speaker)
    }

    fn waiting(&self) -> usize {
        let free = self.card.pcm.avail_update().ok().and_then(|free| usize::try_from(free).ok());
        self.card.buffer.saturating_sub(free.unwrap_or(self.card.buffer))
    }

    /// Begins to play, with as much silence in front as is to wait.
    fn begin(&mut self) -> alsa::Result<()> {
        self.queue.push_silence(self.most);
        self.hand_over(self.most)?;
        self.card.pcm.start()
    }

    fn write(&mut self, sound: &[f32]) -> alsa::Result<()> {
        self.queue.push(sound);
        match self.hand_over(sound.len()) {
            // Nothing was left to play: it goes on after as much silence as is to wait.
            Err(error) => {
                self.card.pcm.try_recover(error, true)?;
                self.begin()?;
                self.queue.push(sound);
                self.hand_over(sound.len())
            }
            Ok(()) => Ok(()),
        }
    }

    /// Hands over the newest frames of the queue.
    fn hand_over(&mut self, newest: usize) -> alsa::Result<()> {
        let Card { samples, channels, ref pcm, .. } = self.card;
        self.encoded.clear();
        for sample in self.queue.last(newest) {
            samples.encode(sample, channels, &mut self.encoded);
        }
        match pcm.io_bytes().writei(&self.encoded) {
            // What the card has no room for is lost.
            Ok(_) => Ok(()),
            Err(error) if error.errno() == Errno::AGAIN.raw_os_error() => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Everything that waits is taken back, and its fading handed over in its place.
    fn discard(&mut self) -> alsa::Result<()> {
        if self.card.pcm.state() != State::Running {
            return Ok(());
        }
        let waiting = self.waiting();
        self.queue.fade_out(waiting);
        self.card.pcm.drop()?;
        self.card.pcm.prepare()?;
        self.hand_over(waiting)?;
        if waiting > 0 { self.card.pcm.start() } else { Ok(()) }
    }

    /// Sets the card's control, if it has one.
    fn set_volume(&self, volume: f32) -> Option<()> {
        let card = self.card.pcm.info().ok()?.get_card();
        let name = if card >= 0 { format!("hw:{card}") } else { self.card.name.clone() };
        let mixer = Mixer::new(&name, false).ok()?;
        let known = CONTROLS.into_iter().filter(|_| self.control.is_empty());
        let control = std::iter::once(self.control.as_str())
            .chain(known)
            .filter_map(|name| mixer.find_selem(&SelemId::new(name, 0)))
            .find(alsa::mixer::Selem::has_playback_volume)?;
        let (least, most) = control.get_playback_volume_range();
        let wanted = (most - least) as f32 * volume.clamp(0.0, 1.0);
        control.set_playback_volume_all(least + wanted.round() as i64).ok()
    }
}

/// How a card is to be opened.
struct Wanted {
    channels: Option<usize>,
    rate_hz: u32,
    period_ms: u32,
    buffer_ms: u32,
}

impl Card {
    fn open(name: &str, direction: Direction, wanted: &Wanted) -> Result<Self, SoundError> {
        let nobody = |_| SoundError::Config("the name of a device has no zero byte");
        let text = CString::new(name).map_err(nobody)?;
        let pcm = PCM::open(&text, direction, true).map_err(|cause| not_opened(name, direction, cause))?;
        let (samples, channels) = set(&pcm, wanted)
            .map_err(|cause| failed(name, "be set so (with `plughw:` in the place of `hw:` it may)", cause))?;
        let set = |pcm: &PCM| -> alsa::Result<(u32, usize)> {
            let now = pcm.hw_params_current()?;
            Ok((now.get_rate()?, usize::try_from(now.get_buffer_size()?).unwrap_or(0)))
        };
        let (rate_hz, buffer) = set(&pcm).map_err(|cause| failed(name, "say how it was set", cause))?;
        Ok(Self { name: name.to_owned(), pcm, samples, channels, rate_hz, buffer })
    }

    /// Bytes of a frame.
    const fn frame(&self) -> usize {
        self.channels * self.samples.bytes()
    }
}

/// Format, channels, rate, period and buffer: what comes nearest to what is wanted. Channels come exactly or not at all.
fn set(pcm: &PCM, wanted: &Wanted) -> alsa::Result<(Samples, usize)> {
    let hw = HwParams::any(pcm)?;
    hw.set_access(Access::RWInterleaved)?;
    let known = FORMATS.into_iter().find(|(_, format)| hw.test_format(*format).is_ok());
    let (samples, format) = known.unwrap_or((Samples::I16, Format::s16()));
    hw.set_format(format)?;
    let (least, most) = (hw.get_channels_min()?, hw.get_channels_max()?);
    let channels = wanted.channels.map_or_else(|| devices::channels(least, most), |channels| channels as u32);
    hw.set_channels(channels)?;
    let rate_hz = hw.set_rate_near(wanted.rate_hz, ValueOr::Nearest)?;
    let lasting = |ms| alsa::pcm::Frames::try_from(frames(ms, rate_hz)).unwrap_or(alsa::pcm::Frames::MAX);
    hw.set_buffer_size_near(lasting(wanted.buffer_ms))?;
    hw.set_period_size_near(lasting(wanted.period_ms), ValueOr::Nearest)?;
    pcm.hw_params(&hw)?;
    let sw = pcm.sw_params_current()?;
    // It is started here, when enough waits, and never by itself.
    sw.set_start_threshold(sw.get_boundary()?)?;
    sw.set_avail_min(hw.get_period_size()?)?;
    pcm.sw_params(&sw)?;
    Ok((samples, channels as usize))
}

fn failed(name: &str, what: &'static str, cause: alsa::Error) -> SoundError {
    SoundError::Device { name: name.to_owned(), what, cause: words(cause) }
}

fn not_opened(name: &str, direction: Direction, cause: alsa::Error) -> SoundError {
    let gone = [Errno::NOENT, Errno::NODEV, Errno::NXIO].map(Errno::raw_os_error);
    if gone.contains(&cause.errno()) {
        return devices::none(Kind::Alsa, name, direction == Direction::Capture);
    }
    failed(name, "be opened", cause)
}

fn lost(name: &str, cause: alsa::Error) -> Lost {
    if cause.errno() == Errno::NODEV.raw_os_error() {
        return Lost::Unplugged(name.to_owned());
    }
    Lost::Failed(format!("the device \"{name}\" fails: {}", words(cause)))
}

fn words(cause: alsa::Error) -> String {
    if cause.errno() == Errno::BUSY.raw_os_error() {
        return "another program uses it".to_owned();
    }
    std::io::Error::from_raw_os_error(cause.errno()).to_string()
}
