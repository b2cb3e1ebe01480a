//! The assistant: one turn from a recorded message to a recorded answer.
//!
//! A turn reads (who speaks, what was asked before), understands, and plans effects and words; then everything happens
//! in one transaction: effects, receipts, answer, delivery job, the open question, and the end of the turn's own job.
//! What the answer says has therefore happened when anybody can read it (G4), and a turn that is run again after a
//! crash finds its message answered and does nothing.
//!
//! No model is asked here and nothing outside the database is touched.

mod appointments;
mod asked;
mod calling_off;
mod contacts;
#[cfg(test)]
mod conversation_tests;
mod doubt;
pub(crate) mod effect;
mod everyday;
mod free;
mod invitations;
mod leaving_out;
mod letter;
mod lists;
mod matching;
mod moving;
mod question;
mod reminders;
mod scope;
mod stranger;
pub(crate) mod timing;
mod turn;

use std::sync::Arc;

use axum::body::Bytes;
use chrono::{DateTime, Utc};
use xswarm_core::{
    id::MessageId,
    mail::MailAddress,
    message::{Channel, Message, MessageStatus},
    provenance, sms, time,
    user::User,
};
use xswarm_store::{Conversation, Rows, Store, Tx};

use crate::{
    clock::Clock,
    conventions::Conventions,
    error::Error,
    jobs::Outcome,
    outbox::{self, OurAddresses, Saying, To},
};
use question::{PATIENCE, Question};
use turn::{Decision, Said, Turn};

/// What is appended to an answer that was cut.
const OFFER: &str = "Reply MORE for the rest.";

/// Answers messages.
pub(crate) struct Assistant {
    store: Arc<Store>,
    clock: Clock,
    /// Our addresses; where one is missing, reminders go to the console.
    ours: OurAddresses,
}

/// What a turn is about.
struct Before {
    message: Message,
    user: User,
    conversation: Conversation<Question>,
}

impl Assistant {
    /// An assistant.
    pub(crate) fn new(store: Arc<Store>, clock: Clock, ours: OurAddresses) -> Self {
        Self { store, clock, ours }
    }

    /// Answers one inbound message and finishes the job.
    pub(crate) async fn answer(&self, id: MessageId, job: i64) -> Result<Outcome, Error> {
        let (now, ours) = (self.clock.now(), self.ours.clone());
        let plan = self.store.read(move |rows| plan(rows, id, &ours, now)).await?;
        let ours = self.ours.clone();
        self.store
            .write(move |tx| {
                match plan {
                    Plan::Nothing => {}
                    Plan::Passed(message) => tx.message_processed(message, now)?,
                    Plan::Stranger(message) => stranger::answer(tx, &message, &ours, now)?,
                    Plan::Turn(before, decision) => commit(tx, &before, &decision, &ours, now)?,
                }
                tx.job_finish(job, now)?;
                Ok::<_, Error>(Outcome::Finished)
            })
            .await
    }

    /// Tells the persons concerned what the calendar files of a mail propose, and finishes the job. `sender` is proven.
    pub(crate) async fn consider(
        &self,
        id: MessageId,
        sender: Option<MailAddress>,
        files: Vec<Bytes>,
        job: i64,
    ) -> Result<Outcome, Error> {
        let (now, ours) = (self.clock.now(), self.ours.clone());
        self.store
            .write(move |tx| {
                if let Some(mail) = tx.message(id)? {
                    invitations::consider(tx, &mail, sender.as_ref().map(MailAddress::as_str), &files, &ours, now)?;
                }
                tx.job_finish(job, now)?;
                Ok::<_, Error>(Outcome::Finished)
            })
            .await
    }
}

/// What is to be done about a message.
enum Plan {
    Nothing,
    /// What it brought was answered, and its words add nothing.
    Passed(MessageId),
    Stranger(Box<Message>),
    Turn(Box<Before>, Box<Decision>),
}

