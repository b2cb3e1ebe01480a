//! `xswarm key`: keys for the REST interface.

use serde::Deserialize;
use xswarm_core::admin::{CreatedKey, KeyRow, NewKey};

use crate::{
    arguments::KeyVerb,
    client::{Client, Request},
    failure::{Exit, Failure},
    household::{Scene, user_id},
    ids::{Found, choices, find, shortened},
    screen::{Screen, Tone, one_line},
    table::{Cell, Table},
};

use super::answer;

#[derive(Deserialize)]
struct Keys {
    keys: Vec<KeyRow>,
}

pub(super) async fn key(hub: &Client, verb: KeyVerb, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    match verb {
        KeyVerb::Create { user, name } => create(hub, &user, name, screen).await?,
        KeyVerb::List => list(hub, screen).await?,
        KeyVerb::Revoke { key } => revoke(hub, &key, screen).await?,
    }
    Ok(Exit::Done)
}

async fn create(hub: &Client, user: &str, name: String, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    let Some(user_id) = user_id(hub, Some(user)).await? else { return Ok(()) };
    let request = Request::post("/api/keys").json(&NewKey { user_id, name })?;
    let Some(document) = answer(hub, request, screen).await? else { return Ok(()) };
    let created: CreatedKey = document.read()?;
    screen.line(&created.key)?;
    screen.line("This key is shown only now; the hub keeps no copy of it. Use it as `Authorization: Bearer KEY`.")?;
    Ok(())
}

async fn list(hub: &Client, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    let Some(document) = answer(hub, Request::get("/api/keys"), screen).await? else { return Ok(()) };
    let Keys { keys } = document.read()?;
    if keys.is_empty() {
        return Ok(screen.line("There are no keys. `xswarm key create --user WHO --name LABEL` makes one.")?);
    }
    let Scene { household, view } = Scene::fetch(hub, None).await?;
    let ids = shortened(&keys.iter().map(|key| key.id.to_string()).collect::<Vec<_>>());
    let heading = |name: &str| view.heading(name);
    let (made, used) = (heading("MADE"), heading("USED"));
    let mut table = Table::new(&["ID", "WHOSE", &made, &used, "STATE", "LABEL"]);
    for (key, id) in keys.iter().zip(ids) {
        let state = match key.revoked_at {
            None => Cell::toned("valid", Tone::Good),
            Some(_) => Cell::toned("revoked", Tone::Faint),
        };
        table.row([
            Cell::toned(id, Tone::Faint),
            household.name_of(Some(key.user_id)).into(),
            view.moment(key.created_at).into(),
            key.last_used_at.map_or_else(|| "never".to_owned(), |at| view.moment(at)).into(),
            state,
            Cell::from(&key.name),
        ]);
    }
    Ok(table.write(screen)?)
}

async fn revoke(hub: &Client, wanted: &str, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    let Keys { keys } = hub.get("/api/keys").await?;
    // A revoked key may keep its label; a label means the one that still works.
    let valid: Vec<KeyRow> = keys.into_iter().filter(|key| key.revoked_at.is_none()).collect();
    let key = match find(wanted, &valid, |key| vec![key.id.to_string(), key.name.clone()]) {
        Found::One(key) => key,
        Found::None => {
            return Err(Failure::failed(format!("there is no valid key `{wanted}`"), "See `xswarm key list`.").into());
        }
        Found::Several(several) => {
            let what = format!("`{wanted}` may be {}", choices(&several));
            return Err(Failure::failed(what, "Write more of the id.").into());
        }
    };
    if answer(hub, Request::delete(format!("/api/keys/{}", key.id)), screen).await?.is_some() {
        screen.line(&format!("Revoked {}. It no longer opens anything.", one_line(&key.name)))?;
    }
    Ok(())
}
