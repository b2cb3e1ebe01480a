//! Options of the calendar's verbs: `appointment` and `free`.

use chrono::Duration;
use clap::{Args, Subcommand};
use xswarm_core::series::Scope;

use super::{
    exchange::{ExportArguments, ImportArguments},
    value::{length, scope},
};

/// `xswarm appointment …`
#[derive(Debug, Subcommand)]
pub enum AppointmentVerb {
    /// Book an appointment.
    #[command(after_help = "Times are plain words or ISO 8601, in the person's zone.

Examples:
  xswarm appointment add Lunch tomorrow at noon
  xswarm appointment add Dentist --at \"next friday at 3pm\" --for 1h --where \"Main Street 4\"
  xswarm appointment add \"Team meeting\" --at \"every monday at 9\" --with John --with Mary
  xswarm appointment add Trip --at 2026-12-24 --to 2026-12-27 --all-day --remind none")]
    Add(AddArguments),
    /// List appointments; a series is one of them.
    #[command(after_help = "Examples:
  xswarm appointment list
  xswarm appointment list --from 2026-12-01 --to 2026-12-31 --user anna
  xswarm appointment list --cancelled")]
    List(ListArguments),
    /// Show one appointment in full: its rule, its exceptions, when it is next.
    #[command(after_help = "Example:\n  xswarm appointment show dentist")]
    Show {
        /// Its id or title, or a unique beginning.
        appointment: String,
        /// Whose: an id, a name, or a unique beginning. The admin's by default.
        #[arg(long, value_name = "WHO")]
        user: Option<String>,
    },
    /// Move an appointment, or part of a series.
    #[command(after_help = "Examples:
  xswarm appointment move dentist --to \"tomorrow at 4pm\"
  xswarm appointment move \"team meeting\" --occurrence 2026-12-07 --to \"dec 8 at 10am\"
  xswarm appointment move \"team meeting\" --occurrence 2026-12-07 --scope following --to \"dec 7 at 10am\"")]
    Move(MoveArguments),
    /// Call an appointment off, or part of a series.
    #[command(after_help = "It can be taken back: say \"undo\" within a day.

Examples:
  xswarm appointment cancel dentist
  xswarm appointment cancel \"team meeting\" --occurrence 2026-12-07 --yes")]
    Cancel(CancelArguments),
    /// Take a calendar file (.ics) in. Doing it again changes only what is newer.
    #[command(after_help = "Examples:
  xswarm appointment import holidays.ics
  xswarm appointment import - --user anna < calendar.ics")]
    Import(ImportArguments),
    /// Write a calendar, or a part of it, as a file for other programs.
    #[command(after_help = "Examples:
  xswarm appointment export -o calendar.ics
  xswarm appointment export --from 2026-12-01 --to 2026-12-31 --user anna")]
    Export(ExportArguments),
}

/// `xswarm appointment add`
#[derive(Debug, Args)]
pub struct AddArguments {
    /// What it is; in quotes when it is more than one word.
    pub title: String,
    /// When it begins, as after --at.
    #[arg(value_name = "WHEN", conflicts_with = "at")]
    pub when: Vec<String>,
    /// When it begins, or all of "tomorrow from 3 to 4pm", "every friday at 9".
    #[arg(long, value_name = "WHEN")]
    pub at: Option<String>,
    /// When it ends; with --all-day the last day.
    #[arg(long, value_name = "WHEN", conflicts_with = "length")]
    pub to: Option<String>,
    /// How long it takes, such as 45m, 1h30m or 2h; the person's usual length by default.
    #[arg(long = "for", value_name = "LENGTH", value_parser = length)]
    pub length: Option<Duration>,
    /// How it repeats, as an RRULE such as FREQ=WEEKLY;BYDAY=FR.
    #[arg(long, value_name = "RRULE")]
    pub repeat: Option<String>,
    /// It takes whole days.
    #[arg(long)]
    pub all_day: bool,
    /// Where it is.
    #[arg(long = "where", value_name = "PLACE")]
    pub place: Option<String>,
    /// Who else takes part; may be said several times.
    #[arg(long, value_name = "NAME")]
    pub with: Vec<String>,
    /// More about it.
    #[arg(long, value_name = "TEXT")]
    pub notes: Option<String>,
    /// How many minutes before it the person is reminded, or none. 15 by default.
    #[arg(long, value_name = "MINUTES")]
    pub remind: Option<String>,
    /// Whose: an id, a name, or a unique beginning. The admin's by default.
    #[arg(long, value_name = "WHO")]
    pub user: Option<String>,
}

/// `xswarm appointment list`
#[derive(Debug, Args)]
pub struct ListArguments {
    /// Only those that end after this; now by default.
    #[arg(long, value_name = "WHEN")]
    pub from: Option<String>,
    /// Only those that begin before this.
    #[arg(long, value_name = "WHEN")]
    pub to: Option<String>,
    /// Those that are over too.
    #[arg(long, conflicts_with = "from")]
    pub all: bool,
    /// Those that were called off instead.
    #[arg(long)]
    pub cancelled: bool,
    /// At most so many.
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub limit: u32,
    /// Whose: an id, a name, or a unique beginning. The admin's by default.
    #[arg(long, value_name = "WHO")]
    pub user: Option<String>,
}

/// Which appointment, and which part of a series.
#[derive(Debug, Args)]
pub struct WhichArguments {
    /// Its id or title, or a unique beginning.
    pub appointment: String,
    /// Which occurrence of a series: its day, or when it was to begin at first.
    #[arg(long, value_name = "WHEN")]
    pub occurrence: Option<String>,
    /// How much of a series: this occurrence, it and all that are following, or all.
    #[arg(long, value_parser = scope())]
    pub scope: Option<Scope>,
    /// Whose: an id, a name, or a unique beginning. The admin's by default.
    #[arg(long, value_name = "WHO")]
    pub user: Option<String>,
}

/// `xswarm appointment move`
#[derive(Debug, Args)]
pub struct MoveArguments {
    #[command(flatten)]
    /// Which.
    pub which: WhichArguments,
    /// When it begins instead.
    #[arg(long, value_name = "WHEN")]
    pub to: String,
    /// How long it takes instead.
    #[arg(long = "for", value_name = "LENGTH", value_parser = length)]
    pub length: Option<Duration>,
}

/// `xswarm appointment cancel`
#[derive(Debug, Args)]
pub struct CancelArguments {
    #[command(flatten)]
    /// Which.
    pub which: WhichArguments,
    /// Do not ask.
    #[arg(long)]
    pub yes: bool,
}

/// `xswarm free`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  xswarm free
  xswarm free --for 2h --on friday
  xswarm free --for 30m --from 2026-12-01 --to 2026-12-05 --any-hour")]
pub struct FreeArguments {
    /// How long it has to be, such as 45m, 1h30m or 2h; the person's usual length by default.
    #[arg(long = "for", value_name = "LENGTH", value_parser = length)]
    pub length: Option<Duration>,
    /// On which day.
    #[arg(long, value_name = "WHEN", conflicts_with_all = ["from", "to"])]
    pub on: Option<String>,
    /// From when; now by default.
    #[arg(long, value_name = "WHEN")]
    pub from: Option<String>,
    /// Until when, a day included; seven days later by default.
    #[arg(long, value_name = "WHEN")]
    pub to: Option<String>,
    /// At any hour, not only within working hours.
    #[arg(long)]
    pub any_hour: bool,
    /// Whose: an id, a name, or a unique beginning. The admin's by default.
    #[arg(long, value_name = "WHO")]
    pub user: Option<String>,
}
