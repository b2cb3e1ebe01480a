//! English text to times, recurrences and commands: deterministic, no language model, no network.
//!
//! - [`time`] finds times in any text: instants, days and periods, intervals, lengths of time, recurrences.
//! - [`command`] understands a sentence said to the Boss, and the answer to a question the Boss asked.
//! - [`say`] words times in the Boss's own way; whatever it says, [`time`] reads back as the same value.
//! - [`holidays`] knows the public holidays of a region.
//! - [`policy`] holds the conventions ("next Friday", "at 5", "tonight") as data, changeable per person.
//!
//! Pure: the present moment and the person's zone are arguments, nothing is remembered. No input makes it panic, and
//! only the first 2,000 characters of a text are looked at. What it does not do: know what is in anybody's calendar, or
//! take a guess for a command: what a small linear model supposes is marked as a guess, and what is none of the Boss's
//! commands is [`command::Command::Unknown`].
//!
//! ```
//! use xswarm_language::{policy, time::{self, Context, Locale, Value}};
//! let now = "2026-11-24T08:30:00Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap();
//! let context = Context {
//!     now: now.with_timezone(&chrono_tz::Europe::Berlin),
//!     locale: Locale::UnitedStates,
//!     policy: &policy::DEFAULT,
//! };
//! let found = time::parse("lunch with Anna on Friday at noon", &context);
//! let Value::Instant { at, .. } = &found[0].value else { panic!() };
//! assert_eq!(at.to_rfc3339(), "2026-11-27T12:00:00+01:00");
//! ```

mod lexer;

pub mod command;
pub mod holidays;
pub mod policy;
pub mod say;
pub mod time;
