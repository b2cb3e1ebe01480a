//! The command line: every verb with its options, help and examples. What the verbs do is elsewhere.

mod authority;
mod calendar;
mod calls;
mod contacts;
mod devices;
mod exchange;
mod ledger;
mod lists;
mod mail;
mod memory;
mod model;
mod people;
mod receipts;
mod reminders;
mod running;
mod suggestions;
mod talking;
mod value;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

pub use authority::AuthorityVerb;
pub use calendar::{
    AddArguments, AppointmentVerb, CancelArguments, FreeArguments, ListArguments, MoveArguments, WhichArguments,
};
pub use calls::CallsArguments;
pub use contacts::{ContactArguments, ContactFields, ContactVerb};
pub use devices::DeviceVerb;
pub use exchange::{
    CalendarArguments, CalendarVerb, ExportArguments, ImportArguments, InvitationArguments, InvitationVerb,
    InvitationsArguments,
};
pub use ledger::{
    AgendaArguments, AuditVerb, CapabilitiesArguments, EventsArguments, JobVerb, JobsArguments, MessageVerb,
    MessagesArguments, RemindersArguments, SpendingArguments, WatchArguments,
};
pub use lists::{ListVerb, ListsArguments};
pub use mail::{MailVerb, SendArguments};
pub use memory::{MemoryArguments, MemoryVerb};
pub use model::{ModelPlace, ModelVerb, PullArguments};
pub use people::{KeyVerb, PairingVerb, PersonDetails, PinArguments, UserVerb};
pub use receipts::{ReceiptVerb, ReceiptsArguments, Since};
pub use reminders::{AddReminder, ReminderVerb, WhichReminder};
pub use running::{CompletionsArguments, MailOptions, ManArguments, ModelOptions, SetupArguments};
pub use suggestions::{SuggestionVerb, SuggestionsArguments};
pub use talking::{AskArguments, ChatArguments};
pub use value::{Days, zone};

const AFTER: &str = "\
The hub is found by --socket, else XSWARM_SOCKET, else /run/xswarm/admin.sock if it exists, else ./var/admin.sock.

Exit status:
  0  done
  1  failed: the hub said no, or something is not in order
  2  the command line was not understood
  3  the hub is not reachable

Examples:
  xswarm chat
  xswarm ask \"Schedule meeting with John tomorrow at 3pm\"
  xswarm agenda week
  xswarm messages --status unknown
  xswarm user list --json";

