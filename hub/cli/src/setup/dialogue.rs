//! Questions and answers of the setup, and the record of what each step did.
//!
//! It knows how to ask, not what.

use std::io::{self, BufRead};

use xswarm_core::admin::{Check, CheckOutcome};

use crate::{
    failure::Failure,
    screen::{Screen, Tone, one_line},
    verbs::doctor::{self, Checks},
};

use super::hidden;

/// What a person may answer with to remove something.
const REMOVE: &str = "-";

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer<T> {
    /// Keep what there is.
    Keep,
    /// Take away what there is.
    Remove,
    /// This instead.
    New(T),
}

impl<T> Answer<T> {
    /// The new value, for something that cannot be removed.
    pub(super) fn new_value(self) -> Option<T> {
        match self {
            Self::New(value) => Some(value),
            Self::Keep | Self::Remove => None,
        }
    }
}

impl<T: ToString> Answer<T> {
    /// The new text; empty removes, as in the hub's interface and file.
    pub(super) fn new_text(self) -> Option<String> {
        match self {
            Self::Keep => None,
            Self::Remove => Some(String::new()),
            Self::New(value) => Some(value.to_string()),
        }
    }
}

/// A conversation with whoever sets the hub up, or the silence without one.
pub(super) struct Dialogue<'s, 'w> {
    screen: &'s mut Screen<'w>,
    asks: bool,
    steps: Vec<Check>,
}

impl<'s, 'w> Dialogue<'s, 'w> {
    /// A dialogue that asks, or one that keeps silent and only tells what was done.
    pub(super) fn new(screen: &'s mut Screen<'w>, asks: bool) -> Self {
        Self { screen, asks, steps: Vec::new() }
    }

    /// What was done so far.
    pub(super) fn report(&self) -> &[Check] {
        &self.steps
    }

    /// A heading, for whoever is asked.
    pub(super) fn heading(&mut self, text: &str) -> io::Result<()> {
        if self.asks {
            self.screen.line("")?;
            self.screen.toned(Tone::Strong, text)?;
        }
        Ok(())
    }

    /// An explanation, for whoever is asked.
    pub(super) fn explain(&mut self, text: &str) -> io::Result<()> {
        if self.asks { self.screen.line(text) } else { Ok(()) }
    }

    /// Something to read or to copy, whether asked or not; not among JSON.
    pub(super) fn show(&mut self, text: &str) -> io::Result<()> {
        if self.screen.json() { Ok(()) } else { self.screen.line(text) }
    }

    /// Says what a step did.
    pub(super) fn did(
        &mut self,
        step: &str,
        outcome: CheckOutcome,
        what: impl Into<String>,
        next: Option<&str>,
    ) -> io::Result<()> {
        let check = Check { name: step.to_owned(), outcome, cause: what.into(), fix: next.map(str::to_owned) };
        if !self.screen.json() {
            doctor::write(std::slice::from_ref(&check), self.screen)?;
        }
        self.steps.push(check);
        Ok(())
    }

    /// Asks until the answer can be read. Enter keeps, `-` removes. Nobody there keeps.
    pub(super) fn ask<T>(
        &mut self,
        question: &str,
        current: Option<&str>,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> anyhow::Result<Answer<T>> {
        if !self.asks {
            return Ok(Answer::Keep);
        }
        let current = current.map_or_else(|| "skip".to_owned(), one_line);
        loop {
            let line = self.line(&format!("  {question} [{current}] "))?;
            match line.trim() {
                "" => return Ok(Answer::Keep),
                REMOVE => return Ok(Answer::Remove),
                text => match read(text) {
                    Ok(value) => return Ok(Answer::New(value)),
                    Err(why) => self.screen.toned(Tone::Warning, &format!("  {why}"))?,
                },
            }
        }
    }

    /// Asks for something that is not shown while it is typed. Enter keeps. Nobody there keeps.
    pub(super) fn ask_hidden(
        &mut self,
        question: &str,
        read: impl Fn(&str) -> Result<String, String>,
    ) -> anyhow::Result<Option<String>> {
        while self.asks {
            let text = hidden::ask(&format!("  {question} "), self.screen).map_err(ended)?;
            if text.trim().is_empty() {
                return Ok(None);
            }
            match read(&text) {
                Ok(value) => return Ok(Some(value)),
                Err(why) => self.screen.toned(Tone::Warning, &format!("  {why}"))?,
            }
        }
        Ok(None)
    }

    /// Asks yes or no; Enter is no. Nobody there says no.
    pub(super) fn agreed(&mut self, question: &str) -> anyhow::Result<bool> {
        if !self.asks {
            return Ok(false);
        }
        let line = self.line(&format!("  {question} [y/N] "))?;
        Ok(matches!(line.trim().to_lowercase().as_str(), "y" | "yes"))
    }

    fn line(&mut self, prompt: &str) -> anyhow::Result<String> {
        self.screen.prompt(prompt)?;
        let mut line = String::new();
        if io::stdin().lock().read_line(&mut line)? == 0 {
            return Err(ended(io::ErrorKind::UnexpectedEof.into()));
        }
        Ok(line)
    }

    /// The last words.
    pub(super) fn close(self, failed: bool) -> anyhow::Result<()> {
        if self.screen.json() {
            return Ok(self.screen.line(&serde_json::to_string(&Checks { checks: self.steps })?)?);
        }
        if self.asks {
            self.screen.line("")?;
        }
        let text = match (failed, self.steps.is_empty()) {
            (true, _) => "Not everything went through; see ✗ above, then run `xswarm setup` again.",
            (false, true) => "Nothing was changed.",
            (false, false) => "Done. `xswarm doctor` checks everything; `xswarm setup` changes it.",
        };
        Ok(self.screen.line(text)?)
    }
}

fn ended(error: io::Error) -> anyhow::Error {
    if matches!(error.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::Interrupted) {
        let next = "Run `xswarm setup` again to go on.";
        return Failure::failed("Setup ended early. Steps marked ✓ are done, the others were left alone.", next).into();
    }
    anyhow::Error::new(error).context("the terminal cannot be read")
}
