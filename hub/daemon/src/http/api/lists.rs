//! Lists and what is on them.

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    routing::{get, post, put},
};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use xswarm_core::{
    id::{ListId, ListItemId, UserId},
    list::{self, List, ListItem},
};
use xswarm_store::{Rows, StoreError};

use crate::{
    error::Error,
    http::{
        App,
        body::{Body, Parameters, Path},
        caller::Caller,
    },
    lists::{self, Change, same},
};

/// Routes under `/api`.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/lists", get(all).post(create))
        .route("/lists/{id}", get(show).put(rename).delete(remove))
        .route("/lists/{id}/items", post(add))
        .route("/lists/{id}/items/{item}", put(change).delete(take))
}

/// A list that the caller may see: their own, or the household's.
fn visible(rows: &Rows<'_>, caller: Caller, id: ListId) -> Result<List, Error> {
    let nothing = || Error::not_found("there is no such list, or it is not yours");
    let list = rows.list(id)?.ok_or_else(nothing)?;
    if list.user_id.is_some() {
        caller.may_see(list.user_id).map_err(|_other| nothing())?;
    }
    Ok(list)
}

/// An item of a list that the caller may see.
fn item_of(rows: &Rows<'_>, list: ListId, id: ListItemId) -> Result<ListItem, Error> {
    let item = rows.list_item(id)?.filter(|item| item.list_id == list);
    item.ok_or_else(|| Error::not_found("there is no such item on this list"))
}

fn name(said: &str) -> Result<String, Error> {
    let most = list::NAME_CHARACTERS;
    list::name(said)
        .ok_or_else(|| Error::invalid(format!("a list has a name of 1 to {most} characters, and more than \"list\"")))
}

fn text(said: &str) -> Result<String, Error> {
    let most = list::ITEM_CHARACTERS;
    list::item_text(said).ok_or_else(|| Error::invalid(format!("an item has 1 to {most} characters, on one line")))
}

