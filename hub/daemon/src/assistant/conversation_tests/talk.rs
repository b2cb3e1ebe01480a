//! A person at the console, their database, and a clock that only the test moves.

use chrono::{DateTime, Duration, Utc};
use xswarm_core::{
    id::{MessageId, UserId},
    message::{Channel, Direction},
    reminder::ReminderStatus,
    time::from_text,
    user::{Role, User},
};
use xswarm_store::{Key, NewMessage, Options, Store};

use super::super::*;
use crate::reminders::{self as due, Fired};

/// A person at the console on Tuesday, 24 November 2026, 10:00 in Berlin.
pub(super) struct Talk {
    pub(super) store: Store,
    pub(super) user: User,
    pub(super) now: DateTime<Utc>,
    runtime: tokio::runtime::Runtime,
    _dir: tempfile::TempDir,
}

impl Talk {
    pub(super) fn new() -> Self {
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
        Self { store, user, now, runtime, _dir: dir }
    }

    pub(super) fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Tx<'_>) -> Result<T, Error> + Send + 'static,
    ) -> T {
        self.runtime.block_on(self.store.write(work)).unwrap()
    }

    /// Says something and gets the answer.
    pub(super) fn say(&self, text: &str) -> String {
        let (now, user, text) = (self.now, self.user.id, text.to_owned());
        self.write(move |tx| {
            let conversation = tx.conversation_of(user, Channel::Console, now)?;
            let id = MessageId::new(now);
            let message = NewMessage {
                id,
                user_id: Some(user),
                conversation_id: Some(conversation),
                channel: Channel::Console,
                direction: Direction::Inbound,
                content: text,
                sender: None,
                recipient: None,
                provider_id: None,
                in_reply_to: None,
                metadata: serde_json::json!({}),
            };
            tx.message_insert(&message, now)?;
            match plan(tx, id, &OurAddresses::default(), now)? {
                Plan::Turn(before, decision) => commit(tx, &before, &decision, &OurAddresses::default(), now)?,
                Plan::Nothing | Plan::Passed(_) | Plan::Stranger(_) => panic!("a known person was not answered"),
            }
            let replies = tx.message_replies(id)?;
            assert_eq!(replies.len(), 1, "one turn, one answer");
            Ok(replies[0].content.clone())
        })
    }

    pub(super) fn later(&mut self, by: Duration) -> &mut Self {
        self.now += by;
        self
    }

    /// The starts of standing appointments, with titles.
    pub(super) fn calendar(&self) -> Vec<String> {
        let (user, now) = (self.user.id, self.now);
        self.write(move |tx| {
            let all = tx.appointments_from(user, now, 100)?;
            Ok(all.iter().map(|one| format!("{} {}", one.start.format("%m-%d %H:%M"), one.title)).collect())
        })
    }

    pub(super) fn pending(&self) -> Vec<String> {
        let user = self.user.id;
        self.write(move |tx| {
            let all = tx.reminders(user, ReminderStatus::Pending, 100)?;
            Ok(all.iter().map(|one| format!("{} {}", one.due.format("%m-%d %H:%M:%S"), one.text)).collect())
        })
    }

    /// Fires what is due and returns what was said.
    pub(super) fn fire(&self) -> Vec<String> {
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
                    if let xswarm_core::job::Job::FireReminder { reminder } = claimed.job {
                        again = due::fire(tx, reminder, &ours, now)?;
                    } else if let xswarm_core::job::Job::ContinueReminder { reminder } = claimed.job {
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
