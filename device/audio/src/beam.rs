//! Several microphones as one that listens in a direction.
//!
//! The weights of every direction are made beforehand: *delay and sum* divides evenly, *superdirective* makes noise from
//! everywhere as quiet as it can (Bitzer and Simmer 2001), loaded so that it does not make the microphones' own noise loud.
//! Both leave a wave from the chosen direction as it is. Where they point changes between blocks that overlap, and so without
//! a click.

use realfft::num_complex::Complex;

use crate::array::SOUND_METRES_PER_S;
use crate::direction::{DIRECTIONS, degrees};
use crate::spectrum::{BINS, Spectrum, frequencies};
use crate::{Array, Beam};

/// The most microphones.
const MOST: usize = 8;

/// Weights by direction, microphone and bin.
pub(crate) struct Beamformer {
    weights: Vec<Vec<[Complex<f32>; BINS]>>,
}

impl Beamformer {
    /// `None` where the first microphone is to be taken as it is.
    pub(crate) fn new(array: &Array, beam: Beam) -> Option<Self> {
        let loading = match beam {
            Beam::Off => return None,
            Beam::DelayAndSum => None,
            Beam::Superdirective { loading } => Some(loading),
        };
        let distances = array.distances();
        let mut weights = vec![vec![[Complex::default(); BINS]; array.places().len()]; DIRECTIONS];
        for (bin, hz) in frequencies().enumerate() {
            let inverse = loading.map(|loading| inverse_of_noise(&distances, hz, loading));
            for (direction, weights) in weights.iter_mut().enumerate() {
                let arriving: Vec<_> = array
                    .leads_s(degrees(direction))
                    .map(|lead| Complex::cis(std::f32::consts::TAU * hz * lead))
                    .collect();
                for (weights, weight) in weights.iter_mut().zip(weigh(inverse.as_deref(), &arriving)) {
                    if let Some(one) = weights.get_mut(bin) {
                        *one = weight;
                    }
                }
            }
        }
        Some(Self { weights })
    }

    /// Listens towards `towards` degrees.
    pub(crate) fn listen(&self, towards: f32, spectra: &[Spectrum], out: &mut Spectrum) {
        let direction = (towards.rem_euclid(360.0) * DIRECTIONS as f32 / 360.0).round() as usize % DIRECTIONS;
        out.fill(Complex::default());
        for (weights, spectrum) in self.weights.get(direction).into_iter().flatten().zip(spectra) {
            for (sum, (weight, bin)) in out.iter_mut().zip(weights.iter().zip(spectrum)) {
                *sum += weight.conj() * bin;
            }
        }
    }
}

/// The weights that let a wave pass that arrives so: `inverse * arriving`, scaled.
fn weigh(inverse: Option<&[[f32; MOST]]>, arriving: &[Complex<f32>]) -> Vec<Complex<f32>> {
    let raw: Vec<_> = match inverse {
        None => arriving.to_vec(),
        Some(inverse) => {
            let row = |row: &[f32; MOST]| row.iter().zip(arriving).map(|(part, wave)| wave * *part).sum();
            inverse.iter().map(row).collect()
        }
    };
    let scale: f32 = arriving.iter().zip(&raw).map(|(wave, raw)| (wave.conj() * raw).re).sum();
    raw.into_iter().map(|raw| raw / scale).collect()
}

/// The inverse of what noise from everywhere, and the microphones' own, has in common between each two of them.
fn inverse_of_noise(distances: &[Vec<f32>], hz: f32, loading: f32) -> Vec<[f32; MOST]> {
    let mut matrix = [[0.0_f64; MOST]; MOST];
    for (at, (row, distances)) in matrix.iter_mut().zip(distances).enumerate() {
        for (cell, distance) in row.iter_mut().zip(distances) {
            let angle = f64::from(std::f32::consts::TAU * hz * distance / SOUND_METRES_PER_S);
            *cell = if angle == 0.0 { 1.0 } else { angle.sin() / angle };
        }
        if let Some(cell) = row.get_mut(at) {
            *cell += f64::from(loading);
        }
    }
    inverse(matrix, distances.len())
}

