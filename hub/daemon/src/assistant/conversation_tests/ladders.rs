//! Reminders that wait for an answer, quiet hours, alarms, paused timers, several lead times: at a time of our choosing.

use chrono::Duration;
use serde_json::json;
use xswarm_core::{
    id::UserId,
    reminder::{Reminder, ReminderOutcome, ReminderStatus, preferences::KEY},
    user::{Role, User},
};

use super::talk::Talk;

impl Talk {
    /// Sets what the person prefers about reminders.
    fn prefers(&mut self, preferences: &serde_json::Value) {
        self.user.preferences = json!({ KEY: preferences });
        let user = self.user.clone();
        self.write(move |tx| Ok(tx.user_update(&user)?));
    }

    fn member(&self, name: &str) -> UserId {
        let id = UserId::new(self.now);
        let member = User { id, name: name.into(), phone: None, role: Role::Member, ..self.user.clone() };
        self.write(move |tx| Ok(tx.user_insert(&member)?));
        id
    }

    fn all(&self, user: UserId) -> Vec<Reminder> {
        self.write(move |tx| Ok(tx.reminders_all(user, 100)?))
    }

    fn outcomes(&self) -> Vec<(String, Option<ReminderOutcome>)> {
        self.all(self.user.id).into_iter().map(|one| (one.text, one.outcome)).collect()
    }
}

#[test]
fn an_urgent_reminder_is_repeated_until_it_is_acknowledged() {
    let mut talk = Talk::new();
    talk.say("remind me urgently to take my pills in 10 minutes");
    talk.later(Duration::minutes(10));
    assert_eq!(talk.fire(), ["Reminder: take my pills. Reply \"done\", \"ok\" or \"snooze\"."]);
    talk.later(Duration::minutes(9));
    assert!(talk.fire().is_empty());
    talk.later(Duration::minutes(1));
    assert_eq!(talk.fire().len(), 1, "ten minutes later");
    talk.later(Duration::minutes(20));
    assert!(talk.fire()[0].starts_with("Again: Reminder: take my pills."), "then twenty");
    assert_eq!(talk.say("done"), "Done: take my pills.");
    assert!(talk.pending().is_empty());
    talk.later(Duration::hours(3));
    assert!(talk.fire().is_empty());
    let outcomes = talk.outcomes();
    let acknowledged = outcomes.iter().filter(|one| one.1 == Some(ReminderOutcome::Acknowledged)).count();
    assert_eq!((outcomes.len(), acknowledged), (4, 3), "{outcomes:?}");
}

#[test]
fn an_unanswered_ladder_ends_by_itself_and_every_row_has_an_outcome() {
    let mut talk = Talk::new();
    talk.say("remind me urgently to take my pills in 10 minutes");
    let mut said = 0;
    for _ in 0..200 {
        talk.later(Duration::minutes(1));
        said += talk.fire().len();
    }
    assert_eq!(said, 4, "once and three times more");
    assert!(talk.outcomes().iter().all(|one| one.1.is_some()), "{:?}", talk.outcomes());
    assert!(talk.pending().is_empty());
}

#[test]
fn somebody_else_is_told_when_nobody_answers_and_may_answer_for_them() {
    let mut talk = Talk::new();
    let ben = talk.member("Ben");
    talk.prefers(&json!({ "escalation": { "to": ben, "after_minutes": 15 } }));
    talk.say("remind me urgently to lock the door in 10 minutes");
    talk.later(Duration::minutes(10)).fire();
    talk.later(Duration::minutes(15)).fire();
    let told: Vec<_> = talk.all(ben).into_iter().filter(|one| one.status == ReminderStatus::Sent).collect();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].progress.on_behalf_of, Some(talk.user.id));
    let text =
        talk.write(move |tx| Ok(tx.messages_unseen(ben, xswarm_core::message::Channel::Console)?[0].content.clone()));
    assert_eq!(text, "Ada has not answered. Reminder: lock the door. Reply \"done\" when you have seen to it.");
    let (one, now) = (told[0].clone(), talk.now);
    talk.write(move |tx| Ok(crate::reminders::acknowledge(tx, &one, true, now)?));
    assert!(talk.pending().is_empty());
    assert!(talk.all(ben).iter().all(|one| one.status != ReminderStatus::Pending));
}

