//! The box's own voice, subtracted from what the microphones hear.
//!
//! A partitioned-block adaptive filter in the frequency domain, steered by a Kalman filter (Enzner and Vary 2006; Kuech,
//! Mabande and Enzner 2014): it knows for each frequency how much it knows, so it learns fast when it knows nothing, and not
//! while a talker drowns the echo. It only subtracts: whatever else is heard stays as it was. One filter per microphone,
//! one uncertainty for all, since all hear the same loudspeaker.

mod astray;
mod delay;
mod suppress;

use std::collections::VecDeque;

use realfft::num_complex::Complex;

use crate::spectrum::{BINS, Bins, SILENCE, Spectrum, Transform};
use crate::{BLOCK, Sound};
use astray::Astray;
use delay::{Delay, FURTHEST};
pub(crate) use suppress::Suppressor;

/// Milliseconds of a block.
const BLOCK_MS: u32 = 10;

/// How uncertain a filter is that knows nothing: as loud an echo as this, as a power, is to be reckoned with.
const UNKNOWN: f32 = 1.0;

/// What part of the path is reckoned to change in a block, as a power.
const CHANGE: f32 = 3e-5;

/// How much of the estimate of what is no echo stays for the next block.
const MEMORY: f32 = 0.8;

/// The power of a block of digital silence, or near enough: -80 dBFS.
const SILENT: f32 = BLOCK as f32 * 1e-8;

/// What became of the echo.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct EchoReport {
    /// Whether something is played.
    pub playing: bool,
    /// By how many dB the first microphone became quieter by subtracting, over the last second or so of playing. Where a
    /// talker speaks over the echo this is less than the echo was reduced by.
    pub reduction_db: f32,
    /// How much later than handed over the sound comes back, in milliseconds, to a block.
    pub delay_ms: u32,
    /// By how many millionths the clock of the loudspeaker is faster than that of the microphones.
    pub drift_ppm: f32,
}

/// One filter: what each partition does to a spectrum of the reference.
type Filter = Vec<Spectrum>;

/// Subtracts the echo from each microphone.
pub(crate) struct EchoCanceller {
    transform: Transform,
    before: Sound,
    /// Spectra of the reference, the newest first.
    played: VecDeque<Spectrum>,
    /// Blocks between a sound and the first of its echo.
    offset: usize,
    delay: Delay,
    astray: Astray,
    filters: Vec<Filter>,
    uncertainty: Vec<Bins>,
    others: Bins,
    errors: Vec<Spectrum>,
    heard_power: f32,
    left_power: f32,
}

impl EchoCanceller {
    /// For so many microphones, following an echo for `tail_ms`.
    pub(crate) fn new(microphones: usize, tail_ms: u32) -> Self {
        let partitions = tail_ms.div_ceil(BLOCK_MS) as usize;
        Self {
            transform: Transform::new(),
            before: [0.0; BLOCK],
            played: std::iter::repeat_n(SILENCE, FURTHEST + partitions).collect(),
            offset: 0,
            delay: Delay::new(),
            astray: Astray::new(partitions),
            filters: vec![vec![SILENCE; partitions]; microphones],
            uncertainty: vec![[UNKNOWN; BINS]; partitions],
            others: [0.0; BINS],
            errors: vec![SILENCE; microphones],
            heard_power: 0.0,
            left_power: 0.0,
        }
    }

    /// Takes the echo of what is played off each microphone; `echo` becomes what was taken off the first.
    pub(crate) fn cancel(&mut self, played: &Sound, heard: &mut [Sound], echo: &mut Sound) {
        let playing = self.take(played);
        if let Some(first) = heard.first() {
            self.find_delay(first, playing);
        }
        let before = power(heard.first());
        self.subtract(heard, echo);
        self.account(playing, before, power(heard.first()));
        let expected = self.expected();
        if playing {
            self.find_astray(&expected);
        }
        self.learn(&expected);
    }

    /// What became of the echo; `drift_ppm` is not known here.
    pub(crate) fn report(&self) -> EchoReport {
        let reduction = self.heard_power.max(SILENT) / self.left_power.max(SILENT * 1e-3);
        EchoReport {
            playing: power(Some(&self.before)) > SILENT,
            reduction_db: 10.0 * reduction.log10(),
            delay_ms: self.delay.blocks() as u32 * BLOCK_MS,
            drift_ppm: 0.0,
        }
    }

    /// Takes in the newest block that is played; tells whether it is more than silence.
    fn take(&mut self, played: &Sound) -> bool {
        let mut newest = self.played.pop_back().unwrap_or(SILENCE);
        self.transform.forward(self.before.iter().chain(played).copied(), &mut newest);
        self.played.push_front(newest);
        self.before = *played;
        power(Some(played)) > SILENT
    }

    /// Looks elsewhere when the echo is found to begin there. Filters that do their work are moved so that what they know
    /// stays where it is; otherwise it is the echo that has moved, and what they know moves with it, to be learned anew.
    fn find_delay(&mut self, heard: &Sound, playing: bool) {
        if !playing {
            return;
        }
        let Some(offset) = self.delay.push(&mut self.transform, heard, &self.played, self.offset) else { return };
        if self.left_power < 0.5 * self.heard_power {
            let (by, later) = (offset.abs_diff(self.offset), offset > self.offset);
            let by = by.min(self.uncertainty.len());
            for filter in &mut self.filters {
                shift(filter, by, later, SILENCE);
            }
            shift(&mut self.uncertainty, by, later, [UNKNOWN; BINS]);
        } else {
            self.uncertainty.fill([UNKNOWN; BINS]);
        }
        self.offset = offset;
    }

