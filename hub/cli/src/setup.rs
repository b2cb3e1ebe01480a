//! `xswarm setup`: from a hub that runs to a Boss who can be texted and mailed, step by step.
//!
//! Each step asks, does what was answered, and says what it did; Enter skips it, and it may be run again. Without
//! questions (`--non-interactive`) it does what the options say, nothing else. Secrets go to the hub's encrypted
//! database, never into a file.

mod config_file;
mod dialogue;
pub(crate) mod hidden;
mod mailing;
mod ready;
mod reload;
mod steps;
mod testing;
mod thinking;
mod value;
mod webhooks;
mod words;

use std::io::{self, IsTerminal};

use xswarm_core::admin::{CheckOutcome, Status};

use crate::{
    arguments::SetupArguments,
    client::Client,
    failure::{Exit, Failure},
    household::Household,
    screen::Screen,
};
use dialogue::Dialogue;
use ready::Wished;
pub(crate) use reload::restarted;

/// What every step works with.
struct Walk<'a> {
    hub: &'a Client,
    options: SetupArguments,
    /// The hub as it is now; read again after a reload.
    status: Status,
}

pub(crate) async fn setup(hub: &Client, options: SetupArguments, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    let asks = !options.non_interactive;
    if asks && (screen.json() || !io::stdin().is_terminal()) {
        let next = "Say --non-interactive, with the answers as options; see `xswarm setup --help`.";
        return Err(Failure::usage("Setup asks questions, and there is no terminal to ask them on.", next).into());
    }
    value::check(&options)?;
    let token = options.auth_token_file.as_deref().map(value::token_from).transpose()?;
    let mail_secrets = mailing::Secrets::from(&options.mail)?;
    let model_key = thinking::key_from(&options.model)?;
    let status: Status = hub.get("/api/status").await?;
    let household = Household::fetch(hub).await?;
    let mut dialogue = Dialogue::new(screen, asks);
    let mut walk = Walk { hub, options, status };

    dialogue.explain(words::WELCOME)?;
    let admin = steps::person(&walk, &household, &mut dialogue).await?;
    let present = config_file::present(walk.status.config_path.as_deref());
    let mut wanted = steps::account(&walk, &present, &mut dialogue)?;
    let new_token = steps::token(&walk, token, &mut dialogue).await?;
    let (mail, new_mail_secret) = mailing::mail(&walk, &present.mail, mail_secrets, &mut dialogue).await?;
    wanted.mail = mail;
    let (model, new_model_key) = thinking::model(&walk, &present.model, model_key, &mut dialogue).await?;
    wanted.model = model;
    wanted.public_url = steps::tunnel(&walk, &present, &mut dialogue)?;
    let by_settings = Wished::by(&wanted);
    let Walk { options, .. } = &walk;
    let wished = Wished {
        texting: by_settings.texting || new_token || options.set_webhooks || options.test_to.is_some(),
        mail: by_settings.mail || new_mail_secret,
        model: by_settings.model || new_model_key,
    };
    let new_secret = new_token || new_mail_secret || new_model_key;
    if steps::settings(&mut walk, &present, wanted, new_secret, &mut dialogue).await? {
        ready::check(&walk, wished, &mut dialogue)?;
    }
    thinking::trial(&walk, &mut dialogue).await?;
    webhooks::set(&walk, &mut dialogue).await?;
    testing::send(&walk, admin.as_ref(), &mut dialogue).await?;
    words::registration(walk.status.sms.phone_number.as_ref(), &mut dialogue)?;
    finish(dialogue)
}

/// The summary and the exit status.
fn finish(dialogue: Dialogue<'_, '_>) -> anyhow::Result<Exit> {
    let failed = dialogue.report().iter().any(|step| step.outcome == CheckOutcome::Failed);
    dialogue.close(failed)?;
    Ok(if failed { Exit::Failed } else { Exit::Done })
}
