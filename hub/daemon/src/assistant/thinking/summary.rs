//! Summaries of what was said longer ago than a turn looks back: made by the model, stored where the person can see,
//! correct and delete them, and marked with whose words went into them.
//!
//! A stretch is summed up once: where its summary was deleted, it stays deleted.

use chrono::{DateTime, Duration, Utc};
use tokio_util::sync::CancellationToken;
use xswarm_core::{
    id::{ConversationId, MessageId, SummaryId, UserId},
    job::Job,
    memory::{self, Summary, SummaryAuthor},
    message::{Direction, Message},
    provenance::{self, Source},
    spending::Purpose,
    time,
};
use xswarm_store::{Rows, Tx};

use super::{Thinking, context::MESSAGES_MOST};
use crate::{
    error::Error,
    llm::{Payer, Request, Turn},
};

const PROMPT: &str = include_str!("../prompts/summary.v1.md");

/// So many messages beyond those that a turn looks back on are worth a summary, and so many are summed up at most.
const WORTH: usize = 36;
const STRETCH_MOST: u32 = 200;

/// How long after a try that came to nothing there is another.
const PAUSE: Duration = Duration::hours(1);

/// Where it is noted how far a conversation is summed up.
fn marker(conversation: ConversationId) -> String {
    format!("summarised/{conversation}")
}

/// Where it is noted when summing up was last begun and has not come to an end.
fn tried_marker(conversation: ConversationId) -> String {
    format!("summarising/{conversation}")
}

/// Has what lies too far back summed up, when there is enough of it.
pub(super) fn want(
    tx: &Tx<'_>,
    conversation: ConversationId,
    last: MessageId,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let Some(until) = tx.conversation_before(conversation, last, MESSAGES_MOST)?.pop() else { return Ok(()) };
    if stretch(tx, conversation, until.id)?.len() >= WORTH && may_try(tx, conversation, now)? {
        tx.meta_set(&tried_marker(conversation), &time::to_text(now))?;
        tx.job_enqueue(&Job::Summarise { conversation, until: until.id }, None, now, now)?;
    }
    Ok(())
}

/// Whether no try is under way, and the last that came to nothing is long enough ago: each costs money.
fn may_try(rows: &Rows<'_>, conversation: ConversationId, now: DateTime<Utc>) -> Result<bool, Error> {
    let tried = rows.meta(&tried_marker(conversation))?.and_then(|text| time::from_text(&text).ok());
    Ok(tried.is_none_or(|at| now - at >= PAUSE))
}

/// What is not summed up yet, up to a message.
fn stretch(rows: &Rows<'_>, conversation: ConversationId, until: MessageId) -> Result<Vec<Message>, Error> {
    let after = rows.meta(&marker(conversation))?.and_then(|text| text.parse().ok());
    Ok(rows.conversation_stretch(conversation, after, until, STRETCH_MOST)?)
}

impl Thinking {
    /// Sums up a stretch and finishes the job. A model that is out of reach or too dear is asked again an hour later, when
    /// more was said.
    pub(in crate::assistant) async fn summarise(
        &self,
        conversation: ConversationId,
        until: MessageId,
        job: i64,
    ) -> Result<(), Error> {
        let messages = self.store.read(move |rows| stretch(rows, conversation, until)).await?;
        let written = match (messages.first(), messages.last()) {
            (Some(first), Some(last)) if self.llm.is_configured() => self.written(first, last, &messages).await,
            _ => None,
        };
        let now = self.clock.now();
        self.store
            .write(move |tx| {
                // What was forgotten meanwhile must not come back, and a stretch is summed up once.
                let is_as_read = stretch(tx, conversation, until)? == messages;
                if let Some(summary) = written.as_ref().filter(|_| is_as_read) {
                    tx.summary_insert(summary)?;
                    tx.meta_set(&marker(conversation), &until.to_string())?;
                    tx.meta_delete(&tried_marker(conversation))?;
                }
                tx.job_finish(job, now).map_err(Error::from)
            })
            .await
    }

    async fn written(&self, first: &Message, last: &Message, messages: &[Message]) -> Option<Summary> {
        let user = last.user_id?;
        let payer = Payer { user, channel: last.channel, purpose: Purpose::Summary, message: Some(last.id) };
        let request = Request {
            system: PROMPT.to_owned(),
            turns: vec![Turn::Person { text: transcript(messages) }],
            tools: Vec::new(),
        };
        let asked = self.llm.ask(&request, &payer, &self.llm.limits(), &CancellationToken::new()).await;
        let reply = match asked {
            Ok(reply) => reply,
            Err(failure) => {
                log::warn!(message:% = last.id; "a conversation is not summed up yet: {failure}");
                return None;
            }
        };
        summary(user, &reply.text, first, last, messages, self.clock.now())
    }
}

fn summary(
    user: UserId,
    text: &str,
    first: &Message,
    last: &Message,
    messages: &[Message],
    now: DateTime<Utc>,
) -> Option<Summary> {
    let shown: String = text.chars().take(memory::SUMMARY_CHARACTERS).collect();
    let mut sources: Vec<Source> = messages.iter().filter(|message| is_told(message)).flat_map(of).collect();
    sources.sort_unstable();
    sources.dedup();
    Some(Summary {
        id: SummaryId::new(now),
        user_id: user,
        text: memory::summary_text(&shown)?,
        sources,
        from_at: first.created_at,
        until_at: last.created_at,
        made_by: SummaryAuthor::Model,
        created_at: now,
        updated_at: now,
    })
}

/// Whose words a message holds.
fn of(message: &Message) -> Vec<Source> {
    match message.direction {
        Direction::Inbound => vec![provenance::of_content(&message.metadata)],
        Direction::Outbound => provenance::told_in(&message.metadata).iter().collect(),
    }
}

/// Whether a message is summed up: what others wrote, and what was told of it, is left out.
fn is_told(message: &Message) -> bool {
    of(message).into_iter().all(Source::is_own)
}

fn transcript(messages: &[Message]) -> String {
    let line = |message: &Message| {
        let who = if message.direction == Direction::Inbound { "Person" } else { "Boss" };
        format!("[{}] {who}: {}", message.created_at.format("%Y-%m-%d %H:%M UTC"), message.content)
    };
    messages.iter().filter(|message| is_told(message)).map(line).collect::<Vec<_>>().join("\n")
}
