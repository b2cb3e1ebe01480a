//! Trying out the sound: what devices there are, and whether they hear and play.

use anyhow::{Result, bail};
use xswarm_audio::backend::{Backend, Device, Heard, Kind, Opened, Sound, SoundState, devices};

use crate::converter::Converter;

/// So long is recorded.
const RECORD_S: usize = 3;

/// So many turns may pass without sound.
const PATIENCE: usize = 250;

/// The devices that a backend has, a line for each.
pub fn listed(backend: &Backend) -> Result<String> {
    let kind = match backend {
        Backend::Alsa(_) => Kind::Alsa,
        Backend::Cpal(_) => Kind::Cpal,
        Backend::Wav(_) => bail!("the backend \"wav\" in [sound] has files, no devices"),
    };
    let lines: Vec<_> = devices(kind)?
        .iter()
        .map(|device| {
            let Device { name, description, captures, plays } = device;
            format!("{name}\n    {description}\n    captures: {captures}; plays: {plays}")
        })
        .collect();
    Ok(if lines.is_empty() { "there is no sound device".to_owned() } else { lines.join("\n") })
}

/// Records, says how loud each channel is, and plays the first.
pub fn test(backend: Backend, say: &mut dyn FnMut(&str) -> Result<()>) -> Result<()> {
    let mut sound = Sound::new(backend)?;
    say(&format!("recording {RECORD_S} seconds: say something"))?;
    let (opened, recorded) = record(&mut sound)?;
    for channel in 0..opened.channels {
        let samples: Vec<f32> = recorded.iter().skip(channel).step_by(opened.channels.max(1)).copied().collect();
        say(&format!("channel {channel}: {}", level(&samples)))?;
    }
    let Some(speaker_hz) = opened.speaker_hz else { return say("there is no loudspeaker to play it on") };
    say("playing channel 0")?;
    let first: Vec<f32> = recorded.iter().step_by(opened.channels.max(1)).copied().collect();
    let mut converter = Converter::new(opened.rate_hz, speaker_hz)?;
    let mut waiting = Vec::new();
    for step in first.chunks_exact(converter.step()) {
        waiting.extend_from_slice(converter.convert(step));
    }
    play(&mut sound, &waiting);
    say("done")
}

/// How loud a channel is, and what that says.
#[expect(clippy::cast_precision_loss, reason = "a few seconds have few samples")]
fn level(samples: &[f32]) -> String {
    let peak = samples.iter().fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
    if peak <= 0.0 {
        return "gives nothing at all; is it muted?".to_owned();
    }
    let power = samples.iter().map(|sample| sample * sample).sum::<f32>() / samples.len().max(1) as f32;
    let words = if peak >= 0.99 { "; too loud, turn the microphone down" } else { "" };
    format!("{:.1} dB on average, {:.1} dB at most{words}", 10.0 * power.log10(), 20.0 * peak.log10())
}

fn record(sound: &mut Sound) -> Result<(Opened, Vec<f32>)> {
    let (mut opened, mut recorded, mut without) = (Opened::default(), Vec::new(), 0);
    while without < PATIENCE {
        match sound.listen() {
            Heard::Opened(now) => (opened, recorded) = (now, Vec::new()),
            Heard::Frames { frames, .. } => {
                recorded.extend_from_slice(frames);
                without = 0;
            }
            Heard::Away => without += 1,
            Heard::Ended => return Ok((opened, recorded)),
        }
        let silence = vec![0.0; sound.wanted()];
        sound.play(&silence);
        if opened.channels > 0 && recorded.len() >= RECORD_S * opened.rate_hz as usize * opened.channels {
            return Ok((opened, recorded));
        }
    }
    match sound.state() {
        SoundState::Lost { why, .. } => bail!("{why}; `xswarm-room devices` lists what there is"),
        SoundState::Closed | SoundState::Running | SoundState::Silent { .. } | SoundState::Ended => {
            bail!("no sound came; `xswarm-room devices` lists what there is")
        }
    }
}

fn play(sound: &mut Sound, waiting: &[f32]) {
    let mut at = 0;
    while at < waiting.len() {
        match sound.listen() {
            Heard::Ended => return,
            Heard::Opened(_) | Heard::Frames { .. } | Heard::Away => {}
        }
        let until = waiting.len().min(at + sound.wanted());
        sound.play(waiting.get(at..until).unwrap_or_default());
        at = until;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_said_and_what_is_wrong_with_them() {
        assert!(level(&[0.0; 9]).contains("nothing at all"));
        assert!(level(&[1.0, -1.0]).contains("too loud"));
        assert_eq!(level(&[0.1, -0.1]), "-20.0 dB on average, -20.0 dB at most");
    }
}
