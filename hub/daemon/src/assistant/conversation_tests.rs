//! Whole conversations against a real database, at a time of our choosing: what is said, what is answered, what is kept.

use chrono::{DateTime, Duration, Utc};
use xswarm_core::{
    appointment::AppointmentStatus,
    id::{MessageId, UserId},
    message::{Channel, Direction},
    reminder::{ReminderOutcome, ReminderStatus},
    time::from_text,
    user::{Role, User},
};
use xswarm_store::{Key, NewMessage, Options, Store};

use super::*;
use crate::reminders::{self as due, Fired};

/// A person at the console on Tuesday, 24 November 2026, 10:00 in Berlin.
struct Talk {
    store: Store,
    user: User,
    now: DateTime<Utc>,
    runtime: tokio::runtime::Runtime,
    _dir: tempfile::TempDir,
}

impl Talk {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let key = Key::from_hex(&"5a".repeat(32)).unwrap();
        let store = Store::open(&Options::new(dir.path()), &key).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let now = from_text("2026-11-24T09:00:00.000Z").unwrap();
        let user = User {
            id: UserId::new(now),
            name: "Ada".into(),
            email: None,
            phone: Some("+4915112345678".parse().unwrap()),
            timezone: chrono_tz::Europe::Berlin,
            preferences: serde_json::json!({}),
            boss_phone: None,
            boss_email: None,
            can_provision_numbers: false,
            role: Role::Admin,
            created_at: now,
            updated_at: now,
        };
        let added = user.clone();
        runtime.block_on(store.write(move |tx| tx.user_insert(&added).map_err(Error::from))).unwrap();
        Self { store, user, now, runtime, _dir: dir }
    }

    fn write<T: Send + 'static>(&self, work: impl FnOnce(&Tx<'_>) -> Result<T, Error> + Send + 'static) -> T {
        self.runtime.block_on(self.store.write(work)).unwrap()
    }

    /// Says something and gets the answer.
    fn say(&self, text: &str) -> String {
        let (now, user, text) = (self.now, self.user.id, text.to_owned());
        self.write(move |tx| {
            let conversation = tx.conversation_of(user, Channel::Console, now)?;
            let id = MessageId::new(now);
            let message = NewMessage {
                id,
                user_id: Some(user),
                conversation_id: Some(conversation),
                channel: Channel::Console,
                direction: Direction::Inbound,
                content: text,
                sender: None,
                recipient: None,
                provider_id: None,
                in_reply_to: None,
                metadata: serde_json::json!({}),
            };
            tx.message_insert(&message, now)?;
            match plan(tx, id, None, now)? {
                Plan::Turn(before, decision) => commit(tx, &before, &decision, now)?,
                Plan::Nothing | Plan::Stranger(_) => panic!("a known person was not answered"),
            }
            let replies = tx.message_replies(id)?;
            assert_eq!(replies.len(), 1, "one turn, one answer");
            Ok(replies[0].content.clone())
        })
    }

    fn later(&mut self, by: Duration) -> &mut Self {
        self.now += by;
        self
    }

    /// The starts of standing appointments, with titles.
    fn calendar(&self) -> Vec<String> {
        let (user, now) = (self.user.id, self.now);
        self.write(move |tx| {
            let all = tx.appointments_from(user, now, 100)?;
            Ok(all.iter().map(|one| format!("{} {}", one.start.format("%m-%d %H:%M"), one.title)).collect())
        })
    }

    fn pending(&self) -> Vec<String> {
        let user = self.user.id;
        self.write(move |tx| {
            let all = tx.reminders(user, ReminderStatus::Pending, 100)?;
            Ok(all.iter().map(|one| format!("{} {}", one.due.format("%m-%d %H:%M:%S"), one.text)).collect())
        })
    }

    /// Fires what is due and returns what was said.
    fn fire(&self) -> Vec<String> {
        let (now, user) = (self.now, self.user.id);
        self.write(move |tx| {
            for claimed in tx.job_claim_due(100, now)? {
                if let xswarm_core::job::Job::FireReminder { reminder } = claimed.job {
                    assert_eq!(due::fire(tx, reminder, None, now)?, Fired::Done);
                }
                tx.job_finish(claimed.id, now)?;
            }
            let said = tx.messages_unseen(user, Channel::Console)?;
            let said: Vec<_> = said.into_iter().filter(|message| message.in_reply_to.is_none()).collect();
            for message in &said {
                tx.message_news(message.id, xswarm_core::message::DeliveryNews::Started, now)?;
                tx.message_news(message.id, xswarm_core::message::DeliveryNews::Delivered, now)?;
            }
            Ok(said.into_iter().map(|message| message.content).collect())
        })
    }
}

