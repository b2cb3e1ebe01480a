//! "It", "that meeting", "the second one", "them": what was last spoken of, whatever was said about it and by which way.

use chrono::Duration;
use xswarm_core::message::Channel::Sms;

use super::talk::Talk;

/// Three appointments tomorrow, listed.
fn listed() -> Talk {
    let talk = Talk::new();
    for text in ["Standup tomorrow at 9am", "Lunch with Anna tomorrow at noon at Luigi's", "Dentist tomorrow at 3pm"] {
        talk.say(text);
    }
    talk.say("What's on my calendar tomorrow?");
    talk
}

#[test]
fn one_of_a_list_is_moved_by_its_place() {
    let talk = listed();
    let moved = talk.say("move the second one to 5pm");
    assert!(moved.starts_with("Moved: Lunch with Anna, Wednesday, 25 November 2026, 5:00–6:00 PM CET"), "{moved}");
    // From now on that one is spoken of.
    let moved = talk.say("move it to 6pm");
    assert!(moved.starts_with("Moved: Lunch with Anna, Wednesday, 25 November 2026, 6:00–7:00 PM CET"), "{moved}");
}

#[test]
fn one_of_a_list_is_called_off_by_its_place_by_any_way() {
    let talk = listed();
    let asked = talk.say_by(Sms, "cancel the last one");
    assert!(asked.starts_with("Cancel Dentist, Wednesday, 25 November 2026 at 3:00 PM CET?"), "{asked}");
    talk.say("no");
    talk.say("What's on my calendar tomorrow?");
    let asked = talk.say("cancel the first two");
    assert!(
        asked.starts_with("Cancel all 2 of these?") && asked.contains("Standup") && asked.contains("Lunch"),
        "{asked}"
    );
    talk.say("yes");
    assert_eq!(talk.calendar(), ["11-25 14:00 Dentist"]);
}

#[test]
fn it_after_a_list_asks_which() {
    let talk = listed();
    let asked = talk.say("cancel it");
    assert!(asked.starts_with("Which one shall I cancel?\n1. Standup"), "{asked}");
    let done = talk.say("the third one");
    assert!(done.starts_with("Cancelled: Dentist"), "{done}");
    let talk = listed();
    assert!(talk.say("move that meeting to 5pm").starts_with("Which one shall I move?\n1. Standup"));
    assert!(talk.say("2").starts_with("Moved: Lunch with Anna"));
}

#[test]
fn all_of_a_list_goes_together() {
    let talk = listed();
    let asked = talk.say("cancel them");
    assert!(asked.starts_with("Cancel all 3 of these?"), "{asked}");
    talk.say("yes");
    assert!(talk.calendar().is_empty());
}

#[test]
fn a_list_of_one_day_does_not_reach_another() {
    let talk = listed();
    talk.say("Dinner with Bob on Friday at 7pm");
    talk.say("What's on my calendar tomorrow?");
    let asked = talk.say("cancel them");
    assert!(!asked.contains("Dinner"), "{asked}");
    // The next one is the next on the calendar, wherever the list begins.
    talk.say("no");
    talk.say("What's on my calendar on Friday?");
    let moved = talk.say("move the next meeting to 10am");
    assert!(moved.starts_with("Moved: Standup"), "{moved}");
}

#[test]
fn questions_are_about_what_was_spoken_of() {
    let talk = listed();
    let second = "Lunch with Anna, Wednesday, 25 November 2026, 12:00–1:00 PM CET at Luigi's";
    assert_eq!(talk.say("where is the second one?"), format!("At Luigi's: {second}."));
    assert_eq!(talk.say("who is coming?"), format!("With Anna: {second}."));
    assert_eq!(talk.say("how long is it?"), format!("1 hour: {second}."));
    assert_eq!(talk.say("when is it?"), format!("{second}."));
    assert_eq!(talk.say("when is that meeting?"), format!("{second}."));
    talk.say("Dentist on Friday at 3pm");
    assert!(talk.say("where is it?").starts_with("I know of no place: Dentist, Friday"));
    assert!(Talk::new().say("when is it?").starts_with("I don't know which one you mean."));
}

