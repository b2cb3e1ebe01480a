//! `xswarm appointment …`: single appointments and series.

mod show;

use xswarm_core::{
    admin::calendar::{
        AppointmentAnswer, AppointmentChange, AppointmentsAnswer, CalendarAppointment, CalendarConflict, Moment,
        NewAppointment,
    },
    conflict::ConflictKind,
    id::UserId,
    series::Scope,
};

use crate::{
    arguments::{AddArguments, AppointmentVerb, CancelArguments, ListArguments, MoveArguments, WhichArguments},
    client::{Client, Request},
    failure::{Exit, Failure},
    household::{Scene, user_id},
    ids::{all, choices, shortened},
    screen::{Screen, Tone, one_line},
    table::Table,
    when::View,
};

use super::{answer, confirmed, exchange, said::Said};

const ROUTE: &str = "/api/calendar/appointments";

pub(super) async fn appointment(hub: &Client, verb: AppointmentVerb, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    match verb {
        AppointmentVerb::Add(options) => add(hub, options, screen).await?,
        AppointmentVerb::List(options) => list(hub, options, screen).await?,
        AppointmentVerb::Show { appointment, user } => show::show(hub, &appointment, user.as_deref(), screen).await?,
        AppointmentVerb::Move(options) => change(hub, options, screen).await?,
        AppointmentVerb::Cancel(options) => return cancel(hub, options, screen).await,
        AppointmentVerb::Import(options) => return exchange::import(hub, options, screen).await,
        AppointmentVerb::Export(options) => return exchange::export(hub, options, screen).await,
    }
    Ok(Exit::Done)
}

async fn add(hub: &Client, options: AddArguments, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    let when = options.at.unwrap_or_else(|| options.when.join(" "));
    if when.trim().is_empty() {
        let next = "Behind the title, or with --at: xswarm appointment add \"Lunch with Tom\" tomorrow at noon";
        return Err(Failure::usage("Say when it is.", next).into());
    }
    let user = user_id(hub, options.user.as_deref()).await?;
    let at = Said::read(hub, &when, user).await?;
    let to = match &options.to {
        Some(to) => {
            let to = Said::read(hub, to, user).await?;
            // The last day belongs to it; the hub wants the one after.
            let after = to.day.filter(|_| options.all_day).and_then(|day| day.succ_opt());
            Some(after.map_or(to.start, Moment::Day))
        }
        None => at.end,
    };
    let rule = match &options.repeat {
        Some(rule) => Some(rule.parse().map_err(|error| {
            Failure::usage(format!("--repeat: {error}"), "Write an RRULE such as FREQ=WEEKLY;BYDAY=FR.")
        })?),
        None => at.rule,
    };
    let end_time = match options.length {
        Some(length) => Some(Moment::Instant(at.start.at(zone(hub, user).await?) + length)),
        None => to,
    };
    let new = NewAppointment {
        user_id: user,
        title: options.title,
        description: options.notes,
        start_time: at.start,
        end_time,
        timezone: None,
        location: options.place,
        participants: options.with,
        recurring_rule: rule,
        additional_dates: Vec::new(),
        excluded_dates: Vec::new(),
        all_day: options.all_day,
        reminder_minutes: options.remind.as_deref().map(reminder).transpose()?,
        status: None,
        client_id: None,
    };
    let Some(document) = answer(hub, Request::post(ROUTE).json(&new)?, screen).await? else { return Ok(()) };
    let booked: AppointmentAnswer = document.read()?;
    let view = View { zone: booked.appointment.timezone, ..Scene::fetch(hub, user).await?.view };
    screen.line(&format!("Booked: {}", said(&booked.appointment, view)))?;
    warn(&booked.conflicts, view, screen)
}

fn reminder(text: &str) -> Result<Option<u32>, Failure> {
    if text.eq_ignore_ascii_case("none") {
        return Ok(None);
    }
    let next = "Say minutes such as 30, or none.";
    text.parse().map(Some).map_err(|_not_a_number| Failure::usage(format!("--remind: `{text}` is no number"), next))
}

