//! Answers that are an object around rows: `{"users": […]}`. Only described here; handlers write them as they go, and the
//! real hub's answers are compared with the document.

use serde::Serialize;
use utoipa::ToSchema;
use xswarm_core::{
    admin::{Check, KeyRow, PairingRow},
    attachment::Attachment,
    contact::Contact,
    device::Device,
    event::EventRow,
    exchange::FeedRow,
    invitation::Invitation,
    job::JobRow,
    list::{List, ListItem},
    memory::{Memory, SearchHit, Summary},
    message::{Channel, Message},
    preferences::{CalendarPreferences, HolidayRegion, WorkingHours},
    reminder::{
        Reminder, ReminderPreferences,
        preferences::{Escalation, QuietHours, Repeat, RepeatWhen},
    },
    suggestion::Suggestion,
    user::User,
};

macro_rules! answers {
    ($($(#[$meta:meta])* $name:ident { $field:ident: $type:ty })+) => {$(
        $(#[$meta])*
        #[derive(Serialize, ToSchema)]
        pub(super) struct $name {
            $field: $type,
        }
    )+};
}

answers! {
    /// Persons.
    Users { users: Vec<User> }
    /// A person.
    OneUser { user: User }
    /// Keys, without their text.
    Keys { keys: Vec<KeyRow> }
    /// Strangers who asked to be let in.
    Pairings { pairings: Vec<PairingRow> }
    /// Devices of rooms.
    Devices { devices: Vec<Device> }
    /// Messages.
    Messages { messages: Vec<Message> }
    /// A message.
    OneMessage { message: Message }
    /// Files that came with a message.
    Attachments { attachments: Vec<Attachment> }
    /// A suggestion.
    OneSuggestion { suggestion: Suggestion }
    /// A contact.
    OneContact { contact: Contact }
    /// Lists.
    Lists { lists: Vec<WholeList> }
    /// A list as it was renamed.
    OneList { list: List }
    /// Something on a list.
    OneItem { item: ListItem }
    /// What is remembered.
    Memories { memories: Vec<Memory> }
    /// Something that is remembered.
    OneMemory { memory: Memory }
    /// What a search found.
    SearchHits { hits: Vec<SearchHit> }
    /// Summaries of older conversation.
    Summaries { summaries: Vec<Summary> }
    /// A summary.
    OneSummary { summary: Summary }
    /// Feeds, without their address.
    Feeds { feeds: Vec<FeedRow> }
    /// Invitations.
    Invitations { invitations: Vec<Invitation> }
    /// A reminder.
    OneReminder { reminder: Reminder }
    /// How a person wants to be reminded.
    ReminderPreferencesAnswer { preferences: ReminderPreferences }
    /// Jobs.
    Jobs { jobs: Vec<JobRow> }
    /// A job.
    OneJob { job: JobRow }
    /// Facts.
    Events { events: Vec<EventRow> }
    /// Checks.
    Checks { checks: Vec<Check> }
    /// How a person wants their calendar kept.
    CalendarPreferencesAnswer { calendar_preferences: CalendarPreferences }
    /// It was done.
    Success {
        success: bool
    }
}

/// A page of reminders.
#[derive(Serialize, ToSchema)]
pub(super) struct Reminders {
    reminders: Vec<Reminder>,
    /// Where the next page begins; null on the last.
    next_cursor: Option<String>,
}

/// A page of contacts.
#[derive(Serialize, ToSchema)]
pub(super) struct Contacts {
    contacts: Vec<Contact>,
    /// Where the next page begins; null on the last.
    next_cursor: Option<String>,
}

/// A reminder that was added before an appointment, and all that are ahead.
#[derive(Serialize, ToSchema)]
pub(super) struct Added {
    reminder: Option<Reminder>,
    reminders: Vec<Reminder>,
}

/// What was said.
#[derive(Serialize, ToSchema)]
pub(super) struct Processed {
    processed: u64,
    reminders: Vec<Reminder>,
    success: bool,
}

/// What changes of how a person wants to be reminded; null is the usual.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReminderPreferencesChange {
    channels: Option<Vec<Channel>>,
    lead_minutes: Option<Vec<u32>>,
    quiet_hours: Option<QuietHours>,
    repeat_when: Option<RepeatWhen>,
    repeat: Option<Repeat>,
    escalation: Option<Escalation>,
}

/// What changes of how a person wants their calendar kept; null is the usual.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CalendarPreferencesChange {
    #[schema(minimum = 0, maximum = 240)]
    buffer_minutes: Option<u32>,
    working_hours: Option<WorkingHours>,
    #[schema(minimum = 5, maximum = 1_440)]
    default_minutes: Option<u32>,
    holidays: Option<HolidayRegion>,
}

/// A list and what is on it.
#[derive(Serialize, ToSchema)]
pub(super) struct WholeList {
    list: List,
    items: Vec<ListItem>,
}

/// What was put on a list, and what was on it already.
#[derive(Serialize, ToSchema)]
pub(super) struct AddedItems {
    items: Vec<ListItem>,
    already: Vec<String>,
}

/// An invitation was decided on, and what that booked, moved or called off.
#[derive(Serialize, ToSchema)]
pub(super) struct Decided {
    success: bool,
    appointments: Vec<serde_json::Value>,
}

/// This document.
#[derive(Serialize, ToSchema)]
pub(super) struct Description {
    openapi: String,
}

/// Whether the hub works.
#[derive(Serialize, ToSchema)]
pub(super) struct Health {
    status: String,
    version: String,
    detail: Option<String>,
}
