//! Room for streams that have still to show a token: bounded for everybody together and for each network, so that whoever
//! knocks from one place keeps nobody from elsewhere out.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

/// So many streams may be open at once that have not said yet which call they are.
const MOST: usize = 256;

/// So many of these from one network.
const FROM_ONE_MOST: usize = 32;

/// Who knocks from where.
#[derive(Debug, Default)]
pub(super) struct Openings {
    waiting: Mutex<HashMap<Option<IpAddr>, usize>>,
}

/// Room for one stream, until it is dropped.
#[derive(Debug)]
pub(crate) struct Opening {
    openings: Arc<Openings>,
    network: Option<IpAddr>,
}

impl Openings {
    /// Room for a stream from this network, if there is some.
    pub(super) fn enter(self: &Arc<Self>, network: Option<IpAddr>) -> Option<Opening> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let from_there = waiting.get(&network).copied().unwrap_or(0);
        if waiting.values().sum::<usize>() >= MOST || from_there >= FROM_ONE_MOST {
            return None;
        }
        waiting.insert(network, from_there + 1);
        Some(Opening { openings: Arc::clone(self), network })
    }
}

impl Drop for Opening {
    fn drop(&mut self) {
        let mut waiting = self.openings.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = waiting.get_mut(&self.network) {
            *count -= 1;
            if *count == 0 {
                waiting.remove(&self.network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_network_cannot_keep_another_out_and_what_was_taken_is_given_back() {
        let openings = Arc::new(Openings::default());
        let from = |last: u8| Some(IpAddr::from([203, 0, 113, last]));
        let one: Vec<_> = std::iter::from_fn(|| openings.enter(from(1))).take(1_000).collect();
        assert_eq!(one.len(), FROM_ONE_MOST);
        let mut others = Vec::new();
        for last in 2..20 {
            others.extend(std::iter::from_fn(|| openings.enter(from(last))).take(1_000));
        }
        assert_eq!(one.len() + others.len(), MOST);
        drop(others);
        assert!(openings.enter(from(2)).is_some() && openings.enter(from(1)).is_none());
        drop(one);
        assert!(openings.waiting.lock().unwrap().is_empty());
    }
}