#[test]
fn quiet_hours_keep_it_for_the_morning_and_urgent_comes_at_once() {
    let mut talk = Talk::new();
    talk.prefers(&json!({ "quiet_hours": { "from": "22:00", "to": "07:00" } }));
    let answer = talk.say("remind me to call mom at 11pm");
    assert!(answer.contains("quiet hours") && answer.contains("Wednesday, 25 November 2026 at 7:00 AM"), "{answer}");
    talk.say("remind me urgently to take my pills at 11pm");
    talk.say("remind me to lock the door at 11:30pm");
    talk.say("set a pasta timer for 13 hours");
    talk.later(Duration::hours(13));
    let said = talk.fire();
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said.iter().any(|one| one.contains("pills")) && said.iter().any(|one| one.contains("pasta")), "{said:?}");
    talk.later(Duration::minutes(30)).fire();
    talk.say("done");
    talk.later(Duration::minutes(7 * 60 + 30));
    let said = talk.fire();
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].starts_with("Kept for you until your quiet hours ended:"), "{}", said[0]);
    assert!(said[0].contains("call mom") && said[0].contains("lock the door"), "{}", said[0]);
    let held = talk.all(talk.user.id).into_iter().find(|one| one.text == "call mom").unwrap();
    assert!(held.error_message.unwrap().contains("quiet hours"));
}

#[test]
fn a_snooze_is_a_further_attempt_of_the_same_reminder() {
    let mut talk = Talk::new();
    talk.say("remind me urgently to call mom in 10 minutes");
    talk.later(Duration::minutes(10)).fire();
    let answer = talk.say("in 30 minutes");
    assert!(answer.starts_with("I'll remind you again") && answer.contains("10:40 AM"), "{answer}");
    let all = talk.all(talk.user.id);
    assert!(all.iter().all(|one| one.step.series == all[0].step.series), "{all:#?}");
    assert_eq!(talk.pending(), ["11-24 09:40:00 call mom"], "the repetition is called off");
    talk.later(Duration::minutes(30));
    assert!(talk.fire()[0].starts_with("Reminder: call mom."));
    talk.say("snooze");
    assert!(talk.say("undo").contains("cancelled"));
    assert!(talk.pending().is_empty());
}

#[test]
fn an_alarm_rings_until_it_is_stopped() {
    let mut talk = Talk::new();
    let answer = talk.say("wake me at 7");
    assert!(answer.starts_with("Alarm set") && answer.contains("Wednesday, 25 November 2026 at 7:00 AM"), "{answer}");
    talk.later(Duration::hours(21));
    assert_eq!(talk.fire(), ["Alarm: wake up. Say \"stop\" or \"snooze\"."]);
    talk.later(Duration::minutes(1));
    assert_eq!(talk.fire().len(), 1);
    assert_eq!(talk.say("stop"), "Stopped.");
    talk.later(Duration::minutes(1));
    assert!(talk.fire().is_empty());
    assert!(talk.say("stop").contains("I have not asked you anything"));
    assert!(talk.say("set an alarm for 6:30 on weekdays").contains("6:30 AM"));
}

#[test]
fn a_ringing_alarm_is_bounded_and_stops_over_a_power_cut() {
    let mut talk = Talk::new();
    talk.say("wake me at 7");
    talk.later(Duration::hours(21));
    let mut rung = talk.fire().len();
    for _ in 0..30 {
        talk.later(Duration::minutes(1));
        rung += talk.fire().len();
    }
    assert_eq!(rung, 11);
    talk.say("wake me at 7");
    talk.later(Duration::hours(24) - Duration::minutes(30)).fire();
    // The box is off while it rings.
    talk.later(Duration::minutes(20));
    assert!(talk.fire().is_empty());
    assert!(talk.outcomes().iter().any(|one| one.1 == Some(ReminderOutcome::Expired)));
}

