//! What the provider did not tell by itself: whether an unclear call was placed, and how a placed one ended.
//!
//! That a call is not in the list proves nothing, so absence never leads to another call.

use chrono::{DateTime, Duration, Utc};
use xswarm_core::{
    call::{Call, CallEnd, CallState},
    id::MessageId,
    message::{Channel, DeliveryNews, Message, MessageStatus},
};
use xswarm_store::{Rows, StoreError};

use super::{Calls, is_placed, is_the_providers, progress};
use crate::{
    error::{Error, Kind},
    jobs::Outcome,
    outbox::CALL,
    twilio::{client::ListedCall, voice::CallStatus},
};

/// How soon the provider is asked again.
const ASKED_AGAIN: Duration = Duration::seconds(15);

/// How long the provider is asked about an unclear call. After that the message stays unknown until a person decides.
const PATIENCE: Duration = Duration::hours(1);

/// A call that was placed and has not been answered after this long is over, whatever the provider does not tell: it lets a
/// telephone ring for less than a minute.
const RINGS_MOST: Duration = Duration::minutes(10);

/// What the provider says of a call.
enum Asked {
    /// How far it is.
    Told(ListedCall),
    /// That it has no such call: another account was set meanwhile, or it forgot it.
    Unknown,
    /// Nothing from which anything follows.
    Nothing,
}

/// The provider's clock and ours may differ, and its times have whole seconds.
const SLACK: Duration = Duration::seconds(2);

impl Calls {
    /// Asks the provider how far the call of a message is, until it is over.
    pub(crate) async fn resolve(&self, id: MessageId, sending: u32, job: i64) -> Result<Outcome, Error> {
        let found = self
            .store
            .read(move |rows| {
                let current = rows.message(id)?.is_some() && rows.message_sending(id)? == sending;
                let (message, call) = (rows.message(id)?, rows.call_of_message(id)?);
                Ok::<_, Error>(message.zip(call).filter(|(_, call)| current && call.state != CallState::Ended))
            })
            .await?;
        let (now, ours) = (self.clock.now(), self.ours.clone());
        let Some((message, call)) = found else {
            self.store
                .write(move |tx| match tx.message(id)?.map(|message| message.status) {
                    // It was surely not taken, and will be tried again.
                    Some(MessageStatus::Pending) => Ok(tx.job_again(job, now + ASKED_AGAIN, now)?),
                    Some(_) | None => Ok::<_, Error>(tx.job_finish(job, now)?),
                })
                .await?;
            return Ok(Outcome::Finished);
        };
        let talks = call.state == CallState::Connected && !is_the_providers(&call);
        let asked = if talks { Asked::Nothing } else { self.asked(&message, &call).await };
        self.store
            .write(move |tx| {
                let (age, rings) = (now - call.created_at, call.state == CallState::Ringing);
                let placed = call.provider_id.is_some();
                match asked {
                    Asked::Told(told) => {
                        is_placed(tx, &call, &told.sid, now)?;
                        progress(tx, &call, told.status, &ours, now)?;
                        tx.job_again(job, now + ASKED_AGAIN, now)?;
                    }
                    Asked::Unknown => {
                        progress(tx, &call, Some(CallStatus::NoAnswer), &ours, now)?;
                        tx.job_finish(job, now)?;
                    }
                    Asked::Nothing if placed && rings && age >= RINGS_MOST => {
                        progress(tx, &call, Some(CallStatus::NoAnswer), &ours, now)?;
                        tx.job_finish(job, now)?;
                    }
                    Asked::Nothing if talks || placed || age < PATIENCE => {
                        tx.job_again(job, now + ASKED_AGAIN, now)?;
                    }
                    Asked::Nothing => {
                        tx.call_end(call.id, CallEnd::NotAnswered, now)?;
                        tx.job_finish(job, now)?;
                    }
                }
                Ok::<_, Error>(())
            })
            .await?;
        Ok(Outcome::Finished)
    }

    /// The call as the provider knows it; nothing where it cannot be asked, or does not know it for certain.
    async fn asked(&self, message: &Message, call: &Call) -> Asked {
        let Some(client) = &self.settings.client else { return Asked::Nothing };
        let answer = if let Some(sid) = &call.provider_id {
            client.call(sid).await.map(Some)
        } else {
            let (from, to) = (call.our_phone.clone().unwrap_or_default(), call.phone.clone().unwrap_or_default());
            match client.calls_between(&from, &to).await {
                Ok(listed) => {
                    let (message, began) = (message.clone(), call.created_at);
                    self.store.read(move |rows| Ok(unambiguous(rows, &message, listed, began)?)).await
                }
                Err(error) => Err(error),
            }
        };
        match answer {
            Ok(Some(told)) => Asked::Told(told),
            Ok(None) => Asked::Nothing,
            Err(error) => {
                log::warn!(message:% = message.id; "the provider could not be asked about a call: {}", error.chain());
                let unknown = error.kind == Kind::NotFound && call.provider_id.is_some();
                if unknown { Asked::Unknown } else { Asked::Nothing }
            }
        }
    }

    /// After a start: what was being asked for when the hub ended is unclear.
    pub(in crate::channels::call) async fn recover_placing(&self) -> Result<(), Error> {
        let now = self.clock.now();
        self.store
            .write(move |tx| {
                let sending = tx.messages_outbound(Channel::Voice, MessageStatus::Sending)?;
                for message in sending.into_iter().filter(|message| message.metadata.get(CALL).is_none()) {
                    let (id, sending) = (message.id, tx.message_sending(message.id)?);
                    let reason = "the hub stopped while asking for the call";
                    crate::channels::delivery::doubt(tx, id, sending, reason, Some(super::FIRST_LOOK), now)?;
                }
                Ok::<_, Error>(())
            })
            .await
    }
}

/// The one listed call that can only be this message's.
fn unambiguous(
    rows: &Rows<'_>,
    message: &Message,
    listed: Vec<ListedCall>,
    began: DateTime<Utc>,
) -> Result<Option<ListedCall>, StoreError> {
    let mut candidates = Vec::new();
    for one in listed {
        let same = Some(&one.from) == message.sender.as_ref() && Some(&one.to) == message.recipient.as_ref();
        let recent = one.created_at.is_some_and(|at| at >= began - SLACK);
        if same && recent && rows.call_by_provider_id(&one.sid)?.is_none() {
            candidates.push(one);
        }
    }
    // Two unclear calls between the same numbers cannot be told apart.
    let unclear = rows.messages_outbound(Channel::Voice, MessageStatus::Unknown)?;
    let same = |other: &&Message| other.sender == message.sender && other.recipient == message.recipient;
    let twins = unclear.iter().filter(same).filter(|one| one.status.after(DeliveryNews::Accepted).is_some()).count();
    Ok(if twins == 1 && candidates.len() == 1 { candidates.pop() } else { None })
}
