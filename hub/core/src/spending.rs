//! What a language model costs: amounts, prices, and who caused what.
//!
//! Amounts are whole millionths of a US dollar, so that sums are exact; what does not come out even is rounded up. When a
//! cap is reached is the store's to decide: it alone sees all that was spent.

use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{id::UserId, message::Channel, text_enum};

/// Tokens that a price is for.
const PRICED_TOKENS: i128 = 1_000_000;

/// Parts of an amount that are shown: a hundredth of a cent.
const SHOWN: i64 = 100;

/// An amount of money, in millionths of a US dollar.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct Microdollars(pub i64);

impl Microdollars {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// Both together; `None` when that is more than can be counted.
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(sum) => Some(Self(sum)),
            None => None,
        }
    }

    /// Both together, at most what can be counted.
    #[must_use]
    pub const fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// How many hundredths of `whole` this is, rounded down; 100 of nothing.
    pub fn percent_of(self, whole: Self) -> i64 {
        if whole.0 <= 0 {
            return 100;
        }
        i64::try_from(i128::from(self.0) * 100 / i128::from(whole.0)).unwrap_or(i64::MAX)
    }
}

impl fmt::Display for Microdollars {
    /// In dollars, to the hundredth of a cent, rounded up: `$0.0123`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let shown = self.0.unsigned_abs().div_ceil(SHOWN.unsigned_abs());
        f.pad(&format!("{sign}${}.{:04}", shown / 10_000, shown % 10_000))
    }
}

text_enum! {
    /// What a model was asked for.
    pub enum Purpose {
        /// To answer somebody.
        Turn = "turn",
        /// To sum up what was said.
        Summary = "summary",
    }
}

text_enum! {
    /// How far a request to a model is.
    pub enum CallState {
        /// It was booked and may be under way.
        Open = "open",
        /// It was answered, and what it cost is known.
        Done = "done",
        /// It failed and cost nothing.
        Failed = "failed",
        /// Nobody can tell what it cost; it counts as what was reserved for it.
        Unknown = "unknown",
    }
}

text_enum! {
    /// What may not be exceeded.
    pub enum Cap {
        /// What is spent in a day, in UTC.
        Daily = "daily",
        /// What is spent in a month, in UTC.
        Monthly = "monthly",
    }
}

text_enum! {
    /// How long a time a report is about.
    pub enum Period {
        /// Today, in UTC.
        Day = "day",
        /// This month, in UTC.
        Month = "month",
    }
}

/// The caps that hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caps {
    /// For a day.
    pub daily: Microdollars,
    /// For a month.
    pub monthly: Microdollars,
}

impl Caps {
    /// One of them.
    pub const fn limit(self, cap: Cap) -> Microdollars {
        match cap {
            Cap::Daily => self.daily,
            Cap::Monthly => self.monthly,
        }
    }
}

/// Tokens that a request used, each counted once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Usage {
    /// Read, and neither from the provider's cache nor into it.
    pub input: u64,
    /// Read from the provider's cache.
    pub cache_read: u64,
    /// Read into the provider's cache.
    pub cache_write: u64,
    /// Written.
    pub output: u64,
}

/// What a million tokens of each kind cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Price {
    /// Of [`Usage::input`].
    pub input: Microdollars,
    /// Of [`Usage::cache_read`].
    pub cache_read: Microdollars,
    /// Of [`Usage::cache_write`].
    pub cache_write: Microdollars,
    /// Of [`Usage::output`].
    pub output: Microdollars,
}

/// What the tokens cost, rounded up; at most what can be counted.
pub fn cost(usage: &Usage, price: &Price) -> Microdollars {
    let parts = [
        (usage.input, price.input),
        (usage.cache_read, price.cache_read),
        (usage.cache_write, price.cache_write),
        (usage.output, price.output),
    ];
    // A product fits: 2^64 · 2^63 is less than 2^127. Of the sum that need not be true.
    let exact = parts
        .into_iter()
        .map(|(tokens, price)| i128::from(tokens) * i128::from(price.0.max(0)))
        .fold(0_i128, i128::saturating_add);
    let rounded = exact / PRICED_TOKENS + i128::from(exact % PRICED_TOKENS > 0);
    Microdollars(i64::try_from(rounded).unwrap_or(i64::MAX))
}

/// `GET /api/spending`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Spending {
    /// The first day of the report. Days and months are those of UTC.
    pub from: NaiveDate,
    /// Its last day.
    pub to: NaiveDate,
    /// What was spent in it, in millionths of a US dollar; what is reserved for requests under way is in it.
    pub total: Microdollars,
    /// What may be spent. A member sees none: they hold for the household.
    pub caps: Vec<CapState>,
    /// Who spent what on what, the most expensive first.
    pub rows: Vec<SpendingRow>,
    /// What each day cost, the first first; days without cost are left out.
    pub days: Vec<SpendingDay>,
}

