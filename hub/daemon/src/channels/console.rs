//! The conversation at the terminal, over the admin socket: the same assistant, ledger and promises as by text.
//!
//! A turn is recorded with its job before anything is understood; the caller then waits for the answer to appear in the
//! ledger. What the Boss says by itself (a reminder) waits there until somebody looks.

use std::{sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;
use xswarm_core::{
    admin::Answered,
    id::{MessageId, UserId},
    job::{Job, Lane},
    message::{Channel, DeliveryNews, Direction, Message, MessageStatus},
};
use xswarm_store::{NewMessage, Store, StoreError, Tx};

use crate::{clock::Clock, error::Error};

/// How long a caller waits for an answer. The turn goes on without them.
const ANSWER_TIME: Duration = Duration::from_mins(1);

/// How much a person may say in one turn, in characters.
const TEXT_MOST: usize = 8_000;

/// Records a turn and waits for its answer. The same `client_id` again is the same turn.
pub(crate) async fn ask(
    store: &Arc<Store>,
    clock: Clock,
    user: UserId,
    text: String,
    client_id: Option<String>,
) -> Result<Answered, Error> {
    if text.chars().count() > TEXT_MOST {
        return Err(Error::invalid(format!("that is too long: say at most {TEXT_MOST} characters at once")));
    }
    let client_id = client_id.map(|id| format!("{user}/{id}"));
    let now = clock.now();
    let message = store.write(move |tx| record(tx, user, text, client_id, now).map_err(Error::from)).await?;
    let mut changed = store.changed();
    let answered = async {
        loop {
            changed.mark_unchanged();
            let state = store
                .read(move |rows| Ok::<_, Error>((rows.message(message)?, rows.message_replies(message)?)))
                .await?;
            if state.0.is_none_or(|message| message.status == MessageStatus::Processed) {
                return Ok::<_, Error>(state.1);
            }
            if changed.changed().await.is_err() {
                return Err(Error::unavailable("the hub is stopping; your message is recorded and will be answered"));
            }
        }
    };
    let replies = tokio::time::timeout(ANSWER_TIME, answered).await.map_err(|elapsed| {
        Error::unavailable("the answer takes longer than usual; your message is recorded and will be answered")
            .with_source(elapsed)
    })??;
    seen(store, clock, &replies).await?;
    Ok(Answered { message_id: message, replies })
}

fn record(
    tx: &Tx<'_>,
    user: UserId,
    text: String,
    client_id: Option<String>,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<MessageId, StoreError> {
    if let Some(client_id) = &client_id
        && let Some(known) = tx.message_by_client_id(client_id)?
    {
        return Ok(known.id);
    }
    let conversation = tx.conversation_of(user, now)?;
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
        metadata: client_id.map_or_else(|| serde_json::json!({}), |id| serde_json::json!({ "client_id": id })),
    };
    tx.message_insert(&message, now)?;
    tx.job_enqueue(&Job::Answer { message: id }, Some(&Lane::Conversation(conversation)), now, now)?;
    Ok(id)
}

/// What the Boss said at the console by itself and nobody has seen; waits up to `wait` for something to appear.
pub(crate) async fn unseen(
    store: &Arc<Store>,
    clock: Clock,
    user: UserId,
    wait: Duration,
    stopping: &CancellationToken,
) -> Result<Vec<Message>, Error> {
    let mut changed = store.changed();
    let deadline = tokio::time::Instant::now() + wait;
    loop {
        changed.mark_unchanged();
        let messages =
            store.read(move |rows| rows.messages_unseen(user, Channel::Console).map_err(Error::from)).await?;
        let messages: Vec<_> = messages.into_iter().filter(|message| message.in_reply_to.is_none()).collect();
        if !messages.is_empty() {
            seen(store, clock, &messages).await?;
            return Ok(messages);
        }
        tokio::select! {
            tick = changed.changed() => if tick.is_err() { return Ok(Vec::new()) },
            () = tokio::time::sleep_until(deadline) => return Ok(Vec::new()),
            () = stopping.cancelled() => return Ok(Vec::new()),
        }
    }
}

async fn seen(store: &Arc<Store>, clock: Clock, messages: &[Message]) -> Result<(), Error> {
    let fresh = messages.iter().filter(|message| message.status == MessageStatus::Pending);
    let ids: Vec<MessageId> = fresh.map(|message| message.id).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let now = clock.now();
    store
        .write(move |tx| {
            for id in ids {
                tx.message_news(id, DeliveryNews::Started, now)?;
                tx.message_news(id, DeliveryNews::Delivered, now)?;
            }
            Ok::<_, Error>(())
        })
        .await
}
