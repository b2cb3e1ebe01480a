//! Facts: what happened, append-only and chained by hash (table `system_events`). Ids only, never what a message said.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    id::{
        AppointmentId, ContactId, DeviceId, EventId, KeyId, ListId, MemoryId, MessageId, ReceiptId, ReminderId,
        SummaryId, UserId,
    },
    spending::{Cap, Microdollars},
    text_enum,
};

text_enum! {
    /// How much attention a fact deserves.
    pub enum Severity {
        /// For the record.
        Info = "info",
        /// Something did not go as it should.
        Warning = "warning",
        /// A promise is at risk; a person should look.
        Error = "error",
    }
}

/// A fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event_type", content = "event_data", rename_all = "snake_case")]
pub enum Event {
    /// The hub began to serve.
    HubStarted {
        /// Its version.
        version: String,
        /// Whether it was stopped in order before.
        clean: bool,
    },
    /// The hub finished in order.
    HubStopped {},
    /// A person was added.
    UserCreated {
        /// Who.
        user: UserId,
    },
    /// A person's details changed.
    UserChanged {
        /// Who.
        user: UserId,
    },
    /// A person was removed with all that was theirs.
    UserRemoved {
        /// Who.
        user: UserId,
    },
    /// A person's PIN was set, cleared or unlocked.
    PinChanged {
        /// Whose.
        user: UserId,
    },
    /// Too many wrong PINs were typed on calls from a person's number: none is taken for a time.
    PinLocked {
        /// Whose.
        user: UserId,
    },
    /// An API key was made.
    KeyCreated {
        /// Which.
        key: KeyId,
    },
    /// An API key was revoked.
    KeyRevoked {
        /// Which.
        key: KeyId,
    },
    /// A device of a room was paired.
    DevicePaired {
        /// Which.
        device: DeviceId,
    },
    /// A device of a room was forgotten.
    DeviceForgotten {
        /// Which.
        device: DeviceId,
    },
    /// A secret was stored or replaced.
    SecretSet {
        /// Its name.
        name: String,
    },
    /// A stranger was offered a pairing code.
    PairingOffered {
        /// The message that was answered.
        message: MessageId,
    },
    /// An admin approved a pairing code.
    PairingApproved {
        /// Who it became.
        user: UserId,
    },
    /// An appointment was booked.
    AppointmentCreated {
        /// Which.
        appointment: AppointmentId,
    },
    /// An appointment changed.
    AppointmentChanged {
        /// Which.
        appointment: AppointmentId,
    },
    /// An appointment was called off.
    AppointmentCancelled {
        /// Which.
        appointment: AppointmentId,
    },
    /// A reminder or timer was set.
    ReminderSet {
        /// Which.
        reminder: ReminderId,
    },
    /// A reminder or timer was said.
    ReminderFired {
        /// Which.
        reminder: ReminderId,
        /// Whether it was said after its grace.
        late: bool,
    },
    /// A reminder or timer was called off.
    ReminderCancelled {
        /// Which.
        reminder: ReminderId,
    },
    /// Somebody said that they have seen a reminder.
    ReminderAcknowledged {
        /// Which.
        reminder: ReminderId,
    },
    /// A reminder moved, was snoozed, paused or resumed.
    ReminderChanged {
        /// Which, as it now is.
        reminder: ReminderId,
    },
    /// Somebody became a contact of a person, or one again.
    ContactCreated {
        /// Which.
        contact: ContactId,
    },
    /// What is known of a contact changed.
    ContactChanged {
        /// Which.
        contact: ContactId,
    },
    /// A contact was deleted.
    ContactDeleted {
        /// Which.
        contact: ContactId,
    },
    /// Contacts were read from vCards.
    ContactsImported {
        /// How many are new or changed.
        contacts: u64,
    },
    /// A list was made, or made again.
    ListCreated {
        /// Which.
        list: ListId,
    },
    /// What is on a list changed.
    ListChanged {
        /// Which.
        list: ListId,
    },
    /// A list was deleted with all that was on it.
    ListDeleted {
        /// Which.
        list: ListId,
    },
    /// A person told something to remember.
    MemoryAdded {
        /// Which.
        memory: MemoryId,
    },
    /// Something that was remembered is forgotten for good.
    MemoryForgotten {
        /// Which.
        memory: MemoryId,
    },
    /// A person corrected a summary of their conversation.
    SummaryCorrected {
        /// Which.
        summary: SummaryId,
    },
    /// A person deleted a summary of their conversation.
    SummaryDeleted {
        /// Which.
        summary: SummaryId,
    },
    /// An effect was reversed.
    EffectUndone {
        /// Its receipt.
        receipt: ReceiptId,
    },
    /// A message could not be delivered.
    MessageFailed {
        /// Which.
        message: MessageId,
        /// The provider's code.
        code: Option<i64>,
    },
    /// Nobody can tell whether a message went out.
    MessageUnknown {
        /// Which.
        message: MessageId,
    },
    /// A person decided to send a message again.
    MessageResent {
        /// Which.
        message: MessageId,
    },
    /// A job was given up.
    JobDead {
        /// Its row.
        job: i64,
        /// Its kind.
        kind: String,
    },
    /// A person asked not to be texted (STOP), or to be texted again (START).
    OptOutChanged {
        /// Whether they are now left alone.
        stopped: bool,
    },
    /// Retention deleted old texts.
    TextsDeleted {
        /// How many messages.
        messages: u64,
    },
    /// Four fifths of what may be spent on language models are spent. Once for each cap and its day or month.
    SpendingNearCap {
        /// Of which cap.
        cap: Cap,
        /// What was spent, in millionths of a US dollar.
        spent: Microdollars,
        /// What may be spent.
        limit: Microdollars,
    },
    /// All is spent; no language model is asked before the next day or month. Once for each cap and its day or month.
    SpendingCapReached {
        /// Which cap.
        cap: Cap,
        /// What was spent, in millionths of a US dollar.
        spent: Microdollars,
        /// What may be spent.
        limit: Microdollars,
    },
}

