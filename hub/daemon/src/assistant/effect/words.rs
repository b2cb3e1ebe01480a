//! The words of an effect: what happened, and what would happen. Each names the thing in full, with weekday, date, time,
//! zone and by which way, so that nobody needs to have heard what was said before.
//!
//! Nothing is looked up here: an effect carries all that its words need. Words of doubt, conflicts and hints belong to
//! whoever asks or answers.

mod changes;

use chrono::Duration;
use chrono_tz::Tz;
use xswarm_core::{
    appointment::{Appointment, Exception},
    contact::ContactDetails,
    invitation::InvitationState,
    list::{List, ListItem},
    preferences::HolidayRegion,
    reminder::{Reminder, ReminderKind, ReminderPlan},
    series::Skips,
    suggestion::SuggestionState,
};

use super::Effect;
use crate::{contacts, lists, wording};

/// How many left out days of a series are named.
const NAMED: usize = 5;

/// The longest note that is told, in characters.
const NOTE: usize = 200;

/// What happened: "Booked: Dinner with Anna, Friday, 27 November 2026, 7:00–8:00 PM CET". `None` for what is part of another
/// effect.
pub(crate) fn done(effect: &Effect, zone: Tz) -> Option<String> {
    said(effect, zone, Tense::Done)
}

/// What would happen: "Book Dinner with Anna, Friday, 27 November 2026, 7:00–8:00 PM CET". `None` for what is part of
/// another effect.
pub(crate) fn proposal(effect: &Effect, zone: Tz) -> Option<String> {
    said(effect, zone, Tense::Proposed)
}

/// The same of several together.
pub(crate) fn proposals(effects: &[Effect], zone: Tz) -> String {
    effects.iter().filter_map(|effect| proposal(effect, zone)).collect::<Vec<_>>().join("; ")
}

/// Whether it happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tense {
    Done,
    Proposed,
}

impl Tense {
    /// "Booked: dinner", or "Book dinner".
    fn say(self, done: &str, proposed: &str, what: &str) -> String {
        match self {
            Self::Done => format!("{done}: {what}"),
            Self::Proposed => format!("{proposed} {what}"),
        }
    }
}

fn said(effect: &Effect, zone: Tz, tense: Tense) -> Option<String> {
    Some(match effect {
        Effect::Book { appointment, split: false, .. } => tense.say("Booked", "Book", &in_full(appointment)),
        Effect::Book { appointment, split: true, .. } => {
            tense.say("It goes on as", "Let it go on as", &in_full(appointment))
        }
        Effect::Change { before, after, .. } => changes::words(before, after, zone, tense),
        Effect::LeaveOut { skips, .. } => {
            tense.say("The series leaves out", "Let the series leave out", &left_out(*skips))
        }
        Effect::SetReminder { reminder } => set(reminder, zone, tense),
        Effect::CancelReminder { reminder } => tense.say("Called off", "Call off", &one_reminder(reminder, zone)),
        Effect::RestoreReminder { reminder } => tense.say("Set again", "Set again", &one_reminder(reminder, zone)),
        Effect::SnoozeReminder { again, .. } => {
            let what = format!("{}{}", wording::reminder(again, zone), wording::by(again.channel));
            tense.say("Reminding again", "Remind again", &what)
        }
        Effect::AcknowledgeReminder { reminder, settled: true } => {
            tense.say("Done", "Mark as done", &one_reminder(reminder, zone))
        }
        Effect::AcknowledgeReminder { reminder, settled: false } => {
            tense.say("Seen", "Mark as seen", &one_reminder(reminder, zone))
        }
        Effect::PauseTimer { timer, remaining_ms } => {
            tense.say("Paused", "Pause", &format!("timer {}, {} left", timer.text, left(*remaining_ms)))
        }
        Effect::ResumeTimer { timer } => {
            let left = timer.progress.remaining_ms.map(|ms| format!(", {} left", left(ms))).unwrap_or_default();
            tense.say("Running again", "Let run on", &format!("timer {}{left}", timer.text))
        }
        Effect::PlanReminders { about, before, after, .. } => {
            let what = format!("{about}, from {} to {}", planned(before), planned(after));
            tense.say("Reminders changed", "Change the reminders of", &what)
        }
        Effect::Contact { change } => contact(change, tense),
        Effect::List { change, name, .. } => list(change, name, tense),
        Effect::DecideInvitation { about, to, .. } => invitation(about, *to, tense),
        // A receipt keeps no words of it, so that what is forgotten is gone.
        Effect::Remember { memory } if memory.text.is_empty() => {
            tense.say("Remembered", "Remember", "something you told me")
        }
        Effect::Remember { memory } => tense.say("Remembered", "Remember", &memory.text),
        Effect::Forget { memories, .. } => {
            let count = memories.len();
            let what =
                if count == 1 { "one thing you told me".to_owned() } else { format!("{count} things you told me") };
            tense.say("Forgotten for good", "Forget for good", &what)
        }
        Effect::Send { message } => match tense {
            Tense::Done => format!("{} is on its way: \"{}\"", message.described(), message.text),
            Tense::Proposed => format!("{}: \"{}\"", message.described(), message.text),
        },
        Effect::Prefer { after, .. } => tense.say("Changed", "Change it so that", &after.words()),
        Effect::DecideSuggestion { about, to, .. } => suggestion(about, *to, tense),
        Effect::NamePeople { .. } | Effect::AnswerLater { .. } | Effect::MarkUndone { .. } => return None,
    })
}

