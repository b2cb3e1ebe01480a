//! The checks behind `xswarm doctor`: each says what was found and, when something is wrong, what to do about it.

mod mailing;
mod rooms;
mod thinking;
mod voice;

use std::time::Duration;

use xswarm_core::admin::{Check, CheckOutcome};

use crate::{error::Error, http::App, system, web::Web};

/// Free space below which the disk is a worry, in bytes.
const DISK_LOW_BYTES: u64 = 500 << 20;

/// Runs every check.
pub(crate) async fn checks(app: &App) -> Vec<Check> {
    let mut checks = vec![store(app).await, clock(app), disk(app)];
    checks.extend(queue(app).await);
    checks.extend(texting(app).await);
    checks.extend(mailing::checks(app).await);
    checks.push(incoming_mail(app));
    checks.extend(thinking::checks(app).await);
    checks.extend(voice::checks(app).await);
    checks.extend(rooms::checks(app).await);
    checks.push(public_url(app).await);
    checks
}

fn check(name: &str, outcome: CheckOutcome, cause: impl Into<String>, fix: Option<&str>) -> Check {
    Check { name: name.to_owned(), outcome, cause: cause.into(), fix: fix.map(str::to_owned) }
}

async fn store(app: &App) -> Check {
    let name = "database";
    let restore = Some("restore the database from a backup");
    match app.store.read(|rows| rows.check().map_err(Error::from)).await {
        Ok(None) => check(name, CheckOutcome::Ok, "every page was read and is in order", None),
        Ok(Some(damage)) => check(name, CheckOutcome::Failed, format!("it is damaged: {damage}"), restore),
        Err(error) => check(name, CheckOutcome::Failed, error.chain(), restore),
    }
}

fn clock(app: &App) -> Check {
    let name = "clock";
    if system::clock_synchronised() {
        check(name, CheckOutcome::Ok, format!("synchronised; it is {}", app.clock.now().to_rfc3339()), None)
    } else {
        let fix = "let the system keep time by NTP: `timedatectl set-ntp true`";
        check(name, CheckOutcome::Warning, "the kernel says that the clock is not synchronised", Some(fix))
    }
}

fn disk(app: &App) -> Check {
    let name = "disk";
    match system::disk_free(app.store.path()) {
        Ok(free) if free >= DISK_LOW_BYTES => check(name, CheckOutcome::Ok, format!("{} MiB free", free >> 20), None),
        Ok(free) => {
            let fix = "free some space, or shorten [retention] in hub.toml";
            check(name, CheckOutcome::Warning, format!("only {} MiB free", free >> 20), Some(fix))
        }
        Err(error) => check(name, CheckOutcome::Warning, error.chain(), None),
    }
}

async fn queue(app: &App) -> Vec<Check> {
    let now = app.clock.now();
    let counts = match app.store.read(move |rows| rows.counts(now).map_err(Error::from)).await {
        Ok(counts) => counts,
        Err(error) => return vec![check("jobs", CheckOutcome::Failed, error.chain(), None)],
    };
    let jobs = match counts.jobs_dead {
        0 => check("jobs", CheckOutcome::Ok, format!("{} open, none given up", counts.jobs), None),
        dead => {
            let fix = "see why with `xswarm jobs --state dead`, then `xswarm jobs retry ID`";
            check("jobs", CheckOutcome::Failed, format!("{dead} given up"), Some(fix))
        }
    };
    let messages = match counts.messages_unknown {
        0 => check("messages", CheckOutcome::Ok, "the fate of every message is known", None),
        unknown => {
            let fix =
                "see them with `xswarm messages --status unknown`; send one again with `xswarm messages resend ID`";
            check("messages", CheckOutcome::Warning, format!("nobody can tell whether {unknown} went out"), Some(fix))
        }
    };
    vec![jobs, messages]
}

