//! Every effect in words, done and proposed.

use chrono::{DateTime, TimeZone, Utc};
use chrono_tz::{Asia::Tokyo, Europe::Berlin};
use xswarm_core::{
    appointment::{AppointmentSource, AppointmentStatus, ChangedOccurrence, Exceptions, SkipReason},
    contact::{Contact, ContactSource},
    id::{AppointmentId, InvitationId, ReceiptId, ReminderId, SuggestionId, UserId},
    message::Channel,
    preferences::WorkingHours,
    reminder::{ReminderProgress, ReminderStatus, ReminderStep, StepPlan},
    series::{self, Edited, Scope, Target},
};

use super::*;
use crate::preferences::Wish;

fn at(day: u32, hour: u32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, day, hour, 0, 0).unwrap()
}

fn dinner() -> Appointment {
    Appointment {
        id: AppointmentId::new(at(1, 0)),
        user_id: UserId::new(at(1, 0)),
        title: "Dinner with Anna".into(),
        description: None,
        start: at(27, 18),
        end: at(27, 19),
        timezone: Berlin,
        location: None,
        participants: vec!["Anna".into()],
        recurrence: None,
        additional: Vec::new(),
        exceptions: Exceptions::default(),
        all_day: false,
        source: AppointmentSource::BOSS,
        reminder_minutes: Some(15),
        status: AppointmentStatus::Confirmed,
        generation: 0,
        version: 1,
        created_at: at(1, 0),
        updated_at: at(1, 0),
    }
}

/// Every weekday at nine from Monday, 23 November 2026.
fn standup() -> Appointment {
    let recurrence = Some("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR".parse().unwrap());
    Appointment {
        title: "Standup".into(),
        start: at(23, 8),
        end: at(23, 9),
        participants: Vec::new(),
        recurrence,
        ..dinner()
    }
}

fn reminder(kind: ReminderKind, text: &str) -> Box<Reminder> {
    Box::new(Reminder {
        id: ReminderId::new(at(1, 0)),
        appointment_id: None,
        user_id: UserId::new(at(1, 0)),
        kind,
        text: text.into(),
        due: at(24, 16),
        channel: Channel::Sms,
        recurrence: None,
        timezone: Berlin,
        step: ReminderStep { series: String::new(), recurrence_id: at(24, 16), generation: 0, step: 0, attempt: 0 },
        series_start: at(24, 16),
        status: ReminderStatus::Pending,
        outcome: None,
        error_message: None,
        message_id: None,
        created_at: at(1, 0),
        sent_at: None,
        plan: ReminderPlan::default(),
        progress: ReminderProgress::default(),
    })
}

fn change(before: &Appointment, after: Appointment) -> Effect {
    super::super::change(before, after, Channel::Console)
}

fn both(effect: &Effect) -> [String; 2] {
    [done(effect, Berlin).unwrap(), proposal(effect, Berlin).unwrap()]
}

#[test]
fn a_booking_is_worded_in_full() {
    let book =
        |appointment| Effect::Book { appointment: Box::new(appointment), channel: Channel::Console, split: false };
    assert_eq!(
        both(&book(dinner())),
        [
            "Booked: Dinner with Anna, Friday, 27 November 2026, 7:00–8:00 PM CET",
            "Book Dinner with Anna, Friday, 27 November 2026, 7:00–8:00 PM CET",
        ]
    );
    let more = Appointment {
        location: Some("Luigi's".into()),
        participants: vec!["Anna".into(), "Bob".into()],
        description: Some("bring\nthe \"plans\"".into()),
        timezone: Tokyo,
        ..dinner()
    };
    assert_eq!(
        done(&book(more), Berlin).unwrap(),
        "Booked: Dinner with Anna, Saturday, 28 November 2026, 3:00–4:00 AM JST at Luigi's, with Bob, \
         with the note \"bring the 'plans'\""
    );
    let mut left_out = standup();
    left_out.exceptions.insert(at(25, 8), Exception::Skipped { reason: SkipReason::Holiday });
    assert_eq!(
        done(&book(left_out), Berlin).unwrap(),
        "Booked: Standup, Monday, 23 November 2026, 9:00–10:00 AM CET, every weekday, \
         without Wednesday, 25 November 2026"
    );
    let split = Effect::Book { appointment: Box::new(dinner()), channel: Channel::Console, split: true };
    assert!(done(&split, Berlin).unwrap().starts_with("It goes on as: Dinner with Anna, Friday"));
}

