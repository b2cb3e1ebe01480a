//! Choosing tokens: the likeliest at temperature 0, else one of the likeliest by chance.
//!
//! Each session has its own dice, so that what it says depends on its seed and not on who else is speaking.

use candle_core::{D, Result, Tensor};

use super::depth::Choose;

/// From how many of the likeliest tokens of the audio one is drawn, as Kyutai's library does.
const AUDIO_LIKELIEST: usize = 250;

/// The same for the text.
const TEXT_LIKELIEST: usize = 25;

/// The dice of one session.
#[derive(Debug)]
pub(super) struct Dice {
    random: fastrand::Rng,
    temperature: f32,
}

impl Dice {
    pub(super) fn new(seed: u64, temperature: f32) -> Self {
        Self { random: fastrand::Rng::with_seed(seed), temperature }
    }

    /// A token of the text.
    pub(super) fn text(&mut self, logits: &[f32]) -> u32 {
        self.draw(logits, TEXT_LIKELIEST)
    }

    /// Draws by the probabilities `softmax(logits / temperature)` of the likeliest tokens.
    fn draw(&mut self, logits: &[f32], likeliest: usize) -> u32 {
        let by_likelihood = |one: &(u32, f32), other: &(u32, f32)| other.1.total_cmp(&one.1);
        if self.temperature <= 0.0 {
            // Of equal ones the first, as PyTorch's argmax.
            let all = (0..).zip(logits.iter().copied());
            return all.min_by(by_likelihood).map_or(0, |(token, _)| token);
        }
        let mut tokens: Vec<(u32, f32)> = (0..).zip(logits.iter().copied()).collect();
        if tokens.len() > likeliest {
            tokens.select_nth_unstable_by(likeliest - 1, by_likelihood);
            tokens.truncate(likeliest);
        }
        let most = tokens.iter().map(|(_, logit)| *logit).fold(f32::NEG_INFINITY, f32::max);
        for (_, weight) in &mut tokens {
            *weight = ((*weight - most) / self.temperature).exp();
        }
        let mut left = self.random.f32() * tokens.iter().map(|(_, weight)| weight).sum::<f32>();
        for (token, weight) in &tokens {
            left -= weight;
            if left < 0.0 {
                return *token;
            }
        }
        // Rounding may leave a little over.
        tokens.last().map_or(0, |(token, _)| *token)
    }
}

/// The dice of the rows of a step.
#[derive(Debug)]
pub(super) struct Table<'a>(pub(super) Vec<&'a mut Dice>);

impl Choose for Table<'_> {
    fn codes(&mut self, logits: &Tensor) -> Result<Tensor> {
        if self.0.iter().all(|dice| dice.temperature <= 0.0) {
            // Without a copy to the host the GPU need not wait.
            return logits.argmax(D::Minus1);
        }
        let rows: Vec<Vec<f32>> = logits.to_vec2()?;
        let drawn = self.0.iter_mut().zip(&rows).map(|(dice, row)| dice.draw(row, AUDIO_LIKELIEST));
        Tensor::from_iter(drawn.collect::<Vec<_>>(), logits.device())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_temperature_it_is_the_likeliest() {
        assert_eq!(Dice::new(1, 0.0).text(&[0.5, 2.0, -1.0, 2.0]), 1);
    }

    #[test]
    fn draws_follow_the_probabilities_and_the_seed() {
        // At temperature 0.5 the logits 0 and ln 3 / 2 have odds of 1 : 3.
        let logits = [0.0, 3.0_f32.ln() / 2.0, f32::NEG_INFINITY];
        let draw = |seed| {
            let mut dice = Dice::new(seed, 0.5);
            (0..4_000).map(|_| dice.text(&logits)).collect::<Vec<_>>()
        };
        let drawn = draw(7);
        let ones = drawn.iter().filter(|token| **token == 1).count();
        assert!((2_850..3_150).contains(&ones), "{ones}");
        assert!(!drawn.contains(&2));
        assert_eq!(drawn, draw(7));
        assert_ne!(drawn, draw(8));
    }

    #[test]
    fn only_the_likeliest_are_drawn() {
        let logits: Vec<f32> = (0..100_u8).map(|token| f32::from(token) / 100.0).collect();
        let mut dice = Dice::new(3, 10.0);
        let drawn: Vec<u32> = (0..2_000).map(|_| dice.text(&logits)).collect();
        assert!(drawn.iter().all(|token| *token >= 75));
        assert!((75..100).all(|token| drawn.contains(&token)));
    }
}
