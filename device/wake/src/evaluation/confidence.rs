//! Rates, and how sure one can be of them.

/// So many of so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// How many.
    pub count: usize,
    /// Of how many.
    pub of: usize,
}

impl Rate {
    /// How many of all are so.
    pub(crate) fn of<T>(all: &[T], is_so: impl Fn(&T) -> bool) -> Self {
        Self { count: all.iter().filter(|one| is_so(one)).count(), of: all.len() }
    }

    /// The same for each name, in the order in which they come first.
    pub(crate) fn by<K: PartialEq>(all: impl Iterator<Item = (K, bool)>) -> Vec<(K, Self)> {
        let mut rates: Vec<(K, Self)> = Vec::new();
        for (name, is_so) in all {
            let more = usize::from(is_so);
            match rates.iter_mut().find(|(known, _)| *known == name) {
                Some((_, rate)) => *rate = Self { count: rate.count + more, of: rate.of + 1 },
                None => rates.push((name, Self { count: more, of: 1 })),
            }
        }
        rates
    }

    /// As a share, 0 of nothing.
    #[expect(clippy::cast_precision_loss, reason = "counts of clips")]
    pub fn share(self) -> f32 {
        self.count as f32 / self.of.max(1) as f32
    }
}

/// The exact two-sided 95 % interval of a Poisson mean, of which `count` events were seen (Garwood 1936).
pub fn poisson_95(count: usize) -> (f32, f32) {
    // The mean at which seeing at most `most` events is as likely as `probability`; the likelihood falls with the mean.
    let mean = |most: usize, probability: f64| {
        let (mut low, mut high) = (0.0, 10.0 + 3.0 * bounded(most));
        for _ in 0..60 {
            let middle = f64::midpoint(low, high);
            if at_most(most, middle) > probability { low = middle } else { high = middle }
        }
        low
    };
    #[expect(clippy::cast_possible_truncation, reason = "two digits are shown")]
    let rounded = |value: f64| value as f32;
    (rounded(count.checked_sub(1).map_or(0.0, |less| mean(less, 0.975))), rounded(mean(count, 0.025)))
}

fn bounded(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Probability of at most so many events. In logarithms: the terms of a large mean are too small to be written out.
fn at_most(most: usize, mean: f64) -> f64 {
    let mut term = -mean;
    let mut sum = term.exp();
    for n in 1..=most {
        term += (mean / bounded(n)).ln();
        sum += term.exp();
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_those_of_the_tables() {
        for (count, low, high) in [
            (0, 0.0, 3.689),
            (1, 0.025_3, 5.572),
            (5, 1.623, 11.668),
            (20, 12.217, 30.888),
            (1_000, 938.973, 1_063.952),
        ] {
            let found = poisson_95(count);
            assert!((found.0 - low).abs() < 0.02 && (found.1 - high).abs() < 0.02, "{count}: {found:?}");
        }
    }

    #[test]
    fn rates_are_counted_by_name() {
        let rates = Rate::by([("a", true), ("b", false), ("a", false)].into_iter());
        assert_eq!(rates, [("a", Rate { count: 1, of: 2 }), ("b", Rate { count: 0, of: 1 })]);
    }
}