/// How near a cap is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CapState {
    /// Which.
    pub cap: Cap,
    /// What may be spent.
    pub limit: Microdollars,
    /// What was spent.
    pub spent: Microdollars,
    /// When the next day or month begins.
    pub until: DateTime<Utc>,
}

/// What one person spent for one purpose on one channel with one model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SpendingRow {
    /// Who; absent when they were removed.
    pub user_id: Option<UserId>,
    /// Where they asked.
    pub channel: Channel,
    /// What for.
    pub purpose: Purpose,
    /// Which model.
    pub model: String,
    /// How many requests.
    pub calls: u64,
    /// What they used, as far as it is known.
    pub tokens: Usage,
    /// What they cost, in millionths of a US dollar.
    pub cost: Microdollars,
}

/// What a day cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SpendingDay {
    /// Which, in UTC.
    pub day: NaiveDate,
    /// How much, in millionths of a US dollar.
    pub cost: Microdollars,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_amount_is_shown_to_the_hundredth_of_a_cent_and_never_as_less() {
        for (amount, shown) in [
            (0, "$0.0000"),
            (1, "$0.0001"),
            (12_300, "$0.0123"),
            (12_301, "$0.0124"),
            (1_000_000, "$1.0000"),
            (20_123_456, "$20.1235"),
            (-50, "-$0.0001"),
        ] {
            assert_eq!(Microdollars(amount).to_string(), shown);
        }
        assert_eq!(format!("{:>10}", Microdollars(100)), "   $0.0001");
        assert_eq!(Microdollars(i64::MAX).checked_add(Microdollars(1)), None);
        assert_eq!(Microdollars(i64::MAX).saturating_add(Microdollars(1)).0, i64::MAX);
    }

    #[test]
    fn a_share_is_rounded_down_and_all_of_nothing() {
        assert_eq!(Microdollars(799_999).percent_of(Microdollars(1_000_000)), 79);
        assert_eq!(Microdollars(800_000).percent_of(Microdollars(1_000_000)), 80);
        assert_eq!(Microdollars(0).percent_of(Microdollars::ZERO), 100);
    }

    #[test]
    fn each_kind_of_token_has_its_price_and_the_sum_is_rounded_up_once() {
        let price = Price {
            input: Microdollars(100_000),
            cache_read: Microdollars(10_000),
            cache_write: Microdollars(125_000),
            output: Microdollars(500_000),
        };
        let usage = Usage { input: 1_000, cache_read: 2_000, cache_write: 400, output: 100 };
        // 100 + 20 + 50 + 50 millionths.
        assert_eq!(cost(&usage, &price), Microdollars(220));
        assert_eq!(cost(&Usage { input: 1, output: 1, ..Usage::default() }, &price), Microdollars(1));
        assert_eq!(cost(&usage, &Price::default()), Microdollars::ZERO);
    }

    fn price() -> impl Strategy<Value = Price> {
        let amount = || prop_oneof![0..10_000_000_i64, Just(i64::MAX)].prop_map(Microdollars);
        (amount(), amount(), amount(), amount()).prop_map(|(input, cache_read, cache_write, output)| Price {
            input,
            cache_read,
            cache_write,
            output,
        })
    }

    fn usage() -> impl Strategy<Value = Usage> {
        let count = || prop_oneof![0..1_000_000_u64, Just(u64::MAX)];
        (count(), count(), count(), count()).prop_map(|(input, cache_read, cache_write, output)| Usage {
            input,
            cache_read,
            cache_write,
            output,
        })
    }

    proptest! {
        #[test]
        fn more_tokens_never_cost_less_and_no_amount_overflows(usage in usage(), more in 0..1_000_000_u64, price in price()) {
            let less = cost(&usage, &price);
            prop_assert!(less >= Microdollars::ZERO);
            for larger in [
                Usage { input: usage.input.saturating_add(more), ..usage },
                Usage { cache_read: usage.cache_read.saturating_add(more), ..usage },
                Usage { cache_write: usage.cache_write.saturating_add(more), ..usage },
                Usage { output: usage.output.saturating_add(more), ..usage },
            ] {
                prop_assert!(cost(&larger, &price) >= less);
            }
        }

        #[test]
        fn parts_never_cost_less_than_the_whole(one in 0..1_000_000_u64, other in 0..1_000_000_u64, price in 0..10_000_000_i64) {
            let price = Price { input: Microdollars(price), ..Price::default() };
            let of = |input| cost(&Usage { input, ..Usage::default() }, &price);
            prop_assert!(of(one).saturating_add(of(other)) >= of(one + other));
        }
    }
}
