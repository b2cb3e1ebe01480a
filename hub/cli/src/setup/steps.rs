//! The steps that change settings: the admin, the account, its token, the public address, and making them count.

use std::path::Path;

use xswarm_core::{
    admin::{CheckOutcome, SecretValue, UserChange},
    user::User,
};

use crate::{
    arguments::zone,
    client::{ClientError, Request},
    household::Household,
    screen::one_line,
};

use super::{
    Walk,
    config_file::{self, Settings},
    dialogue::Dialogue,
    reload::restarted,
    value, words,
};

/// Name, zone and number of the admin.
pub(super) async fn person(
    walk: &Walk<'_>,
    household: &Household,
    dialogue: &mut Dialogue<'_, '_>,
) -> anyhow::Result<Option<User>> {
    const STEP: &str = "admin";
    dialogue.heading("1. You")?;
    let Some(admin) = household.admin() else {
        let next = "Add one with `xswarm user add --name NAME --admin`.";
        dialogue.did(STEP, CheckOutcome::Failed, "the hub knows no admin", Some(next))?;
        return Ok(None);
    };
    let options = &walk.options;
    let number = admin.phone.as_ref().map(ToString::to_string);
    let mut change = UserChange {
        name: options.name.clone(),
        timezone: options.timezone,
        phone: options.phone.clone(),
        ..UserChange::default()
    };
    if change.name.is_none() {
        let answer = dialogue.ask("What shall the Boss call you?", Some(&admin.name), |text| Ok(text.to_owned()))?;
        change.name = answer.new_value();
    }
    if change.timezone.is_none() {
        let answer = dialogue.ask("Where do you live, as a time zone?", Some(admin.timezone.name()), zone)?;
        change.timezone = answer.new_value();
    }
    if change.phone.is_none() {
        let answer = dialogue.ask("Your own mobile number, for texts?", number.as_deref(), value::phone)?;
        change.phone = answer.new_text();
    }
    let change = UserChange {
        name: change.name.filter(|name| *name != admin.name),
        timezone: change.timezone.filter(|zone| *zone != admin.timezone),
        phone: change.phone.filter(|phone| phone.as_str() != number.as_deref().unwrap_or_default()),
        ..change
    };
    if change.name.is_none() && change.timezone.is_none() && change.phone.is_none() {
        return Ok(Some(admin.clone()));
    }
    let request = Request::put(format!("/api/users/{}", admin.id)).json(&change)?;
    match walk.hub.send(request).await {
        Ok(_) => {
            let changed: OneUser = walk.hub.get(&format!("/api/users/{}", admin.id)).await?;
            let user = changed.user;
            let phone = user.phone.as_ref().map_or("no number", |phone| phone.as_str());
            let what = format!("the Boss knows you as {}, {}, {phone}", one_line(&user.name), user.timezone);
            dialogue.did(STEP, CheckOutcome::Ok, what, None)?;
            Ok(Some(user))
        }
        Err(error) => {
            refused(STEP, error, dialogue)?;
            Ok(Some(admin.clone()))
        }
    }
}

#[derive(serde::Deserialize)]
struct OneUser {
    user: User,
}

/// The account and its number.
pub(super) fn account(
    walk: &Walk<'_>,
    present: &Settings,
    dialogue: &mut Dialogue<'_, '_>,
) -> anyhow::Result<Settings> {
    dialogue.heading("2. Texting")?;
    dialogue.explain(words::ACCOUNT)?;
    let mut account_sid = walk.options.account_sid.as_deref().and_then(|text| value::account_sid(text).ok());
    if account_sid.is_none() {
        let answer = dialogue.ask("Account SID?", present.account_sid.as_deref(), value::account_sid)?;
        account_sid = answer.new_text();
    }
    let mut phone_number = walk.options.phone_number.as_deref().and_then(|text| value::phone(text).ok());
    if phone_number.is_none() {
        let answer = dialogue.ask("The Boss's number?", present.phone_number.as_deref(), value::phone)?;
        phone_number = answer.new_text();
    }
    Ok(Settings { account_sid, phone_number, ..Settings::default() })
}

/// The account's token, kept in the hub's encrypted database. Tells whether there is a new one.
pub(super) async fn token(
    walk: &Walk<'_>,
    given: Option<String>,
    dialogue: &mut Dialogue<'_, '_>,
) -> anyhow::Result<bool> {
    const STEP: &str = "auth token";
    let known = !walk.status.sms.missing.iter().any(|missing| missing.contains("twilio_auth_token"));
    let hint = if known { "keep" } else { "skip" };
    let token = match given {
        Some(token) => Some(token),
        None => dialogue.ask_hidden(&format!("Auth token (not shown)? [{hint}]"), value::auth_token)?,
    };
    let Some(value) = token else { return Ok(false) };
    keep(walk, STEP, "twilio_auth_token", value, dialogue).await
}

