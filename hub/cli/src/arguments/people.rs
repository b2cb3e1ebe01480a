//! Options about persons, their keys, and strangers: `user`, `key` and `pairing`.

use chrono_tz::Tz;
use clap::{ArgGroup, Args, Subcommand};

use super::value::{assignment, on_or_off, zone};

/// `xswarm user …`
#[derive(Debug, Subcommand)]
pub enum UserVerb {
    /// Add a person.
    #[command(after_help = "Examples:
  xswarm user add --name Anna --phone \"+49 151 23456789\" --timezone Europe/Berlin
  xswarm user add --name Bob --email bob@example.com --admin")]
    Add {
        /// What the Boss calls them.
        #[arg(long)]
        name: String,
        /// What else is known about them.
        #[command(flatten)]
        details: PersonDetails,
    },
    /// List everybody.
    #[command(after_help = "Example:\n  xswarm user list")]
    List,
    /// Show a person.
    #[command(after_help = "Example:\n  xswarm user show anna")]
    Show {
        /// An id, a name, or a unique beginning.
        who: String,
    },
    /// Change a person; what is not named stays.
    #[command(after_help = "An empty value removes: --phone \"\".

Examples:
  xswarm user set anna --phone \"+49 151 23456789\"
  xswarm user set bob --timezone America/New_York --admin")]
    Set {
        /// An id, a name, or a unique beginning.
        who: String,
        /// What the Boss calls them.
        #[arg(long)]
        name: Option<String>,
        /// The rest.
        #[command(flatten)]
        details: PersonDetails,
        /// Take their admin's rights away.
        #[arg(long, conflicts_with = "admin")]
        member: bool,
    },
    /// Show or change how a person means what they say about times: "next Friday", "at 5", "tonight".
    #[command(after_help = "Examples:
  xswarm user conventions anna
  xswarm user conventions anna next_weekday=first_ahead evening=17-23
  xswarm user conventions anna --usual evening")]
    Conventions {
        /// An id, a name, or a unique beginning.
        who: String,
        /// What changes; the rest stays. Without any, all are listed with what they decide.
        #[arg(value_name = "NAME=VALUE", value_parser = assignment)]
        changes: Vec<(String, String)>,
        /// Bring the usual value of this one back.
        #[arg(long, value_name = "NAME")]
        usual: Vec<String>,
    },
    /// Show or change how a person wants their calendar kept: room between appointments, working hours, the usual length.
    #[command(after_help = "Examples:
  xswarm user calendar anna
  xswarm user calendar anna buffer_minutes=10 working_hours=\"mon-thu 8:00-16:30, fri 8:00-12:00\"
  xswarm user calendar anna --usual buffer_minutes")]
    Calendar {
        /// An id, a name, or a unique beginning.
        who: String,
        /// What changes; the rest stays: buffer_minutes, working_hours, default_minutes, holidays.
        #[arg(value_name = "NAME=VALUE", value_parser = assignment)]
        changes: Vec<(String, String)>,
        /// Bring the usual value of this one back.
        #[arg(long, value_name = "NAME")]
        usual: Vec<String>,
    },
    /// Show or change what a person is mailed by itself.
    #[command(
        after_help = "The digest says what the day holds: appointments, reminders, tasks. A confirmation is mailed \
for each appointment that the Boss books, with a file for other calendars. Look at them before:
  xswarm mail preview digest --user WHO -o digest.html
  xswarm mail preview confirmation --user WHO -o confirmation.html

Examples:
  xswarm user mail anna
  xswarm user mail anna --digest 07:00
  xswarm user mail anna --digest off
  xswarm user mail anna --confirmations on"
    )]
    Mail {
        /// An id, a name, or a unique beginning.
        who: String,
        /// When they are mailed what their day holds, in their zone; or off.
        #[arg(long, value_name = "TIME")]
        digest: Option<String>,
        /// Whether each appointment that the Boss books for them is confirmed by mail.
        #[arg(long, value_name = "ON|OFF", value_parser = on_or_off)]
        confirmations: Option<bool>,
    },
    /// Show or change how a person is reminded: by which ways, how long before, when not, how often.
    #[command(
        after_help = "channels: in order, of room, sms, email, voice, console. leads: minutes before an appointment. \
repeat: minutes x times, of what repeat_when says (never, urgent, always).

