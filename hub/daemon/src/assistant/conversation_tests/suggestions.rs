//! Suggestions over simulated weeks. There is no language model here: whatever is noticed is noticed by counting.

use chrono::{Datelike, Duration, Weekday};
use xswarm_core::{
    suggestion::{Suggestion, SuggestionState},
    user::User,
};

use super::talk::Talk;

const LENGTH: &str = "You have booked 8 of your last 8 appointments for 45 minutes. Shall I make that the usual length? \
    (yes or no, or \"no suggestions\")";
const WEEK: &str = "On 3 of the last 4 Mondays you asked what the week holds. Shall I tell you your week every Monday at \
    8:00 AM? (yes or no, or \"no suggestions\")";

/// Goes on to 8 o'clock (in Berlin) of the next such weekday.
fn next(talk: &mut Talk, weekday: Weekday) {
    let zone = talk.user.timezone;
    let day = talk.now.with_timezone(&zone).date_naive().succ_opt().unwrap();
    let day = day.iter_days().find(|day| day.weekday() == weekday).unwrap();
    talk.now = xswarm_core::time::resolve_local(day.and_hms_opt(8, 0, 0).unwrap(), zone);
}

/// Books appointments of 45 minutes; the last answer.
fn book(talk: &mut Talk, count: usize) -> String {
    let mut answer = String::new();
    for n in 1..=count {
        talk.later(Duration::minutes(1));
        answer = talk.say(&format!("Lunch in {n} days from 12 to 12:45pm"));
        assert!(answer.starts_with("Booked: Lunch"), "{answer}");
    }
    answer
}

/// Asks for the week on three Mondays; the last answer.
fn three_mondays(talk: &mut Talk) -> String {
    let mut answer = String::new();
    for _ in 0..3 {
        next(talk, Weekday::Mon);
        answer = talk.say("what's on this week?");
    }
    answer
}

fn suggestions(talk: &Talk) -> Vec<Suggestion> {
    let user = talk.user.id;
    talk.write(move |tx| Ok(tx.suggestions(user)?))
}

fn prefer(talk: &Talk, preferences: serde_json::Value) {
    let user = User { preferences, ..talk.user.clone() };
    talk.write(move |tx| Ok(tx.user_update(&user)?));
}

#[test]
fn eight_lunches_of_45_minutes_make_it_the_usual_length_when_the_person_says_yes() {
    let mut talk = Talk::new();
    let seventh = book(&mut talk, 7);
    assert!(!seventh.contains("Shall I"), "{seventh}");
    let eighth = book(&mut talk, 1);
    assert!(eighth.ends_with(&format!("\n\n{LENGTH}")), "{eighth}");
    let before = talk.say("Dentist on Friday at 5pm");
    assert!(before.contains("5:00–6:00 PM"), "nothing changes before the yes: {before}");

    let again = talk.say("what suggestions do you have?");
    assert_eq!(again, LENGTH);
    assert_eq!(talk.say("yes"), "Changed: appointments usually take 45 minutes. Say \"undo\" to take it back.");
    assert_eq!(suggestions(&talk)[0].state, SuggestionState::Accepted);
    let after = talk.say("Haircut on Friday at 7pm");
    assert!(after.contains("7:00–7:45 PM"), "{after}");
    talk.say("undo");
    assert_eq!(
        talk.say("undo"),
        "Undone: the suggestion waits for your answer as before; appointments usually take 1 hour again."
    );
    let back = talk.say("Haircut on Friday at 8pm");
    assert!(back.contains("8:00–9:00 PM"), "{back}");
}

#[test]
fn early_appointments_widen_the_working_hours_when_the_person_says_yes() {
    let mut talk = Talk::new();
    let mut answer = String::new();
    for n in [1, 2, 3, 6, 7, 8, 9, 10] {
        talk.later(Duration::minutes(1));
        answer = talk.say(&format!("Breakfast in {n} days from 7:30 to 8:30am"));
    }
    let asked = "8 of your last 8 appointments begin before your working hours. Shall I make these your working hours: \
        mon-fri 07:00-17:00? (yes or no, or \"no suggestions\")";
    assert!(answer.ends_with(asked), "{answer}");
    assert!(talk.say("yes").starts_with("Changed: the working hours are mon-fri 07:00-17:00."));
    assert_eq!(suggestions(&talk).len(), 1);
    let words =
        "Undone: the suggestion waits for your answer as before; the working hours are mon-fri 09:00-17:00 again.";
    assert_eq!(talk.say("undo"), words);
}

#[test]
fn who_asks_for_the_week_every_monday_may_be_told_it_every_monday() {
    let mut talk = Talk::new();
    let asked = three_mondays(&mut talk);
    assert!(asked.ends_with(WEEK), "{asked}");
    let said = talk.say("yes please");
    assert!(said.starts_with("Reminder set: your week, every") && said.contains("Monday"), "{said}");

    talk.say("Dentist on Friday at 9am");
    talk.say("Dinner next Tuesday at 7pm");
    next(&mut talk, Weekday::Mon);
    let told = talk.fire();
    let week = told.last().unwrap();
    assert_eq!(week, "Reminder: your week\nTuesday, 22 December 2026 (CET):\n– 7:00 PM to 8:00 PM Dinner");
    next(&mut talk, Weekday::Mon);
    let told = talk.fire();
    assert!(told.iter().any(|line| line.contains("Nothing on your calendar from Monday")), "{told:?}");
    assert_eq!(suggestions(&talk).len(), 1);
}

