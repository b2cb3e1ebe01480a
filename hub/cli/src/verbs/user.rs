//! `xswarm user`: who the box works for.

mod pin;
mod shown;

use serde::Deserialize;
use serde_json::{Map, Value};
use xswarm_core::{
    admin::{ConventionChange, Conventions, MailPreferences, MailPreferencesChange, NewUser, Status, UserChange},
    phone::Phone,
    suggestion::SuggestionPreferences,
    user::{Role, User},
};

use crate::{
    arguments::{PersonDetails, UserVerb},
    client::{Client, Request},
    failure::{Exit, Failure},
    household::{Household, user_id},
    ids::shortened,
    screen::{Screen, Tone, one_line},
    table::{Cell, Table},
};

use super::{answer, confirmed};

/// Where an answer holds one person.
#[derive(Deserialize)]
struct OneUser {
    user: User,
}

/// Where an answer holds how a calendar is kept.
#[derive(Deserialize)]
struct Kept {
    calendar_preferences: Map<String, Value>,
}

pub(super) async fn user(hub: &Client, verb: UserVerb, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    match verb {
        UserVerb::Add { name, details } => add(hub, name, details, screen).await?,
        UserVerb::List => list(hub, screen).await?,
        UserVerb::Show { who } => shown::show(hub, &who, screen).await?,
        UserVerb::Set { who, name, details, member } => {
            let role = if details.admin { Some(Role::Admin) } else { member.then_some(Role::Member) };
            let change = UserChange {
                name,
                phone: details.phone,
                email: details.email,
                timezone: details.timezone,
                boss_phone: details.boss_phone,
                role,
            };
            set(hub, &who, &change, screen).await?;
        }
        UserVerb::Conventions { who, changes, usual } => conventions(hub, &who, changes, usual, screen).await?,
        UserVerb::Calendar { who, changes, usual } => calendar(hub, &who, changes, usual, screen).await?,
        UserVerb::Mail { who, digest, confirmations } => {
            let change = MailPreferencesChange { daily_digest: digest, confirmations };
            mail(hub, &who, change, screen).await?;
        }
        UserVerb::Reminders { who, changes } => {
            let (_, id) = known(hub, &who).await?;
            super::reminder::preferences(hub, &id, changes, screen).await?;
        }
        UserVerb::Suggestions { who, enabled } => suggestions(hub, &who, enabled, screen).await?,
        UserVerb::Pin(options) => pin::pin(hub, options, screen).await?,
        UserVerb::Remove { who, yes } => remove(hub, &who, yes, screen).await?,
    }
    Ok(Exit::Done)
}

async fn add(hub: &Client, name: String, details: PersonDetails, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    let new = NewUser {
        name,
        phone: details.phone,
        email: details.email,
        timezone: details.timezone,
        boss_phone: details.boss_phone,
        role: details.admin.then_some(Role::Admin),
    };
    let Some(document) = answer(hub, Request::post("/api/users").json(&new)?, screen).await? else { return Ok(()) };
    let OneUser { user } = document.read()?;
    screen.line(&format!("Added {} ({}).", one_line(&user.name), user.id))?;
    if user.phone.is_none() {
        screen
            .line("Without a number they cannot text the Boss: `xswarm user set … --phone NUMBER` gives them one.")?;
    }
    Ok(())
}

async fn list(hub: &Client, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    let Some(document) = answer(hub, Request::get("/api/users"), screen).await? else { return Ok(()) };
    let Household { users } = document.read()?;
    let ids = shortened(&users.iter().map(|user| user.id.to_string()).collect::<Vec<_>>());
    let mut table = Table::new(&["ID", "NAME", "ROLE", "ZONE", "PHONE", "MAIL"]);
    for (user, id) in users.iter().zip(ids) {
        let role = match user.role {
            Role::Admin => Cell::toned("admin", Tone::Strong),
            Role::Member => "member".into(),
        };
        table.row([
            Cell::toned(id, Tone::Faint),
            Cell::from(&user.name),
            role,
            user.timezone.name().into(),
            telephone(user.phone.as_ref()).into(),
            user.email.as_deref().unwrap_or("–").into(),
        ]);
    }
    Ok(table.write(screen)?)
}

async fn set(hub: &Client, who: &str, change: &UserChange, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    let UserChange { name, phone, email, timezone, boss_phone, role } = change;
    let texts = [name, phone, email, boss_phone].iter().all(|text| text.is_none());
    if texts && timezone.is_none() && role.is_none() {
        let next = "Say what, such as --phone NUMBER or --timezone ZONE; see `xswarm user set --help`.";
        return Err(Failure::usage("There is nothing to change.", next).into());
    }
    let id = known(hub, who).await?.1;
    let request = Request::put(format!("/api/users/{id}")).json(change)?;
    let Some(document) = answer(hub, request, screen).await? else { return Ok(()) };
    let OneUser { user } = document.read()?;
    screen.line(&format!("Changed {}.", one_line(&user.name)))?;
    Ok(())
}

