//! Receipts: what was changed, in words, and taking one of them back.

use axum::{
    Json, Router,
    extract::State,
    routing::{get, post},
};
use chrono::{Days, Duration, NaiveDate, NaiveTime};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use xswarm_core::{
    admin::calendar::optional_day,
    id::{ReceiptId, UserId},
    receipt::ReceiptRow,
    time::resolve_local,
    user::Role,
};
use xswarm_store::{Receipt, Rows};

use crate::{
    assistant::{
        effect::{Effect, words},
        undo,
    },
    error::Error,
    http::{
        App,
        body::{Parameters, Path},
        caller::Caller,
    },
};

/// How far back, when nobody says.
const LATELY: Duration = Duration::days(1);

/// Routes under `/api`.
pub(crate) fn routes() -> Router<App> {
    Router::new().route("/receipts", get(list)).route("/receipts/{id}/undo", post(take_back))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Listing {
    user_id: Option<UserId>,
    #[serde(default, deserialize_with = "optional_day")]
    from: Option<NaiveDate>,
    #[serde(default, deserialize_with = "optional_day")]
    to: Option<NaiveDate>,
    limit: Option<u32>,
}

/// Receipts, the oldest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct Receipts {
    receipts: Vec<ReceiptRow>,
}

/// What was taken back.
#[derive(Serialize, ToSchema)]
pub(crate) struct TakenBack {
    /// The receipt as it is now.
    receipt: ReceiptRow,
    /// What was done, in words.
    undone: String,
}

/// A member sees what was changed for them, an admin of everybody.
async fn list(
    State(app): State<App>,
    caller: Caller,
    Parameters(query): Parameters<Listing>,
) -> Result<Json<Receipts>, Error> {
    let whose = match (query.user_id, caller.role) {
        (None, Role::Admin) => None,
        (None, Role::Member) => caller.user,
        (Some(user), Role::Admin | Role::Member) => Some(user),
    };
    if whose.is_some() || caller.role == Role::Member {
        caller.may_see(whose)?;
    }
    let eyes = caller.about(whose, &app.store).await?;
    let now = app.clock.now();
    let limit = query.limit.unwrap_or(100).min(1_000);
    let receipts = app
        .store
        .read(move |rows| {
            let zone = rows.user(eyes)?.map_or(chrono_tz::UTC, |user| user.timezone);
            let midnight = |day: NaiveDate| resolve_local(day.and_time(NaiveTime::MIN), zone);
            let after = query.to.and_then(|day| day.checked_add_days(Days::new(1)));
            let to = after.map_or(now + Duration::seconds(1), midnight);
            let from = query.from.map_or(to - LATELY, midnight);
            let found = rows.receipts_between::<Effect>(whose, from, to, limit)?;
            found.iter().map(|receipt| shown(rows, receipt)).collect::<Result<Vec<_>, Error>>()
        })
        .await?;
    Ok(Json(Receipts { receipts }))
}

fn shown(rows: &Rows<'_>, receipt: &Receipt<Effect>) -> Result<ReceiptRow, Error> {
    let zone = rows.user(receipt.user)?.map_or(chrono_tz::UTC, |user| user.timezone);
    Ok(ReceiptRow {
        id: receipt.id,
        user_id: receipt.user,
        asked_by: receipt.origin.asked_by,
        channel: receipt.origin.channel,
        message_id: Some(receipt.origin.message).filter(|_| receipt.message_kept),
        provider_id: receipt.provider_id.clone(),
        words: words::done(&receipt.effect, zone).unwrap_or_default(),
        subject: receipt.effect.subject(),
        created_at: receipt.created_at,
        // What is final is marked when "undo" passes it over.
        undone_at: receipt.undone_at.filter(|_| undo::is_reversible(&receipt.effect)),
    })
}

async fn take_back(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<ReceiptId>,
) -> Result<Json<TakenBack>, Error> {
    let now = app.clock.now();
    let taken = app
        .store
        .write(move |tx| {
            let missing = || Error::not_found("there is no such receipt");
            let receipt = tx.receipt::<Effect>(id)?.ok_or_else(missing)?;
            caller.may_see(Some(receipt.user))?;
            let zone = tx.user(receipt.user)?.map_or(chrono_tz::UTC, |user| user.timezone);
            let (effects, undone) = undo::one(tx, &receipt, zone, now)?;
            for effect in &effects {
                effect.apply(tx, now)?;
            }
            let receipt = tx.receipt::<Effect>(id)?.ok_or_else(missing)?;
            Ok::<_, Error>(TakenBack { receipt: shown(tx, &receipt)?, undone })
        })
        .await?;
    Ok(Json(taken))
}