    /// The reference as each partition sees it.
    fn seen(played: &VecDeque<Spectrum>, offset: usize) -> impl Iterator<Item = &Spectrum> {
        played.iter().skip(offset)
    }

    fn subtract(&mut self, heard: &mut [Sound], echo: &mut Sound) {
        for (at, ((sound, filter), error)) in heard.iter_mut().zip(&self.filters).zip(&mut self.errors).enumerate() {
            let mut predicted = SILENCE;
            for (weights, played) in filter.iter().zip(Self::seen(&self.played, self.offset)) {
                for (sum, (weight, bin)) in predicted.iter_mut().zip(weights.iter().zip(played)) {
                    *sum += weight * bin;
                }
            }
            let (_, newer) = self.transform.inverse(&predicted);
            if at == 0 {
                echo.copy_from_slice(newer);
            }
            sound.iter_mut().zip(newer).for_each(|(sample, echo)| *sample -= echo);
            self.transform.forward(std::iter::repeat_n(0.0, BLOCK).chain(sound.iter().copied()), error);
        }
    }

    /// Follows how loud it was before and after; a filter that makes it louder has gone astray and starts anew.
    fn account(&mut self, playing: bool, before: f32, after: f32) {
        if !playing {
            return;
        }
        self.heard_power += 0.02 * (before - self.heard_power);
        self.left_power += 0.02 * (after - self.left_power);
        if self.left_power > 2.0 * self.heard_power + SILENT {
            self.filters.iter_mut().for_each(|filter| filter.fill(SILENCE));
            self.uncertainty.fill([UNKNOWN; BINS]);
            self.left_power = self.heard_power;
        }
    }

    /// How much of the error the filters expect to be their own.
    fn expected(&self) -> Bins {
        let mut own = [0.0; BINS];
        for (uncertainty, played) in self.uncertainty.iter().zip(Self::seen(&self.played, self.offset)) {
            for (sum, (uncertainty, bin)) in own.iter_mut().zip(uncertainty.iter().zip(played)) {
                *sum += uncertainty * bin.norm_sqr();
            }
        }
        own
    }

    /// A filter whose error can be told from what is played, though it did not expect that, forgets how sure it was.
    fn find_astray(&mut self, expected: &Bins) {
        let Some(error) = self.errors.first() else { return };
        // An error is half a spectrum's time.
        let expected = 0.5 * expected.iter().sum::<f32>();
        if self.astray.push(error, Self::seen(&self.played, self.offset), expected) {
            self.uncertainty.fill([UNKNOWN; BINS]);
        }
    }

    fn learn(&mut self, expected: &Bins) {
        let share = 1.0 / self.errors.len().max(1) as f32;
        let mut step = [0.0; BINS];
        for (bin, ((step, own), others)) in step.iter_mut().zip(expected).zip(&mut self.others).enumerate() {
            let error =
                self.errors.iter().filter_map(|error| error.get(bin)).map(Complex::norm_sqr).sum::<f32>() * share;
            *others = (MEMORY * *others + (1.0 - MEMORY) * error).max(error * 0.5);
            *step = 1.0 / (own + 2.0 * *others + f32::MIN_POSITIVE);
        }
        for (partition, (uncertainty, played)) in
            self.uncertainty.iter_mut().zip(Self::seen(&self.played, self.offset)).enumerate()
        {
            let mut gain = SILENCE;
            for ((gain, step), (uncertainty, bin)) in gain.iter_mut().zip(&step).zip(uncertainty.iter().zip(played)) {
                *gain = bin.conj() * (uncertainty * step);
            }
            let mut strength = [0.0; BINS];
            for (filter, error) in self.filters.iter_mut().zip(&self.errors) {
                let Some(weights) = filter.get_mut(partition) else { continue };
                let mut change = SILENCE;
                for (change, (gain, error)) in change.iter_mut().zip(gain.iter().zip(error)) {
                    *change = gain * error;
                }
                // A filter reaches over one block only: what wraps around is taken off.
                let mut kept = [0.0; BLOCK];
                kept.copy_from_slice(self.transform.inverse(&change).0);
                let kept = kept.into_iter().chain(std::iter::repeat_n(0.0, BLOCK));
                self.transform.forward(kept, &mut change);
                for ((weight, change), strength) in weights.iter_mut().zip(&change).zip(&mut strength) {
                    *weight += change;
                    *strength += weight.norm_sqr() * share;
                }
            }
            for ((uncertainty, strength), (step, bin)) in
                uncertainty.iter_mut().zip(&strength).zip(step.iter().zip(played))
            {
                let learned = 0.5 * *uncertainty * bin.norm_sqr() * step;
                *uncertainty = (*uncertainty * (1.0 - learned) + CHANGE * strength).min(UNKNOWN);
            }
        }
    }
}

fn power(sound: Option<&Sound>) -> f32 {
    sound.map_or(0.0, |sound| sound.iter().map(|sample| sample * sample).sum())
}

/// Moves a list so that what stood at `by` stands first (`later`), or the other way round; what is new is `new`.
fn shift<T: Clone>(list: &mut [T], by: usize, later: bool, new: T) {
    let length = list.len();
    let fresh = if later {
        list.rotate_left(by);
        list.get_mut(length - by..)
    } else {
        list.rotate_right(by);
        list.get_mut(..by)
    };
    if let Some(fresh) = fresh {
        fresh.fill(new);
    }
}

#[cfg(test)]
mod tests;
