//! The assistant: one turn from a recorded message to a recorded answer.
//!
//! A turn reads (who speaks, what was asked before), understands, and plans effects and words; then everything happens
//! in one transaction: effects, receipts, answer, delivery job, the open question, and the end of the turn's own job.
//! What the answer says has therefore happened when anybody can read it (G4), and a turn that is run again after a
//! crash finds its message answered and does nothing.
//!
//! What the deterministic understanding is not sure of goes on to [`thinking`], where a language model is set up. Nothing
//! else outside the database is touched.

mod answering;
mod appointments;
mod asked;
mod calling_off;
pub(crate) mod capabilities;
pub(crate) mod capability;
mod changes;
mod contacts;
#[cfg(test)]
mod conversation_tests;
mod details;
mod doubt;
pub(crate) mod effect;
mod everyday;
mod free;
mod guest;
mod help;
pub(crate) mod invitations;
mod leaving_out;
mod letter;
mod links;
mod lists;
mod mail;
mod matching;
mod memory;
mod messages;
mod moving;
pub(crate) mod overhearing;
pub(crate) mod pin;
mod question;
mod reminders;
mod scope;
mod stranger;
pub(crate) mod suggestions;
mod thinking;
pub(crate) mod timing;
mod topic;
pub(crate) mod trust;
mod turn;
pub(crate) mod undo;
mod whose;

use std::sync::{Arc, atomic::Ordering};

use axum::body::Bytes;
use chrono::{DateTime, Utc};
use tokio_util::sync::CancellationToken;
use xswarm_core::{
    call::CallState,
    id::{ConversationId, DeviceId, MessageId},
    job::{Job, Lane},
    mail::MailAddress,
    message::{Channel, Message, MessageStatus},
    provenance,
    receipt::ReceiptOrigin,
    sms, time,
    user::User,
};
use xswarm_language::command::{Answer, Expecting, understand_answer};
use xswarm_store::{Conversation, Rows, Store, Tx};

use crate::{
    clock::Clock,
    conventions::Conventions,
    error::{Error, Kind},
    jobs::Outcome,
    llm::Llm,
    outbox::{self, OurAddresses, Saying, To},
};
use question::{PATIENCE, Question};
pub(crate) use thinking::HELD;
use thinking::Thinking;
use topic::Topic;
use turn::{Decision, Open, Said, Turn};

/// What is appended to an answer that was cut.
const OFFER: &str = "Reply MORE for the rest.";

/// What is said instead of a question that does not fit a text message.
const TOO_LONG_TO_ASK: &str = "That is too long to ask about in a text message, so I left it. Nothing was changed. \
    Please say it in fewer words, or by mail or at the console.";

/// So many of the messages before one are looked at for the question that it answers.
const BEFORE: u32 = 12;

/// Answers messages.
pub(crate) struct Assistant {
    store: Arc<Store>,
    clock: Clock,
    /// Our addresses; where one is missing, reminders go to the console.
    ours: OurAddresses,
    thinking: Thinking,
}

/// The answer to a yes that comes too late.
const OVERTAKEN: &str = "That changed since I asked you, so I left it as it is now. Nothing was changed. Please say again \
    what you want.";

/// What a turn is about.
#[derive(Clone)]
struct Before {
    message: Message,
    user: User,
    conversation: Conversation<Question>,
    /// It was put off before; which attempt this is.
    again: Option<u32>,
}

impl Assistant {
    /// An assistant. Once `stopping`, turns that wait for a language model are left for the next start.
    pub(crate) fn new(
        store: Arc<Store>,
        clock: Clock,
        ours: OurAddresses,
        llm: Arc<Llm>,
        stopping: CancellationToken,
    ) -> Self {
        let at_work = Arc::default();
        let thinking = Thinking { store: Arc::clone(&store), clock, ours: ours.clone(), llm, at_work, stopping };
        Self { store, clock, ours, thinking }
    }

    /// How many turns wait for a language model just now. They take no time of this machine's.
    pub(crate) fn thinking(&self) -> usize {
        self.thinking.at_work.load(Ordering::Relaxed)
    }