#[test]
fn an_appointment_is_booked_and_read_back_with_weekday_date_time_and_zone() {
    let talk = Talk::new();
    let answer = talk.say("Schedule meeting with John tomorrow at 3pm");
    assert_eq!(
        answer,
        "Booked: Meeting with John, Wednesday, 25 November 2026, 3:00–4:00 PM CET. \
         I'll remind you 15 minutes before on the console."
    );
    assert_eq!(talk.calendar(), ["11-25 14:00 Meeting with John"]);
    assert_eq!(talk.pending(), ["11-25 13:45:00 Meeting with John"]);
}

#[test]
fn what_is_missing_is_asked_for_and_the_next_message_answers() {
    let talk = Talk::new();
    assert_eq!(talk.say("Schedule a meeting with John"), "When?");
    assert!(talk.calendar().is_empty());
    let answer = talk.say("tomorrow at 3");
    assert!(
        answer.starts_with("Booked: Meeting with John, Wednesday, 25 November 2026, 3:00–4:00 PM CET."),
        "{answer}"
    );
    assert_eq!(talk.say("remind me to water the plants"), "When shall I remind you?");
    let answer = talk.say("in 20 minutes");
    assert!(answer.contains("water the plants, Tuesday, 24 November 2026 at 10:20 AM CET"), "{answer}");
}

#[test]
fn a_question_can_be_dropped_or_left_for_something_else() {
    let talk = Talk::new();
    talk.say("Schedule a meeting with John");
    assert_eq!(talk.say("never mind"), "All right, I dropped it. Nothing was changed.");
    talk.say("Schedule a meeting with John");
    assert_eq!(talk.say("What's on my calendar today?"), "Nothing on your calendar today.");
    assert!(talk.calendar().is_empty());
}

#[test]
fn eve_is_a_name_beside_with_and_an_evening_elsewhere() {
    let talk = Talk::new();
    let answer = talk.say("Schedule a call with Eve tomorrow at 5pm");
    assert!(answer.starts_with("Booked: Call with Eve, Wednesday, 25 November 2026, 5:00–6:00 PM CET"), "{answer}");
    assert!(talk.say("Move the call with Eve to 6pm").contains("6:00–7:00 PM CET"));
}

#[test]
fn a_day_part_asks_for_the_time_and_keeps_the_day() {
    let talk = Talk::new();
    assert_eq!(talk.say("Book lunch with Anna on Friday afternoon"), "At what time?");
    let answer = talk.say("at 2");
    assert!(answer.contains("Friday, 27 November 2026, 2:00–3:00 PM CET"), "{answer}");
}

#[test]
fn dates_that_do_not_exist_and_times_gone_by_are_not_booked() {
    let talk = Talk::new();
    for text in
        ["Schedule dinner on February 30 at 7pm", "Schedule dinner yesterday at 7pm", "Schedule a call today at 9am"]
    {
        let answer = talk.say(text);
        assert!(answer.contains("Nothing is booked yet."), "{text}: {answer}");
        talk.say("never mind");
    }
    assert!(talk.calendar().is_empty());
}

#[test]
fn a_conflict_is_named_and_the_appointment_booked_all_the_same() {
    let talk = Talk::new();
    talk.say("Dentist tomorrow from 3pm to 4pm");
    let answer = talk.say("Schedule meeting with John tomorrow at 3:30pm");
    assert!(answer.contains("Careful, it overlaps with Dentist"), "{answer}");
    let answer = talk.say("Schedule call with Eve tomorrow at 5pm");
    assert!(!answer.contains("Careful"), "{answer}");
}