async fn conventions(
    hub: &Client,
    who: &str,
    changes: Vec<(String, String)>,
    usual: Vec<String>,
    screen: &mut Screen<'_>,
) -> anyhow::Result<()> {
    let (name, id) = known(hub, who).await?;
    let path = format!("/api/users/{id}/conventions");
    let changes = changes.into_iter().map(|(name, value)| (name, Some(value)));
    let change = ConventionChange { conventions: changes.chain(usual.into_iter().map(|name| (name, None))).collect() };
    let changed = change.conventions.clone();
    let request = if changed.is_empty() { Request::get(path) } else { Request::put(path).json(&change)? };
    let Some(document) = answer(hub, request, screen).await? else { return Ok(()) };
    let Conventions { conventions } = document.read()?;
    if !changed.is_empty() {
        for one in conventions.iter().filter(|one| changed.contains_key(&one.name)) {
            screen.line(&format!("{} for {name}: {}.", one.name, one.value))?;
        }
        return Ok(());
    }
    let mut table = Table::new(&["CONVENTION", "VALUE", "USUAL", "WHAT IT DECIDES", "TAKES"]);
    for one in conventions {
        let tone = if one.value == one.usual { Tone::Plain } else { Tone::Strong };
        table.row([
            one.name.into(),
            Cell::toned(one.value, tone),
            Cell::toned(one.usual, Tone::Faint),
            one.help.into(),
            Cell::toned(one.values, Tone::Faint),
        ]);
    }
    Ok(table.write(screen)?)
}

async fn calendar(
    hub: &Client,
    who: &str,
    changes: Vec<(String, String)>,
    usual: Vec<String>,
    screen: &mut Screen<'_>,
) -> anyhow::Result<()> {
    let (name, id) = known(hub, who).await?;
    let path = format!("/api/users/{id}/calendar-preferences");
    let changes = changes.into_iter().map(|(name, value)| (name, Value::String(value)));
    let changes: Map<_, _> = changes.chain(usual.into_iter().map(|name| (name, Value::Null))).collect();
    let request = if changes.is_empty() { Request::get(path) } else { Request::put(path).json(&changes)? };
    let Some(document) = answer(hub, request, screen).await? else { return Ok(()) };
    let Kept { calendar_preferences } = document.read()?;
    for (preference, value) in &calendar_preferences {
        let value = value.as_str().map_or_else(|| value.to_string(), one_line);
        if changes.is_empty() {
            screen.line(&format!("{preference}: {value}"))?;
        } else if changes.contains_key(preference) {
            screen.line(&format!("{preference} for {name}: {value}."))?;
        }
    }
    Ok(())
}

async fn mail(hub: &Client, who: &str, change: MailPreferencesChange, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    let (name, id) = known(hub, who).await?;
    let path = format!("/api/users/{id}/mail-preferences");
    let request = if change == MailPreferencesChange::default() {
        Request::get(path)
    } else {
        Request::put(path).json(&change)?
    };
    let Some(document) = answer(hub, request, screen).await? else { return Ok(()) };
    let MailPreferences { daily_digest, confirmations } = document.read()?;
    screen.line(&match daily_digest.as_str() {
        "off" => format!("{name} gets no daily digest."),
        time => format!("{name} is mailed what the day holds at {time}."),
    })?;
    let whether =
        if confirmations { "Each appointment that is booked is" } else { "Appointments that are booked are not" };
    screen.line(&format!("{whether} confirmed by mail."))?;
    let status: Status = hub.get("/api/status").await?;
    if status.mail.provider.is_none() && (confirmations || daily_digest != "off") {
        screen.toned(Tone::Warning, "Mail is not set up, so nothing is mailed yet: run `xswarm setup`.")?;
    }
    Ok(())
}

async fn suggestions(hub: &Client, who: &str, enabled: Option<bool>, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    let (name, id) = known(hub, who).await?;
    let path = format!("/api/users/{id}/suggestion-preferences");
    let request = match enabled {
        Some(enabled) => Request::put(path).json(&SuggestionPreferences { enabled })?,
        None => Request::get(path),
    };
    let Some(document) = answer(hub, request, screen).await? else { return Ok(()) };
    let SuggestionPreferences { enabled } = document.read()?;
    let whether = if enabled { "makes" } else { "makes no" };
    screen.line(&format!("The Boss {whether} suggestions to {name}."))?;
    Ok(())
}

async fn remove(hub: &Client, who: &str, yes: bool, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    let (name, id) = known(hub, who).await?;
    let question = format!("Remove {name} with calendar, reminders, messages and keys?");
    if !yes && !confirmed(&question, screen)? {
        screen.line("Nobody was removed.")?;
        return Ok(());
    }
    if answer(hub, Request::delete(format!("/api/users/{id}")), screen).await?.is_some() {
        screen.line(&format!("Removed {name}."))?;
    }
    Ok(())
}

/// Name and id of the person who is meant. A whole id need not be known here: the hub knows.
async fn known(hub: &Client, who: &str) -> anyhow::Result<(String, String)> {
    match user_id(hub, Some(who)).await? {
        Some(id) => {
            let household = Household::fetch(hub).await?;
            let name = household.users.iter().find(|user| user.id == id).map(|user| one_line(&user.name));
            Ok((name.unwrap_or_else(|| id.to_string()), id.to_string()))
        }
        None => Err(Failure::usage("Nobody was named.", "See `xswarm user list`.").into()),
    }
}

fn telephone(phone: Option<&Phone>) -> &str {
    phone.map_or("–", Phone::as_str)
}
