//! What the Boss mails by itself: looking at letters as they would go out, with the person's own calendar in them, and
//! choosing which are wanted. Nothing is sent.

use axum::{
    Json, Router,
    extract::State,
    http::{
        HeaderValue,
        header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE},
    },
    response::{IntoResponse, Response},
    routing::get,
};
use chrono::{DateTime, Duration, NaiveDate, Utc};
use serde::Deserialize;
use utoipa::ToSchema;
use xswarm_core::{
    admin::calendar::optional_day,
    admin::{MailPreferences, MailPreferencesChange},
    event::Event,
    id::UserId,
    message::Direction,
    reminder::ReminderStatus,
    text_enum,
    text_enum::UnknownText,
    user::User,
};
use xswarm_store::{MessageFilter, Rows};

use crate::{
    digest,
    error::Error,
    http::{
        App,
        body::{Body, Parameters, Path},
        caller::Caller,
    },
    letters::{self, Letter, Mark, Row, Section},
};

text_enum! {
    /// Which letter.
    pub enum LetterKind {
        /// The Boss's latest words, as an answer.
        Answer = "answer",
        /// What a day holds.
        Digest = "digest",
        /// That the next appointment was booked.
        Confirmation = "confirmation",
        /// A reminder, of the next one that is set.
        Reminder = "reminder",
        /// What the seven days up to a day held.
        WeeklyReport = "weekly-report",
        /// That a project is finished; a sample until there is one.
        Completion = "completion",
    }
}

/// Routes under `/api`.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/mail/previews/{kind}", get(preview))
        .route("/users/{id}/mail-preferences", get(preferences).put(change_preferences))
}

fn shown(user: &User) -> Json<MailPreferences> {
    Json(letters::MailPreferences::of(user).shown())
}

async fn preferences(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<UserId>,
) -> Result<Json<MailPreferences>, Error> {
    caller.may_see(Some(id))?;
    let user = app.store.read(move |rows| rows.user(id)?.ok_or_else(nobody)).await?;
    Ok(shown(&user))
}

async fn change_preferences(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<UserId>,
    Body(change): Body<MailPreferencesChange>,
) -> Result<Json<MailPreferences>, Error> {
    caller.may_see(Some(id))?;
    let now = app.clock.now();
    let user = app
        .store
        .write(move |tx| {
            let mut user = letters::MailPreferences::changed(&tx.user(id)?.ok_or_else(nobody)?, &change)?;
            user.updated_at = now;
            tx.user_update(&user)?;
            digest::schedule(tx, &user, now)?;
            tx.event_append(&Event::UserChanged { user: id }, Some(id), now)?;
            Ok::<_, Error>(user)
        })
        .await?;
    Ok(shown(&user))
}

fn nobody() -> Error {
    Error::not_found("there is no such person")
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PreviewQuery {
    user_id: Option<UserId>,
    #[serde(default, deserialize_with = "optional_day")]
    date: Option<NaiveDate>,
    #[serde(default)]
    format: Format,
}

#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Format {
    #[default]
    Html,
    Text,
}

async fn preview(
    State(app): State<App>,
    caller: Caller,
    Path(kind): Path<String>,
    Parameters(query): Parameters<PreviewQuery>,
) -> Result<Response, Error> {
    let kind: LetterKind = kind.parse().map_err(|error: UnknownText| {
        Error::not_found(format!("there is no letter `{}`: there are {}", error.text, error.expected))
    })?;
    let id = caller.about(query.user_id, &app.store).await?;
    let now = app.clock.now();
    let letter = app
        .store
        .read(move |rows| {
            let user = rows.user(id)?.ok_or_else(nobody)?;
            let date = query.date.unwrap_or_else(|| now.with_timezone(&user.timezone).date_naive());
            written(rows, kind, &user, date, now)
        })
        .await?;
    Ok(match query.format {
        Format::Text => {
            ([(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"))], letter.text).into_response()
        }
        Format::Html => {
            // The letter carries other people's words; a browser that shows it runs and loads nothing.
            let policy = HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; sandbox");
            let html = HeaderValue::from_static("text/html; charset=utf-8");
            ([(CONTENT_TYPE, html), (CONTENT_SECURITY_POLICY, policy)], letter.html).into_response()
        }
    })
}

fn written(
    rows: &Rows<'_>,
    kind: LetterKind,
    user: &User,
    date: NaiveDate,
    now: DateTime<Utc>,
) -> Result<Letter, Error> {
    match kind {
        LetterKind::Answer => {
            let said =
                rows.messages(&MessageFilter { user_id: Some(user.id), channel: None, status: None, limit: 50 })?;
            let latest = said.into_iter().find(|message| message.direction == Direction::Outbound);
            let missing = || Error::not_found("the Boss has not said anything yet: ask it something to see its letter");
            in_words(&latest.ok_or_else(missing)?.content, Mark::None)
        }
        LetterKind::Digest => letters::digest(&digest::day(rows, user, date)?),
        LetterKind::Confirmation => {
            let next = rows.occurrences(user.id, now, now + Duration::days(366))?.into_iter().next();
            let appointment = next.map_or(Ok(None), |one| rows.appointment(one.appointment))?;
            let missing =
                || Error::not_found("nothing is booked for the coming year: book something to see its letter");
            letters::confirmation(&appointment.ok_or_else(missing)?)
        }
        LetterKind::Reminder => {
            let pending = rows.reminders(user.id, ReminderStatus::Pending, 1)?;
            let missing = || Error::not_found("no reminder is set: set one to see its letter");
            in_words(&pending.first().ok_or_else(missing)?.text, Mark::Reminder)
        }
        LetterKind::WeeklyReport => digest::week(rows, user, date),
        LetterKind::Completion => {
            let row = |when: &str, what: &str| Row { when: when.to_owned(), what: what.to_owned(), detail: None };
            let done = vec![row("done", "Sign-in by telephone number"), row("done", "Tests for it")];
            letters::completion("Sample project", vec![Section::new("Tasks", done, "None.")])
        }
    }
}

fn in_words(text: &str, mark: Mark) -> Result<Letter, Error> {
    Ok(Letter { subject: String::new(), text: text.to_owned(), html: letters::html_of(text, mark)? })
}