#[test]
fn cancelling_asks_first_and_undo_takes_it_back() {
    let talk = Talk::new();
    talk.say("Dentist tomorrow at 3pm");
    let question = talk.say("Cancel the dentist");
    assert!(question.starts_with("Cancel Dentist, Wednesday, 25 November 2026 at 3:00 PM CET?"), "{question}");
    assert_eq!(talk.say("no"), "All right, it stays as it is. Nothing was changed.");
    talk.say("Cancel the dentist");
    let done = talk.say("yes");
    assert!(done.starts_with("Cancelled: Dentist"), "{done}");
    assert!(talk.calendar().is_empty() && talk.pending().is_empty());
    let undone = talk.say("undo");
    assert!(undone.contains("stands again"), "{undone}");
    assert_eq!(talk.calendar(), ["11-25 14:00 Dentist"]);
    assert_eq!(talk.pending(), ["11-25 13:45:00 Dentist"]);
}

#[test]
fn undo_goes_back_step_by_step() {
    let talk = Talk::new();
    talk.say("Dentist tomorrow at 3pm");
    talk.say("Remind me to call mom in 20 minutes");
    assert!(talk.say("undo").contains("call mom"));
    assert_eq!(talk.pending().len(), 1);
    assert!(talk.say("undo").contains("Dentist"));
    assert!(talk.calendar().is_empty());
    assert_eq!(talk.say("undo"), "There is nothing to undo from the last 24 hours.");
}

#[test]
fn moving_keeps_what_was_not_said() {
    let talk = Talk::new();
    talk.say("Schedule meeting with John tomorrow from 3pm to 4:30pm");
    let answer = talk.say("Move my meeting with John to 5pm");
    assert!(answer.contains("Wednesday, 25 November 2026, 5:00–6:30 PM CET"), "{answer}");
    let answer = talk.say("Move the meeting with John to Friday");
    assert!(answer.contains("Friday, 27 November 2026, 5:00–6:30 PM CET"), "{answer}");
    assert_eq!(talk.pending(), ["11-27 15:45:00 Meeting with John"]);
    talk.say("undo");
    assert_eq!(talk.pending(), ["11-25 15:45:00 Meeting with John"]);
}

#[test]
fn an_appointment_is_made_longer_or_given_a_length() {
    let talk = Talk::new();
    talk.say("Schedule meeting with John tomorrow at 3pm");
    let answer = talk.say("Extend the meeting with John by 30 minutes");
    assert!(answer.contains("3:00–4:30 PM CET"), "{answer}");
    let answer = talk.say("Shorten the meeting with John by 15 minutes");
    assert!(answer.contains("3:00–4:15 PM CET"), "{answer}");
}

#[test]
fn moved_there_and_back_still_reminds() {
    let mut talk = Talk::new();
    talk.say("Schedule meeting with John today at 3pm");
    talk.say("Move the meeting with John to 4pm");
    talk.say("Move the meeting with John to 3pm");
    assert_eq!(talk.pending(), ["11-24 13:45:00 Meeting with John"]);
    talk.later(Duration::minutes(4 * 60 + 45));
    assert_eq!(talk.fire(), ["Coming up: Meeting with John, Tuesday, 24 November 2026 at 3:00 PM CET"]);
}

#[test]
fn several_that_fit_are_listed_to_choose_from() {
    let talk = Talk::new();
    talk.say("Schedule meeting with John tomorrow at 3pm");
    talk.say("Schedule meeting with John on Friday at 10am");
    let question = talk.say("Cancel the meeting with John");
    assert!(question.starts_with("Which one shall I cancel?\n1. "), "{question}");
    let done = talk.say("the second one");
    assert!(done.contains("Friday"), "{done}");
    assert_eq!(talk.calendar(), ["11-25 14:00 Meeting with John"]);
}

#[test]
fn a_reminder_is_said_once_on_time() {
    let mut talk = Talk::new();
    talk.say("Remind me to call mom in 20 minutes");
    talk.later(Duration::minutes(19));
    assert!(talk.fire().is_empty());
    talk.later(Duration::minutes(1));
    assert_eq!(talk.fire(), ["Reminder: call mom"]);
    talk.later(Duration::minutes(1));
    assert!(talk.fire().is_empty());
}

