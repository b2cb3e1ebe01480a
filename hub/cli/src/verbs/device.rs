//! `xswarm device`: what hears and speaks in rooms.

use serde::Deserialize;
use xswarm_core::{
    admin::Status,
    device::{Device, NewDevice, OfferedDevice},
    room::{Health, SoundHealth},
};

use crate::{
    arguments::DeviceVerb,
    client::{Client, Request},
    failure::{Exit, Failure},
    household::{Household, Scene},
    ids::{Found, choices, find, shortened},
    screen::{Screen, Tone, one_line},
    table::{Cell, Table},
};

use super::answer;

#[derive(Deserialize)]
struct Devices {
    devices: Vec<Device>,
}

pub(super) async fn device(hub: &Client, verb: DeviceVerb, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    match verb {
        DeviceVerb::Pair { name, persons, .. } => pair(hub, name, &persons, screen).await?,
        DeviceVerb::List => list(hub, screen).await?,
        DeviceVerb::Forget { device } => forget(hub, &device, screen).await?,
    }
    Ok(Exit::Done)
}

async fn pair(hub: &Client, name: String, persons: &[String], screen: &mut Screen<'_>) -> anyhow::Result<()> {
    let household = Household::fetch(hub).await?;
    let user_ids = persons.iter().map(|who| household.find(who).map(|user| user.id)).collect::<Result<_, _>>()?;
    let request = Request::post("/api/devices").json(&NewDevice { name, user_ids })?;
    let Some(document) = answer(hub, request, screen).await? else { return Ok(()) };
    let OfferedDevice { device, code, expires_at, addresses } = document.read()?;
    let view = Scene::fetch(hub, None).await?.view;
    let again = if device.paired_at.is_some() { " anew" } else { "" };
    screen.line(&code)?;
    screen.line(&format!(
        "Type this code into the device to pair {}{again}. It is good until {}, once:",
        one_line(&device.name),
        view.moment(expires_at)
    ))?;
    if addresses.is_empty() {
        let status: Status = hub.get("/api/status").await?;
        screen.line(&format!("  xswarm-room pair {} {code}", status.listeners.secure))?;
        return Ok(screen.line(
            "Only this machine reaches the hub there. For a device elsewhere the box must be in a network; set \
             secure_listen = \"0.0.0.0:9443\" in [server] of hub.toml, then `xswarm reload`.",
        )?);
    }
    screen.line(&format!("  xswarm-room pair --find {code}"))?;
    screen.line("or, where that finds nothing:")?;
    for address in addresses {
        screen.line(&format!("  xswarm-room pair {} {code}", one_line(&address)))?;
    }
    Ok(())
}

async fn list(hub: &Client, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    let Some(document) = answer(hub, Request::get("/api/devices"), screen).await? else { return Ok(()) };
    let Devices { devices } = document.read()?;
    if devices.is_empty() {
        return Ok(screen.line("There are no room devices. `xswarm device pair NAME --for WHO` lets one in.")?);
    }
    let Scene { household, view } = Scene::fetch(hub, None).await?;
    let ids = shortened(&devices.iter().map(|device| device.id.to_string()).collect::<Vec<_>>());
    let seen = view.heading("SEEN");
    let mut table = Table::new(&["ID", "NAME", "FOR", &seen, "STATE"]);
    for (device, id) in devices.iter().zip(ids) {
        let persons: Vec<_> = device.user_ids.iter().map(|user| household.name_of(Some(*user))).collect();
        let state = match (device.paired_at, &device.health) {
            (None, _) => Cell::toned("waits for its code", Tone::Warning),
            (Some(_), None) => Cell::toned("not connected", Tone::Warning),
            (Some(_), Some(Health { sound: SoundHealth::Lost { why }, .. })) => {
                Cell::toned(format!("has no sound: {}", one_line(why)), Tone::Bad)
            }
            (Some(_), Some(Health { sound: SoundHealth::Silent, .. })) => {
                Cell::toned("hears nothing at all: look at its microphones", Tone::Bad)
            }
            (Some(_), Some(Health { is_muted: true, .. })) => Cell::toned("muted", Tone::Warning),
            (Some(_), Some(Health { sound: SoundHealth::Running, .. })) => Cell::toned("connected", Tone::Good),
        };
        table.row([
            Cell::toned(id, Tone::Faint),
            Cell::toned(&device.name, Tone::Strong),
            if persons.is_empty() { "guests".to_owned() } else { persons.join(", ") }.into(),
            match (&device.health, device.last_seen_at) {
                (Some(_), _) => "now".to_owned(),
                (None, Some(at)) => view.moment(at),
                (None, None) => "never".to_owned(),
            }
            .into(),
            state,
        ]);
    }
    Ok(table.write(screen)?)
}

async fn forget(hub: &Client, wanted: &str, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    let Devices { devices } = hub.get("/api/devices").await?;
    let device = match find(wanted, &devices, |device| vec![device.id.to_string(), device.name.clone()]) {
        Found::One(device) => device,
        Found::None => {
            return Err(Failure::failed(format!("there is no device `{wanted}`"), "See `xswarm device list`.").into());
        }
        Found::Several(several) => {
            let what = format!("`{wanted}` may be {}", choices(&several));
            return Err(Failure::failed(what, "Write more of the name.").into());
        }
    };
    if answer(hub, Request::delete(format!("/api/devices/{}", device.id)), screen).await?.is_some() {
        screen.line(&format!("{} is forgotten: it opens nothing any more.", one_line(&device.name)))?;
    }
    Ok(())
}