fn plan(rows: &Rows<'_>, id: MessageId, ours: &OurAddresses, now: DateTime<Utc>) -> Result<Plan, Error> {
    let Some(message) = rows.message(id)?.filter(|message| message.status == MessageStatus::Pending) else {
        return Ok(Plan::Nothing);
    };
    let user = message.user_id.map_or(Ok(None), |user| rows.user(user))?;
    let conversation = match message.conversation_id {
        Some(id) => rows.conversation::<Question>(id, now)?,
        None => None,
    };
    let (Some(user), Some(conversation)) = (user, conversation) else {
        return Ok(Plan::Stranger(Box::new(message)));
    };
    let reminders_by = crate::reminders::usual_channel(&user, ours);
    let said = Said {
        text: if provenance::of_content(&message.metadata).is_own() { message.content.clone() } else { String::new() },
        at: said_at(&message).with_timezone(&user.timezone),
        answers: Vec::new(),
    };
    let conventions = Conventions::of(&user);
    let turn = Turn { rows, user: &user, ours, reminders_by, said, conventions: &conventions, now };
    if letter::only_passes_on(rows, &turn, &message)? {
        return Ok(Plan::Passed(message.id));
    }
    let decision = match letter::unanswerable(&message) {
        Some(words) => Decision { question: conversation.question.clone(), ..Decision::say(words) },
        None if letter::belongs_elsewhere(rows, &message, conversation.id)? => {
            // The question that is open was asked in another thread: it stays open, and this is no answer to it.
            let decision = turn::decide(&turn, None)?;
            Decision { question: decision.question.or_else(|| conversation.question.clone()), ..decision }
        }
        None => turn::decide(&turn, conversation.question.clone())?,
    };
    Ok(Plan::Turn(Box::new(Before { message, user, conversation }), Box::new(decision)))
}

/// When the person said it: relative times count from then, however late the message reached us.
fn said_at(message: &Message) -> DateTime<Utc> {
    let sent_at = message.metadata.get("sent_at").and_then(serde_json::Value::as_str);
    sent_at.and_then(|text| time::from_text(text).ok()).unwrap_or(message.created_at)
}

/// Makes a decision true and says so.
fn commit(
    tx: &Tx<'_>,
    before: &Before,
    decision: &Decision,
    ours: &OurAddresses,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let Before { message, user, conversation } = before;
    if tx.message(message.id)?.is_none_or(|current| current.status != MessageStatus::Pending) {
        return Ok(());
    }
    for effect in &decision.effects {
        effect.apply(tx, now)?;
        if decision.undoable && effect.is_undoable() {
            tx.receipt_insert(user.id, message.id, effect, now)?;
        }
    }
    let mut question = decision.question.clone();
    let mut text = decision.reply.clone();
    if message.channel == Channel::Sms {
        let short = sms::shorten(&text, OFFER);
        text = short.now;
        if let (Some(rest), None) = (short.rest, &question) {
            question = Some(Question::More { rest });
        }
    }
    let to = way_back(message, user, ours)?;
    let saying = Saying {
        user: Some(user),
        conversation: Some(conversation.id),
        to: &to,
        text: &text,
        in_reply_to: Some(message.id),
        metadata: serde_json::json!({}),
    };
    outbox::say(tx, &saying, now)?;
    tx.conversation_ask(conversation.id, question.as_ref(), now + PATIENCE)?;
    tx.message_processed(message.id, now)?;
    Ok(())
}

/// Where the message came from: there the answer goes, and to nobody else who got it too.
fn way_back(message: &Message, user: &User, ours: &OurAddresses) -> Result<To, Error> {
    match (&message.channel, &message.sender, &message.recipient) {
        (Channel::Sms, Some(them), Some(us)) => match (us.parse(), them.parse()) {
            (Ok(from), Ok(to)) => Ok(To::Sms { from, to }),
            (Err(error), _) | (_, Err(error)) => Err(Error::internal("a message has no numbers").with_source(error)),
        },
        (Channel::Email, Some(_), _) => {
            Ok(letter::way_back(message, outbox::mail_from(user, ours)).unwrap_or(To::Console))
        }
        _ => Ok(To::Console),
    }
}