#[test]
fn a_timer_is_paused_with_what_is_left_and_runs_on() {
    let mut talk = Talk::new();
    talk.say("set a pasta timer for 9 minutes");
    talk.say("set an egg timer for 6 minutes");
    talk.later(Duration::minutes(2));
    assert_eq!(
        talk.say("pause the pasta timer"),
        "Paused: pasta (9 minutes), 7 minutes left. Say \"resume\" when it shall run on."
    );
    talk.later(Duration::minutes(60));
    assert!(talk.fire().iter().all(|one| one.contains("egg")));
    assert!(talk.say("how much time is left?").contains("7 minutes left, paused"));
    talk.say("add 3 minutes to the pasta timer");
    assert!(talk.say("resume").starts_with("Running again: pasta (9 minutes), until"));
    talk.later(Duration::minutes(10));
    assert_eq!(talk.fire(), ["Timer done: pasta (9 minutes)"]);
    assert!(talk.say("resume").contains("No timer is paused"));
}

#[test]
fn several_lead_times_are_set_and_the_nearest_is_told_after_downtime() {
    let mut talk = Talk::new();
    talk.say("Dentist on Thursday at 3pm");
    let answer = talk.say("remind me 24 hours, 1 hour and 15 minutes before");
    assert!(answer.contains("1 day, 1 hour and 15 minutes before") || answer.contains("24 hours, 1 hour"), "{answer}");
    assert_eq!(talk.pending(), ["11-25 14:00:00 Dentist", "11-26 13:00:00 Dentist", "11-26 13:45:00 Dentist"]);
    talk.say("Move the dentist to 4pm");
    assert_eq!(talk.pending(), ["11-25 15:00:00 Dentist", "11-26 14:00:00 Dentist", "11-26 14:45:00 Dentist"]);
    talk.later(Duration::hours(30));
    assert_eq!(talk.fire().len(), 1);
    assert_eq!(talk.say("got it"), "Noted: Dentist.");
    assert_eq!(talk.pending().len(), 2, "who has seen it still wants to hear of it later");
    talk.later(Duration::hours(40));
    let said = talk.fire();
    assert_eq!(said.len(), 1);
    assert_eq!(said[0].matches("Dentist").count(), 1, "{}", said[0]);
    let expired = talk.outcomes().iter().filter(|one| one.1 == Some(ReminderOutcome::Expired)).count();
    assert_eq!(expired, 1);
}

#[test]
fn the_usual_lead_times_are_the_person_s_and_a_step_is_added_to_one_appointment() {
    let mut talk = Talk::new();
    talk.prefers(&json!({ "lead_minutes": [60, 15] }));
    let answer = talk.say("Dentist tomorrow at 3pm");
    assert!(answer.contains("1 hour and 15 minutes before"), "{answer}");
    assert_eq!(talk.pending(), ["11-25 13:00:00 Dentist", "11-25 13:45:00 Dentist"]);
    talk.say("remind me 2 hours before the dentist");
    assert_eq!(talk.pending(), ["11-25 12:00:00 Dentist", "11-25 13:00:00 Dentist", "11-25 13:45:00 Dentist"]);
    talk.say("undo");
    assert_eq!(talk.pending(), ["11-25 13:00:00 Dentist", "11-25 13:45:00 Dentist"]);
    assert!(talk.say("remind me an hour before the opera").contains("no such appointment"));
}

#[test]
fn a_weekly_appointment_missed_for_weeks_is_accounted_for_occurrence_by_occurrence() {
    let mut talk = Talk::new();
    talk.say("Schedule choir every Wednesday at 7pm");
    talk.later(Duration::days(17));
    let said = talk.fire();
    assert_eq!(said.len(), 1);
    assert!(said[0].contains("and 2 more since"), "{}", said[0]);
    let outcomes = talk.outcomes();
    let late = outcomes.iter().filter(|one| one.1 == Some(ReminderOutcome::Late)).count();
    assert_eq!((late, outcomes.len()), (3, 4), "{outcomes:?}");
    assert_eq!(talk.pending(), ["12-16 17:45:00 Choir"]);
}