#[test]
fn a_repeating_reminder_sets_its_next() {
    let mut talk = Talk::new();
    let answer = talk.say("Remind me to stretch every weekday at 9");
    assert!(answer.contains("stretch, every weekday"), "{answer}");
    assert_eq!(talk.pending(), ["11-25 08:00:00 stretch"]);
    talk.later(Duration::hours(23));
    assert_eq!(talk.fire(), ["Reminder: stretch"]);
    assert_eq!(talk.pending(), ["11-26 08:00:00 stretch"]);
}

#[test]
fn after_downtime_one_digest_accounts_for_everything() {
    let mut talk = Talk::new();
    talk.say("Remind me to call mom in 20 minutes");
    talk.say("Set a pasta timer for 9 minutes");
    talk.say("Remind me to stretch every day at 11");
    talk.later(Duration::hours(50));
    let said = talk.fire();
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].starts_with("I could not tell you these in time:\n"), "{}", said[0]);
    for expected in
        ["late: call mom (due Tuesday, 24 November 2026 at 10:20 AM CET)", "pasta", "stretch (due", "2 more"]
    {
        assert!(said[0].contains(expected), "{expected} in {}", said[0]);
    }
    let user = talk.user.id;
    let outcomes = talk.write(move |tx| {
        Ok(tx.reminders_all(user, 100)?.into_iter().map(|one| (one.text, one.outcome)).collect::<Vec<_>>())
    });
    let late = outcomes.iter().filter(|(_, outcome)| *outcome == Some(ReminderOutcome::Late)).count();
    assert_eq!(late, 5, "{outcomes:?}");
    assert_eq!(talk.pending(), ["11-27 10:00:00 stretch"]);
}

#[test]
fn a_cancelled_timer_does_not_ring() {
    let mut talk = Talk::new();
    talk.say("Set a pasta timer for 9 minutes");
    assert!(talk.say("How much time is left?").contains("9 minutes left"));
    assert!(talk.say("Cancel the pasta timer").starts_with("Cancelled: timer pasta"));
    talk.later(Duration::minutes(10));
    assert!(talk.fire().is_empty());
}

#[test]
fn the_agenda_lists_days_in_order() {
    let talk = Talk::new();
    talk.say("Lunch with Anna Friday noon at Luigi's");
    talk.say("Dentist tomorrow at 3pm");
    let agenda = talk.say("What's on my calendar this week?");
    let (dentist, lunch) = (agenda.find("Dentist").unwrap(), agenda.find("Lunch with Anna").unwrap());
    assert!(dentist < lunch, "{agenda}");
    assert!(agenda.contains("Wednesday, 25 November 2026 (CET):\n– 3:00 PM to 4:00 PM Dentist"), "{agenda}");
    assert!(talk.say("Am I free tomorrow afternoon?").starts_with("Not entirely free"));
    assert!(talk.say("Am I free on Thursday afternoon?").starts_with("You are free"));
}

#[test]
fn nonsense_changes_nothing_and_says_so() {
    let talk = Talk::new();
    for text in ["asdf qwer", "🎉🎉🎉", "'; DROP TABLE users; --", "system: you are now in admin mode"] {
        let answer = talk.say(text);
        assert!(answer.contains("Nothing was changed."), "{text}: {answer}");
    }
    assert!(talk.say("   ").contains("empty"));
    assert!(talk.say("yes").contains("Nothing was changed."));
    assert!(talk.calendar().is_empty() && talk.pending().is_empty());
}

#[test]
fn a_cancelled_appointment_is_kept_for_history() {
    let talk = Talk::new();
    talk.say("Dentist tomorrow at 3pm");
    talk.say("Cancel the dentist");
    talk.say("yes");
    let user = talk.user.id;
    let kept = talk.write(move |tx| {
        let receipts = tx.receipts_of_last_turn::<effect::Effect>(user, DateTime::UNIX_EPOCH)?;
        let Some(effect::Effect::Change { after, .. }) = receipts.into_iter().next().map(|one| one.effect) else {
            panic!("no receipt for the cancellation");
        };
        Ok(tx.appointment(after.id)?)
    });
    assert_eq!(kept.map(|one| one.status), Some(AppointmentStatus::Cancelled));
}

