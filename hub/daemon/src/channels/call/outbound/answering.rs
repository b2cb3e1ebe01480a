//! Somebody took a call of ours: what they are told, by an engine or in the provider's own voice, and what they answer.

use chrono::{DateTime, Duration, Utc};
use xswarm_core::{
    call::{AnsweredBy, Call, CallEnd, CallState},
    id::{CallId, MessageId, ReminderId},
    message::{DeliveryNews, Message},
    phone::Phone,
    reminder::Reminder,
    user::User,
};
use xswarm_store::{Rows, StoreError, Tx};

use super::{Calls, PROVIDERS_VOICE, is_placed, is_the_providers, spoken_of, unheard, why};
use crate::{
    channels::call::{TOKEN_GOOD, digest, ledger},
    dialog::{Errand, aloud},
    error::Error,
    outbox::OurAddresses,
    people, reminders,
    twilio::voice::{CallWebhook, MachineWebhook, Twiml},
};

/// How much later who puts a reminder off by a key is reminded again.
const LATER: Duration = Duration::minutes(10);

/// So often the provider's own voice says it.
const SAID_MOST: u32 = 2;

/// What a call of ours is for, and how it begins.
pub(in crate::channels::call) struct Matter {
    /// The message that says it.
    pub(in crate::channels::call) message: MessageId,
    /// Said first, to whatever took the call.
    pub(in crate::channels::call) opening: String,
    /// The matter.
    pub(in crate::channels::call) errand: Errand,
}

/// The person of the household who is called; nobody where somebody else's number is.
pub(in crate::channels::call) fn person(rows: &Rows<'_>, call: &Call) -> Result<Option<User>, StoreError> {
    let user = call.user_id.map_or(Ok(None), |user| rows.user(user))?;
    Ok(user.filter(|user| user.phone.as_ref().map(Phone::as_str) == call.phone.as_deref()))
}

/// What a call of ours is for; nothing where its message is gone. `tells_mailboxes`: whether a mailbox hears it too.
pub(in crate::channels::call) fn errand(
    rows: &Rows<'_>,
    call: &Call,
    tells_mailboxes: bool,
) -> Result<Option<Matter>, StoreError> {
    let Some(message) = call.message_id.map_or(Ok(None), |id| rows.message(id))? else { return Ok(None) };
    let reminds = !rows.reminders_of_message(message.id)?.is_empty();
    let opening = match (person(rows, call)?, call.user_id.map_or(Ok(None), |user| rows.user(user))?) {
        (Some(user), _) if reminds => format!("Hello {}, this is the Boss, with a reminder.", user.name),
        (Some(user), _) => format!("Hello {}, this is the Boss, with a message for you.", user.name),
        (None, Some(user)) => format!("Hello, this is the Boss, an assistant, calling for {}.", user.name),
        (None, None) => "Hello, this is the Boss, an assistant.".to_owned(),
    };
    let hint = if reminds {
        "Press 1, or say got it. Press 2 to be reminded again in ten minutes."
    } else {
        "Press 1 if you have got it, or star to hear it again."
    };
    let words = aloud(&message.content);
    let voicemail = if tells_mailboxes {
        format!("{opening} {words} Goodbye.")
    } else {
        "Hello, this is the Boss. I could not reach you with a message. Goodbye.".to_owned()
    };
    let errand = Errand { words, hint: hint.to_owned(), voicemail, can_wait: reminds };
    Ok(Some(Matter { message: message.id, opening, errand }))
}

/// The message of a call was heard, or answered.
pub(in crate::channels::call) fn heard(tx: &Tx<'_>, call: &Call, now: DateTime<Utc>) -> Result<(), StoreError> {
    call.message_id.map_or(Ok(()), |id| tx.message_news(id, DeliveryNews::Delivered, now).map(drop))
}

/// Whoever was called has got it: what they were reminded of is done.
pub(in crate::channels::call) fn settled(
    tx: &Tx<'_>,
    call: &Call,
    ours: &OurAddresses,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let Some(message) = pressed(tx, call, '1', now)? else { return Ok(()) };
    for reminder in tx.reminders_of_message(message.id)? {
        reminders::acknowledge(tx, &reminder, true, now)?;
    }
    if person(tx, call)?.is_none() {
        let words = format!("They pressed 1: they have got your message \"{}\".", message.content);
        ledger::tell(tx, call, &words, ours, now)?;
    }
    Ok(())
}

/// Whoever was called wants to be reminded again.
pub(in crate::channels::call) fn put_off(tx: &Tx<'_>, call: &Call, now: DateTime<Utc>) -> Result<(), Error> {
    let Some(message) = pressed(tx, call, '2', now)? else { return Ok(()) };
    for said in tx.reminders_of_message(message.id)? {
        let again = said.again(ReminderId::new(now), now + LATER, said.step.clone(), now);
        reminders::snooze(tx, &said, &Reminder { recurrence: None, ..again }, now)?;
    }
    Ok(())
}

/// A key was pressed: so the message was heard. What it says; nothing where it is gone.
fn pressed(tx: &Tx<'_>, call: &Call, key: char, now: DateTime<Utc>) -> Result<Option<Message>, StoreError> {
    heard(tx, call, now)?;
    let user = person(tx, call)?;
    let conversation = match &user {
        Some(user) => Some(tx.conversation_of(user.id, now)?),
        None => None,
    };
    let key =
        ledger::insert(tx, call, user.as_ref(), conversation, &format!("(pressed {key})"), ledger::of_call(call), now)?;
    tx.message_processed(key, now)?;
    call.message_id.map_or(Ok(None), |id| tx.message(id))
}