    /// Answers one inbound message and finishes the job.
    pub(crate) async fn answer(&self, id: MessageId, job: i64) -> Result<Outcome, Error> {
        let (now, ours) = (self.clock.now(), self.ours.clone());
        let plan = self.store.read(move |rows| plan(rows, id, &ours, now)).await?;
        match plan {
            Plan::Turn(before, decision) if decision.unsure && self.thinking.llm.is_configured() => {
                self.thinking.answer(*before, *decision, job).await?;
            }
            plan @ (Plan::Nothing | Plan::Passed(_) | Plan::Stranger(_) | Plan::Guest(..) | Plan::Turn(..)) => {
                let plan = Arc::new(plan);
                let settled = self.settle(Arc::clone(&plan), job, now).await;
                match (settled, overtaken(&plan)) {
                    (Err(error), Some(plan)) if matches!(error.kind, Kind::Conflict | Kind::NotFound) => {
                        log::info!(message:% = id; "what was agreed to was overtaken: {}", error.chain());
                        self.settle(Arc::new(plan), job, now).await?;
                    }
                    (settled, _) => settled?,
                }
            }
        }
        Ok(Outcome::Finished)
    }

    /// Does what a plan says and finishes the job.
    async fn settle(&self, plan: Arc<Plan>, job: i64, now: DateTime<Utc>) -> Result<(), Error> {
        let ours = self.ours.clone();
        self.store
            .write(move |tx| {
                match plan.as_ref() {
                    Plan::Nothing => {}
                    Plan::Passed(message) => tx.message_processed(*message, now)?,
                    Plan::Stranger(message) => stranger::answer(tx, message, &ours, now)?,
                    Plan::Guest(message, decision) => guest::commit(tx, message, decision, now)?,
                    Plan::Turn(before, decision) => commit(tx, before, decision, &ours, now)?,
                }
                tx.job_finish(job, now).map_err(Error::from)
            })
            .await
    }

    /// A message that was put off is answered in its conversation's lane, when the lane comes to it.
    pub(crate) async fn answer_later(&self, message: MessageId, attempt: u32, job: i64) -> Result<Outcome, Error> {
        let now = self.clock.now();
        self.store
            .write(move |tx| {
                let lane = tx.message(message)?.and_then(|message| message.conversation_id).map(Lane::Conversation);
                tx.job_enqueue(&Job::AnswerAgain { message, attempt }, lane.as_ref(), now, now)?;
                tx.job_finish(job, now)?;
                Ok::<_, Error>(Outcome::Finished)
            })
            .await
    }

    /// Answers a message that was put off, or puts it off further.
    pub(crate) async fn answer_again(&self, message: MessageId, attempt: u32, job: i64) -> Result<Outcome, Error> {
        let now = self.clock.now();
        let before = self.store.read(move |rows| before(rows, message, now)).await?;
        if let Some(before) = before.filter(|_| self.thinking.llm.is_configured()) {
            let before = Before { again: Some(attempt), ..before };
            self.thinking.answer(before, Decision::say(String::new()), job).await?;
        } else {
            self.store.write(move |tx| tx.job_finish(job, now).map_err(Error::from)).await?;
        }
        Ok(Outcome::Finished)
    }

