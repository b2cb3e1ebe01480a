//! Whether mail works: who carries it, whether they accept us, whether the address is one that we may send from.

use xswarm_core::admin::{Check, CheckOutcome};

use super::check;
use crate::{channels::mail::Carrier, http::App, sendgrid, smtp};
use xswarm_core::mail::MailAddress;

/// Every check of mailing.
pub(super) async fn checks(app: &App) -> Vec<Check> {
    let state = app.mail.state();
    let Some(from) = state.address else {
        return vec![if state.missing.is_empty() {
            let fix = Some("run `xswarm setup` to have the Boss write mails; without it nothing else is missing");
            check("mail", CheckOutcome::Skipped, "it is off", fix)
        } else {
            let cause = format!("it is not set up ({} missing)", state.missing.join(", "));
            check("mail", CheckOutcome::Failed, cause, Some("run `xswarm setup`"))
        }];
    };
    match app.mail.carrier() {
        Carrier::Nobody => Vec::new(),
        Carrier::Sendgrid(client) => sendgrid(app, client, &from).await,
        Carrier::Smtp(client) => vec![smtp(client, &from).await],
    }
}

async fn sendgrid(app: &App, client: &sendgrid::client::Client, from: &MailAddress) -> Vec<Check> {
    let name = "SendGrid key";
    let key = match client.scopes().await {
        Ok(scopes) if scopes.iter().any(|scope| scope == "mail.send") => {
            check(name, CheckOutcome::Ok, "it is accepted and may send mail", None)
        }
        Ok(_) => {
            let fix =
                "make a key with the permission Mail Send (Settings, API Keys at SendGrid), and run `xswarm setup`";
            return vec![check(name, CheckOutcome::Failed, "it may not send mail", Some(fix))];
        }
        Err(error) => {
            let fix = "check the secret sendgrid_api_key and the Internet connection";
            return vec![check(name, CheckOutcome::Failed, error.chain(), Some(fix))];
        }
    };
    vec![key, sender(client, from).await, events(app)]
}

async fn sender(client: &sendgrid::client::Client, from: &MailAddress) -> Check {
    let name = "mail sender";
    let fix = "verify it at SendGrid under Settings, Sender Authentication (the whole domain is best)";
    match client.may_send_from(from).await {
        Ok(Some(true)) => check(name, CheckOutcome::Ok, "the address is verified", None),
        Ok(Some(false)) => check(name, CheckOutcome::Failed, format!("{from} is not verified"), Some(fix)),
        Ok(None) => {
            let cause = "the key may not ask whether the address is verified; sending will tell";
            check(name, CheckOutcome::Skipped, cause, None)
        }
        Err(error) => check(name, CheckOutcome::Warning, error.chain(), None),
    }
}

fn events(app: &App) -> Check {
    let name = "mail events";
    let missing = match (&app.webhooks.mail_key, &app.about.listeners.public_url) {
        (Some(_), Some(_)) => {
            return check(name, CheckOutcome::Ok, "the key of the event webhook is known", None);
        }
        (None, _) => "no webhook_public_key in [sendgrid]",
        (Some(_), None) => "no public_url",
    };
    let cause = format!("{missing}: nobody tells whether a mail arrived, bounced or was unwanted");
    let fix = "turn on the signed event webhook (Settings, Mail Settings at SendGrid); `xswarm setup` explains it";
    check(name, CheckOutcome::Warning, cause, Some(fix))
}

async fn smtp(client: &smtp::Client, from: &MailAddress) -> Check {
    match client.check(from).await {
        Ok(()) => check("mail server", CheckOutcome::Ok, "it can be reached and accepts the login", None),
        Err(error) => {
            let fix = "check host, port, security and username in [smtp], the secret smtp_password, and the connection";
            check("mail server", CheckOutcome::Failed, error.chain(), Some(fix))
        }
    }
}
