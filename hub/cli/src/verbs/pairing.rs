//! `xswarm pairing`: strangers who wrote and were told a code.

use serde::Deserialize;
use xswarm_core::{
    admin::{ApprovePairing, PairingRow},
    user::User,
};

use crate::{
    arguments::PairingVerb,
    client::{Client, Request},
    failure::{Exit, Failure},
    household::{Scene, user_id},
    screen::{Screen, Tone, one_line},
    table::{Cell, Table},
};

use super::answer;

#[derive(Deserialize)]
struct Pairings {
    pairings: Vec<PairingRow>,
}

#[derive(Deserialize)]
struct Approved {
    user: User,
}

pub(super) async fn pairing(hub: &Client, verb: PairingVerb, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    match verb {
        PairingVerb::List => list(hub, screen).await?,
        PairingVerb::Approve { code, name, user } => {
            let user_id = user_id(hub, user.as_deref()).await?;
            approve(hub, &code, &ApprovePairing { user_id, name }, screen).await?;
        }
    }
    Ok(Exit::Done)
}

async fn list(hub: &Client, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    let Some(document) = answer(hub, Request::get("/api/pairings"), screen).await? else { return Ok(()) };
    let Pairings { pairings } = document.read()?;
    if pairings.is_empty() {
        return Ok(screen.line("Nobody is waiting to be let in.")?);
    }
    let view = Scene::fetch(hub, None).await?.view;
    let (wrote, expires) = (view.heading("WROTE"), view.heading("EXPIRES"));
    let mut table = Table::new(&["CODE", "FROM", &wrote, &expires]);
    for row in &pairings {
        table.row([
            Cell::toned(&row.code, Tone::Strong),
            row.address.as_str().into(),
            view.moment(row.created_at).into(),
            view.moment(row.expires_at).into(),
        ]);
    }
    table.write(screen)?;
    screen.line("Let one in with `xswarm pairing approve CODE --name NAME`, once you know who it is.")?;
    Ok(())
}

async fn approve(hub: &Client, code: &str, approval: &ApprovePairing, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    let code = code.trim().to_uppercase();
    if code.is_empty() || !code.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        let what = format!("`{code}` is not a pairing code.");
        return Err(Failure::usage(what, "It has six letters and digits; see `xswarm pairing list`.").into());
    }
    let request = Request::post(format!("/api/pairings/{code}/approve")).json(approval)?;
    let Some(document) = answer(hub, request, screen).await? else { return Ok(()) };
    let Approved { user } = document.read()?;
    let addresses: Vec<_> = user.phone.iter().map(ToString::to_string).chain(user.email.clone()).collect();
    screen.line(&format!("{} ({}) can now write to the Boss.", one_line(&user.name), addresses.join(", ")))?;
    Ok(())
}