#[test]
fn what_was_just_set_is_it() {
    let talk = Talk::new();
    talk.say("remind me to call mom tomorrow at 3pm");
    let moved = talk.say("move it to 5pm");
    assert_eq!(moved, "Moved: call mom, Wednesday, 25 November 2026 at 5:00 PM CET.");
    assert!(talk.say("push it back by an hour").contains("6:00 PM CET"));
    assert!(talk.say("cancel it").starts_with("Cancelled: call mom"));
    assert!(talk.pending().is_empty());
    assert!(talk.say("undo that").contains("set again"));
    assert!(talk.say("cancel that reminder").starts_with("Cancelled: call mom"));
}

#[test]
fn reminders_are_named_by_their_place_in_the_list() {
    let talk = Talk::new();
    for text in ["remind me to call mom tomorrow at 3pm", "remind me to water the plants tomorrow at 4pm"] {
        talk.say(text);
    }
    talk.say("Dentist tomorrow at 3pm");
    talk.say("what reminders do I have?");
    let moved = talk.say("move the second one to 5pm");
    assert!(moved.starts_with("Moved: water the plants"), "{moved}");
    talk.say("what reminders do I have?");
    assert!(talk.say("cancel the first one").starts_with("Cancelled: call mom"));
    // "That meeting" is no reminder.
    talk.say("what reminders do I have?");
    let asked = talk.say("cancel that meeting");
    assert!(asked.contains("Dentist") && !asked.contains("plants"), "{asked}");
}

#[test]
fn a_reminder_that_was_said_is_what_is_spoken_of() {
    let mut talk = Talk::new();
    talk.say("remind me to call mom in 10 minutes");
    talk.say("Dentist today at 3pm");
    talk.later(Duration::minutes(10)).fire();
    let again = talk.say("move it to 5pm");
    assert!(again.starts_with("I'll remind you again") && again.contains("5:00 PM CET"), "{again}");
    assert_eq!(talk.calendar(), ["11-24 14:00 Dentist"]);
    // One before an appointment speaks of the appointment.
    talk.later(Duration::hours(4) + Duration::minutes(35));
    assert_eq!(talk.fire().len(), 1);
    let moved = talk.say("move it to 6pm");
    assert!(moved.starts_with("Moved: Dentist, Tuesday, 24 November 2026, 6:00–7:00 PM CET"), "{moved}");
}

#[test]
fn a_reminder_comes_before_what_was_spoken_of() {
    let talk = listed();
    let set = talk.say("remind me 30 minutes before the second one");
    assert!(set.starts_with("I'll remind you 30 minutes and 15 minutes before") && set.contains("Lunch"), "{set}");
    talk.say("Dinner with Bob on Friday at 7pm");
    let set = talk.say("remind me an hour before it");
    assert!(set.contains("1 hour and 15 minutes before") && set.contains("Dinner with Bob"), "{set}");
    let set = talk.say("remind me before that meeting");
    assert!(set.contains("Dinner with Bob"), "{set}");
}

#[test]
fn timers_are_spoken_of_too() {
    let talk = Talk::new();
    talk.say("Dentist tomorrow at 3pm");
    talk.say("set a pasta timer for 9 minutes");
    assert!(talk.say("pause it").starts_with("Paused: pasta"));
    assert!(talk.say("cancel it").starts_with("Cancelled: timer pasta"));
    assert_eq!(talk.calendar().len(), 1);
}

#[test]
fn what_was_spoken_of_is_forgotten() {
    let mut talk = listed();
    talk.later(Duration::hours(13));
    let asked = talk.say("move it to 5pm");
    assert!(asked.starts_with("Which one shall I move?"), "{asked}");
    assert_eq!(Talk::new().say("cancel it"), "I have not asked you anything. Nothing was changed.");
}

#[test]
fn one_day_of_a_series_that_was_listed_is_meant_alone() {
    let talk = Talk::new();
    talk.say("Standup every weekday at 9am");
    talk.say("What's on my calendar tomorrow?");
    let moved = talk.say("move it to 10am");
    assert!(moved.contains("Only this one; the others of the series stay."), "{moved}");
}