async fn zone(hub: &Client, user: Option<UserId>) -> anyhow::Result<chrono_tz::Tz> {
    Ok(Scene::fetch(hub, user).await?.view.zone)
}

/// An appointment in a line.
fn said(one: &CalendarAppointment, view: View) -> String {
    let place = one.location.as_ref().map(|place| format!(", {place}")).unwrap_or_default();
    let repeats = one.repeats.as_ref().map(|words| format!(" ({words})")).unwrap_or_default();
    if one.all_day {
        let day = |at: chrono::DateTime<chrono::Utc>| at.with_timezone(&view.zone).format("%a %-d %b %Y").to_string();
        let (first, last) = (day(one.start_time), day(one.end_time - chrono::Duration::milliseconds(1)));
        let days = if first == last { first } else { format!("{first} to {last}") };
        return format!("{}, {days}, all day{place}{repeats}", one_line(&one.title));
    }
    let ends = one.end_time.with_timezone(&view.zone);
    let same_day = ends.date_naive() == one.start_time.with_timezone(&view.zone).date_naive();
    let until = if same_day { ends.format("%H:%M").to_string() } else { view.moment(one.end_time) };
    format!("{}, {} to {until} {}{place}{repeats}", one_line(&one.title), view.moment(one.start_time), view.zone)
}

/// What is in the way of what was just written.
fn warn(conflicts: &[CalendarConflict], view: View, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    const SHOWN: usize = 5;
    for one in conflicts.iter().take(SHOWN) {
        let with = &one.with;
        let text =
            format!("In its way: {}, {} ({})", one_line(&with.title), view.moment(with.start_time), in_words(one.kind));
        screen.toned(Tone::Warning, &text)?;
    }
    if conflicts.len() > SHOWN {
        screen.toned(Tone::Warning, &format!("… and {} more.", conflicts.len() - SHOWN))?;
    }
    Ok(())
}

fn in_words(kind: ConflictKind) -> &'static str {
    match kind {
        ConflictKind::Complete => "at the same time",
        ConflictKind::PartialStart => "at its beginning",
        ConflictKind::PartialEnd => "at its end",
        ConflictKind::NoBuffer => "with too little time between",
    }
}

async fn list(hub: &Client, options: ListArguments, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    let user = user_id(hub, options.user.as_deref()).await?;
    let bound = async |text: Option<&String>| match text {
        Some(text) => Said::read(hub, text, user).await.map(|said| Some(said.start)),
        None => Ok(None),
    };
    let (mut from, to) = (bound(options.from.as_ref()).await?, bound(options.to.as_ref()).await?);
    let scene = Scene::fetch(hub, user).await?;
    if from.is_none() && !options.all && !options.cancelled {
        from = Some(Moment::Instant(scene.view.now));
    }
    let request = Request::get(ROUTE)
        .query("user_id", user)
        .query("from", from)
        .query("to", to)
        .query("status", options.cancelled.then_some("cancelled"))
        .query("limit", Some(options.limit));
    let Some(document) = answer(hub, request, screen).await? else { return Ok(()) };
    let AppointmentsAnswer { appointments, next_cursor } = document.read()?;
    if appointments.is_empty() {
        return Ok(screen.line("There are no such appointments.")?);
    }
    let ids: Vec<_> = appointments.iter().map(|one| one.id.to_string()).collect();
    let from = scene.view.heading("FROM");
    let mut table = Table::new(&["ID", &from, "TO", "REPEATS", "WHAT"]);
    for (one, id) in appointments.iter().zip(shortened(&ids)) {
        table.row([
            id.into(),
            scene.view.moment(one.start_time).into(),
            scene.view.moment(one.end_time).into(),
            one.repeats.as_deref().unwrap_or(if one.recurring_rule.is_some() { "yes" } else { "–" }).into(),
            (&one.title).into(),
        ]);
    }
    table.write(screen)?;
    if next_cursor.is_some() {
        screen.toned(Tone::Faint, "There are more: say a stretch with --from and --to, or a larger --limit.")?;
    }
    Ok(())
}

