//! Samples as cards have them, and as numbers from -1 to 1.

use super::to_i16;

/// How a card has its samples: in the order of the machine's bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Samples {
    I16,
    I32,
    F32,
}

impl Samples {
    /// Bytes of one.
    pub(super) const fn bytes(self) -> usize {
        match self {
            Self::I16 => 2,
            Self::I32 | Self::F32 => 4,
        }
    }

    /// Appends what the bytes say.
    pub(super) fn decode(self, bytes: &[u8], samples: &mut Vec<f32>) {
        match self {
            Self::I16 => {
                samples
                    .extend(bytes.as_chunks().0.iter().map(|bytes| f32::from(i16::from_ne_bytes(*bytes)) / 32_768.0));
            }
            Self::I32 => {
                let full = 2_147_483_648.0;
                samples.extend(bytes.as_chunks().0.iter().map(|bytes| i32::from_ne_bytes(*bytes) as f32 / full));
            }
            Self::F32 => samples.extend(bytes.as_chunks().0.iter().map(|bytes| f32::from_ne_bytes(*bytes))),
        }
    }

    /// Appends one sample so many times.
    pub(super) fn encode(self, sample: f32, times: usize, bytes: &mut Vec<u8>) {
        for _ in 0..times {
            match self {
                Self::I16 => bytes.extend(to_i16(sample).to_ne_bytes()),
                Self::I32 => bytes.extend(((f64::from(sample) * 2_147_483_648.0).round() as i32).to_ne_bytes()),
                Self::F32 => bytes.extend(sample.clamp(-1.0, 1.0).to_ne_bytes()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Samples; 3] = [Samples::I16, Samples::I32, Samples::F32];

    fn there_and_back(samples: Samples, sample: f32) -> f32 {
        let (mut bytes, mut back) = (Vec::new(), Vec::new());
        samples.encode(sample, 3, &mut bytes);
        assert_eq!(bytes.len(), 3 * samples.bytes());
        samples.decode(&bytes, &mut back);
        assert!(back.len() == 3 && back.iter().all(|one| one.to_bits() == back[0].to_bits()));
        back[0]
    }

    #[test]
    fn what_is_encoded_is_decoded() {
        for samples in ALL {
            let step = if samples == Samples::I16 { 1.0 / 32_768.0 } else { 1e-7 };
            for sample in [-1.0, -0.5, -1e-4, 0.0, 0.25, 0.999_9] {
                assert!((there_and_back(samples, sample) - sample).abs() <= step, "{samples:?}: {sample}");
            }
        }
    }

    #[test]
    fn what_is_too_loud_is_as_loud_as_can_be_and_does_not_wrap() {
        for samples in ALL {
            assert!(there_and_back(samples, 1.7) > 0.999_9);
            assert!(there_and_back(samples, -1.7) <= -0.999_9);
        }
        assert_eq!(to_i16(f32::NAN), 0);
    }
}
