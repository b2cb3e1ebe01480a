//! Capabilities of writing to other people and of reading what they wrote.

use schemars::JsonSchema;
use serde::Deserialize;
use xswarm_core::capability::{Category, EffectClass};
use xswarm_language::command::{ChannelWord, Command, Understood};

use super::{
    super::{
        capability::{Around, Availability, Definition, Heard, Refusal},
        mail,
        messages::{self, Wanted},
        trust::Spoken,
        turn::{Decision, Turn},
    },
    Nothing,
};
use crate::{error::Error, outbox};

/// Texts somebody.
pub(super) struct SendMessage;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Message {
    /// To whom: names of contacts or of people in the household. Never a number or an address.
    to: Vec<Spoken>,
    /// The words to send, in the person's own.
    text: Spoken,
}

impl Definition for SendMessage {
    const NAME: &'static str = "send_message";
    const CATEGORY: Category = Category::Communication;
    const DESCRIPTION: &'static str =
        "Texts contacts or people of the household. The person is shown all of it and asked first.";
    const EXAMPLES: &'static [&'static str] = &["Text Anna that I'm late"];
    const EFFECT: EffectClass = EffectClass::WriteOthers;
    type Arguments = Message;

    fn command(arguments: Message, heard: &Heard<'_>) -> Result<Command, Refusal> {
        let (to, text) = (heard.claim.texts(&arguments.to), heard.perhaps(Some(&arguments.text)));
        Ok(Command::SendMessage { to, text, channel: None })
    }

    fn plan(turn: &Turn<'_>, understood: &Understood) -> Option<Result<Decision, Error>> {
        let Command::SendMessage { to, text, channel } = &understood.command else { return None };
        let wanted = Wanted { to, subject: None, text: text.as_deref(), by: *channel };
        Some(messages::send(turn, &wanted))
    }

    fn availability(around: &Around<'_>) -> Availability {
        if around.user.boss_phone.is_some() || around.ours.phone.is_some() || around.ours.mail.is_some() {
            Availability::Ready
        } else {
            Availability::Not("neither text messages nor mail are set up; `xswarm setup` does it".to_owned())
        }
    }
}

/// Mails somebody.
pub(super) struct SendMail;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Letter {
    /// To whom: names of contacts or of people in the household. Never an address.
    to: Vec<Spoken>,
    /// The subject.
    subject: Option<Spoken>,
    /// The words to send, in the person's own.
    text: Spoken,
}

impl Definition for SendMail {
    const NAME: &'static str = "send_mail";
    const CATEGORY: Category = Category::Communication;
    const DESCRIPTION: &'static str =
        "Mails contacts or people of the household. The person is shown all of it and asked first.";
    const EXAMPLES: &'static [&'static str] = &["Email John about the invoice, saying it is paid"];
    const EFFECT: EffectClass = EffectClass::WriteOthers;
    type Arguments = Letter;

    fn command(arguments: Letter, heard: &Heard<'_>) -> Result<Command, Refusal> {
        Ok(Command::SendMail {
            to: heard.claim.texts(&arguments.to),
            subject: heard.perhaps(arguments.subject.as_ref()),
            text: heard.perhaps(Some(&arguments.text)),
        })
    }

    fn plan(turn: &Turn<'_>, understood: &Understood) -> Option<Result<Decision, Error>> {
        let Command::SendMail { to, subject, text } = &understood.command else { return None };
        let by = Some(ChannelWord::Email);
        Some(messages::send(turn, &Wanted { to, subject: subject.as_deref(), text: text.as_deref(), by }))
    }

    fn availability(around: &Around<'_>) -> Availability {
        match outbox::mail_from(around.user, around.ours) {
            Some(_) => Availability::Ready,
            None => Availability::Not("mail is not set up; `xswarm setup` does it".to_owned()),
        }
    }
}

/// Reads mail.
pub(super) struct ReadMail;

impl Definition for ReadMail {
    const NAME: &'static str = "read_mail";
    const CATEGORY: Category = Category::Communication;
    const DESCRIPTION: &'static str =
        "Tells what others wrote by mail lately, and what the person passed on from others.";
    const EXAMPLES: &'static [&'static str] = &["Any new emails?"];
    const EFFECT: EffectClass = EffectClass::Read;
    type Arguments = Nothing;

    fn command(_: Nothing, _: &Heard<'_>) -> Result<Command, Refusal> {
        Ok(Command::ReadMail)
    }

    fn plan(turn: &Turn<'_>, understood: &Understood) -> Option<Result<Decision, Error>> {
        (understood.command == Command::ReadMail).then(|| mail::read(turn))
    }
}