#[test]
fn a_change_is_worded_from_what_it_was_to_what_it_is() {
    let moved = Appointment { start: at(28, 18), end: at(28, 20), ..dinner() };
    let words = "Dinner with Anna, from Friday, 27 November 2026, 7:00–8:00 PM CET \
                 to Saturday, 28 November 2026, 7:00–9:00 PM CET";
    assert_eq!(both(&change(&dinner(), moved.clone())), [format!("Moved: {words}"), format!("Move {words}")]);
    let elsewhere = Appointment { location: Some("Luigi's".into()), ..moved };
    assert_eq!(
        done(&change(&dinner(), elsewhere), Berlin).unwrap(),
        format!("Moved: {words}. Changed: Dinner with Anna: place from none to \"Luigi's\"")
    );
    let off = Appointment { status: AppointmentStatus::Cancelled, ..dinner() };
    let words = "Dinner with Anna, Friday, 27 November 2026, 7:00–8:00 PM CET";
    assert_eq!(both(&change(&dinner(), off.clone())), [format!("Called off: {words}"), format!("Call off {words}")]);
    assert_eq!(both(&change(&off, dinner())), [format!("Put back: {words}"), format!("Put back {words}")]);
    let silent = Appointment { reminder_minutes: None, title: "Supper".into(), ..dinner() };
    assert_eq!(
        done(&change(&dinner(), silent), Berlin).unwrap(),
        format!(
            "Changed: {words}: title from \"Dinner with Anna\" to \"Supper\"; reminder from \"15 minutes before\" to none"
        )
    );
    assert_eq!(done(&change(&dinner(), dinner()), Berlin).unwrap(), format!("As it was: {words}"));
}

#[test]
fn of_a_series_it_is_said_how_much_of_it_changes() {
    let series = standup();
    let target = |scope| Target { scope, recurrence_id: at(27, 8) };
    let to = ChangedOccurrence { start: at(27, 9), end: at(27, 10), title: None, description: None, location: None };
    let off = |scope| change(&series, series::cancelled(&series, target(scope), at(24, 0)).unwrap().series);
    assert_eq!(
        both(&off(Scope::This)),
        [
            "Called off: Standup, Friday, 27 November 2026, 9:00–10:00 AM CET (only this one of the series)",
            "Call off Standup, Friday, 27 November 2026, 9:00–10:00 AM CET (only this one of the series)",
        ]
    );
    assert_eq!(
        proposal(&off(Scope::Following), Berlin).unwrap(),
        "End the series Standup; its last one is Standup, Thursday, 26 November 2026, 9:00–10:00 AM CET; \
         it was Standup, Monday, 23 November 2026, 9:00–10:00 AM CET, every weekday"
    );
    assert_eq!(
        proposal(&off(Scope::All), Berlin).unwrap(),
        "Call off the whole series Standup, Monday, 23 November 2026, 9:00–10:00 AM CET, every weekday"
    );
    let Edited { series: one, .. } = series::changed(&series, target(Scope::This), &to, at(24, 0)).unwrap();
    assert_eq!(
        done(&change(&series, one.clone()), Berlin).unwrap(),
        "Moved: Standup, from Friday, 27 November 2026, 9:00–10:00 AM CET \
         to Friday, 27 November 2026, 10:00–11:00 AM CET (only this one of the series)"
    );
    let gone = series::cancelled(&one, target(Scope::This), at(24, 0)).unwrap().series;
    assert!(done(&change(&gone, one), Berlin).unwrap().starts_with("Put back: Standup, Friday"), "a day comes back");
    let Edited { series: all, .. } = series::changed(&series, target(Scope::All), &to, at(24, 0)).unwrap();
    assert_eq!(
        done(&change(&series, all), Berlin).unwrap(),
        "Moved: the whole series Standup, from Monday, 23 November 2026, 9:00–10:00 AM CET, every weekday \
         to Monday, 23 November 2026, 10:00–11:00 AM CET, every weekday"
    );
}

