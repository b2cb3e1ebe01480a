//! The stages, one after the other: channel map → block → high pass → echo canceller → (linear) → spectra → direction →
//! beam → residual echo → sound → noise → level → (clean).

use std::time::Duration;

use crate::beam::Beamformer;
use crate::clean::Clean;
use crate::direction::Talker;
use crate::drift::Played;
use crate::echo::{EchoCanceller, Suppressor};
use crate::high_pass::HighPass;
use crate::resample::Resampler;
use crate::spectrum::{Analysis, BINS, Bins, SILENCE, Spectrum, Synthesis, Transform};
use crate::{BLOCK, ChannelMap, Config, ConfigError, Direction, EchoReport, Reference, Sound, Steering};

/// How sure the direction must be for the beam to follow it.
const SURE: f32 = 0.2;

/// What was made of 10 ms.
#[derive(Debug)]
pub struct Block<'a> {
    /// The first microphone, with the echo subtracted and nothing else done to it but the high pass.
    pub linear: &'a [f32; BLOCK],
    /// The same time (about 25 ms later, with every stage at work): steered at the talker, without echo and noise, at an even
    /// level.
    pub clean: &'a [f32; BLOCK],
    /// *clean* at 24,000 samples a second, [`FRAME`](crate::FRAME) samples, once in eight blocks.
    pub frame: Option<&'a [f32]>,
    /// How likely it is that somebody speaks, 0 to 1; told from *clean*, and so not by the box's own voice.
    pub speech: f32,
    /// Where the talker is; `None` with one microphone, and where the beam does not follow.
    pub direction: Option<Direction>,
    /// What became of the echo.
    pub echo: EchoReport,
}

/// Takes what is captured and played, and gives what can be listened to.
pub struct FrontEnd {
    intake: Intake,
    played: Option<Played>,
    high_pass: Vec<HighPass>,
    echo: Option<EchoCanceller>,
    listening: Listening,
    clean: Clean,
    sounds: Sounds,
}

impl std::fmt::Debug for FrontEnd {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FrontEnd").field("intake", &self.intake.map).finish_non_exhaustive()
    }
}

/// From the frames of the card to blocks.
struct Intake {
    map: ChannelMap,
    rate_hz: f64,
    chosen: Vec<f32>,
    resampler: Resampler,
}

/// From the microphones to one signal.
struct Listening {
    transform: Transform,
    analyses: Vec<Analysis>,
    spectra: Vec<Spectrum>,
    echo_analysis: Analysis,
    talker: Talker,
    steering: Steering,
    towards: f32,
    beam: Option<Beamformer>,
    suppressor: Option<Suppressor>,
    synthesis: Synthesis,
}

/// Sound of one block, as it goes through the stages.
struct Sounds {
    microphones: Vec<Sound>,
    reference: Sound,
    echo: Sound,
    clean: Sound,
}

impl FrontEnd {
    /// Everything that will ever be needed is made here.
    pub fn new(config: &Config) -> Result<Self, ConfigError> {
        config.check()?;
        let map = config.capture.channels.clone();
        let (microphones, stages) = (map.microphones.len(), &config.stages);
        let played = match config.reference {
            Reference::Played { rate_hz } => Some(Played::new(rate_hz)?),
            Reference::None | Reference::Captured => None,
        };
        let high_pass = if stages.high_pass { vec![HighPass::new(); microphones] } else { Vec::new() };
        let known = config.reference != Reference::None;
        let echo = stages.echo_tail_ms.filter(|_| known).map(|tail_ms| EchoCanceller::new(microphones, tail_ms));
        let used = map.named().count();
        Ok(Self {
            intake: Intake {
                rate_hz: f64::from(config.capture.rate_hz),
                chosen: Vec::with_capacity(BLOCK * map.channels),
                resampler: Resampler::new(config.capture.rate_hz, used)?,
                map,
            },
            played,
            high_pass,
            listening: Listening::new(config, microphones, echo.is_some()),
            echo,
            clean: Clean::new(stages)?,
            sounds: Sounds {
                microphones: vec![[0.0; BLOCK]; microphones],
                reference: [0.0; BLOCK],
                echo: [0.0; BLOCK],
                clean: [0.0; BLOCK],
            },
        })
    }

    /// What is handed to the loudspeaker: mono, at the rate of [`Reference::Played`], and when: on any clock that never goes
    /// back, the same as that of [`captured`](Self::captured). As long as the loudspeaker is open, silence is handed over too;
    /// a gap is taken for a stop. Does nothing with any other reference.
    pub fn played(&mut self, sound: &[f32], at: Duration) {
        if let Some(played) = &mut self.played {
            played.push(sound, at);
        }
    }