/// Has the hub keep a secret. Tells whether it does.
pub(super) async fn keep(
    walk: &Walk<'_>,
    step: &str,
    name: &str,
    value: String,
    dialogue: &mut Dialogue<'_, '_>,
) -> anyhow::Result<bool> {
    let request = Request::put(format!("/api/secrets/{name}")).json(&SecretValue { value })?;
    match walk.hub.send(request).await {
        Ok(_) => {
            dialogue.did(step, CheckOutcome::Ok, "kept in the hub's encrypted database", None)?;
            Ok(true)
        }
        Err(error) => refused(step, error, dialogue).map(|()| false),
    }
}

/// The address by which the world reaches the hub.
pub(super) fn tunnel(
    walk: &Walk<'_>,
    present: &Settings,
    dialogue: &mut Dialogue<'_, '_>,
) -> anyhow::Result<Option<String>> {
    dialogue.heading("5. The way in from the Internet")?;
    dialogue.explain(&words::tunnel(&walk.status.listeners.public))?;
    if let Some(text) = &walk.options.public_url {
        return Ok(value::public_url(text).ok());
    }
    let answer = dialogue.ask("Public address?", present.public_url.as_deref(), value::public_url)?;
    Ok(answer.new_text())
}

/// Writes what is new into the hub's file, or says what to write, and makes the hub read it. Tells whether the hub goes by
/// what was said.
pub(super) async fn settings(
    walk: &mut Walk<'_>,
    present: &Settings,
    wanted: Settings,
    new_token: bool,
    dialogue: &mut Dialogue<'_, '_>,
) -> anyhow::Result<bool> {
    dialogue.heading("6. Settings")?;
    let news = wanted.beyond(present);
    let names = news.names().join(", ");
    if !names.is_empty() && !write(walk, &news, &names, dialogue)? {
        return Ok(false);
    }
    if names.is_empty() && !new_token {
        dialogue.explain("  Nothing new.")?;
        return Ok(true);
    }
    let before = walk.status.clone();
    let reloaded = match walk.hub.send(Request::post("/api/reload")).await {
        Ok(_) => restarted(walk.hub, &before).await,
        Err(error) => Err(error),
    };
    match reloaded {
        Ok(()) => {
            walk.status = walk.hub.get("/api/status").await?;
            dialogue.did("hub", CheckOutcome::Ok, "it has read its configuration again", None)?;
            return Ok(true);
        }
        Err(ClientError::Refused { problem }) => {
            let what = format!("it keeps its old configuration: {}", problem.detail);
            dialogue.did("hub", CheckOutcome::Failed, what, Some("correct the file, then run `xswarm reload`"))?;
        }
        Err(error @ (ClientError::Unreachable { .. } | ClientError::Broken { .. })) => {
            let what = format!("it did not come back with the new configuration: {error}");
            let next = "see its log: `journalctl -u xswarm-hub`";
            dialogue.did("hub", CheckOutcome::Failed, what, Some(next))?;
        }
    }
    Ok(false)
}

/// Whether the hub's file has the settings now.
fn write(walk: &Walk<'_>, news: &Settings, names: &str, dialogue: &mut Dialogue<'_, '_>) -> anyhow::Result<bool> {
    const STEP: &str = "settings";
    let path = walk.status.config_path.as_deref();
    let problem = match path.map(|path| (path, config_file::change(Path::new(path), news))) {
        Some((path, Ok(()))) => {
            dialogue.did(STEP, CheckOutcome::Ok, format!("wrote {names} to {path}"), None)?;
            return Ok(true);
        }
        Some((path, Err(error))) => format!("{path} was not changed: {error}"),
        None => "the hub runs without a configuration file".to_owned(),
    };
    let place = path.unwrap_or("/etc/xswarm/hub.toml");
    dialogue.show(&format!("\nPut this into {place} (sections that exist already take the lines):\n"))?;
    dialogue.show(&news.to_toml()?)?;
    let next = format!("put {names} into {place}, then run `xswarm reload` and `xswarm setup` again");
    dialogue.did(STEP, CheckOutcome::Failed, problem, Some(&next))?;
    Ok(false)
}

/// Notes that the hub said no; being unreachable or silent ends the setup.
fn refused(step: &str, error: ClientError, dialogue: &mut Dialogue<'_, '_>) -> anyhow::Result<()> {
    match error {
        ClientError::Refused { problem } => Ok(dialogue.did(step, CheckOutcome::Failed, problem.detail, None)?),
        error @ (ClientError::Unreachable { .. } | ClientError::Broken { .. }) => Err(error.into()),
    }
}
