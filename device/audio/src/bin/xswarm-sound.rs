//! Tries microphones and loudspeakers: lists them, records, plays, and watches how they are.
//!
//! ```text
//! xswarm-sound list [cpal]
//! xswarm-sound record heard.wav 5 capture=array channels=4
//! xswarm-sound play greeting.wav playback=plughw:CARD=respeaker
//! xswarm-sound watch 60 backend=cpal
//! ```
//!
//! Settings are those of [`Devices`](xswarm_audio::backend::Devices), and `backend=alsa` (which is taken for granted) or
//! `backend=cpal`; `volume=0.5` sets the card's, `until=3` stops playing after 3 seconds. `watch` plays a soft tone, and every
//! second says how loud each channel is.

#![expect(
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "a program that tells what it finds"
)]

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use hound::{SampleFormat, WavReader, WavSpec, WavWriter};
use serde_json::{Map, Value};
use xswarm_audio::backend::{Backend, Heard, Kind, Opened, Sound, SoundState, devices};

type Tried<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let tried = match words.as_slice() {
        ["list"] => list(Kind::Alsa),
        ["list", "cpal"] => list(Kind::Cpal),
        ["record", path, seconds, settings @ ..] => record(path.as_ref(), seconds, settings),
        ["play", path, settings @ ..] => play(path.as_ref(), settings),
        ["watch", seconds, settings @ ..] => watch(seconds, settings),
        _ => {
            Err("say `list`, `record FILE SECONDS`, `play FILE` or `watch SECONDS`, and settings as NAME=VALUE".into())
        }
    };
    match tried {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn list(kind: Kind) -> Tried<()> {
    for device in devices(kind)? {
        println!("{}\n    {}", device.name, device.description);
        println!("    captures: {}\n    plays: {}", device.captures, device.plays);
    }
    Ok(())
}

fn record(path: &Path, seconds: &str, settings: &[&str]) -> Tried<()> {
    let settings = Settings::of(&[&["playback="], settings].concat())?;
    let mut left = Duration::from_secs_f64(seconds.parse()?);
    let mut writer = None;
    settings.run(|opened, turn| {
        let Turn::Heard(frames) = turn else { return Ok(Next::Silence) };
        let spec = WavSpec {
            channels: u16::try_from(opened.channels)?,
            sample_rate: opened.rate_hz,
            bits_per_sample: 32,
            sample_format: SampleFormat::Float,
        };
        let writer = match &mut writer {
            Some(writer) => writer,
            none => none.insert(WavWriter::create(path, spec)?),
        };
        for sample in frames {
            writer.write_sample(*sample)?;
        }
        let seconds = (frames.len() / opened.channels) as f64 / f64::from(opened.rate_hz);
        left = left.saturating_sub(Duration::from_secs_f64(seconds));
        Ok(if left.is_zero() { Next::End } else { Next::Silence })
    })?;
    Ok(writer.map_or(Ok(()), WavWriter::finalize)?)
}

fn play(path: &Path, settings: &[&str]) -> Tried<()> {
    let mut reader = WavReader::open(path)?;
    let spec = reader.spec();
    let samples: Vec<f32> = match spec.sample_format {
        SampleFormat::Float => reader.samples::<f32>().collect::<Result<_, _>>()?,
        SampleFormat::Int => {
            let full = 2_f32.powi(i32::from(spec.bits_per_sample) - 1);
            reader.samples::<i32>().map(|sample| Ok(sample? as f32 / full)).collect::<Result<_, hound::Error>>()?
        }
    };
    let rate = format!("playback_rate_hz={}", spec.sample_rate);
    let settings = Settings::of(&[&[rate.as_str()], settings].concat())?;
    // And a second of silence, so that all is heard before it ends.
    let silence = std::iter::repeat_n(0.0, spec.sample_rate as usize);
    let mut left = samples.into_iter().step_by(usize::from(spec.channels)).chain(silence).peekable();
    settings.run(|_, turn| {
        if let Turn::Wanted(out) = turn {
            out.fill_with(|| left.next().unwrap_or(0.0));
        }
        Ok(if left.peek().is_some() { Next::Sound } else { Next::End })
    })
}

fn watch(seconds: &str, settings: &[&str]) -> Tried<()> {
    let settings = Settings::of(settings)?;
    let (mut seconds_left, mut squares, mut heard, mut phase) = (seconds.parse::<u32>()?, Vec::new(), 0, 0.0_f32);
    settings.run(|opened, turn| match turn {
        Turn::Wanted(out) => {
            let step = std::f32::consts::TAU * 440.0 / opened.speaker_hz.unwrap_or(48_000) as f32;
            out.fill_with(|| {
                phase = (phase + step) % std::f32::consts::TAU;
                0.1 * phase.sin()
            });
            Ok(Next::Sound)
        }
        Turn::Heard(frames) => {
            squares.resize(opened.channels, 0.0_f32);
            for frame in frames.chunks_exact(opened.channels) {
                squares.iter_mut().zip(frame).for_each(|(square, sample)| *square += sample * sample);
            }
            heard += frames.len() / opened.channels;
            if heard < opened.rate_hz as usize {
                return Ok(Next::Sound);
            }
            let decibels = squares.iter().map(|square| format!("{:.0} dB", 10.0 * (square / heard as f32).log10()));
            println!("heard {}", decibels.collect::<Vec<_>>().join(", "));
            (seconds_left, heard) = (seconds_left.saturating_sub(1), 0);
            squares.fill(0.0);
            Ok(if seconds_left == 0 { Next::End } else { Next::Sound })
        }
    })
}

/// What was said after the command.
struct Settings {
    sound: Sound,
    volume: Option<f32>,
    /// After how many seconds everything that waits to be played is dropped, and it ends a little later.
    until: Option<Duration>,
}

/// What there is to do.
enum Turn<'a> {
    Heard(&'a [f32]),
    /// To be filled with what is played next.
    Wanted(&'a mut [f32]),
}

#[derive(PartialEq)]
enum Next {
    Sound,
    Silence,
    End,
}

impl Settings {
    fn of(given: &[&str]) -> Tried<Self> {
        let mut all = Map::from_iter([("backend".to_owned(), Value::from("alsa"))]);
        for setting in given {
            let (name, value) = setting.split_once('=').ok_or_else(|| format!("`{setting}` is no NAME=VALUE"))?;
            let value = value.parse::<u64>().map_or_else(|_| Value::from(value), Value::from);
            all.insert(name.to_owned(), value);
        }
        let mut number = |name: &str| -> Tried<Option<f64>> {
            let value = all.remove(name).map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
            Ok(value.map(|value| value.parse()).transpose()?)
        };
        let volume = number("volume")?.map(|volume| volume as f32);
        let until = number("until")?.map(Duration::from_secs_f64);
        let backend: Backend = serde_json::from_value(Value::Object(all))?;
        Ok(Self { sound: Sound::new(backend)?, volume, until })
    }

    /// The loop, which tells what changes.
    fn run(mut self, mut turn: impl FnMut(Opened, Turn<'_>) -> Tried<Next>) -> Tried<()> {
        let (mut out, mut opened, mut began) = (Vec::new(), Opened::default(), None);
        let (mut told, mut is_discarded, mut handed) = (Told::Nothing, false, 0);
        loop {
            let next = match self.sound.listen() {
                Heard::Opened(now) => {
                    println!("opened {now:?}");
                    (opened, out) = (now, vec![0.0; now.speaker_most]);
                    if let Some(volume) = self.volume {
                        println!("volume {}", if self.sound.set_volume(volume) { "set" } else { "has no control" });
                    }
                    continue;
                }
                Heard::Frames { frames, at } => {
                    began = began.or(Some(at));
                    turn(opened, Turn::Heard(frames))?
                }
                Heard::Away => {
                    told.tell(self.sound.state());
                    continue;
                }
                Heard::Ended => return Ok(()),
            };
            told.tell(self.sound.state());
            let since = self.sound.now().saturating_sub(began.unwrap_or_default());
            let is_over = self.until.is_some_and(|until| since >= until);
            let wanted = out.get_mut(..self.sound.wanted()).unwrap_or_default();
            wanted.fill(0.0);
            let next = match next {
                Next::Sound if !is_over && !wanted.is_empty() => turn(opened, Turn::Wanted(wanted))?,
                Next::Sound | Next::Silence | Next::End => next,
            };
            if is_over && !std::mem::replace(&mut is_discarded, true) {
                self.sound.discard();
                println!("discarded after {handed} frames");
            }
            handed += wanted.len();
            self.sound.play(wanted);
            let is_ended = self.until.is_some_and(|until| since >= until + Duration::from_secs(1));
            if next == Next::End || is_ended {
                return Ok(());
            }
        }
    }
}

/// What was said last of how the sound is.
#[derive(PartialEq)]
enum Told {
    Nothing,
    Running,
    Silent,
    Lost,
}

impl Told {
    fn tell(&mut self, state: &SoundState) {
        let (now, words) = match state {
            SoundState::Closed | SoundState::Ended => return,
            SoundState::Running => (Self::Running, "running".to_owned()),
            SoundState::Silent { .. } => (Self::Silent, "silent: nothing but zeros for long".to_owned()),
            SoundState::Lost { why, .. } => (Self::Lost, format!("lost: {why}")),
        };
        if std::mem::replace(self, now) != *self {
            println!("{words}");
        }
    }
}
