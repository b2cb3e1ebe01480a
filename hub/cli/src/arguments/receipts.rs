//! Options of `receipts`.

use std::str::FromStr;

use chrono::{Days, NaiveDate};
use clap::{Args, Subcommand};

/// `xswarm receipts`
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Examples:
  xswarm receipts
  xswarm receipts --since week --user anna
  xswarm receipts --since 2026-12-01 --json
  xswarm receipts undo 019ab3f0-11c2"
)]
pub struct ReceiptsArguments {
    /// Take a single one back.
    #[command(subcommand)]
    pub verb: Option<ReceiptVerb>,
    /// Since when: today, week (the last seven days), or a date such as 2026-12-01. The last 24 hours by default.
    #[arg(long, value_name = "WHEN")]
    pub since: Option<Since>,
    /// Whose: an id, a name, or a unique beginning. Everybody's by default.
    #[arg(long, value_name = "WHO")]
    pub user: Option<String>,
    /// At most so many, the latest.
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub limit: u32,
}

/// `xswarm receipts undo`
#[derive(Debug, Subcommand)]
pub enum ReceiptVerb {
    /// Take back one change.
    #[command(after_help = "What was changed again since must be taken back first.

Example:
  xswarm receipts undo 019ab3f0-11c2")]
    Undo {
        /// Its id, or a unique beginning.
        id: String,
    },
}

/// Since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// Midnight.
    Today,
    /// Seven days ago.
    Week,
    /// A day.
    Day(NaiveDate),
}

impl Since {
    /// The day on which it begins, when it is `today`.
    pub fn first_day(self, today: NaiveDate) -> NaiveDate {
        match self {
            Self::Today => today,
            Self::Week => today.checked_sub_days(Days::new(7)).unwrap_or(NaiveDate::MIN),
            Self::Day(day) => day,
        }
    }
}

impl FromStr for Since {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "today" => Ok(Self::Today),
            "week" => Ok(Self::Week),
            date => NaiveDate::parse_from_str(date, "%Y-%m-%d")
                .map(Self::Day)
                .map_err(|_error| "say today, week, or a date such as 2026-12-01".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn since_when_is_said_in_a_word_or_a_date() {
        assert_eq!("today".parse(), Ok(Since::Today));
        assert_eq!("week".parse(), Ok(Since::Week));
        assert_eq!("2026-12-01".parse(), Ok(Since::Day(NaiveDate::from_ymd_opt(2026, 12, 1).unwrap())));
        assert!("yesterday".parse::<Since>().unwrap_err().contains("2026-12-01"));
    }
}