    /// What was captured until that time: whole frames, interleaved. Gives every block that became whole.
    pub fn captured(&mut self, frames: &[f32], at: Duration, mut each: impl FnMut(Block<'_>)) {
        let channels = self.intake.map.channels;
        let mut left = frames.len() / channels;
        // In pieces, so that what waits stays within what was set aside for it.
        for piece in frames.chunks(BLOCK * channels) {
            left = left.saturating_sub(BLOCK);
            let at = at.saturating_sub(Duration::from_secs_f64(left as f64 / self.intake.rate_hz));
            self.intake.push(piece);
            while self.intake.pull(&mut self.sounds) {
                each(self.block(at));
            }
        }
    }

    fn block(&mut self, at: Duration) -> Block<'_> {
        let sounds = &mut self.sounds;
        if let Some(played) = &mut self.played {
            played.pull(&mut sounds.reference, at);
        }
        for (filter, sound) in self.high_pass.iter_mut().zip(&mut sounds.microphones) {
            filter.filter(sound);
        }
        let mut report = EchoReport::default();
        if let Some(echo) = &mut self.echo {
            echo.cancel(&sounds.reference, &mut sounds.microphones, &mut sounds.echo);
            report = echo.report();
        }
        report.drift_ppm = self.played.as_ref().map_or(0.0, Played::drift_ppm);
        let left = self.echo.as_ref().map_or(&[0.0; BINS], EchoCanceller::left);
        let direction = self.listening.listen(sounds, left);
        let speech = self.clean.clean(&mut sounds.clean);
        self.listening.speech(speech);
        let linear = sounds.microphones.first().unwrap_or(&sounds.reference);
        let frame = self.clean.frame(&sounds.clean);
        Block { linear, clean: &sounds.clean, frame, speech, direction, echo: report }
    }
}

impl Intake {
    fn push(&mut self, frames: &[f32]) {
        self.chosen.clear();
        self.map.choose(frames, &mut self.chosen);
        self.resampler.push(&self.chosen);
    }

    /// The next block of each microphone, and of the reference where it is captured too.
    fn pull(&mut self, sounds: &mut Sounds) -> bool {
        let used = self.map.named().count();
        let Some(block) = self.resampler.pull() else { return false };
        for (at, frame) in block.chunks_exact(used.max(1)).enumerate() {
            let reference = self.map.reference.is_some().then_some(&mut sounds.reference);
            let places = sounds.microphones.iter_mut().chain(reference);
            for (place, sample) in places.zip(frame) {
                if let Some(place) = place.get_mut(at) {
                    *place = *sample;
                }
            }
        }
        true
    }
}

impl Listening {
    fn new(config: &Config, microphones: usize, echo: bool) -> Self {
        let stages = &config.stages;
        let analyses = std::iter::repeat_with(Analysis::new).take(microphones).collect();
        Self {
            transform: Transform::new(),
            analyses,
            spectra: vec![SILENCE; microphones],
            echo_analysis: Analysis::new(),
            talker: Talker::new(&config.array),
            steering: stages.steering,
            towards: 0.0,
            beam: Beamformer::new(&config.array, stages.beam),
            suppressor: (echo && stages.suppress_echo).then(Suppressor::new),
            synthesis: Synthesis::new(),
        }
    }

    /// Makes `clean` of the microphones, of the echo that was taken off them and of how much is expected to be `left`; tells where the talker is.
    fn listen(&mut self, sounds: &mut Sounds, left: &Bins) -> Option<Direction> {
        for ((analysis, sound), spectrum) in self.analyses.iter_mut().zip(&sounds.microphones).zip(&mut self.spectra) {
            analysis.push(&mut self.transform, sound, spectrum);
        }
        let direction = match self.steering {
            Steering::Follow => self.talker.push(&self.spectra),
            Steering::Degrees(degrees) => {
                self.towards = degrees;
                None
            }
        };
        if let Some(found) = direction.filter(|found| found.confidence >= SURE) {
            self.towards = found.degrees;
        }
        let mut one = SILENCE;
        match (&self.beam, self.spectra.first()) {
            (Some(beam), _) => beam.listen(self.towards, &self.spectra, &mut one),
            (None, Some(first)) => one = *first,
            (None, None) => {}
        }
        if let Some(suppressor) = &mut self.suppressor {
            let mut echo = SILENCE;
            self.echo_analysis.push(&mut self.transform, &sounds.echo, &mut echo);
            suppressor.suppress(&echo, left, &mut one);
        }
        self.synthesis.push(&mut self.transform, &one, &mut sounds.clean);
        direction
    }

    /// How likely it was, a moment ago, that somebody spoke: what is heard then says more about where they are.
    fn speech(&mut self, probability: f32) {
        self.talker.speech(probability);
    }
}
