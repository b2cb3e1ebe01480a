//! Which times of the day a rule allows, and the even pace of rules that run several times a day.

/// The seconds of a day.
pub(super) const DAY: u32 = 86_400;

/// A set of seconds of the day (or of an hour, or a minute).
#[derive(Debug, Clone)]
pub(super) enum Times {
    /// Every second of every minute of every hour in the sets; bit 0 is 0.
    Each { hours: u32, minutes: u64, seconds: u64 },
    /// Just these, in order.
    Listed(Vec<u32>),
}

/// The first bit that is not before `from`.
fn next_bit(bits: u64, from: u32) -> Option<u32> {
    let rest = bits.checked_shr(from).unwrap_or(0);
    (rest != 0).then(|| from + rest.trailing_zeros())
}

/// The n-th bit that is set, from 0.
fn nth_bit(bits: u64, n: u32) -> Option<u32> {
    let mut bits = bits;
    for _ in 0..n {
        bits &= bits.checked_sub(1)?;
    }
    (bits != 0).then(|| bits.trailing_zeros())
}

impl Times {
    /// The first that is not before `from`.
    pub(super) fn next(&self, from: u32) -> Option<u32> {
        match self {
            Self::Each { hours, minutes, seconds } => {
                let (hour, minute, second) = (from / 3600, from / 60 % 60, from % 60);
                let at = |hour: u32, minute: u32, second: u32| hour * 3600 + minute * 60 + second;
                if next_bit(u64::from(*hours), hour) == Some(hour) {
                    let this_minute = next_bit(*minutes, minute) == Some(minute);
                    if let Some(second) = next_bit(*seconds, second).filter(|_| this_minute) {
                        return Some(at(hour, minute, second));
                    }
                    if let Some(minute) = next_bit(*minutes, minute + 1) {
                        return Some(at(hour, minute, next_bit(*seconds, 0)?));
                    }
                }
                Some(at(next_bit(u64::from(*hours), hour + 1)?, next_bit(*minutes, 0)?, next_bit(*seconds, 0)?))
            }
            Self::Listed(times) => times.get(times.partition_point(|time| *time < from)).copied(),
        }
    }

    pub(super) fn count(&self) -> u32 {
        match self {
            Self::Each { hours, minutes, seconds } => hours.count_ones() * minutes.count_ones() * seconds.count_ones(),
            Self::Listed(times) => u32::try_from(times.len()).unwrap_or(u32::MAX),
        }
    }

    /// The n-th, from 0.
    pub(super) fn nth(&self, n: u32) -> Option<u32> {
        match self {
            Self::Each { hours, minutes, seconds } => {
                let (per_minute, per_hour) = (seconds.count_ones(), minutes.count_ones() * seconds.count_ones());
                let hour = nth_bit(u64::from(*hours), n.checked_div(per_hour)?)?;
                let minute = nth_bit(*minutes, n.checked_rem(per_hour)?.checked_div(per_minute)?)?;
                Some(hour * 3600 + minute * 60 + nth_bit(*seconds, n.checked_rem(per_minute)?)?)
            }
            Self::Listed(times) => times.get(usize::try_from(n).ok()?).copied(),
        }
    }

    /// Those at the given positions: from 1, or from the end when negative. All when there are no positions.
    pub(super) fn choose(self, positions: &[i32]) -> Self {
        if positions.is_empty() {
            return self;
        }
        let chosen = chosen(positions, self.count());
        Self::Listed(chosen.filter_map(|n| self.nth(n)).collect())
    }
}

/// The places (from 0, in order, each once) of `positions` in a set of `count`.
pub(super) fn chosen(positions: &[i32], count: u32) -> impl Iterator<Item = u32> + use<> {
    let count = i64::from(count);
    let mut places: Vec<u32> = positions
        .iter()
        .map(|position| if *position < 0 { count + i64::from(*position) } else { i64::from(*position) - 1 })
        .filter(|place| (0..count).contains(place))
        .filter_map(|place| u32::try_from(place).ok())
        .collect();
    places.sort_unstable();
    places.dedup();
    places.into_iter()
}

/// Periods of an hour, a minute or a second, every so many of them, for ever in both directions.
#[derive(Debug, Clone)]
pub(super) struct Pace {
    /// How long a period is, in seconds.
    pub unit: u32,
    /// From the begin of one to the begin of the next, in seconds.
    pub step: i64,
    /// When one of them begins, in seconds since day 0.
    pub origin: i64,
    /// When in the day they may begin.
    pub allowed: Times,
}

impl Pace {
    /// When in or after the day its first period begins, allowed or not, in seconds of the day.
    pub(super) fn offset(&self, day: i32) -> i64 {
        (self.origin - i64::from(day) * i64::from(DAY)).rem_euclid(self.step)
    }

    /// The first allowed period of the day that begins no earlier than `from`.
    pub(super) fn next(&self, day: i32, from: u32) -> Option<u32> {
        let offset = self.offset(day);
        let mut from = from;
        loop {
            let allowed = self.allowed.next(from)?;
            let ahead = (offset - i64::from(allowed)).rem_euclid(self.step);
            if ahead == 0 {
                return Some(allowed);
            }
            from = u32::try_from(i64::from(allowed) + ahead).ok().filter(|from| *from < DAY)?;
        }
    }

    /// How many allowed periods begin on the day.
    pub(super) fn count(&self, day: i32) -> u32 {
        let mut count = 0;
        let mut from = 0;
        while let Some(found) = self.next(day, from) {
            count += 1;
            from = found + self.unit;
        }
        count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(times: &Times) -> Vec<u32> {
        let mut found = Vec::new();
        let mut from = 0;
        while let Some(time) = times.next(from) {
            found.push(time);
            from = time + 1;
        }
        found
    }

    #[test]
    fn times_are_found_counted_and_chosen() {
        let times = Times::Each { hours: 1 << 9 | 1 << 23, minutes: 1 | 1 << 59, seconds: 1 << 5 | 1 << 59 };
        let found = all(&times);
        assert_eq!(found.len(), 8);
        assert_eq!(times.count(), 8);
        assert_eq!(found.first(), Some(&(9 * 3600 + 5)));
        assert_eq!(found.last(), Some(&(DAY - 1)));
        let one_by_one: Vec<_> = (0..9).map_while(|n| times.nth(n)).collect();
        assert_eq!(one_by_one, found);
        assert_eq!(all(&times.clone().choose(&[-1, 1, 8, 99, -99])), [found[0], found[7]]);
        assert_eq!(all(&times.choose(&[9])), [0; 0]);
    }

    #[test]
    fn a_pace_keeps_its_step_from_day_to_day() {
        let every_second = Times::Each { hours: (1 << 24) - 1, minutes: (1 << 60) - 1, seconds: (1 << 60) - 1 };
        let pace = Pace { unit: 1, step: 50_000, origin: 10 * i64::from(DAY) + 3, allowed: every_second };
        assert_eq!(pace.next(10, 0), Some(3));
        assert_eq!(pace.next(10, 4), Some(50_003));
        assert_eq!(pace.next(10, 50_004), None);
        assert_eq!(pace.next(11, 0), Some(13_603));
        assert_eq!(pace.next(9, 0), Some(36_403));
        assert_eq!([9, 10, 11].map(|day| pace.count(day)), [1, 2, 2]);
    }
}