#[test]
fn what_is_told_every_week_is_as_it_is_then() {
    for (question, told) in [
        ("what's on today?", "Reminder: your day\nMonday, 21 December 2026 (CET):\n– 9:00 AM to 10:00 AM Standup"),
        ("what reminders do I have?", "Reminder: your reminders\n– call mom, Tuesday, 22 December 2026 at 9:00 AM CET"),
    ] {
        let mut talk = Talk::new();
        for _ in 0..3 {
            next(&mut talk, Weekday::Mon);
            talk.say(question);
        }
        assert!(talk.say("yes").starts_with("Reminder set: your"), "{question}");
        talk.say("Standup on December 21 at 9am");
        talk.say("Remind me to call mom on December 22 at 9am");
        next(&mut talk, Weekday::Mon);
        assert_eq!(talk.fire(), [told]);
    }
}

#[test]
fn what_was_declined_is_never_suggested_again() {
    let mut talk = Talk::new();
    assert!(three_mondays(&mut talk).ends_with(WEEK));
    assert_eq!(talk.say("no"), "All right, I won't suggest that again. Nothing was changed.");
    for _ in 0..3 {
        let asked = three_mondays(&mut talk);
        assert!(!asked.contains("Shall I"), "{asked}");
    }
    assert!(talk.pending().is_empty());
    let listed = talk.say("what suggestions do you have?");
    assert!(listed.starts_with("I suggested:\n– On 3 of the last 4 Mondays") && listed.ends_with("(you said no)"));
}

#[test]
fn what_was_not_answered_is_not_asked_again_by_itself() {
    let mut talk = Talk::new();
    assert!(three_mondays(&mut talk).ends_with(WEEK));
    let other = talk.say("set a pasta timer for 9 minutes");
    assert!(other.starts_with("Timer set"), "{other}");
    let asked = three_mondays(&mut talk);
    assert!(!asked.contains("Shall I"), "{asked}");
    assert_eq!(suggestions(&talk)[0].state, SuggestionState::Offered);
}

#[test]
fn there_is_at_most_one_suggestion_a_day() {
    let mut talk = Talk::new();
    book(&mut talk, 7);
    // On the third Monday both habits are there; the week comes first.
    assert!(three_mondays(&mut talk).ends_with(WEEK));
    let same_day = book(&mut talk, 1);
    assert!(!same_day.contains("Shall I"), "{same_day}");
    talk.later(Duration::days(1));
    let next_day = talk.say("what's on today?");
    assert!(next_day.contains("appointments for 45 minutes"), "{next_day}");
    let third = talk.say("what's on today?");
    assert!(!third.contains("Shall I"), "{third}");
}

#[test]
fn a_word_ends_all_suggestions_and_another_brings_them_back() {
    let mut talk = Talk::new();
    assert!(book(&mut talk, 8).ends_with(LENGTH));
    assert_eq!(
        talk.say("no suggestions"),
        "All right, I make no more suggestions. Say \"make suggestions again\" when you want them."
    );
    let asked = three_mondays(&mut talk);
    assert!(!asked.contains("Shall I"), "{asked}");
    talk.say("make suggestions again");
    talk.later(Duration::days(1));
    let asked = talk.say("what's on tomorrow?");
    assert!(asked.ends_with(WEEK), "{asked}");
    talk.say("stop making suggestions");
    assert_eq!(talk.say("undo"), "Undone: suggestions are made again.");
}

#[test]
fn quiet_hours_open_questions_and_misunderstandings_are_no_moment() {
    let mut talk = Talk::new();
    book(&mut talk, 7);
    prefer(&talk, serde_json::json!({ "reminders": { "quiet_hours": { "from": "09:00", "to": "12:00" } } }));
    let quiet = book(&mut talk, 1);
    assert!(!quiet.contains("Shall I"), "{quiet}");
    prefer(&talk, serde_json::json!({}));
    for said in ["Schedule a meeting with Anna", "blue cheese furniture", "thanks", "help"] {
        let answer = talk.say(said);
        assert!(!answer.contains("usual length"), "{answer}");
    }
    talk.say("never mind");
    assert!(talk.say("what's on today?").ends_with(LENGTH));
}

#[test]
fn an_ok_after_a_reminder_is_about_the_reminder() {
    let mut talk = Talk::new();
    talk.say("remind me to call mom in 30 minutes");
    assert!(book(&mut talk, 8).ends_with(LENGTH));
    talk.later(Duration::minutes(22));
    assert_eq!(talk.fire(), ["Reminder: call mom"]);
    assert_eq!(talk.say("ok"), "Noted: call mom.");
    assert_eq!(suggestions(&talk)[0].state, SuggestionState::Offered);
}

#[test]
fn whoever_asks_every_day_or_for_something_else_has_no_weekly_habit() {
    let mut talk = Talk::new();
    for _ in 0..30 {
        talk.later(Duration::days(1));
        let answer = talk.say("what's on today?");
        assert!(!answer.contains("Shall I"), "{answer}");
    }
    for _ in 0..4 {
        next(&mut talk, Weekday::Mon);
        let answer = talk.say("when is my dentist appointment?");
        assert!(!answer.contains("Shall I"), "{answer}");
    }
}