fn told_if_taken(result: Result<(), StoreError>, what: &str) -> Result<(), Error> {
    result.map_err(|error| {
        if matches!(error, StoreError::Exists(_)) { Error::conflict(what).with_source(error) } else { error.into() }
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Whose {
    user_id: Option<UserId>,
}

async fn all(
    State(app): State<App>,
    caller: Caller,
    Parameters(whose): Parameters<Whose>,
) -> Result<Json<Value>, Error> {
    let user = caller.about(whose.user_id, &app.store).await?;
    let lists = app
        .store
        .read(move |rows| {
            let mut lists = Vec::new();
            for list in rows.lists(user)? {
                let items = rows.list_items(list.id)?;
                lists.push(json!({ "list": list, "items": items }));
            }
            Ok::<_, Error>(lists)
        })
        .await?;
    Ok(Json(json!({ "lists": lists })))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewList {
    /// What it is called.
    name: String,
    /// Whether it is the household's; the shopping list always is.
    #[serde(default)]
    shared: bool,
    /// Whose it is otherwise; the caller's when absent.
    user_id: Option<UserId>,
}

async fn create(
    State(app): State<App>,
    caller: Caller,
    Body(new): Body<NewList>,
) -> Result<(StatusCode, Json<Value>), Error> {
    let user = caller.about(new.user_id, &app.store).await?;
    let name = name(&new.name)?;
    let owner = (!new.shared && name != list::SHOPPING).then_some(user);
    let now = app.clock.now();
    let list = app
        .store
        .write(move |tx| {
            let known = tx.lists(user)?;
            if known.iter().any(|one| same(&one.name, &name)) {
                return Err(Error::conflict(format!("there is a list called {name} already")));
            }
            if known.len() >= list::LISTS_MOST {
                return Err(Error::conflict(format!("there are {} lists, the most there may be", list::LISTS_MOST)));
            }
            let list = lists::new_list(&name, owner, now);
            Change::Create { list: Box::new(list.clone()), items: Vec::new() }.apply(tx, user, now)?;
            Ok(list)
        })
        .await?;
    Ok((StatusCode::CREATED, Json(json!({ "list": list, "items": [] }))))
}

async fn show(State(app): State<App>, caller: Caller, Path(id): Path<ListId>) -> Result<Json<Value>, Error> {
    let answer = app
        .store
        .read(move |rows| {
            let list = visible(rows, caller, id)?;
            let items = rows.list_items(id)?;
            Ok::<_, Error>(json!({ "list": list, "items": items }))
        })
        .await?;
    Ok(Json(answer))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rename {
    name: String,
}

async fn rename(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<ListId>,
    Body(to): Body<Rename>,
) -> Result<Json<Value>, Error> {
    let name = name(&to.name)?;
    let by = caller.about(None, &app.store).await?;
    let now = app.clock.now();
    let list = app
        .store
        .write(move |tx| {
            visible(tx, caller, id)?;
            told_if_taken(tx.list_rename(id, &name, now), "there is a list of this name already")?;
            // The same fact as for its items: it is another list to look at now.
            Change::Add { list: id, items: Vec::new() }.apply(tx, by, now)?;
            visible(tx, caller, id)
        })
        .await?;
    Ok(Json(json!({ "list": list })))
}

async fn remove(State(app): State<App>, caller: Caller, Path(id): Path<ListId>) -> Result<Json<Value>, Error> {
    let by = caller.about(None, &app.store).await?;
    let now = app.clock.now();
    app.store
        .write(move |tx| {
            let list = Box::new(visible(tx, caller, id)?);
            Ok::<_, Error>(Change::Delete { list, items: Vec::new() }.apply(tx, by, now)?)
        })
        .await?;
    Ok(Json(json!({ "success": true })))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewItems {
    /// What, at most 50 at once.
    texts: Vec<String>,
}

async fn add(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<ListId>,
    Body(new): Body<NewItems>,
) -> Result<(StatusCode, Json<Value>), Error> {
    if new.texts.is_empty() || new.texts.len() > 50 {
        return Err(Error::invalid("put 1 to 50 things on a list at once"));
    }
    let texts = new.texts.iter().map(|said| text(said)).collect::<Result<Vec<_>, _>>()?;
    let by = caller.about(None, &app.store).await?;
    let now = app.clock.now();
    let (added, known) = app
        .store
        .write(move |tx| {
            visible(tx, caller, id)?;
            let (items, known) = lists::new_items(tx, id, &texts, Some(by), now)?;
            if !items.is_empty() {
                Change::Add { list: id, items: items.clone() }.apply(tx, by, now)?;
            }
            Ok::<_, Error>((items, known))
        })
        .await?;
    Ok((StatusCode::CREATED, Json(json!({ "items": added, "already": known }))))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ItemChange {
    text: Option<String>,
    done: Option<bool>,
    position: Option<i64>,
}

async fn change(
    State(app): State<App>,
    caller: Caller,
    Path((id, item)): Path<(ListId, ListItemId)>,
    Body(to): Body<ItemChange>,
) -> Result<Json<Value>, Error> {
    let new_text = to.text.as_deref().map(text).transpose()?;
    let by = caller.about(None, &app.store).await?;
    let now = app.clock.now();
    let item = app
        .store
        .write(move |tx| {
            visible(tx, caller, id)?;
            let before = item_of(tx, id, item)?;
            let done_at = match to.done {
                None => before.done_at,
                Some(false) => None,
                Some(true) => before.done_at.or(Some(now)),
            };
            let after = ListItem {
                text: new_text.unwrap_or(before.text),
                done_at,
                position: to.position.unwrap_or(before.position),
                ..before
            };
            told_if_taken(tx.list_item_update(&after), "this is on the list already")?;
            Change::Add { list: id, items: Vec::new() }.apply(tx, by, now)?;
            Ok::<_, Error>(after)
        })
        .await?;
    Ok(Json(json!({ "item": item })))
}

async fn take(
    State(app): State<App>,
    caller: Caller,
    Path((id, item)): Path<(ListId, ListItemId)>,
) -> Result<Json<Value>, Error> {
    let by = caller.about(None, &app.store).await?;
    let now = app.clock.now();
    app.store
        .write(move |tx| {
            visible(tx, caller, id)?;
            let items = vec![item_of(tx, id, item)?];
            Ok::<_, Error>(Change::Remove { list: id, items }.apply(tx, by, now)?)
        })
        .await?;
    Ok(Json(json!({ "success": true })))
}
