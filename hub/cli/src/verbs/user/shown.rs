//! `xswarm user show`: a person, and what they have chosen.

use xswarm_core::{admin::MailPreferences, id::UserId, phone::Phone, suggestion::SuggestionPreferences};

use super::{Kept, OneUser, answer, known, telephone};
use crate::{
    client::{Client, Request},
    household::{Household, Scene},
    screen::{Screen, Tone, one_line},
    table::{Cell, pairs},
    verbs::reminder::{self, Preferences},
};

pub(super) async fn show(hub: &Client, who: &str, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    let id = known(hub, who).await?.1;
    let Some(document) = answer(hub, Request::get(format!("/api/users/{id}")), screen).await? else { return Ok(()) };
    let OneUser { user } = document.read()?;
    let Scene { view, household } = Scene::fetch(hub, Some(user.id)).await?;
    let mut lines = chosen(hub, user.id, &household).await?;
    lines.splice(
        ..0,
        [
            ("id", user.id.to_string().into()),
            ("name", Cell::toned(&user.name, Tone::Strong)),
            ("role", user.role.as_str().into()),
            ("zone", user.timezone.name().into()),
            ("phone", telephone(user.phone.as_ref()).into()),
            ("mail", user.email.as_deref().unwrap_or("–").into()),
            ("Boss's number", user.boss_phone.as_ref().map_or("the household's", Phone::as_str).into()),
            ("added", view.in_full(user.created_at).into()),
            ("changed", view.in_full(user.updated_at).into()),
        ],
    );
    pairs(screen, lines)?;
    let name = one_line(&user.name);
    screen.line(&format!(
        "`xswarm user reminders {name}` changes how they are reminded; so do calendar, mail and suggestions."
    ))?;
    Ok(())
}

/// What a person has chosen, named as on the command line that changes it.
async fn chosen(hub: &Client, id: UserId, household: &Household) -> anyhow::Result<Vec<(&'static str, Cell)>> {
    let path = |family: &str| format!("/api/users/{id}/{family}-preferences");
    let Preferences { preferences } = hub.get(&path("reminder")).await?;
    let reminders = reminder::in_words(&preferences, household);
    let reminders: Vec<String> = reminders.iter().map(|(name, value)| format!("{name}={}", value.text())).collect();
    let Kept { calendar_preferences } = hub.get(&path("calendar")).await?;
    let calendar = calendar_preferences.iter().map(|(name, value)| {
        let value = value.as_str().map_or_else(|| value.to_string(), one_line);
        if value.contains(' ') { format!("{name}=\"{value}\"") } else { format!("{name}={value}") }
    });
    let MailPreferences { daily_digest, confirmations } = hub.get(&path("mail")).await?;
    let SuggestionPreferences { enabled } = hub.get(&path("suggestion")).await?;
    let on = |is: bool| if is { "on" } else { "off" };
    Ok(vec![
        ("reminders", reminders.join(" ").into()),
        ("calendar", calendar.collect::<Vec<_>>().join(" ").into()),
        ("mailed", format!("digest {daily_digest}, confirmations {}", on(confirmations)).into()),
        ("suggestions", on(enabled).into()),
    ])
}
