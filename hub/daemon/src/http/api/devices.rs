//! Devices of rooms: announced by an admin, paired by themselves, forgotten.

use axum::{
    Extension, Json, Router,
    extract::State,
    http::StatusCode,
    routing::{delete, get, post},
};
use chrono::Duration;
use serde_json::{Value, json};
use xswarm_core::{
    device::{Device, DeviceCode, NewDevice, OfferedDevice, PairDevice, PairedDevice},
    event::Event,
    id::DeviceId,
};

use crate::{
    authority,
    error::Error,
    http::{
        App,
        body::{Body, Path},
        caller::Caller,
        listener::Peer,
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
    let (now, secret) = (app.clock.now(), people::device_secret()?);
    let expires_at = now + GOOD;
    let code = DeviceCode::new(app.authority.certificate(), secret.clone()).to_string();
    let device = app
        .store
        .write(move |tx| {
            for (user, at) in user_ids.iter().zip(0..) {
                if tx.user(*user)?.is_none() {
                    return Err(Error::field(format!("/user_ids/{at}"), "there is no such person"));
                }
            }
            let device = if let Some(known) = tx.device_by_name(&name)? {
                known
            } else {
                let id = DeviceId::new(now);
                let user_ids = Vec::new();
                let device =
                    Device { id, name, user_ids, created_at: now, paired_at: None, last_seen_at: None, health: None };
                tx.device_insert(&device)?;
                device
            };
            tx.device_code_set(device.id, &secret, expires_at, &user_ids)?;
            Ok(Device { user_ids, ..device })
        })
        .await?;
    let addresses = authority::reached_at(&app.about.listeners.secure);
    Ok((StatusCode::CREATED, Json(OfferedDevice { device, code, expires_at, addresses })))
}

async fn pair(
    State(app): State<App>,
    Extension(peer): Extension<Peer>,
    Body(shown): Body<PairDevice>,
) -> Result<Json<PairedDevice>, Error> {
    if overheard(peer) {
        return Err(Error::denied(
            "a device is paired by https: its token must not be read on the way. Use the hub's secure address, which \
             `xswarm status` shows; `xswarm-room pair` does so by itself",
        ));
    }
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
    // Whatever had its name before is another one now, or knows it by a token that opens nothing any more.
    app.rooms.forget(device.id);
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

/// Whether others in the house can read what is said.
fn overheard(peer: Peer) -> bool {
    match peer {
        Peer::Tcp(address) => !address.ip().to_canonical().is_loopback(),
        Peer::Tls(_) | Peer::Unix { .. } => false,
    }
}

/// A secret as it is compared: however somebody wrote it down.
fn plain(secret: &str) -> String {
    secret.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_uppercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_told_where_nobody_else_can_read_it() {
        let tcp = |address: &str| Peer::Tcp(address.parse().unwrap());
        for house in ["192.168.1.20:5000", "[fe80::1]:5000", "[::ffff:192.168.1.20]:5000"] {
            assert!(overheard(tcp(house)), "{house}");
            assert!(!overheard(Peer::Tls(house.parse().unwrap())), "{house}");
        }
        for here in ["127.0.0.1:5000", "[::1]:5000", "[::ffff:127.0.0.1]:5000"] {
            assert!(!overheard(tcp(here)), "{here}");
        }
        assert!(!overheard(Peer::Unix { uid: Some(0) }));
    }
}
