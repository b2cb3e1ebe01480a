//! What is said to change what was just booked: its length, its hour.

use super::talk::Talk;

#[test]
fn a_length_changes_the_end_and_not_the_start() {
    let talk = Talk::new();
    talk.say("book 1h focus time tomorrow 9am");
    let longer = talk.say("make it 2 hours");
    assert!(longer.contains("Moved: Focus time, Wednesday, 25 November 2026, 9:00–11:00 AM CET"), "{longer}");
    let shorter = talk.say("make it 30 minutes");
    assert!(shorter.contains("9:00–9:30 AM CET"), "{shorter}");
    let later = talk.say("make it an hour later");
    assert!(later.contains("10:00–10:30 AM CET"), "{later}");
}

#[test]
fn longer_without_by_how_much_is_asked_about() {
    let talk = Talk::new();
    talk.say("Dentist tomorrow at 3pm");
    assert_eq!(talk.say("make it longer"), "By how much?");
    let longer = talk.say("half an hour");
    assert!(longer.contains("3:00–4:30 PM CET"), "{longer}");
    assert_eq!(talk.say("shorten it"), "By how much?");
    let shorter = talk.say("15 minutes");
    assert!(shorter.contains("3:00–4:15 PM CET"), "{shorter}");
    assert_eq!(talk.say("make it longer"), "By how much?");
    assert_eq!(talk.say("never mind"), "All right, I dropped it. Nothing was changed.");
}

#[test]
fn a_timer_has_a_length_and_a_reminder_has_none() {
    let talk = Talk::new();
    talk.say("Set a pasta timer for 9 minutes");
    let changed = talk.say("make it 10 minutes");
    assert!(changed.starts_with("Timer changed: pasta"), "{changed}");
    talk.say("Remind me to call mom at 5pm");
    assert_eq!(talk.say("make it 2 hours"), "A reminder has no length. Nothing was changed.");
}

#[test]
fn an_hour_alone_stays_in_the_half_of_the_day() {
    let mut talk = Talk::new();
    talk.later(chrono::Duration::hours(2));
    talk.say("Schedule standup tomorrow at 9:30 for 15 minutes");
    let moved = talk.say("move standup to 10");
    assert!(moved.contains("Wednesday, 25 November 2026, 10:00–10:15 AM CET"), "{moved}");
    let moved = talk.say("move standup to 5");
    assert!(moved.contains("5:00–5:15 PM CET"), "{moved}");
    let moved = talk.say("move standup to 10pm");
    assert!(moved.contains("10:00–10:15 PM CET"), "{moved}");
    talk.say("Schedule dinner tomorrow at 7pm");
    let moved = talk.say("move dinner to 8");
    assert!(moved.contains("8:00–9:00 PM CET"), "{moved}");
}

#[test]
fn the_next_days_begin_today() {
    let talk = Talk::new();
    talk.say("Dentist today at 3pm");
    talk.say("Schedule choir on Thursday at 7pm");
    let agenda = talk.say("what's on in the next 7 days");
    assert!(agenda.contains("Dentist") && agenda.contains("Choir"), "{agenda}");
}

#[test]
fn of_several_lines_the_first_is_done_and_the_others_are_named() {
    let talk = Talk::new();
    let answer = talk.say("Schedule a call tomorrow at 4pm\nSchedule another call on Sunday at 5pm");
    assert!(answer.starts_with("Booked: Call, Wednesday, 25 November 2026, 4:00–5:00 PM CET."), "{answer}");
    assert!(
        answer.ends_with("Please send the rest again by itself: \"Schedule another call on Sunday at 5pm\"."),
        "{answer}"
    );
    assert_eq!(talk.calendar(), ["11-25 15:00 Call"]);
    let listed = talk.say("Add to the shopping list:\nmilk\neggs");
    assert!(listed.contains("milk and eggs"), "{listed}");
}

#[test]
fn a_title_and_a_place_are_changed_and_taken_back() {
    let talk = Talk::new();
    assert!(talk.say("call it Pizza").starts_with("I don't know which appointment you mean."));
    talk.say("Schedule a call with Anna tomorrow at 4pm");
    let renamed = talk.say("rename it to Deep work");
    assert!(renamed.starts_with("Changed: Deep work, Wednesday, 25 November 2026, 4:00–5:00 PM CET."), "{renamed}");
    assert_eq!(talk.calendar(), ["11-25 15:00 Deep work"]);
    assert_eq!(talk.pending(), ["11-25 14:45:00 Deep work"]);
    assert!(talk.say("set the location to Mario's").contains("Place: Mario's."));
    assert!(talk.say("where is it?").starts_with("At Mario's: Deep work"));
    talk.say("undo");
    talk.say("undo");
    assert_eq!(talk.calendar(), ["11-25 15:00 Call with Anna"]);
}

#[test]
fn a_series_is_renamed_as_a_whole_or_on_the_day_that_was_named() {
    let talk = Talk::new();
    talk.say("Schedule yoga every Thursday at 6pm");
    let renamed = talk.say("rename the yoga to Pilates");
    assert!(renamed.starts_with("Changed: Pilates") && renamed.ends_with("The whole series."), "{renamed}");
    let one = talk.say("rename the pilates on Thursday to Stretching");
    assert!(one.ends_with("Only this one; the others of the series stay."), "{one}");
    assert!(talk.say("what's on Thursday").contains("Stretching"));
}

#[test]
fn a_birthday_is_booked_once_for_every_year() {
    let talk = Talk::new();
    let booked = talk.say("birthday of Anna on 3 May");
    assert!(booked.starts_with("Booked: Anna's birthday, ") && booked.contains("every year"), "{booked}");
    assert!(booked.contains("all day"), "{booked}");
    let again = talk.say("add Anna's birthday May 3");
    assert!(again.starts_with("That is on your calendar already: Anna's birthday"), "{again}");
}
