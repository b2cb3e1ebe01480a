//! Appointments and occurrences of a stretch of time: lists, today, a week.

use std::collections::{BTreeMap, btree_map::Entry};

use axum::{
    Json,
    extract::{OriginalUri, State},
    response::Response,
};
use chrono::{DateTime, Days, Duration, NaiveDate, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use xswarm_core::{
    admin::calendar::{AppointmentsAnswer, CalendarAppointment, Moment, optional_day},
    appointment::{Appointment, AppointmentStatus, Occurrence},
    id::{AppointmentId, UserId},
};
use xswarm_store::{AppointmentPage, Rows};

use super::{appointments::theirs, person, shown};
use crate::{
    error::Error,
    http::{
        App,
        body::{Parameters, Path},
        caller::Caller,
        page,
    },
};

/// How long a stretch may be of which occurrences are listed.
const EXPANDED: Duration = Duration::days(366);

/// Rows read at a time.
const CHUNK: u32 = 500;

#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Listing {
    /// Whose; the caller's when absent.
    user_id: Option<UserId>,
    /// Only what ends after this.
    from: Option<Moment>,
    /// Only what begins before this.
    to: Option<Moment>,
    /// Instead of `from`: the first day.
    #[serde(default, deserialize_with = "optional_day")]
    start_date: Option<NaiveDate>,
    /// Instead of `to`: the last day.
    #[serde(default, deserialize_with = "optional_day")]
    end_date: Option<NaiveDate>,
    /// The zone of days and local times; the person's when absent.
    #[param(value_type = Option<String>, example = "Europe/Berlin")]
    timezone: Option<Tz>,
    /// Occurrences instead of appointments. Needs a beginning and an end at most 366 days apart.
    #[serde(default)]
    expand: bool,
    /// Only those of this status; those that stand when absent. Occurrences are always of what stands.
    status: Option<AppointmentStatus>,
    /// At most so many on a page, 1 to 1,000; 100 when absent.
    #[param(minimum = 1, maximum = 1_000)]
    limit: Option<u32>,
    /// Where the page begins: `next_cursor` of the one before.
    cursor: Option<String>,
}

/// From when to when; an open side is absent.
pub(super) type Bounds = (Option<DateTime<Utc>>, Option<DateTime<Utc>>);

impl Listing {
    fn bounds(&self, zone: Tz) -> Result<Bounds, Error> {
        bounds((self.from, self.start_date), (self.to, self.end_date), self.timezone.unwrap_or(zone))
    }
}

/// A beginning and an end, each said as a moment or as a day; both days are part of the stretch.
pub(super) fn bounds(
    from: (Option<Moment>, Option<NaiveDate>),
    to: (Option<Moment>, Option<NaiveDate>),
    zone: Tz,
) -> Result<Bounds, Error> {
    let from = match from {
        (Some(_), Some(_)) => return Err(Error::field("/start_date", "does not go with `from`: send one of them")),
        (moment, day) => moment.or(day.map(Moment::Day)),
    };
    let to = match to {
        (Some(_), Some(_)) => return Err(Error::field("/end_date", "does not go with `to`: send one of them")),
        (Some(moment), None) => Some(moment),
        (None, Some(day)) => {
            let after = day.checked_add_days(Days::new(1));
            Some(Moment::Day(after.ok_or_else(|| Error::field("/end_date", "is too far away"))?))
        }
        (None, None) => None,
    };
    // A day may come from a type that knows no limits; a moment has them.
    let known =
        |moment: Moment| moment.to_string().parse::<Moment>().map_err(|error| Error::invalid(error.to_string()));
    let (from, to) = (from.map(known).transpose()?, to.map(known).transpose()?);
    let (from, to) = (from.map(|from| from.at(zone)), to.map(|to| to.at(zone)));
    match (from, to) {
        (Some(from), Some(to)) if from >= to => Err(Error::invalid("the stretch ends before it begins")),
        bounds => Ok(bounds),
    }
}

/// Where a page begins: after this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Place(DateTime<Utc>, AppointmentId, DateTime<Utc>);

