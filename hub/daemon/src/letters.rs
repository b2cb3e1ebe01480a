//! How the Boss's mails look: HTML around the words, and whole letters (digest, confirmation, report, completion) with
//! their plain text.
//!
//! One sheet (`templates/letters/base.html`) serves all of them: styles stand in the elements, because many mail
//! programs drop style sheets; the only sheet adds the dark colours for those that do not. Nothing is loaded from
//! anywhere. A letter stays below [`LARGEST_BYTES`], above which common programs cut mails off.
//!
//! Nothing here reads the database or sends anything: [`crate::digest`], [`crate::confirmation`] and the mail channel do.

mod kinds;
mod page;
mod preferences;
mod words;

pub(crate) use kinds::{Day, completion, confirmation, digest, weekly_report};
pub(crate) use page::{Letter, Page, Row, Section};
pub(crate) use preferences::MailPreferences;
pub(crate) use words::{Mark, html_of};

/// The largest HTML of a letter.
pub(crate) const LARGEST_BYTES: usize = 100_000;

/// A text cut to so many characters, with an ellipsis.
fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}
