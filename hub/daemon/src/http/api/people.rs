//! Persons, their API keys, and strangers who ask to be let in.

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    routing::{delete, get, post},
};
use serde_json::{Value, json};
use xswarm_core::{
    address::Address,
    admin::{ApprovePairing, ConventionChange, Conventions, CreatedKey, NewKey, NewUser, UserChange},
    event::Event,
    id::{KeyId, UserId},
    user::{Role, User},
};
use xswarm_store::{Rows, Tx};

use crate::{
    conventions, digest,
    error::Error,
    http::{
        App,
        body::{Body, Path},
        caller::Caller,
    },
    people, reminders,
};

/// Routes under `/api`.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/users", get(list).post(create))
        .route("/users/{id}", get(show).put(update).delete(remove))
        .route("/users/{id}/conventions", get(conventions).put(change_conventions))
        .route("/keys", get(keys).post(create_key))
        .route("/keys/{id}", delete(revoke_key))
        .route("/pairings", get(pairings))
        .route("/pairings/{code}/approve", post(approve))
}

fn existing(rows: &Rows<'_>, id: UserId) -> Result<User, Error> {
    rows.user(id)?.ok_or_else(|| Error::not_found("there is no such person"))
}

async fn list(State(app): State<App>, caller: Caller) -> Result<Json<Value>, Error> {
    let users = app.store.read(|rows| rows.users().map_err(Error::from)).await?;
    let users: Vec<_> = users.into_iter().filter(|user| caller.may_see(Some(user.id)).is_ok()).collect();
    Ok(Json(json!({ "users": users })))
}

async fn show(State(app): State<App>, caller: Caller, Path(id): Path<UserId>) -> Result<Json<Value>, Error> {
    caller.may_see(Some(id))?;
    let user = app.store.read(move |rows| existing(rows, id)).await?;
    Ok(Json(json!({ "user": user })))
}

async fn create(
    State(app): State<App>,
    caller: Caller,
    Body(new): Body<NewUser>,
) -> Result<(StatusCode, Json<Value>), Error> {
    caller.admin()?;
    let (now, home) = (app.clock.now(), app.sms.number());
    let user = app
        .store
        .write(move |tx| {
            let zone = match new.timezone {
                Some(zone) => zone,
                None => tx.user_first_admin()?.map_or(chrono_tz::UTC, |admin| admin.timezone),
            };
            let user = people::new_user(&new, zone, home.as_ref(), now)?;
            people::add(tx, &user, now)?;
            Ok::<_, Error>(user)
        })
        .await?;
    Ok((StatusCode::CREATED, Json(json!({ "user": user }))))
}

async fn update(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<UserId>,
    Body(change): Body<UserChange>,
) -> Result<Json<Value>, Error> {
    caller.admin()?;
    let (now, home) = (app.clock.now(), app.sms.number());
    let user = app
        .store
        .write(move |tx| {
            let before = existing(tx, id)?;
            let user = people::changed(&before, change, home.as_ref(), now)?;
            keep_an_admin(tx, &before, Some(user.role))?;
            people::told_if_taken(tx.user_update(&user))?;
            // In another zone the day begins at another time.
            digest::schedule(tx, &user, now)?;
            reminders::look_again(tx, id, now)?;
            people::known_now(tx, &user)?;
            tx.event_append(&Event::UserChanged { user: id }, Some(id), now)?;
            Ok::<_, Error>(user)
        })
        .await?;
    Ok(Json(json!({ "user": user })))
}

async fn conventions(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<UserId>,
) -> Result<Json<Conventions>, Error> {
    caller.may_see(Some(id))?;
    let user = app.store.read(move |rows| existing(rows, id)).await?;
    Ok(Json(Conventions { conventions: conventions::listed(&user) }))
}

async fn change_conventions(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<UserId>,
    Body(change): Body<ConventionChange>,
) -> Result<Json<Conventions>, Error> {
    caller.may_see(Some(id))?;
    let now = app.clock.now();
    let changes: Vec<_> = change.conventions.into_iter().collect();
    let user = app
        .store
        .write(move |tx| {
            let mut user = conventions::changed(&existing(tx, id)?, &changes)?;
            user.updated_at = now;
            tx.user_update(&user)?;
            tx.event_append(&Event::UserChanged { user: id }, Some(id), now)?;
            Ok::<_, Error>(user)
        })
        .await?;
    Ok(Json(Conventions { conventions: conventions::listed(&user) }))
}

async fn remove(State(app): State<App>, caller: Caller, Path(id): Path<UserId>) -> Result<Json<Value>, Error> {
    caller.admin()?;
    let now = app.clock.now();
    app.store
        .write(move |tx| {
            let user = existing(tx, id)?;
            keep_an_admin(tx, &user, None)?;
            tx.user_delete(id, now)?;
            Ok::<_, Error>(tx.event_append(&Event::UserRemoved { user: id }, Some(id), now)?)
        })
        .await?;
    // Nobody can hear their calls any more; now the files go, too.
    if let Err(error) = app.calls.recordings.sweep().await {
        log::warn!("files of recordings wait for the daily sweep: {}", error.chain());
    }
    Ok(Json(json!({ "success": true })))
}

