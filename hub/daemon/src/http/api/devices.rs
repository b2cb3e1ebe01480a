//! Devices of rooms: announced by an admin, paired by themselves, forgotten.

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    routing::{delete, get, post},
};
use chrono::Duration;
use serde_json::{Value, json};
use xswarm_core::{
    device::{Device, NewDevice, OfferedDevice, PairDevice, PairedDevice},
    event::Event,
    id::DeviceId,
};

use crate::{
    error::Error,
    http::{
        App,
        body::{Body, Path},
        caller::Caller,
    },
    people,
};

/// How long a code is good.
const GOOD: Duration = Duration::minutes(10);

/// The longest name of a device, in characters.
const NAME_MOST: usize = 40;

/// Routes under `/api`.
pub(crate) fn routes() -> Router<App> {
    Router::new().route("/devices", get(list).post(offer)).route("/devices/{id}", delete(forget))
}

/// The route that a device pairs itself by; its code is its key.
pub(crate) fn pairing_route() -> Router<App> {
    Router::new().route("/api/devices/pair", post(pair))
}

async fn list(State(app): State<App>, caller: Caller) -> Result<Json<Value>, Error> {
    caller.admin()?;
    let mut devices = app.store.read(|rows| rows.devices().map_err(Error::from)).await?;
    let mut health = app.rooms.health();
    for device in &mut devices {
        device.health = health.remove(&device.id);
    }
    Ok(Json(json!({ "devices": devices })))
}

async fn offer(
    State(app): State<App>,
    caller: Caller,
    Body(new): Body<NewDevice>,
) -> Result<(StatusCode, Json<OfferedDevice>), Error> {
    caller.admin()?;
    let name = new.name.trim().to_owned();
    if name.is_empty() || name.chars().count() > NAME_MOST || name.chars().any(char::is_control) {
        return Err(Error::field("/name", format!("a device has a name of 1 to {NAME_MOST} characters")));
    }
    let mut user_ids = new.user_ids;
    let mut known = std::collections::HashSet::new();
    user_ids.retain(|user| known.insert(*user));
    let (now, code) = (app.clock.now(), people::device_code()?);
    let (expires_at, told) = (now + GOOD, code.clone());
    let device = app
        .store
        .write(move |tx| {
            for (user, at) in user_ids.iter().zip(0..) {
                if tx.user(*user)?.is_none() {
                    return Err(Error::field(format!("/user_ids/{at}"), "there is no such person"));
                }
            }
            let device = if let Some(known) = tx.device_by_name(&name)? {
                tx.device_serves(known.id, &user_ids)?;
                Device { user_ids, ..known }
            } else {
                let id = DeviceId::new(now);
                let device =
                    Device { id, name, user_ids, created_at: now, paired_at: None, last_seen_at: None, health: None };
                tx.device_insert(&device)?;
                device
            };
            tx.device_code_set(device.id, &plain(&code), expires_at)?;
            Ok(device)
        })
        .await?;
    Ok((StatusCode::CREATED, Json(OfferedDevice { device, code: told, expires_at })))
}

async fn pair(State(app): State<App>, Body(shown): Body<PairDevice>) -> Result<Json<PairedDevice>, Error> {
    let (now, token) = (app.clock.now(), people::device_token()?);
    let known = token.clone();
    let device = app
        .store
        .write(move |tx| {
            let unknown = || Error::denied("this code is not good: it was used, or is older than ten minutes");
            let device = tx.device_pair(&plain(&shown.code), &known, now)?.ok_or_else(unknown)?;
            tx.event_append(&Event::DevicePaired { device: device.id }, None, now)?;
            Ok::<_, Error>(device)
        })
        .await?;
    log::info!(device:% = device.id; "a device was paired");
    Ok(Json(PairedDevice { device, token }))
}

async fn forget(State(app): State<App>, caller: Caller, Path(id): Path<DeviceId>) -> Result<Json<Value>, Error> {
    caller.admin()?;
    let now = app.clock.now();
    app.store
        .write(move |tx| {
            tx.device(id)?.ok_or_else(|| Error::not_found("there is no such device"))?;
            tx.device_delete(id)?;
            Ok::<_, Error>(tx.event_append(&Event::DeviceForgotten { device: id }, None, now)?)
        })
        .await?;
    app.rooms.forget(id);
    Ok(Json(json!({ "success": true })))
}

/// A code as it is compared: however somebody wrote it down.
fn plain(code: &str) -> String {
    code.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_uppercase()).collect()
}
