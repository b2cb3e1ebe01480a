//! Calls that the Boss makes: asking for them, what the provider tells of them, and what is owed for those that nobody heard.
//!
//! G2 as for texts: the message is `sending`, and the call noted, on disk before the first byte goes out; only an answer that
//! proves that nothing was taken leads to another try. A call that was put through is `sent`; it is `delivered` when the
//! person heard all of it or pressed a key, and `failed` when the call is over before: then a reminder goes on to its next
//! channel, and what was for the person themself comes in writing. What the provider does not tell by itself is asked.

mod answering;
mod asking;

use chrono::{DateTime, Duration, Utc};
use xswarm_core::{
    call::{Call, CallEnd, CallState},
    id::{CallId, MessageId},
    job::Job,
    message::{DeliveryNews, Direction, MessageStatus},
};
use xswarm_store::{Rows, StoreError, Tx};

use super::{Calls, ledger};
use crate::{
    channels::delivery,
    error::Error,
    jobs::Outcome,
    outbox::OurAddresses,
    twilio::{
        client::{OutboundCall, SendResult},
        voice::CallStatus,
    },
};

pub(super) use answering::{Matter, errand, heard, person, put_off, settled};

/// The provider's own voice speaks on calls while no engine does.
const PROVIDERS_VOICE: &str = "twilio";

/// How soon it is looked again for a line, or for an end of the call that the person is on.
const WAIT: Duration = Duration::seconds(1);

/// After so long the provider is asked how far a call is, if it has not said that it is over.
const ASKED_AFTER: Duration = Duration::seconds(100);

/// How soon the provider is asked about an unclear end.
pub(super) const FIRST_LOOK: Duration = Duration::seconds(3);

impl Calls {
    /// Makes a call to say a message. It waits while all lines are taken, or the person is on the telephone with the Boss.
    pub(crate) async fn deliver(&self, id: MessageId, sending: u32, job: i64) -> Result<Outcome, Error> {
        let (now, free) = (self.clock.now(), self.places.available_permits());
        let call = CallId::new(now);
        let ready = move |tx: &Tx<'_>, message: &xswarm_core::message::Message| {
            let open = tx.calls_open()?;
            let talks = |one: &&Call| one.state == CallState::Connected || is_on_its_way(one, now);
            let is_busy = open.iter().filter(talks).any(|one| one.phone == message.recipient);
            if is_busy || open.iter().filter(|one| is_on_its_way(one, now)).count() >= free {
                tx.job_again(job, now + WAIT, now)?;
                return Ok(false);
            }
            tx.call_insert(&Call {
                id: call,
                user_id: message.user_id,
                direction: Direction::Outbound,
                phone: message.recipient.clone(),
                our_phone: message.sender.clone(),
                room: None,
                provider_id: None,
                message_id: Some(id),
                state: CallState::Ringing,
                ended_because: None,
                answered_by: None,
                engine: None,
                created_at: now,
                connected_at: None,
                ended_at: None,
            })?;
            tx.job_enqueue(&Job::ResolveDelivery { message: id, sending }, None, now + ASKED_AFTER, now)?;
            Ok(true)
        };
        let Some(message) = self.delivery.begin_if(id, sending, job, ready).await? else {
            return Ok(Outcome::Finished);
        };
        let (Some(client), Some(public_url)) = (&self.settings.client, &self.settings.public_url) else {
            let words = "calling is not set up: run `xswarm setup` (it needs the account, and a public address), then \
                         `xswarm messages resend` this one";
            return self.refused(call, id, None, words, job).await;
        };
        self.engines.look().await;
        let asked = |path: &str| format!("{public_url}/voice/{path}?c={call}");
        let wanted = OutboundCall {
            from: message.sender.unwrap_or_default(),
            to: message.recipient.unwrap_or_default(),
            answered: asked("answered"),
            status_callback: asked("status"),
            // The provider's own voice cannot be told anything once it speaks, so it begins when it is known who listens.
            machine_callback: self.engines.first().map(|_| asked("machine")),
            longest_s: self.settings.longest.as_secs() + 60,
        };
        match client.place(&wanted).await {
            SendResult::Accepted { sid, .. } => {
                let also = move |tx: &Tx<'_>, sid: &str| tx.call_placed(call, sid).map_err(Error::from);
                self.delivery.accepted_with(id, sid, job, also).await
            }
            SendResult::Refused { code, message, explanation } => {
                log::warn!(message:% = id, code; "the provider refused a call");
                self.refused(call, id, code, &explanation.unwrap_or(message), job).await
            }
            SendResult::NotTaken { reason, retry_after } => {
                let now = self.clock.now();
                self.store
                    .write(move |tx| {
                        tx.call_end(call, CallEnd::Refused, now)?;
                        tx.message_news(id, DeliveryNews::NotTaken, now).map_err(Error::from)
                    })
                    .await?;
                Ok(Outcome::Retry { error: reason, not_before: retry_after })
            }
            SendResult::Unclear { reason } => {
                self.delivery.unclear(id, sending, &reason, job).await?;
                Ok(Outcome::Finished)
            }
        }
    }

    /// The call will not be made.
    async fn refused(
        &self,
        call: CallId,
        id: MessageId,
        code: Option<i64>,
        words: &str,
        job: i64,
    ) -> Result<Outcome, Error> {
        let (now, words, ours) = (self.clock.now(), words.to_owned(), self.ours.clone());
        self.store
            .write(move |tx| {
                tx.call_end(call, CallEnd::Refused, now)?;
                unheard(tx, id, code, &words, &ours, now)?;
                tx.job_finish(job, now)?;
                Ok::<_, Error>(Outcome::Finished)
            })
            .await
    }
}