/// An appointment with all that is known of it.
pub(in crate::assistant) fn in_full(appointment: &Appointment) -> String {
    let mut words = wording::appointment(appointment);
    let title = appointment.title.to_lowercase();
    let unnamed: Vec<&str> = (appointment.participants.iter())
        .filter(|name| !title.contains(&name.to_lowercase()))
        .map(String::as_str)
        .collect();
    if !unnamed.is_empty() {
        words = format!("{words}, with {}", joined(&unnamed));
    }
    let skipped: Vec<String> = (appointment.exceptions.iter())
        .filter(|(_, exception)| matches!(exception, Exception::Skipped { .. }))
        .map(|(at, _)| wording::date(at.with_timezone(&appointment.timezone).date_naive()))
        .collect();
    if let Some((shown, more)) = skipped.split_at_checked(NAMED) {
        words = format!("{words}, without {} and {} more", shown.join("; "), more.len());
    } else if !skipped.is_empty() {
        words = format!("{words}, without {}", skipped.join("; "));
    }
    match &appointment.description {
        Some(description) => format!("{words}, with the note {}", quoted(description)),
        None => words,
    }
}

fn set(reminder: &Reminder, zone: Tz, tense: Tense) -> String {
    let (done, proposed) = match reminder.kind {
        ReminderKind::Reminder | ReminderKind::Appointment => ("Reminder set", "Set a reminder:"),
        ReminderKind::Timer => ("Timer set", "Set a timer:"),
        ReminderKind::Alarm => ("Alarm set", "Set an alarm:"),
    };
    let words = wording::reminder(reminder, zone);
    let bare = words.strip_prefix("alarm: ").or_else(|| words.strip_prefix("timer ")).unwrap_or(&words);
    let urgent = if reminder.plan.urgent { ", urgent" } else { "" };
    tense.say(done, proposed, &format!("{bare}{}{urgent}", wording::by(reminder.channel)))
}

/// "reminder call mom, Tuesday, …", "timer pasta, …".
fn one_reminder(reminder: &Reminder, zone: Tz) -> String {
    let kind = match reminder.kind {
        ReminderKind::Reminder | ReminderKind::Appointment => "reminder ",
        ReminderKind::Timer | ReminderKind::Alarm => "",
    };
    format!("{kind}{}", wording::reminder(reminder, zone))
}

fn left(milliseconds: i64) -> String {
    wording::length(Duration::milliseconds(milliseconds).max(Duration::seconds(1)))
}

fn left_out(skips: Skips) -> String {
    let holidays =
        (skips.holidays != HolidayRegion::None).then(|| format!("public holidays ({})", skips.holidays.as_str()));
    let conflicts = skips.conflicts.then(|| "days on which something else is".to_owned());
    let both: Vec<String> = holidays.into_iter().chain(conflicts).collect();
    if both.is_empty() { "no days".to_owned() } else { both.join(" and ") }
}

/// The reminders before an appointment: "1 hour before by mail and 15 minutes before".
fn planned(plan: &ReminderPlan) -> String {
    let channel = plan.channels.as_ref().and_then(|channels| channels.first().copied()).map(wording::by);
    let urgent = |urgent: bool| if urgent { ", urgent" } else { "" };
    let mut words = match plan.lead_minutes.as_deref() {
        None => "the usual times".to_owned(),
        Some([]) => "no reminder".to_owned(),
        Some(leads) => format!("{} before", wording::leads(leads)),
    };
    words = format!("{words}{}{}", channel.unwrap_or_default(), urgent(plan.urgent));
    for step in &plan.steps {
        let way = step.channel.map(wording::by).unwrap_or_default();
        words = format!("{words} ({} before{way}{})", wording::leads(&[step.lead_minutes]), urgent(step.urgent));
    }
    words
}

