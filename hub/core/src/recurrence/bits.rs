//! A set of the days of a year, counted from 0, as bits.

const WORDS: usize = 6;

/// Up to 384 days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bits([u64; WORDS]);

impl Bits {
    pub(super) const NONE: Self = Self([0; WORDS]);

    /// From `from` to before `to`.
    pub(super) fn range(from: u16, to: u16) -> Self {
        let mut words = [0; WORDS];
        for (word, begin) in words.iter_mut().zip((0..).step_by(64)) {
            let (low, high) = (from.saturating_sub(begin).min(64), to.saturating_sub(begin).min(64));
            if low < high {
                *word = u64::MAX >> (64 - (high - low)) << low;
            }
        }
        Self(words)
    }

    /// The days on the given weekdays (bit 0 is Monday) of a year that begins on weekday `first`.
    pub(super) fn weekly(weekdays: u8, first: u8) -> Self {
        let mut words = [0; WORDS];
        let mut weeks = u128::from(weekdays & 0x7f);
        for shift in [7, 14, 28, 56] {
            weeks |= weeks << shift;
        }
        for (word, begin) in words.iter_mut().zip((u32::from(first)..).step_by(64)) {
            // The pattern holds at least 64 bits beyond any of the seven offsets.
            *word = u64::try_from(weeks >> (begin % 7) & u128::from(u64::MAX)).unwrap_or(0);
        }
        Self(words)
    }

    pub(super) fn and(&self, other: &Self) -> Self {
        let mut words = self.0;
        words.iter_mut().zip(&other.0).for_each(|(word, other)| *word &= other);
        Self(words)
    }

    pub(super) fn or(&self, other: &Self) -> Self {
        let mut words = self.0;
        words.iter_mut().zip(&other.0).for_each(|(word, other)| *word |= other);
        Self(words)
    }

    /// Adds days that are given as bits from `begin` on, where bit 0 stands.
    pub(super) fn place(&mut self, days: u64, begin: u16) {
        let (word, shift) = (usize::from(begin / 64), begin % 64);
        if let Some(word) = self.0.get_mut(word) {
            *word |= days << shift;
        }
        if let Some(word) = self.0.get_mut(word + 1) {
            *word |= days.checked_shr(64 - u32::from(shift)).unwrap_or(0);
        }
    }

    /// Adds a day, if there is one.
    pub(super) fn set(&mut self, day: Option<u16>) {
        if let Some(day) = day
            && let Some(word) = self.0.get_mut(usize::from(day / 64))
        {
            *word |= 1 << (day % 64);
        }
    }

    /// The first day that is not before `from`.
    pub(super) fn next(&self, from: u16) -> Option<u16> {
        let mut from = from;
        while let Some(word) = self.0.get(usize::from(from / 64)) {
            let rest = word >> (from % 64);
            if rest != 0 {
                return Some(from + u16::try_from(rest.trailing_zeros()).unwrap_or(0));
            }
            from = (from / 64 + 1) * 64;
        }
        None
    }

    pub(super) fn count(&self) -> u32 {
        self.0.iter().map(|word| word.count_ones()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(bits: &Bits) -> Vec<u16> {
        let mut days = Vec::new();
        let mut from = 0;
        while let Some(day) = bits.next(from) {
            days.push(day);
            from = day + 1;
        }
        days
    }

    #[test]
    fn a_range_holds_its_days() {
        for (from, to) in [(0, 0), (0, 1), (0, 366), (63, 65), (64, 128), (127, 129), (365, 366), (10, 5)] {
            let bits = Bits::range(from, to);
            assert_eq!(days(&bits), (from..to).collect::<Vec<_>>());
            assert_eq!(bits.count(), u32::from(to.saturating_sub(from)));
        }
    }

    #[test]
    fn weekdays_repeat_through_the_year() {
        for first in 0..7_u8 {
            for weekdays in [0b000_0001, 0b100_0000, 0b001_0010, 0b111_1111, 0] {
                let expected: Vec<_> =
                    (0..384_u16).filter(|day| weekdays >> ((day + u16::from(first)) % 7) & 1 == 1).collect();
                assert_eq!(days(&Bits::weekly(weekdays, first)), expected);
            }
        }
    }

    #[test]
    fn sets_are_joined_and_cut() {
        let mut one = Bits::NONE;
        for day in [Some(3), None, Some(64), Some(370), Some(500)] {
            one.set(day);
        }
        assert_eq!(days(&one), [3, 64, 370]);
        one.place(0b101, 63);
        one.place(0b11, 128);
        assert_eq!(days(&one), [3, 63, 64, 65, 128, 129, 370]);
        one = one.and(&Bits::range(0, 65)).or(&Bits::range(370, 371));
        assert_eq!(days(&one.and(&Bits::range(64, 366))), [64]);
        assert_eq!(days(&one.or(&Bits::range(3, 5))), [3, 4, 63, 64, 370]);
    }
}
