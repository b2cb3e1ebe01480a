//! How many requests without a valid signature an address may make before it hears 429 instead of 403.
//!
//! It is asked only after a signature failed, so a validly signed webhook never hears 429. Memory is bounded: addresses
//! that have been quiet are forgotten, and when too many are active at once the newcomers share one allowance.

use std::{
    net::{IpAddr, Ipv4Addr},
    num::NonZeroU32,
    sync::atomic::{AtomicU32, Ordering},
};

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::client_address::network;

/// Addresses remembered at once; some 100 bytes each.
const ADDRESSES_MAX: usize = 10_000;
/// How many checks pass between two looks for addresses to forget.
const FORGET_EVERY: u32 = 1_024;
/// Whose allowance newcomers share when the table is full.
const OTHERS: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

/// The limiter of one listener.
#[derive(Debug)]
pub(crate) struct UnsignedLimit {
    limiter: DefaultKeyedRateLimiter<IpAddr>,
    checks: AtomicU32,
}

impl UnsignedLimit {
    /// So many failures per minute and address.
    pub(crate) fn per_minute(failures: NonZeroU32) -> Self {
        Self { limiter: RateLimiter::keyed(Quota::per_minute(failures)), checks: AtomicU32::new(0) }
    }

    /// Counts a failure of `address` and says whether it is still within the limit.
    pub(crate) fn allows(&self, address: IpAddr) -> bool {
        if self.checks.fetch_add(1, Ordering::Relaxed) % FORGET_EVERY == FORGET_EVERY - 1 {
            self.limiter.retain_recent();
        }
        let full = self.limiter.len() >= ADDRESSES_MAX;
        let key = if full { OTHERS } else { network(address) };
        self.limiter.check_key(&key).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(failures: u32) -> UnsignedLimit {
        UnsignedLimit::per_minute(NonZeroU32::new(failures).unwrap())
    }

    #[test]
    fn each_address_has_its_own_allowance() {
        let limit = limit(3);
        let [one, other] = ["203.0.113.7", "203.0.113.8"].map(|address| address.parse().unwrap());
        assert_eq!([(); 5].map(|()| limit.allows(one)), [true, true, true, false, false]);
        assert!(limit.allows(other));
    }

    #[test]
    fn memory_is_bounded_under_a_flood_of_addresses() {
        let limit = limit(1);
        for bits in 0..(u32::try_from(ADDRESSES_MAX).unwrap() * 3) {
            limit.allows(IpAddr::V4(Ipv4Addr::from_bits(bits + 1)));
        }
        assert!(limit.limiter.len() <= ADDRESSES_MAX + 1, "{}", limit.limiter.len());
        assert!(!limit.allows("203.0.113.7".parse().unwrap()), "newcomers share what is used up");
    }
}