/// Gauss and Jordan, upon a matrix that is symmetric and positive definite, and so needs no pivoting.
fn inverse(mut matrix: [[f64; MOST]; MOST], size: usize) -> Vec<[f32; MOST]> {
    let mut inverse = [[0.0_f64; MOST]; MOST];
    for (at, row) in inverse.iter_mut().enumerate() {
        if let Some(cell) = row.get_mut(at) {
            *cell = 1.0;
        }
    }
    let cell = |row: &[f64; MOST], at: usize| row.get(at).copied().unwrap_or(0.0);
    for at in 0..size.min(MOST) {
        let (Some(mut pivot), Some(mut made)) = (matrix.get(at).copied(), inverse.get(at).copied()) else { break };
        let scale = cell(&pivot, at);
        pivot.iter_mut().chain(&mut made).for_each(|cell| *cell /= scale);
        for (other, (row, result)) in matrix.iter_mut().zip(&mut inverse).enumerate() {
            if other == at {
                (*row, *result) = (pivot, made);
                continue;
            }
            let factor = cell(row, at);
            row.iter_mut().zip(&pivot).for_each(|(cell, pivot)| *cell -= factor * pivot);
            result.iter_mut().zip(&made).for_each(|(cell, made)| *cell -= factor * made);
        }
    }
    inverse.iter().take(size).map(|row| row.map(|cell| cell as f32)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spectrum::SILENCE;

    fn circle() -> Array {
        Array::circle(0.032, &[45.0, 135.0, 225.0, 315.0])
    }

    fn wave(degrees: f32) -> Vec<Spectrum> {
        let spectrum = |lead: f32| {
            let mut spectrum = SILENCE;
            for (bin, hz) in spectrum.iter_mut().zip(frequencies()) {
                *bin = Complex::cis(std::f32::consts::TAU * hz * lead);
            }
            spectrum
        };
        circle().leads_s(degrees).map(spectrum).collect()
    }

    fn gain(beam: Beam, from: f32, hz: f32) -> f32 {
        let mut out = SILENCE;
        Beamformer::new(&circle(), beam).unwrap().listen(30.0, &wave(from), &mut out);
        out[(hz / 50.0) as usize].norm()
    }

    #[test]
    fn a_wave_from_where_it_listens_passes_unchanged() {
        for beam in [Beam::DelayAndSum, Beam::Superdirective { loading: 0.01 }] {
            let mut out = SILENCE;
            Beamformer::new(&circle(), beam).unwrap().listen(30.0, &wave(30.0), &mut out);
            for bin in out {
                assert!((bin - Complex::new(1.0, 0.0)).norm() < 1e-3, "{beam:?}: {bin}");
            }
        }
    }

    #[test]
    fn a_wave_from_elsewhere_is_made_quieter() {
        let superdirective = Beam::Superdirective { loading: 0.01 };
        assert!(gain(Beam::DelayAndSum, 210.0, 2_500.0) < 0.5);
        // Where the array is far smaller than the wave only the superdirective one tells front from back.
        assert!(gain(Beam::DelayAndSum, 210.0, 500.0) > 0.9);
        assert!(gain(superdirective, 210.0, 500.0) < 0.5);
    }

    #[test]
    fn the_inverse_is_one() {
        let mut matrix = [[0.0; MOST]; MOST];
        for (at, row) in matrix.iter_mut().enumerate().take(3) {
            row[..3].copy_from_slice(&[[2.0, 0.5, 0.1], [0.5, 1.5, 0.3], [0.1, 0.3, 1.0]][at]);
        }
        let inverse = inverse(matrix, 3);
        for (at, row) in matrix.iter().enumerate().take(3) {
            let product = |column: usize| -> f64 { (0..3).map(|k| row[k] * f64::from(inverse[k][column])).sum() };
            let one = |column| if at == column { 1.0 } else { 0.0 };
            assert!((0..3).all(|column| (product(column) - one(column)).abs() < 1e-6));
        }
    }
}
