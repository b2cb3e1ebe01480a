//! `xswarm mail`: the Boss's letters.

use anyhow::Context;

use crate::{
    arguments::MailVerb,
    client::{Client, Request},
    failure::Exit,
    household::user_id,
    screen::{Screen, harmless},
};

pub(super) async fn mail(hub: &Client, verb: MailVerb, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    match verb {
        MailVerb::Preview { letter, date, user, text, output } => {
            let request = Request::get(format!("/api/mail/previews/{letter}"))
                .query("user_id", user_id(hub, user.as_deref()).await?)
                .query("date", date)
                .query("format", text.then_some("text"));
            let document = hub.send(request).await?;
            if let Some(file) = output {
                std::fs::write(&file, document.text()).with_context(|| format!("cannot write {}", file.display()))?;
                screen.line(&format!("Written to {}.", file.display()))?;
            } else {
                screen.line(&harmless(document.text()))?;
            }
        }
    }
    Ok(Exit::Done)
}
