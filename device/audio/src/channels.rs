//! Which channel of a sound card is what.

/// What the channels of a captured frame carry. Channels that are not named are not used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelMap {
    /// Channels of a frame, 1 to 8.
    pub channels: usize,
    /// The raw microphones, in the order of the array; the first one is also what *linear* is made of.
    pub microphones: Vec<usize>,
    /// What is played, where the card captures that too.
    pub reference: Option<usize>,
}

impl ChannelMap {
    /// Channels that are all microphones.
    pub fn microphones(channels: usize) -> Self {
        Self { channels, microphones: (0..channels).collect(), reference: None }
    }

    /// Whether every named channel exists, once.
    pub(crate) fn is_sound(&self) -> bool {
        let named: Vec<_> = self.named().collect();
        (1..=8).contains(&self.channels)
            && !self.microphones.is_empty()
            && named.iter().all(|channel| *channel < self.channels)
            && named.iter().enumerate().all(|(at, channel)| !named.iter().take(at).any(|other| other == channel))
    }

    /// The channels that are used: microphones, then the reference.
    pub(crate) fn named(&self) -> impl Iterator<Item = usize> + '_ {
        self.microphones.iter().copied().chain(self.reference)
    }

    /// Appends the used channels of some frames, interleaved again. What is no whole frame at the end is dropped.
    pub(crate) fn choose(&self, frames: &[f32], chosen: &mut Vec<f32>) {
        for frame in frames.chunks_exact(self.channels.max(1)) {
            chosen.extend(self.named().map(|channel| frame.get(channel).copied().unwrap_or(0.0)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_used_channels_come_in_their_order() {
        let map = ChannelMap { channels: 6, microphones: vec![4, 1], reference: Some(5) };
        assert!(map.is_sound());
        let mut chosen = Vec::new();
        map.choose(&[0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 9.0], &mut chosen);
        assert_eq!(chosen, [0.4, 0.1, 0.5, 1.4, 1.1, 1.5]);
    }

    #[test]
    fn a_channel_that_is_missing_or_named_twice_is_found() {
        for (channels, microphones, reference) in [
            (0, vec![], None),
            (2, vec![], None),
            (2, vec![0, 2], None),
            (2, vec![0, 0], None),
            (2, vec![0], Some(0)),
            (9, vec![0], None),
        ] {
            let map = ChannelMap { channels, microphones, reference };
            assert!(!map.is_sound(), "{map:?}");
        }
    }
}