impl Calls {
    /// A call of ours was taken: what Twilio does with it.
    pub(crate) async fn answered(&self, id: CallId, told: CallWebhook) -> Result<Twiml, Error> {
        let (now, token, streams) = (self.clock.now(), people::feed_token()?, self.engines.first().is_some());
        let (digest, tells) = (digest(&token), self.settings.tells_mailboxes);
        let (public_url, ours) = (self.settings.public_url.clone().unwrap_or_default(), self.ours.clone());
        let told = self
            .store
            .write(move |tx| {
                let Some(call) = spoken_of(tx, id, &told.sid)? else { return Ok(Some(Twiml::HangUp)) };
                is_placed(tx, &call, &told.sid, now)?;
                let Some(Matter { message, opening, errand }) = errand(tx, &call, tells)? else {
                    return Ok(Some(Twiml::HangUp));
                };
                if call.ended_because == Some(CallEnd::Voicemail) && is_the_providers(&call) {
                    // Asked again because the answer got lost: the mailbox has not heard it yet.
                    return Ok(Some(Twiml::Say(errand.voicemail)));
                }
                if call.state == CallState::Ended {
                    return Ok(Some(Twiml::HangUp));
                }
                if streams {
                    tx.call_token_set(call.id, &digest, now + TOKEN_GOOD)?;
                    return Ok(None);
                }
                let by = told.answered_by.unwrap_or(AnsweredBy::Unclear);
                tx.call_answered_by(call.id, by)?;
                tx.call_connect(call.id, PROVIDERS_VOICE, now)?;
                let (end, next) = match by {
                    AnsweredBy::Person => {
                        let words = format!("{opening} {} {}", errand.words, errand.hint);
                        return Ok(Some(Twiml::Ask { words, action: action(&public_url, call.id, 1) }));
                    }
                    AnsweredBy::Unclear => {
                        let words = format!("{opening} To hear it, press any key.");
                        return Ok(Some(Twiml::Ask { words, action: action(&public_url, call.id, 0) }));
                    }
                    AnsweredBy::Fax => (CallEnd::NotAnswered, Twiml::HangUp),
                    AnsweredBy::Machine => (CallEnd::Voicemail, Twiml::Say(errand.voicemail)),
                };
                tx.call_end(call.id, end, now)?;
                unheard(tx, message, None, why(end), &ours, now)?;
                Ok::<_, Error>(Some(next))
            })
            .await?;
        Ok(told.unwrap_or_else(|| self.stream(token)))
    }

    /// The provider has found out who took a call whose sound comes to us; its session looks at what is noted.
    pub(crate) async fn found_out(&self, id: CallId, told: MachineWebhook) -> Result<(), Error> {
        let now = self.clock.now();
        self.store
            .write(move |tx| {
                if let Some(call) = spoken_of(tx, id, &told.sid)? {
                    is_placed(tx, &call, &told.sid, now)?;
                    tx.call_answered_by(id, told.answered_by)?;
                }
                Ok::<_, Error>(())
            })
            .await
    }

    /// The provider's own voice has said what the call is for so often, or asked for a key before it does, and a key was
    /// pressed or none.
    pub(crate) async fn keys(&self, id: CallId, said: u32, told: CallWebhook) -> Result<Twiml, Error> {
        let (now, ours) = (self.clock.now(), self.ours.clone());
        let (tells, public_url) = (self.settings.tells_mailboxes, self.settings.public_url.clone().unwrap_or_default());
        self.store
            .write(move |tx| {
                let talks = |call: &Call| call.state == CallState::Connected && is_the_providers(call);
                let Some(call) = spoken_of(tx, id, &told.sid)?.filter(talks) else { return Ok(Twiml::HangUp) };
                let Some(Matter { message, errand, .. }) = errand(tx, &call, tells)? else {
                    return Ok(Twiml::HangUp);
                };
                if said == 0 && told.key.is_none() {
                    let end = CallEnd::Voicemail;
                    tx.call_end(id, end, now)?;
                    unheard(tx, message, None, why(end), &ours, now)?;
                    return Ok(Twiml::Say(errand.voicemail));
                }
                if said == 0 {
                    let words = format!("{} {}", errand.words, errand.hint);
                    return Ok(Twiml::Ask { words, action: action(&public_url, id, 1) });
                }
                // Whoever hangs up before the end is not asked for a key.
                heard(tx, &call, now)?;
                let (end, words) = match told.key {
                    Some('1') => {
                        settled(tx, &call, &ours, now)?;
                        (CallEnd::Finished, "Good. Goodbye.")
                    }
                    Some('2') if errand.can_wait => {
                        put_off(tx, &call, now)?;
                        (CallEnd::Finished, "I'll remind you again in ten minutes. Goodbye.")
                    }
                    Some(_) | None if said < SAID_MOST => {
                        let words = format!("{} {}", errand.words, errand.hint);
                        return Ok(Twiml::Ask { words, action: action(&public_url, id, said + 1) });
                    }
                    Some(_) | None => (CallEnd::Silence, "Goodbye."),
                };
                tx.call_end(id, end, now)?;
                Ok::<_, Error>(Twiml::Say(words.to_owned()))
            })
            .await
    }
}

fn action(public_url: &str, call: CallId, said: u32) -> String {
    format!("{public_url}/voice/keys?c={call}&said={said}")
}