    /// Sums up what lies too far back in a conversation, and finishes the job.
    pub(crate) async fn summarise(
        &self,
        conversation: ConversationId,
        until: MessageId,
        job: i64,
    ) -> Result<Outcome, Error> {
        self.thinking.summarise(conversation, until, job).await?;
        Ok(Outcome::Finished)
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
    Guest(Box<Message>, Box<Decision>),
    Turn(Box<Before>, Box<Decision>),
}

/// What is answered instead when what a person agreed to cannot be done any more: it was planned when they were asked, and
/// planning it again would come to the same. `None` for what was planned just now.
fn overtaken(plan: &Plan) -> Option<Plan> {
    let Plan::Turn(before, decision) = plan else { return None };
    let agreed = decision.open == Open::Answered && !decision.effects.is_empty();
    agreed.then(|| Plan::Turn(before.clone(), Box::new(Decision { open: Open::Answered, ..Decision::say(OVERTAKEN) })))
}

/// Who said it and in which conversation; `None` for what is gone and for strangers.
fn before(rows: &Rows<'_>, id: MessageId, now: DateTime<Utc>) -> Result<Option<Before>, Error> {
    let Some(message) = rows.message(id)? else { return Ok(None) };
    let user = message.user_id.map_or(Ok(None), |user| rows.user(user))?;
    let conversation = match message.conversation_id {
        Some(id) => rows.conversation::<Question>(id, now)?,
        None => None,
    };
    let both = user.zip(conversation);
    Ok(both.map(|(user, conversation)| Before { message, user, conversation, again: None }))
}

fn plan(rows: &Rows<'_>, id: MessageId, ours: &OurAddresses, now: DateTime<Utc>) -> Result<Plan, Error> {
    let Some(message) = rows.message(id)?.filter(|message| message.status == MessageStatus::Pending) else {
        return Ok(Plan::Nothing);
    };
    if guest::is_one(&message) {
        let decision = guest::decide(rows, &message, ours, now)?;
        return Ok(Plan::Guest(Box::new(message), Box::new(decision)));
    }
    let Some(before) = before(rows, id, now)? else { return Ok(Plan::Stranger(Box::new(message))) };
    let Before { user, conversation, .. } = &before;
    let reminders_by = crate::reminders::usual_channel(user, ours);
    let said = Said {
        message: message.id,
        text: if provenance::of_content(&message.metadata).is_own() { message.content.clone() } else { String::new() },
        at: said_at(&message).with_timezone(&user.timezone),
        answers: Vec::new(),
    };
    let conventions = Conventions::of(user);
    let channel = message.channel;
    let room = room_of(rows, &message)?;
    let turn =
        Turn { rows, user, is_guest: false, channel, room, ours, reminders_by, said, conventions: &conventions, now };
    if letter::only_passes_on(rows, &turn, &message)? {
        return Ok(Plan::Passed(message.id));
    }
    if let Some(decision) = pin::granted(&turn, &message, conversation) {
        return Ok(Plan::Turn(Box::new(before), Box::new(decision)));
    }
    let decision = match letter::unanswerable(&message) {
        Some(words) => Decision { open: Open::Kept, ..Decision::say(words) },
        // The question stays open, and this is no answer to it.
        None if !answering::may_answer(rows, &message, conversation)? => {
            Decision { open: Open::Kept, ..turn::decide(&turn, None)? }
        }
        None => match (answering::seen_first(&turn, &message, conversation)?, conversation.question.clone()) {
            (Some(decision), _) => decision,
            (None, Some(question)) if question.acts_on_yes() && says_yes(&turn) => {
                let earlier = rows.conversation_before(conversation.id, message.id, BEFORE)?;
                let named = message.in_reply_to.is_some() && message.in_reply_to == conversation.asked_by;
                if named || asked::is_heard(&earlier) {
                    turn::decide(&turn, Some(question))?
                } else {
                    asked::asked_again(&turn, question, &earlier)?
                }
            }
            (None, Some(question)) if question.acts_on_yes() => {
                let decision = turn::decide(&turn, Some(question.clone()))?;
                if decision.question == Some(question) {
                    asked::shown_again(decision, &rows.conversation_before(conversation.id, message.id, BEFORE)?)
                } else {
                    decision
                }
            }
            (None, question) => turn::decide(&turn, question)?,
        },
    };
    Ok(Plan::Turn(Box::new(before), Box::new(decision)))
}

/// In which room something was said, if its device is still known.
fn room_of(rows: &Rows<'_>, message: &Message) -> Result<Option<DeviceId>, Error> {
    let call = outbox::call_of(&message.metadata).filter(|_| message.channel == Channel::Room);
    let room = call.map_or(Ok(None), |call| rows.call(call))?.and_then(|call| call.room);
    Ok(room.map_or(Ok(None), |name| rows.device_by_name(&name))?.map(|device| device.id))
}

/// Whether what was said is a yes and no more.
fn says_yes(turn: &Turn<'_>) -> bool {
    understand_answer(&turn.said.text, Expecting::YesNo, &turn.context()) == Answer::Yes
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
    let Before { message, user, conversation, again } = before;
    let answered = tx.message(message.id)?.is_none_or(|current| current.status != MessageStatus::Pending);
    if answered && again.is_none() {
        return Ok(());
    }
    let held = pin::held(tx, before, decision, now)?;
    let decision = held.as_ref().unwrap_or(decision);
    let origin = ReceiptOrigin { message: message.id, channel: Some(message.channel), asked_by: decision.asked_by };
    for effect in &decision.effects {
        effect.apply(tx, now)?;
        if decision.undoable && effect.is_undoable() {
            tx.receipt_insert(user.id, origin, &effect.as_kept(), now)?;
        }
    }
    if let Some(capability) = decision.used {
        tx.capability_used(capability, user.id, decision.asked_by, now)?;
        suggestions::note(tx, user, decision.glance, now)?;
    }
    let mut question = decision.question.clone();
    // What others wrote is text, whatever it looks like.
    let others = !decision.sources.is_own();
    let mut text = if others { links::dead(&decision.reply, false) } else { decision.reply.clone() };
    if message.channel == Channel::Sms {
        let short = sms::shorten(&text, OFFER);
        match (short.rest, &question) {
            // Nobody says yes to what they were not shown.
            (Some(_), Some(asked)) if asked.acts_on_yes() => {
                TOO_LONG_TO_ASK.clone_into(&mut text);
                question = None;
            }
            (Some(rest), None) if decision.open != Open::Kept => {
                text = short.now;
                question = Some(Question::More { rest, sources: decision.sources.clone() });
            }
            (Some(_), Some(_) | None) | (None, _) => text = short.now,
        }
    }
    if question.is_none()
        && let Some((words, asked)) = suggestions::offer(tx, before, decision, &text, ours, now)?
    {
        text.push_str(&words);
        question = Some(asked);
    }
    let to = way_back(tx, message, user, ours)?;
    let mut metadata = serde_json::json!({});
    provenance::note(&mut metadata, &decision.sources);
    if question.as_ref().is_some_and(Question::acts_on_yes) {
        question::note(&mut metadata);
    }
    if matches!(question, Some(Question::Pin { .. })) {
        pin::note(&mut metadata);
    }
    let saying = Saying {
        user: Some(user),
        conversation: Some(conversation.id),
        to: &to,
        text: &text,
        // Nobody waits any more for what was put off: it comes by itself.
        in_reply_to: again.is_none().then_some(message.id),
        metadata,
    };
    let said = outbox::say(tx, &saying, now)?;
    if question.is_some() || decision.open != Open::Kept {
        tx.conversation_ask(conversation.id, question.as_ref().map(|question| (question, said)), now + PATIENCE)?;
    }
    if let (Open::Answered, Some(asked_by)) = (decision.open, conversation.asked_by) {
        tx.message_answers(message.id, asked_by)?;
    }
    if let Some(topic) = Topic::of(decision, message.id, now) {
        tx.topic_set(conversation.id, &topic)?;
    }
    tx.message_processed(message.id, now)?;
    Ok(())
}

/// Where the message came from: there the answer goes, and to nobody else who got it too.
fn way_back(tx: &Rows<'_>, message: &Message, user: &User, ours: &OurAddresses) -> Result<To, Error> {
    match (&message.channel, &message.sender, &message.recipient) {
        (Channel::Sms, Some(them), Some(us)) => match (us.parse(), them.parse()) {
            (Ok(from), Ok(to)) => Ok(To::Sms { from, to }),
            (Err(error), _) | (_, Err(error)) => Err(Error::internal("a message has no numbers").with_source(error)),
        },
        (Channel::Email, Some(_), _) => {
            Ok(letter::way_back(message, outbox::mail_from(user, ours)).unwrap_or(To::Console))
        }
        (Channel::Voice | Channel::Room, _, _) => Ok(on_the_call(tx, message)?
            .or_else(|| To::user(user, crate::reminders::written_channel(user, ours), ours))
            .unwrap_or(To::Console)),
        _ => Ok(To::Console),
    }
}

/// The call on which something was said, while it lasts.
fn on_the_call(rows: &Rows<'_>, message: &Message) -> Result<Option<To>, Error> {
    let call = outbox::call_of(&message.metadata)
        .map_or(Ok(None), |call| rows.call(call))?
        .filter(|call| call.state == CallState::Connected);
    Ok(call.as_ref().map(To::call))
}