Examples:
  xswarm user reminders anna
  xswarm user reminders anna channels=sms,console leads=1440,60,15 quiet=22:00-07:00
  xswarm user reminders anna repeat=10x3 escalate=bob:30"
    )]
    Reminders {
        /// An id, a name, or a unique beginning.
        who: String,
        /// What changes; the rest stays.
        #[arg(value_name = "NAME=VALUE", value_parser = assignment)]
        changes: Vec<(String, String)>,
    },
    /// Show or change whether the Boss makes suggestions to a person.
    #[command(after_help = "Examples:\n  xswarm user suggestions anna\n  xswarm user suggestions anna off")]
    Suggestions {
        /// An id, a name, or a unique beginning.
        who: String,
        /// Whether it makes any.
        #[arg(value_name = "ON|OFF", value_parser = on_or_off)]
        enabled: Option<bool>,
    },
    /// Set the PIN that a person types on the telephone for what is risky.
    #[command(
        after_help = "A caller's number can be forged. So on a call the Boss asks for the PIN before it deletes \
something or writes to somebody; without one it refuses. It is asked here without being shown, and never told to anybody.

Examples:
  xswarm user pin anna
  xswarm user pin anna --stdin < pin
  xswarm user pin anna --show
  xswarm user pin anna --unlock
  xswarm user pin anna --clear"
    )]
    Pin(PinArguments),
    /// Remove a person with all that is theirs: calendar, reminders, messages, keys.
    #[command(after_help = "Asks first.\n\nExample:\n  xswarm user remove bob")]
    Remove {
        /// An id, a name, or a unique beginning.
        who: String,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
}

/// `xswarm user pin …`
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("what").args(["stdin", "show", "unlock", "clear"])))]
pub struct PinArguments {
    /// An id, a name, or a unique beginning.
    pub who: String,
    /// Read the PIN from standard input.
    #[arg(long)]
    pub stdin: bool,
    /// Only say whether there is one, and whether it is locked.
    #[arg(long)]
    pub show: bool,
    /// Take PINs again after too many wrong ones.
    #[arg(long)]
    pub unlock: bool,
    /// Take the PIN away.
    #[arg(long)]
    pub clear: bool,
}

/// What is known about a person beside the name.
#[derive(Debug, Args)]
pub struct PersonDetails {
    /// Where calls and texts reach them.
    #[arg(long, value_name = "NUMBER")]
    pub phone: Option<String>,
    /// Where mail reaches them.
    #[arg(long, value_name = "ADDRESS", visible_alias = "mail")]
    pub email: Option<String>,
    /// Where they live, such as Europe/Berlin.
    #[arg(long, value_name = "ZONE", value_parser = zone)]
    pub timezone: Option<Tz>,
    /// The Boss's own number for them, if not the household's.
    #[arg(long, value_name = "NUMBER")]
    pub boss_phone: Option<String>,
    /// Let them administer the household.
    #[arg(long)]
    pub admin: bool,
}

/// `xswarm key …`
#[derive(Debug, Subcommand)]
pub enum KeyVerb {
    /// Make a key. It is shown this once.
    #[command(after_help = "It goes into the header `Authorization: Bearer KEY` of requests to the LAN listener.

Example:
  xswarm key create --user anna --name \"Anna's laptop\"")]
    Create {
        /// Whose: an id, a name, or a unique beginning.
        #[arg(long, value_name = "WHO")]
        user: String,
        /// What it is for.
        #[arg(long, value_name = "LABEL")]
        name: String,
    },
    /// List keys.
    #[command(after_help = "Example:\n  xswarm key list")]
    List,
    /// Revoke a key: it stops working at once, for ever.
    #[command(after_help = "Examples:\n  xswarm key revoke 019ab3f0\n  xswarm key revoke \"Anna's laptop\"")]
    Revoke {
        /// Its id, its label, or a unique beginning of either.
        key: String,
    },
}

/// `xswarm pairing …`
#[derive(Debug, Subcommand)]
pub enum PairingVerb {
    /// List strangers who wrote and were told a code.
    #[command(after_help = "Example:\n  xswarm pairing list")]
    List,
    /// Let a stranger in.
    #[command(group(ArgGroup::new("whose").required(true).args(["name", "user"])), after_help = "Ask the person for the code the Boss texted them.

Examples:
  xswarm pairing approve K7PM2X --name Carol
  xswarm pairing approve K7PM2X --user anna")]
    Approve {
        /// The code.
        code: String,
        /// Add a new member with this name.
        #[arg(long)]
        name: Option<String>,
        /// It is the number of this person: an id, a name, or a unique beginning.
        #[arg(long, value_name = "WHO")]
        user: Option<String>,
    },
}
