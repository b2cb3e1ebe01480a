//! One sentence, made into sound by a server.

use serde_json::{Map, Value};
use tokio::time::timeout;

use super::{
    connection::{Backoff, Connection, Fault, Server},
    wire::Event,
};
use crate::{
    SAMPLE_RATE_HZ,
    audio::{Format, Resampler},
};

/// A sentence is not longer, in samples: a minute.
const LONGEST: usize = 60 * SAMPLE_RATE_HZ as usize;

/// How a server sends sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Shape {
    rate_hz: u32,
    channels: u8,
}

/// Sound as it comes.
#[derive(Debug, Default)]
struct Sound {
    shape: Option<(Shape, Resampler)>,
    samples: Vec<f32>,
}

/// The sound of a text: 24,000 samples a second. Its words cannot be told apart before all of it is there.
pub(super) async fn synthesise(
    server: &Server,
    text: &str,
    voice: &Map<String, Value>,
    streaming: bool,
) -> Result<Vec<f32>, Fault> {
    let within = server.limits.answer;
    let mut backoff = Backoff::new(server.limits);
    loop {
        let answer = timeout(within, attempt(server, text, voice, streaming)).await;
        match answer.map_err(|_late| server.slow(within)).flatten() {
            Ok(samples) => return Ok(samples),
            Err(fault) => backoff.wait(fault).await?,
        }
    }
}

/// Over one connection.
async fn attempt(server: &Server, text: &str, voice: &Map<String, Value>, streaming: bool) -> Result<Vec<f32>, Fault> {
    let mut connection = Connection::open(server).await?;
    let mut data = Map::new();
    if !voice.is_empty() {
        data.insert("voice".to_owned(), Value::Object(voice.clone()));
    }
    let text = ("text".to_owned(), Value::from(text));
    if streaming {
        connection.put("synthesize-start", &data, &[]);
        connection.put("synthesize-chunk", &[text].into_iter().collect(), &[]);
        connection.put("synthesize-stop", &Map::new(), &[]);
    } else {
        data.extend([text]);
        connection.put("synthesize", &data, &[]);
    }
    // A server that takes its text in pieces may give the sound of each as one, with its own start and stop.
    let last = if streaming { "synthesize-stopped" } else { "audio-stop" };
    let mut sound = Sound::default();
    let mut started = false;
    loop {
        let event = connection.next().await?;
        match event.kind.as_str() {
            "audio-start" => {
                shape(server, &event)?;
                started = true;
            }
            "audio-chunk" if started => sound.take(server, &event)?,
            "audio-chunk" => return Err(server.wrong("sound before it said that it begins")),
            kind if kind == last && (started || streaming) => return Ok(sound.finished()),
            "audio-stop" if !started => return Err(server.wrong("the end of sound that never began")),
            // What else a server tells is nothing to wait for, and nothing wrong.
            _ => {}
        }
    }
}

/// How the sound of an event is shaped.
fn shape(server: &Server, event: &Event) -> Result<Shape, Fault> {
    let number = |key: &str| event.data.get(key).and_then(Value::as_u64).unwrap_or(0);
    let (rate, width, channels) = (number("rate"), number("width"), number("channels"));
    let wrong = || {
        server.wrong(format_args!(
            "sound of {rate} samples a second, {width} bytes each, {channels} channels, which cannot be played"
        ))
    };
    if width != 2 || !(1..=8).contains(&channels) {
        return Err(wrong());
    }
    let rate_hz = u32::try_from(rate).map_err(|_large| wrong())?;
    Ok(Shape { rate_hz, channels: u8::try_from(channels).map_err(|_large| wrong())? })
}

impl Sound {
    fn take(&mut self, server: &Server, event: &Event) -> Result<(), Fault> {
        let shape = shape(server, event)?;
        if self.shape.as_ref().is_none_or(|(before, _)| *before != shape) {
            self.flush();
            let resampler = Resampler::new(shape.rate_hz, SAMPLE_RATE_HZ).map_err(|error| server.wrong(error))?;
            self.shape = Some((shape, resampler));
        }
        let mut raw = Vec::with_capacity(event.payload.len() / 2);
        Format::Linear.decode(&event.payload, &mut raw);
        if shape.channels > 1 {
            let channels = f32::from(shape.channels);
            raw = raw.chunks_exact(shape.channels.into()).map(|one| one.iter().sum::<f32>() / channels).collect();
        }
        if let Some((_, resampler)) = &mut self.shape {
            resampler.push(&raw, &mut self.samples);
        }
        if self.samples.len() > LONGEST {
            return Err(server.wrong("more than a minute of sound for one sentence"));
        }
        Ok(())
    }

    fn flush(&mut self) {
        if let Some((_, mut resampler)) = self.shape.take() {
            resampler.finish(&mut self.samples);
        }
    }

    fn finished(mut self) -> Vec<f32> {
        self.flush();
        self.samples
    }
}