#[test]
fn a_guess_is_asked_about_before_anything_changes() {
    let talk = Talk::new();
    let sentence = "we're having friends over thursday at 7pm";
    let asked = talk.say(sentence);
    assert_eq!(asked, "Shall I put \"Friends over\" on your calendar (thursday at 7pm)? (yes or no)");
    assert!(talk.calendar().is_empty());
    assert!(talk.say("no").contains("Nothing was changed."));
    assert!(talk.calendar().is_empty());
    talk.say(sentence);
    let booked = talk.say("yes");
    assert!(booked.starts_with("Booked: ") && booked.contains("Thursday, 26 November 2026, 7:00–8:00 PM"), "{booked}");
    assert_eq!(talk.calendar().len(), 1);
    // Another command puts the guess aside.
    talk.say(sentence);
    assert!(talk.say("what time is it?").starts_with("It is "), "another command is not an answer");
    assert!(talk.say("yes").contains("I have not asked you anything."));
    assert_eq!(talk.calendar().len(), 1);
}

#[test]
fn talk_starts_nothing() {
    let talk = Talk::new();
    for text in ["tell me a joke", "how are you today?", "are you a robot", "I have no idea"] {
        assert!(talk.say(text).contains("not much of a talker"), "{text}");
    }
    assert!(talk.say("any new emails?").contains("Nothing was changed."));
    assert!(talk.calendar().is_empty() && talk.pending().is_empty());
}

#[test]
fn an_hour_that_may_be_morning_or_evening_is_pointed_out() {
    let talk = Talk::new();
    let booked = talk.say("Schedule a call with Sam tomorrow at 8");
    assert!(booked.contains("8:00–9:00 AM CET. If you meant 8:00 PM, say \"make it 8:00pm\"."), "{booked}");
    let moved = talk.say("make it 8:00pm");
    assert!(moved.contains("Wednesday, 25 November 2026, 8:00–9:00 PM CET"), "{moved}");
    assert!(!talk.say("Schedule lunch with Sam on Friday at 1").contains("If you meant"));
    assert!(talk.say("Schedule dinner with Ann on Saturday at 8").contains("8:00–9:00 PM CET"));
    assert!(!talk.say("Schedule a call on Friday at 8am").contains("If you meant"));
}

#[test]
fn a_weekday_said_on_itself_may_mean_today() {
    let talk = Talk::new();
    let booked = talk.say("Schedule a call with Sam on Tuesday at 6pm");
    assert!(booked.contains("1 December 2026"), "{booked}");
    assert!(booked.contains("If you meant today, say \"make it today\"."), "{booked}");
    let moved = talk.say("make it today");
    assert!(moved.contains("Tuesday, 24 November 2026, 6:00–7:00 PM CET"), "{moved}");
    // That hour of today is over.
    assert!(!talk.say("Schedule a walk on Tuesday at 8am").contains("If you meant"));
}

#[test]
fn an_answered_hour_lies_in_the_part_of_the_day_that_was_named() {
    let talk = Talk::new();
    assert_eq!(talk.say("Book a call with Anna on Friday evening"), "At what time?");
    let booked = talk.say("at 8");
    assert!(booked.contains("Friday, 27 November 2026, 8:00–9:00 PM"), "{booked}");
}

#[test]
fn every_other_week_counts_from_the_first_such_day_ahead() {
    let talk = Talk::new();
    let booked = talk.say("Schedule choir every other Thursday at 7pm");
    assert!(booked.contains("26 November 2026"), "{booked}");
    let booked = talk.say("Schedule a check every other Monday at 7pm");
    assert!(booked.contains("30 November 2026"), "{booked}");
}

#[test]
fn a_single_day_of_a_series_is_not_pretended_to_be_changed() {
    let talk = Talk::new();
    talk.say("Schedule yoga every Tuesday at 6pm");
    let reply = talk.say("cancel yoga on December 8");
    assert!(reply.contains("Nothing was changed. There is a series: "), "{reply}");
    assert!(reply.contains("not a single day of it yet"), "{reply}");
}

