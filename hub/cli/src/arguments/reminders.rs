//! Options about single reminders: `reminder`.

use clap::{Args, Subcommand};

/// `xswarm reminder …`
#[derive(Debug, Subcommand)]
pub enum ReminderVerb {
    /// Set a reminder or an alarm.
    #[command(
        after_help = "TIME is +20m, +2h or +3d from now, 17:00 (the next), \"2026-11-27 17:00\" in the person's \
zone, or RFC 3339.

Examples:
  xswarm reminder add \"call mom\" +20m
  xswarm reminder add \"take the pills\" 20:00 --urgent --user anna
  xswarm reminder add \"wake up\" \"2026-11-27 06:30\" --alarm --repeat \"FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR\""
    )]
    Add(AddReminder),
    /// Give a pending reminder another time.
    #[command(after_help = "Example:\n  xswarm reminder move \"call mom\" 18:00")]
    Move {
        /// Which: a beginning of its id or its words.
        which: String,
        /// When, as for `add`.
        time: String,
        /// Whose; the admin's by default.
        #[arg(long, value_name = "WHO")]
        user: Option<String>,
    },
    /// Say that a reminder was seen and is done: it is not repeated any more.
    #[command(after_help = "Example:\n  xswarm reminder done \"call mom\"")]
    Done(WhichReminder),
    /// Be reminded again later.
    #[command(after_help = "Example:\n  xswarm reminder snooze \"call mom\" --minutes 30")]
    Snooze {
        /// Which.
        #[command(flatten)]
        which: WhichReminder,
        /// For how long.
        #[arg(long, default_value_t = 10)]
        minutes: u32,
    },
    /// Call a pending reminder off.
    #[command(after_help = "Example:\n  xswarm reminder cancel \"call mom\"")]
    Cancel(WhichReminder),
}

/// Which reminder is meant.
#[derive(Debug, Args)]
pub struct WhichReminder {
    /// A beginning of its id or its words.
    pub which: String,
    /// Whose; the admin's by default.
    #[arg(long, value_name = "WHO")]
    pub user: Option<String>,
}

/// What is to be set.
#[derive(Debug, Args)]
pub struct AddReminder {
    /// What to say.
    pub text: String,
    /// When.
    pub time: String,
    /// Whom to remind; the admin by default.
    #[arg(long, value_name = "WHO")]
    pub user: Option<String>,
    /// Break quiet hours, and repeat it until it is acknowledged.
    #[arg(long)]
    pub urgent: bool,
    /// Ring until it is stopped.
    #[arg(long)]
    pub alarm: bool,
    /// What the alarm sounds like in the room.
    #[arg(long, value_name = "NAME", requires = "alarm")]
    pub sound: Option<String>,
    /// How it repeats: an RFC 5545 rule.
    #[arg(long, value_name = "RRULE")]
    pub repeat: Option<String>,
}
