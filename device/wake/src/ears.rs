//! What is heard, every 80 ms: the speech embedding and, beside it, the spectrum of the newest 80 ms.
//!
//! The embedding was learnt from much real speech, but it looks at nothing above 3.8 kHz, and noise that covers a sound there
//! covers it wholly. The spectrum reaches to 7.2 kHz; taken without its running mean it says what changes, whatever the level
//! and whatever hums on.

use crate::{
    embedding::{EMBEDDING_SIZE, FRAMES, SpeechEmbedding, WakeError},
    spectrogram::{BANDS, SPEECH_BANDS, Spectrogram},
};

/// Samples from one impression to the next: 80 ms.
pub const HOP_SAMPLES: usize = 1_280;

/// Frames of the spectrogram that one row of an impression's spectrum is the mean of: 20 ms.
const FRAMES_OF_ROW: usize = 2;

/// Numbers in an impression's spectrum: four rows of 40 bands.
pub const SPECTRUM_SIZE: usize = FRAMES / FRAMES_OF_ROW * BANDS;

/// How much of the running mean each impression is: it forgets within about a second.
const NEW: f32 = 0.08;

/// Samples heard up to the end of what the embedding of an impression, counted from 0, looks at.
pub(crate) fn heard_until(number: usize) -> usize {
    // The last of its 76 frames, and of that frame the 400 samples in the middle of 512.
    (FRAMES * number + 75) * 160 + 456
}

/// What was just heard.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Impression {
    /// What the last 0.77 s sounded like, as Google's embedding says it.
    pub speech: [f32; EMBEDDING_SIZE],
    /// The newest 80 ms: a row of bands every 20 ms, in bels over their running mean of a second.
    pub spectrum: [f32; SPECTRUM_SIZE],
}

/// Takes sound, gives impressions. Whatever the sizes of the pieces it is given, the same sound gives the same impressions.
pub struct Ears {
    embedding: SpeechEmbedding,
    spectrogram: Spectrogram,
    frames: Vec<[f32; BANDS]>,
    mean: Option<[f32; BANDS]>,
    /// The speech bands of a step.
    step: Vec<f32>,
}

impl Ears {
    /// Fresh ears.
    pub fn new() -> Result<Self, WakeError> {
        Ok(Self {
            embedding: SpeechEmbedding::new()?,
            spectrogram: Spectrogram::new(),
            frames: Vec::new(),
            mean: None,
            step: Vec::new(),
        })
    }

    /// Forgets what was heard.
    pub fn reset(&mut self) -> Result<(), WakeError> {
        self.embedding.reset()?;
        self.spectrogram.reset();
        self.frames.clear();
        self.mean = None;
        Ok(())
    }

    /// Takes samples and hands each impression that they complete to `sink`.
    pub fn push(&mut self, samples: &[f32], mut sink: impl FnMut(&Impression)) -> Result<(), WakeError> {
        let frames = &mut self.frames;
        self.spectrogram.push(samples, |frame| frames.push(frame));
        while let Some(frames) = self.frames.first_chunk::<FRAMES>() {
            self.step.clear();
            self.step.extend(frames.iter().flat_map(|frame| frame.iter().take(SPEECH_BANDS)));
            let spectrum = spectrum(frames, &mut self.mean);
            self.frames.drain(..FRAMES);
            if let Some(speech) = self.embedding.step(&self.step)? {
                sink(&Impression { speech, spectrum });
            }
        }
        Ok(())
    }
}