/// Talk to the Boss and administer its hub.
#[derive(Debug, Parser)]
#[command(name = "xswarm", version, propagate_version = true, after_help = AFTER)]
pub struct Arguments {
    /// The hub's admin socket.
    #[arg(long, global = true, value_name = "PATH")]
    pub socket: Option<PathBuf>,
    /// Print the hub's JSON, unchanged, instead of words.
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// What can be done.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Say one thing to the Boss and print its answer.
    Ask(AskArguments),
    /// Talk with the Boss. Ctrl-D ends.
    Chat(ChatArguments),
    /// Show what the hub is doing and whether texting works.
    #[command(after_help = "Example:\n  xswarm status")]
    Status,
    /// Add, list, show, change and remove persons.
    #[command(
        subcommand,
        after_help = "Examples:\n  xswarm user list\n  xswarm user add Anna --phone \"+49 151 23456789\"\n  xswarm user pin Anna"
    )]
    User(UserVerb),
    /// Make, list and revoke keys for the REST interface.
    #[command(subcommand)]
    Key(KeyVerb),
    /// Let devices of rooms in, show and forget them.
    #[command(subcommand, after_help = "Examples:\n  xswarm device pair Kitchen --for anna\n  xswarm device list")]
    Device(DeviceVerb),
    /// Show the certificate authority by which browsers and devices know the hub.
    #[command(subcommand, after_help = "Example:\n  xswarm authority show")]
    Authority(AuthorityVerb),
    /// List and approve strangers who asked to be let in.
    #[command(subcommand)]
    Pairing(PairingVerb),
    /// Show what is on the calendar.
    Agenda(AgendaArguments),
    /// Book, list, show, move and call off appointments.
    #[command(subcommand)]
    Appointment(AppointmentVerb),
    /// Find free time.
    Free(FreeArguments),
    /// Let phones and computers read a calendar at a secret address.
    Calendar(CalendarArguments),
    /// Show what others invite to; accept or decline it.
    Invitations(InvitationsArguments),
    /// Show reminders and timers.
    Reminders(RemindersArguments),
    /// Set, move, answer and call off a single reminder.
    #[command(subcommand)]
    Reminder(ReminderVerb),
    /// Add, list, show, change and delete contacts; vCards in and out.
    Contact(ContactArguments),
    /// Show lists; put things on them, check them off, take them off.
    List(ListsArguments),
    /// Show, add, search and export what the Boss remembers of you; forget it.
    Memory(MemoryArguments),
    /// Show telephone calls, what was said on one, and how long each step took.
    Calls(CallsArguments),
    /// Get the models that listen and speak on this machine; show which are here.
    #[command(subcommand, after_help = "Examples:\n  xswarm model list\n  xswarm model pull stt tts")]
    Model(ModelVerb),
    /// Show what the Boss suggested; say yes or no to it.
    Suggestions(SuggestionsArguments),
    /// Show messages and how far they got; send one again.
    Messages(MessagesArguments),
    /// Send a mail; look at the Boss's letters.
    #[command(subcommand)]
    Mail(MailVerb),
    /// Show what the hub has yet to do; try something again.
    Jobs(JobsArguments),
    /// Show what the Boss changed, in words; take a change back.
    Receipts(ReceiptsArguments),
    /// Show what happened, newest last.
    Events(EventsArguments),
    /// Show what the Boss can do and what to say for it, or how often it was used.
    Capabilities(CapabilitiesArguments),
    /// Show what language models cost.
    Spending(SpendingArguments),
    /// Follow what happens, as it happens. Ctrl-C ends.
    Watch(WatchArguments),
    /// Check the record of what happened.
    #[command(subcommand)]
    Audit(AuditVerb),
    /// Walk through name, zone, texting, mail, language model and tunnel; every step can be skipped and repeated.
    Setup(Box<SetupArguments>),
    /// Check that everything works; say what is wrong and what to do about it.
    #[command(
        after_help = "Exit status is 1 when a check failed, 3 when the hub is not reachable.\n\nExample:\n  xswarm doctor"
    )]
    Doctor,
    /// Make the hub read its configuration again.
    #[command(after_help = "Examples:\n  xswarm reload\n  xswarm reload --now")]
    Reload {
        /// Even though calls go on: they are cut off.
        #[arg(long)]
        now: bool,
    },
    /// Print completions for a shell.
    Completions(CompletionsArguments),
    /// Print the manual page, or write all of them to a directory.
    Man(ManArguments),
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn every_verb_has_an_example() {
        fn check(command: &clap::Command, path: &str) {
            for verb in command.get_subcommands().filter(|verb| verb.get_name() != "help") {
                let path = format!("{path} {}", verb.get_name());
                if verb.has_subcommands() {
                    check(verb, &path);
                } else {
                    let help = verb.get_after_help().map(ToString::to_string).unwrap_or_default();
                    assert!(help.contains(&path), "`{path}` has no example of itself in its help: {help}");
                }
                assert!(verb.get_about().is_some(), "{path} does not say what it does");
            }
        }
        check(&Arguments::command(), "xswarm");
    }

    #[test]
    fn json_and_socket_are_understood_after_every_verb() {
        for line in [
            "xswarm status --json --socket /x",
            "xswarm --json --socket /x user list",
            "xswarm user list --json --socket /x",
        ] {
            let arguments = Arguments::try_parse_from(line.split(' ')).unwrap();
            assert!(arguments.json && arguments.socket == Some("/x".into()), "{line}");
        }
    }
}