#[test]
fn reminders_and_timers_are_worded_with_time_and_way() {
    let call = || reminder(ReminderKind::Reminder, "call mom");
    let when = "Tuesday, 24 November 2026 at 5:00 PM CET";
    assert_eq!(
        both(&Effect::SetReminder { reminder: call() }),
        [format!("Reminder set: call mom, {when} by text"), format!("Set a reminder: call mom, {when} by text")]
    );
    let pasta = reminder(ReminderKind::Timer, "pasta (9 minutes)");
    let paused = Box::new(Reminder {
        progress: ReminderProgress { remaining_ms: Some(240_000), ..ReminderProgress::default() },
        ..Reminder::clone(&pasta)
    });
    for (effect, words) in [
        (Effect::SetReminder { reminder: pasta.clone() }, format!("Timer set: pasta (9 minutes), {when} by text")),
        (
            Effect::SetReminder { reminder: reminder(ReminderKind::Alarm, "wake up") },
            format!("Alarm set: wake up, {when} by text"),
        ),
        (Effect::CancelReminder { reminder: call() }, format!("Called off: reminder call mom, {when}")),
        (Effect::RestoreReminder { reminder: pasta.clone() }, format!("Set again: timer pasta (9 minutes), {when}")),
        (Effect::SnoozeReminder { said: call(), again: call() }, format!("Reminding again: call mom, {when} by text")),
        (Effect::AcknowledgeReminder { reminder: call(), settled: true }, format!("Done: reminder call mom, {when}")),
        (Effect::AcknowledgeReminder { reminder: call(), settled: false }, format!("Seen: reminder call mom, {when}")),
        (
            Effect::PauseTimer { timer: pasta, remaining_ms: 240_000 },
            "Paused: timer pasta (9 minutes), 4 minutes left".to_owned(),
        ),
        (Effect::ResumeTimer { timer: paused }, "Running again: timer pasta (9 minutes), 4 minutes left".to_owned()),
    ] {
        assert_eq!(done(&effect, Berlin).unwrap(), words);
        assert_ne!(proposal(&effect, Berlin).unwrap(), words.replace("Set again:", ""), "{words}");
    }
    let steps = vec![StepPlan { lead_minutes: 60, channel: Some(Channel::Email), urgent: true }];
    let plan = ReminderPlan { lead_minutes: Some(vec![60, 15]), steps, ..ReminderPlan::default() };
    let planned = Effect::PlanReminders {
        appointment: AppointmentId::new(at(1, 0)),
        about: wording::appointment(&dinner()),
        before: Box::default(),
        after: Box::new(plan),
        channel: Channel::Console,
    };
    assert_eq!(
        proposal(&planned, Berlin).unwrap(),
        "Change the reminders of Dinner with Anna, Friday, 27 November 2026, 7:00–8:00 PM CET, from the usual times \
         to 1 hour and 15 minutes before (1 hour before by mail, urgent)"
    );
}

