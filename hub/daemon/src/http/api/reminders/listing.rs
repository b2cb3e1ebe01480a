//! A person's reminders, page by page.

use axum::{
    extract::{OriginalUri, State},
    response::Response,
};
use serde::Deserialize;
use serde_json::json;
use xswarm_core::{id::UserId, reminder::ReminderStatus};
use xswarm_store::ReminderPage;

use crate::{
    error::Error,
    http::{App, body::Parameters, caller::Caller, page},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Listing {
    user_id: Option<UserId>,
    /// Pending when absent; or "all".
    status: Option<String>,
    limit: Option<u32>,
    cursor: Option<String>,
}

/// Those of a status soonest first, all of them latest first.
pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    OriginalUri(uri): OriginalUri,
    Parameters(query): Parameters<Listing>,
) -> Result<Response, Error> {
    let user_id = caller.about(query.user_id, &app.store).await?;
    let limit = page::limit(query.limit, 100)?;
    let after = page::place(query.cursor.as_deref())?;
    let status = match query.status.as_deref() {
        Some("all") => None,
        Some(text) => Some(text.parse().map_err(|_error| no_status(text))?),
        None => Some(ReminderStatus::Pending),
    };
    // One more than fits says whether there is another page.
    let wanted = ReminderPage { user_id, status, after, limit: limit + 1 };
    let mut reminders = app.store.read(move |rows| rows.reminders_page(&wanted).map_err(Error::from)).await?;
    let next_cursor = page::cut(&mut reminders, limit as usize, |last| (last.due, last.id));
    let answer = json!({ "reminders": reminders, "next_cursor": next_cursor });
    Ok(page::answer(&uri, next_cursor.as_deref(), answer))
}

fn no_status(text: &str) -> Error {
    let all: Vec<_> = ReminderStatus::ALL.iter().map(|status| status.as_str()).collect();
    Error::field("/status", format!("is one of {}, all; not `{text}`", all.join(", ")))
}
