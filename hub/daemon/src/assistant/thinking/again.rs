//! Answering later what the language model could not be asked about: when to try again, and for how long.

use chrono::Duration;

use crate::llm::Failure;

/// After so many attempts, a day in all, the person is told that there is no answer.
const ATTEMPTS_MOST: u32 = 28;

/// How long to wait before an attempt, from 1: two minutes, doubling to an hour.
pub(in crate::assistant) fn wait(attempt: u32) -> Duration {
    Duration::minutes((2_i64 << attempt.saturating_sub(1).min(5)).min(60))
}

/// Whether another attempt may go better.
pub(super) fn is_worth_it(failure: &Failure, attempt: u32) -> bool {
    let may_pass = match failure {
        Failure::CapReached { .. }
        | Failure::Unreachable(_)
        | Failure::Overloaded(_)
        | Failure::Refused { .. }
        | Failure::Nonsense(_)
        | Failure::TooSlow
        | Failure::Cancelled => true,
        Failure::NotConfigured | Failure::TooLong => false,
    };
    may_pass && attempt < ATTEMPTS_MOST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_go_on_for_a_day_and_end() {
        assert_eq!([1, 2, 3].map(wait), [2, 4, 8].map(Duration::minutes));
        let all: Duration = (1..=ATTEMPTS_MOST).map(wait).sum();
        assert!(all > Duration::hours(23) && all < Duration::hours(26), "{all}");
        assert!(!is_worth_it(&Failure::TooSlow, ATTEMPTS_MOST));
        assert!(!is_worth_it(&Failure::TooLong, 1));
    }
}
