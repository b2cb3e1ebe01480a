//! Options of what is looked up: `agenda`, `reminders`, `messages`, `jobs`, `events`, `capabilities`, `spending` and `audit`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use xswarm_core::{
    id::AttachmentId,
    job::JobState,
    message::{Channel, MessageStatus},
};

use super::{
    receipts::Since,
    value::{Days, channel, job_state, message_status},
};

/// `xswarm agenda`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  xswarm agenda
  xswarm agenda week --user anna
  xswarm agenda month
  xswarm agenda 2026-12-24 --days 3")]
pub struct AgendaArguments {
    /// day (today), tomorrow, week (seven days from today), month, a month such as 2026-12, or a date such as 2026-12-24.
    #[arg(default_value = "today", value_name = "WHEN")]
    pub when: Days,
    /// How many days.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=366))]
    pub days: Option<u32>,
    /// Whose: an id, a name, or a unique beginning. The admin's by default.
    #[arg(long, value_name = "WHO")]
    pub user: Option<String>,
}

/// `xswarm reminders`
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  xswarm reminders\n  xswarm reminders --all --user anna")]
pub struct RemindersArguments {
    /// Those that are over too, with how they ended.
    #[arg(long)]
    pub all: bool,
    /// Whose: an id, a name, or a unique beginning. The admin's by default.
    #[arg(long, value_name = "WHO")]
    pub user: Option<String>,
}

/// `xswarm messages`
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Examples:
  xswarm messages
  xswarm messages --status unknown
  xswarm messages --user anna --channel sms --limit 10
  xswarm messages show 019ab3f0-11c2
  xswarm messages resend 019ab3f0-11c2
  xswarm messages call +4930901820 \"The box needs you.\"
  xswarm messages attachment 019ab3f0-22d3 -o invoice.pdf"
)]
pub struct MessagesArguments {
    /// Show or send again a single one, save a file of it, or have somebody called.
    #[command(subcommand)]
    pub verb: Option<MessageVerb>,
    /// Only those that got this far.
    #[arg(long, value_parser = message_status())]
    pub status: Option<MessageStatus>,
    /// Only those that travel this way.
    #[arg(long, value_parser = channel())]
    pub channel: Option<Channel>,
    /// Only those of this person: an id, a name, or a unique beginning.
    #[arg(long, value_name = "WHO")]
    pub user: Option<String>,
    /// At most so many, the newest.
    #[arg(long, value_name = "N", default_value_t = 25, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub limit: u32,
}

/// `xswarm messages show`, `call`, `attachment` and `resend`
#[derive(Debug, Subcommand)]
pub enum MessageVerb {
    /// Show one message in full.
    #[command(after_help = "Example:\n  xswarm messages show 019ab3f0-11c2")]
    Show {
        /// Its id, or a unique beginning.
        id: String,
    },
    /// Call somebody and say something.
    #[command(
        after_help = "It is recorded first and then said; `xswarm messages show ID` says whether it was heard. A mailbox hears
a few words that say nothing of it (unless voicemail_details in [voice]); what was for yourself and was not heard comes as a text.

Examples:
  xswarm messages call +4930901820 \"Dinner is ready.\"
  uptime | xswarm messages call \"+49 30 901820\" - --user anna
  xswarm messages call +4930901820 \"Dinner is ready.\" --json"
    )]
    Call {
        /// Whom: a number, best in international form.
        to: String,
        /// What to say; `-` reads it from standard input.
        message: String,
        /// On whose behalf: an id, a name, or a unique beginning. The admin's by default.
        #[arg(long, value_name = "WHO")]
        user: Option<String>,
    },
    /// Save a file that came with a message.
    #[command(after_help = "`xswarm messages show` lists the files of a message with their ids.

Example:
  xswarm messages attachment 019ab3f0-22d3-7aaa-8bbb-0123456789ab -o invoice.pdf")]
    Attachment {
        /// Its whole id.
        id: AttachmentId,
        /// Where to; `-` is standard output. Nothing is overwritten.
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
    },
    /// Send a message again whose fate is unknown, or that failed.
    #[command(after_help = "The Boss never does this by itself: the first may have arrived.

Example:
  xswarm messages resend 019ab3f0-11c2")]
    Resend {
        /// Its id, or a unique beginning.
        id: String,
    },
}

/// `xswarm jobs`
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Examples:
  xswarm jobs
  xswarm jobs --state dead
  xswarm jobs retry 42"
)]
pub struct JobsArguments {
    /// Try a single one again.
    #[command(subcommand)]
    pub verb: Option<JobVerb>,
    /// Only those that stand so.
    #[arg(long, value_parser = job_state())]
    pub state: Option<JobState>,
    /// At most so many, the newest.
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub limit: u32,
}

/// `xswarm jobs retry`
#[derive(Debug, Subcommand)]
pub enum JobVerb {
    /// Try a job again that was given up.
    #[command(after_help = "Example:\n  xswarm jobs retry 42")]
    Retry {
        /// Its number.
        id: i64,
    },
}

/// `xswarm events`
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  xswarm events\n  xswarm events --limit 500 | less\n  xswarm events --after 1200")]
pub struct EventsArguments {
    /// At most so many, the newest.
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub limit: u32,
    /// Only what happened after the fact with this number.
    #[arg(long, value_name = "SEQUENCE")]
    pub after: Option<i64>,
}

/// `xswarm capabilities`
#[derive(Debug, Args)]
#[command(
    after_help = "What stands under SAY can be said to the Boss as it is. Uses are counted by day (UTC), never what was said.

Examples:
  xswarm capabilities
  xswarm capabilities --usage
  xswarm capabilities --usage --days 7 --json"
)]
pub struct CapabilitiesArguments {
    /// How often each was used: understood by rule, and by the language model.
    #[arg(long)]
    pub usage: bool,
    /// Count today and the days before it.
    #[arg(long, value_name = "N", default_value_t = 30, requires = "usage", value_parser = clap::value_parser!(u32).range(1..=366))]
    pub days: u32,
}

/// `xswarm spending`
#[derive(Debug, Args)]
#[command(after_help = "Days and months are those of UTC. What is reserved for requests under way is counted.

Examples:
  xswarm spending
  xswarm spending --day
  xswarm spending --since week
  xswarm spending --month --json")]
pub struct SpendingArguments {
    /// What today cost, instead of this month.
    #[arg(long, conflicts_with_all = ["month", "since"])]
    pub day: bool,
    /// What this month cost; so it is without a word.
    #[arg(long, conflicts_with = "since")]
    pub month: bool,
    /// What it cost since then: today, week (the last seven days), or a date such as 2026-12-01.
    #[arg(long, value_name = "WHEN")]
    pub since: Option<Since>,
}

/// `xswarm watch`
#[derive(Debug, Args)]
#[command(after_help = "With --json each line is a frame of the supervisor socket.

Examples:
  xswarm watch
  xswarm watch --after 1200 --json")]
pub struct WatchArguments {
    /// Begin with what follows the fact with this number, instead of now.
    #[arg(long, value_name = "SEQUENCE")]
    pub after: Option<i64>,
}

/// `xswarm audit …`
#[derive(Debug, Subcommand)]
pub enum AuditVerb {
    /// Recompute the chain of what happened and say whether anything was altered or removed.
    #[command(after_help = "Exit status is 1 when it was.\n\nExample:\n  xswarm audit verify")]
    Verify,
}
