//! The step that sets mail up: SendGrid or a mail server, and what each needs.

use crate::arguments::MailOptions;

use super::{Walk, config_file::MailSettings, dialogue::Dialogue, steps::keep, value, words};

/// Secrets that came as files.
#[derive(Default)]
pub(super) struct Secrets {
    key: Option<String>,
    password: Option<String>,
}

impl Secrets {
    /// Reads the files, before anything is done.
    pub(super) fn from(options: &MailOptions) -> anyhow::Result<Self> {
        let key = options.sendgrid_key_file.as_deref();
        let password = options.smtp_password_file.as_deref();
        Ok(Self {
            key: key.map(|path| value::secret_from(path, "API key", value::sendgrid_key)).transpose()?,
            password: password.map(|path| value::secret_from(path, "password", value::password)).transpose()?,
        })
    }
}

/// What the file is to say about mail, and whether the hub keeps a new secret.
pub(super) async fn mail(
    walk: &Walk<'_>,
    present: &MailSettings,
    secrets: Secrets,
    dialogue: &mut Dialogue<'_, '_>,
) -> anyhow::Result<(MailSettings, bool)> {
    dialogue.heading("3. Mail")?;
    dialogue.explain(words::MAIL)?;
    let options = &walk.options.mail;
    let mut wanted = MailSettings {
        provider: options.mail_provider.as_deref().and_then(|text| value::mail_provider(text).ok()),
        from: options.mail_from.as_deref().and_then(|text| value::mail_address(text).ok()),
        webhook_public_key: options.sendgrid_webhook_key.as_deref().and_then(|text| value::webhook_key(text).ok()),
        inbound_public_key: options.sendgrid_inbound_key.as_deref().and_then(|text| value::webhook_key(text).ok()),
        host: options.smtp_host.as_deref().and_then(|text| value::host(text).ok()),
        port: options.smtp_port.map(|port| port.to_string()),
        security: options.smtp_security.as_deref().and_then(|text| value::security(text).ok()),
        username: options.smtp_username.clone(),
    };
    if wanted.provider.is_none() {
        let question = "Who carries mail: sendgrid, smtp or off?";
        let answer = dialogue.ask(question, present.provider.as_deref(), value::mail_provider)?;
        wanted.provider = answer.new_text().map(|text| if text.is_empty() { "off".to_owned() } else { text });
    }
    let provider = wanted.provider.clone().or_else(|| present.provider.clone()).unwrap_or_default();
    if ["sendgrid", "smtp"].contains(&provider.as_str()) && wanted.from.is_none() {
        wanted.from =
            dialogue.ask("The Boss's mail address?", present.from.as_deref(), value::mail_address)?.new_text();
    }
    let news = match provider.as_str() {
        "sendgrid" => sendgrid(walk, present, &mut wanted, secrets.key, dialogue).await?,
        "smtp" => smtp(walk, present, &mut wanted, secrets.password, dialogue).await?,
        _ => false,
    };
    Ok((wanted, news))
}

async fn sendgrid(
    walk: &Walk<'_>,
    present: &MailSettings,
    wanted: &mut MailSettings,
    key: Option<String>,
    dialogue: &mut Dialogue<'_, '_>,
) -> anyhow::Result<bool> {
    dialogue.explain(words::SENDGRID_KEY)?;
    let key = match key {
        Some(key) => Some(key),
        None => dialogue.ask_hidden(&hidden("API key", walk, present, "sendgrid_api_key"), value::sendgrid_key)?,
    };
    let news = match key {
        Some(key) => keep(walk, "SendGrid key", "sendgrid_api_key", key, dialogue).await?,
        None => false,
    };
    let url = walk.status.listeners.public_url.as_deref().unwrap_or("https://boss.example.com");
    dialogue.explain(&words::sendgrid_webhooks(url))?;
    if wanted.webhook_public_key.is_none() {
        let current = present.webhook_public_key.as_deref();
        wanted.webhook_public_key = dialogue.ask("Verification key?", current, value::webhook_key)?.new_text();
    }
    Ok(incoming(walk, present, wanted, url, dialogue).await? || news)
}

/// How SendGrid proves that a mail comes from there: signed, or by a password in the URL that it brings mails to.
async fn incoming(
    walk: &Walk<'_>,
    present: &MailSettings,
    wanted: &mut MailSettings,
    url: &str,
    dialogue: &mut Dialogue<'_, '_>,
) -> anyhow::Result<bool> {
    dialogue.explain(&words::inbound_parse(url))?;
    if wanted.inbound_public_key.is_none() {
        let current = present.inbound_public_key.as_deref();
        let key = dialogue.ask("Public key of the security policy?", current, value::webhook_key)?;
        wanted.inbound_public_key = key.new_text();
    }
    let signed = wanted.inbound_public_key.as_ref().or(present.inbound_public_key.as_ref());
    if signed.is_some_and(|key| !key.is_empty()) {
        return Ok(false);
    }
    let question = match walk.status.mail.incoming {
        Some(_) => "Mail comes in already. Make a new password?",
        None => "Let mail in by a password in the URL instead?",
    };
    if !walk.options.mail.sendgrid_inbound_password && !dialogue.agreed(question)? {
        return Ok(false);
    }
    // 122 random bits of the operating system's.
    let password = uuid::Uuid::new_v4().simple().to_string();
    let (scheme, host) = url.split_once("://").unwrap_or(("https", url));
    let shown = format!("  Destination URL, shown this once:\n\n    {scheme}://boss:{password}@{host}/email/inbound\n");
    let news = keep(walk, "Inbound Parse password", "sendgrid_inbound_password", password, dialogue).await?;
    if news {
        dialogue.show(&shown)?;
    }
    Ok(news)
}

async fn smtp(
    walk: &Walk<'_>,
    present: &MailSettings,
    wanted: &mut MailSettings,
    password: Option<String>,
    dialogue: &mut Dialogue<'_, '_>,
) -> anyhow::Result<bool> {
    if wanted.host.is_none() {
        wanted.host = dialogue.ask("Mail server?", present.host.as_deref(), value::host)?.new_text();
    }
    if wanted.port.is_none() {
        let current = present.port.as_deref().unwrap_or("465");
        wanted.port = dialogue.ask("Its port?", Some(current), value::port)?.new_value();
    }
    if wanted.security.is_none() {
        let current = present.security.as_deref().unwrap_or("tls");
        let question = "Protected by tls (port 465), starttls (587) or none (this machine only)?";
        wanted.security = dialogue.ask(question, Some(current), value::security)?.new_value();
    }
    if wanted.username.is_none() {
        let read = |text: &str| value::password(text.trim());
        wanted.username = dialogue.ask("User name there?", present.username.as_deref(), read)?.new_text();
    }
    let password = match password {
        Some(password) => Some(password),
        None => dialogue.ask_hidden(&hidden("Password", walk, present, "smtp_password"), value::password)?,
    };
    match password {
        Some(password) => keep(walk, "mail password", "smtp_password", password, dialogue).await,
        None => Ok(false),
    }
}

/// The question for a secret: whether there is one already, as far as the hub says.
fn hidden(what: &str, walk: &Walk<'_>, present: &MailSettings, name: &str) -> String {
    let set_up = present.provider.as_deref().is_some_and(|provider| provider != "off");
    let known = set_up && !walk.status.mail.missing.iter().any(|missing| missing.contains(name));
    format!("{what} (not shown)? [{}]", if known { "keep" } else { "skip" })
}