/// The appointment that is meant by an id, a title, or a unique beginning of either.
async fn meant(hub: &Client, wanted: &str, user: Option<UserId>) -> anyhow::Result<CalendarAppointment> {
    let found = candidates(hub, wanted, user).await?;
    match <[_; 1]>::try_from(found) {
        Ok([one]) => Ok(one),
        Err(several) => Err(unclear(wanted, &several).into()),
    }
}

fn unclear(wanted: &str, several: &[CalendarAppointment]) -> Failure {
    let names: Vec<_> = several.iter().map(|one| format!("{} ({})", one_line(&one.title), one.id)).collect();
    let next = "Write more of it, its id (`xswarm appointment list`), or the day with --occurrence.";
    Failure::failed(format!("`{wanted}` may be {}", choices(&names)), next)
}

/// Those that may be meant; one at least.
async fn candidates(hub: &Client, wanted: &str, user: Option<UserId>) -> anyhow::Result<Vec<CalendarAppointment>> {
    let missing = || {
        let next = "See `xswarm appointment list`; one that is over is found by its whole id.";
        Failure::failed(format!("no appointment to come is called `{wanted}`"), next)
    };
    if wanted.trim().parse::<xswarm_core::id::AppointmentId>().is_ok() {
        let found: AppointmentAnswer = hub.get(&format!("{ROUTE}/{}", wanted.trim())).await?;
        return if user.is_none_or(|user| user == found.appointment.user_id) {
            Ok(vec![found.appointment])
        } else {
            Err(missing().into())
        };
    }
    let request = Request::get(ROUTE).query("user_id", user).query("limit", Some(1_000));
    let now = Moment::Instant(Scene::fetch(hub, user).await?.view.now);
    let AppointmentsAnswer { appointments, .. } = hub.send(request.query("from", Some(now))).await?.read()?;
    let found = all(wanted, &appointments, |one| vec![one.id.to_string(), one.title.clone()]);
    if found.is_empty() { Err(missing().into()) } else { Ok(found) }
}

/// The appointment that is meant, and which part of it. Of several with one name, as the two halves of a series that was
/// parted, it is the one that takes place on the day that was said.
async fn chosen(
    hub: &Client,
    which: &WhichArguments,
    user: Option<UserId>,
) -> anyhow::Result<(CalendarAppointment, Option<Scope>, Option<Moment>)> {
    let found = candidates(hub, &which.appointment, user).await?;
    if let ([_, _, ..], Some(_)) = (found.as_slice(), &which.occurrence) {
        let mut fitting = Vec::new();
        for one in &found {
            if let Ok((scope, occurrence)) = part(hub, which, one, user).await {
                fitting.push((one.clone(), scope, occurrence));
            }
        }
        return <[_; 1]>::try_from(fitting)
            .map(|[one]| one)
            .map_err(|_several| unclear(&which.appointment, &found).into());
    }
    match <[_; 1]>::try_from(found) {
        Ok([one]) => {
            let (scope, occurrence) = part(hub, which, &one, user).await?;
            Ok((one, scope, occurrence))
        }
        Err(several) => Err(unclear(&which.appointment, &several).into()),
    }
}

