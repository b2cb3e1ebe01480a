//! Writing to other people: to contacts and to the household, never to an address out of the air, and never before the
//! person has seen to whom it goes and every word of it.

use xswarm_core::{message::Channel, provenance::Sources, user::User};
use xswarm_language::command::ChannelWord;

use super::{
    contacts::{self, People},
    effect::{Effect, Outgoing, words},
    question::{Question, Slot},
    turn::{Decision, Turn},
};
use crate::{error::Error, outbox};

/// How many may be written to at once.
const RECIPIENTS_MOST: usize = 5;

/// How long a message may be, in characters.
const TEXT_MOST: usize = 1_000;

/// What is to be written.
pub(super) struct Wanted<'a> {
    /// To whom, as named.
    pub(super) to: &'a [String],
    /// The subject, of a mail.
    pub(super) subject: Option<&'a str>,
    /// The words.
    pub(super) text: Option<&'a str>,
    /// By which way.
    pub(super) by: Option<ChannelWord>,
}

/// Asks whether it shall be sent, to whom, and in which words.
pub(super) fn send(turn: &Turn<'_>, wanted: &Wanted<'_>) -> Result<Decision, Error> {
    if wanted.to.is_empty() {
        return Ok(Decision::say("To whom? For example: \"text Anna that I'm late\". Nothing was sent."));
    }
    if wanted.to.len() > RECIPIENTS_MOST {
        return Ok(Decision::say(format!("I write to at most {RECIPIENTS_MOST} at once. Nothing was sent.")));
    }
    if let People::Ask(question) = contacts::people(turn, wanted.to)? {
        return Ok(question);
    }
    let Some(text) = wanted.text.map(str::trim).filter(|text| !text.is_empty()) else {
        return Ok(turn.missing(Slot::Title, format!("What shall I tell {}?", wanted.to.join(" and "))));
    };
    if text.chars().count() > TEXT_MOST {
        return Ok(Decision::say(format!("A message has at most {TEXT_MOST} characters. Nothing was sent.")));
    }
    let mut effects = Vec::new();
    for name in wanted.to {
        match outgoing(turn, name, wanted, text)? {
            Ok(message) => effects.push(Effect::Send { message: Box::new(message) }),
            Err(why) => return Ok(Decision::say(format!("{why} Nothing was sent."))),
        }
    }
    let said = |how: fn(&Effect, chrono_tz::Tz) -> Option<String>| -> Vec<String> {
        effects.iter().filter_map(|effect| how(effect, turn.zone())).collect()
    };
    let done = said(words::done).iter().map(|words| format!("{words}.")).collect::<Vec<_>>().join("\n");
    let asked = format!("Shall I? {} (yes or no)", said(words::proposal).join("\n"));
    Ok(Decision::ask(asked, Question::Confirm { effects, done, sources: Sources::own() }))
}

/// The message to one of them, or why there can be none.
fn outgoing(turn: &Turn<'_>, name: &str, wanted: &Wanted<'_>, text: &str) -> Result<Result<Outgoing, String>, Error> {
    let Some(person) = reached(turn, name)? else {
        return Ok(Err(format!(
            "Nobody called {name} is among your contacts or in the household. Say, for example, \"add a contact: {name}, \
             +49 151 23456789\"."
        )));
    };
    let by_mail = matches!(wanted.by, Some(ChannelWord::Email)) || person.phone.is_none();
    let ours = if by_mail {
        outbox::mail_from(turn.user, turn.ours).map(|from| from.to_string())
    } else {
        turn.user.boss_phone.as_ref().or(turn.ours.phone.as_ref()).map(ToString::to_string)
    };
    let (channel, kind) = if by_mail { (Channel::Email, "mail") } else { (Channel::Sms, "text messages") };
    let Some(to) = (if by_mail { person.mail } else { person.phone }) else {
        let what = if by_mail { "mail address" } else { "number" };
        return Ok(Err(format!("I know no {what} of {}.", person.name)));
    };
    let Some(from) = ours else {
        return Ok(Err(format!("I can't send {kind}: that is not set up. `xswarm setup` does it.")));
    };
    if turn.rows.opted_out(&to)? {
        return Ok(Err(format!("{} wants no messages from me.", person.name)));
    }
    let User { id, name: sender, .. } = turn.user;
    let subject = wanted.subject.map_or_else(|| format!("A message from {sender}"), str::to_owned);
    let text = format!("{sender} asks me to tell you: {text}\n– the Boss, {sender}'s assistant");
    Ok(Ok(Outgoing { user: *id, name: person.name, channel, from, to, subject, text }))
}

/// Somebody who can be written to.
struct Reached {
    name: String,
    phone: Option<String>,
    mail: Option<String>,
}

/// A contact, else somebody of the household.
fn reached(turn: &Turn<'_>, name: &str) -> Result<Option<Reached>, Error> {
    if let Some(contact) = contacts::called(turn, name)?.into_iter().next() {
        let details = contact.details;
        let phone = details.phones.first().map(ToString::to_string);
        return Ok(Some(Reached { name: details.name, phone, mail: details.mails.first().cloned() }));
    }
    let wanted = name.to_lowercase();
    let member = turn.rows.users()?.into_iter().find(|user| {
        let full = user.name.to_lowercase();
        user.id != turn.user.id && (full == wanted || full.split(' ').next() == Some(wanted.as_str()))
    });
    Ok(member.map(|user| Reached {
        name: user.name,
        phone: user.phone.map(|phone| phone.to_string()),
        mail: user.email,
    }))
}
