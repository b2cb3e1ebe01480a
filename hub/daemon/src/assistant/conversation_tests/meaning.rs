//! What is meant by a time: readings that are pointed out, days and hours that do not fit, conventions of a person, series.

use super::{super::*, talk::Talk};

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
fn what_was_kept_and_makes_no_sense_bars_no_change() {
    let mut talk = Talk::new();
    talk.user.preferences =
        serde_json::json!({ "conventions": { "evening": "late", "gone": "1", "default_time": "08:30" } });
    let change = [("next_weekday".to_owned(), Some("first_ahead".to_owned()))];
    talk.user = crate::conventions::changed(&talk.user, &change).unwrap();
    let kept = serde_json::json!({ "next_weekday": "first_ahead", "default_time": "08:30" });
    assert_eq!(talk.user.preferences["conventions"], kept);
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
