//! Options of `mail`.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::Subcommand;

/// `xswarm mail …`
#[derive(Debug, Subcommand)]
pub enum MailVerb {
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