#[test]
fn contacts_lists_and_invitations_are_named() {
    let now = at(1, 0);
    let details = ContactDetails {
        name: "Anna Berg".into(),
        mails: vec!["anna@example.com".into()],
        relation: Some("sister".into()),
        ..ContactDetails::default()
    };
    let anna = Box::new(Contact {
        id: xswarm_core::id::ContactId::new(now),
        user_id: UserId::new(now),
        details,
        source: ContactSource::Boss,
        uid: None,
        created_at: now,
        updated_at: now,
    });
    let mut renamed = anna.clone();
    renamed.details.name = "Anna Lind".into();
    let of = |change| Effect::Contact { change };
    let described = "Anna Berg, your sister, anna@example.com";
    assert_eq!(
        both(&of(contacts::Change::Create { contact: anna.clone() })),
        [format!("Contact added: {described}"), format!("Add the contact {described}")]
    );
    assert_eq!(
        done(&of(contacts::Change::Update { before: anna.clone(), after: renamed }), Berlin).unwrap(),
        format!("Contact changed: from {described} to Anna Lind, your sister, anna@example.com")
    );
    assert_eq!(
        proposal(&of(contacts::Change::Delete { contact: anna }), Berlin).unwrap(),
        format!("Delete the contact {described}")
    );

    let list = lists::new_list("packing", None, now);
    let item = |text: &str| ListItem {
        id: xswarm_core::id::ListItemId::new(now),
        list_id: list.id,
        position: 1,
        text: text.into(),
        done_at: None,
        added_by: None,
        created_at: now,
    };
    let items = vec![item("socks"), item("tent")];
    let (id, whole) = (list.id, || (Box::new(list.clone()), items.clone()));
    for (change, words) in [
        (
            lists::Change::Create { list: whole().0, items: whole().1 },
            "List made: packing (the household's), with socks and tent",
        ),
        (lists::Change::Delete { list: whole().0, items: Vec::new() }, "List deleted: packing (the household's)"),
        (lists::Change::Add { list: id, items: whole().1 }, "Added to the packing list: socks and tent"),
        (lists::Change::Remove { list: id, items: whole().1 }, "Taken off the packing list: socks and tent"),
        (lists::Change::Clear { list: id, items: whole().1 }, "Taken off the packing list: socks and tent"),
        (lists::Change::CheckOff { list: id, items: whole().1 }, "Checked off on the packing list: socks and tent"),
        (lists::Change::Reopen { list: id, items: whole().1 }, "Open again on the packing list: socks and tent"),
    ] {
        let effect = Effect::List { by: UserId::new(now), name: "packing".into(), change };
        assert_eq!(done(&effect, Berlin).unwrap(), words);
        assert!(proposal(&effect, Berlin).unwrap().contains("packing"), "{words}");
    }

    for to in InvitationState::ALL {
        let decided = Effect::DecideInvitation {
            invitation: InvitationId::new(now),
            about: "\"Lunch\" from bob@example.com".into(),
            from: InvitationState::Proposed,
            to: *to,
        };
        let [done, proposed] = both(&decided);
        assert!(done.ends_with(": \"Lunch\" from bob@example.com"), "{done}");
        assert!(proposed.contains("\"Lunch\" from bob@example.com") && proposed != done, "{proposed}");
    }
}

#[test]
fn preferences_and_suggestions_are_worded_by_what_becomes_of_them() {
    let prefer = |after: Wish| Effect::Prefer {
        user: UserId::new(at(1, 0)),
        before: Box::new(Wish::Length { minutes: 60 }),
        after: Box::new(after),
    };
    let ways = vec![Channel::Email, Channel::Sms];
    for (wish, words) in [
        (Wish::Length { minutes: 45 }, "appointments usually take 45 minutes"),
        (Wish::Hours { hours: WorkingHours::default() }, "the working hours are mon-fri 09:00-17:00"),
        (Wish::Channels { channels: ways }, "reminders come by mail, else by text"),
        (Wish::Suggestions { enabled: false }, "no suggestions are made"),
    ] {
        assert_eq!(both(&prefer(wish)), [format!("Changed: {words}"), format!("Change it so that {words}")]);
    }
    for to in SuggestionState::ALL {
        let decided = Effect::DecideSuggestion {
            suggestion: SuggestionId::new(at(1, 0)),
            about: "Shall I make that the usual length?".into(),
            from: SuggestionState::Offered,
            to: *to,
        };
        let [done, proposed] = both(&decided);
        assert!(done.ends_with(": Shall I make that the usual length?") && proposed != done, "{done}; {proposed}");
    }
}

#[test]
fn what_is_part_of_another_effect_has_no_words_of_its_own() {
    let receipt = ReceiptId::new(at(1, 0));
    let people =
        Effect::NamePeople { appointment: AppointmentId::new(at(1, 0)), people: std::collections::BTreeMap::default() };
    for part in [Effect::MarkUndone { receipt }, people] {
        assert_eq!((done(&part, Berlin), proposal(&part, Berlin)), (None, None));
    }
    let skips = Skips { holidays: HolidayRegion::Us, conflicts: true, until: at(1, 0) };
    let left_out = Effect::LeaveOut { series: AppointmentId::new(at(1, 0)), skips };
    assert_eq!(
        done(&left_out, Berlin).unwrap(),
        "The series leaves out: public holidays (us) and days on which something else is"
    );
}
