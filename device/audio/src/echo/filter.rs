//! The filters themselves: one per microphone, and one uncertainty for all, since all hear the same loudspeaker.

use realfft::num_complex::Complex;

use super::UNKNOWN;
use crate::spectrum::{BINS, Bins, SILENCE, Spectrum, Transform};
use crate::{BLOCK, Sound};

/// How much of the estimate of what is no echo stays for the next block.
const MEMORY: f32 = 0.8;

/// One filter: what each partition does to a spectrum of the reference.
type Filter = Vec<Spectrum>;

/// For so many blocks an echo may be as loud as can be; by how much it dies away in each one after, as a power: a room's
/// 60 dB in 0.4 s.
const EARLY: usize = 3;
const DECAY: f32 = 0.7;

/// Filters that learn together.
pub(super) struct Filters {
    filters: Vec<Filter>,
    uncertainty: Vec<Bins>,
    own: Bins,
    others: Bins,
    errors: Vec<Spectrum>,
    /// What part of the path is reckoned to change in a block, as a power.
    change: f32,
}

impl Filters {
    pub(super) fn new(microphones: usize, partitions: usize, change: f32) -> Self {
        Self {
            filters: vec![vec![SILENCE; partitions]; microphones],
            uncertainty: vec![[UNKNOWN; BINS]; partitions],
            own: [0.0; BINS],
            others: [0.0; BINS],
            errors: vec![SILENCE; microphones],
            change,
        }
    }

    /// Begins anew.
    pub(super) fn forget(&mut self) {
        self.filters.iter_mut().for_each(|filter| filter.fill(SILENCE));
        self.be_unsure();
    }

    /// Keeps what it knows, and is no longer sure of it.
    pub(super) fn be_unsure(&mut self) {
        self.uncertainty.fill([UNKNOWN; BINS]);
    }

    /// Reckons with an echo that begins where the filters begin, and dies away.
    pub(super) fn begin_here(&mut self) {
        let mut most = UNKNOWN;
        for (partition, uncertainty) in self.uncertainty.iter_mut().enumerate() {
            for uncertainty in uncertainty {
                *uncertainty = uncertainty.min(most);
            }
            most *= if partition + 1 < EARLY { 1.0 } else { DECAY };
        }
    }

    /// How much of the error is expected to be of their own making: so far, not what the newest block changes.
    pub(super) fn expected(&self) -> &Bins {
        &self.own
    }

    /// Moves the filters so that they begin so many blocks later, or earlier, and do what they did.
    pub(super) fn shift(&mut self, by: usize, later: bool) {
        let by = by.min(self.uncertainty.len());
        for filter in &mut self.filters {
            shift(filter, by, later, SILENCE);
        }
        shift(&mut self.uncertainty, by, later, [UNKNOWN; BINS]);
    }

    /// Becomes what another is for the first microphone, and expects to have been as wrong about the rest.
    pub(super) fn believe(&mut self, other: &Self) {
        let (Some(filter), Some(better)) = (self.filters.first_mut(), other.filters.first()) else { return };
        for ((weights, better), uncertainty) in filter.iter_mut().zip(better).zip(&mut self.uncertainty) {
            for ((weight, better), uncertainty) in weights.iter_mut().zip(better).zip(uncertainty) {
                *uncertainty = uncertainty.max((*weight - better).norm_sqr()).min(UNKNOWN);
                *weight = *better;
            }
        }
    }

    /// Subtracts what is expected of each microphone; `played` is the reference as each partition sees it. `echo` becomes what
    /// was taken off the first.
    pub(super) fn subtract<'a>(
        &mut self,
        transform: &mut Transform,
        played: &(impl Iterator<Item = &'a Spectrum> + Clone),
        heard: &mut [Sound],
        echo: &mut Sound,
    ) {
        for (at, ((sound, filter), error)) in heard.iter_mut().zip(&self.filters).zip(&mut self.errors).enumerate() {
            let mut predicted = SILENCE;
            for (weights, played) in filter.iter().zip(played.clone()) {
                for (sum, (weight, bin)) in predicted.iter_mut().zip(weights.iter().zip(played)) {
                    *sum += weight * bin;
                }
            }
            let (_, newer) = transform.inverse(&predicted);
            if at == 0 {
                echo.copy_from_slice(newer);
            }
            sound.iter_mut().zip(newer).for_each(|(sample, echo)| *sample -= echo);
            transform.forward(std::iter::repeat_n(0.0, BLOCK).chain(sound.iter().copied()), error);
        }
    }

    /// Learns from what was left.
    pub(super) fn learn<'a>(&mut self, transform: &mut Transform, played: impl Iterator<Item = &'a Spectrum> + Clone) {
        let share = 1.0 / self.errors.len().max(1) as f32;
        let step = self.step(played.clone(), share);
        for (partition, (uncertainty, played)) in self.uncertainty.iter_mut().zip(played).enumerate() {
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
                kept.copy_from_slice(transform.inverse(&change).0);
                let kept = kept.into_iter().chain(std::iter::repeat_n(0.0, BLOCK));
                transform.forward(kept, &mut change);
                for ((weight, change), strength) in weights.iter_mut().zip(&change).zip(&mut strength) {
                    *weight += change;
                    *strength += weight.norm_sqr() * share;
                }
            }
            for ((uncertainty, strength), (step, bin)) in
                uncertainty.iter_mut().zip(&strength).zip(step.iter().zip(played))
            {
                let learned = 0.5 * *uncertainty * bin.norm_sqr() * step;
                *uncertainty = (*uncertainty * (1.0 - learned) + self.change * strength).min(UNKNOWN);
            }
        }
    }

    /// One over how much error is to be expected in each bin, of the filters' own making and of others'.
    fn step<'a>(&mut self, played: impl Iterator<Item = &'a Spectrum>, share: f32) -> Bins {
        let own = &mut self.own;
        own.fill(0.0);
        for (uncertainty, played) in self.uncertainty.iter().zip(played) {
            for (sum, (uncertainty, bin)) in own.iter_mut().zip(uncertainty.iter().zip(played)) {
                *sum += uncertainty * bin.norm_sqr();
            }
        }
        let mut step = [0.0; BINS];
        for (bin, ((step, own), others)) in step.iter_mut().zip(&*own).zip(&mut self.others).enumerate() {
            let error =
                self.errors.iter().filter_map(|error| error.get(bin)).map(Complex::norm_sqr).sum::<f32>() * share;
            *others = (MEMORY * *others + (1.0 - MEMORY) * error).max(error * 0.5);
            *step = 1.0 / (own + 2.0 * *others + f32::MIN_POSITIVE);
        }
        step
    }
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
mod tests {
    use super::*;

    #[test]
    fn moving_a_list_keeps_what_stays_in_it() {
        let mut list = [1, 2, 3, 4];
        shift(&mut list, 1, true, 0);
        assert_eq!(list, [2, 3, 4, 0]);
        shift(&mut list, 2, false, 9);
        assert_eq!(list, [9, 9, 2, 3]);
    }
}
