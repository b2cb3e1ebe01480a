//! Free times by conversation: what is suggested and why, and what is booked of it.

use super::talk::Talk;

#[test]
fn a_time_is_suggested_with_its_reasons_and_booked_by_its_number() {
    let talk = Talk::new();
    talk.say("Dentist tomorrow from 1pm to 2pm");
    let found = talk.say("find a time for a 30 minute call with John tomorrow afternoon");
    assert!(found.starts_with("Free for 30 minutes for Call with John:\n1. Wednesday, 25 November 2026, "), "{found}");
    assert!(found.contains("in your working hours") && found.contains("leaves room before and after"), "{found}");
    assert!(!found.contains("1:30"), "{found}");
    let booked = talk.say("book the first one");
    assert!(booked.starts_with("Booked: Call with John, Wednesday, 25 November 2026, "), "{booked}");
    assert!(!booked.contains("Careful") && !booked.contains("less than"), "{booked}");
    assert_eq!(talk.calendar().len(), 2);
}

#[test]
fn free_stretches_of_a_week_are_suggested_on_different_days() {
    let talk = Talk::new();
    let found = talk.say("when am I free this week for an hour");
    assert!(
        found.contains("1. Tuesday, 24 November 2026, 10:00–11:00 AM CET (the soonest, in your working hours"),
        "{found}"
    );
    assert!(found.contains("Wednesday, 25 November"), "{found}");
    assert!(talk.say("the second one").starts_with("Booked: Appointment, "));
    assert_eq!(talk.calendar().len(), 1);
}

#[test]
fn lunch_is_suggested_at_noon_and_the_weekend_outside_of_working_hours() {
    let talk = Talk::new();
    let lunch = talk.say("suggest a time for lunch on Friday");
    assert!(lunch.contains("Friday, 27 November 2026, 11:30 AM–12:30 PM CET"), "{lunch}");
    assert!(talk.say("never mind").contains("Nothing was booked."));
    let haircut = talk.say("find time for a haircut on Saturday");
    assert!(haircut.contains("outside your working hours"), "{haircut}");
    assert!(talk.calendar().is_empty());
}

#[test]
fn a_day_that_is_full_has_nothing_to_suggest() {
    let talk = Talk::new();
    talk.say("Schedule workshop tomorrow from 7am to 10pm");
    let found = talk.say("find a time for a call with John tomorrow");
    assert!(found.starts_with("I find no free 1 hour for Call with John"), "{found}");
    let past = talk.say("find a time for a call with John yesterday");
    assert!(past.contains("already past"), "{past}");
}

#[test]
fn a_conflict_comes_with_another_time_that_can_be_taken() {
    let talk = Talk::new();
    talk.say("Dentist tomorrow from 3pm to 4pm");
    let booked = talk.say("Schedule meeting with John tomorrow at 3pm");
    assert!(booked.contains("Careful, it overlaps with Dentist"), "{booked}");
    assert!(booked.contains("Say \"move it to "), "{booked}");
    let offer = booked.split("Say \"").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned();
    let moved = talk.say(&offer);
    assert!(moved.starts_with("Moved: Meeting with John") && !moved.contains("Careful"), "{offer}: {moved}");
}

#[test]
fn who_is_not_free_is_told_when_they_are() {
    let talk = Talk::new();
    talk.say("Dentist tomorrow from 3pm to 4pm");
    let answer = talk.say("Am I free tomorrow afternoon?");
    assert!(answer.starts_with("Not entirely free"), "{answer}");
    assert!(answer.contains("Free: Wednesday, 25 November 2026, 12:00–2:55 PM CET"), "{answer}");
}
