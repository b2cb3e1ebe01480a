//! Further reminders before an appointment that is booked: "remind me an hour before the dentist".

use xswarm_core::{
    appointment::Appointment,
    message::Channel,
    reminder::{ReminderPlan, ReminderPreferences, StepPlan, ladder},
};
use xswarm_language::{command::Which, time::Span};

use super::{Wanted, said_way};
use crate::{
    assistant::{
        appointments::{self, CHOICES, Meant},
        effect::Effect,
        matching::matching,
        topic,
        turn::{Decision, Turn},
        whose,
    },
    error::Error,
    outbox::To,
    reminders, wording,
};

/// How long before, when neither the sentence nor the person's preferences say.
const USUAL_MINUTES: u32 = 15;

/// Adds lead times to the reminders of the appointment that is meant. How they are wanted holds for these alone.
pub(in super::super) fn add(turn: &Turn<'_>, which: &Which, leads: &[Span], wanted: Wanted) -> Result<Decision, Error> {
    let preferences = ReminderPreferences::of(&turn.user.preferences);
    let minutes: Option<Vec<u32>> = if leads.is_empty() {
        Some(vec![preferences.usual_lead().unwrap_or(USUAL_MINUTES)])
    } else {
        leads.iter().map(|lead| minutes(*lead)).collect()
    };
    let Some(minutes) = minutes.filter(|minutes| minutes.iter().all(|lead| *lead > 0)) else {
        return Ok(Decision::say("A reminder comes a minute up to a year before. Nothing was set."));
    };
    let found = meant(turn, which)?;
    let appointment = match found.as_slice() {
        [] => return Ok(Decision::say("I find no such appointment ahead on your calendar. Nothing was set.")),
        [one] => one,
        several => {
            let lines: Vec<_> =
                several.iter().take(CHOICES).map(|one| format!("– {}", wording::appointment(one))).collect();
            let words =
                format!("Before which one? Say it with its name or day. Nothing is set yet.\n{}", lines.join("\n"));
            return Ok(Decision { sources: whose::of_appointments(several), ..Decision::say(words) });
        }
    };
    let before = turn.rows.appointment_plan(appointment.id)?;
    let mut all = ladder::leads(appointment, &before, &preferences);
    all.extend(&minutes);
    let mut plan = ReminderPlan { lead_minutes: Some(all), ..before.clone() };
    let (channel, unavailable) = said_way(turn, wanted.channel);
    for lead in &minutes {
        plan.set_step(StepPlan { lead_minutes: *lead, channel, urgent: wanted.nature.urgent });
    }
    let after = match plan.checked() {
        Ok(after) => after,
        Err(why) => return Ok(Decision::say(format!("{why}. Nothing was set."))),
    };
    let ahead = reminders::leads_ahead(appointment, &after, turn.user, turn.now);
    let words = wording::appointment(appointment);
    if !minutes.iter().any(|lead| ahead.contains(lead)) {
        return Ok(Decision::say(format!("It is too late for that: {words}. Nothing was changed.")));
    }
    let reply = format!("I'll remind you {}: {words}.{unavailable}", by_way(turn, &after, &ahead, turn.reminders_by));
    let effect = Effect::PlanReminders {
        appointment: appointment.id,
        about: words,
        before: Box::new(before),
        after: Box::new(after),
        channel: turn.reminders_by,
    };
    Ok(Decision::act(vec![effect], reply))
}

/// How long before, and by which way: "1 hour before by mail and 15 minutes before by text"; by `usual` where
/// nothing that reaches the person is wanted.
pub(in super::super) fn by_way(turn: &Turn<'_>, plan: &ReminderPlan, leads: &[u32], usual: Channel) -> String {
    let way = |lead: u32| {
        let first = plan.of_step(lead).channels.and_then(|channels| channels.first().copied());
        first.filter(|channel| To::user(turn.user, *channel, turn.ours).is_some()).unwrap_or(usual)
    };
    let alike = leads.chunk_by(|one, other| way(*one) == way(*other));
    let phrases = alike.filter_map(|leads| {
        let channel = way(*leads.first()?);
        Some(format!("{} before{}", wording::leads(leads), wording::by(channel)))
    });
    phrases.collect::<Vec<_>>().join(" and ")
}

/// The appointment that is named; without a name the one that was just spoken of, else the next.
fn meant(turn: &Turn<'_>, which: &Which) -> Result<Vec<Appointment>, Error> {
    let upcoming = appointments::upcoming(turn)?;
    let named = which.title.is_some() || !which.participants.is_empty() || which.when.is_some();
    if named {
        let mut which = which.clone();
        if let Some(rest) = which.title.as_deref().and_then(|title| title.strip_prefix("next ")) {
            which.title = Some(rest.to_owned());
            which.nth = Some(1);
        }
        return Ok(matching(&upcoming, &which, turn.zone()).into_iter().map(|one| one.appointment).collect());
    }
    let it = Which { pronoun: true, ..Which::default() };
    let pointed = if topic::refers(which) { which } else { &it };
    if let Some(Meant { mut found, .. }) = topic::occurrences(turn, pointed)? {
        found.dedup_by_key(|one| one.appointment.id);
        return Ok(found.into_iter().map(|one| one.appointment).collect());
    }
    Ok(upcoming.into_iter().map(|one| one.appointment).collect())
}

fn minutes(lead: Span) -> Option<u32> {
    // Months have no fixed length; nobody counts reminders in them.
    let minutes = lead.seconds / 60 + i64::from(lead.days) * 24 * 60;
    u32::try_from(minutes).ok().filter(|_| lead.months == 0)
}
