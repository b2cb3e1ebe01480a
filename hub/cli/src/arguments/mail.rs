//! Options of `mail`.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args, Subcommand};

/// `xswarm mail …`
#[derive(Debug, Subcommand)]
pub enum MailVerb {
    /// Send a mail.
    Send(SendArguments),
    /// Look at a letter of the Boss as it would go out, with a person's own calendar in it.
    #[command(after_help = "Nothing is sent. Open the file in a browser.

Examples:
  xswarm mail preview digest -o digest.html
  xswarm mail preview weekly-report --date 2026-11-29 --text")]
    Preview {
        /// answer, digest, confirmation, reminder, weekly-report or completion.
        letter: String,
        /// The day it is about, such as 2026-11-27; today by default.
        #[arg(long, value_name = "DATE")]
        date: Option<NaiveDate>,
        /// Whose: an id, a name, or a unique beginning. The admin's by default.
        #[arg(long, value_name = "WHO")]
        user: Option<String>,
        /// The plain text that goes with it, instead of its HTML.
        #[arg(long)]
        text: bool,
        /// Write it to this file instead of the terminal.
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
    },
}

/// `xswarm mail send`
#[derive(Debug, Args)]
#[command(after_help = "It is recorded first and then sent; `xswarm messages show ID` says how far it got.

Examples:
  xswarm mail send --to anna@example.com --subject Dinner --body \"At seven.\"
  uptime | xswarm mail send --to anna@example.com --subject \"The box\" --body -")]
pub struct SendArguments {
    /// To this address; several times for several persons, who do not see each other.
    #[arg(long, required = true, value_name = "ADDRESS")]
    pub to: Vec<String>,
    /// What it is about.
    #[arg(long)]
    pub subject: String,
    /// What to say; `-` reads it from standard input.
    #[arg(long, value_name = "TEXT")]
    pub body: String,
    /// A file with the same as HTML.
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// On whose behalf: an id, a name, or a unique beginning. The admin's by default.
    #[arg(long, value_name = "WHO")]
    pub user: Option<String>,
}
