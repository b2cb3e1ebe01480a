//! A person at the console, their database, and a clock that only the test moves.

use chrono::{DateTime, Duration, Utc};
use xswarm_core::{
    id::{MessageId, UserId},
    message::{Channel, Direction},
    reminder::ReminderStatus,
    time::{from_text, to_text},
    user::{Role, User},
};
use xswarm_store::{Key, NewMessage, Options, Store};

use super::super::*;
use crate::reminders::{self as due, Fired};

/// A person at the console on Tuesday, 24 November 2026, 10:00 in Berlin.
pub(in super::super) struct Talk {
    pub(in super::super) store: Store,
    pub(in super::super) user: User,
    pub(in super::super) now: DateTime<Utc>,
    /// What the Boss can write from.
    pub(in super::super) ours: OurAddresses,
    runtime: tokio::runtime::Runtime,
    _dir: tempfile::TempDir,
}

impl Talk {
    pub(in super::super) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let key = Key::from_hex(&"5a".repeat(32)).unwrap();
        let store = Store::open(&Options::new(dir.path()), &key).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let now = from_text("2026-11-24T09:00:00.000Z").unwrap();
        let user = User {
            id: UserId::new(now),
            name: "Ada".into(),
            email: None,
            phone: Some("+4915112345678".parse().unwrap()),
            timezone: chrono_tz::Europe::Berlin,
            preferences: serde_json::json!({}),
            boss_phone: None,
            boss_email: None,
            can_provision_numbers: false,
            role: Role::Admin,
            created_at: now,
            updated_at: now,
        };
        let added = user.clone();
        runtime.block_on(store.write(move |tx| tx.user_insert(&added).map_err(Error::from))).unwrap();
        Self { store, user, now, ours: OurAddresses::default(), runtime, _dir: dir }
    }

    pub(in super::super) fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Tx<'_>) -> Result<T, Error> + Send + 'static,
    ) -> T {
        self.runtime.block_on(self.store.write(work)).unwrap()
    }

    /// Says something and gets the answer.
    pub(in super::super) fn say(&self, text: &str) -> String {
        self.say_by(Channel::Console, text)
    }

    /// The same by some way.
    pub(in super::super) fn say_by(&self, channel: Channel, text: &str) -> String {
        let id = self.send(channel, text, None, None);
        self.answer(id).content
    }

    /// A message comes in: what it answers, and when it was sent, where that is known.
    pub(in super::super) fn send(
        &self,
        channel: Channel,
        text: &str,
        in_reply_to: Option<MessageId>,
        sent_at: Option<DateTime<Utc>>,
    ) -> MessageId {
        let (now, user, content) = (self.now, self.user.id, text.to_owned());
        let id = MessageId::new(now);
        self.write(move |tx| {
            let sms = channel == Channel::Sms;
            let message = NewMessage {
                id,
                user_id: Some(user),
                conversation_id: Some(tx.conversation_of(user, now)?),
                channel,
                direction: Direction::Inbound,
                content,
                sender: sms.then(|| "+4915112345678".to_owned()),
                recipient: sms.then(|| "+4915199999999".to_owned()),
                provider_id: None,
                in_reply_to,
                metadata: sent_at
                    .map_or_else(|| serde_json::json!({}), |at| serde_json::json!({ "sent_at": to_text(at) })),
            };
            tx.message_insert(&message, now)?;
            Ok(id)
        })
    }

    /// The message that came in is answered.
    pub(in super::super) fn answer(&self, id: MessageId) -> Message {
        let (now, ours) = (self.now, self.ours.clone());
        self.write(move |tx| {
            match plan(tx, id, &ours, now)? {
                Plan::Turn(before, decision) => commit(tx, &before, &decision, &ours, now)?,
                Plan::Nothing | Plan::Passed(_) | Plan::Stranger(_) | Plan::Guest(..) => {
                    panic!("a known person was not answered")
                }
            }
            let replies = tx.message_replies(id)?;
            assert_eq!(replies.len(), 1, "one turn, one answer");
            Ok(replies[0].clone())
        })
    }

    /// The capability that was used last.
    pub(in super::super) fn used_last(&self) -> Option<String> {
        let (user, now) = (self.user.id, self.now);
        self.write(move |tx| {
            let uses = tx.capability_uses(Some(user), now)?;
            Ok(uses.into_iter().max_by_key(|one| one.last_used_at).map(|one| one.capability))
        })
    }

    /// Whether a sentence would be handed to a language model. It is not answered.
    pub(in super::super) fn wants_a_model(&self, text: &str) -> bool {
        let id = self.send(Channel::Console, text, None, None);
        let (now, ours) = (self.now, self.ours.clone());
        self.write(move |tx| {
            let Plan::Turn(_, decision) = plan(tx, id, &ours, now)? else { panic!("a known person was not answered") };
            Ok(decision.unsure)
        })
    }

    /// A message as it is now.
    pub(in super::super) fn message(&self, id: MessageId) -> Message {
        self.write(move |tx| Ok(tx.message(id)?)).unwrap()
    }

    pub(in super::super) fn later(&mut self, by: Duration) -> &mut Self {
        self.now += by;
        self
    }

    /// The starts of standing appointments, with titles.
    pub(in super::super) fn calendar(&self) -> Vec<String> {
        let (user, now) = (self.user.id, self.now);
        self.write(move |tx| {
            let all = tx.appointments_from(user, now, 100)?;
            Ok(all.iter().map(|one| format!("{} {}", one.start.format("%m-%d %H:%M"), one.title)).collect())
        })
    }

    pub(in super::super) fn pending(&self) -> Vec<String> {
        let user = self.user.id;
        self.write(move |tx| {
            let all = tx.reminders(user, ReminderStatus::Pending, 100)?;
            Ok(all.iter().map(|one| format!("{} {}", one.due.format("%m-%d %H:%M:%S"), one.text)).collect())
        })
    }

    /// Fires what is due and returns what was said.
    pub(in super::super) fn fire(&self) -> Vec<String> {
        let (now, user) = (self.now, self.user.id);
        self.write(move |tx| {
            let ours = OurAddresses::default();
            loop {
                let claimed = tx.job_claim_due(100, now)?;
                if claimed.is_empty() {
                    break;
                }
                for claimed in claimed {
                    let mut again = Fired::Done;
                    if let Job::FireReminder { reminder } = claimed.job {
                        again = due::fire(tx, reminder, &ours, now)?;
                    } else if let Job::ContinueReminder { reminder } = claimed.job {
                        due::go_on(tx, reminder, &ours, now)?;
                    }
                    match again {
                        Fired::Done => tx.job_finish(claimed.id, now)?,
                        Fired::NotYet(until) => tx.job_again(claimed.id, until, now)?,
                    }
                }
            }
            let said = tx.messages_unseen(user, Channel::Console)?;
            let said: Vec<_> = said.into_iter().filter(|message| message.in_reply_to.is_none()).collect();
            for message in &said {
                tx.message_news(message.id, xswarm_core::message::DeliveryNews::Started, now)?;
                tx.message_news(message.id, xswarm_core::message::DeliveryNews::Delivered, now)?;
            }
            Ok(said.into_iter().map(|message| message.content).collect())
        })
    }
}
