//! Contacts, and vCards in and out.

use axum::{
    Json, Router,
    body::Bytes,
    extract::{OriginalUri, State, rejection::BytesRejection},
    http::{
        HeaderMap, StatusCode,
        header::{CONTENT_DISPOSITION, CONTENT_TYPE},
    },
    response::{IntoResponse, Response},
    routing::{get, post},
};
use calcard::vcard::VCardVersion;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use xswarm_core::{
    contact::{Contact, ContactSource},
    exchange::ImportReport,
    id::{ContactId, UserId},
};
use xswarm_store::Rows;

use crate::{
    contacts::{
        self, Change, Typed,
        vcard::{self, FILE_BYTES},
    },
    error::Error,
    http::{
        App,
        body::{Body, Parameters, Path, file, file_limit},
        caller::Caller,
        page, version,
    },
};

/// Routes under `/api`.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/contacts", get(all).post(create))
        .route("/contacts/export", get(export))
        // A little more than a file may have, so that the refusal is ours.
        .route("/contacts/import", post(import).layer(file_limit(FILE_BYTES)))
        .route("/contacts/{id}", get(show).put(replace).delete(remove))
}

/// A contact that the caller may see.
fn visible(rows: &Rows<'_>, caller: Caller, id: ContactId) -> Result<Contact, Error> {
    let nothing = || Error::not_found("there is no such contact, or it is not yours");
    let contact = rows.contact(id)?.ok_or_else(nothing)?;
    caller.may_see(Some(contact.user_id)).map_err(|_other| nothing())?;
    Ok(contact)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Search {
    user_id: Option<UserId>,
    /// Only those who are called so.
    q: Option<String>,
    /// At most so many on a page; all when absent.
    limit: Option<u32>,
    cursor: Option<String>,
}

async fn all(
    State(app): State<App>,
    caller: Caller,
    OriginalUri(uri): OriginalUri,
    Parameters(search): Parameters<Search>,
) -> Result<Response, Error> {
    let user = caller.about(search.user_id, &app.store).await?;
    let limit = search.limit.map(|limit| page::limit(Some(limit), 0)).transpose()?;
    let after: Option<(String, ContactId)> = page::place(search.cursor.as_deref())?;
    let mut contacts = app.store.read(move |rows| rows.contacts(user).map_err(Error::from)).await?;
    if let Some(wanted) = &search.q {
        contacts.retain(|contact| contact.details.called(wanted).is_some());
    }
    if let Some((name, id)) = &after {
        contacts.retain(|one| (&one.details.name, &one.id) > (name, id));
    }
    let limit = limit.map_or(usize::MAX, |limit| limit as usize);
    let next_cursor = page::cut(&mut contacts, limit, |last| (last.details.name.clone(), last.id));
    Ok(page::answer(&uri, next_cursor.as_deref(), json!({ "contacts": contacts, "next_cursor": next_cursor })))
}

/// A contact to add.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewContact {
    /// Whose; the caller's when absent.
    user_id: Option<UserId>,
    /// Who it is.
    contact: Typed,
}

async fn create(
    State(app): State<App>,
    caller: Caller,
    Body(new): Body<NewContact>,
) -> Result<(StatusCode, Json<Value>), Error> {
    let user = caller.about(new.user_id, &app.store).await?;
    let details = new.contact.checked(app.sms.number().as_ref())?;
    let now = app.clock.now();
    let contact = contacts::new(user, details, ContactSource::Program, now);
    let kept = contact.clone();
    app.store
        .write(move |tx| {
            tx.user(user)?.ok_or_else(|| Error::not_found("there is no such person"))?;
            contacts::room(tx.contact_count(user)?, 1)?;
            Ok::<_, Error>(Change::Create { contact: Box::new(contact) }.apply(tx, now)?)
        })
        .await?;
    Ok((StatusCode::CREATED, Json(json!({ "contact": kept }))))
}

async fn show(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Path(id): Path<ContactId>,
) -> Result<Response, Error> {
    let contact = app.store.read(move |rows| visible(rows, caller, id)).await?;
    let version = version::of(&contact)?;
    if version::known(&headers, &version) {
        return Ok((StatusCode::NOT_MODIFIED, version::tag(version)).into_response());
    }
    Ok((version::tag(version), Json(json!({ "contact": contact }))).into_response())
}

/// With `If-Match` only when it is still of that version.
async fn replace(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Path(id): Path<ContactId>,
    Body(typed): Body<Typed>,
) -> Result<Response, Error> {
    let details = typed.checked(app.sms.number().as_ref())?;
    let now = app.clock.now();
    let contact = app
        .store
        .write(move |tx| {
            let before = Box::new(visible(tx, caller, id)?);
            version::expected(&headers, version::of(&before)?)?;
            let after = Box::new(Contact { details, updated_at: now, ..Contact::clone(&before) });
            Change::Update { before, after: after.clone() }.apply(tx, now)?;
            Ok::<_, Error>(after)
        })
        .await?;
    Ok((version::tag(version::of(&contact)?), Json(json!({ "contact": contact }))).into_response())
}

async fn remove(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Path(id): Path<ContactId>,
) -> Result<Json<Value>, Error> {
    let now = app.clock.now();
    app.store
        .write(move |tx| {
            let contact = Box::new(visible(tx, caller, id)?);
            version::expected(&headers, version::of(&contact)?)?;
            Ok::<_, Error>(Change::Delete { contact }.apply(tx, now)?)
        })
        .await?;
    Ok(Json(json!({ "success": true })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExportQuery {
    user_id: Option<UserId>,
    /// "3.0", or "4.0" when absent.
    version: Option<String>,
}

async fn export(
    State(app): State<App>,
    caller: Caller,
    Parameters(query): Parameters<ExportQuery>,
) -> Result<Response, Error> {
    let version = match query.version.as_deref() {
        None | Some("4.0") => VCardVersion::V4_0,
        Some("3.0") => VCardVersion::V3_0,
        Some(_) => return Err(Error::invalid("vCards are written in version 3.0 or 4.0")),
    };
    let user = caller.about(query.user_id, &app.store).await?;
    let contacts = app.store.read(move |rows| rows.contacts(user).map_err(Error::from)).await?;
    let headers =
        [(CONTENT_TYPE, "text/vcard; charset=utf-8"), (CONTENT_DISPOSITION, "attachment; filename=\"contacts.vcf\"")];
    Ok((headers, vcard::written(&contacts, version)).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ImportQuery {
    user_id: Option<UserId>,
}

async fn import(
    State(app): State<App>,
    caller: Caller,
    Parameters(query): Parameters<ImportQuery>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<ImportReport>, Response> {
    let bytes = file(body, "a file of vCards", FILE_BYTES)?;
    let (now, home) = (app.clock.now(), app.sms.number());
    let taken = async {
        let user = caller.about(query.user_id, &app.store).await?;
        // On a reader's thread: a long file must not hold up the writer, nor everybody else's requests.
        let read = app.store.read(move |_| Ok::<_, Error>(vcard::read(&bytes, home.as_ref()))).await?;
        if read.cards.is_empty() {
            return Err(Error::invalid("no vCard that can be used is in this file. Nothing was changed."));
        }
        app.store.write(move |tx| contacts::take_in(tx, user, read, now)).await
    };
    taken.await.map(Json).map_err(IntoResponse::into_response)
}