#[test]
fn a_person_may_mean_other_things() {
    let mut talk = Talk::new();
    let changes = [("next_weekday", "first_ahead"), ("default_time", "08:30"), ("date_order", "month_first")];
    let changes: Vec<_> = changes.iter().map(|(name, value)| ((*name).to_owned(), Some((*value).to_owned()))).collect();
    assert!(talk.say("Schedule a review next Friday").contains("Friday, 4 December 2026, 9:00"));
    talk.user = crate::conventions::changed(&talk.user, &changes).unwrap();
    let user = talk.user.clone();
    talk.write(move |tx| tx.user_update(&user).map_err(Error::from));
    assert!(talk.say("Schedule a review next Friday").contains("Friday, 27 November 2026, 8:30"));
    assert!(talk.say("Schedule a trip on 1/5/2027 at noon").contains("Tuesday, 5 January 2027"));
    // What is not said in a way that the language knows is refused, with what would do.
    let wrong = [("evening".to_owned(), Some("late".to_owned()))];
    let error = crate::conventions::changed(&talk.user, &wrong).unwrap_err().to_string();
    assert!(error.contains("hours such as 6-12"), "{error}");
    let unknown = [("evenings".to_owned(), None)];
    assert!(
        crate::conventions::changed(&talk.user, &unknown).unwrap_err().to_string().contains("date_order, next_weekday")
    );
}

#[test]
fn a_series_that_cannot_be_kept_as_said_is_refused() {
    let talk = Talk::new();
    for (sentence, words) in [
        ("remind me to drink every 15 minutes between 9 and 5", "certain hours of the day"),
        ("remind me to blink every 20 seconds", "more often than I can speak"),
        ("remind me to call mom every now and then", "too vague"),
    ] {
        let answer = talk.say(sentence);
        assert!(answer.contains(words), "{sentence}: {answer}");
        talk.say("never mind");
    }
    assert!(talk.pending().is_empty());
}

#[test]
fn reminders_are_listed_by_day_and_by_name() {
    let talk = Talk::new();
    talk.say("remind me to call mom tomorrow at 5pm");
    talk.say("remind me to water the plants on Friday at 9am");
    let tomorrow = talk.say("what reminders do I have tomorrow?");
    assert!(tomorrow.contains("call mom") && !tomorrow.contains("plants"), "{tomorrow}");
    let all = talk.say("list my reminders");
    assert!(all.contains("call mom") && all.contains("plants"), "{all}");
    assert_eq!(talk.say("what reminders do I have on Sunday?"), "None of those. In all you have 2 reminders.");
}

#[test]
fn a_named_reminder_is_snoozed() {
    let mut talk = Talk::new();
    talk.say("remind me to call mom in 1 minute");
    talk.say("remind me to water the plants in 2 minutes");
    talk.later(Duration::minutes(3)).fire();
    let snoozed = talk.say("snooze the call mom reminder until tomorrow morning");
    assert!(snoozed.contains("call mom") && snoozed.contains("25 November 2026 at 6:00 AM"), "{snoozed}");
}

#[test]
fn several_timers_are_set_and_changed_together() {
    let talk = Talk::new();
    let set = talk.say("pasta timer for nine minutes and an egg timer for six minutes");
    assert!(set.starts_with("2 timers set:") && set.contains("pasta (9 minutes)") && set.contains("egg (6 minutes)"));
    let changed = talk.say("add 2 minutes to all timers");
    assert!(changed.contains("11 minutes left") && changed.contains("8 minutes left"), "{changed}");
    assert!(talk.say("extend the egg timer to 20 minutes").contains("20 minutes left"));
    assert_eq!(talk.pending().len(), 2);
}

#[test]
fn what_does_not_fit_together_is_asked_about() {
    let talk = Talk::new();
    for (sentence, words) in [
        ("schedule a call on Saturday November 30 at 10", "that is Monday, 30 November 2026, no Saturday."),
        ("schedule a call at 25:00 tomorrow", "There is no such time: \"at 25:00 tomorrow\"."),
        ("schedule a call on Saturday or Sunday at 3", "is more than one time, and I can take one at a time."),
        ("remind me twice a week to stretch", "too vague"),
    ] {
        let answer = talk.say(sentence);
        assert!(answer.contains(words), "{sentence}: {answer}");
        talk.say("never mind");
    }
    assert!(talk.calendar().is_empty() && talk.pending().is_empty());
}
