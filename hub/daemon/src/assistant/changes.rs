//! What was changed, told from the receipts: "what did you do today", "what did I book yesterday".
//!
//! What was taken back is told too, and marked so. Nothing is remembered here that a receipt does not say.

use chrono::{DateTime, Days, Duration, NaiveDate, NaiveTime, Utc};
use xswarm_core::{receipt::AskedBy, time::resolve_local};
use xswarm_language::command::AgendaRange;
use xswarm_store::Receipt;

use super::{
    effect::{Effect, words},
    timing,
    turn::{Decision, Turn},
    undo,
};
use crate::{error::Error, wording};

/// How many changes are told.
const TOLD: usize = 30;

/// How far back, when the person does not say.
const LATELY: Duration = Duration::hours(24);

/// Tells what was changed, the oldest first, a heading for each day.
pub(super) fn list(turn: &Turn<'_>, range: &AgendaRange) -> Result<Decision, Error> {
    let zone = turn.zone();
    let after_now = turn.now + Duration::milliseconds(1);
    let bounds = timing::bounds(range, zone);
    let (from, to) = bounds.unwrap_or((turn.now - LATELY, after_now));
    let limit = u32::try_from(TOLD + 1).unwrap_or(u32::MAX);
    let from = from.max(DateTime::UNIX_EPOCH);
    let receipts = turn.rows.receipts_between::<Effect>(Some(turn.user.id), from, to.min(after_now), limit)?;
    let when = bounds.map_or_else(|| "in the last 24 hours".to_owned(), |_| spoken(turn, from, to));
    let more = receipts.len() > TOLD;
    let mut lines: Vec<String> = Vec::new();
    let mut day: Option<NaiveDate> = None;
    for receipt in receipts.iter().skip(usize::from(more)) {
        let Some(said) = words::done(&receipt.effect, zone) else { continue };
        let local = receipt.created_at.with_timezone(&zone);
        if day != Some(local.date_naive()) {
            day = Some(local.date_naive());
            lines.push(format!("{} ({}):", wording::date(local.date_naive()), local.format("%Z")));
        }
        let undone =
            if receipt.undone_at.is_some() && undo::is_reversible(&receipt.effect) { " (taken back)" } else { "" };
        lines.push(format!(
            "– {}{}: {said}{undone}",
            wording::clock_to_the_minute(receipt.created_at, zone),
            way(receipt)
        ));
    }
    if lines.is_empty() {
        return Ok(Decision::say(format!("Nothing was changed {when}.")));
    }
    let latest = if more { format!(" (the latest {TOLD}; `xswarm receipts` has all)") } else { String::new() };
    Ok(Decision::say(format!("Changed {when}{latest}:\n{}", lines.join("\n"))))
}

fn way(receipt: &Receipt<Effect>) -> &'static str {
    match (receipt.origin.asked_by, receipt.origin.channel) {
        (AskedBy::Api, _) | (AskedBy::Words | AskedBy::Model, None) => " by a program",
        (AskedBy::Words | AskedBy::Model, Some(channel)) => wording::by(channel),
    }
}

/// "on Tuesday, 24 November 2026", "from Monday, … to Tuesday, …".
fn spoken(turn: &Turn<'_>, from: DateTime<Utc>, to: DateTime<Utc>) -> String {
    let zone = turn.zone();
    let to = to.min(turn.now + Duration::days(400));
    let [first, after] = [from, to].map(|at| at.with_timezone(&zone).date_naive());
    let whole = |day: NaiveDate, at: DateTime<Utc>| resolve_local(day.and_time(NaiveTime::MIN), zone) == at;
    if !whole(first, from) || !whole(after, to) {
        return format!("from {} to {}", wording::moment(from, zone), wording::moment(to, zone));
    }
    let last = after.checked_sub_days(Days::new(1)).unwrap_or(after);
    if first == last {
        format!("on {}", wording::date(first))
    } else {
        format!("from {} to {}", wording::date(first), wording::date(last))
    }
}