impl Event {
    /// How much attention it deserves.
    pub const fn severity(&self) -> Severity {
        match self {
            Self::MessageFailed { .. }
            | Self::MessageUnknown { .. }
            | Self::PinLocked { .. }
            | Self::SpendingNearCap { .. }
            | Self::SpendingCapReached { .. } => Severity::Warning,
            Self::JobDead { .. } => Severity::Error,
            Self::HubStarted { .. }
            | Self::HubStopped {}
            | Self::UserCreated { .. }
            | Self::UserChanged { .. }
            | Self::UserRemoved { .. }
            | Self::PinChanged { .. }
            | Self::KeyCreated { .. }
            | Self::KeyRevoked { .. }
            | Self::DevicePaired { .. }
            | Self::DeviceForgotten { .. }
            | Self::SecretSet { .. }
            | Self::PairingOffered { .. }
            | Self::PairingApproved { .. }
            | Self::AppointmentCreated { .. }
            | Self::AppointmentChanged { .. }
            | Self::AppointmentCancelled { .. }
            | Self::ReminderSet { .. }
            | Self::ReminderFired { .. }
            | Self::ReminderCancelled { .. }
            | Self::ReminderAcknowledged { .. }
            | Self::ReminderChanged { .. }
            | Self::ContactCreated { .. }
            | Self::ContactChanged { .. }
            | Self::ContactDeleted { .. }
            | Self::ContactsImported { .. }
            | Self::ListCreated { .. }
            | Self::ListChanged { .. }
            | Self::ListDeleted { .. }
            | Self::MemoryAdded { .. }
            | Self::MemoryForgotten { .. }
            | Self::SummaryCorrected { .. }
            | Self::SummaryDeleted { .. }
            | Self::EffectUndone { .. }
            | Self::MessageResent { .. }
            | Self::OptOutChanged { .. }
            | Self::TextsDeleted { .. } => Severity::Info,
        }
    }
}

/// A fact as the database has it. The data may have been erased; the chain still verifies.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EventRow {
    /// The row.
    pub id: EventId,
    /// Its place in the chain, from 1.
    pub sequence: i64,
    /// What kind of fact.
    pub event_type: String,
    /// Its data, unless erased.
    pub event_data: Option<serde_json::Value>,
    /// How much attention it deserves.
    pub severity: Severity,
    /// Whom it concerns.
    pub user_id: Option<UserId>,
    /// When.
    pub created_at: DateTime<Utc>,
    /// The hash that the next fact builds on, in hexadecimal.
    pub hash: String,
}

impl EventRow {
    /// The fact itself; `None` when its data was erased or it is of a kind that this version does not know.
    pub fn event(&self) -> Option<Event> {
        let data = self.event_data.as_ref()?;
        serde_json::from_value(serde_json::json!({ "event_type": self.event_type, "event_data": data })).ok()
    }
}