/// Which part of a series is meant, as the query string says it.
async fn part(
    hub: &Client,
    which: &WhichArguments,
    one: &CalendarAppointment,
    user: Option<UserId>,
) -> anyhow::Result<(Option<Scope>, Option<Moment>)> {
    let series = one.recurring_rule.is_some() || !one.additional_dates.is_empty();
    let Some(occurrence) = &which.occurrence else {
        if series && which.scope.is_none_or(|scope| scope != Scope::All) {
            let next = "Say which with --occurrence DAY, or --scope all for the whole series.";
            return Err(Failure::usage(format!("`{}` is a series", one.title), next).into());
        }
        return Ok((which.scope, None));
    };
    let said = Said::read(hub, occurrence, user).await?;
    let path = format!("{ROUTE}/{}/occurrences", one.id);
    let from = said.day.map_or(said.start, Moment::Day);
    let request = Request::get(path).query("from", Some(from)).query("limit", Some(1_000));
    let AppointmentsAnswer { appointments, .. } = hub.send(request).await?.read()?;
    let day = |one: &CalendarAppointment| one.start_time.with_timezone(&one.timezone).date_naive();
    let at = said.start.at(one.timezone);
    let exact = |found: &&CalendarAppointment| found.recurrence_id == Some(at) || found.start_time == at;
    let of_day = |found: &&CalendarAppointment| {
        Some(day(found)) == said.day.or(Some(at.with_timezone(&one.timezone).date_naive()))
    };
    let found = appointments.iter().find(exact).or_else(|| appointments.iter().find(of_day));
    let missing = || {
        let next = format!("See `xswarm appointment show {}`.", one.id);
        Failure::failed(format!("`{}` does not take place then", one.title), next)
    };
    let id = found.and_then(|found| found.recurrence_id).ok_or_else(missing)?;
    Ok((which.scope.or(Some(Scope::This)), Some(Moment::Instant(id))))
}

async fn change(hub: &Client, options: MoveArguments, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    let user = user_id(hub, options.which.user.as_deref()).await?;
    let (one, scope, occurrence) = chosen(hub, &options.which, user).await?;
    let to = Said::read(hub, &options.to, user).await?;
    let end_time = match options.length {
        Some(length) => Some(Moment::Instant(to.start.at(one.timezone) + length)),
        None => to.end,
    };
    let change = AppointmentChange { start_time: Some(to.start), end_time, ..AppointmentChange::default() };
    let request = Request::put(format!("{ROUTE}/{}", one.id))
        .query("scope", scope)
        .query("recurrence_id", occurrence)
        .json(&change)?;
    let Some(document) = answer(hub, request, screen).await? else { return Ok(()) };
    let moved: AppointmentAnswer = document.read()?;
    let now = moved.following.as_ref().unwrap_or(&moved.appointment);
    let view = View { zone: now.timezone, ..Scene::fetch(hub, user).await?.view };
    let words = match scope {
        Some(Scope::This) if occurrence.is_some() => {
            format!("Moved this occurrence of {} to {}.", one_line(&now.title), view.moment(to.start.at(view.zone)))
        }
        Some(_) | None => format!("Moved: {}", said(now, view)),
    };
    screen.line(&words)?;
    warn(&moved.conflicts, view, screen)
}

async fn cancel(hub: &Client, options: CancelArguments, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    let user = user_id(hub, options.which.user.as_deref()).await?;
    let (one, scope, occurrence) = chosen(hub, &options.which, user).await?;
    let view = View { zone: one.timezone, ..Scene::fetch(hub, user).await?.view };
    let what = match (scope, occurrence) {
        (Some(Scope::Following), Some(at)) => {
            format!("{} from {} on", one_line(&one.title), view.moment(at.at(view.zone)))
        }
        (_, Some(at)) => format!("{} on {}", one_line(&one.title), view.moment(at.at(view.zone))),
        (_, None) => said(&one, view),
    };
    if !options.yes && !confirmed(&format!("Call off {what}?"), screen)? {
        screen.line("Nothing was changed.")?;
        return Ok(Exit::Failed);
    }
    let request =
        Request::delete(format!("{ROUTE}/{}", one.id)).query("scope", scope).query("recurrence_id", occurrence);
    if answer(hub, request, screen).await?.is_some() {
        screen.line(&format!("Called off: {what}. Say \"undo\" within a day to take it back."))?;
    }
    Ok(Exit::Done)
}
