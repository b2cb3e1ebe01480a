//! The step that sends a test message and watches what becomes of it.

use std::time::Duration;

use serde::Deserialize;
use uuid::Uuid;
use xswarm_core::{
    admin::{CheckOutcome, NewSms},
    id::MessageId,
    message::{Message, MessageStatus},
    user::User,
};

use crate::client::{Client, ClientError, Request};

use super::{Walk, dialogue::Dialogue, value};

const STEP: &str = "test message";

/// What it says.
const TEXT: &str = "This is the Boss. Texting works: answer this message, for example with \"what can you do?\".";

/// How long to watch it.
const WATCHING: Duration = Duration::from_secs(20);

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(250);

#[derive(Deserialize)]
struct OneMessage {
    message: Message,
}

pub(super) async fn send(walk: &Walk<'_>, admin: Option<&User>, dialogue: &mut Dialogue<'_, '_>) -> anyhow::Result<()> {
    dialogue.heading("8. Test message")?;
    let Some(admin) = admin else { return Ok(()) };
    if !walk.status.sms.configured {
        return Ok(dialogue.explain("  Skipped: texting is not set up.")?);
    }
    let Some(to) = recipient(walk, admin, dialogue)? else { return Ok(()) };
    let sms = NewSms {
        to: to.clone(),
        message: TEXT.to_owned(),
        user_id: admin.id,
        client_id: Some(Uuid::now_v7().to_string()),
    };
    let request = Request::post("/api/messages/sms").json(&sms)?;
    let accepted = walk.hub.send(request).await.and_then(|document| document.read::<OneMessage>());
    let id = match accepted {
        Ok(OneMessage { message }) => message.id,
        Err(ClientError::Refused { problem }) => {
            return Ok(dialogue.did(STEP, CheckOutcome::Failed, problem.detail, None)?);
        }
        Err(error @ (ClientError::Unreachable { .. } | ClientError::Broken { .. })) => return Err(error.into()),
    };
    dialogue.explain("  On its way …")?;
    let message = watched(walk.hub, id).await?;
    let (outcome, what) = verdict(&message, &to);
    let next = match outcome {
        CheckOutcome::Ok => None,
        CheckOutcome::Warning | CheckOutcome::Failed | CheckOutcome::Skipped => {
            Some(format!("see `xswarm messages show {id}`"))
        }
    };
    Ok(dialogue.did(STEP, outcome, what, next.as_deref())?)
}

fn recipient(walk: &Walk<'_>, admin: &User, dialogue: &mut Dialogue<'_, '_>) -> anyhow::Result<Option<String>> {
    if let Some(given) = &walk.options.test_to {
        return Ok(value::phone(given).ok());
    }
    if let Some(phone) = &admin.phone {
        let agreed = dialogue.agreed(&format!("Send a test message to {phone}?"))?;
        return Ok(agreed.then(|| phone.to_string()));
    }
    Ok(dialogue.ask("Send a test message to which number?", None, value::phone)?.new_value())
}

/// The message when its fate is known, or after a while.
async fn watched(hub: &Client, id: MessageId) -> Result<Message, ClientError> {
    let path = format!("/api/messages/{id}");
    let look = async || hub.get::<OneMessage>(&path).await.map(|answer| answer.message);
    let settled = async {
        loop {
            let message = look().await?;
            match message.status {
                MessageStatus::Delivered | MessageStatus::Failed | MessageStatus::Unknown => return Ok(message),
                MessageStatus::Pending | MessageStatus::Processed | MessageStatus::Sending | MessageStatus::Sent => {}
            }
            tokio::time::sleep(PAUSE).await;
        }
    };
    match tokio::time::timeout(WATCHING, settled).await {
        Ok(result) => result,
        Err(_) => look().await,
    }
}

fn verdict(message: &Message, to: &str) -> (CheckOutcome, String) {
    match message.status {
        MessageStatus::Delivered => (CheckOutcome::Ok, format!("it arrived at {to}")),
        MessageStatus::Sent => (CheckOutcome::Ok, format!("Twilio has it for {to}; no word yet that it arrived")),
        MessageStatus::Failed => {
            let why = message.error_message.as_deref().unwrap_or("Twilio did not say why");
            (CheckOutcome::Failed, format!("it was not delivered to {to}: {why}"))
        }
        MessageStatus::Unknown => (CheckOutcome::Warning, "nobody can tell yet whether it went out".to_owned()),
        MessageStatus::Pending | MessageStatus::Sending | MessageStatus::Processed => {
            (CheckOutcome::Warning, "it still waits to be sent".to_owned())
        }
    }
}