async fn texting(app: &App) -> Vec<Check> {
    let client = match app.sms.client() {
        Ok(client) => client,
        Err(error) => {
            let fix = Some("run `xswarm setup`; without it the Boss is reached on the console only");
            return vec![check("texting", CheckOutcome::Skipped, error.to_string(), fix)];
        }
    };
    let account = match client.account().await {
        Ok(account) if account.status == "active" => {
            check("Twilio account", CheckOutcome::Ok, "the credentials are accepted and the account is active", None)
        }
        Ok(account) => {
            let fix = "see the account's page at Twilio: it may be suspended or unpaid";
            check("Twilio account", CheckOutcome::Failed, format!("the account is {}", account.status), Some(fix))
        }
        Err(error) => {
            let fix = "check account_sid in hub.toml, the secret twilio_auth_token, and the Internet connection";
            return vec![check("Twilio account", CheckOutcome::Failed, error.chain(), Some(fix))];
        }
    };
    let mut checks = vec![account];
    let expected = app.sms.webhooks();
    for number in app.sms.numbers().await.unwrap_or_default() {
        let name = format!("number {}", number.masked());
        checks.push(match client.incoming_numbers(&number).await {
            Err(error) => check(&name, CheckOutcome::Failed, error.chain(), None),
            Ok(owned) => match (owned.first(), &expected) {
                (None, _) => {
                    let fix = "the number does not belong to this account: correct phone_number in hub.toml";
                    check(&name, CheckOutcome::Failed, "the account has no such number", Some(fix))
                }
                (Some(_), None) => {
                    let cause = "no public_url: messages are fetched every few minutes instead of at once";
                    check(&name, CheckOutcome::Warning, cause, Some("set up a tunnel: `xswarm setup`"))
                }
                (Some(owned), Some(expected)) => match expected.astray(&owned.webhooks)[..] {
                    [] => check(&name, CheckOutcome::Ok, "its webhooks point here", None),
                    [(what, to), ..] => {
                        let cause = format!("Twilio does not bring {what} to {to}");
                        check(&name, CheckOutcome::Failed, cause, Some("`xswarm setup --set-webhooks` sets it"))
                    }
                },
            },
        });
    }
    checks
}

/// Whether mail can come in: an address, a way to prove that the provider brings it, and an address to bring it to. What
/// stands in DNS and at the provider can only be told, not seen from here.
fn incoming_mail(app: &App) -> Check {
    let name = "incoming mail";
    let Some(address) = app.mail.address() else {
        let fix = "run `xswarm setup`, or set [mail] provider and from in hub.toml";
        return check(name, CheckOutcome::Skipped, "mail is off: the Boss has no address", Some(fix));
    };
    let Some(proof) = app.webhooks.mail.described() else {
        let fix = "run `xswarm setup`, which explains both ways: give SendGrid's inbound parse a security policy with a \
                   signature, whose public key is [sendgrid] inbound_public_key; or without a policy, have a password made \
                   for the URL that mails are brought to";
        return check(name, CheckOutcome::Skipped, "nothing is set up by which SendGrid proves itself", Some(fix));
    };
    let Some(url) = &app.about.listeners.public_url else {
        let fix = "set up a tunnel: `xswarm setup`";
        return check(name, CheckOutcome::Failed, "there is no public address to bring mail to", Some(fix));
    };
    let domain = address.domain();
    let cause = format!(
        "taken in at {url}/email/inbound when {proof}; it arrives once the MX record of {domain} is mx.sendgrid.net \
         (priority 10) and {domain} has that URL under Settings, Inbound Parse"
    );
    check(name, CheckOutcome::Ok, cause, None)
}

/// Whether the world reaches us: our own health page, asked by way of the public address.
async fn public_url(app: &App) -> Check {
    let name = "public address";
    let Some(url) = &app.about.listeners.public_url else {
        let cause = "none is set: webhooks cannot arrive";
        return check(name, CheckOutcome::Skipped, cause, Some("set up a tunnel: `xswarm setup`"));
    };
    let fix = "see that the tunnel runs and leads to the public listener: `systemctl status cloudflared`";
    let web = Web::new(Duration::from_secs(5));
    let client = match web.http() {
        Ok(client) => client,
        Err(error) => return check(name, CheckOutcome::Failed, error.chain(), None),
    };
    match client.get(format!("{url}/health")).send().await {
        Ok(response) if response.status().is_success() => check(name, CheckOutcome::Ok, "it leads here", None),
        Ok(response) => check(name, CheckOutcome::Failed, format!("it answers {}", response.status()), Some(fix)),
        Err(error) => {
            let error = Error::unavailable("it cannot be reached").with_source(error.without_url());
            check(name, CheckOutcome::Failed, error.chain(), Some(fix))
        }
    }
}
