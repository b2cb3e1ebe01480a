//! The commands and their slots: plain data.

use chrono::{DateTime, NaiveDate};
use chrono_tz::Tz;
use xswarm_core::series::Scope;

use crate::time::{Problem, Span, Value};

/// A sentence understood.
#[derive(Debug, Clone, PartialEq)]
pub struct Understood {
    /// What is asked for.
    pub command: Command,
    /// Whether it is certain enough to act on; otherwise it is a guess, to be asked about.
    pub sure: bool,
    /// Times in it that cannot be or cannot be used as said.
    pub problems: Vec<Problem>,
}

/// A time slot: what it means and the words it came from.
#[derive(Debug, Clone, PartialEq)]
pub struct When {
    /// What the words mean.
    pub value: Value,
    /// The words.
    pub text: String,
    /// Other readings, likeliest first.
    pub alternatives: Vec<Value>,
    /// Whether a day was named ("4pm": no).
    pub date_said: bool,
    /// Whether a time of day was named ("Friday": no).
    pub time_said: bool,
}

/// Which of the existing things is meant.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Which {
    /// Words that name it.
    pub title: Option<String>,
    /// People who take part.
    pub participants: Vec<String>,
    /// When it is.
    pub when: Option<When>,
    /// "the second one": 2; "the last one": -1.
    pub nth: Option<i32>,
    /// Whether `nth` may count in what was just listed: "the second one", but not "the next meeting".
    pub listed: bool,
    /// "the first two": 2; "the last two": -2.
    pub several: Option<i32>,
    /// "all of them".
    pub all: bool,
    /// "it", "that meeting".
    pub pronoun: bool,
    /// "this and all following", "the whole series": how much of a series.
    pub scope: Option<Scope>,
}

/// What is asked about something that was spoken of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Asked {
    /// When it is.
    When,
    /// Where it is.
    Where,
    /// Who takes part.
    Who,
    /// How long it takes.
    HowLong,
}

/// By which way someone wants to be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChannelWord {
    /// "by text", "via SMS".
    Sms,
    /// "by email".
    Email,
    /// "by phone", "call me".
    Phone,
    /// "in the room", "out loud".
    Room,
}

/// What kind of reminder is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Nature {
    /// It rings until it is stopped: "wake me", "an alarm".
    pub alarm: bool,
    /// It must not wait: "urgent".
    pub urgent: bool,
}

/// An appointment as far as the sentence tells it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AppointmentDraft {
    /// What it is.
    pub title: Option<String>,
    /// When it is, possibly again and again.
    pub when: Option<When>,
    /// How long it lasts, when that was said as a length.
    pub duration: Option<Span>,
    /// Who takes part, as named.
    pub participants: Vec<String>,
    /// Where it is.
    pub place: Option<String>,
    /// Anything said after "note:".
    pub description: Option<String>,
    /// How long before it a reminder is wanted.
    pub lead_time: Option<Span>,
    /// How to remind.
    pub channel: Option<ChannelWord>,
    /// "No reminder".
    pub silent: bool,
    /// "All day".
    pub all_day: bool,
    /// "Skip it when I'm busy": occurrences that get in the way of something are left out.
    pub skip_conflicts: bool,
}

/// Which stretch of the agenda is asked for.
#[derive(Debug, Clone, PartialEq)]
pub enum AgendaRange {
    /// One day.
    Day(NaiveDate),
    /// The week that begins on this Monday.
    Week(NaiveDate),
    /// The month that begins on this day.
    Month(NaiveDate),
    /// From one instant to another; an open side is `None`.
    Interval {
        /// First instant.
        start: Option<DateTime<Tz>>,
        /// First instant after it.
        end: Option<DateTime<Tz>>,
    },
    /// Whatever comes next.
    Next,
    /// No time was said and the question names a thing: "when is my dentist appointment".
    Any,
}

/// How the length of an appointment changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NewLength {
    /// "Make it an hour long".
    Exactly(Span),
    /// "Extend it by half an hour"; shorter when negative.
    By(Span),
    /// "Make it longer", without by how much.
    Longer,
    /// "Shorten it", without by how much.
    Shorter,
}

/// What a person may ask for about contacts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContactCommand {
    /// "Add a contact: Anna Miller, +49 151 23456789, my sister".
    Add {
        /// Who.
        name: Option<String>,
        /// Telephone numbers as written.
        phones: Vec<String>,
        /// Mail addresses as written.
        mails: Vec<String>,
        /// What they are to the person: "sister".
        relation: Option<String>,
        /// What else was said.
        more: Vec<String>,
    },
    /// "What is John's number".
    Ask {
        /// Whose.
        name: String,
    },
    /// "List my contacts".
    List,
    /// "Delete the contact Anna".
    Delete {
        /// Whom.
        name: String,
    },
}