impl Place {
    fn of(occurrence: &Occurrence) -> Self {
        Self(occurrence.start, occurrence.appointment, occurrence.recurrence_id)
    }
}

/// List appointments, or with `expand=true` their occurrences.
///
/// In order of their start; a series has the start of its first occurrence. `next_cursor` and the header `Link` lead on.
pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    OriginalUri(uri): OriginalUri,
    Parameters(query): Parameters<Listing>,
) -> Result<Response, Error> {
    let id = caller.about(query.user_id, &app.store).await?;
    let limit = page::limit(query.limit, 100)? as usize;
    let after = page::place::<Place>(query.cursor.as_deref())?;
    let (appointments, next) = app
        .store
        .read(move |rows| {
            let zone = person(rows, id)?.timezone;
            let bounds = query.bounds(zone)?;
            if query.expand {
                expanded(rows, id, bounds, after, limit)
            } else {
                plain(rows, id, (&query, bounds), after, limit)
            }
        })
        .await?;
    let next_cursor = next.as_ref().and_then(page::cursor);
    let answer = AppointmentsAnswer { appointments, next_cursor: next_cursor.clone() };
    Ok(page::answer(&uri, next_cursor.as_deref(), answer))
}

type Page = (Vec<CalendarAppointment>, Option<Place>);

fn expanded(
    rows: &Rows<'_>,
    user: UserId,
    bounds: (Option<DateTime<Utc>>, Option<DateTime<Utc>>),
    after: Option<Place>,
    limit: usize,
) -> Result<Page, Error> {
    let (Some(from), Some(to)) = bounds else {
        return Err(Error::invalid(
            "occurrences need a beginning and an end: `from` and `to`, or `start_date` and `end_date`",
        ));
    };
    if to - from > EXPANDED {
        return Err(Error::invalid("occurrences are listed for at most 366 days at once"));
    }
    let mut occurrences = rows.occurrences(user, from, to)?;
    occurrences.sort_by_key(Place::of);
    occurrences.retain(|one| after.is_none_or(|after| Place::of(one) > after));
    let more = occurrences.len() > limit;
    occurrences.truncate(limit);
    let next = if more { occurrences.last().map(Place::of) } else { None };
    Ok((in_full(rows, &occurrences)?, next))
}

/// Each occurrence with all that its appointment says.
fn in_full(rows: &Rows<'_>, occurrences: &[Occurrence]) -> Result<Vec<CalendarAppointment>, Error> {
    let mut known: BTreeMap<AppointmentId, CalendarAppointment> = BTreeMap::new();
    let mut all = Vec::with_capacity(occurrences.len());
    for one in occurrences {
        let whole = match known.entry(one.appointment) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => {
                let appointment = rows.appointment(one.appointment)?;
                let missing = || Error::internal("an occurrence has no appointment");
                new.insert(shown(&appointment.ok_or_else(missing)?))
            }
        };
        all.push(whole.clone().at(one));
    }
    Ok(all)
}

fn plain(
    rows: &Rows<'_>,
    user_id: UserId,
    (query, bounds): (&Listing, Bounds),
    after: Option<Place>,
    limit: usize,
) -> Result<Page, Error> {
    let earliest = || Moment::Day(NaiveDate::from_ymd_opt(1800, 1, 1).unwrap_or_default()).at(Tz::UTC);
    let latest = || Moment::Day(NaiveDate::from_ymd_opt(2300, 1, 1).unwrap_or_default()).at(Tz::UTC);
    let within = match bounds {
        (None, None) => None,
        (from, to) => Some((from.unwrap_or_else(earliest), to.unwrap_or_else(latest))),
    };
    let mut wanted = AppointmentPage {
        user_id,
        status: query.status,
        within,
        after: after.map(|Place(start, id, _)| (start, id)),
        limit: CHUNK,
    };
    let mut found: Vec<Appointment> = Vec::new();
    loop {
        let chunk = rows.appointments_page(&wanted)?;
        let last = chunk.last().map(|one| (one.start, one.id));
        let complete = chunk.len() < CHUNK as usize;
        for one in chunk {
            // One unreadable rule must not hide the rest; the row itself is listed.
            let reaches = |(from, to)| one.occurrences_between(from, to, 1).map_or(true, |some| !some.is_empty());
            if !one.is_series() || within.is_none_or(reaches) {
                found.push(one);
            }
        }
        if found.len() > limit || complete {
            break;
        }
        wanted.after = last;
    }
    let more = found.len() > limit;
    found.truncate(limit);
    let next = if more { found.last().map(|one| Place(one.start, one.id, one.start)) } else { None };
    Ok((found.iter().map(shown).collect(), next))
}