/// The spectrum of these frames, which the running mean takes in first.
#[expect(clippy::cast_precision_loss, reason = "eight")]
fn spectrum(frames: &[[f32; BANDS]; FRAMES], running: &mut Option<[f32; BANDS]>) -> [f32; SPECTRUM_SIZE] {
    let mean_of = |frames: &[[f32; BANDS]], band: usize| {
        frames.iter().filter_map(|frame| frame.get(band)).sum::<f32>() / frames.len() as f32
    };
    let now: [f32; BANDS] = std::array::from_fn(|band| mean_of(frames, band));
    let mean = running.get_or_insert(now);
    for (mean, now) in mean.iter_mut().zip(now) {
        *mean += NEW * (now - *mean);
    }
    let mut spectrum = [0.0; SPECTRUM_SIZE];
    for (row, frames) in spectrum.chunks_exact_mut(BANDS).zip(frames.chunks_exact(FRAMES_OF_ROW)) {
        for (band, (value, mean)) in row.iter_mut().zip(&*mean).enumerate() {
            *value = mean_of(frames, band) - mean;
        }
    }
    spectrum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spectrogram::tests::signal;

    fn impressions(ears: &mut Ears, pieces: impl Iterator<Item = usize>, sound: &[f32]) -> Vec<Impression> {
        let mut found = Vec::new();
        let mut rest = sound;
        for size in pieces {
            let (piece, after) = rest.split_at(size.min(rest.len()));
            ears.push(piece, |impression| found.push(*impression)).unwrap();
            rest = after;
        }
        ears.push(rest, |impression| found.push(*impression)).unwrap();
        found
    }

    /// The numbers are those of the published networks (melspectrogram.onnx, then embedding_model.onnx on windows of 76
    /// frames) run by ONNX Runtime.
    #[test]
    fn embeddings_are_those_of_the_published_network() {
        const NUMBERS: [usize; 5] = [0, 1, 2, 50, 95];
        let found = impressions(&mut Ears::new().unwrap(), [].into_iter(), &signal());
        assert_eq!(found.len(), 15, "the sixteenth would need 40 ms more");
        let wanted = [(0, [-20.866, 38.572, -6.546, -18.282, 1.001]), (5, [-1.212, 20.698, -11.147, 9.488, 16.570])];
        for (at, wanted) in wanted {
            for (number, wanted) in NUMBERS.iter().zip(wanted) {
                let value: f32 = found[at].speech[*number];
                assert!((value - wanted).abs() < 0.1, "embedding {at}, number {number}: {value} for {wanted}");
            }
        }
    }

    #[test]
    fn the_sizes_of_the_pieces_make_no_difference_and_reset_is_a_fresh_start() {
        let sound = signal();
        let mut ears = Ears::new().unwrap();
        let whole = impressions(&mut ears, [].into_iter(), &sound);
        let mut rng = fastrand::Rng::with_seed(1);
        for _ in 0..3 {
            ears.reset().unwrap();
            let pieces = std::iter::repeat_with(|| rng.usize(0..3_000)).take(30).collect::<Vec<_>>();
            assert_eq!(impressions(&mut ears, pieces.into_iter(), &sound), whole);
        }
    }

    #[test]
    fn what_an_impression_is_of_has_been_pushed_when_it_comes() {
        let mut ears = Ears::new().unwrap();
        let mut pushed = 0;
        let mut number = 0;
        for piece in signal().chunks(160) {
            pushed += piece.len();
            let before = number;
            ears.push(piece, |_| number += 1).unwrap();
            for number in before..number {
                let late = pushed - heard_until(number);
                assert!(late <= 960, "impression {number} comes {late} samples late");
            }
        }
        assert!(number > 10);
    }

    #[test]
    fn the_spectrum_is_the_same_however_loud_it_is_and_forgets_what_does_not_change() {
        let louder: Vec<f32> = signal().iter().map(|sample| sample * 2.0).collect();
        let quiet = impressions(&mut Ears::new().unwrap(), [].into_iter(), &signal());
        let loud = impressions(&mut Ears::new().unwrap(), [].into_iter(), &louder);
        for (one, other) in quiet.iter().zip(&loud) {
            assert!(one.spectrum.iter().zip(&other.spectrum).all(|(one, other)| (one - other).abs() < 0.01));
        }
        // White noise: after two seconds there is nothing new in it.
        let mut rng = fastrand::Rng::with_seed(1);
        let noise: Vec<f32> = (0..48_000).map(|_| 0.2 * (rng.f32() - 0.5)).collect();
        let found = impressions(&mut Ears::new().unwrap(), [].into_iter(), &noise);
        let last = found.last().unwrap().spectrum;
        #[expect(clippy::cast_precision_loss, reason = "hundreds")]
        let mean = last.iter().sum::<f32>() / last.len() as f32;
        assert!(mean.abs() < 0.1, "{mean}");
    }
}