/// The last admin stays one.
fn keep_an_admin(tx: &Tx<'_>, before: &User, becomes: Option<Role>) -> Result<(), Error> {
    if before.role != Role::Admin || becomes == Some(Role::Admin) {
        return Ok(());
    }
    let another = tx.users()?.into_iter().any(|user| user.role == Role::Admin && user.id != before.id);
    if another { Ok(()) } else { Err(Error::conflict("this is the only admin: make somebody else one first")) }
}

async fn keys(State(app): State<App>, caller: Caller) -> Result<Json<Value>, Error> {
    let keys = app.store.read(|rows| rows.keys().map_err(Error::from)).await?;
    let keys: Vec<_> = keys.into_iter().filter(|key| caller.may_see(Some(key.user_id)).is_ok()).collect();
    Ok(Json(json!({ "keys": keys })))
}

async fn create_key(
    State(app): State<App>,
    caller: Caller,
    Body(new): Body<NewKey>,
) -> Result<(StatusCode, Json<CreatedKey>), Error> {
    caller.admin()?;
    let now = app.clock.now();
    let id = KeyId::new(now);
    let key = people::random_key()?;
    let created = CreatedKey { id, key: key.clone() };
    app.store
        .write(move |tx| {
            existing(tx, new.user_id)?;
            tx.key_insert(id, new.user_id, &new.name, &key, now)?;
            Ok::<_, Error>(tx.event_append(&Event::KeyCreated { key: id }, Some(new.user_id), now)?)
        })
        .await?;
    Ok((StatusCode::CREATED, Json(created)))
}

async fn revoke_key(State(app): State<App>, caller: Caller, Path(id): Path<KeyId>) -> Result<Json<Value>, Error> {
    caller.admin()?;
    let now = app.clock.now();
    app.store
        .write(move |tx| {
            tx.key_revoke(id, now)?;
            Ok::<_, Error>(tx.event_append(&Event::KeyRevoked { key: id }, None, now)?)
        })
        .await?;
    Ok(Json(json!({ "success": true })))
}

async fn pairings(State(app): State<App>, caller: Caller) -> Result<Json<Value>, Error> {
    caller.admin()?;
    let now = app.clock.now();
    let pairings = app.store.read(move |rows| rows.pairings(now).map_err(Error::from)).await?;
    Ok(Json(json!({ "pairings": pairings })))
}

async fn approve(
    State(app): State<App>,
    caller: Caller,
    Path(code): Path<String>,
    Body(approval): Body<ApprovePairing>,
) -> Result<Json<Value>, Error> {
    caller.admin()?;
    let now = app.clock.now();
    let user = app
        .store
        .write(move |tx| {
            let code = code.trim().to_uppercase();
            let unknown = || Error::not_found("no such pairing code, or it is older than a week");
            let address = tx.pairing(&code, now)?.ok_or_else(unknown)?.address;
            let user = admit(tx, &address, approval, now)?;
            tx.pairing_delete(&address)?;
            tx.event_append(&Event::PairingApproved { user: user.id }, Some(user.id), now)?;
            Ok::<_, Error>(user)
        })
        .await?;
    Ok(Json(json!({ "user": user })))
}

/// The number or mail address becomes an existing person's, or a new member's.
fn admit(
    tx: &Tx<'_>,
    address: &Address,
    approval: ApprovePairing,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<User, Error> {
    match (approval.user_id, approval.name) {
        (Some(id), None) => {
            let mut user = User { updated_at: now, ..existing(tx, id)? };
            match address {
                Address::Phone(phone) => user.phone = Some(phone.clone()),
                Address::Mail(mail) => user.email = Some(mail.to_string()),
            }
            people::told_if_taken(tx.user_update(&user))?;
            Ok(user)
        }
        (None, Some(name)) => {
            let zone = tx.user_first_admin()?.map_or(chrono_tz::UTC, |admin| admin.timezone);
            let new = NewUser {
                name,
                phone: matches!(address, Address::Phone(_)).then(|| address.to_string()),
                email: matches!(address, Address::Mail(_)).then(|| address.to_string()),
                timezone: None,
                boss_phone: None,
                role: None,
            };
            let user = people::new_user(&new, zone, None, now)?;
            people::add(tx, &user, now)?;
            Ok(user)
        }
        (Some(_), Some(_)) | (None, None) => {
            Err(Error::invalid("say who it is: either `user_id` of somebody known or the `name` of somebody new"))
        }
    }
}
