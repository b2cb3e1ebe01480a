//! The step that tells the provider where to deliver texts and calls: through its API, or in words to paste.

use serde::Deserialize;
use xswarm_core::{admin::CheckOutcome, phone::Phone};

use crate::client::{ClientError, Request};

use super::{Walk, dialogue::Dialogue, words};

const STEP: &str = "webhook";

#[derive(Deserialize)]
struct Numbers {
    numbers: Vec<Webhook>,
}

/// One number and where its texts and calls go now.
#[derive(Deserialize)]
struct Webhook {
    phone_number: Phone,
    sms_url: String,
    /// `None` for a hub that takes no calls.
    voice_url: Option<String>,
}

pub(super) async fn set(walk: &Walk<'_>, dialogue: &mut Dialogue<'_, '_>) -> anyhow::Result<()> {
    dialogue.heading("7. Webhook")?;
    if !walk.status.sms.configured {
        return Ok(dialogue.explain("  Skipped: texting is not set up.")?);
    }
    let Some(public_url) = walk.status.listeners.public_url.clone() else {
        let what = "no public address: the hub asks for new texts every few minutes";
        return Ok(dialogue.did(STEP, CheckOutcome::Skipped, what, None)?);
    };
    if !walk.options.set_webhooks && !dialogue.agreed("Set the number's webhooks at Twilio now?")? {
        dialogue.show(&words::webhook_to_paste(&public_url))?;
        let next = "paste it as shown, or run `xswarm setup --set-webhooks`";
        return Ok(dialogue.did(STEP, CheckOutcome::Skipped, "left to you", Some(next))?);
    }
    let answer = walk.hub.send(Request::post("/api/setup/webhooks")).await.and_then(|done| done.read::<Numbers>());
    match answer {
        Ok(Numbers { numbers }) if numbers.is_empty() => {
            let next = "correct twilio.phone_number, or buy the number in the Twilio console";
            dialogue.did(STEP, CheckOutcome::Failed, "the account has no such number", Some(next))?;
        }
        Ok(Numbers { numbers }) => {
            for Webhook { phone_number, sms_url, voice_url } in numbers {
                let calls = voice_url.map(|url| format!(", calls to {url}")).unwrap_or_default();
                dialogue.did(
                    STEP,
                    CheckOutcome::Ok,
                    format!("texts to {phone_number} go to {sms_url}{calls}"),
                    None,
                )?;
            }
        }
        Err(ClientError::Refused { problem }) => {
            dialogue.show(&words::webhook_to_paste(&public_url))?;
            dialogue.did(STEP, CheckOutcome::Failed, problem.detail, Some("set it by hand as shown"))?;
        }
        Err(error @ (ClientError::Unreachable { .. } | ClientError::Broken { .. })) => return Err(error.into()),
    }
    Ok(())
}
