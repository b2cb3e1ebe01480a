//! `xswarm mail`: the Boss's letters.

use std::{
    fs,
    io::{self, Read},
};

use anyhow::Context;
use serde::Deserialize;
use uuid::Uuid;
use xswarm_core::{
    admin::{MailTo, NewMail},
    message::Message,
};

use crate::{
    arguments::{MailVerb, SendArguments},
    client::{Client, Request},
    failure::Exit,
    household::{on_behalf_of, user_id},
    screen::{Screen, harmless},
};

pub(super) async fn mail(hub: &Client, verb: MailVerb, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    match verb {
        MailVerb::Send(options) => return send(hub, options, screen).await,
        MailVerb::Preview { letter, date, user, text, output } => {
            let request = Request::get(format!("/api/mail/previews/{letter}"))
                .query("user_id", user_id(hub, user.as_deref()).await?)
                .query("date", date)
                .query("format", text.then_some("text"));
            let document = hub.send(request).await?;
            if let Some(file) = output {
                fs::write(&file, document.text()).with_context(|| format!("cannot write {}", file.display()))?;
                screen.line(&format!("Written to {}.", file.display()))?;
            } else {
                screen.line(&harmless(document.text()))?;
            }
        }
    }
    Ok(Exit::Done)
}

/// A little more than the largest text that the hub takes, so that it is the hub that says no.
const TEXT_BYTES: u64 = 128 << 10;

#[derive(Deserialize)]
struct Recorded {
    messages: Vec<Message>,
}

async fn send(hub: &Client, options: SendArguments, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    let body = match options.body.as_str() {
        "-" => io::read_to_string(io::stdin().lock().take(TEXT_BYTES))?,
        text => text.to_owned(),
    };
    let html = options
        .html
        .as_deref()
        .map(|file| fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display())));
    let user_id = on_behalf_of(hub, options.user.as_deref()).await?;
    let mail = NewMail {
        to: MailTo::Several(options.to),
        subject: options.subject,
        body,
        html: html.transpose()?,
        user_id,
        client_id: Some(Uuid::now_v7().to_string()),
    };
    let request = Request::post("/api/messages/email").json(&mail)?;
    let Some(document) = super::answer(hub, request, screen).await? else { return Ok(Exit::Done) };
    for message in document.read::<Recorded>()?.messages {
        let to = harmless(message.recipient.as_deref().unwrap_or_default());
        screen.line(&format!("On its way to {to}; see `xswarm messages show {}`.", message.id))?;
    }
    Ok(Exit::Done)
}