/// What a person may ask for about lists. A list that is not named is "the list".
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListCommand {
    /// "Add milk and eggs to the shopping list".
    Add {
        /// Which list, as named.
        list: Option<String>,
        /// What; nothing in "add something to my shopping list".
        items: Vec<String>,
    },
    /// "What's on my shopping list".
    Show {
        /// Which list, as named.
        list: Option<String>,
    },
    /// "What lists do I have".
    Overview,
    /// "Take milk off the list".
    Remove {
        /// Which list, as named.
        list: Option<String>,
        /// What.
        items: Vec<String>,
    },
    /// "Check off eggs".
    CheckOff {
        /// Which list, as named.
        list: Option<String>,
        /// What.
        items: Vec<String>,
    },
    /// "Clear the shopping list".
    Clear {
        /// Which list, as named.
        list: Option<String>,
    },
    /// "Create a list called packing".
    Create {
        /// What it is called.
        name: Option<String>,
        /// Whether it is everybody's.
        shared: bool,
    },
    /// "Delete the packing list".
    Delete {
        /// Which list, as named.
        list: Option<String>,
    },
}

/// What a person may ask for. Closed; match it exhaustively.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// "Schedule a meeting with John tomorrow at 3pm".
    CreateAppointment(AppointmentDraft),
    /// "Move my meeting with John to 4pm", "push it back by an hour".
    MoveAppointment {
        /// Which appointment.
        which: Which,
        /// The new time.
        to: Option<When>,
        /// How far; earlier when negative.
        by: Option<Span>,
        /// The new length.
        length: Option<NewLength>,
    },
    /// "Rename it to Deep work", "set the location to Mario's".
    EditAppointment {
        /// Which appointment.
        which: Which,
        /// Its new title.
        title: Option<String>,
        /// Where it takes place from now on.
        place: Option<String>,
    },
    /// "Cancel the dentist on Friday".
    CancelAppointment {
        /// Which appointment.
        which: Which,
    },
    /// "What's on my calendar today", "am I free tomorrow afternoon".
    ShowAgenda {
        /// Which stretch of time.
        range: AgendaRange,
        /// Only such appointments.
        which: Which,
        /// Asked is whether there is nothing: "am I free".
        free: bool,
    },
    /// "Find a time for a 30 minute call with John tomorrow afternoon", "when am I free this week for an hour".
    FindTime {
        /// Within which stretch of time.
        range: AgendaRange,
        /// For what, as far as the sentence tells it.
        draft: AppointmentDraft,
    },
    /// "What did I cancel".
    ListCancelled,
    /// "Remind me to call mom in 20 minutes", "wake me at 7".
    SetReminder {
        /// Of what.
        text: Option<String>,
        /// When, possibly again and again.
        when: Option<When>,
        /// By which way.
        channel: Option<ChannelWord>,
        /// "15 minutes before": the time before the thing itself.
        lead_time: Option<Span>,
        /// What kind of reminder.
        nature: Nature,
    },
    /// "Remind me 24 hours, 1 hour and 15 minutes before the dentist".
    RemindBefore {
        /// Which appointment.
        which: Which,
        /// How long before it, as said.
        leads: Vec<Span>,
    },
    /// "Move the reminder to call mom to 6", "change my alarm to 7:30".
    MoveReminder {
        /// Which reminder.
        which: Which,
        /// The new time.
        to: Option<When>,
        /// How far; earlier when negative.
        by: Option<Span>,
    },
    /// "What reminders do I have".
    ListReminders {
        /// Only those of this stretch.
        range: AgendaRange,
        /// Only such reminders.
        which: Which,
    },
    /// "Cancel the reminder to call mom".
    CancelReminder {
        /// Which reminder.
        which: Which,
    },
    /// "Snooze for ten minutes".
    SnoozeReminder {
        /// Which reminder.
        which: Which,
        /// For how long.
        for_: Option<Span>,
        /// Until when.
        until: Option<When>,
    },
    /// "Done", "I've done it": the reminder is settled. "Got it": it was seen.
    AcknowledgeReminder {
        /// Which reminder.
        which: Which,
        /// Nothing more is wanted of it.
        settled: bool,
    },
    /// "Set a pasta timer for 9 minutes".
    SetTimer {
        /// How long.
        duration: Option<Span>,
        /// What it is called.
        name: Option<String>,
    },
    /// "Set a pasta timer for 9 minutes and an egg timer for 6".
    SetTimers {
        /// How long each runs, and what it is called.
        timers: Vec<(Option<Span>, Option<String>)>,
    },
    /// "Stop the pasta timer".
    CancelTimer {
        /// Which timer.
        which: Which,
    },
    /// "How much time is left".
    TimerStatus {
        /// Which timer.
        which: Which,
    },
    /// "Pause the timer".
    PauseTimer {
        /// Which timer.
        which: Which,
    },
    /// "Resume the timer".
    ResumeTimer {
        /// Which timer.
        which: Which,
    },
    /// "Add five minutes to the timer", "take a minute off".
    ChangeTimer {
        /// Which timer.
        which: Which,
        /// How much; less when negative.
        by: Option<Span>,
        /// "Change the timer to 10 minutes": how long from now.
        to: Option<Span>,
    },
    /// "What time is it", "what time is it in Lisbon".
    TellTime {
        /// Where, as named.
        place: Option<String>,
    },
    /// "What's the date", "what day is Easter Monday".
    TellDate {
        /// Of which day.
        when: Option<When>,
    },
    /// "Help", "what can you do".
    Help {
        /// With what.
        topic: Option<String>,
    },
    /// "Yes".
    Yes,
    /// "No", "never mind", "cancel that".
    No,
    /// "Undo that".
    Undo,
    /// "What did you do today", "what did I book yesterday".
    ListChanges {
        /// When.
        range: AgendaRange,
    },
    /// "When is it", "who is coming to the second one".
    TellAbout {
        /// Which of what was spoken of.
        which: Which,
        /// What about it.
        asked: Asked,
    },
    /// "More", "go on".
    More,
    /// "Say that again".
    Repeat,
    /// "Thanks".
    Thanks,
    /// "Hello".
    Greeting,
    /// Something about contacts.
    Contact(ContactCommand),
    /// Something about lists.
    List(ListCommand),
    /// "What projects are there".
    ListProjects,
    /// "How is project Atlas going".
    ProjectStatus {
        /// Which project.
        name: Option<String>,
    },
    /// "Create a project called Atlas".
    CreateProject {
        /// What it is called.
        name: Option<String>,
    },
    /// "What tasks are open in Atlas".
    ListTasks {
        /// Of which project.
        project: Option<String>,
    },
    /// "Add a task to Atlas: fix the login".
    CreateTask {
        /// What is to be done.
        title: Option<String>,
        /// For which project.
        project: Option<String>,
        /// Until when.
        due: Option<When>,
    },
    /// "What are the agents doing".
    AgentsStatus {
        /// Which agent.
        name: Option<String>,
    },
    /// "Text Anna that I'm late".
    SendMessage {
        /// To whom, as named.
        to: Vec<String>,
        /// The words to send.
        text: Option<String>,
        /// By which way.
        channel: Option<ChannelWord>,
    },
    /// "Email John about the invoice".
    SendMail {
        /// To whom, as named.
        to: Vec<String>,
        /// About what.
        subject: Option<String>,
        /// The words to send.
        text: Option<String>,
    },
    /// "Have I got mail", "read me the last mail from Anna".
    ReadMail,
    /// "Show my invitations".
    ListInvitations,
    /// "Accept Anna's invitation", "decline the invitation to lunch".
    AnswerInvitation {
        /// Whether it is a yes.
        accept: bool,
        /// Which invitation: by its title and whom it is from.
        which: Which,
    },
    /// "Remember that Anna is allergic to nuts".
    Remember {
        /// The fact, as it was said.
        text: String,
    },
    /// "Forget that Anna is allergic to nuts", "forget what I told you about Anna".
    Forget {
        /// What, as it was said; what was told last when absent: "forget that".
        what: Option<String>,
    },
    /// "Forget everything you know about me".
    ForgetAll,
    /// "What do you know about Anna", "do you remember my locker code".
    ShowMemory {
        /// About what, as it was said; everything when absent.
        about: Option<String>,
    },
    /// "Search my messages for invoice", "when did I write about the boiler".
    SearchMessages {
        /// For what, as it was said.
        words: String,
    },
    /// "No suggestions", "make suggestions again".
    SetSuggestions {
        /// Whether they are wanted.
        on: bool,
    },
    /// "What suggestions do you have".
    ListSuggestions,
    /// "Tell me a joke", "how are you": talk for its own sake.
    SmallTalk,
    /// None of these.
    Unknown,
}