fn contact(change: &contacts::Change, tense: Tense) -> String {
    match change {
        contacts::Change::Create { contact } => {
            tense.say("Contact added", "Add the contact", &described(&contact.details))
        }
        contacts::Change::Update { before, after } => {
            let what = format!("from {} to {}", described(&before.details), described(&after.details));
            tense.say("Contact changed", "Change the contact", &what)
        }
        contacts::Change::Delete { contact } => {
            tense.say("Contact deleted", "Delete the contact", &described(&contact.details))
        }
    }
}

fn described(details: &ContactDetails) -> String {
    let mut words = vec![details.name.clone()];
    if !details.nicknames.is_empty() {
        words.push(format!("called {}", details.nicknames.join(" or ")));
    }
    words.extend(details.relation.iter().map(|relation| format!("your {relation}")));
    words.extend(details.phones.iter().map(ToString::to_string));
    words.extend(details.mails.iter().cloned());
    words.extend(details.notes.iter().map(|notes| format!("with the note {}", quoted(notes))));
    words.join(", ")
}

fn list(change: &lists::Change, name: &str, tense: Tense) -> String {
    let called = called(name);
    let texts = |items: &[ListItem]| joined(&items.iter().map(|item| item.text.as_str()).collect::<Vec<_>>());
    let whole = |list: &List, items: &[ListItem]| {
        let whose = if list.user_id.is_none() { "the household's" } else { "yours alone" };
        let on = if items.is_empty() { String::new() } else { format!(", with {}", texts(items)) };
        format!("{} ({whose}){on}", list.name)
    };
    let on = |done: &str, proposed: &str, items: &[ListItem]| match tense {
        Tense::Done => format!("{done} {called}: {}", texts(items)),
        Tense::Proposed => format!("{proposed} {called}: {}", texts(items)),
    };
    match change {
        lists::Change::Create { list, items } => tense.say("List made", "Make the list", &whole(list, items)),
        lists::Change::Delete { list, items } => tense.say("List deleted", "Delete the list", &whole(list, items)),
        lists::Change::Add { items, .. } => on("Added to", "Add to", items),
        lists::Change::Remove { items, .. } | lists::Change::Clear { items, .. } => on("Taken off", "Take off", items),
        lists::Change::CheckOff { items, .. } => on("Checked off on", "Check off on", items),
        lists::Change::Reopen { items, .. } => on("Open again on", "Open again on", items),
    }
}

fn called(name: &str) -> String {
    if name.is_empty() { "a list".to_owned() } else { format!("the {name} list") }
}

fn invitation(about: &str, to: InvitationState, tense: Tense) -> String {
    let (done, proposed) = match to {
        InvitationState::Accepted => ("Invitation accepted", "Accept the invitation:"),
        InvitationState::Declined => ("Invitation declined", "Decline the invitation:"),
        InvitationState::Proposed => ("Invitation open again", "Open the invitation again:"),
        InvitationState::Superseded => ("Invitation overtaken by a newer one", "Take the newer one instead of:"),
        InvitationState::Withdrawn => ("Invitation withdrawn", "Withdraw the invitation:"),
    };
    tense.say(done, proposed, about)
}

fn suggestion(about: &str, to: SuggestionState, tense: Tense) -> String {
    let (done, proposed) = match to {
        SuggestionState::Accepted => ("Suggestion accepted", "Accept the suggestion:"),
        SuggestionState::Declined => ("Suggestion declined", "Decline the suggestion:"),
        SuggestionState::Offered => ("Suggestion open again", "Open the suggestion again:"),
        SuggestionState::Expired => ("Suggestion left unanswered", "Leave the suggestion unanswered:"),
    };
    tense.say(done, proposed, about)
}

/// "milk, eggs and bread".
fn joined(items: &[&str]) -> String {
    match items {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// Somebody's words in quotation marks, on one line and bounded.
fn quoted(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(NOTE).collect();
    let more = if text.chars().count() > NOTE { "…" } else { "" };
    format!("\"{}{more}\"", line.replace('"', "'"))
}

#[cfg(test)]
mod tests;