#[test]
fn a_reminder_is_moved_and_undone() {
    let talk = Talk::new();
    talk.say("remind me to call mom at 5pm");
    assert!(talk.say("move the reminder to call mom to 6").contains("6:00 PM CET"));
    assert_eq!(talk.pending(), ["11-24 17:00:00 call mom"]);
    talk.say("undo");
    assert_eq!(talk.pending(), ["11-24 16:00:00 call mom"]);
    talk.say("move the reminder to call mom to tomorrow");
    assert_eq!(talk.pending(), ["11-25 16:00:00 call mom"]);
}

#[test]
fn steps_of_the_clock_neither_repeat_nor_lose() {
    let mut talk = Talk::new();
    talk.say("remind me to stretch every day at 11");
    talk.later(Duration::hours(1));
    assert_eq!(talk.fire(), ["Reminder: stretch"]);
    talk.later(Duration::hours(-2));
    assert!(talk.fire().is_empty());
    assert_eq!(talk.pending(), ["11-25 10:00:00 stretch"]);
    talk.later(Duration::hours(2));
    assert!(talk.fire().is_empty(), "the same time passes again");
    talk.later(Duration::hours(24));
    assert_eq!(talk.fire(), ["Reminder: stretch"]);
}

#[test]
fn quiet_hours_give_way_to_an_appointment_that_begins_in_them() {
    let mut talk = Talk::new();
    talk.prefers(&json!({ "quiet_hours": { "from": "22:00", "to": "08:00" } }));
    talk.say("Schedule airport tomorrow at 6am");
    assert_eq!(talk.pending(), ["11-25 04:45:00 Airport"]);
    talk.now = "2026-11-25T04:45:00Z".parse().unwrap();
    let said = talk.fire();
    assert_eq!(said.len(), 1);
    assert!(said[0].contains("Airport"), "{}", said[0]);
}

#[test]
fn what_quiet_hours_hold_is_said_when_they_are_turned_off() {
    let mut talk = Talk::new();
    talk.prefers(&json!({ "quiet_hours": { "from": "09:00", "to": "18:00" } }));
    talk.say("remind me to stretch in 10 minutes");
    talk.later(Duration::minutes(10));
    assert!(talk.fire().is_empty());
    let (id, now) = (talk.user.id, talk.later(Duration::minutes(20)).now);
    talk.write(move |tx| Ok(crate::reminders::look_again(tx, id, now)?));
    assert!(talk.fire().is_empty(), "they hold still");
    talk.prefers(&json!({ "quiet_hours": null }));
    talk.write(move |tx| Ok(crate::reminders::look_again(tx, id, now)?));
    let said = talk.fire();
    assert_eq!(said.len(), 1);
    assert!(said[0].contains("stretch"), "{}", said[0]);
}

#[test]
fn a_way_that_does_not_reach_is_not_promised_for_a_reminder_before_an_appointment() {
    let talk = Talk::new();
    talk.say("Dentist on Thursday at 3pm");
    for (said, expected) in [
        ("Remind me 2 hours before the dentist by text", "Texting is not set up for you"),
        ("Remind me 3 hours before the dentist by email", "I can't reach you that way yet"),
    ] {
        let answer = talk.say(said);
        assert!(answer.contains(expected) && answer.contains("on the console"), "{said}: {answer}");
    }
    assert_eq!(talk.pending().len(), 3);
}

#[test]
fn stopping_an_alarm_when_none_rings_leaves_reminders_alone() {
    let talk = Talk::new();
    talk.say("remind me to call mom at 5pm");
    for said in ["stop the alarm", "cancel my alarm"] {
        assert_eq!(talk.say(said), "No alarm rings, and none is set.", "{said}");
    }
    assert_eq!(talk.pending(), ["11-24 16:00:00 call mom"]);
}
