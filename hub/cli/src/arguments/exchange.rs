//! Options about calendars exchanged with other programs: files, feeds, invitations.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args, Subcommand};

/// `xswarm appointment import`
#[derive(Debug, Args)]
pub struct ImportArguments {
    /// The calendar file (.ics); "-" reads it from standard input.
    pub file: PathBuf,
    /// Whose calendar: an id, a name, or a unique beginning.
    #[arg(long, value_name = "WHO")]
    pub user: Option<String>,
}

/// `xswarm appointment export`
#[derive(Debug, Args)]
pub struct ExportArguments {
    /// The first day, such as 2026-12-01.
    #[arg(long, value_name = "DATE")]
    pub from: Option<NaiveDate>,
    /// The last day.
    #[arg(long, value_name = "DATE")]
    pub to: Option<NaiveDate>,
    /// Write the file here instead of to standard output.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Whose calendar: an id, a name, or a unique beginning.
    #[arg(long, value_name = "WHO")]
    pub user: Option<String>,
}

/// `xswarm calendar …`
#[derive(Debug, Args)]
pub struct CalendarArguments {
    /// What to do; without it, the addresses that were made are listed.
    #[command(subcommand)]
    pub verb: Option<CalendarVerb>,
}

/// `xswarm calendar …`
#[derive(Debug, Subcommand)]
pub enum CalendarVerb {
    /// Make a secret address at which a phone or computer may read a calendar. It is shown this once.
    #[command(after_help = "Whoever knows the address can read the calendar, and change nothing.

Example:
  xswarm calendar share \"Anna's phone\" --user anna")]
    Share {
        /// What it is for.
        name: String,
        /// Whose calendar: an id, a name, or a unique beginning.
        #[arg(long, value_name = "WHO")]
        user: Option<String>,
    },
    /// List the addresses that were made.
    #[command(after_help = "Example:\n  xswarm calendar shares --user anna")]
    Shares {
        /// Whose calendar: an id, a name, or a unique beginning.
        #[arg(long, value_name = "WHO")]
        user: Option<String>,
    },
    /// Revoke an address: nothing is read there any more.
    #[command(after_help = "Example:\n  xswarm calendar unshare \"Anna's phone\" --user anna")]
    Unshare {
        /// Its id, what it is for, or a unique beginning of either.
        feed: String,
        /// Whose calendar: an id, a name, or a unique beginning.
        #[arg(long, value_name = "WHO")]
        user: Option<String>,
    },
}

/// `xswarm invitations`
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Examples:\n  xswarm invitations\n  xswarm invitations --all --user anna"
)]
pub struct InvitationsArguments {
    /// What to do; without any, they are listed.
    #[command(subcommand)]
    pub verb: Option<InvitationVerb>,
    /// Those that are settled as well.
    #[arg(long)]
    pub all: bool,
    /// Whose: an id, a name, or a unique beginning.
    #[arg(long, value_name = "WHO")]
    pub user: Option<String>,
}

/// `xswarm invitations …`
#[derive(Debug, Subcommand)]
pub enum InvitationVerb {
    /// Do what an invitation proposes.
    #[command(after_help = "The organizer is not told.\n\nExample:\n  xswarm invitations accept lunch")]
    Accept(InvitationArguments),
    /// Leave the calendar as it is.
    #[command(after_help = "The organizer is not told.\n\nExample:\n  xswarm invitations decline lunch")]
    Decline(InvitationArguments),
}

/// Which invitation.
#[derive(Debug, Args)]
pub struct InvitationArguments {
    /// Its id, its title, or a unique beginning of either.
    pub invitation: String,
    /// Whose: an id, a name, or a unique beginning.
    #[arg(long, value_name = "WHO")]
    pub user: Option<String>,
}