/// How many calls of ours are open and hold no place: they ring, or the provider's own voice speaks.
pub(super) fn on_their_way(rows: &Rows<'_>, now: DateTime<Utc>) -> Result<usize, StoreError> {
    Ok(rows.calls_open()?.iter().filter(|call| is_on_its_way(call, now)).count())
}

fn is_on_its_way(call: &Call, now: DateTime<Utc>) -> bool {
    // One that is still not known to be placed when its ringing would be over keeps nobody waiting.
    let rings = call.state == CallState::Ringing && (call.provider_id.is_some() || now - call.created_at < ASKED_AFTER);
    call.direction == Direction::Outbound && (rings || is_the_providers(call))
}

/// Whether a call goes on by itself when the hub stops.
pub(super) fn goes_on(call: &Call) -> bool {
    call.direction == Direction::Outbound && (call.state == CallState::Ringing || is_the_providers(call))
}

/// Has the provider asked soon how far a call is.
pub(super) fn ask_soon(tx: &Tx<'_>, call: &Call, now: DateTime<Utc>) -> Result<(), StoreError> {
    let Some(message) = call.message_id else { return Ok(()) };
    let sending = tx.message_sending(message)?;
    tx.job_hasten(&Job::ResolveDelivery { message, sending }, now)
}

/// Whether the provider's own voice speaks on a call: no stream of ours says when it is over.
pub(super) fn is_the_providers(call: &Call) -> bool {
    call.engine.as_deref() == Some(PROVIDERS_VOICE)
}

/// The call of ours that a webhook speaks of, if it can be: one that the provider knows by another id is none.
pub(super) fn spoken_of(rows: &Rows<'_>, id: CallId, sid: &str) -> Result<Option<Call>, StoreError> {
    let call = rows.call(id)?.filter(|call| call.direction == Direction::Outbound);
    Ok(match call.as_ref().map(|call| call.provider_id.as_deref()) {
        Some(Some(known)) if known == sid => call,
        Some(None) if rows.call_by_provider_id(sid)?.is_none() => call,
        Some(_) | None => None,
    })
}

/// The provider speaks of a call of ours, so it has it, under this id.
pub(super) fn is_placed(tx: &Tx<'_>, call: &Call, sid: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
    tx.call_placed(call.id, sid)?;
    let Some(message) = call.message_id.map_or(Ok(None), |id| tx.message(id))? else { return Ok(()) };
    if message.provider_id.is_none() {
        tx.message_provider_id(message.id, sid)?;
    }
    if matches!(message.status, MessageStatus::Sending | MessageStatus::Unknown) {
        tx.message_error(message.id, None, None)?;
        tx.message_news(message.id, DeliveryNews::Accepted, now)?;
    }
    Ok(())
}

/// The provider says how far a call is. One whose sound comes to us is over when its stream is.
pub(super) fn progress(
    tx: &Tx<'_>,
    call: &Call,
    status: Option<CallStatus>,
    ours: &OurAddresses,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let Some(because) = status.and_then(super::over_for) else { return Ok(()) };
    match call.state {
        CallState::Ringing => {}
        CallState::Connected if is_the_providers(call) => {}
        CallState::Connected | CallState::Ended => return Ok(()),
    }
    let words = match status {
        Some(CallStatus::Busy) => "the line was busy",
        Some(_) | None => why(because),
    };
    tx.call_end(call.id, because, now)?;
    match call.message_id {
        Some(message) => unheard(tx, message, None, words, ours, now),
        None => Ok(()),
    }
}

/// Why a message was not heard.
pub(super) const fn why(because: CallEnd) -> &'static str {
    match because {
        CallEnd::Voicemail => "no person took the call; a mailbox was left a few words",
        CallEnd::NotAnswered => "nobody took the call",
        CallEnd::Refused => "the call could not be put through",
        CallEnd::AtCapacity => "all lines were taken when the call was answered",
        CallEnd::EngineFailed | CallEnd::BadProtocol => "the call broke off before it was heard",
        CallEnd::HubStopped => "the hub stopped before it was heard",
        CallEnd::Finished | CallEnd::HungUp | CallEnd::Silence | CallEnd::TooLong | CallEnd::Loop => {
            "the call was over before it was heard"
        }
    }
}

/// The message of a call was not heard, unless it was. A reminder goes on by itself; what was for the person themself comes
/// in writing.
pub(super) fn unheard(
    tx: &Tx<'_>,
    id: MessageId,
    code: Option<i64>,
    words: &str,
    ours: &OurAddresses,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let Some(message) = tx.message(id)? else { return Ok(()) };
    let reminders = tx.reminders_of_message(id)?;
    if !reminders.is_empty() && reminders.iter().all(|one| one.progress.acknowledged_at.is_some()) {
        // Whoever answered has heard enough of it.
        tx.message_news(id, DeliveryNews::Delivered, now)?;
        return Ok(());
    }
    if message.status.after(DeliveryNews::Refused).is_none() {
        return Ok(());
    }
    delivery::refuse(tx, id, code, words, now)?;
    let user = message.user_id.map_or(Ok(None), |user| tx.user(user))?;
    let theirs = |phone: &xswarm_core::phone::Phone| message.recipient.as_deref() == Some(phone.as_str());
    let Some(user) = user.filter(|user| reminders.is_empty() && user.phone.as_ref().is_some_and(theirs)) else {
        return Ok(());
    };
    let mut metadata = message.metadata.clone();
    if let Some(facts) = metadata.as_object_mut() {
        facts.remove("client_id");
    }
    let text = format!("(I could not tell you this on the telephone: {words}.) {}", message.content);
    ledger::say(tx, &user, &text, message.conversation_id, metadata, ours, now)
}