#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct OfOne {
    /// Only those that end after this; now when absent.
    from: Option<Moment>,
    /// At most so many, 1 to 1,000; 10 when absent.
    #[param(minimum = 1, maximum = 1_000)]
    limit: Option<u32>,
}

/// The occurrences of one appointment, in order.
pub(super) async fn of_one(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<AppointmentId>,
    Parameters(query): Parameters<OfOne>,
) -> Result<Json<AppointmentsAnswer>, Error> {
    let limit = page::limit(query.limit, 10)?;
    let appointment = app.store.read(move |rows| theirs(rows, caller, id)).await?;
    let from = query.from.map_or_else(|| app.clock.now(), |from| from.at(appointment.timezone));
    let unreadable = |error| Error::invalid("this series cannot be expanded").with_source(error);
    let whole = shown(&appointment);
    let occurrences = match appointment.status {
        AppointmentStatus::Cancelled => None,
        AppointmentStatus::Confirmed | AppointmentStatus::Tentative => {
            Some(appointment.occurrences_from(from).map_err(unreadable)?)
        }
    };
    let some = occurrences.into_iter().flatten().take(limit as usize);
    let appointments = some.map(|one| whole.clone().at(&one)).collect();
    Ok(Json(AppointmentsAnswer { appointments, next_cursor: None }))
}

#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Today {
    /// Whose; the caller's when absent.
    user_id: Option<UserId>,
}

/// What is on today, in the person's zone: occurrences in order.
pub(super) async fn today(
    State(app): State<App>,
    caller: Caller,
    Parameters(query): Parameters<Today>,
) -> Result<Json<AppointmentsAnswer>, Error> {
    days(&app, caller, (query.user_id, None), 1).await
}

#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Week {
    /// Whose; the caller's when absent.
    user_id: Option<UserId>,
    /// The first of the seven days; today when absent.
    #[serde(default, deserialize_with = "optional_day")]
    start_date: Option<NaiveDate>,
}

/// What is on within seven days, in the person's zone: occurrences in order.
pub(super) async fn week(
    State(app): State<App>,
    caller: Caller,
    Parameters(query): Parameters<Week>,
) -> Result<Json<AppointmentsAnswer>, Error> {
    days(&app, caller, (query.user_id, query.start_date), 7).await
}

async fn days(
    app: &App,
    caller: Caller,
    (user, first): (Option<UserId>, Option<NaiveDate>),
    days: u64,
) -> Result<Json<AppointmentsAnswer>, Error> {
    let id = caller.about(user, &app.store).await?;
    let now = app.clock.now();
    let appointments = app
        .store
        .read(move |rows| {
            let zone = person(rows, id)?.timezone;
            let first = first.unwrap_or_else(|| now.with_timezone(&zone).date_naive());
            let last = first.checked_add_days(Days::new(days - 1));
            let last = last.ok_or_else(|| Error::invalid("that date is too far away"))?;
            match bounds((None, Some(first)), (None, Some(last)), zone)? {
                (Some(from), Some(to)) => in_full(rows, &rows.occurrences(id, from, to)?),
                (None, _) | (_, None) => Err(Error::internal("a stretch of days has no bounds")),
            }
        })
        .await?;
    Ok(Json(AppointmentsAnswer { appointments, next_cursor: None }))
}
